// Limits concurrency by key. A limit grows while tasks succeed, and halves when Proxmox's locks time out.
import pLimit, { type LimitFunction } from 'p-limit'
import type { Limits } from '../manifest/manifest.ts'

interface Lane {
  readonly limit: LimitFunction
  /** Maximum width. */
  readonly most: number
  /** Successes since the width last changed. */
  calm: number
  /** True once a lock has timed out in this lane. From then on it grows slowly. */
  hasTimedOut: boolean
}

/** Leaves these lanes before the task ends, because the rest of it does not need them. */
export type Leave = (names: readonly string[]) => void

export interface Lanes {
  /** Runs `task` when all these lanes have room. Lanes are entered in a fixed order, so there are no deadlocks. */
  run<Result>(names: readonly string[], task: (leave: Leave) => Promise<Result>): Promise<Result>
  /** Halves those lanes in which Proxmox's locks contend. */
  narrow(names: readonly string[]): void
  width(name: string): number
}

export interface LaneSettings {
  readonly limits: Limits
  /** Returns the type of the storage behind a lane, such as `lvmthin`. Undefined if it is unknown. */
  readonly storageType?: (lane: string) => string | undefined
  readonly now: () => number
}

/** A longer task copies data. Its success does not show that there is room for more. */
const QUICK_MS = 10_000

/**
 * Creates the lanes of a run. A lane's name is `kind` or `kind:what`, and the kind determines its width. A width in the
 * manifest is the maximum. Other lanes start narrow and grow by one with each quick success, which doubles them in each
 * round. After a lock timeout, a lane grows by one only after as many successes as it is wide.
 */
export function createLanes({ limits, storageType = () => undefined, now }: LaneSettings): Lanes {
  const lanes = new Map<string, Lane>()
  const laneOf = (name: string): Lane => {
    const known = lanes.get(name)
    if (known) return known
    const { first, most } = laneWidth(name, limits, storageType(name))
    const lane = { limit: pLimit(first), most, calm: 0, hasTimedOut: false }
    lanes.set(name, lane)
    return lane
  }
  return {
    async run(names, task) {
      const places = names.toSorted(byKind).map((name) => ({ name, lane: laneOf(name), left: withResolvers() }))
      const leave: Leave = (left) => {
        for (const place of places) if (left.includes(place.name)) place.left.resolve()
      }
      let tookMs = 0
      const timed = async () => {
        const beganMs = now()
        try {
          return await task(leave)
        } finally {
          tookMs = now() - beganMs
        }
      }
      const result = await enter(places, timed)
      if (tookMs <= QUICK_MS) for (const { lane } of places) grow(lane)
      return result
    },
    narrow(names) {
      for (const name of names.filter(contends)) halve(laneOf(name))
    },
    width: (name) => laneOf(name).limit.concurrency,
  }
}

interface Place {
  readonly lane: Lane
  readonly left: { readonly promise: Promise<void>; readonly resolve: () => void }
}

/** The innermost lane runs the task. Each lane is held until the task ends or leaves it. */
function enter<Result>([first, ...rest]: readonly Place[], task: () => Promise<Result>): Promise<Result> {
  if (first === undefined) return task()
  return new Promise((resolve, reject) => {
    void first.lane.limit(() => {
      const inner = enter(rest, task)
      inner.then(resolve, reject)
      return Promise.race([inner.then(ignore, ignore), first.left.promise])
    })
  })
}

function ignore(): void {}

function withResolvers(): Place['left'] {
  let resolve = ignore
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

interface Width {
  readonly first: number
  readonly most: number
}

/**
 * Proxmox locks a storage for each allocation, which is short. A shared storage is locked through the cluster's file
 * system, where a waiting task tries again every second. Slow storages start lower. Figures: docs/performance.md.
 */
const BY_STORAGE: Readonly<Record<string, Width>> = {
  rbd: { first: 10, most: 24 },
  cephfs: { first: 10, most: 24 },
  nfs: { first: 3, most: 8 },
  cifs: { first: 3, most: 8 },
  lvm: { first: 3, most: 8 },
}
const OTHER_STORAGE: Width = { first: 10, most: 24 }
const NODE: Width = { first: 10, most: 24 }

/** Returns how many tasks may be in a lane at once: at the start and at most. */
export function laneWidth(name: string, limits: Limits, storageType?: string): Width {
  const fixed = (width: number): Width => ({ first: width, most: width })
  const stated = (width: number | undefined, usual: Width) => (width === undefined ? usual : fixed(width))
  const widths: Readonly<Record<string, Width>> = {
    download: fixed(limits.downloads),
    host: fixed(limits.perHost),
    convert: fixed(limits.conversions),
    // Unpacking during a download mostly waits for bytes, so it has its own lane and does not block conversions.
    along: fixed(limits.conversions),
    upload: fixed(limits.uploads),
    storage: stated(limits.perStorage, BY_STORAGE[storageType ?? ''] ?? OTHER_STORAGE),
    // Proxmox searches all disks of a storage for clones, with the storage locked.
    base: fixed(1),
    template: fixed(limits.perTemplate),
    node: stated(limits.perNode, NODE),
  }
  return widths[kindOf(name)] ?? fixed(Number.POSITIVE_INFINITY)
}

// The order of entry: the scarcest and most specific lane first, the node, which all tasks share, last.
const ORDER = ['host', 'download', 'convert', 'along', 'upload', 'template', 'base', 'storage', 'node']

function byKind(one: string, other: string): number {
  return ORDER.indexOf(kindOf(one)) - ORDER.indexOf(kindOf(other)) || (one < other ? -1 : 1)
}

function kindOf(name: string): string {
  return name.split(':', 1)[0] ?? name
}

function contends(name: string): boolean {
  return kindOf(name) === 'storage' || kindOf(name) === 'template' || kindOf(name) === 'node'
}

function halve(lane: Lane): void {
  lane.limit.concurrency = Math.max(1, Math.floor(lane.limit.concurrency / 2))
  lane.calm = 0
  lane.hasTimedOut = true
}

function grow(lane: Lane): void {
  if (lane.limit.concurrency >= lane.most) return
  lane.calm += 1
  if (lane.hasTimedOut && lane.calm < lane.limit.concurrency) return
  lane.limit.concurrency += 1
  lane.calm = 0
}
