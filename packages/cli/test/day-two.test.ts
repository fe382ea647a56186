// Existing machines: adopted, renamed, listed, expired. Through the built CLI, with one simulated cluster.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startSurroundings } from './support/surroundings.ts'

const { vendor, cluster } = await startSurroundings()

function manifest(vms: string, project = 'lab'): string {
  return `project: ${project}
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: ${vms}
`
}

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout)

async function worldByHand() {
  const { createWorld } = await import('@pve-provision/core')
  const { endpoint, tokenId, tokenSecret, fingerprint } = cluster.simulator
  return createWorld({
    pve: { endpoints: [new URL(endpoint)], credentials: { tokenId, tokenSecret }, trust: { fingerprint } },
    cacheDirectory: '/nonexistent',
  })
}

/** A VM that a user created by hand. */
async function byHand(parameters: Readonly<Record<string, unknown>>): Promise<void> {
  using world = await worldByHand()
  const upid = await world.pve.request('POST', '/nodes/pve1/qemu', { parameters })
  await world.pve.waitForTask(String(upid))
}

describe('adopt', () => {
  it('marks a VM and changes nothing else; the next plan then has the differences from the manifest', async () => {
    await byHand({
      vmid: 104,
      name: 'old',
      memory: 512,
      cores: 1,
      net0: 'virtio,bridge=vmbr0',
      scsi0: 'local:1',
      tags: 'mine',
    })
    const text = manifest('{ old: { cores: 2 } }')
    const refused = await cluster.cli(['plan', '--json'], { manifest: text })
    expect(json(refused).problems[0]).toMatchObject({ hint: expect.stringContaining('pve-provision adopt old 104') })

    const adopted = await cluster.cli(['adopt', 'old', '104', '--auto-approve', '--json'])
    expect(adopted.exitCode).toBe(0)
    expect(json(adopted)).toMatchObject({ ok: true, changed: true, steps: [{ id: 'adopt:old', status: 'done' }] })

    const plan = json(await cluster.cli(['plan', '--json']))
    expect(plan.machines).toMatchObject([
      { name: 'old', vmid: 104, action: 'update', changes: [{ key: 'cores', before: 1, after: 2 }] },
    ])
    expect(plan.machines[0].outdated).toBeUndefined()
    const again = await cluster.cli(['adopt', 'old', '104', '--auto-approve', '--json'])
    expect(json(again)).toMatchObject({ ok: true, changed: false })
  })

  it('keeps case and order of the tags in a cluster that keeps them', async () => {
    using world = await worldByHand()
    const parameters = { 'tag-style': 'case-sensitive=1,ordering=config' }
    await world.pve.request('PUT', '/cluster/options', { parameters })
    try {
      await byHand({ vmid: 105, name: 'spelled', tags: 'Zeta;alpha;CI' })
      const text = manifest('{ spelled: {} }', 'tags')
      const adopted = await cluster.cli(['adopt', 'spelled', '105', '--auto-approve', '--json'], { manifest: text })
      expect(json(adopted)).toMatchObject({ ok: true, changed: true })
      const config = await world.pve.request('GET', '/nodes/pve1/qemu/105/config')
      expect(config).toMatchObject({ tags: 'Zeta;alpha;CI;pve-provision' })
      expect(json(await cluster.cli(['list', '--json'])).vms).toMatchObject([{ tags: ['Zeta', 'alpha', 'CI'] }])
    } finally {
      await world.pve.request('PUT', '/cluster/options', { parameters: { delete: 'tag-style' } })
    }
  })

  it.each([
    [['adopt'], 'Give a machine and its VM ID'],
    [['adopt', 'old'], 'Give a machine and its VM ID'],
    [['adopt', 'nobody', '104'], 'The manifest has no machine nobody'],
    [['adopt', 'old', '999'], 'There is no VM 999'],
  ])('%j is refused with a hint', async (args, sentence) => {
    const { exitCode, stderr } = await cluster.cli([...args, '--auto-approve'], { manifest: manifest('{ old: {} }') })
    expect(exitCode).toBe(64)
    expect(stderr).toContain(sentence)
  })

  it('adopts all existing machines, and refuses templates and machines of another project', async () => {
    await byHand({ vmid: 110, name: 'one', memory: 512 })
    await byHand({ vmid: 111, name: 'two', memory: 512 })
    const text = manifest('{ one: {}, two: {}, three: {} }', 'second')
    const all = await cluster.cli(['adopt', '--all', '--auto-approve', '--json'], { manifest: text })
    expect(json(all).steps.map(({ id }: { id: string }) => id)).toEqual(['adopt:one', 'adopt:two'])

    const other = await cluster.cli(['adopt', 'one', '110', '--auto-approve'], {
      manifest: manifest('{ one: {} }', 'third'),
    })
    expect(other.exitCode).toBe(1)
    expect(other.stderr).toContain('belongs to the project second')
    const taken = await cluster.cli(['adopt', 'one', '110', '--from-others', '--auto-approve', '--json'])
    expect(json(taken).ok).toBe(true)
  })
})

describe('two files of one project', () => {
  it("do not touch each other's machines, and remove their own", async () => {
    const write = (name: string, vms: string) => writeFile(join(cluster.folder, name), manifest(vms, 'pair'))
    await write('a.yaml', '{ a1: {}, a2: {} }')
    await write('b.yaml', '{ b1: {} }')
    for (const file of ['a.yaml', 'b.yaml']) {
      const { exitCode } = await cluster.cli(['apply', '--prune', '--auto-approve', '-f', file])
      expect(exitCode).toBe(0)
    }
    await write('a.yaml', '{ a1: {} }')
    const pruned = json(await cluster.cli(['apply', '--prune', '--auto-approve', '--json', '-f', 'a.yaml']))
    expect(pruned.steps.filter(({ status }: { status: string }) => status === 'done')).toMatchObject([
      { id: expect.stringMatching(/^destroy:a2/) },
    ])
    const both = json(await cluster.cli(['plan', '--json', '-f', 'a.yaml', '-f', 'b.yaml']))
    expect(both).toMatchObject({ changes: 0, orphans: [] })
    const destroyed = await cluster.cli(['destroy', '--auto-approve', '-f', 'b.yaml'])
    expect(destroyed.exitCode).toBe(0)
    expect(json(await cluster.cli(['plan', '--json', '-f', 'a.yaml']))).toMatchObject({ changes: 0, orphans: [] })
  })
})

describe('renamedFrom', () => {
  it('renames in place: the same VM ID, no new machine, and an empty plan afterwards', async () => {
    const before = json(
      await cluster.cli(['apply', '--auto-approve', '--json'], {
        manifest: manifest('{ web: { start: true, cloudInit: { user: ops, ip: dhcp } } }', 'names'),
      }),
    )
    const text = manifest('{ www: { renamedFrom: web, start: true, cloudInit: { user: ops, ip: dhcp } } }', 'names')
    const plan = json(await cluster.cli(['plan', '--json'], { manifest: text }))
    expect(plan.machines).toMatchObject([
      {
        name: 'www',
        vmid: before.vms[0].vmid,
        action: 'update',
        changes: [{ key: 'name', before: 'web', after: 'www', when: 'boot', impact: 'new-instance' }],
      },
    ])
    expect(plan.orphans).toEqual([])
    const renamed = json(await cluster.cli(['apply', '--auto-approve', '--json']))
    expect(renamed).toMatchObject({ ok: true, vms: [{ name: 'www', vmid: before.vms[0].vmid }] })
    const { changes, notes } = json(await cluster.cli(['plan', '--json']))
    expect([changes, notes]).toEqual([0, [expect.stringMatching(/^www has changes that wait for a boot \(name\)/)]])
    const restarted = json(await cluster.cli(['apply', '--restart', '--auto-approve', '--json']))
    expect(restarted.steps).toContainEqual(expect.objectContaining({ id: 'restart:www', status: 'done' }))
    expect(json(await cluster.cli(['plan', '--json'])).notes).toEqual([])
  })

  it('is no conflict with its own addresses', async () => {
    const card = 'network: { bridge: vmbr0, mac: "BC:24:11:00:00:77" }, cloudInit: { ip: 10.7.0.5/24 }'
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest(`{ old: { ${card} } }`, 'fixed') })
    const same = manifest(`{ new: { ${card} } }`, 'fixed')
    const { problems } = json(await cluster.cli(['plan', '--json'], { manifest: same }))
    expect(problems.map(({ message }: { message: string }) => message).sort()).toEqual([
      expect.stringContaining('new would have the MAC address BC:24:11:00:00:77 of old'),
      expect.stringContaining('new would have the address 10.7.0.5 of old'),
    ])
    const renamed = manifest(`{ new: { renamedFrom: old, ${card} } }`, 'fixed')
    expect(json(await cluster.cli(['plan', '--json'], { manifest: renamed }))).toMatchObject({
      problems: [],
      machines: [{ name: 'new', action: 'update' }],
    })
    await cluster.cli(['destroy', '--auto-approve', '--json'], { manifest: same })
  })

  it.each([
    [
      'alike',
      '{ mail: { memory: 1 GiB, tags: [a] } }',
      '{ post: { memory: 1 GiB, tags: [a] } }',
      /^mail \(\d+ on pve1\) is no longer in the manifest, and post is new and identical. If you renamed it, set `renamedFrom: mail` in post; otherwise a new machine is created.$/,
    ],
    [
      'of an entry with a count',
      '{ job: { count: 2 } }',
      '{ work: { count: 2 } }',
      /^job-1 .* and work-1 is new .* set `renamedFrom: job` in work;/,
    ],
  ])('is offered where one that is gone from the manifest and a new one are %s', async (_, before, after, note) => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest(before, 'offered') })
    const { notes } = json(await cluster.cli(['plan', '--json'], { manifest: manifest(after, 'offered') }))
    expect(notes.filter((one: string) => one.includes('renamedFrom'))).toEqual([expect.stringMatching(note)])
    await cluster.cli(['destroy', '--auto-approve', '--json'], { manifest: manifest(before, 'offered') })
  })

  it('is not offered where they differ', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest('{ mail: {} }', 'differing') })
    for (const other of ['{ memory: 1 GiB }', '{ tags: [other] }', '{ disks: [{ size: 1 GiB }] }']) {
      const { notes } = json(
        await cluster.cli(['plan', '--json'], { manifest: manifest(`{ post: ${other} }`, 'differing') }),
      )
      expect(notes.join(' ')).not.toContain('renamedFrom')
    }
    await cluster.cli(['destroy', '--auto-approve', '--json'], { manifest: manifest('{ mail: {} }', 'differing') })
  })
})

describe('--without-node', () => {
  it('says what can leave the node and moves it on request, and creates nothing there', async () => {
    const text = (count: number) =>
      manifest(`{ w: { nodes: [pve1, pve2], fullClone: true, count: ${count} } }`, 'drained')
    await cluster.cli(['apply', '--auto-approve'], { manifest: text(2) })
    const away = ['--without-node', 'pve1', '--json']
    const plan = json(await cluster.cli(['plan', ...away]))
    const machines: { name: string; node: string }[] = plan.machines
    expect([plan.changes, machines.map(({ node }) => node).sort()]).toEqual([0, ['pve1', 'pve2']])
    const onIt = machines.find(({ node }) => node === 'pve1')?.name
    expect(plan.notes).toContain(`${onIt} can leave pve1: pve-provision apply --move --without-node pve1`)
    const moved = json(await cluster.cli(['apply', '--auto-approve', '--move', ...away], { manifest: text(3) }))
    expect(moved.vms.map(({ node }: { node: string }) => node)).toEqual(['pve2', 'pve2', 'pve2'])
    const unknown = await cluster.cli(['plan', '--without-node', 'pve9'])
    expect([unknown.exitCode, unknown.stderr]).toEqual([64, expect.stringContaining('There is no node pve9.')])
    await cluster.cli(['destroy', '--auto-approve'])
  })
})

describe('list', () => {
  const vms = `{ web: { start: true, tags: [front], cloudInit: { user: ops, ip: 10.0.0.11/24, gateway: 10.0.0.1 } }, job: { expires: 4 h } }`

  it('prints the machines as a table, JSON, an inventory, ssh config and hosts lines', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest(vms, 'listed') })
    const { vms: listed } = json(await cluster.cli(['list', '--json']))
    expect(listed).toMatchObject([
      {
        name: 'web',
        entry: 'web',
        power: 'running',
        addresses: ['10.0.0.11'],
        tags: ['front'],
        image: 'fast',
        user: 'ops',
      },
      { name: 'job', power: 'stopped', addresses: [], expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
    ])
    const text = await cluster.cli(['list'])
    expect(text.stdout).toMatch(/NAME +ID +NODE +POWER +ADDRESSES/)
    expect(text.stdout).toMatch(/job .* h/)
    const inventory = parse((await cluster.cli(['list', '--format', 'ansible'])).stdout)
    expect(inventory.all.hosts.web).toMatchObject({ ansible_host: '10.0.0.11', ansible_user: 'ops' })
    expect(inventory.all.children.tag_front.hosts).toEqual({ web: {} })
    expect((await cluster.cli(['list', '--format', 'ssh'])).stdout).toContain(
      'Host web\n  HostName 10.0.0.11\n  User ops',
    )
    const hosts = await cluster.cli(['list', '--format', 'hosts'])
    expect(hosts.stdout).toBe('10.0.0.11       web\n')
    expect(hosts.stderr).toContain('No address is known of job: the manifest declares none')
    const onlyWeb = await cluster.cli(['list', '--format', 'hosts', '--only', 'web'])
    expect(onlyWeb.stderr).not.toContain('No address')
    expect((await cluster.cli(['list', '--format', 'xml'])).exitCode).toBe(64)
  })

  it('prints only the chosen machines, also those that the manifest no longer names', async () => {
    const names = (ran: { readonly stdout: string }) => json(ran).vms.map(({ name }: { name: string }) => name)
    expect(names(await cluster.cli(['list', '--json', '--only', 'w*']))).toEqual(['web'])
    const inventory = parse((await cluster.cli(['list', '--format', 'ansible', '--only', 'job'])).stdout)
    expect(Object.keys(inventory.all.hosts)).toEqual(['job'])
    const fewer = await cluster.cli(['list', '--json', '--only', 'job'], {
      manifest: manifest('{ web: {} }', 'listed'),
    })
    expect(names(fewer)).toEqual(['job'])
    const none = await cluster.cli(['list', '--only', 'nobody'])
    expect([none.exitCode, none.stdout]).toEqual([64, ''])
  })

  it('a lifetime that changes is shown by the plan and reaches the machine', async () => {
    const withLifetime = (words: string) => ({ manifest: manifest(`{ job: { ${words} } }`, 'lifetimes') })
    const hoursLeft = async () => {
      const [{ expires }] = json(await cluster.cli(['list', '--json'])).vms
      return Math.round((Date.parse(expires) - Date.now()) / 3_600_000)
    }
    await cluster.cli(['apply', '--auto-approve', '--json'], withLifetime('expires: 4 h'))
    expect(await hoursLeft()).toBe(4)
    const plan = await cluster.cli(['plan'], withLifetime('expires: 3 d'))
    expect(plan.stdout).toContain('expires 4 h → 3 d')
    await cluster.cli(['apply', '--auto-approve', '--json'])
    expect(await hoursLeft()).toBe(72)
    expect((await cluster.cli(['plan'])).stdout).toContain('Nothing to do')
    await cluster.cli(['apply', '--auto-approve', '--json'], withLifetime(''))
    const [kept] = json(await cluster.cli(['list', '--json'])).vms
    expect([kept.name, kept.expires]).toEqual(['job', undefined])
  })

  it('only expired machines are removed', async () => {
    const none = json(await cluster.cli(['destroy', '--expired', '--auto-approve', '--json']))
    expect(none).toMatchObject({ ok: true, changed: false })
    cluster.simulator.faults.clear()
    await cluster.cli(['apply', '--auto-approve', '--json'], {
      manifest: manifest('{ brief: { expires: 1 s }, long: {} }', 'brief'),
    })
    // Each call takes a while, so the machine has expired after a few of them.
    for (let over = false; !over; ) over = (await cluster.cli(['list'])).stdout.includes('over')
    const gone = await cluster.cli(['destroy', '--expired', '--auto-approve', '--json'])
    expect(json(gone).steps.map(({ id }: { id: string }) => id)).toEqual(['destroy:brief'])
  })
})
