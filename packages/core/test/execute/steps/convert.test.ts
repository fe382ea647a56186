// The convert step with real files, a real store and the real qemu-img.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { convert } from '../../../src/execute/steps/convert.ts'
import { madeKey } from '../../../src/facts/images/blob-keys.ts'
import { recallMade } from '../../../src/facts/images/made-facts.ts'
import type { Digest } from '../../../src/manifest/manifest.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import type { Recipe } from '../../../src/ports/world.ts'
import { digestOf, type ImageLab, imageLab, STEP } from '../../support/image-lab.ts'

const MIB = 1024 * 1024
const DISK = Buffer.concat([randomBytes(MIB), Buffer.alloc(6 * MIB), randomBytes(MIB)])

let images: ImageLab
let qcow2: Buffer
let vdi: Buffer

beforeAll(async () => {
  images = await imageLab()
  await writeFile(images.path('disk.raw'), DISK)
  for (const format of ['qcow2', 'vdi'])
    images.qemuImg('convert', '-f', 'raw', '-O', format, 'disk.raw', `disk.${format}`)
  qcow2 = await readFile(images.path('disk.qcow2'))
  vdi = await readFile(images.path('disk.vdi'))
})
afterAll(() => images[Symbol.asyncDispose]())

const pack = (program: string, bytes: Uint8Array) =>
  execFileSync(program, ['-1', '-c'], { input: bytes, maxBuffer: 1 << 28 })

function stepOf(from: Digest, recipe: Recipe): StepOf<'convert'> {
  const format = recipe === 'as-is' ? {} : { format: recipe }
  return {
    ...STEP,
    kind: 'convert',
    id: 'convert:x',
    image: 'x',
    needs: ['download:x'],
    from,
    to: `${from}+${recipe}`,
    ...format,
  }
}

async function temporaries({ folder }: ImageLab): Promise<readonly string[]> {
  return readdir(`${folder}/cache/v1/temporary`).catch(() => [])
}

describe('convert step', () => {
  it('converts a qcow2 to raw once, and keeps the result the second time', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(qcow2)
    const step = stepOf(key, 'raw')
    const first = await convert(step, lab.context())
    expect(first.kept).toBeFalsy()
    expect(await readFile(first.blob?.path ?? '')).toEqual(DISK)
    expect((await stat(first.blob?.path ?? '')).blocks * 512).toBeLessThan(3 * MIB)
    expect(await convert(step, lab.context())).toEqual({ kept: true, blob: first.blob })
    expect(lab.progress).toContain('qemu-img convert to raw')
  })

  it.each(['xz', 'zstd', 'gzip', 'bzip2'])('unpacks %s, and records the digest of the result', async (program) => {
    await using lab = await imageLab()
    const { key } = await lab.stored(pack(program, qcow2))
    const step = stepOf(key, 'as-is')
    const { blob } = await convert(step, lab.context())
    expect(await readFile(blob?.path ?? '')).toEqual(qcow2)
    expect(await recallMade(step.to, lab.world)).toEqual({ digest: digestOf(qcow2) })
    expect(await temporaries(lab)).toEqual([])
  })

  it('unpacks and converts in one step', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(pack('xz', qcow2))
    const { blob } = await convert(stepOf(key, 'raw'), lab.context())
    expect(await readFile(blob?.path ?? '')).toEqual(DISK)
    expect(await temporaries(lab)).toEqual([])
  })

  it('unpacks again when the unpacked file of an earlier run is corrupt', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(pack('gzip', qcow2))
    const { blob } = await convert(stepOf(key, 'as-is'), lab.context())
    const path = blob?.path ?? ''
    const wrong = await readFile(path)
    wrong.writeUInt8(wrong.readUInt8(wrong.length - 1000) ^ 0xff, wrong.length - 1000)
    await chmod(path, 0o600)
    await writeFile(path, wrong)
    const converted = await convert(stepOf(key, 'raw'), lab.context())
    expect(await readFile(converted.blob?.path ?? '')).toEqual(DISK)
  })

  it('keeps the blob unchanged when it already has the right format', async () => {
    await using lab = await imageLab()
    const source = await lab.stored(qcow2)
    expect(await convert(stepOf(source.key, 'qcow2'), lab.context())).toEqual({
      kept: true,
      blob: expect.objectContaining({ key: source.key }),
    })
    expect(await convert(stepOf(source.key, 'as-is'), lab.context())).toMatchObject({ kept: true })
    expect(await lab.world.store.list()).toHaveLength(1)
  })

  it('converts to qcow2 what Proxmox cannot import, requested or not', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(pack('gzip', vdi))
    const { blob } = await convert(stepOf(key, 'as-is'), lab.context())
    expect(await lab.world.qemuImg.inspect(blob?.path ?? '')).toEqual({
      format: 'qcow2',
      virtualSizeBytes: DISK.length,
    })
  })

  it('extracts the image from an archive, and from a file that is compressed twice', async () => {
    await using lab = await imageLab()
    const tar = execFileSync('tar', ['cf', '-', '-C', images.folder, 'disk.qcow2'], { maxBuffer: 1 << 28 })
    for (const bytes of [tar, pack('xz', tar), pack('gzip', pack('xz', qcow2))]) {
      const { key } = await lab.stored(bytes)
      const { blob } = await convert(stepOf(key, 'as-is'), lab.context())
      expect((await readFile(blob?.path ?? '')).equals(qcow2)).toBe(true)
    }
    expect(await temporaries(lab)).toEqual([])
  })

  it('stores files of an archive separately by member', async () => {
    await using lab = await imageLab()
    await writeFile(lab.path('disk.qcow2'), qcow2)
    await writeFile(lab.path('other.qcow2'), qcow2.subarray(0, -1))
    const { key } = await lab.stored(
      execFileSync('tar', ['cf', '-', '-C', lab.folder, 'disk.qcow2', 'other.qcow2'], { maxBuffer: 1 << 28 }),
    )
    const member = 'disk.qcow2'
    const { blob } = await convert(
      { ...stepOf(key, 'as-is'), member, to: madeKey({ digest: key, member }, 'as-is') },
      lab.context(),
    )
    expect(blob?.key).toMatch(/^sha256:[0-9a-f]{64}\+as-is\.[0-9a-f]{16}$/)
    await expect(convert(stepOf(key, 'as-is'), lab.context())).rejects.toMatchObject({
      code: 'IMAGE',
      message: expect.stringMatching(/2 images/),
    })
  })

  it('refuses a truncated qcow2 and does not convert half of it', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(qcow2.subarray(0, MIB))
    await expect(convert(stepOf(key, 'raw'), lab.context())).rejects.toMatchObject({ code: 'IMAGE' })
    expect(await lab.world.store.find(`${key}+raw`)).toBeUndefined()
  })

  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['packed', (bytes: Buffer) => pack('gzip', bytes)],
  ])('drops a corrupt %s copy in the store, and says so', async (_, packed) => {
    await using lab = await imageLab()
    const { key, path } = await lab.stored(packed(qcow2))
    await rot(path)
    await expect(convert(stepOf(key, 'raw'), lab.context())).rejects.toMatchObject({ code: 'CHECKSUM' })
    expect(await lab.world.store.find(key)).toBeUndefined()
    expect(await lab.world.store.find(`${key}+raw`)).toBeUndefined()
  })

  it('does not hash a file again that this run has downloaded', async () => {
    await using lab = await imageLab()
    const blob = await lab.stored(qcow2)
    const store = { ...lab.world.store, verify: () => Promise.reject(new Error('hashed again')) }
    const context = { ...lab.context({ 'download:x': { blob, kept: false } }), world: { ...lab.world, store } }
    await expect(convert(stepOf(blob.key, 'raw'), context)).resolves.toMatchObject({ blob: { key: `${blob.key}+raw` } })
  })

  it('leaves nothing when it is cancelled', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(pack('gzip', qcow2))
    const controller = new AbortController()
    const context = { ...lab.context({}, controller.signal), progress: () => controller.abort() }
    await expect(convert(stepOf(key, 'raw'), context)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await temporaries(lab)).toEqual([])
    expect(await lab.world.store.list()).toHaveLength(1)
  })

  it('reports when the source has disappeared', async () => {
    await using lab = await imageLab()
    await expect(convert(stepOf(digestOf(qcow2), 'raw'), lab.context())).rejects.toMatchObject({ code: 'DISK' })
  })
})

/** Changes a byte and keeps the size. */
async function rot(path: string): Promise<void> {
  await chmod(path, 0o600)
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 3000) ^ 1, bytes.length - 3000)
  await writeFile(path, bytes)
}
