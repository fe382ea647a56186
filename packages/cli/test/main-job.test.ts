// The main job through the built CLI: creates six machines from three images, repeats the run, and removes them.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import { startVendor, type Vendor } from './support/vendor.ts'

function manifest(url: string): string {
  return `project: lab
images:
  fast: { url: ${url}/fast.qcow2, checksum: ${url}/SHA512SUMS }
  packed: { url: ${url}/packed.img, checksum: ${url}/SHA256SUMS, format: raw }
  slow: { url: ${url}/slow.raw.xz, checksum: ${url}/CHECKSUM }
defaults:
  image: fast
  node: pve1
  storage: { images: local, disks: local }
  memory: 512 MiB
  network: { bridge: vmbr0 }
  cloudInit: { user: ops, ip: dhcp }
vms:
  web: { disk: 1 GiB, cores: 2, tags: [Front, edge] }
  db: { image: packed, description: The database. }
  worker: { count: 3, node: pve2, start: true }
  edge: { image: slow, node: pve2 }
`
}

interface Applied {
  readonly ok: boolean
  readonly changed: boolean
  readonly steps: readonly {
    readonly id: string
    readonly kind: string
    readonly status: string
    readonly ms: number
    readonly why: string
  }[]
  readonly vms: readonly {
    readonly name: string
    readonly vmid: number
    readonly node: string
    readonly status: string
  }[]
  readonly metrics: Record<string, number>
}

describe('the main job', () => {
  let vendor: Vendor
  let cluster: Cluster
  let first: Applied
  let second: Applied

  beforeAll(async () => {
    vendor = await startVendor()
    cluster = await startCluster({ latency: 'laptop' })
  })
  afterAll(async () => {
    await cluster?.close()
    await vendor?.close()
  })

  it('plans before it changes anything: every step with a reason, exit 2 with --detailed-exitcode', async () => {
    const { exitCode, stdout, stderr } = await cluster.cli(['plan', '--json', '--detailed-exitcode'], {
      manifest: manifest(vendor.url),
    })
    expect(stderr).toBe('')
    const plan = JSON.parse(stdout)
    expect(exitCode).toBe(2)
    expect(plan.changes).toBeGreaterThan(10)
    expect(
      plan.steps.every((step: { why: string; action: string }) => step.why !== '' && /^(run|keep)$/.test(step.action)),
    ).toBe(true)
    expect(vendor.sentBytes()).toBeLessThan(1024 ** 2)
  })

  it('creates six machines from three images, faster than one step after another', async () => {
    const { exitCode, stdout, stderr } = await cluster.cli(['apply', '--json', '--auto-approve'])
    expect(stderr).not.toContain('failed')
    expect(exitCode).toBe(0)
    first = JSON.parse(stdout) as Applied
    expect(first.steps.every(({ why, ms }) => why !== '' && ms >= 0)).toBe(true)
    expect(first.vms.map(({ name }) => name)).toEqual(['web', 'db', 'worker-1', 'worker-2', 'worker-3', 'edge'])
    expect(new Set(first.vms.map(({ vmid }) => vmid)).size).toBe(6)
    expect(first.metrics.wallMs).toBeLessThan(first.metrics.serialMs ?? 0)
  })

  it('changes nothing the second time, and transfers no bytes', async () => {
    const before = vendor.sentBytes()
    const { exitCode, stdout } = await cluster.cli(['apply', '--json'])
    second = JSON.parse(stdout) as Applied
    expect(exitCode).toBe(0)
    expect(second.steps.filter(({ status }) => status !== 'kept')).toEqual([])
    expect(second).toMatchObject({ ok: true, changed: false, metrics: { bytesDownloaded: 0, bytesUploaded: 0 } })
    expect(vendor.sentBytes()).toBe(before)
    expect(second.vms.map(({ vmid }) => vmid)).toEqual(first.vms.map(({ vmid }) => vmid))
  })

  it('changes nothing without any cache either', async () => {
    const environment = { PVE_PROVISION_CACHE: join(cluster.folder, 'other-cache') }
    const { stdout } = await cluster.cli(['apply', '--json'], { environment })
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, changed: false })
  })

  it.each([
    ['fast', 'web', 1024 ** 3],
    ['packed', 'db', undefined],
    ['slow', 'edge', undefined],
  ])('gives each machine its image bit for bit: %s in %s', async (image, name, sizeBytes) => {
    const machine = first.vms.find((vm) => vm.name === name)
    const disk = diskOf(cluster, machine?.node ?? '', machine?.vmid ?? 0)
    const copy = join(cluster.folder, `${name}.raw`)
    await execa('qemu-img', ['convert', '-O', 'raw', disk, copy])
    const original = vendor.raw(image)
    const length = 16 * 1024 ** 2
    await expect(execa('cmp', ['--bytes', String(length), original, copy])).resolves.toBeDefined()
    const info = JSON.parse((await execa('qemu-img', ['info', '--output=json', disk])).stdout)
    expect(info['virtual-size']).toBe(sizeBytes ?? length)
  })

  it('creates only the machine that has disappeared', async () => {
    const { stdout } = await cluster.cli(['destroy', '--json', '--auto-approve', '--only', 'web'])
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, changed: true, vms: [{ name: 'web', status: 'destroyed' }] })
    const again = JSON.parse((await cluster.cli(['apply', '--json', '--auto-approve'])).stdout) as Applied
    expect(again.steps.filter(({ status }) => status === 'done').map(({ id }) => id)).toEqual(['create:web'])
    expect(again.vms.find(({ name }) => name === 'web')?.vmid).toBe(first.vms[0]?.vmid)
  })

  it('destroys the machines of the project and nothing else', async () => {
    await foreignMachine(cluster, 20999)
    const { exitCode, stdout, stderr } = await cluster.cli(['destroy', '--json', '--auto-approve'])
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('✗')])
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, changed: true })
    const configs = ['pve1', 'pve2'].flatMap((node) => configsOf(cluster, node))
    expect(configs).toEqual(['20999.conf'])
  })
})

/** Returns the boot disk of a machine on its node's directory storage. */
function diskOf({ simulator }: Cluster, node: string, vmid: number): string {
  const folder = join(simulator.dataDirectory, 'nodes', node, 'var/lib/vz/images', String(vmid))
  const file = readdirSync(folder).find((name) => /disk-0\.(qcow2|raw)$/.test(name))
  return join(folder, file ?? 'missing')
}

function configsOf({ simulator }: Cluster, node: string): readonly string[] {
  const folder = join(simulator.dataDirectory, 'etc/pve/nodes', node, 'qemu-server')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.conf')) : []
}

/** A machine that a user created by hand, with tags that look like ours. */
async function foreignMachine({ simulator }: Cluster, vmid: number): Promise<void> {
  const { createWorld } = await import('@pve-provision/core')
  const world = createWorld({
    pve: {
      endpoints: [new URL(simulator.endpoint)],
      credentials: { tokenId: simulator.tokenId, tokenSecret: simulator.tokenSecret },
      trust: { fingerprint: simulator.fingerprint },
    },
    cacheDirectory: '/nonexistent',
  })
  const upid = await world.pve.request('POST', '/nodes/pve1/qemu', {
    parameters: { vmid, name: 'by-hand', tags: 'pve-provision' },
  })
  await world.pve.waitForTask(String(upid))
  world.pve.close()
}
