// Removes private data from a recording: secrets are masked, names and addresses are replaced, rows of others are
// dropped.
import { isIPv6 } from 'node:net'
import type { Exchange } from './exchange.ts'

/** What may stay, and its new names. */
export interface Known {
  /** Nodes, storages, pools, users, domains: real name → name in the recording. */
  readonly names: ReadonlyMap<string, string>
  /** What must not be in the file in any form. */
  readonly secrets: readonly string[]
  readonly storages: ReadonlySet<string>
  readonly pools: ReadonlySet<string>
  readonly vmids: ReadonlySet<number>
}

/** Tags of the machines that a recording creates. */
const ownTags: ReadonlySet<unknown> = new Set(['a', 'b', 'recorded', 'z'])

type Row = Readonly<Record<string, unknown>>

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Free text that users write about their servers, and data about the hardware. */
const privateKeys = new Set(
  'comment comments email_from http_proxy webauthn u2f notify pem serverid consent-text kversion current-kernel model flags'.split(
    ' ',
  ),
)

/**
 * Returns a function that makes exchanges safe to publish. Use one scrubber for a whole recording, so that equal names
 * stay equal.
 */
export function createScrubber(known: Known): (exchange: Exchange) => Exchange {
  const words = createWords(known)
  const value = (inner: unknown): unknown => {
    if (typeof inner === 'string') return words(inner)
    if (Array.isArray(inner)) return inner.filter((row) => isOwn(row, known)).map(value)
    if (!isRow(inner)) return inner
    const kept = Object.entries(inner).filter(
      ([key]) => isOwnPath(key, known) && !(key === 'hastate' && inner.type === 'node'),
    )
    return Object.fromEntries(
      kept.map(([key, one]) => [
        key.startsWith('/') ? words(key) : key,
        key === 'tokenid'
          ? 'ci'
          : key === 'allowed-tags' && Array.isArray(one)
            ? one.filter((tag) => ownTags.has(tag))
            : privateKeys.has(key) && typeof one === 'string'
              ? ''
              : value(one),
      ]),
    )
  }
  const texts = (fields: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(fields).map(([key, text]) => [key, words(text)]))
  return (exchange) => {
    const scrubbed: Exchange = {
      ...exchange,
      path: inPath(exchange.path, words),
      headers: texts(exchange.headers),
      body: exchange.body === null ? null : inForm(exchange.body, words),
      reason: words(exchange.reason),
      response_headers: texts(exchange.response_headers),
      response: value(exchange.response),
    }
    refuseSecrets(JSON.stringify(scrubbed), known)
    return scrubbed
  }
}

/** Segments and values may be percent-encoded. */
function inPath(path: string, words: (text: string) => string): string {
  const [place = '', query] = path.split('?')
  const segments = place.split('/').map((segment) => quoted(words(decodeURIComponent(segment))))
  return query === undefined ? segments.join('/') : `${segments.join('/')}?${inForm(query, words)}`
}

/** Encodes `!` as well, which token names contain. */
const quoted = (text: string): string => encodeURIComponent(text).replaceAll('!', '%21')

function inForm(form: string, words: (text: string) => string): string {
  const pairs = [...new URLSearchParams(form)].map(([key, text]): [string, string] => [key, words(text)])
  return new URLSearchParams(pairs).toString()
}

/** A final check for anything that the rules above missed. */
function refuseSecrets(text: string, { secrets, names }: Known): void {
  const foreign = [...names].filter(([name, other]) => name !== other && name.length > 3).map(([name]) => name)
  for (const secret of [...secrets, ...foreign]) {
    const whole = new RegExp(`(?<![\\w.-])${escaped(secret)}(?![\\w-])`)
    if (whole.test(text))
      throw new Error('The recording would tell a name or a secret of the server; it was not written')
  }
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** Returns false for rows about machines, storages, pools and files of others. They are dropped. */
function isOwn(row: unknown, { vmids, storages, pools }: Known): boolean {
  if (!isRow(row)) return true
  // Whether the cluster's HA manager has ever been active.
  if (row.type === 'master' || row.type === 'lrm') return false
  const has = (key: string): boolean => row[key] !== undefined
  const text = (key: string): string =>
    typeof row[key] === 'string' || typeof row[key] === 'number' ? `${row[key]}` : ''
  if (has('vmid') && !vmids.has(Number(row.vmid))) return false
  if (has('volid') && !has('vmid')) return false
  if (has('storage') && !storages.has(text('storage'))) return false
  if (has('poolid') && !pools.has(text('poolid'))) return false
  if (row.type === 'pool' && !pools.has(text('pool'))) return false
  if (has('sid') && !vmids.has(Number(text('sid').replace(/^\w+:/, '')))) return false
  if (has('upid') && !vmids.has(Number(text('id')))) return false
  if (has('roleid') && row.special !== 1) return false
  return !has('map') && (row.type !== 'sdn' || text('id').endsWith('localnetwork'))
}

/** Like `isOwn`, for the paths of permissions. */
function isOwnPath(key: string, { vmids, storages, pools }: Known): boolean {
  const [, family, name] = /^\/(vms|storage|pool|mapping|sdn|access)\/(.+)$/.exec(key) ?? []
  if (family === undefined || name === undefined) return true
  if (family === 'vms') return vmids.has(Number(name))
  if (family === 'storage') return storages.has(name)
  if (family === 'pool') return pools.has(name)
  return family === 'access' ? /^(?:groups|realm\/(?:pam|pve))$/.test(name) : name === 'zones'
}

/** Returns a function that replaces private words in a text. */
function createWords({ names, secrets }: Known): (text: string) => string {
  const ordered = [...names].filter(([name]) => name !== '').sort(([one], [other]) => other.length - one.length)
  const patterns = ordered.map(
    ([name, other]) => [new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'g'), other] as const,
  )
  const address4 = numbered((number) => `198.51.100.${number}`)
  const address6 = numbered((number) => `2001:db8::${number.toString(16)}`)
  // Addresses with Proxmox's own prefix keep it, because they were generated.
  const lastByte = (number: number): string => number.toString(16).padStart(2, '0').toUpperCase()
  const drawn = numbered((number) => `BC:24:11:00:00:${lastByte(number)}`)
  const given = numbered((number) => `02:00:00:01:00:${lastByte(number)}`)
  const otherMac = (found: string): string => (/^BC:24:11/i.test(found) ? drawn(found) : given(found))
  return (text) => {
    let result = text
    for (const secret of secrets) if (secret !== '') result = result.replaceAll(secret, '<secret>')
    for (const [pattern, other] of patterns) result = result.replace(pattern, other)
    return result
      .replace(/-----BEGIN [\s\S]*?-----END [^-]+-----\n?/g, '<certificate>')
      .replace(/\$[156y]\$[^\s"']+/g, '<hash>')
      .replace(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/gi, Array.from({ length: 32 }, () => '00').join(':'))
      .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, 'someone@example.com')
      .replace(/(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])/g, (address) =>
        isPublic(address) ? address : address4(address),
      )
      .replace(/(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f:]*(?:\/\d+)?(?![\w:])/gi, (found) =>
        macPattern.test(found) ? otherMac(found) : isIPv6(found.replace(/\/\d+$/, '')) ? address6(found) : found,
      )
  }
}

/** Addresses for documentation, which the requests use, and addresses that mean any host or this one. */
const isPublic = (address: string): boolean => /^(?:192\.0\.2|127\.0\.0|0\.0\.0|255\.)/.test(address)
const macPattern = /^(?:(?!02:00:00:00:00)[0-9a-f]{2}:){1}(?:[0-9a-f]{2}:){4}[0-9a-f]{2}$/i

function numbered(name: (number: number) => string): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const found = known.get(text) ?? name(known.size + 1)
    known.set(text, found)
    return found
  }
}
