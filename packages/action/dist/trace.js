// ../core/dist/ports/network/retry.js
/**
* Makes attempts, numbered from 1, until one succeeds or its failure is final.
* @throws the last failure; the signal's reason when it aborts
*/
async function retry({ clock, meter, signal, delayMs }, attempt) {
	for (let number = 1;; number += 1) try {
		return await attempt(number);
	} catch (error) {
		const pause = delayMs(error, number);
		if (pause === void 0) throw error;
		meter.add("retries", 1);
		await clock.sleep(pause, signal);
	}
}

// \0builtin:node:diagnostics_channel?packages/core/dist/ports/network/trace.js
const builtin = process.getBuiltinModule("node:diagnostics_channel");
const read = (name) => builtin[name];
const _channel = /* @__PURE__ */ read("channel");

// ../core/dist/ports/network/trace.js
/**
* Name of the channel. Subscribe with `diagnostics_channel.subscribe(TRACE_CHANNEL, (message) => …)`. Each message is a
* `TracedRequest`.
*/
const TRACE_CHANNEL = "pve-provision:request";
const requests = _channel(TRACE_CHANNEL);
/** Starts to trace a request. Returns a function that publishes its outcome. It costs nothing without a subscriber. */
function traceRequest(request) {
	if (!requests.hasSubscribers) return () => void 0;
	const { to, method, attempt, url, path = url.pathname } = request;
	const startedMs = performance.now();
	return (outcome) => {
		const ms = Math.round((performance.now() - startedMs) * 10) / 10;
		const known = {
			to,
			method,
			origin: url.origin,
			path: path.replace(/\?.*$/s, ""),
			attempt,
			ms
		};
		const message = "status" in outcome ? {
			...known,
			status: outcome.status
		} : {
			...known,
			error: codeOf(outcome.error)
		};
		requests.publish(message);
	};
}
function codeOf(error) {
	if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
	return error instanceof Error ? error.name : "unknown";
}

export { retry as n, traceRequest as t };