import { afterAll, beforeAll, expect, it } from 'vitest'
import { callOf, filesWith, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { newJob, runAction, startAction } from './support/runner.ts'

/** Contains characters that Markdown and JSON escape. */
const PASSWORD = 'correct_horse*"battery"&<1>'
const USER_DATA = 'first-secret-line\nsecond-secret-line'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1'] })
})
afterAll(() => around.close())

it('no log, output, summary, state, file or cache entry contains a secret: of a successful, a failed and an interrupted run', async () => {
  const { simulator, vendor, cacheDirectory } = around
  const machine = [
    'cloudInit:',
    '  user: ops',
    '  password: "${secret:VM_PASSWORD}"',
    '  vendorData: { text: "#!/bin/sh\\n# ${secret:NOTE}\\n", fill: true }',
  ]
  const text = manifest(vendor, { count: 1, machine })
  const env = { VM_PASSWORD: PASSWORD, NOTE: USER_DATA, RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true' }
  const call = (job: ReturnType<typeof newJob>) => callOf(around, job, { env, inputs: { env: 'VM_PASSWORD, NOTE' } })

  const well = newJob()
  writeManifest(well, text)
  const made = await runAction(call(well))
  expect(made.log).toContain('create:web')
  expect(made.exitCode).toBe(0)
  for (const secret of [simulator.tokenSecret, PASSWORD, 'first-secret-line', 'second-secret-line']) {
    expect(made.commands.filter(({ name }) => name === 'add-mask').map((command) => command.text)).toContain(secret)
  }

  // Proxmox quotes the value that it refuses.
  simulator.faults.add({
    action: 'fail',
    method: 'POST',
    path: '/nodes/*/qemu/*/clone',
    count: 5,
    status: 500,
    reason: `bad value ${PASSWORD} of ${simulator.tokenSecret}`,
  })
  const ill = newJob()
  writeManifest(ill, text.replace('project: ci', 'project: ill'))
  const failed = await runAction(call(ill))
  expect(failed.exitCode).toBe(1)
  simulator.faults.clear()

  simulator.faults.add({ action: 'delay', method: 'POST', path: '/nodes/*/qemu/*/clone', count: 1, delayMs: 60_000 })
  const cut = newJob()
  writeManifest(cut, text.replace('project: ci', 'project: cut'))
  const started = startAction(call(cut))
  await started.said('▸ create:web')
  started.process.kill('SIGINT')
  const cancelled = await started.ended

  const folders = [well, ill, cut].map(({ directory }) => directory)
  for (const secret of [
    simulator.tokenSecret,
    PASSWORD,
    'first-secret-line',
    'second-secret-line',
    'battery',
    'horse',
  ]) {
    for (const run of [made, failed, cancelled]) expect(run.everything).not.toContain(secret)
    expect(filesWith(secret, ...folders, cacheDirectory)).toEqual([])
  }
})

it('public values stay readable: the number of the run in a machine’s name', async () => {
  const job = newJob()
  writeManifest(job, manifest(around.vendor, { project: 'ci-${env:GITHUB_RUN_ID}', count: 1 }))
  const env = { GITHUB_RUN_ID: '1234567890' }
  const planned = await runAction(callOf(around, job, { env, inputs: { mode: 'plan' } }))
  expect(planned.exitCode).toBe(0)
  expect(planned.summary).toContain('ci-1234567890')
})
