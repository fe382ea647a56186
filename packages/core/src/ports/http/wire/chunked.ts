// Decodes the chunked transfer coding.

export interface ChunkedDecoder {
  /**
   * Takes the next bytes from the connection and passes the decoded data on, piece by piece.
   * @returns true if the body has ended
   * @throws Error if the framing is broken
   */
  push(bytes: Uint8Array, data: (bytes: Uint8Array) => void): boolean
}

type State = 'size' | 'data' | 'data-end' | 'trailer'

const LINE_LIMIT = 16_384

export function createChunkedDecoder(): ChunkedDecoder {
  let state: State = 'size'
  let line = ''
  let remaining = 0

  /** Collects a line over any number of pieces. `text` is absent until the end of the line arrives. */
  function takeLine(bytes: Uint8Array, from: number): { text?: string; next: number } {
    const end = bytes.indexOf(10, from)
    const next = end < 0 ? bytes.length : end + 1
    line += Buffer.from(bytes.buffer, bytes.byteOffset + from, next - from).toString('latin1')
    if (line.length > LINE_LIMIT) throw new Error('an endless chunk header')
    if (end < 0) return { next }
    const text = line.replace(/\r?\n$/, '')
    line = ''
    return { text, next }
  }

  function endOfLine(text: string): boolean {
    if (state === 'size') {
      const [, size] = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(text) ?? []
      if (size === undefined) throw new Error('an invalid chunk size')
      remaining = Number.parseInt(size, 16)
      state = remaining === 0 ? 'trailer' : 'data'
      return false
    }
    if (state === 'trailer') return text === ''
    if (text !== '') throw new Error('a chunk longer than announced')
    state = 'size'
    return false
  }

  return {
    push(bytes, data) {
      let at = 0
      while (at < bytes.length) {
        if (state === 'data') {
          const count = Math.min(remaining, bytes.length - at)
          data(bytes.subarray(at, at + count))
          at += count
          remaining -= count
          if (remaining === 0) state = 'data-end'
          continue
        }
        const { text, next } = takeLine(bytes, at)
        at = next
        if (text !== undefined && endOfLine(text)) return true
      }
      return false
    },
  }
}
