import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { estimatePacking, isWorthPacking, packedForSending } from '../../../src/execute/image/packed-for-sending.ts'
import { upload } from '../../../src/execute/steps/upload.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import { createExec } from '../../../src/ports/exec.ts'
import { createQemuImg } from '../../../src/ports/image/qemu-img.ts'
import { clusterLab, type ImageLab, imageLab, STEP } from '../../support/image-lab.ts'

const MIB = 1024 * 1024

/** A disk with a boot sector that begins with this data. */
function diskOf(sizeBytes: number, data: Buffer): Buffer {
  const disk = Buffer.alloc(sizeBytes)
  data.copy(disk, 4096)
  disk.writeUInt16LE(0xaa55, 510)
  return disk
}

const MOSTLY_EMPTY = diskOf(64 * MIB, randomBytes(MIB))
const TEXT = diskOf(24 * MIB, Buffer.from('a line of a log, and another one\n'.repeat(650_000)))
const NOISE = diskOf(8 * MIB, randomBytes(8 * MIB - 4096))

async function rawOf(lab: ImageLab, qcow2: string): Promise<Buffer> {
  lab.qemuImg('convert', '-f', 'qcow2', '-O', 'raw', qcow2, 'again.raw')
  return readFile(lab.path('again.raw'))
}

describe('the upload of a raw image', () => {
  it.each([
    ['mostly empty', MOSTLY_EMPTY, 2 * MIB],
    ['text', TEXT, MIB],
  ])('is a compressed qcow2 of the same disk where that is %s', async (_, disk, most) => {
    await using lab = await imageLab()
    const { key } = await lab.stored(disk)
    const blob = await lab.world.store.find(key)
    const packed = blob && (await packedForSending(blob, lab.context(), async () => {}))
    expect(packed?.blob.bytes).toBeLessThan(most)
    expect(packed?.why).toMatch(/compressed as qcow2, 1 MiB instead of \d+ MiB of raw/)
    expect((await rawOf(lab, packed?.blob.path ?? '')).equals(disk)).toBe(true)
    expect(await lab.world.qemuImg.inspect(packed?.blob.path ?? '')).toMatchObject({ format: 'qcow2' })
  })

  it('is the raw image where compression saves nothing, or without a program for it', async () => {
    await using lab = await imageLab()
    for (const [bytes, context] of [
      [NOISE, lab.context()],
      [MOSTLY_EMPTY, { ...lab.context(), world: { ...lab.world, qemuImg: withoutProgram(lab) } }],
    ] as const) {
      const { key } = await lab.stored(bytes)
      const blob = await lab.world.store.find(key)
      expect(blob && (await packedForSending(blob, context, async () => {}))).toBeUndefined()
    }
  })

  it('depends on the bytes saved per second', () => {
    const gib = 1024 ** 3
    const of = (packedBytes: number, seconds: number) => isWorthPacking({ sizeBytes: 4 * gib, packedBytes, seconds })
    expect(of(gib / 2, 10), 'holes alone are worth it').toBe(true)
    expect(of(3.9 * gib, 0), 'too little').toBe(false)
    expect(of(2 * gib, 60), 'too slow').toBe(false)
  })

  it('detects holes without reading them', async () => {
    await using lab = await imageLab()
    lab.qemuImg('create', '-q', '-f', 'raw', 'holes.raw', '1G')
    expect(await estimatePacking(lab.path('holes.raw'))).toMatchObject({ sizeBytes: 1024 * MIB, packedBytes: 0 })
  })
})

function withoutProgram(lab: ImageLab): ImageLab['world']['qemuImg'] {
  const exec = createExec()
  const without = createQemuImg({ exec: (_, args, options) => exec('qemu-img-is-not-here', args, options) })
  return { ...lab.world.qemuImg, convert: (request) => without.convert(request) }
}

describe('upload of a raw image', () => {
  it('sends it compressed, under a name with the digest of the image', async () => {
    await using lab = await clusterLab()
    const { key } = await lab.stored(MOSTLY_EMPTY)
    const at = { node: 'pve1', storage: 'local' }
    const step: StepOf<'upload'> = {
      ...STEP,
      id: 'upload:x',
      kind: 'upload',
      image: 'x',
      at,
      stem: `x-${'0'.repeat(16)}`,
      blob: key,
      route: 'push',
    }
    const { volid } = await upload(step, lab.context())
    expect(volid).toMatch(/^local:import\/x-0{16}-\d+\.raw\.qcow2$/)
    const path = lab.importPath(volid?.split('/')[1] ?? '')
    expect((await readFile(path)).length).toBeLessThan(2 * MIB)
    expect((await rawOf(lab, path)).equals(MOSTLY_EMPTY)).toBe(true)
    expect((await upload(step, lab.context())).kept).toBe(true)
    const exact = await upload({ ...step, stem: `y-${'0'.repeat(16)}`, asIs: true }, lab.context())
    expect(exact.volid, 'where the manifest sets conversion on this computer').toMatch(/-\d+\.raw$/)
  })
})
