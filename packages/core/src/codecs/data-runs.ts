// Finds the parts of a buffer that are not zero. The gaps between them can become holes in a sparse file.

/** The usual allocation unit of file systems. Smaller holes save nothing. */
const BLOCK_BYTES = 4096
const ZEROS = Buffer.alloc(BLOCK_BYTES)

export interface DataRun {
  readonly start: number
  readonly end: number
}

/**
 * Yields the parts of `chunk` that are not all zeros. Boundaries follow the blocks of the file, in which the chunk
 * starts at byte `filePosition`.
 */
export function* dataRuns(chunk: Uint8Array, filePosition: number): Generator<DataRun> {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  let start: number | undefined
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + BLOCK_BYTES - ((filePosition + at) % BLOCK_BYTES))
    // Comparing the first byte alone rules out most blocks quickly.
    const isZero = bytes[at] === 0 && bytes.compare(ZEROS, 0, end - at, at, end) === 0
    if (isZero && start !== undefined) {
      yield { start, end: at }
      start = undefined
    } else if (!isZero) start ??= at
    at = end
  }
  if (start !== undefined) yield { start, end: bytes.length }
}
