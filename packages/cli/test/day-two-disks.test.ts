// Tests disks of existing machines with the built CLI: the plan, the apply, and the privileges of the token.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import { handsAt } from './support/hands.ts'
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
      /web keeps an unused disk \(unused0: local:\S+\)\. To remove it and its data: pve-provision apply --prune --only web/,
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
      'web: storage.disks is local, but the manifest has fast; it is left unchanged. To move it: pve-provision apply --move --only web',
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

describe('--replace-outdated', () => {
  const vms = `plain: { count: 2 }, extra: {}, snapped: {}, held: {}, safe: { protection: true },
  fixed: { vmid: 300, disks: [{ size: 64 MiB }] }, sealed: { tpm: true, disks: [{ size: 64 MiB }] }, bare: { tpm: true }`
  const many = () => `${manifest('old', '').replace(/^vms: .*$/m, '')}vms: { ${vms} }`
  const hands = () => handsAt(cluster)
  const machineOf = async (plan: readonly string[], name: string) =>
    json(await cluster.cli([...plan, '--json'])).machines.find((one: { name: string }) => one.name === name)

  /** Makes the machine look as if it came from an older build, and does something to it by hand. */
  async function age(name: string, change: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const path = `/nodes/pve1/qemu/${await hands().vmidOf(name)}`
    const { description } = await hands().config(await hands().vmidOf(name))
    const older = String(description).replace(/"base":"\w+"/, '"base":"0000000000000000"')
    await hands().call('POST', `${path}/config`, { description: older, ...change })
    return path
  }

  it('leaves alone what would lose more than its boot disk, and protected machines, until they are named', async () => {
    expect((await cluster.cli(['apply', '--auto-approve'], { manifest: many() })).exitCode).toBe(0)
    for (const name of ['plain-1', 'plain-2', 'safe', 'fixed', 'sealed', 'bare']) await age(name)
    const extra = await age('extra', { ide1: 'local:1,format=qcow2' })
    await hands().call('PUT', `${extra}/config`, { sata1: 'local:1' })
    await hands().call('PUT', `${extra}/config`, { delete: 'sata1' })
    for (const path of [await age('snapped'), await age('held', { scsi1: 'local:1,format=qcow2' })])
      await hands().call('POST', `${path}/snapshot`, { snapname: 'before' })

    const plan = json(await cluster.cli(['plan', '--replace-outdated', '--json']))
    const replaced = plan.machines.filter(({ action }: { action: string }) => action === 'replace')
    expect(replaced.map(({ name, loses }: { name: string; loses?: string[] }) => [name, loses ?? []])).toEqual([
      ['plain-1', []],
      ['plain-2', []],
      ['extra', []],
      ['bare', ['TPM state']],
    ])
    expect(plan.problems).toEqual([])
    const kept = plan.notes.flatMap(
      (note: string) => /^(\w+ runs) .* stays, because (.*?)\. To/.exec(note)?.slice(1).join(': ') ?? [],
    )
    expect(kept).toEqual([
      'snapped runs: its snapshot before would be lost',
      'held runs: its snapshot before would be lost',
      'safe runs: it is protected',
      'fixed runs: its disk scsi1 would be lost',
      'sealed runs: its TPM state would be lost',
    ])
    const text = (await cluster.cli(['plan', '--replace', 'snapped'])).stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain('its boot disk and snapshot before are lost, its addresses stay')
  })

  it('carries over disks that were added by hand, on any bus, and detached ones', async () => {
    const done = json(await cluster.cli(['apply', '--replace-outdated', '--auto-approve', '--json']))
    expect(done.ok).toBe(true)
    const after = await hands().config(await hands().vmidOf('extra'))
    expect(after).toMatchObject({
      ide1: expect.stringContaining('size=1G'),
      unused0: expect.stringContaining('local:'),
    })
    expect(await machineOf(['plan', '--replace-outdated'], 'fixed')).toMatchObject({ action: 'keep' })
  })

  it('of a machine whose data disk is in a snapshot is a problem, also if it is named', async () => {
    const { problems } = json(await cluster.cli(['plan', '--replace', 'held', '--json']))
    expect(problems).toMatchObject([
      {
        message: expect.stringMatching(/^held \(\d+\) cannot be replaced: the snapshot before uses its data disks/),
        hint: expect.stringMatching(/qm delsnapshot \d+ before$/),
      },
    ])
  })
})
