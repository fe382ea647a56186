// State that the conversion threads share: the next stretch, the number of finished ones, and how much of the file is
// there.
import type { Qcow2Layout } from './qcow2-layout.ts'

/**
 * How the disk is divided. One thread converts one stretch at a time. A stretch belongs to one L2 table and fits in
 * memory.
 */
export interface Stretches {
  readonly count: number
  readonly clustersEach: number
  readonly perTable: number
}

const STRETCH_BYTES = 1024 * 1024

export function stretchesOf({ clusterBits, virtualSizeBytes, hasSubclusters }: Qcow2Layout): Stretches {
  const clusterBytes = 2 ** clusterBits
  const entriesPerTable = clusterBytes / (hasSubclusters ? 16 : 8)
  const clustersEach = Math.min(entriesPerTable, Math.max(1, STRETCH_BYTES / clusterBytes))
  const count = Math.ceil(virtualSizeBytes / (clustersEach * clusterBytes))
  return { count, clustersEach, perTable: entriesPerTable / clustersEach }
}

const [NEXT, DONE, STOPPED] = [0, 1, 2]
const ARRIVED_AT_BYTE = 16
/** Limit for a single wait. The thread that should wake this one may be gone. */
const LOOK_AGAIN_MS = 1000

export interface Progress {
  readonly memory: SharedArrayBuffer
  /** Claims the next stretch and returns its number. */
  takeNext(): number
  finishOne(): void
  done(): number
  stop(): void
  isStopped(): boolean
  /** Reports that the first `bytes` bytes of the file are there. With `isWhole`, no more will come. */
  arrive(bytes: number, isWhole: boolean): void
  /** Blocks the thread until this many bytes are there or no more will come. @returns how many bytes are there */
  waitFor(bytes: number): number
}

export function shareProgress(memory = new SharedArrayBuffer(32)): Progress {
  const numbers = new Int32Array(memory, 0, 4)
  // The number of bytes, shifted by one; the lowest bit says whether the file is complete.
  const arrived = new BigInt64Array(memory, ARRIVED_AT_BYTE, 1)
  return {
    memory,
    takeNext: () => Atomics.add(numbers, NEXT, 1),
    finishOne: () => void Atomics.add(numbers, DONE, 1),
    done: () => Atomics.load(numbers, DONE),
    isStopped: () => Atomics.load(numbers, STOPPED) === 1,
    stop() {
      Atomics.store(numbers, STOPPED, 1)
      Atomics.notify(arrived, 0)
    },
    arrive(bytes, isWhole) {
      Atomics.store(arrived, 0, BigInt(bytes) * 2n + (isWhole ? 1n : 0n))
      Atomics.notify(arrived, 0)
    },
    waitFor(bytes) {
      for (;;) {
        const seen = Atomics.load(arrived, 0)
        const there = Number(seen >> 1n)
        if (there >= bytes || (seen & 1n) === 1n || Atomics.load(numbers, STOPPED) === 1) return there
        Atomics.wait(arrived, 0, seen, LOOK_AGAIN_MS)
      }
    },
  }
}
