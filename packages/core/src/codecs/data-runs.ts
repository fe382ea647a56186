// Which stretches of some bytes hold anything but zeros: what lies between them can be a hole of the file.

/** What file systems allocate at the least; smaller holes save nothing. */
const BLOCK_BYTES = 4096
const ZEROS = Buffer.alloc(BLOCK_BYTES)

export interface DataRun {
  readonly start: number
  readonly end: number
}

/** Stretches of `chunk`, in whole blocks of the file where it goes to `filePosition`, that are not all zeros. */
export function* dataRuns(chunk: Uint8Array, filePosition: number): Generator<DataRun> {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  let start: number | undefined
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + BLOCK_BYTES - ((filePosition + at) % BLOCK_BYTES))
    // The first byte alone tells of most blocks that they are not.
    const isZero = bytes[at] === 0 && bytes.compare(ZEROS, 0, end - at, at, end) === 0
    if (isZero && start !== undefined) {
      yield { start, end: at }
      start = undefined
    } else if (!isZero) start ??= at
    at = end
  }
  if (start !== undefined) yield { start, end: bytes.length }
}
