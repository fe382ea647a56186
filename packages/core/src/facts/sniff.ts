// What the first bytes of a file say: packed or not, and which image format. Never the suffix.
import type { Compression, ImageFormat } from '../manifest/manifest.ts'

export interface Sniffed {
  readonly compression: Compression
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
}

const MAGICS: readonly (readonly [Compression, readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['gzip', [0x1f, 0x8b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
]

export function sniff(head: Uint8Array): Sniffed {
  const packed = MAGICS.find(([, magic]) => magic.every((byte, index) => head[index] === byte))
  if (packed) return { compression: packed[0] }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (head.length >= 32 && view.getUint32(0) === 0x514649fb) {
    return { compression: 'none', format: 'qcow2', virtualSizeBytes: Number(view.getBigUint64(24)) }
  }
  return { compression: 'none', format: 'raw' }
}
