// The post step: removes the machines that this job created, if `destroy-after` is set. It also runs after a failure or
// a cancellation.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apply, type Prepared, type ProvisionOptions, prepareDestroy, type World } from '@pve-provision/core'
import { annotateError, annotateReport } from './annotations.ts'
import { onCancel } from './cancellation.ts'
import { type Environment, type Inputs, readInputs, tokenSecretsOf } from './inputs/inputs.ts'
import { say } from './log.ts'
import { namesMade } from './made.ts'
import { loadManifest } from './manifest.ts'
import { ended } from './modes/work.ts'
import { writeSummaryOf } from './outputs/write-outputs.ts'
import { hide } from './secrets.ts'
import { showEvents } from './show.ts'
import type { RunSummary } from './summary/markdown.ts'
import { openWorld } from './world.ts'

/** Removes the machines and exits the process. */
export async function runAfter(): Promise<never> {
  for (const secret of tokenSecretsOf(process.env)) hide(secret)
  const made = namesMade(process.env)
  const isFine = made.length === 0 || (await remove(made).catch(refuse))
  return new Promise(() => {
    process.stdout.write('', () => process.exit(isFine ? 0 : 1))
  })
}

function refuse(thrown: unknown): false {
  ended({ project: 'pve-provision', mode: 'destroy' }, thrown)
  return false
}

async function remove(only: readonly string[]): Promise<boolean> {
  say(`Removing the machines that this job created: ${only.join(', ')}.`)
  const inputs = readInputs(process.env)
  const { desired, secrets } = loadManifest(inputs, process.env)
  for (const secret of secrets) hide(secret)
  const factsDirectory = await mkdtemp(join(process.env.RUNNER_TEMP || tmpdir(), 'pve-provision-'))
  const world = openWorld(inputs, desired, { environment: process.env, factsDirectory })
  try {
    return await removeIn(world, inputs, { desired, only })
  } finally {
    world.pve.close()
  }
}

interface Removing {
  readonly desired: Parameters<typeof prepareDestroy>[0]
  readonly only: readonly string[]
}

async function removeIn(world: World, inputs: Inputs, { desired, only }: Removing): Promise<boolean> {
  const { signal } = onCancel(inputs)
  const prepared = await prepareRemoval({ desired, only }, world, { signal, factsMaxAgeMs: 0 })
  for (const { problem } of prepared.plan.steps) if (problem) annotateError(problem)
  const report = await apply(prepared, showEvents(Date.now))
  annotateReport(report, desired)
  const summary: RunSummary = { project: desired.project, mode: 'destroy', plan: prepared.plan, report }
  if (inputs.summary) await writeSummaryOf(summary)
  return report.ok
}

/**
 * Everything in a project that is named after this run was created by it, so its templates are removed with its last
 * machine.
 */
async function prepareRemoval({ desired, only }: Removing, world: World, options: ProvisionOptions): Promise<Prepared> {
  if (isNamedAfterRun(desired.project, process.env)) {
    const whole = await prepareDestroy(desired, world, options)
    if (whole.plan.machines.every(({ name }) => only.includes(name))) return whole
  }
  return prepareDestroy(desired, world, { ...options, only })
}

function isNamedAfterRun(project: string, { GITHUB_RUN_ID: run = '' }: Environment): boolean {
  return run !== '' && project.split(/\D+/).includes(run)
}
