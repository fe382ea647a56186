import { t as ProvisionError } from "./errors.js";

// ../core/dist/ports/http/failure.js
function httpError(url, sentence, options = {}) {
	const { cause, hint, transient = false, status, retryAfterMs } = options;
	return new ProvisionError("HTTP", `${shownUrl(url)} ${sentence}`, {
		...cause === void 0 ? {} : { cause },
		...hint === void 0 ? {} : { hint },
		details: {
			url: shownUrl(url),
			transient,
			...status === void 0 ? {} : { status },
			...retryAfterMs === void 0 ? {} : { retryAfterMs }
		}
	});
}
/** Formats a URL for display: without credentials, and without its query, which may sign the address. */
function shownUrl(url) {
	const query = url.search === "" ? "" : "?…";
	return `${url.protocol}//${url.host}${url.pathname}${query}`;
}
function isTransient(thrown) {
	return thrown instanceof ProvisionError && thrown.code === "HTTP" && thrown.details.transient === true;
}
const REASONS = {
	ENOTFOUND: "cannot be found: no such host",
	EAI_AGAIN: "cannot be found: the name server does not answer",
	ECONNREFUSED: "refuses connections",
	ECONNRESET: "broke the connection",
	EPIPE: "broke the connection",
	ETIMEDOUT: "does not answer",
	EHOSTUNREACH: "cannot be reached",
	ENETUNREACH: "cannot be reached"
};
const UNREACHABLE_HINT = "Check the address in the manifest, and the network of your computer. To use a proxy, set HTTPS_PROXY.";
/** Turns a socket error into an error about the server. */
function fromSocketError(url, thrown) {
	if (thrown instanceof ProvisionError) return thrown;
	const error = thrown instanceof Error ? thrown : new Error(String(thrown));
	const code = "code" in error && typeof error.code === "string" ? error.code : "";
	const reason = REASONS[code];
	if (reason !== void 0) return httpError(url, `${reason}.`, {
		cause: error,
		transient: code !== "ENOTFOUND",
		hint: UNREACHABLE_HINT
	});
	if (isCertificateError(code)) return httpError(url, `has a certificate that is not trusted (${code}).`, {
		cause: error,
		hint: "Check the address. Behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its certificate."
	});
	return httpError(url, `cannot be read: ${error.message}`, {
		cause: error,
		transient: true
	});
}
function isCertificateError(code) {
	return /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/.test(code);
}
const GONE = "Check the address in the manifest: the vendor may have removed this build or renamed the file.";
const LOCKED = "If it needs a login, put it in the address: https://USER:PASSWORD@HOST/…, with ${secret:NAME} for the password. A signed address may have expired.";
const REFUSED = "The request used the user and password in the address. They may be wrong (percent-encode all characters except letters and digits), or have no access to this file.";
const STATUS_HINTS = {
	401: LOCKED,
	403: LOCKED,
	404: GONE,
	407: "A proxy requires a login: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT (for http addresses HTTP_PROXY).",
	410: GONE,
	429: "The server limits requests: wait, or set a mirror (`mirrors`).",
	451: "The server does not deliver this file to your network: set a mirror (`mirrors`)."
};
function hintForStatus(url, status) {
	const hint = STATUS_HINTS[status];
	return hint === LOCKED && url.username !== "" ? REFUSED : hint;
}
/** Creates the error for an unexpected status code. */
function statusError(url, status, retryAfter) {
	const transient = status === 408 || status === 425 || status === 429 || status >= 500;
	const waitMs = retryAfterMs(retryAfter);
	const hint = hintForStatus(url, status);
	return httpError(url, `answers ${status}.`, {
		status,
		transient,
		...waitMs === void 0 ? {} : { retryAfterMs: waitMs },
		...hint === void 0 ? {} : { hint }
	});
}
/** Parses a `Retry-After` in seconds. Dates are ignored, because they need synchronized clocks. */
function retryAfterMs(value) {
	return value !== void 0 && /^\d{1,6}$/.test(value) ? Number(value) * 1e3 : void 0;
}

export { statusError as a, shownUrl as i, httpError as n, isTransient as r, fromSocketError as t };