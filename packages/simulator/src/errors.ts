// An answer that is an error, as Proxmox gives it: a status and a sentence, sometimes one sentence per parameter.

export interface ApiErrorDetails {
  /** Faults by parameter name, in Proxmox's words. */
  readonly errors?: Readonly<Record<string, string>>
  /** The connection layer answers without a body; the sentence is then in the status line only. */
  readonly bodyless?: boolean
  /** A death in the connection layer: the sentence is the body as well, as plain text. */
  readonly plain?: boolean
  /** Perl's `die` ends its sentence with a newline, the HTTP layer's own errors do not. */
  readonly newline?: boolean
}

export class ApiError extends Error {
  readonly status: number
  readonly details: ApiErrorDetails

  constructor(status: number, reason: string, details: ApiErrorDetails = {}) {
    super(reason)
    this.name = 'ApiError'
    this.status = status
    this.details = details
  }
}

/** Anything a handler dies of: Proxmox answers 500 for a missing machine as for a bug. */
export function failure(sentence: string): ApiError {
  return new ApiError(500, sentence)
}

/** What Proxmox VE can do and the simulator cannot: said, rather than made up. */
export function notSimulated(what: string): ApiError {
  return new ApiError(501, `${what} is not simulated`)
}

/** The one 400 that carries all faults of a request at once. */
export function badParameters(errors: Readonly<Record<string, string>>): ApiError {
  return new ApiError(400, 'Parameter verification failed.', { errors })
}

/** `what` is `/path, Privilege` or a sentence; without it the answer says no more than that the check failed. */
export function forbidden(what?: string): ApiError {
  return new ApiError(403, what === undefined ? 'Permission check failed' : `Permission check failed (${what})`)
}

/** Text of whatever was thrown, as a task or a sentence around it tells it: Perl's exceptions carry their status then. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof ApiError) || error.status === 500) return error.message
  const faults = Object.entries(error.details.errors ?? {}).map(([name, fault]) => `${name}: ${fault}`)
  return [`${error.status} ${error.message}`, ...faults].join('\n')
}
