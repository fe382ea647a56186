// Reads a qcow2 header and refuses images that would make a host read other files (QEMU docs/interop/qcow2.txt).
import { numbersOf, textAt } from './bytes.ts'
import type { Finding } from './finding.ts'

const EXTERNAL_DATA_FILE = 1n << 2n
// Incompatible feature bits that QEMU knows: dirty, corrupt, external data file, compression type, extended L2.
const KNOWN_INCOMPATIBLE = 0b11111n
const LARGEST_CLUSTER_BITS = 21
const CORRUPT = 1n << 1n

/** Reads headers of versions 2 and 3. Version 1 is a different format. */
export function readQcow2(head: Uint8Array): Finding {
  const { u32, u64 } = numbersOf(head, { littleEndian: false })
  const version = u32(4)
  const virtualSize = u64(24)
  if (version === undefined || virtualSize === undefined) return { refusal: 'its header is truncated' }
  if (version !== 2 && version !== 3)
    return { refusal: `it is a qcow image of version ${version}, which Proxmox does not support` }
  const backingOffset = u64(8) ?? 0n
  if (backingOffset !== 0n) {
    const name = textAt(head, Number(backingOffset), Math.min(u32(16) ?? 0, 1023))
    return { refusal: `it has a backing file (${printable(name)}), so the file alone is incomplete` }
  }
  if ((u32(32) ?? 0) !== 0) return { refusal: 'it is encrypted' }
  const incompatible = version === 3 ? (u64(72) ?? 0n) : 0n
  if ((incompatible & EXTERNAL_DATA_FILE) !== 0n) return { refusal: 'its data is in an external file' }
  if ((incompatible & CORRUPT) !== 0n) return { refusal: 'it is marked as corrupt' }
  if ((incompatible & ~KNOWN_INCOMPATIBLE) !== 0n) return { refusal: 'it needs features of a newer QEMU' }
  return { format: 'qcow2', virtualSizeBytes: Number(virtualSize), minimumBytes: endOfTables(head) }
}

/**
 * The end of the last table that the header names: the L1 table or the refcount table. A complete file reaches that
 * far.
 */
function endOfTables(head: Uint8Array): number {
  const { u32, u64 } = numbersOf(head, { littleEndian: false })
  const clusterBytes = 2 ** Math.min(u32(20) ?? 0, LARGEST_CLUSTER_BITS)
  const endOfL1 = Number(u64(40) ?? 0n) + (u32(36) ?? 0) * 8
  const endOfRefcounts = Number(u64(48) ?? 0n) + (u32(56) ?? 0) * clusterBytes
  return Math.max(endOfL1, endOfRefcounts)
}

/** Makes a name from the image short and safe to print on a terminal. */
function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 80) || 'its name is stored elsewhere in the file'
}
