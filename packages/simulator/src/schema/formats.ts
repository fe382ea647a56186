// The formats of single values, each with Proxmox's error text (PVE::JSONSchema and modules that register formats).
import { isIPv4, isIPv6 } from 'node:net'
import { allPrivileges } from '../state/privileges.ts'
import { calendarEvent } from './calendar-event.ts'
import { firewallFormats } from './firewall-formats.ts'
import type { FormatCheck } from './format-check.ts'
import type { ProxmoxVersion } from './rules.ts'

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const DNS_NAME = new RegExp(`^(?:${LABEL}\\.)*${LABEL}$`)
const NODE_NAME = new RegExp(`^${LABEL}$`)
const VOLUME_ID = /^[a-z][a-z0-9\-_.]*[a-z0-9]:(.+)$/i
const USER = '[^\\s:/]+'
const REALM = '[A-Za-z][A-Za-z0-9.\\-_]+'
const DRIVE = /^(?:ide[0-3]|scsi(?:[12]?[0-9]|30)|virtio(?:[0-9]|1[0-5])|sata[0-5]|efidisk0|tpmstate0)$/

/** Perl's `$` allows one final newline. */
const matching =
  (pattern: RegExp, refusal: (text: string) => string): FormatCheck =>
  (text) =>
    pattern.test(text.replace(/\n$/, '')) ? undefined : `${refusal(text)}\n`

const accepting =
  (accepts: (text: string, version: ProxmoxVersion) => boolean, refusal: string): FormatCheck =>
  (text, version) =>
    accepts(text, version) ? undefined : `${refusal}\n`

const isIp = (text: string) => isIPv4(text) || (isIPv6(text) && !text.includes('%'))

function isCidr(text: string, family: 4 | 6): boolean {
  const [, address = '', bits = ''] = /^(.+)\/(\d+)$/.exec(text) ?? []
  if (Number(bits) <= 7) return false
  return family === 4 ? isIPv4(address) && Number(bits) <= 32 : isIPv6(address) && isIp(address) && Number(bits) <= 128
}

const volumeId = matching(VOLUME_ID, (text) => `unable to parse volume ID '${text}'`)
const volumeOrPath: FormatCheck = (text, version) => (text.startsWith('/') ? undefined : volumeId(text, version))

const IDENTIFIER = /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i

const storageId: FormatCheck = (text, version) => {
  if (Array.from(text).length < 2 && version !== '8.4')
    return `storage ID '${text}' cannot be shorter than 2 characters\n`
  return IDENTIFIER.test(text) ? undefined : `storage ID '${text}' contains illegal characters\n`
}

const STORAGE_CONTENT = ['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'none', 'import']

const storageContent: FormatCheck = (text) =>
  STORAGE_CONTENT.includes(text) ? undefined : `invalid content type '${text}'\n`

/** One entry of a mapping: `1` (the same storage), one target, or `source:target`. */
const storagePair: FormatCheck = (text, version) => {
  if (text === '1') return undefined
  const [, source, target] = /^([^:]+):([^:]+)$/.exec(text) ?? []
  const refusal =
    source === undefined ? storageId(text, version) : (storageId(source, version) ?? storageId(target ?? '', version))
  return refusal === undefined ? undefined : `entry '${text}' contains invalid ID - ${refusal}\n\n`
}

const userId: FormatCheck = (text) => {
  if (text.length < 3) return `user name '${text}' is too short\n`
  if (text.length > 64) return `user name '${text}' is too long (${text.length} > 64)\n`
  return new RegExp(`^${USER}@${REALM}$`).test(text)
    ? undefined
    : `value '${text}' does not look like a valid user name\n`
}

const poolId: FormatCheck = (text) => {
  if (text.replace(/\/+$/, '').split('/').length > 3) return `pool name '${text}' nested too deeply (max levels = 3)\n`
  const fine = /^[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2}$/.test(text)
  return fine ? undefined : `pool name '${text}' contains invalid characters\n`
}

const vlanIdOrRange: FormatCheck = (text) => {
  const [, start, end] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  if (start === undefined) return `invalid VLAN configuration '${text}'\n`
  for (const tag of [start, end]) {
    if (tag !== undefined && (Number(tag) < 2 || Number(tag) > 4094)) return `invalid VLAN tag '${tag}'\n`
  }
  const rises = end === undefined || Number(start) < Number(end)
  return rises ? undefined : `VLAN range must go from lower to higher tag '${text}'\n`
}

const HOTPLUG = ['network', 'disk', 'cpu', 'memory', 'usb', 'cloudinit']

const hotplugFeatures: FormatCheck = (text) => {
  if (text === '0' || text === '1') return undefined
  const unknown = text.split(/[\s,;]+/).find((feature) => feature !== '' && !HOTPLUG.includes(feature))
  return unknown === undefined ? undefined : `invalid hotplug feature '${unknown}'\n`
}

const bootDevice: FormatCheck = (text) => {
  const isDrive = DRIVE.test(text) && !/^(?:efidisk|tpmstate)/.test(text)
  const isOther = /^(?:net(?:[12]?[0-9]|3[01])|usb(?:[0-9]|1[0-3])|hostpci(?:[0-9]|1[0-5]))$/.test(text)
  return isDrive || isOther ? undefined : `invalid boot device '${text}'\n`
}

const cpuSet: FormatCheck = (text) => {
  const parts = text.split(',')
  const fine = parts.every((part) => {
    const [, from, to] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? []
    return from !== undefined && (to === undefined || Number(from) <= Number(to))
  })
  return fine ? undefined : 'unable to parse cpuset option\n'
}

const startupOrder: FormatCheck = (text) => {
  const parts = text.split(',').filter((part) => part.trim() !== '')
  const fine = text !== '' && text !== '0' && parts.every((part) => /^(?:(?:order=)?\d+|up=\d+|down=\d+)$/.test(part))
  return fine ? undefined : 'unable to parse startup options\n'
}

const directoryOverride: FormatCheck = (text, version) => {
  const [, content = '', path = ''] = /^([a-z]+)=([^.]*(?:\.?[^.]+)+)$/.exec(text) ?? []
  const refusal = content === '' ? undefined : storageContent(content, version)
  if (refusal !== undefined) return refusal
  const fine = content !== '' && path.length < 1023 && path.split('/').every((part) => part.length < 255)
  return fine ? undefined : `invalid override '${text}'\n`
}

const zfsBlockSize: FormatCheck = (text) => {
  const [, digits, unit = ''] = /^([1-9]\d*)([km])?$/i.exec(text) ?? []
  if (digits === undefined) {
    return `invalid ZFS blocksize format '${text}'. Use a positive number (no leading zeros) with an optional 'k' or 'm' suffix.\n`
  }
  const size = Number(digits) * ({ k: 1024, m: 1024 ** 2 }[unit.toLowerCase()] ?? 1)
  if (size >= 512 && size <= 16 * 1024 ** 2 && Number.isInteger(Math.log2(size))) return undefined
  return `value '${text}' is not a valid ZFS blocksize. Must be a power of 2 between 512B and 16MiB (e.g., 4k, 8k, 16k, 64k, 1m).\n`
}

const MASKS = new Set(Array.from({ length: 33 }, (_, bits) => netmask(bits)))

function netmask(bits: number): string {
  const number = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}

const sdnId =
  (noun: string): FormatCheck =>
  (text) => {
    if (!/^[a-z][a-z0-9]*[a-z0-9]$/i.test(text)) return `${noun} ID '${text}' contains illegal characters\n`
    return text.length > 8 ? `${noun} ID '${text}' can't be more length than 8 characters\n` : undefined
  }

const replicationJobId: FormatCheck = (text) => {
  const [, guest] = /^(\d+)-\d+$/.exec(text) ?? []
  if (guest === undefined) return `invalid replication job id '${text}'\n`
  return Number(guest) < 100 ? `invalid replication job id '${text}' (guest IDs < 100 are reserved)\n` : undefined
}

/** By the name that the API schema uses, without `-list` and `-opt`. */
export const valueFormats: Readonly<Record<string, FormatCheck>> = {
  ...firewallFormats,
  string: () => undefined,
  urlencoded: matching(/^[-%a-zA-Z0-9_.!~*'()]*$/, (text) => `invalid urlencoded string: ${text}`),
  'pve-acme-domain': matching(
    /^[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9][a-z0-9_-]*)+$/i,
    (text) => `value '${text}' does not look like a valid domain name!`,
  ),
  'pve-acme-alias': matching(
    /^[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_][a-z0-9_-]*)+$/i,
    (text) => `value '${text}' does not look like a valid alias name!`,
  ),
  'pve-configid': matching(/^[a-z][a-z0-9_-]+$/i, (text) => `invalid configuration ID '${text}'`),
  'pve-storage-id': storageId,
  'pve-storage-path-in-property-string': matching(
    /^\/[^;,=()]+/,
    () => 'Value does not look like a valid absolute path. These symbols are currently not allowed in path: ;,=()',
  ),
  'pve-bridge-id': matching(/^[-_.\w]+$/, (text) => `invalid bridge ID '${text}'`),
  'pve-vmid': matching(/^[1-9][0-9]{2,8}$/, () => 'value does not look like a valid VM ID'),
  'pve-node': matching(NODE_NAME, () => 'value does not look like a valid node name'),
  'storage-pair': storagePair,
  'mac-addr': matching(
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i,
    () => 'value does not look like a valid unicast MAC address',
  ),
  'mac-prefix': matching(
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){0,2}(?::[a-f0-9]?)?$/i,
    () => 'value is not a valid unicast MAC address prefix',
  ),
  ipv4: accepting(isIPv4, 'value does not look like a valid IPv4 address'),
  ipv6: accepting((text) => isIPv6(text) && isIp(text), 'value does not look like a valid IPv6 address'),
  ip: accepting(isIp, 'value does not look like a valid IP address'),
  ipv4mask: accepting((text) => MASKS.has(text), 'value does not look like a valid IP netmask'),
  CIDRv4: accepting((text) => isCidr(text, 4), 'value does not look like a valid IPv4 CIDR network'),
  CIDRv6: accepting((text) => isCidr(text, 6), 'value does not look like a valid IPv6 CIDR network'),
  CIDR: accepting((text) => isCidr(text, 4) || isCidr(text, 6), 'value does not look like a valid CIDR network'),
  'pve-ipv4-config': accepting(
    (text) => /^(?:dhcp|manual)$/.test(text) || isCidr(text, 4),
    'value does not look like a valid ipv4 network configuration',
  ),
  'pve-ipv6-config': accepting(
    (text) => /^(?:auto|dhcp|manual)$/.test(text) || isCidr(text, 6),
    'value does not look like a valid ipv6 network configuration',
  ),
  email: matching(
    /^[\w+\-~]+(?:\.[\w+\-~]+)*@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*$/,
    () => 'value does not look like a valid email address',
  ),
  'dns-name': matching(DNS_NAME, () => 'value does not look like a valid DNS name'),
  address: (text) =>
    isIp(text) || DNS_NAME.test(text) ? undefined : `value does not look like a valid address: ${text}\n`,
  'pve-iface': matching(/^[a-z][a-z0-9_]{1,20}(?:[:.]\d+)?$/i, (text) => `invalid network interface name '${text}'`),
  'pve-vlan-id-or-range': vlanIdOrRange,
  'disk-size': matching(
    /^\d+(?:\.\d+)?(?:[KMGT](?:iB)?)?$/,
    (text) => `value does not look like a valid disk size: ${text}`,
  ),
  'pve-startup-order': startupOrder,
  'pve-calendar-event': calendarEvent,
  'pve-replication-job-id': replicationJobId,
  'pve-day-of-week': matching(/^(?:mon|tue|wed|thu|fri|sat|sun)$/, (text) => `invalid day '${text}'`),
  'ldap-simple-attr': matching(
    /^[a-zA-Z0-9]+$/,
    (text) => `value '${text}' does not look like a simple ldap attribute name`,
  ),
  'graphite-path': matching(DNS_NAME, () => 'value does not look like a valid graphite path'),
  'email-or-username': matching(
    /^[\w+\-~]+(?:\.[\w+\-~]+)*(?:@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*)?$/,
    () => 'value does not look like a valid email address or user name',
  ),
  'pve-sdn-bgp-rt': matching(/^\d{1,10}:\d{1,10}$/, () => 'value does not look like a valid bgp route-target'),
  'pve-sdn-zone-id': sdnId('zone'),
  'pve-sdn-vnet-id': sdnId('vnet'),
  'pve-sdn-fabric-id': () => undefined,
  'pve-sdn-subnet-id': (text) => {
    const cidr = text.includes('/') ? text : text.split('-').slice(1, 3).join('/')
    return isCidr(cidr, 4) || isCidr(cidr, 6) ? undefined : 'value does not look like a valid CIDR network\n'
  },
  'pve-tag': matching(/^[a-z0-9_][a-z0-9_\-+.]*$/i, () => 'invalid characters in tag'),
  'pve-task-status-type': matching(/^(?:ok|error|warning|unknown)$/i, (text) => `invalid status '${text}'`),
  'pve-volume-id': volumeId,
  'pve-volume-id-or-absolute-path': volumeOrPath,
  'pve-volume-id-or-qm-path': (text, version) =>
    text === 'none' || text === 'cdrom' ? undefined : volumeOrPath(text, version),
  'pve-cpuset': cpuSet,
  'pve-hotplug-features': hotplugFeatures,
  'pve-qm-bootdev': bootDevice,
  'pve-qm-bootdisk': matching(DRIVE, (text) => `invalid boot disk '${text}'`),
  'pve-phys-bits': accepting(
    (text) => text === 'host' || (/^\d{1,2}$/.test(text) && Number(text) >= 8 && Number(text) <= 64),
    "value must be an integer between 8 and 64 or 'host'",
  ),
  'pve-storage-path': matching(/^\/[^;()]+/, () => 'value does not look like a valid absolute path'),
  'pve-storage-server': accepting(
    (text) => isIp(text) || DNS_NAME.test(text),
    'value does not look like a valid server name or IP address',
  ),
  'pve-storage-vgname': matching(
    /^[a-z0-9][a-z0-9\-_.]*[a-z0-9]$/i,
    (text) => `lvm name '${text}' contains illegal characters`,
  ),
  'pve-storage-portal-dns': matching(
    /^(?:[a-zA-Z0-9\-.]+(?::\d+)?|\[[0-9a-fA-F:.a-zA-Z-]+\](?::\d+)?|[0-9a-fA-F:]+(?:\.\d+)?)$/,
    () => 'value does not look like a valid portal address',
  ),
  'pve-storage-content': storageContent,
  'pve-storage-options': matching(/^\S+$/, (text) => `invalid options '${text}'`),
  'pve-storage-zfs-blocksize': zfsBlockSize,
  'pve-dir-override': directoryOverride,
  'pve-userid': userId,
  'pve-tokenid': matching(
    new RegExp(`^${USER}@${REALM}!${REALM}$`),
    (text) => `value '${text}' does not look like a valid token ID`,
  ),
  'pve-groupid': matching(/^[A-Za-z0-9.\-_]+$/, (text) => `group name '${text}' contains invalid characters`),
  'pve-roleid': matching(/^[A-Za-z0-9.\-_]+$/, (text) => `role name '${text}' contains invalid characters`),
  'pve-poolid': poolId,
  'pve-priv': (text, version) => (allPrivileges(version).has(text) ? undefined : `invalid privilege '${text}'\n`),
  'pve-realm': matching(new RegExp(`^${REALM}$`), () => 'value does not look like a valid realm'),
  'pve-ha-resource-id': matching(/^[a-z]+:\S+$/, () => 'value does not look like a valid ha resource id'),
  'pve-ha-resource-or-vm-id': matching(/^(?:[a-z]+:\S+|\d+)$/, () => 'value does not look like a valid ha resource id'),
  'pve-ha-group-node': matching(
    new RegExp(`^${LABEL}(?::\\d+)?$`),
    () => 'value does not look like a valid ha group node',
  ),
  'pve-ha-node': matching(new RegExp(`^${LABEL}(?::\\d+)?$`), () => 'value does not look like a valid ha node'),
}
