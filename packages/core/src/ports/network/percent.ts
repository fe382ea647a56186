// Decodes percent-encoding leniently: a lone `%` or an escape that is not UTF-8 is kept as it is.

/** Decodes the percent escapes in the text as far as possible. */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })
}
