// Chooses the proxy for a request, by the rules that curl and Node share for `HTTP_PROXY`, `HTTPS_PROXY` and
// `NO_PROXY`.
import { ProvisionError } from '../../errors.ts'
import { isExempt } from './no-proxy.ts'
import { decodePercent } from './percent.ts'

/** The values of these variables. The environment is read only by `proxySettingsOf`. */
export interface ProxySettings {
  /** `HTTP_PROXY`: `http://` or `https://`, with credentials if needed. */
  readonly http?: string | undefined
  /** `HTTPS_PROXY`, in the same form. */
  readonly https?: string | undefined
  /** `NO_PROXY`: hosts, domains, `host:port`, addresses, networks, `*`. */
  readonly noProxy?: string | undefined
}

/** Reads the proxy settings from an environment. Upper-case names win over lower-case ones. */
export function proxySettingsOf(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const variable = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined
  return { http: variable('HTTP_PROXY'), https: variable('HTTPS_PROXY'), noProxy: variable('NO_PROXY') }
}

/**
 * Returns the proxy for `url`, or undefined for a direct connection.
 * @throws ProvisionError `UNREACHABLE` if the address of the proxy is invalid
 */
export function proxyFor(url: URL, settings: ProxySettings = {}): URL | undefined {
  const name = url.protocol === 'https:' ? 'https' : 'http'
  const text = settings[name]
  if (text === undefined || text === '' || isExempt(url, settings.noProxy ?? '')) return undefined
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (proxy !== null && (proxy.protocol === 'http:' || proxy.protocol === 'https:')) return proxy
  // The text is not shown, because it may contain a password.
  throw new ProvisionError('UNREACHABLE', 'The proxy is not an http:// or https:// address.', {
    hint: `Set ${name.toUpperCase()}_PROXY=http://host:port; SOCKS is not supported.`,
  })
}

/** Returns the passwords in the proxy addresses, as written and decoded. The callers mask them in their output. */
export function proxyPasswords({ http, https }: ProxySettings): readonly string[] {
  const passwords = [http, https].map((text) => URL.parse(text ?? '')?.password ?? '')
  return [...new Set(passwords.flatMap((password) => [password, decodePercent(password)]))].filter(
    (text) => text !== '',
  )
}

/** Returns the header that authenticates to a proxy, if its address contains credentials. */
export function proxyAuthorization(proxy: URL): Readonly<Record<string, string>> {
  return proxy.username === '' ? {} : { 'Proxy-Authorization': basicCredentials(proxy) }
}

/** Creates a `Basic …` value from the user and password of a URL. */
export function basicCredentials(url: URL): string {
  const text = `${decodePercent(url.username)}:${decodePercent(url.password)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}
