// What each kind of Proxmox storage can do: hold files, link clones, take `import` content, which disk formats.

interface StorageKind {
  /** Keeps ordinary files, so ISO images and `import` volumes are possible. */
  readonly files: boolean
  /** Disk formats it can hold, its default first; none: no disks at all. */
  readonly formats: readonly ('raw' | 'qcow2' | 'vmdk')[]
  /** Clones of a template may share its disk. */
  readonly linkedClones: boolean
  /** Space is taken when it is written, not when a disk is made. */
  readonly thin: boolean
}

const files: StorageKind = { files: true, formats: ['raw', 'qcow2', 'vmdk'], linkedClones: true, thin: true }
const thinBlocks: StorageKind = { files: false, formats: ['raw'], linkedClones: true, thin: true }
const thickBlocks: StorageKind = { files: false, formats: ['raw'], linkedClones: false, thin: false }
const noDisks: StorageKind = { files: false, formats: [], linkedClones: false, thin: true }

// From the plugins of pve-storage (`plugindata`, `volume_has_feature`).
const KINDS: Readonly<Record<string, StorageKind>> = {
  dir: files,
  nfs: files,
  cifs: files,
  glusterfs: files,
  btrfs: { ...files, formats: ['raw'] },
  cephfs: { ...noDisks, files: true },
  lvm: thickBlocks,
  lvmthin: thinBlocks,
  zfspool: thinBlocks,
  zfs: thinBlocks,
  rbd: thinBlocks,
  iscsi: noDisks,
  iscsidirect: noDisks,
  pbs: noDisks,
  esxi: noDisks,
}

/** A kind we have not heard of, from a plugin of somebody's: nothing is assumed that could fail. */
const UNKNOWN: StorageKind = { files: false, formats: ['raw'], linkedClones: false, thin: true }

function kindOf(type: string): StorageKind {
  return KINDS[type] ?? UNKNOWN
}

/** Whether a storage of this type keeps files: a must for `import` and `iso` content. */
export function isFileBased(type: string): boolean {
  return kindOf(type).files
}

/** Whether Proxmox can make linked clones there. */
export function canLinkClones(type: string): boolean {
  return kindOf(type).linkedClones
}

/** Whether disks can live there at all. */
export function holdsDisks(type: string): boolean {
  return kindOf(type).formats.length > 0
}

/** Whether a disk takes its space only as it is written. */
export function isThin(type: string): boolean {
  return kindOf(type).thin
}
