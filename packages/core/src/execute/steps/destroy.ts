// Removes a machine or template that carries our marker.
import { mayUnprotect } from '../../plan/preflight/protection.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { Identity } from '../guest/inspect-guest.ts'
import { removeGuest } from '../guest/remove-guest.ts'
import { removeSeed } from '../guest/remove-seed.ts'
import type { StepRunner } from '../step-context.ts'

export const destroy: StepRunner<'destroy'> = async ({ name, vmid, node, template, seed }, context) => {
  const identity: Identity = { project: context.desired.project, name, kind: template ? 'template' : 'machine' }
  const place = { vmid, node }
  try {
    const removed = await removeGuest(place, identity, context, { unprotect: mayUnprotect(name, context.desired) })
    if (seed !== undefined) await removeSeed(seed, node, context)
    return { guest: place, kept: !removed }
  } catch (thrown) {
    if (!template || !isProblem(thrown, 'in-use')) throw thrown
    context.warn(`Template ${vmid} stays: linked clones that are not this project's need it.`)
    return { guest: place, kept: true }
  }
}
