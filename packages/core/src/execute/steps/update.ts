// Changes a VM in place.
import { UNFINISHED } from '../../plan/compare/spec-hash.ts'
import { reconcile } from '../guest/reconcile.ts'
import { machineOf, type StepRunner } from '../step-context.ts'

export const update: StepRunner<'update'> = async ({ machine, vmid, node, touches, disksFrom }, context) => {
  const observed = context.facts.guests.find((guest) => guest.vmid === vmid)
  // A VM that an interrupted run created is configured completely.
  const isUnfinished = observed?.marker.spec === UNFINISHED
  const target = { place: { vmid, node }, disksFrom, ...(!isUnfinished && { touches }), ...(observed && { observed }) }
  const { place, changed, pending } = await reconcile(machineOf(context, machine), target, context)
  return { guest: place, kept: !changed, pending }
}
