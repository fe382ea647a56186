import { r as cleanText, t as ProvisionError } from "./errors.js";
import { a as problemOf, c as describeCall, i as missingPermissionOf, n as failureClassOf, p as createMasker, r as lockNameOf } from "./answer-texts.js";
import { n as retry } from "./trace.js";

// ../core/dist/ports/pve/call/parameters.js
/**
* Encodes as `application/x-www-form-urlencoded`. `undefined` and `null` are left out. Arrays repeat their key, which
* Proxmox accepts for array parameters only; for lists such as `delete` the caller passes one text with commas.
* Booleans become `1` and `0`, because Proxmox refuses `true`, `yes` and `on`.
*/
function encodeParameters(parameters = {}) {
	const form = new URLSearchParams();
	for (const [key, value] of Object.entries(parameters)) for (const one of Array.isArray(value) ? value : [value]) {
		const text = encodeValue(key, one);
		if (text !== void 0) form.append(key, text);
	}
	return form.toString();
}
function encodeValue(key, value) {
	if (value === void 0 || value === null) return void 0;
	if (typeof value === "boolean") return value ? "1" : "0";
	if (typeof value === "string") return value;
	if (typeof value === "bigint" || typeof value === "number" && Number.isFinite(value)) return value.toString();
	throw new ProvisionError("UNEXPECTED", `The parameter ${key} has a value that cannot be sent.`);
}
const secretKeys = /^(?:cipassword|password|otp|tfa-challenge)$/;
/** Returns the values that must be masked in messages. Proxmox quotes values that it refuses. */
function secretValues(parameters = {}) {
	return Object.entries(parameters).flatMap(([key, value]) => secretKeys.test(key) && typeof value === "string" ? [value] : []);
}
/** Masks what may be secret in URLs: user, password, and the query, which signs links of object stores. */
function redactUrls(text) {
	return text.replace(/\bhttps?:\/\/[^\s'"]*/gi, (word) => {
		const [address = "", ...query] = word.replace(/(https?:\/\/)[^/@]*@/gi, "$1***@").split("?");
		return query.length === 0 ? address : `${address}?***`;
	});
}

// ../core/dist/ports/pve/call/answer.js
const callOf = ({ method, path }) => describeCall(method, path);
/**
* Returns the data of a successful answer. Returns undefined for an error or a foreign answer; `refusalOf` says which.
*/
function dataIn({ status, body }) {
	const envelope = status >= 200 && status < 300 ? parseEnvelope(body) : void 0;
	return envelope && { data: envelope.data ?? null };
}
function notTheApi(answer, asked) {
	return new ProvisionError("PVE", `The answer to ${callOf(asked)} does not come from a Proxmox API.`, {
		hint: "Check that PVE_ENDPOINT is a Proxmox VE node with its port (8006).",
		details: {
			...asked,
			status: answer.status,
			begin: cleanText(answer.body, { most: 200 })
		}
	});
}
/**
* Creates the error for an answer that is not a success. Its text is `message`, else `errors`, else the reason phrase.
* An error may quote what it was sent, and another server may echo the headers: `secrets` are masked.
*/
function refusalOf(given, asked, secrets) {
	const masker = createMasker();
	masker.hide(...secrets);
	const mask = (text) => masker.mask(text);
	const answer = {
		...given,
		reason: mask(given.reason),
		body: mask(given.body)
	};
	const envelope = parseEnvelope(answer.body);
	const errors = Object.fromEntries(Object.entries(errorsOf(envelope)).map((entry) => entry.map(mask)));
	const text = mask(textOf(answer, envelope, errors));
	const { code, message, hint, details } = errorOf({
		answer,
		asked,
		errors,
		text
	});
	const masked = {
		...hint !== void 0 && { hint: mask(hint) },
		details: masker.maskValues(details)
	};
	const error = new ProvisionError(code, mask(message), masked);
	return {
		text,
		failure: failureClassOf(answer.status, text, asked),
		error
	};
}
function parseEnvelope(body) {
	try {
		const parsed = JSON.parse(body);
		return typeof parsed === "object" && parsed !== null && "data" in parsed ? parsed : void 0;
	} catch {
		return;
	}
}
function errorsOf(envelope) {
	const errors = envelope?.errors;
	if (typeof errors !== "object" || errors === null) return {};
	return Object.fromEntries(Object.entries(errors).map(([key, value]) => [key, redactUrls(cleanText(String(value)).trim())]));
}
function textOf({ reason, status }, envelope, errors) {
	const message = typeof envelope?.message === "string" ? cleanText(envelope.message).trim() : "";
	const problems = Object.entries(errors).map(([key, problem]) => `${key}: ${problem.replace(/\s*\n\s*/g, " ")}`);
	return redactUrls([message || cleanText(reason).trim() || `status ${status}`, ...problems].join(" "));
}
function errorOf({ answer, asked, errors, text }) {
	const { status } = answer;
	const problem = status === 501 ? "not-implemented" : problemIn(text, errors);
	const details = {
		...asked,
		status,
		text,
		problem,
		...Object.keys(errors).length > 0 ? { errors } : {}
	};
	if (status < 400 || status < 500 && /^\s*</.test(answer.body)) return notTheApi(answer, asked);
	if (status === 401) return authenticationError(asked, text, details);
	if (status === 403) return permissionError(asked, text, details);
	if (status >= 595) return gatewayError(asked, text, details);
	if (problem === "lock-timeout") return busyError(`Proxmox did not get a lock in time: ${text}`, details);
	if (problem === "no-worker") return busyError(`Proxmox could not start a worker: ${text}`, details);
	const lock = lockNameOf(text);
	return new ProvisionError("PVE", `Proxmox refused ${callOf(asked)}: ${text}`, {
		details: lock === void 0 ? details : {
			...details,
			lock
		},
		...hintFor(problem)
	});
}
function problemIn(text, errors) {
	const problem = problemOf(text);
	if (Object.keys(errors).length === 0) return problem;
	return Object.values(errors).map(problemOf).find((one) => one !== "other") ?? "parameters";
}
function authenticationError({ identity }, text, details) {
	return new ProvisionError("AUTHENTICATION", `Proxmox does not accept ${identity}: ${text}`, {
		hint: `Check that ${identity} exists, is enabled and has not expired, and that its secret is correct. Proxmox answers after 3 s and does not report which of these is wrong.`,
		details
	});
}
function permissionError(asked, text, details) {
	const { identity } = asked;
	const missing = missingPermissionOf(text);
	const hint = missing ? `Give ${identity} a role with ${missing.privileges.join(" or ")} on ${missing.path}; a token with privilege separation needs it as well as its user.` : `Give ${identity} the privileges of this call; \`pve-provision doctor\` lists them.`;
	return new ProvisionError("PERMISSION", `Proxmox does not allow ${identity} to call ${callOf(asked)}: ${text}`, {
		hint,
		details: missing ? {
			...details,
			missing
		} : details
	});
}
function gatewayError(asked, text, details) {
	const [, node] = /^\/nodes\/([^/]+)/.exec(asked.path) ?? [];
	const where = node ? `node ${node}` : "its own daemon";
	return details.status === 595 ? new ProvisionError("UNREACHABLE", `Proxmox cannot reach ${where} for ${callOf(asked)}: ${text}`, {
		hint: "Check that the node is up and its pveproxy is running.",
		details: node ? {
			...details,
			node
		} : details
	}) : new ProvisionError("UNREACHABLE", `Proxmox got no complete answer from ${where} to ${callOf(asked)}: ${text}`, {
		hint: "The daemon may be restarting, the call may have taken over 30 s, or its error text could not be sent; see the journal of pvedaemon.",
		details: node ? {
			...details,
			node
		} : details
	});
}
function busyError(message, details) {
	return new ProvisionError("PVE_BUSY", message, {
		hint: "Another task holds the lock, or all workers are busy. Reduce the number of parallel tasks (limits.perStorage).",
		details
	});
}
function hintFor(problem) {
	const hint = hints[problem];
	return hint === void 0 ? {} : { hint };
}
const hints = {
	"no-quorum": "The cluster has no quorum, so it is read-only. Bring its other nodes back online.",
	"not-implemented": "This Proxmox VE does not support the call. Is it older than 8.4?",
	"root-only": "Only root@pam with a password may do this; tokens cannot.",
	"vm-locked": "Another task is running on this VM. Wait for it, or after a crash use `qm unlock` on the node.",
	"digest-mismatch": "The VM was changed by someone else during the run. Run again."
};

// ../core/dist/ports/pve/call/retry-table.js
const never = {
	attempts: 1,
	firstDelayMs: 0,
	lastDelayMs: 0
};
const soon = {
	attempts: 5,
	firstDelayMs: 250,
	lastDelayMs: 2e3
};
const patient = {
	attempts: 7,
	firstDelayMs: 500,
	lastDelayMs: 8e3
};
const retryTable = [
	{
		kind: "read",
		failure: "refused",
		...soon,
		lostReply: false
	},
	{
		kind: "read",
		failure: "lock",
		...patient,
		lostReply: false
	},
	{
		kind: "read",
		failure: "worker",
		...soon,
		lostReply: false
	},
	{
		kind: "read",
		failure: "gateway",
		...soon,
		lostReply: false
	},
	{
		kind: "read",
		failure: "network",
		...soon,
		lostReply: false
	},
	{
		kind: "read",
		failure: "vanished",
		...soon,
		lostReply: false
	},
	{
		kind: "read",
		failure: "refusal",
		...never,
		lostReply: false
	},
	{
		kind: "change",
		failure: "refused",
		...soon,
		lostReply: false
	},
	{
		kind: "change",
		failure: "lock",
		...patient,
		lostReply: false
	},
	{
		kind: "change",
		failure: "worker",
		...soon,
		lostReply: false
	},
	{
		kind: "change",
		failure: "gateway",
		...never,
		lostReply: true
	},
	{
		kind: "change",
		failure: "network",
		...never,
		lostReply: true
	},
	{
		kind: "change",
		failure: "refusal",
		...never,
		lostReply: false
	},
	{
		kind: "create",
		failure: "refused",
		...soon,
		lostReply: false
	},
	{
		kind: "create",
		failure: "lock",
		...patient,
		lostReply: false
	},
	{
		kind: "create",
		failure: "worker",
		...never,
		lostReply: false
	},
	{
		kind: "create",
		failure: "gateway",
		...never,
		lostReply: true
	},
	{
		kind: "create",
		failure: "network",
		...never,
		lostReply: true
	},
	{
		kind: "create",
		failure: "refusal",
		...never,
		lostReply: false
	}
];
/** Returns the rule for a call of this kind that failed this way. */
function retryRule(kind, failure) {
	return retryTable.find((line) => line.kind === kind && line.failure === failure) ?? {
		kind,
		failure,
		...never,
		lostReply: kind !== "read"
	};
}
/**
* Returns how long to wait before the next attempt, in milliseconds, or undefined if there is none. The delay doubles
* from the rule's first delay to its last. `random` (0 to 1) varies it within its upper half, so that VMs which failed
* together do not retry together.
*/
function retryDelayMs(rule, attempt, random) {
	if (attempt >= rule.attempts) return void 0;
	const full = Math.min(rule.firstDelayMs * 2 ** (attempt - 1), rule.lastDelayMs);
	return Math.round(full / 2 + full / 2 * random);
}
function callKind(method, path) {
	if (method === "GET") return "read";
	return method === "POST" && /^\/nodes\/[^/]+\/(?:qemu|lxc)$/.test(path) ? "create" : "change";
}
/** Returns the failure class as the reason of a retry. */
function retryReason(failure) {
	return failure === "refusal" ? void 0 : failure;
}

// ../core/dist/ports/pve/call/call-failure.js
/** Creates the failure of a call that reached no endpoint, or whose answer was lost. */
function unanswered(lost, call) {
	return lost.sent ? answerLost(lost, call) : notSent(lost, call);
}
function answerLost({ cause, attempts }, { method, path }) {
	const message = `The answer to ${describeCall(method, path)} was lost (${attempts.join("; ")}).`;
	return {
		failure: "network",
		error: new ProvisionError("UNREACHABLE", message, {
			cause,
			details: {
				method,
				path,
				endpoints: attempts
			}
		})
	};
}
function notSent({ cause, attempts }, { method, path }) {
	const error = new ProvisionError("UNREACHABLE", `No Proxmox endpoint answers (${attempts.join("; ")}).`, {
		cause,
		hint: reachHint(attempts),
		details: {
			method,
			path,
			endpoints: attempts
		}
	});
	return {
		failure: "code" in cause && cause.code === "ENOTFOUND" ? "refusal" : "refused",
		error
	};
}
/** Suggests port 8006. A host without a port means 443, where Proxmox does not listen. */
function reachHint(attempts) {
	const [, host] = attempts.map((attempt) => /^(\[[^\]]+\]|[^:\s]+): /.exec(attempt)).find((found) => found !== null) ?? [];
	return host === void 0 ? "Check that PVE_ENDPOINT is correct, the node is up, and port 8006 is reachable from your computer." : `PVE_ENDPOINT has no port, so 443 was used. Did you mean https://${host}:8006?`;
}
/** Creates the error after the last attempt. It says if the effect is unknown or if something was left behind. */
function finalError(kind, { failure, error }, attempts) {
	const details = {
		...error.details,
		failure,
		attempts
	};
	const hint = error.hint === void 0 ? {} : { hint: error.hint };
	if (retryRule(kind, failure).lostReply) return new ProvisionError("PVE", `${error.message} It may or may not have been carried out.`, {
		cause: error.cause,
		hint: "Check before you repeat it: Proxmox may have carried it out.",
		details: {
			...details,
			lostReply: true
		}
	});
	if (kind === "create" && failure === "worker") return new ProvisionError("PVE_BUSY", error.message, {
		cause: error.cause,
		hint: "Proxmox left a VM behind that contains only `lock: create`; remove it with `qm unlock` and `qm destroy` on the node.",
		details: {
			...details,
			leftover: true
		}
	});
	return new ProvisionError(error.code, error.message, {
		cause: error.cause,
		...hint,
		details
	});
}

// \0builtin:node:https?packages/core/dist/ports/pve/call/https-request.js
const builtin = process.getBuiltinModule("node:https");
const read = (name) => builtin[name];
const _request = /* @__PURE__ */ read("request");

// ../core/dist/ports/pve/call/https-request.js
const answerLimitBytes = 134217728;
/**
* Sends a request and reads its answer.
* @throws ProvisionError `TLS` (nothing was sent), `CANCELLED`
*/
function exchange(request) {
	const { url, agent, method, path, body, timeoutMs, signal } = request;
	const deadline = AbortSignal.timeout(timeoutMs);
	return new Promise((resolve, reject) => {
		if (signal?.aborted) return reject(cancelled(request, {
			sent: false,
			cause: signal.reason
		}));
		let sent = false;
		const fail = (cause) => {
			if (cause instanceof ProvisionError) return reject(cause);
			if (signal?.aborted) return reject(cancelled(request, {
				sent,
				cause: signal.reason
			}));
			const timedOut = deadline.aborted ? new Error(`no answer within ${timeoutMs / 1e3} s`, { cause }) : cause;
			resolve({
				kind: "lost",
				sent,
				cause: timedOut
			});
		};
		const outgoing = _request({
			host: url.hostname,
			port: url.port || 443,
			agent,
			method,
			path,
			headers: {
				host: url.host,
				...request.headers,
				...contentHeaders(body)
			},
			signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
			maxHeaderSize: 262144
		});
		outgoing.once("socket", () => {
			sent = true;
		});
		outgoing.once("error", fail);
		outgoing.once("response", (incoming) => {
			if (method === "GET" && staysOpen(incoming)) outgoing.shouldKeepAlive = true;
			readAnswer(incoming).then(resolve, fail);
		});
		outgoing.end(body);
	});
}
/**
* Returns true if pveproxy keeps this connection open. When it relays the answer of another daemon, it sends that
* daemon's `Connection: close` before its own `Connection: Keep-Alive`. The last header is the one that applies.
*/
function staysOpen({ rawHeaders, statusCode = 0 }) {
	const index = rawHeaders.findLastIndex((text, place) => place % 2 === 0 && text.toLowerCase() === "connection");
	return statusCode < 400 && rawHeaders[index + 1]?.toLowerCase() === "keep-alive";
}
function contentHeaders(body) {
	if (body === void 0) return {};
	return {
		"content-type": "application/x-www-form-urlencoded",
		"content-length": String(Buffer.byteLength(body))
	};
}
/** Reads a complete answer. Rejects if it is truncated. */
async function readAnswer(incoming) {
	const chunks = [];
	let bytes = 0;
	for await (const chunk of incoming) {
		bytes += chunk.length;
		if (bytes > answerLimitBytes) throw new Error(`the answer is larger than ${answerLimitBytes} bytes`);
		chunks.push(chunk);
	}
	return {
		kind: "answer",
		status: incoming.statusCode ?? 0,
		reason: decodeReason(incoming.statusMessage ?? ""),
		body: Buffer.concat(chunks).toString("utf8")
	};
}
function decodeReason(text) {
	const decoded = Buffer.from(text, "latin1").toString("utf8");
	return decoded.includes("�") ? text : decoded;
}
/**
* Creates the error for a call that the caller's signal aborted. `details.sent` says if Proxmox may have received it.
*/
function cancelled({ method, path }, { sent, cause }) {
	const lostReply = sent && method !== "GET";
	const doubt = lostReply ? " Proxmox may have carried it out." : "";
	return new ProvisionError("CANCELLED", `${describeCall(method, path)} was interrupted.${doubt}`, {
		cause,
		details: {
			method,
			sent,
			lostReply
		}
	});
}

// ../core/dist/ports/pve/call/retry-call.js
/**
* Makes attempts until one succeeds or the retry table allows no more.
* @throws ProvisionError the last failure, and `CANCELLED` if the signal aborts a pause
*/
async function retryCall({ clock, meter, random = Math.random }, { method, path, signal, onRetry }, makeAttempt) {
	const kind = callKind(method, path);
	const delayMs = (thrown, attempt) => {
		if (!(thrown instanceof FailedAttempt)) return void 0;
		const { failure, error } = thrown.result;
		const delay = retryDelayMs(retryRule(kind, failure), attempt, random());
		const reason = retryReason(failure);
		if (delay === void 0 || reason === void 0) throw finalError(kind, thrown.result, attempt);
		onRetry?.({
			reason,
			attempt,
			message: error.message
		});
		return delay;
	};
	try {
		return await retry({
			clock,
			meter,
			signal,
			delayMs
		}, async (attempt) => orThrow(await makeAttempt(attempt)));
	} catch (thrown) {
		if (signal?.aborted && !(thrown instanceof ProvisionError)) throw cancelled({
			method,
			path
		}, {
			sent: false,
			cause: thrown
		});
		throw thrown;
	}
}
/** Carries a failure through the retry loop, which handles only thrown errors. */
var FailedAttempt = class extends Error {
	result;
	constructor(result) {
		super(result.error.message);
		this.result = result;
	}
};
function orThrow(result) {
	if ("failure" in result) throw new FailedAttempt(result);
	return result;
}

export { unanswered as a, encodeParameters as c, readAnswer as i, redactUrls as l, cancelled as n, dataIn as o, exchange as r, refusalOf as s, retryCall as t, secretValues as u };