// How many connections an image gets from one host: more while each of them stays about as fast.
//
// Where a server limits connections, twice as many bring twice as much. Where the line is the limit, each gets half, and
// more of them only burden the vendor. So: measure, double, measure again, and keep what helped. The rate of a single
// connection is looked at rather than the sum, because images come and go meanwhile.

export interface Pacer {
  /** Connections that each image should have now. */
  width(): number
  /** One more, or one less, is bringing bytes. */
  opened(nowMs: number): void
  closed(nowMs: number): void
  count(bytes: number, nowMs: number): void
}

/** A line may be busy for other reasons, so it is tried again: soon at first, then less and less often. */
const RETRY_AFTER_MS = 2000
const RETRY_LIMIT_MS = 64_000
/** Halves on a line that is full, stays on a server that limits connections. */
const STILL_FAST = 0.7
/** Nobody limits connections to more than this; where it comes this fast, there is no reason to take more. */
const FAST_BYTES_PER_SECOND = 48 * 1024 * 1024
/** A process that has no time left while it moves this much is the limit itself. */
const BUSY = 0.9
const BUSY_BYTES_PER_SECOND = 64 * 1024 * 1024

export interface PacerSettings {
  /** Connections an image may have. */
  readonly most: number
  readonly settleMs: number
  readonly measureMs: number
  /** How busy this process has been since the last call, from 0 to 1. */
  readonly load: () => number
}

export function createPacer({ most, settleMs, measureMs, load }: PacerSettings): Pacer {
  let width = 1
  /** Width, and bytes a second of one connection, before the last widening; undefined while nothing is tried. */
  let before: { readonly width: number; readonly rate: number } | undefined
  let open = 0
  let bytes = 0
  let connectionMs = 0
  let seenAtMs = 0
  let retryMs = RETRY_AFTER_MS
  let measureFromMs = Number.POSITIVE_INFINITY

  function advance(nowMs: number): void {
    connectionMs += open * (nowMs - seenAtMs)
    seenAtMs = nowMs
  }

  function decide(nowMs: number): void {
    const rate = (bytes / connectionMs) * 1000
    const hasFailed = before !== undefined && rate < before.rate * STILL_FAST
    if (before !== undefined) retryMs = hasFailed ? Math.min(retryMs * 2, RETRY_LIMIT_MS) : RETRY_AFTER_MS
    if (before !== undefined && hasFailed) width = before.width
    const wider = Math.min(width * 2, most)
    const isLimit = load() > BUSY && rate * open > BUSY_BYTES_PER_SECOND
    const triesWider = !hasFailed && wider > width && rate < FAST_BYTES_PER_SECOND && !isLimit
    before = triesWider ? { width, rate } : undefined
    if (triesWider) width = wider
    measureFromMs = nowMs + (triesWider ? settleMs : retryMs)
    bytes = 0
    connectionMs = 0
  }

  return {
    width: () => width,
    opened(nowMs) {
      advance(nowMs)
      open += 1
      if (measureFromMs === Number.POSITIVE_INFINITY) measureFromMs = nowMs + settleMs
    },
    closed(nowMs) {
      advance(nowMs)
      open -= 1
    },
    count(count, nowMs) {
      advance(nowMs)
      if (nowMs < measureFromMs) {
        bytes = 0
        connectionMs = 0
        return
      }
      bytes += count
      if (nowMs - measureFromMs >= measureMs && connectionMs > 0) decide(nowMs)
    },
  }
}
