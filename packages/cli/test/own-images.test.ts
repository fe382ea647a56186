// The user's own images, and conversion with the bundle alone: the PATH contains no image tools.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import { startVendor, type Vendor } from './support/vendor.ts'

describe('without qemu-img', () => {
  let vendor: Vendor
  let cluster: Cluster
  let environment: Record<string, string>

  beforeAll(async () => {
    vendor = await startVendor()
    cluster = await startCluster()
    const programs = join(cluster.folder, 'programs')
    await mkdir(programs)
    environment = { PATH: programs }
    await copyFile(join(vendor.folder, 'packed.img'), join(cluster.folder, 'own.img'))
  })
  afterAll(async () => {
    await cluster?.close()
    await vendor?.close()
  })

  const manifest = (image: string) => `project: own
images: { own: ${image} }
defaults: { node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { a: { image: own } }
`

  it('converts a compressed qcow2 to raw, with the worker threads of the bundle', async () => {
    const image = `{ url: ${vendor.url}/packed.img, checksum: ${vendor.url}/SHA256SUMS, format: raw, convert: runner }`
    const { exitCode, stdout, stderr } = await cluster.cli(['apply', '--auto-approve', '--json'], {
      manifest: manifest(image),
      environment,
    })
    expect(exitCode, stderr).toBe(0)
    expect(JSON.parse(stdout).ok).toBe(true)
    const content = join(cluster.simulator.dataDirectory, 'nodes/pve1/var/lib/vz/import')
    const { stdout: names } = await execa('ls', [content])
    const raw = names.split('\n').find((name) => name.startsWith('own-') && name.endsWith('.raw'))
    await execa('qemu-img', [
      'compare',
      '-f',
      'raw',
      '-F',
      'qcow2',
      join(content, raw ?? ''),
      join(cluster.folder, 'own.img'),
    ])
  })

  it('uses a local file, pins it, and detects that it changed', async () => {
    const fresh = {
      manifest: manifest('{ file: ./own.img }').replace('project: own', 'project: fresh'),
      environment: { ...environment, PVE_PROVISION_CACHE: join(cluster.folder, 'fresh') },
    }
    expect((await cluster.cli(['plan'], fresh)).stdout).toMatch(/ own .* copied here, /)
    const pinned = await cluster.cli(['pin'], { manifest: manifest('{ file: ./own.img }'), environment })
    expect(pinned.exitCode, pinned.stderr).toBe(0)
    expect(await readFile(join(cluster.folder, 'pve-provision.lock'), 'utf8')).toContain('url: file:own.img')
    expect((await cluster.cli(['validate'], { environment })).exitCode).toBe(0)
    await writeFile(
      join(cluster.folder, 'own.img'),
      Buffer.concat([await readFile(join(cluster.folder, 'own.img')), Buffer.from('x')]),
    )
    const planned = await cluster.cli(['plan', '--json'], { environment })
    expect(planned.exitCode).toBe(1)
    expect(planned.stdout).toMatch(/does not match the digest in the lock file: .*own\.img has changed/)
  })
})
