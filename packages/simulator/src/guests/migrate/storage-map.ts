// Maps volumes to storages of another node: `targetstorage`, one for all or pairs (pve-common `parse_idmap`).
import { type Call, listOf } from '../../api/call.ts'
import { badParameters, failure } from '../../errors.ts'
import { isOnNode, type StorageConfig } from '../../storage/storage-config.ts'
import type { World } from '../../world.ts'

export interface StorageMap {
  readonly isIdentity: boolean
  readonly default?: string
  readonly entries: ReadonlyMap<string, string>
}

export function parseStorageMap(text: string | undefined): StorageMap | undefined {
  if (text === undefined || text === '') return undefined
  const refuse = (why: string): Error => badParameters({ targetstorage: `failed to parse storage map: ${why}\n` })
  const entries = new Map<string, string>()
  let [isIdentity, otherwise] = [false, undefined as string | undefined]
  for (const entry of listOf(text)) {
    const [source = '', target] = entry.split(':')
    if (entry === '1') isIdentity = true
    else if (target !== undefined) {
      if (entries.has(source)) throw refuse(`duplicate mapping for source '${source}'`)
      entries.set(source, target)
    } else {
      if (otherwise !== undefined) throw refuse('default target ID can only be provided once')
      otherwise = entry
    }
  }
  if (isIdentity && (otherwise !== undefined || entries.size > 0)) {
    throw refuse('identity mapping cannot be combined with other mappings')
  }
  return { isIdentity, entries, ...(otherwise !== undefined && { default: otherwise }) }
}

export function targetOf(map: StorageMap | undefined, storage: string): string {
  return map?.entries.get(storage) ?? map?.default ?? storage
}

/** Returns the storage. @throws if it does not exist, is disabled, or is not available on the node */
export function requireStorageOn({ storage }: World, id: string, node: string): StorageConfig {
  const found = storage.storages.get(id)
  if (found === undefined) throw failure(`storage '${id}' does not exist`)
  if (found.disabled) throw failure(`storage '${id}' is disabled`)
  if (!isOnNode(found, node)) throw failure(`storage '${id}' is not available on node '${node}'`)
  return found
}

/** Checks the privileges on the target storages. */
export function checkTargets(call: Call, map: StorageMap, { vmid, target }: { vmid: number; target: string }): void {
  if (!map.isIdentity) call.needs(`/vms/${vmid}`, 'VM.Config.Disk')
  const wanted = [...map.entries.values(), ...(map.default === undefined ? [] : [map.default])]
  for (const id of wanted) {
    const storage = requireStorageOn(call.world, id, target)
    call.needs(`/storage/${id}`, 'Datastore.AllocateSpace')
    if (!storage.content.has('images')) throw failure(`storage '${id}' does not support vm images`)
  }
}
