// Waits until a machine's guest agent answers; a deadline that passes is a warning, not a failure.
import { guestOf, machineOf, type StepRunner } from './step-context.ts'

export const wait: StepRunner<'wait'> = async ({ machine, createFrom }, context) => {
  const guest = guestOf(context, createFrom)
  const { wait: wanted, name } = machineOf(context, machine)
  if (wanted.for === 'none') return { guest, kept: true }
  return { guest, warnings: [`${name}: waiting for the ${wanted.for} is not done in this version.`] }
}
