// Unpacking during the download: a real server, a real store, real decoders, the real executor.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProvisionEvent } from '../../../src/events.ts'
import { execute } from '../../../src/execute/execute.ts'
import { recallMade } from '../../../src/facts/images/made-facts.ts'
import type { Digest } from '../../../src/manifest/manifest.ts'
import type { Step } from '../../../src/plan/step.ts'
import { answerWith, cutAfter, type Fault, type ServedFile, sha256Of, someBytes } from '../../support/file-server.ts'
import { desiredState, factsOf } from '../../support/given.ts'
import { type HttpFixture, httpFixture } from '../../support/http-fixture.ts'
import { digestOf, type ImageLab, imageLab, STEP } from '../../support/image-lab.ts'

const KINDS = ['xz', 'zstd', 'gzip', 'bzip2'] as const

let qcow2: Buffer
const packed = new Map<string, Buffer>()

beforeAll(async () => {
  await using lab = await imageLab()
  await writeFile(lab.path('disk.raw'), randomBytes(3_000_000))
  lab.qemuImg('convert', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'disk.qcow2')
  qcow2 = await readFile(lab.path('disk.qcow2'))
  for (const kind of KINDS) {
    packed.set(kind, execFileSync(kind, ['-1', '-c'], { input: qcow2, maxBuffer: 1 << 28 }))
  }
})

interface Scene {
  readonly lab: ImageLab
  readonly fixture: HttpFixture
  readonly file: ServedFile
  readonly digest: Digest
  [Symbol.asyncDispose](): Promise<void>
}

async function scene(kind: string): Promise<Scene> {
  const fixture = await httpFixture()
  const lab = await imageLab({ http: fixture.http, meter: fixture.meter })
  const bytes = packed.get(kind) ?? Buffer.alloc(0)
  const file = { bytes, etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' }
  fixture.server.serve('/image', file)
  return {
    lab,
    fixture,
    file,
    digest: sha256Of(bytes),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await fixture[Symbol.asyncDispose]()
    },
  }
}

function stepsFor({ fixture, digest }: Scene, names: readonly string[] = ['/image']): readonly Step[] {
  const urls = names.map((name) => fixture.server.url(name))
  return [
    { ...STEP, id: 'download:x', kind: 'download', image: 'x', urls, digest, isPacked: true, lanes: ['download'] },
    {
      ...STEP,
      id: 'convert:x',
      kind: 'convert',
      image: 'x',
      from: digest,
      to: `${digest}+as-is`,
      needs: ['download:x'],
      lanes: ['convert'],
    },
  ]
}

/** Runs the steps and returns what happened as text. */
async function run(given: Scene, steps = stepsFor(given), signal = new AbortController().signal) {
  const said: string[] = []
  const onEvent = (event: ProvisionEvent) => {
    if (event.type === 'progress') said.push(event.progress.what ?? '')
  }
  const state = { desired: desiredState('vms: {}'), facts: factsOf(), world: given.lab.world }
  const outcomes = await execute({ steps }, state, { signal, onEvent })
  return { outcomes, said, status: outcomes.map(({ status }) => status) }
}

/** Sends the first half, and the rest when `until` resolves. */
function halting({ bytes, etag }: ServedFile, until: () => Promise<boolean>): Fault {
  return async (_request, response) => {
    response.writeHead(200, { 'Content-Length': bytes.length, ETag: etag })
    response.write(bytes.subarray(0, bytes.length / 2))
    while (!(await until())) await delay(5)
    response.end(bytes.subarray(bytes.length / 2))
    return true
  }
}

const leftovers = ({ lab }: Scene) => readdir(`${lab.folder}/cache/v1/temporary`)

describe('a packed image', () => {
  it.each(KINDS)('of %s is unpacked while it downloads, and both digests are recorded', async (kind) => {
    await using given = await scene(kind)
    const { status, said } = await run(given)
    expect(status).toEqual(['done', 'done'])
    const blob = await given.lab.world.store.find(`${given.digest}+as-is`)
    expect(await readFile(blob?.path ?? '')).toEqual(qcow2)
    expect(await recallMade(`${given.digest}+as-is`, given.lab.world)).toEqual({ digest: digestOf(qcow2) })
    expect(said.filter((what) => what.startsWith('unpacking'))).toEqual([])
    expect(await leftovers(given)).toEqual([])
  })

  it('is unpacked before the download is complete', async () => {
    await using given = await scene('gzip')
    // The second half is sent only after something of the first was unpacked.
    const unpackedBytes = async () => {
      const folder = `${given.lab.folder}/cache/v1/temporary`
      const unpacking = (await readdir(folder)).find((name) => name.includes('as-is'))
      return unpacking === undefined
        ? 0
        : (await readFile(`${folder}/${unpacking}/data.unpacked`).catch(() => '')).length
    }
    given.fixture.server.fault(
      '/image',
      halting(given.file, async () => (await unpackedBytes()) > 0),
    )
    expect((await run(given)).status[0]).toBe('done')
    expect(given.fixture.server.requests).toEqual(['/image'])
  })

  it('with wrong bytes from the first mirror is unpacked again', async () => {
    await using given = await scene('zstd')
    const other = execFileSync('zstd', ['-1', '-c'], { input: someBytes(2_000_000, 'other'), maxBuffer: 1 << 28 })
    given.fixture.server.serve('/mirror', { bytes: other })
    const { status } = await run(given, stepsFor(given, ['/mirror', '/image']))
    expect(status[0]).toBe('done')
    const blob = await given.lab.world.store.find(`${given.digest}+as-is`)
    expect(await readFile(blob?.path ?? '')).toEqual(qcow2)
  })

  it('that downloads in pieces after cuts is unpacked from all of them', async () => {
    await using given = await scene('xz')
    given.fixture.server.fault('/image', cutAfter(given.file, 1_000_000))
    expect((await run(given)).status[0]).toBe('done')
    const blob = await given.lab.world.store.find(`${given.digest}+as-is`)
    expect(await readFile(blob?.path ?? '')).toEqual(qcow2)
  })

  it('whose download fails leaves nothing, neither packed nor unpacked', async () => {
    await using given = await scene('gzip')
    given.fixture.server.fault('/image', answerWith(404, {}), 10)
    const { status } = await run(given)
    expect(status).toEqual(['failed', 'blocked'])
    expect(await given.lab.world.store.list()).toEqual([])
  })

  it('with a wrong digest leaves nothing', async () => {
    await using given = await scene('gzip')
    const wrong = { ...given, digest: sha256Of(Buffer.from('promised')) }
    const { outcomes } = await run(wrong)
    expect(outcomes[0]?.error).toMatchObject({ code: 'CHECKSUM' })
    expect(await given.lab.world.store.list()).toEqual([])
    expect(await leftovers(given)).toEqual([])
  })

  it('that is damaged inside, though its digest is right, fails at unpacking', async () => {
    await using given = await scene('gzip')
    const bytes = Buffer.from(given.file.bytes)
    bytes.writeUInt8(bytes.readUInt8(1_000_000) ^ 0xff, 1_000_000)
    given.fixture.server.serve('/image', { ...given.file, bytes })
    const { outcomes } = await run({ ...given, digest: sha256Of(bytes) })
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'failed'])
    expect(outcomes[1]?.error).toMatchObject({
      code: 'IMAGE',
      message: expect.stringContaining('cannot be decompressed'),
    })
    expect((await given.lab.world.store.list()).map(({ key }) => key)).toEqual([sha256Of(bytes)])
  })

  it('is aborted cleanly: no process and no file is left when it returns', async () => {
    await using given = await scene('gzip')
    const controller = new AbortController()
    given.fixture.server.fault('/image', (_request, response) => {
      response.writeHead(200, { 'Content-Length': given.file.bytes.length })
      response.write(given.file.bytes.subarray(0, 1_000_000), () => controller.abort())
      return true
    })
    const { status } = await run(given, stepsFor(given), controller.signal)
    expect(status).toEqual(['cancelled', 'cancelled'])
    expect((await leftovers(given)).filter((name) => name.includes('as-is'))).toEqual([])
  })
})

afterAll(() => packed.clear())
