import { t as ProvisionError } from "./errors.js";
import { i as shownUrl } from "./failure.js";
import { t as decodePercent } from "./percent.js";
import { n as fileNameOf } from "./image-addresses.js";

// ../core/dist/facts/checksums/checksum-lines.js
const LONGEST_LINE = 4096;
/** A digest may have a prefix with its algorithm: `sha256:…`, `SHA-256=…`. */
const PREFIX = "(?:(sha(?:2-|-)?\\d{3}(?:sum)?|md5(?:sum)?)[ \\t]?[:=-][ \\t]?)?";
const HEX = "([0-9a-f]{32,128})";
const GNU = new RegExp(`^(\\\\?)${PREFIX}${HEX}[ \\t]+\\*?(\\S.*)$`, "i");
const BSD = new RegExp(`^([A-Z][A-Z0-9-]*) ?\\((.+)\\) ?= ?${HEX}$`, "i");
const BARE = new RegExp(`^${PREFIX}${HEX}$`, "i");
/** `name: sha256:…`, `name = …`, `name …`, as people and some tools write it. */
const NAME_FIRST = new RegExp(`^["']?([^\\s:="']+\\.[^\\s:="']+)["']?[ \\t]*[:=\\s][ \\t]*["']?${PREFIX}${HEX}["']?$`, "i");
/** PowerShell's Get-FileHash: algorithm, digest, path. */
const TABLE = new RegExp(`^(SHA\\d{3}|MD5)[ \\t]+${HEX}[ \\t]+(\\S.*)$`, "i");
/** Separators of tables with `name,digest` or `digest;name`, and of Markdown rows. */
const CELLS = /[ \t]*[|,;][ \t]*/;
const SIZE = /^(?:# ?)?([^\s#][^:]*): (\d{1,15}) bytes$/;
const SECTION = /^# ([A-Z0-9-]+) HASH$/i;
const ALGORITHM_OF_LENGTH = {
	32: "MD5",
	40: "SHA1",
	56: "SHA224",
	64: "SHA256",
	96: "SHA384",
	128: "SHA512"
};
/** Reads all lines of `text` that contain a digest or a size. Other lines are skipped. */
function readChecksumLines(text) {
	const entries = [];
	const sizes = [];
	const unusable = [];
	let section;
	for (const raw of withGroupsJoined(text).split(/\r\n|\r|\n/)) {
		const line = raw.trim();
		if (line === "" || line.length > LONGEST_LINE) continue;
		section = SECTION.exec(line)?.[1] ?? section;
		const size = SIZE.exec(line);
		if (size?.[1] !== void 0) sizes.push({
			name: size[1],
			sizeBytes: Number(size[2])
		});
		const found = readLine(line, section);
		if (found === void 0) continue;
		const { algorithm, hex, name, dialect } = found;
		const digest = digestOf(algorithm, hex);
		if (digest !== void 0) entries.push({
			digest,
			dialect,
			...name === void 0 ? {} : { name }
		});
		else if (name !== void 0) unusable.push({
			name,
			algorithm
		});
	}
	return {
		entries,
		sizes,
		unusable
	};
}
const CERTUTIL = /^(SHA\d{3}) hash of (?:file )?(.{1,1000}):\s*\n([0-9a-f ]{64,191})\s*$/gim;
/** Joins split digests: `gpg --print-md` writes them in groups over several lines, CertUtil on a line of their own. */
function withGroupsJoined(text) {
	return text.replace(/^([^\s:]{1,255}):((?:\s{1,80}[0-9a-f]{4,8}){8,32})\s*$/gim, (_, name, groups) => `${name}: ${groups.replace(/\s/g, "")}`).replace(CERTUTIL, (_, ...[algorithm, file, digits]) => `${algorithm} ${digits.replaceAll(" ", "")} ${file}`);
}
function readLine(line, section) {
	const bsd = BSD.exec(line);
	if (bsd?.[1] && bsd[2] && bsd[3]) return {
		algorithm: bsd[1],
		hex: bsd[3],
		name: bsd[2],
		dialect: "bsd"
	};
	const table = TABLE.exec(line);
	if (table?.[1] && table[2] && table[3]) return {
		algorithm: table[1],
		hex: table[2],
		name: baseName(table[3]),
		dialect: "gnu"
	};
	const [, barePrefix, bare] = BARE.exec(line) ?? [];
	if (bare) return {
		algorithm: barePrefix ?? section ?? algorithmOf(bare),
		hex: bare,
		dialect: "bare"
	};
	const [, mark, prefix, hex, rest] = GNU.exec(line) ?? [];
	if (!hex || !rest) return readCells(line, section);
	const name = mark === "" ? rest : rest.replace(/\\([\\nr])/g, (_, one) => ({
		n: "\n",
		r: "\r"
	})[one] ?? "\\");
	return {
		algorithm: prefix ?? section ?? algorithmOf(hex),
		hex,
		name,
		dialect: "gnu"
	};
}
/** Reads a name before its digest, or both in table cells, in any order. */
function readCells(line, section) {
	const [, named, prefix, hex] = NAME_FIRST.exec(line) ?? [];
	if (named && hex) return {
		algorithm: prefix ?? section ?? algorithmOf(hex),
		hex,
		name: named,
		dialect: "gnu"
	};
	const cells = line.split(CELLS).map((cell) => cell.replace(/^[`"'*]+|[`"'*]+$/g, "").trim());
	const digest = cells.map((cell) => BARE.exec(cell)).find((found) => found !== null);
	const name = cells.find((cell) => /^[^\s/]+\.[^\s]+$/.test(cell) && !BARE.test(cell));
	if (cells.length < 2 || !digest?.[2] || name === void 0) return void 0;
	return {
		algorithm: digest[1] ?? section ?? algorithmOf(digest[2]),
		hex: digest[2],
		name,
		dialect: "gnu"
	};
}
/** Windows writes full paths. Only the last part can match a file elsewhere. */
function baseName(path) {
	return path.slice(path.lastIndexOf("\\") + 1);
}
function algorithmOf(hex) {
	return ALGORITHM_OF_LENGTH[hex.length] ?? `${hex.length} digits`;
}
/** Returns the digest in normal form, or undefined if the algorithm is unknown or too weak. */
function digestOf(algorithm, hex) {
	const name = algorithm.toLowerCase().replace(/^sha(?:2-|-)/, "sha").replace(/sum$/, "");
	if (name === "sha256" && hex.length === 64) return `sha256:${hex.toLowerCase()}`;
	if (name === "sha512" && hex.length === 128) return `sha512:${hex.toLowerCase()}`;
}

// ../core/dist/facts/checksums/checksum-json.js
const NAME_KEYS = [
	"location",
	"path",
	"ref",
	"browser_download_url",
	"url",
	"href",
	"filename",
	"fileName",
	"file",
	"name",
	"image"
];
const DIGEST_KEYS = /^(?:digest|checksum|hash|sha)$/i;
const NESTED_KEYS = [
	"hashes",
	"checksums",
	"digests",
	"hash",
	"checksum",
	"digest"
];
const DEEPEST = 16;
/** Returns all objects of the document that have both a name and a digest. */
function readChecksumJson(document) {
	const entries = [];
	const visit = (value, { key, depth }) => {
		if (depth > DEEPEST || typeof value !== "object" || value === null) return;
		if (!Array.isArray(value)) entries.push(...entriesOf(value, key));
		for (const [childKey, child] of Object.entries(value)) visit(child, {
			key: childKey,
			depth: depth + 1
		});
	};
	visit(document, {
		key: "",
		depth: 0
	});
	return entries;
}
/** `key` is the key of the object in its parent. In some documents it is the file name. */
function entriesOf(fields, key) {
	if (fields.kind === "Upload") return debianEntries(fields);
	const decompressedDigest = hexDigest("sha256", fields["uncompressed-sha256"]);
	const sizeBytes = fields.size;
	const more = {
		...typeof sizeBytes === "number" && Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? { sizeBytes } : {},
		...decompressedDigest === void 0 ? {} : { decompressedDigest }
	};
	const own = digestsOf(fields);
	return [...namesOf(fields, key).flatMap((name) => own.map((digest) => ({
		name,
		digest,
		...more
	}))), ...mapEntries(fields)];
}
/**
* Returns all values that may be the name. In GitHub's documents, the `url` of an asset ends in a number, so all
* candidates are kept; only complete names match later.
*/
function namesOf(fields, key) {
	const names = NAME_KEYS.map((one) => fields[one]).filter((value) => typeof value === "string" && value !== "");
	return [.../* @__PURE__ */ new Set([...names, ...names.length === 0 && looksLikeFile(key) ? [key] : []])];
}
function looksLikeFile(key) {
	return /^[^\s]{1,255}\.[a-z0-9]{2,8}$/i.test(key);
}
/**
* Finds `sha256`, `sha256sum`, or a `digest` or `checksum` with the algorithm in it or beside it; also one level down.
*/
function digestsOf(fields) {
	const nested = NESTED_KEYS.map((key) => asFields(fields[key]));
	const algorithm = [
		"algorithm",
		"checksum_type",
		"hash_type",
		"digest_algorithm"
	].map((key) => fields[key]).find(isText) ?? "";
	const found = [fields, ...nested].flatMap((from) => Object.entries(from).map(([key, value]) => hexDigest(key, value) ?? (DIGEST_KEYS.test(key) ? prefixed(value, algorithm) : void 0)));
	return [...new Set(found.filter((digest) => digest !== void 0))];
}
/** `"x.qcow2": "…"`: a name and its digest, without anything else. */
function mapEntries(fields) {
	return Object.entries(fields).flatMap(([name, value]) => {
		const digest = looksLikeFile(name) ? prefixed(value, "") : void 0;
		return digest === void 0 ? [] : [{
			name,
			digest
		}];
	});
}
/** Parses `sha256:…`, or bare hex digits, whose number decides the algorithm. */
function prefixed(value, algorithm) {
	if (!isText(value)) return void 0;
	const [, prefix, hex = ""] = /^(?:(sha-?\d{3})[:=-])?([0-9a-f]{64,128})$/i.exec(value.trim()) ?? [];
	return digestOf(prefix ?? (algorithm || (hex.length === 64 ? "sha256" : "sha512")), hex);
}
function isText(value) {
	return typeof value === "string";
}
/** Debian: `data.ref` is the dated path; the digest is unpadded base64 in an annotation. */
function debianEntries(fields) {
	const metadata = asFields(fields.metadata);
	const name = asFields(fields.data).ref;
	const annotation = asFields(metadata.annotations)["cloud.debian.org/digest"];
	if (typeof name !== "string" || typeof annotation !== "string") return [];
	const [algorithm = "", encoded = ""] = annotation.split(":");
	const digest = digestOf(algorithm, base64ToHex(encoded));
	if (digest === void 0) return [];
	const version = asFields(metadata.labels)["cloud.debian.org/version"];
	const alias = typeof version === "string" && version !== "" ? name.replace(`-${version}.`, ".") : name;
	return [{
		name,
		digest,
		...alias === name ? {} : { alias }
	}];
}
function asFields(value) {
	return typeof value === "object" && value !== null ? value : {};
}
function hexDigest(algorithm, value) {
	return typeof value === "string" && /^[0-9a-f]+$/i.test(value) ? digestOf(algorithm, value) : void 0;
}
function base64ToHex(encoded) {
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return "";
	return Array.from(atob(encoded), (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

// ../core/dist/facts/checksums/clearsigned.js
const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const END = "-----BEGIN PGP SIGNATURE-----";
/** Returns true if `text` contains a clearsigned message. */
function isClearsigned(text) {
	return text.split(/\r\n|\n/).some((line) => line.trimEnd() === BEGIN);
}
/**
* Returns the text between the armor headers and the signature, with dash escapes removed. Returns undefined if the
* message is incomplete. Text outside the message is not signed, so it is dropped.
*/
function clearsignedText(text) {
	const lines = text.split(/\r\n|\n/);
	const begin = lines.findIndex((line) => line.trimEnd() === BEGIN);
	if (begin === -1) return void 0;
	const blank = lines.findIndex((line, index) => index > begin && line.trim() === "");
	const end = lines.findIndex((line, index) => index > begin && line.trimEnd() === END);
	if (blank === -1 || end === -1 || blank > end) return void 0;
	return lines.slice(blank + 1, end).map((line) => line.startsWith("- ") ? line.slice(2) : line).join("\n");
}

// ../core/dist/facts/checksums/checksum-document.js
/** Larger documents are refused. CentOS with 190 builds has 60 KB, the index of simplestreams 2 MB. */
const LARGEST_DOCUMENT_BYTES = 8388608;
const BUILD = /\d{8}|Build\d/;
const PIN_HINT = "Check the address of the checksum document, or pin the digest: `checksum: sha256:…`.";
/**
* Returns the digest of `fileName` in `document`. Supports GNU and BSD lines, bare digests, documents for a single
* file, clearsigned documents (without verifying them), Debian's JSON, CoreOS-like streams and simplestreams.
* @throws ProvisionError `CHECKSUM` if this is not a checksum document, does not list the file, or contradicts itself
*/
function findChecksum(document, options) {
	const reading = read(signedPart$1(asText(document)));
	const matching = matches(reading, options);
	const digest = strongest(matching, options.fileName);
	const entry = matching.find((candidate) => candidate.digest === digest);
	const sizeBytes = entry?.sizeBytes ?? sizeOf(reading, entry?.name ?? options.fileName);
	const datedName = datedNameOf(reading.entries, {
		digest,
		fileName: options.fileName
	});
	const datedPath = entry?.alias !== void 0 && !sameFile(entry.name ?? "", options.fileName) ? entry.name : void 0;
	return {
		digest,
		dialect: entry?.dialect ?? "bare",
		...sizeBytes === void 0 ? {} : { sizeBytes },
		...datedName === void 0 ? {} : { datedName },
		...datedPath === void 0 ? {} : { datedPath },
		...entry?.decompressedDigest === void 0 ? {} : { decompressedDigest: entry.decompressedDigest }
	};
}
function asText(document) {
	if (document.length > 8388608) throw wrong(`The checksum document has ${Math.round(document.length / 1048576)} MiB, which is too large for one.`);
	const text = typeof document === "string" ? document : decode(document);
	if (text.includes("\0")) throw wrong("The checksum document is binary.");
	if (/^\s*<(?:!doctype|html|\?xml|head)\b/i.test(text)) throw wrong("The checksum document is a web page: the server sent an error page or a listing instead.");
	return text;
}
function decode(bytes) {
	try {
		return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
	} catch (cause) {
		throw wrong("The checksum document is binary.", { cause });
	}
}
/** Windows PowerShell writes redirected output as UTF-16, with a byte order mark. */
function encodingOf([first, second]) {
	if (first === 255 && second === 254) return "utf-16le";
	return first === 254 && second === 255 ? "utf-16be" : "utf-8";
}
function signedPart$1(text) {
	if (!isClearsigned(text)) return text;
	const signed = clearsignedText(text);
	if (signed === void 0) throw wrong("The checksum document is clearsigned but truncated.");
	return signed;
}
function read(text) {
	if (!/^\s*[{[]/.test(text)) return readChecksumLines(text);
	try {
		return {
			entries: readChecksumJson(JSON.parse(text)).map((entry) => ({
				...entry,
				dialect: "json"
			})),
			sizes: [],
			unusable: []
		};
	} catch (cause) {
		throw wrong("The checksum document looks like JSON but is not valid JSON.", { cause });
	}
}
function matches(reading, { fileName, documentName }) {
	const named = reading.entries.filter((entry) => entry.name !== void 0);
	const exact = named.filter(({ name, alias }) => name === fileName || name === `./${fileName}` || alias === fileName);
	if (exact.length > 0) return exact;
	const below = named.filter(({ name, alias }) => endsWithFile(name, fileName) || endsWithFile(alias, fileName));
	if (below.length > 0) return below;
	const bare = reading.entries.filter((entry) => entry.name === void 0);
	if (named.length === 0 && bare.length > 0) return bare;
	const builds = isPerFile(documentName, fileName) ? named.filter(({ name }) => isSibling(name, fileName)) : [];
	if (builds.length > 0) return builds;
	throw notNamed(reading, fileName);
}
/** Accepts `dir/name` and `dir\name`. Rejects absolute paths and paths with `..`, because they may mean another file. */
function endsWithFile(name, fileName) {
	if (name === void 0) return false;
	const segments = name.replace(/^https?:\/\/[^/]+/, "").split(/[/\\]/);
	return segments.at(-1) === fileName && !segments.includes("..") && (/^https?:/.test(name) || !/^(?:[/\\]|[a-z]:)/i.test(name));
}
function isPerFile(documentName, fileName) {
	return documentName?.startsWith(`${fileName}.`) === true || documentName?.startsWith(`${fileName}-`) === true;
}
/** Returns true for another name in the same folder with the same file suffix. */
function isSibling(name, fileName) {
	const last = name?.split("/").at(-1);
	return last !== void 0 && endsWithFile(name, last) && last.split(".").at(-1) === fileName.split(".").at(-1);
}
function digests(entries) {
	return new Set(entries.map((entry) => entry.digest));
}
function strongest(entries, fileName) {
	for (const algorithm of ["sha512:", "sha256:"]) {
		const [first, second] = digests(entries.filter((entry) => entry.digest.startsWith(algorithm)));
		if (second !== void 0) throw wrong(`The checksum document has several different digests for \`${fileName}\`.`, {
			details: {
				fileName,
				digests: [first, second]
			},
			hint: "The vendor may be publishing a build right now: try again later, or use the dated file instead of its alias."
		});
		if (first !== void 0) return first;
	}
	throw wrong(`The checksum document has no usable digest for \`${fileName}\`.`);
}
function sizeOf({ sizes }, fileName) {
	const [first, second] = new Set(sizes.filter(({ name }) => sameFile(name, fileName.replace(/^\.\//, ""))).map(({ sizeBytes }) => sizeBytes));
	if (second !== void 0) throw wrong(`The checksum document has several different sizes for \`${fileName}\`.`);
	return first;
}
function sameFile(name, fileName) {
	return name === fileName || endsWithFile(name, fileName);
}
/** Only if the document lists both alias and build. Then both are available in its folder. */
function datedNameOf(entries, { digest, fileName }) {
	if (BUILD.test(fileName) || !entries.some(({ name }) => name !== void 0 && sameFile(name, fileName))) return void 0;
	return entries.find((entry) => entry.digest === digest && isBuildBeside(entry.name, fileName))?.name;
}
function isBuildBeside(name, fileName) {
	return name !== void 0 && name !== fileName && !name.includes("/") && BUILD.test(name);
}
function notNamed(reading, fileName) {
	const climbing = reading.entries.find(({ name }) => name !== void 0 && name.split(/[/\\]/).at(-1) === fileName);
	if (climbing) return wrong(`The checksum document names \`${fileName}\` only outside its own folder: \`${climbing.name}\`.`);
	const weak = reading.unusable.find(({ name }) => sameFile(name, fileName));
	if (weak) return wrong(`The checksum document has only ${weak.algorithm} for \`${fileName}\`; SHA-256 or SHA-512 is needed.`);
	if (reading.entries.length === 0) return wrong("The checksum document has no line with a SHA-256 or SHA-512 digest.");
	const names = [...new Set(reading.entries.map(({ name }) => name).filter((name) => name !== void 0))];
	return wrong(`The checksum document does not name \`${fileName}\`.`, {
		details: {
			fileName,
			names: names.slice(0, 20)
		},
		hint: `${similar(names, fileName)}${PIN_HINT}`
	});
}
function similar(names, fileName) {
	const stem = fileName.slice(0, Math.min(12, fileName.length));
	const close = names.filter((name) => name.includes(stem)).slice(0, 3);
	return close.length === 0 ? "" : `It names ${close.map((name) => `\`${name}\``).join(", ")}. `;
}
function wrong(message, options = {}) {
	return new ProvisionError("CHECKSUM", message, {
		hint: PIN_HINT,
		...options
	});
}

// ../core/dist/facts/checksums/signature.js
/**
* Returns the part of a document that is signed by one of the keys: all of it for a detached signature, or the text
* inside a clearsigned message. Text outside is not signed.
* @throws ProvisionError `SIGNATURE` if there is no signature, none by a pinned key, or an invalid one
*/
async function verifySignature(document) {
	const openpgp = await import("./openpgp.js");
	const keys = await readKeys(openpgp, document);
	return document.signature === void 0 ? verifyClearsigned(openpgp, document, keys) : verifyDetached(openpgp, {
		...document,
		signature: document.signature
	}, keys);
}
async function readKeys(openpgp, { keys }) {
	const lists = keys.map(async (armoredKeys, index) => {
		try {
			return await openpgp.readKeys({ armoredKeys });
		} catch (cause) {
			throw new ProvisionError("SIGNATURE", `Key ${index + 1} in the manifest is not an armoured OpenPGP public key.`, {
				cause,
				hint: "An armoured key begins with -----BEGIN PGP PUBLIC KEY BLOCK-----. Export it with `gpg --armor --export ID`."
			});
		}
	});
	return (await Promise.all(lists)).flat();
}
async function verifyClearsigned(openpgp, { bytes, name }, verificationKeys) {
	const text = new TextDecoder().decode(bytes);
	if (!isClearsigned(text)) throw new ProvisionError("SIGNATURE", `${name} is not signed, but the manifest requires a signature.`, { hint: "If the vendor publishes a detached signature, set its address as `signature.url`." });
	const message = await readOrRefuse(name, () => openpgp.readCleartextMessage({ cleartextMessage: text }));
	const { data, signatures } = await openpgp.verify({
		message,
		verificationKeys
	});
	await requireOne(name, signatures);
	return new TextEncoder().encode(data);
}
async function verifyDetached(openpgp, { bytes, signature, name }, verificationKeys) {
	const armored = new TextDecoder().decode(signature);
	const read = await readOrRefuse(name, () => armored.includes("-----BEGIN PGP SIGNATURE-----") ? openpgp.readSignature({ armoredSignature: armored }) : openpgp.readSignature({ binarySignature: signature }));
	const message = await openpgp.createMessage({ binary: bytes });
	const { signatures } = await openpgp.verify({
		message,
		signature: read,
		verificationKeys,
		format: "binary"
	});
	await requireOne(name, signatures);
	return bytes;
}
async function readOrRefuse(name, read) {
	try {
		return await read();
	} catch (cause) {
		throw new ProvisionError("SIGNATURE", `The signature of ${name} cannot be read: it is damaged or not a signature.`, { cause });
	}
}
/** One valid signature by a pinned key is enough. During a key change, vendors sign with the old and the new key. */
async function requireOne(name, signatures) {
	const results = await Promise.allSettled(signatures.map(({ verified }) => verified));
	if (results.some(({ status }) => status === "fulfilled")) return;
	const ids = signatures.map(({ keyID }) => keyID.toHex().toUpperCase()).join(", ") || "an unknown key";
	const reasons = results.flatMap((result) => result.status === "rejected" ? [String(result.reason?.message ?? result.reason)] : []);
	throw new ProvisionError("SIGNATURE", `${name} has no valid signature by a pinned key; it is signed by ${ids}: ${reasons.join("; ")}.`, {
		hint: "Compare the key with the one that the vendor publishes elsewhere. If the vendor changed it, pin the new one in the manifest.",
		details: {
			keyIds: ids,
			reasons
		}
	});
}

// ../core/dist/facts/images/document-image.js
/**
* Returns the digest of an image and the address of its build.
* @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP`
*/
async function fromDocument(image, address, { world, signal }) {
	const document = await world.http.getDocument(address, signal && { signal });
	const found = findImage(image.signature ? await signedPart(document, image.signature, {
		world,
		...signal && { signal }
	}) : document.bytes, image, fileNameOf(address));
	return {
		name: image.name,
		digest: found.digest,
		digestFrom: "document",
		url: datedUrl(image.url, found),
		signature: image.signature ? "verified" : "not asked for",
		...found.sizeBytes !== void 0 && { sizeBytes: found.sizeBytes }
	};
}
/** Tries the possible names of the image until the document lists one. The error names the first one. */
function findImage(document, image, documentName) {
	const [first = "", ...others] = image.fileName === void 0 ? namesIn(image.url) : [image.fileName];
	try {
		return findChecksum(document, {
			fileName: first,
			documentName
		});
	} catch (error) {
		for (const fileName of others) {
			const found = attempt(() => findChecksum(document, { fileName }));
			if (found !== void 0) return found;
		}
		throw image.fileName === void 0 ? withNameHint(error) : error;
	}
}
function attempt(action) {
	try {
		return action();
	} catch {
		return;
	}
}
function withNameHint(error) {
	if (!(error instanceof ProvisionError) || error.details.names === void 0) return error;
	return new ProvisionError("CHECKSUM", error.message, {
		cause: error,
		hint: `Set the name that the image has in the document: \`fileName: NAME\`. ${error.hint ?? ""}`.trimEnd(),
		details: error.details
	});
}
/**
* Returns the part of a checksum document that a pinned key signed. A detached signature is downloaded from its own
* address.
*/
async function signedPart(document, { url, keys }, { world, signal }) {
	const detached = url && await world.http.getDocument(url, signal && { signal });
	return verifySignature({
		bytes: document.bytes,
		keys,
		name: shownUrl(document.url),
		...detached && { signature: detached.bytes }
	});
}
/** Returns the address of the build, which stays the same when the vendor moves the alias. */
function datedUrl(url, { datedName, datedPath }) {
	if (datedName !== void 0) return new URL(encodeURIComponent(datedName), url);
	const [first] = datedPath?.split("/") ?? [];
	const at = url.pathname.indexOf(`/${first}/`);
	return datedPath === void 0 || at === -1 ? url : new URL(`${url.pathname.slice(0, at)}/${encodeURI(datedPath)}`, url);
}
/**
* Returns possible file names for an address: `…/NAME`, `…/get.php?file=NAME`, `…/NAME/download`. The most likely one
* is first.
*/
function namesIn(url) {
	const last = fileNameOf(url);
	if (/\.(?!php$|aspx?$|cgi$|jsp$)[a-z0-9]{2,8}$/i.test(last)) return [last];
	const values = Array.from(url.searchParams.values(), (value) => value.slice(value.lastIndexOf("/") + 1));
	const segments = url.pathname.split("/").slice(1, -1).map(decodePercent).toReversed();
	return [last, ...[...values, ...segments].filter((name) => /\.[a-z0-9]{2,8}$/i.test(name))];
}

export { fromDocument };