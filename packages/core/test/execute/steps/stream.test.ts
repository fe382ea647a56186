// The stream step: a vendor on a real socket, and a stub for Proxmox.
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { StepContext } from '../../../src/execute/step-context.ts'
import { stream } from '../../../src/execute/steps/stream.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import type { UploadFile, UploadOptions } from '../../../src/ports/pve/pve.ts'
import { sha256Of, someBytes } from '../../support/file-server.ts'
import { type HttpFixture, httpFixture } from '../../support/http-fixture.ts'

const BYTES = someBytes(1_000_000)
const DIGEST = sha256Of(BYTES)
const NAME = `debian-0123456789abcdef-${BYTES.length}.qcow2`

function stepFor(urls: readonly URL[]): StepOf<'stream'> {
  const at = { node: 'a', storage: 'local' }
  const base = {
    id: 'stream:debian',
    kind: 'stream',
    image: 'debian',
    needs: [],
    action: 'run',
    why: '',
    lanes: [],
  } as const
  return {
    ...base,
    at,
    stem: 'debian-0123456789abcdef',
    format: 'qcow2',
    urls,
    digest: DIGEST,
    sizeBytes: BYTES.length,
  }
}

/** Accepts an upload like Proxmox, and lists `volumes`. */
function contextOf({ http }: HttpFixture, volumes: readonly object[] = []) {
  const uploads: { readonly file: UploadFile; readonly bytes: Buffer }[] = []
  const progress: number[] = []
  const pve = {
    request: () => Promise.resolve(volumes),
    async upload(file: UploadFile, { onBytes }: UploadOptions) {
      const bytes = await buffer(file.open())
      onBytes?.(bytes.length)
      uploads.push({ file, bytes })
      return `local:import/${file.fileName}`
    },
  }
  const context = {
    world: { http, pve },
    desired: { images: new Map() },
    facts: { images: new Map() },
    signal: new AbortController().signal,
    progress: ({ done }: { done: number }) => progress.push(done),
  }
  return { context: context as unknown as StepContext, uploads, progress }
}

describe('stream step', () => {
  it('streams the vendor’s bytes to Proxmox with size and digest', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', { bytes: BYTES })
    const { context, uploads, progress } = contextOf(fixture)
    expect(await stream(stepFor([fixture.server.url('/image')]), context)).toEqual({ volid: `local:import/${NAME}` })
    expect(Buffer.compare(uploads[0]?.bytes ?? Buffer.alloc(0), BYTES)).toBe(0)
    expect(uploads[0]?.file).toMatchObject({
      fileName: NAME,
      sizeBytes: BYTES.length,
      content: 'import',
      checksum: { algorithm: 'sha256' },
    })
    expect(progress).toEqual([BYTES.length])
  })

  it('is kept when a volume of that name and size already exists', async () => {
    await using fixture = await httpFixture()
    const { context, uploads } = contextOf(fixture, [{ volid: `local:import/${NAME}`, size: BYTES.length }])
    expect(await stream(stepFor([fixture.server.url('/image')]), context)).toEqual({
      volid: `local:import/${NAME}`,
      kept: true,
    })
    expect(uploads).toEqual([])
    expect(fixture.server.requests).toEqual([])
  })

  it('does not complete the upload when the bytes are wrong', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', { bytes: someBytes(BYTES.length, 'wrong') })
    const { context, uploads } = contextOf(fixture)
    await expect(stream(stepFor([fixture.server.url('/image')]), context)).rejects.toMatchObject({ code: 'CHECKSUM' })
    expect(uploads).toEqual([])
  })
})
