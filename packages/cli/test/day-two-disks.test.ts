// Tests disks of existing machines with the built CLI: the plan, the apply, and the privileges of the token.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import { startVendor, type Vendor } from './support/vendor.ts'

let vendor: Vendor
let cluster: Cluster

beforeAll(async () => {
  vendor = await startVendor()
  cluster = await startCluster({ storages: [{ id: 'local' }, { id: 'fast' }] })
})
afterAll(async () => {
  await cluster?.close()
  await vendor?.close()
})

function manifest(project: string, web: string, storage = 'local'): string {
  return `project: ${project}
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS }
defaults: { image: fast, node: pve1, storage: { images: local, disks: ${storage} }, network: { bridge: vmbr0 } }
vms: { web: { ${web} } }
`
}

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout)
const TWO = 'disks: [{ size: 1 GiB, serial: a }, { size: 1 GiB, serial: b }]'
const ONE = 'disks: [{ size: 1 GiB, serial: b }]'

describe('a disk that is no longer declared', () => {
  it('is detached by an apply, shown by plan and list, and removed by --prune', async () => {
    await cluster.cli(['apply', '--auto-approve'], { manifest: manifest('gone', TWO) })
    const plan = await cluster.cli(['plan'], { manifest: manifest('gone', ONE) })
    expect(plan.stdout).toMatch(
      /disks\[scsi1\] removed: 1 GiB on local, the guest loses\s+it, but its data is kept as an unused disk/,
    )
    const applied = json(await cluster.cli(['apply', '--auto-approve', '--json']))
    expect(applied).toMatchObject({ ok: true, changed: true })

    const later = await cluster.cli(['plan'])
    expect(later.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /web keeps an unused disk \(unused0: local:\S+\)\. To remove it with what is on it: pve-provision apply --prune --only web/,
    )
    expect(json(await cluster.cli(['plan', '--json'])).machines[0]).toMatchObject({
      action: 'keep',
      unused: [{ key: 'unused0', was: 'scsi1' }],
    })
    expect((await cluster.cli(['list'])).stdout).toContain('keeps 1 unused disk')
    expect(json(await cluster.cli(['list', '--json'])).vms[0].unused).toMatchObject([{ key: 'unused0', was: 'scsi1' }])

    const pruned = json(await cluster.cli(['apply', '--prune', '--auto-approve', '--json']))
    expect(pruned.steps.filter(({ status }: { status: string }) => status === 'done')).toMatchObject([
      { id: 'remove-disks:web' },
    ])
    expect((await cluster.cli(['list'])).stdout).not.toContain('unused')
  })

  it('that the machine boots from is a problem of the plan, with the line of the key', async () => {
    await cluster.cli(['apply', '--auto-approve'], { manifest: manifest('boots', `${ONE}, boot: [scsi1, scsi0]`) })
    const plan = await cluster.cli(['plan', '--json'], {
      manifest: manifest('boots', 'disks: [], boot: [scsi1, scsi0]'),
    })
    expect(plan.exitCode).toBe(1)
    expect(json(plan).problems).toMatchObject([{ hint: expect.stringContaining('`boot: [scsi0]`'), line: 5 }])
  })
})

describe('a disk on another storage than declared', () => {
  it('is reported, moves with --move, and not again', async () => {
    await cluster.cli(['apply', '--auto-approve'], { manifest: manifest('moves', ONE) })
    const plan = await cluster.cli(['plan'], { manifest: manifest('moves', ONE, 'fast') })
    expect(plan.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'web: storage.disks is local, but the manifest has fast; it is left unchanged. pve-provision apply --move --only web',
    )
    expect(json(await cluster.cli(['plan', '--json'])).changes).toBe(0)
    const asked = await cluster.cli(['plan', '--move'])
    expect(asked.stdout).toContain('storage.disks local → fast, its linked clone becomes a full copy')
    const moved = json(await cluster.cli(['apply', '--move', '--auto-approve', '--json']))
    expect(moved.steps.filter(({ status }: { status: string }) => status === 'done')).toMatchObject([
      { id: 'move-disks:web' },
    ])
    expect(json(await cluster.cli(['plan', '--move', '--json']))).toMatchObject({ changes: 0, problems: [] })
  })

  it('is planned, saved and applied as planned', async () => {
    await cluster.cli(['apply', '--auto-approve'], { manifest: manifest('saved', ONE) })
    await cluster.cli(['plan', '--move', '--out', 'moves.json'], { manifest: manifest('saved', ONE, 'fast') })
    const applied = json(await cluster.cli(['apply', 'moves.json', '--auto-approve', '--json']))
    expect(applied).toMatchObject({ ok: true, changed: true })
  })
})
