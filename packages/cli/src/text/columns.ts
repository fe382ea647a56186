// How wide the terminal is; where there is none, a line is as long as it is.

export function columnsOf(stream: { readonly columns?: number } = process.stderr): number {
  return stream.columns || Number.POSITIVE_INFINITY
}
