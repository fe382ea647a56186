import { n as toProvisionError, t as ProvisionError } from "./errors.js";
import { A as problemText, B as makePlan, C as annotate, D as warning, E as say, F as prepare, G as withRecalled, H as refuseImpossible, I as prepareAdopt, J as withoutSecrets, K as recordDigestFacts, L as prepareDestroy, M as countText, N as durationText, O as hide, P as apply, R as preparePrune, S as nameInWorkspace, T as debug, U as observe, V as checksOf, W as resolveImage, Y as isOpenHttp, _ as onCancel, b as annotateProblems, c as ended$1, d as cacheAccess, f as formatLockFile, g as inputOf, h as tokenSecretsOf, i as writeOutputs, j as bytesText, k as problemGroups, l as loadLockFile, m as readInputs, n as showEvents, o as isWell, p as lockChanges, q as sniffFile, r as showPlan, s as runMarkdown, t as openWorld, u as loadManifest, v as annotateError, w as command, x as annotateReport, y as annotateNote, z as draftPlan } from "./world.js";
import { n as ENTRY_FILE, t as CHILD_ARGUMENT } from "./cache-protocol.js";
import { i as saveWhatIsMade, n as markPostStep } from "./made.js";
import { Dn as pMap } from "./plan-build.js";
import { r as pinFile } from "./file-image.js";
import { t as lookInside } from "./look-inside2.js";

// \0builtin:node:fs/promises?packages/core/dist/facts/images/measure-image.js
const builtin$27 = process.getBuiltinModule("node:fs/promises");
const read$27 = (name) => builtin$27[name];
const _stat$1 = /* @__PURE__ */ read$27("stat");

// ../core/dist/facts/images/measure-image.js
/**
* Downloads the image from its own address, never from a mirror, and stores it under its digest.
* @throws ProvisionError `CHECKSUM` for plain http, where anyone on the network can change the bytes; `HTTP`; `IMAGE`
* if the file is not an image; `DISK` `CANCELLED`
*/
async function measureImage({ name, url, isIso = false }, world, { signal, onBytes } = {}) {
	if (isOpenHttp(url)) throw tooWeak(name);
	let measured = {};
	const blob = await world.store.receive(async (to) => {
		const { digest, bytes: _, ...validators } = await world.http.measure({
			url,
			to,
			...signal && { signal },
			...onBytes && { onBytes }
		});
		await insideOf(to, isIso);
		measured = validators;
		return digest;
	}, signal);
	const facts = {
		name,
		digest: blob.key,
		digestFrom: "first use",
		url,
		signature: "not asked for",
		...await insideOf(blob.path, isIso)
	};
	if (!isIso) await recordDigestFacts(facts, world);
	return {
		facts,
		measured
	};
}
/** An ISO is used as it is, so its content is not examined. */
async function insideOf(path, isIso) {
	return isIso ? { sizeBytes: (await _stat$1(path)).size } : sniffFile(path);
}
/** Returns true if the server still sends the same validators. This saves a download but does not prove anything. */
async function isAsMeasured({ url }, old, world, signal) {
	const { etag, lastModified } = old.measured ?? {};
	const now = await world.http.peek(url, {
		mayDowngrade: false,
		...signal && { signal }
	});
	if (now.sizeBytes === void 0 || now.sizeBytes !== old.sizeBytes) return false;
	if (etag !== void 0 && now.etag !== void 0) return etag === now.etag;
	return lastModified !== void 0 && lastModified === now.lastModified;
}
function tooWeak(name) {
	return new ProvisionError("CHECKSUM", `${name} has no \`checksum\` and is downloaded over plain http: anyone on the network could change it.`, { hint: "Use an https address, a digest or a checksum document." });
}

// ../core/dist/facts/images/pin.js
/**
* Contacts the vendors, not Proxmox. An image without a checksum is downloaded to compute its digest (trust on first
* use).
* @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP` for an image whose digest is not available; `DISK` `IMAGE` for one
* that cannot be downloaded and hashed. All images are tried: the message has a line for each that failed, and the code is
* that of the first.
*/
async function pinImages(desired, world, options = {}) {
	const { signal, before } = options;
	const failures = /* @__PURE__ */ new Map();
	const entries = await pMap([...desired.images.values()].filter((image) => image.kind === "address" || image.kind === "file"), async (image) => {
		try {
			return [[image.name, await pinImage(image, before?.images[image.name], {
				world,
				options
			})]];
		} catch (error) {
			if (!(error instanceof ProvisionError) || error.code === "CANCELLED") throw error;
			failures.set(image.name, error);
			return [];
		}
	}, {
		concurrency: 8,
		...signal && { signal }
	});
	if (failures.size > 0) throw together(failures, [...desired.images.keys()]);
	return { images: Object.fromEntries(entries.flat()) };
}
/** Makes one error of all. Each line begins with the image's name in the manifest. */
function together(failures, names) {
	const inOrder = [...failures].sort(([one], [other]) => names.indexOf(one) - names.indexOf(other));
	const errors = inOrder.map(([, error]) => error);
	const hints = [...new Set(errors.flatMap(({ hint }) => hint ?? []))];
	const [{ code, details } = new ProvisionError("UNEXPECTED", "No image failed.")] = errors;
	return new ProvisionError(code, inOrder.map(([name, { message }]) => `${name}: ${message}`).join("\n"), {
		cause: errors[0],
		hint: hints.length === 0 ? void 0 : hints.join("\n"),
		...errors.length === 1 && { details }
	});
}
/** @throws ProvisionError for this image */
function pinImage(image, old, pinning) {
	if (image.kind === "file") return pinFile(image, pinning.world, {
		before: old,
		signal: pinning.options.signal
	});
	const ofThis = old?.url === withoutSecrets(image.url, image.secrets) ? old : void 0;
	return image.checksum === void 0 ? pinMeasured(image, ofThis, pinning) : pinPromised(image, ofThis, pinning);
}
/** Pins an image whose digest is in the manifest or in the vendor's document. */
async function pinPromised(image, old, { world, options: { signal } }) {
	const resolved = await withRecalled(await resolveImage(image, world, signal && { signal }), world);
	if (old?.digest === resolved.digest && old.measured === void 0) return old;
	return entryOf(image, image.isIso ? resolved : await seen(resolved, image, {
		world,
		signal
	}), world);
}
async function pinMeasured(image, old, { world, options: { signal, onBytes } }) {
	if (old?.measured && await isAsMeasured(image, old, world, signal)) return old;
	const { facts, measured } = await measureImage(image, world, {
		...signal && { signal },
		...onBytes && { onBytes: (done, total) => onBytes(image.name, done, total) }
	});
	return old?.measured && old.digest === facts.digest ? {
		...old,
		measured
	} : {
		...entryOf(image, facts, world),
		measured
	};
}
function entryOf(image, facts, { clock }) {
	const { digest, url, sizeBytes, format, virtualSizeBytes, signature } = facts;
	return {
		url: withoutSecrets(image.url, image.secrets),
		resolvedUrl: withoutSecrets(url, image.secrets),
		digest,
		...sizeBytes !== void 0 && { sizeBytes },
		...format !== void 0 && { format },
		...virtualSizeBytes !== void 0 && { virtualSizeBytes },
		signature,
		pinnedAt: new Date(clock.now()).toISOString()
	};
}
/** Size and format are optional: an image can be pinned even if the vendor does not serve its first bytes. */
async function seen(...[facts, image, how]) {
	try {
		return await lookInside(facts, image, how);
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code === "HTTP") return facts;
		throw thrown;
	}
}

// ../core/dist/report/doctor.js
/** Reports that Proxmox answers, and its version. */
function clusterFindings({ cluster }) {
	const offline = cluster.nodes.filter((node) => !node.online).map(({ name }) => name);
	const online = cluster.nodes.filter((node) => node.online).map(({ name }) => name);
	const down = offline.length === 0 ? "" : `; offline: ${offline.join(", ")}`;
	return [
		{
			name: "connection",
			ok: true,
			message: `${cluster.endpoint} answers`
		},
		{
			name: "certificate",
			ok: true,
			message: "is trusted"
		},
		{
			name: "token",
			ok: true,
			message: `${cluster.identity ?? "it"} is valid`
		},
		{
			name: "version",
			ok: true,
			message: `Proxmox VE ${cluster.version.text}; nodes ${online.join(", ")}${down}`
		}
	];
}
/** Reports what a plan says about the current state, and what the whole manifest needs, as if nothing existed yet. */
function manifestFindings(desired, facts) {
	const plan = makePlan(desired, facts);
	const empty = {
		...facts,
		guests: [],
		volumes: /* @__PURE__ */ new Map(),
		listed: /* @__PURE__ */ new Map(),
		namesakes: [],
		unreachable: []
	};
	const { steps } = draftPlan(desired, {
		...empty,
		hiddenVmids: /* @__PURE__ */ new Set()
	});
	const checks = checksOf({
		desired,
		facts: empty,
		steps,
		verdicts: /* @__PURE__ */ new Map()
	});
	const told = new Set(checks.flatMap((check) => check.problems.map(({ message }) => message)));
	const others = plan.problems.filter(({ message, step }) => !told.has(message) && step?.startsWith("resolve:") !== true);
	return [
		...imageFindings(facts),
		...checks.flatMap((check) => checkFindings(check, {
			desired,
			facts
		})),
		...problemGroups(plan, others).map((group) => ({
			...problemFinding("plan", group.problem),
			message: problemText(group)
		}))
	];
}
function problemFinding(name, { message, hint, file, line, column }) {
	return {
		name,
		ok: false,
		message: `${message}${file === void 0 ? "" : ` (${file}:${line}:${column})`}`,
		remedy: hint.split("\n")
	};
}
function imageFindings({ images }) {
	return [...images].map(([name, image]) => {
		if (!(image instanceof ProvisionError)) {
			const signature = image.signature === "not asked for" ? "no signature required" : `signature ${image.signature}`;
			return {
				name: `image ${name}`,
				ok: true,
				message: `${image.digest.slice(0, 19)}…, ${signature}`
			};
		}
		return {
			name: `image ${name}`,
			ok: false,
			message: image.message,
			...image.hint && { remedy: [image.hint] }
		};
	});
}
function checkFindings({ about, problems }, known) {
	if (problems.length > 0) return problems.map((problem) => problemFinding(about, problem));
	return about === "version" ? [] : [{
		name: about,
		ok: true,
		message: inOrder(about, known)
	}];
}
function inOrder(about, { desired: { machines }, facts }) {
	const storages = machines.flatMap(({ storage }) => [storage.images, storage.disks]);
	const bridges = machines.flatMap(({ networks }) => networks.map(({ bridge }) => bridge));
	return {
		nodes: nodesText(machines.flatMap(({ nodes }) => nodes), facts),
		pools: named(machines.flatMap(({ pool }) => pool ?? []), "visible to the token"),
		storages: named(storages, "active, with the required content types"),
		bridges: named(bridges, "visible to the token"),
		space: "enough for the planned images and disks",
		privileges: "the token has all required privileges"
	}[about];
}
/** A node may be offline as long as no change is needed there. */
function nodesText(names, { cluster }) {
	const down = new Set(cluster.nodes.filter((node) => !node.online).map(({ name }) => name));
	const offline = names.filter((name) => down.has(name));
	const online = names.filter((name) => !down.has(name));
	if (offline.length === 0) return named(names, "online");
	return [...online.length === 0 ? [] : [named(online, "online")], named(offline, "offline")].join("; ");
}
function named(names, state) {
	if (names.length === 0) return "none in the manifest";
	return `${[...new Set(names)].sort((one, other) => one.localeCompare(other)).join(", ")}: ${state}`;
}

// \0builtin:node:fs/promises?packages/action/src/run.ts
const builtin$26 = process.getBuiltinModule("node:fs/promises");
const read$26 = (name) => builtin$26[name];
const _mkdtemp$1 = /* @__PURE__ */ read$26("mkdtemp");

// \0builtin:node:os?packages/action/src/run.ts
const builtin$25 = process.getBuiltinModule("node:os");
const read$25 = (name) => builtin$25[name];
const _tmpdir = /* @__PURE__ */ read$25("tmpdir");

// \0builtin:node:path?packages/action/src/run.ts
const builtin$24 = process.getBuiltinModule("node:path");
const read$24 = (name) => builtin$24[name];
const _join$6 = /* @__PURE__ */ read$24("join");

// \0builtin:node:crypto?packages/action/src/cache/facts-cache.ts
const builtin$23 = process.getBuiltinModule("node:crypto");
const read$23 = (name) => builtin$23[name];
const _createHash$4 = /* @__PURE__ */ read$23("createHash");

// \0builtin:node:fs/promises?packages/action/src/cache/facts-cache.ts
const builtin$22 = process.getBuiltinModule("node:fs/promises");
const read$22 = (name) => builtin$22[name];
const _rename$2 = /* @__PURE__ */ read$22("rename");
const _rm$3 = /* @__PURE__ */ read$22("rm");
const _mkdir$2 = /* @__PURE__ */ read$22("mkdir");
const _writeFile$2 = /* @__PURE__ */ read$22("writeFile");

// \0builtin:node:path?packages/action/src/cache/facts-cache.ts
const builtin$21 = process.getBuiltinModule("node:path");
const read$21 = (name) => builtin$21[name];
const _join$5 = /* @__PURE__ */ read$21("join");
const _dirname$4 = /* @__PURE__ */ read$21("dirname");

// \0builtin:node:crypto?packages/action/src/cache/facts-bundle.ts
const builtin$20 = process.getBuiltinModule("node:crypto");
const read$20 = (name) => builtin$20[name];
const _createHash$3 = /* @__PURE__ */ read$20("createHash");
const _createHmac = /* @__PURE__ */ read$20("createHmac");
const _timingSafeEqual = /* @__PURE__ */ read$20("timingSafeEqual");

// \0builtin:node:fs/promises?packages/action/src/cache/facts-bundle.ts
const builtin$19 = process.getBuiltinModule("node:fs/promises");
const read$19 = (name) => builtin$19[name];
const _mkdir$1 = /* @__PURE__ */ read$19("mkdir");
const _readdir = /* @__PURE__ */ read$19("readdir");
const _writeFile$1 = /* @__PURE__ */ read$19("writeFile");

// \0builtin:node:path?packages/action/src/cache/facts-bundle.ts
const builtin$18 = process.getBuiltinModule("node:path");
const read$18 = (name) => builtin$18[name];
const _join$4 = /* @__PURE__ */ read$18("join");
const _dirname$3 = /* @__PURE__ */ read$18("dirname");

// \0builtin:node:fs?packages/action/src/cache/read-regular.ts
const builtin$17 = process.getBuiltinModule("node:fs");
const read$17 = (name) => builtin$17[name];
const _constants = /* @__PURE__ */ read$17("constants");

// \0builtin:node:fs/promises?packages/action/src/cache/read-regular.ts
const builtin$16 = process.getBuiltinModule("node:fs/promises");
const read$16 = (name) => builtin$16[name];
const _open = /* @__PURE__ */ read$16("open");

// src/cache/read-regular.ts
/**
* Returns the content of a file, or undefined for anything else, such as a link, a pipe or a device, which another job on
* the same computer may have created.
*/
async function readRegular(path, limitBytes) {
	const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = _constants;
	const file = await _open(path, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)).catch(() => void 0);
	if (file === void 0) return void 0;
	try {
		const status = await file.stat();
		return status.isFile() && status.size <= limitBytes ? await file.readFile() : void 0;
	} finally {
		await file.close();
	}
}

// src/cache/facts-bundle.ts
/** Part of the cache keys. Increase it when the layout changes. */
const BUNDLE_SCHEMA = 1;
const BUNDLE_LIMIT_BYTES = 16777216;
const HEADER = `pve-provision facts ${1}`;
const FILE_LIMIT_BYTES = 6291456;
const DOCUMENTS_LIMIT = 200;
/** File names that are allowed in a bundle. No name can leave the folder. */
const NAMES = /^(?:journal\/facts\.jsonl|documents\/[0-9a-f]{40}\.document)$/;
/** Packs the files in a cache directory. Returns undefined if there are none. */
async function packBundle(directory, seal) {
	const names = ["journal/facts.jsonl", ...await documentNames(directory)];
	const files = {};
	for (const name of names) {
		const content = await readRegular(_join$4(directory, name), FILE_LIMIT_BYTES);
		if (content !== void 0) files[name] = content.toString("base64");
	}
	if (Object.keys(files).length === 0) return void 0;
	const payload = JSON.stringify(files);
	const text = `${HEADER}\n${sealOf(payload, seal)}\n${payload}\n`;
	return text.length > 16777216 ? void 0 : {
		text,
		contentHash: hashOf$1(payload)
	};
}
/**
* Unpacks a bundle into a cache directory. It never replaces existing files.
* @returns the hash of its content, or undefined if the seal is invalid; then nothing was written
*/
async function unpackBundle(text, directory, seal) {
	const [header, tag = "", payload = ""] = text.split("\n");
	if (header !== HEADER || !sameText(tag, sealOf(payload, seal))) return void 0;
	const files = Object.entries(JSON.parse(payload)).filter(([name]) => NAMES.test(name));
	for (const [name, content] of files) {
		const path = _join$4(directory, name);
		await _mkdir$1(_dirname$3(path), { recursive: true });
		await _writeFile$1(path, Buffer.from(content, "base64"), {
			flag: "wx",
			mode: 384
		}).catch(() => void 0);
	}
	return hashOf$1(payload);
}
async function documentNames(directory) {
	return (await _readdir(_join$4(directory, "documents")).catch(() => [])).map((name) => `documents/${name}`).filter((name) => NAMES.test(name)).toSorted().slice(0, DOCUMENTS_LIMIT);
}
function sealOf(payload, { secret, scope }) {
	const key = _createHmac("sha256", secret).update(`${HEADER} ${scope}`).digest();
	return _createHmac("sha256", key).update(payload).digest("hex");
}
function sameText(one, other) {
	const [left, right] = [Buffer.from(one), Buffer.from(other)];
	return left.length === right.length && _timingSafeEqual(left, right);
}
function hashOf$1(text) {
	return _createHash$3("sha256").update(text).digest("hex").slice(0, 32);
}

// src/cache/facts-cache.ts
function createFactsCache(settings) {
	const { inputs, cache, log, factsDirectory, temporaryDirectory } = settings;
	const scope = scopeOf(settings);
	const seal = {
		secret: inputs.tokenSecret,
		scope
	};
	const prefix = `${inputs.cacheKeyPrefix}-facts-v${1}-${scope}-`;
	const sealedFile = inputs.keepsStore ? _join$5(inputs.cacheDirectory, "facts", `${scope}.sealed`) : void 0;
	let before;
	const fromCache = async (signal) => {
		if (cache === void 0) return "This runner has no facts from an earlier run.";
		const entry = await cache.restore({
			key: prefix,
			restoreKeys: [],
			timeoutMs: inputs.cacheTimeoutMs,
			signal
		});
		if (entry === "trouble") return "The workflow’s cache did not answer in time; facts are read again from the cluster.";
		if (entry === void 0) return "The workflow’s cache has no facts from an earlier run.";
		before = await open(entry.path, factsDirectory, seal);
		await _rm$3(_dirname$4(entry.path), {
			recursive: true,
			force: true
		});
		if (before !== void 0) return "Facts and checksum documents came from the workflow’s cache.";
		log.warning(`The cache entry ${entry.key} was not sealed by this token and was ignored; facts are read again from the cluster.`);
		return "An entry in the workflow’s cache was not created by pve-provision and was ignored.";
	};
	return {
		async restore(signal) {
			before = sealedFile && await open(sealedFile, factsDirectory, seal);
			return before === void 0 ? fromCache(signal) : "This runner has facts and checksum documents from earlier jobs.";
		},
		async save({ timeoutMs = 2 * inputs.cacheTimeoutMs } = {}) {
			if (!settings.mayWrite) return void 0;
			const bundle = await packBundle(factsDirectory, seal);
			if (bundle === void 0 || bundle.contentHash === before) return void 0;
			if (sealedFile !== void 0) {
				await keep$1(sealedFile, bundle.text);
				return "The facts were saved on this runner, sealed with the token’s secret.";
			}
			const path = _join$5(temporaryDirectory, "facts");
			await _writeFile$2(path, bundle.text, { mode: 384 });
			return await cache?.save(path, {
				key: `${prefix}${bundle.contentHash}`,
				timeoutMs
			}) ? "The facts were saved to the workflow’s cache." : void 0;
		}
	};
}
async function keep$1(path, text) {
	await _mkdir$2(_dirname$4(path), {
		recursive: true,
		mode: 448
	});
	const aside = `${path}.${process.pid}`;
	await _rm$3(aside, { force: true });
	await _writeFile$2(aside, text, {
		mode: 384,
		flag: "wx"
	});
	await _rename$2(aside, path);
}
async function open(path, directory, seal) {
	try {
		const sealed = await readRegular(path, BUNDLE_LIMIT_BYTES);
		return sealed && await unpackBundle(sealed.toString(), directory, seal);
	} catch {
		return;
	}
}
/** Identifies one cluster, one token and one repository. It is a hash, because everyone can read cache keys. */
function scopeOf({ inputs: { endpoints, tokenId }, repository }) {
	const names = endpoints.map(({ origin }) => origin).toSorted();
	return _createHash$4("sha256").update([
		...names,
		tokenId,
		repository
	].join("\n")).digest("hex").slice(0, 16);
}

// \0builtin:node:child_process?packages/action/src/cache/workflow-cache.ts
const builtin$15 = process.getBuiltinModule("node:child_process");
const read$15 = (name) => builtin$15[name];
const _fork = /* @__PURE__ */ read$15("fork");

// \0builtin:node:fs/promises?packages/action/src/cache/workflow-cache.ts
const builtin$14 = process.getBuiltinModule("node:fs/promises");
const read$14 = (name) => builtin$14[name];
const _rename$1 = /* @__PURE__ */ read$14("rename");
const _rm$2 = /* @__PURE__ */ read$14("rm");
const _lstat = /* @__PURE__ */ read$14("lstat");
const _mkdtemp = /* @__PURE__ */ read$14("mkdtemp");

// \0builtin:node:path?packages/action/src/cache/workflow-cache.ts
const builtin$13 = process.getBuiltinModule("node:path");
const read$13 = (name) => builtin$13[name];
const _join$3 = /* @__PURE__ */ read$13("join");

// src/cache/workflow-cache.ts
/**
* Creates the cache access. It uses a child process because GitHub's client cannot be aborted (it waits 30 s for a
* service that answers 500), cannot be limited to a folder (tar follows absolute names and links in an archive), and
* prints problems as errors.
*/
function createWorkflowCache(settings) {
	let isUsable = true;
	return {
		async restore(request) {
			if (!isUsable) return "trouble";
			const folder = await _mkdtemp(_join$3(settings.temporaryDirectory, "restore-"));
			const answer = await exchange({
				...settings,
				folder
			}, {
				...request,
				action: "restore"
			});
			isUsable = answer !== void 0;
			const path = _join$3(folder, ENTRY_FILE);
			if (answer?.action === "restore" && answer.key !== void 0) {
				if ((await _lstat(path).catch(() => void 0))?.isFile()) return {
					key: answer.key,
					path
				};
				settings.log.warning(`The cache entry ${answer.key} was not created by pve-provision and was ignored.`);
			}
			await _rm$2(folder, {
				recursive: true,
				force: true
			});
			return answer === void 0 ? "trouble" : void 0;
		},
		async save(path, request) {
			if (!isUsable) return false;
			const folder = await _mkdtemp(_join$3(settings.temporaryDirectory, "save-"));
			try {
				await _rename$1(path, _join$3(folder, ENTRY_FILE));
				const answer = await exchange({
					...settings,
					folder
				}, {
					...request,
					action: "save"
				});
				return answer?.action === "save" && answer.saved;
			} finally {
				await _rm$2(folder, {
					recursive: true,
					force: true
				});
			}
		}
	};
}
async function exchange(place, { timeoutMs, signal, ...request }) {
	const message = {
		action: request.action,
		key: request.key,
		restoreKeys: request.restoreKeys ?? []
	};
	const child = _fork(place.program, [CHILD_ARGUMENT, JSON.stringify(message)], {
		cwd: place.folder,
		env: childEnvironment(place, request.action),
		execArgv: [],
		silent: true,
		timeout: timeoutMs,
		killSignal: "SIGKILL",
		...signal && { signal }
	});
	const { troubles, remarks } = listen(child, place.log);
	const { answer, code } = await ended(child);
	const trouble = answer?.action === "fail" ? answer.message : troubles[0] ?? (answer ? void 0 : silence(code, timeoutMs));
	if (trouble !== void 0 && !signal?.aborted) place.log.warning(sentence(request.action, trouble));
	else if (remarks[0] !== void 0) place.log.say(`The workflow's cache was not written: ${remarks[0]}`);
	return answer?.action === "fail" || request.action === "restore" && trouble !== void 0 ? void 0 : answer;
}
const OPERATIONS = {
	restore: "read",
	save: "written"
};
function sentence(action, trouble) {
	return `The workflow's cache could not be ${OPERATIONS[action]}. The run continues without it: ${trouble}`;
}
function silence(code, timeoutMs) {
	return code === null ? `no answer within ${Math.round(timeoutMs / 1e3)} s.` : `its client ended with ${code}.`;
}
/** Sorts the output of the client into problems, remarks and debug lines. */
function listen(child, log) {
	const troubles = [];
	const remarks = [];
	const sort = (line) => {
		const [, command, text] = /^::(\w[\w-]*)[^:]*::(.*)$/.exec(line) ?? [];
		if (command === "add-mask") log.command(line);
		else if (command === "warning" || command === "error") troubles.push(decode(text ?? ""));
		else if (line.startsWith("Failed to save: ")) remarks.push(line.slice(16));
		else if (line.trim() !== "") log.debug(command === "debug" ? decode(text ?? "") : line);
	};
	for (const stream of [child.stdout, child.stderr]) {
		let rest = "";
		stream?.setEncoding("utf8").on("data", (chunk) => {
			const lines = (rest + chunk).split(/\r?\n/);
			rest = lines.pop() ?? "";
			for (const line of lines) sort(line);
		});
		stream?.on("end", () => sort(rest));
	}
	return {
		troubles,
		remarks
	};
}
function decode(text) {
	return text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}
function ended(child) {
	return new Promise((resolve) => {
		let answer;
		child.on("message", (message) => {
			answer = message;
		});
		child.on("error", () => void 0);
		child.on("close", (code) => resolve({
			answer,
			code
		}));
	});
}
/** Environment variables that the client and tar need. Inputs and secrets are not passed on. */
const PASSED_ON = /^(PATH|HOME|USER|LANG|LC_\w+|TMPDIR|SystemRoot|ACTIONS_\w+|RUNNER_\w+|GITHUB_(SERVER_URL|REPOSITORY|RUN_ID|REF|API_URL)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i;
/**
* Makes GNU tar pipe each regular file to a command instead of writing it under its own name. Links and folders are
* skipped. So an archive can only create a file in this folder.
*/
const CONTAINED = "--to-command=cat>\\\"$PVE_PROVISION_LANDING/${TAR_FILENAME##*/}\\\"";
function childEnvironment({ environment, folder }, action) {
	const kept = Object.entries(environment).flatMap(([name, value]) => value !== void 0 && PASSED_ON.test(name) ? [[name, value]] : []);
	const restoring = action === "restore" && process.platform !== "win32";
	return {
		...Object.fromEntries(kept),
		GITHUB_WORKSPACE: folder,
		...restoring && {
			TAR_OPTIONS: CONTAINED,
			PVE_PROVISION_LANDING: folder
		}
	};
}

// \0builtin:node:crypto?packages/action/src/comment/comment.ts
const builtin$12 = process.getBuiltinModule("node:crypto");
const read$12 = (name) => builtin$12[name];
const _createHash$2 = /* @__PURE__ */ read$12("createHash");

// \0builtin:node:fs?packages/action/src/comment/comment.ts
const builtin$11 = process.getBuiltinModule("node:fs");
const read$11 = (name) => builtin$11[name];
const _readFileSync = /* @__PURE__ */ read$11("readFileSync");

// src/comment/whole-lines.ts
/** Returns the text with at most `limit` characters. */
function wholeLines(text, limit) {
	if (text.length <= limit) return text;
	const note = "\n\n… truncated; the job summary has the full text.\n";
	let open = [];
	let kept = "";
	for (const line of text.split(/(?<=\n)/)) {
		const after = opened(line, open);
		if (kept.length + line.length + closing(after).length + 50 > limit) break;
		kept += line;
		open = after;
	}
	return `${kept}${closing(open)}${note}`;
}
/** Returns what is open after a line: code fences and folded parts. Inside a fence, nothing else can open. */
function opened(line, open) {
	const fence = open.at(-1);
	const [, mark] = /^\s*(`{3,})/.exec(line) ?? [];
	if (fence?.startsWith("`")) return line.trim() === fence ? open.slice(0, -1) : open;
	if (mark !== void 0) return [...open, mark];
	if (line.startsWith("</details>")) return open.slice(0, -1);
	return line.startsWith("<details>") ? [...open, "</details>"] : open;
}
function closing(open) {
	return open.toReversed().map((end) => `\n${end}\n`).join("");
}

// src/comment/comment.ts
/** GitHub allows 65 536 characters in a comment. */
const LIMIT = 64e3;
/** Writes the comment of this run, or updates the one of an earlier run. A failure is only a warning. */
async function writeComment(summary, inputs, environment) {
	const issue = pullRequestOf(environment);
	if (issue === void 0) return say("No comment is written: this run is not for a pull request.");
	const { GITHUB_API_URL: api = "https://api.github.com", GITHUB_REPOSITORY: repository = "" } = environment;
	try {
		await upsert({
			api,
			repository,
			issue,
			token: inputs.githubToken
		}, markOf(inputs, environment), summary);
	} catch (thrown) {
		warning(`The comment on the pull request could not be written: ${toProvisionError(thrown).message} The job needs \`pull-requests: write\`; pull requests from forks never have it.`);
	}
}
async function upsert(place, mark, summary) {
	const { createComments } = await import("./github-comments.js");
	const comments = createComments(place);
	const body = `${mark}\n${wholeLines(runMarkdown({
		...summary,
		caches: []
	}, LIMIT), LIMIT)}`;
	const own = await comments.find(mark);
	if (own === void 0) await comments.create(body);
	else await comments.update(own, body);
	say(own === void 0 ? "The pull request has a comment." : "The comment on the pull request is up to date.");
}
/** One comment for each manifest, job and cluster, so that each job of a matrix has its own. */
function markOf({ manifestFile, endpoints }, { GITHUB_WORKSPACE, GITHUB_JOB }) {
	const parts = [
		nameInWorkspace(manifestFile, GITHUB_WORKSPACE ?? "."),
		GITHUB_JOB ?? "",
		...endpoints.map(({ origin }) => origin).toSorted()
	];
	return `<!-- pve-provision ${_createHash$2("sha256").update(parts.join("\n")).digest("hex").slice(0, 16)} -->`;
}
/** Returns the number of the pull request, or undefined if the event does not belong to one. */
function pullRequestOf({ GITHUB_EVENT_PATH }) {
	try {
		const number = JSON.parse(_readFileSync(GITHUB_EVENT_PATH ?? "", "utf8")).pull_request?.number;
		return Number.isInteger(number) ? Number(number) : void 0;
	} catch {
		return;
	}
}

// src/modes/doctor.ts
/** @throws ProvisionError if Proxmox is unreachable or refuses access */
async function doctor({ signal }, { desired, world, lock, summary }) {
	const facts = await observe(desired, world, {
		lock,
		factsMaxAgeMs: 0,
		signal
	});
	const findings = [...clusterFindings(facts), ...manifestFindings(desired, facts)];
	for (const finding of findings) say(`${finding.ok ? "✓" : "✗"} ${finding.name}: ${finding.message}`);
	const wrong = findings.filter(({ ok }) => !ok);
	const kinds = Map.groupBy(wrong, ({ name, message, remedy }) => JSON.stringify([name, remedy ?? message]));
	for (const [first] of kinds.values()) if (first) annotate(first.name, [first.message, ...first.remedy ?? []].join("\n"));
	return { summary: {
		...summary,
		findings
	} };
}

// \0builtin:node:fs?packages/action/src/modes/pin.ts
const builtin$10 = process.getBuiltinModule("node:fs");
const read$10 = (name) => builtin$10[name];
const _renameSync = /* @__PURE__ */ read$10("renameSync");
const _writeFileSync = /* @__PURE__ */ read$10("writeFileSync");

// \0builtin:node:path?packages/action/src/modes/pin.ts
const builtin$9 = process.getBuiltinModule("node:path");
const read$9 = (name) => builtin$9[name];
const _basename = /* @__PURE__ */ read$9("basename");

// src/modes/pin.ts
/** @throws ProvisionError as `pinImages` */
async function pin({ inputs, signal }, { desired, world, lock, summary }) {
	const now = await pinImages(desired, world, {
		signal,
		...lock && { before: lock }
	});
	const changes = lockChanges(lock ?? { images: {} }, now);
	if (changes.length > 0 || lock === void 0) write(inputs.lockFile, formatLockFile(now));
	const statements = changes.length === 0 ? [`${_basename(inputs.lockFile)} is up to date.`] : changes;
	for (const statement of statements) say(statement);
	return {
		summary: {
			...summary,
			statements
		},
		moved: changes.length
	};
}
/** Writes to a temporary file and renames it, so that a killed run keeps the old file. */
function write(file, text) {
	const aside = `${file}.${process.pid}`;
	_writeFileSync(aside, text);
	_renameSync(aside, file);
}

// \0builtin:node:crypto?packages/action/src/cache/image-cache.ts
const builtin$8 = process.getBuiltinModule("node:crypto");
const read$8 = (name) => builtin$8[name];
const _createHash$1 = /* @__PURE__ */ read$8("createHash");

// \0builtin:node:fs?packages/action/src/cache/image-cache.ts
const builtin$7 = process.getBuiltinModule("node:fs");
const read$7 = (name) => builtin$7[name];
const _createReadStream = /* @__PURE__ */ read$7("createReadStream");

// \0builtin:node:fs/promises?packages/action/src/cache/image-cache.ts
const builtin$6 = process.getBuiltinModule("node:fs/promises");
const read$6 = (name) => builtin$6[name];
const _copyFile = /* @__PURE__ */ read$6("copyFile");
const _rename = /* @__PURE__ */ read$6("rename");
const _rm$1 = /* @__PURE__ */ read$6("rm");
const _stat = /* @__PURE__ */ read$6("stat");
const _link = /* @__PURE__ */ read$6("link");

// \0builtin:node:path?packages/action/src/cache/image-cache.ts
const builtin$5 = process.getBuiltinModule("node:path");
const read$5 = (name) => builtin$5[name];
const _join$2 = /* @__PURE__ */ read$5("join");
const _dirname$2 = /* @__PURE__ */ read$5("dirname");

// \0builtin:node:stream/promises?packages/action/src/cache/image-cache.ts
const builtin$4 = process.getBuiltinModule("node:stream/promises");
const read$4 = (name) => builtin$4[name];
const _pipeline = /* @__PURE__ */ read$4("pipeline");

// src/cache/image-cache.ts
/** Part of the keys. Increase it when the layout changes. */
const SCHEMA$1 = 1;
const TIMEOUT_MS = 9e5;
const NONE = {
	restore: async () => [],
	save: async () => []
};
function createImageCache(settings) {
	const { inputs, cache } = settings;
	if (cache === void 0 || inputs.imagesBudgetBytes === 0) return NONE;
	const place = {
		...settings,
		cache
	};
	const restored = /* @__PURE__ */ new Set();
	let spentBytes = 0;
	return {
		async restore(plan, signal) {
			for (const digest of downloadsIn(plan)) {
				const bytes = await restoreImage(digest, place, signal);
				if (bytes === void 0) continue;
				restored.add(digest);
				spentBytes += bytes;
			}
			if (restored.size === 0) return [];
			return [`${countText(restored.size, "image")} (${bytesText(spentBytes)}) came from the workflow’s cache.`];
		},
		async save(report) {
			if (!settings.mayWrite) return [];
			const sentences = [];
			for (const { step, status } of report.outcomes) {
				if (step.kind !== "download" || status !== "done" || restored.has(step.digest)) continue;
				const blob = await place.store.find(step.digest);
				if (blob === void 0) continue;
				if (spentBytes + blob.bytes > inputs.imagesBudgetBytes) {
					sentences.push(`${step.image} (${bytesText(blob.bytes)}) exceeds the budget for images in the cache.`);
					continue;
				}
				spentBytes += blob.bytes;
				if (await saveImage(step.digest, blob.path, place)) sentences.push(`${step.image} was saved to the workflow’s cache.`);
			}
			return sentences;
		}
	};
}
function downloadsIn({ steps }) {
	return new Set(steps.flatMap((step) => step.kind === "download" && step.action === "run" ? [step.digest] : []));
}
async function restoreImage(digest, place, signal) {
	const entry = await place.cache.restore({
		key: keyOf(digest, place),
		timeoutMs: TIMEOUT_MS,
		signal
	});
	if (entry === void 0 || entry === "trouble") return void 0;
	try {
		if (await digestOf(entry.path, digest) === digest) return await shelve(digest, entry, place);
		place.log.warning(`The cache entry ${entry.key} does not match its key and was ignored.`);
		return;
	} finally {
		await _rm$1(_dirname$2(entry.path), {
			recursive: true,
			force: true
		});
	}
}
async function shelve(digest, { path }, { store }) {
	const { size } = await _stat(path);
	await store.ensure(digest, (temporaryPath) => move(path, temporaryPath));
	return size;
}
async function saveImage(digest, path, place) {
	const own = _join$2(place.temporaryDirectory, "image");
	await _link(path, own).catch(() => _copyFile(path, own));
	return place.cache.save(own, {
		key: keyOf(digest, place),
		timeoutMs: TIMEOUT_MS
	});
}
async function move(from, to) {
	await _rename(from, to).catch(() => _copyFile(from, to));
}
function keyOf(digest, { inputs }) {
	return `${inputs.cacheKeyPrefix}-image-v${SCHEMA$1}-${digest.replace(":", "-")}`;
}
async function digestOf(path, like) {
	const [algorithm = "sha256"] = like.split(":");
	const hash = _createHash$1(algorithm);
	await _pipeline(_createReadStream(path, { highWaterMark: 1048576 }), hash);
	return `${algorithm}:${hash.digest("hex")}`;
}

// src/sweep-store.ts
const UNUSED_MS = 2592e6;
/**
* Removes old blobs. Resolves with a sentence for the summary if there were any. A disk error does not fail the run.
*/
async function sweepStore(store, nowMs) {
	try {
		const old = (await store.list()).filter(({ usedAtMs }) => nowMs - usedAtMs > UNUSED_MS);
		for (const { key } of old) await store.remove(key);
		if (old.length === 0) return void 0;
		const bytes = old.reduce((sum, blob) => sum + blob.bytes, 0);
		return `Removed ${countText(old.length, "image")} (${bytesText(bytes)}) from the runner’s image store: unused for 30 days.`;
	} catch {
		return;
	}
}

// \0builtin:node:path?packages/action/src/tool/qemu-img.ts
const builtin$3 = process.getBuiltinModule("node:path");
const read$3 = (name) => builtin$3[name];
const _join$1 = /* @__PURE__ */ read$3("join");
const _dirname$1 = /* @__PURE__ */ read$3("dirname");
const _delimiter = /* @__PURE__ */ read$3("delimiter");

// \0builtin:node:crypto?packages/action/src/tool/debian-packages.ts
const builtin$2 = process.getBuiltinModule("node:crypto");
const read$2 = (name) => builtin$2[name];
const _createHash = /* @__PURE__ */ read$2("createHash");

// \0builtin:node:fs/promises?packages/action/src/tool/debian-packages.ts
const builtin$1 = process.getBuiltinModule("node:fs/promises");
const read$1 = (name) => builtin$1[name];
const _glob = /* @__PURE__ */ read$1("glob");
const _rm = /* @__PURE__ */ read$1("rm");
const _mkdir = /* @__PURE__ */ read$1("mkdir");
const _chmod = /* @__PURE__ */ read$1("chmod");
const _writeFile = /* @__PURE__ */ read$1("writeFile");
const _readFile = /* @__PURE__ */ read$1("readFile");

// \0builtin:node:path?packages/action/src/tool/debian-packages.ts
const builtin = process.getBuiltinModule("node:path");
const read = (name) => builtin[name];
const _join = /* @__PURE__ */ read("join");
const _dirname = /* @__PURE__ */ read("dirname");

// src/tool/run-program.ts
/** Resolves with standard output. Rejects with the program's last output if the program is missing or fails. */
async function runProgram(file, args, { cwd, signal } = {}) {
	const { execa } = await import("./execa.js");
	const { stdout, stderr, failed, shortMessage } = await execa(file, args, {
		reject: false,
		stdin: "ignore",
		env: {
			LC_ALL: "C",
			DEBIAN_FRONTEND: "noninteractive"
		},
		...cwd !== void 0 && { cwd },
		...signal && { cancelSignal: signal }
	});
	if (failed) throw new Error(stderr?.trim().split("\n").at(-1) || shortMessage);
	return stdout ?? "";
}

// src/tool/debian-packages.ts
/** Part of the keys. Increase it when the layout changes. */
const SCHEMA = 1;
const PACKAGE = "qemu-utils";
const CACHE_TIMEOUT_MS = 3e4;
/**
* Unpacks qemu-img and its dependencies into a folder that contains `bin/qemu-img`. Returns undefined without apt.
* Packages may come from the workflow's cache. Each one is compared with apt's signed lists before it is opened.
*/
async function unpackDebianTool(settings) {
	const { temporaryDirectory, signal } = settings;
	const apt = await openApt(_join(temporaryDirectory, "apt"), signal);
	if (apt === void 0) return void 0;
	const folder = _join(temporaryDirectory, "qemu-img");
	const packages = _join(temporaryDirectory, "packages");
	await _mkdir(packages, { recursive: true });
	await fetchPackages(apt, packages, settings);
	const root = _join(folder, "root");
	await _mkdir(root, { recursive: true });
	for (const { file } of apt.packages) await runProgram("dpkg-deb", [
		"-x",
		_join(packages, file),
		root
	], { signal });
	for (const used of [packages, _join(temporaryDirectory, "apt")]) await _rm(used, {
		recursive: true,
		force: true
	});
	await writeWrapper(folder, root);
	return folder;
}
/** Uses the system's package lists. If they are missing, downloads lists into a folder of this run. */
async function openApt(directory, signal) {
	if (!await runProgram("apt-get", ["--version"], { signal }).catch(() => void 0)) return void 0;
	const shared = await listPackages(["-o", "Debug::NoLocking=1"], signal).catch(() => []);
	if (shared.length > 0) return {
		options: ["-o", "Debug::NoLocking=1"],
		packages: shared
	};
	await _mkdir(_join(directory, "lists", "partial"), { recursive: true });
	await _mkdir(_join(directory, "cache", "archives", "partial"), { recursive: true });
	const options = [
		"-o",
		`Dir::State::Lists=${directory}/lists`,
		"-o",
		`Dir::Cache=${directory}/cache`,
		"-o",
		"Debug::NoLocking=1"
	];
	await runProgram("apt-get", [
		...options,
		"update",
		"-qq"
	], { signal });
	return {
		options,
		packages: await listPackages(options, signal)
	};
}
async function listPackages(options, signal) {
	const args = [
		"install",
		"--print-uris",
		"-qq",
		"--no-install-recommends",
		PACKAGE
	];
	const files = parseUris(await runProgram("apt-get", [...options, ...args], { signal }));
	return Promise.all(files.map(async ({ spec, file }) => {
		const record = await runProgram("apt-cache", [
			...options,
			"show",
			"--no-all-versions",
			spec
		], { signal });
		const sha256 = /^SHA256: ([0-9a-f]{64})$/m.exec(record)?.[1];
		if (sha256 === void 0) throw new Error(`apt's lists have no SHA-256 for ${spec}`);
		return {
			spec,
			file,
			sha256
		};
	}));
}
/** Parses `'http://…/x.deb' qemu-utils_1%3a7.2_amd64.deb 1292564 MD5Sum:…`, one package on each line. */
function parseUris(text) {
	return Array.from(text.matchAll(/^'\S+' (([a-z0-9][a-z0-9+.-]*)_([\w.+~%-]+)_([a-z0-9]+)\.deb) \d+/gm), (found) => {
		const [, file = "", name = "", version = "", architecture = ""] = found;
		return {
			file,
			spec: `${name}${architecture === "all" ? "" : `:${architecture}`}=${decodeURIComponent(version)}`
		};
	});
}
async function fetchPackages(apt, directory, { cache, prefix, signal }) {
	const key = `${prefix}-tool-v${SCHEMA}-${hashOf(JSON.stringify(apt.packages)).slice(0, 32)}`;
	const missing = cache ? await restorePackages(apt.packages, {
		cache,
		key,
		directory,
		signal
	}) : apt.packages;
	if (missing.length === 0) return;
	const specs = missing.map(({ spec }) => spec);
	await runProgram("apt-get", [
		...apt.options,
		"-qq",
		"download",
		...specs
	], {
		cwd: directory,
		signal
	});
	for (const { file, sha256, spec } of missing) if (hashOf(await _readFile(_join(directory, file))) !== sha256) throw new Error(`${spec} does not match apt's lists`);
	if (cache) await savePackages(apt.packages, {
		cache,
		key,
		directory,
		signal
	});
}
/** Returns the packages that were not in the cache, or whose digest was wrong. */
async function restorePackages(packages, packageCache) {
	const { cache, key, directory, signal } = packageCache;
	const entry = await cache.restore({
		key,
		timeoutMs: CACHE_TIMEOUT_MS,
		signal
	});
	if (entry === void 0 || entry === "trouble") return packages;
	const contents = await _readFile(entry.path, "utf8").then(parseContents, () => /* @__PURE__ */ new Map());
	await _rm(_dirname(entry.path), {
		recursive: true,
		force: true
	});
	const isRight = ({ file, sha256 }) => hashOf(contents.get(file) ?? "") === sha256;
	for (const wanted of packages.filter(isRight)) await _writeFile(_join(directory, wanted.file), contents.get(wanted.file) ?? "");
	return packages.filter((wanted) => !isRight(wanted));
}
function parseContents(text) {
	try {
		const entries = Object.entries(JSON.parse(text));
		return new Map(entries.map(([file, content]) => [file, Buffer.from(String(content), "base64")]));
	} catch {
		return /* @__PURE__ */ new Map();
	}
}
async function savePackages(packages, { cache, key, directory, signal }) {
	const contents = {};
	for (const { file } of packages) contents[file] = await _readFile(_join(directory, file), "base64");
	const path = _join(directory, "packages.json");
	await _writeFile(path, JSON.stringify(contents));
	await cache.save(path, {
		key,
		timeoutMs: CACHE_TIMEOUT_MS,
		signal
	});
}
/**
* Writes a wrapper that sets the library path. The libraries are next to the program, where the loader does not search.
*/
async function writeWrapper(folder, root) {
	const libraries = [];
	for await (const name of _glob("{usr/lib,lib}/*-linux-gnu*", { cwd: root })) libraries.push(`$root/${name}`);
	const script = [
		"#!/bin/sh",
		"root=$(dirname \"$(dirname \"$(readlink -f \"$0\")\")\")/root",
		`LD_LIBRARY_PATH="${libraries.join(":")}" exec "$root/usr/bin/qemu-img" "$@"`
	].join("\n");
	await _mkdir(_join(folder, "bin"), { recursive: true });
	await _writeFile(_join(folder, "bin", "qemu-img"), `${script}\n`);
	await _chmod(_join(folder, "bin", "qemu-img"), 493);
}
function hashOf(content) {
	return _createHash("sha256").update(content).digest("hex");
}

// src/tool/system-packages.ts
const MANAGERS = [
	{
		program: "dnf",
		args: [
			"install",
			"-y",
			"-q",
			"qemu-img"
		]
	},
	{
		program: "apk",
		args: [
			"add",
			"--quiet",
			"qemu-img"
		]
	},
	{
		program: "zypper",
		args: [
			"--non-interactive",
			"--quiet",
			"install",
			"qemu-tools"
		]
	},
	{
		program: "pacman",
		args: [
			"-S",
			"--noconfirm",
			"--needed",
			"qemu-img"
		]
	},
	{
		program: "brew",
		args: [
			"install",
			"--quiet",
			"qemu"
		],
		asUser: true
	}
];
/** Installs qemu-img. Rejects if there is no known package manager, or if it fails. */
async function installBySystem() {
	for (const manager of MANAGERS) {
		if (!await isThere(manager.program)) continue;
		const command = [
			...process.getuid?.() === 0 || "asUser" in manager ? [] : ["sudo", "-n"],
			manager.program,
			...manager.args
		];
		say(`$ ${command.join(" ")}`);
		const [file = "", ...args] = command;
		await runProgram(file, args);
		return;
	}
	throw new Error("no known package manager was found");
}
async function isThere(program) {
	return runProgram(program, ["--version"]).then(() => true, () => false);
}

// src/tool/qemu-img.ts
const TOOL = "qemu-img";
/**
* Makes `qemu-img` available on this process's PATH. If that fails, it warns, and the step that needs the program fails
* with its own error.
* @returns a sentence for the summary, with the version
*/
async function provideQemuImg(settings) {
	try {
		return await find(settings);
	} catch (thrown) {
		warning(`qemu-img is missing and could not be installed: ${toProvisionError(thrown).message}`);
		return;
	}
}
async function find(settings) {
	const own = await versionOf(TOOL);
	if (own) return `qemu-img ${own} is the runner’s own.`;
	const kept = await fromToolCache(settings);
	if (kept) return `qemu-img ${kept} came from the runner’s tool cache.`;
	say("This runner has no qemu-img, but an image has to be converted: installing it.");
	const folder = await unpackDebianTool(settings);
	if (folder === void 0) {
		await installBySystem();
		return `qemu-img ${await versionOf(TOOL) ?? "of unknown version"} was installed by the system’s package manager.`;
	}
	const version = await versionOf(_join$1(folder, "bin", TOOL));
	if (version === void 0) throw new Error("the extracted program does not run on this runner");
	putOnPath(await keep(folder, version, settings));
	return `qemu-img ${version} was extracted from the distribution’s packages.`;
}
/** Returns `7.2.22`, or undefined if the program is missing or does not run. */
async function versionOf(program) {
	const output = await runProgram(program, ["--version"]).catch(() => "");
	return /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
}
async function fromToolCache({ environment }) {
	if (!hasToolCache(environment)) return void 0;
	const { find: findTool } = await import("./tool-cache.js");
	const folder = findTool(TOOL, "*");
	if (folder === "") return void 0;
	const version = await versionOf(_join$1(folder, "bin", TOOL));
	if (version) putOnPath(folder);
	return version;
}
async function keep(folder, version, { environment }) {
	if (!hasToolCache(environment)) return folder;
	const { cacheDir } = await import("./tool-cache.js");
	return cacheDir(folder, TOOL, version);
}
/** The tool cache library throws if the runner does not set its folders. */
function hasToolCache({ RUNNER_TOOL_CACHE, RUNNER_TEMP }) {
	return Boolean(RUNNER_TOOL_CACHE && RUNNER_TEMP);
}
/** Changes PATH only for this process and its children, not for later steps of the job. */
function putOnPath(folder) {
	process.env.PATH = [_join$1(folder, "bin"), process.env.PATH ?? _dirname$1(process.execPath)].join(_delimiter);
}

// src/modes/token-expiry.ts
const SOON_MS = 12096e5;
/**
* Checks the expiry only when the facts are read again, so that a run with cached facts makes no extra request. A token
* may always read itself (pve-access-control `API2/User.pm`, `userid-param self`). A failure of this check does not
* fail the run.
*/
async function warnOfExpiry({ facts }, { world, inputs, signal }) {
	const [user, name] = inputs.tokenId.split("!");
	if (facts.cluster.cached !== void 0 || user === void 0 || name === void 0) return;
	const path = `/access/users/${encodeURIComponent(user)}/token/${encodeURIComponent(name)}`;
	const token = await world.pve.request("GET", path, {
		signal,
		timeoutMs: 5e3
	}).catch(() => void 0);
	const expireSeconds = typeof token === "object" && token !== null ? Reflect.get(token, "expire") : void 0;
	if (typeof expireSeconds === "number") tell(inputs.tokenId, expireSeconds, world.clock.now());
}
function tell(tokenId, expireSeconds, nowMs) {
	const leftMs = expireSeconds * 1e3 - nowMs;
	if (expireSeconds === 0) say(`Note: the token ${tokenId} never expires.`);
	else if (leftMs < SOON_MS) warning(`The token ${tokenId} expires in ${durationText(leftMs)}: create a new one and replace the secret.`, "The token expires soon");
}

// src/modes/plan-and-apply.ts
async function planAndApply(job, around) {
	const { inputs, signal } = job;
	const { restoring, world, summary } = around;
	const prepared = await look(job, around);
	const expiry = warnOfExpiry(prepared, {
		world,
		inputs,
		signal
	});
	const restored = await restoring;
	const known = {
		...summary,
		...restored && { caches: [restored] }
	};
	showPlan(prepared.plan);
	try {
		requireExpected(inputs, prepared);
	} catch (thrown) {
		return {
			...ended$1({
				...known,
				plan: prepared.plan
			}, thrown),
			prepared
		};
	}
	const ending = await (inputs.mode === "plan" ? planned(prepared, known) : execute(job, {
		prepared,
		world,
		summary: known
	}));
	await expiry;
	return ending;
}
function look(job, { desired, world, lock }) {
	const { mode, removal, adoptions } = job.inputs;
	const options = {
		...optionsOf(job),
		...lock && { lock }
	};
	if (mode === "adopt") return prepareAdopt(desired, world, {
		...options,
		adoptions
	});
	if (mode === "prune") return preparePrune(desired, world, options);
	return (removal === void 0 ? prepare : prepareDestroy)(desired, world, options);
}
/** @throws ProvisionError `CONFLICT` if the plan is not the approved one */
function requireExpected({ expectedDigest }, { plan: { digest } }) {
	if (expectedDigest === void 0 || expectedDigest === digest) return;
	throw new ProvisionError("CONFLICT", `This is not the expected plan: its digest is ${digest}, but \`expect-plan\` is ${expectedDigest}. Nothing was changed.`, { hint: "Review the plan of this run. If it is what you want, run again with its digest." });
}
function planned(prepared, summary) {
	const { plan } = prepared;
	annotateProblems(plan);
	return {
		summary: {
			...summary,
			plan
		},
		prepared
	};
}
async function execute(job, { prepared, world, summary }) {
	const { inputs, cache, mayWrite, temporaryDirectory, signal } = job;
	const { plan, desired } = prepared;
	const images = createImageCache({
		inputs,
		cache,
		mayWrite,
		store: world.store,
		temporaryDirectory,
		log: {
			warning,
			say
		}
	});
	const provided = await provide(job, prepared, images);
	if (inputs.destroyAfter) saveWhatIsMade(plan);
	const begun = {
		...summary,
		plan,
		caches: [...summary.caches ?? [], ...provided]
	};
	try {
		const report = await apply(prepared, showEvents(Date.now));
		annotateReport(report, desired);
		say(report.ok ? report.changed ? "Done." : "Nothing to do." : "Finished with errors.");
		const kept = signal.aborted ? [] : await tidy(inputs, {
			report,
			images,
			world
		});
		return {
			summary: {
				...begun,
				report,
				caches: [...begun.caches ?? [], ...kept]
			},
			prepared
		};
	} catch (thrown) {
		return {
			...ended$1(begun, thrown),
			prepared
		};
	}
}
/**
* Provides what the plan needs without contacting the vendor: qemu-img and cached images. Resolves with sentences for
* the summary.
*/
async function provide(job, { plan, facts }, images) {
	const { inputs, mayWrite, temporaryDirectory, signal } = job;
	const cache = mayWrite ? job.cache : void 0;
	const restored = await images.restore(plan, signal);
	if (!plan.steps.some((step) => needsProgram(step, facts))) return restored;
	const { cacheKeyPrefix: prefix } = inputs;
	const tool = await provideQemuImg({
		environment: process.env,
		cache,
		temporaryDirectory,
		prefix,
		signal
	});
	return tool ? [...restored, tool] : restored;
}
/** qcow2 to raw needs no program. The format of an image whose first bytes were not read is unknown. */
function needsProgram(step, { images }) {
	if (step.kind !== "convert" || step.action !== "run") return false;
	const image = images.get(step.image);
	return !((image === void 0 || image instanceof Error ? void 0 : image.format) === "qcow2" && step.format === "raw");
}
/** Saves what the next run may need and removes the rest. Resolves with sentences for the summary. */
async function tidy(inputs, { report, images, world }) {
	const kept = await images.save(report);
	const swept = inputs.keepsStore ? await sweepStore(world.store, Date.now()) : void 0;
	return swept ? [...kept, swept] : kept;
}
function optionsOf({ inputs, signal }) {
	const { only, replace, replaceOutdated, restart, move, prune, batch, removal } = inputs;
	return {
		signal,
		factsMaxAgeMs: inputs.factsMaxAgeMs,
		...inputs.imagesBudgetBytes > 0 && { keepImages: true },
		stopOnError: inputs.stopOnError,
		keepFailed: inputs.keepFailed,
		...only.length > 0 && { only },
		...replace.length > 0 && { replace },
		replaceOutdated,
		restart,
		move,
		prune,
		batch,
		expired: removal === "expired",
		orphans: removal === "orphans"
	};
}

// src/modes/validate.ts
function validate({ desired, summary }) {
	refuseImpossible(desired);
	const { images, machines, notes = [] } = desired;
	for (const note of notes) annotateNote(note);
	const sentence = `The manifest is fine: ${countText(images.size, "image")}, ${countText(machines.length, "machine")}.`;
	say(sentence);
	const told = notes.map(({ file, line, message }) => `${file}:${line}: ${message}`);
	return { summary: {
		...summary,
		statements: [sentence, ...told]
	} };
}

// src/wait-for-cache.ts
/** Returns the same world, in which journal and documents wait for `restored`. `restored` must not reject. */
function waitForCache(world, restored) {
	const { journal, http } = world;
	return {
		...world,
		journal: {
			recall: async (key) => {
				await restored;
				return journal.recall(key);
			},
			record: async (key, value) => {
				await restored;
				await journal.record(key, value);
			}
		},
		http: {
			...http,
			getDocument: async (url, options) => {
				await restored;
				return http.getDocument(url, options);
			}
		}
	};
}

// src/run-action.ts
/** Never rejects. An error becomes part of the summary. */
async function work(job) {
	const { inputs, factsCache, signal } = job;
	const begun = {
		project: nameInWorkspace(inputs.manifestFile, process.env.GITHUB_WORKSPACE ?? "."),
		mode: inputs.mode
	};
	const restoring = factsCache.restore(signal).catch(restoreTrouble);
	try {
		const { desired, secrets } = loadManifest(inputs, process.env);
		for (const secret of secrets) hide(secret);
		const lock = loadLockFile(inputs, process.env);
		const summary = {
			...begun,
			project: desired.project
		};
		if (inputs.mode === "validate") return validate({
			desired,
			lock,
			restoring,
			summary
		});
		return await withWorld(job, {
			desired,
			lock,
			restoring,
			summary
		});
	} catch (thrown) {
		return ended$1(begun, thrown);
	} finally {
		await restoring;
	}
}
function restoreTrouble(thrown) {
	warning(`The workflow's cache could not be used: ${toProvisionError(thrown).message}`);
}
async function withWorld(job, beginning) {
	const opened = openWorld(job.inputs, beginning.desired, {
		environment: process.env,
		factsDirectory: job.factsDirectory
	});
	const around = {
		...beginning,
		world: waitForCache(opened, beginning.restoring)
	};
	try {
		return await runMode(job, around);
	} catch (thrown) {
		return ended$1(beginning.summary, thrown);
	} finally {
		opened.pve.close();
	}
}
function runMode(job, around) {
	const { mode } = job.inputs;
	if (mode === "pin") return pin(job, around);
	return mode === "doctor" ? doctor(job, around) : planAndApply(job, around);
}

// src/run.ts
/** Timeout for saving to the cache after a cancellation, because the runner soon kills the process. */
const HURRIED_SAVE_MS = 1500;
const log = {
	debug,
	say,
	warning,
	command
};
/** Runs the action and exits the process. `program` is its entry file, which is started again for the workflow's cache. */
async function run(program) {
	markPostStep();
	for (const secret of tokenSecretsOf(process.env)) hide(secret);
	return leave(await attempt(program).catch(refuse) ? 0 : 1);
}
/** Reports invalid inputs in the same places as other errors. */
async function refuse(thrown) {
	const error = toProvisionError(thrown);
	annotateError(error);
	const summary = {
		project: "pve-provision",
		mode: "inputs",
		error
	};
	const writesSummary = inputOf(process.env, "summary").toLowerCase() !== "false";
	await writeOutputs({ summary }, {
		writesSummary,
		temporaryDirectory: await ownFolder()
	});
	return false;
}
function ownFolder() {
	return _mkdtemp$1(_join$6(process.env.RUNNER_TEMP || _tmpdir(), "pve-provision-"));
}
async function attempt(program) {
	const inputs = readInputs(process.env);
	const cancellation = onCancel(inputs);
	const temporaryDirectory = await ownFolder();
	const factsDirectory = _join$6(temporaryDirectory, "facts-of-this-run");
	const { cache, mayWrite, factsCache } = openCaches(inputs, {
		program,
		temporaryDirectory,
		factsDirectory
	});
	const { signal } = cancellation;
	const working = work({
		inputs,
		cache,
		mayWrite,
		factsCache,
		temporaryDirectory,
		factsDirectory,
		signal
	});
	const ending = await Promise.race([working, cancellation.expired.then(() => cutShort(inputs))]);
	if (cancellation.isTimedOut()) annotate("Timed out", `The run was stopped after ${durationText(inputs.timeoutMs ?? 0)}, the limit of the input \`timeout\`.`);
	await writeOutputs(ending, {
		writesSummary: inputs.summary,
		temporaryDirectory
	});
	const cancelled = cancellation.signal.aborted;
	if (inputs.comment && !cancelled) await writeComment(ending.summary, inputs, process.env);
	const saved = await factsCache.save(cancelled ? { timeoutMs: HURRIED_SAVE_MS } : {});
	if (saved) say(saved);
	return isWell(ending.summary) && !cancelled;
}
function openCaches(inputs, { program, temporaryDirectory, factsDirectory }) {
	const { mode, why } = cacheAccess(inputs.cache, process.env);
	if (why) say(why);
	const mayWrite = mode === "read-write" || mode === "off" && inputs.keepsStore && inputs.cache !== "off";
	const cache = mode === "off" ? void 0 : createWorkflowCache({
		environment: process.env,
		program,
		temporaryDirectory,
		log
	});
	const repository = process.env.GITHUB_REPOSITORY ?? "";
	return {
		...cache && { cache },
		mayWrite,
		factsCache: createFactsCache({
			inputs,
			repository,
			mayWrite,
			cache,
			factsDirectory,
			temporaryDirectory,
			log
		})
	};
}
function cutShort({ mode, manifestFile }) {
	const error = new ProvisionError("CANCELLED", "The run was cancelled, and running steps did not finish in time.", { hint: "Run again: the next run checks what exists and finishes it." });
	return { summary: {
		project: nameInWorkspace(manifestFile, process.env.GITHUB_WORKSPACE ?? "."),
		mode,
		error
	} };
}
/** Exits explicitly, because open network sockets would keep the job running. */
function leave(code) {
	return new Promise(() => {
		process.stdout.write("", () => process.exit(code));
	});
}

export { run };