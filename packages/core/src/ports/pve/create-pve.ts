// Creates the Proxmox port from its parts.
import type { ProxySettings } from '../network/proxy.ts'
import type { Clock, Meter } from '../world.ts'
import { refusalOf } from './call/answer.ts'
import { unanswered } from './call/call-failure.ts'
import { createRequest } from './call/engine.ts'
import { encodeParameters } from './call/parameters.ts'
import { type Credentials, createSession, type PostTicket } from './call/session.ts'
import { createTransport, type Transport } from './call/transport.ts'
import type { Pve } from './pve.ts'
import { createWaitForTask } from './tasks/task.ts'
import type { TrustSettings } from './trust.ts'

export interface PveSettings {
  /** `https://host:8006`. If one is unreachable, the next takes over. */
  readonly endpoints: readonly URL[]
  readonly credentials: Credentials
  readonly trust?: TrustSettings | undefined
  readonly proxy?: ProxySettings | undefined
  readonly clock: Clock
  readonly meter: Meter
  readonly userAgent?: string | undefined
}

/**
 * Creates the port. The first call opens a connection.
 * @throws ProvisionError `UNREACHABLE`, `TLS` or `AUTHENTICATION` for settings that cannot work
 */
export function createPve(settings: PveSettings): Pve {
  const { endpoints, credentials, trust, proxy, clock, meter, userAgent = 'pve-provision' } = settings
  const transport = createTransport({ endpoints, trust, proxy, meter, userAgent })
  const session = createSession(credentials, { clock, post: postTicket(transport, credentials) })
  const request = createRequest({ transport, session, clock, meter })
  const waitForTask = createWaitForTask({ request, clock })
  return {
    request,
    waitForTask,
    async upload(file, options) {
      const { createUpload } = await import('./upload/upload-volume.ts')
      return createUpload({ transport, session, clock, meter, waitForTask, userAgent })(file, options)
    },
    get endpoint() {
      return transport.current().url.origin
    },
    identity: session.identity,
    close: () => transport.close(),
    [Symbol.dispose]: () => transport.close(),
  }
}

/**
 * Posts a login. It is retried only if no connection could be made, because Proxmox delays its answers after wrong
 * logins.
 */
function postTicket(transport: Transport, credentials: Credentials): PostTicket {
  const identity = 'tokenId' in credentials ? credentials.tokenId : credentials.username
  const asked = { method: 'POST', path: '/access/ticket', identity } as const
  return async (form) => {
    const body = encodeParameters(form)
    const answer = await transport.send({
      method: 'POST',
      path: '/api2/json/access/ticket',
      headers: {},
      body,
      timeoutMs: 30_000,
      signal: undefined,
    })
    if (answer.kind === 'lost') throw unanswered(answer, asked).error
    if (answer.status === 200) return answer
    const secrets = Object.values(form).filter((value) => value !== form.username)
    throw refusalOf(answer, asked, secrets).error
  }
}
