// Percent-encoding, read leniently: a lone `%` or an escape that is no UTF-8 is kept as it is, not an error.

/** The text with its percent escapes decoded, as far as they can be. */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })
}
