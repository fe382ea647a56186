// Conversion during the download: a real server, a real store, real threads, the real executor.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ProvisionEvent } from '../../../src/events.ts'
import { execute } from '../../../src/execute/execute.ts'
import type { Digest } from '../../../src/manifest/manifest.ts'
import type { Step } from '../../../src/plan/step.ts'
import { cutAfter, type Fault, sha256Of } from '../../support/file-server.ts'
import { desiredState, factsOf } from '../../support/given.ts'
import { httpFixture } from '../../support/http-fixture.ts'
import { type ImageLab, imageLab, STEP } from '../../support/image-lab.ts'

const MIB = 1024 * 1024
const ETAG = '"one"'
let qcow2: Buffer
let plain: Buffer
const DISK = Buffer.alloc(24 * MIB)

beforeAll(async () => {
  await using lab = await imageLab()
  randomBytes(4 * MIB).copy(DISK)
  DISK.write('the end', DISK.length - 7)
  await writeFile(lab.path('disk.raw'), DISK)
  // Clusters of noise cannot be compressed. Text among them makes compressed clusters.
  DISK.fill('a line of text\n', 2 * MIB, 3 * MIB)
  await writeFile(lab.path('disk.raw'), DISK)
  lab.qemuImg('convert', '-c', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'packed.qcow2')
  lab.qemuImg('convert', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'plain.qcow2')
  qcow2 = await readFile(lab.path('packed.qcow2'))
  plain = await readFile(lab.path('plain.qcow2'))
})

async function scene(bytes = qcow2) {
  const fixture = await httpFixture()
  const lab = await imageLab({ http: fixture.http, meter: fixture.meter })
  fixture.server.serve('/image', { bytes, etag: ETAG, lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' })
  return {
    lab,
    fixture,
    digest: sha256Of(bytes),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await fixture[Symbol.asyncDispose]()
    },
  }
}

type Scene = Awaited<ReturnType<typeof scene>>

function stepsFor({ fixture }: Scene, digest: Digest): readonly Step[] {
  const common = { ...STEP, image: 'x' } as const
  const urls = [fixture.server.url('/image')]
  return [
    { ...common, id: 'download:x', kind: 'download', urls, digest, becomesRaw: true, lanes: ['download'] },
    {
      ...common,
      id: 'convert:x',
      kind: 'convert',
      from: digest,
      to: `${digest}+raw`,
      format: 'raw',
      needs: ['download:x'],
      lanes: ['convert'],
    },
  ]
}

async function run(given: Scene, { digest = given.digest, signal = new AbortController().signal } = {}) {
  const said: string[] = []
  const onEvent = (event: ProvisionEvent) => {
    if (event.type === 'progress') said.push(event.progress.what ?? '')
  }
  const state = { desired: desiredState('vms: {}'), facts: factsOf(), world: given.lab.world }
  const outcomes = await execute({ steps: stepsFor(given, digest) }, state, { signal, onEvent })
  return { said, outcomes, status: outcomes.map(({ status }) => status) }
}

const temporaries = (lab: ImageLab) => join(lab.folder, 'cache/v1/temporary')

/** Returns true if half of the disk was written to a temporary file. */
async function isHalfWritten(lab: ImageLab): Promise<boolean> {
  const folders = await readdir(temporaries(lab)).catch(() => [])
  const sizes = await Promise.all(
    folders
      .filter((name) => name.includes('+raw'))
      .map((name) =>
        stat(join(temporaries(lab), name, 'data')).then(
          ({ blocks }) => blocks * 512,
          () => 0,
        ),
      ),
  )
  return sizes.some((bytes) => bytes >= MIB)
}

describe('a compressed qcow2 that becomes raw', () => {
  it('is converted while it downloads, and visible when it is complete', async () => {
    await using given = await scene()
    const { lab, fixture, digest } = given
    const seen: unknown[] = []
    fixture.server.fault('/image', async (_request, response) => {
      response.writeHead(200, { 'Content-Length': qcow2.length, ETag: ETAG })
      response.write(qcow2.subarray(0, qcow2.length / 2))
      while (!(await isHalfWritten(lab))) await delay(5)
      seen.push(await lab.world.store.find(`${digest}+raw`))
      response.end(qcow2.subarray(qcow2.length / 2))
      return true
    })
    const { status, said } = await run(given)
    expect(status).toEqual(['done', 'done'])
    expect(seen).toEqual([undefined])
    const blob = await lab.world.store.find(`${digest}+raw`)
    expect((await readFile(blob?.path ?? '')).equals(DISK)).toBe(true)
    expect(said.filter((what) => what.startsWith('qemu-img'))).toEqual([])
    expect(await readdir(temporaries(lab))).toEqual([])
  })

  it('is never visible when its bytes are wrong', async () => {
    await using given = await scene()
    const digest: Digest = `sha256:${'0'.repeat(64)}`
    const { status } = await run(given, { digest })
    expect(status).toEqual(['failed', 'blocked'])
    expect(await given.lab.world.store.list()).toEqual([])
  })

  it('is converted again from the beginning when the download restarts', async () => {
    await using given = await scene()
    const other = { bytes: Buffer.from(qcow2).fill(1, 2 * MIB, 3 * MIB), etag: '"other"', lastModified: 'x' }
    given.fixture.server.fault('/image', cutAfter(other, qcow2.length - 1000))
    const { status } = await run(given)
    expect(status).toEqual(['done', 'done'])
    const blob = await given.lab.world.store.find(`${given.digest}+raw`)
    expect((await readFile(blob?.path ?? '')).equals(DISK)).toBe(true)
  })

  it('is not converted early when it has no compressed clusters, and stops with the run', async () => {
    await using unpacked = await scene(plain)
    expect((await run(unpacked)).status).toEqual(['done', 'done'])
    await using given = await scene()
    const controller = new AbortController()
    given.fixture.server.fault('/image', async (_request, response) => {
      response.writeHead(200, { 'Content-Length': qcow2.length, ETag: ETAG })
      response.write(qcow2.subarray(0, qcow2.length / 2))
      while (!(await isHalfWritten(given.lab))) await delay(5)
      controller.abort()
      response.destroy()
      return true
    })
    // A slow download opens more connections. They must not end before the run is cancelled.
    const waitForAbort: Fault = async (_request, response) => {
      if (!controller.signal.aborted) await once(controller.signal, 'abort')
      response.destroy()
      return true
    }
    given.fixture.server.fault('/image', waitForAbort, 100)
    expect((await run(given, { signal: controller.signal })).status).toEqual(['cancelled', 'cancelled'])
    expect(await given.lab.world.store.list()).toEqual([])
  })
})
