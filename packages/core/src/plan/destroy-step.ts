// Creates the step that removes a guest of the project.
import type { GuestFacts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { seedOf } from './compare/find-machine.ts'
import { isProtected, mayUnprotect, protectedError } from './preflight/protection.ts'
import type { Step } from './step.ts'

/** Creates the step. */
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

/**
 * Two removals of templates on one storage may wait for its lock longer than Proxmox's timeout, so they share a lane.
 */
function baseLanes({ config }: GuestFacts): readonly string[] {
  const storages = Object.values(config).flatMap(
    (value) => /^([\w.-]+):(?:\d+\/)?base-\d+-/.exec(String(value))?.[1] ?? [],
  )
  return [...new Set(storages)].map((storage) => `base:${storage}`)
}

/** Returns the same step, with a problem if the machine is protected. */
export function guarded(step: Step, guest: GuestFacts, desired: Desired): Step {
  const isSafe = !isProtected(guest) || mayUnprotect(guest.marker.name, desired)
  return isSafe ? step : { ...step, problem: protectedError(guest) }
}

/** Returns the same step without the removal of the cloud-init ISO. */
export function withoutSeed(step: Step): Step {
  if (step.kind !== 'destroy') return step
  const { seed: _, ...rest } = step
  return rest
}
