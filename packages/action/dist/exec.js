import { r as cleanText, t as ProvisionError } from "./errors.js";

// ../core/dist/ports/exec.js
/** How to install each program, by its name. */
const PACKAGES = {
	"qemu-img": "Debian, Ubuntu: apt install qemu-utils; Fedora: dnf install qemu-img; macOS: brew install qemu.",
	xz: "Debian, Ubuntu: apt install xz-utils; Fedora: dnf install xz; macOS: brew install xz.",
	bzip2: "Debian, Ubuntu: apt install bzip2; Fedora: dnf install bzip2."
};
/** A program gets SIGTERM first, and SIGKILL after this time. */
const KILL_AFTER_MS = 5e3;
/** Far more output than any of the programs prints. */
const LARGEST_OUTPUT = 16777216;
const COMMON = {
	reject: false,
	forceKillAfterDelay: KILL_AFTER_MS,
	env: { LC_ALL: "C" },
	windowsHide: true
};
function createExec() {
	return async (file, args, { signal, onLine, stdin } = {}) => {
		throwIfAborted(file, signal);
		const child = (await loadExeca())(file, args, {
			...COMMON,
			...signal && { cancelSignal: signal },
			...stdin === void 0 ? { stdin: "ignore" } : { input: stdin },
			maxBuffer: LARGEST_OUTPUT
		});
		if (onLine !== void 0) for (const stream of [child.stdout, child.stderr]) {
			const split = createLineSplitter(onLine);
			stream?.on("data", (chunk) => split.push(chunk)).on("end", () => split.end());
		}
		const result = await child;
		const failure = failureOf(file, result, result.stderr);
		if (failure !== void 0) throw failure;
		return result.stdout;
	};
}
/**
* Feeds `source` to a program and yields its standard output, in constant memory. Leaving the loop early ends the
* program.
* @throws ProvisionError `CONVERT` as `Exec` does; errors of `source` pass through unchanged
*/
async function* pipeThrough(file, args, { source, signal, onSuccess }) {
	throwIfAborted(file, signal);
	const child = (await loadExeca())(file, args, {
		...COMMON,
		...signal && { cancelSignal: signal },
		input: source,
		stdout: "pipe",
		buffer: {
			stdout: false,
			stderr: true
		},
		encoding: "buffer",
		maxBuffer: LARGEST_OUTPUT
	});
	let sourceError;
	source.once("error", (error) => {
		sourceError = error;
	});
	try {
		for await (const chunk of child.stdout ?? []) yield chunk;
		const result = await child;
		const stderr = new TextDecoder().decode(result.stderr);
		if (sourceError !== void 0) throw sourceError;
		const failure = failureOf(file, result, stderr);
		if (failure !== void 0) throw failure;
		onSuccess?.(stderr);
	} finally {
		source.destroy();
		child.kill();
		await child;
	}
}
async function loadExeca() {
	const { execa } = await import("./execa.js");
	if (!process.listeners("SIGXFSZ").includes(stayAlive)) process.on("SIGXFSZ", stayAlive);
	return execa;
}
/**
* An empty SIGXFSZ listener. Node ignores this signal, so a write beyond a file size limit fails with EFBIG, which is
* reported. While a program runs, execa listens for the signal too, and without another listener execa would end this
* process.
*/
function stayAlive() {}
function failureOf(file, ended, stderr) {
	const { failed, isCanceled, code, exitCode, signal } = ended;
	if (!failed) return void 0;
	if (isCanceled) return new ProvisionError("CANCELLED", `${file} was stopped.`);
	if (code === "ENOENT" || code === "EACCES") return new ProvisionError("CONVERT", `The program ${file} is missing.`, {
		details: {
			program: file,
			isMissing: true
		},
		hint: `Install it. ${PACKAGES[file] ?? ""}`.trimEnd()
	});
	const lastWords = stderr.trim().split(/[\r\n]+/).slice(-16).map((line) => cleanText(line, { most: 2e3 }));
	const how = signal === void 0 ? `ended with ${exitCode ?? code}` : `was ended by ${signal}`;
	const said = lastWords.at(-1) ? `: ${lastWords.at(-1)}` : "";
	return new ProvisionError("CONVERT", `${file} ${how}${said}`, { details: {
		program: file,
		lastWords,
		...exitCode !== void 0 && { exitCode }
	} });
}
const installed = /* @__PURE__ */ new Map();
/** Returns true if the program can be started. Each program is checked once per process. */
function isInstalled(file, exec = createExec()) {
	const known = installed.get(file);
	if (known !== void 0) return known;
	const asked = exec(file, ["--version"]).then(() => true, (error) => !isMissingProgram(error));
	installed.set(file, asked);
	return asked;
}
/** Returns true if the error means that the program is not installed. */
function isMissingProgram(error) {
	return error instanceof ProvisionError && error.details.isMissing === true;
}
function throwIfAborted(file, signal) {
	if (signal?.aborted) throw new ProvisionError("CANCELLED", `${file} was not started.`, { cause: signal.reason });
}
/** Splits chunks into lines. A carriage return also ends a line, because programs print progress that way. */
function createLineSplitter(onLine) {
	const decoder = new TextDecoder();
	let rest = "";
	return {
		push(chunk) {
			const lines = (rest + decoder.decode(chunk, { stream: true })).split(/[\r\n]/);
			rest = lines.pop() ?? "";
			for (const line of lines) if (line.trim() !== "") onLine(line);
		},
		end() {
			if (rest.trim() !== "") onLine(rest);
		}
	};
}

export { pipeThrough as i, isInstalled as n, isMissingProgram as r, createExec as t };