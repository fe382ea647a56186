// Sends a raw image as a compressed qcow2 if that saves more than it costs. The import in Proxmox converts it back to
// raw.
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
  /** A clause that says why this is sent. */
  readonly why: string
}

/** The estimated result of compressing a file. */
export interface Estimate {
  readonly sizeBytes: number
  readonly packedBytes: number
  /** CPU seconds of one processor. */
  readonly seconds: number
}

/** Compression pays if each CPU second saves at least what a 400 Mbit/s line transfers in a second. */
const WORTH_BYTES_PER_SECOND = 50 * 1000 * 1000
/** Minimum part of the whole file that must be saved. */
const LEAST_SAVED = 0.1
/** Fixed time for finding, reading and writing a compressed image, however small it is. */
const FIXED_SECONDS = 0.1
const [SAMPLES, SAMPLE_BYTES] = [64, 32 * 1024]
const LEVEL = 3
const MIB = 1024 * 1024

/**
 * Creates a compressed qcow2 to send instead of a raw blob, after `verify` has checked the blob.
 * @returns undefined if compression would not save time
 */
export async function packedForSending(
  blob: Blob,
  context: StepContext,
  verify: () => Promise<void>,
): Promise<Packed | undefined> {
  if (!isWorthPacking(await estimatePacking(blob.path))) return undefined
  try {
    const packed = await pack(blob, context, verify)
    if (packed.bytes >= blob.bytes) return undefined
    return { blob: packed, why: `compressed as qcow2, ${mib(packed.bytes)} instead of ${mib(blob.bytes)} of raw` }
  } catch (error) {
    if (isMissingProgram(error)) return undefined
    throw error
  }
}

/** Returns true if the saved bytes are worth the CPU time. */
export function isWorthPacking({ sizeBytes, packedBytes, seconds }: Estimate): boolean {
  const savedBytes = sizeBytes - packedBytes
  return savedBytes > sizeBytes * LEAST_SAVED && savedBytes / (seconds + FIXED_SECONDS) > WORTH_BYTES_PER_SECOND
}

/** Estimates from samples across the whole file, and from the size of its holes. */
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

/** `ratio` is compressed bytes to all bytes, `full` the part that is not zero. */
async function sample(file: FileHandle, size: number) {
  const buffer = Buffer.alloc(SAMPLE_BYTES)
  let [all, full, packed] = [0, 0, 0]
  const rates: number[] = []
  for (let index = 0; index < SAMPLES; index += 1) {
    const { bytesRead } = await file.read(buffer, 0, SAMPLE_BYTES, Math.floor((size / SAMPLES) * index))
    const bytes = buffer.subarray(0, bytesRead)
    all += bytesRead
    if (bytes.every((byte) => byte === 0)) continue
    const startedMs = performance.now()
    packed += zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }).length
    rates.push((bytesRead / (performance.now() - startedMs)) * 1000)
    full += bytesRead
  }
  const bytesPerSecond = median(rates) ?? Number.POSITIVE_INFINITY
  return { ratio: all === 0 ? 0 : packed / all, full: all === 0 ? 0 : full / all, bytesPerSecond }
}

/** Not the mean: a sample takes a fraction of a millisecond, and one interruption takes longer than all of them. */
function median(numbers: readonly number[]): number | undefined {
  return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)]
}

/** The result stays in the store, because another node or storage may need it. */
function pack(blob: Blob, { world, signal, progress }: StepContext, verify: () => Promise<void>): Promise<Blob> {
  const key: BlobKey = blob.key.includes('+') ? `${blob.key as `${Digest}+${string}`}.zst` : `${blob.key as Digest}+zst`
  const onPercent = (done: number) => progress({ done, total: 100, unit: 'percent', what: 'compressing' })
  return world.store.ensure(
    key,
    async (to) => {
      await verify()
      const formats = { fromFormat: 'raw', toFormat: 'qcow2', isPacked: true } as const
      await world.qemuImg.convert({ from: blob.path, to, ...formats, signal, onPercent })
    },
    signal,
  )
}

function mib(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / MIB))} MiB`
}
