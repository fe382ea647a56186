import { r as cleanText, t as ProvisionError } from "./errors.js";
import { t as ownSignal } from "./own-signal.js";
import { a as proxyAuthorization, c as bareHost, i as basicCredentials, l as makeFolder, n as openTunnel, o as proxyFor, r as portOf, t as ProxyRefusal } from "./tunnel.js";
import { a as statusError, i as shownUrl, n as httpError, r as isTransient, t as fromSocketError } from "./failure.js";
import { n as retry, t as traceRequest } from "./trace.js";
import { n as onDisk, t as diskError } from "./disk-error.js";

// \0builtin:node:perf_hooks?packages/core/dist/ports/http/http-client.js
const builtin$19 = process.getBuiltinModule("node:perf_hooks");
const read$19 = (name) => builtin$19[name];
const _performance$3 = /* @__PURE__ */ read$19("performance");

// \0builtin:node:zlib?packages/core/dist/ports/http/document.js
const builtin$18 = process.getBuiltinModule("node:zlib");
const read$18 = (name) => builtin$18[name];
const _inflateSync = /* @__PURE__ */ read$18("inflateSync");
const _gunzipSync = /* @__PURE__ */ read$18("gunzipSync");
const _inflateRawSync = /* @__PURE__ */ read$18("inflateRawSync");
const _brotliDecompressSync = /* @__PURE__ */ read$18("brotliDecompressSync");
const _zstdDecompressSync = /* @__PURE__ */ read$18("zstdDecompressSync");

// \0builtin:node:crypto?packages/core/dist/ports/http/document-cache.js
const builtin$17 = process.getBuiltinModule("node:crypto");
const read$17 = (name) => builtin$17[name];
const _createHash$2 = /* @__PURE__ */ read$17("createHash");
const _randomBytes = /* @__PURE__ */ read$17("randomBytes");

// \0builtin:node:fs/promises?packages/core/dist/ports/http/document-cache.js
const builtin$16 = process.getBuiltinModule("node:fs/promises");
const read$16 = (name) => builtin$16[name];
const _rename$1 = /* @__PURE__ */ read$16("rename");
const _rm$1 = /* @__PURE__ */ read$16("rm");
const _stat = /* @__PURE__ */ read$16("stat");
const _writeFile$1 = /* @__PURE__ */ read$16("writeFile");
const _readFile$1 = /* @__PURE__ */ read$16("readFile");

// \0builtin:node:path?packages/core/dist/ports/http/document-cache.js
const builtin$15 = process.getBuiltinModule("node:path");
const read$15 = (name) => builtin$15[name];
const _join = /* @__PURE__ */ read$15("join");

// ../core/dist/ports/http/document-cache.js
const HEADER_LIMIT_BYTES = 16384;
/** Returns the cached document for this address, or undefined if there is none or the file is incomplete. */
async function readCachedDocument(directory, asked, limitBytes) {
	try {
		const path = pathOf(directory, asked);
		if ((await _stat(path)).size > limitBytes + HEADER_LIMIT_BYTES) return void 0;
		return parse(await _readFile$1(path), asked);
	} catch {
		return;
	}
}
/**
* Caches a document that has a validator. A failed write is not an error: the next run downloads the document again.
*/
async function writeCachedDocument(directory, asked, document) {
	const { bytes, url, etag, lastModified } = document;
	if (etag === void 0 && lastModified === void 0) return;
	const path = pathOf(directory, asked);
	const header = {
		asked: nameOf(asked),
		url: withoutQuery(url),
		etag,
		lastModified,
		sha256: sha256(bytes)
	};
	const aside = `${path}.${_randomBytes(6).toString("hex")}.tmp`;
	try {
		await makeFolder(directory);
		await _writeFile$1(aside, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]), {
			flag: "wx",
			mode: 384
		});
		await _rename$1(aside, path);
	} catch {
		await _rm$1(aside, { force: true }).catch(() => void 0);
	}
}
function parse(content, asked) {
	const end = content.indexOf(10);
	const header = JSON.parse(content.toString("utf8", 0, Math.min(end, HEADER_LIMIT_BYTES)));
	const bytes = content.subarray(end + 1);
	const fields = new Map(Object.entries(header ?? {}));
	const text = (name) => {
		const value = fields.get(name);
		return typeof value === "string" && /^[\x20-\x7e]+$/.test(value) ? value : void 0;
	};
	const url = URL.parse(text("url") ?? "");
	if (text("asked") !== nameOf(asked) || text("sha256") !== sha256(bytes) || url === null) return void 0;
	const etag = text("etag");
	const lastModified = text("lastModified");
	return {
		bytes,
		url,
		...etag === void 0 ? {} : { etag },
		...lastModified === void 0 ? {} : { lastModified }
	};
}
function pathOf(directory, asked) {
	return _join(directory, `${nameOf(asked)}.document`);
}
/**
* The file name is a hash, because an address may contain credentials or a signed query, which must not reach the disk.
*/
function nameOf(asked) {
	return sha256(Buffer.from(asked.href)).slice(0, 40);
}
function withoutQuery(url) {
	return `${url.origin}${url.pathname}`;
}
function sha256(bytes) {
	return _createHash$2("sha256").update(bytes).digest("hex");
}

// ../core/dist/ports/http/wire/chunked.js
const LINE_LIMIT = 16384;
function createChunkedDecoder() {
	let state = "size";
	let line = "";
	let remaining = 0;
	/** Collects a line over any number of pieces. `text` is absent until the end of the line arrives. */
	function takeLine(bytes, from) {
		const end = bytes.indexOf(10, from);
		const next = end < 0 ? bytes.length : end + 1;
		line += Buffer.from(bytes.buffer, bytes.byteOffset + from, next - from).toString("latin1");
		if (line.length > LINE_LIMIT) throw new Error("an endless chunk header");
		if (end < 0) return { next };
		const text = line.replace(/\r?\n$/, "");
		line = "";
		return {
			text,
			next
		};
	}
	function endOfLine(text) {
		if (state === "size") {
			const [, size] = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(text) ?? [];
			if (size === void 0) throw new Error("an invalid chunk size");
			remaining = Number.parseInt(size, 16);
			state = remaining === 0 ? "trailer" : "data";
			return false;
		}
		if (state === "trailer") return text === "";
		if (text !== "") throw new Error("a chunk longer than announced");
		state = "size";
		return false;
	}
	return { push(bytes, data) {
		let at = 0;
		while (at < bytes.length) {
			if (state === "data") {
				const count = Math.min(remaining, bytes.length - at);
				data(bytes.subarray(at, at + count));
				at += count;
				remaining -= count;
				if (remaining === 0) state = "data-end";
				continue;
			}
			const { text, next } = takeLine(bytes, at);
			at = next;
			if (text !== void 0 && endOfLine(text)) return true;
		}
		return false;
	} };
}

// ../core/dist/ports/http/wire/body.js
function createBody(framing, sink) {
	let remaining = framing.kind === "length" ? framing.bytes : Number.POSITIVE_INFINITY;
	const decoder = framing.kind === "chunked" ? createChunkedDecoder() : void 0;
	function takeChunked(bytes) {
		let answer = "more";
		return decoder?.push(bytes, (data) => {
			if (answer !== "enough") answer = strongest(answer, copy(sink, data));
		}) === true ? { value: "whole" } : taken(answer);
	}
	function taken(answer) {
		if (remaining === 0) return { value: "whole" };
		if (answer === "more") return answer;
		return answer === "wait" ? { until: sink.ready() } : { value: "stopped" };
	}
	return {
		isWhole: () => remaining === 0,
		target: () => decoder === void 0 ? sink.target() : void 0,
		take(bytes, isInPlace) {
			if (decoder !== void 0) return takeChunked(bytes);
			const count = Math.min(bytes.length, remaining);
			const answer = isInPlace ? sink.commit(count) : copy(sink, bytes.subarray(0, count));
			remaining -= count;
			const result = taken(answer);
			return count < bytes.length && typeof result === "object" && "value" in result ? {
				...result,
				rest: bytes.subarray(count)
			} : result;
		}
	};
}
function copy(sink, bytes) {
	let answer = "more";
	for (let at = 0; at < bytes.length && answer !== "enough";) {
		const target = sink.target();
		const count = Math.min(target.length, bytes.length - at);
		target.set(bytes.subarray(at, at + count));
		answer = strongest(answer, sink.commit(count));
		at += count;
	}
	return answer;
}
function strongest(one, other) {
	return other === "more" ? one : other;
}

// ../core/dist/ports/http/wire/response-head.js
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;
/**
* Parses a response head.
* @param text everything before the empty line
* @throws ProvisionError `HTTP` for anything that is not an HTTP/1 head
*/
function parseHead(text, url) {
	const [statusLine = "", ...lines] = text.split("\r\n");
	const status = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine);
	if (status === null) throw httpError(url, "does not speak HTTP.");
	const headers = parseHeaders(lines, url);
	const code = Number(status[2]);
	const framing = framingOf(code, headers, url);
	const connection = headers.get("connection")?.toLowerCase() ?? "";
	return {
		status: code,
		headers,
		framing,
		keepsAlive: status[1] === "1" && !connection.includes("close") && framing.kind !== "close"
	};
}
function parseHeaders(lines, url) {
	const headers = /* @__PURE__ */ new Map();
	for (const line of lines) {
		const [, name, value = ""] = HEADER_LINE.exec(line) ?? [];
		if (name === void 0) throw httpError(url, "sent a malformed header.");
		const key = name.toLowerCase();
		const before = headers.get(key);
		headers.set(key, before === void 0 ? value : `${before}, ${value}`);
	}
	return headers;
}
function framingOf(status, headers, url) {
	if (status < 200 || status === 204 || status === 304) return {
		kind: "length",
		bytes: 0
	};
	const encoding = headers.get("transfer-encoding");
	if (encoding !== void 0) {
		if (encoding.toLowerCase() !== "chunked") throw httpError(url, "uses an unknown transfer encoding.");
		return { kind: "chunked" };
	}
	const length = headers.get("content-length");
	if (length === void 0) return { kind: "close" };
	const [first = "", ...others] = length.split(/\s*,\s*/);
	if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) throw httpError(url, "sent an invalid Content-Length.");
	return {
		kind: "length",
		bytes: Number(first)
	};
}
/** Parses `Content-Range: bytes 0-99/1000`. Returns undefined if it is absent, malformed or without a total. */
function contentRange(head) {
	const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(head.headers.get("content-range") ?? "");
	if (match === null) return void 0;
	const [first, last, total] = match.slice(1).map(Number);
	if (first === void 0 || last === void 0 || total === void 0 || last < first || last >= total) return void 0;
	return {
		first,
		last,
		total
	};
}

// \0builtin:node:dns?packages/core/dist/ports/http/wire/socket.js
const builtin$14 = process.getBuiltinModule("node:dns");
const read$14 = (name) => builtin$14[name];
const _lookup = /* @__PURE__ */ read$14("lookup");

// \0builtin:node:net?packages/core/dist/ports/http/wire/socket.js
const builtin$13 = process.getBuiltinModule("node:net");
const read$13 = (name) => builtin$13[name];
const _connect$1 = /* @__PURE__ */ read$13("connect");
const _isIP$1 = /* @__PURE__ */ read$13("isIP");

// \0builtin:node:tls?packages/core/dist/ports/http/wire/socket.js
const builtin$12 = process.getBuiltinModule("node:tls");
const read$12 = (name) => builtin$12[name];
const _getCACertificates = /* @__PURE__ */ read$12("getCACertificates");
const _connect = /* @__PURE__ */ read$12("connect");

// \0builtin:node:net?packages/core/dist/ports/http/address.js
const builtin$11 = process.getBuiltinModule("node:net");
const read$11 = (name) => builtin$11[name];
const _BlockList = /* @__PURE__ */ read$11("BlockList");
const _isIP = /* @__PURE__ */ read$11("isIP");

// ../core/dist/ports/http/address.js
const PRIVATE = new _BlockList();
for (const [network, bits] of [
	["0.0.0.0", 8],
	["10.0.0.0", 8],
	["100.64.0.0", 10],
	["127.0.0.0", 8],
	["169.254.0.0", 16],
	["172.16.0.0", 12],
	["192.0.0.0", 24],
	["192.168.0.0", 16],
	["198.18.0.0", 15],
	["224.0.0.0", 4],
	["240.0.0.0", 4]
]) PRIVATE.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
	["::", 127],
	["fc00::", 7],
	["fe80::", 10],
	["fec0::", 10],
	["ff00::", 8]
]) PRIVATE.addSubnet(network, bits, "ipv6");
const METADATA = new _BlockList();
METADATA.addSubnet("169.254.0.0", 16, "ipv4");
METADATA.addSubnet("fe80::", 10, "ipv6");
for (const address of [
	"100.100.100.200",
	"192.0.0.192",
	"168.63.129.16"
]) METADATA.addAddress(address, "ipv4");
for (const address of ["fd00:ec2::254", "fd20:ce::254"]) METADATA.addAddress(address, "ipv6");
/**
* Returns true for link-local addresses and those where clouds serve instance metadata, with credentials. Images are
* never there.
*/
function isMetadata(address) {
	const bare = address.split("%", 1)[0] ?? address;
	const family = _isIP(bare);
	if (family === 6) return METADATA.check(bare, "ipv6") || METADATA.check(ipv4Within(bare) ?? "0.0.0.0", "ipv4");
	return family === 4 && METADATA.check(bare, "ipv4");
}
/**
* Returns true for loopback, link-local, private, shared, multicast and reserved addresses. An IPv4 address embedded in
* IPv6 counts as that IPv4 address.
*/
function isPrivateAddress(address) {
	const bare = address.split("%", 1)[0] ?? address;
	const family = _isIP(bare);
	if (family === 4) return PRIVATE.check(bare, "ipv4");
	if (family === 6) return PRIVATE.check(bare, "ipv6") || isPrivateWithin(bare);
	return false;
}
/**
* Like `isPrivateAddress`, for a host of a URL that a proxy will resolve, so only the name is known. It covers
* addresses, `localhost`, names without a dot, and names below private top-level domains.
*/
function isPrivateHost(hostname) {
	const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
	if (_isIP(host) !== 0) return isPrivateAddress(host);
	return !host.includes(".") || /\.(?:localhost|local|internal|intranet|lan|home\.arpa)\.?$/.test(host);
}
function isPrivateWithin(address) {
	const inside = ipv4Within(address);
	return inside !== void 0 && PRIVATE.check(inside, "ipv4");
}
/**
* Returns the IPv4 address that a gateway may contact for this one: the last 32 bits of 64:ff9b::/96 (RFC 6052) and of
* ::/96, or the bits after the prefix of 2002::/16 (6to4). Node's own lists know only ::ffff:0:0/96.
*/
function ipv4Within(address) {
	const [, high = "0", low] = /^(?:64:ff9b)?::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/i.exec(address) ?? /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/i.exec(address) ?? [];
	if (low === void 0) return void 0;
	const bits = Number.parseInt(high, 16) * 65536 + Number.parseInt(low, 16);
	return [
		24,
		16,
		8,
		0
	].map((shift) => bits >>> shift & 255).join(".");
}

// ../core/dist/ports/http/wire/socket.js
/** Opens the socket. @throws ProvisionError `HTTP`; the signal's reason when it aborts */
async function openSocket(context, request) {
	const { url, signal, publicOnly } = request;
	const proxy = proxyFor(url, context.proxy);
	const host = bareHost(url.hostname);
	if (isMetadata(host)) throw linkLocal(url);
	if (publicOnly && (proxy !== void 0 || _isIP$1(host) !== 0) && isPrivateHost(host)) throw refusal(url);
	const timeout = AbortSignal.timeout(context.timing.connectMs);
	const limit = AbortSignal.any([signal, timeout]);
	try {
		if (proxy === void 0) return await openDirectly(context, request, limit);
		return {
			...await openThroughProxy(context, request, {
				proxy,
				signal: limit
			}),
			isPrivate: isPrivateHost(host)
		};
	} catch (error) {
		signal.throwIfAborted();
		if (timeout.aborted) throw httpError(url, "does not answer.", {
			transient: true,
			cause: error
		});
		throw fromSocketError(url, error);
	}
}
async function openDirectly(context, request, signal) {
	const { url, onRead, publicOnly } = request;
	const lookup = checkedLookup(context.lookup ?? _lookup, {
		url,
		publicOnly
	});
	const target = {
		host: bareHost(url.hostname),
		port: portOf(url),
		lookup
	};
	const socket = url.protocol === "https:" ? await settled(_connect({
		...target,
		...tlsOptions(context, url),
		...onReadOption(onRead)
	}), "secureConnect", signal) : await settled(_connect$1({
		...target,
		onread: onRead
	}), "connect", signal);
	return {
		socket,
		isPrivate: isPrivateAddress(socket.remoteAddress ?? "")
	};
}
async function openThroughProxy(context, { url, onRead }, { proxy, signal }) {
	if (url.protocol === "http:") {
		const target = {
			host: bareHost(proxy.hostname),
			port: portOf(proxy)
		};
		return {
			socket: proxy.protocol === "https:" ? await settled(_connect({
				...target,
				...tlsOptions(context, proxy),
				...onReadOption(onRead)
			}), "secureConnect", signal) : await settled(_connect$1({
				...target,
				onread: onRead
			}), "connect", signal),
			viaProxy: proxy
		};
	}
	const tunnel = await tunnelTo(context, url, {
		proxy,
		signal
	});
	const secure = _connect({
		socket: tunnel,
		...tlsOptions(context, url)
	});
	handOn(secure, onRead);
	return { socket: await settled(secure, "secureConnect", signal) };
}
/** Reads a TLS socket on top of another socket with `data` events, because Node 24 does not support `onread` there. */
function handOn(socket, onRead) {
	socket.on("data", (chunk) => {
		if (!onRead.callback(chunk.length, chunk)) socket.pause();
	});
}
/** Opens a socket to the server through the proxy. */
async function tunnelTo(context, url, { proxy, signal }) {
	try {
		const tls = tlsOptions(context, proxy);
		return await openTunnel(proxy, {
			host: bareHost(url.hostname),
			port: portOf(url)
		}, {
			signal,
			tls
		});
	} catch (cause) {
		if (cause instanceof ProxyRefusal) throw httpError(url, `cannot be reached: the proxy answers ${cause.status}.`, {
			status: cause.status,
			transient: cause.status >= 500,
			hint: proxyHint(proxy, cause.status)
		});
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw httpError(url, `cannot be reached: the proxy failed (${reason}).`, {
			cause,
			transient: true,
			hint: proxyHint(proxy)
		});
	}
}
function proxyHint({ host }, status) {
	if (status === 407) return `Give the proxy ${host} its user and password: HTTPS_PROXY=http://USER:PASSWORD@${host}`;
	return `The proxy ${host} comes from HTTPS_PROXY (or HTTP_PROXY). List hosts that need no proxy in NO_PROXY.`;
}
function settled(socket, event, signal) {
	const { promise, resolve, reject } = Promise.withResolvers();
	const abort = () => void socket.destroy(toError(signal.reason));
	const failed = (error) => reject(error);
	const closed = () => reject(/* @__PURE__ */ new Error("closed while connecting"));
	signal.addEventListener("abort", abort, { once: true });
	socket.once("error", failed);
	socket.once("close", closed);
	socket.once(event, () => {
		socket.off("error", failed);
		socket.off("close", closed);
		socket.setNoDelay(true);
		resolve(socket);
	});
	if (signal.aborted) abort();
	return promise.finally(() => signal.removeEventListener("abort", abort));
}
/**
* Wraps a resolver so that it fails if any address is not allowed. So the check and the connection use the same
* addresses.
*/
function checkedLookup(lookup, { url, publicOnly }) {
	return (hostname, options, callback) => {
		lookup(hostname, options, (error, found, family) => {
			const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
			if (error === null && addresses.some(isMetadata)) return callback(linkLocal(url), found, family);
			if (error === null && publicOnly && addresses.some(isPrivateAddress)) return callback(refusal(url), found, family);
			callback(error, found, family);
		});
	};
}
function linkLocal(url) {
	return httpError(url, "is a link-local or cloud metadata address, which may return credentials; it is not contacted.", { hint: "Use an address of the server in its own network." });
}
function refusal(url) {
	return httpError(url, "is on a private network, but a public server redirects there.", { hint: "If that is intended, use the address of the private server itself." });
}
function tlsOptions(context, url) {
	const host = bareHost(url.hostname);
	return {
		..._isIP$1(host) === 0 ? { servername: host } : { host },
		...context.ca === void 0 ? {} : { ca: [..._getCACertificates("default"), context.ca] },
		ALPNProtocols: ["http/1.1"]
	};
}
function onReadOption(onRead) {
	return { onread: onRead };
}
function toError(reason) {
	return reason instanceof Error ? reason : new Error(String(reason));
}

// ../core/dist/ports/http/wire/wire.js
const SCRATCH_BYTES = 65536;
const LEFTOVER_LIMIT_BYTES = 1048576;
/** Connects to the server. @throws ProvisionError `HTTP`; the signal's reason when it aborts */
async function openWire(context, { url, signal, publicOnly = false }) {
	const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
	let session;
	let given;
	/** Bytes that arrived without a reader, such as the start of a body that came with its head. */
	let leftover = Buffer.alloc(0);
	let receivedBytes = 0;
	let isWaiting = false;
	const { socket, ...opened } = await openSocket(context, {
		url,
		publicOnly,
		signal,
		onRead: {
			buffer() {
				given = session?.target();
				return given ?? scratch;
			},
			callback(count, buffer) {
				receivedBytes += count;
				const isInPlace = given !== void 0 && buffer.buffer === given.buffer && buffer.byteOffset === given.byteOffset;
				return deliver(buffer.subarray(0, count), isInPlace);
			}
		}
	});
	function deliver(bytes, isInPlace) {
		try {
			return session === void 0 ? keep(bytes) : session.take(bytes, isInPlace);
		} catch (error) {
			fail(error);
			return false;
		}
	}
	function keep(bytes) {
		leftover = Buffer.concat([leftover, bytes]);
		if (leftover.length > LEFTOVER_LIMIT_BYTES) throw httpError(url, "sends more than was requested.");
		return false;
	}
	function fail(error) {
		socket.destroy();
		session?.fail(signal.aborted ? signal.reason : fromSocketError(url, error));
	}
	function waitFor(until) {
		isWaiting = true;
		until.then(() => {
			isWaiting = false;
			socket.resume();
		}, fail);
	}
	function begin(reader, resolve, reject) {
		return {
			target: () => reader.target?.(),
			take(bytes, isInPlace) {
				const taken = reader.take(bytes, isInPlace);
				if (taken === "more") return true;
				if ("until" in taken) waitFor(taken.until);
				else settle(taken);
				return false;
			},
			ended() {
				try {
					resolve(reader.ended());
				} catch (error) {
					fail(error);
				}
			},
			fail: reject
		};
		function settle({ value, rest }) {
			session = void 0;
			if (rest !== void 0 && rest.length > 0) keep(rest);
			resolve(value);
		}
	}
	function watch({ pace }) {
		let before = receivedBytes;
		return setInterval(() => {
			if (!isWaiting && receivedBytes - before < pace.bytes) fail(stalled(url, pace));
			before = receivedBytes;
		}, pace.ms);
	}
	const abort = () => fail(signal.reason);
	signal.addEventListener("abort", abort, { once: true });
	socket.on("error", fail);
	socket.on("end", () => session?.ended());
	socket.on("close", () => {
		signal.removeEventListener("abort", abort);
		session?.ended();
	});
	if (signal.aborted) abort();
	return {
		...opened,
		send: (text) => void socket.write(text),
		async read(reader) {
			signal.throwIfAborted();
			const { promise, resolve, reject } = Promise.withResolvers();
			session = begin(reader, resolve, reject);
			const timer = watch(reader);
			const first = leftover;
			leftover = Buffer.alloc(0);
			if (first.length === 0 || deliver(first, false)) {
				if (socket.destroyed) session?.ended();
				else socket.resume();
			}
			try {
				return await promise;
			} finally {
				clearInterval(timer);
				session = void 0;
			}
		},
		isIdle: () => leftover.length === 0 && !socket.destroyed,
		close: () => void socket.destroy()
	};
}
function stalled(url, { bytes, ms }) {
	return httpError(url, `stalled: fewer than ${bytes} bytes in ${ms / 1e3} s.`, { transient: true });
}

// ../core/dist/ports/http/wire/connection.js
const HEAD_LIMIT_BYTES = 65536;
/** Opens a connection. @throws ProvisionError `HTTP`; the signal's reason when it aborts */
async function connect(context, options) {
	const { headMs, stallMs, stallBytes } = context.timing;
	const wire = await openWire(context, options);
	let head;
	let isBetween = true;
	return {
		isPrivate: wire.isPrivate,
		async get(url, headers = {}) {
			isBetween = false;
			wire.send(requestText(url, {
				viaProxy: wire.viaProxy,
				userAgent: context.userAgent,
				headers
			}));
			head = await wire.read(headReader(url, headMs));
			isBetween = head.keepsAlive && hasNoBody(head);
			return head;
		},
		async read(sink) {
			if (head === void 0 || hasNoBody(head)) return "whole";
			const { framing, keepsAlive } = head;
			const body = createBody(framing, sink);
			const end = await wire.read({
				target: () => body.target(),
				take: (bytes, isInPlace) => body.take(bytes, isInPlace),
				ended() {
					if (framing.kind === "close") return "whole";
					throw httpError(options.url, "cut the connection before the end of the file.", { transient: true });
				},
				pace: {
					bytes: stallBytes,
					ms: stallMs
				}
			});
			isBetween = keepsAlive && end === "whole";
			return end;
		},
		isReusable: () => isBetween && wire.isIdle(),
		close: () => wire.close()
	};
}
function hasNoBody({ framing }) {
	return framing.kind === "length" && framing.bytes === 0;
}
/** Reads up to the empty line and skips provisional answers (1xx). */
function headReader(url, headMs) {
	let text = Buffer.alloc(0);
	return {
		take(bytes) {
			text = Buffer.concat([text, bytes]);
			for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
				const head = parseHead(text.toString("latin1", 0, end), url);
				text = text.subarray(end + 4);
				if (head.status >= 200) return {
					value: head,
					rest: text
				};
			}
			if (text.length > HEAD_LIMIT_BYTES) throw httpError(url, "sent an endless header.");
			return "more";
		},
		ended() {
			throw httpError(url, "closed the connection instead of answering.", { transient: true });
		},
		pace: {
			bytes: 1,
			ms: headMs
		}
	};
}
function requestText(url, { viaProxy, userAgent = "pve-provision", headers }) {
	const target = `${url.pathname}${url.search}`;
	const lines = Object.entries({
		Host: url.host,
		"User-Agent": userAgent,
		Accept: "*/*",
		"Accept-Encoding": "identity",
		...url.username === "" ? {} : { Authorization: basicCredentials(url) },
		...viaProxy === void 0 ? {} : proxyAuthorization(viaProxy),
		...headers
	}).map(([name, value]) => `${name}: ${value}\r\n`);
	return `GET ${viaProxy === void 0 ? target : `${url.origin}${target}`} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

// ../core/dist/ports/http/follow.js
const REDIRECT_LIMIT = 10;
const REDIRECT_HINT = "The server has an error, or requires a login in a browser: set the final address of the file, or a mirror.";
const REDIRECTS = /* @__PURE__ */ new Set([
	301,
	302,
	303,
	307,
	308
]);
/**
* Sends the request and follows redirects.
* @returns the first answer that is not a redirect, whatever its status; the caller closes the connection
* @throws ProvisionError `HTTP` for redirect loops, too many redirects and unsafe ones
*/
async function follow(context, request) {
	const seen = /* @__PURE__ */ new Set();
	let url = request.url;
	let cameFromPublic = request.publicOnly ?? false;
	for (;;) {
		seen.add(url.href);
		const { connection, head } = await ask$2(context, request, {
			url,
			publicOnly: cameFromPublic
		});
		if (!REDIRECTS.has(head.status)) return {
			connection,
			head,
			url
		};
		cameFromPublic = !connection.isPrivate;
		connection.close();
		const next = redirectTarget(url, head, request.mayDowngrade);
		if (seen.has(next.href)) throw httpError(request.url, "redirects in a circle.", { hint: REDIRECT_HINT });
		if (seen.size > REDIRECT_LIMIT) throw httpError(request.url, `redirects more than ${REDIRECT_LIMIT} times.`, { hint: REDIRECT_HINT });
		url = next;
	}
}
async function ask$2(context, { headers, signal, attempt = 1 }, { url, publicOnly }) {
	const traced = traceRequest({
		to: "vendor",
		method: "GET",
		url,
		attempt
	});
	let connection;
	try {
		connection = await connect(context, {
			url,
			publicOnly,
			signal
		});
		const head = await connection.get(url, headers);
		traced(head);
		return {
			connection,
			head
		};
	} catch (error) {
		traced({ error });
		connection?.close();
		throw error;
	}
}
function redirectTarget(from, head, mayDowngrade) {
	const location = head.headers.get("location");
	const to = location === void 0 ? null : URL.parse(location, from.href);
	if (to === null) throw httpError(from, "redirects nowhere.", { hint: REDIRECT_HINT });
	if (to.protocol !== "https:" && to.protocol !== "http:") throw httpError(from, `redirects to a ${to.protocol} address.`, { hint: REDIRECT_HINT });
	if (from.protocol === "https:" && to.protocol === "http:" && !mayDowngrade) throw httpError(from, `redirects from https to plain http (${to.host}), where anyone on the network could change it.`, { hint: "Use a mirror with https, or set the digest: `pve-provision pin` writes it for you." });
	if (to.origin === from.origin && to.username === "") {
		to.username = from.username;
		to.password = from.password;
	}
	to.hash = "";
	return to;
}

// ../core/dist/ports/http/retry-request.js
/** Fewer new bytes are not progress. Otherwise a server that sends a kilobyte at a time would be retried forever. */
const PROGRESS_BYTES = 262144;
/** Runs `attempt` until it succeeds, fails permanently, or has failed `retries` times in a row without progress. */
function retryRequest({ clock, meter, timing }, { signal, bytes = () => 0 }, attempt) {
	const { retries, backoffMs, backoffLimitMs } = timing;
	let most = bytes();
	let failures = 0;
	const delayMs = (error) => {
		signal.throwIfAborted();
		const hasProgressed = bytes() >= most + PROGRESS_BYTES;
		most = Math.max(most, bytes());
		failures = hasProgressed ? 1 : failures + 1;
		if (!isTransient(error) || failures > retries) return void 0;
		const pause = Math.min(backoffMs * 2 ** (failures - 1), backoffLimitMs);
		return Math.max(pause, requestedPauseMs(error, backoffLimitMs));
	};
	return retry({
		clock,
		meter,
		signal,
		delayMs
	}, attempt);
}
function requestedPauseMs(error, limitMs) {
	const asked = error instanceof ProvisionError ? error.details.retryAfterMs : void 0;
	return typeof asked === "number" ? Math.min(asked, limitMs * 2) : 0;
}

// ../core/dist/ports/http/wire/memory-sink.js
const PIECE_BYTES$1 = 16384;
/** @param onOverflow creates the error for a body beyond `limitBytes`. Without it, the rest of the body is not read. */
function createMemorySink(limitBytes, onOverflow) {
	let buffer = Buffer.allocUnsafe(PIECE_BYTES$1);
	let length = 0;
	return {
		target() {
			if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
			return buffer.subarray(length);
		},
		commit(count) {
			length += count;
			if (length > limitBytes && onOverflow !== void 0) throw onOverflow();
			return length >= limitBytes && onOverflow === void 0 ? "enough" : "more";
		},
		ready: () => Promise.resolve(),
		bytes: () => Uint8Array.from(buffer.subarray(0, Math.min(length, limitBytes)))
	};
}

// ../core/dist/ports/http/document.js
const LIMIT_BYTES$1 = 4194304;
/** Fetches a document. @throws ProvisionError `HTTP`; `CANCELLED` */
async function getDocument(context, url, options = {}) {
	const { limitBytes = LIMIT_BYTES$1 } = options;
	const signal = ownSignal(options.signal);
	const cached = await readCachedDocument(context.directory, url, limitBytes);
	return retryRequest(context, { signal }, async (attempt) => {
		const answer = await follow(context, {
			url,
			headers: conditions(cached),
			mayDowngrade: false,
			signal,
			attempt
		});
		try {
			return await take(context, {
				asked: url,
				answer,
				cached,
				limitBytes
			});
		} finally {
			answer.connection.close();
		}
	});
}
async function take(context, { asked, answer, cached, limitBytes }) {
	const { connection, head, url } = answer;
	if (head.status === 304 && cached !== void 0) {
		context.meter.add("cacheHits", 1);
		context.meter.add("bytesSaved", cached.bytes.length);
		return {
			bytes: cached.bytes,
			url: cached.url,
			from: "cache"
		};
	}
	if (head.status !== 200) throw statusError(url, head.status, head.headers.get("retry-after"));
	const tooLarge = () => httpError(url, `is larger than ${limitBytes} bytes, the limit for such a document.`, { hint: "Check that the address is that of the document, not of an image." });
	if (head.framing.kind === "length" && head.framing.bytes > limitBytes) throw tooLarge();
	const sink = createMemorySink(limitBytes, tooLarge);
	await connection.read(sink);
	context.meter.add("bytesDownloaded", sink.bytes().length);
	const encoding = head.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
	const bytes = unpack(url, sink.bytes(), {
		encoding,
		limitBytes,
		tooLarge
	});
	await writeCachedDocument(context.directory, asked, {
		bytes,
		url,
		...validators(answer)
	});
	return {
		bytes,
		url,
		from: "network"
	};
}
const ENCODINGS = {
	gzip: _gunzipSync,
	"x-gzip": _gunzipSync,
	deflate: (bytes, options) => ((bytes[0] ?? 0) % 16 === 8 ? _inflateSync : _inflateRawSync)(bytes, options),
	br: _brotliDecompressSync,
	zstd: _zstdDecompressSync
};
/** Decompresses an answer. Some servers compress although the request does not allow it. */
function unpack(url, bytes, { encoding, limitBytes, tooLarge }) {
	if (encoding === "" || encoding === "identity") return bytes;
	const decode = ENCODINGS[encoding];
	if (decode === void 0) throw httpError(url, `is encoded (Content-Encoding: ${cleanText(encoding, { most: 40 })}) although the request excluded that.`, { hint: "Set a mirror, or have that turned off for this file." });
	try {
		return decode(bytes, { maxOutputLength: limitBytes });
	} catch (cause) {
		if (cause instanceof RangeError) throw tooLarge();
		throw httpError(url, `sent data that is not ${encoding}, although it says so.`, {
			cause,
			transient: true
		});
	}
}
function validators({ head }) {
	const etag = head.headers.get("etag");
	const lastModified = head.headers.get("last-modified");
	return {
		...etag === void 0 ? {} : { etag },
		...lastModified === void 0 ? {} : { lastModified }
	};
}
function conditions(cached) {
	return {
		"Cache-Control": "no-cache",
		...cached?.etag === void 0 ? {} : { "If-None-Match": cached.etag },
		...cached?.lastModified === void 0 ? {} : { "If-Modified-Since": cached.lastModified }
	};
}

// \0builtin:node:perf_hooks?packages/core/dist/ports/http/download/download-file.js
const builtin$10 = process.getBuiltinModule("node:perf_hooks");
const read$10 = (name) => builtin$10[name];
const _performance$2 = /* @__PURE__ */ read$10("performance");

// \0builtin:node:fs?packages/core/dist/ports/http/download/partial-file.js
const builtin$9 = process.getBuiltinModule("node:fs");
const read$9 = (name) => builtin$9[name];
const _constants = /* @__PURE__ */ read$9("constants");

// \0builtin:node:fs/promises?packages/core/dist/ports/http/download/partial-file.js
const builtin$8 = process.getBuiltinModule("node:fs/promises");
const read$8 = (name) => builtin$8[name];
const _open = /* @__PURE__ */ read$8("open");

// \0builtin:node:perf_hooks?packages/core/dist/ports/http/download/partial-file.js
const builtin$7 = process.getBuiltinModule("node:perf_hooks");
const read$7 = (name) => builtin$7[name];
const _performance$1 = /* @__PURE__ */ read$7("performance");

// \0builtin:node:fs?packages/core/dist/ports/http/wire/file-sink.js
const builtin$6 = process.getBuiltinModule("node:fs");
const read$6 = (name) => builtin$6[name];
const _write = /* @__PURE__ */ read$6("write");

// ../core/dist/ports/http/wire/file-sink.js
const BUFFER_BYTES = 262144;
const BUFFERS = 4;
function createBufferPool() {
	const free = [];
	let made = 0;
	return {
		take() {
			const buffer = free.pop();
			if (buffer !== void 0) return buffer;
			made += 1;
			return Buffer.allocUnsafeSlow(BUFFER_BYTES);
		},
		give(buffer) {
			free.push(buffer);
		},
		isEmpty: () => free.length === 0 && made >= BUFFERS
	};
}
function createFileSink({ file, path, pool, from, end, onBytes, onWritten }) {
	let buffer = pool.take();
	let filled = 0;
	let position = from;
	let limit = end;
	let writing = 0;
	let failure;
	let wake;
	function flush() {
		if (filled === 0) return;
		const full = buffer;
		const bytes = full.subarray(0, filled);
		const at = position - filled;
		onBytes(bytes, at);
		buffer = pool.take();
		filled = 0;
		write(full, {
			offset: 0,
			length: bytes.length,
			at
		});
	}
	function write(full, { offset, length, at }) {
		writing += 1;
		_write(file.fd, full, offset, length, at, (error, written) => {
			writing -= 1;
			if (error === null && written < length) return write(full, {
				offset: offset + written,
				length: length - written,
				at: at + written
			});
			if (error === null) onWritten(at - offset, at + length);
			else failure ??= diskError(error, path);
			pool.give(full);
			wake?.();
		});
	}
	async function until(isReady) {
		while (failure === void 0 && !isReady()) {
			const { promise, resolve } = Promise.withResolvers();
			wake = resolve;
			await promise;
		}
		if (failure !== void 0) throw failure;
	}
	return {
		target: () => buffer.subarray(filled),
		commit(count) {
			if (failure !== void 0) throw failure;
			const taken = Math.min(count, limit - position);
			filled += taken;
			position += taken;
			if (filled === buffer.length) flush();
			if (position >= limit) return "enough";
			return pool.isEmpty() ? "wait" : "more";
		},
		ready: () => until(() => !pool.isEmpty()),
		position: () => position,
		end: () => limit,
		answerEnd: end,
		limitTo(newEnd) {
			limit = Math.max(position, Math.min(end, newEnd));
		},
		async finish() {
			flush();
			try {
				await until(() => writing === 0);
			} finally {
				while (writing > 0) await until(() => writing === 0).catch(() => new Promise((resolve) => setImmediate(resolve)));
				pool.give(buffer);
			}
		}
	};
}

// \0builtin:node:crypto?packages/core/dist/ports/http/download/ordered-digest.js
const builtin$5 = process.getBuiltinModule("node:crypto");
const read$5 = (name) => builtin$5[name];
const _createHash$1 = /* @__PURE__ */ read$5("createHash");

// ../core/dist/ports/http/download/ordered-digest.js
/** Fits into the cache of a processor. With 512 KiB, reading takes three times the system time. */
const PIECE_BYTES = 262144;
function createOrderedDigest(file, path, algorithm) {
	const hash = _createHash$1(algorithm);
	/** Bytes that are offered and not yet written, by position. */
	const inMemory = /* @__PURE__ */ new Map();
	let hashedTo = 0;
	let writtenTo = 0;
	let reading;
	let failure;
	let isStopped = false;
	function hashMemory() {
		for (let bytes = inMemory.get(hashedTo); bytes !== void 0; bytes = inMemory.get(hashedTo)) {
			inMemory.delete(hashedTo);
			hash.update(bytes);
			hashedTo += bytes.length;
		}
	}
	async function readBack() {
		const buffer = Buffer.allocUnsafe(PIECE_BYTES);
		for (hashMemory(); hashedTo < writtenTo && !isStopped; hashMemory()) {
			const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE_BYTES, writtenTo - hashedTo), hashedTo);
			if (bytesRead === 0) throw new Error("The file became shorter while it was written.");
			hash.update(buffer.subarray(0, bytesRead));
			hashedTo += bytesRead;
		}
	}
	function catchUp(end) {
		writtenTo = Math.max(writtenTo, end);
		if (reading !== void 0 || hashedTo >= writtenTo || isStopped) return;
		reading = onDisk(path, readBack).catch((error) => {
			failure ??= error;
			isStopped = true;
		}).finally(() => {
			reading = void 0;
			catchUp(writtenTo);
		});
	}
	return {
		offer(bytes, from) {
			inMemory.set(from, bytes);
			if (reading === void 0) hashMemory();
		},
		written(from, end) {
			inMemory.delete(from);
			catchUp(end);
		},
		async finish(end) {
			catchUp(end);
			while (reading !== void 0) await reading;
			if (failure !== void 0) throw failure;
			return hash.copy().digest("hex");
		},
		async stop() {
			isStopped = true;
			while (reading !== void 0) await reading;
		}
	};
}

// \0builtin:node:fs/promises?packages/core/dist/ports/http/download/partial-state.js
const builtin$4 = process.getBuiltinModule("node:fs/promises");
const read$4 = (name) => builtin$4[name];
const _rename = /* @__PURE__ */ read$4("rename");
const _rm = /* @__PURE__ */ read$4("rm");
const _writeFile = /* @__PURE__ */ read$4("writeFile");
const _readFile = /* @__PURE__ */ read$4("readFile");

// ../core/dist/ports/http/download/partial-state.js
const VERSION = 1;
const STATE_LIMIT_BYTES = 8192;
function statePath(path) {
	return `${path}.state`;
}
/** Reads the state. Returns undefined unless it is complete, belongs to this digest, and the file is long enough. */
async function readPartialState(path, digest, file) {
	try {
		const text = await _readFile(statePath(path), "utf8");
		if (text.length > STATE_LIMIT_BYTES) return void 0;
		const fields = new Map(Object.entries(JSON.parse(text) ?? {}));
		const bytes = fields.get("bytes");
		const source = parseSource(fields.get("source"));
		if (!(fields.get("version") === VERSION && fields.get("digest") === digest) || !isSize(bytes) || bytes > (await file.stat()).size || source === void 0) return void 0;
		return {
			bytes,
			source
		};
	} catch {
		return;
	}
}
/** Saves the state. A failure is ignored: the next process then starts over. */
async function writePartialState(path, digest, state) {
	const aside = `${statePath(path)}.new`;
	try {
		await _writeFile(aside, JSON.stringify({
			version: VERSION,
			digest,
			...state
		}), { mode: 384 });
		await _rename(aside, statePath(path));
	} catch {
		await _rm(aside, { force: true }).catch(() => void 0);
	}
}
async function dropPartialState(path) {
	await _rm(statePath(path), { force: true }).catch(() => void 0);
	await _rm(`${statePath(path)}.new`, { force: true }).catch(() => void 0);
}
function parseSource(value) {
	const fields = new Map(Object.entries(value ?? {}));
	const origin = header(fields.get("origin"));
	const etag = header(fields.get("etag"));
	const lastModified = header(fields.get("lastModified"));
	const sizeBytes = fields.get("sizeBytes");
	if (origin === void 0 || !isSize(sizeBytes)) return void 0;
	return {
		origin,
		sizeBytes,
		...etag === void 0 ? {} : { etag },
		...lastModified === void 0 ? {} : { lastModified }
	};
}
/** The value becomes a request header, so it must not contain control characters. */
function header(value) {
	return typeof value === "string" && /^[\x20-\x7e]{1,1024}$/.test(value) ? value : void 0;
}
function isSize(value) {
	return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

// ../core/dist/ports/http/download/spans.js
function createSpans(start = 0) {
	let prefix = start;
	/** Start and end of the written parts after the prefix. They never overlap. */
	const beyond = /* @__PURE__ */ new Map();
	return {
		add(from, to) {
			beyond.set(from, Math.max(to, beyond.get(from) ?? 0));
			for (let end = beyond.get(prefix); end !== void 0; end = beyond.get(prefix)) {
				beyond.delete(prefix);
				prefix = end;
			}
		},
		prefix: () => prefix
	};
}

// ../core/dist/ports/http/download/partial-file.js
const SAVE_EVERY_MS = 500;
/**
* Opens what an earlier download of `digest` left at `path`, or an empty file. Without a digest, the file starts empty.
* @throws ProvisionError `DISK`
*/
async function openPartialFile(path, digest, follower) {
	const { O_RDWR, O_CREAT, O_NOFOLLOW } = _constants;
	const file = await onDisk(path, () => _open(path, O_RDWR | O_CREAT | (O_NOFOLLOW ?? 0), 384));
	const left = digest === void 0 ? void 0 : await readPartialState(path, digest, file);
	return createPartialFile({
		file,
		path,
		wanted: digest,
		bytes: left?.bytes ?? 0,
		source: left?.source,
		follower
	});
}
function createPartialFile({ file, path, wanted, bytes, source: firstSource, follower }) {
	const algorithm = wanted?.startsWith("sha512:") ? "sha512" : "sha256";
	let source = firstSource;
	let spans = createSpans(bytes);
	let ordered = createOrderedDigest(file, path, algorithm);
	let isPieced = bytes > 0;
	let receivedBytes = bytes;
	let saving;
	let savedAtMs = _performance$1.now();
	ordered.written(0, bytes);
	if (bytes > 0) follower?.grew(bytes);
	function save() {
		savedAtMs = _performance$1.now();
		saving ??= (source === void 0 || wanted === void 0 ? Promise.resolve() : writePartialState(path, wanted, {
			bytes: spans.prefix(),
			source
		})).finally(() => {
			saving = void 0;
		});
		return saving;
	}
	async function cut(length) {
		await onDisk(path, () => file.truncate(length));
	}
	return {
		path,
		bytes: () => spans.prefix(),
		receivedBytes: () => receivedBytes,
		source: () => source,
		isPieced: () => isPieced,
		async restart(next) {
			follower?.beganAnew();
			await ordered.stop();
			await saving;
			await dropPartialState(path);
			await cut(0);
			source = next;
			spans = createSpans();
			ordered = createOrderedDigest(file, path, algorithm);
			isPieced = false;
			receivedBytes = 0;
		},
		rewind() {
			spans = createSpans(spans.prefix());
			receivedBytes = spans.prefix();
		},
		seam() {
			isPieced = true;
		},
		sink: ({ from, end, pool }) => createFileSink({
			file,
			path,
			pool,
			from,
			end,
			onBytes(bytes, at) {
				receivedBytes += bytes.length;
				ordered.offer(bytes, at);
			},
			onWritten(start, stop) {
				spans.add(start, stop);
				ordered.written(start, spans.prefix());
				follower?.grew(spans.prefix());
				if (_performance$1.now() - savedAtMs > SAVE_EVERY_MS) save();
			}
		}),
		async digest() {
			const hex = await ordered.finish(spans.prefix());
			await cut(spans.prefix());
			return `${algorithm}:${hex}`;
		},
		async close(how) {
			await ordered.stop();
			await saving;
			if (how === "keep" && spans.prefix() > 0) await save();
			else await dropPartialState(path);
			await file.close();
		}
	};
}

// \0builtin:node:fs/promises?packages/core/dist/ports/http/download/accept.js
const builtin$3 = process.getBuiltinModule("node:fs/promises");
const read$3 = (name) => builtin$3[name];
const _statfs = /* @__PURE__ */ read$3("statfs");

// \0builtin:node:path?packages/core/dist/ports/http/download/accept.js
const builtin$2 = process.getBuiltinModule("node:path");
const read$2 = (name) => builtin$2[name];
const _dirname = /* @__PURE__ */ read$2("dirname");

// ../core/dist/ports/http/download/accept.js
const LIMIT_BYTES = 64 * 1024 ** 3;
/** Returns the maximum size of this download, in bytes. */
function mostBytes({ expectedBytes, limitBytes = LIMIT_BYTES }) {
	return Math.min(expectedBytes ?? limitBytes, limitBytes);
}
/** Refuses web pages and wrong sizes. @throws ProvisionError `HTTP` */
function checkOffer(request, { head, url }, sizeBytes) {
	const { expectedBytes } = request;
	if (/^text\/html\b/i.test(head.headers.get("content-type") ?? "")) throw httpError(url, "answers with a web page instead of a file.", { hint: "Open the address in a browser: the file may have moved, or a proxy may require a login." });
	if (sizeBytes === void 0) return;
	if (expectedBytes !== void 0 && sizeBytes !== expectedBytes) throw httpError(url, `offers ${sizeBytes} bytes instead of ${expectedBytes}.`, { hint: "The vendor may have published a new build, or this mirror may be out of date." });
	if (sizeBytes > mostBytes(request)) throw tooLarge(url, mostBytes(request));
}
function tooLarge(url, mostAllowed) {
	return httpError(url, `is larger than the limit of ${mostAllowed} bytes.`);
}
/** Checks the free disk space before the download, not an hour into it. @throws ProvisionError `DISK` */
async function checkSpace(path, missingBytes) {
	const disk = await _statfs(_dirname(path)).catch(() => void 0);
	if (disk === void 0 || disk.blocks === 0 || disk.bavail * disk.bsize >= missingBytes) return;
	const freeBytes = disk.bavail * disk.bsize;
	throw new ProvisionError("DISK", `The disk has ${freeBytes} bytes free, but ${missingBytes} are needed: ${path}`, {
		hint: "Free some space, or point PVE_PROVISION_CACHE to a larger disk.",
		details: {
			path,
			freeBytes,
			missingBytes
		}
	});
}
/** Creates the error for a status code that delivers no file. */
function refused({ head, url }) {
	return statusError(url, head.status, head.headers.get("retry-after"));
}

// \0builtin:node:perf_hooks?packages/core/dist/ports/http/download/segments.js
const builtin$1 = process.getBuiltinModule("node:perf_hooks");
const read$1 = (name) => builtin$1[name];
const _performance = /* @__PURE__ */ read$1("performance");

// ../core/dist/ports/http/download/source.js
function sourceOf({ head, url }) {
	const etag = head.headers.get("etag");
	const lastModified = head.headers.get("last-modified");
	const sizeBytes = totalSize(head);
	return {
		origin: url.origin,
		...etag !== void 0 && /^"[^"]*"$/.test(etag) ? { etag } : {},
		...lastModified === void 0 ? {} : { lastModified },
		...sizeBytes === void 0 ? {} : { sizeBytes }
	};
}
/** The size of the whole file, from a 200 or 206 answer. */
function totalSize(head) {
	if (head.status === 206) return contentRange(head)?.total;
	return head.framing.kind === "length" ? head.framing.bytes : void 0;
}
/**
* Returns true if both are the same bytes: by a strong ETag of the same server, or else by size and modification time.
*/
function agree(one, other) {
	if (one.sizeBytes === void 0 || one.sizeBytes !== other.sizeBytes) return false;
	if (one.origin === other.origin && one.etag !== void 0 && other.etag !== void 0) return one.etag === other.etag;
	return one.lastModified !== void 0 && one.lastModified === other.lastModified;
}
/** Returns true if a download can be continued. Without a size and a validator, it is unknown whether the rest fits. */
function canResume(source) {
	return source?.sizeBytes !== void 0 && (source.etag !== void 0 || source.lastModified !== void 0);
}
/** Returns headers that request a part of the file. If the file has changed, the server sends all of it instead. */
function rangeHeaders(source, url, { from, end }) {
	const { etag, lastModified } = source;
	const validator = url.origin === source.origin ? etag ?? lastModified : lastModified ?? etag;
	return {
		Range: `bytes=${from}-${end === void 0 ? "" : end - 1}`,
		...validator === void 0 ? {} : { "If-Range": validator }
	};
}

// ../core/dist/ports/http/download/ask-part.js
/**
* Requests the part.
* @returns a connection with the part as its next body, or undefined if the server does not serve it
* @throws ProvisionError `HTTP`; the signal's reason when it aborts
*/
async function askForPart(request) {
	const { source, part, signal } = request;
	const headers = rangeHeaders(source, request.answer.url, part);
	const { connection, head, url } = await askAgain(request, headers) ?? await askAnew(request, headers);
	const range = contentRange(head);
	if (head.status === 206 && range?.first === part.from && range.last === part.end - 1 && agree(source, sourceOf({
		connection,
		head,
		url
	}))) return connection;
	connection.close();
	signal.throwIfAborted();
}
/** Reuses an open connection. The server may have closed it meanwhile. */
async function askAgain({ idle, answer: { url } }, headers) {
	if (idle === void 0) return void 0;
	try {
		if (idle.isReusable()) return {
			connection: idle,
			head: await traced(idle, url, headers),
			url
		};
	} catch (error) {
		if (!isTransient(error)) throw error;
	}
	idle.close();
}
async function traced(idle, url, headers) {
	const told = traceRequest({
		to: "vendor",
		method: "GET",
		url,
		attempt: 1
	});
	try {
		const head = await idle.get(url, headers);
		told(head);
		return head;
	} catch (error) {
		told({ error });
		throw error;
	}
}
function askAnew({ context, answer, signal }, headers) {
	const publicOnly = !answer.connection.isPrivate;
	return follow(context, {
		url: answer.url,
		headers,
		publicOnly,
		mayDowngrade: true,
		signal
	});
}

// ../core/dist/ports/http/download/parts.js
/** @param partBytes bytes that one request asks for; a remainder below an eighth of it is not worth another request */
function createParts(partBytes) {
	const smallestBytes = partBytes / 8;
	const free = [];
	const filling = /* @__PURE__ */ new Set();
	function put(part) {
		if (part.from >= part.end) return;
		free.push(part);
		free.sort((one, other) => one.from - other.from);
	}
	function share() {
		const [longest] = [...filling].sort((one, other) => missing(other) - missing(one));
		if (longest === void 0 || missing(longest) < 2 * smallestBytes) return;
		const end = longest.end();
		longest.limitTo(longest.position() + Math.min(partBytes, Math.floor(missing(longest) / 2)));
		put({
			from: longest.end(),
			end
		});
	}
	function extend(sink) {
		for (let next = free[0]; next !== void 0 && next.from === sink.end() && next.from < sink.answerEnd; next = free[0]) {
			free.shift();
			sink.limitTo(next.end);
			put({
				from: sink.end(),
				end: next.end
			});
		}
	}
	return {
		take() {
			if (free.length === 0) share();
			const first = free.shift();
			if (first === void 0) return void 0;
			const end = Math.min(first.end, first.from + partBytes);
			put({
				from: end,
				end: first.end
			});
			return {
				from: first.from,
				end
			};
		},
		enter: (sink) => void filling.add(sink),
		leave(sink) {
			filling.delete(sink);
			put({
				from: sink.position(),
				end: sink.end()
			});
		},
		putBack(part) {
			put(part);
			for (const sink of filling) extend(sink);
		},
		isComplete: () => free.length === 0 && filling.size === 0
	};
}
function missing(sink) {
	return sink.end() - sink.position();
}

// ../core/dist/ports/http/download/segments.js
/** After this many failed connections, no further ones are opened to this server. */
const FAILURES_BEFORE_MODESTY = 3;
const GROW_EVERY_MS = 50;
/**
* Downloads the file from `from` to its end. @throws ProvisionError `HTTP`, `DISK`; the signal's reason when it aborts
*/
async function fetchSegments(job, task) {
	const stop = new AbortController();
	const running = /* @__PURE__ */ new Set();
	const failures = [];
	const segments = {
		...task,
		job,
		source: sourceOf(task.answer),
		parts: createParts(job.context.limits.partBytes),
		signal: AbortSignal.any([job.signal, stop.signal]),
		failures,
		size: () => running.size,
		mayGrow: throttle(() => {
			const help = findHelp(segments);
			if (help !== void 0) start(help());
		})
	};
	function start(work) {
		const settled = work.catch((error) => {
			failures.push(error);
			if (!isTransient(error)) stop.abort(error);
		}).finally(() => running.delete(settled));
		running.add(settled);
	}
	stop.signal.addEventListener("abort", () => task.answer.connection.close());
	start(lead(segments));
	while (running.size > 0) await Promise.all(running);
	job.signal.throwIfAborted();
	if (segments.parts.isComplete()) return;
	throw failures.find((error) => !isTransient(error)) ?? failures[0] ?? httpError(task.answer.url, "no longer accepts range requests.", { transient: true });
}
/** The first connection. Its part is the rest of the file, until other connections take some of it. */
async function lead(segments) {
	const { answer, from, mostBytes, source } = segments;
	const end = source.sizeBytes ?? mostBytes + 1;
	const pool = createBufferPool();
	const sink = await fill(segments, {
		connection: answer.connection,
		part: {
			from,
			end
		},
		pool
	});
	if (source.sizeBytes === void 0) {
		if (sink.position() > mostBytes) throw tooLarge(answer.url, mostBytes);
		sink.limitTo(sink.position());
	}
	segments.parts.leave(sink);
	if (source.sizeBytes !== void 0 && sink.position() < sink.end()) throw tooShort(answer.url);
	await helpOn(segments, {
		connection: answer.connection,
		part: segments.parts.take(),
		pool
	});
}
/** Returns a function that opens another connection, if the pacer wants one, a slot is free and a part is left. */
function findHelp(segments) {
	const { job, host, parts, source, size, failures } = segments;
	if (!job.sharing.isPossible || !canResume(source) || failures.length >= FAILURES_BEFORE_MODESTY) return void 0;
	if (size() >= job.pacerOf(host).width()) return void 0;
	const release = job.slots.tryTake(host);
	const part = release === void 0 ? void 0 : parts.take();
	if (part === void 0) release?.();
	return part === void 0 ? void 0 : () => helpOn(segments, { part }).finally(release);
}
/** Downloads part after part while there are parts and this connection is still wanted. */
async function helpOn(segments, beginning) {
	const { parts, job, size, host } = segments;
	const isWelcome = () => size() === 1 || size() <= job.pacerOf(host).width() && !job.slots.isWanted(host);
	const { pool = createBufferPool() } = beginning;
	let { connection } = beginning;
	try {
		for (let { part } = beginning; part !== void 0; part = isWelcome() ? parts.take() : void 0) {
			connection = await askFor(segments, part, connection);
			if (connection === void 0) return;
			job.file.seam();
			const sink = await fill(segments, {
				connection,
				part,
				pool
			});
			parts.leave(sink);
			if (sink.position() < sink.end()) throw tooShort(segments.answer.url);
		}
	} finally {
		connection?.close();
	}
}
/** Returns a connection for the part. If the server does not serve it, returns undefined and releases the part. */
async function askFor(segments, part, idle) {
	const { source, answer, signal, job, parts } = segments;
	let connection;
	try {
		connection = await askForPart({
			context: job.context,
			answer,
			source,
			part,
			idle,
			signal
		});
	} finally {
		if (connection === void 0) parts.putBack(part);
	}
	if (connection === void 0) {
		job.sharing.isPossible = false;
		job.file.seam();
	}
	return connection;
}
/** Reads one body into the file. The caller must release the part with `parts.leave`. */
async function fill(segments, { connection, part, pool }) {
	const { job, parts, host } = segments;
	const pacer = job.pacerOf(host);
	const sink = job.file.sink({
		...part,
		pool
	});
	parts.enter(sink);
	pacer.opened(_performance.now());
	try {
		await connection.read(counted(segments, sink));
	} catch (error) {
		parts.leave(sink);
		throw error;
	} finally {
		pacer.closed(_performance.now());
		await sink.finish();
	}
	return sink;
}
function counted({ job, host, source, mayGrow }, sink) {
	const pacer = job.pacerOf(host);
	return {
		target: () => sink.target(),
		ready: () => sink.ready(),
		commit(count) {
			const answer = sink.commit(count);
			pacer.count(count, _performance.now());
			job.onBytes(count, source.sizeBytes);
			mayGrow();
			return answer;
		}
	};
}
function throttle(action) {
	let atMs = _performance.now();
	return () => {
		if (_performance.now() - atMs < GROW_EVERY_MS) return;
		atMs = _performance.now();
		action();
	};
}
function tooShort(url) {
	return httpError(url, "sent less than it announced.", { transient: true });
}

// ../core/dist/ports/http/download/transfer.js
/** Downloads all missing bytes. @throws ProvisionError `HTTP`, `DISK`; the signal's reason when it aborts */
async function transfer(job, url, attempt) {
	const { file, slots, signal, request } = job;
	file.rewind();
	if (file.bytes() > 0 && file.bytes() === file.source()?.sizeBytes) return;
	if (request.digest === void 0) await file.restart();
	const release = await slots.take(url.host, signal);
	try {
		const answer = await ask$1(job, url, attempt);
		try {
			await begin(job, answer);
			await fetchSegments(job, {
				answer,
				from: file.bytes(),
				mostBytes: mostBytes(request),
				host: url.host
			});
		} finally {
			answer.connection.close();
		}
	} finally {
		release();
	}
}
/** Requests the rest of the file if that is possible, else the whole file. */
async function ask$1({ context, file, signal, request }, url, attempt) {
	const source = file.source();
	const whole = {
		url,
		mayDowngrade: request.digest !== void 0,
		signal,
		attempt
	};
	if (file.bytes() === 0 || !canResume(source)) return follow(context, whole);
	const answer = await follow(context, {
		...whole,
		headers: rangeHeaders(source, url, { from: file.bytes() })
	});
	const { status } = answer.head;
	if (status !== 206 && status !== 416 || status === 206 && fitsOn(answer, file)) return answer;
	answer.connection.close();
	return follow(context, whole);
}
function fitsOn(answer, file) {
	const source = file.source();
	return contentRange(answer.head)?.first === file.bytes() && source !== void 0 && agree(source, sourceOf(answer));
}
function endless({ url }) {
	return httpError(url, "does not send the length of the file, so a truncated file could not be detected.", { hint: "Set the digest in the manifest (`checksum: sha256:…`), or download the image from another server." });
}
/** Checks the head before any byte of the body is read, and prepares the file for the body. */
async function begin({ file, request, packed }, answer) {
	const { head, url } = answer;
	if (head.status !== 200 && head.status !== 206) throw refused(answer);
	packed.as = head.headers.get("content-encoding");
	const source = sourceOf(answer);
	checkOffer(request, answer, source.sizeBytes);
	if (request.digest === void 0 && head.framing.kind === "close") throw endless(answer);
	if (head.status === 200) await file.restart(source);
	else if (file.bytes() > 0) file.seam();
	else throw httpError(url, "answers with part of the file instead of the whole.");
	if (source.sizeBytes !== void 0) await checkSpace(file.path, source.sizeBytes - file.bytes());
}

// ../core/dist/ports/http/download/wrong-digest.js
function wrongDigest(url, { found, promised, bytes, packed }) {
	return new ProvisionError("CHECKSUM", `${shownUrl(url)} has the digest ${found} instead of ${promised}.`, {
		...packed !== void 0 && { hint: `The server compressed it (Content-Encoding: ${packed}), although the request excluded that: use another mirror, or have it turned off for this file.` },
		details: {
			url: shownUrl(url),
			found,
			promised,
			bytes
		}
	});
}

// ../core/dist/ports/http/download/download-file.js
const PROGRESS_EVERY_MS = 100;
/**
* Downloads into `request.to`. Afterwards the file contains exactly the bytes of the digest.
* @throws ProvisionError `HTTP`, `CHECKSUM`, `DISK`; the signal's reason when it aborts
*/
async function download(shared, request) {
	const { bytes, fetchedBytes, url } = await bringTo(shared, request);
	return {
		bytes,
		fetchedBytes,
		url
	};
}
/**
* Downloads a file without a known digest. It comes in one piece over one connection, the server must announce where it
* ends, and an https address is never redirected to http. After an interruption the download starts over.
* @throws ProvisionError as `download` does
*/
async function measure(shared, { url, ...request }) {
	const { bytes, digest, source } = await bringTo(shared, {
		...request,
		urls: [url]
	});
	const { etag, lastModified } = source ?? {};
	return {
		bytes,
		digest,
		...etag !== void 0 && { etag },
		...lastModified !== void 0 && { lastModified }
	};
}
async function bringTo(shared, request) {
	const { context } = shared;
	const { to, digest } = request;
	const signal = ownSignal(request.signal);
	signal.throwIfAborted();
	const file = await openPartialFile(to, digest, request.follower);
	const resumedBytes = file.bytes();
	const progress = countProgress(context, request, file);
	let how = "keep";
	try {
		const found = await fromAny$1({
			...shared,
			file,
			request,
			signal,
			sharing: { isPossible: true },
			packed: {},
			onBytes: (count, total) => progress.add(count, total)
		}, request.urls);
		how = "done";
		context.meter.add("bytesSaved", Math.min(resumedBytes, Math.max(0, file.bytes() - progress.fetchedBytes())));
		return {
			bytes: file.bytes(),
			fetchedBytes: progress.fetchedBytes(),
			source: file.source(),
			...found
		};
	} finally {
		await file.close(how);
	}
}
async function fromAny$1(job, urls) {
	const failures = [];
	for (const url of urls) try {
		return {
			url,
			digest: await fromOne(job, url)
		};
	} catch (error) {
		job.signal.throwIfAborted();
		if (!(error instanceof ProvisionError) || error.code !== "HTTP" && error.code !== "CHECKSUM") throw error;
		failures.push(error);
	}
	throw summary(failures);
}
async function fromOne(job, url) {
	const { context, signal, file, request } = job;
	job.sharing.isPossible = request.digest !== void 0;
	for (let isSecond = false;; isSecond = true) {
		await retryRequest(context, {
			signal,
			bytes: () => file.bytes()
		}, (attempt) => transfer(job, url, attempt));
		const found = await file.digest();
		if (request.digest === void 0 || found === request.digest) return found;
		const wasPieced = file.isPieced();
		const bytes = file.bytes();
		await file.restart();
		job.sharing.isPossible = false;
		if (!wasPieced || isSecond) throw wrongDigest(url, {
			found,
			promised: request.digest,
			bytes,
			packed: job.packed.as
		});
	}
}
/** Picks the most useful failure: a wrong digest before any other failure, then the failure of the first address. */
function summary(failures) {
	const first = failures.find(({ code }) => code === "CHECKSUM") ?? failures[0];
	if (first === void 0) return new ProvisionError("UNEXPECTED", "A download without an address.");
	if (failures.length === 1) return first;
	const others = failures.filter((failure) => failure !== first);
	return new ProvisionError(first.code, first.message, {
		cause: first,
		...first.hint === void 0 ? {} : { hint: first.hint },
		details: {
			...first.details,
			others: others.map(({ message }) => message)
		}
	});
}
/** Counts the bytes and reports them at most ten times a second. */
function countProgress(context, { onBytes }, file) {
	let fetchedBytes = 0;
	let toldAtMs = Number.NEGATIVE_INFINITY;
	return {
		fetchedBytes: () => fetchedBytes,
		add(count, total) {
			fetchedBytes += count;
			context.meter.add("bytesDownloaded", count);
			const nowMs = _performance$2.now();
			if (onBytes === void 0 || nowMs - toldAtMs < PROGRESS_EVERY_MS) return;
			toldAtMs = nowMs;
			onBytes(file.receivedBytes(), total);
		}
	};
}

// ../core/dist/ports/http/download/host-slots.js
function createHostSlots(perHost) {
	const lanes = /* @__PURE__ */ new Map();
	function laneOf(host) {
		const lane = lanes.get(host) ?? {
			used: 0,
			waiting: /* @__PURE__ */ new Set()
		};
		lanes.set(host, lane);
		return lane;
	}
	function enter(lane) {
		lane.used += 1;
		let given = false;
		return () => {
			if (given) return;
			given = true;
			lane.used -= 1;
			const [next] = lane.waiting;
			if (next !== void 0) lane.waiting.delete(next);
			next?.();
		};
	}
	return {
		async take(host, signal) {
			signal.throwIfAborted();
			const lane = laneOf(host);
			if (lane.used < perHost) return enter(lane);
			const { promise, resolve, reject } = Promise.withResolvers();
			const admit = () => resolve(enter(lane));
			const abort = () => {
				if (lane.waiting.delete(admit)) reject(signal.reason);
			};
			lane.waiting.add(admit);
			signal.addEventListener("abort", abort, { once: true });
			return promise.finally(() => signal.removeEventListener("abort", abort));
		},
		tryTake(host) {
			const lane = laneOf(host);
			return lane.used < perHost && lane.waiting.size === 0 ? enter(lane) : void 0;
		},
		isWanted: (host) => laneOf(host).waiting.size > 0
	};
}

// ../core/dist/ports/http/download/pacer.js
/**
* The line may be slow for other reasons, so doubling is tried again: after a short pause at first, then after longer
* ones.
*/
const RETRY_AFTER_MS = 2e3;
const RETRY_LIMIT_MS = 64e3;
/** The rate of each connection halves on a full line. It stays the same if the server limits each connection. */
const STILL_FAST = .7;
/** No server limits connections to a higher rate than this. At this rate, more connections would not help. */
const FAST_BYTES_PER_SECOND = 50331648;
/** If this process is this busy while it transfers this much, the process itself is the limit. */
const BUSY = .9;
const BUSY_BYTES_PER_SECOND = 67108864;
function createPacer({ most, settleMs, measureMs, load }) {
	let width = 1;
	/**
	* Number of connections and bytes per second of one connection before the last doubling. Undefined if no attempt is
	* running.
	*/
	let before;
	let open = 0;
	let bytes = 0;
	let connectionMs = 0;
	let seenAtMs = 0;
	let retryMs = RETRY_AFTER_MS;
	let measureFromMs = Number.POSITIVE_INFINITY;
	function advance(nowMs) {
		connectionMs += open * (nowMs - seenAtMs);
		seenAtMs = nowMs;
	}
	function decide(nowMs) {
		const rate = bytes / connectionMs * 1e3;
		const hasFailed = before !== void 0 && rate < before.rate * STILL_FAST;
		if (before !== void 0) retryMs = hasFailed ? Math.min(retryMs * 2, RETRY_LIMIT_MS) : RETRY_AFTER_MS;
		if (before !== void 0 && hasFailed) width = before.width;
		const wider = Math.min(width * 2, most);
		const isLimit = load() > BUSY && rate * open > BUSY_BYTES_PER_SECOND;
		const triesWider = !hasFailed && wider > width && rate < FAST_BYTES_PER_SECOND && !isLimit;
		before = triesWider ? {
			width,
			rate
		} : void 0;
		if (triesWider) width = wider;
		measureFromMs = nowMs + (triesWider ? settleMs : retryMs);
		bytes = 0;
		connectionMs = 0;
	}
	return {
		width: () => width,
		opened(nowMs) {
			advance(nowMs);
			open += 1;
			if (measureFromMs === Number.POSITIVE_INFINITY) measureFromMs = nowMs + settleMs;
		},
		closed(nowMs) {
			advance(nowMs);
			open -= 1;
		},
		count(count, nowMs) {
			advance(nowMs);
			if (nowMs < measureFromMs) {
				bytes = 0;
				connectionMs = 0;
				return;
			}
			bytes += count;
			if (nowMs - measureFromMs >= measureMs && connectionMs > 0) decide(nowMs);
		}
	};
}

// \0builtin:node:crypto?packages/core/dist/ports/http/download/stream-file.js
const builtin = process.getBuiltinModule("node:crypto");
const read = (name) => builtin[name];
const _createHash = /* @__PURE__ */ read("createHash");

// ../core/dist/ports/http/wire/chunk-sink.js
const CHUNK_BYTES = 262144;
/** Enough to bridge a pause on either side, but little memory. */
const MOST_CHUNKS = 8;
function createChunkSink() {
	const chunks = [];
	let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
	let filled = 0;
	let hasEnded = false;
	let failure;
	let wakeReader;
	let wakeWriter;
	function pass() {
		if (filled === 0) return;
		chunks.push(buffer.subarray(0, filled));
		buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
		filled = 0;
		wakeReader?.();
	}
	return {
		target: () => buffer.subarray(filled),
		commit(count) {
			filled += count;
			if (filled === buffer.length) pass();
			return chunks.length >= MOST_CHUNKS ? "wait" : "more";
		},
		async ready() {
			while (chunks.length >= MOST_CHUNKS) {
				const { promise, resolve } = Promise.withResolvers();
				wakeWriter = resolve;
				await promise;
			}
		},
		async next() {
			for (;;) {
				const chunk = chunks.shift();
				if (chunk !== void 0) {
					wakeWriter?.();
					return chunk;
				}
				if (failure !== void 0) throw failure.error;
				if (hasEnded) return void 0;
				const { promise, resolve } = Promise.withResolvers();
				wakeReader = resolve;
				await promise;
			}
		},
		end() {
			pass();
			hasEnded = true;
			wakeReader?.();
		},
		fail(error) {
			pass();
			failure = { error };
			wakeReader?.();
		}
	};
}

// ../core/dist/ports/http/download/stream-file.js
/**
* Yields the chunks, each when the next one arrives. So the last chunk is delivered only once the digest is verified.
* Fails with the errors of `download`.
*/
async function* stream(shared, request) {
	const { digest, expectedBytes, onBytes } = request;
	const algorithm = digest.startsWith("sha512:") ? "sha512" : "sha256";
	const hash = _createHash(algorithm);
	let bytes = 0;
	let held;
	const position = {
		bytes: 0,
		source: void 0,
		url: void 0,
		packed: void 0
	};
	for await (const chunk of fromAny(shared, request, position)) {
		hash.update(chunk);
		bytes += chunk.length;
		shared.context.meter.add("bytesDownloaded", chunk.length);
		onBytes?.(bytes, expectedBytes);
		if (held !== void 0) yield held;
		held = chunk;
	}
	const found = `${algorithm}:${hash.digest("hex")}`;
	const { url = request.urls[0], packed } = position;
	if (found !== digest && url !== void 0) throw wrongDigest(url, {
		found,
		promised: digest,
		bytes,
		packed
	});
	if (held !== void 0) yield held;
}
/**
* Streams from the first address that answers. After an interruption, it continues at any address with the same file.
*/
async function* fromAny(shared, request, position) {
	const { context } = shared;
	const { urls } = request;
	const signal = ownSignal(request.signal);
	const failures = [];
	for (const url of urls) {
		const release = await shared.slots.take(url.host, signal);
		try {
			for (let breaks = 0;; breaks += 1) {
				const answer = await retryRequest(context, { signal }, (attempt) => ask(context, {
					...request,
					url,
					signal,
					attempt
				}, position));
				try {
					yield* body(answer, position);
					return;
				} catch (error) {
					if (!isTransient(error) || breaks >= context.timing.retries) throw error;
					context.meter.add("retries", 1);
				}
			}
		} catch (error) {
			signal.throwIfAborted();
			failures.push(error);
			if (position.bytes > 0 && !canResume(position.source)) break;
		} finally {
			release();
		}
	}
	throw failures[0];
}
async function ask(context, request, position) {
	const { url, signal, attempt } = request;
	const headers = position.source === void 0 || position.bytes === 0 ? {} : rangeHeaders(position.source, url, { from: position.bytes });
	const answer = await follow(context, {
		url,
		headers,
		mayDowngrade: true,
		signal,
		attempt
	});
	try {
		const { head } = answer;
		if (head.status !== 200 && head.status !== 206) throw refused(answer);
		const source = sourceOf(answer);
		checkOffer(request, answer, source.sizeBytes);
		if (!((head.status === 206 ? contentRange(head)?.first : 0) === position.bytes && (position.bytes === 0 || position.source !== void 0 && agree(position.source, source)))) throw httpError(answer.url, "broke the connection, and no longer has the same file.");
		position.source ??= source;
		position.url = url;
		position.packed = head.headers.get("content-encoding");
		return answer;
	} catch (error) {
		answer.connection.close();
		throw error;
	}
}
async function* body({ connection }, position) {
	const sink = createChunkSink();
	const reading = connection.read(sink).then(() => sink.end(), (error) => sink.fail(error));
	try {
		for (let chunk = await sink.next(); chunk !== void 0; chunk = await sink.next()) {
			position.bytes += chunk.length;
			yield chunk;
		}
	} finally {
		connection.close();
		await reading;
	}
}

// ../core/dist/ports/http/peek.js
const HEAD_BYTES = 4096;
/** Reads the first bytes of a file. @throws ProvisionError `HTTP`; `CANCELLED` */
function peek(context, url, { bytes = HEAD_BYTES, mayDowngrade = true, signal: callers } = {}) {
	const signal = ownSignal(callers);
	return retryRequest(context, { signal }, async (attempt) => {
		const answer = await follow(context, {
			url,
			headers: { Range: `bytes=0-${bytes - 1}` },
			mayDowngrade,
			signal,
			attempt
		});
		const { connection, head, url: finalUrl } = answer;
		try {
			if (head.status === 416) return {
				head: Buffer.alloc(0),
				url: finalUrl,
				sizeBytes: 0
			};
			if (head.status !== 200 && head.status !== 206) throw statusError(finalUrl, head.status, head.headers.get("retry-after"));
			if (head.status === 206 && contentRange(head)?.first !== 0) throw httpError(finalUrl, "answers with a different range.");
			const sink = createMemorySink(bytes);
			await connection.read(sink);
			const { sizeBytes, etag, lastModified } = sourceOf(answer);
			context.meter.add("bytesDownloaded", sink.bytes().length);
			return {
				head: sink.bytes(),
				url: finalUrl,
				...sizeBytes === void 0 ? {} : { sizeBytes },
				...etag === void 0 ? {} : { etag },
				...lastModified === void 0 ? {} : { lastModified }
			};
		} finally {
			connection.close();
		}
	});
}

// ../core/dist/ports/http/settings.js
const LIMITS = {
	perHost: 12,
	connectionsPerImage: 4,
	partBytes: 16777216
};
const TIMING = {
	connectMs: 15e3,
	headMs: 6e4,
	stallMs: 3e4,
	stallBytes: 4096,
	retries: 4,
	backoffMs: 500,
	backoffLimitMs: 15e3,
	settleMs: 500,
	measureMs: 500
};
function fillIn(settings) {
	return {
		...settings,
		limits: {
			...LIMITS,
			...settings.limits
		},
		timing: {
			...TIMING,
			...settings.timing
		}
	};
}

// ../core/dist/ports/http/http-client.js
/** Creates the client. It connects only when one of its functions is called. */
function createHttpClient(settings) {
	const context = fillIn(settings);
	const pacers = /* @__PURE__ */ new Map();
	const shared = {
		context,
		slots: createHostSlots(context.limits.perHost),
		pacerOf(host) {
			const pacer = pacers.get(host) ?? settings.createPacer?.() ?? measuringPacer(context);
			pacers.set(host, pacer);
			return pacer;
		}
	};
	return {
		getDocument: createSharedAsking((url, options) => getDocument(context, url, options)),
		peek: (url, options) => peek(context, url, options),
		download: (request) => download(shared, request),
		measure: (request) => measure(shared, request),
		stream: (request) => stream(shared, request)
	};
}
/** Shares the answer among concurrent requests for the same document. Many images use the same list of checksums. */
function createSharedAsking(ask) {
	const running = /* @__PURE__ */ new Map();
	return (url, options = {}) => {
		const { limitBytes, signal } = options;
		const key = `${limitBytes} ${url.href}`;
		const shared = running.get(key);
		if (shared !== void 0 && shared.signal === signal) return shared.answer;
		const asking = {
			signal,
			answer: ask(url, options).finally(() => running.delete(key))
		};
		running.set(key, asking);
		return asking.answer;
	};
}
function measuringPacer({ limits, timing }) {
	return createPacer({
		most: limits.connectionsPerImage,
		...timing,
		load: createLoad()
	});
}
/** Returns a function that measures how busy the event loop was since its last call, from 0 to 1. */
function createLoad() {
	let last = _performance$3.eventLoopUtilization();
	return () => {
		const now = _performance$3.eventLoopUtilization();
		const { utilization } = _performance$3.eventLoopUtilization(now, last);
		last = now;
		return utilization;
	};
}

export { createHttpClient };