// Computes the vmids that a VM may take. The order is the same in every run, so the create call itself reserves the id.
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** An inclusive range of vmids. */
export interface VmidRange {
  readonly from: number
  readonly to: number
}

/**
 * Yields each vmid of the range once, in an order that depends only on project and name. Runs that create the same VM
 * try the same ids in the same order: one run creates it, the others find it.
 */
export function* candidateVmids(project: string, name: string, range: VmidRange): Generator<number, void> {
  const { start, stride, size } = walkOf(project, name, range)
  for (let index = 0, offset = start; index < size; index += 1, offset = (offset + stride) % size) {
    yield range.from + offset
  }
}

/**
 * Returns how early a vmid comes in that order, or `Infinity` outside the range. If two VMs took the same name, every
 * run keeps the one with the lower rank.
 */
export function candidateRank(vmid: number, { project, name, range }: RankQuestion): number {
  if (vmid < range.from || vmid > range.to) return Number.POSITIVE_INFINITY
  const { start, stride, size } = walkOf(project, name, range)
  const distance = (vmid - range.from - start + size) % size
  return Number((BigInt(distance) * inverse(BigInt(stride), BigInt(size))) % BigInt(size))
}

export interface RankQuestion {
  readonly project: string
  readonly name: string
  readonly range: VmidRange
}

interface Walk {
  readonly start: number
  readonly stride: number
  readonly size: number
}

/** The stride has no common divisor with the size, so the walk visits every id before it returns to the first. */
function walkOf(project: string, name: string, { from, to }: VmidRange): Walk {
  const size = to - from + 1
  const view = new DataView(sha256(utf8ToBytes(`${project}/${name}`)).buffer)
  let stride = size === 1 ? 1 : 1 + (view.getUint32(4) % (size - 1))
  while (greatestCommonDivisor(stride, size) !== 1) stride += 1
  return { start: view.getUint32(0) % size, stride, size }
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [previous, current] = [modulus, value % modulus]
  let [before, factor] = [0n, 1n]
  while (current !== 0n) {
    const quotient = previous / current
    ;[previous, current] = [current, previous - quotient * current]
    ;[before, factor] = [factor, before - quotient * factor]
  }
  return ((before % modulus) + modulus) % modulus
}
