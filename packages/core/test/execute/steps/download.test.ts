// The download step with a real server and a real store.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StepContext } from '../../../src/execute/step-context.ts'
import { download } from '../../../src/execute/steps/download.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import { systemClock } from '../../../src/ports/clock.ts'
import { createStore } from '../../../src/ports/store/store.ts'
import { answerWith, sha256Of, someBytes } from '../../support/file-server.ts'
import { type HttpFixture, httpFixture } from '../../support/http-fixture.ts'

const BYTES = someBytes(500_000)
const DIGEST = sha256Of(BYTES)

function stepFor(urls: readonly URL[], sizeBytes?: number): StepOf<'download'> {
  return {
    id: 'download:debian',
    kind: 'download',
    image: 'debian',
    needs: [],
    action: 'run',
    why: '',
    lanes: [],
    urls,
    digest: DIGEST,
    ...(sizeBytes !== undefined && { sizeBytes }),
  }
}

/** Contains only what the step uses. Any other access fails the test. */
function contextOf({ http, meter, folder }: HttpFixture): {
  readonly context: StepContext
  readonly notes: string[]
  readonly progress: number[]
} {
  const notes: string[] = []
  const progress: number[] = []
  const world = { http, meter, store: createStore({ directory: join(folder, 'cache'), clock: systemClock }) }
  const context = {
    world,
    desired: { images: new Map() },
    facts: { images: new Map() },
    signal: new AbortController().signal,
    progress: ({ done }: { done: number }) => progress.push(done),
    note: (_level: string, message: string) => notes.push(message),
  }
  return { context: context as unknown as StepContext, notes, progress }
}

describe('download step', () => {
  it('downloads the blob once, and keeps it the second time without a request', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', { bytes: BYTES })
    const { context, progress } = contextOf(fixture)
    const step = stepFor([fixture.server.url('/image')], BYTES.length)
    const first = await download(step, context)
    expect(first).toMatchObject({ kept: false, blob: { key: DIGEST, bytes: BYTES.length } })
    expect(Buffer.compare(await readFile(first.blob?.path ?? ''), BYTES)).toBe(0)
    expect(progress.length).toBeGreaterThan(0)
    expect(await download(step, context)).toEqual({ kept: true, blob: first.blob })
    expect(fixture.server.requests).toHaveLength(1)
    expect(fixture.meter.read()).toMatchObject({ bytesDownloaded: BYTES.length, bytesSaved: BYTES.length })
  })

  it('reports when a mirror was used', async () => {
    await using fixture = await httpFixture()
    const { context, notes } = contextOf(fixture)
    fixture.server.serve('/mirror', { bytes: BYTES })
    await download(stepFor([fixture.server.url('/image'), fixture.server.url('/mirror')]), context)
    expect(notes).toEqual([`debian came from 127.0.0.1:${fixture.server.port}, because the first address failed.`])
  })

  it('leaves nothing visible when the downloaded bytes are wrong', async () => {
    await using fixture = await httpFixture()
    const { context } = contextOf(fixture)
    fixture.server.fault('/image', answerWith(200, {}, 'something else'))
    await expect(download(stepFor([fixture.server.url('/image')]), context)).rejects.toMatchObject({ code: 'CHECKSUM' })
    expect(await context.world.store.list()).toEqual([])
  })
})
