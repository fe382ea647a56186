import { t as ProvisionError } from "./errors.js";

// ../core/dist/ports/files/disk-error.js
const SENTENCES = {
	ENOSPC: ["The disk is full", "Free some space, or point PVE_PROVISION_CACHE to a larger disk."],
	EDQUOT: ["The disk quota is used up", "Free some space, or point PVE_PROVISION_CACHE to another disk."],
	EFBIG: ["The file system does not support files of this size", "Point PVE_PROVISION_CACHE to another disk."],
	EROFS: ["The file system is read-only", "Point PVE_PROVISION_CACHE to a folder that can be written."],
	EACCES: ["Permission is denied", "Point PVE_PROVISION_CACHE to a folder that you own."],
	EPERM: ["Permission is denied", "Point PVE_PROVISION_CACHE to a folder that you own."],
	ENOTDIR: ["A part of the path is not a folder", "Remove it, or set PVE_PROVISION_CACHE."],
	EIO: ["The disk reports an error", "Check the disk."]
};
/** Creates a `DISK` error from a file system error about `path`. Other errors are returned unchanged. */
function diskError(error, path) {
	const code = systemCode(error);
	if (code === void 0 || error instanceof ProvisionError) return error;
	const [sentence, hint] = SENTENCES[code] ?? [`The disk does not support an operation (${code})`, void 0];
	return new ProvisionError("DISK", `${sentence}: ${path}`, {
		cause: error,
		details: {
			path,
			systemCode: code
		},
		...hint === void 0 ? {} : { hint }
	});
}
/** Runs `action` and turns its file system errors about `path` into `DISK` errors. */
async function onDisk(path, action) {
	try {
		return await action();
	} catch (error) {
		throw diskError(error, path);
	}
}
/** Returns the system code of a file system error, such as `ENOENT`. */
function systemCode(error) {
	return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string" ? error.code : void 0;
}

export { onDisk as n, systemCode as r, diskError as t };