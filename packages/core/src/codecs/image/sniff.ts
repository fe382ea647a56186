// What the first bytes of a file say: packed or not, which image format, and what speaks against it. Never the suffix.
import { ProvisionError } from '../../errors.ts'
import type { Compression, ImageFormat } from '../../manifest/manifest.ts'
import { hasMagic, numbersOf } from './bytes.ts'
import type { Finding } from './finding.ts'
import { readQcow2 } from './qcow2.ts'
import { DESCRIPTOR_REFUSAL, readSparseVmdk } from './vmdk.ts'

export interface Sniffed {
  readonly compression: Compression
  /** Absent while the bytes are packed. */
  readonly format?: ImageFormat
  /** Absent where the header does not tell it: a raw image is as large as its file. */
  readonly virtualSizeBytes?: number
}

/** As many first bytes as every reader needs; fewer will do for the format alone. */
export const HEAD_BYTES = 64 * 1024

const COMPRESSIONS: readonly (readonly [Compression, string | readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['bzip2', 'BZh'],
]

/** Formats that QEMU or people know, and Proxmox or we do not take. */
const REFUSED: readonly (readonly [magic: string, offset: number, refusal: string])[] = [
  ['QED\0', 0, 'it is a QED image, which Proxmox does not take'],
  ['WithoutFreeSpace', 0, 'it is a Parallels image, which Proxmox does not take'],
  ['WithouFreSpacExt', 0, 'it is a Parallels image, which Proxmox does not take'],
  ['LUKS\u00ba\u00be', 0, 'it is encrypted'],
  ['COWD', 0, DESCRIPTOR_REFUSAL],
  ['PK\u0003\u0004', 0, 'it is a zip archive: name the address of the image itself'],
  ['ustar', 257, 'it is a tar archive: name the address of the image itself'],
  ['7z\u00bc\u00af\u0027\u001c', 0, 'it is a 7z archive: name the address of the image itself'],
  ['LZIP', 0, 'it is packed with lzip, which is not supported'],
]

/**
 * What kind of file begins with these bytes.
 * @throws ProvisionError `IMAGE` when it is none that can be used safely
 */
export function sniff(head: Uint8Array): Sniffed {
  const { compression = 'none', refusal, format, virtualSizeBytes } = examine(head)
  if (refusal !== undefined) throw refused(refusal)
  return {
    compression,
    ...(format !== undefined && { format }),
    ...(virtualSizeBytes !== undefined && { virtualSizeBytes }),
  }
}

/** The same without throwing, and with what `qemu-img` cannot tell. */
export function examine(head: Uint8Array): Finding & { readonly compression?: Compression } {
  const packed = compressionOf(head)
  if (packed !== undefined) return { compression: packed }
  if (isPage(head)) return { refusal: 'it is a web page: the server sent an error page in its place' }
  const wrong = REFUSED.find(([magic, offset]) => hasMagic(head, magic, offset))
  if (wrong) return { refusal: wrong[2] }
  return readImage(head)
}

function compressionOf(head: Uint8Array): Compression | undefined {
  const [name, magic] = COMPRESSIONS.find(([, candidate]) => hasMagic(head, candidate)) ?? []
  // `BZh` alone could begin anything: a level and the magic of the first block follow, or the end of an empty file.
  if (name === 'bzip2' && !hasMagic(head, [0x31, 0x41, 0x59], 4) && !hasMagic(head, [0x17, 0x72, 0x45], 4))
    return undefined
  // A skippable frame stands first in what pzstd writes.
  const skippable = head[0] !== undefined && (head[0] & 0xf0) === 0x50 && hasMagic(head, [0x2a, 0x4d, 0x18], 1)
  return magic === undefined && skippable ? 'zstd' : name
}

function readImage(head: Uint8Array): Finding {
  if (hasMagic(head, 'QFI\u00fb')) return readQcow2(head)
  if (hasMagic(head, 'KDMV')) return readSparseVmdk(head)
  if (hasMagic(head, '# Disk DescriptorFile')) return { refusal: DESCRIPTOR_REFUSAL }
  if (hasMagic(head, [0x7f, 0x10, 0xda, 0xbe], 64)) return readVdi(head)
  if (hasMagic(head, 'vhdxfile')) return { format: 'vhdx' }
  if (hasMagic(head, 'conectix')) return readDynamicVhd(head)
  return { format: 'raw' }
}

/** VirtualBox: the header tells how many blocks lie in the file, which `qemu-img check` does not compare. */
function readVdi(head: Uint8Array): Finding {
  const { u32, u64 } = numbersOf(head, { littleEndian: true })
  const virtualSize = u64(368)
  const numbers = [u32(344), u32(376), u32(380), u32(388)]
  const [dataOffset, blockBytes, extraBytes, allocated] = numbers
  if (virtualSize === undefined || dataOffset === undefined || blockBytes === undefined) {
    return { refusal: 'it is cut short within its header' }
  }
  const minimumBytes = dataOffset + (blockBytes + (extraBytes ?? 0)) * (allocated ?? 0)
  return { format: 'vdi', virtualSizeBytes: Number(virtualSize), minimumBytes }
}

/** Virtual PC: a dynamic disk begins with a copy of its footer; a differencing one (type 4) has a parent. */
function readDynamicVhd(head: Uint8Array): Finding {
  const { u32 } = numbersOf(head, { littleEndian: false })
  if (u32(60) === 4) return { refusal: 'it is a VHD on top of another one' }
  return { format: 'vpc' }
}

function isPage(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 512)).replace(/^\u00ef\u00bb\u00bf/, '')
  return /^\s*<(?:!doctype|html|head|\?xml)\b/i.test(text)
}

/** The error for a clause of a `Finding`. */
export function refused(refusal: string, details: Readonly<Record<string, unknown>> = {}): ProvisionError {
  return new ProvisionError('IMAGE', `The image cannot be used: ${refusal}.`, {
    details,
    hint: 'Check the address in the manifest, or take another image of this vendor.',
  })
}
