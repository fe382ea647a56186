// Scans a machine's volumes before a migration and finds what blocks it (qemu-server
// `QemuMigrate.pm:scan_local_volumes`).
import type { Call } from '../../api/call.ts'
import { failure, sentenceOf } from '../../errors.ts'
import type { Machine } from '../../state/machines.ts'
import { hiddenFormat } from '../../storage/images.ts'
import type { Volume } from '../../storage/volume.ts'
import { isReadByClones, volumeOf } from '../drives/free-volume.ts'
import { type GuestVolume, guestVolumes } from './guest-volumes.ts'
import type { MigrationLog } from './migration-log.ts'
import { requireStorageOn, type StorageMap, targetOf } from './storage-map.ts'

export interface Migration {
  readonly machine: Machine
  readonly target: string
  readonly isOnline: boolean
  readonly withLocalDisks: boolean
  readonly map: StorageMap | undefined
}

/** A volume that must be transferred. */
export interface LocalVolume {
  readonly volume: Volume
  readonly reference: 'attached' | 'unused' | 'snapshot' | 'pending' | 'generated'
  readonly targetStorage: string
  /** Cloud-init drives and VM states keep their names. */
  readonly keepsName: boolean
}

/** Scans the volumes. @throws `Problem found while scanning volumes - …`, after logging each problem */
export async function scanVolumes(
  call: Call,
  log: MigrationLog,
  migration: Migration,
): Promise<readonly LocalVolume[]> {
  try {
    return await scan(call, log, migration)
  } catch (error) {
    throw failure(`Problem found while scanning volumes - ${sentenceOf(error)}`)
  }
}

async function scan(call: Call, log: MigrationLog, migration: Migration): Promise<readonly LocalVolume[]> {
  const found: LocalVolume[] = []
  const problems = new Map<string, string>()
  for (const named of guestVolumes(migration.machine.config)) {
    try {
      await examine(call, migration, { named, found })
    } catch (error) {
      problems.set(named.volid, sentenceOf(error))
    }
  }
  found.sort((one, other) => (one.volume.volid < other.volume.volid ? -1 : 1))
  for (const local of found) tell(log, migration, { local, problems })
  for (const volid of [...problems.keys()].sort()) {
    const problem = problems.get(volid) ?? ''
    log.info(volid === 'cdrom' ? problem : `can't migrate local disk '${volid}': ${problem}`)
  }
  if (problems.size > 0) throw failure("can't migrate VM - check log")
  for (const { volume } of found) checkStorage(volume)
  return found
}

interface Examined {
  readonly named: GuestVolume
  readonly found: LocalVolume[]
}

async function examine(call: Call, migration: Migration, { named, found }: Examined): Promise<void> {
  const { volid } = named
  if (volid === 'none') return
  if (volid === 'cdrom') throw failure("can't migrate local cdrom drive")
  if (volid.startsWith('/')) {
    if (named.shared) return
    throw failure('local file/device')
  }
  const volume = volumeOf(call, volid)
  const { storage } = volume
  const targetStorage = storage.shared ? storage.id : targetOf(migration.map, storage.id)
  checkTarget(call, migration, { volume, targetStorage })
  if (storage.shared) return
  const keepsName = named.isVmState || named.isCloudInit
  found.push({ volume, reference: referenceOf(named), targetStorage, keepsName })
  await checkVolume(call, migration, { named, volume })
}

function checkTarget(
  { world }: Call,
  { target }: Migration,
  { volume, targetStorage }: { volume: Volume; targetStorage: string },
): void {
  const storage = requireStorageOn(world, targetStorage, target)
  if (!storage.content.has(volume.kind)) {
    throw failure(`${volume.volid}: content type '${volume.kind}' is not available on storage '${targetStorage}'`)
  }
}

function referenceOf(named: GuestVolume): LocalVolume['reference'] {
  if (named.isTpmState || named.isCloudInit) return 'generated'
  if (named.isAttached) return 'attached'
  if (named.isUnused) return 'unused'
  return named.snapshots.size > 0 ? 'snapshot' : 'pending'
}

async function checkVolume(
  { world, node }: Call,
  { machine, isOnline }: Migration,
  { named, volume }: { named: GuestVolume; volume: Volume },
): Promise<void> {
  if (named.isCloudInit) return
  if (named.cdrom) throw failure('local cdrom image')
  if (volume.vmid !== machine.vmid) throw failure(`owned by other VM (owner = VM ${volume.vmid})`)
  if (named.isVmState) return
  if (named.snapshots.size > 0) {
    if (isOnline) throw failure('online storage migration not possible if non-replicated snapshot exists')
    const mayTravel = volume.storage.type === 'zfspool' || hiddenFormat(volume) === 'qcow2'
    if (!mayTravel) throw failure('non-migratable snapshot exists')
  }
  if (await isReadByClones(world, node, volume)) throw failure('referenced by linked clone(s)')
}

const kinds = {
  attached: 'local disk (attached)',
  unused: 'local disk (unused)',
  snapshot: 'local disk (referenced by snapshot(s))',
  pending: 'local disk (pending change)',
  generated: 'generated disk (in current VM config)',
} as const

function tell(
  log: MigrationLog,
  { isOnline, withLocalDisks }: Migration,
  { local, problems }: { local: LocalVolume; problems: Map<string, string> },
): void {
  const { volid } = local.volume
  if (local.reference === 'attached' && isOnline && !withLocalDisks) {
    problems.set(volid, "can't live migrate attached local disks without with-local-disks option")
  }
  const [what = '', where = ''] = kinds[local.reference].split(' (')
  log.info(`found ${what} '${volid}' (${where}`)
}

function checkStorage({ volid, storage, base }: Volume): void {
  if (!/^(?:dir|btrfs|zfspool|lvmthin|lvm)$/.test(storage.type)) {
    throw failure(`can't migrate '${volid}' - storage type '${storage.type}' not supported`)
  }
  if (base === undefined) return
  throw failure(`can't migrate '${volid}' as it's a clone of '${base.split('/').at(-1)}'`)
}
