// The store with several processes: killed, in parallel, and on disks that refuse writes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/ports/clock.ts'
import { createStore } from '../../../src/ports/store/store.ts'
import { type Fault, type FileServer, sha256Of, someBytes, startFileServer } from '../../support/file-server.ts'
import { NO_MOUNTS, withDisk } from '../../support/mounts.ts'

const PROGRAM = join(import.meta.dirname, '../../fixtures/ensure-blob.ts')
const BYTES = someBytes(8_000_000)
const FILE = { bytes: BYTES, etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' }
const DIGEST = sha256Of(BYTES)

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pve-provision-processes-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function serverWith(fault?: Fault): Promise<FileServer> {
  const server = await startFileServer()
  onTestFinished(() => server.close())
  server.serve('/image', FILE)
  if (fault !== undefined) server.fault('/image', fault, Number.POSITIVE_INFINITY)
  return server
}

/** Small, so that a process saves its progress long before it has everything. */
const PIECE_BYTES = 4_000

/** A server that sends pieces as far as allowed. `exhausted` is called when the limit is reached. */
class Doser {
  #left = 0
  #exhausted = Promise.withResolvers<void>()
  #more = Promise.withResolvers<void>()

  /** Allows this many more pieces, over all connections. Resolves when they are sent. */
  allow(pieces: number): Promise<void> {
    this.#left = pieces
    this.#exhausted = Promise.withResolvers()
    this.#more.resolve()
    this.#more = Promise.withResolvers()
    return this.#exhausted.promise
  }

  readonly send: Fault = async (request, response) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    const first = Number(range?.[1] ?? 0)
    const end = range?.[2] ? Number(range[2]) + 1 : BYTES.length
    const closed = once(response, 'close')
    response.writeHead(range === null ? 200 : 206, {
      'Content-Length': end - first,
      ETag: FILE.etag,
      ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${end - 1}/${BYTES.length}` }),
    })
    for (let at = first; at < end && !response.destroyed; at += PIECE_BYTES) {
      while (this.#left === 0 && !response.destroyed) {
        this.#exhausted.resolve()
        await Promise.race([this.#more.promise, closed])
      }
      if (response.destroyed) return true
      this.#left -= 1
      const piece = BYTES.subarray(at, Math.min(at + PIECE_BYTES, end))
      await Promise.race([new Promise((resolve) => response.write(piece, resolve)), closed])
    }
    response.end()
    return true
  }
}

/** Returns how many contiguous bytes a killed process has saved. */
async function notedBytes(directory: string): Promise<number> {
  const folder = join(directory, 'v1/temporary')
  const [name = ''] = await readdir(folder).catch(() => [])
  const text = await readFile(join(folder, name, 'data.state'), 'utf8').catch(() => '{}')
  return Number(JSON.parse(text).bytes ?? 0)
}

function run(command: string, parameters: readonly string[]) {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString()
  })
  const finished = once(child, 'close').then(() =>
    output === '' ? undefined : (JSON.parse(output) as Record<string, unknown>),
  )
  return { child, finished }
}

const ensureBlob = (directory: string, server: FileServer) =>
  run(process.execPath, [PROGRAM, directory, DIGEST, server.url('/image').href])

describe('processes', () => {
  it('killed again and again end with the right bytes, and nothing else is left', async () => {
    const directory = join(await temporaryFolder(), 'cache')
    const doser = new Doser()
    const server = await serverWith(doser.send)
    for (const pieces of [1, 10, 80]) {
      const sent = doser.allow(pieces)
      const { child, finished } = ensureBlob(directory, server)
      await sent
      child.kill('SIGKILL')
      expect(await finished).toBeUndefined()
    }
    // Killed after it has saved its progress. The next process requests the rest.
    const before = await notedBytes(directory)
    const { child, finished } = ensureBlob(directory, server)
    while ((await notedBytes(directory)) <= before) {
      await doser.allow(1)
      await delay(5)
    }
    child.kill('SIGKILL')
    expect(await finished).toBeUndefined()
    const [noted, asked] = [await notedBytes(directory), server.requests.length]
    void doser.allow(Number.POSITIVE_INFINITY)
    const result = await ensureBlob(directory, server).finished
    expect(server.requests[asked]).toContain(`bytes=${noted}-`)
    expect(result).toMatchObject({ bytes: BYTES.length })
    expect(Buffer.compare(await readFile(String(result?.path)), BYTES)).toBe(0)
    expect(await readdir(join(directory, 'v1/temporary'))).toEqual([])
    expect(await readdir(join(directory, 'v1/blobs'))).toHaveLength(1)
  })

  it('side by side on one store end with the same right bytes', async () => {
    const directory = join(await temporaryFolder(), 'cache')
    const server = await serverWith()
    const results = await Promise.all([1, 2, 3].map(() => ensureBlob(directory, server).finished))
    expect(new Set(results.map((result) => result?.path)).size).toBe(1)
    expect(Buffer.compare(await readFile(String(results[0]?.path)), BYTES)).toBe(0)
    expect(await readdir(join(directory, 'v1/temporary'))).toEqual([])
    expect(await readdir(join(directory, 'v1/blobs'))).toHaveLength(1)
  })
})

describe('a cache folder', () => {
  it('of another user is refused, with what to do', async () => {
    // Root can give any folder to another user. Other users have a folder of root.
    const isRoot = process.getuid?.() === 0
    const directory = isRoot ? join(await temporaryFolder(), 'foreign') : '/usr'
    if (isRoot) {
      await mkdir(directory)
      await chown(directory, 12_345, 12_345)
    }
    const store = createStore({ directory, clock: systemClock })
    await expect(store.ensure(DIGEST, () => Promise.reject(new Error('asked to write')))).rejects.toMatchObject({
      code: 'DISK',
      message: expect.stringContaining(`${directory} belongs to another user`),
      hint: expect.stringContaining('PVE_PROVISION_CACHE'),
    })
    await expect(store.find(DIGEST)).rejects.toMatchObject({ code: 'DISK' })
    expect(await lstat(join(directory, 'v1')).catch(() => undefined)).toBeUndefined()
  })

  it('that cannot be created, or is not a folder, is reported', async () => {
    for (const [directory, message] of [
      ['/proc/nowhere/cache', 'The disk does not support an operation (ENOENT)'],
      [PROGRAM, 'This is not a folder'],
    ] as const) {
      const store = createStore({ directory, clock: systemClock })
      await expect(store.ensure(DIGEST, () => Promise.resolve())).rejects.toMatchObject({
        code: 'DISK',
        message: expect.stringContaining(message),
      })
    }
  })
})

describe.skipIf(NO_MOUNTS !== undefined)(`a disk${NO_MOUNTS === undefined ? '' : `, skipped: ${NO_MOUNTS}`}`, () => {
  async function onDisk(options: string, fault?: Fault): Promise<Record<string, unknown> | undefined> {
    const folder = await temporaryFolder()
    const server = await serverWith(fault)
    const command = [process.execPath, PROGRAM, `${folder}/cache`, DIGEST, server.url('/image').href]
    return run(...withDisk(folder, options, command)).finished
  }

  it('that is too small is reported before anything is downloaded', async () => {
    expect(await onDisk('size=4m')).toMatchObject({
      code: 'DISK',
      message: expect.stringMatching(/has \d+ bytes free, but 8000000 are needed/),
    })
  })

  it('that fills up during a download is reported', async () => {
    const endless: Fault = (_request, response) => {
      response.writeHead(200)
      response.end(BYTES)
      return true
    }
    expect(await onDisk('size=4m', endless)).toMatchObject({
      code: 'DISK',
      message: expect.stringContaining('The disk is full'),
      hint: expect.stringContaining('larger disk'),
    })
  })

  it('that is read-only is reported', async () => {
    expect(await onDisk('ro')).toMatchObject({
      code: 'DISK',
      message: expect.stringContaining('The file system is read-only'),
      hint: expect.stringContaining('can be written'),
    })
  })
})
