// Changes a VM in place.
import { UNFINISHED } from '../../plan/compare/spec-hash.ts'
import { reconcile } from '../guest/reconcile.ts'
import { waitUntilSettled } from '../guest/wait-until-settled.ts'
import { machineOf, type StepRunner } from '../step-context.ts'

export const update: StepRunner<'update'> = async ({ machine, vmid, node, touches, disksFrom }, context) => {
  const observed = context.facts.guests.find((guest) => guest.vmid === vmid)
  // Another run, or the task of a killed one, may still be creating it. Proxmox refuses changes until then.
  if (observed?.lock !== undefined)
    await waitUntilSettled({ vmid, identity: observed.marker, nodes: [node], taken: true }, context)
  // A VM that an interrupted run created is configured completely.
  const isUnfinished = observed?.marker.spec === UNFINISHED
  const target = { place: { vmid, node }, disksFrom, ...(!isUnfinished && { touches }), ...(observed && { observed }) }
  const { place, changed, pending } = await reconcile(machineOf(context, machine), target, context)
  return { guest: place, kept: !changed, pending }
}
