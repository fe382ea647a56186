// Machines whose first boot changes while they run, and what happens to their ISOs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listSeeds } from '../../src/facts/devices/list-seeds.ts'
import { createLab, failures, type Lab, labState, type Ran } from '../support/machine-lab.ts'

/** What a run reports about a running guest whose change waits for its next boot. */
const NEW_INSTANCE = 'waits for a boot, as a new instance'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({ nodes: ['pve1'] })
})
afterAll(() => lab.close())

const state = (cloudInit: string) =>
  labState(`vms: { web: { start: true, network: { bridge: vmbr0 }, cloudInit: { ${cloudInit} } } }`)

async function apply(cloudInit: string): Promise<Ran> {
  const ran = await lab.runner().apply(state(cloudInit))
  expect(failures(ran)).toEqual([])
  return ran
}

function warnings({ outcomes }: Ran): readonly string[] {
  return outcomes.flatMap(({ result }) => {
    const isNew = result?.pending?.some(({ when, impact }) => when === 'boot' && impact === 'new-instance')
    return [...(result?.warnings ?? []), ...(isNew ? [NEW_INSTANCE] : [])]
  })
}

async function config() {
  const found = (await lab.guests()).find(({ name }) => name === 'web')
  return lab.config(found?.vmid ?? 0)
}

async function isoFiles() {
  const rows = await lab.call<readonly { volid: string }[]>('GET', '/nodes/pve1/storage/local/content', {
    content: 'iso',
  })
  return rows.map(({ volid }) => volid)
}

function renewals(): number {
  return lab.simulator.requests.recent.filter(({ method, path }) => method === 'PUT' && path.endsWith('/cloudinit'))
    .length
}

describe('the first boot of a machine that runs', () => {
  it('is announced as new when a key changes, and the drive is written again at once', async () => {
    expect(warnings(await apply('user: ops, ip: dhcp'))).toEqual([])
    expect(renewals()).toBe(0)
    const changed = await apply('user: eve, ip: dhcp')
    expect(warnings(changed)).toEqual([NEW_INSTANCE])
    expect(renewals()).toBe(1)
    expect(warnings(await apply('user: eve, ip: dhcp'))).toEqual([])
  })

  it('keeps its network card when documents are added, and is announced as new', async () => {
    const { net0 } = await config()
    const added = await apply('user: eve, ip: dhcp, userData: "#cloud-config\\npackages: [a]\\n"')
    // Proxmox itself adds each new CD to the boot order, and that waits for a restart.
    expect(warnings(added)).toContain(NEW_INSTANCE)
    expect(await config()).toMatchObject({ net0, ide2: expect.stringMatching(/iso\/web-seed-[0-9a-f]{16}\.iso/) })
    const again = await lab.runner().apply(state('user: eve, ip: dhcp, userData: "#cloud-config\\npackages: [a]\\n"'))
    expect(again.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('keeps the network card and its CD when it is replaced', async () => {
    const { net0, ide2 } = await config()
    const words = 'user: eve, ip: dhcp, userData: "#cloud-config\\npackages: [a]\\n"'
    const ran = await lab.runner().apply(state(words), { replace: ['web'] })
    expect(failures(ran)).toEqual([])
    expect(await config()).toMatchObject({ net0, ide2 })
    const again = await lab.runner().apply(state(words))
    expect(again.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('has the CD of the changed documents, and not the old one', async () => {
    const [before] = await isoFiles()
    const changed = await apply('user: eve, ip: dhcp, userData: "#cloud-config\\npackages: [b]\\n"')
    expect(warnings(changed)).toContain(NEW_INSTANCE)
    expect(await isoFiles()).toHaveLength(1)
    expect(await isoFiles()).not.toContain(before)
  })

  it('uses a CD without documents where Proxmox cannot express it, with the reason in the plan', async () => {
    const ran = await apply('user: eve, ip: 203.0.113.7/32, gateway: 198.51.100.1')
    const seed = ran.plan.steps.find(({ kind }) => kind === 'seed')
    expect(seed?.why).toMatch(/^its gateway 198\.51\.100\.1 is outside its prefix: web-seed-/)
  })
})

describe('the CD of a machine that is removed', () => {
  it('stays where the token may not remove files, and the command that removes it is shown', async () => {
    const credentials = await leastToken()
    const ran = await lab.runner({ credentials }).destroy(state('userData: "#cloud-config\\n"'))
    expect(failures(ran)).toEqual([])
    const [left = ''] = await isoFiles()
    expect(left).toMatch(/^local:iso\/web-seed-[0-9a-f]{16}\.iso$/)
    const [warning = ''] = warnings(ran)
    expect(warning).toMatch(new RegExp(`^The CD ${left} is no longer used, but .* pvesm free ${left}$`))
  })
})

describe('the CD of a machine that is renamed', () => {
  it('is removed with the former name', async () => {
    const words = 'start: true, network: { bridge: vmbr0 }, cloudInit: { userData: "#cloud-config\\n" }'
    const named = (vms: string) => lab.runner().apply(labState(`vms: { web: { ${words} }, ${vms} }`))
    expect(failures(await named(`old: { ${words} }`))).toEqual([])
    expect(failures(await named(`new: { renamedFrom: old, ${words} }`))).toEqual([])
    const files = await isoFiles()
    expect(files.filter((file) => file.includes('/old-seed-'))).toEqual([])
    expect(files.filter((file) => file.includes('/new-seed-'))).toHaveLength(1)
    const runner = lab.runner()
    const seeds = await listSeeds(await runner.observe(labState(`vms: { web: { ${words} } }`)), runner.world.pve)
    // The first one is the ISO that the previous run could not remove.
    expect(seeds.map(({ usedBy }) => usedBy).toSorted()).toEqual(['new', 'web', undefined])
  })
})

/** A token with everything in docs/permissions.md, but without `Datastore.Allocate`. */
async function leastToken() {
  const vm = ['Allocate', 'Audit', 'Clone', 'PowerMgmt', 'Config.Disk', 'Config.CPU', 'Config.Memory', 'Config.Network']
  const more = ['Config.HWType', 'Config.Options', 'Config.Cloudinit', 'Config.CDROM']
  const datastore = ['AllocateSpace', 'AllocateTemplate', 'Audit'].map((name) => `Datastore.${name}`)
  const privs = [...[...vm, ...more].map((name) => `VM.${name}`), ...datastore, 'Sys.Audit', 'Pool.Audit'].join(',')
  await lab.call('POST', '/access/roles', { roleid: 'Least', privs })
  const { value } = await lab.call<{ value: string }>('POST', '/access/users/root@pam/token/least', { privsep: 1 })
  await lab.call('PUT', '/access/acl', { path: '/', roles: 'Least', tokens: 'root@pam!least' })
  return { tokenId: 'root@pam!least', tokenSecret: value }
}
