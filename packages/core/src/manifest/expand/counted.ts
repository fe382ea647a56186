// Values for entries with several machines: one for all, a sequence, or a list.
import ipaddr from 'ipaddr.js'

/** One value for all machines, the first value of a sequence, or a list with one value for each machine. */
export type Counted<Value> = Value | { readonly from: Value } | readonly Value[]

/** Returns the value of one machine of an entry. `index` starts at 0. Returns undefined if a list has no such value. */
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

/** `10.0.0.11/24` and 2 → `10.0.0.13/24`; `dhcp` and `auto` are unchanged. The prefix is not checked. */
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

/** Adds a small number to a big-endian number of bytes. It wraps around at the maximum. */
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
