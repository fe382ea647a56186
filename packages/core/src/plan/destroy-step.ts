// Creates the step that removes a guest of the project.
import type { GuestFacts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { buildCdOf } from './build/build-cd.ts'
import { seedOf } from './compare/find-machine.ts'
import { isLinkedTo } from './linked-templates.ts'
import { isProtected, mayUnprotect, protectedError } from './preflight/protection.ts'
import type { Step } from './step.ts'

/** Creates the step. */
export function destroyStep(guest: GuestFacts, why: string, needs: readonly string[] = []): Step {
  const { name, kind } = guest.marker
  const seed = kind === 'template' ? buildCdOf(guest.config) : seedOf(guest.config, name)
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

/** Returns the steps that remove templates. A linked clone is removed before its template. */
export function templateSteps(
  templates: readonly GuestFacts[],
  whyOf: (template: GuestFacts) => string,
  needs: readonly string[] = [],
): readonly Step[] {
  const left = new Set(templates)
  const steps = new Map<GuestFacts, Step>()
  while (left.size > 0) {
    const free = [...left].filter((template) => ![...left].some((other) => isLinkedTo(other, template)))
    // A loop cannot occur, but must not hang the plan.
    for (const template of free.length > 0 ? free : left) {
      const linked = [...steps].flatMap(([other, { id }]) => (isLinkedTo(other, template) ? [id] : []))
      steps.set(template, destroyStep(template, whyOf(template), [...needs, ...linked]))
      left.delete(template)
    }
  }
  return [...steps.values()]
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
