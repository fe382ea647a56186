// One digest for what a plan would change: the same for the same changes, whatever their order and whatever is cached.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { hash16 } from './names.ts'
import type { PlannedMachine } from './plan.ts'
import type { Step } from './step.ts'

export interface Digested {
  readonly machines: readonly PlannedMachine[]
  readonly steps: readonly Step[]
  /** What the manifest declares of a machine, with its secrets, as a hash. */
  readonly specOf: (machine: string) => string
  /** Nodes that the manifest allows it: which of several a new one comes to depends on how full they are. */
  readonly nodesOf: (machine: string) => readonly string[]
}

export interface Digests {
  /** `sha256:…` over machines that are not kept, and over what is removed. */
  readonly digest: string
  /** The share of each machine that is not kept: 16 hex digits. */
  readonly digests: ReadonlyMap<string, string>
}

/** How an image's bytes reach Proxmox is no part of it: that depends on what is there already. */
export function digestsOf(digested: Digested): Digests {
  const { machines, steps } = digested
  const bases = basesOf(steps)
  const changed = machines
    .filter(({ action }) => action !== 'keep')
    .map((machine) => [machine.name, lineOf(machine, { ...digested, base: bases.get(machine.name) ?? '' })] as const)
  const lines = [...changed.map(([, line]) => line), ...removals(steps)].sort()
  return {
    digest: `sha256:${bytesToHex(sha256(utf8ToBytes(lines.join('\n'))))}`,
    digests: new Map(changed.map(([name, line]) => [name, hash16(line)])),
  }
}

/** The build of the image that a machine is made from. */
function basesOf(steps: readonly Step[]): ReadonlyMap<string, string> {
  return new Map(
    steps.flatMap((step) =>
      (step.kind === 'create' || step.kind === 'replace') && step.action === 'run'
        ? [[step.machine, step.base] as const]
        : [],
    ),
  )
}

type Line = Pick<Digested, 'specOf' | 'nodesOf'> & { readonly base: string }

function lineOf({ name, vmid, node, action, changes }: PlannedMachine, { specOf, nodesOf, base }: Line): string {
  const isDeclared = action !== 'blocked' && action !== 'remove'
  const place = action === 'create' && nodesOf(name).length > 1 ? [...nodesOf(name)].sort() : node
  const changed = changes.map((change) => JSON.stringify(change)).sort()
  return JSON.stringify([name, vmid ?? null, place, action, isDeclared ? specOf(name) : '', base, changed])
}

function removals(steps: readonly Step[]): readonly string[] {
  return steps
    .flatMap((step): readonly (readonly (string | number)[])[] => {
      if (step.action === 'keep') return []
      if (step.kind === 'destroy') return [['destroy', step.name, step.vmid, step.node]]
      return step.kind === 'remove-volume' ? [['remove-volume', step.at.node, step.volid]] : []
    })
    .map((entry) => JSON.stringify(entry))
}
