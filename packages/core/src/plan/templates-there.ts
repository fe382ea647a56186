// Finds existing templates of this project by image, base and place.
import type { Facts, GuestFacts } from '../facts/facts.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import { storageOf } from './storages.ts'

/** Returns the templates of an image's build at a place, finished or not. */
export function templatesThere(
  { image, base, at }: { readonly image: string; readonly base: string; readonly at: StorageRef },
  facts: Facts,
): readonly GuestFacts[] {
  const isShared = storageOf(facts, at)?.shared === true
  return facts.guests.filter(
    ({ marker, node }) =>
      marker.kind === 'template' &&
      marker.base === base &&
      marker.image === image &&
      marker.storage === at.storage &&
      (isShared || node === at.node),
  )
}
