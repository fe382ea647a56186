import { t as ProvisionError } from "./errors.js";

// ../core/dist/mask.js
/** Shorter values are part of too many ordinary words. */
const SHORTEST = 4;
const MASK = "***";
/** Creates a masker without any secrets. */
function createMasker() {
	const forms = {
		texts: /* @__PURE__ */ new Set(),
		base64: /* @__PURE__ */ new Set()
	};
	let patterns;
	const mask = (text) => {
		if (forms.texts.size === 0) return text;
		patterns ??= patternsOf(forms);
		return patterns.reduce((masked, pattern) => masked.replace(pattern, MASK), text);
	};
	return {
		hide(...secrets) {
			for (const secret of secrets) addForms(forms, secret ?? "");
			patterns = void 0;
		},
		mask,
		maskValues: (value) => maskDeep(value, mask)
	};
}
/** Returns the text with `***` in place of each of these secrets. */
function maskSecrets(text, secrets) {
	const masker = createMasker();
	masker.hide(...secrets);
	return masker.mask(text);
}
/** Adds the forms of a secret: as it is, in other encodings, or inside a longer encoded text. */
function addForms({ texts, base64 }, secret) {
	const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim());
	for (const line of new Set(lines.filter(({ length }) => length >= SHORTEST))) {
		for (const text of writingsOf(line)) texts.add(text);
		for (const text of withinBase64(line)) base64.add(text);
	}
}
/**
* The secret as it is, and as JSON, a shell, HTML, URL and form encoding and dumps of bytes write it. Proxmox quotes
* failed commands for a shell, proxies answer with HTML and quote addresses, and programs in a guest log what they got.
*/
function writingsOf(secret) {
	return [
		secret,
		secret.replaceAll("'", "'\\''"),
		...inJson(secret),
		...inHtml(secret),
		...inAddress(secret),
		...asBytes(secret)
	];
}
/** In URL and form encoding, with upper-case and lower-case escapes. Also twice, for an address within an address. */
function inAddress(secret) {
	const percent = encodeURIComponent(secret.toWellFormed());
	const code = (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
	const upper = [
		percent,
		percent.replace(/[!'()*]/g, code),
		percent.replace(/[!'()*._~-]/g, code),
		new URLSearchParams({ "": secret }).toString().slice(1)
	];
	const encoded = [...upper, ...upper.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))];
	return [...encoded, ...encoded.map(encodeURIComponent)];
}
/**
* As writers of JSON escape it: only what must be, also `/` (PHP), what is not ASCII (Python, PHP, Perl), or what HTML
* or JavaScript could misread (Go, Ruby, .NET). Each also within the JSON of another text.
*/
function inJson(secret) {
	const json = JSON.stringify(secret).slice(1, -1);
	const ascii = json.replace(/[\u007f-\uffff]/g, codeUnit);
	const texts = [
		json,
		ascii,
		json.replace(/[<>&\u2028\u2029]/g, codeUnit)
	];
	const strictest = ascii.replace(/\\"|[<>&'+`]/g, codeUnit);
	const escaped = [
		...texts,
		...texts.map((text) => text.replaceAll("/", "\\/")),
		strictest
	];
	const upper = escaped.map((text) => text.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`));
	const all = [.../* @__PURE__ */ new Set([...escaped, ...upper])];
	return [...all, ...all.map((text) => JSON.stringify(text).slice(1, -1))];
}
/** `\u00e4`. Of an escaped character, the code of the character. */
function codeUnit(text) {
	return `\\u${(text.codePointAt(text.length - 1) ?? 0).toString(16).padStart(4, "0")}`;
}
/** As a dump, and with escapes for bytes beyond ASCII, as Python and shells write them. */
function asBytes(secret) {
	const bytes = Buffer.from(secret);
	const escapedBy = (write) => Array.from(bytes, (byte) => byte < 128 ? String.fromCharCode(byte) : write(byte)).join("");
	const hex = bytes.toString("hex");
	return [
		hex,
		hex.toUpperCase(),
		escapedBy((byte) => `\\x${byte.toString(16)}`),
		escapedBy((byte) => `\\${byte.toString(8)}`)
	];
}
/** HTML must escape only `&` and `<`, and quotes in several ways. */
function inHtml(secret) {
	const least = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
	const signs = least.replaceAll(">", "&gt;");
	const quoted = ["&quot;", "&#34;"].map((quote) => signs.replaceAll("\"", quote));
	const both = [
		"&#39;",
		"&#039;",
		"&#x27;",
		"&apos;"
	].flatMap((quote) => quoted.map((text) => text.replaceAll("'", quote)));
	return [
		least,
		signs,
		...quoted,
		...both
	];
}
/** A secret of this length does not appear in a text by chance. */
const SHORTEST_ANYWHERE = 16;
/**
* Matches a short form only as a whole word: `other` is not masked in "another". The look at the character before comes
* after the first one, because V8 is fast only if alternatives begin with a character.
*/
function whole(form) {
	const [first = "", ...rest] = form;
	if (form.length >= SHORTEST_ANYWHERE) return escaped(form);
	const before = /^[\p{L}\p{N}]/u.test(form) ? `(?<!${WORD}${first})` : "";
	return `${escaped(first)}${before}${escaped(rest.join(""))}${/[\p{L}\p{N}]$/u.test(form) ? `(?!${WORD})` : ""}`;
}
/** The shortest piece of base64 that does not appear by chance. */
const SHORTEST_BASE64 = 8;
/**
* Matches base64 of a text that contains the secret, such as `user:secret`. The secret can start at three positions in
* a group of bytes.
*/
function withinBase64(secret) {
	const bytes = Buffer.from(secret);
	return [
		0,
		1,
		2
	].flatMap((before) => {
		const inner = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6));
		const spellings = [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
		return inner.length < SHORTEST_BASE64 ? [] : spellings;
	});
}
function patternsOf({ texts, base64 }) {
	return [...patternOf(texts, whole, (list) => list), ...patternOf(base64, escaped, (list) => `[\\w+/-]?(?:${list})[\\w+/-]?={0,2}`)];
}
/**
* A longer form goes before its own beginning, because one secret may be part of another. V8 is fast only if neighbours
* begin with the same text.
*/
function patternOf(forms, one, all) {
	const sorted = [...forms].toSorted((left, right) => left < right ? 1 : -1);
	return sorted.length === 0 ? [] : [new RegExp(all(sorted.map(one).join("|")), "gu")];
}
const WORD = "[\\p{L}\\p{N}]";
/** `RegExp.escape` exists only since Node 24. */
function escaped(text) {
	return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
function maskDeep(value, mask) {
	if (typeof value === "string") return mask(value);
	if (Array.isArray(value)) return value.map((entry) => maskDeep(entry, mask));
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, maskDeep(entry, mask)]));
}

// ../core/dist/ports/pve/ids.js
const patterns = {
	node: /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/,
	storage: /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/,
	vmid: /^[1-9][0-9]{2,8}$/,
	volume: /^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:[^\s\0#?%\\]+$/,
	pool: /^[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2}$/,
	upid: /^UPID:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?:[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:[0-9A-Fa-f]{8}:[^:\s/]+:[^:\s/]*:[^:\s/]+:$/
};
const nouns = {
	node: "the name of a node",
	storage: "the name of a storage",
	vmid: "a VM id (100 to 999999999)",
	volume: "a volume id",
	pool: "the name of a pool",
	upid: "the id of a task"
};
/**
* Returns the id as text that is safe in a path.
* @throws ProvisionError `MANIFEST` if Proxmox cannot have created such an id
*/
function checkId(kind, value) {
	const text = String(value);
	if (patterns[kind].test(text) && !climbs(text)) return text;
	throw new ProvisionError("MANIFEST", `${JSON.stringify(text)} is not ${nouns[kind]}.`, { details: {
		kind,
		value: text
	} });
}
/** Like `checkId`, encoded as a path segment: `/`, `:`, `@` and `!` are percent-encoded. */
function pathId(kind, value) {
	return encodeURIComponent(checkId(kind, value));
}
/** The last check of every request. It refuses paths that Proxmox could interpret differently. */
function checkPath(path) {
	if (/^(?:\/(?:[A-Za-z0-9:@!._~+=,-]|%[0-9A-Fa-f]{2})+)+$/.test(path) && !climbs(decodeURIComponent(path))) return path;
	throw new ProvisionError("UNEXPECTED", `${JSON.stringify(path)} is not a path of the Proxmox API.`, { hint: "An ID was not checked before it was used in a path; this is a bug in pve-provision." });
}
/** Formats a call for messages, such as `POST /nodes/pve1/qemu`: without the query, percent-decoded. */
function describeCall(method, path) {
	return `${method} ${decodeURIComponent(path.replace(/\?.*$/, "").replace(/^\/api2\/json/, ""))}`;
}
/**
* Parses a UPID: `UPID:node:pid:pstart:starttime:type:id:user:`.
* @throws ProvisionError `PVE` if the text is not a UPID
*/
function parseUpid(upid) {
	const text = typeof upid === "string" && patterns.upid.test(upid) ? upid : void 0;
	const [, node, , , startTime, type, id, user] = text?.split(":") ?? [];
	if (text && node && startTime && type && user) return {
		upid: text,
		node,
		startedAtMs: Number.parseInt(startTime, 16) * 1e3,
		type,
		id: id ?? "",
		user
	};
	throw new ProvisionError("PVE", "Proxmox did not answer with the ID of a task.");
}
function climbs(text) {
	return text.split(/[/\\]/).some((segment) => segment === "." || segment === "..");
}
/** Formats a task for messages, such as `Task qmcreate 100 on node pve1`. */
function describeTask({ type, id, node }) {
	return `Task ${type}${id === "" ? "" : ` ${id}`} on node ${node}`;
}
/** Returns `/nodes/{node}/tasks/{upid}`. Only its own node knows a task. */
function taskPath({ node, upid }) {
	return `/nodes/${pathId("node", node)}/tasks/${pathId("upid", upid)}`;
}

// ../core/dist/ports/pve/call/answer-texts.js
const texts = [
	[/hotplug problem - /, "hotplug"],
	[/can't lock file '.*' - got timeout/, "lock-timeout"],
	[/got lock request timeout/, "lock-timeout"],
	[/^trying to acquire (?:cfs )?lock/, "lock-timeout"],
	[/got no worker upid - start worker failed/, "no-worker"],
	[/^VM is locked \(|(?:VM|CT) \d+ is locked|^unable to .* - VM is locked \(/, "vm-locked"],
	[/no quorum/, "no-quorum"],
	[/file changed? by other user\?/, "digest-mismatch"],
	[/^checksum mismatch: got '/, "checksum-mismatch"],
	[/refusing to override existing file|cp: cannot create regular file '.*': File exists/, "file-exists"],
	[/already exists|config file already exists/, "already-exists"],
	[/No space left on device|not enough free space \(|insufficient free space/, "no-space"],
	[/^cannot delete service '.*', not HA managed/, "not-managed"],
	[/^(?:\d+ )?qemu-img: Could not open '.*: No such file or directory/, "vanished"],
	[/is already a pool member/, "already-member"],
	[/is still in use by linked clone/, "in-use"],
	[/is running - destroy failed|if VM is running|already running/, "vm-running"],
	[/^VM \d+ (?:is )?not running/, "vm-stopped"],
	[/^QEMU guest agent is not running|^No QEMU guest agent configured/, "agent-unavailable"],
	[/\bguest-[\w-]+ has been disabled/, "agent-refuses"],
	[/Agent error: .*: No such file or directory/, "no-such-file"],
	[/^only root can set '|^Only root /i, "root-only"],
	[/does not exist|unable to find configuration file|no such (?:task|cluster node|storage)/i, "not-found"],
	[/^hostname lookup '.*' failed/, "not-found"]
];
/** Interprets a text of Proxmox: an error message, the exit status of a task, or the problem of one parameter. */
function problemOf(text) {
	return texts.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}
/** Returns the digits of `checksum mismatch: got '4f2…' != expect '9ab…'`. */
function checksumIn(text) {
	return /^checksum mismatch: got '([0-9a-f]+)'/.exec(text)?.[1];
}
/**
* To list the VMs of a node or the content of a storage, Proxmox reads each entry. The whole call fails if an entry is
* removed meanwhile (seen on 8.4 and 9.2 during a destroy).
*/
const LISTS = /^\/nodes\/[^/]+\/(?:qemu|storage\/[^/]+\/content)$/;
const UNLISTED = /^Configuration file '.*' does not exist/;
/** Returns the failure class of an answer with this status and text. */
function failureClassOf(status, text, { method, path }) {
	if (status === 595) return "refused";
	if (status >= 596 && status <= 599) return "gateway";
	if (status === 502 || status === 503 || status === 504) return "gateway";
	const problem = problemOf(text);
	if (method === "GET" && LISTS.test(path) && (problem === "vanished" || UNLISTED.test(text))) return "vanished";
	if (problem === "lock-timeout") return "lock";
	return problem === "no-worker" ? "worker" : "refusal";
}
/**
* Parses `Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)` into path and privileges.
*/
function missingPermissionOf(text) {
	const [, path, privileges] = /\((\/[^,()]*), ([A-Za-z.|, ]+)\)/.exec(text) ?? [];
	return path && privileges ? {
		path,
		privileges: privileges.split(/[|, ]+/)
	} : void 0;
}
/** Returns the name of the lock in `VM is locked (backup)`. */
function lockNameOf(text) {
	return /is locked \(([a-z-]+)\)/.exec(text)?.[1];
}

export { problemOf as a, describeCall as c, pathId as d, taskPath as f, missingPermissionOf as i, describeTask as l, maskSecrets as m, failureClassOf as n, checkId as o, createMasker as p, lockNameOf as r, checkPath as s, checksumIn as t, parseUpid as u };