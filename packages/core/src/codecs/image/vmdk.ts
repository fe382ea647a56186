// Reads VMDK headers. Only single-file images are accepted: a separate descriptor could name any file of the host.
import { numbersOf, textAt } from './bytes.ts'
import type { Finding } from './finding.ts'

const SECTOR_BYTES = 512n
const ONE_FILE = ['monolithicSparse', 'streamOptimized']

/** For a text file that lists the data files. It is refused no matter which files it names. */
export const DESCRIPTOR_REFUSAL = 'it is a VMDK descriptor, which names other files'

/** Reads the header of a sparse extent (`KDMV`) and its embedded descriptor. */
export function readSparseVmdk(head: Uint8Array): Finding {
  const { u32, u64 } = numbersOf(head, { littleEndian: true })
  const capacity = u64(12)
  const descriptorOffset = u64(28)
  const descriptorSectors = u64(36)
  if (capacity === undefined || descriptorOffset === undefined || descriptorSectors === undefined) {
    return { refusal: 'its header is truncated' }
  }
  // Trap: if the capacity is zero, QEMU trusts the embedded descriptor and opens the files that it names.
  if (capacity === 0n || descriptorOffset === 0n) return { refusal: DESCRIPTOR_REFUSAL }
  if ((u32(4) ?? 0) > 3) return { refusal: `it is a VMDK of version ${u32(4)}` }
  const descriptor = textAt(head, Number(descriptorOffset * SECTOR_BYTES), Number(descriptorSectors * SECTOR_BYTES))
  const createType = /^createType\s*=\s*"([^"]*)"/m.exec(descriptor)?.[1]
  // With only the first bytes of a file, the descriptor may be missing. With the complete file it is always there.
  if (descriptor !== '' && (createType === undefined || !ONE_FILE.includes(createType)))
    return { refusal: DESCRIPTOR_REFUSAL }
  if (/^parentFileNameHint/m.test(descriptor)) return { refusal: 'it is a VMDK that needs a parent image' }
  return { format: 'vmdk', virtualSizeBytes: Number(capacity * SECTOR_BYTES) }
}
