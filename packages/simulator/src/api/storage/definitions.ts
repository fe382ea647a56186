// The definitions of the cluster's storages (pve-storage `API2/Storage/Config.pm`).
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { failure, notSimulated, sentenceOf } from '../../errors.ts'
import { activateStorage } from '../../storage/activate.ts'
import {
  applySetting,
  isOnNode,
  makeStorage,
  realPath,
  type StorageConfig,
  type StorageType,
  storageRules,
} from '../../storage/storage-config.ts'
import { checkNewStorage, checkStorageChange, defaultContent } from '../../storage/storage-options.ts'
import type { World } from '../../world.ts'
import { lockUsers } from '../access/lock-users.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { typedSettings } from '../sections.ts'

export const storageDefinitionEndpoints: readonly Endpoint[] = [
  { path: '/storage', method: 'GET', handle: list },
  { path: '/storage', method: 'POST', handle: create },
  { path: '/storage/{storage}', method: 'GET', handle: (call) => shown(call, requireDefinition(call)) },
  { path: '/storage/{storage}', method: 'PUT', handle: update },
  { path: '/storage/{storage}', method: 'DELETE', handle: remove },
]

export const mayList = (call: Call, id: string): boolean =>
  call.mayAny(`/storage/${id}`, 'Datastore.Audit', 'Datastore.AllocateSpace')

/** Throws `storage '…' does not exist`. */
export function requireDefinition(call: Call): StorageConfig {
  const id = call.text('storage')
  const storage = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  return storage
}

function shown(call: Call, storage: StorageConfig): Record<string, unknown> {
  return {
    storage: storage.id,
    type: storage.type,
    content: [...storage.content].join(',') || 'none',
    digest: call.world.storage.digest(),
    ...(storageRules[storage.type].files && { path: storage.path }),
    ...(storage.shared && { shared: 1 }),
    ...(storage.disabled && { disable: 1 }),
    ...(storage.nodes !== undefined && { nodes: [...storage.nodes].join(',') }),
    ...typedSettings(call, storage.other, ['POST', '/storage']),
  }
}

function list(call: Call): readonly Record<string, unknown>[] {
  const type = call.optional('type')
  const visible = [...call.world.storage.storages.values()].filter((storage) => mayList(call, storage.id))
  return visible.filter((storage) => type === undefined || storage.type === type).map((storage) => shown(call, storage))
}

/** Stored in separate files that the API never returns. */
const secrets = ['password', 'keyring', 'encryption-key']
const ofCall = ['storage', 'type', 'delete', 'digest', ...secrets]

const settingsOf = (call: Call): Map<string, string> =>
  new Map(Object.entries(call.parameters).filter(([key]) => !ofCall.includes(key)))

const isOff = (text = ''): boolean => /^(?:0|no|off|false)$/i.test(text)

/** Refuses settings that would change the layout or names of volumes. */
function refuseUnknownLayout(settings: ReadonlyMap<string, string>): void {
  for (const key of ['snapshot-as-volume-chain', 'content-dirs', 'base']) {
    if (settings.has(key) && !isOff(settings.get(key))) {
      throw notSimulated(`The setting ${key} of a storage`)
    }
  }
}

function lockStorages<Result>(context: string, change: () => Result): Result {
  try {
    return change()
  } catch (error) {
    throw failure(`${context}: ${sentenceOf(error)}`)
  }
}

function create(call: Call): Record<string, unknown> {
  const [id, type] = [call.text('storage'), call.text('type')]
  if (!Object.hasOwn(storageRules, type)) throw notSimulated(`A storage of type ${type}`)
  const storage = readNew(call, id, type as StorageType)
  lockStorages('create storage failed', () => {
    if (call.world.storage.storages.has(id)) throw failure(`storage ID '${id}' already defined`)
    activate(call, storage)
    call.world.storage.storages.set(id, storage)
  })
  call.world.storage.save()
  return { storage: id, type }
}

function readNew(call: Call, id: string, type: StorageType): StorageConfig {
  const settings = settingsOf(call)
  if (settings.get('nodes') === '') settings.delete('nodes')
  if (type === 'nfs' || type === 'cifs') settings.set('path', settings.get('path') ?? `/mnt/pve/${id}`)
  checkNewStorage(type, settings)
  refuseUnknownLayout(settings)
  const storage = makeStorage({ id, type, content: defaultContent[type] })
  storage.other.clear()
  const path = settings.get('path')
  if (path !== undefined) settings.set('path', posix.normalize(path).replace(/(?<=.)\/$/, ''))
  applySettings(storage, settings)
  return storage
}

/** Content that a type does not support is left out. Only the server's log contains a warning. */
function applySettings(storage: StorageConfig, settings: ReadonlyMap<string, string>): void {
  for (const [key, value] of settings) {
    if (key === 'content') applySetting(storage, key, knownContent(storage, value))
    else applySetting(storage, key, key === 'nodes' ? listOf(value).join(',') : value)
  }
}

function knownContent({ type }: StorageConfig, text: string): string {
  const mayBeEmpty = type === 'dir' || type === 'btrfs'
  const asked = listOf(text)
  const kept = asked.filter((kind) => storageRules[type].content.includes(kind))
  const isNone = mayBeEmpty && asked.includes('none')
  if (isNone && kept.length > 0) throw failure("unable to combine 'none' with other content types")
  if (kept.length === 0 && !mayBeEmpty) throw failure("storage does not support content type 'none'")
  return kept.join(',')
}

/** Proxmox activates a new storage at once, if this node may use it, to report errors early. */
function activate({ world, node }: Call, storage: StorageConfig): void {
  if (storage.disabled || !isOnNode(storage, node)) return
  requireFolder(world, node, storage)
  activateStorage(world.storage, storage)
}

/** A storage that may not create its folder needs an existing one. */
function requireFolder(world: World, node: string, storage: StorageConfig): void {
  const { other, id, path } = storage
  if ((other.get('create-base-path') ?? other.get('mkdir')) !== '0') return
  if (existsSync(realPath(world.root, storage, { node, shown: path }))) return
  throw failure(`unable to activate storage '${id}' - directory '${path}' does not exist or is unreachable`)
}

function update(call: Call): Record<string, unknown> {
  const [id, digest] = [call.text('storage'), call.optional('digest')]
  const remove = listOf(call.optional('delete'))
  const { storage: database } = call.world
  refuseUnknownLayout(settingsOf(call))
  const storage = lockStorages('update storage failed', () => {
    if (digest !== undefined && digest !== database.digest()) {
      throw failure('detected modified configuration - file changed by other user? Try again.')
    }
    const found = requireDefinition(call)
    checkStorageChange(found.type, settingsOf(call), remove)
    for (const key of remove) removeSetting(found, key)
    applySettings(found, settingsOf(call))
    return found
  })
  database.save()
  return { storage: id, type: storage.type }
}

function removeSetting(storage: StorageConfig, key: string): void {
  if (key === 'nodes') delete storage.nodes
  else if (key === 'disable') storage.disabled = false
  else if (key === 'shared') {
    storage.shared = storageRules[storage.type].shared
    storage.other.delete(key)
  } else if (key === 'content') storage.content = new Set(defaultContent[storage.type])
  else storage.other.delete(key)
}

function remove(call: Call): null {
  const { storage: database } = call.world
  const { id } = lockStorages('delete storage failed', () => requireDefinition(call))
  database.storages.delete(id)
  database.save()
  return lockUsers(call, `access permissions cleanup for storage ${id} failed`, (config) => {
    config.acl = config.acl.filter(({ path }) => path !== `/storage/${id}`)
    for (const pool of config.pools.values()) pool.storages.delete(id)
  })
}
