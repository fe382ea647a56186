// Removes a VM or template that carries this project's marker.
import { mayUnprotect } from '../../plan/preflight/protection.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { Identity } from '../guest/inspect-guest.ts'
import { leftError } from '../remove/left-volumes.ts'
import { removeGuest } from '../remove/remove-guest.ts'
import { removeSeed } from '../remove/remove-seed.ts'
import type { StepRunner } from '../step-context.ts'

export const destroy: StepRunner<'destroy'> = async ({ name, vmid, node, template, seed }, context) => {
  const identity: Identity = { project: context.desired.project, name, kind: template ? 'template' : 'machine' }
  const place = { vmid, node }
  try {
    const left: string[] = []
    const removed = await removeGuest(place, identity, context, {
      unprotect: mayUnprotect(name, context.desired),
      onLeft: (volids) => void left.push(...volids),
    })
    if (seed !== undefined) await removeSeed(seed, node, context)
    if (left.length > 0) throw leftError(place, left)
    return { guest: place, kept: !removed }
  } catch (thrown) {
    if (!template || !isProblem(thrown, 'in-use')) throw thrown
    context.warn(`Template ${vmid} stays: linked clones outside this project need it.`)
    return { guest: place, kept: true }
  }
}
