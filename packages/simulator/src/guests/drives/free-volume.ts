// Removes volumes from a machine: keeps them as `unusedN`, or frees them under the storage's lock.
import type { Call } from '../../api/call.ts'
import { failure } from '../../errors.ts'
import { type Drive, driveKeys, isCdrom, isCloudInit, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf, type VmSection } from '../../state/vm-config.ts'
import { freeImage } from '../../storage/images.ts'
import { imageVolumes } from '../../storage/listing.ts'
import { readQcow2Header } from '../../storage/qcow2-header.ts'
import { storageRules } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { withStorageLock } from '../guest-locks.ts'

export interface FreeRequest {
  readonly node: string
  readonly task: TaskContext
}

/**
 * Removes a volume like `vdisk_free` of pve-storage: one at a time on each storage, and no base that clones still use.
 * @throws the lock's timeout, or that the base is in use
 */
export async function freeVolume(world: World, { node, task }: FreeRequest, volume: Volume): Promise<void> {
  const first = (): Promise<void> => listing(world, node, volume)
  await withStorageLock(world, { node, storage: volume.storage, task, first }, async () => {
    if (await isReadByClones(world, node, volume)) {
      const name = volume.volid.slice(volume.volid.indexOf(':') + 1)
      throw failure(`base volume '${name}' is still in use by linked clones`)
    }
    const { existed } = await freeImage(volume)
    if (!existed && storageRules[volume.storage.type].files) task.log(`disk image '${volume.shownPath}' does not exist`)
  })
}

/** To find out if a base is in use, Proxmox opens every image of the storage, one by one and under the lock. */
async function listing(world: World, node: string, volume: Volume): Promise<void> {
  if (!volume.isBase || !storageRules[volume.storage.type].baseInName) return
  const images = await imageVolumes(world.storage.storages, volume.storage, { root: world.root, node })
  await world.clock.sleep(images.length * world.latency.imageInfoMs)
}

/** Thin LVM allows removing a base while clones use it (pve-storage `Storage.pm:volume_is_base_and_used`). */
export async function isReadByClones(world: World, node: string, volume: Volume): Promise<boolean> {
  if (!volume.isBase || !storageRules[volume.storage.type].baseInName) return false
  const place = { root: world.root, node }
  for (const other of await imageVolumes(world.storage.storages, volume.storage, place)) {
    const backing = await readQcow2Header(other.realPath).catch(() => undefined)
    if (backing?.backingFile?.endsWith(volume.name) === true) return true
  }
  return false
}

/**
 * A detached disk becomes `unusedN`. A cloud-init drive is freed. A disk of another machine is only removed from the
 * configuration.
 */
export async function registerUnused(
  call: Call,
  task: TaskContext,
  { machine, drive }: { machine: Machine; drive: Drive },
): Promise<void> {
  const { world, node } = call
  if (isCloudInit(drive)) {
    await freeVolume(world, { node, task }, volumeOf(call, drive.file)).catch((error: unknown) =>
      task.log(error instanceof Error ? error.message : String(error)),
    )
    machine.config.cloudInit.clear()
  } else if (!isCdrom(drive) && isOwn(call, machine, drive)) addUnused(machine, drive.file)
}

function isOwn(call: Call, { vmid }: Machine, { file }: Drive): boolean {
  if (!/^[^/:]+:/.test(file)) return false
  const storage = call.world.storage.storages.get(file.split(':')[0] ?? '')
  return storage !== undefined && volumeOf(call, file).vmid === vmid
}

export function volumeOf({ world, node }: Call, volid: string): Volume {
  return resolveVolume(world.storage.storages, volid, { root: world.root, node })
}

/** Returns the new key, or undefined if it is already unused. */
export function addUnused({ config }: Machine, volid: string): string | undefined {
  const unused = [...config.values].find(([key, value]) => /^unused\d+$/.test(key) && value === volid)
  if (unused !== undefined) return undefined
  let number = 0
  while (config.values.has(`unused${number}`)) number += 1
  config.values.set(`unused${number}`, volid)
  return `unused${number}`
}

/**
 * Frees the volume of a deleted drive. Returns true if its key may be removed from the configuration (qemu-server
 * `QemuServer.pm:try_deallocate_drive`).
 */
export async function deallocate(
  call: Call,
  task: TaskContext,
  { machine, key, drive }: { machine: Machine; key: string; drive: Drive },
): Promise<void> {
  if (!isOwn(call, machine, drive)) return
  const volume = volumeOf(call, drive.file)
  call.needs(`/storage/${volume.storage.id}`, 'Datastore.AllocateSpace')
  if (isInUse(machine, key, drive.file)) {
    throw failure(`unable to delete '${drive.file}' - volume is still in use (snapshot?)`)
  }
  await freeVolume(call.world, { node: call.node, task }, volume)
}

/** Returns true if another drive, or a snapshot, uses the volume. */
export function isInUse({ config }: Machine, skip: string | undefined, volid: string): boolean {
  const names = (section: VmSection, without?: string): boolean =>
    driveKeys.some((key) => {
      const text = key === without ? undefined : textOf(section, key)
      if (text === undefined) return false
      const drive = parseDrive(text)
      return !isCdrom(drive) && drive.file === volid
    })
  return names(config, skip) || [...config.snapshots.values()].some((section) => names(section))
}
