// The worker thread of a qcow2 conversion. It takes stretches of the disk one by one and writes their data.
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { constants, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { dataRuns } from '../data-runs.ts'
import { Damage, type Extent, extentsOf, offsetIn } from './qcow2-clusters.ts'
import type { Qcow2Layout } from './qcow2-layout.ts'
import { type Progress, shareProgress, stretchesOf } from './shared-progress.ts'

export interface WorkerTask {
  /** A path, or the descriptor of a file that this process has open. */
  readonly from: string | number
  readonly to: string
  readonly layout: Qcow2Layout
  readonly memory: SharedArrayBuffer
}

/** What went wrong in a thread. A thread without a failure reports undefined. */
export interface WorkerFailure {
  readonly message: string
  /** True if the message is a clause about the image. */
  readonly isDamage: boolean
  /** Error code of the operating system, such as `ENOSPC`. */
  readonly systemCode?: string | undefined
}

interface Files {
  readonly source: number
  readonly target: number
  readonly layout: Qcow2Layout
  readonly progress: Progress
}

/** Clusters with a larger gap between them are read separately. */
const LARGEST_GAP_BYTES = 64 * 1024
const LARGEST_READ_BYTES = 8 * 1024 * 1024
/** The window of qcow2's deflate streams. Data that refers farther back is damaged, for QEMU as well. */
const WINDOW_BITS = 12
const SPARE_BYTES = 64
const SECTOR_BYTES = 512

function attempt({ from, to, layout, memory }: WorkerTask): WorkerFailure | undefined {
  const progress = shareProgress(memory)
  try {
    withFile(to, 'r+', (target) => {
      if (typeof from === 'number') work({ source: from, target, layout, progress })
      else withFile(from, 'r', (source) => work({ source, target, layout, progress }))
    })
    return undefined
  } catch (error) {
    progress.stop()
    const { message, code, syscall } = error as NodeJS.ErrnoException
    return { message, isDamage: error instanceof Damage, systemCode: syscall && code }
  }
}

function withFile(path: string, flags: string, action: (file: number) => void): void {
  const file = openSync(path, flags)
  try {
    action(file)
  } finally {
    closeSync(file)
  }
}

function work(files: Files): void {
  const { layout, progress } = files
  const { count, clustersEach, perTable } = stretchesOf(layout)
  const [clusterBytes, entryBytes] = [2 ** layout.clusterBits, layout.hasSubclusters ? 16 : 8]
  const first = { host: layout.l1Offset, bytes: Math.ceil(count / perTable) * 8 }
  const tables = Buffer.from(read(files, first, 'its first table'))
  for (let stretch = progress.takeNext(); stretch < count && !progress.isStopped(); stretch = progress.takeNext()) {
    const table = offsetIn(tables, Math.floor(stretch / perTable) * 8)
    if (table % clusterBytes !== 0) throw new Damage('a table begins within a cluster')
    if (table !== 0) {
      const at = stretch * clustersEach * clusterBytes
      const clusters = Math.min(clustersEach, Math.ceil((layout.virtualSizeBytes - at) / clusterBytes))
      const host = table + (stretch % perTable) * clustersEach * entryBytes
      const entries = read(files, { host, bytes: clusters * entryBytes }, 'a table of clusters')
      copy(
        files,
        at,
        extentsOf(entries, layout).map((extent) => clipped(extent, layout.virtualSizeBytes - at)),
      )
    }
    progress.finishOne()
  }
}

/** Reads the extents in file order, adjoining ones at once, and writes each to its place on the disk. */
function copy(files: Files, at: number, extents: readonly Extent[]): void {
  for (const group of groupsOf(extents)) {
    // The length of compressed clusters is given in whole sectors.
    const wanted = { host: group.host, bytes: group.end - group.host, spareBytes: SECTOR_BYTES - 1 }
    const span = read(files, wanted, 'clusters')
    for (const extent of group.extents) {
      const from = extent.host - group.host
      const source = span.subarray(from, from + hostBytesOf(extent))
      if (extent.kind === 'data') write(files, at + extent.at, source)
      else writePacked(files, at + extent.at, source)
    }
  }
}

/** The last cluster may extend past the end of the disk; the file may then end with the disk. */
function clipped(extent: Extent, end: number): Extent {
  return extent.kind === 'data' ? { ...extent, bytes: Math.min(extent.bytes, end - extent.at) } : extent
}

interface Group {
  readonly host: number
  end: number
  readonly extents: Extent[]
}

function groupsOf(extents: readonly Extent[]): readonly Group[] {
  const groups: Group[] = []
  for (const extent of extents.toSorted((one, other) => one.host - other.host)) {
    const end = extent.host + hostBytesOf(extent)
    const last = groups.at(-1)
    if (last && extent.host <= last.end + LARGEST_GAP_BYTES && end <= last.host + LARGEST_READ_BYTES) {
      last.end = Math.max(last.end, end)
      last.extents.push(extent)
    } else groups.push({ host: extent.host, end, extents: [extent] })
  }
  return groups
}

function hostBytesOf(extent: Extent): number {
  return extent.kind === 'data' ? extent.bytes : extent.hostBytes
}

/**
 * Reads bytes of the image. QEMU reads zeros past the end of the file, which would turn a truncated image into a wrong
 * disk.
 * @throws Damage
 */
function read({ source, progress }: Files, { host, bytes, spareBytes = 0 }: Wanted, what: string): Buffer {
  const missingBytes = host + bytes - progress.waitFor(host + bytes)
  if (missingBytes > spareBytes) throw new Damage(`${what} are beyond the end of the file`)
  const buffer = roomFor(bytes)
  let done = 0
  while (done < bytes) {
    const count = readSync(source, buffer, done, bytes - done, host + done)
    if (count === 0) break
    done += count
  }
  return buffer.fill(0, done)
}

interface Wanted {
  readonly host: number
  readonly bytes: number
  /** How many bytes may be missing at the end. */
  readonly spareBytes?: number
}

let room = Buffer.alloc(0)

/** Returns the same memory for each read. The bytes of the previous read are written by then. */
function roomFor(bytes: number): Buffer {
  if (room.length < bytes) room = Buffer.allocUnsafeSlow(bytes)
  return room.subarray(0, bytes)
}

/**
 * Writes one compressed cluster. The input may end with bytes of the next cluster, because its length is in sectors.
 */
function writePacked(files: Files, at: number, packed: Buffer): void {
  const { clusterBits, compression } = files.layout
  const clusterBytes = 2 ** clusterBits
  // Trap: Node continues with the bytes that follow, which belong to the next cluster, unless the output is full.
  const roomBytes = clusterBytes + SPARE_BYTES
  const room = { chunkSize: roomBytes, maxOutputLength: roomBytes }
  const bytes = orDamaged(() =>
    compression === 'zlib'
      ? inflateRawSync(packed, { ...room, windowBits: WINDOW_BITS, finishFlush: constants.Z_SYNC_FLUSH })
      : zstdDecompressSync(packed, { ...room, finishFlush: constants.ZSTD_e_flush }),
  )
  if (bytes.length < clusterBytes) throw new Damage('a compressed cluster is too short')
  write(files, at, bytes.subarray(0, clusterBytes))
  // Freed at once, because garbage would grow to about a hundred megabytes. Small buffers are in a shared pool: leave
  // those.
  if (bytes.buffer.byteLength === roomBytes) (bytes.buffer as ArrayBuffer).transfer(0)
}

function orDamaged<T>(action: () => T): T {
  try {
    return action()
  } catch (cause) {
    throw new Damage('a compressed cluster cannot be decompressed', { cause })
  }
}

/** Writes the data without zeros. The file is new, so unwritten parts read as zeros. */
function write({ target, layout: { virtualSizeBytes } }: Files, at: number, bytes: Buffer): void {
  const disk = bytes.subarray(0, virtualSizeBytes - at)
  for (const { start, end } of dataRuns(disk, at)) writeAll(target, disk.subarray(start, end), at + start)
}

function writeAll(target: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(target, bytes, done, bytes.length - done, at + done)
}

if (parentPort !== null) parentPort.postMessage(attempt(workerData as WorkerTask))
