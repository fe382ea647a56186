// Reads the action's inputs, and the variables they fall back to, into one record. It reports all errors at once.
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type Limits, ProvisionError } from '@pve-provision/core'
import { type Choices, readChoices } from './choices.ts'
import { type Connection, readConnection } from './connection.ts'
import { parseLimits } from './limits.ts'
import { CONTACTS_NOBODY, MODES, type Mode } from './mode.ts'
import { parseDurationMs, parseNames, parseSizeBytes, parseVariables } from './parse.ts'
import { type Environment, inputOf, type Reader, readerOf } from './reader.ts'

export type { Mode } from './mode.ts'
export type { Environment } from './reader.ts'

export type CacheMode = 'off' | 'read' | 'read-write'

export interface Inputs extends Connection, Choices {
  /** Absolute path. */
  readonly manifestFile: string
  /** Absolute path. */
  readonly lockFile: string
  readonly mode: Mode
  /** Environment variables that the manifest may read. */
  readonly allowed: readonly string[]
  /** Values of `${var:NAME}`. */
  readonly variables: Readonly<Record<string, string>>
  /** The digest that the plan must have. Absent: any. */
  readonly expectedDigest?: string
  /** When the run is stopped. Absent: never. */
  readonly timeoutMs?: number
  readonly limits: Partial<Limits>
  readonly stopOnError: boolean
  /** Keep the VM of a failed build. */
  readonly keepFailed: boolean
  readonly factsMaxAgeMs: number
  readonly cache: CacheMode
  readonly cacheKeyPrefix: string
  /** Timeout for reads from the workflow's cache. Saving may take twice as long. */
  readonly cacheTimeoutMs: number
  /** 0 means that no images are stored in the workflow's cache. */
  readonly imagesBudgetBytes: number
  readonly cacheDirectory: string
  /** True if the cache directory is kept after the job. */
  readonly keepsStore: boolean
  readonly summary: boolean
  /** Keep a comment on the pull request up to date. */
  readonly comment: boolean
  /** Empty if no comment is requested. */
  readonly githubToken: string
  /** Remove what this job created in the post step. */
  readonly destroyAfter: boolean
}

/** Returns all secrets that the runner provides, so that they are masked before anything else is read. */
export function tokenSecretsOf(environment: Environment): readonly string[] {
  const given = [inputOf(environment, 'token-secret'), inputOf(environment, 'github-token')]
  return [...given, (environment.PVE_TOKEN_SECRET ?? '').trim()].filter((text) => text !== '')
}

/**
 * Reads and checks all inputs.
 * @throws ProvisionError `USAGE`, naming each input that is missing or invalid, but never the value of a secret one
 */
export function readInputs(environment: Environment): Inputs {
  const faults: string[] = []
  const read = readerOf(environment, faults)
  const folder = resolve(environment.GITHUB_WORKSPACE || '.', read.text('working-directory') || '.')
  const manifestFile = resolve(folder, read.text('manifest') || 'pve-provision.yaml')
  const mode = read.oneOf('mode', MODES)
  const inputs: Inputs = {
    manifestFile,
    lockFile: resolve(dirname(manifestFile), read.text('lock-file') || 'pve-provision.lock'),
    mode,
    ...readConnection(read, { mode, folder, faults }),
    ...readChoices(read, { mode, faults }),
    ...readGuards(read, faults),
    variables: read.parsed('vars', parseVariables, 'lines such as `size=large`') ?? {},
    limits: parseLimits(read.text('limits'), faults),
    stopOnError: read.flag('stop-on-error'),
    keepFailed: read.flag('keep-failed'),
    factsMaxAgeMs: readFactsAge(read),
    ...readCache(read, { mode, folder, environment, faults }),
    summary: read.flag('summary', true),
    ...readComment(read, faults),
    destroyAfter: readDestroyAfter(read, mode, faults),
  }
  if (faults.length > 0) throw refusal(faults)
  return inputs
}

/** Reads the inputs that limit what a run may do. */
function readGuards(read: Reader, faults: string[]): Pick<Inputs, 'allowed' | 'expectedDigest' | 'timeoutMs'> {
  const allowed = parseNames(read.text('env'))
  for (const name of allowed) {
    if (!/^[A-Za-z_]\w*$/.test(name)) faults.push(`\`env\` must list names of variables, not \`${name}\`.`)
  }
  const timeoutMs = read.parsed('timeout', parseDurationMs, 'a duration such as `30m` or `2h`, or `0` for none')
  const expectedDigest = readExpectedDigest(read.text('expect-plan'), faults)
  return {
    allowed,
    ...(timeoutMs && { timeoutMs }),
    ...(expectedDigest !== undefined && { expectedDigest }),
  }
}

/** An empty value is not `any`: if the step that provides the digest did not run, not every plan may be approved. */
function readExpectedDigest(text: string, faults: string[]): string | undefined {
  if (text === 'any' || /^sha256:[0-9a-f]{64}$/.test(text)) return text === 'any' ? undefined : text
  const what = text === '' ? 'is empty: the step that makes the plan has no digest' : `must be one, not \`${text}\``
  faults.push(`\`expect-plan\` ${what}. Set it to the output \`plan-digest\` of mode \`plan\`, or to \`any\`.`)
  return undefined
}

function readComment(read: Reader, faults: string[]): Pick<Inputs, 'comment' | 'githubToken'> {
  const [comment, githubToken] = [read.flag('comment'), read.text('github-token')]
  if (comment && githubToken === '')
    faults.push('`github-token` is missing: `comment` needs one, such as `${{ github.token }}`.')
  return { comment, githubToken }
}

function readDestroyAfter(read: Reader, mode: Mode, faults: string[]): boolean {
  const isAsked = read.flag('destroy-after')
  if (isAsked && mode !== 'apply') faults.push('`destroy-after` works only in mode `apply`; remove it.')
  return isAsked
}

function readFactsAge(read: Reader): number {
  const ageMs = read.parsed('facts-max-age', parseDurationMs, 'a duration such as `30m`, `24h`, `7d`, or `0`')
  return read.flag('refresh') ? 0 : (ageMs ?? 24 * 3_600_000)
}

interface Place {
  readonly mode: Mode
  readonly folder: string
  readonly environment: Environment
  readonly faults: string[]
}

const CACHE_MODES = { true: 'read-write', false: 'off', 'read-only': 'read' } as const

function readCache(read: Reader, { mode, folder, environment, faults }: Place) {
  const cache = CACHE_MODES[read.oneOf('cache', ['true', 'false', 'read-only'])]
  return {
    // The cache is sealed with the token's secret, and without Proxmox there are no facts to keep.
    cache: CONTACTS_NOBODY.includes(mode) ? 'off' : cache,
    cacheKeyPrefix: keyPrefix(read.text('cache-key-prefix') || 'pve-provision', faults),
    cacheTimeoutMs: read.parsed('cache-timeout', parseDurationMs, 'a duration such as `10s` or `1m`') ?? 10_000,
    imagesBudgetBytes: read.parsed('cache-images', parseSizeBytes, 'a size such as `4 GiB`, or `0`') ?? 0,
    cacheDirectory: cacheDirectory(read.text('cache-directory'), folder, environment),
    keepsStore: environment.RUNNER_ENVIRONMENT === 'self-hosted',
  } as const
}

/** A part of cache keys, which must not contain a comma. */
function keyPrefix(text: string, faults: string[]): string {
  if (!/^[\w.-]{1,100}$/.test(text))
    faults.push('`cache-key-prefix` may have up to 100 letters, digits, `.`, `_` and `-`.')
  return text
}

/** A folder that the runner keeps between jobs if it is self-hosted, else one that it removes. */
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
  return new ProvisionError('USAGE', message, { hint: 'docs/action.md describes each input.' })
}
