import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_FILE } from '../../src/cache/cache-protocol.ts'
import { createWorkflowCache, type RestoredEntry } from '../../src/cache/workflow-cache.ts'
import { type RunningCacheService, startCacheService } from '../support/cache-client.ts'
import { temporaryFolder } from '../support/temporary.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
const PATIENT_MS = 300_000

let service: RunningCacheService
beforeAll(async () => {
  service = await startCacheService(temporaryFolder('cache'))
})
beforeEach(async () => {
  await service.fault('none')
  await service.plant()
})
afterAll(() => service.stop())

function given({ environment = {} }: { readonly environment?: Readonly<Record<string, string>> } = {}) {
  const temporaryDirectory = temporaryFolder('entry')
  const said = { debug: [] as string[], say: [] as string[], warning: [] as string[], command: [] as string[] }
  const log = {
    debug: (text: string) => void said.debug.push(text),
    say: (text: string) => void said.say.push(text),
    warning: (text: string) => void said.warning.push(text),
    command: (line: string) => void said.command.push(line),
  }
  const cache = createWorkflowCache({
    environment: {
      PATH: process.env.PATH,
      GITHUB_SERVER_URL: 'https://github.com',
      RUNNER_TEMP: temporaryDirectory,
      ACTIONS_CACHE_SERVICE_V2: 'True',
      ACTIONS_RESULTS_URL: service.url,
      ACTIONS_RUNTIME_TOKEN: 'runtime-token',
      'INPUT_TOKEN-SECRET': 'must-not-be-passed-on',
      ...environment,
    },
    program: PROGRAM,
    temporaryDirectory,
    log,
  })
  const file = (content: string): string => {
    const path = join(temporaryDirectory, 'content')
    writeFileSync(path, content)
    return path
  }
  return { cache, said, file, temporaryDirectory }
}

function entryOf(found: RestoredEntry | 'trouble' | undefined): RestoredEntry | undefined {
  return found === 'trouble' ? undefined : found
}

describe('createWorkflowCache', () => {
  it('saves a file and finds it again from another folder, by its key or the beginning of one', async () => {
    const { cache, file, said } = given()
    expect(await cache.save(file('first'), { key: 'a-1', timeoutMs: PATIENT_MS })).toBe(true)
    expect(await cache.save(file('second'), { key: 'a-2', timeoutMs: PATIENT_MS })).toBe(true)

    const exact = entryOf(await given().cache.restore({ key: 'a-1', timeoutMs: PATIENT_MS }))
    expect(readFileSync(exact?.path ?? '', 'utf8')).toBe('first')
    const newest = entryOf(await given().cache.restore({ key: 'a-', timeoutMs: PATIENT_MS }))
    expect(newest?.key).toBe('a-2')
    expect(said.warning).toEqual([])
  })

  it('silently finds nothing when there is nothing, and leaves no folder behind', async () => {
    const { cache, said, temporaryDirectory } = given()
    expect(await cache.restore({ key: 'none-', timeoutMs: PATIENT_MS })).toBeUndefined()
    expect(said.warning).toEqual([])
    expect(readdirSync(temporaryDirectory).filter((name) => name.startsWith('restore'))).toEqual([])
  })

  it('does not save a key twice, and logs that without a warning', async () => {
    const { cache, file, said } = given()
    await cache.save(file('one'), { key: 'twice', timeoutMs: PATIENT_MS })
    expect(await cache.save(file('one'), { key: 'twice', timeoutMs: PATIENT_MS })).toBe(false)
    expect(said.say).toEqual([expect.stringContaining('was not written')])
    expect(said.warning).toEqual([])
  })

  it('masks what the client requests to mask', async () => {
    const { cache, file, said } = given()
    await cache.save(file('one'), { key: 'masked', timeoutMs: PATIENT_MS })
    expect(said.command.some((line) => line.startsWith('::add-mask::signature-'))).toBe(true)
  })

  it('warns once when the service refuses a write, and the run continues', async () => {
    await service.fault('denied')
    const { cache, file, said } = given()
    expect(await cache.save(file('one'), { key: 'denied', timeoutMs: PATIENT_MS })).toBe(false)
    expect(said.warning).toHaveLength(1)
    expect(said.warning[0]).toContain('cache write denied')
  })

  it('gives up a service that does not answer in time', async () => {
    await service.fault('slow')
    const { cache, said } = given()
    expect(await cache.restore({ key: 'x', timeoutMs: 1500 })).toBe('trouble')
    expect(said.warning).toEqual([expect.stringContaining('no answer within 2 s')])
  })

  it('warns when nothing listens at the address', async () => {
    const { cache, said } = given({ environment: { ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' } })
    expect(await cache.restore({ key: 'x', timeoutMs: PATIENT_MS })).toBe('trouble')
    expect(said.warning).toHaveLength(1)
    expect(said.warning[0]).toContain('The run continues without it')
  })

  it('ends at once and silently when the run is cancelled', async () => {
    await service.fault('slow')
    const { cache, said } = given()
    expect(await cache.restore({ key: 'x', timeoutMs: PATIENT_MS, signal: AbortSignal.timeout(700) })).toBe('trouble')
    expect(said.warning).toEqual([])
  })

  it('speaks the older protocol with GitHub Enterprise Server', async () => {
    const environment = { GITHUB_SERVER_URL: 'https://github.example.com', ACTIONS_CACHE_URL: service.url }
    const { cache, file, said } = given({ environment })
    await service.state()
    expect(await cache.save(file('older'), { key: 'older-1', timeoutMs: PATIENT_MS })).toBe(true)
    const found = entryOf(await given({ environment }).cache.restore({ key: 'older-', timeoutMs: PATIENT_MS }))
    expect(readFileSync(found?.path ?? '', 'utf8')).toBe('older')
    expect(said.warning).toEqual([])
    expect((await service.state()).calls.join()).not.toContain('CacheEntry')
  })

  it('only reads where the runner says so', async () => {
    const { cache, file, said } = given({ environment: { ACTIONS_CACHE_MODE: 'read' } })
    expect(await cache.save(file('one'), { key: 'fork', timeoutMs: PATIENT_MS })).toBe(false)
    expect(said.warning).toEqual([])
    expect((await service.state()).entries.map(({ key }) => key)).not.toContain('fork')
  })
})

describe('createWorkflowCache: a hostile archive', () => {
  function archive(build: (folder: string) => readonly string[]): string {
    const folder = temporaryFolder('hostile')
    const names = build(folder)
    const path = join(folder, 'archive.tzst')
    execFileSync('tar', ['--posix', '-cf', path, '-P', '-C', folder, '--use-compress-program', 'zstdmt', ...names])
    return path
  }

  it('cannot write outside the folder it is unpacked in: absolute names, climbing names, through links', async () => {
    const victim = temporaryFolder('victim')
    const path = archive((folder) => {
      writeFileSync(join(victim, 'absolute'), 'x')
      symlinkSync(victim, join(folder, 'door'))
      mkdirSync(join(folder, 'inner'))
      writeFileSync(join(folder, 'inner', 'climbing'), 'x')
      writeFileSync(join(folder, 'through'), 'x')
      writeFileSync(join(folder, ENTRY_FILE), 'content')
      return [
        '--transform=flags=r;s,^through$,door/through,',
        join(victim, 'absolute'),
        'door',
        'through',
        'inner/../inner/climbing',
        ENTRY_FILE,
      ]
    })
    execFileSync('rm', [join(victim, 'absolute')])
    await service.plant(path)
    const { cache } = given()
    const entry = entryOf(await cache.restore({ key: 'x', timeoutMs: PATIENT_MS }))
    expect(readFileSync(entry?.path ?? '', 'utf8')).toBe('content')
    expect(readdirSync(victim)).toEqual([])
    expect(existsSync(join(entry?.path ?? '', '..', 'door'))).toBe(false)
  })

  it('is ignored with a warning when the file we expect is a link', async () => {
    await service.plant(
      archive((folder) => {
        symlinkSync('/etc/passwd', join(folder, ENTRY_FILE))
        return [ENTRY_FILE]
      }),
    )
    const { cache, said } = given()
    expect(await cache.restore({ key: 'x', timeoutMs: PATIENT_MS })).toBeUndefined()
    expect(said.warning).toEqual([expect.stringContaining('not created by pve-provision')])
  })

  it('is ignored with a warning when it is no archive', async () => {
    const path = join(temporaryFolder('hostile'), 'noise')
    writeFileSync(path, 'noise'.repeat(1000))
    await service.plant(path)
    const { cache, said } = given()
    expect(entryOf(await cache.restore({ key: 'x', timeoutMs: PATIENT_MS }))).toBeUndefined()
    expect(said.warning.length).toBeGreaterThan(0)
  })
})
