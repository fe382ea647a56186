// Finds out if a storage can be used: its server answers, its volume group or pool exists (pve-storage `Storage.pm`).
import { failure, notSimulated } from '../errors.ts'
import { type StorageConfig, type StorageDatabase, storageRules } from './storage-config.ts'

/** The path that must be a mount point, if there is one. The setting is a boolean or a path. */
function mountPoint({ path, other }: StorageConfig): string | undefined {
  const text = other.get('is_mountpoint') ?? '0'
  if (/^(?:0|no|off|false)$/i.test(text)) return undefined
  return /^(?:1|yes|on|true)$/i.test(text) ? path : text
}

/** Returns the servers, devices and mounts that a storage needs. A plain folder needs none. */
export function backendsOf(storage: StorageConfig): readonly string[] {
  const { type, other } = storage
  const of = (key: string): string => other.get(key) ?? ''
  switch (type) {
    case 'nfs':
      return [`nfs ${of('server')}`, `nfs ${of('server')}:${of('export')}`]
    case 'cifs':
      return [`cifs //${of('server')}/${of('share')}`]
    case 'lvm':
      return [`group ${of('vgname')}`]
    case 'lvmthin':
      return [`group ${of('vgname')}`, `pool ${of('vgname')}/${of('thinpool')}`]
    case 'zfspool':
      return [`zpool ${of('pool').split('/')[0]}`]
    case 'rbd':
      return [`ceph ${of('monhost')}`]
    case 'dir':
      return mountsOf(storage)
    case 'btrfs':
      return [...mountsOf(storage), `btrfs ${storage.path}`]
  }
}

const mountsOf = (storage: StorageConfig): readonly string[] =>
  [mountPoint(storage)].filter((path) => path !== undefined).map((path) => `mount ${path}`)

/** Returns true if everything that a storage needs exists. */
export const isReachable = ({ backends }: StorageDatabase, storage: StorageConfig): boolean =>
  !isWithoutFolders(storage) && backendsOf(storage).every((backend) => backends.has(backend))

/** Proxmox looks for the folder of the content type `none`, and fails. */
const isWithoutFolders = ({ type, content }: StorageConfig): boolean => storageRules[type].files && content.size === 0

/** Throws Proxmox's error if the storage cannot be activated. Thick LVM and RBD always can (`activate_storage`). */
export function activateStorage({ backends }: StorageDatabase, storage: StorageConfig): void {
  const missing = backendsOf(storage).find((backend) => !backends.has(backend))
  if (missing === undefined) {
    if (isWithoutFolders(storage)) throw failure("unknown vtype 'none'")
    return
  }
  const { id, type, other } = storage
  const source = `${other.get('server')}:${other.get('export')}`
  if (missing === `nfs ${source}`) {
    throw failure(
      `mount error: mount.nfs: mounting ${source} failed, reason given by server: No such file or directory`,
    )
  }
  if (type === 'nfs' || type === 'cifs') throw failure(`storage '${id}' is not online`)
  if (missing.startsWith('btrfs ')) throw failure(`'${storage.path}' is not a btrfs file system`)
  if (type === 'dir' || type === 'btrfs') {
    const expected = 'directory is expected to be a mount point but is not mounted'
    throw failure(`unable to activate storage '${id}' - ${expected}: '${mountPoint(storage)}'`)
  }
  if (type === 'lvmthin') throw failure(`no such logical volume ${other.get('vgname')}/${other.get('thinpool')}`)
  if (type === 'zfspool') {
    const pool = other.get('pool')?.split('/')[0]
    throw failure(`could not activate storage '${id}', zfs error: cannot import '${pool}': no such pool available`)
  }
}

/** Throws if a new volume cannot be created, although the storage can be activated. */
export function requireBackends(database: StorageDatabase, storage: StorageConfig): void {
  if (isReachable(database, storage)) return
  if (storage.type === 'lvm') throw failure(`no such volume group '${storage.other.get('vgname')}'`)
  throw notSimulated('A Ceph cluster that does not answer')
}
