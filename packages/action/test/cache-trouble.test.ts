import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_FILE } from '../src/cache/cache-protocol.ts'
import { packBundle } from '../src/cache/facts-bundle.ts'
import { startCacheService } from './support/cache-client.ts'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionCall, type ActionRun, type Job, newJob, runAction } from './support/runner.ts'
import { temporaryFolder } from './support/temporary.ts'

let around: Surroundings
let text: string
beforeAll(async () => {
  around = await surroundings()
  text = manifest(around.vendor, { count: 1 })
  // The machine exists, so the following runs have nothing to do.
  const made = await run({ inputs: { cache: 'false' } })
  expect(made.exitCode).toBe(0)
})
beforeEach(async () => {
  await around.cacheService.fault('none')
  await around.cacheService.plant()
})
afterAll(() => around.close())

async function run(rest: Partial<Omit<ActionCall, 'job'>> = {}, job: Job = newJob()): Promise<ActionRun> {
  writeManifest(job, text)
  return runAction(callOf(around, job, rest))
}

const warnings = ({ commands }: ActionRun) =>
  commands.filter(({ name }) => name === 'warning').map((command) => command.text)
const errors = ({ commands }: ActionRun) =>
  commands.filter(({ name }) => name === 'error').map((command) => command.text)

/** Checks that a run with a failing cache succeeds with one warning and no error. */
function expectNoHarm(outcome: ActionRun): void {
  expect(errors(outcome)).toEqual([])
  expect(outcome.exitCode).toBe(0)
  expect(outcome.outputs).toMatchObject({ changed: 'false', 'facts-cache-hit': 'false' })
  expect(warnings(outcome)).toHaveLength(1)
}

describe('a failing cache service costs only time', () => {
  // Each test has its own service. They run at the same time, because they mostly wait.
  it.concurrent.each([
    ['error-500', 'no answer within 2 s'],
    ['garbage', 'no answer within 2 s'],
    ['slow', 'no answer within 2 s'],
  ] as const)('%s: is given up with one warning, and without saving', async (fault, sentence) => {
    const service = await startCacheService(temporaryFolder('cache'))
    try {
      await service.fault(fault)
      const outcome = await run({ cacheUrl: service.url, inputs: { 'cache-timeout': '2s' } })
      expectNoHarm(outcome)
      expect(warnings(outcome)[0]).toContain(sentence)
      expect((await service.state()).calls).not.toContain('POST CreateCacheEntry')
    } finally {
      await service.stop()
    }
  })

  it('down: nothing listens', async () => {
    expectNoHarm(await run({ cacheUrl: 'http://127.0.0.1:9/' }))
  })

  it('full: the facts are not saved, with a message', async () => {
    await around.cacheService.fault('full')
    const outcome = await run({ inputs: { 'cache-key-prefix': 'full' } })
    expect(outcome.exitCode).toBe(0)
    expect(outcome.log).toContain('was not written: ')
    expect(warnings(outcome)).toEqual([])
    expect((await around.cacheService.state()).entries).toEqual([])
  })

  it('denied: a token that may only read', async () => {
    await around.cacheService.fault('denied')
    const outcome = await run()
    expectNoHarm(outcome)
    expect(warnings(outcome)[0]).toContain('cache write denied')
  })

  it('absent: a runner without one gets a log line, not a warning', async () => {
    const job = newJob()
    writeManifest(job, text)
    const { cacheUrl: _, ...call } = callOf(around, job)
    const outcome = await runAction(call)
    expect(outcome.exitCode).toBe(0)
    expect(warnings(outcome)).toEqual([])
    expect(outcome.log).toContain('This runner has no workflow cache')
  })

  it('truncated: an archive that ends midway is ignored', async () => {
    expect((await run()).exitCode).toBe(0)
    await around.cacheService.fault('truncated')
    const outcome = await run()
    expect(outcome.exitCode).toBe(0)
    expect(errors(outcome)).toEqual([])
    expect(outcome.outputs).toMatchObject({ changed: 'false', 'facts-cache-hit': 'false' })
  })
})

describe('a hostile cache', () => {
  function archive(prepare: (folder: string) => void): string {
    const folder = temporaryFolder('hostile')
    prepare(folder)
    execFileSync('tar', ['-cf', join(folder, 'a.tzst'), '-C', folder, '--use-compress-program', 'zstdmt', ENTRY_FILE])
    return join(folder, 'a.tzst')
  }

  async function bundle(files: Readonly<Record<string, string>>, secret: string): Promise<string> {
    const folder = temporaryFolder('poison')
    execFileSync('mkdir', ['-p', join(folder, 'journal'), join(folder, 'documents')])
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    return (await packBundle(folder, { secret, scope: 'another-cluster' }))?.text ?? ''
  }

  it('a journal that was created without the secret is ignored, and replaced by this run', async () => {
    const poison = await bundle({ 'journal/facts.jsonl': 'pve-provision journal 1\n' }, 'a-secret-of-their-own')
    await around.cacheService.plant(archive((folder) => writeFileSync(join(folder, ENTRY_FILE), poison)))
    const outcome = await run()
    expectNoHarm(outcome)
    expect(warnings(outcome)[0]).toContain('was not sealed by this token and was ignored')
    expect(outcome.summary).toContain('was not created by pve-provision and was ignored')
  })

  it('a bundle of another cluster, made with the right secret, is ignored', async () => {
    const foreign = await bundle({ 'journal/facts.jsonl': 'pve-provision journal 1\n' }, around.simulator.tokenSecret)
    await around.cacheService.plant(archive((folder) => writeFileSync(join(folder, ENTRY_FILE), foreign)))
    expectNoHarm(await run())
  })

  it('a link in the archive is ignored', async () => {
    await around.cacheService.plant(
      archive((folder) => execFileSync('ln', ['-s', '/etc/passwd', join(folder, ENTRY_FILE)])),
    )
    const outcome = await run()
    expectNoHarm(outcome)
    expect(warnings(outcome)[0]).toContain('not created by pve-provision')
  })
})

describe('permission to write', () => {
  const repository = (name: string) => ({ repo: { full_name: name } })

  it('a pull request from a fork reads the cache and saves nothing', async () => {
    const before = (await around.cacheService.state()).entries.length
    const event = { pull_request: { head: repository('stranger/machines'), base: repository('org/machines') } }
    const env = { GITHUB_EVENT_NAME: 'pull_request' }
    const outcome = await run({ event, env, inputs: { 'cache-key-prefix': 'fork' } })
    expect(outcome.exitCode).toBe(0)
    expect(outcome.log).toContain('only read')
    expect((await around.cacheService.state()).entries).toHaveLength(before)
  })

  it('a pull request from the same repository saves', async () => {
    const before = (await around.cacheService.state()).entries.length
    const event = { pull_request: { head: repository('org/machines'), base: repository('org/machines') } }
    await run({ event, env: { GITHUB_EVENT_NAME: 'pull_request' }, inputs: { 'cache-key-prefix': 'branch' } })
    expect((await around.cacheService.state()).entries).toHaveLength(before + 1)
  })

  // The others are in the table of `cacheAccess`.
  it('a run for an event that outsiders can trigger saves nothing', async () => {
    const before = (await around.cacheService.state()).entries.length
    const env = { GITHUB_EVENT_NAME: 'pull_request_target' }
    const outcome = await run({ env, inputs: { 'cache-key-prefix': 'outsiders' } })
    expect(outcome.log).toContain('only read')
    expect((await around.cacheService.state()).entries).toHaveLength(before)
  })

  it('`cache: read-only` saves nothing, `cache: false` makes no request', async () => {
    const before = (await around.cacheService.state()).entries.length
    await run({ inputs: { cache: 'read-only', 'cache-key-prefix': 'reader' } })
    expect((await around.cacheService.state()).entries).toHaveLength(before)
    await run({ inputs: { cache: 'false', 'cache-key-prefix': 'off' } })
    expect((await around.cacheService.state()).calls).toEqual([])
  })
})

describe('facts from the cache', () => {
  it('are used by the next job, and requested again with `refresh` or once they are too old', async () => {
    const inputs = { 'cache-key-prefix': 'age' }
    expect((await run({ inputs })).outputs['facts-cache-hit']).toBe('false')
    expect((await run({ inputs })).outputs['facts-cache-hit']).toBe('true')
    expect((await run({ inputs: { ...inputs, refresh: 'true' } })).outputs['facts-cache-hit']).toBe('false')
    expect((await run({ inputs: { ...inputs, 'facts-max-age': '0' } })).outputs['facts-cache-hit']).toBe('false')
  })

  it('of a self-hosted runner stay on it, but not images that no run has used for 30 days', async () => {
    const job = newJob()
    const blobs = join(job.toolCache, 'pve-provision', 'v1', 'blobs')
    mkdirSync(blobs, { recursive: true, mode: 0o700 })
    const [old, recent] = ['a', 'b'].map((digit) => join(blobs, `sha256-${digit.repeat(64)}.4`))
    for (const path of [old, recent]) writeFileSync(path ?? '', 'blob')
    const longAgo = Date.now() / 1000 - 31 * 24 * 3600
    utimesSync(old ?? '', longAgo, longAgo)
    const outcome = await run({ env: { RUNNER_ENVIRONMENT: 'self-hosted' } }, job)
    expect(outcome.exitCode).toBe(0)
    expect(outcome.summary).toContain('from the runner’s image store: unused for 30 days')
    expect(readdirSync(blobs)).toEqual([basename(recent ?? '')])
  })

  it('are used, but not images that another job on a self-hosted runner converted', async () => {
    const job = newJob()
    const blobs = join(job.toolCache, 'pve-provision', 'v1', 'blobs')
    mkdirSync(blobs, { recursive: true, mode: 0o700 })
    const list = await (await fetch(`${around.vendor.url}/SHA256SUMS`)).text()
    const [, digest] = /^(\w+) {2}image\.vmdk$/m.exec(list) ?? []
    const evil = join(job.directory, 'evil.qcow2')
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', evil, '4M'])
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 66 1M 256k', evil])
    copyFileSync(evil, join(blobs, `sha256-${digest}+qcow2.${statSync(evil).size}`))
    const name = writeManifest(
      job,
      manifest(around.vendor, { project: 'shared', count: 1, image: ['format: qcow2', 'convert: runner'] }),
    )
    writeFileSync(name, readFileSync(name, 'utf8').replace('image.qcow2', 'image.vmdk').replaceAll('debian', 'vmdk'))
    const outcome = await runAction(callOf(around, job, { env: { RUNNER_ENVIRONMENT: 'self-hosted' } }))
    expect(outcome.exitCode).toBe(0)
    const imports = join(around.simulator.dataDirectory, 'nodes', 'pve1', 'var', 'lib', 'vz', 'import')
    const pushed = readdirSync(imports).filter((file) => file.startsWith('vmdk-'))
    const disk = join(job.directory, 'disk.raw')
    execFileSync('qemu-img', ['convert', '-O', 'raw', join(imports, pushed[0] ?? ''), disk])
    expect(new Set(readFileSync(disk))).toEqual(new Set([0, 7]))
    // The vendor's own bytes are shared: their key is their digest.
    expect(readdirSync(blobs).some((file) => file.startsWith(`sha256-${digest}.`))).toBe(true)
  })

  it('of a self-hosted runner stay on it, without the cache service', async () => {
    const job = newJob()
    const self = { env: { RUNNER_ENVIRONMENT: 'self-hosted' }, inputs: { 'cache-key-prefix': 'self' } }
    await run(self, job)
    await around.cacheService.state()
    const again = await run(self, newJob({ toolCache: job.toolCache }))
    expect(again.outputs['facts-cache-hit']).toBe('true')
    expect((await around.cacheService.state()).calls).toEqual([])
  })

  it('of a self-hosted runner are ignored and written again if another job replaced them by what is no file', async () => {
    const job = newJob()
    // The workflow's cache must not have them.
    const self = { env: { RUNNER_ENVIRONMENT: 'self-hosted' }, inputs: { 'cache-key-prefix': 'replaced' } }
    await run(self, job)
    const folder = join(job.toolCache, 'pve-provision', 'facts')
    const [name = ''] = readdirSync(folder)
    const replacements = {
      'a pipe': (path: string) => execFileSync('mkfifo', [path]),
      'a link to an endless device': (path: string) => symlinkSync('/dev/zero', path),
      'a link to a folder': (path: string) => symlinkSync('/', path),
    }
    for (const [what, replace] of Object.entries(replacements)) {
      rmSync(join(folder, name))
      replace(join(folder, name))
      const next = await run(self, newJob({ toolCache: job.toolCache }))
      expect([next.exitCode, next.outputs['facts-cache-hit']], what).toEqual([0, 'false'])
      expect(lstatSync(join(folder, name)).isFile(), what).toBe(true)
    }
  })
})
