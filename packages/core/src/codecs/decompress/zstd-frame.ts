// Finds the end of a zstd frame from its headers alone (RFC 8878, 3.1). Node 22 accepts a truncated frame as complete.

/** Tracks one frame while its bytes pass through. */
export interface ZstdFrame {
  push(bytes: Uint8Array): void
  /** Returns true if the last byte of the frame has passed. */
  isWhole(): boolean
}

export function createZstdFrame(): ZstdFrame {
  const walk = frame()
  const header = new Uint8Array(8)
  let next = walk.next()
  let left = next.value?.bytes ?? 0
  return {
    push(bytes) {
      for (let at = 0; at < bytes.length && next.done !== true; ) {
        const part = bytes.subarray(at, at + left)
        if (next.value.isRead) header.set(part, next.value.bytes - left)
        at += part.length
        left -= part.length
        // A block may be empty.
        while (left === 0 && next.done !== true) {
          next = walk.next(new DataView(header.buffer))
          left = next.value?.bytes ?? 0
        }
      }
    },
    isWhole: () => next.done === true,
  }
}

interface Wanted {
  readonly bytes: number
  /** False if the bytes are skipped. */
  readonly isRead: boolean
}

type Walk = Generator<Wanted, undefined, DataView>

const read = (bytes: number): Wanted => ({ bytes, isRead: true })
const pass = (bytes: number): Wanted => ({ bytes, isRead: false })

const DICTIONARY_ID_BYTES = [0, 1, 2, 4]
const CONTENT_SIZE_BYTES = [0, 2, 4, 8]
const CHECKSUM_BYTES = 4
const BLOCK_OF_ONE_BYTE_REPEATED = 1

function* frame(): Walk {
  const isSkippable = (yield read(4)).getUint8(0) !== 0x28
  if (isSkippable) {
    yield pass((yield read(4)).getUint32(0, true))
    return undefined
  }
  const descriptor = (yield read(1)).getUint8(0)
  yield pass(headerBytes(descriptor))
  for (let isLast = false; !isLast; ) {
    const view = yield read(3)
    const block = view.getUint16(0, true) | (view.getUint8(2) << 16)
    isLast = (block & 1) === 1
    yield pass(((block >> 1) & 3) === BLOCK_OF_ONE_BYTE_REPEATED ? 1 : block >> 3)
  }
  if ((descriptor & 4) !== 0) yield pass(CHECKSUM_BYTES)
  return undefined
}

/** Size of the optional header fields: window, dictionary id and content size. */
function headerBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0
  const size = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0
  const contentSize = size === 0 && isSingleSegment ? 1 : size
  return (isSingleSegment ? 0 : 1) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + contentSize
}
