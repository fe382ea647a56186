import { t as ProvisionError } from "./errors.js";
import { t as diskError } from "./disk-error.js";

// \0builtin:node:os?packages/core/dist/ports/files/hash-file.js
const builtin = process.getBuiltinModule("node:os");
const read = (name) => builtin[name];
const _availableParallelism = /* @__PURE__ */ read("availableParallelism");

// ../../node_modules/yocto-queue/index.js
var Node = class {
	value;
	next;
	constructor(value) {
		this.value = value;
	}
};
var Queue = class {
	#head;
	#tail;
	#size;
	constructor() {
		this.clear();
	}
	enqueue(value) {
		const node = new Node(value);
		if (this.#head) {
			this.#tail.next = node;
			this.#tail = node;
		} else {
			this.#head = node;
			this.#tail = node;
		}
		this.#size++;
	}
	dequeue() {
		const current = this.#head;
		if (!current) return;
		this.#head = this.#head.next;
		this.#size--;
		if (!this.#head) this.#tail = void 0;
		return current.value;
	}
	peek() {
		if (!this.#head) return;
		return this.#head.value;
	}
	clear() {
		this.#head = void 0;
		this.#tail = void 0;
		this.#size = 0;
	}
	get size() {
		return this.#size;
	}
	*[Symbol.iterator]() {
		let current = this.#head;
		while (current) {
			yield current.value;
			current = current.next;
		}
	}
	*drain() {
		while (this.#head) yield this.dequeue();
	}
};

// ../../node_modules/p-limit/index.js
function pLimit(concurrency) {
	let rejectOnClear = false;
	if (typeof concurrency === "object") ({concurrency, rejectOnClear = false} = concurrency);
	validateConcurrency(concurrency);
	if (typeof rejectOnClear !== "boolean") throw new TypeError("Expected `rejectOnClear` to be a boolean");
	const queue = new Queue();
	let activeCount = 0;
	const resumeNext = () => {
		if (activeCount < concurrency && queue.size > 0) {
			activeCount++;
			queue.dequeue().run();
		}
	};
	const next = () => {
		activeCount--;
		resumeNext();
	};
	const run = async (function_, resolve, arguments_) => {
		const result = (async () => function_(...arguments_))();
		resolve(result);
		try {
			await result;
		} catch {}
		next();
	};
	const enqueue = (function_, resolve, reject, arguments_) => {
		const queueItem = { reject };
		new Promise((internalResolve) => {
			queueItem.run = internalResolve;
			queue.enqueue(queueItem);
		}).then(run.bind(void 0, function_, resolve, arguments_));
		if (activeCount < concurrency) resumeNext();
	};
	const generator = (function_, ...arguments_) => new Promise((resolve, reject) => {
		enqueue(function_, resolve, reject, arguments_);
	});
	Object.defineProperties(generator, {
		activeCount: { get: () => activeCount },
		pendingCount: { get: () => queue.size },
		clearQueue: { value() {
			if (!rejectOnClear) {
				queue.clear();
				return;
			}
			const abortError = AbortSignal.abort().reason;
			while (queue.size > 0) queue.dequeue().reject(abortError);
		} },
		concurrency: {
			get: () => concurrency,
			set(newConcurrency) {
				validateConcurrency(newConcurrency);
				concurrency = newConcurrency;
				queueMicrotask(() => {
					while (activeCount < concurrency && queue.size > 0) resumeNext();
				});
			}
		},
		map: { async value(iterable, function_) {
			const promises = [];
			try {
				Array.from(iterable, (value, index) => {
					const promise = generator(function_, value, index);
					promises.push(promise);
					return promise;
				});
			} catch (error) {
				for (const promise of promises) promise.catch(() => {});
				throw error;
			}
			return Promise.all(promises);
		} }
	});
	return generator;
}
function validateConcurrency(concurrency) {
	if (!((Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY) && concurrency > 0)) throw new TypeError("Expected `concurrency` to be a number from 1 and up");
}

// ../core/dist/ports/files/hash-file.js
const PROGRAM = `
const { createHash } = require('node:crypto')
const { closeSync, openSync, readSync } = require('node:fs')
const { parentPort } = require('node:worker_threads')

const buffer = Buffer.allocUnsafeSlow(256 * 1024)
parentPort.on('message', ({ path, algorithm }) => {
  try {
    const hash = createHash(algorithm)
    const file = openSync(path, 'r')
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) hash.update(buffer.subarray(0, count))
    closeSync(file)
    parentPort.postMessage({ hex: hash.digest('hex') })
  } catch ({ message, code, syscall }) {
    parentPort.postMessage({ message, code, syscall })
  }
})
`;
const threads = pLimit(_availableParallelism());
/** Threads that finished and can be reused. Starting a thread takes 35 ms. */
const idle = [];
/**
* Hashes a file on another thread.
* @returns lower-case hex
* @throws ProvisionError `DISK`; the signal's reason when it aborts
*/
function hashFile(path, algorithm, signal) {
	return threads(() => hashOnThread(path, algorithm, signal));
}
/** Most runs hash nothing, so Node's threads are loaded for the first one. */
async function startThread() {
	const { Worker } = await import("node:worker_threads");
	return new Worker(PROGRAM, { eval: true });
}
async function hashOnThread(path, algorithm, signal) {
	const worker = idle.pop() ?? await startThread();
	const { promise, resolve, reject } = Promise.withResolvers();
	const abort = () => reject(signal.reason);
	const take = (answer) => {
		if ("hex" in answer) resolve(answer.hex);
		else reject(diskError(Object.assign(new Error(answer.message), answer), path));
	};
	const end = () => reject(new ProvisionError("UNEXPECTED", `Hashing ${path} ended without a result.`));
	signal.addEventListener("abort", abort, { once: true });
	worker.on("message", take).on("error", reject).on("exit", end);
	let isReusable = false;
	try {
		signal.throwIfAborted();
		worker.postMessage({
			path,
			algorithm
		});
		const hex = await promise;
		isReusable = idle.length < threads.pendingCount;
		return hex;
	} finally {
		signal.removeEventListener("abort", abort);
		worker.off("message", take).off("error", reject).off("exit", end);
		if (isReusable) idle.push(worker);
		else await worker.terminate();
	}
}

export { pLimit as n, hashFile as t };