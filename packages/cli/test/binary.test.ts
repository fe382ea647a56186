// The single executable without Node: its PATH contains only qemu-img.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import { startVendor, type Vendor } from './support/vendor.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const NAME = `pve-provision-${process.platform}-${process.arch}`

// On other systems, the executable has another format, and is not released.
describe.runIf(process.platform === 'linux')('the single executable', () => {
  let folder: string
  let program: string
  let path: string
  let cluster: Cluster
  let vendor: Vendor

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'binary-'))
    const output = join(folder, 'program')
    program = join(output, NAME)
    execFileSync(process.execPath, [join(ROOT, 'scripts/binary.mjs'), output], { cwd: ROOT, stdio: 'pipe' })
    path = join(folder, 'path')
    mkdirSync(path)
    const qemuImg = execFileSync('sh', ['-c', 'command -v qemu-img'], { encoding: 'utf8' }).trim()
    symlinkSync(qemuImg, join(path, 'qemu-img'))
    ;[cluster, vendor] = await Promise.all([startCluster(), startVendor()])
  })
  afterAll(async () => {
    await Promise.all([cluster?.close(), vendor?.close()])
    rmSync(folder, { recursive: true, force: true })
  })

  const run = (args: readonly string[], cwd = ROOT) =>
    execa(program, args, {
      cwd,
      env: { PATH: path, HOME: folder, ...cluster.environment },
      extendEnv: false,
      reject: false,
    })

  it('is one file that needs no Node on its PATH', async () => {
    expect(statSync(program).isFile()).toBe(true)
    expect(readFileSync(`${program}.licenses.txt`, 'utf8')).toMatch(/^commander .*Node\.js is licensed/ms)
    expect(readdirSync(path)).toEqual(['qemu-img'])
    await expect(execa('node', ['--version'], { env: { PATH: path }, extendEnv: false })).rejects.toThrow('ENOENT')
  })

  it('prints its version and its help, and nothing beside them', async () => {
    expect(await run(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
      stderr: '',
    })
    expect(await run(['--help'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('apply'), stderr: '' })
  })

  it('has the exit code of a wrong command line', async () => {
    expect(await run(['no-such-command'])).toMatchObject({ exitCode: 64, stdout: '' })
  })

  it('unpacks and converts with built-in code, creates machines, and changes nothing the second time', async () => {
    writeFileSync(
      join(cluster.folder, 'pve-provision.yaml'),
      `project: lab
images:
  slow: { url: ${vendor.url}/slow.raw.xz, checksum: ${vendor.url}/CHECKSUM, format: qcow2 }
  packed: { url: ${vendor.url}/packed.img, checksum: ${vendor.url}/SHA256SUMS, format: raw }
defaults: { node: pve1, storage: { images: local, disks: local }, memory: 512 MiB, network: { bridge: vmbr0 } }
vms: { edge: { image: slow }, db: { image: packed } }
`,
    )
    const first = await run(['apply', '--auto-approve', '--json'], cluster.folder)
    expect(first.stderr).not.toContain('failed')
    expect(JSON.parse(first.stdout)).toMatchObject({ ok: true, changed: true, vms: [{ name: 'edge' }, { name: 'db' }] })
    const second = await run(['apply', '--json'], cluster.folder)
    expect(JSON.parse(second.stdout)).toMatchObject({ ok: true, changed: false })
    expect(existsSync(join(cluster.folder, 'cache'))).toBe(true)
  })
})
