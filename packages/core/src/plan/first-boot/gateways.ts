// Whether a gateway is reached through the prefix of its card, or directly on the link.
import ipaddr from 'ipaddr.js'

/**
 * Whether a gateway is outside the prefix of an address: then the guest needs to be told that it is on the link all
 * the same. A link-local gateway always is, and every system knows.
 * @param address with its prefix
 */
export function isOutside(gateway: string | undefined, address: string | undefined): gateway is string {
  if (gateway === undefined || !address?.includes('/')) return false
  const [way, [network, bits]] = [ipaddr.parse(gateway), ipaddr.parseCIDR(address)]
  if (way.kind() !== network.kind()) return false
  if (way.kind() === 'ipv6' && way.range() === 'linkLocal') return false
  return !way.match(network, bits)
}
