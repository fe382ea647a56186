import { a as refuseByName, t as lookAtImage } from "./look-at-image.js";
import { t as ProvisionError } from "./errors.js";
import { t as diskError } from "./disk-error.js";
import { t as hashFile } from "./hash-file.js";
import { t as ownSignal } from "./own-signal.js";

// \0builtin:node:fs?packages/core/dist/facts/images/file-image.js
const builtin$3 = process.getBuiltinModule("node:fs");
const read$3 = (name) => builtin$3[name];
const _constants = /* @__PURE__ */ read$3("constants");

// \0builtin:node:fs/promises?packages/core/dist/facts/images/file-image.js
const builtin$2 = process.getBuiltinModule("node:fs/promises");
const read$2 = (name) => builtin$2[name];
const _open = /* @__PURE__ */ read$2("open");
const _stat = /* @__PURE__ */ read$2("stat");

// \0builtin:node:path?packages/core/dist/facts/images/file-image.js
const builtin$1 = process.getBuiltinModule("node:path");
const read$1 = (name) => builtin$1[name];
const _basename = /* @__PURE__ */ read$1("basename");

// \0builtin:node:url?packages/core/dist/facts/images/file-image.js
const builtin = process.getBuiltinModule("node:url");
const read = (name) => builtin[name];
const _pathToFileURL = /* @__PURE__ */ read("pathToFileURL");

// ../core/dist/facts/images/file-image.js
/**
* Examines the file and compares it with the digest in the manifest or the lock file.
* @throws ProvisionError `IMAGE` if it is not an image; `CHECKSUM` if the digest differs; `DISK`
*/
async function resolveFile(image, world, options = {}) {
	const { name, path } = image;
	const locked = options.lock?.images[name];
	const promised = image.checksum ?? locked?.digest;
	const digest = await measureFile(path, {
		world,
		algorithm: algorithmOf(promised),
		signal: options.signal
	});
	if (promised !== void 0 && promised !== digest) throw changed(image, {
		promised,
		found: digest
	});
	return {
		name,
		digest,
		digestFrom: image.checksum !== void 0 ? "manifest" : locked !== void 0 ? "lock" : "file",
		url: _pathToFileURL(path),
		file: path,
		signature: "not asked for",
		...options.isIso ? { sizeBytes: (await _stat(path)).size } : await lookInFile(path)
	};
}
async function lookInFile(path) {
	const look = await lookAtImage(path);
	if (look.compression !== "none") refuseByName(_basename(path));
	return look;
}
/** The lock file contains only the file's name, because the folder differs between computers. */
function lockedFileUrl({ path }) {
	return `file:${encodeURIComponent(_basename(path))}`;
}
async function pinFile(image, world, { before: old, signal } = {}) {
	const { digest, sizeBytes, format, virtualSizeBytes, signature } = await resolveFile(image, world, {
		signal,
		isIso: image.isIso
	});
	const url = lockedFileUrl(image);
	if (old?.digest === digest && old.url === url) return old;
	return {
		url,
		resolvedUrl: url,
		digest,
		...sizeBytes !== void 0 && { sizeBytes },
		...format !== void 0 && { format },
		...virtualSizeBytes !== void 0 && { virtualSizeBytes },
		signature,
		pinnedAt: new Date(world.clock.now()).toISOString()
	};
}
/** Hashes the file again only if its size, time or inode changed. The step that copies the file hashes it once more. */
async function measureFile(path, { world, algorithm, signal }) {
	const identity = await identityOf(path);
	const key = keyOf(path);
	const known = (await world.journal.recall(key))?.value;
	if (isMeasured(known) && known.identity === identity && known.digest.startsWith(`${algorithm}:`)) return known.digest;
	const digest = `${algorithm}:${await hashFile(path, algorithm, ownSignal(signal))}`;
	await world.journal.record(key, {
		identity,
		digest
	});
	return digest;
}
/** Call this if a copy has other bytes than those that were hashed. */
async function forgetFile(path, { journal }) {
	await journal.record(keyOf(path), {});
}
function keyOf(path) {
	return `file:${path}`;
}
async function identityOf(path) {
	let file;
	try {
		file = await _open(path, _constants.O_RDONLY | (_constants.O_NONBLOCK ?? 0));
		const status = await file.stat({ bigint: true });
		if (!status.isFile()) throw notThere(path, "is not a regular file");
		return [
			status.size,
			status.mtimeNs,
			status.ino
		].join(" ");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") throw notThere(path, "does not exist");
		throw diskError(error, path);
	} finally {
		await file?.close();
	}
}
function isMeasured(value) {
	if (typeof value !== "object" || value === null || !("digest" in value) || !("identity" in value)) return false;
	return /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(String(value.digest));
}
function algorithmOf(digest) {
	return digest?.startsWith("sha512:") ? "sha512" : "sha256";
}
function notThere(path, how) {
	return new ProvisionError("IMAGE", `The image ${path} ${how}.`, {
		hint: "Paths in a manifest are relative to the manifest.",
		details: { path }
	});
}
function changed({ name, path, checksum }, { promised, found }) {
	return new ProvisionError("CHECKSUM", `The file of ${name} does not match the digest in ${checksum === void 0 ? "the lock file" : "the manifest"}: ${path} has changed.`, {
		hint: checksum === void 0 ? "To use the new file, run `pve-provision pin`, or apply with --update-images." : `Correct \`images.${name}.checksum\`, or restore the file.`,
		details: {
			promised,
			found
		}
	});
}

export { resolveFile as i, lockedFileUrl as n, pinFile as r, forgetFile as t };