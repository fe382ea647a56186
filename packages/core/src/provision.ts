// The summary in one place: observe, plan, check, execute, report.
import { notify } from './events.ts'
import { type ExecuteOptions, execute } from './execute/execute.ts'
import { seenAddresses } from './execute/guest/seen-addresses.ts'
import { bytesNotFetched, rememberImages } from './execute/image/remember-images.ts'
import { clearFacts } from './facts/cluster/facts-cache.ts'
import { observeAddresses } from './facts/cluster/observe-addresses.ts'
import { observeAdoptions } from './facts/cluster/observe-adoptions.ts'
import type { Facts } from './facts/facts.ts'
import { observe } from './facts/observe.ts'
import { withSshKeys } from './facts/ssh-keys.ts'
import type { LockFile } from './manifest/lock-file.ts'
import type { Desired } from './manifest/manifest.ts'
import { type ListedMachine, listMachines } from './plan/day-two/list-machines.ts'
import { type AdoptOptions, makeAdoptPlan } from './plan/day-two/make-adopt-plan.ts'
import { makeDestroyPlan } from './plan/make-destroy-plan.ts'
import { makePlan, type PlanOptions } from './plan/make-plan.ts'
import { makePrunePlan } from './plan/make-prune-plan.ts'
import type { Plan } from './plan/plan.ts'
import { hasVisibility, refuse, requireVisibility } from './plan/preflight/preflight.ts'
import type { World } from './ports/world.ts'
import { makeReport } from './report/make-report.ts'
import type { Report } from './report/report.ts'

/** Given once, to `prepare`: `apply` goes by what was prepared. */
export interface ProvisionOptions extends PlanOptions, ExecuteOptions {
  /** Pinned images, used exactly as they are. */
  readonly lock?: LockFile | undefined
  /** How old cached facts about the cluster may be. Default 24 h; 0 asks again. */
  readonly factsMaxAgeMs?: number | undefined
  /** Hash what the store holds of the manifest's images again; what is wrong is dropped, and fetched or made again. */
  readonly verify?: boolean | undefined
  /** Replace the machines that are made from an older build of their image. */
  readonly replaceOutdated?: boolean | undefined
  /** Of a removal: only machines whose time (`expires`) is over. */
  readonly expired?: boolean | undefined
  /** Of a removal: only machines that the manifest does not name. */
  readonly orphans?: boolean | undefined
}

/** A plan with what it was made from, ready to be shown and executed. */
export interface Prepared {
  readonly desired: Desired
  readonly facts: Facts
  readonly plan: Plan
  readonly world: World
  readonly options: ProvisionOptions
  /** When it was begun: the report's wall time counts from here. */
  readonly beganAtMs: number
}

/**
 * Looks at the world and plans what is missing; changes nothing.
 * @throws ProvisionError when Proxmox cannot be reached or refuses us
 */
export async function prepare(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Prepared> {
  const complete = await withSshKeys(desired, world, options.signal)
  return look(world, options, async (asked) => {
    const first = await observe(complete, world, asked)
    const how = asked.replaceOutdated ? withOutdated(complete, first, asked) : asked
    // What is to be replaced is asked about like what is not there.
    const facts = how === asked ? first : await observe(complete, world, how)
    return { desired: complete, facts, plan: makePlan(complete, facts, how) }
  })
}

/** The machines that are made from an older build of their image, among those that are replaced. */
function withOutdated(desired: Desired, facts: Facts, options: ProvisionOptions): ProvisionOptions {
  const outdated = makePlan(desired, facts, options).machines.flatMap(({ name, outdated }) => (outdated ? [name] : []))
  return outdated.length === 0 ? options : { ...options, replace: [...(options.replace ?? []), ...outdated] }
}

/** Looks at the world and plans the removal of what carries this project's marker. */
export async function prepareDestroy(
  desired: Desired,
  world: World,
  options: ProvisionOptions = {},
): Promise<Prepared> {
  return withVisibility(
    await look(world, options, async (how) => {
      // Names to remove are those in Proxmox, not those of the manifest.
      const facts = await observe({ ...desired, machines: [] }, world, { ...how, only: undefined, replace: undefined })
      return {
        desired,
        facts,
        plan: makeDestroyPlan(desired, facts, {
          only: how.only,
          expiredAtMs: how.expired ? world.clock.now() : undefined,
          orphans: how.orphans,
        }),
      }
    }),
  )
}

/** Machines to take over: by name of the manifest and id, or all that are there under a name of the manifest. */
export type Adoptions = readonly { readonly name: string; readonly vmid: number }[] | 'all'

/**
 * Looks at machines that are there without our marker, and plans to take them over.
 * @throws ProvisionError `USAGE` for a name or an id that is none
 */
export async function prepareAdopt(
  desired: Desired,
  world: World,
  { adoptions, ...options }: ProvisionOptions & AdoptOptions & { readonly adoptions: Adoptions },
): Promise<Prepared> {
  return look(world, options, async (how) => {
    const facts = await observe(desired, world, how)
    const found = await observeAdoptions({ desired, facts, adoptions }, world, how.signal)
    return { desired, facts, plan: makeAdoptPlan({ desired, facts, adoptions: found }, options) }
  })
}

/**
 * The machines of the project as they are: one look, and one question to the guest agent of each machine that runs and
 * states no address.
 * @throws ProvisionError when Proxmox cannot be reached or refuses us
 */
export async function list(
  desired: Desired,
  world: World,
  options: ProvisionOptions = {},
): Promise<readonly ListedMachine[]> {
  const { facts, plan } = await prepare(desired, world, options)
  const outdated = new Map(plan.machines.flatMap(({ name, outdated }) => (outdated ? [[name, outdated] as const] : [])))
  return listMachines({
    desired,
    facts,
    outdated,
    ips: await observeAddresses({ desired, facts }, world, options.signal),
  })
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

type Look = (options: ProvisionOptions) => Promise<Pick<Prepared, 'desired' | 'facts' | 'plan'>>

/** Where a check refuses what cached facts say, the facts may be what is wrong: they are read again, once. */
async function look(world: World, options: ProvisionOptions, take: Look): Promise<Prepared> {
  const beganAtMs = world.clock.now()
  const first = await take(options)
  const again = first.facts.cluster.cached !== undefined && isRefused(first)
  const taken = again ? await take({ ...options, factsMaxAgeMs: 0 }) : first
  return { ...taken, world, options, beganAtMs }
}

function isRefused({ facts, plan }: Pick<Prepared, 'facts' | 'plan'>): boolean {
  return !hasVisibility(facts) || plan.problems.some(({ code, step }) => step === undefined || code === 'PERMISSION')
}

/**
 * Executes what was prepared. Failed steps are outcomes in the report, not exceptions.
 * @param onEvent in place of the listener that was given to `prepare`
 * @throws ProvisionError `PERMISSION` `CONFLICT` when a check before the first change fails; nothing was changed then
 */
export async function apply(prepared: Prepared, onEvent = prepared.options.onEvent): Promise<Report> {
  const { desired, facts, plan, world, options, beganAtMs } = prepared
  notify(onEvent, { type: 'planned', plan })
  refuse(plan.problems)
  const outcomes = await execute(plan, { desired, facts, world }, { ...options, onEvent })
  await rememberImages(outcomes, { facts, world })
  const seen = await seenAddresses(outcomes, { desired, facts, world }, options.signal)
  world.meter.add('bytesSaved', bytesNotFetched(plan, facts))
  // Cached permissions that Proxmox does not confirm are not believed a second time.
  if (outcomes.some(({ error }) => error?.code === 'PERMISSION')) await clearFacts(world)
  const wallMs = world.clock.now() - beganAtMs
  const { cached } = facts.cluster
  const cachedFacts = cached && { ageMs: Math.max(0, beganAtMs - cached.atMs), requestsSaved: cached.requestsSaved }
  return makeReport({ desired, facts, plan, outcomes, seen, counters: world.meter.read(), wallMs, cachedFacts })
}

/** Creates and updates the machines of a manifest. The same call again changes nothing. */
export async function provision(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Report> {
  return apply(await prepare(desired, world, options))
}

/** Removes what carries this project's marker, and nothing else. */
export async function destroy(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Report> {
  return apply(await prepareDestroy(desired, world, options))
}
