// ../core/dist/foreign-text.js
/** No useful message is longer. Longer text is cut before any pattern is applied to it. */
const MOST_CHARACTERS = 16384;
/** Terminal escape sequences: CSI, then strings (OSC, DCS, …) up to their end, then any other. */
const ESCAPES = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
/** All characters that some reader treats as a line break. .NET and terminals support more than `\n`. */
const LINE_BREAKS = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/g;
/** Control characters, and characters that change the text direction or are invisible. */
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
/** Makes text safe to display: no control characters or escape sequences, one line (or several), limited length. */
function cleanText(text, { most = MOST_CHARACTERS, lines = false } = {}) {
	return (text.length > most ? `${text.slice(0, most)}…` : text).toWellFormed().replace(ESCAPES, "").replace(LINE_BREAKS, lines ? "\n" : " ").replaceAll("	", " ").replace(CONTROLS, "");
}

// ../core/dist/errors.js
/** A global symbol: if a program loads two copies of this package, each recognizes the other's errors. */
const BRAND = Symbol.for("@pve-provision/core/ProvisionError");
/**
* All errors that this project throws on purpose. Any other error is a bug in it. `instanceof` and `isProvisionError`
* also recognize errors of another copy of this package.
*/
var ProvisionError = class extends Error {
	code;
	hint;
	details;
	constructor(code, message, { cause, hint, details } = {}) {
		super(cleanText(message, { lines: true }), cause === void 0 ? {} : { cause });
		this.code = code;
		this.hint = hint === void 0 ? void 0 : cleanText(hint, { lines: true });
		this.details = details ?? {};
	}
	static [Symbol.hasInstance](value) {
		return isProvisionError(value);
	}
};
Object.defineProperties(ProvisionError.prototype, {
	name: {
		value: "ProvisionError",
		configurable: true,
		writable: true
	},
	[BRAND]: { value: true }
});
/** Returns true if any copy of this project threw the error on purpose. */
function isProvisionError(thrown) {
	return thrown instanceof Error && BRAND in thrown;
}
/**
* Converts any thrown value to a `ProvisionError`. Foreign errors become `UNEXPECTED`, with the original as the cause.
*/
function toProvisionError(thrown) {
	if (thrown instanceof ProvisionError) return thrown;
	if (isAbort(thrown)) return new ProvisionError("CANCELLED", "The run was interrupted.", { cause: thrown });
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	return new ProvisionError("UNEXPECTED", message, {
		cause: thrown,
		hint: "This is a bug in pve-provision."
	});
}
function isAbort(thrown) {
	return thrown instanceof Error && (thrown.name === "AbortError" || "code" in thrown && thrown.code === "ABORT_ERR");
}

export { toProvisionError as n, cleanText as r, ProvisionError as t };