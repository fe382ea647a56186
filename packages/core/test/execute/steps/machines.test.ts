// Machines in a simulated cluster, over TLS: created, kept, changed, removed.
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER_TAG, readMarker } from '../../../src/facts/cluster/marker.ts'
import type { Desired, Machine } from '../../../src/manifest/manifest.ts'
import { createLab, failures, type Lab, labState } from '../../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
})

afterAll(() => lab.close())

async function isoFiles() {
  const rows = await lab.call<readonly { volid: string }[]>('GET', '/nodes/pve1/storage/local/content', {
    content: 'iso',
  })
  return rows.map(({ volid }) => volid)
}

async function machine(name: string) {
  const found = (await lab.guests()).find((guest) => guest.name === name)
  if (!found) throw new Error(`no machine ${name}`)
  return { ...found, config: await lab.config(found.vmid, found.node) }
}

/** What a manifest refuses to say, and a machine may be like all the same. */
function withAll(keys: Partial<Machine>, state: Desired): Desired {
  return { ...state, machines: state.machines.map((machine) => ({ ...machine, ...keys })) }
}

/** With a static address on loopback, the only one that certainly answers here. */
function at(address: string, state: Desired): Desired {
  const [machine] = state.machines
  if (machine?.cloudInit === undefined) throw new Error('the machine has no cloudInit')
  return withAll({ cloudInit: { ...machine.cloudInit, addresses: [{ ip: `${address}/8` }] } }, state)
}

describe('apply', () => {
  const web = labState(`
vms:
  web:
    count: 2
    cores: 2
    memory: 1 GiB
    disk: 2 GiB
    network: { bridge: vmbr0, vlan: 7 }
    tags: [Prod, alpha]
    description: A web server
    cloudInit: { user: ops, password: s3cret-word, sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPHM0Eh3Zzq1k6jM+yX3xYcZ0xw1q7aKQ9kXW9l2q6mR ops@desk's (work)!"], ip: dhcp, dns: { servers: [9.9.9.9], domain: lab.example } }
    start: true
`)

  it('creates a template and its machines, as declared', async () => {
    const ran = await lab.runner().apply(web)
    expect(failures(ran)).toEqual([])
    const { config } = await machine('web-1')
    expect(config).toMatchObject({
      cores: 2,
      memory: '1024',
      tags: `alpha;prod;${OWNER_TAG}`,
      ciuser: 'ops',
      ipconfig0: 'ip=dhcp',
      nameserver: '9.9.9.9',
      searchdomain: 'lab.example',
    })
    expect(config.scsi0).toMatch(/^local:\d+\/base-\d+-disk-0.qcow2\/\d+\/vm-\d+-disk-0.qcow2,size=2G$/)
    expect(config.net0).toMatch(/^virtio=BC:24:11:[0-9A-F:]+,bridge=vmbr0,tag=7$/)
    expect(readMarker(config.description)).toMatchObject({
      project: 'lab',
      name: 'web-1',
      kind: 'machine',
      image: 'fast',
    })
    expect(config.description).toMatch(/^A web server\n/)
  })

  it('changes nothing when run again', async () => {
    const ran = await lab.runner().apply(web)
    expect(ran.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('creates what is missing in at most six requests per machine, without polling', async () => {
    const runner = lab.runner()
    const desired = labState('vms: { batch: { count: 6, cores: 2, disk: 1 GiB, start: true } }')
    const facts = await runner.observe(desired)
    const before = lab.simulator.requests.total
    const { makePlan } = await import('../../../src/plan/make-plan.ts')
    const ran = await runner.execute(desired, facts, makePlan(desired, facts))
    expect(failures(ran)).toEqual([])
    const asked = lab.simulator.requests.recent.slice(-(lab.simulator.requests.total - before))
    const counted = asked.filter(({ path }) => !/\/tasks\/[^/]+\/(status|log)/.test(path))
    expect(counted.length).toBeLessThanOrEqual(6 * 6)
  })
})

describe('apply with custom documents', () => {
  const tail = (word: string) => `
vms:
  seeded:
    network: { bridge: vmbr0 }
    cloudInit: { userData: "#cloud-config\\nruncmd: [${word}]", sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops"], ip: 10.0.0.5/24, gateway: 10.0.0.1 }
`

  it('puts them on a CD, whose network configuration knows the MAC of the card', async () => {
    const ran = await lab.runner().apply(labState(tail('one')))
    expect(failures(ran)).toEqual([])
    const { config } = await machine('seeded')
    expect(config.ide2).toMatch(/^local:iso\/seeded-seed-[0-9a-f]{16}\.iso,media=cdrom/)
    expect(config.net0).toMatch(/^virtio=02:/)
    expect(config).not.toHaveProperty('sshkeys')
    const again = await lab.runner().apply(labState(tail('one')))
    expect(again.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('changes the CD when they change, and goes back to a cloud-init drive when there are none', async () => {
    const before = (await machine('seeded')).config.ide2
    const changed = await lab.runner().apply(labState(tail('two')))
    expect(failures(changed)).toEqual([])
    expect((await machine('seeded')).config.ide2).not.toBe(before)
    expect(await isoFiles()).toHaveLength(1)
    const without = await lab.runner().apply(labState('vms: { seeded: { cloudInit: { user: ops, ip: dhcp } } }'))
    expect(failures(without)).toEqual([])
    expect((await machine('seeded')).config).toMatchObject({
      ide2: expect.stringContaining('cloudinit'),
      ciuser: 'ops',
    })
  })
})

describe('wait', () => {
  it('reports the addresses that the guest agent knows', async () => {
    const ran = await lab
      .runner()
      .apply(
        labState('vms: { waited: { network: { bridge: vmbr0 }, cloudInit: { ip: dhcp }, start: true, wait: agent } }'),
      )
    expect(failures(ran)).toEqual([])
    const result = ran.outcomes.find(({ step }) => step.kind === 'wait')?.result
    expect(result?.addresses?.[0]).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    expect(result?.warnings).toBeUndefined()
  })

  it('tries the port at the address in the manifest', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const tail = (words: string) =>
      `vms: { ported: { network: { bridge: vmbr0 }, cloudInit: { ip: 10.9.9.1/8 }, start: true, wait: { ${words} } } }`
    const open = await lab.runner().apply(at('127.0.0.1', labState(tail(`port: ${port}, seconds: 5`))))
    server.close()
    expect(open.outcomes.find(({ step }) => step.kind === 'wait')?.result).toMatchObject({ addresses: ['127.0.0.1'] })
    expect(open.outcomes.find(({ step }) => step.kind === 'wait')?.result?.warnings).toBeUndefined()
    const { vmid } = await machine('ported')
    await lab.task('POST', `/nodes/pve1/qemu/${vmid}/status/stop`)
    const closed = await lab.runner().apply(at('127.0.0.1', labState(tail(`port: ${port}, seconds: 1`))))
    expect(failures(closed)).toEqual([])
    expect(closed.outcomes.find(({ step }) => step.kind === 'wait')?.result?.warnings).toEqual([
      `ported: nothing answered on port ${port} within 1 s.`,
    ])
  })

  it('warns, and does not fail, when the deadline passes', async () => {
    const ran = await lab
      .runner()
      .apply(withAll({ agent: false }, labState('vms: { mute: { start: true, wait: { agent: true, seconds: 1 } } }')))
    expect(failures(ran)).toEqual([])
    expect(ran.outcomes.find(({ step }) => step.kind === 'wait')?.result?.warnings?.[0]).toContain('turned off')
  })

  it('fails when the deadline passes and the manifest requires the answer', async () => {
    const server = createServer().listen(0, '127.0.0.2')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const manifest = (seconds: number) =>
      at(
        '127.0.0.2',
        labState(
          `vms: { needed: { network: { bridge: vmbr0 }, cloudInit: { ip: 10.9.9.2/8 }, start: true, wait: { port: ${port}, seconds: ${seconds}, required: true } } }`,
        ),
      )
    expect(failures(await lab.runner().apply(manifest(5)))).toEqual([])
    server.close()
    await lab.task('POST', `/nodes/pve1/qemu/${(await machine('needed')).vmid}/status/stop`)
    const wait = (await lab.runner().apply(manifest(1))).outcomes.find(({ step }) => step.kind === 'wait')
    expect(wait).toMatchObject({ status: 'failed', error: { code: 'CONFLICT', details: { machine: 'needed' } } })
    expect(wait?.error?.message).toContain(`nothing answered on port ${port} within 1 s`)
  })

  it('waits again in each run until a required answer comes, and then has nothing to do', async () => {
    const server = createServer().listen(0, '127.0.0.3')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const manifest = (seconds: number, required = true) =>
      at(
        '127.0.0.3',
        labState(
          `vms: { again: { network: { bridge: vmbr0 }, cloudInit: { ip: 10.9.9.3/8 }, start: true, wait: { port: ${port}, seconds: ${seconds}, required: ${required} } } }`,
        ),
      )
    const waitOf = async (seconds: number, required?: boolean) =>
      (await lab.runner().apply(manifest(seconds, required))).outcomes.find(({ step }) => step.kind === 'wait')
    server.close()
    expect(await waitOf(1)).toMatchObject({ status: 'failed' })
    // It is running by now.
    expect(await waitOf(1)).toMatchObject({ status: 'failed', step: { action: 'run', ran: true } })
    expect(await waitOf(1, false)).toMatchObject({ status: 'kept', step: { why: 'it was running before' } })
    const later = createServer().listen(port, '127.0.0.3')
    await once(later, 'listening')
    const fine = await waitOf(1)
    later.close()
    expect(fine).toMatchObject({ status: 'kept', step: { action: 'keep' }, result: { addresses: ['127.0.0.3'] } })
  })

  it('changes nothing where the answer arrives while a later run waits', async () => {
    const { simulator } = lab
    const manifest = labState(
      'vms: { late: { network: { bridge: vmbr0 }, cloudInit: { ip: dhcp }, start: true, wait: { agent: true, seconds: 60, required: true } } }',
    )
    const silent = { action: 'fail', method: 'GET', path: '/nodes/*/qemu/*/agent/*', status: 500 } as const
    const reason = 'QEMU guest agent is not running'
    simulator.faults.add({ ...silent, count: 1, reason })
    expect(failures(await lab.runner().apply(manifest))).toEqual([])
    simulator.faults.add({ ...silent, count: 2, reason })
    const ran = await lab.runner().apply(manifest)
    simulator.faults.clear()
    expect(ran.outcomes.find(({ step }) => step.kind === 'wait')).toMatchObject({
      step: { action: 'run', why: 'the manifest requires an answer from its agent, but there was none' },
      status: 'kept',
      result: { addresses: [expect.any(String)] },
    })
    expect(ran.summary.filter((line) => line.endsWith('done'))).toEqual([])
  })
})

describe('change', () => {
  const state = (more: string) => labState(`vms: { changing: { cores: 1, memory: 512 MiB, disk: 1 GiB, ${more} } }`)

  it('changes in place what Proxmox can change, and keeps undeclared settings of users', async () => {
    await lab.runner().apply(state('network: { bridge: vmbr0 }'))
    const { vmid, config } = await machine('changing')
    await lab.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, {
      tags: 'handmade;pve-provision',
      description: `mine\n\n${String(config.description)}`,
      cpuunits: 200,
    })
    const desired = labState(
      'vms: { changing: { cores: 4, memory: 768 MiB, disk: 3 GiB, onBoot: true, network: { bridge: vmbr0, vlan: 5 } } }',
    )
    const ran = await lab.runner().apply(desired)
    expect(failures(ran)).toEqual([])
    expect(ran.plan.steps.find(({ kind }) => kind === 'update')?.why).toMatch(
      /^cores 1 → 4, memory 512 → 768 MiB, network\[0\].vlan unset → 5, onBoot no → yes, disk.size 1 → 3 GiB$/,
    )
    const after = (await machine('changing')).config
    expect(after).toMatchObject({ cores: 4, memory: '768', onboot: 1, cpuunits: 200, tags: 'handmade;pve-provision' })
    expect(after.description).toMatch(/^mine\n/)
    expect(after.scsi0).toContain('size=3G')
    expect(after.net0).toBe(`${String(config.net0)},tag=5`)
  })

  it('detects a manual change of a declared key, and says whether the manifest or the machine changed', async () => {
    const { vmid } = await machine('changing')
    await lab.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { cores: 2 })
    const desired = labState(
      'vms: { changing: { cores: 4, memory: 768 MiB, disk: 3 GiB, onBoot: true, network: { bridge: vmbr0, vlan: 5 } } }',
    )
    const ran = await lab.runner().apply(desired)
    expect(ran.plan.steps.find(({ kind }) => kind === 'update')?.why).toBe(
      'cores 2 → 4 (changed in Proxmox, not in the manifest)',
    )
    expect((await machine('changing')).config.cores).toBe(4)
  })

  it('reports changes that a running machine takes over only at its next start', async () => {
    const { vmid } = await machine('changing')
    await lab.task('POST', `/nodes/pve1/qemu/${vmid}/status/start`)
    const ran = await lab.runner().apply(labState('vms: { changing: { memory: 1 GiB } }'))
    expect(failures(ran)).toEqual([])
    expect(ran.outcomes.find(({ step }) => step.kind === 'update')?.result?.pending).toEqual([
      { key: 'memory', before: '768 MiB', after: '1 GiB', when: 'restart' },
    ])
  })

  it('grows a disk with pending changes once', async () => {
    const desired = labState('vms: { changing: { disk: { size: 4 GiB, ssd: true } } }')
    const ran = await lab.runner().apply(desired)
    expect(failures(ran)).toEqual([])
    expect(ran.outcomes.find(({ step }) => step.kind === 'update')?.result?.pending).toMatchObject([
      { key: 'disk.ssd', before: false, after: true, when: 'restart' },
      { key: 'memory' },
    ])
    expect((await machine('changing')).config.scsi0).toMatch(/size=4G,ssd=1/)
    expect((await lab.runner().apply(desired)).summary).toEqual(['create:changing kept'])
  })

  it('returns to the cloud-init drive that a running machine replaced with custom documents', async () => {
    const own = labState('vms: { changing: { cloudInit: { user: ops, userData: "#cloud-config" } } }')
    const plain = labState('vms: { changing: { cloudInit: { user: ops } } }')
    expect(failures(await lab.runner().apply(plain))).toEqual([])
    const drive = (await machine('changing')).config.ide2
    expect(failures(await lab.runner().apply(own))).toEqual([])
    expect((await machine('changing')).config.ide2).toContain('changing-seed-')
    expect(failures(await lab.runner().apply(plain))).toEqual([])
    expect((await machine('changing')).config.ide2).toBe(drive)
  })

  it('refuses a smaller disk with a message that says what to do', async () => {
    const ran = await lab.runner().apply(labState('vms: { changing: { disk: 2 GiB } }'))
    expect(failures(ran).join()).toMatch(
      /CONFLICT The disk of changing \(\d+\) has 4 GiB; Proxmox cannot shrink it to 2 GiB/,
    )
  })

  it('treats a new password as a change, and the same one as none', async () => {
    const secret = (word: string) => labState(`vms: { changing: { cloudInit: { user: ops, password: ${word} } } }`)
    expect((await lab.runner().apply(secret('first-word'))).summary).toContain('update:changing done')
    expect((await lab.runner().apply(secret('first-word'))).summary).toContain('create:changing kept')
    const ran = await lab.runner().apply(secret('second-word'))
    expect(ran.plan.steps.find(({ kind }) => kind === 'update')?.why).toBe('cloudInit.password changed')
    expect(JSON.stringify([ran.plan, ran.notes])).not.toContain('second-word')
  })
})

describe('pool and HA', () => {
  it('puts a machine and its template into the pool when it creates them, and moves a machine from another pool', async () => {
    for (const poolid of ['one', 'two']) await lab.call('POST', '/pools', { poolid })
    const state = (pool: string) => ({ ...labState(`vms: { pooled: { pool: ${pool} } }`), project: 'pooled' })
    const members = async (pool: string) => {
      const { members: list } = await lab.call<{ members: readonly { name: string }[] }>('GET', `/pools/${pool}`)
      return list.map(({ name }) => name.replace(/-[0-9a-f]{8}$/, '')).sort()
    }
    expect(failures(await lab.runner().apply(state('one')))).toEqual([])
    expect(await members('one')).toEqual(['pooled', 'tpl-fast'])
    expect(failures(await lab.runner().apply(state('two')))).toEqual([])
    expect(await members('two')).toEqual(['pooled'])
    expect((await lab.runner().apply(state('two'))).summary).toEqual(['create:pooled kept'])
    await lab.runner().destroy(state('two'))
  })

  it('puts a machine under HA, once', async () => {
    const state = labState('vms: { highly: { ha: { maxRestart: 2 } } }')
    expect(failures(await lab.runner().apply(state))).toEqual([])
    const { vmid } = await machine('highly')
    expect(await lab.call('GET', '/cluster/ha/resources')).toMatchObject([{ sid: `vm:${vmid}`, max_restart: 2 }])
    expect((await lab.runner().apply(state)).summary).toEqual(['create:highly kept'])
  })
})

describe('replace', () => {
  it('checks the new machine itself, and not the old one with its ID: running, in no pool, under HA', async () => {
    await lab.call('POST', '/pools', { poolid: 'three' })
    const state = (words: string) => ({ ...labState(`vms: { anew: { vmid: 777, ${words} } }`), project: 'anew' })
    await lab.runner().apply(state('ha: true, start: true'))
    const ran = await lab.runner().apply(state('ha: true, pool: three'), { replace: ['anew'] })
    expect(failures(ran)).toEqual([])
    expect((await lab.runner().apply(state('ha: true, pool: three'))).summary).toEqual(['create:anew kept'])
    await lab.runner().destroy(state(''))
  })

  it('replaces only the machine that is named', async () => {
    const before = [await machine('changing'), await machine('mute')]
    const state = labState('vms: { changing: { disk: 1 GiB }, mute: {} }')
    const ran = await lab.runner().apply(state, { replace: ['changing'] })
    expect(failures(ran)).toEqual([])
    expect((await machine('changing')).config.scsi0).toContain('size=1G')
    expect((await machine('mute')).config.smbios1).toBe(before[1]?.config.smbios1)
    expect((await machine('changing')).config.smbios1).not.toBe(before[0]?.config.smbios1)
  })
})

describe('destroy', () => {
  it('leaves a protected machine alone, in any state', async () => {
    await lab.runner().apply(labState('vms: { safe: { protection: true } }'))
    const ran = await lab.runner().destroy(labState('vms: { safe: { protection: true } }'))
    expect(failures(ran).join()).toContain('is protected')
    expect(ran.plan.steps.find(({ id }) => id === 'destroy:safe')?.problem).toMatchObject({ code: 'CONFLICT' })
    expect((await machine('safe')).config.protection).toBe(1)
  })

  describe('with a disk that Proxmox could not remove', () => {
    const state = { ...labState('vms: { leaving: {} }'), project: 'leaving' }
    const said = async () => {
      await lab.runner().apply(state)
      const { vmid } = await machine('leaving')
      const volid = `local:${vmid}/vm-${vmid}-disk-0.qcow2`
      const reason = `Could not remove disk '${volid}', check manually: can't lock file - got timeout`
      lab.simulator.faults.add({ action: 'warn-task', method: 'DELETE', path: `/nodes/*/qemu/${vmid}`, reason })
      return { vmid, volid }
    }

    it('fails with the command that removes the disk where it still exists', async () => {
      const { vmid, volid } = await said()
      const look = lab.simulator.requests.hold({ method: 'GET', path: '/nodes/pve1/storage/local/content' })
      const running = lab.runner().destroy(state)
      await look.arrived
      // Skip the run's own requests before the removal.
      const folder = join(lab.simulator.dataDirectory, 'nodes/pve1/var/lib/vz/images', String(vmid))
      look.release()
      const second = lab.simulator.requests.hold({ method: 'GET', path: '/nodes/pve1/storage/local/content' })
      await second.arrived
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `vm-${vmid}-disk-0.qcow2`), '')
      second.release()
      const ran = await running
      const { error } = ran.outcomes.find(({ step }) => step.id === 'destroy:leaving') ?? {}
      expect(error?.message).toBe(`${vmid} on pve1 is removed, but one of its volumes is left: ${volid}.`)
      expect(error?.hint).toContain(`pvesm free ${volid}`)
      rmSync(folder, { recursive: true })
    })

    it('succeeds silently where the disk is gone by then', async () => {
      await said()
      const ran = await lab.runner().destroy(state)
      expect(failures(ran)).toEqual([])
      expect(ran.outcomes.flatMap(({ result }) => result?.warnings ?? [])).toEqual([])
    })
  })

  it('removes machines, including running ones, and then their templates; never those of others', async () => {
    await lab.task('POST', '/nodes/pve1/qemu', { vmid: 777, name: 'theirs', tags: OWNER_TAG })
    const ran = await lab.runner().destroy(labState('vms: { safe: { protection: false } }'))
    expect(failures(ran)).toEqual([])
    expect((await lab.guests()).map(({ name }) => name)).toEqual(['theirs'])
    expect(await isoFiles()).toEqual([])
  })
})
