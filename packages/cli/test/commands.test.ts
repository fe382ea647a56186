// The other commands through the built CLI: what users see and what scripts get.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { runCli } from './support/run-cli.ts'
import { startSurroundings } from './support/surroundings.ts'
import { writeDocuments } from './support/vendor.ts'

const { vendor, cluster } = await startSurroundings()

function manifest(vms = 'web: {}'): string {
  return `project: lab
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { ${vms} }
`
}

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout)

describe('pin', () => {
  it('writes a valid lock file, and does not change it when no image changed', async () => {
    const first = await cluster.cli(['pin'], { manifest: manifest() })
    expect(first).toMatchObject({ exitCode: 0, stdout: '' })
    const text = readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')
    expect(text).toMatch(/digest: sha256:[0-9a-f]{64}/)
    expect((await cluster.cli(['pin'])).stderr).toContain('up to date')
    expect(readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')).toBe(text)
    expect((await cluster.cli(['validate'])).exitCode).toBe(0)
  })

  it('contacts the vendors only, so it needs no connection to Proxmox', async () => {
    const { exitCode, stderr } = await runCli(['pin'], { cwd: cluster.folder })
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('is up to date')])
  })

  it('makes apply use exactly what is pinned, until --update-images updates it and says so', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'])
    const before = readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')
    await execa('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'qcow2',
      '-o',
      'cluster_size=128k',
      vendor.raw('fast'),
      join(vendor.folder, 'fast.qcow2'),
    ])
    await writeDocuments(vendor.folder, ['fast.qcow2', 'packed.img', 'slow.raw.xz'])
    expect(json(await cluster.cli(['plan', '--json']))).toMatchObject({ changes: 0, notes: [] })
    const moved = await cluster.cli(['apply', '--update-images', '--auto-approve', '--json'])
    expect(moved.exitCode).toBe(0)
    expect(moved.stderr).toMatch(/fast has a newer build: sha256:[0-9a-f]{12}… → sha256:[0-9a-f]{12}…/)
    expect(json(moved)).toMatchObject({ changed: false, notes: [expect.stringMatching(/web .*older/)] })
    expect(readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')).not.toBe(before)
  })

  it('writes and reads the lock file that --lock-file names, and ignores the one beside the manifest', async () => {
    const beside = readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')
    const own = join(cluster.folder, 'own.lock')
    expect((await cluster.cli(['pin', '--lock-file', own])).stderr).toContain(own)
    expect(readFileSync(own, 'utf8')).toMatch(/digest: sha256:[0-9a-f]{64}/)
    expect(readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')).toBe(beside)
    writeFileSync(own, 'images: 1')
    expect(await cluster.cli(['plan', '--lock-file', own])).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('own.lock:1:'),
    })
  })

  it('refuses a damaged lock file with line and column', async () => {
    const lock = join(cluster.folder, 'pve-provision.lock')
    const good = readFileSync(lock, 'utf8')
    writeFileSync(lock, good.replace(/digest: .*/, 'digest: sha256:abc'))
    const { exitCode, stderr } = await cluster.cli(['plan'])
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(/pve-provision\.lock:\d+:\d+: `images.fast.digest`/)
    writeFileSync(lock, good)
  })
})

describe('images', () => {
  it('list shows volumes, templates with their machines, and the store', async () => {
    const listing = json(await cluster.cli(['images', 'list', '--json']))
    expect(listing.volumes).toEqual([expect.objectContaining({ at: 'pve1/local', unused: true, usedBy: [] })])
    expect(listing.templates).toEqual([expect.objectContaining({ image: 'fast', usedBy: ['web'] })])
    expect((await cluster.cli(['images', 'list'])).stdout).toMatch(
      /VOLUME +STORAGE +SIZE[\s\S]*TEMPLATE +ID[\s\S]*LOCAL STORE/,
    )
  })

  it('list shows CDs that were left behind, and how to remove one', async () => {
    const folder = join(cluster.simulator.dataDirectory, 'nodes/pve1/var/lib/vz/template/iso')
    mkdirSync(folder, { recursive: true })
    const name = `gone-seed-${'a'.repeat(16)}.iso`
    writeFileSync(join(folder, name), 'x')
    writeFileSync(join(folder, 'debian.iso'), 'x')
    const { cds } = json(await cluster.cli(['images', 'list', '--json']))
    expect(cds).toEqual([{ node: 'pve1', storage: 'local', volid: `local:iso/${name}`, sizeBytes: 1 }])
    const { stdout } = await cluster.cli(['images', 'list'])
    expect(stdout).toMatch(/local:iso\/gone-seed-a+\.iso +pve1\/local +1 B +\(not in this project\)/)
    expect(stdout).toContain('pvesm free VOLUME')
    rmSync(join(folder, name))
  })

  it('prune keeps a template that a machine uses, and removes unused ones', async () => {
    expect(json(await cluster.cli(['images', 'prune', '--auto-approve', '--json'])).steps).toEqual([
      expect.objectContaining({ kind: 'remove-volume', status: 'done' }),
    ])
    await cluster.cli(['destroy', '--only', 'web', '--auto-approve', '--json'])
    const pruned = json(await cluster.cli(['images', 'prune', '--auto-approve', '--json']))
    expect(pruned.steps).toEqual([expect.objectContaining({ kind: 'destroy', status: 'done' })])
    expect(json(await cluster.cli(['images', 'list', '--json']))).toMatchObject({ volumes: [], templates: [] })
  })
})

describe('images prune --store-days', () => {
  const days = (...args: readonly string[]) =>
    cluster.cli(['images', 'prune', ...args, '--auto-approve'], { manifest: manifest() })

  it('refuses an invalid number of days', async () => {
    for (const wrong of ['soon', '-1', '1.5']) {
      const { exitCode, stderr } = await days(`--store-days=${wrong}`)
      expect([exitCode, stderr]).toEqual([64, expect.stringContaining(wrong)])
    }
  })

  it('keeps what was used since then', async () => {
    expect((await days('--store-days', '1')).stderr).not.toContain('Removed')
  })
})

describe('facts', () => {
  it('shows, refreshes and clears the cached facts', async () => {
    const environment = { PVE_PROVISION_CACHE: join(cluster.folder, 'facts-cache') }
    expect((await cluster.cli(['facts', 'show'], { environment })).stdout).toContain('Nothing is cached')
    expect((await cluster.cli(['facts', 'refresh'], { environment })).stderr).toMatch(/Proxmox VE \d+\.\d+/)
    expect(json(await cluster.cli(['facts', 'show', '--json'], { environment }))).toMatchObject({ fresh: true })
    const { stdout } = await cluster.cli(['facts', 'show'], { environment })
    expect(stdout).toMatch(/^privileges of the token:\n {2}\/.*: .*VM\.Allocate/m)
    expect(stdout).not.toContain('paths')
    await cluster.cli(['facts', 'clear'], { environment })
    expect((await cluster.cli(['facts', 'show', '--json'], { environment })).stdout).toBe('null\n')
  })
})

describe('doctor', () => {
  it('finds nothing wrong where everything is right', async () => {
    const { exitCode, stdout, stderr } = await cluster.cli(['doctor', '--json'], { manifest: manifest() })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout).ok).toBe(true)
  })

  it('reports problems with a remedy: a storage without import content, a missing bridge', async () => {
    const text = manifest().replace('images: local', 'images: local-lvm').replace('vmbr0', 'vmbr7')
    const { exitCode, stdout } = await cluster.cli(['doctor'], { manifest: text })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/✗ storages .*local-lvm[\s\S]*→ /)
    expect(stdout).toMatch(/✗ bridges .*vmbr7[\s\S]*→ /)
    expect(stdout).toMatch(/✓ privileges /)
  })

  it('reports what is wrong with the connection, with its exit code', async () => {
    const { exitCode, stdout } = await cluster.cli(['doctor'], {
      manifest: manifest(),
      environment: { PVE_FINGERPRINT: '' },
    })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/✗ certificate[\s\S]*PVE_FINGERPRINT=/)
  })

  it('checks the cluster before there is a manifest, and says how to create one', async () => {
    const cwd = join(cluster.folder, 'no-manifest')
    mkdirSync(cwd, { recursive: true })
    const { exitCode, stdout } = await cluster.cli(['doctor'], { cwd })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/✓ version +Proxmox VE[\s\S]*✗ manifest[\s\S]*pve-provision init/)
  })

  it('reports what is missing in the environment, and still checks the local computer', async () => {
    const { exitCode, stdout } = await cluster.cli(['doctor'], { environment: { PVE_ENDPOINT: '' } })
    expect(exitCode).toBe(64)
    expect(stdout).toMatch(/✗ connection +PVE_ENDPOINT is not set[\s\S]*✓ cache/)
  })
})

describe('a plan', () => {
  const withLost = () =>
    manifest('web: {}, api: { image: lost }').replace(
      'images:',
      `images:\n  lost: { url: ${vendor.url}/lost.qcow2, checksum: ${vendor.url}/SHA256SUMS }`,
    )

  it('is on standard output, and nothing is on standard error', async () => {
    const { exitCode, stdout, stderr } = await cluster.cli(['plan'], { manifest: manifest() })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^lab: 1 machine to create\.\n\nCreate\n\+ web +fast, 1 core/)
    expect(stdout).toMatch(/\d steps to run, .* for Proxmox to download.*\.\n$/)
  })

  it('with a problem for an apply reports it with its remedy, and has the exit code of the apply', async () => {
    const text = manifest().replace('vmbr0', 'vmbr7').replace('images: local', 'images: local-lvm')
    const before = cluster.simulator.requests.counts()
    const { exitCode, stdout } = await cluster.cli(['plan', '--detailed-exitcode'], { manifest: text })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/Problems\n[\s\S]*✗ .*vmbr7.*pve-provision.yaml:\d+:\d+\) It blocks web\.[\s\S]*→ /)
    const document = json(await cluster.cli(['plan', '--json']))
    expect(document.problems).toContainEqual(expect.objectContaining({ code: 'CONFLICT' }))
    const applied = await cluster.cli(['apply'])
    expect([applied.exitCode, applied.stderr]).toEqual([1, expect.stringContaining('vmbr7')])
    const posts = (counts: Readonly<Record<string, number>>) =>
      Object.entries(counts).filter(([call]) => call.startsWith('POST'))
    expect(posts(cluster.simulator.requests.counts())).toEqual(posts(before))
  })

  it('with an unavailable image counts only what can be done, and has the exit code of the apply', async () => {
    const { exitCode, stdout } = await cluster.cli(['plan'], { manifest: withLost() })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^✗ .*`lost.qcow2`.*pve-provision.yaml:3:3/m)
    expect(stdout).toMatch(/3 steps to run, \d steps? blocked/)
    expect(json(await cluster.cli(['plan', '--json']))).toMatchObject({
      changes: 3,
      problems: [{ code: 'CHECKSUM', step: 'resolve:lost', line: expect.any(Number) }],
    })
  })

  it('with a lock file for other URLs says what to do', async () => {
    const lock = join(cluster.folder, 'pve-provision.lock')
    await cluster.cli(['pin'], { manifest: manifest() })
    const text = manifest().replace('fast.qcow2', 'packed.img')
    const { exitCode, stdout } = await cluster.cli(['plan'], { manifest: text })
    rmSync(lock)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^✗ The lock file pins fast [\s\S]*→ .*pve-provision pin/m)
  })

  it('also shows what is kept, and why, with --verbose', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest() })
    expect((await cluster.cli(['plan'])).stdout).not.toMatch(/^= /m)
    expect((await cluster.cli(['plan', '--verbose'])).stdout).toMatch(/^= create:web /m)
  })
})

describe('secrets', () => {
  it('are not shown where they are not allowed, and parameters are', async () => {
    const text = manifest('web: { image: "${secret:WRONG_IMAGE}" }, db: { image: "${env:OTHER_IMAGE}" }')
    const { exitCode, stdout, stderr } = await cluster.cli(['validate', '--json'], {
      manifest: text,
      environment: { WRONG_IMAGE: 'hunter2hunter2', OTHER_IMAGE: 'fats' },
    })
    expect([exitCode, stderr]).toEqual([
      64,
      expect.stringContaining('`vms.web.image` cannot contain the secret WRONG_IMAGE'),
    ])
    expect(stdout + stderr).not.toContain('hunter2')
    const alone = await cluster.cli(['validate'], {
      manifest: manifest('db: { image: "${env:OTHER_IMAGE}" }'),
      environment: { OTHER_IMAGE: 'fats' },
    })
    expect(alone.stderr).toContain('There is no image `fats`')
  })

  it('appear neither in text nor in data, also with full output', async () => {
    const password = 'correct horse battery staple'
    const text = manifest('web: { cloudInit: { user: ops, password: "${secret:OPS_PASSWORD}" } }')
    const environment = { OPS_PASSWORD: password }
    const runs = [
      await cluster.cli(['plan', '--verbose'], { manifest: text, environment }),
      await cluster.cli(['apply', '--auto-approve', '--verbose', '--json'], { environment }),
      await cluster.cli(['plan', '--json'], { environment }),
    ]
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    for (const { stdout, stderr } of runs) {
      expect(stdout + stderr).not.toContain(password)
      expect(stdout + stderr).not.toContain(cluster.simulator.tokenSecret)
    }
    expect(json(runs[2] ?? { stdout: '' }).changes).toBe(0)
  })
})
