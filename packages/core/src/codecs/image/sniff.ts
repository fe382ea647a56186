// Detects compression, archive type and image format from the first bytes of a file, and problems. Ignores the file
// suffix.
import { ProvisionError } from '../../errors.ts'
import type { Compression, ImageFormat } from '../../manifest/manifest.ts'
import { readHeader } from '../archive/tar-header.ts'
import { hasMagic, numbersOf } from './bytes.ts'
import type { Archive, Finding } from './finding.ts'
import { knownByName, knownFile, knownWithoutBootSector } from './known-files.ts'
import { readQcow2 } from './qcow2.ts'
import { DESCRIPTOR_REFUSAL, readSparseVmdk } from './vmdk.ts'

export interface Sniffed {
  readonly compression: Compression
  /** The type of archive that contains the image. */
  readonly archive?: Archive
  /** Absent while the bytes are compressed. */
  readonly format?: ImageFormat
  /** A clause that says why this may not be an image, if the bytes do not settle it. */
  readonly doubt?: string
  /** Absent if the header does not contain it. A raw image is as large as its file. */
  readonly virtualSizeBytes?: number
}

/** As many bytes as the readers need at most. The format alone needs fewer. */
export const HEAD_BYTES = 68 * 1024

const COMPRESSIONS: readonly (readonly [Compression, string | readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['bzip2', 'BZh'],
]

/**
 * Detects what kind of file begins with these bytes.
 * @throws ProvisionError `IMAGE` if it is not an image that is safe to use
 */
export function sniff(head: Uint8Array): Sniffed {
  const { compression = 'none', refusal, hint, minimumBytes: _, ...found } = examine(head)
  if (refusal !== undefined) throw refused(refusal, { hint })
  return { compression, ...found }
}

/** Like `sniff`, but returns problems instead of throwing them. Also detects what `qemu-img` cannot. */
export function examine(head: Uint8Array): Finding & { readonly compression?: Compression } {
  const compression = compressionOf(head)
  if (compression !== undefined) return { compression }
  const archive = archiveOf(head)
  if (archive !== undefined) return { archive }
  const known = knownFile(head)
  if (known !== undefined) return { refusal: known.is, hint: known.hint }
  return readImage(head)
}

function archiveOf(head: Uint8Array): Finding['archive'] {
  if (hasMagic(head, 'PK\u0003\u0004')) return 'zip'
  // A header of the tar of 1979 has no magic, but a checksum. One of zeros only would be right.
  return hasMagic(head, 'ustar', 257) ||
    (head[0] !== 0 && head.length >= 512 && readHeader(head.subarray(0, 512)) !== undefined)
    ? 'tar'
    : undefined
}

function compressionOf(head: Uint8Array): Compression | undefined {
  const [name, magic] = COMPRESSIONS.find(([, candidate]) => hasMagic(head, candidate)) ?? []
  // Any text may begin with `BZh`. A bzip2 file continues with a level and the magic of the first block or of the end.
  if (name === 'bzip2' && !hasMagic(head, [0x31, 0x41, 0x59], 4) && !hasMagic(head, [0x17, 0x72, 0x45], 4))
    return undefined
  // Files written by pzstd begin with a skippable frame.
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
  if (hasMagic(head, 'COWD')) return { refusal: DESCRIPTOR_REFUSAL }
  return readRaw(head)
}

/** Reads a raw disk: it begins with a boot sector or a partition table, with sectors of 512 or 4096 bytes. */
function readRaw(head: Uint8Array): Finding {
  const isDisk = hasMagic(head, [0x55, 0xaa], 510) || [512, 4096].some((offset) => hasMagic(head, 'EFI PART', offset))
  if (isDisk) return { format: 'raw' }
  const known = knownWithoutBootSector(head)
  if (known !== undefined) return { refusal: known.is, hint: known.hint }
  return { format: 'raw', doubt: 'it has neither a boot sector nor a partition table, so it may not be a disk' }
}

/** VirtualBox VDI. The header contains the number of blocks in the file, which `qemu-img check` does not compare. */
function readVdi(head: Uint8Array): Finding {
  const { u32, u64 } = numbersOf(head, { littleEndian: true })
  const virtualSize = u64(368)
  const numbers = [u32(344), u32(376), u32(380), u32(388)]
  const [dataOffset, blockBytes, extraBytes, allocated] = numbers
  if (virtualSize === undefined || dataOffset === undefined || blockBytes === undefined) {
    return { refusal: 'its header is truncated' }
  }
  const minimumBytes = dataOffset + (blockBytes + (extraBytes ?? 0)) * (allocated ?? 0)
  return { format: 'vdi', virtualSizeBytes: Number(virtualSize), minimumBytes }
}

/** Virtual PC VHD. A dynamic disk begins with a copy of its footer. A differencing disk (type 4) has a parent. */
function readDynamicVhd(head: Uint8Array): Finding {
  const { u32 } = numbersOf(head, { littleEndian: false })
  if (u32(60) === 4) return { refusal: 'it is a differencing VHD, which needs a parent image' }
  return { format: 'vpc' }
}

/** Refuses a compressed file whose name says that it contains no image. @throws ProvisionError `IMAGE` */
export function refuseByName(fileName: string): void {
  const known = knownByName(fileName)
  if (known !== undefined) throw refused(`by its name, ${known.is}`, { hint: known.hint })
}

/** Creates the error for a clause of a `Finding`. */
export function refused(refusal: string, { hint }: { readonly hint?: string | undefined } = {}): ProvisionError {
  return new ProvisionError('IMAGE', `The image cannot be used: ${refusal}.`, {
    hint: hint ?? 'Check the address or the file in the manifest, or use another image.',
  })
}
