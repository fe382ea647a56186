import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProvisionError } from '@pve-provision/core'
import { describe, expect, it } from 'vitest'
import { type Environment, readInputs, tokenSecretsOf } from '../src/inputs/inputs.ts'
import { readAction } from './support/runner.ts'
import { temporaryFolder } from './support/temporary.ts'

const CONNECTION = { endpoint: 'https://pve:8006', 'token-id': 'ci@pve!x', 'token-secret': 'the-secret' }

/** The environment as the runner sets it, including the defaults of action.yml. */
function environment(inputs: Readonly<Record<string, string>> = CONNECTION, more: Environment = {}): Environment {
  const entries = Object.entries(readAction().inputs).map(([name, input]) => {
    return [`INPUT_${name.toUpperCase()}`, inputs[name] ?? input.default ?? ''] as const
  })
  return {
    GITHUB_WORKSPACE: '/workspace',
    RUNNER_TEMP: '/temp',
    RUNNER_TOOL_CACHE: '/tools',
    ...Object.fromEntries(entries),
    ...more,
  }
}

function faultsOf(inputs: Readonly<Record<string, string>>, more: Environment = {}): string {
  try {
    readInputs(environment({ ...CONNECTION, ...inputs }, more))
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code === 'USAGE') return thrown.message
    throw thrown
  }
  return ''
}

describe('readInputs: what is fine', () => {
  it('needs only the connection: everything else has a default', () => {
    expect(readInputs(environment())).toMatchObject({
      manifestFile: '/workspace/pve-provision.yaml',
      lockFile: '/workspace/pve-provision.lock',
      mode: 'apply',
      tokenId: 'ci@pve!x',
      trust: {},
      only: [],
      limits: {},
      stopOnError: false,
      keepFailed: false,
      factsMaxAgeMs: 24 * 3_600_000,
      cache: 'read-write',
      cacheKeyPrefix: 'pve-provision',
      imagesBudgetBytes: 0,
      cacheDirectory: '/temp/pve-provision',
      summary: true,
    })
  })

  it('reads the connection from the common environment variables', () => {
    const inputs = readInputs(
      environment(
        {},
        {
          PVE_ENDPOINT: 'https://a:8006,https://b:8006',
          PVE_TOKEN_ID: 'ci@pve!y',
          PVE_TOKEN_SECRET: 's',
          PVE_FINGERPRINT: 'AA:BB',
        },
      ),
    )
    expect(inputs.endpoints.map(({ host }) => host)).toEqual(['a:8006', 'b:8006'])
    expect(inputs).toMatchObject({ tokenId: 'ci@pve!y', tokenSecret: 's', trust: { fingerprint: 'AA:BB' } })
  })

  it('prefers an input to a variable: a CA in the inputs overrides a fingerprint in a variable', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----'
    expect(readInputs(environment({ ...CONNECTION, ca }, { PVE_FINGERPRINT: 'AA' })).trust).toEqual({ ca })
  })

  it('reads a CA from a file in the working directory', () => {
    const folder = temporaryFolder('ca')
    writeFileSync(join(folder, 'ca.pem'), 'PEM')
    const more = { GITHUB_WORKSPACE: join(folder, '..') }
    const given = { ...CONNECTION, ca: 'ca.pem', 'working-directory': folder }
    expect(readInputs(environment(given, more)).trust).toEqual({ ca: 'PEM' })
  })

  it('looks for the lock file beside the manifest, in any folder', () => {
    const given = { ...CONNECTION, 'working-directory': 'infra', manifest: '../elsewhere/m.yaml' }
    expect(readInputs(environment(given))).toMatchObject({
      manifestFile: '/workspace/elsewhere/m.yaml',
      lockFile: '/workspace/elsewhere/pve-provision.lock',
    })
  })

  it('accepts names with any of the usual separators', () => {
    expect(readInputs(environment({ ...CONNECTION, only: 'web, db\nworker-1 web' })).only).toEqual([
      'web',
      'db',
      'worker-1',
    ])
  })

  it.each([
    ['30m', 1_800_000],
    ['7d', 604_800_000],
    ['90 s', 90_000],
    ['0', 0],
  ])('accepts facts-max-age %s', (text, ms) => {
    expect(readInputs(environment({ ...CONNECTION, 'facts-max-age': text })).factsMaxAgeMs).toBe(ms)
  })

  it('requests facts again with `refresh`, whatever their age', () => {
    expect(readInputs(environment({ ...CONNECTION, refresh: 'true', 'facts-max-age': '7d' })).factsMaxAgeMs).toBe(0)
  })

  it('accepts limits and a budget', () => {
    const given = { ...CONNECTION, limits: 'perStorage: 2\nuploads: 1', 'cache-images': '1.5 GiB' }
    expect(readInputs(environment(given))).toMatchObject({
      limits: { perStorage: 2, uploads: 1 },
      imagesBudgetBytes: 1.5 * 2 ** 30,
    })
  })

  it.each(['4 GiB', '4GiB', '4 GB', '4g', '4096 MiB'])('accepts the size %s, as a manifest does', (text) => {
    expect(readInputs(environment({ ...CONNECTION, 'cache-images': text })).imagesBudgetBytes).toBe(4 * 2 ** 30)
  })

  it.each(['validate', 'pin'])('needs no connection in mode %s, and signs nothing without a secret', (mode) => {
    expect(readInputs(environment({ mode }))).toMatchObject({ mode, endpoints: [], tokenSecret: '', cache: 'off' })
  })

  it.each([
    [{ mode: 'destroy' }, { removal: 'all' }],
    [{ mode: 'destroy', destroy: 'expired' }, { removal: 'expired' }],
    [{ mode: 'plan', destroy: 'orphans' }, { removal: 'orphans' }],
    [
      { adopt: 'web=104 db=105' },
      {
        adoptions: [
          { name: 'web', vmid: 104 },
          { name: 'db', vmid: 105 },
        ],
      },
    ],
    [
      { 'replace-outdated': 'true', batch: '2' },
      { replaceOutdated: true, batch: 2 },
    ],
    [{ timeout: '30m' }, { timeoutMs: 1_800_000 }],
    [{ env: 'CLUSTER, NODE' }, { allowed: ['CLUSTER', 'NODE'] }],
    [{}, { allowed: [] }],
    [{ vars: 'size=large\n\n  text=a=b, c \r\nempty=' }, { variables: { size: 'large', text: 'a=b, c', empty: '' } }],
    [{}, { variables: {} }],
  ])('accepts %j', (inputs, expected) => {
    expect(readInputs(environment({ ...CONNECTION, ...inputs }))).toMatchObject(expected)
  })

  it('keeps images under the tool cache on a self-hosted runner', () => {
    const inputs = readInputs(environment(CONNECTION, { RUNNER_ENVIRONMENT: 'self-hosted' }))
    expect(inputs.cacheDirectory).toBe('/tools/pve-provision')
  })
})

describe('readInputs: what is wrong', () => {
  it('reports everything that is missing at once', () => {
    expect(() => readInputs(environment({}))).toThrow(
      '3 inputs are wrong:\n`endpoint` is missing: set the input or the variable PVE_ENDPOINT.\n' +
        '`token-id` is missing: set the input `token-id` or the variable PVE_TOKEN_ID.\n' +
        '`token-secret` is missing: set the input `token-secret` or the variable PVE_TOKEN_SECRET.',
    )
  })

  it.each([
    [{ ...CONNECTION, 'token-secret': '' }, { PVE_TOKEN_SECRET: 'stronger' }],
    [{ ...CONNECTION, 'token-id': '' }, { PVE_TOKEN_ID: 'root@pam!all' }],
  ])('never combines two halves to one token: %j with %j', (inputs, variables) => {
    expect(() => readInputs(environment(inputs, variables))).toThrow('both must come from the same place')
  })

  it('says why a secret may be empty', () => {
    expect(() => readInputs(environment({ ...CONNECTION, 'token-secret': '' }))).toThrow(/forks.*Dependabot/)
  })

  it.each([
    [{ mode: 'aply' }, '`mode` must be one of apply, plan, destroy, adopt, prune, pin, validate, doctor, not `aply`'],
    [{ 'expect-plan': '' }, '`expect-plan` is empty: the step that makes the plan has no digest'],
    [{ 'expect-plan': 'sha256:12' }, '`expect-plan` must be one, not `sha256:12`'],
    [{ destroy: 'expired' }, '`destroy` works only in the modes `destroy` and `plan`'],
    [{ mode: 'destroy', destroy: 'old' }, '`destroy` must be one of all, expired, orphans, not `old`'],
    [{ adopt: 'web' }, '`adopt` must be like `web=104, db=105`, or `all`'],
    [{ env: 'CLUSTER,A-B' }, '`env` must list names of variables, not `A-B`'],
    [{ timeout: 'soon' }, '`timeout` must be a duration'],
    [{ vars: 'size' }, '`vars` must be lines such as `size=large`'],
    [{ vars: '2=x' }, '`vars` must be lines'],
    [{ batch: '0' }, '`batch` must be a whole number from 1'],
    [{ endpoint: 'http://pve:8006' }, '`endpoint` must be like https://host:8006, not `http://pve:8006`'],
    [{ endpoint: 'pve' }, '`endpoint` must be like'],
    [{ 'stop-on-error': 'yes' }, '`stop-on-error` must be `true` or `false`, not `yes`'],
    [{ 'facts-max-age': 'a day' }, '`facts-max-age` must be a duration such as'],
    [{ 'facts-max-age': '24' }, '`facts-max-age` must be a duration such as'],
    [{ 'cache-images': '4 GBit' }, '`cache-images` must be a size such as'],
    [{ cache: 'maybe' }, '`cache` must be one of true, false, read-only'],
    [{ limits: 'perStorge: 2' }, '`limits` has no key `perStorge`'],
    [{ limits: 'perStorage: 0' }, '`limits.perStorage` must be a whole number from 1 to 64'],
    [{ limits: '- 3' }, '`limits` must be a YAML mapping'],
    [{ limits: '{' }, '`limits` must be a YAML mapping'],
    [{ 'cache-key-prefix': 'a,b' }, '`cache-key-prefix` may have'],
    [{ ca: 'nowhere.pem' }, '`ca` is neither a PEM text nor the path'],
    [{ ca: 'x', fingerprint: 'AA' }, '`fingerprint` and `ca` cannot be used together'],
  ])('refuses %j', (inputs, sentence) => {
    expect(faultsOf(inputs)).toContain(sentence)
  })

  it('does not repeat a password in the endpoint', () => {
    const message = faultsOf({ endpoint: 'https://root:hunter2@pve:8006' })
    expect(message).toContain('must not contain a user or password')
    expect(message).not.toContain('hunter2')
  })
})

describe('tokenSecretsOf', () => {
  it('finds the secrets in both places, before any check', () => {
    const both = { 'INPUT_TOKEN-SECRET': ' a \n', PVE_TOKEN_SECRET: 'b' }
    expect(tokenSecretsOf(both)).toEqual(['a', 'b'])
    expect(tokenSecretsOf({})).toEqual([])
  })
})
