// What each type of storage can do: files or blocks, linked clones, and the format its disks have (pve-storage's plugins).

interface StorageKind {
  /** Disks are files, so `import` content is possible and a disk may be qcow2 as well as raw. */
  readonly files: boolean
  /** A clone of a template can share its blocks. */
  readonly linkedClones: boolean
}

const FILES: StorageKind = { files: true, linkedClones: true }
const LINKING_BLOCKS: StorageKind = { files: false, linkedClones: true }
const PLAIN_BLOCKS: StorageKind = { files: false, linkedClones: false }

/** `plugindata` and `volume_has_feature` of the plugins in pve-storage `src/PVE/Storage/`. */
const KINDS: Readonly<Record<string, StorageKind>> = {
  dir: FILES,
  nfs: FILES,
  cifs: FILES,
  cephfs: FILES,
  glusterfs: FILES,
  btrfs: FILES,
  lvmthin: LINKING_BLOCKS,
  zfspool: LINKING_BLOCKS,
  zfs: LINKING_BLOCKS,
  rbd: LINKING_BLOCKS,
  lvm: PLAIN_BLOCKS,
  iscsi: PLAIN_BLOCKS,
  iscsidirect: PLAIN_BLOCKS,
}

/** Whether disks on this type of storage are files; unknown types are taken for blocks. */
export function isFileBased(type: string): boolean {
  return kindOf(type).files
}

/** Whether a clone on this type of storage can be linked to its template; unknown types are cloned in full. */
export function canLinkClones(type: string): boolean {
  return kindOf(type).linkedClones
}

function kindOf(type: string): StorageKind {
  return KINDS[type] ?? PLAIN_BLOCKS
}
