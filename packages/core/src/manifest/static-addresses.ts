// Returns the static addresses of a machine.
import type { Machine } from './manifest.ts'

/** Returns the addresses that the manifest sets, without their prefix. */
export function staticAddresses({ cloudInit }: Pick<Machine, 'cloudInit'>): readonly string[] {
  const all = (cloudInit?.addresses ?? []).flatMap(({ ip, ip6 }) => [ip, ip6])
  return all.flatMap((address) => (address?.includes('/') ? [address.slice(0, address.indexOf('/'))] : []))
}
