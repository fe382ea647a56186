// Translates recorded names to those of this run: task ids, checksums, addresses, digests.

export type Translation = {
  /** From now on, `recorded` means `actual`, in requests and in expected answers. */
  learn(recorded: string, actual: string): void
  /** Translates a recorded text. */
  text(recorded: string): string
  /** Like `text`, for a path or a form, where the names may be percent-encoded. */
  encoded(recorded: string): string
  /** Translates a recorded answer. */
  value(recorded: unknown): unknown
}

export function createTranslation(start: Iterable<readonly [recorded: string, actual: string]>): Translation {
  const words = new Map(start)

  // Short numbers are sizes, so they are replaced only as whole words.
  const text = (recorded: string): string => {
    let result = recorded
    for (const [from, to] of words) if (from.length > 4 && result.includes(from)) result = result.replaceAll(from, to)
    return result
  }

  // Python's quote and encodeURIComponent leave different characters alone.
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
