import { i as __toESM, r as __require, t as __commonJSMin } from "./rolldown-runtime.js";
import { t as ProvisionError } from "./errors.js";
import { o as checkId, t as checksumIn, u as parseUpid } from "./answer-texts.js";
import { n as pLimit } from "./hash-file.js";

// \0unused-client
function fetch() {
	throw new Error("This HTTP client is not part of the bundle.");
}

// ../../node_modules/ipaddr.js/lib/ipaddr.js
var require_ipaddr = /* @__PURE__ */ __commonJSMin(((exports, module, this$1) => {
	(function(root) {
		"use strict";
		const ipv4Part = "(0?\\d+|0x[a-f0-9]+)";
		const ipv4Regexes = {
			fourOctet: new RegExp(`^${ipv4Part}\\.${ipv4Part}\\.${ipv4Part}\\.${ipv4Part}$`, "i"),
			threeOctet: new RegExp(`^${ipv4Part}\\.${ipv4Part}\\.${ipv4Part}$`, "i"),
			twoOctet: new RegExp(`^${ipv4Part}\\.${ipv4Part}$`, "i"),
			longValue: new RegExp(`^${ipv4Part}$`, "i")
		};
		const octalRegex = new RegExp(`^0[0-7]+$`, "i");
		const hexRegex = new RegExp(`^0x[a-f0-9]+$`, "i");
		const zoneIndex = "%[0-9a-z]{1,}";
		const ipv6Part = "(?:[0-9a-f]+::?)+";
		const ipv6Regexes = {
			zoneIndex: new RegExp(zoneIndex, "i"),
			"native": new RegExp(`^(::)?(${ipv6Part})?([0-9a-f]+)?(::)?(${zoneIndex})?$`, "i"),
			deprecatedTransitional: new RegExp(`^(?:::)(${ipv4Part}\\.${ipv4Part}\\.${ipv4Part}\\.${ipv4Part}(${zoneIndex})?)$`, "i"),
			transitional: new RegExp(`^((?:${ipv6Part})|(?:::)(?:${ipv6Part})?)${ipv4Part}\\.${ipv4Part}\\.${ipv4Part}\\.${ipv4Part}(${zoneIndex})?$`, "i")
		};
		function expandIPv6(string, parts) {
			if (string.indexOf("::") !== string.lastIndexOf("::")) return null;
			let colonCount = 0;
			let lastColon = -1;
			let zoneId = (string.match(ipv6Regexes.zoneIndex) || [])[0];
			let replacement, replacementCount;
			if (zoneId) {
				zoneId = zoneId.substring(1);
				string = string.replace(/%.+$/, "");
			}
			while ((lastColon = string.indexOf(":", lastColon + 1)) >= 0) colonCount++;
			if (string.substr(0, 2) === "::") colonCount--;
			if (string.substr(-2, 2) === "::") colonCount--;
			if (colonCount >= parts) return null;
			replacementCount = parts - colonCount;
			replacement = ":";
			while (replacementCount--) replacement += "0:";
			string = string.replace("::", replacement);
			if (string[0] === ":") string = string.slice(1);
			if (string[string.length - 1] === ":") string = string.slice(0, -1);
			parts = (function() {
				const ref = string.split(":");
				const results = [];
				for (let i = 0; i < ref.length; i++) results.push(ref[i].length > 4 ? NaN : parseInt(ref[i], 16));
				return results;
			})();
			return {
				parts,
				zoneId
			};
		}
		function matchCIDR(first, second, partSize, cidrBits) {
			if (first.length !== second.length) throw new Error("ipaddr: cannot match CIDR for objects with different lengths");
			let part = 0;
			let shift;
			while (cidrBits > 0) {
				shift = partSize - cidrBits;
				if (shift < 0) shift = 0;
				if (first[part] >> shift !== second[part] >> shift) return false;
				cidrBits -= partSize;
				part += 1;
			}
			return true;
		}
		function parseIntAuto(string) {
			if (hexRegex.test(string)) return parseInt(string, 16);
			if (string[0] === "0" && !isNaN(parseInt(string[1], 10))) {
				if (octalRegex.test(string)) return parseInt(string, 8);
				throw new Error(`ipaddr: cannot parse ${string} as octal`);
			}
			return parseInt(string, 10);
		}
		function padPart(part, length) {
			while (part.length < length) part = `0${part}`;
			return part;
		}
		const ipaddr = {};
		ipaddr.IPv4 = (function() {
			function IPv4(octets) {
				if (octets.length !== 4) throw new Error("ipaddr: ipv4 octet count should be 4");
				let i, octet;
				for (i = 0; i < octets.length; i++) {
					octet = octets[i];
					if (!(0 <= octet && octet <= 255)) throw new Error("ipaddr: ipv4 octet should fit in 8 bits");
				}
				this.octets = octets;
			}
			IPv4.prototype.SpecialRanges = {
				unspecified: [[new IPv4([
					0,
					0,
					0,
					0
				]), 8]],
				broadcast: [[new IPv4([
					255,
					255,
					255,
					255
				]), 32]],
				multicast: [[new IPv4([
					224,
					0,
					0,
					0
				]), 4]],
				linkLocal: [[new IPv4([
					169,
					254,
					0,
					0
				]), 16]],
				loopback: [[new IPv4([
					127,
					0,
					0,
					0
				]), 8]],
				carrierGradeNat: [[new IPv4([
					100,
					64,
					0,
					0
				]), 10]],
				"private": [
					[new IPv4([
						10,
						0,
						0,
						0
					]), 8],
					[new IPv4([
						172,
						16,
						0,
						0
					]), 12],
					[new IPv4([
						192,
						168,
						0,
						0
					]), 16]
				],
				reserved: [
					[new IPv4([
						192,
						0,
						0,
						0
					]), 24],
					[new IPv4([
						192,
						0,
						2,
						0
					]), 24],
					[new IPv4([
						192,
						88,
						99,
						0
					]), 24],
					[new IPv4([
						198,
						18,
						0,
						0
					]), 15],
					[new IPv4([
						198,
						51,
						100,
						0
					]), 24],
					[new IPv4([
						203,
						0,
						113,
						0
					]), 24],
					[new IPv4([
						240,
						0,
						0,
						0
					]), 4]
				],
				as112: [[new IPv4([
					192,
					175,
					48,
					0
				]), 24], [new IPv4([
					192,
					31,
					196,
					0
				]), 24]],
				amt: [[new IPv4([
					192,
					52,
					193,
					0
				]), 24]]
			};
			IPv4.prototype.kind = function() {
				return "ipv4";
			};
			IPv4.prototype.match = function(other, cidrRange) {
				let ref;
				if (cidrRange === void 0) {
					ref = other;
					other = ref[0];
					cidrRange = ref[1];
				}
				if (other.kind() !== "ipv4") throw new Error("ipaddr: cannot match ipv4 address with non-ipv4 one");
				return matchCIDR(this.octets, other.octets, 8, cidrRange);
			};
			IPv4.prototype.prefixLengthFromSubnetMask = function() {
				let cidr = 0;
				let stop = false;
				const zerotable = {
					0: 8,
					128: 7,
					192: 6,
					224: 5,
					240: 4,
					248: 3,
					252: 2,
					254: 1,
					255: 0
				};
				let i, octet, zeros;
				for (i = 3; i >= 0; i -= 1) {
					octet = this.octets[i];
					if (octet in zerotable) {
						zeros = zerotable[octet];
						if (stop && zeros !== 0) return null;
						if (zeros !== 8) stop = true;
						cidr += zeros;
					} else return null;
				}
				return 32 - cidr;
			};
			IPv4.prototype.range = function() {
				return ipaddr.subnetMatch(this, this.SpecialRanges);
			};
			IPv4.prototype.toByteArray = function() {
				return this.octets.slice(0);
			};
			IPv4.prototype.toIPv4MappedAddress = function() {
				return ipaddr.IPv6.parse(`::ffff:${this.toString()}`);
			};
			IPv4.prototype.toNormalizedString = function() {
				return this.toString();
			};
			IPv4.prototype.toString = function() {
				return this.octets.join(".");
			};
			return IPv4;
		})();
		ipaddr.IPv4.broadcastAddressFromCIDR = function(string) {
			try {
				const cidr = this.parseCIDR(string);
				const ipInterfaceOctets = cidr[0].toByteArray();
				const subnetMaskOctets = this.subnetMaskFromPrefixLength(cidr[1]).toByteArray();
				const octets = [];
				let i = 0;
				while (i < 4) {
					octets.push(parseInt(ipInterfaceOctets[i], 10) | parseInt(subnetMaskOctets[i], 10) ^ 255);
					i++;
				}
				return new this(octets);
			} catch (e) {
				throw new Error("ipaddr: the address does not have IPv4 CIDR format", { cause: e });
			}
		};
		ipaddr.IPv4.isIPv4 = function(string) {
			return this.parser(string) !== null;
		};
		ipaddr.IPv4.isValid = function(string) {
			try {
				new this(this.parser(string));
				return true;
			} catch {
				return false;
			}
		};
		ipaddr.IPv4.isValidCIDR = function(string) {
			try {
				this.parseCIDR(string);
				return true;
			} catch {
				return false;
			}
		};
		ipaddr.IPv4.isValidFourPartDecimal = function(string) {
			if (ipaddr.IPv4.isValid(string) && string.match(/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){3}$/)) return true;
			else return false;
		};
		ipaddr.IPv4.isValidCIDRFourPartDecimal = function(string) {
			const match = string.match(/^(.+)\/(\d+)$/);
			if (!ipaddr.IPv4.isValidCIDR(string) || !match) return false;
			return ipaddr.IPv4.isValidFourPartDecimal(match[1]);
		};
		ipaddr.IPv4.networkAddressFromCIDR = function(string) {
			let cidr, i, ipInterfaceOctets, octets, subnetMaskOctets;
			try {
				cidr = this.parseCIDR(string);
				ipInterfaceOctets = cidr[0].toByteArray();
				subnetMaskOctets = this.subnetMaskFromPrefixLength(cidr[1]).toByteArray();
				octets = [];
				i = 0;
				while (i < 4) {
					octets.push(parseInt(ipInterfaceOctets[i], 10) & parseInt(subnetMaskOctets[i], 10));
					i++;
				}
				return new this(octets);
			} catch (e) {
				throw new Error("ipaddr: the address does not have IPv4 CIDR format", { cause: e });
			}
		};
		ipaddr.IPv4.parse = function(string) {
			const parts = this.parser(string);
			if (parts === null) throw new Error("ipaddr: string is not formatted like an IPv4 Address");
			return new this(parts);
		};
		ipaddr.IPv4.parseCIDR = function(string) {
			let match;
			if (match = string.match(/^(.+)\/(\d+)$/)) {
				const maskLength = parseInt(match[2]);
				if (maskLength >= 0 && maskLength <= 32) {
					const parsed = [this.parse(match[1]), maskLength];
					Object.defineProperty(parsed, "toString", { value: function() {
						return this.join("/");
					} });
					return parsed;
				}
			}
			throw new Error("ipaddr: string is not formatted like an IPv4 CIDR range");
		};
		ipaddr.IPv4.parser = function(string) {
			let match, part, value;
			if (match = string.match(ipv4Regexes.fourOctet)) return (function() {
				const ref = match.slice(1, 6);
				const results = [];
				for (let i = 0; i < ref.length; i++) {
					part = ref[i];
					results.push(parseIntAuto(part));
				}
				return results;
			})();
			else if (match = string.match(ipv4Regexes.longValue)) {
				value = parseIntAuto(match[1]);
				if (value > 4294967295 || value < 0) throw new Error("ipaddr: address outside defined range");
				return (function() {
					const results = [];
					let shift = 0;
					for (; shift <= 24; shift += 8) results.push(value >> shift & 255);
					return results;
				})().reverse();
			} else if (match = string.match(ipv4Regexes.twoOctet)) return (function() {
				const ref = match.slice(1, 4);
				const results = [];
				value = parseIntAuto(ref[1]);
				if (value > 16777215 || value < 0) throw new Error("ipaddr: address outside defined range");
				results.push(parseIntAuto(ref[0]));
				results.push(value >> 16 & 255);
				results.push(value >> 8 & 255);
				results.push(value & 255);
				return results;
			})();
			else if (match = string.match(ipv4Regexes.threeOctet)) return (function() {
				const ref = match.slice(1, 5);
				const results = [];
				value = parseIntAuto(ref[2]);
				if (value > 65535 || value < 0) throw new Error("ipaddr: address outside defined range");
				results.push(parseIntAuto(ref[0]));
				results.push(parseIntAuto(ref[1]));
				results.push(value >> 8 & 255);
				results.push(value & 255);
				return results;
			})();
			else return null;
		};
		ipaddr.IPv4.subnetMaskFromPrefixLength = function(prefix) {
			prefix = parseInt(prefix);
			if (Number.isNaN(prefix) || prefix < 0 || prefix > 32) throw new Error("ipaddr: invalid IPv4 prefix length");
			const octets = [
				0,
				0,
				0,
				0
			];
			let j = 0;
			const filledOctetCount = Math.floor(prefix / 8);
			while (j < filledOctetCount) {
				octets[j] = 255;
				j++;
			}
			if (filledOctetCount < 4) octets[filledOctetCount] = Math.pow(2, prefix % 8) - 1 << 8 - prefix % 8;
			return new this(octets);
		};
		ipaddr.IPv6 = (function() {
			function IPv6(parts, zoneId) {
				let i, part;
				if (parts.length === 16) {
					this.parts = [];
					for (i = 0; i <= 14; i += 2) this.parts.push(parts[i] << 8 | parts[i + 1]);
				} else if (parts.length === 8) this.parts = parts;
				else throw new Error("ipaddr: ipv6 part count should be 8 or 16");
				for (i = 0; i < this.parts.length; i++) {
					part = this.parts[i];
					if (!(0 <= part && part <= 65535)) throw new Error("ipaddr: ipv6 part should fit in 16 bits");
				}
				if (zoneId) this.zoneId = zoneId;
			}
			IPv6.prototype.SpecialRanges = {
				unspecified: [new IPv6([
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 128],
				linkLocal: [new IPv6([
					65152,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 10],
				multicast: [new IPv6([
					65280,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 8],
				loopback: [new IPv6([
					0,
					0,
					0,
					0,
					0,
					0,
					0,
					1
				]), 128],
				uniqueLocal: [new IPv6([
					64512,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 7],
				ipv4Mapped: [new IPv6([
					0,
					0,
					0,
					0,
					0,
					65535,
					0,
					0
				]), 96],
				deprecatedSiteLocal: [new IPv6([
					65216,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 10],
				discard: [new IPv6([
					256,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 64],
				rfc6145: [new IPv6([
					0,
					0,
					0,
					0,
					65535,
					0,
					0,
					0
				]), 96],
				rfc6052: [[new IPv6([
					100,
					65435,
					0,
					0,
					0,
					0,
					0,
					0
				]), 96], [new IPv6([
					100,
					65435,
					1,
					0,
					0,
					0,
					0,
					0
				]), 48]],
				"6to4": [new IPv6([
					8194,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 16],
				teredo: [new IPv6([
					8193,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 32],
				benchmarking: [new IPv6([
					8193,
					2,
					0,
					0,
					0,
					0,
					0,
					0
				]), 48],
				amt: [new IPv6([
					8193,
					3,
					0,
					0,
					0,
					0,
					0,
					0
				]), 32],
				as112v6: [[new IPv6([
					8193,
					4,
					274,
					0,
					0,
					0,
					0,
					0
				]), 48], [new IPv6([
					9760,
					79,
					32768,
					0,
					0,
					0,
					0,
					0
				]), 48]],
				deprecatedOrchid: [new IPv6([
					8193,
					16,
					0,
					0,
					0,
					0,
					0,
					0
				]), 28],
				orchid2: [new IPv6([
					8193,
					32,
					0,
					0,
					0,
					0,
					0,
					0
				]), 28],
				droneRemoteIdProtocolEntityTags: [new IPv6([
					8193,
					48,
					0,
					0,
					0,
					0,
					0,
					0
				]), 28],
				segmentRouting: [new IPv6([
					24320,
					0,
					0,
					0,
					0,
					0,
					0,
					0
				]), 16],
				reserved: [
					[new IPv6([
						8193,
						0,
						0,
						0,
						0,
						0,
						0,
						0
					]), 23],
					[new IPv6([
						8193,
						3512,
						0,
						0,
						0,
						0,
						0,
						0
					]), 32],
					[new IPv6([
						16383,
						0,
						0,
						0,
						0,
						0,
						0,
						0
					]), 20]
				]
			};
			IPv6.prototype.isIPv4MappedAddress = function() {
				return this.range() === "ipv4Mapped";
			};
			IPv6.prototype.kind = function() {
				return "ipv6";
			};
			IPv6.prototype.match = function(other, cidrRange) {
				let ref;
				if (cidrRange === void 0) {
					ref = other;
					other = ref[0];
					cidrRange = ref[1];
				}
				if (other.kind() !== "ipv6") throw new Error("ipaddr: cannot match ipv6 address with non-ipv6 one");
				return matchCIDR(this.parts, other.parts, 16, cidrRange);
			};
			IPv6.prototype.prefixLengthFromSubnetMask = function() {
				let cidr = 0;
				let stop = false;
				const zerotable = {
					0: 16,
					32768: 15,
					49152: 14,
					57344: 13,
					61440: 12,
					63488: 11,
					64512: 10,
					65024: 9,
					65280: 8,
					65408: 7,
					65472: 6,
					65504: 5,
					65520: 4,
					65528: 3,
					65532: 2,
					65534: 1,
					65535: 0
				};
				let part, zeros;
				for (let i = 7; i >= 0; i -= 1) {
					part = this.parts[i];
					if (part in zerotable) {
						zeros = zerotable[part];
						if (stop && zeros !== 0) return null;
						if (zeros !== 16) stop = true;
						cidr += zeros;
					} else return null;
				}
				return 128 - cidr;
			};
			IPv6.prototype.range = function() {
				return ipaddr.subnetMatch(this, this.SpecialRanges);
			};
			IPv6.prototype.toByteArray = function() {
				let part;
				const bytes = [];
				const ref = this.parts;
				for (let i = 0; i < ref.length; i++) {
					part = ref[i];
					bytes.push(part >> 8);
					bytes.push(part & 255);
				}
				return bytes;
			};
			IPv6.prototype.toFixedLengthString = function() {
				const addr = (function() {
					const results = [];
					for (let i = 0; i < this.parts.length; i++) results.push(padPart(this.parts[i].toString(16), 4));
					return results;
				}).call(this).join(":");
				let suffix = "";
				if (this.zoneId) suffix = `%${this.zoneId}`;
				return addr + suffix;
			};
			IPv6.prototype.toIPv4Address = function() {
				if (!this.isIPv4MappedAddress()) throw new Error("ipaddr: trying to convert a generic ipv6 address to ipv4");
				const ref = this.parts.slice(-2);
				const high = ref[0];
				const low = ref[1];
				return new ipaddr.IPv4([
					high >> 8,
					high & 255,
					low >> 8,
					low & 255
				]);
			};
			IPv6.prototype.toNormalizedString = function() {
				const addr = (function() {
					const results = [];
					for (let i = 0; i < this.parts.length; i++) results.push(this.parts[i].toString(16));
					return results;
				}).call(this).join(":");
				let suffix = "";
				if (this.zoneId) suffix = `%${this.zoneId}`;
				return addr + suffix;
			};
			IPv6.prototype.toRFC5952String = function() {
				const regex = /((^|:)(0(:|$)){2,})/g;
				let suffix = "";
				if (this.zoneId) suffix = `%${this.zoneId}`;
				const normalized = this.toNormalizedString();
				const string = normalized.slice(0, normalized.length - suffix.length);
				let bestMatchIndex = 0;
				let bestMatchLength = -1;
				let bestMatchGroups = -1;
				let match;
				while (match = regex.exec(string)) {
					const groups = (match[0].match(/0/g) || []).length;
					if (groups > bestMatchGroups) {
						bestMatchGroups = groups;
						bestMatchIndex = match.index;
						bestMatchLength = match[0].length;
					}
				}
				if (bestMatchLength < 0) return string + suffix;
				return `${string.substring(0, bestMatchIndex)}::${string.substring(bestMatchIndex + bestMatchLength)}${suffix}`;
			};
			IPv6.prototype.toString = function() {
				return this.toRFC5952String();
			};
			return IPv6;
		})();
		ipaddr.IPv6.broadcastAddressFromCIDR = function(string) {
			try {
				const cidr = this.parseCIDR(string);
				const ipInterfaceOctets = cidr[0].toByteArray();
				const subnetMaskOctets = this.subnetMaskFromPrefixLength(cidr[1]).toByteArray();
				const octets = [];
				let i = 0;
				while (i < 16) {
					octets.push(parseInt(ipInterfaceOctets[i], 10) | parseInt(subnetMaskOctets[i], 10) ^ 255);
					i++;
				}
				return new this(octets);
			} catch (e) {
				throw new Error("ipaddr: the address does not have IPv6 CIDR format", { cause: e });
			}
		};
		ipaddr.IPv6.isIPv6 = function(string) {
			return this.parser(string) !== null;
		};
		ipaddr.IPv6.isValid = function(string) {
			if (typeof string === "string" && string.indexOf(":") === -1) return false;
			try {
				const addr = this.parser(string);
				new this(addr.parts, addr.zoneId);
				return true;
			} catch {
				return false;
			}
		};
		ipaddr.IPv6.isValidCIDR = function(string) {
			if (typeof string === "string" && string.indexOf(":") === -1) return false;
			try {
				this.parseCIDR(string);
				return true;
			} catch {
				return false;
			}
		};
		ipaddr.IPv6.networkAddressFromCIDR = function(string) {
			let cidr, i, ipInterfaceOctets, octets, subnetMaskOctets;
			try {
				cidr = this.parseCIDR(string);
				ipInterfaceOctets = cidr[0].toByteArray();
				subnetMaskOctets = this.subnetMaskFromPrefixLength(cidr[1]).toByteArray();
				octets = [];
				i = 0;
				while (i < 16) {
					octets.push(parseInt(ipInterfaceOctets[i], 10) & parseInt(subnetMaskOctets[i], 10));
					i++;
				}
				return new this(octets);
			} catch (e) {
				throw new Error("ipaddr: the address does not have IPv6 CIDR format", { cause: e });
			}
		};
		ipaddr.IPv6.parse = function(string) {
			const addr = this.parser(string);
			if (addr === null) throw new Error("ipaddr: string is not formatted like an IPv6 Address");
			return new this(addr.parts, addr.zoneId);
		};
		ipaddr.IPv6.parseCIDR = function(string) {
			let maskLength, match, parsed;
			if (match = string.match(/^(.+)\/(\d+)$/)) {
				maskLength = parseInt(match[2]);
				if (maskLength >= 0 && maskLength <= 128) {
					parsed = [this.parse(match[1]), maskLength];
					Object.defineProperty(parsed, "toString", { value: function() {
						return this.join("/");
					} });
					return parsed;
				}
			}
			throw new Error("ipaddr: string is not formatted like an IPv6 CIDR range");
		};
		ipaddr.IPv6.parser = function(string) {
			let addr, i, match, octet, octets, zoneId;
			if (match = string.match(ipv6Regexes.deprecatedTransitional)) return this.parser(`::ffff:${match[1]}`);
			if (ipv6Regexes.native.test(string)) return expandIPv6(string, 8);
			if (match = string.match(ipv6Regexes.transitional)) {
				zoneId = match[6] || "";
				addr = match[1];
				if (!match[1].endsWith("::")) addr = addr.slice(0, -1);
				addr = expandIPv6(addr + zoneId, 6);
				if (addr && addr.parts) {
					octets = [
						parseInt(match[2]),
						parseInt(match[3]),
						parseInt(match[4]),
						parseInt(match[5])
					];
					for (i = 0; i < octets.length; i++) {
						octet = octets[i];
						if (!(0 <= octet && octet <= 255)) return null;
					}
					addr.parts.push(octets[0] << 8 | octets[1]);
					addr.parts.push(octets[2] << 8 | octets[3]);
					return {
						parts: addr.parts,
						zoneId: addr.zoneId
					};
				}
			}
			return null;
		};
		ipaddr.IPv6.subnetMaskFromPrefixLength = function(prefix) {
			prefix = parseInt(prefix);
			if (Number.isNaN(prefix) || prefix < 0 || prefix > 128) throw new Error("ipaddr: invalid IPv6 prefix length");
			const octets = [
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0,
				0
			];
			let j = 0;
			const filledOctetCount = Math.floor(prefix / 8);
			while (j < filledOctetCount) {
				octets[j] = 255;
				j++;
			}
			if (filledOctetCount < 16) octets[filledOctetCount] = Math.pow(2, prefix % 8) - 1 << 8 - prefix % 8;
			return new this(octets);
		};
		ipaddr.fromByteArray = function(bytes) {
			const length = bytes.length;
			if (length === 4) return new ipaddr.IPv4(bytes);
			else if (length === 16) return new ipaddr.IPv6(bytes);
			else throw new Error("ipaddr: the binary input is neither an IPv6 nor IPv4 address");
		};
		ipaddr.isValid = function(string) {
			return ipaddr.IPv6.isValid(string) || ipaddr.IPv4.isValid(string);
		};
		ipaddr.isValidCIDR = function(string) {
			return ipaddr.IPv6.isValidCIDR(string) || ipaddr.IPv4.isValidCIDR(string);
		};
		ipaddr.parse = function(string) {
			if (ipaddr.IPv6.isValid(string)) return ipaddr.IPv6.parse(string);
			else if (ipaddr.IPv4.isValid(string)) return ipaddr.IPv4.parse(string);
			else throw new Error("ipaddr: the address has neither IPv6 nor IPv4 format");
		};
		ipaddr.parseCIDR = function(string) {
			try {
				return ipaddr.IPv6.parseCIDR(string);
			} catch {
				try {
					return ipaddr.IPv4.parseCIDR(string);
				} catch (e) {
					throw new Error("ipaddr: the address has neither IPv6 nor IPv4 CIDR format", { cause: e });
				}
			}
		};
		ipaddr.process = function(string) {
			const addr = this.parse(string);
			if (addr.kind() === "ipv6" && addr.isIPv4MappedAddress()) return addr.toIPv4Address();
			else return addr;
		};
		ipaddr.subnetMatch = function(address, rangeList, defaultName) {
			let i, rangeName, rangeSubnets, subnet;
			if (defaultName === void 0 || defaultName === null) defaultName = "unicast";
			for (rangeName in rangeList) if (Object.prototype.hasOwnProperty.call(rangeList, rangeName)) {
				rangeSubnets = rangeList[rangeName];
				if (rangeSubnets[0] && !(rangeSubnets[0] instanceof Array)) rangeSubnets = [rangeSubnets];
				for (i = 0; i < rangeSubnets.length; i++) {
					subnet = rangeSubnets[i];
					if (address.kind() === subnet[0].kind() && address.match.apply(address, subnet)) return rangeName;
				}
			}
			return defaultName;
		};
		if (typeof module !== "undefined" && module.exports) module.exports = ipaddr;
		else root.ipaddr = ipaddr;
	})(this$1);
}));

// ../../node_modules/yaml/dist/nodes/identity.js
var require_identity = /* @__PURE__ */ __commonJSMin(((exports) => {
	const ALIAS = Symbol.for("yaml.alias");
	const DOC = Symbol.for("yaml.document");
	const MAP = Symbol.for("yaml.map");
	const PAIR = Symbol.for("yaml.pair");
	const SCALAR = Symbol.for("yaml.scalar");
	const SEQ = Symbol.for("yaml.seq");
	const NODE_TYPE = Symbol.for("yaml.node.type");
	const isAlias = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === ALIAS;
	const isDocument = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === DOC;
	const isMap = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === MAP;
	const isPair = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === PAIR;
	const isScalar = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === SCALAR;
	const isSeq = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === SEQ;
	function isCollection(node) {
		if (node && typeof node === "object") switch (node[NODE_TYPE]) {
			case MAP:
			case SEQ: return true;
		}
		return false;
	}
	function isNode(node) {
		if (node && typeof node === "object") switch (node[NODE_TYPE]) {
			case ALIAS:
			case MAP:
			case SCALAR:
			case SEQ: return true;
		}
		return false;
	}
	const hasAnchor = (node) => (isScalar(node) || isCollection(node)) && !!node.anchor;
	exports.ALIAS = ALIAS;
	exports.DOC = DOC;
	exports.MAP = MAP;
	exports.NODE_TYPE = NODE_TYPE;
	exports.PAIR = PAIR;
	exports.SCALAR = SCALAR;
	exports.SEQ = SEQ;
	exports.hasAnchor = hasAnchor;
	exports.isAlias = isAlias;
	exports.isCollection = isCollection;
	exports.isDocument = isDocument;
	exports.isMap = isMap;
	exports.isNode = isNode;
	exports.isPair = isPair;
	exports.isScalar = isScalar;
	exports.isSeq = isSeq;
}));

// ../../node_modules/yaml/dist/visit.js
var require_visit = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	const BREAK = Symbol("break visit");
	const SKIP = Symbol("skip children");
	const REMOVE = Symbol("remove node");
	/**
	* Apply a visitor to an AST node or document.
	*
	* Walks through the tree (depth-first) starting from `node`, calling a
	* `visitor` function with three arguments:
	*   - `key`: For sequence values and map `Pair`, the node's index in the
	*     collection. Within a `Pair`, `'key'` or `'value'`, correspondingly.
	*     `null` for the root node.
	*   - `node`: The current node.
	*   - `path`: The ancestry of the current node.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this node, continue with next
	*     sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current node, then continue with the next one
	*   - `Node`: Replace the current node, then continue by visiting it
	*   - `number`: While iterating the items of a sequence or map, set the index
	*     of the next step. This is useful especially if the index of the current
	*     node has changed.
	*
	* If `visitor` is a single function, it will be called with all values
	* encountered in the tree, including e.g. `null` values. Alternatively,
	* separate visitor functions may be defined for each `Map`, `Pair`, `Seq`,
	* `Alias` and `Scalar` node. To define the same visitor function for more than
	* one node type, use the `Collection` (map and seq), `Value` (map, seq & scalar)
	* and `Node` (alias, map, seq & scalar) targets. Of all these, only the most
	* specific defined one will be used for each node.
	*/
	function visit(node, visitor) {
		const visitor_ = initVisitor(visitor);
		if (identity.isDocument(node)) {
			if (visit_(null, node.contents, visitor_, Object.freeze([node])) === REMOVE) node.contents = null;
		} else visit_(null, node, visitor_, Object.freeze([]));
	}
	/** Terminate visit traversal completely */
	visit.BREAK = BREAK;
	/** Do not visit the children of the current node */
	visit.SKIP = SKIP;
	/** Remove the current node */
	visit.REMOVE = REMOVE;
	function visit_(key, node, visitor, path) {
		const ctrl = callVisitor(key, node, visitor, path);
		if (identity.isNode(ctrl) || identity.isPair(ctrl)) {
			replaceNode(key, path, ctrl);
			return visit_(key, ctrl, visitor, path);
		}
		if (typeof ctrl !== "symbol") {
			if (identity.isCollection(node)) {
				path = Object.freeze(path.concat(node));
				for (let i = 0; i < node.items.length; ++i) {
					const ci = visit_(i, node.items[i], visitor, path);
					if (typeof ci === "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else if (ci === REMOVE) {
						node.items.splice(i, 1);
						i -= 1;
					}
				}
			} else if (identity.isPair(node)) {
				path = Object.freeze(path.concat(node));
				const ck = visit_("key", node.key, visitor, path);
				if (ck === BREAK) return BREAK;
				else if (ck === REMOVE) node.key = null;
				const cv = visit_("value", node.value, visitor, path);
				if (cv === BREAK) return BREAK;
				else if (cv === REMOVE) node.value = null;
			}
		}
		return ctrl;
	}
	/**
	* Apply an async visitor to an AST node or document.
	*
	* Walks through the tree (depth-first) starting from `node`, calling a
	* `visitor` function with three arguments:
	*   - `key`: For sequence values and map `Pair`, the node's index in the
	*     collection. Within a `Pair`, `'key'` or `'value'`, correspondingly.
	*     `null` for the root node.
	*   - `node`: The current node.
	*   - `path`: The ancestry of the current node.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `Promise`: Must resolve to one of the following values
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this node, continue with next
	*     sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current node, then continue with the next one
	*   - `Node`: Replace the current node, then continue by visiting it
	*   - `number`: While iterating the items of a sequence or map, set the index
	*     of the next step. This is useful especially if the index of the current
	*     node has changed.
	*
	* If `visitor` is a single function, it will be called with all values
	* encountered in the tree, including e.g. `null` values. Alternatively,
	* separate visitor functions may be defined for each `Map`, `Pair`, `Seq`,
	* `Alias` and `Scalar` node. To define the same visitor function for more than
	* one node type, use the `Collection` (map and seq), `Value` (map, seq & scalar)
	* and `Node` (alias, map, seq & scalar) targets. Of all these, only the most
	* specific defined one will be used for each node.
	*/
	async function visitAsync(node, visitor) {
		const visitor_ = initVisitor(visitor);
		if (identity.isDocument(node)) {
			if (await visitAsync_(null, node.contents, visitor_, Object.freeze([node])) === REMOVE) node.contents = null;
		} else await visitAsync_(null, node, visitor_, Object.freeze([]));
	}
	/** Terminate visit traversal completely */
	visitAsync.BREAK = BREAK;
	/** Do not visit the children of the current node */
	visitAsync.SKIP = SKIP;
	/** Remove the current node */
	visitAsync.REMOVE = REMOVE;
	async function visitAsync_(key, node, visitor, path) {
		const ctrl = await callVisitor(key, node, visitor, path);
		if (identity.isNode(ctrl) || identity.isPair(ctrl)) {
			replaceNode(key, path, ctrl);
			return visitAsync_(key, ctrl, visitor, path);
		}
		if (typeof ctrl !== "symbol") {
			if (identity.isCollection(node)) {
				path = Object.freeze(path.concat(node));
				for (let i = 0; i < node.items.length; ++i) {
					const ci = await visitAsync_(i, node.items[i], visitor, path);
					if (typeof ci === "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else if (ci === REMOVE) {
						node.items.splice(i, 1);
						i -= 1;
					}
				}
			} else if (identity.isPair(node)) {
				path = Object.freeze(path.concat(node));
				const ck = await visitAsync_("key", node.key, visitor, path);
				if (ck === BREAK) return BREAK;
				else if (ck === REMOVE) node.key = null;
				const cv = await visitAsync_("value", node.value, visitor, path);
				if (cv === BREAK) return BREAK;
				else if (cv === REMOVE) node.value = null;
			}
		}
		return ctrl;
	}
	function initVisitor(visitor) {
		if (typeof visitor === "object" && (visitor.Collection || visitor.Node || visitor.Value)) return Object.assign({
			Alias: visitor.Node,
			Map: visitor.Node,
			Scalar: visitor.Node,
			Seq: visitor.Node
		}, visitor.Value && {
			Map: visitor.Value,
			Scalar: visitor.Value,
			Seq: visitor.Value
		}, visitor.Collection && {
			Map: visitor.Collection,
			Seq: visitor.Collection
		}, visitor);
		return visitor;
	}
	function callVisitor(key, node, visitor, path) {
		if (typeof visitor === "function") return visitor(key, node, path);
		if (identity.isMap(node)) return visitor.Map?.(key, node, path);
		if (identity.isSeq(node)) return visitor.Seq?.(key, node, path);
		if (identity.isPair(node)) return visitor.Pair?.(key, node, path);
		if (identity.isScalar(node)) return visitor.Scalar?.(key, node, path);
		if (identity.isAlias(node)) return visitor.Alias?.(key, node, path);
	}
	function replaceNode(key, path, node) {
		const parent = path[path.length - 1];
		if (identity.isCollection(parent)) parent.items[key] = node;
		else if (identity.isPair(parent)) {
			if (key === "key") parent.key = node;
			else parent.value = node;
		} else if (identity.isDocument(parent)) parent.contents = node;
		else {
			const pt = identity.isAlias(parent) ? "alias" : "scalar";
			throw new Error(`Cannot replace node with ${pt} parent`);
		}
	}
	exports.visit = visit;
	exports.visitAsync = visitAsync;
}));

// ../../node_modules/yaml/dist/doc/directives.js
var require_directives = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var visit = require_visit();
	const escapeChars = {
		"!": "%21",
		",": "%2C",
		"[": "%5B",
		"]": "%5D",
		"{": "%7B",
		"}": "%7D"
	};
	const escapeTagName = (tn) => tn.replace(/[!,[\]{}]/g, (ch) => escapeChars[ch]);
	var Directives = class Directives {
		constructor(yaml, tags) {
			/**
			* The directives-end/doc-start marker `---`. If `null`, a marker may still be
			* included in the document's stringified representation.
			*/
			this.docStart = null;
			/** The doc-end marker `...`.  */
			this.docEnd = false;
			this.yaml = Object.assign({}, Directives.defaultYaml, yaml);
			this.tags = Object.assign({}, Directives.defaultTags, tags);
		}
		clone() {
			const copy = new Directives(this.yaml, this.tags);
			copy.docStart = this.docStart;
			return copy;
		}
		/**
		* During parsing, get a Directives instance for the current document and
		* update the stream state according to the current version's spec.
		*/
		atDocument() {
			const res = new Directives(this.yaml, this.tags);
			switch (this.yaml.version) {
				case "1.1":
					this.atNextDocument = true;
					break;
				case "1.2":
					this.atNextDocument = false;
					this.yaml = {
						explicit: Directives.defaultYaml.explicit,
						version: "1.2"
					};
					this.tags = Object.assign({}, Directives.defaultTags);
			}
			return res;
		}
		/**
		* @param onError - May be called even if the action was successful
		* @returns `true` on success
		*/
		add(line, onError) {
			if (this.atNextDocument) {
				this.yaml = {
					explicit: Directives.defaultYaml.explicit,
					version: "1.1"
				};
				this.tags = Object.assign({}, Directives.defaultTags);
				this.atNextDocument = false;
			}
			const parts = line.trim().split(/[ \t]+/);
			const name = parts.shift();
			switch (name) {
				case "%TAG": {
					if (parts.length !== 2) {
						onError(0, "%TAG directive should contain exactly two parts");
						if (parts.length < 2) return false;
					}
					const [handle, prefix] = parts;
					this.tags[handle] = prefix;
					return true;
				}
				case "%YAML": {
					this.yaml.explicit = true;
					if (parts.length !== 1) {
						onError(0, "%YAML directive should contain exactly one part");
						return false;
					}
					const [version] = parts;
					if (version === "1.1" || version === "1.2") {
						this.yaml.version = version;
						return true;
					} else {
						const isValid = /^\d+\.\d+$/.test(version);
						onError(6, `Unsupported YAML version ${version}`, isValid);
						return false;
					}
				}
				default:
					onError(0, `Unknown directive ${name}`, true);
					return false;
			}
		}
		/**
		* Resolves a tag, matching handles to those defined in %TAG directives.
		*
		* @returns Resolved tag, which may also be the non-specific tag `'!'` or a
		*   `'!local'` tag, or `null` if unresolvable.
		*/
		tagName(source, onError) {
			if (source === "!") return "!";
			if (source[0] !== "!") {
				onError(`Not a valid tag: ${source}`);
				return null;
			}
			if (source[1] === "<") {
				const verbatim = source.slice(2, -1);
				if (verbatim === "!" || verbatim === "!!") {
					onError(`Verbatim tags aren't resolved, so ${source} is invalid.`);
					return null;
				}
				if (source[source.length - 1] !== ">") onError("Verbatim tags must end with a >");
				return verbatim;
			}
			const [, handle, suffix] = source.match(/^(.*!)([^!]*)$/s);
			if (!suffix) onError(`The ${source} tag has no suffix`);
			const prefix = this.tags[handle];
			if (prefix) try {
				return prefix + decodeURIComponent(suffix);
			} catch (error) {
				onError(String(error));
				return null;
			}
			if (handle === "!") return source;
			onError(`Could not resolve tag: ${source}`);
			return null;
		}
		/**
		* Given a fully resolved tag, returns its printable string form,
		* taking into account current tag prefixes and defaults.
		*/
		tagString(tag) {
			for (const [handle, prefix] of Object.entries(this.tags)) if (tag.startsWith(prefix)) return handle + escapeTagName(tag.substring(prefix.length));
			return tag[0] === "!" ? tag : `!<${tag}>`;
		}
		toString(doc) {
			const lines = this.yaml.explicit ? [`%YAML ${this.yaml.version || "1.2"}`] : [];
			const tagEntries = Object.entries(this.tags);
			let tagNames;
			if (doc && tagEntries.length > 0 && identity.isNode(doc.contents)) {
				const tags = {};
				visit.visit(doc.contents, (_key, node) => {
					if (identity.isNode(node) && node.tag) tags[node.tag] = true;
				});
				tagNames = Object.keys(tags);
			} else tagNames = [];
			for (const [handle, prefix] of tagEntries) {
				if (handle === "!!" && prefix === "tag:yaml.org,2002:") continue;
				if (!doc || tagNames.some((tn) => tn.startsWith(prefix))) lines.push(`%TAG ${handle} ${prefix}`);
			}
			return lines.join("\n");
		}
	};
	Directives.defaultYaml = {
		explicit: false,
		version: "1.2"
	};
	Directives.defaultTags = { "!!": "tag:yaml.org,2002:" };
	exports.Directives = Directives;
}));

// ../../node_modules/yaml/dist/doc/anchors.js
var require_anchors = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var visit = require_visit();
	/**
	* Verify that the input string is a valid anchor.
	*
	* Will throw on errors.
	*/
	function anchorIsValid(anchor) {
		if (/[\x00-\x19\s,[\]{}]/.test(anchor)) {
			const msg = `Anchor must not contain whitespace or control characters: ${JSON.stringify(anchor)}`;
			throw new Error(msg);
		}
		return true;
	}
	function anchorNames(root) {
		const anchors = /* @__PURE__ */ new Set();
		visit.visit(root, { Value(_key, node) {
			if (node.anchor) anchors.add(node.anchor);
		} });
		return anchors;
	}
	/** Find a new anchor name with the given `prefix` and a one-indexed suffix. */
	function findNewAnchor(prefix, exclude) {
		for (let i = 1;; ++i) {
			const name = `${prefix}${i}`;
			if (!exclude.has(name)) return name;
		}
	}
	function createNodeAnchors(doc, prefix) {
		const aliasObjects = [];
		const sourceObjects = /* @__PURE__ */ new Map();
		let prevAnchors = null;
		return {
			onAnchor: (source) => {
				aliasObjects.push(source);
				prevAnchors ?? (prevAnchors = anchorNames(doc));
				const anchor = findNewAnchor(prefix, prevAnchors);
				prevAnchors.add(anchor);
				return anchor;
			},
			/**
			* With circular references, the source node is only resolved after all
			* of its child nodes are. This is why anchors are set only after all of
			* the nodes have been created.
			*/
			setAnchors: () => {
				for (const source of aliasObjects) {
					const ref = sourceObjects.get(source);
					if (typeof ref === "object" && ref.anchor && (identity.isScalar(ref.node) || identity.isCollection(ref.node))) ref.node.anchor = ref.anchor;
					else {
						const error = /* @__PURE__ */ new Error("Failed to resolve repeated object (this should not happen)");
						error.source = source;
						throw error;
					}
				}
			},
			sourceObjects
		};
	}
	exports.anchorIsValid = anchorIsValid;
	exports.anchorNames = anchorNames;
	exports.createNodeAnchors = createNodeAnchors;
	exports.findNewAnchor = findNewAnchor;
}));

// ../../node_modules/yaml/dist/doc/applyReviver.js
var require_applyReviver = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Applies the JSON.parse reviver algorithm as defined in the ECMA-262 spec,
	* in section 24.5.1.1 "Runtime Semantics: InternalizeJSONProperty" of the
	* 2021 edition: https://tc39.es/ecma262/#sec-json.parse
	*
	* Includes extensions for handling Map and Set objects.
	*/
	function applyReviver(reviver, obj, key, val) {
		if (val && typeof val === "object") {
			if (Array.isArray(val)) for (let i = 0, len = val.length; i < len; ++i) {
				const v0 = val[i];
				const v1 = applyReviver(reviver, val, String(i), v0);
				if (v1 === void 0) delete val[i];
				else if (v1 !== v0) val[i] = v1;
			}
			else if (val instanceof Map) for (const k of Array.from(val.keys())) {
				const v0 = val.get(k);
				const v1 = applyReviver(reviver, val, k, v0);
				if (v1 === void 0) val.delete(k);
				else if (v1 !== v0) val.set(k, v1);
			}
			else if (val instanceof Set) for (const v0 of Array.from(val)) {
				const v1 = applyReviver(reviver, val, v0, v0);
				if (v1 === void 0) val.delete(v0);
				else if (v1 !== v0) {
					val.delete(v0);
					val.add(v1);
				}
			}
			else for (const [k, v0] of Object.entries(val)) {
				const v1 = applyReviver(reviver, val, k, v0);
				if (v1 === void 0) delete val[k];
				else if (v1 !== v0) val[k] = v1;
			}
		}
		return reviver.call(obj, key, val);
	}
	exports.applyReviver = applyReviver;
}));

// ../../node_modules/yaml/dist/nodes/toJS.js
var require_toJS = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	/**
	* Recursively convert any node or its contents to native JavaScript
	*
	* @param value - The input value
	* @param arg - If `value` defines a `toJSON()` method, use this
	*   as its first argument
	* @param ctx - Conversion context, originally set in Document#toJS(). If
	*   `{ keep: true }` is not set, output should be suitable for JSON
	*   stringification.
	*/
	function toJS(value, arg, ctx) {
		if (Array.isArray(value)) return value.map((v, i) => toJS(v, String(i), ctx));
		if (value && typeof value.toJSON === "function") {
			if (!ctx || !identity.hasAnchor(value)) return value.toJSON(arg, ctx);
			const data = {
				aliasCount: 0,
				count: 1,
				res: void 0
			};
			ctx.anchors.set(value, data);
			ctx.onCreate = (res) => {
				data.res = res;
				delete ctx.onCreate;
			};
			const res = value.toJSON(arg, ctx);
			if (ctx.onCreate) ctx.onCreate(res);
			return res;
		}
		if (typeof value === "bigint" && !ctx?.keep) return Number(value);
		return value;
	}
	exports.toJS = toJS;
}));

// ../../node_modules/yaml/dist/nodes/Node.js
var require_Node = /* @__PURE__ */ __commonJSMin(((exports) => {
	var applyReviver = require_applyReviver();
	var identity = require_identity();
	var toJS = require_toJS();
	var NodeBase = class {
		constructor(type) {
			Object.defineProperty(this, identity.NODE_TYPE, { value: type });
		}
		/** Create a copy of this node.  */
		clone() {
			const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
			if (this.range) copy.range = this.range.slice();
			return copy;
		}
		/** A plain JavaScript representation of this node. */
		toJS(doc, { mapAsMap, maxAliasCount, onAnchor, reviver } = {}) {
			if (!identity.isDocument(doc)) throw new TypeError("A document argument is required");
			const ctx = {
				anchors: /* @__PURE__ */ new Map(),
				doc,
				keep: true,
				mapAsMap: mapAsMap === true,
				mapKeyWarned: false,
				maxAliasCount: typeof maxAliasCount === "number" ? maxAliasCount : 100
			};
			const res = toJS.toJS(this, "", ctx);
			if (typeof onAnchor === "function") for (const { count, res } of ctx.anchors.values()) onAnchor(res, count);
			return typeof reviver === "function" ? applyReviver.applyReviver(reviver, { "": res }, "", res) : res;
		}
	};
	exports.NodeBase = NodeBase;
}));

// ../../node_modules/yaml/dist/nodes/Alias.js
var require_Alias = /* @__PURE__ */ __commonJSMin(((exports) => {
	var anchors = require_anchors();
	var visit = require_visit();
	var identity = require_identity();
	var Node = require_Node();
	var toJS = require_toJS();
	var Alias = class extends Node.NodeBase {
		constructor(source) {
			super(identity.ALIAS);
			this.source = source;
			Object.defineProperty(this, "tag", { set() {
				throw new Error("Alias nodes cannot have tags");
			} });
		}
		/**
		* Resolve the value of this alias within `doc`, finding the last
		* instance of the `source` anchor before this node.
		*/
		resolve(doc, ctx) {
			if (ctx?.maxAliasCount === 0) throw new ReferenceError("Alias resolution is disabled");
			let nodes;
			if (ctx?.aliasResolveCache) nodes = ctx.aliasResolveCache;
			else {
				nodes = [];
				visit.visit(doc, { Node: (_key, node) => {
					if (identity.isAlias(node) || identity.hasAnchor(node)) nodes.push(node);
				} });
				if (ctx) ctx.aliasResolveCache = nodes;
			}
			let found = void 0;
			for (const node of nodes) {
				if (node === this) break;
				if (node.anchor === this.source) found = node;
			}
			if (found && ctx) {
				const { anchors, doc, maxAliasCount } = ctx;
				let data = anchors.get(found);
				if (!data) {
					toJS.toJS(found, null, ctx);
					data = anchors.get(found);
				}
				/* istanbul ignore if */
				if (data?.res === void 0) throw new ReferenceError("This should not happen: Alias anchor was not resolved?");
				if (maxAliasCount >= 0) {
					data.count += 1;
					if (data.aliasCount === 0) data.aliasCount = getAliasCount(doc, found, anchors);
					if (data.count * data.aliasCount > maxAliasCount) throw new ReferenceError("Excessive alias count indicates a resource exhaustion attack");
				}
			}
			return found;
		}
		toJSON(_arg, ctx) {
			if (!ctx) return { source: this.source };
			const source = this.resolve(ctx.doc, ctx);
			if (!source) {
				const msg = `Unresolved alias (the anchor must be set before the alias): ${this.source}`;
				throw new ReferenceError(msg);
			}
			return ctx.anchors.get(source).res;
		}
		toString(ctx, _onComment, _onChompKeep) {
			const src = `*${this.source}`;
			if (ctx) {
				anchors.anchorIsValid(this.source);
				if (ctx.options.verifyAliasOrder && !ctx.anchors.has(this.source)) {
					const msg = `Unresolved alias (the anchor must be set before the alias): ${this.source}`;
					throw new Error(msg);
				}
				if (ctx.implicitKey) return `${src} `;
			}
			return src;
		}
	};
	function getAliasCount(doc, node, anchors) {
		if (identity.isAlias(node)) {
			const source = node.resolve(doc);
			const anchor = anchors && source && anchors.get(source);
			return anchor ? anchor.count * anchor.aliasCount : 0;
		} else if (identity.isCollection(node)) {
			let count = 0;
			for (const item of node.items) {
				const c = getAliasCount(doc, item, anchors);
				if (c > count) count = c;
			}
			return count;
		} else if (identity.isPair(node)) {
			const kc = getAliasCount(doc, node.key, anchors);
			const vc = getAliasCount(doc, node.value, anchors);
			return Math.max(kc, vc);
		}
		return 1;
	}
	exports.Alias = Alias;
}));

// ../../node_modules/yaml/dist/nodes/Scalar.js
var require_Scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Node = require_Node();
	var toJS = require_toJS();
	const isScalarValue = (value) => !value || typeof value !== "function" && typeof value !== "object";
	var Scalar = class extends Node.NodeBase {
		constructor(value) {
			super(identity.SCALAR);
			this.value = value;
		}
		toJSON(arg, ctx) {
			return ctx?.keep ? this.value : toJS.toJS(this.value, arg, ctx);
		}
		toString() {
			return String(this.value);
		}
	};
	Scalar.BLOCK_FOLDED = "BLOCK_FOLDED";
	Scalar.BLOCK_LITERAL = "BLOCK_LITERAL";
	Scalar.PLAIN = "PLAIN";
	Scalar.QUOTE_DOUBLE = "QUOTE_DOUBLE";
	Scalar.QUOTE_SINGLE = "QUOTE_SINGLE";
	exports.Scalar = Scalar;
	exports.isScalarValue = isScalarValue;
}));

// ../../node_modules/yaml/dist/doc/createNode.js
var require_createNode = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias();
	var identity = require_identity();
	var Scalar = require_Scalar();
	const defaultTagPrefix = "tag:yaml.org,2002:";
	function findTagObject(value, tagName, tags) {
		if (tagName) {
			const match = tags.filter((t) => t.tag === tagName);
			const tagObj = match.find((t) => !t.format) ?? match[0];
			if (!tagObj) throw new Error(`Tag ${tagName} not found`);
			return tagObj;
		}
		return tags.find((t) => t.identify?.(value) && !t.format);
	}
	function createNode(value, tagName, ctx) {
		if (identity.isDocument(value)) value = value.contents;
		if (identity.isNode(value)) return value;
		if (identity.isPair(value)) {
			const map = ctx.schema[identity.MAP].createNode?.(ctx.schema, null, ctx);
			map.items.push(value);
			return map;
		}
		if (value instanceof String || value instanceof Number || value instanceof Boolean || typeof BigInt !== "undefined" && value instanceof BigInt) value = value.valueOf();
		const { aliasDuplicateObjects, onAnchor, onTagObj, schema, sourceObjects } = ctx;
		let ref = void 0;
		if (aliasDuplicateObjects && value && typeof value === "object") {
			ref = sourceObjects.get(value);
			if (ref) {
				ref.anchor ?? (ref.anchor = onAnchor(value));
				return new Alias.Alias(ref.anchor);
			} else {
				ref = {
					anchor: null,
					node: null
				};
				sourceObjects.set(value, ref);
			}
		}
		if (tagName?.startsWith("!!")) tagName = defaultTagPrefix + tagName.slice(2);
		let tagObj = findTagObject(value, tagName, schema.tags);
		if (!tagObj) {
			if (value && typeof value.toJSON === "function") value = value.toJSON();
			if (!value || typeof value !== "object") {
				const node = new Scalar.Scalar(value);
				if (ref) ref.node = node;
				return node;
			}
			tagObj = value instanceof Map ? schema[identity.MAP] : Symbol.iterator in Object(value) ? schema[identity.SEQ] : schema[identity.MAP];
		}
		if (onTagObj) {
			onTagObj(tagObj);
			delete ctx.onTagObj;
		}
		const node = tagObj?.createNode ? tagObj.createNode(ctx.schema, value, ctx) : typeof tagObj?.nodeClass?.from === "function" ? tagObj.nodeClass.from(ctx.schema, value, ctx) : new Scalar.Scalar(value);
		if (tagName) node.tag = tagName;
		else if (!tagObj.default) node.tag = tagObj.tag;
		if (ref) ref.node = node;
		return node;
	}
	exports.createNode = createNode;
}));

// ../../node_modules/yaml/dist/nodes/Collection.js
var require_Collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode();
	var identity = require_identity();
	var Node = require_Node();
	function collectionFromPath(schema, path, value) {
		let v = value;
		for (let i = path.length - 1; i >= 0; --i) {
			const k = path[i];
			if (typeof k === "number" && Number.isInteger(k) && k >= 0) {
				const a = [];
				a[k] = v;
				v = a;
			} else v = /* @__PURE__ */ new Map([[k, v]]);
		}
		return createNode.createNode(v, void 0, {
			aliasDuplicateObjects: false,
			keepUndefined: false,
			onAnchor: () => {
				throw new Error("This should not happen, please report a bug.");
			},
			schema,
			sourceObjects: /* @__PURE__ */ new Map()
		});
	}
	const isEmptyPath = (path) => path == null || typeof path === "object" && !!path[Symbol.iterator]().next().done;
	var Collection = class extends Node.NodeBase {
		constructor(type, schema) {
			super(type);
			Object.defineProperty(this, "schema", {
				value: schema,
				configurable: true,
				enumerable: false,
				writable: true
			});
		}
		/**
		* Create a copy of this collection.
		*
		* @param schema - If defined, overwrites the original's schema
		*/
		clone(schema) {
			const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
			if (schema) copy.schema = schema;
			copy.items = copy.items.map((it) => identity.isNode(it) || identity.isPair(it) ? it.clone(schema) : it);
			if (this.range) copy.range = this.range.slice();
			return copy;
		}
		/**
		* Adds a value to the collection. For `!!map` and `!!omap` the value must
		* be a Pair instance or a `{ key, value }` object, which may not have a key
		* that already exists in the map.
		*/
		addIn(path, value) {
			if (isEmptyPath(path)) this.add(value);
			else {
				const [key, ...rest] = path;
				const node = this.get(key, true);
				if (identity.isCollection(node)) node.addIn(rest, value);
				else if (node === void 0 && this.schema) this.set(key, collectionFromPath(this.schema, rest, value));
				else throw new Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
			}
		}
		/**
		* Removes a value from the collection.
		* @returns `true` if the item was found and removed.
		*/
		deleteIn(path) {
			const [key, ...rest] = path;
			if (rest.length === 0) return this.delete(key);
			const node = this.get(key, true);
			if (identity.isCollection(node)) return node.deleteIn(rest);
			else throw new Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
		}
		/**
		* Returns item at `key`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		getIn(path, keepScalar) {
			const [key, ...rest] = path;
			const node = this.get(key, true);
			if (rest.length === 0) return !keepScalar && identity.isScalar(node) ? node.value : node;
			else return identity.isCollection(node) ? node.getIn(rest, keepScalar) : void 0;
		}
		hasAllNullValues(allowScalar) {
			return this.items.every((node) => {
				if (!identity.isPair(node)) return false;
				const n = node.value;
				return n == null || allowScalar && identity.isScalar(n) && n.value == null && !n.commentBefore && !n.comment && !n.tag;
			});
		}
		/**
		* Checks if the collection includes a value with the key `key`.
		*/
		hasIn(path) {
			const [key, ...rest] = path;
			if (rest.length === 0) return this.has(key);
			const node = this.get(key, true);
			return identity.isCollection(node) ? node.hasIn(rest) : false;
		}
		/**
		* Sets a value in this collection. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		setIn(path, value) {
			const [key, ...rest] = path;
			if (rest.length === 0) this.set(key, value);
			else {
				const node = this.get(key, true);
				if (identity.isCollection(node)) node.setIn(rest, value);
				else if (node === void 0 && this.schema) this.set(key, collectionFromPath(this.schema, rest, value));
				else throw new Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
			}
		}
	};
	exports.Collection = Collection;
	exports.collectionFromPath = collectionFromPath;
	exports.isEmptyPath = isEmptyPath;
}));

// ../../node_modules/yaml/dist/stringify/stringifyComment.js
var require_stringifyComment = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Stringifies a comment.
	*
	* Empty comment lines are left empty,
	* lines consisting of a single space are replaced by `#`,
	* and all other lines are prefixed with a `#`.
	*/
	const stringifyComment = (str) => str.replace(/^(?!$)(?: $)?/gm, "#");
	function indentComment(comment, indent) {
		if (/^\n+$/.test(comment)) return comment.substring(1);
		return indent ? comment.replace(/^(?! *$)/gm, indent) : comment;
	}
	const lineComment = (str, indent, comment) => str.endsWith("\n") ? indentComment(comment, indent) : comment.includes("\n") ? "\n" + indentComment(comment, indent) : (str.endsWith(" ") ? "" : " ") + comment;
	exports.indentComment = indentComment;
	exports.lineComment = lineComment;
	exports.stringifyComment = stringifyComment;
}));

// ../../node_modules/yaml/dist/stringify/foldFlowLines.js
var require_foldFlowLines = /* @__PURE__ */ __commonJSMin(((exports) => {
	const FOLD_FLOW = "flow";
	const FOLD_BLOCK = "block";
	const FOLD_QUOTED = "quoted";
	/**
	* Tries to keep input at up to `lineWidth` characters, splitting only on spaces
	* not followed by newlines or spaces unless `mode` is `'quoted'`. Lines are
	* terminated with `\n` and started with `indent`.
	*/
	function foldFlowLines(text, indent, mode = "flow", { indentAtStart, lineWidth = 80, minContentWidth = 20, onFold, onOverflow } = {}) {
		if (!lineWidth || lineWidth < 0) return text;
		if (lineWidth < minContentWidth) minContentWidth = 0;
		const endStep = Math.max(1 + minContentWidth, 1 + lineWidth - indent.length);
		if (text.length <= endStep) return text;
		const folds = [];
		const escapedFolds = {};
		let end = lineWidth - indent.length;
		if (typeof indentAtStart === "number") {
			if (indentAtStart > lineWidth - Math.max(2, minContentWidth)) folds.push(0);
			else end = lineWidth - indentAtStart;
		}
		let split = void 0;
		let prev = void 0;
		let overflow = false;
		let i = -1;
		let escStart = -1;
		let escEnd = -1;
		if (mode === FOLD_BLOCK) {
			i = consumeMoreIndentedLines(text, i, indent.length);
			if (i !== -1) end = i + endStep;
		}
		for (let ch; ch = text[i += 1];) {
			if (mode === FOLD_QUOTED && ch === "\\") {
				escStart = i;
				switch (text[i + 1]) {
					case "x":
						i += 3;
						break;
					case "u":
						i += 5;
						break;
					case "U":
						i += 9;
						break;
					default: i += 1;
				}
				escEnd = i;
			}
			if (ch === "\n") {
				if (mode === FOLD_BLOCK) i = consumeMoreIndentedLines(text, i, indent.length);
				end = i + indent.length + endStep;
				split = void 0;
			} else {
				if (ch === " " && prev && prev !== " " && prev !== "\n" && prev !== "	") {
					const next = text[i + 1];
					if (next && next !== " " && next !== "\n" && next !== "	") split = i;
				}
				if (i >= end) {
					if (split) {
						folds.push(split);
						end = split + endStep;
						split = void 0;
					} else if (mode === FOLD_QUOTED) {
						while (prev === " " || prev === "	") {
							prev = ch;
							ch = text[i += 1];
							overflow = true;
						}
						const j = i > escEnd + 1 ? i - 2 : escStart - 1;
						if (escapedFolds[j]) return text;
						folds.push(j);
						escapedFolds[j] = true;
						end = j + endStep;
						split = void 0;
					} else overflow = true;
				}
			}
			prev = ch;
		}
		if (overflow && onOverflow) onOverflow();
		if (folds.length === 0) return text;
		if (onFold) onFold();
		let res = text.slice(0, folds[0]);
		for (let i = 0; i < folds.length; ++i) {
			const fold = folds[i];
			const end = folds[i + 1] || text.length;
			if (fold === 0) res = `\n${indent}${text.slice(0, end)}`;
			else {
				if (mode === FOLD_QUOTED && escapedFolds[fold]) res += `${text[fold]}\\`;
				res += `\n${indent}${text.slice(fold + 1, end)}`;
			}
		}
		return res;
	}
	/**
	* Presumes `i + 1` is at the start of a line
	* @returns index of last newline in more-indented block
	*/
	function consumeMoreIndentedLines(text, i, indent) {
		let end = i;
		let start = i + 1;
		let ch = text[start];
		while (ch === " " || ch === "	") if (i < start + indent) ch = text[++i];
		else {
			do
				ch = text[++i];
			while (ch && ch !== "\n");
			end = i;
			start = i + 1;
			ch = text[start];
		}
		return end;
	}
	exports.FOLD_BLOCK = FOLD_BLOCK;
	exports.FOLD_FLOW = FOLD_FLOW;
	exports.FOLD_QUOTED = FOLD_QUOTED;
	exports.foldFlowLines = foldFlowLines;
}));

// ../../node_modules/yaml/dist/stringify/stringifyString.js
var require_stringifyString = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var foldFlowLines = require_foldFlowLines();
	const getFoldOptions = (ctx, isBlock) => ({
		indentAtStart: isBlock ? ctx.indent.length : ctx.indentAtStart,
		lineWidth: ctx.options.lineWidth,
		minContentWidth: ctx.options.minContentWidth
	});
	const containsDocumentMarker = (str) => /^(%|---|\.\.\.)/m.test(str);
	function lineLengthOverLimit(str, lineWidth, indentLength) {
		if (!lineWidth || lineWidth < 0) return false;
		const limit = lineWidth - indentLength;
		const strLen = str.length;
		if (strLen <= limit) return false;
		for (let i = 0, start = 0; i < strLen; ++i) if (str[i] === "\n") {
			if (i - start > limit) return true;
			start = i + 1;
			if (strLen - start <= limit) return false;
		}
		return true;
	}
	function doubleQuotedString(value, ctx) {
		const json = JSON.stringify(value);
		if (ctx.options.doubleQuotedAsJSON) return json;
		const { implicitKey } = ctx;
		const minMultiLineLength = ctx.options.doubleQuotedMinMultiLineLength;
		const indent = ctx.indent || (containsDocumentMarker(value) ? "  " : "");
		let str = "";
		let start = 0;
		for (let i = 0, ch = json[i]; ch; ch = json[++i]) {
			if (ch === " " && json[i + 1] === "\\" && json[i + 2] === "n") {
				str += json.slice(start, i) + "\\ ";
				i += 1;
				start = i;
				ch = "\\";
			}
			if (ch === "\\") switch (json[i + 1]) {
				case "u":
					{
						str += json.slice(start, i);
						const code = json.substr(i + 2, 4);
						switch (code) {
							case "0000":
								str += "\\0";
								break;
							case "0007":
								str += "\\a";
								break;
							case "000b":
								str += "\\v";
								break;
							case "001b":
								str += "\\e";
								break;
							case "0085":
								str += "\\N";
								break;
							case "00a0":
								str += "\\_";
								break;
							case "2028":
								str += "\\L";
								break;
							case "2029":
								str += "\\P";
								break;
							default: if (code.substr(0, 2) === "00") str += "\\x" + code.substr(2);
							else str += json.substr(i, 6);
						}
						i += 5;
						start = i + 1;
					}
					break;
				case "n":
					if (implicitKey || json[i + 2] === "\"" || json.length < minMultiLineLength) i += 1;
					else {
						str += json.slice(start, i) + "\n\n";
						while (json[i + 2] === "\\" && json[i + 3] === "n" && json[i + 4] !== "\"") {
							str += "\n";
							i += 2;
						}
						str += indent;
						if (json[i + 2] === " ") str += "\\";
						i += 1;
						start = i + 1;
					}
					break;
				default: i += 1;
			}
		}
		str = start ? str + json.slice(start) : json;
		return implicitKey ? str : foldFlowLines.foldFlowLines(str, indent, foldFlowLines.FOLD_QUOTED, getFoldOptions(ctx, false));
	}
	function singleQuotedString(value, ctx) {
		if (ctx.options.singleQuote === false || ctx.implicitKey && value.includes("\n") || /[ \t]\n|\n[ \t]/.test(value)) return doubleQuotedString(value, ctx);
		const indent = ctx.indent || (containsDocumentMarker(value) ? "  " : "");
		const res = "'" + value.replace(/'/g, "''").replace(/\n+/g, `$&\n${indent}`) + "'";
		return ctx.implicitKey ? res : foldFlowLines.foldFlowLines(res, indent, foldFlowLines.FOLD_FLOW, getFoldOptions(ctx, false));
	}
	function quotedString(value, ctx) {
		const { singleQuote } = ctx.options;
		let qs;
		if (singleQuote === false) qs = doubleQuotedString;
		else {
			const hasDouble = value.includes("\"");
			const hasSingle = value.includes("'");
			if (hasDouble && !hasSingle) qs = singleQuotedString;
			else if (hasSingle && !hasDouble) qs = doubleQuotedString;
			else qs = singleQuote ? singleQuotedString : doubleQuotedString;
		}
		return qs(value, ctx);
	}
	let blockEndNewlines;
	try {
		blockEndNewlines = new RegExp("(^|(?<!\n))\n+(?!\n|$)", "g");
	} catch {
		blockEndNewlines = /\n+(?!\n|$)/g;
	}
	function blockString({ comment, type, value }, ctx, onComment, onChompKeep) {
		const { blockQuote, commentString, lineWidth } = ctx.options;
		if (!blockQuote || /\n[\t ]+$/.test(value)) return quotedString(value, ctx);
		const indent = ctx.indent || (ctx.forceBlockIndent || containsDocumentMarker(value) ? "  " : "");
		const literal = blockQuote === "literal" ? true : blockQuote === "folded" || type === Scalar.Scalar.BLOCK_FOLDED ? false : type === Scalar.Scalar.BLOCK_LITERAL ? true : !lineLengthOverLimit(value, lineWidth, indent.length);
		if (!value) return literal ? "|\n" : ">\n";
		let chomp;
		let endStart;
		for (endStart = value.length; endStart > 0; --endStart) {
			const ch = value[endStart - 1];
			if (ch !== "\n" && ch !== "	" && ch !== " ") break;
		}
		let end = value.substring(endStart);
		const endNlPos = end.indexOf("\n");
		if (endNlPos === -1) chomp = "-";
		else if (value === end || endNlPos !== end.length - 1) {
			chomp = "+";
			if (onChompKeep) onChompKeep();
		} else chomp = "";
		if (end) {
			value = value.slice(0, -end.length);
			if (end[end.length - 1] === "\n") end = end.slice(0, -1);
			end = end.replace(blockEndNewlines, `$&${indent}`);
		}
		let startWithSpace = false;
		let startEnd;
		let startNlPos = -1;
		for (startEnd = 0; startEnd < value.length; ++startEnd) {
			const ch = value[startEnd];
			if (ch === " ") startWithSpace = true;
			else if (ch === "\n") startNlPos = startEnd;
			else break;
		}
		let start = value.substring(0, startNlPos < startEnd ? startNlPos + 1 : startEnd);
		if (start) {
			value = value.substring(start.length);
			start = start.replace(/\n+/g, `$&${indent}`);
		}
		let header = (startWithSpace ? indent ? "2" : "1" : "") + chomp;
		if (comment) {
			header += " " + commentString(comment.replace(/ ?[\r\n]+/g, " "));
			if (onComment) onComment();
		}
		if (!literal) {
			const foldedValue = value.replace(/\n+/g, "\n$&").replace(/(?:^|\n)([\t ].*)(?:([\n\t ]*)\n(?![\n\t ]))?/g, "$1$2").replace(/\n+/g, `$&${indent}`);
			let literalFallback = false;
			const foldOptions = getFoldOptions(ctx, true);
			if (blockQuote !== "folded" && type !== Scalar.Scalar.BLOCK_FOLDED) foldOptions.onOverflow = () => {
				literalFallback = true;
			};
			const body = foldFlowLines.foldFlowLines(`${start}${foldedValue}${end}`, indent, foldFlowLines.FOLD_BLOCK, foldOptions);
			if (!literalFallback) return `>${header}\n${indent}${body}`;
		}
		value = value.replace(/\n+/g, `$&${indent}`);
		return `|${header}\n${indent}${start}${value}${end}`;
	}
	function plainString(item, ctx, onComment, onChompKeep) {
		const { type, value } = item;
		const { actualString, implicitKey, indent, indentStep, inFlow } = ctx;
		if (implicitKey && value.includes("\n") || inFlow && /[[\]{},]/.test(value)) return quotedString(value, ctx);
		if (/^[\n\t ,[\]{}#&*!|>'"%@`]|^[?-]$|^[?-][ \t]|[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :]$/.test(value)) return implicitKey || inFlow || !value.includes("\n") ? quotedString(value, ctx) : blockString(item, ctx, onComment, onChompKeep);
		if (!implicitKey && !inFlow && type !== Scalar.Scalar.PLAIN && value.includes("\n")) return blockString(item, ctx, onComment, onChompKeep);
		if (containsDocumentMarker(value)) {
			if (indent === "") {
				ctx.forceBlockIndent = true;
				return blockString(item, ctx, onComment, onChompKeep);
			} else if (implicitKey && indent === indentStep) return quotedString(value, ctx);
		}
		const str = value.replace(/\n+/g, `$&\n${indent}`);
		if (actualString) {
			const test = (tag) => tag.default && tag.tag !== "tag:yaml.org,2002:str" && tag.test?.test(str);
			const { compat, tags } = ctx.doc.schema;
			if (tags.some(test) || compat?.some(test)) return quotedString(value, ctx);
		}
		return implicitKey ? str : foldFlowLines.foldFlowLines(str, indent, foldFlowLines.FOLD_FLOW, getFoldOptions(ctx, false));
	}
	function stringifyString(item, ctx, onComment, onChompKeep) {
		const { implicitKey, inFlow } = ctx;
		const ss = typeof item.value === "string" ? item : Object.assign({}, item, { value: String(item.value) });
		let { type } = item;
		if (type !== Scalar.Scalar.QUOTE_DOUBLE) {
			if (/[\x00-\x08\x0b-\x1f\x7f-\x9f\u{D800}-\u{DFFF}]/u.test(ss.value)) type = Scalar.Scalar.QUOTE_DOUBLE;
		}
		const _stringify = (_type) => {
			switch (_type) {
				case Scalar.Scalar.BLOCK_FOLDED:
				case Scalar.Scalar.BLOCK_LITERAL: return implicitKey || inFlow ? quotedString(ss.value, ctx) : blockString(ss, ctx, onComment, onChompKeep);
				case Scalar.Scalar.QUOTE_DOUBLE: return doubleQuotedString(ss.value, ctx);
				case Scalar.Scalar.QUOTE_SINGLE: return singleQuotedString(ss.value, ctx);
				case Scalar.Scalar.PLAIN: return plainString(ss, ctx, onComment, onChompKeep);
				default: return null;
			}
		};
		let res = _stringify(type);
		if (res === null) {
			const { defaultKeyType, defaultStringType } = ctx.options;
			const t = implicitKey && defaultKeyType || defaultStringType;
			res = _stringify(t);
			if (res === null) throw new Error(`Unsupported default string type ${t}`);
		}
		return res;
	}
	exports.stringifyString = stringifyString;
}));

// ../../node_modules/yaml/dist/stringify/stringify.js
var require_stringify = /* @__PURE__ */ __commonJSMin(((exports) => {
	var anchors = require_anchors();
	var identity = require_identity();
	var stringifyComment = require_stringifyComment();
	var stringifyString = require_stringifyString();
	function createStringifyContext(doc, options) {
		const opt = Object.assign({
			blockQuote: true,
			commentString: stringifyComment.stringifyComment,
			defaultKeyType: null,
			defaultStringType: "PLAIN",
			directives: null,
			doubleQuotedAsJSON: false,
			doubleQuotedMinMultiLineLength: 40,
			falseStr: "false",
			flowCollectionPadding: true,
			indentSeq: true,
			lineWidth: 80,
			minContentWidth: 20,
			nullStr: "null",
			simpleKeys: false,
			singleQuote: null,
			trailingComma: false,
			trueStr: "true",
			verifyAliasOrder: true
		}, doc.schema.toStringOptions, options);
		let inFlow;
		switch (opt.collectionStyle) {
			case "block":
				inFlow = false;
				break;
			case "flow":
				inFlow = true;
				break;
			default: inFlow = null;
		}
		return {
			anchors: /* @__PURE__ */ new Set(),
			doc,
			flowCollectionPadding: opt.flowCollectionPadding ? " " : "",
			indent: "",
			indentStep: typeof opt.indent === "number" ? " ".repeat(opt.indent) : "  ",
			inFlow,
			options: opt
		};
	}
	function getTagObject(tags, item) {
		if (item.tag) {
			const match = tags.filter((t) => t.tag === item.tag);
			if (match.length > 0) return match.find((t) => t.format === item.format) ?? match[0];
		}
		let tagObj = void 0;
		let obj;
		if (identity.isScalar(item)) {
			obj = item.value;
			let match = tags.filter((t) => t.identify?.(obj));
			if (match.length > 1) {
				const testMatch = match.filter((t) => t.test);
				if (testMatch.length > 0) match = testMatch;
			}
			tagObj = match.find((t) => t.format === item.format) ?? match.find((t) => !t.format);
		} else {
			obj = item;
			tagObj = tags.find((t) => t.nodeClass && obj instanceof t.nodeClass);
		}
		if (!tagObj) {
			const name = obj?.constructor?.name ?? (obj === null ? "null" : typeof obj);
			throw new Error(`Tag not resolved for ${name} value`);
		}
		return tagObj;
	}
	function stringifyProps(node, tagObj, { anchors: anchors$1, doc }) {
		if (!doc.directives) return "";
		const props = [];
		const anchor = (identity.isScalar(node) || identity.isCollection(node)) && node.anchor;
		if (anchor && anchors.anchorIsValid(anchor)) {
			anchors$1.add(anchor);
			props.push(`&${anchor}`);
		}
		const tag = node.tag ?? (tagObj.default ? null : tagObj.tag);
		if (tag) props.push(doc.directives.tagString(tag));
		return props.join(" ");
	}
	function stringify(item, ctx, onComment, onChompKeep) {
		if (identity.isPair(item)) return item.toString(ctx, onComment, onChompKeep);
		if (identity.isAlias(item)) {
			if (ctx.doc.directives) return item.toString(ctx);
			if (ctx.resolvedAliases?.has(item)) throw new TypeError(`Cannot stringify circular structure without alias nodes`);
			else {
				if (ctx.resolvedAliases) ctx.resolvedAliases.add(item);
				else ctx.resolvedAliases = /* @__PURE__ */ new Set([item]);
				item = item.resolve(ctx.doc);
			}
		}
		let tagObj = void 0;
		const node = identity.isNode(item) ? item : ctx.doc.createNode(item, { onTagObj: (o) => tagObj = o });
		tagObj ?? (tagObj = getTagObject(ctx.doc.schema.tags, node));
		const props = stringifyProps(node, tagObj, ctx);
		if (props.length > 0) ctx.indentAtStart = (ctx.indentAtStart ?? 0) + props.length + 1;
		const str = typeof tagObj.stringify === "function" ? tagObj.stringify(node, ctx, onComment, onChompKeep) : identity.isScalar(node) ? stringifyString.stringifyString(node, ctx, onComment, onChompKeep) : node.toString(ctx, onComment, onChompKeep);
		if (!props) return str;
		return identity.isScalar(node) || str[0] === "{" || str[0] === "[" ? `${props} ${str}` : `${props}\n${ctx.indent}${str}`;
	}
	exports.createStringifyContext = createStringifyContext;
	exports.stringify = stringify;
}));

// ../../node_modules/yaml/dist/stringify/stringifyPair.js
var require_stringifyPair = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	var stringify = require_stringify();
	var stringifyComment = require_stringifyComment();
	function stringifyPair({ key, value }, ctx, onComment, onChompKeep) {
		const { allNullValues, doc, indent, indentStep, options: { commentString, indentSeq, simpleKeys } } = ctx;
		let keyComment = identity.isNode(key) && key.comment || null;
		if (simpleKeys) {
			if (keyComment) throw new Error("With simple keys, key nodes cannot have comments");
			if (identity.isCollection(key) || !identity.isNode(key) && typeof key === "object") throw new Error("With simple keys, collection cannot be used as a key value");
		}
		let explicitKey = !simpleKeys && (!key || keyComment && value == null && !ctx.inFlow || identity.isCollection(key) || (identity.isScalar(key) ? key.type === Scalar.Scalar.BLOCK_FOLDED || key.type === Scalar.Scalar.BLOCK_LITERAL : typeof key === "object"));
		ctx = Object.assign({}, ctx, {
			allNullValues: false,
			implicitKey: !explicitKey && (simpleKeys || !allNullValues),
			indent: indent + indentStep
		});
		let keyCommentDone = false;
		let chompKeep = false;
		let str = stringify.stringify(key, ctx, () => keyCommentDone = true, () => chompKeep = true);
		if (!explicitKey && !ctx.inFlow && str.length > 1024) {
			if (simpleKeys) throw new Error("With simple keys, single line scalar must not span more than 1024 characters");
			explicitKey = true;
		}
		if (ctx.inFlow) {
			if (allNullValues || value == null) {
				if (keyCommentDone && onComment) onComment();
				return str === "" ? "?" : explicitKey ? `? ${str}` : str;
			}
		} else if (allNullValues && !simpleKeys || value == null && explicitKey) {
			str = `? ${str}`;
			if (keyComment && !keyCommentDone) str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment));
			else if (chompKeep && onChompKeep) onChompKeep();
			return str;
		}
		if (keyCommentDone) keyComment = null;
		if (explicitKey) {
			if (keyComment) str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment));
			str = `? ${str}\n${indent}:`;
		} else {
			str = `${str}:`;
			if (keyComment) str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment));
		}
		let vsb, vcb, valueComment;
		if (identity.isNode(value)) {
			vsb = !!value.spaceBefore;
			vcb = value.commentBefore;
			valueComment = value.comment;
		} else {
			vsb = false;
			vcb = null;
			valueComment = null;
			if (value && typeof value === "object") value = doc.createNode(value);
		}
		ctx.implicitKey = false;
		if (!explicitKey && !keyComment && identity.isScalar(value)) ctx.indentAtStart = str.length + 1;
		chompKeep = false;
		if (!indentSeq && indentStep.length >= 2 && !ctx.inFlow && !explicitKey && identity.isSeq(value) && !value.flow && !value.tag && !value.anchor) ctx.indent = ctx.indent.substring(2);
		let valueCommentDone = false;
		const valueStr = stringify.stringify(value, ctx, () => valueCommentDone = true, () => chompKeep = true);
		let ws = " ";
		if (keyComment || vsb || vcb) {
			ws = vsb ? "\n" : "";
			if (vcb) {
				const cs = commentString(vcb);
				ws += `\n${stringifyComment.indentComment(cs, ctx.indent)}`;
			}
			if (valueStr === "" && !ctx.inFlow) {
				if (ws === "\n" && valueComment) ws = "\n\n";
			} else ws += `\n${ctx.indent}`;
		} else if (!explicitKey && identity.isCollection(value)) {
			const vs0 = valueStr[0];
			const nl0 = valueStr.indexOf("\n");
			const hasNewline = nl0 !== -1;
			const flow = ctx.inFlow ?? value.flow ?? value.items.length === 0;
			if (hasNewline || !flow) {
				let hasPropsLine = false;
				if (hasNewline && (vs0 === "&" || vs0 === "!")) {
					let sp0 = valueStr.indexOf(" ");
					if (vs0 === "&" && sp0 !== -1 && sp0 < nl0 && valueStr[sp0 + 1] === "!") sp0 = valueStr.indexOf(" ", sp0 + 1);
					if (sp0 === -1 || nl0 < sp0) hasPropsLine = true;
				}
				if (!hasPropsLine) ws = `\n${ctx.indent}`;
			}
		} else if (valueStr === "" || valueStr[0] === "\n") ws = "";
		str += ws + valueStr;
		if (ctx.inFlow) {
			if (valueCommentDone && onComment) onComment();
		} else if (valueComment && !valueCommentDone) str += stringifyComment.lineComment(str, ctx.indent, commentString(valueComment));
		else if (chompKeep && onChompKeep) onChompKeep();
		return str;
	}
	exports.stringifyPair = stringifyPair;
}));

// ../../node_modules/yaml/dist/log.js
var require_log = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process");
	function debug(logLevel, ...messages) {
		if (logLevel === "debug") console.log(...messages);
	}
	function warn(logLevel, warning) {
		if (logLevel === "debug" || logLevel === "warn") {
			if (typeof node_process.emitWarning === "function") node_process.emitWarning(warning);
			else console.warn(warning);
		}
	}
	exports.debug = debug;
	exports.warn = warn;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/merge.js
var require_merge = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	const MERGE_KEY = "<<";
	const merge = {
		identify: (value) => value === MERGE_KEY || typeof value === "symbol" && value.description === MERGE_KEY,
		default: "key",
		tag: "tag:yaml.org,2002:merge",
		test: /^<<$/,
		resolve: () => Object.assign(new Scalar.Scalar(Symbol(MERGE_KEY)), { addToJSMap: addMergeToJSMap }),
		stringify: () => MERGE_KEY
	};
	const isMergeKey = (ctx, key) => (merge.identify(key) || identity.isScalar(key) && (!key.type || key.type === Scalar.Scalar.PLAIN) && merge.identify(key.value)) && ctx?.doc.schema.tags.some((tag) => tag.tag === merge.tag && tag.default);
	function addMergeToJSMap(ctx, map, value) {
		const source = resolveAliasValue(ctx, value);
		if (identity.isSeq(source)) for (const it of source.items) mergeValue(ctx, map, it);
		else if (Array.isArray(source)) for (const it of source) mergeValue(ctx, map, it);
		else mergeValue(ctx, map, source);
	}
	function mergeValue(ctx, map, value) {
		const source = resolveAliasValue(ctx, value);
		if (!identity.isMap(source)) throw new Error("Merge sources must be maps or map aliases");
		const srcMap = source.toJSON(null, ctx, Map);
		for (const [key, value] of srcMap) if (map instanceof Map) {
			if (!map.has(key)) map.set(key, value);
		} else if (map instanceof Set) map.add(key);
		else if (!Object.prototype.hasOwnProperty.call(map, key)) Object.defineProperty(map, key, {
			value,
			writable: true,
			enumerable: true,
			configurable: true
		});
		return map;
	}
	function resolveAliasValue(ctx, value) {
		return ctx && identity.isAlias(value) ? value.resolve(ctx.doc, ctx) : value;
	}
	exports.addMergeToJSMap = addMergeToJSMap;
	exports.isMergeKey = isMergeKey;
	exports.merge = merge;
}));

// ../../node_modules/yaml/dist/nodes/addPairToJSMap.js
var require_addPairToJSMap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var log = require_log();
	var merge = require_merge();
	var stringify = require_stringify();
	var identity = require_identity();
	var toJS = require_toJS();
	function addPairToJSMap(ctx, map, { key, value }) {
		if (identity.isNode(key) && key.addToJSMap) key.addToJSMap(ctx, map, value);
		else if (merge.isMergeKey(ctx, key)) merge.addMergeToJSMap(ctx, map, value);
		else {
			const jsKey = toJS.toJS(key, "", ctx);
			if (map instanceof Map) map.set(jsKey, toJS.toJS(value, jsKey, ctx));
			else if (map instanceof Set) map.add(jsKey);
			else {
				const stringKey = stringifyKey(key, jsKey, ctx);
				const jsValue = toJS.toJS(value, stringKey, ctx);
				if (stringKey in map) Object.defineProperty(map, stringKey, {
					value: jsValue,
					writable: true,
					enumerable: true,
					configurable: true
				});
				else map[stringKey] = jsValue;
			}
		}
		return map;
	}
	function stringifyKey(key, jsKey, ctx) {
		if (jsKey === null) return "";
		if (typeof jsKey !== "object") return String(jsKey);
		if (identity.isNode(key) && ctx?.doc) {
			const strCtx = stringify.createStringifyContext(ctx.doc, {});
			strCtx.anchors = /* @__PURE__ */ new Set();
			for (const node of ctx.anchors.keys()) strCtx.anchors.add(node.anchor);
			strCtx.inFlow = true;
			strCtx.inStringifyKey = true;
			const strKey = key.toString(strCtx);
			if (!ctx.mapKeyWarned) {
				let jsonStr = JSON.stringify(strKey);
				if (jsonStr.length > 40) jsonStr = jsonStr.substring(0, 36) + "...\"";
				log.warn(ctx.doc.options.logLevel, `Keys with collection values will be stringified due to JS Object restrictions: ${jsonStr}. Set mapAsMap: true to use object keys.`);
				ctx.mapKeyWarned = true;
			}
			return strKey;
		}
		return JSON.stringify(jsKey);
	}
	exports.addPairToJSMap = addPairToJSMap;
}));

// ../../node_modules/yaml/dist/nodes/Pair.js
var require_Pair = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode();
	var stringifyPair = require_stringifyPair();
	var addPairToJSMap = require_addPairToJSMap();
	var identity = require_identity();
	function createPair(key, value, ctx) {
		const k = createNode.createNode(key, void 0, ctx);
		const v = createNode.createNode(value, void 0, ctx);
		return new Pair(k, v);
	}
	var Pair = class Pair {
		constructor(key, value = null) {
			Object.defineProperty(this, identity.NODE_TYPE, { value: identity.PAIR });
			this.key = key;
			this.value = value;
		}
		clone(schema) {
			let { key, value } = this;
			if (identity.isNode(key)) key = key.clone(schema);
			if (identity.isNode(value)) value = value.clone(schema);
			return new Pair(key, value);
		}
		toJSON(_, ctx) {
			const pair = ctx?.mapAsMap ? /* @__PURE__ */ new Map() : {};
			return addPairToJSMap.addPairToJSMap(ctx, pair, this);
		}
		toString(ctx, onComment, onChompKeep) {
			return ctx?.doc ? stringifyPair.stringifyPair(this, ctx, onComment, onChompKeep) : JSON.stringify(this);
		}
	};
	exports.Pair = Pair;
	exports.createPair = createPair;
}));

// ../../node_modules/yaml/dist/stringify/stringifyCollection.js
var require_stringifyCollection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var stringify = require_stringify();
	var stringifyComment = require_stringifyComment();
	function stringifyCollection(collection, ctx, options) {
		return (ctx.inFlow ?? collection.flow ? stringifyFlowCollection : stringifyBlockCollection)(collection, ctx, options);
	}
	function stringifyBlockCollection({ comment, items }, ctx, { blockItemPrefix, flowChars, itemIndent, onChompKeep, onComment }) {
		const { indent, options: { commentString } } = ctx;
		const itemCtx = Object.assign({}, ctx, {
			indent: itemIndent,
			type: null
		});
		let chompKeep = false;
		const lines = [];
		for (let i = 0; i < items.length; ++i) {
			const item = items[i];
			let comment = null;
			if (identity.isNode(item)) {
				if (!chompKeep && item.spaceBefore) lines.push("");
				addCommentBefore(ctx, lines, item.commentBefore, chompKeep);
				if (item.comment) comment = item.comment;
			} else if (identity.isPair(item)) {
				const ik = identity.isNode(item.key) ? item.key : null;
				if (ik) {
					if (!chompKeep && ik.spaceBefore) lines.push("");
					addCommentBefore(ctx, lines, ik.commentBefore, chompKeep);
				}
			}
			chompKeep = false;
			let str = stringify.stringify(item, itemCtx, () => comment = null, () => chompKeep = true);
			if (comment) str += stringifyComment.lineComment(str, itemIndent, commentString(comment));
			if (chompKeep && comment) chompKeep = false;
			lines.push(blockItemPrefix + str);
		}
		let str;
		if (lines.length === 0) str = flowChars.start + flowChars.end;
		else {
			str = lines[0];
			for (let i = 1; i < lines.length; ++i) {
				const line = lines[i];
				str += line ? `\n${indent}${line}` : "\n";
			}
		}
		if (comment) {
			str += "\n" + stringifyComment.indentComment(commentString(comment), indent);
			if (onComment) onComment();
		} else if (chompKeep && onChompKeep) onChompKeep();
		return str;
	}
	function stringifyFlowCollection({ items }, ctx, { flowChars, itemIndent }) {
		const { indent, indentStep, flowCollectionPadding: fcPadding, options: { commentString } } = ctx;
		itemIndent += indentStep;
		const itemCtx = Object.assign({}, ctx, {
			indent: itemIndent,
			inFlow: true,
			type: null
		});
		let reqNewline = false;
		let linesAtValue = 0;
		const lines = [];
		for (let i = 0; i < items.length; ++i) {
			const item = items[i];
			let comment = null;
			if (identity.isNode(item)) {
				if (item.spaceBefore) lines.push("");
				addCommentBefore(ctx, lines, item.commentBefore, false);
				if (item.comment) comment = item.comment;
			} else if (identity.isPair(item)) {
				const ik = identity.isNode(item.key) ? item.key : null;
				if (ik) {
					if (ik.spaceBefore) lines.push("");
					addCommentBefore(ctx, lines, ik.commentBefore, false);
					if (ik.comment) reqNewline = true;
				}
				const iv = identity.isNode(item.value) ? item.value : null;
				if (iv) {
					if (iv.comment) comment = iv.comment;
					if (iv.commentBefore) reqNewline = true;
				} else if (item.value == null && ik?.comment) comment = ik.comment;
			}
			if (comment) reqNewline = true;
			let str = stringify.stringify(item, itemCtx, () => comment = null);
			reqNewline || (reqNewline = lines.length > linesAtValue || str.includes("\n"));
			if (i < items.length - 1) str += ",";
			else if (ctx.options.trailingComma) {
				if (ctx.options.lineWidth > 0) reqNewline || (reqNewline = lines.reduce((sum, line) => sum + line.length + 2, 2) + (str.length + 2) > ctx.options.lineWidth);
				if (reqNewline) str += ",";
			}
			if (comment) str += stringifyComment.lineComment(str, itemIndent, commentString(comment));
			lines.push(str);
			linesAtValue = lines.length;
		}
		const { start, end } = flowChars;
		if (lines.length === 0) return start + end;
		else {
			if (!reqNewline) {
				const len = lines.reduce((sum, line) => sum + line.length + 2, 2);
				reqNewline = ctx.options.lineWidth > 0 && len > ctx.options.lineWidth;
			}
			if (reqNewline) {
				let str = start;
				for (const line of lines) str += line ? `\n${indentStep}${indent}${line}` : "\n";
				return `${str}\n${indent}${end}`;
			} else return `${start}${fcPadding}${lines.join(" ")}${fcPadding}${end}`;
		}
	}
	function addCommentBefore({ indent, options: { commentString } }, lines, comment, chompKeep) {
		if (comment && chompKeep) comment = comment.replace(/^\n+/, "");
		if (comment) {
			const ic = stringifyComment.indentComment(commentString(comment), indent);
			lines.push(ic.trimStart());
		}
	}
	exports.stringifyCollection = stringifyCollection;
}));

// ../../node_modules/yaml/dist/nodes/YAMLMap.js
var require_YAMLMap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyCollection = require_stringifyCollection();
	var addPairToJSMap = require_addPairToJSMap();
	var Collection = require_Collection();
	var identity = require_identity();
	var Pair = require_Pair();
	var Scalar = require_Scalar();
	function findPair(items, key) {
		const k = identity.isScalar(key) ? key.value : key;
		for (const it of items) if (identity.isPair(it)) {
			if (it.key === key || it.key === k) return it;
			if (identity.isScalar(it.key) && it.key.value === k) return it;
		}
	}
	var YAMLMap = class extends Collection.Collection {
		static get tagName() {
			return "tag:yaml.org,2002:map";
		}
		constructor(schema) {
			super(identity.MAP, schema);
			this.items = [];
		}
		/**
		* A generic collection parsing method that can be extended
		* to other node classes that inherit from YAMLMap
		*/
		static from(schema, obj, ctx) {
			const { keepUndefined, replacer } = ctx;
			const map = new this(schema);
			const add = (key, value) => {
				if (typeof replacer === "function") value = replacer.call(obj, key, value);
				else if (Array.isArray(replacer) && !replacer.includes(key)) return;
				if (value !== void 0 || keepUndefined) map.items.push(Pair.createPair(key, value, ctx));
			};
			if (obj instanceof Map) for (const [key, value] of obj) add(key, value);
			else if (obj && typeof obj === "object") for (const key of Object.keys(obj)) add(key, obj[key]);
			if (typeof schema.sortMapEntries === "function") map.items.sort(schema.sortMapEntries);
			return map;
		}
		/**
		* Adds a value to the collection.
		*
		* @param overwrite - If not set `true`, using a key that is already in the
		*   collection will throw. Otherwise, overwrites the previous value.
		*/
		add(pair, overwrite) {
			let _pair;
			if (identity.isPair(pair)) _pair = pair;
			else if (!pair || typeof pair !== "object" || !("key" in pair)) _pair = new Pair.Pair(pair, pair?.value);
			else _pair = new Pair.Pair(pair.key, pair.value);
			const prev = findPair(this.items, _pair.key);
			const sortEntries = this.schema?.sortMapEntries;
			if (prev) {
				if (!overwrite) throw new Error(`Key ${_pair.key} already set`);
				if (identity.isScalar(prev.value) && Scalar.isScalarValue(_pair.value)) prev.value.value = _pair.value;
				else prev.value = _pair.value;
			} else if (sortEntries) {
				const i = this.items.findIndex((item) => sortEntries(_pair, item) < 0);
				if (i === -1) this.items.push(_pair);
				else this.items.splice(i, 0, _pair);
			} else this.items.push(_pair);
		}
		delete(key) {
			const it = findPair(this.items, key);
			if (!it) return false;
			return this.items.splice(this.items.indexOf(it), 1).length > 0;
		}
		get(key, keepScalar) {
			const node = findPair(this.items, key)?.value;
			return (!keepScalar && identity.isScalar(node) ? node.value : node) ?? void 0;
		}
		has(key) {
			return !!findPair(this.items, key);
		}
		set(key, value) {
			this.add(new Pair.Pair(key, value), true);
		}
		/**
		* @param ctx - Conversion context, originally set in Document#toJS()
		* @param {Class} Type - If set, forces the returned collection type
		* @returns Instance of Type, Map, or Object
		*/
		toJSON(_, ctx, Type) {
			const map = Type ? new Type() : ctx?.mapAsMap ? /* @__PURE__ */ new Map() : {};
			if (ctx?.onCreate) ctx.onCreate(map);
			for (const item of this.items) addPairToJSMap.addPairToJSMap(ctx, map, item);
			return map;
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			for (const item of this.items) if (!identity.isPair(item)) throw new Error(`Map items must all be pairs; found ${JSON.stringify(item)} instead`);
			if (!ctx.allNullValues && this.hasAllNullValues(false)) ctx = Object.assign({}, ctx, { allNullValues: true });
			return stringifyCollection.stringifyCollection(this, ctx, {
				blockItemPrefix: "",
				flowChars: {
					start: "{",
					end: "}"
				},
				itemIndent: ctx.indent || "",
				onChompKeep,
				onComment
			});
		}
	};
	exports.YAMLMap = YAMLMap;
	exports.findPair = findPair;
}));

// ../../node_modules/yaml/dist/schema/common/map.js
var require_map = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var YAMLMap = require_YAMLMap();
	const map = {
		collection: "map",
		default: true,
		nodeClass: YAMLMap.YAMLMap,
		tag: "tag:yaml.org,2002:map",
		resolve(map, onError) {
			if (!identity.isMap(map)) onError("Expected a mapping for this tag");
			return map;
		},
		createNode: (schema, obj, ctx) => YAMLMap.YAMLMap.from(schema, obj, ctx)
	};
	exports.map = map;
}));

// ../../node_modules/yaml/dist/nodes/YAMLSeq.js
var require_YAMLSeq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode();
	var stringifyCollection = require_stringifyCollection();
	var Collection = require_Collection();
	var identity = require_identity();
	var Scalar = require_Scalar();
	var toJS = require_toJS();
	var YAMLSeq = class extends Collection.Collection {
		static get tagName() {
			return "tag:yaml.org,2002:seq";
		}
		constructor(schema) {
			super(identity.SEQ, schema);
			this.items = [];
		}
		add(value) {
			this.items.push(value);
		}
		/**
		* Removes a value from the collection.
		*
		* `key` must contain a representation of an integer for this to succeed.
		* It may be wrapped in a `Scalar`.
		*
		* @returns `true` if the item was found and removed.
		*/
		delete(key) {
			const idx = asItemIndex(key);
			if (typeof idx !== "number") return false;
			return this.items.splice(idx, 1).length > 0;
		}
		get(key, keepScalar) {
			const idx = asItemIndex(key);
			if (typeof idx !== "number") return void 0;
			const it = this.items[idx];
			return !keepScalar && identity.isScalar(it) ? it.value : it;
		}
		/**
		* Checks if the collection includes a value with the key `key`.
		*
		* `key` must contain a representation of an integer for this to succeed.
		* It may be wrapped in a `Scalar`.
		*/
		has(key) {
			const idx = asItemIndex(key);
			return typeof idx === "number" && idx < this.items.length;
		}
		/**
		* Sets a value in this collection. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*
		* If `key` does not contain a representation of an integer, this will throw.
		* It may be wrapped in a `Scalar`.
		*/
		set(key, value) {
			const idx = asItemIndex(key);
			if (typeof idx !== "number") throw new Error(`Expected a valid index, not ${key}.`);
			const prev = this.items[idx];
			if (identity.isScalar(prev) && Scalar.isScalarValue(value)) prev.value = value;
			else this.items[idx] = value;
		}
		toJSON(_, ctx) {
			const seq = [];
			if (ctx?.onCreate) ctx.onCreate(seq);
			let i = 0;
			for (const item of this.items) seq.push(toJS.toJS(item, String(i++), ctx));
			return seq;
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			return stringifyCollection.stringifyCollection(this, ctx, {
				blockItemPrefix: "- ",
				flowChars: {
					start: "[",
					end: "]"
				},
				itemIndent: (ctx.indent || "") + "  ",
				onChompKeep,
				onComment
			});
		}
		static from(schema, obj, ctx) {
			const { replacer } = ctx;
			const seq = new this(schema);
			if (obj && Symbol.iterator in Object(obj)) {
				let i = 0;
				for (let it of obj) {
					if (typeof replacer === "function") {
						const key = obj instanceof Set ? it : String(i++);
						it = replacer.call(obj, key, it);
					}
					seq.items.push(createNode.createNode(it, void 0, ctx));
				}
			}
			return seq;
		}
	};
	function asItemIndex(key) {
		let idx = identity.isScalar(key) ? key.value : key;
		if (idx && typeof idx === "string") idx = Number(idx);
		return typeof idx === "number" && Number.isInteger(idx) && idx >= 0 ? idx : null;
	}
	exports.YAMLSeq = YAMLSeq;
}));

// ../../node_modules/yaml/dist/schema/common/seq.js
var require_seq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var YAMLSeq = require_YAMLSeq();
	const seq = {
		collection: "seq",
		default: true,
		nodeClass: YAMLSeq.YAMLSeq,
		tag: "tag:yaml.org,2002:seq",
		resolve(seq, onError) {
			if (!identity.isSeq(seq)) onError("Expected a sequence for this tag");
			return seq;
		},
		createNode: (schema, obj, ctx) => YAMLSeq.YAMLSeq.from(schema, obj, ctx)
	};
	exports.seq = seq;
}));

// ../../node_modules/yaml/dist/schema/common/string.js
var require_string = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyString = require_stringifyString();
	const string = {
		identify: (value) => typeof value === "string",
		default: true,
		tag: "tag:yaml.org,2002:str",
		resolve: (str) => str,
		stringify(item, ctx, onComment, onChompKeep) {
			ctx = Object.assign({ actualString: true }, ctx);
			return stringifyString.stringifyString(item, ctx, onComment, onChompKeep);
		}
	};
	exports.string = string;
}));

// ../../node_modules/yaml/dist/schema/common/null.js
var require_null = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	const nullTag = {
		identify: (value) => value == null,
		createNode: () => new Scalar.Scalar(null),
		default: true,
		tag: "tag:yaml.org,2002:null",
		test: /^(?:~|[Nn]ull|NULL)?$/,
		resolve: () => new Scalar.Scalar(null),
		stringify: ({ source }, ctx) => typeof source === "string" && nullTag.test.test(source) ? source : ctx.options.nullStr
	};
	exports.nullTag = nullTag;
}));

// ../../node_modules/yaml/dist/schema/core/bool.js
var require_bool$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	const boolTag = {
		identify: (value) => typeof value === "boolean",
		default: true,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/,
		resolve: (str) => new Scalar.Scalar(str[0] === "t" || str[0] === "T"),
		stringify({ source, value }, ctx) {
			if (source && boolTag.test.test(source)) {
				if (value === (source[0] === "t" || source[0] === "T")) return source;
			}
			return value ? ctx.options.trueStr : ctx.options.falseStr;
		}
	};
	exports.boolTag = boolTag;
}));

// ../../node_modules/yaml/dist/stringify/stringifyNumber.js
var require_stringifyNumber = /* @__PURE__ */ __commonJSMin(((exports) => {
	function stringifyNumber({ format, minFractionDigits, tag, value }) {
		if (typeof value === "bigint") return String(value);
		const num = typeof value === "number" ? value : Number(value);
		if (!isFinite(num)) return isNaN(num) ? ".nan" : num < 0 ? "-.inf" : ".inf";
		let n = Object.is(value, -0) ? "-0" : JSON.stringify(value);
		if (!format && minFractionDigits && (!tag || tag === "tag:yaml.org,2002:float") && /^-?\d/.test(n) && !n.includes("e")) {
			let i = n.indexOf(".");
			if (i < 0) {
				i = n.length;
				n += ".";
			}
			let d = minFractionDigits - (n.length - i - 1);
			while (d-- > 0) n += "0";
		}
		return n;
	}
	exports.stringifyNumber = stringifyNumber;
}));

// ../../node_modules/yaml/dist/schema/core/float.js
var require_float$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var stringifyNumber = require_stringifyNumber();
	const floatNaN = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
		resolve: (str) => str.slice(-3).toLowerCase() === "nan" ? NaN : str[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
		stringify: stringifyNumber.stringifyNumber
	};
	const floatExp = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		format: "EXP",
		test: /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+$/,
		resolve: (str) => parseFloat(str),
		stringify(node) {
			const num = Number(node.value);
			return isFinite(num) ? num.toExponential() : stringifyNumber.stringifyNumber(node);
		}
	};
	const float = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)$/,
		resolve(str) {
			const node = new Scalar.Scalar(parseFloat(str));
			const dot = str.indexOf(".");
			if (dot !== -1 && str[str.length - 1] === "0") node.minFractionDigits = str.length - dot - 1;
			return node;
		},
		stringify: stringifyNumber.stringifyNumber
	};
	exports.float = float;
	exports.floatExp = floatExp;
	exports.floatNaN = floatNaN;
}));

// ../../node_modules/yaml/dist/schema/core/int.js
var require_int$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	const intIdentify = (value) => typeof value === "bigint" || Number.isInteger(value);
	const intResolve = (str, offset, radix, { intAsBigInt }) => intAsBigInt ? BigInt(str) : parseInt(str.substring(offset), radix);
	function intStringify(node, radix, prefix) {
		const { value } = node;
		if (intIdentify(value) && value >= 0) return prefix + value.toString(radix);
		return stringifyNumber.stringifyNumber(node);
	}
	const intOct = {
		identify: (value) => intIdentify(value) && value >= 0,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "OCT",
		test: /^0o[0-7]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 8, opt),
		stringify: (node) => intStringify(node, 8, "0o")
	};
	const int = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		test: /^[-+]?[0-9]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 0, 10, opt),
		stringify: stringifyNumber.stringifyNumber
	};
	const intHex = {
		identify: (value) => intIdentify(value) && value >= 0,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "HEX",
		test: /^0x[0-9a-fA-F]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 16, opt),
		stringify: (node) => intStringify(node, 16, "0x")
	};
	exports.int = int;
	exports.intHex = intHex;
	exports.intOct = intOct;
}));

// ../../node_modules/yaml/dist/schema/core/schema.js
var require_schema$2 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map();
	var _null = require_null();
	var seq = require_seq();
	var string = require_string();
	var bool = require_bool$1();
	var float = require_float$1();
	var int = require_int$1();
	const schema = [
		map.map,
		seq.seq,
		string.string,
		_null.nullTag,
		bool.boolTag,
		int.intOct,
		int.int,
		int.intHex,
		float.floatNaN,
		float.floatExp,
		float.float
	];
	exports.schema = schema;
}));

// ../../node_modules/yaml/dist/schema/json/schema.js
var require_schema$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var map = require_map();
	var seq = require_seq();
	function intIdentify(value) {
		return typeof value === "bigint" || Number.isInteger(value);
	}
	const stringifyJSON = ({ value }) => JSON.stringify(value);
	const jsonScalars = [
		{
			identify: (value) => typeof value === "string",
			default: true,
			tag: "tag:yaml.org,2002:str",
			resolve: (str) => str,
			stringify: stringifyJSON
		},
		{
			identify: (value) => value == null,
			createNode: () => new Scalar.Scalar(null),
			default: true,
			tag: "tag:yaml.org,2002:null",
			test: /^null$/,
			resolve: () => null,
			stringify: stringifyJSON
		},
		{
			identify: (value) => typeof value === "boolean",
			default: true,
			tag: "tag:yaml.org,2002:bool",
			test: /^true$|^false$/,
			resolve: (str) => str === "true",
			stringify: stringifyJSON
		},
		{
			identify: intIdentify,
			default: true,
			tag: "tag:yaml.org,2002:int",
			test: /^-?(?:0|[1-9][0-9]*)$/,
			resolve: (str, _onError, { intAsBigInt }) => intAsBigInt ? BigInt(str) : parseInt(str, 10),
			stringify: ({ value }) => intIdentify(value) ? value.toString() : JSON.stringify(value)
		},
		{
			identify: (value) => typeof value === "number",
			default: true,
			tag: "tag:yaml.org,2002:float",
			test: /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$/,
			resolve: (str) => parseFloat(str),
			stringify: stringifyJSON
		}
	];
	const schema = [map.map, seq.seq].concat(jsonScalars, {
		default: true,
		tag: "",
		test: /^/,
		resolve(str, onError) {
			onError(`Unresolved plain scalar ${JSON.stringify(str)}`);
			return str;
		}
	});
	exports.schema = schema;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/binary.js
var require_binary = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_buffer = __require("buffer");
	var Scalar = require_Scalar();
	var stringifyString = require_stringifyString();
	const binary = {
		identify: (value) => value instanceof Uint8Array,
		default: false,
		tag: "tag:yaml.org,2002:binary",
		/**
		* Returns a Buffer in node and an Uint8Array in browsers
		*
		* To use the resulting buffer as an image, you'll want to do something like:
		*
		*   const blob = new Blob([buffer], { type: 'image/jpeg' })
		*   document.querySelector('#photo').src = URL.createObjectURL(blob)
		*/
		resolve(src, onError) {
			if (typeof node_buffer.Buffer === "function") return node_buffer.Buffer.from(src, "base64");
			else if (typeof atob === "function") {
				const str = atob(src.replace(/[\n\r]/g, ""));
				const buffer = new Uint8Array(str.length);
				for (let i = 0; i < str.length; ++i) buffer[i] = str.charCodeAt(i);
				return buffer;
			} else {
				onError("This environment does not support reading binary tags; either Buffer or atob is required");
				return src;
			}
		},
		stringify({ comment, type, value }, ctx, onComment, onChompKeep) {
			if (!value) return "";
			const buf = value;
			let str;
			if (typeof node_buffer.Buffer === "function") str = buf instanceof node_buffer.Buffer ? buf.toString("base64") : node_buffer.Buffer.from(buf.buffer).toString("base64");
			else if (typeof btoa === "function") {
				let s = "";
				for (let i = 0; i < buf.length; ++i) s += String.fromCharCode(buf[i]);
				str = btoa(s);
			} else throw new Error("This environment does not support writing binary tags; either Buffer or btoa is required");
			type ?? (type = Scalar.Scalar.BLOCK_LITERAL);
			if (type !== Scalar.Scalar.QUOTE_DOUBLE) {
				const lineWidth = Math.max(ctx.options.lineWidth - ctx.indent.length, ctx.options.minContentWidth);
				const n = Math.ceil(str.length / lineWidth);
				const lines = new Array(n);
				for (let i = 0, o = 0; i < n; ++i, o += lineWidth) lines[i] = str.substr(o, lineWidth);
				str = lines.join(type === Scalar.Scalar.BLOCK_LITERAL ? "\n" : " ");
			}
			return stringifyString.stringifyString({
				comment,
				type,
				value: str
			}, ctx, onComment, onChompKeep);
		}
	};
	exports.binary = binary;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/pairs.js
var require_pairs = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Pair = require_Pair();
	var Scalar = require_Scalar();
	var YAMLSeq = require_YAMLSeq();
	function resolvePairs(seq, onError) {
		if (identity.isSeq(seq)) for (let i = 0; i < seq.items.length; ++i) {
			let item = seq.items[i];
			if (identity.isPair(item)) continue;
			else if (identity.isMap(item)) {
				if (item.items.length > 1) onError("Each pair must have its own sequence indicator");
				const pair = item.items[0] || new Pair.Pair(new Scalar.Scalar(null));
				if (item.commentBefore) pair.key.commentBefore = pair.key.commentBefore ? `${item.commentBefore}\n${pair.key.commentBefore}` : item.commentBefore;
				if (item.comment) {
					const cn = pair.value ?? pair.key;
					cn.comment = cn.comment ? `${item.comment}\n${cn.comment}` : item.comment;
				}
				item = pair;
			}
			seq.items[i] = identity.isPair(item) ? item : new Pair.Pair(item);
		}
		else onError("Expected a sequence for this tag");
		return seq;
	}
	function createPairs(schema, iterable, ctx) {
		const { replacer } = ctx;
		const pairs = new YAMLSeq.YAMLSeq(schema);
		pairs.tag = "tag:yaml.org,2002:pairs";
		let i = 0;
		if (iterable && Symbol.iterator in Object(iterable)) for (let it of iterable) {
			if (typeof replacer === "function") it = replacer.call(iterable, String(i++), it);
			let key, value;
			if (Array.isArray(it)) {
				if (it.length === 2) {
					key = it[0];
					value = it[1];
				} else throw new TypeError(`Expected [key, value] tuple: ${it}`);
			} else if (it && it instanceof Object) {
				const keys = Object.keys(it);
				if (keys.length === 1) {
					key = keys[0];
					value = it[key];
				} else throw new TypeError(`Expected tuple with one key, not ${keys.length} keys`);
			} else key = it;
			pairs.items.push(Pair.createPair(key, value, ctx));
		}
		return pairs;
	}
	const pairs = {
		collection: "seq",
		default: false,
		tag: "tag:yaml.org,2002:pairs",
		resolve: resolvePairs,
		createNode: createPairs
	};
	exports.createPairs = createPairs;
	exports.pairs = pairs;
	exports.resolvePairs = resolvePairs;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/omap.js
var require_omap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var toJS = require_toJS();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	var pairs = require_pairs();
	var YAMLOMap = class YAMLOMap extends YAMLSeq.YAMLSeq {
		constructor() {
			super();
			this.add = YAMLMap.YAMLMap.prototype.add.bind(this);
			this.delete = YAMLMap.YAMLMap.prototype.delete.bind(this);
			this.get = YAMLMap.YAMLMap.prototype.get.bind(this);
			this.has = YAMLMap.YAMLMap.prototype.has.bind(this);
			this.set = YAMLMap.YAMLMap.prototype.set.bind(this);
			this.tag = YAMLOMap.tag;
		}
		/**
		* If `ctx` is given, the return type is actually `Map<unknown, unknown>`,
		* but TypeScript won't allow widening the signature of a child method.
		*/
		toJSON(_, ctx) {
			if (!ctx) return super.toJSON(_);
			const map = /* @__PURE__ */ new Map();
			if (ctx?.onCreate) ctx.onCreate(map);
			for (const pair of this.items) {
				let key, value;
				if (identity.isPair(pair)) {
					key = toJS.toJS(pair.key, "", ctx);
					value = toJS.toJS(pair.value, key, ctx);
				} else key = toJS.toJS(pair, "", ctx);
				if (map.has(key)) throw new Error("Ordered maps must not include duplicate keys");
				map.set(key, value);
			}
			return map;
		}
		static from(schema, iterable, ctx) {
			const pairs$1 = pairs.createPairs(schema, iterable, ctx);
			const omap = new this();
			omap.items = pairs$1.items;
			return omap;
		}
	};
	YAMLOMap.tag = "tag:yaml.org,2002:omap";
	const omap = {
		collection: "seq",
		identify: (value) => value instanceof Map,
		nodeClass: YAMLOMap,
		default: false,
		tag: "tag:yaml.org,2002:omap",
		resolve(seq, onError) {
			const pairs$1 = pairs.resolvePairs(seq, onError);
			const seenKeys = [];
			for (const { key } of pairs$1.items) if (identity.isScalar(key)) {
				if (seenKeys.includes(key.value)) onError(`Ordered maps must not include duplicate keys: ${key.value}`);
				else seenKeys.push(key.value);
			}
			return Object.assign(new YAMLOMap(), pairs$1);
		},
		createNode: (schema, iterable, ctx) => YAMLOMap.from(schema, iterable, ctx)
	};
	exports.YAMLOMap = YAMLOMap;
	exports.omap = omap;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/bool.js
var require_bool = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	function boolStringify({ value, source }, ctx) {
		if (source && (value ? trueTag : falseTag).test.test(source)) return source;
		return value ? ctx.options.trueStr : ctx.options.falseStr;
	}
	const trueTag = {
		identify: (value) => value === true,
		default: true,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:Y|y|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/,
		resolve: () => new Scalar.Scalar(true),
		stringify: boolStringify
	};
	const falseTag = {
		identify: (value) => value === false,
		default: true,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:N|n|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
		resolve: () => new Scalar.Scalar(false),
		stringify: boolStringify
	};
	exports.falseTag = falseTag;
	exports.trueTag = trueTag;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/float.js
var require_float = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var stringifyNumber = require_stringifyNumber();
	const floatNaN = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
		resolve: (str) => str.slice(-3).toLowerCase() === "nan" ? NaN : str[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
		stringify: stringifyNumber.stringifyNumber
	};
	const floatExp = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		format: "EXP",
		test: /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+$/,
		resolve: (str) => parseFloat(str.replace(/_/g, "")),
		stringify(node) {
			const num = Number(node.value);
			return isFinite(num) ? num.toExponential() : stringifyNumber.stringifyNumber(node);
		}
	};
	const float = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*$/,
		resolve(str) {
			const node = new Scalar.Scalar(parseFloat(str.replace(/_/g, "")));
			const dot = str.indexOf(".");
			if (dot !== -1) {
				const f = str.substring(dot + 1).replace(/_/g, "");
				if (f[f.length - 1] === "0") node.minFractionDigits = f.length;
			}
			return node;
		},
		stringify: stringifyNumber.stringifyNumber
	};
	exports.float = float;
	exports.floatExp = floatExp;
	exports.floatNaN = floatNaN;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/int.js
var require_int = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	const intIdentify = (value) => typeof value === "bigint" || Number.isInteger(value);
	function intResolve(str, offset, radix, { intAsBigInt }) {
		const sign = str[0];
		if (sign === "-" || sign === "+") offset += 1;
		str = str.substring(offset).replace(/_/g, "");
		if (intAsBigInt) {
			switch (radix) {
				case 2:
					str = `0b${str}`;
					break;
				case 8:
					str = `0o${str}`;
					break;
				case 16: str = `0x${str}`;
			}
			const n = BigInt(str);
			return sign === "-" ? BigInt(-1) * n : n;
		}
		const n = parseInt(str, radix);
		return sign === "-" ? -1 * n : n;
	}
	function intStringify(node, radix, prefix) {
		const { value } = node;
		if (intIdentify(value)) {
			const str = value.toString(radix);
			return value < 0 ? "-" + prefix + str.substr(1) : prefix + str;
		}
		return stringifyNumber.stringifyNumber(node);
	}
	const intBin = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "BIN",
		test: /^[-+]?0b[0-1_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 2, opt),
		stringify: (node) => intStringify(node, 2, "0b")
	};
	const intOct = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "OCT",
		test: /^[-+]?0[0-7_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 1, 8, opt),
		stringify: (node) => intStringify(node, 8, "0")
	};
	const int = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		test: /^[-+]?[0-9][0-9_]*$/,
		resolve: (str, _onError, opt) => intResolve(str, 0, 10, opt),
		stringify: stringifyNumber.stringifyNumber
	};
	const intHex = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "HEX",
		test: /^[-+]?0x[0-9a-fA-F_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 16, opt),
		stringify: (node) => intStringify(node, 16, "0x")
	};
	exports.int = int;
	exports.intBin = intBin;
	exports.intHex = intHex;
	exports.intOct = intOct;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/set.js
var require_set = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Pair = require_Pair();
	var YAMLMap = require_YAMLMap();
	var YAMLSet = class YAMLSet extends YAMLMap.YAMLMap {
		constructor(schema) {
			super(schema);
			this.tag = YAMLSet.tag;
		}
		add(key) {
			let pair;
			if (identity.isPair(key)) pair = key;
			else if (key && typeof key === "object" && "key" in key && "value" in key && key.value === null) pair = new Pair.Pair(key.key, null);
			else pair = new Pair.Pair(key, null);
			if (!YAMLMap.findPair(this.items, pair.key)) this.items.push(pair);
		}
		/**
		* If `keepPair` is `true`, returns the Pair matching `key`.
		* Otherwise, returns the value of that Pair's key.
		*/
		get(key, keepPair) {
			const pair = YAMLMap.findPair(this.items, key);
			return !keepPair && identity.isPair(pair) ? identity.isScalar(pair.key) ? pair.key.value : pair.key : pair;
		}
		set(key, value) {
			if (typeof value !== "boolean") throw new Error(`Expected boolean value for set(key, value) in a YAML set, not ${typeof value}`);
			const prev = YAMLMap.findPair(this.items, key);
			if (prev && !value) this.items.splice(this.items.indexOf(prev), 1);
			else if (!prev && value) this.items.push(new Pair.Pair(key));
		}
		toJSON(_, ctx) {
			return super.toJSON(_, ctx, Set);
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			if (this.hasAllNullValues(true)) return super.toString(Object.assign({}, ctx, { allNullValues: true }), onComment, onChompKeep);
			else throw new Error("Set items must all have null values");
		}
		static from(schema, iterable, ctx) {
			const { replacer } = ctx;
			const set = new this(schema);
			if (iterable && Symbol.iterator in Object(iterable)) for (let value of iterable) {
				if (typeof replacer === "function") value = replacer.call(iterable, value, value);
				set.items.push(Pair.createPair(value, null, ctx));
			}
			return set;
		}
	};
	YAMLSet.tag = "tag:yaml.org,2002:set";
	const set = {
		collection: "map",
		identify: (value) => value instanceof Set,
		nodeClass: YAMLSet,
		default: false,
		tag: "tag:yaml.org,2002:set",
		createNode: (schema, iterable, ctx) => YAMLSet.from(schema, iterable, ctx),
		resolve(map, onError) {
			if (identity.isMap(map)) {
				if (map.hasAllNullValues(true)) return Object.assign(new YAMLSet(), map);
				else onError("Set items must all have null values");
			} else onError("Expected a mapping for this tag");
			return map;
		}
	};
	exports.YAMLSet = YAMLSet;
	exports.set = set;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/timestamp.js
var require_timestamp = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	/** Internal types handle bigint as number, because TS can't figure it out. */
	function parseSexagesimal(str, asBigInt) {
		const sign = str[0];
		const parts = sign === "-" || sign === "+" ? str.substring(1) : str;
		const num = (n) => asBigInt ? BigInt(n) : Number(n);
		const res = parts.replace(/_/g, "").split(":").reduce((res, p) => res * num(60) + num(p), num(0));
		return sign === "-" ? num(-1) * res : res;
	}
	/**
	* hhhh:mm:ss.sss
	*
	* Internal types handle bigint as number, because TS can't figure it out.
	*/
	function stringifySexagesimal(node) {
		let { value } = node;
		let num = (n) => n;
		if (typeof value === "bigint") num = (n) => BigInt(n);
		else if (isNaN(value) || !isFinite(value)) return stringifyNumber.stringifyNumber(node);
		let sign = "";
		if (value < 0) {
			sign = "-";
			value *= num(-1);
		}
		const _60 = num(60);
		const parts = [value % _60];
		if (value < 60) parts.unshift(0);
		else {
			value = (value - parts[0]) / _60;
			parts.unshift(value % _60);
			if (value >= 60) {
				value = (value - parts[0]) / _60;
				parts.unshift(value);
			}
		}
		return sign + parts.map((n) => String(n).padStart(2, "0")).join(":").replace(/000000\d*$/, "");
	}
	const intTime = {
		identify: (value) => typeof value === "bigint" || Number.isInteger(value),
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "TIME",
		test: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+$/,
		resolve: (str, _onError, { intAsBigInt }) => parseSexagesimal(str, intAsBigInt),
		stringify: stringifySexagesimal
	};
	const floatTime = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		format: "TIME",
		test: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/,
		resolve: (str) => parseSexagesimal(str, false),
		stringify: stringifySexagesimal
	};
	const timestamp = {
		identify: (value) => value instanceof Date,
		default: true,
		tag: "tag:yaml.org,2002:timestamp",
		test: RegExp("^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:t|T|[ \\t]+)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2}(\\.[0-9]+)?)(?:[ \\t]*(Z|[-+][012]?[0-9](?::[0-9]{2})?))?)?$"),
		resolve(str) {
			const match = str.match(timestamp.test);
			if (!match) throw new Error("!!timestamp expects a date, starting with yyyy-mm-dd");
			const [, year, month, day, hour, minute, second] = match.map(Number);
			const millisec = match[7] ? Number((match[7] + "00").substr(1, 3)) : 0;
			let date = Date.UTC(year, month - 1, day, hour || 0, minute || 0, second || 0, millisec);
			const tz = match[8];
			if (tz && tz !== "Z") {
				let d = parseSexagesimal(tz, false);
				if (Math.abs(d) < 30) d *= 60;
				date -= 6e4 * d;
			}
			return new Date(date);
		},
		stringify: ({ value }) => value?.toISOString().replace(/(T00:00:00)?\.000Z$/, "") ?? ""
	};
	exports.floatTime = floatTime;
	exports.intTime = intTime;
	exports.timestamp = timestamp;
}));

// ../../node_modules/yaml/dist/schema/yaml-1.1/schema.js
var require_schema = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map();
	var _null = require_null();
	var seq = require_seq();
	var string = require_string();
	var binary = require_binary();
	var bool = require_bool();
	var float = require_float();
	var int = require_int();
	var merge = require_merge();
	var omap = require_omap();
	var pairs = require_pairs();
	var set = require_set();
	var timestamp = require_timestamp();
	const schema = [
		map.map,
		seq.seq,
		string.string,
		_null.nullTag,
		bool.trueTag,
		bool.falseTag,
		int.intBin,
		int.intOct,
		int.int,
		int.intHex,
		float.floatNaN,
		float.floatExp,
		float.float,
		binary.binary,
		merge.merge,
		omap.omap,
		pairs.pairs,
		set.set,
		timestamp.intTime,
		timestamp.floatTime,
		timestamp.timestamp
	];
	exports.schema = schema;
}));

// ../../node_modules/yaml/dist/schema/tags.js
var require_tags = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map();
	var _null = require_null();
	var seq = require_seq();
	var string = require_string();
	var bool = require_bool$1();
	var float = require_float$1();
	var int = require_int$1();
	var schema = require_schema$2();
	var schema$1 = require_schema$1();
	var binary = require_binary();
	var merge = require_merge();
	var omap = require_omap();
	var pairs = require_pairs();
	var schema$2 = require_schema();
	var set = require_set();
	var timestamp = require_timestamp();
	const schemas = /* @__PURE__ */ new Map([
		["core", schema.schema],
		["failsafe", [
			map.map,
			seq.seq,
			string.string
		]],
		["json", schema$1.schema],
		["yaml11", schema$2.schema],
		["yaml-1.1", schema$2.schema]
	]);
	const tagsByName = {
		binary: binary.binary,
		bool: bool.boolTag,
		float: float.float,
		floatExp: float.floatExp,
		floatNaN: float.floatNaN,
		floatTime: timestamp.floatTime,
		int: int.int,
		intHex: int.intHex,
		intOct: int.intOct,
		intTime: timestamp.intTime,
		map: map.map,
		merge: merge.merge,
		null: _null.nullTag,
		omap: omap.omap,
		pairs: pairs.pairs,
		seq: seq.seq,
		set: set.set,
		timestamp: timestamp.timestamp
	};
	const coreKnownTags = {
		"tag:yaml.org,2002:binary": binary.binary,
		"tag:yaml.org,2002:merge": merge.merge,
		"tag:yaml.org,2002:omap": omap.omap,
		"tag:yaml.org,2002:pairs": pairs.pairs,
		"tag:yaml.org,2002:set": set.set,
		"tag:yaml.org,2002:timestamp": timestamp.timestamp
	};
	function getTags(customTags, schemaName, addMergeTag) {
		const schemaTags = schemas.get(schemaName);
		if (schemaTags && !customTags) return addMergeTag && !schemaTags.includes(merge.merge) ? schemaTags.concat(merge.merge) : schemaTags.slice();
		let tags = schemaTags;
		if (!tags) {
			if (Array.isArray(customTags)) tags = [];
			else {
				const keys = Array.from(schemas.keys()).filter((key) => key !== "yaml11").map((key) => JSON.stringify(key)).join(", ");
				throw new Error(`Unknown schema "${schemaName}"; use one of ${keys} or define customTags array`);
			}
		}
		if (Array.isArray(customTags)) for (const tag of customTags) tags = tags.concat(tag);
		else if (typeof customTags === "function") tags = customTags(tags.slice());
		if (addMergeTag) tags = tags.concat(merge.merge);
		return tags.reduce((tags, tag) => {
			const tagObj = typeof tag === "string" ? tagsByName[tag] : tag;
			if (!tagObj) {
				const tagName = JSON.stringify(tag);
				const keys = Object.keys(tagsByName).map((key) => JSON.stringify(key)).join(", ");
				throw new Error(`Unknown custom tag ${tagName}; use one of ${keys}`);
			}
			if (!tags.includes(tagObj)) tags.push(tagObj);
			return tags;
		}, []);
	}
	exports.coreKnownTags = coreKnownTags;
	exports.getTags = getTags;
}));

// ../../node_modules/yaml/dist/schema/Schema.js
var require_Schema = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var map = require_map();
	var seq = require_seq();
	var string = require_string();
	var tags = require_tags();
	const sortMapEntriesByKey = (a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
	var Schema = class Schema {
		constructor({ compat, customTags, merge, resolveKnownTags, schema, sortMapEntries, toStringDefaults }) {
			this.compat = Array.isArray(compat) ? tags.getTags(compat, "compat") : compat ? tags.getTags(null, compat) : null;
			this.name = typeof schema === "string" && schema || "core";
			this.knownTags = resolveKnownTags ? tags.coreKnownTags : {};
			this.tags = tags.getTags(customTags, this.name, merge);
			this.toStringOptions = toStringDefaults ?? null;
			Object.defineProperty(this, identity.MAP, { value: map.map });
			Object.defineProperty(this, identity.SCALAR, { value: string.string });
			Object.defineProperty(this, identity.SEQ, { value: seq.seq });
			this.sortMapEntries = typeof sortMapEntries === "function" ? sortMapEntries : sortMapEntries === true ? sortMapEntriesByKey : null;
		}
		clone() {
			const copy = Object.create(Schema.prototype, Object.getOwnPropertyDescriptors(this));
			copy.tags = this.tags.slice();
			return copy;
		}
	};
	exports.Schema = Schema;
}));

// ../../node_modules/yaml/dist/stringify/stringifyDocument.js
var require_stringifyDocument = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var stringify = require_stringify();
	var stringifyComment = require_stringifyComment();
	function stringifyDocument(doc, options) {
		const lines = [];
		let hasDirectives = options.directives === true;
		if (options.directives !== false && doc.directives) {
			const dir = doc.directives.toString(doc);
			if (dir) {
				lines.push(dir);
				hasDirectives = true;
			} else if (doc.directives.docStart) hasDirectives = true;
		}
		if (hasDirectives) lines.push("---");
		const ctx = stringify.createStringifyContext(doc, options);
		const { commentString } = ctx.options;
		if (doc.commentBefore) {
			if (lines.length !== 1) lines.unshift("");
			const cs = commentString(doc.commentBefore);
			lines.unshift(stringifyComment.indentComment(cs, ""));
		}
		let chompKeep = false;
		let contentComment = null;
		if (doc.contents) {
			if (identity.isNode(doc.contents)) {
				if (doc.contents.spaceBefore && hasDirectives) lines.push("");
				if (doc.contents.commentBefore) {
					const cs = commentString(doc.contents.commentBefore);
					lines.push(stringifyComment.indentComment(cs, ""));
				}
				ctx.forceBlockIndent = !!doc.comment;
				contentComment = doc.contents.comment;
			}
			const onChompKeep = contentComment ? void 0 : () => chompKeep = true;
			let body = stringify.stringify(doc.contents, ctx, () => contentComment = null, onChompKeep);
			if (contentComment) body += stringifyComment.lineComment(body, "", commentString(contentComment));
			if ((body[0] === "|" || body[0] === ">") && lines[lines.length - 1] === "---") lines[lines.length - 1] = `--- ${body}`;
			else lines.push(body);
		} else lines.push(stringify.stringify(doc.contents, ctx));
		if (doc.directives?.docEnd) {
			if (doc.comment) {
				const cs = commentString(doc.comment);
				if (cs.includes("\n")) {
					lines.push("...");
					lines.push(stringifyComment.indentComment(cs, ""));
				} else lines.push(`... ${cs}`);
			} else lines.push("...");
		} else {
			let dc = doc.comment;
			if (dc && chompKeep) dc = dc.replace(/^\n+/, "");
			if (dc) {
				if ((!chompKeep || contentComment) && lines[lines.length - 1] !== "") lines.push("");
				lines.push(stringifyComment.indentComment(commentString(dc), ""));
			}
		}
		return lines.join("\n") + "\n";
	}
	exports.stringifyDocument = stringifyDocument;
}));

// ../../node_modules/yaml/dist/doc/Document.js
var require_Document = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias();
	var Collection = require_Collection();
	var identity = require_identity();
	var Pair = require_Pair();
	var toJS = require_toJS();
	var Schema = require_Schema();
	var stringifyDocument = require_stringifyDocument();
	var anchors = require_anchors();
	var applyReviver = require_applyReviver();
	var createNode = require_createNode();
	var directives = require_directives();
	var Document = class Document {
		constructor(value, replacer, options) {
			/** A comment before this Document */
			this.commentBefore = null;
			/** A comment immediately after this Document */
			this.comment = null;
			/** Errors encountered during parsing. */
			this.errors = [];
			/** Warnings encountered during parsing. */
			this.warnings = [];
			Object.defineProperty(this, identity.NODE_TYPE, { value: identity.DOC });
			let _replacer = null;
			if (typeof replacer === "function" || Array.isArray(replacer)) _replacer = replacer;
			else if (options === void 0 && replacer) {
				options = replacer;
				replacer = void 0;
			}
			const opt = Object.assign({
				intAsBigInt: false,
				keepSourceTokens: false,
				logLevel: "warn",
				prettyErrors: true,
				strict: true,
				stringKeys: false,
				uniqueKeys: true,
				version: "1.2"
			}, options);
			this.options = opt;
			let { version } = opt;
			if (options?._directives) {
				this.directives = options._directives.atDocument();
				if (this.directives.yaml.explicit) version = this.directives.yaml.version;
			} else this.directives = new directives.Directives({ version });
			this.setSchema(version, options);
			this.contents = value === void 0 ? null : this.createNode(value, _replacer, options);
		}
		/**
		* Create a deep copy of this Document and its contents.
		*
		* Custom Node values that inherit from `Object` still refer to their original instances.
		*/
		clone() {
			const copy = Object.create(Document.prototype, { [identity.NODE_TYPE]: { value: identity.DOC } });
			copy.commentBefore = this.commentBefore;
			copy.comment = this.comment;
			copy.errors = this.errors.slice();
			copy.warnings = this.warnings.slice();
			copy.options = Object.assign({}, this.options);
			if (this.directives) copy.directives = this.directives.clone();
			copy.schema = this.schema.clone();
			copy.contents = identity.isNode(this.contents) ? this.contents.clone(copy.schema) : this.contents;
			if (this.range) copy.range = this.range.slice();
			return copy;
		}
		/** Adds a value to the document. */
		add(value) {
			if (assertCollection(this.contents)) this.contents.add(value);
		}
		/** Adds a value to the document. */
		addIn(path, value) {
			if (assertCollection(this.contents)) this.contents.addIn(path, value);
		}
		/**
		* Create a new `Alias` node, ensuring that the target `node` has the required anchor.
		*
		* If `node` already has an anchor, `name` is ignored.
		* Otherwise, the `node.anchor` value will be set to `name`,
		* or if an anchor with that name is already present in the document,
		* `name` will be used as a prefix for a new unique anchor.
		* If `name` is undefined, the generated anchor will use 'a' as a prefix.
		*/
		createAlias(node, name) {
			if (!node.anchor) {
				const prev = anchors.anchorNames(this);
				node.anchor = !name || prev.has(name) ? anchors.findNewAnchor(name || "a", prev) : name;
			}
			return new Alias.Alias(node.anchor);
		}
		createNode(value, replacer, options) {
			let _replacer = void 0;
			if (typeof replacer === "function") {
				value = replacer.call({ "": value }, "", value);
				_replacer = replacer;
			} else if (Array.isArray(replacer)) {
				const keyToStr = (v) => typeof v === "number" || v instanceof String || v instanceof Number;
				const asStr = replacer.filter(keyToStr).map(String);
				if (asStr.length > 0) replacer = replacer.concat(asStr);
				_replacer = replacer;
			} else if (options === void 0 && replacer) {
				options = replacer;
				replacer = void 0;
			}
			const { aliasDuplicateObjects, anchorPrefix, flow, keepUndefined, onTagObj, tag } = options ?? {};
			const { onAnchor, setAnchors, sourceObjects } = anchors.createNodeAnchors(this, anchorPrefix || "a");
			const ctx = {
				aliasDuplicateObjects: aliasDuplicateObjects ?? true,
				keepUndefined: keepUndefined ?? false,
				onAnchor,
				onTagObj,
				replacer: _replacer,
				schema: this.schema,
				sourceObjects
			};
			const node = createNode.createNode(value, tag, ctx);
			if (flow && identity.isCollection(node)) node.flow = true;
			setAnchors();
			return node;
		}
		/**
		* Convert a key and a value into a `Pair` using the current schema,
		* recursively wrapping all values as `Scalar` or `Collection` nodes.
		*/
		createPair(key, value, options = {}) {
			const k = this.createNode(key, null, options);
			const v = this.createNode(value, null, options);
			return new Pair.Pair(k, v);
		}
		/**
		* Removes a value from the document.
		* @returns `true` if the item was found and removed.
		*/
		delete(key) {
			return assertCollection(this.contents) ? this.contents.delete(key) : false;
		}
		/**
		* Removes a value from the document.
		* @returns `true` if the item was found and removed.
		*/
		deleteIn(path) {
			if (Collection.isEmptyPath(path)) {
				if (this.contents == null) return false;
				this.contents = null;
				return true;
			}
			return assertCollection(this.contents) ? this.contents.deleteIn(path) : false;
		}
		/**
		* Returns item at `key`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		get(key, keepScalar) {
			return identity.isCollection(this.contents) ? this.contents.get(key, keepScalar) : void 0;
		}
		/**
		* Returns item at `path`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		getIn(path, keepScalar) {
			if (Collection.isEmptyPath(path)) return !keepScalar && identity.isScalar(this.contents) ? this.contents.value : this.contents;
			return identity.isCollection(this.contents) ? this.contents.getIn(path, keepScalar) : void 0;
		}
		/**
		* Checks if the document includes a value with the key `key`.
		*/
		has(key) {
			return identity.isCollection(this.contents) ? this.contents.has(key) : false;
		}
		/**
		* Checks if the document includes a value at `path`.
		*/
		hasIn(path) {
			if (Collection.isEmptyPath(path)) return this.contents !== void 0;
			return identity.isCollection(this.contents) ? this.contents.hasIn(path) : false;
		}
		/**
		* Sets a value in this document. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		set(key, value) {
			if (this.contents == null) this.contents = Collection.collectionFromPath(this.schema, [key], value);
			else if (assertCollection(this.contents)) this.contents.set(key, value);
		}
		/**
		* Sets a value in this document. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		setIn(path, value) {
			if (Collection.isEmptyPath(path)) this.contents = value;
			else if (this.contents == null) this.contents = Collection.collectionFromPath(this.schema, Array.from(path), value);
			else if (assertCollection(this.contents)) this.contents.setIn(path, value);
		}
		/**
		* Change the YAML version and schema used by the document.
		* A `null` version disables support for directives, explicit tags, anchors, and aliases.
		* It also requires the `schema` option to be given as a `Schema` instance value.
		*
		* Overrides all previously set schema options.
		*/
		setSchema(version, options = {}) {
			if (typeof version === "number") version = String(version);
			let opt;
			switch (version) {
				case "1.1":
					if (this.directives) this.directives.yaml.version = "1.1";
					else this.directives = new directives.Directives({ version: "1.1" });
					opt = {
						resolveKnownTags: false,
						schema: "yaml-1.1"
					};
					break;
				case "1.2":
				case "next":
					if (this.directives) this.directives.yaml.version = version;
					else this.directives = new directives.Directives({ version });
					opt = {
						resolveKnownTags: true,
						schema: "core"
					};
					break;
				case null:
					if (this.directives) delete this.directives;
					opt = null;
					break;
				default: {
					const sv = JSON.stringify(version);
					throw new Error(`Expected '1.1', '1.2' or null as first argument, but found: ${sv}`);
				}
			}
			if (options.schema instanceof Object) this.schema = options.schema;
			else if (opt) this.schema = new Schema.Schema(Object.assign(opt, options));
			else throw new Error(`With a null YAML version, the { schema: Schema } option is required`);
		}
		toJS({ json, jsonArg, mapAsMap, maxAliasCount, onAnchor, reviver } = {}) {
			const ctx = {
				anchors: /* @__PURE__ */ new Map(),
				doc: this,
				keep: !json,
				mapAsMap: mapAsMap === true,
				mapKeyWarned: false,
				maxAliasCount: typeof maxAliasCount === "number" ? maxAliasCount : 100
			};
			const res = toJS.toJS(this.contents, jsonArg ?? "", ctx);
			if (typeof onAnchor === "function") for (const { count, res } of ctx.anchors.values()) onAnchor(res, count);
			return typeof reviver === "function" ? applyReviver.applyReviver(reviver, { "": res }, "", res) : res;
		}
		/**
		* A JSON representation of the document `contents`.
		*
		* @param jsonArg Used by `JSON.stringify` to indicate the array index or
		*   property name.
		*/
		toJSON(jsonArg, onAnchor) {
			return this.toJS({
				json: true,
				jsonArg,
				mapAsMap: false,
				onAnchor
			});
		}
		/** A YAML representation of the document. */
		toString(options = {}) {
			if (this.errors.length > 0) throw new Error("Document with errors cannot be stringified");
			if ("indent" in options && (!Number.isInteger(options.indent) || Number(options.indent) <= 0)) {
				const s = JSON.stringify(options.indent);
				throw new Error(`"indent" option must be a positive integer, not ${s}`);
			}
			return stringifyDocument.stringifyDocument(this, options);
		}
	};
	function assertCollection(contents) {
		if (identity.isCollection(contents)) return true;
		throw new Error("Expected a YAML collection as document contents");
	}
	exports.Document = Document;
}));

// ../../node_modules/yaml/dist/errors.js
var require_errors = /* @__PURE__ */ __commonJSMin(((exports) => {
	var YAMLError = class extends Error {
		constructor(name, pos, code, message) {
			super();
			this.name = name;
			this.code = code;
			this.message = message;
			this.pos = pos;
		}
	};
	var YAMLParseError = class extends YAMLError {
		constructor(pos, code, message) {
			super("YAMLParseError", pos, code, message);
		}
	};
	var YAMLWarning = class extends YAMLError {
		constructor(pos, code, message) {
			super("YAMLWarning", pos, code, message);
		}
	};
	const prettifyError = (src, lc) => (error) => {
		if (error.pos[0] === -1) return;
		error.linePos = error.pos.map((pos) => lc.linePos(pos));
		const { line, col } = error.linePos[0];
		error.message += ` at line ${line}, column ${col}`;
		let ci = col - 1;
		let lineStr = src.substring(lc.lineStarts[line - 1], lc.lineStarts[line]).replace(/[\n\r]+$/, "");
		if (ci >= 60 && lineStr.length > 80) {
			const trimStart = Math.min(ci - 39, lineStr.length - 79);
			lineStr = "…" + lineStr.substring(trimStart);
			ci -= trimStart - 1;
		}
		if (lineStr.length > 80) lineStr = lineStr.substring(0, 79) + "…";
		if (line > 1 && /^ *$/.test(lineStr.substring(0, ci))) {
			let prev = src.substring(lc.lineStarts[line - 2], lc.lineStarts[line - 1]);
			if (prev.length > 80) prev = prev.substring(0, 79) + "…\n";
			lineStr = prev + lineStr;
		}
		if (/[^ ]/.test(lineStr)) {
			let count = 1;
			const end = error.linePos[1];
			if (end?.line === line && end.col > col) count = Math.max(1, Math.min(end.col - col, 80 - ci));
			const pointer = " ".repeat(ci) + "^".repeat(count);
			error.message += `:\n\n${lineStr}\n${pointer}\n`;
		}
	};
	exports.YAMLError = YAMLError;
	exports.YAMLParseError = YAMLParseError;
	exports.YAMLWarning = YAMLWarning;
	exports.prettifyError = prettifyError;
}));

// ../../node_modules/yaml/dist/compose/resolve-props.js
var require_resolve_props = /* @__PURE__ */ __commonJSMin(((exports) => {
	function resolveProps(tokens, { flow, indicator, next, offset, onError, parentIndent, startOnNewline }) {
		let spaceBefore = false;
		let atNewline = startOnNewline;
		let hasSpace = startOnNewline;
		let comment = "";
		let commentSep = "";
		let hasNewline = false;
		let reqSpace = false;
		let tab = null;
		let anchor = null;
		let tag = null;
		let newlineAfterProp = null;
		let comma = null;
		let found = null;
		let start = null;
		for (const token of tokens) {
			if (reqSpace) {
				if (token.type !== "space" && token.type !== "newline" && token.type !== "comma") onError(token.offset, "MISSING_CHAR", "Tags and anchors must be separated from the next token by white space");
				reqSpace = false;
			}
			if (tab) {
				if (atNewline && token.type !== "comment" && token.type !== "newline") onError(tab, "TAB_AS_INDENT", "Tabs are not allowed as indentation");
				tab = null;
			}
			switch (token.type) {
				case "space":
					if (!flow && (indicator !== "doc-start" || next?.type !== "flow-collection") && token.source.includes("	")) tab = token;
					hasSpace = true;
					break;
				case "comment": {
					if (!hasSpace) onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
					const cb = token.source.substring(1) || " ";
					if (!comment) comment = cb;
					else comment += commentSep + cb;
					commentSep = "";
					atNewline = false;
					break;
				}
				case "newline":
					if (atNewline) {
						if (comment) comment += token.source;
						else if (!found || indicator !== "seq-item-ind") spaceBefore = true;
					} else commentSep += token.source;
					atNewline = true;
					hasNewline = true;
					if (anchor || tag) newlineAfterProp = token;
					hasSpace = true;
					break;
				case "anchor":
					if (anchor) onError(token, "MULTIPLE_ANCHORS", "A node can have at most one anchor");
					if (token.source.endsWith(":")) onError(token.offset + token.source.length - 1, "BAD_ALIAS", "Anchor ending in : is ambiguous", true);
					anchor = token;
					start ?? (start = token.offset);
					atNewline = false;
					hasSpace = false;
					reqSpace = true;
					break;
				case "tag":
					if (tag) onError(token, "MULTIPLE_TAGS", "A node can have at most one tag");
					tag = token;
					start ?? (start = token.offset);
					atNewline = false;
					hasSpace = false;
					reqSpace = true;
					break;
				case indicator:
					if (anchor || tag) onError(token, "BAD_PROP_ORDER", `Anchors and tags must be after the ${token.source} indicator`);
					if (found) onError(token, "UNEXPECTED_TOKEN", `Unexpected ${token.source} in ${flow ?? "collection"}`);
					found = token;
					atNewline = indicator === "seq-item-ind" || indicator === "explicit-key-ind";
					hasSpace = false;
					break;
				case "comma": if (flow) {
					if (comma) onError(token, "UNEXPECTED_TOKEN", `Unexpected , in ${flow}`);
					comma = token;
					atNewline = false;
					hasSpace = false;
					break;
				}
				default:
					onError(token, "UNEXPECTED_TOKEN", `Unexpected ${token.type} token`);
					atNewline = false;
					hasSpace = false;
			}
		}
		const last = tokens[tokens.length - 1];
		const end = last ? last.offset + last.source.length : offset;
		if (reqSpace && next && next.type !== "space" && next.type !== "newline" && next.type !== "comma" && (next.type !== "scalar" || next.source !== "")) onError(next.offset, "MISSING_CHAR", "Tags and anchors must be separated from the next token by white space");
		if (tab && (atNewline && tab.indent <= parentIndent || next?.type === "block-map" || next?.type === "block-seq")) onError(tab, "TAB_AS_INDENT", "Tabs are not allowed as indentation");
		return {
			comma,
			found,
			spaceBefore,
			comment,
			hasNewline,
			anchor,
			tag,
			newlineAfterProp,
			end,
			start: start ?? end
		};
	}
	exports.resolveProps = resolveProps;
}));

// ../../node_modules/yaml/dist/compose/util-contains-newline.js
var require_util_contains_newline = /* @__PURE__ */ __commonJSMin(((exports) => {
	function containsNewline(key) {
		if (!key) return null;
		switch (key.type) {
			case "alias":
			case "scalar":
			case "double-quoted-scalar":
			case "single-quoted-scalar":
				if (key.source.includes("\n")) return true;
				if (key.end) {
					for (const st of key.end) if (st.type === "newline") return true;
				}
				return false;
			case "flow-collection":
				for (const it of key.items) {
					for (const st of it.start) if (st.type === "newline") return true;
					if (it.sep) {
						for (const st of it.sep) if (st.type === "newline") return true;
					}
					if (containsNewline(it.key) || containsNewline(it.value)) return true;
				}
				return false;
			default: return true;
		}
	}
	exports.containsNewline = containsNewline;
}));

// ../../node_modules/yaml/dist/compose/util-flow-indent-check.js
var require_util_flow_indent_check = /* @__PURE__ */ __commonJSMin(((exports) => {
	var utilContainsNewline = require_util_contains_newline();
	function flowIndentCheck(indent, fc, onError) {
		if (fc?.type === "flow-collection") {
			const end = fc.end[0];
			if (end.indent === indent && (end.source === "]" || end.source === "}") && utilContainsNewline.containsNewline(fc)) onError(end, "BAD_INDENT", "Flow end indicator should be more indented than parent", true);
		}
	}
	exports.flowIndentCheck = flowIndentCheck;
}));

// ../../node_modules/yaml/dist/compose/util-map-includes.js
var require_util_map_includes = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	function mapIncludes(ctx, items, search) {
		const { uniqueKeys } = ctx.options;
		if (uniqueKeys === false) return false;
		const isEqual = typeof uniqueKeys === "function" ? uniqueKeys : (a, b) => a === b || identity.isScalar(a) && identity.isScalar(b) && a.value === b.value;
		return items.some((pair) => isEqual(pair.key, search));
	}
	exports.mapIncludes = mapIncludes;
}));

// ../../node_modules/yaml/dist/compose/resolve-block-map.js
var require_resolve_block_map = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Pair = require_Pair();
	var YAMLMap = require_YAMLMap();
	var resolveProps = require_resolve_props();
	var utilContainsNewline = require_util_contains_newline();
	var utilFlowIndentCheck = require_util_flow_indent_check();
	var utilMapIncludes = require_util_map_includes();
	const startColMsg = "All mapping items must start at the same column";
	function resolveBlockMap({ composeNode, composeEmptyNode }, ctx, bm, onError, tag) {
		const map = new ((tag?.nodeClass) ?? YAMLMap.YAMLMap)(ctx.schema);
		if (ctx.atRoot) ctx.atRoot = false;
		let offset = bm.offset;
		let commentEnd = null;
		for (const collItem of bm.items) {
			const { start, key, sep, value } = collItem;
			const keyProps = resolveProps.resolveProps(start, {
				indicator: "explicit-key-ind",
				next: key ?? sep?.[0],
				offset,
				onError,
				parentIndent: bm.indent,
				startOnNewline: true
			});
			const implicitKey = !keyProps.found;
			if (implicitKey) {
				if (key) {
					if (key.type === "block-seq") onError(offset, "BLOCK_AS_IMPLICIT_KEY", "A block sequence may not be used as an implicit map key");
					else if ("indent" in key && key.indent !== bm.indent) onError(offset, "BAD_INDENT", startColMsg);
				}
				if (!keyProps.anchor && !keyProps.tag && !sep) {
					commentEnd = keyProps.end;
					if (keyProps.comment) {
						if (map.comment) map.comment += "\n" + keyProps.comment;
						else map.comment = keyProps.comment;
					}
					continue;
				}
				if (keyProps.newlineAfterProp || utilContainsNewline.containsNewline(key)) onError(key ?? start[start.length - 1], "MULTILINE_IMPLICIT_KEY", "Implicit keys need to be on a single line");
			} else if (keyProps.found?.indent !== bm.indent) onError(offset, "BAD_INDENT", startColMsg);
			ctx.atKey = true;
			const keyStart = keyProps.end;
			const keyNode = key ? composeNode(ctx, key, keyProps, onError) : composeEmptyNode(ctx, keyStart, start, null, keyProps, onError);
			if (ctx.schema.compat) utilFlowIndentCheck.flowIndentCheck(bm.indent, key, onError);
			ctx.atKey = false;
			if (utilMapIncludes.mapIncludes(ctx, map.items, keyNode)) onError(keyStart, "DUPLICATE_KEY", "Map keys must be unique");
			const valueProps = resolveProps.resolveProps(sep ?? [], {
				indicator: "map-value-ind",
				next: value,
				offset: keyNode.range[2],
				onError,
				parentIndent: bm.indent,
				startOnNewline: !key || key.type === "block-scalar"
			});
			offset = valueProps.end;
			if (valueProps.found) {
				if (implicitKey) {
					if (value?.type === "block-map" && !valueProps.hasNewline) onError(offset, "BLOCK_AS_IMPLICIT_KEY", "Nested mappings are not allowed in compact mappings");
					if (ctx.options.strict && keyProps.start < valueProps.found.offset - 1024) onError(keyNode.range, "KEY_OVER_1024_CHARS", "The : indicator must be at most 1024 chars after the start of an implicit block mapping key");
				}
				const valueNode = value ? composeNode(ctx, value, valueProps, onError) : composeEmptyNode(ctx, offset, sep, null, valueProps, onError);
				if (ctx.schema.compat) utilFlowIndentCheck.flowIndentCheck(bm.indent, value, onError);
				offset = valueNode.range[2];
				const pair = new Pair.Pair(keyNode, valueNode);
				if (ctx.options.keepSourceTokens) pair.srcToken = collItem;
				map.items.push(pair);
			} else {
				if (implicitKey) onError(keyNode.range, "MISSING_CHAR", "Implicit map keys need to be followed by map values");
				if (valueProps.comment) {
					if (keyNode.comment) keyNode.comment += "\n" + valueProps.comment;
					else keyNode.comment = valueProps.comment;
				}
				const pair = new Pair.Pair(keyNode);
				if (ctx.options.keepSourceTokens) pair.srcToken = collItem;
				map.items.push(pair);
			}
		}
		if (commentEnd && commentEnd < offset) onError(commentEnd, "IMPOSSIBLE", "Map comment with trailing content");
		map.range = [
			bm.offset,
			offset,
			commentEnd ?? offset
		];
		return map;
	}
	exports.resolveBlockMap = resolveBlockMap;
}));

// ../../node_modules/yaml/dist/compose/resolve-block-seq.js
var require_resolve_block_seq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var YAMLSeq = require_YAMLSeq();
	var resolveProps = require_resolve_props();
	var utilFlowIndentCheck = require_util_flow_indent_check();
	function resolveBlockSeq({ composeNode, composeEmptyNode }, ctx, bs, onError, tag) {
		const seq = new ((tag?.nodeClass) ?? YAMLSeq.YAMLSeq)(ctx.schema);
		if (ctx.atRoot) ctx.atRoot = false;
		if (ctx.atKey) ctx.atKey = false;
		let offset = bs.offset;
		let commentEnd = null;
		for (const { start, value } of bs.items) {
			const props = resolveProps.resolveProps(start, {
				indicator: "seq-item-ind",
				next: value,
				offset,
				onError,
				parentIndent: bs.indent,
				startOnNewline: true
			});
			if (!props.found) {
				if (props.anchor || props.tag || value) {
					if (value?.type === "block-seq") onError(props.end, "BAD_INDENT", "All sequence items must start at the same column");
					else onError(offset, "MISSING_CHAR", "Sequence item without - indicator");
				} else {
					commentEnd = props.end;
					if (props.comment) seq.comment = props.comment;
					continue;
				}
			}
			const node = value ? composeNode(ctx, value, props, onError) : composeEmptyNode(ctx, props.end, start, null, props, onError);
			if (ctx.schema.compat) utilFlowIndentCheck.flowIndentCheck(bs.indent, value, onError);
			offset = node.range[2];
			seq.items.push(node);
		}
		seq.range = [
			bs.offset,
			offset,
			commentEnd ?? offset
		];
		return seq;
	}
	exports.resolveBlockSeq = resolveBlockSeq;
}));

// ../../node_modules/yaml/dist/compose/resolve-end.js
var require_resolve_end = /* @__PURE__ */ __commonJSMin(((exports) => {
	function resolveEnd(end, offset, reqSpace, onError) {
		let comment = "";
		if (end) {
			let hasSpace = false;
			let sep = "";
			for (const token of end) {
				const { source, type } = token;
				switch (type) {
					case "space":
						hasSpace = true;
						break;
					case "comment": {
						if (reqSpace && !hasSpace) onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
						const cb = source.substring(1) || " ";
						if (!comment) comment = cb;
						else comment += sep + cb;
						sep = "";
						break;
					}
					case "newline":
						if (comment) sep += source;
						hasSpace = true;
						break;
					default: onError(token, "UNEXPECTED_TOKEN", `Unexpected ${type} at node end`);
				}
				offset += source.length;
			}
		}
		return {
			comment,
			offset
		};
	}
	exports.resolveEnd = resolveEnd;
}));

// ../../node_modules/yaml/dist/compose/resolve-flow-collection.js
var require_resolve_flow_collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Pair = require_Pair();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	var resolveEnd = require_resolve_end();
	var resolveProps = require_resolve_props();
	var utilContainsNewline = require_util_contains_newline();
	var utilMapIncludes = require_util_map_includes();
	const blockMsg = "Block collections are not allowed within flow collections";
	const isBlock = (token) => token && (token.type === "block-map" || token.type === "block-seq");
	function resolveFlowCollection({ composeNode, composeEmptyNode }, ctx, fc, onError, tag) {
		const isMap = fc.start.source === "{";
		const fcName = isMap ? "flow map" : "flow sequence";
		const coll = new ((tag?.nodeClass) ?? (isMap ? YAMLMap.YAMLMap : YAMLSeq.YAMLSeq))(ctx.schema);
		coll.flow = true;
		const atRoot = ctx.atRoot;
		if (atRoot) ctx.atRoot = false;
		if (ctx.atKey) ctx.atKey = false;
		let offset = fc.offset + fc.start.source.length;
		for (let i = 0; i < fc.items.length; ++i) {
			const collItem = fc.items[i];
			const { start, key, sep, value } = collItem;
			const props = resolveProps.resolveProps(start, {
				flow: fcName,
				indicator: "explicit-key-ind",
				next: key ?? sep?.[0],
				offset,
				onError,
				parentIndent: fc.indent,
				startOnNewline: false
			});
			if (!props.found) {
				if (!props.anchor && !props.tag && !sep && !value) {
					if (i === 0 && props.comma) onError(props.comma, "UNEXPECTED_TOKEN", `Unexpected , in ${fcName}`);
					else if (i < fc.items.length - 1) onError(props.start, "UNEXPECTED_TOKEN", `Unexpected empty item in ${fcName}`);
					if (props.comment) {
						if (coll.comment) coll.comment += "\n" + props.comment;
						else coll.comment = props.comment;
					}
					offset = props.end;
					continue;
				}
				if (!isMap && ctx.options.strict && utilContainsNewline.containsNewline(key)) onError(key, "MULTILINE_IMPLICIT_KEY", "Implicit keys of flow sequence pairs need to be on a single line");
			}
			if (i === 0) {
				if (props.comma) onError(props.comma, "UNEXPECTED_TOKEN", `Unexpected , in ${fcName}`);
			} else {
				if (!props.comma) onError(props.start, "MISSING_CHAR", `Missing , between ${fcName} items`);
				if (props.comment) {
					let prevItemComment = "";
					loop: for (const st of start) switch (st.type) {
						case "comma":
						case "space": break;
						case "comment":
							prevItemComment = st.source.substring(1);
							break loop;
						default: break loop;
					}
					if (prevItemComment) {
						let prev = coll.items[coll.items.length - 1];
						if (identity.isPair(prev)) prev = prev.value ?? prev.key;
						if (prev.comment) prev.comment += "\n" + prevItemComment;
						else prev.comment = prevItemComment;
						props.comment = props.comment.substring(prevItemComment.length + 1);
					}
				}
			}
			if (!isMap && !sep && !props.found) {
				const valueNode = value ? composeNode(ctx, value, props, onError) : composeEmptyNode(ctx, props.end, sep, null, props, onError);
				coll.items.push(valueNode);
				offset = valueNode.range[2];
				if (isBlock(value)) onError(valueNode.range, "BLOCK_IN_FLOW", blockMsg);
			} else {
				ctx.atKey = true;
				const keyStart = props.end;
				const keyNode = key ? composeNode(ctx, key, props, onError) : composeEmptyNode(ctx, keyStart, start, null, props, onError);
				if (isBlock(key)) onError(keyNode.range, "BLOCK_IN_FLOW", blockMsg);
				ctx.atKey = false;
				const valueProps = resolveProps.resolveProps(sep ?? [], {
					flow: fcName,
					indicator: "map-value-ind",
					next: value,
					offset: keyNode.range[2],
					onError,
					parentIndent: fc.indent,
					startOnNewline: false
				});
				if (valueProps.found) {
					if (!isMap && !props.found && ctx.options.strict) {
						if (sep) for (const st of sep) {
							if (st === valueProps.found) break;
							if (st.type === "newline") {
								onError(st, "MULTILINE_IMPLICIT_KEY", "Implicit keys of flow sequence pairs need to be on a single line");
								break;
							}
						}
						if (props.start < valueProps.found.offset - 1024) onError(valueProps.found, "KEY_OVER_1024_CHARS", "The : indicator must be at most 1024 chars after the start of an implicit flow sequence key");
					}
				} else if (value) {
					if ("source" in value && value.source?.[0] === ":") onError(value, "MISSING_CHAR", `Missing space after : in ${fcName}`);
					else onError(valueProps.start, "MISSING_CHAR", `Missing , or : between ${fcName} items`);
				}
				const valueNode = value ? composeNode(ctx, value, valueProps, onError) : valueProps.found ? composeEmptyNode(ctx, valueProps.end, sep, null, valueProps, onError) : null;
				if (valueNode) {
					if (isBlock(value)) onError(valueNode.range, "BLOCK_IN_FLOW", blockMsg);
				} else if (valueProps.comment) {
					if (keyNode.comment) keyNode.comment += "\n" + valueProps.comment;
					else keyNode.comment = valueProps.comment;
				}
				const pair = new Pair.Pair(keyNode, valueNode);
				if (ctx.options.keepSourceTokens) pair.srcToken = collItem;
				if (isMap) {
					const map = coll;
					if (utilMapIncludes.mapIncludes(ctx, map.items, keyNode)) onError(keyStart, "DUPLICATE_KEY", "Map keys must be unique");
					map.items.push(pair);
				} else {
					const map = new YAMLMap.YAMLMap(ctx.schema);
					map.flow = true;
					map.items.push(pair);
					const endRange = (valueNode ?? keyNode).range;
					map.range = [
						keyNode.range[0],
						endRange[1],
						endRange[2]
					];
					coll.items.push(map);
				}
				offset = valueNode ? valueNode.range[2] : valueProps.end;
			}
		}
		const expectedEnd = isMap ? "}" : "]";
		const [ce, ...ee] = fc.end;
		let cePos = offset;
		if (ce?.source === expectedEnd) cePos = ce.offset + ce.source.length;
		else {
			const name = fcName[0].toUpperCase() + fcName.substring(1);
			const msg = atRoot ? `${name} must end with a ${expectedEnd}` : `${name} in block collection must be sufficiently indented and end with a ${expectedEnd}`;
			onError(offset, atRoot ? "MISSING_CHAR" : "BAD_INDENT", msg);
			if (ce && ce.source.length !== 1) ee.unshift(ce);
		}
		if (ee.length > 0) {
			const end = resolveEnd.resolveEnd(ee, cePos, ctx.options.strict, onError);
			if (end.comment) {
				if (coll.comment) coll.comment += "\n" + end.comment;
				else coll.comment = end.comment;
			}
			coll.range = [
				fc.offset,
				cePos,
				end.offset
			];
		} else coll.range = [
			fc.offset,
			cePos,
			cePos
		];
		return coll;
	}
	exports.resolveFlowCollection = resolveFlowCollection;
}));

// ../../node_modules/yaml/dist/compose/compose-collection.js
var require_compose_collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	var resolveBlockMap = require_resolve_block_map();
	var resolveBlockSeq = require_resolve_block_seq();
	var resolveFlowCollection = require_resolve_flow_collection();
	function resolveCollection(CN, ctx, token, onError, tagName, tag) {
		const coll = token.type === "block-map" ? resolveBlockMap.resolveBlockMap(CN, ctx, token, onError, tag) : token.type === "block-seq" ? resolveBlockSeq.resolveBlockSeq(CN, ctx, token, onError, tag) : resolveFlowCollection.resolveFlowCollection(CN, ctx, token, onError, tag);
		const Coll = coll.constructor;
		if (tagName === "!" || tagName === Coll.tagName) {
			coll.tag = Coll.tagName;
			return coll;
		}
		if (tagName) coll.tag = tagName;
		return coll;
	}
	function composeCollection(CN, ctx, token, props, onError) {
		const tagToken = props.tag;
		const tagName = !tagToken ? null : ctx.directives.tagName(tagToken.source, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg));
		if (token.type === "block-seq") {
			const { anchor, newlineAfterProp: nl } = props;
			const lastProp = anchor && tagToken ? anchor.offset > tagToken.offset ? anchor : tagToken : anchor ?? tagToken;
			if (lastProp && (!nl || nl.offset < lastProp.offset)) onError(lastProp, "MISSING_CHAR", "Missing newline after block sequence props");
		}
		const expType = token.type === "block-map" ? "map" : token.type === "block-seq" ? "seq" : token.start.source === "{" ? "map" : "seq";
		if (!tagToken || !tagName || tagName === "!" || tagName === YAMLMap.YAMLMap.tagName && expType === "map" || tagName === YAMLSeq.YAMLSeq.tagName && expType === "seq") return resolveCollection(CN, ctx, token, onError, tagName);
		let tag = ctx.schema.tags.find((t) => t.tag === tagName && t.collection === expType);
		if (!tag) {
			const kt = ctx.schema.knownTags[tagName];
			if (kt?.collection === expType) {
				ctx.schema.tags.push(Object.assign({}, kt, { default: false }));
				tag = kt;
			} else {
				if (kt) onError(tagToken, "BAD_COLLECTION_TYPE", `${kt.tag} used for ${expType} collection, but expects ${kt.collection ?? "scalar"}`, true);
				else onError(tagToken, "TAG_RESOLVE_FAILED", `Unresolved tag: ${tagName}`, true);
				return resolveCollection(CN, ctx, token, onError, tagName);
			}
		}
		const coll = resolveCollection(CN, ctx, token, onError, tagName, tag);
		const res = tag.resolve?.(coll, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg), ctx.options) ?? coll;
		const node = identity.isNode(res) ? res : new Scalar.Scalar(res);
		node.range = coll.range;
		node.tag = tagName;
		if (tag?.format) node.format = tag.format;
		return node;
	}
	exports.composeCollection = composeCollection;
}));

// ../../node_modules/yaml/dist/compose/resolve-block-scalar.js
var require_resolve_block_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	function resolveBlockScalar(ctx, scalar, onError) {
		const start = scalar.offset;
		const header = parseBlockScalarHeader(scalar, ctx.options.strict, onError);
		if (!header) return {
			value: "",
			type: null,
			comment: "",
			range: [
				start,
				start,
				start
			]
		};
		const type = header.mode === ">" ? Scalar.Scalar.BLOCK_FOLDED : Scalar.Scalar.BLOCK_LITERAL;
		const lines = scalar.source ? splitLines(scalar.source) : [];
		let chompStart = lines.length;
		for (let i = lines.length - 1; i >= 0; --i) {
			const content = lines[i][1];
			if (content === "" || content === "\r") chompStart = i;
			else break;
		}
		if (chompStart === 0) {
			const value = header.chomp === "+" && lines.length > 0 ? "\n".repeat(Math.max(1, lines.length - 1)) : "";
			let end = start + header.length;
			if (scalar.source) end += scalar.source.length;
			return {
				value,
				type,
				comment: header.comment,
				range: [
					start,
					end,
					end
				]
			};
		}
		let trimIndent = scalar.indent + header.indent;
		let offset = scalar.offset + header.length;
		let contentStart = 0;
		for (let i = 0; i < chompStart; ++i) {
			const [indent, content] = lines[i];
			if (content === "" || content === "\r") {
				if (header.indent === 0 && indent.length > trimIndent) trimIndent = indent.length;
			} else {
				if (indent.length < trimIndent) onError(offset + indent.length, "MISSING_CHAR", "Block scalars with more-indented leading empty lines must use an explicit indentation indicator");
				if (header.indent === 0) trimIndent = indent.length;
				contentStart = i;
				if (trimIndent === 0 && !ctx.atRoot) onError(offset, "BAD_INDENT", "Block scalar values in collections must be indented");
				break;
			}
			offset += indent.length + content.length + 1;
		}
		for (let i = lines.length - 1; i >= chompStart; --i) if (lines[i][0].length > trimIndent) chompStart = i + 1;
		let value = "";
		let sep = "";
		let prevMoreIndented = false;
		for (let i = 0; i < contentStart; ++i) value += lines[i][0].slice(trimIndent) + "\n";
		for (let i = contentStart; i < chompStart; ++i) {
			let [indent, content] = lines[i];
			offset += indent.length + content.length + 1;
			const crlf = content[content.length - 1] === "\r";
			if (crlf) content = content.slice(0, -1);
			/* istanbul ignore if already caught in lexer */
			if (content && indent.length < trimIndent) {
				const message = `Block scalar lines must not be less indented than their ${header.indent ? "explicit indentation indicator" : "first line"}`;
				onError(offset - content.length - (crlf ? 2 : 1), "BAD_INDENT", message);
				indent = "";
			}
			if (type === Scalar.Scalar.BLOCK_LITERAL) {
				value += sep + indent.slice(trimIndent) + content;
				sep = "\n";
			} else if (indent.length > trimIndent || content[0] === "	") {
				if (sep === " ") sep = "\n";
				else if (!prevMoreIndented && sep === "\n") sep = "\n\n";
				value += sep + indent.slice(trimIndent) + content;
				sep = "\n";
				prevMoreIndented = true;
			} else if (content === "") {
				if (sep === "\n") value += "\n";
				else sep = "\n";
			} else {
				value += sep + content;
				sep = " ";
				prevMoreIndented = false;
			}
		}
		switch (header.chomp) {
			case "-": break;
			case "+":
				for (let i = chompStart; i < lines.length; ++i) value += "\n" + lines[i][0].slice(trimIndent);
				if (value[value.length - 1] !== "\n") value += "\n";
				break;
			default: value += "\n";
		}
		const end = start + header.length + scalar.source.length;
		return {
			value,
			type,
			comment: header.comment,
			range: [
				start,
				end,
				end
			]
		};
	}
	function parseBlockScalarHeader({ offset, props }, strict, onError) {
		/* istanbul ignore if should not happen */
		if (props[0].type !== "block-scalar-header") {
			onError(props[0], "IMPOSSIBLE", "Block scalar header not found");
			return null;
		}
		const { source } = props[0];
		const mode = source[0];
		let indent = 0;
		let chomp = "";
		let error = -1;
		for (let i = 1; i < source.length; ++i) {
			const ch = source[i];
			if (!chomp && (ch === "-" || ch === "+")) chomp = ch;
			else {
				const n = Number(ch);
				if (!indent && n) indent = n;
				else if (error === -1) error = offset + i;
			}
		}
		if (error !== -1) onError(error, "UNEXPECTED_TOKEN", `Block scalar header includes extra characters: ${source}`);
		let hasSpace = false;
		let comment = "";
		let length = source.length;
		for (let i = 1; i < props.length; ++i) {
			const token = props[i];
			switch (token.type) {
				case "space": hasSpace = true;
				case "newline":
					length += token.source.length;
					break;
				case "comment":
					if (strict && !hasSpace) onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
					length += token.source.length;
					comment = token.source.substring(1);
					break;
				case "error":
					onError(token, "UNEXPECTED_TOKEN", token.message);
					length += token.source.length;
					break;
				/* istanbul ignore next should not happen */
				default: {
					onError(token, "UNEXPECTED_TOKEN", `Unexpected token in block scalar header: ${token.type}`);
					const ts = token.source;
					if (ts && typeof ts === "string") length += ts.length;
				}
			}
		}
		return {
			mode,
			indent,
			chomp,
			comment,
			length
		};
	}
	/** @returns Array of lines split up as `[indent, content]` */
	function splitLines(source) {
		const split = source.split(/\n( *)/);
		const first = split[0];
		const m = first.match(/^( *)/);
		const lines = [m?.[1] ? [m[1], first.slice(m[1].length)] : ["", first]];
		for (let i = 1; i < split.length; i += 2) lines.push([split[i], split[i + 1]]);
		return lines;
	}
	exports.resolveBlockScalar = resolveBlockScalar;
}));

// ../../node_modules/yaml/dist/compose/resolve-flow-scalar.js
var require_resolve_flow_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var resolveEnd = require_resolve_end();
	function resolveFlowScalar(scalar, strict, onError) {
		const { offset, type, source, end } = scalar;
		let _type;
		let value;
		const _onError = (rel, code, msg) => onError(offset + rel, code, msg);
		switch (type) {
			case "scalar":
				_type = Scalar.Scalar.PLAIN;
				value = plainValue(source, _onError);
				break;
			case "single-quoted-scalar":
				_type = Scalar.Scalar.QUOTE_SINGLE;
				value = singleQuotedValue(source, _onError);
				break;
			case "double-quoted-scalar":
				_type = Scalar.Scalar.QUOTE_DOUBLE;
				value = doubleQuotedValue(source, _onError);
				break;
			/* istanbul ignore next should not happen */
			default:
				onError(scalar, "UNEXPECTED_TOKEN", `Expected a flow scalar value, but found: ${type}`);
				return {
					value: "",
					type: null,
					comment: "",
					range: [
						offset,
						offset + source.length,
						offset + source.length
					]
				};
		}
		const valueEnd = offset + source.length;
		const re = resolveEnd.resolveEnd(end, valueEnd, strict, onError);
		return {
			value,
			type: _type,
			comment: re.comment,
			range: [
				offset,
				valueEnd,
				re.offset
			]
		};
	}
	function plainValue(source, onError) {
		let badChar = "";
		switch (source[0]) {
			/* istanbul ignore next should not happen */
			case "	":
				badChar = "a tab character";
				break;
			case ",":
				badChar = "flow indicator character ,";
				break;
			case "%":
				badChar = "directive indicator character %";
				break;
			case "|":
			case ">":
				badChar = `block scalar indicator ${source[0]}`;
				break;
			case "@":
			case "`": badChar = `reserved character ${source[0]}`;
		}
		if (badChar) onError(0, "BAD_SCALAR_START", `Plain value cannot start with ${badChar}`);
		return unfoldLines(source);
	}
	function singleQuotedValue(source, onError) {
		if (source[source.length - 1] !== "'" || source.length === 1) onError(source.length, "MISSING_CHAR", "Missing closing 'quote");
		return unfoldLines(source.slice(1, -1)).replace(/''/g, "'");
	}
	function unfoldLines(source) {
		const line = /(.*?)\r?\n/sy;
		let match = line.exec(source);
		if (!match) return source;
		/**
		* The negative lookbehinds in these RegExps are to
		* prevent causing a polynomial search time in certain cases.
		*
		* The try-catch is for Safari < 16.4 and other old browsers:
		* https://caniuse.com/js-regexp-lookbehind
		*/
		let trimEnd, trimBoth;
		try {
			trimEnd = new RegExp("(?<![ 	])[ 	]+$");
			trimBoth = new RegExp("^[ 	]+|(?<![ 	])[ 	]+$", "g");
		} catch {
			trimEnd = /[ \t]+$/;
			trimBoth = /^[ \t]+|[ \t]+$/g;
		}
		let res = match[1].replace(trimEnd, "");
		let sep = " ";
		let pos = line.lastIndex;
		while (match = line.exec(source)) {
			const lm = match[1].replace(trimBoth, "");
			if (lm === "") {
				if (sep === "\n") res += sep;
				else sep = "\n";
			} else {
				res += sep + lm;
				sep = " ";
			}
			pos = line.lastIndex;
		}
		const last = /[ \t]*(.*)/sy;
		last.lastIndex = pos;
		match = last.exec(source);
		return res + sep + (match?.[1] ?? "");
	}
	function doubleQuotedValue(source, onError) {
		let res = "";
		for (let i = 1; i < source.length - 1; ++i) {
			const ch = source[i];
			if (ch === "\r" && source[i + 1] === "\n") continue;
			if (ch === "\n") {
				const { fold, offset } = foldNewline(source, i);
				res += fold;
				i = offset;
			} else if (ch === "\\") {
				let next = source[++i];
				const cc = escapeCodes[next];
				if (cc) res += cc;
				else if (next === "\n") {
					next = source[i + 1];
					while (next === " " || next === "	") next = source[++i + 1];
				} else if (next === "\r" && source[i + 1] === "\n") {
					next = source[++i + 1];
					while (next === " " || next === "	") next = source[++i + 1];
				} else if (next === "x" || next === "u" || next === "U") {
					const length = next === "x" ? 2 : next === "u" ? 4 : 8;
					res += parseCharCode(source, i + 1, length, onError);
					i += length;
				} else {
					const raw = source.substr(i - 1, 2);
					onError(i - 1, "BAD_DQ_ESCAPE", `Invalid escape sequence ${raw}`);
					res += raw;
				}
			} else if (ch === " " || ch === "	") {
				const wsStart = i;
				let next = source[i + 1];
				while (next === " " || next === "	") next = source[++i + 1];
				if (next !== "\n" && !(next === "\r" && source[i + 2] === "\n")) res += i > wsStart ? source.slice(wsStart, i + 1) : ch;
			} else res += ch;
		}
		if (source[source.length - 1] !== "\"" || source.length === 1) onError(source.length, "MISSING_CHAR", "Missing closing \"quote");
		return res;
	}
	/**
	* Fold a single newline into a space, multiple newlines to N - 1 newlines.
	* Presumes `source[offset] === '\n'`
	*/
	function foldNewline(source, offset) {
		let fold = "";
		let ch = source[offset + 1];
		while (ch === " " || ch === "	" || ch === "\n" || ch === "\r") {
			if (ch === "\r" && source[offset + 2] !== "\n") break;
			if (ch === "\n") fold += "\n";
			offset += 1;
			ch = source[offset + 1];
		}
		if (!fold) fold = " ";
		return {
			fold,
			offset
		};
	}
	const escapeCodes = {
		"0": "\0",
		a: "\x07",
		b: "\b",
		e: "\x1B",
		f: "\f",
		n: "\n",
		r: "\r",
		t: "	",
		v: "\v",
		N: "",
		_: "\xA0",
		L: "\u2028",
		P: "\u2029",
		" ": " ",
		"\"": "\"",
		"/": "/",
		"\\": "\\",
		"	": "	"
	};
	function parseCharCode(source, offset, length, onError) {
		const cc = source.substr(offset, length);
		const code = cc.length === length && /^[0-9a-fA-F]+$/.test(cc) ? parseInt(cc, 16) : NaN;
		try {
			return String.fromCodePoint(code);
		} catch {
			const raw = source.substr(offset - 2, length + 2);
			onError(offset - 2, "BAD_DQ_ESCAPE", `Invalid escape sequence ${raw}`);
			return raw;
		}
	}
	exports.resolveFlowScalar = resolveFlowScalar;
}));

// ../../node_modules/yaml/dist/compose/compose-scalar.js
var require_compose_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	var resolveBlockScalar = require_resolve_block_scalar();
	var resolveFlowScalar = require_resolve_flow_scalar();
	function composeScalar(ctx, token, tagToken, onError) {
		const { value, type, comment, range } = token.type === "block-scalar" ? resolveBlockScalar.resolveBlockScalar(ctx, token, onError) : resolveFlowScalar.resolveFlowScalar(token, ctx.options.strict, onError);
		const tagName = tagToken ? ctx.directives.tagName(tagToken.source, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg)) : null;
		let tag;
		if (ctx.options.stringKeys && ctx.atKey) tag = ctx.schema[identity.SCALAR];
		else if (tagName) tag = findScalarTagByName(ctx.schema, value, tagName, tagToken, onError);
		else if (token.type === "scalar") tag = findScalarTagByTest(ctx, value, token, onError);
		else tag = ctx.schema[identity.SCALAR];
		let scalar;
		try {
			const res = tag.resolve(value, (msg) => onError(tagToken ?? token, "TAG_RESOLVE_FAILED", msg), ctx.options);
			scalar = identity.isScalar(res) ? res : new Scalar.Scalar(res);
		} catch (error) {
			const msg = error instanceof Error ? error.message : String(error);
			onError(tagToken ?? token, "TAG_RESOLVE_FAILED", msg);
			scalar = new Scalar.Scalar(value);
		}
		scalar.range = range;
		scalar.source = value;
		if (type) scalar.type = type;
		if (tagName) scalar.tag = tagName;
		if (tag.format) scalar.format = tag.format;
		if (comment) scalar.comment = comment;
		return scalar;
	}
	function findScalarTagByName(schema, value, tagName, tagToken, onError) {
		if (tagName === "!") return schema[identity.SCALAR];
		const matchWithTest = [];
		for (const tag of schema.tags) if (!tag.collection && tag.tag === tagName) {
			if (tag.default && tag.test) matchWithTest.push(tag);
			else return tag;
		}
		for (const tag of matchWithTest) if (tag.test?.test(value)) return tag;
		const kt = schema.knownTags[tagName];
		if (kt && !kt.collection) {
			schema.tags.push(Object.assign({}, kt, {
				default: false,
				test: void 0
			}));
			return kt;
		}
		onError(tagToken, "TAG_RESOLVE_FAILED", `Unresolved tag: ${tagName}`, tagName !== "tag:yaml.org,2002:str");
		return schema[identity.SCALAR];
	}
	function findScalarTagByTest({ atKey, directives, schema }, value, token, onError) {
		const tag = schema.tags.find((tag) => (tag.default === true || atKey && tag.default === "key") && tag.test?.test(value)) || schema[identity.SCALAR];
		if (schema.compat) {
			const compat = schema.compat.find((tag) => tag.default && tag.test?.test(value)) ?? schema[identity.SCALAR];
			if (tag.tag !== compat.tag) onError(token, "TAG_RESOLVE_FAILED", `Value may be parsed as either ${directives.tagString(tag.tag)} or ${directives.tagString(compat.tag)}`, true);
		}
		return tag;
	}
	exports.composeScalar = composeScalar;
}));

// ../../node_modules/yaml/dist/compose/util-empty-scalar-position.js
var require_util_empty_scalar_position = /* @__PURE__ */ __commonJSMin(((exports) => {
	function emptyScalarPosition(offset, before, pos) {
		if (before) {
			pos ?? (pos = before.length);
			for (let i = pos - 1; i >= 0; --i) {
				let st = before[i];
				switch (st.type) {
					case "space":
					case "comment":
					case "newline":
						offset -= st.source.length;
						continue;
				}
				st = before[++i];
				while (st?.type === "space") {
					offset += st.source.length;
					st = before[++i];
				}
				break;
			}
		}
		return offset;
	}
	exports.emptyScalarPosition = emptyScalarPosition;
}));

// ../../node_modules/yaml/dist/compose/compose-node.js
var require_compose_node = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias();
	var identity = require_identity();
	var composeCollection = require_compose_collection();
	var composeScalar = require_compose_scalar();
	var resolveEnd = require_resolve_end();
	var utilEmptyScalarPosition = require_util_empty_scalar_position();
	const CN = {
		composeNode,
		composeEmptyNode
	};
	function composeNode(ctx, token, props, onError) {
		const atKey = ctx.atKey;
		const { spaceBefore, comment, anchor, tag } = props;
		let node;
		let isSrcToken = true;
		switch (token.type) {
			case "alias":
				node = composeAlias(ctx, token, onError);
				if (anchor || tag) onError(token, "ALIAS_PROPS", "An alias node must not specify any properties");
				break;
			case "scalar":
			case "single-quoted-scalar":
			case "double-quoted-scalar":
			case "block-scalar":
				node = composeScalar.composeScalar(ctx, token, tag, onError);
				if (anchor) node.anchor = anchor.source.substring(1);
				break;
			case "block-map":
			case "block-seq":
			case "flow-collection":
				try {
					node = composeCollection.composeCollection(CN, ctx, token, props, onError);
					if (anchor) node.anchor = anchor.source.substring(1);
				} catch (error) {
					onError(token, "RESOURCE_EXHAUSTION", error instanceof Error ? error.message : String(error));
				}
				break;
			default:
				onError(token, "UNEXPECTED_TOKEN", token.type === "error" ? token.message : `Unsupported token (type: ${token.type})`);
				isSrcToken = false;
		}
		node ?? (node = composeEmptyNode(ctx, token.offset, void 0, null, props, onError));
		if (anchor && node.anchor === "") onError(anchor, "BAD_ALIAS", "Anchor cannot be an empty string");
		if (atKey && ctx.options.stringKeys && (!identity.isScalar(node) || typeof node.value !== "string" || node.tag && node.tag !== "tag:yaml.org,2002:str")) onError(tag ?? token, "NON_STRING_KEY", "With stringKeys, all keys must be strings");
		if (spaceBefore) node.spaceBefore = true;
		if (comment) {
			if (token.type === "scalar" && token.source === "") node.comment = comment;
			else node.commentBefore = comment;
		}
		if (ctx.options.keepSourceTokens && isSrcToken) node.srcToken = token;
		return node;
	}
	function composeEmptyNode(ctx, offset, before, pos, { spaceBefore, comment, anchor, tag, end }, onError) {
		const token = {
			type: "scalar",
			offset: utilEmptyScalarPosition.emptyScalarPosition(offset, before, pos),
			indent: -1,
			source: ""
		};
		const node = composeScalar.composeScalar(ctx, token, tag, onError);
		if (anchor) {
			node.anchor = anchor.source.substring(1);
			if (node.anchor === "") onError(anchor, "BAD_ALIAS", "Anchor cannot be an empty string");
		}
		if (spaceBefore) node.spaceBefore = true;
		if (comment) {
			node.comment = comment;
			node.range[2] = end;
		}
		return node;
	}
	function composeAlias({ options }, { offset, source, end }, onError) {
		const alias = new Alias.Alias(source.substring(1));
		if (alias.source === "") onError(offset, "BAD_ALIAS", "Alias cannot be an empty string");
		if (alias.source.endsWith(":")) onError(offset + source.length - 1, "BAD_ALIAS", "Alias ending in : is ambiguous", true);
		const valueEnd = offset + source.length;
		const re = resolveEnd.resolveEnd(end, valueEnd, options.strict, onError);
		alias.range = [
			offset,
			valueEnd,
			re.offset
		];
		if (re.comment) alias.comment = re.comment;
		return alias;
	}
	exports.composeEmptyNode = composeEmptyNode;
	exports.composeNode = composeNode;
}));

// ../../node_modules/yaml/dist/compose/compose-doc.js
var require_compose_doc = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Document = require_Document();
	var composeNode = require_compose_node();
	var resolveEnd = require_resolve_end();
	var resolveProps = require_resolve_props();
	function composeDoc(options, directives, { offset, start, value, end }, onError) {
		const opts = Object.assign({ _directives: directives }, options);
		const doc = new Document.Document(void 0, opts);
		const ctx = {
			atKey: false,
			atRoot: true,
			directives: doc.directives,
			options: doc.options,
			schema: doc.schema
		};
		const props = resolveProps.resolveProps(start, {
			indicator: "doc-start",
			next: value ?? end?.[0],
			offset,
			onError,
			parentIndent: 0,
			startOnNewline: true
		});
		if (props.found) {
			doc.directives.docStart = true;
			if (value && (value.type === "block-map" || value.type === "block-seq") && !props.hasNewline) onError(props.end, "MISSING_CHAR", "Block collection cannot start on same line with directives-end marker");
		}
		doc.contents = value ? composeNode.composeNode(ctx, value, props, onError) : composeNode.composeEmptyNode(ctx, props.end, start, null, props, onError);
		const contentEnd = doc.contents.range[2];
		const re = resolveEnd.resolveEnd(end, contentEnd, false, onError);
		if (re.comment) doc.comment = re.comment;
		doc.range = [
			offset,
			contentEnd,
			re.offset
		];
		return doc;
	}
	exports.composeDoc = composeDoc;
}));

// ../../node_modules/yaml/dist/compose/composer.js
var require_composer = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process");
	var directives = require_directives();
	var Document = require_Document();
	var errors = require_errors();
	var identity = require_identity();
	var composeDoc = require_compose_doc();
	var resolveEnd = require_resolve_end();
	function getErrorPos(src) {
		if (typeof src === "number") return [src, src + 1];
		if (Array.isArray(src)) return src.length === 2 ? src : [src[0], src[1]];
		const { offset, source } = src;
		return [offset, offset + (typeof source === "string" ? source.length : 1)];
	}
	function parsePrelude(prelude) {
		let comment = "";
		let atComment = false;
		let afterEmptyLine = false;
		for (let i = 0; i < prelude.length; ++i) {
			const source = prelude[i];
			switch (source[0]) {
				case "#":
					comment += (comment === "" ? "" : afterEmptyLine ? "\n\n" : "\n") + (source.substring(1) || " ");
					atComment = true;
					afterEmptyLine = false;
					break;
				case "%":
					if (prelude[i + 1]?.[0] !== "#") i += 1;
					atComment = false;
					break;
				default:
					if (!atComment) afterEmptyLine = true;
					atComment = false;
			}
		}
		return {
			comment,
			afterEmptyLine
		};
	}
	/**
	* Compose a stream of CST nodes into a stream of YAML Documents.
	*
	* ```ts
	* import { Composer, Parser } from 'yaml'
	*
	* const src: string = ...
	* const tokens = new Parser().parse(src)
	* const docs = new Composer().compose(tokens)
	* ```
	*/
	var Composer = class {
		constructor(options = {}) {
			this.doc = null;
			this.atDirectives = false;
			this.prelude = [];
			this.errors = [];
			this.warnings = [];
			this.onError = (source, code, message, warning) => {
				const pos = getErrorPos(source);
				if (warning) this.warnings.push(new errors.YAMLWarning(pos, code, message));
				else this.errors.push(new errors.YAMLParseError(pos, code, message));
			};
			this.directives = new directives.Directives({ version: options.version || "1.2" });
			this.options = options;
		}
		decorate(doc, afterDoc) {
			const { comment, afterEmptyLine } = parsePrelude(this.prelude);
			if (comment) {
				const dc = doc.contents;
				if (afterDoc) doc.comment = doc.comment ? `${doc.comment}\n${comment}` : comment;
				else if (afterEmptyLine || doc.directives.docStart || !dc) doc.commentBefore = comment;
				else if (identity.isCollection(dc) && !dc.flow && dc.items.length > 0) {
					let it = dc.items[0];
					if (identity.isPair(it)) it = it.key;
					const cb = it.commentBefore;
					it.commentBefore = cb ? `${comment}\n${cb}` : comment;
				} else {
					const cb = dc.commentBefore;
					dc.commentBefore = cb ? `${comment}\n${cb}` : comment;
				}
			}
			if (afterDoc) {
				for (let i = 0; i < this.errors.length; ++i) doc.errors.push(this.errors[i]);
				for (let i = 0; i < this.warnings.length; ++i) doc.warnings.push(this.warnings[i]);
			} else {
				doc.errors = this.errors;
				doc.warnings = this.warnings;
			}
			this.prelude = [];
			this.errors = [];
			this.warnings = [];
		}
		/**
		* Current stream status information.
		*
		* Mostly useful at the end of input for an empty stream.
		*/
		streamInfo() {
			return {
				comment: parsePrelude(this.prelude).comment,
				directives: this.directives,
				errors: this.errors,
				warnings: this.warnings
			};
		}
		/**
		* Compose tokens into documents.
		*
		* @param forceDoc - If the stream contains no document, still emit a final document including any comments and directives that would be applied to a subsequent document.
		* @param endOffset - Should be set if `forceDoc` is also set, to set the document range end and to indicate errors correctly.
		*/
		*compose(tokens, forceDoc = false, endOffset = -1) {
			for (const token of tokens) yield* this.next(token);
			yield* this.end(forceDoc, endOffset);
		}
		/** Advance the composer by one CST token. */
		*next(token) {
			if (node_process.env.LOG_STREAM) console.dir(token, { depth: null });
			switch (token.type) {
				case "directive":
					this.directives.add(token.source, (offset, message, warning) => {
						const pos = getErrorPos(token);
						pos[0] += offset;
						this.onError(pos, "BAD_DIRECTIVE", message, warning);
					});
					this.prelude.push(token.source);
					this.atDirectives = true;
					break;
				case "document": {
					const doc = composeDoc.composeDoc(this.options, this.directives, token, this.onError);
					if (this.atDirectives && !doc.directives.docStart) this.onError(token, "MISSING_CHAR", "Missing directives-end/doc-start indicator line");
					this.decorate(doc, false);
					if (this.doc) yield this.doc;
					this.doc = doc;
					this.atDirectives = false;
					break;
				}
				case "byte-order-mark":
				case "space": break;
				case "comment":
				case "newline":
					this.prelude.push(token.source);
					break;
				case "error": {
					const msg = token.source ? `${token.message}: ${JSON.stringify(token.source)}` : token.message;
					const error = new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", msg);
					if (this.atDirectives || !this.doc) this.errors.push(error);
					else this.doc.errors.push(error);
					break;
				}
				case "doc-end": {
					if (!this.doc) {
						this.errors.push(new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", "Unexpected doc-end without preceding document"));
						break;
					}
					this.doc.directives.docEnd = true;
					const end = resolveEnd.resolveEnd(token.end, token.offset + token.source.length, this.doc.options.strict, this.onError);
					this.decorate(this.doc, true);
					if (end.comment) {
						const dc = this.doc.comment;
						this.doc.comment = dc ? `${dc}\n${end.comment}` : end.comment;
					}
					this.doc.range[2] = end.offset;
					break;
				}
				default: this.errors.push(new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", `Unsupported token ${token.type}`));
			}
		}
		/**
		* Call at end of input to yield any remaining document.
		*
		* @param forceDoc - If the stream contains no document, still emit a final document including any comments and directives that would be applied to a subsequent document.
		* @param endOffset - Should be set if `forceDoc` is also set, to set the document range end and to indicate errors correctly.
		*/
		*end(forceDoc = false, endOffset = -1) {
			if (this.doc) {
				this.decorate(this.doc, true);
				yield this.doc;
				this.doc = null;
			} else if (forceDoc) {
				const opts = Object.assign({ _directives: this.directives }, this.options);
				const doc = new Document.Document(void 0, opts);
				if (this.atDirectives) this.onError(endOffset, "MISSING_CHAR", "Missing directives-end indicator line");
				doc.range = [
					0,
					endOffset,
					endOffset
				];
				this.decorate(doc, false);
				yield doc;
			}
		}
	};
	exports.Composer = Composer;
}));

// ../../node_modules/yaml/dist/parse/cst-scalar.js
var require_cst_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var resolveBlockScalar = require_resolve_block_scalar();
	var resolveFlowScalar = require_resolve_flow_scalar();
	var errors = require_errors();
	var stringifyString = require_stringifyString();
	function resolveAsScalar(token, strict = true, onError) {
		if (token) {
			const _onError = (pos, code, message) => {
				const offset = typeof pos === "number" ? pos : Array.isArray(pos) ? pos[0] : pos.offset;
				if (onError) onError(offset, code, message);
				else throw new errors.YAMLParseError([offset, offset + 1], code, message);
			};
			switch (token.type) {
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return resolveFlowScalar.resolveFlowScalar(token, strict, _onError);
				case "block-scalar": return resolveBlockScalar.resolveBlockScalar({ options: { strict } }, token, _onError);
			}
		}
		return null;
	}
	/**
	* Create a new scalar token with `value`
	*
	* Values that represent an actual string but may be parsed as a different type should use a `type` other than `'PLAIN'`,
	* as this function does not support any schema operations and won't check for such conflicts.
	*
	* @param value The string representation of the value, which will have its content properly indented.
	* @param context.end Comments and whitespace after the end of the value, or after the block scalar header. If undefined, a newline will be added.
	* @param context.implicitKey Being within an implicit key may affect the resolved type of the token's value.
	* @param context.indent The indent level of the token.
	* @param context.inFlow Is this scalar within a flow collection? This may affect the resolved type of the token's value.
	* @param context.offset The offset position of the token.
	* @param context.type The preferred type of the scalar token. If undefined, the previous type of the `token` will be used, defaulting to `'PLAIN'`.
	*/
	function createScalarToken(value, context) {
		const { implicitKey = false, indent, inFlow = false, offset = -1, type = "PLAIN" } = context;
		const source = stringifyString.stringifyString({
			type,
			value
		}, {
			implicitKey,
			indent: indent > 0 ? " ".repeat(indent) : "",
			inFlow,
			options: {
				blockQuote: true,
				lineWidth: -1
			}
		});
		const end = context.end ?? [{
			type: "newline",
			offset: -1,
			indent,
			source: "\n"
		}];
		switch (source[0]) {
			case "|":
			case ">": {
				const he = source.indexOf("\n");
				const head = source.substring(0, he);
				const body = source.substring(he + 1) + "\n";
				const props = [{
					type: "block-scalar-header",
					offset,
					indent,
					source: head
				}];
				if (!addEndtoBlockProps(props, end)) props.push({
					type: "newline",
					offset: -1,
					indent,
					source: "\n"
				});
				return {
					type: "block-scalar",
					offset,
					indent,
					props,
					source: body
				};
			}
			case "\"": return {
				type: "double-quoted-scalar",
				offset,
				indent,
				source,
				end
			};
			case "'": return {
				type: "single-quoted-scalar",
				offset,
				indent,
				source,
				end
			};
			default: return {
				type: "scalar",
				offset,
				indent,
				source,
				end
			};
		}
	}
	/**
	* Set the value of `token` to the given string `value`, overwriting any previous contents and type that it may have.
	*
	* Best efforts are made to retain any comments previously associated with the `token`,
	* though all contents within a collection's `items` will be overwritten.
	*
	* Values that represent an actual string but may be parsed as a different type should use a `type` other than `'PLAIN'`,
	* as this function does not support any schema operations and won't check for such conflicts.
	*
	* @param token Any token. If it does not include an `indent` value, the value will be stringified as if it were an implicit key.
	* @param value The string representation of the value, which will have its content properly indented.
	* @param context.afterKey In most cases, values after a key should have an additional level of indentation.
	* @param context.implicitKey Being within an implicit key may affect the resolved type of the token's value.
	* @param context.inFlow Being within a flow collection may affect the resolved type of the token's value.
	* @param context.type The preferred type of the scalar token. If undefined, the previous type of the `token` will be used, defaulting to `'PLAIN'`.
	*/
	function setScalarValue(token, value, context = {}) {
		let { afterKey = false, implicitKey = false, inFlow = false, type } = context;
		let indent = "indent" in token ? token.indent : null;
		if (afterKey && typeof indent === "number") indent += 2;
		if (!type) switch (token.type) {
			case "single-quoted-scalar":
				type = "QUOTE_SINGLE";
				break;
			case "double-quoted-scalar":
				type = "QUOTE_DOUBLE";
				break;
			case "block-scalar": {
				const header = token.props[0];
				if (header.type !== "block-scalar-header") throw new Error("Invalid block scalar header");
				type = header.source[0] === ">" ? "BLOCK_FOLDED" : "BLOCK_LITERAL";
				break;
			}
			default: type = "PLAIN";
		}
		const source = stringifyString.stringifyString({
			type,
			value
		}, {
			implicitKey: implicitKey || indent === null,
			indent: indent !== null && indent > 0 ? " ".repeat(indent) : "",
			inFlow,
			options: {
				blockQuote: true,
				lineWidth: -1
			}
		});
		switch (source[0]) {
			case "|":
			case ">":
				setBlockScalarValue(token, source);
				break;
			case "\"":
				setFlowScalarValue(token, source, "double-quoted-scalar");
				break;
			case "'":
				setFlowScalarValue(token, source, "single-quoted-scalar");
				break;
			default: setFlowScalarValue(token, source, "scalar");
		}
	}
	function setBlockScalarValue(token, source) {
		const he = source.indexOf("\n");
		const head = source.substring(0, he);
		const body = source.substring(he + 1) + "\n";
		if (token.type === "block-scalar") {
			const header = token.props[0];
			if (header.type !== "block-scalar-header") throw new Error("Invalid block scalar header");
			header.source = head;
			token.source = body;
		} else {
			const { offset } = token;
			const indent = "indent" in token ? token.indent : -1;
			const props = [{
				type: "block-scalar-header",
				offset,
				indent,
				source: head
			}];
			if (!addEndtoBlockProps(props, "end" in token ? token.end : void 0)) props.push({
				type: "newline",
				offset: -1,
				indent,
				source: "\n"
			});
			for (const key of Object.keys(token)) if (key !== "type" && key !== "offset") delete token[key];
			Object.assign(token, {
				type: "block-scalar",
				indent,
				props,
				source: body
			});
		}
	}
	/** @returns `true` if last token is a newline */
	function addEndtoBlockProps(props, end) {
		if (end) for (const st of end) switch (st.type) {
			case "space":
			case "comment":
				props.push(st);
				break;
			case "newline":
				props.push(st);
				return true;
		}
		return false;
	}
	function setFlowScalarValue(token, source, type) {
		switch (token.type) {
			case "scalar":
			case "double-quoted-scalar":
			case "single-quoted-scalar":
				token.type = type;
				token.source = source;
				break;
			case "block-scalar": {
				const end = token.props.slice(1);
				let oa = source.length;
				if (token.props[0].type === "block-scalar-header") oa -= token.props[0].source.length;
				for (const tok of end) tok.offset += oa;
				delete token.props;
				Object.assign(token, {
					type,
					source,
					end
				});
				break;
			}
			case "block-map":
			case "block-seq": {
				const nl = {
					type: "newline",
					offset: token.offset + source.length,
					indent: token.indent,
					source: "\n"
				};
				delete token.items;
				Object.assign(token, {
					type,
					source,
					end: [nl]
				});
				break;
			}
			default: {
				const indent = "indent" in token ? token.indent : -1;
				const end = "end" in token && Array.isArray(token.end) ? token.end.filter((st) => st.type === "space" || st.type === "comment" || st.type === "newline") : [];
				for (const key of Object.keys(token)) if (key !== "type" && key !== "offset") delete token[key];
				Object.assign(token, {
					type,
					indent,
					source,
					end
				});
			}
		}
	}
	exports.createScalarToken = createScalarToken;
	exports.resolveAsScalar = resolveAsScalar;
	exports.setScalarValue = setScalarValue;
}));

// ../../node_modules/yaml/dist/parse/cst-stringify.js
var require_cst_stringify = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Stringify a CST document, token, or collection item
	*
	* Fair warning: This applies no validation whatsoever, and
	* simply concatenates the sources in their logical order.
	*/
	const stringify = (cst) => "type" in cst ? stringifyToken(cst) : stringifyItem(cst);
	function stringifyToken(token) {
		switch (token.type) {
			case "block-scalar": {
				let res = "";
				for (const tok of token.props) res += stringifyToken(tok);
				return res + token.source;
			}
			case "block-map":
			case "block-seq": {
				let res = "";
				for (const item of token.items) res += stringifyItem(item);
				return res;
			}
			case "flow-collection": {
				let res = token.start.source;
				for (const item of token.items) res += stringifyItem(item);
				for (const st of token.end) res += st.source;
				return res;
			}
			case "document": {
				let res = stringifyItem(token);
				if (token.end) for (const st of token.end) res += st.source;
				return res;
			}
			default: {
				let res = token.source;
				if ("end" in token && token.end) for (const st of token.end) res += st.source;
				return res;
			}
		}
	}
	function stringifyItem({ start, key, sep, value }) {
		let res = "";
		for (const st of start) res += st.source;
		if (key) res += stringifyToken(key);
		if (sep) for (const st of sep) res += st.source;
		if (value) res += stringifyToken(value);
		return res;
	}
	exports.stringify = stringify;
}));

// ../../node_modules/yaml/dist/parse/cst-visit.js
var require_cst_visit = /* @__PURE__ */ __commonJSMin(((exports) => {
	const BREAK = Symbol("break visit");
	const SKIP = Symbol("skip children");
	const REMOVE = Symbol("remove item");
	/**
	* Apply a visitor to a CST document or item.
	*
	* Walks through the tree (depth-first) starting from the root, calling a
	* `visitor` function with two arguments when entering each item:
	*   - `item`: The current item, which included the following members:
	*     - `start: SourceToken[]` – Source tokens before the key or value,
	*       possibly including its anchor or tag.
	*     - `key?: Token | null` – Set for pair values. May then be `null`, if
	*       the key before the `:` separator is empty.
	*     - `sep?: SourceToken[]` – Source tokens between the key and the value,
	*       which should include the `:` map value indicator if `value` is set.
	*     - `value?: Token` – The value of a sequence item, or of a map pair.
	*   - `path`: The steps from the root to the current node, as an array of
	*     `['key' | 'value', number]` tuples.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this token, continue with
	*      next sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current item, then continue with the next one
	*   - `number`: Set the index of the next step. This is useful especially if
	*     the index of the current token has changed.
	*   - `function`: Define the next visitor for this item. After the original
	*     visitor is called on item entry, next visitors are called after handling
	*     a non-empty `key` and when exiting the item.
	*/
	function visit(cst, visitor) {
		if ("type" in cst && cst.type === "document") cst = {
			start: cst.start,
			value: cst.value
		};
		_visit(Object.freeze([]), cst, visitor);
	}
	/** Terminate visit traversal completely */
	visit.BREAK = BREAK;
	/** Do not visit the children of the current item */
	visit.SKIP = SKIP;
	/** Remove the current item */
	visit.REMOVE = REMOVE;
	/** Find the item at `path` from `cst` as the root */
	visit.itemAtPath = (cst, path) => {
		let item = cst;
		for (const [field, index] of path) {
			const tok = item?.[field];
			if (tok && "items" in tok) item = tok.items[index];
			else return void 0;
		}
		return item;
	};
	/**
	* Get the immediate parent collection of the item at `path` from `cst` as the root.
	*
	* Throws an error if the collection is not found, which should never happen if the item itself exists.
	*/
	visit.parentCollection = (cst, path) => {
		const parent = visit.itemAtPath(cst, path.slice(0, -1));
		const field = path[path.length - 1][0];
		const coll = parent?.[field];
		if (coll && "items" in coll) return coll;
		throw new Error("Parent collection not found");
	};
	function _visit(path, item, visitor) {
		let ctrl = visitor(item, path);
		if (typeof ctrl === "symbol") return ctrl;
		for (const field of ["key", "value"]) {
			const token = item[field];
			if (token && "items" in token) {
				for (let i = 0; i < token.items.length; ++i) {
					const ci = _visit(Object.freeze(path.concat([[field, i]])), token.items[i], visitor);
					if (typeof ci === "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else if (ci === REMOVE) {
						token.items.splice(i, 1);
						i -= 1;
					}
				}
				if (typeof ctrl === "function" && field === "key") ctrl = ctrl(item, path);
			}
		}
		return typeof ctrl === "function" ? ctrl(item, path) : ctrl;
	}
	exports.visit = visit;
}));

// ../../node_modules/yaml/dist/parse/cst.js
var require_cst = /* @__PURE__ */ __commonJSMin(((exports) => {
	var cstScalar = require_cst_scalar();
	var cstStringify = require_cst_stringify();
	var cstVisit = require_cst_visit();
	/** The byte order mark */
	const BOM = "﻿";
	/** Start of doc-mode */
	const DOCUMENT = "";
	/** Unexpected end of flow-mode */
	const FLOW_END = "";
	/** Next token is a scalar value */
	const SCALAR = "";
	/** @returns `true` if `token` is a flow or block collection */
	const isCollection = (token) => !!token && "items" in token;
	/** @returns `true` if `token` is a flow or block scalar; not an alias */
	const isScalar = (token) => !!token && (token.type === "scalar" || token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar" || token.type === "block-scalar");
	/* istanbul ignore next */
	/** Get a printable representation of a lexer token */
	function prettyToken(token) {
		switch (token) {
			case BOM: return "<BOM>";
			case DOCUMENT: return "<DOC>";
			case FLOW_END: return "<FLOW_END>";
			case SCALAR: return "<SCALAR>";
			default: return JSON.stringify(token);
		}
	}
	/** Identify the type of a lexer token. May return `null` for unknown tokens. */
	function tokenType(source) {
		switch (source) {
			case BOM: return "byte-order-mark";
			case DOCUMENT: return "doc-mode";
			case FLOW_END: return "flow-error-end";
			case SCALAR: return "scalar";
			case "---": return "doc-start";
			case "...": return "doc-end";
			case "":
			case "\n":
			case "\r\n": return "newline";
			case "-": return "seq-item-ind";
			case "?": return "explicit-key-ind";
			case ":": return "map-value-ind";
			case "{": return "flow-map-start";
			case "}": return "flow-map-end";
			case "[": return "flow-seq-start";
			case "]": return "flow-seq-end";
			case ",": return "comma";
		}
		switch (source[0]) {
			case " ":
			case "	": return "space";
			case "#": return "comment";
			case "%": return "directive-line";
			case "*": return "alias";
			case "&": return "anchor";
			case "!": return "tag";
			case "'": return "single-quoted-scalar";
			case "\"": return "double-quoted-scalar";
			case "|":
			case ">": return "block-scalar-header";
		}
		return null;
	}
	exports.createScalarToken = cstScalar.createScalarToken;
	exports.resolveAsScalar = cstScalar.resolveAsScalar;
	exports.setScalarValue = cstScalar.setScalarValue;
	exports.stringify = cstStringify.stringify;
	exports.visit = cstVisit.visit;
	exports.BOM = BOM;
	exports.DOCUMENT = DOCUMENT;
	exports.FLOW_END = FLOW_END;
	exports.SCALAR = SCALAR;
	exports.isCollection = isCollection;
	exports.isScalar = isScalar;
	exports.prettyToken = prettyToken;
	exports.tokenType = tokenType;
}));

// ../../node_modules/yaml/dist/parse/lexer.js
var require_lexer = /* @__PURE__ */ __commonJSMin(((exports) => {
	var cst = require_cst();
	function isEmpty(ch) {
		switch (ch) {
			case void 0:
			case " ":
			case "\n":
			case "\r":
			case "	": return true;
			default: return false;
		}
	}
	const hexDigits = /* @__PURE__ */ new Set("0123456789ABCDEFabcdef");
	const tagChars = /* @__PURE__ */ new Set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-#;/?:@&=+$_.!~*'()");
	const flowIndicatorChars = /* @__PURE__ */ new Set(",[]{}");
	const invalidAnchorChars = /* @__PURE__ */ new Set(" ,[]{}\n\r	");
	const isNotAnchorChar = (ch) => !ch || invalidAnchorChars.has(ch);
	/**
	* Splits an input string into lexical tokens, i.e. smaller strings that are
	* easily identifiable by `tokens.tokenType()`.
	*
	* Lexing starts always in a "stream" context. Incomplete input may be buffered
	* until a complete token can be emitted.
	*
	* In addition to slices of the original input, the following control characters
	* may also be emitted:
	*
	* - `\x02` (Start of Text): A document starts with the next token
	* - `\x18` (Cancel): Unexpected end of flow-mode (indicates an error)
	* - `\x1f` (Unit Separator): Next token is a scalar value
	* - `\u{FEFF}` (Byte order mark): Emitted separately outside documents
	*/
	var Lexer = class {
		constructor() {
			/**
			* Flag indicating whether the end of the current buffer marks the end of
			* all input
			*/
			this.atEnd = false;
			/**
			* Explicit indent set in block scalar header, as an offset from the current
			* minimum indent, so e.g. set to 1 from a header `|2+`. Set to -1 if not
			* explicitly set.
			*/
			this.blockScalarIndent = -1;
			/**
			* Block scalars that include a + (keep) chomping indicator in their header
			* include trailing empty lines, which are otherwise excluded from the
			* scalar's contents.
			*/
			this.blockScalarKeep = false;
			/** Current input */
			this.buffer = "";
			/**
			* Flag noting whether the map value indicator : can immediately follow this
			* node within a flow context.
			*/
			this.flowKey = false;
			/** Count of surrounding flow collection levels. */
			this.flowLevel = 0;
			/**
			* Minimum level of indentation required for next lines to be parsed as a
			* part of the current scalar value.
			*/
			this.indentNext = 0;
			/** Indentation level of the current line. */
			this.indentValue = 0;
			/** Position of the next \n character. */
			this.lineEndPos = null;
			/** Stores the state of the lexer if reaching the end of incpomplete input */
			this.next = null;
			/** A pointer to `buffer`; the current position of the lexer. */
			this.pos = 0;
		}
		/**
		* Generate YAML tokens from the `source` string. If `incomplete`,
		* a part of the last line may be left as a buffer for the next call.
		*
		* @returns A generator of lexical tokens
		*/
		*lex(source, incomplete = false) {
			if (source) {
				if (typeof source !== "string") throw TypeError("source is not a string");
				this.buffer = this.buffer ? this.buffer + source : source;
				this.lineEndPos = null;
			}
			this.atEnd = !incomplete;
			let next = this.next ?? "stream";
			while (next && (incomplete || this.hasChars(1))) next = yield* this.parseNext(next);
		}
		atLineEnd() {
			let i = this.pos;
			let ch = this.buffer[i];
			while (ch === " " || ch === "	") ch = this.buffer[++i];
			if (!ch || ch === "#" || ch === "\n") return true;
			if (ch === "\r") return this.buffer[i + 1] === "\n";
			return false;
		}
		charAt(n) {
			return this.buffer[this.pos + n];
		}
		continueScalar(offset) {
			let ch = this.buffer[offset];
			if (this.indentNext > 0) {
				let indent = 0;
				while (ch === " ") ch = this.buffer[++indent + offset];
				if (ch === "\r") {
					const next = this.buffer[indent + offset + 1];
					if (next === "\n" || !next && !this.atEnd) return offset + indent + 1;
				}
				return ch === "\n" || indent >= this.indentNext || !ch && !this.atEnd ? offset + indent : -1;
			}
			if (ch === "-" || ch === ".") {
				const dt = this.buffer.substr(offset, 3);
				if ((dt === "---" || dt === "...") && isEmpty(this.buffer[offset + 3])) return -1;
			}
			return offset;
		}
		getLine() {
			let end = this.lineEndPos;
			if (typeof end !== "number" || end !== -1 && end < this.pos) {
				end = this.buffer.indexOf("\n", this.pos);
				this.lineEndPos = end;
			}
			if (end === -1) return this.atEnd ? this.buffer.substring(this.pos) : null;
			if (this.buffer[end - 1] === "\r") end -= 1;
			return this.buffer.substring(this.pos, end);
		}
		hasChars(n) {
			return this.pos + n <= this.buffer.length;
		}
		setNext(state) {
			this.buffer = this.buffer.substring(this.pos);
			this.pos = 0;
			this.lineEndPos = null;
			this.next = state;
			return null;
		}
		peek(n) {
			return this.buffer.substr(this.pos, n);
		}
		*parseNext(next) {
			switch (next) {
				case "stream": return yield* this.parseStream();
				case "line-start": return yield* this.parseLineStart();
				case "block-start": return yield* this.parseBlockStart();
				case "doc": return yield* this.parseDocument();
				case "flow": return yield* this.parseFlowCollection();
				case "quoted-scalar": return yield* this.parseQuotedScalar();
				case "block-scalar": return yield* this.parseBlockScalar();
				case "plain-scalar": return yield* this.parsePlainScalar();
			}
		}
		*parseStream() {
			let line = this.getLine();
			if (line === null) return this.setNext("stream");
			if (line[0] === cst.BOM) {
				yield* this.pushCount(1);
				line = line.substring(1);
			}
			if (line[0] === "%") {
				let dirEnd = line.length;
				let cs = line.indexOf("#");
				while (cs !== -1) {
					const ch = line[cs - 1];
					if (ch === " " || ch === "	") {
						dirEnd = cs - 1;
						break;
					} else cs = line.indexOf("#", cs + 1);
				}
				while (true) {
					const ch = line[dirEnd - 1];
					if (ch === " " || ch === "	") dirEnd -= 1;
					else break;
				}
				const n = (yield* this.pushCount(dirEnd)) + (yield* this.pushSpaces(true));
				yield* this.pushCount(line.length - n);
				this.pushNewline();
				return "stream";
			}
			if (this.atLineEnd()) {
				const sp = yield* this.pushSpaces(true);
				yield* this.pushCount(line.length - sp);
				yield* this.pushNewline();
				return "stream";
			}
			yield cst.DOCUMENT;
			return yield* this.parseLineStart();
		}
		*parseLineStart() {
			const ch = this.charAt(0);
			if (!ch && !this.atEnd) return this.setNext("line-start");
			if (ch === "-" || ch === ".") {
				if (!this.atEnd && !this.hasChars(4)) return this.setNext("line-start");
				const s = this.peek(3);
				if ((s === "---" || s === "...") && isEmpty(this.charAt(3))) {
					yield* this.pushCount(3);
					this.indentValue = 0;
					this.indentNext = 0;
					return s === "---" ? "doc" : "stream";
				}
			}
			this.indentValue = yield* this.pushSpaces(false);
			if (this.indentNext > this.indentValue && !isEmpty(this.charAt(1))) this.indentNext = this.indentValue;
			return yield* this.parseBlockStart();
		}
		*parseBlockStart() {
			const [ch0, ch1] = this.peek(2);
			if (!ch1 && !this.atEnd) return this.setNext("block-start");
			if ((ch0 === "-" || ch0 === "?" || ch0 === ":") && isEmpty(ch1)) {
				const n = (yield* this.pushCount(1)) + (yield* this.pushSpaces(true));
				this.indentNext = this.indentValue + 1;
				this.indentValue += n;
				return "block-start";
			}
			return "doc";
		}
		*parseDocument() {
			yield* this.pushSpaces(true);
			const line = this.getLine();
			if (line === null) return this.setNext("doc");
			let n = yield* this.pushIndicators();
			switch (line[n]) {
				case "#": yield* this.pushCount(line.length - n);
				case void 0:
					yield* this.pushNewline();
					return yield* this.parseLineStart();
				case "{":
				case "[":
					yield* this.pushCount(1);
					this.flowKey = false;
					this.flowLevel = 1;
					return "flow";
				case "}":
				case "]":
					yield* this.pushCount(1);
					return "doc";
				case "*":
					yield* this.pushUntil(isNotAnchorChar);
					return "doc";
				case "\"":
				case "'": return yield* this.parseQuotedScalar();
				case "|":
				case ">":
					n += yield* this.parseBlockScalarHeader();
					n += yield* this.pushSpaces(true);
					yield* this.pushCount(line.length - n);
					yield* this.pushNewline();
					return yield* this.parseBlockScalar();
				default: return yield* this.parsePlainScalar();
			}
		}
		*parseFlowCollection() {
			let nl, sp;
			let indent = -1;
			do {
				nl = yield* this.pushNewline();
				if (nl > 0) {
					sp = yield* this.pushSpaces(false);
					this.indentValue = indent = sp;
				} else sp = 0;
				sp += yield* this.pushSpaces(true);
			} while (nl + sp > 0);
			const line = this.getLine();
			if (line === null) return this.setNext("flow");
			if (indent !== -1 && indent < this.indentNext && line[0] !== "#" || indent === 0 && (line.startsWith("---") || line.startsWith("...")) && isEmpty(line[3])) {
				if (!(indent === this.indentNext - 1 && this.flowLevel === 1 && (line[0] === "]" || line[0] === "}"))) {
					this.flowLevel = 0;
					yield cst.FLOW_END;
					return yield* this.parseLineStart();
				}
			}
			let n = 0;
			while (line[n] === ",") {
				n += yield* this.pushCount(1);
				n += yield* this.pushSpaces(true);
				this.flowKey = false;
			}
			n += yield* this.pushIndicators();
			switch (line[n]) {
				case void 0: return "flow";
				case "#":
					yield* this.pushCount(line.length - n);
					return "flow";
				case "{":
				case "[":
					yield* this.pushCount(1);
					this.flowKey = false;
					this.flowLevel += 1;
					return "flow";
				case "}":
				case "]":
					yield* this.pushCount(1);
					this.flowKey = true;
					this.flowLevel -= 1;
					return this.flowLevel ? "flow" : "doc";
				case "*":
					yield* this.pushUntil(isNotAnchorChar);
					return "flow";
				case "\"":
				case "'":
					this.flowKey = true;
					return yield* this.parseQuotedScalar();
				case ":": {
					const next = this.charAt(1);
					if (this.flowKey || isEmpty(next) || next === ",") {
						this.flowKey = false;
						yield* this.pushCount(1);
						yield* this.pushSpaces(true);
						return "flow";
					}
				}
				default:
					this.flowKey = false;
					return yield* this.parsePlainScalar();
			}
		}
		*parseQuotedScalar() {
			const quote = this.charAt(0);
			let end = this.buffer.indexOf(quote, this.pos + 1);
			if (quote === "'") while (end !== -1 && this.buffer[end + 1] === "'") end = this.buffer.indexOf("'", end + 2);
			else while (end !== -1) {
				let n = 0;
				while (this.buffer[end - 1 - n] === "\\") n += 1;
				if (n % 2 === 0) break;
				end = this.buffer.indexOf("\"", end + 1);
			}
			const qb = this.buffer.substring(0, end);
			let nl = qb.indexOf("\n", this.pos);
			if (nl !== -1) {
				while (nl !== -1) {
					const cs = this.continueScalar(nl + 1);
					if (cs === -1) break;
					nl = qb.indexOf("\n", cs);
				}
				if (nl !== -1) end = nl - (qb[nl - 1] === "\r" ? 2 : 1);
			}
			if (end === -1) {
				if (!this.atEnd) return this.setNext("quoted-scalar");
				end = this.buffer.length;
			}
			yield* this.pushToIndex(end + 1, false);
			return this.flowLevel ? "flow" : "doc";
		}
		*parseBlockScalarHeader() {
			this.blockScalarIndent = -1;
			this.blockScalarKeep = false;
			let i = this.pos;
			while (true) {
				const ch = this.buffer[++i];
				if (ch === "+") this.blockScalarKeep = true;
				else if (ch > "0" && ch <= "9") this.blockScalarIndent = Number(ch) - 1;
				else if (ch !== "-") break;
			}
			return yield* this.pushUntil((ch) => isEmpty(ch) || ch === "#");
		}
		*parseBlockScalar() {
			let nl = this.pos - 1;
			let indent = 0;
			let ch;
			loop: for (let i = this.pos; ch = this.buffer[i]; ++i) switch (ch) {
				case " ":
					indent += 1;
					break;
				case "\n":
					nl = i;
					indent = 0;
					break;
				case "\r": {
					const next = this.buffer[i + 1];
					if (!next && !this.atEnd) return this.setNext("block-scalar");
					if (next === "\n") break;
				}
				default: break loop;
			}
			if (!ch && !this.atEnd) return this.setNext("block-scalar");
			if (indent >= this.indentNext) {
				if (this.blockScalarIndent === -1) this.indentNext = indent;
				else this.indentNext = this.blockScalarIndent + (this.indentNext === 0 ? 1 : this.indentNext);
				do {
					const cs = this.continueScalar(nl + 1);
					if (cs === -1) break;
					nl = this.buffer.indexOf("\n", cs);
				} while (nl !== -1);
				if (nl === -1) {
					if (!this.atEnd) return this.setNext("block-scalar");
					nl = this.buffer.length;
				}
			}
			let i = nl + 1;
			ch = this.buffer[i];
			while (ch === " ") ch = this.buffer[++i];
			if (ch === "	") {
				while (ch === "	" || ch === " " || ch === "\r" || ch === "\n") ch = this.buffer[++i];
				nl = i - 1;
			} else if (!this.blockScalarKeep) do {
				let i = nl - 1;
				let ch = this.buffer[i];
				if (ch === "\r") ch = this.buffer[--i];
				const lastChar = i;
				while (ch === " ") ch = this.buffer[--i];
				if (ch === "\n" && i >= this.pos && i + 1 + indent > lastChar) nl = i;
				else break;
			} while (true);
			yield cst.SCALAR;
			yield* this.pushToIndex(nl + 1, true);
			return yield* this.parseLineStart();
		}
		*parsePlainScalar() {
			const inFlow = this.flowLevel > 0;
			let end = this.pos - 1;
			let i = this.pos - 1;
			let ch;
			while (ch = this.buffer[++i]) if (ch === ":") {
				const next = this.buffer[i + 1];
				if (isEmpty(next) || inFlow && flowIndicatorChars.has(next)) break;
				end = i;
			} else if (isEmpty(ch)) {
				let next = this.buffer[i + 1];
				if (ch === "\r") {
					if (next === "\n") {
						i += 1;
						ch = "\n";
						next = this.buffer[i + 1];
					} else end = i;
				}
				if (next === "#" || inFlow && flowIndicatorChars.has(next)) break;
				if (ch === "\n") {
					const cs = this.continueScalar(i + 1);
					if (cs === -1) break;
					i = Math.max(i, cs - 2);
				}
			} else {
				if (inFlow && flowIndicatorChars.has(ch)) break;
				end = i;
			}
			if (!ch && !this.atEnd) return this.setNext("plain-scalar");
			yield cst.SCALAR;
			yield* this.pushToIndex(end + 1, true);
			return inFlow ? "flow" : "doc";
		}
		*pushCount(n) {
			if (n > 0) {
				yield this.buffer.substr(this.pos, n);
				this.pos += n;
				return n;
			}
			return 0;
		}
		*pushToIndex(i, allowEmpty) {
			const s = this.buffer.slice(this.pos, i);
			if (s) {
				yield s;
				this.pos += s.length;
				return s.length;
			} else if (allowEmpty) yield "";
			return 0;
		}
		*pushIndicators() {
			let n = 0;
			loop: while (true) {
				switch (this.charAt(0)) {
					case "!":
						n += yield* this.pushTag();
						n += yield* this.pushSpaces(true);
						continue loop;
					case "&":
						n += yield* this.pushUntil(isNotAnchorChar);
						n += yield* this.pushSpaces(true);
						continue loop;
					case "-":
					case "?":
					case ":": {
						const inFlow = this.flowLevel > 0;
						const ch1 = this.charAt(1);
						if (isEmpty(ch1) || inFlow && flowIndicatorChars.has(ch1)) {
							if (!inFlow) this.indentNext = this.indentValue + 1;
							else if (this.flowKey) this.flowKey = false;
							n += yield* this.pushCount(1);
							n += yield* this.pushSpaces(true);
							continue loop;
						}
					}
				}
				break loop;
			}
			return n;
		}
		*pushTag() {
			if (this.charAt(1) === "<") {
				let i = this.pos + 2;
				let ch = this.buffer[i];
				while (!isEmpty(ch) && ch !== ">") ch = this.buffer[++i];
				return yield* this.pushToIndex(ch === ">" ? i + 1 : i, false);
			} else {
				let i = this.pos + 1;
				let ch = this.buffer[i];
				while (ch) if (tagChars.has(ch)) ch = this.buffer[++i];
				else if (ch === "%" && hexDigits.has(this.buffer[i + 1]) && hexDigits.has(this.buffer[i + 2])) ch = this.buffer[i += 3];
				else break;
				return yield* this.pushToIndex(i, false);
			}
		}
		*pushNewline() {
			const ch = this.buffer[this.pos];
			if (ch === "\n") return yield* this.pushCount(1);
			else if (ch === "\r" && this.charAt(1) === "\n") return yield* this.pushCount(2);
			else return 0;
		}
		*pushSpaces(allowTabs) {
			let i = this.pos - 1;
			let ch;
			do
				ch = this.buffer[++i];
			while (ch === " " || allowTabs && ch === "	");
			const n = i - this.pos;
			if (n > 0) {
				yield this.buffer.substr(this.pos, n);
				this.pos = i;
			}
			return n;
		}
		*pushUntil(test) {
			let i = this.pos;
			let ch = this.buffer[i];
			while (!test(ch)) ch = this.buffer[++i];
			return yield* this.pushToIndex(i, false);
		}
	};
	exports.Lexer = Lexer;
}));

// ../../node_modules/yaml/dist/parse/line-counter.js
var require_line_counter = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Tracks newlines during parsing in order to provide an efficient API for
	* determining the one-indexed `{ line, col }` position for any offset
	* within the input.
	*/
	var LineCounter = class {
		constructor() {
			this.lineStarts = [];
			/**
			* Should be called in ascending order. Otherwise, call
			* `lineCounter.lineStarts.sort()` before calling `linePos()`.
			*/
			this.addNewLine = (offset) => this.lineStarts.push(offset);
			/**
			* Performs a binary search and returns the 1-indexed { line, col }
			* position of `offset`. If `line === 0`, `addNewLine` has never been
			* called or `offset` is before the first known newline.
			*/
			this.linePos = (offset) => {
				let low = 0;
				let high = this.lineStarts.length;
				while (low < high) {
					const mid = low + high >> 1;
					if (this.lineStarts[mid] < offset) low = mid + 1;
					else high = mid;
				}
				if (this.lineStarts[low] === offset) return {
					line: low + 1,
					col: 1
				};
				if (low === 0) return {
					line: 0,
					col: offset
				};
				const start = this.lineStarts[low - 1];
				return {
					line: low,
					col: offset - start + 1
				};
			};
		}
	};
	exports.LineCounter = LineCounter;
}));

// ../../node_modules/yaml/dist/parse/parser.js
var require_parser = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process");
	var cst = require_cst();
	var lexer = require_lexer();
	function includesToken(list, type) {
		for (let i = 0; i < list.length; ++i) if (list[i].type === type) return true;
		return false;
	}
	function findNonEmptyIndex(list) {
		for (let i = 0; i < list.length; ++i) switch (list[i].type) {
			case "space":
			case "comment":
			case "newline": break;
			default: return i;
		}
		return -1;
	}
	function isFlowToken(token) {
		switch (token?.type) {
			case "alias":
			case "scalar":
			case "single-quoted-scalar":
			case "double-quoted-scalar":
			case "flow-collection": return true;
			default: return false;
		}
	}
	function getPrevProps(parent) {
		switch (parent.type) {
			case "document": return parent.start;
			case "block-map": {
				const it = parent.items[parent.items.length - 1];
				return it.sep ?? it.start;
			}
			case "block-seq": return parent.items[parent.items.length - 1].start;
			/* istanbul ignore next should not happen */
			default: return [];
		}
	}
	/** Note: May modify input array */
	function getFirstKeyStartProps(prev) {
		if (prev.length === 0) return [];
		let i = prev.length;
		loop: while (--i >= 0) switch (prev[i].type) {
			case "doc-start":
			case "explicit-key-ind":
			case "map-value-ind":
			case "seq-item-ind":
			case "newline": break loop;
		}
		while (prev[++i]?.type === "space");
		return prev.splice(i, prev.length);
	}
	function arrayPushArray(target, source) {
		if (source.length < 1e5) Array.prototype.push.apply(target, source);
		else for (let i = 0; i < source.length; ++i) target.push(source[i]);
	}
	function fixFlowSeqItems(fc) {
		if (fc.start.type === "flow-seq-start") {
			for (const it of fc.items) if (it.sep && !it.value && !includesToken(it.start, "explicit-key-ind") && !includesToken(it.sep, "map-value-ind")) {
				if (it.key) it.value = it.key;
				delete it.key;
				if (isFlowToken(it.value)) {
					if (it.value.end) arrayPushArray(it.value.end, it.sep);
					else it.value.end = it.sep;
				} else arrayPushArray(it.start, it.sep);
				delete it.sep;
			}
		}
	}
	/**
	* A YAML concrete syntax tree (CST) parser
	*
	* ```ts
	* const src: string = ...
	* for (const token of new Parser().parse(src)) {
	*   // token: Token
	* }
	* ```
	*
	* To use the parser with a user-provided lexer:
	*
	* ```ts
	* function* parse(source: string, lexer: Lexer) {
	*   const parser = new Parser()
	*   for (const lexeme of lexer.lex(source))
	*     yield* parser.next(lexeme)
	*   yield* parser.end()
	* }
	*
	* const src: string = ...
	* const lexer = new Lexer()
	* for (const token of parse(src, lexer)) {
	*   // token: Token
	* }
	* ```
	*/
	var Parser = class {
		/**
		* @param onNewLine - If defined, called separately with the start position of
		*   each new line (in `parse()`, including the start of input).
		*/
		constructor(onNewLine) {
			/** If true, space and sequence indicators count as indentation */
			this.atNewLine = true;
			/** If true, next token is a scalar value */
			this.atScalar = false;
			/** Current indentation level */
			this.indent = 0;
			/** Current offset since the start of parsing */
			this.offset = 0;
			/** On the same line with a block map key */
			this.onKeyLine = false;
			/** Top indicates the node that's currently being built */
			this.stack = [];
			/** The source of the current token, set in parse() */
			this.source = "";
			/** The type of the current token, set in parse() */
			this.type = "";
			this.lexer = new lexer.Lexer();
			this.onNewLine = onNewLine;
		}
		/**
		* Parse `source` as a YAML stream.
		* If `incomplete`, a part of the last line may be left as a buffer for the next call.
		*
		* Errors are not thrown, but yielded as `{ type: 'error', message }` tokens.
		*
		* @returns A generator of tokens representing each directive, document, and other structure.
		*/
		*parse(source, incomplete = false) {
			if (this.onNewLine && this.offset === 0) this.onNewLine(0);
			for (const lexeme of this.lexer.lex(source, incomplete)) yield* this.next(lexeme);
			if (!incomplete) yield* this.end();
		}
		/**
		* Advance the parser by the `source` of one lexical token.
		*/
		*next(source) {
			this.source = source;
			if (node_process.env.LOG_TOKENS) console.log("|", cst.prettyToken(source));
			if (this.atScalar) {
				this.atScalar = false;
				yield* this.step();
				this.offset += source.length;
				return;
			}
			const type = cst.tokenType(source);
			if (!type) {
				const message = `Not a YAML token: ${source}`;
				yield* this.pop({
					type: "error",
					offset: this.offset,
					message,
					source
				});
				this.offset += source.length;
			} else if (type === "scalar") {
				this.atNewLine = false;
				this.atScalar = true;
				this.type = "scalar";
			} else {
				this.type = type;
				yield* this.step();
				switch (type) {
					case "newline":
						this.atNewLine = true;
						this.indent = 0;
						if (this.onNewLine) this.onNewLine(this.offset + source.length);
						break;
					case "space":
						if (this.atNewLine && source[0] === " ") this.indent += source.length;
						break;
					case "explicit-key-ind":
					case "map-value-ind":
					case "seq-item-ind":
						if (this.atNewLine) this.indent += source.length;
						break;
					case "doc-mode":
					case "flow-error-end": return;
					default: this.atNewLine = false;
				}
				this.offset += source.length;
			}
		}
		/** Call at end of input to push out any remaining constructions */
		*end() {
			while (this.stack.length > 0) yield* this.pop();
		}
		get sourceToken() {
			return {
				type: this.type,
				offset: this.offset,
				indent: this.indent,
				source: this.source
			};
		}
		*step() {
			const top = this.peek(1);
			if (this.type === "doc-end" && top?.type !== "doc-end") {
				while (this.stack.length > 0) yield* this.pop();
				this.stack.push({
					type: "doc-end",
					offset: this.offset,
					source: this.source
				});
				return;
			}
			if (!top) return yield* this.stream();
			switch (top.type) {
				case "document": return yield* this.document(top);
				case "alias":
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return yield* this.scalar(top);
				case "block-scalar": return yield* this.blockScalar(top);
				case "block-map": return yield* this.blockMap(top);
				case "block-seq": return yield* this.blockSequence(top);
				case "flow-collection": return yield* this.flowCollection(top);
				case "doc-end": return yield* this.documentEnd(top);
			}
			/* istanbul ignore next should not happen */
			yield* this.pop();
		}
		peek(n) {
			return this.stack[this.stack.length - n];
		}
		*pop(error) {
			const token = error ?? this.stack.pop();
			/* istanbul ignore if should not happen */
			if (!token) yield {
				type: "error",
				offset: this.offset,
				source: "",
				message: "Tried to pop an empty stack"
			};
			else if (this.stack.length === 0) yield token;
			else {
				const top = this.peek(1);
				if (token.type === "block-scalar") token.indent = "indent" in top ? top.indent : 0;
				else if (token.type === "flow-collection" && top.type === "document") token.indent = 0;
				if (token.type === "flow-collection") fixFlowSeqItems(token);
				switch (top.type) {
					case "document":
						top.value = token;
						break;
					case "block-scalar":
						top.props.push(token);
						break;
					case "block-map": {
						const it = top.items[top.items.length - 1];
						if (it.value) {
							top.items.push({
								start: [],
								key: token,
								sep: []
							});
							this.onKeyLine = true;
							return;
						} else if (it.sep) it.value = token;
						else {
							Object.assign(it, {
								key: token,
								sep: []
							});
							this.onKeyLine = !it.explicitKey;
							return;
						}
						break;
					}
					case "block-seq": {
						const it = top.items[top.items.length - 1];
						if (it.value) top.items.push({
							start: [],
							value: token
						});
						else it.value = token;
						break;
					}
					case "flow-collection": {
						const it = top.items[top.items.length - 1];
						if (!it || it.value) top.items.push({
							start: [],
							key: token,
							sep: []
						});
						else if (it.sep) it.value = token;
						else Object.assign(it, {
							key: token,
							sep: []
						});
						return;
					}
					/* istanbul ignore next should not happen */
					default:
						yield* this.pop();
						yield* this.pop(token);
				}
				if ((top.type === "document" || top.type === "block-map" || top.type === "block-seq") && (token.type === "block-map" || token.type === "block-seq")) {
					const last = token.items[token.items.length - 1];
					if (last && !last.sep && !last.value && last.start.length > 0 && findNonEmptyIndex(last.start) === -1 && (token.indent === 0 || last.start.every((st) => st.type !== "comment" || st.indent < token.indent))) {
						if (top.type === "document") top.end = last.start;
						else top.items.push({ start: last.start });
						token.items.splice(-1, 1);
					}
				}
			}
		}
		*stream() {
			switch (this.type) {
				case "directive-line":
					yield {
						type: "directive",
						offset: this.offset,
						source: this.source
					};
					return;
				case "byte-order-mark":
				case "space":
				case "comment":
				case "newline":
					yield this.sourceToken;
					return;
				case "doc-mode":
				case "doc-start": {
					const doc = {
						type: "document",
						offset: this.offset,
						start: []
					};
					if (this.type === "doc-start") doc.start.push(this.sourceToken);
					this.stack.push(doc);
					return;
				}
			}
			yield {
				type: "error",
				offset: this.offset,
				message: `Unexpected ${this.type} token in YAML stream`,
				source: this.source
			};
		}
		*document(doc) {
			if (doc.value) return yield* this.lineEnd(doc);
			switch (this.type) {
				case "doc-start":
					if (findNonEmptyIndex(doc.start) !== -1) {
						yield* this.pop();
						yield* this.step();
					} else doc.start.push(this.sourceToken);
					return;
				case "anchor":
				case "tag":
				case "space":
				case "comment":
				case "newline":
					doc.start.push(this.sourceToken);
					return;
			}
			const bv = this.startBlockValue(doc);
			if (bv) this.stack.push(bv);
			else yield {
				type: "error",
				offset: this.offset,
				message: `Unexpected ${this.type} token in YAML document`,
				source: this.source
			};
		}
		*scalar(scalar) {
			if (this.type === "map-value-ind") {
				const start = getFirstKeyStartProps(getPrevProps(this.peek(2)));
				let sep;
				if (scalar.end) {
					sep = scalar.end;
					sep.push(this.sourceToken);
					delete scalar.end;
				} else sep = [this.sourceToken];
				const map = {
					type: "block-map",
					offset: scalar.offset,
					indent: scalar.indent,
					items: [{
						start,
						key: scalar,
						sep
					}]
				};
				this.onKeyLine = true;
				this.stack[this.stack.length - 1] = map;
			} else yield* this.lineEnd(scalar);
		}
		*blockScalar(scalar) {
			switch (this.type) {
				case "space":
				case "comment":
				case "newline":
					scalar.props.push(this.sourceToken);
					return;
				case "scalar":
					scalar.source = this.source;
					this.atNewLine = true;
					this.indent = 0;
					if (this.onNewLine) {
						let nl = this.source.indexOf("\n") + 1;
						while (nl !== 0) {
							this.onNewLine(this.offset + nl);
							nl = this.source.indexOf("\n", nl) + 1;
						}
					}
					yield* this.pop();
					break;
				/* istanbul ignore next should not happen */
				default:
					yield* this.pop();
					yield* this.step();
			}
		}
		*blockMap(map) {
			const it = map.items[map.items.length - 1];
			switch (this.type) {
				case "newline":
					this.onKeyLine = false;
					if (it.value) {
						const end = "end" in it.value ? it.value.end : void 0;
						if ((Array.isArray(end) ? end[end.length - 1] : void 0)?.type === "comment") end?.push(this.sourceToken);
						else map.items.push({ start: [this.sourceToken] });
					} else if (it.sep) it.sep.push(this.sourceToken);
					else it.start.push(this.sourceToken);
					return;
				case "space":
				case "comment":
					if (it.value) map.items.push({ start: [this.sourceToken] });
					else if (it.sep) it.sep.push(this.sourceToken);
					else {
						if (this.atIndentedComment(it.start, map.indent)) {
							const end = map.items[map.items.length - 2]?.value?.end;
							if (Array.isArray(end)) {
								arrayPushArray(end, it.start);
								end.push(this.sourceToken);
								map.items.pop();
								return;
							}
						}
						it.start.push(this.sourceToken);
					}
					return;
			}
			if (this.indent >= map.indent) {
				const atMapIndent = !this.onKeyLine && this.indent === map.indent;
				const atNextItem = atMapIndent && (it.sep || it.explicitKey) && this.type !== "seq-item-ind";
				let start = [];
				if (atNextItem && it.sep && !it.value) {
					const nl = [];
					for (let i = 0; i < it.sep.length; ++i) {
						const st = it.sep[i];
						switch (st.type) {
							case "newline":
								nl.push(i);
								break;
							case "space": break;
							case "comment":
								if (st.indent > map.indent) nl.length = 0;
								break;
							default: nl.length = 0;
						}
					}
					if (nl.length >= 2) start = it.sep.splice(nl[1]);
				}
				switch (this.type) {
					case "anchor":
					case "tag":
						if (atNextItem || it.value) {
							start.push(this.sourceToken);
							map.items.push({ start });
							this.onKeyLine = true;
						} else if (it.sep) it.sep.push(this.sourceToken);
						else it.start.push(this.sourceToken);
						return;
					case "explicit-key-ind":
						if (!it.sep && !it.explicitKey) {
							it.start.push(this.sourceToken);
							it.explicitKey = true;
						} else if (atNextItem || it.value) {
							start.push(this.sourceToken);
							map.items.push({
								start,
								explicitKey: true
							});
						} else this.stack.push({
							type: "block-map",
							offset: this.offset,
							indent: this.indent,
							items: [{
								start: [this.sourceToken],
								explicitKey: true
							}]
						});
						this.onKeyLine = true;
						return;
					case "map-value-ind":
						if (it.explicitKey) {
							if (!it.sep) {
								if (includesToken(it.start, "newline")) Object.assign(it, {
									key: null,
									sep: [this.sourceToken]
								});
								else {
									const start = getFirstKeyStartProps(it.start);
									this.stack.push({
										type: "block-map",
										offset: this.offset,
										indent: this.indent,
										items: [{
											start,
											key: null,
											sep: [this.sourceToken]
										}]
									});
								}
							} else if (it.value) map.items.push({
								start: [],
								key: null,
								sep: [this.sourceToken]
							});
							else if (includesToken(it.sep, "map-value-ind")) this.stack.push({
								type: "block-map",
								offset: this.offset,
								indent: this.indent,
								items: [{
									start,
									key: null,
									sep: [this.sourceToken]
								}]
							});
							else if (isFlowToken(it.key) && !includesToken(it.sep, "newline")) {
								const start = getFirstKeyStartProps(it.start);
								const key = it.key;
								const sep = it.sep;
								sep.push(this.sourceToken);
								delete it.key;
								delete it.sep;
								this.stack.push({
									type: "block-map",
									offset: this.offset,
									indent: this.indent,
									items: [{
										start,
										key,
										sep
									}]
								});
							} else if (start.length > 0) it.sep = it.sep.concat(start, this.sourceToken);
							else it.sep.push(this.sourceToken);
						} else if (!it.sep) Object.assign(it, {
							key: null,
							sep: [this.sourceToken]
						});
						else if (it.value || atNextItem) map.items.push({
							start,
							key: null,
							sep: [this.sourceToken]
						});
						else if (includesToken(it.sep, "map-value-ind")) this.stack.push({
							type: "block-map",
							offset: this.offset,
							indent: this.indent,
							items: [{
								start: [],
								key: null,
								sep: [this.sourceToken]
							}]
						});
						else it.sep.push(this.sourceToken);
						this.onKeyLine = true;
						return;
					case "alias":
					case "scalar":
					case "single-quoted-scalar":
					case "double-quoted-scalar": {
						const fs = this.flowScalar(this.type);
						if (atNextItem || it.value) {
							map.items.push({
								start,
								key: fs,
								sep: []
							});
							this.onKeyLine = true;
						} else if (it.sep) this.stack.push(fs);
						else {
							Object.assign(it, {
								key: fs,
								sep: []
							});
							this.onKeyLine = true;
						}
						return;
					}
					default: {
						const bv = this.startBlockValue(map);
						if (bv) {
							if (bv.type === "block-seq") {
								if (!it.explicitKey && it.sep && !includesToken(it.sep, "newline")) {
									yield* this.pop({
										type: "error",
										offset: this.offset,
										message: "Unexpected block-seq-ind on same line with key",
										source: this.source
									});
									return;
								}
							} else if (atMapIndent) map.items.push({ start });
							this.stack.push(bv);
							return;
						}
					}
				}
			}
			yield* this.pop();
			yield* this.step();
		}
		*blockSequence(seq) {
			const it = seq.items[seq.items.length - 1];
			switch (this.type) {
				case "newline":
					if (it.value) {
						const end = "end" in it.value ? it.value.end : void 0;
						if ((Array.isArray(end) ? end[end.length - 1] : void 0)?.type === "comment") end?.push(this.sourceToken);
						else seq.items.push({ start: [this.sourceToken] });
					} else it.start.push(this.sourceToken);
					return;
				case "space":
				case "comment":
					if (it.value) seq.items.push({ start: [this.sourceToken] });
					else {
						if (this.atIndentedComment(it.start, seq.indent)) {
							const end = seq.items[seq.items.length - 2]?.value?.end;
							if (Array.isArray(end)) {
								arrayPushArray(end, it.start);
								end.push(this.sourceToken);
								seq.items.pop();
								return;
							}
						}
						it.start.push(this.sourceToken);
					}
					return;
				case "anchor":
				case "tag":
					if (it.value || this.indent <= seq.indent) break;
					it.start.push(this.sourceToken);
					return;
				case "seq-item-ind":
					if (this.indent !== seq.indent) break;
					if (it.value || includesToken(it.start, "seq-item-ind")) seq.items.push({ start: [this.sourceToken] });
					else it.start.push(this.sourceToken);
					return;
			}
			if (this.indent > seq.indent) {
				const bv = this.startBlockValue(seq);
				if (bv) {
					this.stack.push(bv);
					return;
				}
			}
			yield* this.pop();
			yield* this.step();
		}
		*flowCollection(fc) {
			const it = fc.items[fc.items.length - 1];
			if (this.type === "flow-error-end") {
				let top;
				do {
					yield* this.pop();
					top = this.peek(1);
				} while (top?.type === "flow-collection");
			} else if (fc.end.length === 0) {
				switch (this.type) {
					case "comma":
					case "explicit-key-ind":
						if (!it || it.sep) fc.items.push({ start: [this.sourceToken] });
						else it.start.push(this.sourceToken);
						return;
					case "map-value-ind":
						if (!it || it.value) fc.items.push({
							start: [],
							key: null,
							sep: [this.sourceToken]
						});
						else if (it.sep) it.sep.push(this.sourceToken);
						else Object.assign(it, {
							key: null,
							sep: [this.sourceToken]
						});
						return;
					case "space":
					case "comment":
					case "newline":
					case "anchor":
					case "tag":
						if (!it || it.value) fc.items.push({ start: [this.sourceToken] });
						else if (it.sep) it.sep.push(this.sourceToken);
						else it.start.push(this.sourceToken);
						return;
					case "alias":
					case "scalar":
					case "single-quoted-scalar":
					case "double-quoted-scalar": {
						const fs = this.flowScalar(this.type);
						if (!it || it.value) fc.items.push({
							start: [],
							key: fs,
							sep: []
						});
						else if (it.sep) this.stack.push(fs);
						else Object.assign(it, {
							key: fs,
							sep: []
						});
						return;
					}
					case "flow-map-end":
					case "flow-seq-end":
						fc.end.push(this.sourceToken);
						return;
				}
				const bv = this.startBlockValue(fc);
				/* istanbul ignore else should not happen */
				if (bv) this.stack.push(bv);
				else {
					yield* this.pop();
					yield* this.step();
				}
			} else {
				const parent = this.peek(2);
				if (parent.type === "block-map" && (this.type === "map-value-ind" && parent.indent === fc.indent || this.type === "newline" && !parent.items[parent.items.length - 1].sep)) {
					yield* this.pop();
					yield* this.step();
				} else if (this.type === "map-value-ind" && parent.type !== "flow-collection") {
					const start = getFirstKeyStartProps(getPrevProps(parent));
					fixFlowSeqItems(fc);
					const sep = fc.end.splice(1, fc.end.length);
					sep.push(this.sourceToken);
					const map = {
						type: "block-map",
						offset: fc.offset,
						indent: fc.indent,
						items: [{
							start,
							key: fc,
							sep
						}]
					};
					this.onKeyLine = true;
					this.stack[this.stack.length - 1] = map;
				} else yield* this.lineEnd(fc);
			}
		}
		flowScalar(type) {
			if (this.onNewLine) {
				let nl = this.source.indexOf("\n") + 1;
				while (nl !== 0) {
					this.onNewLine(this.offset + nl);
					nl = this.source.indexOf("\n", nl) + 1;
				}
			}
			return {
				type,
				offset: this.offset,
				indent: this.indent,
				source: this.source
			};
		}
		startBlockValue(parent) {
			switch (this.type) {
				case "alias":
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return this.flowScalar(this.type);
				case "block-scalar-header": return {
					type: "block-scalar",
					offset: this.offset,
					indent: this.indent,
					props: [this.sourceToken],
					source: ""
				};
				case "flow-map-start":
				case "flow-seq-start": return {
					type: "flow-collection",
					offset: this.offset,
					indent: this.indent,
					start: this.sourceToken,
					items: [],
					end: []
				};
				case "seq-item-ind": return {
					type: "block-seq",
					offset: this.offset,
					indent: this.indent,
					items: [{ start: [this.sourceToken] }]
				};
				case "explicit-key-ind": {
					this.onKeyLine = true;
					const start = getFirstKeyStartProps(getPrevProps(parent));
					start.push(this.sourceToken);
					return {
						type: "block-map",
						offset: this.offset,
						indent: this.indent,
						items: [{
							start,
							explicitKey: true
						}]
					};
				}
				case "map-value-ind": {
					this.onKeyLine = true;
					const start = getFirstKeyStartProps(getPrevProps(parent));
					return {
						type: "block-map",
						offset: this.offset,
						indent: this.indent,
						items: [{
							start,
							key: null,
							sep: [this.sourceToken]
						}]
					};
				}
			}
			return null;
		}
		atIndentedComment(start, indent) {
			if (this.type !== "comment") return false;
			if (this.indent <= indent) return false;
			return start.every((st) => st.type === "newline" || st.type === "space");
		}
		*documentEnd(docEnd) {
			if (this.type !== "doc-mode") {
				if (docEnd.end) docEnd.end.push(this.sourceToken);
				else docEnd.end = [this.sourceToken];
				if (this.type === "newline") yield* this.pop();
			}
		}
		*lineEnd(token) {
			switch (this.type) {
				case "comma":
				case "doc-start":
				case "doc-end":
				case "flow-seq-end":
				case "flow-map-end":
				case "map-value-ind":
					yield* this.pop();
					yield* this.step();
					break;
				case "newline": this.onKeyLine = false;
				default:
					if (token.end) token.end.push(this.sourceToken);
					else token.end = [this.sourceToken];
					if (this.type === "newline") yield* this.pop();
			}
		}
	};
	exports.Parser = Parser;
}));

// ../../node_modules/yaml/dist/public-api.js
var require_public_api = /* @__PURE__ */ __commonJSMin(((exports) => {
	var composer = require_composer();
	var Document = require_Document();
	var errors = require_errors();
	var log = require_log();
	var identity = require_identity();
	var lineCounter = require_line_counter();
	var parser = require_parser();
	function parseOptions(options) {
		const prettyErrors = options.prettyErrors !== false;
		return {
			lineCounter: options.lineCounter || prettyErrors && new lineCounter.LineCounter() || null,
			prettyErrors
		};
	}
	/**
	* Parse the input as a stream of YAML documents.
	*
	* Documents should be separated from each other by `...` or `---` marker lines.
	*
	* @returns If an empty `docs` array is returned, it will be of type
	*   EmptyStream and contain additional stream information. In
	*   TypeScript, you should use `'empty' in docs` as a type guard for it.
	*/
	function parseAllDocuments(source, options = {}) {
		const { lineCounter, prettyErrors } = parseOptions(options);
		const parser$1 = new parser.Parser(lineCounter?.addNewLine);
		const composer$1 = new composer.Composer(options);
		const docs = Array.from(composer$1.compose(parser$1.parse(source)));
		if (prettyErrors && lineCounter) for (const doc of docs) {
			doc.errors.forEach(errors.prettifyError(source, lineCounter));
			doc.warnings.forEach(errors.prettifyError(source, lineCounter));
		}
		if (docs.length > 0) return docs;
		return Object.assign([], { empty: true }, composer$1.streamInfo());
	}
	/** Parse an input string into a single YAML.Document */
	function parseDocument(source, options = {}) {
		const { lineCounter, prettyErrors } = parseOptions(options);
		const parser$1 = new parser.Parser(lineCounter?.addNewLine);
		const composer$1 = new composer.Composer(options);
		let doc = null;
		for (const _doc of composer$1.compose(parser$1.parse(source), true, source.length)) if (!doc) doc = _doc;
		else if (doc.options.logLevel !== "silent") {
			doc.errors.push(new errors.YAMLParseError(_doc.range.slice(0, 2), "MULTIPLE_DOCS", "Source contains multiple documents; please use YAML.parseAllDocuments()"));
			break;
		}
		if (prettyErrors && lineCounter) {
			doc.errors.forEach(errors.prettifyError(source, lineCounter));
			doc.warnings.forEach(errors.prettifyError(source, lineCounter));
		}
		return doc;
	}
	function parse(src, reviver, options) {
		let _reviver = void 0;
		if (typeof reviver === "function") _reviver = reviver;
		else if (options === void 0 && reviver && typeof reviver === "object") options = reviver;
		const doc = parseDocument(src, options);
		if (!doc) return null;
		doc.warnings.forEach((warning) => log.warn(doc.options.logLevel, warning));
		if (doc.errors.length > 0) {
			if (doc.options.logLevel !== "silent") throw doc.errors[0];
			else doc.errors = [];
		}
		return doc.toJS(Object.assign({ reviver: _reviver }, options));
	}
	function stringify(value, replacer, options) {
		let _replacer = null;
		if (typeof replacer === "function" || Array.isArray(replacer)) _replacer = replacer;
		else if (options === void 0 && replacer) options = replacer;
		if (typeof options === "string") options = options.length;
		if (typeof options === "number") {
			const indent = Math.round(options);
			options = indent < 1 ? void 0 : indent > 8 ? { indent: 8 } : { indent };
		}
		if (value === void 0) {
			const { keepUndefined } = options ?? replacer ?? {};
			if (!keepUndefined) return void 0;
		}
		if (identity.isDocument(value) && !_replacer) return value.toString(options);
		return new Document.Document(value, _replacer, options).toString(options);
	}
	exports.parse = parse;
	exports.parseAllDocuments = parseAllDocuments;
	exports.parseDocument = parseDocument;
	exports.stringify = stringify;
}));

// ../../node_modules/yaml/dist/index.js
var require_dist = /* @__PURE__ */ __commonJSMin(((exports) => {
	var composer = require_composer();
	var Document = require_Document();
	var Schema = require_Schema();
	var errors = require_errors();
	var Alias = require_Alias();
	var identity = require_identity();
	var Pair = require_Pair();
	var Scalar = require_Scalar();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	var cst = require_cst();
	var lexer = require_lexer();
	var lineCounter = require_line_counter();
	var parser = require_parser();
	var publicApi = require_public_api();
	var visit = require_visit();
	exports.Composer = composer.Composer;
	exports.Document = Document.Document;
	exports.Schema = Schema.Schema;
	exports.YAMLError = errors.YAMLError;
	exports.YAMLParseError = errors.YAMLParseError;
	exports.YAMLWarning = errors.YAMLWarning;
	exports.Alias = Alias.Alias;
	exports.isAlias = identity.isAlias;
	exports.isCollection = identity.isCollection;
	exports.isDocument = identity.isDocument;
	exports.isMap = identity.isMap;
	exports.isNode = identity.isNode;
	exports.isPair = identity.isPair;
	exports.isScalar = identity.isScalar;
	exports.isSeq = identity.isSeq;
	exports.Pair = Pair.Pair;
	exports.Scalar = Scalar.Scalar;
	exports.YAMLMap = YAMLMap.YAMLMap;
	exports.YAMLSeq = YAMLSeq.YAMLSeq;
	exports.CST = cst;
	exports.Lexer = lexer.Lexer;
	exports.LineCounter = lineCounter.LineCounter;
	exports.Parser = parser.Parser;
	exports.parse = publicApi.parse;
	exports.parseAllDocuments = publicApi.parseAllDocuments;
	exports.parseDocument = publicApi.parseDocument;
	exports.stringify = publicApi.stringify;
	exports.visit = visit.visit;
	exports.visitAsync = visit.visitAsync;
}));

// ../core/dist/manifest/documents/document-kind.js
var import_ipaddr = /* @__PURE__ */ __toESM(require_ipaddr(), 1);
const PACKED = {
	name: "a compressed document",
	reader: "cloud-init",
	isOpaque: true,
	mediaType: "application/gzip"
};
const MULTI_PART = {
	name: "a multi-part document",
	reader: "cloud-init",
	isOpaque: true
};
const UNKNOWN$1 = {
	name: "a document of an unknown kind",
	reader: "unknown"
};
/**
* First lines that cloud-init recognizes, in any case and after leading spaces (cloud-init `handlers/__init__.py`, 22.4
* and 25.1). Longer ones come first.
*/
const CLOUD_INIT$1 = [
	["#cloud-config-archive", {
		name: "a cloud-config archive",
		yaml: "list",
		mediaType: "text/cloud-config-archive"
	}],
	["#cloud-config-jsonp", {
		name: "a cloud-config patch",
		isPatch: true,
		mediaType: "text/cloud-config-jsonp"
	}],
	["#cloud-config", {
		name: "a cloud-config",
		yaml: "mapping",
		mediaType: "text/cloud-config"
	}],
	["#cloud-boothook", {
		name: "a boot hook",
		mediaType: "text/cloud-boothook"
	}],
	["#include", { name: "a list of addresses" }],
	["#part-handler", {
		name: "a part handler",
		mediaType: "text/part-handler"
	}],
	["#upstart-job", { name: "an upstart job" }],
	["## template: jinja", {
		name: "a Jinja template",
		isTemplate: true
	}],
	["#!", {
		name: "a script",
		mediaType: "text/x-shellscript"
	}]
];
const OTHERS = [
	[/^\s*\{[\s\S]*"ignition"\s*:/, "an Ignition config"],
	[/^\s*#ps1/i, "a PowerShell script"],
	[/^\s*rem cmd/i, "a batch file"],
	[/^\s*<(?:powershell|script)>/i, "a script for Windows"],
	[/^version: *["']?v1alpha1\b/m, "a Talos machine config"],
	[/^apiVersion: *["']?v1alpha1\b/m, "a Talos config document"]
];
/** Returns the type of a document. */
function documentKind(document) {
	const text = typeof document === "string" ? document : atob(document.base64);
	if (text.startsWith("")) return PACKED;
	if (/^(?:content-type|mime-version):/i.test(text)) return MULTI_PART;
	const start = text.trimStart().toLowerCase();
	const known = CLOUD_INIT$1.find(([first]) => start.startsWith(first));
	if (known !== void 0) return {
		...known[1],
		reader: "cloud-init"
	};
	const other = OTHERS.find(([first]) => first.test(text));
	return other === void 0 ? UNKNOWN$1 : {
		name: other[1],
		reader: "other"
	};
}

// ../core/dist/manifest/documents/jinja.js
var import_dist = require_dist();
const OPENING = /\{[{%#]/g;
const CLOSING = {
	"{{": "}}",
	"{%": "%}",
	"{#": "#}"
};
/** The first line marks a template (cloud-init `templater.py`) and is not part of the result. */
function withoutTemplate(document) {
	const start = document.indexOf("\n") + 1;
	const filled = fill(start === 0 ? "" : document.slice(start));
	return {
		...filled,
		text: `\n${filled.text}`
	};
}
function fill(text) {
	let [out, at] = ["", 0];
	const left = [];
	const isOut = () => left.includes(true);
	const keep = (part) => {
		out += isOut() ? linesOf(part) : part;
	};
	OPENING.lastIndex = 0;
	for (let found = OPENING.exec(text); found !== null; found = OPENING.exec(text)) {
		const [opening] = found;
		const end = text.indexOf(CLOSING[opening] ?? "", found.index + 2);
		if (end < 0) return {
			text: out,
			unclosed: found.index
		};
		keep(text.slice(at, found.index));
		const whole = text.slice(found.index, end + 2);
		if (opening === "{{") keep(`${"x".repeat(whole.replaceAll("\n", "").length)}${linesOf(whole)}`);
		else {
			if (opening === "{%") follow(whole, left);
			out += linesOf(whole);
		}
		at = end + 2;
		OPENING.lastIndex = at;
	}
	keep(text.slice(at));
	return { text: out };
}
function follow(tag, left) {
	const [, word = ""] = /^\{%[-+]?\s*(\w+)/.exec(tag) ?? [];
	if (/^(?:if|for)$/.test(word)) left.push(false);
	else if (/^(?:else|elif)$/.test(word)) left.splice(-1, 1, true);
	else if (/^end(?:if|for)$/.test(word)) left.pop();
}
function linesOf(text) {
	return "\n".repeat(text.split("\n").length - 1);
}

// ../core/dist/manifest/documents/contradictions.js
/** Parses a cloud-config. Returns undefined for other documents and for one that cannot be parsed. */
function readCloudConfig(document) {
	if (typeof document !== "string" || documentKind(document).yaml !== "mapping") return void 0;
	try {
		const value = (0, import_dist.parse)(document, {
			version: "1.1",
			uniqueKeys: false,
			logLevel: "silent"
		});
		return isMapping(value) ? value : void 0;
	} catch {
		return;
	}
}
/** Returns the keys of `cloudInit` that a document of the same machine contradicts. */
function contradictions(cloudInit) {
	return ["userData", "vendorData"].flatMap((document) => {
		const config = readCloudConfig(asFilled(cloudInit[document]));
		if (config === void 0) return [];
		return findIn(config, cloudInit).map(([key, words]) => ({
			key,
			message: `\`${document}\` ${words}`
		}));
	});
}
/** Replaces the placeholders of a template with words. That is enough to see which keys it has. */
function asFilled(document) {
	return typeof document === "string" && documentKind(document).isTemplate === true ? withoutTemplate(document).text : document;
}
function findIn(config, { user, password, upgrade }) {
	const named = isMapping(config.user) ? config.user.name : config.user;
	const theirUser = typeof named === "string" ? named : void 0;
	const found = [];
	if (user !== void 0 && theirUser !== void 0 && theirUser !== user) found.push(["user", `creates the user ${theirUser}, but \`cloudInit.user\` is ${user}: remove one of them.`]);
	if (password !== void 0 && setsPassword(config, user ?? theirUser)) found.push(["password", "sets a password, and so does `cloudInit.password`: remove one of them."]);
	if (user === "root" && config.disable_root === true) found.push(["user", "has `disable_root: true`, but `cloudInit.user` is root, who then cannot log in."]);
	const theirUpgrade = config.package_upgrade;
	if (upgrade !== void 0 && typeof theirUpgrade === "boolean" && theirUpgrade !== upgrade) found.push(["upgrade", `has \`package_upgrade: ${theirUpgrade}\`, but \`cloudInit.upgrade\` is ${upgrade}.`]);
	return found;
}
function setsPassword(config, user) {
	if (config.password !== void 0) return true;
	const chpasswd = isMapping(config.chpasswd) ? config.chpasswd : {};
	const { list = [] } = chpasswd;
	const names = [...(Array.isArray(list) ? list : typeof list === "string" ? list.split("\n") : []).map((line) => String(line).split(":")[0]), ...mappings(chpasswd.users).map(({ name }) => name)];
	if (user !== void 0 && names.includes(user)) return true;
	return [...mappings(config.users), ...mappings([config.user])].filter(({ name = user }) => name === user).some((entry) => [
		"passwd",
		"hashed_passwd",
		"plain_text_passwd"
	].some((key) => entry[key] !== void 0));
}
function mappings(value) {
	return Array.isArray(value) ? value.filter(isMapping) : [];
}
function isMapping(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ../core/dist/manifest/password.js
/** Patterns of hashes (libxcrypt, crypt(5)), by their common name. */
const KINDS$2 = {
	yescrypt: /^\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}$/,
	"gost-yescrypt": /^\$gy\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}$/,
	scrypt: /^\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}$/,
	bcrypt: /^\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}$/,
	"SHA-512": /^\$6\$(?:rounds=[1-9][0-9]+\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{86}$/,
	"SHA-256": /^\$5\$(?:rounds=[1-9][0-9]+\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{43}$/,
	"SHA-1": /^\$sha1\$[1-9][0-9]+\$[./0-9A-Za-z]{1,64}\$[./0-9A-Za-z]{28}$/,
	"Sun MD5": /^\$md5(?:,rounds=\d+)?\$[./0-9A-Za-z]{1,16}\$\$?[./0-9A-Za-z]{22}$/,
	SM3: /^\$sm3\$(?:rounds=[1-9][0-9]+\$)?[^$:\n]{1,16}\$[./0-9A-Za-z]{43}$/,
	"sm3-yescrypt": /^\$sm3y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43}$/,
	NT: /^\$3\$\$[0-9a-f]{32}$/,
	MD5: /^\$1\$[^$:\n]{1,8}\$[./0-9A-Za-z]{22}$/
};
/** Returns true if a password is a hash, which is used as it is. */
function isPasswordHash(password) {
	return Object.values(KINDS$2).some((shape) => shape.test(password));
}
/**
* `$argon2id$v=19$…` → `argon2id`: the type of a hash that Linux does not support. Returns undefined for other
* passwords.
*/
function strangeHash(password) {
	const [, kind] = /^\$([a-z][a-z0-9-]*)[$,]\S{20,}$/i.exec(password) ?? [];
	return kind === void 0 || isPasswordHash(password) || isBrokenHash(password) ? void 0 : kind;
}
/**
* Returns true if a password starts like a hash and is too long for most passwords, but is not a valid hash. It was
* probably truncated when it was copied.
*/
function isBrokenHash(password) {
	return /^\$(?:y|gy|7|2[abxy]|6|5|sha1|1)\$.{20}/.test(password) && !isPasswordHash(password);
}

// ../core/dist/manifest/machine-disks.js
/** The bus position of the boot disk. */
const BOOT_DISK = "scsi0";
/**
* Returns the bus positions of a machine's disks, boot disk first: `scsi0`, `scsi1`, `virtio0`, `scsi2`. A disk with a
* serial number is where the config has that serial number. The others take the first free positions of their bus, in
* their order.
*/
function diskKeys({ disks }, config = {}) {
	const keys = /* @__PURE__ */ new Map();
	const isFree = (key) => key !== "scsi0" && ![...keys.values()].includes(key);
	for (const disk of disks) {
		const key = keyBySerial(disk, config, isFree);
		if (key !== void 0) keys.set(disk, key);
	}
	for (const disk of disks) if (!keys.has(disk)) keys.set(disk, firstKey(disk, isFree));
	return [BOOT_DISK, ...disks.map((disk) => keys.get(disk) ?? "")];
}
function keyBySerial({ serial, bus = "scsi" }, config, isFree) {
	if (serial === void 0) return void 0;
	const isIt = (key) => key.replace(/\d+$/, "") === bus && isFree(key) && serialOfDrive(config[key]) === serial;
	return Object.keys(config).filter(isIt).sort()[0];
}
function firstKey({ bus = "scsi" }, isFree) {
	let index = 0;
	while (!isFree(`${bus}${index}`)) index += 1;
	return `${bus}${index}`;
}
/** Returns the serial number of a drive in Proxmox's config, or undefined if it has none. */
function serialOfDrive(drive) {
	const [, serial] = typeof drive === "string" && /,serial=([^,]+)/.exec(drive) || [];
	try {
		return serial && decodeURIComponent(serial);
	} catch {
		return serial;
	}
}
/** Returns the disks in the config of a machine, each with the storage that the manifest names for it. */
function storedDisks(machine, config) {
	const { disks, storage, declared } = machine;
	const [boot = BOOT_DISK, ...further] = diskKeys(machine, config);
	const beside = [
		"efidisk0",
		"tpmstate0",
		"ide2"
	].map((key) => ({
		key,
		place: `storage.disks (${key})`
	}));
	return [
		{
			key: boot,
			place: "storage.disks",
			storage: storage.disks
		},
		...(declared.has("disks") ? disks : []).map((disk, index) => ({
			key: further[index] ?? "",
			place: `disks[${index}].storage`,
			storage: disk.storage ?? storage.disks
		})),
		...beside.map((one) => ({
			...one,
			storage: storage.disks
		}))
	].filter(({ key }) => volumeStorage(config[key]) !== void 0 && (key !== "ide2" || isCloudInitDrive(config[key])));
}
/** Returns the storage of a drive in Proxmox's config, or undefined for an empty CD drive. */
function volumeStorage(drive) {
	return typeof drive === "string" ? /^([a-zA-Z][\w.-]*):/.exec(drive)?.[1] : void 0;
}
/** Returns true for the drive with the cloud-init documents that Proxmox writes. */
function isCloudInitDrive(drive) {
	return typeof drive === "string" && /^[^,]*cloudinit/.test(drive);
}
/** Returns the additional disks that start with an image. */
function imageDisks(machine, config) {
	const keys = diskKeys(machine, config);
	return machine.disks.flatMap((disk, index) => {
		const { image, storage = machine.storage.disks } = disk;
		return image === void 0 ? [] : [{
			key: keys[index + 1] ?? "",
			image,
			storage,
			disk
		}];
	});
}
/** Drives for ISO images. The cloud-init drive uses `ide2`, and additional disks fill a bus from its first position. */
const CD_DRIVES = ["ide0", "sata5"];
/** Returns the CD drives that contain an image of the manifest. */
function imageCds({ cdroms }) {
	return cdroms.flatMap((cdrom, index) => "image" in cdrom ? [{
		key: CD_DRIVES[index] ?? "",
		image: cdrom.image
	}] : []);
}
/**
* Returns true if a drive in Proxmox's config contains a build of this image. It compares the file name that this
* program uses.
*/
function holdsIso(drive, image) {
	const [file = ""] = typeof drive === "string" ? drive.split(",") : [];
	const name = file.slice(file.indexOf(":iso/") + 5);
	return name.startsWith(`${fileStem(image)}-`) && /^[0-9a-f]{16}(-\d+)?\.iso$/.test(name.slice(fileStem(image).length + 1));
}
/** Returns the name of an image as the start of a file name. */
function fileStem(image) {
	return image.replace(/[^a-zA-Z0-9_.-]/g, "_");
}
/** Returns the images of all disks and CDs. */
function imagesOf(machine) {
	return [machine.image, ...[...imageDisks(machine), ...imageCds(machine)].map(({ image }) => image)];
}
/** Returns the images of additional disks and CDs that a guest with this config lacks. */
function lackingImages(machine, config) {
	const disks = imageDisks(machine, config).filter(({ key }) => config[key] === void 0);
	const cds = imageCds(machine).filter(({ key, image }) => !holdsIso(config[key], image));
	return [...disks, ...cds].map(({ image }) => image);
}
/** Returns the storages on which disks of a machine start with this image. */
function storagesFor(machine, image) {
	const further = imageDisks(machine).flatMap((disk) => disk.image === image ? [disk.storage] : []);
	return [.../* @__PURE__ */ new Set([...machine.image === image ? [machine.storage.disks] : [], ...further])];
}

// ../core/dist/manifest/built-images.js
/** Returns the image and its base images, down to the one with a source of its own. */
function withBases(name, images) {
	const names = [name];
	for (let image = images.get(name); image?.kind === "built"; image = images.get(image.from)) {
		if (names.includes(image.from)) break;
		names.push(image.from);
	}
	return names;
}
function isSource(image) {
	return image.kind !== "built";
}
/** Returns the images of a machine and their base images. */
function sourcesOf(machine, { images }) {
	return imagesOf(machine).flatMap((name) => withBases(name, images));
}
/** Returns the image and all images that are built on it. */
function withBuilds(name, images) {
	return [name, ...[...images.keys()].filter((other) => other !== name && withBases(other, images).includes(name))];
}

// ../core/dist/plan/storages.js
/** Returns a storage as a node sees it. */
function storageOf$1(facts, { node, storage }) {
	return facts.cluster.storages.find((entry) => entry.node === node && entry.storage === storage);
}
/** Returns the lane of a storage: cluster-wide for a shared one, otherwise for its node. */
function storageLane(storage, at) {
	return `storage:${placeOf(storage, at)}`;
}
/** Returns the name of a storage in ids and reasons: `nfs` if it is shared, else `pve1/local`. */
function placeOf(storage, { node, storage: name }) {
	return storage?.shared ? name : `${node}/${name}`;
}

// ../core/dist/manifest/static-addresses.js
/** Returns the addresses that the manifest sets, without their prefix. */
function staticAddresses({ cloudInit }) {
	return (cloudInit?.addresses ?? []).flatMap(({ ip, ip6 }) => [ip, ip6]).flatMap((address) => address?.includes("/") ? [address.slice(0, address.indexOf("/"))] : []);
}

// \0builtin:node:url?node_modules/proxmox-api/esm/ProxmoxEngine.js
const builtin$2 = process.getBuiltinModule("node:url");
const read$2 = (name) => builtin$2[name];
const _URL = /* @__PURE__ */ read$2("URL");

// ../../node_modules/proxmox-api/esm/ProxmoxEngine.js
const baseHeader = {
	Accept: "*/*",
	"User-Agent": "proxmox-api (https://github.com/UrielCh/proxmox-api)"
};
/**
* Default Proxmox doRequest provider, this Class will be used if you provide Proxmox authentification options to the Proxy generator
*/
var ProxmoxEngine = class {
	constructor(options) {
		this.fetch = options.fetch || fetch;
		if ("tokenID" in options && options.tokenSecret) {
			this.username = "";
			this.password = "";
			if (!options.tokenID.match(/.*@.+\!.+/)) {
				const msg = "invalid tokenID, format should look be like USER@REALM!TOKENID";
				console.error(msg);
				throw Error(msg);
			}
			if (!options.tokenSecret.match(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)) {
				const msg = "invalid tokenSecret, format should be an lowercased UUID like 12345678-1234-1234-1234-1234567890ab";
				console.error(msg);
				throw Error(msg);
			}
			this.ticket = `PVEAPIToken=${options.tokenID}=${options.tokenSecret}`;
		} else {
			const optPass = options;
			this.username = optPass.username || "root@pam";
			this.password = optPass.password;
			if (!this.password) {
				const msg = `password is missing for Proxmox connection`;
				console.error(msg);
				throw Error(msg);
			}
		}
		this.hostname = options.host;
		this.port = options.port;
		this.schema = options.schema || "https";
		this.authTimeout = options.authTimeout || 5e3;
		this.queryTimeout = options.queryTimeout || 6e4;
		this.debug = options.debug;
	}
	get host() {
		if (!this.port) return this.hostname;
		return `${this.hostname}:${this.port}`;
	}
	/**
	*
	* @param method http method GET POST PUT of DELETE
	* @param path http path
	* @param pathTemplate http path without var replacements *
	* @param params query params
	* @param retries retries id
	* @returns data from remote response
	*/
	async doRequest(method, path, pathTemplate, params, retries = 0) {
		const { CSRFPreventionToken, ticket } = await this.getTicket();
		method = method.toUpperCase();
		if (!retries && params) {
			for (let k in params) if (params.hasOwnProperty(k) && (params[k] === null || params[k] === void 0)) delete params[k];
		}
		const headers = { ...baseHeader };
		if (!this.username) headers.Authorization = ticket;
		else {
			headers.cookie = `PVEAuthCookie=${ticket}`;
			headers.CSRFPreventionToken = CSRFPreventionToken;
		}
		let body = void 0;
		const requestUrl = new _URL(`${this.schema}://${this.host}${path}`);
		if (typeof params === "object" && Object.keys(params).length > 0) {
			let searchParams;
			if (method === "PUT" || method === "POST") searchParams = new URLSearchParams();
			else searchParams = requestUrl.searchParams;
			for (const k of Object.keys(params)) {
				const v = params[k];
				if (v === true) searchParams.set(k, "1");
				else if (v === false) searchParams.set(k, "0");
				else if (Array.isArray(v)) for (const e of v) searchParams.append(k, `${e}`);
				else searchParams.set(k, `${v}`);
			}
			if (method === "PUT" || method === "POST") {
				body = searchParams.toString();
				headers["Content-Type"] = "application/x-www-form-urlencoded";
				headers["Content-Length"] = body.length.toString();
			}
		}
		let res = null;
		const fetchInit = {
			method,
			body,
			headers
		};
		try {
			const controller = new AbortController();
			const id = setTimeout(() => controller.abort(), this.queryTimeout);
			fetchInit.signal = controller.signal;
			res = await this.fetch(requestUrl, fetchInit);
			clearTimeout(id);
		} catch (e) {
			if (this.debug) {
				if (this.debug === "curl") {
					let auth = "";
					if (headers.cookie) auth = `-H "CSRFPreventionToken: ${CSRFPreventionToken}" --cookie ${JSON.stringify(headers.cookie)}`;
					else auth = `-H "Authorization: ${ticket}" --cookie ${JSON.stringify(headers.cookie)}`;
					let data = "";
					if (body) data = `--data ${JSON.stringify(body)}`;
					if (method === "POST") console.log(`curl -v --insecure  ${auth} ${data} ${requestUrl}`);
					else if (method === "GET") console.log(`curl -v --insecure ${auth} ${requestUrl}`);
					else console.log(`curl -v -X ${method} ${auth} ${data} ${requestUrl}`);
				} else if (this.debug === "fetch") console.log(`fetch("${requestUrl}", ${JSON.stringify(fetchInit)})`);
			}
			retries++;
			if (retries < 2) return this.doRequest(method, path, pathTemplate, params, retries);
			let errMsg = `FaILED to call ${method} ${requestUrl}`;
			const err = e;
			if (err.cause && err.cause.message) errMsg += ` cause by:${err.cause.message}`;
			const error = Error(errMsg);
			error.cause = e;
			throw error;
		}
		if (res === null) throw Error(`Failed to fetch ${method} ${requestUrl} return null`);
		const contentType = res.headers.get("content-type");
		let data = { data: null };
		if (contentType === "application/json;charset=UTF-8") try {
			data = await res.json();
		} catch (e) {
			data.errors = "Failed to parse response json";
		}
		else if (contentType === "application/octet-stream") data.data = res.body;
		else if (!contentType) {
			data.errors = "";
			try {
				data.errors = await res.text();
			} catch (e) {}
		} else throw Error(`${method} ${requestUrl} unexpected contentType "${contentType}" status Line:${res.status} ${res.text}`);
		switch (res.status) {
			case 400: throw Error(`${method} ${requestUrl} return Error ${res.status} ${res.statusText}: ${JSON.stringify(data)}`);
			case 500: throw Error(`${method} ${requestUrl} return Error ${res.status} ${res.statusText}: ${JSON.stringify(data)}`);
			case 401:
				if (res.statusText === "invalid PVE ticket" || res.statusText === "permission denied - invalid PVE ticket") {
					this.ticket = void 0;
					if (!this.username) retries = 10;
					retries++;
					if (retries < 2) return this.doRequest(method, path, pathTemplate, params, retries);
				}
				throw Error(`${method} ${requestUrl} return Error ${res.status} ${res.statusText}: ${JSON.stringify(data)}`);
			case 200: return data.data;
			default: throw Error(`${method} ${requestUrl} connection failed with ${res.status} ${res.statusText} return: ${JSON.stringify(data)}`);
		}
	}
	/**
	* return the current ticket/token, or create new ones, is previous one had been discared, or missing.
	* @returns Proxmox API ticket and CSRFPreventionToken
	*/
	async getTicket() {
		if (this.ticket) {
			if (!this.username) return {
				ticket: this.ticket,
				CSRFPreventionToken: ""
			};
			if (this.CSRFPreventionToken) return {
				ticket: this.ticket,
				CSRFPreventionToken: this.CSRFPreventionToken
			};
		}
		const requestUrl = `${this.schema}://${this.host}/api2/json/access/ticket`;
		try {
			const { password, username } = this;
			const body = new URLSearchParams({
				username,
				password
			}).toString();
			const headers = {
				...baseHeader,
				"Content-Type": "application/x-www-form-urlencoded",
				"Content-Length": body.length.toString()
			};
			const controller = new AbortController();
			const id = setTimeout(() => controller.abort(), this.authTimeout);
			const method = "POST";
			const { signal } = controller;
			const r = await this.fetch(requestUrl, {
				method,
				headers,
				signal,
				body
			});
			clearTimeout(id);
			const text = await r.text();
			if (r.status !== 200) throw Error(`login failed with ${r.status}: ${r.statusText} ${text}`);
			const { CSRFPreventionToken, ticket } = JSON.parse(text).data;
			this.CSRFPreventionToken = CSRFPreventionToken;
			this.ticket = ticket;
			return {
				ticket,
				CSRFPreventionToken
			};
		} catch (e) {
			const error = Error(`Auth ${requestUrl} Failed!`);
			error.cause = e;
			throw error;
		}
	}
};

// ../../node_modules/proxmox-api/esm/proxy.js
/**
* Common Getter part fot handlers
* - $()
* - $getv/$put()/$post()/$delete()
* - path navigation
*/
const commonGet = (key, target) => {
	if (key.startsWith("$")) {
		if (key === "$") return (id) => {
			const idStr = String(id).replace(/\//g, "%2F");
			const child = new ProxyApi(target._engine, `${target._path}/${idStr}`, `${target._model}/*`);
			return new Proxy(child, handlerChild);
		};
		const fnc = (params) => {
			const mtd = key.substring(1);
			return target._engine.doRequest(mtd, target._path, target._model, params);
		};
		return fnc.bind(target._engine);
	}
	if (key.startsWith("_")) key = key.substring(1);
	const child = new ProxyApi(target._engine, `${target._path}/${key}`, `${target._model}/${key}`);
	return new Proxy(child, handlerChild);
};
/**
* handler for all proxy level except the root one
* handle:
* - Object Field
* - $()
* - $getv/$put()/$post()/$delete()
* - path navigation
*/
const handlerChild = {
	construct(target, argArray, newTarget) {
		return target;
	},
	get(target, p, receiver) {
		if (typeof p === "symbol") return target[p];
		const key = p.toString();
		switch (key) {
			case "toString":
			case "valueOf":
			case "toLocaleString": return target[p];
		}
		return commonGet(key, target);
	}
};
/**
* handler for the first level of the proxy
* handle:
* - Object Field
* - EventEmitter Field
* - $()
* - $get()/$put()/$post()/$delete()
* - path navigation
*/
const handlerRoot = {
	construct(target, argArray, newTarget) {
		return target;
	},
	get(target, p, receiver) {
		if (typeof p === "symbol") return target[p];
		let key = p.toString();
		switch (key) {
			case "toString":
			case "valueOf":
			case "toLocaleString": return target[p];
			case "addListener":
			case "on":
			case "once":
			case "prependListener":
			case "prependOnceListener":
			case "removeListener":
			case "off":
			case "removeAllListeners":
			case "setMaxListeners":
			case "getMaxListeners":
			case "listeners":
			case "rawListeners":
			case "emit":
			case "eventNames":
			case "listenerCount": return target[p];
		}
		return commonGet(key, target);
	}
};
/**
* Data cloned on each Proxy node call
* maintains full PATH for each calls
*/
var ProxyApi = class {
	constructor(_engine, _path, model) {
		this._engine = _engine;
		this._path = _path;
		this._model = model || this._path;
	}
	toString() {
		return `ProxyApi{path:${this._path}}`;
	}
};
/**
* Build API API Proxy
*
* @param engine Api logic code
* @param path base prefix for url
*/
function buildApiProxy(engine, path) {
	return new Proxy(new ProxyApi(engine, path), handlerRoot);
}

// ../../node_modules/proxmox-api/esm/constructor.js
function isProxmoxEngine(val) {
	return "doRequest" in val;
}
/**
* Default main package function, this function return a javascript Proxy to use your proxmox API.
*
* @param options authentification option or a doRequest provider.
*
* @returns the proxy object
*/
function proxmoxApi(options) {
	if (isProxmoxEngine(options)) return buildApiProxy(options, "/api2/json");
	else return buildApiProxy(new ProxmoxEngine(options), "/api2/json");
}

// ../core/dist/ports/pve/api.js
/**
* Returns a navigator that makes calls with these options. Ids are checked before they become part of a path.
* @throws (each call) as `Pve.request`; `MANIFEST` for an id that Proxmox cannot have created
*/
function api(pve, options = {}) {
	const doRequest = async (verb, path, template, parameters) => {
		const route = checkedPath(path.slice(ROOT.length), template.slice(ROOT.length));
		return pve.request(verb.toUpperCase(), route, {
			...options,
			parameters
		});
	};
	return proxmoxApi({ doRequest });
}
/** The prefix that `proxmox-api` puts before each path. */
const ROOT = "/api2/json";
/** The kind of an id, by the path segment before it. */
const KINDS$1 = {
	nodes: "node",
	qemu: "vmid",
	lxc: "vmid",
	storage: "storage",
	content: "volume",
	tasks: "upid",
	pools: "pool"
};
/** Checks the ids in a path. The navigator escapes only `/`, so `#` would cut the path and `..` would leave it. */
function checkedPath(path, template) {
	const names = template.split("/");
	return path.split("/").map((segment, index) => {
		if (names[index] !== "*") return segment;
		const id = segment.replaceAll("%2F", "/");
		const kind = KINDS$1[names[index - 1] ?? ""];
		return encodeURIComponent(kind === void 0 ? id : checkId(kind, id));
	}).join("/");
}
/** Types config keys that were computed one by one as call parameters. Proxmox also accepts numbers as text. */
function configParameters(config) {
	return config;
}

// ../../node_modules/p-map/index.js
function pMap(iterable, mapper, options) {
	return mapConcurrently(iterable, mapper, options, false);
}
async function mapConcurrently(iterable, mapper, { concurrency = Number.POSITIVE_INFINITY, stopOnError = true, signal } = {}, isSettled) {
	return new Promise((resolve_, reject_) => {
		validateOptions(iterable, mapper, concurrency);
		const result = [];
		const errors = [];
		let skippedCount = 0;
		let isResolved = false;
		let isIterableDone = false;
		const pendingIndexes = /* @__PURE__ */ new Set();
		let doneIndex = Number.POSITIVE_INFINITY;
		let currentIndex = 0;
		const iterator = getIterator(iterable);
		const signalListener = () => {
			reject(signal.reason);
		};
		const cleanup = () => {
			signal?.removeEventListener("abort", signalListener);
		};
		const resolve = (value) => {
			resolve_(value);
			cleanup();
		};
		const reject = (reason) => {
			if (isResolved) return;
			isResolved = true;
			reject_(reason);
			cleanup();
			if (!isIterableDone) closeIterator(iterator);
		};
		if (signal) {
			if (signal.aborted) {
				reject(signal.reason);
				return;
			}
			signal.addEventListener("abort", signalListener, { once: true });
		}
		const pull = createPuller(iterator);
		const settleIfFinished = () => {
			if (isResolved || doneIndex === Number.POSITIVE_INFINITY) return;
			for (const index of pendingIndexes) if (index < doneIndex) return;
			if (!stopOnError) {
				const collectedErrors = [];
				for (let index = 0; index < Math.min(doneIndex, errors.length); index++) if (index in errors) collectedErrors.push(errors[index]);
				if (collectedErrors.length > 0) {
					reject(new AggregateError(collectedErrors));
					return;
				}
			}
			isResolved = true;
			if (!isIterableDone) closeIterator(iterator);
			const lastIndex = Math.min(doneIndex, result.length);
			if (lastIndex === result.length && skippedCount === 0) {
				resolve(result);
				return;
			}
			resolve(result.slice(0, lastIndex).filter((value) => value !== pMapSkip));
		};
		const next = async () => {
			if (isResolved || currentIndex >= doneIndex) return;
			const index = currentIndex++;
			pendingIndexes.add(index);
			let nextItem;
			try {
				nextItem = await pull();
			} catch (error) {
				pendingIndexes.delete(index);
				if (index < doneIndex) throw error;
				settleIfFinished();
				return;
			}
			if (nextItem.done) {
				pendingIndexes.delete(index);
				doneIndex = Math.min(doneIndex, index);
				isIterableDone = true;
				settleIfFinished();
				return;
			}
			(async () => {
				try {
					const element = await nextItem.value;
					if (isResolved || index >= doneIndex) return;
					const value = await mapper(element, index);
					if (index >= doneIndex) return;
					if (value === pMapStop) {
						doneIndex = index;
						return;
					}
					if (value === pMapSkip) skippedCount++;
					result[index] = isSettled && value !== pMapSkip ? {
						status: "fulfilled",
						value
					} : value;
				} catch (error) {
					if (index >= doneIndex) return;
					if (isSettled) result[index] = {
						status: "rejected",
						reason: error
					};
					else if (stopOnError) {
						reject(error);
						return;
					} else errors[index] = error;
				} finally {
					pendingIndexes.delete(index);
					settleIfFinished();
				}
				try {
					await next();
				} catch (error) {
					reject(error);
				}
			})().then(() => new Promise(() => {})).then(resolve_);
		};
		(async () => {
			for (let index = 0; index < concurrency; index++) {
				try {
					await next();
				} catch (error) {
					reject(error);
					break;
				}
				if (isResolved || currentIndex >= doneIndex) break;
			}
		})();
	});
}
const pMapSkip = Symbol("skip");
const pMapStop = Symbol("stop");
function validateOptions(iterable, mapper, concurrency) {
	if (iterable?.[Symbol.iterator] === void 0 && iterable?.[Symbol.asyncIterator] === void 0) throw new TypeError(`Expected \`input\` to be either an \`Iterable\` or \`AsyncIterable\`, got (${typeof iterable})`);
	if (typeof mapper !== "function") throw new TypeError("Mapper function is required");
	if (!isLimit(concurrency, 1)) throw new TypeError(`Expected \`concurrency\` to be an integer from 1 and up or \`Infinity\`, got \`${concurrency}\` (${typeof concurrency})`);
}
function isLimit(value, minimum) {
	return Number.isSafeInteger(value) && value >= minimum || value === Number.POSITIVE_INFINITY;
}
function getIterator(iterable) {
	return iterable[Symbol.asyncIterator] === void 0 ? iterable[Symbol.iterator]() : iterable[Symbol.asyncIterator]();
}
async function closeIterator(iterator) {
	try {
		await iterator.return?.();
	} catch {}
}
function createPuller(iterator) {
	let isSourceDone = false;
	const markDone = (item) => {
		if (item?.done) isSourceDone = true;
	};
	return () => {
		if (isSourceDone) return { done: true };
		const result = iterator.next();
		markDone(result);
		if (typeof result?.then !== "function") return result;
		const promise = Promise.resolve(result);
		promise.then(markDone, () => {});
		return promise;
	};
}

// ../core/dist/ports/pve/ask-by-node.js
/** Limit of all nodes together. The endpoint passes all requests on. */
const AT_ONCE = 48;
/**
* Limit for each node. By default, pveproxy and pvedaemon have three workers each (pve-manager `PVE/Service/pveproxy.pm`,
* `pvedaemon.pm`), and a guest agent that does not answer blocks one for three seconds. More requests would only open more
* connections.
*/
const PER_NODE = 4;
/** Returns the answers in the order of `guests`. */
async function askByNode(guests, ask) {
	const limit = pLimit(AT_ONCE);
	const answers = /* @__PURE__ */ new Map();
	const nodes = [...Map.groupBy(guests, ({ node }) => node).values()];
	await Promise.all(nodes.map((own) => pMap(own, async (guest) => answers.set(guest, await limit(ask, guest)), { concurrency: PER_NODE })));
	return guests.map((guest) => answers.get(guest));
}

// \0builtin:node:net?packages/core/dist/facts/cluster/reachable-addresses.js
const builtin$1 = process.getBuiltinModule("node:net");
const read$1 = (name) => builtin$1[name];
const _isIP = /* @__PURE__ */ read$1("isIP");

// ../core/dist/facts/cluster/reachable-addresses.js
/** Leaves out loopback and link-local addresses. */
function reachableAddresses({ result }) {
	return (result ?? []).filter(({ name }) => name !== "lo").flatMap((entry) => entry["ip-addresses"] ?? []).flatMap(({ "ip-address": address }) => address && _isIP(address) !== 0 && isReachable(address) ? [address] : []);
}
function isReachable(address) {
	return !/^(127\.|169\.254\.|::1$|fe[89ab])/i.test(address);
}

// ../core/dist/facts/cluster/retired.js
/** No machine in a manifest can have such a name: `~` is not allowed in names. */
const SUFFIX = "~old";
/** Returns the name in the marker of a VM that is being replaced. */
function retiredName(name) {
	return `${name}${SUFFIX}`;
}
/** Returns the original name, or undefined if this is not the name of a VM that is being replaced. */
function nameBeforeRetired(name) {
	return name.endsWith(SUFFIX) ? name.slice(0, -4) : void 0;
}
function retirementText({ wasRunning, onBoot, isReturning, isDone }) {
	return [
		wasRunning ? "running" : "stopped",
		onBoot ? "onboot" : "",
		isReturning ? "returning" : isDone ? "done" : ""
	].filter(Boolean).join(" ");
}
function retirementOf({ retired = "" }) {
	const words = retired.split(" ");
	return {
		wasRunning: words.includes("running"),
		onBoot: words.includes("onboot"),
		isReturning: words.includes("returning"),
		isDone: words.includes("done")
	};
}

// ../core/dist/natural-order.js
/** Sorts by name in this order, and names that are equal by number. */
function sortByName(items, nameOf, numberOf) {
	if (items.length < 2) return items;
	return items.map((item) => ({
		item,
		key: keyOf$1(nameOf(item))
	})).sort((one, other) => compareKeys(one.key, other.key) || numberOf(one.item) - numberOf(other.item)).map(({ item }) => item);
}
function compareKeys(one, other) {
	if (one === other) return 0;
	return one < other ? -1 : 1;
}
function keyOf$1(name) {
	return name.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(16, "0"));
}

// ../core/dist/ports/pve/call/pve-problem.js
/** Returns what an error of Proxmox means. Returns undefined for other errors. */
function problemOfError(error) {
	return error instanceof ProvisionError ? error.details.problem : void 0;
}
/** Returns true if the error has this meaning. */
function isProblem(error, problem) {
	return problemOfError(error) === problem;
}
/** Returns the checksum that Proxmox found where another was expected, as hexadecimal digits. */
function foundChecksum(error) {
	return isProblem(error, "checksum-mismatch") && error instanceof ProvisionError ? checksumIn(error.details.exitStatus ?? "") : void 0;
}
/** Returns true if the effect of a call is unknown, so that the caller must check before it acts again. */
function isLostReply(error) {
	return error instanceof ProvisionError && error.details.lostReply === true;
}
/**
* Returns true if a create left a VM that contains only `lock: create`. Its vmid is taken, and no API token can free
* it.
*/
function isLeftover(error) {
	return error instanceof ProvisionError && error.details.leftover === true;
}

// ../core/dist/facts/cluster/marker.js
/** The tag on every guest that this program created, so that one listing finds them. */
const OWNER_TAG = "pve-provision";
const LINES = /^<!-- pve-provision (\{.*\}) -->$/gm;
const KEYS$2 = [
	"project",
	"name",
	"kind",
	"image",
	"base",
	"spec",
	"storage",
	"vmid",
	"file",
	"keys",
	"disks",
	"detached",
	"awaits",
	"expires",
	"lifetime",
	"retired",
	"replaces",
	"stage",
	"hotplug"
];
/**
* Formats a description: the user's text first, then the marker as its last line. Rendered Markdown does not show it.
*/
function writeDescription(marker, text = "") {
	const line = `<!-- pve-provision ${JSON.stringify(marker, [...KEYS$2])} -->`;
	return text.trim() === "" ? line : `${text.trim()}\n\n${line}`;
}
/**
* Reads the last marker of a description. Returns undefined if there is none or it is malformed.
* @param vmid the guest's own id. A marker that was written for another guest is a copy and is ignored: Proxmox copies
*   notes to clones, and so do people.
*/
function readMarker(description, vmid) {
	const isCopy = (marker) => vmid !== void 0 && marker.vmid !== void 0 && marker.vmid !== vmid;
	return markersIn(description).findLast((marker) => !isCopy(marker));
}
function markersIn(description) {
	if (typeof description !== "string") return [];
	return [...description.matchAll(LINES)].flatMap(([, found = ""]) => {
		try {
			const value = JSON.parse(found);
			return isMarker(value) ? [value] : [];
		} catch {
			return [];
		}
	});
}
/** Returns the user's part of a description. */
function readText(description) {
	return typeof description === "string" ? description.replaceAll(LINES, "").trim() : "";
}
function isMarker(value) {
	if (typeof value !== "object" || value === null) return false;
	const record = value;
	return [
		"project",
		"name",
		"image",
		"base",
		"spec"
	].every((key) => typeof record[key] === "string") && (record.kind === "machine" || record.kind === "template");
}

// ../core/dist/facts/cluster/pending-config.js
/** Returns undefined if the guest was removed since the listing or moved to another node. */
async function readPending({ vmid, node }, pve) {
	try {
		return fromRows(await api(pve).nodes.$(node).qemu.$(vmid).pending.$get());
	} catch (thrown) {
		if (isProblem(thrown, "not-found")) return void 0;
		throw thrown;
	}
}
/**
* `delete` is 1, or 2 if it is forced. The digest of the file is a row too (pve-guest-common
* `config_with_pending_array`).
*/
function fromRows(rows) {
	const config = {};
	const pending = [];
	for (const row of rows) {
		const { key, value, pending: after } = row;
		const isDeleted = row.delete !== void 0 && Number(row.delete) !== 0;
		if (!isDeleted) config[key] = after ?? value;
		if (after !== void 0 || isDeleted) pending.push({
			key,
			...value !== void 0 && { value },
			...!isDeleted && { after }
		});
	}
	return {
		config,
		pending
	};
}

// ../core/dist/facts/cluster/template-state.js
/** Prefix of the names of templates that this program creates. */
const TEMPLATE_PREFIX = "tpl-";
/**
* `template: 1` appears before the disks are converted (qemu-server `template_create`), and a linked clone at that
* moment fails. The template is ready only when its disk is named `base-…`.
*/
function isReadyTemplate(config) {
	return isTemplate(config) && typeof config.scsi0 === "string" && /[:/]base-\d+-disk-/.test(config.scsi0);
}
/** Returns true if Proxmox considers the guest a template, ready or not. */
function isTemplate(config) {
	return config.template === 1 || config.template === "1";
}

// ../core/dist/facts/cluster/observe-guests.js
/**
* Reads each candidate guest with one request. The listing lags by up to 10 s (names, `template`), so the config
* decides. A guest on a node that does not answer is unknown, not absent. Users may remove the tag, and templates in a
* pool get it only after they are created. So guests with the name of a machine or of a template are read as well, and
* new ones that have no name yet.
*/
async function observeGuests({ project, machines }, rows, world) {
	const nodes = rows.filter(({ type }) => type === "node");
	const dead = new Set(nodes.flatMap(({ node, status }) => status === "online" ? [] : [node]));
	const members = new Set(nodes.map(({ node }) => node));
	const names = new Set(machines.map(({ name }) => name));
	const isCalledSo = ({ name = "" }) => names.has(name) || name.startsWith("tpl-") || isNameless(name);
	const isLost = ({ node }) => !members.has(node);
	const candidates = rows.filter((row) => row.type === "qemu" && (isTagged(row) || isCalledSo(row) || isLost(row)));
	const look = async (row) => isLost(row) ? stranded(row) : inspect(row, dead, world);
	const found = await askByNode(candidates, look);
	return {
		guests: inOrder(found.flatMap(({ guest }) => guest?.marker.project === project ? [guest] : []), ({ marker }) => marker.name),
		unreachable: inOrder(found.flatMap(({ unreachable }) => unreachable ?? [])),
		namesakes: inOrder(found.flatMap(({ unmarked }) => unmarked && names.has(unmarked.name) ? [unmarked] : []))
	};
}
/** Sorts by name, because the order of Proxmox's listing differs from call to call. */
function inOrder(guests, nameOf = ({ name }) => name) {
	return sortByName(guests, nameOf, ({ vmid }) => vmid);
}
/** In its first ten seconds, a guest is listed without a name, or as `VM 710`. */
function isNameless(name) {
	return name === "" || /^VM \d+$/.test(name);
}
function isTagged({ tags = "" }) {
	return tags.split(/[;, ]/).includes(OWNER_TAG);
}
/** Adds a node that does not answer to `dead`, so that its other guests do not wait for the same timeout. */
async function inspect(row, dead, { pve }) {
	const { vmid, node, name = "" } = row;
	if (vmid === void 0 || node === void 0) return {};
	const listed = {
		vmid,
		node,
		name
	};
	try {
		const read = dead.has(node) ? void 0 : await readPending({
			vmid,
			node
		}, pve);
		if (read !== void 0) return judge(row, listed, read);
	} catch (thrown) {
		if (!(thrown instanceof ProvisionError) || thrown.code !== "UNREACHABLE") throw thrown;
		dead.add(node);
	}
	return dead.has(node) && isTagged(row) ? { unreachable: listed } : {};
}
/**
* Creates the entry of a guest on a node that was removed from the cluster. Its config cannot be read, and it often has
* no name.
*/
function stranded({ vmid, node, name = "" }) {
	return vmid === void 0 || node === void 0 ? {} : { unreachable: {
		vmid,
		node,
		name,
		isStranded: true
	} };
}
function judge({ status, pool, hastate }, listed, read) {
	const { config, pending } = read;
	const marker = readMarker(config.description, listed.vmid);
	const name = typeof config.name === "string" ? config.name : listed.name;
	if (marker === void 0) return { unmarked: {
		...listed,
		name
	} };
	return { guest: {
		...listed,
		name,
		marker,
		template: isReadyTemplate(config),
		...powerOf(status),
		...typeof config.lock === "string" && { lock: config.lock },
		...pool !== void 0 && { pool },
		...hastate !== void 0 && { ha: {
			state: hastate,
			current: hastate
		} },
		config,
		...pending.length > 0 && { pending }
	} };
}
/**
* States in which QEMU does not run the guest. Proxmox's status daemon lists them in place of `running` (pve-manager
* `update_qemu_status`); the lists of nodes do not.
*/
const PAUSED = /* @__PURE__ */ new Set([
	"paused",
	"suspended",
	"io-error",
	"internal-error",
	"guest-panicked",
	"watchdog"
]);
/** Returns the power of a guest in the cluster's listing. */
function powerOf(status) {
	return PAUSED.has(status) ? {
		status: "running",
		isPaused: true
	} : { status: statusOf(status) };
}
function statusOf(status) {
	return status === "running" || status === "stopped" ? status : "unknown";
}
/**
* The status in the listing lags too. So this reads the guest lists of nodes with guests that should run, one request
* for each node.
*/
async function withFreshStatus(guests, shouldRun, { pve }) {
	const nodes = [...new Set(guests.filter(shouldRun).map(({ node }) => node))];
	const lists = await pMap(nodes, (node) => api(pve).nodes.$(node).qemu.$get(), { concurrency: 8 });
	const fresh = new Map(lists.flat().map((row) => [Number(row.vmid), row]));
	return guests.map((guest) => {
		const { status = guest.status, pid } = fresh.get(guest.vmid) ?? {};
		const { isPaused = false, ...rest } = guest;
		const isNow = statusOf(status);
		return {
			...rest,
			status: isNow,
			...isPaused && isNow === "running" && { isPaused },
			...pid !== void 0 && { pid }
		};
	});
}
/** Reads a guest's config with pending values. Returns undefined if the guest was removed or moved to another node. */
async function readConfig({ vmid, node }, pve, signal) {
	try {
		return await api(pve, { signal }).nodes.$(node).qemu.$(vmid).config.$get();
	} catch (thrown) {
		if (isProblem(thrown, "not-found")) return void 0;
		throw thrown;
	}
}

// ../core/dist/facts/cluster/list-storage.js
/** Lists an images storage. For `import` and `iso` content, `size` is the size of the file (pve-storage Plugin.pm). */
async function listStorage({ node, storage }, pve, content = "import") {
	return (await api(pve).nodes.$(node).storage.$(storage).content.$get({ content })).map(({ volid, size = 0, ctime }) => ({
		volid,
		name: volid.slice(volid.lastIndexOf("/") + 1),
		sizeBytes: size,
		...ctime !== void 0 && { createdAtMs: ctime * 1e3 }
	}));
}
/** Ids of the disks and other volumes that belong to a guest. */
async function listVolumesOf(vmid, { node, storage }, pve) {
	return (await api(pve).nodes.$(node).storage.$(storage).content.$get({ vmid })).map(({ volid }) => volid);
}
/** Returns nothing for a node that does not answer. Then only the steps on that node fail. */
async function listIfThere(storageRef, pve, content) {
	try {
		return await listStorage(storageRef, pve, content);
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code === "UNREACHABLE" && thrown.details.node === storageRef.node) return void 0;
		throw thrown;
	}
}

// \0builtin:node:net?packages/core/dist/ports/network/tcp.js
const builtin = process.getBuiltinModule("node:net");
const read = (name) => builtin[name];
const _connect = /* @__PURE__ */ read("connect");

// ../core/dist/ports/network/tcp.js
/** Opens and closes one connection. Resolves with true if it succeeded; never rejects. */
function canConnect(host, port, { timeoutMs, signal }) {
	return new Promise((resolve) => {
		const socket = _connect({
			host,
			port,
			timeout: timeoutMs,
			...signal && { signal }
		});
		const end = (open) => {
			socket.destroy();
			resolve(open);
		};
		socket.once("connect", () => end(true));
		socket.once("timeout", () => end(false));
		socket.once("error", () => end(false));
	});
}

// ../core/dist/facts/cluster/observe-ha.js
/** Returns the name of the node-affinity rule of one VM. Proxmox removes it together with the VM. */
function haRuleName(vmid) {
	return `pve-provision-${vmid}`;
}
/** Returns the settings by `vm:100`, or undefined if no machine declares HA or the token lacks Sys.Audit on `/`. */
async function observeHa({ machines }, world, signal) {
	return machines.some(({ declared }) => declared.has("ha")) ? readHa(world, signal) : void 0;
}
/** Returns the settings by `vm:100`. Undefined if the token lacks Sys.Audit on `/`. */
async function readHa({ pve }, signal) {
	try {
		const [resources, rules] = await Promise.all([api(pve, { signal }).cluster.ha.resources.$get(), listRules(pve, signal)]);
		return new Map(resources.map((row) => [row.sid, {
			state: row.state ?? "started",
			settings: settingsOf(row, rules)
		}]));
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code === "PERMISSION") return void 0;
		throw thrown;
	}
}
/**
* Returns the names of the HA groups, which Proxmox VE 8 has. Undefined if no machine names one, or if the token may not
* see them.
*/
async function observeHaGroups({ machines }, { pve }) {
	if (machines.every(({ ha }) => ha?.group === void 0)) return void 0;
	try {
		return new Set((await api(pve).cluster.ha.groups.$get()).map(({ group }) => group));
	} catch (thrown) {
		if (thrown instanceof ProvisionError && thrown.code !== "CANCELLED") return void 0;
		throw thrown;
	}
}
/** Adds the HA settings to the guests. */
function withHa(guests, known) {
	if (known === void 0) return guests;
	return guests.map((guest) => {
		const { ha: listed, ...rest } = guest;
		const ha = known.get(`vm:${guest.vmid}`);
		if (ha !== void 0) return {
			...guest,
			ha: {
				...ha,
				...listed?.current !== void 0 && { current: listed.current }
			}
		};
		return listed === void 0 ? guest : rest;
	});
}
/** Rules exist since Proxmox VE 9. */
async function listRules(pve, signal) {
	try {
		return await api(pve, { signal }).cluster.ha.rules.$get({ type: "node-affinity" });
	} catch (thrown) {
		if (isProblem(thrown, "not-implemented")) return [];
		throw thrown;
	}
}
/** Proxmox omits values that have their default of 1. */
function settingsOf({ sid, group, max_restart = 1, max_relocate = 1 }, rules) {
	const rule = rules.find((row) => row.rule === haRuleName(Number(sid.slice(3))));
	return {
		...group !== void 0 && { group },
		maxRestart: Number(max_restart),
		maxRelocate: Number(max_relocate),
		...rule && { rule: {
			nodes: (rule.nodes ?? "").split(",").sort(),
			strict: Number(rule.strict ?? 0) === 1
		} }
	};
}

// ../core/dist/ports/pve/tasks/own-tasks.js
/**
* Lists the running tasks of this identity on these nodes, with one request for each node. A node that is down is
* skipped. The list lags by up to ten seconds, so it may contain tasks that have ended. Waiting for such a task returns
* at once.
*/
async function listOwnRunningTasks(pve, { nodes, identity, signal }) {
	return (await Promise.all(nodes.map((node) => listActive(pve, node, signal)))).flat().filter(isRunning).map(({ upid }) => parseUpid(upid)).filter(({ user }) => user === identity);
}
async function listActive(pve, node, signal) {
	try {
		return await api(pve, { signal }).nodes.$(node).tasks.$get({
			source: "active",
			limit: 500
		});
	} catch (error) {
		if (error instanceof ProvisionError && error.details.node === node) return [];
		throw error;
	}
}
function isRunning({ status, endtime }) {
	return endtime === void 0 && (status === void 0 || status === "RUNNING");
}

// ../../node_modules/@noble/hashes/_u64.js
const fromNumH = (n) => n / 2 ** 32 | 0;
const fromNumL = (n) => n >>> 0;
function setU64FromNum(view, byteOffset, n, isLE) {
	const h = fromNumH(n);
	const l = fromNumL(n);
	view.setUint32(byteOffset, isLE ? l : h, isLE);
	view.setUint32(byteOffset + 4, isLE ? h : l, isLE);
}

// ../../node_modules/@noble/hashes/utils.js
/**
* Checks if something is Uint8Array. Be careful: nodejs Buffer will return true.
* @param a - value to test
* @returns `true` when the value is a Uint8Array-compatible view.
* @example
* Check whether a value is a Uint8Array-compatible view.
* ```ts
* isBytes(new Uint8Array([1, 2, 3]));
* ```
*/
function isBytes(a) {
	return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
}
const atitle = (title) => title ? `"${title}" ` : "";
/**
* Asserts something is a non-negative integer.
* @param n - number to validate
* @param title - label included in thrown errors
* @returns The validated number.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate a non-negative integer option.
* ```ts
* anumber(32, 'length');
* ```
*/
function anumber(n, title = "") {
	if (typeof n !== "number") throw new TypeError(atitle(title) + "expected number, got " + typeof n);
	if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(atitle(title) + "expected integer >= 0, got " + n);
	return n;
}
/**
* Asserts something is Uint8Array.
* @param value - value to validate
* @param length - optional exact length constraint
* @param title - label included in thrown errors
* @returns The validated byte array.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate that a value is a byte array.
* ```ts
* abytes(new Uint8Array([1, 2, 3]));
* ```
*/
function abytes(value, length, title = "") {
	if (isBytes(value) && (length === void 0 || value.length === length)) return value;
	if (length !== void 0) anumber(length, "length");
	const bytes = isBytes(value);
	const ofLen = length !== void 0 ? ` of length ${length}` : "";
	const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
	const message = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
	if (!bytes) throw new TypeError(message);
	throw new RangeError(message);
}
/**
* Asserts something is a wrapped hash constructor.
* @param h - hash constructor to validate
* @throws On wrong argument types or invalid hash wrapper shape. {@link TypeError}
* @throws On invalid hash metadata ranges or values. {@link RangeError}
* @throws If the hash metadata allows empty outputs or block sizes. {@link Error}
* @example
* Validate a callable hash wrapper.
* ```ts
* import { ahash } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* ahash(sha256);
* ```
*/
function ahash(h) {
	if (typeof h !== "function" || typeof h.create !== "function") throw new TypeError("expected hash wrapped by utils.createHasher");
	anumber(h.outputLen);
	anumber(h.blockLen);
	if (h.outputLen < 1 || h.blockLen < 1) throw new Error("hash blockLen / outputLen must be >= 1");
}
const aobject = (value, label) => {
	if (value === null || typeof value !== "object" || Array.isArray(value)) throw new TypeError((label === "object" ? "" : `"${label}" `) + "expected object, got type=" + typeof value);
};
const aopts = (value, label) => {
	aobject(value, label);
	const proto = Object.getPrototypeOf(value);
	if (proto !== Object.prototype && proto !== null) throw new TypeError(`"${label}" expected plain object`);
	if (Object.hasOwn(value, "__proto__")) throw new TypeError(`"${label}.__proto__" is not allowed`);
};
/**
* Asserts a hash instance has not been destroyed or finished.
* @param instance - hash instance to validate
* @param checkFinished - whether to reject finalized instances
* @throws If the hash instance has already been destroyed or finalized. {@link Error}
* @example
* Validate that a hash instance is still usable.
* ```ts
* import { aexists } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const hash = sha256.create();
* aexists(hash);
* ```
*/
function aexists(instance, checkFinished = true) {
	if (instance.destroyed) throw new Error("hash was destroyed");
	if (checkFinished && instance.finished) throw new Error("digest() was already called");
}
/**
* Asserts output is a sufficiently-sized byte array.
* @param out - destination buffer
* @param instance - hash instance providing output length
* Oversized buffers are allowed; downstream code only promises to fill the first `outputLen` bytes.
* @throws On wrong argument types. {@link TypeError}
* @throws On wrong argument ranges or values. {@link RangeError}
* @example
* Validate a caller-provided digest buffer.
* ```ts
* import { aoutput } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const hash = sha256.create();
* aoutput(new Uint8Array(hash.outputLen), hash);
* ```
*/
function aoutput(out, instance) {
	abytes(out, void 0, "output");
	const min = instance.outputLen;
	if (!(out.length >= min)) throw new RangeError("\"output\" expected length >= " + min);
}
/**
* Casts a typed array view to Uint32Array.
* `arr.byteOffset` must already be 4-byte aligned or the platform
* Uint32Array constructor will throw.
* @param arr - source typed array
* @returns Uint32Array view over the same buffer.
* @example
* Reinterpret a byte array as 32-bit words.
* ```ts
* u32(new Uint8Array(8));
* ```
*/
function u32(arr) {
	return new Uint32Array(arr.buffer, arr.byteOffset, Math.floor(arr.byteLength / 4));
}
/**
* Zeroizes typed arrays in place. Warning: JS provides no guarantees.
* @param arrays - arrays to overwrite with zeros
* @example
* Zeroize sensitive buffers in place.
* ```ts
* clean(new Uint8Array([1, 2, 3]));
* ```
*/
function clean(...arrays) {
	for (let i = 0; i < arrays.length; i++) arrays[i].fill(0);
}
/**
* Creates a DataView for byte-level manipulation.
* @param arr - source typed array
* @returns DataView over the same buffer region.
* @example
* Create a DataView over an existing buffer.
* ```ts
* createView(new Uint8Array(4));
* ```
*/
function createView(arr) {
	return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
}
/**
* Rotate-right operation for uint32 values.
* @param word - source word
* @param shift - shift amount in bits
* @returns Rotated word.
* @example
* Rotate a 32-bit word to the right.
* ```ts
* rotr(0x12345678, 8);
* ```
*/
function rotr(word, shift) {
	return word << 32 - shift | word >>> shift;
}
/**
* Rotate-left operation for uint32 values.
* @param word - source word
* @param shift - shift amount in bits
* @returns Rotated word.
* @example
* Rotate a 32-bit word to the left.
* ```ts
* rotl(0x12345678, 8);
* ```
*/
function rotl(word, shift) {
	return word << shift | word >>> 32 - shift >>> 0;
}
/** Whether the current platform is little-endian. */
const isLE = /* @__PURE__ */ (() => new Uint8Array(new Uint32Array([287454020]).buffer)[0] === 68)();
/**
* Byte-swap operation for uint32 values.
* @param word - source word
* @returns Word with reversed byte order.
* @example
* Reverse the byte order of a 32-bit word.
* ```ts
* byteSwap(0x11223344);
* ```
*/
function byteSwap(word) {
	return word << 24 & 4278190080 | word << 8 & 16711680 | word >>> 8 & 65280 | word >>> 24 & 255;
}
/**
* Byte-swaps every word of a Uint32Array in place.
* @param arr - array to mutate
* @returns The same array after mutation; callers pass live state arrays here.
* @example
* Reverse the byte order of every word in place.
* ```ts
* byteSwap32(new Uint32Array([0x11223344]));
* ```
*/
function byteSwap32(arr) {
	for (let i = 0; i < arr.length; i++) arr[i] = byteSwap(arr[i]);
	return arr;
}
/**
* Conditionally byte-swaps a Uint32Array on big-endian platforms.
* @param u - array to normalize for host endianness
* @returns Original or byte-swapped array depending on platform endianness.
*   On big-endian runtimes this mutates `u` in place via `byteSwap32(...)`.
* @example
* Normalize a word array for host endianness.
* ```ts
* swap32IfBE(new Uint32Array([0x11223344]));
* ```
*/
const swap32IfBE = isLE ? (u) => u : byteSwap32;
const hasHexBuiltin = /* @__PURE__ */ (() => typeof Uint8Array.from([]).toHex === "function" && typeof Uint8Array.fromHex === "function")();
const hexes = /* @__PURE__ */ Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
/**
* Convert byte array to hex string.
* Uses the built-in function when available and assumes it matches the tested
* fallback semantics.
* @param bytes - bytes to encode
* @returns Lowercase hexadecimal string.
* @throws On wrong argument types. {@link TypeError}
* @example
* Convert bytes to lowercase hexadecimal.
* ```ts
* bytesToHex(Uint8Array.from([0xca, 0xfe, 0x01, 0x23])); // 'cafe0123'
* ```
*/
function bytesToHex(bytes) {
	abytes(bytes);
	if (hasHexBuiltin) return bytes.toHex();
	let hex = "";
	for (let i = 0; i < bytes.length; i++) hex += hexes[bytes[i]];
	return hex;
}
/**
* Converts string to bytes using UTF8 encoding.
* Built-in doesn't validate input to be string: we do the check.
* Non-ASCII details are delegated to the platform `TextEncoder`.
* @param str - string to encode
* @returns UTF-8 encoded bytes.
* @throws On wrong argument types. {@link TypeError}
* @example
* Encode a string as UTF-8 bytes.
* ```ts
* utf8ToBytes('abc'); // Uint8Array.from([97, 98, 99])
* ```
*/
function utf8ToBytes(str) {
	if (typeof str !== "string") throw new TypeError("string expected");
	const encoded = new TextEncoder().encode(str);
	try {
		return new Uint8Array(encoded);
	} finally {
		clean(encoded);
	}
}
/**
* Helper for KDFs: consumes Uint8Array or string.
* String inputs are UTF-8 encoded; byte-array inputs stay aliased to the caller buffer.
* @param data - user-provided KDF input
* @param errorTitle - label included in thrown errors
* @returns Byte representation of the input.
* @throws On wrong argument types. {@link TypeError}
* @example
* Normalize KDF input to bytes.
* ```ts
* kdfInputToBytes('password');
* ```
*/
function kdfInputToBytes(data, errorTitle = "") {
	if (typeof data === "string") return utf8ToBytes(data);
	return abytes(data, void 0, errorTitle);
}
/**
* Merges default options and passed options.
* @param defaults - base option object
* @param opts - user overrides
* @param title - label included in thrown override errors
* @returns Fresh merged option object with a null prototype.
* @throws On wrong argument types. {@link TypeError}
* @example
* Merge user overrides onto default options.
* ```ts
* checkOpts({ dkLen: 32 }, { asyncTick: 10 });
* ```
*/
function checkOpts(defaults, opts, title = "opts") {
	aopts(defaults, "defaults");
	if (opts !== void 0) aopts(opts, title);
	return Object.assign(Object.create(null), defaults, opts);
}
/**
* Creates a callable hash function from a stateful class constructor.
* @param hashCons - hash constructor or factory
* @param info - optional metadata such as DER OID
* @returns Frozen callable hash wrapper with `.create()`.
*   Wrapper construction eagerly calls `hashCons(undefined)` once to read
*   `outputLen` / `blockLen`, so constructor side effects happen at module
*   init time.
* @throws On wrong argument types. {@link TypeError}
* @example
* Wrap a stateful hash constructor into a callable helper.
* ```ts
* import { createHasher } from '@noble/hashes/utils.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const wrapped = createHasher(sha256.create, { oid: sha256.oid });
* wrapped(new Uint8Array([1]));
* ```
*/
function createHasher(hashCons, info = {}) {
	if (typeof hashCons !== "function") throw new TypeError("\"hashCons\" expected function, got type=" + typeof hashCons);
	info = checkOpts({}, info, "info");
	const hashC = (msg, opts) => hashCons(opts).update(msg).digest();
	const tmp = hashCons(void 0);
	hashC.outputLen = tmp.outputLen;
	hashC.blockLen = tmp.blockLen;
	hashC.canXOF = tmp.canXOF;
	hashC.create = (opts) => hashCons(opts);
	Object.assign(hashC, info);
	return Object.freeze(hashC);
}
/**
* Creates OID metadata for NIST hashes with prefix `06 09 60 86 48 01 65 03 04 02`.
* @param suffix - final OID byte for the selected hash.
*   The helper accepts any byte even though only the documented NIST hash
*   suffixes are meaningful downstream.
* @returns Object containing the DER-encoded OID.
* @example
* Build OID metadata for a NIST hash.
* ```ts
* oidNist(0x01);
* ```
*/
const oidNist = (suffix) => ({ oid: Uint8Array.from([
	6,
	9,
	96,
	134,
	72,
	1,
	101,
	3,
	4,
	2,
	suffix
]) });

// ../../node_modules/@noble/hashes/_md.js
/**
* Internal Merkle-Damgard hash utils.
* @module
*/
/**
* Shared 32-bit conditional boolean primitive reused by SHA-256, SHA-1, and MD5 `F`.
* Returns bits from `b` when `a` is set, otherwise from `c`.
* The XOR form is equivalent to MD5's `F(X,Y,Z) = XY v not(X)Z` because the masked terms never
* set the same bit.
* @param a - selector word
* @param b - word chosen when selector bit is set
* @param c - word chosen when selector bit is clear
* @returns Mixed 32-bit word.
* @example
* Combine three words with the shared 32-bit choice primitive.
* ```ts
* Chi(0xffffffff, 0x12345678, 0x87654321);
* ```
*/
function Chi(a, b, c) {
	return a & b ^ ~a & c;
}
/**
* Shared 32-bit majority primitive reused by SHA-256 and SHA-1.
* Returns bits shared by at least two inputs.
* @param a - first input word
* @param b - second input word
* @param c - third input word
* @returns Mixed 32-bit word.
* @example
* Combine three words with the shared 32-bit majority primitive.
* ```ts
* Maj(0xffffffff, 0x12345678, 0x87654321);
* ```
*/
function Maj(a, b, c) {
	return a & b ^ a & c ^ b & c;
}
/**
* Merkle-Damgard hash construction base class.
* Could be used to create MD5, RIPEMD, SHA1, SHA2.
* Accepts only byte-aligned `Uint8Array` input, even when the underlying spec describes bit
* strings with partial-byte tails.
* @param blockLen - internal block size in bytes
* @param outputLen - digest size in bytes
* @param padOffset - trailing length field size in bytes
* @param isLE - whether length and state words are encoded in little-endian
* @example
* Use a concrete subclass to get the shared Merkle-Damgard update/digest flow.
* ```ts
* import { _SHA1 } from '@noble/hashes/legacy.js';
* const hash = new _SHA1();
* hash.update(new Uint8Array([97, 98, 99]));
* hash.digest();
* ```
*/
var HashMD = class {
	blockLen;
	outputLen;
	canXOF = false;
	padOffset;
	isLE;
	buffer;
	view;
	finished = false;
	length = 0;
	pos = 0;
	destroyed = false;
	constructor(blockLen, outputLen, padOffset, isLE) {
		this.blockLen = blockLen;
		this.outputLen = outputLen;
		this.padOffset = padOffset;
		this.isLE = isLE;
		this.buffer = new Uint8Array(blockLen);
		this.view = createView(this.buffer);
	}
	update(data) {
		aexists(this);
		abytes(data);
		const { view, buffer, blockLen } = this;
		const len = data.length;
		let processed = false;
		for (let pos = 0; pos < len;) {
			const take = Math.min(blockLen - this.pos, len - pos);
			if (take === blockLen) {
				const dataView = createView(data);
				for (; blockLen <= len - pos; pos += blockLen) this.process(dataView, pos);
				processed = true;
				continue;
			}
			buffer.set(pos === 0 && take === len ? data : data.subarray(pos, pos + take), this.pos);
			this.pos += take;
			pos += take;
			if (this.pos === blockLen) {
				this.process(view, 0);
				this.pos = 0;
				processed = true;
			}
		}
		this.length += data.length;
		if (processed) this.roundClean();
		return this;
	}
	digestInto(out) {
		aexists(this);
		aoutput(out, this);
		this.finished = true;
		const { buffer, view, blockLen, isLE } = this;
		let { pos } = this;
		buffer[pos++] = 128;
		buffer.fill(0, pos);
		if (this.padOffset > blockLen - pos) {
			this.process(view, 0);
			buffer.fill(0);
		}
		setU64FromNum(view, blockLen - 8, this.length * 8, isLE);
		this.process(view, 0);
		this.roundClean();
		const oview = out === buffer ? view : createView(out);
		const len = this.outputLen;
		const outLen = len / 4;
		const state = this.get();
		if (len % 4 || outLen > state.length) throw new Error("invalid outputLen");
		for (let i = 0; i < outLen; i++) oview.setUint32(4 * i, state[i], isLE);
	}
	digest() {
		const { buffer, outputLen } = this;
		this.digestInto(buffer);
		const res = buffer.slice(0, outputLen);
		this.destroy();
		return res;
	}
	_cloneIntoMeta(to) {
		const { buffer, length, finished, destroyed, pos } = this;
		to.destroyed = destroyed;
		to.finished = finished;
		to.length = length;
		to.pos = pos;
		if (pos) to.buffer.set(buffer);
		return to;
	}
	clone() {
		return this._cloneInto();
	}
};
/**
* Initial SHA-2 state: fractional parts of square roots of first 16 primes 2..53.
* Check out `test/misc/sha2-gen-iv.js` for recomputation guide.
*/
/** Initial SHA256 state from RFC 6234 §6.1: the first 32 bits of the fractional parts of the
* square roots of the first eight prime numbers. Exported as a shared table; callers must treat
* it as read-only because constructors copy words from it by index. */
const SHA256_IV = /* @__PURE__ */ Uint32Array.from([
	1779033703,
	3144134277,
	1013904242,
	2773480762,
	1359893119,
	2600822924,
	528734635,
	1541459225
]);

// ../../node_modules/@noble/hashes/sha2.js
/**
* SHA2 hash function. A.k.a. sha256, sha384, sha512, sha512_224, sha512_256.
* SHA256 is the fastest hash implementable in JS, even faster than Blake3.
* Check out {@link https://www.rfc-editor.org/rfc/rfc4634 | RFC 4634} and
* {@link https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.180-4.pdf | FIPS 180-4}.
* @module
*/
/**
* SHA-224 / SHA-256 round constants from RFC 6234 §5.1: the first 32 bits
* of the cube roots of the first 64 primes (2..311).
*/
const SHA256_K = /* @__PURE__ */ Uint32Array.from([
	1116352408,
	1899447441,
	3049323471,
	3921009573,
	961987163,
	1508970993,
	2453635748,
	2870763221,
	3624381080,
	310598401,
	607225278,
	1426881987,
	1925078388,
	2162078206,
	2614888103,
	3248222580,
	3835390401,
	4022224774,
	264347078,
	604807628,
	770255983,
	1249150122,
	1555081692,
	1996064986,
	2554220882,
	2821834349,
	2952996808,
	3210313671,
	3336571891,
	3584528711,
	113926993,
	338241895,
	666307205,
	773529912,
	1294757372,
	1396182291,
	1695183700,
	1986661051,
	2177026350,
	2456956037,
	2730485921,
	2820302411,
	3259730800,
	3345764771,
	3516065817,
	3600352804,
	4094571909,
	275423344,
	430227734,
	506948616,
	659060556,
	883997877,
	958139571,
	1322822218,
	1537002063,
	1747873779,
	1955562222,
	2024104815,
	2227730452,
	2361852424,
	2428436474,
	2756734187,
	3204031479,
	3329325298
]);
/** Reusable SHA-224 / SHA-256 message schedule buffer `W_t` from RFC 6234 §6.2 step 1. */
const SHA256_W = /* @__PURE__ */ new Uint32Array(64);
/** Internal SHA-224 / SHA-256 compression engine from RFC 6234 §6.2. */
var SHA2_32B = class extends HashMD {
	A = 0;
	B = 0;
	C = 0;
	D = 0;
	E = 0;
	F = 0;
	G = 0;
	H = 0;
	constructor(outputLen, IV) {
		super(64, outputLen, 8, false);
		this.A = IV[0] | 0;
		this.B = IV[1] | 0;
		this.C = IV[2] | 0;
		this.D = IV[3] | 0;
		this.E = IV[4] | 0;
		this.F = IV[5] | 0;
		this.G = IV[6] | 0;
		this.H = IV[7] | 0;
	}
	get() {
		const { A, B, C, D, E, F, G, H } = this;
		return [
			A,
			B,
			C,
			D,
			E,
			F,
			G,
			H
		];
	}
	set(A, B, C, D, E, F, G, H) {
		this.A = A | 0;
		this.B = B | 0;
		this.C = C | 0;
		this.D = D | 0;
		this.E = E | 0;
		this.F = F | 0;
		this.G = G | 0;
		this.H = H | 0;
	}
	_cloneInto(to) {
		(to ||= new this.constructor()).set(...this.get());
		return this._cloneIntoMeta(to);
	}
	process(view, offset) {
		for (let i = 0; i < 16; i++, offset += 4) SHA256_W[i] = view.getUint32(offset, false);
		for (let i = 16; i < 64; i++) {
			const W15 = SHA256_W[i - 15];
			const W2 = SHA256_W[i - 2];
			const s0 = rotr(W15, 7) ^ rotr(W15, 18) ^ W15 >>> 3;
			const s1 = rotr(W2, 17) ^ rotr(W2, 19) ^ W2 >>> 10;
			SHA256_W[i] = s1 + SHA256_W[i - 7] + s0 + SHA256_W[i - 16] | 0;
		}
		let { A, B, C, D, E, F, G, H } = this;
		for (let i = 0; i < 64; i++) {
			const sigma1 = rotr(E, 6) ^ rotr(E, 11) ^ rotr(E, 25);
			const T1 = H + sigma1 + Chi(E, F, G) + SHA256_K[i] + SHA256_W[i] | 0;
			const T2 = (rotr(A, 2) ^ rotr(A, 13) ^ rotr(A, 22)) + Maj(A, B, C) | 0;
			H = G;
			G = F;
			F = E;
			E = D + T1 | 0;
			D = C;
			C = B;
			B = A;
			A = T1 + T2 | 0;
		}
		A = A + this.A | 0;
		B = B + this.B | 0;
		C = C + this.C | 0;
		D = D + this.D | 0;
		E = E + this.E | 0;
		F = F + this.F | 0;
		G = G + this.G | 0;
		H = H + this.H | 0;
		this.set(A, B, C, D, E, F, G, H);
	}
	roundClean() {
		clean(SHA256_W);
	}
	destroy() {
		this.destroyed = true;
		this.set(0, 0, 0, 0, 0, 0, 0, 0);
		clean(this.buffer);
	}
};
/** Internal SHA-256 hash class grounded in RFC 6234 §6.2. */
var _SHA256 = class extends SHA2_32B {
	constructor() {
		super(32, SHA256_IV);
	}
};
/**
* SHA2-256 hash function from RFC 4634. In JS it's the fastest: even faster than Blake3. Some info:
*
* - Trying 2^128 hashes would get 50% chance of collision, using birthday attack.
* - BTC network is doing 2^70 hashes/sec (2^95 hashes/year) as per 2025.
* - Each sha256 hash is executing 2^18 bit operations.
* - Good 2024 ASICs can do 200Th/sec with 3500 watts of power, corresponding to 2^36 hashes/joule.
* @param msg - message bytes to hash
* @param opts - Reserved hash options.
* @returns Digest bytes.
* @example
* Hash a message with SHA2-256.
* ```ts
* sha256(new Uint8Array([97, 98, 99]));
* ```
*/
const sha256 = /* @__PURE__ */ createHasher(() => new _SHA256(), /* @__PURE__ */ oidNist(1));

// ../core/dist/facts/cluster/candidates.js
/**
* Yields each vmid of the range once, in an order that depends only on project and name. Runs that create the same VM
* try the same ids in the same order: one run creates it, the others find it.
*/
function* candidateVmids(project, name, range) {
	const { start, stride, size } = walkOf(project, name, range);
	for (let index = 0, offset = start; index < size; index += 1, offset = (offset + stride) % size) yield range.from + offset;
}
/**
* Returns how early a vmid comes in that order, or `Infinity` outside the range. If two VMs took the same name, every
* run keeps the one with the lower rank.
*/
function candidateRank(vmid, { project, name, range }) {
	if (vmid < range.from || vmid > range.to) return Number.POSITIVE_INFINITY;
	const { start, stride, size } = walkOf(project, name, range);
	const distance = (vmid - range.from - start + size) % size;
	return Number(BigInt(distance) * inverse(BigInt(stride), BigInt(size)) % BigInt(size));
}
/** The stride has no common divisor with the size, so the walk visits every id before it returns to the first. */
function walkOf(project, name, { from, to }) {
	const size = to - from + 1;
	const view = new DataView(sha256(utf8ToBytes(`${project}/${name}`)).buffer);
	let stride = size === 1 ? 1 : 1 + view.getUint32(4) % (size - 1);
	while (greatestCommonDivisor(stride, size) !== 1) stride += 1;
	return {
		start: view.getUint32(0) % size,
		stride,
		size
	};
}
function greatestCommonDivisor(one, other) {
	return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
function inverse(value, modulus) {
	let [previous, current] = [modulus, value % modulus];
	let [before, factor] = [0n, 1n];
	while (current !== 0n) {
		const quotient = previous / current;
		[previous, current] = [current, previous - quotient * current];
		[before, factor] = [factor, before - quotient * factor];
	}
	return (before % modulus + modulus) % modulus;
}

// ../core/dist/facts/images/blob-keys.js
/** `sha256:…+raw`, and for a named member of an archive `sha256:…+raw.0123456789abcdef`. */
function madeKey({ digest, member }, recipe) {
	return `${digest}+${recipe}${member === void 0 ? "" : `.${hash16(member)}`}`;
}
/** Returns the first 16 hex digits of SHA-256 over source and recipe. Names and markers in Proxmox contain them. */
function baseOf({ digest, member }, recipe) {
	return hash16(member === void 0 ? `${digest} ${recipe}` : `${digest} ${recipe} ${member}`);
}
/** Returns the first 16 hex digits of the SHA-256 of a text. */
function hash16(text) {
	return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 16);
}

// ../core/dist/facts/images/made-facts.js
/** Returns what was recorded when the blob was made, or undefined if there is nothing or it is malformed. */
async function recallMade(key, { journal }) {
	const entry = await journal.recall(keyOf(key));
	return isMadeFacts(entry?.value) ? entry.value : void 0;
}
async function recordMade(key, made, { journal }) {
	await journal.record(keyOf(key), made);
}
function keyOf(key) {
	return `made:${key}`;
}
function isMadeFacts(value) {
	if (typeof value !== "object" || value === null || !("digest" in value)) return false;
	return typeof value.digest === "string" && /^sha256:[0-9a-f]{64}$/.test(value.digest);
}

// ../core/dist/plan/config/property-string.js
/** Returns a config value as text, because Proxmox mixes numbers and strings. Empty for anything else. */
function textOf$3(value) {
	return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
/**
* Parses `key=value,…`. A first part without a key belongs to `defaultKey` (PVE::JSONSchema `parse_property_string`).
* Booleans become `1` and `0`, because Proxmox treats `on`, `yes` and `true` alike.
*/
function parseProperties(text, defaultKey) {
	const parts = textOf$3(text).split(",").map((part) => part.trim()).filter((part) => part !== "");
	return new Map(parts.map((part) => {
		const at = part.indexOf("=");
		return at === -1 ? [defaultKey, part] : [part.slice(0, at), part.slice(at + 1)];
	}));
}
/** Formats properties. The value of `defaultKey`, if there is one, comes first and without its key. */
function formatProperties(properties, defaultKey) {
	const first = properties.get(defaultKey);
	const rest = [...properties].filter(([key]) => key !== defaultKey).map(([key, value]) => `${key}=${value}`);
	return (first === void 0 ? rest : [first, ...rest]).join(",");
}
/** Returns `properties` with `changes` applied. `undefined` removes a key. */
function withProperties(properties, changes) {
	const result = new Map(properties);
	for (const [key, value] of Object.entries(changes)) if (value === void 0) result.delete(key);
	else result.set(key, typeof value === "boolean" ? value ? "1" : "0" : String(value));
	return result;
}
/** Returns true if two sets of properties mean the same. A key that is missing on one side has its default. */
function sameProperties(one, other, defaults = {}) {
	return [.../* @__PURE__ */ new Set([...one.keys(), ...other.keys()])].every((key) => {
		const [left, right] = [one, other].map((properties) => properties.get(key) ?? defaults[key]);
		return key === "size" ? parseSize(left) === parseSize(right) : plain(left) === plain(right);
	});
}
function plain(value) {
	if (value === void 0) return void 0;
	const text = value.toLowerCase();
	if ([
		"1",
		"on",
		"yes",
		"true"
	].includes(text)) return "1";
	return [
		"0",
		"off",
		"no",
		"false"
	].includes(text) ? "0" : text;
}
/** Models of network cards whose name is a key with the MAC as its value: `virtio=BC:24:11:…`. */
const MODELS = /^(virtio|e1000(-8254\d[a-z]*)?|e1000e|i8255\w+|ne2k_(isa|pci)|pcnet|rtl8139|vmxnet3)$/;
/** Parses a network card. Splits Proxmox's short form into `model` and `macaddr`. */
function parseNetworkCard(text) {
	const result = /* @__PURE__ */ new Map();
	for (const [key, value] of parseProperties(text, "model")) if (MODELS.test(key)) result.set("model", key).set("macaddr", value.toUpperCase());
	else result.set(key, key === "macaddr" ? value.toUpperCase() : value);
	return result;
}
/** Formats a network card as Proxmox does: `virtio=MAC,bridge=vmbr0,…`. Without a MAC, Proxmox generates one. */
function formatNetworkCard(card) {
	const { model = "virtio", macaddr, ...rest } = Object.fromEntries(card);
	const others = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
	return [macaddr === void 0 ? model : `${model}=${macaddr}`, ...others].join(",");
}
const UNITS$3 = [
	"",
	"K",
	"M",
	"G",
	"T"
];
/** Returns the bytes of `20G`, `1536M`, `1.5G` or `512`. Undefined for anything else. */
function parseSize(text) {
	const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text ?? "") ?? [];
	if (amount === void 0) return void 0;
	const power = UNITS$3.indexOf(unit.toUpperCase());
	return Math.round(Number(amount) * 1024 ** power);
}
/** Formats bytes in the largest unit without a fraction, as Proxmox does (PVE::JSONSchema `format_size`). */
function formatSize(bytes) {
	const power = bytes === 0 ? 0 : UNITS$3.findLastIndex((_, index) => bytes % 1024 ** index === 0);
	return `${bytes / 1024 ** power}${UNITS$3[power] ?? ""}`;
}
/** Splits a tag list as it is. Proxmox accepts `;`, `,` and spaces between tags. */
function splitTags(text) {
	return textOf$3(text).split(/[;,\s]+/).filter((tag) => tag !== "");
}
/**
* Parses a tag list into a sorted set in lower case, to compare it. What is written back must come from `splitTags`: a
* cluster may keep the case and the order of tags (`tag-style` in datacenter.cfg).
*/
function parseTags(text) {
	return [...new Set(splitTags(textOf$3(text).toLowerCase()))].sort();
}
/** Adds a tag to a list, unless it is there. The other tags stay as they are. */
function withTag(text, tag) {
	const tags = splitTags(text);
	return (tags.includes(tag) ? tags : [...tags, tag]).join(";");
}
/** Returns the storage of a volume id. Undefined for `none` or a path. */
function storageOfVolume(volid) {
	return /^([a-zA-Z][\w.-]*):/.exec(volid ?? "")?.[1];
}

// ../core/dist/plan/config/image-drives.js
/** No volume id begins with this. */
const IMAGE_PREFIX = "image:";
/** Returns the image that a drive is created from. */
function imageOfDrive(drive) {
	const source = parseProperties(drive, "file").get("import-from");
	return source?.startsWith("image:") ? source.slice(6) : void 0;
}
/**
* Returns the drive with a volume in place of the image's name. A disk is created from the volume; a CD is the volume
* itself.
*/
function madeFrom(drive, volume, format) {
	const properties = parseProperties(drive, "file");
	const source = properties.get("media") === "cdrom" ? {
		file: volume,
		"import-from": void 0
	} : {
		"import-from": volume,
		...format && { format }
	};
	return formatProperties(withProperties(properties, source), "file");
}

// ../core/dist/plan/config/device-config.js
/** Returns the wanted values of declared devices. Devices of users and devices by raw address are not changed. */
function deviceConfig(machine, current, counts) {
	return {
		...counts("devices") && mappedDevices(machine.devices, current),
		...counts("cdrom") && cdDrives(machine.cdroms, current),
		...counts("vga") && machine.vga && { vga: vgaText(machine.vga) },
		...counts("rng") && { rng0: rngText(machine.rng) },
		...counts("watchdog") && { watchdog: watchdogText(machine.watchdog) },
		...counts("smbios") && machine.smbios && { smbios1: smbiosText(machine.smbios, current.smbios1) }
	};
}
const KEYS$1 = {
	pci: "hostpci",
	usb: "usb",
	virtiofs: "virtiofs"
};
/**
* The option that names the mapping in each kind of device. A device without it has a raw address, which only root may
* use.
*/
const MAPPING_KEYS = {
	pci: "mapping",
	usb: "mapping",
	virtiofs: "dirid"
};
function mappedDevices(devices, current) {
	const kinds = Object.keys(KEYS$1);
	return Object.assign({}, ...kinds.map((kind) => devicesOf(kind, devices, current)));
}
function devicesOf(kind, devices, current) {
	const isRaw = (key) => current[key] !== void 0 && mappingOf(kind, current[key]) === void 0;
	const free = slots(KEYS$1[kind]).filter((key) => !isRaw(key));
	const entries = devices.filter((device) => device.kind === kind).map((device) => deviceText(device)).map((text, index) => [free[index] ?? "", text]);
	const taken = new Set(entries.map(([key]) => key));
	const surplus = free.filter((key) => current[key] !== void 0 && !taken.has(key));
	return Object.fromEntries([...entries, ...surplus.map((key) => [key, null])]);
}
const SLOTS = {
	hostpci: 16,
	usb: 14,
	virtiofs: 10
};
function slots(key) {
	return Array.from({ length: SLOTS[key] }, (_, index) => `${key}${index}`);
}
/** Returns the mapping of a device in the config, or undefined if it has a raw address. */
function mappingOf(kind, value) {
	return parseProperties(value, kind === "virtiofs" ? "dirid" : "host").get(MAPPING_KEYS[kind]);
}
function deviceText(device) {
	if (device.kind === "virtiofs") return formatProperties(sharedFolder(device), "dirid");
	const properties = device.kind === "usb" ? {
		mapping: device.mapping,
		usb3: device.usb3
	} : {
		mapping: device.mapping,
		pcie: device.pcie,
		"x-vga": device.primaryGpu,
		rombar: device.romBar,
		mdev: device.mdev
	};
	return formatProperties(withProperties(/* @__PURE__ */ new Map(), properties), "host");
}
function sharedFolder(device) {
	return withProperties(/* @__PURE__ */ new Map(), {
		dirid: device.mapping,
		cache: device.cache,
		"direct-io": device.directIo,
		"expose-xattr": device.xattr,
		"expose-acl": device.acl
	});
}
function cdDrives(cdroms, current) {
	return Object.fromEntries(CD_DRIVES.flatMap((key, index) => {
		const cdrom = cdroms[index];
		if (cdrom !== void 0) return [[key, cdText(cdrom, current[key])]];
		return isCd(current[key]) ? [[key, null]] : [];
	}));
}
/** The build of a CD's image matters only when the CD is inserted. */
function cdText(cdrom, current) {
	if ("volume" in cdrom) return `${cdrom.volume},media=cdrom`;
	return holdsIso(current, cdrom.image) ? textOf$3(current) : `none,media=cdrom,import-from=${IMAGE_PREFIX}${cdrom.image}`;
}
/** Returns true if a drive of the config is a CD drive. */
function isCd(drive) {
	return parseProperties(drive, "file").get("media") === "cdrom";
}
function vgaText({ type, memoryMiB }) {
	return formatProperties(withProperties(/* @__PURE__ */ new Map(), {
		type,
		memory: memoryMiB
	}), "type");
}
function rngText(rng) {
	if (rng === void 0) return null;
	const { source, maxBytes, periodMs } = rng;
	return formatProperties(withProperties(/* @__PURE__ */ new Map(), {
		source,
		max_bytes: maxBytes,
		period: periodMs
	}), "source");
}
function watchdogText(watchdog) {
	return watchdog === void 0 ? null : formatProperties(new Map(Object.entries(watchdog)), "model");
}
/** Keeps the UUID and texts that the manifest does not state. Texts are base64, because they may contain commas. */
function smbiosText(smbios, current) {
	const is = parseProperties(current, "uuid");
	const kept = [...is].map(([key, value]) => key === "uuid" || key === "base64" || is.get("base64") === "1" ? [key, value] : [key, base64$1(value)]);
	const texts = Object.entries(smbios).map(([key, value]) => [key, base64$1(String(value))]);
	const all = withProperties(new Map(kept), {
		base64: true,
		...Object.fromEntries(texts)
	});
	return formatProperties(all, "");
}
function base64$1(text) {
	return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

// ../core/dist/plan/config/disk-config.js
const GIB = 1024 ** 3;
/** Returns true if a config key belongs to a disk, or to a CD drive on the same bus. */
function isDriveKey(key) {
	return /^(scsi|virtio|sata)\d+$/.test(key);
}
/**
* Returns the disks with their declared options. New disks are allocated; existing ones change their size only through
* resize.
*/
function diskConfig(machine, current, counts) {
	const boot = current[BOOT_DISK];
	const further = counts("disks") ? machine.disks : [];
	const keys = diskKeys(machine, current);
	return {
		...counts("disk") && boot !== void 0 && { ["scsi0"]: withOptions(boot, machine.disk) },
		...Object.fromEntries(further.map((disk, index) => {
			const key = keys[index + 1] ?? "";
			return [key, furtherDisk(disk, current[key], machine)];
		})),
		...firmwareDisks(machine, current, counts)
	};
}
/** The source of a disk matters only when the disk is created. */
function furtherDisk(disk, current, machine) {
	const { image, storage = machine.storage.disks, sizeBytes = 0 } = disk;
	const fresh = image === void 0 ? `${storage}:${sizeBytes / GIB}` : `${storage}:0,import-from=${IMAGE_PREFIX}${image}`;
	return withOptions(current ?? fresh, disk);
}
/** Returns a drive with the options that the manifest sets. Other options are unchanged. */
function withOptions(drive, disk) {
	const { cache, discard, ssd, ioThread, backup, replicate, aio, serial, limits } = disk;
	const options = {
		...cache !== void 0 && { cache },
		...discard !== void 0 && { discard: discard ? "on" : "ignore" },
		...ssd !== void 0 && { ssd },
		...ioThread !== void 0 && { iothread: ioThread },
		...backup !== void 0 && { backup },
		...replicate !== void 0 && { replicate },
		...aio !== void 0 && { aio },
		...serial !== void 0 && { serial: encodeURIComponent(serial) },
		...limits?.readMBps !== void 0 && { mbps_rd: limits.readMBps },
		...limits?.writeMBps !== void 0 && { mbps_wr: limits.writeMBps },
		...limits?.readIops !== void 0 && { iops_rd: limits.readIops },
		...limits?.writeIops !== void 0 && { iops_wr: limits.writeIops }
	};
	return formatProperties(withProperties(parseProperties(drive, "file"), options), "file");
}
/** Created once and never changed, because their content (boot entries, keys) belongs to the VM. */
function firmwareDisks({ firmware, storage }, current, counts) {
	const efi = counts("bios") && firmware.bios === "ovmf" && current.efidisk0 === void 0;
	const tpm = counts("tpm") && firmware.tpm && current.tpmstate0 === void 0;
	const keys = firmware.secureBoot ? 1 : 0;
	return {
		...efi && { efidisk0: `${storage.disks}:1,efitype=4m,pre-enrolled-keys=${keys}` },
		...tpm && { tpmstate0: `${storage.disks}:1,version=v2.0` }
	};
}
/** Returns the bytes of a drive, or of one that will be allocated (`local:20`, in GiB). Undefined if it has no size. */
function sizeOfDrive(drive) {
	const properties = parseProperties(drive, "file");
	const allocated = /:(\d+(?:\.\d+)?)$/.exec(properties.get("file") ?? "")?.[1];
	return allocated === void 0 ? parseSize(properties.get("size")) : Math.round(Number(allocated) * GIB);
}
/** Returns the bytes of the disk at a key. Undefined if there is no disk or its size is unknown. */
function sizeOfDisk(config, key) {
	const drive = config[key];
	return typeof drive === "string" ? parseSize(parseProperties(drive, "file").get("size")) : void 0;
}
/** Returns the disks that must grow, with their wanted size in bytes. */
function growthOf(machine, config, counts) {
	const { disk, disks } = machine;
	const wanted = [counts("disk") ? disk : {}, ...counts("disks") ? disks : []];
	const keys = diskKeys(machine, config);
	return Object.fromEntries(wanted.flatMap(({ sizeBytes }, index) => {
		const key = keys[index] ?? "";
		const has = sizeOfDisk(config, key);
		return sizeBytes !== void 0 && has !== void 0 && sizeBytes > has ? [[key, sizeBytes]] : [];
	}));
}

// ../core/dist/plan/compare/own-disks.js
/** Returns the volume of a drive. */
function volumeOfDrive(drive) {
	return parseProperties(drive, "file").get("file");
}
/** Returns the disks that the manifest declared earlier and declares no longer. An apply detaches them. */
function removedDisks(machine, guest) {
	const { config } = guest;
	const declared = diskKeys(machine, config);
	return ownKeys$1(guest).filter((key) => isDisk(key, config) && key !== "scsi0" && !declared.includes(key));
}
/** Returns the disks that someone added in Proxmox. */
function foreignDisks(machine, guest) {
	const { config } = guest;
	const known = [...diskKeys(machine, config), ...ownKeys$1(guest)];
	return Object.keys(config).filter((key) => isDisk(key, config) && !known.includes(key)).sort();
}
/** Returns the unused volumes of a machine. */
function unusedDisks({ marker, config }) {
	const detached = detachedOf(marker);
	return Object.keys(config).filter((key) => /^unused\d+$/.test(key)).sort().flatMap((key) => {
		const volume = volumeOfDrive(config[key]);
		if (volume === void 0) return [];
		const was = detached.find((one) => one.volume === volume)?.key;
		return [{
			key,
			volume,
			...was !== void 0 && { was }
		}];
	});
}
/** Returns the entries of the marker about disks, after the removal of some. */
function diskMarks(machine, { removed, guest, all }) {
	const { config, marker, status } = guest;
	const attached = new Set(Object.keys(config).filter(isDriveKey).map((key) => volumeOfDrive(config[key])));
	const unused = new Set(unusedDisks(guest).map(({ volume }) => volume));
	const isKept = (volume) => unused.has(volume) || status !== "stopped" && !attached.has(volume);
	const detached = [...detachedOf(marker).filter(({ volume }) => isKept(volume)), ...removed.flatMap((key) => {
		const volume = volumeOfDrive(config[key]);
		return volume === void 0 ? [] : [{
			key,
			volume
		}];
	})];
	return {
		disks: all || machine.declared.has("disks") ? diskKeys(machine, config).slice(1).join(",") : "",
		...detached.length > 0 && { detached: detachedText(detached) }
	};
}
/** Returns the marker without these volumes. */
function withoutDetached(marker, volumes) {
	const { detached: _, ...rest } = marker;
	const left = detachedOf(marker).filter(({ volume }) => !volumes.includes(volume));
	return left.length === 0 ? rest : {
		...rest,
		detached: detachedText(left)
	};
}
/** Returns the marker of a successor whose config has the unused volumes of the old machine under the same keys. */
function withCarriedDisks(marker, old, config) {
	const carried = unusedDisks(old).flatMap(({ key, was }) => {
		const volume = volumeOfDrive(config[key]);
		return was === void 0 || volume === void 0 ? [] : [{
			key: was,
			volume
		}];
	});
	return carried.length === 0 ? marker : {
		...marker,
		detached: detachedText(carried)
	};
}
function detachedText(detached) {
	return detached.map(({ key, volume }) => `${key}=${volume}`).join(" ");
}
function detachedOf({ detached = "" }) {
	return detached.split(" ").flatMap((entry) => {
		const at = entry.indexOf("=");
		return at < 0 ? [] : [{
			key: entry.slice(0, at),
			volume: entry.slice(at + 1)
		}];
	});
}
/** A detached disk that someone attached again at the same position still belongs to the manifest. */
function ownKeys$1({ marker, config }) {
	const back = detachedOf(marker).filter(({ key, volume }) => volumeOfDrive(config[key]) === volume);
	return [.../* @__PURE__ */ new Set([...(marker.disks ?? "").split(","), ...back.map(({ key }) => key)])];
}
function isDisk(key, config) {
	return isDriveKey(key) && config[key] !== void 0 && !isCd(config[key]);
}

// ../core/dist/plan/machine/power.js
/** Returns true if only a start makes it run. */
function needsStart(machine, guest) {
	return machine.start && !keepsRunning(guest) && !isStartedByHa(machine, guest);
}
/**
* Returns true if the HA manager starts it at its next turn, some seconds later. A start would only set the state that the
* manager already has. If the manifest takes the machine out of HA, or if the manager has given up on it, it stays stopped.
*/
function isStartedByHa({ start, declared, ha }, { status, ha: known }) {
	if (!start || status !== "stopped" || known === void 0 || known.current === "error") return false;
	return !(declared.has("ha") && ha === void 0) && /^(started|enabled|request_start)$/.test(known.state);
}
/** Returns true if it is running and not about to be stopped. During a shutdown it still runs. */
function keepsRunning({ status, ha }) {
	return status === "running" && !(ha !== void 0 && /^(stopped|request_stop|disabled)$/.test(ha.state));
}
/** Returns the power as users see it. */
function shownPower({ status, isPaused = false }) {
	return isPaused ? "paused" : status;
}

// ../core/dist/plan/change/change-text.js
/** Formats a change: `memory 1 → 2 GiB`, `disks[0] added: 2 GiB on local`, `pool lab → unset`. */
function changeText({ key, before, after }) {
	const textOf = (value) => shortened(`${valueText(value)}${UNITS$2[lastPart(key)] ?? ""}`);
	if (after === void 0) return isPart(key) || before === void 0 ? `${key} removed${before === void 0 ? "" : `: ${textOf(before)}`}` : `${key} ${textOf(before)} → unset`;
	if (before === void 0) return isPart(key) ? `${key} added: ${textOf(after)}` : `${key} unset → ${textOf(after)}`;
	const [is, wanted] = [textOf(before), textOf(after)];
	if (is === wanted) return `${key} changed`;
	const unit = / ([KMGT]iB|MB\/s|s|ms)$/.exec(wanted)?.[0];
	return `${key} ${unit !== void 0 && is.endsWith(unit) ? is.slice(0, -unit.length) : is} → ${wanted}`;
}
/**
* Says when a change takes effect and what it does to the guest. Empty for a change that simply takes effect at once.
*/
function effectText({ when, impact }) {
	return [{
		now: "",
		restart: "when it is restarted",
		boot: "at its next boot"
	}[when], impact === void 0 ? "" : IMPACTS[impact]].filter((part) => part !== "").join("; ");
}
const IMPACTS = {
	disconnects: "the guest loses this card",
	"new-instance": "cloud-init then runs as on a new machine (new SSH host keys)",
	"data-loss": "its data is lost",
	detached: "the guest loses it, but its data is kept as an unused disk",
	"full-copy": "its linked clone becomes a full copy",
	replaced: "by another machine"
};
/** Units of numbers whose key does not name them. */
const UNITS$2 = {
	rate: " MB/s",
	up: " s",
	down: " s"
};
function lastPart(key) {
	return key.slice(key.lastIndexOf(".") + 1);
}
const LONGEST_VALUE = 60;
/** Shows the beginning of a long text, such as a description. */
function shortened(text) {
	const [first = ""] = text.split("\n", 1);
	if (first.length > LONGEST_VALUE) return `${first.slice(0, 59)}…`;
	return first === text ? text : `${first} …`;
}
/** Formats one value for people. */
function valueText(value) {
	if (typeof value === "object") return value.length === 0 ? "none" : value.join(", ");
	if (typeof value === "boolean") return value ? "yes" : "no";
	return String(value);
}
/** Returns true for a network card or disk in a list, which is added or removed as a whole. */
function isPart(key) {
	return key.endsWith("]");
}

// ../core/dist/plan/change/effects.js
const NOW = { takes: "now" };
const RESTART = { takes: "restart" };
const NEW_INSTANCE = {
	takes: "boot",
	impact: "new-instance"
};
const CREATE = { takes: "create" };
const APPLY = { takes: "apply" };
const REPLACE = { takes: "replace" };
const MOVE = { takes: "move" };
const CARD = {
	takes: "now",
	hotplug: "network"
};
const DISK = {
	takes: "now",
	hotplug: "disk"
};
/** By key of a machine. A nested key that is not listed has the effect of its parent. */
const EFFECTS = {
	name: {
		takes: "now",
		impact: "new-instance"
	},
	renamedFrom: {
		takes: "now",
		impact: "new-instance"
	},
	profile: APPLY,
	count: APPLY,
	vmid: REPLACE,
	image: REPLACE,
	node: MOVE,
	nodes: MOVE,
	storage: MOVE,
	"storage.images": CREATE,
	fullClone: CREATE,
	cores: RESTART,
	sockets: RESTART,
	cpu: RESTART,
	cpuLimit: NOW,
	cpuUnits: NOW,
	numa: RESTART,
	memory: RESTART,
	balloon: NOW,
	bios: RESTART,
	secureBoot: CREATE,
	tpm: RESTART,
	machine: RESTART,
	osType: RESTART,
	serial: RESTART,
	vga: RESTART,
	rng: RESTART,
	watchdog: RESTART,
	smbios: RESTART,
	agent: RESTART,
	boot: RESTART,
	devices: RESTART,
	cdrom: NOW,
	network: CARD,
	"network.bridge": CARD,
	"network.vlan": CARD,
	"network.trunks": CARD,
	"network.firewall": CARD,
	"network.rate": CARD,
	"network.linkDown": CARD,
	"network.model": RESTART,
	"network.mac": RESTART,
	"network.mtu": RESTART,
	"network.queues": RESTART,
	disk: RESTART,
	"disk.size": NOW,
	"disk.backup": NOW,
	"disk.replicate": NOW,
	"disk.limits": NOW,
	disks: DISK,
	"disks.size": NOW,
	"disks.backup": NOW,
	"disks.replicate": NOW,
	"disks.limits": NOW,
	"disks.cache": RESTART,
	"disks.discard": RESTART,
	"disks.ssd": RESTART,
	"disks.ioThread": RESTART,
	"disks.aio": RESTART,
	"disks.serial": RESTART,
	"disks.bus": CREATE,
	"disks.image": CREATE,
	"disks.storage": MOVE,
	onBoot: NOW,
	startOrder: NOW,
	pool: NOW,
	ha: NOW,
	tags: NOW,
	description: NOW,
	protection: NOW,
	cloudInit: NEW_INSTANCE,
	start: NOW,
	wait: APPLY,
	rollout: APPLY,
	expires: NOW
};
/** Returns the effect of a key such as `memory`, `network[0].mac` or `network.mac`. */
function effectOf(key) {
	const parts = key.replaceAll(/\[[^\]]*\]/g, "").split(".");
	for (let length = parts.length; length > 0; length -= 1) {
		const found = EFFECTS[parts.slice(0, length).join(".")];
		if (found !== void 0) return found;
	}
}
/**
* Returns true for a key that Proxmox stores at once without a pending entry, although the running process keeps the old
* value: the serial number of a disk (qemu-server `vmconfig_update_disk` does not compare it).
*/
function isUnlisted(key) {
	return /^disks?(\[\d+\])?\.serial$/.test(key);
}

// ../core/dist/plan/names.js
/** `debian-13-3f2a9c0d1e4b5a67`: the name of this image's volume before size and suffix. */
function volumeStem(image, base) {
	return `${fileStem(image)}-${base}`;
}
/** The name of a pulled volume. Proxmox renames it when it is complete, so the digest in the name is enough. */
function pulledName(stem, format) {
	return `${stem}.${format}`;
}
/**
* The name of a pushed volume. Proxmox copies directly to the final name, so it counts only if its size matches the
* name.
*/
function pushedName(stem, bytes, format) {
	return `${stem}-${bytes}.${format}`;
}
/** The name of a pushed qcow2 that stands for a raw disk. The import converts it to raw. */
function packedName(stem, bytes) {
	return `${pushedName(stem, bytes, "raw")}.qcow2`;
}
/** Returns true if `packedName` created the name of this volume. */
function standsForRaw(volid) {
	return volid.endsWith(".raw.qcow2");
}
/** Returns true if a listed volume is the complete image with this stem, by any of these names. */
function isWholeVolume(stem, volume) {
	if (!volume.name.startsWith(stem)) return false;
	const rest = /^(?:-(\d+))?(?:\.raw)?\.(?:qcow2|raw|vmdk|iso)$/.exec(volume.name.slice(stem.length));
	return rest !== null && (rest[1] === void 0 || Number(rest[1]) === volume.sizeBytes);
}
/** `tpl-debian-13-3f2a9c0d`: the name of a template in Proxmox, which is a valid DNS name. */
function templateName(image, base) {
	const label = image.toLowerCase().replace(/[^a-z0-9.-]/g, "-");
	return `${TEMPLATE_PREFIX}${label}-${base.slice(0, 8)}`;
}
/** `sha256:3f2a9c0d1e4b…` */
function shorten(digest) {
	return `${digest.slice(0, 19)}…`;
}

// ../core/dist/plan/first-boot/first-boot.js
const NOTHING = {
	sshKeys: [],
	sshKeyUrls: [],
	addresses: [],
	nameservers: [],
	searchDomains: []
};
/**
* Returns the first boot of a machine.
* @param macs of its cards, by number; see `macs.ts`
*/
function firstBootOf(machine, macs = []) {
	const cloudInit = machine.cloudInit ?? NOTHING;
	const { user, password, sshKeys, upgrade, nameservers, searchDomains } = cloudInit;
	const { userData, vendorData, networkConfig } = cloudInit;
	return {
		...namesOf(machine.name, searchDomains),
		...user !== void 0 && { user },
		...password !== void 0 && { password },
		sshKeys,
		upgrade: upgrade ?? true,
		upgradeIsDefault: upgrade === void 0,
		cards: networkConfig === void 0 ? cardsOf(machine, macs) : [],
		nameservers,
		searchDomains,
		documents: {
			...userData !== void 0 && { userData },
			...vendorData !== void 0 && { vendorData },
			...networkConfig !== void 0 && { networkConfig }
		},
		windows: machine.osType.startsWith("win")
	};
}
/** Names the host as Proxmox does (qemu-server `Cloudinit.pm` `get_hostname_fqdn`), but with the first domain only. */
function namesOf(name, [domain]) {
	const [hostName = name] = name.split(".");
	if (name.includes(".") || domain === void 0) return {
		hostName,
		fullName: name
	};
	return {
		hostName,
		fullName: `${name}.${domain.replace(/\.$/, "")}`
	};
}
function cardsOf(machine, macs) {
	return addressesOf(machine).flatMap(({ ip, gateway, ip6, gateway6 }, index) => {
		if (ip === void 0 && ip6 === void 0) return [];
		const mac = macs[index]?.toLowerCase();
		return {
			index,
			...mac !== void 0 && { mac },
			...ip !== void 0 && { ip },
			...gateway !== void 0 && { gateway },
			...ip6 !== void 0 && { ip6 },
			...gateway6 !== void 0 && { gateway6 }
		};
	});
}
/**
* If the manifest sets no addresses, all cards use DHCP. A card without an address setting would get no network at
* all.
*/
function addressesOf({ cloudInit, networks }) {
	const declared = cloudInit?.addresses ?? [];
	return declared.length > 0 ? declared : networks.map(() => ({ ip: "dhcp" }));
}

// ../core/dist/plan/first-boot/bare-yaml.js
/** Patterns of PyYAML's `resolver.py` for what an unquoted text may become. */
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER = /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const TIMESTAMP = /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d.*)$/;
const SPECIAL$1 = /^(?:<<|=)$/;
/** Returns true if the text is read as the same text. */
function isText(text) {
	const others = [
		BOOLEAN,
		NULL,
		INTEGER,
		FLOAT,
		TIMESTAMP,
		SPECIAL$1
	];
	return isOneScalar(text) && !others.some((pattern) => pattern.test(text));
}
/** Returns true if the text is unchanged after cloud-init converts the value to a string: `1001` is, `0x10` is not. */
function isSameName(text) {
	return isText(text) || /^(?:0|[1-9]\d*)$/.test(text) || /^\d{4}-\d\d-\d\d$/.test(text);
}
/** Returns true for a plain scalar in block context, from its first to its last character (YAML 1.1, 9.1.3). */
function isOneScalar(text) {
	if (text !== text.trim() || /[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text)) return false;
	if (/^[,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return false;
	return !/:(?:\s|$)|\s#/.test(text);
}

// ../core/dist/plan/first-boot/gateways.js
/**
* Returns true if a gateway is outside the prefix of an address. Then the guest needs an explicit on-link route. A
* link-local gateway is always on the link, which every system knows.
* @param address with its prefix
*/
function isOutside(gateway, address) {
	if (gateway === void 0 || !address?.includes("/")) return false;
	const [way, [network, bits]] = [import_ipaddr.default.parse(gateway), import_ipaddr.default.parseCIDR(address)];
	if (way.kind() !== network.kind()) return false;
	if (way.kind() === "ipv6" && way.range() === "linkLocal") return false;
	return !way.match(network, bits);
}
/** Whether a card has a gateway outside its prefix. */
function isOnLink({ ip, gateway, ip6, gateway6 }) {
	return isOutside(gateway, ip) || isOutside(gateway6, ip6);
}

// ../core/dist/plan/first-boot/passwords.js
/**
* What Proxmox recognizes as a hash and passes on unchanged. It hashes everything else, including other kinds of hashes
* (qemu-server `Qemu.pm` `update_vm_api`, 8.4 and 9.2).
*/
const HASH_FOR_PROXMOX = /^\$(?:[156]|2[ay])(\$.+){2}/;
/** Returns true if Proxmox passes the password to the guest correctly. */
function fitsProxmox(password) {
	return isPasswordHash(password) === HASH_FOR_PROXMOX.test(password);
}

// ../core/dist/plan/first-boot/writer.js
/**
* Returns why this program's ISO is needed, each reason as a clause without secrets. Empty if Proxmox's drive has the
* same effect. Proxmox does not quote what it writes (qemu-server `Cloudinit.pm` `cloudinit_userdata`, 8.4 and 9.2).
*/
function reasonsForCd(boot) {
	if (hasDocuments(boot)) return ["its own cloud-init documents"];
	if (boot.windows) return [];
	return [
		...nameReasons(boot),
		...accountReasons(boot),
		...networkReasons(boot)
	];
}
function hasDocuments({ documents }) {
	return Object.values(documents).some((document) => document !== void 0);
}
function nameReasons({ hostName, fullName, searchDomains }) {
	const misread = [hostName, fullName].find((name) => !isSameName(name));
	const several = searchDomains.length > 1 && fullName.startsWith(`${hostName}.${searchDomains[0]}`);
	return [...misread === void 0 ? [] : [`cloud-init needs quotes around the name ${misread}`], ...several ? ["Proxmox would put all search domains into the host name"] : []];
}
function accountReasons({ user, password, sshKeys }) {
	return [
		...user !== void 0 && !isText(user) ? [`cloud-init needs quotes around the user ${user}`] : [],
		...password !== void 0 && !fitsProxmox(password) ? ["Proxmox does not recognise the hash of its password"] : [],
		...sshKeys.every(survivesBare) ? [] : ["cloud-init needs quotes around one of its SSH keys"]
	];
}
/** Returns true if an SSH key survives without quotes. What YAML reads as a comment must be the key's own comment. */
function survivesBare(key) {
	const text = key.trim();
	const read = text.split(/\s#/, 1)[0]?.trimEnd() ?? "";
	return isText(read) && (read === text || /\s\S*AAAA\S+(?:\s|$)/.test(` ${read}`));
}
function networkReasons({ cards }) {
	const outside = cards.flatMap(({ ip, gateway, ip6, gateway6 }) => [isOutside(gateway, ip) ? gateway : void 0, isOutside(gateway6, ip6) ? gateway6 : void 0].filter((address) => address !== void 0));
	return outside.length > 0 ? [`its gateway ${outside.join(" and ")} is outside its prefix`] : [];
}

// ../core/dist/plan/first-boot/macs.js
/**
* Returns MACs by card number: the declared one, the current one, or a generated one. Undefined if Proxmox generates
* it, as for a machine whose drive Proxmox writes.
*/
function macsOf(machine, { project, current = {} }) {
	const known = cardNumbers(machine, current).map((index) => machine.networks[index]?.mac ?? currentMac(current[`net${index}`]));
	if (!known.includes(void 0) || !isOnOurCd(machine)) return known;
	return known.map((mac, index) => index < machine.networks.length ? mac ?? derivedMac(`${project}/${machine.name}/${index}`) : mac);
}
/** Returns true if this program's ISO configures cards of the machine. */
function isOnOurCd(machine) {
	const boot = firstBootOf(machine);
	return boot.cards.length > 0 && reasonsForCd(boot).length > 0;
}
function cardNumbers({ networks, declared }, current) {
	const theirs = Object.keys(current).flatMap((key) => /^net\d+$/.test(key) ? [Number(key.slice(3)) + 1] : []);
	const count = Math.max(networks.length, ...declared.has("network") ? [] : theirs);
	return Array.from({ length: count }, (_, index) => index);
}
function currentMac(card) {
	return card === void 0 ? void 0 : parseNetworkCard(card).get("macaddr");
}
/** Generates a locally administered MAC from project, name and position. */
function derivedMac(text) {
	return ["02", ...hash16(text).slice(0, 10).match(/../g) ?? []].join(":").toUpperCase();
}

// ../core/dist/plan/first-boot/document-parts.js
/**
* Returns the user's document followed by ours. If both set a key, the user's value wins: ours only extends lists and
* adds missing keys.
* @param boundary must not occur in the document; the same parts give the same text
*/
function withPart(theirs, ours, boundary) {
	return [
		"MIME-Version: 1.0",
		`Content-Type: multipart/mixed; boundary="${boundary}"`,
		"",
		`--${boundary}`,
		partOf(theirs),
		`--${boundary}`,
		"Content-Type: text/cloud-config; charset=\"utf-8\"",
		"Content-Transfer-Encoding: base64",
		"Merge-Type: list(append)+dict(no_replace,recurse_list)+str()",
		"",
		base64(new TextEncoder().encode(ours)),
		`--${boundary}--`,
		""
	].join("\n");
}
/** cloud-init detects the type of a text/plain part from its first line. */
function partOf(document) {
	if (isMultipart(document)) return textOf$2(document).replace(/\r?\n$/, "");
	const { mediaType = "text/plain", isOpaque = false } = documentKind(document);
	return [
		`Content-Type: ${mediaType}${isOpaque ? "" : "; charset=\"utf-8\""}`,
		"Content-Transfer-Encoding: base64",
		"",
		base64(bytesOf(document))
	].join("\n");
}
function isMultipart(document) {
	return /^(?:content-type|mime-version):/i.test(textOf$2(document));
}
/** Returns the bytes of a document, as they are written to the ISO. */
function bytesOf(document) {
	if (typeof document === "string") return new TextEncoder().encode(document);
	return Uint8Array.from(atob(document.base64), (character) => character.charCodeAt(0));
}
/** Returns the text of a document, with one character for each byte if it is binary. */
function textOf$2(document) {
	return typeof document === "string" ? document : atob(document.base64);
}
function base64(bytes) {
	const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
	return (btoa(binary).match(/.{1,76}/g) ?? []).join("\n");
}

// ../core/dist/plan/first-boot/yaml-text.js
/**
* Formats a document in block style. All texts are in double quotes, so that none is read as a number, a boolean or a
* date. Characters that YAML 1.1 forbids or treats as line ends are escaped.
*/
function yamlText(value) {
	return (0, import_dist.stringify)(value, {
		defaultStringType: "QUOTE_DOUBLE",
		defaultKeyType: "PLAIN",
		lineWidth: 0
	}).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}
function escaped(character) {
	return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}

// ../core/dist/plan/first-boot/network-config.js
/** Returns the document, or undefined if nothing is set; then cloud-init uses DHCP by itself. */
function networkConfigOf(boot) {
	const cards = boot.cards.filter(({ mac }) => mac !== void 0);
	if (cards.length === 0 && boot.nameservers.length === 0 && boot.searchDomains.length === 0) return void 0;
	return yamlText(cards.some(isOnLink) ? versionTwo(boot, cards) : versionOne(boot, cards));
}
/**
* Every version of cloud-init understands version 1 and gives IPv6 its default route. With `routes`, 22.4 to 23.x do
* not.
*/
function versionOne({ nameservers, searchDomains }, cards) {
	const dns = {
		...nameservers.length > 0 && { address: nameservers },
		...searchDomains.length > 0 && { search: searchDomains }
	};
	return {
		version: 1,
		config: [...cards.map((card) => ({
			type: "physical",
			name: `eth${card.index}`,
			mac_address: card.mac,
			subnets: [...subnet4(card), ...subnet6(card)]
		})), ...Object.keys(dns).length > 0 ? [{
			type: "nameserver",
			...dns
		}] : []]
	};
}
function subnet4({ ip, gateway }) {
	if (ip === void 0) return [];
	if (ip === "dhcp") return [{ type: "dhcp4" }];
	return [{
		type: "static",
		address: ip,
		...gateway !== void 0 && { gateway }
	}];
}
function subnet6({ ip6, gateway6 }) {
	if (ip6 === void 0) return [];
	if (ip6 === "dhcp") return [{ type: "dhcp6" }];
	if (ip6 === "auto") return [{ type: "ipv6_slaac" }];
	return [{
		type: "static6",
		address: ip6,
		...gateway6 !== void 0 && { gateway: gateway6 }
	}];
}
/** Only version 2 supports a gateway outside the prefix, so it is used only for that. */
function versionTwo(boot, cards) {
	const dns = {
		...boot.nameservers.length > 0 && { addresses: boot.nameservers },
		...boot.searchDomains.length > 0 && { search: boot.searchDomains }
	};
	const entries = cards.map((card) => [`eth${card.index}`, {
		match: { macaddress: card.mac },
		"set-name": `eth${card.index}`,
		...addressing(card),
		...Object.keys(dns).length > 0 && { nameservers: dns }
	}]);
	return {
		version: 2,
		ethernets: Object.fromEntries(entries)
	};
}
function addressing(card) {
	const { ip, gateway, ip6, gateway6 } = card;
	const addresses = [ip, ip6].filter((address) => address?.includes("/"));
	const routes = [...isOutside(gateway, ip) ? [{
		to: "0.0.0.0/0",
		via: gateway,
		"on-link": true
	}] : [], ...isOutside(gateway6, ip6) ? [{
		to: "::/0",
		via: gateway6,
		"on-link": true
	}] : []];
	return {
		...ip === "dhcp" && { dhcp4: true },
		...ip6 === "dhcp" && { dhcp6: true },
		...ip6 === "auto" && { "accept-ra": true },
		...addresses.length > 0 && { addresses },
		...gateway !== void 0 && !isOutside(gateway, ip) && { gateway4: gateway },
		...gateway6 !== void 0 && !isOutside(gateway6, ip6) && { gateway6 },
		...routes.length > 0 && { routes }
	};
}

// ../../node_modules/@noble/hashes/hmac.js
/**
* HMAC: RFC2104 message authentication code.
* @module
*/
/**
* Internal class for HMAC.
* Accepts any byte key, although RFC 2104 §3 recommends keys at least
* `HashLen` bytes long.
*/
var _HMAC = class {
	oHash;
	iHash;
	blockLen;
	outputLen;
	canXOF = false;
	finished = false;
	destroyed = false;
	constructor(hash, key) {
		ahash(hash);
		abytes(key, void 0, "key");
		this.iHash = hash.create();
		if (typeof this.iHash.update !== "function") throw new Error("expected Hash instance");
		this.blockLen = this.iHash.blockLen;
		this.outputLen = this.iHash.outputLen;
		const blockLen = this.blockLen;
		const pad = new Uint8Array(blockLen);
		pad.set(key.length > blockLen ? hash.create().update(key).digest() : key);
		for (let i = 0; i < pad.length; i++) pad[i] ^= 54;
		this.iHash.update(pad);
		this.oHash = hash.create();
		for (let i = 0; i < pad.length; i++) pad[i] ^= 106;
		this.oHash.update(pad);
		clean(pad);
	}
	update(buf) {
		aexists(this);
		this.iHash.update(buf);
		return this;
	}
	digestInto(out) {
		aexists(this);
		aoutput(out, this);
		this.finished = true;
		const buf = out.subarray(0, this.outputLen);
		this.iHash.digestInto(buf);
		this.oHash.update(buf);
		this.oHash.digestInto(buf);
		this.destroy();
	}
	digest() {
		const out = new Uint8Array(this.oHash.outputLen);
		this.digestInto(out);
		return out;
	}
	_cloneInto(to) {
		to ||= Object.create(Object.getPrototypeOf(this), {});
		const { oHash, iHash, finished, destroyed, blockLen, outputLen, canXOF } = this;
		to = to;
		to.finished = finished;
		to.destroyed = destroyed;
		to.blockLen = blockLen;
		to.outputLen = outputLen;
		to.canXOF = canXOF;
		to.oHash = oHash._cloneInto(to.oHash);
		to.iHash = iHash._cloneInto(to.iHash);
		return to;
	}
	clone() {
		return this._cloneInto();
	}
	destroy() {
		this.destroyed = true;
		this.oHash.destroy();
		this.iHash.destroy();
	}
};
const hmac = /* @__PURE__ */ (() => {
	const hmac_ = ((hash, key, message) => new _HMAC(hash, key).update(message).digest());
	hmac_.create = (hash, key) => new _HMAC(hash, key);
	return hmac_;
})();

// ../../node_modules/@noble/hashes/pbkdf2.js
/**
* PBKDF (RFC 2898). Can be used to create a key from password and salt.
* @module
*/
function pbkdf2Init(hash, _password, _salt, _opts) {
	ahash(hash);
	const { c, dkLen, asyncTick } = checkOpts({
		dkLen: 32,
		asyncTick: 10
	}, _opts);
	anumber(c, "c");
	anumber(dkLen, "dkLen");
	anumber(asyncTick, "asyncTick");
	if (c < 1) throw new Error("\"c\" (iterations) must be >= 1");
	if (dkLen < 1) throw new Error("\"dkLen\" must be >= 1");
	if (dkLen > (2 ** 32 - 1) * hash.outputLen) throw new Error("derived key too long");
	const p = kdfInputToBytes(_password, "password");
	try {
		const s = kdfInputToBytes(_salt, "salt");
		try {
			const DK = new Uint8Array(dkLen);
			const { iHash, oHash, outputLen } = hmac.create(hash, p);
			return {
				c,
				dkLen,
				asyncTick,
				DK,
				outputLen,
				eng: pbkdf2Engine(iHash, oHash, s, new Uint8Array(outputLen))
			};
		} finally {
			if (typeof _salt === "string") clean(s);
		}
	} finally {
		if (typeof _password === "string") clean(p);
	}
}
function pbkdf2Engine(iHash, oHash, salt, u) {
	const counter = /* @__PURE__ */ new Uint8Array(4);
	const view = createView(counter);
	const salted = iHash._cloneInto().update(salt);
	const work = oHash._cloneInto();
	const iClone = iHash._cloneInto;
	const oClone = oHash._cloneInto;
	return {
		u1: (ti, Ti) => {
			view.setInt32(0, ti, false);
			salted._cloneInto(work).update(counter).digestInto(u);
			oHash._cloneInto(work).update(u).digestInto(u);
			Ti.set(u.subarray(0, Ti.length));
		},
		rounds: (c, Ti) => {
			for (let ui = 1; ui < c; ui++) {
				iClone.call(iHash, work).update(u).digestInto(u);
				oClone.call(oHash, work).update(u).digestInto(u);
				for (let i = 0; i < Ti.length; i++) Ti[i] ^= u[i];
			}
		},
		output: (DK) => {
			iHash.destroy();
			oHash.destroy();
			salted.destroy();
			work.destroy();
			clean(u);
			return DK;
		}
	};
}
/**
* PBKDF2-HMAC: RFC 8018 key derivation function.
* @param hash - hash function that would be used e.g. sha256
* @param password - password from which a derived key is generated;
*   JS string inputs are UTF-8 encoded first
* @param salt - cryptographic salt; JS string inputs are UTF-8 encoded first
* @param opts - PBKDF2 work factor and output settings. `dkLen`, if provided,
*   must be `>= 1` per RFC 8018 §5.2. See {@link Pbkdf2Opt}.
* @returns Derived key bytes.
* @throws If the PBKDF2 iteration count or derived-key settings are invalid. {@link Error}
* @example
* PBKDF2-HMAC: RFC 2898 key derivation function.
* ```ts
* import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
* import { sha256 } from '@noble/hashes/sha2.js';
* const key = pbkdf2(sha256, 'password', 'salt', { dkLen: 32, c: Math.pow(2, 18) });
* ```
*/
function pbkdf2(hash, password, salt, opts) {
	const { c, dkLen, DK, outputLen, eng } = pbkdf2Init(hash, password, salt, opts);
	for (let ti = 1, pos = 0; pos < dkLen; ti++, pos += outputLen) {
		const Ti = DK.subarray(pos, pos + outputLen);
		eng.u1(ti, Ti);
		eng.rounds(c, Ti);
	}
	return eng.output(DK);
}

// ../../node_modules/@noble/hashes/scrypt.js
/**
* RFC 7914 Scrypt KDF. Can be used to create a key from password and salt.
* @module
*/
function XorAndSalsa(prev, pi, input, ii, out, oi) {
	let y00 = prev[pi++] ^ input[ii++], y01 = prev[pi++] ^ input[ii++];
	let y02 = prev[pi++] ^ input[ii++], y03 = prev[pi++] ^ input[ii++];
	let y04 = prev[pi++] ^ input[ii++], y05 = prev[pi++] ^ input[ii++];
	let y06 = prev[pi++] ^ input[ii++], y07 = prev[pi++] ^ input[ii++];
	let y08 = prev[pi++] ^ input[ii++], y09 = prev[pi++] ^ input[ii++];
	let y10 = prev[pi++] ^ input[ii++], y11 = prev[pi++] ^ input[ii++];
	let y12 = prev[pi++] ^ input[ii++], y13 = prev[pi++] ^ input[ii++];
	let y14 = prev[pi++] ^ input[ii++], y15 = prev[pi++] ^ input[ii++];
	let x00 = y00, x01 = y01, x02 = y02, x03 = y03, x04 = y04, x05 = y05, x06 = y06, x07 = y07, x08 = y08, x09 = y09, x10 = y10, x11 = y11, x12 = y12, x13 = y13, x14 = y14, x15 = y15;
	for (let i = 0; i < 8; i += 2) {
		x04 ^= rotl(x00 + x12 | 0, 7);
		x08 ^= rotl(x04 + x00 | 0, 9);
		x12 ^= rotl(x08 + x04 | 0, 13);
		x00 ^= rotl(x12 + x08 | 0, 18);
		x09 ^= rotl(x05 + x01 | 0, 7);
		x13 ^= rotl(x09 + x05 | 0, 9);
		x01 ^= rotl(x13 + x09 | 0, 13);
		x05 ^= rotl(x01 + x13 | 0, 18);
		x14 ^= rotl(x10 + x06 | 0, 7);
		x02 ^= rotl(x14 + x10 | 0, 9);
		x06 ^= rotl(x02 + x14 | 0, 13);
		x10 ^= rotl(x06 + x02 | 0, 18);
		x03 ^= rotl(x15 + x11 | 0, 7);
		x07 ^= rotl(x03 + x15 | 0, 9);
		x11 ^= rotl(x07 + x03 | 0, 13);
		x15 ^= rotl(x11 + x07 | 0, 18);
		x01 ^= rotl(x00 + x03 | 0, 7);
		x02 ^= rotl(x01 + x00 | 0, 9);
		x03 ^= rotl(x02 + x01 | 0, 13);
		x00 ^= rotl(x03 + x02 | 0, 18);
		x06 ^= rotl(x05 + x04 | 0, 7);
		x07 ^= rotl(x06 + x05 | 0, 9);
		x04 ^= rotl(x07 + x06 | 0, 13);
		x05 ^= rotl(x04 + x07 | 0, 18);
		x11 ^= rotl(x10 + x09 | 0, 7);
		x08 ^= rotl(x11 + x10 | 0, 9);
		x09 ^= rotl(x08 + x11 | 0, 13);
		x10 ^= rotl(x09 + x08 | 0, 18);
		x12 ^= rotl(x15 + x14 | 0, 7);
		x13 ^= rotl(x12 + x15 | 0, 9);
		x14 ^= rotl(x13 + x12 | 0, 13);
		x15 ^= rotl(x14 + x13 | 0, 18);
	}
	out[oi++] = y00 + x00 | 0;
	out[oi++] = y01 + x01 | 0;
	out[oi++] = y02 + x02 | 0;
	out[oi++] = y03 + x03 | 0;
	out[oi++] = y04 + x04 | 0;
	out[oi++] = y05 + x05 | 0;
	out[oi++] = y06 + x06 | 0;
	out[oi++] = y07 + x07 | 0;
	out[oi++] = y08 + x08 | 0;
	out[oi++] = y09 + x09 | 0;
	out[oi++] = y10 + x10 | 0;
	out[oi++] = y11 + x11 | 0;
	out[oi++] = y12 + x12 | 0;
	out[oi++] = y13 + x13 | 0;
	out[oi++] = y14 + x14 | 0;
	out[oi++] = y15 + x15 | 0;
}
function BlockMix(input, ii, out, oi, r) {
	let head = oi + 0;
	let tail = oi + 16 * r;
	for (let i = 0; i < 16; i++) out[tail + i] = input[ii + (2 * r - 1) * 16 + i];
	for (let i = 0; i < r; i++, head += 16, ii += 16) {
		XorAndSalsa(out, tail, input, ii, out, head);
		if (i > 0) tail += 16;
		XorAndSalsa(out, head, input, ii += 16, out, tail);
	}
}
const SCRYPT_DEFAULT_MAXMEM = 1024 * (2 ** 20 + 1 + 1);
function scryptInit(password, salt, _opts) {
	const { N, r, p, dkLen, asyncTick, maxmem, onProgress } = checkOpts({
		dkLen: 32,
		asyncTick: 10,
		maxmem: SCRYPT_DEFAULT_MAXMEM
	}, _opts);
	anumber(N, "N");
	anumber(r, "r");
	anumber(p, "p");
	anumber(dkLen, "dkLen");
	anumber(asyncTick, "asyncTick");
	anumber(maxmem, "maxmem");
	if (onProgress !== void 0 && typeof onProgress !== "function") throw new Error("\"onProgress\" must be a function");
	if (r < 1) throw new Error("\"r\" expected integer >= 1");
	const blockSize = 128 * r;
	const blockSize32 = blockSize / 4;
	const pow32 = Math.pow(2, 32);
	if (N <= 1 || (N & N - 1) !== 0 || N > pow32) throw new Error("\"N\" expected a power of 2, and 2^1 <= N <= 2^32");
	if (p < 1 || p > (pow32 - 1) * 32 / blockSize) throw new Error("\"p\" expected integer 1..((2^32 - 1) * 32) / (128 * r)");
	if (dkLen < 1 || dkLen > (pow32 - 1) * 32) throw new Error("\"dkLen\" expected integer 1..(2^32 - 1) * 32");
	const memUsed = blockSize * (N + p + 1);
	if (memUsed > maxmem) throw new Error("\"maxmem\" limit was hit: memUsed(128*r*(N+p+1))=" + memUsed + ", maxmem=" + maxmem);
	const B = pbkdf2(sha256, password, salt, {
		c: 1,
		dkLen: blockSize * p
	});
	const B32 = u32(B);
	const V = u32(new Uint8Array(blockSize * N));
	const tmp = u32(new Uint8Array(blockSize));
	let blockMixCb = () => {};
	if (onProgress) {
		const totalBlockMix = 2 * N * p;
		const callbackPer = Math.max(Math.floor(totalBlockMix / 1e4), 1);
		let blockMixCnt = 0;
		blockMixCb = () => {
			blockMixCnt++;
			if (onProgress && (!(blockMixCnt % callbackPer) || blockMixCnt === totalBlockMix)) try {
				onProgress(blockMixCnt / totalBlockMix);
			} catch (e) {
				clean(B, V, tmp);
				throw e;
			}
		};
	}
	return {
		N,
		r,
		p,
		dkLen,
		blockSize32,
		V,
		B32,
		B,
		tmp,
		blockMixCb,
		asyncTick
	};
}
function scryptOutput(password, dkLen, B, V, tmp) {
	const res = pbkdf2(sha256, password, B, {
		c: 1,
		dkLen
	});
	clean(B, V, tmp);
	return res;
}
/**
* Scrypt KDF from RFC 7914. See {@link ScryptOpts}.
* @param password - password or key material to derive from;
*   JS string inputs are UTF-8 encoded first
* @param salt - unique salt bytes or string; JS string inputs are UTF-8 encoded first
* @param opts - Scrypt cost and memory parameters. `dkLen`, if provided,
*   must be `>= 1` per RFC 7914 §2. See {@link ScryptOpts}.
* @returns Derived key bytes.
* @throws If the Scrypt cost, memory, or callback options are invalid. {@link Error}
* @example
* Derive a key with scrypt.
* ```ts
* scrypt('password', 'salt', { N: 2**18, r: 8, p: 1, dkLen: 32 });
* ```
* @example
* Derive a key with small demo costs and progress/memory controls.
* ```ts
* const progressLog: number[] = [];
* scrypt('password', 'salt', {
*   N: 16,
*   r: 8,
*   p: 1,
*   dkLen: 32,
*   maxmem: 1024 * 1024,
*   asyncTick: 10,
*   onProgress(progress) {
*     progressLog.push(progress);
*   },
* });
* ```
*/
function scrypt(password, salt, opts) {
	const { N, r, p, dkLen, blockSize32, V, B32, B, tmp, blockMixCb } = scryptInit(password, salt, opts);
	swap32IfBE(B32);
	for (let pi = 0; pi < p; pi++) {
		const Pi = blockSize32 * pi;
		for (let i = 0; i < blockSize32; i++) V[i] = B32[Pi + i];
		for (let i = 0, pos = 0; i < N - 1; i++) {
			BlockMix(V, pos, V, pos += blockSize32, r);
			blockMixCb();
		}
		BlockMix(V, (N - 1) * blockSize32, B32, Pi, r);
		blockMixCb();
		for (let i = 0; i < N; i++) {
			const j = (B32[Pi + blockSize32 - 16] & N - 1) >>> 0;
			for (let k = 0; k < blockSize32; k++) tmp[k] = B32[Pi + k] ^ V[j * blockSize32 + k];
			BlockMix(tmp, 0, B32, Pi, r);
			blockMixCb();
		}
	}
	swap32IfBE(B32);
	return scryptOutput(password, dkLen, B, V, tmp);
}

// ../core/dist/plan/first-boot/password-hash.js
const COST = {
	N: 2 ** 14,
	r: 8,
	p: 1,
	dkLen: 4
};
const known = /* @__PURE__ */ new Map();
/**
* Returns 8 hex digits that show if a password has changed, because Proxmox only shows asterisks. It is slow, so that
* guessing is slow, and short, so that many wrong passwords match and a match proves little. Each password of a project
* is hashed once per process.
*/
function passwordHash(password, project) {
	const key = JSON.stringify([project, password]);
	const found = known.get(key) ?? bytesToHex(scrypt(utf8ToBytes(password), utf8ToBytes(`pve-provision ${project}`), COST));
	known.set(key, found);
	return found;
}

// ../core/dist/plan/first-boot/user-data.js
/**
* Returns the `#cloud-config` of a first boot.
* @param passwordHash replaces the password; on Windows it is the password itself
*/
function userDataOf(boot, passwordHash) {
	const config = cloudConfigOf(boot, passwordHash);
	const vendor = readCloudConfig(boot.documents.vendorData) ?? {};
	return `#cloud-config\n${yamlText(besideVendorData(config, vendor, boot))}`;
}
/**
* Values in vendor-data stay if the manifest does not set them. cloud-init merges user-data over vendor-data, and
* replaces lists as a whole.
*/
function besideVendorData(config, vendor, { upgradeIsDefault }) {
	const yields = [
		"hostname",
		"fqdn",
		"manage_etc_hosts",
		...upgradeIsDefault ? ["package_upgrade"] : []
	];
	const own = Object.entries(config).filter(([key]) => !yields.includes(key) || vendor[key] === void 0);
	return Object.fromEntries(own.map(([key, value]) => {
		const theirs = vendor[key];
		return [key, Array.isArray(value) && Array.isArray(theirs) ? [.../* @__PURE__ */ new Set([...theirs, ...value])] : value];
	}));
}
function cloudConfigOf(boot, passwordHash) {
	const isRoot = boot.user === "root";
	return {
		hostname: boot.hostName,
		fqdn: boot.fullName,
		manage_etc_hosts: true,
		...accountOf(boot, passwordHash),
		...isRoot && { disable_root: false },
		...boot.sshKeys.length > 0 && { ssh_authorized_keys: boot.sshKeys },
		chpasswd: { expire: false },
		...!isRoot && { users: ["default"] },
		...boot.upgrade && { package_upgrade: true }
	};
}
/**
* Returns the account as a mapping. A plain `user` text is deprecated and makes cloud-init report "degraded". A
* separate `password` would treat some kinds of hashes as plain text.
*/
function accountOf({ user, windows }, passwordHash) {
	if (windows) return {
		...user !== void 0 && { user },
		...passwordHash && { password: passwordHash }
	};
	const account = {
		...user !== void 0 && { name: user },
		...passwordHash !== void 0 && {
			lock_passwd: false,
			hashed_passwd: passwordHash
		}
	};
	return Object.keys(account).length > 0 ? { user: account } : {};
}

// ../core/dist/plan/first-boot/seed-documents.js
/** Returns why a machine needs this program's ISO. Empty if Proxmox writes the drive. */
function seedReasons(machine) {
	return reasonsForCd(firstBootOf(machine));
}
/**
* Returns the file name on the ISO storage, such as `web-seed-3f2a9c0d1e4b5a67.iso`, or undefined if no ISO is needed.
* The first 12 digits identify the instance, the last 4 the document format. A new instance gets other first digits.
*/
function seedVolume(machine, options) {
	if (seedReasons(machine).length === 0) return void 0;
	const instance = instanceHash(machine, options);
	const documents = documentsOf(machine, {
		...options,
		password: standInOf(machine, options)
	});
	const written = hash16(JSON.stringify(Object.values(documents).map((one) => hash16(textOf$1(one)))));
	return `${machine.name}-seed-${instance}${written.slice(0, 4)}.iso`;
}
/** Returns true if a guest that boots from `other` instead of `volume` is a new instance for cloud-init. */
function isOtherInstance(volume, other) {
	const instanceOf = (text) => /-seed-([0-9a-f]{12})[0-9a-f]{4}\.iso/.exec(text)?.[1];
	return instanceOf(volume) === void 0 || instanceOf(volume) !== instanceOf(other);
}
/**
* Returns the documents of a machine's ISO. They contain its password as a hash.
* @param hashPassword hashes a plain password, with a salt of at most 16 characters
*/
function seedDocuments(machine, options, hashPassword) {
	const { password, windows } = firstBootOf(machine);
	const isPlain = password !== void 0 && !windows && !isPasswordHash(password);
	const salt = hash16(`${options.project}/${machine.name} salt`);
	return documentsOf(machine, {
		...options,
		password: isPlain ? hashPassword(password, salt) : password
	});
}
/**
* Returns 12 hex digits over what cloud-init receives, without the document format. If they change, cloud-init runs
* again (ADR 19). They must not reveal a password to users who can list the storage, so a slow hash stands for it.
*/
function instanceHash(machine, options) {
	const password = standInOf(machine, options);
	const { sshKeys, ...rest } = {
		...firstBootOf(machine, options.macs),
		password
	};
	const told = Object.entries({
		...rest,
		sshKeys: sshKeys.toSorted()
	}).toSorted(([one], [other]) => one < other ? -1 : 1);
	return hash16(JSON.stringify([
		options.project,
		machine.name,
		told
	])).slice(0, 12);
}
function standInOf(machine, { project }) {
	const { password } = firstBootOf(machine);
	return password === void 0 ? void 0 : passwordHash(password, project);
}
function documentsOf(machine, { password, ...options }) {
	const boot = firstBootOf(machine, options.macs);
	const networkConfig = boot.documents.networkConfig ?? networkConfigOf(boot);
	return {
		...dataOf(boot, userDataOf(boot, password)),
		"meta-data": yamlText({
			"instance-id": `${machine.name}-${instanceHash(machine, options)}`,
			"local-hostname": machine.name
		}),
		...networkConfig !== void 0 && { "network-config": networkConfig }
	};
}
/**
* Adds our settings to the user's: as a part of user-data if cloud-init reads it, else as vendor-data, so that a
* document for Ignition, Talos or cloudbase-init is unchanged.
*/
function dataOf({ documents: { userData, vendorData } }, ours) {
	const theirs = vendorData === void 0 ? "" : contentOf(vendorData);
	if (userData === void 0) return {
		"user-data": ours,
		"vendor-data": theirs
	};
	if (documentKind(userData).reader === "cloud-init") return {
		"user-data": withPart(userData, ours, boundaryOf(userData, ours)),
		"vendor-data": theirs
	};
	const both = vendorData === void 0 ? ours : withPart(vendorData, ours, boundaryOf(vendorData, ours));
	return {
		"user-data": contentOf(userData),
		"vendor-data": both
	};
}
function boundaryOf(theirs, ours) {
	return `===${hash16(JSON.stringify([theirs, ours]))}===`;
}
function contentOf(document) {
	return typeof document === "string" ? document : bytesOf(document);
}
function textOf$1(content) {
	return typeof content === "string" ? content : Array.from(content).join();
}

// ../core/dist/plan/first-boot/proxmox-keys.js
/** The drive that cloud-init reads. The template contains it. */
const CLOUD_INIT_DRIVE = "ide2";
function cloudInitConfig(machine, { current, counts, project, macs }) {
	const seed = seedVolume(machine, {
		project,
		macs
	});
	if (seed !== void 0) return { [CLOUD_INIT_DRIVE]: `${machine.storage.images}:iso/${seed},media=cdrom` };
	if (machine.cloudInit === void 0) return {};
	return {
		...textOf$3(current["ide2"]).includes(":iso/") && { ["ide2"]: `${machine.storage.disks}:cloudinit` },
		...ownKeys(machine, {
			current,
			counts
		})
	};
}
function ownKeys(machine, { current, counts }) {
	const { user, password, sshKeys, nameservers, searchDomains, upgrade } = machine.cloudInit;
	return {
		...user !== void 0 && { ciuser: user },
		...password !== void 0 && { cipassword: password },
		...counts("cloudInit.sshKeys") && { sshkeys: sshKeys.length > 0 ? encodeKeys(sshKeys) : null },
		...addressConfig(machine, {
			current,
			counts
		}),
		...counts("cloudInit.dns") && {
			nameserver: nameservers.length > 0 ? nameservers.join(" ") : null,
			searchdomain: searchDomains.length > 0 ? searchDomains.join(" ") : null
		},
		...upgrade !== void 0 && { ciupgrade: upgrade ? 1 : 0 }
	};
}
const ADDRESS_KEYS$1 = [
	"addresses",
	"ip",
	"ip6",
	"gateway",
	"gateway6"
].map((key) => `cloudInit.${key}`);
function addressConfig(machine, { current, counts }) {
	if (!ADDRESS_KEYS$1.some(counts)) return {};
	const addresses = addressesOf(machine);
	const surplus = Object.keys(current).filter((key) => /^ipconfig\d+$/.test(key) && Number(key.slice(8)) >= addresses.length).sort();
	const wanted = addresses.map((address, index) => [`ipconfig${index}`, formatAddress(address) || null]);
	return Object.fromEntries([...wanted, ...surplus.map((key) => [key, null])]);
}
function formatAddress({ ip, gateway, ip6, gateway6 }) {
	return Object.entries({
		ip,
		gw: gateway,
		ip6,
		gw6: gateway6
	}).filter(([, value]) => value !== void 0).map(([key, value]) => `${key}=${value}`).join(",");
}
/**
* Encodes SSH keys. They are percent-encoded before the form is encoded: Proxmox requires double encoding, and no `+`
* for spaces.
*/
function encodeKeys(keys) {
	const text = keys.map((key) => key.trim()).join("\n");
	return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
/** Returns the keys in a config's `sshkeys`. */
function decodeKeys(text) {
	return safelyDecoded(text).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
}
function safelyDecoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

// ../core/dist/plan/config/machine-config.js
/**
* Returns the wanted values of everything that the manifest sets. Values that Proxmox generates (MACs, volume names)
* come from the current config, so that a comparison shows only what the manifest changes.
*/
function wantedConfig(machine, current, marker, { all = false } = {}) {
	const counts = (key) => all || machine.declared.has(key);
	const { project } = marker;
	const isNew = all && marker.replaces === void 0;
	const macs = macsOf(machine, {
		project,
		...!isNew && { current }
	});
	return {
		...identityConfig(machine, {
			current,
			marker,
			counts
		}),
		...hardwareConfig(machine, counts),
		...all && { scsihw: "virtio-scsi-single" },
		...counts("network") && networkConfig(machine, {
			current,
			macs
		}),
		...diskConfig(machine, current, counts),
		...deviceConfig(machine, current, counts),
		...policyConfig(machine, counts),
		...cloudInitConfig(machine, {
			current,
			counts,
			project,
			macs
		})
	};
}
function identityConfig(machine, { current, marker, counts }) {
	const text = counts("description") ? machine.description : readText(current.description);
	return {
		name: machine.name,
		tags: counts("tags") ? parseTags([OWNER_TAG, ...machine.tags].join(";")).join(";") : withTag(current.tags, OWNER_TAG),
		description: writeDescription(marker, text)
	};
}
function hardwareConfig({ cpu, memory, firmware, ...machine }, counts) {
	return only(counts, {
		cores: ["cores", cpu.cores],
		sockets: ["sockets", cpu.sockets],
		cpu: ["cpu", cpu.type ?? null],
		numa: ["numa", flag$1(cpu.numa)],
		cpulimit: ["cpuLimit", cpu.limit ?? null],
		cpuunits: ["cpuUnits", cpu.units ?? null],
		memory: ["memory", memory.memoryMiB],
		balloon: ["balloon", memory.balloonMiB ?? null],
		bios: ["bios", firmware.bios],
		machine: ["machine", machine.machineType ?? null],
		ostype: ["osType", machine.osType],
		serial0: ["serial", machine.serial ? "socket" : null],
		...machine.vga === void 0 && { vga: ["serial", machine.serial ? "serial0" : "std"] },
		agent: ["agent", `enabled=${flag$1(machine.agent)}`]
	});
}
function policyConfig(machine, counts) {
	return only(counts, {
		...machine.bootOrder && { boot: ["boot", `order=${machine.bootOrder.join(";")}`] },
		onboot: ["onBoot", flag$1(machine.onBoot)],
		startup: ["startOrder", startupOf(machine.startup)],
		protection: ["protection", flag$1(machine.protection)]
	});
}
/** Keeps the entries whose manifest key counts. */
function only(counts, entries) {
	return Object.fromEntries(Object.entries(entries).flatMap(([key, [from, value]]) => counts(from) ? [[key, value]] : []));
}
function flag$1(on) {
	return on ? 1 : 0;
}
function startupOf(startup) {
	if (startup === void 0) return null;
	const { order, upSeconds, downSeconds } = startup;
	return Object.entries({
		order,
		up: upSeconds,
		down: downSeconds
	}).filter(([, value]) => value !== void 0).map(([key, value]) => `${key}=${value}`).join(",");
}
function networkConfig(machine, { current, macs }) {
	const cards = machine.networks.map((network, index) => {
		const mac = macs[index];
		return [`net${index}`, networkCard({
			...network,
			...mac && { mac }
		}, current[`net${index}`])];
	});
	const surplus = Object.keys(current).filter((key) => /^net\d+$/.test(key) && Number(key.slice(3)) >= cards.length).sort();
	return Object.fromEntries([...cards, ...surplus.map((key) => [key, null])]);
}
/** Returns the declared card. Its MAC stays, and queues, trunks and link stay if the manifest does not state them. */
function networkCard(network, current) {
	const { model, bridge, mac, vlan, firewall, rateMBps, mtu, trunks, queues, linkDown } = network;
	const card = withProperties(current === void 0 ? /* @__PURE__ */ new Map() : parseNetworkCard(current), {
		model,
		...mac && { macaddr: mac.toUpperCase() },
		bridge,
		firewall: firewall ? 1 : void 0,
		mtu,
		rate: rateMBps,
		tag: vlan,
		...trunks && { trunks: trunks.length > 0 ? trunks.join(";") : void 0 },
		...queues !== void 0 && { queues: queues > 0 ? queues : void 0 },
		...linkDown !== void 0 && { link_down: linkDown ? 1 : void 0 }
	});
	return formatNetworkCard(card);
}

// ../core/dist/plan/config/size-text.js
const MEBIBYTE = 1024 ** 2;
const UNITS$1 = [
	"MiB",
	"GiB",
	"TiB"
];
/** `20 GiB`, `2252 MiB`: uses the largest unit that gives an integer. Parts of a MiB are rounded up. */
function sizeText(bytes) {
	let amount = Math.ceil(bytes / MEBIBYTE);
	let unit = 0;
	while (amount > 0 && amount % 1024 === 0 && unit < UNITS$1.length - 1) {
		amount /= 1024;
		unit += 1;
	}
	return `${amount} ${UNITS$1[unit]}`;
}

// ../core/dist/plan/compare/same-value.js
/** Proxmox's defaults for keys that a config does not contain (qemu-server's schema). */
const DEFAULTS = {
	cores: 1,
	sockets: 1,
	numa: 0,
	memory: 512,
	onboot: 0,
	protection: 0,
	bios: "seabios",
	ostype: "other",
	ciupgrade: 1,
	vga: "std",
	scsihw: "lsi",
	agent: "enabled=0",
	tags: "",
	description: ""
};
/** Returns true if both values mean the same. The wanted value `null` means that the key should not exist. */
function sameValue(key, is, wanted) {
	if (wanted === null) return is === void 0 || is === "" || is === " ";
	const value = is ?? DEFAULTS[key];
	return value !== void 0 && sameness(key)(value, wanted);
}
function sameness(key) {
	return SPECIAL[key] ?? SPECIAL[key.replace(/\d+$/, "")] ?? sameText;
}
const SPECIAL = {
	net: (is, wanted) => sameProperties(parseNetworkCard(is), parseNetworkCard(wanted), NETWORK_DEFAULTS),
	scsi: sameDrive,
	virtio: sameDrive,
	sata: (is, wanted) => isCd(wanted) ? sameCd(is, wanted) : sameDrive(is, wanted),
	ide: sameCd,
	efidisk: (is) => is !== void 0,
	tpmstate: (is) => is !== void 0,
	ipconfig: (is, wanted) => sameProperties(parseProperties(is, ""), parseProperties(wanted, "")),
	startup: (is, wanted) => sameProperties(parseProperties(is, "order"), parseProperties(wanted, "order")),
	boot: (is, wanted) => sameProperties(parseProperties(is, "legacy"), parseProperties(wanted, "legacy")),
	cpu: (is, wanted) => sameProperties(parseProperties(is, "cputype"), parseProperties(wanted, "cputype")),
	machine: (is, wanted) => sameProperties(parseProperties(is, "type"), parseProperties(wanted, "type")),
	vga: sameDisplay,
	hostpci: (is, wanted) => sameProperties(parseProperties(is, "host"), parseProperties(wanted, "host"), PCI_DEFAULTS),
	usb: (is, wanted) => sameProperties(parseProperties(is, "host"), parseProperties(wanted, "host"), { usb3: "0" }),
	virtiofs: (is, wanted) => sameProperties(parseProperties(is, "dirid"), parseProperties(wanted, "dirid"), FOLDER_DEFAULTS),
	rng: (is, wanted) => sameProperties(parseProperties(is, "source"), parseProperties(wanted, "source"), RNG_DEFAULTS),
	watchdog: (is, wanted) => sameProperties(parseProperties(is, "model"), parseProperties(wanted, "model"), WATCHDOG_DEFAULTS),
	smbios: sameTexts,
	memory: (is, wanted) => memoryOf(is) === memoryOf(wanted),
	agent: (is, wanted) => isOn(parseProperties(is, "enabled").get("enabled")) === isOn(parseProperties(wanted, "enabled").get("enabled")),
	tags: (is, wanted) => sameList(parseTags(is), parseTags(wanted)),
	nameserver: (is, wanted) => sameList(words(is), words(wanted)),
	sshkeys: (is, wanted) => sameList(decodeKeys(textOf$3(is)).toSorted(), decodeKeys(textOf$3(wanted)).toSorted()),
	description: sameDescription
};
const NETWORK_DEFAULTS = {
	firewall: "0",
	link_down: "0",
	queues: "0"
};
const PCI_DEFAULTS = {
	pcie: "0",
	"x-vga": "0",
	rombar: "1"
};
const FOLDER_DEFAULTS = {
	cache: "auto",
	"direct-io": "0",
	"expose-xattr": "0",
	"expose-acl": "0"
};
/** Defaults of QEMU. */
const WATCHDOG_DEFAULTS = {
	model: "i6300esb",
	action: "reset"
};
const RNG_DEFAULTS = {
	max_bytes: "1024",
	period: "1000"
};
/** The memory of a display is compared only if the manifest sets it. */
function sameDisplay(is, wanted) {
	const [left, right] = [parseProperties(is, "type"), parseProperties(wanted, "type")];
	return left.get("type") === right.get("type") && (!right.has("memory") || left.get("memory") === right.get("memory"));
}
/** Base64 is case-sensitive. The wanted texts already include those that stay. */
function sameTexts(is, wanted) {
	const [left, right] = [parseProperties(is, "uuid"), parseProperties(wanted, "uuid")];
	return left.size === right.size && [...right].every(([key, value]) => left.get(key) === value);
}
function sameText(is, wanted) {
	return textOf$3(is).trim() === textOf$3(wanted).trim();
}
/** The size of a drive changes only through resize, never through its options. */
function sameDrive(is, wanted) {
	const [left, right] = [is, wanted].map((drive) => new Map(parseProperties(drive, "file")));
	left?.delete("size");
	right?.delete("size");
	return left !== void 0 && right !== void 0 && sameProperties(left, right, {
		cache: "none",
		discard: "ignore",
		ssd: "0",
		iothread: "0",
		backup: "1",
		replicate: "1"
	});
}
/** Compares CDs. For a cloud-init drive, any volume is equal, because Proxmox chooses its name. */
function sameCd(is, wanted) {
	const [left = "", right = ""] = [is, wanted].map((drive) => parseProperties(drive, "file").get("file"));
	return right.endsWith(":cloudinit") ? left.includes("cloudinit") : left === right;
}
/** Compares text and marker. The spec hash of the marker changes with other keys and is ignored. */
function sameDescription(is, wanted) {
	if (is === wanted) return true;
	const [left, right] = [is, wanted].map(readMarker);
	return [
		"project",
		"name",
		"kind",
		"image",
		"base"
	].every((key) => left?.[key] === right?.[key]) && readText(is) === readText(wanted);
}
/** `2048`, or `current=2048` since Proxmox VE 8.1. */
function memoryOf(value) {
	return Number(parseProperties(value, "current").get("current"));
}
/** Returns true if a flag is set. Proxmox accepts `1`, `on`, `yes` and `true`. */
function isOn(value) {
	return value !== void 0 && [
		"1",
		"on",
		"yes",
		"true"
	].includes(value.toLowerCase());
}
/** Splits a list of addresses. */
function words(text) {
	return textOf$3(text).split(/[ ,;]+/).filter((word) => word !== "");
}
function sameList(one, other) {
	return one.length === other.length && one.every((entry, index) => entry === other[index]);
}

// ../core/dist/plan/compare/describe-options.js
/** Creates a change without empty values. */
function raw(key, before, after) {
	const is = (value) => value !== void 0 && value !== null && value !== "";
	return {
		key,
		...is(before) && { before },
		...is(after) && { after }
	};
}
const same = (text) => text;
const number = (text) => text === void 0 ? void 0 : Number(text);
const flag = (text) => isOn(text);
const START_OPTIONS = {
	order: ["order", number],
	up: ["up", number],
	down: ["down", number]
};
const CARD_OPTIONS = {
	model: ["model", same],
	macaddr: ["mac", same],
	bridge: ["bridge", same],
	tag: ["vlan", number],
	trunks: ["trunks", (text) => text?.split(";")],
	firewall: ["firewall", flag],
	rate: ["rate", number],
	mtu: ["mtu", number],
	queues: ["queues", number],
	link_down: ["linkDown", flag]
};
const DRIVE_OPTIONS = {
	cache: ["cache", (text) => text ?? "none"],
	discard: ["discard", flag],
	ssd: ["ssd", flag],
	iothread: ["ioThread", flag],
	backup: ["backup", (text) => text === void 0 || isOn(text)],
	replicate: ["replicate", (text) => text === void 0 || isOn(text)],
	aio: ["aio", same],
	serial: ["serial", same],
	mbps_rd: ["limits.readMBps", number],
	mbps_wr: ["limits.writeMBps", number],
	iops_rd: ["limits.readIops", number],
	iops_wr: ["limits.writeIops", number]
};
const DISPLAY_OPTIONS = {
	type: ["type", same],
	memory: ["memory", (text) => text === void 0 ? void 0 : sizeText(Number(text) * 1024 ** 2)]
};
const RANDOM_OPTIONS = {
	source: ["source", same],
	max_bytes: ["maxBytes", number],
	period: ["periodMs", number]
};
const WATCHDOG_OPTIONS = {
	model: ["model", same],
	action: ["action", same]
};
/** Returns one change for each option that differs. */
function optionChanges(place, options, [is, wanted]) {
	return Object.entries(options).flatMap(([name, [word, read]]) => {
		const [before, after] = [read(is.get(name)), read(wanted.get(name))];
		return JSON.stringify(before) === JSON.stringify(after) ? [] : [raw(`${place}.${word}`, before, after)];
	});
}

// ../core/dist/plan/day-two/expiry.js
/** Returns when a machine may be removed, in milliseconds since the epoch, or undefined if it does not expire. */
function expiryMs({ marker: { expires } }) {
	const atMs = expires === void 0 ? NaN : Date.parse(expires);
	return Number.isNaN(atMs) ? void 0 : atMs;
}
function isExpired(guest, nowMs) {
	const atMs = expiryMs(guest);
	return atMs !== void 0 && atMs <= nowMs;
}
/** Returns the part of the marker of a machine that is created now. */
function newExpiry({ expiresSeconds }, nowMs) {
	return expiresSeconds === void 0 ? {} : {
		expires: timeAfter(nowMs, expiresSeconds),
		lifetime: expiresSeconds
	};
}
/** Returns how the manifest changes the lifetime of an existing machine, or undefined. */
function expiryChange({ expiresSeconds }, { marker }) {
	const { expires, lifetime } = marker;
	if (expiresSeconds === void 0 && expires === void 0) return void 0;
	if (expires !== void 0 && (lifetime ?? expiresSeconds) === expiresSeconds && expiresSeconds !== void 0) return void 0;
	return raw("expires", lifetime === void 0 ? expires : lifetimeText(lifetime), expiresSeconds === void 0 ? void 0 : lifetimeText(expiresSeconds));
}
/**
* Returns the marker after that change. The lifetime counts from the creation of the machine. If that time is not known,
* it counts from now.
*/
function changedExpiry(marker, machine, nowMs) {
	const { expires: _, lifetime, ...rest } = marker;
	const isMs = expiryMs({ marker });
	const createdMs = isMs === void 0 || lifetime === void 0 ? nowMs : isMs - lifetime * 1e3;
	return {
		...rest,
		...newExpiry(machine, createdMs)
	};
}
function timeAfter(ms, seconds) {
	return new Date(ms + seconds * 1e3).toISOString().replace(/\.\d+Z$/, "Z");
}
const UNITS = [
	[604800, "w"],
	[86400, "d"],
	[3600, "h"],
	[60, "min"]
];
/** Formats seconds as the manifest writes them: `4 h`, `90 s`. */
function lifetimeText(seconds) {
	const [unit, name] = UNITS.find(([one]) => seconds % one === 0) ?? [1, "s"];
	return `${seconds / unit} ${name}`;
}

// ../core/dist/plan/first-boot/first-boot-change.js
/**
* Keys that Proxmox writes to its drive (qemu-server `Cloudinit.pm`). A change of any of them creates a new instance.
*/
const DRIVE_KEYS = /^(?:name|ciuser|cipassword|ciupgrade|sshkeys|nameserver|searchdomain|ipconfig\d+)$/;
/** Returns what an update changes for the next boot, or undefined if nothing. */
function firstBootChange(update, current) {
	const [is, wanted] = [textOf$3(current[CLOUD_INIT_DRIVE]), update.set[CLOUD_INIT_DRIVE]];
	if (wanted !== void 0) return {
		when: "boot",
		isDriveStale: false,
		...isOtherInstance(is, String(wanted)) && { impact: "new-instance" }
	};
	if (!Object.values(current).some(isCloudInitDrive)) return void 0;
	return [...Object.keys(update.set), ...update.remove].some((key) => DRIVE_KEYS.test(key) || isOtherMac(key, update, current)) ? {
		when: "boot",
		impact: "new-instance",
		isDriveStale: true
	} : void 0;
}
function isOtherMac(key, { set }, current) {
	if (!/^net\d+$/.test(key) || current[key] === void 0) return false;
	const mac = (card) => card === void 0 ? void 0 : parseNetworkCard(card).get("macaddr")?.toUpperCase();
	return set[key] !== void 0 && mac(set[key]) !== mac(current[key]);
}

// ../core/dist/plan/preflight/protection.js
function isProtected({ config }) {
	return config.protection === 1 || config.protection === "1";
}
/** Returns true if the manifest sets that the machine is not protected. An absent key is not enough. */
function mayUnprotect(name, { machines }) {
	const machine = machines.find((entry) => entry.name === name);
	return machine?.declared.has("protection") === true && !machine.protection;
}
function protectedError({ vmid, config }) {
	return new ProvisionError("CONFLICT", `${textOf$3(config.name)} (${vmid}) is protected.`, {
		hint: "Set `protection: false` in the manifest, then try again.",
		details: { vmid }
	});
}

// ../core/dist/plan/compare/removal-conflict.js
/** Returns the first obstacle to detaching the disks that the manifest no longer names. */
function removalConflict(machine, guest) {
	const removed = removedDisks(machine, guest);
	if (removed.length === 0) return void 0;
	const mayUnprotect = machine.declared.has("protection") && !machine.protection;
	if (isProtected(guest) && !mayUnprotect) return protectedError(guest);
	const found = bootDevice(machine, guest, removed) ?? otherBus(machine, guest, removed) ?? ambiguous(machine, guest, removed);
	if (found === void 0) return void 0;
	const [sentence, hint, key] = found;
	return new ProvisionError("CONFLICT", sentence, {
		hint,
		details: {
			machine: machine.name,
			vmid: guest.vmid,
			key
		}
	});
}
function bootDevice(machine, { vmid, config }, removed) {
	const current = (parseProperties(config.boot, "legacy").get("order") ?? "").split(";");
	const lost = (machine.bootOrder ?? current).filter((device) => removed.includes(device));
	if (lost.length === 0) return void 0;
	const left = (machine.bootOrder ?? current).filter((device) => device !== "" && !removed.includes(device));
	const order = left.length === 0 ? [BOOT_DISK] : left;
	return [
		`${machine.name} (${vmid}) boots from ${lost.join(", ")}, which the manifest no longer declares.`,
		`Set \`boot: [${order.join(", ")}]\`, or declare the disk again.`,
		"boot"
	];
}
function further(machine, { config }) {
	const keys = diskKeys(machine, config);
	return machine.disks.map((disk, index) => ({
		disk,
		index,
		key: keys[index + 1] ?? ""
	}));
}
/** If a disk is removed on one bus and a similar one is added on another, the user most likely means the same disk. */
function otherBus(machine, guest, removed) {
	const { vmid, node, config } = guest;
	const fresh = further(machine, guest).filter(({ key, disk }) => config[key] === void 0 && disk.image === void 0);
	for (const { disk, index, key } of fresh) {
		const old = removed.find((one) => busOf(one) !== busOf(key) && isLike(disk, one, config));
		if (old === void 0) continue;
		const options = disk.serial === void 0 ? "" : `,serial=${encodeURIComponent(disk.serial)}`;
		return [
			`disks[${index}] of ${machine.name} (${vmid}) is ${old}; the bus of a disk cannot be changed to ${busOf(key)}.`,
			`To keep its data, stop it, then as root on ${node}: qm set ${vmid} --delete ${old} && qm set ${vmid} --${key} ${volumeOfDrive(config[old])}${options}\nTo get an empty disk instead, remove the disk from the manifest, apply, and declare the new one.`,
			`disks[${index}].bus`
		];
	}
}
function isLike({ serial, sizeBytes }, key, config) {
	const has = serialOfDrive(config[key]);
	return serial !== void 0 || has !== void 0 ? serial === has : sizeBytes === sizeOfDisk(config, key);
}
/** Disks without a serial number are identified by their order, so the manifest cannot express that the first is removed. */
function ambiguous(machine, guest, removed) {
	const { vmid, config } = guest;
	const changed = further(machine, guest).find(({ disk, key }) => {
		const has = sizeOfDisk(config, key);
		const [serial, size] = [serialOfDrive(config[key]), disk.sizeBytes];
		const isOther = disk.serial !== void 0 && serial !== void 0 && disk.serial !== serial;
		const isMatched = disk.serial !== void 0 && disk.serial === serial;
		const grows = has !== void 0 && size !== void 0 && size > has;
		return config[key] !== void 0 && removed.some((one) => busOf(one) === busOf(key)) && (isOther || grows && !isMatched);
	});
	if (changed === void 0) return void 0;
	return [
		`${machine.name} (${vmid}) would lose ${removed.join(", ")} while disks[${changed.index}] (${changed.key}) changes, so it is not clear which disk to remove.`,
		"Disks without a `serial` are identified by their order. Make the two changes in two runs; or declare all disks unchanged, each with a `serial`, apply, and then remove the one you no longer need.",
		`disks[${changed.index}]`
	];
}
function busOf(key) {
	return key.replace(/\d+$/, "");
}

// ../core/dist/plan/compare/spec-hash.js
/** The spec of a machine that was created but not configured yet. The run that finds it configures it. */
const UNFINISHED = "unfinished";
/** Returns 16 hex digits over the declared config. With a password, `-` and 8 digits follow that show if it changed. */
function specHash(machine, project) {
	const marker = {
		project,
		name: machine.name,
		kind: "machine",
		image: machine.image,
		base: "",
		spec: ""
	};
	const { cipassword, ...config } = wantedConfig(machine, {}, marker);
	const lifetime = machine.expiresSeconds === void 0 ? [] : [machine.expiresSeconds];
	const declared = hash16(JSON.stringify([
		config,
		machine.disk,
		machine.pool ?? null,
		...lifetime
	]));
	return cipassword === void 0 || cipassword === null ? declared : `${declared}-${passwordHash(String(cipassword), project)}`;
}
/** Returns the part of a spec for the password, or undefined if there was none. */
function passwordPart(spec) {
	return spec.split("-", 2)[1];
}

// ../core/dist/plan/compare/compare-conflict.js
/** Returns the first obstacle as an error with a hint, or undefined if everything can be changed in place. */
function conflictOf(machine, guest) {
	const lost = lostBootDisk(machine, guest);
	if (lost !== void 0) return lost;
	const found = imageConflict(machine, guest) ?? idConflict(machine, guest) ?? diskConflict(machine, guest);
	if (found === void 0) return removalConflict(machine, guest) ?? balloonConflict(machine, guest);
	const { undo = "Undo the change in the manifest" } = found;
	return new ProvisionError("CONFLICT", found.sentence, {
		hint: `${undo}, or replace the machine, which loses what is on its boot disk: pve-provision apply --replace ${machine.name}`,
		details: {
			machine: machine.name,
			key: found.key,
			vmid: guest.vmid
		}
	});
}
/** A machine that this program created has a boot disk, unless a user detached or removed it. */
function lostBootDisk({ name }, { vmid, config, marker }) {
	if (marker.base === "" || marker.spec === "unfinished" || config["scsi0"] !== void 0) return void 0;
	const unused = Object.keys(config).find((key) => /^unused\d+$/.test(key));
	const attach = unused === void 0 ? "" : `If ${unused} is its disk, attach it: qm set ${vmid} --${BOOT_DISK} ${textOf$3(config[unused])} --boot order=${BOOT_DISK}\n`;
	return new ProvisionError("CONFLICT", `${name} (${vmid}) has no boot disk: ${BOOT_DISK} is missing.`, {
		hint: `${attach}To create the machine again from its image: pve-provision apply --replace ${name}`,
		details: {
			machine: name,
			key: "disk",
			vmid
		}
	});
}
function imageConflict({ name, image }, { vmid, marker }) {
	if (marker.image === image) return void 0;
	return {
		sentence: `${name} (${vmid}) was created from ${marker.image}; its image cannot be changed to ${image} in place.`,
		key: "image"
	};
}
function idConflict({ name, vmid }, guest) {
	if (vmid === void 0 || vmid === guest.vmid) return void 0;
	return {
		sentence: `${name} is ${guest.vmid}; its VM ID cannot be changed to ${vmid}.`,
		key: "vmid"
	};
}
function diskConflict(machine, guest) {
	const { disk, disks, declared } = machine;
	const keys = diskKeys(machine, guest.config);
	for (const [index, entry] of [disk, ...declared.has("disks") ? disks : []].entries()) {
		const key = index === 0 ? "disk" : `disks[${index - 1}]`;
		const found = shrunk(entry, keys[index] ?? "", {
			machine,
			guest
		});
		if (found !== void 0) return {
			...found,
			key
		};
	}
}
function shrunk({ sizeBytes }, key, { machine, guest }) {
	const has = sizeOfDisk(guest.config, key);
	if (sizeBytes === void 0 || has === void 0 || sizeBytes >= has) return void 0;
	return {
		sentence: `${diskName(key)} of ${machine.name} (${guest.vmid}) has ${sizeText(has)}; Proxmox cannot shrink it to ${sizeText(sizeBytes)}.`,
		undo: `Set its size in the manifest to ${sizeText(has)}`
	};
}
/**
* If the manifest sets only memory or balloon, the other is the machine's current value. Proxmox refuses a balloon
* above the memory (qemu-server `update_vm_api`).
*/
function balloonConflict({ name, memory, declared }, { vmid, config, marker }) {
	if (marker.spec === "unfinished" || declared.has("memory") === declared.has("balloon")) return void 0;
	const memoryMiB = declared.has("memory") ? memory.memoryMiB : memoryOf(config.memory ?? DEFAULT_MEMORY_MIB);
	const balloonMiB = declared.has("balloon") ? memory.balloonMiB ?? 0 : Number(config.balloon ?? 0);
	if (balloonMiB <= memoryMiB) return void 0;
	const own = declared.has("memory") ? "balloon" : "memory";
	return new ProvisionError("CONFLICT", `${name} (${vmid}) would have ${memoryMiB} MiB of memory but a minimum of ${balloonMiB} MiB; it has ${own} now.`, {
		hint: `Set \`${own}\` in the manifest as well.`,
		details: {
			machine: name,
			vmid
		}
	});
}
const DEFAULT_MEMORY_MIB = 512;
function diskName(key) {
	return key === "scsi0" ? "The disk" : `The disk ${key}`;
}

// ../core/dist/plan/compare/compare-ha.js
/** Only keys that the manifest sets are compared. Without `ha` in the manifest, everything is unchanged. */
function compareHa({ ha, declared }, guest) {
	if (!declared.has("ha")) return void 0;
	if (ha === void 0) return guest.ha && {
		action: "remove",
		set: {},
		changes: [{
			key: "ha",
			before: true,
			after: false
		}]
	};
	if (guest.ha === void 0) return addition(ha, guest);
	return guest.ha.settings && changeOf(ha, guest.ha.settings);
}
/** Adds a VM that is not running as `stopped`. Its start step later requests the start from the HA manager. */
function addition(ha, { status }) {
	const state = status === "running" ? "started" : "stopped";
	const rule = ruleOf(ha);
	const changes = [{
		key: "ha",
		before: false,
		after: true
	}];
	return {
		action: "add",
		set: {
			state,
			...resourceOf(ha)
		},
		...rule && { rule },
		changes
	};
}
function changeOf(ha, { rule: has, ...settings }) {
	const is = resourceOf(settings);
	const wanted = resourceOf(ha);
	const changed = KEYS.filter((key) => wanted[key] !== void 0 && wanted[key] !== is[key]);
	const set = Object.fromEntries(changed.map((key) => [key, wanted[key]]));
	const rule = ruleOf(ha);
	const ruleDiffers = describeRule(rule) !== describeRule(has);
	const changes = [...changed.map((key) => {
		const [before, after] = [is[key], wanted[key]];
		return {
			key: `ha.${WORDS[key]}`,
			...before !== void 0 && { before },
			...after !== void 0 && { after }
		};
	}), ...ruleDiffers ? [{
		key: "ha.nodes",
		before: describeRule(has),
		after: describeRule(rule)
	}] : []];
	if (changes.length === 0) return void 0;
	return {
		action: "change",
		set,
		...ruleDiffers && { rule: rule ?? "none" },
		changes
	};
}
const KEYS = [
	"group",
	"max_restart",
	"max_relocate"
];
const WORDS = {
	group: "group",
	max_restart: "maxRestart",
	max_relocate: "maxRelocate"
};
/** Translates settings to Proxmox's names. */
function resourceOf({ group, maxRestart, maxRelocate }) {
	return {
		...group !== void 0 && { group },
		...maxRestart !== void 0 && { max_restart: maxRestart },
		...maxRelocate !== void 0 && { max_relocate: maxRelocate }
	};
}
function ruleOf({ nodes, strict = false }) {
	return nodes && {
		nodes: [...nodes].sort(),
		strict
	};
}
function describeRule(rule) {
	return rule === void 0 ? "any" : `${rule.nodes.join(", ")}${rule.strict ? " only" : ""}`;
}

// ../core/dist/plan/change/change.js
/** Replaces a value that must not be displayed. */
const SECRET = "(secret)";

// ../core/dist/plan/compare/drive-words.js
/**
* Returns `disk` for the boot disk, `disks[0]` for the first additional disk, `disks[scsi3]` for a disk that the manifest
* does not name, or Proxmox's own name for another drive.
*/
function placeOfDrive(key, machine, config) {
	const index = diskKeys(machine, config).indexOf(key);
	if (index === 0) return "disk";
	if (index > 0) return `disks[${index - 1}]`;
	return isDriveKey(key) ? `disks[${key}]` : key;
}
/** `2 GiB on local`, `debian on local` */
function driveText(drive) {
	const image = imageOfDrive(drive);
	if (image !== void 0) return `${image} on ${storageOf(drive)}`;
	const bytes = sizeOfDrive(drive);
	return `${bytes === void 0 ? "a disk" : sizeText(bytes)} on ${storageOf(drive)}`;
}
/** Returns the storage of a drive. */
function storageOf(drive) {
	return storageOfVolume(parseProperties(drive, "file").get("file")) ?? "no storage";
}

// ../core/dist/plan/compare/describe-change.js
/** Returns the changes of one config key: several for a network card or a drive, none if only the marker changes. */
function describeChange(change, affected) {
	const describe = DESCRIBERS.find(([pattern]) => pattern.test(change.key))?.[1] ?? plainly;
	const before = change.before ?? DEFAULTS[change.key];
	return asOne(withInstance(describe({
		...change,
		before
	}, affected).map((raw) => withEffect(raw, affected)), change));
}
/** Proxmox applies all options of a card or drive together. If one is pending, all are. */
function asOne(changes) {
	return changes.some(({ key, when }) => when === "restart" && !isUnlisted(key)) ? changes.map((change) => ({
		...change,
		when: "restart"
	})) : changes;
}
/** Another ISO is not always a new instance for cloud-init. Its file name shows that. */
function withInstance(changes, { key, before, after }) {
	if (key !== "ide2" || isOtherInstance(textOf$3(before), textOf$3(after))) return changes;
	return changes.map((change) => ({
		...change,
		impact: void 0
	}));
}
/** Adds to a change when it takes effect and what it does to the guest. */
function withEffect(raw, affected) {
	const { running, hotplug, hasProxmoxDrive } = affected;
	const effect = raw.key === "hotplug" ? { takes: "now" } : effectOf(raw.key);
	const takes = effect?.takes ?? "restart";
	const isHeld = effect?.hotplug !== void 0 && !hotplugs(hotplug, effect.hotplug);
	const waits = takes === "restart" || isHeld || isBalloonDevice(raw) || isSataDisk(raw, affected);
	const when = running && (waits || isNewDrive(raw)) ? "restart" : takes === "boot" ? "boot" : "now";
	const unplugs = running && when === "now" && raw.after === void 0 && /^network\[\d+\]$/.test(raw.key);
	const isInstance = hasProxmoxDrive && /^network\[\d+\]\.mac$/.test(raw.key);
	const isDetached = raw.after === void 0 && isWholeDisk(raw);
	const impact = unplugs ? "disconnects" : isInstance ? "new-instance" : isDetached ? "detached" : effect?.impact;
	return {
		...raw,
		when,
		...impact && { impact }
	};
}
/** Returns true if the machine's `hotplug` option includes this. Unset and `1` include both. */
function hotplugs(option, what) {
	const text = textOf$3(option);
	if (text === "" || text === "1") return true;
	return text.split(",").includes(what);
}
/** Adding or removing the balloon device needs a restart. Its size changes at once. */
function isBalloonDevice({ key, before, after }) {
	return key === "balloon" && (before === false || after === false);
}
/** A CD drive cannot be added to a running VM. */
function isNewDrive({ key, before }) {
	return key === "cloudInit" && before === void 0;
}
/** Returns true if a whole disk is added or removed. */
function isWholeDisk({ key }) {
	return /^disks\[[^\]]+\]$/.test(key);
}
/** SATA disks are added and removed only by a restart (qemu-server `vmconfig_hotplug_pending`). */
function isSataDisk(raw, { machine }) {
	if (!isWholeDisk(raw)) return false;
	const place = raw.key.slice(6, -1);
	return (machine.disks[Number(place)]?.bus ?? place).startsWith("sata");
}
const DESCRIBERS = [
	[/^cipassword$/, ({ before, after }) => [raw("cloudInit.password", before && "(secret)", after && "(secret)")]],
	[/^sshkeys$/, valuesOf("cloudInit.sshKeys", (value) => decodeKeys(textOf$3(value)).map(shortKey))],
	[/^ciuser$/, valuesOf("cloudInit.user", textOf$3)],
	[/^ciupgrade$/, valuesOf("cloudInit.upgrade", flagOf)],
	[/^nameserver$/, valuesOf("cloudInit.dns.servers", words)],
	[/^searchdomain$/, valuesOf("cloudInit.dns.domain", textOf$3)],
	[/^ipconfig\d+$/, addressChanges],
	[/^ide2$/, documentChanges],
	[/^net\d+$/, cardChanges],
	[/^(scsi|virtio|sata|ide)\d+$/, driveChanges],
	[/^efidisk0$/, ({ after }) => [raw("bios", "seabios", `ovmf, EFI disk on ${storageOf(after)}`)]],
	[/^tpmstate0$/, ({ after }) => [raw("tpm", false, `yes, on ${storageOf(after)}`)]],
	[/^memory$/, valuesOf("memory", (value) => sizeText(memoryOf(value) * MIB))],
	[/^balloon$/, valuesOf("balloon", (value) => Number(value) === 0 ? false : sizeText(Number(value) * MIB))],
	[/^(cores|sockets)$/, ({ key, before, after }) => [raw(key, numberOf(before), numberOf(after))]],
	[/^numa$/, valuesOf("numa", flagOf)],
	[/^onboot$/, valuesOf("onBoot", flagOf)],
	[/^protection$/, valuesOf("protection", flagOf)],
	[/^agent$/, valuesOf("agent", (value) => isOn(parseProperties(value, "enabled").get("enabled")))],
	[/^serial0$/, ({ after }) => [raw("serial", after === null, after !== null)]],
	[/^vga$/, displayChanges],
	[/^(hostpci|usb|virtiofs)\d+$/, deviceChanges],
	[/^rng0$/, optionsOf("rng", RANDOM_OPTIONS, "source")],
	[/^watchdog$/, optionsOf("watchdog", WATCHDOG_OPTIONS, "model")],
	[/^smbios1$/, smbiosChanges],
	[/^cpulimit$/, valuesOf("cpuLimit", Number)],
	[/^cpuunits$/, valuesOf("cpuUnits", Number)],
	[/^ostype$/, valuesOf("osType", textOf$3)],
	[/^startup$/, startOrderChanges],
	[/^boot$/, valuesOf("boot", bootOrderOf)],
	[/^tags$/, valuesOf("tags", (value) => parseTags(value).filter((tag) => tag !== OWNER_TAG))],
	[/^description$/, descriptionChanges]
];
const MIB = 1024 ** 2;
function plainly({ key, before, after }) {
	return [raw(key, textOf$3(before) || void 0, after ?? void 0)];
}
function valuesOf(key, read) {
	const readIf = (value) => value === void 0 || value === null || value === "" ? void 0 : read(value);
	return ({ before, after }) => [raw(key, readIf(before), readIf(after))];
}
/** Something that is added or removed as a whole is one change. */
function optionsOf(key, options, main) {
	const read = (value) => value === void 0 || value === null || value === "" ? void 0 : value;
	return ({ before, after }) => {
		const [is, wanted] = [read(before), read(after)];
		if (is === void 0 || wanted === void 0) return [raw(key, is && textOf$3(is), wanted)];
		return optionChanges(key, options, [parseProperties(is, main), parseProperties(wanted, main)]);
	};
}
function numberOf(value) {
	return value === void 0 || value === null ? void 0 : Number(value);
}
function flagOf(value) {
	return isOn(textOf$3(value));
}
const describeDisplay = optionsOf("vga", DISPLAY_OPTIONS, "type");
/** If the manifest sets no display, the serial console is the display. */
function displayChanges({ before, after }, { machine }) {
	if (machine.declared.has("vga")) return describeDisplay({
		key: "vga",
		before,
		after
	});
	return [raw("serial", textOf$3(after) !== "serial0", textOf$3(after) === "serial0")];
}
function deviceChanges({ key, before, after }) {
	const kind = key.startsWith("hostpci") ? "pci" : key.startsWith("usb") ? "usb" : "virtiofs";
	const nameOf = (value) => value === void 0 || value === null ? void 0 : `${kind} ${mappingOf(kind, value) ?? textOf$3(value)}`;
	return [raw(`devices[${key}]`, nameOf(before), nameOf(after))];
}
/** The texts are base64, which people cannot read, so they are decoded. */
function smbiosChanges({ before, after }) {
	const [is, wanted] = [smbiosTexts(before), smbiosTexts(after)];
	return [.../* @__PURE__ */ new Set([...is.keys(), ...wanted.keys()])].filter((key) => is.get(key) !== wanted.get(key)).map((key) => raw(`smbios.${key}`, is.get(key), wanted.get(key)));
}
function smbiosTexts(value) {
	const { base64, uuid: _, ...texts } = Object.fromEntries(parseProperties(value, "uuid"));
	const read = (text) => base64 === "1" ? new TextDecoder().decode(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))) : text;
	return new Map(Object.entries(texts).map(([key, text]) => [key, read(text)]));
}
function bootOrderOf(value) {
	const order = parseProperties(value, "legacy").get("order");
	return order === void 0 ? textOf$3(value) : order.split(";");
}
/** Compares only the user's text. The marker in a description changes with other keys and is not a change itself. */
function descriptionChanges({ before, after }) {
	const [is, wanted] = [readText(before), readText(after)];
	return is === wanted ? [] : [raw("description", is, wanted)];
}
/** `ssh-ed25519 …ZoITTcC ops@desk` */
function shortKey(key) {
	const [type = "", body = "", ...comment] = key.split(/\s+/);
	return [
		type,
		`…${body.slice(-8)}`,
		...comment
	].join(" ");
}
function documentChanges({ before, after }) {
	const nameOf = (drive) => {
		const file = parseProperties(drive, "file").get("file");
		if (file === void 0) return void 0;
		return file.includes("cloudinit") ? "drive from Proxmox" : "CD from pve-provision";
	};
	return [raw("cloudInit", nameOf(before), nameOf(after))];
}
const ADDRESS_KEYS = {
	ip: "ip",
	gw: "gateway",
	ip6: "ip6",
	gw6: "gateway6"
};
function addressChanges({ key, before, after }, { machine: { declared } }) {
	const index = Number(key.slice(8));
	const place = (declared.has("cloudInit.ip") || declared.has("cloudInit.ip6")) && index === 0 ? "cloudInit" : `cloudInit.addresses[${index}]`;
	const [is, wanted] = [parseProperties(before, ""), parseProperties(after, "")];
	return Object.entries(ADDRESS_KEYS).flatMap(([name, word]) => is.get(name) === wanted.get(name) ? [] : [raw(`${place}.${word}`, is.get(name), wanted.get(name))]);
}
function startOrderChanges({ before, after }) {
	return optionChanges("startOrder", START_OPTIONS, [parseProperties(before, "order"), parseProperties(after, "order")]);
}
function cardChanges({ key, before, after }) {
	const place = `network[${key.slice(3)}]`;
	const [is, wanted] = [parseNetworkCard(before), parseNetworkCard(after)];
	if (before === void 0) return [raw(place, void 0, cardText(wanted))];
	if (after === null) return [raw(place, cardText(is), void 0)];
	return optionChanges(place, CARD_OPTIONS, [is, wanted]);
}
/** `virtio on vmbr0, VLAN 7` */
function cardText(card) {
	const tag = card.get("tag");
	return `${card.get("model") ?? "virtio"} on ${card.get("bridge") ?? "no bridge"}${tag === void 0 ? "" : `, VLAN ${tag}`}`;
}
function driveChanges({ key, before, after }, { machine, config }) {
	const disc = CD_DRIVES.indexOf(key);
	if (disc >= 0 && (isCd(before) || isCd(after))) return [raw(`cdrom[${disc}]`, fileOf(before), fileOf(after))];
	const place = placeOfDrive(key, machine, config);
	if (before === void 0) return [raw(place, void 0, driveText(after))];
	if (after === null) return [raw(place, driveText(before), void 0)];
	return optionChanges(place, DRIVE_OPTIONS, [parseProperties(before, "file"), parseProperties(after, "file")]);
}
function fileOf(drive) {
	const file = parseProperties(drive, "file").get("file");
	return imageOfDrive(drive) ?? (file === "none" ? void 0 : file);
}

// ../core/dist/plan/day-two/disk-moves.js
/** Returns the disks that `--move` would move. */
function diskMoves(machine, { config }) {
	return storedDisks(machine, config).flatMap(({ key, place, storage }) => {
		const [from, volume] = [volumeStorage(config[key]), volumeOfDrive(config[key])];
		if (from === void 0 || volume === void 0 || from === storage) return [];
		return [{
			key,
			place,
			from,
			to: storage,
			volume,
			isLinked: readsTemplate(volume)
		}];
	});
}
/** Returns true for the volume of a linked clone, by its name. */
function readsTemplate(volume) {
	return /base-\d+-[^/]*\//.test(volume);
}
/** Proxmox refuses to move a TPM live, and a running VM would keep the removed volume of its cloud-init drive open. */
function movesLive({ key }) {
	return key !== "tpmstate0" && key !== "ide2";
}
/** Returns the config after these moves. Only the storages in it are reliable. */
function movedConfig(config, moves) {
	const moved = moves.map(({ key, from, to }) => [key, `${to}:${String(config[key]).slice(from.length + 1)}`]);
	return {
		...config,
		...Object.fromEntries(moved)
	};
}
/** Returns a reason why Proxmox would refuse the move (qemu-server `move_vm_disk`) or why the VM would break later. */
function moveObstacle(move, { name }, { vmid, node, snapshots = [], pending = [] }) {
	const disk = `${move.key === "scsi0" ? "The disk" : `The disk ${move.key}`} of ${name} (${vmid})`;
	const holding = snapshots.filter(({ volumes }) => volumes.includes(move.volume)).map((snapshot) => snapshot.name);
	if (holding.length > 0) return [`${disk} cannot move to ${move.to}: ${holding.length === 1 ? "the snapshot" : "the snapshots"} ${holding.join(", ")} would lose it.`, `Remove ${holding.length === 1 ? "the snapshot" : "the snapshots"} first, as root on ${node}: ${holding.map((snapshot) => `qm delsnapshot ${vmid} ${snapshot}`).join("; ")}`];
	if (pending.some(({ key }) => key === move.key)) return [`${disk} cannot move to ${move.to} while its changes wait for a restart.`, `Restart it first: pve-provision apply --restart --only ${name}`];
}

// ../core/dist/plan/compare/differences.js
/** Returns the differences, each with a hint that says how to change it. */
function differencesOf(machine, guest) {
	return [
		...nodeDifference(machine, guest),
		...storageDifferences(machine, guest),
		...surplusDisks(machine, guest),
		...firmwareDifferences(machine, guest),
		...cloneDifference(machine, guest),
		...leftBehind(machine, guest),
		...startDifference(machine, guest),
		...driveDifference(machine, guest),
		...bootDiskDifference(machine, guest)
	];
}
/** A start would change nothing: the machine is paused, or about to be started. */
function startDifference(machine, guest) {
	const { vmid, node, isPaused } = guest;
	if (machine.start && isPaused) return [{
		key: "start",
		is: "paused",
		declared: true,
		hint: `To resume it, as root on ${node}: qm resume ${vmid}`
	}];
	if (!isStartedByHa(machine, guest)) return [];
	return [{
		key: "start",
		is: false,
		declared: true,
		hint: "The HA manager is set to start it, which takes some seconds."
	}];
}
function nodeDifference({ name, nodes, leftOutNodes: out = [] }, { node }) {
	if (nodes.includes(node) || out.includes(node)) return [];
	return [{
		key: "node",
		is: node,
		declared: nodes.join(" or "),
		hint: `To move it: pve-provision apply --move --only ${name}`
	}];
}
/**
* Returns true for an adopted machine (its build is not known) without a drive for the settings of `cloudInit`. A new drive
* would make cloud-init run as on a new machine, so it is not added.
*/
function lacksDrive(machine, { config, marker }) {
	if (machine.cloudInit === void 0 || marker.base !== "" || marker.spec === "unfinished") return false;
	if (seedReasons(machine).length > 0) return false;
	return !Object.values(config).some(isCloudInitDrive) && !textOf$3(config["ide2"]).includes(":iso/");
}
function driveDifference(machine, guest) {
	if (!lacksDrive(machine, guest)) return [];
	const { vmid, node } = guest;
	return [{
		key: "cloudInit",
		is: "without a drive",
		declared: "settings for the guest",
		hint: `The guest would not read them. To add the drive, as root on ${node}: qm set ${vmid} --${CLOUD_INIT_DRIVE} ${machine.storage.disks}:cloudinit. At its next start, cloud-init then runs as on a new machine.`
	}];
}
/** An adopted machine may have its boot disk at another position. */
function bootDiskDifference({ declared }, { config, marker }) {
	if (!declared.has("disk") || marker.base !== "" || config["scsi0"] !== void 0) return [];
	const [device = "another device"] = (parseProperties(config.boot, "legacy").get("order") ?? "").split(";");
	return [{
		key: "disk",
		is: device || "another device",
		declared: BOOT_DISK,
		hint: `\`disk\` always is ${BOOT_DISK}. Remove it from the manifest, and change the disk in Proxmox.`
	}];
}
/** Disks are moved only on request. */
function storageDifferences(machine, guest) {
	const isRunning = guest.status === "running";
	const moves = diskMoves(machine, guest);
	const follow = moves.some(({ key }) => key === "scsi0") || guest.marker.base === "";
	return moves.filter(({ place }) => !place.includes(" ") || !follow).map((move) => {
		const how = !isRunning ? "To move it: " : movesLive(move) ? "While it is running: " : "Once it is stopped: ";
		return {
			key: move.place,
			is: move.from,
			declared: move.to,
			hint: `${how}pve-provision apply --move --only ${machine.name}`
		};
	});
}
/** A disk that was added in Proxmox stays until the user detaches it. */
function surplusDisks(machine, guest) {
	if (!machine.declared.has("disks") && !keysOf(guest).includes("disks")) return [];
	const { vmid, config } = guest;
	return foreignDisks(machine, guest).map((key) => ({
		key: `disks[${key}]`,
		is: driveText(config[key]),
		hint: `Detach it in Proxmox: qm set ${vmid} --delete ${key}. Its volume stays as an unused disk.`
	}));
}
/** The content of an EFI disk and a TPM cannot be created again, so neither is changed or removed. */
function firmwareDifferences({ name, declared, firmware }, { config }) {
	const enrolled = parseProperties(config.efidisk0, "file").get("pre-enrolled-keys") === "1";
	const keysDiffer = declared.has("secureBoot") && config.efidisk0 !== void 0 && enrolled !== firmware.secureBoot;
	const hint = `Only a new VM can have it: pve-provision apply --replace ${name}`;
	return [...declared.has("tpm") && !firmware.tpm && config.tpmstate0 !== void 0 ? [{
		key: "tpm",
		is: true,
		declared: false,
		hint: `${hint}. The data in this TPM would be lost.`
	}] : [], ...keysDiffer ? [{
		key: "secureBoot",
		is: enrolled,
		declared: firmware.secureBoot,
		hint
	}] : []];
}
/** A linked clone needs its template as long as it exists. */
function cloneDifference({ name, declared, fullClone }, { config }) {
	if (!declared.has("fullClone") || !fullClone || !readsTemplate(textOf$3(config["scsi0"]))) return [];
	return [{
		key: "fullClone",
		is: false,
		declared: true,
		hint: `Only a new VM can be one: pve-provision apply --replace ${name}. Moving the disk to another storage makes a full copy, too.`
	}];
}
/** Keys that add something. If one was removed from the manifest, its result is reported, with how to remove it. */
const GIVING = {
	tags: [({ config }) => some(parseTags(config.tags).filter((tag) => tag !== OWNER_TAG)), "To remove them, set `tags: []`."],
	description: [({ config }) => readText(config.description) || void 0, "To remove it, set `description: ''`."],
	protection: [({ config }) => isSet(config.protection), "To remove it, set `protection: false`."],
	onBoot: [({ config }) => isSet(config.onboot), "To remove it, set `onBoot: false`."],
	startOrder: [({ config }) => textOf$3(config.startup) || void 0, "To remove it, set `startOrder: {}`."],
	ha: [({ ha }) => ha === void 0 ? void 0 : true, "To remove it from HA, set `ha: false`."],
	devices: [({ config }) => some(keysIn(config, /^(hostpci|usb|virtiofs)\d+$/)), "To remove them, set `devices: []`."],
	cdrom: [({ config }) => some(CD_DRIVES.filter((key) => isCd(config[key]))), "To remove them, set `cdrom: []`."],
	rng: [({ config }) => textOf$3(config.rng0) || void 0, "To remove it, set `rng: false`."],
	watchdog: [({ config }) => textOf$3(config.watchdog) || void 0, "To remove it, set `watchdog: false`."]
};
function leftBehind({ declared }, guest) {
	return keysOf(guest).flatMap((key) => {
		const [left, hint] = GIVING[key] ?? [];
		const is = declared.has(key) ? void 0 : left?.(guest);
		return is === void 0 || hint === void 0 ? [] : [{
			key,
			is,
			hint
		}];
	});
}
/** Returns the keys that the marker must store: those that are stated, and those that left something. */
function rememberedKeys({ declared }, guest) {
	const left = keysOf(guest).filter((key) => GIVING[key]?.[0](guest) !== void 0 || key === "disks");
	const stated = [...Object.keys(GIVING), "disks"].filter((key) => declared.has(key));
	return [.../* @__PURE__ */ new Set([...stated, ...left])].sort().join(",");
}
function keysOf({ marker: { keys = "" } }) {
	return keys === "" ? [] : keys.split(",");
}
function keysIn(config, pattern) {
	return Object.keys(config).filter((key) => pattern.test(key));
}
function some(list) {
	return list.length === 0 ? void 0 : list;
}
function isSet(value) {
	return textOf$3(value) === "1" ? true : void 0;
}

// ../core/dist/plan/compare/pending.js
/** Returns the changes that wait for a restart, then those that wait for a boot. */
function pendingChanges(guest, affected) {
	if (guest.status === "stopped") return [];
	const listed = waitingForRestart(guest, affected).toSorted((one, other) => one.key < other.key ? -1 : 1);
	const known = new Set(listed.map(({ key }) => key));
	return [...listed, ...unlistedChanges(guest, affected).filter(({ key }) => !known.has(key))];
}
function waitingForRestart({ pending = [] }, affected) {
	return pending.flatMap(({ key, value, after }) => {
		const described = describeChange({
			key,
			before: value,
			after: after ?? null
		}, affected);
		const raw = {
			key,
			...value !== void 0 && { before: value },
			...after !== void 0 && { after }
		};
		return (described.length > 0 ? described : [raw]).map(({ key, before, after }) => {
			return {
				key,
				...before !== void 0 && { before },
				...after !== void 0 && { after },
				when: "restart"
			};
		});
	});
}
const CLOUD_INIT = /^(ciuser|cipassword|sshkeys|ipconfig\d+|nameserver|searchdomain|ciupgrade|ide2|name)$/;
/**
* Proxmox has no complete list of what the guest's cloud-init has not read. So the marker stores the process id at the
* time of the change. Each start writes the drive again and creates a new process. A live migration also creates a new
* process, although the guest has read nothing: `--move` then names the new one. After a migration by someone else, a
* boot is recognized only if the guest agent answers, or by the next apply that changes the machine. The same applies to values that Proxmox stores at once and QEMU reads
* only when it starts. Only the guest itself knows of a reboot from inside. It is asked in `observe-boots.ts`.
*/
function unlistedChanges(guest, affected) {
	const keys = awaitedKeys(guest);
	if (keys.length === 0) return [];
	const values = Object.entries(guest.config).filter(([key]) => CLOUD_INIT.test(key)).flatMap(([key, value]) => describeChange({
		key,
		before: void 0,
		after: String(value)
	}, affected));
	return keys.flatMap((entry) => {
		const [key = "", before] = entry.split("=");
		if (isUnlisted(key)) return serialChange(key, before, {
			guest,
			affected
		});
		const after = values.find((change) => change.key === key)?.after;
		return [{
			key,
			...after !== void 0 && { after },
			when: "boot",
			impact: "new-instance"
		}];
	});
}
/** Returns the change from the value of the running process. Empty if the value is the same again. */
function serialChange(key, before, { guest: { config }, affected: { machine } }) {
	const drive = diskKeys(machine, config).find((one) => key === `${placeOfDrive(one, machine, config)}.serial`);
	const after = drive === void 0 ? void 0 : serialOfDrive(config[drive]);
	if (after === before) return [];
	return [{
		key,
		...before !== void 0 && { before },
		...after !== void 0 && { after },
		when: "restart"
	}];
}
/** Returns a change as the marker stores it, with the value of the running process if nothing else knows it. */
function awaitedEntry({ key, before }) {
	return isUnlisted(key) && before !== void 0 ? `${key}=${String(before)}` : key;
}
/** Returns the keys that a running guest has not read, or may not have read, as `awaitedEntry` writes them. */
function awaitedKeys({ marker, status, node, pid, hasBooted }) {
	const [, at, process, keys] = /^([^/]+)\/(\d+) (.+)$/.exec(marker.awaits ?? "") ?? [];
	if (keys === void 0 || status !== "running") return [];
	if (at === node && pid !== void 0 && pid !== Number(process)) return [];
	const waiting = keys.split(",");
	return hasBooted ? waiting.filter((entry) => isUnlisted(entry.split("=", 1)[0] ?? "")) : waiting;
}
/** Returns the marker's text for the first entry of each key, or undefined if none waits or the process is unknown. */
function awaitsOf({ node, pid, status }, entries) {
	if (entries.length === 0 || pid === void 0 || status !== "running") return void 0;
	return `${node}/${pid} ${[...new Map(entries.toReversed().map((entry) => [entry.split("=", 1)[0], entry])).values()].sort().join(",")}`;
}

// ../core/dist/plan/compare/compare-machine.js
/**
* Compares only what the manifest sets with the current config. A machine whose creation was interrupted is compared
* completely.
*/
function compareMachine(machine, guest, { project, nowMs = 0 }) {
	const all = guest.marker.spec === UNFINISHED;
	const counts = (key) => all || machine.declared.has(key);
	const is = {
		...guest.marker,
		project
	};
	const removed = removedDisks(machine, guest);
	const wanted = {
		...lostDrive(machine, guest),
		...withoutUnread(wantedConfig(machine, guest.config, is, { all }), machine, guest),
		...restoredHotplug(guest),
		...Object.fromEntries(removed.map((key) => [key, null]))
	};
	const grow = growthOf(machine, guest.config, counts);
	const expiry = expiryChange(machine, guest);
	const changed = changedKeys(wanted, {
		guest,
		project,
		all: all || expiry !== void 0
	});
	const pool = counts("pool") && machine.pool !== void 0 && machine.pool !== guest.pool ? machine.pool : void 0;
	const ha = compareHa(machine, guest);
	const problem = conflictOf(machine, guest);
	const affected = affectedOf(machine, guest);
	const ours = [
		...configChanges(wanted, changed, {
			guest,
			affected
		}),
		...growth(grow, {
			guest,
			affected
		}),
		...expiry === void 0 ? [] : [withEffect(expiry, affected)]
	];
	const beside = besideChanges({
		pool,
		ha
	}, {
		guest,
		affected
	});
	const isSame = changed.length + Object.keys(grow).length + beside.length === 0;
	const marker = isSame ? is : declaredAs(expiry === void 0 ? is : changedExpiry(is, machine, nowMs), machine);
	const { set, remove } = splitChanges(wanted, changed);
	const changes = [...ours, ...beside];
	return {
		action: problem ? "conflict" : isSame ? "keep" : "update",
		set: "description" in set ? {
			...set,
			...markedAs(marker, {
				machine,
				guest,
				changes,
				set,
				removed,
				all
			})
		} : set,
		remove,
		replug: affected.running ? changed.filter((key) => unplugs(key, guest.config[key], wanted[key])) : [],
		grow,
		...pool !== void 0 && { pool },
		...ha && { ha },
		changes,
		pending: pendingChanges(guest, affected),
		differences: differencesOf(machine, guest),
		why: whyOf({
			ours,
			beside,
			isSame
		}, {
			guest,
			marker,
			all,
			problem
		}),
		...problem && { problem }
	};
}
function declaredAs(is, machine) {
	const { file } = machine;
	return {
		...is,
		spec: specHash(machine, is.project),
		...file !== void 0 && { file }
	};
}
/**
* Adds the drive that cloud-init reads, if a user removed it. Not while its removal waits for a restart: until then, its
* volume is in use. An adopted machine (its build is not known) may never have had one.
*/
function lostDrive({ cloudInit, storage }, { config, pending = [], marker }) {
	const isFree = ["", "none"].includes(textOf$3(config["ide2"]).split(",", 1)[0] ?? "");
	const isThere = Object.values(config).some(isCloudInitDrive);
	const isLeaving = pending.some(({ key }) => key === CLOUD_INIT_DRIVE);
	if (cloudInit === void 0 || marker.base === "" || !isFree || isThere || isLeaving) return {};
	return { [CLOUD_INIT_DRIVE]: `${storage.disks}:cloudinit` };
}
/** Leaves out settings of cloud-init that no drive would pass on. The difference is reported. */
function withoutUnread(wanted, machine, guest) {
	if (!lacksDrive(machine, guest)) return wanted;
	return Object.fromEntries(Object.entries(wanted).filter(([key]) => key === "name" || !DRIVE_KEYS.test(key)));
}
/** Restores the `hotplug` option if a run was killed while it was changing network cards. */
function restoredHotplug({ marker: { hotplug } }) {
	return hotplug === void 0 ? {} : { hotplug: hotplug === "" ? null : hotplug };
}
/** Returns true if Proxmox would unplug the card and plug in another (qemu-server `vmconfig_update_net`). */
function unplugs(key, is, wanted) {
	if (!/^net\d+$/.test(key) || is === void 0 || wanted === null || wanted === void 0) return false;
	const [before, after] = [parseNetworkCard(is), parseNetworkCard(wanted)];
	return [
		"model",
		"macaddr",
		"queues",
		"mtu"
	].some((option) => before.get(option) !== after.get(option));
}
/** Returns the description with the marker after the change. */
function markedAs(marker, { machine, guest, changes, set, removed, all }) {
	const { awaits: _, hotplug: __, disks: ___, detached: ____, ...rest } = marker;
	const unread = changes.filter(isUnread).map(awaitedEntry);
	const awaits = awaitsOf(guest, [...awaitedKeys(guest), ...unread]);
	const whole = {
		...rest,
		vmid: guest.vmid,
		keys: rememberedKeys(machine, guest),
		...diskMarks(machine, {
			removed,
			guest,
			all
		}),
		...awaits !== void 0 && { awaits }
	};
	return { description: writeDescription(whole, readText(set.description)) };
}
/** Returns true for a change that the guest applies later and that no list of Proxmox contains. */
function isUnread({ key, when, impact }) {
	if (isUnlisted(key)) return when === "restart";
	return when === "boot" || impact === "new-instance" && when !== "restart";
}
function changedKeys(wanted, { guest, project, all }) {
	const changed = Object.keys(wanted).filter((key) => {
		if (key === "cipassword" && guest.config[key] !== void 0) return passwordPart(guest.marker.spec) !== passwordHash(String(wanted[key]), project);
		return !sameValue(key, guest.config[key], wanted[key] ?? null);
	});
	return changed.length === 0 && !all ? [] : [.../* @__PURE__ */ new Set([...changed, "description"])];
}
function splitChanges(wanted, changed) {
	const entries = changed.map((key) => [key, wanted[key] ?? null]);
	return {
		set: Object.fromEntries(entries.flatMap(([key, value]) => value === null ? [] : [[key, value]])),
		remove: entries.flatMap(([key, value]) => value === null ? [key] : [])
	};
}
/**
* Returns what determines when a machine's changes take effect: if it runs, and which changes it can apply while
* running.
*/
function affectedOf(machine, { status, config }) {
	return {
		running: status === "running",
		hotplug: config.hotplug,
		hasProxmoxDrive: Object.values(config).some(isCloudInitDrive),
		machine,
		config
	};
}
/** Returns one entry for each key of the manifest, even if several keys of Proxmox belong to it. */
function configChanges(wanted, changed, { guest, affected }) {
	const changes = changed.flatMap((key) => describeChange({
		key,
		before: guest.config[key],
		after: wanted[key] ?? null
	}, affected));
	return [...new Map(changes.map((change) => [change.key, change])).values()];
}
function growth(grow, { guest, affected }) {
	return Object.entries(grow).map(([disk, bytes]) => {
		const key = `${placeOfDrive(disk, affected.machine, guest.config)}.size`;
		const has = sizeOfDisk(guest.config, disk);
		return withEffect({
			key,
			...has !== void 0 && { before: sizeText(has) },
			after: sizeText(bytes)
		}, affected);
	});
}
function besideChanges({ pool, ha }, { guest, affected }) {
	return [...pool === void 0 ? [] : [{
		key: "pool",
		...guest.pool !== void 0 && { before: guest.pool },
		after: pool
	}], ...ha?.changes ?? []].map((one) => withEffect(one, affected));
}
function whyOf({ ours, beside, isSame }, { guest, marker, all, problem }) {
	const where = `${guest.vmid} on ${guest.node}`;
	if (problem !== void 0 && isSame) return "what changed in the manifest cannot be changed in place";
	if (all) return `${where} was created but not finished`;
	if (isSame) return `${where} is as declared`;
	const words = [...withOrigin(ours.map(changeText), {
		guest,
		marker
	}), ...beside.map(changeText)];
	return words.length === 0 ? `the marker of ${where} is rewritten` : words.join(", ");
}
/**
* The marker contains what was declared last. If the declaration has not changed, the value was changed in Proxmox. HA
* settings are not part of the marker.
*/
function withOrigin(changes, { guest, marker }) {
	return guest.marker.spec === marker.spec && changes.length > 0 ? [`${changes.join(", ")} (changed in Proxmox, not in the manifest)`] : changes;
}

// ../core/dist/plan/name-list.js
/** Formats names in order, with numbered sequences joined. Beyond `limit` parts, shows only how many more there are. */
function nameList(names, limit = 4) {
	const runs = runsOf(names);
	if (runs.length <= limit) return runs.map(textOf).join(", ");
	const shown = runs.slice(0, limit - 1);
	const left = names.length - shown.reduce((sum, { count }) => sum + count, 0);
	return `${shown.map(textOf).join(", ")} and ${left} more`;
}
function runsOf(names) {
	const runs = [];
	for (const name of names) {
		const [, stem = name, digits = ""] = /^(.*\D)([1-9]\d*)$/.exec(name) ?? [];
		const last = runs.at(-1);
		if (last !== void 0 && digits !== "" && last.stem === stem && last.from + last.count === Number(digits)) last.count += 1;
		else runs.push({
			first: name,
			stem,
			from: digits === "" ? NaN : Number(digits),
			count: 1
		});
	}
	return runs.flatMap((run) => run.count === 2 ? [0, 1].map((at) => single(run, at)) : [run]);
}
function single({ stem, from }, at) {
	return {
		first: `${stem}${from + at}`,
		stem,
		from: from + at,
		count: 1
	};
}
function textOf({ first, from, count }) {
	return count === 1 ? first : `${first}…${from + count - 1}`;
}

// ../core/dist/plan/build/recipe.js
/** Changes when the same recipe is carried out in another way, and so gives another image. */
const PROCEDURE = 1;
/**
* Returns 16 hex digits over everything that decides what is built. A secret is replaced by its fingerprint, which is slow to
* compute and short, because everyone who may list guests can read the digits.
*/
function recipeHash({ build, secrets = [] }, project) {
	const { packages, run, files, userData, diskBytes } = build;
	const inOrder = secrets.toSorted((one, other) => other.length - one.length);
	const bare = (text) => inOrder.reduce((rest, secret) => rest.replaceAll(secret, () => `secret ${passwordHash(secret, project)}`), text);
	const recipe = [
		PROCEDURE,
		packages,
		run.map(bare),
		files.map(({ path, content, mode, owner }) => [
			path,
			bare(content),
			mode,
			owner ?? null
		]),
		userData === void 0 ? null : bare(userData),
		diskBytes ?? null
	];
	return hash16(JSON.stringify(recipe));
}
/** Returns what the recipe does, as clauses: `installs 2 packages, runs 1 command`. */
function recipeText({ packages, run, files, userData, diskBytes }) {
	const clauses = [
		...counted("installs", packages.length, "package"),
		...counted("writes", files.length, "file"),
		...userData === void 0 ? [] : ["runs your own user-data"],
		...counted("runs", run.length, "command"),
		...diskBytes === void 0 ? [] : ["grows the disk"]
	];
	return clauses.length === 0 ? "installs the guest agent" : clauses.join(", ");
}
function counted(verb, count, what) {
	return count === 0 ? [] : [`${verb} ${count} ${what}${count === 1 ? "" : "s"}`];
}

// ../core/dist/plan/storage-kinds.js
const files = {
	files: true,
	formats: [
		"raw",
		"qcow2",
		"vmdk"
	],
	linkedClones: true,
	thin: true
};
const thinBlocks = {
	files: false,
	formats: ["raw"],
	linkedClones: true,
	thin: true
};
const thickBlocks = {
	files: false,
	formats: ["raw"],
	linkedClones: false,
	thin: false
};
const noDisks = {
	files: false,
	formats: [],
	linkedClones: false,
	thin: true
};
const KINDS = {
	dir: files,
	nfs: files,
	cifs: files,
	glusterfs: files,
	btrfs: {
		...files,
		formats: ["raw"]
	},
	cephfs: {
		...noDisks,
		files: true
	},
	lvm: thickBlocks,
	lvmthin: thinBlocks,
	zfspool: thinBlocks,
	zfs: thinBlocks,
	rbd: thinBlocks,
	iscsi: noDisks,
	iscsidirect: noDisks,
	pbs: noDisks,
	esxi: noDisks
};
/** An unknown type, from a third-party plugin. Assume nothing that could fail. */
const UNKNOWN = {
	files: false,
	formats: ["raw"],
	linkedClones: false,
	thin: true
};
function kindOf(type) {
	return KINDS[type] ?? UNKNOWN;
}
/** Returns true if this storage type stores files, which `import` and `iso` content require. */
function isFileBased(type) {
	return kindOf(type).files;
}
/** Returns true if Proxmox can create linked clones there. */
function canLinkClones(type) {
	return kindOf(type).linkedClones;
}
/** Returns true if the storage type supports disks. */
function holdsDisks(type) {
	return kindOf(type).formats.length > 0;
}
/** Returns true if a disk uses space only as it is written. */
function isThin(type) {
	return kindOf(type).thin;
}
/** Returns the format of a disk after a move to a storage of this type, or undefined if it keeps its format. */
function diskFormat(volume, type) {
	if (type === void 0) return void 0;
	const [, is = "raw"] = /\.(qcow2|vmdk|raw)$/.exec(volume) ?? [];
	const { formats } = kindOf(type);
	return formats.includes(is) ? void 0 : formats[0];
}

// ../core/dist/plan/config/template-config.js
/** Config keys of every template, except its disk and tags. */
const TEMPLATE_CONFIG = {
	memory: 512,
	cores: 1,
	ostype: "l26",
	scsihw: "virtio-scsi-single",
	boot: "order=scsi0",
	serial0: "socket",
	vga: "serial0",
	agent: "enabled=1"
};
/** Returns the config of a new linked clone on this storage, as far as it is known beforehand. */
function cloneConfig(storage) {
	return {
		...TEMPLATE_CONFIG,
		tags: OWNER_TAG,
		scsi0: `${storage}:100/vm-100-disk-0`,
		ide2: `${storage}:100/vm-100-cloudinit,media=cdrom`
	};
}
/**
* Returns the pool of a template: that of the machines with its image, or with one that is built on it, if they are all
* in one pool. Then a token that is limited to the pool can create and clone it.
*/
function templatePool(image, { machines, images }) {
	const users = machines.filter((machine) => withBases(machine.image, images).includes(image));
	const pools = new Set(users.map(({ pool }) => pool));
	const [pool] = pools;
	return pools.size === 1 ? pool : void 0;
}

// ../core/dist/plan/build/build-config.js
/** Cloud-init keys that a clone inherits from someone else's template. The guest reads our CD instead. */
const CLOUD_INIT_KEYS = /^(ciuser|cipassword|citype|ciupgrade|cicustom|sshkeys|nameserver|searchdomain|ipconfig\d+)$/;
/**
* Returns the change from a fresh clone to the guest of a build: hardware, network, and the CD with the recipe.
* @param marker is written in the same call
*/
function buildConfig(machine, current, { marker, cd }) {
	const theirs = Object.keys(current).filter((key) => CLOUD_INIT_KEYS.test(key));
	return updateOf({
		...Object.fromEntries(theirs.map((key) => [key, null])),
		...wantedConfig(machine, current, marker, { all: true }),
		[CLOUD_INIT_DRIVE]: `${cd},media=cdrom`,
		description: writeDescription(marker)
	}, current);
}
/** Keys that only the build needs. Each machine that is cloned gets its own. */
const OF_THE_BUILD = /^(net\d+|cpu|numa|sockets|bios|machine|efidisk0|balloon|unused\d+)$/;
/** Returns the change from a sealed guest to the config that all our templates have. */
function sealedConfig(current, storage) {
	const gone = Object.keys(current).filter((key) => OF_THE_BUILD.test(key));
	const disk = withProperties(parseProperties(current[BOOT_DISK], "file"), { discard: void 0 });
	const hasDrive = textOf$3(current[CLOUD_INIT_DRIVE]).includes("cloudinit");
	return updateOf({
		...Object.fromEntries(gone.map((key) => [key, null])),
		...TEMPLATE_CONFIG,
		[BOOT_DISK]: formatProperties(disk, "file"),
		...!hasDrive && { ["ide2"]: `${storage}:cloudinit` }
	}, current);
}
function updateOf(wanted, current) {
	const entries = Object.entries(wanted);
	return {
		set: Object.fromEntries(entries.flatMap(([key, value]) => value === null || String(current[key]) === String(value) ? [] : [[key, value]])),
		remove: entries.flatMap(([key, value]) => value === null && current[key] !== void 0 ? [key] : [])
	};
}

// ../core/dist/plan/build/build-machine.js
/** Package managers need more memory than the smallest machines have. */
const LEAST_MEMORY_MIB = 1024;
/** Returns a machine with the processor, firmware and network of `like`, without its identity, disks and devices. */
function buildMachine(like, step, build) {
	const { cpu, memory, firmware, networks, machineType, osType, nodes: _, ...rest } = like;
	const { description: _1, cloudInit: _2, ha: _3, startup: _4, vga: _5, watchdog: _6, smbios: _7, ...plain } = rest;
	const { vmid: _8, bootOrder: _9, rng: _10, pool: _11, ...machine } = plain;
	return {
		...machine,
		name: step.name,
		nodes: [step.at.node],
		storage: {
			images: step.cdAt.storage,
			disks: step.at.storage
		},
		cpu: {
			cores: cpu.cores,
			sockets: cpu.sockets,
			numa: false,
			...cpu.type !== void 0 && { type: cpu.type }
		},
		memory: { memoryMiB: Math.max(memory.memoryMiB, LEAST_MEMORY_MIB) },
		firmware: {
			...firmware,
			tpm: false
		},
		...machineType !== void 0 && { machineType },
		osType,
		disk: {
			discard: true,
			...build.diskBytes !== void 0 && { sizeBytes: build.diskBytes }
		},
		disks: [],
		cdroms: [],
		devices: [],
		networks: networks.slice(0, 1).map(plainCard),
		serial: true,
		agent: true,
		onBoot: false,
		protection: false,
		tags: [],
		fullClone: false,
		start: true,
		wait: { for: "none" }
	};
}
/** Returns a card in the same network, without MAC address and limits. */
function plainCard({ bridge, model, vlan, mtu }) {
	return {
		bridge,
		model,
		...vlan !== void 0 && { vlan },
		...mtu !== void 0 && { mtu }
	};
}

// ../core/dist/plan/day-two/adoptable.js
/** Returns why a VM cannot be adopted, or undefined if it can. */
function adoptable({ machine, vmid, config, project, fromOthers, guests }) {
	const marker = readMarker(config.description, vmid);
	const refuse = (message, hint) => new ProvisionError("CONFLICT", message, {
		hint,
		details: {
			machine: machine.name,
			vmid
		}
	});
	if (config.template === 1 || config.template === "1") return refuse(`${vmid} is a template; only VMs can be adopted.`, "Clone it, or use it as an image: `template`.");
	if (typeof config.lock === "string" && config.lock !== "") return refuse(`${vmid} is locked (${config.lock}).`, "Wait until that task has finished, then adopt it.");
	const holder = guests.find((guest) => guest.marker.name === machine.name && guest.vmid !== vmid);
	if (holder !== void 0) return refuse(`${machine.name} is ${holder.vmid} on ${holder.node} already, so ${vmid} cannot become it as well.`, `Declare ${vmid} under another name, or remove the other VM first: pve-provision destroy --only ${machine.name}@${holder.vmid}`);
	if (marker === void 0) return void 0;
	if (marker.project !== project) return fromOthers ? void 0 : refuse(`${vmid} belongs to the project ${marker.project}, as ${marker.name}.`, "To adopt it from that project: --from-others");
	if (marker.name === machine.name) return void 0;
	return refuse(`${vmid} already belongs to this project, as ${marker.name}.`, `To rename it, set \`renamedFrom: ${marker.name}\` in ${machine.entry}.`);
}
/** Returns true if a VM already has the marker of this machine. Its marker knows more than that of an adopted VM. */
function isAdopted({ name }, marker, project) {
	return marker !== void 0 && marker.project === project && marker.kind === "machine" && marker.name === name;
}
/** Creates the marker of an adopted VM. The build of its image is unknown, and nothing of it was declared yet. */
function adoptedMarker({ name, image, file }, project) {
	return {
		project,
		name,
		kind: "machine",
		image,
		base: "",
		spec: "",
		...file !== void 0 && { file }
	};
}
/** Returns the config of a machine after it is adopted. */
function takenOver(config, marker) {
	return {
		...config,
		tags: withTag(config.tags, OWNER_TAG),
		description: writeDescription(marker, readText(config.description))
	};
}

// ../core/dist/plan/day-two/replacement-losses.js
/**
* Returns the keys of the data disks, which a successor takes over. The boot disk comes from the image, and CDs are
* inserted again. Detached disks (`unused0`) contain data too.
*/
function dataDisksOf({ config }) {
	return Object.keys(config).filter((key) => /^(scsi|virtio|sata|ide|unused)\d+$/.test(key) && key !== "scsi0" && !isCd(config[key])).sort();
}
/** Returns what is lost, such as `snapshot before-upgrade`. Snapshots count only if the facts have them. */
function replacementLosses(machine, guest) {
	const { config, snapshots = [] } = guest;
	const disks = dataDisksOf(guest);
	return [
		...machine.vmid !== void 0 ? disks.map((key) => `disk ${key}`) : [],
		...machine.vmid !== void 0 && guest.ha !== void 0 && !machine.declared.has("ha") ? ["HA settings"] : [],
		...snapshots.map(({ name }) => `snapshot ${name}`),
		...config.tpmstate0 === void 0 ? [] : ["TPM state"]
	];
}
/** Returns why an outdated machine is replaced only if its name is given, as a clause. */
function reasonToName(machine, guest, desired) {
	if (isProtected(guest) && !mayUnprotect(machine.name, desired)) return "it is protected";
	const isTied = dataDisksOf(guest).length > 0;
	const losses = replacementLosses(machine, guest).filter((loss) => isTied || loss !== "TPM state");
	return losses.length === 0 ? void 0 : `its ${nameList(losses)} would be lost`;
}

// ../core/dist/plan/build/build-cd.js
/** Returns the file name: the same in every run, and different for each node, because nodes may share the storage. */
function buildCd({ id, image, base }, project) {
	return `${fileStem(image)}-build-seed-${hash16(JSON.stringify([
		project,
		id,
		base
	]))}.iso`;
}
/** Returns the volume id of such an ISO in a guest's CD drive, or undefined. */
function buildCdOf(config) {
	const volid = parseProperties(config[CLOUD_INIT_DRIVE], "file").get("file");
	return volid !== void 0 && /:iso\/.+-build-seed-[0-9a-f]{16}\.iso$/.test(volid) ? volid : void 0;
}

// ../core/dist/plan/compare/find-machine.js
/** Returns the machines of the project by name. If several have one name, the one with the lowest rank comes first. */
function machinesByName({ project, vmids }, { guests }) {
	const byName = Map.groupBy(guests.filter(({ marker }) => marker.kind === "machine"), ({ marker }) => marker.name);
	for (const [name, found] of byName) {
		const rank = ({ vmid }) => candidateRank(vmid, {
			project,
			name,
			range: vmids
		});
		if (found.length > 1) found.sort((one, other) => rank(one) - rank(other) || one.vmid - other.vmid);
	}
	return byName;
}
/** Returns the volume of the ISO with a machine's cloud-init documents, if its config has one. */
function seedOf(config, name) {
	const volid = parseProperties(config.ide2, "file").get("file");
	const file = volid?.split(":iso/", 2)[1];
	return file?.startsWith(`${name}-seed-`) && /-seed-[0-9a-f]{16}\.iso$/.test(file) ? volid : void 0;
}

// ../core/dist/plan/templates-there.js
/** Returns the templates of an image's build at a place, finished or not. */
function templatesThere({ image, base, at }, facts) {
	const isShared = storageOf$1(facts, at)?.shared === true;
	return facts.guests.filter(({ marker, node }) => marker.kind === "template" && marker.base === base && marker.image === image && marker.storage === at.storage && (isShared || node === at.node));
}

// ../core/dist/plan/build/plan-build.js
/** Returns the base of its template, from the base of the image below and the recipe. Undefined if the first is unknown. */
function builtBase(image, from, project) {
	return from === void 0 || from === "" ? void 0 : hash16(`built ${from} ${recipeHash(image, project)}`);
}
/** Adds the steps for its template, and returns the id of the last one. */
function planBuild(image, context) {
	const { add, at, facts, planner, desired } = context;
	const { name, from, build } = image;
	const base = builtBase(image, planner.currentBase(from, at.disks), desired.project);
	if (base === void 0) return {
		id: planner.planTemplate(from, at).id,
		base: ""
	};
	const storage = storageOf$1(facts, at.disks);
	const place = placeOf(storage, at.disks);
	const like = likeOf(image, context);
	const step = {
		id: `build:${name}@${place}`,
		kind: "build",
		image: name,
		from,
		at: at.disks,
		cdAt: at.images,
		name: templateName(name, base),
		base,
		does: recipeText(build),
		like: like?.name ?? "",
		linked: false,
		cloneLanes: [],
		lanes: []
	};
	const made = templatesThere({
		image: name,
		base,
		at: at.disks
	}, facts);
	const there = made.find(({ template }) => template);
	if (there !== void 0) {
		const why = `${there.vmid} on ${there.node} is built from this ${from} with this recipe`;
		const known = {
			guest: {
				vmid: there.vmid,
				node: there.node
			},
			volid: bootVolume(there.config)
		};
		return {
			base,
			id: add({
				...step,
				action: "keep",
				why,
				needs: [planner.planKept(name, at.disks)],
				known
			})
		};
	}
	const template = planner.planTemplate(from, at);
	const isBeside = template.storage === void 0 || template.storage === at.disks.storage;
	const problem = problemOf(image, like, context) ?? (made.length === 0 ? context.claimId(step.id, name) : void 0);
	return {
		id: add({
			...step,
			action: "run",
			why: `${leftoverText(made) ?? `no template of this recipe on ${place}`}; built from ${from}: ${step.does}`,
			needs: [template.id],
			templateFrom: template.id,
			linked: isBeside && storage !== void 0 && canLinkClones(storage.type),
			cloneLanes: [
				`template:${template.id}`,
				storageLane(storage, at.disks),
				`node:${at.disks.node}`
			],
			...problem && { problem }
		}),
		base
	};
}
/** Returns the volume id of a guest's boot disk. */
function bootVolume(config) {
	return parseProperties(config["scsi0"], "file").get("file") ?? "";
}
/** Returns the first machine that needs the image at this place. */
function likeOf({ name }, { at, desired, targets }) {
	const target = targets(name).find(({ disks }) => disks.node === at.disks.node && disks.storage === at.disks.storage);
	return desired.machines.find((machine) => machine.name === target?.machine);
}
/** Returns what an interrupted run left, and what is done with it. Undefined if nothing is left. */
function leftoverText([guest]) {
	if (guest === void 0) return void 0;
	const { vmid, node, config, marker, status } = guest;
	if (marker.stage === "failed") return `${vmid} on ${node} is left over from a failed build and is removed`;
	const left = `${vmid} on ${node} is left over from an interrupted run`;
	return marker.stage === "booted" && status !== "running" && !isTemplate(config) ? `${left}, was switched off, and is removed` : `${left} and is finished`;
}
function problemOf(image, like, { planner }) {
	const { name, from, build } = image;
	const least = planner.factsOf(from)?.virtualSizeBytes;
	if (build.diskBytes !== void 0 && least !== void 0 && build.diskBytes < least) return new ProvisionError("CONFLICT", `The disk of the image ${name} would have ${sizeText(build.diskBytes)}, but ${from} needs ${sizeText(least)}.`, { hint: `Set \`images.${name}.build.disk\` to ${sizeText(least)} or more: Proxmox cannot shrink disks.` });
	if (like?.osType.startsWith("win")) return new ProvisionError("CONFLICT", `The image ${name} cannot be built, because ${like.name} is Windows.`, { hint: "A build needs cloud-init and a shell. Create a template by hand, and use it: `template: ID`." });
	if (build.packages.length > 0 && like !== void 0 && like.networks.length === 0) return new ProvisionError("CONFLICT", `The build of ${name} installs packages, but has no network.`, { hint: `It uses the network of ${like.name}, the first machine created from it: set \`network\` there.` });
}

export { seedVolume as $, documentKind as $n, haRuleName as $t, compareMachine as A, staticAddresses as An, imageOfDrive as At, placeOfDrive as B, fileStem as Bn, withProperties as Bt, diskFormat as C, retirementOf as Cn, withCarriedDisks as Ct, recipeHash as D, pMap as Dn, sizeOfDisk as Dt, isThin as E, askByNode as En, isDriveKey as Et, moveObstacle as F, sourcesOf as Fn, parseProperties as Ft, protectedError as G, storagesFor as Gn, hash16 as Gt, specHash as H, imageCds as Hn, recallMade as Ht, movedConfig as I, withBases as In, parseTags as It, newExpiry as J, isBrokenHash as Jn, candidateVmids as Jt, firstBootChange as K, storedDisks as Kn, madeKey as Kt, movesLive as L, withBuilds as Ln, splitTags as Lt, awaitsOf as M, storageLane as Mn, formatProperties as Mt, pendingChanges as N, storageOf$1 as Nn, formatSize as Nt, nameList as O, api as On, isCd as Ot, diskMoves as P, isSource as Pn, parseNetworkCard as Pt, seedReasons as Q, withoutTemplate as Qn, listOwnRunningTasks as Qt, readsTemplate as R, CD_DRIVES as Rn, storageOfVolume as Rt, canLinkClones as S, retiredName as Sn, volumeOfDrive as St, isFileBased as T, reachableAddresses as Tn, growthOf as Tt, isProtected as U, imageDisks as Un, recordMade as Ut, UNFINISHED as V, holdsIso as Vn, withTag as Vt, mayUnprotect as W, lackingImages as Wn, baseOf as Wt, sizeText as X, strangeHash as Xn, bytesToHex as Xt, sameValue as Y, isPasswordHash as Yn, sha256 as Yt, seedDocuments as Z, contradictions as Zn, utf8ToBytes as Zt, buildConfig as _, foundChecksum as _n, keepsRunning as _t, machinesByName as a, listStorage as an, firstBootOf as at, cloneConfig as b, isProblem as bn, removedDisks as bt, buildCdOf as c, readConfig as cn, pulledName as ct, replacementLosses as d, isTemplate as dn, standsForRaw as dt, observeHa as en, require_dist as er, yamlText as et, adoptable as f, readPending as fn, templateName as ft, buildMachine as g, writeDescription as gn, valueText as gt, takenOver as h, readText as hn, effectText as ht, templatesThere as i, listIfThere as in, isOnLink as it, awaitedKeys as j, placeOf as jn, madeFrom as jt, affectedOf as k, configParameters as kn, mappingOf as kt, dataDisksOf as l, withFreshStatus as ln, pushedName as lt, isAdopted as m, readMarker as mn, changeText as mt, builtBase as n, withHa as nn, macsOf as nt, seedOf as o, listVolumesOf as on, isWholeVolume as ot, adoptedMarker as p, OWNER_TAG as pn, volumeStem as pt, isExpired as q, volumeStorage as qn, candidateRank as qt, planBuild as r, canConnect as rn, reasonsForCd as rt, buildCd as s, observeGuests as sn, packedName as st, bootVolume as t, observeHaGroups as tn, require_ipaddr as tr, withPart as tt, reasonToName as u, isReadyTemplate as un, shorten as ut, sealedConfig as v, isLeftover as vn, needsStart as vt, holdsDisks as w, retirementText as wn, withoutDetached as wt, templatePool as x, nameBeforeRetired as xn, unusedDisks as xt, TEMPLATE_CONFIG as y, isLostReply as yn, shownPower as yt, driveText as z, diskKeys as zn, textOf$3 as zt };