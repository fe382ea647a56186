// The ids a guest may get, in an order that depends on nothing but its project and name: two runs walk the same way.
import { hash16 } from './names.ts'

export interface VmidRange {
  readonly from: number
  readonly to: number
}

/** Every id of the range once, from a start and with a stride that come from the hash. */
export function* candidateVmids(project: string, name: string, { from, to }: VmidRange): Generator<number> {
  const size = to - from + 1
  const hash = BigInt(`0x${hash16(`${project}/${name}`)}`)
  const start = Number(hash % BigInt(size))
  const stride = coprime(1 + Number((hash >> 20n) % BigInt(size)), size)
  for (let step = 0; step < size; step++) yield from + ((start + step * stride) % size)
}

/** The next number from `wanted` on that shares no factor with `size`, so that its multiples reach every id. */
function coprime(wanted: number, size: number): number {
  for (let stride = wanted; ; stride++) if (greatestCommonDivisor(stride, size) === 1) return stride
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}
