// What has other names in this run: task ids, checksums, addresses, digests. Recorded words in, this run's words out.

export type Translation = {
  /** From now on `recorded` means `actual`, in requests and in the answers that are expected. */
  learn(recorded: string, actual: string): void
  /** A recorded text in this run's words. */
  text(recorded: string): string
  /** The same for a path or a form, where the words may be percent-encoded. */
  encoded(recorded: string): string
  /** A recorded answer in this run's words. */
  value(recorded: unknown): unknown
}

export function createTranslation(start: Iterable<readonly [recorded: string, actual: string]>): Translation {
  const words = new Map(start)

  // Short numbers are sizes: only where they stand alone.
  const text = (recorded: string): string => {
    let result = recorded
    for (const [from, to] of words) if (from.length > 4 && result.includes(from)) result = result.replaceAll(from, to)
    return result
  }

  // Python's quote leaves other characters alone than encodeURIComponent does.
  const quote = (word: string): string => encodeURIComponent(word).replaceAll('!', '%21')

  const encoded = (recorded: string): string => {
    let result = text(recorded)
    for (const [from, to] of words)
      if (from.length > 4 && result.includes(quote(from))) result = result.replaceAll(quote(from), quote(to))
    return result
  }

  const value = (recorded: unknown): unknown => {
    if (typeof recorded === 'string') return text(recorded)
    if (typeof recorded === 'number') return Number(words.get(String(recorded)) ?? recorded)
    if (Array.isArray(recorded)) return recorded.map(value)
    if (typeof recorded !== 'object' || recorded === null) return recorded
    return Object.fromEntries(Object.entries(recorded).map(([key, inner]) => [key, value(inner)]))
  }

  return { learn: (recorded, actual) => void words.set(recorded, actual), text, encoded, value }
}
