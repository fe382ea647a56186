// Replaces one machine in a rollout. Each part checks the current state, so the next run can finish or undo a run that
// was interrupted anywhere. The two VMs never run at the same time with one address: the new one starts after the old
// one stopped.
import { toProvisionError } from '../../errors.ts'
import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { withCarriedDisks } from '../../plan/compare/own-disks.ts'
import { dataDisksOf } from '../../plan/day-two/replacement-losses.ts'
import type { StepResult } from '../../plan/step.ts'
import { type GuestPlace, isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { reconcile } from '../guest/reconcile.ts'
import { writeMarker } from '../guest/write-marker.ts'
import { isRunning, removeGuest, stopGuest } from '../remove/remove-guest.ts'
import { removeSeed } from '../remove/remove-seed.ts'
import { bringBack, REPLACED, unhealthy } from '../replace/bring-back.ts'
import { carryDisks } from '../replace/carry-disks.ts'
import { untilHealthy } from '../replace/health.ts'
import { inheritResource, inheritRules } from '../replace/inherit-ha.ts'
import { keepTags } from '../replace/keep-tags.ts'
import { copyCards, decide, retire, retiredIdentity, startAgain } from '../replace/retire.ts'
import { findSuccessor, finishedSuccessor, identityOf, known, oldGuest, type Turn } from '../replace/turn.ts'
import { machineOf, type StepContext, type StepRunner } from '../step-context.ts'
import { claimMachine } from './create.ts'

export const replace: StepRunner<'replace'> = async (step, context) => {
  const machine = machineOf(context, step.machine)
  const finished = await finishedSuccessor(step, context)
  if (finished !== undefined) return finish({ step, machine, wasRunning: true }, finished, { context, addresses: [] })
  context.stage('renaming the old VM')
  const { wasRunning, isReturning, isDone } = await retire(machine.name, step.old, context)
  const turn: Turn = { step, machine, wasRunning }
  const healthy = isDone ? await findSuccessor(turn, context) : undefined
  if (healthy !== undefined) return finish(turn, healthy, { context, addresses: [] })
  if (isReturning) {
    const failure = unhealthy(turn, 'found by an earlier run')
    await bringBack(turn, failure, context)
    throw failure
  }
  const { successor, addresses } = await handOver(turn, context)
  return finish(turn, successor, { context, addresses })
}

interface HandedOver {
  readonly successor: GuestPlace
  readonly addresses: readonly string[]
}

/** Creates the new VM and waits until it is healthy. If that fails, restores the old VM. */
async function handOver(turn: Turn, context: StepContext): Promise<HandedOver> {
  try {
    context.stage('waiting to clone')
    const successor = await context.inLanes(turn.step.cloneLanes, () => makeSuccessor(turn, context))
    return { successor, addresses: await takeOver(turn, successor, context) }
  } catch (thrown) {
    // The next run finishes what was interrupted.
    if (context.signal.aborted || toProvisionError(thrown).code === 'CANCELLED') throw thrown
    const healthy = await bringBack(turn, thrown, context)
    if (healthy === undefined) throw thrown
    // Another run found the new VM healthy first.
    return { successor: healthy, addresses: [] }
  }
}

/** Creates a stopped clone with the machine's name and the old VM's network cards. */
async function makeSuccessor(turn: Turn, context: StepContext): Promise<GuestPlace> {
  const { step, machine } = turn
  context.stage('cloning')
  const old = await oldGuest(turn, context)
  const { disks } = readMarker(old.config.description, old.vmid) ?? {}
  const beside = { replaces: step.old.vmid, ...(disks !== undefined && { disks }) }
  const { vmid, node } = await claimMachine(machine, { ...step, beside, pool: known(turn, context)?.pool }, context)
  const successor = await readOwnGuest({ vmid, node }, identityOf(turn, context), context)
  await copyCards(old, successor, context)
  return { vmid, node }
}

/**
 * Stops the old VM, moves its data disks, then configures and starts the new VM and waits for its health. @returns its
 * addresses
 */
async function takeOver(turn: Turn, successor: GuestPlace, context: StepContext): Promise<readonly string[]> {
  const { step, machine, wasRunning } = turn
  const ha = known(turn, context)?.ha
  const heirs = { from: step.old.vmid, to: successor.vmid }
  if (ha !== undefined && !machine.declared.has('ha')) await inheritResource(heirs, context)
  context.stage('shutting down the old VM')
  // If another run has restored the old VM meanwhile, it keeps running.
  await oldGuest(turn, context)
  // It stays in the HA manager, which would start it once more if it left before it is stopped.
  await stopGuest(step.old, context, { ha })
  const old = await oldGuest(turn, context)
  if (dataDisksOf(old).length > 0) context.stage('moving data disks')
  await carryDisks(old, successor, context)
  await rememberDetached(turn, { old, successor }, context)
  context.stage('configuring')
  await reconcile(machine, { place: successor, disksFrom: step.disksFrom }, context)
  await keepTags(machine, { old, successor }, context)
  if (ha !== undefined && !leavesHa(machine)) await inheritRules(heirs, context)
  if (!machine.start && !wasRunning) return []
  context.stage('starting')
  if (!(await isRunning(successor, context))) await startAgain(successor, context)
  context.stage('waiting until it is healthy')
  const { addresses, missing } = await untilHealthy(machine, successor, context)
  if (missing !== undefined) throw unhealthy(turn, missing)
  return addresses
}

function leavesHa({ declared, ha }: Machine): boolean {
  return declared.has('ha') && ha === undefined
}

/** Unused volumes get new names with their new owner. The marker of the successor tells which of them an apply detached. */
async function rememberDetached(
  turn: Turn,
  { old, successor }: { readonly old: OwnGuest; readonly successor: GuestPlace },
  context: StepContext,
): Promise<void> {
  const known = readMarker(old.config.description, old.vmid)
  if (known?.detached === undefined) return
  const read = () => readOwnGuest(successor, identityOf(turn, context), context)
  const { config } = await read()
  const change = (marker: Marker | undefined) =>
    marker && withCarriedDisks(marker, { marker: known, config: old.config }, config)
  await writeMarker({ read, change }, context)
}

interface Finish {
  readonly context: StepContext
  readonly addresses: readonly string[]
}

/** Moves the disks that an interrupted run did not move, because they would be removed with the old VM. */
async function carryRest({ step, machine }: Turn, successor: GuestPlace, context: StepContext): Promise<void> {
  try {
    const old = await readOwnGuest(step.old, retiredIdentity(machine.name, context), context)
    if (dataDisksOf(old).length === 0) return
    await stopGuest(step.old, context)
    await carryDisks(old, successor, context)
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
  }
}

/** Makes the new VM the machine and removes the old one. The data disks no longer belong to the old one. */
async function finish(turn: Turn, successor: GuestPlace, { context, addresses }: Finish): Promise<StepResult> {
  const { step, machine } = turn
  const end = await decide('done', { name: machine.name, place: step.old }, context)
  if (end === 'returning' || end === 'back') {
    const failure = unhealthy(turn, 'another run, which replaced it at the same time, gave up')
    await bringBack(turn, failure, context)
    throw failure
  }
  const read = () => readOwnGuest(successor, identityOf(turn, context), context)
  await writeMarker(
    {
      read,
      change: (marker) => {
        if (marker?.replaces === undefined) return marker
        const { replaces: _, ...rest } = marker
        return rest
      },
    },
    context,
  )
  await carryRest(turn, successor, context)
  context.stage('removing the old VM')
  await removeGuest(step.old, retiredIdentity(machine.name, context), context, REPLACED)
  if (step.oldSeed !== undefined) await removeSeed(step.oldSeed, step.node, context)
  return { guest: successor, ...(addresses.length > 0 && { addresses }) }
}
