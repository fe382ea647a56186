// Divides a file into parts that several connections download at the same time.
import type { FileSink } from '../wire/file-sink.ts'

export interface Part {
  readonly from: number
  readonly end: number
}

export interface Parts {
  /**
   * Takes the first part that no connection downloads. If there is none, takes part of the longest remainder of another
   * connection. Returns undefined if nothing is left, or too little to be worth another request.
   */
  take(): Part | undefined
  /** A connection has started to fill this sink. */
  enter(sink: FileSink): void
  /** The connection has stopped. The bytes that it did not get can be taken again. */
  leave(sink: FileSink): void
  /**
   * Returns a part that could not be requested. The connection just before it continues into it, as far as its answer
   * reaches.
   */
  putBack(part: Part): void
  isComplete(): boolean
}

/** @param partBytes bytes that one request asks for; a remainder below an eighth of it is not worth another request */
export function createParts(partBytes: number): Parts {
  const smallestBytes = partBytes / 8
  const free: Part[] = []
  const filling = new Set<FileSink>()

  function put(part: Part): void {
    if (part.from >= part.end) return
    free.push(part)
    free.sort((one, other) => one.from - other.from)
  }

  function share(): void {
    const [longest] = [...filling].sort((one, other) => missing(other) - missing(one))
    if (longest === undefined || missing(longest) < 2 * smallestBytes) return
    const end = longest.end()
    longest.limitTo(longest.position() + Math.min(partBytes, Math.floor(missing(longest) / 2)))
    put({ from: longest.end(), end })
  }

  function extend(sink: FileSink): void {
    for (
      let next = free[0];
      next !== undefined && next.from === sink.end() && next.from < sink.answerEnd;
      next = free[0]
    ) {
      free.shift()
      sink.limitTo(next.end)
      put({ from: sink.end(), end: next.end })
    }
  }

  return {
    take() {
      if (free.length === 0) share()
      const first = free.shift()
      if (first === undefined) return undefined
      const end = Math.min(first.end, first.from + partBytes)
      put({ from: end, end: first.end })
      return { from: first.from, end }
    },
    enter: (sink) => void filling.add(sink),
    leave(sink) {
      filling.delete(sink)
      put({ from: sink.position(), end: sink.end() })
    },
    putBack(part) {
      put(part)
      for (const sink of filling) extend(sink)
    },
    isComplete: () => free.length === 0 && filling.size === 0,
  }
}

function missing(sink: FileSink): number {
  return sink.end() - sink.position()
}
