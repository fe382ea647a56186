// The capabilities of each storage type of Proxmox: files, linked clones, `import` content, disk formats.

interface StorageKind {
  /** Stores ordinary files, so ISO images and `import` volumes are possible. */
  readonly files: boolean
  /** Supported disk formats, the default first. Empty: no disks at all. */
  readonly formats: readonly ('raw' | 'qcow2' | 'vmdk')[]
  /** A clone of a template can share its disk. */
  readonly linkedClones: boolean
  /** Space is used when it is written, not when a disk is created. */
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

/** An unknown type, from a third-party plugin. Assume nothing that could fail. */
const UNKNOWN: StorageKind = { files: false, formats: ['raw'], linkedClones: false, thin: true }

function kindOf(type: string): StorageKind {
  return KINDS[type] ?? UNKNOWN
}

/** Returns true if this storage type stores files, which `import` and `iso` content require. */
export function isFileBased(type: string): boolean {
  return kindOf(type).files
}

/** Returns true if Proxmox can create linked clones there. */
export function canLinkClones(type: string): boolean {
  return kindOf(type).linkedClones
}

/** Returns true if the storage type supports disks. */
export function holdsDisks(type: string): boolean {
  return kindOf(type).formats.length > 0
}

/** Returns true if a disk uses space only as it is written. */
export function isThin(type: string): boolean {
  return kindOf(type).thin
}

/** Returns the format of a disk after a move to a storage of this type, or undefined if it keeps its format. */
export function diskFormat(volume: string, type: string | undefined): string | undefined {
  if (type === undefined) return undefined
  const [, is = 'raw'] = /\.(qcow2|vmdk|raw)$/.exec(volume) ?? []
  const { formats } = kindOf(type)
  return (formats as readonly string[]).includes(is) ? undefined : formats[0]
}
