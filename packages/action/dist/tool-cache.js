import { i as __toESM } from "./rolldown-runtime.js";
import { f as cp, m as rmRF, p as mkdirP, t as debug } from "./core.js";
import { t as require_semver } from "./semver.js";
import "./lib.js";

// \0builtin:node:crypto?node_modules/@actions/tool-cache/lib/tool-cache.js
const builtin$9 = process.getBuiltinModule("node:crypto");

// \0builtin:node:fs?node_modules/@actions/tool-cache/lib/tool-cache.js
const builtin$8 = process.getBuiltinModule("node:fs");
const read$3 = (name) => builtin$8[name];
const _existsSync = /* @__PURE__ */ read$3("existsSync");
const _readdirSync = /* @__PURE__ */ read$3("readdirSync");
const _statSync = /* @__PURE__ */ read$3("statSync");
const _writeFileSync = /* @__PURE__ */ read$3("writeFileSync");

// \0builtin:node:os?node_modules/@actions/tool-cache/lib/manifest.js
var import_semver = /* @__PURE__ */ __toESM(require_semver(), 1);
const builtin$7 = process.getBuiltinModule("node:os");

// \0builtin:node:child_process?node_modules/@actions/tool-cache/lib/manifest.js
const builtin$6 = process.getBuiltinModule("node:child_process");

// \0builtin:node:fs?node_modules/@actions/tool-cache/lib/manifest.js
const builtin$5 = process.getBuiltinModule("node:fs");

// ../../node_modules/@actions/tool-cache/lib/manifest.js
var __awaiter$2 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};

// \0builtin:node:os?node_modules/@actions/tool-cache/lib/tool-cache.js
const builtin$4 = process.getBuiltinModule("node:os");
const read$2 = (name) => builtin$4[name];
const _arch = /* @__PURE__ */ read$2("arch");

// \0builtin:node:path?node_modules/@actions/tool-cache/lib/tool-cache.js
const builtin$3 = process.getBuiltinModule("node:path");
const read$1 = (name) => builtin$3[name];
const _join = /* @__PURE__ */ read$1("join");

// \0builtin:node:stream?node_modules/@actions/tool-cache/lib/tool-cache.js
const builtin$2 = process.getBuiltinModule("node:stream");

// \0builtin:node:util?node_modules/@actions/tool-cache/lib/tool-cache.js
const builtin$1 = process.getBuiltinModule("node:util");

// \0builtin:node:assert?node_modules/@actions/tool-cache/lib/tool-cache.js
const builtin = process.getBuiltinModule("node:assert");
const read = (name) => builtin[name];
const _ok = /* @__PURE__ */ read("ok");

// ../../node_modules/@actions/tool-cache/lib/retry-helper.js
var __awaiter$1 = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};

// ../../node_modules/@actions/tool-cache/lib/tool-cache.js
var __awaiter = void 0 && (void 0).__awaiter || function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
const IS_WINDOWS = process.platform === "win32";
const IS_MAC = process.platform === "darwin";
/**
* Caches a directory and installs it into the tool cacheDir
*
* @param sourceDir    the directory to cache into tools
* @param tool          tool name
* @param version       version of the tool.  semver format
* @param arch          architecture of the tool.  Optional.  Defaults to machine architecture
*/
function cacheDir(sourceDir, tool, version, arch) {
	return __awaiter(this, void 0, void 0, function* () {
		version = import_semver.clean(version) || version;
		arch = arch || _arch();
		debug(`Caching tool ${tool} ${version} ${arch}`);
		debug(`source dir: ${sourceDir}`);
		if (!_statSync(sourceDir).isDirectory()) throw new Error("sourceDir is not a directory");
		const destPath = yield _createToolPath(tool, version, arch);
		for (const itemName of _readdirSync(sourceDir)) {
			const s = _join(sourceDir, itemName);
			yield cp(s, destPath, { recursive: true });
		}
		_completeToolPath(tool, version, arch);
		return destPath;
	});
}
/**
* Finds the path to a tool version in the local installed tool cache
*
* @param toolName      name of the tool
* @param versionSpec   version of the tool
* @param arch          optional arch.  defaults to arch of computer
*/
function find(toolName, versionSpec, arch) {
	if (!toolName) throw new Error("toolName parameter is required");
	if (!versionSpec) throw new Error("versionSpec parameter is required");
	arch = arch || _arch();
	if (!isExplicitVersion(versionSpec)) versionSpec = evaluateVersions(findAllVersions(toolName, arch), versionSpec);
	let toolPath = "";
	if (versionSpec) {
		versionSpec = import_semver.clean(versionSpec) || "";
		const cachePath = _join(_getCacheDirectory(), toolName, versionSpec, arch);
		debug(`checking cache: ${cachePath}`);
		if (_existsSync(cachePath) && _existsSync(`${cachePath}.complete`)) {
			debug(`Found tool in cache ${toolName} ${versionSpec} ${arch}`);
			toolPath = cachePath;
		} else debug("not found");
	}
	return toolPath;
}
/**
* Finds the paths to all versions of a tool that are installed in the local tool cache
*
* @param toolName  name of the tool
* @param arch      optional arch.  defaults to arch of computer
*/
function findAllVersions(toolName, arch) {
	const versions = [];
	arch = arch || _arch();
	const toolPath = _join(_getCacheDirectory(), toolName);
	if (_existsSync(toolPath)) {
		const children = _readdirSync(toolPath);
		for (const child of children) if (isExplicitVersion(child)) {
			const fullPath = _join(toolPath, child, arch || "");
			if (_existsSync(fullPath) && _existsSync(`${fullPath}.complete`)) versions.push(child);
		}
	}
	return versions;
}
function _createToolPath(tool, version, arch) {
	return __awaiter(this, void 0, void 0, function* () {
		const folderPath = _join(_getCacheDirectory(), tool, import_semver.clean(version) || version, arch || "");
		debug(`destination ${folderPath}`);
		const markerPath = `${folderPath}.complete`;
		yield rmRF(folderPath);
		yield rmRF(markerPath);
		yield mkdirP(folderPath);
		return folderPath;
	});
}
function _completeToolPath(tool, version, arch) {
	const markerPath = `${_join(_getCacheDirectory(), tool, import_semver.clean(version) || version, arch || "")}.complete`;
	_writeFileSync(markerPath, "");
	debug("finished caching tool");
}
/**
* Check if version string is explicit
*
* @param versionSpec      version string to check
*/
function isExplicitVersion(versionSpec) {
	const c = import_semver.clean(versionSpec) || "";
	debug(`isExplicit: ${c}`);
	const valid = import_semver.valid(c) != null;
	debug(`explicit? ${valid}`);
	return valid;
}
/**
* Get the highest satisfiying semantic version in `versions` which satisfies `versionSpec`
*
* @param versions        array of versions to evaluate
* @param versionSpec     semantic version spec to satisfy
*/
function evaluateVersions(versions, versionSpec) {
	let version = "";
	debug(`evaluating ${versions.length} versions`);
	versions = versions.sort((a, b) => {
		if (import_semver.gt(a, b)) return 1;
		return -1;
	});
	for (let i = versions.length - 1; i >= 0; i--) {
		const potential = versions[i];
		if (import_semver.satisfies(potential, versionSpec)) {
			version = potential;
			break;
		}
	}
	if (version) debug(`matched: ${version}`);
	else debug("match not found");
	return version;
}
/**
* Gets RUNNER_TOOL_CACHE
*/
function _getCacheDirectory() {
	const cacheDirectory = process.env["RUNNER_TOOL_CACHE"] || "";
	_ok(cacheDirectory, "Expected RUNNER_TOOL_CACHE to be defined");
	return cacheDirectory;
}

export { cacheDir, find };