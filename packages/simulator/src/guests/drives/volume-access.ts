// Checks who may use a volume or a path as a drive, or copy it (pve-storage `check_volume_access`).
import type { Call } from '../../api/call.ts'
import { failure } from '../../errors.ts'
import { resolveVolume, type VolumeKind } from '../../storage/volume.ts'

export const hasStorage = (volid: string): boolean => /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i.test(volid)

const storageLine = { '8.4': 581, '9.2': 651 } as const

/** Throws unless the caller may use it for this machine. */
export function checkVolumeAccess(
  call: Call,
  vmid: number | undefined,
  { volid, kind }: { volid: string; kind?: VolumeKind },
): void {
  if (!hasStorage(volid)) {
    if (call.isRoot) return
    const line = storageLine[call.world.version]
    throw failure(`Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line ${line}.`)
  }
  const volume = resolveVolume(call.world.storage.storages, volid, { root: call.world.root, node: call.node })
  if (kind !== undefined && volume.kind !== kind) {
    throw failure(`unable to use volume ${volid} - content type needs to be '${kind}'`)
  }
  const storage = `/storage/${volume.storage.id}`
  if (call.may(storage, 'Datastore.Allocate')) return
  if (volume.kind === 'iso' || volume.kind === 'vztmpl' || volume.kind === 'import') {
    call.needsAny(storage, 'Datastore.AllocateSpace', 'Datastore.Audit')
  } else if (volume.vmid === undefined) {
    throw failure(`missing privileges to access ${volid}`)
  } else if (volume.vmid !== vmid) {
    if (volume.kind === 'backup') call.needs(storage, 'Datastore.AllocateSpace')
    else call.needs(storage, 'Datastore.Audit')
    call.needs(`/vms/${volume.vmid}`, volume.kind === 'backup' ? 'VM.Backup' : 'VM.Config.Disk')
  }
}

/** Returns true if the caller may use it without a machine that owns it. */
export function mayUseVolume(call: Call, volid: string): boolean {
  try {
    checkVolumeAccess(call, undefined, { volid })
    return true
  } catch {
    return false
  }
}
