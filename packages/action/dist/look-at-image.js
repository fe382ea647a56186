import { n as onDisk } from "./disk-error.js";
import { t as ProvisionError } from "./errors.js";

// \0builtin:node:fs/promises?packages/core/dist/codecs/image/look-at-image.js
const builtin = process.getBuiltinModule("node:fs/promises");
const read = (name) => builtin[name];
const _open = /* @__PURE__ */ read("open");

// ../core/dist/codecs/qcow2/qcow2-clusters.js
/** The image contradicts itself. The message is a clause that says how. */
var Damage = class extends Error {};
/** Bits 9 to 55 of an entry are an offset. It is read as two halves, because a number holds only 53 bits exactly. */
const [HIGH_OFFSET, LOW_OFFSET] = [16777215, 4294966784];
const HIGH_COMPRESSED = 1073741824;
const ZERO = 1;
const SUBCLUSTERS = 32;
const SECTOR_BYTES$3 = 512;
/** Reads the offset from the entry at `position` of an L1 or L2 table. 0 means not allocated. */
function offsetIn(table, position) {
	return (table.readUInt32BE(position) & HIGH_OFFSET) * 2 ** 32 + ((table.readUInt32BE(position + 4) & LOW_OFFSET) >>> 0);
}
/** Counts the compressed clusters among these entries of an L2 table. */
function countPacked(entries, { hasSubclusters }) {
	const entryBytes = hasSubclusters ? 16 : 8;
	let count = 0;
	for (let position = 0; position + entryBytes <= entries.length; position += entryBytes) if ((entries.readUInt32BE(position) & HIGH_COMPRESSED) !== 0) count += 1;
	return count;
}
/** Returns the offset in the file at which the last of these clusters ends. @throws Damage */
function endOf(entries, layout) {
	return extentsOf(entries, layout).reduce((end, extent) => Math.max(end, extent.host + (extent.kind === "data" ? extent.bytes : extent.hostBytes)), 0);
}
/**
* Returns the extents for these entries of an L2 table. Extents that adjoin on the disk and in the file are joined.
* @throws Damage
*/
function extentsOf(entries, layout) {
	const extents = [];
	const [entryBytes, clusterBytes] = [layout.hasSubclusters ? 16 : 8, 2 ** layout.clusterBits];
	for (let position = 0, at = 0; position < entries.length; position += entryBytes, at += clusterBytes) if ((entries.readUInt32BE(position) & HIGH_COMPRESSED) !== 0) extents.push(packedAt(entries, position, {
		at,
		layout
	}));
	else if (layout.hasSubclusters) addSubclusters(extents, {
		entries,
		position,
		at,
		clusterBytes
	});
	else addCluster(extents, {
		entries,
		position,
		at,
		clusterBytes
	}, layout);
	return extents;
}
/**
* Reads a compressed cluster entry. Offset and length in sectors share the bits; smaller clusters leave more for the
* offset.
*/
function packedAt(entries, position, { at, layout: { clusterBits } }) {
	const high = entries.readUInt32BE(position) & 1073741823;
	const highOffsetBits = 62 - (clusterBits - 8) - 32;
	const host = (high & 2 ** highOffsetBits - 1) * 2 ** 32 + entries.readUInt32BE(position + 4);
	return {
		kind: "packed",
		at,
		host,
		hostBytes: ((high >>> highOffsetBits) + 1) * SECTOR_BYTES$3 - host % SECTOR_BYTES$3
	};
}
function addCluster(extents, place, { hasZeroClusters }) {
	const { entries, position, at, clusterBytes } = place;
	const isZero = (entries.readUInt32BE(position + 4) & ZERO) !== 0;
	if (isZero && !hasZeroClusters) throw new Damage("a zero cluster, which this version does not support");
	const host = offsetIn(entries, position);
	if (host % clusterBytes !== 0) throw new Damage("a cluster begins within another one");
	if (!isZero && host !== 0) addData(extents, {
		at,
		bytes: clusterBytes,
		host
	});
}
/** Reads the subcluster bitmaps: which hold data and which read as zeros. A subcluster cannot be both. */
function addSubclusters(extents, { entries, position, at, clusterBytes }) {
	const host = offsetIn(entries, position);
	if (host % clusterBytes !== 0) throw new Damage("a cluster begins within another one");
	const [zeros, data] = [entries.readUInt32BE(position + 8), entries.readUInt32BE(position + 12)];
	if ((zeros & data) !== 0) throw new Damage("a subcluster has data and reads as zeros");
	if (data === 0) return;
	if (host === 0) throw new Damage("a subcluster has data and no place");
	const bytes = clusterBytes / SUBCLUSTERS;
	for (let index = 0; index < SUBCLUSTERS; index += 1) if ((data >>> index & 1) === 1) addData(extents, {
		at: at + index * bytes,
		bytes,
		host: host + index * bytes
	});
}
function addData(extents, { at, bytes, host }) {
	const last = extents.at(-1);
	if (last?.kind === "data" && last.at + last.bytes === at && last.host + last.bytes === host) extents[extents.length - 1] = {
		...last,
		bytes: last.bytes + bytes
	};
	else extents.push({
		kind: "data",
		at,
		bytes,
		host
	});
}

// ../core/dist/codecs/qcow2/qcow2-layout.js
const MAGIC = 1363560955;
const VERSION_2_HEADER_BYTES = 72;
const VERSION_3_HEADER_BYTES = 104;
const [CLUSTER_BITS_LEAST, CLUSTER_BITS_MOST] = [9, 21];
const SUBCLUSTER_BITS_LEAST = 14;
const SECTOR_BYTES$2 = 512;
/** The limit that QEMU has. */
const LARGEST_L1_BYTES = 33554432;
const LARGEST_REFCOUNT_ORDER = 6;
/** An incompatible feature that does not matter for reading (bit 0): refcounts may be out of date. */
const DIRTY = 1n;
const COMPRESSION_TYPE = 1n << 3n;
const EXTENDED_L2 = 1n << 4n;
const READABLE = DIRTY | COMPRESSION_TYPE | EXTENDED_L2;
/**
* Reads the layout of a version 2 or 3 image whose data is all in its own file.
* @returns undefined for other layouts and for inconsistent headers, which are left to QEMU
*/
function readLayout(head) {
	if (head.length < VERSION_2_HEADER_BYTES || head.readUInt32BE(0) !== MAGIC) return void 0;
	const version = head.readUInt32BE(4);
	const backingOffset = head.readBigUInt64BE(8);
	const encryption = head.readUInt32BE(32);
	const features = readFeatures(head, version);
	if (backingOffset !== 0n || encryption !== 0 || features === void 0) return void 0;
	const layout = {
		clusterBits: head.readUInt32BE(20),
		virtualSizeBytes: Number(head.readBigUInt64BE(24)),
		l1Offset: Number(head.readBigUInt64BE(40)),
		l1Entries: head.readUInt32BE(36),
		hasZeroClusters: version > 2,
		...features
	};
	return isSound(layout) ? layout : void 0;
}
function readFeatures(head, version) {
	if (version === 2) return {
		compression: "zlib",
		hasSubclusters: false
	};
	if (version !== 3 || head.length < VERSION_3_HEADER_BYTES) return void 0;
	const incompatible = head.readBigUInt64BE(72);
	const headerBytes = head.readUInt32BE(100);
	const hasType = (incompatible & COMPRESSION_TYPE) !== 0n;
	const type = headerBytes > VERSION_3_HEADER_BYTES ? head[VERSION_3_HEADER_BYTES] ?? 0 : 0;
	if (!((incompatible & ~READABLE) === 0n && head.readUInt32BE(96) <= LARGEST_REFCOUNT_ORDER) || headerBytes < VERSION_3_HEADER_BYTES || type > 1 || hasType !== (type === 1)) return void 0;
	return {
		compression: type === 1 ? "zstd" : "zlib",
		hasSubclusters: (incompatible & EXTENDED_L2) !== 0n
	};
}
function isSound({ clusterBits, virtualSizeBytes, l1Offset, l1Entries, hasSubclusters }) {
	if (clusterBits < (hasSubclusters ? SUBCLUSTER_BITS_LEAST : CLUSTER_BITS_LEAST) || clusterBits > CLUSTER_BITS_MOST) return false;
	const clusterBytes = 2 ** clusterBits;
	const bytesPerL2 = clusterBytes / (hasSubclusters ? 16 : 8) * clusterBytes;
	return virtualSizeBytes > 0 && virtualSizeBytes % SECTOR_BYTES$2 === 0 && Number.isSafeInteger(virtualSizeBytes) && l1Offset % clusterBytes === 0 && l1Offset > 0 && l1Entries * 8 <= LARGEST_L1_BYTES && l1Entries >= Math.ceil(virtualSizeBytes / bytesPerL2);
}

// ../core/dist/codecs/qcow2/qcow2-extent.js
const SECTOR_BYTES$1 = 512;
/**
* Returns how many bytes are missing at the end of the file. Returns 0 for a complete file and for layouts that are not
* supported here.
* @throws ProvisionError `IMAGE` if the tables contradict themselves
*/
async function missingFrom(file, head, sizeBytes) {
	const layout = readLayout(head);
	if (layout === void 0) return 0;
	let end = layout.l1Offset + layout.l1Entries * 8;
	if (end > sizeBytes) return end - sizeBytes;
	try {
		for await (const entries of tablesOf(file, layout)) end = Math.max(end, entries.end, endOf(entries.bytes, layout));
	} catch (error) {
		throw error instanceof Damage ? cutShort(error.message) : error;
	}
	const spareBytes = Math.max(SECTOR_BYTES$1, unusedBytes(layout));
	return end - sizeBytes < spareBytes ? 0 : end - sizeBytes;
}
/** How many bytes of the last cluster are past the end of the disk. */
function unusedBytes({ clusterBits, virtualSizeBytes }) {
	const clusterBytes = 2 ** clusterBits;
	return (clusterBytes - virtualSizeBytes % clusterBytes) % clusterBytes;
}
/** Reads the L2 tables in order. Parts of a table past the end of the file count as empty. */
async function* tablesOf(file, { l1Offset, l1Entries, clusterBits }) {
	const clusterBytes = 2 ** clusterBits;
	const first = Buffer.alloc(l1Entries * 8);
	await file.read(first, 0, first.length, l1Offset);
	const bytes = Buffer.alloc(clusterBytes);
	for (let position = 0; position < first.length; position += 8) {
		const offset = offsetIn(first, position);
		if (offset === 0) continue;
		if (!Number.isSafeInteger(offset)) throw new Damage("a table has an invalid offset");
		const { bytesRead } = await file.read(bytes, 0, clusterBytes, offset);
		yield {
			bytes: bytes.fill(0, bytesRead),
			end: offset + clusterBytes
		};
	}
}
/** Creates the error for a clause that says how an image is truncated or damaged. */
function cutShort(how, cause) {
	return new ProvisionError("IMAGE", `The image is truncated or damaged: ${how}.`, {
		cause,
		hint: "Download it again. If its digest is correct, the vendor published a damaged file: use another build, or report it to the vendor."
	});
}

// ../core/dist/codecs/image/bytes.js
/** Returns true if `bytes` contains the byte or Latin-1 sequence `magic` at `offset`. */
function hasMagic(bytes, magic, offset = 0) {
	return (typeof magic === "string" ? Array.from(magic, (character) => character.charCodeAt(0)) : magic).every((byte, index) => bytes[offset + index] === byte);
}
/** Readers for 32-bit and 64-bit numbers of the given byte order. They return undefined past the end of the bytes. */
function numbersOf(bytes, { littleEndian }) {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return {
		u32: (offset) => offset + 4 <= bytes.length ? view.getUint32(offset, littleEndian) : void 0,
		u64: (offset) => offset + 8 <= bytes.length ? view.getBigUint64(offset, littleEndian) : void 0
	};
}
/** Reads Latin-1 text from `offset`, at most `length` bytes, up to the first zero byte. */
function textAt$1(bytes, offset, length) {
	const [text = ""] = new TextDecoder("latin1").decode(bytes.subarray(offset, offset + length)).split("\0");
	return text;
}

// ../core/dist/codecs/archive/tar-header.js
const [NAME_BYTES, PREFIX_AT, PREFIX_BYTES] = [
	100,
	345,
	155
];
const [SIZE_AT, CHECKSUM_AT, TYPE_AT, MAGIC_AT] = [
	124,
	148,
	156,
	257
];
const NUMBER_BYTES = 12;
const [SPARSE_AT, SPARSE_ENTRIES, SPARSE_MORE_AT, SPARSE_SIZE_AT] = [
	386,
	4,
	482,
	483
];
const [MORE_ENTRIES, MORE_MORE_AT] = [21, 504];
/** Parses a header block. Returns undefined if the checksum does not match. */
function readHeader(block) {
	const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
	if (numberAt(bytes, CHECKSUM_AT, 8) !== checksumOf(bytes)) return void 0;
	const prefix = bytes.toString("latin1", MAGIC_AT, MAGIC_AT + 6) === "ustar\0" ? textAt(bytes, PREFIX_AT, PREFIX_BYTES) : "";
	const name = textAt(bytes, 0, NAME_BYTES);
	const type = String.fromCharCode(bytes[TYPE_AT] ?? 0);
	return {
		name: prefix === "" ? name : `${prefix}/${name}`,
		type,
		sizeBytes: numberAt(bytes, SIZE_AT, NUMBER_BYTES),
		...type === "S" && { sparse: sparseOf(bytes) }
	};
}
function sparseOf(bytes) {
	return {
		entries: entriesAt(bytes, SPARSE_AT, SPARSE_ENTRIES),
		isContinued: bytes[SPARSE_MORE_AT] !== 0,
		realBytes: numberAt(bytes, SPARSE_SIZE_AT, NUMBER_BYTES)
	};
}
/** Parses a block of further sparse entries. */
function readSparseBlock(block) {
	const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
	return {
		entries: entriesAt(bytes, 0, MORE_ENTRIES),
		isContinued: bytes[MORE_MORE_AT] !== 0
	};
}
function entriesAt(bytes, from, count) {
	const found = [];
	for (let index = 0; index < count; index += 1) {
		const at = from + index * 2 * NUMBER_BYTES;
		if (bytes[at] === 0) break;
		found.push({
			offset: numberAt(bytes, at, NUMBER_BYTES),
			bytes: numberAt(bytes, at + NUMBER_BYTES, NUMBER_BYTES)
		});
	}
	return found;
}
/** Reads a number field: octal digits, or a binary number if the first bit is set. Returns NaN for anything else. */
function numberAt(bytes, at, length) {
	const field = bytes.subarray(at, at + length);
	if (((field[0] ?? 0) & 128) === 0) {
		const digits = field.toString("latin1").replace(/\0.*$/s, "").trim();
		return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || "0", 8) : NaN;
	}
	return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 127);
}
/** The sum of all header bytes, with the checksum field counted as spaces. */
function checksumOf(bytes) {
	return bytes.reduce((sum, byte, at) => sum + (at >= CHECKSUM_AT && at < CHECKSUM_AT + 8 ? 32 : byte), 0);
}
function textAt(bytes, at, length) {
	return bytes.toString("utf8", at, at + length).replace(/\0.*$/s, "");
}

// ../core/dist/codecs/image/known-files.js
const UNPACK = "Extract the image, compress it with zstd, xz or gzip, and use that file.";
const LOOK_INSIDE = "Extract it, and use the image inside.";
const WRAP = "Use the address of the whole disk. If it is a whole disk, convert it to qcow2 with `qemu-img convert`.";
const CLOUD_IMAGE = "Use the vendor's cloud image (qcow2 or raw), which needs no installation.";
/** Disk formats that Proxmox or this program does not accept. */
const DISKS = [
	[
		"QED\0",
		0,
		"it is a QED image, which Proxmox does not support"
	],
	[
		"WithoutFreeSpace",
		0,
		"it is a Parallels image, which Proxmox does not support"
	],
	[
		"WithouFreSpacExt",
		0,
		"it is a Parallels image, which Proxmox does not support"
	],
	[
		"LUKSº¾",
		0,
		"it is encrypted"
	],
	[
		"Bochs Virtual HD Image",
		0,
		"it is a Bochs image, which Proxmox does not support"
	],
	[
		"#!/bin/sh\n#V2.0 Format",
		0,
		"it is a cloop image, which Proxmox does not support"
	],
	[
		"VMA\0",
		0,
		"it is a Proxmox backup (VMA)",
		"Restore it with `qmrestore`, convert that VM to a template, and use that: `template: ID`."
	],
	[
		"CD001",
		32769,
		"it is an installation CD (ISO 9660)",
		CLOUD_IMAGE
	],
	[
		"BEA01",
		32769,
		"it is a DVD (UDF)",
		CLOUD_IMAGE
	],
	[
		"MSWIM\0\0\0",
		0,
		"it is a Windows image (WIM)",
		CLOUD_IMAGE
	]
];
const ARCHIVES = [
	[
		[
			55,
			122,
			188,
			175,
			39,
			28
		],
		0,
		"it is a 7z archive",
		LOOK_INSIDE
	],
	[
		"Rar!\x07",
		0,
		"it is a rar archive",
		LOOK_INSIDE
	],
	[
		"MSCF",
		0,
		"it is a cabinet archive",
		LOOK_INSIDE
	],
	[
		"xar!",
		0,
		"it is a xar archive",
		LOOK_INSIDE
	],
	[
		"!<arch>\n",
		0,
		"it is a Debian package or a library (ar)",
		LOOK_INSIDE
	],
	[
		[
			237,
			171,
			238,
			219
		],
		0,
		"it is an rpm package",
		LOOK_INSIDE
	],
	[
		"070701",
		0,
		"it is an initial ramdisk (cpio)",
		WRAP
	],
	[
		"070702",
		0,
		"it is an initial ramdisk (cpio)",
		WRAP
	],
	[
		"070707",
		0,
		"it is a cpio archive",
		LOOK_INSIDE
	],
	[
		[
			4,
			34,
			77,
			24
		],
		0,
		"it is compressed with lz4, which is not supported",
		UNPACK
	],
	[
		[
			2,
			33,
			76,
			24
		],
		0,
		"it is compressed with lz4, which is not supported",
		UNPACK
	],
	[
		"LZIP",
		0,
		"it is compressed with lzip, which is not supported",
		UNPACK
	],
	[
		"LRZI",
		0,
		"it is compressed with lrzip, which is not supported",
		UNPACK
	],
	[
		[
			137,
			76,
			90,
			79,
			0
		],
		0,
		"it is compressed with lzop, which is not supported",
		UNPACK
	],
	[
		[
			255,
			6,
			0,
			0,
			115,
			78,
			97,
			80,
			112,
			89
		],
		0,
		"it is compressed with snappy, which is not supported",
		UNPACK
	]
];
/** File systems without a partition table. Nothing boots from them. */
const FILE_SYSTEMS = [
	[
		"hsqs",
		0,
		"it is a file system (squashfs), not a disk",
		WRAP
	],
	[
		"sqsh",
		0,
		"it is a file system (squashfs), not a disk",
		WRAP
	],
	[
		[
			226,
			225,
			245,
			224
		],
		1024,
		"it is a file system (erofs), not a disk",
		WRAP
	],
	[
		[
			69,
			61,
			205,
			40
		],
		0,
		"it is a file system (cramfs), not a disk",
		WRAP
	],
	[
		"-rom1fs-",
		0,
		"it is a file system (romfs), not a disk",
		WRAP
	],
	[
		"XFSB",
		0,
		"it is a file system (xfs), not a disk",
		WRAP
	],
	[
		"UBI#",
		0,
		"it is an image for flash memory (UBI), not a disk",
		WRAP
	],
	[
		"UBI!",
		0,
		"it is an image for flash memory (UBI), not a disk",
		WRAP
	],
	[
		[
			49,
			24,
			16,
			6
		],
		0,
		"it is an image for flash memory (UBIFS), not a disk",
		WRAP
	],
	[
		"SWAPSPACE2",
		4086,
		"it is swap space, not a disk",
		WRAP
	],
	[
		[
			16,
			32,
			245,
			242
		],
		1024,
		"it is a file system (f2fs), not a disk",
		WRAP
	],
	[
		"H+\0",
		1024,
		"it is a file system (HFS+), not a disk",
		WRAP
	],
	[
		"_BHRfS_M",
		65600,
		"it is a file system (btrfs), not a disk",
		WRAP
	],
	[
		[
			252,
			78,
			43,
			169
		],
		4096,
		"it is a part of a Linux RAID, not a disk",
		WRAP
	],
	[
		"LABELONE",
		512,
		"it is an LVM volume without a partition table",
		WRAP
	]
];
const KERNELS = [
	[
		"HdrS",
		514,
		"it is a Linux kernel, not a disk",
		WRAP
	],
	[
		"ARMd",
		56,
		"it is a Linux kernel, not a disk",
		WRAP
	],
	[
		"RISCV\0\0\0",
		48,
		"it is a Linux kernel, not a disk",
		WRAP
	]
];
const OTHERS = [
	[
		[
			93,
			0,
			0
		],
		0,
		"it is compressed with lzma, which is not supported",
		UNPACK
	],
	[
		[31, 157],
		0,
		"it is compressed with compress (.Z), which is not supported",
		UNPACK
	],
	[
		[
			39,
			5,
			25,
			86
		],
		0,
		"it is a kernel for U-Boot (uImage), not a disk",
		WRAP
	],
	[
		[
			208,
			13,
			254,
			237
		],
		0,
		"it is a device tree or a kernel for U-Boot (FIT), not a disk",
		WRAP
	],
	[
		"ANDROID!",
		0,
		"it is an Android boot image, not a disk",
		WRAP
	],
	[
		"_FVH",
		40,
		"it is a UEFI firmware, not a disk",
		WRAP
	],
	[
		[
			127,
			69,
			76,
			70
		],
		0,
		"it is a program (ELF), not a disk"
	],
	[
		[
			202,
			254,
			186,
			190
		],
		0,
		"it is a program, not a disk"
	],
	[
		"age-encryption.org/",
		0,
		"it is encrypted (age)",
		"Decrypt it, and use the image inside."
	],
	[
		"EVF	\r\nÿ\0",
		0,
		"it is a forensic copy of a disk (E01)",
		WRAP
	],
	[
		"AFF10\r\n\0",
		0,
		"it is a forensic copy of a disk (AFF)",
		WRAP
	],
	[
		"SignedImage ",
		4,
		"it is a Windows image (FFU)",
		CLOUD_IMAGE
	],
	[
		"NBDMAGIC",
		0,
		"it is the beginning of a network block device, not a file"
	],
	[
		"%PDF",
		0,
		"it is a PDF document"
	],
	[
		"PNG",
		0,
		"it is a picture"
	],
	[
		"GIF8",
		0,
		"it is a picture"
	],
	[
		[
			255,
			216,
			255
		],
		0,
		"it is a picture"
	],
	[
		"SQLite format 3\0",
		0,
		"it is a database"
	]
];
/** Formats whose first bytes may contain a boot sector, as installation CDs and kernels do. So check these first. */
const BEFORE_DISKS = [
	...DISKS,
	...KERNELS,
	...ARCHIVES
];
const OVF = {
	is: "it is an OVF descriptor, which names other files",
	hint: "Use the OVA, or the disk that it names."
};
/** Suffixes of files that are often compressed, and the magic of the files. */
const SUFFIXES = {
	vma: "VMA\0",
	iso: "CD001",
	squashfs: "hsqs",
	wim: "MSWIM\0\0\0"
};
const PAGE = { is: "it is a web page: the server sent an error page instead of the image" };
const PROGRAM = { is: "it is a Windows or UEFI program, not a disk" };
/** Recognizes files whose first bytes are certain proof, even with a boot sector. */
function knownFile(head) {
	return find(BEFORE_DISKS, head) ?? knownMarkup(head);
}
/** Recognizes what is inside a compressed file by its name, such as `vzdump-qemu-100.vma.zst`. */
function knownByName(fileName) {
	const [, suffix = ""] = /\.([a-z]+)\.(?:xz|gz|zst|zstd|bz2)$/i.exec(fileName) ?? [];
	const [, , is, hint] = [...DISKS, ...FILE_SYSTEMS].find(([bytes]) => bytes === SUFFIXES[suffix.toLowerCase()]) ?? [];
	return is === void 0 ? void 0 : {
		is,
		...hint !== void 0 && { hint }
	};
}
/** Recognizes a file that has neither a boot sector nor a partition table. Returns undefined if it is unknown. */
function knownWithoutBootSector(head) {
	return find([...FILE_SYSTEMS, ...OTHERS], head) ?? knownExt(head) ?? (isProgram(head) ? PROGRAM : knownText(head));
}
function find(magics, head) {
	const [, , is, hint] = magics.find(([bytes, offset]) => hasMagic(head, bytes, offset)) ?? [];
	return is === void 0 ? void 0 : {
		is,
		...hint !== void 0 && { hint }
	};
}
function knownMarkup(head) {
	const text = new TextDecoder("latin1").decode(head.subarray(0, 4096)).replace(/^\u00ef\u00bb\u00bf/, "");
	if (!/^\s*<(?:!doctype|html|head|\?xml|(?:\w+:)?envelope)\b/i.test(text)) return void 0;
	return /<(?:\w+:)?Envelope\b[^>]*\bovf\b/.test(text) ? OVF : PAGE;
}
function isProgram(head) {
	const at = hasMagic(head, "MZ") ? numbersOf(head, { littleEndian: true }).u32(60) : void 0;
	return at !== void 0 && hasMagic(head, "PE\0\0", at);
}
/** The magic number has only two bytes, so this also checks that the numbers around it are plausible. */
function knownExt(head) {
	const { u32 } = numbersOf(head, { littleEndian: true });
	return hasMagic(head, [83, 239], 1080) && (u32(1024) ?? 0) > 0 && (u32(1048) ?? 99) <= 6 ? {
		is: "it is a file system (ext2, ext3 or ext4), not a disk",
		hint: WRAP
	} : void 0;
}
const POINTER = "version https://git-lfs.github.com/spec";
/** A disk does not begin with a longer text. The start of the text shows what it is. */
function knownText(head) {
	const text = printableText(head.subarray(0, 512));
	if (text === void 0) return void 0;
	if (text.startsWith(POINTER)) return {
		is: "it is a Git LFS pointer, not the file itself",
		hint: "Use the address of the file itself (on GitHub `media.githubusercontent.com`, or a release)."
	};
	const [line = ""] = text.trim().split("\n");
	return {
		is: `it is a text, which begins with \`${line.slice(0, 60).replaceAll("`", "'")}\``,
		hint: "The server sent something else instead of the image: open the address in a browser."
	};
}
/** Returns undefined if the bytes are not UTF-8 or contain control characters. */
function printableText(bytes) {
	const text = new TextDecoder("utf-8").decode(bytes, { stream: true });
	return /[\u0000-\u0008\u000b\u000e-\u001f\u007f\ufffd]/.test(text) || text.trim() === "" ? void 0 : text;
}

// ../core/dist/codecs/image/qcow2.js
const EXTERNAL_DATA_FILE = 1n << 2n;
const LARGEST_CLUSTER_BITS = 21;
const CORRUPT = 1n << 1n;
/** Reads headers of versions 2 and 3. Version 1 is a different format. */
function readQcow2(head) {
	const { u32, u64 } = numbersOf(head, { littleEndian: false });
	const version = u32(4);
	const virtualSize = u64(24);
	if (version === void 0 || virtualSize === void 0) return { refusal: "its header is truncated" };
	if (version !== 2 && version !== 3) return { refusal: `it is a qcow image of version ${version}, which Proxmox does not support` };
	const backingOffset = u64(8) ?? 0n;
	if (backingOffset !== 0n) return { refusal: `it has a backing file (${printable(textAt$1(head, Number(backingOffset), Math.min(u32(16) ?? 0, 1023)))}), so the file alone is incomplete` };
	if ((u32(32) ?? 0) !== 0) return { refusal: "it is encrypted" };
	const incompatible = version === 3 ? u64(72) ?? 0n : 0n;
	if ((incompatible & EXTERNAL_DATA_FILE) !== 0n) return { refusal: "its data is in an external file" };
	if ((incompatible & CORRUPT) !== 0n) return { refusal: "it is marked as corrupt" };
	if ((incompatible & -32n) !== 0n) return { refusal: "it needs features of a newer QEMU" };
	return {
		format: "qcow2",
		virtualSizeBytes: Number(virtualSize),
		minimumBytes: endOfTables(head)
	};
}
/**
* The end of the last table that the header names: the L1 table or the refcount table. A complete file reaches that
* far.
*/
function endOfTables(head) {
	const { u32, u64 } = numbersOf(head, { littleEndian: false });
	const clusterBytes = 2 ** Math.min(u32(20) ?? 0, LARGEST_CLUSTER_BITS);
	const endOfL1 = Number(u64(40) ?? 0n) + (u32(36) ?? 0) * 8;
	const endOfRefcounts = Number(u64(48) ?? 0n) + (u32(56) ?? 0) * clusterBytes;
	return Math.max(endOfL1, endOfRefcounts);
}
/** Makes a name from the image short and safe to print on a terminal. */
function printable(name) {
	return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 80) || "its name is stored elsewhere in the file";
}

// ../core/dist/codecs/image/vmdk.js
const SECTOR_BYTES = 512n;
const ONE_FILE = ["monolithicSparse", "streamOptimized"];
/** For a text file that lists the data files. It is refused no matter which files it names. */
const DESCRIPTOR_REFUSAL = "it is a VMDK descriptor, which names other files";
/** Reads the header of a sparse extent (`KDMV`) and its embedded descriptor. */
function readSparseVmdk(head) {
	const { u32, u64 } = numbersOf(head, { littleEndian: true });
	const capacity = u64(12);
	const descriptorOffset = u64(28);
	const descriptorSectors = u64(36);
	if (capacity === void 0 || descriptorOffset === void 0 || descriptorSectors === void 0) return { refusal: "its header is truncated" };
	if (capacity === 0n || descriptorOffset === 0n) return { refusal: DESCRIPTOR_REFUSAL };
	if ((u32(4) ?? 0) > 3) return { refusal: `it is a VMDK of version ${u32(4)}` };
	const descriptor = textAt$1(head, Number(descriptorOffset * SECTOR_BYTES), Number(descriptorSectors * SECTOR_BYTES));
	const createType = /^createType\s*=\s*"([^"]*)"/m.exec(descriptor)?.[1];
	if (descriptor !== "" && (createType === void 0 || !ONE_FILE.includes(createType))) return { refusal: DESCRIPTOR_REFUSAL };
	if (/^parentFileNameHint/m.test(descriptor)) return { refusal: "it is a VMDK that needs a parent image" };
	return {
		format: "vmdk",
		virtualSizeBytes: Number(capacity * SECTOR_BYTES)
	};
}

// ../core/dist/codecs/image/sniff.js
/** As many bytes as the readers need at most. The format alone needs fewer. */
const HEAD_BYTES = 69632;
const COMPRESSIONS = [
	["xz", [
		253,
		55,
		122,
		88,
		90,
		0
	]],
	["zstd", [
		40,
		181,
		47,
		253
	]],
	["gzip", [
		31,
		139,
		8
	]],
	["bzip2", "BZh"]
];
/**
* Detects what kind of file begins with these bytes.
* @throws ProvisionError `IMAGE` if it is not an image that is safe to use
*/
function sniff(head) {
	const { compression = "none", refusal, hint, minimumBytes: _, ...found } = examine(head);
	if (refusal !== void 0) throw refused(refusal, { hint });
	return {
		compression,
		...found
	};
}
/** Like `sniff`, but returns problems instead of throwing them. Also detects what `qemu-img` cannot. */
function examine(head) {
	const compression = compressionOf(head);
	if (compression !== void 0) return { compression };
	const archive = archiveOf(head);
	if (archive !== void 0) return { archive };
	const known = knownFile(head);
	if (known !== void 0) return {
		refusal: known.is,
		hint: known.hint
	};
	return readImage(head);
}
function archiveOf(head) {
	if (hasMagic(head, "PK")) return "zip";
	return hasMagic(head, "ustar", 257) || head[0] !== 0 && head.length >= 512 && readHeader(head.subarray(0, 512)) !== void 0 ? "tar" : void 0;
}
function compressionOf(head) {
	const [name, magic] = COMPRESSIONS.find(([, candidate]) => hasMagic(head, candidate)) ?? [];
	if (name === "bzip2" && !hasMagic(head, [
		49,
		65,
		89
	], 4) && !hasMagic(head, [
		23,
		114,
		69
	], 4)) return void 0;
	const skippable = head[0] !== void 0 && (head[0] & 240) === 80 && hasMagic(head, [
		42,
		77,
		24
	], 1);
	return magic === void 0 && skippable ? "zstd" : name;
}
function readImage(head) {
	if (hasMagic(head, "QFIû")) return readQcow2(head);
	if (hasMagic(head, "KDMV")) return readSparseVmdk(head);
	if (hasMagic(head, "# Disk DescriptorFile")) return { refusal: DESCRIPTOR_REFUSAL };
	if (hasMagic(head, [
		127,
		16,
		218,
		190
	], 64)) return readVdi(head);
	if (hasMagic(head, "vhdxfile")) return { format: "vhdx" };
	if (hasMagic(head, "conectix")) return readDynamicVhd(head);
	if (hasMagic(head, "COWD")) return { refusal: DESCRIPTOR_REFUSAL };
	return readRaw(head);
}
/** Reads a raw disk: it begins with a boot sector or a partition table, with sectors of 512 or 4096 bytes. */
function readRaw(head) {
	if (hasMagic(head, [85, 170], 510) || [512, 4096].some((offset) => hasMagic(head, "EFI PART", offset))) return { format: "raw" };
	const known = knownWithoutBootSector(head);
	if (known !== void 0) return {
		refusal: known.is,
		hint: known.hint
	};
	return {
		format: "raw",
		doubt: "it has neither a boot sector nor a partition table, so it may not be a disk"
	};
}
/** VirtualBox VDI. The header contains the number of blocks in the file, which `qemu-img check` does not compare. */
function readVdi(head) {
	const { u32, u64 } = numbersOf(head, { littleEndian: true });
	const virtualSize = u64(368);
	const [dataOffset, blockBytes, extraBytes, allocated] = [
		u32(344),
		u32(376),
		u32(380),
		u32(388)
	];
	if (virtualSize === void 0 || dataOffset === void 0 || blockBytes === void 0) return { refusal: "its header is truncated" };
	const minimumBytes = dataOffset + (blockBytes + (extraBytes ?? 0)) * (allocated ?? 0);
	return {
		format: "vdi",
		virtualSizeBytes: Number(virtualSize),
		minimumBytes
	};
}
/** Virtual PC VHD. A dynamic disk begins with a copy of its footer. A differencing disk (type 4) has a parent. */
function readDynamicVhd(head) {
	const { u32 } = numbersOf(head, { littleEndian: false });
	if (u32(60) === 4) return { refusal: "it is a differencing VHD, which needs a parent image" };
	return { format: "vpc" };
}
/** Refuses a compressed file whose name says that it contains no image. @throws ProvisionError `IMAGE` */
function refuseByName(fileName) {
	const known = knownByName(fileName);
	if (known !== void 0) throw refused(`by its name, ${known.is}`, { hint: known.hint });
}
/** Creates the error for a clause of a `Finding`. */
function refused(refusal, { hint } = {}) {
	return new ProvisionError("IMAGE", `The image cannot be used: ${refusal}.`, { hint: hint ?? "Check the address or the file in the manifest, or use another image." });
}

// ../core/dist/codecs/image/look-at-image.js
const TAIL_BYTES = 512;
const XZ_PADDING_BYTES = 4;
/**
* Examines the file. Reads only headers and tables.
* @throws ProvisionError `IMAGE` if the file is empty, truncated, or not an image that is safe to use; `DISK`
*/
function lookAtImage(path) {
	return onDisk(path, async () => {
		const file = await _open(path);
		try {
			return await lookAt(file);
		} finally {
			await file.close();
		}
	});
}
async function lookAt(file) {
	const { size: sizeBytes } = await file.stat();
	const head = await bytesAt(file, 0, Math.min(HEAD_BYTES, sizeBytes));
	const tail = await bytesAt(file, Math.max(0, sizeBytes - TAIL_BYTES), Math.min(TAIL_BYTES, sizeBytes));
	const found = examine(head);
	const wrong = wrongLength(found, sizeBytes) ?? wrongEnd(found, tail);
	if (wrong !== void 0) throw wrong;
	const { compression = "none", refusal: _, hint: __, minimumBytes: ___, ...rest } = found;
	if (rest.format === "qcow2") await expectWhole(file, head, sizeBytes);
	const isFixedVhd = rest.format === "raw" && hasMagic(tail, "conectix");
	return {
		compression,
		...rest,
		...isFixedVhd && { format: "vpc" },
		sizeBytes
	};
}
/** Compares the file size with the first bytes. Returns undefined if the size is plausible. */
function wrongLength(found, sizeBytes) {
	const { refusal, hint, minimumBytes = 0 } = found;
	if (sizeBytes === 0) return refused("it is empty");
	if (refusal !== void 0) return refused(refusal, { hint });
	return sizeBytes < minimumBytes ? cutShort(`${minimumBytes - sizeBytes} bytes are missing`) : void 0;
}
/** Checks the end of the file: some formats have a mark there that shows the format or that the file is complete. */
function wrongEnd({ compression, format }, tail) {
	if (format === "raw" && hasMagic(tail, "koly")) return refused("it is a macOS disk image (DMG)");
	if (compression !== "xz") return void 0;
	let end = tail.length;
	while (end >= XZ_PADDING_BYTES && tail.readUInt32LE(end - XZ_PADDING_BYTES) === 0) end -= XZ_PADDING_BYTES;
	return end > 1 && !hasMagic(tail, "YZ", end - 2) ? cutShort("the end of the xz file is missing") : void 0;
}
async function expectWhole(file, head, sizeBytes) {
	const missingBytes = await missingFrom(file, head, sizeBytes);
	if (missingBytes > 0) throw cutShort(`${missingBytes} bytes are missing`);
}
async function bytesAt(file, position, length) {
	const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
	return buffer.subarray(0, bytesRead);
}

export { refuseByName as a, readHeader as c, readLayout as d, countPacked as f, examine as i, readSparseBlock as l, wrongLength as n, refused as o, offsetIn as p, HEAD_BYTES as r, sniff as s, lookAtImage as t, cutShort as u };