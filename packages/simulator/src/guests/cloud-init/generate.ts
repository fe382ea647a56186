// Writes a machine's cloud-init drive: at each start, on `PUT cloudinit`, and if `hotplug` contains cloudinit.
import { existsSync } from 'node:fs'
import type { CloudInitDocuments } from '../../state/cloud-init-documents.ts'
import { driveKeys, isCloudInit, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf, type VmConfig } from '../../state/vm-config.ts'
import { allocateImage } from '../../storage/images.ts'
import { resolveVolume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { withStorageLock } from '../guest-locks.ts'
import { driveDocuments } from './documents.ts'

const driveBytes = 4 * 1024 * 1024

/** Returns the volumes of a machine that are cloud-init drives. */
export function cloudInitVolumes(config: VmConfig): readonly string[] {
  return driveKeys.flatMap((key) => {
    const text = textOf(config, key)
    if (text === undefined) return []
    const drive = parseDrive(text)
    return isCloudInit(drive) ? [drive.file] : []
  })
}

export interface DriveWork {
  readonly node: string
  readonly machine: Machine
  readonly task: TaskContext
}

/**
 * Writes the drive. Returns its new documents, or undefined without a drive. Clears the recorded changes (qemu-server
 * `Cloudinit.pm:apply_cloudinit_config`), and creates a missing volume.
 */
export async function generateDrive(
  world: World,
  { node, machine, task }: DriveWork,
  config: VmConfig = machine.config,
): Promise<CloudInitDocuments | undefined> {
  let documents: CloudInitDocuments | undefined
  for (const volid of cloudInitVolumes(config)) {
    documents = driveDocuments(world, { node, vmid: machine.vmid, config })
    await makeMissing(world, { node, machine, task }, volid)
    task.log('generating cloud-init ISO')
  }
  machine.config.cloudInit.clear()
  return documents
}

async function makeMissing(world: World, { node, machine, task }: DriveWork, volid: string): Promise<void> {
  const place = { root: world.root, node }
  const { storage, realPath, format, name } = resolveVolume(world.storage.storages, volid, place)
  if (existsSync(realPath)) return
  const image = { vmid: machine.vmid, format, name, bytes: driveBytes, log: task.log }
  await withStorageLock(world, { node, storage, task }, () =>
    allocateImage(world.storage.storages, storage, { image, place }),
  )
}

/** Writes the drive of a running machine. The guest reads it at its next boot. */
export async function renewDrive(world: World, work: DriveWork): Promise<void> {
  const documents = await generateDrive(world, work)
  const { machine } = work
  world.machines.save(machine)
  if (machine.power === undefined || documents === undefined) return
  machine.power.cloudInit = documents
  world.machines.savePower(machine)
}
