// Storages: the cluster's definitions, and what each node says of them.
import { ApiError, badParameters, failure } from '../../errors.ts'
import { spaceOf } from '../../storage/space.ts'
import {
  applySetting,
  isOnNode,
  makeStorage,
  type StorageConfig,
  type StorageType,
  storageRules,
} from '../../storage/storage-config.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const storageEndpoints: readonly Endpoint[] = [
  { path: '/storage', method: 'GET', handle: listDefinitions },
  { path: '/storage', method: 'POST', handle: createDefinition },
  { path: '/storage/{storage}', method: 'GET', handle: (call) => definition(call, requireDefinition(call)) },
  { path: '/storage/{storage}', method: 'PUT', handle: updateDefinition },
  { path: '/storage/{storage}', method: 'DELETE', handle: deleteDefinition },
  { path: '/nodes/{node}/storage', method: 'GET', handle: listOnNode },
  { path: '/nodes/{node}/storage/{storage}/status', method: 'GET', handle: status },
  { path: '/nodes/{node}/storage/{storage}/identity', method: 'GET', handle: identity },
]

const mayList = (call: Call, id: string): boolean =>
  call.mayAny(`/storage/${id}`, 'Datastore.Audit', 'Datastore.AllocateSpace')

function requireDefinition(call: Call): StorageConfig {
  const id = call.text('storage')
  const storage = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  return storage
}

function definition(call: Call, storage: StorageConfig): Record<string, unknown> {
  return {
    storage: storage.id,
    type: storage.type,
    content: [...storage.content].join(','),
    digest: call.world.storage.digest(),
    ...(storageRules[storage.type].files && { path: storage.path }),
    ...(storage.shared && { shared: 1 }),
    ...(storage.disabled && { disable: 1 }),
    ...(storage.nodes !== undefined && { nodes: [...storage.nodes].join(',') }),
    ...Object.fromEntries(storage.other),
  }
}

function listDefinitions(call: Call): readonly Record<string, unknown>[] {
  const type = call.optional('type')
  const visible = [...call.world.storage.storages.values()].filter((storage) => mayList(call, storage.id))
  return visible
    .filter((storage) => type === undefined || storage.type === type)
    .map((storage) => definition(call, storage))
}

const settings = (call: Call): [string, string][] =>
  Object.entries(call.parameters).filter(([key]) => !['storage', 'type', 'delete', 'digest'].includes(key))

function createDefinition(call: Call): Record<string, unknown> {
  const id = call.text('storage')
  if (call.world.storage.storages.has(id)) throw failure(`create storage failed: storage ID '${id}' already defined`)
  const storage = makeStorage({ id, type: call.text('type') as StorageType })
  for (const [key, value] of settings(call)) applySetting(storage, key, value)
  call.world.storage.storages.set(id, storage)
  call.world.storage.save()
  return { storage: id, type: storage.type }
}

function updateDefinition(call: Call): Record<string, unknown> {
  const id = call.text('storage')
  const storage = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`update storage failed: storage '${id}' does not exist`)
  for (const [key, value] of settings(call)) applySetting(storage, key, value)
  for (const key of listOf(call.optional('delete'))) {
    if (key === 'nodes') delete storage.nodes
    else if (key === 'disable') storage.disabled = false
    else storage.other.delete(key)
  }
  call.world.storage.save()
  return { storage: id, type: storage.type }
}

function deleteDefinition(call: Call): null {
  const storage = requireDefinition(call)
  call.world.storage.storages.delete(storage.id)
  call.world.storage.save()
  return null
}

function describe(call: Call, storage: StorageConfig, node: string): Record<string, unknown> {
  const isEnabled = !storage.disabled
  const space = isEnabled ? spaceOf(call.world, storage, node) : { total: 0, used: 0, avail: 0 }
  return {
    type: storage.type,
    content: [...storage.content].join(','),
    shared: storage.shared ? 1 : 0,
    enabled: isEnabled ? 1 : 0,
    active: isEnabled ? 1 : 0,
    ...space,
  }
}

function listOnNode(call: Call): readonly Record<string, unknown>[] {
  const { world, node } = call
  const kinds = call.optional('content')?.split(/[;,\s]+/)
  const wanted = call.optional('storage')
  const target = call.optional('target')
  return [...world.storage.storages.values()]
    .filter((storage) => isOnNode(storage, node) && mayList(call, storage.id))
    .filter((storage) => target === undefined || (storage.shared && isOnNode(storage, target)))
    .filter((storage) => wanted === undefined || storage.id === wanted)
    .filter((storage) => !(call.flag('enabled') && storage.disabled))
    .filter((storage) => kinds === undefined || kinds.some((kind) => storage.content.has(kind)))
    .map((storage) => listed(call, storage))
}

function listed(call: Call, storage: StorageConfig): Record<string, unknown> {
  const entry = describe(call, storage, call.node)
  const total = Number(entry.total)
  const { formats, defaultFormat } = storageRules[storage.type]
  return {
    storage: storage.id,
    ...entry,
    ...(total > 0 && { used_fraction: Number(entry.used) / total }),
    ...(call.flag('format') && {
      format: [Object.fromEntries(formats.map((format) => [format, 1])), defaultFormat],
      ...(call.world.version !== '8.4' && { formats: { supported: formats, default: defaultFormat } }),
    }),
  }
}

/** A storage that is not there is the parameter's fault here, unlike in the content listing. */
function status(call: Call): Record<string, unknown> {
  const storage = call.world.storage.storages.get(call.text('storage'))
  if (storage === undefined || !isOnNode(storage, call.node)) throw badParameters({ storage: 'No such storage.' })
  return describe(call, storage, call.node)
}

function identity(call: Call): Record<string, unknown> {
  const storage = requireDefinition(call)
  if (!storageRules[storage.type].files) throw new ApiError(501, 'not implemented')
  return { type: storage.type, id: storage.path }
}
