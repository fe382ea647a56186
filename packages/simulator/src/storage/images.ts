// Disk volumes: allocate, copy, clone, convert to a base, resize, free. With real files and the real qemu-img.
import { existsSync } from 'node:fs'
import { chmod, link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { failure } from '../errors.ts'
import { copyGuestDisk, dropGuestDisk, moveGuestDisk } from '../guests/inside/guest-disk.ts'
import type { PveVersion } from '../state/privileges.ts'
import { readQcow2Header } from './qcow2-header.ts'
import { createImage, createOverlay, imageInfo, QemuImgError } from './qemu-img.ts'
import { realPath, type StorageConfig, storageRules } from './storage-config.ts'
import { resolveVolume, type Volume, type VolumePlace } from './volume.ts'

export type StorageMap = ReadonlyMap<string, StorageConfig>

/**
 * The format of the actual file. Block storages are thin, so their devices are sparse qcow2 files that appear as raw.
 */
export function hiddenFormat(volume: Volume): string {
  return storageRules[volume.storage.type].files ? volume.format : 'qcow2'
}

/** Returns the size that the guest sees, in bytes. @throws if there is no such volume. */
export async function volumeSize(volume: Volume): Promise<number> {
  const format = hiddenFormat(volume)
  if (format === 'raw') return (await stat(volume.realPath)).size
  const header = format === 'qcow2' ? await readQcow2Header(volume.realPath) : undefined
  return header?.virtualSize ?? (await imageInfo(volume.realPath, format)).virtualSize
}

/** The folder of a machine's disks. */
function imageFolder(storage: StorageConfig, vmid: number): string {
  return storageRules[storage.type].files ? `${storage.path}/images/${vmid}` : storage.path
}

/** Returns the first free `vm-<vmid>-disk-<n>`, over all formats and bases. */
export async function freeDiskName(
  storage: StorageConfig,
  disk: { vmid: number; format: string },
  place: VolumePlace,
): Promise<string> {
  const folder = realPath(place.root, storage, { node: place.node, shown: imageFolder(storage, disk.vmid) })
  const names = existsSync(folder) ? await readdir(folder) : []
  const pattern = new RegExp(`^(?:vm|base|subvol)-${disk.vmid}-disk-(\\d+)`)
  const taken = new Set(
    names
      .map((name) => pattern.exec(name)?.[1])
      .filter((text) => text !== undefined)
      .map(Number),
  )
  let number = 0
  while (taken.has(number)) number += 1
  return `vm-${disk.vmid}-disk-${number}${suffix(storage, disk.format)}`
}

export function suffix(storage: StorageConfig, format: string): string {
  return storageRules[storage.type].files ? `.${format}` : ''
}

function volidOf(storage: StorageConfig, vmid: number, name: string): string {
  return storageRules[storage.type].files ? `${storage.id}:${vmid}/${name}` : `${storage.id}:${name}`
}

export interface NewImage {
  readonly vmid: number
  readonly format: string
  readonly bytes: number
  readonly name?: string
  readonly log: (line: string) => void
}

/** Creates an empty volume. The caller must hold the storage's lock. */
export async function allocateImage(
  storages: StorageMap,
  storage: StorageConfig,
  { image, place }: { image: NewImage; place: VolumePlace },
): Promise<Volume> {
  if (!storageRules[storage.type].formats.includes(image.format)) {
    throw failure(
      `unsupported format '${image.format}' at /usr/share/perl5/PVE/Storage/${storage.type.toUpperCase()}Plugin.pm line 1.`,
    )
  }
  const name = image.name ?? (await freeDiskName(storage, image, place))
  const volume = resolveVolume(storages, volidOf(storage, image.vmid, name), place)
  if (existsSync(volume.realPath)) throw failure(`disk image '${volume.shownPath}' already exists`)
  await mkdir(dirname(volume.realPath), { recursive: true })
  image.log(formattingLine(volume, image.bytes))
  if (hiddenFormat(volume) === 'raw') await createSparse(volume.realPath, image.bytes)
  else await createImage(volume.realPath, { format: hiddenFormat(volume), bytes: image.bytes, preallocate: true })
  return volume
}

async function createSparse(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'wx')
  try {
    await handle.truncate(bytes)
  } finally {
    await handle.close()
  }
}

function formattingLine(volume: Volume, bytes: number): string {
  if (!storageRules[volume.storage.type].files) return `  Logical volume "${volume.name}" created.`
  if (volume.format === 'raw') return `Formatting '${volume.shownPath}', fmt=raw size=${bytes} preallocation=off`
  if (volume.format === 'vmdk') {
    return `Formatting '${volume.shownPath}', fmt=vmdk size=${bytes} compat6=off hwversion=undefined`
  }
  const head = `Formatting '${volume.shownPath}', fmt=qcow2 cluster_size=65536 extended_l2=off`
  return `${head} preallocation=metadata compression_type=zlib size=${bytes} lazy_refcounts=off refcount_bits=16`
}

/** Creates a volume that shares its base's blocks. The caller must hold the storage's lock. */
interface LinkRequest {
  readonly vmid: number
  readonly place: VolumePlace
  readonly log: (line: string) => void
  readonly version: PveVersion
}

export async function linkImage(
  storages: StorageMap,
  base: Volume,
  { vmid, place, log, version }: LinkRequest,
): Promise<Volume> {
  const { storage } = base
  const isFile = storageRules[storage.type].files
  // Since 9, a clone has larger clusters with subclusters (pve-storage `qemu_img_create_qcow2_backed`).
  const preallocation = base.format === 'qcow2' ? 'metadata' : 'off'
  const options = version === '8.4' ? undefined : `extended_l2=on,cluster_size=128k,preallocation=${preallocation}`
  const format = storageRules[storage.type].files ? 'qcow2' : 'raw'
  const name = await freeDiskName(storage, { vmid, format }, place)
  const baseName = storageRules[storage.type].files ? `${base.vmid}/${base.name}` : base.name
  const plain = volidOf(storage, vmid, name)
  const volid = storageRules[storage.type].baseInName ? plain.replace(':', `:${baseName}/`) : plain
  const volume = resolveVolume(storages, volid, place)
  await mkdir(dirname(volume.realPath), { recursive: true })
  const backing = await backingOf(base, dirname(volume.realPath))
  if (storageRules[storage.type].files) {
    log(`clone ${baseName}: images, ${name}, ${vmid} to ${name} (base=../${baseName})`)
    const shown =
      options === undefined
        ? 'cluster_size=65536 extended_l2=off'
        : `cluster_size=131072 extended_l2=on preallocation=${preallocation}`
    log(
      `Formatting '${volume.shownPath}', fmt=qcow2 ${shown} compression_type=zlib ` +
        `size=${await volumeSize(base)} backing_file=../${baseName} backing_fmt=${base.format} lazy_refcounts=off refcount_bits=16`,
    )
  }
  const overlay = { backing, backingFormat: hiddenFormat(base), ...(isFile && options !== undefined && { options }) }
  await createOverlay(volume.realPath, overlay)
  copyGuestDisk(base, volume)
  return volume
}

/**
 * Returns the backing file of an overlay. A thin volume outlives its base, which can be removed at any time. So there,
 * the base's blocks get a second, hidden name.
 */
async function backingOf(base: Volume, folder: string): Promise<string> {
  if (storageRules[base.storage.type].baseInName) return relative(folder, base.realPath)
  const hidden = `.thin-${(await stat(base.realPath)).ino}`
  await link(base.realPath, join(folder, hidden)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return hidden
}

/** Removes hidden blocks that no volume uses any more. */
async function freeHidden(folder: string): Promise<void> {
  const names = await readdir(folder)
  const hidden = names.filter((name) => name.startsWith('.thin-'))
  if (hidden.length === 0) return
  const used = new Set<string | undefined>()
  for (const name of names) used.add((await readQcow2Header(join(folder, name)).catch(() => undefined))?.backingFile)
  for (const name of hidden) {
    // A parallel removal may have removed it already.
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.nlink === 1 && !used.has(name)) await rm(join(folder, name), { force: true })
  }
}

/** Renames `vm-…` to `base-…` and makes it read-only. */
export async function turnIntoBase(storages: StorageMap, volume: Volume, place: VolumePlace): Promise<Volume> {
  const name = volume.name.replace(/^vm-/, 'base-')
  const volid = `${volume.volid.slice(0, volume.volid.length - volume.name.length)}${name}`
  const base = resolveVolume(storages, volid, place)
  await rename(volume.realPath, base.realPath)
  moveGuestDisk(volume, base)
  await chmod(base.realPath, 0o444)
  return base
}

/** Moves a volume to another machine, under its next free name. The caller must hold the storage's lock. */
export async function renameImage(
  storages: StorageMap,
  volume: Volume,
  { vmid, place }: { vmid: number; place: VolumePlace },
): Promise<Volume> {
  const { storage } = volume
  const name = await freeDiskName(storage, { vmid, format: volume.format }, place)
  const plain = volidOf(storage, vmid, name)
  const volid = volume.base === undefined ? plain : plain.replace(':', `:${volume.base}/`)
  const renamed = resolveVolume(storages, volid, place)
  await mkdir(dirname(renamed.realPath), { recursive: true })
  await rename(volume.realPath, renamed.realPath)
  moveGuestDisk(volume, renamed)
  if (storageRules[storage.type].files) await rmdir(dirname(volume.realPath)).catch(() => undefined)
  return renamed
}

/** Removes the file, and the machine's folder if it is empty. A missing file is not an error. */
export async function freeImage(volume: Volume): Promise<{ readonly existed: boolean }> {
  const existed = existsSync(volume.realPath)
  await rm(volume.realPath, { force: true })
  dropGuestDisk(volume)
  if (storageRules[volume.storage.type].files) await rmdir(dirname(volume.realPath)).catch(() => undefined)
  else if (!storageRules[volume.storage.type].baseInName && existed) await freeHidden(dirname(volume.realPath))
  return { existed }
}

/** Returns qemu-img's error with the paths that users know instead of the real ones. */
export function shownProblem(error: unknown, volumes: readonly { realPath: string; shownPath: string }[]): string {
  let text = error instanceof QemuImgError ? error.problem : String(error)
  for (const { realPath: real, shownPath } of volumes) text = text.replaceAll(real, shownPath)
  return text
}
