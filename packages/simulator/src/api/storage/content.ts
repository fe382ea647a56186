// The content of a storage: list, show, allocate, delete.
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { badParameters, failure, notSimulated } from '../../errors.ts'
import { requireStorage } from '../../guests/drives/drives.ts'
import { checkVolumeAccess, hasStorage, mayUseVolume } from '../../guests/drives/volume-access.ts'
import { withStorageLock } from '../../guests/guest-locks.ts'
import { parseSize } from '../../state/drives.ts'
import { requireBackends } from '../../storage/activate.ts'
import { allocateImage, freeImage, volumeSize } from '../../storage/images.ts'
import { type ListedVolume, listContent } from '../../storage/listing.ts'
import { type StorageConfig, storageRules } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, endedWithin } from '../call.ts'

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

/** The metadata of an appliance import. A plain disk image has none. */
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
  return volumes.filter(({ volid }) => mayUseVolume(call, volid))
}

async function allocate(call: Call): Promise<string> {
  const [vmid, name, size] = [call.integer('vmid'), call.text('filename'), call.text('size')]
  const ending = /\.(raw|qcow2|vmdk)$/.exec(name)?.[1]
  const wanted = call.optional('format')
  if (ending !== undefined && wanted !== undefined && wanted !== ending) {
    throw badParameters({ format: `different storage formats (${wanted} != ${ending})` })
  }
  const storage = requireStorage(call, call.text('storage'))
  const format = ending ?? wanted ?? storageRules[storage.type].defaultFormat
  checkNewName(storage, { vmid, name, format })
  requireBackends(call.world.storage, storage)
  const bytes = parseSize(/[MG]$/.test(size) ? size : `${size}K`) ?? 0
  const image = { vmid, format, name, bytes, log: () => undefined }
  const volume = await withStorageLock(call.world, { node: call.node, storage }, () =>
    allocateImage(call.world.storage.storages, storage, { image, place: place(call) }),
  )
  return volume.volid
}

function checkNewName({ type }: StorageConfig, wanted: { vmid: number; name: string; format: string }): void {
  const { vmid, name, format } = wanted
  if (!storageRules[type].files) {
    if (!name.startsWith(`vm-${vmid}-`)) throw failure(`illegal name '${name}' - should be 'vm-${vmid}-*'`)
    return
  }
  if (/^snap-.*\.qcow2$/.test(name)) throw failure(`'${name}' is a snapshot filename, not a volume!`)
  const ending = /^[^/\s]+\.(raw|qcow2|vmdk|subvol)$/.exec(name)?.[1]
  if (ending === undefined) throw failure(`unable to parse volume filename '${name}'`)
  if (ending !== format) {
    throw failure(`illegal name '${name}' - wrong extension for format ('${ending} != '${format})`)
  }
}

/** A name without a storage belongs to the storage in the path. */
function requireVolume(call: Call): Volume {
  const id = call.text('storage')
  const text = call.text('volume')
  if (!text.includes(':')) return resolveVolume(call.world.storage.storages, `${id}:${text}`, place(call))
  const other = text.slice(0, text.indexOf(':'))
  if (!hasStorage(text)) throw badParameters({ volume: `unable to parse volume ID '${text}'\n` })
  if (other !== id) throw badParameters({ volume: `storage ID mismatch (${other} != ${id})\n` })
  return resolveVolume(call.world.storage.storages, text, place(call))
}

async function describe(call: Call): Promise<Record<string, unknown>> {
  const volume = requireVolume(call)
  checkVolumeAccess(call, undefined, { volid: volume.volid })
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

function change(call: Call): null {
  const { kind, volid } = requireVolume(call)
  checkVolumeAccess(call, undefined, { volid })
  const { notes, protected: isProtected } = call.parameters
  if (notes !== undefined && kind !== 'backup') throw failure('only backups can have notes')
  if (isProtected !== undefined && kind !== 'backup') throw failure("only backups support attribute 'protected'")
  if (notes !== undefined || isProtected !== undefined) throw notSimulated('a note or a protection of a backup')
  return null
}

async function remove(call: Call): Promise<string | null> {
  const volume = requireVolume(call)
  checkDelete(call, volume)
  const id = volume.vmid === undefined ? volume.storage.id : `${volume.vmid}@${volume.storage.id}`
  const upid = await call.task('imgdel', id, (task) => free(call, task, volume))
  return endedWithin(call, upid, { seconds: call.optional('delay') })
}

function checkDelete(call: Call, { kind, vmid, storage }: Volume): void {
  const ofBackup = kind === 'backup' && vmid !== undefined
  call.needs(`/storage/${storage.id}`, ofBackup ? 'Datastore.AllocateSpace' : 'Datastore.Allocate')
  if (ofBackup) call.needs(`/vms/${vmid}`, 'VM.Backup')
}

async function free(call: Call, task: TaskContext, volume: Volume): Promise<void> {
  await pause(call.world, task, call.world.latency.otherTaskMs)
  await withStorageLock(call.world, { node: call.node, storage: volume.storage, task }, async () => {
    const listed = volume.isBase
      ? await listContent(call.world.storage.storages, volume.storage, { place: place(call), kinds: ['images'] })
      : []
    if (listed.some((entry) => entry.volid.startsWith(`${volume.volid}/`))) {
      throw failure(
        `base volume '${volume.volid.slice(volume.volid.indexOf(':') + 1)}' is still in use by linked clones`,
      )
    }
    const { existed } = await freeImage(volume)
    if (!existed && storageRules[volume.storage.type].files) task.log(`disk image '${volume.shownPath}' does not exist`)
  })
  task.log(`Removed volume '${volume.volid}'`)
}
