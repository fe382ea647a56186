// Detects addresses that do not belong to the public Internet. A public server must not redirect there.
import { BlockList, isIP } from 'node:net'

const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6')
}

const METADATA = new BlockList()
METADATA.addSubnet('169.254.0.0', 16, 'ipv4')
METADATA.addSubnet('fe80::', 10, 'ipv6')
// Alibaba, Oracle and Azure; Amazon and Google over IPv6.
for (const address of ['100.100.100.200', '192.0.0.192', '168.63.129.16']) METADATA.addAddress(address, 'ipv4')
for (const address of ['fd00:ec2::254', 'fd20:ce::254']) METADATA.addAddress(address, 'ipv6')

/**
 * Returns true for link-local addresses and those where clouds serve instance metadata, with credentials. Images are
 * never there.
 */
export function isMetadata(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? address
  const family = isIP(bare)
  if (family === 6) return METADATA.check(bare, 'ipv6') || METADATA.check(ipv4Within(bare) ?? '0.0.0.0', 'ipv4')
  return family === 4 && METADATA.check(bare, 'ipv4')
}

/**
 * Returns true for loopback, link-local, private, shared, multicast and reserved addresses. An IPv4 address embedded in
 * IPv6 counts as that IPv4 address.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? address
  const family = isIP(bare)
  if (family === 4) return PRIVATE.check(bare, 'ipv4')
  if (family === 6) return PRIVATE.check(bare, 'ipv6') || isPrivateWithin(bare)
  return false
}

/**
 * Like `isPrivateAddress`, for a host of a URL that a proxy will resolve, so only the name is known. It covers
 * addresses, `localhost`, names without a dot, and names below private top-level domains.
 */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIP(host) !== 0) return isPrivateAddress(host)
  return !host.includes('.') || /\.(?:localhost|local|internal|intranet|lan|home\.arpa)\.?$/.test(host)
}

function isPrivateWithin(address: string): boolean {
  const inside = ipv4Within(address)
  return inside !== undefined && PRIVATE.check(inside, 'ipv4')
}

/**
 * Returns the IPv4 address that a gateway may contact for this one: the last 32 bits of 64:ff9b::/96 (RFC 6052) and of
 * ::/96, or the bits after the prefix of 2002::/16 (6to4). Node's own lists know only ::ffff:0:0/96.
 */
function ipv4Within(address: string): string | undefined {
  const [, high = '0', low] =
    /^(?:64:ff9b)?::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/i.exec(address) ??
    /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/i.exec(address) ??
    []
  if (low === undefined) return undefined
  const bits = Number.parseInt(high, 16) * 65536 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
}
