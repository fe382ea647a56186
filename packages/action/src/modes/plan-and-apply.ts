// The modes that plan. `plan` stops there; the others execute the plan.
import {
  apply,
  type Prepared,
  ProvisionError,
  type ProvisionOptions,
  prepare,
  prepareAdopt,
  prepareDestroy,
  preparePrune,
  type Report,
  type Step,
  type World,
} from '@pve-provision/core'
import { annotateProblems, annotateReport } from '../annotations.ts'
import { createImageCache, type ImageCache } from '../cache/image-cache.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { say, warning } from '../log.ts'
import { saveWhatIsMade } from '../made.ts'
import { showEvents, showPlan } from '../show.ts'
import type { RunSummary } from '../summary/markdown.ts'
import { sweepStore } from '../sweep-store.ts'
import { provideQemuImg } from '../tool/qemu-img.ts'
import { warnOfExpiry } from './token-expiry.ts'
import { type Around, type Ending, ended, type Work } from './work.ts'

export async function planAndApply(job: Work, around: Around): Promise<Ending> {
  const { inputs, signal } = job
  const { restoring, world, summary } = around
  const prepared = await look(job, around)
  const expiry = warnOfExpiry(prepared, { world, inputs, signal })
  const restored = await restoring
  const known: RunSummary = { ...summary, ...(restored && { caches: [restored] }) }
  showPlan(prepared.plan)
  try {
    requireExpected(inputs, prepared)
  } catch (thrown) {
    return { ...ended({ ...known, plan: prepared.plan }, thrown), prepared }
  }
  const ending = await (inputs.mode === 'plan'
    ? planned(prepared, known)
    : execute(job, { prepared, world, summary: known }))
  await expiry
  return ending
}

function look(job: Work, { desired, world, lock }: Around): Promise<Prepared> {
  const { mode, removal, adoptions } = job.inputs
  const options = { ...optionsOf(job), ...(lock && { lock }) }
  if (mode === 'adopt') return prepareAdopt(desired, world, { ...options, adoptions })
  if (mode === 'prune') return preparePrune(desired, world, options)
  return (removal === undefined ? prepare : prepareDestroy)(desired, world, options)
}

/** @throws ProvisionError `CONFLICT` if the plan is not the approved one */
function requireExpected({ expectedDigest }: Inputs, { plan: { digest } }: Prepared): void {
  if (expectedDigest === undefined || expectedDigest === digest) return
  throw new ProvisionError(
    'CONFLICT',
    `This is not the expected plan: its digest is ${digest}, but \`expect-plan\` is ${expectedDigest}. Nothing was changed.`,
    { hint: 'Review the plan of this run. If it is what you want, run again with its digest.' },
  )
}

function planned(prepared: Prepared, summary: RunSummary): Ending {
  const { plan } = prepared
  annotateProblems(plan)
  return { summary: { ...summary, plan }, prepared }
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
  const provided = await provide(job, prepared, images)
  if (inputs.destroyAfter) saveWhatIsMade(plan)
  const begun: RunSummary = { ...summary, plan, caches: [...(summary.caches ?? []), ...provided] }
  try {
    const report = await apply(prepared, showEvents(Date.now))
    annotateReport(report, desired)
    say(report.ok ? (report.changed ? 'Done.' : 'Nothing to do.') : 'Finished with errors.')
    const kept = signal.aborted ? [] : await tidy(inputs, { report, images, world })
    return { summary: { ...begun, report, caches: [...(begun.caches ?? []), ...kept] }, prepared }
  } catch (thrown) {
    return { ...ended(begun, thrown), prepared }
  }
}

/**
 * Provides what the plan needs without contacting the vendor: qemu-img and cached images. Resolves with sentences for
 * the summary.
 */
async function provide(job: Work, { plan, facts }: Prepared, images: ImageCache): Promise<readonly string[]> {
  const { inputs, mayWrite, temporaryDirectory, signal } = job
  const cache = mayWrite ? job.cache : undefined
  const restored = await images.restore(plan, signal)
  if (!plan.steps.some((step) => needsProgram(step, facts))) return restored
  const { cacheKeyPrefix: prefix } = inputs
  const tool = await provideQemuImg({ environment: process.env, cache, temporaryDirectory, prefix, signal })
  return tool ? [...restored, tool] : restored
}

/** qcow2 to raw needs no program. The format of an image whose first bytes were not read is unknown. */
function needsProgram(step: Step, { images }: Prepared['facts']): boolean {
  if (step.kind !== 'convert' || step.action !== 'run') return false
  const image = images.get(step.image)
  const format = image === undefined || image instanceof Error ? undefined : image.format
  return !(format === 'qcow2' && step.format === 'raw')
}

interface Remains {
  readonly report: Report
  readonly images: ImageCache
  readonly world: World
}

/** Saves what the next run may need and removes the rest. Resolves with sentences for the summary. */
async function tidy(inputs: Inputs, { report, images, world }: Remains): Promise<readonly string[]> {
  const kept = await images.save(report)
  const swept = inputs.keepsStore ? await sweepStore(world.store, Date.now()) : undefined
  return swept ? [...kept, swept] : kept
}

function optionsOf({ inputs, signal }: Work): ProvisionOptions {
  const { only, replace, replaceOutdated, restart, move, prune, batch, removal } = inputs
  return {
    signal,
    factsMaxAgeMs: inputs.factsMaxAgeMs,
    ...(inputs.imagesBudgetBytes > 0 && { keepImages: true }),
    stopOnError: inputs.stopOnError,
    keepFailed: inputs.keepFailed,
    ...(only.length > 0 && { only }),
    ...(replace.length > 0 && { replace }),
    replaceOutdated,
    restart,
    move,
    prune,
    batch,
    expired: removal === 'expired',
    orphans: removal === 'orphans',
  }
}
