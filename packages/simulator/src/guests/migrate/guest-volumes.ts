// All volumes that a machine refers to, including unused and pending ones and those in snapshots (qemu-server
// `foreach_volid`).
import { type Drive, isCdrom, isCloudInit, isDriveKey, isUnusedKey, parseDrive, parseSize } from '../../state/drives.ts'
import type { VmConfig, VmSection } from '../../state/vm-config.ts'

export interface GuestVolume {
  readonly volid: string
  cdrom: boolean
  isCloudInit: boolean
  replicate: boolean
  shared: boolean
  isUnused: boolean
  isAttached: boolean
  isTpmState: boolean
  isVmState: boolean
  isPending: boolean
  readonly snapshots: Set<string>
  size?: number | undefined
  key?: string
}

export function guestVolumes(config: VmConfig): readonly GuestVolume[] {
  const found = new Map<string, GuestVolume>()
  collect(found, config, {})
  collect(found, { values: config.pending }, { isPending: true })
  for (const [snapshot, section] of config.snapshots) collect(found, section, { snapshot })
  return [...found.values()]
}

interface Where {
  readonly isPending?: boolean
  readonly snapshot?: string
}

function collect(found: Map<string, GuestVolume>, { values }: VmSection, where: Where): void {
  for (const [key, value] of values) {
    if (!isDriveKey(key) && !isUnusedKey(key) && key !== 'vmstate') continue
    const drive = parseDrive(String(value))
    const volume = found.get(drive.file) ?? unseen(drive.file)
    found.set(drive.file, volume)
    note(volume, key, drive)
    if (where.snapshot !== undefined) volume.snapshots.add(where.snapshot)
    else if (where.isPending === true) volume.isPending = true
    else if (!volume.isUnused) volume.isAttached = true
  }
}

function unseen(volid: string): GuestVolume {
  const no = { isCloudInit: false, replicate: false, shared: false, isUnused: false, isAttached: false }
  return { volid, cdrom: true, ...no, isTpmState: false, isVmState: false, isPending: false, snapshots: new Set() }
}

function note(volume: GuestVolume, key: string, drive: Drive): void {
  if (!isCdrom(drive)) volume.cdrom = false
  if (isCloudInit(drive)) volume.isCloudInit = true
  if (drive.options.get('replicate') !== '0') volume.replicate = true
  if (drive.options.get('shared') === '1') volume.shared = true
  if (isUnusedKey(key)) volume.isUnused = true
  if (key === 'vmstate') volume.isVmState = true
  if (key === 'tpmstate0') volume.isTpmState = true
  volume.size ??= parseSize(drive.options.get('size') ?? '')
  if (isDriveKey(key)) volume.key = key
}
