import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callOf, filesWith, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionRun, newJob, runAction } from './support/runner.ts'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings()
})
afterAll(() => around.close())

const vmsOf = ({ outputs }: ActionRun) =>
  JSON.parse(outputs.vms ?? '[]') as { name: string; status: string; vmid: number }[]

describe('the action, from one job to the next', () => {
  it('plans, creates the machines, then has nothing to do with the facts of the first job, then removes them', async () => {
    const { simulator, cacheService, vendor, cacheDirectory } = around
    const text = manifest(vendor)

    const planJob = newJob()
    writeManifest(planJob, text)
    const planned = await runAction(callOf(around, planJob, { inputs: { mode: 'plan', cache: 'false' } }))
    expect(planned.stderr).toBe('')
    expect(planned.exitCode).toBe(0)
    expect(planned.outputs.changed).toBe('true')
    expect(JSON.parse(planned.outputs.plan ?? '').steps.map(({ id }: { id: string }) => id)).toContain('create:web-1')
    expect(planned.summary).toContain('What would be done, and why')
    expect(simulator.requests.counts()).not.toHaveProperty('POST')

    const first = newJob()
    writeManifest(first, text)
    const made = await runAction(callOf(around, first))
    expect(made.log).toContain('create:web-1')
    expect(made.exitCode).toBe(0)
    expect(made.outputs.changed).toBe('true')
    expect(made.outputs['facts-cache-hit']).toBe('false')
    expect(vmsOf(made).map(({ name, status }) => `${name} ${status}`)).toEqual(['web-1 created', 'web-2 created'])
    expect(JSON.parse(readFileSync(made.outputs.report ?? '', 'utf8'))).toMatchObject({ ok: true, changed: true })
    expect(made.summary).toContain('| `web-1` |')
    expect((await cacheService.state()).entries).toHaveLength(1)

    const second = newJob()
    writeManifest(second, text)
    const before = simulator.requests.total
    vendor.requests()
    const kept = await runAction(callOf(around, second))
    expect(kept.exitCode).toBe(0)
    // The checksum document came from the cache too. The vendor only confirms that it is unchanged.
    expect(vendor.requests().filter((line) => line.includes('SHA256SUMS'))).toEqual(['GET /SHA256SUMS 304'])
    expect(kept.outputs.changed).toBe('false')
    expect(kept.outputs['facts-cache-hit']).toBe('true')
    expect(kept.summary).toContain('Nothing to do')
    expect(kept.summary).toContain('came from the cache, which saved 4 requests')
    // One listing, and one config for each guest of the project: two machines and their template.
    expect(simulator.requests.total - before).toBeLessThanOrEqual(5)
    // There are no new facts, so nothing is saved.
    expect((await cacheService.state()).entries).toHaveLength(1)

    const last = newJob()
    writeManifest(last, text)
    const gone = await runAction(callOf(around, last, { inputs: { mode: 'destroy' } }))
    expect(gone.exitCode).toBe(0)
    expect(vmsOf(gone).map(({ status }) => status)).not.toContain('kept')

    for (const run of [planned, made, kept, gone]) expect(run.everything).not.toContain(simulator.tokenSecret)
    const folders = [planJob, first, second, last].map(({ directory }) => directory)
    expect(filesWith(simulator.tokenSecret, ...folders, cacheDirectory)).toEqual([])
    expect(existsSync(made.outputs.summary ?? '')).toBe(true)
  })
})
