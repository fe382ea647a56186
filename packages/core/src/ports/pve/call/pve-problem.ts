// How callers branch on an error of Proxmox: by what it means, never by its text.
import { ProvisionError } from '../../../errors.ts'
import type { PveProblem } from './answer-texts.ts'

export type { PveProblem }

/** What Proxmox meant, for errors that came from it. */
export function problemOfError(error: unknown): PveProblem | undefined {
  return error instanceof ProvisionError ? error.details.problem : undefined
}

/** Whether an error of Proxmox means this. */
export function isProblem(error: unknown, problem: PveProblem): boolean {
  return problemOfError(error) === problem
}

/** Whether the effect of a call is in doubt, so that the caller looks before it acts again. */
export function isLostReply(error: unknown): boolean {
  return error instanceof ProvisionError && error.details.lostReply === true
}

/** Whether a create left a machine behind that holds only `lock: create`: its vmid is taken, and no token can free it. */
export function isLeftover(error: unknown): boolean {
  return error instanceof ProvisionError && error.details.leftover === true
}
