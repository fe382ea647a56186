// Reading numbers and texts from the first bytes of a file, of which there may be fewer than one would like.

/** Whether `bytes` has the byte or Latin-1 sequence `magic` at `offset`. */
export function hasMagic(bytes: Uint8Array, magic: string | readonly number[], offset = 0): boolean {
  const wanted = typeof magic === 'string' ? Array.from(magic, (character) => character.charCodeAt(0)) : magic
  return wanted.every((byte, index) => bytes[offset + index] === byte)
}

/** Big or little endian numbers of 32 and 64 bits; undefined where the bytes end before. */
export function numbersOf(bytes: Uint8Array, { littleEndian }: { readonly littleEndian: boolean }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    u32: (offset: number): number | undefined =>
      offset + 4 <= bytes.length ? view.getUint32(offset, littleEndian) : undefined,
    u64: (offset: number): bigint | undefined =>
      offset + 8 <= bytes.length ? view.getBigUint64(offset, littleEndian) : undefined,
  }
}

/** Latin-1 text from `offset`, at most `length` bytes, ended by a zero. */
export function textAt(bytes: Uint8Array, offset: number, length: number): string {
  const [text = ''] = new TextDecoder('latin1').decode(bytes.subarray(offset, offset + length)).split('\0')
  return text
}
