// Errors as Proxmox returns them: a status and a sentence, and sometimes one sentence for each parameter.

export interface ApiErrorDetails {
  /** Errors by parameter name, with Proxmox's texts. */
  readonly errors?: Readonly<Record<string, string>>
  /** The connection layer answers without a body. The sentence is then only in the status line. */
  readonly bodyless?: boolean
  /** The connection layer crashed. The sentence is then also the body, as plain text. */
  readonly plain?: boolean
  /** Perl's `die` adds a newline to its sentence; errors of the HTTP layer have none. */
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

/** Any error in a handler. Proxmox answers 500 for a missing machine as well as for a bug. */
export function failure(sentence: string): ApiError {
  return new ApiError(500, sentence)
}

/** A feature of Proxmox VE that the simulator lacks. It returns this error instead of an invented answer. */
export function notSimulated(what: string): ApiError {
  return new ApiError(501, `${what} is not simulated`)
}

/** The 400 error that contains all errors of a request at once. */
export function badParameters(errors: Readonly<Record<string, string>>): ApiError {
  return new ApiError(400, 'Parameter verification failed.', { errors })
}

/** `what` is `/path, Privilege` or a sentence. Without it, the error only says that the check failed. */
export function forbidden(what?: string): ApiError {
  return new ApiError(403, what === undefined ? 'Permission check failed' : `Permission check failed (${what})`)
}

/**
 * Returns the text of any thrown value for use in a task or another sentence. Perl's exceptions then include their
 * status.
 */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof ApiError) || error.status === 500) return error.message
  const faults = Object.entries(error.details.errors ?? {}).map(([name, fault]) => `${name}: ${fault}`)
  return [`${error.status} ${error.message}`, ...faults].join('\n')
}
