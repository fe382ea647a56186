import { t as ProvisionError } from "./errors.js";
import { n as onDisk, t as diskError } from "./disk-error.js";
import { d as readLayout, f as countPacked, p as offsetIn, u as cutShort } from "./look-at-image.js";

// \0builtin:node:fs?packages/core/dist/codecs/qcow2/convert-qcow2.js
const builtin$3 = process.getBuiltinModule("node:fs");
const read$3 = (name) => builtin$3[name];
const _existsSync = /* @__PURE__ */ read$3("existsSync");

// \0builtin:node:fs/promises?packages/core/dist/codecs/qcow2/convert-qcow2.js
const builtin$2 = process.getBuiltinModule("node:fs/promises");
const read$2 = (name) => builtin$2[name];
const _open = /* @__PURE__ */ read$2("open");

// \0builtin:node:os?packages/core/dist/codecs/qcow2/convert-qcow2.js
const builtin$1 = process.getBuiltinModule("node:os");
const read$1 = (name) => builtin$1[name];
const _availableParallelism = /* @__PURE__ */ read$1("availableParallelism");

// \0builtin:node:worker_threads?packages/core/dist/codecs/qcow2/convert-qcow2.js
const builtin = process.getBuiltinModule("node:worker_threads");
const read = (name) => builtin[name];
const _Worker = /* @__PURE__ */ read("Worker");

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

// ../core/dist/codecs/qcow2/convert-qcow2.js
/** More threads gain little, because all write to the same file. */
const MOST_THREADS = 4;
const TELL_EVERY_MS = 100;
/** One L2 table with clusters of the usual size, or several tables with smaller clusters. */
const SAMPLE_BYTES = 65536;
/** The memory that a thread allocates is short-lived. A small young generation keeps it low and costs no time. */
const YOUNG_MIB = 4;
/** In the compiled package, the worker is a module beside this one. In a bundle, it is a file beside the bundle. */
const PROGRAM = new URL(`./qcow2-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
/** Reads the layout of an image that the threads can convert. Returns undefined if `qemu-img` must do it. */
async function readableLayout(path) {
	return onDisk(path, async () => {
		const file = await _open(path);
		try {
			return await readableIn(file);
		} finally {
			await file.close();
		}
	});
}
/** Like `readableLayout`, for an open file. The header and the first tables must already be in the file. */
async function readableIn(file) {
	if (!_existsSync(PROGRAM)) return void 0;
	const layout = readLayout(await bytesAt(file, 0, 112));
	return layout && {
		layout,
		isPacked: await hasPackedClusters(file, layout)
	};
}
async function hasPackedClusters(file, { l1Offset, l1Entries, ...layout }) {
	const tables = await bytesAt(file, l1Offset, Math.min(l1Entries * 8, SAMPLE_BYTES));
	const first = Array.from({ length: Math.floor(tables.length / 8) }, (_, index) => offsetIn(tables, index * 8)).find((offset) => offset !== 0);
	return first !== void 0 && countPacked(await bytesAt(file, first, SAMPLE_BYTES), layout) > 0;
}
async function bytesAt(file, position, length) {
	if (!Number.isSafeInteger(position)) return Buffer.alloc(0);
	const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
	return buffer.subarray(0, bytesRead);
}
/**
* Writes the disk as a sparse file. Memory stays constant, at about 35 MiB for each thread.
* @throws ProvisionError `IMAGE` for a damaged image; `DISK`; `CANCELLED`
*/
async function convertQcow2(conversion) {
	const { from, to, layout, signal, progress = await allThere(String(from)) } = conversion;
	await createEmpty(to, layout.virtualSizeBytes);
	const stop = () => progress.stop();
	signal?.addEventListener("abort", stop, { once: true });
	if (signal?.aborted) stop();
	const telling = tellPercent(conversion, progress);
	try {
		const task = {
			from,
			to,
			layout,
			memory: progress.memory
		};
		const { threads = Math.min(MOST_THREADS, _availableParallelism()) } = conversion;
		const count = Math.min(threads, stretchesOf(layout).count);
		const failure = (await Promise.all(Array.from({ length: count }, () => runThread(task)))).find((one) => one !== void 0);
		if (signal?.aborted) throw new ProvisionError("CANCELLED", "The conversion was stopped.", { cause: signal.reason });
		if (failure !== void 0) throw explained(failure, to);
		if (progress.isStopped()) throw new ProvisionError("CANCELLED", "The conversion was stopped.");
	} finally {
		clearInterval(telling);
		signal?.removeEventListener("abort", stop);
	}
	conversion.onPercent?.(100);
}
async function allThere(path) {
	const progress = shareProgress();
	await onDisk(path, async () => {
		const file = await _open(path);
		try {
			progress.arrive((await file.stat()).size, true);
		} finally {
			await file.close();
		}
	});
	return progress;
}
function createEmpty(path, bytes) {
	return onDisk(path, async () => {
		const file = await _open(path, "w");
		try {
			await file.truncate(bytes);
		} finally {
			await file.close();
		}
	});
}
/** Resolves when the thread has exited, with what it reported. A thread that reports nothing has not done its work. */
async function runThread(task) {
	const worker = new _Worker(PROGRAM, {
		workerData: task,
		resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB }
	});
	let report;
	return new Promise((resolve, reject) => {
		worker.once("message", (failure) => {
			report = { failure };
		});
		worker.once("error", reject);
		worker.once("exit", (exitCode) => {
			if (report !== void 0) resolve(report.failure);
			else reject(/* @__PURE__ */ new Error(`a conversion thread ended without a report, with exit code ${exitCode}`));
		});
	});
}
function tellPercent({ layout, onPercent }, progress) {
	if (onPercent === void 0) return void 0;
	const { count } = stretchesOf(layout);
	return setInterval(() => onPercent(progress.done() / count * 100), TELL_EVERY_MS).unref();
}
function explained({ message, isDamage, systemCode }, path) {
	if (isDamage) return cutShort(message);
	return diskError(Object.assign(new Error(message), systemCode && {
		code: systemCode,
		syscall: "write"
	}), path);
}

export { shareProgress as i, readableIn as n, readableLayout as r, convertQcow2 as t };