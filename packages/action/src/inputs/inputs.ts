// The action's inputs, and the variables they fall back to, as one record. All that is wrong with them is told at once.
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type Limits, ProvisionError } from '@pve-provision/core'
import { parseLimits } from './limits.ts'
import { parseDurationMs, parseNames, parseSizeBytes } from './parse.ts'

export type Mode = 'plan' | 'apply' | 'destroy'
export type CacheMode = 'off' | 'read' | 'read-write'

export interface Inputs {
  /** Absolute. */
  readonly manifestFile: string
  /** Absolute. */
  readonly lockFile: string
  readonly mode: Mode
  readonly endpoints: readonly URL[]
  readonly tokenId: string
  readonly tokenSecret: string
  readonly trust: { readonly fingerprint?: string; readonly ca?: string }
  readonly only: readonly string[]
  readonly replace: readonly string[]
  readonly limits: Partial<Limits>
  readonly stopOnError: boolean
  readonly factsMaxAgeMs: number
  readonly cache: CacheMode
  readonly cacheKeyPrefix: string
  /** How long the workflow's cache may take to answer; to save it may take twice as long. */
  readonly cacheTimeoutMs: number
  /** 0: no images in the workflow's cache. */
  readonly imagesBudgetBytes: number
  readonly cacheDirectory: string
  /** The cache directory outlives the job. */
  readonly keepsStore: boolean
  readonly summary: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The value of an input as the runner hands it over; empty when it has none. */
export function inputOf(environment: Environment, name: string): string {
  return (environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim()
}

/** Every secret that the runner gave us for Proxmox, for masking before anything else is read. */
export function tokenSecretsOf(environment: Environment): readonly string[] {
  return [inputOf(environment, 'token-secret'), (environment.PVE_TOKEN_SECRET ?? '').trim()].filter(
    (text) => text !== '',
  )
}

interface Token {
  readonly tokenId: string
  readonly tokenSecret: string
  readonly source: 'inputs' | 'environment'
}

function tokenOf(environment: Environment): Token {
  const [tokenId, tokenSecret] = [inputOf(environment, 'token-id'), inputOf(environment, 'token-secret')]
  if (tokenId !== '' || tokenSecret !== '') return { tokenId, tokenSecret, source: 'inputs' }
  const { PVE_TOKEN_ID = '', PVE_TOKEN_SECRET = '' } = environment
  return { tokenId: PVE_TOKEN_ID.trim(), tokenSecret: PVE_TOKEN_SECRET.trim(), source: 'environment' }
}

const GIVE = {
  inputs: (input: string) => `give the input \`${input}\` as well; the two come from the same place.`,
  environment: (input: string, variable: string) => `give the input \`${input}\`, or the variable ${variable}.`,
}

const NO_SECRETS =
  'GitHub gives no secrets to runs for pull requests from forks, and only its own secrets to Dependabot: use `mode: validate` there, which needs none.'

/**
 * Reads and checks every input.
 * @throws ProvisionError `USAGE`, naming each input that is missing or wrong; the values of secret ones never
 */
export function readInputs(environment: Environment): Inputs {
  const faults: string[] = []
  const read = readerOf(environment, faults)
  const folder = resolve(environment.GITHUB_WORKSPACE || '.', read.text('working-directory') || '.')
  const manifestFile = resolve(folder, read.text('manifest') || 'pve-provision.yaml')
  const refresh = read.flag('refresh')
  const factsMaxAgeMs = read.parsed('facts-max-age', parseDurationMs, 'a duration such as `30m`, `24h`, `7d`, or `0`')
  const inputs: Inputs = {
    manifestFile,
    lockFile: resolve(dirname(manifestFile), read.text('lock-file') || 'pve-provision.lock'),
    mode: read.oneOf('mode', ['apply', 'plan', 'destroy']),
    endpoints: read.endpoints(),
    ...read.token(),
    trust: read.trust(folder),
    only: parseNames(read.text('only')),
    replace: parseNames(read.text('replace')),
    limits: parseLimits(read.text('limits'), faults),
    stopOnError: read.flag('stop-on-error'),
    factsMaxAgeMs: refresh ? 0 : (factsMaxAgeMs ?? 24 * 3_600_000),
    cache: CACHE_MODES[read.oneOf('cache', ['true', 'false', 'read-only'])],
    cacheKeyPrefix: keyPrefix(read.text('cache-key-prefix') || 'pve-provision', faults),
    cacheTimeoutMs: read.parsed('cache-timeout', parseDurationMs, 'a duration such as `10s` or `1m`') ?? 10_000,
    imagesBudgetBytes: read.parsed('cache-images', parseSizeBytes, 'a size such as `4 GiB`, or `0`') ?? 0,
    cacheDirectory: cacheDirectory(read.text('cache-directory'), folder, environment),
    keepsStore: environment.RUNNER_ENVIRONMENT === 'self-hosted',
    summary: read.flag('summary', true),
  }
  if (faults.length > 0) throw refusal(faults)
  return inputs
}

const CACHE_MODES = { true: 'read-write', false: 'off', 'read-only': 'read' } as const

function readerOf(environment: Environment, faults: string[]) {
  const text = (name: string) => inputOf(environment, name)
  const withFallback = (name: string, variable: string) => text(name) || (environment[variable] ?? '').trim()
  return {
    text,
    /** Both from the inputs, or both from the environment: half of each may be a token that nobody meant. */
    token(): Pick<Inputs, 'tokenId' | 'tokenSecret'> {
      const { tokenId, tokenSecret, source } = tokenOf(environment)
      if (tokenId === '') faults.push(`\`token-id\` is missing: ${GIVE[source]('token-id', 'PVE_TOKEN_ID')}`)
      if (tokenSecret === '')
        faults.push(`\`token-secret\` is missing: ${GIVE[source]('token-secret', 'PVE_TOKEN_SECRET')} ${NO_SECRETS}`)
      return { tokenId, tokenSecret }
    },
    oneOf<Value extends string>(name: string, values: readonly [Value, ...Value[]]): Value {
      const value = text(name) || values[0]
      const found = values.find((known) => known === value.toLowerCase())
      if (found === undefined) faults.push(`\`${name}\` must be one of ${values.join(', ')}, not \`${value}\`.`)
      return found ?? values[0]
    },
    flag(name: string, otherwise = false): boolean {
      const value = text(name).toLowerCase()
      if (value !== '' && value !== 'true' && value !== 'false') {
        faults.push(`\`${name}\` must be \`true\` or \`false\`, not \`${value}\`.`)
      }
      return value === '' ? otherwise : value === 'true'
    },
    parsed<Value>(name: string, parse: (text: string) => Value | undefined, what: string): Value | undefined {
      if (text(name) === '') return undefined
      const value = parse(text(name))
      if (value === undefined) faults.push(`\`${name}\` must be ${what}, not \`${text(name)}\`.`)
      return value
    },
    endpoints(): readonly URL[] {
      const parts = parseNames(withFallback('endpoint', 'PVE_ENDPOINT'))
      if (parts.length === 0) faults.push('`endpoint` is missing: give the input, or the variable PVE_ENDPOINT.')
      return parts.flatMap((part) => endpointOf(part, faults))
    },
    trust(folder: string): Inputs['trust'] {
      // What an input says excludes what the environment says: the two would otherwise contradict each other.
      const given = text('fingerprint') !== '' || text('ca') !== ''
      const fingerprint = given ? text('fingerprint') : (environment.PVE_FINGERPRINT ?? '').trim()
      const ca = given ? text('ca') : (environment.PVE_CA ?? '').trim()
      if (fingerprint !== '' && ca !== '') faults.push('`fingerprint` and `ca` exclude each other: give one of them.')
      return { ...(fingerprint !== '' && { fingerprint }), ...(ca !== '' && { ca: pemOf(ca, folder, faults) }) }
    },
  }
}

function endpointOf(text: string, faults: string[]): readonly URL[] {
  const url = URL.parse(text)
  // Told without the text: it may hold a password.
  if (url && (url.username !== '' || url.password !== '')) faults.push('`endpoint` must not hold a user or password.')
  else if (url?.protocol === 'https:') return [url]
  else faults.push(`\`endpoint\` must be like https://host:8006, not \`${text}\`.`)
  return []
}

function pemOf(text: string, folder: string, faults: string[]): string {
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  try {
    return readFileSync(resolve(folder, text), 'utf8')
  } catch {
    faults.push('`ca` is neither a PEM text nor the path of a file that can be read.')
    return ''
  }
}

/** A part of keys of the workflow's cache, which may hold no comma. */
function keyPrefix(text: string, faults: string[]): string {
  if (!/^[\w.-]{1,100}$/.test(text))
    faults.push('`cache-key-prefix` may have up to 100 letters, digits, `.`, `_` and `-`.')
  return text
}

/** What outlives the job where the machine does, else what the runner sweeps. */
function cacheDirectory(given: string, folder: string, environment: Environment): string {
  if (given !== '') return isAbsolute(given) ? given : resolve(folder, given)
  const { RUNNER_ENVIRONMENT, RUNNER_TOOL_CACHE, RUNNER_TEMP } = environment
  const keeps = RUNNER_ENVIRONMENT === 'self-hosted' && RUNNER_TOOL_CACHE
  return join(keeps ? RUNNER_TOOL_CACHE : RUNNER_TEMP || '.', 'pve-provision')
}

function refusal(faults: readonly string[]): ProvisionError {
  const [first = ''] = faults
  const message =
    faults.length === 1 ? `The input ${first}` : `${faults.length} inputs are wrong:\n${faults.join('\n')}`
  return new ProvisionError('USAGE', message, { hint: 'docs/action.md tells what each input takes.' })
}
