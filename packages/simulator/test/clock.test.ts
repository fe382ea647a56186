// Virtual time: jumps to the next sleeper, in order, and never before the effects of an earlier one have run.
import { expect, test } from 'vitest'
import { realClock, virtualClock } from '../src/clock.ts'

test('hours pass at once, in the order in which they would have passed', async () => {
  const clock = virtualClock(1_000)
  const order: string[] = []
  const before = performance.now()
  await Promise.all([
    clock.sleep(3 * 3_600_000).then(() => order.push('three')),
    clock.sleep(3_600_000).then(async () => {
      order.push('one')
      await clock.sleep(3_600_000)
      order.push('one and one')
    }),
  ])
  expect(order).toEqual(['one', 'one and one', 'three'])
  expect(clock.now()).toBe(1_000 + 3 * 3_600_000)
  expect(performance.now() - before).toBeLessThan(3_600_000)
})

test('a sleeper that is woken early costs no time', async () => {
  const clock = virtualClock(0)
  const abort = new AbortController()
  const sleeping = clock.sleep(1_000_000, abort.signal)
  abort.abort()
  await sleeping
  await clock.sleep(5)
  expect(clock.now()).toBe(5)
})

test('real time can be aborted too', async () => {
  const clock = realClock()
  const abort = new AbortController()
  const sleeping = clock.sleep(1_000_000, abort.signal)
  abort.abort()
  await sleeping
  await clock.sleep(1_000_000, AbortSignal.abort())
  await clock.sleep(-5)
})

test('real work stops virtual time: no lock times out because a disk was slow', async () => {
  const clock = virtualClock(0)
  let isDone = false
  const copy = clock.during(async () => {
    await new Promise((resolve) => setTimeout(resolve, 40))
    isDone = true
  })
  await clock.sleep(10_000)
  expect(isDone).toBe(true)
  expect(clock.now()).toBe(10_000)
  await copy
  await expect(clock.during(() => Promise.reject(new Error('slow and broken')))).rejects.toThrow('slow and broken')
  await clock.sleep(1)
  expect(clock.now()).toBe(10_001)
})
