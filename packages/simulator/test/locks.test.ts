// Lock files and worker processes, in virtual time.
import { describe, expect, test } from 'vitest'
import { virtualClock } from '../src/clock.ts'
import { createLocks, createWorkers } from '../src/locks.ts'

const path = '/var/lock/qemu-server/lock-100.conf'

describe('a lock', () => {
  test('admits one holder after the other, first come first served', async () => {
    const clock = virtualClock(0)
    const locks = createLocks(clock)
    const order: string[] = []
    const hold = (name: string, ms: number) =>
      locks.hold({ path, timeoutMs: 60_000 }, async () => {
        await clock.sleep(ms)
        order.push(`${name} at ${clock.now()}`)
      })
    await Promise.all([hold('a', 10), hold('b', 5), hold('c', 1)])
    expect(order).toEqual(['a at 10', 'b at 15', 'c at 16'])
  })

  test('times out with the message of Proxmox, and is then free for the next', async () => {
    const clock = virtualClock(0)
    const locks = createLocks(clock)
    const first = locks.hold({ path, timeoutMs: 0 }, () => clock.sleep(30_000))
    await expect(locks.hold({ path, timeoutMs: 10_000 }, () => undefined)).rejects.toThrow(
      `can't lock file '${path}' - got timeout`,
    )
    expect(clock.now()).toBe(10_000)
    await first
    expect(locks.isHeld(path)).toBe(false)
    await locks.hold({ path, timeoutMs: 0 }, () => undefined)
  })

  test('is shared by shared holders, and an exclusive holder locks them out', async () => {
    const clock = virtualClock(0)
    const locks = createLocks(clock)
    const shared = () => locks.hold({ path, timeoutMs: 1_000, shared: true }, () => clock.sleep(100))
    await Promise.all([shared(), shared(), shared()])
    expect(clock.now()).toBe(100)
    const exclusive = locks.hold({ path, timeoutMs: 0 }, () => clock.sleep(2_000))
    await expect(shared()).rejects.toThrow('got timeout')
    await exclusive
  })

  test('says that it waits, and that it was obtained', async () => {
    const clock = virtualClock(0)
    const locks = createLocks(clock)
    const said: string[] = []
    const first = locks.hold({ path, timeoutMs: 0 }, () => clock.sleep(50))
    await locks.hold({ path, timeoutMs: 100, onWait: (state) => said.push(state) }, () => undefined)
    await first
    expect(said).toEqual(['waiting', 'obtained'])
  })

  test('is released when its holder fails', async () => {
    const locks = createLocks(virtualClock(0))
    await expect(locks.hold({ path, timeoutMs: 0 }, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(locks.isHeld(path)).toBe(false)
  })

  test('of one node does not lock another node', async () => {
    const clock = virtualClock(0)
    const locks = createLocks(clock)
    const first = locks.hold({ path, key: 'a', timeoutMs: 0 }, () => clock.sleep(50))
    await locks.hold({ path, key: 'b', timeoutMs: 0 }, () => undefined)
    await first
  })
})

test('three workers serve nine calls of three seconds in nine', async () => {
  const clock = virtualClock(0)
  const workers = createWorkers(3)
  let most = 0
  let busy = 0
  await Promise.all(
    Array.from({ length: 9 }, () =>
      workers.run(async () => {
        busy += 1
        most = Math.max(most, busy)
        await clock.sleep(3_000)
        busy -= 1
      }),
    ),
  )
  expect(most).toBe(3)
  expect(clock.now()).toBe(9_000)
})
