// The one error class: a sentence, a code to branch on, a cause, and a hint that says what to do.

/** Why something did not work. Callers branch on this, never on the text. */
export type ErrorCode =
  | 'USAGE' // a flag, an input or a variable of the environment is wrong or missing; nothing was contacted
  | 'MANIFEST' // the manifest or lock file is wrong; nothing was contacted
  | 'CHECKSUM' // bytes are not those whose digest was promised, or no digest can be found
  | 'SIGNATURE' // a signature that was asked for is missing or wrong
  | 'HTTP' // a vendor's server did not give what it should
  | 'IMAGE' // the bytes are genuine but no image that can be used safely
  | 'CONVERT' // qemu-img is missing or failed
  | 'DISK' // this machine's disk: full, read-only, not ours
  | 'TLS' // the Proxmox certificate is not trusted
  | 'UNREACHABLE' // no Proxmox endpoint answers
  | 'AUTHENTICATION' // Proxmox does not know the token or password
  | 'PERMISSION' // Proxmox knows us and refuses
  | 'PVE_BUSY' // a Proxmox lock was not had in time, or no worker was free
  | 'PVE' // Proxmox answered with any other error
  | 'TASK' // a Proxmox task ended with an error
  | 'CONFLICT' // something that is not ours, or cannot be changed in place, is in the way
  | 'CANCELLED' // the caller's signal
  | 'UNEXPECTED' // a bug in us

export interface ProvisionErrorOptions {
  readonly cause?: unknown
  /** What the reader can do, one sentence. */
  readonly hint?: string
  /** Plain data for programs. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** Everything this project throws on purpose. Anything else that is thrown is a bug in it. */
export class ProvisionError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, { cause, hint, details = {} }: ProvisionErrorOptions = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'ProvisionError'
    this.code = code
    this.hint = hint
    this.details = details
  }
}

/** Whatever was thrown, as a `ProvisionError`; foreign errors become `UNEXPECTED` with themselves as the cause. */
export function toProvisionError(thrown: unknown): ProvisionError {
  if (thrown instanceof ProvisionError) return thrown
  if (isAbort(thrown)) return new ProvisionError('CANCELLED', 'The run was interrupted.', { cause: thrown })
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new ProvisionError('UNEXPECTED', message, { cause: thrown, hint: 'This is a bug in pve-provision.' })
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || ('code' in thrown && thrown.code === 'ABORT_ERR'))
}
