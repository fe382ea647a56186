// Two runs may make the same guest when somebody else's machine freed a candidate between them: one of the two stays.

import { candidateRank, type VmidRange } from '../../facts/cluster/candidates.ts'
import { OWNER_TAG, readMarker } from '../../facts/cluster/marker.ts'
import { readConfig } from '../../facts/cluster/observe-guests.ts'
import { UNFINISHED } from '../../plan/compare/spec-hash.ts'
import { parseTags } from '../../plan/config/property-string.ts'
import { removeGuest } from '../remove/remove-guest.ts'
import type { GuestRow } from '../run-state.ts'
import type { StepContext } from '../step-context.ts'
import type { Claimed } from './claim-guest.ts'
import type { GuestPlace } from './guest-config.ts'
import { listGuests } from './guest-listing.ts'
import { type Identity, isSame } from './inspect-guest.ts'

export interface DuplicateQuery {
  readonly identity: Identity
  /** What the walk of candidates is made from. */
  readonly walk: { readonly name: string; readonly range: VmidRange }
  /** How Proxmox calls such a guest. */
  readonly guestName: string
}

/**
 * Looks once for a guest with the same marker that appeared since this run looked at the cluster. One that is finished may
 * be in use: it stays, and what this run has just made goes. Of those in the making every run keeps the one that comes
 * first in the walk of candidates, so that they agree without talking.
 */
export async function resolveDuplicates(
  claimed: Claimed,
  question: DuplicateQuery,
  context: StepContext,
): Promise<Claimed> {
  if (!claimed.made) return claimed
  const duplicates = await findDuplicates(claimed, question, context)
  const byRank = (one: GuestPlace, other: GuestPlace) => rankOf(one, question) - rankOf(other, question)
  const [finished] = duplicates.filter(({ isFinished }) => isFinished).sort(byRank)
  if (finished !== undefined) {
    await removeDuplicate(claimed, question, context)
    return { vmid: finished.vmid, node: finished.node, made: false }
  }
  const [first = claimed, ...others] = [claimed, ...duplicates].sort(byRank)
  for (const other of others) await removeDuplicate(other, question, context)
  return first === claimed ? claimed : { vmid: first.vmid, node: first.node, made: false }
}

interface Duplicate extends GuestPlace {
  readonly isFinished: boolean
}

async function findDuplicates(
  claimed: Claimed,
  question: DuplicateQuery,
  context: StepContext,
): Promise<readonly Duplicate[]> {
  const known = new Set([claimed.vmid, ...context.run.claims, ...context.facts.guests.map(({ vmid }) => vmid)])
  const rows = (await listGuests(context)).filter(({ vmid = 0 }) => !known.has(vmid))
  const suspects = rows.filter((row) => isSuspect(row, question.guestName))
  const places = await Promise.all(suspects.map((row) => ifDuplicate(row, question.identity, context)))
  return places.filter((place) => place !== undefined)
}

/** For its first ten seconds a guest may be listed as `VM 710`. */
function isSuspect({ tags, name = '' }: GuestRow, guestName: string): boolean {
  return parseTags(tags).includes(OWNER_TAG) && (name === guestName || name === '' || /^VM \d+$/.test(name))
}

async function ifDuplicate(
  { vmid, node }: GuestRow,
  identity: Identity,
  { world, signal }: StepContext,
): Promise<Duplicate | undefined> {
  if (vmid === undefined || node === undefined) return undefined
  const config = await readConfig({ vmid, node }, world.pve, signal)
  const marker = readMarker(config?.description, vmid)
  if (marker === undefined || !isSame(marker, identity)) return undefined
  return { vmid, node, isFinished: marker.spec !== UNFINISHED }
}

async function removeDuplicate(place: GuestPlace, { identity }: DuplicateQuery, context: StepContext): Promise<void> {
  context.note(
    'warning',
    `${identity.name} was made twice, by another run at the same time; ${place.vmid} on ${place.node} is removed.`,
  )
  await removeGuest(place, identity, context)
}

/**
 * The same for templates. A template of another run may have clones already, so none but our own is ever removed; one
 * too many is taken by `images prune`.
 */
export async function resolveDuplicateTemplates(
  claimed: Claimed,
  question: DuplicateQuery,
  context: StepContext,
): Promise<Claimed> {
  if (!claimed.made) return claimed
  const better = (await findDuplicates(claimed, question, context)).find(
    (duplicate) => rankOf(duplicate, question) < rankOf(claimed, question),
  )
  if (better === undefined) return claimed
  await removeDuplicate(claimed, question, context)
  return { vmid: better.vmid, node: better.node, made: false }
}

function rankOf({ vmid }: GuestPlace, { identity, walk: { name, range } }: DuplicateQuery): number {
  return candidateRank(vmid, { project: identity.project, name, range })
}
