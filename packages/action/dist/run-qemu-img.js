import { o as refused, t as lookAtImage, u as cutShort } from "./look-at-image.js";
import { r as readableLayout, t as convertQcow2 } from "./convert-qcow2.js";
import { t as ProvisionError } from "./errors.js";
import { r as isMissingProgram } from "./exec.js";

// \0builtin:node:fs/promises?packages/core/dist/ports/image/run-qemu-img.js
const builtin$1 = process.getBuiltinModule("node:fs/promises");
const read$1 = (name) => builtin$1[name];
const _rm = /* @__PURE__ */ read$1("rm");

// \0builtin:node:path?packages/core/dist/ports/image/run-qemu-img.js
const builtin = process.getBuiltinModule("node:path");
const read = (name) => builtin[name];
const _resolve = /* @__PURE__ */ read("resolve");

// ../core/dist/ports/image/run-qemu-img.js
/** More than any file system of a Proxmox host can store in one file. A header may claim eight exbibytes. */
const LARGEST_VIRTUAL_BYTES = 16 * 1024 ** 4;
/**
* Measured with compressed qcow2 to raw (docs/performance.md): `-W` takes 0.81 of the time without it, and with sixteen
* coroutines 0.74. Sparse output is the default and stays on.
*/
const FAST = [
	"-m",
	"16",
	"-W"
];
/** QEMU reads zstd clusters since 5.1, which every Proxmox VE since 6.3 includes. */
const PACKED = [
	"-c",
	"-o",
	"compression_type=zstd"
];
/** Formats that `qemu-img check` supports. For others it prints "does not support checks". */
const CHECKED = [
	"qcow2",
	"vmdk",
	"vdi",
	"vhdx"
];
async function inspect(path, exec, signal) {
	const look = await lookAt(_resolve(path));
	const doubt = look.doubt === void 0 ? {} : { doubt: look.doubt };
	if (look.format === "raw") return {
		format: "raw",
		virtualSizeBytes: look.sizeBytes,
		...doubt
	};
	try {
		await check(look, exec, signal);
		const { virtualSizeBytes } = await info(look, exec, signal);
		return {
			format: look.format,
			virtualSizeBytes: sane(virtualSizeBytes)
		};
	} catch (error) {
		if (!isMissingProgram(error) || look.format !== "qcow2" || look.virtualSizeBytes === void 0) throw error;
		return {
			format: "qcow2",
			virtualSizeBytes: sane(look.virtualSizeBytes)
		};
	}
}
async function lookAt(path) {
	const { compression, archive, format, ...look } = await lookAtImage(path);
	if (archive !== void 0) throw refused(`it is a ${archive} archive`);
	if (compression !== "none" || format === void 0) throw refused(`it is compressed with ${compression}`);
	return {
		...look,
		compression,
		path,
		format
	};
}
/**
* Detects a truncated qcow2 down to its last cluster. `info` and `convert` do not notice it (seen with 7.2). `check`
* exits with 2 for corruption and 3 for leaked clusters, which are harmless. Exit code 1 means that the check itself
* failed.
*/
async function check({ path, format }, exec, signal) {
	if (!CHECKED.includes(format)) return;
	try {
		await exec("qemu-img", [
			"check",
			"-q",
			"-f",
			format,
			path
		], signal && { signal });
	} catch (error) {
		const exitCode = exitCodeOf(error);
		if (exitCode === 3) return;
		if (exitCode === void 0) throw error;
		throw cutShort(exitCode === 2 ? "`qemu-img check` reports missing clusters" : error.message, error);
	}
}
async function info({ path, format }, exec, signal) {
	const text = await exec("qemu-img", [
		"info",
		"--output=json",
		"-f",
		format,
		path
	], signal && { signal }).catch((error) => {
		throw exitCodeOf(error) === void 0 ? error : cutShort("qemu-img cannot open it", error);
	});
	const told = JSON.parse(text);
	const data = told["format-specific"]?.data;
	if (told["backing-filename"] !== void 0) throw refused("it has a backing file, so the file alone is incomplete");
	if (data?.["data-file"] !== void 0) throw refused("its data is in an external file");
	if (data?.extents?.some(({ filename }) => filename !== path)) throw refused("it names other files");
	if (told.encrypted === true) throw refused("it is encrypted");
	return { virtualSizeBytes: Number(told["virtual-size"]) };
}
async function convert(request, exec) {
	const { fromFormat, toFormat, signal } = request;
	const [from, to] = [_resolve(request.from), _resolve(request.to)];
	const source = await lookAt(from);
	if (source.format !== fromFormat) throw refused(`it is ${source.format}, not ${fromFormat}`);
	const before = sane(await sizeOf(source, exec, signal));
	try {
		await _rm(to, { force: true });
		await convertByWhom({
			...request,
			from,
			to
		}, exec);
		await checkResult(to, {
			toFormat,
			before,
			exec
		});
	} catch (error) {
		await _rm(to, { force: true });
		throw fullDisk(error, to);
	}
}
async function version(exec) {
	const [line = ""] = (await exec("qemu-img", ["--version"])).split("\n");
	return /\d+\.\d+(?:\.\d+)?/.exec(line)?.[0] ?? line;
}
/** Compressed clusters are unpacked by our own threads. For plain copying, `qemu-img` is as fast (decision 16). */
async function convertByWhom(request, exec) {
	const { from, fromFormat, to, toFormat, signal, onPercent } = request;
	const ours = fromFormat === "qcow2" && toFormat === "raw" ? await readableLayout(from) : void 0;
	if (ours?.isPacked) return convertQcow2({
		from,
		to,
		layout: ours.layout,
		signal,
		onPercent
	});
	try {
		const packing = request.isPacked ? PACKED : [];
		await exec("qemu-img", [
			"convert",
			"-p",
			...FAST,
			...packing,
			"-f",
			fromFormat,
			"-O",
			toFormat,
			from,
			to
		], {
			...signal && { signal },
			onLine: (line) => reportPercent(line, onPercent)
		});
	} catch (error) {
		if (!isMissingProgram(error) || ours === void 0) throw error;
		await convertQcow2({
			from,
			to,
			layout: ours.layout,
			signal,
			onPercent
		});
	}
}
/** Returns the size of the disk. For qcow2 it comes from the header that was already checked, which saves a process. */
async function sizeOf(look, exec, signal) {
	if (look.format === "raw") return look.sizeBytes;
	if (look.format === "qcow2" && look.virtualSizeBytes !== void 0) return look.virtualSizeBytes;
	return (await info(look, exec, signal)).virtualSizeBytes;
}
/** Checks that the result has the wanted format and the size of its source, rounded up to whole sectors. */
async function checkResult(to, { toFormat, before, exec }) {
	const result = await lookAt(to);
	const after = toFormat === "raw" ? result.sizeBytes : (await info({
		path: to,
		format: toFormat
	}, exec)).virtualSizeBytes;
	if (after < before || after - before >= 512) throw new ProvisionError("CONVERT", `qemu-img wrote a disk of ${after} bytes from one of ${before} bytes.`);
}
/** Parses `    (42.17/100%)`. Each such line ends with a carriage return. */
function reportPercent(line, onPercent) {
	const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1];
	if (percent !== void 0) onPercent?.(Number(percent));
}
/** qemu-img exits with 1 for all errors. Only its message shows that the disk is full. */
function fullDisk(error, path) {
	if (!(error instanceof ProvisionError) || !String(error.details.lastWords).includes("No space left on device")) return error;
	return new ProvisionError("DISK", `The disk is full: ${path}`, {
		cause: error,
		details: {
			path,
			systemCode: "ENOSPC"
		},
		hint: "Free some space, or point PVE_PROVISION_CACHE to a larger disk."
	});
}
function sane(virtualSizeBytes) {
	if (!Number.isSafeInteger(virtualSizeBytes) || virtualSizeBytes <= 0 || virtualSizeBytes > LARGEST_VIRTUAL_BYTES) throw refused(`it claims to be a disk of ${virtualSizeBytes} bytes`);
	return virtualSizeBytes;
}
function exitCodeOf(error) {
	const exitCode = error instanceof ProvisionError ? error.details.exitCode : void 0;
	return typeof exitCode === "number" ? exitCode : void 0;
}

export { convert, inspect, version };