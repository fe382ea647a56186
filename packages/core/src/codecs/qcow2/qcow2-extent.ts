// How far a qcow2 reaches into its file, by its tables: what is cut lacks its end.
import type { FileHandle } from 'node:fs/promises'
import { ProvisionError } from '../../errors.ts'
import { Damage, endOf, offsetIn } from './qcow2-clusters.ts'
import { type Qcow2Layout, readLayout } from './qcow2-layout.ts'

const SECTOR_BYTES = 512

/**
 * How many bytes are behind the end of the file; 0 for what is whole and for shapes whose tables we do not read.
 * @throws ProvisionError `IMAGE` when its tables contradict themselves
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
  // The last packed cluster is counted in whole sectors, and the last cluster may end with the disk.
  const spareBytes = Math.max(SECTOR_BYTES, unusedBytes(layout))
  return end - sizeBytes < spareBytes ? 0 : end - sizeBytes
}

/** As many bytes of the last cluster lie behind the end of the disk. */
function unusedBytes({ clusterBits, virtualSizeBytes }: Qcow2Layout): number {
  const clusterBytes = 2 ** clusterBits
  return (clusterBytes - (virtualSizeBytes % clusterBytes)) % clusterBytes
}

interface Table {
  readonly bytes: Buffer
  /** Where it ends in the file. */
  readonly end: number
}

/** The tables of clusters one after the other; what lies behind the end of the file counts as empty. */
async function* tablesOf(file: FileHandle, { l1Offset, l1Entries, clusterBits }: Qcow2Layout): AsyncGenerator<Table> {
  const clusterBytes = 2 ** clusterBits
  const first = Buffer.alloc(l1Entries * 8)
  await file.read(first, 0, first.length, l1Offset)
  const bytes = Buffer.alloc(clusterBytes)
  for (let position = 0; position < first.length; position += 8) {
    const offset = offsetIn(first, position)
    if (offset === 0) continue
    if (!Number.isSafeInteger(offset)) throw new Damage('a table has an offset that is no number')
    const { bytesRead } = await file.read(bytes, 0, clusterBytes, offset)
    yield { bytes: bytes.fill(0, bytesRead), end: offset + clusterBytes }
  }
}

/** The error for a clause that says how an image is cut or damaged. */
export function cutShort(how: string, cause?: unknown): ProvisionError {
  return new ProvisionError('IMAGE', `The image is cut short or damaged: ${how}.`, {
    cause,
    hint: 'Fetch it again. If its digest is right, the vendor published it that way: take another build, or tell the vendor.',
  })
}
