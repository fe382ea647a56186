import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { newJob, runAction, startAction } from './support/runner.ts'

// The runner sends SIGINT, after 7.5 s SIGTERM, and kills the process after 2.5 s more. In these tests, requests are
// held and never released, so a run that waits for them does not end.

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1'] })
})
afterAll(() => around.close())

describe('a run that is cancelled', () => {
  it('stops within the grace period, says so in its summary, saves its facts, and the next run finishes it', async () => {
    const { simulator, vendor, cacheService } = around
    const text = manifest(vendor, { project: 'cancelled', count: 3 })
    const clones = [1, 2, 3].map(() => simulator.requests.hold({ method: 'POST', path: '/nodes/*/qemu/*/clone' }))
    const job = newJob()
    writeManifest(job, text)
    const started = startAction(callOf(around, job))
    await Promise.race(clones.map(({ arrived }) => arrived))
    started.process.kill('SIGINT')
    const outcome = await started.ended
    expect(outcome.exitCode).toBe(1)
    expect(outcome.summary).toContain('cancelled')
    expect(outcome.everything).not.toContain(simulator.tokenSecret)
    // The save has 1.5 s before the runner kills the process. On a machine that is too busy, the run reports that.
    const { entries } = await cacheService.state()
    const missed = outcome.commands.filter(({ text }) => text.includes('could not be written'))
    expect(entries.length + missed.length).toBe(1)

    for (const clone of clones) clone.release()
    const next = newJob()
    writeManifest(next, text)
    const finished = await runAction(callOf(around, next))
    expect(finished.exitCode).toBe(0)
    expect(JSON.parse(finished.outputs.vms ?? '[]')).toHaveLength(3)
  })

  it('while Proxmox does not answer ends just as fast', async () => {
    const { simulator, vendor } = around
    const listing = simulator.requests.hold({ method: 'GET', path: '/cluster/resources' })
    const job = newJob()
    writeManifest(job, manifest(vendor, { project: 'silent' }))
    const started = startAction(callOf(around, job, { inputs: { cache: 'false' } }))
    await listing.arrived
    started.process.kill('SIGINT')
    const outcome = await started.ended
    listing.release()
    expect(outcome.exitCode).toBe(1)
    expect(outcome.summary).toContain('`CANCELLED`')
  })

  it('writes its last output at once on SIGTERM, at the end of the grace period', async () => {
    const { cacheService, simulator, vendor } = around
    await cacheService.fault('slow')
    const job = newJob()
    writeManifest(job, manifest(vendor, { project: 'hurried' }))
    const listing = simulator.requests.hold({ method: 'GET', path: '/cluster/resources' })
    const started = startAction(callOf(around, job))
    await listing.arrived
    started.process.kill('SIGINT')
    started.process.kill('SIGTERM')
    const outcome = await started.ended
    listing.release()
    // A cache that does not answer is not used to save.
    expect((await cacheService.state()).calls).not.toContain('POST CreateCacheEntry')
    expect(outcome.exitCode).toBe(1)
    expect(outcome.summary).toContain('CANCELLED')
    await cacheService.fault('none')
  })
})
