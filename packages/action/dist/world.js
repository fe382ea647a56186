import { i as __toESM } from "./rolldown-runtime.js";
import { c as setSecret, i as info, l as startGroup, n as endGroup, r as error, s as setOutput, t as debug$1, u as warning$1 } from "./core.js";
import { $ as seedVolume, $n as documentKind, A as compareMachine, An as staticAddresses, At as imageOfDrive, B as placeOfDrive, Bn as fileStem, C as diskFormat, D as recipeHash, Dn as pMap, Dt as sizeOfDisk, E as isThin, En as askByNode, Et as isDriveKey, F as moveObstacle, Fn as sourcesOf, Ft as parseProperties, G as protectedError, Gn as storagesFor, Gt as hash16, H as specHash, Hn as imageCds, Ht as recallMade, I as movedConfig, In as withBases, It as parseTags, Jn as isBrokenHash, Jt as candidateVmids, K as firstBootChange, Kn as storedDisks, Kt as madeKey, L as movesLive, Ln as withBuilds, Lt as splitTags, M as awaitsOf, Mn as storageLane, Nn as storageOf, O as nameList, On as api, Ot as isCd, P as diskMoves, Pn as isSource, Pt as parseNetworkCard, Q as seedReasons, Qn as withoutTemplate, Qt as listOwnRunningTasks, R as readsTemplate, Rn as CD_DRIVES, Rt as storageOfVolume, S as canLinkClones, Sn as retiredName, St as volumeOfDrive, T as isFileBased, Tn as reachableAddresses, U as isProtected, Un as imageDisks, V as UNFINISHED, Vn as holdsIso, W as mayUnprotect, Wn as lackingImages, Wt as baseOf, X as sizeText, Xn as strangeHash, Xt as bytesToHex, Yn as isPasswordHash, Yt as sha256, Zn as contradictions, Zt as utf8ToBytes, _ as buildConfig, _t as keepsRunning, a as machinesByName$1, an as listStorage, at as firstBootOf, b as cloneConfig, bn as isProblem, bt as removedDisks, c as buildCdOf, cn as readConfig, ct as pulledName, d as replacementLosses, dn as isTemplate, en as observeHa, er as require_dist, f as adoptable, ft as templateName, g as buildMachine, gt as valueText, h as takenOver, ht as effectText, i as templatesThere, in as listIfThere, it as isOnLink, j as awaitedKeys, jn as placeOf$1, kt as mappingOf$1, l as dataDisksOf, ln as withFreshStatus, m as isAdopted, mt as changeText, n as builtBase, nn as withHa, nt as macsOf, o as seedOf, ot as isWholeVolume, p as adoptedMarker, pn as OWNER_TAG, pt as volumeStem, q as isExpired, qn as volumeStorage, r as planBuild, rn as canConnect, rt as reasonsForCd, sn as observeGuests, tn as observeHaGroups, tr as require_ipaddr, u as reasonToName, ut as shorten, vt as needsStart, w as holdsDisks, x as templatePool, xn as nameBeforeRetired, xt as unusedDisks, yt as shownPower, z as driveText, zn as diskKeys, zt as textOf$3 } from "./plan-build.js";
import { t as VERSION$1 } from "./version.js";
import { n as toProvisionError, r as cleanText, t as ProvisionError } from "./errors.js";
import { t as createExec } from "./exec.js";
import { c as bareHost, l as makeFolder, n as openTunnel, o as proxyFor, s as proxySettingsOf, t as ProxyRefusal } from "./tunnel.js";
import { n as onDisk, r as systemCode, t as diskError } from "./disk-error.js";
import { a as problemOf$3, f as taskPath, l as describeTask, p as createMasker, s as checkPath, u as parseUpid } from "./answer-texts.js";
import { a as unanswered, c as encodeParameters, l as redactUrls, o as dataIn, r as exchange, s as refusalOf, t as retryCall, u as secretValues } from "./retry-call.js";
import { t as traceRequest } from "./trace.js";
import { n as pLimit, t as hashFile } from "./hash-file.js";
import { t as ownSignal } from "./own-signal.js";
import { i as shownUrl } from "./failure.js";
import { t as addressesOf$1 } from "./image-addresses.js";

// ../core/dist/manifest/file-sets.js
/** Returns the folder of a file, as `Desired.origins` names it. */
function folderOf(file) {
	const at = file.lastIndexOf("/");
	return at < 0 ? "./" : file.slice(0, at + 1);
}
/**
* Returns true if a file does not belong to this manifest. A file that was deleted from one of its folders still
* belongs to it.
*/
function isOther(file, { origins }) {
	return file !== void 0 && !origins.includes(file) && !origins.includes(folderOf(file));
}

// ../core/dist/manifest/expand/check-duplicates.js
var import_ipaddr = /* @__PURE__ */ __toESM(require_ipaddr(), 1);
/** Reports one problem for each value that two machines share. */
function reportDuplicates(machines, addProblem) {
	const owners = /* @__PURE__ */ new Map();
	for (const machine of machines) for (const { key, path, message } of claimsOf(machine)) {
		const owner = owners.get(key);
		if (owner === void 0) owners.set(key, machine);
		else if (owner === machine || owner.entry !== machine.entry) addProblem([
			"vms",
			machine.entry,
			...path
		], message(owner));
	}
}
function claimsOf(machine) {
	const { name, entry, vmid, networks } = machine;
	return [
		{
			key: `name ${name.toLowerCase()}`,
			path: [],
			message: (other) => `Two machines are called \`${name}\`: one from \`vms.${other.entry}\`, one from \`vms.${entry}\`.`
		},
		...vmid === void 0 ? [] : [{
			key: `vmid ${vmid}`,
			path: ["vmid"],
			message: (other) => `\`vms.${entry}\` and \`vms.${other.entry}\` both have vmid ${vmid}.`
		}],
		...networks.flatMap(({ mac }) => mac === void 0 ? [] : [{
			key: `mac ${mac}`,
			path: ["network"],
			message: (other) => shared(machine, other, `the MAC address ${mac}`)
		}]),
		...addressClaims(machine)
	];
}
function shared({ name }, other, what) {
	return name === other.name ? `${name} would have ${what} twice.` : `${name} and ${other.name} would both have ${what}.`;
}
/** The same address behind another bridge or VLAN is not a duplicate. */
function addressClaims(machine) {
	const { networks, cloudInit } = machine;
	return (cloudInit?.addresses ?? []).flatMap(({ ip, ip6 }, index) => {
		const { bridge = "", vlan = "" } = networks[index] ?? {};
		return Object.entries({
			ip,
			ip6
		}).flatMap(([key, address]) => {
			if (!address?.includes("/")) return [];
			const plain = import_ipaddr.default.parseCIDR(address)[0].toString();
			return [{
				key: `address ${bridge}/${vlan} ${plain}`,
				path: ["cloudInit", key],
				message: (other) => shared(machine, other, `the address ${plain}`)
			}];
		});
	});
}

// ../core/dist/manifest/open-http.js
/** Returns true for plain http to another host. */
function isOpenHttp({ protocol, hostname }) {
	return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

// ../../node_modules/leven/index.js
const array$1 = [];
const characterCodeCache = [];
function leven(first, second, options) {
	if (first === second) return 0;
	const maxDistance = options?.maxDistance;
	const swap = first;
	if (first.length > second.length) {
		first = second;
		second = swap;
	}
	let firstLength = first.length;
	let secondLength = second.length;
	while (firstLength > 0 && first.charCodeAt(~-firstLength) === second.charCodeAt(~-secondLength)) {
		firstLength--;
		secondLength--;
	}
	let start = 0;
	while (start < firstLength && first.charCodeAt(start) === second.charCodeAt(start)) start++;
	firstLength -= start;
	secondLength -= start;
	if (maxDistance !== void 0 && secondLength - firstLength > maxDistance) return maxDistance;
	if (firstLength === 0) return maxDistance !== void 0 && secondLength > maxDistance ? maxDistance : secondLength;
	let bCharacterCode;
	let result;
	let temporary;
	let temporary2;
	let index = 0;
	let index2 = 0;
	while (index < firstLength) {
		characterCodeCache[index] = first.charCodeAt(start + index);
		array$1[index] = ++index;
	}
	while (index2 < secondLength) {
		bCharacterCode = second.charCodeAt(start + index2);
		temporary = index2++;
		result = index2;
		for (index = 0; index < firstLength; index++) {
			temporary2 = bCharacterCode === characterCodeCache[index] ? temporary : temporary + 1;
			temporary = array$1[index];
			result = array$1[index] = temporary > result ? temporary2 > result ? result + 1 : temporary2 : temporary2 > temporary ? temporary + 1 : temporary2;
		}
		if (maxDistance !== void 0) {
			let rowMinimum = result;
			for (index = 0; index < firstLength; index++) if (array$1[index] < rowMinimum) rowMinimum = array$1[index];
			if (rowMinimum > maxDistance) return maxDistance;
		}
	}
	array$1.length = firstLength;
	characterCodeCache.length = firstLength;
	return maxDistance !== void 0 && result > maxDistance ? maxDistance : result;
}
function closestMatch(target, candidates, options) {
	if (!Array.isArray(candidates) || candidates.length === 0) return;
	const userMax = options?.maxDistance;
	const targetLength = target.length;
	for (const candidate of candidates) if (candidate === target) return candidate;
	if (userMax === 0) return;
	let best;
	let bestDist = Number.POSITIVE_INFINITY;
	const seen = /* @__PURE__ */ new Set();
	for (const candidate of candidates) {
		if (seen.has(candidate)) continue;
		seen.add(candidate);
		const lengthDiff = Math.abs(candidate.length - targetLength);
		if (lengthDiff >= bestDist) continue;
		if (userMax !== void 0 && lengthDiff > userMax) continue;
		const cap = Number.isFinite(bestDist) ? userMax === void 0 ? bestDist : Math.min(bestDist, userMax) : userMax;
		const distance = cap === void 0 ? leven(target, candidate) : leven(target, candidate, { maxDistance: cap });
		if (userMax !== void 0 && distance > userMax) continue;
		let actualD = distance;
		if (cap !== void 0 && distance === cap && cap === userMax) actualD = leven(target, candidate);
		if (actualD < bestDist) {
			bestDist = actualD;
			best = candidate;
			if (bestDist === 0) break;
		}
	}
	if (userMax !== void 0 && bestDist > userMax) return;
	return best;
}

// ../../node_modules/zod/v4/core/util.js
function getEnumValues(entries) {
	const numericValues = Object.values(entries).filter((v) => typeof v === "number");
	return Object.entries(entries).filter(([k, _]) => numericValues.indexOf(+k) === -1).map(([_, v]) => v);
}
function jsonStringifyReplacer(_, value) {
	if (typeof value === "bigint") return value.toString();
	return value;
}
var Cached = class {
	constructor(getter) {
		this._getter = getter;
		this._value = void 0;
	}
	get value() {
		const getter = this._getter;
		if (getter !== void 0) {
			this._value = getter();
			this._getter = void 0;
		}
		return this._value;
	}
};
function cached(getter) {
	return new Cached(getter);
}
function nullish(input) {
	return input === null || input === void 0;
}
function cleanRegex(source) {
	const start = source.startsWith("^") ? 1 : 0;
	const end = source.endsWith("$") ? source.length - 1 : source.length;
	return source.slice(start, end);
}
function assignProp(target, prop, value) {
	Object.defineProperty(target, prop, {
		value,
		writable: true,
		enumerable: true,
		configurable: true
	});
}
const captureStackTrace = "captureStackTrace" in Error ? Error.captureStackTrace : (..._args) => {};
function isObject(data) {
	return typeof data === "object" && data !== null && !Array.isArray(data);
}
function isPlainObject(o) {
	if (isObject(o) === false) return false;
	const ctor = o.constructor;
	if (ctor === void 0) return true;
	if (typeof ctor !== "function") return true;
	const prot = ctor.prototype;
	if (isObject(prot) === false) return false;
	if (Object.prototype.hasOwnProperty.call(prot, "isPrototypeOf") === false) return false;
	return true;
}
function shallowClone(o) {
	if (isPlainObject(o)) return { ...o };
	if (Array.isArray(o)) return [...o];
	if (o instanceof Map) return new Map(o);
	if (o instanceof Set) return new Set(o);
	return o;
}
const propertyKeyTypes = /* @__PURE__*/ new Set([
	"string",
	"number",
	"symbol"
]);
function escapeRegex(str) {
	return str.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
function clone(inst, def, params) {
	const cl = new inst._zod.constr(def ?? inst._zod.def);
	if (!def || params?.parent) cl._zod.parent = inst;
	return cl;
}
function normalizeParams(_params) {
	const params = _params;
	if (!params) return {};
	if (typeof params === "string") return { error: () => params };
	if (params?.message !== void 0) {
		if (params?.error !== void 0) throw new Error("Cannot specify both `message` and `error` params");
		params.error = params.message;
	}
	delete params.message;
	if (typeof params.error === "string") return {
		...params,
		error: () => params.error
	};
	return params;
}
function optionalKeys(shape) {
	return Object.keys(shape).filter((k) => {
		return shape[k]._zod.optin !== void 0 && shape[k]._zod.optout === "optional";
	});
}
const NUMBER_FORMAT_RANGES = /*@__PURE__*/ (() => ({
	safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
	int32: [-2147483648, 2147483647],
	uint32: [0, 4294967295],
	float32: [-34028234663852886e22, 34028234663852886e22],
	float64: [-Number.MAX_VALUE, Number.MAX_VALUE]
}))();
const BIGINT_FORMAT_RANGES = {
	int64: [/* @__PURE__*/ BigInt("-9223372036854775808"), /* @__PURE__*/ BigInt("9223372036854775807")],
	uint64: [/* @__PURE__*/ BigInt(0), /* @__PURE__*/ BigInt("18446744073709551615")]
};
function aborted(x, startIndex = 0) {
	if (x.aborted === true) return true;
	for (let i = startIndex; i < x.issues.length; i++) if (x.issues[i]?.continue !== true) return true;
	return false;
}
function explicitlyAborted(x, startIndex = 0) {
	if (x.aborted === true) return true;
	for (let i = startIndex; i < x.issues.length; i++) if (x.issues[i]?.continue === false) return true;
	return false;
}
function prefixIssues(path, issues) {
	return issues.map((iss) => {
		var _a;
		(_a = iss).path ?? (_a.path = []);
		iss.path.unshift(path);
		return iss;
	});
}
function unwrapMessage(message) {
	return typeof message === "string" ? message : message?.message;
}
/** The leading size checks of `defChecks` that set an upper bound, each paired with it. */
function sizeCaps(defChecks) {
	const caps = [];
	for (const ch of defChecks ?? []) {
		const d = ch._zod.def;
		if (!/_(length|size)$|_equals$/.test(d.check)) break;
		const max = d.maximum ?? d.length ?? d.size;
		if (max >= 0) caps.push([max, ch]);
	}
	return caps;
}
function attachSchema(issues, start, inst) {
	var _a;
	for (let i = start; i < issues.length; i++) (_a = issues[i]).schema ?? (_a.schema = inst);
}
function finalizeIssue(iss, ctx, config) {
	var _a;
	const traits = iss.inst?._zod?.traits;
	if (traits?.has("$ZodType")) {
		if (traits.has("$ZodCheck")) (_a = iss).schema ?? (_a.schema = iss.inst);
		else iss.schema = iss.inst;
	}
	const schemaError = iss.schema !== iss.inst ? iss.schema?._zod.def?.error : void 0;
	const message = iss.message ? iss.message : unwrapMessage(iss.inst?._zod.def?.error?.(iss)) ?? unwrapMessage(schemaError?.(iss)) ?? unwrapMessage(ctx?.error?.(iss)) ?? unwrapMessage(config.customError?.(iss)) ?? unwrapMessage(config.localeError?.(iss)) ?? "Invalid input";
	const full = {};
	for (const k of Object.keys(iss)) {
		if (k === "inst" || k === "schema" || k === "continue" || k === "input" || k === "__proto__") continue;
		full[k] = iss[k];
	}
	full.path ?? (full.path = []);
	full.message = message;
	if (ctx?.reportInput) full.input = iss.input;
	return full;
}
const highSurrogate = /[\uD800-\uDBFF]/;
function codePointLength(str) {
	const units = str.length;
	if (!highSurrogate.test(str)) return units;
	let count = units;
	for (let i = 0; i < units - 1; i++) if ((str.charCodeAt(i) & 64512) === 55296 && (str.charCodeAt(i + 1) & 64512) === 56320) {
		count--;
		i++;
	}
	return count;
}
function getLengthableOrigin(input) {
	if (Array.isArray(input)) return "array";
	if (typeof input === "string") return "string";
	return "unknown";
}
function issue(...args) {
	const [iss, input, inst] = args;
	if (typeof iss === "string") return {
		message: iss,
		code: "custom",
		input,
		inst
	};
	return { ...iss };
}
/**
* Installs a trait's members on its prototype. Each value builds that member for the instance on first read; the built value shadows the accessor as an own property, so a detached `const { parse } = schema` keeps working.
*
* Call this from a `proto` initializer, which runs once per prototype — never per instance.
*/
function members(proto, table) {
	for (const key in table) {
		const desc = Object.getOwnPropertyDescriptor(table, key);
		if (desc.get) Object.defineProperty(proto, key, {
			...desc,
			enumerable: false
		});
		else defineBound(proto, key, desc.value);
	}
}
/** Shadows a prototype member with an own value, so a getter that builds from the instance runs once. */
function own$1(inst, key, value, enumerable = true) {
	Object.defineProperty(inst, key, {
		configurable: true,
		writable: true,
		enumerable,
		value
	});
	return value;
}
/** Like {@link own}, for a member that was never an own data property and has to stay out of `Object.keys`. */
function hide$1(inst, key, value) {
	return own$1(inst, key, value, false);
}
function defineBound(proto, key, fn) {
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			return this == null ? fn : own$1(this, key, fn.bind(this));
		},
		set(value) {
			own$1(this, key, value);
		}
	});
}
/** Returns the prototype to install on, or `undefined` if this group is already installed on it. */
function claim(inst, sentinel) {
	const proto = Object.getPrototypeOf(inst);
	return sentinel in proto ? void 0 : proto;
}
let installing;
let broke = false;
const breaker = {
	configurable: true,
	get() {
		broke = true;
	}
};
/**
* Installs a lazily-derived internal on the `_zod` prototype of `inst`'s
* constructor, computed from the internals object itself and cached there on
* first read. One accessor per constructor rather than one per instance.
*/
function defineLazyInternal(inst, key, compute) {
	const proto = Object.getPrototypeOf(inst._zod);
	if (key in proto && installing !== inst._zod) {
		installing = void 0;
		return;
	}
	installing = inst._zod;
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			Object.defineProperty(this, key, breaker);
			const outer = broke;
			broke = false;
			try {
				const value = compute(this);
				if (broke) delete this[key];
				else Object.defineProperty(this, key, {
					configurable: true,
					writable: true,
					value
				});
				broke = broke || outer;
				return value;
			} catch (err) {
				delete this[key];
				broke = broke || outer;
				throw err;
			}
		},
		set(value) {
			Object.defineProperty(this, key, {
				configurable: true,
				writable: true,
				value
			});
		}
	});
}
/**
* Installs `key` on `inst`'s prototype, computed by `make` on first read and cached there as an own
* data property. One accessor per constructor rather than one per instance, because an own accessor
* puts every instance after the first into v8 dictionary mode. The key doubles as the sentinel.
*/
function installLazyProp(inst, key, make, enumerable) {
	const proto = claim(inst, key);
	if (!proto) return;
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			const desc = {
				configurable: true,
				writable: true,
				enumerable,
				value: void 0
			};
			Object.defineProperty(this, key, desc);
			desc.value = make(this);
			Object.defineProperty(this, key, desc);
			return desc.value;
		},
		set(value) {
			Object.defineProperty(this, key, {
				configurable: true,
				writable: true,
				enumerable,
				value
			});
		}
	});
}

// ../../node_modules/zod/v4/core/core.js
var _a$1;
const _zodDesc = {
	value: void 0,
	enumerable: false
};
let _E = "captureStackTrace" in Error ? Error : null;
function newError(Definition) {
	const E = _E;
	if (E) {
		const saved = E.stackTraceLimit;
		if (typeof saved === "number") {
			try {
				E.stackTraceLimit = 0;
			} catch {
				_E = null;
				return new Definition();
			}
			try {
				return new Definition();
			} finally {
				E.stackTraceLimit = saved;
			}
		}
	}
	return new Definition();
}
/* @__NO_SIDE_EFFECTS__ */
function $constructor(name, initializer, proto, params) {
	const zodProto = {};
	function Internals(def) {
		this.def = def;
		this.constr = _;
		this.traits = /* @__PURE__ */ new Set();
	}
	Internals.prototype = zodProto;
	const protoMembers = proto;
	const initialized = protoMembers && /* @__PURE__ */ new WeakSet();
	function init(inst, def) {
		if (!inst._zod) {
			_zodDesc.value = new Internals(def);
			try {
				Object.defineProperty(inst, "_zod", _zodDesc);
			} finally {
				_zodDesc.value = void 0;
			}
		} else if (inst._zod.traits.has(name)) return;
		inst._zod.traits.add(name);
		initializer(inst, def);
		if (initialized) {
			const own = Object.getPrototypeOf(inst);
			const ctorProto = inst._zod.constr.prototype;
			let up = own;
			while (up && up !== ctorProto) up = Object.getPrototypeOf(up);
			const target = up ?? own;
			if (!initialized.has(target)) {
				initialized.add(target);
				members(target, protoMembers);
			}
		}
		const proto = _.prototype;
		for (const k in proto) {
			if (!Object.prototype.hasOwnProperty.call(proto, k)) continue;
			if (!(k in inst)) inst[k] = proto[k].bind(inst);
		}
	}
	const Parent = params?.Parent ?? Object;
	class Definition extends Parent {}
	Object.defineProperty(Definition, "name", { value: name });
	function _(def) {
		const inst = params?.Parent ? newError(Definition) : this;
		init(inst, def);
		const deferred = inst._zod.deferred;
		if (deferred) {
			for (const fn of deferred) fn();
			inst._zod.deferred = void 0;
		}
		const pp = globalThis.__zod_globalConfig?.postProcessor;
		if (pp) pp(inst);
		return inst;
	}
	Object.defineProperty(_, "init", { value: init });
	Object.defineProperty(_, Symbol.hasInstance, { value: (inst) => {
		if (params?.Parent && inst instanceof params.Parent) return true;
		return inst?._zod?.traits?.has(name);
	} });
	Object.defineProperty(_, "name", { value: name });
	return _;
}
var $ZodAsyncError = class extends Error {
	constructor() {
		super(`Encountered Promise during synchronous parse. Use .parseAsync() instead.`);
	}
};
var $ZodEncodeError = class extends Error {
	constructor(name) {
		super(`Encountered unidirectional transform during encode: ${name}`);
		this.name = "ZodEncodeError";
	}
};
(_a$1 = globalThis).__zod_globalConfig ?? (_a$1.__zod_globalConfig = {});
const globalConfig = globalThis.__zod_globalConfig;
function config(newConfig) {
	if (newConfig) Object.assign(globalConfig, newConfig);
	return globalConfig;
}

// ../../node_modules/zod/v4/core/errors.js
function _getMessage() {
	const internals = this._zod;
	internals.message ?? (internals.message = JSON.stringify(internals.def, jsonStringifyReplacer, 2));
	return internals.message;
}
function _setMessage(value) {
	this._zod.message = value;
}
const _messageDesc = {
	get: _getMessage,
	set: _setMessage,
	enumerable: true,
	configurable: true
};
const _issuesDesc = {
	value: void 0,
	enumerable: false
};
const _installedToString = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
const initializer = (inst, def) => {
	inst.name = "$ZodError";
	_issuesDesc.value = def;
	Object.defineProperty(inst, "issues", _issuesDesc);
	_issuesDesc.value = void 0;
	Object.defineProperty(inst, "message", _messageDesc);
	const proto = Object.getPrototypeOf(inst);
	if (!_installedToString.has(proto)) {
		_installedToString.add(proto);
		Object.defineProperty(proto, "toString", {
			configurable: true,
			enumerable: false,
			get() {
				const value = () => this.message;
				Object.defineProperty(this, "toString", {
					value,
					configurable: true,
					writable: true
				});
				return value;
			},
			set(value) {
				Object.defineProperty(this, "toString", {
					value,
					configurable: true,
					writable: true
				});
			}
		});
	}
};
const $ZodRealError = /* @__PURE__ */ $constructor("$ZodError", initializer, void 0, { Parent: Error });

// ../../node_modules/zod/v4/core/parse.js
const _parse = (_Err) => {
	const fn = (schema, value, _ctx, _params) => {
		const ctx = _ctx ? {
			..._ctx,
			async: false
		} : { async: false };
		const result = schema._zod.run({
			value,
			issues: []
		}, ctx);
		if (result instanceof Promise) throw new $ZodAsyncError();
		if (result.issues.length) {
			const e = new ((_params?.Err) ?? _Err)(result.issues.map((iss) => finalizeIssue(iss, ctx, config())));
			captureStackTrace(e, _params?.callee ?? fn);
			throw e;
		}
		return result.value;
	};
	return fn;
};
const parse$4 = /* @__PURE__*/ _parse($ZodRealError);
const _parseAsync = (_Err) => {
	const fn = async (schema, value, _ctx, params) => {
		const ctx = _ctx ? {
			..._ctx,
			async: true
		} : { async: true };
		let result = schema._zod.run({
			value,
			issues: []
		}, ctx);
		if (result instanceof Promise) result = await result;
		if (result.issues.length) {
			const e = new ((params?.Err) ?? _Err)(result.issues.map((iss) => finalizeIssue(iss, ctx, config())));
			captureStackTrace(e, params?.callee ?? fn);
			throw e;
		}
		return result.value;
	};
	return fn;
};
const parseAsync = /* @__PURE__*/ _parseAsync($ZodRealError);
const _safeParse = (_Err) => (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: false
	} : { async: false };
	const result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) throw new $ZodAsyncError();
	return result.issues.length ? failure(_Err, result.issues, ctx) : {
		success: true,
		data: result.value
	};
};
const safeParse = /* @__PURE__*/ _safeParse($ZodRealError);
function failure(Err, issues, ctx) {
	let error;
	return {
		success: false,
		get error() {
			if (!error) {
				error = new Err(issues.map((iss) => finalizeIssue(iss, ctx, config())));
				issues = void 0;
				ctx = void 0;
			}
			return error;
		},
		set error(e) {
			error = e;
			issues = void 0;
			ctx = void 0;
		}
	};
}
const _safeParseAsync = (_Err) => async (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: true
	} : { async: true };
	let result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) result = await result;
	return result.issues.length ? failure(_Err, result.issues, ctx) : {
		success: true,
		data: result.value
	};
};
const safeParseAsync = /* @__PURE__*/ _safeParseAsync($ZodRealError);

// ../../node_modules/zod/v4/core/regexes.js
const ipv4$1 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])$/;
const ipv6$1 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))$/;
const cidrv4$1 = /^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\/([0-9]|[1-2][0-9]|3[0-2])$/;
const cidrv6$1 = /^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))\/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$/;
const base64 = /^$|^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$/;
const base64url = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$/;
const httpProtocol = /^https?$/;
const dateSource = `(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))`;
function timeSource(args) {
	const hhmm = `(?:[01]\\d|2[0-3]):[0-5]\\d`;
	return typeof args.precision === "number" ? args.precision === -1 ? `${hhmm}` : args.precision === 0 ? `${hhmm}:[0-5]\\d` : `${hhmm}:[0-5]\\d\\.\\d{${args.precision}}` : args.seconds ? `${hhmm}:[0-5]\\d(?:\\.\\d+)?` : `${hhmm}(?::[0-5]\\d(?:\\.\\d+)?)?`;
}
function datetime$1(args) {
	const opts = ["Z"];
	if (args.offset) opts.push(`([+-](?:[01]\\d|2[0-3]):[0-5]\\d)`);
	const qualified = `${timeSource({
		precision: args.precision,
		seconds: true
	})}(?:${opts.join("|")})`;
	const timeRegex = args.local ? `${qualified}|${timeSource({ precision: args.precision })}` : qualified;
	return new RegExp(`^${dateSource}T(?:${timeRegex})$`);
}
const anyString = /^[\s\S]{0,}$/;
const integer = /^-?\d+$/;
const number$1 = /^-?\d+(?:\.\d+)?$/;
const boolean$1 = /^(?:true|false)$/i;
const _null$2 = /^null$/i;

// ../../node_modules/zod/v4/core/checks.js
const $ZodCheck = /*@__PURE__*/ $constructor("$ZodCheck", (inst, def) => {
	var _a;
	inst._zod ?? (inst._zod = {});
	inst._zod.def = def;
	(_a = inst._zod).onattach ?? (_a.onattach = []);
});
/** Default `when` for length-based checks: run only on non-nullish values with a `length`. */
const _whenHasLength = (payload) => {
	const val = payload.value;
	return !nullish(val) && val.length !== void 0;
};
const numericOriginMap = {
	number: "number",
	bigint: "bigint",
	object: "date"
};
const $ZodCheckLessThan = /*@__PURE__*/ $constructor("$ZodCheckLessThan", (inst, def) => {
	$ZodCheck.init(inst, def);
	const origin = numericOriginMap[typeof def.value];
	inst._zod.check = (payload) => {
		if (def.inclusive ? payload.value <= def.value : payload.value < def.value) return;
		payload.issues.push({
			origin: numericOriginMap[typeof payload.value] ?? origin,
			code: "too_big",
			maximum: typeof def.value === "object" ? def.value.getTime() : def.value,
			input: payload.value,
			inclusive: def.inclusive,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckGreaterThan = /*@__PURE__*/ $constructor("$ZodCheckGreaterThan", (inst, def) => {
	$ZodCheck.init(inst, def);
	const origin = numericOriginMap[typeof def.value];
	inst._zod.check = (payload) => {
		if (def.inclusive ? payload.value >= def.value : payload.value > def.value) return;
		payload.issues.push({
			origin: numericOriginMap[typeof payload.value] ?? origin,
			code: "too_small",
			minimum: typeof def.value === "object" ? def.value.getTime() : def.value,
			input: payload.value,
			inclusive: def.inclusive,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckNumberFormat = /*@__PURE__*/ $constructor("$ZodCheckNumberFormat", (inst, def) => {
	$ZodCheck.init(inst, def);
	def.format = def.format || "float64";
	const isInt = def.format?.includes("int");
	const origin = isInt ? "int" : "number";
	const [minimum, maximum] = NUMBER_FORMAT_RANGES[def.format];
	inst._zod.check = (payload) => {
		const input = payload.value;
		if (isInt) {
			if (!Number.isInteger(input)) {
				payload.issues.push({
					expected: origin,
					format: def.format,
					code: "invalid_type",
					continue: false,
					input,
					inst
				});
				return;
			}
			if (!Number.isSafeInteger(input)) {
				if (input > 0) payload.issues.push({
					input,
					code: "too_big",
					maximum: Number.MAX_SAFE_INTEGER,
					note: "Integers must be within the safe integer range.",
					inst,
					origin,
					inclusive: true,
					continue: !def.abort
				});
				else payload.issues.push({
					input,
					code: "too_small",
					minimum: Number.MIN_SAFE_INTEGER,
					note: "Integers must be within the safe integer range.",
					inst,
					origin,
					inclusive: true,
					continue: !def.abort
				});
				return;
			}
		}
		if (input < minimum) payload.issues.push({
			origin: "number",
			input,
			code: "too_small",
			minimum,
			inclusive: true,
			inst,
			continue: !def.abort
		});
		if (input > maximum) payload.issues.push({
			origin: "number",
			input,
			code: "too_big",
			maximum,
			inclusive: true,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMaxLength = /*@__PURE__*/ $constructor("$ZodCheckMaxLength", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		if ((typeof input === "string" && units > def.maximum ? codePointLength(input) : units) <= def.maximum) return;
		const origin = getLengthableOrigin(input);
		payload.issues.push({
			origin,
			code: "too_big",
			maximum: def.maximum,
			inclusive: true,
			input,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMinLength = /*@__PURE__*/ $constructor("$ZodCheckMinLength", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		if ((typeof input === "string" && units >= def.minimum && units < def.minimum * 2 ? codePointLength(input) : units) >= def.minimum) return;
		const origin = getLengthableOrigin(input);
		payload.issues.push({
			origin,
			code: "too_small",
			minimum: def.minimum,
			inclusive: true,
			input,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckStringFormat = /*@__PURE__*/ $constructor("$ZodCheckStringFormat", (inst, def) => {
	var _a, _b;
	$ZodCheck.init(inst, def);
	if (def.pattern) (_a = inst._zod).check ?? (_a.check = (payload) => {
		def.pattern.lastIndex = 0;
		if (def.pattern.test(payload.value)) return;
		payload.issues.push({
			origin: "string",
			code: "invalid_format",
			format: def.format,
			input: payload.value,
			...def.pattern ? { pattern: def.pattern.toString() } : {},
			inst,
			continue: !def.abort
		});
	});
	else (_b = inst._zod).check ?? (_b.check = () => {});
});
const $ZodCheckRegex = /*@__PURE__*/ $constructor("$ZodCheckRegex", (inst, def) => {
	$ZodCheckStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		def.pattern.lastIndex = 0;
		if (def.pattern.test(payload.value)) return;
		payload.issues.push({
			origin: "string",
			code: "invalid_format",
			format: "regex",
			input: payload.value,
			pattern: def.pattern.toString(),
			inst,
			continue: !def.abort
		});
	};
});

// ../../node_modules/zod/v4/core/versions.js
const version = {
	major: 4,
	minor: 6,
	patch: 7
};

// ../../node_modules/zod/v4/core/schemas.js
const $ZodType = /*@__PURE__*/ $constructor("$ZodType", (inst, def) => {
	var _a;
	inst ?? (inst = {});
	inst._zod.def = def;
	inst._zod.bag = inst._zod.bag || {};
	inst._zod.version = version;
	const defChecks = inst._zod.def.checks;
	const checks = inst._zod.traits.has("$ZodCheck") ? [inst, ...defChecks ?? []] : defChecks?.length ? [...defChecks] : [];
	for (const ch of checks) for (const fn of ch._zod.onattach) fn(inst);
	if (checks.length === 0) {
		(_a = inst._zod).deferred ?? (_a.deferred = []);
		inst._zod.deferred?.push(() => {
			inst._zod.run = inst._zod.parse;
		});
	} else {
		const runChecks = (payload, checks, ctx) => {
			if (payload.memo) return payload;
			let isAborted = aborted(payload);
			let asyncResult;
			for (const ch of checks) {
				if (ch._zod.def.when) {
					if (explicitlyAborted(payload)) continue;
					if (!ch._zod.def.when(payload)) continue;
				} else if (isAborted) continue;
				const currLen = payload.issues.length;
				const _ = ch._zod.check(payload);
				if (_ instanceof Promise && ctx?.async === false) throw new $ZodAsyncError();
				if (asyncResult || _ instanceof Promise) asyncResult = (asyncResult ?? Promise.resolve()).then(async () => {
					await _;
					if (payload.issues.length === currLen) return;
					attachSchema(payload.issues, currLen, inst);
					if (!isAborted) isAborted = aborted(payload, currLen);
				});
				else {
					if (payload.issues.length === currLen) continue;
					attachSchema(payload.issues, currLen, inst);
					if (!isAborted) isAborted = aborted(payload, currLen);
				}
			}
			if (asyncResult) return asyncResult.then(() => {
				return payload;
			});
			return payload;
		};
		const handleCanaryResult = (canary, payload, ctx) => {
			if (aborted(canary)) {
				canary.aborted = true;
				return canary;
			}
			const checkResult = runChecks(payload, checks, ctx);
			if (checkResult instanceof Promise) {
				if (ctx.async === false) throw new $ZodAsyncError();
				return checkResult.then((checkResult) => inst._zod.parse(checkResult, ctx));
			}
			return inst._zod.parse(checkResult, ctx);
		};
		inst._zod.run = (payload, ctx) => {
			if (ctx.skipChecks) return inst._zod.parse(payload, ctx);
			if (ctx.direction === "backward") {
				const canary = inst._zod.parse({
					value: payload.value,
					issues: []
				}, {
					...ctx,
					skipChecks: true
				});
				if (canary instanceof Promise) return canary.then((canary) => {
					return handleCanaryResult(canary, payload, ctx);
				});
				return handleCanaryResult(canary, payload, ctx);
			}
			const result = inst._zod.parse(payload, ctx);
			if (result instanceof Promise) {
				if (ctx.async === false) throw new $ZodAsyncError();
				return result.then((result) => runChecks(result, checks, ctx));
			}
			return runChecks(result, checks, ctx);
		};
	}
}, {
	get "~standard"() {
		return hide$1(this, "~standard", standardProps(this));
	},
	set "~standard"(value) {
		own$1(this, "~standard", value);
	}
});
/** The Standard Schema surface for `inst`. Shared so wrappers can extend it without forcing it. */
const toStandardResult = (r, ctx) => r.issues.length ? { issues: r.issues.map((iss) => finalizeIssue(iss, ctx, config())) } : { value: r.value };
async function validateAsync(inst, value) {
	const ctx = { async: true };
	return toStandardResult(await inst._zod.run({
		value,
		issues: []
	}, ctx), ctx);
}
function standardProps(inst) {
	return {
		validate: (value) => {
			const ctx = { async: false };
			try {
				const r = inst._zod.run({
					value,
					issues: []
				}, ctx);
				if (!(r instanceof Promise)) return toStandardResult(r, ctx);
			} catch (_) {}
			return validateAsync(inst, value);
		},
		vendor: "zod",
		version: 1
	};
}
const $ZodString = /*@__PURE__*/ $constructor("$ZodString", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = def.pattern ?? anyString;
	inst._zod.parse = (payload, _) => {
		if (def.coerce) try {
			payload.value = String(payload.value);
		} catch (_) {}
		if (typeof payload.value === "string") return payload;
		payload.issues.push({
			expected: "string",
			code: "invalid_type",
			input: payload.value,
			inst
		});
		return payload;
	};
});
const $ZodStringFormat = /*@__PURE__*/ $constructor("$ZodStringFormat", (inst, def) => {
	$ZodCheckStringFormat.init(inst, def);
	$ZodString.init(inst, def);
});
/** The `://` guard rejected the input before the URL constructor saw it. */
const URL_BAD_FORMAT = 1;
/** The URL parser rejected the input. */
const URL_UNPARSEABLE = 2;
function canParseURL(input) {
	try {
		if (typeof URL !== "undefined" && typeof URL.canParse === "function") return URL.canParse(input);
		new URL(input);
		return true;
	} catch {
		return false;
	}
}
function validateURL(trimmed, def) {
	if (!("normalize" in def) && !("hostname" in def) && !("protocol" in def)) return canParseURL(trimmed) || 2;
	return parseURLObject(trimmed, def);
}
/** Parses a URL while preserving the non-normalizing HTTP guard. */
function parseURLObject(trimmed, def) {
	if (!def.normalize && def.protocol?.source === httpProtocol.source && !/^https?:\/\//i.test(trimmed)) return 1;
	try {
		if (typeof URL !== "undefined") {
			const URLStatic = URL;
			if (typeof URLStatic.parse === "function") return URLStatic.parse(trimmed) ?? 2;
		}
		return new URL(trimmed);
	} catch {
		return 2;
	}
}
const asciiTabOrNewline = /[\t\n\r]/g;
/** The URL parser deletes every ASCII tab, LF and CR from its input before it parses, so `new URL("https://exa\nmple.com")` reports on `example.com`. Applying the same deletion to the returned value closes the half of that divergence which can move the host; the parser's other rewrite, stripping C0 controls at the edges, cannot. */
function stripTabAndNewline(value) {
	return value.replace(asciiTabOrNewline, "");
}
function urlHostnameOk(url, hostname) {
	hostname.lastIndex = 0;
	return hostname.test(url.hostname);
}
function urlProtocolOk(url, protocol) {
	protocol.lastIndex = 0;
	return protocol.test(url.protocol.endsWith(":") ? url.protocol.slice(0, -1) : url.protocol);
}
const $ZodURL = /*@__PURE__*/ $constructor("$ZodURL", (inst, def) => {
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		try {
			const trimmed = payload.value.trim();
			const url = validateURL(trimmed, def);
			if (url === 1) {
				payload.issues.push({
					code: "invalid_format",
					format: "url",
					note: "Invalid URL format",
					input: payload.value,
					inst,
					continue: !def.abort
				});
				return;
			}
			if (url === 2) {
				payload.issues.push({
					code: "invalid_format",
					format: "url",
					input: payload.value,
					inst,
					continue: !def.abort
				});
				return;
			}
			if (url === true) {
				payload.value = stripTabAndNewline(trimmed);
				return;
			}
			if (def.hostname && !urlHostnameOk(url, def.hostname)) payload.issues.push({
				code: "invalid_format",
				format: "url",
				note: "Invalid hostname",
				pattern: def.hostname.source,
				input: payload.value,
				inst,
				continue: !def.abort
			});
			if (def.protocol && !urlProtocolOk(url, def.protocol)) payload.issues.push({
				code: "invalid_format",
				format: "url",
				note: "Invalid protocol",
				pattern: def.protocol.source,
				input: payload.value,
				inst,
				continue: !def.abort
			});
			payload.value = def.normalize ? url.href : stripTabAndNewline(trimmed);
			return;
		} catch (_) {
			payload.issues.push({
				code: "invalid_format",
				format: "url",
				input: payload.value,
				inst,
				continue: !def.abort
			});
		}
	};
});
const $ZodISODateTime = /*@__PURE__*/ $constructor("$ZodISODateTime", (inst, def) => {
	def.pattern ?? (def.pattern = datetime$1(def));
	$ZodStringFormat.init(inst, def);
});
const $ZodIPv4 = /*@__PURE__*/ $constructor("$ZodIPv4", (inst, def) => {
	def.pattern ?? (def.pattern = ipv4$1);
	$ZodStringFormat.init(inst, def);
});
/** An IPv6 address is written with hex digits, colons and dots, and nothing else. The guard is what makes the check below an IPv6 check: `new URL("http://[...]")` parses an authority, not an address, so `@` and `\` re-delimit it and `"::@1\\"` validates against the host `0.0.0.1`. The URL parser also deletes ASCII tab, LF and CR rather than failing, which is how `"::1\n"` validated as `::1`. */
const ipv6Alphabet = /^[0-9a-fA-F:.]+$/;
function isValidIPv6(value) {
	if (!ipv6Alphabet.test(value)) return false;
	return canParseURL(`http://[${value}]`);
}
const $ZodIPv6 = /*@__PURE__*/ $constructor("$ZodIPv6", (inst, def) => {
	def.pattern ?? (def.pattern = ipv6$1);
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		if (!isValidIPv6(payload.value)) payload.issues.push({
			code: "invalid_format",
			format: "ipv6",
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCIDRv4 = /*@__PURE__*/ $constructor("$ZodCIDRv4", (inst, def) => {
	def.pattern ?? (def.pattern = cidrv4$1);
	$ZodStringFormat.init(inst, def);
});
function isValidCIDRv6(value) {
	const parts = value.split("/");
	if (parts.length !== 2) return false;
	const [address, prefix] = parts;
	if (!prefix) return false;
	const prefixNum = Number(prefix);
	if (`${prefixNum}` !== prefix) return false;
	if (prefixNum < 0 || prefixNum > 128) return false;
	return isValidIPv6(address);
}
const $ZodCIDRv6 = /*@__PURE__*/ $constructor("$ZodCIDRv6", (inst, def) => {
	def.pattern ?? (def.pattern = cidrv6$1);
	$ZodStringFormat.init(inst, def);
	inst._zod.check = (payload) => {
		if (!isValidCIDRv6(payload.value)) payload.issues.push({
			code: "invalid_format",
			format: "cidrv6",
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const base64Charset = /^[0-9a-zA-Z+/]*={0,2}$/;
const base64urlCharset = /^[A-Za-z0-9_-]*$/;
const $ZodNumber = /*@__PURE__*/ $constructor("$ZodNumber", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = number$1;
	inst._zod.parse = (payload, _ctx) => {
		if (def.coerce) try {
			payload.value = Number(payload.value);
		} catch (_) {}
		const input = payload.value;
		if (typeof input === "number" && !Number.isNaN(input) && Number.isFinite(input)) return payload;
		const received = typeof input === "number" ? Number.isNaN(input) ? "NaN" : !Number.isFinite(input) ? String(input) : void 0 : void 0;
		payload.issues.push({
			expected: "number",
			code: "invalid_type",
			input,
			inst,
			...received ? { received } : {}
		});
		return payload;
	};
});
const $ZodNumberFormat = /*@__PURE__*/ $constructor("$ZodNumberFormat", (inst, def) => {
	$ZodCheckNumberFormat.init(inst, def);
	$ZodNumber.init(inst, def);
});
const $ZodBoolean = /*@__PURE__*/ $constructor("$ZodBoolean", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = boolean$1;
	inst._zod.parse = (payload, _ctx) => {
		if (def.coerce) try {
			payload.value = Boolean(payload.value);
		} catch (_) {}
		const input = payload.value;
		if (typeof input === "boolean") return payload;
		payload.issues.push({
			expected: "boolean",
			code: "invalid_type",
			input,
			inst
		});
		return payload;
	};
});
const $ZodNull = /*@__PURE__*/ $constructor("$ZodNull", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = _null$2;
	inst._zod.values = /* @__PURE__ */ new Set([null]);
	inst._zod.parse = (payload, _ctx) => {
		const input = payload.value;
		if (input === null) return payload;
		payload.issues.push({
			expected: "null",
			code: "invalid_type",
			input,
			inst
		});
		return payload;
	};
});
const $ZodNever = /*@__PURE__*/ $constructor("$ZodNever", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, _ctx) => {
		payload.issues.push({
			expected: "never",
			code: "invalid_type",
			input: payload.value,
			inst
		});
		return payload;
	};
});
function capSize(inst, size) {
	const caps = sizeCaps(inst._zod.def.checks);
	if (!caps.length) return;
	const cap = Math.min(...caps.map((c) => c[0]));
	const parse = inst._zod.parse;
	inst._zod.parse = (payload, ctx) => {
		const n = size(payload.value);
		if (n > cap && !ctx?.skipChecks && ctx?.direction !== "backward") {
			for (const [max, ch] of sizeCaps(inst._zod.def.checks)) if (n > max && ch._zod.def.when(payload)) {
				const start = payload.issues.length;
				ch._zod.check(payload);
				payload.issues[start].continue = false;
				attachSchema(payload.issues, start, inst);
				return payload;
			}
		}
		return parse(payload, ctx);
	};
}
const arraySize = (input) => Array.isArray(input) ? input.length : -1;
function handleArrayResult(result, final, index) {
	if (result.issues.length) final.issues.push(...prefixIssues(index, result.issues));
	final.value[index] = result.value;
}
const $ZodArray = /*@__PURE__*/ $constructor("$ZodArray", (inst, def) => {
	$ZodType.init(inst, def);
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		const input = payload.value;
		if (!Array.isArray(input)) {
			payload.issues.push({
				expected: "array",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		payload.value = memo ? memo.alloc(inst, payload, Array(input.length), ctx) : Array(input.length);
		const proms = [];
		const abortEarly = ctx?.abortEarly;
		for (let i = 0; i < input.length; i++) {
			const item = input[i];
			const result = def.element._zod.run({
				value: item,
				issues: []
			}, ctx);
			if (result instanceof Promise) proms.push(result.then((result) => handleArrayResult(result, payload, i)));
			else {
				handleArrayResult(result, payload, i);
				if (abortEarly && result.issues.length !== 0 && aborted(result)) break;
			}
		}
		if (proms.length) return Promise.all(proms).then(() => payload);
		return payload;
	};
	capSize(inst, arraySize);
});
function handlePropertyResult(result, final, key, input, optin, optout) {
	const isPresent = key in input;
	const isOptionalOut = optout === "optional";
	if (!isPresent && isOptionalOut && optin === "optional") return;
	if (result.issues.length) {
		if (optin !== void 0 && isOptionalOut && !isPresent) return;
		final.issues.push(...prefixIssues(key, result.issues));
	}
	if (!isPresent && optin === void 0) {
		if (!result.issues.length) final.issues.push({
			code: "invalid_type",
			expected: "nonoptional",
			input: void 0,
			path: [key]
		});
		return;
	}
	if (result.value === void 0) {
		if (isPresent || optin === "defaulted" && !isOptionalOut) final.value[key] = void 0;
	} else final.value[key] = result.value;
}
const NO_SYMBOL_KEYS = [];
function normalizeDef(def) {
	const keys = Object.keys(def.shape);
	const ownSymbols = Object.getOwnPropertySymbols(def.shape);
	const symbolKeys = ownSymbols.length ? ownSymbols : NO_SYMBOL_KEYS;
	const allKeys = symbolKeys.length ? [...keys, ...symbolKeys] : keys;
	for (const k of allKeys) if (!def.shape?.[k]?._zod?.traits?.has("$ZodType")) throw new Error(`Invalid element at key "${String(k)}": expected a Zod schema`);
	const okeys = optionalKeys(def.shape);
	return {
		...def,
		allKeys,
		symbolKeys,
		keySet: new Set(keys),
		numKeys: keys.length,
		optionalKeys: new Set(okeys)
	};
}
function handleCatchall(proms, input, payload, ctx, def, inst, abortEarly) {
	const unrecognized = [];
	const keySet = def.keySet;
	const _catchall = def.catchall._zod;
	const t = _catchall.def.type;
	const optin = _catchall.optin;
	const optout = _catchall.optout;
	let seen = 0;
	for (const key in input) {
		if (abortEarly && payload.issues.length !== seen) {
			if (aborted(payload, seen)) break;
			seen = payload.issues.length;
		}
		if (keySet.has(key)) continue;
		if (key === "__proto__") {
			if (t === "never") unrecognized.push(key);
			continue;
		}
		if (t === "never") {
			unrecognized.push(key);
			continue;
		}
		const r = _catchall.run({
			value: input[key],
			issues: []
		}, ctx);
		if (r instanceof Promise) proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
		else handlePropertyResult(r, payload, key, input, optin, optout);
	}
	if (unrecognized.length) payload.issues.push({
		code: "unrecognized_keys",
		keys: unrecognized,
		input,
		inst,
		continue: true
	});
	if (!proms.length) return payload;
	return Promise.all(proms).then(() => {
		return payload;
	});
}
const $ZodObject = /*@__PURE__*/ $constructor("$ZodObject", (inst, def) => {
	$ZodType.init(inst, def);
	const desc = Object.getOwnPropertyDescriptor(def, "shape");
	const sh = desc?.get ? desc.get.raw : def.shape ?? {};
	if (sh) {
		const get = () => {
			const newSh = { ...sh };
			Object.defineProperty(def, "shape", { value: newSh });
			get.raw = newSh;
			return newSh;
		};
		get.raw = sh;
		Object.defineProperty(def, "shape", { get });
	}
	const _normalized = cached(() => normalizeDef(def));
	defineLazyInternal(inst, "propValues", (zod) => {
		const shape = zod.def.shape;
		const propValues = {};
		for (const key in shape) {
			const field = shape[key]._zod;
			if (field.values) {
				if (!Object.prototype.hasOwnProperty.call(propValues, key)) assignProp(propValues, key, /* @__PURE__ */ new Set());
				for (const v of field.values) propValues[key].add(v);
				if (field.optin !== void 0) propValues[key].add(void 0);
			}
		}
		return propValues;
	});
	const isObject$1 = isObject;
	const catchall = def.catchall;
	let value;
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		value ?? (value = _normalized.value);
		const input = payload.value;
		if (!isObject$1(input)) {
			payload.issues.push({
				expected: "object",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
		const proms = [];
		const shape = value.shape;
		const abortEarly = ctx?.abortEarly;
		let seen = payload.issues.length;
		for (const key of value.allKeys) {
			if (abortEarly && payload.issues.length !== seen) {
				if (aborted(payload, seen)) break;
				seen = payload.issues.length;
			}
			if (key === "__proto__") continue;
			const el = shape[key];
			const optin = el._zod.optin;
			const optout = el._zod.optout;
			const r = el._zod.run({
				value: input[key],
				issues: []
			}, ctx);
			if (r instanceof Promise) proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
			else handlePropertyResult(r, payload, key, input, optin, optout);
		}
		if (!catchall) return proms.length ? Promise.all(proms).then(() => payload) : payload;
		return handleCatchall(proms, input, payload, ctx, _normalized.value, inst, abortEarly === true);
	};
});
function handleUnionResults(results, final, inst, ctx) {
	for (const result of results) if (result.issues.length === 0) {
		final.value = result.value;
		return final;
	}
	const nonaborted = results.filter((r) => !aborted(r));
	if (nonaborted.length === 1) {
		final.value = nonaborted[0].value;
		return nonaborted[0];
	}
	final.issues.push({
		code: "invalid_union",
		input: final.value,
		inst,
		errors: results.map((result) => result.issues.map((iss) => finalizeIssue(iss, ctx, config())))
	});
	return final;
}
const $ZodUnion = /*@__PURE__*/ $constructor("$ZodUnion", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.options.some((o) => o._zod.optin === "defaulted") ? "defaulted" : zod.def.options.some((o) => o._zod.optin !== void 0) ? "optional" : void 0);
	defineLazyInternal(inst, "optout", (zod) => zod.def.options.some((o) => o._zod.optout === "optional") ? "optional" : void 0);
	defineLazyInternal(inst, "values", (zod) => {
		if (zod.def.options.every((o) => o._zod.values)) return new Set(zod.def.options.flatMap((option) => Array.from(option._zod.values)));
	});
	defineLazyInternal(inst, "pattern", (zod) => {
		if (zod.def.options.every((o) => o._zod.pattern)) {
			const patterns = zod.def.options.map((o) => o._zod.pattern);
			return new RegExp(`^(${patterns.map((p) => cleanRegex(p.source)).join("|")})$`);
		}
	});
	const first = def.options.length === 1 ? def.options[0]._zod.run : null;
	inst._zod.parse = (payload, ctx) => {
		if (first) return first(payload, ctx);
		let async = false;
		const results = [];
		for (const option of def.options) {
			const result = option._zod.run({
				value: payload.value,
				issues: []
			}, ctx);
			if (result instanceof Promise) {
				results.push(result);
				async = true;
			} else {
				if (result.issues.length === 0) return result;
				results.push(result);
			}
		}
		if (!async) return handleUnionResults(results, payload, inst, ctx);
		return Promise.all(results).then((results) => {
			return handleUnionResults(results, payload, inst, ctx);
		});
	};
});
const $ZodRecord = /*@__PURE__*/ $constructor("$ZodRecord", (inst, def) => {
	$ZodType.init(inst, def);
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		const input = payload.value;
		if (!isPlainObject(input)) {
			payload.issues.push({
				expected: "record",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		const proms = [];
		const values = def.keyType._zod.values;
		if (values && !def.partial) {
			payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
			const recordKeys = /* @__PURE__ */ new Set();
			for (const key of values) if (typeof key === "string" || typeof key === "number" || typeof key === "symbol") {
				recordKeys.add(typeof key === "number" ? key.toString() : key);
				if (key === "__proto__") continue;
				const keyResult = def.keyType._zod.run({
					value: key,
					issues: []
				}, ctx);
				if (keyResult instanceof Promise) throw new Error("Async schemas not supported in object keys currently");
				if (keyResult.issues.length) {
					payload.issues.push({
						code: "invalid_key",
						origin: "record",
						issues: keyResult.issues.map((iss) => finalizeIssue(iss, ctx, config())),
						input: key,
						path: [key],
						inst
					});
					continue;
				}
				const outKey = keyResult.value;
				if (outKey === "__proto__") continue;
				const result = def.valueType._zod.run({
					value: input[key],
					issues: []
				}, ctx);
				if (result instanceof Promise) proms.push(result.then((result) => {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}));
				else {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}
			}
			let unrecognized;
			for (const key in input) if (!recordKeys.has(key)) {
				if (def.mode === "loose") {
					if (key === "__proto__") continue;
					payload.value[key] = input[key];
				} else {
					unrecognized = unrecognized ?? [];
					unrecognized.push(key);
				}
			}
			if (unrecognized && unrecognized.length > 0) payload.issues.push({
				code: "unrecognized_keys",
				input,
				inst,
				keys: unrecognized,
				continue: true
			});
		} else {
			payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
			let unrecognized;
			for (const key of Reflect.ownKeys(input)) {
				if (key === "__proto__") continue;
				if (!Object.prototype.propertyIsEnumerable.call(input, key)) continue;
				let keyResult = def.keyType._zod.run({
					value: key,
					issues: []
				}, ctx);
				if (keyResult instanceof Promise) throw new Error("Async schemas not supported in object keys currently");
				if (typeof key === "string" && number$1.test(key) && keyResult.issues.length) {
					const retryResult = def.keyType._zod.run({
						value: Number(key),
						issues: []
					}, ctx);
					if (retryResult instanceof Promise) throw new Error("Async schemas not supported in object keys currently");
					if (retryResult.issues.length === 0) keyResult = retryResult;
				}
				if (keyResult.issues.length) {
					if (def.mode === "loose") payload.value[key] = input[key];
					else if (values) {
						unrecognized = unrecognized ?? [];
						unrecognized.push(key);
					} else payload.issues.push({
						code: "invalid_key",
						origin: "record",
						issues: keyResult.issues.map((iss) => finalizeIssue(iss, ctx, config())),
						input: key,
						path: [key],
						inst
					});
					continue;
				}
				const outKey = keyResult.value;
				if (outKey === "__proto__") continue;
				const result = def.valueType._zod.run({
					value: input[key],
					issues: []
				}, ctx);
				if (result instanceof Promise) proms.push(result.then((result) => {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}));
				else {
					if (result.issues.length) payload.issues.push(...prefixIssues(key, result.issues));
					payload.value[outKey] = result.value;
				}
			}
			if (unrecognized && unrecognized.length > 0) payload.issues.push({
				code: "unrecognized_keys",
				input,
				inst,
				keys: unrecognized,
				continue: true
			});
		}
		if (proms.length) return Promise.all(proms).then(() => payload);
		return payload;
	};
});
const $ZodEnum = /*@__PURE__*/ $constructor("$ZodEnum", (inst, def) => {
	$ZodType.init(inst, def);
	const values = getEnumValues(def.entries);
	const valuesSet = new Set(values);
	inst._zod.values = valuesSet;
	defineLazyInternal(inst, "pattern", (zod) => {
		const patternValues = getEnumValues(zod.def.entries).filter((k) => propertyKeyTypes.has(typeof k));
		return new RegExp(patternValues.length ? `^(${patternValues.map((o) => escapeRegex(o.toString())).join("|")})$` : "^[^\\s\\S]$");
	});
	inst._zod.parse = (payload, _ctx) => {
		const input = payload.value;
		if (valuesSet.has(input)) return payload;
		payload.issues.push({
			code: "invalid_value",
			values,
			input,
			inst
		});
		return payload;
	};
});
const $ZodLiteral = /*@__PURE__*/ $constructor("$ZodLiteral", (inst, def) => {
	$ZodType.init(inst, def);
	const values = new Set(def.values);
	inst._zod.values = values;
	defineLazyInternal(inst, "pattern", (zod) => {
		const vals = zod.def.values;
		return new RegExp(vals.length ? `^(${vals.map((o) => typeof o === "string" ? escapeRegex(o) : o ? escapeRegex(o.toString()) : String(o)).join("|")})$` : "^[^\\s\\S]$");
	});
	inst._zod.parse = (payload, _ctx) => {
		const input = payload.value;
		if (values.has(input)) return payload;
		payload.issues.push({
			code: "invalid_value",
			values: def.values,
			input,
			inst
		});
		return payload;
	};
});
const $ZodTransform = /*@__PURE__*/ $constructor("$ZodTransform", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "optional";
	globalConfig.memoizer?.guard(inst);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") throw new $ZodEncodeError(inst.constructor.name);
		const _out = def.transform(payload.value, payload);
		if (ctx.async) return (_out instanceof Promise ? _out : Promise.resolve(_out)).then((output) => {
			payload.value = output;
			return payload;
		});
		if (_out instanceof Promise) throw new $ZodAsyncError();
		payload.value = _out;
		return payload;
	};
});
function handleOptionalResult(payload, result) {
	payload.value = result.issues.length ? void 0 : result.value;
	return payload;
}
const $ZodOptional = /*@__PURE__*/ $constructor("$ZodOptional", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
	inst._zod.optout = "optional";
	defineLazyInternal(inst, "values", (zod) => {
		const values = zod.def.innerType._zod.values;
		return values ? /* @__PURE__ */ new Set([...values, void 0]) : void 0;
	});
	defineLazyInternal(inst, "pattern", (zod) => {
		const pattern = zod.def.innerType._zod.pattern;
		return pattern ? new RegExp(`^(${cleanRegex(pattern.source)})?$`) : void 0;
	});
	inst._zod.parse = (payload, ctx) => {
		if (payload.value === void 0) {
			if (def.innerType._zod.optin !== "defaulted") return payload;
			const result = def.innerType._zod.run({
				value: payload.value,
				issues: []
			}, ctx);
			if (result instanceof Promise) return result.then((result) => handleOptionalResult(payload, result));
			return handleOptionalResult(payload, result);
		}
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodDefault = /*@__PURE__*/ $constructor("$ZodDefault", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "defaulted";
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		if (payload.value === void 0) {
			payload.value = def.defaultValue;
			/**
			* $ZodDefault returns the default value immediately in forward direction.
			* It doesn't pass the default value into the validator ("prefault"). There's no reason to pass the default value through validation. The validity of the default is enforced by TypeScript statically. Otherwise, it's the responsibility of the user to ensure the default is valid. In the case of pipes with divergent in/out types, you can specify the default on the `in` schema of your ZodPipe to set a "prefault" for the pipe.   */
			return payload;
		}
		const result = def.innerType._zod.run(payload, ctx);
		if (result instanceof Promise) return result.then((result) => handleDefaultResult(result, def));
		return handleDefaultResult(result, def);
	};
});
function handleDefaultResult(payload, def) {
	if (payload.value === void 0) payload.value = def.defaultValue;
	return payload;
}
const $ZodPrefault = /*@__PURE__*/ $constructor("$ZodPrefault", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "defaulted";
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		if (payload.value === void 0) payload.value = def.defaultValue;
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodPipe = /*@__PURE__*/ $constructor("$ZodPipe", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "values", (zod) => zod.def.in._zod.values);
	defineLazyInternal(inst, "optin", (zod) => zod.def.in._zod.optin);
	defineLazyInternal(inst, "optout", (zod) => zod.def.out._zod.optout);
	defineLazyInternal(inst, "propValues", (zod) => zod.def.in._zod.propValues);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") {
			const right = def.out._zod.run(payload, ctx);
			if (right instanceof Promise) return right.then((right) => handlePipeResult(right, def.in, ctx));
			return handlePipeResult(right, def.in, ctx);
		}
		const left = def.in._zod.run(payload, ctx);
		if (left instanceof Promise) return left.then((left) => handlePipeResult(left, def.out, ctx));
		return handlePipeResult(left, def.out, ctx);
	};
});
function handlePipeResult(left, next, ctx) {
	if (left.issues.some((iss) => iss.code !== "unrecognized_keys")) {
		left.aborted = true;
		return left;
	}
	return next._zod.run({
		value: left.value,
		issues: left.issues
	}, ctx);
}
const $ZodCustom = /*@__PURE__*/ $constructor("$ZodCustom", (inst, def) => {
	$ZodCheck.init(inst, def);
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, _) => {
		return payload;
	};
	inst._zod.check = (payload) => {
		const input = payload.value;
		const r = def.fn(input);
		if (r instanceof Promise) return r.then((r) => handleRefineResult(r, payload, input, inst));
		handleRefineResult(r, payload, input, inst);
	};
});
function handleRefineResult(result, payload, input, inst) {
	if (!result) {
		const _iss = {
			code: "custom",
			input,
			inst,
			path: [...inst._zod.def.path ?? []],
			continue: !inst._zod.def.abort
		};
		if (inst._zod.def.params) _iss.params = inst._zod.def.params;
		payload.issues.push(issue(_iss));
	}
}

// ../../node_modules/zod/v4/core/registries.js
var _a;
var $ZodRegistry = class {
	constructor() {
		this._map = /* @__PURE__ */ new WeakMap();
		this._idmap = /* @__PURE__ */ new Map();
	}
	add(schema, ..._meta) {
		const meta = _meta[0];
		this._map.set(schema, meta);
		if (meta && typeof meta === "object" && "id" in meta) this._idmap.set(meta.id, schema);
		return this;
	}
	clear() {
		this._map = /* @__PURE__ */ new WeakMap();
		this._idmap = /* @__PURE__ */ new Map();
		return this;
	}
	remove(schema) {
		const meta = this._map.get(schema);
		if (meta && typeof meta === "object" && "id" in meta) this._idmap.delete(meta.id);
		this._map.delete(schema);
		return this;
	}
	get(schema) {
		const p = schema._zod.parent;
		if (p) {
			const pm = { ...this.get(p) ?? {} };
			delete pm.id;
			const f = {
				...pm,
				...this._map.get(schema)
			};
			return Object.keys(f).length ? f : void 0;
		}
		return this._map.get(schema);
	}
	has(schema) {
		return this._map.has(schema);
	}
};
function registry() {
	return new $ZodRegistry();
}
(_a = globalThis).__zod_globalRegistry ?? (_a.__zod_globalRegistry = registry());
const globalRegistry = globalThis.__zod_globalRegistry;

// ../../node_modules/zod/v4/core/api.js
function snapshotChecks(def) {
	if (def.checks) def.checks = [...def.checks];
	return def;
}
// @__NO_SIDE_EFFECTS__
function _string(Class, params) {
	return new Class(snapshotChecks({
		type: "string",
		...normalizeParams(params)
	}));
}
// @__NO_SIDE_EFFECTS__
function _url(Class, params) {
	return new Class({
		type: "string",
		format: "url",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _ipv4(Class, params) {
	return new Class({
		type: "string",
		format: "ipv4",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _ipv6(Class, params) {
	return new Class({
		type: "string",
		format: "ipv6",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _cidrv4(Class, params) {
	return new Class({
		type: "string",
		format: "cidrv4",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _cidrv6(Class, params) {
	return new Class({
		type: "string",
		format: "cidrv6",
		check: "string_format",
		abort: false,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _isoDateTime(Class, params) {
	return new Class({
		type: "string",
		format: "datetime",
		check: "string_format",
		offset: false,
		local: false,
		precision: null,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _number(Class, params) {
	return new Class(snapshotChecks({
		type: "number",
		checks: [],
		...normalizeParams(params)
	}));
}
// @__NO_SIDE_EFFECTS__
function _int(Class, params) {
	return new Class({
		type: "number",
		check: "number_format",
		abort: false,
		format: "safeint",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _boolean(Class, params) {
	return new Class({
		type: "boolean",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _null$1(Class, params) {
	return new Class({
		type: "null",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _never(Class, params) {
	return new Class({
		type: "never",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _lte(value, params) {
	return new $ZodCheckLessThan({
		check: "less_than",
		...normalizeParams(params),
		value,
		inclusive: true
	});
}
// @__NO_SIDE_EFFECTS__
function _gte(value, params) {
	return new $ZodCheckGreaterThan({
		check: "greater_than",
		...normalizeParams(params),
		value,
		inclusive: true
	});
}
// @__NO_SIDE_EFFECTS__
function _maxLength(maximum, params) {
	return new $ZodCheckMaxLength({
		check: "max_length",
		...normalizeParams(params),
		maximum
	});
}
// @__NO_SIDE_EFFECTS__
function _minLength(minimum, params) {
	return new $ZodCheckMinLength({
		check: "min_length",
		...normalizeParams(params),
		minimum
	});
}
// @__NO_SIDE_EFFECTS__
function _regex(pattern, params) {
	return new $ZodCheckRegex({
		check: "string_format",
		format: "regex",
		...normalizeParams(params),
		pattern
	});
}
// @__NO_SIDE_EFFECTS__
function _refine(Class, fn, _params) {
	return new Class({
		type: "custom",
		check: "custom",
		fn,
		...normalizeParams(_params)
	});
}

// ../../node_modules/zod/v4/core/to-json-schema.js
function assignProps(target, ...sources) {
	for (const source of sources) for (const key of Reflect.ownKeys(source)) if (Object.prototype.propertyIsEnumerable.call(source, key)) assignProp(target, key, source[key]);
	return target;
}
function initializeContext(params) {
	let target = params?.target ?? "draft-2020-12";
	if (target === "draft-4") target = "draft-04";
	if (target === "draft-7") target = "draft-07";
	return {
		processors: params.processors ?? {},
		metadataRegistry: params?.metadata ?? globalRegistry,
		target,
		unrepresentable: params?.unrepresentable ?? "throw",
		override: params?.override ?? (() => {}),
		io: params?.io ?? "output",
		counter: 0,
		seen: /* @__PURE__ */ new Map(),
		sharedDefsExtractedFor: void 0,
		sharedEmitDoneFor: void 0,
		cycles: params?.cycles ?? "ref",
		reused: params?.reused ?? "inline",
		intersections: [],
		deferred: [],
		external: params?.external ?? void 0
	};
}
/**
* Applies the `unrepresentable` setting at a site that has no JSON Schema equivalent. Throws
* `message` unless the setting (or the handler's return value) says otherwise. Returns `true` if a
* custom JSON Schema was written into `json`, in which case the caller must not write its own.
*/
function handleUnrepresentable(schema, ctx, json, params, message) {
	const result = typeof ctx.unrepresentable === "function" ? ctx.unrepresentable({
		zodSchema: schema,
		path: params.path,
		message
	}) : ctx.unrepresentable;
	if (result === "any") return false;
	if (result === void 0 || result === "throw") throw new Error(message);
	Object.assign(json, result);
	return true;
}
function processSchema(schema, ctx, _params = {
	path: [],
	schemaPath: []
}) {
	var _a;
	const def = schema._zod.def;
	const seen = ctx.seen.get(schema);
	if (seen) {
		seen.count++;
		if (_params.schemaPath.includes(schema)) seen.cycle = _params.path;
		return seen.schema;
	}
	const result = {
		schema: {},
		count: 1,
		cycle: void 0,
		path: _params.path
	};
	ctx.seen.set(schema, result);
	ctx.sharedDefsExtractedFor = void 0;
	ctx.sharedEmitDoneFor = void 0;
	const overrideSchema = schema._zod.toJSONSchema?.();
	if (overrideSchema) result.schema = overrideSchema;
	else {
		const params = {
			..._params,
			schemaPath: [..._params.schemaPath, schema],
			path: _params.path
		};
		if (schema._zod.processJSONSchema) schema._zod.processJSONSchema(ctx, result.schema, params);
		else {
			const _json = result.schema;
			const processor = ctx.processors[def.type];
			if (!processor) throw new Error(`[toJSONSchema]: Non-representable type encountered: ${def.type}`);
			processor(schema, ctx, _json, params);
		}
		const parent = schema._zod.parent;
		if (parent) {
			if (!result.ref) result.ref = parent;
			processSchema(parent, ctx, params);
			ctx.seen.get(parent).isParent = true;
		}
	}
	const meta = ctx.metadataRegistry.get(schema);
	if (meta) assignProps(result.schema, meta);
	if (ctx.io === "input" && isTransforming(schema)) {
		delete result.schema.examples;
		delete result.schema.default;
	}
	if (ctx.io === "input" && "_prefault" in result.schema) (_a = result.schema).default ?? (_a.default = result.schema._prefault);
	delete result.schema._prefault;
	return ctx.seen.get(schema).schema;
}
function encodeJSONPointerSegment(segment) {
	return segment.replace(/~/g, "~0").replace(/\//g, "~1");
}
function extractDefs(ctx, schema) {
	const root = ctx.seen.get(schema);
	if (!root) throw new Error("Unprocessed schema. This is a bug in Zod.");
	if (ctx.external && ctx.sharedDefsExtractedFor === ctx.external) return;
	const idToSchema = /* @__PURE__ */ new Map();
	for (const entry of ctx.seen.entries()) {
		const id = ctx.metadataRegistry.get(entry[0])?.id;
		if (id) {
			const existing = idToSchema.get(id);
			if (existing && existing !== entry[0]) throw new Error(`Duplicate schema id "${id}" detected during JSON Schema conversion. Two different schemas cannot share the same id when converted together.`);
			idToSchema.set(id, entry[0]);
		}
	}
	const makeURI = (entry) => {
		const defsSegment = ctx.target === "draft-2020-12" ? "$defs" : "definitions";
		if (ctx.external) {
			const externalId = ctx.external.registry.get(entry[0])?.id;
			const uriGenerator = ctx.external.uri ?? ((id) => id);
			if (externalId) return { ref: uriGenerator(externalId) };
			const id = entry[1].defId ?? entry[1].schema.id ?? `schema${ctx.counter++}`;
			entry[1].defId = id;
			return {
				defId: id,
				ref: `${uriGenerator("__shared")}#/${defsSegment}/${encodeJSONPointerSegment(id)}`
			};
		}
		const uriPrefix = `#`;
		const defUriPrefix = `${uriPrefix}/${defsSegment}/`;
		if (entry[1] === root && !entry[1].schema.id) return { ref: uriPrefix };
		const defId = entry[1].schema.id ?? `__schema${ctx.counter++}`;
		return {
			defId,
			ref: defUriPrefix + encodeJSONPointerSegment(defId)
		};
	};
	const extractToDef = (entry) => {
		if (entry[1].schema.$ref) return;
		const seen = entry[1];
		const { ref, defId } = makeURI(entry);
		seen.def = { ...seen.schema };
		if (defId) seen.defId = defId;
		const schema = seen.schema;
		for (const key in schema) delete schema[key];
		schema.$ref = ref;
	};
	if (ctx.cycles === "throw") for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (seen.cycle) throw new Error(`Cycle detected: #/${seen.cycle?.join("/")}/<root>

Set the \`cycles\` parameter to \`"ref"\` to resolve cyclical schemas with defs.`);
	}
	for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (schema === entry[0]) {
			extractToDef(entry);
			continue;
		}
		if (ctx.external) {
			const ext = ctx.external.registry.get(entry[0])?.id;
			if (schema !== entry[0] && ext) {
				extractToDef(entry);
				continue;
			}
		}
		if (ctx.metadataRegistry.get(entry[0])?.id) {
			extractToDef(entry);
			continue;
		}
		if (seen.cycle) {
			extractToDef(entry);
			continue;
		}
		if (seen.count > 1) {
			if (ctx.reused === "ref") extractToDef(entry);
		}
	}
	if (ctx.external) ctx.sharedDefsExtractedFor = ctx.external;
}
/** Rewrites `anyOf: [{type: "a"}, {type: "b"}]` to `type: ["a", "b"]`, which every JSON Schema draft treats as equivalent and most consumers render far better for the nullable case. Only branches that are a bare type assertion qualify — anything carrying a constraint, `$ref`, `const` or metadata is left alone. Runs after `flattenRef`, so a branch an override decorated or `$defs` extraction turned into a `$ref` is no longer bare and correctly stays in `anyOf`. `oneOf` is excluded: `integer` and `number` overlap, so "exactly one" and "at least one" are not the same there. OpenAPI 3.0 is excluded: its `type` must be a single string. */
function compactTypeUnion(schema) {
	const options = schema.anyOf;
	if (!Array.isArray(options) || options.length === 0 || schema.type !== void 0) return;
	const types = [];
	for (const option of options) {
		if (!option || typeof option !== "object") return;
		compactTypeUnion(option);
		const keys = Object.keys(option);
		if (keys.length !== 1 || keys[0] !== "type") return;
		const type = option.type;
		for (const member of Array.isArray(type) ? type : [type]) {
			if (typeof member !== "string") return;
			if (!types.includes(member)) types.push(member);
		}
	}
	delete schema.anyOf;
	schema.type = types.length === 1 ? types[0] : types;
}
/** Keywords `foldIntersection` knows how to combine. Anything else — `$ref`, `patternProperties`,
* an annotation like `description` — makes a member unfoldable, so a constraint this does not
* understand leaves the `allOf` alone instead of being silently dropped or misattributed. */
const FOLDABLE_KEYS = /* @__PURE__ */ new Set([
	"type",
	"properties",
	"required",
	"additionalProperties"
]);
const UNION_KEYS = ["oneOf", "anyOf"];
/** A member's constraint on a key it does not declare itself. A `catchall` states one; `false`, an absent `additionalProperties`, and the empty schema a loose object emits state nothing. */
function undeclaredConstraint(member) {
	const extra = member.additionalProperties;
	if (extra === void 0 || extra === false || typeof extra !== "object" || extra === null) return null;
	return Object.keys(extra).length ? extra : null;
}
/** Combines object members into the single object they describe together, or returns `null` if any of them carries a keyword outside {@link FOLDABLE_KEYS}. */
function foldObjects(members) {
	const objects = [];
	for (const member of members) {
		if (typeof member !== "object" || member.type !== "object") return null;
		for (const key in member) if (!FOLDABLE_KEYS.has(key)) return null;
		objects.push(member);
	}
	const properties = {};
	const required = /* @__PURE__ */ new Set();
	for (const object of objects) {
		for (const key in object.properties) {
			if (Object.prototype.hasOwnProperty.call(properties, key)) continue;
			const parts = [];
			for (const other of objects) {
				const part = other.properties?.[key] ?? undeclaredConstraint(other);
				if (part === null || part === void 0) continue;
				if (!parts.some((seen) => JSON.stringify(seen) === JSON.stringify(part))) parts.push(part);
			}
			const merged = parts.length === 1 ? parts[0] : foldObjects(parts) ?? { allOf: parts };
			assignProp(properties, key, merged);
		}
		for (const key of object.required ?? []) required.add(key);
	}
	const folded = {
		type: "object",
		properties
	};
	if (required.size) folded.required = [...required];
	if (objects.every((object) => object.additionalProperties === false)) folded.additionalProperties = false;
	else {
		const constraints = [];
		for (const object of objects) {
			const constraint = undeclaredConstraint(object);
			if (constraint && !constraints.some((seen) => JSON.stringify(seen) === JSON.stringify(constraint))) constraints.push(constraint);
		}
		if (constraints.length === 1) folded.additionalProperties = constraints[0];
		else if (constraints.length > 1) folded.additionalProperties = { allOf: constraints };
	}
	return folded;
}
/** `additionalProperties` in an `allOf` member sees only that member's own `properties`, so two
* closed object members reject each other's keys and the schema validates nothing. Zod's parser
* pools the key sets instead — `handleIntersectionResults` reports a key as unrecognized only when
* *every* side rejects it — so the emitted schema has to pool them too, and folding the members
* into one object is the encoding that says so on every target.
*
* This runs from `finalize`, after `extractDefs`, which is what keeps it clear of the `$ref`
* machinery: a member extracted into `$defs` is already a `$ref` by now and declines to fold, so it
* keeps its reference and its own closedness rather than being inlined as a stale copy. */
function foldIntersection(json) {
	const allOf = json.allOf;
	if (!Array.isArray(allOf) || allOf.length < 2) return;
	for (const key of FOLDABLE_KEYS) if (key in json) return;
	const unions = allOf.filter((m) => UNION_KEYS.some((k) => Array.isArray(m[k])));
	let folded = null;
	if (!unions.length) folded = foldObjects(allOf);
	else {
		const union = unions[0];
		const keyword = UNION_KEYS.find((k) => Array.isArray(union[k]));
		if (Object.keys(union).length !== 1) return;
		const rest = allOf.filter((m) => m !== union);
		const branches = union[keyword].map((branch) => foldObjects([...rest, branch]));
		if (branches.some((b) => !b)) return;
		folded = { [keyword]: branches };
	}
	if (!folded) return;
	delete json.allOf;
	assignProps(json, folded);
}
function finalize(ctx, schema) {
	const root = ctx.seen.get(schema);
	if (!root) throw new Error("Unprocessed schema. This is a bug in Zod.");
	const flattenRef = (zodSchema) => {
		const seen = ctx.seen.get(zodSchema);
		if (seen.ref === null) return;
		const schema = seen.def ?? seen.schema;
		const _cached = { ...schema };
		const ref = seen.ref;
		seen.ref = null;
		if (ref) {
			flattenRef(ref);
			const refSeen = ctx.seen.get(ref);
			const refSchema = refSeen.schema;
			if (refSchema.$ref && (ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0")) {
				schema.allOf = schema.allOf ?? [];
				schema.allOf.push(refSchema);
			} else assignProps(schema, refSchema);
			assignProps(schema, _cached);
			if (zodSchema._zod.parent === ref) for (const key in schema) {
				if (key === "$ref" || key === "allOf") continue;
				if (!(key in _cached)) delete schema[key];
			}
			if (refSchema.$ref && refSeen.def) for (const key in schema) {
				if (key === "$ref" || key === "allOf") continue;
				if (key in refSeen.def && JSON.stringify(schema[key]) === JSON.stringify(refSeen.def[key])) delete schema[key];
			}
		}
		const parent = zodSchema._zod.parent;
		if (parent && parent !== ref) {
			flattenRef(parent);
			const parentSeen = ctx.seen.get(parent);
			if (parentSeen?.schema.$ref) {
				schema.$ref = parentSeen.schema.$ref;
				if (parentSeen.def) for (const key in schema) {
					if (key === "$ref" || key === "allOf") continue;
					if (key in parentSeen.def && JSON.stringify(schema[key]) === JSON.stringify(parentSeen.def[key])) delete schema[key];
				}
			}
		}
		ctx.override({
			zodSchema,
			jsonSchema: schema,
			path: seen.path ?? []
		});
	};
	if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) {
		for (const entry of [...ctx.seen.entries()].reverse()) flattenRef(entry[0]);
		if (ctx.target !== "openapi-3.0") for (const entry of ctx.seen.entries()) compactTypeUnion(entry[1].def ?? entry[1].schema);
		for (const rewrite of ctx.deferred) rewrite();
		if (ctx.intersections.length) {
			const carriers = /* @__PURE__ */ new Map();
			for (const seen of ctx.seen.values()) for (const json of [seen.schema, seen.def]) {
				const allOf = json?.allOf;
				if (!Array.isArray(allOf)) continue;
				const existing = carriers.get(allOf);
				if (existing) existing.push(json);
				else carriers.set(allOf, [json]);
			}
			for (const allOf of ctx.intersections) for (const json of carriers.get(allOf) ?? []) foldIntersection(json);
		}
	}
	const result = {};
	if (ctx.target === "draft-2020-12") result.$schema = "https://json-schema.org/draft/2020-12/schema";
	else if (ctx.target === "draft-07") result.$schema = "http://json-schema.org/draft-07/schema#";
	else if (ctx.target === "draft-04") result.$schema = "http://json-schema.org/draft-04/schema#";
	else if (ctx.target === "openapi-3.0") {}
	if (ctx.external?.uri) {
		const id = ctx.external.registry.get(schema)?.id;
		if (!id) throw new Error("Schema is missing an `id` property");
		result.$id = ctx.external.uri(id);
	}
	assignProps(result, root.defId ? root.schema : root.def ?? root.schema);
	const rootMetaId = ctx.metadataRegistry.get(schema)?.id;
	if (rootMetaId !== void 0 && result.id === rootMetaId) delete result.id;
	const defs = ctx.external?.defs ?? {};
	if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (seen.def && seen.defId) {
			if (seen.def.id === seen.defId) delete seen.def.id;
			assignProp(defs, seen.defId, seen.def);
		}
	}
	if (ctx.external) ctx.sharedEmitDoneFor = ctx.external;
	if (ctx.external) {} else if (Object.keys(defs).length > 0) {
		if (ctx.target === "draft-2020-12") result.$defs = defs;
		else result.definitions = defs;
	}
	try {
		const finalized = JSON.parse(JSON.stringify(result));
		Object.defineProperty(finalized, "~standard", {
			value: {
				...schema["~standard"],
				jsonSchema: {
					input: createStandardJSONSchemaMethod(schema, "input", ctx.processors),
					output: createStandardJSONSchemaMethod(schema, "output", ctx.processors)
				}
			},
			enumerable: false,
			writable: false
		});
		return finalized;
	} catch (_err) {
		throw new Error("Error converting schema to JSON.");
	}
}
function isTransforming(_schema, _ctx) {
	const ctx = _ctx ?? { seen: /* @__PURE__ */ new Set() };
	if (ctx.seen.has(_schema)) return false;
	ctx.seen.add(_schema);
	const def = _schema._zod.def;
	if (def.type === "transform") return true;
	if (def.type === "array") return isTransforming(def.element, ctx);
	if (def.type === "set") return isTransforming(def.valueType, ctx);
	if (def.type === "lazy") return isTransforming(def.getter(), ctx);
	if (def.type === "promise" || def.type === "optional" || def.type === "nonoptional" || def.type === "nullable" || def.type === "readonly" || def.type === "default" || def.type === "prefault" || def.type === "catch") return isTransforming(def.innerType, ctx);
	if (def.type === "intersection") return isTransforming(def.left, ctx) || isTransforming(def.right, ctx);
	if (def.type === "record" || def.type === "map") return isTransforming(def.keyType, ctx) || isTransforming(def.valueType, ctx);
	if (def.type === "pipe") {
		if (_schema._zod.traits.has("$ZodCodec")) return true;
		return isTransforming(def.in, ctx) || isTransforming(def.out, ctx);
	}
	if (def.type === "object") {
		for (const key in def.shape) if (isTransforming(def.shape[key], ctx)) return true;
		return false;
	}
	if (def.type === "union") {
		for (const option of def.options) if (isTransforming(option, ctx)) return true;
		return false;
	}
	if (def.type === "tuple") {
		for (const item of def.items) if (isTransforming(item, ctx)) return true;
		if (def.rest && isTransforming(def.rest, ctx)) return true;
		return false;
	}
	return false;
}
const createStandardJSONSchemaMethod = (schema, io, processors = {}) => (params) => {
	const { libraryOptions, target } = params ?? {};
	const ctx = initializeContext({
		...libraryOptions ?? {},
		target,
		io,
		processors
	});
	processSchema(schema, ctx);
	extractDefs(ctx, schema);
	return finalize(ctx, schema);
};

// ../../node_modules/zod/v4/core/json-schema-processors.js
const narrowMin = (agg, key, value) => {
	if (agg[key] === void 0 || value > agg[key]) agg[key] = value;
};
const narrowMax = (agg, key, value) => {
	if (agg[key] === void 0 || value < agg[key]) agg[key] = value;
};
const narrowBoth = (agg, value) => {
	narrowMin(agg, "minimum", value);
	narrowMax(agg, "maximum", value);
};
const addDivisor = (agg, value) => {
	agg.multipleOf ?? (agg.multipleOf = []);
	if (!agg.multipleOf.includes(value)) agg.multipleOf.push(value);
};
const addPattern = (agg, pattern) => {
	agg.patterns ?? (agg.patterns = /* @__PURE__ */ new Set());
	agg.patterns.add(pattern);
};
const intersectMime = (agg, mime) => {
	agg.mime = agg.mime ? agg.mime.filter((m) => mime.includes(m)) : [...mime];
};
const setFormat = (agg, format) => {
	agg.format = format;
	if (format.includes("int")) agg.isInt = true;
};
const minContributor = (agg, def) => narrowMin(agg, "minimum", def.minimum);
const maxContributor = (agg, def) => narrowMax(agg, "maximum", def.maximum);
const formatContributor = (ranges) => (agg, def) => {
	setFormat(agg, def.format);
	const [minimum, maximum] = ranges[def.format];
	narrowMin(agg, "minimum", minimum);
	narrowMax(agg, "maximum", maximum);
};
const contributors = {
	greater_than: (agg, def) => narrowMin(agg, def.inclusive ? "minimum" : "exclusiveMinimum", def.value),
	less_than: (agg, def) => narrowMax(agg, def.inclusive ? "maximum" : "exclusiveMaximum", def.value),
	multiple_of: (agg, def) => addDivisor(agg, def.value),
	number_format: formatContributor(NUMBER_FORMAT_RANGES),
	bigint_format: formatContributor(BIGINT_FORMAT_RANGES),
	min_length: minContributor,
	max_length: maxContributor,
	length_equals: (agg, def) => narrowBoth(agg, def.length),
	min_size: minContributor,
	max_size: maxContributor,
	size_equals: (agg, def) => narrowBoth(agg, def.size),
	string_format: (agg, def) => {
		setFormat(agg, def.format);
		if (def.pattern) addPattern(agg, def.pattern);
		if (def.format === "base64" || def.format === "base64url") agg.contentEncoding = def.format;
		if (def.local || def.precision === -1) agg.laxFormat = true;
	},
	mime_type: (agg, def) => intersectMime(agg, def.mime)
};
function aggregateChecks(schema) {
	const agg = {};
	const def = schema._zod.def;
	const list = schema._zod.traits.has("$ZodCheck") ? [schema, ...def.checks ?? []] : def.checks ?? [];
	for (const ch of list) contributors[ch._zod.def.check]?.(agg, ch._zod.def);
	const bag = schema._zod.bag;
	if (bag.minimum !== void 0) narrowMin(agg, "minimum", bag.minimum);
	if (bag.exclusiveMinimum !== void 0) narrowMin(agg, "exclusiveMinimum", bag.exclusiveMinimum);
	if (bag.maximum !== void 0) narrowMax(agg, "maximum", bag.maximum);
	if (bag.exclusiveMaximum !== void 0) narrowMax(agg, "exclusiveMaximum", bag.exclusiveMaximum);
	if (bag.multipleOf !== void 0) addDivisor(agg, bag.multipleOf);
	if (bag.format !== void 0) {
		agg.format ?? (agg.format = bag.format);
		if (bag.format.includes("int")) agg.isInt = true;
	}
	if (bag.mime) intersectMime(agg, bag.mime);
	for (const pattern of bag.patterns ?? []) addPattern(agg, pattern);
	return agg;
}
const formatMap = {
	guid: "uuid",
	url: "uri",
	datetime: "date-time",
	json_string: "json-string",
	regex: ""
};
const exactPatterns = /* @__PURE__ */ new Map([[base64Charset, base64], [base64urlCharset, base64url]]);
const exactPattern = (p) => exactPatterns.get(p) ?? p;
const stringProcessor = (schema, ctx, _json, _params) => {
	const json = _json;
	json.type = "string";
	const { minimum, maximum, format, patterns, contentEncoding, laxFormat } = aggregateChecks(schema);
	if (typeof minimum === "number") json.minLength = minimum;
	if (typeof maximum === "number") json.maxLength = maximum;
	if (format) {
		json.format = formatMap[format] ?? format;
		if (json.format === "") delete json.format;
		if (format === "time" || laxFormat) delete json.format;
	}
	if (contentEncoding) json.contentEncoding = contentEncoding;
	if (patterns && patterns.size > 0) {
		const patternList = [...patterns].map(exactPattern);
		if (patternList.length === 1) json.pattern = patternList[0].source;
		else if (patternList.length > 1) json.allOf = [...patternList.map((regex) => ({
			...ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0" ? { type: "string" } : {},
			pattern: regex.source
		}))];
	}
};
const numberProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const { minimum, maximum, multipleOf, exclusiveMaximum, exclusiveMinimum, isInt } = aggregateChecks(schema);
	json.type = isInt ? "integer" : "number";
	const exMin = typeof exclusiveMinimum === "number" && exclusiveMinimum >= (minimum ?? Number.NEGATIVE_INFINITY);
	const exMax = typeof exclusiveMaximum === "number" && exclusiveMaximum <= (maximum ?? Number.POSITIVE_INFINITY);
	const legacy = ctx.target === "draft-04" || ctx.target === "openapi-3.0";
	if (exMin) {
		if (legacy) {
			json.minimum = exclusiveMinimum;
			json.exclusiveMinimum = true;
		} else json.exclusiveMinimum = exclusiveMinimum;
	} else if (typeof minimum === "number") json.minimum = minimum;
	if (exMax) {
		if (legacy) {
			json.maximum = exclusiveMaximum;
			json.exclusiveMaximum = true;
		} else json.exclusiveMaximum = exclusiveMaximum;
	} else if (typeof maximum === "number") json.maximum = maximum;
	if (multipleOf) {
		const divisors = /* @__PURE__ */ new Set();
		for (const divisor of multipleOf) if (Number.isFinite(divisor) && divisor !== 0) divisors.add(Math.abs(divisor));
		else handleUnrepresentable(schema, ctx, json, params, `A multipleOf divisor of ${divisor} cannot be represented in JSON Schema`);
		const [first, ...rest] = divisors;
		if (first !== void 0) json.multipleOf = first;
		if (rest.length) json.allOf = [...json.allOf ?? [], ...rest.map((m) => ({ multipleOf: m }))];
	}
};
const booleanProcessor = (_schema, _ctx, json, _params) => {
	json.type = "boolean";
};
const bigintProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "BigInt cannot be represented in JSON Schema");
};
const symbolProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Symbols cannot be represented in JSON Schema");
};
const nullProcessor = (_schema, ctx, json, _params) => {
	if (ctx.target === "openapi-3.0") {
		json.type = "string";
		json.nullable = true;
		json.enum = [null];
	} else json.type = "null";
};
const undefinedProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Undefined cannot be represented in JSON Schema");
};
const voidProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Void cannot be represented in JSON Schema");
};
const neverProcessor = (_schema, _ctx, json, _params) => {
	json.not = {};
};
const anyProcessor = (_schema, _ctx, _json, _params) => {};
const unknownProcessor = (_schema, _ctx, _json, _params) => {};
const dateProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Date cannot be represented in JSON Schema");
};
const enumProcessor = (schema, _ctx, json, _params) => {
	const def = schema._zod.def;
	const values = getEnumValues(def.entries);
	if (values.length === 0) {
		json.not = {};
		return;
	}
	if (values.every((v) => typeof v === "number")) json.type = "number";
	if (values.every((v) => typeof v === "string")) json.type = "string";
	json.enum = values;
};
const literalProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	if (def.values.length === 0) {
		json.not = {};
		return;
	}
	const vals = [];
	for (const val of def.values) if (val === void 0) {
		if (handleUnrepresentable(schema, ctx, json, params, "Literal `undefined` cannot be represented in JSON Schema")) return;
	} else if (typeof val === "bigint") {
		if (handleUnrepresentable(schema, ctx, json, params, "BigInt literals cannot be represented in JSON Schema")) return;
		vals.push(Number(val));
	} else vals.push(val);
	if (vals.length === 0) {} else if (vals.length === 1) {
		const val = vals[0];
		json.type = val === null ? "null" : typeof val;
		if (ctx.target === "draft-04" || ctx.target === "openapi-3.0") json.enum = [val];
		else json.const = val;
	} else {
		if (vals.every((v) => typeof v === "number")) json.type = "number";
		if (vals.every((v) => typeof v === "string")) json.type = "string";
		if (vals.every((v) => typeof v === "boolean")) json.type = "boolean";
		if (vals.every((v) => v === null)) json.type = "null";
		json.enum = vals;
	}
};
const nanProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "NaN cannot be represented in JSON Schema");
};
const templateLiteralProcessor = (schema, _ctx, json, _params) => {
	const _json = json;
	const pattern = schema._zod.pattern;
	if (!pattern) throw new Error("Pattern not found in template literal");
	_json.type = "string";
	_json.pattern = pattern.source;
};
const fileProcessor = (schema, _ctx, json, _params) => {
	const _json = json;
	_json.type = "string";
	_json.format = "binary";
	_json.contentEncoding = "binary";
	const { minimum, maximum, mime } = aggregateChecks(schema);
	if (minimum !== void 0) _json.minLength = minimum;
	if (maximum !== void 0) _json.maxLength = maximum;
	if (!mime) return;
	if (mime.length === 0) _json.not = {};
	else if (mime.length === 1) _json.contentMediaType = mime[0];
	else _json.anyOf = mime.map((m) => ({ contentMediaType: m }));
};
const successProcessor = (_schema, _ctx, json, _params) => {
	json.type = "boolean";
};
const customProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Custom types cannot be represented in JSON Schema");
};
const functionProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Function types cannot be represented in JSON Schema");
};
const transformProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Transforms cannot be represented in JSON Schema");
};
const mapProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Map cannot be represented in JSON Schema");
};
const setProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Set cannot be represented in JSON Schema");
};
const arrayProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	const { minimum, maximum } = aggregateChecks(schema);
	if (typeof minimum === "number") json.minItems = minimum;
	if (typeof maximum === "number") json.maxItems = maximum;
	json.type = "array";
	json.items = processSchema(def.element, ctx, {
		...params,
		path: [...params.path, "items"]
	});
};
function inputOptin(schema) {
	const def = schema._zod.def;
	if (def.type === "pipe" && def.in._zod.traits.has("$ZodTransform")) return inputOptin(def.out);
	if (def.type === "catch") return inputOptin(def.innerType);
	return schema._zod.optin;
}
const objectProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	const shape = def.shape;
	if (Object.getOwnPropertySymbols(shape).length && handleUnrepresentable(schema, ctx, json, params, "Symbol keys cannot be represented in JSON Schema")) return;
	json.type = "object";
	json.properties = {};
	for (const key in shape) assignProp(json.properties, key, processSchema(shape[key], ctx, {
		...params,
		path: [
			...params.path,
			"properties",
			key
		]
	}));
	const requiredKeys = [];
	for (const key of Object.keys(shape)) {
		const field = def.shape[key];
		if (ctx.io === "input" ? inputOptin(field) === void 0 : field._zod.optout === void 0) requiredKeys.push(key);
	}
	if (requiredKeys.length > 0) json.required = requiredKeys;
	if (def.catchall?._zod.def.type === "never") json.additionalProperties = false;
	else if (!def.catchall) {
		if (ctx.io === "output") json.additionalProperties = false;
	} else if (def.catchall) json.additionalProperties = processSchema(def.catchall, ctx, {
		...params,
		path: [...params.path, "additionalProperties"]
	});
};
const unionProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const isExclusive = def.inclusive === false;
	const options = def.options.map((x, i) => processSchema(x, ctx, {
		...params,
		path: [
			...params.path,
			isExclusive ? "oneOf" : "anyOf",
			i
		]
	}));
	if (isExclusive) json.oneOf = options;
	else json.anyOf = options;
};
const intersectionProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const a = processSchema(def.left, ctx, {
		...params,
		path: [
			...params.path,
			"allOf",
			0
		]
	});
	const b = processSchema(def.right, ctx, {
		...params,
		path: [
			...params.path,
			"allOf",
			1
		]
	});
	const isSimpleIntersection = (val) => "allOf" in val && Object.keys(val).length === 1;
	const allOf = [...isSimpleIntersection(a) ? a.allOf : [a], ...isSimpleIntersection(b) ? b.allOf : [b]];
	json.allOf = allOf;
	ctx.intersections.push(allOf);
};
const tupleProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	json.type = "array";
	const prefixPath = ctx.target === "draft-2020-12" ? "prefixItems" : "items";
	const restPath = ctx.target === "draft-2020-12" ? "items" : ctx.target === "openapi-3.0" ? "items" : "additionalItems";
	const prefixItems = def.items.map((x, i) => processSchema(x, ctx, {
		...params,
		path: [
			...params.path,
			prefixPath,
			i
		]
	}));
	const rest = def.rest ? processSchema(def.rest, ctx, {
		...params,
		path: [
			...params.path,
			restPath,
			...ctx.target === "openapi-3.0" ? [def.items.length] : []
		]
	}) : null;
	let minItems = def.items.length;
	while (minItems > 0) {
		const item = def.items[minItems - 1];
		if (!(ctx.io === "input" ? inputOptin(item) !== void 0 : item._zod.optout === "optional")) break;
		minItems--;
	}
	const maxItems = def.items.length;
	const isClosed = !def.rest;
	if (ctx.target === "draft-2020-12") {
		json.prefixItems = prefixItems;
		if (isClosed) json.items = false;
		else if (rest) json.items = rest;
		if (minItems > 0) json.minItems = minItems;
		if (isClosed) json.maxItems = maxItems;
	} else if (ctx.target === "openapi-3.0") {
		json.items = { anyOf: prefixItems };
		if (rest) json.items.anyOf.push(rest);
		if (minItems > 0) json.minItems = minItems;
		if (isClosed) json.maxItems = maxItems;
	} else {
		json.items = prefixItems;
		if (isClosed) json.additionalItems = false;
		else if (rest) json.additionalItems = rest;
		if (minItems > 0) json.minItems = minItems;
		if (isClosed) json.maxItems = maxItems;
	}
	const { minimum, maximum } = aggregateChecks(schema);
	if (typeof minimum === "number") json.minItems = minimum;
	if (typeof maximum === "number") json.maxItems = maximum;
};
/** JSON object keys are always strings, so a numeric record key schema is re-expressed over the
* numeric-string form the record parser matches. Deferred to `finalize`, after the flatten: a key
* behind a wrapper only carries its own `type` before then, and a union key only has its branches.
*
* A numeric bound cannot apply to a property name, so `minimum` and its siblings are dropped rather
* than carried over: keeping them beside `type: "string"` reproduces the match-nothing schema this
* exists to fix. A key that carries one therefore emits wider than the record parses — `z.record(z.number().min(5), V)`
* accepts `"3"` — which is the deliberate trade, since throwing on it would reject an ordinary schema
* outright. */
function stringifyKeyNames(bySchema, json, visited) {
	if (json.$ref) {
		if (visited.has(json)) return json;
		visited.add(json);
		const def = bySchema.get(json)?.def;
		if (!def) return json;
		const inlined = stringifyKeyNames(bySchema, def, visited);
		return inlined === def ? json : inlined;
	}
	for (const keyword of ["anyOf", "oneOf"]) {
		const branches = json[keyword];
		if (!Array.isArray(branches)) continue;
		const mapped = branches.map((branch) => stringifyKeyNames(bySchema, branch, visited));
		if (mapped.some((branch, i) => branch !== branches[i])) json = {
			...json,
			[keyword]: mapped
		};
	}
	const types = Array.isArray(json.type) ? json.type : [json.type];
	const numericType = !types.includes("string") && types.some((t) => t === "number" || t === "integer");
	const values = json.enum ?? (json.const !== void 0 ? [json.const] : void 0);
	if (!numericType && !values?.some((v) => typeof v === "number")) return json;
	const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format, id, ...rest } = json;
	if (rest.enum) rest.enum = rest.enum.map((v) => typeof v === "number" ? String(v) : v);
	else if (typeof rest.const === "number") rest.const = String(rest.const);
	if (!numericType) return rest;
	rest.type = "string";
	if (!values) rest.pattern = (types.includes("number") ? number$1 : integer).source;
	return rest;
}
/** Every record of one conversion, so the carriers are found in a single pass rather than once per record. */
const pendingRecords = /* @__PURE__ */ new WeakMap();
function rewriteKeyNames(ctx) {
	const bySchema = /* @__PURE__ */ new Map();
	for (const entry of ctx.seen.values()) if (entry.def && !bySchema.has(entry.schema)) bySchema.set(entry.schema, entry);
	const rewrites = /* @__PURE__ */ new Map();
	for (const record of pendingRecords.get(ctx) ?? []) {
		const seen = ctx.seen.get(record);
		const names = (seen?.def ?? seen?.schema)?.propertyNames;
		if (!names || names === true || rewrites.has(names)) continue;
		const rewritten = stringifyKeyNames(bySchema, names, /* @__PURE__ */ new Set());
		if (rewritten !== names) rewrites.set(names, rewritten);
	}
	if (!rewrites.size) return;
	for (const entry of ctx.seen.values()) for (const carrier of [entry.schema, entry.def]) {
		const rewritten = carrier && rewrites.get(carrier.propertyNames);
		if (rewritten) carrier.propertyNames = rewritten;
	}
}
const recordProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	json.type = "object";
	const keyType = def.keyType;
	const patterns = aggregateChecks(keyType).patterns;
	if (def.mode === "loose" && patterns && patterns.size > 0) {
		const valueSchema = processSchema(def.valueType, ctx, {
			...params,
			path: [
				...params.path,
				"patternProperties",
				"*"
			]
		});
		json.patternProperties = {};
		for (const pattern of patterns) assignProp(json.patternProperties, exactPattern(pattern).source, valueSchema);
	} else {
		if (ctx.target === "draft-07" || ctx.target === "draft-2020-12") {
			json.propertyNames = processSchema(def.keyType, ctx, {
				...params,
				path: [...params.path, "propertyNames"]
			});
			let pending = pendingRecords.get(ctx);
			if (!pending) {
				pending = [];
				pendingRecords.set(ctx, pending);
				ctx.deferred.push(() => rewriteKeyNames(ctx));
			}
			pending.push(schema);
		}
		json.additionalProperties = processSchema(def.valueType, ctx, {
			...params,
			path: [...params.path, "additionalProperties"]
		});
	}
	const keyValues = keyType._zod.values;
	const omittableOnInput = ctx.io === "input" && inputOptin(def.valueType) !== void 0;
	if (keyValues && !def.partial && !omittableOnInput) {
		const validKeyValues = [...keyValues].filter((v) => typeof v === "string" || typeof v === "number");
		if (validKeyValues.length > 0) json.required = validKeyValues.map(String);
	}
};
const nullableProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const inner = processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	if (ctx.target === "openapi-3.0") {
		seen.ref = def.innerType;
		json.nullable = true;
	} else json.anyOf = [inner, { type: "null" }];
};
const nonoptionalProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
};
/** Round-trips a default value through JSON so the emitted schema is guaranteed to be valid JSON.
* A BigInt has no reliable encoding, so it goes through `unrepresentable` like any other
* unrepresentable value. Returns a sentinel when the caller must not write a default of its own. */
const UNREPRESENTABLE_DEFAULT = Symbol();
function serializeDefaultValue(value, schema, ctx, json, params) {
	let unrepresentable = false;
	const serialized = JSON.stringify(value, (_, val) => {
		if (typeof val !== "bigint") return val;
		unrepresentable = true;
		return null;
	});
	if (!unrepresentable) return JSON.parse(serialized);
	handleUnrepresentable(schema, ctx, json, params, "BigInt defaults cannot be represented in JSON Schema");
	return UNREPRESENTABLE_DEFAULT;
}
const defaultProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
	if (value !== UNREPRESENTABLE_DEFAULT) json.default = value;
};
const prefaultProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	if (ctx.io !== "input") return;
	const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
	if (value !== UNREPRESENTABLE_DEFAULT) json._prefault = value;
};
const catchProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	let catchValue;
	try {
		catchValue = def.catchValue(void 0);
	} catch {
		handleUnrepresentable(schema, ctx, json, params, "Dynamic catch values are not supported in JSON Schema");
		return;
	}
	json.default = catchValue;
};
const pipeProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	const inIsTransform = def.in._zod.traits.has("$ZodTransform");
	const innerType = ctx.io === "input" ? inIsTransform ? def.out : def.in : def.out;
	processSchema(innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = innerType;
};
const readonlyProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	json.readOnly = true;
};
const promiseProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
};
const optionalProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
};
const lazyProcessor = (schema, ctx, _json, params) => {
	const innerType = schema._zod.innerType;
	processSchema(innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = innerType;
};
const allProcessors = {
	string: stringProcessor,
	number: numberProcessor,
	boolean: booleanProcessor,
	bigint: bigintProcessor,
	symbol: symbolProcessor,
	null: nullProcessor,
	undefined: undefinedProcessor,
	void: voidProcessor,
	never: neverProcessor,
	any: anyProcessor,
	unknown: unknownProcessor,
	date: dateProcessor,
	enum: enumProcessor,
	literal: literalProcessor,
	nan: nanProcessor,
	template_literal: templateLiteralProcessor,
	file: fileProcessor,
	success: successProcessor,
	custom: customProcessor,
	function: functionProcessor,
	transform: transformProcessor,
	map: mapProcessor,
	set: setProcessor,
	array: arrayProcessor,
	object: objectProcessor,
	union: unionProcessor,
	intersection: intersectionProcessor,
	tuple: tupleProcessor,
	record: recordProcessor,
	nullable: nullableProcessor,
	nonoptional: nonoptionalProcessor,
	default: defaultProcessor,
	prefault: prefaultProcessor,
	catch: catchProcessor,
	pipe: pipeProcessor,
	readonly: readonlyProcessor,
	promise: promiseProcessor,
	optional: optionalProcessor,
	lazy: lazyProcessor
};
function toJSONSchema(input, params) {
	if ("_idmap" in input) {
		const registry = input;
		const ctx = initializeContext({
			...params,
			processors: allProcessors
		});
		const defs = {};
		for (const entry of registry._idmap.entries()) {
			const [_, schema] = entry;
			processSchema(schema, ctx);
		}
		const schemas = {};
		ctx.external = {
			registry,
			uri: params?.uri,
			defs
		};
		for (const entry of registry._idmap.entries()) {
			const [key, schema] = entry;
			extractDefs(ctx, schema);
			assignProp(schemas, key, finalize(ctx, schema));
		}
		if (Object.keys(defs).length > 0) schemas.__shared = { [ctx.target === "draft-2020-12" ? "$defs" : "definitions"]: defs };
		return { schemas };
	}
	const ctx = initializeContext({
		...params,
		processors: allProcessors
	});
	processSchema(input, ctx);
	extractDefs(ctx, input);
	return finalize(ctx, input);
}

// ../../node_modules/zod/v4/mini/schemas.js
const ZodMiniType = /*@__PURE__*/ $constructor("ZodMiniType", (inst, def) => {
	if (!inst._zod) throw new Error("Uninitialized schema in ZodMiniType.");
	$ZodType.init(inst, def);
	inst.def = def;
	inst.type = def.type;
}, {
	get with() {
		return this.check;
	},
	set with(value) {
		own$1(this, "with", value);
	},
	parse(data, params) {
		return parse$4(this, data, params, { callee: this.parse });
	},
	parseAsync(data, params) {
		return parseAsync(this, data, params, { callee: this.parseAsync });
	},
	safeParse(data, params) {
		return safeParse(this, data, params);
	},
	safeParseAsync(data, params) {
		return safeParseAsync(this, data, params);
	},
	check(...checks) {
		const def = this.def;
		return this.clone({
			...def,
			checks: [...def.checks ?? [], ...checks.map((ch) => typeof ch === "function" ? { _zod: {
				check: ch,
				def: { check: "custom" },
				onattach: []
			} } : ch)]
		}, { parent: true });
	},
	clone(_def, params) {
		return clone(this, _def, params);
	},
	brand() {
		return this;
	},
	register(reg, meta) {
		reg.add(this, meta);
		return this;
	},
	apply(fn, ...args) {
		return args.length === 0 ? fn(this) : fn(this, ...args);
	}
});
const ZodMiniString = /*@__PURE__*/ $constructor("ZodMiniString", (inst, def) => {
	$ZodString.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function string(params) {
	return _string(ZodMiniString, params);
}
const ZodMiniStringFormat = /*@__PURE__*/ $constructor("ZodMiniStringFormat", (inst, def) => {
	$ZodStringFormat.init(inst, def);
	ZodMiniString.init(inst, def);
});
const ZodMiniURL = /*@__PURE__*/ $constructor("ZodMiniURL", (inst, def) => {
	$ZodURL.init(inst, def);
	ZodMiniStringFormat.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function url(params) {
	return _url(ZodMiniURL, params);
}
const ZodMiniIPv4 = /*@__PURE__*/ $constructor("ZodMiniIPv4", (inst, def) => {
	$ZodIPv4.init(inst, def);
	ZodMiniStringFormat.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function ipv4(params) {
	return _ipv4(ZodMiniIPv4, params);
}
const ZodMiniIPv6 = /*@__PURE__*/ $constructor("ZodMiniIPv6", (inst, def) => {
	$ZodIPv6.init(inst, def);
	ZodMiniStringFormat.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function ipv6(params) {
	return _ipv6(ZodMiniIPv6, params);
}
const ZodMiniCIDRv4 = /*@__PURE__*/ $constructor("ZodMiniCIDRv4", (inst, def) => {
	$ZodCIDRv4.init(inst, def);
	ZodMiniStringFormat.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function cidrv4(params) {
	return _cidrv4(ZodMiniCIDRv4, params);
}
const ZodMiniCIDRv6 = /*@__PURE__*/ $constructor("ZodMiniCIDRv6", (inst, def) => {
	$ZodCIDRv6.init(inst, def);
	ZodMiniStringFormat.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function cidrv6(params) {
	return _cidrv6(ZodMiniCIDRv6, params);
}
const ZodMiniNumber = /*@__PURE__*/ $constructor("ZodMiniNumber", (inst, def) => {
	$ZodNumber.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function number(params) {
	return _number(ZodMiniNumber, params);
}
const ZodMiniNumberFormat = /*@__PURE__*/ $constructor("ZodMiniNumberFormat", (inst, def) => {
	$ZodNumberFormat.init(inst, def);
	ZodMiniNumber.init(inst, def);
});
function int(params) {
	return _int(ZodMiniNumberFormat, params);
}
const ZodMiniBoolean = /*@__PURE__*/ $constructor("ZodMiniBoolean", (inst, def) => {
	$ZodBoolean.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function boolean(params) {
	return _boolean(ZodMiniBoolean, params);
}
const ZodMiniNull = /*@__PURE__*/ $constructor("ZodMiniNull", (inst, def) => {
	$ZodNull.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function _null(params) {
	return _null$1(ZodMiniNull, params);
}
const ZodMiniNever = /*@__PURE__*/ $constructor("ZodMiniNever", (inst, def) => {
	$ZodNever.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function never(params) {
	return _never(ZodMiniNever, params);
}
const ZodMiniArray = /*@__PURE__*/ $constructor("ZodMiniArray", (inst, def) => {
	$ZodArray.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function array(element, params) {
	return new ZodMiniArray({
		type: "array",
		element,
		...normalizeParams(params)
	});
}
const ZodMiniObject = /*@__PURE__*/ $constructor("ZodMiniObject", (inst, def) => {
	$ZodObject.init(inst, def);
	ZodMiniType.init(inst, def);
	installLazyProp(inst, "shape", (self) => self._zod.def.shape, false);
});
// @__NO_SIDE_EFFECTS__
function strictObject(shape, params) {
	return new ZodMiniObject({
		type: "object",
		shape,
		catchall: /* @__PURE__ */ never(),
		...normalizeParams(params)
	});
}
const ZodMiniUnion = /*@__PURE__*/ $constructor("ZodMiniUnion", (inst, def) => {
	$ZodUnion.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function union(options, params) {
	return new ZodMiniUnion({
		type: "union",
		options,
		...normalizeParams(params)
	});
}
const ZodMiniRecord = /*@__PURE__*/ $constructor("ZodMiniRecord", (inst, def) => {
	$ZodRecord.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function record(keyType, valueType, params) {
	if (!valueType || !valueType._zod) return new ZodMiniRecord({
		type: "record",
		keyType: /* @__PURE__ */ string(),
		valueType: keyType,
		...normalizeParams(valueType)
	});
	return new ZodMiniRecord({
		type: "record",
		keyType,
		valueType,
		...normalizeParams(params)
	});
}
const ZodMiniEnum = /*@__PURE__*/ $constructor("ZodMiniEnum", (inst, def) => {
	$ZodEnum.init(inst, def);
	ZodMiniType.init(inst, def);
	inst.options = [...inst._zod.values];
});
// @__NO_SIDE_EFFECTS__
function _enum(values, params) {
	const entries = Array.isArray(values) ? Object.fromEntries(values.map((v) => [v, v])) : values;
	return new ZodMiniEnum({
		type: "enum",
		entries,
		...normalizeParams(params)
	});
}
const ZodMiniLiteral = /*@__PURE__*/ $constructor("ZodMiniLiteral", (inst, def) => {
	$ZodLiteral.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function literal(value, params) {
	return new ZodMiniLiteral({
		type: "literal",
		values: Array.isArray(value) ? value : [value],
		...normalizeParams(params)
	});
}
const ZodMiniTransform = /*@__PURE__*/ $constructor("ZodMiniTransform", (inst, def) => {
	$ZodTransform.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function transform(fn) {
	return new ZodMiniTransform({
		type: "transform",
		transform: fn
	});
}
const ZodMiniOptional = /*@__PURE__*/ $constructor("ZodMiniOptional", (inst, def) => {
	$ZodOptional.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function optional(innerType) {
	return new ZodMiniOptional({
		type: "optional",
		innerType
	});
}
const ZodMiniDefault = /*@__PURE__*/ $constructor("ZodMiniDefault", (inst, def) => {
	$ZodDefault.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function _default(innerType, defaultValue) {
	return new ZodMiniDefault({
		type: "default",
		innerType,
		get defaultValue() {
			return typeof defaultValue === "function" ? defaultValue() : shallowClone(defaultValue);
		}
	});
}
const ZodMiniPrefault = /*@__PURE__*/ $constructor("ZodMiniPrefault", (inst, def) => {
	$ZodPrefault.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function prefault(innerType, defaultValue) {
	return new ZodMiniPrefault({
		type: "prefault",
		innerType,
		get defaultValue() {
			return typeof defaultValue === "function" ? defaultValue() : shallowClone(defaultValue);
		}
	});
}
const ZodMiniPipe = /*@__PURE__*/ $constructor("ZodMiniPipe", (inst, def) => {
	$ZodPipe.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function pipe(in_, out) {
	return new ZodMiniPipe({
		type: "pipe",
		in: in_,
		out
	});
}
const ZodMiniCustom = /*@__PURE__*/ $constructor("ZodMiniCustom", (inst, def) => {
	$ZodCustom.init(inst, def);
	ZodMiniType.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function refine(fn, _params = {}) {
	return _refine(ZodMiniCustom, fn, _params);
}

// ../../node_modules/zod/v4/mini/iso.js
const ZodMiniISODateTime = /*@__PURE__*/ $constructor("ZodMiniISODateTime", (inst, def) => {
	$ZodISODateTime.init(inst, def);
	ZodMiniStringFormat.init(inst, def);
});
// @__NO_SIDE_EFFECTS__
function datetime(params) {
	return _isoDateTime(ZodMiniISODateTime, params);
}

// ../core/dist/manifest/schema/values.js
/** Adds what the JSON Schema and the documents say about a value. */
function described(schema, description) {
	const copy = clone(schema);
	globalRegistry.add(copy, description);
	return copy;
}
/** A key that may be left out. */
function key(schema, description) {
	const optional$1 = optional(schema);
	globalRegistry.add(optional$1, description);
	return optional$1;
}
/** Creates the message for a value: that it is missing, or what it must be. */
function say$1(wanted) {
	return ({ input }) => input === void 0 ? "is missing" : wanted;
}
/** A string that matches a pattern. `wanted` completes a sentence that begins with the key: `must be …`. */
function text(form, wanted) {
	return described(string({ error: say$1(wanted) }).check(_regex(form, wanted)), { errorMessage: wanted });
}
/** Any string that is not empty. */
function anyText(wanted = "must be a string that is not empty") {
	return described(string({ error: say$1(wanted) }).check(_minLength(1, wanted)), { errorMessage: wanted });
}
/** An integer between two limits, both included. */
function whole$1(least, most) {
	const wanted = `must be a whole number from ${least} to ${most}`;
	return described(int({ error: say$1(wanted) }).check(_gte(least, wanted), _lte(most, wanted)), { errorMessage: wanted });
}
/** A number between two limits, both included. */
function amount(least, most) {
	const wanted = `must be a number from ${least} to ${most}`;
	return described(number({ error: say$1(wanted) }).check(_gte(least, wanted), _lte(most, wanted)), { errorMessage: wanted });
}
/** `true` or `false`. */
function flag() {
	const wanted = "must be `true` or `false`";
	return described(boolean({ error: say$1(wanted) }), { errorMessage: wanted });
}
/** One of a list of words. */
function oneOf(words) {
	const wanted = `must be one of ${words.map((word) => `\`${word}\``).join(", ")}`;
	return described(_enum(words, { error: ({ input }) => proposing(wanted, meantWord(input, words))({ input }) }), { errorMessage: wanted });
}
/** Common other names of some values. */
const WORDS = {
	linux: "l26",
	windows: "win11",
	uefi: "ovmf",
	efi: "ovmf",
	legacy: "seabios",
	serial: "serial0",
	nvme: "scsi"
};
function meantWord(input, words) {
	if (typeof input !== "string") return void 0;
	const word = input.toLowerCase();
	const near = closestMatch(word, words, { maxDistance: Math.floor(word.length / 3) });
	return [
		WORDS[word],
		words.find((one) => one.toLowerCase() === word),
		near
	].find((one) => one !== void 0 && words.includes(one));
}
/** Adds a suggestion to the message, if there is one. */
function proposing(wanted, meant) {
	return say$1(meant === void 0 ? wanted : `${wanted}: did you mean \`${meant}\`?`);
}
const SIZE = /^(?!0+(?:\.0+)? ?[a-zA-Z])(\d+(?:\.\d+)?) ?([mMgGtT])(?:[iI]?[bB])?$/;
const SIZE_WANTED = "must be a size with a unit, such as \"2 GiB\" or \"512 MiB\"";
/** Creates the message for a number without its unit. Returns undefined for anything else. */
function withoutUnit(input, usualUnit) {
	const number = typeof input === "number" || typeof input === "string" ? Number(input) : NaN;
	return Number.isInteger(number) && number > 0 ? `must be a size with a unit: did you mean "${number} ${usualUnit}"?` : void 0;
}
/** A size with its unit. As in Proxmox, units are powers of 1024, however they are written. */
function size(usualUnit) {
	const error = ({ input }) => input === void 0 ? "is missing" : withoutUnit(input, usualUnit) ?? SIZE_WANTED;
	return described(string({ error }).check(_regex(SIZE, { error })), {
		description: "A size with its unit: \"2 GiB\", \"512 MiB\". Units are powers of 1024.",
		examples: [usualUnit === "MiB" ? "2 GiB" : "20 GiB"],
		errorMessage: SIZE_WANTED
	});
}
/** Returns the bytes of a size such as `2 GiB`. The schema has checked its format. */
function sizeInBytes(written) {
	const [, number = "0", unit = "M"] = SIZE.exec(written) ?? [];
	const power = {
		M: 2,
		G: 3,
		T: 4
	}[unit.toUpperCase()] ?? 2;
	return Math.round(Number(number) * 1024 ** power);
}
const DURATION = /^(?!0+ ?[a-z])(\d+) ?(s|sec|m|min|h|d|w)$/;
const SECONDS = {
	s: 1,
	sec: 1,
	m: 60,
	min: 60,
	h: 3600,
	d: 86400,
	w: 604800
};
/** A duration with its unit. */
const duration = described(text(DURATION, "must be a duration with a unit, such as \"90 s\", \"15 min\", \"4 h\" or \"7 d\""), { examples: ["4 h"] });
/** Returns the seconds of a duration such as `15 min`. The schema has checked its format. */
function durationInSeconds(written) {
	const [, number = "0", unit = "s"] = DURATION.exec(written) ?? [];
	return Number(number) * (SECONDS[unit] ?? 1);
}
const LABEL$1 = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const DNS_WANTED = "must be a valid DNS name: letters, digits and hyphens, no hyphen first or last, at most 63 of them between two dots";
const dnsName = text(new RegExp(`^(?=.{1,253}$)${LABEL$1}(\\.${LABEL$1})*$`), DNS_WANTED);
const nodeName = text(new RegExp(`^${LABEL$1}$`), "must be the name of a node: letters, digits and hyphens");
/** PVE::JSONSchema `pve-storage-id`. */
const storageName = text(/^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]$/, "must be the name of a storage, such as \"local-lvm\"");
/** PVE::JSONSchema `pve-configid`, for mappings. */
const MAPPING_WANTED = "must be the name of a resource mapping, such as \"gpu\"";
const MAPPING = /^[a-zA-Z][a-zA-Z0-9_-]+$/;
/** `0000:01:00.0`, `046d:c52b`, `1-1.2`, `/srv/media` */
const RAW_DEVICE = /^(?:(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}(?:\.[0-7])?|[0-9a-f]{4}:[0-9a-f]{4}|\d+-\d+(?:\.\d+)*|\/.*)$/i;
function mappingWanted({ input }) {
	return typeof input === "string" && RAW_DEVICE.test(input) ? `${MAPPING_WANTED}: a token cannot use the address of a device, so create a mapping for it (Datacenter → Resource Mappings)` : say$1(MAPPING_WANTED)({ input });
}
const mappingName = described(string({ error: mappingWanted }).check(_regex(MAPPING, { error: mappingWanted })), { errorMessage: MAPPING_WANTED });
const volumeId = text(/^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:[^\s:,]+$/, "must be a volume, such as \"local:import/debian.qcow2\"");
const isoVolume = text(/^[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]:iso\/[^\s/,]+\.(iso|ISO|img|IMG)$/, "must be an ISO image that is on a storage, such as \"local:iso/virtio-win.iso\"");
const URL_WANTED = "must be an http or https address";
const webUrl = described(url({
	protocol: /^https?$/,
	error: say$1(URL_WANTED)
}), {
	description: "An http or https address.",
	errorMessage: URL_WANTED
});
/** The address of an image. If it is a path, the message suggests `file`. */
const imageUrl = described(url({
	protocol: /^https?$/,
	error: ({ input }) => {
		const path = typeof input === "string" ? pathIn(input) : void 0;
		return path === void 0 ? say$1(URL_WANTED)({ input }) : `${URL_WANTED}: for a file on your computer, write \`file: ${path}\``;
	}
}), {
	description: "An http or https address.",
	errorMessage: URL_WANTED
});
function pathIn(written) {
	const [, path] = /^file:\/\/(\/.*)$/.exec(written) ?? /^((?:~|\.{0,2})\/.*)$/.exec(written) ?? [];
	return path ?? (/^[\w.-]+\.(qcow2|img|raw|vmdk|vdi|vhdx|ova|iso)(\.\w+)?$/.test(written) ? `./${written}` : void 0);
}
const filePath = anyText("must be the path of a file");
const tag = text(/^[a-zA-Z0-9_][a-zA-Z0-9_\-+.]*$/, "must be a tag Proxmox accepts: letters, digits, \"_\", \"-\", \"+\", \".\"; \"_\", a letter or a digit first");
/** The largest id that Proxmox allows. */
const LARGEST_VMID = 999999999;
const vmid = whole$1(100, LARGEST_VMID);
const seconds = whole$1(0, 31536e3);
const MAC = /^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$/;
const MAC_WANTED$1 = "must be a unicast MAC address such as \"BC:24:11:00:00:01\"";
/** Suggests the usual notation for `bc-24-11-00-00-01` and `bc24.1100.0001`. */
function macWanted({ input }) {
	const digits = typeof input === "string" ? input.replace(/[-:.]/g, "").toUpperCase() : "";
	const meant = digits.match(/../g)?.join(":") ?? "";
	return proposing(MAC_WANTED$1, digits.length === 12 && MAC.test(meant) ? meant : void 0)({ input });
}
const macAddress = described(string({ error: macWanted }).check(_regex(MAC, { error: macWanted })), { errorMessage: MAC_WANTED$1 });
const HEX_DIGITS = {
	sha256: 64,
	sha512: 128
};
/** Explains what is wrong with a text that looks like a digest. Returns undefined for anything else. */
function digestProblem(input) {
	if (typeof input !== "string") return void 0;
	const [, algorithm = "", digits = ""] = /^(\w+)[:=-](\w+)$/.exec(input) ?? [];
	const wanted = HEX_DIGITS[algorithm.toLowerCase()];
	if (wanted !== void 0 && !/^[0-9a-f]*$/i.test(digits)) return "must be a digest of hex digits: 0 to 9 and a to f";
	if (wanted !== void 0 && digits.length !== wanted) return `must have ${wanted} hex digits after "${algorithm.toLowerCase()}:"; it has ${digits.length}`;
	if (wanted !== void 0) return `must be written "${algorithm.toLowerCase()}:${digits.slice(0, 6)}…"`;
	if (/^(md5|sha1|sha224|sha384)$/i.test(algorithm)) return `must be SHA-256 or SHA-512, not ${algorithm.toUpperCase()}`;
	const bare = Object.entries(HEX_DIGITS).find(([, length]) => input.length === length && /^[0-9a-f]+$/i.test(input));
	return bare && `must name its algorithm: did you mean "${bare[0]}:${input.slice(0, 6)}…"?`;
}
const DIGEST = /^(sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$/;
const DIGEST_WANTED = "must be \"sha256:\" and 64 or \"sha512:\" and 128 hex digits";
const digest = text(DIGEST, DIGEST_WANTED);
/**
* For entries with a `count`: `{ from: … }` is the first value of a sequence, a list has one value for each machine.
*/
function counted(value, wanted) {
	return union([
		value,
		strictObject({ from: value }),
		array(value).check(_minLength(1))
	], { error: wanted });
}

// ../core/dist/manifest/expand/counted.js
/** Returns the value of one machine of an entry. `index` starts at 0. Returns undefined if a list has no such value. */
function valueAt(counted, index, countOn) {
	if (Array.isArray(counted)) return counted[index];
	if (isFrom(counted)) return countOn(counted.from, index);
	return counted;
}
function isFrom(counted) {
	return typeof counted === "object" && counted !== null && "from" in counted;
}
/** `10.0.0.11/24` and 2 → `10.0.0.13/24`; `dhcp` and `auto` are unchanged. The prefix is not checked. */
function addressAfter(address, steps) {
	const [ip = "", prefix] = address.split("/");
	if (steps === 0 || prefix === void 0) return address;
	const bytes = plus(import_ipaddr.default.parse(ip).toByteArray(), steps);
	return `${import_ipaddr.default.fromByteArray(bytes).toString()}/${prefix}`;
}
/** `BC:24:11:00:00:01` and 2 → `BC:24:11:00:00:03`. */
function macAfter(mac, steps) {
	return plus(mac.split(":").map((part) => Number.parseInt(part, 16)), steps).map((byte) => byte.toString(16).padStart(2, "0")).join(":").toUpperCase();
}
/** Adds a small number to a big-endian number of bytes. It wraps around at the maximum. */
function plus(bytes, steps) {
	let carry = steps;
	return bytes.toReversed().map((byte) => {
		const sum = byte + carry;
		carry = Math.floor(sum / 256);
		return sum % 256;
	}).toReversed();
}

// ../core/dist/manifest/expand/defined-only.js
/** Removes undefined values from an object, as `exactOptionalPropertyTypes` requires. */
function definedOnly(value) {
	return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== void 0));
}

// ../core/dist/manifest/expand/expand-cloud-init.js
/** `{ file }` was replaced by the content of the file before. What remains is text, and addresses of keys. */
function cloudInitOf(cloudInit, machine) {
	const { user, password, sshKeys = [], dns, upgrade, userData, networkConfig, vendorData } = cloudInit;
	const addresses = addressDocuments(cloudInit).map((address) => addressOf$1(address, machine.index));
	const content = (value) => contentOf(value, {
		...machine,
		addresses
	});
	return definedOnly({
		user,
		password,
		sshKeys: sshKeys.filter((key) => typeof key === "string").map((key) => key.trim()),
		sshKeyUrls: sshKeys.flatMap((key) => typeof key === "object" && "url" in key ? [new URL(key.url)] : []),
		addresses,
		nameservers: dns?.servers ?? [],
		searchDomains: [.../* @__PURE__ */ new Set([...dns?.domain?.split(/[ ,]+/) ?? [], ...dns?.domains ?? []])],
		upgrade,
		userData: content(userData),
		networkConfig: textOf$2(content(networkConfig)),
		vendorData: content(vendorData)
	});
}
function textOf$2(document) {
	return typeof document === "string" ? document : void 0;
}
/** A placeholder for a value of the machine, in documents that are filled in. */
const MACHINE_PLACEHOLDER = /\$\{machine:([A-Za-z0-9_]+)\}/g;
/** The names in `${machine:…}`. */
const MACHINE_VALUES = {
	name: ({ name }) => name,
	index: ({ index }) => String(index + 1),
	ip: ({ addresses }) => fixedAddress(addresses, "ip"),
	ip6: ({ addresses }) => fixedAddress(addresses, "ip6")
};
/** Returns the first static address, without its prefix. Empty if the machine uses DHCP. */
function fixedAddress(addresses, key) {
	return addresses.map((address) => address[key]?.split("/") ?? []).find(({ length }) => length === 2)?.[0] ?? "";
}
function contentOf(value, filling) {
	if (value === void 0 || typeof value === "string" || "base64" in value) return value;
	if ("file" in value) return void 0;
	return value.text.replace(MACHINE_PLACEHOLDER, (whole, key) => MACHINE_VALUES[key]?.(filling) ?? whole);
}
/** Returns one entry for each network card, in order. */
function addressDocuments(cloudInit) {
	const { addresses, ip, gateway, ip6, gateway6, onLink } = cloudInit;
	if (addresses) return addresses;
	return ip || ip6 ? [{
		ip,
		gateway,
		ip6,
		gateway6,
		onLink
	}] : [];
}
/** A card that uses DHCP gets its gateway from there. A gateway in the defaults is for other machines. */
function addressOf$1({ ip, gateway, ip6, gateway6, onLink }, index) {
	const isFixed = (value) => value !== void 0 && value !== "dhcp" && value !== "auto";
	const own = (counted) => counted === void 0 ? void 0 : valueAt(counted, index, addressAfter);
	return definedOnly({
		ip: own(ip),
		gateway: isFixed(ip) ? gateway : void 0,
		ip6: own(ip6),
		gateway6: isFixed(ip6) ? gateway6 : void 0,
		onLink
	});
}

// ../core/dist/manifest/expand/checks.js
/** Checks the keys of one entry against each other. */
function checkEntry(path, merged, addProblem) {
	checkCounted(path, merged, addProblem);
	checkAddresses(path, merged, addProblem);
	checkFixedAddresses(path, merged, addProblem);
	checkMemory(path, merged, addProblem);
	checkBalloon(path, merged, addProblem);
	checkHardware(path, merged, addProblem);
	checkIdle(path, merged, addProblem);
}
/** A fixed value is for one machine; a list has one value for each machine. */
function checkCounted(path, merged, addProblem) {
	const { count, vmid, cloudInit, network } = merged;
	const check = (key, what, counted) => {
		const message = counted === void 0 ? void 0 : countMessage(counted, count, {
			key: [...path, ...key].join("."),
			what
		});
		if (message !== void 0) addProblem([...path, ...key], message);
	};
	check(["vmid"], "id", vmid);
	checkRow(path, merged, addProblem);
	for (const [index, card] of [network ?? []].flat().entries()) check(Array.isArray(network) ? [
		"network",
		index,
		"mac"
	] : ["network", "mac"], "MAC address", card.mac);
	if (cloudInit === void 0) return;
	for (const [index, address] of addressDocuments(cloudInit).entries()) for (const key of ["ip", "ip6"]) if (address[key] !== "dhcp" && address[key] !== "auto") check(cloudInit.addresses ? [
		"cloudInit",
		"addresses",
		index,
		key
	] : ["cloudInit", key], "address", address[key]);
}
/** Normalizes an IP address, without its prefix, or a MAC. */
function plainValue(value) {
	if (typeof value === "number") return value;
	const [ip = ""] = value.split("/");
	return import_ipaddr.default.isValid(ip) ? import_ipaddr.default.parse(ip).toString() : value.toUpperCase();
}
/** Checks that names, ids and MAC addresses that are counted up stay valid. */
function checkRow(path, { count: written, vmid, network }, addProblem) {
	const add = (key, last, why) => addProblem([...path, ...key], `\`${[...path, ...key].join(".")}\` counts up to ${last}, ${why}.`);
	const count = written ?? 1;
	const lastName = `${String(path.at(-1))}-${count}`;
	if (written !== void 0 && !dnsName.safeParse(lastName).success) add(["count"], lastName, "which is too long for a name: at most 63 characters between two dots");
	if (vmid !== void 0 && isFrom(vmid) && vmid.from + count - 1 > 999999999) add(["vmid"], String(vmid.from + count - 1), `which is more than ${LARGEST_VMID}`);
	for (const [index, { mac }] of [network ?? []].flat().entries()) {
		if (mac === void 0 || !isFrom(mac)) continue;
		const [key, last] = [Array.isArray(network) ? [
			"network",
			index,
			"mac"
		] : ["network", "mac"], macAfter(mac.from, count - 1)];
		if (last.slice(0, 8) !== mac.from.toUpperCase().slice(0, 8)) add(key, last, `which begins with another vendor's digits`);
	}
}
function countMessage(counted, count, { key, what }) {
	const machines = count ?? 1;
	if (Array.isArray(counted)) {
		const values = counted;
		const { length } = values;
		const plain = values.map(plainValue);
		const repeated = values.find((_, index) => plain.indexOf(plain[index] ?? "") !== index);
		if (repeated !== void 0) return `\`${key}\` lists ${repeated} twice.`;
		if (length === machines) return void 0;
		return `\`${key}\` lists ${length === 1 ? `one ${what}` : `${length} values`}, but there ${machines === 1 ? "is one machine" : `are ${machines} machines`} (\`count\`).`;
	}
	if (machines === 1 || isFrom(counted)) return void 0;
	return `\`${key}\` would give the same ${what} to ${machines} machines: use { from: ${typeof counted === "number" ? String(counted) : JSON.stringify(counted)} } to count up, or list ${machines} values.`;
}
function checkAddresses(path, { cloudInit }, addProblem) {
	if (cloudInit?.addresses === void 0 || !cloudInit.ip && !cloudInit.ip6) return;
	addProblem([...path, "cloudInit"], `\`${path.join(".")}.cloudInit\` has both \`addresses\` and \`ip\` or \`ip6\`: remove one of them.`);
}
const ADDRESS_KEYS = [["ip", "gateway"], ["ip6", "gateway6"]];
/**
* Reports addresses that no machine can have: the network's own, broadcast, the gateway's, or one outside the prefix.
*/
function checkFixedAddresses(path, { cloudInit, count = 1 }, addProblem) {
	if (cloudInit === void 0) return;
	for (const [index, address] of addressDocuments(cloudInit).entries()) for (const [key, gatewayKey] of ADDRESS_KEYS) {
		const place = [
			...path,
			"cloudInit",
			...cloudInit.addresses ? ["addresses", index] : [],
			key
		];
		const problem = fixedProblem(address[key], address[gatewayKey], count);
		if (problem !== void 0) addProblem(place, `\`${place.join(".")}\` ${problem}`);
	}
}
function fixedProblem(counted, gateway, count) {
	if (counted === void 0 || counted === "dhcp" || counted === "auto") return void 0;
	const addresses = Array.isArray(counted) ? counted : rowOf(counted, count);
	for (const address of addresses) {
		const problem = addressProblem(address, gateway);
		if (problem !== void 0) return problem;
	}
	const [first = "", last = first] = [addresses[0], addresses.at(-1)];
	if (Array.isArray(counted) || sameNetwork(first, last)) return void 0;
	return `counts up to ${last}, which is outside ${networkOf(first)}.`;
}
function rowOf(counted, count) {
	const first = typeof counted === "string" ? counted : counted.from;
	return Array.from({ length: typeof counted === "string" ? 1 : count }, (_, steps) => addressAfter(first, steps));
}
/** Kinds of addresses (ipaddr.js `range`) that a network card cannot have. */
const NOBODYS = {
	unspecified: "which is the unspecified address",
	broadcast: "which is the broadcast address",
	multicast: "which is a multicast address",
	loopback: "which is a loopback address",
	ipv4Mapped: "which is a mapped IPv4 address: write it under `ip`"
};
/** Returns why a network card cannot have an address, or undefined if it can. */
function nobodysAddress(address) {
	return NOBODYS[import_ipaddr.default.parse(address).range()];
}
function addressProblem(address, gateway) {
	const [ip, bits] = import_ipaddr.default.parseCIDR(address);
	const plain = ip.toString();
	const kind = nobodysAddress(plain);
	if (kind !== void 0) return `is ${address}, ${kind}.`;
	if (bits === 0) return `is ${address}: the prefix 0 covers every address.`;
	if (gateway !== void 0 && import_ipaddr.default.parse(gateway).toString() === plain) return `gives the machine ${plain}, which is the address of its gateway.`;
	if (!import_ipaddr.default.IPv4.isIPv4(plain) || bits > 30) return void 0;
	if (import_ipaddr.default.IPv4.networkAddressFromCIDR(address).toString() === plain) return `is ${address}, which is the network address.`;
	return import_ipaddr.default.IPv4.broadcastAddressFromCIDR(address).toString() === plain ? `is ${address}, which is the broadcast address of its network.` : void 0;
}
function sameNetwork(first, last) {
	const [network, bits] = import_ipaddr.default.parseCIDR(first);
	return import_ipaddr.default.parseCIDR(last)[0].match(network, bits);
}
function networkOf(address) {
	const [ip, bits] = import_ipaddr.default.parseCIDR(address);
	return `${(ip.kind() === "ipv4" ? import_ipaddr.default.IPv4 : import_ipaddr.default.IPv6).networkAddressFromCIDR(address).toString()}/${bits}`;
}
/** Reports options that the bus or card does not support, and more devices than Proxmox allows. */
function checkHardware(path, { disks = [], devices = [], network, machine }, addProblem) {
	const add = (key, message) => addProblem([...path, ...key], `\`${[...path, ...key].join(".")}\` ${message}`);
	for (const [index, { bus, ssd, ioThread }] of disks.entries()) {
		if (bus === "virtio" && ssd !== void 0) add([
			"disks",
			index,
			"ssd"
		], "is not available for a disk on virtio.");
		if (bus === "sata" && ioThread !== void 0) add([
			"disks",
			index,
			"ioThread"
		], "is not available for a disk on sata.");
	}
	for (const [bus, most] of Object.entries(MOST_DISKS)) {
		const at = disks.flatMap(({ bus: own = "scsi" }, index) => own === bus ? [index] : [])[most];
		if (at !== void 0) add(["disks", at], `is one too many: ${bus} supports ${most} more disks.`);
	}
	for (const [kind, most] of Object.entries(MOST_DEVICES)) {
		const at = devices.flatMap((device, index) => kind in device ? [index] : [])[most];
		if (at !== void 0) add(["devices", at], `is one too many: Proxmox supports ${most} of \`${kind}\`.`);
	}
	for (const [index, device] of devices.entries()) if ("pci" in device && device.pcie === true && machine !== void 0 && !machine.includes("q35")) add([
		"devices",
		index,
		"pcie"
	], "needs `machine: q35`.");
	const shared = devices.map((device) => "virtiofs" in device ? device.virtiofs : void 0);
	for (const [index, name] of shared.entries()) if (name !== void 0 && shared.indexOf(name) < index) add([
		"devices",
		index,
		"virtiofs"
	], `is ${name} again: a directory can be shared with a guest only once.`);
	for (const [index, { model, mtu, queues, trunks = [] }] of [network ?? []].flat().entries()) {
		const at = Array.isArray(network) ? ["network", index] : ["network"];
		if (mtu !== void 0 && model !== "virtio") add([...at, "mtu"], "can be set for the model virtio only.");
		if (queues !== void 0 && model !== "virtio") add([...at, "queues"], "can be set for the model virtio only.");
		const backwards = trunks.findIndex((range) => typeof range === "string" && isBackwards(range));
		if (backwards >= 0) add([
			...at,
			"trunks",
			backwards
		], "must be in ascending order, up to 4094.");
	}
}
/** Checks for keys that would have no effect or that contradict other keys. */
function checkIdle(path, { secureBoot, bios, serial, vga, start, wait, agent, renamedFrom }, addProblem) {
	const add = (key, message) => addProblem([...path, ...key], `\`${[...path, ...key].join(".")}\` ${message}`);
	if (secureBoot === true && bios !== "ovmf") add(["secureBoot"], "has no effect without `bios: ovmf`.");
	if (renamedFrom === path.at(-1)) add(["renamedFrom"], "is its current name: remove it.");
	if ((typeof vga === "string" ? vga : vga?.type) === "serial0" && serial === false) add(["vga"], "is the serial console, but `serial: false` removes it.");
	const memory = typeof vga === "object" && vga.memory !== void 0 ? sizeInBytes(vga.memory) / 1024 ** 2 : void 0;
	if (memory !== void 0 && (memory < 4 || memory > 512)) add(["vga", "memory"], "must be from 4 MiB to 512 MiB.");
	if ((wait === "agent" || typeof wait === "object" && !("port" in wait)) && agent === false) add(["wait"], "waits for the guest agent, but `agent: false` turns it off.");
	if (typeof wait === "object" && wait.required === true && start !== true) add(["wait", "required"], "has no effect without `start: true`.");
}
/** In addition to the boot disk, and to the CD drive that uses the last SATA port. */
const MOST_DISKS = {
	scsi: 30,
	virtio: 16,
	sata: 5
};
const MOST_DEVICES = {
	pci: 16,
	usb: 14,
	virtiofs: 10
};
function isBackwards(range) {
	const [from = 0, to = 0] = range.split("-").map(Number);
	return from < 1 || from > to || to > 4094;
}
const LEAST_MEMORY_MIB = 16;
/** Proxmox refuses less (qemu-server `Memory.pm`). */
function checkMemory(path, { memory }, addProblem) {
	if (memory === void 0 || sizeInBytes(memory) >= LEAST_MEMORY_MIB * 1024 ** 2) return;
	addProblem([...path, "memory"], `\`${path.join(".")}.memory\` is ${memory}, but Proxmox requires at least ${LEAST_MEMORY_MIB} MiB.`);
}
/** Proxmox refuses this. If only one of the two is stated, the plan compares it with the current value. */
function checkBalloon(path, { memory, balloon }, addProblem) {
	if (memory === void 0 || typeof balloon !== "string" || sizeInBytes(balloon) <= sizeInBytes(memory)) return;
	addProblem([...path, "balloon"], `\`${path.join(".")}.balloon\` is ${balloon}, which is more than its memory of ${memory}.`);
}

// ../core/dist/manifest/expand/check-first-boot.js
/** Checks the keys of `cloudInit` against each other, against the network cards, and against the user's documents. */
function checkFirstBoot(path, { merged, own, addProblem, addNote }) {
	const { cloudInit, osType } = merged;
	if (cloudInit === void 0) return;
	const at = [...path, "cloudInit"];
	const add = (key, message) => addProblem([...at, ...key], `\`${dotted([...at, ...key])}\` ${message}`);
	checkGateways(cloudInit, own.cloudInit ?? {}, add);
	checkOnLink(cloudInit, own.cloudInit ?? {}, add);
	checkCards(merged, add);
	checkPassword(cloudInit, osType?.startsWith("win") === true, add);
	checkKeys(cloudInit, add);
	checkNetworkConfig$1(cloudInit, own.cloudInit ?? {}, add);
	checkBesideAddresses(cloudInit, own.cloudInit ?? {}, add);
	checkAsked(cloudInit, add);
	noteOtherReader(at, cloudInit, addNote);
	for (const { key, message } of contradictions(cloudInitOf(cloudInit, {
		name: "",
		index: 0
	}))) (own.cloudInit?.[key] === void 0 ? addNote : addProblem)([...at, key], `In \`${dotted(at)}\`, ${message}`);
}
function dotted(path) {
	return path.join(".");
}
/** A gateway needs a static address. A card that uses DHCP gets its gateway from there. */
function checkGateways(cloudInit, own, add) {
	const places = cloudInit.addresses ? cloudInit.addresses.map((address, index) => ({
		address,
		place: ["addresses", index],
		stated: address
	})) : [{
		address: cloudInit,
		place: [],
		stated: own
	}];
	for (const { address, place, stated } of places) for (const [gateway, ip] of [["gateway", "ip"], ["gateway6", "ip6"]]) {
		const message = gatewayMessage(address, gateway, ip);
		const isInherited = address[ip] !== void 0 && stated[gateway] === void 0 && stated[ip] !== void 0;
		if (message !== void 0 && !isInherited) add([...place, gateway], message);
	}
}
/** `onLink` has no effect without a gateway. */
function checkOnLink(cloudInit, own, add) {
	const places = cloudInit.addresses ? cloudInit.addresses.map((address, index) => ({
		address,
		place: ["addresses", index],
		stated: address
	})) : [{
		address: cloudInit,
		place: [],
		stated: own
	}];
	for (const { address, place, stated } of places) if (stated.onLink === true && address.gateway === void 0 && address.gateway6 === void 0) add([...place, "onLink"], "has no effect without `gateway` or `gateway6`.");
}
function gatewayMessage(address, gatewayKey, ipKey) {
	const [gateway, ip] = [address[gatewayKey], address[ipKey]];
	if (gateway === void 0) return void 0;
	const kind = nobodysAddress(gateway);
	if (kind !== void 0) return `is ${gateway}, ${kind}.`;
	if (ip === void 0) return `has no effect without \`${ipKey}\`.`;
	if (ip === "dhcp" || ip === "auto") return `has no effect together with \`${ipKey}: ${ip}\`, which provides a gateway.`;
	const first = valueAt(ip, 0, (value) => value);
	if (first === void 0) return void 0;
	const end = endOfNetwork(gateway, first);
	if (end !== void 0) return `is ${gateway}, which is the ${end} of ${first}.`;
	return address.onLink === true || !isAstray(gateway, first) ? void 0 : `${gateway} is outside ${first}. If that is intended, set \`onLink: true\`.`;
}
/** The first and the last address of an IPv4 network cannot be a gateway. */
function endOfNetwork(gateway, address) {
	if (!import_ipaddr.default.IPv4.isIPv4(gateway) || import_ipaddr.default.parseCIDR(address)[1] > 30) return void 0;
	if (import_ipaddr.default.IPv4.networkAddressFromCIDR(address).toString() === gateway) return "network address";
	return import_ipaddr.default.IPv4.broadcastAddressFromCIDR(address).toString() === gateway ? "broadcast address" : void 0;
}
/** Returns true if the gateway is outside the prefix. With /32, /128 or a link-local gateway that is intended. */
function isAstray(gateway, address) {
	const [way, [network, bits]] = [import_ipaddr.default.parse(gateway), import_ipaddr.default.parseCIDR(address)];
	if (way.kind() !== network.kind() || bits === (way.kind() === "ipv4" ? 32 : 128)) return false;
	if (way.kind() === "ipv6" && way.range() === "linkLocal") return false;
	return !way.match(network, bits);
}
function checkCards({ cloudInit = {}, network }, add) {
	if (network === void 0) return;
	const cards = [network].flat().length;
	if (addressDocuments(cloudInit).length <= cards) return;
	const have = cards === 0 ? "no network card" : cards === 1 ? "one network card" : `${cards} network cards`;
	if (cloudInit.addresses) add(["addresses", cards], `has no effect: the machine has ${have} (\`network\`).`);
	else add([cloudInit.ip === void 0 ? "ip6" : "ip"], `has no effect: the machine has ${have} (\`network\`).`);
}
function checkPassword({ password }, isWindows, add) {
	if (password === void 0) return;
	if (/[\r\n]/.test(password)) add(["password"], "has a line break, which cannot be typed at a login: remove it, also at the end of the variable or file.");
	const kind = strangeHash(password);
	if (kind !== void 0) add(["password"], `is a hash of an unknown kind (\`${kind}\`). Create one with \`mkpasswd -m sha-512\`.`);
	if (isBrokenHash(password)) add(["password"], "begins like a hash but is not one: it may be truncated. Create one with `mkpasswd -m sha-512`.");
	if (isWindows && isPasswordHash(password)) add(["password"], "is a hash, but Windows needs the password itself.");
}
/** SSH keys give access to the machine, so they must not come over plain http. */
function checkKeys({ sshKeys = [] }, add) {
	for (const [index, key] of sshKeys.entries()) if (typeof key === "object" && "url" in key && key.insecure !== true && isOpenHttp(new URL(key.url))) add([
		"sshKeys",
		index,
		"url"
	], "is plain http: anyone on the network could insert their own key. Use https, or set `insecure: true` beside it.");
}
/** A machine that gets its address by DHCP has no address to fill into a document. */
function checkAsked(cloudInit, add) {
	for (const key of [
		"userData",
		"networkConfig",
		"vendorData"
	]) {
		const document = cloudInit[key];
		const text = typeof document === "object" && "text" in document && document.fill === true ? document.text : "";
		for (const ip of ["ip", "ip6"]) {
			const isFixed = addressDocuments(cloudInit).some(({ [ip]: one }) => ![
				void 0,
				"dhcp",
				"auto"
			].includes(one));
			if (text.includes(`\${machine:${ip}}`) && !isFixed) add([key], `has \`\${machine:${ip}}\`, but the machine has no fixed address: set \`${ip}\`.`);
		}
	}
}
const NETWORK_KEYS = [
	"addresses",
	"ip",
	"gateway",
	"ip6",
	"gateway6",
	"dns"
];
/** cloud-init reads only the user's network-config, so other network settings have no effect. */
function checkNetworkConfig$1(cloudInit, own, add) {
	if (cloudInit.networkConfig === void 0) return;
	const layer = own.networkConfig === void 0 ? cloudInit : own;
	const idle = NETWORK_KEYS.filter((key) => layer[key] !== void 0);
	for (const key of idle) add([key], "has no effect together with `networkConfig`: write it there.");
}
const CARD_KEYS = [
	"gateway",
	"gateway6",
	"onLink"
];
/** With `addresses`, each card has its own gateway. */
function checkBesideAddresses(cloudInit, own, add) {
	if (cloudInit.addresses === void 0) return;
	const layer = own.addresses === void 0 ? cloudInit : own;
	for (const key of CARD_KEYS) if (layer[key] !== void 0) add([key], "has no effect together with `addresses`: write it there, with the address.");
}
const FOR_CLOUD_INIT = [
	"user",
	"password",
	"sshKeys",
	"upgrade"
];
/**
* Other settings go into vendor-data then (`seed-documents.ts`). Ignition, Talos and cloudbase-init do not read that.
*/
function noteOtherReader(at, cloudInit, addNote) {
	const { userData } = cloudInitOf(cloudInit, {
		name: "",
		index: 0
	});
	const kind = userData === void 0 ? void 0 : documentKind(userData);
	const idle = FOR_CLOUD_INIT.filter((key) => cloudInit[key] !== void 0).map((key) => `\`${key}\``);
	if (kind?.reader !== "other" || idle.length === 0) return;
	const list = idle.length === 1 ? idle[0] : `${idle.slice(0, -1).join(", ")} and ${idle.at(-1)}`;
	addNote([...at, "userData"], `\`${dotted([...at, "userData"])}\` is ${kind.name}, which cloud-init does not read. ${list} of \`cloudInit\` ${idle.length === 1 ? "has" : "have"} no effect unless the guest also runs cloud-init: write them to the document.`);
}

// ../core/dist/manifest/expand/expand-machine.js
/** Creates the machines of an entry. They share what does not depend on their number, because there may be thousands. */
function machinesOf$1(merged) {
	const { cloudInit, vmid } = merged;
	return {
		common: commonOf(merged),
		ownOf: ({ name, index }) => ({
			...definedOnly({
				vmid: vmid === void 0 ? void 0 : valueAt(vmid, index, (first, steps) => first + steps),
				renamedFrom: renamedFrom(merged, index)
			}),
			networks: networksOf(merged.network, index),
			...cloudInit && { cloudInit: cloudInitOf(cloudInit, {
				name,
				index
			}) }
		})
	};
}
function commonOf(merged) {
	const { machine, boot, pool, description, ha, startOrder } = merged;
	return {
		...hardwareOf(merged),
		...machine && { machineType: machine },
		osType: merged.osType ?? "l26",
		serial: merged.serial ?? true,
		agent: merged.agent ?? true,
		...boot && { bootOrder: boot },
		onBoot: merged.onBoot ?? false,
		...startOrder && { startup: startupOf(startOrder) },
		...pool && { pool },
		...ha && { ha: ha === true ? {} : definedOnly(ha) },
		tags: [...new Set((merged.tags ?? []).map((tag) => tag.toLowerCase()))].sort(),
		...description && { description: description.trim() },
		protection: merged.protection ?? false,
		start: merged.start ?? false,
		wait: waitOf(merged.wait),
		...merged.rollout && { rollout: rolloutOf(merged.rollout) },
		...merged.expires !== void 0 && { expiresSeconds: durationInSeconds(merged.expires) },
		fullClone: merged.fullClone ?? false,
		declared: declaredIn(merged)
	};
}
/**
* Returns the former name of the machine. If the entry has a `count`, it is the former name of the entry with a number.
*/
function renamedFrom({ renamedFrom, count }, index) {
	return renamedFrom === void 0 || count === void 0 ? renamedFrom : `${renamedFrom}-${index + 1}`;
}
function hardwareOf(merged) {
	const { vga, rng, watchdog, smbios } = merged;
	return {
		cpu: cpuOf(merged),
		memory: memoryOf(merged),
		disk: typeof merged.disk === "string" ? { sizeBytes: sizeInBytes(merged.disk) } : diskOf(merged.disk ?? {}),
		disks: (merged.disks ?? []).map(diskOf),
		cdroms: [merged.cdrom ?? []].flat().map((cdrom) => typeof cdrom === "string" ? { volume: cdrom } : cdrom),
		devices: (merged.devices ?? []).map(deviceOf),
		firmware: {
			bios: merged.bios ?? "seabios",
			secureBoot: merged.secureBoot ?? false,
			tpm: merged.tpm ?? false
		},
		...vga && { vga: vgaOf(vga) },
		...rng && { rng: {
			source: "/dev/urandom",
			...rng !== true && definedOnly(rng)
		} },
		...watchdog && { watchdog: {
			model: "i6300esb",
			action: "reset",
			...watchdog !== true && definedOnly(watchdog)
		} },
		...smbios && { smbios: definedOnly(smbios) }
	};
}
function cpuOf({ cores, sockets, numa, cpu, cpuLimit, cpuUnits }) {
	return {
		cores: cores ?? 1,
		sockets: sockets ?? 1,
		numa: numa ?? false,
		...definedOnly({
			type: cpu,
			limit: cpuLimit,
			units: cpuUnits
		})
	};
}
function mebibytes(written) {
	return Math.round(sizeInBytes(written) / 1024 ** 2);
}
function memoryOf({ memory = "512 MiB", balloon }) {
	const balloonMiB = balloon === false ? 0 : balloon === void 0 ? void 0 : mebibytes(balloon);
	return {
		memoryMiB: mebibytes(memory),
		...definedOnly({ balloonMiB })
	};
}
function diskOf({ size, limits, ...settings }) {
	return {
		...definedOnly(settings),
		...limits && { limits: definedOnly(limits) },
		...size !== void 0 && { sizeBytes: sizeInBytes(size) }
	};
}
function networksOf(network, index) {
	return [network ?? []].flat().map(({ rate, mac, trunks, ...rest }) => {
		const own = mac === void 0 ? void 0 : valueAt(mac, index, macAfter);
		return {
			...definedOnly(rest),
			...own !== void 0 && { mac: own.toUpperCase() },
			...rate !== void 0 && { rateMBps: rate },
			...trunks && { trunks: trunks.map(String) }
		};
	});
}
function deviceOf(device) {
	if ("pci" in device) {
		const { pci, ...rest } = device;
		return {
			kind: "pci",
			mapping: pci,
			...definedOnly(rest)
		};
	}
	if ("usb" in device) {
		const { usb, ...rest } = device;
		return {
			kind: "usb",
			mapping: usb,
			...definedOnly(rest)
		};
	}
	const { virtiofs, ...rest } = device;
	return {
		kind: "virtiofs",
		mapping: virtiofs,
		...definedOnly(rest)
	};
}
function vgaOf(vga) {
	if (typeof vga === "string") return { type: vga };
	return {
		type: vga.type,
		...vga.memory !== void 0 && { memoryMiB: mebibytes(vga.memory) }
	};
}
function startupOf({ order, up, down }) {
	return definedOnly({
		order,
		upSeconds: up,
		downSeconds: down
	});
}
const DEFAULT_WAIT_SECONDS = 180;
function waitOf(wait) {
	if (wait === void 0 || wait === "none") return { for: "none" };
	if (wait === "agent") return {
		for: "agent",
		seconds: DEFAULT_WAIT_SECONDS
	};
	const common = {
		seconds: wait.seconds ?? DEFAULT_WAIT_SECONDS,
		...definedOnly({ required: wait.required })
	};
	return "port" in wait ? {
		for: "port",
		port: wait.port,
		...common
	} : {
		for: "agent",
		...common
	};
}
function rolloutOf({ batch = 1, wait, maxFailures = 0 }) {
	return {
		batch,
		maxFailures,
		...wait !== void 0 && { wait: waitOf(wait) }
	};
}
/** Returns all keys that the manifest sets, two levels deep: `cores`, `network`, `cloudInit.user`. */
function declaredIn(merged) {
	return new Set(Object.entries(merged).flatMap(([key, value]) => key === "cloudInit" ? [key, ...Object.keys(value).map((inner) => `${key}.${inner}`)] : [key]));
}

// ../core/dist/manifest/read/indentation.js
var import_dist = require_dist();
/** Returns the first line, starting just before `offset`, whose indentation matches no open line above it. */
function indentationProblem(text, offset) {
	const lines = linesUpTo(text, offset);
	const open = [];
	for (const line of lines) {
		while ((open.at(-1)?.indent ?? -1) > line.indent) open.pop();
		const above = open.at(-1);
		if (line.offset + line.text.length + line.indent >= offset || isAfter(line, offset)) {
			const problem = problemOf$2(line, {
				above,
				lines
			});
			if (problem !== void 0) return {
				offset: line.offset + line.indent,
				message: problem
			};
		}
		if (above?.indent === line.indent) open.pop();
		open.push(line);
	}
}
function isAfter(line, offset) {
	return line.offset >= offset;
}
/** Returns the lines with content, up to the second one after `offset`. */
function linesUpTo(text, offset) {
	const lines = [];
	let start = 0;
	let beyond = 0;
	while (start <= text.length && beyond < 3) {
		const end = text.indexOf("\n", start);
		const whole = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
		const content = whole.trimStart();
		if (content !== "" && !content.startsWith("#")) {
			lines.push({
				offset: start,
				indent: whole.length - content.length,
				text: content
			});
			if (start > offset) beyond += 1;
		}
		if (end < 0) break;
		start = end + 1;
	}
	return lines;
}
function problemOf$2(line, { above, lines }) {
	if (above === void 0 || line.indent === above.indent) return void 0;
	const key = keyOf$4(line);
	const other = keyOf$4(above);
	if (line.indent > above.indent && hasValue(above)) return `${key} is indented more than ${other}, which already has a value: indent both equally.`;
	if (line.indent > above.indent && wasDeeper(line, lines)) return `${key} is indented by ${spaces(line.indent)}, which matches no line above it: indent it by ${choices(line, lines)}.`;
}
function wasDeeper(line, lines) {
	const before = lines[lines.indexOf(line) - 1];
	return before !== void 0 && before.indent > line.indent;
}
/** `4 to stand beside image, 2 beside web` */
function choices(line, lines) {
	const before = lines.slice(0, lines.indexOf(line)).toReversed();
	return [before.find(({ indent }) => indent > line.indent), before.find(({ indent }) => indent < line.indent)].flatMap((one) => one ? [`${one.indent} to put it beside ${keyOf$4(one)}`] : []).join(", or by ");
}
function hasValue({ text }) {
	return /^(?:- )?[^\s'"#[{][^#]*?:\s+[^\s#|>&]/.test(text);
}
function keyOf$4({ text }) {
	const [, key] = /^(?:- )?([^:\s]+):/.exec(text) ?? [];
	return `\`${key ?? (text.length > 30 ? `${text.slice(0, 27)}…` : text)}\``;
}
function spaces(count) {
	return count === 1 ? "1 space" : `${count} spaces`;
}

// ../core/dist/manifest/read/syntax.js
const TOO_DEEP = "This is nested too deeply.";
/** More problems would not help the reader, and each takes a scan of the text. */
const MOST_PROBLEMS = 20;
/** Returns the syntax errors of a text. An error that only follows from an earlier one is left out. */
function syntaxProblems(text, errors) {
	const problems = [];
	const lineOf = lineCounter(text);
	let last = Number.NEGATIVE_INFINITY;
	for (const error of errors.toSorted((one, other) => one.pos[0] - other.pos[0])) {
		if (problems.length >= MOST_PROBLEMS) break;
		const problem = wording$1(text, error);
		const line = lineOf(problem.offset);
		if (line > last + 1) problems.push(problem);
		last = Math.max(last, line);
	}
	return problems;
}
/** Returns a function that finds the line of an offset, starting at 0. */
function lineCounter(text) {
	const starts = [0];
	for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
	return (offset) => {
		let [low, high] = [0, starts.length - 1];
		while (low < high) {
			const middle = Math.ceil((low + high) / 2);
			if ((starts[middle] ?? 0) <= offset) low = middle;
			else high = middle - 1;
		}
		return low;
	};
}
const INDENTATION = /* @__PURE__ */ new Set([
	"BAD_INDENT",
	"BLOCK_AS_IMPLICIT_KEY",
	"MULTILINE_IMPLICIT_KEY"
]);
function wording$1(text, { code, message, pos }) {
	const offset = pos[0];
	if (/must be sufficiently indented and end with a|Flow (?:map|sequence|collection)/i.test(message) && /[\]}]/.test(message)) return unclosed(text, offset, message.includes("}") ? "}" : "]");
	if (/closing .?quote/.test(message)) return {
		offset: openQuote(text) ?? offset,
		message: "The quote that begins here is not closed."
	};
	return bareParameter(text, offset) ?? quoting(text, offset) ?? (INDENTATION.has(code) ? indentationProblem(text, offset) : void 0) ?? {
		offset,
		message: sentence$1(text, offset, {
			code,
			message
		})
	};
}
/** The lexer marks scalars and documents with characters of its own, which are not in the text. */
const MARKS$1 = /* @__PURE__ */ new Set([
	import_dist.CST.BOM,
	import_dist.CST.DOCUMENT,
	import_dist.CST.FLOW_END,
	import_dist.CST.SCALAR
]);
/** Returns the offset of the quoted text that has no end. */
function openQuote(text) {
	let offset = 0;
	for (const token of new import_dist.Lexer().lex(text)) {
		const [quote] = token;
		if ((quote === "\"" || quote === "'") && !isClosed(token, quote)) return offset;
		if (!MARKS$1.has(token)) offset += token.length;
	}
}
function isClosed(token, quote) {
	const inner = token.slice(1, -1);
	const isEscaped = quote === "\"" && (/\\+$/.exec(inner)?.[0].length ?? 0) % 2 === 1;
	return token.length > 1 && token.endsWith(quote) && !isEscaped;
}
function unclosed(text, offset, bracket) {
	const opening = text.lastIndexOf(bracket === "]" ? "[" : "{", offset);
	return {
		offset: opening < 0 ? offset : opening,
		message: `The ${bracket === "]" ? "list" : "mapping"} that begins here is not closed: \`${bracket}\` is missing.`
	};
}
/** In brackets, a brace without quotes begins a mapping: `{ cores: ${env:CORES} }`. */
function bareParameter(text, offset) {
	const start = text.lastIndexOf("\n", offset - 1) + 1;
	const [parameter] = /(?<=[\s,[{:])[^\s"',[{]*\$\{\w+:\w+\}/.exec(lineAt(text, offset)) ?? [];
	const at = parameter === void 0 ? -1 : text.indexOf(parameter, start);
	return parameter === void 0 || at > offset || offset > at + parameter.length ? void 0 : {
		offset: at,
		message: `Between brackets a parameter needs quotes: \`"${parameter}"\`.`
	};
}
/** `description: see: the wiki` */
function quoting(text, offset) {
	const line = lineAt(text, offset);
	const [, key = "", value = ""] = /^\s*(?:- )?([\w.-]+):\s+([^'"[{|>&*].*)$/.exec(line) ?? [];
	if (value.startsWith("- ")) return {
		offset,
		message: `Begin the list on the line below \`${key}\`, or write it in brackets: \`${key}: [${value.slice(2)}]\`.`
	};
	if (!/:\s/.test(value) && !value.endsWith(":")) return inList(line, offset) ?? inBraces(line, offset);
	return {
		offset,
		message: `The value of \`${key}\` contains a colon, so it needs quotes: \`${key}: ${JSON.stringify(value)}\`.`
	};
}
/** `- echo a: b: c` */
function inList(line, offset) {
	const [, value] = /^\s*-\s+([^\s'"[{|>&*][^:]*[^\w.:-][^:]*:\s[^"']*)$/.exec(line) ?? [];
	return value === void 0 ? void 0 : {
		offset,
		message: `This value contains a colon, so it needs quotes: \`- ${JSON.stringify(value)}\`.`
	};
}
/** `{ description: it's: fine }` */
function inBraces(line, offset) {
	const [, key = "", value] = /[{,]\s*([\w.-]+):\s+([^\s'"[{|>&*,}][^,{}[\]"]*:\s[^,{}[\]"]*?)\s*[,}]/.exec(line) ?? [];
	return value === void 0 ? void 0 : {
		offset,
		message: `The value of \`${key}\` contains a colon, so it needs quotes: \`${key}: ${JSON.stringify(value)}\`.`
	};
}
function lineAt(text, offset) {
	const start = text.lastIndexOf("\n", offset - 1) + 1;
	const end = text.indexOf("\n", offset);
	return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
}
function sentence$1(text, offset, { code, message }) {
	const line = lineAt(text, offset).trim();
	if (code === "TAB_AS_INDENT") return "This line is indented with a tab. YAML allows only spaces.";
	if (code === "MULTIPLE_DOCS") return "A second document begins here (`---`). Put it in its own file and use both: `-f ONE -f OTHER`.";
	if (code === "BAD_SCALAR_START") return `A value that begins with \`${text[offset] ?? ""}\` needs quotes.`;
	if (code === "BAD_DQ_ESCAPE") return "In double quotes, a backslash begins an escape: write it twice, or use single quotes.";
	if (code === "RESOURCE_EXHAUSTION") return TOO_DEEP;
	if (INDENTATION.has(code) && /^[\w.-]+$/.test(line) || /need to be followed by map values/.test(message)) return withoutColon(line);
	if (/Missing , /.test(message) || /Missing , or : /.test(message)) return "A comma is missing before this.";
	if (/Missing space after : /.test(message)) return "A space is missing after the colon.";
	if (/Comments must be separated/.test(message)) return "A comment needs a space before its `#`.";
	if (/Block scalar header includes extra/.test(message)) return "Only a comment may follow `|` or `>`.";
	if (code === "BAD_ALIAS") return "A name is missing after `&` or `*`.";
	if (code === "MULTIPLE_ANCHORS") return "A value can have only one anchor (`&name`).";
	if (code === "BAD_INDENT") return "The indentation of this line matches no line above it.";
	if (/Unexpected , /.test(message)) return "There is an extra comma here.";
	return `This is not valid YAML here: ${shown$1(line)}.`;
}
function withoutColon(line) {
	const [, key, value] = /^([\w.-]+):(\S.*)$/.exec(line) ?? /^([\w.-]+)\s*=?\s+(\S.*)$/.exec(line) ?? [];
	if (key === void 0) return `${shown$1(line)} has no colon: a key needs one, as in \`key: value\`.`;
	return `A colon followed by a space is missing: \`${key}: ${value}\`.`;
}
function shown$1(line) {
	return `\`${line.length > 60 ? `${line.slice(0, 57)}…` : line}\``;
}

// ../core/dist/manifest/documents/guest-yaml.js
/** Parses a document. If a key occurs twice, the last one counts. */
function readGuestYaml(text) {
	const parsed = parseAsGuest(text);
	const { document, lines } = parsed;
	const [fault] = [
		...syntaxProblems(text, document.errors.slice(0, 1)).map(inGuest),
		...signFaults(text),
		...nodeFaults(parsed)
	];
	const { contents } = document;
	const place = lines.linePos(fault?.offset ?? 0);
	return {
		problems: fault === void 0 ? [] : [{
			line: Math.max(place.line, 1),
			column: Math.max(place.col, 1),
			message: `This is not valid YAML. ${fault.message}`
		}],
		repeated: repeatedKeys(document, lines),
		isMapping: (0, import_dist.isMap)(contents),
		isList: (0, import_dist.isSeq)(contents),
		isEmpty: contents === null || (0, import_dist.isScalar)(contents) && contents.value === null,
		version: (0, import_dist.isMap)(contents) ? contents.get("version") ?? contents.getIn(["network", "version"]) : void 0,
		hasNetwork: (0, import_dist.isMap)(contents) && contents.has("network")
	};
}
/** Finds keys whose value is lost, because the same mapping has them again. */
function repeatedKeys(document, lines) {
	const found = [];
	(0, import_dist.visit)(document, { Map: (_, { items }) => {
		const seen = /* @__PURE__ */ new Map();
		for (const { key } of items) {
			if (!(0, import_dist.isScalar)(key) || key.value === "<<") continue;
			const { line, col } = lines.linePos(offsetOf$1(key));
			const first = seen.get(key.value);
			if (first !== void 0) found.push({
				line,
				column: col,
				message: `The key \`${String(key.value)}\` appears twice, first in line ${first}. cloud-init uses only the last one.`
			});
			else seen.set(key.value, line);
		}
	} });
	return found;
}
/**
* PyYAML allows any indentation for a continuation line in brackets or quotes. Our parser requires it to be indented.
*/
const OUTDENTED = /must be sufficiently indented|^Missing closing .quote/;
const MOST_TRIES = 50;
function parseAsGuest(text) {
	const first = parse$3(text);
	let [tried, parsed, at] = [
		text,
		first,
		-1
	];
	for (let tries = 0; tries < MOST_TRIES; tries += 1) {
		const [error] = parsed.document.errors;
		if (error === void 0) return parsed;
		const [offset] = error.pos;
		const line = tried[offset] === "\n" ? offset + 1 : tried.lastIndexOf("\n", offset - 1) + 1;
		if (!OUTDENTED.test(error.message) || line <= at || line >= tried.length) break;
		at = line;
		tried = `${tried.slice(0, line)}${" ".repeat(64)}${tried.slice(line)}`;
		parsed = parse$3(tried);
	}
	return first;
}
function parse$3(text) {
	const lines = new import_dist.LineCounter();
	return {
		text,
		document: (0, import_dist.parseDocument)(text, {
			version: "1.1",
			uniqueKeys: false,
			prettyErrors: false,
			lineCounter: lines
		}),
		lines
	};
}
/**
* cloud-init does not accept a second document. The general message suggests several files, which only a manifest can
* have.
*/
function inGuest(fault) {
	return fault.message.startsWith("A second document begins") ? {
		...fault,
		message: "A second document begins here. cloud-init reads only one: join them, or remove this line."
	} : fault;
}
const TAB = "There is a tab here. cloud-init accepts only spaces.";
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ud800-\udfff\ue000-\ufffd]/;
/**
* Finds characters that PyYAML refuses everywhere, and tabs between values, which it does not accept as white space.
*/
function signFaults(text) {
	const sign = UNPRINTABLE.exec(text);
	const tab = tabBetween(text);
	return [...sign === null ? [] : [{
		offset: sign.index,
		message: "There is a control character here, which YAML does not allow."
	}], ...tab === void 0 ? [] : [{
		offset: tab,
		message: TAB
	}]];
}
function tabBetween(text) {
	if (!text.includes("	")) return void 0;
	let offset = 0;
	for (const token of new import_dist.Lexer().lex(text)) {
		if (/^[ \t]+$/.test(token) && token.includes("	")) return offset + token.indexOf("	");
		if (!MARKS.has(token)) offset += token.length;
	}
}
const MARKS = /* @__PURE__ */ new Set([
	import_dist.CST.BOM,
	import_dist.CST.DOCUMENT,
	import_dist.CST.FLOW_END,
	import_dist.CST.SCALAR
]);
function nodeFaults({ document, text }) {
	const faults = document.warnings.map(({ pos: [offset], message }) => ({
		offset,
		message: tagFault(message)
	}));
	const anchors = /* @__PURE__ */ new Set();
	(0, import_dist.visit)(document, {
		Pair: (_, pair) => void faults.push(...pairFaults(pair, {
			document,
			text
		})),
		Node: (_, node) => {
			if ((0, import_dist.isAlias)(node) && !anchors.has(node.source)) faults.push({
				offset: offsetOf$1(node),
				message: `There is no anchor \`&${node.source}\` before this \`*${node.source}\`.`
			});
			const { anchor } = node;
			if (anchor !== void 0) anchors.add(anchor);
			if ((0, import_dist.isScalar)(node) && node.type === import_dist.Scalar.PLAIN) faults.push(...plainFaults(node, text));
		}
	});
	return faults.toSorted((one, other) => one.offset - other.offset);
}
function plainFaults(node, text) {
	const [source, offset] = [node.source ?? "", offsetOf$1(node)];
	const tab = writtenAs(node, text).indexOf("	");
	if (tab >= 0) return [{
		offset: offset + tab,
		message: TAB
	}];
	if (node.tag !== void 0 || !isNoDate(source)) return [];
	return [{
		offset,
		message: `\`${source}\` looks like a date but is not a valid one: put it in quotes.`
	}];
}
function tagFault(message) {
	const [, tag = ""] = /Unresolved tag: (\S+)/.exec(message) ?? [];
	const [, standard] = /^tag:yaml\.org,2002:(\w+)$/.exec(tag) ?? [];
	return standard === void 0 ? `cloud-init does not know the tag \`${tag}\`: put a value that begins with \`!\` in quotes.` : `The value does not have the type of its tag \`!!${standard}\`.`;
}
function pairFaults({ key, value }, { document, text }) {
	const [resolved, offset] = [(0, import_dist.isAlias)(key) ? key.resolve(document) : key, offsetOf$1(key)];
	if ((0, import_dist.isMap)(resolved) || (0, import_dist.isSeq)(resolved)) return [{
		offset,
		message: keyMessage(resolved)
	}];
	const written = writtenAs(key, text);
	if (written === "" && (0, import_dist.isScalar)(key) && /^\s*:/.test(text.slice(offset, offset + 200))) return [{
		offset,
		message: "A key is missing before this colon."
	}];
	if (written.includes("\n") && value !== null) return [{
		offset,
		message: "A key must be on one line."
	}];
	return !((0, import_dist.isScalar)(key) && key.type === import_dist.Scalar.PLAIN && key.source === "<<") || isMergeable(value, document) ? [] : [{
		offset: offsetOf$1(value),
		message: "A merge key (`<<`) needs a mapping, or a list of mappings: `<<: *name`."
	}];
}
/** Trap: `{{ name }}` in a document without the template header is parsed as a mapping that is a key. */
function keyMessage(key) {
	return (0, import_dist.isMap)(key) && key.flow === true ? "Put `{{ … }}` in quotes. To have it filled in, make `## template: jinja` the first line of the document." : "A key cannot be a list or a mapping.";
}
function isMergeable(value, document, isInList = false) {
	const node = (0, import_dist.isAlias)(value) ? value.resolve(document) : value;
	if ((0, import_dist.isAlias)(value) && node === void 0) return true;
	if ((0, import_dist.isSeq)(node) && !isInList) return node.items.every((item) => isMergeable(item, document, true));
	return (0, import_dist.isMap)(node);
}
const DATE = /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)|$)/;
/** PyYAML parses text in the form of a date as a date, and fails if that day does not exist. */
function isNoDate(text) {
	const [, year, month, day, hour, minute, second] = (DATE.exec(text) ?? []).map(Number);
	if (year === void 0 || month === void 0 || day === void 0) return false;
	if (Number.isNaN(hour) && !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
	const isTime = [
		hour,
		minute,
		second
	].every((part, index) => !(Number(part) > (index === 0 ? 23 : 59)));
	return year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || !isTime;
}
function daysIn(year, month) {
	const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
	return month === 2 ? isLeap ? 29 : 28 : [
		4,
		6,
		9,
		11
	].includes(month) ? 30 : 31;
}
function writtenAs(node, text) {
	return (0, import_dist.isNode)(node) && node.range ? text.slice(node.range[0], node.range[1]) : "";
}
function offsetOf$1(node) {
	return (0, import_dist.isNode)(node) && node.range?.[0] || 0;
}

// ../core/dist/manifest/documents/check-document.js
const FINE = {
	problems: [],
	notes: []
};
const NONE = [];
/** Checks user-data or vendor-data. */
function checkData(document) {
	const kind = documentKind(document);
	if (typeof document !== "string") {
		if (kind.isOpaque) return FINE;
		return {
			problems: [at$1(1, 1, "The document is not UTF-8 text, and neither compressed nor multi-part.")],
			notes: []
		};
	}
	if (document.trim() === "") return {
		problems: [],
		notes: [at$1(1, 1, "The document is empty.")]
	};
	if (kind.reader === "unknown") return {
		problems: [],
		notes: [at$1(1, 1, unknownFirstLine(document))]
	};
	if (kind.isTemplate) return checkTemplate(document);
	if (kind.isPatch) return checkPatch(document);
	return kind.yaml === void 0 ? {
		problems: [],
		notes: scriptNotes(document)
	} : checkYaml(document, kind.yaml);
}
const WANTED = {
	mapping: "A cloud-config must be a mapping; cloud-init ignores this one.",
	list: "A cloud-config archive must be a list; cloud-init ignores this one."
};
function checkYaml(text, wanted) {
	const { problems, isEmpty, repeated, ...is } = readGuestYaml(text);
	const isWanted = isEmpty || (wanted === "mapping" ? is.isMapping : is.isList);
	return {
		problems: problems.length > 0 || isWanted ? problems : [at$1(1, 1, WANTED[wanted])],
		notes: [...breakNotes(text), ...repeated]
	};
}
/**
* Finds characters that end a line for cloud-init, but not in most editors. They get in when text is copied from a web
* page.
*/
function breakNotes(text) {
	const found = /\r(?!\n)|[\x85\u2028\u2029]/.exec(text);
	if (found === null) return NONE;
	const before = text.slice(0, found.index).split("\n");
	const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
	return [at$1(before.length, (before.at(-1) ?? "").length + 1, `Here is a U+${code}, which cloud-init reads as the end of a line.`)];
}
/** A patch is JSON after its first line. */
function checkPatch(text) {
	try {
		JSON.parse(text.slice(text.indexOf("#cloud-config-jsonp") + 19));
		return FINE;
	} catch {
		return {
			problems: [at$1(1, 1, "A `#cloud-config-jsonp` needs a JSON patch below this line.")],
			notes: NONE
		};
	}
}
/** The result of a template is not known, so errors in it are only notes. */
function checkTemplate(template) {
	const { text, unclosed } = withoutTemplate(template);
	if (unclosed !== void 0) {
		const before = template.slice(0, template.indexOf("\n") + 1 + unclosed).split("\n");
		return {
			problems: NONE,
			notes: [at$1(before.length, (before.at(-1) ?? "").length + 1, "This Jinja expression is not closed, so cloud-init ignores the document.")]
		};
	}
	const kind = documentKind(text);
	if (text.trim() === "") return {
		problems: NONE,
		notes: [at$1(1, 1, "The template is empty below this line.")]
	};
	if (kind.reader !== "cloud-init" || kind.isTemplate || kind.isOpaque) return {
		problems: NONE,
		notes: [at$1(2, 1, unknownFirstLine(text, "Below its first line the template"))]
	};
	const { problems, notes } = checkData(text);
	const filled = problems.map((found) => ({
		...found,
		message: `After the template is filled in: ${found.message}`
	}));
	return {
		problems: NONE,
		notes: [...filled, ...notes]
	};
}
/** Checks a network-config document. */
function checkNetworkConfig(text) {
	const { problems, isMapping, version, hasNetwork } = readGuestYaml(text);
	if (problems.length > 0) return {
		problems,
		notes: NONE
	};
	if (!isMapping) return {
		problems: [at$1(1, 1, "A network-config must be a mapping.")],
		notes: NONE
	};
	if (version === void 0) return hasNetwork ? FINE : {
		problems: NONE,
		notes: [at$1(1, 1, "The network-config has no `version`: cloud-init ignores it.")]
	};
	if (version === 1 || version === 2) return FINE;
	return {
		problems: NONE,
		notes: [at$1(1, 1, `A network-config has version 1 or 2, not ${JSON.stringify(version)}.`)]
	};
}
/** Removes a byte order mark, because with it cloud-init does not recognize the first line. */
function withoutMark(text) {
	return text.replace(/^\ufeff/, "");
}
function at$1(line, column, message) {
	return {
		line,
		column,
		message
	};
}
const KNOWN = "`#cloud-config`, `#!` and an interpreter, `#include` or `#cloud-boothook`";
/** First lines that are probably mistyped. */
const SLIPS = [[/^#*\s*cloud[-_ ]?config\b/i, "#cloud-config"], [/^#*\s*template\s*:?\s*jinja/i, "## template: jinja"]];
function unknownFirstLine(text, subject = "The document") {
	const [first = ""] = text.trimStart().split("\n");
	const shown = first.length > 40 ? `${first.slice(0, 40)}…` : first.trimEnd();
	const [, meant] = SLIPS.find(([slip, word]) => slip.test(first) && !first.startsWith(word)) ?? [];
	const begins = `${subject} begins with \`${shown.replaceAll("`", "'")}\``;
	if (meant !== void 0) return `${begins}, so cloud-init ignores it: the first line must be \`${meant}\`.`;
	const path = /^\s*([\w~./-]+\.\w{1,5})\s*$/.exec(text)?.[1];
	const file = path === void 0 ? "" : ` To use a file, set { file: ${path} }.`;
	return `${begins}, and cloud-init ignores documents that do not begin with ${KNOWN}.${file}`;
}
/** Linux looks for an interpreter whose name includes the carriage return. */
function scriptNotes(text) {
	if (!/^#!.*\r\n/.test(text)) return [];
	return [at$1(1, text.indexOf("\r") + 1, "The lines of this script end with carriage returns, so Linux does not find the interpreter.")];
}

// ../core/dist/manifest/schema/image.js
const CHECKSUM_WANTED = "must be \"sha256:…\", \"sha512:…\" or the address of a checksum document";
const signature = strictObject({
	url: key(webUrl, { description: "Detached signature of the checksum document. Leave it out if the document is clearsigned." }),
	keys: described(array(anyText()).check(_minLength(1)), { description: "ASCII-armoured OpenPGP public keys, or paths of files with such keys, relative to the manifest." })
});
const fill$1 = key(flag(), { description: "Replace \"${env:NAME}\", \"${secret:NAME}\" and \"${var:NAME}\". Default: the text is used unchanged. Filled-in values, secrets too, become part of the image." });
/** A text in the manifest, or in a file next to it. */
const content = described(union([
	string(),
	strictObject({
		file: filePath,
		fill: fill$1
	}),
	strictObject({
		text: string(),
		fill: fill$1
	})
], { error: "must be a string, { file: PATH } or { text: TEXT, fill: true }" }), { description: "The text, { file: PATH } relative to the manifest, or { text: TEXT }." });
const build = strictObject({
	packages: key(array(text(/^[a-zA-Z0-9][a-zA-Z0-9+._:=~-]*$/, "must be the name of a package")), { description: "Packages to install with the package manager of the image. The guest agent is always installed." }),
	run: key(array(anyText("must be a command")), { description: "Commands, each run by a shell as root, in this order. The build stops at the first command that fails." }),
	files: key(array(strictObject({
		path: described(text(/^\/.+/, "must be an absolute path in the guest"), { description: "Path in the guest." }),
		content: described(content, { description: "Content." }),
		mode: key(text(/^0?[0-7]{3,4}$/, "must be a file mode in quotes, such as \"0644\""), { description: "File mode. Default: \"0644\"." }),
		owner: key(anyText(), { description: "Owner, such as \"root:root\"." })
	})), { description: "Files to write before the commands run." }),
	userData: key(content, { description: "Your own cloud-init document for the build. The other keys are added to it." }),
	networkConfig: key(content, { description: "A network-config document for the build, such as a static address. Default: DHCP. Machines do not get it." }),
	disk: key(size("GiB"), { description: "Disk size of the built image. Default: the base image's." }),
	timeout: key(duration, { description: "Time limit of the build. Default: \"30 min\"." })
});
const template = described(union([
	vmid,
	anyText(),
	strictObject({ tag })
], { error: "must be the id or the name of a template, or { tag: TAG }" }), { description: "An existing template: VM ID, name, or { tag: TAG }. It is cloned and never changed." });
/** An image has exactly one of these keys. */
const SOURCE_KEYS = [
	"url",
	"file",
	"template",
	"volume",
	"from",
	"unknown"
];
const fields = {
	url: key(imageUrl, { description: "Where the vendor publishes the image." }),
	file: key(filePath, { description: "An image file on your computer, relative to the manifest." }),
	template: optional(template),
	volume: key(volumeId, { description: "An existing volume, such as \"local:import/debian.qcow2\"." }),
	from: key(anyText("must be the name of an image"), { description: "The entry of `images` that `build` starts from." }),
	unknown: key(literal(true, { error: "must be `true`, or absent" }), {
		description: "The source is unknown: existing machines are kept, and no new machine can be created from it.",
		errorMessage: "must be `true`, or absent"
	}),
	build: key(build, { description: "Changes to the image of `from`: it is booted once, and the result becomes this image." }),
	member: key(anyText("must be the name of a file in the archive"), { description: "The disk image inside an archive. Needed only if the archive has several." }),
	fileName: key(anyText("must be a file name"), { description: "The image's name in the checksum document. Default: the last part of its address." }),
	mirrors: described(_default(array(webUrl), []), { description: "More addresses of the same image, tried in order." }),
	checksum: key(union([digest, webUrl], { error: ({ input }) => digestProblem(input) ?? CHECKSUM_WANTED }), {
		description: "A pinned digest, or the address of a checksum document that lists the image. If the vendor publishes none, leave it out and run `pve-provision pin`: it downloads and hashes the image, and apply uses exactly these bytes.",
		errorMessage: CHECKSUM_WANTED
	}),
	insecure: key(flag(), { description: "Allow an unsigned checksum document over plain http, where anyone on the network can change it, and so the image." }),
	signature: key(signature, { description: "Require an OpenPGP signature over the checksum document." }),
	format: key(oneOf(["qcow2", "raw"]), { description: "Format on the storage. Default: the format that the vendor publishes." }),
	convert: described(_default(oneOf([
		"auto",
		"runner",
		"proxmox"
	]), "auto"), { description: "Where an image is converted if its format differs. \"auto\": by Proxmox during the import, and on your computer only if Proxmox cannot read the format." }),
	route: described(_default(oneOf([
		"auto",
		"pull",
		"push",
		"local"
	]), "auto"), { description: "How the image reaches the storage: Proxmox downloads it (pull), your computer sends it (push), or writes it into the directory of the storage (local)." })
};
/** An image. Which keys can be combined is checked during the expansion. */
const imageSchema = described(strictObject(fields), { description: "An image." });

// ../core/dist/manifest/secret-address.js
const HIDDEN = "***";
/** Query parameters of signed links, in addition to the values that the manifest marks as secret. */
const SECRET_PARAMETER = /sign|^sig$|^sas$|^st$|hmac|^md5$|token|secret|pass|^pwd$|credential|auth|jwt|policy|hdne|hdnts|(api|access|private|account)[-_]?key|^key$|session/i;
/**
* Returns true if an address contains a user, a password or a secret in its query. @param secrets values that the
* manifest marks as secret
*/
function holdsSecret(url, secrets = []) {
	return withoutSecrets$1(url, secrets) !== url.href;
}
/** Returns the address with `***` in place of each secret. The result is stable, so it can be compared. */
function withoutSecrets$1({ href }, secrets = []) {
	const url = new URL(href);
	if (url.username !== "" || url.password !== "") {
		url.username = HIDDEN;
		url.password = "";
	}
	for (const [name, value] of Array.from(url.searchParams)) if (SECRET_PARAMETER.test(name) || secrets.some((secret) => value.includes(secret))) url.searchParams.set(name, HIDDEN);
	return url.href;
}
/** Restores the secrets of an address from the one in the manifest, if both are on the same server. */
function withSecretsOf(written, known, secrets = []) {
	if (withoutSecrets$1(known, secrets) === written) return known;
	const url = new URL(written);
	if (url.origin !== known.origin) return url;
	if (url.username === HIDDEN) {
		url.username = known.username;
		url.password = known.password;
	}
	for (const [name, value] of Array.from(url.searchParams)) if (value === HIDDEN) url.searchParams.set(name, known.searchParams.get(name) ?? HIDDEN);
	return url;
}

// ../core/dist/manifest/expand/images.js
/** Returns the valid images. What is wrong with the others is reported as a problem. */
function expandImages(images, surroundings) {
	const entries = Object.entries(images);
	for (const [name, image] of entries) checkImage(name, image, {
		images,
		addProblem: surroundings.addProblem
	});
	return new Map(entries.flatMap(([name, image]) => {
		const expanded = expandImage(name, image, surroundings);
		return expanded === void 0 ? [] : [[name, expanded]];
	}));
}
function isDigest(checksum) {
	return /^sha(256|512):/.test(checksum);
}
function digestOf(checksum) {
	return checksum !== void 0 && isDigest(checksum) ? { checksum: checksum.toLowerCase() } : {};
}
function expandImage(name, image, { place, resolveFile, secrets }) {
	const { url, file, template, volume, from, checksum, signature, fileName } = image;
	const { format, convert, route, member } = image;
	const base = {
		name,
		...definedOnly({
			format,
			member
		}),
		convert,
		route,
		position: place(["images", name])
	};
	if (url !== void 0) return {
		...base,
		kind: "address",
		url: new URL(url),
		mirrors: image.mirrors.map((mirror) => new URL(mirror)),
		...checksum !== void 0 && (isDigest(checksum) ? digestOf(checksum) : { checksum: new URL(checksum) }),
		...signature && { signature: {
			keys: signature.keys,
			...signature.url && { url: new URL(signature.url) }
		} },
		...definedOnly({
			fileName,
			secrets: secretsIn([url, ...image.mirrors], secrets)
		})
	};
	if (file !== void 0) return {
		...base,
		kind: "file",
		path: resolveFile(file, [
			"images",
			name,
			"file"
		]),
		...digestOf(checksum)
	};
	if (template !== void 0) return {
		...base,
		kind: "template",
		template: templateOf(template)
	};
	if (volume !== void 0) return {
		...base,
		kind: "volume",
		volume
	};
	if (image.unknown) return {
		...base,
		kind: "unknown"
	};
	return from === void 0 ? void 0 : {
		...base,
		kind: "built",
		from,
		...recipeOf(image.build ?? {}, secrets)
	};
}
function secretsIn(addresses, secrets) {
	const found = [...secrets].filter((secret) => addresses.some((address) => address.includes(encodeURIComponent(secret))));
	return found.length === 0 ? void 0 : found;
}
function templateOf(template) {
	if (typeof template === "number") return { vmid: template };
	return typeof template === "string" ? { name: template } : template;
}
const DEFAULT_BUILD_SECONDS = 1800;
/** Returns the recipe, and the secrets in its texts. */
function recipeOf(document, secrets) {
	const build = buildOf(document);
	const texts = [
		...build.run,
		...build.files.map(({ content }) => content),
		build.userData ?? "",
		build.networkConfig ?? ""
	];
	const found = [...secrets].filter((secret) => secret !== "" && texts.some((text) => text.includes(secret)));
	return {
		build,
		...found.length > 0 && { secrets: found }
	};
}
/** `{ file }` was replaced by the content of the file before. */
function buildOf(build) {
	const { packages = [], run = [], files = [], userData, networkConfig, disk, timeout } = build;
	return {
		packages,
		run,
		files: files.map(({ path, content, mode = "0644", owner }) => ({
			path,
			content: textOf$1(content),
			mode: mode.padStart(4, "0"),
			...definedOnly({ owner })
		})),
		...userData !== void 0 && { userData: textOf$1(userData) },
		...networkConfig !== void 0 && { networkConfig: textOf$1(networkConfig) },
		...disk !== void 0 && { diskBytes: sizeInBytes(disk) },
		timeoutSeconds: timeout === void 0 ? DEFAULT_BUILD_SECONDS : durationInSeconds(timeout)
	};
}
function textOf$1(content) {
	return typeof content === "string" ? content : "";
}
function checkImage(name, image, { images, addProblem }) {
	const at = `\`images.${name}\``;
	const sources = SOURCE_KEYS.filter((key) => image[key] !== void 0);
	if (sources.length === 0) addProblem(["images", name], `${at} has no \`url\`, \`file\`, \`template\`, \`volume\` or \`from\`.`);
	if (sources.length > 1) addProblem([
		"images",
		name,
		sources[1] ?? ""
	], `${at} has both \`${sources[0]}\` and \`${sources[1]}\`: remove one of them.`);
	if (sources.length === 1 && sources[0] !== void 0) checkCompanions(name, image, {
		source: sources[0],
		addProblem
	});
	checkSignature(name, image, addProblem);
	checkRoute(name, image, addProblem);
	checkRecipe(name, image, addProblem);
	checkDocument(name, image, addProblem);
	if (image.from !== void 0) checkBase(name, image.from, {
		images,
		addProblem
	});
}
/** Keys that apply only to some sources. */
const COMPANIONS = {
	mirrors: ["url"],
	checksum: ["url", "file"],
	signature: ["url"],
	insecure: ["url"],
	fileName: ["url"],
	member: [
		"url",
		"file",
		"volume"
	],
	build: ["from"]
};
function checkCompanions(name, image, { source, addProblem }) {
	for (const [key, sources] of Object.entries(COMPANIONS)) {
		const value = image[key];
		if (!(Array.isArray(value) ? value.length > 0 : value !== void 0) || sources.includes(source)) continue;
		const whose = sources.map((one) => `\`${one}\``).join(" or ");
		addProblem([
			"images",
			name,
			key
		], `\`images.${name}.${key}\` needs ${whose}, but this image has \`${source}\`.`);
	}
	if (source === "from" && image.build === void 0) addProblem(["images", name], `\`images.${name}\` has \`from\` without \`build\`: add \`build\`, or use the other image directly.`);
	if (source === "file" && image.checksum !== void 0 && !isDigest(image.checksum)) addProblem([
		"images",
		name,
		"checksum"
	], `\`images.${name}.checksum\` must be a digest ("sha256:…" or "sha512:…"), because the image is a file.`);
}
function checkSignature(name, { checksum, signature }, addProblem) {
	if (!signature || checksum !== void 0 && !isDigest(checksum)) return;
	addProblem([
		"images",
		name,
		"signature"
	], `\`images.${name}\` ${checksum === void 0 ? "has no `checksum`" : "pins a digest"}, so there is no checksum document whose signature could be checked.`);
}
/** A document without a signature is only as trustworthy as its connection, so plain http is refused. */
function checkDocument(name, image, addProblem) {
	const { checksum, signature, insecure } = image;
	if (checksum === void 0 || isDigest(checksum) || signature !== void 0 || insecure === true) return;
	if (isOpenHttp(new URL(checksum))) addProblem([
		"images",
		name,
		"checksum"
	], `\`images.${name}.checksum\` is plain http: anyone on the network could replace the image. Use https, a \`signature\` or a digest, or set \`insecure: true\` beside it.`);
}
/** Proxmox writes the address into its task log, so an address with a secret must not be pulled. */
function checkRoute(name, { url, route }, addProblem) {
	if (route !== "pull" || url === void 0 || !holdsSecret(new URL(url))) return;
	addProblem([
		"images",
		name,
		"route"
	], `\`images.${name}.route\` cannot be pull: Proxmox would write the secret in the address to its task log. Remove \`route\`; your computer then sends the image.`);
}
/** Checks keys and documents that do not fit a build. */
function checkRecipe(name, { from, build, format }, addProblem) {
	if (from !== void 0 && format !== void 0) addProblem([
		"images",
		name,
		"format"
	], `\`images.${name}\` is built, so it has the format of its base image: set \`images.${from}.format\`.`);
	if (build?.networkConfig !== void 0) checkNetwork(name, textOf$1(build.networkConfig), addProblem);
	const userData = build?.userData === void 0 ? "" : textOf$1(build.userData);
	const path = [
		"images",
		name,
		"build",
		"userData"
	];
	if (userData.trim() === "") return;
	const { name: kind, reader } = documentKind(userData);
	if (reader !== "cloud-init") addProblem(path, `\`${path.join(".")}\` is ${kind}: a build needs a document that cloud-init reads.`);
	const { problems } = checkData(userData);
	for (const { line, column, message } of problems) addProblem(path, `\`${path.join(".")}\`, line ${line}, column ${column}: ${message}`);
	if (/^power_state\s*:/m.test(userData)) addProblem(path, `\`${path.join(".")}\` has \`power_state\`: remove it. The build shuts the VM down itself.`);
}
/** A build cannot go on without its network, so what cloud-init ignores is a problem here. */
function checkNetwork(name, text, addProblem) {
	const path = [
		"images",
		name,
		"build",
		"networkConfig"
	];
	const { problems, notes } = checkNetworkConfig(text);
	for (const { line, column, message } of [...problems, ...notes]) addProblem(path, `\`${path.join(".")}\`, line ${line}, column ${column}: ${message}`);
}
/** Checks that the base image exists and that the chain of bases has no loop. */
function checkBase(name, from, { images, addProblem }) {
	if (images[from] === void 0) {
		addProblem([
			"images",
			name,
			"from"
		], unknownImage$1(from, Object.keys(images)));
		return;
	}
	const seen = /* @__PURE__ */ new Set([name]);
	for (let next = from; next !== void 0; next = images[next]?.from) {
		if (next === name) addProblem([
			"images",
			name,
			"from"
		], `\`images.${name}\` refers to itself.`);
		if (seen.has(next)) return;
		seen.add(next);
	}
}
function unknownImage$1(image, known) {
	return `There is no image \`${image}\`: ${known.length === 0 ? "`images` is empty" : `known are ${known.map((name) => `\`${name}\``).join(", ")}`}.`;
}

// ../core/dist/manifest/expand/isos.js
/** Returns the images, with ISOs marked. An image that cannot be an ISO is reported as a problem. */
function markIsos(images, machines, addProblem) {
	const isos = new Set(machines.flatMap((machine) => imageCds(machine).map(({ image }) => image)));
	if (isos.size === 0) return images;
	const used = machines.flatMap((machine) => [machine.image, ...imageDisks(machine).map(({ image }) => image)]);
	const disks = new Set(used.flatMap((name) => withBases(name, images)));
	return new Map([...images].map(([name, image]) => {
		if (!isos.has(name)) return [name, image];
		const problem = disks.has(name) ? `is used for a CD drive and for a disk: an image can be used for only one of them` : reason(image);
		if (problem !== void 0) addProblem(["images", name], `\`images.${name}\` ${problem}.`);
		return [name, {
			...image,
			isIso: true
		}];
	}));
}
const PACKED$1 = /\.(xz|gz|zst|bz2|zip|7z|tar|tgz)$/i;
function reason(image) {
	if (image.kind !== "address" && image.kind !== "file") return "is used for a CD drive, so it needs `url` or `file`";
	const { pathname } = image.kind === "address" ? image.url : { pathname: image.path };
	if (image.member !== void 0 || PACKED$1.test(pathname)) return "is used for a CD drive, but is compressed: Proxmox needs an uncompressed ISO";
}

// ../core/dist/manifest/expand/key-place.js
/**
* Returns the position of a key such as `memory` or `network[0].bridge`, in the layer whose value wins. It searches
* only when called. Returns undefined for a key that no layer states.
*/
function keyPlace(layers, place) {
	return (key) => {
		const path = key.split(/[.[\]]+/).filter((part) => part !== "");
		const [top = ""] = path;
		const layer = layers.findLast(({ keys }) => keys[top] !== void 0);
		return layer && place([...layer.path, ...path.map((part) => /^\d+$/.test(part) ? Number(part) : part)]);
	};
}

// ../core/dist/manifest/expand/merge.js
/** Later layers win. Mappings merge key by key; lists and single values are replaced as a whole. */
function mergeLayers(layers) {
	return layers.reduce((below, above) => mergeTwo(below, above), {});
}
const MAPPINGS$2 = [
	"storage",
	"cloudInit",
	"startOrder",
	"smbios"
];
function mergeTwo(below, above) {
	const both = {
		...below,
		...above
	};
	if (above.node !== void 0) delete both.nodes;
	else if (above.nodes !== void 0) delete both.node;
	const merged = MAPPINGS$2.filter((key) => below[key] !== void 0 && above[key] !== void 0);
	return {
		...both,
		...Object.fromEntries(merged.map((key) => [key, {
			...below[key],
			...above[key]
		}]))
	};
}
/** Returns the names in `profile`, in order. */
function profileNames(profile) {
	if (profile === void 0) return [];
	return typeof profile === "string" ? [profile] : profile;
}

// ../core/dist/manifest/expand/expand.js
/**
* Expands a checked manifest. What only shows across entries (unknown names, duplicates) is reported as a problem here.
*/
function expand(manifest, surroundings) {
	const sources = expandImages(manifest.images, surroundings);
	const machines = Object.keys(manifest.vms).flatMap((entry) => expandEntry(entry, {
		manifest,
		images: sources,
		surroundings
	}));
	const images = markIsos(sources, machines, surroundings.addProblem);
	reportDuplicates(machines, surroundings.addProblem);
	const { project, vmids, limits } = manifest;
	const passwords = [...machines.flatMap(({ cloudInit }) => cloudInit?.password ?? []), ...passwordsIn(images)];
	return {
		desired: {
			project,
			files: surroundings.files.map(({ file }) => file),
			origins: namesInMarkers(surroundings.files),
			images,
			machines,
			vmids,
			limits: definedOnly(limits)
		},
		passwords: [...new Set(passwords)]
	};
}
function namesInMarkers(files) {
	const names = files.flatMap(({ identity, isFromFolder }) => identity === void 0 ? [] : [identity, ...isFromFolder ? [folderOf(identity)] : []]);
	return [...new Set(names)];
}
/** Returns the passwords in addresses, whether they are secrets or plain text. */
function passwordsIn(images) {
	return [...images.values()].flatMap((image) => image.kind === "address" ? [image.url, ...image.mirrors] : []).flatMap(({ password }) => password === "" ? [] : [password, safelyDecoded(password)]);
}
function safelyDecoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
function expandEntry(entry, { manifest, images, surroundings }) {
	const { addProblem, addNote, place } = surroundings;
	const path = ["vms", entry];
	const own = manifest.vms[entry] ?? {};
	const layers = layersOf(entry, own, {
		manifest,
		addProblem
	});
	const merged = mergeLayers(layers.map(({ keys }) => keys));
	for (const { path: at, keys } of layers) if (keys.node !== void 0 && keys.nodes !== void 0) addProblem([...at, "nodes"], `\`${at.join(".")}\` has both \`node\` and \`nodes\`: remove one of them.`);
	const where = whereOf(path, merged, addProblem);
	checkImages(path, merged, {
		images: manifest.images,
		own,
		addProblem
	});
	checkEntry(path, merged, addProblem);
	checkFirstBoot(path, {
		merged,
		own,
		addProblem,
		addNote
	});
	const { image } = merged;
	if (image === void 0 || where === void 0 || !images.has(image)) return [];
	const position = place(path);
	const file = surroundings.files.find((one) => one.file === position.file)?.identity;
	const positionOf = keyPlace(layers, place);
	const { common, ownOf } = machinesOf$1(merged);
	return Array.from({ length: merged.count ?? 1 }, (_, index) => {
		const name = merged.count === void 0 ? entry : `${entry}-${index + 1}`;
		return {
			...common,
			...ownOf({
				name,
				index
			}),
			name,
			entry,
			index: index + 1,
			image,
			...where,
			position,
			positionOf,
			...definedOnly({ file })
		};
	});
}
/** Returns the layers that an entry takes its keys from. Later layers win. */
function layersOf(entry, own, { manifest, addProblem }) {
	const { defaults = {}, profiles = {} } = manifest;
	const named = profileNames(own.profile ?? defaults.profile).map((name) => {
		const profile = profiles[name];
		if (profile === void 0) addProblem(own.profile === void 0 ? ["defaults", "profile"] : [
			"vms",
			entry,
			"profile"
		], `There is no profile \`${name}\`: ${knownList(Object.keys(profiles), "`profiles` is empty")}.`);
		return {
			path: ["profiles", name],
			keys: profile ?? {}
		};
	});
	return [
		{
			path: ["defaults"],
			keys: defaults
		},
		...named,
		{
			path: ["vms", entry],
			keys: own
		}
	];
}
function knownList(names, none) {
	return names.length === 0 ? none : `known are ${names.map((name) => `\`${name}\``).join(", ")}`;
}
/** Returns nodes and storages. Missing ones are reported as problems. */
function whereOf(path, { node, nodes = [], storage }, addProblem) {
	const [first, ...others] = node === void 0 ? nodes : [node];
	const lacks = (what) => addProblem(path, `\`${path.join(".")}\` has no ${what}, and the defaults have none either.`);
	if (first === void 0) lacks("`node` or `nodes`");
	if (!storage?.images) lacks("`storage.images`");
	if (!storage?.disks) lacks("`storage.disks`");
	if (first === void 0 || !storage?.images || !storage.disks) return void 0;
	return {
		nodes: [first, ...others],
		storage: {
			images: storage.images,
			disks: storage.disks
		}
	};
}
function checkImages(path, { image, disks = [], cdrom = [] }, { images, own, addProblem }) {
	const known = Object.keys(images);
	if (image === void 0) addProblem(path, `\`${path.join(".")}\` has no \`image\`, and the defaults have none either.`);
	else if (!known.includes(image)) addProblem(own.image === void 0 ? path : [...path, "image"], unknownImage$1(image, known));
	for (const cd of [cdrom].flat()) if (typeof cd !== "string" && !known.includes(cd.image)) addProblem([...path, "cdrom"], unknownImage$1(cd.image, known));
	for (const [index, disk] of disks.entries()) {
		if (disk.image !== void 0 && !known.includes(disk.image)) addProblem([
			...path,
			"disks",
			index,
			"image"
		], unknownImage$1(disk.image, known));
		if (disk.image !== void 0 && images[disk.image]?.template !== void 0) addProblem([
			...path,
			"disks",
			index,
			"image"
		], `\`${path.join(".")}.disks.${index}.image\` names \`${disk.image}\`, which is a template: a machine can be cloned from it, but a disk cannot.`);
		if (disk.image === void 0 && disk.size === void 0) addProblem([
			...path,
			"disks",
			index
		], `\`${path.join(".")}.disks.${index}\` has no \`size\`.`);
	}
}

// ../core/dist/manifest/read/parameter-rules.js
/** Stands for the path of a guest text that is filled in. */
const DOCUMENT = ["fill"];
/**
* Variables of the connection (a proxy's may contain a password), of the action's inputs and of the runner's
* credentials.
*/
const RESERVED = /^(PVE_(ENDPOINT|TOKEN_ID|TOKEN_SECRET|FINGERPRINT|CA|PASSWORD|USERNAME|PROVISION_\w+)|INPUT_\w+|ACTIONS_\w+|STATE_\w+|(GITHUB|GH|GITEA|FORGEJO)_(\w+_)?(TOKEN|PAT)|(CI_JOB|CI_REGISTRY|SYSTEM_ACCESS|NODE_AUTH|NPM)_?TOKEN|(HTTPS?|ALL)_PROXY|CI_(JOB_JWT\w*|DEPLOY_PASSWORD|REGISTRY_PASSWORD)|RUNNER_\w*TOKEN\w*|SYSTEM_ACCESSTOKEN)$/i;
/** Returns why a manifest may not read an environment variable, or undefined if it may. */
function refusedName(name, allow) {
	if (RESERVED.test(name)) return {
		message: `\`${name}\` belongs to the connection or the runner, so a manifest may not read it. Use a variable of another name.`,
		mayBeListed: false
	};
	if (allow === void 0 || allow.includes(name)) return void 0;
	return {
		message: `The manifest may not read ${name} from the environment: it is not in the list of allowed variables.`,
		mayBeListed: true
	};
}
const DOCUMENTS$1 = /^(userData|vendorData|networkConfig)$/;
/** Texts in other languages, in which `${…}` has its own meaning. */
function isGuestText(path) {
	const [last, parent] = [path.at(-1), path.at(-2)];
	if (path[0] === "images") return path[2] === "build" && [
		"userData",
		"networkConfig",
		"run",
		"files"
	].includes(String(path[3])) && last !== "file";
	if (last === "description") return true;
	const isDocument = parent === "cloudInit" && DOCUMENTS$1.test(String(last));
	const isItsText = last === "text" && path.at(-3) === "cloudInit" && DOCUMENTS$1.test(String(parent));
	return isDocument || isItsText;
}
/** Returns true if the value at a path is an address, which may contain secret parts. */
function isAddress(path) {
	const last = path.at(-1);
	if (path[0] === "images") return path[3] === void 0 ? last === "url" || last === "checksum" : path[2] === "mirrors" || last === "url";
	return last === "url" && path.includes("sshKeys");
}
/** Returns true for passwords, and for user, password and query of an address. Documents are handled elsewhere. */
function mayHoldSecret(path, text, offset) {
	if (path === DOCUMENT || path.at(-1) === "password") return true;
	return isAddress(path) && isInUserOrQuery(text, offset);
}
function isInUserOrQuery(text, offset) {
	const host = text.indexOf("://") + 3;
	const end = text.slice(host).search(/[/?#]/);
	const authority = end < 0 ? text.length : host + end;
	const at = text.lastIndexOf("@", authority);
	const query = text.indexOf("?");
	return host > 2 && offset >= host && offset < at || query >= 0 && offset > query;
}
/** Creates the message for a secret at a path where secrets are not allowed. */
function secretElsewhere(path, name) {
	return `${`\`${path.join(".")}\``} cannot contain the secret ${name}, because it is shown: ${isAddress(path) ? "in an address, only the user, the password and the query can contain a secret" : "only passwords, addresses and documents can contain a secret"}. For a value that is not a secret, use \`\${env:${name}}\`.`;
}
const OPENING = /(\$?)\$\{([^}\n]*)(\}?)/g;
const PARAMETER = /^(?:env|secret|var):[A-Za-z_][A-Za-z0-9_]*$/;
const KIND = /^\s*(env|secret|var|machine)\b/i;
/** Returns a sentence about a `${…}` that looks like a parameter but is not, and would be used literally. */
function slipIn(text, path) {
	for (const { 0: whole, 1: dollar, 2: inner = "", 3: end, index } of text.matchAll(OPENING)) {
		if (dollar !== "" || end !== "" && PARAMETER.test(inner) || !isSlip(inner, path)) continue;
		const isHidden = path !== DOCUMENT && mayHoldSecret(path, text, index);
		const words = slipWords(isHidden ? "secret:NAME" : inner, end !== "", path);
		return `${isHidden ? "A `${…}` here" : `\`${whole}\``} ${words}`;
	}
}
/** Documents contain other text in braces, so only text that begins like a parameter is checked. */
function isSlip(inner, path) {
	const [, kind = ""] = KIND.exec(inner) ?? [];
	return path === DOCUMENT ? kind !== "" && kind !== "machine" : true;
}
function slipWords(inner, isClosed, path) {
	const [, kind = "env"] = KIND.exec(inner.toLowerCase()) ?? [];
	const plain = inner.replace(KIND, "").replace(/^\s*\w+:(?=\w)/, "");
	const [name = "NAME"] = /[A-Za-z_][A-Za-z0-9_]*/.exec(plain) ?? [];
	if (!isClosed) return "is not closed: `}` is missing.";
	if (kind === "machine") return "works only in a document with `fill: true`.";
	if (/:?-/.test(inner.replace(KIND, "").slice(1))) return `is not supported, because parameters have no default: write \`\${var:${name}}\`, and \`${name}\` with its value under \`vars\`.`;
	return `is not a parameter: write \`\${${kind}:${name}}\`${path === DOCUMENT ? "" : ", or two dollar signs for a literal dollar"}.`;
}

// ../core/dist/manifest/read/place.js
/** Returns line and column, both starting at 1. */
function positionOf$2({ file, offset, lines }) {
	const { line, col } = lines.linePos(offset);
	return {
		file,
		line: Math.max(line, 1),
		column: Math.max(col, 1)
	};
}

// ../core/dist/manifest/read/typed-value.js
/** Parses a text like YAML: a number, `true`, `false`, or a list in brackets. Anything else is text. */
function typed(text, at) {
	const trimmed = text.trim();
	if (/^\[.*\]$/s.test(trimmed)) return listOf$1(trimmed, at) ?? {
		kind: "scalar",
		value: text,
		place: at.place
	};
	const value = scalarOf(trimmed);
	return typeof value === "string" ? {
		kind: "scalar",
		value: text,
		place: at.place
	} : {
		kind: "scalar",
		value,
		asText: text,
		place: at.place
	};
}
function scalarOf(text) {
	if (text === "true" || text === "false") return text === "true";
	return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}
/** Parses `[pve1, pve2]`. Returns undefined if it is not a list of single values. */
function listOf$1(text, { place }) {
	const document = (0, import_dist.parseDocument)(text, {
		uniqueKeys: false,
		prettyErrors: false
	});
	const value = document.errors.length > 0 ? void 0 : document.toJS({ maxAliasCount: 0 });
	const isPlain = (entry) => [
		"string",
		"number",
		"boolean"
	].includes(typeof entry);
	if (!Array.isArray(value) || !value.every(isPlain)) return void 0;
	return {
		kind: "list",
		place,
		items: value.map((entry) => ({
			kind: "scalar",
			value: entry,
			place
		}))
	};
}

// ../core/dist/manifest/read/fill-parameters.js
const PLACEHOLDER = /\$?\$\{(env|secret|var):([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** In the manifest itself, `$${` is an escaped `${`, whatever follows. */
const ESCAPE_OR_PLACEHOLDER = new RegExp(`${PLACEHOLDER.source}|\\$\\$\\{`, "g");
const WHOLE = /^\$\{(env|var):([A-Za-z_][A-Za-z0-9_]*)\}$/;
/** Creates the parameters of a document. Its `vars` contain the default values. */
function createParameters(root, sources) {
	return new Filler(root, sources);
}
var Filler = class {
	secrets = /* @__PURE__ */ new Set();
	#reported = [];
	#sources;
	#declared;
	#values = /* @__PURE__ */ new Map();
	/** Variables that are being resolved, to detect a variable that refers to itself. */
	#open = /* @__PURE__ */ new Set();
	constructor(root, sources) {
		const vars = root.entries.get("vars")?.value;
		this.#sources = sources;
		this.#declared = vars?.kind === "map" ? vars.entries : /* @__PURE__ */ new Map();
	}
	/** Read this last: each hint has all refused names, so that one line can be copied. */
	get problems() {
		const names = new Set(this.#reported.flatMap(({ refused = [] }) => refused));
		const hint = names.size === 0 ? void 0 : this.#sources.howToAllow?.([...names]);
		return this.#reported.map(({ problem, refused }) => refused === void 0 ? problem : {
			...problem,
			message: withHint(problem.message, hint)
		});
	}
	fill(root) {
		const entries = [...root.entries].map(([key, entry]) => [key, key === "vars" ? entry : {
			...entry,
			value: this.#fill(entry.value, [key])
		}]);
		return {
			...root,
			entries: new Map(entries)
		};
	}
	fillText(text, place) {
		return String(this.#fillParts({
			tree: {
				kind: "scalar",
				value: text,
				place
			},
			path: DOCUMENT
		}).value);
	}
	unusedVariables() {
		const known = [...this.#declared.keys(), ...this.#values.keys()];
		return Object.keys(this.#sources.variables).filter((name) => !known.includes(name)).map((name) => ({
			name,
			meant: nearest(name, known)
		}));
	}
	#report({ place }, message) {
		this.#reported.push({ problem: {
			...positionOf$2(place),
			message
		} });
	}
	#refuse({ place }, name, { message, mayBeListed }) {
		this.#reported.push({
			problem: {
				...positionOf$2(place),
				message
			},
			...mayBeListed && { refused: name }
		});
	}
	#fill(tree, path) {
		if (tree.kind === "scalar") return this.#fillScalar({
			tree,
			path
		});
		if (tree.kind === "list") return {
			...tree,
			items: tree.items.map((item, index) => this.#fill(item, [...path, index]))
		};
		const entries = [...tree.entries].map(([key, entry]) => [key, {
			...entry,
			value: this.#fill(entry.value, [...path, key])
		}]);
		return {
			...tree,
			entries: new Map(entries)
		};
	}
	#fillScalar(holder) {
		const { tree, path } = holder;
		if (typeof tree.value !== "string" || !tree.value.includes("${") || isGuestText(path)) return tree;
		const [, kind, name = ""] = WHOLE.exec(tree.value) ?? [];
		if (kind === "var") return movedTo(this.#variable(name, tree) ?? unknown(tree), tree);
		if (kind !== "env") return this.#fillParts(holder);
		const value = this.#environment(name, kind, tree);
		return value === void 0 ? unknown(tree) : typed(value, tree);
	}
	#fillParts(holder) {
		const unset = [];
		const text = String(holder.tree.value);
		const slip = slipIn(text, holder.path);
		if (slip !== void 0) {
			this.#report(holder.tree, slip);
			return {
				...holder.tree,
				isUnknown: true
			};
		}
		const value = text.replace(holder.path === DOCUMENT ? PLACEHOLDER : ESCAPE_OR_PLACEHOLDER, (...match) => {
			const [whole, kind, name, offset] = match;
			if (whole.startsWith("$$")) return whole.slice(1);
			const found = this.#part({
				kind,
				name,
				offset
			}, holder);
			if (found === void 0) unset.push(name);
			return found ?? whole;
		});
		return {
			...holder.tree,
			value,
			...unset.length > 0 && { isUnknown: true }
		};
	}
	#part({ kind, name, offset }, { tree, path }) {
		if (kind === "var") return this.#textOfVariable(name, tree);
		if (kind === "env") return this.#environment(name, "env", tree);
		if (!mayHoldSecret(path, String(tree.value), offset)) return this.#report(tree, secretElsewhere(path, name));
		const value = this.#environment(name, "secret", tree);
		if (value !== void 0) this.secrets.add(value);
		return value === void 0 || !isAddress(path) ? value : encodeURIComponent(value);
	}
	#environment(name, kind, at) {
		const { environment, allow, howToSet, standIn } = this.#sources;
		const isStandIn = kind === "secret" && standIn !== void 0;
		const refused = refusedName(name, isStandIn ? void 0 : allow);
		if (refused !== void 0) return this.#refuse(at, name, refused);
		const value = isStandIn ? standIn(name) : environment[name];
		if (value !== void 0 && value !== "") return value;
		const what = kind === "env" ? "The environment variable" : "The secret";
		return this.#report(at, `${what} ${name} is ${value === "" ? "empty" : "not set"}: ${howToSet(name)}`);
	}
	/** Returns the value of a variable. A default in the manifest may itself contain environment variables. */
	#variable(name, at) {
		const known = this.#values.get(name);
		if (known !== void 0) return known;
		if (this.#open.has(name)) return this.#report(at, `The variable \`${name}\` refers to itself.`);
		this.#open.add(name);
		const value = this.#valueOf(name, at);
		this.#open.delete(name);
		if (value !== void 0) this.#values.set(name, value);
		return value;
	}
	#valueOf(name, at) {
		const given = this.#sources.variables[name];
		if (given !== void 0) return typed(given, at);
		const own = this.#declared.get(name)?.value;
		if (own !== void 0 && !(own.kind === "scalar" && own.value === null)) return this.#fill(own, ["vars", name]);
		const known = [...Object.keys(this.#sources.variables), ...this.#declared.keys()];
		return this.#report(at, missingVariable(name, {
			isDeclared: own !== void 0,
			known,
			howToGive: this.#sources.howToGive(name)
		}));
	}
	#textOfVariable(name, at) {
		const value = this.#variable(name, at);
		if (value === void 0) return void 0;
		if (value.kind === "scalar") return value.isUnknown === true ? void 0 : value.asText ?? String(value.value);
		const what = value.kind === "list" ? "list" : "mapping";
		return this.#report(at, `The variable \`${name}\` is a ${what}, so it can only be a whole value.`);
	}
};
function unknown(tree) {
	return {
		...tree,
		isUnknown: true
	};
}
/** Returns the value at the position of the parameter. */
function movedTo(value, { place }) {
	return value.kind === "scalar" ? {
		...value,
		place
	} : value;
}
function nearest(name, known) {
	return closestMatch(name, [...new Set(known)], { maxDistance: Math.ceil(name.length / 3) });
}
function missingVariable(name, { isDeclared, known, howToGive }) {
	if (isDeclared) return `The variable \`${name}\` has no value: set it with ${howToGive}.`;
	const near = nearest(name, known);
	return `There is no variable \`${name}\`: declare it under \`vars\`, or set it with ${howToGive}.${near === void 0 ? "" : ` Did you mean \`${near}\`?`}`;
}
function withHint(message, hint) {
	return hint === void 0 ? message : `${message} ${hint}`;
}

// ../core/dist/manifest/read/decode-text.js
/** Decodes the text of a file and removes its byte order mark. */
function decodeText(given) {
	if (typeof given === "string") return withoutZeros(given.replace(/^\ufeff/, ""));
	const packed = packedAs(given);
	if (packed !== void 0) return { problem: {
		line: 1,
		column: 1,
		message: `The file is compressed with ${packed}: use the uncompressed file.`
	} };
	const wide = wideEncoding(given);
	if (wide !== void 0) return { problem: {
		line: 1,
		column: 1,
		message: `The file is ${wide}; save it as UTF-8.`
	} };
	try {
		return withoutZeros(new TextDecoder("utf-8", { fatal: true }).decode(given));
	} catch {
		return { problem: {
			...firstBadByte(given),
			message: "This byte is not UTF-8; save the file as UTF-8."
		} };
	}
}
/** Returns true if the bytes are valid UTF-8. */
function isUtf8(bytes) {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		return true;
	} catch {
		return false;
	}
}
function withoutZeros(text) {
	const at = text.indexOf("\0");
	if (at < 0) return { text };
	const before = text.slice(0, at);
	return { problem: {
		line: before.split("\n").length,
		column: at - (before.lastIndexOf("\n") + 1) + 1,
		message: "There is a zero byte here; this is not a text file."
	} };
}
const PACKED = [
	["gzip", [31, 139]],
	["xz", [
		253,
		55,
		122,
		88,
		90
	]],
	["zstd", [
		40,
		181,
		47,
		253
	]],
	["bzip2", [
		66,
		90,
		104
	]],
	["zip", [
		80,
		75,
		3,
		4
	]]
];
function packedAs(bytes) {
	return PACKED.find(([, start]) => start.every((byte, index) => bytes[index] === byte))?.[0];
}
function wideEncoding([first, second, third, fourth]) {
	if (first === 255 && second === 254) return third === 0 && fourth === 0 ? "UTF-32" : "UTF-16";
	if (first === 254 && second === 255) return "UTF-16";
}
/** Finds the first invalid byte with a binary search for the longest valid UTF-8 prefix. */
function firstBadByte(bytes) {
	let [good, bad] = [0, bytes.length];
	while (bad - good > 1) {
		const middle = Math.floor((good + bad) / 2);
		if (isStartOfUtf8(bytes.subarray(0, middle))) good = middle;
		else bad = middle;
	}
	const before = new TextDecoder().decode(bytes.subarray(0, good)).replace(/\ufffd$/, "");
	return {
		line: before.split("\n").length,
		column: before.length - before.lastIndexOf("\n")
	};
}
/** A character that is cut off at the end is not an error here. */
function isStartOfUtf8(bytes) {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
		return true;
	} catch {
		return false;
	}
}

// ../core/dist/manifest/documents/read-document.js
/** Returns the document itself in place of a file name. What is wrong with it is reported as a problem. */
function readDocument(value, reading) {
	const { path, read, fill } = reading;
	if (typeof value === "object" && "base64" in value) return value;
	const file = typeof value === "object" && "file" in value ? value.file : void 0;
	const content = typeof value === "string" ? value : "file" in value ? read(value.file, path) : value.text;
	if (content === void 0) return "";
	const isFilled = typeof value === "object" && value.fill === true;
	if (typeof content !== "string" && !isUtf8(content)) return bytesOf$2(content, {
		...reading,
		file,
		isFilled
	});
	const plain = withoutMark(typeof content === "string" ? content : new TextDecoder().decode(content));
	if (isFilled) checkPlaceholders(plain, reading);
	const text = isFilled ? fill(plain, path) : plain;
	const isNetwork = path.at(-1) === "networkConfig";
	const sample = isFilled ? text.replace(MACHINE_PLACEHOLDER, "1") : text;
	report(isNetwork ? checkNetworkConfig(sample) : checkData(sample), {
		...reading,
		file
	});
	return isFilled ? {
		text,
		fill: true
	} : text;
}
const KNOWN_VALUES = `known are ${Object.keys(MACHINE_VALUES).map((key) => `\`\${machine:${key}}\``).join(", ")}`;
function checkPlaceholders(text, { path, addProblem }) {
	for (const [whole, key = ""] of text.matchAll(MACHINE_PLACEHOLDER)) if (MACHINE_VALUES[key] === void 0) addProblem(path, `\`${path.join(".")}\` has \`${whole}\`: ${KNOWN_VALUES}.`);
}
/** Passes on bytes that are not UTF-8, if the type of the document allows that. */
function bytesOf$2(content, reading) {
	const document = { base64: base64Of(content) };
	const mustBeText = reading.isFilled || reading.path.at(-1) === "networkConfig";
	const { problem } = decodeText(content);
	if (problem !== void 0 && (mustBeText || documentKind(document).isOpaque !== true)) report({
		problems: [problem],
		notes: []
	}, reading);
	return document;
}
function base64Of(bytes) {
	return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
function report({ problems, notes }, { path, file, addProblem, addNote }) {
	const sentence = ({ line, column, message }) => `${file === void 0 ? `Line ${line}, column ${column} of the document` : `${file}:${line}:${column}`}: ${message}`;
	for (const problem of problems) addProblem(path, sentence(problem));
	for (const note of notes) addNote(path, sentence(note));
}

// ../core/dist/manifest/public-key.js
/** What to write instead, for a sentence that begins with the path of the key. */
const PUBLIC_KEY_WANTED = "must be an SSH public key such as \"ssh-ed25519 AAAAC3Nz… me@desk\", { file: PATH } or { url: ADDRESS }";
/** The reason for a line that does not look like a key at all. */
const NO_KEY$1 = "is not an SSH public key";
/** Returns the keys in a text, one on each line. Blank lines and comments are ignored. */
function readPublicKeys(text) {
	const read = text.split("\n").map((line, index) => ({
		line: index + 1,
		words: line.trim()
	})).filter(({ words }) => words !== "" && !words.startsWith("#")).map(({ line, words }) => ({
		line,
		words,
		reason: reasonAgainst(words)
	}));
	return {
		keys: read.flatMap(({ words, reason }) => reason === void 0 ? [words] : []),
		dropped: read.flatMap(({ line, reason }) => reason === void 0 ? [] : [{
			line,
			reason
		}])
	};
}
/** Returns true if a text contains public keys and nothing else. */
function holdsPublicKeys(text) {
	const { keys, dropped } = readPublicKeys(text);
	return keys.length > 0 && dropped.length === 0;
}
const TYPE = /^(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com|(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256))-cert-v01@openssh\.com)$/;
/** The option of `ssh-keygen` for a format, by the word before PUBLIC KEY. */
const FORMATS$1 = {
	"SSH2 ": "",
	"RSA ": " -m PEM",
	"": " -m PKCS8"
};
/** `restrict,from="10.0.0.0/8"`: names, some with a quoted value. Does not match a host name, as in `known_hosts`. */
const OPTIONS = /^(?:[A-Za-z][A-Za-z0-9-]*(?:="(?:\\"|[^"])*")?(?:,|$))*$/;
function shown(options) {
	return options.length > 40 ? `${options.slice(0, 40)}…` : options;
}
/** Returns why a line is not a public key, or undefined if it is one. */
function reasonAgainst(line) {
	if (/PRIVATE KEY|^PuTTY-User-Key-File/.test(line)) return "begins a private key, which must stay secret";
	const [, format] = /BEGIN (SSH2 |RSA )?PUBLIC KEY/.exec(line) ?? [];
	if (/BEGIN (?:SSH2 |RSA )?PUBLIC KEY/.test(line)) return `has another format: \`ssh-keygen -i${FORMATS$1[format ?? ""] ?? ""} -f FILE\` converts it`;
	const words = TYPE.test(firstWord(line)) ? line : withoutOptions(line);
	const [type = "", body] = words.split(/\s+/);
	if (!TYPE.test(type)) return NO_KEY$1;
	const options = line.slice(0, line.length - words.length).trim();
	if (!OPTIONS.test(options)) return `begins with \`${shown(options)}\`, which is not an option of a key`;
	return body === void 0 ? "has a type but no key" : reasonAgainstBody(type, body);
}
function firstWord(line) {
	return line.split(/\s/, 1)[0] ?? "";
}
/** Options end at the first space outside quotes (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"). */
function withoutOptions(line) {
	let isQuoted = false;
	for (let index = 0; index < line.length; index += 1) {
		const character = line[index];
		if (character === "\\" && line[index + 1] === "\"") index += 1;
		else if (character === "\"") isQuoted = !isQuoted;
		else if (!isQuoted && (character === " " || character === "	")) return line.slice(index).trim();
	}
	return "";
}
/** The body begins with the type again and consists of fields with a length prefix (RFC 4253, 6.6). */
function reasonAgainstBody(type, body) {
	const bytes = decoded(body);
	const name = bytes === void 0 ? void 0 : fieldAt(bytes, 0);
	if (bytes === void 0 || name === void 0) return "is truncated, or not base64";
	if (name !== type) return `has the type ${type}, but its key is ${TYPE.test(name) ? `of type ${name}` : "of an unknown type"}`;
	return type.includes("-cert-") || isWhole(bytes) ? void 0 : "is truncated";
}
/** Returns true if all fields are complete and there is at least one besides the type. */
function isWhole(bytes) {
	let count = 0;
	let at = 0;
	for (; at < bytes.length; count += 1) {
		const field = fieldAt(bytes, at);
		if (field === void 0 || field === "") return false;
		at += 4 + field.length;
	}
	return count > 1;
}
function fieldAt(bytes, at) {
	const length = [
		0,
		1,
		2,
		3
	].reduce((sum, index) => sum * 256 + bytes.charCodeAt(at + index), 0);
	return at + 4 + length <= bytes.length ? bytes.slice(at + 4, at + 4 + length) : void 0;
}
/** Returns a string with one character for each byte. */
function decoded(body) {
	try {
		return /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? atob(body) : void 0;
	} catch {
		return;
	}
}

// ../core/dist/manifest/read/includes.js
const DOCUMENTS = [
	"userData",
	"networkConfig",
	"vendorData"
];
/** Returns the manifest with the content of files in place of their names. */
function withIncludes(manifest, includes) {
	const reader = createReader(includes);
	const machine = (value, path) => value.cloudInit === void 0 ? value : {
		...value,
		cloudInit: cloudInitWith(value.cloudInit, {
			path: [...path, "cloudInit"],
			reader
		})
	};
	return {
		...manifest,
		...manifest.defaults && { defaults: machine(manifest.defaults, ["defaults"]) },
		...manifest.profiles && { profiles: mapEntries$1(manifest.profiles, (value, name) => machine(value, ["profiles", name])) },
		vms: mapEntries$1(manifest.vms, (value, name) => machine(value, ["vms", name])),
		images: mapEntries$1(manifest.images, (image, name) => withBuildFiles(withSigningKeys(image, name, reader), name, reader))
	};
}
function createReader({ readFile, fill, addProblem, addNote }) {
	const read = (file, path) => {
		try {
			return readFile(file, path);
		} catch (cause) {
			addProblem(path, `The file ${file} ${reasonOf$2(cause)}.`);
			return;
		}
	};
	const text = (file, path) => {
		const content = read(file, path);
		if (content === void 0) return void 0;
		const { text: decoded, problem } = decodeText(content);
		if (problem !== void 0) addProblem(path, `${file}:${problem.line}:${problem.column}: ${problem.message}`);
		return decoded;
	};
	return {
		text: (file, path) => text(file, path) ?? "",
		content(value, path) {
			if (typeof value === "string") return value;
			const plain = "file" in value ? text(value.file, [...path, "file"]) ?? "" : value.text;
			return value.fill === true ? fill(plain, path) : plain;
		},
		keys(file, path) {
			const content = text(file, path);
			if (content === void 0) return [];
			const { keys, dropped } = readPublicKeys(content);
			const [first] = dropped;
			if (first !== void 0) addProblem(path, `${file}:${first.line}:1: This line ${first.reason}. The file must contain only SSH public keys.`);
			else if (keys.length === 0) addProblem(path, `The file ${file} has no SSH public key.`);
			return keys;
		},
		document: (value, path) => readDocument(value, {
			path,
			read,
			fill,
			addProblem,
			addNote
		})
	};
}
/** Returns why a file cannot be read, as a clause that follows its name. */
function reasonOf$2(cause) {
	return {
		ENOENT: "does not exist",
		ENOTDIR: "does not exist",
		EACCES: "may not be read by this user",
		EPERM: "may not be read by this user",
		EISDIR: "is a folder",
		ELOOP: "is a link to itself",
		ENAMETOOLONG: "has a name that is too long"
	}[cause instanceof Error && "code" in cause ? String(cause.code) : ""] ?? (cause instanceof Error ? cause.message.replace(/\.$/, "") : "cannot be read");
}
function cloudInitWith(value, { path, reader }) {
	const documents = DOCUMENTS.flatMap((key) => {
		const document = value[key];
		return document === void 0 ? [] : [[key, reader.document(document, [...path, key])]];
	});
	const sshKeys = value.sshKeys?.flatMap((key, index) => typeof key === "object" && "file" in key ? [...reader.keys(key.file, [
		...path,
		"sshKeys",
		index,
		"file"
	])] : [key]);
	return {
		...value,
		...Object.fromEntries(documents),
		...sshKeys && { sshKeys }
	};
}
function withSigningKeys(image, name, reader) {
	if (image.signature === void 0) return image;
	const keys = image.signature.keys.map((key, index) => key.includes("-----BEGIN") ? key : reader.text(key, [
		"images",
		name,
		"signature",
		"keys",
		index
	]));
	return {
		...image,
		signature: {
			...image.signature,
			keys
		}
	};
}
/** Replaces the files of a recipe with their content. */
function withBuildFiles(image, name, reader) {
	if (image.build === void 0) return image;
	const path = [
		"images",
		name,
		"build"
	];
	const { files, userData, networkConfig } = image.build;
	return {
		...image,
		build: {
			...image.build,
			...userData !== void 0 && { userData: reader.content(userData, [...path, "userData"]) },
			...networkConfig !== void 0 && { networkConfig: reader.content(networkConfig, [...path, "networkConfig"]) },
			...files && { files: files.map((entry, index) => ({
				...entry,
				content: reader.content(entry.content, [
					...path,
					"files",
					index,
					"content"
				])
			})) }
		}
	};
}
function mapEntries$1(record, change) {
	return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

// ../core/dist/manifest/read/layers.js
/** Mappings merge key by key. Lists and single values of a later file replace those of an earlier one. */
function mergeFiles(trees) {
	const [first, ...others] = trees;
	return others.reduce((below, above) => mergeMaps(below, above), first);
}
function mergeMaps(below, above) {
	const entries = new Map(below.entries);
	for (const [key, entry] of above.entries) {
		const under = entries.get(key);
		entries.set(key, under === void 0 ? entry : mergeEntries(under, entry));
	}
	return {
		...below,
		entries
	};
}
function mergeEntries(below, above) {
	if (below.value.kind !== "map") return above;
	if (above.value.kind === "map") return {
		...above,
		value: mergeMaps(below.value, above.value)
	};
	return isEmpty$1(above.value) ? below : above;
}
function isEmpty$1(tree) {
	return tree.kind === "scalar" && tree.value === null;
}
/** Removes top-level keys that begin with `x-`, which users may use for anchors. */
function withoutExtensions(tree) {
	return {
		...tree,
		entries: new Map([...tree.entries].filter(([key]) => !key.startsWith("x-")))
	};
}
const MAPPINGS$1 = /* @__PURE__ */ new Set([
	"vms",
	"images",
	"defaults",
	"profiles",
	"limits",
	"vars"
]);
const NAMED = /* @__PURE__ */ new Set([
	"vms",
	"images",
	"profiles"
]);
const INNER = /* @__PURE__ */ new Set([
	"cloudInit",
	"storage",
	"startOrder",
	"dns",
	"smbios",
	"rollout",
	"build"
]);
/** A key without a value, where a mapping is expected, counts as an empty mapping: `web:`. */
function withEmptyMappings(tree) {
	return mapEntries(tree, (key, { value }) => {
		if (!MAPPINGS$1.has(key)) return value;
		if (isEmpty$1(value)) return emptyAt(value);
		if (value.kind !== "map") return value;
		if (key === "defaults") return withInner(value);
		return NAMED.has(key) ? mapEntries(value, (_, entry) => named$1(entry.value)) : value;
	});
}
function named$1(tree) {
	if (isEmpty$1(tree)) return emptyAt(tree);
	return tree.kind === "map" ? withInner(tree) : tree;
}
function withInner(tree) {
	return mapEntries(tree, (key, { value }) => {
		if (!INNER.has(key)) return value;
		if (isEmpty$1(value)) return emptyAt(value);
		return value.kind === "map" ? withInner(value) : value;
	});
}
function mapEntries(tree, change) {
	return {
		...tree,
		entries: new Map([...tree.entries].map(([key, entry]) => [key, {
			...entry,
			value: change(key, entry)
		}]))
	};
}
function emptyAt({ place }) {
	return {
		kind: "map",
		entries: /* @__PURE__ */ new Map(),
		place
	};
}

// ../core/dist/manifest/read/json-schema.js
/** Returns the possible schemas of the value at a key, given those of its parent. */
function schemasBelow(schemas, key) {
	return schemas.flatMap(branches).flatMap((schema) => {
		const below = schema.properties?.[String(key)] ?? schema.items ?? schema.additionalProperties;
		return typeof below === "object" ? [below] : [];
	});
}
/** Returns the possible schemas of the value at a path. */
function schemasAt(schema, path) {
	return path.reduce(schemasBelow, [schema]);
}
/** Returns the keys that a mapping with these schemas may have. */
function keysOf$1(schemas) {
	return schemas.flatMap(branches).flatMap(({ properties }) => Object.keys(properties ?? {}));
}
/** Returns true if the keys are names that the user chooses: machines, images, profiles. */
function isNamed$2(schemas) {
	return schemas.flatMap(branches).some(({ additionalProperties }) => typeof additionalProperties === "object");
}
function branches(schema) {
	return schema.anyOf?.flatMap(branches) ?? [schema];
}

// ../core/dist/manifest/read/misplaced.js
/** Moves keys that follow an empty key under it if they belong there, and reports them. */
function replaceMisplaced(tree, schema) {
	const problems = [];
	return {
		tree: repair(tree, [schema], problems),
		problems
	};
}
function repair(tree, schemas, problems) {
	if (schemas.length === 0 || tree.kind === "scalar") return tree;
	if (tree.kind === "list") return {
		...tree,
		items: tree.items.map((item, index) => repair(item, schemasBelow(schemas, index), problems))
	};
	const entries = /* @__PURE__ */ new Map();
	let empty;
	const settle = () => {
		if (empty === void 0 || empty.taken.length === 0) return;
		problems.push(misplaced(empty.key, empty.taken));
		const own = entries.get(empty.key);
		if (own !== void 0) entries.set(empty.key, {
			...own,
			value: {
				kind: "map",
				entries: new Map(empty.taken),
				place: own.place
			}
		});
	};
	for (const [key, entry] of tree.entries) {
		if (empty !== void 0 && belongsUnder(empty.key, [key, entry], schemas)) {
			empty.taken.push([key, entry]);
			continue;
		}
		entries.set(key, entry);
		if (isEmpty(entry.value)) {
			settle();
			empty = {
				key,
				taken: []
			};
		}
	}
	settle();
	const repaired = [...entries].map(([key, entry]) => [key, {
		...entry,
		value: repair(entry.value, schemasBelow(schemas, key), problems)
	}]);
	return {
		...tree,
		entries: new Map(repaired)
	};
}
/** Returns true if the key is valid under the empty key and not valid beside it. */
function belongsUnder(empty, [key, { value }], schemas) {
	const below = schemasBelow(schemas, empty);
	if (!keysOf$1(below).includes(key)) return false;
	if (keysOf$1(schemas).includes(key)) return false;
	if (!isNamed$2(schemas) || value.kind !== "map") return true;
	const [asEntry, asKey] = [keysOf$1(below), keysOf$1(schemasBelow(below, key))];
	const own = [...value.entries.keys()];
	return own.length > 0 && own.every((inner) => asKey.includes(inner)) && !own.every((inner) => asEntry.includes(inner));
}
function isEmpty(tree) {
	return tree.kind === "scalar" ? tree.value === null : tree.kind === "map" && tree.entries.size === 0;
}
function misplaced(under, taken) {
	const [first, ...others] = taken;
	const names = taken.slice(0, 3).map(([key]) => `\`${key}\``);
	const more = taken.length > 3 ? ` and ${taken.length - 3} more` : "";
	const place = first === void 0 ? {
		file: "",
		line: 1,
		column: 1
	} : positionOf$2(first[1].place);
	const message = others.length === 0 ? `${names[0]} is beside \`${under}\` but belongs below it: indent it by two more spaces.` : `${names.join(", ")}${more} are beside \`${under}\` but belong below it: indent them by two more spaces.`;
	return {
		...place,
		message
	};
}

// ../core/dist/manifest/read/known-keys.js
/** Names that other tools and people use for keys of the manifest. */
const SYNONYMS = {
	cpus: ["cores"],
	cpu: ["cores"],
	vcpu: ["cores"],
	vcpus: ["cores"],
	core: ["cores"],
	ram: ["memory"],
	mem: ["memory"],
	maxmem: ["memory"],
	minmem: ["balloon"],
	socket: ["sockets"],
	hostname: ["name"],
	template: ["image"],
	os: ["image", "osType"],
	ostype: ["osType"],
	distro: ["image"],
	host: ["node"],
	target: ["node"],
	target_node: ["node"],
	target_nodes: ["nodes"],
	pve_node: ["node"],
	datastore: ["disks", "storage"],
	storage_pool: ["storage"],
	size: ["disk"],
	boot_order: ["boot"],
	bootdisk: ["boot"],
	cpu_type: ["cpu"],
	qemu_agent: ["agent"],
	guest_agent: ["agent"],
	gpu: ["devices"],
	usb: ["devices"],
	passthrough: ["devices"],
	pool_name: ["pool"],
	disk_size: ["disk"],
	hdd: ["disk"],
	volumes: ["disks"],
	nic: ["network"],
	nics: ["network"],
	net: ["network"],
	net0: ["network"],
	networks: ["network"],
	networking: ["network"],
	bios_type: ["bios"],
	firmware: ["bios"],
	uefi: ["bios"],
	onboot: ["onBoot"],
	autostart: ["onBoot"],
	start_on_boot: ["onBoot"],
	started: ["start"],
	state: ["start"],
	replicas: ["count"],
	instances: ["count"],
	id: ["vmid"],
	vm_id: ["vmid"],
	notes: ["description"],
	comment: ["description"],
	desc: ["description"],
	startup: ["startOrder"],
	ciuser: ["user"],
	username: ["user"],
	userdata: ["userData"],
	keys: ["sshKeys"],
	public_keys: ["sshKeys"],
	ip4: ["ip"],
	network_config: ["networkConfig"],
	vendor_data: ["vendorData"],
	package_upgrade: ["upgrade"],
	cipassword: ["password"],
	passwd: ["password"],
	sshkeys: ["sshKeys"],
	ssh_keys: ["sshKeys"],
	ssh_key: ["sshKeys"],
	sshKey: ["sshKeys"],
	ssh_authorized_keys: ["sshKeys"],
	authorized_keys: ["sshKeys"],
	address: ["ip"],
	ip_address: ["ip"],
	ipv4: ["ip"],
	ipconfig0: ["ip"],
	ipv6: ["ip6"],
	gw: ["gateway"],
	gateway4: ["gateway"],
	gw6: ["gateway6"],
	dns_servers: ["servers", "dns"],
	dns_domain: ["domain", "dns"],
	nameserver: ["servers", "dns"],
	nameservers: ["servers", "dns"],
	searchdomain: ["domain", "dns"],
	search: ["domains"],
	searchdomains: ["domains"],
	user_data: ["userData"],
	cloud_init: ["cloudInit"],
	cloudinit: ["cloudInit"],
	cicustom: ["userData"],
	tag: ["vlan", "tags"],
	vlan_id: ["vlan"],
	vlans: ["trunks"],
	multiqueue: ["queues"],
	vlan_tag: ["vlan"],
	macaddr: ["mac"],
	mac_address: ["mac"],
	hwaddr: ["mac"],
	link_down: ["linkDown"],
	iothread: ["ioThread"],
	hostpci: ["devices"],
	hostpci0: ["devices"],
	usb0: ["devices"],
	pci: ["devices"],
	iso: ["cdrom"],
	sha256: ["checksum"],
	sha512: ["checksum"],
	checksum_url: ["checksum"],
	src: ["url", "file"],
	source: ["url"],
	path: ["file"],
	uri: ["url"],
	machines: ["vms"],
	vm: ["vms"],
	virtual_machines: ["vms"],
	servers: ["vms"],
	image: ["images"],
	default: ["defaults"],
	variables: ["vars"]
};
/** Mappings whose keys are often written one level too high, such as `user` for `cloudInit.user`. */
const DEEPER = [
	"cloudInit",
	"network",
	"cloudInit.dns",
	"storage",
	"disk",
	"smbios",
	"ha"
];
/**
* `cpus` → `cores`, `cuont` → `count`, `ssh_keys` beside `cores` → `cloudInit.sshKeys`. Returns undefined if no known
* key is similar.
* @param schema of the whole document
*/
function meantKey(schema, path, key) {
	const keys = keysOf$1(schemasAt(schema, path));
	return exactKey(key, keys) ?? deeperKey(key, schemasAt(schema, path)) ?? nearestKey(key, keys);
}
/** Returns the key with the same spelling, or the key that other tools call so. */
function exactKey(key, keys) {
	const plain = spelling(key);
	const synonyms = SYNONYMS[key] ?? BY_SPELLING.get(plain) ?? [];
	return keys.find((known) => spelling(known) === plain) ?? synonyms.find((word) => keys.includes(word));
}
function deeperKey(key, schemas) {
	for (const place of DEEPER) {
		const below = place.split(".").reduce(schemasBelow, schemas);
		const found = exactKey(key, keysOf$1(below));
		if (found !== void 0) return `${place}.${found}`;
	}
}
/**
* A typing error hardly changes the length, and short keys must start with the same letter: `gpu` does not mean `cpu`.
*/
function nearestKey(key, keys) {
	const near = closestMatch(key, keys, { maxDistance: Math.floor((key.length + 1) / 3) });
	return near !== void 0 && (key.length > 3 || near.startsWith(key.charAt(0))) ? near : void 0;
}
const BY_SPELLING = new Map(Object.entries(SYNONYMS).map(([key, words]) => [spelling(key), words]));
/** `cloud_init`, `cloud-init` and `CloudInit` count as the same. */
function spelling(key) {
	return key.toLowerCase().replace(/[-_\s]/g, "");
}

// ../core/dist/manifest/read/tree.js
/** Returns the value at a path, or undefined if there is none. */
function treeAt(tree, path) {
	let at = tree;
	for (const key of path) at = at && childOf(at, key);
	return at;
}
function childOf(tree, key) {
	if (tree.kind === "map") return tree.entries.get(String(key))?.value;
	return tree.kind === "list" ? tree.items[Number(key)] : void 0;
}
/** Returns the position of the value at a path. If it is missing, returns the key of its nearest parent. */
function placeOfValue(tree, path) {
	return placeIn(tree, path, false);
}
/** Returns the position of the key at a path. */
function placeOfKey(tree, path) {
	return placeIn(tree, path, true);
}
function placeIn(tree, path, ofKey) {
	let at = tree;
	let place = tree.place;
	for (const [index, key] of path.entries()) {
		const entry = at.kind === "map" ? at.entries.get(String(key)) : void 0;
		const child = entry?.value ?? childOf(at, key);
		if (child === void 0) return place;
		place = index === path.length - 1 && !ofKey ? child.place : entry?.place ?? child.place;
		at = child;
	}
	return place;
}
/** Converts a tree to a plain value. */
function toValue(tree) {
	if (tree.kind === "scalar") return tree.value;
	if (tree.kind === "list") return tree.items.map(toValue);
	const result = {};
	for (const [key, { value }] of tree.entries) if (key === "__proto__") Object.defineProperty(result, key, {
		value: toValue(value),
		enumerable: true,
		configurable: true,
		writable: true
	});
	else result[key] = toValue(value);
	return result;
}
/** Returns the document with the original text of the parameters at these paths, or undefined if there are none. */
function withText(tree, paths) {
	const texts = /* @__PURE__ */ new Set();
	for (const path of paths) {
		const at = treeAt(tree, path);
		if (at?.kind === "scalar" && at.asText !== void 0) texts.add(at);
	}
	return texts.size === 0 ? void 0 : asTexts(tree, texts);
}
function asTexts(tree, texts) {
	if (tree.kind === "scalar") return texts.has(tree) && tree.asText !== void 0 ? {
		...tree,
		value: tree.asText
	} : tree;
	if (tree.kind === "list") return {
		...tree,
		items: tree.items.map((item) => asTexts(item, texts))
	};
	const entries = [...tree.entries].map(([key, entry]) => [key, {
		...entry,
		value: asTexts(entry.value, texts)
	}]);
	return {
		...tree,
		entries: new Map(entries)
	};
}

// ../core/dist/manifest/read/problems.js
/** Turns the issues of a schema into sentences with positions. Issues about unknown values are left out. */
function problemsOf$2(issues, wording) {
	return issues.flatMap(withinUnion).filter(({ path }) => !isUnknown(treeAt(wording.tree, path))).flatMap((issue) => problemOf$1(issue, wording));
}
/**
* Returns the issues of a value that may have several shapes. If it clearly has one of them, returns that shape's
* issues.
*/
function innerIssues(issues) {
	return issues.flatMap(withinUnion);
}
function isUnknown(tree) {
	return tree?.kind === "scalar" && tree.isUnknown === true;
}
function problemOf$1(issue, { tree, whole, schema }) {
	const { path } = issue;
	const name = path.length === 0 ? whole : `\`${path.map(String).join(".")}\``;
	if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({
		...positionOf$2(placeOfKey(tree, [...path, key])),
		message: unknownKey(key, {
			name,
			path,
			schema: schema()
		})
	}));
	if (issue.code === "custom" && issue.params?.isName === true) return [{
		...positionOf$2(placeOfKey(tree, path)),
		message: wrongName(String(path.at(-1)), issue.message)
	}];
	const words = clauseOf(issue, treeAt(tree, path));
	return [{
		...positionOf$2(placeOfValue(tree, path)),
		message: ended$1(`${name} ${words}`)
	}];
}
/** Keys that do not exist because another key states the value. */
const ELSEWHERE = {
	name: "the name is the name of the entry",
	hostname: "the name is the name of the entry",
	fqdn: "it is the name of the entry, followed by `dns.domain`",
	args: "Proxmox allows only root to set it",
	hookscript: "Proxmox allows only root to set it",
	affinity: "Proxmox allows only root to set it",
	scsihw: "it is always virtio-scsi-single",
	packages: "set it in a cloud-init document (`userData`)",
	runcmd: "set it in a cloud-init document (`userData`)",
	timezone: "set it in a cloud-init document (`userData`)",
	depends_on: "use `startOrder`",
	dependsOn: "use `startOrder`"
};
function unknownKey(key, { name, path, schema }) {
	if (key === "<<") return `${name} has a merge key in quotes: write \`<<: *name\` without them.`;
	const elsewhere = path[0] === "images" ? void 0 : ELSEWHERE[key];
	if (elsewhere !== void 0) return `${name} has no key \`${key}\`: ${elsewhere}.`;
	const meant = meantKey(schema, path, key);
	if (meant !== void 0) return `${name} has no key \`${key}\`: did you mean \`${meant}\`?`;
	const parent = schemasAt(schema, path.slice(0, -1));
	if (path.length > 1 && !isNamed$2(parent) && keysOf$1(parent).includes(key)) return `${name} has no key \`${key}\`: it belongs one level up, beside \`${String(path.at(-1))}\`.`;
	if (path.length === 0) return `${name} has no key \`${key}\`. Your own entries must begin with \`x-\`.`;
	return `${name} has no key \`${key}\`.`;
}
function wrongName(name, reason) {
	const proposal = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
	return `The name \`${name}\` ${reason}${proposal === "" || proposal === name ? "." : `: did you mean \`${proposal.slice(0, 63)}\`?`}`;
}
function ended$1(sentence) {
	return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}
function withinUnion(issue) {
	if (issue.code !== "invalid_union") return [issue];
	const inside = issue.errors.filter((branch) => branch.length > 0 && branch.every(isInside));
	const fewest = Math.min(...inside.map((branch) => branch.length));
	const [only, other] = inside.filter(({ length }) => length === fewest);
	if (only === void 0 || other !== void 0) return [issue];
	return only.flatMap((one) => withinUnion({
		...one,
		path: [...issue.path, ...one.path]
	}));
}
function isInside({ code, path }) {
	return path.length > 0 || code === "unrecognized_keys";
}
/** Returns the part of the sentence after the key. */
function clauseOf(issue, tree) {
	if (tree === void 0) return "is missing";
	const isEmpty = tree.kind === "scalar" && tree.value === null;
	const clause = wording(issue);
	if (isEmpty && clause.startsWith("must ")) return `has no value: it ${clause}`;
	return `${clause}${oldBoolean(issue, tree)}${insteadOfMapping(issue, clause, tree)}${insteadOfList(issue, clause, tree)}${ofAnotherKind(issue, tree)}`;
}
/** A single value for a list. */
function insteadOfList({ path }, clause, tree) {
	if (clause !== "must be a list" || tree.kind !== "scalar") return "";
	const { value } = tree;
	if (typeof value !== "number" && (typeof value !== "string" || value.length >= 60)) return "";
	if (path.at(-1) === "sshKeys" && /^[~./]\S*$/.test(String(value))) return `, such as \`[{ file: ${value} }]\``;
	return `, such as \`[${String(value).split(/[,;]\s*|(?<=^[\w.:/-]+)\s+(?=[\w.:/-]+$)/).map((part) => /^[\w./-]+$/.test(part) ? part : JSON.stringify(part)).join(", ")}]\``;
}
/** A number for a text, or the other way round. */
function ofAnotherKind(issue, tree) {
	if (issue.code !== "invalid_type" || tree.kind !== "scalar" || tree.asText !== void 0) return "";
	if (issue.message.endsWith("?")) return "";
	const { value } = tree;
	if (issue.path.at(-1) === "cpu" && typeof value === "number") return `: did you mean \`cores: ${value}\`?`;
	if (issue.expected === "string" && (typeof value === "number" || typeof value === "boolean")) return `. Without quotes, YAML reads this as ${typeof value === "number" ? "a number" : "a boolean"}`;
	const isNumber = issue.expected === "number" || issue.expected === "int";
	return typeof value === "string" && (isNumber && /^-?\d+(\.\d+)?$/.test(value) || issue.expected === "boolean" && /^(true|false)$/.test(value)) ? ". In quotes, YAML reads this as a string" : "";
}
/** Mappings that users often write as a single value. */
const SHAPES = {
	storage: "{ images: local, disks: local-lvm }",
	startOrder: "{ order: 1 }",
	dns: "{ servers: [10.0.0.53] }",
	rollout: "{ batch: 1 }"
};
/** The key that a single value in a list of mappings stands for. */
const ITEM_KEYS = {
	disks: "size",
	network: "bridge"
};
function insteadOfMapping(issue, clause, tree) {
	if (clause !== "must be a mapping") return "";
	const shape = SHAPES[String(issue.path.at(-1))];
	const itemKey = ITEM_KEYS[String(issue.path.at(-2))];
	if (itemKey !== void 0 && tree?.kind === "scalar") return `: did you mean \`{ ${itemKey}: ${tree.value} }\`?`;
	if (shape !== void 0 && tree?.kind === "scalar") return `, such as \`${shape}\``;
	if (tree?.kind === "list") return ": write the names as keys, as in `web: { … }`";
	const [, key, value] = tree?.kind === "scalar" && /^([\w.-]+)(?:\s*[:=]\s*|\s+)(\S+)/.exec(String(tree.value)) || [];
	return value === void 0 ? "" : `: is a colon followed by a space missing, as in \`${key}: ${value}\`?`;
}
/** YAML 1.1 read `yes` and similar words as booleans. */
function oldBoolean({ message }, tree) {
	const value = tree?.kind === "scalar" ? tree.value : void 0;
	if (typeof value !== "string" || !/^(y|yes|n|no|on|off)$/i.test(value) || !message.includes("`true`")) return "";
	return `: since YAML 1.2, \`${value}\` is a string; did you mean \`${/^(y|yes|on)$/i.test(value) ? "true" : "false"}\`?`;
}
const OWN_WORDS = /^(must |is missing|"from")/;
function wording(issue) {
	if (OWN_WORDS.test(issue.message)) return issue.message;
	if (issue.code === "invalid_type") return `must be ${NOUNS[issue.expected] ?? issue.expected}`;
	if (issue.code === "invalid_value") return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map((value) => `\`${String(value)}\``).join(", ")}`;
	if (issue.code === "too_small" || issue.code === "too_big") {
		const bound = issue.code === "too_small" ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
		return `must ${bounded(issue.origin, bound)}`;
	}
	return "is not a valid value";
}
function bounded(origin, bound) {
	if (origin === "string") return `be ${bound} characters long`;
	return origin === "array" ? `have ${bound} entries` : `be ${bound}`;
}
const NOUNS = {
	string: "a string",
	number: "a number",
	int: "a whole number",
	boolean: "`true` or `false`",
	array: "a list",
	object: "a mapping",
	record: "a mapping"
};

// ../core/dist/manifest/read/read-yaml.js
/**
* Parses a mapping.
* @throws ProvisionError `MANIFEST` if the text is not YAML, or not a mapping; then `expectation` says what it should
* be
*/
function readYaml(source, expectation) {
	const { tree, problems } = parseYaml(source, expectation);
	if (tree === void 0 || problems.length > 0) throw refusal$1([source.file], problems);
	return tree;
}
/** Like `readYaml`, but returns the problems, so that those of several files can be reported together. */
function parseYaml({ text: given, file }, expectation) {
	const decoded = decodeText(given);
	if (decoded.problem !== void 0) return { problems: [{
		file,
		...decoded.problem
	}] };
	const { text } = decoded;
	const lines = new import_dist.LineCounter();
	const at = (offset) => ({
		file,
		offset,
		lines
	});
	const document = parseSafely(text, lines);
	if (document === void 0) return { problems: [{
		...positionOf$2(at(0)),
		message: TOO_DEEP
	}] };
	const broken = syntaxProblems(text, document.errors).map(({ offset, message }) => ({
		...positionOf$2(at(offset)),
		message
	}));
	if (broken.length > 0) return { problems: broken };
	const reader = new TreeReader(at);
	const tree = reader.read(document.contents);
	if (document.contents === null && text.trim() === "") return { problems: [{
		...positionOf$2(at(0)),
		message: `The file is empty. ${expectation}`
	}] };
	if (tree.kind === "map") return reader.problems.length > 0 ? { problems: reader.problems } : {
		tree,
		problems: []
	};
	return { problems: [...reader.problems, {
		...positionOf$2(at(0)),
		message: expectation
	}].slice(0, 1) };
}
const DEEPEST = 64;
/**
* Does not let the parser look for duplicate keys, because it compares each key with all before it. `TreeReader` finds
* them.
*/
function parseSafely(text, lineCounter) {
	try {
		return (0, import_dist.parseDocument)(text, {
			lineCounter,
			prettyErrors: false,
			uniqueKeys: false
		});
	} catch (thrown) {
		if (thrown instanceof RangeError) return void 0;
		throw thrown;
	}
}
/** Limit for the number of values after aliases are resolved. A value counts each time an alias refers to it. */
const MOST_VALUES = 5e5;
const TOO_MANY = "The aliases (`*name`) here expand this file to more than 500,000 values.";
/** Creates the tree of one document, resolves aliases and merge keys, and finds duplicate keys. */
var TreeReader = class {
	problems = [];
	#at;
	#anchors = /* @__PURE__ */ new Map();
	/** Number of values in a tree. A value counts each time an alias refers to it. */
	#sizes = /* @__PURE__ */ new WeakMap();
	/** Messages about the whole document, which are reported only once. */
	#said = /* @__PURE__ */ new Set();
	constructor(at) {
		this.#at = at;
	}
	read(node, depth = 0) {
		const place = this.#at(offsetOf(node));
		if (depth > DEEPEST) return this.#refuse(place, TOO_DEEP);
		if ((0, import_dist.isAlias)(node)) return this.#resolve(node, place);
		const tree = this.#readOwn(node, depth);
		const { anchor, tag } = node ?? {};
		if (anchor !== void 0) this.#anchors.set(anchor, tree);
		if (tag !== void 0 && !KNOWN_TAGS.test(tag)) this.#report(place, `The tag \`${tag}\` is not supported here.`);
		return tree;
	}
	#readOwn(node, depth) {
		const place = this.#at(offsetOf(node));
		if ((0, import_dist.isMap)(node)) return this.#readMap(node, depth);
		return (0, import_dist.isSeq)(node) ? this.#readList(node.items, {
			place,
			depth
		}) : readScalar(node, place);
	}
	#report(place, message) {
		this.problems.push({
			...positionOf$2(place),
			message
		});
	}
	#refuse(place, message) {
		if (!this.#said.has(message)) this.#report(place, message);
		this.#said.add(message);
		return nothing(place);
	}
	#resolve(alias, place) {
		const tree = this.#anchors.get(alias.source);
		if (tree !== void 0) return tree;
		this.#report(place, `There is no anchor \`&${alias.source}\` before this \`*${alias.source}\`.`);
		return nothing(place);
	}
	#readList(items, { place, depth }) {
		const trees = items.map((item) => this.read(item, depth + 1));
		return this.#sized({
			kind: "list",
			items: trees,
			place
		}, trees);
	}
	#readMap(node, depth) {
		const entries = /* @__PURE__ */ new Map();
		const merged = [];
		for (const pair of node.items) {
			const place = this.#at(offsetOf(pair.key));
			const value = pair.value === null ? nothing(place) : this.read(pair.value, depth + 1);
			const key = keyOf$3(pair.key);
			if (key === void 0) this.#report(place, "A key must be a string.");
			else if (key === "<<" && isPlain(pair.key)) merged.push(value);
			else this.#addEntry(entries, key, {
				place,
				value
			});
		}
		for (const value of merged) this.#mergeInto(entries, value);
		const trees = [...entries.values()].map(({ value }) => value);
		return this.#sized({
			kind: "map",
			entries,
			place: this.#at(offsetOf(node))
		}, trees);
	}
	#addEntry(entries, key, entry) {
		const first = entries.get(key);
		if (first === void 0) entries.set(key, entry);
		else this.#report(entry.place, `The key \`${key}\` appears twice, first in line ${positionOf$2(first.place).line}.`);
	}
	/** Applies a merge key (`<<`). The mapping's own keys win, then the first of several merged mappings. */
	#mergeInto(entries, value) {
		for (const source of value.kind === "list" ? value.items : [value]) if (source.kind === "map") {
			for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
		} else {
			this.#report(value.place, "A merge key (`<<`) needs a mapping, or a list of mappings: `<<: *name`.");
			return;
		}
	}
	#sized(tree, parts) {
		const size = parts.reduce((sum, part) => sum + (this.#sizes.get(part) ?? 1), 1);
		this.#sizes.set(tree, Math.min(size, 500001));
		if (size > MOST_VALUES) this.#refuse(tree.place, TOO_MANY);
		return tree;
	}
};
const KNOWN_TAGS = /^(tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)|!)$/;
function offsetOf(node) {
	return node?.range?.[0] ?? 0;
}
function nothing(place) {
	return {
		kind: "scalar",
		value: null,
		place
	};
}
function readScalar(node, place) {
	const value = (0, import_dist.isScalar)(node) ? node.value : null;
	return {
		kind: "scalar",
		value: typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : typeof value === "bigint" ? Number(value) : null,
		place
	};
}
/** Keeps a name as written: `1.0` and `0123` are valid names. */
function keyOf$3(key) {
	const value = (0, import_dist.isScalar)(key) ? key.value : key;
	if ((0, import_dist.isScalar)(key) && typeof value === "number" && key.source !== void 0) return key.source;
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : void 0;
}
function isPlain(key) {
	return (0, import_dist.isScalar)(key) && key.type === import_dist.Scalar.PLAIN;
}
/** More problems would not help the reader. `details.problems` contains all of them. */
const MOST_SHOWN = 50;
/** Creates the error for files with problems: one line for each, in the order of the files. */
function refusal$1(files, problems, notes = []) {
	const order = new Map(files.map((file, index) => [file, index]));
	const ordered = problems.toSorted((one, other) => (order.get(one.file) ?? 0) - (order.get(other.file) ?? 0) || one.line - other.line || one.column - other.column);
	const shown = ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`;
	const lines = ordered.slice(0, MOST_SHOWN).map(shown);
	const beside = notes.slice(0, MOST_SHOWN).map((note) => `Note: ${shown(note)}`);
	const rest = ordered.length > MOST_SHOWN ? [`… and ${ordered.length - MOST_SHOWN} more.`] : [];
	const places = new Set(ordered.map(({ file }) => file));
	const where = places.size === 1 ? `${[...places][0]} has` : `${places.size} files have`;
	const count = ordered.length === 1 ? "1 error" : `${ordered.length} errors`;
	return new ProvisionError("MANIFEST", [
		`${where} ${count}:`,
		...lines,
		...rest,
		...beside
	].join("\n"), { details: { problems: ordered } });
}

// ../core/dist/manifest/read/without-faults.js
/** Returns a copy without the parts that the issues name. */
function withoutFaults(document, issues) {
	const copy = structuredClone(document);
	for (const path of issues.flatMap(pathsOf)) remove$1(copy, path);
	return copy;
}
/**
* Returns a function that says if a problem may only follow from an issue: the issue is above or below the same path,
* an image is invalid, or a default was removed.
*/
function consequencesOf(issues) {
	const faults = issues.flatMap(pathsOf);
	const exact = new Set(faults.map(nameOf$1));
	const above = new Set(faults.flatMap((path) => path.map((_, length) => nameOf$1(path.slice(0, length)))));
	const hasImages = faults.some(([first]) => first === "images");
	const hasDefaults = faults.some(([first]) => first === "defaults" || first === "profiles");
	return (path) => hasImages || hasDefaults && path.length < 3 || above.has(nameOf$1(path)) || path.some((_, length) => exact.has(nameOf$1(path.slice(0, length + 1))));
}
function nameOf$1(path) {
	return path.map(String).join("\0");
}
function pathsOf(issue) {
	return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}
function remove$1(value, path) {
	const [key, ...rest] = path;
	if (key === void 0 || typeof value !== "object" || value === null) return;
	const below = Reflect.get(value, key);
	if (rest.length === 0 || rest.length === 1 && Array.isArray(below)) Reflect.deleteProperty(value, key);
	else remove$1(below, rest);
}

// ../core/dist/manifest/schema/cloud-init.js
const IP4_WANTED = "must be \"dhcp\" or an IPv4 address with its prefix, such as \"10.0.0.5/24\"";
const IP6_WANTED = "must be \"dhcp\", \"auto\" or an IPv6 address with its prefix, such as \"2001:db8::5/64\"";
/** Suggests the probable meaning: a netmask instead of a prefix, capital letters, or an address of the other family. */
function ipWanted(wanted, other) {
	return ({ input }) => {
		if (typeof input !== "string") return wanted;
		const [, address = "", mask = ""] = /^([\d.]+)[/ ]((?:\d+\.){3}\d+)$/.exec(input) ?? [];
		const prefix = prefixOf(mask);
		if (prefix !== void 0) return `${wanted}: did you mean "${address}/${prefix}"?`;
		if (/^(?:dhcp|auto)$/i.test(input) && wanted.includes(`"${input.toLowerCase()}"`)) return `${wanted}: did you mean "${input.toLowerCase()}"?`;
		return (other === "ip6" ? /^[0-9a-f]*:[0-9a-f:]+/i.test(input) : /^(?:\d+\.){3}\d+/.test(input)) ? `${wanted}: use \`${other}\` for this one` : wanted;
	};
}
/** `255.255.255.0` → 24 */
function prefixOf(mask) {
	const bits = mask.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
	if (bits.length !== 32 || !/^1+0*$/.test(bits)) return void 0;
	return bits.replaceAll("0", "").length;
}
const fixed4 = described(cidrv4({ error: ipWanted(IP4_WANTED, "ip6") }), { errorMessage: IP4_WANTED });
const fixed6 = described(cidrv6({ error: ipWanted(IP6_WANTED, "ip") }), { errorMessage: IP6_WANTED });
const addressFields = {
	ip: key(union([literal("dhcp"), counted(fixed4, IP4_WANTED)], { error: IP4_WANTED }), { description: "\"dhcp\", or an address with its prefix, such as \"10.0.0.5/24\". With `count`: a list, or { from: \"10.0.0.11/24\" } for consecutive addresses. Default: DHCP on every card." }),
	gateway: key(ipv4({ error: "must be an IPv4 address" }), {
		description: "IPv4 gateway.",
		errorMessage: "must be an IPv4 address"
	}),
	ip6: key(union([_enum(["dhcp", "auto"]), counted(fixed6, IP6_WANTED)], { error: IP6_WANTED }), { description: "\"auto\", \"dhcp\", or an address with its prefix. With `count` as `ip`." }),
	gateway6: key(ipv6({ error: "must be an IPv6 address" }), {
		description: "IPv6 gateway.",
		errorMessage: "must be an IPv6 address"
	}),
	onLink: key(flag(), { description: "The gateway is outside the prefix but directly reachable. Not needed with /32, /128 and link-local gateways." })
};
const address = strictObject(addressFields);
const fill = key(flag(), { description: "Replace \"${env:NAME}\", \"${secret:NAME}\", \"${var:NAME}\", and \"${machine:name}\", \"${machine:index}\", \"${machine:ip}\", \"${machine:ip6}\". Default: the document is passed on unchanged." });
const DOCUMENT_WANTED = "must be a string, { file: PATH } or { text: TEXT, fill: true }";
/** Explains how to turn a mapping into a document, because users often write one in its place. */
function documentWanted({ input }) {
	return typeof input === "object" && input !== null && !("file" in input) && !("text" in input) ? `${DOCUMENT_WANTED}: put \`|\` after the key to make the lines below it a string` : DOCUMENT_WANTED;
}
const document = (what) => key(union([
	string(),
	strictObject({
		file: filePath,
		fill
	}),
	strictObject({
		text: string(),
		fill
	})
], { error: documentWanted }), { description: `${what}: the text, { file: PATH } relative to the manifest, or { text: TEXT }.` });
const DOMAIN_WANTED = "must be a valid DNS name, or several separated by spaces";
function domainWanted({ input }) {
	return Array.isArray(input) ? `${DOMAIN_WANTED}: use \`domains\` for a list` : DOMAIN_WANTED;
}
const LABEL = "[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?";
const NAME = `${LABEL}(\\.${LABEL})*\\.?`;
/** Detects a path or an address in place of a key, which is the most common mistake. */
function keyWanted({ input }) {
	if (typeof input !== "string") return PUBLIC_KEY_WANTED;
	if (/^https?:\/\//.test(input)) return `must be an SSH public key: did you mean { url: ${JSON.stringify(input)} }?`;
	if (/^(~|\.{0,2}\/)|\.pub$/.test(input.trim())) return `must be an SSH public key: did you mean { file: ${JSON.stringify(input)} }?`;
	const reason = readPublicKeys(input).dropped[0]?.reason;
	return reason === void 0 || reason === "is not an SSH public key" ? PUBLIC_KEY_WANTED : `must be an SSH public key, and this one ${reason}`;
}
const insecure = key(flag(), { description: "Allow keys over plain http, where anyone on the network can change them." });
const publicKey = described(string().check(refine(holdsPublicKeys, { error: keyWanted })), {
	pattern: "(^|\\s)\\S+ AAAA[A-Za-z0-9+/]{16,}",
	errorMessage: PUBLIC_KEY_WANTED
});
const USER_WANTED = "must be a user name: letters, digits, \"_\", \"-\", \".\" and \"@\", not digits alone, at most 64, and no \"-\" or \".\" first";
const cloudInit = described(strictObject({
	user: key(text(/^(?![0-9]+$)[a-zA-Z0-9_][a-zA-Z0-9_.@-]{0,62}\$?$/, USER_WANTED), { description: "User that cloud-init creates. Default: the image's own." }),
	password: key(anyText(), { description: "Password in plain text, or a hash such as `mkpasswd` prints. Use \"${secret:NAME}\" instead of writing it down." }),
	sshKeys: key(array(union([
		publicKey,
		strictObject({ file: filePath }),
		strictObject({
			url: webUrl,
			insecure
		})
	], { error: keyWanted })), { description: "Public keys: text, { file: PATH } or { url: ADDRESS }." }),
	...addressFields,
	addresses: key(array(address), { description: "One entry for each network card, in order. Use it instead of ip, gateway, ip6 and gateway6." }),
	dns: key(strictObject({
		servers: key(array(union([ipv4(), ipv6()], { error: "must be an IP address" })), { description: "Addresses of name servers. Default: those of the node, if Proxmox writes the cloud-init drive; a change on the node then makes cloud-init run again." }),
		domain: key(string({ error: domainWanted }).check(_regex(new RegExp(`^${NAME}([ ,]+${NAME})*$`), DOMAIN_WANTED)), {
			errorMessage: DOMAIN_WANTED,
			description: "Search domain, or several separated by spaces. The first one also becomes part of the host name."
		}),
		domains: key(array(dnsName).check(_minLength(1)), { description: "Search domains as a list." })
	}), { description: "Name servers and search domains." }),
	upgrade: key(flag(), { description: "Upgrade packages at the first boot. Default: yes, as in Proxmox." }),
	userData: document("A user-data document. It is merged with the other settings here; the document wins where both set the same thing"),
	networkConfig: document("A network-config document, instead of addresses and `dns`"),
	vendorData: document("A vendor-data document")
}), { description: "Settings for cloud-init. Proxmox writes them to its cloud-init drive. Documents, and settings that Proxmox does not have, go on a NoCloud ISO. Neither SSH nor snippets are needed." });

// ../core/dist/manifest/schema/hardware.js
const diskLimits = strictObject({
	readMBps: key(amount(1, 1e5), { description: "Read limit in MB/s." }),
	writeMBps: key(amount(1, 1e5), { description: "Write limit in MB/s." }),
	readIops: key(whole$1(10, 2e6), { description: "Read limit in operations per second." }),
	writeIops: key(whole$1(10, 2e6), { description: "Write limit in operations per second." })
});
const diskFields = {
	cache: key(oneOf([
		"none",
		"writethrough",
		"writeback",
		"directsync",
		"unsafe"
	]), { description: "Cache mode. Default: none." }),
	discard: key(flag(), { description: "Pass TRIM on to the storage, so that freed space is returned." }),
	ssd: key(flag(), { description: "Present the disk as an SSD." }),
	ioThread: key(flag(), { description: "Use an I/O thread of its own." }),
	backup: key(flag(), { description: "Include the disk in backups." }),
	replicate: key(flag(), { description: "Include the disk in replication." }),
	aio: key(oneOf([
		"io_uring",
		"native",
		"threads"
	]), { description: "Asynchronous I/O mode of QEMU." }),
	serial: key(text(/^[a-zA-Z0-9 _.-]{1,20}$/, "must be up to 20 letters, digits, spaces, \"_\", \"-\" and \".\""), { description: "Serial number that the guest sees, as in /dev/disk/by-id. A disk with a serial number is recognised by it, even if its place in the list changes." }),
	limits: key(diskLimits, { description: "Limits for reading and writing." })
};
const DISK_WANTED = "must be a size such as \"20 GiB\", or a disk";
const bootDisk = described(union([size("GiB"), strictObject({
	size: optional(size("GiB")),
	...diskFields
})], { error: ({ input }) => withoutUnit(input, "GiB") ?? DISK_WANTED }), { description: "Boot disk: a size, or settings. It can grow, never shrink." });
const extraDisk = strictObject({
	size: key(size("GiB"), { description: "Size. Default: that of its `image`." }),
	image: key(anyText("must be the name of an image"), { description: "An entry of `images` to fill the disk with (not a template). Default: empty." }),
	storage: key(storageName, { description: "Storage. Default: `storage.disks` of the VM." }),
	bus: key(oneOf([
		"scsi",
		"virtio",
		"sata"
	]), { description: "Bus. Default: scsi." }),
	...diskFields
});
const MAC_WANTED = "must be a unicast MAC address such as \"BC:24:11:00:00:01\", a list, or { from: ADDRESS }";
const VLAN_RANGE_WANTED = "must be VLAN numbers such as 20, or a range such as \"100-199\"";
const vlanRange = union([whole$1(1, 4094), text(/^\d{1,4}-\d{1,4}$/, VLAN_RANGE_WANTED)], { error: VLAN_RANGE_WANTED });
const network = described(strictObject({
	bridge: described(text(/^[a-zA-Z][a-zA-Z0-9_.-]*$/, "must be the name of a bridge, such as \"vmbr0\""), { description: "Bridge or VNet." }),
	model: described(_default(oneOf([
		"virtio",
		"e1000",
		"e1000e",
		"rtl8139",
		"vmxnet3"
	]), "virtio"), { description: "Model of the network card." }),
	vlan: key(whole$1(1, 4094), { description: "VLAN tag." }),
	trunks: key(array(vlanRange), { description: "VLANs that reach the guest with their tags, such as [10, 20, \"100-199\"]. Needs a VLAN-aware bridge." }),
	mac: key(counted(macAddress, MAC_WANTED), { description: "MAC address. Default: Proxmox generates one, and it stays. With `count`: a list, or { from: ADDRESS }." }),
	firewall: key(flag(), { description: "Enable the Proxmox firewall for this card." }),
	rate: key(amount(0, 10240), { description: "Rate limit in MB/s." }),
	mtu: key(whole$1(1, 65520), { description: "MTU. 1 uses the MTU of the bridge." }),
	queues: key(whole$1(0, 64), { description: "Packet queues (multiqueue), for guests with several cores." }),
	linkDown: key(flag(), { description: "Disconnect the card, as if its cable were unplugged." })
}), { description: "A network card." });
const pciDevice = strictObject({
	pci: described(mappingName, { description: "A PCI device, by the name of its resource mapping." }),
	pcie: key(flag(), { description: "Attach it as PCI Express, which needs `machine: q35`." }),
	primaryGpu: key(flag(), { description: "Use it as the primary display of the guest." }),
	romBar: key(flag(), { description: "Show the device's ROM to the guest. Default: yes." }),
	mdev: key(text(/^[a-zA-Z0-9_.-]+$/, "must be the type of a mediated device, such as \"nvidia-259\""), { description: "Type of a mediated device (vGPU)." })
});
const usbDevice = strictObject({
	usb: described(mappingName, { description: "A USB device, by the name of its resource mapping." }),
	usb3: key(flag(), { description: "Attach it as USB 3. Only old guests need this." })
});
const sharedFolder = strictObject({
	virtiofs: described(mappingName, { description: "A directory of the node, by the name of its resource mapping." }),
	cache: key(oneOf([
		"auto",
		"always",
		"metadata",
		"never"
	]), { description: "Cache mode of the guest." }),
	directIo: key(flag(), { description: "Honour O_DIRECT of the guest." }),
	xattr: key(flag(), { description: "Enable extended attributes." }),
	acl: key(flag(), { description: "Enable POSIX ACLs, and with them extended attributes." })
});
const device = union([
	pciDevice,
	usbDevice,
	sharedFolder
], { error: "must be { pci: MAPPING }, { usb: MAPPING } or { virtiofs: MAPPING }" });
const VGA = [
	"std",
	"virtio",
	"virtio-gl",
	"qxl",
	"qxl2",
	"qxl3",
	"qxl4",
	"vmware",
	"cirrus",
	"serial0",
	"none"
];
const vgaType = oneOf(VGA);
const vga = union([vgaType, strictObject({
	type: described(vgaType, { description: "Type of display." }),
	memory: key(size("MiB"), { description: "Memory of the display: 4 MiB to 512 MiB." })
})], { error: `must be one of ${VGA.map((kind) => `\`${kind}\``).join(", ")}, or { type: …, memory: … }` });
const rng = union([flag(), strictObject({
	source: key(oneOf([
		"/dev/urandom",
		"/dev/random",
		"/dev/hwrng"
	]), { description: "Source on the node. Default: /dev/urandom." }),
	maxBytes: key(whole$1(0, 1e9), { description: "Bytes per period. 0 means no limit." }),
	periodMs: key(whole$1(1, 36e5), { description: "Length of a period in milliseconds." })
})], { error: "must be true, false, or settings such as { source: /dev/urandom }" });
const watchdog = union([flag(), strictObject({
	model: key(oneOf(["i6300esb", "ib700"]), { description: "Watchdog device. Default: i6300esb." }),
	action: key(oneOf([
		"reset",
		"shutdown",
		"poweroff",
		"pause",
		"debug",
		"none"
	]), { description: "Action when the guest stops responding. Default: reset." })
})], { error: "must be true, false, or settings such as { action: reset }" });
const smbiosText = text(/^\P{Cc}{1,64}$/u, "must be a string of up to 64 characters");
const smbios = strictObject({
	serial: key(smbiosText, { description: "Serial number." }),
	manufacturer: key(smbiosText, { description: "Manufacturer." }),
	product: key(smbiosText, { description: "Product name." }),
	version: key(smbiosText, { description: "Version." }),
	sku: key(smbiosText, { description: "SKU." }),
	family: key(smbiosText, { description: "Family." })
});
const CDROM_WANTED = "must be an ISO image on a storage, such as \"local:iso/virtio-win.iso\", { image: NAME }, or a list of up to 2";
const cdImage = strictObject({ image: described(anyText("must be the name of an image"), { description: "An entry of `images` that is an ISO. It is downloaded and verified like other images, and kept on `storage.images`." }) });
const oneCdrom = union([isoVolume, cdImage], { error: CDROM_WANTED });
const cdrom = union([oneCdrom, array(oneCdrom).check(_maxLength(2))], { error: CDROM_WANTED });

// ../core/dist/manifest/schema/machine.js
const waitFields = {
	seconds: key(seconds, { description: "Seconds to wait at most. Default: 180." }),
	required: key(flag(), { description: "Fail after that time, instead of warning. Every run checks again, and waits if there is no answer." })
};
/** A marker that was copied from another VM's notes would claim this VM for that one. */
const NOTES = /^(?![\s\S]*<!-- pve-provision )/;
const NOTES_WANTED = "must not contain the marker of pve-provision (\"<!-- pve-provision …\"): remove that line";
const wait = described(union([
	oneOf(["none", "agent"]),
	strictObject({
		agent: described(literal(true), { description: "Wait until the guest agent answers and reports addresses." }),
		...waitFields
	}),
	strictObject({
		port: described(whole$1(1, 65535), { description: "Wait until this TCP port accepts connections from your computer, such as 22." }),
		...waitFields
	})
], { error: "must be \"none\", \"agent\", { agent: true, seconds: N } or { port: N, seconds: N }" }), { description: "What to wait for after the start. After that time, apply warns and continues." });
const rollout = strictObject({
	batch: key(whole$1(1, 1e3), { description: "VMs at a time, of all VMs with the same `batch` and `maxFailures`. Default: 1." }),
	wait: key(wait, { description: "When a VM counts as healthy. Default: its own `wait`." }),
	maxFailures: key(whole$1(0, 1e3), { description: "Failures that are tolerated before the roll-out stops. Default: 0." })
});
const ha = described(union([flag(), strictObject({
	group: key(anyText(), { description: "HA group, on Proxmox VE 8 only. On 9, use `nodes`." }),
	nodes: key(array(text(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?$/, "must be a node, or node:priority")).check(_minLength(1)), { description: "On Proxmox VE 9: preferred nodes, such as [pve1, \"pve2:5\"]. A higher number wins." }),
	strict: key(flag(), { description: "Run on these nodes only." }),
	maxRestart: key(whole$1(0, 1e3), { description: "Restart attempts on the same node." }),
	maxRelocate: key(whole$1(0, 1e3), { description: "Attempts to start it on another node." })
})], { error: "must be true, false, or settings such as { maxRestart: 2 }" }), { description: "Let the HA manager start and move the VM. `false` removes it from HA." });
const MACHINE_TYPE = /^(pc|q35|pc-(i440fx|q35)-[\w.+-]+)(,(viommu=(intel|virtio)|aw-bits=\d{2}|enable-s[34]=[01]))*$/;
/** The keys that machines, defaults and profiles have in common. */
const machineFields = {
	image: key(anyText("must be the name of an image"), { description: "Name of an entry of `images`." }),
	node: key(nodeName, { description: "Node for the VM." }),
	nodes: key(array(nodeName).check(_minLength(1)), { description: "Nodes to spread the VMs over." }),
	storage: key(strictObject({
		images: key(storageName, { description: "Storage for the image: a file storage with the content type \"import\"." }),
		disks: key(storageName, { description: "Storage for disks." })
	}), { description: "Storages for the image and for the disks." }),
	cores: key(whole$1(1, 8192), { description: "CPU cores per socket. Default: 1." }),
	sockets: key(whole$1(1, 4), { description: "CPU sockets. Default: 1, which is nearly always enough." }),
	cpu: key(text(/^(?:cputype=)?[a-zA-Z0-9_.-]+(?:,(?:flags=[+-][\w.-]+(?:;[+-][\w.-]+)*|(?!flags=)[\w-]+=[^,]*))*$/, "must be a CPU type such as \"host\", \"x86-64-v2-AES\" or, with flags, \"host,flags=+aes;-pcid\""), { description: "CPU type, such as \"host\" or \"x86-64-v2-AES\"." }),
	cpuLimit: key(amount(0, 128), { description: "Limit on CPU time, in cores. 0 means no limit." }),
	cpuUnits: key(whole$1(1, 262144), { description: "CPU weight relative to other VMs. The default of Proxmox is 100." }),
	numa: key(flag(), { description: "Enable NUMA." }),
	memory: key(size("MiB"), { description: "Memory, such as \"2 GiB\". Default: 512 MiB." }),
	balloon: key(union([size("MiB"), literal(false)], { error: ({ input }) => withoutUnit(input, "MiB") ?? "must be a size, or false" }), { description: "Minimum memory for ballooning. `false` turns ballooning off." }),
	disk: optional(bootDisk),
	disks: key(array(extraDisk).check(_maxLength(29)), { description: "Additional disks (data disks)." }),
	cdrom: key(cdrom, { description: "Up to two ISO images in CD drives: on a storage (`local:iso/x.iso`), or an entry of `images`." }),
	network: key(union([network, array(network).check(_maxLength(32))], { error: "must be a network such as { bridge: vmbr0 }, or a list of them" }), { description: "A network card, or a list of them in order." }),
	devices: key(array(device).check(_maxLength(40)), { description: "Devices of the node to pass through, by their resource mappings (Datacenter → Resource Mappings)." }),
	bios: key(oneOf(["seabios", "ovmf"]), { description: "Firmware. Default: seabios. `ovmf` is UEFI and adds an EFI disk." }),
	secureBoot: key(flag(), { description: "Enrol the standard Secure Boot keys." }),
	tpm: key(flag(), { description: "Add a TPM 2.0." }),
	machine: key(text(MACHINE_TYPE, "must be a machine type such as \"q35\" or \"q35,viommu=intel\""), { description: "Machine type: \"pc\", \"q35\" or a pinned version, optionally with \",viommu=intel\"." }),
	osType: key(oneOf([
		"l26",
		"l24",
		"other",
		"win11",
		"win10",
		"win8",
		"win7",
		"solaris"
	]), { description: "Operating system of the guest. Default: l26, any current Linux." }),
	serial: key(flag(), { description: "Add a serial console, which most cloud images expect. Default: true." }),
	vga: key(vga, { description: "Display. Default: the serial console if there is one." }),
	rng: key(rng, { description: "Add a random number generator (VirtIO RNG)." }),
	watchdog: key(watchdog, { description: "Add a watchdog, which acts when the guest hangs." }),
	smbios: key(smbios, { description: "SMBIOS values that the guest reads from its firmware." }),
	agent: key(flag(), { description: "Offer the guest the channel of the QEMU guest agent. Default: true. The image must contain the agent." }),
	boot: key(array(text(/^(scsi|virtio|sata|ide|net|usb|hostpci)\d+$/, "must be a device such as \"scsi0\"")), { description: "Boot order, such as [scsi0, net0]." }),
	onBoot: key(flag(), { description: "Start the VM when its node boots. Default: false." }),
	startOrder: key(strictObject({
		order: key(whole$1(0, 1e4), { description: "Lower starts first." }),
		up: key(seconds, { description: "Seconds to wait before the next VM starts." }),
		down: key(seconds, { description: "Seconds the VM has to shut down." })
	}), { description: "Start and shutdown order. The token needs Sys.Modify on /." }),
	pool: key(text(/^[a-zA-Z0-9\-_.]+(\/[a-zA-Z0-9\-_.]+)*$/, "must be the name of a pool"), { description: "Resource pool. It must exist." }),
	ha: optional(ha),
	tags: key(array(tag), { description: "Tags, in addition to the tag `pve-provision`. Written in lower case." }),
	description: key(text(NOTES, NOTES_WANTED).check(_maxLength(7e3)), { description: "Notes in Proxmox. pve-provision adds a line with its marker at the end." }),
	protection: key(flag(), { description: "Protect the VM and its disks from being removed." }),
	cloudInit: optional(cloudInit),
	start: key(flag(), { description: "Start the VM. Default: false, which does not stop a VM that runs." }),
	wait: optional(wait),
	rollout: key(rollout, { description: "How replacements, restarts and moves of several VMs proceed." }),
	expires: key(duration, { description: "Lifetime, counted from creation. On a VM that exists, it counts from the run that adds it. `destroy --expired` removes the VM afterwards." }),
	fullClone: key(flag(), { description: "Make a full clone, even where the storage supports linked clones." })
};
const PROFILE_WANTED = "must be the name of a profile, or a list of them";
const profileName = anyText("must be the name of a profile");
const profile = described(union([profileName, array(profileName).check(_minLength(1))], { error: PROFILE_WANTED }), { description: "One or several entries of `profiles` to take keys from. Later ones win." });
/** The keys of the defaults. */
const defaultsSchema = strictObject({
	...machineFields,
	profile: optional(profile)
});
const profileSchema = described(strictObject(machineFields), { description: "Keys of a VM, under a name." });
const machineSchema = described(strictObject({
	...machineFields,
	profile: optional(profile),
	vmid: key(counted(vmid, "must be a whole number from 100 to 999999999, a list, or { from: NUMBER }"), { description: "A fixed VM ID. Default: one from `vmids`, the same in every run. With `count`: a list, or { from: NUMBER }." }),
	count: key(whole$1(1, 1e3), { description: "Creates NAME-1 to NAME-count." }),
	renamedFrom: key(dnsName, { description: "The former name: the VM is renamed in place. With `count`: the former name of the entry." })
}), { description: "A VM, or `count` of them." });

// ../core/dist/manifest/schema/manifest-schema.js
/**
* A mapping whose keys must match `name`. Keys are not checked with `record`'s key type, because then an invalid key
* would hide all problems of its value.
*/
function named(name, value) {
	return described(record(string(), value).check(({ value: record, issues }) => {
		for (const key of Object.keys(record)) {
			const reason = name.safeParse(key).error?.issues[0]?.message;
			if (reason !== void 0) issues.push({
				code: "custom",
				path: [key],
				input: key,
				message: reason,
				params: { isName: true }
			});
		}
	}), { get propertyNames() {
		return formOf(name);
	} });
}
/** Returns the JSON Schema of a name, without the keys of a complete document. */
function formOf(name) {
	const { $schema: _, ...form } = toJSONSchema(name);
	return form;
}
const plainName$1 = text(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/, "must be letters, digits, \"_\", \"-\" and \".\", at most 64");
const variable = union([
	string(),
	number(),
	boolean(),
	_null(),
	array(union([string(), number()]))
], { error: "must be a string, a number, `true`, `false` or a list of them" });
const PROJECT = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const PROJECT_WANTED = "must be lower-case letters, digits and hyphens, at most 40";
/** `My_Project` → `my-project` */
function projectWanted({ input }) {
	const meant = String(input).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
	return PROJECT.test(meant) ? `${PROJECT_WANTED}: did you mean \`${meant}\`?` : PROJECT_WANTED;
}
const width = whole$1(1, 64);
/** The schema of the whole manifest. */
const manifestSchema = described(strictObject({
	project: described(string({ error: say$1(PROJECT_WANTED) }).check(_regex(PROJECT, { error: projectWanted })), {
		errorMessage: PROJECT_WANTED,
		description: "Name of the project. Only VMs that carry this name are ever changed or removed."
	}),
	vars: key(record(string(), variable), { description: "Values for \"${var:NAME}\". `--var NAME=VALUE` overrides them. An entry without a value must be given that way." }),
	images: described(named(plainName$1, imageSchema), { description: "Images by name." }),
	vmids: described(_default(strictObject({
		from: described(vmid, { description: "Lowest VM ID." }),
		to: described(vmid, { description: "Highest VM ID." })
	}).check(refine(({ from, to }) => from <= to, { message: "\"from\" must not be above \"to\"" })), {
		from: 2e4,
		to: 29999
	}), { description: "Range of VM IDs to use." }),
	defaults: key(defaultsSchema, { description: "Settings for all VMs, unless a VM overrides them." }),
	profiles: key(named(plainName$1, profileSchema), { description: "Named sets of keys, for VMs with `profile: NAME`." }),
	vms: described(named(dnsName, machineSchema), { description: "VMs by name." }),
	limits: described(prefault(strictObject({
		perStorage: key(width, { description: "Clones and imports on one storage. Default: depends on its type, and grows while no lock times out." }),
		perNode: key(width, { description: "Tasks on one node. Default: 10 at first; grows while no lock times out." }),
		perTemplate: described(_default(width, 10), { description: "Clones of one template." }),
		downloads: described(_default(width, 6), { description: "Image downloads." }),
		perHost: described(_default(width, 6), { description: "Connections to one vendor host." }),
		connectionsPerImage: described(_default(width, 4), { description: "Connections for one large image." }),
		conversions: described(_default(width, 2), { description: "Conversions on your computer." }),
		uploads: described(_default(width, 3), { description: "Uploads of images to Proxmox." })
	}), {}), { description: "How many operations run at the same time." })
}), {
	title: "pve-provision manifest",
	description: "VMs on Proxmox VE from cloud images."
});
let shape;
/** Returns the manifest as a JSON Schema, as the program checks it after parameters are filled in. */
function manifestShape() {
	shape ??= toJSONSchema(manifestSchema, { io: "input" });
	return shape;
}

// ../core/dist/manifest/parse-manifest.js
/**
* Parses a manifest from one or more files. Later files override earlier ones.
* @throws ProvisionError `MANIFEST`, with `details.problems` a `ManifestProblem[]` in the order of the files; `USAGE`
* for a variable that the manifest does not use
*/
function parseManifest(sources, options = {}) {
	const files = [sources].flat();
	const tree = readFiles(files);
	const parameters = createParameters(tree, {
		environment: options.environment ?? {},
		allow: options.allow,
		variables: options.variables ?? {},
		howToAllow: options.howToAllow,
		howToGive: options.howToGive ?? ((name) => `\`--var ${name}=…\``),
		howToSet: options.howToSet ?? ((name) => `export ${name}=…`),
		standIn: options.standIn
	});
	const { desired, passwords } = check(withEmptyMappings(withoutExtensions(parameters.fill(tree))), {
		parameters,
		options,
		names: files.map(({ file }) => file),
		files
	});
	refuseUnused(parameters.unusedVariables());
	return {
		desired,
		secrets: [.../* @__PURE__ */ new Set([...parameters.secrets, ...passwords])]
	};
}
/** A given variable that is not used was probably mistyped. */
function refuseUnused([first]) {
	if (first === void 0) return;
	const { name, meant } = first;
	throw new ProvisionError("USAGE", `The manifest has no variable ${name}.`, { hint: meant === void 0 ? `Use \`\${var:${name}}\` where the value belongs, or remove the variable.` : `Did you mean ${meant}?` });
}
const EXPECTATION = "A manifest must be a mapping with `project`, `images` and `vms`.";
function readFiles(files) {
	const parsed = files.map((file) => parseYaml(file, EXPECTATION));
	const names = files.map(({ file }) => file);
	const problems = parsed.flatMap((one) => one.problems);
	if (problems.length > 0) throw refusal$1(names, problems);
	const [first, ...others] = parsed.flatMap(({ tree }) => tree ?? []);
	if (first === void 0) throw refusal$1(names, [{
		file: names[0] ?? "",
		line: 1,
		column: 1,
		message: EXPECTATION
	}]);
	return mergeFiles([first, ...others]);
}
/** @throws ProvisionError `MANIFEST` */
function check(filled, { parameters, options, names, files }) {
	const validated = validate(filled);
	const { tree, problems: misplaced } = validated.success ? {
		tree: filled,
		problems: []
	} : meant(filled);
	const checked = misplaced.length > 0 ? validate(tree) : validated;
	const work = (manifest) => workOut(manifest, {
		tree: checked.tree,
		parameters,
		options,
		names,
		files
	});
	const isUnsure = parameters.problems.length + misplaced.length > 0;
	if (!checked.success) {
		const issues = problemsOf$2(checked.issues, {
			tree: checked.tree,
			whole: "The manifest",
			schema
		});
		const beyond = problemsBeyond(toValue(checked.tree), checked.issues, work);
		throw refusal$1(names, [
			...parameters.problems,
			...misplaced,
			...issues,
			...beyond
		]);
	}
	const { problems, ...expansion } = work(checked.manifest);
	const all = [
		...parameters.problems,
		...misplaced,
		...isUnsure ? [] : problems
	];
	if (all.length > 0) throw refusal$1(names, all, expansion.desired.notes);
	return expansion;
}
const schema = manifestShape;
function meant(tree) {
	return replaceMisplaced(tree, schema());
}
/** If the schema requires text, parameters that were read as numbers are used as text. */
function validate(tree) {
	const first = parse$2(tree);
	if (first.success) return first;
	const asText = withText(tree, innerIssues(first.issues).map(({ path }) => path));
	return asText === void 0 ? first : parse$2(asText);
}
function parse$2(tree) {
	const checked = manifestSchema.safeParse(toValue(tree), { jitless: true });
	return checked.success ? {
		success: true,
		manifest: checked.data,
		tree
	} : {
		success: false,
		issues: checked.error.issues,
		tree
	};
}
function workOut(manifest, { tree, parameters, options, files }) {
	const problems = [];
	const addProblem = (path, message) => void problems.push({
		...positionOf$2(placeOfValue(tree, path)),
		message,
		path
	});
	const notes = [];
	const addNote = (path, message) => void notes.push({
		...positionOf$2(placeOfValue(tree, path)),
		message
	});
	const { readFile = noFiles, resolveFile = (file) => file } = options;
	const from = (path) => placeOfValue(tree, path).file;
	const included = withIncludes(manifest, {
		readFile: (file, path) => readFile(file, from(path)),
		fill: (text, path) => parameters.fillText(text, placeOfValue(tree, path)),
		addProblem,
		addNote
	});
	const place = (path) => positionOf$2(placeOfKey(tree, path));
	const expansion = expand(included, {
		place,
		addProblem,
		addNote,
		resolveFile(file, path) {
			try {
				return resolveFile(file, from(path));
			} catch (cause) {
				addProblem(path, `The file ${file} ${reasonOf$2(cause)}.`);
				return file;
			}
		},
		files,
		secrets: parameters.secrets
	});
	return {
		...expansion,
		desired: {
			...expansion.desired,
			notes
		},
		problems
	};
}
/** Finds problems in the parts that match the schema, so that users see all problems at once. */
function problemsBeyond(document, issues, work) {
	const rest = manifestSchema.safeParse(withoutFaults(document, issues), { jitless: true });
	if (!rest.success) return [];
	const isConsequence = consequencesOf(issues);
	return work(rest.data).problems.filter(({ path }) => !isConsequence(path));
}
function noFiles() {
	throw new Error("is not read here");
}

// ../core/dist/plan/plan.js
/** Returns the steps that cannot run because another one fails: step id → id of the failing step. */
function blockedSteps({ steps }) {
	const causes = /* @__PURE__ */ new Map();
	for (const { id, needs, problem } of steps) {
		const need = needs.find((one) => causes.has(one));
		if (problem !== void 0) causes.set(id, id);
		else if (need !== void 0) causes.set(id, causes.get(need) ?? need);
	}
	return new Map([...causes].filter(([id, cause]) => id !== cause));
}
/** Counts the steps of a plan that would run, cannot run, or are kept. */
function stepCounts(plan) {
	const { steps } = plan;
	const blocked = blockedSteps(plan);
	const kept = steps.filter(({ action }) => action === "keep").length;
	const impossible = steps.filter(({ id, action, problem }) => action === "run" && (problem !== void 0 || blocked.has(id))).length;
	return {
		changes: steps.length - kept - impossible,
		impossible,
		kept
	};
}
/** Counts the steps of a plan that would run. */
function changesIn(plan) {
	return stepCounts(plan).changes;
}
/** Returns true if a machine differs from the manifest in what the plan leaves as it is. The build of its image does not count. */
function differs({ pending = [], differences = [] }) {
	return pending.length + differences.length > 0;
}

// \0builtin:node:path?packages/core/dist/ports/create-world.js
const builtin$41 = process.getBuiltinModule("node:path");
const read$39 = (name) => builtin$41[name];
const _join$8 = /* @__PURE__ */ read$39("join");

// \0builtin:node:timers/promises?packages/core/dist/ports/clock.js
const builtin$40 = process.getBuiltinModule("node:timers/promises");
const read$38 = (name) => builtin$40[name];
const _setTimeout = /* @__PURE__ */ read$38("setTimeout");

// ../core/dist/ports/clock.js
const systemClock = {
	now: () => Date.now(),
	sleep: (ms, signal) => _setTimeout(ms, void 0, signal && { signal })
};

// \0builtin:node:stream?packages/core/dist/ports/http/create-http.js
const builtin$39 = process.getBuiltinModule("node:stream");
const read$37 = (name) => builtin$39[name];
const _Readable = /* @__PURE__ */ read$37("Readable");

// ../core/dist/ports/http/create-http.js
/** Creates the client. It is loaded, and connects, only when one of its functions is called. */
function createHttp(settings) {
	let loaded;
	const client = () => {
		loaded ??= import("./http-client.js").then(({ createHttpClient }) => createHttpClient(settings));
		return loaded;
	};
	return {
		getDocument: async (url, options) => (await client()).getDocument(url, options),
		peek: async (url, options) => (await client()).peek(url, options),
		download: async (request) => (await client()).download(request),
		measure: async (request) => (await client()).measure(request),
		stream: (request) => _Readable.from(chunksOf(request, client), {
			objectMode: false,
			highWaterMark: 262144
		})
	};
}
async function* chunksOf(request, client) {
	yield* (await client()).stream(request);
}

// ../core/dist/ports/image/qemu-img.js
function createQemuImg({ exec }) {
	const load = () => import("./run-qemu-img.js");
	return {
		inspect: async (path, { signal } = {}) => (await load()).inspect(path, exec, signal),
		convert: async (request) => (await load()).convert(request, exec),
		version: async () => (await load()).version(exec)
	};
}

// \0builtin:node:crypto?packages/core/dist/ports/journal.js
const builtin$38 = process.getBuiltinModule("node:crypto");
const read$36 = (name) => builtin$38[name];
const _createHash$2 = /* @__PURE__ */ read$36("createHash");
const _randomBytes$1 = /* @__PURE__ */ read$36("randomBytes");

// \0builtin:node:fs?packages/core/dist/ports/journal.js
const builtin$37 = process.getBuiltinModule("node:fs");
const read$35 = (name) => builtin$37[name];
const _constants$2 = /* @__PURE__ */ read$35("constants");

// \0builtin:node:fs/promises?packages/core/dist/ports/journal.js
const builtin$36 = process.getBuiltinModule("node:fs/promises");
const read$34 = (name) => builtin$36[name];
const _open$1 = /* @__PURE__ */ read$34("open");
const _rename$2 = /* @__PURE__ */ read$34("rename");
const _rm$3 = /* @__PURE__ */ read$34("rm");
const _writeFile$2 = /* @__PURE__ */ read$34("writeFile");

// \0builtin:node:path?packages/core/dist/ports/journal.js
const builtin$35 = process.getBuiltinModule("node:path");
const read$33 = (name) => builtin$35[name];
const _dirname$4 = /* @__PURE__ */ read$33("dirname");

// ../core/dist/ports/journal.js
/** A new layout gets a new version. A file that does not begin with this line is not read, and is replaced. */
const HEADER = "pve-provision journal 1\n";
const LINE_LIMIT_BYTES = 65536;
const FILE_LIMIT_BYTES = 16777216;
const COMPACT_ABOVE_LINES = 1e3;
/** Clocks differ a little. An entry from further in the future would never expire, so it is ignored. */
const CLOCK_TOLERANCE_MS = 3e5;
/**
* Opens a journal. It reads the file once, on the first call. Callers must check the shape of the values. If the file
* cannot be written, the journal forgets, which costs only time.
*/
function createJournal({ path, clock }) {
	const known = /* @__PURE__ */ new Map();
	let loading;
	let appending;
	function load() {
		loading ??= readContent(path).then((text) => {
			const content = parse$1(text, clock.now());
			for (const [key, entry] of content.entries) known.set(key, entry);
			return content;
		});
		return loading;
	}
	return {
		async recall(key) {
			await load();
			return known.get(key);
		},
		async record(key, value) {
			const entry = {
				value,
				atMs: clock.now()
			};
			const line = toLine(key, entry);
			const { file } = await load();
			if (Buffer.byteLength(line) > LINE_LIMIT_BYTES) return;
			known.set(key, entry);
			appending = (appending === void 0 ? prepare$1(path, file, known) : appending).then(() => append(path, line));
			await appending;
		}
	};
}
async function readContent(path) {
	try {
		const file = await _open$1(path, _constants$2.O_RDONLY | (_constants$2.O_NOFOLLOW ?? 0));
		try {
			const { size } = await file.stat();
			return size > FILE_LIMIT_BYTES ? "" : await file.readFile("utf8");
		} finally {
			await file.close();
		}
	} catch (error) {
		return error instanceof Error && "code" in error && error.code === "ENOENT" ? void 0 : "";
	}
}
function parse$1(text, nowMs) {
	if (text === void 0) return {
		entries: /* @__PURE__ */ new Map(),
		file: "absent"
	};
	if (!text.startsWith(HEADER)) return {
		entries: /* @__PURE__ */ new Map(),
		file: "rewrite"
	};
	const entries = /* @__PURE__ */ new Map();
	const lines = text.slice(24).split("\n");
	for (const line of lines) {
		const [key, entry] = parseLine(line) ?? [];
		if (key === void 0 || entry === void 0 || entry.atMs > nowMs + CLOCK_TOLERANCE_MS) continue;
		entries.set(key, entry);
	}
	return {
		entries,
		file: lines.length / 2 > COMPACT_ABOVE_LINES && lines.length / 2 > 2 * entries.size ? "rewrite" : "fine"
	};
}
function parseLine(line) {
	const [hash, json] = [line.slice(0, 32), line.slice(33)];
	if (line[32] !== " " || line.length > LINE_LIMIT_BYTES || hashOf(json) !== hash) return void 0;
	try {
		const fields = new Map(Object.entries(JSON.parse(json) ?? {}));
		const [key, value, atMs] = [
			fields.get("key"),
			fields.get("value"),
			fields.get("atMs")
		];
		if (typeof key !== "string" || typeof atMs !== "number") return void 0;
		return [key, {
			value,
			atMs
		}];
	} catch {
		return;
	}
}
function toLine(key, { value, atMs }) {
	const json = JSON.stringify({
		key,
		value,
		atMs
	});
	return `\n${hashOf(json)} ${json}\n`;
}
function hashOf(json) {
	return _createHash$2("sha256").update(json).digest("hex").slice(0, 32);
}
async function append(path, text, mayCreate = false) {
	const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = _constants$2;
	try {
		const file = await _open$1(path, O_WRONLY | O_APPEND | (O_NOFOLLOW ?? 0) | (mayCreate ? O_CREAT : 0), 384);
		try {
			await file.write(text);
		} finally {
			await file.close();
		}
	} catch {}
}
async function prepare$1(path, file, entries) {
	if (file === "rewrite") return rewrite(path, entries);
	if (file === "fine") return;
	await makeFolder(_dirname$4(path)).catch(() => void 0);
	await append(path, HEADER, true);
}
/** Replaces the file. Lines that another process appends at the same time may be lost. */
async function rewrite(path, entries) {
	const aside = `${path}.${_randomBytes$1(6).toString("hex")}.tmp`;
	try {
		const lines = [...entries].map(([key, entry]) => toLine(key, entry));
		await _writeFile$2(aside, HEADER + lines.join(""), {
			flag: "wx",
			mode: 384
		});
		await _rename$2(aside, path);
	} catch {
		await _rm$3(aside, { force: true }).catch(() => void 0);
	}
}

// ../core/dist/ports/meter.js
function createMeter() {
	const counts = {
		bytesDownloaded: 0,
		bytesUploaded: 0,
		bytesSaved: 0,
		apiRequests: 0,
		cacheHits: 0,
		retries: 0
	};
	return {
		add(counter, amount) {
			counts[counter] += amount;
		},
		read: () => ({ ...counts })
	};
}

// ../core/dist/ports/pve/call/engine.js
/** Creates the function that makes all calls except uploads. `path` starts after `/api2/json`. */
function createRequest(settings) {
	return async (method, path, options = {}) => {
		checkPath(path);
		const { signal, onRetry } = options;
		const { data } = await retryCall(settings, {
			method,
			path,
			signal,
			onRetry
		}, (attempt) => attemptCall(settings, {
			method,
			path,
			options,
			attempt
		}));
		return data;
	};
}
async function attemptCall(settings, planned) {
	const { session } = settings;
	const asked = {
		method: planned.method,
		path: planned.path,
		identity: session.identity
	};
	const first = await sendCall(settings, planned);
	const answer = first.kind === "answer" && first.status === 401 && session.renew() ? await sendCall(settings, planned) : first;
	if (answer.kind === "lost") return unanswered(answer, asked);
	const secrets = [...session.secrets, ...secretValues(planned.options.parameters)];
	return dataIn(answer) ?? refusalOf(answer, asked, secrets);
}
async function sendCall({ transport, session }, { method, path, options, attempt }) {
	const form = encodeParameters(options.parameters);
	const inBody = method === "POST" || method === "PUT";
	return transport.send({
		method,
		path: `/api2/json${path}${inBody || form === "" ? "" : `?${form}`}`,
		headers: await session.headers(method),
		...inBody ? { body: form } : {},
		timeoutMs: options.timeoutMs ?? (method === "GET" ? 3e4 : 6e4),
		signal: options.signal,
		attempt
	});
}

// ../core/dist/ports/pve/call/token.js
/**
* User (`[^\s:/]+`, so it may contain `@`, `!` and `=`), realm and token name (pve-access-control `Auth/Plugin.pm`,
* `AccessControl.pm`). The realm follows the last `@` before the last `!`.
*/
const TOKEN_ID = /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/;
const HEADER_PREFIX = "PVEAPIToken=";
/**
* Checks the format of a token. @throws ProvisionError `AUTHENTICATION` if it is malformed; the error contains no
* secret
*/
function checkToken({ tokenId, tokenSecret }) {
	if (tokenId.startsWith(HEADER_PREFIX) || !TOKEN_ID.test(tokenId)) throw wrongId(tokenId);
	const fault = secretFault(tokenSecret);
	if (fault === void 0) return;
	throw new ProvisionError("AUTHENTICATION", `The secret of the API token ${fault}.`, { hint: "Set PVE_TOKEN_SECRET to the UUID that Proxmox showed when the token was created." });
}
function wrongId(tokenId) {
	const [shown = ""] = tokenId.split("=");
	return new ProvisionError("AUTHENTICATION", `${JSON.stringify(shown === tokenId ? tokenId : `${shown}=…`)} is not the ID of an API token.`, { hint: idHint(tokenId) });
}
function idHint(tokenId) {
	if (tokenId.startsWith(HEADER_PREFIX)) return "Remove `PVEAPIToken=`: set PVE_TOKEN_ID=user@realm!name";
	if (/![^=]*=./.test(tokenId)) return "It also contains the secret: put the part after the last `=` into PVE_TOKEN_SECRET.";
	if (/^[^!]+@[^!]+$/.test(tokenId)) return "It has a user but no token name: set PVE_TOKEN_ID=user@realm!name";
	return "Set PVE_TOKEN_ID=user@realm!name";
}
/** Returns what is wrong with a secret, as a clause that shows nothing of it. */
function secretFault(secret) {
	if (secret === "") return "is empty";
	if (/\s/.test(secret)) return "contains spaces or line breaks";
	if (/^(["'`]).*\1$/.test(secret)) return "has quotes around it";
	if (/![^=]*=./.test(secret)) return "has the ID of the token in front of it";
	return /^[\x21-\x7e]+$/.test(secret) ? void 0 : "contains characters that a secret cannot have";
}
/** Creates the header of a token. A header contains bytes, and a user name may contain non-ASCII letters. */
function tokenHeader({ tokenId, tokenSecret }) {
	return Buffer.from(`${HEADER_PREFIX}${tokenId}=${tokenSecret}`).toString("latin1");
}

// ../core/dist/ports/pve/call/session.js
/** Creates a session. @throws ProvisionError `AUTHENTICATION` if the credentials are malformed */
function createSession(credentials, { clock, post }) {
	return "tokenId" in credentials ? tokenSession(credentials) : ticketSession(credentials, {
		clock,
		post
	});
}
function tokenSession(given) {
	const token = {
		tokenId: given.tokenId.trim(),
		tokenSecret: given.tokenSecret.trim()
	};
	checkToken(token);
	const headers = { authorization: tokenHeader(token) };
	return {
		identity: token.tokenId,
		secrets: [token.tokenSecret],
		headers: async () => headers,
		renew: () => false
	};
}
const renewAfterMs = 36e5;
function ticketSession({ username, password, otp }, { clock, post }) {
	const secrets = [
		password,
		encodeURIComponent(password),
		...otp ? [otp] : []
	].filter((secret) => secret !== "");
	let login;
	let current;
	const enter = async () => {
		const old = current && clock.now() - current.atMs < 2 * renewAfterMs ? current.ticket : void 0;
		const ticket = await logIn({
			username,
			password: old ?? password,
			otp: old ? void 0 : otp,
			post
		});
		current = {
			...ticket,
			atMs: clock.now()
		};
		secrets.push(ticket.ticket, encodeURIComponent(ticket.ticket), ticket.csrf);
		return current;
	};
	const ticket = async () => {
		if (current && clock.now() - current.atMs < renewAfterMs) return current;
		login ??= enter().finally(() => {
			login = void 0;
		});
		return login;
	};
	return {
		identity: username,
		secrets,
		headers: async (method) => {
			const { ticket: value, csrf } = await ticket();
			const cookie = `PVEAuthCookie=${encodeURIComponent(value)}`;
			return method === "GET" ? { cookie } : {
				cookie,
				csrfpreventiontoken: csrf
			};
		},
		renew: () => {
			const had = current !== void 0;
			current = void 0;
			return had;
		}
	};
}
async function logIn({ username, password, otp, post }) {
	const first = readTicket(await post({
		username,
		password
	}));
	if (!first.needsSecondFactor) return first;
	if (otp === void 0) throw new ProvisionError("AUTHENTICATION", `${username} needs a second factor.`, { hint: "Use an API token (PVE_TOKEN_ID and PVE_TOKEN_SECRET), which needs no second factor." });
	return readTicket(await post({
		username,
		password: `totp:${otp}`,
		"tfa-challenge": first.ticket
	}));
}
function readTicket(answer) {
	const data = dataIn(answer)?.data;
	if (typeof data?.ticket === "string") {
		const csrf = typeof data.CSRFPreventionToken === "string" ? data.CSRFPreventionToken : "";
		return {
			ticket: data.ticket,
			csrf,
			needsSecondFactor: Boolean(data.NeedTFA) || data.ticket.startsWith("PVE:!tfa!")
		};
	}
	throw new ProvisionError("AUTHENTICATION", "Proxmox answered the login without a ticket.");
}

// \0builtin:node:https?packages/core/dist/ports/pve/agent.js
const builtin$34 = process.getBuiltinModule("node:https");

// \0builtin:node:net?packages/core/dist/ports/pve/agent.js
const builtin$33 = process.getBuiltinModule("node:net");
const read$32 = (name) => builtin$33[name];
const _isIP = /* @__PURE__ */ read$32("isIP");

// \0builtin:node:tls?packages/core/dist/ports/pve/agent.js
const builtin$32 = process.getBuiltinModule("node:tls");

// \0builtin:node:crypto?packages/core/dist/ports/pve/trust.js
const builtin$31 = process.getBuiltinModule("node:crypto");
const read$31 = (name) => builtin$31[name];
const _X509Certificate = /* @__PURE__ */ read$31("X509Certificate");

// ../core/dist/ports/pve/trust.js
/**
* Parses trust settings.
* @throws ProvisionError `TLS` if a fingerprint is not 32 hex bytes, or the CA is not a certificate
*/
function parseTrust({ fingerprint = [], ca } = {}) {
	const listed = (typeof fingerprint === "string" ? [fingerprint] : fingerprint).flatMap((text) => text.replaceAll(/\bsha-?(?:1|256) fingerprint=/gi, "").split(/[\s,]+/));
	if (ca !== void 0) checkAuthority(ca);
	return {
		fingerprints: listed.filter((text) => text !== "").map(parseFingerprint),
		ca
	};
}
const AUTHORITY_HINT = "Use the cluster's certificate authority, /etc/pve/pve-root-ca.pem on any node. It is a PEM text with BEGIN CERTIFICATE.";
/** Node ignores what it cannot read, and then trusts nothing. */
function checkAuthority(ca) {
	if (!ca.includes("-----BEGIN CERTIFICATE-----")) throw new ProvisionError("TLS", "PVE_CA contains no certificate.", { hint: AUTHORITY_HINT });
	try {
		new _X509Certificate(ca.slice(ca.indexOf("-----BEGIN CERTIFICATE-----")));
	} catch (cause) {
		throw new ProvisionError("TLS", "The certificate in PVE_CA cannot be read: it may be truncated.", {
			cause,
			hint: AUTHORITY_HINT
		});
	}
}
function parseFingerprint(text) {
	if (/^([0-9a-f]{2}:?){20}$/i.test(text)) throw tooShort(text);
	const hex = text.replace(/^sha256[:=]/i, "").replaceAll(":", "").trim().toUpperCase();
	if (/^[0-9A-F]{64}$/.test(hex)) return hex.replace(/(..)(?=.)/g, "$1:");
	throw new ProvisionError("TLS", `${JSON.stringify(text)} is not the SHA-256 fingerprint of a certificate.`, { hint: "Use the one shown by `pvenode cert info` or the web interface (node → Certificates): 32 pairs of hex digits." });
}
function tooShort(text) {
	return new ProvisionError("TLS", `${JSON.stringify(text)} is a SHA-1 fingerprint.`, { hint: "Use the SHA-256 fingerprint, which has 32 pairs of hex digits: `openssl x509 -noout -fingerprint -sha256`." });
}
/** Returns why this certificate must not be trusted, or undefined. */
function distrust({ socket, certificate: shown, earlier }, trust) {
	const seen = shown?.fingerprint256 ?? "";
	const pinned = trust.fingerprints.length > 0;
	if (pinned && !trust.fingerprints.includes(seen)) return wrongFingerprint({
		seen,
		certificate: whole(shown),
		trust,
		earlier
	});
	if (socket.authorized || pinned && trust.ca === void 0) return void 0;
	const reason = reasonOf$1(socket.authorizationError);
	return unknownCertificate({
		seen,
		certificate: whole(shown),
		earlier,
		trust,
		reason
	});
}
/** Reads all of a certificate, which takes much longer than its fingerprint. Only errors need it. */
function whole(certificate) {
	return certificate?.toLegacyObject() ?? {};
}
function wrongFingerprint({ seen, certificate, trust, earlier }) {
	const what = earlier !== void 0 && earlier !== seen ? `The certificate of Proxmox changed during the run, from ${earlier} to ${seen}.` : `The certificate of Proxmox has the fingerprint ${seen} instead of ${trust.fingerprints.join(" or ")}.`;
	return new ProvisionError("TLS", what, {
		hint: `If the certificate was renewed (compare with \`pvenode cert info\` on the node), set PVE_FINGERPRINT=${seen}`,
		details: {
			fingerprint: seen,
			expected: trust.fingerprints,
			...describe$1(certificate)
		}
	});
}
function unknownCertificate({ seen, certificate, earlier, trust, reason }) {
	if (reason === "ERR_TLS_CERT_ALTNAME_INVALID") return otherName({
		seen,
		certificate,
		reason
	});
	return new ProvisionError("TLS", `The certificate of Proxmox is not trusted (${reason}).${earlier !== void 0 && earlier !== seen ? " It changed during the run." : ""} Its SHA-256 is ${seen}.`, {
		hint: trustHint({
			seen,
			certificate,
			trust,
			reason
		}),
		details: {
			fingerprint: seen,
			reason,
			...describe$1(certificate)
		}
	});
}
function trustHint({ seen, certificate, trust, reason }) {
	const compare = `Compare it with \`pvenode cert info\` on the node. If it is the same, set PVE_FINGERPRINT=${seen}`;
	if (reason === "CERT_HAS_EXPIRED") return `It expired on ${certificate.valid_to}: renew it on the node (\`pvecm updatecerts --force\`).`;
	if (reason === "CERT_NOT_YET_VALID") return `It is valid from ${certificate.valid_from}: compare the clocks of your computer and the node.`;
	if (trust.ca === void 0) return `${compare} (or set PVE_CA to the file with the cluster's CA).`;
	const signer = certificate.issuer?.CN;
	const other = `PVE_CA is not the authority that signed it${signer === void 0 ? "" : ` (${cleanText(String(signer), { most: 100 })})`}`;
	return trust.fingerprints.length > 0 ? `${other}, although its fingerprint is right: remove PVE_CA, or set it to /etc/pve/pve-root-ca.pem of this cluster.` : `${other}: set PVE_CA to /etc/pve/pve-root-ca.pem of this cluster, or remove it. ${compare}`;
}
/** Creates the error for a certificate of a trusted CA that is for other names. */
function otherName({ seen, certificate, reason }) {
	const known = (certificate.subjectaltname ?? "").split(", ").map((name) => name.replace(/^(DNS|IP Address):/, "")).filter((name) => name !== "" && name !== "127.0.0.1" && name !== "::1" && name !== "localhost");
	const list = known.length === 0 ? "no name" : known.join(", ");
	const [first] = known;
	const connect = first === void 0 ? "" : `Use a name in the certificate, such as PVE_ENDPOINT=https://${first}:8006. Or set `;
	return new ProvisionError("TLS", `The certificate of Proxmox is not valid for the name in PVE_ENDPOINT, only for ${list}.`, {
		hint: `${connect || "Set "}PVE_FINGERPRINT=${seen}`,
		details: {
			fingerprint: seen,
			reason,
			...describe$1(certificate)
		}
	});
}
function describe$1({ subject, issuer, valid_to }) {
	return {
		subject: subject?.CN,
		issuer: issuer?.CN,
		validTo: valid_to
	};
}
function reasonOf$1(authorizationError) {
	if (typeof authorizationError === "string") return authorizationError;
	if (!(authorizationError instanceof Error)) return "no certificate";
	return "code" in authorizationError ? String(authorizationError.code) : authorizationError.message;
}

// ../core/dist/ports/pve/agent.js
const connectTimeoutMs = 1e4;
const idleMs = 3e3;
function createEndpoint(settings) {
	const { url } = settings;
	const seen = /* @__PURE__ */ new Map();
	const secureContext = contextFor(settings.trust);
	const openSocket = () => connect({
		...settings,
		seen,
		secureContext
	});
	return {
		url,
		reads: createAgent(openSocket, {
			keepAlive: true,
			maxSockets: 48,
			timeout: idleMs
		}),
		changes: createAgent(openSocket, { keepAlive: false })
	};
}
/**
* One for all connections. Where a fingerprint alone decides, it has no certificate authorities: loading the system's
* takes longer than the first request.
*/
function contextFor({ fingerprints, ca }) {
	if (ca !== void 0) return builtin$32.createSecureContext({ ca });
	return builtin$32.createSecureContext(fingerprints.length > 0 ? { ca: [] } : {});
}
function createAgent(open, options) {
	const agent = new builtin$34.Agent(options);
	agent.createConnection = (_, callback) => {
		if (callback) deliver(open, callback);
	};
	return agent;
}
async function deliver(open, callback) {
	const opened = await open().catch((error) => error);
	if (opened instanceof Error) callback(opened, void 0);
	else callback(null, opened);
}
async function connect({ url, trust, proxy, closed, seen, secureContext }) {
	closed.throwIfAborted();
	const signal = AbortSignal.any([closed, AbortSignal.timeout(connectTimeoutMs)]);
	const host = bareHost(url.hostname);
	const port = Number(url.port || 443);
	const socket = await secure({
		host,
		port,
		secureContext,
		tunnel: proxy && await throughProxy(proxy, {
			host,
			port
		}, signal),
		signal
	});
	const certificate = socket.getPeerX509Certificate();
	const refusal = distrust({
		socket,
		certificate,
		earlier: seen.get(url.host)
	}, trust);
	if (refusal) {
		socket.destroy();
		throw refusal;
	}
	if (certificate !== void 0) seen.set(url.host, certificate.fingerprint256);
	return socket;
}
async function throughProxy(proxy, to, signal) {
	try {
		return await openTunnel(proxy, to, { signal });
	} catch (thrown) {
		if (!(thrown instanceof ProxyRefusal)) throw deadProxy(proxy, thrown);
		const { message, status, proxyHost } = thrown;
		throw new ProvisionError("UNREACHABLE", `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
			hint: status === 407 ? "The proxy requires a login: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT. If Proxmox is on your own network, name its host in NO_PROXY." : "It comes from HTTPS_PROXY. If Proxmox is on your own network, add its host to NO_PROXY.",
			details: {
				proxy: proxyHost,
				status
			}
		});
	}
}
/** Creates the error for a proxy that does not answer. Proxmox received no request. */
function deadProxy(proxy, cause) {
	const reason = cause instanceof Error ? cause.message || String(cause.code) : String(cause);
	return new ProvisionError("UNREACHABLE", `The proxy ${proxy.host} does not answer (${reason}).`, {
		cause,
		hint: "It comes from HTTPS_PROXY. If Proxmox is on your own network, add its host to NO_PROXY.",
		details: { proxy: proxy.host }
	});
}
function secure({ host, port, secureContext, tunnel, signal }) {
	return new Promise((resolve, reject) => {
		const socket = builtin$32.connect({
			host,
			port,
			ALPNProtocols: ["http/1.1"],
			rejectUnauthorized: false,
			..._isIP(host) === 0 ? { servername: host } : {},
			secureContext,
			...tunnel ? { socket: tunnel } : {}
		});
		const giveUp = () => socket.destroy(timeoutError(host, port));
		signal.addEventListener("abort", giveUp, { once: true });
		socket.once("error", reject);
		socket.once("secureConnect", () => {
			signal.removeEventListener("abort", giveUp);
			socket.off("error", reject);
			resolve(socket);
		});
	});
}
function timeoutError(host, port) {
	const error = /* @__PURE__ */ new Error(`no connection to ${host}:${port} within ${connectTimeoutMs / 1e3} s`);
	return Object.assign(error, { code: "ETIMEDOUT" });
}

// ../core/dist/ports/pve/call/transport.js
/**
* Creates the transport.
* @throws ProvisionError `UNREACHABLE` if an endpoint is not an https address, `TLS` if a fingerprint is malformed
*/
function createTransport({ endpoints, trust, proxy, meter, userAgent }) {
	const parsedTrust = parseTrust(trust);
	const closing = new AbortController();
	const all = endpoints.map((url) => createEndpoint({
		url: checkEndpoint(url),
		trust: parsedTrust,
		proxy: proxyFor(url, proxy),
		closed: closing.signal
	}));
	let index = 0;
	const current = () => at(all, index);
	const leave = (endpoint) => {
		if (endpoint === current()) index = (index + 1) % all.length;
	};
	const sendTo = async ({ url, reads, changes }, { attempt = 1, ...call }) => {
		meter.add("apiRequests", 1);
		const agent = call.method === "GET" ? reads : changes;
		const traced = traceRequest({
			to: "proxmox",
			method: call.method,
			url,
			path: call.path,
			attempt
		});
		const exchanged = await exchange({
			...call,
			url,
			agent,
			headers: {
				"user-agent": userAgent,
				...call.headers
			}
		});
		traced(exchanged.kind === "answer" ? exchanged : { error: exchanged.cause });
		return exchanged;
	};
	const close = () => {
		closing.abort(/* @__PURE__ */ new Error("the client was closed"));
		for (const { reads, changes } of all) {
			reads.destroy();
			changes.destroy();
		}
	};
	return {
		current,
		send: (call) => sendAround({
			count: all.length,
			current,
			leave,
			sendTo
		}, call),
		leave,
		close
	};
}
/** Tries the endpoints in order, as long as none can have received the call. */
async function sendAround({ count, current, leave, sendTo }, call) {
	const attempts = [];
	for (;;) {
		const endpoint = current();
		const exchanged = await sendTo(endpoint, call);
		if (exchanged.kind === "answer") return exchanged;
		attempts.push(`${endpoint.url.host}: ${describeNetworkError(exchanged.cause)}`);
		leave(endpoint);
		if (exchanged.sent || attempts.length >= count) return {
			...exchanged,
			attempts
		};
	}
}
function at(endpoints, index) {
	const endpoint = endpoints[index];
	if (endpoint) return endpoint;
	throw new ProvisionError("UNREACHABLE", "No Proxmox endpoint is given.", { hint: "Set PVE_ENDPOINT=https://host:8006" });
}
function checkEndpoint(url) {
	if (url.protocol === "https:") return url;
	throw new ProvisionError("UNREACHABLE", `${url.protocol}//${url.host} is not an https address, which Proxmox needs.`, { hint: "Set PVE_ENDPOINT=https://host:8006" });
}
/** Formats a network error. An AggregateError (several addresses of one name) has no message of its own. */
function describeNetworkError(error) {
	const { code } = error;
	if (error instanceof AggregateError) return error.errors.map((one) => describeNetworkError(one)).join(", ");
	return error.message || code || error.name;
}

// ../core/dist/ports/pve/tasks/task-log.js
/** `OK` and `WARNINGS: n` mean success. Any other text is the error itself. */
function taskOutcome(exitStatus) {
	if (exitStatus === "OK") return { kind: "ok" };
	const [, count] = /^WARNINGS: (\d+)$/.exec(exitStatus) ?? [];
	return count === void 0 ? { kind: "failed" } : {
		kind: "warnings",
		count: Number(count)
	};
}
/**
* Reads lines of a task log and masks secrets in URLs, because a download logs its URL. `taskPath` is
* `/nodes/{node}/tasks/{upid}`.
*/
async function readTaskLog(request, taskPath, { start, limit, signal }) {
	const data = await request("GET", `${taskPath}/log`, {
		parameters: {
			start,
			limit
		},
		...signal ? { signal } : {}
	});
	if (!Array.isArray(data)) return [];
	return data.map((line) => typeof line?.t === "string" ? redactUrls(cleanText(line.t)) : "");
}
/** Reads the log, or returns undefined if that fails. The log only adds detail; the exit status decides. */
async function tryReadTaskLog(request, taskPath, range) {
	try {
		return await readTaskLog(request, taskPath, range);
	} catch (error) {
		if (error instanceof ProvisionError && error.code !== "CANCELLED") return void 0;
		throw error;
	}
}
/**
* Returns the lines that Proxmox counted in `WARNINGS: n`, and lines about disks that Proxmox VE 8 logs without
* counting (`destroy_vm`).
*/
function warningLinesOf(log) {
	return log.filter((line) => /^WARN(?:ING)?:|^Could not remove disk /.test(line));
}
/** A whole command line of QEMU has 4,000 characters and says nothing about the failure. Short commands do. */
const MOST_OF_COMMAND = 200;
/** Says why a task failed: its exit status without long command lines, and what only the log of a migration says. */
function reasonOf(exitStatus, log) {
	const status = exitStatus.replace(/command '([^\s']+) (.*)' failed/, (whole, program, rest) => rest.length > MOST_OF_COMMAND ? `command '${program} …' failed` : whole);
	if (!/^migration (?:problems|aborted)$/.test(exitStatus)) return status;
	const error = log.findIndex((line) => MIGRATION_ERROR.test(line));
	const [, cause] = MIGRATION_ERROR.exec(log[error] ?? "") ?? [];
	const [, remote] = /(\[[\w.-]+\] .+)/.exec(log.slice(0, error).findLast((line) => / \[[\w.-]+\] /.test(line)) ?? "") ?? [];
	return [
		status,
		remote,
		cause
	].filter((part) => part !== void 0).join(": ");
}
const MIGRATION_ERROR = /^[\d-]+ [\d:]+ ERROR: (.+)$/;
/**
* Returns the last percentage in these lines: `transferred 1.2 GiB of 3.0 GiB (40.00%)` (imports and clones) or the
* dots of wget (`327680K ........ .... 42% 101M 5s`, downloads).
*/
function percentOf(lines) {
	const line = lines.findLast((text) => percentPattern.test(text));
	const [, inParentheses, afterDots] = line && percentPattern.exec(line) || [];
	const percent = Number(inParentheses ?? afterDots);
	return line === void 0 || Number.isNaN(percent) ? void 0 : Math.min(percent, 100);
}
const percentPattern = /\((\d{1,3}(?:\.\d+)?)%\)|[.\s](\d{1,3})%\s/;

// ../core/dist/ports/pve/tasks/task-watch.js
const percentEveryMs = 1500;
const silenceEveryMs = 6e4;
/** A task may copy for a long time without logging. After `told` it is reported once; after `last` the wait ends. */
const silenceMs = {
	told: 6e5,
	last: 36e5
};
/**
* Returns a function that reads new log lines from time to time: often with `onPercent`, else once a minute.
* @throws ProvisionError `TASK` (problem `still-running`) if the task has logged nothing for an hour
*/
function watchTaskLog({ request, clock, upid, options }) {
	const { onPercent, onSilence, signal } = options;
	const everyMs = onPercent ? percentEveryMs : silenceEveryMs;
	let readMs = clock.now();
	let newsMs = readMs;
	let linesRead = 0;
	let isTold = false;
	return async () => {
		if (clock.now() - readMs < everyMs) return;
		readMs = clock.now();
		const lines = await tryReadTaskLog(request, taskPath(upid), {
			start: linesRead,
			limit: 1e3,
			signal
		});
		if (lines === void 0 || lines.length > 0) newsMs = clock.now();
		linesRead += lines?.length ?? 0;
		const percent = percentOf(lines ?? []);
		if (percent !== void 0) onPercent?.(percent);
		const silentMs = clock.now() - newsMs;
		if (silentMs >= silenceMs.last) throw stillRunning(upid, silentMs);
		if (silentMs >= silenceMs.told && !isTold) onSilence?.(sentenceAbout(upid, silentMs));
		isTold = silentMs >= silenceMs.told;
	};
}
function sentenceAbout(upid, silentMs) {
	return `${describeTask(upid)} is running but has logged nothing for ${Math.round(silentMs / 6e4)} min (${upid.upid}).`;
}
function stillRunning(upid, silentMs) {
	const { node, type, id } = upid;
	return new ProvisionError("TASK", `${sentenceAbout(upid, silentMs)} The run no longer waits for it.`, {
		hint: `Find out why it hangs on ${node}, or stop it there: pvesh delete '/nodes/${node}/tasks/${upid.upid}'. The next run waits for it or continues from there.`,
		details: {
			upid: upid.upid,
			node,
			type,
			id,
			problem: "still-running"
		}
	});
}

// ../core/dist/ports/pve/tasks/task.js
const firstDelayMs = 80;
const shortestPauseMs = 100;
const lastDelayMs = 2e3;
/** Limit of the first pause, because a single task may be short. */
const longestFirstDelayMs = 1e3;
const waitersAtFullPace = 8;
/** How long a node may be unreachable before this stops waiting for its task. */
const patienceMs = 18e4;
/**
* Minimum duration of task types, as seen on servers. The first status call comes then. Other types may end at once.
*/
const usualMs = {
	download: 300,
	qmclone: 250,
	qmcreate: 250,
	qmdestroy: 250,
	qmmigrate: 1e3,
	qmshutdown: 1e3,
	qmstart: 500,
	qmstop: 500,
	qmtemplate: 200
};
function createExpectations() {
	const learned = /* @__PURE__ */ new Map();
	const keyOf = ({ node, type }) => `${node} ${type}`;
	const expected = (upid) => learned.get(keyOf(upid)) ?? usualMs[upid.type] ?? firstDelayMs;
	return {
		firstDelayMs(upid) {
			const mostMs = Math.min(2 * (usualMs[upid.type] ?? longestFirstDelayMs), longestFirstDelayMs);
			return Math.min(Math.max(expected(upid), firstDelayMs), mostMs);
		},
		ended(upid, ageMs, looks) {
			const seen = looks === 0 ? ageMs * .7 : ageMs * .9;
			learned.set(keyOf(upid), (expected(upid) + seen) / 2);
		}
	};
}
/**
* Returns the pause before the next status call: a sixth of the task's age, so a wait is at most a sixth too long.
* It is longer if many tasks of one node are waited for, because its three daemons answer one call at a time each.
*/
function pollDelayMs(ageMs, waiters) {
	const delayMs = Math.min(Math.max(ageMs / 6, shortestPauseMs), lastDelayMs);
	return Math.round(delayMs * Math.max(1, waiters / waitersAtFullPace));
}
/**
* Waits with one status call for each task, not with one list for each node. Proxmox updates its task list only when
* the next task starts or when `pvestatd` runs, every ten seconds (PVE::RESTEnvironment `active_workers`). The status
* call checks the process itself.
*/
function createWaitForTask({ request, clock }) {
	const waiters = /* @__PURE__ */ new Map();
	const expectations = createExpectations();
	const count = (node, by) => waiters.set(node, (waiters.get(node) ?? 0) + by);
	return async (text, options = {}) => {
		const upid = parseUpid(text);
		count(upid.node, 1);
		try {
			const exitStatus = await waitForEnd({
				request,
				clock,
				upid,
				options,
				expectations,
				waiters: () => waiters.get(upid.node) ?? 1
			});
			return await endOf({
				request,
				clock
			}, upid, exitStatus, options.signal);
		} catch (error) {
			throw options.signal?.aborted ? goesOn(upid, error) : whileWaiting(upid, error);
		} finally {
			count(upid.node, -1);
		}
	};
}
async function waitForEnd(wait) {
	const { clock, options, waiters, upid, expectations } = wait;
	const startedMs = clock.now();
	const look = patiently(wait);
	const watchLog = watchTaskLog(wait);
	for (let looks = 0;; looks += 1) {
		const ageMs = clock.now() - startedMs;
		await clock.sleep(looks === 0 ? expectations.firstDelayMs(upid) : pollDelayMs(ageMs, waiters()), options.signal);
		const status = await look();
		if (status?.status === "stopped") expectations.ended(upid, clock.now() - startedMs, looks);
		if (status?.status === "stopped") return cleanText(status.exitstatus ?? "unexpected status");
		if (status) await watchLog();
		else options.signal?.throwIfAborted();
	}
}
/**
* Returns a function that reads the status. It returns undefined while the node is unreachable, up to the time limit.
*/
function patiently({ request, clock, upid, options }) {
	let reachedMs = clock.now();
	return async () => {
		try {
			const status = await request("GET", `${taskPath(upid)}/status`, signalOf(options.signal));
			reachedMs = clock.now();
			return status;
		} catch (error) {
			if (!(error instanceof ProvisionError)) throw error;
			const awayMs = clock.now() - reachedMs;
			if (error.code === "UNREACHABLE" && awayMs < patienceMs) return void 0;
			throw error.code === "UNREACHABLE" ? outOfReach(upid, awayMs, error) : error;
		}
	};
}
async function endOf({ request }, upid, exitStatus, signal) {
	const outcome = taskOutcome(exitStatus);
	const end = {
		upid: upid.upid,
		node: upid.node
	};
	if (outcome.kind === "ok" && upid.type !== "qmdestroy") return {
		...end,
		warnings: 0,
		warningLines: []
	};
	const log = await tryReadTaskLog(request, taskPath(upid), {
		start: 0,
		limit: 0,
		signal
	}) ?? [];
	const warningLines = warningLinesOf(log);
	if (outcome.kind === "warnings") return {
		...end,
		warnings: outcome.count,
		warningLines
	};
	if (outcome.kind === "ok") return {
		...end,
		warnings: warningLines.length,
		warningLines
	};
	if (exitStatus === "unexpected status" && log.includes("TASK OK")) return {
		...end,
		warnings: 0,
		warningLines: []
	};
	throw taskError(upid, exitStatus, log);
}
function taskError(upid, exitStatus, log) {
	const problem = [exitStatus, ...log.slice(-3)].map(problemOf$3).includes("no-space") ? "no-space" : problemOf$3(exitStatus);
	const why = problem === "no-space" ? "no space is left on the storage: " : "";
	const message = `${describeTask(upid)} failed: ${why}${reasonOf(exitStatus, log)}`;
	const details = {
		upid: upid.upid,
		node: upid.node,
		type: upid.type,
		id: upid.id,
		exitStatus,
		problem,
		log: log.slice(-20)
	};
	const hint = `${problem === "no-space" ? "Free space there: `pve-provision images prune` removes unused images and templates. " : ""}Full log: web interface → node ${upid.node} → Task History, or \`pvenode task log '${upid.upid}'\`.`;
	if (problem === "lock-timeout") return new ProvisionError("PVE_BUSY", message, {
		details: {
			...details,
			failure: "lock"
		},
		hint
	});
	return new ProvisionError("TASK", message, {
		details,
		hint
	});
}
function goesOn(upid, cause) {
	return new ProvisionError("CANCELLED", `Interrupted while waiting: ${describeTask(upid)} continues in Proxmox (${upid.upid}).`, {
		cause,
		hint: `Let it finish, or stop it: pvesh delete '/nodes/${upid.node}/tasks/${upid.upid}'. The next run finds it.`,
		details: {
			upid: upid.upid,
			node: upid.node,
			type: upid.type,
			id: upid.id
		}
	});
}
/**
* Adds context to an error that is not the task's own, such as a revoked token or a changed certificate. The task may
* go on.
*/
function whileWaiting(upid, error) {
	if (!(error instanceof ProvisionError) || error.details.upid !== void 0) return error;
	return new ProvisionError(error.code, `${error.message} (while waiting for ${describeTask(upid)})`, {
		cause: error,
		...error.hint === void 0 ? {} : { hint: error.hint },
		details: {
			...error.details,
			upid: upid.upid,
			node: upid.node
		}
	});
}
function outOfReach(upid, awayMs, cause) {
	const message = `Node ${upid.node} has been unreachable for ${Math.round(awayMs / 1e3)} s; the result of ${describeTask(upid)} is not known.`;
	return new ProvisionError("UNREACHABLE", message, {
		cause,
		hint: "Run again when the node is back: the next run checks the task first.",
		details: {
			upid: upid.upid,
			node: upid.node,
			type: upid.type,
			id: upid.id
		}
	});
}
function signalOf(signal) {
	return signal ? { signal } : {};
}

// ../core/dist/ports/pve/create-pve.js
/**
* Creates the port. The first call opens a connection.
* @throws ProvisionError `UNREACHABLE`, `TLS` or `AUTHENTICATION` for settings that cannot work
*/
function createPve(settings) {
	const { endpoints, credentials, trust, proxy, clock, meter, userAgent = "pve-provision" } = settings;
	const transport = createTransport({
		endpoints,
		trust,
		proxy,
		meter,
		userAgent
	});
	const session = createSession(credentials, {
		clock,
		post: postTicket(transport, credentials)
	});
	const request = createRequest({
		transport,
		session,
		clock,
		meter
	});
	const waitForTask = createWaitForTask({
		request,
		clock
	});
	return {
		request,
		waitForTask,
		async upload(file, options) {
			const { createUpload } = await import("./upload-volume.js");
			return createUpload({
				transport,
				session,
				clock,
				meter,
				waitForTask,
				userAgent
			})(file, options);
		},
		get endpoint() {
			return transport.current().url.origin;
		},
		identity: session.identity,
		close: () => transport.close(),
		[Symbol.dispose]: () => transport.close()
	};
}
/**
* Posts a login. It is retried only if no connection could be made, because Proxmox delays its answers after wrong
* logins.
*/
function postTicket(transport, credentials) {
	const asked = {
		method: "POST",
		path: "/access/ticket",
		identity: "tokenId" in credentials ? credentials.tokenId : credentials.username
	};
	return async (form) => {
		const body = encodeParameters(form);
		const answer = await transport.send({
			method: "POST",
			path: "/api2/json/access/ticket",
			headers: {},
			body,
			timeoutMs: 3e4,
			signal: void 0
		});
		if (answer.kind === "lost") throw unanswered(answer, asked).error;
		if (answer.status === 200) return answer;
		const secrets = Object.values(form).filter((value) => value !== form.username);
		throw refusalOf(answer, asked, secrets).error;
	};
}

// ../core/dist/ports/store/split-store.js
/**
* Keeps what a recipe makes in the private store, because its key does not contain its digest: anyone who can write to the
* shared folder could choose the content. The key of a vendor's bytes is their digest, which is verified before use.
*/
function splitStore(shared, own) {
	const of = (key) => key.includes("+") ? own : shared;
	return {
		find: (key) => of(key).find(key),
		ensure: (key, write, signal) => of(key).ensure(key, write, signal),
		receive: (write, signal) => shared.receive(write, signal),
		list: async () => (await Promise.all([shared.list(), own.list()])).flat(),
		remove: async (key) => void await Promise.all([shared.remove(key), own.remove(key)]),
		verify: (key, options) => of(key).verify(key, options)
	};
}

// \0builtin:node:fs/promises?packages/core/dist/ports/store/store.js
const builtin$30 = process.getBuiltinModule("node:fs/promises");
const read$30 = (name) => builtin$30[name];
const _rm$2 = /* @__PURE__ */ read$30("rm");

// \0builtin:node:path?packages/core/dist/ports/store/store.js
const builtin$29 = process.getBuiltinModule("node:path");
const read$29 = (name) => builtin$29[name];
const _join$7 = /* @__PURE__ */ read$29("join");

// \0builtin:node:fs?packages/core/dist/ports/store/blobs.js
const builtin$28 = process.getBuiltinModule("node:fs");
const read$28 = (name) => builtin$28[name];
const _constants$1 = /* @__PURE__ */ read$28("constants");

// \0builtin:node:fs/promises?packages/core/dist/ports/store/blobs.js
const builtin$27 = process.getBuiltinModule("node:fs/promises");
const read$27 = (name) => builtin$27[name];
const _open = /* @__PURE__ */ read$27("open");
const _rename$1 = /* @__PURE__ */ read$27("rename");
const _rm$1 = /* @__PURE__ */ read$27("rm");
const _readdir$1 = /* @__PURE__ */ read$27("readdir");
const _lstat$1 = /* @__PURE__ */ read$27("lstat");
const _chmod = /* @__PURE__ */ read$27("chmod");
const _utimes$1 = /* @__PURE__ */ read$27("utimes");

// \0builtin:node:path?packages/core/dist/ports/store/blobs.js
const builtin$26 = process.getBuiltinModule("node:path");
const read$26 = (name) => builtin$26[name];
const _join$6 = /* @__PURE__ */ read$26("join");

// \0builtin:node:process?packages/core/dist/ports/store/blobs.js
const builtin$25 = process.getBuiltinModule("node:process");
const read$25 = (name) => builtin$25[name];
const _getuid$1 = /* @__PURE__ */ read$25("getuid");

// ../core/dist/ports/store/blob-names.js
const KEY = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})(?:\+[a-z0-9][a-z0-9.-]{0,63})?$/;
/**
* Formats a key for a file name. @throws ProvisionError `UNEXPECTED` if it is malformed, because it becomes part of a
* path
*/
function keyName(key) {
	if (!KEY.test(key)) throw new ProvisionError("UNEXPECTED", `Not a key of the store: ${key.slice(0, 200)}`);
	return key.replace(":", "-");
}
/** `sha256-1f…9c.12345`, `sha256-1f…9c+raw.1.12345` */
function blobName(key, bytes) {
	return `${keyName(key)}.${bytes}`;
}
/** Returns undefined for any other file name. */
function parseBlobName(name) {
	const [, algorithm, rest, bytes] = /^(sha256|sha512)-([^/]+)\.(\d{1,15})$/.exec(name) ?? [];
	const key = `${algorithm}:${rest}`;
	return isKey(key) ? {
		key,
		bytes: Number(bytes),
		name
	} : void 0;
}
function isKey(text) {
	return KEY.test(text);
}

// ../core/dist/ports/store/blobs.js
function createBlobs(folder, clock) {
	async function entries() {
		return (await _readdir$1(folder).catch((error) => {
			if (systemCode(error) === "ENOENT") return [];
			throw diskError(error, folder);
		})).map(parseBlobName).filter((entry) => entry !== void 0);
	}
	/** Returns undefined for a file that was truncated, has grown, is a link, or belongs to another user. */
	async function whole({ key, name, bytes }) {
		const path = _join$6(folder, name);
		const status = await _lstat$1(path).catch(() => void 0);
		return status?.isFile() === true && (_getuid$1 === void 0 || status.uid === _getuid$1()) && status.size === bytes ? {
			key,
			path,
			bytes,
			usedAtMs: status.atimeMs
		} : void 0;
	}
	return {
		async find(key) {
			for (const entry of (await entries()).filter((candidate) => candidate.key === key)) {
				const found = await whole(entry);
				if (found !== void 0) {
					await markUsed(found.path, clock.now());
					return {
						key,
						path: found.path,
						bytes: found.bytes
					};
				}
				await _rm$1(_join$6(folder, entry.name), {
					force: true,
					recursive: true
				}).catch(() => void 0);
			}
		},
		async list() {
			return (await Promise.all((await entries()).map(whole))).filter((blob) => blob !== void 0);
		},
		async remove(key) {
			for (const { name } of (await entries()).filter((entry) => entry.key === key)) {
				const path = _join$6(folder, name);
				await onDisk(path, () => _rm$1(path, {
					force: true,
					recursive: true
				}));
			}
		},
		async publish(key, temporaryPath) {
			const bytes = await syncFile(temporaryPath);
			await _chmod(temporaryPath, 292);
			const path = _join$6(folder, blobName(key, bytes));
			await _rename$1(temporaryPath, path);
			await syncFolder(folder);
			await markUsed(path, clock.now());
			return {
				key,
				path,
				bytes
			};
		}
	};
}
/** Sets the access time, because the system often does not. A failure is ignored: the blob is still usable. */
async function markUsed(path, nowMs) {
	const { mtimeMs } = await _lstat$1(path);
	await _utimes$1(path, nowMs / 1e3, mtimeMs / 1e3).catch(() => void 0);
}
async function syncFile(path) {
	const file = await _open(path, _constants$1.O_RDWR | (_constants$1.O_NOFOLLOW ?? 0));
	try {
		await file.sync();
		return (await file.stat()).size;
	} finally {
		await file.close();
	}
}
/** A rename survives a power failure only once the folder is synced. Some systems cannot do that. */
async function syncFolder(path) {
	const folder = await _open(path, "r").catch(() => void 0);
	await folder?.sync().catch(() => void 0);
	await folder?.close();
}

// \0builtin:node:fs/promises?packages/core/dist/ports/store/folder.js
const builtin$24 = process.getBuiltinModule("node:fs/promises");
const read$24 = (name) => builtin$24[name];
const _lstat = /* @__PURE__ */ read$24("lstat");
const _stat$1 = /* @__PURE__ */ read$24("stat");
const _writeFile$1 = /* @__PURE__ */ read$24("writeFile");

// \0builtin:node:path?packages/core/dist/ports/store/folder.js
const builtin$23 = process.getBuiltinModule("node:path");
const read$23 = (name) => builtin$23[name];
const _join$5 = /* @__PURE__ */ read$23("join");

// \0builtin:node:process?packages/core/dist/ports/store/folder.js
const builtin$22 = process.getBuiltinModule("node:process");
const read$22 = (name) => builtin$22[name];
const _getuid = /* @__PURE__ */ read$22("getuid");

// ../core/dist/ports/store/folder.js
/** Backup programs skip folders with this file: https://bford.info/cachedir/ */
const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of pve-provision and can be deleted at any time.
`;
/**
* Creates the folders. @throws ProvisionError `DISK` for a folder of another user; system errors pass through unchanged
*/
async function makeFolders(directory, below) {
	for (const folder of [directory, ...below]) {
		await makeFolder(folder);
		await refuseForeign([folder]);
	}
	await _writeFile$1(_join$5(directory, "CACHEDIR.TAG"), TAG, { flag: "wx" }).catch((error) => {
		if (systemCode(error) !== "EEXIST") throw error;
	});
}
/** Checks the folders that exist. The first may be a symbolic link. @throws ProvisionError `DISK` */
async function refuseForeign([directory = "", ...below]) {
	const user = _getuid?.();
	for (const [folder, look] of [[directory, _stat$1], ...below.map((path) => [path, _lstat])]) {
		const status = await look(folder).catch((error) => {
			if (systemCode(error) === "ENOENT") return void 0;
			throw diskError(error, folder);
		});
		if (status === void 0) return;
		if (!status.isDirectory()) throw inTheWay(folder);
		if (user !== void 0 && status.uid !== user) throw foreign(folder, status.uid);
	}
}
function inTheWay(path) {
	return new ProvisionError("DISK", `This is not a folder: ${path}`, {
		hint: "Remove it, or set PVE_PROVISION_CACHE.",
		details: { path }
	});
}
function foreign(folder, owner) {
	return new ProvisionError("DISK", `The cache folder ${folder} belongs to another user (${owner}).`, {
		hint: "That user could replace images. Point PVE_PROVISION_CACHE to a folder that you own.",
		details: {
			path: folder,
			owner
		}
	});
}

// \0builtin:node:crypto?packages/core/dist/ports/store/temporary.js
const builtin$21 = process.getBuiltinModule("node:crypto");
const read$21 = (name) => builtin$21[name];
const _randomBytes = /* @__PURE__ */ read$21("randomBytes");

// \0builtin:node:fs/promises?packages/core/dist/ports/store/temporary.js
const builtin$20 = process.getBuiltinModule("node:fs/promises");
const read$20 = (name) => builtin$20[name];
const _rename = /* @__PURE__ */ read$20("rename");
const _rm = /* @__PURE__ */ read$20("rm");
const _mkdir = /* @__PURE__ */ read$20("mkdir");
const _readdir = /* @__PURE__ */ read$20("readdir");
const _stat = /* @__PURE__ */ read$20("stat");
const _utimes = /* @__PURE__ */ read$20("utimes");

// \0builtin:node:path?packages/core/dist/ports/store/temporary.js
const builtin$19 = process.getBuiltinModule("node:path");
const read$19 = (name) => builtin$19[name];
const _join$4 = /* @__PURE__ */ read$19("join");

// \0builtin:node:crypto?packages/core/dist/ports/store/owner.js
const builtin$18 = process.getBuiltinModule("node:crypto");
const read$18 = (name) => builtin$18[name];
const _createHash$1 = /* @__PURE__ */ read$18("createHash");

// \0builtin:node:fs/promises?packages/core/dist/ports/store/owner.js
const builtin$17 = process.getBuiltinModule("node:fs/promises");
const read$17 = (name) => builtin$17[name];
const _readlink = /* @__PURE__ */ read$17("readlink");
const _readFile = /* @__PURE__ */ read$17("readFile");

// \0builtin:node:os?packages/core/dist/ports/store/owner.js
const builtin$16 = process.getBuiltinModule("node:os");
const read$16 = (name) => builtin$16[name];
const _hostname = /* @__PURE__ */ read$16("hostname");

// \0builtin:node:process?packages/core/dist/ports/store/owner.js
const builtin$15 = process.getBuiltinModule("node:process");
const read$15 = (name) => builtin$15[name];
const _kill = /* @__PURE__ */ read$15("kill");
const _pid = /* @__PURE__ */ read$15("pid");

// ../core/dist/ports/store/owner.js
let own;
function currentOwner() {
	own ??= Promise.all([hostId(), startOf$1(_pid)]).then(([host, start]) => `${host}.${_pid}.${start}`);
	return own;
}
/**
* Returns true if the process is gone.
* @param idleMs time without a sign of life, the only evidence about processes on other hosts
*/
async function isGone(owner, { idleMs, limitMs }) {
	const [host = "", process = "", start = ""] = owner.split(".");
	if (host !== await hostId()) return idleMs > limitMs;
	const id = Number(process);
	return !Number.isSafeInteger(id) || id <= 0 || !isAlive(id) || await startOf$1(id) !== start;
}
function isAlive(id) {
	try {
		return _kill(id, 0);
	} catch (error) {
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}
/** Identifies host, boot and process namespace together: the scope in which a process id is valid. */
async function hostId() {
	const parts = await Promise.all([_readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""), _readlink("/proc/self/ns/pid").catch(() => "")]);
	return _createHash$1("sha256").update([_hostname(), ...parts].join("\n")).digest("hex").slice(0, 12);
}
/** The start time of a process, in ticks since boot, or `0` if the system does not report it. */
async function startOf$1(id) {
	const text = await _readFile(`/proc/${id}/stat`, "latin1").catch(() => "");
	return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
}

// ../core/dist/ports/store/temporary.js
const SWEEP_AFTER_MS = 864e5;
/** Processes on other hosts cannot be checked. After this time without a sign of life, they count as gone. */
const FOREIGN_IDLE_MS = 36e5;
const HEARTBEAT_MS = 6e4;
/** Stands in place of the owner for a folder without one. */
const NOBODY = "free";
/** Stands in place of the key, which is known only when the bytes are there. */
const NO_KEY = "unknown";
/** Claims a private file for `key`. It starts with the bytes of the dead writer that got furthest. */
async function claimTemporary(directory, { key, nowMs }) {
	const label = key === void 0 ? NO_KEY : keyName(key);
	const folder = _join$4(directory, `${label}~${await currentOwner()}~${token()}`);
	const leftovers = (await findLeftovers(directory, nowMs)).filter((leftover) => leftover.keyName === label);
	if (!canContinue(key) || !await adopt(leftovers, folder)) await _mkdir(folder, { mode: 448 });
	await touch(folder);
	await Promise.all(leftovers.map((leftover) => remove(leftover.folder)));
	const heartbeat = setInterval(() => void touch(folder), HEARTBEAT_MS).unref();
	return {
		path: _join$4(folder, "data"),
		async release() {
			clearInterval(heartbeat);
			const left = await sizeOf(folder);
			if (!canContinue(key) || left === 0) return remove(folder);
			await _rename(folder, _join$4(directory, `${label}~${NOBODY}~${token()}`)).catch(() => void 0);
		}
	};
}
/** Removes folders that no writer has continued for a day. */
async function sweepTemporaries(directory, nowMs) {
	for (const { folder, idleMs } of await findLeftovers(directory, nowMs)) if (idleMs > SWEEP_AFTER_MS) await remove(folder);
}
/** Only a download can be continued: its digest verifies the result. A partial conversion is useless. */
function canContinue(key) {
	return key !== void 0 && !key.includes("+");
}
/**
* Takes over a folder by renaming it. A rename succeeds for one process only, so no two processes continue the same
* one.
*/
async function adopt(leftovers, folder) {
	for (const leftover of leftovers.toSorted((a, b) => b.bytes - a.bytes)) {
		if (leftover.bytes === 0) continue;
		try {
			await _rename(leftover.folder, folder);
			return true;
		} catch {}
	}
	return false;
}
async function findLeftovers(directory, nowMs) {
	const names = await _readdir(directory);
	return (await Promise.all(names.map((name) => leftoverOf(directory, name, nowMs)))).filter((leftover) => leftover !== void 0);
}
async function leftoverOf(directory, name, nowMs) {
	const folder = _join$4(directory, name);
	const status = await _stat(folder).catch(() => void 0);
	if (status === void 0) return void 0;
	const [key = "", owner = ""] = name.split("~");
	const idleMs = nowMs - status.mtimeMs;
	if (owner !== NOBODY && !await isGone(owner, {
		idleMs,
		limitMs: FOREIGN_IDLE_MS
	})) return void 0;
	return {
		folder,
		keyName: key,
		bytes: await sizeOf(folder),
		idleMs
	};
}
async function sizeOf(folder) {
	return _stat(_join$4(folder, "data")).then(({ size }) => size, () => 0);
}
async function touch(folder) {
	const now = /* @__PURE__ */ new Date();
	await _utimes(folder, now, now).catch(() => void 0);
}
async function remove(folder) {
	await _rm(folder, {
		recursive: true,
		force: true
	}).catch(() => void 0);
}
function token() {
	return _randomBytes(4).toString("hex");
}

// ../core/dist/ports/store/store.js
/** A new layout gets a new folder. There are no migrations. */
const LAYOUT = "v1";
/** Creates a store. It does not touch the disk until one of its functions is called. */
function createStore({ directory, clock }) {
	const root = _join$7(directory, LAYOUT);
	const folders = {
		blobs: _join$7(root, "blobs"),
		temporaries: _join$7(root, "temporary")
	};
	const blobs = createBlobs(folders.blobs, clock);
	const running = /* @__PURE__ */ new Map();
	const look = once(() => refuseForeign([
		directory,
		root,
		folders.blobs
	]));
	const prepare = once(() => onDisk(directory, async () => {
		await makeFolders(directory, [
			root,
			folders.blobs,
			folders.temporaries
		]);
		await sweepTemporaries(folders.temporaries, clock.now());
	}));
	async function find(key) {
		await look();
		return blobs.find(key);
	}
	async function make(key, write, signal) {
		return await find(key) ?? publish({
			key,
			signal,
			write: (path) => write(path).then(() => key)
		});
	}
	async function publish({ key, write, signal }) {
		await prepare();
		const temporary = await claimTemporary(folders.temporaries, {
			nowMs: clock.now(),
			...key && { key }
		});
		try {
			const found = await write(temporary.path);
			signal.throwIfAborted();
			return await onDisk(temporary.path, () => blobs.publish(found, temporary.path));
		} finally {
			await temporary.release();
		}
	}
	return {
		find,
		async ensure(key, write, signal) {
			signal?.throwIfAborted();
			const made = running.get(key) ?? make(key, write, ownSignal(signal)).finally(() => running.delete(key));
			running.set(key, made);
			return made;
		},
		async receive(write, signal) {
			signal?.throwIfAborted();
			await look();
			return publish({
				write,
				signal: ownSignal(signal)
			});
		},
		async list() {
			await look();
			return blobs.list();
		},
		remove: (key) => blobs.remove(key),
		async verify(key, { digest = digestIn(key), signal } = {}) {
			const blob = await find(key);
			if (blob === void 0 || await isRight(blob.path, digest, ownSignal(signal))) return blob !== void 0;
			await onDisk(blob.path, () => _rm$2(blob.path, { force: true }));
			return false;
		}
	};
}
/** Returns undefined for a blob that a recipe made. */
function digestIn(key) {
	return key.includes("+") ? void 0 : key;
}
async function isRight(path, digest, signal) {
	if (digest === void 0) return false;
	const algorithm = digest.startsWith("sha512:") ? "sha512" : "sha256";
	return `${algorithm}:${await hashFile(path, algorithm, signal)}` === digest;
}
/** Runs the action once, and again only if it failed. */
function once(action) {
	let done;
	return () => {
		done ??= action().catch((error) => {
			done = void 0;
			throw error;
		});
		return done;
	};
}

// ../core/dist/ports/create-world.js
/** A connection for work that does not contact Proxmox, such as `pinImages`. */
const NO_PROXMOX = {
	endpoints: [new URL("https://localhost:8006")],
	credentials: {
		tokenId: "nobody@pve!none",
		tokenSecret: "none"
	}
};
/**
* Creates the real world. It connects and writes nothing until one of its functions is called.
* @throws ProvisionError `USAGE` `TLS` for an endpoint, a token or a fingerprint that cannot be right
*/
function createWorld({ pve, cacheDirectory, factsDirectory, proxy, limits, userAgent }) {
	const facts = factsDirectory ?? cacheDirectory;
	const clock = systemClock;
	const meter = createMeter();
	const exec = createExec();
	const port = createPve({
		...pve,
		clock,
		meter,
		proxy,
		userAgent
	});
	return {
		clock,
		meter,
		http: createHttp({
			directory: _join$8(facts, "documents"),
			clock,
			meter,
			proxy,
			limits,
			userAgent
		}),
		qemuImg: createQemuImg({ exec }),
		store: openStore({
			cacheDirectory,
			factsDirectory
		}, clock),
		journal: createJournal({
			path: _join$8(facts, "journal", "facts.jsonl"),
			clock
		}),
		pve: port,
		[Symbol.dispose]: () => port.close()
	};
}
function openStore({ cacheDirectory, factsDirectory }, clock) {
	const store = createStore({
		directory: cacheDirectory,
		clock
	});
	return factsDirectory === void 0 ? store : splitStore(store, createStore({
		directory: factsDirectory,
		clock
	}));
}

// ../core/dist/events.js
/** Passes an event to a listener that may be absent or may throw. A listener never affects the run. */
function notify(listener, event) {
	try {
		listener?.(event);
	} catch {}
}

// ../core/dist/execute/lanes.js
/** A longer task copies data. Its success does not show that there is room for more. */
const QUICK_MS = 1e4;
/**
* Creates the lanes of a run. A lane's name is `kind` or `kind:what`, and the kind determines its width. A width in the
* manifest is the maximum. Other lanes start narrow and grow by one with each quick success, which doubles them in each
* round. After a lock timeout, a lane grows by one only after as many successes as it is wide.
*/
function createLanes({ limits, storageType = () => void 0, now }) {
	const lanes = /* @__PURE__ */ new Map();
	const laneOf = (name) => {
		const known = lanes.get(name);
		if (known) return known;
		const { first, most } = laneWidth(name, limits, storageType(name));
		const lane = {
			limit: pLimit(first),
			most,
			calm: 0,
			hasTimedOut: false
		};
		lanes.set(name, lane);
		return lane;
	};
	return {
		async run(names, task) {
			const places = names.toSorted(byKind).map((name) => ({
				name,
				lane: laneOf(name),
				left: withResolvers()
			}));
			const leave = (left) => {
				for (const place of places) if (left.includes(place.name)) place.left.resolve();
			};
			let tookMs = 0;
			const timed = async () => {
				const beganMs = now();
				try {
					return await task(leave);
				} finally {
					tookMs = now() - beganMs;
				}
			};
			const result = await enter(places, timed);
			if (tookMs <= QUICK_MS) for (const { lane } of places) grow(lane);
			return result;
		},
		narrow(names) {
			for (const name of names.filter(contends)) halve(laneOf(name));
		},
		width: (name) => laneOf(name).limit.concurrency
	};
}
/** The innermost lane runs the task. Each lane is held until the task ends or leaves it. */
function enter([first, ...rest], task) {
	if (first === void 0) return task();
	return new Promise((resolve, reject) => {
		first.lane.limit(() => {
			const inner = enter(rest, task);
			inner.then(resolve, reject);
			return Promise.race([inner.then(ignore, ignore), first.left.promise]);
		});
	});
}
function ignore() {}
function withResolvers() {
	let resolve = ignore;
	return {
		promise: new Promise((done) => {
			resolve = done;
		}),
		resolve
	};
}
/**
* Proxmox locks a storage for each allocation, which is short. A shared storage is locked through the cluster's file
* system, where a waiting task tries again every second. Slow storages start lower. Figures: docs/performance.md.
*/
const BY_STORAGE = {
	rbd: {
		first: 10,
		most: 24
	},
	cephfs: {
		first: 10,
		most: 24
	},
	nfs: {
		first: 3,
		most: 8
	},
	cifs: {
		first: 3,
		most: 8
	},
	lvm: {
		first: 3,
		most: 8
	}
};
const OTHER_STORAGE = {
	first: 10,
	most: 24
};
const NODE = {
	first: 10,
	most: 24
};
/** Returns how many tasks may be in a lane at once: at the start and at most. */
function laneWidth(name, limits, storageType) {
	const fixed = (width) => ({
		first: width,
		most: width
	});
	const stated = (width, usual) => width === void 0 ? usual : fixed(width);
	return {
		download: fixed(limits.downloads),
		host: fixed(limits.perHost),
		convert: fixed(limits.conversions),
		along: fixed(limits.conversions),
		upload: fixed(limits.uploads),
		storage: stated(limits.perStorage, BY_STORAGE[storageType ?? ""] ?? OTHER_STORAGE),
		base: fixed(1),
		template: fixed(limits.perTemplate),
		node: stated(limits.perNode, NODE)
	}[kindOf(name)] ?? fixed(Number.POSITIVE_INFINITY);
}
const ORDER = [
	"host",
	"download",
	"convert",
	"along",
	"upload",
	"template",
	"base",
	"storage",
	"node"
];
function byKind(one, other) {
	return ORDER.indexOf(kindOf(one)) - ORDER.indexOf(kindOf(other)) || (one < other ? -1 : 1);
}
function kindOf(name) {
	return name.split(":", 1)[0] ?? name;
}
function contends(name) {
	return kindOf(name) === "storage" || kindOf(name) === "template" || kindOf(name) === "node";
}
function halve(lane) {
	lane.limit.concurrency = Math.max(1, Math.floor(lane.limit.concurrency / 2));
	lane.calm = 0;
	lane.hasTimedOut = true;
}
function grow(lane) {
	if (lane.limit.concurrency >= lane.most) return;
	lane.calm += 1;
	if (lane.hasTimedOut && lane.calm < lane.limit.concurrency) return;
	lane.limit.concurrency += 1;
	lane.calm = 0;
}

// ../core/dist/execute/run-state.js
function createRunState() {
	return {
		claims: /* @__PURE__ */ new Set(),
		listing: {
			next: void 0,
			askedAtMs: Number.NEGATIVE_INFINITY
		}
	};
}

// ../core/dist/execute/execute.js
/**
* Executes a plan. Failures become outcomes: steps that need a failed step are blocked and name it, and all others
* continue.
* @returns one outcome for each step, in the order of the plan
*/
async function execute(plan, { desired, facts, world }, { signal = new AbortController().signal, onEvent, stopOnError = false, keepFailed = false, runners } = {}) {
	const run = {
		world,
		desired,
		facts,
		state: createRunState(),
		lanes: createLanes({
			limits: desired.limits,
			storageType: storageTypes(facts),
			now: () => world.clock.now()
		}),
		onEvent,
		signal,
		halt: new AbortController(),
		outcomes: /* @__PURE__ */ new Map(),
		results: /* @__PURE__ */ new Map(),
		beside: [],
		beganAtMs: world.clock.now(),
		stopOnError,
		keepFailed,
		runners: runners ?? await runnersOf(plan)
	};
	for (const step of plan.steps) run.outcomes.set(step.id, settle$1(step, run));
	const outcomes = await Promise.all(run.outcomes.values());
	await Promise.all(run.beside);
	return outcomes;
}
/** Loads the code of the steps before the first one starts. If there is nothing to do, nothing is loaded. */
async function runnersOf({ steps }) {
	return steps.some(({ action }) => action === "run") ? (await import("./run-step.js")).RUNNERS : {};
}
/** Proxmox's type of the storage behind a lane. */
function storageTypes({ cluster: { storages } }) {
	const types = new Map(storages.map((storage) => [storageLane(storage, storage), storage.type]));
	return (lane) => types.get(lane);
}
async function settle$1(step, run) {
	const outcome = await outcomeOf(step, run);
	if (outcome.result) run.results.set(step.id, outcome.result);
	notify(run.onEvent, {
		type: "settled",
		outcome,
		atMs: run.world.clock.now() - run.beganAtMs
	});
	return outcome;
}
async function outcomeOf(step, run) {
	const needs = await Promise.all(step.needs.map((need) => run.outcomes.get(need) ?? missingNeed(step, need)));
	const base = {
		step,
		ms: 0,
		startedAtMs: run.world.clock.now() - run.beganAtMs
	};
	const cause = needs.find((need) => need.status !== "done" && need.status !== "kept");
	if (cause?.status === "cancelled") return {
		...base,
		status: "cancelled"
	};
	if (cause) return {
		...base,
		status: "blocked",
		by: cause.by ?? cause.step.id
	};
	const failed = await failedBefore(step, run);
	if (failed !== void 0) return {
		...base,
		status: "blocked",
		by: failed
	};
	if (step.problem) {
		if (run.stopOnError) run.halt.abort();
		return {
			...base,
			status: "failed",
			error: step.problem
		};
	}
	if (step.action === "keep") return {
		...base,
		status: "kept",
		result: step.known ?? {}
	};
	return run.lanes.run(step.lanes, (leave) => act(step, run, leave));
}
/** Returns the step that exceeded the allowed failures, if the rollout must stop. It waits for all earlier batches. */
async function failedBefore({ gate }, run) {
	if (gate === void 0) return void 0;
	const failed = (await Promise.all(gate.before.flatMap((id) => run.outcomes.get(id) ?? []))).filter(({ status }) => status !== "done" && status !== "kept");
	return new Set(failed.map(({ step: { id, ...rest } }) => "machine" in rest ? rest.machine : id)).size > gate.maxFailures ? failed[0]?.step.id : void 0;
}
async function act(step, run, leave) {
	const { clock } = run.world;
	const startedAtMs = clock.now() - run.beganAtMs;
	if (run.signal.aborted || run.halt.signal.aborted) return {
		step,
		status: "cancelled",
		ms: 0,
		startedAtMs
	};
	notify(run.onEvent, {
		type: "started",
		step,
		atMs: startedAtMs
	});
	const timing = () => ({
		step,
		startedAtMs,
		ms: clock.now() - run.beganAtMs - startedAtMs
	});
	try {
		const warnings = [];
		const result = await runnerOf(step, run)(contextOf(step, run, {
			warnings,
			leave
		}));
		const told = warnings.length === 0 ? result : {
			...result,
			warnings
		};
		return {
			...timing(),
			status: result.kept ? "kept" : "done",
			result: told
		};
	} catch (thrown) {
		const error = toProvisionError(thrown);
		if (error.code !== "CANCELLED" && run.stopOnError) run.halt.abort();
		return {
			...timing(),
			status: error.code === "CANCELLED" ? "cancelled" : "failed",
			error
		};
	}
}
function runnerOf(step, { runners }) {
	const runner = runners[step.kind];
	return (context) => runner(step, context);
}
const PROGRESS_INTERVAL_MS = 100;
function contextOf(step, { world, desired, facts, signal, results, onEvent, state, lanes, beside, keepFailed }, { warnings, leave }) {
	let lastProgressMs = Number.NEGATIVE_INFINITY;
	const note = (level, message) => notify(onEvent, {
		type: "note",
		level,
		message: cleanText(message),
		step
	});
	return {
		run: state,
		keepFailed,
		world,
		desired,
		facts,
		signal,
		result: (id) => results.get(id) ?? {},
		progress(progress) {
			const now = world.clock.now();
			if (now - lastProgressMs < PROGRESS_INTERVAL_MS && progress.done !== progress.total) return;
			lastProgressMs = now;
			notify(onEvent, {
				type: "progress",
				step,
				progress
			});
		},
		stage: (stage) => notify(onEvent, {
			type: "stage",
			step,
			stage: cleanText(stage)
		}),
		note,
		leave,
		inLanes: (names, task) => lanes.run(names, task),
		beside(lane, task) {
			beside.push(lanes.run([lane], task).catch((error) => note("debug", `${step.id}: ${toProvisionError(error).message}`)));
		},
		warn: (sentence) => warnings.push(cleanText(sentence)),
		onRetry({ reason, attempt, message }) {
			if (reason === "lock") lanes.narrow(step.lanes);
			note("debug", `${step.id}: trying again (${attempt}): ${message}`);
		}
	};
}
function missingNeed(step, need) {
	throw new ProvisionError("UNEXPECTED", `The plan lists ${step.id} before ${need}, which it needs.`);
}

// ../core/dist/facts/cluster/observe-addresses.js
const TIMEOUT_MS$1 = 5e3;
/** Many agents that do not answer must not delay the others' addresses for minutes. */
const PATIENCE_MS = 1e4;
/**
* Returns the addresses by vmid. A VM whose agent does not answer has no entry, and neither has a VM that was not asked
* within ten seconds.
*/
async function observeAddresses({ desired, facts }, { pve, clock }, signal) {
	const untilMs = clock.now() + PATIENCE_MS;
	const machines = new Map(desired.machines.map((machine) => [machine.name, machine]));
	const asked = facts.guests.filter(({ marker, status }) => {
		const machine = machines.get(marker.name);
		const hasAgent = machine === void 0 || machine.agent;
		return marker.kind === "machine" && status === "running" && hasAgent && (machine === void 0 || staticAddresses(machine).length === 0);
	});
	const ask = async (guest) => clock.now() < untilMs ? addressesOf(guest, pve, signal) : void 0;
	const told = await askByNode(asked, ask);
	return new Map(told.flatMap((one) => one === void 0 ? [] : [one]));
}
/** Returns undefined if the agent does not answer. */
async function addressesOf({ vmid, node }, pve, signal) {
	try {
		const { agent } = api(pve, {
			signal,
			timeoutMs: TIMEOUT_MS$1
		}).nodes.$(node).qemu.$(vmid);
		return [vmid, reachableAddresses(await agent["network-get-interfaces"].$get())];
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code !== "CANCELLED") return void 0;
		throw thrown;
	}
}

// ../core/dist/facts/current-names.js
/**
* Returns the machines by the names that their guests have now. A former name counts only while no guest has the new
* name and no other entry has the former one: later, another guest may have that name.
*/
function machinesByGuestName(machines, guests) {
	const named = new Map(machines.map((machine) => [machine.name, machine]));
	const renamed = machines.filter(({ renamedFrom }) => renamedFrom !== void 0 && !named.has(renamedFrom));
	if (renamed.length === 0) return named;
	const there = new Set(guests.flatMap(({ marker: { kind, name } }) => kind === "machine" ? plainName(name) : []));
	for (const machine of renamed) {
		const { name, renamedFrom = name } = machine;
		if (!there.has(name) && there.has(renamedFrom)) named.set(renamedFrom, machine);
	}
	return named;
}
/** Returns the guests of machines of the manifest, by the name of the machine. */
function guestsByMachine(machines, guests) {
	const named = machinesByGuestName(machines, guests);
	return new Map(guests.flatMap((guest) => {
		const machine = guest.marker.kind === "machine" ? named.get(guest.marker.name) : void 0;
		return machine === void 0 ? [] : [[machine.name, guest]];
	}));
}
function plainName(name) {
	return nameBeforeRetired(name) ?? name;
}

// ../core/dist/execute/guest/seen-addresses.js
/**
* Returns addresses by vmid. It asks only running machines whose manifest waits for the agent and whose addresses no
* step of this run has read. A machine whose agent does not answer has no entry.
*/
async function seenAddresses(outcomes, { desired, facts, world }, signal) {
	if (signal?.aborted) return /* @__PURE__ */ new Map();
	const awaited = new Set(desired.machines.flatMap(({ name, wait }) => wait.for === "agent" ? [name] : []));
	const kept = Map.groupBy(outcomes, ({ step }) => "machine" in step ? step.machine : void 0);
	const machines = machinesByGuestName(desired.machines, facts.guests);
	const guests = facts.guests.filter(({ marker }) => {
		const name = machines.get(marker.name)?.name ?? "";
		const own = kept.get(name);
		return own !== void 0 && awaited.has(name) && own.every(isQuiet);
	});
	return observeAddresses({
		desired,
		facts: { guests }
	}, world, signal);
}
function isQuiet({ status, result }) {
	return (status === "kept" || status === "done") && result?.addresses === void 0;
}

// ../core/dist/facts/images/digest-facts.js
/** Returns the recorded facts about these bytes, or undefined if there are none or they are malformed. */
async function recallDigestFacts(digest, { journal }) {
	const entry = await journal.recall(keyOf$2(digest));
	return entry !== void 0 && isDigestFacts(entry.value) ? entry.value : void 0;
}
/** Call this for verified bytes only. Otherwise the facts could describe other bytes. */
async function recordDigestFacts({ digest, ...facts }, { journal }) {
	const { compression, archive, doubt, format, virtualSizeBytes, sizeBytes } = facts;
	if (compression === void 0) return;
	await journal.record(keyOf$2(digest), {
		compression,
		...archive !== void 0 && { archive },
		...doubt !== void 0 && { doubt },
		...format !== void 0 && { format },
		...virtualSizeBytes !== void 0 && { virtualSizeBytes },
		...sizeBytes !== void 0 && { sizeBytes }
	});
}
function keyOf$2(digest) {
	return `image:${digest}`;
}
const COMPRESSIONS = [
	"none",
	"xz",
	"zstd",
	"gzip",
	"bzip2"
];
const ARCHIVES = [
	void 0,
	"tar",
	"zip"
];
const FORMATS = [
	void 0,
	"qcow2",
	"raw",
	"vmdk",
	"vdi",
	"vhdx",
	"vpc"
];
/** The journal is not trusted, so check the shape of the value. */
function isDigestFacts(value) {
	if (typeof value !== "object" || value === null) return false;
	const { compression, archive, doubt, format, virtualSizeBytes, sizeBytes } = value;
	const sizes = [virtualSizeBytes, sizeBytes].every((size) => size === void 0 || Number.isSafeInteger(size) && Number(size) >= 0);
	const isKnown = ARCHIVES.includes(archive) && ["undefined", "string"].includes(typeof doubt);
	return COMPRESSIONS.includes(String(compression)) && FORMATS.includes(format) && isKnown && sizes;
}
/**
* Reads format and size of a verified file. @throws ProvisionError `IMAGE` if it is not an image or is truncated;
* `DISK`
*/
async function sniffFile(path) {
	const { lookAtImage } = await import("./look-at-image2.js");
	return lookAtImage(path);
}

// ../core/dist/execute/image/remember-images.js
/** Records facts about bytes that were verified in this run. The next run needs no request for them. */
async function rememberImages(outcomes, { facts, world }) {
	const remembered = /* @__PURE__ */ new Set();
	for (const { step, status, result } of outcomes) {
		if (status !== "done" || !isFetch(step) || remembered.has(step.image)) continue;
		remembered.add(step.image);
		const image = facts.images.get(step.image);
		if (image === void 0 || image instanceof ProvisionError) continue;
		const seen = result?.blob ? await sniffFile(result.blob.path).catch(() => void 0) : image;
		if (seen !== void 0) await recordDigestFacts({
			...image,
			...seen
		}, world);
	}
}
/** Returns the total size of the images that were resolved but not downloaded, as far as their sizes are known. */
function bytesNotFetched(plan, facts) {
	const fetched = new Set(plan.steps.flatMap((step) => isFetch(step) && step.action === "run" ? [step.image] : []));
	return plan.steps.flatMap((step) => step.kind === "resolve" && !fetched.has(step.image) ? [facts.images.get(step.image)] : []).reduce((sum, image) => sum + (image instanceof ProvisionError ? 0 : image?.sizeBytes ?? 0), 0);
}
function isFetch(step) {
	return step.kind === "pull" || step.kind === "download" || step.kind === "stream";
}

// \0builtin:node:crypto?packages/core/dist/facts/cluster/facts-cache.js
const builtin$14 = process.getBuiltinModule("node:crypto");
const read$14 = (name) => builtin$14[name];
const _createHash = /* @__PURE__ */ read$14("createHash");

// ../core/dist/facts/cluster/facts-cache.js
/** Maximum age of cached facts about the cluster, unless `factsMaxAgeMs` overrides it: 24 h. */
const FACTS_MAX_AGE_MS = 864e5;
/**
* Returns the cached facts of this cluster and identity. Returns undefined if they are missing or too old, or lack a
* node.
*/
async function recallClusterFacts(world, { maxAgeMs = FACTS_MAX_AGE_MS, nodes = [] } = {}) {
	const entry = await world.journal.recall(keyOf$1(world.pve));
	if (entry === void 0 || !isSlowFacts(entry.value)) return void 0;
	const { value, atMs } = entry;
	return nodes.every((node) => Object.hasOwn(value.bridges, node)) && world.clock.now() - atMs < maxAgeMs ? {
		facts: value,
		atMs
	} : void 0;
}
async function recordClusterFacts(world, facts) {
	await world.journal.record(keyOf$1(world.pve), facts);
}
/** Returns the cached facts about the cluster, whatever their age. Does not contact Proxmox. */
async function showFacts(world, { maxAgeMs = FACTS_MAX_AGE_MS } = {}) {
	const recalled = await recallClusterFacts(world, { maxAgeMs: Number.POSITIVE_INFINITY });
	if (recalled === void 0) return void 0;
	const { endpoint, identity } = world.pve;
	const ageMs = Math.max(0, world.clock.now() - recalled.atMs);
	return {
		...recalled,
		endpoint,
		identity,
		ageMs,
		fresh: ageMs < maxAgeMs
	};
}
/** Removes the cached facts about the cluster. Resolves with true if there were any. */
async function clearFacts(world) {
	if (await showFacts(world) === void 0) return false;
	await world.journal.record(keyOf$1(world.pve), null);
	return true;
}
/**
* The key contains only a hash of endpoint and identity, because all who can read a repository can read its workflow
* caches. Another cluster, or another token with other privileges, has another key.
*/
function keyOf$1({ endpoint, identity }) {
	return `cluster:${_createHash("sha256").update(`${endpoint}\n${identity}`).digest("hex").slice(0, 32)}`;
}
function isSlowFacts(value) {
	if (!isRecord(value)) return false;
	const { version, permissions, bridges, bridgeLimits = {}, tags } = value;
	if (!isRecord(tags) || !isTexts(tags.allowed)) return false;
	if (typeof version !== "string" || !/^\d+\.\d+/.test(version) || !isRecord(permissions) || !isRecord(bridges)) return false;
	if (!isRecord(bridgeLimits) || !Object.values(bridgeLimits).every(areLimits)) return false;
	return Object.values(permissions).every((paths) => isRecord(paths) && Object.values(paths).every(isFlag)) && Object.values(bridges).every(isTexts) && (tags.registered === void 0 || isTexts(tags.registered)) && (tags.access === void 0 || typeof tags.access === "string");
}
function areLimits(value) {
	return isRecord(value) && Object.values(value).every((limits) => isRecord(limits) && (limits.noTrunks === void 0 || limits.noTrunks === true) && (limits.mtu === void 0 || typeof limits.mtu === "number"));
}
function isTexts(value) {
	return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
function isFlag(value) {
	return value === 0 || value === 1;
}
function isRecord(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ../core/dist/facts/cluster/observe-adoptions.js
/**
* Finds the guests for the requested adoptions.
* @throws ProvisionError `USAGE` for a name that the manifest lacks, an id that does not exist, or two guests with one
* name
*/
async function observeAdoptions(question, { pve }, signal) {
	const pairs = question.adoptions === "all" ? pairsOfAll(question) : question.adoptions.map((one) => pairOf(one, question));
	return (await pMap(pairs, (pair) => readAdoption(pair, {
		pve,
		facts: question.facts,
		signal
	}), { concurrency: 8 })).flatMap((one) => one ?? []);
}
/** Pairs each machine that the project does not own yet with the guest of its name, if there is exactly one. */
function pairsOfAll({ desired, facts }) {
	const own = new Set(facts.guests.map(({ marker }) => marker.name));
	return desired.machines.filter(({ name }) => !own.has(name)).flatMap((machine) => {
		const [guest, ...others] = (facts.namesakes ?? []).filter(({ name, vmid }) => name === machine.name && (machine.vmid === void 0 || machine.vmid === vmid));
		if (others.length > 0) throw ambiguous$1(machine, [guest, ...others]);
		return guest === void 0 ? [] : [{
			machine,
			guest
		}];
	});
}
function pairOf({ name, vmid }, { desired, facts }) {
	const machine = desired.machines.find((one) => one.name === name);
	if (machine === void 0) throw new ProvisionError("USAGE", `The manifest has no machine ${name}.`, { hint: "Declare it first, then adopt it: pve-provision adopt NAME VMID" });
	const guest = facts.listed.get(vmid);
	if (guest !== void 0) return {
		machine,
		guest
	};
	throw new ProvisionError("USAGE", `There is no VM ${vmid}, or this token may not see it.`, { hint: "Check the ID in the web interface. The token needs VM.Audit on the VM." });
}
function ambiguous$1({ name }, guests) {
	const ids = guests.map(({ vmid, node }) => `${vmid} on ${node}`);
	return new ProvisionError("USAGE", `Several VMs are called ${name}: ${ids.join(", ")}.`, { hint: `Give the ID: pve-provision adopt ${name} ${guests[0]?.vmid}` });
}
async function readAdoption({ machine, guest: { vmid, node } }, { pve, facts, signal }) {
	const config = await readConfig({
		vmid,
		node
	}, pve, signal);
	if (config === void 0) return void 0;
	const { status } = await api(pve, { signal }).nodes.$(node).qemu.$(vmid).status.current.$get();
	const { pool, haState } = facts.listed.get(vmid) ?? {};
	return {
		machine,
		vmid,
		node,
		config,
		status: status === "running" ? "running" : "stopped",
		...pool !== void 0 && { pool },
		...haState !== void 0 && { ha: { state: haState } }
	};
}

// ../core/dist/facts/devices/observe-cds.js
/** Another run may have stored a CD and not attached it yet. */
const YOUNGEST_MS = 36e5;
const SEED = /^(.+)-seed-[0-9a-f]{16}\.iso$/;
const QUESTIONS_AT_ONCE$3 = 8;
/**
* Considers only CDs of machines and images that the project knows by name. A CD is unused only if no guest of the whole
* cluster has it, and no snapshot can have it.
*/
async function observeUnusedCds(desired, facts, { pve, clock }) {
	const places = [...facts.volumes.keys()].map((key) => {
		const [node = "", storage = ""] = key.split("/");
		return {
			node,
			storage
		};
	});
	const lists = await pMap(places, async (at) => ({
		at,
		list: await listIfThere(at, pve, "iso") ?? []
	}), { concurrency: QUESTIONS_AT_ONCE$3 });
	const names = /* @__PURE__ */ new Set([...desired.machines.map(({ name }) => name), ...facts.guests.flatMap(({ marker }) => marker.kind === "machine" ? [marker.name] : [])]);
	const isOld = ({ createdAtMs }) => createdAtMs !== void 0 && clock.now() - createdAtMs > YOUNGEST_MS;
	const candidates = lists.flatMap(({ at, list }) => list.filter(isOld).flatMap((volume) => cdOf(volume, at, {
		names,
		desired
	}) ?? []));
	if (candidates.length === 0) return { cds: [] };
	if (facts.cluster.permissions["/vms"]?.["VM.Audit"] !== 1) return {
		cds: [],
		doubt: "this token does not see all guests, so one of them may use a CD"
	};
	const configs = await configsOf(facts, pve);
	if (configs === void 0) return {
		cds: [],
		doubt: "not all guests can be read, so one of them may use a CD"
	};
	return { cds: candidates.filter((cd) => !isUsed(cd, configs)) };
}
function cdOf({ volid, name }, at, { names, desired }) {
	const [, machine] = SEED.exec(name) ?? [];
	if (machine !== void 0 && names.has(machine)) return {
		...at,
		volid,
		machine
	};
	const image = [...desired.images.values()].find(({ name: one, isIso, kind }) => {
		const pattern = kind === "built" ? RECIPE : isIso ? BUILD : void 0;
		return name.startsWith(`${fileStem(one)}-`) && pattern?.test(name.slice(fileStem(one).length + 1));
	});
	return image && {
		...at,
		volid,
		image: image.name
	};
}
const BUILD = /^[0-9a-f]{16}(-\d+)?\.iso$/;
/** The CD with the recipe of a build whose VM was removed by hand. */
const RECIPE = /^build-seed-[0-9a-f]{16}\.iso$/;
/** Reads the config of every guest. Returns undefined if one of them cannot be read. */
async function configsOf({ guests, listed, unreachable = [] }, pve) {
	if (unreachable.length > 0) return void 0;
	const known = new Map(guests.map(({ vmid, config }) => [vmid, config]));
	try {
		return (await pMap([...listed.values()], async (guest) => known.get(guest.vmid) ?? readConfig(guest, pve), { concurrency: QUESTIONS_AT_ONCE$3 })).filter((config) => config !== void 0);
	} catch {
		return;
	}
}
/** A guest with a `parent` has snapshots, and their configs may name CDs of earlier times. */
function isUsed({ volid, machine }, configs) {
	return configs.some((config) => {
		if (config.parent !== void 0 && (machine === void 0 || config.name === machine)) return true;
		return Object.values(config).some((value) => typeof value === "string" && value.split(",", 1)[0] === volid);
	});
}

// ../core/dist/manifest/select.js
/**
* Returns the items that match any pattern: a name, an entry, or either with `*` and `?`. Without patterns, returns
* all.
* @throws ProvisionError `USAGE` for a pattern that matches none
*/
function select(all, patterns, { where } = { where: "in the manifest" }) {
	if (patterns === void 0 || patterns.length === 0) return all;
	const matchers = patterns.map((pattern) => ({
		pattern,
		matches: matcherOf(pattern)
	}));
	const lost = matchers.find(({ matches }) => !all.some(matches));
	if (lost !== void 0) throw noSuchMachine(lost.pattern, all, where);
	return all.filter((one) => matchers.some(({ matches }) => matches(one)));
}
/** Returns a function that says if any pattern matches a machine. Without patterns, none matches. */
function isNamedBy(patterns) {
	const matchers = patterns.map(matcherOf);
	return (one) => matchers.some((matches) => matches(one));
}
function matcherOf(pattern) {
	if (!/[*?]/.test(pattern)) return ({ name, entry, vmid }) => [
		name,
		entry,
		`${name}@${vmid}`
	].includes(pattern);
	const text = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
	const expression = new RegExp(`^${text}$`);
	return ({ name, entry }) => expression.test(name) || expression.test(entry);
}
function noSuchMachine(pattern, all, where) {
	const names = [...new Set(all.flatMap(({ name, entry }) => [entry, name]))].filter((name) => name !== "");
	const nearest = closestMatch(pattern, names, { maxDistance: Math.max(2, Math.ceil(pattern.length / 3)) });
	const entries = [...new Set(all.map(({ entry }) => entry))].filter((entry) => entry !== "");
	const known = entries.length > 8 ? `${entries.slice(0, 8).join(", ")} and ${entries.length - 8} more` : entries.join(", ");
	const hint = nearest === void 0 ? `Names you can use: ${known || "none"}.` : `Did you mean ${nearest}?`;
	return new ProvisionError("USAGE", `No machine ${where} is called ${pattern}.`, { hint });
}

// ../core/dist/facts/cluster/observe-answers.js
/** A listening machine answers at once. A machine that does not answer gets its own wait step. */
const CONNECT_MS = 1e3;
/** Returns the addresses of machines that answer as required, by id. Other machines have no entry. */
async function observeAnswers({ machines, guests }, { pve }, signal) {
	const asked = machines.flatMap((machine) => {
		const guest = guests.get(machine.name);
		return guest?.status === "running" && machine.start && isRequired(machine.wait) ? [{
			machine,
			guest,
			node: guest.node
		}] : [];
	});
	const answers = await askByNode(asked, async ({ machine, guest }) => [guest.vmid, await answerOf(machine, guest, {
		pve,
		signal
	})]);
	return new Map(answers.flatMap(([vmid, addresses]) => addresses.length > 0 ? [[vmid, addresses]] : []));
}
function isRequired(wait) {
	return wait.for !== "none" && wait.required === true;
}
/** Returns an empty list if the machine does not answer as required. */
async function answerOf(machine, guest, { pve, signal }) {
	const { wait } = machine;
	const fixed = wait.for === "port" ? staticAddresses(machine) : [];
	const addresses = fixed.length > 0 || !machine.agent ? fixed : (await addressesOf(guest, pve, signal))?.[1] ?? [];
	if (wait.for !== "port") return addresses;
	return (await Promise.all(addresses.map((host) => canConnect(host, wait.port, {
		timeoutMs: CONNECT_MS,
		...signal && { signal }
	})))).includes(true) ? addresses : [];
}

// ../core/dist/facts/cluster/observe-boots.js
const TIMEOUT_MS = 5e3;
/** cloud-init writes the instance that it last ran as here (`cloudinit/stages.py`). */
const INSTANCE_FILE = "/var/lib/cloud/data/instance-id";
/**
* Marks the guests that did. Asks only running guests with an agent, and only if their marker says that changes wait.
* If the guest does not answer, the changes keep waiting.
*/
async function withBoots(guests, { pve }) {
	const asked = guests.filter(({ marker, status, config }) => {
		return marker.awaits !== void 0 && status === "running" && hasAgent(config.agent);
	});
	const booted = await askByNode(asked, async (guest) => await hasBooted(guest, pve) ? [guest.vmid] : []);
	const known = new Set(booted.flat());
	return known.size === 0 ? guests : guests.map((guest) => known.has(guest.vmid) ? {
		...guest,
		hasBooted: true
	} : guest);
}
/** Proxmox returns a number or a text: `1`, `enabled=1,fstrim_cloned_disks=1`. */
function hasAgent(agent) {
	return Number(agent) === 1 || typeof agent === "string" && /^(?:enabled=)?1(?:,|$)/.test(agent);
}
async function hasBooted(guest, pve) {
	try {
		const machine = api(pve, { timeoutMs: TIMEOUT_MS }).nodes.$(guest.node).qemu.$(guest.vmid);
		const { content } = await machine.agent["file-read"].$get({ file: INSTANCE_FILE });
		const wanted = instanceOnCd(guest) ?? instanceIn(await machine.cloudinit.dump.$get({ type: "meta" }));
		return wanted !== void 0 && content.trim() === wanted;
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code !== "CANCELLED") return false;
		throw thrown;
	}
}
/** The name of our CD holds the instance: `web-seed-3f2a9c0d1e4b5a67.iso` is of `web-3f2a9c0d1e4b`. */
function instanceOnCd({ config: { ide2 } }) {
	const drive = typeof ide2 === "string" ? ide2 : "";
	const [, name, instance] = /:iso\/(.+)-seed-([0-9a-f]{12})[0-9a-f]{4}\.iso/.exec(drive) ?? [];
	return name === void 0 ? void 0 : `${name}-${instance}`;
}
function instanceIn(meta) {
	return /^instance-id: (\S+)$/m.exec(meta)?.[1];
}

// ../core/dist/facts/facts.js
/** Returns the key of `Facts.volumes`. */
function storageKey({ node, storage }) {
	return `${node}/${storage}`;
}

// ../core/dist/facts/cluster/observe-capabilities.js
/** CPU types and chipsets that every version since 8.4 supports. */
const COMMON_CPUS = /* @__PURE__ */ new Set([
	"host",
	"max",
	"kvm64",
	"qemu64",
	"x86-64-v2",
	"x86-64-v2-AES",
	"x86-64-v3",
	"x86-64-v4"
]);
const COMMON_MACHINES = /* @__PURE__ */ new Set(["pc", "q35"]);
/** Returns the name of a CPU model, without its flags. */
function cpuName(type) {
	return type.split(",", 1)[0]?.replace(/^cputype=/, "") ?? type;
}
/** Returns the flags that a CPU adds or removes, without their sign: `host,flags=+aes;-pcid` has `aes` and `pcid`. */
function cpuFlags(type) {
	return (/(?:^|,)flags=([^,]*)/.exec(type)?.[1] ?? "").split(";").flatMap((flag) => flag === "" ? [] : [flag.slice(1)]);
}
/** Returns the name of a machine type, without its options. */
function machineTypeName(type) {
	return type.split(",", 1)[0]?.replace(/^type=/, "") ?? type;
}
/**
* Returns the capabilities by node, for nodes where a machine needs a CPU or machine type that not every node supports.
*/
async function observeCapabilities({ machines, guests }, { pve }, signal) {
	const rare = machines.filter((machine) => isRare(machine, guests.get(machine.name)));
	const nodes = new Set(rare.flatMap((machine) => guests.get(machine.name)?.node ?? machine.nodes));
	const found = await pMap([...nodes], async (node) => [node, await capabilitiesOf(node, pve, signal)], { concurrency: 4 });
	return new Map(found);
}
/** A value that the guest already has needs no check. */
function isRare({ cpu, machineType }, guest) {
	const isRareCpu = cpu.type !== void 0 && !isCommonCpu(cpu.type) && guest?.config.cpu !== cpu.type;
	const isRareMachine = machineType !== void 0 && !COMMON_MACHINES.has(machineTypeName(machineType)) && guest?.config.machine !== machineType;
	return isRareCpu || isRareMachine;
}
function isCommonCpu(type) {
	return COMMON_CPUS.has(cpuName(type)) && cpuFlags(type).length === 0;
}
/**
* Each list is asked for by itself: one that fails leaves the others. If all do, the node does not answer, which is
* reported elsewhere.
*/
async function capabilitiesOf(node, pve, signal) {
	const { qemu } = api(pve, { signal }).nodes.$(node).capabilities;
	const [cpus, machines, flags] = await Promise.all([
		qemu.cpu.$get().catch(() => void 0),
		qemu.machines.$get().catch(() => void 0),
		qemu["cpu-flags"].$get().catch(() => void 0)
	]);
	return {
		...cpus && { cpus: new Set(cpus.map(({ name }) => name)) },
		...flags && { cpuFlags: new Set(flags.map(({ name }) => name)) },
		...machines && { machines: new Set(machines.map(({ id }) => String(id))) }
	};
}
/**
* Checks the storages of machines that the cluster's listing lacks: their node knows if they are disabled. Machines that
* exist are included, because `doctor` checks what a manifest needs as if nothing existed yet.
*/
async function disabledStorages({ machines, guests, cluster: { storages, nodes } }, { pve }, signal) {
	const known = new Set(storages.map(storageKey));
	const online = new Set(nodes.filter((node) => node.online).map(({ name }) => name));
	const lacking = new Set(machines.flatMap((machine) => {
		const guest = guests.get(machine.name);
		const places = guest === void 0 ? machine.nodes : [guest.node];
		const wanted = storagesOf(machine);
		return places.filter((node) => online.has(node) && wanted.some((storage) => !known.has(storageKey({
			node,
			storage
		}))));
	}));
	const lists = await pMap([...lacking], (node) => offStorages(node, pve, signal), { concurrency: 4 });
	return new Set(lists.flat());
}
function storagesOf({ storage, disks }) {
	return [
		storage.images,
		storage.disks,
		...disks.flatMap((disk) => disk.storage ?? [])
	];
}
async function offStorages(node, pve, signal) {
	try {
		return (await api(pve, { signal }).nodes.$(node).storage.$get()).flatMap(({ storage, enabled }) => Number(enabled ?? 1) === 0 ? [storageKey({
			node,
			storage
		})] : []);
	} catch {
		return [];
	}
}

// ../core/dist/ports/pve/permissions.js
const alwaysComputed = /* @__PURE__ */ new Set([
	"/",
	"/access",
	"/access/groups",
	"/nodes",
	"/pool",
	"/sdn",
	"/storage",
	"/vms"
]);
/**
* Evaluates the tree as Proxmox does. A listed path contains all its own privileges, whether they propagate or not. A
* path that is not listed has what its nearest listed ancestor propagates. The listed values come from Proxmox and
* already include pools, groups and the limits of a token.
*
* Limit: Proxmox leaves a `NoAccess` on a deeper path out of its answer, so this cannot know about it.
*/
function permissionsOf(tree) {
	return (path, privilege) => {
		const own = tree[path];
		if (own || alwaysComputed.has(path)) return own?.[privilege] !== void 0;
		for (let ancestor = parentOf(path);; ancestor = parentOf(ancestor)) {
			const privileges = tree[ancestor];
			if (privileges || alwaysComputed.has(ancestor)) return Boolean(privileges?.[privilege]);
		}
	};
}
function parentOf(path) {
	return path.replace(/\/[^/]*$/, "") || "/";
}

// ../core/dist/facts/cluster/tag-rules.js
/**
* Parses `GET /cluster/options`. Without Sys.Audit on `/`, the answer contains only `allowed-tags`: tags that may be
* set in every mode. In the mode `free` more tags are allowed than it lists.
* @param isWhole whether the token can see the other options
*/
function tagRulesOf(options, isWhole) {
	const allowed = listOf(options["allowed-tags"]);
	if (!isWhole) return { allowed };
	const access = propertiesOf$1(options["user-tag-access"]);
	return {
		access: access["user-allow"] ?? "free",
		registered: listOf(options["registered-tags"]),
		allowed: [...allowed, ...listOf(access["user-allow-list"])]
	};
}
/** Parses a list, or a text separated by `;`, `,` or spaces. */
function listOf(value) {
	if (Array.isArray(value)) return value.map((entry) => String(entry).toLowerCase());
	return typeof value === "string" ? value.toLowerCase().split(/[;,\s]+/).filter((tag) => tag !== "") : [];
}
/** Parses a mapping, or a property string such as `user-allow=list,user-allow-list=a;b`. */
function propertiesOf$1(value) {
	if (typeof value === "string") return Object.fromEntries(value.split(",").map((part) => part.split("=", 2)));
	if (typeof value !== "object" || value === null) return {};
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, Array.isArray(entry) ? entry.join(";") : String(entry)]));
}

// ../core/dist/facts/cluster/observe-cluster.js
/** Lists all nodes, storages and guests that the token can see, in one call. */
function listResources({ pve }, signal) {
	return api(pve, { signal }).cluster.resources.$get();
}
/** Returns the guests of a listing by id, including containers. */
function listedGuests(rows) {
	return new Map(rows.flatMap(({ vmid, node = "", name = "", lock, pool, hastate: haState }) => vmid === void 0 ? [] : [[vmid, {
		vmid,
		node,
		name,
		...definedOnly({
			lock,
			pool,
			haState
		})
	}]]));
}
/** Returns the tags of all guests that the token can see. */
function usedTags(rows) {
	return new Set(rows.flatMap(({ tags = "" }) => tags.split(/[;, ]/)).filter((tag) => tag !== ""));
}
/** Returns the cluster facts and the rows of the listing that they come from. */
async function observeCluster(desired, world, { factsMaxAgeMs, signal, listing = listResources(world, signal) } = {}) {
	const nodes = [...new Set(desired.machines.flatMap((machine) => machine.nodes))];
	const [rows, slow] = await Promise.all([listing, slowFacts(nodes, world, {
		maxAgeMs: factsMaxAgeMs,
		signal
	})]);
	return {
		rows,
		cluster: {
			endpoint: world.pve.endpoint,
			identity: world.pve.identity,
			...fromRows(rows),
			...fromSlow(slow.facts),
			...slow.source
		}
	};
}
async function slowFacts(nodes, world, { signal, ...age }) {
	const recalled = await recallClusterFacts(world, {
		...age,
		nodes
	});
	if (recalled) {
		world.meter.add("cacheHits", 1);
		return {
			facts: recalled.facts,
			source: { cached: {
				atMs: recalled.atMs,
				requestsSaved: FIXED_REQUESTS + nodes.length
			} }
		};
	}
	const facts = await askSlowFacts(nodes, world, signal);
	await recordClusterFacts(world, facts);
	return {
		facts,
		source: {}
	};
}
/** Version, permissions and options. Bridges take one more request for each node. */
const FIXED_REQUESTS = 3;
async function askSlowFacts(nodes, { pve }, signal) {
	const root = api(pve, { signal });
	const [version, permissions, options, bridges] = await Promise.all([
		root.version.$get(),
		root.access.permissions.$get(),
		root.cluster.options.$get(),
		pMap(nodes, async (node) => [node, await bridgeRows(node, pve)], { concurrency: 4 })
	]);
	const tags = tagRulesOf(options, permissionsOf(permissions)("/", "Sys.Audit"));
	return {
		version: version.version,
		permissions,
		tags,
		bridges: Object.fromEntries(bridges.map(([node, rows]) => [node, rows.map(({ iface }) => iface)])),
		bridgeLimits: Object.fromEntries(bridges.map(([node, rows]) => [node, limitsOf(rows)]))
	};
}
async function bridgeRows(node, pve) {
	try {
		return await api(pve).nodes.$(node).network.$get({ type: "any_bridge" });
	} catch {
		return [];
	}
}
/**
* Returns what a bridge cannot do, for bridges that have such a limit. An MTU that the node does not state may be that
* of its ports. Open vSwitch passes tagged frames on by itself.
*/
function limitsOf(rows) {
	const entries = rows.map(({ iface, type, mtu, bridge_vlan_aware: isAware }) => {
		return [iface, {
			...type === "bridge" && Number(isAware ?? 0) === 0 && { noTrunks: true },
			...mtu !== void 0 && { mtu: Number(mtu) }
		}];
	});
	return Object.fromEntries(entries.filter(([, limits]) => Object.keys(limits).length > 0));
}
function fromRows(rows) {
	return {
		nodes: rows.filter(({ type }) => type === "node").map((row) => ({
			name: row.node ?? "",
			online: row.status === "online",
			...row.hastate === "maintenance" && { inMaintenance: true },
			memoryBytes: row.maxmem ?? 0,
			freeMemoryBytes: (row.maxmem ?? 0) - (row.mem ?? 0),
			...row.maxcpu !== void 0 && { cpus: row.maxcpu }
		})),
		storages: rows.filter(({ type }) => type === "storage").map((row) => ({
			node: row.node ?? "",
			storage: row.storage ?? "",
			type: row.plugintype ?? "",
			shared: row.shared === 1,
			active: row.status === "available",
			content: new Set((row.content ?? "").split(",")),
			...row.maxdisk !== void 0 && { availableBytes: row.maxdisk - (row.disk ?? 0) }
		}))
	};
}
function fromSlow({ version, permissions, bridges, bridgeLimits, tags }) {
	return {
		...bridgeLimits && { bridgeLimits },
		version: parseVersion(version),
		permissions,
		tags,
		bridges: new Map(Object.entries(bridges).map(([node, names]) => [node, new Set(names)]))
	};
}
/** `8.4.21` becomes major 8, minor 4. */
function parseVersion(text) {
	const [major = 0, minor = 0] = text.split(/[.-]/).map(Number);
	return {
		text,
		major,
		minor
	};
}

// ../core/dist/facts/cluster/observe-ids.js
/** Returns the id that a new VM takes first: its own, or the first candidate that no visible guest has. */
function firstChoice({ name, vmid }, { project, vmids }, isTaken) {
	if (vmid !== void 0) return vmid;
	for (const candidate of candidateVmids(project, name, vmids)) if (!isTaken(candidate)) return candidate;
}
/**
* Returns which first choices of these machines belong to guests that the token cannot see. `nextid` reports whether an
* id is taken, regardless of privileges. If the token can see every guest, no request is made.
*/
async function hiddenVmids(machines, { desired, facts: { cluster, listed }, signal }, world) {
	if (machines.length === 0 || seesAll(cluster.permissions)) return /* @__PURE__ */ new Set();
	const choices = machines.flatMap((machine) => firstChoice(machine, desired, (vmid) => listed.has(vmid)) ?? []);
	const asked = [...new Set(choices)].filter((vmid) => !listed.has(vmid));
	const found = (await pMap(asked, async (vmid) => await isFree(vmid, world, signal) ? [] : [vmid], { concurrency: 8 })).flat();
	return found.length === 0 ? /* @__PURE__ */ new Set() : withoutOwn(found, {
		nodes: cluster.nodes.map(({ name }) => name),
		signal
	}, world);
}
/** Returns true if the token can see all guests. A permission on a single guest or pool may hide it again. */
function seesAll(permissions) {
	const has = permissionsOf(permissions);
	const deeper = Object.keys(permissions).filter((path) => /^\/(vms|pool)\//.test(path));
	return permissions["/vms"]?.["VM.Audit"] === 1 && deeper.every((path) => has(path, "VM.Audit"));
}
async function isFree(vmid, { pve }, signal) {
	try {
		await api(pve, { signal }).cluster.nextid.$get({ vmid });
		return true;
	} catch (thrown) {
		if (isProblem(thrown, "already-exists") || isProblem(thrown, "parameters")) return false;
		throw thrown;
	}
}
/**
* Excludes guests that are only new. A guest that another run created since the listing appears in a new listing. A
* clone joins its pool only at its end, so while such a task of this token runs, nothing is certain and nothing is
* reported.
*/
async function withoutOwn(vmids, { nodes, signal }, { pve }) {
	if ((await listOwnRunningTasks(pve, {
		nodes,
		identity: pve.identity,
		...signal && { signal }
	})).some(({ type }) => /^qm(clone|create)$/.test(type))) return /* @__PURE__ */ new Set();
	const rows = await api(pve, { signal }).cluster.resources.$get({ type: "vm" });
	const seen = new Set(rows.map(({ vmid }) => Number(vmid)));
	return new Set(vmids.filter((vmid) => !seen.has(vmid)));
}

// ../core/dist/facts/cluster/observe-pools.js
/** Returns the pools that the token can see, or undefined if no machine needs one. */
async function observePools({ machines }, guests, { pve }, signal) {
	const poolOf = new Map(guests.flatMap(({ marker, pool }) => marker.kind === "machine" ? [[marker.name, pool]] : []));
	if (machines.every(({ name, pool }) => pool === void 0 || poolOf.get(name) === pool)) return void 0;
	const rows = await api(pve, { signal }).pools.$get();
	return new Set(rows.map(({ poolid }) => poolid));
}

// ../core/dist/facts/devices/observe-attachments.js
/** Proxmox's name for the kind of a mapping: a directory that virtiofs shares is `dir`. */
function mappingKind({ kind }) {
	return kind === "virtiofs" ? "dir" : kind;
}
/** Returns what exists. A kind or a storage that cannot be listed is absent. */
async function observeAttachments(attaching, { pve }, signal) {
	const [mappings, isos] = await Promise.all([pMap(kindsOf(attaching), async (kind) => [kind, await mappingsOf(kind, pve, signal)]), pMap(isoStorages(attaching), async (ref) => [storageKey(ref), await isosOn(ref, pve)], { concurrency: 4 })]);
	return {
		mappings: new Map(known$1(mappings)),
		isos: new Map(known$1(isos))
	};
}
function known$1(entries) {
	return entries.flatMap(([key, value]) => value === void 0 ? [] : [[key, value]]);
}
function kindsOf({ machines, guests }) {
	const lacking = machines.flatMap(({ name, devices }) => devices.filter(({ mapping }) => !hasText(guests.get(name), mapping)));
	return [...new Set(lacking.map(mappingKind))];
}
function isoStorages({ machines, guests }) {
	const refs = machines.flatMap(({ name, nodes, cdroms }) => {
		const guest = guests.get(name);
		const lacking = cdroms.flatMap((cdrom) => "volume" in cdrom && !hasText(guest, cdrom.volume) ? [cdrom.volume] : []);
		const where = guest === void 0 ? nodes : [guest.node];
		return lacking.flatMap((volume) => where.map((node) => ({
			node,
			storage: volume.split(":", 1)[0] ?? ""
		})));
	});
	return [...new Map(refs.map((ref) => [storageKey(ref), ref])).values()];
}
/** Whether any key of the config names it. */
function hasText(guest, name) {
	return Object.values(guest?.config ?? {}).filter((value) => typeof value === "string").some((value) => value.split(/[,=]/).includes(name));
}
async function mappingsOf(kind, pve, signal) {
	try {
		const rows = await api(pve, { signal }).cluster.mapping[kind].$get();
		return new Map(rows.map(({ id, map = [] }) => [id, new Set(map.flatMap((entry) => nodeOf(entry) ?? []))]));
	} catch {
		return;
	}
}
/** `node=pve1,path=0000:01:00.0,id=8086:1533` → `pve1` */
function nodeOf(entry) {
	return /(?:^|,)node=([^,]+)/.exec(entry)?.[1];
}
async function isosOn(ref, pve) {
	try {
		return new Set((await listStorage(ref, pve, "iso")).map(({ volid }) => volid));
	} catch {
		return;
	}
}

// ../core/dist/facts/images/observe-blobs.js
const RECIPES = [
	"as-is",
	"raw",
	"qcow2"
];
/** Returns the keys of the vendor's bytes and of what a recipe may have made from them. */
function keysOf(source) {
	return [source.digest, ...RECIPES.map((recipe) => madeKey(source, recipe))];
}
/** Returns which blobs of these images are in the store. @throws ProvisionError `DISK` */
async function findBlobs(images, { store }) {
	const found = await Promise.all(images.flatMap(keysOf).map((key) => store.find(key)));
	return new Set(found.flatMap((blob) => blob ? [blob.key] : []));
}
/**
* Reads and hashes every blob of these images. Removes damaged blobs, and blobs that a recipe made and whose digest was
* not recorded. They are made again.
* @throws ProvisionError `DISK` `CANCELLED`
*/
async function verifyBlobs(images, world, signal) {
	const owners = new Map(images.flatMap((image) => keysOf(image).map((key) => [key, image.name])));
	const present = await findBlobs(images, world);
	return Promise.all([...present].map(async (key) => {
		const digest = key.includes("+") ? (await recallMade(key, world))?.digest : key;
		const is = await world.store.verify(key, {
			...digest && { digest },
			...signal && { signal }
		}) ? "whole" : digest === void 0 ? "unknown" : "wrong";
		return {
			image: owners.get(key) ?? key,
			key,
			is
		};
	}));
}

// ../core/dist/facts/images/observe-images.js
/**
* Returns the digest of an image and its address: from the lock file, else from the manifest, else from the vendor's
* checksum document. Without any of them, the image is refused.
* @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP`; `MANIFEST` if the lock file pins another address
*/
async function resolveImage(image, world, { lock, signal } = {}) {
	const locked = lock?.images[image.name];
	if (locked !== void 0) return fromLock(image, locked);
	if (typeof image.checksum === "string") return {
		name: image.name,
		digest: image.checksum,
		digestFrom: "manifest",
		url: image.url,
		signature: "not asked for"
	};
	if (image.checksum === void 0) throw unknownDigest(image);
	const { fromDocument } = await import("./document-image.js");
	return fromDocument(image, image.checksum, {
		world,
		...signal && { signal }
	});
}
function fromLock(image, locked) {
	const pinned = typeof image.checksum === "string" ? image.checksum : locked.digest;
	if (locked.url !== withoutSecrets$1(image.url, image.secrets) || pinned !== locked.digest) throw new ProvisionError("MANIFEST", `The lock file pins ${image.name} to another digest than the manifest.`, {
		hint: "Run `pve-provision pin`, or apply with --update-images.",
		details: {
			locked: locked.digest,
			url: locked.url
		}
	});
	const { digest, resolvedUrl, sizeBytes, signature, measured } = locked;
	return {
		name: image.name,
		digest,
		digestFrom: measured ? "first use" : "lock",
		url: withSecretsOf(resolvedUrl, image.url, image.secrets),
		signature,
		...sizeBytes !== void 0 && { sizeBytes }
	};
}
function unknownDigest({ name, url }) {
	return new ProvisionError("CHECKSUM", `The image ${name} has no \`checksum\`, so its content cannot be verified.`, {
		hint: "Set the vendor's checksum document or a digest. If there is none, `pve-provision pin` downloads the image once and writes its digest to the lock file.",
		details: { url: shownUrl(url) }
	});
}
/** Adds the recorded facts about the digest. Makes no requests. */
async function withRecalled(image, world) {
	const known = await recallDigestFacts(image.digest, world);
	if (known !== void 0) world.meter.add("cacheHits", 1);
	return known === void 0 ? image : {
		...known,
		...image
	};
}

// ../core/dist/facts/images/template-image.js
const QUESTIONS_AT_ONCE$2 = 8;
/** The bus position of the boot disk. */
const BOOT_DISK = "scsi0";
/**
* Returns the templates that match an image, at most one for each node.
* @throws ProvisionError `CONFLICT` if there is none, more than one on a node, or none that can be used
*/
async function resolveTemplate(image, { pve }, rows) {
	const matching = rows.filter((row) => row.type === "qemu" && isNamed$1(row, image.template));
	const templates = matching.filter(({ template }) => Boolean(template));
	if (templates.length === 0) throw notThere$1(image, matching);
	const found = await pMap(templates, (row) => lookAt(row, image, pve), { concurrency: QUESTIONS_AT_ONCE$2 });
	const byNode = Map.groupBy(found, ({ node }) => node);
	for (const [node, several] of byNode) if (several.length > 1) throw ambiguous(image, node, several);
	const [first] = found;
	return {
		name: image.name,
		digest: `sha256:${bytesToHex(sha256(utf8ToBytes(`template ${found.map(({ vmid }) => vmid).join(" ")}`)))}`,
		digestFrom: "none",
		url: new URL(`template:${first?.vmid ?? 0}`),
		templates: found,
		signature: "not asked for",
		compression: "none",
		...first?.diskBytes !== void 0 && { virtualSizeBytes: first.diskBytes }
	};
}
function isNamed$1({ vmid, name, tags = "" }, wanted) {
	if ("vmid" in wanted) return vmid === wanted.vmid;
	if ("name" in wanted) return name === wanted.name;
	return tags.split(/[;, ]/).includes(wanted.tag);
}
async function lookAt(row, image, pve) {
	const { vmid = 0, node = "", name = `${vmid}` } = row;
	const config = await readConfig({
		vmid,
		node
	}, pve) ?? {};
	const disk = typeof config[BOOT_DISK] === "string" ? config[BOOT_DISK] : "";
	const [, storage] = /^([^:,]+):/.exec(disk) ?? [];
	if (storage === void 0) throw new ProvisionError("CONFLICT", `Template ${vmid} of ${image.name} has no disk ${BOOT_DISK}.`, {
		hint: `Machines boot from ${BOOT_DISK}: attach its disk there, or use another template.`,
		details: {
			vmid,
			node
		}
	});
	const diskBytes = bytesOf$1(/(?:^|,)size=(\d+)([KMGT]?)(?:,|$)/.exec(disk));
	return {
		vmid,
		node,
		name,
		storage,
		...diskBytes !== void 0 && { diskBytes }
	};
}
function bytesOf$1(size) {
	return size === null ? void 0 : Number(size[1]) * 1024 ** [
		"",
		"K",
		"M",
		"G",
		"T"
	].indexOf(size[2] ?? "");
}
function wordsOf$1(template) {
	if ("vmid" in template) return `with the id ${template.vmid}`;
	return "name" in template ? `called ${template.name}` : `with the tag ${template.tag}`;
}
function notThere$1({ name, template }, matching) {
	const [guest] = matching;
	const hint = guest === void 0 ? "The token may not see it: it needs VM.Audit and VM.Clone on the template." : `${guest.vmid} on ${guest.node} is a VM: \`qm template ${guest.vmid}\` converts it to a template.`;
	return new ProvisionError("CONFLICT", `There is no template ${wordsOf$1(template)} for the image ${name}.`, { hint });
}
function ambiguous({ name, template }, node, several) {
	const ids = several.map(({ vmid }) => vmid).join(", ");
	return new ProvisionError("CONFLICT", `${several.length} templates ${wordsOf$1(template)} are on ${node}: which one is ${name}?`, { hint: `They are ${ids}: use the ID of one of them, or remove the ${"tag" in template ? "tag" : "name"} from the others.` });
}

// ../core/dist/facts/images/unknown-image.js
/** Makes no request. */
function unknownImage({ name }) {
	return {
		name,
		digest: `sha256:${bytesToHex(sha256(utf8ToBytes(`unknown ${name}`)))}`,
		digestFrom: "none",
		url: new URL("unknown:"),
		unknown: true,
		signature: "not asked for",
		compression: "none"
	};
}

// ../core/dist/facts/images/volume-image.js
const QUESTIONS_AT_ONCE$1 = 8;
/**
* Finds which of the needed nodes have the volume. Names and markers contain a hash of its name, size and time.
* @throws ProvisionError `CONFLICT` if none of them has it
*/
async function resolveVolume({ name, volume }, { pve }, nodes) {
	const storage = volume.slice(0, volume.indexOf(":"));
	const there = (await pMap(nodes, async (node) => [node, (await listStorage({
		node,
		storage
	}, pve)).find(({ volid }) => volid === volume)], { concurrency: QUESTIONS_AT_ONCE$1 })).flatMap(([node, facts]) => facts === void 0 ? [] : [{
		node,
		facts
	}]);
	const [first] = there;
	if (first === void 0) throw notThere(name, volume, nodes);
	const { sizeBytes } = first.facts;
	return {
		name,
		digest: `sha256:${identityOf$1(first.facts)}`,
		digestFrom: "none",
		url: new URL(`volume:${encodeURI(volume)}`),
		volume: {
			volid: volume,
			nodes: new Set(there.map(({ node }) => node))
		},
		signature: "not asked for",
		compression: "none",
		sizeBytes
	};
}
function identityOf$1({ volid, sizeBytes, createdAtMs }) {
	return bytesToHex(sha256(utf8ToBytes(`${volid} ${sizeBytes} ${createdAtMs ?? 0}`)));
}
function notThere(name, volume, nodes) {
	return new ProvisionError("CONFLICT", `The volume of ${name} does not exist: ${volume} on ${nodes.join(", ")}.`, { hint: `\`pvesm list ${volume.slice(0, volume.indexOf(":"))} --content import\` lists the volumes.` });
}

// ../core/dist/facts/observe-moves.js
/** Returns the guests, with these facts for those that move, are replaced or lose disks. */
async function observeMoves({ machines, guests, move = false, prune = false, replace = [], signal }, { pve }) {
	if (!move && !prune && replace.length === 0) return guests;
	const isReplaced = isNamedBy(replace);
	const byName = machinesByGuestName(machines, guests);
	const question = {
		pve,
		signal
	};
	return pMap(guests, async (guest) => {
		const machine = guest.marker.kind === "machine" ? byName.get(guest.marker.name) : void 0;
		if (machine === void 0 || guest.lock !== void 0) return guest;
		const isElsewhere = move && !machine.nodes.includes(guest.node);
		const needsSnapshots = isReplaced(machine) || move && movesDisks(machine, guest) || prune && losesDisks(machine, guest);
		const [snapshots, migration] = await Promise.all([needsSnapshots || isElsewhere ? snapshotsOf(guest, question) : void 0, isElsewhere ? migrationOf(guest, {
			...question,
			to: machine.nodes[0]
		}) : void 0]);
		return {
			...guest,
			...snapshots && { snapshots },
			...migration && { migration }
		};
	}, { concurrency: 8 });
}
function movesDisks(machine, { config }) {
	return storedDisks(machine, config).some(({ key, storage }) => volumeStorage(config[key]) !== storage);
}
function losesDisks(machine, { config, marker }) {
	const declared = diskKeys(machine, config);
	return (marker.disks ?? "").split(",").filter((key) => key in config && !declared.includes(key)).length > 0 || Object.keys(config).some((key) => /^unused\d+$/.test(key));
}
/** Returns undefined if the token lacks the privilege or the VM is gone. Then only Proxmox can refuse the move. */
async function snapshotsOf({ vmid, node }, { pve, signal }) {
	const route = api(pve, { signal }).nodes.$(node).qemu.$(vmid).snapshot;
	return unlessHidden(async () => {
		const names = (await route.$get()).map(({ name }) => name).filter((name) => name !== "current");
		return pMap(names, async (name) => ({
			name,
			volumes: volumesIn(await route.$(name).config.$get())
		}), { concurrency: 4 });
	});
}
function volumesIn(config) {
	return Object.entries(config).flatMap(([key, value]) => {
		return /^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/.test(key) && typeof value === "string" && volumeStorage(value) !== void 0 ? [value.split(",", 1)[0] ?? ""] : [];
	});
}
async function migrationOf({ vmid, node }, { pve, signal, to }) {
	const route = api(pve, { signal }).nodes.$(node).qemu.$(vmid).migrate;
	return unlessHidden(async () => {
		const answer = await route.$get({ target: to });
		return {
			localVolumes: (answer.local_disks ?? []).map(({ volid }) => volid),
			localResources: answer.local_resources ?? [],
			obstacles: Object.fromEntries(Object.entries(answer.not_allowed_nodes ?? {}).map(([node, against]) => [node, {
				missingStorages: against.unavailable_storages ?? [],
				blockedBy: [...against["unavailable-resources"] ?? [], ...(against["blocking-ha-resources"] ?? []).map(({ sid }) => sid)]
			}]))
		};
	});
}
async function unlessHidden(ask) {
	try {
		return await ask();
	} catch (thrown) {
		if (thrown instanceof ProvisionError && (thrown.code === "PERMISSION" || thrown.code === "UNREACHABLE") || isProblem(thrown, "not-found")) return void 0;
		throw thrown;
	}
}

// ../core/dist/facts/observe.js
const QUESTIONS_AT_ONCE = 8;
/**
* Observes the world. If an image's digest is not available, the error becomes part of the facts: it fails its own step
* and blocks only its own machines. If the endpoint is unreachable or refuses access, the error is thrown.
* @throws ProvisionError `TLS` `UNREACHABLE` `AUTHENTICATION` `PERMISSION` `PVE` `CANCELLED`
*/
async function observe(desired, world, options = {}) {
	const used = new Set(desired.machines.flatMap((machine) => sourcesOf(machine, desired)));
	const images = [...desired.images.values()].filter(isSource).filter(({ name }) => used.has(name));
	const listing = listResources(world, options.signal);
	const [{ cluster, rows }, { guests, unreachable, namesakes, pools, haGroups }, resolved] = await Promise.all([
		observeCluster(desired, world, {
			...options,
			listing
		}),
		listing.then((rows) => guestsOf(desired, rows, {
			world,
			options
		})),
		pMap(images, (image) => resolveOrFail(image, desired, {
			world,
			options,
			listing
		}), { concurrency: QUESTIONS_AT_ONCE })
	]);
	const verified = options.verify ? await verifyBlobs(known(resolved), world, options.signal) : void 0;
	const listed = listedGuests(rows);
	const facts = {
		...await obstacles$2(desired, {
			cluster,
			listed,
			guests
		}, {
			world,
			options
		}),
		images: new Map(resolved),
		blobs: /* @__PURE__ */ new Set(),
		volumes: /* @__PURE__ */ new Map(),
		guests,
		unreachable,
		namesakes,
		listed,
		usedTags: usedTags(rows),
		...pools && { pools },
		...haGroups && { haGroups },
		...verified && { verified }
	};
	if (options.volumes) return {
		...facts,
		volumes: await listVolumes(storageRefsOf(desired.machines, facts), world)
	};
	return lackingMachines(desired, guests, options).length === 0 ? facts : observeBytes(desired, facts, {
		world,
		options
	});
}
/** Looks for what may block the machines of a run. A run without changes makes almost no requests. */
async function obstacles$2(desired, known, { world, options }) {
	const { cluster, guests } = known;
	const { signal, only } = options;
	const chosen = select(desired.machines, only);
	const machines = guestsByMachine(desired.machines, guests);
	const lacking = chosen.filter(({ name }) => !machines.has(name));
	const [hidden, capabilities, disabled, answers, attachments] = await Promise.all([
		hiddenVmids(lacking, {
			desired,
			facts: known,
			signal
		}, world),
		observeCapabilities({
			machines: chosen,
			guests: machines
		}, world, signal),
		disabledStorages({
			machines: chosen,
			guests: machines,
			cluster
		}, world, signal),
		observeAnswers({
			machines: chosen,
			guests: machines
		}, world, signal),
		observeAttachments({
			machines: chosen,
			guests: machines
		}, world, signal)
	]);
	return {
		cluster: {
			...cluster,
			...capabilities.size > 0 && { capabilities },
			...disabled.size > 0 && { disabledStorages: disabled }
		},
		...hidden.size > 0 && { hiddenVmids: hidden },
		...answers.size > 0 && { answers },
		...attachments.mappings.size + attachments.isos.size > 0 && { attachments }
	};
}
async function guestsOf(desired, rows, { world, options }) {
	const [observed, ha] = await Promise.all([observeGuests(desired, rows, world), observeHa(desired, world)]);
	const machines = machinesByGuestName(desired.machines, observed.guests);
	const fresh = await withFreshStatus(observed.guests, ({ marker }) => machines.get(marker.name)?.start === true || marker.awaits !== void 0, world);
	const { move, prune, replace, only, signal } = options;
	const booted = await withBoots(fresh, world);
	const [pools, haGroups, guests] = await Promise.all([
		observePools(desired, fresh, world),
		observeHaGroups(desired, world),
		observeMoves({
			machines: select(desired.machines, only),
			guests: booted,
			move,
			prune,
			replace,
			signal
		}, world)
	]);
	return {
		...observed,
		guests: withHa(guests, ha),
		...pools && { pools },
		...haGroups && { haGroups }
	};
}
async function resolveOrFail(image, desired, how) {
	try {
		const resolved = await resolveSource(image, desired, how);
		return [image.name, image.member === void 0 ? resolved : {
			...resolved,
			member: image.member
		}];
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code !== "CANCELLED") return [image.name, thrown];
		throw thrown;
	}
}
async function resolveSource(image, desired, { world, options, listing }) {
	switch (image.kind) {
		case "address": return withRecalled(await resolveImage(image, world, options), world);
		case "file": {
			const { resolveFile } = await import("./file-image2.js");
			return resolveFile(image, world, {
				...options,
				isIso: image.isIso
			});
		}
		case "volume": {
			const users = desired.machines.filter((machine) => sourcesOf(machine, desired).includes(image.name));
			return resolveVolume(image, world, [...new Set(users.flatMap(({ nodes }) => nodes))]);
		}
		case "template": return resolveTemplate(image, world, await listing);
		case "unknown": return unknownImage(image);
	}
}
/** Returns the machines that do not exist, are replaced, or lack a disk or a CD. Only their images are observed. */
function lackingMachines({ machines }, guests, { replace = [] }) {
	const begun = new Set(guests.flatMap(({ marker }) => nameBeforeRetired(marker.name) ?? []));
	const present = guestsByMachine(machines, guests.filter(({ marker }) => !begun.has(marker.name)));
	const isReplaced = isNamedBy(replace);
	return machines.filter((machine) => {
		const guest = present.get(machine.name);
		return guest === void 0 || isReplaced(machine) || lackingImages(machine, guest.config).length > 0;
	});
}
function known(images) {
	return images.flatMap(([, image]) => image instanceof ProvisionError ? [] : [image]);
}
async function observeBytes(desired, facts, { world, options }) {
	const lacking = lackingMachines(desired, facts.guests, options);
	const names = new Set(lacking.flatMap((machine) => sourcesOf(machine, desired)));
	const wanted = [...facts.images].filter(([name]) => names.has(name));
	const withCds = lacking.filter((machine) => imageCds(machine).length > 0);
	const [volumes, isos, images, blobs] = await Promise.all([
		listVolumes(storageRefsOf(lacking, facts), world),
		listVolumes(storageRefsOf(withCds, facts), world, "iso"),
		pMap(wanted, async ([name, facts]) => [name, await insideOf(facts, desired.images.get(name), {
			world,
			options
		})], { concurrency: QUESTIONS_AT_ONCE }),
		findBlobs(known(wanted), world)
	]);
	return {
		...facts,
		volumes: withIsos(volumes, isos),
		blobs,
		images: new Map([...facts.images, ...images])
	};
}
function withIsos(...lists) {
	const rows = lists.flatMap((list) => [...list]);
	return new Map([...Map.groupBy(rows, ([key]) => key)].map(([key, all]) => [key, all.flatMap(([, list]) => list)]));
}
/** Returns each images storage once. A shared one is listed through the first node that needs it. */
function storageRefsOf(machines, { cluster }) {
	const storageRefs = /* @__PURE__ */ new Map();
	for (const { nodes, storage } of machines) for (const node of nodes) {
		const known = cluster.storages.find((entry) => entry.node === node && entry.storage === storage.images);
		const storageRef = {
			node,
			storage: storage.images
		};
		const key = known?.shared ? storage.images : storageKey(storageRef);
		if (known?.active && !storageRefs.has(key)) storageRefs.set(key, storageRef);
	}
	return [...storageRefs.values()];
}
async function listVolumes(storageRefs, { pve }, content) {
	const lists = await pMap(storageRefs, async (storageRef) => [storageKey(storageRef), await listIfThere(storageRef, pve, content)], { concurrency: QUESTIONS_AT_ONCE });
	return new Map(lists.flatMap(([key, volumes]) => volumes === void 0 ? [] : [[key, volumes]]));
}
async function insideOf(facts, image, { world, options: { signal } }) {
	if (facts instanceof ProvisionError || image?.kind !== "address" || image.isIso) return facts;
	try {
		const { lookInside } = await import("./look-inside.js");
		return await lookInside(facts, image, {
			world,
			signal
		});
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code !== "CANCELLED") return thrown;
		throw thrown;
	}
}

// ../core/dist/facts/ssh-keys.js
/**
* Returns the same desired state with all keys as text. Each address is requested once. Lines that are not keys are
* left out and reported in the notes.
* @throws ProvisionError `HTTP` if an address cannot be read or contains no key, because then no one could log in
*/
async function withSshKeys(desired, world, signal) {
	const addresses = new Set(desired.machines.flatMap(({ cloudInit }) => cloudInit?.sshKeyUrls.map(({ href }) => href) ?? []));
	if (addresses.size === 0) return desired;
	const read = await pMap(addresses, async (href) => [href, await keysAt(new URL(href), world, signal)], { concurrency: 4 });
	const found = new Map(read);
	return {
		...desired,
		machines: desired.machines.map((machine) => withKeys(machine, found)),
		notes: [...desired.notes ?? [], ...read.flatMap(([href, { dropped }]) => droppedNotes(href, dropped))]
	};
}
async function keysAt(url, { http }, signal) {
	const { bytes } = await http.getDocument(url, {
		limitBytes: 262144,
		...signal && { signal }
	});
	const { text, problem } = decodeText(bytes);
	const found = readPublicKeys(text ?? "");
	if (found.keys.length > 0) return found;
	const [first] = found.dropped;
	const reason = problem?.message ?? (first === void 0 ? "It is empty." : `Line ${first.line} ${first.reason}.`);
	throw new ProvisionError("HTTP", `${withoutSecrets(url.href)} has no SSH public key. ${reason}`, { hint: "It must have one key per line, like https://github.com/NAME.keys." });
}
function droppedNotes(href, dropped) {
	return dropped.map(({ line, reason }) => ({
		file: withoutSecrets(href),
		line,
		column: 1,
		message: `This line ${reason}; it is ignored.`
	}));
}
function withoutSecrets(href) {
	const url = new URL(href);
	return `${url.origin}${url.pathname}`;
}
function withKeys(machine, found) {
	if (machine.cloudInit === void 0) return machine;
	const fetched = machine.cloudInit.sshKeyUrls.flatMap(({ href }) => found.get(href)?.keys ?? []);
	return {
		...machine,
		cloudInit: {
			...machine.cloudInit,
			sshKeys: [.../* @__PURE__ */ new Set([...machine.cloudInit.sshKeys, ...fetched])]
		}
	};
}

// ../core/dist/plan/digest.js
/** How an image's bytes reach Proxmox is not included, because that depends on what already exists. */
function digestsOf(digested) {
	const { machines, steps } = digested;
	const bases = basesOf$1(steps);
	const changed = machines.filter(({ action }) => action !== "keep").map((machine) => [machine.name, lineOf(machine, {
		...digested,
		base: bases.get(machine.name) ?? ""
	})]);
	const lines = [...changed.map(([, line]) => line), ...removals$1(steps)].sort();
	return {
		digest: `sha256:${bytesToHex(sha256(utf8ToBytes(lines.join("\n"))))}`,
		digests: new Map(changed.map(([name, line]) => [name, hash16(line)]))
	};
}
/** Returns the build of the image that each machine is created from. */
function basesOf$1(steps) {
	return new Map(steps.flatMap((step) => (step.kind === "create" || step.kind === "replace") && step.action === "run" ? [[step.machine, step.base]] : []));
}
function lineOf({ name, vmid, node, action, changes, pending = [] }, { specOf, nodesOf, replacedOf, base }) {
	const isDeclared = action !== "blocked" && action !== "remove";
	const place = action === "create" && nodesOf(name).length > 1 ? [...nodesOf(name)].sort() : node;
	const changed = changes.map((change) => JSON.stringify(change)).sort();
	const waiting = action === "restart" ? pending.map((change) => JSON.stringify(change)).sort() : [];
	const old = action === "replace" ? [replacedOf(name)] : [];
	return JSON.stringify([
		name,
		vmid ?? null,
		place,
		action,
		isDeclared ? specOf(name) : "",
		base,
		changed,
		...waiting,
		...old
	]);
}
function removals$1(steps) {
	return steps.flatMap((step) => {
		if (step.action === "keep") return [];
		if (step.kind === "destroy") return [[
			"destroy",
			step.name,
			step.vmid,
			step.node
		]];
		return step.kind === "remove-volume" ? [[
			"remove-volume",
			step.at.node,
			step.volid
		]] : [];
	}).map((entry) => JSON.stringify(entry));
}

// ../core/dist/plan/first-boot/first-boot-notes.js
/**
* Notes machines with a static address and no name servers. Proxmox writes the node's name servers to its drive
* (qemu-server `Cloudinit.pm` `get_dns_conf`). If the node's `resolv.conf` changes, that creates a new instance.
*/
function nameServerNotes(machines) {
	const without = machines.filter((machine) => machine.networks.length > 0 && lacksNameServers(machine));
	const ours = without.filter((machine) => reasonsForCd(firstBootOf(machine)).length > 0).map(({ name }) => name);
	const theirs = without.map(({ name }) => name).filter((name) => !ours.includes(name));
	return [...ours.length > 0 ? [`${nameList(ours)} will have no name server, because the address is static: set \`dns.servers\` in \`cloudInit\`.`] : [], ...theirs.length > 0 ? [`Without \`dns.servers\` in \`cloudInit\`, ${nameList(theirs)} ${theirs.length === 1 ? "gets" : "get"} the name servers of the node; when they change there, cloud-init runs again at the next start.`] : []];
}
function lacksNameServers(machine) {
	const { cards, nameservers } = firstBootOf(machine);
	const isFixed = ({ ip, ip6 }) => ip?.includes("/") === true || ip6?.includes("/") === true;
	return nameservers.length === 0 && cards.some(isFixed) && !cards.some(({ ip, ip6 }) => ip === "dhcp" || ip6 === "dhcp");
}
/**
* Returns a note about machines with a gateway outside their prefix. The CD uses network-config version 2 for them, and
* cloud-init's renderers for systemd-networkd and ifupdown drop `on-link` there (22.4 and 25.1).
*/
function onLinkNotes(machines) {
	const names = machines.filter((machine) => firstBootOf(machine).cards.some(isOnLink)).map(({ name }) => name);
	if (names.length === 0) return [];
	return [`The gateway of ${nameList(names)} is outside ${names.length === 1 ? "its" : "their"} prefix. Images with netplan or NetworkManager reach it. Images with ifupdown, or with systemd-networkd alone, need a document of version 1 as \`networkConfig\`.`];
}

// ../core/dist/plan/problems/ha-problem.js
/** In this state the manager accepts nothing but `disabled` (pve-ha-manager `Manager.pm` `next_state_error`). */
function isGivenUp({ ha }) {
	return ha?.current === "error";
}
/** The commands that bring a service out of its error. */
function recovery(vmid) {
	return `As root on any node: ha-manager set vm:${vmid} --state disabled\nand when that is done: ha-manager set vm:${vmid} --state started`;
}
/** The manager accepts the start and does not carry it out. */
function haProblem(machine, guest) {
	const { name, start, declared, ha } = machine;
	const isTakenOut = declared.has("ha") && ha === void 0;
	if (!start || keepsRunning(guest) || isTakenOut || !isGivenUp(guest)) return void 0;
	return new ProvisionError("CONFLICT", `The HA manager has given up on ${name} (${guest.vmid} on ${guest.node}): it is in state \`error\` and will not start it.`, {
		hint: `Find out why it did not start, then\n${recovery(guest.vmid)}`,
		details: {
			machine: name,
			key: "ha",
			vmid: guest.vmid
		}
	});
}
/** The manager does not stop a VM in this state, and Proxmox leaves each stop to the manager. */
function stuckInHa({ name }, guest) {
	if (!isGivenUp(guest) || guest.status !== "running") return [];
	return [new ProvisionError("CONFLICT", `${name} (${guest.vmid} on ${guest.node}) cannot be replaced: the HA manager has given up on it (state \`error\`), so Proxmox cannot shut it down.`, {
		hint: recovery(guest.vmid),
		details: {
			machine: name,
			key: "ha",
			vmid: guest.vmid
		}
	})];
}

// ../core/dist/plan/plan-notes.js
/** Returns the machines of the project that the manifest does not name. */
function orphansOf(desired, facts) {
	return unnamedGuests(desired, facts).filter(({ marker: { file } }) => !isOther(file, desired)).map(({ marker: { name }, vmid, node }) => ({
		name,
		vmid,
		node
	}));
}
function unnamedGuests({ machines }, { guests }) {
	const named = machinesByGuestName(machines, guests);
	return guests.filter(({ marker: { kind, name } }) => kind === "machine" && !named.has(nameBeforeRetired(name) ?? name));
}
/** Returns the machines of the project that other files declare, by file. */
function otherFiles(desired, facts) {
	const others = unnamedGuests(desired, facts).filter(({ marker: { file } }) => isOther(file, desired));
	return Map.groupBy(others, ({ marker: { file = "" } }) => file);
}
/** A command with more names is no longer easy to read. */
const MOST_IN_COMMAND = 6;
/** For a run that removes what the manifest does not name. */
function otherFileNotes(desired, facts) {
	return [...otherFiles(desired, facts)].map(([file, guests]) => {
		const names = guests.map(({ marker: { name } }) => name);
		const byName = `, or ${names.length === 1 ? "the name" : "the names"}: pve-provision destroy --only ${names.join(" ")}`;
		return `${nameList(names)} ${are(guests)} declared in ${file}, which was not given; left alone. To remove ${them(guests)}, give that file as well${names.length > MOST_IN_COMMAND ? "" : byName}`;
	});
}
/** A VM with the name of a machine that exists. It is often a copy, and then it has the addresses as well. */
function namesakeNotes(machines, { guests, namesakes = [] }) {
	const ours = new Set(guests.map(({ marker: { name } }) => name));
	const beside = namesakes.filter(({ name }) => ours.has(name) && machines.some((machine) => machine.name === name));
	if (beside.length === 0) return [];
	const which = nameList(beside.map(({ name, vmid, node }) => `${vmid} on ${node} (${name})`));
	const [has, it, copy] = beside.length === 1 ? [
		"has",
		"it",
		"a copy"
	] : [
		"have",
		"them",
		"copies"
	];
	return [`${which} ${has} the name of a machine of this manifest, but no marker; left alone. If you made ${it} as ${copy}, check the static addresses: they are copied as well.`];
}
function orphanNotes(orphans, project) {
	if (orphans.length === 0) return [];
	const names = nameList(orphans.map(({ name, vmid, node }) => orphans.length > 3 ? name : `${name} (${vmid} on ${node})`));
	const which = orphans.length === 1 ? ` --only ${orphans[0]?.name}` : "";
	const remove = which === "" ? "pve-provision apply --prune" : `pve-provision destroy${which}`;
	return [`${names} ${orphans.length === 1 ? "belongs" : "belong"} to project ${project} and ${are(orphans)} not in the manifest; left alone. To remove ${them(orphans)}: ${remove}`];
}
/** Returns notes for images that may not boot. */
function doubtfulImageNotes({ images }) {
	return [...images.values()].flatMap((image) => image instanceof Error || image.doubt === void 0 ? [] : [`Image ${image.name}: ${image.doubt}.`]);
}
/** Returns notes about machines on an older build of their image, machines with pending changes, and differences. */
function machineNotes(machines) {
	return [
		...outdatedNotes(machines),
		...pendingNotes(machines),
		...differenceNotes(machines),
		...unusedNotes(machines),
		...replacedDiskNotes(machines)
	];
}
/** One note for volumes that an apply detached, and one for others. */
function unusedNotes(machines) {
	return [true, false].flatMap((isOurs) => {
		const keeping = machines.flatMap(({ name, unused = [] }) => {
			const disks = unused.filter(({ was }) => was !== void 0 === isOurs);
			return disks.length === 0 ? [] : [{
				name,
				disks
			}];
		});
		const [first] = keeping;
		if (first === void 0) return [];
		const count = keeping.flatMap(({ disks }) => disks).length;
		const [verb, what] = [keeping.length === 1 ? "keeps" : "keep", count === 1 ? "an unused disk" : "unused disks"];
		const which = keeping.length === 1 ? ` (${nameList(first.disks.map(({ key, volume }) => `${key}: ${volume}`))})` : "";
		const only = keeping.length === 1 ? ` --only ${first.name}` : "";
		const end = isOurs ? `. To remove ${count === 1 ? "it" : "them"} and ${count === 1 ? "its" : "their"} data: pve-provision apply --prune${only}` : ` that pve-provision did not detach; left alone.`;
		return [`${nameList(keeping.map(({ name }) => name))} ${verb} ${what}${which}${end}`];
	});
}
/** A disk that is declared again is a new one, without the old data. */
function replacedDiskNotes(machines) {
	return machines.flatMap(({ name, unused = [], vmid }) => unused.filter(({ isReplaced }) => isReplaced).map(({ key, volume, was }) => `${name}: the disk at ${was} will be a new one. The previous disk is ${key} and is not attached again. To keep using it, attach it before you apply: qm set ${vmid} --${was} ${volume}`));
}
function outdatedNotes(machines) {
	const all = machines.filter(({ outdated }) => outdated !== void 0);
	const outdated = all.flatMap(({ name, outdated }) => outdated?.leftAlone === void 0 ? [name] : []);
	const replace = outdated.length === 1 ? `--replace ${outdated[0]}` : "--replace-outdated";
	return [...outdated.length === 0 ? [] : [`${nameList(outdated)} ${outdated.length === 1 ? "runs" : "run"} an older build of the image. To replace ${them(outdated)}: pve-provision apply ${replace}`], ...all.flatMap(({ name, outdated }) => outdated?.leftAlone === void 0 ? [] : [`${name} runs an older build of the image and stays, because ${outdated.leftAlone}. To replace it, give its name: pve-provision apply --replace ${name}`])];
}
const WAITS = {
	restart: "for a restart",
	boot: "for a boot"
};
function pendingNotes(machines) {
	return ["restart", "boot"].flatMap((when) => {
		const waiting = machines.flatMap(({ name, action, pending = [] }) => {
			if (action === "restart") return [];
			const keys = pending.filter((change) => change.when === when);
			return keys.length === 0 ? [] : [{
				name,
				keys
			}];
		});
		if (waiting.length === 0) return [];
		const [first] = waiting;
		const textOf = (change) => when === "boot" ? change.key : changeText(change);
		const what = waiting.length === 1 && first ? ` (${firstOf(first.keys.map(textOf))})` : "";
		return [`${nameList(waiting.map(({ name }) => name))} ${waiting.length === 1 ? "has" : "have"} changes that wait ${WAITS[when]}${what}. To restart ${them(waiting)}: pve-provision apply --restart${waiting.length === 1 ? ` --only ${first?.name}` : ""}`];
	});
}
const MOST_CHANGES = 5;
/** `plan --restart` and the JSON document have all of them. */
function firstOf(texts) {
	if (texts.length <= MOST_CHANGES) return texts.join(", ");
	return `${texts.slice(0, 4).join(", ")} and ${texts.length - MOST_CHANGES + 1} more`;
}
/** Groups by difference, not by machine. */
function differenceNotes(machines) {
	const all = machines.flatMap(({ name, differences = [] }) => differences.map((difference) => ({
		name,
		...difference
	})));
	return [...Map.groupBy(all, ({ key, declared }) => `${kindOfKey(key)} ${declared === void 0}`).values()].map((list) => {
		const [first] = list;
		if (first === void 0) return "";
		if (list.length === 1) return `${first.name}: ${differenceText(first)}. ${first.hint}`;
		return `${nameList([...new Set(list.map(({ name }) => name))])}: ${kindOfKey(first.key)} differs from the manifest and is left unchanged. For ${first.name}, ${first.hint.charAt(0).toLowerCase()}${first.hint.slice(1)}`;
	});
}
function kindOfKey(key) {
	return key.replace(/\[[^\]]+\]/, "");
}
/** `node is pve1, not pve2, and stays`; `disks[1] (2 GiB on local) is not in the manifest and is left unchanged`. */
function differenceText({ key, is, declared }) {
	if (declared === void 0) return `${key}${is === void 0 ? "" : ` (${valueText(is)})`} is not in the manifest and is left unchanged`;
	return `${key} is ${is === void 0 ? "unset" : valueText(is)}, but the manifest has ${valueText(declared)}; it is left unchanged`;
}
function are(list) {
	return list.length === 1 ? "is" : "are";
}
function them(list) {
	return list.length === 1 ? "it" : "them";
}
/** Returns the result of verifying blobs, because the user asked for it. */
function verifiedNotes({ verified = [] }) {
	const dropped = {
		wrong: "has changed",
		unknown: "cannot be checked"
	};
	const whole = verified.filter(({ is }) => is === "whole").length;
	return [...verified.flatMap(({ image, key, is }) => is === "whole" ? [] : [`A copy of ${image} in the store ${dropped[is]} and was removed (${shorten(key)}).`]), ...whole > 0 ? [`${whole === 1 ? "One file" : `${whole} files`} in the store checked: the digests match.`] : []];
}
/** An unknown node is an error for a new machine. An existing machine stays where it is, with a note. */
function unknownNodeNotes(machines, { cluster, guests }) {
	const known = cluster.nodes.map(({ name }) => name);
	const there = new Set(guests.map(({ marker }) => marker.name));
	const named = machines.filter(({ name }) => there.has(name)).flatMap(({ nodes }) => nodes);
	return [...new Set(named)].filter((node) => !known.includes(node)).map((node) => `There is no node ${node}; nodes are ${known.join(", ")}.`);
}
/** Returns notes about new machines that no one could reach or log in to. That is possible, but usually a mistake. */
function reachNotes(machines, steps) {
	const made = new Set([...steps].flatMap((step) => step.kind === "create" && step.action === "run" ? [step.machine] : []));
	const fresh = machines.filter(({ name }) => made.has(name));
	const unconnected = fresh.filter(({ networks }) => networks.length === 0).map(({ name }) => name);
	const locked = fresh.filter(isLocked).map(({ name }) => name);
	return [
		...nameServerNotes(fresh),
		...onLinkNotes(fresh),
		...unconnected.length > 0 ? [`Without \`network\`, ${nameList(unconnected)} cannot be reached.`] : [],
		...locked.length > 0 ? [`Without \`sshKeys\` or \`password\` in \`cloudInit\`, you cannot log in to ${nameList(locked)}.`] : []
	];
}
/** Without `cloudInit`, an image may have its own way to log in, and custom user-data may contain one. */
function isLocked({ cloudInit }) {
	if (cloudInit === void 0 || cloudInit.userData !== void 0 || cloudInit.password !== void 0) return false;
	return cloudInit.sshKeys.length === 0 && cloudInit.sshKeyUrls.length === 0;
}
/** Returns the notes of the manifest. */
function manifestNotes({ notes = [] }) {
	return notes.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
}
/** Returns a note about running machines that the HA manager has given up on. */
function givenUpNotes(machines, { guests }) {
	const names = new Set(machines.map(({ name }) => name));
	const given = guests.filter((guest) => names.has(guest.marker.name) && isGivenUp(guest) && guest.status === "running");
	const [first] = given;
	if (first === void 0) return [];
	return [`The HA manager has given up on ${nameList(given.map(({ marker }) => marker.name))} (state \`error\`), and will not start or move ${them(given)} again. ${recovery(first.vmid).replace("\n", ", ")}`];
}
/** Returns notes about guests whose node is no longer a member of the cluster. Their owner is unknown. */
function strandedNotes({ unreachable = [] }) {
	const stranded = unreachable.filter(({ isStranded }) => isStranded);
	if (stranded.length === 0) return [];
	return [`${nameList(stranded.map(({ vmid, node }) => `${vmid} on ${node}`))}: the node is no longer a member of the cluster, so their project is not known.`];
}

// ../core/dist/plan/preflight/held-privileges.js
/** Returns a function that says if the token has a privilege on a path, including inherited ones. */
function privilegesIn({ cluster: { permissions } }) {
	return permissionsOf(permissions);
}
/** Returns a function that lists all privileges of the token on a path. */
function heldPrivileges(facts) {
	const has = privilegesIn(facts);
	const names = [...new Set(Object.values(facts.cluster.permissions).flatMap((held) => Object.keys(held)))].sort();
	return (path) => names.filter((name) => has(path, name));
}
/** `download-url` requires Sys.AccessNetwork on the node, or Sys.Audit and Sys.Modify on / (pve-storage Status.pm). */
function mayDownload(known, node) {
	const has = privilegesIn(known);
	return has(`/nodes/${node}`, "Sys.AccessNetwork") || has("/", "Sys.Audit") && has("/", "Sys.Modify");
}

// ../core/dist/plan/problems/problem.js
/** Creates a problem about the cluster or the manifest, as a list. */
function conflict(message, hint, { at, steps } = {}) {
	return [{
		code: "CONFLICT",
		message,
		hint,
		...at,
		...steps && { steps }
	}];
}
/** Creates the problem of one step, as it appears in the plan. */
function problemOfStep(step, { code, message, hint = "" }, at) {
	return {
		code,
		message,
		hint,
		...at,
		step
	};
}
/** Returns the position of a key of a machine, or of the machine itself if the key has none. */
function positionOf$1(machine, key) {
	return (key === void 0 ? void 0 : machine.positionOf?.(key)) ?? machine.position;
}
/** Returns each problem once, at its first position, even if several machines have it. */
function uniqueProblems(problems) {
	return [...Map.groupBy(problems, ({ message }) => message).values()].flatMap((same) => {
		const steps = same.flatMap((problem) => problem.steps ?? []);
		return same.slice(0, 1).map((first) => first.steps === void 0 ? first : {
			...first,
			steps
		});
	});
}

// ../core/dist/plan/problems/manifest-problems.js
/**
* Checks only the manifest.
* @throws ProvisionError `MANIFEST` with all problems that a plan would have on any cluster
*/
function refuseImpossible({ machines, files }) {
	const problems = machines.flatMap((machine) => {
		const [message, hint] = waitWithoutStart(machine) ?? [];
		const place = positionOf$1(machine, "wait");
		return message === void 0 || place === void 0 ? [] : [{
			...place,
			message: `${message} ${hint}`
		}];
	});
	if (problems.length > 0) throw refusal$1(files, problems);
}
/** An explicit `start: false` is intended. Without it, the wait would silently have no effect. */
function waitWithoutStart({ name, wait, start, declared }) {
	if (wait.for === "none" || start || declared.has("start")) return void 0;
	return [`${name} has \`wait\` but not \`start: true\`, so there is nothing to wait for.`, "Set `start: true`, or remove `wait`."];
}

// ../core/dist/plan/problems/setting-problems.js
/** Checks by key of the manifest. Unchanged keys are not checked, because Proxmox has accepted them before. */
const CHECKS = {
	cpu: unknownCpu,
	cores: tooManyCores,
	machine: unknownMachineType,
	boot: unknownBootDevice,
	memory: tooMuchMemory,
	tags: forbiddenTags,
	balloon: balloonBeyond,
	devices: unknownMapping,
	cdrom: missingIso
};
/** Returns all problems of new or changed settings. */
function settingProblems(machine, setting) {
	const changed = setting.changed && new Set([...setting.changed].map((key) => key.split(/[[.]/, 1)[0]));
	const isNew = (key) => changed === void 0 || changed.has(key) || key === "cores" && changed.has("sockets");
	const found = Object.entries(CHECKS).flatMap(([key, check]) => {
		const wrong = isNew(key) ? check(machine, setting) : void 0;
		return wrong === void 0 ? [] : [settingProblem(machine, key, wrong)];
	});
	const waiting = waitWithoutStart(machine);
	return waiting === void 0 ? found : [...found, settingProblem(machine, "wait", waiting)];
}
function settingProblem({ name }, key, [sentence, hint]) {
	return new ProvisionError("CONFLICT", sentence, {
		hint,
		details: {
			machine: name,
			key
		}
	});
}
function unknownCpu({ name, cpu }, { facts, node }) {
	if (cpu.type === void 0) return void 0;
	const known = facts.cluster.capabilities?.get(node)?.cpus;
	if (known === void 0 || known.has(cpuName(cpu.type))) return unknownFlags(name, cpu.type, {
		facts,
		node
	});
	const near = [...known].filter((one) => one.startsWith(cpuName(cpu.type ?? "").slice(0, 3))).slice(0, 6);
	const hint = `Look at: pvesh get /nodes/${node}/capabilities/qemu/cpu${near.length > 0 ? ` (such as ${near.join(", ")})` : ""}`;
	return [`${node} does not support the CPU type ${cpuName(cpu.type)} of ${name}.`, hint];
}
/** The flags of Proxmox VE 8, which has no list of them (qemu-server `CPUConfig.pm`). */
const FLAGS_OF_8 = "pcid spec-ctrl ibpb ssbd virt-ssbd amd-ssbd amd-no-ssb pdpe1gb md-clear hv-tlbflush hv-evmcs aes".split(" ");
function unknownFlags(name, type, { facts: { cluster }, node }) {
	const { cpuFlags: listed } = cluster.capabilities?.get(node) ?? {};
	const known = listed ?? (cluster.version.major < 9 ? new Set(FLAGS_OF_8) : void 0);
	const lost = known === void 0 ? [] : cpuFlags(type).filter((flag) => !known.has(flag));
	if (known === void 0 || lost.length === 0) return void 0;
	return [`A VM on ${node} cannot set the CPU flag ${lost.join(", ")} of ${name}.`, `Proxmox accepts ${[...known].sort().join(", ")}.`];
}
/** Proxmox refuses to start a VM with more cores than its node has processors (qemu-server `config_to_command`). */
function tooManyCores({ name, cpu, declared }, { facts, node, guest }) {
	const { cpus = 0 } = facts.cluster.nodes.find((entry) => entry.name === node) ?? {};
	const count = (key) => guest === void 0 || declared.has(key) ? cpu[key] : Number(guest.config[key] ?? 1);
	const cores = count("cores") * count("sockets");
	if (cpus === 0 || cores <= cpus) return void 0;
	return [`${name} would have ${cores} cores, but ${node} has ${cpus}, so it could not start.`, "Give it fewer `cores`, or another node."];
}
function unknownMachineType({ name, machineType }, { facts, node }) {
	const known = facts.cluster.capabilities?.get(node)?.machines;
	if (machineType === void 0 || known === void 0) return void 0;
	const wanted = machineTypeName(machineType);
	if (wanted === "pc" || wanted === "q35" || known.has(wanted)) return void 0;
	const kind = wanted.includes("q35") ? "q35" : "i440fx";
	const newest = [...known].find((one) => one.includes(kind));
	return [`${node} does not support the machine type ${wanted}, so ${name} could not start.`, `Use \`machine: ${kind === "q35" ? "q35" : "pc"}\`${newest === void 0 ? "" : `, or one that it supports, such as ${newest}`}.`];
}
/** Proxmox refuses a boot order with a missing device (qemu-server `assert_boot_devices`). */
function unknownBootDevice(machine, { guest }) {
	if (machine.bootOrder === void 0) return void 0;
	const config = guest?.config ?? {};
	const there = /* @__PURE__ */ new Set([...bootable(machine, config), ...Object.keys(config)]);
	const lost = machine.bootOrder.filter((device) => !there.has(device));
	if (lost.length === 0) return void 0;
	return [`${machine.name} would boot from ${lost.join(", ")}, which it does not have.`, `It has ${bootable(machine, config).join(", ")}: correct \`boot\`, or declare the device.`];
}
/** Returns the devices of a machine from its declaration and its template. */
function bootable(machine, config) {
	const of = (kind, key) => machine.devices.filter((device) => device.kind === kind).map((_, index) => `${key}${index}`);
	return [
		...diskKeys(machine, config),
		"ide2",
		...machine.cdroms.map((_, index) => CD_DRIVES[index] ?? ""),
		...machine.networks.map((_, index) => `net${index}`),
		...of("pci", "hostpci"),
		...of("usb", "usb")
	];
}
const MIB$1 = 1024 ** 2;
const GIB = 1024 ** 3;
/** QEMU cannot use more memory than the node has. A token without Sys.Audit on the node cannot see how much that is. */
function tooMuchMemory({ name, memory }, { facts, node }) {
	const has = facts.cluster.nodes.find((entry) => entry.name === node)?.memoryBytes ?? 0;
	const wanted = memory.memoryMiB * MIB$1;
	if (has === 0 || wanted <= has) return void 0;
	return [`${name} would have ${sizeText(wanted)} of memory, but ${node} has ${Math.floor(has / GIB * 10) / 10} GiB.`, "Give it less `memory`, or another node."];
}
/** Proxmox refuses it. If the manifest sets both keys, parsing has reported it already. */
function balloonBeyond({ name, memory: { balloonMiB = 0, memoryMiB } }, { guest }) {
	const has = guest === void 0 ? memoryMiB : Number(guest.config.memory ?? memoryMiB);
	if (balloonMiB <= Math.max(has, memoryMiB)) return void 0;
	return [`${name} has a minimum of ${sizeText(balloonMiB * MIB$1)}, but only ${sizeText(Math.max(has, memoryMiB) * MIB$1)} of memory.`, "Give it more `memory`, or less `balloon`."];
}
/** Proxmox accepts an unknown mapping, and the machine then never starts. */
function unknownMapping({ name, devices }, { facts, node }) {
	const may = privilegesIn(facts);
	const looked = devices.flatMap((device) => {
		const kind = mappingKind(device);
		const known = facts.attachments?.mappings.get(kind);
		if (known === void 0 || !may(`/mapping/${kind}/${device.mapping}`, "Mapping.Use")) return [];
		return [{
			mapping: device.mapping,
			nodes: known.get(device.mapping),
			known: [...known.keys()]
		}];
	});
	const lost = looked.filter(({ nodes }) => nodes === void 0);
	if (lost.length > 0) {
		const names = [...new Set(lost.map(({ mapping }) => mapping))].join(", ");
		const there = [...new Set(lost.flatMap(({ known }) => known))];
		const instead = there.length === 0 ? "" : `, or use an existing one: ${there.join(", ")}`;
		return [`There is no resource mapping ${names}, which ${name} uses.`, `Create it under Datacenter → Resource Mappings${instead}.`];
	}
	const away = looked.find(({ nodes }) => nodes?.has(node) === false);
	if (away === void 0) return void 0;
	return [`The resource mapping ${away.mapping}, which ${name} uses, has no device on ${node}.`, `Add it under Datacenter → Resource Mappings, or put ${name} on ${[...away.nodes ?? []].join(" or ")}.`];
}
function missingIso({ name, cdroms }, { facts, node }) {
	for (const cdrom of cdroms) {
		if (!("volume" in cdrom)) continue;
		const [storage = ""] = cdrom.volume.split(":", 1);
		const there = facts.attachments?.isos.get(storageKey({
			node,
			storage
		}));
		if (there === void 0 || there.has(cdrom.volume)) continue;
		const names = [...there].filter((volume) => !/-seed-[0-9a-f]{16}\.iso$/.test(volume)).slice(0, 6).map((volume) => volume.slice(volume.lastIndexOf("/") + 1));
		return [`There is no ${cdrom.volume} on ${node}, which belongs in a CD drive of ${name}.`, `Upload it, or have it downloaded: \`cdrom: { image: NAME }\`.${names.length === 0 ? "" : ` ${storage} has ${names.join(", ")}.`}`];
	}
}
/** Proxmox checks each added tag (pve-guest-common `assert_tag_permissions`). The owner tag is checked separately. */
function forbiddenTags({ name, tags }, { facts, guest }) {
	const has = parseTags(guest?.config.tags);
	const lost = tags.filter((tag) => !has.includes(tag) && tag !== "pve-provision").filter((tag) => isForbiddenTag(tag, facts));
	if (lost.length === 0) return void 0;
	return [`${facts.cluster.identity ?? "This token"} may not set the tag ${lost.join(", ")} of ${name}.`, tagHint(lost, facts)];
}
/** Returns true if the token certainly cannot set a tag. */
function isForbiddenTag(tag, facts) {
	const { tags } = facts.cluster;
	if (tags === void 0 || privilegesIn(facts)("/", "Sys.Modify")) return false;
	const { access, registered = [], allowed } = tags;
	if (registered.includes(tag)) return true;
	if (access !== void 0) return access !== "free" && !allowed.includes(tag);
	return (facts.usedTags?.has(tag) || facts.guests.some(({ config }) => parseTags(config.tags).includes(tag))) && !allowed.includes(tag);
}
function tagHint(tags, { cluster }) {
	const { access = "list", registered = [], allowed } = cluster.tags ?? { allowed: [] };
	const kept = registered.filter((tag) => !tags.includes(tag));
	if (kept.length < registered.length) return `As root on any node: pvesh set /cluster/options ${kept.length === 0 ? "--delete registered-tags" : `--registered-tags '${kept.join(";")}'`}`;
	const allow = `pvesh set /cluster/options --user-tag-access 'user-allow=list,user-allow-list=${[.../* @__PURE__ */ new Set([...access === "list" ? allowed : [], ...tags])].join(";")}'`;
	if (cluster.tags?.access !== void 0 || cluster.tags?.registered !== void 0) return `As root on any node: ${allow}`;
	return `As root on any node, look at \`registered-tags\` and \`user-tag-access\`: pvesh get /cluster/options\nIf the tag is registered, remove it from that list. If it is not: ${allow}`;
}

// ../core/dist/plan/preflight/need.js
const need = (path, privilege, why) => ({
	paths: [path],
	privileges: [privilege],
	why
});
/** A guest also has the privileges of its pool. A grant on the pool outlives the guest and covers similar ones. */
function guestPlace({ vmid, pool }, { cluster }) {
	const own = `/vms/${vmid}`;
	if (pool !== void 0) return { paths: [`/pool/${pool}`, own] };
	return {
		paths: [own],
		...cluster.permissions[own] === void 0 && { grantOn: "/vms" }
	};
}
/** An unknown id gets what `/vms` propagates, or what its pool grants. */
function newGuestPlace(pool) {
	return { paths: pool === void 0 ? ["/vms"] : [`/pool/${pool}`, "/vms"] };
}
function storeNeeds(storage, why) {
	const path = `/storage/${storage}`;
	return [need(path, "Datastore.AllocateTemplate", why), need(path, "Datastore.Audit", "see what is on the storage")];
}
/**
* `/cluster/resources` lists a storage only with Datastore.Audit. Without it, its type and thus linked clones are
* unknown.
*/
function diskStorageNeeds(storage, why) {
	const path = `/storage/${storage}`;
	return [need(path, "Datastore.AllocateSpace", why), need(path, "Datastore.Audit", "see what kind of storage it is")];
}
/** Proxmox VE 9 has one privilege for each kind of question to the guest agent. Proxmox VE 8 has VM.Monitor for all. */
function agentPrivileges({ cluster }, one) {
	return cluster.version.major >= 9 ? [one, "VM.GuestAgent.Unrestricted"] : ["VM.Monitor"];
}

// ../core/dist/plan/preflight/config-privileges.js
const BY_KEY = [
	[/^(cores|sockets|cpu|cpulimit|cpuunits|numa)$/, ["VM.Config.CPU"]],
	[/^(memory|balloon)$/, ["VM.Config.Memory"]],
	[/^net\d+$/, ["VM.Config.Network"]],
	[/^(scsihw|machine|vga|serial\d+|rng0|watchdog|smbios1|hostpci\d+|usb\d+)$/, ["VM.Config.HWType"]],
	[/^(boot|(scsi|virtio|sata)\d+|efidisk0|tpmstate0|virtiofs\d+)$/, ["VM.Config.Disk"]],
	[/^ide\d+$/, ["VM.Config.CDROM"]],
	[/^(ciuser|cipassword|sshkeys|ipconfig\d+|nameserver|searchdomain|ciupgrade)$/, ["VM.Config.Cloudinit", "VM.Config.Network"]]
];
/** Returns the privileges for setting or removing these keys. */
function configPrivileges(changes, changed) {
	return Object.entries(changes).flatMap(([key, value]) => [{ privileges: ownPrivileges(key, [value, changed.current[key]]) }, ...extraPrivileges(key, value, changed)]);
}
function ownPrivileges(key, values) {
	if (values.some(isCd)) return ["VM.Config.CDROM"];
	return BY_KEY.find(([pattern]) => pattern.test(key))?.[1] ?? ["VM.Config.Options"];
}
function extraPrivileges(key, value, { machine, current }) {
	if (key === "startup") return [{
		path: "/",
		privileges: ["Sys.Modify"]
	}];
	if (/^net\d+$/.test(key)) return bridgePrivileges([machine.networks[Number(key.slice(3))], cardOf(current[key])]);
	const mappings = [value, current[key]].flatMap((device) => mappingPath(key, device) ?? []);
	if (mappings.length > 0) return mappings.map((path) => ({
		path,
		privileges: ["Mapping.Use"]
	}));
	return [...key === "ide2" ? cloudInitDrivePrivileges(value, current[key]) : [], ...storagePrivileges(value, machine)];
}
const MAPPINGS = [
	[
		/^hostpci\d+$/,
		"pci",
		"pci"
	],
	[
		/^usb\d+$/,
		"usb",
		"usb"
	],
	[
		/^virtiofs\d+$/,
		"virtiofs",
		"dir"
	]
];
/** `/mapping/pci/gpu`: the path that allows a mapped device (qemu-server `check_mapping_access`). */
function mappingPath(key, value) {
	if (key === "rng0") return textOf$3(value).includes("/dev/hwrng") ? "/mapping/hwrng" : void 0;
	const [, kind, folder] = MAPPINGS.find(([pattern]) => pattern.test(key)) ?? [];
	const mapping = kind && mappingOf$1(kind, value);
	return mapping === void 0 ? void 0 : `/mapping/${folder}/${mapping}`;
}
/** Both the old and the new bridge of a card are checked. */
function bridgePrivileges(cards) {
	return cards.flatMap((card) => card === void 0 ? [] : [{
		path: bridgePath(card),
		privileges: ["SDN.Use"]
	}]);
}
function cardOf(value) {
	const { bridge, tag } = Object.fromEntries(parseNetworkCard(value));
	return bridge === void 0 ? void 0 : {
		bridge,
		...tag !== void 0 && { vlan: Number(tag) }
	};
}
function cloudInitDrivePrivileges(...drives) {
	const isOne = (drive) => parseProperties(drive, "file").get("file")?.includes("cloudinit") === true;
	return drives.some(isOne) ? [{ privileges: ["VM.Config.Cloudinit"] }] : [];
}
function storagePrivileges(value, machine) {
	const file = parseProperties(value, "file").get("file");
	const storage = storageOfVolume(file);
	const isNew = file !== void 0 && (/:\d+(\.\d+)?$/.test(file) || file.endsWith(":cloudinit"));
	const source = imageOfDrive(value) !== void 0 ? machine.storage.images : file?.includes(":iso/") ? storage : void 0;
	return [...isNew ? [{
		path: `/storage/${storage}`,
		privileges: ["Datastore.AllocateSpace"]
	}] : [], ...source === void 0 ? [] : [{
		path: `/storage/${source}`,
		privileges: ["Datastore.Audit", "Datastore.AllocateSpace"]
	}]];
}
/** Plain bridges are in the zone `localnetwork`. A VLAN is a path below its bridge. */
function bridgePath({ bridge, vlan }) {
	return `/sdn/zones/localnetwork/${bridge}${vlan === void 0 ? "" : `/${vlan}`}`;
}

// ../core/dist/plan/step.js
/** Returns true if a step will run. */
function runs({ action, problem }) {
	return action === "run" && problem === void 0;
}

// ../core/dist/plan/preflight/subject.js
function subjectOf$1(planned) {
	return {
		...planned,
		machines: new Map(planned.desired.machines.map((machine) => [machine.name, machine])),
		guests: new Map(planned.facts.guests.map((guest) => [guest.vmid, guest]))
	};
}
/** Returns the steps that will run. */
function runningSteps({ steps }) {
	return steps.filter(runs);
}
/** Returns the steps that will create or change a machine, with the machine. */
function machineSteps(subject) {
	return runningSteps(subject).flatMap((step) => {
		if (step.kind !== "create" && step.kind !== "replace" && step.kind !== "update") return [];
		const machine = subject.machines.get(step.machine);
		return machine === void 0 ? [] : [{
			step,
			machine
		}];
	});
}
/** Returns true if a step changes a key of the manifest. A new machine gets all of them. */
function changesKey(step, key) {
	return step.kind !== "update" || step.changes.some((change) => change.key.split(/[[.]/, 1)[0] === key);
}

// ../core/dist/plan/preflight/preflight-cluster.js
const OLDEST = {
	major: 8,
	minor: 4
};
/** `import` content for qcow2 and raw exists since Proxmox VE 8.4. Before, images need a shell on the node. */
function checkVersion({ facts: { cluster: { version } } }) {
	const { major, minor, text } = version;
	if (major > OLDEST.major || major === OLDEST.major && minor >= OLDEST.minor) return [];
	return conflict(`Proxmox VE ${text} is too old: images are imported by its API since 8.4.`, "Upgrade to Proxmox VE 9, or at least to 8.4.");
}
/** If there are several nodes to choose from, an unknown one among them is an error too. */
function checkNodes(subject) {
	const { nodes } = subject.facts.cluster;
	const known = new Map(nodes.map((node) => [node.name, node]));
	const machines = machineSteps(subject);
	const places = machines.map(({ machine }) => machine);
	const used = runningSteps(subject).flatMap((step) => nodesOf(step).map((name) => ({
		name,
		step: step.id
	})));
	const declared = machines.flatMap(({ step, machine }) => step.kind === "create" ? machine.nodes.map((name) => ({
		name,
		step: step.id
	})) : []);
	const unknown = [...used, ...declared].filter(({ name }) => !known.has(name));
	const offline = used.filter(({ name }) => known.get(name)?.online === false);
	return uniqueProblems([...unknown.flatMap(({ name, step }) => conflict(`There is no node ${name}.`, `Nodes are ${[...known.keys()].join(", ")}.`, {
		at: placeOfNode(name, places),
		steps: [step]
	})), ...offline.flatMap(({ name, step }) => conflict(`Node ${name} is offline.`, `Bring ${name} back online, or use another node.`, {
		at: placeOfNode(name, places),
		steps: [step]
	}))]);
}
/** Returns where the manifest first names a node. */
function placeOfNode(name, machines) {
	const machine = machines.find(({ nodes }) => nodes.includes(name));
	return machine && positionOf$1(machine, machine.declared.has("nodes") ? "nodes" : "node");
}
/** Checks pools that the token can see. If it cannot see a pool, the missing privilege is reported instead. */
function checkPools(subject) {
	const { facts } = subject;
	const { pools } = facts;
	if (pools === void 0) return [];
	const has = privilegesIn(facts);
	const problems = machineSteps(subject).flatMap(({ machine, step }) => {
		const { pool } = machine;
		return pool === void 0 || pools.has(pool) || !changesKey(step, "pool") || !has(`/pool/${pool}`, "Pool.Audit") ? [] : conflict(`There is no pool ${pool}.`, `pvesh create /pools --poolid ${pool}`, {
			at: positionOf$1(machine, "pool"),
			steps: [step.id]
		});
	});
	return uniqueProblems(problems);
}
/** Returns the nodes of a step. */
function nodesOf(step) {
	if ("at" in step) return [step.at.node];
	return "node" in step ? [step.node] : [];
}
/** Checks bridges that the token can see. If it cannot see a bridge, the missing privilege is reported instead. */
function checkBridges(subject) {
	const { facts } = subject;
	const has = privilegesIn(facts);
	const problems = machineSteps(subject).flatMap(({ machine, step }) => {
		const there = facts.cluster.bridges.get(step.node);
		if (there === void 0 || there.size === 0 || !changesKey(step, "network")) return [];
		const missing = machine.networks.filter((network) => !there.has(network.bridge) && has(bridgePath(network), "SDN.Use"));
		const at = {
			at: positionOf$1(machine, "network"),
			steps: [step.id]
		};
		return [...missing.flatMap(({ bridge }) => conflict(`There is no bridge ${bridge} on ${step.node}.`, `Bridges on ${step.node} are ${[...there].join(", ")}.`, at)), ...machine.networks.flatMap((network) => {
			const limits = facts.cluster.bridgeLimits?.[step.node]?.[network.bridge];
			const [message, hint] = beyondBridge(machine.name, network, {
				node: step.node,
				...limits
			}) ?? [];
			return message === void 0 || hint === void 0 ? [] : conflict(message, hint, at);
		})];
	});
	return uniqueProblems(problems);
}
/**
* Proxmox accepts such a card and does not start the VM (pve-common `Network.pm`, qemu-server `print_netdevice_full`).
* Trap: `pvesh set` of one option of a bridge removes its address, so it is no hint.
*/
function beyondBridge(name, { bridge, model, trunks = [], mtu }, limits) {
	const where = `${bridge} on ${limits.node}`;
	if (trunks.length > 0 && limits.noTrunks) return [`${name} has \`trunks\`, but ${where} is not VLAN-aware, so it could not start.`, `Remove \`trunks\`, or make the bridge VLAN-aware: web interface → ${limits.node} → System → Network → ${bridge}, then "Apply Configuration".`];
	if (model === "virtio" && mtu !== void 0 && limits.mtu !== void 0 && mtu > limits.mtu) return [`${name} has an MTU of ${mtu}, but ${where} has ${limits.mtu}, so it could not start.`, "Set a smaller `mtu`: 1 stands for the MTU of the bridge."];
}

// ../core/dist/plan/preflight/preflight-ha.js
/** Groups were replaced by rules in Proxmox VE 9 (pve-ha-manager `API2/HA/Resources.pm`). */
function checkHa(subject) {
	return uniqueProblems(machineSteps(subject).flatMap(({ machine, step }) => wrongSettings(machine, subject.facts).flatMap(([message, hint]) => conflict(message, hint, {
		at: positionOf$1(machine, "ha"),
		steps: [step.id]
	}))));
}
function wrongSettings({ entry, ha }, { cluster, haGroups }) {
	if (ha === void 0) return [];
	const { major, text } = cluster.version;
	const place = `\`ha\` of ${entry}`;
	const nodes = cluster.nodes.map(({ name }) => name);
	const strangers = (ha.nodes ?? []).map((node) => node.replace(/:.*/, "")).filter((node) => !nodes.includes(node));
	return [
		...ha.group !== void 0 && major < 9 && haGroups?.has(ha.group) === false ? [missingGroup(`${place} names ${ha.group}`, haGroups)] : [],
		...ha.group !== void 0 && major >= 9 ? [[`${place} has a group, but Proxmox VE ${text} no longer supports HA groups.`, `Use \`nodes: [${nodes.join(", ")}]\` instead.`]] : [],
		...ha.nodes !== void 0 && major < 9 ? [[`${place} has nodes, but Proxmox VE ${text} does not support HA rules.`, "Use `group` with the name of an HA group instead."]] : [],
		...strangers.map((node) => [`${place} has ${node}, which is not a node.`, `Nodes are ${nodes.join(", ")}.`])
	];
}
/** Proxmox accepts such a group for a new service, and refuses it for one that is there. */
function missingGroup(place, groups) {
	const known = groups.size === 0 ? "" : ` HA groups are ${[...groups].join(", ")}.`;
	return [`${place}, and there is no such HA group.`, `Create it under Datacenter → HA → Groups.${known}`];
}

// ../core/dist/plan/build/built-facts.js
/** Returns the facts. There is no address, and the size is the recipe's or that of the base image. */
function builtFacts(image, base, project) {
	const { name, build } = image;
	const virtualSizeBytes = build.diskBytes ?? base.virtualSizeBytes;
	return {
		name,
		digest: `sha256:${bytesToHex(sha256(utf8ToBytes(`${base.digest} ${recipeHash(image, project)}`)))}`,
		digestFrom: "none",
		url: new URL(`build:${encodeURIComponent(name)}`),
		signature: base.signature,
		compression: "none",
		...virtualSizeBytes !== void 0 && { virtualSizeBytes }
	};
}

// ../core/dist/facts/images/packing.js
/** `a tar archive compressed with xz`, `compressed with zstd`, `none`. Undefined if nothing is known yet. */
function packingOf({ compression, archive, member }) {
	if (compression === void 0) return void 0;
	const packer = compression === "none" ? "" : `compressed with ${compression}`;
	if (archive === void 0) return packer === "" ? "none" : packer;
	const inside = member === void 0 ? "" : `, and \`${member}\` is the image in it`;
	return `a ${archive} archive${packer && ` ${packer}`}${inside}`;
}

// ../core/dist/plan/route.js
/** Formats that Proxmox accepts as `import` content. */
const IMPORTABLE = [
	"qcow2",
	"raw",
	"vmdk"
];
/**
* Decides where an image is converted. Proxmox converts if it can: its import writes each disk anyway, the vendor's
* compressed file is the smallest to send, and Proxmox can often download that file itself. The local computer converts
* what Proxmox cannot read, and what it writes into the storage's folder itself.
*/
function chooseConversion(image, facts, disks) {
	const { format: wanted, convert, route } = image;
	const source = facts.format;
	const isOnFiles = disks !== void 0 && isFileBased(disks.type);
	if (facts.volume !== void 0) return {
		recipe: "as-is",
		...wanted !== void 0 && isOnFiles ? { importFormat: wanted } : {},
		why: "it is already a volume on the storage, so only Proxmox can convert it"
	};
	if (source !== void 0 && !IMPORTABLE.includes(source)) return {
		recipe: wanted ?? "qcow2",
		why: `Proxmox cannot import ${source}`
	};
	if (wanted === void 0) return {
		recipe: "as-is",
		why: "no other format is set"
	};
	if (source === wanted) return {
		recipe: "as-is",
		why: `it is already ${wanted}`
	};
	if (convert === "runner") return {
		recipe: wanted,
		why: "the manifest sets conversion on this computer"
	};
	if (disks !== void 0 && !isOnFiles) return {
		recipe: "as-is",
		why: `${disks.storage} (${disks.type}) always stores raw: Proxmox converts during the import`
	};
	if (convert === "proxmox") return {
		recipe: "as-is",
		importFormat: wanted,
		why: "the manifest leaves conversion to Proxmox"
	};
	if (route === "local") return {
		recipe: wanted,
		why: `the manifest sets ${wanted}, and it is written to the folder in that format`
	};
	return {
		recipe: "as-is",
		importFormat: wanted,
		why: "Proxmox converts it once, during the import of the template"
	};
}
/** Decides between pull and push for one storage. The manifest's own choice wins. */
function chooseRoute(image, { facts, conversion, cluster, at }) {
	if (image.route !== "auto") return {
		route: image.route,
		why: `the manifest sets ${image.route}`
	};
	const obstacle = secretObstacle(image, facts) ?? pullObstacle({
		facts,
		conversion,
		cluster,
		at
	});
	if (obstacle !== void 0) return {
		route: "push",
		why: obstacle
	};
	return {
		route: "pull",
		why: "Proxmox can download and verify it"
	};
}
/** Like `chooseRoute`, for an ISO, which is stored as it is. Its content need not be known. */
function chooseIsoRoute(image, { facts, cluster, at }) {
	if (image.route === "pull") return {
		route: "pull",
		why: "the manifest sets pull"
	};
	if (image.route !== "auto") return {
		route: "push",
		why: `the manifest sets ${image.route}`
	};
	const obstacle = facts.file !== void 0 ? "it is a file here" : secretObstacle(image, facts) ?? (mayDownload({ cluster }, at.node) ? void 0 : `the token has no Sys.AccessNetwork on /nodes/${at.node}`);
	if (obstacle !== void 0) return {
		route: "push",
		why: obstacle
	};
	return {
		route: "pull",
		why: "Proxmox can download and verify it"
	};
}
/** Proxmox writes the address into its task log, where other users may read it. */
function secretObstacle(image, { url }) {
	const secrets = image.kind === "address" ? image.secrets : [];
	return holdsSecret(url, secrets) ? "its address contains a secret, which Proxmox would log" : void 0;
}
/** Returns why Proxmox cannot download an image itself, or undefined if it can. */
function pullObstacle({ facts, conversion, cluster, at }) {
	const { format, file } = facts;
	if (file !== void 0) return "it is a file here";
	const packing = packingOf(facts);
	if (conversion.recipe !== "as-is") return `it is converted to ${conversion.recipe} first`;
	if (packing !== void 0 && packing !== "none") return `it is ${packing}, which Proxmox does not decompress for an import`;
	if (packing === void 0 || format === void 0) return "its format is not known before the download";
	if (!mayDownload({ cluster }, at.node)) return `the token has no Sys.AccessNetwork on /nodes/${at.node}`;
}

// ../core/dist/plan/known-images.js
/** By image and by the storage of the machines' disks. Undefined if the image's digest is not available. */
function knownImages(context) {
	const found = (name) => {
		const [image, facts] = [context.desired.images.get(name), factsIn(context, name)];
		return image && facts && {
			image,
			facts
		};
	};
	const ways = remember((name) => {
		const entry = found(name);
		return entry === void 0 ? [] : waysOf(entry, context);
	});
	const learn = (name, disks) => {
		const entry = found(name);
		return entry && describe(entry, {
			ways: ways(name),
			conversion: conversionOf(entry, disks, context)
		});
	};
	return remember(learn, (name, disks) => `${name} ${storageKey(disks)}`);
}
/** Returns the facts of an image, or undefined. Those of an image that is built are derived from its base image. */
function factsIn({ facts, desired }, name) {
	const image = desired.images.get(name);
	if (image?.kind === "built") {
		const base = factsIn({
			facts,
			desired
		}, image.from);
		return base && builtFacts(image, base, desired.project);
	}
	const found = facts.images.get(name);
	return found instanceof ProvisionError ? void 0 : found;
}
function waysOf(entry, context) {
	return context.targets(entry.image.name).map((at) => ({
		recipe: conversionOf(entry, at.disks, context).recipe,
		place: placeOf$1(storageOf(context.facts, at.images), at.images)
	}));
}
function conversionOf({ image, facts }, at, context) {
	return chooseConversion(image, facts, storageOf(context.facts, at));
}
function describe({ image, facts }, { ways, conversion }) {
	const isMixed = new Set(ways.map(({ recipe }) => recipe)).size > 1;
	return {
		image,
		facts,
		conversion,
		base: baseOf(facts, conversion.importFormat ?? conversion.recipe),
		label: isMixed && conversion.recipe !== "as-is" ? `${image.name}+${conversion.recipe}` : image.name,
		volumes: new Set(ways.map(({ recipe, place }) => `${recipe} ${place}`)).size
	};
}
/** Caches the result of a function by its arguments. */
function remember(work, keyOf = (...[first]) => first) {
	const answers = /* @__PURE__ */ new Map();
	return (...question) => {
		const key = keyOf(...question);
		if (!answers.has(key)) answers.set(key, work(...question));
		return answers.get(key);
	};
}

// ../core/dist/plan/preflight/preflight-storages.js
function checkStorages(subject) {
	const { facts } = subject;
	const online = new Set(facts.cluster.nodes.flatMap((node) => node.online ? [node.name] : []));
	const steps = runningSteps(subject);
	const uses = steps.flatMap((step) => usesOf(step, subject)).filter(({ at }) => online.has(at.node));
	const named = new Set(steps.flatMap((step) => "machine" in step ? [step.machine] : []));
	const machines = subject.desired.machines.filter(({ name }) => named.has(name));
	const problems = uses.flatMap(({ step, ...use }) => checkUse(use, facts).map((problem) => ({
		...problem,
		...placeOfStorage(use.at.storage, machines),
		steps: [step]
	})));
	return uniqueProblems(problems);
}
/** Returns where the manifest first names a storage. */
function placeOfStorage(storage, machines) {
	for (const machine of machines) {
		const key = ["images", "disks"].find((one) => machine.storage[one] === storage);
		if (key !== void 0) return positionOf$1(machine, `storage.${key}`);
		const index = machine.disks.findIndex((disk) => disk.storage === storage);
		if (index >= 0) return positionOf$1(machine, `disks[${index}].storage`);
	}
}
function usesOf(step, subject) {
	return placesOf$1(step, subject).map((place) => ({
		...place,
		step: step.id
	}));
}
function placesOf$1(step, subject) {
	if (step.kind === "pull" || step.kind === "upload") return [{
		at: step.at,
		content: step.content ?? "import"
	}];
	if (step.kind === "stream") return [{
		at: step.at,
		content: "import"
	}];
	if (step.kind === "seed") return [{
		at: step.at,
		content: "iso"
	}];
	if (step.kind === "build") return [{
		at: step.at,
		content: "images"
	}, {
		at: step.cdAt,
		content: "iso"
	}];
	if (step.kind === "template") return [{
		at: step.at,
		content: "images"
	}];
	return diskStorages(step, subject).map(([node, storage]) => ({
		at: {
			node,
			storage
		},
		content: "images"
	}));
}
/** Returns node and storage of the disks that a step allocates. */
function diskStorages(step, { machines, verdicts }) {
	if (step.kind === "move-disks") return step.disks.map(({ to }) => [step.node, to]);
	if (step.kind === "update") {
		const { set = {} } = verdicts.get(step.machine) ?? {};
		return Object.values(set).flatMap((value) => storageOfNewDisk(value) ?? []).map((storage) => [step.node, storage]);
	}
	if (step.kind !== "create" && step.kind !== "replace") return [];
	const machine = machines.get(step.machine);
	if (machine === void 0) return [];
	const { storage, disks } = machine;
	return [storage.disks, ...disks.map((disk) => disk.storage ?? storage.disks)].map((name) => [step.node, name]);
}
/** Proxmox allocates `local:20` (GiB) and `local:cloudinit`. Other values name volumes that exist. */
function storageOfNewDisk(value) {
	return /^([a-zA-Z][\w.-]*):(?:\d+(?:\.\d+)?|cloudinit)(?:,|$)/.exec(textOf$3(value))?.[1];
}
function checkUse({ at, content }, facts) {
	const storage = storageOf(facts, at);
	if (storage === void 0) return checkMissing(at, facts);
	const place = placeOf$1(storage, at);
	if (!storage.active) return conflict(`Storage ${place} is not active on ${at.node}.`, `Look at \`pvesm status\` on ${at.node}.`);
	if (!canHold(storage, content)) return conflict(`Storage ${place} is of type ${storage.type}, which cannot hold ${content === "images" ? "disks" : "files"}.`, `Use another storage for ${content === "images" ? "`storage.disks`" : "`storage.images`"}.`);
	if (storage.content.has(content)) return [];
	const contents = [...storage.content, content].filter((one) => one !== "").sort().join(",");
	return conflict(`Storage ${at.storage} does not have the content type ${content}.`, `pvesm set ${at.storage} --content ${contents}`);
}
/** A storage that the token cannot see is not listed either. Then the missing privilege is reported instead. */
function checkMissing({ node, storage }, facts) {
	if (facts.cluster.disabledStorages?.has(storageKey({
		node,
		storage
	}))) return conflict(`Storage ${storage} is disabled on ${node}.`, `pvesm set ${storage} --disable 0`);
	if (!privilegesIn(facts)(`/storage/${storage}`, "Datastore.Audit")) return [];
	const known = facts.cluster.storages.filter((entry) => entry.node === node).map((entry) => entry.storage);
	return conflict(`There is no storage ${storage} on ${node}.`, known.length === 0 ? `The token sees no other storage there. Look at \`pvesm status\` on ${node}.` : `Storages on ${node} are ${known.join(", ")}.`);
}
function canHold({ type }, content) {
	return content === "images" ? holdsDisks(type) : isFileBased(type);
}

// ../core/dist/plan/preflight/preflight-space.js
/**
* Thick LVM allocates the full size of a disk at once. On other storages, disks grow later, and their final use is
* unknown.
*/
function checkSpace(subject) {
	const { facts } = subject;
	const loads = runningSteps(subject).flatMap((step) => loadsOf(step, subject).map((load) => ({
		...load,
		step: step.id
	})));
	const byPlace = Map.groupBy(loads, ({ at }) => placeOf$1(storageOf(facts, at), at));
	const machines = machineSteps(subject).map(({ machine }) => machine);
	return [...byPlace].flatMap(([place, all]) => {
		const [first] = all;
		const storage = first && storageOf(facts, first.at);
		if (storage === void 0) return [];
		return checkPlace(place, all, {
			storage,
			at: placeOfStorage(first?.at.storage ?? "", machines)
		});
	});
}
/** A step that needs more than there is fails alone. If all steps together do, it is not known which one fails. */
function checkPlace(place, loads, { storage: { availableBytes = Number.POSITIVE_INFINITY }, at }) {
	const steps = [...Map.groupBy(loads, ({ step }) => step).entries()];
	const tooBig = steps.filter(([, list]) => bytesIn(list) > availableBytes);
	const others = steps.filter(([, list]) => bytesIn(list) <= availableBytes).flatMap(([, list]) => list);
	const words = (list) => {
		const what = [...new Set(list.map((load) => load.what))].join(" and ");
		return `Storage ${place} has ${sizeText(availableBytes)} left, but ${what} of ${sizeText(bytesIn(list))} will be added.`;
	};
	const hint = `Free space on ${place}: \`pve-provision images prune\` removes unused images and templates.`;
	return [...tooBig.flatMap(([step, list]) => conflict(words(list), hint, {
		at,
		steps: [step]
	})), ...bytesIn(others) > availableBytes ? conflict(words(others), hint, { at }) : []];
}
function bytesIn(loads) {
	return loads.reduce((sum, load) => sum + load.bytes, 0);
}
function loadsOf(step, known) {
	if (step.kind === "pull" || step.kind === "upload" || step.kind === "stream") return [{
		at: step.at,
		what: "images",
		bytes: imageOf(step.image, known)?.sizeBytes ?? 0
	}];
	if (step.kind === "template" || step.kind === "build") return thick(known, step.at, imageOf(step.image, known)?.virtualSizeBytes ?? 0);
	if (step.kind === "create") return loadsOfNew(step, known);
	if (step.kind === "move-disks" || step.kind === "move") return movedDisks(step, known).flatMap(({ at, bytes }) => thick(known, at, bytes));
	return step.kind === "update" ? loadsOfChange(step, known) : [];
}
function imageOf(name, known) {
	return factsIn(known, name);
}
function thick({ facts }, at, bytes) {
	const storage = storageOf(facts, at);
	return storage === void 0 || isThin(storage.type) ? [] : [{
		at,
		what: "disks",
		bytes
	}];
}
function loadsOfNew({ machine: name, node, linked }, known) {
	const machine = known.machines.get(name);
	if (machine === void 0) return [];
	const image = imageOf(machine.image, known)?.virtualSizeBytes ?? 0;
	return [{
		...machine.disk,
		sizeBytes: Math.max(machine.disk.sizeBytes ?? 0, linked ? 0 : image)
	}, ...machine.disks].flatMap((disk) => loadOfDisk(disk, bytesOf(disk, known), {
		machine,
		node,
		known
	}));
}
/** Returns how many bytes a new disk uses. */
function bytesOf({ image, sizeBytes = 0 }, known) {
	const start = image === void 0 ? void 0 : imageOf(image, known)?.virtualSizeBytes;
	return Math.max(sizeBytes, start ?? 0);
}
function loadOfDisk({ storage }, bytes, { machine, node, known }) {
	return thick(known, {
		node,
		storage: storage ?? machine.storage.disks
	}, bytes);
}
/** Returns the disks of a step that are copied to another storage, or to a local storage of another node. */
function movedDisks(step, known) {
	const config = known.guests.get(step.vmid)?.config ?? {};
	const bytesAt = (at, key) => ({
		at,
		bytes: sizeOfDisk(config, key) ?? 0
	});
	if (step.kind === "move-disks") return step.disks.map(({ key, to }) => bytesAt({
		node: step.node,
		storage: to
	}, key));
	const before = new Map(runningSteps(known).flatMap((other) => other.kind === "move-disks" && other.vmid === step.vmid && step.needs.includes(other.id) ? other.disks.map(({ key, to }) => [key, to]) : []));
	return Object.keys(config).filter(isDriveKey).flatMap((key) => {
		const storage = before.get(key) ?? storageOfVolume(parseProperties(config[key], "file").get("file"));
		if (storage === void 0 || storageOf(known.facts, {
			node: step.node,
			storage
		})?.shared !== false) return [];
		return [bytesAt({
			node: step.to,
			storage
		}, key)];
	});
}
/**
* Returns a note for each thin storage that might be too small for the disks that move there. They use less than their
* full size, and Proxmox does not tell how much, so this is not a problem of the plan.
*/
function thinSpaceNotes(planned) {
	const subject = subjectOf$1(planned);
	const disks = runningSteps(subject).flatMap((step) => step.kind === "move-disks" || step.kind === "move" ? movedDisks(step, subject) : []).filter(({ at }) => isThin(storageOf(subject.facts, at)?.type ?? ""));
	return [...Map.groupBy(disks, ({ at }) => placeOf$1(storageOf(subject.facts, at), at))].flatMap(([place, all]) => {
		const [first] = all;
		const available = first && storageOf(subject.facts, first.at)?.availableBytes;
		const bytes = all.reduce((sum, disk) => sum + disk.bytes, 0);
		if (available === void 0 || bytes <= available) return [];
		return [`Storage ${place} has ${sizeText(available)} left. The disks that move there have ${sizeText(bytes)}, and how much of that is in use is not known: look at \`df -h\` in the guest first.`];
	});
}
/** Returns the space of added disks and of grown disks. */
function loadsOfChange({ machine: name, vmid, node }, known) {
	const machine = known.machines.get(name);
	const guest = known.guests.get(vmid);
	if (machine === void 0 || guest === void 0) return [];
	const verdict = known.verdicts.get(name);
	if (verdict === void 0) return [];
	const { set, grow } = verdict;
	const keys = diskKeys(machine, guest.config);
	const added = machine.disks.flatMap((disk, index) => {
		const key = keys[index + 1] ?? "";
		return key in set && guest.config[key] === void 0 ? loadOfDisk(disk, bytesOf(disk, known), {
			machine,
			node,
			known
		}) : [];
	});
	const grown = Object.entries(grow).flatMap(([key, bytes]) => {
		const storage = storageOfVolume(parseProperties(guest.config[key], "file").get("file"));
		const more = bytes - (sizeOfDisk(guest.config, key) ?? 0);
		return storage === void 0 ? [] : thick(known, {
			node,
			storage
		}, more);
	});
	return [...added, ...grown];
}

// ../core/dist/plan/preflight/template-privileges.js
function templateNeeds({ image, at }, { desired }) {
	const place = newGuestPlace(templatePool(image, desired));
	const why = `make the template of ${image}`;
	const privileges = [
		"VM.Allocate",
		"VM.Audit",
		"VM.Config.Disk",
		"VM.Config.CPU",
		"VM.Config.Memory",
		"VM.Config.HWType",
		"VM.Config.Options"
	];
	const users = desired.machines.filter((machine) => withBases(machine.image, desired.images).includes(image));
	const images = new Set(users.map(({ storage }) => storage.images));
	return [
		...privileges.map((privilege) => ({
			...place,
			privileges: [privilege],
			why
		})),
		...diskStorageNeeds(at.storage, why),
		...[...images].map((storage) => ({
			paths: [`/storage/${storage}`],
			privileges: ["Datastore.Audit", "Datastore.AllocateSpace"],
			why
		}))
	];
}
/** A build clones, configures and starts a guest, reads files in it, shuts it down and converts it. */
function buildNeeds(step, known) {
	const { desired, machines, facts, steps } = known;
	const [like, image] = [machines.get(step.like), desired.images.get(step.image)];
	if (like === void 0 || image?.kind !== "built") return [];
	const place = newGuestPlace(templatePool(step.image, desired));
	const why = `build the image ${step.image}`;
	const machine = buildMachine(like, step, image.build);
	const marker = {
		project: desired.project,
		name: "",
		kind: "template",
		image: "",
		base: "",
		spec: ""
	};
	const current = cloneConfig(step.at.storage);
	const update = buildConfig(machine, current, {
		marker,
		cd: `${step.cdAt.storage}:iso/build.iso`
	});
	const changes = {
		...Object.fromEntries(update.remove.map((key) => [key, ""])),
		...update.set
	};
	const source = steps.find(({ id }) => id === step.templateFrom)?.known?.guest;
	const guest = source && known.guests.get(source.vmid);
	const cloned = source ? guestPlace({
		vmid: source.vmid,
		...guest
	}, facts) : newGuestPlace(templatePool(step.from, desired));
	const asked = [
		"VM.Allocate",
		"VM.Audit",
		"VM.Config.Disk",
		"VM.PowerMgmt"
	];
	return [
		{
			...cloned,
			privileges: ["VM.Clone"],
			why: `clone the template of ${step.from}`
		},
		...asked.map((privilege) => ({
			...place,
			privileges: [privilege],
			why
		})),
		...configPrivileges(changes, {
			machine,
			current
		}).map((one) => ({
			...one.path === void 0 ? place : { paths: [one.path] },
			privileges: one.privileges,
			why
		})),
		{
			...place,
			privileges: agentPrivileges(facts, "VM.GuestAgent.FileRead"),
			why: `read the result of the build of ${step.image}`
		},
		...diskStorageNeeds(step.at.storage, why),
		...storeNeeds(step.cdAt.storage, `store the recipe of ${step.image}`)
	];
}

// ../core/dist/plan/preflight/step-privileges.js
/** Returns the requirements of one step. */
function needsOf(step, known) {
	const run = NEEDS[step.kind];
	return run?.(step, known) ?? [];
}
const NEEDS = {
	pull: ({ at, image }, { facts }) => [
		need(`/storage/${at.storage}`, "Datastore.AllocateTemplate", `store the image ${image}`),
		need(`/storage/${at.storage}`, "Datastore.Audit", "see what is on the storage"),
		...mayDownload(facts, at.node) ? [] : [need(`/nodes/${at.node}`, "Sys.AccessNetwork", `let ${at.node} download ${image}`)]
	],
	upload: ({ at, image }) => storeNeeds(at.storage, `store the image ${image}`),
	stream: ({ at, image }) => storeNeeds(at.storage, `store the image ${image}`),
	seed: ({ at, machine }) => storeNeeds(at.storage, `store the cloud-init documents of ${machine}`),
	"remove-volume": ({ at }) => [need(`/storage/${at.storage}`, "Datastore.Allocate", "remove images")],
	template: templateNeeds,
	build: buildNeeds,
	create: createNeeds,
	update: updateNeeds,
	start: ({ machine }, known) => [{
		...vmPlace(machine, known),
		privileges: ["VM.PowerMgmt"],
		why: `start ${machine}`
	}],
	wait: waitNeeds,
	destroy: destroyNeeds,
	adopt: ({ machine, vmid }, known) => markNeeds(`take ${machine} over`, vmid, known),
	replace: replaceNeeds,
	restart: ({ machine }, known) => [{
		...vmPlace(machine, known),
		privileges: ["VM.PowerMgmt"],
		why: `restart ${machine}`
	}],
	move: ({ machine, vmid }, { facts, guests }) => [{
		...guestPlace({
			vmid,
			...guests.get(vmid)
		}, facts),
		privileges: ["VM.Migrate"],
		why: `move ${machine}`
	}],
	"move-disks": moveDisksNeeds,
	"remove-disks": removeDisksNeeds,
	rename: ({ machine, vmid }, known) => markNeeds(`rename ${machine}`, vmid, known)
};
/** Name, description and tags are options (qemu-server `check_vm_modify_config_perm`). */
function markNeeds(why, vmid, { facts, guests }) {
	const place = guestPlace({
		vmid,
		...guests.get(vmid)
	}, facts);
	return ["VM.Audit", "VM.Config.Options"].map((privilege) => ({
		...place,
		privileges: [privilege],
		why
	}));
}
/** The old storage needs no privilege (qemu-server `move_vm_disk`). */
function moveDisksNeeds({ machine, vmid, disks }, { facts, guests }) {
	const place = guestPlace({
		vmid,
		...guests.get(vmid)
	}, facts);
	const why = `move disks of ${machine}`;
	const storages = [...new Set(disks.map(({ to }) => to))];
	return [...["VM.Audit", "VM.Config.Disk"].map((privilege) => ({
		...place,
		privileges: [privilege],
		why
	})), ...storages.flatMap((storage) => diskStorageNeeds(storage, why))];
}
/** The marker in the description also changes (qemu-server `try_deallocate_drive`, `check_vm_modify_config_perm`). */
function removeDisksNeeds({ machine, vmid, volumes }, { facts, guests }) {
	const place = guestPlace({
		vmid,
		...guests.get(vmid)
	}, facts);
	const why = `remove disks of ${machine}`;
	const storages = [...new Set(volumes.flatMap((volume) => storageOfVolume(volume) ?? []))];
	return [...[
		"VM.Audit",
		"VM.Config.Disk",
		"VM.Config.Options"
	].map((privilege) => ({
		...place,
		privileges: [privilege],
		why
	})), ...storages.map((storage) => need(`/storage/${storage}`, "Datastore.AllocateSpace", why))];
}
function destroyNeeds({ vmid, name }, { facts, guests }) {
	const guest = guests.get(vmid);
	const place = guestPlace({
		vmid,
		...guest
	}, facts);
	return [
		{
			...place,
			privileges: ["VM.Allocate"],
			why: `remove ${name}`
		},
		{
			...place,
			privileges: ["VM.Audit"],
			why: `read ${name}`
		},
		...guest?.status === "running" ? [{
			...place,
			privileges: ["VM.PowerMgmt"],
			why: `stop ${name}`
		}] : []
	];
}
function createNeeds(step, known) {
	const machine = known.machines.get(step.machine);
	if (machine === void 0) return [];
	const { project } = known.desired;
	const fresh = freshClone(machine, {
		project,
		node: step.node
	});
	const place = newGuestPlace(machine.pool);
	const why = `make ${machine.name}`;
	return [
		{
			...clonePlace(machine, known),
			privileges: ["VM.Clone"],
			why: `clone the template of ${machine.image}`
		},
		...["VM.Allocate", "VM.Audit"].map((privilege) => ({
			...place,
			privileges: [privilege],
			why
		})),
		...diskStorageNeeds(machine.storage.disks, why),
		...machine.pool === void 0 ? [] : [seePoolNeed(machine.pool)],
		...changeNeeds(machine, fresh, {
			place,
			known,
			verdict: compareMachine(machine, fresh, { project })
		})
	];
}
/** `/cluster/resources` shows a VM's pool only with Pool.Audit. Without it, every VM seems to be in none. */
function seePoolNeed(pool) {
	return need(`/pool/${pool}`, "Pool.Audit", "see which machines are in the pool");
}
/** Templates are in the pool of their machines, or in none. */
function clonePlace({ image, storage }, { desired, facts }) {
	const there = facts.guests.find(({ marker }) => marker.kind === "template" && marker.image === image && marker.storage === storage.disks);
	return there ? guestPlace(there, facts) : newGuestPlace(templatePool(image, desired));
}
function freshClone({ name, image, pool, storage }, { project, node }) {
	return {
		vmid: 0,
		node,
		name,
		marker: {
			project,
			name,
			kind: "machine",
			image,
			base: "",
			spec: UNFINISHED
		},
		template: false,
		status: "stopped",
		config: cloneConfig(storage.disks),
		...pool !== void 0 && { pool }
	};
}
function updateNeeds(step, known) {
	const [machine, guest] = [known.machines.get(step.machine), known.guests.get(step.vmid)];
	const verdict = known.verdicts.get(step.machine);
	if (machine === void 0 || guest === void 0 || verdict === void 0) return [];
	const place = guestPlace(guest, known.facts);
	return [
		{
			...place,
			privileges: ["VM.Audit"],
			why: `read ${machine.name}`
		},
		...changeNeeds(machine, guest, {
			place,
			known,
			verdict: knowingPool(verdict, guest, known.facts)
		}),
		...machine.pool === void 0 ? [] : [seePoolNeed(machine.pool)]
	];
}
/**
* If the token cannot see pools, a VM that seems to be in no pool may be in the right one. Report the missing privilege
* first.
*/
function knowingPool({ pool, ...verdict }, guest, facts) {
	if (pool === void 0) return verdict;
	return guest.pool === void 0 && !privilegesIn(facts)(`/pool/${pool}`, "Pool.Audit") ? verdict : {
		...verdict,
		pool
	};
}
/** Returns the requirements of exactly the change that the update step will send. */
function changeNeeds(machine, guest, { place, known, verdict }) {
	const { set, remove, grow, pool, ha } = verdict;
	const why = `configure ${machine.name}`;
	const changes = {
		...Object.fromEntries(remove.map((key) => [key, ""])),
		...set
	};
	return [
		...configPrivileges(changes, {
			machine,
			current: guest.config
		}).map((one) => ({
			...one.path === void 0 ? place : { paths: [one.path] },
			privileges: one.privileges,
			why
		})),
		...[...new Set(Object.keys(grow).map((key) => storageOfDrive(guest.config[key])))].flatMap((storage) => storage === void 0 ? [] : [need(`/storage/${storage}`, "Datastore.AllocateSpace", `grow disks of ${machine.name}`)]),
		...Object.keys(grow).length > 0 || machine.disk.sizeBytes !== void 0 && guest.vmid === 0 ? [{
			...place,
			privileges: ["VM.Config.Disk"],
			why: `grow the disk of ${machine.name}`
		}] : [],
		...pool === void 0 ? [] : moveNeeds({
			...guest,
			name: machine.name
		}, pool, known),
		...ha ? haNeeds(machine.name) : []
	];
}
/** Leaving the current pool requires a privilege too (pve-manager `Pool.pm`, `update_pool`). */
function moveNeeds(guest, to, { facts }) {
	const why = `put ${guest.name} into the pool ${to}`;
	return [...[to, ...guest.pool === void 0 ? [] : [guest.pool]].map((pool) => need(`/pool/${pool}`, "Pool.Allocate", why)), {
		...guestPlace(guest, facts),
		privileges: ["VM.Allocate"],
		why
	}];
}
function storageOfDrive(drive) {
	return storageOfVolume(parseProperties(drive, "file").get("file"));
}
function vmPlace(name, { machines, facts }) {
	const guest = facts.guests.find(({ marker }) => marker.kind === "machine" && marker.name === name);
	return guest ? guestPlace(guest, facts) : newGuestPlace(machines.get(name)?.pool);
}
/** Proxmox VE 9 has separate privileges for the guest agent. VM.Monitor, which 8 requires, no longer exists there. */
function waitNeeds({ machine: name }, known) {
	if (known.machines.get(name)?.wait.for !== "agent") return [];
	const place = vmPlace(name, known);
	const why = `ask the guest agent of ${name}`;
	return [{
		...place,
		privileges: agentPrivileges(known.facts, "VM.GuestAgent.Audit"),
		why
	}];
}
/** The new VM is created like any other. The old one is marked and stopped, gives up its disks, and is removed. */
function replaceNeeds(step, known) {
	const { machine, node, old } = step;
	const guest = known.guests.get(old.vmid);
	const place = guestPlace({
		vmid: old.vmid,
		...guest
	}, known.facts);
	const why = `replace ${machine}`;
	const privileges = [
		"VM.Audit",
		"VM.Config.Options",
		"VM.Config.Disk",
		"VM.PowerMgmt",
		"VM.Allocate"
	];
	return [
		...createNeeds({
			...step,
			kind: "create",
			id: `create:${machine}`,
			node
		}, known),
		...privileges.map((privilege) => ({
			...place,
			privileges: [privilege],
			why
		})),
		...guest?.ha === void 0 ? [] : haNeeds(machine)
	];
}
function haNeeds(machine) {
	return ["Sys.Audit", "Sys.Console"].map((privilege) => need("/", privilege, `manage HA of ${machine}`));
}

// ../core/dist/plan/preflight/privileges.js
/** Returns each required privilege once. A choice of privileges is dropped if one of them is required anyway. */
function neededPrivileges(subject) {
	const needs = [...runningSteps(subject).flatMap((step) => needsOf(step, subject)), ...sightNeeds(subject)];
	const byWhat = Map.groupBy(needs, ({ paths, privileges }) => JSON.stringify([paths, privileges]));
	return [...byWhat.values()].flatMap(([first]) => {
		if (first === void 0) return [];
		const { paths, privileges } = first;
		return privileges.length > 1 && privileges.some((one) => byWhat.has(JSON.stringify([paths, [one]]))) ? [] : [first];
	});
}
/** A machine that the token may not see looks like one that does not exist. */
function sightNeeds({ machines, facts }) {
	const seen = new Set(facts.guests.map(({ marker }) => marker.name));
	return [...machines.values()].flatMap(({ name, pool }) => seen.has(name) ? [] : [{
		...newGuestPlace(pool),
		privileges: ["VM.Audit"],
		why: `see if ${name} exists`
	}]);
}
/** Returns the requirements that the token does not meet, judging by `/access/permissions`. */
function missingPrivileges(needs, facts) {
	const has = privilegesIn(facts);
	return needs.filter(({ paths, privileges }) => !paths.some((path) => privileges.some((privilege) => has(path, privilege))));
}

// ../core/dist/plan/preflight/pveum.js
/**
* Returns commands for a root shell on any node: a role for each set of privileges, and its grants. A token with
* privilege separation has only what both it and its user have, so both get the grant. Trap: a grant on a path replaces
* what it inherits, so a role contains the existing privileges on its path as well as the missing ones.
*/
function pveumLines(missing, { identity, held }) {
	const byPath = new Map(missing.map((need) => [grantPath(need), new Set(held(grantPath(need)))]));
	for (const need of missing) byPath.get(grantPath(need))?.add(need.privileges[0]);
	const paths = [...byPath.keys()].sort();
	return [...Map.groupBy(paths, (path) => `${areaOf(path)} ${[...byPath.get(path) ?? []].sort().join(",")}`)].flatMap(([role, granted]) => {
		const [area = "", privileges = ""] = role.split(" ");
		const name = roleName(area, privileges);
		return [`pveum role add ${name} --privs '${privileges}' || pveum role modify ${name} --privs '${privileges}'`, ...granted.map((path) => `pveum acl modify ${path} ${granteeOf(identity)} --roles ${name}`)];
	});
}
/** Returns the path on which to grant a missing privilege. */
function grantPath({ paths, grantOn }) {
	return grantOn ?? paths[0];
}
function areaOf(path) {
	return path.split("/")[1] || "root";
}
/**
* `ProvisionVms-1a2b3c4d`: named after its content, so that a role of another token is never extended. `PVE…` is
* reserved for built-in roles.
*/
function roleName(area, privileges) {
	return `Provision${area.charAt(0).toUpperCase()}${area.slice(1)}-${hash16(privileges).slice(0, 8)}`;
}
function granteeOf(identity) {
	const [user = identity, token] = identity.split("!");
	if (token === void 0) return `--users ${user}`;
	return user === "root@pam" ? `--tokens '${identity}'` : `--users ${user} --tokens '${identity}'`;
}

// ../core/dist/plan/preflight/preflight.js
/** Checks that read facts which may come from the cache: see `SlowFacts`. */
const ABOUT_CACHED = /* @__PURE__ */ new Set([
	"version",
	"bridges",
	"privileges"
]);
/** Returns true if the check may be wrong because its facts are old. */
function readsCachedFacts({ about }) {
	return ABOUT_CACHED.has(about);
}
/**
* Checks the steps that will run, and returns one result for each subject. Steps that wait for a failing one are checked
* too, to report everything at once.
*/
function checksOf(planned) {
	const subject = subjectOf$1(planned);
	return [
		{
			about: "version",
			problems: checkVersion(subject)
		},
		{
			about: "nodes",
			problems: [...checkNodes(subject), ...checkHa(subject)]
		},
		{
			about: "pools",
			problems: checkPools(subject)
		},
		{
			about: "storages",
			problems: checkStorages(subject)
		},
		{
			about: "bridges",
			problems: checkBridges(subject)
		},
		{
			about: "space",
			problems: checkSpace(subject)
		},
		{
			about: "privileges",
			problems: [...permissionProblems(neededPrivileges(subject), subject.facts), ...checkOwnTag(subject)]
		}
	];
}
/** Without its tag, this program would not find again what it creates. */
function checkOwnTag(subject) {
	const { facts } = subject;
	if (!runningSteps(subject).some(({ kind }) => kind === "template" || kind === "build" || kind === "create") || !isForbiddenTag("pve-provision", facts)) return [];
	const { identity = "This token" } = facts.cluster;
	return [{
		code: "PERMISSION",
		message: `${identity} may not set the tag ${OWNER_TAG}, which marks machines as managed.`,
		hint: tagHint([OWNER_TAG], facts)
	}];
}
/**
* Throws one error for all problems. @throws ProvisionError `CONFLICT`, or `PERMISSION` if only privileges are missing
*/
function refuse(problems) {
	const general = problems.filter(({ step }) => step === void 0);
	const [first] = general;
	if (first === void 0) return;
	const code = general.every((problem) => problem.code === "PERMISSION") ? "PERMISSION" : "CONFLICT";
	const messages = general.map(({ message }) => message);
	const message = general.length === 1 ? first.message : `${general.length} problems block this:\n${messages.map((one) => `- ${one}`).join("\n")}`;
	throw new ProvisionError(code, message, {
		hint: general.map(({ hint }) => hint).join("\n"),
		details: { problems: messages }
	});
}
/** Returns true if the token can see any VM. Without VM.Audit, a full cluster looks empty. */
function hasVisibility({ cluster }) {
	return Object.values(cluster.permissions).some((held) => "VM.Audit" in held);
}
/**
* For operations on existing machines only: not seeing any must not be taken for having none.
* @throws ProvisionError `PERMISSION`
*/
function requireVisibility({ machines, project }, facts) {
	if (hasVisibility(facts)) return;
	const pools = [...new Set(machines.flatMap(({ pool }) => pool ?? []))];
	requireNeeds((pools.length > 0 ? pools.map((pool) => `/pool/${pool}`) : ["/vms"]).map((path) => ({
		paths: [path],
		privileges: ["VM.Audit"],
		why: `see the machines of ${project}`
	})), facts);
}
/**
* For the removal of images: not seeing a storage must not be taken for an empty one.
* @throws ProvisionError `PERMISSION`
*/
function requireStorages({ machines }, facts) {
	requireNeeds([...new Set(machines.map(({ storage }) => storage.images))].map((storage) => need(`/storage/${storage}`, "Datastore.Audit", "see what is on the storage")), facts);
}
function requireNeeds(needs, facts) {
	const [problem] = permissionProblems(needs, facts);
	if (problem !== void 0) throw new ProvisionError("PERMISSION", problem.message, { hint: problem.hint });
}
/** A shell comment, so that the lines can be pasted as they are. */
const POOL_ADVICE = "# /vms covers every VM: with a `pool` in the manifest, a grant on that pool is enough.";
function permissionProblems(needs, facts) {
	const missing = missingPrivileges(needs, facts);
	if (missing.length === 0) return [];
	const { identity = "USER@REALM!TOKEN" } = facts.cluster;
	return [{
		code: "PERMISSION",
		message: `${identity} lacks privileges ${[...Map.groupBy(missing, grantPath)].map(describeMissing).join("; ")}.`,
		hint: [
			"As root on any node:",
			...pveumLines(missing, {
				identity,
				held: heldPrivileges(facts)
			}),
			...missing.some((need) => grantPath(need) === "/vms") ? [POOL_ADVICE] : []
		].join("\n")
	}];
}
/**
* `on /vms VM.Allocate, VM.Clone (to make web-1, make web-2, …)`. Other paths that would also do are named if they are
* the same for all.
*/
function describeMissing([grant, needs]) {
	const [place = grant, ...others] = new Set(needs.map(({ paths, grantOn }) => grantOn ?? paths.join(" or ")));
	const path = others.length === 0 ? place : grant;
	const reasons = [...new Set(needs.map(({ why }) => why))];
	const shown = reasons.length > 3 ? [...reasons.slice(0, 3), "…"] : reasons;
	return `on ${path} ${[...new Set(needs.map((need) => need.privileges.join(" or ")))].join(", ")} (to ${shown.join(", ")})`;
}

// ../core/dist/plan/complete-plan.js
/** Checks a draft once and completes it. */
function completePlan({ verdicts = /* @__PURE__ */ new Map(), found = [], ...draft }, { desired, facts }) {
	const { orphans } = draft;
	const checks = draft.steps.some(({ action }) => action === "run") ? checksOf({
		desired,
		facts,
		steps: draft.steps,
		verdicts
	}) : [];
	const steps = withProblems(draft.steps, checks);
	const machines = withBlocked({
		steps,
		machines: draft.machines
	});
	const byName = new Map(desired.machines.map((machine) => [machine.name, machine]));
	const specOf = (name) => {
		const machine = byName.get(name);
		return machine === void 0 ? "" : specHash(machine, desired.project);
	};
	const problems = uniqueProblems([...checks.flatMap((check) => check.problems), ...stepProblems([...found, ...ownProblems(draft.steps)], {
		steps: draft.steps,
		desired
	})]);
	return {
		...draft,
		steps,
		machines,
		problems: problems.map((problem) => inPlan(problem, {
			steps,
			draft: draft.steps
		})),
		...isFromCache(checks, found) && { restsOnCache: true },
		notes: [
			...machineNotes(machines),
			...doubtfulImageNotes(facts),
			...thinSpaceNotes({
				desired,
				facts,
				steps,
				verdicts
			}),
			...draft.notes,
			...orphanNotes(orphans, desired.project)
		],
		...digestsOf({
			machines,
			steps,
			specOf,
			nodesOf: (name) => byName.get(name)?.nodes ?? [],
			replacedOf: replacedIn({
				desired,
				facts
			})
		})
	};
}
/** Identifies old VMs by their UUID, which Proxmox generates for each clone. */
function replacedIn({ desired: { machines }, facts: { guests } }) {
	const current = guestsByMachine(machines, guests);
	return (name) => {
		const old = guests.find(({ marker }) => marker.name === retiredName(name)) ?? current.get(name);
		return old === void 0 ? "" : `${old.vmid} ${parseProperties(old.config.smbios1, "uuid").get("uuid") ?? ""}`;
	};
}
/** Names the first step of the plan that fails with a problem. If it was dropped, names the step that needed it. */
function inPlan({ steps: failing, ...problem }, { steps, draft }) {
	if (failing === void 0) return problem;
	const direct = steps.find(({ id }) => failing.includes(id));
	const byId = new Map(draft.map((step) => [step.id, step]));
	const isFor = (end) => [...withNeeds([end], { byId })].some(({ id }) => failing.includes(id));
	const indirect = direct === void 0 ? draft.find((step) => !isPreparing(step) && isFor(step)) : void 0;
	const step = direct ?? indirect;
	return {
		...problem,
		...step && { step: step.id }
	};
}
/** Adds the problems of checks to the steps that fail because of them. What only such steps need does not run either. */
function withProblems(steps, checks) {
	const failing = /* @__PURE__ */ new Map();
	for (const { code, message, hint, steps: ids = [] } of checks.flatMap((check) => check.problems)) for (const id of ids) if (!failing.has(id)) failing.set(id, new ProvisionError(code, message, { hint }));
	return withoutUnneeded(steps.map((step) => {
		const problem = failing.get(step.id);
		return problem === void 0 ? step : {
			...step,
			problem
		};
	}));
}
/** Images, templates and CDs are prepared for other steps. */
const PREPARING = /* @__PURE__ */ new Set([
	"resolve",
	"download",
	"convert",
	"pull",
	"upload",
	"stream",
	"template",
	"build",
	"seed"
]);
/** Removes the preparation that only steps need which fail by themselves. */
function withoutUnneeded(steps) {
	const ends = steps.filter((step) => !isPreparing(step));
	const failing = new Set(ends.filter(({ problem }) => problem !== void 0));
	if (failing.size === 0) return steps;
	const byId = new Map(steps.map((step) => [step.id, step]));
	const needed = withNeeds(ends.filter((step) => !failing.has(step)), {
		byId,
		stopsAt: failing
	});
	const wasFor = withNeeds([...failing], { byId });
	const isDropped = (step) => isPreparing(step) && step.action === "run" && !needed.has(step) && (runs(step) || wasFor.has(step));
	const dropped = new Set(steps.filter(isDropped).map(({ id }) => id));
	return steps.filter(({ id }) => !dropped.has(id)).map((step) => failing.has(step) ? {
		...step,
		needs: step.needs.filter((id) => !dropped.has(id))
	} : step);
}
/** Returns these steps and all that they need. What a step needs at which the search stops is left out. */
function withNeeds(steps, { byId, stopsAt = /* @__PURE__ */ new Set() }) {
	const found = /* @__PURE__ */ new Set();
	const visit = (step) => {
		if (found.has(step)) return;
		found.add(step);
		if (!stopsAt.has(step)) for (const need of step.needs.flatMap((id) => byId.get(id) ?? [])) visit(need);
	};
	for (const step of steps) visit(step);
	return found;
}
function isPreparing(step) {
	return step !== void 0 && PREPARING.has(step.kind);
}
/** Facts that come from the cache may be old. */
function isFromCache(checks, found) {
	return checks.some((check) => check.problems.length > 0 && readsCachedFacts(check)) || found.some(({ problem }) => problem.details.key === "tags");
}
/** A machine is blocked if its step cannot run, or needs a step that cannot run, such as its image. */
function withBlocked({ steps, machines }) {
	const blocked = blockedSteps({ steps });
	const names = new Set(steps.flatMap((step) => step.problem !== void 0 || blocked.has(step.id) ? machineOf$1(step) : []));
	return names.size === 0 ? machines : machines.map((machine) => names.has(machine.name) ? {
		...machine,
		action: "blocked"
	} : machine);
}
function machineOf$1(step) {
	if ("machine" in step) return [step.machine];
	return step.kind === "destroy" && !step.template ? [step.name] : [];
}
function ownProblems(steps) {
	return steps.flatMap(({ id, problem }) => problem === void 0 ? [] : [{
		step: id,
		problem
	}]);
}
function stepProblems(found, { steps, desired }) {
	if (found.length === 0) return [];
	const byId = new Map(steps.map((step) => [step.id, step]));
	const machines = new Map(desired.machines.map((machine) => [machine.name, machine]));
	return found.map(({ step, problem }) => {
		const at = byId.get(step);
		const machine = at !== void 0 && "machine" in at ? machines.get(at.machine) : void 0;
		const image = at !== void 0 && "image" in at ? desired.images.get(at.image) : void 0;
		const { key } = problem.details;
		return {
			...problemOfStep(step, problem, machine ? positionOf$1(machine, key) : image?.position),
			steps: [step]
		};
	});
}

// ../core/dist/plan/day-two/make-adopt-plan.js
/** Plans to mark these guests as machines of the manifest. Other differences are shown but not changed. */
function makeAdoptPlan({ desired, facts, adoptions }, { fromOthers = false } = {}) {
	const { guests } = facts;
	const planned = adoptions.map((adoption) => planAdoption(adoption, {
		desired,
		fromOthers,
		guests
	}));
	const own = new Set(adoptions.map(({ vmid }) => vmid));
	const others = guests.filter(({ vmid }) => !own.has(vmid));
	const known = {
		...facts,
		guests: [...others, ...adoptions.map((one) => asOurs(one, desired.project))]
	};
	const draft = {
		steps: planned.map(({ step }) => step),
		machines: planned.map(({ machine }) => machine),
		orphans: [],
		notes: []
	};
	return completePlan(draft, {
		desired,
		facts: known
	});
}
function planAdoption(adoption, { desired: { project }, fromOthers, guests }) {
	const { machine, vmid, node, config } = adoption;
	const known = guests.find((guest) => guest.vmid === vmid);
	if (isAdopted(machine, known?.marker, project)) return keepAdopted(adoption);
	const { changes, differences, problem: conflict } = compareMachine(machine, asOurs(adoption, project), { project });
	const problem = adoptable({
		machine,
		vmid,
		config,
		project,
		fromOthers,
		guests
	}) ?? (conflict && declareIt(machine, conflict));
	return {
		step: {
			id: `adopt:${machine.name}`,
			kind: "adopt",
			machine: machine.name,
			vmid,
			node,
			fromOthers,
			action: "run",
			why: `${vmid} on ${node} becomes ${machine.name} of ${project}; only its notes and tags change`,
			needs: [],
			lanes: [`node:${node}`],
			...problem && { problem }
		},
		machine: {
			name: machine.name,
			vmid,
			node,
			action: problem ? "blocked" : "adopt",
			changes,
			...differences.length > 0 && { differences }
		}
	};
}
/** It belongs to the project already. */
function keepAdopted({ machine: { name }, vmid, node }) {
	return {
		step: {
			id: `adopt:${name}`,
			kind: "adopt",
			machine: name,
			vmid,
			node,
			fromOthers: false,
			action: "keep",
			why: `${vmid} on ${node} is ${name} already`,
			needs: [],
			lanes: [],
			known: { guest: {
				vmid,
				node
			} }
		},
		machine: {
			name,
			vmid,
			node,
			action: "keep",
			changes: []
		}
	};
}
/** What cannot be changed in place would be a problem of every plan after the adoption. */
function declareIt({ name, entry }, { message, details }) {
	return new ProvisionError("CONFLICT", message, {
		hint: `Declare ${entry} as it is, then adopt it: pve-provision adopt ${name} ${details.vmid}`,
		details
	});
}
/** Returns the guest as it will be with the marker. */
function asOurs({ machine, vmid, node, config, status, pool, ha }, project) {
	const marker = adoptedMarker(machine, project);
	return {
		vmid,
		node,
		name: typeof config.name === "string" ? config.name : machine.name,
		marker,
		template: false,
		status,
		config: takenOver(config, marker),
		...pool !== void 0 && { pool },
		...ha && { ha }
	};
}

// ../core/dist/plan/linked-templates.js
/** Returns true if a drive of the guest is a linked clone. qemu-server writes the base into the volume name. */
function isLinkedTo({ config, vmid }, template) {
	const base = new RegExp(`[:/]base-${template.vmid}-disk-\\d+[^/]*/`);
	const drives = Object.entries(config).filter(([key]) => /^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/.test(key));
	return vmid !== template.vmid && drives.some(([, drive]) => typeof drive === "string" && base.test(drive));
}
/** Returns the unused templates that can be removed: those without a linked clone that stays. */
function removableTemplates(unused, guests) {
	const going = new Set(unused);
	const isHeld = (template) => guests.some((guest) => !going.has(guest) && isLinkedTo(guest, template));
	for (let held = unused.filter(isHeld); held.length > 0; held = [...going].filter(isHeld)) for (const template of held) going.delete(template);
	return [...going];
}

// ../core/dist/plan/destroy-step.js
/** Creates the step. */
function destroyStep(guest, why, needs = []) {
	const { name, kind } = guest.marker;
	const seed = kind === "template" ? buildCdOf(guest.config) : seedOf(guest.config, name);
	return {
		id: `destroy:${kind === "template" ? `${guest.name}@${guest.node}` : name}`,
		kind: "destroy",
		name,
		vmid: guest.vmid,
		node: guest.node,
		template: kind === "template",
		...seed !== void 0 && { seed },
		action: "run",
		why,
		needs,
		lanes: [...kind === "template" ? baseLanes(guest) : [], `node:${guest.node}`]
	};
}
/**
* Two removals of templates on one storage may wait for its lock longer than Proxmox's timeout, so they share a lane.
*/
function baseLanes({ config }) {
	const storages = Object.values(config).flatMap((value) => /^([\w.-]+):(?:\d+\/)?base-\d+-/.exec(String(value))?.[1] ?? []);
	return [...new Set(storages)].map((storage) => `base:${storage}`);
}
/** Returns the steps that remove templates. A linked clone is removed before its template. */
function templateSteps(templates, whyOf, needs = []) {
	const left = new Set(templates);
	const steps = /* @__PURE__ */ new Map();
	while (left.size > 0) {
		const free = [...left].filter((template) => ![...left].some((other) => isLinkedTo(other, template)));
		for (const template of free.length > 0 ? free : left) {
			const linked = [...steps].flatMap(([other, { id }]) => isLinkedTo(other, template) ? [id] : []);
			steps.set(template, destroyStep(template, whyOf(template), [...needs, ...linked]));
			left.delete(template);
		}
	}
	return [...steps.values()];
}
/** Returns the same step, with a problem if the machine is protected. */
function guarded(step, guest, desired) {
	return !isProtected(guest) || mayUnprotect(guest.marker.name, desired) ? step : {
		...step,
		problem: protectedError(guest)
	};
}
/** Returns the same step without the removal of the cloud-init ISO. */
function withoutSeed(step) {
	if (step.kind !== "destroy") return step;
	const { seed: _, ...rest } = step;
	return rest;
}

// ../core/dist/plan/make-destroy-plan.js
/**
* Plans the removal of everything with this project's marker, except machines of its other manifest files. Image volumes
* stay: see `images prune`.
* @throws ProvisionError `USAGE` for an unknown name in `only`
*/
function makeDestroyPlan(desired, facts, options = {}) {
	const { only = [], expiredAtMs, orphans = false } = options;
	const machines = facts.guests.filter(({ marker }) => marker.kind === "machine");
	const isPart = only.length > 0 || expiredAtMs !== void 0 || orphans;
	const others = isPart && !orphans ? [] : [...otherFiles(desired, facts).values()].flat();
	const own = machines.filter((guest) => !others.includes(guest));
	const isDue = (guest) => expiredAtMs === void 0 || isExpired(guest, expiredAtMs);
	const steps = uniquelyNamed(namedGuests(orphans ? orphanGuests(machines, desired, facts) : own, desired, only).filter(isDue).map((guest) => guarded(destroyStep(guest, whyOf(guest, desired.project, expiredAtMs)), guest, desired)));
	const needed = new Set(others.map(({ marker }) => marker.base));
	const templates = isPart ? [] : facts.guests.filter(({ marker }) => marker.kind === "template" && !needed.has(marker.base));
	const needs = steps.map(({ id }) => id);
	const bases = templateSteps(templates, (guest) => `template ${guest.vmid} of ${desired.project}`, needs);
	const notes = [...strandedNotes(facts), ...others.length > 0 ? otherFileNotes(desired, facts) : []];
	const draft = {
		steps: [...steps, ...bases],
		machines: steps.flatMap(removedMachine),
		orphans: [],
		notes
	};
	return completePlan(draft, {
		desired,
		facts
	});
}
function orphanGuests(machines, desired, facts) {
	const ids = new Set(orphansOf(desired, facts).map(({ vmid }) => vmid));
	return machines.filter(({ vmid }) => ids.has(vmid));
}
function whyOf({ vmid, marker }, project, expiredAtMs) {
	return expiredAtMs === void 0 ? `${vmid} carries the marker of ${project}` : `it expired at ${marker.expires}`;
}
function removedMachine(step) {
	if (step.kind !== "destroy") return [];
	const { name, vmid, node, problem } = step;
	return [{
		name,
		vmid,
		node,
		action: problem ? "blocked" : "remove",
		changes: []
	}];
}
/**
* Selects guests by name. An unknown name is an error, because it would look like a machine that is already gone.
* @throws ProvisionError `USAGE`
*/
function namedGuests(guests, { machines, project }, only) {
	const entries = new Map(machines.map(({ name, entry }) => [name, entry]));
	const there = guests.map((guest) => {
		const { name } = guest.marker;
		return {
			name,
			entry: entries.get(name) ?? name,
			vmid: guest.vmid,
			guest
		};
	});
	return select([...there, ...machines], only, { where: `of ${project}, in Proxmox or in the manifest,` }).flatMap(({ guest }) => guest ?? []);
}
/** Makes step ids unique, because parallel runs may have left two machines with one name. */
function uniquelyNamed(steps) {
	const seen = /* @__PURE__ */ new Set();
	return steps.map((step) => {
		const id = seen.has(step.id) && step.kind === "destroy" ? `${step.id}@${step.vmid}` : step.id;
		seen.add(id);
		return {
			...step,
			id
		};
	});
}

// ../core/dist/plan/day-two/left-out-nodes.js
/** @throws ProvisionError `USAGE` for a pattern that names no node, or when no node would be left */
function leftOutNodes({ cluster: { nodes } }, patterns = []) {
	const all = nodes.map(({ name }) => ({
		name,
		entry: name
	}));
	for (const pattern of patterns) if (!all.some(isNamedBy([pattern]))) throw new ProvisionError("USAGE", `There is no node ${pattern}.`, { hint: `Nodes are ${all.map(({ name }) => name).join(", ")}.` });
	const named = new Set(all.filter(isNamedBy(patterns)).map(({ name }) => name));
	if (named.size > 0 && named.size === all.length) throw new ProvisionError("USAGE", "No node would be left to use.", { hint: "Give fewer nodes to --without-node." });
	return {
		named,
		inMaintenance: new Set(nodes.flatMap(({ name, inMaintenance }) => inMaintenance ? [name] : []))
	};
}
/** The machine without these nodes. One that may be on no other keeps its nodes, and knows which are left out. */
function withoutNodes(machine, home, { named, inMaintenance }) {
	const isOut = (node) => named.has(node) || home === void 0 && inMaintenance.has(node);
	const leftOut = machine.nodes.filter(isOut);
	if (leftOut.length === 0) return machine;
	const [first, ...others] = machine.nodes.filter((node) => !isOut(node));
	return {
		...machine,
		leftOutNodes: leftOut,
		...first !== void 0 && { nodes: [first, ...others] }
	};
}
/** New machines that have nowhere to go. */
function noNodeLeft({ name, entry, nodes, leftOutNodes: out = [] }) {
	if (!nodes.every((node) => out.includes(node))) return void 0;
	return new ProvisionError("CONFLICT", `${name} belongs on ${nodes.join(" or ")}, but this run creates nothing there.`, {
		hint: `Set another node in ${entry} (\`nodes\`), or wait until the maintenance of ${nodes.join(" and ")} has finished.`,
		details: {
			machine: name,
			key: "node"
		}
	});
}
/** Which machines are still on these nodes: those that could move, and those that are bound to their node. */
function leftOutNotes({ machines, facts, leftOut: { named, inMaintenance }, move = false }) {
	const homes = guestsByMachine(machines, facts.guests);
	const silent = [...inMaintenance].filter((node) => !named.has(node));
	return [...[...named].flatMap((node) => notesOn(node, machines.filter(({ name }) => homes.get(name)?.node === node), move)), ...silent.map((node) => `${node} is in maintenance mode: nothing new is created there.`)];
}
function notesOn(node, there, move) {
	const names = (some) => nameList(some.map(({ name }) => name));
	const bound = there.filter((machine) => noNodeLeft(machine) !== void 0);
	const mobile = there.filter((machine) => !bound.includes(machine));
	return [
		...there.length === 0 ? [`No machine of this project is on ${node}.`] : [],
		...mobile.length === 0 || move ? [] : [`${names(mobile)} can leave ${node}: pve-provision apply --move --without-node ${node}`],
		...bound.length === 0 ? [] : [`${names(bound)} ${bound.length === 1 ? "stays" : "stay"} on ${node}: the manifest allows no other node.`]
	];
}

// ../core/dist/plan/day-two/renames.js
/** The limit keeps plans of many machines fast. */
const MOST_COMPARISONS = 500;
/** Returns one note for each entry that was probably renamed. */
function renameNotes(planned, { desired, facts, orphans }) {
	const fresh = new Set(planned.flatMap(({ name, action }) => action === "create" ? [name] : []));
	if (fresh.size === 0 || orphans.length === 0) return [];
	const ids = new Set(orphans.map(({ vmid }) => vmid));
	const free = facts.guests.filter(({ vmid, template }) => ids.has(vmid) && !template);
	const found = /* @__PURE__ */ new Map();
	let left = MOST_COMPARISONS;
	for (const machine of desired.machines) {
		if (!fresh.has(machine.name) || found.has(machine.entry)) continue;
		const candidates = free.filter((guest) => formerName(machine, guest) !== void 0 && mayBe(machine, guest));
		const guest = candidates.slice(0, left).find((one) => isAlike(machine, one, desired.project));
		left -= Math.min(candidates.length, left);
		if (guest === void 0) continue;
		found.set(machine.entry, guest);
		free.splice(free.indexOf(guest), 1);
	}
	return [...found].map(([entry, guest]) => sentence(entry, guest, desired));
}
function sentence(entry, guest, { machines }) {
	const machine = machines.find((one) => one.entry === entry);
	const former = machine === void 0 ? guest.marker.name : formerName(machine, guest);
	const { vmid, node, marker } = guest;
	return `${marker.name} (${vmid} on ${node}) is no longer in the manifest, and ${machine?.name ?? entry} is new and identical. If you renamed it, set \`renamedFrom: ${former}\` in ${entry}; otherwise a new machine is created.`;
}
/** The former name of the entry. For `www-2` and the guest `web-2` it is `web`. */
function formerName({ name, entry, index }, { marker }) {
	if (name === entry) return marker.name;
	const end = `-${index}`;
	return marker.name.endsWith(end) ? marker.name.slice(0, -end.length) : void 0;
}
/** A quick check before the comparison. */
function mayBe(machine, guest) {
	const { marker, config, node } = guest;
	const isSameSize = Number(config.memory ?? 512) === machine.memory.memoryMiB && Number(config.cores ?? 1) === machine.cpu.cores;
	return marker.image === machine.image && machine.nodes.includes(node) && (isSameSize || sharesMac(machine, guest));
}
/** Whether only the name and cloud-init's settings would change. */
function isAlike(machine, guest, project) {
	if (sharesMac(machine, guest)) return true;
	const renamed = {
		...guest,
		name: machine.name,
		marker: {
			...guest.marker,
			name: machine.name
		},
		config: {
			...guest.config,
			name: machine.name
		}
	};
	const { changes, problem } = compareMachine(machine, renamed, { project });
	return problem === void 0 && changes.every(({ key }) => key === "name" || key.startsWith("cloudInit"));
}
function sharesMac({ networks }, { config }) {
	return networks.some(({ mac }, index) => {
		const has = config[`net${index}`];
		return mac !== void 0 && has !== void 0 && parseNetworkCard(has).get("macaddr")?.toUpperCase() === mac;
	});
}

// ../core/dist/plan/day-two/rollout.js
/** @param batch how many machines at the same time; overrides the manifest */
function createRollouts(batch) {
	const turns = /* @__PURE__ */ new Map();
	return { gate({ name, entry, rollout }, stepId) {
		const size = batch ?? rollout?.batch ?? 1;
		const maxFailures = rollout?.maxFailures ?? 0;
		const key = `${size}/${maxFailures}`;
		const own = turns.get(key) ?? [];
		turns.set(key, own);
		const known = own.findIndex((turn) => turn.name === name);
		const at = Math.floor((known < 0 ? own.length : known) / size);
		if (known < 0) own.push({
			name,
			steps: [stepId]
		});
		else own[known]?.steps.push(stepId);
		return {
			rollout: key,
			entry,
			before: own.slice(0, at * size).flatMap(({ steps }) => steps),
			maxFailures,
			batch: at + 1
		};
	} };
}

// ../core/dist/plan/machine/placement.js
const MIB = 1024 ** 2;
const GRAIN_BYTES = 256 * MIB;
/**
* Chooses the node of each machine. An existing machine stays on its node. A new one goes where the most memory is
* free, including what this plan and stopped machines will use.
* @param earlier the nodes in an earlier plan; they are kept if the manifest allows them
*/
function placeMachines(machines, facts, earlier = {}) {
	const places = placesOf(machines, facts, earlier);
	return (machine) => places.get(machine.name) ?? machine.nodes[0];
}
function placesOf(machines, facts, earlier) {
	const homes = homesOf(machines, facts);
	const room = roomByNode(facts);
	const has = storagesByNode(facts);
	return new Map(machines.map((machine) => {
		const home = homes.get(machine.name);
		if (home !== void 0) return [machine.name, home];
		const chosen = earlier[machine.name];
		const node = chosen !== void 0 && machine.nodes.includes(chosen) ? chosen : roomiest(fittingNodes(machine, has), room);
		room.set(node, (room.get(node) ?? 0) - machine.memory.memoryMiB * MIB);
		return [machine.name, node];
	}));
}
/** Where machines of the manifest are, by name. */
function homesOf(machines, { guests }) {
	return new Map(Array.from(guestsByMachine(machines, guests), ([name, { node }]) => [name, node]));
}
/**
* Machines that are on none of their nodes, each with the node first that it moves to: where the most memory is free.
* @param earlier the nodes in an earlier plan; they are kept if the manifest allows them
*/
function withTargets(machines, facts, earlier = {}) {
	const guests = guestsByMachine(machines, facts.guests);
	const room = roomByNode(facts);
	const has = storagesByNode(facts);
	return machines.map((machine) => {
		const home = guests.get(machine.name)?.node;
		if (home === void 0 || machine.nodes.length === 1 || machine.nodes.includes(home)) return machine;
		const chosen = earlier[machine.name];
		const target = chosen !== void 0 && machine.nodes.includes(chosen) ? chosen : roomiest(allowedNodes(fittingNodes(machine, has), guests.get(machine.name)), room);
		room.set(target, (room.get(target) ?? 0) - machine.memory.memoryMiB * MIB);
		return {
			...machine,
			nodes: [target, ...machine.nodes.filter((node) => node !== target)]
		};
	});
}
function storagesByNode({ cluster: { storages } }) {
	const usable = storages.filter(({ active }) => active);
	return new Map([...Map.groupBy(usable, ({ node }) => node)].map(([node, rows]) => [node, new Set(rows.map(({ storage }) => storage))]));
}
/** Nodes with the storages that the machine names: storages can be restricted to some. All of them where none fits. */
function fittingNodes({ nodes, storage }, has) {
	const wanted = [storage.images, storage.disks];
	const [first, ...others] = nodes.filter((node) => wanted.every((one) => has.get(node)?.has(one)));
	return first === void 0 ? nodes : [first, ...others];
}
/** Nodes to which Proxmox would migrate the VM. All of them where it would to none. */
function allowedNodes(nodes, guest) {
	const obstacles = guest?.migration?.obstacles ?? {};
	const [first, ...others] = nodes.filter((node) => (obstacles[node]?.blockedBy ?? []).length === 0);
	return first === void 0 ? nodes : [first, ...others];
}
function isMachine({ marker }) {
	return marker.kind === "machine";
}
function roomByNode({ cluster, guests }) {
	const room = new Map(cluster.nodes.filter(isOnline).map(({ name, freeMemoryBytes }) => [name, coarse(freeMemoryBytes)]));
	for (const guest of guests.filter((one) => isMachine(one) && one.status !== "running")) {
		const memoryMiB = Number(guest.config.memory ?? 512);
		const left = room.get(guest.node);
		if (left !== void 0 && Number.isFinite(memoryMiB)) room.set(guest.node, left - memoryMiB * MIB);
	}
	return room;
}
function isOnline({ online }) {
	return online;
}
function coarse(bytes) {
	return Math.floor(bytes / GRAIN_BYTES) * GRAIN_BYTES;
}
/**
* The node that is named first wins a tie. An offline node is chosen only if all are offline; preflight then reports
* it.
*/
function roomiest(nodes, room) {
	const left = (node) => room.get(node) ?? Number.NEGATIVE_INFINITY;
	return nodes.reduce((best, node) => left(node) > left(best) ? node : best);
}

// ../core/dist/plan/machine/disk-images.js
const NO_DISKS = {
	needs: [],
	lanes: [],
	sources: {}
};
/** Adds steps for disks and CDs that the machine lacks. */
function planDiskImages(machine, { images, facts, node }, current = {}) {
	const at = {
		node,
		storage: machine.storage.images
	};
	const disks = imageDisks(machine, current).filter(({ key }) => current[key] === void 0).map(({ key, image, storage }) => {
		const disks = {
			node,
			storage
		};
		const { id, importFormat } = images.planVolume(image, {
			images: at,
			disks
		});
		return {
			key,
			source: {
				volumeFrom: id,
				...importFormat && { importFormat }
			},
			lanes: [storageLane(storageOf(facts, disks), disks)]
		};
	});
	const cds = imageCds(machine).filter(({ key, image }) => !holdsIso(current[key], image)).map(({ key, image }) => ({
		key,
		source: { volumeFrom: images.planIso(image, at).id },
		lanes: []
	}));
	const found = [...disks, ...cds];
	if (found.length === 0) return NO_DISKS;
	return {
		needs: [...new Set(found.map(({ source }) => source.volumeFrom))],
		lanes: [...new Set(found.flatMap(({ lanes }) => lanes))],
		sources: { disksFrom: Object.fromEntries(found.map(({ key, source }) => [key, source])) }
	};
}
/** Finds disks that would be smaller than the image they start with. */
function smallDisks(machine, { images }, current = {}) {
	return imageDisks(machine, current).flatMap(({ key, image, disk: { sizeBytes } }) => {
		const least = images.factsOf(image)?.virtualSizeBytes;
		if (current[key] !== void 0 || sizeBytes === void 0 || least === void 0 || sizeBytes >= least) return [];
		return new ProvisionError("CONFLICT", `The disk ${key} of ${machine.name} would have ${sizeText(sizeBytes)}, but ${image} needs ${sizeText(least)}.`, {
			hint: `Set its \`size\` to ${sizeText(least)} or more: Proxmox cannot shrink disks.`,
			details: {
				machine: machine.name,
				key: "disks"
			}
		});
	});
}

// ../core/dist/plan/machine/machine-planner.js
/** Returns the first of several problems, for the step that fails with it. */
function problemOf([problem]) {
	return problem === void 0 ? {} : { problem };
}

// ../core/dist/plan/problems/address-problems.js
/** Collects the addresses of the manifest and of the project's machines that it does not name. */
function addressBook({ machines }, { guests }) {
	const named = machinesByGuestName(machines, guests);
	const book = /* @__PURE__ */ new Map();
	const add = (place, owner) => {
		const key = keyOf(place);
		book.set(key, [...book.get(key) ?? [], owner]);
	};
	for (const machine of machines) for (const place of declaredAddresses(machine)) add(place, { name: machine.name });
	for (const guest of guests) {
		const { kind, name } = guest.marker;
		if (kind !== "machine" || named.has(nameBeforeRetired(name) ?? name)) continue;
		for (const place of configuredAddresses(guest)) add(place, {
			name,
			orphan: guest
		});
	}
	return book;
}
/** Returns one problem for each address that another machine has as well. */
function addressProblems(machine, book) {
	return declaredAddresses(machine).flatMap((place) => {
		const other = book.get(keyOf(place))?.find(({ name }) => name !== machine.name);
		if (other === void 0) return [];
		return [other.orphan === void 0 ? sharedAddress(machine, other.name, place) : orphanAddress(machine, other.orphan, place)];
	});
}
function sharedAddress({ name }, other, place) {
	return new ProvisionError("CONFLICT", `${name} and ${other} would both have ${wordsOf(place)}.`, {
		hint: "Give one of them another address.",
		details: {
			machine: name,
			key: "cloudInit"
		}
	});
}
/** Usually the machine was renamed in the manifest. */
function orphanAddress({ name }, { vmid, node, marker }, place) {
	return new ProvisionError("CONFLICT", `${name} would have ${wordsOf(place)} of ${marker.name} (${vmid} on ${node}), which is no longer in the manifest.`, {
		hint: `If you renamed ${marker.name}, set \`renamedFrom: ${marker.name}\` in ${name}.\nIf you no longer need it: pve-provision destroy --only ${marker.name}`,
		details: {
			machine: name,
			key: place.network === EVERYWHERE ? "network" : "cloudInit"
		}
	});
}
function wordsOf({ address, network }) {
	return `${network === EVERYWHERE ? "the MAC address" : "the address"} ${address}`;
}
const EVERYWHERE = "MAC";
function declaredAddresses({ cloudInit, networks }) {
	const macs = networks.flatMap(({ mac }) => mac === void 0 ? [] : [{
		address: mac,
		network: EVERYWHERE
	}]);
	return [...(cloudInit?.addresses ?? []).flatMap(({ ip, ip6 }, index) => {
		const { bridge = "", vlan } = networks[index] ?? {};
		return staticOnes([ip, ip6]).map((address) => ({
			address,
			network: `${bridge}/${vlan ?? ""}`
		}));
	}), ...macs];
}
function configuredAddresses({ config }) {
	return Object.keys(config).flatMap((key) => {
		if (/^net\d+$/.test(key)) {
			const mac = parseNetworkCard(config[key]).get("macaddr");
			return mac === void 0 ? [] : [{
				address: mac.toUpperCase(),
				network: EVERYWHERE
			}];
		}
		const index = /^ipconfig(\d+)$/.exec(key)?.[1];
		if (index === void 0) return [];
		const { ip, ip6 } = Object.fromEntries(parseProperties(config[key], ""));
		const card = parseNetworkCard(config[`net${index}`]);
		const network = `${card.get("bridge") ?? ""}/${card.get("tag") ?? ""}`;
		return staticOnes([ip, ip6]).map((address) => ({
			address,
			network
		}));
	});
}
/** Returns static addresses without prefix, normalized (`FD00::0:1` is `fd00::1`). `dhcp` and `auto` are skipped. */
function staticOnes(addresses) {
	return addresses.flatMap((address) => {
		if (!address?.includes("/")) return [];
		const [plain = ""] = address.split("/", 1);
		return [import_ipaddr.default.isValid(plain) ? import_ipaddr.default.parse(plain).toString() : plain];
	});
}
function keyOf({ address, network }) {
	return `${network} ${address}`;
}

// ../core/dist/plan/problems/id-problems.js
/** Returns why a new machine cannot be created with its name and id. */
function identityProblems(machine, claimants) {
	const holder = holderProblem(machine, claimants);
	if (holder !== void 0) return [holder];
	return claimants.allowNamesake ? [] : [...namesakeProblems(machine, claimants), ...hiddenProblems(machine, claimants)];
}
/** A fixed id that another guest has. */
function holderProblem({ name, vmid }, { facts }) {
	if (vmid === void 0) return void 0;
	const holder = facts.listed.get(vmid);
	if (holder === void 0 && facts.hiddenVmids?.has(vmid) !== true) return void 0;
	if (holder !== void 0 && isInFlight(holder)) return void 0;
	const who = holder === void 0 ? "a guest that this token may not see" : describeGuest(holder);
	const adopt = holder?.name === name ? [`If that is ${name}: pve-provision adopt ${name} ${vmid}`] : [];
	return problem(`VM ID ${vmid} of ${name} is already used by ${who}.`, {
		hint: [...adopt, `Give ${name} another \`vmid\`, or remove \`vmid\`.`].join("\n"),
		machine: name,
		key: "vmid"
	});
}
/** The guest is being created or removed. Its owner is known only afterwards. */
function isInFlight({ lock = "" }) {
	return [
		"create",
		"clone",
		"destroyed"
	].includes(lock);
}
/**
* A guest without the marker: it may belong to another user, or its description was overwritten. These look the same.
*/
function namesakeProblems({ name }, { facts, desired }) {
	return (facts.namesakes ?? []).filter((guest) => guest.name === name).map(({ vmid, node }) => problem(`${vmid} on ${node} already has the name ${name}, but no marker of project ${desired.project}.`, {
		hint: `If it is the same machine: pve-provision adopt ${name} ${vmid}\nTo create another VM with that name: --allow-namesake`,
		machine: name,
		key: "name"
	}));
}
/** This is the id that the machine would have had. It probably exists, but the token cannot see it. */
function hiddenProblems(machine, { desired, facts }) {
	const { name, pool } = machine;
	const vmid = firstChoice(machine, desired, (id) => facts.listed.has(id));
	if (vmid === void 0 || facts.hiddenVmids?.has(vmid) !== true) return [];
	const back = pool === void 0 ? `give this token VM.Audit on /vms/${vmid}` : `put it back into its pool: pvesh set /pools --poolid ${pool} --vms ${vmid}`;
	return [problem(`VM ID ${vmid}, the first choice for ${name}, belongs to a guest that this token may not see.`, {
		hint: `If it is ${name}, ${back}\nIf it is not: --allow-namesake`,
		machine: name,
		key: "name"
	})];
}
/** Creates the problem for a range `vmids` without a free id. */
function rangeProblem({ name }, desired) {
	return problem(noFreeId(name, desired), {
		hint: WIDEN,
		machine: name,
		key: "vmids"
	});
}
/** Creates the same problem for a template. It takes an id of the range even if its machines have ids of their own. */
function templateRangeProblem(image, desired) {
	return new ProvisionError("CONFLICT", noFreeId(`the template of ${image}`, desired), {
		hint: WIDEN,
		details: { key: "vmids" }
	});
}
const WIDEN = "Widen `vmids` in the manifest.";
function noFreeId(what, { vmids: { from, to } }) {
	return `No VM ID from ${from} to ${to} is free for ${what}.`;
}
/** Counts the ids in the range that no visible guest has. */
function idsLeft({ vmids: { from, to } }, { listed }) {
	const taken = [...listed.keys()].filter((vmid) => vmid >= from && vmid <= to).length;
	return to - from + 1 - taken;
}
/** Two guests have the marker of one machine. Only a person knows which one is in use. */
function duplicateProblem(name, guests) {
	const places = guests.map(({ vmid, node, status }) => `${vmid} on ${node} (${status})`);
	return problem(`${guests.length} VMs have the marker of ${name}: ${places.join(", ")}.`, {
		hint: `Remove those that are not in use: ${guests.map(({ vmid }) => `pve-provision destroy --only ${name}@${vmid}`).join("\nor: ")}`,
		machine: name,
		key: "name"
	});
}
/** The machine may be on a node that cannot be asked. */
function reachProblem(machine, { desired, facts, node }) {
	const known = facts.unreachable?.find((guest) => isIt(guest, machine, {
		desired,
		facts
	}));
	if (known?.isStranded) return strandedProblem(machine, known);
	if (known !== void 0) return unreachable(machine, known.node, `Cannot check whether ${known.vmid} on ${known.node} is ${machine.name}: ${known.node} does not answer.`);
	if (!facts.cluster.nodes.some((entry) => entry.name === node && !entry.online)) return void 0;
	return unreachable(machine, node, `${machine.name} belongs on ${machine.nodes.join(" or ")}, which is offline.`);
}
/**
* Compares by name. A guest whose node is gone often has no name, so it is compared by the id that the machine would
* have.
*/
function isIt(guest, machine, { desired, facts }) {
	if (guest.name === machine.name) return true;
	if (guest.isStranded !== true) return false;
	const stranded = new Set(facts.unreachable?.flatMap(({ vmid, isStranded }) => isStranded ? [vmid] : []));
	return guest.vmid === firstChoice(machine, desired, (id) => facts.listed.has(id) && !stranded.has(id));
}
function strandedProblem({ name }, { vmid, node }) {
	const file = `/etc/pve/nodes/${node}/qemu-server/${vmid}.conf`;
	return new ProvisionError("UNREACHABLE", `${vmid}, which may be ${name}, is on ${node}, which is no longer a member of the cluster.`, {
		hint: `If its disks are on a shared storage, as root on another node: mv ${file} /etc/pve/nodes/NODE/qemu-server/\nIf it is lost: rm ${file}`,
		details: {
			machine: name,
			key: "node",
			node
		}
	});
}
function unreachable({ name }, node, sentence) {
	return new ProvisionError("UNREACHABLE", sentence, {
		hint: `Run again when ${node} is back.`,
		details: {
			machine: name,
			key: "node",
			node
		}
	});
}
function describeGuest({ name, vmid, node }) {
	return `${name === "" ? `guest ${vmid}` : name} on ${node}`;
}
function problem(sentence, { hint, machine, key }) {
	return new ProvisionError("CONFLICT", sentence, {
		hint,
		details: {
			machine,
			key
		}
	});
}

// ../core/dist/plan/machine/seed-step.js
/** Returns the input of the ISO. An unfinished machine is treated as new, with generated MACs. */
function seedOptions(machine, { project }, guest) {
	const current = guest?.marker.spec === "unfinished" && guest.marker.replaces === void 0 ? void 0 : guest?.config;
	return {
		project,
		macs: macsOf(machine, {
			project,
			current
		})
	};
}
/** Returns the id of the step, if the machine needs this program's ISO. */
function planSeed(machine, { add, facts, node, desired }, guest) {
	const options = seedOptions(machine, desired, guest);
	const volume = seedVolume(machine, options);
	if (volume === void 0) return [];
	const at = {
		node,
		storage: machine.storage.images
	};
	const storage = storageOf(facts, at);
	return [add({
		id: `seed:${machine.name}`,
		kind: "seed",
		machine: machine.name,
		at,
		volume,
		macs: options.macs,
		action: "run",
		why: `${seedReasons(machine).join(", ")}: ${volume} on ${placeOf$1(storage, at)}`,
		needs: [],
		lanes: ["upload", storageLane(storage, at)]
	})];
}

// ../core/dist/plan/machine/start-steps.js
/** Adds the start of a machine, and the wait that the manifest requests. */
function planStart(machine, { add, node, facts }, { createFrom, guest, isReplaced = false }) {
	const running = guest !== void 0 && !needsStart(machine, guest);
	const start = add({
		id: `start:${machine.name}`,
		kind: "start",
		machine: machine.name,
		createFrom,
		needs: [createFrom],
		action: running ? "keep" : "run",
		why: running ? guest.status === "running" ? "it runs" : "the HA manager is set to start it" : guest?.status === "running" ? "the HA manager is set to stop it" : machine.start || !isReplaced ? "the manifest has `start: true`" : "the old VM was running",
		lanes: [`node:${node}`]
	});
	if (machine.wait.for === "none") return;
	add({
		id: `wait:${machine.name}`,
		kind: "wait",
		machine: machine.name,
		createFrom,
		needs: [createFrom, start],
		...running ? waitAgain(machine, facts.answers?.get(guest.vmid)) : waitFirst(machine),
		lanes: []
	});
}
function waitFirst({ wait }) {
	return {
		action: "run",
		why: `the manifest waits for its ${wait.for}`
	};
}
/**
* An earlier run started the machine. It is unknown if that run waited to the end, so a required answer is checked
* again.
*/
function waitAgain({ wait }, addresses) {
	if (!isRequired(wait)) return {
		action: "keep",
		why: "it was running before"
	};
	const what = wait.for === "port" ? `port ${wait.port}` : "its agent";
	if (addresses === void 0) return {
		action: "run",
		why: `the manifest requires an answer from ${what}, but there was none`,
		ran: true
	};
	return {
		action: "keep",
		why: `${what} answers`,
		known: { addresses }
	};
}

// ../core/dist/plan/machine/plan-new.js
/** Plans a machine that does not exist, or that replaces an existing VM. */
function planNew(machine, planner, replaced) {
	const { add, images, facts, node, ids } = planner;
	const problems = newMachineProblems(machine, planner, replaced);
	if (problems.length > 0) return { problems };
	const isNumbered = machine.vmid === void 0 && replaced === void 0;
	if (isNumbered && ids.left <= 0) return { problems: [rangeProblem(machine, planner.desired)] };
	const disks = {
		node,
		storage: machine.storage.disks
	};
	const template = images.planTemplate(machine.image, {
		images: {
			node,
			storage: machine.storage.images
		},
		disks
	});
	if (isNumbered) {
		if (ids.left <= 0) return { problems: [rangeProblem(machine, planner.desired)] };
		ids.left -= 1;
	}
	const seed = planSeed(machine, planner);
	const disk = planDiskImages(machine, planner);
	const ready = [
		template.id,
		...seed,
		...disk.needs
	];
	const starts = machine.start || replaced?.status === "running";
	const destroyed = replaced ? [planRemoval(replaced, {
		machine,
		needs: ready,
		starts
	}, planner)] : [];
	const storage = storageOf(facts, disks);
	const linked = isLinkedClone(machine, template, {
		disks,
		storage
	});
	const create = add({
		id: `create:${machine.name}`,
		kind: "create",
		machine: machine.name,
		node,
		action: "run",
		why: `${replaced === void 0 ? "does not exist yet" : `replaces ${replaced.vmid}`}; ${linked ? "linked" : "full"} clone on ${node}/${disks.storage}`,
		needs: [...ready, ...destroyed],
		templateFrom: template.id,
		...seed[0] !== void 0 && { seedFrom: seed[0] },
		...disk.sources,
		linked,
		base: template.base,
		lanes: [.../* @__PURE__ */ new Set([
			`template:${template.id}`,
			storageLane(storage, disks),
			...disk.lanes,
			`node:${node}`
		])]
	});
	if (starts) planStart(machine, planner, {
		createFrom: create,
		isReplaced: replaced !== void 0
	});
	const vmid = replaced === void 0 ? machine.vmid : void 0;
	return {
		name: machine.name,
		...vmid !== void 0 && { vmid },
		node,
		action: replaced ? "replace" : "create",
		changes: [],
		...replaced !== void 0 && { loses: replacementLosses(machine, replaced) },
		...starts && !machine.start && { startsAgain: true }
	};
}
/** A clone is linked if the manifest, the storage and the location of the template allow it. */
function isLinkedClone({ fullClone }, template, { disks, storage }) {
	const isBeside = template.storage === void 0 || template.storage === disks.storage;
	return !fullClone && isBeside && storage !== void 0 && canLinkClones(storage.type);
}
/** Name and id are checked only if no machine with this name exists. */
function newMachineProblems(machine, planner, replaced) {
	const { facts, node, images, addresses } = planner;
	const small = tooSmall(machine, images.factsOf(machine.image));
	return [
		...replaced === void 0 ? identityProblems(machine, planner) : [],
		...replaced === void 0 ? [noNodeLeft(machine) ?? []].flat() : [],
		...addressProblems(machine, addresses),
		...settingProblems(machine, {
			facts,
			node
		}),
		...small === void 0 ? [] : [small],
		...smallDisks(machine, planner, replaced?.config)
	];
}
/** The old VM is removed only when everything that the new one needs is ready, and in the batches of its rollout. */
function planRemoval(replaced, { machine, needs, starts }, { add, desired, rollouts }) {
	const last = !starts ? "create" : machine.wait.for === "none" ? "start" : "wait";
	const gate = rollouts.gate(machine, `${last}:${machine.name}`);
	return add({
		...removalOf(replaced, machine, desired),
		needs,
		gate
	});
}
function removalOf(guest, machine, desired) {
	const step = guarded(destroyStep(guest, "requested with --replace"), guest, desired);
	const volume = seedVolume(machine, seedOptions(machine, desired));
	return volume !== void 0 && seedOf(guest.config, machine.name)?.endsWith(`/${volume}`) ? withoutSeed(step) : step;
}
function tooSmall(machine, image) {
	const wanted = machine.disk.sizeBytes;
	const least = image?.virtualSizeBytes;
	if (wanted === void 0 || least === void 0 || wanted >= least) return void 0;
	return new ProvisionError("CONFLICT", `The disk of ${machine.name} would have ${sizeText(wanted)}, but ${machine.image} needs ${sizeText(least)}.`, {
		hint: `Set \`disk\` of ${machine.entry} to ${sizeText(least)} or more: Proxmox cannot shrink disks.`,
		details: {
			machine: machine.name,
			key: "disk"
		}
	});
}

// ../core/dist/plan/problems/lock-problem.js
/** The VM is being created or removed. The run waits for that. */
const IN_FLIGHT = /* @__PURE__ */ new Set([
	"create",
	"clone",
	"destroyed"
]);
/** Proxmox refuses to change or to restart such a VM (qemu-server `check_lock`). */
function lockProblem({ name }, { vmid, node, lock }) {
	if (lock === void 0 || IN_FLIGHT.has(lock)) return [];
	const details = {
		machine: name,
		vmid
	};
	if (lock === "suspended") return [new ProvisionError("CONFLICT", `${name} (${vmid}) is suspended to disk, so Proxmox refuses to change it.`, {
		hint: `Resume it first, as root on ${node}: qm resume ${vmid}`,
		details
	})];
	return [new ProvisionError("CONFLICT", `${name} (${vmid}) is locked (${lock}), so Proxmox refuses to change it.`, {
		hint: `Wait until the lock is gone, or look at the tasks of ${node}.`,
		details
	})];
}

// ../core/dist/plan/problems/paused-problem.js
/**
* Proxmox refuses to shut down a paused VM (qemu-server `vm_shutdown`, `vm_reboot`). To stop it by force would lose what
* the guest has not written yet, and only a person knows why it is paused.
* @param what what needs the shutdown
*/
function pausedProblem({ name }, { vmid, node, isPaused = false }, what) {
	if (!isPaused) return [];
	return [new ProvisionError("CONFLICT", `${name} (${vmid}) is paused, so it cannot be shut down to be ${what}.`, {
		hint: `Resume it first, as root on ${node}: qm resume ${vmid}\nIf it does not matter what it has not written to its disks: qm stop ${vmid}`,
		details: {
			machine: name,
			key: "start",
			vmid
		}
	})];
}

// ../core/dist/plan/day-two/plan-replacement.js
/** Plans the new VM on the node of the old one, because Proxmox moves disks between VMs only within a node. */
function planReplacement(machine, { old, isBegun, why }, all) {
	const planner = {
		...all,
		node: old.node
	};
	const { add, images, facts, node, desired } = planner;
	const disks = {
		node,
		storage: machine.storage.disks
	};
	const template = images.planTemplate(machine.image, {
		images: {
			node,
			storage: machine.storage.images
		},
		disks
	});
	const seed = planSeed(machine, planner, old);
	const disk = planDiskImages(machine, planner, withoutCds(old.config));
	const storage = storageOf(facts, disks);
	const id = `replace:${machine.name}`;
	const problems = [
		...isProtected(old) && !mayUnprotect(machine.name, desired) ? [protectedError(old)] : [],
		...heldBySnapshots(machine, old),
		...lockProblem(machine, old),
		...pausedProblem(machine, old, "replaced"),
		...stuckInHa(machine, old),
		...newMachineProblems(machine, planner, old)
	];
	const replaced = add({
		id,
		kind: "replace",
		machine: machine.name,
		node,
		old: {
			vmid: old.vmid,
			node
		},
		...removableSeed(machine, old, planner),
		templateFrom: template.id,
		...seed[0] !== void 0 && { seedFrom: seed[0] },
		...disk.sources,
		linked: isLinkedClone(machine, template, {
			disks,
			storage
		}),
		base: template.base,
		cloneLanes: [.../* @__PURE__ */ new Set([
			`template:${template.id}`,
			storageLane(storage, disks),
			...disk.lanes,
			`node:${node}`
		])],
		action: "run",
		why: isBegun ? `its replacement was started but not finished` : why,
		needs: [
			...planner.after ?? [],
			template.id,
			...seed,
			...disk.needs
		],
		lanes: [],
		gate: planner.rollouts.gate(machine, id),
		...problemOf(problems)
	});
	planner.report(replaced, problems);
	return {
		name: machine.name,
		node,
		action: problems.length > 0 ? "blocked" : "replace",
		...effects(machine, old)
	};
}
/** Returns what the replacement means for the machine. */
function effects(machine, old) {
	const loses = replacementLosses(machine, old);
	return {
		changes: detachedDisks(machine, old),
		...loses.length > 0 && { loses },
		...old.status === "running" && !machine.start && { startsAgain: true }
	};
}
/** Disks that the manifest no longer has move to the new VM as well, which detaches them. */
function detachedDisks(machine, old) {
	return removedDisks(machine, old).map((key) => ({
		key: placeOfDrive(key, machine, old.config),
		before: driveText(old.config[key]),
		when: "now",
		impact: "detached"
	}));
}
/** Proxmox does not move a disk to another VM while a snapshot uses it (qemu-server `move_vm_disk`). */
function heldBySnapshots(machine, { vmid, node, config, snapshots = [] }) {
	const disks = dataDisksOf({ config }).map((key) => volumeOfDrive(config[key]));
	const holding = snapshots.filter(({ volumes }) => volumes.some((volume) => disks.includes(volume)));
	if (holding.length === 0) return [];
	const names = holding.map(({ name }) => name);
	const which = names.length === 1 ? `the snapshot ${names[0]} uses` : `the snapshots ${names.join(", ")} use`;
	return [new ProvisionError("CONFLICT", `${machine.name} (${vmid}) cannot be replaced: ${which} its data disks, so they cannot move to the new VM.`, {
		hint: `Remove ${names.length === 1 ? "the snapshot" : "the snapshots"} first, as root on ${node}: ${names.map((name) => `qm delsnapshot ${vmid} ${name}`).join("; ")}`,
		details: {
			machine: machine.name,
			vmid
		}
	})];
}
function withoutCds(config) {
	return Object.fromEntries(Object.entries(config).filter(([, value]) => !isCd(value)));
}
/** Returns the ISO of the old VM, unless the new one uses the same ISO. */
function removableSeed(machine, old, { desired }) {
	const is = seedOf(old.config, machine.name);
	const wanted = seedVolume(machine, seedOptions(machine, desired, old));
	return is === void 0 || wanted !== void 0 && is.endsWith(`/${wanted}`) ? {} : { oldSeed: is };
}

// ../core/dist/plan/day-two/plan-disk-moves.js
/** Adds the step and returns its id. */
function planDiskMoves(machine, guest, { moves, needs, gate, planner }) {
	const { add, report, facts } = planner;
	const { vmid, node, status } = guest;
	const problems = moveProblems(machine, guest, moves);
	const live = status === "running";
	const places = [...new Set(moves.flatMap(({ from, to }) => [from, to]))].map((storage) => ({
		node,
		storage
	}));
	const id = add({
		id: `move-disks:${machine.name}`,
		kind: "move-disks",
		machine: machine.name,
		vmid,
		node,
		disks: moves.map(({ key, from, to }) => ({
			key,
			from,
			to
		})),
		live,
		action: "run",
		why: `${moves.map((move) => moveText(move, guest, facts)).join("; ")}; ${live ? "while it is running" : "it is stopped"}`,
		needs,
		lanes: [...new Set(places.map((at) => storageLane(storageOf(facts, at), at)))],
		...gate && { gate },
		...problemOf(problems)
	});
	report(id, problems);
	return id;
}
/** Returns the changes that the user approves. */
function moveChanges(moves) {
	return moves.map(({ place, from, to, isLinked }) => ({
		key: place,
		before: from,
		after: to,
		when: "now",
		...isLinked && { impact: "full-copy" }
	}));
}
/** `scsi0 from local to fast, as a full copy of 2 GiB, as raw` */
function moveText({ key, from, to, volume, isLinked }, { config, node }, facts) {
	const bytes = sizeOfDisk(config, key);
	const format = diskFormat(volume, storageOf(facts, {
		node,
		storage: to
	})?.type);
	return [
		`${key} from ${from} to ${to}`,
		...isLinked ? [`as a full copy${bytes === void 0 ? "" : ` of ${sizeText(bytes)}`}`] : [],
		...format === void 0 ? [] : [`as ${format}`]
	].join(", ");
}
function moveProblems(machine, guest, moves) {
	const { vmid, node, lock } = guest;
	const refuse = (message, hint, key) => new ProvisionError("CONFLICT", message, {
		hint,
		details: {
			machine: machine.name,
			vmid,
			key
		}
	});
	if (lock !== void 0) return [refuse(`${machine.name} (${vmid}) is locked (${lock}), so Proxmox cannot move its disks.`, `Wait until the lock is gone, or look at the tasks of ${node}.`, "storage.disks")];
	return moves.flatMap((move) => {
		const [sentence, hint] = moveObstacle(move, machine, guest) ?? [];
		return sentence === void 0 || hint === void 0 ? [] : [refuse(sentence, hint, move.place)];
	});
}

// ../core/dist/plan/day-two/plan-move.js
/**
* Adds the steps that move a machine and its disks, or returns undefined if nothing has to move. Disks whose new storage
* exists on the current node move first: a linked clone is then a full copy and can leave the node.
*/
function planMoves(machine, guest, planner) {
	const isElsewhere = !machine.nodes.includes(guest.node);
	const all = diskMoves(machine, guest).filter((move) => guest.status !== "running" || movesLive(move));
	if (!isElsewhere && all.length === 0) return void 0;
	const { name } = machine;
	const isHere = ({ to }) => !isElsewhere || isThere(to, guest.node, planner.facts);
	const [first, later] = [all.filter(isHere), all.filter((move) => !isHere(move))];
	const last = later.length > 0 || !isElsewhere ? `move-disks:${name}` : `move:${name}`;
	const gate = planner.rollouts.gate(machine, last);
	const begun = {
		guest,
		after: planner.after ?? []
	};
	const there = first.length === 0 ? begun : inTurn(first, begun, {
		machine,
		planner,
		gate
	});
	if (!isElsewhere) return moved(there, {
		before: guest,
		moves: all
	});
	const move = planMove(machine, there.guest, {
		...planner,
		needs: there.after,
		...first.length === 0 && { gate }
	});
	const arrived = {
		guest: {
			...there.guest,
			node: machine.nodes[0]
		},
		after: [move]
	};
	return moved(later.length === 0 ? arrived : inTurn(later, arrived, {
		machine,
		planner
	}), {
		before: guest,
		moves: all
	});
}
function inTurn(moves, { guest, after }, { machine, planner, gate }) {
	const step = planDiskMoves(machine, guest, {
		moves,
		needs: after,
		gate,
		planner
	});
	return {
		guest: {
			...guest,
			config: movedConfig(guest.config, moves)
		},
		after: [step]
	};
}
function moved({ guest, after: [after = ""] }, { before, moves }) {
	const node = {
		key: "node",
		before: before.node,
		after: guest.node,
		when: "now"
	};
	const isElsewhere = before.node !== guest.node;
	return {
		guest,
		after,
		changes: [...isElsewhere ? [node] : [], ...moveChanges(moves)],
		drives: isElsewhere ? Object.keys(guest.config).filter(isDriveKey) : moves.map(({ key }) => key)
	};
}
function isThere(storage, node, facts) {
	return storageOf(facts, {
		node,
		storage
	}) !== void 0;
}
/** Adds the step and returns its id. */
function planMove(machine, guest, { add, facts, report, needs, gate }) {
	const [to] = machine.nodes;
	const problems = obstacles$1(machine, guest, facts);
	const live = guest.status === "running";
	const added = add({
		id: `move:${machine.name}`,
		kind: "move",
		machine: machine.name,
		vmid: guest.vmid,
		node: guest.node,
		to,
		live,
		action: "run",
		why: `${guest.vmid} is on ${guest.node}, but the manifest has ${to}; ${live ? "it moves while it is running" : "it is stopped"}`,
		needs,
		lanes: [`node:${guest.node}`, `node:${to}`],
		...gate && { gate },
		...problemOf(problems)
	});
	report(added, problems);
	return added;
}
function obstacles$1(machine, guest, facts) {
	const { name, nodes } = machine;
	const obstacle = lockObstacle(guest) ?? volumeObstacle(machine, guest, facts) ?? ownObstacle(machine, guest, facts);
	if (obstacle === void 0) return [];
	const [reason, hint] = obstacle;
	return [new ProvisionError("CONFLICT", `${name} (${guest.vmid}) cannot move to ${nodes[0]}: ${reason}.`, {
		hint,
		details: {
			machine: name,
			vmid: guest.vmid,
			key: "node"
		}
	})];
}
function lockObstacle({ lock, node }) {
	if (lock === void 0) return void 0;
	return [`it is locked (${lock})`, `Wait until the lock is gone, or look at the tasks of ${node}.`];
}
/** Finds obstacles that Proxmox would only find during the task (`QemuMigrate.pm`, `scan_local_volumes`). */
function volumeObstacle({ name, nodes: [to] }, guest, facts) {
	const { node, config } = guest;
	for (const [key, value] of Object.entries(config)) {
		if (!isDriveKey(key) && !/^(ide|efidisk|tpmstate)\d+$/.test(key)) continue;
		const volume = parseProperties(value, "file").get("file") ?? "";
		const storage = storageOfVolume(volume);
		if (storage === void 0 || !isLocal(volume, guest, facts)) continue;
		if (isCd(value) && !/cloudinit/.test(volume)) return [`its CD ${volume} is on the local storage ${storage}`, `Put the CD on a shared storage, or create ${name} again on ${to}: pve-provision apply --replace ${name}`];
		if (readsTemplate(volume)) return [`its disk ${key} is a linked clone on the local storage ${storage}`, `Set a storage that ${node} also has in \`storage.disks\`, and move both: pve-provision apply --move --only ${name}\nOr set \`fullClone: true\` and replace it: pve-provision apply --replace ${name}`];
		const holding = (guest.snapshots ?? []).find(({ volumes }) => volumes.includes(volume));
		if (holding !== void 0 && (guest.status === "running" || !volume.endsWith(".qcow2"))) return [`its snapshot ${holding.name} uses the disk ${key} on the local storage ${storage}`, `Remove the snapshot first, as root on ${node}: qm delsnapshot ${guest.vmid} ${holding.name}`];
	}
}
/** Without Proxmox's own answer, a storage that the token cannot see counts as shared: then only Proxmox can refuse. */
function isLocal(volume, { node, migration }, facts) {
	const storage = storageOfVolume(volume) ?? "";
	return migration?.localVolumes.includes(volume) || storageOf(facts, {
		node,
		storage
	})?.shared === false;
}
/** Returns what Proxmox itself reports (`GET …/migrate`), without storages that all disks leave before. */
function ownObstacle({ nodes: [to] }, guest, facts) {
	const { node, config, migration } = guest;
	if (migration === void 0) return void 0;
	const { missingStorages = [], blockedBy = [] } = migration.obstacles[to] ?? {};
	const used = new Set(Object.values(config).map((value) => storageOfVolume(parseProperties(value, "file").get("file"))));
	const missing = missingStorages.filter((storage) => used.has(storage));
	if (missing.length > 0) return [`${to} has no storage ${missing.join(", ")}`, `Set a storage in \`storage.disks\` that ${node} and ${to} both have${sharedHint(facts, [node, to])}.`];
	if (migration.localResources.length > 0) return [`it uses ${migration.localResources.join(", ")} of ${node}`, "Remove the device from the manifest first, or use a resource mapping that covers both nodes."];
	if (blockedBy.length > 0) return [`${blockedBy.join(", ")} prevents it`, "Check the resource mappings and the HA affinity rules in Proxmox."];
}
function sharedHint({ cluster: { storages } }, [one, other]) {
	const on = (node) => storages.filter((entry) => entry.node === node && entry.content.has("images")).map(({ storage }) => storage);
	const both = on(one).filter((storage) => on(other).includes(storage));
	return both.length === 0 ? "" : `, such as ${both.slice(0, 3).join(", ")}`;
}

// ../core/dist/plan/problems/template-problem.js
/** A user converted it to a template. It cannot be started any more, and its disks are read-only. */
function templateProblem({ name }, { vmid, node, config }) {
	if (!isTemplate(config)) return void 0;
	return new ProvisionError("CONFLICT", `${name} (${vmid} on ${node}) was converted to a template in Proxmox and cannot run.`, {
		hint: `To create the machine again from its image: pve-provision apply --replace ${name}`,
		details: {
			machine: name,
			key: "name",
			vmid
		}
	});
}

// ../core/dist/plan/machine/plan-unused.js
/**
* Adds the step that removes the volumes that applies have detached, including those of this plan. Other unused volumes
* stay.
* @param updated the step that detaches disks
*/
function planUnusedRemoval({ machine, guest }, planner, updated) {
	const old = planner.prune ? unusedDisks(guest).filter(({ was }) => was !== void 0) : [];
	const volumes = [...old.map(({ volume }) => volume), ...(planner.prune ? removedDisks(machine, guest) : []).flatMap((key) => volumeOfDrive(guest.config[key]) ?? [])];
	if (volumes.length === 0) return {
		changes: [],
		problems: []
	};
	const problems = obstacles({
		machine,
		guest
	}, volumes, planner);
	const id = planner.add({
		id: `remove-disks:${machine.name}`,
		kind: "remove-disks",
		machine: machine.name,
		vmid: guest.vmid,
		node: guest.node,
		volumes,
		action: "run",
		why: `the manifest no longer has ${volumes.join(", ")}; the data on ${volumes.length === 1 ? "it" : "them"} is lost`,
		needs: [updated],
		lanes: [`node:${guest.node}`],
		...problemOf(problems)
	});
	planner.report(id, problems);
	return {
		changes: old.map(unusedChange),
		problems
	};
}
function unusedChange({ key, volume }) {
	return {
		key: `disks[${key}]`,
		before: volume,
		when: "now",
		impact: "data-loss"
	};
}
/** A disk that is detached and removed in one run is lost. */
function withLoss(changes, { prune }) {
	if (!prune) return changes;
	return changes.map((change) => change.impact === "detached" ? {
		...change,
		impact: "data-loss"
	} : change);
}
/** Returns the unused volumes that stay, and whether a new disk takes their former position. */
function unusedOf({ machine, guest }, { prune }) {
	const unused = unusedDisks(guest).filter(({ was }) => !prune || was === void 0);
	if (unused.length === 0) return {};
	const fresh = diskKeys(machine, guest.config).filter((key) => guest.config[key] === void 0);
	return { unused: unused.map((disk) => ({
		...disk,
		...disk.was !== void 0 && fresh.includes(disk.was) && { isReplaced: true }
	})) };
}
/** Returns the reasons why Proxmox would refuse the removal (qemu-server `try_deallocate_drive`). */
function obstacles({ machine, guest }, volumes, { desired }) {
	const { vmid, node, lock, snapshots = [] } = guest;
	const refuse = (message, hint) => new ProvisionError("CONFLICT", message, {
		hint,
		details: {
			machine: machine.name,
			vmid,
			key: "disks"
		}
	});
	if (isProtected(guest) && !mayUnprotect(machine.name, desired)) return [protectedError(guest)];
	if (lock !== void 0) return [refuse(`${machine.name} (${vmid}) is locked (${lock}), so Proxmox cannot remove its disks.`, `Wait until the lock is gone, or look at the tasks of ${node}.`)];
	const holding = snapshots.filter((one) => one.volumes.some((volume) => volumes.includes(volume)));
	if (holding.length === 0) return [];
	const names = holding.map(({ name }) => name);
	return [refuse(`Disks of ${machine.name} (${vmid}) cannot be removed: ${names.length === 1 ? "the snapshot" : "the snapshots"} ${names.join(", ")} would lose them.`, `Remove ${names.length === 1 ? "the snapshot" : "the snapshots"} first, as root on ${node}: ${names.map((name) => `qm delsnapshot ${vmid} ${name}`).join("; ")}`)];
}

// ../core/dist/plan/machine/plan-existing.js
function planExisting(machine, guest, planner) {
	const moved = planner.move ? planMoves(machine, guest, planner) : void 0;
	return moved === void 0 ? planInPlace(machine, guest, planner) : planMoved(machine, moved, planner);
}
/** Plans to move it first, then to change it in its new place. */
function planMoved(machine, { guest, after, changes, drives }, planner) {
	const planned = planInPlace(machine, guest, {
		...planner,
		node: guest.node,
		after: [after],
		moved: drives
	});
	return {
		...planned,
		action: planned.action === "blocked" ? "blocked" : "move",
		changes: [...changes, ...planned.changes]
	};
}
function planInPlace(machine, guest, planner) {
	const { node, vmid } = guest;
	const verdict = compareMachine(machine, guest, { project: planner.desired.project });
	planner.verdicts.set(machine.name, verdict);
	planner.images.planKept(machine.image, {
		node,
		storage: machine.storage.disks
	});
	const problems = problemsOf$1(machine, guest, {
		planner,
		verdict
	});
	const existing = {
		machine,
		guest,
		verdict,
		problems
	};
	const isKept = verdict.action === "keep" && problems.length === 0;
	const kept = {
		...keepStep(existing),
		needs: planner.after ?? []
	};
	const id = planner.add(isKept ? kept : updateStep(existing, planner));
	planner.report(id, problems);
	if (machine.start) planStart(machine, {
		...planner,
		node
	}, {
		createFrom: id,
		guest
	});
	const removal = planUnusedRemoval(existing, planner, id);
	const restarts = planner.restart && planRestart(machine, existing, {
		planner,
		createFrom: id
	});
	const starts = needsStart(machine, guest);
	const base = planner.images.currentBase(machine.image, {
		node,
		storage: machine.storage.disks
	});
	return {
		name: machine.name,
		vmid,
		node,
		action: problems.length + removal.problems.length > 0 ? "blocked" : restarts ? "restart" : verdict.action === "update" || starts || removal.changes.length > 0 ? "update" : "keep",
		changes: [
			...withLoss(verdict.changes, planner),
			...removal.changes,
			...starts ? [startOf(guest)] : []
		],
		...verdict.pending.length > 0 && { pending: verdict.pending },
		...outdatedBy(base, existing, planner),
		...verdict.differences.length > 0 && { differences: verdict.differences },
		...unusedOf(existing, planner)
	};
}
/** The HA manager may have been told to stop a machine that still runs. */
function startOf({ status }) {
	return {
		key: "start",
		before: false,
		after: true,
		when: "now",
		...status === "running" && { reason: "the HA manager was told to stop it" }
	};
}
/** A machine is unchanged when its image has a newer build. */
function outdatedBy(to, { machine, guest: { marker } }, { leftAlone }) {
	const isOutdated = to !== void 0 && marker.base !== "" && to !== marker.base && marker.image === machine.image;
	const reason = leftAlone.get(machine.name);
	return isOutdated ? { outdated: {
		from: marker.base,
		to,
		...reason !== void 0 && { leftAlone: reason }
	} } : {};
}
function problemsOf$1(machine, guest, { planner, verdict }) {
	const { facts, addresses } = planner;
	const changed = new Set(verdict.changes.map(({ key }) => key));
	const template = templateProblem(machine, guest);
	if (template !== void 0) return [template];
	const conflict = storageProblem(machine, guest, facts) ?? verdict.problem;
	const lost = haProblem(machine, guest);
	const isTouched = verdict.action === "update" || needsStart(machine, guest) && guest.lock !== "suspended";
	return [
		...conflict === void 0 ? [] : [conflict],
		...isTouched ? lockProblem(machine, guest) : [],
		...lost === void 0 ? [] : [lost],
		...addressProblems(machine, addresses),
		...settingProblems(machine, {
			facts,
			node: guest.node,
			guest,
			changed
		}),
		...smallDisks(machine, planner, guest.config)
	];
}
/** Returns a problem if the manifest names a storage that does not exist. */
function storageProblem(machine, guest, { cluster }) {
	const { vmid, node } = guest;
	const on = (name) => cluster.storages.flatMap((entry) => entry.node === name ? [entry.storage] : []);
	const known = on(node);
	const anywhere = [node, ...machine.nodes].flatMap(on);
	const move = known.length === 0 ? void 0 : diskMoves(machine, guest).find(({ to }) => !anywhere.includes(to));
	if (move === void 0) return void 0;
	return new ProvisionError("CONFLICT", `There is no storage ${move.to} on ${node}, or the token may not see it; ${machine.name} (${vmid}) is not moved.`, {
		hint: `Storages on ${node} are ${known.join(", ")}: correct \`${move.place.replace(/ .*/, "")}\`.`,
		details: {
			machine: machine.name,
			key: move.place.replace(/ .*/, ""),
			vmid
		}
	});
}
function keepStep({ machine, guest: { vmid, node, marker } }) {
	return {
		id: `create:${machine.name}`,
		kind: "create",
		machine: machine.name,
		node,
		needs: [],
		lanes: [`node:${node}`],
		action: "keep",
		why: `${vmid} on ${node} is as declared`,
		templateFrom: "",
		linked: false,
		base: marker.base,
		known: { guest: {
			vmid,
			node
		} }
	};
}
function updateStep({ machine, guest, verdict, problems }, planner) {
	const volume = seedVolume(machine, seedOptions(machine, planner.desired, guest));
	const hasIt = volume !== void 0 && seedOf(guest.config, machine.name)?.endsWith(`/${volume}`);
	const { vmid, node } = guest;
	const isSound = problems.length === 0;
	const seed = hasIt || !isSound ? [] : planSeed(machine, {
		...planner,
		node
	}, guest);
	const disk = isSound ? planDiskImages(machine, {
		...planner,
		node
	}, guest.config) : NO_DISKS;
	return {
		id: `update:${machine.name}`,
		kind: "update",
		machine: machine.name,
		node,
		vmid,
		action: "run",
		why: verdict.why,
		needs: [
			...planner.after ?? [],
			...seed,
			...disk.needs
		],
		...seed[0] && { seedFrom: seed[0] },
		...disk.sources,
		lanes: [...disk.lanes, `node:${node}`],
		changes: withLoss(verdict.changes, planner),
		touches: {
			...touchesOf(verdict, disk),
			...planner.moved && { moved: planner.moved }
		},
		...problemOf(problems)
	};
}
/** A disk that starts with an image has the image's size, and grows to the declared size. */
function touchesOf({ set, remove, grow, pool, ha }, { sources: { disksFrom = {} } }) {
	return {
		keys: [...Object.keys(set), ...remove],
		grow: [...Object.keys(grow), ...Object.keys(disksFrom)],
		pool: pool !== void 0,
		ha: ha !== void 0
	};
}
/** Plans a restart if changes wait for it, or will. @returns true if there is a step */
function planRestart(machine, { guest, verdict, problems }, { planner, createFrom }) {
	const waiting = [...verdict.pending, ...verdict.changes.filter(({ when }) => when !== "now")].map(({ key }) => key);
	if (guest.status !== "running" || waiting.length === 0 || problems.length > 0) return false;
	const id = `restart:${machine.name}`;
	const against = [...lockProblem(machine, guest), ...pausedProblem(machine, guest, "restarted")];
	planner.add({
		id,
		kind: "restart",
		machine: machine.name,
		createFrom,
		action: "run",
		why: `${[...new Set(waiting)].join(", ")} ${waiting.length === 1 ? "waits" : "wait"} for it`,
		needs: [createFrom],
		lanes: [],
		...against.length === 0 ? { gate: planner.rollouts.gate(machine, id) } : problemOf(against)
	});
	planner.report(id, against);
	return true;
}

// ../core/dist/plan/machine/plan-impossible.js
/** Plans nothing for this machine. Others continue. */
function planImpossible(machine, planner, problems) {
	const { add, node } = planner;
	const create = add({
		id: `create:${machine.name}`,
		kind: "create",
		machine: machine.name,
		node,
		action: "run",
		why: problems[0]?.message ?? "",
		needs: [],
		templateFrom: "",
		linked: false,
		base: "",
		lanes: [],
		...problemOf(problems)
	});
	planner.report(create, problems);
	if (machine.start) planStart(machine, planner, { createFrom: create });
	return {
		name: machine.name,
		node,
		action: "blocked",
		changes: []
	};
}

// ../core/dist/plan/machine/plan-replaced.js
/** Plans the replacement of a VM. With a fixed id, the old VM is destroyed first. */
function planReplaced(machine, guest, planner) {
	if (machine.vmid === void 0) return planReplacement(machine, {
		old: guest,
		isBegun: false,
		why: `replaces ${guest.vmid}`
	}, planner);
	return planNewOrImpossible(machine, planner, guest);
}
/** Plans a machine that does not exist, or whose VM is destroyed first. */
function planNewOrImpossible(machine, planner, replaced) {
	const planned = planNew(machine, planner, replaced);
	return "problems" in planned ? planImpossible(machine, planner, planned.problems) : planned;
}

// ../core/dist/plan/machine/plan-renamed.js
/** Returns the guests with the former name of a machine. Empty if another entry has that name. */
function renamedGuests({ renamedFrom }, { desired, guests }) {
	if (renamedFrom === void 0 || desired.machines.some(({ name }) => name === renamedFrom)) return [];
	return guests.get(renamedFrom) ?? [];
}
/** A run was interrupted while it replaced the VM, which has two names until that is finished. */
function halfReplaced({ name, entry, renamedFrom }, { guests }) {
	const [old] = renamedFrom === void 0 ? [] : guests.get(retiredName(renamedFrom)) ?? [];
	if (old === void 0) return void 0;
	return new ProvisionError("CONFLICT", `${renamedFrom} (${old.vmid} on ${old.node}) is being replaced, so it cannot become ${name} yet.`, {
		hint: `Finish the replacement first: give ${entry} its former name again, then pve-provision apply`,
		details: {
			machine: name,
			key: "renamedFrom",
			vmid: old.vmid
		}
	});
}
function planRenamed(machine, guest, planner) {
	const { vmid, node, marker, config } = guest;
	const isReplaced = planner.replaced.has(machine.name);
	if (isReplaced && machine.vmid !== void 0) return renamedTo(machine, planReplaced(machine, guest, planner), { from: marker.name });
	const problems = [...lockProblem(machine, guest), ...planner.allowNamesake ? [] : namesakeProblems(machine, planner)];
	const rename = planner.add({
		id: `rename:${machine.name}`,
		kind: "rename",
		machine: machine.name,
		from: marker.name,
		vmid,
		node,
		action: "run",
		why: `renamed in the manifest, was ${marker.name} (${vmid} on ${node})`,
		needs: [],
		lanes: [`node:${node}`],
		...problemOf(problems)
	});
	planner.report(rename, problems);
	const told = firstBootChange({
		set: { name: machine.name },
		remove: []
	}, config);
	const awaits = told && awaitsOf(guest, [...awaitedKeys(guest), "name"]);
	const after = {
		...guest,
		name: machine.name,
		marker: {
			...marker,
			name: machine.name,
			...awaits !== void 0 && { awaits }
		},
		config: {
			...config,
			name: machine.name
		}
	};
	const next = {
		...planner,
		after: [rename]
	};
	return renamedTo(machine, isReplaced ? planReplaced(machine, after, next) : planExisting(machine, after, next), {
		from: marker.name,
		told: isReplaced ? void 0 : told
	});
}
/** Adds the change of the name. */
function renamedTo({ name }, planned, { from, told }) {
	const change = {
		key: "name",
		before: from,
		after: name,
		...told === void 0 ? { when: "now" } : {
			when: told.when,
			...told.impact && { impact: told.impact }
		}
	};
	const action = planned.action === "keep" ? "update" : planned.action;
	const { pending = [], ...rest } = planned;
	const earlier = pending.filter(({ key }) => key !== "name");
	return {
		...rest,
		action,
		changes: [change, ...planned.changes],
		...earlier.length > 0 && { pending: earlier }
	};
}

// ../core/dist/plan/machine/plan-machine.js
/** Adds a machine's steps and returns what will happen to it. */
function planMachine(machine, planner) {
	const own = planner.guests.get(machine.name) ?? [];
	const [retired] = planner.guests.get(retiredName(machine.name)) ?? [];
	if (retired !== void 0) return planReplacement(machine, {
		old: retired,
		isBegun: true,
		why: ""
	}, planner);
	const half = own.length === 0 ? halfReplaced(machine, planner) : void 0;
	if (half !== void 0) return planImpossible(machine, planner, [half]);
	const former = own.length === 0 ? renamedGuests(machine, planner) : [];
	for (const found of [own, former]) if (found.length > 1) return planImpossible(machine, planner, [duplicateProblem(found[0]?.marker.name ?? machine.name, found)]);
	const [renamed] = former;
	if (renamed !== void 0) return planRenamed(machine, renamed, planner);
	const [guest] = own;
	const outOfReach = guest === void 0 ? reachProblem(machine, planner) : void 0;
	if (outOfReach !== void 0) return planImpossible(machine, planner, [outOfReach]);
	if (guest === void 0) return planNewOrImpossible(machine, planner);
	return planner.replaced.has(machine.name) ? planReplaced(machine, guest, planner) : planExisting(machine, guest, planner);
}

// ../core/dist/plan/foreign-template.js
/** Finds the template on the node itself, or on a shared storage, from which it can be cloned to another node. */
function foreignTemplate(image, { node }, { facts }) {
	const templates = image?.templates ?? [];
	return templates.find((template) => template.node === node) ?? templates.find((template) => storageOf(facts, template)?.shared === true);
}
/** Returns the base of a template whose content is unknown. */
function foreignBase(vmid) {
	return hash16(`template ${vmid}`);
}
function planForeignTemplate(image, context) {
	const { add, at, resolve } = context;
	const { name } = image;
	const found = foreignTemplate(image, at.disks, context);
	if (found === void 0) {
		const { node } = at.disks;
		const problem = new ProvisionError("CONFLICT", `The template of ${name} is not on ${node}, and its storage is not shared.`, {
			hint: `It is on ${image.templates?.map((one) => one.node).join(", ")}: put the machine there.`,
			details: { node }
		});
		return {
			base: "",
			id: add({
				id: `resolve:${name}@${node}`,
				kind: "resolve",
				image: name,
				needs: [resolve],
				lanes: [],
				action: "run",
				why: "the template is on another node",
				problem
			})
		};
	}
	const { vmid, node, storage } = found;
	const base = foreignBase(vmid);
	return {
		id: add({
			id: `template:${name}@${vmid}`,
			kind: "template",
			image: name,
			at: {
				node,
				storage
			},
			name: found.name,
			base,
			action: "keep",
			why: `${vmid} on ${node} exists; it is cloned and never changed`,
			needs: [resolve],
			lanes: [],
			known: { guest: {
				vmid,
				node
			} }
		}),
		base,
		storage
	};
}

// ../core/dist/plan/plan-iso.js
/** Adds the steps for the ISO. Returns the id of the last step. */
function planIso(iso, context) {
	const { image, at, resolve } = iso;
	const storage = storageOf(context.facts, at);
	const place = placeOf$1(storage, at);
	const stem = volumeStem(image.name, baseOf(iso.facts, "as-is"));
	const whole = isoThere(stem, at, context.facts);
	const choice = chooseIsoRoute(image, {
		facts: iso.facts,
		cluster: context.facts.cluster,
		at
	});
	const step = {
		image: image.name,
		at,
		content: "iso",
		needs: [resolve],
		...choice.route === "pull" ? pulled(iso, stem) : {
			kind: "upload",
			stem,
			route: "push",
			blob: iso.facts.digest
		},
		id: `${choice.route === "pull" ? "pull" : "upload"}:${image.name}@${place}`,
		action: "run",
		why: `ISO ${stem} is not on ${place} yet; ${choice.why}`,
		lanes: [choice.route === "pull" ? "download" : "upload", storageLane(storage, at)]
	};
	if (whole !== void 0) {
		const known = { volid: whole.volid };
		return context.add({
			...step,
			action: "keep",
			why: `${whole.name} is on ${place}`,
			lanes: [],
			known
		});
	}
	return context.add(choice.route === "pull" ? step : {
		...step,
		needs: [planDownload(iso, context)]
	});
}
function pulled({ image, facts }, stem) {
	const { digest, sizeBytes } = facts;
	const size = sizeBytes === void 0 ? {} : { sizeBytes };
	return {
		kind: "pull",
		volume: pulledName(stem, "iso"),
		urls: addressesOf$1(image, facts),
		digest,
		...size
	};
}
function planDownload({ image, facts, resolve }, context) {
	const { digest, file, url, sizeBytes } = facts;
	const isHere = context.facts.blobs.has(digest);
	return context.add({
		id: `download:${image.name}`,
		kind: "download",
		image: image.name,
		urls: addressesOf$1(image, facts),
		digest,
		...sizeBytes !== void 0 && { sizeBytes },
		...file !== void 0 && { file },
		needs: [resolve],
		action: isHere ? "keep" : "run",
		why: `${shorten(digest)} is ${isHere ? "" : "not "}in the store${file === void 0 || isHere ? "" : `; read from ${file}`}`,
		lanes: isHere ? [] : file === void 0 ? ["download", `host:${url.host}`] : ["download"]
	});
}
function isoThere(stem, at, facts) {
	const { volumes } = facts;
	return (storageOf(facts, at)?.shared === true ? [...volumes].filter(([key]) => key.endsWith(`/${at.storage}`)) : [[at, volumes.get(storageKey(at))]]).flatMap(([, list]) => list ?? []).find((volume) => volume.name.endsWith(".iso") && isWholeVolume(stem, volume));
}

// ../core/dist/plan/plan-volume.js
/** Adds the steps for the volume. Returns the id of the last step. */
function planVolume(entry, context) {
	const { facts, add, at } = context;
	if (entry.facts.volume !== void 0) return planForeignVolume(entry, entry.facts.volume, context);
	const storage = storageOf(facts, at.images);
	const stem = volumeStem(entry.image.name, baseOf(entry.facts, entry.conversion.recipe));
	const whole = wholeVolume(stem, facts, {
		at: at.images,
		storage
	});
	const choice = chooseRoute(entry.image, {
		...entry,
		cluster: facts.cluster,
		at: at.images
	});
	const place = placeOf$1(storage, at.images);
	const common = {
		image: entry.image.name,
		at: at.images,
		needs: [context.resolve]
	};
	if (choice.route === "pull") {
		const { digest, url, sizeBytes, format = "qcow2" } = entry.facts;
		const step = {
			...common,
			id: `pull:${entry.image.name}@${place}`,
			kind: "pull",
			volume: pulledName(stem, format),
			urls: addressesOf$1(entry.image, entry.facts),
			digest,
			...sizeBytes !== void 0 && { sizeBytes }
		};
		if (whole) return add({
			...step,
			...keptVolume(whole, place)
		});
		const why = `${stem} is not on ${place} yet; ${choice.why}`;
		return add({
			...step,
			action: "run",
			why,
			lanes: [
				"download",
				hostLane(url),
				storageLane(storage, at.images)
			]
		});
	}
	const step = {
		...common,
		id: `upload:${entry.label}@${place}`,
		kind: "upload",
		stem,
		route: choice.route,
		...entry.image.convert === "runner" && { asIs: true }
	};
	if (whole) return add({
		...step,
		blob: entry.facts.digest,
		...keptVolume(whole, place)
	});
	const passedOn = choice.route === "push" && !context.keepImages ? planStream(entry, {
		...context,
		stem,
		place,
		why: choice.why
	}) : void 0;
	if (passedOn !== void 0) return passedOn;
	const { id, blob } = planBlob(entry, context);
	const why = `${stem} is not on ${place} yet; ${choice.route}: ${choice.why}`;
	return add({
		...step,
		blob,
		action: "run",
		why,
		needs: [id],
		lanes: ["upload", storageLane(storage, at.images)]
	});
}
/** A foreign volume is read where it is. It is not available on other nodes. */
function planForeignVolume({ image }, { volid, nodes }, { add, at, resolve }) {
	const { node } = at.disks;
	if (nodes.has(node)) return resolve;
	const problem = new ProvisionError("CONFLICT", `The volume of ${image.name} is not on ${node}: ${volid}.`, {
		hint: `It is on ${[...nodes].join(", ")}: put the machine there, or copy the volume.`,
		details: { node }
	});
	return add({
		id: `resolve:${image.name}@${node}`,
		kind: "resolve",
		image: image.name,
		needs: [resolve],
		lanes: [],
		action: "run",
		why: "the volume is on another node",
		problem
	});
}
/**
* Streams from the vendor to Proxmox without the disk: for an image that needs no conversion, is not stored here, and
* goes to one place.
*/
function planStream(entry, { facts, add, at, resolve, stem, place, why }) {
	const { image, conversion, volumes } = entry;
	const { digest, url, format, sizeBytes } = entry.facts;
	const isPlain = packingOf(entry.facts) === "none";
	if (entry.facts.file !== void 0) return void 0;
	if (!(conversion.recipe === "as-is" && isPlain && (format === "qcow2" || format === "raw")) || sizeBytes === void 0 || facts.blobs.has(digest) || volumes > 1) return void 0;
	return add({
		id: `stream:${image.name}@${place}`,
		kind: "stream",
		image: image.name,
		at: at.images,
		stem,
		format,
		urls: addressesOf$1(entry.image, entry.facts),
		digest,
		sizeBytes,
		action: "run",
		why: `${stem} is not on ${place} yet; streamed without a temporary file: ${why}`,
		needs: [resolve],
		lanes: [
			"download",
			hostLane(url),
			"upload",
			storageLane(storageOf(facts, at.images), at.images)
		]
	});
}
function keptVolume(volume, place) {
	return {
		action: "keep",
		why: `${volume.name} is on ${place}`,
		lanes: [],
		known: { volid: volume.volid }
	};
}
function wholeVolume(stem, facts, { at, storage }) {
	return (facts.volumes.get(storageKey(at)) ?? (storage?.shared ? sharedListing(facts, at.storage) : void 0))?.find((volume) => isWholeVolume(stem, volume));
}
function sharedListing(facts, storage) {
	return [...facts.volumes].find(([key]) => key.endsWith(`/${storage}`))?.[1];
}
/** Plans the bytes on this computer: downloaded, and unpacked or converted if needed. */
function planBlob(entry, { facts, add, resolve }) {
	const { image, conversion } = entry;
	const { digest, url, file, member, format, sizeBytes } = entry.facts;
	const packing = packingOf(entry.facts);
	const asIs = conversion.recipe === "as-is" && packing === "none";
	const to = asIs ? digest : madeKey(entry.facts, conversion.recipe);
	const made = !asIs && facts.blobs.has(to);
	const here = facts.blobs.has(digest);
	const download = {
		id: `download:${image.name}`,
		kind: "download",
		image: image.name,
		urls: addressesOf$1(entry.image, entry.facts),
		digest,
		...sizeBytes !== void 0 && { sizeBytes },
		...file !== void 0 && { file },
		...packing !== void 0 && packing !== "none" && { isPacked: true },
		...packing === "none" && format === "qcow2" && conversion.recipe === "raw" && { becomesRaw: true },
		...member !== void 0 && { member },
		needs: [resolve]
	};
	const id = made ? resolve : here ? add({
		...download,
		action: "keep",
		why: `${shorten(digest)} is in the store`,
		lanes: []
	}) : add({
		...download,
		action: "run",
		why: `${shorten(digest)} is not in the store${file === void 0 ? "" : `; read from ${file}`}`,
		lanes: file === void 0 ? ["download", hostLane(url)] : ["download"]
	});
	if (asIs) return {
		id,
		blob: to
	};
	const convert = {
		id: `convert:${entry.label}`,
		kind: "convert",
		image: image.name,
		from: digest,
		...member !== void 0 && { member },
		to,
		...conversion.recipe !== "as-is" && { format: conversion.recipe },
		needs: [id]
	};
	const why = reasonToConvert(entry);
	if (made) return {
		blob: to,
		id: add({
			...convert,
			action: "keep",
			why: "the result is in the store",
			lanes: []
		})
	};
	return {
		blob: to,
		id: add({
			...convert,
			action: "run",
			why,
			lanes: ["convert"]
		})
	};
}
function reasonToConvert({ facts, conversion }) {
	const packing = packingOf(facts);
	return [packing === void 0 || packing === "none" ? "" : `it is ${packing}`, conversionReason(conversion, facts.format)].filter((part) => part !== "").join("; ") || "its format is not known yet";
}
function conversionReason({ recipe, why }, format) {
	return recipe === "as-is" ? "" : `${format ?? "format not known yet"} to ${recipe}: ${why}`;
}
function hostLane(url) {
	return `host:${url.host}`;
}

// ../core/dist/plan/plan-image.js
function createImagePlanner(context) {
	const { images, project } = context.desired;
	const factsOf = (name) => factsIn(context, name);
	const known = knownImages(context);
	const withSource = sourceOf(context);
	const planner = {
		factsOf,
		currentBase(name, disks) {
			const image = images.get(name);
			if (image?.kind === "built") return builtBase(image, planner.currentBase(image.from, disks), project);
			const foreign = foreignTemplate(factsOf(name), disks, context);
			if (foreign !== void 0) return foreignBase(foreign.vmid);
			return factsOf(name)?.unknown ? void 0 : known(name, disks)?.base;
		},
		planKept: remember((name) => planResolve(withBases(name, images).at(-1) ?? name, context)),
		planTemplate(name, asked) {
			const at = withSource(name, asked);
			const image = images.get(name);
			if (image?.kind === "built") return planBuild(image, {
				...context,
				at,
				planner
			});
			const resolve = planResolve(name, context);
			const facts = factsOf(name);
			if (facts?.unknown) return {
				id: unknownSource(name, resolve, context),
				base: ""
			};
			if (facts?.templates !== void 0) return planForeignTemplate(facts, {
				...context,
				at,
				resolve
			});
			const entry = known(name, at.disks);
			if (entry === void 0) return {
				id: resolve,
				base: ""
			};
			return planTemplate(entry, {
				...context,
				at,
				resolve
			});
		},
		planVolume(name, at) {
			if (images.get(name)?.kind === "built") return { id: planner.planTemplate(name, at).id };
			const resolve = planResolve(name, context);
			if (factsOf(name)?.templates !== void 0) return { id: noVolume(name, resolve, context) };
			if (factsOf(name)?.unknown) return { id: unknownSource(name, resolve, context) };
			const entry = known(name, at.disks);
			if (entry === void 0) return { id: resolve };
			const { importFormat } = entry.conversion;
			return {
				id: planVolume(entry, {
					...context,
					at,
					resolve
				}),
				...importFormat && { importFormat }
			};
		},
		planIso(name, at) {
			const resolve = planResolve(name, context);
			if (factsOf(name)?.unknown) return { id: unknownSource(name, resolve, context) };
			const [image, facts] = [context.desired.images.get(name), factsOf(name)];
			return { id: image === void 0 || facts === void 0 ? resolve : planIso({
				image,
				facts,
				at,
				resolve
			}, context) };
		}
	};
	return planner;
}
/**
* Machines share a template even if they name different storages for images. Its volume goes to the first of these
* storages that can hold it, so that an unusable one does not block the other machines.
*/
function sourceOf({ targets, facts }) {
	const usable = remember((image) => Map.groupBy(targets(image).filter(({ images }) => canImport(storageOf(facts, images))), ({ disks }) => storageKey(disks)));
	return (image, at) => {
		const [first] = usable(image).get(storageKey(at.disks)) ?? [];
		return {
			images: first?.images ?? at.images,
			disks: at.disks
		};
	};
}
function canImport(storage) {
	return storage?.active === true && isFileBased(storage.type) && storage.content.has("import");
}
/** Proxmox imports only volumes. Templates can only be cloned as a whole. */
function noVolume(name, resolve, { add }) {
	const problem = new ProvisionError("CONFLICT", `${name} is a template, but a disk needs a volume or a file.`, { hint: "Use the image that the template was created from, or its volume: `volume: STORAGE:import/NAME`." });
	return add({
		id: `resolve:${name}@disk`,
		kind: "resolve",
		image: name,
		needs: [resolve],
		lanes: [],
		action: "run",
		why: "a template is not a volume",
		problem
	});
}
/** Existing machines are kept. A new machine has no image to be created from. */
function unknownSource(name, resolve, { add }) {
	const problem = new ProvisionError("CONFLICT", `No machine can be created from ${name}: its source is declared as unknown.`, { hint: `Set its source (\`url\`, \`file\`, \`template\` or \`volume\` of images.${name}), or adopt the existing VM: pve-provision adopt NAME VMID` });
	return add({
		id: `resolve:${name}@new`,
		kind: "resolve",
		image: name,
		needs: [resolve],
		lanes: [],
		action: "run",
		why: "the image is unknown",
		problem
	});
}
function planResolve(name, { facts, add }) {
	const found = facts.images.get(name);
	const common = {
		id: `resolve:${name}`,
		kind: "resolve",
		image: name,
		needs: [],
		lanes: []
	};
	if (found === void 0 || found instanceof ProvisionError) {
		const problem = found ?? new ProvisionError("UNEXPECTED", `The image ${name} was not looked at.`);
		return add({
			...common,
			action: "run",
			why: "its digest is not available",
			problem
		});
	}
	if (found.unknown) return add({
		...common,
		action: "keep",
		why: "unknown source: existing machines are kept, and no new one can be created"
	});
	const origin = {
		manifest: "pinned in the manifest",
		lock: "pinned in the lock file",
		document: "from the vendor's checksum document",
		"first use": "measured at its first download, and pinned in the lock file",
		file: `measured here: ${found.file}`,
		none: ""
	};
	if (found.templates !== void 0) {
		const ids = found.templates.map(({ vmid, node }) => `${vmid} on ${node}`).join(", ");
		return add({
			...common,
			action: "keep",
			why: `template ${ids} is cloned; its digest is not known`
		});
	}
	if (found.volume !== void 0) {
		const known = { volid: found.volume.volid };
		return add({
			...common,
			action: "keep",
			why: `${known.volid} is used; its digest is not known`,
			known
		});
	}
	const signed = found.signature === "verified" ? ", signature verified" : "";
	return add({
		...common,
		action: "keep",
		why: `${shorten(found.digest)} ${origin[found.digestFrom]}${signed}`
	});
}
function planTemplate(entry, context) {
	const { facts, add, at } = context;
	const { base } = entry;
	const storage = storageOf(facts, at.disks);
	const place = placeOf$1(storage, at.disks);
	const common = {
		id: `template:${entry.image.name}@${place}`,
		kind: "template",
		image: entry.image.name,
		at: at.disks,
		name: templateName(entry.image.name, base),
		base,
		...entry.conversion.importFormat && { importFormat: entry.conversion.importFormat }
	};
	const made = templatesThere({
		image: entry.image.name,
		base,
		at: at.disks
	}, facts);
	const there = made.find(({ template }) => template);
	if (there) {
		const why = `${there.vmid} on ${there.node} was created from this digest`;
		const known = { guest: {
			vmid: there.vmid,
			node: there.node
		} };
		return {
			base,
			id: add({
				...common,
				action: "keep",
				why,
				needs: [context.resolve],
				lanes: [],
				known
			})
		};
	}
	const problem = made.length === 0 ? context.claimId(common.id, common.image) : void 0;
	const volume = planVolume(entry, context);
	const why = leftoverText(made) ?? `no template of ${entry.facts.volume?.volid ?? shorten(entry.facts.digest)} on ${place}`;
	const lanes = [storageLane(storage, at.disks), `node:${at.disks.node}`];
	return {
		base,
		id: add({
			...common,
			action: "run",
			why,
			needs: [volume],
			volumeFrom: volume,
			lanes,
			...problem && { problem }
		})
	};
}
/** Describes what a run that ended early left of a template, and what happens to it. */
function leftoverText([guest]) {
	if (guest === void 0) return void 0;
	const { vmid, node, config } = guest;
	return `${vmid} on ${node}, left over from an interrupted run, ${isTemplate(config) ? "is only partly converted, which Proxmox cannot continue: it is removed and created again" : "is not converted to a template yet, which is done now"}`;
}

// ../core/dist/plan/removals.js
/** Adds a step for each machine and returns what happens to it. */
function planRemovals(orphans, { desired, facts, add }) {
	const guests = new Map(facts.guests.map((guest) => [guest.vmid, guest]));
	return orphans.flatMap(({ name, vmid, node }) => {
		const guest = guests.get(vmid);
		if (guest === void 0) return [];
		const step = guarded(destroyStep(guest, "it is not in the manifest"), guest, desired);
		add({
			...step,
			id: `destroy:${name}@${vmid}`
		});
		return [{
			name,
			vmid,
			node,
			action: step.problem ? "blocked" : "remove",
			changes: []
		}];
	});
}

// ../core/dist/plan/make-plan.js
/**
* Plans a run: for each machine what it lacks, for each missing machine its template, for each missing template its
* volume, for each missing volume its bytes. What already exists appears as `keep`, with the reason.
* @throws ProvisionError `USAGE` for a name in the options that matches nothing
*/
function makePlan(desired, facts, options = {}) {
	return completePlan(draftPlan(desired, facts, options), {
		desired,
		facts
	});
}
/** Plans without the checks that come before the first change. */
function draftPlan(desired, facts, options = {}) {
	const { only, prune = false } = options;
	const leftOut = leftOutNodes(facts, options.withoutNodes);
	const homes = homesOf(desired.machines, facts);
	const left = select(desired.machines, only).map((machine) => withoutNodes(machine, homes.get(machine.name), leftOut));
	const machines = options.move ? withTargets(left, facts, options.nodes) : left;
	const gathered = gatherSteps(desired, idsLeft(desired, facts));
	const nodeOf = placeMachines(machines, facts, options.nodes);
	const planner = plannerOf({
		desired,
		facts,
		gathered,
		nodeOf,
		options,
		machines
	});
	const planned = machines.map((machine) => planMachine(machine, {
		...planner,
		node: nodeOf(machine)
	}));
	const orphans = only === void 0 || only.length === 0 ? orphansOf(desired, facts) : [];
	const pruned = prune ? planRemovals(orphans, {
		desired,
		facts,
		add: gathered.add
	}) : [];
	const steps = [...gathered.steps.values()];
	return {
		steps,
		verdicts: planner.verdicts,
		found: gathered.found,
		machines: [...planned, ...pruned],
		orphans: prune ? [] : orphans,
		notes: [
			...manifestNotes(desired),
			...prune ? otherFileNotes(desired, facts) : [],
			...verifiedNotes(facts),
			...unknownNodeNotes(machines, facts),
			...reachNotes(machines, steps),
			...renameNotes(planned, {
				desired,
				facts,
				orphans
			}),
			...givenUpNotes(machines, facts),
			...namesakeNotes(machines, facts),
			...leftOutNotes({
				machines,
				facts,
				leftOut,
				move: options.move
			})
		]
	};
}
/** Collects the steps and problems of all machines. A step that several machines need is added once. */
function gatherSteps(desired, left) {
	const steps = /* @__PURE__ */ new Map();
	const found = [];
	const ids = { left };
	return {
		steps,
		found,
		ids,
		add(step) {
			if (!steps.has(step.id)) steps.set(step.id, step);
			return step.id;
		},
		claimId(step, image) {
			if (steps.has(step)) return void 0;
			if (ids.left <= 0) return templateRangeProblem(image, desired);
			ids.left -= 1;
		},
		report: (step, problems) => void found.push(...problems.map((problem) => ({
			step,
			problem
		})))
	};
}
function plannerOf({ desired, facts, gathered, machines, nodeOf, options }) {
	const { replace = [], keepImages = false, allowNamesake = false, restart = false, move = false, prune = false, leftAlone = /* @__PURE__ */ new Map(), batch } = options;
	const { ids, add, claimId, report } = gathered;
	const targets = (image) => {
		const builds = withBuilds(image, desired.images);
		return machines.flatMap((machine) => {
			const node = nodeOf(machine);
			const images = {
				node,
				storage: machine.storage.images
			};
			return [...new Set(builds.flatMap((one) => storagesFor(machine, one)))].map((storage) => ({
				images,
				disks: {
					node,
					storage
				},
				machine: machine.name
			}));
		});
	};
	return {
		desired,
		facts,
		guests: machinesByName$1(desired, facts),
		addresses: addressBook(desired, facts),
		images: createImagePlanner({
			desired,
			facts,
			add,
			claimId,
			targets,
			keepImages
		}),
		replaced: replacedNames(replace, {
			all: desired.machines,
			chosen: machines
		}),
		leftAlone,
		rollouts: createRollouts(batch),
		restart,
		move,
		prune,
		allowNamesake,
		verdicts: /* @__PURE__ */ new Map(),
		ids,
		add,
		report
	};
}
/**
* Names that match nothing are an error, because it would look like a replacement that was not needed. The same applies
* to machines that the run does not include.
*/
function replacedNames(patterns, { all, chosen }) {
	if (patterns.length === 0) return /* @__PURE__ */ new Set();
	const names = new Set(select(all, patterns).map(({ name }) => name));
	if (!chosen.some(({ name }) => names.has(name))) throw new ProvisionError("USAGE", `--only leaves out ${nameList([...names])}, so nothing would be replaced.`, { hint: "Choose the machines to replace in --only as well, or remove --only." });
	return names;
}

// ../core/dist/plan/make-prune-plan.js
/**
* Plans the removal of this project's templates that no machine was created from and that no new machine would use, and
* of image volumes with another digest than today's. If an image's digest is not available today, nothing of it is
* removed.
*/
function makePrunePlan(desired, facts, unused = { cds: [] }) {
	const current = currentBases(desired, facts);
	const inUse = new Set(facts.guests.filter(({ marker }) => marker.kind === "machine").map(({ marker }) => marker.base));
	const templates = removableTemplates(facts.guests.filter((guest) => isUnused(guest, {
		current,
		inUse
	})), facts.guests);
	const volumes = [...facts.volumes].flatMap(([storageRef, list]) => removals(storageRef, list, {
		desired,
		facts,
		current
	}));
	const cds = cdRemovals(unused, {
		desired,
		facts,
		current
	});
	const draft = {
		steps: [
			...templateSteps(templates, (template) => whyUnused(template, current)),
			...volumes,
			...cds.steps
		],
		notes: [
			...[...current].flatMap(([image, bases]) => bases === void 0 ? [`${image} is left alone: its digest is not available.`] : []),
			...volumes.length > 0 ? [SHARED] : [],
			...cds.notes
		],
		machines: [],
		orphans: []
	};
	return completePlan(draft, {
		desired,
		facts
	});
}
function whyUnused({ marker: { image, stage } }, current) {
	if (stage === "failed") return `a build of ${image} failed in it`;
	return `no machine uses it, and ${current.has(image) ? `${image} has a newer build` : `the manifest has no ${image}`}`;
}
/** A volume's name contains image and digest but no project, so projects can share it. */
const SHARED = "Image volumes belong to no project: another project that uses an older build of an image with this name has to download it again.";
function currentBases(desired, facts) {
	return new Map([...desired.images.keys()].map((name) => [name, basesOf(name, desired, facts)]));
}
function basesOf(name, desired, facts) {
	const [image, known] = [desired.images.get(name), facts.images.get(name)];
	if (image?.kind === "built") {
		const from = basesOf(image.from, desired, facts);
		return from && new Set([...from].flatMap((base) => builtBase(image, base, desired.project) ?? []));
	}
	if (image === void 0 || known === void 0 || known instanceof ProvisionError) return void 0;
	if (known.templates !== void 0) return new Set(known.templates.map(({ vmid }) => foreignBase(vmid)));
	const builds = withBuilds(name, desired.images);
	const disks = desired.machines.flatMap((machine) => builds.flatMap((one) => storagesFor(machine, one)));
	const conversions = [void 0, ...facts.cluster.storages.filter(({ storage }) => disks.includes(storage))].map((storage) => chooseConversion(image, known, storage));
	return new Set(conversions.flatMap(({ recipe, importFormat }) => [baseOf(known, recipe), ...importFormat ? [baseOf(known, importFormat)] : []]));
}
function isUnused({ marker }, { current, inUse }) {
	if (marker.kind !== "template") return false;
	if (marker.stage === "failed") return true;
	if (inUse.has(marker.base)) return false;
	if (!current.has(marker.image)) return true;
	const bases = current.get(marker.image);
	return bases !== void 0 && !bases.has(marker.base);
}
function removals(storageRef, volumes, { desired, facts, current }) {
	const at = storageRefOf(storageRef);
	const foreign = new Set(Array.from(desired.images.values(), (image) => image.kind === "volume" && image.volume));
	return volumes.flatMap((volume) => {
		if (foreign.has(volume.volid)) return [];
		const image = [...desired.images.keys()].find((name) => isOldVolume(volume.name, name, current.get(name)));
		if (image === void 0) return [];
		return [{
			id: `remove-volume:${storageRef}/${volume.name}`,
			kind: "remove-volume",
			at,
			volid: volume.volid,
			action: "run",
			why: `${image} has a newer build; this one takes ${sizeText(volume.sizeBytes)}`,
			needs: [],
			lanes: [storageLane(storageOf(facts, at), at)]
		}];
	});
}
/** CDs that no guest uses. One that a machine is about to get stays. */
function cdRemovals({ cds, doubt }, { desired, facts, current }) {
	const guests = new Map(facts.guests.map((guest) => [guest.marker.name, guest]));
	const next = new Set(desired.machines.map((machine) => seedVolume(machine, seedOptions(machine, desired, guests.get(machine.name)))));
	const isNext = ({ volid, image }) => {
		const name = volid.slice(volid.lastIndexOf("/") + 1);
		const bases = image === void 0 ? void 0 : current.get(image) ?? "unknown";
		return next.has(name) || bases === "unknown" || [...bases ?? []].some((base) => name.includes(`-${base}`));
	};
	const left = cds.filter((cd) => !isNext(cd));
	const may = privilegesIn(facts);
	const removable = left.filter(({ storage }) => may(`/storage/${storage}`, "Datastore.Allocate"));
	const stay = left.filter((cd) => !removable.includes(cd));
	return {
		steps: removable.map(({ node, storage, volid, machine, image }) => {
			const at = {
				node,
				storage
			};
			return {
				id: `remove-volume:${node}/${storage}/${volid.slice(volid.lastIndexOf("/") + 1)}`,
				kind: "remove-volume",
				at,
				volid,
				action: "run",
				why: `no guest uses this CD of ${machine ?? image}`,
				needs: [],
				lanes: [storageLane(storageOf(facts, at), at)]
			};
		}),
		notes: [...doubt === void 0 ? [] : [`CDs are left alone: ${doubt}.`], ...stay.length === 0 ? [] : [`No guest uses ${nameList(stay.map(({ volid }) => volid))}. Removing them needs Datastore.Allocate; or as root on the node: pvesm free VOLUME`]]
	};
}
const OUR_NAME = /^(.*)-([0-9a-f]{16})(?:-\d+)?(?:\.raw)?\.(?:qcow2|raw|vmdk)$/;
function isOldVolume(name, image, bases) {
	const [, stem, base] = OUR_NAME.exec(name) ?? [];
	if (stem === void 0 || base === void 0 || bases === void 0) return false;
	return volumeStem(image, base) === `${stem}-${base}` && !bases.has(base);
}
function storageRefOf(key) {
	const [node = "", storage = ""] = key.split("/");
	return {
		node,
		storage
	};
}

// ../core/dist/report/machine-report.js
const MACHINE_KINDS = [
	"create",
	"replace",
	"adopt",
	"rename",
	"move",
	"move-disks",
	"remove-disks",
	"restart",
	"update",
	"start",
	"wait",
	"destroy"
];
/** Returns the machines of the plan that had steps, in the order of the plan. */
function machineReports({ desired, facts, outcomes, machines, seen }) {
	const own = Map.groupBy(outcomes.filter(({ step }) => MACHINE_KINDS.includes(step.kind)), ({ step }) => nameOf(step) ?? "");
	const declared = new Map(desired.machines.map((machine) => [machine.name, machine]));
	const guests = new Map(facts.guests.map((guest) => [guest.vmid, guest]));
	return [...new Set(machines.map(({ name }) => name))].flatMap((name) => {
		const steps = own.get(name);
		return steps === void 0 ? [] : [machineReport(name, steps, {
			machine: declared.get(name),
			guests,
			seen
		})];
	});
}
function machineReport(name, own, { machine, guests, seen }) {
	const place = own.findLast(({ result }) => result?.guest)?.result?.guest ?? placeBefore(name, guests);
	const ips = own.findLast(({ result }) => result?.addresses)?.result?.addresses ?? (place && seen?.get(place.vmid));
	const pending = own.findLast(({ result }) => result?.pending)?.result?.pending ?? [];
	const guest = place && guests.get(place.vmid);
	const status = statusOf(own);
	const power = powerOf(own, guest);
	const image = machine?.image ?? guest?.marker.image;
	return {
		name,
		...place,
		status,
		...place && status !== "destroyed" && power !== void 0 && { power },
		addresses: machine === void 0 ? [] : staticAddresses(machine),
		...ips && { ips },
		tags: tagsOf(machine, guest),
		...image !== void 0 && { image },
		...pending.length > 0 && { pending }
	};
}
/** Returns the place of a machine whose step failed without a result. Undefined if two have the same name. */
function placeBefore(name, guests) {
	const own = [...guests.values()].filter(({ marker }) => marker.kind === "machine" && marker.name === name);
	const [only] = own;
	return own.length === 1 && only ? {
		vmid: only.vmid,
		node: only.node
	} : void 0;
}
/** A machine that this run created is not in the listing. It runs if this run started it. */
function powerOf(own, guest) {
	if (guest?.isPaused) return "paused";
	const start = own.find(({ step }) => step.kind === "start");
	if (start?.status === "done" || start?.status === "kept") return "running";
	return own.some(({ step, status }) => step.kind === "create" && status === "done") ? "stopped" : guest?.status;
}
/** Returns the tags without the owner tag: the declared ones, else the current ones. */
function tagsOf(machine, guest) {
	if (machine?.declared.has("tags")) return machine.tags;
	return splitTags(guest?.config.tags).filter((tag) => tag !== OWNER_TAG);
}
function nameOf(step) {
	if ("machine" in step) return step.machine;
	return step.kind === "destroy" ? step.name : void 0;
}
function statusOf(own) {
	for (const status of [
		"failed",
		"blocked",
		"cancelled"
	]) if (own.some((outcome) => outcome.status === status)) return status;
	const done = own.filter(({ status }) => status === "done").map(({ step }) => step.kind);
	if (done.includes("create")) return "created";
	if (done.includes("replace")) return "replaced";
	if (done.includes("destroy")) return "destroyed";
	return done.length > 0 ? "updated" : "kept";
}

// ../core/dist/report/make-report.js
/** Creates the report of a run. */
function makeReport(input) {
	const { desired, facts, plan, outcomes, seen, counters, wallMs, cachedFacts } = input;
	const machines = machineReports({
		desired,
		facts,
		outcomes,
		seen,
		machines: plan.machines
	});
	return {
		ok: outcomes.every(({ status }) => status === "done" || status === "kept"),
		changed: outcomes.some(({ status }) => status === "done"),
		outcomes,
		machines,
		notes: [...notesAfter(plan, machines), ...outcomes.flatMap(({ result }) => result?.warnings ?? [])],
		...cachedFacts && { cachedFacts },
		metrics: {
			...counters,
			wallMs,
			serialMs: outcomes.reduce((sum, { ms }) => sum + ms, 0)
		}
	};
}
/** Returns the plan's notes, updated: restarts that are pending now, and without what the run has made true. */
function notesAfter({ machines, notes }, reports) {
	const before = new Set(machineNotes(machines));
	const byName = new Map(reports.map((report) => [report.name, report]));
	const after = machines.flatMap((machine) => {
		const { status, pending = [] } = byName.get(machine.name) ?? {};
		if (status === "created" || status === "destroyed") return [];
		return [status === "updated" ? {
			...machine,
			action: "update",
			pending
		} : machine];
	});
	return [...machineNotes(after), ...notes.filter((note) => !before.has(note))];
}

// ../core/dist/provision.js
/**
* Observes the world and plans what is missing. Changes nothing.
* @returns a plan for `apply`
* @throws ProvisionError `USAGE` for a name in the options that matches nothing; or if Proxmox is unreachable or refuses access
*/
async function prepare(desired, world, options = {}) {
	const complete = await withSshKeys(desired, world, options.signal);
	return look(world, options, async (asked) => {
		const first = await observe(complete, world, asked);
		const outdated = asked.replaceOutdated ? outdatedMachines(complete, first, asked) : [];
		if (outdated.length === 0) return {
			desired: complete,
			facts: first,
			plan: makePlan(complete, first, asked)
		};
		const facts = await observe(complete, world, {
			...asked,
			replace: [...asked.replace ?? [], ...outdated]
		});
		const leftAlone = machinesToName(complete, facts, outdated);
		const replace = [...asked.replace ?? [], ...outdated.filter((name) => !leftAlone.has(name))];
		return {
			desired: complete,
			facts,
			plan: makePlan(complete, facts, {
				...asked,
				replace,
				leftAlone
			})
		};
	});
}
/** Returns the machines that were created from an older build of their image and are not replaced by name. */
function outdatedMachines(desired, facts, options) {
	return makePlan(desired, facts, options).machines.flatMap(({ name, outdated }) => outdated ? [name] : []);
}
/** Returns those that are replaced only if their name is given, with the reason. */
function machinesToName(desired, { guests }, outdated) {
	const known = guestsByMachine(desired.machines, guests);
	return new Map(desired.machines.flatMap((machine) => {
		const guest = known.get(machine.name);
		const reason = guest !== void 0 && outdated.includes(machine.name) ? reasonToName(machine, guest, desired) : void 0;
		return reason === void 0 ? [] : [[machine.name, reason]];
	}));
}
/**
* Observes the world and plans the removal of everything with this project's marker. Changes nothing.
* @returns a plan for `apply`
* @throws ProvisionError `USAGE` for a name in `only` that matches nothing; or if Proxmox is unreachable or refuses access
*/
async function prepareDestroy(desired, world, options = {}) {
	return withVisibility(await look(world, options, async (how) => {
		const facts = await observe({
			...desired,
			machines: []
		}, world, {
			...how,
			only: void 0,
			replace: void 0
		});
		return {
			desired,
			facts,
			plan: makeDestroyPlan(desired, facts, {
				only: how.only,
				expiredAtMs: how.expired ? world.clock.now() : void 0,
				orphans: how.orphans
			})
		};
	}));
}
/**
* Observes existing VMs without this program's marker, and plans their adoption. Changes nothing.
* @returns a plan for `apply`
* @throws ProvisionError `USAGE` for an unknown name or ID; or if Proxmox is unreachable or refuses access
*/
async function prepareAdopt(desired, world, { adoptions, ...options }) {
	return withVisibility(await look(world, options, async (how) => {
		const facts = await observe(desired, world, how);
		const found = await observeAdoptions({
			desired,
			facts,
			adoptions
		}, world, how.signal);
		return {
			desired,
			facts,
			plan: makeAdoptPlan({
				desired,
				facts,
				adoptions: found
			}, options)
		};
	}));
}
/**
* Observes the world and plans the removal of unused templates and image volumes. Changes nothing.
* @returns a plan for `apply`
* @throws ProvisionError if Proxmox is unreachable or refuses access
*/
async function preparePrune(desired, world, options = {}) {
	return withVisibility(await look(world, options, async (how) => {
		const facts = await observe(desired, world, {
			...how,
			volumes: true
		});
		requireStorages(desired, facts);
		const unused = await observeUnusedCds(desired, facts, world);
		return {
			desired,
			facts,
			plan: makePrunePlan(desired, facts, unused)
		};
	}));
}
function withVisibility(prepared) {
	requireVisibility(prepared.desired, prepared.facts);
	return prepared;
}
/** If a check fails with cached facts, the facts may be outdated. They are then read again, once. */
async function look(world, options, take) {
	const beganAtMs = world.clock.now();
	const first = await take(options);
	return {
		...first.facts.cluster.cached !== void 0 && isRefused$1(first) ? await take({
			...options,
			factsMaxAgeMs: 0
		}) : first,
		world,
		options,
		beganAtMs
	};
}
function isRefused$1({ facts, plan }) {
	return !hasVisibility(facts) || plan.restsOnCache === true;
}
/**
* Executes what was prepared. A failed step is an outcome in the report, not an exception.
* @param onEvent replaces the listener that was given to `prepare`
* @throws ProvisionError `PERMISSION` `CONFLICT` if a check before the first change fails; then nothing was changed
*/
async function apply(prepared, onEvent = prepared.options.onEvent) {
	const { desired, facts, plan, world, options, beganAtMs } = prepared;
	notify(onEvent, {
		type: "planned",
		plan
	});
	refuse(plan.problems);
	const outcomes = await execute(plan, {
		desired,
		facts,
		world
	}, {
		...options,
		onEvent
	});
	await rememberImages(outcomes, {
		facts,
		world
	});
	const seen = await seenAddresses(outcomes, {
		desired,
		facts,
		world
	}, options.signal);
	world.meter.add("bytesSaved", bytesNotFetched(plan, facts));
	if (outcomes.some(({ error }) => error?.code === "PERMISSION")) await clearFacts(world);
	const wallMs = world.clock.now() - beganAtMs;
	const { cached } = facts.cluster;
	const cachedFacts = cached && {
		ageMs: Math.max(0, beganAtMs - cached.atMs),
		requestsSaved: cached.requestsSaved
	};
	return makeReport({
		desired,
		facts,
		plan,
		outcomes,
		seen,
		counters: world.meter.read(),
		wallMs,
		cachedFacts
	});
}

// \0builtin:node:path?packages/action/src/annotations.ts
const builtin$13 = process.getBuiltinModule("node:path");
const read$13 = (name) => builtin$13[name];
const _isAbsolute$2 = /* @__PURE__ */ read$13("isAbsolute");
const _relative$2 = /* @__PURE__ */ read$13("relative");
const _sep$2 = /* @__PURE__ */ read$13("sep");

// ../core/dist/report/inventory.js
/** Returns the address of a machine: the first that it declares, else the first that its guest agent reported. */
function addressOf({ addresses, ips = [] }) {
	return addresses[0] ?? ips[0];
}
/**
* Creates an inventory in YAML, for `ansible-playbook -i FILE`. A machine without a known address has no
* `ansible_host`.
*/
function ansibleInventory(machines) {
	const hosts = Object.fromEntries(machines.map((machine) => [machine.name, variablesOf(machine)]));
	const groups = [
		...groupsOf(machines, ({ entry, name }) => entry === void 0 || entry === name ? [] : [entry]),
		...groupsOf(machines, ({ node }) => [`node_${node}`]),
		...groupsOf(machines, ({ tags }) => tags.map((tag) => `tag_${tag}`))
	];
	const children = Object.fromEntries(groups.map(([group, names]) => [group, { hosts: Object.fromEntries(names.map((name) => [name, {}])) }]));
	return (0, import_dist.stringify)({ all: {
		hosts,
		...groups.length > 0 && { children }
	} }, { lineWidth: 0 });
}
function variablesOf(machine) {
	const { vmid, node, user } = machine;
	const address = addressOf(machine);
	return {
		...address !== void 0 && { ansible_host: address },
		...user !== void 0 && { ansible_user: user },
		proxmox_vmid: vmid,
		proxmox_node: node
	};
}
function groupsOf(machines, of) {
	const groups = /* @__PURE__ */ new Map();
	for (const machine of machines) for (const group of of(machine).map(groupName)) groups.set(group, [...groups.get(group) ?? [], machine.name]);
	return [...groups].sort(([one], [other]) => one.localeCompare(other));
}
function groupName(text) {
	return text.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
}

// ../core/dist/report/json.js
/** Creates the document of a plan: what would be done, and why. */
function planDocument(plan) {
	const { digest, machines, orphans, problems, notes } = plan;
	const steps = plan.steps.map((step) => ({
		id: step.id,
		kind: step.kind,
		action: step.action,
		needs: step.needs,
		why: step.why,
		...step.kind === "update" && { changes: step.changes },
		...step.problem && { problem: errorDocument(step.problem) }
	}));
	return {
		version: 2,
		changes: changesIn(plan),
		digest,
		steps,
		machines,
		orphans,
		problems,
		notes
	};
}
/** Creates the document of a report: what was done, to which machines, and what it cost. */
function reportDocument({ ok, changed, outcomes, machines, metrics, notes }) {
	return {
		ok,
		changed,
		steps: outcomes.map(({ step, status, ms, startedAtMs, error, by, result }) => ({
			id: step.id,
			kind: step.kind,
			status,
			ms,
			startedAtMs,
			why: step.why,
			...error && { error: errorDocument(error) },
			...by && { by },
			...result?.warnings && { warnings: result.warnings }
		})),
		vms: machines,
		metrics,
		notes
	};
}
/** Creates an error as `--json` prints it. */
function errorDocument({ code, message, hint, details }) {
	const log = code === "BUILD" ? details.log ?? [] : [];
	const { vmid, node } = code === "BUILD" || code === "CANCELLED" ? details : {};
	const left = vmid !== void 0 && node !== void 0 && {
		vmid,
		node
	};
	return {
		code,
		message,
		...hint && { hint },
		...log.length > 0 && { log },
		...left
	};
}

// ../core/dist/report/units.js
/** Formats a number of bytes: `1.5 GiB`. */
function bytesText(bytes) {
	const units = [
		"B",
		"KiB",
		"MiB",
		"GiB",
		"TiB"
	];
	const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
	const amount = bytes / 1024 ** power;
	return `${amount >= 100 || power === 0 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}
/** Formats milliseconds: `850 ms`, `4.2 s`, `3 min 7 s`, `26 h 5 min`. */
function durationText(ms) {
	if (ms < 1e3) return `${Math.round(ms)} ms`;
	if (ms < 6e4) return `${(ms / 1e3).toFixed(1)} s`;
	const seconds = Math.round(ms / 1e3);
	const minutes = Math.floor(seconds / 60);
	return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
/** Formats a count with its noun: `1 machine`, `3 machines`. */
function countText(count, noun) {
	return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// ../core/dist/report/left-different.js
/** Returns clauses such as `2 machines differ from the manifest`. Empty if everything that the plan leaves is as declared. */
function leftDifferent({ machines, orphans }) {
	const older = machines.filter(({ outdated }) => outdated !== void 0);
	return [
		clause(machines.filter(differs), ["differs from the manifest", "differ from the manifest"]),
		clause(older, ["runs an older build of its image", "run an older build of their image"]),
		clause(orphans, ["is not in the manifest", "are not in the manifest"])
	].filter((text) => text !== "");
}
function clause({ length }, [singular, plural]) {
	return length === 0 ? "" : `${countText(length, "machine")} ${length === 1 ? singular : plural}`;
}

// ../core/dist/report/planned-report.js
/**
* Returns the machines in the order of the plan. Addresses from the guest agent are included if the manifest requires
* its answer.
*/
function plannedReports({ desired, facts, plan }) {
	const declared = new Map(desired.machines.map((machine) => [machine.name, machine]));
	const guests = new Map(facts.guests.map((guest) => [guest.vmid, guest]));
	return plan.machines.map(({ name, vmid, node, action, pending }) => {
		const machine = declared.get(name);
		const guest = vmid === void 0 ? void 0 : guests.get(vmid);
		const ips = vmid === void 0 ? void 0 : facts.answers?.get(vmid);
		const tags = machine?.declared.has("tags") ? machine.tags : splitTags(guest?.config.tags);
		const image = machine?.image ?? guest?.marker.image;
		return {
			name,
			...vmid !== void 0 && { vmid },
			node,
			status: action,
			...guest && { power: shownPower(guest) },
			addresses: machine === void 0 ? [] : staticAddresses(machine),
			...ips && { ips },
			tags: tags.filter((tag) => tag !== OWNER_TAG),
			...image !== void 0 && { image },
			...pending && { pending }
		};
	});
}

// ../core/dist/report/problem-groups.js
/** Groups these problems of a plan, in the order of the first of each group. Default: all of them. */
function problemGroups(plan, problems = plan.problems) {
	if (problems.length === 0) return [];
	const blocked = machinesBlockedBy(plan);
	return [...Map.groupBy(problems, likeness).values()].flatMap((group) => {
		const [problem, ...others] = group;
		if (problem === void 0) return [];
		const also = namesOf(others, plan);
		const blocks = blockedBy(group, {
			plan,
			blocked
		}).filter((name) => !also.includes(name) && !isNamedIn(problem.message, name));
		return [{
			problem,
			count: group.length,
			also,
			blocks
		}];
	});
}
/** Formats a group: the sentence, its position, and the machines. Without the hint. */
function problemText({ problem: { message, file, line, column }, also, blocks }) {
	return [
		`${message}${file === void 0 ? "" : ` (${file}:${line}:${column})`}`,
		...alsoText(also),
		...blocks.length === 0 ? [] : [`It blocks ${nameList(blocks)}.`]
	].join(" ");
}
/** Groups outcomes with an error: those that differ at most in the name of their own machine or image, and in their task. */
function failureGroups(outcomes) {
	const failures = outcomes.flatMap((outcome) => outcome.error === void 0 ? [] : [{
		outcome,
		error: outcome.error,
		step: outcome.step
	}]);
	return [...Map.groupBy(failures, failureLikeness).values()].flatMap((group) => {
		const [first] = group;
		return first === void 0 ? [] : [{
			step: first.step,
			error: first.error,
			outcomes: group.map(({ outcome }) => outcome)
		}];
	});
}
/** Formats the other steps of a group, or returns an empty text. */
function alsoFailed({ outcomes }) {
	return alsoText(outcomes.slice(1).map(({ step }) => step.id)).join("");
}
function alsoText(names) {
	return names.length === 0 ? [] : [`Also: ${nameList(names)}.`];
}
function failureLikeness({ error: { code, message, hint = "" }, step }) {
	const name = "machine" in step ? step.machine : step.id.slice(step.id.indexOf(":") + 1);
	return JSON.stringify([
		code,
		step.kind,
		...[message, hint].map((text) => withoutName(text, name))
	]);
}
/** Each task has its own id, which names the task's log. */
function withoutName(text, name) {
	return words(text).map((word) => word === name || /^'?UPID:/.test(word) ? "" : word).join(" ");
}
/** Problems are equal if they have the same key of the manifest and the same hint. */
function likeness({ code, file, line, column, hint, step }) {
	return JSON.stringify(step === void 0 || file === void 0 ? [step, hint] : [
		code,
		file,
		line,
		column,
		hint
	]);
}
function namesOf(problems, { steps }) {
	return problems.flatMap((problem) => {
		const step = steps.find(({ id }) => id === problem.step);
		return step !== void 0 && "machine" in step ? [step.machine] : [];
	});
}
/** Returns the machines whose steps fail with one of these problems, and those that need such a step. */
function blockedBy(group, { plan, blocked }) {
	const messages = new Set(group.flatMap(({ step, message }) => step === void 0 ? [] : [message]));
	const ids = new Set(group.map(({ step }) => step));
	const names = plan.steps.filter(({ id, problem }) => problem !== void 0 && (ids.has(id) || messages.has(problem.message))).flatMap((step) => [..."machine" in step ? [step.machine] : [], ...blocked.get(step.id) ?? []]);
	return [...new Set(names)];
}
function isNamedIn(message, name) {
	return words(message).includes(name);
}
function words(text) {
	return text.split(/[\s,()`]+|[.:;](?:\s|$)/);
}
/** Returns, for each step that cannot run, the machines that need it. */
function machinesBlockedBy(plan) {
	const causes = blockedSteps(plan);
	const needy = plan.steps.flatMap((step) => {
		const cause = causes.get(step.id);
		return cause === void 0 || !("machine" in step) ? [] : [{
			cause,
			name: step.machine
		}];
	});
	const byCause = Map.groupBy(needy, ({ cause }) => cause);
	return new Map([...byCause].map(([cause, list]) => [cause, [...new Set(list.map(({ name }) => name))]]));
}

// ../core/dist/report/rollout-watch.js
/** Creates a watch. Rollouts of a single machine are not worth a line. */
function createRolloutWatch() {
	let rollouts = [];
	const of = ({ gate }) => rollouts.find(({ id }) => id === gate?.rollout);
	return {
		follow(event, nowMs) {
			if (event.type === "planned") rollouts = rolloutsOf(event.plan);
			if (event.type === "settled") settle(of(event.outcome.step), event.outcome.step, event.outcome.status);
			if (event.type !== "started" || event.step.gate === void 0) return void 0;
			const rollout = of(event.step);
			if (rollout === void 0 || event.step.gate.batch <= rollout.beganMs.length) return void 0;
			rollout.beganMs.push(nowMs);
			return textOf(rollout, {
				nowMs,
				names: true
			});
		},
		lines: (nowMs) => rollouts.filter(isInProgress).map((rollout) => textOf(rollout, {
			nowMs,
			names: false
		}))
	};
}
function rolloutsOf({ steps }) {
	const gated = steps.filter(({ action, gate }) => action === "run" && gate !== void 0);
	return [...Map.groupBy(gated, ({ gate }) => gate?.rollout ?? "")].flatMap(([id, own]) => {
		const machines = Map.groupBy(own, machineOf);
		if (machines.size < 2) return [];
		const batches = Map.groupBy(own, ({ gate }) => gate?.batch ?? 1);
		return {
			id,
			entries: [...new Set(own.flatMap(({ gate }) => gate?.entry ?? []))],
			batches: [...batches.values()].map((batch) => [...new Set(batch.map(machineOf))]),
			rest: new Map([...machines].map(([name, its]) => [name, new Set(its.map(({ id }) => id))])),
			failed: /* @__PURE__ */ new Set(),
			skipped: /* @__PURE__ */ new Set(),
			beganMs: []
		};
	});
}
function machineOf(step) {
	return "machine" in step ? step.machine : step.id;
}
function settle(rollout, step, status) {
	const name = machineOf(step);
	rollout?.rest.get(name)?.delete(step.id);
	if (status === "failed") rollout?.failed.add(name);
	else if (status !== "done" && status !== "kept") rollout?.skipped.add(name);
}
function isInProgress({ beganMs, rest }) {
	return beganMs.length > 0 && [...rest.values()].some(({ size }) => size > 0);
}
function textOf(rollout, { nowMs, names }) {
	const { entries, batches, beganMs, rest, failed, skipped } = rollout;
	const machines = names ? ` (${nameList(batches[beganMs.length - 1] ?? [])})` : "";
	const isDone = ([name, { size }]) => size === 0 && !failed.has(name) && !skipped.has(name);
	const done = [...rest].filter(isDone).length;
	const lost = failed.size === 0 ? "" : `, ${failed.size} failed`;
	const leftMs = leftMsOf(rollout, nowMs);
	const left = leftMs === void 0 ? "" : `, about ${roughText(leftMs)} left`;
	return `${nameList(entries)}: batch ${beganMs.length} of ${batches.length}${machines}, ${done} of ${countText(rest.size, "machine")} done${lost}${left}`;
}
/** Estimates the rest by the batches so far. Returns `undefined` in the first batch. */
function leftMsOf({ beganMs, batches }, nowMs) {
	const [first = nowMs, last = nowMs] = [beganMs[0], beganMs.at(-1)];
	if (beganMs.length < 2) return void 0;
	const eachMs = (last - first) / (beganMs.length - 1);
	return Math.max(0, eachMs - (nowMs - last)) + eachMs * (batches.length - beganMs.length);
}
/** An estimate in full minutes, or in steps of five seconds. */
function roughText(ms) {
	return ms >= 9e4 ? `${Math.round(ms / 6e4)} min` : `${Math.max(5, Math.ceil(ms / 5e3) * 5)} s`;
}

// src/hint.ts
/** The library names settings by the variables that the command line reads. */
const INPUTS = {
	PVE_ENDPOINT: "endpoint",
	PVE_TOKEN_ID: "token-id",
	PVE_TOKEN_SECRET: "token-secret",
	PVE_FINGERPRINT: "fingerprint",
	PVE_CA: "ca"
};
/** Errors about the connection. Errors about inputs name the inputs themselves. */
const CODES = /* @__PURE__ */ new Set([
	"TLS",
	"UNREACHABLE",
	"AUTHENTICATION"
]);
/** Returns an empty text if there is no hint. */
function hintOf({ code, message, hint = "" }) {
	const named = CODES.has(code) ? Object.entries(INPUTS).filter(([name]) => isNamed(name, `${message} ${hint}`)) : [];
	if (named.length === 0) return hint;
	const inputs = named.map(([name, input]) => `${name} is the input \`${input}\``).join(", ");
	return `${hint}${hint === "" || hint.endsWith(".") ? "" : "."} (${inputs}.)`.trim();
}
function isNamed(name, text) {
	return new RegExp(`\\b${name}\\b`).test(text);
}

// src/secrets.ts
/** One masker for the whole process, like the runner's masks. */
const masker = createMasker();
/** The runner also masks parts of words, so a shorter mask would make the log unreadable. */
const SHORTEST = 4;
/** Adds a text and each of its lines as secrets, because a mask with several lines does not match a single line. */
function hide(secret) {
	masker.hide(secret);
	const lines = [secret, ...secret.split(/[\r\n]+/)].map((line) => line.trim());
	for (const line of lines) if (line.length >= SHORTEST) setSecret(line);
}
/** Masks all secrets in a text. The runner masks only its log, so use this for files, outputs and summaries. */
function redact(text) {
	return masker.mask(text);
}
/** Masks all secrets in the values of a document. Keys, numbers and structure are unchanged. */
function redactValues(document) {
	return masker.maskValues(document);
}

// src/log.ts
/**
* The runner reads lines with .NET, which also treats a single carriage return as a line end. Terminals know more line
* ends.
*/
const LINE_ENDS = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/;
/** Writes one or more lines to the log. */
function say(text) {
	for (const line of redact(text).split(LINE_ENDS)) info(harmless(line));
}
function debug(text) {
	debug$1(oneLine$1(redact(text)));
}
/** Writes lines that are folded until the user opens them. */
function group(title, lines) {
	startGroup(harmless(oneLine$1(redact(title))));
	for (const line of lines) say(line);
	endGroup();
}
function warning(text, title) {
	warning$1(redact(text), title === void 0 ? {} : { title: redact(title) });
}
/** Writes an error at a position in the manifest. */
function annotate(title, text, place = {}) {
	error(redact(text), {
		title: redact(title),
		...propertiesOf(place)
	});
}
/** Writes a warning at a position in the manifest. */
function warnAt(title, text, place) {
	warning$1(redact(text), {
		title: redact(title),
		...propertiesOf(place)
	});
}
function propertiesOf({ file, line, column }) {
	return {
		...file !== void 0 && { file },
		...file !== void 0 && line !== void 0 && { startLine: line },
		...file !== void 0 && line !== void 0 && column !== void 0 && {
			startColumn: column,
			endColumn: column
		}
	};
}
/** Passes a line to the runner unchanged. Use it only for commands of the cache client. */
function command(line) {
	process.stdout.write(`${line}\n`);
}
/**
* Disables runner commands in a line: `::` at its start, after characters that .NET treats as white space, and `##[`
* anywhere.
*/
function harmless(line) {
	return line.replace(/^[\s\u0085\u180e\u200b\ufeff]*::/, (start) => `\u200b${start.replace(/^[^:]*/, "")}`).replaceAll("##[", "##​[");
}
function oneLine$1(text) {
	return text.split(LINE_ENDS).join(" ");
}

// src/summary/markdown-text.ts
/** Formats a sentence: one line without markup, mentions or links. */
function plain(text) {
	return oneLine(text).replace(/[\\`*_[\]|~$<>&]/g, "\\$&").replace(/:(?=\/\/)|(?<=www)\./gi, "\\$&").replace(/^(?:[#+=-]|\d{1,9}(?=[.)]))/, (mark) => /\d/.test(mark) ? `${mark}\\` : `\\${mark}`).replace(/@(?=\S)|#(?=\w)|(?<=GH)-(?=\d)/gi, "$&<!-- -->");
}
/**
* Formats a message of this program that may quote foreign text. Text between backticks becomes code. The other text is
* escaped, so that a backtick, link or tag in it cannot change where code begins.
*/
function inline(text) {
	return oneLine(text).split(/`([^`]+)`/).map((part, index) => index % 2 === 1 ? code(part) : keepEdges(part)).join("");
}
/** Keeps spaces next to code, which `plain` would trim. */
function keepEdges(part) {
	const [before = ""] = /^ */.exec(part) ?? [];
	const [after = ""] = part.trim() === "" ? [""] : / *$/.exec(part) ?? [];
	return `${before}${plain(part)}${after}`;
}
/** Formats text as code in a line or a table cell. */
function code(text) {
	const flat = oneLine(text);
	if (/[`|\\]/.test(flat) || flat === "") return `<code>${entities(flat)}</code>`;
	return `\`${flat}\``;
}
/** Formats lines as a code block that no line can end. */
function codeBlock(unsafe, language = "text") {
	const text = redact(unsafe);
	const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
	return `${fence}${language}\n${text}\n${fence}`;
}
/** Indents text as part of a list item. */
function indented(text) {
	return text.replace(/^/gm, "  ");
}
/** Formats a table with at most `rowsLimit` rows. A last line counts the rest. */
function table({ head, rows }, rowsLimit) {
	const shown = rows.slice(0, rowsLimit);
	const lines = [
		row(head.map((name) => name.replace(/:$/, ""))),
		row(head.map((name) => name.endsWith(":") ? "---:" : "---")),
		...shown.map(row)
	];
	const others = rows.length - shown.length;
	return others === 0 ? lines.join("\n") : `${lines.join("\n")}\n\n… and ${others} more.`;
}
/** Formats a part that is folded until the user opens it. */
function folded(title, content) {
	return `<details><summary>${entities(oneLine(title))}</summary>\n\n${content}\n\n</details>`;
}
function row(cells) {
	return `| ${cells.join(" | ")} |`;
}
function oneLine(text) {
	return redact(text).replace(/\s+/g, " ").trim();
}
/** Encodes everything except letters, digits and spaces as HTML entities. The HTML comment prevents mentions. */
function entities(text) {
	return text.replace(/[^\p{L}\p{N} ./-]|(?<=w)\./giu, (character) => `&#${character.codePointAt(0)};`).replaceAll("&#64;", "&#64;<!-- -->");
}
function longestRun(text) {
	let longest = 0;
	for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
	return longest;
}

// src/summary/problems.ts
/** Returns true for missing privileges of the token. A read-only token is recommended for plans. */
function isLack({ code, step }) {
	return code === "PERMISSION" && step === void 0;
}
function problemsSection(plan, detail) {
	const problems = plan.problems.filter((problem) => !isLack(problem));
	if (problems.length === 0) return "";
	return `### ${problems.some(({ step }) => step === void 0) ? "Problems that block an apply" : "Problems"}\n\n${problemList(problemGroups(plan, problems), detail)}`;
}
/** Folded, because it is normal for a read-only token. */
function lacksSection(plan, detail) {
	const lacks = plan.problems.filter(isLack);
	if (lacks.length === 0) return "";
	return folded("This token cannot apply the plan: missing privileges", problemList(problemGroups(plan, lacks), detail));
}
function problemList(groups, { rows, textLength }) {
	const shown = groups.slice(0, rows).map((group) => {
		return `${`- ${inline(problemText(group).slice(0, textLength))}`}${hintText$1(group.problem.hint, textLength)}`;
	});
	const others = groups.slice(rows).reduce((sum, { count }) => sum + count, 0);
	return [...shown, ...others === 0 ? [] : [`- … and ${others} more.`]].join("\n");
}
/** Several lines are commands to copy. */
function hintText$1(hint, textLength) {
	if (hint === "") return "";
	const lines = hint.split("\n").map((line) => line.slice(0, textLength));
	return `\n\n${indented(lines.length === 1 ? `→ ${inline(hint.slice(0, textLength))}` : codeBlock(lines.join("\n")))}`;
}

// src/annotations.ts
/** GitHub shows ten errors for each step. The summary contains all of them. */
const LIMIT = 10;
/** Returns the manifest's name for annotations and problems: relative to the workspace if it is inside. */
function nameInWorkspace(file, workspace) {
	const name = _relative$2(workspace, file);
	return name.startsWith("..") || _isAbsolute$2(name) ? file : name.split(_sep$2).join("/");
}
/** Annotates a message about the manifest that is not an error. */
function annotateNote({ message, ...position }) {
	warnAt("Manifest", message, placeOf(position));
}
function annotateError(error) {
	const problems = problemsOf(error);
	for (const { message, ...position } of problems.slice(0, LIMIT)) annotate("Manifest", message, placeOf(position));
	if (problems.length === 0) annotate(titleOf(error), lines(error.message, hintOf(error)));
}
/** Annotates each failure of a run once, at the machine or image of its first step. */
function annotateReport({ outcomes }, desired) {
	const failed = failureGroups(outcomes.filter(({ status }) => status === "failed"));
	for (const group of failed.slice(0, LIMIT)) {
		const { step, error } = group;
		const position = positionOf(step, desired);
		annotate(`${step.id} failed`, lines(error.message, alsoFailed(group), hintOf(error)), position && placeOf(position));
	}
}
/** Annotates the problems of a plan that is not executed. Missing privileges of the token are only a note. */
function annotateProblems(plan) {
	for (const { message } of plan.problems.filter(isLack)) say(`Note: this token cannot apply the plan: ${message}`);
	const groups = problemGroups(plan, plan.problems.filter((problem) => !isLack(problem)));
	for (const { problem, ...group } of groups.slice(0, LIMIT)) {
		const { file, line = 1, column = 1, ...placeless } = problem;
		const title = problem.step === void 0 ? "An apply would be refused" : TITLES[problem.code] ?? "An apply would fail";
		const text = lines(problemText({
			...group,
			problem: placeless
		}), problem.hint);
		annotate(title, text, file === void 0 ? {} : placeOf({
			file,
			line,
			column
		}));
	}
}
function problemsOf({ details }) {
	const problems = details.problems;
	return Array.isArray(problems) ? problems : [];
}
function positionOf(step, { machines, images }) {
	if ("machine" in step) return machines.find(({ name }) => name === step.machine)?.position;
	return "image" in step ? images.get(step.image)?.position : void 0;
}
function placeOf({ file, line, column }) {
	return _isAbsolute$2(file) ? {} : {
		file,
		line,
		column
	};
}
function titleOf({ code }) {
	return TITLES[code] ?? "pve-provision failed";
}
const TITLES = {
	USAGE: "Wrong input",
	MANIFEST: "Wrong manifest",
	TLS: "The certificate of Proxmox is not trusted",
	UNREACHABLE: "Proxmox cannot be reached",
	AUTHENTICATION: "Proxmox does not accept the token",
	PERMISSION: "The token may not do this",
	CANCELLED: "The run was cancelled",
	UNEXPECTED: "A bug in pve-provision"
};
function lines(...texts) {
	return texts.filter((text) => text !== "").join("\n");
}

// src/cancellation.ts
/** How long the run may take to stop. After that, the outputs are written with what is there. */
const GRACE_MS = 5e3;
function onCancel({ timeoutMs } = {}) {
	const controller = new AbortController();
	const { promise, resolve } = Promise.withResolvers();
	let isTimedOut = false;
	const stop = () => {
		controller.abort();
		setTimeout(resolve, GRACE_MS, "expired").unref();
	};
	const listener = (name) => {
		if (name === "SIGTERM" && controller.signal.aborted) resolve("expired");
		if (!controller.signal.aborted) stop();
	};
	const onTimeout = () => {
		isTimedOut = !controller.signal.aborted;
		if (isTimedOut) stop();
	};
	if (timeoutMs !== void 0) setTimeout(onTimeout, timeoutMs).unref();
	for (const name of ["SIGINT", "SIGTERM"]) process.on(name, listener);
	return {
		signal: controller.signal,
		isTimedOut: () => isTimedOut,
		expired: promise
	};
}

// \0builtin:node:path?packages/action/src/inputs/inputs.ts
const builtin$12 = process.getBuiltinModule("node:path");
const read$12 = (name) => builtin$12[name];
const _resolve$2 = /* @__PURE__ */ read$12("resolve");
const _isAbsolute$1 = /* @__PURE__ */ read$12("isAbsolute");
const _join$3 = /* @__PURE__ */ read$12("join");
const _dirname$3 = /* @__PURE__ */ read$12("dirname");

// src/inputs/parse.ts
/** Parses names that are separated by commas, spaces or newlines. */
function parseNames(text) {
	return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))];
}
const MILLISECONDS = {
	s: 1e3,
	m: 6e4,
	h: 36e5,
	d: 864e5
};
/** Parses `30m`, `24h`, `7d`, `90 s` or `0` into milliseconds. Returns undefined for anything else. */
function parseDurationMs(text) {
	const [, amount, unit] = /^(\d{1,6})\s*([smhd])?$/.exec(text.trim()) ?? [];
	if (amount === void 0) return void 0;
	if (unit === void 0) return Number(amount) === 0 ? 0 : void 0;
	return Number(amount) * (MILLISECONDS[unit] ?? 0);
}
const BYTES = {
	m: 2 ** 20,
	g: 2 ** 30,
	t: 2 ** 40
};
/** Parses `512 MiB`, `4 GiB` or `0` into bytes, with the spellings of the manifest. Returns undefined for anything else. */
function parseSizeBytes(text) {
	const [, amount, unit] = /^(\d{1,6}(?:\.\d{1,3})?)\s*(?:([mgt])(?:i?b)?)?$/i.exec(text.trim()) ?? [];
	if (amount === void 0) return void 0;
	if (unit === void 0) return Number(amount) === 0 ? 0 : void 0;
	return Math.round(Number(amount) * (BYTES[unit.toLowerCase()] ?? 0));
}
/** Parses lines of `NAME=VALUE`; the last line of a name wins. Returns undefined if a line is malformed. */
function parseVariables(text) {
	const pairs = text.split(/\r?\n/).filter((line) => line.trim() !== "").map((line) => /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line));
	if (pairs.includes(null)) return void 0;
	return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", (pair?.[2] ?? "").trim()]));
}

// src/inputs/choices.ts
const REMOVALS = [
	"all",
	"expired",
	"orphans"
];
function readChoices(read, { mode, faults }) {
	const batch = read.parsed("batch", parseCount, "a whole number from 1");
	const removal = readRemoval(read, {
		mode,
		faults
	});
	return {
		only: parseNames(read.text("only")),
		replace: parseNames(read.text("replace")),
		replaceOutdated: read.flag("replace-outdated"),
		restart: read.flag("restart"),
		move: read.flag("move"),
		prune: read.flag("prune"),
		...batch !== void 0 && { batch },
		...removal !== void 0 && { removal },
		adoptions: read.parsed("adopt", parseAdoptions, "like `web=104, db=105`, or `all`") ?? "all"
	};
}
/** In another mode, the input would have no effect, and the user would expect machines to be removed. */
function readRemoval(read, { mode, faults }) {
	const given = read.choice("destroy", REMOVALS);
	if (mode === "destroy") return given ?? "all";
	if (given !== void 0 && mode !== "plan") faults.push("`destroy` works only in the modes `destroy` and `plan`; remove it.");
	return given;
}
function parseCount(text) {
	return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : void 0;
}
function parseAdoptions(text) {
	if (text === "all") return "all";
	const pairs = parseNames(text).map((pair) => /^([^=]+)=([1-9]\d{2,8})$/.exec(pair));
	const found = pairs.flatMap((pair) => pair ? [{
		name: pair[1] ?? "",
		vmid: Number(pair[2])
	}] : []);
	return found.length === pairs.length ? found : void 0;
}

// \0builtin:node:fs?packages/action/src/inputs/connection.ts
const builtin$11 = process.getBuiltinModule("node:fs");
const read$11 = (name) => builtin$11[name];
const _readFileSync$1 = /* @__PURE__ */ read$11("readFileSync");

// \0builtin:node:path?packages/action/src/inputs/connection.ts
const builtin$10 = process.getBuiltinModule("node:path");
const read$10 = (name) => builtin$10[name];
const _resolve$1 = /* @__PURE__ */ read$10("resolve");

// src/inputs/mode.ts
/** The first one is the default. */
const MODES = [
	"apply",
	"plan",
	"destroy",
	"adopt",
	"prune",
	"pin",
	"validate",
	"doctor"
];
/** Modes that do not use Proxmox and need no connection. */
const CONTACTS_NOBODY = ["validate", "pin"];

// src/inputs/connection.ts
/** Reads the connection. In a mode that does not use Proxmox, it is empty. */
function readConnection(read, { mode, folder, faults }) {
	if (CONTACTS_NOBODY.includes(mode)) return {
		endpoints: [],
		tokenId: "",
		tokenSecret: "",
		trust: {}
	};
	return {
		endpoints: readEndpoints(read, faults),
		...readToken(read, faults),
		trust: readTrust(read, folder, faults)
	};
}
function readEndpoints(read, faults) {
	const parts = parseNames(read.withFallback("endpoint", "PVE_ENDPOINT"));
	if (parts.length === 0) faults.push("`endpoint` is missing: set the input or the variable PVE_ENDPOINT.");
	return parts.flatMap((part) => endpointOf(part, faults));
}
const GIVE = {
	inputs: (input) => `set the input \`${input}\` too; both must come from the same place.`,
	environment: (input, variable) => `set the input \`${input}\` or the variable ${variable}.`
};
const NO_SECRETS = "GitHub passes no secrets to runs for pull requests from forks, and only Dependabot secrets to Dependabot: use `mode: validate` there, which needs none.";
/**
* Reads both values from the inputs or both from the environment. A mix could form a token that the user did not mean.
*/
function readToken(read, faults) {
	const inputs = {
		tokenId: read.text("token-id"),
		tokenSecret: read.text("token-secret")
	};
	const isGiven = inputs.tokenId !== "" || inputs.tokenSecret !== "";
	const variables = {
		tokenId: read.variable("PVE_TOKEN_ID"),
		tokenSecret: read.variable("PVE_TOKEN_SECRET")
	};
	const give = GIVE[isGiven ? "inputs" : "environment"];
	const token = isGiven ? inputs : variables;
	if (token.tokenId === "") faults.push(`\`token-id\` is missing: ${give("token-id", "PVE_TOKEN_ID")}`);
	if (token.tokenSecret === "") faults.push(`\`token-secret\` is missing: ${give("token-secret", "PVE_TOKEN_SECRET")} ${NO_SECRETS}`);
	return token;
}
function readTrust(read, folder, faults) {
	const given = read.text("fingerprint") !== "" || read.text("ca") !== "";
	const fingerprint = given ? read.text("fingerprint") : read.variable("PVE_FINGERPRINT");
	const ca = given ? read.text("ca") : read.variable("PVE_CA");
	if (fingerprint !== "" && ca !== "") faults.push("`fingerprint` and `ca` cannot be used together: remove one of them.");
	return {
		...fingerprint !== "" && { fingerprint },
		...ca !== "" && { ca: pemOf(ca, folder, faults) }
	};
}
function endpointOf(text, faults) {
	const url = URL.parse(text);
	if (url && (url.username !== "" || url.password !== "")) faults.push("`endpoint` must not contain a user or password.");
	else if (url?.protocol === "https:") return [url];
	else faults.push(`\`endpoint\` must be like https://host:8006, not \`${text}\`.`);
	return [];
}
function pemOf(text, folder, faults) {
	if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
	try {
		return _readFileSync$1(_resolve$1(folder, text), "utf8");
	} catch {
		faults.push("`ca` is neither a PEM text nor the path of a file that can be read.");
		return "";
	}
}

// src/inputs/limits.ts
const NAMES = {
	perStorage: true,
	perNode: true,
	perTemplate: true,
	downloads: true,
	perHost: true,
	connectionsPerImage: true,
	conversions: true,
	uploads: true
};
/** Returns the limits by name. Errors are added to `faults`. */
function parseLimits(text, faults) {
	const entries = Object.entries(mappingOf(text, faults));
	for (const [name, value] of entries) if (!(name in NAMES)) faults.push(`\`limits\` has no key \`${name}\`; its keys are ${Object.keys(NAMES).join(", ")}.`);
	else if (!isWidth(value)) faults.push(`\`limits.${name}\` must be a whole number from 1 to 64.`);
	return Object.fromEntries(entries.filter(([name, value]) => name in NAMES && isWidth(value)));
}
function isWidth(value) {
	return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 64;
}
function mappingOf(text, faults) {
	if (text === "") return {};
	try {
		const value = (0, import_dist.parse)(text);
		if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
	} catch {}
	faults.push("`limits` must be a YAML mapping such as `perStorage: 2`.");
	return {};
}

// src/inputs/reader.ts
/** Returns the value of an input as the runner provides it, or an empty text. */
function inputOf(environment, name) {
	return (environment[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] ?? "").trim();
}
function readerOf(environment, faults) {
	const text = (name) => inputOf(environment, name);
	const variable = (name) => (environment[name] ?? "").trim();
	return {
		text,
		/** Returns the value of an environment variable. */
		variable,
		withFallback: (name, fallback) => text(name) || variable(fallback),
		oneOf(name, values) {
			return this.choice(name, values) ?? values[0];
		},
		/** Returns undefined if the input is empty. */
		choice(name, values) {
			const value = text(name);
			if (value === "") return void 0;
			const found = values.find((known) => known === value.toLowerCase());
			if (found === void 0) faults.push(`\`${name}\` must be one of ${values.join(", ")}, not \`${value}\`.`);
			return found;
		},
		flag(name, otherwise = false) {
			const value = text(name).toLowerCase();
			if (value !== "" && value !== "true" && value !== "false") faults.push(`\`${name}\` must be \`true\` or \`false\`, not \`${value}\`.`);
			return value === "" ? otherwise : value === "true";
		},
		parsed(name, parse, what) {
			if (text(name) === "") return void 0;
			const value = parse(text(name));
			if (value === void 0) faults.push(`\`${name}\` must be ${what}, not \`${text(name)}\`.`);
			return value;
		}
	};
}

// src/inputs/inputs.ts
/** Returns all secrets that the runner provides, so that they are masked before anything else is read. */
function tokenSecretsOf(environment) {
	return [...[inputOf(environment, "token-secret"), inputOf(environment, "github-token")], (environment.PVE_TOKEN_SECRET ?? "").trim()].filter((text) => text !== "");
}
/**
* Reads and checks all inputs.
* @throws ProvisionError `USAGE`, naming each input that is missing or invalid, but never the value of a secret one
*/
function readInputs(environment) {
	const faults = [];
	const read = readerOf(environment, faults);
	const folder = _resolve$2(environment.GITHUB_WORKSPACE || ".", read.text("working-directory") || ".");
	const manifestFile = _resolve$2(folder, read.text("manifest") || "pve-provision.yaml");
	const mode = read.oneOf("mode", MODES);
	const inputs = {
		manifestFile,
		lockFile: _resolve$2(_dirname$3(manifestFile), read.text("lock-file") || "pve-provision.lock"),
		mode,
		...readConnection(read, {
			mode,
			folder,
			faults
		}),
		...readChoices(read, {
			mode,
			faults
		}),
		...readGuards(read, faults),
		variables: read.parsed("vars", parseVariables, "lines such as `size=large`") ?? {},
		limits: parseLimits(read.text("limits"), faults),
		stopOnError: read.flag("stop-on-error"),
		keepFailed: read.flag("keep-failed"),
		factsMaxAgeMs: readFactsAge(read),
		...readCache(read, {
			mode,
			folder,
			environment,
			faults
		}),
		summary: read.flag("summary", true),
		...readComment(read, faults),
		destroyAfter: readDestroyAfter(read, mode, faults)
	};
	if (faults.length > 0) throw refusal(faults);
	return inputs;
}
/** Reads the inputs that limit what a run may do. */
function readGuards(read, faults) {
	const allowed = parseNames(read.text("env"));
	for (const name of allowed) if (!/^[A-Za-z_]\w*$/.test(name)) faults.push(`\`env\` must list names of variables, not \`${name}\`.`);
	const timeoutMs = read.parsed("timeout", parseDurationMs, "a duration such as `30m` or `2h`, or `0` for none");
	const expectedDigest = readExpectedDigest(read.text("expect-plan"), faults);
	return {
		allowed,
		...timeoutMs && { timeoutMs },
		...expectedDigest !== void 0 && { expectedDigest }
	};
}
/** An empty value is not `any`: if the step that provides the digest did not run, not every plan may be approved. */
function readExpectedDigest(text, faults) {
	if (text === "any" || /^sha256:[0-9a-f]{64}$/.test(text)) return text === "any" ? void 0 : text;
	const what = text === "" ? "is empty: the step that makes the plan has no digest" : `must be one, not \`${text}\``;
	faults.push(`\`expect-plan\` ${what}. Set it to the output \`plan-digest\` of mode \`plan\`, or to \`any\`.`);
}
function readComment(read, faults) {
	const [comment, githubToken] = [read.flag("comment"), read.text("github-token")];
	if (comment && githubToken === "") faults.push("`github-token` is missing: `comment` needs one, such as `${{ github.token }}`.");
	return {
		comment,
		githubToken
	};
}
function readDestroyAfter(read, mode, faults) {
	const isAsked = read.flag("destroy-after");
	if (isAsked && mode !== "apply") faults.push("`destroy-after` works only in mode `apply`; remove it.");
	return isAsked;
}
function readFactsAge(read) {
	const ageMs = read.parsed("facts-max-age", parseDurationMs, "a duration such as `30m`, `24h`, `7d`, or `0`");
	return read.flag("refresh") ? 0 : ageMs ?? 864e5;
}
const CACHE_MODES = {
	true: "read-write",
	false: "off",
	"read-only": "read"
};
function readCache(read, { mode, folder, environment, faults }) {
	const cache = CACHE_MODES[read.oneOf("cache", [
		"true",
		"false",
		"read-only"
	])];
	return {
		cache: CONTACTS_NOBODY.includes(mode) ? "off" : cache,
		cacheKeyPrefix: keyPrefix(read.text("cache-key-prefix") || "pve-provision", faults),
		cacheTimeoutMs: read.parsed("cache-timeout", parseDurationMs, "a duration such as `10s` or `1m`") ?? 1e4,
		imagesBudgetBytes: read.parsed("cache-images", parseSizeBytes, "a size such as `4 GiB`, or `0`") ?? 0,
		cacheDirectory: cacheDirectory(read.text("cache-directory"), folder, environment),
		keepsStore: environment.RUNNER_ENVIRONMENT === "self-hosted"
	};
}
/** A part of cache keys, which must not contain a comma. */
function keyPrefix(text, faults) {
	if (!/^[\w.-]{1,100}$/.test(text)) faults.push("`cache-key-prefix` may have up to 100 letters, digits, `.`, `_` and `-`.");
	return text;
}
/** A folder that the runner keeps between jobs if it is self-hosted, else one that it removes. */
function cacheDirectory(given, folder, environment) {
	if (given !== "") return _isAbsolute$1(given) ? given : _resolve$2(folder, given);
	const { RUNNER_ENVIRONMENT, RUNNER_TOOL_CACHE, RUNNER_TEMP } = environment;
	return _join$3(RUNNER_ENVIRONMENT === "self-hosted" && RUNNER_TOOL_CACHE ? RUNNER_TOOL_CACHE : RUNNER_TEMP || ".", "pve-provision");
}
function refusal(faults) {
	const [first = ""] = faults;
	const message = faults.length === 1 ? `The input ${first}` : `${faults.length} inputs are wrong:\n${faults.join("\n")}`;
	return new ProvisionError("USAGE", message, { hint: "docs/action.md describes each input." });
}

// \0builtin:node:fs?packages/action/src/manifest.ts
const builtin$9 = process.getBuiltinModule("node:fs");
const read$9 = (name) => builtin$9[name];
const _existsSync$2 = /* @__PURE__ */ read$9("existsSync");

// \0builtin:node:path?packages/action/src/manifest.ts
const builtin$8 = process.getBuiltinModule("node:path");
const read$8 = (name) => builtin$8[name];
const _dirname$2 = /* @__PURE__ */ read$8("dirname");

// ../core/dist/manifest/lock-file.js
/** A newer layout is refused, because it could be misread. */
const VERSION = 1;
const bytes = int().check(_gte(0));
const webAddress = url({
	protocol: /^https?$/,
	error: "must be an http or https address"
});
const source = union([webAddress, string().check(_regex(/^file:[^/\\\\]+$/, "must be an http or https address, or \"file:NAME\""))]);
const headerText = string().check(_maxLength(1024));
const lockSchema = strictObject({
	version: literal(VERSION, { error: `must be ${VERSION}: the file was written by another version of pve-provision` }),
	images: record(string(), strictObject({
		url: source,
		resolvedUrl: source,
		digest: pipe(string().check(_regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, "must be a digest such as \"sha256:…\"")), transform((text) => text)),
		sizeBytes: optional(bytes),
		format: optional(_enum([
			"qcow2",
			"raw",
			"vmdk",
			"vdi",
			"vhdx",
			"vpc"
		])),
		virtualSizeBytes: optional(bytes),
		signature: _enum(["verified", "not asked for"]),
		measured: optional(strictObject({
			etag: optional(headerText),
			lastModified: optional(headerText)
		})),
		pinnedAt: datetime({ error: "must be a time in ISO format" })
	}))
});
/**
* Parses a lock file.
* @throws ProvisionError `MANIFEST` with all problems, each with line and column
*/
function parseLockFile(source) {
	const tree = readYaml(source, "A lock file must be a mapping with `version` and `images`.");
	const checked = lockSchema.safeParse(toValue(tree), { jitless: true });
	if (!checked.success) {
		const schema = () => toJSONSchema(lockSchema, { io: "input" });
		throw refusal$1([source.file], problemsOf$2(checked.error.issues, {
			tree,
			whole: "The lock file",
			schema
		}));
	}
	return { images: checked.data.images };
}
const HEADING = "# Written by `pve-provision pin`. Commit it: apply then uses exactly these bytes.\n";
/** Formats a lock file. Images and keys have a fixed order, so that a diff shows only what changed. */
function formatLockFile({ images }) {
	const ordered = Object.keys(images).sort((one, other) => one < other ? -1 : 1).map((name) => [name, images[name]]);
	return HEADING + (0, import_dist.stringify)({
		version: VERSION,
		images: Object.fromEntries(ordered)
	}, { lineWidth: 0 });
}
/** Describes the differences between two lock files, one sentence for each image. */
function lockChanges(before, after) {
	const dropped = Object.keys(before.images).filter((name) => after.images[name] === void 0);
	return [...Object.entries(after.images).flatMap(([name, { digest, resolvedUrl, measured }]) => {
		const old = before.images[name];
		const from = `(${resolvedUrl}${measured ? "; hashed here, not confirmed by the vendor" : ""})`;
		if (old === void 0) return [`${name} is pinned to ${digest} ${from}`];
		return old.digest === digest ? [] : [`${name} has a newer build: ${short(old.digest)} → ${short(digest)} ${from}`];
	}), ...dropped.map((name) => `${name} is no longer pinned: the manifest has no such image`)];
}
/** Returns the algorithm and the first digits of a digest. The lock file has the rest. */
function short(digest) {
	return `${digest.slice(0, digest.indexOf(":") + 13)}…`;
}

// \0builtin:node:fs?packages/core/dist/ports/files/foreign-files.js
const builtin$7 = process.getBuiltinModule("node:fs");
const read$7 = (name) => builtin$7[name];
const _closeSync = /* @__PURE__ */ read$7("closeSync");
const _existsSync$1 = /* @__PURE__ */ read$7("existsSync");
const _fstatSync = /* @__PURE__ */ read$7("fstatSync");
const _openSync = /* @__PURE__ */ read$7("openSync");
const _readdirSync = /* @__PURE__ */ read$7("readdirSync");
const _readSync = /* @__PURE__ */ read$7("readSync");
const _realpathSync$1 = /* @__PURE__ */ read$7("realpathSync");
const _statSync = /* @__PURE__ */ read$7("statSync");
const _statfsSync = /* @__PURE__ */ read$7("statfsSync");
const _constants = /* @__PURE__ */ read$7("constants");

// \0builtin:node:os?packages/core/dist/ports/files/foreign-files.js
const builtin$6 = process.getBuiltinModule("node:os");
const read$6 = (name) => builtin$6[name];
const _homedir = /* @__PURE__ */ read$6("homedir");

// \0builtin:node:path?packages/core/dist/ports/files/foreign-files.js
const builtin$5 = process.getBuiltinModule("node:path");
const read$5 = (name) => builtin$5[name];
const _resolve = /* @__PURE__ */ read$5("resolve");
const _isAbsolute = /* @__PURE__ */ read$5("isAbsolute");
const _join$2 = /* @__PURE__ */ read$5("join");
const _relative$1 = /* @__PURE__ */ read$5("relative");
const _dirname$1 = /* @__PURE__ */ read$5("dirname");
const _sep$1 = /* @__PURE__ */ read$5("sep");

// \0builtin:node:fs?packages/core/dist/ports/files/file-identity.js
const builtin$4 = process.getBuiltinModule("node:fs");
const read$4 = (name) => builtin$4[name];
const _existsSync = /* @__PURE__ */ read$4("existsSync");
const _realpathSync = /* @__PURE__ */ read$4("realpathSync");

// \0builtin:node:path?packages/core/dist/ports/files/file-identity.js
const builtin$3 = process.getBuiltinModule("node:path");
const read$3 = (name) => builtin$3[name];
const _join$1 = /* @__PURE__ */ read$3("join");
const _relative = /* @__PURE__ */ read$3("relative");
const _dirname = /* @__PURE__ */ read$3("dirname");
const _basename = /* @__PURE__ */ read$3("basename");
const _sep = /* @__PURE__ */ read$3("sep");

// ../core/dist/ports/files/file-identity.js
/** Returns the path inside the Git repository or, outside of one, the names of the folder and the file. */
function identityOf(path) {
	const real = _realpathSync(path);
	const root = repositoryOf(_dirname(real));
	return (root === void 0 ? _join$1(_basename(_dirname(real)), _basename(real)) : _relative(root, real)).split(_sep).join("/");
}
function repositoryOf(folder) {
	for (let at = folder;; at = _dirname(at)) {
		if (_existsSync(_join$1(at, ".git"))) return at;
		if (at === _dirname(at)) return void 0;
	}
}

// ../core/dist/ports/files/foreign-files.js
/** Larger files are refused: manifests, keys and documents are smaller. */
const LARGEST_FILE_BYTES = 16 * 1024 ** 2;
/** The file name that problems show for `-`. */
const INPUT = "<stdin>";
/**
* Creates functions that read the files a user or a manifest names. Each throws an `Error` whose message continues after
* the name of the file: `is not a regular file`.
*/
function createForeignFiles({ folder, root, readInput }) {
	const absolute = (path, from) => {
		const base = from === void 0 || from === INPUT ? folder : _dirname$1(_resolve(folder, from));
		return _resolve(base, withHome(path));
	};
	const read = (path) => readRegularFile(path, root);
	return {
		manifests: (names) => names.flatMap((name) => {
			if (name === "-" && readInput !== void 0) return [{
				file: INPUT,
				text: readInput()
			}];
			const path = absolute(name);
			if (root === void 0 && _statSync(path).isFIFO()) return [{
				file: name,
				text: readPipe(path)
			}];
			const isFromFolder = _statSync(path).isDirectory();
			return filesBehind(name, path).map((found) => {
				const text = read(found.path);
				return {
					file: found.file,
					text,
					identity: identityOf(found.path),
					isFromFolder
				};
			});
		}),
		readFile: (path, from) => read(absolute(path, from)),
		resolveFile: (path, from) => {
			const whole = absolute(path, from);
			const real = realPathOf(whole);
			if (root !== void 0) refuseOutside(real, root);
			if (_existsSync$1(real)) refuseKernelFiles(real);
			return whole;
		}
	};
}
/** Expands `~` at the start of a path to the home directory. Shells do that, but the file system does not. */
function withHome(path) {
	return path === "~" || path.startsWith("~/") ? _join$2(_homedir(), path.slice(1)) : path;
}
function filesBehind(file, path) {
	if (!_statSync(path).isDirectory()) return [{
		file,
		path
	}];
	const names = _readdirSync(path).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
	if (names.length === 0) throw new Error("is a folder without a .yaml file");
	return names.map((name) => ({
		file: _join$2(file, name),
		path: _join$2(path, name)
	}));
}
/** @throws Error with a clause as its message, or a file system error with a code */
function readRegularFile(path, root) {
	const real = _realpathSync$1(path);
	if (root !== void 0) refuseOutside(real, root);
	refuseKernelFiles(real);
	const handle = _openSync(real, _constants.O_RDONLY | _constants.O_NONBLOCK | (_constants.O_NOFOLLOW ?? 0));
	try {
		const status = _fstatSync(handle);
		if (status.isDirectory()) throw new Error("is a folder");
		if (!status.isFile()) throw new Error("is not a regular file, but a pipe, a socket or a device");
		if (status.size > LARGEST_FILE_BYTES) throw tooLarge();
		return readWhole(handle);
	} finally {
		_closeSync(handle);
	}
}
/** Reads a pipe to its end. Blocks until the writer is done. */
function readPipe(path) {
	const handle = _openSync(path, _constants.O_RDONLY);
	try {
		return readWhole(handle);
	} finally {
		_closeSync(handle);
	}
}
function readWhole(handle) {
	const chunks = [];
	let total = 0;
	for (;;) {
		const chunk = Buffer.alloc(65536);
		const bytes = _readSync(handle, chunk);
		if (bytes === 0) return Buffer.concat(chunks);
		total += bytes;
		if (total > LARGEST_FILE_BYTES) throw tooLarge();
		chunks.push(chunk.subarray(0, bytes));
	}
}
function tooLarge() {
	return /* @__PURE__ */ new Error(`is larger than ${LARGEST_FILE_BYTES / 1024 ** 2} MiB`);
}
function refuseOutside(real, root) {
	const inside = _relative$1(_realpathSync$1(root), real);
	if (inside === ".." || inside.startsWith(`..${_sep$1}`) || _isAbsolute(inside)) throw new Error(`is outside ${root}`);
	if (inside.split(_sep$1).includes(".git")) throw new Error("belongs to Git, which may keep a token there");
}
/** Resolves links in the part of the path that exists and appends the rest. */
function realPathOf(path) {
	try {
		return _realpathSync$1(path);
	} catch {
		const parent = _dirname$1(path);
		return parent === path ? path : _join$2(realPathOf(parent), path.slice(parent.length));
	}
}
/** proc, sysfs, debugfs, tracefs, securityfs, efivarfs, cgroup, cgroup2, configfs (Linux, `magic.h`). */
const KERNEL = /* @__PURE__ */ new Set([
	40864,
	1650812274,
	1684170528,
	1953653091,
	1935894131,
	3730735588,
	2613483,
	1667723888,
	1650812272
]);
/**
* Refuses files of the kernel, which look like regular files: `/proc/self/environ` contains the secrets of this
* process.
*/
function refuseKernelFiles(real) {
	if (/^\/(proc|sys|dev)\//.test(real) || KERNEL.has(_statfsSync(real).type)) throw new Error("is generated by the kernel");
}

// \0builtin:node:fs?packages/action/src/cache/cache-access.ts
const builtin$2 = process.getBuiltinModule("node:fs");
const read$2 = (name) => builtin$2[name];
const _readFileSync = /* @__PURE__ */ read$2("readFileSync");

// src/cache/cache-access.ts
/**
* Returns the requested access. It is reduced if there is no cache service, or if untrusted code may have run in this
* job.
*/
function cacheAccess(asked, environment) {
	if (asked === "off") return { mode: "off" };
	const { ACTIONS_RESULTS_URL, ACTIONS_CACHE_URL, ACTIONS_RUNTIME_TOKEN } = environment;
	if (!(ACTIONS_RESULTS_URL || ACTIONS_CACHE_URL) || !ACTIONS_RUNTIME_TOKEN) return {
		mode: "off",
		why: "This runner has no workflow cache; facts are kept only in the cache directory."
	};
	if (asked === "read-write" && isFromFork(environment)) return {
		mode: "read",
		why: `The cache is only read: this run (${environment.GITHUB_EVENT_NAME ?? "unknown event"}) may be for code from a fork.`
	};
	return { mode: asked };
}
/** Events that only people with write access to the repository, or its schedule, can trigger. */
const OWN_EVENTS = /* @__PURE__ */ new Set([
	"push",
	"schedule",
	"workflow_dispatch",
	"workflow_call",
	"repository_dispatch",
	"release",
	"create",
	"delete",
	"deployment",
	"merge_group"
]);
/**
* Returns true if a user without write access may have influenced this run. For a pull request, the payload decides. A
* deleted head repository counts as a fork, and so do unknown events and payloads that cannot be read.
*/
function isFromFork({ GITHUB_EVENT_NAME = "", GITHUB_EVENT_PATH }) {
	if (OWN_EVENTS.has(GITHUB_EVENT_NAME)) return false;
	if (GITHUB_EVENT_NAME !== "pull_request" || !GITHUB_EVENT_PATH) return true;
	try {
		const { pull_request: request } = JSON.parse(_readFileSync(GITHUB_EVENT_PATH, "utf8"));
		const own = request?.base?.repo?.full_name;
		return own === void 0 || request?.head?.repo?.full_name !== own;
	} catch {
		return true;
	}
}

// src/inputs/readable-names.ts
/** Variables that GitHub sets in every run and that no other user can choose. */
const OF_EVERY_RUN = [
	"GITHUB_RUN_ID",
	"GITHUB_RUN_NUMBER",
	"GITHUB_RUN_ATTEMPT",
	"GITHUB_REPOSITORY",
	"GITHUB_REPOSITORY_ID",
	"GITHUB_REPOSITORY_OWNER",
	"GITHUB_WORKFLOW",
	"GITHUB_JOB",
	"GITHUB_SHA",
	"GITHUB_EVENT_NAME",
	"RUNNER_OS",
	"RUNNER_ARCH"
];
/**
* Returns the names that the manifest may read: those that the workflow lists. In a run that strangers can cause, the
* manifest is only a proposal: what is listed is read only if the manifest is just validated.
*/
function readableNames({ allowed, mode }, environment) {
	return [...OF_EVERY_RUN, ...isRefused(mode, environment) ? [] : allowed];
}
/** Returns how to let the manifest read names that it may not read. */
function howToAllow(names, { allowed, mode }, environment) {
	if (isRefused(mode, environment)) return "In a run for code from a fork, no variable can be read; `mode: validate` reads those in the input `env`.";
	return `Add this line to the inputs of the action (\`with:\`): \`env: ${[.../* @__PURE__ */ new Set([...allowed, ...names])].join(", ")}\`.`;
}
function isRefused(mode, environment) {
	return mode !== "validate" && isFromFork(environment);
}

// src/manifest.ts
/**
* Reads the manifest and overrides its limits with those of the inputs. The files that it names must be inside the
* workspace or, if the manifest is elsewhere, inside its own folder. Otherwise a pull request could copy files of the
* runner to a VM.
* @throws ProvisionError `MANIFEST`
*/
function loadManifest(inputs, environment) {
	const { manifestFile, limits, mode } = inputs;
	const workspace = workspaceOf(environment);
	const isInside = nameInWorkspace(manifestFile, workspace) !== manifestFile;
	const files = createForeignFiles({
		folder: workspace,
		root: isInside ? workspace : _dirname$2(manifestFile)
	});
	const parsed = parseManifest(readSources(manifestFile, workspace, "manifest"), {
		...files,
		environment,
		allow: readableNames(inputs, environment),
		howToAllow: (names) => howToAllow(names, inputs, environment),
		variables: inputs.variables,
		howToGive: (name) => `the input \`vars\`, as a line \`${name}=…\``,
		howToSet,
		...mode === "validate" && { standIn }
	});
	return {
		...parsed,
		desired: {
			...parsed.desired,
			limits: {
				...parsed.desired.limits,
				...limits
			}
		}
	};
}
/**
* Reads the lock file. Returns undefined if it does not exist.
* @throws ProvisionError `MANIFEST`
*/
function loadLockFile({ lockFile }, environment) {
	if (!_existsSync$2(lockFile)) return void 0;
	const [source] = readSources(lockFile, workspaceOf(environment), "lock file");
	return source && parseLockFile(source);
}
function standIn(name) {
	return `stand-in-for-${name}`;
}
function workspaceOf(environment) {
	return environment.GITHUB_WORKSPACE || process.cwd();
}
function howToSet(name) {
	return `set ${name} under \`env:\` of the step or the job`;
}
/**
* Reads the file that an input names, or the files of a folder, with their names for annotations. A path in the
* workspace must stay there with links resolved, because errors show the text of the file.
*/
function readSources(path, workspace, what) {
	const name = nameInWorkspace(path, workspace);
	const files = createForeignFiles({
		folder: workspace,
		root: name === path ? void 0 : workspace
	});
	try {
		return files.manifests([path]).map((source) => ({
			...source,
			file: nameInWorkspace(source.file, workspace)
		}));
	} catch (cause) {
		throw unreadable(`The ${what} ${name}`, cause);
	}
}
function unreadable(subject, cause) {
	const isOfSystem = cause instanceof Error && "code" in cause;
	if (isOfSystem && cause.code === "ENOENT") return new ProvisionError("MANIFEST", `${subject} does not exist.`, {
		cause,
		hint: "Check out the repository first (`actions/checkout`), and set the input `manifest` to the path of the file."
	});
	const reason = isOfSystem || !(cause instanceof Error) ? "cannot be read" : cause.message;
	return new ProvisionError("MANIFEST", `${subject} ${reason}.`, { cause });
}

// src/modes/work.ts
/** Creates the result of a run that failed. The error is annotated at once and included in the summary. */
function ended(summary, thrown) {
	const error = toProvisionError(thrown);
	annotateError(error);
	return { summary: {
		...summary,
		error
	} };
}

// \0builtin:node:fs/promises?packages/action/src/outputs/write-outputs.ts
const builtin$1 = process.getBuiltinModule("node:fs/promises");
const read$1 = (name) => builtin$1[name];
const _writeFile = /* @__PURE__ */ read$1("writeFile");
const _appendFile = /* @__PURE__ */ read$1("appendFile");

// \0builtin:node:path?packages/action/src/outputs/write-outputs.ts
const builtin = process.getBuiltinModule("node:path");
const read = (name) => builtin[name];
const _join = /* @__PURE__ */ read("join");

// src/summary/operations.ts
const OPERATIONS = {
	resolve: {
		planned: "resolve",
		done: "resolved"
	},
	download: {
		planned: "download",
		done: "downloaded"
	},
	convert: {
		planned: "convert",
		done: "converted"
	},
	pull: {
		planned: "pull by Proxmox",
		done: "pulled by Proxmox"
	},
	upload: {
		planned: "upload",
		done: "uploaded"
	},
	stream: {
		planned: "stream",
		done: "streamed"
	},
	template: {
		planned: "create template",
		done: "created template"
	},
	build: {
		planned: "build",
		done: "built"
	},
	seed: {
		planned: "create seed ISO",
		done: "created seed ISO"
	},
	create: {
		planned: "create",
		done: "created"
	},
	update: {
		planned: "update",
		done: "updated"
	},
	start: {
		planned: "start",
		done: "started"
	},
	wait: {
		planned: "wait for",
		done: "waited for"
	},
	destroy: {
		planned: "destroy",
		done: "destroyed"
	},
	adopt: {
		planned: "adopt",
		done: "adopted"
	},
	rename: {
		planned: "rename",
		done: "renamed"
	},
	replace: {
		planned: "replace",
		done: "replaced"
	},
	restart: {
		planned: "restart",
		done: "restarted"
	},
	move: {
		planned: "move",
		done: "moved"
	},
	"move-disks": {
		planned: "move disks of",
		done: "moved disks of"
	},
	"remove-disks": {
		planned: "remove disks of",
		done: "removed disks of"
	},
	"remove-volume": {
		planned: "remove volume",
		done: "removed volume"
	}
};
/** Returns a machine, or an image and where it goes. */
function subjectOf(step) {
	return step.id.slice(step.id.indexOf(":") + 1);
}
/** Formats the subjects of one table cell: ranges of numbers are combined, and at most `limit` parts are shown. */
function subjectsText(subjects, limit) {
	if (subjects.length <= 3) return subjects.map(code).join(" ");
	const [names = "", others] = nameList(subjects, limit).split(/ and (?=\d+ more$)/);
	return `${names.split(", ").map(code).join(" ")}${others === void 0 ? "" : ` and ${others}`}`;
}
/** Combines subjects with the same operations and reason in one row, at the position of the first. */
function sameRows(rows) {
	return [...Map.groupBy(rows, ({ operations, why }) => JSON.stringify([operations, why])).values()].map((same) => ({
		subjects: same.map(({ subject }) => subject),
		operations: same[0]?.operations ?? "",
		why: same[0]?.why ?? "",
		rows: same
	}));
}

// src/summary/failures.ts
function failureSections({ outcomes, error }, detail) {
	const groups = failureGroups(outcomes.filter(({ status }) => status !== "done"));
	const failures = [...error ? [{
		steps: [],
		error
	}] : [], ...groups.map(({ error, outcomes: same }) => ({
		error,
		steps: same.map(({ step }) => step)
	}))];
	const countOf = (some) => some.reduce((sum, { steps }) => sum + Math.max(1, steps.length), 0);
	if (failures.length === 0) return [];
	const shown = failures.slice(0, detail.failures).map((failure) => failureText(failure, outcomes, detail));
	const others = countOf(failures.slice(detail.failures));
	return [
		`### ${countOf(failures) === 1 ? "Failure" : `${countOf(failures)} failures`}`,
		...shown,
		...others > 0 ? [`… and ${others} more.`] : []
	];
}
function failureText({ steps, error }, outcomes, detail) {
	const [first = "", ...more] = error.message.slice(0, detail.textLength).split("\n");
	const [step, ...others] = steps.map(({ id }) => id);
	return [
		`**${step === void 0 ? "" : `${code(step)}: `}${inline(first)}** (${code(error.code)})`,
		others.length === 0 ? "" : `Also: ${subjectsText(others, detail.rows)}.`,
		furtherText(more, error),
		hintText(hintOf(error).slice(0, detail.textLength)),
		blockedText(new Set(steps.map(({ id }) => id)), outcomes),
		logText(error, detail)
	].filter((part) => part !== "").join("\n\n");
}
/** A list of sentences about a manifest or about inputs wraps, unlike code. Other lines may be foreign text. */
function furtherText(lines, { code }) {
	if (lines.length === 0) return "";
	if (code !== "MANIFEST" && code !== "USAGE") return codeBlock(lines.join("\n"));
	return lines.flatMap((line) => line.trim() === "" ? [] : `- ${inline(line)}`).join("\n");
}
/** Several lines are commands to copy. */
function hintText(hint) {
	if (hint === "") return "";
	return hint.includes("\n") ? codeBlock(hint) : `→ ${inline(hint)}`;
}
function blockedText(failed, outcomes) {
	const blocked = outcomes.filter(({ by }) => by !== void 0 && failed.has(by)).map(({ step }) => step.id);
	if (blocked.length === 0) return "";
	return `This blocked ${countText(blocked.length, "step")}: ${subjectsText(blocked, 10)}`;
}
/** Formats `details.log` of a `TASK` or `BUILD` error: the last lines of the log of a task, or of a build. */
function logText(error, { logLines, textLength }) {
	const log = error.details.log ?? (error.cause instanceof Error && "details" in error.cause ? logOf(error.cause) : void 0);
	if (!Array.isArray(log) || log.length === 0 || logLines === 0) return "";
	const lines = log.slice(-logLines).map((line) => String(line).slice(0, textLength));
	const whose = error.code === "BUILD" ? "End of the log inside" : "End of the task’s log in Proxmox";
	return folded(whose, codeBlock(lines.join("\n")));
}
function logOf(cause) {
	return typeof cause.details === "object" && cause.details !== null ? Reflect.get(cause.details, "log") : void 0;
}

// src/summary/gantt.ts
/** More bars are unreadable and slow to draw. */
const BARS_LIMIT = 60;
/**
* Returns a Mermaid gantt chart, or undefined if no step took time. It shows the longest steps, in the order of the
* plan. Times count from the start of the execution.
*/
function ganttOf(outcomes, barsLimit = BARS_LIMIT) {
	const timed = outcomes.filter(({ status, ms }) => status !== "kept" && status !== "blocked" && ms > 0);
	if (timed.length === 0 || barsLimit === 0) return void 0;
	const shown = new Set(timed.toSorted((one, other) => other.ms - one.ms).slice(0, barsLimit));
	const sections = Map.groupBy(timed.filter((outcome) => shown.has(outcome)), ({ step }) => sectionOf(step));
	return [
		"gantt",
		"  dateFormat x",
		`  axisFormat ${Math.max(...timed.map(({ startedAtMs, ms }) => startedAtMs + ms)) < 1e4 ? "%S.%L" : "%M:%S"}`,
		...[...sections].flatMap(([subject, bars]) => [`  section ${label(subject)}`, ...bars.map(bar)])
	].join("\n");
}
function sectionOf(step) {
	if ("machine" in step) return step.machine;
	if ("image" in step) return step.image;
	return subjectOf(step);
}
const TAGS = {
	done: "",
	failed: "crit, ",
	cancelled: "crit, ",
	kept: "",
	blocked: ""
};
function bar({ step, status, startedAtMs, ms }) {
	const name = status === "done" ? step.kind : `${step.kind} ${status}`;
	const beginMs = Math.round(startedAtMs);
	return `    ${label(name)} :${TAGS[status]}${beginMs}, ${Math.max(beginMs + 1, Math.round(startedAtMs + ms))}`;
}
/** In Mermaid, a colon ends a name, a semicolon ends a statement, and `#` and `%%` start entities and comments. */
function label(text) {
	return text.replace(/[^\p{L}\p{N} ._/@+-]/gu, "_").slice(0, 60);
}

// src/summary/planned.ts
const ACTIONS = {
	keep: "keep",
	create: "create",
	update: "change",
	replace: "**replace**",
	restart: "restart",
	move: "move",
	adopt: "adopt",
	remove: "**remove**",
	blocked: "not possible"
};
/** Machines with the same action and the same changes share one row. */
function machineChangesSection(plan, { rows, textLength }) {
	const touched = plan?.machines.filter(({ action }) => action !== "keep") ?? [];
	if (touched.length === 0) return "";
	const cells = [...Map.groupBy(touched, ({ action, changes }) => JSON.stringify([action, changes])).values()].map((machines) => machineRow(machines, {
		rows,
		textLength
	}));
	const isEmpty = cells.every(([, , changes]) => changes === "");
	const head = [
		"Machines",
		"Action",
		"Change and effect"
	].slice(0, isEmpty ? 2 : 3);
	return `### Machines\n\n${table({
		head,
		rows: cells.map((row) => row.slice(0, head.length))
	}, rows)}`;
}
function machineRow(machines, { rows, textLength }) {
	const [first] = machines;
	const names = machines.map(({ name }) => name);
	const texts = (first?.changes ?? []).map((change) => {
		const effect = effectText(change);
		return inline(`${changeText(change)}${effect === "" ? "" : ` (${effect})`}`.slice(0, textLength));
	});
	return [
		subjectsText(names, rows),
		first === void 0 ? "" : ACTIONS[first.action],
		texts.join("<br>")
	];
}
/** Steps that cannot be done are among the problems. */
function plannedSection(plan, { rows, textLength }) {
	if (plan === void 0) return "";
	const blocked = blockedSteps(plan);
	const steps = plan.steps.filter(({ id, action, problem }) => action === "run" && problem === void 0 && !blocked.has(id));
	if (steps.length === 0) return "";
	const planned = Array.from(Map.groupBy(steps, subjectOf), ([subject, own]) => ({
		subject,
		operations: own.map(({ kind }) => OPERATIONS[kind].planned).join(", "),
		why: (own[0]?.why ?? "").slice(0, textLength)
	}));
	const cells = sameRows(planned).map(({ subjects, operations, why }) => [
		subjectsText(subjects, rows),
		operations,
		inline(why)
	]);
	return `### What would be done, and why\n\n${table({
		head: [
			"Subject",
			"Operation",
			"Why"
		],
		rows: cells
	}, rows)}`;
}

// src/summary/markdown.ts
/** Levels of detail, from everything to very little. The first one that fits is used. */
const DETAILS = [
	{
		rows: 200,
		bars: 60,
		failures: 20,
		logLines: 20,
		textLength: 2e3
	},
	{
		rows: 40,
		bars: 30,
		failures: 10,
		logLines: 5,
		textLength: 500
	},
	{
		rows: 5,
		bars: 0,
		failures: 3,
		logLines: 0,
		textLength: 200
	}
];
/**
* Formats a summary in at most `limitBytes` of UTF-8, with less detail if it is too long. The default is GitHub's limit
* for one step (1 MiB) minus a reserve.
*/
function runMarkdown(summary, limitBytes = 1e6) {
	const encoder = new TextEncoder();
	for (const detail of DETAILS) {
		const text = tell(summary, detail);
		if (encoder.encode(text).byteLength <= limitBytes) return text;
	}
	return `## ${inline(summary.project)}\n\nThe full summary does not fit here; see the report.\n`.slice(0, limitBytes);
}
function tell(summary, detail) {
	const { plan, report, error, caches = [] } = summary;
	const idle = idlePlan(summary);
	const outcomes = report?.outcomes ?? [];
	return `${[
		`## ${heading(summary)}`,
		opening(summary),
		...failureSections({
			outcomes,
			error
		}, detail),
		statementsSection(summary.statements ?? [], detail),
		findingsSection(summary.findings ?? [], detail),
		idle ? problemsSection(idle, detail) : "",
		machinesSection(report?.machines ?? [], detail),
		...report ? [changesSection(report, detail)] : [machineChangesSection(plan, detail), plannedSection(plan, detail)],
		idle ? lacksSection(idle, detail) : "",
		timelineSection(outcomes, detail),
		savingsSection(report, caches),
		notesSection(report?.notes ?? plan?.notes ?? [], detail),
		keptSection(summary, detail)
	].filter((section) => section !== "").join("\n\n")}\n`;
}
/**
* Returns true if nothing failed and, for a plan, if an apply could start. Missing privileges do not count, because a
* read-only token is recommended for plans.
*/
function isWell({ report, plan, error, findings = [] }) {
	if (error !== void 0 || findings.some(({ ok }) => !ok)) return false;
	if (report !== void 0) return report.ok;
	return plan === void 0 || plan.problems.every(isLack);
}
/** Returns a plan that was not executed. The error of a refused apply already has its general problems. */
function idlePlan({ plan, report, error }) {
	if (plan === void 0 || report !== void 0) return void 0;
	return error === void 0 ? plan : {
		...plan,
		problems: plan.problems.filter(({ step }) => step !== void 0)
	};
}
function heading(summary) {
	return `${isWell(summary) ? "✅" : "❌"} ${inline(summary.project)}: ${summary.mode}`;
}
function opening({ mode, plan, report, error }) {
	if (error) return "The run ended before anything was changed.";
	if (!report) return plan ? plannedSentence(plan) : "";
	const { metrics, changed, ok } = report;
	const counted = [
		"done",
		"kept",
		"failed",
		"blocked",
		"cancelled"
	].map((status) => [report.outcomes.filter((outcome) => outcome.status === status).length, status]).filter(([count]) => count > 0).map(([count, status]) => `${count} ${status}`);
	return `**${ok ? changed ? "Done" : mode === "destroy" ? "Nothing to remove" : "Nothing to do" : changed ? "Finished with errors" : "Nothing was changed"}** in ${durationText(metrics.wallMs)}${counted.length > 0 ? `: ${counted.join(", ")}` : ""}.`;
}
function plannedSentence(plan) {
	const { changes, impossible, kept } = stepCounts(plan);
	if (changes + impossible === 0) {
		const different = leftDifferent(plan);
		return different.length === 0 ? "**Nothing to do**: everything is as declared." : `**Nothing to do**, but ${different.join(", and ")}.`;
	}
	const cannot = impossible === 0 ? "" : `, ${impossible} that cannot be done`;
	return `**${countText(changes, "step")}** to do${cannot}, ${kept} kept.`;
}
function statementsSection(statements, { rows, textLength }) {
	return statements.slice(0, rows).map((statement) => `- ${inline(statement.slice(0, textLength))}`).join("\n");
}
/** Lists problems first. Findings with the same remedy are combined. */
function findingsSection(findings, { rows, textLength }) {
	const sorted = findings.toSorted((one, other) => Number(one.ok) - Number(other.ok));
	return [...Map.groupBy(sorted, findingKey).values()].slice(0, rows).map((same) => findingText(same, textLength)).join("\n");
}
function findingKey({ name, ok, message, remedy }) {
	return JSON.stringify(ok || remedy === void 0 ? [
		name,
		ok,
		message
	] : [
		name,
		ok,
		remedy
	]);
}
/** How many findings of one kind are shown. The remedy is for all of them. */
const SAME_TOLD = 3;
function findingText(same, textLength) {
	const [{ name, ok, remedy = [] } = {
		name: "",
		ok: true
	}] = same;
	const messages = same.slice(0, SAME_TOLD).map(({ message }) => inline(message.slice(0, textLength)));
	const others = same.length > SAME_TOLD ? [`… and ${same.length - SAME_TOLD} more of this kind.`] : [];
	const remedies = remedy.length === 0 ? "" : `\n\n${indented(codeBlock(remedy.join("\n").slice(0, textLength)))}`;
	return `- ${ok ? "✅" : "❌"} ${code(name)} ${[...messages, ...others].join("<br>")}${remedies}`;
}
function machinesSection(machines, { rows }) {
	if (machines.length === 0) return "";
	const known = machines.map(({ addresses, ips = [] }) => [.../* @__PURE__ */ new Set([...addresses, ...ips])].map(code).join(" "));
	const hasAddresses = known.some((list) => list !== "");
	const cells = machines.map(({ name, vmid, node, status }, index) => [
		code(name),
		vmid === void 0 ? "" : String(vmid),
		node === void 0 ? "" : inline(node),
		status,
		...hasAddresses ? [known[index] ?? ""] : []
	]);
	const head = [
		"Name",
		"ID:",
		"Node",
		"Status",
		...hasAddresses ? ["Addresses"] : []
	];
	return `### Machines\n\n${table({
		head,
		rows: cells
	}, rows)}`;
}
function changesSection({ outcomes }, { rows, textLength }) {
	const done = outcomes.filter(({ status }) => status === "done");
	if (done.length === 0) return "";
	const bySubject = Map.groupBy(done, ({ step }) => subjectOf(step));
	const changed = Array.from(bySubject, ([subject, operations]) => ({
		subject,
		operations: operations.map(({ step }) => OPERATIONS[step.kind].done).join(", "),
		why: (operations[0]?.step.why ?? "").slice(0, textLength),
		ms: operations.reduce((sum, { ms }) => sum + ms, 0)
	}));
	const cells = sameRows(changed).map(({ subjects, operations, why, rows: same }) => [
		subjectsText(subjects, rows),
		operations,
		inline(why),
		timesText(same.map(({ ms }) => ms))
	]);
	return `### What changed, and why\n\n${table({
		head: [
			"Subject",
			"Operation",
			"Why",
			"Time:"
		],
		rows: cells
	}, rows)}`;
}
/** Formats the shortest and the longest of several times. */
function timesText(times) {
	const [shortest, longest] = [Math.min(...times), Math.max(...times)].map((ms) => durationText(ms).replaceAll(" ", "\xA0"));
	return shortest === longest ? `${longest}` : `${shortest} to ${longest}`;
}
function timelineSection(outcomes, { bars }) {
	const gantt = ganttOf(outcomes, bars);
	return gantt === void 0 ? "" : `### Timeline\n\n${codeBlock(gantt, "mermaid")}`;
}
function savingsSection(report, caches) {
	const sentences = [...report ? savings(report) : [], ...caches];
	if (sentences.length === 0) return "";
	return `### Cost and savings\n\n${sentences.map((sentence) => `- ${inline(sentence)}`).join("\n")}`;
}
function savings({ metrics, cachedFacts, changed }) {
	const asked = `${countText(metrics.apiRequests, "request")} to Proxmox`;
	const { ageMs = 0, requestsSaved = 0 } = cachedFacts ?? {};
	const served = `; facts about the cluster are ${durationText(ageMs)} old and came from the cache, which saved ${countText(requestsSaved, "request")}`;
	return [
		`${asked}${cachedFacts ? served : "; facts about the cluster were read again"}.`,
		...metrics.bytesDownloaded + metrics.bytesUploaded + metrics.bytesSaved > 0 ? [traffic(metrics)] : [],
		...changed && metrics.serialMs > metrics.wallMs ? [together(metrics)] : [],
		...metrics.retries > 0 ? [`${countText(metrics.retries, "call")} had to be repeated.`] : []
	];
}
function traffic({ bytesDownloaded, bytesUploaded, bytesSaved }) {
	return `${bytesText(bytesDownloaded)} downloaded, ${bytesText(bytesUploaded)} uploaded, ${bytesText(bytesSaved)} already there.`;
}
/** Does not claim savings: steps that slow each other down would take less time alone. */
function together({ wallMs, serialMs }) {
	return `All steps together took ${durationText(serialMs)}; run in parallel they took ${durationText(wallMs)}.`;
}
function notesSection(notes, { rows, textLength }) {
	if (notes.length === 0) return "";
	return `### Notes\n\n${notes.slice(0, rows).map((note) => `- ${inline(note.slice(0, textLength))}`).join("\n")}`;
}
function keptSection({ report, plan }, { rows, textLength }) {
	const kept = report ? report.outcomes.filter(({ status }) => status === "kept").map(({ step }) => step) : plan?.steps.filter(({ action }) => action === "keep") ?? [];
	if (kept.length === 0) return "";
	const cells = kept.map((step) => [
		step.kind,
		code(subjectOf(step)),
		inline(step.why.slice(0, textLength))
	]);
	return folded(`${countText(kept.length, "step")} unchanged`, table({
		head: [
			"Step",
			"Subject",
			"Why"
		],
		rows: cells
	}, rows));
}

// src/outputs/machine-outputs.ts
/**
* Returns the machines after the run. For a plan that was not executed: as they are now, with what the plan would do.
*/
function machinesOf({ summary: { mode, report }, prepared }) {
	if (report !== void 0 || prepared === void 0 || mode !== "plan") return report?.machines ?? [];
	return plannedReports(prepared);
}
function machinesByName(ending) {
	return Object.fromEntries(machinesOf(ending).map((machine) => [machine.name, machine]));
}
/** Returns the address of each machine. A machine without a known address is left out. */
function addressesByName(ending) {
	const machines = thereAfter(ending).map((machine) => [machine.name, addressOf(machine)]);
	return Object.fromEntries(machines.flatMap(([name, address]) => address === void 0 ? [] : [[name, address]]));
}
function inventoryText(ending) {
	return ansibleInventory(thereAfter(ending).flatMap((machine) => inventoryMachine(machine, ending.prepared?.desired)));
}
/** Returns the machines that exist after the run. */
function thereAfter(ending) {
	const isPlan = ending.summary.report === void 0;
	return machinesOf(ending).filter(({ status, power }) => isPlan ? power !== void 0 : status !== "destroyed");
}
/** Returns nothing for a machine that could not be created. */
function inventoryMachine(report, desired) {
	const { name, vmid, node, addresses, ips, tags } = report;
	if (vmid === void 0 || node === void 0) return [];
	const machine = desired?.machines.find((one) => one.name === name);
	const user = machine?.cloudInit?.user;
	return [{
		name,
		vmid,
		node,
		addresses,
		tags,
		...ips && { ips },
		...machine && { entry: machine.entry },
		...user !== void 0 && { user }
	}];
}

// src/outputs/write-outputs.ts
/** All outputs of a job may have 1 MiB together. A longer plan is only in the report. */
const OUTPUT_LIMIT = 262144;
async function writeOutputs(ending, { writesSummary, temporaryDirectory }) {
	const { summary } = ending;
	const reportFile = _join(temporaryDirectory, "report.json");
	const summaryFile = _join(temporaryDirectory, "summary.md");
	const markdown = runMarkdown(summary);
	await _writeFile(reportFile, JSON.stringify(redactValues(documentOf(summary)), void 0, 2));
	await _writeFile(summaryFile, markdown);
	if (writesSummary) await writeSummary(markdown);
	const inventoryFile = _join(temporaryDirectory, "inventory.yaml");
	await _writeFile(inventoryFile, redact(inventoryText(ending)));
	const outputs = {
		...outputsOf(ending),
		report: reportFile,
		summary: summaryFile,
		inventory: inventoryFile
	};
	for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}
/** Writes the summary on the job's page. */
function writeSummaryOf(summary) {
	return writeSummary(runMarkdown(summary));
}
function documentOf({ plan, report, error, statements, findings }) {
	return {
		...statements && { statements },
		...findings && { findings },
		...error && { error: errorDocument(error) },
		...plan && { plan: planDocument(plan) },
		...report && reportDocument(report)
	};
}
async function writeSummary(markdown) {
	const file = process.env.GITHUB_STEP_SUMMARY;
	if (!file) return;
	await _appendFile(file, markdown).catch((error) => warning(`The summary could not be written: ${error.message}`));
}
function outputsOf(ending) {
	const { summary, prepared } = ending;
	const { plan, report } = summary;
	const { serialMs = 0, bytesSaved = 0 } = report?.metrics ?? {};
	const planned = plan ? changesIn(plan) : 0;
	return {
		...changesOf(ending, planned),
		plan: plan ? planText(JSON.stringify(redactValues(planDocument(plan))), planned) : "",
		"plan-digest": plan?.digest ?? "",
		vms: JSON.stringify(redactValues(machinesOf(ending))),
		"vms-by-name": JSON.stringify(redactValues(machinesByName(ending))),
		addresses: JSON.stringify(redactValues(addressesByName(ending))),
		"proxmox-version": prepared?.facts.cluster.version.text ?? "",
		"facts-cache-hit": String(prepared?.facts.cluster.cached !== void 0),
		"steps-ms": String(Math.round(serialMs)),
		"saved-bytes": String(bytesSaved)
	};
}
/** Counts the steps that were done or planned. For `pin`, counts the lock file entries that changed. */
function changesOf({ summary: { report }, moved }, planned) {
	const done = report?.outcomes.filter(({ status }) => status === "done").length;
	const changes = moved ?? done ?? planned;
	return {
		changed: String(report ? report.changed : changes > 0),
		changes: String(changes)
	};
}
function planText(whole, changes) {
	return whole.length <= OUTPUT_LIMIT ? whole : JSON.stringify({
		changes,
		steps: [],
		truncated: true
	});
}

// src/show.ts
const PROGRESS_EVERY_MS = 5e3;
function showPlan(plan) {
	const { changes, impossible } = stepCounts(plan);
	const lines = plan.steps.map(({ id, action, why, problem }) => `${action === "keep" ? "=" : problem ? "✗" : "+"} ${id}: ${problem ? problem.message : why}`);
	const cannot = impossible === 0 ? "" : `, ${impossible} that cannot be done`;
	group(changes + impossible === 0 ? "Plan: nothing to do" : `Plan: ${countText(changes, "step")} to do${cannot}`, lines);
	for (const note of plan.notes) say(`Note: ${note}`);
}
/** Creates a listener that writes to the log. `now` is used only to limit progress lines. */
function showEvents(now) {
	const lastMs = /* @__PURE__ */ new Map();
	const rollouts = createRolloutWatch();
	return (event) => {
		const batch = rollouts.follow(event, now());
		if (batch !== void 0) say(`▸ ${batch}`);
		if (event.type === "started" && event.step.action === "run") say(`▸ ${event.step.id}: ${event.step.why}`);
		if (event.type === "settled") showOutcome(event.outcome);
		if (event.type === "stage") debug(`${event.step.id}: ${event.stage}`);
		if (event.type === "note") showNote(event.level, event.step === void 0 ? event.message : `${event.step.id}: ${event.message}`);
		if (event.type === "progress") {
			const atMs = now();
			if (atMs - (lastMs.get(event.step.id) ?? atMs - PROGRESS_EVERY_MS + 1e3) < PROGRESS_EVERY_MS) return;
			lastMs.set(event.step.id, atMs);
			say(`… ${progressText(event.step, event.progress)}`);
		}
	};
}
function showNote(level, text) {
	if (level === "debug") debug(text);
	else if (level === "info") say(`  ${text}`);
	else warning(text);
}
function showOutcome({ step, status, ms, error, by, result }) {
	for (const sentence of result?.warnings ?? []) warning(sentence, step.id);
	if (status === "kept") return;
	if (status === "done") say(`✓ ${step.id} in ${durationText(ms)}`);
	else if (status === "blocked") say(`✗ ${step.id} is blocked: ${by} failed`);
	else say(`✗ ${step.id} ${status}${error ? `: ${error.message}` : ""}`);
}
function progressText({ id }, { done, total, unit, what }) {
	const amount = unit === "percent" ? `${Math.round(done)} %` : bytesText(done);
	const whole = unit === "bytes" && total !== void 0 ? ` of ${bytesText(total)}` : "";
	return `${id}: ${what ? `${what} ` : ""}${amount}${whole}`;
}

// src/world.ts
function openWorld(inputs, desired, { environment, factsDirectory }) {
	const { perHost, connectionsPerImage } = desired.limits;
	return createWorld({
		pve: CONTACTS_NOBODY.includes(inputs.mode) ? NO_PROXMOX : {
			endpoints: inputs.endpoints,
			credentials: {
				tokenId: inputs.tokenId,
				tokenSecret: inputs.tokenSecret
			},
			trust: inputs.trust
		},
		cacheDirectory: inputs.cacheDirectory,
		factsDirectory,
		proxy: proxySettingsOf(environment),
		limits: {
			perHost,
			connectionsPerImage
		},
		userAgent: `pve-provision-action/${VERSION$1}`
	});
}

export { problemText as A, makePlan as B, annotate as C, warning as D, say as E, prepare as F, withRecalled as G, refuseImpossible as H, prepareAdopt as I, withoutSecrets$1 as J, recordDigestFacts as K, prepareDestroy as L, countText as M, durationText as N, hide as O, apply as P, preparePrune as R, nameInWorkspace as S, debug as T, observe as U, checksOf as V, resolveImage as W, isOpenHttp as Y, onCancel as _, writeSummaryOf as a, annotateProblems as b, ended as c, cacheAccess as d, formatLockFile as f, inputOf as g, tokenSecretsOf as h, writeOutputs as i, bytesText as j, problemGroups as k, loadLockFile as l, readInputs as m, showEvents as n, isWell as o, lockChanges as p, sniffFile as q, showPlan as r, runMarkdown as s, openWorld as t, loadManifest as u, annotateError as v, command as w, annotateReport as x, annotateNote as y, draftPlan as z };