// Interprets an answer of Proxmox: its data, or an error that contains Proxmox's own reason.
import { ProvisionError } from '../../../errors.ts'
import { cleanText } from '../../../foreign-text.ts'
import { createMasker } from '../../../mask.ts'
import { describeCall } from '../ids.ts'
import type { Method } from '../pve.ts'
import { failureClassOf, lockNameOf, missingPermissionOf, type PveProblem, problemOf } from './answer-texts.ts'
import type { Answer } from './https-request.ts'
import { redactUrls } from './parameters.ts'
import type { FailureClass } from './retry-table.ts'

/** The call that was answered, as far as its error needs it. */
export interface Asked {
  readonly method: Method
  /** The path after `/api2/json`, without a query, because parameters may contain secrets. */
  readonly path: string
  readonly identity: string
}

const callOf = ({ method, path }: Asked) => describeCall(method, path)

interface Envelope {
  readonly data?: unknown
  readonly message?: unknown
  readonly errors?: unknown
}

/**
 * Returns the data of a successful answer. Returns undefined for an error or a foreign answer; `refusalOf` says which.
 */
export function dataIn({ status, body }: Answer): { readonly data: unknown } | undefined {
  const envelope = status >= 200 && status < 300 ? parseEnvelope(body) : undefined
  return envelope && { data: envelope.data ?? null }
}

function notTheApi(answer: Answer, asked: Asked): ProvisionError {
  return new ProvisionError('PVE', `The answer to ${callOf(asked)} does not come from a Proxmox API.`, {
    hint: 'Check that PVE_ENDPOINT is a Proxmox VE node with its port (8006).',
    details: { ...asked, status: answer.status, begin: cleanText(answer.body, { most: 200 }) },
  })
}

export interface Refusal {
  readonly text: string
  readonly failure: FailureClass
  readonly error: ProvisionError
}

/**
 * Creates the error for an answer that is not a success. Its text is `message`, else `errors`, else the reason phrase.
 * An error may quote what it was sent, and another server may echo the headers: `secrets` are masked.
 */
export function refusalOf(given: Answer, asked: Asked, secrets: readonly string[]): Refusal {
  const masker = createMasker()
  masker.hide(...secrets)
  const mask = (text: string) => masker.mask(text)
  // Masked before texts are truncated, and again after they were cleaned, which may join the parts of a secret.
  const answer = { ...given, reason: mask(given.reason), body: mask(given.body) }
  const envelope = parseEnvelope(answer.body)
  const errors = Object.fromEntries(Object.entries(errorsOf(envelope)).map((entry) => entry.map(mask)))
  const text = mask(textOf(answer, envelope, errors))
  const { code, message, hint, details } = errorOf({ answer, asked, errors, text })
  const masked = { ...(hint !== undefined && { hint: mask(hint) }), details: masker.maskValues(details) }
  const error = new ProvisionError(code, mask(message), masked)
  return { text, failure: failureClassOf(answer.status, text, asked), error }
}

type ParameterErrors = Readonly<Record<string, string>>

interface Told {
  readonly answer: Answer
  readonly asked: Asked
  readonly errors: ParameterErrors
  readonly text: string
}

function parseEnvelope(body: string): Envelope | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null && 'data' in parsed ? parsed : undefined
  } catch {
    return undefined
  }
}

function errorsOf(envelope: Envelope | undefined): ParameterErrors {
  const errors = envelope?.errors
  if (typeof errors !== 'object' || errors === null) return {}
  return Object.fromEntries(
    Object.entries(errors).map(([key, value]) => [key, redactUrls(cleanText(String(value)).trim())]),
  )
}

function textOf({ reason, status }: Answer, envelope: Envelope | undefined, errors: ParameterErrors): string {
  // `message` exists since pve-http-server 5.2.0 (Proxmox VE 8.4). Older versions, and 401, 595 and 596, have only the
  // reason.
  const message = typeof envelope?.message === 'string' ? cleanText(envelope.message).trim() : ''
  const problems = Object.entries(errors).map(([key, problem]) => `${key}: ${problem.replace(/\s*\n\s*/g, ' ')}`)
  return redactUrls([message || cleanText(reason).trim() || `status ${status}`, ...problems].join(' '))
}

function errorOf({ answer, asked, errors, text }: Told): ProvisionError {
  const { status } = answer
  const problem: PveProblem = status === 501 ? 'not-implemented' : problemIn(text, errors)
  const details = { ...asked, status, text, problem, ...(Object.keys(errors).length > 0 ? { errors } : {}) }
  // Proxmox answers in JSON or with an empty body. A page comes from another server at this address.
  if (status < 400 || (status < 500 && /^\s*</.test(answer.body))) return notTheApi(answer, asked)
  if (status === 401) return authenticationError(asked, text, details)
  // `Permission check failed (pool 'x' does not exist)` is a 403 too.
  if (status === 403) return permissionError(asked, text, details)
  if (status >= 595) return gatewayError(asked, text, details)
  if (problem === 'lock-timeout') return busyError(`Proxmox did not get a lock in time: ${text}`, details)
  if (problem === 'no-worker') return busyError(`Proxmox could not start a worker: ${text}`, details)
  const lock = lockNameOf(text)
  return new ProvisionError('PVE', `Proxmox refused ${callOf(asked)}: ${text}`, {
    details: lock === undefined ? details : { ...details, lock },
    ...hintFor(problem),
  })
}

function problemIn(text: string, errors: ParameterErrors): PveProblem {
  const problem = problemOf(text)
  if (Object.keys(errors).length === 0) return problem
  return (
    Object.values(errors)
      .map(problemOf)
      .find((one) => one !== 'other') ?? 'parameters'
  )
}

type Details = Readonly<Record<string, unknown>>

function authenticationError({ identity }: Asked, text: string, details: Details): ProvisionError {
  return new ProvisionError('AUTHENTICATION', `Proxmox does not accept ${identity}: ${text}`, {
    hint: `Check that ${identity} exists, is enabled and has not expired, and that its secret is correct. Proxmox answers after 3 s and does not report which of these is wrong.`,
    details,
  })
}

function permissionError(asked: Asked, text: string, details: Details): ProvisionError {
  const { identity } = asked
  const missing = missingPermissionOf(text)
  const hint = missing
    ? `Give ${identity} a role with ${missing.privileges.join(' or ')} on ${missing.path}; a token with privilege separation needs it as well as its user.`
    : `Give ${identity} the privileges of this call; \`pve-provision doctor\` lists them.`
  return new ProvisionError('PERMISSION', `Proxmox does not allow ${identity} to call ${callOf(asked)}: ${text}`, {
    hint,
    details: missing ? { ...details, missing } : details,
  })
}

function gatewayError(asked: Asked, text: string, details: Details): ProvisionError {
  const [, node] = /^\/nodes\/([^/]+)/.exec(asked.path) ?? []
  const where = node ? `node ${node}` : 'its own daemon'
  return details.status === 595
    ? new ProvisionError('UNREACHABLE', `Proxmox cannot reach ${where} for ${callOf(asked)}: ${text}`, {
        hint: 'Check that the node is up and its pveproxy is running.',
        details: node ? { ...details, node } : details,
      })
    : new ProvisionError('UNREACHABLE', `Proxmox got no complete answer from ${where} to ${callOf(asked)}: ${text}`, {
        // 596 Broken pipe: the daemon crashes on an error text with a character above U+00FF.
        hint: 'The daemon may be restarting, the call may have taken over 30 s, or its error text could not be sent; see the journal of pvedaemon.',
        details: node ? { ...details, node } : details,
      })
}

function busyError(message: string, details: Details): ProvisionError {
  return new ProvisionError('PVE_BUSY', message, {
    hint: 'Another task holds the lock, or all workers are busy. Reduce the number of parallel tasks (limits.perStorage).',
    details,
  })
}

function hintFor(problem: PveProblem): { readonly hint?: string } {
  const hint = hints[problem]
  return hint === undefined ? {} : { hint }
}

const hints: Partial<Readonly<Record<PveProblem, string>>> = {
  'no-quorum': 'The cluster has no quorum, so it is read-only. Bring its other nodes back online.',
  'not-implemented': 'This Proxmox VE does not support the call. Is it older than 8.4?',
  'root-only': 'Only root@pam with a password may do this; tokens cannot.',
  'vm-locked': 'Another task is running on this VM. Wait for it, or after a crash use `qm unlock` on the node.',
  'digest-mismatch': 'The VM was changed by someone else during the run. Run again.',
}
