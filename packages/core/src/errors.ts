// The only error class: a sentence, a code to branch on, a cause, and a hint that says what to do.
import { cleanText } from './foreign-text.ts'
import type { PveProblem } from './ports/pve/call/answer-texts.ts'

/** Why something failed. Branch on this code, never on the text. */
export type ErrorCode =
  | 'USAGE' // a flag, an input or an environment variable is wrong or missing; nothing was contacted
  | 'MANIFEST' // the manifest or lock file is wrong; nothing was contacted
  | 'CHECKSUM' // bytes do not match the expected digest, or no digest can be found
  | 'SIGNATURE' // a required signature is missing or wrong
  | 'HTTP' // a vendor's server did not deliver what was requested
  | 'IMAGE' // the bytes are genuine but not an image that is safe to use
  | 'CONVERT' // qemu-img is missing or failed
  | 'DISK' // this computer's disk: full, read-only, or a folder of another user
  | 'TLS' // the Proxmox certificate is not trusted
  | 'UNREACHABLE' // no Proxmox endpoint answers
  | 'AUTHENTICATION' // Proxmox does not accept the token or password
  | 'PERMISSION' // Proxmox accepts the token but refuses the call
  | 'PVE_BUSY' // a Proxmox lock was not acquired in time, or no worker was free
  | 'PVE' // Proxmox answered with any other error
  | 'TASK' // a Proxmox task ended with an error
  | 'BUILD' // an image could not be built: the last lines of the log of its machine are in the details
  | 'CONFLICT' // something that the project does not own, or that cannot be changed in place, blocks the change
  | 'CANCELLED' // the caller's signal aborted
  | 'UNEXPECTED' // a bug in this program

/** Data of an error for programs. It is plain and never contains a secret. `DetailKeys` lists the keys of each code. */
export interface ErrorDetails {
  /** Problems of a manifest or a plan, in display order. */
  readonly problems?: readonly unknown[] | undefined
  readonly machine?: string | undefined
  /** The key of the manifest that caused the error. */
  readonly key?: string | undefined
  readonly vmid?: number | undefined
  readonly node?: string | undefined
  /** What Proxmox's error means: see `PveProblem`. */
  readonly problem?: PveProblem | undefined
  /** The call: method, path below `/api2/json`, and the identity that made it. */
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly identity?: string | undefined
  readonly status?: number | undefined
  /** Proxmox's own text. */
  readonly text?: string | undefined
  /** The beginning of an answer that did not come from Proxmox. */
  readonly begin?: string | undefined
  /** Proxmox's text for each parameter that it refused. */
  readonly errors?: Readonly<Record<string, string>> | undefined
  /** The lock of the guest. */
  readonly lock?: string | undefined
  /** The missing privilege. */
  readonly missing?: unknown
  readonly failure?: string | undefined
  readonly attempts?: number | undefined
  /** One entry for each endpoint or address that was tried. */
  readonly endpoints?: readonly string[] | undefined
  readonly others?: readonly string[] | undefined
  /** True if Proxmox may have received the call. */
  readonly sent?: boolean | undefined
  /** True if the effect may have happened: check before you repeat the call. */
  readonly lostReply?: boolean | undefined
  /** True if Proxmox left a guest behind that contains only `lock: create`. */
  readonly leftover?: boolean | undefined
  /** True if the guest is gone or no longer belongs to the project. */
  readonly gone?: boolean | undefined
  /** True if Proxmox left a partly converted template. */
  readonly halfTemplate?: boolean | undefined
  /** A task: its id, type, subject, exit status, and the last lines of its log. */
  readonly upid?: string | undefined
  readonly type?: string | undefined
  readonly id?: string | undefined
  readonly exitStatus?: string | undefined
  readonly log?: readonly string[] | undefined
  /** True if the same request may succeed later. */
  readonly transient?: boolean | undefined
  readonly retryAfterMs?: number | undefined
  readonly url?: string | undefined
  readonly proxy?: string | undefined
  readonly fingerprint?: string | undefined
  readonly expected?: unknown
  readonly subject?: unknown
  readonly issuer?: unknown
  readonly names?: readonly string[] | undefined
  readonly validTo?: unknown
  readonly reason?: unknown
  readonly reasons?: unknown
  readonly keyIds?: string | undefined
  readonly fileName?: string | undefined
  readonly digests?: readonly string[] | undefined
  readonly locked?: string | undefined
  readonly found?: string | undefined
  readonly promised?: string | undefined
  readonly bytes?: number | undefined
  readonly limitBytes?: number | undefined
  readonly freeBytes?: number | undefined
  readonly missingBytes?: number | undefined
  readonly program?: string | undefined
  readonly isMissing?: boolean | undefined
  readonly exitCode?: number | undefined
  readonly lastWords?: readonly string[] | undefined
  readonly systemCode?: string | undefined
  readonly owner?: number | undefined
  readonly kind?: string | undefined
  readonly value?: string | undefined
}

/** A call to Proxmox, and how it failed. */
type CallKeys = 'method' | 'path' | 'identity' | 'status' | 'text' | 'begin' | 'problem' | 'errors' | 'lock' | 'missing'
type RetryKeys = 'failure' | 'attempts' | 'endpoints' | 'sent' | 'lostReply' | 'leftover'
type TaskKeys = 'upid' | 'node' | 'type' | 'id' | 'exitStatus' | 'log' | 'problem' | 'failure'
type ProgramKeys = 'program' | 'isMissing' | 'exitCode' | 'lastWords'

/** The detail keys of each code. A key that is not listed here does not compile. */
interface DetailKeys {
  USAGE: 'problems' | 'kind' | 'value'
  MANIFEST: 'problems' | 'kind' | 'value' | 'locked' | 'url'
  CHECKSUM: 'url' | 'found' | 'promised' | 'expected' | 'bytes' | 'fileName' | 'digests' | 'names' | 'locked' | 'others'
  SIGNATURE: 'url' | 'keyIds' | 'reasons'
  HTTP: 'url' | 'status' | 'transient' | 'retryAfterMs' | 'others'
  IMAGE: 'url' | 'path' | 'limitBytes' | 'lastWords' | 'found' | 'names'
  CONVERT: ProgramKeys | 'path' | 'found' | 'expected'
  DISK: 'path' | 'systemCode' | 'owner' | 'freeBytes' | 'missingBytes'
  TLS: 'fingerprint' | 'expected' | 'reason' | 'subject' | 'issuer' | 'validTo'
  UNREACHABLE: CallKeys | RetryKeys | TaskKeys | 'proxy' | 'machine' | 'key'
  AUTHENTICATION: CallKeys | RetryKeys
  PERMISSION: CallKeys | RetryKeys | 'problems'
  PVE_BUSY: CallKeys | RetryKeys | TaskKeys
  PVE: CallKeys | RetryKeys | TaskKeys
  TASK: TaskKeys
  BUILD: 'vmid' | 'node' | 'exitCode' | 'log'
  CONFLICT: 'problems' | 'machine' | 'key' | 'vmid' | 'node' | 'gone' | 'halfTemplate'
  CANCELLED: CallKeys | RetryKeys | TaskKeys | 'vmid'
  UNEXPECTED: never
}

type DetailsOf<Code extends ErrorCode> = ErrorCode extends Code ? ErrorDetails : Pick<ErrorDetails, DetailKeys[Code]>

export interface ProvisionErrorOptions<Code extends ErrorCode = ErrorCode> {
  readonly cause?: unknown
  /** What the reader can do, as one sentence. */
  readonly hint?: string | undefined
  readonly details?: DetailsOf<Code> | undefined
}

/** A global symbol: if a program loads two copies of this package, each recognizes the other's errors. */
const BRAND = Symbol.for('@pve-provision/core/ProvisionError')

/**
 * All errors that this project throws on purpose. Any other error is a bug in it. `instanceof` and `isProvisionError`
 * also recognize errors of another copy of this package.
 */
export class ProvisionError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  readonly hint: string | undefined
  readonly details: DetailsOf<Code>

  constructor(code: Code, message: string, { cause, hint, details }: ProvisionErrorOptions<Code> = {}) {
    super(cleanText(message, { lines: true }), cause === undefined ? {} : { cause })
    this.code = code
    this.hint = hint === undefined ? undefined : cleanText(hint, { lines: true })
    this.details = details ?? ({} as DetailsOf<Code>)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isProvisionError(value)
  }
}

Object.defineProperties(ProvisionError.prototype, {
  name: { value: 'ProvisionError', configurable: true, writable: true },
  [BRAND]: { value: true },
})

/** Returns true if any copy of this project threw the error on purpose. */
export function isProvisionError(thrown: unknown): thrown is ProvisionError {
  return thrown instanceof Error && BRAND in thrown
}

/**
 * Converts any thrown value to a `ProvisionError`. Foreign errors become `UNEXPECTED`, with the original as the cause.
 */
export function toProvisionError(thrown: unknown): ProvisionError {
  if (thrown instanceof ProvisionError) return thrown
  if (isAbort(thrown)) return new ProvisionError('CANCELLED', 'The run was interrupted.', { cause: thrown })
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new ProvisionError('UNEXPECTED', message, { cause: thrown, hint: 'This is a bug in pve-provision.' })
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || ('code' in thrown && thrown.code === 'ABORT_ERR'))
}
