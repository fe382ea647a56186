// What the entries of an L2 table mean: where the bytes of a stretch of the disk lie in the file.
import type { Qcow2Layout } from './qcow2-layout.ts'

/** Bytes of the disk, `at` counted from the beginning of the stretch; all else in it is zeros. */
export type Extent =
  | { readonly kind: 'data'; readonly at: number; readonly bytes: number; readonly host: number }
  | { readonly kind: 'packed'; readonly at: number; readonly host: number; readonly hostBytes: number }

/** The image contradicts itself; the message is a clause that says how. */
export class Damage extends Error {}

/** Bits 9 to 55 of an entry are an offset: as two halves, as numbers hold only 53 bits exactly. */
const [HIGH_OFFSET, LOW_OFFSET] = [0x00ff_ffff, 0xffff_fe00]
const HIGH_COMPRESSED = 0x4000_0000
const ZERO = 1
const SUBCLUSTERS = 32
const SECTOR_BYTES = 512

/** The offset in an entry of an L1 or L2 table at `position` of `table`; 0: nothing is there. */
export function offsetIn(table: Buffer, position: number): number {
  const high = table.readUInt32BE(position) & HIGH_OFFSET
  return high * 2 ** 32 + ((table.readUInt32BE(position + 4) & LOW_OFFSET) >>> 0)
}

/** How many of these entries of an L2 table are packed clusters. */
export function countPacked(entries: Buffer, { hasSubclusters }: Pick<Qcow2Layout, 'hasSubclusters'>): number {
  const entryBytes = hasSubclusters ? 16 : 8
  let count = 0
  for (let position = 0; position + entryBytes <= entries.length; position += entryBytes) {
    if ((entries.readUInt32BE(position) & HIGH_COMPRESSED) !== 0) count += 1
  }
  return count
}

/** Where the last of these clusters ends in the file. @throws Damage */
export function endOf(entries: Buffer, layout: Qcow2Layout): number {
  return extentsOf(entries, layout).reduce(
    (end, extent) => Math.max(end, extent.host + (extent.kind === 'data' ? extent.bytes : extent.hostBytes)),
    0,
  )
}

/**
 * The extents of as many clusters as `entries` has entries of an L2 table; neighbours in disk and file are joined.
 * @throws Damage
 */
export function extentsOf(entries: Buffer, layout: Qcow2Layout): readonly Extent[] {
  const extents: Extent[] = []
  const [entryBytes, clusterBytes] = [layout.hasSubclusters ? 16 : 8, 2 ** layout.clusterBits]
  for (let position = 0, at = 0; position < entries.length; position += entryBytes, at += clusterBytes) {
    if ((entries.readUInt32BE(position) & HIGH_COMPRESSED) !== 0)
      extents.push(packedAt(entries, position, { at, layout }))
    else if (layout.hasSubclusters) addSubclusters(extents, { entries, position, at, clusterBytes })
    else addCluster(extents, { entries, position, at, clusterBytes }, layout)
  }
  return extents
}

/** Offset and length in sectors share the bits; the offset has more of them the smaller the clusters are. */
function packedAt(
  entries: Buffer,
  position: number,
  { at, layout: { clusterBits } }: { readonly at: number; readonly layout: Qcow2Layout },
): Extent {
  const high = entries.readUInt32BE(position) & 0x3fff_ffff
  const highOffsetBits = 62 - (clusterBits - 8) - 32
  const host = (high & (2 ** highOffsetBits - 1)) * 2 ** 32 + entries.readUInt32BE(position + 4)
  const moreSectors = high >>> highOffsetBits
  return { kind: 'packed', at, host, hostBytes: (moreSectors + 1) * SECTOR_BYTES - (host % SECTOR_BYTES) }
}

interface Place {
  readonly entries: Buffer
  readonly position: number
  readonly at: number
  readonly clusterBytes: number
}

function addCluster(extents: Extent[], place: Place, { hasZeroClusters }: Qcow2Layout): void {
  const { entries, position, at, clusterBytes } = place
  const isZero = (entries.readUInt32BE(position + 4) & ZERO) !== 0
  if (isZero && !hasZeroClusters) throw new Damage('a cluster of zeros in a version that has none')
  const host = offsetIn(entries, position)
  if (host % clusterBytes !== 0) throw new Damage('a cluster begins within another one')
  if (!isZero && host !== 0) addData(extents, { at, bytes: clusterBytes, host })
}

/** Which subclusters hold data, and which read as zeros: never both. */
function addSubclusters(extents: Extent[], { entries, position, at, clusterBytes }: Place): void {
  const host = offsetIn(entries, position)
  if (host % clusterBytes !== 0) throw new Damage('a cluster begins within another one')
  const [zeros, data] = [entries.readUInt32BE(position + 8), entries.readUInt32BE(position + 12)]
  if ((zeros & data) !== 0) throw new Damage('a subcluster has data and reads as zeros')
  if (data === 0) return
  if (host === 0) throw new Damage('a subcluster has data and no place')
  const bytes = clusterBytes / SUBCLUSTERS
  for (let index = 0; index < SUBCLUSTERS; index += 1) {
    const isData = ((data >>> index) & 1) === 1
    if (isData) addData(extents, { at: at + index * bytes, bytes, host: host + index * bytes })
  }
}

function addData(extents: Extent[], { at, bytes, host }: Omit<Extract<Extent, { kind: 'data' }>, 'kind'>): void {
  const last = extents.at(-1)
  const joins = last?.kind === 'data' && last.at + last.bytes === at && last.host + last.bytes === host
  if (joins) extents[extents.length - 1] = { ...last, bytes: last.bytes + bytes }
  else extents.push({ kind: 'data', at, bytes, host })
}
