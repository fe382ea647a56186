// What is on a storage: list, look at one, allocate, delete.
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { badParameters, failure, forbidden } from '../../errors.ts'
import { requireStorage } from '../../guests/drives/drives.ts'
import { withStorageLock } from '../../guests/guest-locks.ts'
import { parseSize } from '../../state/drives.ts'
import { allocateImage, freeImage, volumeSize } from '../../storage/images.ts'
import { type ListedVolume, listContent } from '../../storage/listing.ts'
import { storageRules } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { Call, Endpoint } from '../call.ts'

const root = '/nodes/{node}/storage/{storage}/content'

export const contentEndpoints: readonly Endpoint[] = [
  { path: root, method: 'GET', handle: list },
  { path: root, method: 'POST', handle: allocate },
  { path: `${root}/{volume}`, method: 'GET', handle: describe },
  { path: `${root}/{volume}`, method: 'PUT', handle: change },
  { path: `${root}/{volume}`, method: 'DELETE', handle: remove },
  { path: '/nodes/{node}/storage/{storage}/import-metadata', method: 'GET', handle: importMetadata },
]

const place = (call: Call): { root: string; node: string } => ({ root: call.world.root, node: call.node })

/** What an appliance would become; there is nothing to tell of a plain disk image. */
function importMetadata(call: Call): never {
  const storage = requireStorage(call, call.text('storage'))
  if (!storageRules[storage.type].files) throw failure('storage does not support the importer API')
  const volid = `${storage.id}:${call.text('volume')}`
  const { kind } = resolveVolume(call.world.storage.storages, volid, place(call))
  throw failure(kind === 'import' ? 'invalid format' : `invalid content type '${kind}'`)
}

async function list(call: Call): Promise<readonly ListedVolume[]> {
  const storage = requireStorage(call, call.text('storage'))
  const wanted = call
    .optional('content')
    ?.split(/[;,\s]+/)
    .filter(Boolean)
  const kinds = [...storage.content].filter((kind) => wanted === undefined || wanted.includes(kind))
  const vmid = call.optional('vmid')
  const request = { place: place(call), kinds, ...(vmid !== undefined && { vmid: Number(vmid) }) }
  const { clock, storage: all } = call.world
  const volumes = await clock.during(() => listContent(all.storages, storage, request))
  return volumes.filter((volume) => mayRead(call, volume))
}

function mayRead(call: Call, volume: ListedVolume): boolean {
  const storage = `/storage/${call.text('storage')}`
  if (call.may(storage, 'Datastore.Allocate')) return true
  if (volume.vmid === undefined) return call.mayAny(storage, 'Datastore.Audit', 'Datastore.AllocateSpace')
  return call.may(`/vms/${volume.vmid}`, 'VM.Audit') || call.may(storage, 'Datastore.Allocate')
}

async function allocate(call: Call): Promise<string> {
  const storage = requireStorage(call, call.text('storage'))
  const vmid = call.integer('vmid')
  const filename = call.text('filename')
  const format = call.optional('format') ?? /\.(raw|qcow2|vmdk)$/.exec(filename)?.[1] ?? 'raw'
  const size = parseSize(/[KMGT]$/.test(call.text('size')) ? call.text('size') : `${call.text('size')}K`) ?? 0
  const image = { vmid, format, name: filename, bytes: size, log: () => undefined }
  const volume = await withStorageLock(call.world, { node: call.node, storage }, () =>
    allocateImage(call.world.storage.storages, storage, { image, place: place(call) }),
  )
  return volume.volid
}

function requireVolume(call: Call): Volume {
  const id = call.text('storage')
  const text = call.text('volume')
  if (!text.includes(':')) return resolveVolume(call.world.storage.storages, `${id}:${text}`, place(call))
  if (text.slice(0, text.indexOf(':')) !== id) {
    throw badParameters({ volume: `storage '${text.slice(0, text.indexOf(':'))}' does not match '${id}'` })
  }
  return resolveVolume(call.world.storage.storages, text, place(call))
}

async function describe(call: Call): Promise<Record<string, unknown>> {
  const volume = requireVolume(call)
  checkRead(call, volume)
  if (!existsSync(volume.realPath)) throw failure(`volume_size_info on '${volume.volid}' failed - no format`)
  const { blocks, size } = await stat(volume.realPath)
  const isImage = volume.kind === 'images' || volume.kind === 'import'
  return {
    path: volume.shownPath,
    size: isImage ? await volumeSize(volume) : Math.ceil(size / 512) * 512,
    used: blocks * 512,
    format: volume.format,
  }
}

function checkRead(call: Call, volume: Volume): void {
  if (volume.vmid !== undefined && call.may(`/vms/${volume.vmid}`, 'VM.Audit')) return
  if (call.mayAny(`/storage/${volume.storage.id}`, 'Datastore.Audit', 'Datastore.AllocateSpace', 'Datastore.Allocate'))
    return
  throw forbidden(`/storage/${volume.storage.id}, Datastore.Audit`)
}

function change(call: Call): null {
  const volume = requireVolume(call)
  checkRead(call, volume)
  if (volume.kind !== 'backup') throw failure('only backups can have notes')
  return null
}

async function remove(call: Call): Promise<string | null> {
  const volume = requireVolume(call)
  const { world } = call
  checkDelete(call, volume)
  const id = volume.vmid === undefined ? volume.storage.id : `${volume.vmid}@${volume.storage.id}`
  const upid = await call.task('imgdel', id, (task) => free(call, task, volume))
  const delay = call.optional('delay')
  if (delay === undefined) return upid
  const task = world.tasks.find(upid)
  await Promise.race([task?.done, world.clock.sleep(Number(delay) * 1000)])
  return task?.exitStatus === undefined ? upid : null
}

function checkDelete(call: Call, volume: Volume): void {
  const path = `/storage/${volume.storage.id}`
  if (volume.kind === 'backup' && call.may(path, 'Datastore.AllocateSpace')) return
  call.needs(path, 'Datastore.Allocate')
}

async function free(call: Call, task: TaskContext, volume: Volume): Promise<void> {
  await pause(call.world, task, call.world.latency.otherTaskMs)
  await withStorageLock(call.world, { node: call.node, storage: volume.storage, task }, async () => {
    const listed = volume.isBase
      ? await listContent(call.world.storage.storages, volume.storage, { place: place(call), kinds: ['images'] })
      : []
    if (listed.some((entry) => entry.volid.startsWith(`${volume.volid}/`))) {
      throw failure(`base volume '${volume.volid}' is still in use by linked cloned`)
    }
    const { existed } = await freeImage(volume)
    if (!existed && storageRules[volume.storage.type].files) task.log(`disk image '${volume.shownPath}' does not exist`)
  })
  task.log(`Removed volume '${volume.volid}'`)
}
