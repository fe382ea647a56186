// Computes from its tables how long a qcow2 file must be. A truncated file is shorter.
import type { FileHandle } from 'node:fs/promises'
import { ProvisionError } from '../../errors.ts'
import { Damage, endOf, offsetIn } from './qcow2-clusters.ts'
import { type Qcow2Layout, readLayout } from './qcow2-layout.ts'

const SECTOR_BYTES = 512

/**
 * Returns how many bytes are missing at the end of the file. Returns 0 for a complete file and for layouts that are not
 * supported here.
 * @throws ProvisionError `IMAGE` if the tables contradict themselves
 */
export async function missingFrom(file: FileHandle, head: Buffer, sizeBytes: number): Promise<number> {
  const layout = readLayout(head)
  if (layout === undefined) return 0
  let end = layout.l1Offset + layout.l1Entries * 8
  if (end > sizeBytes) return end - sizeBytes
  try {
    for await (const entries of tablesOf(file, layout)) end = Math.max(end, entries.end, endOf(entries.bytes, layout))
  } catch (error) {
    throw error instanceof Damage ? cutShort(error.message) : error
  }
  // The last compressed cluster is counted in whole sectors, and the last cluster may end with the disk.
  const spareBytes = Math.max(SECTOR_BYTES, unusedBytes(layout))
  return end - sizeBytes < spareBytes ? 0 : end - sizeBytes
}

/** How many bytes of the last cluster are past the end of the disk. */
function unusedBytes({ clusterBits, virtualSizeBytes }: Qcow2Layout): number {
  const clusterBytes = 2 ** clusterBits
  return (clusterBytes - (virtualSizeBytes % clusterBytes)) % clusterBytes
}

interface Table {
  readonly bytes: Buffer
  /** The offset in the file at which the table ends. */
  readonly end: number
}

/** Reads the L2 tables in order. Parts of a table past the end of the file count as empty. */
async function* tablesOf(file: FileHandle, { l1Offset, l1Entries, clusterBits }: Qcow2Layout): AsyncGenerator<Table> {
  const clusterBytes = 2 ** clusterBits
  const first = Buffer.alloc(l1Entries * 8)
  await file.read(first, 0, first.length, l1Offset)
  const bytes = Buffer.alloc(clusterBytes)
  for (let position = 0; position < first.length; position += 8) {
    const offset = offsetIn(first, position)
    if (offset === 0) continue
    if (!Number.isSafeInteger(offset)) throw new Damage('a table has an invalid offset')
    const { bytesRead } = await file.read(bytes, 0, clusterBytes, offset)
    yield { bytes: bytes.fill(0, bytesRead), end: offset + clusterBytes }
  }
}

/** Creates the error for a clause that says how an image is truncated or damaged. */
export function cutShort(how: string, cause?: unknown): ProvisionError {
  return new ProvisionError('IMAGE', `The image is truncated or damaged: ${how}.`, {
    cause,
    hint: 'Download it again. If its digest is correct, the vendor published a damaged file: use another build, or report it to the vendor.',
  })
}
