import { t as ProvisionError } from "./errors.js";
import { t as traceRequest } from "./trace.js";
import { a as unanswered, i as readAnswer, n as cancelled, o as dataIn, s as refusalOf, t as retryCall } from "./retry-call.js";
import { d as pathId, o as checkId, u as parseUpid } from "./answer-texts.js";

// \0builtin:node:crypto?packages/core/dist/ports/pve/upload/multipart.js
const builtin$3 = process.getBuiltinModule("node:crypto");
const read$3 = (name) => builtin$3[name];
const _randomBytes = /* @__PURE__ */ read$3("randomBytes");

// ../core/dist/ports/pve/upload/multipart.js
/**
* Puts the fields in the only order that Proxmox accepts: `content`, `checksum-algorithm`, `checksum`, then the file.
* The file's part must be named `filename` and begin with its `Content-Disposition`. The boundary must not be quoted in
* the content type.
*/
function makeMultipart({ content, checksum, fileName, sizeBytes }) {
	const boundary = `pve-provision-${_randomBytes(18).toString("hex")}`;
	const field = (name, value) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
	const head = Buffer.from(field("content", content) + field("checksum-algorithm", checksum.algorithm) + field("checksum", checksum.hex) + `--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r
\r
`);
	const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
	return {
		contentType: `multipart/form-data; boundary=${boundary}`,
		contentLength: head.length + sizeBytes + tail.length,
		head,
		tail
	};
}
/**
* Returns the file name that Proxmox stores (PVE::Storage `normalize_content_filename`): no folders, and `_` for
* special characters.
*/
function normalizeFileName(fileName) {
	return fileName.replace(/^.*[/\\]/s, "").replace(/[^a-zA-Z0-9_.-]/g, "_");
}

// \0builtin:node:events?packages/core/dist/ports/pve/upload/upload-wire.js
const builtin$2 = process.getBuiltinModule("node:events");
const read$2 = (name) => builtin$2[name];
const _once$1 = /* @__PURE__ */ read$2("once");

// \0builtin:node:https?packages/core/dist/ports/pve/upload/upload-wire.js
const builtin$1 = process.getBuiltinModule("node:https");
const read$1 = (name) => builtin$1[name];
const _request = /* @__PURE__ */ read$1("request");

// \0builtin:node:events?packages/core/dist/ports/pve/upload/upload-source.js
const builtin = process.getBuiltinModule("node:events");
const read = (name) => builtin[name];
const _once = /* @__PURE__ */ read("once");

// ../core/dist/ports/pve/upload/upload-source.js
const sourceStallMs = 4e3;
const serverStallMs = 6e4;
/**
* Writes the file into the request, as fast as the other side accepts it. Ends early if `settled` aborts.
* @throws ProvisionError `DISK` if the source stalls, fails or has another length than promised
*/
async function pump(outgoing, { open, sizeBytes, onBytes }, settled) {
	const source = open();
	const watch = watchStalls(source, outgoing);
	const stop = () => source.destroy();
	settled.addEventListener("abort", stop, { once: true });
	let sent = 0;
	try {
		for await (const chunk of source) {
			sent += chunk.length;
			if (sent > sizeBytes) throw wrongLength(sizeBytes, "more");
			watch.serverTurn();
			if (!outgoing.write(chunk)) await _once(outgoing, "drain", { signal: settled });
			watch.sourceTurn();
			onBytes(sent, chunk.length);
		}
		if (sent < sizeBytes && !settled.aborted) throw wrongLength(sizeBytes, String(sent));
	} catch (error) {
		throw error instanceof ProvisionError ? error : sourceFailed(error);
	} finally {
		watch.stop();
		settled.removeEventListener("abort", stop);
		source.destroy();
	}
}
/** One timer watches both sides. The side whose turn it is must not exceed its limit. */
function watchStalls(source, outgoing) {
	let server = false;
	let turnStartedMs = performance.now();
	const check = () => {
		const waitedMs = performance.now() - turnStartedMs;
		if (!server && waitedMs >= sourceStallMs) source.destroy(stalled());
		if (server && waitedMs >= serverStallMs) outgoing.destroy(/* @__PURE__ */ new Error(`Proxmox accepted no data for ${serverStallMs / 1e3} s`));
	};
	const timer = setInterval(check, 250);
	const turn = (next) => () => {
		server = next;
		turnStartedMs = performance.now();
	};
	return {
		serverTurn: turn(true),
		sourceTurn: turn(false),
		stop: () => clearInterval(timer)
	};
}
function stalled() {
	return new ProvisionError("DISK", `The file to upload delivered no data for ${sourceStallMs / 1e3} s; Proxmox would cut the connection after 5 s.`, { hint: "Is the cache on a slow or sleeping disk? Set PVE_PROVISION_CACHE to a local one." });
}
function wrongLength(sizeBytes, seen) {
	return new ProvisionError("DISK", `The file to upload has changed its size: ${seen} bytes instead of ${sizeBytes}.`, { hint: "The file was changed during the upload. Run again." });
}
function sourceFailed(cause) {
	const message = cause instanceof Error ? cause.message : String(cause);
	return new ProvisionError("DISK", `The file to upload cannot be read: ${message}`, { cause });
}

// ../core/dist/ports/pve/upload/upload-wire.js
const answerTimeoutMs = 12e4;
/**
* Sends head, file and tail. An early answer, such as a missing permission or a wrong token, ends the sending.
* @throws ProvisionError `DISK` if the source stalls, fails or has another length than promised; `TLS`, `CANCELLED`
*/
async function sendFile(wire, source) {
	const settled = new AbortController();
	const outgoing = openRequest(wire);
	let phase = "connect";
	const outcome = new Promise((resolve, reject) => {
		const lose = (cause) => {
			settled.abort();
			if (cause instanceof ProvisionError) return reject(cause);
			if (wire.signal?.aborted) return reject(cancelled({
				method: "POST",
				path: wire.path
			}, {
				sent: phase === "answer",
				cause: wire.signal.reason
			}));
			resolve({
				kind: "lost",
				phase,
				cause
			});
		};
		outgoing.on("error", lose);
		outgoing.once("response", (incoming) => {
			settled.abort();
			readAnswer(incoming).then(resolve, lose);
		});
	});
	const sending = sendBody(outgoing, source, {
		wire,
		settled: settled.signal,
		enter: (next) => phase = next
	});
	sending.catch((error) => outgoing.destroy(error));
	try {
		return await outcome;
	} finally {
		outgoing.destroy();
		await sending.catch(() => void 0);
	}
}
function openRequest({ url, agent, path, headers, multipart, signal }) {
	return _request({
		host: url.hostname,
		port: url.port || 443,
		agent,
		method: "POST",
		path,
		headers: {
			host: url.host,
			...headers,
			"content-type": multipart.contentType,
			"content-length": String(multipart.contentLength)
		},
		...signal ? { signal } : {},
		maxHeaderSize: 262144
	});
}
async function sendBody(outgoing, file, { wire, settled, enter }) {
	try {
		await socketOf(outgoing, wire, settled);
		enter("body");
		await pump(outgoing, file, settled);
		enter("answer");
		outgoing.end(wire.multipart.tail);
		outgoing.setTimeout(answerTimeoutMs, () => outgoing.destroy(/* @__PURE__ */ new Error(`no answer within ${answerTimeoutMs / 1e3} s`)));
	} catch (error) {
		if (!settled.aborted) throw error;
	}
}
/** Writes the head and waits for a connection, so that the file is not opened for a server that is down. */
async function socketOf(outgoing, { multipart }, settled) {
	const connected = _once$1(outgoing, "socket", { signal: settled });
	outgoing.write(multipart.head);
	await connected;
}
const reasonTimeoutMs = 4500;
/**
* Finds out why an upload broke. Proxmox reports a wrong token or a missing privilege only after 3 s. By then, it has
* closed the connection of a sender whose bytes it did not read. So this sends the head again, without a body, and
* waits for the answer. Without a body the request has no effect.
*/
async function askForReason(wire) {
	const deadline = AbortSignal.timeout(reasonTimeoutMs);
	const outgoing = openRequest({
		...wire,
		signal: wire.signal ? AbortSignal.any([wire.signal, deadline]) : deadline
	});
	outgoing.flushHeaders();
	try {
		return await new Promise((resolve, reject) => {
			outgoing.on("error", reject);
			outgoing.once("response", (incoming) => void readAnswer(incoming).then(resolve, reject));
		});
	} catch (error) {
		if (error instanceof ProvisionError) throw error;
		return;
	} finally {
		outgoing.destroy();
	}
}

// ../core/dist/ports/pve/upload/upload-volume.js
/**
* Retries only if Proxmox cannot have stored the file: the connection was refused, or it broke before the last byte of
* the body. If the answer is lost after the complete body, the error is `PVE` with `lostReply`, and the caller lists
* the storage.
*/
function createUpload(settings) {
	return async (file, options = {}) => {
		checkId("storage", file.at.storage);
		const { signal, onRetry } = options;
		const named = {
			...file,
			fileName: normalizeFileName(file.fileName)
		};
		const call = {
			method: "POST",
			path: uploadPath(file),
			signal,
			onRetry
		};
		const { upid } = await retryCall(settings, call, (attempt) => attemptUpload(settings, {
			file: named,
			attempt
		}, options));
		await settings.waitForTask(upid, signal ? { signal } : {});
		return `${file.at.storage}:${file.content}/${named.fileName}`;
	};
}
/** Proxmox reports an authentication or permission error after 3 s. After a longer upload, that is not the reason. */
const refusedWithinMs = 4e3;
async function attemptUpload(settings, { file, attempt }, options) {
	const { transport, session, clock, meter, userAgent } = settings;
	const path = uploadPath(file);
	const asked = {
		method: "POST",
		path,
		identity: session.identity
	};
	const multipart = makeMultipart(file);
	const endpoint = transport.current();
	const wire = {
		url: endpoint.url,
		agent: endpoint.changes,
		path: `/api2/json${path}`,
		headers: {
			"user-agent": userAgent,
			...await session.headers("POST")
		},
		multipart,
		signal: options.signal
	};
	meter.add("apiRequests", 1);
	const onBytes = (sent, chunk) => {
		meter.add("bytesUploaded", chunk);
		options.onBytes?.(sent);
	};
	const startedMs = clock.now();
	const traced = traceRequest({
		to: "proxmox",
		method: "POST",
		url: endpoint.url,
		path: wire.path,
		attempt
	});
	const sent = await sendFile(wire, {
		open: file.open,
		sizeBytes: file.sizeBytes,
		onBytes
	});
	if (sent.kind === "lost") transport.leave(endpoint);
	const answer = sent.kind === "lost" && sent.phase === "body" && clock.now() - startedMs < refusedWithinMs ? await askForReason(wire) ?? sent : sent;
	traced(answer.kind === "lost" ? { error: answer.cause } : answer);
	if (answer.kind === "lost") return lostUpload(answer, asked, endpoint.url.host);
	const told = dataIn(answer);
	return told ? { upid: parseUpid(told.data).upid } : refusalOf(answer, asked, session.secrets);
}
function uploadPath({ at }) {
	return `/nodes/${pathId("node", at.node)}/storage/${pathId("storage", at.storage)}/upload`;
}
function lostUpload({ phase, cause }, asked, host) {
	const attempts = [`${host}: ${cause.message}`];
	if (phase !== "body") return unanswered({
		kind: "lost",
		sent: phase === "answer",
		cause,
		attempts
	}, asked);
	return {
		failure: "refused",
		error: new ProvisionError("UNREACHABLE", `The upload was interrupted (${attempts.join()}).`, {
			cause,
			details: {
				...asked,
				endpoints: attempts
			}
		})
	};
}

export { createUpload };