// Decides how many connections an image gets from one host. It adds connections while each of them keeps its speed.
//
// If the server limits each connection, twice as many connections transfer twice as much. If the line is the limit,
// each gets half, and more connections only burden the vendor. So the pacer measures, doubles, measures again, and
// keeps what helped. It compares the rate of a single connection, not the sum, because images start and finish
// meanwhile.

export interface Pacer {
  /** How many connections each image should have now. */
  width(): number
  /** Reports that one more connection, or one fewer, transfers bytes. */
  opened(nowMs: number): void
  closed(nowMs: number): void
  count(bytes: number, nowMs: number): void
}

/**
 * The line may be slow for other reasons, so doubling is tried again: after a short pause at first, then after longer
 * ones.
 */
const RETRY_AFTER_MS = 2000
const RETRY_LIMIT_MS = 64_000
/** The rate of each connection halves on a full line. It stays the same if the server limits each connection. */
const STILL_FAST = 0.7
/** No server limits connections to a higher rate than this. At this rate, more connections would not help. */
const FAST_BYTES_PER_SECOND = 48 * 1024 * 1024
/** If this process is this busy while it transfers this much, the process itself is the limit. */
const BUSY = 0.9
const BUSY_BYTES_PER_SECOND = 64 * 1024 * 1024

export interface PacerSettings {
  /** The maximum number of connections for an image. */
  readonly most: number
  readonly settleMs: number
  readonly measureMs: number
  /** Returns how busy this process has been since the last call, from 0 to 1. */
  readonly load: () => number
}

export function createPacer({ most, settleMs, measureMs, load }: PacerSettings): Pacer {
  let width = 1
  /**
   * Number of connections and bytes per second of one connection before the last doubling. Undefined if no attempt is
   * running.
   */
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
