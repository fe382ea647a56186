// One turn of a rollout: the machine, its old VM, and how its new VM is found.

import { readMarker } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { StepOf } from '../../plan/step.ts'
import { type GuestPlace, isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { type Identity, machineIdentity } from '../guest/inspect-guest.ts'
import type { StepContext } from '../step-context.ts'
import { retiredIdentity } from './retire.ts'

export interface Turn {
  readonly step: StepOf<'replace'>
  readonly machine: Machine
  readonly wasRunning: boolean
}

export const identityOf = ({ machine: { name } }: Turn, context: StepContext): Identity =>
  machineIdentity(name, context)

export function oldGuest({ step, machine }: Turn, context: StepContext): Promise<OwnGuest> {
  return readOwnGuest(step.old, retiredIdentity(machine.name, context), context)
}

/** Returns the old VM as this run found it. */
export function known({ step }: Turn, { facts }: StepContext): GuestFacts | undefined {
  return facts.guests.find(({ vmid }) => vmid === step.old.vmid)
}

/** Returns a new VM that an earlier run found healthy, if that run ended before it removed the old VM. */
export async function finishedSuccessor(
  step: StepOf<'replace'>,
  context: StepContext,
): Promise<GuestPlace | undefined> {
  const known = context.facts.guests.find(({ marker, vmid }) => marker.name === step.machine && vmid !== step.old.vmid)
  if (known === undefined || known.marker.replaces !== undefined) return undefined
  const identity = machineIdentity(step.machine, context)
  const { vmid, node } = await readOwnGuest(known, identity, context)
  return { vmid, node }
}

/** Finds the new VM by its marker, which names the VM that it replaces until it is finished. */
export async function findSuccessor(
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
