// The disks of a machine as volumes, in Proxmox's order.
import type { Call } from '../../api/call.ts'
import { type Drive, driveKeys, isCdrom, isCloudInit, parseDrive } from '../../state/drives.ts'
import { textOf, type VmSection } from '../../state/vm-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'

export interface GuestDisk {
  readonly key: string
  readonly drive: Drive
  readonly volume: Volume
}

/** Returns the disks with a volume of a machine or a snapshot, without CD-ROMs. The cloud-init drive is included on request. */
export function guestDisks(
  { world, node }: Call,
  section: VmSection,
  { cloudInit = false }: { cloudInit?: boolean } = {},
): readonly GuestDisk[] {
  return driveKeys.flatMap((key) => {
    const text = textOf(section, key)
    if (text === undefined) return []
    const drive = parseDrive(text)
    if (!drive.file.includes(':') || (isCdrom(drive) && !(cloudInit && isCloudInit(drive)))) return []
    return [{ key, drive, volume: resolveVolume(world.storage.storages, drive.file, { root: world.root, node }) }]
  })
}
