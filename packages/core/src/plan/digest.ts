// Computes a digest of what a plan would change. It does not depend on the order of changes or on caches.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { hash16 } from './names.ts'
import type { PlannedMachine } from './plan.ts'
import type { Step } from './step.ts'

export interface Digested {
  readonly machines: readonly PlannedMachine[]
  readonly steps: readonly Step[]
  /** Returns a hash of what the manifest declares for a machine, including its secrets. */
  readonly specOf: (machine: string) => string
  /**
   * Returns the nodes that the manifest allows. The choice among several depends on their load, so it is not part of
   * the digest.
   */
  readonly nodesOf: (machine: string) => readonly string[]
  /** Returns what identifies the VM that is replaced. Its successor is another one, even with the same id. */
  readonly replacedOf: (machine: string) => string
}

export interface Digests {
  /** `sha256:…` over all machines that are not kept, and over removals. */
  readonly digest: string
  /** The part of each machine that is not kept: 16 hex digits. */
  readonly digests: ReadonlyMap<string, string>
}

/** How an image's bytes reach Proxmox is not included, because that depends on what already exists. */
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

/** Returns the build of the image that each machine is created from. */
function basesOf(steps: readonly Step[]): ReadonlyMap<string, string> {
  return new Map(
    steps.flatMap((step) =>
      (step.kind === 'create' || step.kind === 'replace') && step.action === 'run'
        ? [[step.machine, step.base] as const]
        : [],
    ),
  )
}

type Line = Pick<Digested, 'specOf' | 'nodesOf' | 'replacedOf'> & { readonly base: string }

function lineOf(
  { name, vmid, node, action, changes, pending = [] }: PlannedMachine,
  { specOf, nodesOf, replacedOf, base }: Line,
): string {
  const isDeclared = action !== 'blocked' && action !== 'remove'
  const place = action === 'create' && nodesOf(name).length > 1 ? [...nodesOf(name)].sort() : node
  const changed = changes.map((change) => JSON.stringify(change)).sort()
  // A restart applies what waits for it, too.
  const waiting = action === 'restart' ? pending.map((change) => JSON.stringify(change)).sort() : []
  const old = action === 'replace' ? [replacedOf(name)] : []
  return JSON.stringify([
    name,
    vmid ?? null,
    place,
    action,
    isDeclared ? specOf(name) : '',
    base,
    changed,
    ...waiting,
    ...old,
  ])
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
