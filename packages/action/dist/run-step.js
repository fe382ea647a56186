import { i as __toESM, r as __require, t as __commonJSMin } from "./rolldown-runtime.js";
import { n as toProvisionError, r as cleanText, t as ProvisionError } from "./errors.js";
import { $t as haRuleName, A as compareMachine, An as staticAddresses, At as imageOfDrive, Bt as withProperties, Cn as retirementOf, Ct as withCarriedDisks, Dt as sizeOfDisk, Et as isDriveKey, Ft as parseProperties, G as protectedError, Gt as hash16, Ht as recallMade, It as parseTags, J as newExpiry, Jt as candidateVmids, K as firstBootChange, Kt as madeKey, Lt as splitTags, M as awaitsOf, Mt as formatProperties, N as pendingChanges, Nt as formatSize, On as api, Qt as listOwnRunningTasks, Sn as retiredName, St as volumeOfDrive, Tn as reachableAddresses, Tt as growthOf, U as isProtected, Ut as recordMade, V as UNFINISHED, Vt as withTag, W as mayUnprotect, Y as sameValue, Z as seedDocuments, _ as buildConfig, _n as foundChecksum, _t as keepsRunning, an as listStorage, bn as isProblem, cn as readConfig, dn as isTemplate, dt as standsForRaw, et as yamlText, f as adoptable, fn as readPending, g as buildMachine, gn as writeDescription, hn as readText, i as templatesThere, j as awaitedKeys, jt as madeFrom, k as affectedOf, kn as configParameters, l as dataDisksOf, lt as pushedName, m as isAdopted, mn as readMarker, o as seedOf, on as listVolumesOf, ot as isWholeVolume, p as adoptedMarker, pn as OWNER_TAG, qn as volumeStorage, qt as candidateRank, rn as canConnect, s as buildCd, st as packedName, t as bootVolume, tt as withPart, un as isReadyTemplate, v as sealedConfig, vn as isLeftover, wn as retirementText, wt as withoutDetached, x as templatePool, xn as nameBeforeRetired, xt as unusedDisks, y as TEMPLATE_CONFIG, yn as isLostReply, zt as textOf } from "./plan-build.js";
import { l as describeTask, m as maskSecrets, u as parseUpid } from "./answer-texts.js";
import { c as readHeader, i as examine, l as readSparseBlock, o as refused, r as HEAD_BYTES, s as sniff, t as lookAtImage } from "./look-at-image.js";
import { n as onDisk, t as diskError } from "./disk-error.js";
import { i as pipeThrough, n as isInstalled, r as isMissingProgram } from "./exec.js";
import { t as forgetFile } from "./file-image.js";
import { i as shareProgress, n as readableIn, t as convertQcow2 } from "./convert-qcow2.js";
import { t as hashFile } from "./hash-file.js";

// ../core/dist/execute/retry-on-conflict.js
const ATTEMPTS$3 = 4;
const PAUSE_MS$5 = 500;
/**
* Runs `attempt`, which reads a configuration and changes it with the digest that it read. If the configuration changed
* between the two, Proxmox refuses the change, and `attempt` runs again.
* @throws the error of the fourth attempt, or any other error
*/
async function retryOnConflict(attempt, { world, signal }, { lostReplies = false } = {}) {
	for (let count = 1;; count += 1) try {
		return await attempt();
	} catch (thrown) {
		const isRepeatable = isProblem(thrown, "digest-mismatch") || lostReplies && isLostReply(thrown);
		if (count >= ATTEMPTS$3 || !isRepeatable) throw thrown;
		await world.clock.sleep(PAUSE_MS$5 * count, signal);
	}
}

// ../core/dist/execute/step-api.js
/** Returns the Proxmox API for this step. Its calls abort with the run, and report retries to the lanes. */
function pveOf({ world, signal, onRetry }) {
	return api(world.pve, {
		signal,
		onRetry
	});
}

// ../core/dist/execute/guest/write-marker.js
/**
* Writes the marker, and the tag of the project's machines. If another user changed the config since it was read,
* Proxmox refuses the call and this reads it again.
* @returns true if anything was written
*/
async function writeMarker({ read, change, beside = {} }, context) {
	return retryOnConflict(async () => {
		const { vmid, node, config } = await read();
		const is = readMarker(config.description, vmid);
		const marker = change(is);
		if (marker === void 0 || marker === is && Object.keys(beside).length === 0) return false;
		await put({
			vmid,
			node
		}, {
			...beside,
			...marked(config, {
				...marker,
				vmid
			})
		}, context);
		return true;
	}, context);
}
function marked(config, marker) {
	return {
		description: writeDescription(marker, readText(config.description)),
		...!splitTags(config.tags).includes("pve-provision") && { tags: withTag(config.tags, "pve-provision") },
		digest: textOf(config.digest) || void 0
	};
}
async function put({ vmid, node }, parameters, context) {
	await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put(parameters);
}

// ../core/dist/execute/step-context.js
/** Returns the machine of a step. A plan never names a machine that the manifest lacks. */
function machineOf(context, name) {
	return context.desired.machines.find((machine) => machine.name === name) ?? bug(`no machine ${name}`);
}
/** Returns the volume id in the result of a needed step. */
function volumeOf(context, stepId) {
	return context.result(stepId).volid ?? bug(`${stepId} left no volume`);
}
/** Returns the guest in the result of a needed step. */
function guestOf(context, stepId) {
	return context.result(stepId).guest ?? bug(`${stepId} left no guest`);
}
/** Returns true if a needed step made or downloaded this blob in this run, so that its bytes are verified. */
function isFresh({ needs }, key, { result }) {
	return needs.some((need) => {
		const { blob, kept } = result(need);
		return blob !== void 0 && blob.key === key && kept !== true;
	});
}
function bug(message) {
	throw new ProvisionError("UNEXPECTED", `The plan is inconsistent: ${message}.`);
}

// ../core/dist/execute/steps/adopt.js
const adopt = async ({ machine: name, vmid, node, fromOthers }, context) => {
	const { project } = context.desired;
	const machine = machineOf(context, name);
	const read = async () => {
		const config = await readConfig({
			vmid,
			node
		}, context.world.pve, context.signal);
		if (config === void 0) throw gone(name, vmid, node);
		const problem = adoptable({
			machine,
			vmid,
			config,
			project,
			fromOthers,
			guests: context.facts.guests
		});
		if (problem !== void 0) throw problem;
		return {
			vmid,
			node,
			config
		};
	};
	const written = await writeMarker({
		read,
		change: (marker) => isAdopted(machine, marker, project) ? marker : adoptedMarker(machine, project)
	}, context);
	return {
		guest: {
			vmid,
			node
		},
		kept: !written
	};
};
function gone(name, vmid, node) {
	return new ProvisionError("CONFLICT", `${vmid} on ${node}, which should become ${name}, no longer exists.`, {
		hint: "Find out where it is, then plan again.",
		details: {
			machine: name,
			vmid,
			gone: true
		}
	});
}

// \0builtin:node:crypto?packages/core/dist/execute/image/send-cd.js
const builtin$22 = process.getBuiltinModule("node:crypto");
const read$23 = (name) => builtin$22[name];
const _createHash$3 = /* @__PURE__ */ read$23("createHash");

// \0builtin:node:stream?packages/core/dist/execute/image/send-cd.js
const builtin$21 = process.getBuiltinModule("node:stream");
const read$22 = (name) => builtin$21[name];
const _Readable$1 = /* @__PURE__ */ read$22("Readable");

// ../core/dist/codecs/iso9660.js
const SECTOR = 2048;
const AT = {
	primary: 16,
	joliet: 17,
	end: 18,
	pathTables: 19,
	root: 23,
	rockRidge: 24,
	jolietRoot: 25,
	files: 26
};
/**
* Creates an image with these files. The same files give the same bytes: there are no dates and no random ids. A volume
* label has at most 16 characters, because Joliet stores two bytes for each.
*/
function writeIso(label, files) {
	const placed = placeFiles(files);
	const sectors = placed.reduce((end, { sector, bytes }) => Math.max(end, sector + sectorsOf(bytes.length)), AT.files);
	const image = Buffer.alloc(sectors * SECTOR);
	const put = (sector, bytes) => image.set(bytes, sector * SECTOR);
	put(AT.primary, descriptor({
		label,
		sectors,
		kind: "primary"
	}));
	put(AT.joliet, descriptor({
		label,
		sectors,
		kind: "joliet"
	}));
	put(AT.end, Buffer.from([
		255,
		...Buffer.from("CD001"),
		1
	]));
	put(AT.pathTables, pathTable(AT.root, "little"));
	put(AT.pathTables + 1, pathTable(AT.root, "big"));
	put(AT.pathTables + 2, pathTable(AT.jolietRoot, "little"));
	put(AT.pathTables + 3, pathTable(AT.jolietRoot, "big"));
	put(AT.root, folder(placed, "primary"));
	put(AT.rockRidge, EXTENSION_RECORD);
	put(AT.jolietRoot, folder(placed, "joliet"));
	for (const { sector, bytes } of placed) put(sector, bytes);
	return image;
}
function placeFiles(files) {
	let sector = AT.files;
	return files.toSorted((one, other) => one.name < other.name ? -1 : 1).map(({ name, content }) => {
		const bytes = Buffer.from(content);
		const placed = {
			name,
			bytes,
			sector
		};
		sector += sectorsOf(bytes.length);
		return placed;
	});
}
function sectorsOf(bytes) {
	return Math.ceil(bytes / SECTOR);
}
/** A volume descriptor (ECMA-119 8.4 and 8.5). */
function descriptor({ label, sectors, kind }) {
	const primary = kind === "primary";
	const bytes = Buffer.alloc(SECTOR);
	const text = (value, offset, length) => bytes.set(primary ? padded(value, length) : wide(value, length), offset);
	bytes.set([
		primary ? 1 : 2,
		...Buffer.from("CD001"),
		1
	]);
	text("LINUX", 8, 32);
	text(label, 40, 32);
	bytes.set(both32(sectors), 80);
	if (!primary) bytes.set(Buffer.from("%/E"), 88);
	bytes.set(both16(1), 120);
	bytes.set(both16(1), 124);
	bytes.set(both16(SECTOR), 128);
	bytes.set(both32(PATH_TABLE_BYTES), 132);
	const tables = AT.pathTables + (primary ? 0 : 2);
	bytes.writeUInt32LE(tables, 140);
	bytes.writeUInt32BE(tables + 1, 148);
	bytes.set(record({
		name: Buffer.from([0]),
		sector: primary ? AT.root : AT.jolietRoot,
		length: SECTOR,
		folder: true
	}), 156);
	for (const [offset, length] of [
		[190, 128],
		[318, 128],
		[446, 128],
		[574, 128],
		[702, 37],
		[739, 37],
		[776, 37]
	]) text("", offset, length);
	for (const offset of [
		813,
		830,
		847,
		864
	]) bytes.set(Buffer.from(`${"0".repeat(16)}\0`), offset);
	bytes[881] = 1;
	return bytes;
}
const PATH_TABLE_BYTES = 10;
function pathTable(sector, order) {
	const bytes = Buffer.alloc(PATH_TABLE_BYTES);
	bytes[0] = 1;
	if (order === "little") bytes.writeUInt32LE(sector, 2);
	else bytes.writeUInt32BE(sector, 2);
	if (order === "little") bytes.writeUInt16LE(1, 6);
	else bytes.writeUInt16BE(1, 6);
	return bytes;
}
/** The root directory: an entry for itself, an entry for its parent (itself again), and the files. */
function folder(files, kind) {
	const primary = kind === "primary";
	const self = {
		sector: primary ? AT.root : AT.jolietRoot,
		length: SECTOR,
		folder: true
	};
	const used = (bytes) => primary ? { systemUse: bytes } : {};
	return Buffer.concat([
		record({
			...self,
			name: Buffer.from([0]),
			...used(Buffer.concat([
				SHARING_RECORD,
				posix(16749, 2),
				CONTINUATION
			]))
		}),
		record({
			...self,
			name: Buffer.from([1]),
			...used(posix(16749, 2))
		}),
		...files.map(({ name, sector, bytes }) => record({
			name: primary ? Buffer.from(plainName(name)) : wide(name, name.length * 2),
			sector,
			length: bytes.length,
			...used(Buffer.concat([posix(33060, 1), alternateName(name)]))
		}))
	]);
}
/** A directory record (ECMA-119 9.1). */
function record({ name, sector, length, folder: isFolder = false, systemUse = Buffer.alloc(0) }) {
	const nameEnd = 33 + name.length + (name.length + 1) % 2;
	const bytes = Buffer.alloc(nameEnd + systemUse.length + systemUse.length % 2);
	bytes[0] = bytes.length;
	bytes.set(both32(sector), 2);
	bytes.set(both32(length), 10);
	bytes.set(DATE, 18);
	bytes[25] = isFolder ? 2 : 0;
	bytes.set(both16(1), 28);
	bytes[32] = name.length;
	bytes.set(name, 33);
	bytes.set(systemUse, nameEnd);
	return bytes;
}
/** 2000-01-01. A date is required, and the same files must give the same image. */
const DATE = Buffer.from([
	100,
	1,
	1,
	0,
	0,
	0,
	0
]);
/** `user-data` becomes `USER_DATA.;1`, for readers that support neither Joliet nor Rock Ridge. */
function plainName(name) {
	return `${name.toUpperCase().replace(/[^A-Z0-9_]/g, "_")}.;1`;
}
const SHARING_RECORD = Buffer.from([
	...Buffer.from("SP"),
	7,
	1,
	190,
	239,
	0
]);
const EXTENSION_RECORD = extensionRecord("RRIP_1991A", "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS");
const CONTINUATION = Buffer.concat([
	Buffer.from([
		...Buffer.from("CE"),
		28,
		1
	]),
	both32(AT.rockRidge),
	both32(0),
	both32(EXTENSION_RECORD.length)
]);
function extensionRecord(id, description) {
	const source = "IEEE P1282";
	const length = 8 + id.length + description.length + 10;
	return Buffer.concat([Buffer.from([
		...Buffer.from("ER"),
		length,
		1,
		id.length,
		description.length,
		10,
		1
	]), Buffer.from(id + description + source)]);
}
function posix(mode, links) {
	return Buffer.concat([
		Buffer.from([
			...Buffer.from("PX"),
			36,
			1
		]),
		both32(mode),
		both32(links),
		both32(0),
		both32(0)
	]);
}
function alternateName(name) {
	return Buffer.from([
		...Buffer.from("NM"),
		5 + name.length,
		1,
		0,
		...Buffer.from(name)
	]);
}
function padded(text, length) {
	return Buffer.from(text.padEnd(length, " ").slice(0, length), "latin1");
}
/** UCS-2, big-endian. */
function wide(text, length) {
	return Buffer.from(text.padEnd(length / 2, " ").slice(0, length / 2), "utf16le").swap16();
}
/** A number in both byte orders, little-endian first (ECMA-119 7.3.3). */
function both32(value) {
	const bytes = Buffer.alloc(8);
	bytes.writeUInt32LE(value, 0);
	bytes.writeUInt32BE(value, 4);
	return bytes;
}
function both16(value) {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt16LE(value, 0);
	bytes.writeUInt16BE(value, 2);
	return bytes;
}

// ../core/dist/execute/image/send-cd.js
/** Returns the volume id of an ISO. */
function cdVolume({ storage }, fileName) {
	return `${storage}:iso/${fileName}`;
}
const ATTEMPTS$2 = 4;
const PAUSE_MS$4 = 500;
/**
* Uploads the ISO until it is complete. If two runs upload it at once, one may fail, and Proxmox's cleanup then removes
* the file of the other (pve-storage `Status.pm`, seen on 9.2).
*/
async function sendCd({ at, fileName, documents }, context) {
	const image = isoOf(documents);
	const expected = {
		at,
		volid: cdVolume(at, fileName),
		bytes: image.length
	};
	const { world, signal } = context;
	for (let attempt = 0;; attempt += 1) {
		if (await isThere$2(expected, context)) return {
			volid: expected.volid,
			sent: attempt > 0
		};
		if (attempt >= ATTEMPTS$2) throw vanishing(expected);
		if (attempt > 0) await world.clock.sleep(PAUSE_MS$4 * attempt, signal);
		try {
			await world.pve.upload(uploadOf(image, at, fileName), { signal });
		} catch (thrown) {
			if (!isProblem(thrown, "file-exists") || attempt + 1 >= ATTEMPTS$2) throw thrown;
		}
	}
}
function vanishing({ volid }) {
	return new ProvisionError("TASK", `${volid} was sent ${ATTEMPTS$2} times and is still missing or incomplete.`, { hint: "Something else may be writing or removing it, or the storage is full: run again." });
}
/** NoCloud requires a volume with the label `cidata` and these file names (cloud-init, DataSourceNoCloud). */
function isoOf(documents) {
	return writeIso("cidata", Object.entries(documents).map(([name, content]) => ({
		name,
		content
	})));
}
async function isThere$2({ at, volid, bytes }, { world, signal }) {
	return (await api(world.pve, { signal }).nodes.$(at.node).storage.$(at.storage).content.$get({ content: "iso" })).some((row) => row.volid === volid && row.size === bytes);
}
function uploadOf(image, at, fileName) {
	const hex = _createHash$3("sha256").update(image).digest("hex");
	return {
		at,
		content: "iso",
		fileName,
		sizeBytes: image.length,
		checksum: {
			algorithm: "sha256",
			hex
		},
		open: () => _Readable$1.from([image])
	};
}

// ../core/dist/execute/build/build-order.js
function orderOf(step, context) {
	const { project, images } = context.desired;
	const image = images.get(step.image);
	if (image?.kind !== "built") throw new ProvisionError("UNEXPECTED", `The plan builds ${step.image}, which has no recipe.`);
	const { base, at } = step;
	const name = `${step.id} ${base}`;
	const fileName = buildCd(step, project);
	return {
		step,
		image,
		machine: buildMachine(machineOf(context, step.like), step, image.build),
		marker: {
			project,
			name,
			kind: "template",
			image: step.image,
			base,
			spec: "",
			storage: at.storage
		},
		cd: {
			fileName,
			volid: cdVolume(step.cdAt, fileName)
		}
	};
}
/** Returns the stage of the build in a guest's marker. */
function stageOf({ config, vmid }) {
	return readMarker(config.description, vmid)?.stage;
}
/** Returns the guest as facts, for functions that need them. A build changes it only while it is stopped. */
function asFacts({ vmid, node, config }, { marker, step }) {
	return {
		vmid,
		node,
		config,
		marker,
		name: step.name,
		template: false,
		status: "stopped"
	};
}

// ../core/dist/execute/guest/guest-listing.js
/** Long enough to combine guests that are created at once, and short compared with a creation. */
const GATHER_MS = 150;
/**
* Returns all guests as they are after the call. Callers that come before the request is sent share its answer. A new
* guest and its tags are listed at once. Names may lag by ten seconds.
*/
function listGuests(context) {
	const { listing } = context.run;
	listing.next ??= ask(listing, context);
	return listing.next;
}
/** Sends the request at once if the last one is long enough ago. */
async function ask(listing, { world: { pve, clock }, signal }) {
	const waitMs = listing.askedAtMs + GATHER_MS - clock.now();
	await clock.sleep(Math.max(0, waitMs), signal).catch(() => void 0);
	listing.next = void 0;
	listing.askedAtMs = clock.now();
	signal.throwIfAborted();
	return api(pve, { signal }).cluster.resources.$get({ type: "vm" });
}

// ../core/dist/execute/guest/inspect-guest.js
/** Returns the identity of a machine of this project. */
function machineIdentity(name, { desired: { project } }) {
	return {
		project,
		name,
		kind: "machine"
	};
}
/**
* Finds out where a vmid is and who has it. The listing comes first, because the wrong node answers "does not exist".
*/
async function inspectGuest(vmid, identity, context) {
	const row = (await listGuests(context)).find((entry) => entry.vmid === vmid);
	if (row?.node === void 0) return { state: "unseen" };
	if (row.type === "lxc") return {
		state: "foreign",
		node: row.node
	};
	try {
		const config = await readConfig({
			vmid,
			node: row.node
		}, context.world.pve, context.signal);
		return config === void 0 ? { state: "unseen" } : judge(config, {
			vmid,
			node: row.node
		}, identity);
	} catch (thrown) {
		if (thrown instanceof ProvisionError && isSurelyForeign(thrown, row, identity)) return {
			state: "foreign",
			node: row.node
		};
		throw thrown;
	}
}
/** A guest that the token may not read is foreign. One that cannot be read now is foreign if it has another name. */
function isSurelyForeign({ code }, { name }, identity) {
	return code === "PERMISSION" || code === "UNREACHABLE" && name !== void 0 && name !== identity.name;
}
function judge(config, { vmid, node }, identity) {
	const { lock, description } = config;
	const marker = readMarker(description, vmid);
	const ours = marker !== void 0 && isSame(marker, identity);
	if (isUnderWay(lock) && (ours || marker === void 0)) return {
		state: "in flight",
		node,
		lock,
		ours
	};
	return ours ? {
		state: "ours",
		node,
		config
	} : {
		state: "foreign",
		node
	};
}
/**
* A guest has `lock: create` alone while Proxmox imports, `lock: clone` while it copies disks, and `lock: destroyed`
* alone between the removal of its last disk and its own (qemu-server `destroy_vm`).
*/
function isUnderWay(lock) {
	return lock === "create" || lock === "clone" || lock === "destroyed";
}
function isSame(marker, { project, name, kind }) {
	return marker.project === project && marker.name === name && marker.kind === kind;
}

// ../core/dist/execute/guest/guest-config.js
/**
* Reads a guest and its config, and checks that it still belongs to the project. If it was migrated, reads it on its
* new node.
* @throws ProvisionError `CONFLICT` with `details.gone` if it is gone or has another marker
*/
async function readOwnGuest(place, identity, context) {
	const found = await readAt(place, context) ?? await readElsewhere(place, context);
	const marker = readMarker(found?.config.description, found?.vmid);
	if (found !== void 0 && marker !== void 0 && isSame(marker, identity)) return found;
	const sentence = `${place.vmid} on ${place.node} is no longer ${identity.name} of ${identity.project}; it is left alone.`;
	throw new ProvisionError("CONFLICT", sentence, {
		hint: "Plan again: it was removed, or its ID was reused.",
		details: {
			vmid: place.vmid,
			gone: true
		}
	});
}
/** Returns true if the error means that a guest of the project no longer exists. */
function isGone(thrown) {
	return thrown instanceof ProvisionError && thrown.details.gone === true;
}
async function readAt({ vmid, node }, { world, signal }) {
	const config = await readConfig({
		vmid,
		node
	}, world.pve, signal);
	return config && {
		vmid,
		node,
		config
	};
}
/** The wrong node also answers "does not exist", so the VM may have been migrated. */
async function readElsewhere({ vmid, node }, context) {
	const row = (await listGuests(context)).find((entry) => entry.vmid === vmid);
	return row?.node === void 0 || row.node === node ? void 0 : readAt({
		vmid,
		node: row.node
	}, context);
}

// ../core/dist/execute/guest/run-task.js
const LOCK_ATTEMPTS = 6;
const LOST_ATTEMPTS = 3;
const PAUSE_MS$3 = 1e3;
/**
* Starts a task and waits for its end. The warnings in its log are added to the report.
* @throws ProvisionError as the Proxmox port; `TASK` if it ends with an error
*/
async function runTask(call, context) {
	for (let attempt = 1, lost = 0;; attempt += 1) try {
		return await startAndWait(call, context);
	} catch (thrown) {
		if (isLostReply(thrown) && call.isDone !== void 0 && lost < LOST_ATTEMPTS) {
			lost += 1;
			if (await tookPlace(call, call.isDone, {
				thrown,
				context
			})) return;
			continue;
		}
		const reason = passingReason(thrown, call);
		if (reason === void 0 || attempt >= (call.attempts ?? LOCK_ATTEMPTS)) throw thrown;
		context.onRetry({
			reason,
			attempt,
			message: thrown.message
		});
		await context.world.clock.sleep(PAUSE_MS$3 * attempt, context.signal);
	}
}
/**
* Returns the reason if a second start can succeed. Before it removes a template, Proxmox searches all volumes for
* linked clones, and fails if another user removes one of them meanwhile (seen on 8.4; 9.2 only warns).
*/
function passingReason(thrown, { removes = false }) {
	if (isProblem(thrown, "lock-timeout")) return "lock";
	return removes && isProblem(thrown, "vanished") ? "vanished" : void 0;
}
async function startAndWait({ start, onWarnings }, context) {
	const { world, signal, onRetry, progress, note, warn } = context;
	signal.throwIfAborted();
	const upid = await start(api(world.pve, { onRetry(retry) {
		signal.throwIfAborted();
		onRetry(retry);
	} }));
	if (!upid) return;
	const onPercent = (done) => progress({
		done,
		total: 100,
		unit: "percent",
		what: upid
	});
	const onSilence = (sentence) => note("warning", sentence);
	const { warningLines } = await world.pve.waitForTask(upid, {
		signal,
		onPercent,
		onSilence
	});
	if (onWarnings !== void 0) onWarnings(warningLines);
	else for (const line of warningLines) warn(`${describeTask(parseUpid(upid))}: ${line}`);
}
async function tookPlace({ guest }, isDone, { thrown, context }) {
	const { world, signal, note } = context;
	note("debug", `${thrown.message} Checking whether it was done.`);
	await world.clock.sleep(PAUSE_MS$3, signal);
	if (guest !== void 0) await waitForOwnTasks(guest, context);
	return isDone();
}
/** The call may have started its task. Waits for all running tasks of this guest, whatever their result. */
async function waitForOwnTasks({ node, vmid }, context) {
	const { world, signal } = context;
	const running = await listOwnRunningTasks(world.pve, {
		nodes: [node],
		identity: world.pve.identity,
		signal
	});
	for (const { upid } of running.filter(({ id }) => id === String(vmid))) await waitOut(upid, context);
}
/**
* Waits for the end of a task, whatever its result. The caller checks the effect.
* @throws ProvisionError `TASK` (problem `still-running`) if it does not end
*/
async function waitOut(upid, { world, signal, note }) {
	try {
		await world.pve.waitForTask(upid, {
			signal,
			onSilence: (sentence) => note("warning", sentence)
		});
	} catch (thrown) {
		if (!hasEnded(thrown)) throw thrown;
	}
}
/** Returns true if the wait failed because the task itself failed. */
function hasEnded(thrown) {
	if (!(thrown instanceof ProvisionError) || isProblem(thrown, "still-running")) return false;
	return thrown.code === "TASK" || thrown.code === "PVE_BUSY";
}

// ../core/dist/execute/guest/wait-until-settled.js
const PAUSE_MS$2 = {
	first: 100,
	last: 1e3
};
/** How long an unfinished guest may exist without a running task of this token before it counts as an orphan. */
const PATIENCE_MS$1 = {
	unseen: 3e3,
	unmarked: 2e4,
	ours: 9e5,
	task: 6e5
};
/**
* Inspects the guest repeatedly while a parallel run, or a task of a killed run, creates or removes it.
* @throws ProvisionError `CONFLICT` if a guest with this project's marker stays unfinished, `TASK` if its task does not
* end
*/
async function waitUntilSettled(question, context) {
	const { world, signal } = context;
	const beganMs = world.clock.now();
	let quietSinceMs = beganMs;
	let pauseMs = PAUSE_MS$2.first;
	let wasSeen = false;
	for (;;) {
		signal.throwIfAborted();
		const look = await inspectGuest(question.vmid, question.identity, context);
		if (look.state === "ours" || look.state === "foreign") return look;
		if (look.state === "unseen" && (wasSeen || !question.taken)) return look;
		const [task] = await tasksAtIt(question, context);
		if (task !== void 0) quietSinceMs = world.clock.now();
		if (task !== void 0 && quietSinceMs - beganMs > PATIENCE_MS$1.task) await waitOut(task.upid, context);
		if (world.clock.now() - quietSinceMs > patience(look)) return givenUp(look, question, context);
		if (!wasSeen && look.state === "in flight") context.note("info", `${question.vmid} is being ${participle(look.lock)} (${look.lock}); waiting for it.`);
		wasSeen ||= look.state === "in flight";
		await world.clock.sleep(pauseMs, signal);
		pauseMs = Math.min(pauseMs * 1.5, PAUSE_MS$2.last);
	}
}
function patience(look) {
	if (look.state === "unseen") return PATIENCE_MS$1.unseen;
	return look.ours ? PATIENCE_MS$1.ours : PATIENCE_MS$1.unmarked;
}
function participle(lock) {
	return lock === "destroyed" ? "removed" : "made";
}
/**
* Returns this token's tasks. A create or a removal names the vmid; a clone names only its source, so any clone may be
* meant.
*/
async function tasksAtIt({ vmid, nodes }, { world, signal }) {
	return (await listOwnRunningTasks(world.pve, {
		nodes,
		identity: world.pve.identity,
		signal
	})).filter(({ type, id }) => type === "qmclone" || /^qm(create|destroy)$/.test(type) && id === String(vmid));
}
function givenUp(look, { vmid, identity }, { note }) {
	if (look.state === "unseen") return {
		state: "foreign",
		node: "a node unknown"
	};
	const sentence = `${vmid} on ${look.node} stays locked (${look.lock}), but no task is running on it: ${look.lock === "destroyed" ? "a removal" : "a create or clone"} was interrupted.`;
	if (look.ours) throw new ProvisionError("CONFLICT", `${sentence} It is ${identity.name}.`, {
		hint: orphanHint(vmid, look.node),
		details: { vmid }
	});
	note("warning", `${sentence} ${orphanHint(vmid, look.node)}`);
	return {
		state: "foreign",
		node: look.node
	};
}
/** No API token can clear the lock (`only root can set 'lock' config`), so a person must do this. */
function orphanHint(vmid, node) {
	return `Remove it as root on ${node}: qm unlock ${vmid} && qm destroy ${vmid}`;
}

// ../core/dist/execute/remove/left-volumes.js
/** The message of `destroy_vm` in qemu-server. On 9 it begins with `WARN: `. */
const LEFT = /Could not remove disk '([^']+)', check manually/;
/** Another removal that held the storage's lock may remove it a moment later. */
const LOOKS = 3;
const PAUSE_MS$1 = 2e3;
/** Parses the warnings of a removal. */
function readWarnings(lines) {
	const left = lines.flatMap((line) => LEFT.exec(line)?.[1] ?? []);
	return {
		volids: [...new Set(left)],
		others: lines.filter((line) => !LEFT.test(line))
	};
}
/**
* Returns the volumes that still exist. It does not remove them: the vmid is free again, and a new guest of another
* user may have a disk with the same name.
*/
async function stillThere(volids, { vmid, node }, { world: { clock, pve }, signal }) {
	let left = volids;
	for (let look = 1; left.length > 0; look += 1) {
		const storages = [...new Set(left.map((volid) => volid.slice(0, volid.indexOf(":"))))];
		const lists = await Promise.all(storages.map((storage) => listVolumesOf(vmid, {
			node,
			storage
		}, pve)));
		const there = new Set(lists.flat());
		left = left.filter((volid) => there.has(volid));
		if (look === LOOKS) return left;
		if (left.length > 0) await clock.sleep(PAUSE_MS$1, signal);
	}
	return left;
}
/** Creates the error for volumes that remain after a requested removal. */
function leftError({ vmid, node }, volids) {
	const what = volids.length === 1 ? "one of its volumes is left" : `${volids.length} of its volumes are left`;
	return new ProvisionError("TASK", `${vmid} on ${node} is removed, but ${what}: ${volids.join(", ")}.`, {
		hint: `As root on ${node}, once no guest uses ${volids.length === 1 ? "it" : "them"}:\n${volids.map((volid) => `pvesm free ${volid}`).join("\n")}`,
		details: { node }
	});
}

// ../core/dist/execute/remove/remove-guest.js
const SHUTDOWN_SECONDS$1 = 60;
/**
* Removes a guest after checking its marker once more. A guest that is already gone is not an error.
* @returns true if it existed
* @throws ProvisionError `CONFLICT` if it has another marker now, or is protected
*/
async function removeGuest(place, identity, context, { unprotect = false, keepUnreferenced = false, onLeft } = {}) {
	const guest = await ifThere(place, identity, context);
	if (guest === void 0) return false;
	const warnings = [];
	try {
		if (isProtected(guest)) await takeProtectionOff(guest, unprotect, context);
		if (guest.config.template !== 1) await stopGuest(guest, context);
		warnings.push(...await deleteGuest(guest, {
			identity,
			keepUnreferenced
		}, context));
	} catch (thrown) {
		if (!isProblem(thrown, "not-found") || await ifThere(place, identity, context) !== void 0) throw thrown;
	}
	const { volids, others } = readWarnings(warnings);
	for (const line of others) context.warn(`Removal of ${guest.vmid}: ${line}`);
	const left = await stillThere(volids, guest, context);
	if (left.length > 0) tellOf(left, guest, {
		context,
		onLeft
	});
	return true;
}
function tellOf(left, guest, { context, onLeft }) {
	if (onLeft !== void 0) onLeft(left);
	else context.warn(leftError(guest, left).message);
}
async function ifThere(place, identity, context) {
	try {
		return await readOwnGuest(place, identity, context);
	} catch (thrown) {
		if (isGone(thrown) && await isFree(place, identity, context)) return void 0;
		throw thrown;
	}
}
/** Waits for a removal that is in progress. */
async function isFree({ vmid, node }, identity, context) {
	return (await waitUntilSettled({
		vmid,
		identity,
		nodes: [node],
		taken: false
	}, context)).state === "unseen";
}
async function takeProtectionOff({ vmid, node, config }, unprotect, context) {
	if (!unprotect) throw protectedError({
		vmid,
		config
	});
	await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put({ protection: false });
}
/**
* Shuts a guest down, by force after a minute. One that the HA manager wants to run is stopped there, even if it is not
* running yet.
*/
async function stopGuest(guest, context, { ha } = {}) {
	const isWanted = ha !== void 0 && ha.current !== "error" && /^(started|enabled)$/.test(ha.state);
	if (!isWanted && !await isRunning(guest, context)) return;
	const { vmid, node } = guest;
	const isDone = async () => !await isRunning(guest, context);
	const parameters = {
		timeout: SHUTDOWN_SECONDS$1,
		forceStop: true
	};
	await runTask({
		guest,
		start: (api) => api.nodes.$(node).qemu.$(vmid).status.shutdown.$post(parameters),
		isDone
	}, context);
	await untilStopped(guest, context, isWanted);
}
async function isRunning({ vmid, node }, context) {
	const { status } = await pveOf(context).nodes.$(node).qemu.$(vmid).status.current.$get();
	return status === "running";
}
/**
* For a VM under HA, the task only sends a request to the HA manager, which takes its time. Until the manager has brought
* the VM to `stopped`, it may still start it.
*/
async function untilStopped(guest, context, isManaged) {
	const { clock } = context.world;
	const deadlineMs = clock.now() + 12e4;
	const isDone = async () => !await isRunning(guest, context) && (!isManaged || await isLeftByManager(guest.vmid, context));
	while (!await isDone() && clock.now() < deadlineMs) await clock.sleep(1e3, context.signal);
}
async function isLeftByManager(vmid, context) {
	const { hastate } = (await listGuests(context)).find((row) => row.vmid === vmid) ?? {};
	return hastate === void 0 || /^(stopped|disabled|ignored|error)$/.test(hastate);
}
/** @returns the warnings of the task */
async function deleteGuest(guest, { identity, keepUnreferenced }, context) {
	const { vmid, node } = guest;
	if (await ifThere(guest, identity, context) === void 0) return [];
	const warnings = [];
	const parameters = {
		purge: true,
		"destroy-unreferenced-disks": !keepUnreferenced
	};
	await runTask({
		guest,
		removes: true,
		start: (api) => api.nodes.$(node).qemu.$(vmid).$delete(parameters),
		isDone: async () => await ifThere(guest, identity, context) === void 0,
		onWarnings: (lines) => void warnings.push(...lines)
	}, context);
	return warnings;
}

// ../core/dist/execute/guest/cloud-init-leftover.js
/**
* If a running VM gets another CD in place of its cloud-init drive, the volume of that drive stays (qemu-server
* `vmconfig_update_disk` frees it only for an empty drive). Creating a new one fails: "disk image … already exists"
* (seen on 8.4 and 9.2). So the volume is attached by its name. Its content is written again at each start.
* @returns what to set instead, or undefined for another failure
*/
async function withLeftCloudInit({ vmid, node }, { set, thrown }, context) {
	const [storage, asked] = String(set.ide2 ?? "").split(":", 2);
	if (storage === void 0 || asked?.split(",")[0] !== "cloudinit" || !isProblem(thrown, "already-exists")) return void 0;
	const { content } = pveOf(context).nodes.$(node).storage.$(storage);
	const left = (await content.$get({
		content: "images",
		vmid
	})).find(({ volid }) => new RegExp(`[:/]vm-${vmid}-cloudinit(\\.|$)`).test(volid));
	return left && {
		...set,
		ide2: `${left.volid},media=cdrom`
	};
}

// ../core/dist/execute/guest/change-config.js
/**
* Sends nothing if there is no change. A change that a running guest cannot apply stays pending, which is not an error.
*/
async function changeConfig(guest, change, context) {
	const { set, remove } = change;
	if (Object.keys(set).length === 0 && remove.length === 0) return;
	try {
		await sendChange(guest, change, context);
	} catch (thrown) {
		if (isProblem(thrown, "hotplug")) return;
		const instead = await withLeftCloudInit(guest, {
			set,
			thrown
		}, context);
		if (instead === void 0) throw thrown;
		await sendChange(guest, {
			set: instead,
			remove
		}, context);
	}
}
/** Returns true if a drive is created or replaced, not if only options of an existing drive change. */
function allocates({ set }) {
	return Object.entries(set).some(([key, value]) => /^(ide|efidisk|tpmstate)\d+$/.test(key) || /^(scsi|virtio|sata)\d+$/.test(key) && /^[^,]*:\d+(\.\d+)?(,|$)/.test(String(value)));
}
async function sendChange({ vmid, node, config, status }, { set, remove }, context) {
	const parameters = {
		...configParameters(set),
		delete: remove.length > 0 ? remove.join(",") : void 0,
		digest: typeof config.digest === "string" ? config.digest : void 0
	};
	const isQuick = status === "stopped" && !allocates({ set });
	const start = (api) => {
		const route = api.nodes.$(node).qemu.$(vmid).config;
		return isQuick ? route.$put(parameters) : route.$post(parameters);
	};
	await runTask({
		guest: {
			vmid,
			node
		},
		start
	}, context);
}

// ../core/dist/execute/remove/remove-seed.js
/**
* Removing a file requires Datastore.Allocate, which few tokens have. Without it, the ISO stays and a warning is shown.
*/
async function removeSeed(volid, node, context) {
	const [storage = ""] = volid.split(":", 1);
	try {
		await runTask({
			removes: true,
			start: (api) => api.nodes.$(node).storage.$(storage).content.$(volid).$delete(),
			isDone: () => Promise.resolve(true)
		}, context);
	} catch (thrown) {
		if (!(thrown instanceof ProvisionError) || thrown.code === "CANCELLED") throw thrown;
		const reason = thrown.code === "PERMISSION" ? `the token may not remove it: it needs Datastore.Allocate on /storage/${storage}` : `it could not be removed: ${thrown.message.replace(/\.$/, "")}`;
		context.warn(`The CD ${volid} is no longer used, but ${reason}. As root on ${node}: pvesm free ${volid}`);
	}
}

// ../core/dist/execute/build/seal-build.js
const SHUTDOWN_SECONDS = 180;
/** Writes to the marker that the build succeeded. From now on a stopped guest is known to be complete. */
async function markSealed(order, guest, context) {
	const read = () => readOwnGuest(guest, order.marker, context);
	await writeMarker({
		read,
		change: (marker) => marker && {
			...marker,
			stage: "sealed"
		}
	}, context);
}
/** Shuts the guest down, gives it the config of a template, and removes the ISO with the recipe. */
async function sealBuild(order, guest, context) {
	await shutDown(order, guest, context);
	await makePlain(order, guest, context);
	await removeCd(order, context);
}
/**
* The guest shuts down by itself. One that cannot, because it has neither logind nor ACPI, is stopped by force: the seal script
* has synced its disks.
*/
async function shutDown({ image }, guest, context) {
	if (!await isRunning(guest, context)) return;
	const { vmid, node } = guest;
	const isDone = async () => !await isRunning(guest, context);
	const parameters = {
		timeout: SHUTDOWN_SECONDS,
		forceStop: true
	};
	try {
		await runTask({
			guest,
			start: (api) => api.nodes.$(node).qemu.$(vmid).status.shutdown.$post(parameters),
			isDone
		}, context);
	} catch (thrown) {
		if (context.signal.aborted || await isRunning(guest, context)) throw notStopped(image.name, guest, thrown);
	}
}
function notStopped(image, guest, cause) {
	if (cause instanceof ProvisionError && cause.code !== "TASK") return cause;
	return new ProvisionError("BUILD", `${image} is built, but its VM ${guest.vmid} does not shut down.`, {
		cause,
		hint: "Look at its console and shut it down, then run again.",
		details: guest
	});
}
const ROUNDS = 4;
/** Removing a key may leave an unused volume, which the next round removes. */
async function makePlain(order, place, context) {
	for (let round = 1; round <= ROUNDS; round += 1) {
		const guest = await readOwnGuest(place, order.marker, context);
		if (isTemplate(guest.config)) return;
		const update = sealedConfig(guest.config, order.step.at.storage);
		if (Object.keys(update.set).length === 0 && update.remove.length === 0) return;
		await changeConfig(asFacts(guest, order), update, context);
	}
}
/** Removes the ISO if it exists. */
async function removeCd({ step, cd }, context) {
	if (await isOn(step.cdAt, cd.volid, context)) await removeSeed(cd.volid, step.cdAt.node, context);
}
async function isOn({ node, storage }, volid, context) {
	return (await pveOf(context).nodes.$(node).storage.$(storage).content.$get({ content: "iso" })).some((row) => row.volid === volid);
}

// ../core/dist/execute/build/end-build.js
/** The guest of an earlier run cannot be used. It is removed, and the build starts again. */
var Unusable = class extends Error {};
/** Removes the guest, or keeps it if asked to. @returns the error */
async function failBuild(order, { guest, end }, context) {
	const { what, exitCode, log } = end.failure;
	const { vmid, node } = guest;
	const rest = context.keepFailed ? `Its VM is kept: ${vmid} on ${node}. The next apply removes it and starts the build again.` : "To keep its VM for inspection, run again with --keep-failed.";
	await markFailed(order, guest, context);
	if (!context.keepFailed) await discardBuild(order, guest, context);
	return new ProvisionError("BUILD", `The build of ${order.image.name} failed: ${what}.`, {
		hint: `${end.hint} ${rest}`,
		details: {
			log,
			...context.keepFailed && {
				vmid,
				node
			},
			...exitCode !== void 0 && { exitCode }
		}
	});
}
/** Returns the error for an interrupted run. It names the VM, because the build continues in it without this program. */
function interrupted({ image }, { vmid, node }, cause) {
	const message = `The build of ${image.name} was interrupted. Its VM remains: ${vmid} on ${node}.`;
	return new ProvisionError("CANCELLED", message, {
		cause,
		hint: `The recipe keeps running in it, and the next apply continues from there. To remove it instead, run as root on ${node}: qm stop ${vmid} && qm destroy ${vmid} --purge`,
		details: {
			...toProvisionError(cause).details,
			vmid,
			node
		}
	});
}
/** Writes the failure to the marker first, so that the next run does not continue this build. */
async function markFailed(order, guest, context) {
	const read = () => readOwnGuest(guest, order.marker, context);
	try {
		await writeMarker({
			read,
			change: (marker) => marker && {
				...marker,
				stage: "failed"
			}
		}, context);
	} catch (thrown) {
		if (!isGone(thrown)) throw thrown;
	}
}
/** Removes the ISO first: without the guest, its owner would be unknown. */
async function discardBuild(order, guest, context) {
	await removeCd(order, context);
	await removeGuest(guest, order.marker, context);
}

// ../core/dist/plan/build/build-scripts.js
/** The folder of the scripts in the guest. The next boot empties it. */
const FOLDER = "/run/pve-provision";
/** The files in the guest that a run reads. */
const TOLD = {
	/** Exists only during the boot that runs the recipe. */
	main: `${FOLDER}/main`,
	/** The number of the command that is running, or ran last. */
	command: `${FOLDER}/command`,
	/** The exit code of the last command that ran. */
	code: `${FOLDER}/code`,
	/** The exit code of `cloud-init status`: 0, or 2 for done with warnings. */
	cloudInit: `${FOLDER}/cloud-init`,
	/** The last lines of the logs. */
	log: `${FOLDER}/log-tail`,
	/** The exit code of the whole build. It is written last. */
	ended: `${FOLDER}/ended`
};
/** Written by cloud-init when it has finished, with its errors. */
const CLOUD_INIT_RESULT = "/run/cloud-init/result.json";
const CLOUD_INIT_LOG = "/var/log/cloud-init-output.log";
/**
* Lines of the log about new SSH host keys, with their pictures. Debian 13 writes sixty of them after everything else, so the end
* of the log would show nothing but them.
*/
const HOST_KEYS = "^[+]--|^[|].{17}[|]$|^Generating public/private|^Your (identification|public key) has been|^The key(.s randomart image| fingerprint) is|^SHA256:";
/** Returns the scripts by file name. */
function scriptsOf({ run }) {
	return {
		main: linesOf(MAIN),
		agent: linesOf(AGENT),
		install: linesOf(INSTALL),
		commands: linesOf([...run.flatMap((_, index) => [`echo ${index + 1} > ${TOLD.command}`, `sh ${FOLDER}/run-${index + 1} >> ${FOLDER}/log 2>&1 || exit`]), "exit 0"]),
		...Object.fromEntries(run.map((command, index) => [`run-${index + 1}`, `${command}\n`])),
		finish: linesOf(FINISH),
		seal: linesOf(SEAL)
	};
}
function linesOf(lines) {
	return `#!/bin/sh\n${lines.join("\n")}\n`;
}
/** cloud-init runs this last. What comes after the end of cloud-init runs in the background. */
const MAIN = [
	"export HOME=/root DEBIAN_FRONTEND=noninteractive PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin",
	"cd /",
	`sh ${FOLDER}/agent > ${FOLDER}/agent-log 2>&1`,
	`sh ${FOLDER}/commands`,
	`echo $? > ${TOLD.code}`,
	`setsid sh ${FOLDER}/finish > /dev/null 2>&1 &`
];
/**
* Installs the agent if neither the image nor the packages contain it. Red Hat and its derivatives forbid the agent to read
* files. What allows it is below /run and ends with this boot, as does the change of SELinux's mode.
*/
const AGENT = [
	`command -v qemu-ga || sh ${FOLDER}/install`,
	"systemctl enable qemu-guest-agent",
	"systemctl start qemu-guest-agent",
	"command -v rc-update && rc-update add qemu-guest-agent default && rc-service qemu-guest-agent start",
	"grep -q guest- /etc/sysconfig/qemu-ga || exit 0",
	"setenforce 0",
	"mkdir -p /run/systemd/system/qemu-guest-agent.service.d",
	"printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/qemu-ga --method=virtio-serial --path=/dev/virtio-ports/org.qemu.guest_agent.0\\n' > /run/systemd/system/qemu-guest-agent.service.d/build.conf",
	"systemctl daemon-reload",
	"systemctl restart qemu-guest-agent",
	"exit 0"
];
/** Uses the package manager that the guest has. */
const INSTALL = [
	"command -v apt-get && apt-get update && apt-get install -y qemu-guest-agent",
	"command -v dnf && dnf install -y qemu-guest-agent",
	"command -v dnf || yum install -y qemu-guest-agent",
	"command -v zypper && zypper --non-interactive install qemu-guest-agent",
	"command -v apk && apk add qemu-guest-agent",
	"command -v pacman && pacman -Sy --noconfirm qemu-guest-agent"
];
const FINISH = [
	"cloud-init status --wait > /dev/null 2>&1",
	`echo $? > ${TOLD.cloudInit}`,
	`grep -Ev '${HOST_KEYS}' ${CLOUD_INIT_LOG} > ${FOLDER}/cloud-init-log`,
	`tail -n 40 ${FOLDER}/cloud-init-log > ${TOLD.log}`,
	`tail -n 40 ${FOLDER}/log >> ${TOLD.log}`,
	`sh ${FOLDER}/seal > ${FOLDER}/seal-log 2>&1`,
	`echo $? > ${TOLD.ended}`
];
/**
* Removes what must differ on each machine: identity, keys, the state of cloud-init, network settings and logs. A failed build
* is not changed, so that it can be inspected.
*/
const SEAL = [
	`grep -q '^0$' ${TOLD.code} || exit 1`,
	`grep -q '^[02]$' ${TOLD.cloudInit} || exit 1`,
	"apt-get clean",
	"dnf clean all",
	"rm -f /etc/ssh/ssh_host_*",
	"rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init*",
	"rm -f /etc/NetworkManager/system-connections/cloud-init-* /etc/systemd/network/10-cloud-init-*",
	"rm -f /etc/udev/rules.d/70-persistent-net.rules /var/lib/dhcp/*.leases /var/lib/NetworkManager/*.lease",
	"rm -rf /tmp/* /var/tmp/* /root/.bash_history /root/.ash_history",
	"journalctl --rotate",
	"rm -rf /var/log/journal/*",
	"find /var/log -type f -exec truncate -s 0 {} +",
	"rm -f /var/lib/systemd/random-seed",
	"test -L /var/lib/dbus/machine-id || rm -f /var/lib/dbus/machine-id",
	"test ! -e /etc/machine-id || truncate -s 0 /etc/machine-id",
	"cloud-init clean --logs || rm -rf /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem",
	"fstrim -a || fstrim /",
	"sync",
	"test ! -s /etc/machine-id && test ! -e /var/lib/cloud/data/instance-id"
];

// ../core/dist/plan/build/build-documents.js
const AGENT_PACKAGE = "qemu-guest-agent";
/** Returns the files of the ISO. They contain the recipe with its secrets. */
function buildDocuments({ name, build }, instance) {
	const ours = `#cloud-config\n${yamlText(cloudConfigOf(build))}`;
	const { userData, networkConfig } = build;
	return {
		"user-data": userData === void 0 ? ours : withPart(userData, ours, `===${hash16(JSON.stringify([userData, ours]))}===`),
		"meta-data": yamlText({
			"instance-id": instance,
			"local-hostname": hostName(name)
		}),
		"vendor-data": "",
		...networkConfig !== void 0 && { "network-config": networkConfig }
	};
}
function cloudConfigOf(build) {
	const { packages, files } = build;
	return {
		users: [],
		locale: false,
		write_files: [...Object.entries(scriptsOf(build)).map(([name, content]) => ({
			path: `${FOLDER}/${name}`,
			content,
			permissions: "0700"
		})), ...files.map(({ path, content, mode, owner }) => ({
			path,
			content,
			permissions: mode,
			...owner !== void 0 && {
				owner,
				...!/^root(:root)?$/.test(owner) && { defer: true }
			}
		}))],
		...packages.length > 0 && { packages: [.../* @__PURE__ */ new Set(["qemu-guest-agent", ...packages])] },
		runcmd: [["sh", `${FOLDER}/main`]]
	};
}
function hostName(image) {
	return `build-${image.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}`.slice(0, 63).replace(/-+$/, "");
}

// ../core/dist/execute/guest/grow-disk.js
async function growDisks({ guest, grow, identity }, context) {
	for (const [disk, bytes] of Object.entries(grow)) await growDisk(guest, {
		disk,
		bytes
	}, context);
	if (guest.status !== "stopped") await fixPendingSizes({
		guest,
		grow,
		identity
	}, context);
}
const MIB$1 = 1024 ** 2;
const GIB = 1024 ** 3;
async function growDisk(guest, { disk, bytes }, context) {
	const { vmid, node } = guest;
	const isDone = async () => {
		const config = await pveOf(context).nodes.$(node).qemu.$(vmid).config.$get();
		return (sizeOfDisk(config, disk) ?? 0) >= bytes;
	};
	const size = bytes % GIB === 0 ? `${bytes / GIB}G` : `${Math.ceil(bytes / MIB$1)}M`;
	const start = (api) => api.nodes.$(node).qemu.$(vmid).resize.$put({
		disk,
		size
	});
	await runTask({
		guest,
		start,
		isDone
	}, context);
}
/**
* Pending drive options contain the old size and would write it into the config at the next start. Then every run would
* try to grow the disk again (seen on 8.4 and 9.2). This updates the pending size.
*/
async function fixPendingSizes({ guest, grow, identity }, context) {
	if (Object.keys(grow).length === 0) return;
	const { config } = await readOwnGuest(guest, identity, context);
	const set = Object.fromEntries(Object.entries(grow).filter(([disk, bytes]) => (sizeOfDisk(config, disk) ?? bytes) < bytes).map(([disk, bytes]) => [disk, withSize(config[disk], bytes)]));
	await changeConfig({
		...guest,
		config
	}, {
		set,
		remove: []
	}, context);
}
function withSize(drive, bytes) {
	return formatProperties(withProperties(parseProperties(drive, "file"), { size: formatSize(bytes) }), "file");
}

// ../core/dist/execute/replace/retire.js
/** Returns the identity of the old VM while it is being replaced. */
function retiredIdentity(name, context) {
	return machineIdentity(retiredName(name), context);
}
/** Renames the old VM and stores its state in the marker. It keeps running. */
async function retire(name, place, context) {
	const read = () => readOwnGuest(place, machineIdentity(name, context), context).catch((thrown) => {
		if (!isGone(thrown)) throw thrown;
		return readOwnGuest(place, retiredIdentity(name, context), context);
	});
	const { config } = await read();
	const known = readMarker(config.description, place.vmid);
	if (known !== void 0 && nameBeforeRetired(known.name) !== void 0) return retirementOf(known);
	const retirement = {
		wasRunning: await isRunning(place, context),
		onBoot: textOf(config.onboot) === "1",
		isReturning: false,
		isDone: false
	};
	let written;
	const change = (marker) => {
		const isRetired = marker !== void 0 && nameBeforeRetired(marker.name) !== void 0;
		const own = marker && {
			...marker,
			name: retiredName(name),
			retired: retirementText(retirement)
		};
		written = isRetired ? marker : own;
		return written;
	};
	await writeMarker({
		read,
		change,
		beside: { onboot: false }
	}, context);
	return retirementOf(written ?? {});
}
/**
* Writes into the marker of the old VM how its replacement ends: the old VM returns, or the new one is the machine. If
* several runs replace the same machine, the first one decides. @returns what was decided
*/
async function decide(end, { name, place }, context) {
	let written;
	const change = (marker) => {
		const known = retirementOf(marker ?? {});
		const isOpen = !known.isReturning && !known.isDone;
		const ended = {
			...known,
			isReturning: end === "returning",
			isDone: end === "done"
		};
		written = marker && isOpen ? {
			...marker,
			retired: retirementText(ended)
		} : marker;
		return written;
	};
	try {
		await writeMarker({
			read: () => readOwnGuest(place, retiredIdentity(name, context), context),
			change
		}, context);
		return retirementOf(written ?? {}).isDone ? "done" : "returning";
	} catch (thrown) {
		if (!isGone(thrown)) throw thrown;
		return await isBack(name, place, context) ? "back" : "gone";
	}
}
async function isBack(name, place, context) {
	try {
		await readOwnGuest(place, machineIdentity(name, context), context);
		return true;
	} catch (thrown) {
		if (!isGone(thrown)) throw thrown;
		return false;
	}
}
/** Gives the old VM its name back and starts it if it was running. Another run may be doing the same. */
async function takeBack(name, place, context) {
	try {
		await restoreName(name, place, context);
	} catch (thrown) {
		if (!isGone(thrown) || !await isBack(name, place, context)) throw thrown;
	}
}
async function restoreName(name, place, context) {
	const read = () => readOwnGuest(place, retiredIdentity(name, context), context);
	const marker = readMarker((await read()).config.description, place.vmid);
	const { wasRunning, onBoot } = retirementOf(marker ?? {});
	await writeMarker({
		read,
		change: (is) => {
			if (is === void 0) return void 0;
			const { retired: _, ...rest } = is;
			return {
				...rest,
				name
			};
		},
		beside: { onboot: onBoot }
	}, context);
	if (wasRunning && !await isRunning(place, context)) await startAgain(place, context);
}
/** Starts the VM. Proxmox may start it first after a reboot, in its own task. */
async function startAgain(place, context) {
	const { vmid, node } = place;
	const isDone = () => isRunning(place, context);
	const start = (api) => api.nodes.$(node).qemu.$(vmid).status.start.$post();
	try {
		await runTask({
			guest: place,
			start,
			isDone
		}, context);
	} catch (thrown) {
		if (!isProblem(thrown, "vm-running")) throw thrown;
	}
}
/** Copies the network cards with their MACs, so that the network sees the new VM as the same machine. */
async function copyCards(from, to, context) {
	const cards = Object.entries(from.config).flatMap(([key, value]) => /^net\d+$/.test(key) && typeof value === "string" && to.config[key] !== value ? [[key, value]] : []);
	if (cards.length === 0) return;
	await pveOf(context).nodes.$(to.node).qemu.$(to.vmid).config.$put(configParameters(Object.fromEntries(cards)));
}

// ../core/dist/execute/build/prepare-build.js
/** Writes the marker last, with the config. After that the guest only has to be started. */
async function prepareBuild(order, guest, context) {
	const { step, image, machine, marker, cd } = order;
	const instance = cd.fileName.replace(/\.iso$/, "");
	await sendCd({
		at: step.cdAt,
		fileName: cd.fileName,
		documents: buildDocuments(image, instance)
	}, context);
	const grow = growthOf(machine, guest.config, () => true);
	await growDisks({
		guest: asFacts(guest, order),
		grow,
		identity: marker
	}, context);
	const own = Object.keys(grow).length > 0 ? await readOwnGuest(guest, marker, context) : guest;
	const prepared = {
		...marker,
		vmid: own.vmid,
		stage: "prepared"
	};
	await changeConfig(asFacts(own, order), buildConfig(machine, own.config, {
		marker: prepared,
		cd: cd.volid
	}), context);
}
/** Starts the guest, then writes that to its marker. */
async function bootBuild(order, guest, context) {
	await startAgain(guest, context);
	const read = () => readOwnGuest(guest, order.marker, context);
	const change = (marker) => marker?.stage === "prepared" ? {
		...marker,
		stage: "booted"
	} : marker;
	await writeMarker({
		read,
		change
	}, context);
}

// ../core/dist/execute/build/guest-words.js
/** Asks once. @throws ProvisionError as the Proxmox port, unless the agent does not answer or refuses, or the guest is stopped */
async function askGuest(guest, image, context) {
	try {
		return await listen(guest, image, context);
	} catch (thrown) {
		if (isProblem(thrown, "agent-unavailable")) return { state: "silent" };
		if (isProblem(thrown, "agent-refuses")) return { state: "refused" };
		if (isProblem(thrown, "vm-stopped")) return { state: "stopped" };
		throw thrown;
	}
}
async function listen(guest, image, context) {
	const read = (file) => readGuestFile(guest, file, context);
	const ended = (await read(TOLD.ended))?.trim() ?? "";
	if (ended === "0") return { state: "well" };
	if (ended !== "") return {
		state: "failed",
		failure: await failureOf(guest, image, context)
	};
	if (await read("/run/cloud-init/result.json") !== void 0 && await read(TOLD.main) === void 0) return { state: "missed" };
	const command = Number((await read(TOLD.command))?.trim());
	return {
		state: "working",
		...command > 0 && { command }
	};
}
async function failureOf(guest, image, context) {
	const read = async (file) => (await readGuestFile(guest, file, context))?.trim() ?? "";
	const [cloudInit, code, result] = [
		await read(TOLD.cloudInit),
		await read(TOLD.code),
		await read(CLOUD_INIT_RESULT)
	];
	const log = await logOf(guest, image, context);
	const [error] = errorsIn(result);
	if (!/^[02]$/.test(cloudInit) && error !== void 0) return {
		what: `cloud-init says: ${shown$1(error, image)}`,
		exitCode: Number(cloudInit),
		log
	};
	if (code !== "0" && code !== "") {
		const command = Number(await read(TOLD.command));
		const text = image.build.run[command - 1] ?? "";
		return {
			what: `${`command ${command} of ${image.build.run.length} ended with ${code}`}: ${shown$1(text, image)}`,
			exitCode: Number(code),
			log
		};
	}
	if (!/^[02]$/.test(cloudInit)) return {
		what: `cloud-init status ended with ${cloudInit}`,
		exitCode: Number(cloudInit),
		log
	};
	return {
		what: "data that must differ on each machine (such as host keys) could not be removed from it",
		log
	};
}
/** Returns the last lines of the logs in the guest, without secrets. */
async function logOf(guest, image, context) {
	return (await readGuestFile(guest, TOLD.log, context) ?? await readGuestFile(guest, "/var/log/cloud-init-output.log", context) ?? "").slice(-MOST_CHARACTERS).split(/\r?\n/).map((line) => cleanText(maskSecrets(line, image.secrets ?? []), { most: 400 }).trimEnd()).filter((line) => line !== "" && !noise.test(line)).slice(-MOST_LINES);
}
const noise = new RegExp(HOST_KEYS);
const MOST_LINES = 40;
const MOST_CHARACTERS = 16e3;
/** Returns the first line, without secrets, short enough for a sentence. */
function shown$1(text, { secrets = [] }) {
	const [line = "", ...more] = maskSecrets(text, secrets).trim().split("\n");
	const clean = cleanText(line, { most: 300 });
	return more.length > 0 && !clean.endsWith("…") ? `${clean} …` : clean;
}
function errorsIn(result) {
	try {
		const { v1 } = JSON.parse(result);
		return (v1?.errors ?? []).map(String);
	} catch {
		return [];
	}
}
/** Returns the text of a file in the guest, or undefined if it does not exist. */
async function readGuestFile({ vmid, node }, file, context) {
	try {
		const { content } = await pveOf(context).nodes.$(node).qemu.$(vmid).agent["file-read"].$get({ file });
		return Buffer.from(content, "latin1").toString("utf8");
	} catch (thrown) {
		if (isProblem(thrown, "no-such-file")) return void 0;
		throw thrown;
	}
}

// ../core/dist/execute/build/until-ended.js
const FIRST_PAUSE_MS$1 = 1e3;
const LAST_PAUSE_MS$1 = 1e4;
async function untilEnded(order, guest, context) {
	const { clock } = context.world;
	const { image } = order;
	const deadlineMs = clock.now() + image.build.timeoutSeconds * 1e3;
	let last = { state: "silent" };
	let wasHeard = false;
	for (let pauseMs = FIRST_PAUSE_MS$1;; pauseMs = Math.min(pauseMs * 1.5, LAST_PAUSE_MS$1)) {
		const word = await askOnce(order, guest, context);
		const end = await endOf(word, {
			order,
			guest
		}, context);
		if (end !== void 0) return end;
		tellProgress(word, last, {
			order,
			context
		});
		last = word;
		wasHeard ||= word.state !== "silent";
		const leftMs = deadlineMs - clock.now();
		if (leftMs <= 0) return late({
			order,
			guest,
			last,
			wasHeard
		}, context);
		await clock.sleep(Math.min(pauseMs, leftMs), context.signal);
	}
}
async function askOnce({ image }, guest, context) {
	try {
		return await askGuest(guest, image, context);
	} catch (thrown) {
		if (!isProblem(thrown, "not-found")) throw thrown;
		throw new ProvisionError("BUILD", `The VM ${guest.vmid} of the image ${image.name} was removed during the build.`, {
			cause: thrown,
			hint: "Another run or another user removed it. Run again to start the build from the beginning."
		});
	}
}
async function endOf(word, { order, guest }, context) {
	if (word.state === "well") return word;
	if (word.state === "failed") return {
		...word,
		hint: "Check the last lines of its log."
	};
	if (word.state === "missed") return {
		state: "broken off",
		failure: {
			what: "cloud-init has finished, but the recipe has not: the VM restarted during the build, or cloud-init did not read the CD",
			log: await logOf(guest, order.image, context)
		},
		hint: "A recipe must not restart the VM. Does the cloud-init of the image read a NoCloud CD?"
	};
	return word.state === "stopped" ? stopped(order, guest, context) : void 0;
}
/** Another run may have stopped the guest because the build is finished. */
async function stopped(order, guest, context) {
	const own = await readOwnGuest(guest, order.marker, context);
	if (isTemplate(own.config) || stageOf(own) !== "booted") return { state: "taken over" };
	return {
		state: "broken off",
		failure: {
			what: "the VM stopped before the build was finished, for an unknown reason",
			log: []
		},
		hint: "A recipe must not shut the VM down (`power_state`, `poweroff`). The build does so itself."
	};
}
async function late({ order, guest, last, wasHeard }, context) {
	const { image } = order;
	const within = `within ${timeText(image.build.timeoutSeconds)}`;
	if (!wasHeard) return {
		state: "failed",
		failure: {
			what: `no guest agent has answered ${within}`,
			log: []
		},
		hint: `The image ${image.from} seems to have no agent, and installing one failed. Does the VM boot, get an address and reach a package source? Without DHCP, set an address in \`images.${image.name}.build.networkConfig\`. For more time, set \`images.${image.name}.build.timeout\`.`
	};
	if (last.state === "refused") return {
		state: "failed",
		failure: {
			what: `its guest agent did not allow any file to be read ${within}, so its result is unknown`,
			log: []
		},
		hint: `The image ${image.from} forbids \`guest-file-open\` or \`guest-file-read\` in the configuration of its agent. Add a command to \`images.${image.name}.build.run\` that allows them and restarts qemu-guest-agent.`
	};
	const { command } = last.state === "working" ? last : {};
	const at = command === void 0 ? "" : `: command ${command} of ${image.build.run.length} runs`;
	const log = last.state === "working" ? await logOf(guest, image, context) : [];
	return {
		state: "failed",
		failure: {
			what: `it did not finish ${within}${at}`,
			log
		},
		hint: `For more time, set \`images.${image.name}.build.timeout\`.`
	};
}
function timeText(seconds) {
	return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
function tellProgress(word, last, { order, context }) {
	const { name, build } = order.image;
	if (word.state === "working" && last.state === "silent") context.note("debug", `${name}: its guest agent answers.`);
	const [command, before] = [word, last].map((one) => one.state === "working" ? one.command : void 0);
	if (command === void 0 || command === before) return;
	context.stage(`command ${command} of ${build.run.length}`);
}

// ../core/dist/execute/guest/claim-guest.js
/**
* Creates a guest with the first free candidate, or adopts one that already exists.
* @throws ProvisionError `CONFLICT` if other guests have all candidates
*/
async function claimGuest(claim, context) {
	for (const vmid of claim.candidates) {
		const claimed = await tryCandidate(vmid, claim, context);
		if (claimed !== void 0) return claimed;
	}
	throw new ProvisionError("CONFLICT", `All VM IDs that ${claim.identity.name} may use are taken.`, { hint: "Widen `vmids` in the manifest, or set another `vmid`." });
}
const ATTEMPTS$1 = 6;
const PAUSE_MS = 1e3;
/** Returns undefined if another guest has the candidate. */
async function tryCandidate(vmid, claim, context) {
	if (context.facts.listed.has(vmid)) {
		const holder = await holderOf(vmid, {
			claim,
			taken: false
		}, context);
		if (holder !== "nobody") return holder;
	}
	for (let attempt = 1;; attempt += 1) try {
		context.run.claims.add(vmid);
		await claim.make(vmid);
		return {
			vmid,
			node: claim.node,
			made: true
		};
	} catch (thrown) {
		context.run.claims.delete(vmid);
		if (isLeftover(thrown)) return explainLeftover(vmid, claim, context);
		if (!isDoubtful(thrown)) throw thrown;
		const holder = await holderOf(vmid, {
			claim,
			taken: isProblem(thrown, "already-exists")
		}, context);
		if (holder !== "nobody") return holder;
		if (!mayRepeat(thrown) || attempt >= ATTEMPTS$1) throw thrown;
		context.onRetry({
			reason: isLostReply(thrown) ? "network" : "lock",
			attempt,
			message: thrown.message
		});
		await context.world.clock.sleep(PAUSE_MS * attempt, context.signal);
	}
}
/**
* Returns true for failures after which the id may be taken. A clone loses a race inside its task: by "already exists",
* by the lock of the new id, or by a file system error if the other clone is on another node.
*/
function isDoubtful(thrown) {
	if (isLostReply(thrown) || isProblem(thrown, "already-exists") || isProblem(thrown, "lock-timeout")) return true;
	return hasEnded(thrown);
}
/** A repeated call with the same id cannot create a second guest. */
function mayRepeat(thrown) {
	return isLostReply(thrown) || isProblem(thrown, "lock-timeout") || isProblem(thrown, "already-exists");
}
async function holderOf(vmid, { claim, taken }, context) {
	const { identity, nodes } = claim;
	const look = await waitUntilSettled({
		vmid,
		identity,
		nodes,
		taken
	}, context);
	if (look.state === "unseen") return "nobody";
	return look.state === "ours" ? {
		vmid,
		node: look.node,
		made: false
	} : void 0;
}
function explainLeftover(vmid, { node }, { note }) {
	note("warning", `Proxmox could not start the task and left ${vmid} behind, locked (create). ${orphanHint(vmid, node)}`);
}

// ../core/dist/execute/guest/convert-to-template.js
/**
* Converts the guest to a template whose disk can be cloned.
* @returns true if this run did it
* @throws ProvisionError `CONFLICT` with `details.halfTemplate` if Proxmox left it partly converted
*/
async function convertToTemplate(place, marker, context) {
	const guest = await readOwnGuest(place, marker, context);
	await ensureTag(guest, context);
	if (isTemplate(guest.config)) {
		await untilReady(guest, marker, context);
		return false;
	}
	const isReady = async () => isReadyTemplate((await readOwnGuest(place, marker, context)).config);
	try {
		await runTask({
			guest,
			start: (api) => api.nodes.$(guest.node).qemu.$(guest.vmid).template.$post(),
			isDone: isReady
		}, context);
	} catch (thrown) {
		if (!isTemplate((await readOwnGuest(place, marker, context)).config)) throw thrown;
		await untilReady(guest, marker, context);
	}
	return true;
}
/** Returns true if the error means a partly converted template. No call of Proxmox can complete it. */
function isHalfTemplate(thrown) {
	return thrown instanceof ProvisionError && thrown.details.halfTemplate === true;
}
const LOOK_AGAIN_MS = 300;
const PATIENCE_MS = 1e4;
/** Waits, because another run's task may still be converting it. The disk is renamed last. */
async function untilReady(place, marker, context) {
	const { clock, pve } = context.world;
	let quietSinceMs = clock.now();
	for (;;) {
		if (isReadyTemplate((await readOwnGuest(place, marker, context)).config)) return;
		if ((await listOwnRunningTasks(pve, {
			nodes: [place.node],
			identity: pve.identity,
			signal: context.signal
		})).some(({ type, id }) => type === "qmtemplate" && id === String(place.vmid))) quietSinceMs = clock.now();
		if (clock.now() - quietSinceMs > PATIENCE_MS) throw halfTemplate(place, marker);
		await clock.sleep(LOOK_AGAIN_MS, context.signal);
	}
}
function halfTemplate({ vmid, node }, { image }) {
	return new ProvisionError("CONFLICT", `Template ${vmid} of ${image} on ${node} is only partly converted.`, {
		hint: `Remove it: qm destroy ${vmid} on ${node}.`,
		details: {
			vmid,
			halfTemplate: true
		}
	});
}
async function ensureTag({ vmid, node, config }, context) {
	if (splitTags(config.tags).includes("pve-provision")) return;
	const tags = withTag(config.tags, OWNER_TAG);
	await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put({ tags });
}

// ../core/dist/execute/guest/duplicates.js
/**
* Looks once for a guest with the same marker that appeared since this run listed the cluster. A finished one may be in
* use, so it stays and the guest of this run is removed. Among unfinished ones, every run keeps the first one in the
* candidate order, so that the runs agree without communication.
*/
async function resolveDuplicates(claimed, question, context) {
	if (!claimed.made) return claimed;
	const duplicates = await findDuplicates(claimed, question, context);
	const byRank = (one, other) => rankOf(one, question) - rankOf(other, question);
	const [finished] = duplicates.filter(({ isFinished }) => isFinished).sort(byRank);
	if (finished !== void 0) {
		await removeDuplicate(claimed, question, context);
		return {
			vmid: finished.vmid,
			node: finished.node,
			made: false
		};
	}
	const [first = claimed, ...others] = [claimed, ...duplicates].sort(byRank);
	for (const other of others) await removeDuplicate(other, question, context);
	return first === claimed ? claimed : {
		vmid: first.vmid,
		node: first.node,
		made: false
	};
}
async function findDuplicates(claimed, question, context) {
	const known = /* @__PURE__ */ new Set([
		claimed.vmid,
		...context.run.claims,
		...context.facts.guests.map(({ vmid }) => vmid)
	]);
	const suspects = (await listGuests(context)).filter(({ vmid = 0 }) => !known.has(vmid)).filter((row) => isSuspect(row, question.guestName));
	return (await Promise.all(suspects.map((row) => ifDuplicate(row, question.identity, context)))).filter((place) => place !== void 0);
}
/** In its first ten seconds, a guest may be listed as `VM 710`. */
function isSuspect({ tags, name = "" }, guestName) {
	return parseTags(tags).includes("pve-provision") && (name === guestName || name === "" || /^VM \d+$/.test(name));
}
async function ifDuplicate({ vmid, node }, identity, { world, signal }) {
	if (vmid === void 0 || node === void 0) return void 0;
	const config = await readConfig({
		vmid,
		node
	}, world.pve, signal);
	const marker = readMarker(config?.description, vmid);
	if (marker === void 0 || !isSame(marker, identity)) return void 0;
	return {
		vmid,
		node,
		isFinished: marker.spec !== UNFINISHED
	};
}
async function removeDuplicate(place, { identity }, context) {
	context.note("warning", `${identity.name} was created twice, because another run was active; ${place.vmid} on ${place.node} is removed.`);
	await removeGuest(place, identity, context);
}
/**
* Like `resolveDuplicates`, for templates. Another run's template may already have clones, so only the own one is
* removed. `images prune` removes a surplus template.
*/
async function resolveDuplicateTemplates(claimed, question, context) {
	if (!claimed.made) return claimed;
	const better = (await findDuplicates(claimed, question, context)).find((duplicate) => rankOf(duplicate, question) < rankOf(claimed, question));
	if (better === void 0) return claimed;
	await removeDuplicate(claimed, question, context);
	return {
		vmid: better.vmid,
		node: better.node,
		made: false
	};
}
function rankOf({ vmid }, { identity, walk: { name, range } }) {
	return candidateRank(vmid, {
		project: identity.project,
		name,
		range
	});
}

// ../core/dist/execute/guest/as-planned.js
/** Returns the part of a verdict that was planned. */
function asPlanned(verdict, now, { observed, touches, isFirstLook }) {
	if (touches === void 0) return {
		verdict,
		left: []
	};
	const { set, remove, grow, pool, ha, ...rest } = verdict;
	const isLeft = (key) => key !== "description" && (!touches.keys.includes(key) || isFirstLook && hasChanged(key, {
		now,
		observed,
		touches
	}));
	const left = [
		...[...Object.keys(set), ...remove].filter(isLeft),
		...Object.keys(grow).filter((disk) => !touches.grow.includes(disk)),
		...pool !== void 0 && !touches.pool ? ["pool"] : [],
		...ha !== void 0 && !touches.ha ? ["HA"] : []
	];
	const without = (entries) => Object.fromEntries(Object.entries(entries).filter(([key]) => !left.includes(key)));
	const kept = {
		...rest,
		set: without(set),
		remove: remove.filter((key) => !left.includes(key)),
		grow: without(grow),
		...pool !== void 0 && touches.pool && { pool },
		...ha !== void 0 && touches.ha && { ha }
	};
	return {
		verdict: left.length === 0 ? kept : withoutMarkerAlone(kept),
		left
	};
}
/** Drops the description, because its marker would claim that everything is as declared. */
function withoutMarkerAlone(verdict) {
	const { description: _, ...set } = verdict.set;
	return {
		...verdict,
		set
	};
}
/** Returns true if a key has neither the value that the plan saw nor the wanted value. */
function hasChanged(key, { now, observed, touches: { moved = [] } }) {
	if (observed === void 0) return false;
	const read = ({ config }) => moved.includes(key) ? withoutVolume(config[key]) : config[key];
	const before = textOf(read(observed));
	return !sameValue(key, read(now), before === "" ? null : before);
}
/** A drive that an earlier step moved has another volume and the same options. */
function withoutVolume(drive) {
	return typeof drive === "string" ? drive.replace(/^[^,]*/, "moved") : drive;
}
function leftWarning({ name }, left) {
	return `${name}: ${left.join(", ")} changed since the plan was made, and ${left.length === 1 ? "is" : "are"} left alone. Plan again.`;
}

// ../core/dist/execute/guest/ha.js
/** The HA manager carries out a request some seconds later, or drops it without a word. */
const MANAGER_PATIENCE_MS = 12e4;
/**
* Applies an HA change. What is already as wanted is left alone. The resource is created first, because the rule needs
* it.
*/
async function applyHa(change, { vmid }, context) {
	if (change.action === "remove") return leaveHa(vmid, context);
	await setResource(change, vmid, context);
	if (change.rule === "none") await pveOf(context).cluster.ha.rules.$(haRuleName(vmid)).$delete();
	else if (change.rule !== void 0) await setRule(change.rule, vmid, context);
}
async function setResource({ set }, vmid, context) {
	const sid = `vm:${vmid}`;
	const { resources } = pveOf(context).cluster.ha;
	const isThere = (await resources.$get()).some((row) => row.sid === sid);
	const { state, ...settings } = set;
	if (!isThere) await resources.$post({
		sid,
		state,
		...settings
	});
	else if (Object.keys(settings).length > 0) await resources.$(sid).$put(settings);
}
async function setRule({ nodes, strict }, vmid, context) {
	const rule = haRuleName(vmid);
	const { rules } = pveOf(context).cluster.ha;
	const wanted = {
		type: "node-affinity",
		nodes: nodes.join(","),
		strict
	};
	if ((await rules.$get()).some((row) => row.rule === rule)) await rules.$(rule).$put(wanted);
	else await rules.$post({
		rule,
		resources: `vm:${vmid}`,
		...wanted
	});
}
/**
* Removes the HA resource. Its rule is removed too, because `purge` is on by default. A VM without HA is not an error.
*/
async function leaveHa(vmid, context) {
	try {
		await pveOf(context).cluster.ha.resources.$(`vm:${vmid}`).$delete();
	} catch (thrown) {
		if (!isProblem(thrown, "not-managed")) throw thrown;
	}
}

// ../core/dist/execute/guest/hold-cards.js
/**
* Changes a guest's config. If the MAC, model, MTU or number of queues changes, Proxmox unplugs the card and plugs in a
* new one that the guest does not know. While the VM's `hotplug` option lacks `network`, the change stays pending
* instead (qemu-server `vmconfig_update_net`). The marker stores the original option, for a run that is killed in
* between.
*/
async function changeHoldingCards({ guest, verdict, identity }, context) {
	const { set, remove, replug } = verdict;
	const option = withoutNetwork(textOf(guest.config.hotplug));
	if (replug.length === 0 || guest.status !== "running" || option === void 0) return changeConfig(guest, {
		set,
		remove
	}, context);
	const isHeld = ([key]) => replug.includes(key);
	const entries = Object.entries(set);
	await changeConfig(guest, {
		set: Object.fromEntries(entries.filter((entry) => !isHeld(entry))),
		remove
	}, context);
	const now = async () => ({
		...guest,
		...await readOwnGuest(guest, identity, context)
	});
	const was = textOf((await now()).config.hotplug);
	await changeConfig(await now(), {
		set: {
			hotplug: option,
			...remembering(await now(), was)
		},
		remove: []
	}, context);
	try {
		await changeConfig(await now(), {
			set: Object.fromEntries(entries.filter(isHeld)),
			remove: []
		}, context);
	} finally {
		const restored = {
			...was !== "" && { hotplug: was },
			...remembering(await now(), void 0)
		};
		await changeConfig(await now(), {
			set: restored,
			remove: was === "" ? ["hotplug"] : []
		}, context);
	}
}
/** Returns the option without `network`, or undefined if it lacks it already. Unset and `1` mean `network,disk,usb`. */
function withoutNetwork(option) {
	const parts = option === "" || option === "1" ? [
		"network",
		"disk",
		"usb"
	] : option.split(",");
	if (!parts.includes("network")) return void 0;
	return parts.filter((part) => part !== "network").join(",") || "0";
}
/** Returns the description with the original option in its marker, or without it. */
function remembering({ vmid, config }, hotplug) {
	const marker = readMarker(config.description, vmid);
	if (marker === void 0) return {};
	const { hotplug: _, ...rest } = marker;
	return { description: writeDescription(hotplug === void 0 ? rest : {
		...rest,
		hotplug
	}, readText(config.description)) };
}

// ../core/dist/execute/guest/import-disks.js
/**
* Returns the verdict with volumes as its sources. @throws ProvisionError `CONFLICT` if a drive was removed since the
* plan
*/
function withVolumes(verdict, { machine, disksFrom = {} }, context) {
	const set = Object.entries(verdict.set).map(([key, value]) => {
		const image = imageOfDrive(value);
		if (image === void 0) return [key, value];
		const source = disksFrom[key];
		if (source === void 0) throw unplanned(machine, key, image);
		return [key, imported(String(value), source, context)];
	});
	return {
		...verdict,
		set: Object.fromEntries(set)
	};
}
function imported(drive, { volumeFrom, importFormat }, context) {
	const volume = volumeOf(context, volumeFrom);
	return madeFrom(drive, volume, importFormat ?? (standsForRaw(volume) ? "raw" : void 0));
}
function unplanned({ name }, key, image) {
	return new ProvisionError("CONFLICT", `${name} lost its drive ${key} since the plan was made.`, {
		hint: `Plan again: it is then created from ${image}.`,
		details: { machine: name }
	});
}

// ../core/dist/execute/guest/renew-cloud-init.js
/**
* Proxmox writes the drive when a VM starts, so a reboot from inside would read the old one. This asks Proxmox to write
* it now (`PUT cloudinit`, 8.4 and 9.2). The guest applies it at its next boot.
*/
async function renewCloudInit(guest, update, context) {
	const change = firstBootChange(update, guest.config);
	if (guest.status !== "running" || change === void 0) return;
	if (change.isDriveStale && !await renewDrive(guest, context)) context.warn(`Changes to cloud-init of ${guest.name} take effect after it is stopped and started: its drive could not be updated.`);
}
/** A token may be allowed to change the keys but not to write the drive. */
async function renewDrive({ vmid, node }, context) {
	try {
		await pveOf(context).nodes.$(node).qemu.$(vmid).cloudinit.$put();
		return true;
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code !== "CANCELLED") return false;
		throw thrown;
	}
}

// ../core/dist/execute/guest/reconcile.js
/**
* Compares again with the current config and changes what differs, but no more than was planned. If another user
* changes the guest meanwhile, or a reply is lost, it compares again.
* @throws ProvisionError `CONFLICT` if it no longer belongs to the project, or cannot be changed in place
*/
async function reconcile(machine, target, context) {
	const identity = machineIdentity(machine.name, context);
	let first;
	let before;
	/** @returns undefined after a part that must be done before the rest is compared */
	const nextRound = async () => {
		const own = await readOwnGuest(target.place, identity, context);
		const guest = await withPower(factsOf(machine, own, target.observed), target, context);
		const found = compareMachine(machine, guest, {
			project: identity.project,
			nowMs: context.world.clock.now()
		});
		if (found.problem) throw found.problem;
		const { verdict: planned, left } = asPlanned(found, guest, {
			...target,
			isFirstLook: first === void 0
		});
		const verdict = withVolumes(planned, {
			machine,
			disksFrom: target.disksFrom
		}, context);
		if (first === void 0 && left.length > 0) context.warn(leftWarning(machine, left));
		if (isProtected(guest) && losesDisks(verdict)) {
			await changeConfig(guest, {
				set: { protection: 0 },
				remove: []
			}, context);
			return;
		}
		if (first === void 0 && allocates(verdict)) {
			await changeConfig(guest, allocatingPart(verdict, guest), context);
			await removeOldSeed(machine, {
				guest,
				verdict
			}, context);
			first = verdict;
			before = guest.config;
			return;
		}
		await applyVerdict(machine, {
			guest,
			verdict,
			identity
		}, context);
		await renewCloudInit({
			...guest,
			config: before ?? guest.config
		}, bothOf(first, verdict), context);
		const changed = first !== void 0 || verdict.action === "update";
		return {
			place: {
				vmid: own.vmid,
				node: own.node
			},
			changed,
			pending: await pendingOf(machine, guest, context)
		};
	};
	for (;;) {
		const reconciled = await retryOnConflict(nextRound, context, { lostReplies: true });
		if (reconciled !== void 0) return reconciled;
	}
}
/** Reads whether the VM runs, and its process id. The plan may be outdated, and the changes depend on this. */
async function withPower(guest, { observed }, context) {
	if (observed === void 0) return guest;
	const { status, pid } = await pveOf(context).nodes.$(guest.node).qemu.$(guest.vmid).status.current.$get();
	return {
		...guest,
		status: status === "running" ? "running" : "stopped",
		...pid !== void 0 && { pid: Number(pid) }
	};
}
/** Proxmox refuses to detach disks of a protected VM, even if the same call removes the protection. */
function losesDisks({ set, remove }) {
	return "protection" in set && remove.some(isDriveKey);
}
/** Merges the changes of two rounds. */
function bothOf(first, { set, remove }) {
	return {
		set: {
			...first?.set,
			...set
		},
		remove: [...first?.remove ?? [], ...remove]
	};
}
/**
* If an allocation fails, Proxmox keeps what it has set until then, in no particular order. So the marker that declares
* a machine finished is set afterwards. The boot order is set afterwards too, because Proxmox adds each new CD to it.
* Network cards that must keep their link are changed separately.
*/
function allocatingPart(verdict, { marker }) {
	const { boot: _, description, ...all } = verdict.set;
	const set = Object.fromEntries(Object.entries(all).filter(([key]) => !verdict.replug.includes(key)));
	return {
		...verdict,
		set: marker.spec === "unfinished" || description === void 0 ? set : {
			...set,
			description
		}
	};
}
/**
* Returns the guest as the planner sees it. Values that only the listing contains are those of the facts. A new machine
* is already in its pool, because the create call put it there.
*/
function factsOf(machine, { vmid, node, config }, observed) {
	const marker = readMarker(config.description, vmid);
	const now = {
		vmid,
		node,
		name: marker.name,
		marker,
		template: false,
		config
	};
	if (observed === void 0) return {
		...now,
		status: "stopped",
		...machine.pool !== void 0 && { pool: machine.pool }
	};
	const { status, pool, ha } = observed;
	return {
		...now,
		status,
		...pool !== void 0 && { pool },
		...ha !== void 0 && { ha }
	};
}
async function applyVerdict(machine, { guest, verdict, identity }, context) {
	await changeHoldingCards({
		guest,
		verdict,
		identity
	}, context);
	await removeOldSeed(machine, {
		guest,
		verdict
	}, context);
	await growDisks({
		guest,
		grow: verdict.grow,
		identity
	}, context);
	if (verdict.pool !== void 0) await joinPool(guest, verdict.pool, context);
	if (verdict.ha) await applyHa(verdict.ha, guest, context);
}
async function removeOldSeed(machine, { guest, verdict }, context) {
	const { name, renamedFrom = name } = machine;
	const seed = seedOf(guest.config, name) ?? seedOf(guest.config, renamedFrom);
	if (seed !== void 0 && "ide2" in verdict.set) await removeSeed(seed, guest.node, context);
}
async function joinPool({ vmid }, pool, context) {
	try {
		await pveOf(context).pools.$put({
			poolid: pool,
			vms: String(vmid),
			"allow-move": true
		});
	} catch (thrown) {
		if (!isProblem(thrown, "already-member")) throw thrown;
	}
}
/** Returns what a running VM has not applied yet. It is reported, never forced. */
async function pendingOf(machine, guest, context) {
	if (guest.status !== "running") return [];
	const read = await readPending(guest, context.world.pve);
	const marker = readMarker(read?.config.description, guest.vmid);
	if (read === void 0 || marker === void 0) return [];
	return pendingChanges({
		...guest,
		...read,
		marker
	}, affectedOf(machine, guest));
}

// ../core/dist/execute/replace/keep-tags.js
/** Tags belong to the machine, not to one of its VMs. */
async function keepTags({ name, declared }, { old: { config: oldConfig }, successor }, context) {
	const old = splitTags(oldConfig.tags);
	if (declared.has("tags") || old.every((tag) => tag === "pve-provision")) return;
	const identity = machineIdentity(name, context);
	const { vmid, node, config } = await readOwnGuest(successor, identity, context);
	const tags = old.reduce((text, tag) => withTag(text, tag), textOf(config.tags));
	try {
		await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put({ tags });
	} catch (thrown) {
		if (!(thrown instanceof ProvisionError) || thrown.code !== "PERMISSION") throw thrown;
		context.warn(`The new ${name} does not have the tags of the old one: ${thrown.message}`);
	}
}

// ../core/dist/execute/steps/create.js
const create = async (step, context) => {
	const machine = machineOf(context, step.machine);
	const old = destroyedBefore(machine, context);
	for (let attempt = 1;; attempt += 1) {
		const leaves = step.lanes.filter((lane) => isOfClone(lane, machine));
		const claimed = await claimMachine(machine, {
			...step,
			leaves,
			pool: old?.pool
		}, context);
		const inherits = old !== void 0 && claimed.made;
		try {
			if (inherits) await copyCards(old, await readOwn(machine, claimed, context), context);
			const { place, changed } = await reconcile(machine, {
				place: claimed,
				disksFrom: step.disksFrom
			}, context);
			if (inherits) await keepTags(machine, {
				old,
				successor: place
			}, context);
			return {
				guest: place,
				kept: !claimed.made && !changed
			};
		} catch (thrown) {
			if (!isGone(thrown) || attempt >= 3) throw thrown;
		}
	}
};
/** A machine with a fixed id is destroyed before its successor exists, which keeps what belongs to the machine. */
function destroyedBefore({ vmid, name, renamedFrom }, { facts }) {
	return facts.guests.find((guest) => guest.vmid === vmid && [name, renamedFrom].includes(guest.marker.name));
}
function readOwn({ name }, place, context) {
	return readOwnGuest(place, machineIdentity(name, context), context);
}
/** If the machine allocates more volumes after the clone, it keeps the lane of their storage. */
function isOfClone(lane, { disks, firmware, disk }) {
	const allocates = disks.length > 0 || firmware.bios === "ovmf" || firmware.tpm || disk.sizeBytes !== void 0;
	return lane.startsWith("template:") || lane.startsWith("storage:") && !allocates;
}
/** Creates the machine, or finds the one that this or another run created. `beside` is added to its marker. */
async function claimMachine(machine, step, context) {
	const { project, vmids } = context.desired;
	const marker = {
		project,
		name: machine.name,
		kind: "machine",
		image: machine.image,
		base: step.base,
		spec: UNFINISHED,
		...machine.file !== void 0 && { file: machine.file },
		...newExpiry(machine, context.world.clock.now()),
		...step.beside
	};
	const claimed = await claimGuest({
		identity: marker,
		candidates: machine.vmid === void 0 ? candidateVmids(project, machine.name, vmids) : [machine.vmid],
		node: step.node,
		nodes: machine.nodes,
		async make(vmid) {
			await clone$1(vmid, {
				step,
				machine,
				marker,
				context
			});
			context.leave(step.leaves ?? []);
		}
	}, context);
	if (machine.vmid !== void 0) return claimed;
	const walk = {
		name: machine.name,
		range: vmids
	};
	return resolveDuplicates(claimed, {
		identity: marker,
		walk,
		guestName: machine.name
	}, context);
}
function clone$1(vmid, { step, machine, marker, context }) {
	const { name, pool = step.pool, image, description } = machine;
	const text = writeDescription({
		...marker,
		vmid
	}, description);
	return cloneTemplate({
		...step,
		vmid,
		name,
		pool,
		image,
		description: text,
		storage: machine.storage.disks
	}, context);
}
/** Creates the clone. The call contains its marker. */
async function cloneTemplate(order, context) {
	const { vmid, name, description, pool, storage, image, linked, node } = order;
	const source = guestOf(context, order.templateFrom);
	const parameters = {
		newid: vmid,
		name,
		description,
		target: source.node === node ? void 0 : node,
		pool,
		...linked ? {} : {
			full: true,
			storage
		}
	};
	try {
		const start = (api) => api.nodes.$(source.node).qemu.$(source.vmid).clone.$post(parameters);
		await runTask({
			start,
			attempts: 1
		}, context);
	} catch (thrown) {
		if (!isProblem(thrown, "not-found") || await isThere$1(source, context)) throw thrown;
		throw new ProvisionError("CONFLICT", `Template ${source.vmid} of ${image} was removed during the run.`, {
			cause: thrown,
			hint: "Run again to create the template again.",
			details: { vmid: source.vmid }
		});
	}
}
async function isThere$1(place, { world, signal }) {
	return await readConfig(place, world.pve, signal) !== void 0;
}

// ../core/dist/execute/steps/build.js
/** How often an unusable guest is removed and created again, including the first attempt. */
const ATTEMPTS = 3;
const build = async (step, context) => {
	const order = orderOf(step, context);
	for (let attempt = 1;; attempt += 1) {
		const claimed = await context.inLanes(step.cloneLanes, () => claimBuild(order, context));
		try {
			const changed = await finishBuild(order, claimed, context);
			const { vmid, node, config } = await readOwnGuest(claimed, order.marker, context);
			return {
				guest: {
					vmid,
					node
				},
				volid: bootVolume(config),
				kept: !claimed.made && !changed
			};
		} catch (thrown) {
			if (toProvisionError(thrown).code === "CANCELLED") throw interrupted(order, claimed, thrown);
			if (attempt >= ATTEMPTS) throw thrown;
			if (thrown instanceof Unusable || isHalfTemplate(thrown)) await discardBuild(order, claimed, context);
			else if (!isGone(thrown)) throw thrown;
		}
	}
};
async function claimBuild(order, context) {
	const { step, marker } = order;
	const { project, vmids } = context.desired;
	const { node } = step.at;
	const begun = templatesThere(step, context.facts).map(({ vmid }) => vmid);
	const claimed = await claimGuest({
		identity: marker,
		candidates: [...begun, ...candidateVmids(project, marker.name, vmids)],
		node,
		nodes: [node],
		make: (vmid) => clone(vmid, order, context)
	}, context);
	const walk = {
		name: marker.name,
		range: vmids
	};
	return resolveDuplicateTemplates(claimed, {
		identity: marker,
		walk,
		guestName: step.name
	}, context);
}
function clone(vmid, { step, marker }, context) {
	const { at, name, from, linked, templateFrom = "" } = step;
	const pool = templatePool(step.image, context.desired);
	const description = writeDescription({
		...marker,
		vmid
	});
	const { node, storage } = at;
	return cloneTemplate({
		vmid,
		name,
		description,
		pool,
		storage,
		node,
		image: from,
		linked,
		templateFrom
	}, context);
}
/** Continues the build from its present stage to the end. @returns true if this run changed anything */
async function finishBuild(order, claimed, context) {
	let hasWorked = false;
	/** @returns false if nothing is left to do */
	const nextStage = async () => {
		const guest = await readOwnGuest(claimed, order.marker, context);
		if (isTemplate(guest.config)) {
			hasWorked = await convertToTemplate(guest, order.marker, context) || hasWorked;
			return false;
		}
		await advance(order, {
			guest,
			isNew: claimed.made || hasWorked
		}, context);
		hasWorked = true;
		return true;
	};
	while (await retryOnConflict(nextStage, context, { lostReplies: true }));
	return hasWorked;
}
/** Does the next stage. */
async function advance(order, { guest, isNew }, context) {
	switch (stageOf(guest)) {
		case void 0: return prepareBuild(order, guest, context);
		case "prepared": return bootBuild(order, guest, context);
		case "booted": return hearOut(order, {
			guest,
			isNew
		}, context);
		case "sealed":
			await sealBuild(order, guest, context);
			await convertToTemplate(guest, order.marker, context);
			return;
		case "failed": throw new Unusable();
	}
}
async function hearOut(order, { guest, isNew }, context) {
	const end = await untilEnded(order, guest, context);
	if (end.state === "taken over") return;
	if (end.state === "well") return markSealed(order, guest, context);
	if (end.state === "broken off" && !isNew) throw new Unusable();
	throw await failBuild(order, {
		guest,
		end
	}, context);
}

// \0builtin:node:fs/promises?packages/core/dist/execute/image/unpack.js
const builtin$20 = process.getBuiltinModule("node:fs/promises");
const read$21 = (name) => builtin$20[name];
const _rename$1 = /* @__PURE__ */ read$21("rename");
const _rm$2 = /* @__PURE__ */ read$21("rm");

// \0builtin:node:crypto?packages/core/dist/ports/image/decompress.js
const builtin$19 = process.getBuiltinModule("node:crypto");
const read$20 = (name) => builtin$19[name];
const _createHash$2 = /* @__PURE__ */ read$20("createHash");

// \0builtin:node:fs?packages/core/dist/ports/image/decompress.js
const builtin$18 = process.getBuiltinModule("node:fs");
const read$19 = (name) => builtin$18[name];
const _createReadStream$2 = /* @__PURE__ */ read$19("createReadStream");

// \0builtin:node:fs/promises?packages/core/dist/ports/image/decompress.js
const builtin$17 = process.getBuiltinModule("node:fs/promises");
const read$18 = (name) => builtin$17[name];
const _rm$1 = /* @__PURE__ */ read$18("rm");

// ../core/dist/codecs/byte-reader.js
function createByteReader(source) {
	const iterator = source[Symbol.asyncIterator]();
	let pending = /* @__PURE__ */ new Uint8Array();
	let isEnded = false;
	async function next() {
		while (pending.length === 0 && !isEnded) {
			const { done, value } = await iterator.next();
			if (done) isEnded = true;
			else pending = value;
		}
		return pending;
	}
	async function takeSome(bytes = Number.POSITIVE_INFINITY) {
		const chunk = await next();
		pending = chunk.subarray(bytes);
		return chunk.subarray(0, bytes);
	}
	async function take(bytes) {
		const first = await takeSome(bytes);
		if (first.length === bytes) return first;
		const parts = [first];
		for (let left = bytes - first.length; left > 0;) {
			const part = await takeSome(left);
			if (part.length === 0) break;
			parts.push(part);
			left -= part.length;
		}
		return Buffer.concat(parts);
	}
	function giveBack(bytes) {
		pending = pending.length === 0 ? bytes : Buffer.concat([bytes, pending]);
	}
	async function* rest() {
		for (let chunk = await takeSome(); chunk.length > 0; chunk = await takeSome()) yield chunk;
	}
	return {
		take,
		takeSome,
		giveBack,
		rest,
		async peek(bytes) {
			const head = await take(bytes);
			giveBack(head);
			return head;
		},
		async skip(bytes) {
			for (let left = bytes; left > 0;) {
				const part = await takeSome(left);
				if (part.length === 0) return;
				left -= part.length;
			}
		},
		async drain() {
			while ((await takeSome()).length > 0);
		},
		async close() {
			await iterator.return?.();
		}
	};
}

// \0builtin:node:stream?packages/core/dist/codecs/decompress/decode.js
const builtin$16 = process.getBuiltinModule("node:stream");
const read$17 = (name) => builtin$16[name];
const _Readable = /* @__PURE__ */ read$17("Readable");

// ../core/dist/codecs/decompress/damage.js
/** Error texts and codes of Node's zlib, xz 5.4, bzip2 1.0.8 and xz-decompress that say more than "damaged". */
const CAUSES = [
	[/Z_BUF_ERROR|Unexpected end of input|file ends unexpectedly|Compressed file ends|error code 8\b/, "it is truncated"],
	[
		/frameParameter_windowTooLarge|Memory usage limit/i,
		"decompressing it needs more memory than the limit allows",
		"Decompress it by hand (`zstd -d --long=31`, `xz -d`), and use the result as `file:` instead of `url:`."
	],
	[/trailing garbage|File format not recognized/, "there is garbage after its end"],
	[/Unsupported options|error code 6\b/, "it uses options that are not supported"]
];
/** Creates an `IMAGE` error for a decoder's error. Returns a `ProvisionError` unchanged unless a program failed. */
function damaged$1(compression, error, how) {
	if (error instanceof ProvisionError && (error.code !== "CONVERT" || error.details.exitCode === void 0)) return error;
	const words = error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.message} ${lastWords(error)}` : "";
	const [, known, hint] = CAUSES.find(([text]) => how === void 0 && text.test(words)) ?? [];
	return new ProvisionError("IMAGE", `The ${compression} image cannot be decompressed: ${how ?? known ?? "it is damaged"}.`, {
		cause: error,
		hint: hint ?? "If its digest was correct, the vendor published a damaged file: use another build, or report it to the vendor."
	});
}
function lastWords(error) {
	return error instanceof ProvisionError ? String(error.details.lastWords) : "";
}

// \0builtin:node:stream/web?packages/core/dist/codecs/decompress/xz-stream.js
const builtin$15 = process.getBuiltinModule("node:stream/web");
const read$16 = (name) => builtin$15[name];
const _ReadableStream = /* @__PURE__ */ read$16("ReadableStream");

// ../core/dist/codecs/decompress/xz-stream.js
/**
* Decompresses an xz stream. This is slower than the program, which uses all cores. It does not support the filters for
* machine code or the SHA-256 check, and names them in its error. It supports several streams, padding, CRC32 and
* CRC64.
*/
async function* xzStream(source) {
	const XzReadableStream = await loadDecoder();
	let sourceError;
	const watched = async function* () {
		try {
			yield* source;
		} catch (error) {
			sourceError = error;
			throw error;
		}
	};
	try {
		yield* new XzReadableStream(toWeb(watched()));
	} catch (error) {
		throw sourceError ?? damaged$1("xz", error);
	}
}
function toWeb(source) {
	return _ReadableStream.from(source);
}
/** The package is CommonJS. Node cannot detect its named exports, although its types declare them; bundlers can. */
async function loadDecoder() {
	const loaded = await import("./xz-decompress.js").then((m) => /* @__PURE__ */ __toESM(m.default, 1));
	return (loaded.default ?? loaded).XzReadableStream;
}

// \0builtin:node:zlib?packages/core/dist/codecs/decompress/zlib-stream.js
const builtin$14 = process.getBuiltinModule("node:zlib");
const read$15 = (name) => builtin$14[name];
const _crc32$1 = /* @__PURE__ */ read$15("crc32");
const _createInflateRaw = /* @__PURE__ */ read$15("createInflateRaw");
const _createZstdDecompress = /* @__PURE__ */ read$15("createZstdDecompress");
const _constants$3 = /* @__PURE__ */ read$15("constants");

// ../core/dist/codecs/decompress/zstd-frame.js
function createZstdFrame() {
	const walk = frame();
	const header = /* @__PURE__ */ new Uint8Array(8);
	let next = walk.next();
	let left = next.value?.bytes ?? 0;
	return {
		push(bytes) {
			for (let at = 0; at < bytes.length && next.done !== true;) {
				const part = bytes.subarray(at, at + left);
				if (next.value.isRead) header.set(part, next.value.bytes - left);
				at += part.length;
				left -= part.length;
				while (left === 0 && next.done !== true) {
					next = walk.next(new DataView(header.buffer));
					left = next.value?.bytes ?? 0;
				}
			}
		},
		isWhole: () => next.done === true
	};
}
const read$14 = (bytes) => ({
	bytes,
	isRead: true
});
const pass = (bytes) => ({
	bytes,
	isRead: false
});
const DICTIONARY_ID_BYTES = [
	0,
	1,
	2,
	4
];
const CONTENT_SIZE_BYTES = [
	0,
	2,
	4,
	8
];
const CHECKSUM_BYTES = 4;
const BLOCK_OF_ONE_BYTE_REPEATED = 1;
function* frame() {
	if ((yield read$14(4)).getUint8(0) !== 40) {
		yield pass((yield read$14(4)).getUint32(0, true));
		return;
	}
	const descriptor = (yield read$14(1)).getUint8(0);
	yield pass(headerBytes(descriptor));
	for (let isLast = false; !isLast;) {
		const view = yield read$14(3);
		const block = view.getUint16(0, true) | view.getUint8(2) << 16;
		isLast = (block & 1) === 1;
		yield pass((block >> 1 & 3) === BLOCK_OF_ONE_BYTE_REPEATED ? 1 : block >> 3);
	}
	if ((descriptor & 4) !== 0) yield pass(CHECKSUM_BYTES);
}
/** Size of the optional header fields: window, dictionary id and content size. */
function headerBytes(descriptor) {
	const isSingleSegment = (descriptor & 32) !== 0;
	const size = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0;
	const contentSize = size === 0 && isSingleSegment ? 1 : size;
	return (isSingleSegment ? 0 : 1) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + contentSize;
}

// ../core/dist/codecs/decompress/zlib-stream.js
const CHUNK_BYTES = 262144;
/**
* Windows of up to 1 GiB. `zstd -d` allows 128 MiB by default, but files packed with `--long=30` need this window.
* Memory is used only as far as the window is filled.
*/
const LARGEST_WINDOW_LOG = 30;
/** Enough bytes to tell another frame or member from anything else. */
const MAGIC_BYTES = 4;
/**
* Decompresses all frames of the source.
* Trap: Node's decoders end silently after the first frame if more input follows in the same chunk. Seen in Node 24.21:
* two zstd frames yield only the first frame's bytes and no error, and every pzstd file begins with an empty frame.
* Gunzip fails on bytes after the last member and drops what it has decompressed. So each frame gets its own decoder,
* and this code inspects the bytes that the decoder did not consume.
*/
async function* zlibStream(compression, source, { onTrailing } = {}) {
	const input = createByteReader(source);
	const oneFrame = compression === "gzip" ? gzipMember : zstdFrame;
	try {
		yield* oneFrame(input);
		for (let rest = await input.peek(MAGIC_BYTES); rest.length > 0; rest = await input.peek(MAGIC_BYTES)) {
			if (!beginsFrame(compression, rest)) return await passOver(compression, input, onTrailing);
			yield* oneFrame(input);
		}
	} finally {
		await input.close();
	}
}
/**
* Skips the bytes after the last frame. Zero padding is common and harmless. Other bytes are an error without
* `onTrailing`.
*/
async function passOver(compression, input, onTrailing) {
	let isPadding = true;
	for await (const chunk of input.rest()) isPadding &&= chunk.every((byte) => byte === 0);
	if (isPadding) return;
	if (onTrailing === void 0) throw damaged$1(compression, void 0, "there is garbage after its end");
	onTrailing();
}
function zstdFrame(input) {
	return decoded("zstd", _createZstdDecompress({
		chunkSize: CHUNK_BYTES,
		params: { [_constants$3.ZSTD_d_windowLogMax]: LARGEST_WINDOW_LOG }
	}), {
		input,
		frame: createZstdFrame()
	});
}
/** Reads one gzip member (RFC 1952): header, deflate stream, CRC and length. */
async function* gzipMember(input) {
	await skipHeader(input);
	let [crc, bytes] = [0, 0];
	for await (const chunk of decoded("gzip", _createInflateRaw({ chunkSize: CHUNK_BYTES }), { input })) {
		crc = _crc32$1(chunk, crc);
		bytes += chunk.length;
		yield chunk;
	}
	const trailer = Buffer.from(await takeAll$1(input, 8));
	if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== bytes % 2 ** 32) throw damaged$1("gzip", void 0);
}
const [HAS_CRC, HAS_EXTRA, HAS_NAME, HAS_COMMENT] = [
	2,
	4,
	8,
	16
];
async function skipHeader(input) {
	const flags = (await takeAll$1(input, 10))[3] ?? 0;
	if ((flags & HAS_EXTRA) !== 0) {
		const [low = 0, high = 0] = await takeAll$1(input, 2);
		await takeAll$1(input, low + high * 256);
	}
	if ((flags & HAS_NAME) !== 0) await skipText(input);
	if ((flags & HAS_COMMENT) !== 0) await skipText(input);
	if ((flags & HAS_CRC) !== 0) await takeAll$1(input, 2);
}
async function skipText(input) {
	while ((await takeAll$1(input, 1))[0] !== 0);
}
async function takeAll$1(input, bytes) {
	const taken = await input.take(bytes);
	if (taken.length < bytes) throw damaged$1("gzip", void 0, "it is truncated");
	return taken;
}
async function* decoded(compression, decoder, { input, frame }) {
	let sourceError;
	const feeding = feed(decoder, input, frame);
	feeding.catch((error) => {
		sourceError = error;
		decoder.destroy(error);
	});
	try {
		for await (const chunk of decoder) yield chunk;
		if (await feeding && frame?.isWhole() === false) throw damaged$1(compression, void 0, "it is truncated");
	} catch (error) {
		throw error === sourceError ? error : damaged$1(compression, error);
	} finally {
		decoder.destroy();
	}
}
/** Feeds one chunk at a time, so that the bytes after the frame can be put back. Returns true if there are none. */
async function feed(decoder, input, frame) {
	const closed = new Promise((resolve) => decoder.once("close", resolve));
	for (let chunk = await input.takeSome(); chunk.length > 0; chunk = await input.takeSome()) {
		const bytes = chunk;
		const before = decoder.bytesWritten;
		await Promise.race([closed, new Promise((resolve) => decoder.write(bytes, () => resolve()))]);
		const consumed = decoder.bytesWritten - before;
		if (consumed < bytes.length || decoder.destroyed) {
			input.giveBack(bytes.subarray(consumed));
			return false;
		}
		frame?.push(bytes);
	}
	decoder.end();
	return true;
}
function beginsFrame(compression, bytes) {
	const [first = 0, second, third] = bytes;
	if (compression === "gzip") return first === 31 && second === 139 && third === 8;
	return (first & 240) === 80 && second === 42 && third === 77 || first === 40 && second === 181 && third === 47;
}

// ../core/dist/codecs/decompress/decode.js
const READ_BYTES$4 = 1048576;
/**
* Memory limit for xz. It suffices for all presets on all cores of a small machine, and refuses files that ask for
* more.
*/
const XZ_MEMORY = "1GiB";
/**
* Decompresses the chunks.
* @throws ProvisionError `IMAGE` if the data is truncated, damaged or followed by other bytes; `CONVERT` if the program
* is not installed
*/
function decode(compression, chunks, options = {}) {
	switch (compression) {
		case "gzip":
		case "zstd": return zlibStream(compression, chunks, options);
		case "xz": return xz(chunks, options);
		case "bzip2": return byProgram({
			compression,
			args: ["-dc"],
			chunks
		}, options);
	}
}
/** Uses the `xz` program, which works on all cores, or else the slower decoder on one core. */
async function* xz(chunks, options) {
	const args = [
		"-dc",
		"-T0",
		`--memlimit-decompress=${XZ_MEMORY}`
	];
	yield* await isInstalled("xz") ? byProgram({
		compression: "xz",
		args,
		chunks
	}, options) : xzStream(chunks);
}
async function* byProgram({ compression, args, chunks }, { signal, onTrailing }) {
	const source = _Readable.from(chunks, {
		objectMode: false,
		highWaterMark: READ_BYTES$4
	});
	try {
		yield* pipeThrough(compression, args, {
			source,
			...signal && { signal },
			onSuccess(lastWords) {
				if (!lastWords.includes("trailing garbage")) return;
				if (onTrailing === void 0) throw damaged$1(compression, void 0, "there is garbage after its end");
				onTrailing();
			}
		});
	} catch (error) {
		throw error instanceof ProvisionError ? damaged$1(compression, error) : error;
	}
}

// ../core/dist/codecs/archive/members.js
/** Boot loaders ship small files that look like a disk; a smaller file is not taken for an image. */
const SMALLEST_DISK_BYTES = 1048576;
/**
* Names of compressed disk images. The first bytes of a compressed member show only the compression, so its name
* decides.
*/
const PACKED_IMAGE = /\.(?:img|raw|qcow2|qcow|vmdk|vdi|vhdx?|disk|image)\.(?:xz|gz|zst|zstd|bz2)$/i;
const MOST_NAMES = 10;
/** Returns true if the member is the wanted one or, without a wanted name, if it holds a disk image. */
function isWanted({ name, sizeBytes, head }, wanted) {
	if (wanted !== void 0) return plain(name) === plain(wanted);
	const { compression, archive, format, refusal, doubt } = examine(head);
	if (climbs(name) || refusal !== void 0 || doubt !== void 0 || archive !== void 0) return false;
	if (compression !== void 0) return PACKED_IMAGE.test(name);
	return format !== void 0 && (format !== "raw" || sizeBytes >= SMALLEST_DISK_BYTES);
}
function plain(name) {
	return name.replace(/^(?:\.\/)+/, "");
}
/** Member names are never used as paths. A name that leaves the archive's folder is still not trusted. */
function climbs(name) {
	return name.startsWith("/") || /^[a-zA-Z]:/.test(name) || name.split(/[/\\]/).includes("..");
}
/**
* Checks that exactly one member matches.
* @throws ProvisionError `IMAGE` if no member or more than one matches
*/
function expectOne({ images, others, wanted }) {
	if (images.length === 1) return;
	if (images.length > 1) throw unusable(`it is an archive with ${images.length} images: ${listed(images)}`, {
		found: images,
		hint: `Set \`member\` to one of them: \`member: ${shown(images[0] ?? "")}\`.`
	});
	const inIt = others.length === 0 ? "it holds no file" : `it holds ${listed(others)}`;
	throw wanted === void 0 ? unusable(`it is an archive without a disk image: ${inIt}`, {
		found: others,
		hint: "Check the address. If one of the files is an image, name it: `member: NAME`."
	}) : unusable(`its archive has no member \`${shown(wanted)}\`: ${inIt}`, {
		found: others,
		hint: "Give the name exactly as in the archive, with its folders."
	});
}
function notAnArchive(member) {
	return unusable(`it is not an archive, but \`member: ${shown(member)}\` is set`, {
		found: [],
		hint: "Remove `member`."
	});
}
function unusable(clause, { found, hint }) {
	return new ProvisionError("IMAGE", `The image cannot be used: ${clause}.`, {
		hint,
		details: { names: found.slice(0, MOST_NAMES).map(shown) }
	});
}
function listed(names) {
	return names.slice(0, MOST_NAMES).map((name) => `\`${shown(name)}\``).join(", ") + (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "");
}
function shown(name) {
	return cleanText(name, { most: 120 });
}

// ../core/dist/codecs/archive/tar-pax.js
/** GNU sparse format 0.0 repeats these two keys, once for each span. Their values are joined into one map. */
const [OFFSET, BYTES] = ["GNU.sparse.offset", "GNU.sparse.numbytes"];
/** Parses the records up to the first one that is malformed. */
function parsePax(bytes) {
	const records = {};
	const map = [];
	for (let at = 0; at < bytes.length;) {
		const blank = bytes.indexOf(32, at);
		const length = blank === -1 ? 0 : Number(Buffer.from(bytes.subarray(at, blank)).toString("latin1"));
		if (!Number.isSafeInteger(length) || length <= 0 || at + length > bytes.length) break;
		const text = Buffer.from(bytes.subarray(blank + 1, at + length - 1)).toString("utf8");
		const equals = text.indexOf("=");
		const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
		if (key === OFFSET || key === BYTES) map.push(value);
		else records[key] = value;
		at += length;
	}
	return map.length === 0 ? records : {
		...records,
		"GNU.sparse.map": map.join(",")
	};
}

// ../core/dist/codecs/archive/tar.js
const BLOCK_BYTES$1 = 512;
/** Long names and pax records are small. A larger record means that the archive is damaged or hostile. */
const LARGEST_RECORD_BYTES = 1048576;
const MOST_MEMBERS$1 = 1e6;
const ZEROS$1 = /* @__PURE__ */ new Uint8Array(1048576);
/**
* Yields the members of the archive in order.
* @throws ProvisionError `IMAGE` for a damaged or truncated archive; errors of the source pass through unchanged
*/
async function* tarMembers(source) {
	const input = createByteReader(source);
	let extra = {};
	try {
		for (let count = 0; count < MOST_MEMBERS$1; count += 1) {
			const header = await nextHeader(input);
			if (header === void 0) return;
			const record = await recordOf(header, input);
			extra = {
				...extra,
				...record
			};
			if (record !== void 0) continue;
			const { member, finish } = await openMember(input, header, extra);
			yield member;
			await finish();
			extra = {};
		}
		throw damagedTar("it has too many members");
	} finally {
		await input.close();
	}
}
/** Reads the next header. Returns undefined at the end of the archive: a block of zeros, or the end of the file. */
async function nextHeader(input) {
	const block = await input.take(BLOCK_BYTES$1);
	if (block.every((byte) => byte === 0)) {
		await input.drain();
		return;
	}
	const header = block.length === BLOCK_BYTES$1 ? readHeader(block) : void 0;
	if (header === void 0) throw damagedTar("a header is damaged");
	return header;
}
/** Reads a record that describes the next member. Returns undefined if the header is not of such a record. */
async function recordOf({ type, sizeBytes }, input) {
	if (![
		"x",
		"L",
		"K",
		"g",
		"V"
	].includes(type)) return void 0;
	if (sizeBytes > LARGEST_RECORD_BYTES) throw damagedTar("a record is too large");
	const bytes = await takeAll(input, sizeBytes);
	await input.skip(paddingOf(sizeBytes));
	if (type === "L") return { path: Buffer.from(bytes).toString("utf8").replace(/\0.*$/s, "") };
	return type === "x" ? parsePax(bytes) : {};
}
async function openMember(input, header, extra) {
	const storedBytes = Number(extra.size ?? header.sizeBytes);
	if (!Number.isSafeInteger(storedBytes) || storedBytes < 0) throw damagedTar("a member has no length");
	const { stored, realBytes, mapBytes } = await sparseMap(input, {
		header,
		extra,
		storedBytes
	});
	let leftBytes = storedBytes - mapBytes;
	async function* data(bytes) {
		for (let left = Math.min(bytes, leftBytes); left > 0;) {
			const chunk = await input.takeSome(left);
			if (chunk.length === 0) throw damagedTar("it is truncated");
			left -= chunk.length;
			leftBytes -= chunk.length;
			yield chunk;
		}
	}
	return {
		member: {
			name: extra["GNU.sparse.name"] ?? extra.path ?? header.name,
			sizeBytes: realBytes,
			isFile: [
				"0",
				"\0",
				"7",
				"S"
			].includes(header.type),
			chunks: () => withHoles(stored, realBytes, data)
		},
		finish: async () => {
			await input.skip(leftBytes);
			await input.skip(paddingOf(storedBytes));
		}
	};
}
async function sparseMap(input, { header, extra, storedBytes }) {
	if (header.sparse !== void 0) {
		const stored = [...header.sparse.entries];
		for (let more = header.sparse.isContinued; more;) {
			const block = readSparseBlock(await takeAll(input, BLOCK_BYTES$1));
			stored.push(...block.entries);
			more = block.isContinued;
			expectFew(stored);
		}
		return checked({
			stored,
			realBytes: header.sparse.realBytes,
			mapBytes: 0
		}, storedBytes);
	}
	const realBytes = Number(extra["GNU.sparse.realsize"] ?? extra["GNU.sparse.size"] ?? storedBytes);
	if (extra["GNU.sparse.major"] === "1") return checked(await mapInData(input, realBytes), storedBytes);
	const inline = extra["GNU.sparse.map"];
	if (inline !== void 0) return checked({
		stored: pairs(inline.split(",")),
		realBytes,
		mapBytes: 0
	}, storedBytes);
	return {
		stored: [{
			offset: 0,
			bytes: storedBytes
		}],
		realBytes: storedBytes,
		mapBytes: 0
	};
}
/**
* Reads a sparse map of format 1.0 from the start of the data. The map has one number on each line; the first is the
* count of pairs.
*/
async function mapInData(input, realBytes) {
	let [text, mapBytes] = ["", 0];
	for (;;) {
		text += Buffer.from(await takeAll(input, BLOCK_BYTES$1)).toString("latin1");
		mapBytes += BLOCK_BYTES$1;
		const [count = "", ...numbers] = text.split("\n");
		const wanted = Number(count) * 2;
		if (!Number.isSafeInteger(wanted) || mapBytes > LARGEST_RECORD_BYTES) throw damagedTar("a sparse map is damaged");
		if (numbers.length > wanted) return {
			stored: pairs(numbers.slice(0, wanted)),
			realBytes,
			mapBytes
		};
	}
}
function pairs(numbers) {
	const found = [];
	for (let index = 0; index + 1 < numbers.length; index += 2) found.push({
		offset: Number(numbers[index]),
		bytes: Number(numbers[index + 1])
	});
	return found;
}
/** Checks the map: offsets ascend, spans stay within the file, and their sizes add up to the stored bytes. */
function checked(map, storedBytes) {
	let [end, sum] = [0, 0];
	for (const { offset, bytes } of map.stored) {
		if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(bytes) || offset < end || bytes < 0) throw damagedTar("a sparse map is damaged");
		end = offset + bytes;
		sum += bytes;
	}
	if (end > map.realBytes || !Number.isSafeInteger(map.realBytes) || sum !== storedBytes - map.mapBytes) throw damagedTar("a sparse map is damaged");
	return map;
}
function expectFew(entries) {
	if (entries.length > LARGEST_RECORD_BYTES / 8) throw damagedTar("a sparse map is too long");
}
async function* withHoles(stored, realBytes, data) {
	let position = 0;
	for (const { offset, bytes } of stored) {
		yield* zeros(offset - position);
		yield* data(bytes);
		position = offset + bytes;
	}
	yield* zeros(realBytes - position);
}
function* zeros(bytes) {
	for (let left = bytes; left > 0; left -= ZEROS$1.length) yield ZEROS$1.subarray(0, Math.min(left, ZEROS$1.length));
}
async function takeAll(input, bytes) {
	const taken = await input.take(bytes);
	if (taken.length < bytes) throw damagedTar("it is truncated");
	return taken;
}
function paddingOf(bytes) {
	return (BLOCK_BYTES$1 - bytes % BLOCK_BYTES$1) % BLOCK_BYTES$1;
}
function damagedTar(how) {
	return new ProvisionError("IMAGE", `The tar archive cannot be read: ${how}.`, { hint: "If its digest was correct, the vendor published a damaged file: use another build, or report it to the vendor." });
}

// ../core/dist/codecs/archive/unwrap.js
/** How deep compression and archives may be nested, such as `.img.xz` in a tar in a gzip file. */
const MOST_LAYERS = 4;
/**
* Yields the bytes of the image. A file that is not an image is refused with an error that says what it is.
* @throws ProvisionError `IMAGE`; errors of the source pass through unchanged
*/
async function* unwrap(source, options, layer = 0) {
	const input = createByteReader(source);
	try {
		const head = await input.peek(HEAD_BYTES);
		if (head.length === 0) throw refused("it is empty");
		const found = examine(head);
		if (found.refusal !== void 0) throw refused(found.refusal, { hint: found.hint });
		if (found.compression === void 0 && found.archive === void 0) {
			if (layer === 0) throw refused("it is not compressed");
			if (options.member !== void 0) throw notAnArchive(options.member);
			yield* input.rest();
			return;
		}
		if (layer === MOST_LAYERS) throw refused(`it is compressed more than ${MOST_LAYERS} times`);
		yield* openLayer(input, {
			...found,
			layer
		}, options);
	} finally {
		await input.close();
	}
}
async function* openLayer(input, { compression, archive, layer }, options) {
	if (archive === "zip") throw refused("it is a zip archive inside another archive", { hint: "Give the address of the zip archive itself." });
	if (archive === "tar") return yield* fromTar(input.rest(), options, layer);
	if (compression === void 0 || compression === "none") return;
	yield* unwrap(limited(decode(compression, input.rest(), options), options.limitBytes), options, layer + 1);
}
/** Streams the first image of the archive. A second image is found only at the end, and the error is thrown then. */
async function* fromTar(source, options, layer) {
	const { member: wanted, ...inside } = options;
	const [images, others] = [[], []];
	for await (const { name, sizeBytes, isFile, chunks } of tarMembers(source)) {
		if (!isFile) continue;
		const input = createByteReader(chunks());
		const isImage = isWanted({
			name,
			sizeBytes,
			head: await input.peek(Math.min(HEAD_BYTES, sizeBytes))
		}, wanted);
		(isImage ? images : others).push(name);
		if (isImage && images.length === 1) yield* unwrap(input.rest(), inside, layer + 1);
	}
	expectOne({
		images,
		others,
		wanted
	});
}
/** Stops the stream at the limit. Each layer has the limit, so a bomb of zeros stops before it reaches the disk. */
async function* limited(chunks, limitBytes) {
	let bytes = 0;
	for await (const chunk of chunks) {
		bytes += chunk.length;
		if (bytes > limitBytes) throw bomb(limitBytes);
		yield chunk;
	}
}
/** Creates the error for data that unpacks to more than the limit. */
function bomb(limitBytes) {
	const gibibytes = Math.round(limitBytes / 1024 ** 3);
	const limit = gibibytes > 0 ? `${gibibytes} GiB` : `${limitBytes} bytes`;
	return new ProvisionError("IMAGE", `The image is larger than ${limit} after decompression.`, {
		details: { limitBytes },
		hint: "This cannot be a disk image: check the address."
	});
}

// \0builtin:node:zlib?packages/core/dist/codecs/archive/zip.js
const builtin$13 = process.getBuiltinModule("node:zlib");
const read$13 = (name) => builtin$13[name];
const _crc32 = /* @__PURE__ */ read$13("crc32");

// ../../node_modules/pend/index.js
var require_pend = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	module.exports = Pend;
	function Pend() {
		this.pending = 0;
		this.max = Infinity;
		this.listeners = [];
		this.waiting = [];
		this.error = null;
	}
	Pend.prototype.go = function(fn) {
		if (this.pending < this.max) pendGo(this, fn);
		else this.waiting.push(fn);
	};
	Pend.prototype.wait = function(cb) {
		if (this.pending === 0) cb(this.error);
		else this.listeners.push(cb);
	};
	Pend.prototype.hold = function() {
		return pendHold(this);
	};
	function pendHold(self) {
		self.pending += 1;
		var called = false;
		return onCb;
		function onCb(err) {
			if (called) throw new Error("callback called twice");
			called = true;
			self.error = self.error || err;
			self.pending -= 1;
			if (self.waiting.length > 0 && self.pending < self.max) pendGo(self, self.waiting.shift());
			else if (self.pending === 0) {
				var listeners = self.listeners;
				self.listeners = [];
				listeners.forEach(cbListener);
			}
		}
		function cbListener(listener) {
			listener(self.error);
		}
	}
	function pendGo(self, fn) {
		fn(pendHold(self));
	}
}));

// ../../node_modules/yauzl/fd-slicer.js
var require_fd_slicer = /* @__PURE__ */ __commonJSMin(((exports) => {
	var fs = __require("fs");
	var util = __require("util");
	var stream = __require("stream");
	var Readable = stream.Readable;
	var PassThrough = stream.PassThrough;
	var Pend = require_pend();
	var EventEmitter = __require("events").EventEmitter;
	exports.BufferSlicer = BufferSlicer;
	exports.FdSlicer = FdSlicer;
	util.inherits(FdSlicer, EventEmitter);
	function FdSlicer(fd) {
		EventEmitter.call(this);
		this.fd = fd;
		this.pend = new Pend();
		this.pend.max = 1;
		this.refCount = 0;
	}
	FdSlicer.prototype.read = function(buffer, offset, length, position, callback) {
		var self = this;
		self.pend.go(function(cb) {
			fs.read(self.fd, buffer, offset, length, position, function(err, bytesRead, buffer) {
				cb();
				callback(err, bytesRead, buffer);
			});
		});
	};
	FdSlicer.prototype.createReadStream = function(options) {
		return new ReadStream(this, options);
	};
	FdSlicer.prototype.ref = function() {
		this.refCount += 1;
	};
	FdSlicer.prototype.unref = function() {
		var self = this;
		self.refCount -= 1;
		if (self.refCount < 0) throw new Error("invalid unref");
		if (self.refCount > 0) return;
		fs.close(self.fd, onCloseDone);
		function onCloseDone(err) {
			if (err) self.emit("error", err);
			else self.emit("close");
		}
	};
	util.inherits(ReadStream, Readable);
	function ReadStream(context, options) {
		options = options || {};
		Readable.call(this, options);
		this.context = context;
		this.context.ref();
		this.start = options.start || 0;
		this.endOffset = options.end;
		this.pos = this.start;
	}
	ReadStream.prototype._read = function(n) {
		var self = this;
		var toRead = Math.min(self._readableState.highWaterMark, n);
		if (self.endOffset != null) toRead = Math.min(toRead, self.endOffset - self.pos);
		if (toRead <= 0) {
			self.push(null);
			this._cleanup();
			return;
		}
		self.context.pend.go(function(cb) {
			var buffer = Buffer.allocUnsafe(toRead);
			fs.read(self.context.fd, buffer, 0, toRead, self.pos, function(err, bytesRead) {
				if (err) self.destroy(err);
				else if (bytesRead === 0) {
					self.push(null);
					self._cleanup();
				} else {
					self.pos += bytesRead;
					self.push(buffer.slice(0, bytesRead));
				}
				cb();
			});
		});
	};
	ReadStream.prototype._destroy = function(err, cb) {
		this._cleanup();
		cb(err);
	};
	ReadStream.prototype._cleanup = function() {
		if (this.context != null) {
			this.context.unref();
			this.context = null;
		}
	};
	util.inherits(BufferSlicer, EventEmitter);
	function BufferSlicer(buffer) {
		EventEmitter.call(this);
		this.refCount = 0;
		this.buffer = buffer;
	}
	BufferSlicer.prototype.read = function(buffer, offset, length, position, callback) {
		if (!(0 <= offset && offset <= buffer.length)) throw new RangeError("offset outside buffer: 0 <= " + offset + " <= " + buffer.length);
		if (position < 0) throw new RangeError("position is negative: " + position);
		if (offset + length > buffer.length) length = buffer.length - offset;
		if (position + length > this.buffer.length) length = this.buffer.length - position;
		if (length <= 0) {
			setImmediate(function() {
				callback(null, 0);
			});
			return;
		}
		this.buffer.copy(buffer, offset, position, position + length);
		setImmediate(function() {
			callback(null, length);
		});
	};
	BufferSlicer.prototype.createReadStream = function(options) {
		options = options || {};
		var readStream = new PassThrough(options);
		readStream.start = options.start || 0;
		readStream.endOffset = options.end;
		readStream.pos = readStream.endOffset || this.buffer.length;
		var entireSlice = this.buffer.slice(readStream.start, readStream.pos);
		var maxChunkSize = 65536;
		var offset = 0;
		while (true) {
			var nextOffset = offset + maxChunkSize;
			if (nextOffset >= entireSlice.length) {
				if (offset < entireSlice.length) readStream.write(entireSlice.slice(offset, entireSlice.length));
				break;
			}
			readStream.write(entireSlice.slice(offset, nextOffset));
			offset = nextOffset;
		}
		readStream.end();
		return readStream;
	};
	BufferSlicer.prototype.ref = function() {
		this.refCount += 1;
	};
	BufferSlicer.prototype.unref = function() {
		this.refCount -= 1;
		if (this.refCount < 0) throw new Error("invalid unref");
	};
}));

// ../../node_modules/yauzl/crc32.js
var require_crc32 = /* @__PURE__ */ __commonJSMin(((exports, module) => {
	const CRC_TABLE = new Int32Array([
		0,
		1996959894,
		3993919788,
		2567524794,
		124634137,
		1886057615,
		3915621685,
		2657392035,
		249268274,
		2044508324,
		3772115230,
		2547177864,
		162941995,
		2125561021,
		3887607047,
		2428444049,
		498536548,
		1789927666,
		4089016648,
		2227061214,
		450548861,
		1843258603,
		4107580753,
		2211677639,
		325883990,
		1684777152,
		4251122042,
		2321926636,
		335633487,
		1661365465,
		4195302755,
		2366115317,
		997073096,
		1281953886,
		3579855332,
		2724688242,
		1006888145,
		1258607687,
		3524101629,
		2768942443,
		901097722,
		1119000684,
		3686517206,
		2898065728,
		853044451,
		1172266101,
		3705015759,
		2882616665,
		651767980,
		1373503546,
		3369554304,
		3218104598,
		565507253,
		1454621731,
		3485111705,
		3099436303,
		671266974,
		1594198024,
		3322730930,
		2970347812,
		795835527,
		1483230225,
		3244367275,
		3060149565,
		1994146192,
		31158534,
		2563907772,
		4023717930,
		1907459465,
		112637215,
		2680153253,
		3904427059,
		2013776290,
		251722036,
		2517215374,
		3775830040,
		2137656763,
		141376813,
		2439277719,
		3865271297,
		1802195444,
		476864866,
		2238001368,
		4066508878,
		1812370925,
		453092731,
		2181625025,
		4111451223,
		1706088902,
		314042704,
		2344532202,
		4240017532,
		1658658271,
		366619977,
		2362670323,
		4224994405,
		1303535960,
		984961486,
		2747007092,
		3569037538,
		1256170817,
		1037604311,
		2765210733,
		3554079995,
		1131014506,
		879679996,
		2909243462,
		3663771856,
		1141124467,
		855842277,
		2852801631,
		3708648649,
		1342533948,
		654459306,
		3188396048,
		3373015174,
		1466479909,
		544179635,
		3110523913,
		3462522015,
		1591671054,
		702138776,
		2966460450,
		3352799412,
		1504918807,
		783551873,
		3082640443,
		3233442989,
		3988292384,
		2596254646,
		62317068,
		1957810842,
		3939845945,
		2647816111,
		81470997,
		1943803523,
		3814918930,
		2489596804,
		225274430,
		2053790376,
		3826175755,
		2466906013,
		167816743,
		2097651377,
		4027552580,
		2265490386,
		503444072,
		1762050814,
		4150417245,
		2154129355,
		426522225,
		1852507879,
		4275313526,
		2312317920,
		282753626,
		1742555852,
		4189708143,
		2394877945,
		397917763,
		1622183637,
		3604390888,
		2714866558,
		953729732,
		1340076626,
		3518719985,
		2797360999,
		1068828381,
		1219638859,
		3624741850,
		2936675148,
		906185462,
		1090812512,
		3747672003,
		2825379669,
		829329135,
		1181335161,
		3412177804,
		3160834842,
		628085408,
		1382605366,
		3423369109,
		3138078467,
		570562233,
		1426400815,
		3317316542,
		2998733608,
		733239954,
		1555261956,
		3268935591,
		3050360625,
		752459403,
		1541320221,
		2607071920,
		3965973030,
		1969922972,
		40735498,
		2617837225,
		3943577151,
		1913087877,
		83908371,
		2512341634,
		3803740692,
		2075208622,
		213261112,
		2463272603,
		3855990285,
		2094854071,
		198958881,
		2262029012,
		4057260610,
		1759359992,
		534414190,
		2176718541,
		4139329115,
		1873836001,
		414664567,
		2282248934,
		4279200368,
		1711684554,
		285281116,
		2405801727,
		4167216745,
		1634467795,
		376229701,
		2685067896,
		3608007406,
		1308918612,
		956543938,
		2808555105,
		3495958263,
		1231636301,
		1047427035,
		2932959818,
		3654703836,
		1088359270,
		936918e3,
		2847714899,
		3736837829,
		1202900863,
		817233897,
		3183342108,
		3401237130,
		1404277552,
		615818150,
		3134207493,
		3453421203,
		1423857449,
		601450431,
		3009837614,
		3294710456,
		1567103746,
		711928724,
		3020668471,
		3272380065,
		1510334235,
		755167117
	]);
	function crc32(buf) {
		let crc = -1;
		for (let x of buf) crc = CRC_TABLE[(crc ^ x) & 255] ^ crc >>> 8;
		return (crc ^ -1) >>> 0;
	}
	module.exports = crc32;
}));

// ../../node_modules/yauzl/index.js
var require_yauzl = /* @__PURE__ */ __commonJSMin(((exports) => {
	var fs = __require("fs");
	var zlib = __require("zlib");
	var fd_slicer = require_fd_slicer();
	var util = __require("util");
	var EventEmitter = __require("events").EventEmitter;
	var Transform = __require("stream").Transform;
	var PassThrough = __require("stream").PassThrough;
	var Writable = __require("stream").Writable;
	const crc32 = typeof zlib.crc32 === "function" ? zlib.crc32 : require_crc32();
	exports.openPromise = openPromise;
	function openPromise(path, options) {
		return new Promise((resolve, reject) => {
			open(path, {
				...options,
				lazyEntries: true
			}, function(err, zipfile) {
				if (err) return reject(err);
				resolve(zipfile);
			});
		});
	}
	function open(path, options, callback) {
		if (typeof options === "function") {
			callback = options;
			options = null;
		}
		if (options == null) options = {};
		if (options.autoClose == null) options.autoClose = true;
		if (options.lazyEntries == null) options.lazyEntries = false;
		if (options.decodeStrings == null) options.decodeStrings = true;
		if (options.validateEntrySizes == null) options.validateEntrySizes = true;
		if (options.strictFileNames == null) options.strictFileNames = false;
		if (callback == null) callback = defaultCallback;
		fs.open(path, "r", function(err, fd) {
			if (err) return callback(err);
			fromFd(fd, options, function(err, zipfile) {
				if (err) fs.close(fd, defaultCallback);
				callback(err, zipfile);
			});
		});
	}
	function fromFd(fd, options, callback) {
		if (typeof options === "function") {
			callback = options;
			options = null;
		}
		if (options == null) options = {};
		if (options.autoClose == null) options.autoClose = false;
		if (options.lazyEntries == null) options.lazyEntries = false;
		if (options.decodeStrings == null) options.decodeStrings = true;
		if (options.validateEntrySizes == null) options.validateEntrySizes = true;
		if (options.strictFileNames == null) options.strictFileNames = false;
		if (callback == null) callback = defaultCallback;
		fs.fstat(fd, function(err, stats) {
			if (err) return callback(err);
			fromRandomAccessReader(new fd_slicer.FdSlicer(fd), stats.size, options, callback);
		});
	}
	function fromRandomAccessReader(reader, totalSize, options, callback) {
		if (typeof options === "function") {
			callback = options;
			options = null;
		}
		if (options == null) options = {};
		if (options.autoClose == null) options.autoClose = true;
		if (options.lazyEntries == null) options.lazyEntries = false;
		if (options.decodeStrings == null) options.decodeStrings = true;
		var decodeStrings = !!options.decodeStrings;
		if (options.validateEntrySizes == null) options.validateEntrySizes = true;
		if (options.strictFileNames == null) options.strictFileNames = false;
		if (callback == null) callback = defaultCallback;
		if (typeof totalSize !== "number") throw new Error("expected totalSize parameter to be a number");
		if (totalSize > Number.MAX_SAFE_INTEGER) throw new Error("zip file too large. only file sizes up to 2^52 are supported due to JavaScript's Number type being an IEEE 754 double.");
		reader.ref();
		var eocdrWithoutCommentSize = 22;
		var zip64EocdlSize = 20;
		var bufferSize = Math.min(zip64EocdlSize + eocdrWithoutCommentSize + 65535, totalSize);
		var buffer = newBuffer(bufferSize);
		readAndAssertNoEof(reader, buffer, 0, bufferSize, totalSize - buffer.length, function(err) {
			if (err) return callback(err);
			for (var i = bufferSize - eocdrWithoutCommentSize; i >= 0; i -= 1) {
				if (buffer.readUInt32LE(i) !== 101010256) continue;
				var eocdrBuffer = buffer.subarray(i);
				var diskNumber = eocdrBuffer.readUInt16LE(4);
				var entryCount = eocdrBuffer.readUInt16LE(10);
				var centralDirectoryOffset = eocdrBuffer.readUInt32LE(16);
				var commentLength = eocdrBuffer.readUInt16LE(20);
				var expectedCommentLength = eocdrBuffer.length - eocdrWithoutCommentSize;
				if (commentLength !== expectedCommentLength) return callback(/* @__PURE__ */ new Error("Invalid comment length. Expected: " + expectedCommentLength + ". Found: " + commentLength + ". Are there extra bytes at the end of the file? Or is the end of central dir signature `PK☺☻` in the comment?"));
				var comment = decodeStrings ? decodeBuffer(eocdrBuffer.subarray(22), false) : eocdrBuffer.subarray(22);
				if (i - zip64EocdlSize >= 0 && buffer.readUInt32LE(i - zip64EocdlSize) === 117853008) {
					var zip64EocdrOffset = readUInt64LE(buffer.subarray(i - zip64EocdlSize, i - zip64EocdlSize + zip64EocdlSize), 8);
					var zip64EocdrBuffer = newBuffer(56);
					return readAndAssertNoEof(reader, zip64EocdrBuffer, 0, zip64EocdrBuffer.length, zip64EocdrOffset, function(err) {
						if (err) return callback(err);
						if (zip64EocdrBuffer.readUInt32LE(0) !== 101075792) return callback(/* @__PURE__ */ new Error("invalid zip64 end of central directory record signature"));
						diskNumber = zip64EocdrBuffer.readUInt32LE(16);
						if (diskNumber !== 0) return callback(/* @__PURE__ */ new Error("multi-disk zip files are not supported: found disk number: " + diskNumber));
						entryCount = readUInt64LE(zip64EocdrBuffer, 32);
						centralDirectoryOffset = readUInt64LE(zip64EocdrBuffer, 48);
						return callback(null, new ZipFile(reader, centralDirectoryOffset, totalSize, entryCount, comment, options.autoClose, options.lazyEntries, decodeStrings, options.validateEntrySizes, options.strictFileNames));
					});
				}
				if (diskNumber !== 0) return callback(/* @__PURE__ */ new Error("multi-disk zip files are not supported: found disk number: " + diskNumber));
				return callback(null, new ZipFile(reader, centralDirectoryOffset, totalSize, entryCount, comment, options.autoClose, options.lazyEntries, decodeStrings, options.validateEntrySizes, options.strictFileNames));
			}
			callback(/* @__PURE__ */ new Error("End of central directory record signature not found. Either not a zip file, or file is truncated."));
		});
	}
	util.inherits(ZipFile, EventEmitter);
	function ZipFile(reader, centralDirectoryOffset, fileSize, entryCount, comment, autoClose, lazyEntries, decodeStrings, validateEntrySizes, strictFileNames) {
		var self = this;
		EventEmitter.call(self);
		self.reader = reader;
		self.reader.on("error", function(err) {
			emitError(self, err);
		});
		self.reader.once("close", function() {
			self.emit("close");
		});
		self.readEntryCursor = centralDirectoryOffset;
		self.fileSize = fileSize;
		self.entryCount = entryCount;
		self.comment = comment;
		self.entriesRead = 0;
		self.autoClose = !!autoClose;
		self.lazyEntries = !!lazyEntries;
		self.decodeStrings = !!decodeStrings;
		self.validateEntrySizes = !!validateEntrySizes;
		self.strictFileNames = !!strictFileNames;
		self.isOpen = true;
		self.emittedError = false;
		self.hasEachEntryBeenCalled = false;
		if (!self.lazyEntries) self._readEntry();
	}
	ZipFile.prototype.close = function() {
		if (!this.isOpen) return;
		this.isOpen = false;
		this.reader.unref();
	};
	function emitErrorAndAutoClose(self, err) {
		if (self.autoClose) self.close();
		emitError(self, err);
	}
	function emitError(self, err) {
		if (self.emittedError) return;
		self.emittedError = true;
		self.emit("error", err);
	}
	ZipFile.prototype.readEntry = function() {
		if (!this.lazyEntries) throw new Error("readEntry() called without lazyEntries:true");
		this._readEntry();
	};
	ZipFile.prototype._readEntry = function() {
		var self = this;
		if (self.entryCount === self.entriesRead) {
			setImmediate(function() {
				if (self.autoClose) self.close();
				if (self.emittedError) return;
				self.emit("end");
			});
			return;
		}
		if (self.emittedError) return;
		var buffer = newBuffer(46);
		readAndAssertNoEof(self.reader, buffer, 0, buffer.length, self.readEntryCursor, function(err) {
			if (err) return emitErrorAndAutoClose(self, err);
			if (self.emittedError) return;
			var entry = new Entry();
			var signature = buffer.readUInt32LE(0);
			if (signature !== 33639248) return emitErrorAndAutoClose(self, /* @__PURE__ */ new Error("invalid central directory file header signature: 0x" + signature.toString(16)));
			entry.versionMadeBy = buffer.readUInt16LE(4);
			entry.versionNeededToExtract = buffer.readUInt16LE(6);
			entry.generalPurposeBitFlag = buffer.readUInt16LE(8);
			entry.compressionMethod = buffer.readUInt16LE(10);
			entry.lastModFileTime = buffer.readUInt16LE(12);
			entry.lastModFileDate = buffer.readUInt16LE(14);
			entry.crc32 = buffer.readUInt32LE(16);
			entry.compressedSize = buffer.readUInt32LE(20);
			entry.uncompressedSize = buffer.readUInt32LE(24);
			entry.fileNameLength = buffer.readUInt16LE(28);
			entry.extraFieldLength = buffer.readUInt16LE(30);
			entry.fileCommentLength = buffer.readUInt16LE(32);
			entry.internalFileAttributes = buffer.readUInt16LE(36);
			entry.externalFileAttributes = buffer.readUInt32LE(38);
			entry.relativeOffsetOfLocalHeader = buffer.readUInt32LE(42);
			if (entry.generalPurposeBitFlag & 64) return emitErrorAndAutoClose(self, /* @__PURE__ */ new Error("strong encryption is not supported"));
			self.readEntryCursor += 46;
			buffer = newBuffer(entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength);
			readAndAssertNoEof(self.reader, buffer, 0, buffer.length, self.readEntryCursor, function(err) {
				if (err) return emitErrorAndAutoClose(self, err);
				if (self.emittedError) return;
				entry.fileNameRaw = buffer.subarray(0, entry.fileNameLength);
				var fileCommentStart = entry.fileNameLength + entry.extraFieldLength;
				entry.extraFieldRaw = buffer.subarray(entry.fileNameLength, fileCommentStart);
				entry.fileCommentRaw = buffer.subarray(fileCommentStart, fileCommentStart + entry.fileCommentLength);
				try {
					entry.extraFields = parseExtraFields(entry.extraFieldRaw);
				} catch (err) {
					return emitErrorAndAutoClose(self, err);
				}
				if (self.decodeStrings) {
					var isUtf8 = (entry.generalPurposeBitFlag & 2048) !== 0;
					entry.fileComment = decodeBuffer(entry.fileCommentRaw, isUtf8);
					entry.fileName = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, self.strictFileNames);
					var errorMessage = validateFileName(entry.fileName);
					if (errorMessage != null) return emitErrorAndAutoClose(self, new Error(errorMessage));
				} else {
					entry.fileComment = entry.fileCommentRaw;
					entry.fileName = entry.fileNameRaw;
				}
				entry.comment = entry.fileComment;
				self.readEntryCursor += buffer.length;
				self.entriesRead += 1;
				for (var i = 0; i < entry.extraFields.length; i++) {
					var extraField = entry.extraFields[i];
					if (extraField.id !== 1) continue;
					var zip64EiefBuffer = extraField.data;
					var index = 0;
					if (entry.uncompressedSize === 4294967295) {
						if (index + 8 > zip64EiefBuffer.length) return emitErrorAndAutoClose(self, /* @__PURE__ */ new Error("zip64 extended information extra field does not include uncompressed size"));
						entry.uncompressedSize = readUInt64LE(zip64EiefBuffer, index);
						index += 8;
					}
					if (entry.compressedSize === 4294967295) {
						if (index + 8 > zip64EiefBuffer.length) return emitErrorAndAutoClose(self, /* @__PURE__ */ new Error("zip64 extended information extra field does not include compressed size"));
						entry.compressedSize = readUInt64LE(zip64EiefBuffer, index);
						index += 8;
					}
					if (entry.relativeOffsetOfLocalHeader === 4294967295) {
						if (index + 8 > zip64EiefBuffer.length) return emitErrorAndAutoClose(self, /* @__PURE__ */ new Error("zip64 extended information extra field does not include relative header offset"));
						entry.relativeOffsetOfLocalHeader = readUInt64LE(zip64EiefBuffer, index);
						index += 8;
					}
					break;
				}
				if (self.validateEntrySizes && entry.compressionMethod === 0) {
					var expectedCompressedSize = entry.uncompressedSize;
					if (entry.isEncrypted()) expectedCompressedSize += 12;
					if (entry.compressedSize !== expectedCompressedSize) {
						var msg = "compressed/uncompressed size mismatch for stored file: " + entry.compressedSize + " != " + entry.uncompressedSize;
						return emitErrorAndAutoClose(self, new Error(msg));
					}
				}
				self.emit("entry", entry);
				if (!self.lazyEntries) self._readEntry();
			});
		});
	};
	ZipFile.prototype.eachEntry = function() {
		const self = this;
		if (!self.lazyEntries) throw new Error("eachEntry() requires lazyEntries: true");
		if (self.hasEachEntryBeenCalled) throw new Error("eachEntry() must only be called once per ZipFile");
		self.hasEachEntryBeenCalled = true;
		let pendingResolveReject = null;
		self.on("entry", onEntry);
		self.on("end", onEnd);
		self.on("error", onError);
		function cleanup() {
			self.removeListener("entry", onEntry);
			self.removeListener("end", onEnd);
			self.removeListener("error", onError);
			if (self.autoClose) self.close();
		}
		function onEntry(entry) {
			let { resolve } = pendingResolveReject;
			pendingResolveReject = null;
			resolve({ value: entry });
		}
		function onEnd() {
			let { resolve } = pendingResolveReject;
			pendingResolveReject = null;
			cleanup();
			resolve({ done: true });
		}
		function onError(err) {
			let { reject } = pendingResolveReject;
			pendingResolveReject = null;
			cleanup();
			reject(err);
		}
		return {
			[Symbol.asyncIterator]() {
				return this;
			},
			next() {
				const promise = new Promise((resolve, reject) => {
					if (pendingResolveReject != null) throw new Error("next() called before previous Promise was resolved.");
					pendingResolveReject = {
						resolve,
						reject
					};
				});
				self.readEntry();
				return promise;
			},
			return(value) {
				cleanup();
				return Promise.resolve({
					done: true,
					value
				});
			},
			throw(value) {
				cleanup();
				return Promise.reject(value);
			}
		};
	};
	ZipFile.prototype.openReadStream = function(entry, options, callback) {
		var self = this;
		var relativeStart = 0;
		var relativeEnd = entry.compressedSize;
		if (callback == null) {
			callback = options;
			options = null;
		}
		if (options == null) options = {};
		else {
			if (options.decodeFileData === false) {
				if (options.decrypt != null) throw new Error("cannot use options.decrypt when options.decodeFileData === false");
				if (options.decompress != null) throw new Error("cannot use options.decompress when options.decodeFileData === false");
			} else {
				if (options.decrypt != null) {
					if (!entry.isEncrypted()) throw new Error("options.decrypt can only be specified for encrypted entries. See also option decodeFileData.");
					if (options.decrypt !== false) throw new Error("invalid options.decrypt value: " + options.decrypt);
					if (entry.isCompressed()) {
						if (options.decompress !== false) throw new Error("entry is encrypted and compressed, and options.decompress !== false. See also option decodeFileData.");
					}
				}
				if (options.decompress != null) {
					if (!entry.isCompressed()) throw new Error("options.decompress can only be specified for compressed entries. See also option decodeFileData.");
					if (!(options.decompress === false || options.decompress === true)) throw new Error("invalid options.decompress value: " + options.decompress);
					decompress = options.decompress;
				}
			}
			if (options.start != null) {
				relativeStart = options.start;
				if (relativeStart < 0) throw new Error("options.start < 0");
				if (relativeStart > entry.compressedSize) throw new Error("options.start > entry.compressedSize");
			}
			if (options.end != null) {
				relativeEnd = options.end;
				if (relativeEnd < 0) throw new Error("options.end < 0");
				if (relativeEnd > entry.compressedSize) throw new Error("options.end > entry.compressedSize");
				if (relativeEnd < relativeStart) throw new Error("options.end < options.start");
			}
		}
		var rawMode = options.decodeFileData === false || (entry.compressionMethod === 0 || entry.compressionMethod === 8 && options.decompress === false) && (!entry.isEncrypted() || options.decrypt === false);
		if (options.start != null || options.end != null) {
			if (!rawMode) throw new Error("start/end range require options.decodeFileData === false for non-trivial encoded entries.");
		}
		if (!self.isOpen) return callback(/* @__PURE__ */ new Error("closed"));
		if (entry.isEncrypted() && !rawMode) {
			if (options.decrypt !== false) return callback(/* @__PURE__ */ new Error("entry is encrypted, and options.decodeFileData !== false"));
		}
		var decompress;
		if (rawMode) decompress = false;
		else if (entry.compressionMethod === 8) decompress = options.decodeFileData !== true;
		else return callback(/* @__PURE__ */ new Error("unsupported compression method: " + entry.compressionMethod));
		self.readLocalFileHeader(entry, { minimal: true }, function(err, localFileHeader) {
			if (err) return callback(err);
			self.openReadStreamLowLevel(localFileHeader.fileDataStart, entry.compressedSize, relativeStart, relativeEnd, decompress, entry.uncompressedSize, callback);
		});
	};
	ZipFile.prototype.openReadStreamLowLevel = function(fileDataStart, compressedSize, relativeStart, relativeEnd, decompress, uncompressedSize, callback) {
		var self = this;
		fileDataStart + compressedSize;
		var readStream = self.reader.createReadStream({
			start: fileDataStart + relativeStart,
			end: fileDataStart + relativeEnd
		});
		var endpointStream = readStream;
		if (decompress) {
			var destroyed = false;
			var inflateFilter = zlib.createInflateRaw();
			readStream.on("error", function(err) {
				setImmediate(function() {
					if (!destroyed) inflateFilter.emit("error", err);
				});
			});
			readStream.pipe(inflateFilter);
			if (self.validateEntrySizes) {
				endpointStream = new AssertByteCountStream(uncompressedSize);
				inflateFilter.on("error", function(err) {
					setImmediate(function() {
						if (!destroyed) endpointStream.emit("error", err);
					});
				});
				inflateFilter.pipe(endpointStream);
			} else endpointStream = inflateFilter;
			installDestroyFn(endpointStream, function() {
				destroyed = true;
				if (inflateFilter !== endpointStream) inflateFilter.unpipe(endpointStream);
				readStream.unpipe(inflateFilter);
				readStream.destroy();
			});
		}
		callback(null, endpointStream);
	};
	ZipFile.prototype.readLocalFileHeader = function(entry, options, callback) {
		var self = this;
		if (callback == null) {
			callback = options;
			options = null;
		}
		if (options == null) options = {};
		self.reader.ref();
		var buffer = newBuffer(30);
		readAndAssertNoEof(self.reader, buffer, 0, buffer.length, entry.relativeOffsetOfLocalHeader, function(err) {
			try {
				if (err) return callback(err);
				var signature = buffer.readUInt32LE(0);
				if (signature !== 67324752) return callback(/* @__PURE__ */ new Error("invalid local file header signature: 0x" + signature.toString(16)));
				var fileNameLength = buffer.readUInt16LE(26);
				var extraFieldLength = buffer.readUInt16LE(28);
				var fileDataStart = entry.relativeOffsetOfLocalHeader + 30 + fileNameLength + extraFieldLength;
				if (fileDataStart + entry.compressedSize > self.fileSize) return callback(/* @__PURE__ */ new Error("file data overflows file bounds: " + fileDataStart + " + " + entry.compressedSize + " > " + self.fileSize));
				if (options.minimal) return callback(null, { fileDataStart });
				var localFileHeader = new LocalFileHeader();
				localFileHeader.fileDataStart = fileDataStart;
				localFileHeader.versionNeededToExtract = buffer.readUInt16LE(4);
				localFileHeader.generalPurposeBitFlag = buffer.readUInt16LE(6);
				localFileHeader.compressionMethod = buffer.readUInt16LE(8);
				localFileHeader.lastModFileTime = buffer.readUInt16LE(10);
				localFileHeader.lastModFileDate = buffer.readUInt16LE(12);
				localFileHeader.crc32 = buffer.readUInt32LE(14);
				localFileHeader.compressedSize = buffer.readUInt32LE(18);
				localFileHeader.uncompressedSize = buffer.readUInt32LE(22);
				localFileHeader.fileNameLength = fileNameLength;
				localFileHeader.extraFieldLength = extraFieldLength;
				buffer = newBuffer(fileNameLength + extraFieldLength);
				self.reader.ref();
				readAndAssertNoEof(self.reader, buffer, 0, buffer.length, entry.relativeOffsetOfLocalHeader + 30, function(err) {
					try {
						if (err) return callback(err);
						localFileHeader.fileName = buffer.subarray(0, fileNameLength);
						localFileHeader.extraField = buffer.subarray(fileNameLength);
						return callback(null, localFileHeader);
					} finally {
						self.reader.unref();
					}
				});
			} finally {
				self.reader.unref();
			}
		});
	};
	ZipFile.prototype.openReadStreamPromise = function(entry, options) {
		return new Promise((resolve, reject) => {
			this.openReadStream(entry, options, function(err, readStream) {
				if (err) return reject(err);
				resolve(readStream);
			});
		});
	};
	ZipFile.prototype.openReadStreamLowLevelPromise = function(fileDataStart, compressedSize, relativeStart, relativeEnd, decompress, uncompressedSize) {
		return new Promise((resolve, reject) => {
			this.openReadStream(fileDataStart, compressedSize, relativeStart, relativeEnd, decompress, uncompressedSize, function(err, readStream) {
				if (err) return reject(err);
				resolve(readStream);
			});
		});
	};
	ZipFile.prototype.readLocalFileHeaderPromise = function(entry, options) {
		return new Promise((resolve, reject) => {
			this.readLocalFileHeader(entry, options, function(err, localFileHeader) {
				if (err) return reject(err);
				resolve(localFileHeader);
			});
		});
	};
	function Entry() {}
	Entry.prototype.getLastModDate = function(options) {
		if (options == null) options = {};
		if (!options.forceDosFormat) for (var i = 0; i < this.extraFields.length; i++) {
			var extraField = this.extraFields[i];
			if (extraField.id === 21589) {
				var data = extraField.data;
				if (data.length < 5) continue;
				if (!(data[0] & 1)) continue;
				var posixTimestamp = data.readInt32LE(1);
				return /* @__PURE__ */ new Date(posixTimestamp * 1e3);
			} else if (extraField.id === 10) {
				var data = extraField.data;
				if (data.length !== 32) continue;
				if (data.readUInt16LE(4) !== 1) continue;
				if (data.readUInt16LE(6) !== 24) continue;
				var millisecondsSince1970 = (data.readUInt32LE(8) + 4294967296 * data.readInt32LE(12)) / 1e4 - 0xa9730b66800;
				return new Date(millisecondsSince1970);
			}
		}
		return dosDateTimeToDate(this.lastModFileDate, this.lastModFileTime, options.timezone);
	};
	Entry.prototype.canDecodeFileData = function() {
		return !this.isEncrypted() && (this.compressionMethod === 0 || this.compressionMethod === 8);
	};
	Entry.prototype.isEncrypted = function() {
		return (this.generalPurposeBitFlag & 1) !== 0;
	};
	Entry.prototype.isCompressed = function() {
		return this.compressionMethod === 8;
	};
	function LocalFileHeader() {}
	function dosDateTimeToDate(date, time, timezone) {
		var day = date & 31;
		var month = (date >> 5 & 15) - 1;
		var year = (date >> 9 & 127) + 1980;
		var millisecond = 0;
		var second = (time & 31) * 2;
		var minute = time >> 5 & 63;
		var hour = time >> 11 & 31;
		if (timezone == null || timezone === "local") return new Date(year, month, day, hour, minute, second, millisecond);
		else if (timezone === "UTC") return new Date(Date.UTC(year, month, day, hour, minute, second, millisecond));
		else throw new Error("unrecognized options.timezone: " + options.timezone);
	}
	function getFileNameLowLevel(generalPurposeBitFlag, fileNameBuffer, extraFields, strictFileNames) {
		var fileName = null;
		for (var i = 0; i < extraFields.length; i++) {
			var extraField = extraFields[i];
			if (extraField.id === 28789) {
				if (extraField.data.length < 6) continue;
				if (extraField.data.readUInt8(0) !== 1) continue;
				var oldNameCrc32 = extraField.data.readUInt32LE(1);
				if (crc32(fileNameBuffer) !== oldNameCrc32) continue;
				fileName = decodeBuffer(extraField.data.subarray(5), true);
				break;
			}
		}
		if (fileName == null) fileName = decodeBuffer(fileNameBuffer, (generalPurposeBitFlag & 2048) !== 0);
		if (!strictFileNames) fileName = fileName.replace(/\\/g, "/");
		return fileName;
	}
	function validateFileName(fileName) {
		if (fileName.indexOf("\\") !== -1) return "invalid characters in fileName: " + fileName;
		if (/^[a-zA-Z]:/.test(fileName) || /^\//.test(fileName)) return "absolute path: " + fileName;
		if (fileName.split("/").indexOf("..") !== -1) return "invalid relative path: " + fileName;
		return null;
	}
	function parseExtraFields(extraFieldBuffer) {
		var extraFields = [];
		var i = 0;
		while (i < extraFieldBuffer.length - 3) {
			var headerId = extraFieldBuffer.readUInt16LE(i + 0);
			var dataSize = extraFieldBuffer.readUInt16LE(i + 2);
			var dataStart = i + 4;
			var dataEnd = dataStart + dataSize;
			if (dataEnd > extraFieldBuffer.length) throw new Error("extra field length exceeds extra field buffer size");
			var dataBuffer = extraFieldBuffer.subarray(dataStart, dataEnd);
			extraFields.push({
				id: headerId,
				data: dataBuffer
			});
			i = dataEnd;
		}
		return extraFields;
	}
	function readAndAssertNoEof(reader, buffer, offset, length, position, callback) {
		if (length === 0) return setImmediate(function() {
			callback(null, newBuffer(0));
		});
		reader.read(buffer, offset, length, position, function(err, bytesRead) {
			if (err) return callback(err);
			if (bytesRead < length) return callback(/* @__PURE__ */ new Error("unexpected EOF"));
			callback();
		});
	}
	util.inherits(AssertByteCountStream, Transform);
	function AssertByteCountStream(byteCount) {
		Transform.call(this);
		this.actualByteCount = 0;
		this.expectedByteCount = byteCount;
	}
	AssertByteCountStream.prototype._transform = function(chunk, encoding, cb) {
		this.actualByteCount += chunk.length;
		if (this.actualByteCount > this.expectedByteCount) {
			var msg = "too many bytes in the stream. expected " + this.expectedByteCount + ". got at least " + this.actualByteCount;
			return cb(new Error(msg));
		}
		cb(null, chunk);
	};
	AssertByteCountStream.prototype._flush = function(cb) {
		if (this.actualByteCount < this.expectedByteCount) {
			var msg = "not enough bytes in the stream. expected " + this.expectedByteCount + ". got only " + this.actualByteCount;
			return cb(new Error(msg));
		}
		cb();
	};
	util.inherits(RandomAccessReader, EventEmitter);
	function RandomAccessReader() {
		EventEmitter.call(this);
		this.refCount = 0;
	}
	RandomAccessReader.prototype.ref = function() {
		this.refCount += 1;
	};
	RandomAccessReader.prototype.unref = function() {
		var self = this;
		self.refCount -= 1;
		if (self.refCount > 0) return;
		if (self.refCount < 0) throw new Error("invalid unref");
		self.close(onCloseDone);
		function onCloseDone(err) {
			if (err) return self.emit("error", err);
			self.emit("close");
		}
	};
	RandomAccessReader.prototype.createReadStream = function(options) {
		if (options == null) options = {};
		var start = options.start;
		var end = options.end;
		if (start === end) {
			var emptyStream = new PassThrough();
			setImmediate(function() {
				emptyStream.end();
			});
			return emptyStream;
		}
		var stream = this._readStreamForRange(start, end);
		var destroyed = false;
		var refUnrefFilter = new RefUnrefFilter(this);
		stream.on("error", function(err) {
			setImmediate(function() {
				if (!destroyed) refUnrefFilter.emit("error", err);
			});
		});
		installDestroyFn(refUnrefFilter, function() {
			stream.unpipe(refUnrefFilter);
			refUnrefFilter.unref();
			stream.destroy();
		});
		var byteCounter = new AssertByteCountStream(end - start);
		refUnrefFilter.on("error", function(err) {
			setImmediate(function() {
				if (!destroyed) byteCounter.emit("error", err);
			});
		});
		installDestroyFn(byteCounter, function() {
			destroyed = true;
			refUnrefFilter.unpipe(byteCounter);
			refUnrefFilter.destroy();
		});
		return stream.pipe(refUnrefFilter).pipe(byteCounter);
	};
	RandomAccessReader.prototype._readStreamForRange = function(start, end) {
		throw new Error("not implemented");
	};
	RandomAccessReader.prototype.read = function(buffer, offset, length, position, callback) {
		var readStream = this.createReadStream({
			start: position,
			end: position + length
		});
		var writeStream = new Writable();
		var written = 0;
		writeStream._write = function(chunk, encoding, cb) {
			chunk.copy(buffer, offset + written, 0, chunk.length);
			written += chunk.length;
			cb();
		};
		writeStream.on("finish", callback);
		readStream.on("error", function(error) {
			callback(error);
		});
		readStream.pipe(writeStream);
	};
	RandomAccessReader.prototype.close = function(callback) {
		setImmediate(callback);
	};
	util.inherits(RefUnrefFilter, PassThrough);
	function RefUnrefFilter(context) {
		PassThrough.call(this);
		this.context = context;
		this.context.ref();
		this.unreffedYet = false;
	}
	RefUnrefFilter.prototype._flush = function(cb) {
		this.unref();
		cb();
	};
	RefUnrefFilter.prototype.unref = function(cb) {
		if (this.unreffedYet) return;
		this.unreffedYet = true;
		this.context.unref();
	};
	var cp437 = "\0☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼ !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xA0";
	function decodeBuffer(buffer, isUtf8) {
		if (isUtf8) return buffer.toString("utf8");
		else {
			var result = "";
			for (var i = 0; i < buffer.length; i++) result += cp437[buffer[i]];
			return result;
		}
	}
	function readUInt64LE(buffer, offset) {
		var lower32 = buffer.readUInt32LE(offset);
		return buffer.readUInt32LE(offset + 4) * 4294967296 + lower32;
	}
	var newBuffer;
	if (typeof Buffer.allocUnsafe === "function") newBuffer = function(len) {
		return Buffer.allocUnsafe(len);
	};
	else newBuffer = function(len) {
		return new Buffer(len);
	};
	function installDestroyFn(stream, fn) {
		if (typeof stream.destroy === "function") stream._destroy = function(err, cb) {
			fn();
			if (cb != null) cb(err);
		};
		else stream.destroy = fn;
	}
	function defaultCallback(err) {
		if (err) throw err;
	}
}));

// ../core/dist/codecs/archive/zip.js
var import_yauzl = require_yauzl();
const MOST_MEMBERS = 1e5;
/**
* Yields the bytes of the member. A member that is itself compressed stays compressed.
* @throws ProvisionError `IMAGE` for a damaged archive, a missing member, or several images
*/
async function* zipMember(path, wanted) {
	const zip = await orDamaged(() => (0, import_yauzl.openPromise)(path, {
		autoClose: false,
		lazyEntries: true
	}));
	try {
		yield* bytesOf(zip, await chooseEntry(zip, wanted));
	} finally {
		zip.close();
	}
}
async function chooseEntry(zip, wanted) {
	if (zip.entryCount > MOST_MEMBERS) throw damagedZip("it has too many members");
	const [images, others] = [[], []];
	const entries = zip.eachEntry()[Symbol.asyncIterator]();
	for (;;) {
		const { done, value: entry } = await orDamaged(() => entries.next());
		if (done) break;
		if (entry.fileName.endsWith("/")) continue;
		(isWanted({
			name: entry.fileName,
			sizeBytes: entry.uncompressedSize,
			head: await headOf(zip, entry, wanted)
		}, wanted) ? images : others).push(entry);
	}
	const unreadable = images.length === 0 ? others.find((entry) => !entry.canDecodeFileData()) : void 0;
	if (unreadable !== void 0) throw notDecodable(unreadable);
	const names = (list) => list.map(({ fileName }) => fileName);
	expectOne({
		images: names(images),
		others: names(others),
		wanted
	});
	const [image] = images;
	if (image === void 0) throw damagedZip("it has no member");
	return image;
}
/**
* Reads the first bytes of a member. They are not needed when a name is wanted. A member that cannot be decoded yields
* no bytes and so does not count as an image.
*/
async function headOf(zip, entry, wanted) {
	if (wanted !== void 0 || !entry.canDecodeFileData()) return /* @__PURE__ */ new Uint8Array();
	const input = createByteReader(await orDamaged(() => zip.openReadStreamPromise(entry)));
	try {
		return await input.take(HEAD_BYTES);
	} catch (error) {
		throw damagedZip(messageOf(error), error);
	} finally {
		await input.close();
	}
}
/** Streams the data of a member and checks its CRC, because yauzl checks only the length. */
async function* bytesOf(zip, entry) {
	if (!entry.canDecodeFileData()) throw notDecodable(entry);
	const stream = await orDamaged(() => zip.openReadStreamPromise(entry));
	const chunks = stream[Symbol.asyncIterator]();
	let crc = 0;
	try {
		for (;;) {
			const { done, value } = await orDamaged(() => chunks.next());
			if (done) break;
			crc = _crc32(value, crc);
			yield value;
		}
	} finally {
		stream.destroy();
	}
	if (crc !== entry.crc32) throw damagedZip("a CRC does not match");
}
function notDecodable(entry) {
	const why = entry.isEncrypted() ? "is encrypted" : `uses compression method ${entry.compressionMethod}`;
	return new ProvisionError("IMAGE", `The zip archive cannot be read: its member \`${cleanText(entry.fileName, { most: 120 })}\` ${why}.`, { hint: "Extract it, compress the image with zstd, xz or gzip, and use that file." });
}
async function orDamaged(action) {
	try {
		return await action();
	} catch (error) {
		throw error instanceof ProvisionError ? error : damagedZip(messageOf(error), error);
	}
}
function messageOf(error) {
	return error instanceof Error ? error.message : String(error);
}
function damagedZip(how, cause) {
	return new ProvisionError("IMAGE", `The zip archive cannot be read: ${how}.`, {
		cause,
		hint: "If its digest was correct, the vendor published a damaged file: use another build, or report it to the vendor."
	});
}

// \0builtin:node:fs/promises?packages/core/dist/codecs/decompress/sparse-file.js
const builtin$12 = process.getBuiltinModule("node:fs/promises");
const read$12 = (name) => builtin$12[name];
const _open$3 = /* @__PURE__ */ read$12("open");

// ../core/dist/codecs/data-runs.js
/** The usual allocation unit of file systems. Smaller holes save nothing. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
/**
* Yields the parts of `chunk` that are not all zeros. Boundaries follow the blocks of the file, in which the chunk
* starts at byte `filePosition`.
*/
function* dataRuns(chunk, filePosition) {
	const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
	let start;
	for (let at = 0; at < bytes.length;) {
		const end = Math.min(bytes.length, at + BLOCK_BYTES - (filePosition + at) % BLOCK_BYTES);
		const isZero = bytes[at] === 0 && bytes.compare(ZEROS, 0, end - at, at, end) === 0;
		if (isZero && start !== void 0) {
			yield {
				start,
				end: at
			};
			start = void 0;
		} else if (!isZero) start ??= at;
		at = end;
	}
	if (start !== void 0) yield {
		start,
		end: bytes.length
	};
}

// ../core/dist/codecs/decompress/sparse-file.js
/** Opens `path` for writing and truncates it. Old content would show through the holes. */
async function createSparseFile(path) {
	const file = await onDisk(path, () => _open$3(path, "w"));
	let position = 0;
	return {
		async write(chunk) {
			for (const { start, end } of dataRuns(chunk, position)) await onDisk(path, () => writeAll(chunk.subarray(start, end), position + start));
			position += chunk.length;
		},
		finish: () => onDisk(path, () => file.truncate(position)),
		close: () => file.close()
	};
	async function writeAll(bytes, at) {
		for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
	}
}

// ../core/dist/ports/image/decompress.js
const DEFAULT_LIMIT_BYTES = 256 * 1024 ** 3;
const READ_BYTES$3 = 1048576;
/**
* Unpacks the image in `from` into the new file `to`. Compression and archives can be nested in any order.
* @throws ProvisionError `IMAGE` if the data is truncated, damaged, a bomb, or contains no image or several; `CHECKSUM`
* if the packed bytes do not match `digest`; `DISK`; `CANCELLED`
*/
async function decompress(request) {
	const { to, limitBytes = DEFAULT_LIMIT_BYTES } = request;
	const source = createSource(request);
	const warnings = [];
	const hash = _createHash$2("sha256");
	const file = await createSparseFile(to);
	let bytes = 0;
	try {
		for await (const chunk of unwrapped(request, {
			source,
			limitBytes,
			warnings
		})) {
			request.signal?.throwIfAborted();
			bytes += chunk.length;
			if (bytes > limitBytes) throw bomb(limitBytes);
			hash.update(chunk);
			await file.write(chunk);
		}
		source.check();
		await file.finish();
		return {
			sourceBytes: source.bytes(),
			bytes,
			digest: `sha256:${hash.digest("hex")}`,
			warnings
		};
	} catch (error) {
		await _rm$1(to, { force: true });
		throw cancelled(error, request.signal);
	} finally {
		await file.close();
	}
}
async function* unwrapped({ from, archive, member, digest, signal }, { source, limitBytes, warnings }) {
	const options = {
		limitBytes,
		signal,
		onTrailing: digest && (() => void warnings.push(TRAILING))
	};
	if (archive !== "zip") return yield* unwrap(source.chunks(), {
		...options,
		member
	});
	for await (const _ of source.chunks());
	source.check();
	yield* unwrap(zipMember(from, member), options, 1);
}
const TRAILING = "There is extra data after the end of the compressed image; its digest is correct, so the data is ignored.";
/** Yields the packed bytes, and counts and hashes them during the read. */
function createSource({ from, chunks = readFile(from), digest, signal, onBytes }) {
	const algorithm = digest?.startsWith("sha512:") ? "sha512" : "sha256";
	const hash = digest === void 0 ? void 0 : _createHash$2(algorithm);
	let done = 0;
	let found;
	return {
		bytes: () => done,
		async *chunks() {
			for await (const chunk of chunks) {
				signal?.throwIfAborted();
				hash?.update(chunk);
				done += chunk.length;
				onBytes?.(done);
				yield chunk;
			}
		},
		check() {
			if (hash === void 0) return;
			found ??= `${algorithm}:${hash.digest("hex")}`;
			if (found === digest) return;
			throw new ProvisionError("CHECKSUM", `The compressed image has the digest ${found} instead of ${digest}.`, {
				hint: "The copy on this disk has changed. Run again to download it again.",
				details: {
					found,
					expected: digest
				}
			});
		}
	};
}
async function* readFile(path) {
	const file = _createReadStream$2(path, { highWaterMark: READ_BYTES$3 });
	try {
		yield* file;
	} catch (error) {
		throw diskError(error, path);
	} finally {
		file.destroy();
	}
}
function cancelled(error, signal) {
	if (!signal?.aborted || error instanceof ProvisionError && error.code === "CANCELLED") return error;
	return new ProvisionError("CANCELLED", "Decompression was interrupted.", { cause: error });
}

// ../core/dist/execute/image/unpack.js
/** Formats that Proxmox imports. Other formats are always converted to qcow2. */
const IMPORTABLE = [
	"qcow2",
	"raw",
	"vmdk"
];
/**
* Creates the file `to`.
* @throws ProvisionError as `decompress` does; `IMAGE` for a file that could make a host read other files
*/
async function unpack({ to, warn, ...request }, world) {
	const aside = `${to}.unpacked`;
	const signal = request.signal && { signal: request.signal };
	try {
		const { digest, warnings } = await decompress({
			...request,
			to: aside
		});
		const { format } = await world.qemuImg.inspect(aside, signal);
		for (const warning of warnings) warn(warning);
		if (!IMPORTABLE.includes(format)) return await world.qemuImg.convert({
			from: aside,
			fromFormat: format,
			to,
			toFormat: "qcow2",
			...signal
		});
		await onDisk(to, () => _rename$1(aside, to));
		await recordMade(madeKey(request, "as-is"), { digest }, world);
	} finally {
		await _rm$2(aside, { force: true });
	}
}

// ../core/dist/execute/steps/convert.js
/**
* Makes the result in the store. The step is kept if the result exists, or if the bytes need no change; then the result
* is the vendor's own blob.
*/
const convert = async (step, context) => {
	const { world, signal } = context;
	const known = await world.store.find(step.to);
	if (known !== void 0) return {
		blob: known,
		...!isFresh(step, step.from, context) && { kept: true }
	};
	const source = await sourceOf(step, context);
	const { compression, archive } = await lookAtImage(source.path);
	const isPlain = compression === "none" && archive === void 0;
	if (isPlain) await verifyOnce$1(step, context);
	const plain = isPlain ? source : await unpacked({
		step,
		source,
		compression,
		archive
	}, context);
	const { format } = await world.qemuImg.inspect(plain.path, { signal });
	if (targetFormat(format, step) === void 0) return {
		blob: plain,
		...plain === source && { kept: true }
	};
	const converting = {
		step,
		from: plain.path,
		format
	};
	return { blob: await joinOrMake(step.to, (to) => convertFile({
		...converting,
		to
	}, context), context) };
};
/** Shares the result of work that started with the download. If that failed, makes it here. */
async function joinOrMake(key, make, { world, signal }) {
	let isOurs = false;
	const makeHere = (to) => {
		isOurs = true;
		return make(to);
	};
	return world.store.ensure(key, makeHere, signal).catch((error) => {
		if (isOurs || signal.aborted) throw error;
		return world.store.ensure(key, makeHere, signal);
	});
}
/** Returns the format to convert to, or undefined if the bytes can stay as they are. */
function targetFormat(found, { format: wanted }) {
	if (wanted === found) return void 0;
	return wanted ?? (IMPORTABLE.includes(found) ? void 0 : "qcow2");
}
/**
* Returns the image inside, which may be in progress since the download started. The digest of the packed bytes is
* verified in the same pass, because the store may have been damaged since the download.
*/
async function unpacked({ step, source, compression, archive }, context) {
	const { world, signal, progress, warn } = context;
	const { from: digest, member } = step;
	const key = madeKey({
		digest,
		member
	}, "as-is");
	if (!isFresh(step, step.from, context)) await dropUnlessRight(key, context);
	const onBytes = (done) => progress({
		done,
		total: source.bytes,
		unit: "bytes",
		what: `decompressing ${archive ?? compression}`
	});
	const request = {
		from: source.path,
		archive,
		member,
		digest,
		signal,
		onBytes,
		warn
	};
	try {
		return await joinOrMake(key, (to) => unpack({
			...request,
			to
		}, world), context);
	} catch (error) {
		if (error instanceof ProvisionError && error.code === "IMAGE" && !await world.store.verify(step.from, { signal })) throw rotten(step);
		if (error instanceof ProvisionError && error.code === "CHECKSUM") await world.store.remove(step.from);
		throw error;
	}
}
/** The result of an earlier run may be damaged. It must not be converted into a disk that looks valid. */
async function dropUnlessRight(key, { world, signal }) {
	const made = await recallMade(key, world);
	await world.store.verify(key, {
		signal,
		...made && { digest: made.digest }
	});
}
async function convertFile({ step, from, format, to }, { world, signal, progress }) {
	const toFormat = targetFormat(format, step) ?? "qcow2";
	const onPercent = (done) => progress({
		done,
		total: 100,
		unit: "percent",
		what: `qemu-img convert to ${toFormat}`
	});
	await world.qemuImg.convert({
		from,
		fromFormat: format,
		to,
		toFormat,
		signal,
		onPercent
	});
}
async function sourceOf({ from, image }, { world }) {
	const source = await world.store.find(from);
	if (source !== void 0) return source;
	throw new ProvisionError("DISK", `${image} is no longer in the store.`, { hint: "Run again to download it again." });
}
/** Verifies the bytes of an earlier run. Bytes that this run downloaded were verified on the way. */
async function verifyOnce$1(step, context) {
	const { world, signal } = context;
	if (!isFresh(step, step.from, context) && !await world.store.verify(step.from, { signal })) throw rotten(step);
}
function rotten({ image, from }) {
	return new ProvisionError("CHECKSUM", `The copy of ${image} in the store no longer has the digest ${from} and was removed.`, { hint: "Run again to download it again." });
}

// ../core/dist/execute/steps/destroy.js
const destroy = async ({ name, vmid, node, template, seed }, context) => {
	const identity = {
		project: context.desired.project,
		name,
		kind: template ? "template" : "machine"
	};
	const place = {
		vmid,
		node
	};
	try {
		const left = [];
		const removed = await removeGuest(place, identity, context, {
			unprotect: mayUnprotect(name, context.desired),
			onLeft: (volids) => void left.push(...volids)
		});
		if (seed !== void 0) await removeSeed(seed, node, context);
		if (left.length > 0) throw leftError(place, left);
		return {
			guest: place,
			kept: !removed
		};
	} catch (thrown) {
		if (!template || !isProblem(thrown, "in-use")) throw thrown;
		context.warn(`Template ${vmid} stays: linked clones outside this project need it.`);
		return {
			guest: place,
			kept: true
		};
	}
};

// \0builtin:node:crypto?packages/core/dist/execute/image/copy-verified.js
const builtin$11 = process.getBuiltinModule("node:crypto");
const read$11 = (name) => builtin$11[name];
const _createHash$1 = /* @__PURE__ */ read$11("createHash");

// \0builtin:node:fs?packages/core/dist/execute/image/copy-verified.js
const builtin$10 = process.getBuiltinModule("node:fs");
const read$10 = (name) => builtin$10[name];
const _createReadStream$1 = /* @__PURE__ */ read$10("createReadStream");

// ../core/dist/execute/image/copy-verified.js
const READ_BYTES$2 = 1048576;
/** Copies the file. @throws ProvisionError `CHECKSUM` if the digest differs; `DISK`; the signal's reason */
async function copyVerified({ from, to, digest, signal, onBytes }) {
	const algorithm = digest?.startsWith("sha512:") ? "sha512" : "sha256";
	const hash = _createHash$1(algorithm);
	const file = await createSparseFile(to);
	let done = 0;
	try {
		for await (const chunk of chunksOf(from, signal)) {
			if (digest !== void 0) hash.update(chunk);
			await file.write(chunk);
			done += chunk.length;
			onBytes(done);
		}
		await file.finish();
	} finally {
		await file.close();
	}
	const found = `${algorithm}:${hash.digest("hex")}`;
	if (digest === void 0 || found === digest) return;
	throw new ProvisionError("CHECKSUM", `Checksum mismatch: ${from} is not ${digest}.`, {
		hint: "It changed while it was read, or after it was hashed: run again.",
		details: {
			found,
			expected: digest
		}
	});
}
async function* chunksOf(path, signal) {
	try {
		yield* _createReadStream$1(path, {
			highWaterMark: READ_BYTES$2,
			signal
		});
	} catch (error) {
		throw diskError(error, path);
	}
}

// ../core/dist/execute/image/digest-advice.js
/** `pin` copies a digest that the manifest states, so it corrects only a digest of the lock file. */
function digestAdvice(image, { desired, facts }) {
	const declared = desired.images.get(image);
	if (declared !== void 0 && "checksum" in declared && typeof declared.checksum === "string") {
		const { file, line, column } = declared.position ?? {};
		return `The expected digest is the \`checksum\` of ${image} in ${line === void 0 ? "the manifest" : `${file ?? "the manifest"}:${line}:${column}`}. Compare both with what the vendor publishes, and correct it there.`;
	}
	const found = facts.images.get(image);
	const digestFrom = found !== void 0 && "digestFrom" in found ? found.digestFrom : void 0;
	return digestFrom === "lock" || digestFrom === "first use" ? "The expected digest is from the lock file. The vendor may have published a new build: to use it, run `pve-provision pin`." : "The expected digest is from the checksum document. The vendor may be publishing a new build: run again in a few minutes. If it stays, the file or the document on that server is damaged.";
}
/** Adds the advice to an error about a wrong digest. An error with a hint of its own keeps it. */
async function withDigestAdvice(image, known, work) {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof ProvisionError) || error.code !== "CHECKSUM" || error.hint !== void 0) throw error;
		const { cause, details } = error;
		throw new ProvisionError("CHECKSUM", error.message, {
			cause,
			details,
			hint: digestAdvice(image, known)
		});
	}
}

// \0builtin:node:fs?packages/core/dist/ports/files/growing-file.js
const builtin$9 = process.getBuiltinModule("node:fs");
const read$9 = (name) => builtin$9[name];
const _constants$2 = /* @__PURE__ */ read$9("constants");

// \0builtin:node:fs/promises?packages/core/dist/ports/files/growing-file.js
const builtin$8 = process.getBuiltinModule("node:fs/promises");
const read$8 = (name) => builtin$8[name];
const _open$2 = /* @__PURE__ */ read$8("open");

// ../core/dist/ports/files/growing-file.js
const READ_BYTES$1 = 1048576;
/**
* Opens the file, and creates it if it does not exist yet. Its final name appears only after the download, which is too
* late. @throws ProvisionError `DISK`
*/
async function openGrowingFile(path) {
	const { O_RDONLY, O_CREAT, O_NOFOLLOW } = _constants$2;
	const file = await onDisk(path, () => _open$2(path, O_RDONLY | O_CREAT | (O_NOFOLLOW ?? 0), 384));
	let [bytes, beginnings] = [0, 0];
	let ended;
	let change = Promise.withResolvers();
	const listeners = /* @__PURE__ */ new Set();
	function changed() {
		change.resolve();
		change = Promise.withResolvers();
		for (const listener of listeners) listener();
	}
	async function* chunks() {
		const mine = beginnings;
		for (let at = 0;;) {
			const position = at;
			await until(() => bytes > position || ended !== void 0 || beginnings !== mine);
			if (beginnings !== mine) throw new Error("The file was started again.");
			if (ended?.failure !== void 0) throw ended.failure;
			if (bytes === position) return;
			const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES$1, bytes - position));
			const { bytesRead } = await onDisk(path, () => file.read(chunk, 0, chunk.length, position));
			at += bytesRead;
			if (bytesRead > 0 && beginnings === mine) yield chunk.subarray(0, bytesRead);
		}
	}
	async function until(isReady) {
		while (!isReady()) await change.promise;
	}
	return {
		path,
		handle: file,
		bytes: () => bytes,
		state: () => ended === void 0 ? "growing" : ended.failure === void 0 ? "whole" : "failed",
		watch(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		follower: {
			grew(to) {
				bytes = to;
				changed();
			},
			beganAnew() {
				if (bytes === 0) return;
				bytes = 0;
				beginnings += 1;
				changed();
			}
		},
		end(failure) {
			ended ??= failure === void 0 ? {} : { failure };
			changed();
		},
		beginnings: () => beginnings,
		chunks,
		close: () => file.close(),
		async settled(before) {
			await until(() => ended !== void 0 || beginnings !== before);
			if (beginnings !== before) return "started again";
			return ended?.failure === void 0 ? "whole" : "failed";
		}
	};
}

// ../core/dist/execute/image/convert-while-downloading.js
/** The header and the first tables of an image that `qemu-img convert -c` wrote. */
const BEGINNING_BYTES = 1048576;
/** Two images may arrive at once, and the network is slower than a thread. More threads would only use memory. */
const THREADS = 1;
/** Publishes the result only after the download's digest is verified, so that a wrong result is never visible. */
async function convertGrowing(file, step, context) {
	if (!(await beginningOf(file))?.isPacked) return;
	const { world, signal } = context;
	await world.store.ensure(madeKey(step, "raw"), (to) => convertFollowing(file, {
		to,
		signal
	}), signal);
}
/** Starts over whenever the download does: a mirror may serve wrong bytes, or the file may change. */
async function convertFollowing(file, { to, signal }) {
	for (;;) {
		const before = file.beginnings();
		try {
			const readable = await beginningOf(file);
			if (readable === void 0) throw new Error("The image has changed.");
			await convertArriving(file, {
				readable,
				before,
				to,
				signal
			});
		} catch (error) {
			if (await file.settled(before) !== "started again") throw error;
			continue;
		}
		const how = await file.settled(before);
		if (how === "whole") return;
		if (how === "failed") throw new Error("The download failed.");
	}
}
async function convertArriving(file, { readable, before, to, signal }) {
	const progress = shareProgress();
	const tell = () => {
		if (file.beginnings() !== before || file.state() === "failed") progress.stop();
		else progress.arrive(file.bytes(), file.state() === "whole");
	};
	const leave = file.watch(tell);
	tell();
	try {
		await convertQcow2({
			from: file.handle.fd,
			layout: readable.layout,
			to,
			progress,
			signal,
			threads: THREADS
		});
	} finally {
		leave();
	}
}
async function beginningOf(file) {
	let bytes = 0;
	for await (const chunk of file.chunks()) {
		bytes += chunk.length;
		if (bytes >= BEGINNING_BYTES) break;
	}
	return readableIn(file.handle);
}

// ../core/dist/execute/image/work-while-downloading.js
/**
* Starts to follow the file at `path`. The download reports its end. The work may take longer; then the step that needs
* the result waits for it in the store. A failure here is ignored, because that step then does the work itself.
*/
async function workWhileDownloading(step, path, context) {
	const file = await openGrowingFile(path);
	let isOver = false;
	context.beside("along", async () => {
		try {
			if (!isOver) await (step.becomesRaw ? convertGrowing : unpackGrowing)(file, step, context);
		} finally {
			await file.close();
		}
	});
	return {
		follower: file.follower,
		end(failure) {
			isOver = true;
			file.end(failure);
		}
	};
}
async function unpackGrowing(file, step, context) {
	const { world, signal } = context;
	if (!await canBegin(file)) return;
	await world.store.ensure(madeKey(step, "as-is"), (to) => unpackFollowing(file, {
		step,
		to,
		context
	}), signal);
}
/** Starts over whenever the download does: a mirror may serve wrong bytes, or the file may change. */
async function unpackFollowing(file, { step, to, context }) {
	const { world, signal, note } = context;
	const { digest, member } = step;
	const warn = (sentence) => note("warning", `${step.image}: ${sentence}`);
	for (;;) {
		const before = file.beginnings();
		try {
			const chunks = file.chunks();
			return await unpack({
				from: file.path,
				chunks,
				member,
				to,
				digest,
				signal,
				warn
			}, world);
		} catch (error) {
			if (await file.settled(before) !== "started again") throw error;
		}
	}
}
/**
* Returns true if the work can start before the end. A zip archive is read from its end, and plain files need no
* unpacking.
*/
async function canBegin(file) {
	const head = [];
	let bytes = 0;
	for await (const chunk of file.chunks()) {
		head.push(chunk);
		bytes += chunk.length;
		if (bytes >= 69632) break;
	}
	const { compression, archive } = sniff(Buffer.concat(head));
	return compression !== "none" || archive === "tar";
}

// ../core/dist/execute/steps/download.js
/** Kept if another run, or another image with the same digest, has stored them meanwhile. */
const download = (step, context) => step.file === void 0 ? withDigestAdvice(step.image, context, () => fetchIntoStore(step, context)) : takeFile(step, step.file, context);
async function fetchIntoStore(step, context) {
	const { image, urls, digest, sizeBytes, isPacked, becomesRaw } = step;
	const { world, signal, progress, note } = context;
	const { http, store, meter } = world;
	let isFetched = false;
	const blob = await store.ensure(digest, async (to) => {
		isFetched = true;
		const growing = isPacked || becomesRaw ? await workWhileDownloading(step, to, context) : void 0;
		const { url, fetchedBytes, bytes } = await ended(growing, http.download({
			urls,
			digest,
			to,
			signal,
			...sizeBytes !== void 0 && { expectedBytes: sizeBytes },
			...growing && { follower: growing.follower },
			onBytes: (done, total) => progress({
				done,
				unit: "bytes",
				what: "downloading",
				...total !== void 0 && { total }
			})
		}));
		if (url !== urls[0]) note("info", `${image} came from ${url.host}, because the first address failed.`);
		if (fetchedBytes < bytes) note("info", `${image}: ${bytes - fetchedBytes} bytes were already there from an interrupted download.`);
	}, signal);
	if (!isFetched) meter.add("bytesSaved", blob.bytes);
	return {
		blob,
		kept: !isFetched
	};
}
/**
* Copies a local file into the store. The copy is hashed on the way, because the file may have changed since it was
* measured.
*/
async function takeFile({ digest }, file, { world, signal, progress }) {
	let isCopied = false;
	return {
		blob: await world.store.ensure(digest, async (to) => {
			isCopied = true;
			const onBytes = (done) => progress({
				done,
				unit: "bytes",
				what: "reading"
			});
			try {
				await copyVerified({
					from: file,
					to,
					digest,
					signal,
					onBytes
				});
			} catch (error) {
				if (error instanceof ProvisionError && error.code === "CHECKSUM") await forgetFile(file, world);
				throw error;
			}
		}, signal),
		kept: !isCopied
	};
}
/** Tells the reader of the growing file that no more bytes will come. */
async function ended(growing, download) {
	try {
		const result = await download;
		growing?.end();
		return result;
	} catch (error) {
		growing?.end(error);
		throw error;
	}
}

// ../core/dist/execute/guest/follow-process.js
/** Returns the keys that wait for a boot of the running VM, as its marker stores them. Asks only if there may be some. */
async function unreadKeys({ vmid, node, config }, context) {
	const marker = readMarker(config.description, vmid);
	if (marker?.awaits === void 0) return [];
	const { status, pid } = await processOf({
		vmid,
		node
	}, context);
	return awaitedKeys({
		marker,
		status,
		node,
		...pid !== void 0 && { pid }
	});
}
/** Names the new node and process in the marker. Without it, no later boot would be recognized. */
async function followProcess(place, { keys, identity }, context) {
	if (keys.length === 0) return;
	const process = {
		node: place.node,
		...await processOf(place, context)
	};
	const awaits = awaitsOf(process, keys);
	const read = () => readOwnGuest(place, identity, context);
	await writeMarker({
		read,
		change: (marker) => marker && {
			...marker,
			...awaits && { awaits }
		}
	}, context);
}
/** Reads if the VM runs, and as which process. */
async function processOf({ vmid, node }, context) {
	const { status, pid } = await pveOf(context).nodes.$(node).qemu.$(vmid).status.current.$get();
	return {
		status: status === "running" ? "running" : "stopped",
		...pid !== void 0 && { pid: Number(pid) }
	};
}

// ../core/dist/execute/steps/move.js
const move = async ({ machine, vmid, node, to, live }, context) => {
	const identity = machineIdentity(machine, context);
	const guest = await readOwnGuest({
		vmid,
		node
	}, identity, context);
	if (guest.node === to) return {
		guest: {
			vmid,
			node: to
		},
		kept: true
	};
	const keys = live ? await unreadKeys(guest, context) : [];
	context.stage(`migrating to ${to}`);
	const parameters = {
		target: to,
		online: live,
		...live && { "with-local-disks": true }
	};
	const isDone = async () => (await rowOf(vmid, context))?.node === to;
	try {
		await runTask({
			guest,
			start: (api) => api.nodes.$(guest.node).qemu.$(vmid).migrate.$post(parameters),
			isDone
		}, context);
	} catch (thrown) {
		if (!isProblem(thrown, "vm-locked") || !await movedByOther(vmid, to, context)) throw thrown;
	}
	await untilMovedByManager({
		machine,
		vmid,
		node: guest.node,
		to
	}, context);
	await followProcess({
		vmid,
		node: to
	}, {
		keys,
		identity
	}, context);
	return { guest: {
		vmid,
		node: to
	} };
};
/** For a VM under HA, the task only sends a request. The HA manager drops some requests without a word. */
async function untilMovedByManager({ machine, vmid, node, to }, context) {
	const { clock } = context.world;
	for (let quietSinceMs = clock.now();;) {
		const row = await rowOf(vmid, context);
		if (row?.node === to) return;
		if (row?.lock === "migrate" || /^(migrate|relocate)$/.test(row?.hastate ?? "")) quietSinceMs = clock.now();
		if (clock.now() - quietSinceMs > 12e4) throw new ProvisionError("CONFLICT", `The HA manager did not move ${machine} (${vmid}) from ${node} to ${to}.`, {
			hint: `Look at the HA rules and groups that name it, and at: ha-manager status`,
			details: {
				machine,
				vmid,
				node
			}
		});
		await clock.sleep(1e3, context.signal);
	}
}
/** Another run may be moving it. Waits while it is locked for that. @returns true if it arrived */
async function movedByOther(vmid, to, context) {
	for (;;) {
		const row = await rowOf(vmid, context);
		if (row?.node === to) return true;
		if (row?.lock !== "migrate") return false;
		await context.world.clock.sleep(1e3, context.signal);
	}
}
async function rowOf(vmid, context) {
	return (await listGuests(context)).find((row) => row.vmid === vmid);
}

// ../core/dist/execute/steps/move-disks.js
const moveDisks = async ({ machine, vmid, node, disks }, context) => {
	const identity = machineIdentity(machine, context);
	const read = () => readOwnGuest({
		vmid,
		node
	}, identity, context);
	await waitForMoves(await read(), context);
	let moved = 0;
	for (const disk of disks) {
		context.signal.throwIfAborted();
		if (await moveDisk(disk, read, context)) moved += 1;
	}
	const { node: at } = await read();
	return {
		guest: {
			vmid,
			node: at
		},
		kept: moved === 0
	};
};
/** A move that a killed run started continues in Proxmox, which locks the VM until the end of the move. */
async function waitForMoves({ vmid, node }, context) {
	const { world, signal } = context;
	const moves = (await listOwnRunningTasks(world.pve, {
		nodes: [node],
		identity: world.pve.identity,
		signal
	})).filter(({ type, id }) => type === "qmmove" && id === String(vmid));
	for (const { upid } of moves) await waitOut(upid, context);
}
/** @returns true if this run moved the disk */
async function moveDisk(order, read, context) {
	return retryOnConflict(async () => {
		const guest = await read();
		const is = volumeStorage(guest.config[order.key]);
		if (is === order.to) return false;
		if (is !== order.from) {
			context.warn(`${order.key} of ${guest.vmid} is no longer on ${order.from}; it is not moved.`);
			return false;
		}
		context.stage(`moving ${order.key} to ${order.to}`);
		await refusePending(guest, order, context);
		await send$2(guest, order, {
			read,
			context
		});
		await sayLeftover(guest, order, context);
		return true;
	}, context);
}
/** A pending value names the old volume. Proxmox would apply it at the next start, after the volume was removed. */
async function refusePending({ vmid, node }, { key }, { world }) {
	if (!(await readPending({
		vmid,
		node
	}, world.pve))?.pending.some((one) => one.key === key)) return;
	throw new ProvisionError("CONFLICT", `Changes to ${key} of ${vmid} wait for a restart; it is not moved until then.`, {
		hint: "Restart the machine first: pve-provision apply --restart",
		details: { vmid }
	});
}
async function send$2(guest, { key, to }, { read, context }) {
	const { vmid, node, config } = guest;
	const digest = textOf(config.digest);
	const parameters = {
		disk: key,
		storage: to,
		delete: true,
		...digest !== "" && { digest }
	};
	const start = (calls) => calls.nodes.$(node).qemu.$(vmid).move_disk.$post(parameters);
	const isDone = async () => volumeStorage((await read()).config[key]) === to;
	await runTask({
		guest,
		start,
		isDone
	}, context);
}
/** A failed removal does not fail the task (qemu-server `move_vm_disk`), so the content of the storage is listed. */
async function sayLeftover(guest, { key, from }, { world, signal, warn }) {
	const { vmid, node, config } = guest;
	const volume = volumeOfDrive(config[key]);
	try {
		if (!(await api(world.pve, { signal }).nodes.$(node).storage.$(from).content.$get({
			vmid,
			content: "images"
		})).some(({ volid }) => volid === volume)) return;
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code === "PERMISSION") return;
		throw thrown;
	}
	warn(`${volume} was copied, but Proxmox could not remove the original. As root on ${node}, \`qm disk rescan --vmid ${vmid}\` lists it as an unused disk.`);
}

// ../core/dist/execute/image/storage-tasks.js
/** Resolves when the node's task list contains no such running task of this token. */
async function waitForStorageTasks({ node }, { type, id }, context) {
	const { world, signal } = context;
	const running = await listOwnRunningTasks(world.pve, {
		nodes: [node],
		identity: world.pve.identity,
		signal
	});
	for (const task of running) if (task.type === type && (id === void 0 || task.id === id)) await waitOut(task.upid, context);
}

// ../core/dist/execute/steps/pull.js
const pull = async (step, context) => {
	if (await isFetched(step, context)) return {
		volid: volidOf(step),
		kept: true
	};
	const failures = [];
	for (const url of step.urls) try {
		await fetchByProxmox(step, url, context);
		return { volid: volidOf(step) };
	} catch (thrown) {
		if (!(thrown instanceof ProvisionError) || thrown.code !== "TASK") throw thrown;
		failures.push(thrown);
	}
	throw notFetched(step, failures, context);
};
function notFetched({ image, digest }, failures, context) {
	const wrong = failures.find((failure) => isProblem(failure, "checksum-mismatch"));
	if (wrong !== void 0) {
		const { algorithm } = splitDigest(digest);
		const hex = foundChecksum(wrong);
		const message = hex === void 0 ? `The image ${image} that Proxmox downloaded does not have the digest ${digest}.` : `The image ${image} that Proxmox downloaded has the digest ${algorithm}:${hex} instead of ${digest}.`;
		return new ProvisionError("CHECKSUM", message, {
			cause: wrong,
			hint: `${digestAdvice(image, context)} Some servers compress files in transit: with \`route: push\` on the image, the error shows that.`,
			details: {
				promised: digest,
				...hex !== void 0 && { found: `${algorithm}:${hex}` }
			}
		});
	}
	const [cause] = failures;
	return new ProvisionError("HTTP", `Proxmox could not download ${image}: ${cause?.message ?? "no address"}`, {
		cause,
		hint: "If the node cannot reach the vendor, set `route: push` on the image: your computer then downloads and sends it."
	});
}
/**
* With a checksum, Proxmox's `download-url` is idempotent: an equal file means success without a transfer.
* `compression` is never sent, because a second run with it always fails.
*/
async function fetchByProxmox(step, url, context) {
	const { algorithm, hex } = splitDigest(step.digest);
	const { node, storage } = step.at;
	const parameters = {
		content: contentOf(step),
		filename: step.volume,
		url: url.href,
		checksum: hex,
		"checksum-algorithm": algorithm
	};
	const start = (api) => api.nodes.$(node).storage.$(storage)["download-url"].$post(parameters);
	await runTask({
		start,
		isDone: () => isFetched(step, context)
	}, context);
}
/** After a lost reply or a kill, a task for this file name may still be running. Wait for it before checking. */
async function isFetched(step, context) {
	await waitForStorageTasks(step.at, {
		type: "download",
		id: step.volume
	}, context);
	return isThere(step, context);
}
async function isThere({ at, volume, content }, { world }) {
	return (await listStorage(at, world.pve, content)).some(({ name }) => name === volume);
}
function volidOf(step) {
	return `${step.at.storage}:${contentOf(step)}/${step.volume}`;
}
function contentOf({ content }) {
	return content ?? "import";
}
function splitDigest(digest) {
	const [algorithm, hex = ""] = digest.split(":");
	return {
		algorithm: algorithm === "sha512" ? "sha512" : "sha256",
		hex
	};
}

// ../core/dist/execute/steps/remove-disks.js
const removeDisks = async ({ machine, vmid, node, volumes }, context) => {
	const identity = machineIdentity(machine, context);
	const read = () => readOwnGuest({
		vmid,
		node
	}, identity, context);
	let removed = 0;
	for (const volume of volumes) {
		context.signal.throwIfAborted();
		if (await removeDisk(volume, read, context)) removed += 1;
	}
	return {
		guest: {
			vmid,
			node
		},
		kept: removed === 0
	};
};
/** @returns true if this run removed the volume */
async function removeDisk(volume, read, context) {
	const attempt = async () => {
		const guest = await read();
		const marker = readMarker(guest.config.description, guest.vmid);
		const unused = marker && unusedDisks({
			marker,
			config: guest.config
		}).find((disk) => disk.volume === volume);
		if (marker === void 0 || unused?.was === void 0) {
			await sayKept(volume, guest, context);
			return false;
		}
		const description = writeDescription(withoutDetached(marker, [volume]), readText(guest.config.description));
		await send$1(guest, {
			unused: unused.key,
			description
		}, context);
		return true;
	};
	return retryOnConflict(attempt, context, { lostReplies: true });
}
/** Warns if the volume is attached, or if its detachment waits for a restart. Otherwise it is already gone. */
async function sayKept(volume, guest, { world, warn }) {
	const holds = (value) => volumeOfDrive(value) === volume;
	const [attached] = Object.entries(guest.config).find(([key, value]) => isDriveKey(key) && holds(value)) ?? [];
	if (attached !== void 0) return warn(`${volume} is attached as ${attached}; it stays.`);
	const { pending = [] } = await readPending(guest, world.pve) ?? {};
	if (pending.some(({ value }) => holds(value))) warn(`${volume} is detached at the next restart; an \`apply --prune\` after that removes it.`);
}
/** Removes the volume and its entry in the marker with one call. As a task, because wiping a volume may take long. */
async function send$1({ vmid, node, config }, { unused, description }, context) {
	const digest = textOf(config.digest);
	const parameters = {
		...configParameters({ description }),
		delete: unused,
		...digest !== "" && { digest }
	};
	await runTask({
		guest: {
			vmid,
			node
		},
		removes: true,
		start: (api) => api.nodes.$(node).qemu.$(vmid).config.$post(parameters)
	}, context);
}

// ../core/dist/execute/steps/remove-volume.js
/** Deleting a volume that is already gone succeeds, also in Proxmox. */
const removeVolume = async ({ at, volid }, { world: { pve }, signal, onRetry }) => {
	const upid = await api(pve, {
		signal,
		onRetry
	}).nodes.$(at.node).storage.$(at.storage).content.$(volid).$delete();
	if (upid) await pve.waitForTask(upid, { signal });
	return { volid };
};

// ../core/dist/execute/steps/rename.js
const rename = async ({ machine, from, vmid, node }, context) => {
	const named = (name) => readOwnGuest({
		vmid,
		node
	}, machineIdentity(name, context), context);
	const read = () => named(from).catch((thrown) => {
		if (!isGone(thrown)) throw thrown;
		return named(machine);
	});
	const guest = await read();
	const { config } = guest;
	const told = config.name === machine ? void 0 : firstBootChange({
		set: { name: machine },
		remove: []
	}, config);
	const process = told && {
		node: guest.node,
		...await processOf(guest, context)
	};
	const awaitsWith = (marker) => process && awaitsOf(process, [...awaitedKeys({
		marker,
		...process
	}), "name"]);
	const written = await writeMarker({
		read,
		change(marker) {
			if (marker === void 0 || marker.name === machine) return marker;
			const awaits = awaitsWith(marker);
			return {
				...marker,
				name: machine,
				...awaits !== void 0 && { awaits }
			};
		},
		beside: config.name === machine ? {} : { name: machine }
	}, context);
	const pending = told !== void 0 && process?.status === "running" ? [{
		key: "name",
		after: machine,
		when: told.when,
		...told.impact && { impact: told.impact }
	}] : [];
	return {
		guest: {
			vmid,
			node
		},
		kept: !written,
		...pending.length > 0 && { pending }
	};
};

// ../core/dist/execute/replace/carry-disks.js
/**
* Moves the disks one by one, each to the same key. Proxmox removes a disk from one config before it writes the other.
* So a run that is killed in between loses track of at most one disk, which `qm rescan` finds.
*/
async function carryDisks(from, to, context) {
	const disks = dataDisksOf(from);
	for (const disk of disks) {
		context.signal.throwIfAborted();
		const parameters = {
			disk,
			"target-vmid": to.vmid,
			"target-disk": disk
		};
		try {
			await runTask({
				guest: from,
				start: (api) => api.nodes.$(from.node).qemu.$(from.vmid).move_disk.$post(parameters)
			}, context);
		} catch (thrown) {
			if (!await isMoved(disk, {
				from,
				to
			}, context)) throw thrown;
		}
	}
	return disks;
}
const MOST_LOOKS = 10;
/** Another run may move the same disk. Between the two writes of Proxmox, neither VM has it. */
async function isMoved(disk, { from, to }, { world: { pve, clock }, signal }) {
	for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
		const [source, target] = await Promise.all([readConfig(from, pve, signal), readConfig(to, pve, signal)]);
		if (source?.[disk] !== void 0 || target === void 0) return false;
		if (target[disk] !== void 0) return true;
		await clock.sleep(1e3, signal);
	}
	return false;
}

// ../core/dist/execute/guest/agent-addresses.js
/**
* Returns the addresses at which the VM can be reached, without loopback and link-local ones.
* @throws ProvisionError as the Proxmox port; its problem is `agent-unavailable` while the agent does not answer
*/
async function agentAddresses({ vmid, node }, context) {
	const { agent } = pveOf(context).nodes.$(node).qemu.$(vmid);
	return reachableAddresses(await agent["network-get-interfaces"].$get());
}

// ../core/dist/execute/steps/wait.js
const wait = async ({ machine: name, createFrom, ran }, context) => {
	const guest = guestOf(context, createFrom);
	const machine = machineOf(context, name);
	if (machine.wait.for === "none") return {
		guest,
		kept: true
	};
	const deadlineMs = context.world.clock.now() + machine.wait.seconds * 1e3;
	const { addresses, missing, hopeless } = await untilDeadline(machine, {
		guest,
		wait: machine.wait,
		deadlineMs
	}, context);
	const deadline = hopeless ? "" : ` within ${machine.wait.seconds} s`;
	if (missing !== void 0 && machine.wait.required === true) throw new ProvisionError("CONFLICT", `${name} runs, but is not as \`wait\` requires: ${missing}${deadline}.`, {
		details: {
			machine: name,
			...guest
		},
		hint: "Look at its console. Without `required: true` in the manifest, this is only a warning."
	});
	if (missing !== void 0) context.warn(`${name}: ${missing}${deadline}.`);
	return {
		guest,
		...ran && { kept: true },
		...addresses.length > 0 && { addresses }
	};
};
const FIRST_PAUSE_MS = 1e3;
const LAST_PAUSE_MS = 1e4;
/** Checks until everything is there or the timeout ends. Then a clause says what is missing. */
async function untilDeadline(machine, waiting, context) {
	const { clock } = context.world;
	for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(pauseMs * 1.5, LAST_PAUSE_MS)) {
		const seen = await lookOnce(machine, waiting, context);
		const leftMs = waiting.deadlineMs - clock.now();
		if (seen.missing === void 0 || seen.hopeless || leftMs <= 0) return seen;
		await clock.sleep(Math.min(pauseMs, leftMs), context.signal);
	}
}
async function lookOnce(machine, { guest, wait }, context) {
	if (wait.for === "agent") return askAgent(machine, guest, context);
	const fixed = staticAddresses(machine);
	const known = fixed.length > 0 ? { addresses: fixed } : await askAgent(machine, guest, context);
	if (known.addresses.length === 0) return {
		...known,
		missing: `port ${wait.port} could not be checked: its address is not known`
	};
	const open = await Promise.all(known.addresses.map((host) => canConnect(host, wait.port, {
		timeoutMs: 3e3,
		signal: context.signal
	})));
	context.signal.throwIfAborted();
	return open.includes(true) ? { addresses: known.addresses } : {
		addresses: known.addresses,
		missing: `nothing answered on port ${wait.port}`
	};
}
async function askAgent(machine, guest, context) {
	if (!machine.agent) return {
		addresses: [],
		missing: "the guest agent is turned off in the manifest, so no address was reported",
		hopeless: true
	};
	try {
		const addresses = await agentAddresses(guest, context);
		return addresses.length > 0 ? { addresses } : {
			addresses,
			missing: "the guest agent answered, but the machine got no address"
		};
	} catch (thrown) {
		return {
			addresses: [],
			...explain(thrown)
		};
	}
}
function explain(thrown) {
	if (isProblem(thrown, "agent-unavailable")) return { missing: "the guest agent did not answer (is qemu-guest-agent in the image?)" };
	if (isProblem(thrown, "vm-stopped")) return { missing: "it is not running" };
	if (thrown instanceof ProvisionError && thrown.code === "PERMISSION") return {
		missing: thrown.message,
		hopeless: true
	};
	if (thrown instanceof ProvisionError && thrown.code !== "CANCELLED") return { missing: `its agent could not be queried (${thrown.message})` };
	throw thrown;
}

// ../core/dist/execute/replace/health.js
/** Waits as long as the manifest says. If the manifest sets no `wait`, a running machine is healthy. */
async function untilHealthy(machine, guest, context) {
	const wait = machine.rollout?.wait ?? machine.wait;
	if (wait.for === "none") return {
		addresses: [],
		missing: await untilRunning(guest, context) ? void 0 : "it is not running"
	};
	const deadlineMs = context.world.clock.now() + wait.seconds * 1e3;
	const { addresses, missing, hopeless } = await untilDeadline(machine, {
		guest,
		wait,
		deadlineMs
	}, context);
	return {
		addresses,
		missing: missing && `${missing}${hopeless ? "" : ` within ${wait.seconds} s`}`
	};
}
/** Another run may be rebooting the VM: it is stopped for a moment. */
const REBOOT_PATIENCE_MS = 1e4;
/** @returns false if it does not run within the time that the HA manager, or a reboot, takes */
async function untilRunning({ vmid, node }, context) {
	const { clock } = context.world;
	const beganMs = clock.now();
	for (;;) {
		const { status, ha } = await pveOf(context).nodes.$(node).qemu.$(vmid).status.current.$get();
		if (status === "running") return true;
		const patienceMs = Number(ha?.managed ?? 0) === 1 ? MANAGER_PATIENCE_MS : REBOOT_PATIENCE_MS;
		if (clock.now() - beganMs > patienceMs) return false;
		await clock.sleep(1e3, context.signal);
	}
}

// ../core/dist/execute/replace/inherit-ha.js
/**
* Adds a VM to the HA manager, in state stopped, with the settings of the other one. It does nothing if the other one has
* no entry, or if both have one.
*/
async function inheritResource({ from, to }, context) {
	const { resources } = pveOf(context).cluster.ha;
	const rows = await resources.$get();
	const row = rows.find(({ sid }) => sid === sidOf(from));
	if (row === void 0 || rows.some(({ sid }) => sid === sidOf(to))) return;
	const { group, max_restart, max_relocate, comment } = row;
	await resources.$post({
		sid: sidOf(to),
		state: "stopped",
		group,
		max_restart,
		max_relocate,
		comment,
		failback: flagOf(row.failback),
		"auto-rebalance": flagOf(row["auto-rebalance"])
	});
}
function flagOf(value) {
	return value === void 0 ? void 0 : Number(value) === 1;
}
/**
* Puts a VM in the place of the other one in all HA rules. Both must be in the HA manager. When the other one is removed,
* Proxmox takes it out of the rules without a word.
*/
async function inheritRules(heirs, context) {
	for (const { rule } of await rulesOf(heirs.from, context)) try {
		await (rule === haRuleName(heirs.from) ? renameRule(heirs, context) : changeRule(rule, heirs, context));
	} catch (thrown) {
		if (!isProblem(thrown, "parameters") || !(thrown instanceof ProvisionError)) throw thrown;
		context.warn(`The HA rule ${rule} does not name VM ${heirs.to}, which replaces ${heirs.from}: ${thrown.message}`);
	}
}
/** Rules exist since Proxmox VE 9. */
async function rulesOf(vmid, context) {
	try {
		return await pveOf(context).cluster.ha.rules.$get({ resource: sidOf(vmid) });
	} catch (thrown) {
		if (isProblem(thrown, "not-implemented")) return [];
		throw thrown;
	}
}
/**
* The project's own rule is named after its VM. The old one is removed first, because a VM may be in one node-affinity
* rule only.
*/
async function renameRule({ from, to }, context) {
	const { rules } = pveOf(context).cluster.ha;
	const all = await rules.$get({ type: "node-affinity" });
	const row = all.find(({ rule }) => rule === haRuleName(from));
	if (row === void 0 || all.some(({ rule }) => rule === haRuleName(to))) return;
	const { nodes, strict } = row;
	await rules.$(row.rule).$delete();
	await rules.$post({
		rule: haRuleName(to),
		type: "node-affinity",
		resources: sidOf(to),
		nodes,
		strict: Number(strict ?? 0) === 1
	});
}
/** Several machines of one rule may be replaced at the same time, so each change names the version that it read. */
async function changeRule(rule, { from, to }, context) {
	await retryOnConflict(async () => {
		const row = (await rulesOf(from, context)).find((one) => one.rule === rule);
		if (row?.type === void 0) return;
		const resources = (row.resources ?? "").split(",").map((sid) => sid === sidOf(from) ? sidOf(to) : sid);
		const type = row.type;
		await pveOf(context).cluster.ha.rules.$(rule).$put({
			type,
			resources: [...new Set(resources)].join(","),
			digest: row.digest
		});
	}, context);
}
function sidOf(vmid) {
	return `vm:${vmid}`;
}

// ../core/dist/execute/replace/turn.js
const identityOf = ({ machine: { name } }, context) => machineIdentity(name, context);
function oldGuest({ step, machine }, context) {
	return readOwnGuest(step.old, retiredIdentity(machine.name, context), context);
}
/** Returns the old VM as this run found it. */
function known({ step }, { facts }) {
	return facts.guests.find(({ vmid }) => vmid === step.old.vmid);
}
/** Returns a new VM that an earlier run found healthy, if that run ended before it removed the old VM. */
async function finishedSuccessor(step, context) {
	const known = context.facts.guests.find(({ marker, vmid }) => marker.name === step.machine && vmid !== step.old.vmid);
	if (known === void 0 || known.marker.replaces !== void 0) return void 0;
	const identity = machineIdentity(step.machine, context);
	const { vmid, node } = await readOwnGuest(known, identity, context);
	return {
		vmid,
		node
	};
}
/** Finds the new VM by its marker, which names the VM that it replaces until it is finished. */
async function findSuccessor(turn, context, { finished = false } = {}) {
	const identity = identityOf(turn, context);
	const known = context.facts.guests.find(({ marker }) => marker.replaces === turn.step.old.vmid);
	const candidates = [.../* @__PURE__ */ new Set([...context.run.claims, ...known ? [known.vmid] : []])];
	for (const vmid of candidates) {
		const guest = await readOwnGuest({
			vmid,
			node: turn.step.node
		}, identity, context).catch(unlessGone);
		const isIt = (guest && readMarker(guest.config.description, vmid))?.replaces === turn.step.old.vmid || finished && vmid !== turn.step.old.vmid;
		if (guest !== void 0 && isIt) return {
			vmid,
			node: guest.node
		};
	}
}
function unlessGone(thrown) {
	if (!isGone(thrown)) throw thrown;
}

// ../core/dist/execute/replace/bring-back.js
/** The disks were moved before. What the config does not name then may be one whose move failed halfway. */
const REPLACED = {
	unprotect: true,
	keepUnreferenced: true
};
/**
* Restores the old VM after this failure: removes the new VM, moves the disks back, gives the old VM its name back and
* starts it if it was running. If another run has found the new VM healthy, it stays. @returns the new VM in that case
* @throws ProvisionError that names both failures if the old VM cannot be restored
*/
async function bringBack(turn, failure, context) {
	try {
		return await restoreOld(turn, context);
	} catch (thrown) {
		throw bothFailures(turn, failure, thrown);
	}
}
async function restoreOld(turn, context) {
	const { step, machine } = turn;
	context.stage("restoring the old VM");
	const end = await decide("returning", {
		name: machine.name,
		place: step.old
	}, context);
	if (end === "done" || end === "gone") return findSuccessor(turn, context, { finished: true });
	const successor = await findSuccessor(turn, context);
	if (successor !== void 0) await dismiss(turn, successor, context);
	await takeBack(machine.name, step.old, context);
	if (turn.wasRunning && !await untilRunning(step.old, context)) throw notRunning(turn, context);
}
/** Removes the new VM, after its data disks were moved back. Another run may be doing the same. */
async function dismiss(turn, successor, context) {
	try {
		await stopGuest(successor, context);
		const guest = await readOwnGuest(successor, identityOf(turn, context), context);
		await carryDisks(guest, turn.step.old, context);
		if (known(turn, context)?.ha !== void 0) await inheritRules({
			from: successor.vmid,
			to: turn.step.old.vmid
		}, context);
		await removeGuest(successor, identityOf(turn, context), context, REPLACED);
	} catch (thrown) {
		if (!isGone(thrown) && !isProblem(thrown, "not-found")) throw thrown;
		if (await findSuccessor(turn, context) !== void 0) throw thrown;
	}
}
/** Why the new VM failed must not be lost if the old one cannot be restored either. */
function bothFailures(turn, first, second) {
	const { code, message, hint, details } = toProvisionError(second);
	if (!(first instanceof ProvisionError) || code === "CANCELLED") return toProvisionError(second);
	const { old, node } = turn.step;
	const failure = first.message.replace(restored(turn), "").trimEnd();
	return new ProvisionError(code, `${failure} ${old.vmid} on ${node} could not be restored: ${message}`, {
		cause: second,
		...hint !== void 0 && { hint },
		details
	});
}
function unhealthy(turn, missing) {
	const { machine, step } = turn;
	return new ProvisionError("CONFLICT", `The new ${machine.name} did not become healthy: ${missing}. ${restored(turn)}`, {
		hint: `Look at the image and at \`wait\` of ${machine.entry}, then replace it again.`,
		details: {
			machine: machine.name,
			vmid: step.old.vmid
		}
	});
}
function restored({ step: { old, node }, wasRunning }) {
	return `${old.vmid} on ${node} ${wasRunning ? "runs again" : "is back"}, with its disks.`;
}
/** Without HA, a start that fails is an error of its own. So here the VM has ended again at once. */
function notRunning(turn, context) {
	const { machine, step } = turn;
	const { node, old } = step;
	const isManaged = known(turn, context)?.ha !== void 0;
	const what = isManaged ? "The HA manager did not start it again" : "It was started, but it does not run";
	const how = isManaged ? `Find out why it does not start, as root on ${node}: ha-manager status` : `Look at its console in Proxmox and start it again, as root on ${node}: qm start ${old.vmid}`;
	return new ProvisionError("CONFLICT", `${what}; its name and its disks are back.`, {
		hint: how,
		details: {
			machine: machine.name,
			vmid: old.vmid,
			node
		}
	});
}

// ../core/dist/execute/steps/replace.js
const replace = async (step, context) => {
	const machine = machineOf(context, step.machine);
	const finished = await finishedSuccessor(step, context);
	if (finished !== void 0) return finish({
		step,
		machine,
		wasRunning: true
	}, finished, {
		context,
		addresses: []
	});
	context.stage("renaming the old VM");
	const { wasRunning, isReturning, isDone } = await retire(machine.name, step.old, context);
	const turn = {
		step,
		machine,
		wasRunning
	};
	const healthy = isDone ? await findSuccessor(turn, context) : void 0;
	if (healthy !== void 0) return finish(turn, healthy, {
		context,
		addresses: []
	});
	if (isReturning) {
		const failure = unhealthy(turn, "found by an earlier run");
		await bringBack(turn, failure, context);
		throw failure;
	}
	const { successor, addresses } = await handOver(turn, context);
	return finish(turn, successor, {
		context,
		addresses
	});
};
/** Creates the new VM and waits until it is healthy. If that fails, restores the old VM. */
async function handOver(turn, context) {
	try {
		context.stage("waiting to clone");
		const successor = await context.inLanes(turn.step.cloneLanes, () => makeSuccessor(turn, context));
		return {
			successor,
			addresses: await takeOver(turn, successor, context)
		};
	} catch (thrown) {
		if (context.signal.aborted || toProvisionError(thrown).code === "CANCELLED") throw thrown;
		const healthy = await bringBack(turn, thrown, context);
		if (healthy === void 0) throw thrown;
		return {
			successor: healthy,
			addresses: []
		};
	}
}
/** Creates a stopped clone with the machine's name and the old VM's network cards. */
async function makeSuccessor(turn, context) {
	const { step, machine } = turn;
	context.stage("cloning");
	const old = await oldGuest(turn, context);
	const { disks } = readMarker(old.config.description, old.vmid) ?? {};
	const beside = {
		replaces: step.old.vmid,
		...disks !== void 0 && { disks }
	};
	const { vmid, node } = await claimMachine(machine, {
		...step,
		beside,
		pool: known(turn, context)?.pool
	}, context);
	const successor = await readOwnGuest({
		vmid,
		node
	}, identityOf(turn, context), context);
	await copyCards(old, successor, context);
	return {
		vmid,
		node
	};
}
/**
* Stops the old VM, moves its data disks, then configures and starts the new VM and waits for its health. @returns its
* addresses
*/
async function takeOver(turn, successor, context) {
	const { step, machine, wasRunning } = turn;
	const ha = known(turn, context)?.ha;
	const heirs = {
		from: step.old.vmid,
		to: successor.vmid
	};
	if (ha !== void 0 && !machine.declared.has("ha")) await inheritResource(heirs, context);
	context.stage("shutting down the old VM");
	await oldGuest(turn, context);
	await stopGuest(step.old, context, { ha });
	const old = await oldGuest(turn, context);
	if (dataDisksOf(old).length > 0) context.stage("moving data disks");
	await carryDisks(old, successor, context);
	await rememberDetached(turn, {
		old,
		successor
	}, context);
	context.stage("configuring");
	await reconcile(machine, {
		place: successor,
		disksFrom: step.disksFrom
	}, context);
	await keepTags(machine, {
		old,
		successor
	}, context);
	if (ha !== void 0 && !leavesHa(machine)) await inheritRules(heirs, context);
	if (!machine.start && !wasRunning) return [];
	context.stage("starting");
	if (!await isRunning(successor, context)) await startAgain(successor, context);
	context.stage("waiting until it is healthy");
	const { addresses, missing } = await untilHealthy(machine, successor, context);
	if (missing !== void 0) throw unhealthy(turn, missing);
	return addresses;
}
function leavesHa({ declared, ha }) {
	return declared.has("ha") && ha === void 0;
}
/** Unused volumes get new names with their new owner. The marker of the successor tells which of them an apply detached. */
async function rememberDetached(turn, { old, successor }, context) {
	const known = readMarker(old.config.description, old.vmid);
	if (known?.detached === void 0) return;
	const read = () => readOwnGuest(successor, identityOf(turn, context), context);
	const { config } = await read();
	const change = (marker) => marker && withCarriedDisks(marker, {
		marker: known,
		config: old.config
	}, config);
	await writeMarker({
		read,
		change
	}, context);
}
/** Moves the disks that an interrupted run did not move, because they would be removed with the old VM. */
async function carryRest({ step, machine }, successor, context) {
	try {
		const old = await readOwnGuest(step.old, retiredIdentity(machine.name, context), context);
		if (dataDisksOf(old).length === 0) return;
		await stopGuest(step.old, context);
		await carryDisks(old, successor, context);
	} catch (thrown) {
		if (!isGone(thrown)) throw thrown;
	}
}
/** Makes the new VM the machine and removes the old one. The data disks no longer belong to the old one. */
async function finish(turn, successor, { context, addresses }) {
	const { step, machine } = turn;
	const end = await decide("done", {
		name: machine.name,
		place: step.old
	}, context);
	if (end === "returning" || end === "back") {
		const failure = unhealthy(turn, "another run, which replaced it at the same time, gave up");
		await bringBack(turn, failure, context);
		throw failure;
	}
	const read = () => readOwnGuest(successor, identityOf(turn, context), context);
	await writeMarker({
		read,
		change: (marker) => {
			if (marker?.replaces === void 0) return marker;
			const { replaces: _, ...rest } = marker;
			return rest;
		}
	}, context);
	await carryRest(turn, successor, context);
	context.stage("removing the old VM");
	await removeGuest(step.old, retiredIdentity(machine.name, context), context, REPLACED);
	if (step.oldSeed !== void 0) await removeSeed(step.oldSeed, step.node, context);
	return {
		guest: successor,
		...addresses.length > 0 && { addresses }
	};
}

// ../core/dist/execute/steps/restart.js
const REBOOT_SECONDS = 120;
const restart = async ({ machine: name, createFrom }, context) => {
	const machine = machineOf(context, name);
	const known = guestOf(context, createFrom);
	const identity = machineIdentity(name, context);
	const { vmid, node } = await readOwnGuest(known, identity, context);
	const guest = {
		vmid,
		node
	};
	if (!await isRunning(guest, context)) return {
		guest,
		kept: true
	};
	context.stage("rebooting");
	try {
		const parameters = { timeout: REBOOT_SECONDS };
		await runTask({
			guest,
			start: (api) => api.nodes.$(node).qemu.$(vmid).status.reboot.$post(parameters),
			attempts: 1
		}, context);
	} catch (thrown) {
		if (!isProblem(thrown, "vm-stopped")) {
			if (!(thrown instanceof ProvisionError) || thrown.code !== "TASK") throw thrown;
			context.note("info", `${name} did not shut down; it is now stopped and started.`);
			context.stage("stopping");
			await stopGuest(guest, context);
		}
	}
	if (!await isRunning(guest, context)) await startAgain(guest, context);
	context.stage("waiting until it is healthy");
	const { addresses, missing } = await untilHealthy(machine, guest, context);
	if (missing !== void 0) throw new ProvisionError("CONFLICT", `${name} was restarted but did not become healthy: ${missing}.`, {
		hint: "Look at its console in Proxmox. The changes that needed the restart are in effect.",
		details: {
			machine: name,
			vmid
		}
	});
	return {
		guest,
		pending: [],
		...addresses.length > 0 && { addresses }
	};
};

// \0builtin:node:crypto?node_modules/unixcrypt/dist/index.js
const builtin$7 = process.getBuiltinModule("node:crypto");
const read$7 = (name) => builtin$7[name];
const _createHash = /* @__PURE__ */ read$7("createHash");
const _randomInt = /* @__PURE__ */ read$7("randomInt");

// \0builtin:node:buffer?node_modules/unixcrypt/dist/index.js
const builtin$6 = process.getBuiltinModule("node:buffer");
const read$6 = (name) => builtin$6[name];
const _Buffer = /* @__PURE__ */ read$6("Buffer");

// ../../node_modules/unixcrypt/dist/index.js
const HashMap = {
	5: {
		algorithm: "sha256",
		digestSize: 32
	},
	6: {
		algorithm: "sha512",
		digestSize: 64
	}
};
const dictionary = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const shuffleMap = {
	sha256: [
		20,
		10,
		0,
		11,
		1,
		21,
		2,
		22,
		12,
		23,
		13,
		3,
		14,
		4,
		24,
		5,
		25,
		15,
		26,
		16,
		6,
		17,
		7,
		27,
		8,
		28,
		18,
		29,
		19,
		9,
		30,
		31
	],
	sha512: [
		42,
		21,
		0,
		1,
		43,
		22,
		23,
		2,
		44,
		45,
		24,
		3,
		4,
		46,
		25,
		26,
		5,
		47,
		48,
		27,
		6,
		7,
		49,
		28,
		29,
		8,
		50,
		51,
		30,
		9,
		10,
		52,
		31,
		32,
		11,
		53,
		54,
		33,
		12,
		13,
		55,
		34,
		35,
		14,
		56,
		57,
		36,
		15,
		16,
		58,
		37,
		38,
		17,
		59,
		60,
		39,
		18,
		19,
		61,
		40,
		41,
		20,
		62,
		63
	]
};
const roundsDefault = 5e3;
/**
* Generate a random string
* @param length Length of salt
*/
function getRandomString(length) {
	let result = "";
	for (let i = 0; i < length; i++) result += dictionary[_randomInt(0, 63)];
	return result;
}
/**
* Normalize salt for use with hash, for example: "$6$rounds=1234&saltsalt" or "$6$saltsalt"
* @param conf The separate parts of id, rounds, specifyRounds, and saltString
*/
function normalizeSalt(conf) {
	const parts = ["", conf.id];
	if (conf.specifyRounds || conf.rounds !== roundsDefault) parts.push(`rounds=${conf.rounds}`);
	parts.push(conf.saltString);
	return parts.join("$");
}
/**
* Parse salt into pieces, performs sanity checks, and returns proper
* defaults for missing values
* @param salt Standard salt, "$6$rounds=1234$saltsalt", "$6$saltsalt", "$6", "$6$rounds=1234", "$6$"
*/
function parseSalt(salt) {
	const roundsMin = 1e3;
	const roundsMax = 999999999;
	const conf = {
		id: 6,
		saltString: getRandomString(16),
		rounds: roundsDefault,
		specifyRounds: false
	};
	if (salt) {
		const parts = salt.split("$");
		conf.id = Number(parts[1]);
		if (!HashMap[conf.id]) throw new Error("Only sha256 and sha512 is supported by this library");
		if (parts.length < 2 || parts.length > 4) throw new Error("Invalid salt string");
		if (parts.length > 2) {
			const rounds = parts[2].match(/^rounds=(\d*)$/);
			if (rounds) {
				conf.rounds = Number(rounds[1]);
				conf.specifyRounds = true;
				if (parts[3] || parts[3] === "") conf.saltString = parts[3];
			} else conf.saltString = parts[2];
		}
	}
	if (conf.rounds < roundsMin) conf.rounds = roundsMin;
	else if (conf.rounds > roundsMax) conf.rounds = roundsMax;
	conf.saltString = conf.saltString.substring(0, 16);
	if (conf.saltString.match("[^./0-9A-Za-z]")) throw new Error("Invalid salt string");
	return conf;
}
/**
* Steps 1-12 in the spec
* @param plaintext
* @param conf
*/
function generateDigestA(plaintext, conf) {
	const algorithm = HashMap[conf.id].algorithm;
	const digestSize = HashMap[conf.id].digestSize;
	const hashA = _createHash(algorithm);
	hashA.update(plaintext);
	hashA.update(conf.saltString);
	const hashB = _createHash(algorithm);
	hashB.update(plaintext);
	hashB.update(conf.saltString);
	hashB.update(plaintext);
	const digestB = hashB.digest();
	const plaintextByteLength = _Buffer.byteLength(plaintext);
	for (let offset = 0; offset + digestSize < plaintextByteLength; offset += digestSize) hashA.update(digestB);
	const remainder = plaintextByteLength % digestSize;
	hashA.update(digestB.slice(0, remainder));
	plaintextByteLength.toString(2).split("").reverse().forEach((num) => {
		hashA.update(num === "0" ? plaintext : digestB);
	});
	return hashA.digest();
}
function generateHash(plaintext, conf) {
	const algorithm = HashMap[conf.id].algorithm;
	const digestSize = HashMap[conf.id].digestSize;
	const digestA = generateDigestA(plaintext, conf);
	const plaintextByteLength = _Buffer.byteLength(plaintext);
	const hashDP = _createHash(algorithm);
	for (let i = 0; i < plaintextByteLength; i++) hashDP.update(plaintext);
	const digestDP = hashDP.digest();
	const p = _Buffer.alloc(plaintextByteLength);
	for (let offset = 0; offset + digestSize < plaintextByteLength; offset += digestSize) p.set(digestDP, offset);
	const remainder = plaintextByteLength % digestSize;
	p.set(digestDP.slice(0, remainder), plaintextByteLength - remainder);
	const hashDS = _createHash(algorithm);
	const step18 = 16 + digestA[0];
	for (let i = 0; i < step18; i++) hashDS.update(conf.saltString);
	const digestDS = hashDS.digest();
	const s = _Buffer.alloc(conf.saltString.length);
	const saltByteLength = _Buffer.byteLength(conf.saltString);
	for (let offset = 0; offset + digestSize < saltByteLength; offset += digestSize) s.set(digestDS, offset);
	const saltRemainder = saltByteLength % digestSize;
	s.set(digestDS.slice(0, saltRemainder), saltByteLength - saltRemainder);
	return base64Encode(Array(conf.rounds).fill(0).reduce((acc, curr, idx) => {
		const hashC = _createHash(algorithm);
		if (idx % 2 === 0) hashC.update(acc);
		else hashC.update(p);
		if (idx % 3 !== 0) hashC.update(s);
		if (idx % 7 !== 0) hashC.update(p);
		if (idx % 2 !== 0) hashC.update(acc);
		else hashC.update(p);
		return hashC.digest();
	}, digestA), shuffleMap[algorithm]);
}
function base64Encode(digest, shuffleMap) {
	let hash = "";
	for (let idx = 0; idx < digest.length; idx += 3) {
		const buf = _Buffer.alloc(3);
		buf[0] = digest[shuffleMap[idx]];
		buf[1] = digest[shuffleMap[idx + 1]];
		buf[2] = digest[shuffleMap[idx + 2]];
		hash += bufferToBase64(buf);
	}
	return hash.slice(0, digest.length === 32 ? -1 : -2);
}
/**
* Encode buffer to base64 using our dictionary
* @param buf Buffer of bytes to be encoded
*/
function bufferToBase64(buf) {
	const first = buf[0] & parseInt("00111111", 2);
	const second = (buf[0] & parseInt("11000000", 2)) >>> 6 | (buf[1] & parseInt("00001111", 2)) << 2;
	const third = (buf[1] & parseInt("11110000", 2)) >>> 4 | (buf[2] & parseInt("00000011", 2)) << 4;
	const fourth = (buf[2] & parseInt("11111100", 2)) >>> 2;
	return dictionary.charAt(first) + dictionary.charAt(second) + dictionary.charAt(third) + dictionary.charAt(fourth);
}
/**
* Create a SHA-256 or SHA-512 hash of a plaintext password using the unixcrypt format.
*
* @param plaintext - The password to encrypt
* @param salt - Optional salt string in Unix crypt format. Examples:
*   - "$6$salt" - Use SHA-512 with default rounds
*   - "$6$rounds=10000$salt" - Use SHA-512 with 10000 rounds
*   - "$5$salt" - Use SHA-256 with default rounds
*   If omitted, generates SHA-512 hash with random salt
* @returns The complete hash string in Unix crypt format
* @example
* // Generate SHA-512 hash with random salt
* encrypt("mypassword")
* // -> "$6$WHT0QXyF$LQv3c1yqBWVHxkd0LHAkC..."
*
* // Generate SHA-512 hash with specific salt and rounds
* encrypt("mypassword", "$6$rounds=10000$saltvalue")
* // -> "$6$rounds=10000$saltvalue$LQv3c1yq..."
*/
function encrypt(plaintext, salt) {
	const conf = parseSalt(salt);
	const hash = generateHash(plaintext, conf);
	return normalizeSalt(conf) + "$" + hash;
}

// ../core/dist/execute/steps/seed.js
const seed = async ({ machine: name, at, volume, macs }, context) => {
	const documents = seedDocuments(machineOf(context, name), {
		project: context.desired.project,
		macs
	}, hashPassword);
	const { volid, sent } = await sendCd({
		at,
		fileName: volume,
		documents
	}, context);
	return {
		volid,
		kept: !sent
	};
};
/** SHA-512 of crypt(5), which every Linux supports. */
function hashPassword(password, salt) {
	return encrypt(password, `$6$${salt}`);
}

// ../core/dist/execute/steps/start.js
const start = async ({ createFrom }, context) => {
	const guest = guestOf(context, createFrom);
	const machine = (api) => api.nodes.$(guest.node).qemu.$(guest.vmid).status;
	const isRunning = async () => (await machine(pveOf(context)).current.$get()).status === "running";
	const known = context.facts.guests.find(({ vmid }) => vmid === guest.vmid);
	const isBeingStopped = known?.status === "running" && !keepsRunning(known);
	if (known !== void 0 && !isBeingStopped && await isRunning()) return {
		guest,
		kept: true
	};
	try {
		await runTask({
			guest,
			start: (api) => machine(api).start.$post(),
			isDone: isRunning
		}, context);
		return { guest };
	} catch (thrown) {
		if (!isProblem(thrown, "vm-running")) throw thrown;
		return {
			guest,
			kept: true
		};
	}
};

// ../core/dist/execute/steps/stream.js
/** The digest is verified on the way, and again by Proxmox before the volume gets its name. */
const stream = async (step, context) => {
	const { world, signal, progress } = context;
	const { image, at, stem, format, urls, digest, sizeBytes } = step;
	const there = (await listStorage(at, world.pve)).find((volume) => isWholeVolume(stem, volume));
	if (there) return {
		volid: there.volid,
		kept: true
	};
	const file = {
		at,
		content: "import",
		fileName: pushedName(stem, sizeBytes, format),
		sizeBytes,
		checksum: splitDigest(digest),
		open: () => world.http.stream({
			urls,
			digest,
			expectedBytes: sizeBytes,
			signal
		})
	};
	const onBytes = (done) => progress({
		done,
		total: sizeBytes,
		unit: "bytes",
		what: "passing on"
	});
	return { volid: await withDigestAdvice(image, context, () => world.pve.upload(file, {
		signal,
		onBytes
	})) };
};

// ../core/dist/execute/steps/template.js
const template = async (step, context) => {
	const { project } = context.desired;
	const name = `${step.id} ${step.base}`;
	const { image, base, at } = step;
	const marker = {
		project,
		name,
		kind: "template",
		image,
		base,
		spec: "",
		storage: at.storage
	};
	for (let attempt = 1;; attempt += 1) {
		const claimed = await claimTemplate(step, marker, context);
		try {
			const converted = await convertToTemplate(claimed, marker, context);
			return {
				guest: {
					vmid: claimed.vmid,
					node: claimed.node
				},
				kept: !claimed.made && !converted
			};
		} catch (thrown) {
			if (attempt >= 3) throw thrown;
			if (isHalfTemplate(thrown)) await removeGuest(claimed, marker, context);
			else if (!isGone(thrown)) throw thrown;
		}
	}
};
async function claimTemplate(step, marker, context) {
	const { project, vmids } = context.desired;
	const { node } = step.at;
	const claimed = await claimGuest({
		identity: marker,
		candidates: candidateVmids(project, marker.name, vmids),
		node,
		nodes: [node],
		make: (vmid) => importDisk(vmid, {
			step,
			marker,
			context
		})
	}, context);
	const walk = {
		name: marker.name,
		range: vmids
	};
	return resolveDuplicateTemplates(claimed, {
		identity: marker,
		walk,
		guestName: step.name
	}, context);
}
async function importDisk(vmid, { step, marker, context }) {
	const volume = volumeOf(context, step.volumeFrom ?? "");
	const wanted = step.importFormat ?? (standsForRaw(volume) ? "raw" : void 0);
	const format = wanted === void 0 ? "" : `,format=${wanted}`;
	const pool = templatePool(step.image, context.desired);
	const parameters = {
		vmid,
		name: step.name,
		description: writeDescription({
			...marker,
			vmid
		}),
		...TEMPLATE_CONFIG,
		...pool === void 0 ? { tags: OWNER_TAG } : { pool },
		scsi0: `${step.at.storage}:0,import-from=${volume}${format}`,
		ide2: `${step.at.storage}:cloudinit`
	};
	await runTask({
		start: (api) => api.nodes.$(step.at.node).qemu.$post(parameters),
		attempts: 1
	}, context);
}

// ../core/dist/execute/steps/update.js
const update = async ({ machine, vmid, node, touches, disksFrom }, context) => {
	const observed = context.facts.guests.find((guest) => guest.vmid === vmid);
	if (observed?.lock !== void 0) await waitUntilSettled({
		vmid,
		identity: observed.marker,
		nodes: [node],
		taken: true
	}, context);
	const isUnfinished = observed?.marker.spec === UNFINISHED;
	const target = {
		place: {
			vmid,
			node
		},
		disksFrom,
		...!isUnfinished && { touches },
		...observed && { observed }
	};
	const { place, changed, pending } = await reconcile(machineOf(context, machine), target, context);
	return {
		guest: place,
		kept: !changed,
		pending
	};
};

// \0builtin:node:fs?packages/core/dist/execute/steps/upload.js
const builtin$5 = process.getBuiltinModule("node:fs");
const read$5 = (name) => builtin$5[name];
const _createReadStream = /* @__PURE__ */ read$5("createReadStream");

// \0builtin:node:fs/promises?packages/core/dist/execute/image/packed-for-sending.js
const builtin$4 = process.getBuiltinModule("node:fs/promises");
const read$4 = (name) => builtin$4[name];
const _open$1 = /* @__PURE__ */ read$4("open");

// \0builtin:node:perf_hooks?packages/core/dist/execute/image/packed-for-sending.js
const builtin$3 = process.getBuiltinModule("node:perf_hooks");
const read$3 = (name) => builtin$3[name];
const _performance = /* @__PURE__ */ read$3("performance");

// \0builtin:node:zlib?packages/core/dist/execute/image/packed-for-sending.js
const builtin$2 = process.getBuiltinModule("node:zlib");
const read$2 = (name) => builtin$2[name];
const _zstdCompressSync = /* @__PURE__ */ read$2("zstdCompressSync");
const _constants$1 = /* @__PURE__ */ read$2("constants");

// ../core/dist/execute/image/packed-for-sending.js
/** Compression pays if each CPU second saves at least what a 400 Mbit/s line transfers in a second. */
const WORTH_BYTES_PER_SECOND = 5e7;
/** Minimum part of the whole file that must be saved. */
const LEAST_SAVED = .1;
/** Fixed time for finding, reading and writing a compressed image, however small it is. */
const FIXED_SECONDS = .1;
const [SAMPLES, SAMPLE_BYTES] = [64, 32768];
const LEVEL = 3;
const MIB = 1048576;
/**
* Creates a compressed qcow2 to send instead of a raw blob, after `verify` has checked the blob.
* @returns undefined if compression would not save time
*/
async function packedForSending(blob, context, verify) {
	if (!isWorthPacking(await estimatePacking(blob.path))) return void 0;
	try {
		const packed = await pack(blob, context, verify);
		if (packed.bytes >= blob.bytes) return void 0;
		return {
			blob: packed,
			why: `compressed as qcow2, ${mib(packed.bytes)} instead of ${mib(blob.bytes)} of raw`
		};
	} catch (error) {
		if (isMissingProgram(error)) return void 0;
		throw error;
	}
}
/** Returns true if the saved bytes are worth the CPU time. */
function isWorthPacking({ sizeBytes, packedBytes, seconds }) {
	const savedBytes = sizeBytes - packedBytes;
	return savedBytes > sizeBytes * LEAST_SAVED && savedBytes / (seconds + FIXED_SECONDS) > WORTH_BYTES_PER_SECOND;
}
/** Estimates from samples across the whole file, and from the size of its holes. */
async function estimatePacking(path) {
	return onDisk(path, async () => {
		const file = await _open$1(path);
		try {
			const { size, blocks } = await file.stat();
			const dataBytes = Math.min(size, blocks * 512);
			const { ratio, full, bytesPerSecond } = await sample(file, size);
			return {
				sizeBytes: size,
				packedBytes: Math.min(size * ratio, dataBytes),
				seconds: Math.min(size * full, dataBytes) / bytesPerSecond
			};
		} finally {
			await file.close();
		}
	});
}
/** `ratio` is compressed bytes to all bytes, `full` the part that is not zero. */
async function sample(file, size) {
	const buffer = Buffer.alloc(SAMPLE_BYTES);
	let [all, full, packed] = [
		0,
		0,
		0
	];
	const rates = [];
	for (let index = 0; index < SAMPLES; index += 1) {
		const { bytesRead } = await file.read(buffer, 0, SAMPLE_BYTES, Math.floor(size / SAMPLES * index));
		const bytes = buffer.subarray(0, bytesRead);
		all += bytesRead;
		if (bytes.every((byte) => byte === 0)) continue;
		const startedMs = _performance.now();
		packed += _zstdCompressSync(bytes, { params: { [_constants$1.ZSTD_c_compressionLevel]: LEVEL } }).length;
		rates.push(bytesRead / (_performance.now() - startedMs) * 1e3);
		full += bytesRead;
	}
	const bytesPerSecond = median(rates) ?? Number.POSITIVE_INFINITY;
	return {
		ratio: all === 0 ? 0 : packed / all,
		full: all === 0 ? 0 : full / all,
		bytesPerSecond
	};
}
/** Not the mean: a sample takes a fraction of a millisecond, and one interruption takes longer than all of them. */
function median(numbers) {
	return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)];
}
/** The result stays in the store, because another node or storage may need it. */
function pack(blob, { world, signal, progress }, verify) {
	const key = blob.key.includes("+") ? `${blob.key}.zst` : `${blob.key}+zst`;
	const onPercent = (done) => progress({
		done,
		total: 100,
		unit: "percent",
		what: "compressing"
	});
	return world.store.ensure(key, async (to) => {
		await verify();
		await world.qemuImg.convert({
			from: blob.path,
			to,
			fromFormat: "raw",
			toFormat: "qcow2",
			isPacked: true,
			signal,
			onPercent
		});
	}, signal);
}
function mib(bytes) {
	return `${Math.max(1, Math.round(bytes / MIB))} MiB`;
}

// \0builtin:node:fs/promises?packages/core/dist/execute/image/write-into-storage.js
const builtin$1 = process.getBuiltinModule("node:fs/promises");
const read$1 = (name) => builtin$1[name];
const _access = /* @__PURE__ */ read$1("access");
const _open = /* @__PURE__ */ read$1("open");
const _rename = /* @__PURE__ */ read$1("rename");
const _rm = /* @__PURE__ */ read$1("rm");
const _link = /* @__PURE__ */ read$1("link");
const _constants = /* @__PURE__ */ read$1("constants");

// \0builtin:node:path?packages/core/dist/execute/image/write-into-storage.js
const builtin = process.getBuiltinModule("node:path");
const read = (name) => builtin[name];
const _isAbsolute = /* @__PURE__ */ read("isAbsolute");
const _join = /* @__PURE__ */ read("join");

// ../core/dist/execute/image/write-into-storage.js
/**
* Writes the image.
* @throws ProvisionError `DISK` if the storage's folder is not on this computer, or for disk errors; `CHECKSUM` if the
* blob is damaged
*/
async function writeIntoStorage(write, context) {
	const folder = await importFolder(write.at, context);
	const aside = _join(folder, `.${write.fileName}.pve-provision`);
	const path = _join(folder, write.fileName);
	try {
		await _rm(aside, { force: true });
		if (!await linkVerified(write, aside, context)) {
			const { bytes: total, path: from } = write.blob;
			const onBytes = (done) => context.progress({
				done,
				total,
				unit: "bytes",
				what: "copying"
			});
			await copyVerified({
				from,
				to: aside,
				digest: write.digest,
				signal: context.signal,
				onBytes
			});
			await syncFile(aside);
		}
		await onDisk(folder, () => _rename(aside, path));
	} finally {
		await _rm(aside, { force: true });
	}
	if (await isListed(write, context)) return;
	await _rm(path, { force: true });
	throw elsewhere(write.at.storage, `${write.at.node} does not see the file written to ${folder}`);
}
async function isListed({ at, fileName }, { world }) {
	return (await listStorage(at, world.pve)).some(({ name }) => name === fileName);
}
async function importFolder({ storage }, { world }) {
	const { path } = await api(world.pve).storage.$(storage).$get();
	if (typeof path !== "string" || !_isAbsolute(path)) throw elsewhere(storage, "it is not a file storage");
	const folder = _join(path, "import");
	await _access(folder, _constants.W_OK).catch((cause) => {
		throw elsewhere(storage, `${folder} cannot be written from here`, cause);
	});
	return folder;
}
function elsewhere(storage, how, cause) {
	return new ProvisionError("DISK", `The folder of storage ${storage} is not on this computer: ${how}.`, {
		cause,
		hint: "The route `local` works only on the node itself. Elsewhere, remove `route`."
	});
}
/**
* Creates a hard link if store and storage are on the same file system, so that nothing is copied or stored twice.
* Neither Proxmox nor this program ever writes into the file.
* @returns false if a copy is needed: another file system, or one without links
*/
async function linkVerified({ blob, digest }, aside, { signal }) {
	const isLinked = await _link(blob.path, aside).then(() => true, () => false);
	if (!isLinked || digest === void 0) return isLinked;
	const algorithm = algorithmOf(digest);
	expectDigest(blob, digest, `${algorithm}:${await hashFile(aside, algorithm, signal)}`);
	return true;
}
function algorithmOf(digest) {
	return digest?.startsWith("sha512:") ? "sha512" : "sha256";
}
function expectDigest({ path }, wanted, found) {
	if (found !== wanted) throw new ProvisionError("CHECKSUM", `Checksum mismatch: ${path} is not ${wanted}.`);
}
function syncFile(path) {
	return onDisk(path, async () => {
		const file = await _open(path, "r+");
		try {
			await file.sync();
		} finally {
			await file.close();
		}
	});
}

// ../core/dist/execute/steps/upload.js
const READ_BYTES = 1048576;
const upload = async (step, context) => {
	const there = await wholeVolume(step, context);
	if (there !== void 0) return {
		volid: there.volid,
		kept: true
	};
	const sending = await sendingOf(step, await blobOf(step, context), context);
	try {
		const volid = await (step.route === "local" ? writeLocally(sending, context) : send(sending, context));
		await expectWhole({
			volid,
			bytes: sending.blob.bytes,
			step
		}, context);
		return { volid };
	} catch (error) {
		throw await explained(error, sending.blob, context);
	}
};
async function sendingOf(step, blob, context) {
	if (step.content === "iso") return {
		step,
		blob,
		fileName: pushedName(step.stem, blob.bytes, "iso")
	};
	const { format, doubt } = await context.world.qemuImg.inspect(blob.path, { signal: context.signal });
	if (doubt !== void 0) context.warn(`${step.image}: ${doubt}.`);
	return smallest({
		step,
		blob,
		fileName: pushedName(step.stem, blob.bytes, format)
	}, format, context);
}
/**
* Compresses what goes over the network if that is worth it. A file that is written into a local folder is unchanged.
*/
async function smallest(sending, format, context) {
	const { step, blob } = sending;
	if (step.route === "local" || step.asIs || format !== "raw") return sending;
	const packed = await packedForSending(blob, context, () => verifyOnce(step, blob, context));
	if (packed === void 0) return sending;
	context.note("info", `${step.image}: ${packed.why}.`);
	return {
		step,
		blob: packed.blob,
		fileName: packedName(step.stem, packed.blob.bytes)
	};
}
/** Proxmox gets the digest of the compressed file, so it cannot notice that the source was damaged. */
async function verifyOnce(step, blob, context) {
	const digest = isFresh(step, blob.key, context) ? void 0 : await knownDigest(blob, context);
	if (digest === void 0 || await context.world.store.verify(blob.key, {
		digest,
		signal: context.signal
	})) return;
	throw damaged();
}
async function send({ step, blob, fileName }, context) {
	const { world, signal, progress, onRetry } = context;
	try {
		return await world.pve.upload({
			at: step.at,
			content: step.content ?? "import",
			fileName,
			sizeBytes: blob.bytes,
			checksum: splitDigest(await digestOf(blob, context)),
			open: () => _createReadStream(blob.path, { highWaterMark: READ_BYTES })
		}, {
			signal,
			onRetry,
			onBytes: (done) => progress({
				done,
				total: blob.bytes,
				unit: "bytes",
				what: "uploading"
			})
		});
	} catch (error) {
		if (!isLostReply(error) && !isProblem(error, "file-exists")) throw error;
		await waitForStorageTasks(step.at, { type: "imgcopy" }, context);
		const there = await wholeVolume(step, context);
		if (there === void 0) throw error;
		return there.volid;
	}
}
/** Bytes that this run downloaded or made are not verified again. */
async function writeLocally({ step, blob, fileName }, context) {
	const digest = isFresh(step, blob.key, context) ? void 0 : await knownDigest(blob, context);
	await writeIntoStorage({
		at: step.at,
		blob,
		fileName,
		...digest && { digest }
	}, context);
	return `${step.at.storage}:import/${fileName}`;
}
async function wholeVolume({ at, stem, content }, { world }) {
	return (await listStorage(at, world.pve, content)).find((volume) => isWholeVolume(stem, volume));
}
/**
* Proxmox copies directly to the final name, and an aborted copy leaves an incomplete file. Only the size shows that.
*/
async function expectWhole({ volid, bytes, step }, { world }) {
	const listed = (await listStorage(step.at, world.pve, step.content)).find((volume) => volume.volid === volid);
	if (listed?.sizeBytes === bytes) return;
	const found = listed === void 0 ? "is not listed" : `has ${listed.sizeBytes} bytes`;
	throw new ProvisionError("TASK", `${volid} should have ${bytes} bytes and ${found} after it was written.`, { hint: "Something else may have written or removed it, or the storage is full: run again." });
}
/** Returns the blob of the needed step, which is the vendor's own if no conversion was needed; else the planned one. */
async function blobOf(step, { world, result }) {
	const left = step.needs.map((need) => result(need).blob).find((blob) => blob !== void 0);
	const blob = await world.store.find(left?.key ?? step.blob);
	if (blob !== void 0) return blob;
	throw new ProvisionError("DISK", `${step.image} is no longer in the store.`, { hint: "Run again to download it again." });
}
/** The vendor's bytes have their digest in the key. A blob that a recipe made is hashed once and then recorded. */
async function digestOf(blob, context) {
	const known = await knownDigest(blob, context);
	if (known !== void 0) return known;
	const { world, signal } = context;
	const { key, path } = blob;
	const digest = `sha256:${await hashFile(path, "sha256", signal)}`;
	await recordMade(key, {
		digest,
		...await toolOf(world)
	}, world);
	return digest;
}
/** Returns the tool that made it, or nothing if qemu-img is not installed, because then it was not used. */
async function toolOf({ qemuImg }) {
	try {
		return { tool: `qemu-img ${await qemuImg.version()}` };
	} catch (error) {
		if (isMissingProgram(error)) return {};
		throw error;
	}
}
async function knownDigest({ key }, { world }) {
	return key.includes("+") ? (await recallMade(key, world))?.digest : key;
}
/** The receiver's check may reveal a damaged blob. It is removed from the store, and the error says so. */
async function explained(error, { key }, { world, signal }) {
	if (!(isProblem(error, "checksum-mismatch") || error instanceof ProvisionError && error.code === "CHECKSUM") || !key.includes("+") && await world.store.verify(key, { signal })) return error;
	await world.store.remove(key);
	return damaged(error);
}
function damaged(cause) {
	return new ProvisionError("CHECKSUM", "The copy in the store has changed since it was created and was removed.", {
		cause,
		hint: "Run again to download or create it again."
	});
}

// ../core/dist/execute/run-step.js
const RUNNERS = {
	resolve: async ({ image }) => {
		throw new ProvisionError("UNEXPECTED", `The digest of ${image} needs no step.`);
	},
	download,
	convert,
	pull,
	upload,
	stream,
	template,
	build,
	seed,
	create,
	update,
	start,
	wait,
	destroy,
	adopt,
	rename,
	replace,
	restart,
	move,
	"move-disks": moveDisks,
	"remove-disks": removeDisks,
	"remove-volume": removeVolume
};

export { RUNNERS };