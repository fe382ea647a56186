// The steps of a run in one place: observe, plan, check, execute, report.
import { notify } from './events.ts'
import { type ExecuteOptions, execute } from './execute/execute.ts'
import { seenAddresses } from './execute/guest/seen-addresses.ts'
import { bytesNotFetched, rememberImages } from './execute/image/remember-images.ts'
import { clearFacts } from './facts/cluster/facts-cache.ts'
import { observeAddresses } from './facts/cluster/observe-addresses.ts'
import { observeAdoptions } from './facts/cluster/observe-adoptions.ts'
import { guestsByMachine } from './facts/current-names.ts'
import { observeUnusedCds } from './facts/devices/observe-cds.ts'
import type { Facts } from './facts/facts.ts'
import { observe } from './facts/observe.ts'
import { withSshKeys } from './facts/ssh-keys.ts'
import type { LockFile } from './manifest/lock-file.ts'
import type { Desired } from './manifest/manifest.ts'
import { type ListedMachine, listMachines, selectListed } from './plan/day-two/list-machines.ts'
import { type AdoptOptions, makeAdoptPlan } from './plan/day-two/make-adopt-plan.ts'
import { reasonToName } from './plan/day-two/replacement-losses.ts'
import { makeDestroyPlan } from './plan/make-destroy-plan.ts'
import { makePlan, type PlanOptions } from './plan/make-plan.ts'
import { makePrunePlan } from './plan/make-prune-plan.ts'
import type { Plan } from './plan/plan.ts'
import { hasVisibility, refuse, requireStorages, requireVisibility } from './plan/preflight/preflight.ts'
import type { World } from './ports/world.ts'
import { makeReport } from './report/make-report.ts'
import type { Report } from './report/report.ts'

/** Options for `prepare`. `apply` uses those of the prepared run. */
export interface ProvisionOptions extends PlanOptions, ExecuteOptions {
  /** Pinned images, which are used exactly as they are. */
  readonly lock?: LockFile | undefined
  /** Maximum age of cached facts about the cluster. Default: 24 h; 0 reads them again. */
  readonly factsMaxAgeMs?: number | undefined
  /** Hash the stored blobs of the manifest's images again. Damaged ones are removed, and downloaded or made again. */
  readonly verify?: boolean | undefined
  /** Replace the machines that were created from an older build of their image. */
  readonly replaceOutdated?: boolean | undefined
  /** When removing: only machines whose `expires` time has passed. */
  readonly expired?: boolean | undefined
  /** When removing: only machines that are not in the manifest. */
  readonly orphans?: boolean | undefined
}

/** A plan with its inputs, ready to be displayed and executed. */
export interface Prepared {
  readonly desired: Desired
  readonly facts: Facts
  readonly plan: Plan
  readonly world: World
  readonly options: ProvisionOptions
  /** Start of the run. The report's wall time counts from here. */
  readonly beganAtMs: number
}

/**
 * Observes the world and plans what is missing. Changes nothing.
 * @returns a plan for `apply`
 * @throws ProvisionError `USAGE` for a name in the options that matches nothing; or if Proxmox is unreachable or refuses access
 */
export async function prepare(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Prepared> {
  const complete = await withSshKeys(desired, world, options.signal)
  return look(world, options, async (asked) => {
    const first = await observe(complete, world, asked)
    const outdated = asked.replaceOutdated ? outdatedMachines(complete, first, asked) : []
    if (outdated.length === 0) return { desired: complete, facts: first, plan: makePlan(complete, first, asked) }
    // Machines to replace are observed like machines that do not exist, and with what they would lose.
    const facts = await observe(complete, world, { ...asked, replace: [...(asked.replace ?? []), ...outdated] })
    const leftAlone = machinesToName(complete, facts, outdated)
    const replace = [...(asked.replace ?? []), ...outdated.filter((name) => !leftAlone.has(name))]
    return { desired: complete, facts, plan: makePlan(complete, facts, { ...asked, replace, leftAlone }) }
  })
}

/** Returns the machines that were created from an older build of their image and are not replaced by name. */
function outdatedMachines(desired: Desired, facts: Facts, options: ProvisionOptions): readonly string[] {
  return makePlan(desired, facts, options).machines.flatMap(({ name, outdated }) => (outdated ? [name] : []))
}

/** Returns those that are replaced only if their name is given, with the reason. */
function machinesToName(desired: Desired, { guests }: Facts, outdated: readonly string[]): ReadonlyMap<string, string> {
  const known = guestsByMachine(desired.machines, guests)
  return new Map(
    desired.machines.flatMap((machine) => {
      const guest = known.get(machine.name)
      const isAsked = guest !== undefined && outdated.includes(machine.name)
      const reason = isAsked ? reasonToName(machine, guest, desired) : undefined
      return reason === undefined ? [] : [[machine.name, reason] as const]
    }),
  )
}

/**
 * Observes the world and plans the removal of everything with this project's marker. Changes nothing.
 * @returns a plan for `apply`
 * @throws ProvisionError `USAGE` for a name in `only` that matches nothing; or if Proxmox is unreachable or refuses access
 */
export async function prepareDestroy(
  desired: Desired,
  world: World,
  options: ProvisionOptions = {},
): Promise<Prepared> {
  return withVisibility(
    await look(world, options, async (how) => {
      // The names to remove are names in Proxmox, not in the manifest.
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

/** VMs to adopt: pairs of a name in the manifest and a VM ID, or all VMs that have the name of a machine. */
export type Adoptions = readonly { readonly name: string; readonly vmid: number }[] | 'all'

/**
 * Observes existing VMs without this program's marker, and plans their adoption. Changes nothing.
 * @returns a plan for `apply`
 * @throws ProvisionError `USAGE` for an unknown name or ID; or if Proxmox is unreachable or refuses access
 */
export async function prepareAdopt(
  desired: Desired,
  world: World,
  { adoptions, ...options }: ProvisionOptions & AdoptOptions & { readonly adoptions: Adoptions },
): Promise<Prepared> {
  return withVisibility(
    await look(world, options, async (how) => {
      const facts = await observe(desired, world, how)
      const found = await observeAdoptions({ desired, facts, adoptions }, world, how.signal)
      return { desired, facts, plan: makeAdoptPlan({ desired, facts, adoptions: found }, options) }
    }),
  )
}

/**
 * Lists the machines of the project with their current state. Asks the guest agent of each running machine without a
 * static address, once.
 * @throws ProvisionError `USAGE` for a pattern in `only` that matches nothing; or if Proxmox is unreachable or refuses access
 */
export async function list(
  desired: Desired,
  world: World,
  options: ProvisionOptions = {},
): Promise<readonly ListedMachine[]> {
  // The patterns may name machines that are no longer in the manifest, so they do not choose what is planned.
  const { facts: all, plan } = await prepare(desired, world, { ...options, only: undefined })
  const facts = { ...all, guests: selectListed({ desired, facts: all }, options.only) }
  const outdated = new Map(plan.machines.flatMap(({ name, outdated }) => (outdated ? [[name, outdated] as const] : [])))
  return listMachines({
    desired,
    facts,
    outdated,
    ips: await observeAddresses({ desired, facts }, world, options.signal),
  })
}

/**
 * Observes the world and plans the removal of unused templates and image volumes. Changes nothing.
 * @returns a plan for `apply`
 * @throws ProvisionError if Proxmox is unreachable or refuses access
 */
export async function preparePrune(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Prepared> {
  return withVisibility(
    await look(world, options, async (how) => {
      const facts = await observe(desired, world, { ...how, volumes: true })
      requireStorages(desired, facts)
      const unused = await observeUnusedCds(desired, facts, world)
      return { desired, facts, plan: makePrunePlan(desired, facts, unused) }
    }),
  )
}

function withVisibility(prepared: Prepared): Prepared {
  requireVisibility(prepared.desired, prepared.facts)
  return prepared
}

type Look = (options: ProvisionOptions) => Promise<Pick<Prepared, 'desired' | 'facts' | 'plan'>>

/** If a check fails with cached facts, the facts may be outdated. They are then read again, once. */
async function look(world: World, options: ProvisionOptions, take: Look): Promise<Prepared> {
  const beganAtMs = world.clock.now()
  const first = await take(options)
  const again = first.facts.cluster.cached !== undefined && isRefused(first)
  const taken = again ? await take({ ...options, factsMaxAgeMs: 0 }) : first
  return { ...taken, world, options, beganAtMs }
}

function isRefused({ facts, plan }: Pick<Prepared, 'facts' | 'plan'>): boolean {
  return !hasVisibility(facts) || plan.restsOnCache === true
}

/**
 * Executes what was prepared. A failed step is an outcome in the report, not an exception.
 * @param onEvent replaces the listener that was given to `prepare`
 * @throws ProvisionError `PERMISSION` `CONFLICT` if a check before the first change fails; then nothing was changed
 */
export async function apply(prepared: Prepared, onEvent = prepared.options.onEvent): Promise<Report> {
  const { desired, facts, plan, world, options, beganAtMs } = prepared
  notify(onEvent, { type: 'planned', plan })
  refuse(plan.problems)
  const outcomes = await execute(plan, { desired, facts, world }, { ...options, onEvent })
  await rememberImages(outcomes, { facts, world })
  const seen = await seenAddresses(outcomes, { desired, facts, world }, options.signal)
  world.meter.add('bytesSaved', bytesNotFetched(plan, facts))
  // If Proxmox did not confirm the cached permissions, drop them.
  if (outcomes.some(({ error }) => error?.code === 'PERMISSION')) await clearFacts(world)
  const wallMs = world.clock.now() - beganAtMs
  const { cached } = facts.cluster
  const cachedFacts = cached && { ageMs: Math.max(0, beganAtMs - cached.atMs), requestsSaved: cached.requestsSaved }
  return makeReport({ desired, facts, plan, outcomes, seen, counters: world.meter.read(), wallMs, cachedFacts })
}

/**
 * Creates and updates the machines of a manifest: `prepare`, then `apply`. A second call changes nothing.
 * @throws ProvisionError like `prepare` and `apply`
 */
export async function provision(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Report> {
  return apply(await prepare(desired, world, options))
}

/**
 * Removes everything with this project's marker, and nothing else: `prepareDestroy`, then `apply`.
 * @throws ProvisionError like `prepareDestroy` and `apply`
 */
export async function destroy(desired: Desired, world: World, options: ProvisionOptions = {}): Promise<Report> {
  return apply(await prepareDestroy(desired, world, options))
}
