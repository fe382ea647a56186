// Creates the failure of a call: its class for the retry table, and the error that is thrown if there is no retry.
import { ProvisionError } from '../../../errors.ts'
import { describeCall } from '../ids.ts'
import type { Method } from '../pve.ts'
import { type CallKind, type FailureClass, retryRule } from './retry-table.ts'
import type { Unanswered } from './transport.ts'

export interface Failure {
  readonly failure: FailureClass
  readonly error: ProvisionError
}

export interface FailedCall {
  readonly method: Method
  readonly path: string
}

/** Creates the failure of a call that reached no endpoint, or whose answer was lost. */
export function unanswered(lost: Unanswered, call: FailedCall): Failure {
  return lost.sent ? answerLost(lost, call) : notSent(lost, call)
}

function answerLost({ cause, attempts }: Unanswered, { method, path }: FailedCall): Failure {
  const message = `The answer to ${describeCall(method, path)} was lost (${attempts.join('; ')}).`
  const details = { method, path, endpoints: attempts }
  return { failure: 'network', error: new ProvisionError('UNREACHABLE', message, { cause, details }) }
}

function notSent({ cause, attempts }: Unanswered, { method, path }: FailedCall): Failure {
  const error = new ProvisionError('UNREACHABLE', `No Proxmox endpoint answers (${attempts.join('; ')}).`, {
    cause,
    hint: reachHint(attempts),
    details: { method, path, endpoints: attempts },
  })
  // A host name that does not exist will not exist in two seconds either, so this is final.
  const nameUnknown = 'code' in cause && cause.code === 'ENOTFOUND'
  return { failure: nameUnknown ? 'refusal' : 'refused', error }
}

/** Suggests port 8006. A host without a port means 443, where Proxmox does not listen. */
function reachHint(attempts: readonly string[]): string {
  const [, host] =
    attempts.map((attempt) => /^(\[[^\]]+\]|[^:\s]+): /.exec(attempt)).find((found) => found !== null) ?? []
  return host === undefined
    ? 'Check that PVE_ENDPOINT is correct, the node is up, and port 8006 is reachable from your computer.'
    : `PVE_ENDPOINT has no port, so 443 was used. Did you mean https://${host}:8006?`
}

/** Creates the error after the last attempt. It says if the effect is unknown or if something was left behind. */
export function finalError(kind: CallKind, { failure, error }: Failure, attempts: number): ProvisionError {
  const details = { ...error.details, failure, attempts }
  const hint = error.hint === undefined ? {} : { hint: error.hint }
  if (retryRule(kind, failure).lostReply) {
    return new ProvisionError('PVE', `${error.message} It may or may not have been carried out.`, {
      cause: error.cause,
      hint: 'Check before you repeat it: Proxmox may have carried it out.',
      details: { ...details, lostReply: true },
    })
  }
  if (kind === 'create' && failure === 'worker') {
    return new ProvisionError('PVE_BUSY', error.message, {
      cause: error.cause,
      hint: 'Proxmox left a VM behind that contains only `lock: create`; remove it with `qm unlock` and `qm destroy` on the node.',
      details: { ...details, leftover: true },
    })
  }
  return new ProvisionError(error.code, error.message, { cause: error.cause, ...hint, details })
}
