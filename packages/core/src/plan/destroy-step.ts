// How a guest of ours is removed.
import type { GuestFacts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { seedOf } from './compare/find-machine.ts'
import { isProtected, mayUnprotect, protectedError } from './preflight/protection.ts'
import type { Step } from './step.ts'

/** The step that removes a guest of ours. */
export function destroyStep(guest: GuestFacts, why: string, needs: readonly string[] = []): Step {
  const { name, kind } = guest.marker
  const seed = seedOf(guest.config, name)
  return {
    id: `destroy:${kind === 'template' ? `${guest.name}@${guest.node}` : name}`,
    kind: 'destroy',
    name,
    vmid: guest.vmid,
    node: guest.node,
    template: kind === 'template',
    ...(seed !== undefined && { seed }),
    action: 'run',
    why,
    needs,
    lanes: [...(kind === 'template' ? baseLanes(guest) : []), `node:${guest.node}`],
  }
}

/** Two templates that are removed from one storage at once may wait for its lock longer than Proxmox does. */
function baseLanes({ config }: GuestFacts): readonly string[] {
  const storages = Object.values(config).flatMap(
    (value) => /^([\w.-]+):(?:\d+\/)?base-\d+-/.exec(String(value))?.[1] ?? [],
  )
  return [...new Set(storages)].map((storage) => `base:${storage}`)
}

/** The same step; one that is sure to fail where the machine is protected. */
export function guarded(step: Step, guest: GuestFacts, desired: Desired): Step {
  const isSafe = !isProtected(guest) || mayUnprotect(guest.marker.name, desired)
  return isSafe ? step : { ...step, problem: protectedError(guest) }
}

/** The same step, leaving the CD of cloud-init documents where it is. */
export function withoutSeed(step: Step): Step {
  if (step.kind !== 'destroy') return step
  const { seed: _, ...rest } = step
  return rest
}
