// The engine under the typed API: encodes a call, sends it, repeats it when the table allows, and types what comes back.
import { ProvisionError } from '../../errors.ts'
import type { Clock, Meter } from '../world.ts'
import { type Asked, dataOf, refusalOf } from './answer.ts'
import type { Answer } from './exchange.ts'
import { cancelled } from './exchange.ts'
import { checkPath, describeCall } from './ids.ts'
import { encodeParameters, redact, secretValues } from './parameters.ts'
import type { Method, RequestOptions } from './pve.ts'
import { type CallKind, callKind, type FailureClass, retryDelayMs, retryReason, retryRule } from './retry-table.ts'
import type { Session } from './session.ts'
import type { Transport, Unanswered } from './transport.ts'

export interface EngineSettings {
  readonly transport: Transport
  readonly session: Session
  readonly clock: Clock
  readonly meter: Meter
  /** 0 to 1, for the jitter. */
  readonly random?: () => number
}

export type Request = (method: Method, path: string, options?: RequestOptions) => Promise<unknown>

interface Failure {
  readonly failure: FailureClass
  readonly error: ProvisionError
}

/** The one way to Proxmox but for uploads. `path` starts after `/api2/json`. */
export function createRequest(settings: EngineSettings): Request {
  const { clock, meter, random = Math.random } = settings
  return async (method, path, options = {}) => {
    checkPath(path)
    const kind = callKind(method, path)
    for (let attempt = 1; ; attempt += 1) {
      const result = await attemptCall(settings, { method, path, options })
      if ('data' in result) return result.data
      const delayMs = retryDelayMs(retryRule(kind, result.failure), attempt, random())
      const reason = retryReason(result.failure)
      if (delayMs === undefined || reason === undefined) throw finalError(kind, result, attempt)
      meter.add('retries', 1)
      options.onRetry?.({ reason, attempt, message: result.error.message })
      await pause(clock, delayMs, { method, path, signal: options.signal })
    }
  }
}

interface Planned {
  readonly method: Method
  readonly path: string
  readonly options: RequestOptions
}

async function attemptCall(settings: EngineSettings, planned: Planned): Promise<{ readonly data: unknown } | Failure> {
  const { session } = settings
  const asked: Asked = { method: planned.method, path: planned.path, identity: session.identity }
  const first = await sendCall(settings, planned)
  // A ticket may have ended; a 401 was not carried out, whatever the method.
  const renewed = first.kind === 'answer' && first.status === 401 && session.renew()
  const answer = renewed ? await sendCall(settings, planned) : first
  if (answer.kind === 'lost') return unanswered(answer, asked)
  if (answer.status >= 200 && answer.status < 300) return { data: dataOf(answer, asked) }
  const secrets = [...session.secrets, ...secretValues(planned.options.parameters)]
  return refusalOf({ ...answer, reason: redact(answer.reason, secrets), body: redact(answer.body, secrets) }, asked)
}

async function sendCall(
  { transport, session }: EngineSettings,
  { method, path, options }: Planned,
): Promise<Answer | Unanswered> {
  const form = encodeParameters(options.parameters)
  const inBody = method === 'POST' || method === 'PUT'
  return transport.send({
    method,
    // A DELETE with a body is answered 501: its parameters go into the query.
    path: `/api2/json${path}${inBody || form === '' ? '' : `?${form}`}`,
    headers: await session.headers(method),
    ...(inBody ? { body: form } : {}),
    timeoutMs: options.timeoutMs ?? (method === 'GET' ? 30_000 : 60_000),
    signal: options.signal,
  })
}

/** A call that found no endpoint, or whose answer was lost, as an error and a class. */
export function unanswered(
  { sent, cause, attempts }: Unanswered,
  { method, path }: Pick<Asked, 'method' | 'path'>,
): Failure {
  if (sent) {
    const message = `The answer to ${describeCall(method, path)} was lost (${attempts.join('; ')}).`
    return {
      failure: 'network',
      error: new ProvisionError('UNREACHABLE', message, { cause, details: { method, path, endpoints: attempts } }),
    }
  }
  const error = new ProvisionError('UNREACHABLE', `No Proxmox endpoint answers (${attempts.join('; ')}).`, {
    cause,
    hint: 'Is PVE_ENDPOINT right, the node up, and port 8006 reachable from here?',
    details: { method, path, endpoints: attempts },
  })
  return { failure: isNameUnknown(cause) ? 'refusal' : 'refused', error }
}

// A name that does not exist will not exist in two seconds either.
function isNameUnknown(cause: Error): boolean {
  return 'code' in cause && cause.code === 'ENOTFOUND'
}

function finalError(kind: CallKind, { failure, error }: Failure, attempt: number): ProvisionError {
  const details = { ...error.details, failure, attempts: attempt }
  const extra = { cause: error.cause, ...(error.hint === undefined ? {} : { hint: error.hint }) }
  if (retryRule(kind, failure).lostReply) {
    return new ProvisionError('PVE', `${error.message} Whether it was carried out is not known.`, {
      ...extra,
      hint: 'Look before doing it again: Proxmox may have carried it out.',
      details: { ...details, lostReply: true },
    })
  }
  if (kind === 'create' && failure === 'worker') {
    return new ProvisionError('PVE_BUSY', error.message, {
      ...extra,
      hint: 'Proxmox leaves a machine behind that holds only `lock: create`; remove it with `qm unlock` and `qm destroy` on the node.',
      details: { ...details, leftover: true },
    })
  }
  return new ProvisionError(error.code, error.message, { ...extra, details })
}

interface Pause {
  readonly method: Method
  readonly path: string
  readonly signal: AbortSignal | undefined
}

/** Sleeps; an abort ends it as `CANCELLED`. */
export async function pause(clock: Clock, delayMs: number, { method, path, signal }: Pause): Promise<void> {
  try {
    await clock.sleep(delayMs, signal)
  } catch (cause) {
    throw cancelled({ method, path }, { sent: false, cause })
  }
}
