// Effects of a busy server on its clients: locks, workers, timeouts. In virtual time, over the network.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSimulator, type PveVersion, type Simulator } from '../../src/index.ts'
import { clientOf, ended } from '../support/client.ts'

let simulator: Simulator

async function open(version: PveVersion = '8.4') {
  simulator = await createSimulator({ version, virtualTime: true, latency: 'server', guests: { agent: false } })
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 310, scsi0: 'local:0.01', agent: 1 }))
  return api
}
afterEach(() => simulator.close())

/** Holds a lock until it is released, as another process would. */
function holdLock(key: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  void simulator.world.locks.hold({ path: key, timeoutMs: 0 }, () => promise)
  return resolve
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const before = simulator.world.clock.now()
  await work()
  return Math.round((simulator.world.clock.now() - before) / 1000)
}
const timeout = (vmid: number) => `can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`

describe('a machine whose lock is held', () => {
  test('is not changed, and says so after 10 s: the call in version 8, the task in version 9', async () => {
    const eight = await open('8.4')
    const release = holdLock('pve:guest:310')
    expect(
      await seconds(async () => {
        expect(await eight('PUT', '/nodes/pve/qemu/310/config', { memory: 444 })).toMatchObject({
          status: 500,
          reason: timeout(310),
        })
      }),
    ).toBe(10)
    expect(await eight('POST', '/nodes/pve/qemu/310/config', { memory: 444 })).toMatchObject({
      status: 500,
      reason: timeout(310),
    })
    release()
    await simulator.close()

    const nine = await open('9.2')
    const releaseNine = holdLock('pve:guest:310')
    const changed = await nine('POST', '/nodes/pve/qemu/310/config', { memory: 444 })
    expect(await ended(nine, changed)).toEqual({
      exitStatus: timeout(310),
      log: ['trying to acquire lock...', `TASK ERROR: ${timeout(310)}`],
    })
    releaseNine()
  })

  test.each([
    ['started', 'POST', '/310/status/start', {}],
    ['grown', 'PUT', '/310/resize', { disk: 'scsi0', size: '+1M' }],
    ['deleted', 'DELETE', '/310', {}],
  ] as const)('is not %s, says its task', async (_, method, path, parameters) => {
    const api = await open()
    const release = holdLock('pve:guest:310')
    expect((await ended(api, await api(method, `/nodes/pve/qemu${path}`, parameters))).exitStatus).toBe(timeout(310))
    release()
  })

  test('is not cloned, says its task after 1 s', async () => {
    const api = await open()
    const release = holdLock('pve:guest:310')
    const took = await seconds(async () => {
      const cloned = await api('POST', '/nodes/pve/qemu/310/clone', { newid: 360, full: 1 })
      expect((await ended(api, cloned)).exitStatus).toBe(timeout(310))
    })
    expect(took).toBe(1)
    release()
  })

  test('is not created, says the call after 5 s', async () => {
    const api = await open()
    const release = holdLock('pve:guest:370')
    const took = await seconds(async () => {
      expect((await api('POST', '/nodes/pve/qemu', { vmid: 370 })).reason).toBe(
        `unable to create VM 370 - ${timeout(370)}`,
      )
    })
    expect(took).toBe(5)
    release()
  })
})

test('a storage creates one disk at a time; the other tasks wait, and say so in their logs', async () => {
  const api = await open()
  const release = holdLock('pve:storage:local')
  const created = await api('POST', '/nodes/pve/qemu', { vmid: 400, scsi0: 'local:0.01' })
  const log = async () => {
    const path = `/nodes/pve/tasks/${encodeURIComponent(String(created.data))}/log`
    return ((await api('GET', path)).data as { t: string }[]).map(({ t }) => t)
  }
  await expect.poll(log).toContain('trying to acquire lock...')
  release()
  const done = await ended(api, created)
  // The wait for the lock may already have timed out in virtual time. The log is the same in both cases.
  expect(done.log[0]).toBe('trying to acquire lock...')
})

test('the lock of a shared storage is tried every second, for ten seconds', async () => {
  simulator = await createSimulator({
    virtualTime: true,
    latency: 'server',
    nodes: ['pve', 'pve2'],
    storages: [{ id: 'nas', type: 'nfs' }],
  })
  const api = clientOf(simulator)
  const release = holdLock('storage-nas')
  const done = await ended(api, await api('POST', '/nodes/pve2/qemu', { vmid: 410, scsi0: 'nas:0.01' }))
  expect(done.log.filter((line) => line === "trying to acquire cfs lock 'storage-nas' ...")).toHaveLength(9)
  expect(done.exitStatus).toBe("unable to create VM 410 - cfs-lock 'storage-nas' error: got lock request timeout")
  release()
})

test('three workers of a node answer nine pings of a silent agent in nine seconds', async () => {
  const api = await open()
  await ended(api, await api('POST', '/nodes/pve/qemu/310/status/start'))
  const took = await seconds(() =>
    Promise.all(
      Array.from({ length: 9 }, async () =>
        expect((await api('POST', '/nodes/pve/qemu/310/agent/ping')).reason).toBe('QEMU guest agent is not running'),
      ),
    ),
  )
  expect(took).toBe(9)
})

test('eight machines created at once on one storage all succeed, in virtual time too', async () => {
  const api = await open()
  const made = await Promise.all(
    Array.from({ length: 8 }, async (_, index) =>
      ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 600 + index, scsi0: 'local:0.01,format=qcow2' })),
    ),
  )
  expect(made.map(({ exitStatus }) => exitStatus)).toEqual(Array.from({ length: 8 }, () => 'OK'))
})

test('a call that takes over 30 s is answered by the proxy, and continues', async () => {
  simulator = await createSimulator({ version: '8.4', latency: { proxyTimeoutMs: 40 } })
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 500 }))
  const release = holdLock('pve:guest:500')
  expect(await api('PUT', '/nodes/pve/qemu/500/config', { name: 'late' })).toMatchObject({
    status: 596,
    reason: 'Connection timed out',
    text: '',
  })
  release()
  await expect.poll(async () => (await api('GET', '/nodes/pve/qemu/500/config')).data).toMatchObject({ name: 'late' })
})

describe('a template that is removed', () => {
  const ids = [700, 701, 702]
  const remove = async (vmid: number) => {
    const api = clientOf(simulator)
    return ended(api, await api('DELETE', `/nodes/pve/qemu/${vmid}`))
  }
  beforeEach(async () => {
    simulator = await createSimulator({
      virtualTime: true,
      latency: { imageInfoMs: 2_000 },
      storages: [{ id: 'local' }],
    })
    const api = clientOf(simulator)
    for (const vmid of ids) {
      await ended(api, await api('POST', '/nodes/pve/qemu', { vmid, scsi0: 'local:0.01,format=qcow2' }))
      await ended(api, await api('POST', `/nodes/pve/qemu/${vmid}/template`))
    }
  })

  test('holds the storage’s lock while each of its images is inspected', async () => {
    expect(await seconds(() => remove(700))).toBe(6)
    expect(await seconds(() => remove(701))).toBe(4)
  })

  test('leaves its disk behind, with a warning, where that lock times out', async () => {
    const release = holdLock('pve:storage:local')
    const removed = await Promise.all(ids.map(remove))
    expect(removed.map(({ exitStatus }) => exitStatus)).toEqual(ids.map(() => 'WARNINGS: 1'))
    expect(removed[0]?.log).toContain(
      "WARN: Could not remove disk 'local:700/base-700-disk-0.qcow2', check manually: can't lock file '/var/lock/pve-manager/pve-storage-local' - got timeout",
    )
    release()
    const content = await clientOf(simulator)('GET', '/nodes/pve/storage/local/content', { content: 'images' })
    expect(content).toMatchObject({ reason: 'OK', data: { length: 3 } })
  })
})
