// Bits out of chunks of bytes, most significant first.
export interface BitQueue {
  push(chunk: Uint8Array): void
  /** Bytes that nobody has read a bit of. */
  bytesLeft(): number
  /** The next bits as a number, at most 24 at a time. @throws Error `Unexpected end of input` */
  read(count: number): number
  /** The same without taking them; behind the end there are zeros. */
  peek(count: number): number
  /** Takes bits that were looked at. @throws Error `Unexpected end of input` */
  skip(count: number): void
  /** Drops what is left of a byte that was begun. */
  align(): void
}

export function createBitQueue(): BitQueue {
  const chunks: Uint8Array[] = []
  let current: Uint8Array = new Uint8Array()
  let [at, left] = [0, 0]
  /** The last `held` bits of `bits` were taken from bytes and from nobody yet; some may be made up. */
  let [bits, held, madeUp] = [0, 0, 0]

  function fill(count: number): void {
    while (held < count) {
      while (at === current.length && chunks.length > 0) [current, at] = [chunks.shift() ?? current, 0]
      const byte = current[at]
      if (byte === undefined) madeUp += 8
      else {
        at += 1
        left -= 1
      }
      bits = ((bits << 8) | (byte ?? 0)) & 0x7fff_ffff
      held += 8
    }
  }

  function peek(count: number): number {
    fill(count)
    return (bits >>> (held - count)) & ((1 << count) - 1)
  }

  function skip(count: number): void {
    held -= count
    if (held < madeUp) throw new Error('Unexpected end of input')
  }

  return {
    push(chunk) {
      chunks.push(chunk)
      left += chunk.length
    },
    bytesLeft: () => left + Math.floor((held - madeUp) / 8),
    peek,
    skip,
    read(count) {
      const value = peek(count)
      skip(count)
      return value
    },
    align() {
      held -= held % 8
    },
  }
}
