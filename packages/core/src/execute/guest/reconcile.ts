// Makes a guest of ours what the manifest declares: one config change, then disks grown, pool and HA.

import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { compareMachine, type Verdict } from '../../plan/compare/compare-machine.ts'
import { seedOf } from '../../plan/compare/find-machine.ts'
import { UNFINISHED } from '../../plan/compare/spec-hash.ts'
import { sizeOfDisk } from '../../plan/config/disk-config.ts'
import { formatProperties, formatSize, parseProperties, withProperties } from '../../plan/config/property-string.ts'
import type { Touches } from '../../plan/step.ts'
import { configParameters, type DiskKey, type PveApi } from '../../ports/pve/api.ts'
import { isLostReply, isProblem } from '../../ports/pve/call/pve-problem.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import { asPlanned, leftWarning } from './as-planned.ts'
import { withLeftCloudInit } from './cloud-init-leftover.ts'
import { type GuestPlace, type OwnGuest, readOwnGuest } from './guest-config.ts'
import { applyHa } from './ha.ts'
import type { Identity } from './inspect-guest.ts'
import { removeSeed } from './remove-seed.ts'
import { runTask } from './run-task.ts'

export interface InLine {
  readonly place: GuestPlace
  readonly changed: boolean
}

export interface Target {
  readonly place: GuestPlace
  /** As the facts have it; absent for a guest made since, which may have the id of one that was replaced. */
  readonly observed?: GuestFacts
  /** What the plan allows; absent for a guest made since: all of it. */
  readonly touches?: Touches
}

const ROUNDS = 4

/**
 * Compares again, with the config as it is now, and changes what differs, but no more than was planned. A change by
 * somebody else meanwhile, or a lost reply, means another look.
 * @throws ProvisionError `CONFLICT` when it is not ours any more, or cannot be changed in place
 */
export async function reconcile(machine: Machine, target: Target, context: StepContext): Promise<InLine> {
  const identity: Identity = { project: context.desired.project, name: machine.name, kind: 'machine' }
  let first: Verdict | undefined
  for (let round = 1; ; round += 1) {
    const own = await readOwnGuest(target.place, identity, context)
    const guest = factsOf(machine, own, target.observed)
    const found = compareMachine(machine, guest, { project: identity.project })
    if (found.problem) throw found.problem
    const { verdict, left } = asPlanned(found, guest, { ...target, isFirstLook: first === undefined })
    if (first === undefined && left.length > 0) context.warn(leftWarning(machine, left))
    try {
      if (first === undefined && allocates(verdict)) {
        await changeConfig(guest, allocatingPart(verdict, guest), context)
        await removeOldSeed(machine, { guest, verdict }, context)
        first = verdict
        continue
      }
      await applyVerdict(machine, { guest, verdict }, context)
      if (guest.status === 'running') await warnOfPending(machine, guest, context)
      const changed = first !== undefined || verdict.action === 'update'
      return { place: { vmid: own.vmid, node: own.node }, changed }
    } catch (thrown) {
      if (round >= ROUNDS || !(isProblem(thrown, 'digest-mismatch') || isLostReply(thrown))) throw thrown
      await context.world.clock.sleep(500 * round, context.signal)
    }
  }
}

/** A drive that is made, or replaced by another; options of one that is there are none. */
function allocates({ set }: Pick<Verdict, 'set'>): boolean {
  return Object.entries(set).some(
    ([key, value]) =>
      /^(ide|efidisk|tpmstate)\d+$/.test(key) ||
      (/^(scsi|virtio|sata)\d+$/.test(key) && /^[^,]*:\d+(\.\d+)?(,|$)/.test(String(value))),
  )
}

/**
 * Where allocating fails, Proxmox keeps what it has set until then, in no order. So the marker that calls a machine
 * finished goes afterwards; and so does a boot order, to which Proxmox adds each new CD by itself.
 */
function allocatingPart(verdict: Verdict, { marker }: GuestFacts): Verdict {
  const { boot: _, description, ...set } = verdict.set
  return { ...verdict, set: marker.spec === UNFINISHED || description === undefined ? set : { ...set, description } }
}

/**
 * As the planner sees it. What only the cluster's listing tells is as it was observed; a machine made since then is in
 * its pool by the call that made it.
 */
function factsOf(machine: Machine, { vmid, node, config }: OwnGuest, observed: GuestFacts | undefined): GuestFacts {
  const marker = readMarker(config.description) as Marker
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

async function applyVerdict(machine: Machine, { guest, verdict }: Judged, context: StepContext): Promise<void> {
  await changeConfig(guest, verdict, context)
  await removeOldSeed(machine, { guest, verdict }, context)
  for (const [disk, bytes] of Object.entries(verdict.grow)) await growDisk(guest, { disk, bytes }, context)
  if (guest.status !== 'stopped') await fixPendingSizes(machine, { guest, verdict }, context)
  if (verdict.pool !== undefined) await joinPool(guest, verdict.pool, context)
  if (verdict.ha) await applyHa(verdict.ha, guest, context)
}

async function removeOldSeed(machine: Machine, { guest, verdict }: Judged, context: StepContext): Promise<void> {
  const seed = seedOf(guest.config, machine.name)
  if (seed !== undefined && 'ide2' in verdict.set) await removeSeed(seed, guest.node, context)
}

async function changeConfig(
  guest: GuestFacts,
  { set, remove }: Pick<Verdict, 'set' | 'remove'>,
  context: StepContext,
): Promise<void> {
  if (Object.keys(set).length === 0 && remove.length === 0) return
  try {
    await sendChange(guest, { set, remove }, context)
  } catch (thrown) {
    const instead = await withLeftCloudInit(guest, { set, thrown }, context)
    if (instead === undefined) throw thrown
    await sendChange(guest, { set: instead, remove }, context)
  }
}

async function sendChange(
  { vmid, node, config, status }: GuestFacts,
  { set, remove }: Pick<Verdict, 'set' | 'remove'>,
  context: StepContext,
): Promise<void> {
  const parameters = {
    ...configParameters(set),
    delete: remove.length > 0 ? remove.join(',') : undefined,
    // Proxmox refuses when somebody else changed the config since it was read.
    digest: typeof config.digest === 'string' ? config.digest : undefined,
  }
  // What allocates or unplugs may take long, and an answer must come within 30 s: that goes as a task.
  const isQuick = status === 'stopped' && !allocates({ set })
  const start = (api: PveApi) => {
    const route = api.nodes.$(node).qemu.$(vmid).config
    return isQuick ? route.$put(parameters) : route.$post(parameters)
  }
  await runTask({ guest: { vmid, node }, start }, context)
}

async function growDisk(
  place: GuestPlace,
  { disk, bytes }: { readonly disk: string; readonly bytes: number },
  context: StepContext,
): Promise<void> {
  const { vmid, node } = place
  const isDone = async () => {
    const config = await pveOf(context).nodes.$(node).qemu.$(vmid).config.$get()
    return (sizeOfDisk(config, disk) ?? 0) >= bytes
  }
  // An absolute size: a repeated call does not grow it twice.
  const size = bytes % GIB === 0 ? `${bytes / GIB}G` : `${Math.ceil(bytes / MIB)}M`
  const start = (api: PveApi) =>
    api.nodes
      .$(node)
      .qemu.$(vmid)
      .resize.$put({ disk: disk as DiskKey, size })
  await runTask({ guest: place, start, isDone }, context)
}

/**
 * Options of a drive that wait for a new start hold the size as it was, and would put it into the config then: the disk
 * would seem to want growing in every run (seen on 8.4 and 9.2).
 */
async function fixPendingSizes(
  machine: Machine,
  { guest, verdict: { grow } }: Judged,
  context: StepContext,
): Promise<void> {
  if (Object.keys(grow).length === 0) return
  const identity: Identity = { project: context.desired.project, name: machine.name, kind: 'machine' }
  const { config } = await readOwnGuest(guest, identity, context)
  const set = Object.fromEntries(
    Object.entries(grow)
      .filter(([disk, bytes]) => (sizeOfDisk(config, disk) ?? bytes) < bytes)
      .map(([disk, bytes]) => [disk, withSize(config[disk], bytes)]),
  )
  await changeConfig({ ...guest, config }, { set, remove: [] }, context)
}

function withSize(drive: unknown, bytes: number): string {
  return formatProperties(withProperties(parseProperties(drive, 'file'), { size: formatSize(bytes) }), 'file')
}

const MIB = 1024 ** 2
const GIB = 1024 ** 3

async function joinPool({ vmid }: GuestPlace, pool: string, context: StepContext): Promise<void> {
  try {
    await pveOf(context).pools.$put({ poolid: pool, vms: String(vmid), 'allow-move': true })
  } catch (thrown) {
    if (!isProblem(thrown, 'already-member')) throw thrown
  }
}

/** What a running machine has not taken over is said, never forced. */
async function warnOfPending(machine: Machine, guest: GuestPlace, context: StepContext): Promise<void> {
  const rows = await pveOf(context).nodes.$(guest.node).qemu.$(guest.vmid).pending.$get()
  const keys = rows.filter((row) => row.pending !== undefined || row.delete !== undefined).map(({ key }) => key)
  if (keys.length > 0)
    context.warn(`${machine.name} runs: ${keys.join(', ')} will change when it is shut down and started.`)
}
