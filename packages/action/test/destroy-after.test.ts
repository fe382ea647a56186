import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionRun, type Job, newJob, runAction, startAction } from './support/runner.ts'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1'] })
})
beforeEach(() => around.simulator.faults.clear())
afterAll(() => around.close())

const INPUTS = { cache: 'false', 'destroy-after': 'true' }

function jobWith(text: string): Job {
  const job = newJob()
  writeManifest(job, text)
  return job
}

const call = (job: Job, inputs = INPUTS) => callOf(around, job, { inputs })
/** Runs the post step with the state of the step, as the runner does. */
const after = (job: Job, { state }: ActionRun, inputs = INPUTS) => runAction({ ...call(job, inputs), state })

async function machinesOf(text: string): Promise<readonly string[]> {
  const job = jobWith(text)
  const planned = await runAction(callOf(around, job, { inputs: { cache: 'false', mode: 'plan', destroy: 'all' } }))
  const { machines } = JSON.parse(planned.outputs.plan ?? '') as { machines: { name: string }[] }
  return machines.map(({ name }) => name)
}

describe('destroy-after', () => {
  it('removes the machines of the job, and keeps others', async () => {
    const text = manifest(around.vendor, { project: 'after', count: 1 })
    await runAction(callOf(around, jobWith(text), { inputs: { cache: 'false' } }))
    const more = `${text}  job: { image: debian }\n`
    const job = jobWith(more)
    const made = await runAction(call(job))
    expect(made.exitCode).toBe(0)
    expect((await machinesOf(more)).toSorted()).toEqual(['job', 'web-1'])
    const removed = await after(job, made)
    expect(removed.log).toContain('Removing the machines that this job created: job.')
    expect(removed.exitCode).toBe(0)
    expect(removed.summary).toContain('destroyed')
    expect(await machinesOf(more)).toEqual(['web-1'])
    expect(removed.everything).not.toContain(around.simulator.tokenSecret)
  })

  it('removes what a cancelled step had started', async () => {
    const text = manifest(around.vendor, { project: 'cut', count: 3 })
    const job = jobWith(text)
    const clones = [1, 2, 3].map(() =>
      around.simulator.requests.hold({ method: 'POST', path: '/nodes/*/qemu/*/clone' }),
    )
    const started = startAction(call(job))
    await Promise.race(clones.map(({ arrived }) => arrived))
    started.process.kill('SIGINT')
    const cancelled = await started.ended
    for (const clone of clones) clone.release()
    const removed = await after(job, cancelled)
    expect(removed.exitCode).toBe(0)
    expect(await machinesOf(text)).toEqual([])
  })

  it('removes also the templates of a project that is named after the run, once no other job has machines in it', async () => {
    const env = { GITHUB_RUN_ID: '4711' }
    const text = manifest(around.vendor, { project: 'ci-4711-1', count: 1 })
    const [first, second] = [jobWith(text), jobWith(`${text}  other: { image: debian }\n`)]
    const made = [await runAction({ ...call(first), env }), await runAction({ ...call(second), env })]
    expect(made.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    const end = async (job: Job, index: number) =>
      (await runAction({ ...call(job), env, state: made[index]?.state ?? {} })).summary
    expect(await end(first, 0)).not.toContain('template')
    expect(await end(second, 1)).toMatch(/template \d+ of ci-4711-1/)
    expect(await machinesOf(text)).toEqual([])
  })

  it('keeps the templates of any other project, which its next run clones from', async () => {
    const text = manifest(around.vendor, { project: 'ci-47110', count: 1 })
    const job = jobWith(text)
    const env = { GITHUB_RUN_ID: '4711' }
    const made = await runAction({ ...call(job), env })
    expect((await runAction({ ...call(job), env, state: made.state })).summary).not.toContain('template')
  })

  it('fails with a message where a machine cannot be removed', async () => {
    const text = manifest(around.vendor, { project: 'stuck', count: 1 })
    const job = jobWith(text)
    const made = await runAction(call(job))
    around.simulator.faults.add({
      action: 'fail',
      method: 'DELETE',
      path: '/nodes/*/qemu/*',
      count: 20,
      status: 500,
      reason: 'the disk is busy',
    })
    const outcome = await after(job, made)
    expect(outcome.exitCode).toBe(1)
    expect(
      outcome.commands
        .filter(({ name }) => name === 'error')
        .map(({ text }) => text)
        .join(),
    ).toContain('busy')
  })

  it('does nothing unless it is requested, and is refused in another mode', async () => {
    const text = manifest(around.vendor, { project: 'kept', count: 1 })
    const job = jobWith(text)
    const inputs = { ...INPUTS, 'destroy-after': 'false' }
    const made = await runAction(call(job, inputs))
    const before = around.simulator.requests.total
    expect((await after(job, made, inputs)).exitCode).toBe(0)
    expect(around.simulator.requests.total).toBe(before)
    expect((await runAction(call(job, { ...INPUTS, mode: 'plan' } as typeof INPUTS))).exitCode).toBe(1)
  })
})
