// Compares our qcow2 reader with qemu-img, for images from qemu-img and qemu-io, and for damaged ones.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { convertQcow2, readableLayout } from '../../../src/codecs/qcow2/convert-qcow2.ts'
import { shareProgress } from '../../../src/codecs/qcow2/shared-progress.ts'
import { ProvisionError } from '../../../src/errors.ts'
import { NO_MOUNTS, withDisk } from '../../support/mounts.ts'
import { within } from '../../support/within.ts'

const KIB = 1024
const MIB = 1024 * KIB

let folder: string
const at = (name: string) => join(folder, name)
const run = (...args: readonly string[]) => execFileSync('qemu-img', args, { cwd: folder, stdio: 'pipe' })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qcow2-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const MOST_MS = 40_000

interface Shape {
  readonly clusterBits: number
  readonly compat: '0.10' | '1.1'
  readonly compression: 'zlib' | 'zstd'
  readonly isExtended: boolean
  readonly refcountBits: number
  readonly sectors: number
  readonly writes: readonly Write[]
}

interface Write {
  readonly how: 'data' | 'zeros' | 'unmapped zeros' | 'packed' | 'discard'
  readonly position: number
  readonly length: number
  readonly pattern: number
}

const shapes = fc
  .record({
    clusterBits: fc.integer({ min: 9, max: 17 }),
    compat: fc.constantFrom('0.10' as const, '1.1' as const, '1.1' as const, '1.1' as const),
    compression: fc.constantFrom('zlib' as const, 'zstd' as const),
    isExtended: fc.boolean(),
    refcountBits: fc.constantFrom(1, 2, 4, 8, 16, 32, 64),
    sectors: fc.integer({ min: 1, max: 4096 }),
    writes: fc.array(
      fc.record({
        how: fc.constantFrom(
          'data' as const,
          'data' as const,
          'packed' as const,
          'packed' as const,
          'zeros' as const,
          'unmapped zeros' as const,
          'discard' as const,
        ),
        position: fc.nat(1_000_000),
        length: fc.integer({ min: 1, max: 200 * KIB }),
        pattern: fc.integer({ min: 0, max: 255 }),
      }),
      { maxLength: 10 },
    ),
  })
  .map((shape) => {
    const isOld = shape.compat === '0.10'
    const isExtended = shape.isExtended && !isOld && shape.clusterBits >= 14
    return {
      ...shape,
      isExtended,
      ...(isOld && { compression: 'zlib' as const, refcountBits: 16 }),
    }
  })

/** Creates the image. Compressed writes cover whole clusters, as qemu-io requires. */
function make(name: string, { clusterBits, compat, compression, isExtended, refcountBits, sectors, writes }: Shape) {
  const clusterBytes = 2 ** clusterBits
  const size = sectors * 512
  const options = [
    `compat=${compat}`,
    `cluster_size=${clusterBytes}`,
    ...(compat === '1.1'
      ? [`compression_type=${compression}`, `extended_l2=${isExtended ? 'on' : 'off'}`, `refcount_bits=${refcountBits}`]
      : []),
  ]
  run('create', '-q', '-f', 'qcow2', '-o', options.join(','), name, String(size))
  const commands = writes.flatMap(({ how, position, length, pattern }) => {
    const unit = how === 'packed' ? clusterBytes : 512
    const start = Math.floor((position % size) / unit) * unit
    const bytes = Math.min(how === 'packed' ? clusterBytes : Math.ceil(length / 512) * 512, size - start)
    if (how === 'packed' && bytes < clusterBytes) return []
    const verb = {
      data: `write -P ${pattern}`,
      packed: `write -c -P ${pattern}`,
      zeros: 'write -z',
      'unmapped zeros': 'write -z -u',
      discard: 'discard',
    }[how]
    return ['-c', `${verb} ${start} ${bytes}`]
  })
  // It refuses a compressed cluster where data exists, and continues.
  if (commands.length > 0) spawnSync('qemu-io', ['-f', 'qcow2', ...commands, at(name)])
}

/** Returns the bytes from our reader, or its error. */
async function ours(name: string): Promise<Buffer | ProvisionError | 'left to qemu-img'> {
  const readable = await readableLayout(at(name))
  if (readable === undefined) return 'left to qemu-img'
  try {
    await convertQcow2({ from: at(name), layout: readable.layout, to: at('ours.raw') })
    return readFileSync(at('ours.raw'))
  } catch (error) {
    if (error instanceof ProvisionError) return error
    throw error
  }
}

/** Returns the bytes from qemu-img, or undefined if it fails. */
function theirs(name: string): Buffer | undefined {
  const { status } = spawnSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', at(name), at('theirs.raw')])
  return status === 0 ? readFileSync(at('theirs.raw')) : undefined
}

describe('our reader of qcow2', () => {
  it('gives the same bytes as qemu-img for any image', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        within(MOST_MS, async (shape) => {
          make('any.qcow2', shape)
          // Sometimes QEMU fails with these commands and marks the image as corrupt.
          fc.pre(((readFileSync(at('any.qcow2'))[79] ?? 0) & 2) === 0)
          const bytes = await ours('any.qcow2')
          expect(Buffer.isBuffer(bytes) && bytes.equals(theirs('any.qcow2') ?? Buffer.of()), String(bytes)).toBe(true)
        }),
      ),
      { numRuns: 20 },
    )
  })

  it('gives for a damaged image the bytes of qemu-img, those before the damage, or an error', async () => {
    const damage = fc.record({
      changes: fc.array(fc.record({ position: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      isCut: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.array(damage, { minLength: 4, maxLength: 4 }),
        within(MOST_MS, async (shape, damages) => {
          make('before.qcow2', shape)
          const [whole, before] = [readFileSync(at('before.qcow2')), theirs('before.qcow2')]
          for (const { changes, isCut } of damages) {
            const bytes = Buffer.from(whole)
            for (const { position, value } of changes) bytes[position % bytes.length] = value
            const end = isCut ? (changes[0]?.position ?? 0) % bytes.length : bytes.length
            writeFileSync(at('damaged.qcow2'), bytes.subarray(0, end))
            const found = await ours('damaged.qcow2')
            if (!Buffer.isBuffer(found)) {
              expect(found === 'left to qemu-img' || found.code === 'IMAGE', String(found)).toBe(true)
              continue
            }
            // QEMU may refuse an image that we accept, if the damage is in parts that no byte of the disk depends on.
            expect(found.equals(theirs('damaged.qcow2') ?? before ?? Buffer.of()), JSON.stringify(changes)).toBe(true)
          }
        }),
      ),
      { numRuns: 10 },
    )
  })

  it.each([
    ['zlib', 16, false],
    ['zlib', 21, false],
    ['zstd', 16, false],
    ['zstd', 14, true],
    ['zstd', 9, false],
  ] as const)('unpacks %s clusters of 2^%i bytes with mixed content, sparse', async (type, bits, isExtended) => {
    writeFileSync(at('disk.raw'), allSorts())
    const options = `compression_type=${type},cluster_size=${2 ** bits},extended_l2=${isExtended ? 'on' : 'off'}`
    run('convert', '-c', '-f', 'raw', '-O', 'qcow2', '-o', options, 'disk.raw', 'packed.qcow2')
    const bytes = await ours('packed.qcow2')
    expect(Buffer.isBuffer(bytes) && bytes.equals(readFileSync(at('disk.raw')))).toBe(true)
    expect(statSync(at('ours.raw')).blocks * 512).toBeLessThan(2 * MIB)
  })

  it.each(['clusters', 'tables'])('refuses an image whose %s lie behind its end', async (what) => {
    writeFileSync(at('disk.raw'), allSorts())
    run('convert', '-c', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'cut.qcow2')
    truncateSync(at('cut.qcow2'), what === 'tables' ? 150_000 : statSync(at('cut.qcow2')).size - 140_000)
    const error = await ours('cut.qcow2')
    expect(Buffer.isBuffer(error)).toBe(false)
    expect(error).toMatchObject({
      code: 'IMAGE',
      message: expect.stringMatching(/beyond the end|cannot be decompressed/),
    })
  })

  it('distinguishes compressed images from others', async () => {
    writeFileSync(at('disk.raw'), allSorts())
    for (const flags of [['-c'], []]) {
      run('convert', ...flags, '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'any.qcow2')
      expect((await readableLayout(at('any.qcow2')))?.isPacked).toBe(flags.length > 0)
    }
  })

  it('leaves other kinds of images to qemu-img', async () => {
    run('create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', 'backed.qcow2', '8M')
    run('create', '-q', '-f', 'qcow2', '-o', 'data_file=data.raw', 'data.qcow2', '8M')
    run('create', '-q', '-f', 'vmdk', 'disk.vmdk', '8M')
    for (const name of ['backed.qcow2', 'data.qcow2', 'disk.vmdk']) expect(await ours(name)).toBe('left to qemu-img')
  })

  it('writes the bytes that have arrived, waits for the rest, and stops when it never arrives', async () => {
    writeFileSync(at('disk.raw'), allSorts())
    run('convert', '-c', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'whole.qcow2')
    const bytes = readFileSync(at('whole.qcow2'))
    const { layout } = (await readableLayout(at('whole.qcow2'))) ?? expect.fail('not readable')
    writeFileSync(at('arriving.qcow2'), bytes.subarray(0, bytes.length / 2))
    const progress = shareProgress()
    progress.arrive(bytes.length / 2, false)
    const converting = convertQcow2({ from: at('arriving.qcow2'), layout, to: at('ours.raw'), progress })
    writeFileSync(at('arriving.qcow2'), bytes)
    progress.arrive(bytes.length, true)
    await converting
    expect(readFileSync(at('ours.raw')).equals(readFileSync(at('disk.raw')))).toBe(true)

    const controller = new AbortController()
    const { signal } = controller
    const waiting = convertQcow2({
      from: at('whole.qcow2'),
      layout,
      to: at('ours.raw'),
      progress: shareProgress(),
      signal,
    })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it.skipIf(NO_MOUNTS)('distinguishes a full disk from a damaged image', () => {
    writeFileSync(at('disk.raw'), allSorts())
    run('convert', '-f', 'raw', '-O', 'qcow2', 'disk.raw', 'fine.qcow2')
    mkdirSync(at('small'))
    const program = join(import.meta.dirname, '../../fixtures/convert-qcow2.ts')
    const command = [process.execPath, program, at('fine.qcow2'), at('small/ours.raw')]
    const [file, args] = withDisk(at('small'), 'size=1m', command)
    const error = JSON.parse(execFileSync(file, args, { encoding: 'utf8', stdio: 'pipe' }))
    expect(error).toMatchObject({ code: 'DISK', details: { systemCode: 'ENOSPC' } })
  })
})

/** A disk of 8 MiB: 1 MiB that cannot be compressed, text, holes, and zeros among data. */
function allSorts(): Buffer {
  const text = Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${line * 7919} of a log\n`).join(''))
  const disk = Buffer.alloc(8 * MIB)
  for (let index = 0; index < MIB; index += 4) disk.writeUInt32LE((index * 2_654_435_761) % 2 ** 32, index)
  text.copy(disk, 3 * MIB + 1234)
  disk.fill(1, 6 * MIB, 6 * MIB + 4096)
  disk.write('the end', disk.length - 7)
  return disk
}
