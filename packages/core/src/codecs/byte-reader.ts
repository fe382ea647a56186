// Reads a stream of chunks by byte counts: exactly n bytes, at most n bytes, or all remaining bytes.

export interface ByteReader {
  /** Returns exactly this many bytes in one piece, or fewer if the source ends first. */
  take(bytes: number): Promise<Uint8Array>
  /** Returns at most this many bytes of the current chunk, without a copy. An empty result means the end. */
  takeSome(bytes?: number): Promise<Uint8Array>
  /** Puts bytes back in front, so that the next read returns them. */
  giveBack(bytes: Uint8Array): void
  skip(bytes: number): Promise<void>
  /** Reads to the end, so that a wrapper that counts or hashes the source sees all bytes. */
  drain(): Promise<void>
  /** Yields the remaining bytes, chunk by chunk. */
  rest(): AsyncGenerator<Uint8Array>
  /** Returns the next bytes without consuming them. */
  peek(bytes: number): Promise<Uint8Array>
  close(): Promise<void>
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let pending: Uint8Array = new Uint8Array()
  let isEnded = false

  async function next(): Promise<Uint8Array> {
    while (pending.length === 0 && !isEnded) {
      const { done, value } = await iterator.next()
      if (done) isEnded = true
      else pending = value
    }
    return pending
  }

  async function takeSome(bytes = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    const chunk = await next()
    pending = chunk.subarray(bytes)
    return chunk.subarray(0, bytes)
  }

  async function take(bytes: number): Promise<Uint8Array> {
    const first = await takeSome(bytes)
    if (first.length === bytes) return first
    const parts = [first]
    for (let left = bytes - first.length; left > 0; ) {
      const part = await takeSome(left)
      if (part.length === 0) break
      parts.push(part)
      left -= part.length
    }
    return Buffer.concat(parts)
  }

  function giveBack(bytes: Uint8Array): void {
    pending = pending.length === 0 ? bytes : Buffer.concat([bytes, pending])
  }

  async function* rest(): AsyncGenerator<Uint8Array> {
    for (let chunk = await takeSome(); chunk.length > 0; chunk = await takeSome()) yield chunk
  }

  return {
    take,
    takeSome,
    giveBack,
    rest,
    async peek(bytes) {
      const head = await take(bytes)
      giveBack(head)
      return head
    },
    async skip(bytes) {
      for (let left = bytes; left > 0; ) {
        const part = await takeSome(left)
        if (part.length === 0) return
        left -= part.length
      }
    },
    async drain() {
      while ((await takeSome()).length > 0);
    },
    async close() {
      await iterator.return?.()
    },
  }
}
