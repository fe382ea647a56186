// Changes a machine in place.
import { bringInLine } from '../guest/reconcile.ts'
import { machineOf, type StepRunner } from '../step-context.ts'

export const update: StepRunner<'update'> = async ({ machine, vmid, node }, context) => {
  const observed = context.facts.guests.find((guest) => guest.vmid === vmid)
  const { place, changed } = await bringInLine(
    machineOf(context, machine),
    { place: { vmid, node }, ...(observed && { observed }) },
    context,
  )
  return { guest: place, kept: !changed }
}
