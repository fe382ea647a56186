// The status of the cluster's storages on a node (pve-storage `API2/Storage/Status.pm`).
import { badParameters, failure } from '../../errors.ts'
import { requireStorage } from '../../guests/drives/drives.ts'
import { isReachable } from '../../storage/activate.ts'
import { spaceOf } from '../../storage/space.ts'
import { isOnNode, type StorageConfig, storageRules } from '../../storage/storage-config.ts'
import type { Call, Endpoint } from '../call.ts'
import { mayList } from './definitions.ts'

export const storageEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/storage', method: 'GET', handle: listOnNode },
  { path: '/nodes/{node}/storage/{storage}/status', method: 'GET', handle: status },
  { path: '/nodes/{node}/storage/{storage}/identity', method: 'GET', handle: identity },
]

/** Returns true for storages of this node and shared ones that are not disabled. */
const isEnabled = (storage: StorageConfig, node: string): boolean => !storage.disabled && isOnNode(storage, node)

function describe(call: Call, storage: StorageConfig): Record<string, unknown> {
  const enabled = isEnabled(storage, call.node)
  const active = enabled && isReachable(call.world.storage, storage)
  const space = active ? spaceOf(call.world, storage, call.node) : { total: 0, used: 0, avail: 0 }
  return {
    type: storage.type,
    content: [...storage.content].join(','),
    shared: storage.shared ? 1 : 0,
    enabled: enabled ? 1 : 0,
    active: active ? 1 : 0,
    ...space,
  }
}

/** Lists all storages, including those that this node cannot use. With `content`, lists only the enabled ones. */
function listOnNode(call: Call): readonly Record<string, unknown>[] {
  const { world, node } = call
  const kinds = call.optional('content')?.split(/[;,\s]+/)
  const wanted = call.optional('storage')
  const target = call.optional('target') === node ? undefined : call.optional('target')
  const found = [...world.storage.storages.values()].filter(
    (storage) => kinds === undefined || (isEnabled(storage, node) && kinds.some((kind) => storage.content.has(kind))),
  )
  if (wanted !== undefined && !found.some(({ id }) => id === wanted)) {
    throw badParameters({ storage: 'No such storage.' })
  }
  return found
    .filter(({ id }) => mayList(call, id) && (wanted === undefined || id === wanted))
    .filter((storage) => !(call.flag('enabled') && storage.disabled))
    .filter((storage) => target === undefined || isShared(storage, [node, target]))
    .map((storage) => listed(call, storage))
}

const isShared = (storage: StorageConfig, nodes: readonly string[]): boolean =>
  storage.shared && nodes.every((node) => isOnNode(storage, node))

function listed(call: Call, storage: StorageConfig): Record<string, unknown> {
  const entry = describe(call, storage)
  const total = Number(entry.total)
  return {
    storage: storage.id,
    ...entry,
    ...(total > 0 && { used_fraction: Number(entry.used) / total }),
    ...(call.flag('format') && isEnabled(storage, call.node) && formatsOf(call, storage)),
  }
}

function formatsOf({ world }: Call, { type }: StorageConfig): Record<string, unknown> {
  const { formats, defaultFormat } = storageRules[type]
  return {
    format: [Object.fromEntries(formats.map((format) => [format, 1])), defaultFormat],
    ...(world.version !== '8.4' && { formats: { supported: formats, default: defaultFormat } }),
  }
}

/** A missing storage is a parameter error here, unlike in the content list. */
function status(call: Call): Record<string, unknown> {
  const storage = call.world.storage.storages.get(call.text('storage'))
  if (storage === undefined) throw badParameters({ storage: 'No such storage.' })
  return describe(call, storage)
}

/** Only Proxmox Backup Servers have an identity. */
function identity(call: Call): never {
  requireStorage(call, call.text('storage'))
  throw failure('get_identity not implemented for this plugin at /usr/share/perl5/PVE/Storage/Plugin.pm line 2681.')
}
