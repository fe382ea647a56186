// What counts as a difference in the replay, and what does not.
import { expect, test } from 'vitest'
import { type Answer, compareAnswers } from './compare.ts'

const CONFIG = 'GET /nodes/{node}/qemu/{vmid}/config'

const answer = (data: unknown, rest: Partial<Answer> = {}): Answer => ({
  status: 200,
  reason: 'OK',
  contentType: 'application/json;charset=UTF-8',
  server: 'pve-api-daemon/3.0',
  connection: 'Keep-Alive',
  body: { data },
  ...rest,
})

const differences = (recorded: unknown, simulated: unknown, route = CONFIG) =>
  compareAnswers(route, answer(recorded), answer(simulated)).map(({ field }) => field)

test('equal answers do not differ', () => {
  expect(differences({ memory: '64' }, { memory: '64' })).toEqual([])
})

test('a value, a type, a missing and a surplus field are differences each', () => {
  expect(differences({ a: 1, b: '2', c: 3 }, { a: 2, b: 2, d: 4 })).toEqual([
    'data › a',
    'data › b',
    'data › c',
    'data › d',
  ])
})

test('status and reason are compared', () => {
  const refused = answer(null, { status: 500, reason: "storage 'a' does not exist" })
  expect(compareAnswers(CONFIG, refused, answer(null)).map(({ field }) => field)).toEqual(['status', 'reason'])
})

test('a time may differ in value, but not in type', () => {
  expect(differences({ ctime: 1 }, { ctime: 2 })).toEqual([])
  expect(differences({ ctime: 1 }, { ctime: '2' })).toEqual(['data › ctime'])
})

test('random parts of texts may differ, other parts may not', () => {
  const net = (mac: string, bridge: string) => ({ net0: `virtio=${mac},bridge=${bridge}` })
  expect(differences(net('BC:24:11:00:00:01', 'vmbr0'), net('BC:24:11:00:00:02', 'vmbr0'))).toEqual([])
  expect(differences(net('BC:24:11:00:00:01', 'vmbr0'), net('BC:24:11:00:00:01', 'vmbr1'))).toEqual(['data › net0'])
  expect(differences(net('BC:24:11:00:00:01', 'vmbr0'), net('02:00:00:00:00:01', 'vmbr0'))).toEqual(['data › net0'])
})

test('lists of objects have no order, lists of tasks have one', () => {
  expect(differences([{ vmid: 1 }, { vmid: 2 }], [{ vmid: 2 }, { vmid: 1 }])).toEqual([])
  expect(differences([{ vmid: 1 }], [{ vmid: 2 }])).toEqual(['data › 1', 'data › 2'])
  const task = (type: string) => ({ type, upid: `UPID:pve:00000001:00000001:00000001:${type}::root@pam:` })
  expect(differences([task('a'), task('b')], [task('b'), task('a')]).length).toBeGreaterThan(0)
})

test('the progress of a copy is compared as one log line, whatever its steps', () => {
  const log = (...lines: string[]) => lines.map((t, index) => ({ n: index + 1, t }))
  const recorded = log('transferred 0.0 B of 64.0 MiB (0.00%)', 'transferred 64.0 MiB of 64.0 MiB (100.00%)', 'TASK OK')
  const simulated = log('transferred 0.0 B of 64.0 MiB (0.00%)', 'TASK OK')
  expect(differences(recorded, simulated)).toEqual([])
  expect(differences(recorded, log('transferred 0.0 B of 32.0 MiB (0.00%)', 'TASK OK'))).toEqual(['data › line 1'])
  expect(differences(recorded, log('TASK OK'))).toEqual(['data › line 1', 'data › line 2'])
})
