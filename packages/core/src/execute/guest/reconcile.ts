// Changes a guest to what the manifest declares: one config change, then disk sizes, pool and HA.
import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import { readPending } from '../../facts/cluster/pending-config.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../../plan/change/change.ts'
import { affectedOf, compareMachine, type Verdict } from '../../plan/compare/compare-machine.ts'
import { seedOf } from '../../plan/compare/find-machine.ts'
import { pendingChanges } from '../../plan/compare/pending.ts'
import { UNFINISHED } from '../../plan/compare/spec-hash.ts'
import { isDriveKey } from '../../plan/config/disk-config.ts'
import { isProtected } from '../../plan/preflight/protection.ts'
import type { DiskSources, Touches } from '../../plan/step.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { removeSeed } from '../remove/remove-seed.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import { asPlanned, leftWarning } from './as-planned.ts'
import { allocates, changeConfig } from './change-config.ts'
import { growDisks } from './grow-disk.ts'
import { type GuestPlace, type OwnGuest, readOwnGuest } from './guest-config.ts'
import { applyHa } from './ha.ts'
import { changeHoldingCards } from './hold-cards.ts'
import { withVolumes } from './import-disks.ts'
import { type Identity, machineIdentity } from './inspect-guest.ts'
import { renewCloudInit } from './renew-cloud-init.ts'

export interface InLine {
  readonly place: GuestPlace
  readonly changed: boolean
  /** What a running VM has not applied yet. */
  readonly pending: readonly Change[]
}

export interface Target {
  readonly place: GuestPlace
  /** The guest in the facts. Absent for a new guest, which may have the id of one that was replaced. */
  readonly observed?: GuestFacts
  /** What the plan may change. Absent for a new guest: everything. */
  readonly touches?: Touches
  /** The sources of disks that start with an image. */
  readonly disksFrom?: DiskSources | undefined
}

/**
 * Compares again with the current config and changes what differs, but no more than was planned. If another user
 * changes the guest meanwhile, or a reply is lost, it compares again.
 * @throws ProvisionError `CONFLICT` if it no longer belongs to the project, or cannot be changed in place
 */
export async function reconcile(machine: Machine, target: Target, context: StepContext): Promise<InLine> {
  const identity = machineIdentity(machine.name, context)
  let first: Verdict | undefined
  let before: GuestFacts['config'] | undefined
  /** @returns undefined after a part that must be done before the rest is compared */
  const nextRound = async (): Promise<InLine | undefined> => {
    const own = await readOwnGuest(target.place, identity, context)
    const guest = await withPower(factsOf(machine, own, target.observed), target, context)
    const found = compareMachine(machine, guest, { project: identity.project, nowMs: context.world.clock.now() })
    if (found.problem) throw found.problem
    const { verdict: planned, left } = asPlanned(found, guest, { ...target, isFirstLook: first === undefined })
    const verdict = withVolumes(planned, { machine, disksFrom: target.disksFrom }, context)
    if (first === undefined && left.length > 0) context.warn(leftWarning(machine, left))
    if (isProtected(guest) && losesDisks(verdict)) {
      await changeConfig(guest, { set: { protection: 0 }, remove: [] }, context)
      return undefined
    }
    if (first === undefined && allocates(verdict)) {
      await changeConfig(guest, allocatingPart(verdict, guest), context)
      await removeOldSeed(machine, { guest, verdict }, context)
      first = verdict
      before = guest.config
      return undefined
    }
    await applyVerdict(machine, { guest, verdict, identity }, context)
    await renewCloudInit({ ...guest, config: before ?? guest.config }, bothOf(first, verdict), context)
    const changed = first !== undefined || verdict.action === 'update'
    return { place: { vmid: own.vmid, node: own.node }, changed, pending: await pendingOf(machine, guest, context) }
  }
  for (;;) {
    const reconciled = await retryOnConflict(nextRound, context, { lostReplies: true })
    if (reconciled !== undefined) return reconciled
  }
}

/** Reads whether the VM runs, and its process id. The plan may be outdated, and the changes depend on this. */
async function withPower(guest: GuestFacts, { observed }: Target, context: StepContext): Promise<GuestFacts> {
  if (observed === undefined) return guest
  const { status, pid } = await pveOf(context).nodes.$(guest.node).qemu.$(guest.vmid).status.current.$get()
  return {
    ...guest,
    status: status === 'running' ? 'running' : 'stopped',
    ...(pid !== undefined && { pid: Number(pid) }),
  }
}

/** Proxmox refuses to detach disks of a protected VM, even if the same call removes the protection. */
function losesDisks({ set, remove }: Verdict): boolean {
  return 'protection' in set && remove.some(isDriveKey)
}

/** Merges the changes of two rounds. */
function bothOf(first: Verdict | undefined, { set, remove }: Verdict): Pick<Verdict, 'set' | 'remove'> {
  return { set: { ...first?.set, ...set }, remove: [...(first?.remove ?? []), ...remove] }
}

/**
 * If an allocation fails, Proxmox keeps what it has set until then, in no particular order. So the marker that declares
 * a machine finished is set afterwards. The boot order is set afterwards too, because Proxmox adds each new CD to it.
 * Network cards that must keep their link are changed separately.
 */
function allocatingPart(verdict: Verdict, { marker }: GuestFacts): Verdict {
  const { boot: _, description, ...all } = verdict.set
  const set = Object.fromEntries(Object.entries(all).filter(([key]) => !verdict.replug.includes(key)))
  return { ...verdict, set: marker.spec === UNFINISHED || description === undefined ? set : { ...set, description } }
}

/**
 * Returns the guest as the planner sees it. Values that only the listing contains are those of the facts. A new machine
 * is already in its pool, because the create call put it there.
 */
function factsOf(machine: Machine, { vmid, node, config }: OwnGuest, observed: GuestFacts | undefined): GuestFacts {
  const marker = readMarker(config.description, vmid) as Marker
  const now = { vmid, node, name: marker.name, marker, template: false, config }
  if (observed === undefined)
    return { ...now, status: 'stopped', ...(machine.pool !== undefined && { pool: machine.pool }) }
  const { status, pool, ha } = observed
  return { ...now, status, ...(pool !== undefined && { pool }), ...(ha !== undefined && { ha }) }
}

interface Judged {
  readonly guest: GuestFacts
  readonly verdict: Verdict
}

async function applyVerdict(
  machine: Machine,
  { guest, verdict, identity }: Judged & { readonly identity: Identity },
  context: StepContext,
): Promise<void> {
  await changeHoldingCards({ guest, verdict, identity }, context)
  await removeOldSeed(machine, { guest, verdict }, context)
  await growDisks({ guest, grow: verdict.grow, identity }, context)
  if (verdict.pool !== undefined) await joinPool(guest, verdict.pool, context)
  if (verdict.ha) await applyHa(verdict.ha, guest, context)
}

async function removeOldSeed(machine: Machine, { guest, verdict }: Judged, context: StepContext): Promise<void> {
  // A renamed machine still has the CD of its former name.
  const { name, renamedFrom = name } = machine
  const seed = seedOf(guest.config, name) ?? seedOf(guest.config, renamedFrom)
  if (seed !== undefined && 'ide2' in verdict.set) await removeSeed(seed, guest.node, context)
}

async function joinPool({ vmid }: GuestPlace, pool: string, context: StepContext): Promise<void> {
  try {
    await pveOf(context).pools.$put({ poolid: pool, vms: String(vmid), 'allow-move': true })
  } catch (thrown) {
    if (!isProblem(thrown, 'already-member')) throw thrown
  }
}

/** Returns what a running VM has not applied yet. It is reported, never forced. */
async function pendingOf(machine: Machine, guest: GuestFacts, context: StepContext): Promise<readonly Change[]> {
  if (guest.status !== 'running') return []
  const read = await readPending(guest, context.world.pve)
  const marker = readMarker(read?.config.description, guest.vmid)
  if (read === undefined || marker === undefined) return []
  return pendingChanges({ ...guest, ...read, marker }, affectedOf(machine, guest))
}
