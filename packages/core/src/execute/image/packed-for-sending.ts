// A raw image is sent as a packed qcow2 where that is worth its processor time: import makes raw of it again.
import { type FileHandle, open } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Digest } from '../../manifest/manifest.ts'
import { isMissingProgram } from '../../ports/exec.ts'
import { onDisk } from '../../ports/files/disk-error.ts'
import type { Blob, BlobKey } from '../../ports/world.ts'
import type { StepContext } from '../step-context.ts'

export interface Packed {
  readonly blob: Blob
  /** Why this is sent, a clause. */
  readonly why: string
}

/** What packing a file is likely to come to. */
export interface Estimate {
  readonly sizeBytes: number
  readonly packedBytes: number
  /** Of one processor. */
  readonly seconds: number
}

/** Packing pays where each second of a processor saves as much as a line of 400 Mbit/s carries in one. */
const WORTH_BYTES_PER_SECOND = 50 * 1000 * 1000
/** Of the whole file: less is not worth the trouble. */
const LEAST_SAVED = 0.1
/** Finding, reading and writing a packed image takes its time however small it is. */
const FIXED_SECONDS = 0.1
const [SAMPLES, SAMPLE_BYTES] = [64, 32 * 1024]
const LEVEL = 3
const MIB = 1024 * 1024

/**
 * A packed qcow2 to send in place of a raw blob.
 * @returns nothing where the blob itself is as good
 */
export async function packedForSending(blob: Blob, context: StepContext): Promise<Packed | undefined> {
  if (!isWorthPacking(await estimatePacking(blob.path))) return undefined
  try {
    const packed = await pack(blob, context)
    if (packed.bytes >= blob.bytes) return undefined
    return { blob: packed, why: `packed as qcow2, ${mib(packed.bytes)} in place of ${mib(blob.bytes)} of raw` }
  } catch (error) {
    if (isMissingProgram(error)) return undefined
    throw error
  }
}

/** Whether the bytes that are saved are worth the seconds. */
export function isWorthPacking({ sizeBytes, packedBytes, seconds }: Estimate): boolean {
  const savedBytes = sizeBytes - packedBytes
  return savedBytes > sizeBytes * LEAST_SAVED && savedBytes / (seconds + FIXED_SECONDS) > WORTH_BYTES_PER_SECOND
}

/** By samples from all over the file, and by what its holes leave. */
export async function estimatePacking(path: string): Promise<Estimate> {
  return onDisk(path, async () => {
    const file = await open(path)
    try {
      const { size, blocks } = await file.stat()
      const dataBytes = Math.min(size, blocks * 512)
      const { ratio, full, bytesPerSecond } = await sample(file, size)
      const packedBytes = Math.min(size * ratio, dataBytes)
      return { sizeBytes: size, packedBytes, seconds: Math.min(size * full, dataBytes) / bytesPerSecond }
    } finally {
      await file.close()
    }
  })
}

/** `ratio` of packed to all bytes, `full` the part of them that is not zeros. */
async function sample(file: FileHandle, size: number) {
  const buffer = Buffer.alloc(SAMPLE_BYTES)
  let [all, full, packed, milliseconds] = [0, 0, 0, 0]
  for (let index = 0; index < SAMPLES; index += 1) {
    const { bytesRead } = await file.read(buffer, 0, SAMPLE_BYTES, Math.floor((size / SAMPLES) * index))
    const bytes = buffer.subarray(0, bytesRead)
    all += bytesRead
    if (bytes.every((byte) => byte === 0)) continue
    const startedMs = performance.now()
    packed += zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }).length
    milliseconds += performance.now() - startedMs
    full += bytesRead
  }
  const bytesPerSecond = full === 0 ? Number.POSITIVE_INFINITY : (full / milliseconds) * 1000
  return { ratio: all === 0 ? 0 : packed / all, full: all === 0 ? 0 : full / all, bytesPerSecond }
}

/** Kept in the store: another node or storage may need the same. */
function pack(blob: Blob, { world, signal, progress }: StepContext): Promise<Blob> {
  const key: BlobKey = blob.key.includes('+') ? `${blob.key as `${Digest}+${string}`}.zst` : `${blob.key as Digest}+zst`
  const onPercent = (done: number) => progress({ done, total: 100, unit: 'percent', what: 'packing' })
  return world.store.ensure(
    key,
    (to) =>
      world.qemuImg.convert({
        from: blob.path,
        fromFormat: 'raw',
        to,
        toFormat: 'qcow2',
        isPacked: true,
        signal,
        onPercent,
      }),
    signal,
  )
}

function mib(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / MIB))} MiB`
}
