import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { newJob, runAction, startAction } from './support/runner.ts'

/** The runner: SIGINT, after 7.5 s SIGTERM, after 2.5 s more the end. */
const GRACE_MS = 7_500

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1'] })
})
afterAll(() => around.close())

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20)
}

describe('a run that is cancelled', () => {
  it('stops within the grace, says so in its summary, saves what it learnt, and the next run finishes it', async () => {
    const { simulator, vendor, cacheService } = around
    const text = manifest(vendor, { project: 'cancelled', count: 3 })
    simulator.faults.add({ action: 'delay', method: 'POST', path: '/nodes/*/qemu/*/clone', count: 3, delayMs: 60_000 })
    const job = newJob()
    writeManifest(job, text)
    const started = startAction(callOf(around, job))
    await started.said('▸ create:web-1')
    const cancelledAtMs = performance.now()
    started.process.kill('SIGINT')
    const outcome = await started.ended
    expect(performance.now() - cancelledAtMs).toBeLessThan(GRACE_MS)
    expect(outcome.exitCode).toBe(1)
    expect(outcome.summary).toContain('cancelled')
    expect(outcome.everything).not.toContain(simulator.tokenSecret)
    expect((await cacheService.state()).entries).toHaveLength(1)

    simulator.faults.clear()
    const next = newJob()
    writeManifest(next, text)
    const finished = await runAction(callOf(around, next))
    expect(finished.exitCode).toBe(0)
    expect(JSON.parse(finished.outputs.vms ?? '[]')).toHaveLength(3)
  })

  it('while Proxmox does not answer at all ends as fast', async () => {
    const { simulator, vendor } = around
    simulator.faults.add({ action: 'delay', method: 'GET', path: '/cluster/resources', count: 1, delayMs: 60_000 })
    const job = newJob()
    writeManifest(job, manifest(vendor, { project: 'silent' }))
    const before = simulator.requests.total
    const started = startAction(callOf(around, job, { inputs: { cache: 'false' } }))
    await until(() => simulator.requests.total > before)
    const cancelledAtMs = performance.now()
    started.process.kill('SIGINT')
    const outcome = await started.ended
    expect(performance.now() - cancelledAtMs).toBeLessThan(GRACE_MS)
    expect(outcome.exitCode).toBe(1)
    expect(outcome.summary).toContain('`CANCELLED`')
  })

  it('writes its last words at once when SIGTERM says that the grace is over', async () => {
    const { cacheService, simulator, vendor } = around
    simulator.faults.clear()
    await cacheService.fault('slow')
    const job = newJob()
    writeManifest(job, manifest(vendor, { project: 'hurried' }))
    simulator.faults.add({ action: 'delay', method: 'GET', path: '/cluster/resources', count: 1, delayMs: 60_000 })
    const before = simulator.requests.total
    const started = startAction(callOf(around, job))
    await until(() => simulator.requests.total > before)
    const cancelledAtMs = performance.now()
    started.process.kill('SIGINT')
    started.process.kill('SIGTERM')
    const outcome = await started.ended
    expect(performance.now() - cancelledAtMs).toBeLessThan(2_500)
    expect(outcome.exitCode).toBe(1)
    expect(outcome.summary).toContain('CANCELLED')
    await cacheService.fault('none')
  })
})
