// Vendor → storage through this machine's memory, no disk touched. Planned only where nothing must be changed.
import { ProvisionError } from '../errors.ts'
import type { StepRunner } from './step-context.ts'

export const stream: StepRunner<'stream'> = async ({ image }) => {
  throw new ProvisionError('UNEXPECTED', `${image} was planned to be streamed, which this version never plans.`)
}
