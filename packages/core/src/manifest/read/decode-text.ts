// Decodes bytes as UTF-8, or returns the position of the first invalid byte.

export type DecodedText =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: TextProblem }

export interface TextProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Decodes the text of a file and removes its byte order mark. */
export function decodeText(given: string | Uint8Array): DecodedText {
  if (typeof given === 'string') return withoutZeros(given.replace(/^\ufeff/, ''))
  const packed = packedAs(given)
  if (packed !== undefined)
    return {
      problem: { line: 1, column: 1, message: `The file is compressed with ${packed}: use the uncompressed file.` },
    }
  const wide = wideEncoding(given)
  if (wide !== undefined) return { problem: { line: 1, column: 1, message: `The file is ${wide}; save it as UTF-8.` } }
  try {
    return withoutZeros(new TextDecoder('utf-8', { fatal: true }).decode(given))
  } catch {
    return { problem: { ...firstBadByte(given), message: 'This byte is not UTF-8; save the file as UTF-8.' } }
  }
}

/** Returns true if the bytes are valid UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function withoutZeros(text: string): DecodedText {
  const at = text.indexOf('\0')
  if (at < 0) return { text }
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const column = at - (before.lastIndexOf('\n') + 1) + 1
  return { problem: { line, column, message: 'There is a zero byte here; this is not a text file.' } }
}

const PACKED: readonly (readonly [name: string, start: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
]

function packedAs(bytes: Uint8Array): string | undefined {
  return PACKED.find(([, start]) => start.every((byte, index) => bytes[index] === byte))?.[0]
}

function wideEncoding([first, second, third, fourth]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16'
  if (first === 0xfe && second === 0xff) return 'UTF-16'
  return undefined
}

/** Finds the first invalid byte with a binary search for the longest valid UTF-8 prefix. */
function firstBadByte(bytes: Uint8Array): { readonly line: number; readonly column: number } {
  let [good, bad] = [0, bytes.length]
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (isStartOfUtf8(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  // An incomplete character at the end belongs to the invalid part.
  const before = new TextDecoder().decode(bytes.subarray(0, good)).replace(/\ufffd$/, '')
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') }
}

/** A character that is cut off at the end is not an error here. */
function isStartOfUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
