// Makes calls to Proxmox: encodes the parameters, sends the call, and interprets the answer.

import { checkPath } from '../ids.ts'
import type { Method, RequestOptions } from '../pve.ts'
import { type Asked, dataIn, refusalOf } from './answer.ts'
import { type Failure, unanswered } from './call-failure.ts'
import type { Answer } from './https-request.ts'
import { encodeParameters, secretValues } from './parameters.ts'
import { type RetrySettings, retryCall } from './retry-call.ts'
import type { Session } from './session.ts'
import type { Transport, Unanswered } from './transport.ts'

export interface EngineSettings extends RetrySettings {
  readonly transport: Transport
  readonly session: Session
}

export type Request = (method: Method, path: string, options?: RequestOptions) => Promise<unknown>

/** Creates the function that makes all calls except uploads. `path` starts after `/api2/json`. */
export function createRequest(settings: EngineSettings): Request {
  return async (method, path, options = {}) => {
    checkPath(path)
    const { signal, onRetry } = options
    const call = { method, path, signal, onRetry }
    const { data } = await retryCall(settings, call, (attempt) =>
      attemptCall(settings, { method, path, options, attempt }),
    )
    return data
  }
}

interface Planned {
  readonly method: Method
  readonly path: string
  readonly options: RequestOptions
  readonly attempt: number
}

async function attemptCall(settings: EngineSettings, planned: Planned): Promise<{ readonly data: unknown } | Failure> {
  const { session } = settings
  const asked: Asked = { method: planned.method, path: planned.path, identity: session.identity }
  const first = await sendCall(settings, planned)
  // The ticket may have expired. Proxmox does not carry out a call that it answers with 401, so it is safe to repeat.
  const renewed = first.kind === 'answer' && first.status === 401 && session.renew()
  const answer = renewed ? await sendCall(settings, planned) : first
  if (answer.kind === 'lost') return unanswered(answer, asked)
  const secrets = [...session.secrets, ...secretValues(planned.options.parameters)]
  return dataIn(answer) ?? refusalOf(answer, asked, secrets)
}

async function sendCall(
  { transport, session }: EngineSettings,
  { method, path, options, attempt }: Planned,
): Promise<Answer | Unanswered> {
  const form = encodeParameters(options.parameters)
  const inBody = method === 'POST' || method === 'PUT'
  return transport.send({
    method,
    // Proxmox answers a DELETE with a body with 501, so its parameters go into the query.
    path: `/api2/json${path}${inBody || form === '' ? '' : `?${form}`}`,
    headers: await session.headers(method),
    ...(inBody ? { body: form } : {}),
    timeoutMs: options.timeoutMs ?? (method === 'GET' ? 30_000 : 60_000),
    signal: options.signal,
    attempt,
  })
}
