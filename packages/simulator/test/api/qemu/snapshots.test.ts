// Snapshots of machines whose disks change between them (pve-guest-common `AbstractConfig.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

const machine = '/nodes/pve/qemu/100'

async function make(): Promise<{ api: Client; close: () => Promise<void> }> {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, memory: 64, scsi0: 'local:1,format=qcow2' }))
  await ended(api, await api('POST', `${machine}/snapshot`, { snapname: 'one', description: '' }))
  return { api, close: () => simulator.close() }
}

const configOf = async (api: Client): Promise<Record<string, unknown>> =>
  (await api('GET', `${machine}/config`)).data as Record<string, unknown>

test('a rollback restores the disks of the snapshot, and keeps newer ones as unused', async () => {
  const { api, close } = await make()
  const before = await configOf(api)
  await api('PUT', `${machine}/config`, { memory: 96, description: 'now', scsi1: 'local:1,format=qcow2' })
  const rolledBack = await ended(api, await api('POST', `${machine}/snapshot/one/rollback`))
  const after = await configOf(api)
  await close()
  expect(rolledBack.exitStatus).toBe('OK')
  expect(after).toMatchObject({
    memory: '64',
    parent: 'one',
    description: 'now',
    unused0: 'local:100/vm-100-disk-1.qcow2',
  })
  expect(after).not.toHaveProperty('scsi1')
  expect(after.vmgenid, 'the guest can tell that it went back').not.toBe(before.vmgenid)
})

test('a rollback restores a detached disk', async () => {
  const { api, close } = await make()
  await api('PUT', `${machine}/config`, { delete: 'scsi0' })
  const detached = await configOf(api)
  await ended(api, await api('POST', `${machine}/snapshot/one/rollback`))
  const after = await configOf(api)
  await close()
  expect(detached.unused0).toBe('local:100/vm-100-disk-0.qcow2')
  expect(after.scsi0).toBe('local:100/vm-100-disk-0.qcow2,size=1G')
  expect(after).not.toHaveProperty('unused0')
})

test('a snapshot goes with the disks that it has, not those of today', async () => {
  const { api, close } = await make()
  await api('PUT', `${machine}/config`, { delete: 'scsi0', scsi1: 'local:1,format=qcow2' })
  const deleted = await ended(api, await api('DELETE', `${machine}/snapshot/one`))
  const after = await configOf(api)
  await close()
  expect(deleted.exitStatus).toBe('OK')
  expect(after).toMatchObject({ unused0: 'local:100/vm-100-disk-0.qcow2' })
  expect(after).not.toHaveProperty('parent')
})

test('an empty description is none', async () => {
  const { api, close } = await make()
  const shown = (await api('GET', `${machine}/snapshot/one/config`)).data
  await api('PUT', `${machine}/snapshot/one/config`, { description: 'x' })
  const described = (await api('GET', `${machine}/snapshot/one/config`)).data
  await api('PUT', `${machine}/snapshot/one/config`, { description: '' })
  const cleared = (await api('GET', `${machine}/config`, { snapshot: 'one' })).data
  await close()
  expect(shown).not.toHaveProperty('description')
  expect(described).toMatchObject({ description: 'x' })
  expect(cleared).not.toHaveProperty('description')
})

test('a snapshot with the memory of a running machine starts it again from there', async () => {
  const { api, close } = await make()
  await ended(api, await api('POST', `${machine}/status/start`))
  const taken = await ended(api, await api('POST', `${machine}/snapshot`, { snapname: 'live', vmstate: 1 }))
  const shown = (await api('GET', `${machine}/snapshot/live/config`)).data
  const listed = (await api('GET', `${machine}/snapshot`)).data
  await ended(api, await api('POST', `${machine}/status/stop`))
  const back = await ended(api, await api('POST', `${machine}/snapshot/live/rollback`))
  const status = (await api('GET', `${machine}/status/current`)).data
  const after = await configOf(api)
  const volumes = async (): Promise<number> =>
    ((await api('GET', '/nodes/pve/storage/local/content', { vmid: 100 })).data as unknown[]).length
  const before = await volumes()
  const deleted = await ended(api, await api('DELETE', `${machine}/snapshot/live`))
  const left = await volumes()
  await close()
  expect(taken.exitStatus).toBe('OK')
  expect(taken.log).toContain("saving VM state and RAM using storage 'local'")
  expect(shown).toMatchObject({ vmstate: 'local:100/vm-100-state-live.raw', runningcpu: expect.any(String) })
  expect(listed).toContainEqual(expect.objectContaining({ name: 'live', vmstate: 1 }))
  expect(back.log).toContain("activating and using 'local:100/vm-100-state-live.raw' as vmstate")
  expect(status).toMatchObject({ status: 'running' })
  expect(after).toMatchObject({ parent: 'live' })
  expect(after).not.toHaveProperty('vmstate')
  expect(after).not.toHaveProperty('runningmachine')
  expect(deleted.exitStatus).toBe('OK')
  expect([before, left]).toEqual([2, 1])
})

test('the memory of a stopped machine is not saved, and a snapshot without it does not start it', async () => {
  const { api, close } = await make()
  await ended(api, await api('POST', `${machine}/snapshot`, { snapname: 'cold', vmstate: 1 }))
  await ended(api, await api('POST', `${machine}/status/start`))
  await ended(api, await api('POST', `${machine}/snapshot/cold/rollback`))
  const listed = (await api('GET', `${machine}/snapshot`)).data
  const status = (await api('GET', `${machine}/status/current`)).data
  await close()
  expect(listed).toContainEqual(expect.objectContaining({ name: 'cold', vmstate: 0 }))
  expect(status).toMatchObject({ status: 'stopped' })
})
