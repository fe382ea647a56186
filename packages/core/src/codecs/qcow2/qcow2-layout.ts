// Reads the fields of a qcow2 header that are needed to read its clusters (QEMU docs/interop/qcow2.txt).

export interface Qcow2Layout {
  readonly clusterBits: number
  readonly virtualSizeBytes: number
  readonly l1Offset: number
  readonly l1Entries: number
  readonly compression: 'zlib' | 'zstd'
  /** True if each L2 entry is followed by a bitmap of 32 subclusters. */
  readonly hasSubclusters: boolean
  /** False for version 2, which has no zero clusters. */
  readonly hasZeroClusters: boolean
}

/** How many bytes of the file `readLayout` needs. */
export const HEADER_BYTES = 112

const MAGIC = 0x514649fb
const VERSION_2_HEADER_BYTES = 72
const VERSION_3_HEADER_BYTES = 104
const [CLUSTER_BITS_LEAST, CLUSTER_BITS_MOST] = [9, 21]
const SUBCLUSTER_BITS_LEAST = 14
const SECTOR_BYTES = 512
/** The limit that QEMU has. */
const LARGEST_L1_BYTES = 32 * 1024 * 1024
const LARGEST_REFCOUNT_ORDER = 6
/** An incompatible feature that does not matter for reading (bit 0): refcounts may be out of date. */
const DIRTY = 1n
const COMPRESSION_TYPE = 1n << 3n
const EXTENDED_L2 = 1n << 4n
const READABLE = DIRTY | COMPRESSION_TYPE | EXTENDED_L2

/**
 * Reads the layout of a version 2 or 3 image whose data is all in its own file.
 * @returns undefined for other layouts and for inconsistent headers, which are left to QEMU
 */
export function readLayout(head: Buffer): Qcow2Layout | undefined {
  if (head.length < VERSION_2_HEADER_BYTES || head.readUInt32BE(0) !== MAGIC) return undefined
  const version = head.readUInt32BE(4)
  const backingOffset = head.readBigUInt64BE(8)
  const encryption = head.readUInt32BE(32)
  const features = readFeatures(head, version)
  if (backingOffset !== 0n || encryption !== 0 || features === undefined) return undefined
  const layout = {
    clusterBits: head.readUInt32BE(20),
    virtualSizeBytes: Number(head.readBigUInt64BE(24)),
    l1Offset: Number(head.readBigUInt64BE(40)),
    l1Entries: head.readUInt32BE(36),
    hasZeroClusters: version > 2,
    ...features,
  }
  return isSound(layout) ? layout : undefined
}

type Features = Pick<Qcow2Layout, 'compression' | 'hasSubclusters'>

function readFeatures(head: Buffer, version: number): Features | undefined {
  if (version === 2) return { compression: 'zlib', hasSubclusters: false }
  if (version !== 3 || head.length < VERSION_3_HEADER_BYTES) return undefined
  const incompatible = head.readBigUInt64BE(72)
  const headerBytes = head.readUInt32BE(100)
  const hasType = (incompatible & COMPRESSION_TYPE) !== 0n
  const type = headerBytes > VERSION_3_HEADER_BYTES ? (head[VERSION_3_HEADER_BYTES] ?? 0) : 0
  const isKnown = (incompatible & ~READABLE) === 0n && head.readUInt32BE(96) <= LARGEST_REFCOUNT_ORDER
  // The feature bit and the compression type byte must agree.
  if (!isKnown || headerBytes < VERSION_3_HEADER_BYTES || type > 1 || hasType !== (type === 1)) return undefined
  return { compression: type === 1 ? 'zstd' : 'zlib', hasSubclusters: (incompatible & EXTENDED_L2) !== 0n }
}

function isSound({ clusterBits, virtualSizeBytes, l1Offset, l1Entries, hasSubclusters }: Qcow2Layout): boolean {
  const least = hasSubclusters ? SUBCLUSTER_BITS_LEAST : CLUSTER_BITS_LEAST
  if (clusterBits < least || clusterBits > CLUSTER_BITS_MOST) return false
  const clusterBytes = 2 ** clusterBits
  const bytesPerL2 = (clusterBytes / (hasSubclusters ? 16 : 8)) * clusterBytes
  return (
    virtualSizeBytes > 0 &&
    virtualSizeBytes % SECTOR_BYTES === 0 &&
    Number.isSafeInteger(virtualSizeBytes) &&
    l1Offset % clusterBytes === 0 &&
    l1Offset > 0 &&
    l1Entries * 8 <= LARGEST_L1_BYTES &&
    l1Entries >= Math.ceil(virtualSizeBytes / bytesPerL2)
  )
}
