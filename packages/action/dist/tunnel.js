import { t as ProvisionError } from "./errors.js";
import { r as systemCode } from "./disk-error.js";
import { t as decodePercent } from "./percent.js";

// \0builtin:node:fs/promises?packages/core/dist/ports/files/make-folder.js
const builtin$3 = process.getBuiltinModule("node:fs/promises");
const read$3 = (name) => builtin$3[name];
const _mkdir = /* @__PURE__ */ read$3("mkdir");

// \0builtin:node:path?packages/core/dist/ports/files/make-folder.js
const builtin$2 = process.getBuiltinModule("node:path");
const read$2 = (name) => builtin$2[name];
const _dirname = /* @__PURE__ */ read$2("dirname");

// ../core/dist/ports/files/make-folder.js
/** Creates a folder. A folder that already exists is not an error. @throws the system's error */
async function makeFolder(path, mode = 448) {
	if (await tryMake(path, mode) !== "ENOENT" || _dirname(path) === path) return;
	await makeFolder(_dirname(path), mode);
	await _mkdir(path, { mode }).catch(ignoreExisting);
}
async function tryMake(path, mode) {
	try {
		await _mkdir(path, { mode });
		return;
	} catch (error) {
		if (systemCode(error) === "ENOENT") return "ENOENT";
		ignoreExisting(error);
		return;
	}
}
function ignoreExisting(error) {
	if (systemCode(error) !== "EEXIST") throw error;
}

// \0builtin:node:net?packages/core/dist/ports/network/no-proxy.js
const builtin$1 = process.getBuiltinModule("node:net");
const read$1 = (name) => builtin$1[name];
const _BlockList = /* @__PURE__ */ read$1("BlockList");
const _isIP$1 = /* @__PURE__ */ read$1("isIP");

// ../core/dist/ports/network/no-proxy.js
/** Returns true if the URL must not go through a proxy. @param noProxy entries separated by commas or spaces */
function isExempt(url, noProxy) {
	return noProxy.split(/[\s,]+/).some((entry) => exempts(entry.toLowerCase(), url));
}
function exempts(entry, url) {
	if (entry === "") return false;
	if (entry === "*") return true;
	const host = bareHost(url.hostname);
	const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(_isIP$1(entry) === 6 ? `[${entry}]` : entry) ?? [];
	if (port !== void 0 && port !== (url.port || (url.protocol === "https:" ? "443" : "80"))) return false;
	const wanted = bareHost(name).replace(/^\*?\./, "");
	return host === wanted || _isIP$1(host) === 0 && host.endsWith(`.${wanted}`) || inNetwork(wanted, host);
}
function inNetwork(network, host) {
	const [address = "", prefix] = network.split("/");
	const family = _isIP$1(address);
	if (prefix === void 0 || family === 0 || _isIP$1(host) !== family) return false;
	const list = new _BlockList();
	list.addSubnet(address, Number(prefix), family === 6 ? "ipv6" : "ipv4");
	return list.check(host, family === 6 ? "ipv6" : "ipv4");
}
/** Returns the host name without the brackets of an IPv6 address: `[::1]` becomes `::1`. */
function bareHost(hostname) {
	return hostname.replace(/^\[(.*)\]$/, "$1");
}

// ../core/dist/ports/network/proxy.js
/** Reads the proxy settings from an environment. Upper-case names win over lower-case ones. */
function proxySettingsOf(environment) {
	const variable = (name) => environment[name] || environment[name.toLowerCase()] || void 0;
	return {
		http: variable("HTTP_PROXY"),
		https: variable("HTTPS_PROXY"),
		noProxy: variable("NO_PROXY")
	};
}
/**
* Returns the proxy for `url`, or undefined for a direct connection.
* @throws ProvisionError `UNREACHABLE` if the address of the proxy is invalid
*/
function proxyFor(url, settings = {}) {
	const name = url.protocol === "https:" ? "https" : "http";
	const text = settings[name];
	if (text === void 0 || text === "" || isExempt(url, settings.noProxy ?? "")) return void 0;
	const proxy = URL.parse(text.includes("://") ? text : `http://${text}`);
	if (proxy !== null && (proxy.protocol === "http:" || proxy.protocol === "https:")) return proxy;
	throw new ProvisionError("UNREACHABLE", "The proxy is not an http:// or https:// address.", { hint: `Set ${name.toUpperCase()}_PROXY=http://host:port; SOCKS is not supported.` });
}
/** Returns the header that authenticates to a proxy, if its address contains credentials. */
function proxyAuthorization(proxy) {
	return proxy.username === "" ? {} : { "Proxy-Authorization": basicCredentials(proxy) };
}
/** Creates a `Basic …` value from the user and password of a URL. */
function basicCredentials(url) {
	const text = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
	return `Basic ${Buffer.from(text).toString("base64")}`;
}

// \0builtin:node:net?packages/core/dist/ports/network/tunnel.js
const builtin = process.getBuiltinModule("node:net");
const read = (name) => builtin[name];
const _isIP = /* @__PURE__ */ read("isIP");

// ../core/dist/ports/network/tunnel.js
/** The proxy answered and refused the tunnel. */
var ProxyRefusal = class extends Error {
	proxyHost;
	status;
	constructor(proxy, authority, { statusCode = 0, statusMessage = "" }) {
		super(`the proxy ${proxy.host} refuses to connect to ${authority}: ${statusCode} ${statusMessage}`.trimEnd());
		this.name = "ProxyRefusal";
		this.proxyHost = proxy.host;
		this.status = statusCode;
	}
};
/**
* Opens a connection to `host:port` through the proxy.
* @throws ProxyRefusal if the proxy refuses; else the network's own error
*/
async function openTunnel(proxy, to, { signal, tls = {} }) {
	const authority = `${_isIP(to.host) === 6 ? `[${to.host}]` : to.host}:${to.port}`;
	const isSecure = proxy.protocol === "https:";
	const { request: send } = isSecure ? await import("node:https") : await import("node:http");
	const { promise, resolve, reject } = Promise.withResolvers();
	const request = send({
		host: bareHost(proxy.hostname),
		port: portOf(proxy),
		method: "CONNECT",
		path: authority,
		headers: {
			Host: authority,
			...proxyAuthorization(proxy)
		},
		agent: false,
		signal,
		...isSecure ? tls : {}
	});
	request.once("connect", (response, socket) => {
		const { statusCode = 0 } = response;
		if (statusCode >= 200 && statusCode < 300) return resolve(socket);
		socket.destroy();
		reject(new ProxyRefusal(proxy, authority, response));
	});
	request.once("response", (response) => {
		response.destroy();
		reject(new ProxyRefusal(proxy, authority, response));
	});
	request.once("error", reject);
	request.end();
	return promise;
}
/** Returns the port of a URL, or the default port of its scheme. */
function portOf(url) {
	if (url.port !== "") return Number(url.port);
	return url.protocol === "https:" ? 443 : 80;
}

export { proxyAuthorization as a, bareHost as c, basicCredentials as i, makeFolder as l, openTunnel as n, proxyFor as o, portOf as r, proxySettingsOf as s, ProxyRefusal as t };