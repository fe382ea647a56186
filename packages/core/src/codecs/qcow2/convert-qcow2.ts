// Converts qcow2 to raw in worker threads that decompress and write in parallel, which `qemu-img convert` does not do.
import { existsSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { ProvisionError } from '../../errors.ts'
import { diskError, onDisk } from '../../ports/files/disk-error.ts'
import { countPacked, offsetIn } from './qcow2-clusters.ts'
import { cutShort } from './qcow2-extent.ts'
import { HEADER_BYTES, type Qcow2Layout, readLayout } from './qcow2-layout.ts'
import type { WorkerFailure, WorkerTask } from './qcow2-worker.ts'
import { type Progress, shareProgress, stretchesOf } from './shared-progress.ts'

export interface Qcow2Conversion {
  /** A path, or the descriptor of a file that is open for reading. */
  readonly from: string | number
  readonly layout: Qcow2Layout
  /** Path of the new file. An existing file is overwritten. */
  readonly to: string
  /** How much of `from` is already there. Default: the file is complete. */
  readonly progress?: Progress | undefined
  /** Default: the number of processors, at most four. */
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onPercent?: ((percent: number) => void) | undefined
}

/** More threads gain little, because all write to the same file. */
const MOST_THREADS = 4
const TELL_EVERY_MS = 100
/** One L2 table with clusters of the usual size, or several tables with smaller clusters. */
const SAMPLE_BYTES = 64 * 1024
/** The memory that a thread allocates is short-lived. A small young generation keeps it low and costs no time. */
const YOUNG_MIB = 4
/** In the compiled package, the worker is a module beside this one. In a bundle, it is a file beside the bundle. */
const PROGRAM = new URL(`./qcow2-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

export interface Readable {
  readonly layout: Qcow2Layout
  /** The first L2 table contains compressed clusters. Threads help only with those. */
  readonly isPacked: boolean
}

/** Reads the layout of an image that the threads can convert. Returns undefined if `qemu-img` must do it. */
export async function readableLayout(path: string): Promise<Readable | undefined> {
  return onDisk(path, async () => {
    const file = await open(path)
    try {
      return await readableIn(file)
    } finally {
      await file.close()
    }
  })
}

/** Like `readableLayout`, for an open file. The header and the first tables must already be in the file. */
export async function readableIn(file: FileHandle): Promise<Readable | undefined> {
  // A bundle that others make may lack the worker file.
  if (!existsSync(PROGRAM)) return undefined
  const layout = readLayout(await bytesAt(file, 0, HEADER_BYTES))
  return layout && { layout, isPacked: await hasPackedClusters(file, layout) }
}

async function hasPackedClusters(file: FileHandle, { l1Offset, l1Entries, ...layout }: Qcow2Layout): Promise<boolean> {
  const tables = await bytesAt(file, l1Offset, Math.min(l1Entries * 8, SAMPLE_BYTES))
  const offsets = Array.from({ length: Math.floor(tables.length / 8) }, (_, index) => offsetIn(tables, index * 8))
  const first = offsets.find((offset) => offset !== 0)
  return first !== undefined && countPacked(await bytesAt(file, first, SAMPLE_BYTES), layout) > 0
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position)) return Buffer.alloc(0)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/**
 * Writes the disk as a sparse file. Memory stays constant, at about 35 MiB for each thread.
 * @throws ProvisionError `IMAGE` for a damaged image; `DISK`; `CANCELLED`
 */
export async function convertQcow2(conversion: Qcow2Conversion): Promise<void> {
  const { from, to, layout, signal, progress = await allThere(String(from)) } = conversion
  await createEmpty(to, layout.virtualSizeBytes)
  const stop = () => progress.stop()
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  const telling = tellPercent(conversion, progress)
  try {
    const task: WorkerTask = { from, to, layout, memory: progress.memory }
    const { threads = Math.min(MOST_THREADS, availableParallelism()) } = conversion
    const count = Math.min(threads, stretchesOf(layout).count)
    const failures = await Promise.all(Array.from({ length: count }, () => runThread(task)))
    const failure = failures.find((one) => one !== undefined)
    if (signal?.aborted) throw new ProvisionError('CANCELLED', 'The conversion was stopped.', { cause: signal.reason })
    if (failure !== undefined) throw explained(failure, to)
    if (progress.isStopped()) throw new ProvisionError('CANCELLED', 'The conversion was stopped.')
  } finally {
    clearInterval(telling)
    signal?.removeEventListener('abort', stop)
  }
  conversion.onPercent?.(100)
}

async function allThere(path: string): Promise<Progress> {
  const progress = shareProgress()
  await onDisk(path, async () => {
    const file = await open(path)
    try {
      progress.arrive((await file.stat()).size, true)
    } finally {
      await file.close()
    }
  })
  return progress
}

function createEmpty(path: string, bytes: number): Promise<void> {
  return onDisk(path, async () => {
    const file = await open(path, 'w')
    try {
      await file.truncate(bytes)
    } finally {
      await file.close()
    }
  })
}

/** Resolves when the thread has exited, with what it reported. A thread that reports nothing has not done its work. */
async function runThread(task: WorkerTask): Promise<WorkerFailure | undefined> {
  const worker = new Worker(PROGRAM, { workerData: task, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } })
  let report: { readonly failure: WorkerFailure | undefined } | undefined
  return new Promise((resolve, reject) => {
    worker.once('message', (failure: WorkerFailure | undefined) => {
      report = { failure }
    })
    worker.once('error', reject)
    worker.once('exit', (exitCode) => {
      if (report !== undefined) resolve(report.failure)
      else reject(new Error(`a conversion thread ended without a report, with exit code ${exitCode}`))
    })
  })
}

function tellPercent({ layout, onPercent }: Qcow2Conversion, progress: Progress): NodeJS.Timeout | undefined {
  if (onPercent === undefined) return undefined
  const { count } = stretchesOf(layout)
  return setInterval(() => onPercent((progress.done() / count) * 100), TELL_EVERY_MS).unref()
}

function explained({ message, isDamage, systemCode }: WorkerFailure, path: string): unknown {
  if (isDamage) return cutShort(message)
  return diskError(Object.assign(new Error(message), systemCode && { code: systemCode, syscall: 'write' }), path)
}
