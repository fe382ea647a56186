// Reads numbers and texts from the first bytes of a file, which may be shorter than expected.

/** Returns true if `bytes` contains the byte or Latin-1 sequence `magic` at `offset`. */
export function hasMagic(bytes: Uint8Array, magic: string | readonly number[], offset = 0): boolean {
  const wanted = typeof magic === 'string' ? Array.from(magic, (character) => character.charCodeAt(0)) : magic
  return wanted.every((byte, index) => bytes[offset + index] === byte)
}

/** Readers for 32-bit and 64-bit numbers of the given byte order. They return undefined past the end of the bytes. */
export function numbersOf(bytes: Uint8Array, { littleEndian }: { readonly littleEndian: boolean }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    u32: (offset: number): number | undefined =>
      offset + 4 <= bytes.length ? view.getUint32(offset, littleEndian) : undefined,
    u64: (offset: number): bigint | undefined =>
      offset + 8 <= bytes.length ? view.getBigUint64(offset, littleEndian) : undefined,
  }
}

/** Reads Latin-1 text from `offset`, at most `length` bytes, up to the first zero byte. */
export function textAt(bytes: Uint8Array, offset: number, length: number): string {
  const [text = ''] = new TextDecoder('latin1').decode(bytes.subarray(offset, offset + length)).split('\0')
  return text
}
