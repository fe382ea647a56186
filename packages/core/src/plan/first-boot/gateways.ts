// Checks if a gateway is inside the prefix of its card or must be reached directly on the link.
import ipaddr from 'ipaddr.js'
import type { Card } from './first-boot.ts'

/**
 * Returns true if a gateway is outside the prefix of an address. Then the guest needs an explicit on-link route. A
 * link-local gateway is always on the link, which every system knows.
 * @param address with its prefix
 */
export function isOutside(gateway: string | undefined, address: string | undefined): gateway is string {
  if (gateway === undefined || !address?.includes('/')) return false
  const [way, [network, bits]] = [ipaddr.parse(gateway), ipaddr.parseCIDR(address)]
  if (way.kind() !== network.kind()) return false
  if (way.kind() === 'ipv6' && way.range() === 'linkLocal') return false
  return !way.match(network, bits)
}

/** Whether a card has a gateway outside its prefix. */
export function isOnLink({ ip, gateway, ip6, gateway6 }: Card): boolean {
  return isOutside(gateway, ip) || isOutside(gateway6, ip6)
}
