// Machines under HA: added, changed in place, removed, on Proxmox VE 8 and 9.
import { afterEach, describe, expect, it } from 'vitest'
import { createLab, failures, type Lab, labState, type Ran } from '../../support/machine-lab.ts'

let lab: Lab
afterEach(() => lab.close())

const apply = (ha: string, rest = ''): Promise<Ran> => lab.runner().apply(labState(`vms: { web: { ${ha}${rest} } }`))
const resources = () => lab.call<readonly Record<string, unknown>[]>('GET', '/cluster/ha/resources')
const rules = () => lab.call<readonly Record<string, unknown>[]>('GET', '/cluster/ha/rules')

const vmidOfWeb = async () => (await lab.guests()).find(({ name }) => name === 'web')?.vmid ?? 0

async function becomes(ha: string, resource: object, rule?: object): Promise<void> {
  expect(failures(await apply(ha))).toEqual([])
  expect(await resources()).toMatchObject([resource])
  if (lab.simulator.world.version !== '8.4') expect(await rules()).toMatchObject(rule === undefined ? [] : [rule])
  expect((await apply(ha)).summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
}

describe('HA on Proxmox VE 9', () => {
  it('is set, changed, given nodes, and removed', async () => {
    lab = await createLab({ latency: { statusMs: 0 } })
    await becomes('ha: true', { state: 'stopped' })
    const vmid = await vmidOfWeb()
    await becomes('ha: { maxRestart: 2, maxRelocate: 0 }', { max_restart: 2, max_relocate: 0 })
    const rule = { rule: `pve-provision-${vmid}`, resources: `vm:${vmid}`, nodes: 'pve1', strict: 1 }
    await becomes('ha: { nodes: [pve1], strict: true }', { max_restart: 2 }, rule)
    await becomes('ha: { nodes: [pve1, "pve2:3"] }', {}, { nodes: 'pve1,pve2:3', strict: 0 })
    await becomes('ha: { maxRestart: 1 }', { max_restart: 1 })
    await becomes('ha: { nodes: [pve2] }', {}, { nodes: 'pve2' })
    expect(failures(await apply('ha: false'))).toEqual([])
    expect(await resources()).toEqual([])
    expect(await rules()).toEqual([])
    expect((await apply('ha: false')).summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('starts a machine through the HA manager, which keeps it running; a destroy removes it from HA', async () => {
    lab = await createLab({ latency: { statusMs: 0, haMs: 20 } })
    expect(failures(await apply('ha: { nodes: [pve1] }', ', start: true'))).toEqual([])
    expect(await resources()).toMatchObject([{ state: 'started' }])
    const vmid = await vmidOfWeb()
    const status = () => lab.call<{ status: string }>('GET', `/nodes/pve1/qemu/${vmid}/status/current`)
    await expect.poll(async () => (await status()).status).toBe('running')
    const again = await apply('ha: { nodes: [pve1] }', ', start: true')
    expect(again.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
    const destroyed = await lab.runner().destroy(labState('vms: { web: {} }'))
    expect(failures(destroyed)).toEqual([])
    expect(await resources()).toEqual([])
    expect(await rules()).toEqual([])
  })
})

describe('HA on Proxmox VE 8', () => {
  it('is set with a group, changed to another, and removed', async () => {
    lab = await createLab({ version: '8.4', latency: { statusMs: 0 } })
    for (const group of ['near', 'far']) await lab.call('POST', '/cluster/ha/groups', { group, nodes: 'pve1' })
    await becomes('ha: { group: near }', { group: 'near' })
    await becomes('ha: { group: far, maxRestart: 0 }', { group: 'far', max_restart: 0 })
    expect(failures(await apply('ha: false'))).toEqual([])
    expect(await resources()).toEqual([])
  })
})
