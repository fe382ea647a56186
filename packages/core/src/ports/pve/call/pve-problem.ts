// Functions that tell callers what an error of Proxmox means, so that they never compare its text.
import { ProvisionError } from '../../../errors.ts'
import { checksumIn, type PveProblem } from './answer-texts.ts'

export type { PveProblem }

/** Returns what an error of Proxmox means. Returns undefined for other errors. */
export function problemOfError(error: unknown): PveProblem | undefined {
  return error instanceof ProvisionError ? error.details.problem : undefined
}

/** Returns true if the error has this meaning. */
export function isProblem(error: unknown, problem: PveProblem): boolean {
  return problemOfError(error) === problem
}

/** Returns the checksum that Proxmox found where another was expected, as hexadecimal digits. */
export function foundChecksum(error: unknown): string | undefined {
  return isProblem(error, 'checksum-mismatch') && error instanceof ProvisionError
    ? checksumIn(error.details.exitStatus ?? '')
    : undefined
}

/** Returns true if the effect of a call is unknown, so that the caller must check before it acts again. */
export function isLostReply(error: unknown): boolean {
  return error instanceof ProvisionError && error.details.lostReply === true
}

/**
 * Returns true if a create left a VM that contains only `lock: create`. Its vmid is taken, and no API token can free
 * it.
 */
export function isLeftover(error: unknown): boolean {
  return error instanceof ProvisionError && error.details.leftover === true
}
