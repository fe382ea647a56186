// The work itself: facts restored, manifest read, plan made and, unless only a plan was asked for, executed.

import {
  apply,
  type Desired,
  type LockFile,
  type Plan,
  type Prepared,
  type ProvisionOptions,
  prepare,
  prepareDestroy,
  type Report,
  type World,
} from '@pve-provision/core'
import { toProvisionError } from '@pve-provision/core/advanced'
import { annotateError, annotateReport } from './annotations.ts'
import type { FactsCache } from './cache/facts-cache.ts'
import { createImageCache, type ImageCache } from './cache/image-cache.ts'
import type { WorkflowCache } from './cache/workflow-cache.ts'
import type { Inputs } from './inputs.ts'
import { say, warning } from './log.ts'
import { loadLockFile, loadManifest } from './manifest.ts'
import { hide } from './secrets.ts'
import { showEvents, showPlan } from './show.ts'
import type { RunSummary } from './summary/markdown.ts'
import { sweepStore } from './sweep-store.ts'
import { provideQemuImg } from './tool/qemu-img.ts'
import { waitForCache } from './wait-for-cache.ts'
import { openWorld } from './world.ts'

export interface Work {
  readonly inputs: Inputs
  /** Absent where the runner offers none, or it is not to be used. */
  readonly cache?: WorkflowCache | undefined
  readonly mayWrite: boolean
  readonly factsCache: FactsCache
  readonly temporaryDirectory: string
  readonly factsDirectory: string
  readonly signal: AbortSignal
}

export interface Ending {
  readonly summary: RunSummary
  readonly prepared?: Prepared
}

/** Never rejects: what went wrong is part of the summary. */
export async function work(job: Work): Promise<Ending> {
  const { inputs, factsCache, signal } = job
  const begun: RunSummary = { project: inputs.manifestFile, mode: inputs.mode }
  // Begun at once, and awaited only by the questions that it may answer.
  const restoring = factsCache.restore(signal).catch(restoreTrouble)
  try {
    const { desired, secrets } = loadManifest(inputs, process.env)
    for (const secret of secrets) hide(secret)
    const lock = loadLockFile(inputs, process.env)
    return await withWorld(job, { desired, lock, restoring, summary: { ...begun, project: desired.project } })
  } catch (thrown) {
    return ended(begun, thrown)
  } finally {
    await restoring
  }
}

function restoreTrouble(thrown: unknown): undefined {
  warning(`The workflow's cache could not be used: ${toProvisionError(thrown).message}`)
}

function ended(summary: RunSummary, thrown: unknown): Ending {
  const error = toProvisionError(thrown)
  annotateError(error)
  return { summary: { ...summary, error } }
}

interface Beginning {
  readonly desired: Desired
  readonly lock: LockFile | undefined
  /** Resolves with a sentence about what the cache had. */
  readonly restoring: Promise<string | undefined>
  readonly summary: RunSummary
}

async function withWorld(job: Work, { desired, lock, restoring, summary }: Beginning): Promise<Ending> {
  const { inputs } = job
  const world = waitForCache(
    openWorld(inputs, desired, { environment: process.env, factsDirectory: job.factsDirectory }),
    restoring,
  )
  try {
    const look = inputs.mode === 'destroy' ? prepareDestroy : prepare
    const options = { ...optionsOf(job), ...(lock && { lock }) }
    const prepared = await look(desired, world, options)
    const restored = await restoring
    const known: RunSummary = { ...summary, ...(restored && { caches: [restored] }) }
    showPlan(prepared.plan)
    if (inputs.mode === 'plan') return planned(prepared, known)
    return await execute(job, { prepared, world, summary: known })
  } catch (thrown) {
    return ended(summary, thrown)
  } finally {
    world.pve.close()
  }
}

function planned(prepared: Prepared, summary: RunSummary): Ending {
  const { plan } = prepared
  for (const { problem } of plan.steps) if (problem) annotateError(problem)
  // Not an error: a plan may well be made by a token that may only look.
  const problems = plan.problems.filter(({ step }) => step === undefined)
  for (const { message } of problems) warning(`An apply by this token would be refused: ${message}`)
  return { summary: { ...summary, plan, problems }, prepared }
}

interface Execution {
  readonly prepared: Prepared
  readonly world: World
  readonly summary: RunSummary
}

async function execute(job: Work, { prepared, world, summary }: Execution): Promise<Ending> {
  const { inputs, cache, mayWrite, temporaryDirectory, signal } = job
  const { plan, desired } = prepared
  const images = createImageCache({
    inputs,
    cache,
    mayWrite,
    store: world.store,
    temporaryDirectory,
    log: { warning, say },
  })
  const provided = await provide(job, plan, images)
  const begun: RunSummary = { ...summary, plan, caches: [...(summary.caches ?? []), ...provided] }
  try {
    const report = await apply(prepared, showEvents(Date.now))
    annotateReport(report, desired)
    say(report.ok ? (report.changed ? 'Done.' : 'Nothing to do.') : 'Not all went well.')
    const kept = signal.aborted ? [] : await tidy(inputs, { report, images, world })
    return { summary: { ...begun, report, caches: [...(begun.caches ?? []), ...kept] }, prepared }
  } catch (thrown) {
    return { ...ended(begun, thrown), prepared }
  }
}

/** What the plan needs and may be had without the vendor: a tool, and images. Sentences for the summary. */
async function provide(job: Work, plan: Plan, images: ImageCache): Promise<readonly string[]> {
  const { inputs, mayWrite, temporaryDirectory, signal } = job
  const cache = mayWrite ? job.cache : undefined
  const restored = await images.restore(plan, signal)
  if (!plan.steps.some(({ kind, action }) => kind === 'convert' && action === 'run')) return restored
  const { cacheKeyPrefix: prefix } = inputs
  const tool = await provideQemuImg({ environment: process.env, cache, temporaryDirectory, prefix, signal })
  return tool ? [...restored, tool] : restored
}

interface Remains {
  readonly report: Report
  readonly images: ImageCache
  readonly world: World
}

/** Keeps what the next run may need, and no more. Sentences for the summary. */
async function tidy(inputs: Inputs, { report, images, world }: Remains): Promise<readonly string[]> {
  const kept = await images.save(report)
  const swept = inputs.keepsStore ? await sweepStore(world.store, Date.now()) : undefined
  return swept ? [...kept, swept] : kept
}

function optionsOf({ inputs, signal }: Work): ProvisionOptions {
  return {
    signal,
    factsMaxAgeMs: inputs.factsMaxAgeMs,
    ...(inputs.imagesBudgetBytes > 0 && { keepImages: true }),
    stopOnError: inputs.stopOnError,
    ...(inputs.only.length > 0 && { only: inputs.only }),
    ...(inputs.replace.length > 0 && { replace: inputs.replace }),
  }
}
