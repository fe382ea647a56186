// Examines a complete image file: its first and last bytes, and whether it is as long as its header says.
import { type FileHandle, open } from 'node:fs/promises'
import type { ProvisionError } from '../../errors.ts'
import { onDisk } from '../../ports/files/disk-error.ts'
import { cutShort, missingFrom } from '../qcow2/qcow2-extent.ts'
import { hasMagic } from './bytes.ts'
import type { Finding } from './finding.ts'
import { examine, HEAD_BYTES, refused, type Sniffed } from './sniff.ts'

export interface Look extends Sniffed {
  readonly sizeBytes: number
}

const TAIL_BYTES = 512
const XZ_PADDING_BYTES = 4

/**
 * Examines the file. Reads only headers and tables.
 * @throws ProvisionError `IMAGE` if the file is empty, truncated, or not an image that is safe to use; `DISK`
 */
export function lookAtImage(path: string): Promise<Look> {
  return onDisk(path, async () => {
    const file = await open(path)
    try {
      return await lookAt(file)
    } finally {
      await file.close()
    }
  })
}

async function lookAt(file: FileHandle): Promise<Look> {
  const { size: sizeBytes } = await file.stat()
  const head = await bytesAt(file, 0, Math.min(HEAD_BYTES, sizeBytes))
  const tail = await bytesAt(file, Math.max(0, sizeBytes - TAIL_BYTES), Math.min(TAIL_BYTES, sizeBytes))
  const found = examine(head)
  const wrong = wrongLength(found, sizeBytes) ?? wrongEnd(found, tail)
  if (wrong !== undefined) throw wrong
  const { compression = 'none', refusal: _, hint: __, minimumBytes: ___, ...rest } = found
  if (rest.format === 'qcow2') await expectWhole(file, head, sizeBytes)
  // A fixed VHD is raw data with a footer after it. Used as raw, the disk would be 512 bytes too long.
  const isFixedVhd = rest.format === 'raw' && hasMagic(tail, 'conectix')
  return { compression, ...rest, ...(isFixedVhd && { format: 'vpc' as const }), sizeBytes }
}

/** Compares the file size with the first bytes. Returns undefined if the size is plausible. */
export function wrongLength(found: Finding, sizeBytes: number): ProvisionError | undefined {
  const { refusal, hint, minimumBytes = 0 } = found
  if (sizeBytes === 0) return refused('it is empty')
  if (refusal !== undefined) return refused(refusal, { hint })
  return sizeBytes < minimumBytes ? cutShort(`${minimumBytes - sizeBytes} bytes are missing`) : undefined
}

/** Checks the end of the file: some formats have a mark there that shows the format or that the file is complete. */
function wrongEnd({ compression, format }: ReturnType<typeof examine>, tail: Buffer): ProvisionError | undefined {
  if (format === 'raw' && hasMagic(tail, 'koly')) return refused('it is a macOS disk image (DMG)')
  if (compression !== 'xz') return undefined
  let end = tail.length
  while (end >= XZ_PADDING_BYTES && tail.readUInt32LE(end - XZ_PADDING_BYTES) === 0) end -= XZ_PADDING_BYTES
  return end > 1 && !hasMagic(tail, 'YZ', end - 2) ? cutShort('the end of the xz file is missing') : undefined
}

async function expectWhole(file: FileHandle, head: Buffer, sizeBytes: number): Promise<void> {
  const missingBytes = await missingFrom(file, head, sizeBytes)
  if (missingBytes > 0) throw cutShort(`${missingBytes} bytes are missing`)
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
