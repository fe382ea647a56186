// A thread of a conversion: takes stretches of the disk one after the other, and writes what is in them.
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { constants, inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { dataRuns } from '../data-runs.ts'
import { Damage, type Extent, extentsOf, offsetIn } from './qcow2-clusters.ts'
import type { Qcow2Layout } from './qcow2-layout.ts'
import { type Progress, shareProgress, stretchesOf } from './shared-progress.ts'

export interface WorkerTask {
  /** A path, or the number of a file that this process has open. */
  readonly from: string | number
  readonly to: string
  readonly layout: Qcow2Layout
  readonly memory: SharedArrayBuffer
}

/** What a thread says when it is done: nothing, or what went wrong. */
export interface WorkerFailure {
  readonly message: string
  /** The message is a clause about the image. */
  readonly isDamage: boolean
  /** Of the system: `ENOSPC`. */
  readonly systemCode?: string | undefined
}

interface Files {
  readonly source: number
  readonly target: number
  readonly layout: Qcow2Layout
  readonly progress: Progress
}

/** Clusters that lie farther apart are read one by one. */
const LARGEST_GAP_BYTES = 64 * 1024
const LARGEST_READ_BYTES = 8 * 1024 * 1024
/** Of qcow2's deflate streams: what reaches farther back is damaged, for QEMU as well. */
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

/** Reads the extents in the order of the file, neighbours in one go, and writes each where it belongs. */
function copy(files: Files, at: number, extents: readonly Extent[]): void {
  for (const group of groupsOf(extents)) {
    // The length of packed clusters is told in whole sectors.
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

/** The last cluster may reach beyond the disk, and the file then ends with the disk. */
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
 * Bytes of the image. QEMU would take zeros for what lies behind the end of the file: a cut image would be a wrong disk.
 * @throws Damage
 */
function read({ source, progress }: Files, { host, bytes, spareBytes = 0 }: Wanted, what: string): Buffer {
  const missingBytes = host + bytes - progress.waitFor(host + bytes)
  if (missingBytes > spareBytes) throw new Damage(`${what} are behind the end of the file`)
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
  /** As many at the end may be missing. */
  readonly spareBytes?: number
}

let room = Buffer.alloc(0)

/** The same memory for each reading of clusters: what was read before is written by then. */
function roomFor(bytes: number): Buffer {
  if (room.length < bytes) room = Buffer.allocUnsafeSlow(bytes)
  return room.subarray(0, bytes)
}

/** One cluster; behind it lie bytes of the next one, as its length is told in sectors. */
function writePacked(files: Files, at: number, packed: Buffer): void {
  const { clusterBits, compression } = files.layout
  const clusterBytes = 2 ** clusterBits
  // Trap: only when the room is used up does Node go on with what follows, which would be the next cluster.
  const roomBytes = clusterBytes + SPARE_BYTES
  const room = { chunkSize: roomBytes, maxOutputLength: roomBytes }
  const bytes = orDamaged(() =>
    compression === 'zlib'
      ? inflateRawSync(packed, { ...room, windowBits: WINDOW_BITS, finishFlush: constants.Z_SYNC_FLUSH })
      : zstdDecompressSync(packed, { ...room, finishFlush: constants.ZSTD_e_flush }),
  )
  if (bytes.length < clusterBytes) throw new Damage('a packed cluster is too short')
  write(files, at, bytes.subarray(0, clusterBytes))
  // Freed at once: the collector would let a hundred megabytes gather. Small ones lie in a pool that others use as well.
  if (bytes.buffer.byteLength === roomBytes) (bytes.buffer as ArrayBuffer).transfer(0)
}

function orDamaged<T>(action: () => T): T {
  try {
    return action()
  } catch (cause) {
    throw new Damage('a packed cluster cannot be unpacked', { cause })
  }
}

/** Zeros are left out: the file is new, and what nobody wrote there reads as zeros. */
function write({ target, layout: { virtualSizeBytes } }: Files, at: number, bytes: Buffer): void {
  const disk = bytes.subarray(0, virtualSizeBytes - at)
  for (const { start, end } of dataRuns(disk, at)) writeAll(target, disk.subarray(start, end), at + start)
}

function writeAll(target: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(target, bytes, done, bytes.length - done, at + done)
}

if (parentPort !== null) parentPort.postMessage(attempt(workerData as WorkerTask))
