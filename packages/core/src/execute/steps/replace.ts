// Replaces one machine in a rollout. Each part checks the current state, so the next run can finish or undo a run that
// was interrupted anywhere. The two VMs never run at the same time with one address: the new one starts after the old
// one stopped.
import { ProvisionError, toProvisionError } from '../../errors.ts'
import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { withCarriedDisks } from '../../plan/compare/own-disks.ts'
import { dataDisksOf } from '../../plan/day-two/replacement-losses.ts'
import type { StepOf, StepResult } from '../../plan/step.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { type GuestPlace, isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { type Identity, machineIdentity } from '../guest/inspect-guest.ts'
import { reconcile } from '../guest/reconcile.ts'
import { writeMarker } from '../guest/write-marker.ts'
import { isRunning, removeGuest, stopGuest } from '../remove/remove-guest.ts'
import { removeSeed } from '../remove/remove-seed.ts'
import { carryDisks } from '../replace/carry-disks.ts'
import { untilHealthy, untilRunning } from '../replace/health.ts'
import { inheritResource, inheritRules } from '../replace/inherit-ha.ts'
import { keepTags } from '../replace/keep-tags.ts'
import { copyCards, decide, retire, retiredIdentity, startAgain, takeBack } from '../replace/retire.ts'
import { machineOf, type StepContext, type StepRunner } from '../step-context.ts'
import { claimMachine } from './create.ts'

/** The disks were moved before. What the config does not name then may be one whose move failed halfway. */
const REPLACED = { unprotect: true, keepUnreferenced: true } as const

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
    await bringBack(turn, context)
    throw unhealthy(turn, 'found by an earlier run')
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
    const healthy = await bringBack(turn, context).catch((second: unknown) => {
      throw notRestored(turn, thrown, second)
    })
    if (healthy === undefined) throw thrown
    // Another run found the new VM healthy first.
    return { successor: healthy, addresses: [] }
  }
}

/** Why the new VM failed must not be lost if the old one cannot be restored either. */
function notRestored(turn: Turn, first: unknown, second: unknown): ProvisionError {
  const { code, message, hint, details } = toProvisionError(second)
  if (!(first instanceof ProvisionError) || code === 'CANCELLED' || code === 'CONFLICT') return toProvisionError(second)
  const { old, node } = turn.step
  const failure = first.message.replace(restored(turn), '').trimEnd()
  return new ProvisionError(code, `${failure} ${old.vmid} on ${node} could not be restored: ${message}`, {
    cause: second,
    ...(hint !== undefined && { hint }),
    details,
  })
}

/** Returns a new VM that an earlier run found healthy, if that run ended before it removed the old VM. */
async function finishedSuccessor(step: StepOf<'replace'>, context: StepContext): Promise<GuestPlace | undefined> {
  const known = context.facts.guests.find(({ marker, vmid }) => marker.name === step.machine && vmid !== step.old.vmid)
  if (known === undefined || known.marker.replaces !== undefined) return undefined
  const identity = machineIdentity(step.machine, context)
  const { vmid, node } = await readOwnGuest(known, identity, context)
  return { vmid, node }
}

interface Turn {
  readonly step: StepOf<'replace'>
  readonly machine: Machine
  readonly wasRunning: boolean
}

const identityOf = ({ machine: { name } }: Turn, context: StepContext): Identity => machineIdentity(name, context)

function oldGuest({ step, machine }: Turn, context: StepContext): Promise<OwnGuest> {
  return readOwnGuest(step.old, retiredIdentity(machine.name, context), context)
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

/** Returns the old VM as this run found it. */
function known({ step }: Turn, { facts }: StepContext): GuestFacts | undefined {
  return facts.guests.find(({ vmid }) => vmid === step.old.vmid)
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
    await bringBack(turn, context)
    throw unhealthy(turn, 'another run, which replaced it at the same time, gave up')
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

/**
 * Removes the new VM, moves the disks back, gives the old VM its name back and starts it if it was running. If another
 * run has found the new VM healthy, it stays. @returns the new VM in that case
 */
async function bringBack(turn: Turn, context: StepContext): Promise<GuestPlace | undefined> {
  const { step, machine } = turn
  context.stage('restoring the old VM')
  const end = await decide('returning', { name: machine.name, place: step.old }, context)
  if (end === 'done' || end === 'gone') return findSuccessor(turn, context, { finished: true })
  const successor = await findSuccessor(turn, context)
  if (successor !== undefined) await dismiss(turn, successor, context)
  await takeBack(machine.name, step.old, context)
  if (turn.wasRunning && !(await untilRunning(step.old, context))) throw notStarted(turn)
  return undefined
}

/** Removes the new VM, after its data disks were moved back. Another run may be doing the same. */
async function dismiss(turn: Turn, successor: GuestPlace, context: StepContext): Promise<void> {
  try {
    await stopGuest(successor, context)
    const guest = await readOwnGuest(successor, identityOf(turn, context), context)
    await carryDisks(guest, turn.step.old, context)
    if (known(turn, context)?.ha !== undefined)
      await inheritRules({ from: successor.vmid, to: turn.step.old.vmid }, context)
    await removeGuest(successor, identityOf(turn, context), context, REPLACED)
  } catch (thrown) {
    if (!isGone(thrown) && !isProblem(thrown, 'not-found')) throw thrown
    // It was removed. Anything else is a failure.
    if ((await findSuccessor(turn, context)) !== undefined) throw thrown
  }
}

/** Finds the new VM by its marker, which names the VM that it replaces until it is finished. */
async function findSuccessor(
  turn: Turn,
  context: StepContext,
  { finished = false }: { readonly finished?: boolean } = {},
): Promise<GuestPlace | undefined> {
  const identity = identityOf(turn, context)
  const known = context.facts.guests.find(({ marker }) => marker.replaces === turn.step.old.vmid)
  const candidates = [...new Set([...context.run.claims, ...(known ? [known.vmid] : [])])]
  for (const vmid of candidates) {
    const guest = await readOwnGuest({ vmid, node: turn.step.node }, identity, context).catch(unlessGone)
    const marker = guest && readMarker(guest.config.description, vmid)
    const isIt = marker?.replaces === turn.step.old.vmid || (finished && vmid !== turn.step.old.vmid)
    if (guest !== undefined && isIt) return { vmid, node: guest.node }
  }
  return undefined
}

function unlessGone(thrown: unknown): undefined {
  if (!isGone(thrown)) throw thrown
}

function unhealthy(turn: Turn, missing: string): ProvisionError {
  const { machine, step } = turn
  return new ProvisionError(
    'CONFLICT',
    `The new ${machine.name} did not become healthy: ${missing}. ${restored(turn)}`,
    {
      hint: `Look at the image and at \`wait\` of ${machine.entry}, then replace it again.`,
      details: { machine: machine.name, vmid: step.old.vmid },
    },
  )
}

function restored({ step: { old, node }, wasRunning }: Turn): string {
  return `${old.vmid} on ${node} ${wasRunning ? 'runs again' : 'is back'}, with its disks.`
}

/** Only the HA manager can leave it like that: without HA, a start that fails is the error. */
function notStarted({ machine, step: { old, node } }: Turn): ProvisionError {
  return new ProvisionError(
    'CONFLICT',
    `The new ${machine.name} did not become healthy, and the HA manager did not start ${old.vmid} on ${node} again. It has its name and its disks back.`,
    {
      hint: `Find out why it does not start, as root on ${node}: ha-manager status`,
      details: { machine: machine.name, vmid: old.vmid, node },
    },
  )
}
