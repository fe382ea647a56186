// Recognizes files that are often given in place of a disk image, by their first bytes. Says what each is and what to
// do.
import { hasMagic, numbersOf } from './bytes.ts'

export interface KnownFile {
  /** A clause that begins with "it is". */
  readonly is: string
  readonly hint?: string
}

type Magic = readonly [bytes: string | readonly number[], offset: number, is: string, hint?: string]

const UNPACK = 'Extract the image, compress it with zstd, xz or gzip, and use that file.'
const LOOK_INSIDE = 'Extract it, and use the image inside.'
const WRAP = 'Use the address of the whole disk. If it is a whole disk, convert it to qcow2 with `qemu-img convert`.'
const CLOUD_IMAGE = "Use the vendor's cloud image (qcow2 or raw), which needs no installation."

/** Disk formats that Proxmox or this program does not accept. */
const DISKS: readonly Magic[] = [
  ['QED\0', 0, 'it is a QED image, which Proxmox does not support'],
  ['WithoutFreeSpace', 0, 'it is a Parallels image, which Proxmox does not support'],
  ['WithouFreSpacExt', 0, 'it is a Parallels image, which Proxmox does not support'],
  ['LUKS\u00ba\u00be', 0, 'it is encrypted'],
  ['Bochs Virtual HD Image', 0, 'it is a Bochs image, which Proxmox does not support'],
  ['#!/bin/sh\n#V2.0 Format', 0, 'it is a cloop image, which Proxmox does not support'],
  [
    'VMA\0',
    0,
    'it is a Proxmox backup (VMA)',
    'Restore it with `qmrestore`, convert that VM to a template, and use that: `template: ID`.',
  ],
  ['CD001', 32_769, 'it is an installation CD (ISO 9660)', CLOUD_IMAGE],
  ['BEA01', 32_769, 'it is a DVD (UDF)', CLOUD_IMAGE],
  ['MSWIM\0\0\0', 0, 'it is a Windows image (WIM)', CLOUD_IMAGE],
]

const ARCHIVES: readonly Magic[] = [
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 0, 'it is a 7z archive', LOOK_INSIDE],
  ['Rar!\u001a\u0007', 0, 'it is a rar archive', LOOK_INSIDE],
  ['MSCF', 0, 'it is a cabinet archive', LOOK_INSIDE],
  ['xar!', 0, 'it is a xar archive', LOOK_INSIDE],
  ['!<arch>\n', 0, 'it is a Debian package or a library (ar)', LOOK_INSIDE],
  [[0xed, 0xab, 0xee, 0xdb], 0, 'it is an rpm package', LOOK_INSIDE],
  ['070701', 0, 'it is an initial ramdisk (cpio)', WRAP],
  ['070702', 0, 'it is an initial ramdisk (cpio)', WRAP],
  ['070707', 0, 'it is a cpio archive', LOOK_INSIDE],
  [[0x04, 0x22, 0x4d, 0x18], 0, 'it is compressed with lz4, which is not supported', UNPACK],
  [[0x02, 0x21, 0x4c, 0x18], 0, 'it is compressed with lz4, which is not supported', UNPACK],
  ['LZIP', 0, 'it is compressed with lzip, which is not supported', UNPACK],
  ['LRZI', 0, 'it is compressed with lrzip, which is not supported', UNPACK],
  [[0x89, 0x4c, 0x5a, 0x4f, 0x00], 0, 'it is compressed with lzop, which is not supported', UNPACK],
  [
    [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59],
    0,
    'it is compressed with snappy, which is not supported',
    UNPACK,
  ],
]

/** File systems without a partition table. Nothing boots from them. */
const FILE_SYSTEMS: readonly Magic[] = [
  ['hsqs', 0, 'it is a file system (squashfs), not a disk', WRAP],
  ['sqsh', 0, 'it is a file system (squashfs), not a disk', WRAP],
  [[0xe2, 0xe1, 0xf5, 0xe0], 1024, 'it is a file system (erofs), not a disk', WRAP],
  [[0x45, 0x3d, 0xcd, 0x28], 0, 'it is a file system (cramfs), not a disk', WRAP],
  ['-rom1fs-', 0, 'it is a file system (romfs), not a disk', WRAP],
  ['XFSB', 0, 'it is a file system (xfs), not a disk', WRAP],
  ['UBI#', 0, 'it is an image for flash memory (UBI), not a disk', WRAP],
  ['UBI!', 0, 'it is an image for flash memory (UBI), not a disk', WRAP],
  [[0x31, 0x18, 0x10, 0x06], 0, 'it is an image for flash memory (UBIFS), not a disk', WRAP],
  ['SWAPSPACE2', 4086, 'it is swap space, not a disk', WRAP],
  [[0x10, 0x20, 0xf5, 0xf2], 1024, 'it is a file system (f2fs), not a disk', WRAP],
  ['H+\0\u0004', 1024, 'it is a file system (HFS+), not a disk', WRAP],
  ['_BHRfS_M', 65_600, 'it is a file system (btrfs), not a disk', WRAP],
  [[0xfc, 0x4e, 0x2b, 0xa9], 4096, 'it is a part of a Linux RAID, not a disk', WRAP],
  ['LABELONE', 512, 'it is an LVM volume without a partition table', WRAP],
]

const KERNELS: readonly Magic[] = [
  ['HdrS', 0x202, 'it is a Linux kernel, not a disk', WRAP],
  ['ARMd', 0x38, 'it is a Linux kernel, not a disk', WRAP],
  ['RISCV\0\0\0', 0x30, 'it is a Linux kernel, not a disk', WRAP],
]

const OTHERS: readonly Magic[] = [
  [[0x5d, 0x00, 0x00], 0, 'it is compressed with lzma, which is not supported', UNPACK],
  [[0x1f, 0x9d], 0, 'it is compressed with compress (.Z), which is not supported', UNPACK],
  [[0x27, 0x05, 0x19, 0x56], 0, 'it is a kernel for U-Boot (uImage), not a disk', WRAP],
  [[0xd0, 0x0d, 0xfe, 0xed], 0, 'it is a device tree or a kernel for U-Boot (FIT), not a disk', WRAP],
  ['ANDROID!', 0, 'it is an Android boot image, not a disk', WRAP],
  ['_FVH', 40, 'it is a UEFI firmware, not a disk', WRAP],
  [[0x7f, 0x45, 0x4c, 0x46], 0, 'it is a program (ELF), not a disk'],
  [[0xca, 0xfe, 0xba, 0xbe], 0, 'it is a program, not a disk'],
  ['age-encryption.org/', 0, 'it is encrypted (age)', 'Decrypt it, and use the image inside.'],
  ['EVF\t\r\n\u00ff\0', 0, 'it is a forensic copy of a disk (E01)', WRAP],
  ['AFF10\r\n\0', 0, 'it is a forensic copy of a disk (AFF)', WRAP],
  ['SignedImage ', 4, 'it is a Windows image (FFU)', CLOUD_IMAGE],
  ['NBDMAGIC', 0, 'it is the beginning of a network block device, not a file'],
  ['%PDF', 0, 'it is a PDF document'],
  ['\u0089PNG', 0, 'it is a picture'],
  ['GIF8', 0, 'it is a picture'],
  [[0xff, 0xd8, 0xff], 0, 'it is a picture'],
  ['SQLite format 3\0', 0, 'it is a database'],
]

/** Formats whose first bytes may contain a boot sector, as installation CDs and kernels do. So check these first. */
const BEFORE_DISKS = [...DISKS, ...KERNELS, ...ARCHIVES]
const OVF: KnownFile = {
  is: 'it is an OVF descriptor, which names other files',
  hint: 'Use the OVA, or the disk that it names.',
}
/** Suffixes of files that are often compressed, and the magic of the files. */
const SUFFIXES: Readonly<Record<string, string>> = { vma: 'VMA\0', iso: 'CD001', squashfs: 'hsqs', wim: 'MSWIM\0\0\0' }
const PAGE: KnownFile = { is: 'it is a web page: the server sent an error page instead of the image' }
const PROGRAM: KnownFile = { is: 'it is a Windows or UEFI program, not a disk' }

/** Recognizes files whose first bytes are certain proof, even with a boot sector. */
export function knownFile(head: Uint8Array): KnownFile | undefined {
  return find(BEFORE_DISKS, head) ?? knownMarkup(head)
}

/** Recognizes what is inside a compressed file by its name, such as `vzdump-qemu-100.vma.zst`. */
export function knownByName(fileName: string): KnownFile | undefined {
  const [, suffix = ''] = /\.([a-z]+)\.(?:xz|gz|zst|zstd|bz2)$/i.exec(fileName) ?? []
  const [, , is, hint] = [...DISKS, ...FILE_SYSTEMS].find(([bytes]) => bytes === SUFFIXES[suffix.toLowerCase()]) ?? []
  return is === undefined ? undefined : { is, ...(hint !== undefined && { hint }) }
}

/** Recognizes a file that has neither a boot sector nor a partition table. Returns undefined if it is unknown. */
export function knownWithoutBootSector(head: Uint8Array): KnownFile | undefined {
  const found = find([...FILE_SYSTEMS, ...OTHERS], head) ?? knownExt(head)
  return found ?? (isProgram(head) ? PROGRAM : knownText(head))
}

function find(magics: readonly Magic[], head: Uint8Array): KnownFile | undefined {
  const [, , is, hint] = magics.find(([bytes, offset]) => hasMagic(head, bytes, offset)) ?? []
  return is === undefined ? undefined : { is, ...(hint !== undefined && { hint }) }
}

function knownMarkup(head: Uint8Array): KnownFile | undefined {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 4096)).replace(/^\u00ef\u00bb\u00bf/, '')
  if (!/^\s*<(?:!doctype|html|head|\?xml|(?:\w+:)?envelope)\b/i.test(text)) return undefined
  return /<(?:\w+:)?Envelope\b[^>]*\bovf\b/.test(text) ? OVF : PAGE
}

function isProgram(head: Uint8Array): boolean {
  const at = hasMagic(head, 'MZ') ? numbersOf(head, { littleEndian: true }).u32(0x3c) : undefined
  return at !== undefined && hasMagic(head, 'PE\0\0', at)
}

/** The magic number has only two bytes, so this also checks that the numbers around it are plausible. */
function knownExt(head: Uint8Array): KnownFile | undefined {
  const { u32 } = numbersOf(head, { littleEndian: true })
  const isExt = hasMagic(head, [0x53, 0xef], 1080) && (u32(1024) ?? 0) > 0 && (u32(1048) ?? 99) <= 6
  return isExt ? { is: 'it is a file system (ext2, ext3 or ext4), not a disk', hint: WRAP } : undefined
}

const POINTER = 'version https://git-lfs.github.com/spec'

/** A disk does not begin with a longer text. The start of the text shows what it is. */
function knownText(head: Uint8Array): KnownFile | undefined {
  const text = printableText(head.subarray(0, 512))
  if (text === undefined) return undefined
  if (text.startsWith(POINTER)) {
    return {
      is: 'it is a Git LFS pointer, not the file itself',
      hint: 'Use the address of the file itself (on GitHub `media.githubusercontent.com`, or a release).',
    }
  }
  const [line = ''] = text.trim().split('\n')
  return {
    is: `it is a text, which begins with \`${line.slice(0, 60).replaceAll('`', "'")}\``,
    hint: 'The server sent something else instead of the image: open the address in a browser.',
  }
}

/** Returns undefined if the bytes are not UTF-8 or contain control characters. */
function printableText(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder('utf-8').decode(bytes, { stream: true })
  // Control characters except white space, and the character that replaces invalid UTF-8.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const isBinary = /[\u0000-\u0008\u000b\u000e-\u001f\u007f\ufffd]/.test(text)
  return isBinary || text.trim() === '' ? undefined : text
}
