// One digest for what a plan would change: the same for the same changes, whatever their order and whatever is cached.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { PlannedMachine } from './plan.ts'
import type { Step } from './step.ts'

export interface Digested {
  readonly machines: readonly PlannedMachine[]
  readonly steps: readonly Step[]
  /** What the manifest declares of a machine, with its secrets, as a hash. */
  readonly specOf: (machine: string) => string
}

/**
 * `sha256:…` over machines that are not kept and over what is removed. How an image's bytes reach Proxmox is no part of
 * it: that depends on what is there already.
 */
export function digestOf({ machines, steps, specOf }: Digested): string {
  const bases = new Map(
    steps.flatMap((step) =>
      (step.kind === 'create' || step.kind === 'replace') && step.action === 'run'
        ? [[step.machine, step.base] as const]
        : [],
    ),
  )
  const changed = machines
    .filter(({ action }) => action !== 'keep')
    .map(({ name, vmid, node, action, changes }) => [
      name,
      vmid ?? null,
      node,
      action,
      action === 'blocked' || action === 'remove' ? '' : specOf(name),
      // The build of the image that it is made from.
      bases.get(name) ?? '',
      changes.map((change) => JSON.stringify(change)).sort(),
    ])
  const removed = steps.flatMap((step) => {
    if (step.action === 'keep') return []
    if (step.kind === 'destroy') return [['destroy', step.name, step.vmid, step.node]]
    return step.kind === 'remove-volume' ? [['remove-volume', step.at.node, step.volid]] : []
  })
  const lines = [...changed, ...removed].map((entry) => JSON.stringify(entry)).sort()
  return `sha256:${bytesToHex(sha256(utf8ToBytes(lines.join('\n'))))}`
}
