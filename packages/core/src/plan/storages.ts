// Small questions to the facts about storages.
import type { Facts, StorageFacts } from '../facts/facts.ts'
import type { StorageRef } from '../ports/pve/pve.ts'

/** A storage as a node sees it. */
export function storageOf(facts: Facts, { node, storage }: StorageRef): StorageFacts | undefined {
  return facts.cluster.storages.find((entry) => entry.node === node && entry.storage === storage)
}

/** What contends: a shared storage cluster-wide, a local one on its node. */
export function storageLane(storage: StorageFacts | undefined, at: StorageRef): string {
  return `storage:${placeOf(storage, at)}`
}

/** How a storage is called in ids and reasons: `nfs` when shared, `pve1/local` otherwise. */
export function placeOf(storage: StorageFacts | undefined, { node, storage: name }: StorageRef): string {
  return storage?.shared ? name : `${node}/${name}`
}
