// Full storages: the tasks' errors, word for word as on a real server of 9.2, and that nothing is left behind.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { type Client, clientOf, ended, upload } from '../support/client.ts'
import { tinyImage } from '../support/images.ts'

const MIB = 1024 ** 2

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({
    nodes: ['pve'],
    storages: [
      { id: 'local' },
      { id: 'tight', sizeBytes: 64 * 1024 },
      { id: 'thick', type: 'lvm', sizeBytes: 3 * MIB },
    ],
  })
  api = clientOf(simulator)
  const image = await tinyImage('what it holds'.repeat(20_000))
  await ended(api, await upload(simulator, { node: 'pve', content: 'import', name: 'x.qcow2', bytes: image }))
})
afterAll(() => simulator.close())

const make = async (vmid: number, scsi0: string) => ended(api, await api('POST', '/nodes/pve/qemu', { vmid, scsi0 }))
const contentOf = async (storage: string) => (await api('GET', `/nodes/pve/storage/${storage}/content`)).data

test('an import names qemu-img’s exit code; only the log says why', async () => {
  const { exitStatus, log } = await make(100, 'tight:0,import-from=local:import/x.qcow2')
  expect(exitStatus).toMatch(
    /^unable to create VM 100 - cannot import from 'local:import\/x\.qcow2' - copy failed: command '.*' failed: exit code 1$/,
  )
  expect(log.join('\n')).toContain('No space left on device')
  expect(await contentOf('tight')).toEqual([])
  expect(simulator.world.machines.find(100)).toBeUndefined()
})

test('a full clone fails in the same way', async () => {
  await make(101, 'local:0,import-from=local:import/x.qcow2')
  const clone = { newid: 102, full: 1, storage: 'tight' }
  const { exitStatus } = await ended(api, await api('POST', '/nodes/pve/qemu/101/clone', clone))
  expect(exitStatus).toMatch(/^clone failed: copy failed: command '.*' failed: exit code 1$/)
  expect(await contentOf('tight')).toEqual([])
})

test('an upload fails at cp, and its file is removed', async () => {
  const bytes = await tinyImage('more than fits'.repeat(20_000))
  const sent = await upload(simulator, { node: 'pve', storage: 'tight', content: 'import', name: 'y.qcow2', bytes })
  expect((await ended(api, sent)).exitStatus).toBe(
    "import failed: cp: error writing '/srv/tight/import/y.qcow2': No space left on device",
  )
  expect(await contentOf('tight')).toEqual([])
})

test('thick LVM allocates the whole size of a disk at once, and counts it as used', async () => {
  expect((await make(103, 'thick:0.002')).exitStatus).toBe('OK')
  expect((await make(104, 'thick:0.002')).exitStatus).toMatch(
    /^unable to create VM 104 - not enough free space \(\d+ < 2098\)$/,
  )
  const { data } = await api('GET', '/nodes/pve/storage/thick/status')
  expect(data).toMatchObject({ total: 3 * MIB, avail: 3 * MIB - 2098 * 1024 })
})
