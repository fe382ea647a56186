// Injected faults: the effect of each on a client, and which requests they match.
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFaults } from '../../src/faults/faults.ts'
import { checkFaultRule, createSimulator, type FaultRule, parseFault, type Simulator } from '../../src/index.ts'
import { type Client, clientOf, ended } from '../support/client.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator()
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

const create = (vmid: number) => api('POST', '/nodes/pve/qemu', { vmid })
const once = (rule: FaultRule) => simulator.faults.add({ path: '/nodes/*/qemu', method: 'POST', count: 1, ...rule })

describe('a request that meets', () => {
  test('fail is not carried out, and the answer says why', async () => {
    once({ action: 'fail', status: 500, reason: 'unable to create VM 100 - disk full' })
    expect(await create(100)).toMatchObject({ status: 500, reason: 'unable to create VM 100 - disk full' })
    expect(simulator.world.machines.find(100)).toBeUndefined()
    expect((await create(100)).status).toBe(200)
  })

  test('delay is answered with a delay', async () => {
    once({ action: 'delay', delayMs: 80 })
    const before = performance.now()
    expect((await create(101)).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThanOrEqual(79)
  })

  test('drop-before loses its connection before anything is done', async () => {
    once({ action: 'drop-before' })
    await expect(create(102)).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(simulator.world.machines.find(102)).toBeUndefined()
  })

  test('drop-after loses its answer after everything is done', async () => {
    once({ action: 'drop-after' })
    await expect(create(103)).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(simulator.world.machines.find(103)).toBeDefined()
  })

  test('truncate gets half an answer', async () => {
    once({ action: 'truncate' })
    await expect(create(104)).rejects.toThrow(/aborted|ECONNRESET/)
    expect(simulator.world.machines.find(104)).toBeDefined()
  })

  test('no-worker gets no task, whatever the call has already done', async () => {
    once({ action: 'no-worker' })
    expect((await create(105)).reason).toBe('got no worker upid - start worker failed')
    expect(simulator.world.machines.find(105)?.config.values.get('lock')).toBe('create')
  })

  test('fail-task gets a task that fails with the given message, and cleans up', async () => {
    once({ action: 'fail-task', reason: 'no space left on device' })
    const done = await ended(api, await create(107))
    expect(done.exitStatus).toBe('unable to create VM 107 - no space left on device')
    expect(simulator.world.machines.find(107)).toBeUndefined()
  })

  test('warn-task gets a task that does its work and ends with a warning', async () => {
    once({ action: 'warn-task', reason: 'no efidisk configured! Using temporary efivars disk.' })
    const done = await ended(api, await create(108))
    expect(done.exitStatus).toBe('WARNINGS: 1')
    expect(done.log).toContain('WARN: no efidisk configured! Using temporary efivars disk.')
    expect(simulator.world.machines.find(108)).toBeDefined()
  })

  test('hang-task gets a task that runs until it is stopped, and then cleans up', async () => {
    once({ action: 'hang-task' })
    const upid = String((await create(109)).data)
    const status = async () => (await api('GET', `/nodes/pve/tasks/${upid}/status`)).data
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await status()).toMatchObject({ status: 'running' })
    await api('DELETE', `/nodes/pve/tasks/${upid}`)
    expect(await status()).toMatchObject({
      status: 'stopped',
      exitstatus: 'unable to create VM 109 - received interrupt',
    })
    expect(simulator.world.machines.find(109)).toBeUndefined()
  })

  test('none of them is handled normally', async () => {
    expect((await ended(api, await create(106))).exitStatus).toBe('OK')
  })
})

describe('a rule', () => {
  const meets = (rule: FaultRule, ...requests: (readonly [string, string])[]) => {
    const faults = createFaults({ rules: [rule] })
    return requests.map(([method, path]) => faults.take(method, path) !== undefined)
  }
  const version = ['GET', '/version'] as const

  test('matches the methods and paths it names: one star is a segment, two are any number', () => {
    const paths = ['/nodes/a/qemu', '/nodes/a/qemu/100/config', '/nodes/a/lxc'].map((path) => ['GET', path] as const)
    expect(meets({ action: 'fail', path: '/nodes/*/qemu' }, ...paths)).toEqual([true, false, false])
    expect(meets({ action: 'fail', path: '/nodes/*/qemu/**' }, ...paths)).toEqual([false, true, false])
    expect(meets({ action: 'fail', method: 'POST' }, ...paths)).toEqual([false, false, false])
  })

  test('skips the first requests, and stops after its count', () => {
    expect(meets({ action: 'fail', after: 1, count: 2 }, version, version, version, version)).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('with a probability matches the same requests for the same seed, and about that share', () => {
    const run = (seed: number) => {
      const faults = createFaults({ seed, rules: [{ action: 'fail', probability: 0.3 }] })
      return Array.from({ length: 1_000 }, () => faults.take('GET', '/version') !== undefined)
    }
    expect(run(7)).toEqual(run(7))
    expect(run(7)).not.toEqual(run(8))
    const share = run(7).filter(Boolean).length / 1_000
    expect(share).toBeGreaterThan(0.25)
    expect(share).toBeLessThan(0.35)
  })

  test('is read from the command line', () => {
    expect(parseFault('fail:POST:/nodes/*/qemu:count=1,status=503,reason=no, not now')).toEqual({
      action: 'fail',
      method: 'POST',
      path: '/nodes/*/qemu',
      count: 1,
      status: 503,
      reason: 'no, not now',
    })
    expect(parseFault('delay:::delayMs=5')).toEqual({ action: 'delay', delayMs: 5 })
    expect(parseFault('drop-after:*:**')).toEqual({ action: 'drop-after' })
  })

  test.each([
    [
      'explode:GET:/version',
      "'explode' is not a fault: fail, delay, drop-before, drop-after, truncate, no-worker, fail-task",
    ],
    ['fail:GET:/version:cuont=1', "a fault has no 'cuont'"],
    ['fail:GET:/version:count=one', "'one' is not a number for count"],
  ])('is refused when it is invalid: %s', (text, sentence) => {
    expect(() => parseFault(text)).toThrow(sentence)
  })

  test('is parsed from JSON just as strictly', () => {
    expect(checkFaultRule({ action: 'fail', count: 2 })).toEqual({ action: 'fail', count: 2 })
    expect(() => checkFaultRule([])).toThrow('a fault has an action')
    expect(() => checkFaultRule('fail')).toThrow('a fault is a JSON object')
  })
})

test('a port that is in use is an error at once', async () => {
  const other = createServer()
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
  const { port } = other.address() as { port: number }
  await expect(createSimulator({ port })).rejects.toThrow('EADDRINUSE')
  other.close()
})
