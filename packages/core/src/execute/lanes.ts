// Limits for work that competes for a resource. The width of a lane halves after lock timeouts of Proxmox and grows
// back.
import pLimit, { type LimitFunction } from 'p-limit'
import type { Limits } from '../manifest/manifest.ts'

interface Lane {
  readonly limit: LimitFunction
  readonly fullWidth: number
  /** Successes since the width last changed. */
  calm: number
}

export interface Lanes {
  /** Runs `task` when all named lanes have room. Lanes are entered in a fixed order, so there are no deadlocks. */
  run<Result>(names: readonly string[], task: () => Promise<Result>): Promise<Result>
  /**
   * Halves the width of these lanes after a lock timeout. A lane grows by one after as many successes as it is wide.
   */
  narrow(names: readonly string[]): void
  width(name: string): number
}

/** Creates the lanes of a run. A lane's name is `kind` or `kind:what`. The kind determines its width. */
export function createLanes(limits: Limits): Lanes {
  const lanes = new Map<string, Lane>()
  const laneOf = (name: string): Lane => {
    const known = lanes.get(name)
    if (known) return known
    const fullWidth = laneWidth(name, limits)
    const lane = { limit: pLimit(fullWidth), fullWidth, calm: 0 }
    lanes.set(name, lane)
    return lane
  }
  const enter = <Result>([first, ...rest]: readonly string[], task: () => Promise<Result>): Promise<Result> =>
    first === undefined ? task() : laneOf(first).limit(() => enter(rest, task))
  return {
    async run(names, task) {
      const result = await enter(names.toSorted(byKind), task)
      for (const name of names) growBack(laneOf(name))
      return result
    },
    narrow(names) {
      for (const name of names.filter(contends)) halve(laneOf(name))
    },
    width: (name) => laneOf(name).limit.concurrency,
  }
}

/** Returns how many tasks may be in a lane at the same time. */
export function laneWidth(name: string, limits: Limits): number {
  const widths: Record<string, number> = {
    download: limits.downloads,
    host: limits.perHost,
    convert: limits.conversions,
    // Unpacking during a download mostly waits for bytes, so it must not block other conversions.
    along: limits.conversions,
    upload: limits.uploads,
    storage: limits.perStorage,
    // To remove a template, Proxmox searches all disks of its storage for clones, while it holds the storage's lock.
    base: 1,
    template: limits.perTemplate,
    node: limits.perNode,
  }
  return widths[kindOf(name)] ?? Number.POSITIVE_INFINITY
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
}

function growBack(lane: Lane): void {
  if (lane.limit.concurrency >= lane.fullWidth) return
  lane.calm += 1
  if (lane.calm < lane.limit.concurrency) return
  lane.limit.concurrency += 1
  lane.calm = 0
}
