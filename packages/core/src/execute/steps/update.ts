// Changes a machine in place.
import { reconcile } from '../guest/reconcile.ts'
import { machineOf, type StepRunner } from '../step-context.ts'

export const update: StepRunner<'update'> = async ({ machine, vmid, node }, context) => {
  const observed = context.facts.guests.find((guest) => guest.vmid === vmid)
  const { place, changed } = await reconcile(
    machineOf(context, machine),
    { place: { vmid, node }, ...(observed && { observed }) },
    context,
  )
  return { guest: place, kept: !changed }
}
