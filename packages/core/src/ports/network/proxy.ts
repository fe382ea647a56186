// Which proxy a request goes through, by the rules curl and Node share for these variables.

import { ProvisionError } from '../../errors.ts'
import type { ProxySettings } from '../http/settings.ts'
import { isExempt } from './no-proxy.ts'

/**
 * The proxy for `url`, or undefined for a direct connection.
 * @throws ProvisionError `HTTP` when the proxy's own address cannot be understood
 */
export function proxyFor(url: URL, settings: ProxySettings = {}): URL | undefined {
  const text = url.protocol === 'https:' ? settings.httpsProxy : settings.httpProxy
  if (text === undefined || text === '' || isExempt(url, settings.noProxy ?? '')) return undefined
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (proxy === null || (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')) {
    throw new ProvisionError('HTTP', 'The proxy is no http:// or https:// address.', {
      hint: 'Correct HTTP_PROXY or HTTPS_PROXY; SOCKS is not supported.',
    })
  }
  return proxy
}

/** The header that names us to a proxy, when its address carries credentials. */
export function proxyAuthorization(proxy: URL): Readonly<Record<string, string>> {
  return proxy.username === '' ? {} : { 'Proxy-Authorization': basicCredentials(proxy) }
}

/** `Basic …` from the user and password of a URL. */
export function basicCredentials(url: URL): string {
  const text = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}
