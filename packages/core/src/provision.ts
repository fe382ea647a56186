// The summary in one place: observe, plan, check, execute, report.
import { ProvisionError } from './errors.ts'
import { type Listener, notify } from './events.ts'
import { execute } from './execute/execute.ts'
import { clearFacts } from './facts/cluster/facts-cache.ts'
import type { Facts } from './facts/facts.ts'
import { recordDigestFacts, sniffFile } from './facts/images/digest-facts.ts'
import { observe } from './facts/observe.ts'
import { withSshKeys } from './facts/ssh-keys.ts'
import type { LockFile } from './manifest/lock-file.ts'
import type { Desired } from './manifest/manifest.ts'
import { makeDestroyPlan } from './plan/make-destroy-plan.ts'
import { makePlan } from './plan/make-plan.ts'
import { makePrunePlan } from './plan/make-prune-plan.ts'
import type { Plan } from './plan/plan.ts'
import { hasVisibility, refuse, requireVisibility } from './plan/preflight/preflight.ts'
import type { Step } from './plan/step.ts'
import type { World } from './ports/world.ts'
import { makeReport } from './report/make-report.ts'
import type { Outcome, Report } from './report/report.ts'

export interface ProvisionOptions {
  readonly signal?: AbortSignal
  readonly onEvent?: Listener
  /** Only these machines, by name or by the manifest's entry. */
  readonly only?: readonly string[]
  /** Machines that may be destroyed and made anew, by name or by the manifest's entry. */
  readonly replace?: readonly string[]
  /** Pinned images, used exactly as they are. */
  readonly lock?: LockFile
  /** Images go through the store even where they could be passed straight on: for whoever keeps the store. */
  readonly keepImages?: boolean
  /** How old cached facts about the cluster may be. Default 24 h; 0 asks anew. */
  readonly factsMaxAgeMs?: number
  /** Hash what the store holds of the manifest's images again; what is wrong is dropped, and fetched or made anew. */
  readonly verify?: boolean
  /** After the first failure start nothing more. */
  readonly stopOnError?: boolean
}

/** A plan with the facts it was made from, ready to be shown and executed. */
export interface Prepared {
  readonly desired: Desired
  readonly facts: Facts
  readonly plan: Plan
  /** When it was begun: the report's wall time counts from here. */
  readonly beganAtMs: number
}

/**
 * Looks at the world and plans what is missing; changes nothing.
 * @throws ProvisionError when Proxmox cannot be reached or refuses us
 */
export async function prepare(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Prepared> {
  const complete = await withSshKeys(desired, world, options.signal)
  return look(world, options, async (how) => {
    const facts = await observe(complete, world, how)
    return { desired: complete, facts, plan: makePlan(complete, facts, how) }
  })
}

/** Looks at the world and plans the removal of what carries this project's marker. */
export async function prepareDestroy(
  desired: Desired,
  world: World,
  options: ProvisionOptions = {},
): Promise<Prepared> {
  return withVisibility(
    await look(world, options, async (how) => {
      const facts = await observe({ ...desired, machines: [] }, world, how)
      return { desired, facts, plan: makeDestroyPlan(desired, facts, how) }
    }),
  )
}

/** Looks at the world and plans the removal of templates and image volumes that nobody uses any more. */
export async function preparePrune(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Prepared> {
  return withVisibility(
    await look(world, options, async (how) => {
      const facts = await observe(desired, world, { ...how, volumes: true })
      return { desired, facts, plan: makePrunePlan(desired, facts) }
    }),
  )
}

function withVisibility(prepared: Prepared): Prepared {
  requireVisibility(prepared.desired, prepared.facts)
  return prepared
}

type Look = (options: ProvisionOptions) => Promise<Omit<Prepared, 'beganAtMs'>>

/** Where a check refuses what cached facts say, the facts may be what is wrong: they are asked anew, once. */
async function look(world: World, options: ProvisionOptions, take: Look): Promise<Prepared> {
  const beganAtMs = world.clock.now()
  const first = await take(options)
  const again = first.facts.cluster.cached !== undefined && isRefused(first)
  return { ...(again ? await take({ ...options, factsMaxAgeMs: 0 }) : first), beganAtMs }
}

function isRefused({ facts, plan }: Omit<Prepared, 'beganAtMs'>): boolean {
  return !hasVisibility(facts) || plan.problems.some(({ code, step }) => step === undefined || code === 'PERMISSION')
}

/**
 * Executes what was prepared. Failed steps are outcomes in the report, not exceptions.
 * @throws ProvisionError `PERMISSION` `CONFLICT` when a check before the first change fails; nothing was changed then
 */
export async function apply(prepared: Prepared, world: World, options: ProvisionOptions = {}): Promise<Report> {
  const { desired, facts, plan, beganAtMs } = prepared
  notify(options.onEvent, { type: 'planned', plan })
  refuse(plan.problems)
  const outcomes = await execute(plan, { desired, facts, world }, options)
  await rememberImages(outcomes, { facts, world })
  world.meter.add('bytesSaved', bytesNotFetched(plan, facts))
  // Cached permissions that Proxmox does not confirm are not believed a second time.
  if (outcomes.some(({ error }) => error?.code === 'PERMISSION')) await clearFacts(world)
  const wallMs = world.clock.now() - beganAtMs
  const { cached } = facts.cluster
  const cachedFacts = cached && { ageMs: Math.max(0, beganAtMs - cached.atMs), requestsSaved: cached.requestsSaved }
  const counters = world.meter.read()
  return makeReport({ desired, outcomes, notes: plan.notes, counters, wallMs, ...(cachedFacts && { cachedFacts }) })
}

/** Brings the machines of a manifest about. The same call again changes nothing. */
export async function provision(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Report> {
  return apply(await prepare(desired, world, options), world, options)
}

/** Removes what carries this project's marker, and nothing else. */
export async function destroy(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Report> {
  return apply(await prepareDestroy(desired, world, options), world, options)
}

/** What was verified in this run is known for ever: the next one asks nobody about these bytes. */
async function rememberImages(
  outcomes: readonly Outcome[],
  { facts, world }: { readonly facts: Facts; readonly world: World },
): Promise<void> {
  const remembered = new Set<string>()
  for (const { step, status, result } of outcomes) {
    if (status !== 'done' || !isFetch(step) || remembered.has(step.image)) continue
    remembered.add(step.image)
    const image = facts.images.get(step.image)
    if (image === undefined || image instanceof ProvisionError) continue
    // Of bytes that came here the verified file is asked, not what a server said of its first bytes.
    const seen = result?.blob ? await sniffFile(result.blob.path).catch(() => undefined) : image
    if (seen !== undefined) await recordDigestFacts({ ...image, ...seen }, world)
  }
}

/** Sizes of the images that were resolved and then not fetched, as far as they are known. */
function bytesNotFetched(plan: Plan, facts: Facts): number {
  const fetched = new Set(plan.steps.flatMap((step) => (isFetch(step) && step.action === 'run' ? [step.image] : [])))
  const images = plan.steps.flatMap((step) =>
    step.kind === 'resolve' && !fetched.has(step.image) ? [facts.images.get(step.image)] : [],
  )
  return images.reduce((sum, image) => sum + (image instanceof ProvisionError ? 0 : (image?.sizeBytes ?? 0)), 0)
}

function isFetch(step: Step): step is Extract<Step, { kind: 'pull' | 'download' | 'stream' }> {
  return step.kind === 'pull' || step.kind === 'download' || step.kind === 'stream'
}
