// Interprets the entries of an L2 table: where the data of each part of the disk is in the file.
import type { Qcow2Layout } from './qcow2-layout.ts'

/** A piece of the disk. `at` counts bytes from the start of the stretch. Everything outside the extents is zeros. */
export type Extent =
  | { readonly kind: 'data'; readonly at: number; readonly bytes: number; readonly host: number }
  | { readonly kind: 'packed'; readonly at: number; readonly host: number; readonly hostBytes: number }

/** The image contradicts itself. The message is a clause that says how. */
export class Damage extends Error {}

/** Bits 9 to 55 of an entry are an offset. It is read as two halves, because a number holds only 53 bits exactly. */
const [HIGH_OFFSET, LOW_OFFSET] = [0x00ff_ffff, 0xffff_fe00]
const HIGH_COMPRESSED = 0x4000_0000
const ZERO = 1
const SUBCLUSTERS = 32
const SECTOR_BYTES = 512

/** Reads the offset from the entry at `position` of an L1 or L2 table. 0 means not allocated. */
export function offsetIn(table: Buffer, position: number): number {
  const high = table.readUInt32BE(position) & HIGH_OFFSET
  return high * 2 ** 32 + ((table.readUInt32BE(position + 4) & LOW_OFFSET) >>> 0)
}

/** Counts the compressed clusters among these entries of an L2 table. */
export function countPacked(entries: Buffer, { hasSubclusters }: Pick<Qcow2Layout, 'hasSubclusters'>): number {
  const entryBytes = hasSubclusters ? 16 : 8
  let count = 0
  for (let position = 0; position + entryBytes <= entries.length; position += entryBytes) {
    if ((entries.readUInt32BE(position) & HIGH_COMPRESSED) !== 0) count += 1
  }
  return count
}

/** Returns the offset in the file at which the last of these clusters ends. @throws Damage */
export function endOf(entries: Buffer, layout: Qcow2Layout): number {
  return extentsOf(entries, layout).reduce(
    (end, extent) => Math.max(end, extent.host + (extent.kind === 'data' ? extent.bytes : extent.hostBytes)),
    0,
  )
}

/**
 * Returns the extents for these entries of an L2 table. Extents that adjoin on the disk and in the file are joined.
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

/**
 * Reads a compressed cluster entry. Offset and length in sectors share the bits; smaller clusters leave more for the
 * offset.
 */
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
  if (isZero && !hasZeroClusters) throw new Damage('a zero cluster, which this version does not support')
  const host = offsetIn(entries, position)
  if (host % clusterBytes !== 0) throw new Damage('a cluster begins within another one')
  if (!isZero && host !== 0) addData(extents, { at, bytes: clusterBytes, host })
}

/** Reads the subcluster bitmaps: which hold data and which read as zeros. A subcluster cannot be both. */
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
