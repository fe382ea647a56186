// The ISO with a machine's own cloud-init documents.
import { ProvisionError } from '../errors.ts'
import type { StepRunner } from './step-context.ts'

export const seed: StepRunner<'seed'> = async ({ machine }) => {
  throw new ProvisionError('CONFLICT', `Custom cloud-init documents of ${machine} cannot be brought to Proxmox in this version.`)
}
