import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { constants, inflateRawSync, zstdDecompressSync } from "node:zlib";

// ../core/dist/codecs/data-runs.js
/** The usual allocation unit of file systems. Smaller holes save nothing. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
/**
* Yields the parts of `chunk` that are not all zeros. Boundaries follow the blocks of the file, in which the chunk
* starts at byte `filePosition`.
*/
function* dataRuns(chunk, filePosition) {
	const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
	let start;
	for (let at = 0; at < bytes.length;) {
		const end = Math.min(bytes.length, at + BLOCK_BYTES - (filePosition + at) % BLOCK_BYTES);
		const isZero = bytes[at] === 0 && bytes.compare(ZEROS, 0, end - at, at, end) === 0;
		if (isZero && start !== void 0) {
			yield {
				start,
				end: at
			};
			start = void 0;
		} else if (!isZero) start ??= at;
		at = end;
	}
	if (start !== void 0) yield {
		start,
		end: bytes.length
	};
}

// ../core/dist/codecs/qcow2/qcow2-clusters.js
/** The image contradicts itself. The message is a clause that says how. */
var Damage = class extends Error {};
/** Bits 9 to 55 of an entry are an offset. It is read as two halves, because a number holds only 53 bits exactly. */
const [HIGH_OFFSET, LOW_OFFSET] = [16777215, 4294966784];
const HIGH_COMPRESSED = 1073741824;
const ZERO = 1;
const SUBCLUSTERS = 32;
const SECTOR_BYTES = 512;
/** Reads the offset from the entry at `position` of an L1 or L2 table. 0 means not allocated. */
function offsetIn(table, position) {
	return (table.readUInt32BE(position) & HIGH_OFFSET) * 2 ** 32 + ((table.readUInt32BE(position + 4) & LOW_OFFSET) >>> 0);
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
		hostBytes: ((high >>> highOffsetBits) + 1) * SECTOR_BYTES - host % SECTOR_BYTES
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

// ../core/dist/codecs/qcow2/shared-progress.js
const STRETCH_BYTES = 1048576;
function stretchesOf({ clusterBits, virtualSizeBytes, hasSubclusters }) {
	const clusterBytes = 2 ** clusterBits;
	const entriesPerTable = clusterBytes / (hasSubclusters ? 16 : 8);
	const clustersEach = Math.min(entriesPerTable, Math.max(1, STRETCH_BYTES / clusterBytes));
	return {
		count: Math.ceil(virtualSizeBytes / (clustersEach * clusterBytes)),
		clustersEach,
		perTable: entriesPerTable / clustersEach
	};
}
const [NEXT, DONE, STOPPED] = [
	0,
	1,
	2
];
const ARRIVED_AT_BYTE = 16;
/** Limit for a single wait. The thread that should wake this one may be gone. */
const LOOK_AGAIN_MS = 1e3;
function shareProgress(memory = new SharedArrayBuffer(32)) {
	const numbers = new Int32Array(memory, 0, 4);
	const arrived = new BigInt64Array(memory, ARRIVED_AT_BYTE, 1);
	return {
		memory,
		takeNext: () => Atomics.add(numbers, NEXT, 1),
		finishOne: () => void Atomics.add(numbers, DONE, 1),
		done: () => Atomics.load(numbers, DONE),
		isStopped: () => Atomics.load(numbers, STOPPED) === 1,
		stop() {
			Atomics.store(numbers, STOPPED, 1);
			Atomics.notify(arrived, 0);
		},
		arrive(bytes, isWhole) {
			Atomics.store(arrived, 0, BigInt(bytes) * 2n + (isWhole ? 1n : 0n));
			Atomics.notify(arrived, 0);
		},
		waitFor(bytes) {
			for (;;) {
				const seen = Atomics.load(arrived, 0);
				const there = Number(seen >> 1n);
				if (there >= bytes || (seen & 1n) === 1n || Atomics.load(numbers, STOPPED) === 1) return there;
				Atomics.wait(arrived, 0, seen, LOOK_AGAIN_MS);
			}
		}
	};
}

// ../core/dist/codecs/qcow2/qcow2-worker.js
/** Clusters with a larger gap between them are read separately. */
const LARGEST_GAP_BYTES = 65536;
const LARGEST_READ_BYTES = 8388608;
/** The window of qcow2's deflate streams. Data that refers farther back is damaged, for QEMU as well. */
const WINDOW_BITS = 12;
const SPARE_BYTES = 64;
function attempt({ from, to, layout, memory }) {
	const progress = shareProgress(memory);
	try {
		withFile(to, "r+", (target) => {
			if (typeof from === "number") work({
				source: from,
				target,
				layout,
				progress
			});
			else withFile(from, "r", (source) => work({
				source,
				target,
				layout,
				progress
			}));
		});
		return;
	} catch (error) {
		progress.stop();
		const { message, code, syscall } = error;
		return {
			message,
			isDamage: error instanceof Damage,
			systemCode: syscall && code
		};
	}
}
function withFile(path, flags, action) {
	const file = openSync(path, flags);
	try {
		action(file);
	} finally {
		closeSync(file);
	}
}
function work(files) {
	const { layout, progress } = files;
	const { count, clustersEach, perTable } = stretchesOf(layout);
	const [clusterBytes, entryBytes] = [2 ** layout.clusterBits, layout.hasSubclusters ? 16 : 8];
	const first = {
		host: layout.l1Offset,
		bytes: Math.ceil(count / perTable) * 8
	};
	const tables = Buffer.from(read(files, first, "its first table"));
	for (let stretch = progress.takeNext(); stretch < count && !progress.isStopped(); stretch = progress.takeNext()) {
		const table = offsetIn(tables, Math.floor(stretch / perTable) * 8);
		if (table % clusterBytes !== 0) throw new Damage("a table begins within a cluster");
		if (table !== 0) {
			const at = stretch * clustersEach * clusterBytes;
			const clusters = Math.min(clustersEach, Math.ceil((layout.virtualSizeBytes - at) / clusterBytes));
			const entries = read(files, {
				host: table + stretch % perTable * clustersEach * entryBytes,
				bytes: clusters * entryBytes
			}, "a table of clusters");
			copy(files, at, extentsOf(entries, layout).map((extent) => clipped(extent, layout.virtualSizeBytes - at)));
		}
		progress.finishOne();
	}
}
/** Reads the extents in file order, adjoining ones at once, and writes each to its place on the disk. */
function copy(files, at, extents) {
	for (const group of groupsOf(extents)) {
		const span = read(files, {
			host: group.host,
			bytes: group.end - group.host,
			spareBytes: 511
		}, "clusters");
		for (const extent of group.extents) {
			const from = extent.host - group.host;
			const source = span.subarray(from, from + hostBytesOf(extent));
			if (extent.kind === "data") write(files, at + extent.at, source);
			else writePacked(files, at + extent.at, source);
		}
	}
}
/** The last cluster may extend past the end of the disk; the file may then end with the disk. */
function clipped(extent, end) {
	return extent.kind === "data" ? {
		...extent,
		bytes: Math.min(extent.bytes, end - extent.at)
	} : extent;
}
function groupsOf(extents) {
	const groups = [];
	for (const extent of extents.toSorted((one, other) => one.host - other.host)) {
		const end = extent.host + hostBytesOf(extent);
		const last = groups.at(-1);
		if (last && extent.host <= last.end + LARGEST_GAP_BYTES && end <= last.host + LARGEST_READ_BYTES) {
			last.end = Math.max(last.end, end);
			last.extents.push(extent);
		} else groups.push({
			host: extent.host,
			end,
			extents: [extent]
		});
	}
	return groups;
}
function hostBytesOf(extent) {
	return extent.kind === "data" ? extent.bytes : extent.hostBytes;
}
/**
* Reads bytes of the image. QEMU reads zeros past the end of the file, which would turn a truncated image into a wrong
* disk.
* @throws Damage
*/
function read({ source, progress }, { host, bytes, spareBytes = 0 }, what) {
	if (host + bytes - progress.waitFor(host + bytes) > spareBytes) throw new Damage(`${what} are beyond the end of the file`);
	const buffer = roomFor(bytes);
	let done = 0;
	while (done < bytes) {
		const count = readSync(source, buffer, done, bytes - done, host + done);
		if (count === 0) break;
		done += count;
	}
	return buffer.fill(0, done);
}
let room = Buffer.alloc(0);
/** Returns the same memory for each read. The bytes of the previous read are written by then. */
function roomFor(bytes) {
	if (room.length < bytes) room = Buffer.allocUnsafeSlow(bytes);
	return room.subarray(0, bytes);
}
/**
* Writes one compressed cluster. The input may end with bytes of the next cluster, because its length is in sectors.
*/
function writePacked(files, at, packed) {
	const { clusterBits, compression } = files.layout;
	const clusterBytes = 2 ** clusterBits;
	const roomBytes = clusterBytes + SPARE_BYTES;
	const room = {
		chunkSize: roomBytes,
		maxOutputLength: roomBytes
	};
	const bytes = orDamaged(() => compression === "zlib" ? inflateRawSync(packed, {
		...room,
		windowBits: WINDOW_BITS,
		finishFlush: constants.Z_SYNC_FLUSH
	}) : zstdDecompressSync(packed, {
		...room,
		finishFlush: constants.ZSTD_e_flush
	}));
	if (bytes.length < clusterBytes) throw new Damage("a compressed cluster is too short");
	write(files, at, bytes.subarray(0, clusterBytes));
	if (bytes.buffer.byteLength === roomBytes) bytes.buffer.transfer(0);
}
function orDamaged(action) {
	try {
		return action();
	} catch (cause) {
		throw new Damage("a compressed cluster cannot be decompressed", { cause });
	}
}
/** Writes the data without zeros. The file is new, so unwritten parts read as zeros. */
function write({ target, layout: { virtualSizeBytes } }, at, bytes) {
	const disk = bytes.subarray(0, virtualSizeBytes - at);
	for (const { start, end } of dataRuns(disk, at)) writeAll(target, disk.subarray(start, end), at + start);
}
function writeAll(target, bytes, at) {
	for (let done = 0; done < bytes.length;) done += writeSync(target, bytes, done, bytes.length - done, at + done);
}
if (parentPort !== null) parentPort.postMessage(attempt(workerData));

export {  };