// What the threads of a conversion share: which stretch is next, how many are done, how far the file is whole.
import type { Qcow2Layout } from './qcow2-layout.ts'

/** A stretch of the disk is what a thread does at a time: never of two L2 tables, and small enough to lie in memory. */
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
/** Nobody waits for ever: the one that should wake a thread may be gone. */
const LOOK_AGAIN_MS = 1000

export interface Progress {
  readonly memory: SharedArrayBuffer
  /** The number of a stretch that nobody else does. */
  takeNext(): number
  finishOne(): void
  done(): number
  stop(): void
  isStopped(): boolean
  /** The first bytes of the file are there; with `isWhole` no more will come. */
  arrive(bytes: number, isWhole: boolean): void
  /** Blocks the thread until so many bytes are there, or no more will come. @returns how many there are */
  waitFor(bytes: number): number
}

export function shareProgress(memory = new SharedArrayBuffer(32)): Progress {
  const numbers = new Int32Array(memory, 0, 4)
  // How many bytes, and in the lowest bit whether that is all.
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
