// The formats of firewall rules, with the error texts of pve-firewall `PVE/Firewall.pm`.
import { isIPv4, isIPv6 } from 'node:net'
import type { FormatCheck } from './format-check.ts'

const ALIAS = /^(?:dc\/|guest\/)?[A-Za-z][A-Za-z0-9\-_]+$/

/** Services with a name that rules can use instead of a port. */
const SERVICES = new Set(
  (
    'ftp-data ftp ssh telnet smtp time whois tacacs domain bootps bootpc tftp gopher finger http kerberos iso-tsap pop3 ' +
    'sunrpc auth nntp ntp epmap netbios-ns netbios-dgm netbios-ssn imap2 imap snmp snmp-trap bgp irc ldap https ' +
    'microsoft-ds submissions submission isakmp syslog printer rtsp ldaps imaps pop3s rsync ftps mysql postgresql ' +
    'amqp amqps x11 nfs iscsi-target sip sip-tls xmpp-client xmpp-server mdns ms-sql-s openvpn radius radius-acct'
  ).split(' '),
)

const PROTOCOLS = new Set(
  (
    'ip icmp igmp ggp ipencap st tcp egp igp pup udp hmp xns-idp rdp iso-tp4 dccp xtp ddp idpr-cmtp ipv6 ipv6-route ' +
    'ipv6-frag idrp rsvp gre esp ah skip ipv6-icmp icmpv6 ipv6-nonxt ipv6-opts rspf vmtp eigrp ospf ax.25 ipip etherip ' +
    'encap pim ipcomp vrrp l2tp isis sctp fc mobility-header udplite mpls-in-ip manet hip shim6 wesp rohc'
  ).split(' '),
)

const ICMP_TYPES = new Set(
  (
    'any echo-reply destination-unreachable network-unreachable host-unreachable protocol-unreachable port-unreachable ' +
    'fragmentation-needed source-route-failed network-unknown host-unknown network-prohibited host-prohibited ' +
    'TOS-network-unreachable TOS-host-unreachable communication-prohibited host-precedence-violation precedence-cutoff ' +
    'source-quench redirect network-redirect host-redirect TOS-network-redirect TOS-host-redirect echo-request ' +
    'router-advertisement router-solicitation time-exceeded ttl-zero-during-transit ttl-zero-during-reassembly ' +
    'parameter-problem ip-header-bad required-option-missing timestamp-request timestamp-reply address-mask-request ' +
    'address-mask-reply'
  ).split(' '),
)

const ICMP6_TYPES = new Set(
  (
    'destination-unreachable no-route communication-prohibited beyond-scope address-unreachable port-unreachable ' +
    'failed-policy reject-route packet-too-big time-exceeded ttl-zero-during-transit ttl-zero-during-reassembly ' +
    'parameter-problem bad-header unknown-header-type unknown-option echo-request echo-reply router-solicitation ' +
    'router-advertisement neighbor-solicitation neighbour-solicitation neighbor-advertisement neighbour-advertisement ' +
    'redirect'
  ).split(' '),
)

export const isIcmpType = (text: string): boolean => ICMP_TYPES.has(text)
export const isIcmp6Type = (text: string): boolean => ICMP6_TYPES.has(text)

const HELPERS = new Set(['amanda', 'ftp', 'irc', 'netbios-ns', 'pptp', 'sane', 'sip', 'snmp', 'tftp'])

const isAddress = (text: string): boolean => isIPv4(text) || (isIPv6(text) && !text.includes('%'))

/** The text of Perl's Net::IP for a text that is no address, no network and no range. */
function netIpError(text: string): string | undefined {
  const [start = '', end] = text.split('-')
  if (end !== undefined) return netIpError(start) ?? netIpError(end)
  const [address = '', bits] = text.split('/')
  const most = address.includes(':') ? 128 : 32
  if (bits !== undefined && !/^\d+$/.test(bits)) return `Invalid prefix length ${bits}`
  if (Number(bits ?? 0) > most) return `Prefix length ${bits} is longer than IP address (${most})`
  if (isAddress(address)) return undefined
  if (/^[0-9.]+$/.test(address)) {
    const quad = address.split('.').find((part) => Number(part) > 255)
    return quad === undefined ? `Invalid IP address ${address}` : `Invalid quad in IP address ${address} - ${quad}`
  }
  return `Cannot determine IP version for ${text}`
}

/** The IP version that a list of addresses has. Names of aliases and sets have none. */
export function addressVersion(list: string): 4 | 6 | undefined {
  if (list.startsWith('+') || ALIAS.test(list)) return undefined
  return list.includes(':') ? 6 : 4
}

/** Returns why a list of addresses, an alias or a set is refused. */
export const addressList: FormatCheck = (text) => {
  if (/^\+\S+$/.test(text)) return text.length > 65 ? 'ipset name too long\n' : undefined
  if (ALIAS.test(text)) return text.length > 64 ? 'alias name too long\n' : undefined
  const elements = text.replace(/,+$/, '').split(',')
  if (elements.join(',') !== text) return 'extraneous commas in list\n'
  for (const element of elements) {
    const error = netIpError(element)
    if (error !== undefined) return `invalid IP address: ${error}\n`
  }
  if (new Set(elements.map((element) => element.includes(':'))).size > 1) {
    return `detected mixed ipv4/ipv6 addresses in address list '${text}'\n`
  }
  return elements.length > 1 && text.includes('-') ? "you can't use a range in a list\n" : undefined
}

/** @param isDestination names of ICMP types are also accepted, as in older configurations */
function ports(text: string, isDestination: boolean): string | undefined {
  const elements = text.replace(/,+$/, '').split(',')
  if (elements.join(',') !== text) return 'extraneous commas in list\n'
  let count = 0
  let hasIcmp = false
  for (const element of elements) {
    const [, from, , to] = /^(\d+)(:(\d+))?$/.exec(element) ?? []
    if (from === undefined) {
      if (isDestination && (isIcmpType(element) || isIcmp6Type(element))) hasIcmp = true
      else if (!SERVICES.has(element)) return `invalid port '${element}'\n`
      continue
    }
    for (const port of [from, to]) if (Number(port ?? 0) > 65535) return `invalid port '${port}'\n`
    if (to !== undefined && Number(from) > Number(to)) {
      return `backwards range '${from}:${to}' not allowed, did you mean '${to}:${from}'?\n`
    }
    count += to === undefined ? 1 : 2
  }
  if (hasIcmp && count > 0) return 'ICMP ports not allowed in port range\n'
  return count > 15 ? 'too many entries in port list (> 15 numbers)\n' : undefined
}

export const destinationPorts: FormatCheck = (text) => ports(text, true)
export const sourcePorts: FormatCheck = (text) => ports(text, false)

const protocol: FormatCheck = (text) =>
  text === '' || PROTOCOLS.has(text) || (/^\d+$/.test(text) && Number(text) <= 142)
    ? undefined
    : `unknown protocol '${text}'\n`

const network: FormatCheck = (text) => {
  const [, address = '', bits] = /^(\S+?)(?:\/(\d+))?$/.exec(text) ?? []
  if (!isAddress(address)) return 'value does not look like a valid IP address or CIDR network\n'
  const most = isIPv4(address) ? 32 : 128
  const isTooLong = bits !== undefined && Number(bits) > most
  return isTooLong ? `Prefix length ${bits} is longer than IP address (${most})\n` : undefined
}

export const firewallFormats: Readonly<Record<string, FormatCheck>> = {
  'pve-fw-addr-spec': addressList,
  'pve-fw-sport-spec': sourcePorts,
  'pve-fw-dport-spec': destinationPorts,
  'pve-fw-protocol-spec': protocol,
  'pve-fw-icmp-type-spec': (text) =>
    text === '' || isIcmpType(text) || isIcmp6Type(text) ? undefined : `invalid icmp-type value '${text}'\n`,
  'pve-fw-conntrack-helper': (text) => {
    const unknown = text.split(',').find((helper) => !HELPERS.has(helper))
    if (unknown === undefined) return undefined
    return `unknown helper ${unknown} at /usr/share/perl5/PVE/Firewall.pm line 1167.\n`
  },
  IPorCIDR: network,
  IPorCIDRorAlias: (text, version) => (ALIAS.test(text) ? undefined : network(text, version)),
}
