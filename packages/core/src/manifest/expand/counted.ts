// Values that are counted on from a first one, or listed, for entries that make several machines.
import ipaddr from 'ipaddr.js'

/** One value for all, the first of a row, or each by name. */
export type Counted<Value> = Value | { readonly from: Value } | readonly Value[]

/** The value of one of an entry's machines; `index` counts from 0. Nothing where a list has no such entry. */
export function valueAt<Value>(
  counted: Counted<Value>,
  index: number,
  countOn: (first: Value, steps: number) => Value,
): Value | undefined {
  if (Array.isArray(counted)) return (counted as readonly Value[])[index]
  if (isFrom(counted)) return countOn(counted.from, index)
  return counted as Value
}

export function isFrom<Value>(counted: Counted<Value>): counted is { readonly from: Value } {
  return typeof counted === 'object' && counted !== null && 'from' in counted
}

/** `10.0.0.11/24` and 2 → `10.0.0.13/24`; `dhcp` and `auto` stay. The prefix is not looked at. */
export function addressAfter(address: string, steps: number): string {
  const [ip = '', prefix] = address.split('/')
  if (steps === 0 || prefix === undefined) return address
  const bytes = plus(ipaddr.parse(ip).toByteArray(), steps)
  return `${ipaddr.fromByteArray(bytes).toString()}/${prefix}`
}

/** `BC:24:11:00:00:01` and 2 → `BC:24:11:00:00:03`. */
export function macAfter(mac: string, steps: number): string {
  const bytes = plus(
    mac.split(':').map((part) => Number.parseInt(part, 16)),
    steps,
  )
  return bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':')
    .toUpperCase()
}

/** A number of bytes, the highest first, plus a few; beyond the last it begins again. */
function plus(bytes: readonly number[], steps: number): number[] {
  let carry = steps
  return bytes
    .toReversed()
    .map((byte) => {
      const sum = byte + carry
      carry = Math.floor(sum / 256)
      return sum % 256
    })
    .toReversed()
}
