// Which proxy a request goes through, by the rules curl and Node share for `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
import { ProvisionError } from '../../errors.ts'
import { isExempt } from './no-proxy.ts'
import { decodePercent } from './percent.ts'

/** What the variables of these names hold; nothing is read from the environment here. */
export interface ProxySettings {
  /** `HTTP_PROXY`: `http://` or `https://`, with credentials if needed. */
  readonly http?: string | undefined
  /** `HTTPS_PROXY`, likewise. */
  readonly https?: string | undefined
  /** `NO_PROXY`: hosts, domains, `host:port`, addresses, networks, `*`. */
  readonly noProxy?: string | undefined
}

/** The proxy settings in an environment: each name in capitals, else in small letters, as curl reads them. */
export function proxySettingsOf(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const variable = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined
  return { http: variable('HTTP_PROXY'), https: variable('HTTPS_PROXY'), noProxy: variable('NO_PROXY') }
}

/**
 * The proxy for `url`, or undefined for a direct connection.
 * @throws ProvisionError `UNREACHABLE` when the proxy's own address is not one
 */
export function proxyFor(url: URL, settings: ProxySettings = {}): URL | undefined {
  const name = url.protocol === 'https:' ? 'https' : 'http'
  const text = settings[name]
  if (text === undefined || text === '' || isExempt(url, settings.noProxy ?? '')) return undefined
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (proxy !== null && (proxy.protocol === 'http:' || proxy.protocol === 'https:')) return proxy
  // The text may hold a password.
  throw new ProvisionError('UNREACHABLE', 'The proxy is not an http:// or https:// address.', {
    hint: `Set ${name.toUpperCase()}_PROXY=http://host:port; SOCKS is not supported.`,
  })
}

/** The passwords in the proxies' addresses, as written and decoded: for the doors, which keep them out of their output. */
export function proxyPasswords({ http, https }: ProxySettings): readonly string[] {
  const passwords = [http, https].map((text) => URL.parse(text ?? '')?.password ?? '')
  return [...new Set(passwords.flatMap((password) => [password, decodePercent(password)]))].filter(
    (text) => text !== '',
  )
}

/** The header that names us to a proxy, when its address carries credentials. */
export function proxyAuthorization(proxy: URL): Readonly<Record<string, string>> {
  return proxy.username === '' ? {} : { 'Proxy-Authorization': basicCredentials(proxy) }
}

/** `Basic …` from the user and password of a URL. */
export function basicCredentials(url: URL): string {
  const text = `${decodePercent(url.username)}:${decodePercent(url.password)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}
