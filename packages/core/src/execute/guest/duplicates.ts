// Resolves duplicates: two runs may create the same guest if a candidate id became free between their attempts. One
// stays.

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
  /** The input of the candidate order. */
  readonly walk: { readonly name: string; readonly range: VmidRange }
  /** The name of such a guest in Proxmox. */
  readonly guestName: string
}

/**
 * Looks once for a guest with the same marker that appeared since this run listed the cluster. A finished one may be in
 * use, so it stays and the guest of this run is removed. Among unfinished ones, every run keeps the first one in the
 * candidate order, so that the runs agree without communication.
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

/** In its first ten seconds, a guest may be listed as `VM 710`. */
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
    `${identity.name} was created twice, because another run was active; ${place.vmid} on ${place.node} is removed.`,
  )
  await removeGuest(place, identity, context)
}

/**
 * Like `resolveDuplicates`, for templates. Another run's template may already have clones, so only the own one is
 * removed. `images prune` removes a surplus template.
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
