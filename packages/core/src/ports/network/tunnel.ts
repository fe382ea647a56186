// Whether a proxy stands between us and an endpoint, and the tunnel through it.
import type { IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { ProvisionError } from '../../errors.ts'
import { bareHost, isExempt } from './no-proxy.ts'

export interface ProxySettings {
  /** `http://` or `https://`, credentials in it if needed: what `HTTPS_PROXY` holds. */
  readonly https?: string
  /** What `NO_PROXY` holds: hosts, domains, `host:port`, addresses, networks, `*`. */
  readonly noProxy?: string
}

/** The proxy for this endpoint, or nothing. */
export function proxyFor(endpoint: URL, { https: proxy, noProxy = '' }: ProxySettings = {}): URL | undefined {
  if (!proxy || isExempt(endpoint, noProxy)) return undefined
  return parseProxy(proxy)
}

function parseProxy(text: string): URL {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  // The text may hold a password.
  throw new ProvisionError('UNREACHABLE', 'The HTTPS proxy is not an http:// or https:// address.', {
    hint: 'Set HTTPS_PROXY=http://host:port',
  })
}

/**
 * A raw connection to `host:port` through the proxy (CONNECT).
 * Rejects with the network's own error, or with `UNREACHABLE` when the proxy says no.
 */
export async function openTunnel(
  proxy: URL,
  to: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Socket> {
  const authority = `${isIP(to.host) === 6 ? `[${to.host}]` : to.host}:${to.port}`
  // Only here: importing `node:http` loads all of undici behind its exports, 20 ms that a run without a proxy can save.
  const { request: send } = proxy.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const request = send({
      host: bareHost(proxy.hostname),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
      signal,
    })
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket as Socket)
      socket.destroy()
      reject(proxyRefused(proxy, authority, response))
    })
    // A proxy that answers CONNECT like any other request.
    request.on('response', (response) => {
      response.destroy()
      reject(proxyRefused(proxy, authority, response))
    })
    request.on('error', reject)
    request.end()
  })
}

function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function proxyRefused(proxy: URL, authority: string, { statusCode, statusMessage }: IncomingMessage): ProvisionError {
  return new ProvisionError(
    'UNREACHABLE',
    `The proxy ${proxy.host} refuses to connect to ${authority}: ${statusCode} ${statusMessage}.`,
    {
      hint: 'If Proxmox is on your own network, name it in NO_PROXY.',
      details: { proxy: proxy.host, status: statusCode },
    },
  )
}
