// The one error class: a sentence, a code to branch on, a cause, and a hint that says what to do.
import { cleanText } from './foreign-text.ts'
import type { PveProblem } from './ports/pve/call/answer-texts.ts'

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

/** What an error can carry for programs. Plain data, never a secret. `DetailKeys` says which code carries what. */
export interface ErrorDetails {
  /** Problems of a manifest, or of a plan, in the order they are shown. */
  readonly problems?: readonly unknown[] | undefined
  readonly machine?: string | undefined
  /** The key of the manifest that is at fault. */
  readonly key?: string | undefined
  readonly vmid?: number | undefined
  readonly node?: string | undefined
  /** What Proxmox meant: see `PveProblem`. */
  readonly problem?: PveProblem | undefined
  /** The call: method, path below `/api2/json`, and who asked. */
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly identity?: string | undefined
  readonly status?: number | undefined
  /** Proxmox's own words. */
  readonly text?: string | undefined
  /** The beginning of an answer that is none of Proxmox's. */
  readonly begin?: string | undefined
  /** What Proxmox says of each parameter it refuses. */
  readonly errors?: Readonly<Record<string, string>> | undefined
  /** The lock that a guest carries. */
  readonly lock?: string | undefined
  /** The privilege that Proxmox missed. */
  readonly missing?: unknown
  readonly failure?: string | undefined
  readonly attempts?: number | undefined
  /** One entry for each endpoint or address that was tried. */
  readonly endpoints?: readonly string[] | undefined
  readonly others?: readonly string[] | undefined
  /** Proxmox may have seen the call. */
  readonly sent?: boolean | undefined
  /** The effect may have happened: look before you do it again. */
  readonly lostReply?: boolean | undefined
  /** Proxmox left a guest behind that holds only `lock: create`. */
  readonly leftover?: boolean | undefined
  /** The guest is no longer ours, or no longer there. */
  readonly gone?: boolean | undefined
  /** Proxmox left a template half converted. */
  readonly halfTemplate?: boolean | undefined
  /** A task: its id, type, subject, end, and the last lines of its log. */
  readonly upid?: string | undefined
  readonly type?: string | undefined
  readonly id?: string | undefined
  readonly exitStatus?: string | undefined
  readonly log?: readonly string[] | undefined
  /** The same request may succeed later. */
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

/** The details of each code: a key that is not listed here does not compile. */
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
  CONFLICT: 'problems' | 'machine' | 'key' | 'vmid' | 'node' | 'gone' | 'halfTemplate'
  CANCELLED: CallKeys | RetryKeys | TaskKeys
  UNEXPECTED: never
}

type DetailsOf<Code extends ErrorCode> = ErrorCode extends Code ? ErrorDetails : Pick<ErrorDetails, DetailKeys[Code]>

export interface ProvisionErrorOptions<Code extends ErrorCode = ErrorCode> {
  readonly cause?: unknown
  /** What the reader can do, one sentence. */
  readonly hint?: string | undefined
  readonly details?: DetailsOf<Code> | undefined
}

/** Known to every copy of this package: two of them in one program know each other's errors. */
const BRAND = Symbol.for('@pve-provision/core/ProvisionError')

/**
 * Everything this project throws on purpose. Anything else that is thrown is a bug in it.
 * `instanceof` and `isProvisionError` also know the errors of another copy of this package.
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

/** Whether this was thrown on purpose by this project, whichever copy of it. */
export function isProvisionError(thrown: unknown): thrown is ProvisionError {
  return thrown instanceof Error && BRAND in thrown
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
