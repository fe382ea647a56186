// Which parts of a file are written, told as one number: how far it goes without a gap.

export interface Spans {
  add(from: number, to: number): void
  /** Everything before this is there. */
  prefix(): number
}

export function createSpans(start = 0): Spans {
  let prefix = start
  /** Begin to end of parts beyond the prefix; they never overlap. */
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
