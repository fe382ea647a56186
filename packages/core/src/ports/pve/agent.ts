// Opens TLS connections to one endpoint. The certificate is checked before a request is sent. Idle connections are kept
// as long as pveproxy keeps them.
import https from 'node:https'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import tls, { type SecureContext, type TLSSocket } from 'node:tls'
import { ProvisionError } from '../../errors.ts'
import { bareHost } from '../network/no-proxy.ts'
import { openTunnel, ProxyRefusal, type TunnelTarget } from '../network/tunnel.ts'
import { distrust, type Trust } from './trust.ts'

export interface Endpoint {
  readonly url: URL
  /** For reads. Connections are reused. */
  readonly reads: https.Agent
  /**
   * For all other calls, with a new connection for each. Proxmox closes idle connections. If a change is sent on a
   * connection that is closing, it is unknown whether it happened. Proxmox answers changes with `Connection: close`
   * anyway.
   */
  readonly changes: https.Agent
}

export interface EndpointSettings {
  readonly url: URL
  readonly trust: Trust
  readonly proxy: URL | undefined
  /** Aborts connections that are still being opened. */
  readonly closed: AbortSignal
}

const connectTimeoutMs = 10_000
// pveproxy closes a connection that was idle for 5 s (AnyEvent.pm, `timeout`).
const idleMs = 3_000

export function createEndpoint(settings: EndpointSettings): Endpoint {
  const { url } = settings
  const seen = new Map<string, string>()
  const secureContext = contextFor(settings.trust)
  const openSocket = () => connect({ ...settings, seen, secureContext })
  return {
    url,
    reads: createAgent(openSocket, { keepAlive: true, maxSockets: 48, timeout: idleMs }),
    changes: createAgent(openSocket, { keepAlive: false }),
  }
}

/**
 * One for all connections. Where a fingerprint alone decides, it has no certificate authorities: loading the system's
 * takes longer than the first request.
 */
function contextFor({ fingerprints, ca }: Trust): SecureContext {
  if (ca !== undefined) return tls.createSecureContext({ ca })
  return tls.createSecureContext(fingerprints.length > 0 ? { ca: [] } : {})
}

function createAgent(open: () => Promise<TLSSocket>, options: https.AgentOptions): https.Agent {
  const agent = new https.Agent(options)
  agent.createConnection = (_, callback) => {
    if (callback) void deliver(open, callback)
    return undefined
  }
  return agent
}

type Deliver = (error: Error | null, socket: TLSSocket) => void

async function deliver(open: () => Promise<TLSSocket>, callback: Deliver): Promise<void> {
  const opened = await open().catch((error: Error) => error)
  // The declared type requires a socket beside the error; Node does not.
  if (opened instanceof Error) callback(opened, undefined as never)
  else callback(null, opened)
}

interface ConnectSettings extends EndpointSettings {
  /** The fingerprints that this endpoint showed before. TLS sessions are not resumed, so each connection shows one. */
  readonly seen: Map<string, string>
  readonly secureContext: SecureContext
}

async function connect({ url, trust, proxy, closed, seen, secureContext }: ConnectSettings): Promise<TLSSocket> {
  closed.throwIfAborted()
  const signal = AbortSignal.any([closed, AbortSignal.timeout(connectTimeoutMs)])
  const host = bareHost(url.hostname)
  const port = Number(url.port || 443)
  const tunnel = proxy && (await throughProxy(proxy, { host, port }, signal))
  const socket = await secure({ host, port, secureContext, tunnel, signal })
  const certificate = socket.getPeerX509Certificate()
  const refusal = distrust({ socket, certificate, earlier: seen.get(url.host) }, trust)
  if (refusal) {
    socket.destroy()
    throw refusal
  }
  if (certificate !== undefined) seen.set(url.host, certificate.fingerprint256)
  return socket
}

async function throughProxy(proxy: URL, to: TunnelTarget, signal: AbortSignal): Promise<Socket> {
  try {
    return await openTunnel(proxy, to, { signal })
  } catch (thrown) {
    if (!(thrown instanceof ProxyRefusal)) throw deadProxy(proxy, thrown)
    const { message, status, proxyHost } = thrown
    throw new ProvisionError('UNREACHABLE', `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
      hint:
        status === 407
          ? 'The proxy requires a login: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT. If Proxmox is on your own network, name its host in NO_PROXY.'
          : 'It comes from HTTPS_PROXY. If Proxmox is on your own network, add its host to NO_PROXY.',
      details: { proxy: proxyHost, status },
    })
  }
}

/** Creates the error for a proxy that does not answer. Proxmox received no request. */
function deadProxy(proxy: URL, cause: unknown): ProvisionError {
  const reason = cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause)
  return new ProvisionError('UNREACHABLE', `The proxy ${proxy.host} does not answer (${reason}).`, {
    cause,
    hint: 'It comes from HTTPS_PROXY. If Proxmox is on your own network, add its host to NO_PROXY.',
    details: { proxy: proxy.host },
  })
}

interface SecureSettings {
  readonly host: string
  readonly port: number
  readonly secureContext: SecureContext
  readonly tunnel: Socket | undefined
  readonly signal: AbortSignal
}

function secure({ host, port, secureContext, tunnel, signal }: SecureSettings): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host,
      port,
      ALPNProtocols: ['http/1.1'],
      // `distrust` checks the certificate instead, before anything is sent. Only that way can the error name the
      // fingerprint.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      secureContext,
      ...(tunnel ? { socket: tunnel } : {}),
    })
    const giveUp = () => socket.destroy(timeoutError(host, port))
    signal.addEventListener('abort', giveUp, { once: true })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', giveUp)
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function timeoutError(host: string, port: number): Error {
  const error = new Error(`no connection to ${host}:${port} within ${connectTimeoutMs / 1000} s`)
  return Object.assign(error, { code: 'ETIMEDOUT' })
}
