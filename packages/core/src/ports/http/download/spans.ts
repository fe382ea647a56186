// Tracks which parts of a file are written, to know how far it is contiguous.

export interface Spans {
  add(from: number, to: number): void
  /** Everything before this offset is written. */
  prefix(): number
}

export function createSpans(start = 0): Spans {
  let prefix = start
  /** Start and end of the written parts after the prefix. They never overlap. */
  const beyond = new Map<number, number>()
  return {
    add(from, to) {
      beyond.set(from, Math.max(to, beyond.get(from) ?? 0))
      for (let end = beyond.get(prefix); end !== undefined; end = beyond.get(prefix)) {
        beyond.delete(prefix)
        prefix = end
      }
    },
    prefix: () => prefix,
  }
}
