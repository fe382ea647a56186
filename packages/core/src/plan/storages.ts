// Helpers that find storages in the facts.
import type { Facts, StorageFacts } from '../facts/facts.ts'
import type { StorageRef } from '../ports/pve/pve.ts'

/** Returns a storage as a node sees it. */
export function storageOf(facts: Facts, { node, storage }: StorageRef): StorageFacts | undefined {
  return facts.cluster.storages.find((entry) => entry.node === node && entry.storage === storage)
}

/** Returns the lane of a storage: cluster-wide for a shared one, otherwise for its node. */
export function storageLane(storage: StorageFacts | undefined, at: StorageRef): string {
  return `storage:${placeOf(storage, at)}`
}

/** Returns the name of a storage in ids and reasons: `nfs` if it is shared, else `pve1/local`. */
export function placeOf(storage: StorageFacts | undefined, { node, storage: name }: StorageRef): string {
  return storage?.shared ? name : `${node}/${name}`
}
