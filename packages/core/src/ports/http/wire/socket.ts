// Opens a socket to a server: directly or through a proxy, with TLS for https, within a timeout.
import { lookup as systemLookup } from 'node:dns'
import * as net from 'node:net'
import * as tls from 'node:tls'
import { bareHost } from '../../network/no-proxy.ts'
import { proxyFor } from '../../network/proxy.ts'
import { openTunnel, ProxyRefusal, portOf } from '../../network/tunnel.ts'
import { isMetadata, isPrivateAddress, isPrivateHost } from '../address.ts'
import { fromSocketError, httpError } from '../failure.ts'
import type { HttpContext } from '../settings.ts'

/**
 * Node reads into memory that the caller provides, without an allocation or a copy for each chunk. See
 * `net.SocketConstructorOpts.onread`.
 */
export type OnRead = net.OnReadOpts

export interface SocketRequest {
  readonly url: URL
  readonly onRead: OnRead
  /** Refuses private addresses, because the address came from a public server. */
  readonly publicOnly: boolean
  readonly signal: AbortSignal
}

export interface OpenSocket {
  readonly socket: net.Socket
  /** True if the server seems to be on a private network. */
  readonly isPrivate: boolean
  /** The proxy that receives the requests. It needs the complete URL in each. */
  readonly viaProxy?: URL
}

/** Opens the socket. @throws ProvisionError `HTTP`; the signal's reason when it aborts */
export async function openSocket(context: HttpContext, request: SocketRequest): Promise<OpenSocket> {
  const { url, signal, publicOnly } = request
  const proxy = proxyFor(url, context.proxy)
  const host = bareHost(url.hostname)
  if (isMetadata(host)) throw linkLocal(url)
  if (publicOnly && (proxy !== undefined || net.isIP(host) !== 0) && isPrivateHost(host)) throw refusal(url)
  const timeout = AbortSignal.timeout(context.timing.connectMs)
  const limit = AbortSignal.any([signal, timeout])
  try {
    if (proxy === undefined) return await openDirectly(context, request, limit)
    return { ...(await openThroughProxy(context, request, { proxy, signal: limit })), isPrivate: isPrivateHost(host) }
  } catch (error) {
    signal.throwIfAborted()
    if (timeout.aborted) throw httpError(url, 'does not answer.', { transient: true, cause: error })
    throw fromSocketError(url, error)
  }
}

async function openDirectly(context: HttpContext, request: SocketRequest, signal: AbortSignal): Promise<OpenSocket> {
  const { url, onRead, publicOnly } = request
  const lookup = checkedLookup(context.lookup ?? systemLookup, { url, publicOnly })
  const target = { host: bareHost(url.hostname), port: portOf(url), lookup }
  const socket =
    url.protocol === 'https:'
      ? await settled(
          tls.connect({ ...target, ...tlsOptions(context, url), ...onReadOption(onRead) }),
          'secureConnect',
          signal,
        )
      : await settled(net.connect({ ...target, onread: onRead }), 'connect', signal)
  return { socket, isPrivate: isPrivateAddress(socket.remoteAddress ?? '') }
}

interface Through {
  readonly proxy: URL
  readonly signal: AbortSignal
}

async function openThroughProxy(
  context: HttpContext,
  { url, onRead }: SocketRequest,
  { proxy, signal }: Through,
): Promise<Omit<OpenSocket, 'isPrivate'>> {
  if (url.protocol === 'http:') {
    const target = { host: bareHost(proxy.hostname), port: portOf(proxy) }
    const socket =
      proxy.protocol === 'https:'
        ? await settled(
            tls.connect({ ...target, ...tlsOptions(context, proxy), ...onReadOption(onRead) }),
            'secureConnect',
            signal,
          )
        : await settled(net.connect({ ...target, onread: onRead }), 'connect', signal)
    return { socket, viaProxy: proxy }
  }
  const tunnel = await tunnelTo(context, url, { proxy, signal })
  const secure = tls.connect({ socket: tunnel, ...tlsOptions(context, url) })
  handOn(secure, onRead)
  return { socket: await settled(secure, 'secureConnect', signal) }
}

/** Reads a TLS socket on top of another socket with `data` events, because Node 24 does not support `onread` there. */
function handOn(socket: net.Socket, onRead: OnRead): void {
  socket.on('data', (chunk: Buffer) => {
    if (!onRead.callback(chunk.length, chunk)) socket.pause()
  })
}

/** Opens a socket to the server through the proxy. */
async function tunnelTo(context: HttpContext, url: URL, { proxy, signal }: Through): Promise<net.Socket> {
  try {
    const tls = tlsOptions(context, proxy)
    return await openTunnel(proxy, { host: bareHost(url.hostname), port: portOf(url) }, { signal, tls })
  } catch (cause) {
    if (cause instanceof ProxyRefusal)
      throw httpError(url, `cannot be reached: the proxy answers ${cause.status}.`, {
        status: cause.status,
        transient: cause.status >= 500,
        hint: proxyHint(proxy, cause.status),
      })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw httpError(url, `cannot be reached: the proxy failed (${reason}).`, {
      cause,
      transient: true,
      hint: proxyHint(proxy),
    })
  }
}

function proxyHint({ host }: URL, status?: number): string {
  if (status === 407) return `Give the proxy ${host} its user and password: HTTPS_PROXY=http://USER:PASSWORD@${host}`
  return `The proxy ${host} comes from HTTPS_PROXY (or HTTP_PROXY). List hosts that need no proxy in NO_PROXY.`
}

function settled(socket: net.Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>()
  const abort = (): void => void socket.destroy(toError(signal.reason))
  const failed = (error: Error): void => reject(error)
  const closed = (): void => reject(new Error('closed while connecting'))
  signal.addEventListener('abort', abort, { once: true })
  socket.once('error', failed)
  socket.once('close', closed)
  socket.once(event, () => {
    socket.off('error', failed)
    socket.off('close', closed)
    socket.setNoDelay(true)
    resolve(socket)
  })
  if (signal.aborted) abort()
  return promise.finally(() => signal.removeEventListener('abort', abort))
}

interface LookupCheck {
  readonly url: URL
  readonly publicOnly: boolean
}

/**
 * Wraps a resolver so that it fails if any address is not allowed. So the check and the connection use the same
 * addresses.
 */
function checkedLookup(lookup: net.LookupFunction, { url, publicOnly }: LookupCheck): net.LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
      if (error === null && addresses.some(isMetadata)) return callback(linkLocal(url), found, family)
      if (error === null && publicOnly && addresses.some(isPrivateAddress)) return callback(refusal(url), found, family)
      callback(error, found, family)
    })
  }
}

function linkLocal(url: URL): Error {
  return httpError(
    url,
    'is a link-local or cloud metadata address, which may return credentials; it is not contacted.',
    {
      hint: 'Use an address of the server in its own network.',
    },
  )
}

function refusal(url: URL): Error {
  return httpError(url, 'is on a private network, but a public server redirects there.', {
    hint: 'If that is intended, use the address of the private server itself.',
  })
}

function tlsOptions(context: HttpContext, url: URL): tls.ConnectionOptions {
  const host = bareHost(url.hostname)
  return {
    ...(net.isIP(host) === 0 ? { servername: host } : { host }),
    ...(context.ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), context.ca] }),
    ALPNProtocols: ['http/1.1'],
  }
}

// `tls.connect` accepts `onread`, although its types do not declare it.
function onReadOption(onRead: OnRead): tls.ConnectionOptions {
  const options: tls.ConnectionOptions & { readonly onread: OnRead } = { onread: onRead }
  return options
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
