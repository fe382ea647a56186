import { execFile, execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Packing } from '../../../src/codecs/decompress/decode.ts'
import { xzStream } from '../../../src/codecs/decompress/xz-stream.ts'
import { zlibStream } from '../../../src/codecs/decompress/zlib-stream.ts'
import { ProvisionError } from '../../../src/errors.ts'
import { isInstalled } from '../../../src/ports/exec.ts'
import { type DecompressRequest, decompress } from '../../../src/ports/image/decompress.ts'
import { collect } from '../../support/collect.ts'
import { NO_MOUNTS, withDisk } from '../../support/mounts.ts'

type Compression = Packing

const KINDS: readonly (readonly [Compression, string, readonly string[]])[] = [
  ['xz', 'xz', ['-1']],
  ['zstd', 'zstd', ['-q']],
  ['gzip', 'gzip', ['-1']],
  ['bzip2', 'bzip2', ['-1']],
]

let folder: string
// Zeros in the middle and at the end, as in disk images. The rest cannot be compressed.
const BYTES = Buffer.concat([
  Buffer.from('boot'),
  randomBytes(199_997),
  Buffer.alloc(600_000),
  randomBytes(100_000),
  Buffer.alloc(200_000),
])

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'decompress-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function pack(program: string, args: readonly string[], bytes: Uint8Array): Buffer {
  return execFileSync(program, [...args, '-c'], { input: bytes, maxBuffer: 1 << 28 })
}

let count = 0
function file(bytes: Uint8Array): string {
  count += 1
  const path = join(folder, `packed-${count}`)
  writeFileSync(path, bytes)
  return path
}

async function unpack(bytes: Uint8Array, more: Partial<DecompressRequest> = {}) {
  const to = join(folder, `out-${count}`)
  const result = await decompress({ from: file(bytes), to, ...more })
  return { ...result, to, content: readFileSync(to) }
}

async function refusal(bytes: Uint8Array, more: Partial<DecompressRequest> = {}) {
  const to = join(folder, `out-${count}`)
  const error = await decompress({ from: file(bytes), to, ...more }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(existsSync(to), 'nothing is left behind').toBe(false)
  if (!(error instanceof ProvisionError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}

const hex = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')

describe.each(KINDS)('decompress: %s', (compression, program, args) => {
  const packed = pack(program, args, BYTES)

  it('returns the bytes with their digest and size', async () => {
    const result = await unpack(packed)
    expect(result.content.equals(BYTES)).toBe(true)
    expect(result).toMatchObject({
      sourceBytes: packed.length,
      bytes: BYTES.length,
      digest: `sha256:${hex('sha256', BYTES)}`,
    })
  })

  it('writes zeros as holes', async () => {
    const { to } = await unpack(packed)
    const { size, blocks } = statSync(to)
    expect(size).toBe(BYTES.length)
    expect(blocks * 512).toBeLessThan(500_000)
  })

  it('unpacks several streams one after another', async () => {
    const two = Buffer.concat([
      pack(program, args, BYTES.subarray(0, 250_000)),
      pack(program, args, BYTES.subarray(250_000)),
    ])
    expect((await unpack(two)).content.equals(BYTES)).toBe(true)
  })

  it('reports its progress', async () => {
    const seen: number[] = []
    await unpack(packed, { onBytes: (done) => seen.push(done / packed.length) })
    expect(seen.at(-1)).toBe(1)
  })

  it.each([
    ['its end', (bytes: Buffer) => bytes.subarray(0, -5)],
    ['its half', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ['all but its magic', (bytes: Buffer) => bytes.subarray(0, 6)],
    ['everything', () => Buffer.alloc(0)],
  ])('refuses a stream that lacks %s', async (_, cut) => {
    const error = await refusal(cut(packed))
    expect(error.code).toBe('IMAGE')
  })

  it('reports a truncated stream', async () => {
    expect((await refusal(packed.subarray(0, 150_000))).message).toMatch(/truncated/)
  })

  it('refuses a stream with a wrong byte', async () => {
    const wrong = Buffer.from(packed)
    wrong.writeUInt8(wrong.readUInt8(120_000) ^ 0xff, 120_000)
    expect((await refusal(wrong)).code).toBe('IMAGE')
  })

  it('refuses garbage after the end', async () => {
    const error = await refusal(Buffer.concat([packed, Buffer.from('<html>trailing</html>')]))
    expect(error).toMatchObject({ code: 'IMAGE' })
    expect(error.message).toMatch(/garbage|damaged|truncated/)
  })

  it.skipIf(compression === 'xz')('ignores bytes after the end that a digest covers, and says so', async () => {
    const bytes = Buffer.concat([packed, Buffer.from('{ "metadata_version": "1.1" }')])
    const { content, warnings } = await unpack(bytes, { digest: `sha256:${hex('sha256', bytes)}` })
    expect(content.equals(BYTES)).toBe(true)
    expect(warnings).toEqual([expect.stringMatching(/extra data after the end/)])
  })

  it('stops a decompression bomb at the limit', async () => {
    const bomb = pack(program, args, Buffer.alloc(16 * 1024 * 1024))
    const error = await refusal(bomb, { limitBytes: 1024 * 1024 })
    expect(error).toMatchObject({ code: 'IMAGE', details: { limitBytes: 1024 * 1024 } })
  })

  it('detects packed bytes with a wrong digest', async () => {
    await unpack(packed, { digest: `sha512:${hex('sha512', packed)}` })
    const error = await refusal(packed, { digest: `sha256:${'0'.repeat(64)}` })
    expect(error.code).toBe('CHECKSUM')
  })

  it('stops when it is cancelled', async () => {
    const controller = new AbortController()
    const error = await refusal(packed, { signal: controller.signal, onBytes: () => controller.abort() })
    expect(error.code).toBe('CANCELLED')
    expect((await refusal(packed, { signal: AbortSignal.abort() })).code).toBe('CANCELLED')
  })
})

describe('decompress: what only some formats have', () => {
  it('skips the frames without data that pzstd writes', async () => {
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4])
    const packed = pack('zstd', ['-q'], BYTES)
    expect((await unpack(Buffer.concat([skippable, packed, skippable]))).content.equals(BYTES)).toBe(true)
  })

  it('unpacks many small frames that end anywhere in a chunk', async () => {
    const pieces = Array.from({ length: 40 }, (_, index) => BYTES.subarray(index * 1000, index * 1000 + 1000))
    const packed = Buffer.concat(pieces.map((piece) => pack('zstd', ['-q'], piece)))
    expect((await unpack(packed)).content.equals(BYTES.subarray(0, 40_000))).toBe(true)
  })

  it.each(['gzip', 'zstd'] as const)(
    'unpacks several %s frames however they are cut into chunks',
    async (compression) => {
      const pieces = [0, 1, 2].map((index) => BYTES.subarray(index * 300, index * 300 + 300))
      const frames = pieces.map((piece) => pack(compression, ['-q'], piece))
      const packed = Buffer.concat(frames)
      for (const size of [1, 7, 299, frames[0]?.length ?? 0, packed.length]) {
        const chunks = async function* () {
          for (let at = 0; at < packed.length; at += size) yield packed.subarray(at, at + size)
        }
        const unpacked = await collect(zlibStream(compression, chunks()))
        expect(unpacked.equals(BYTES.subarray(0, 900)), `chunks of ${size}`).toBe(true)
      }
    },
  )

  it.each(['gzip', 'zstd'] as const)('passes on the error of a source of %s that fails', async (compression) => {
    const packed = pack(compression, ['-q'], BYTES)
    const chunks = async function* () {
      yield packed.subarray(0, 100_000)
      throw new Error('the source failed')
    }
    await expect(collect(zlibStream(compression, chunks()))).rejects.toThrow('the source failed')
  })

  it.each(['gzip', 'xz'] as const)('accepts padding with zeros behind %s', async (compression) => {
    const packed = pack(compression, [], BYTES)
    expect((await unpack(Buffer.concat([packed, Buffer.alloc(1024)]))).content.equals(BYTES)).toBe(true)
  })

  it('does not use more memory than allowed because a file requires it', async () => {
    // A frame header that claims a window of 2 GiB.
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3])
    const error = await refusal(Buffer.concat([header, Buffer.alloc(100)]))
    expect(error.message).toMatch(/memory/)
    expect(error.hint).toMatch(/zstd -d --long=31/)
  })

  it('accepts a zstd file with a large window', async () => {
    const to = join(folder, 'long')
    await decompress({ from: file(pack('zstd', ['--long=30'], BYTES)), to })
    expect(readFileSync(to).equals(BYTES)).toBe(true)
  })

  it('truncates an existing file', async () => {
    const to = join(folder, 'before')
    writeFileSync(to, Buffer.alloc(BYTES.length * 2, 0xff))
    await decompress({ from: file(pack('gzip', [], BYTES)), to })
    expect(readFileSync(to).equals(BYTES)).toBe(true)
  })
})

describe('xz without the program', () => {
  const inChunks = async function* (bytes: Uint8Array, size = 65_536) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const packed = pack('xz', ['-1', '--block-size=256KiB'], BYTES)

  it('returns the bytes of one stream, of several, and with padding at the end', async () => {
    const two = Buffer.concat([
      pack('xz', ['-1'], BYTES.subarray(0, 250_000)),
      pack('xz', ['-1'], BYTES.subarray(250_000)),
    ])
    for (const bytes of [packed, two, Buffer.concat([packed, Buffer.alloc(1024)])]) {
      expect((await collect(xzStream(inChunks(bytes)))).equals(BYTES)).toBe(true)
    }
  })

  it('refuses what is cut, damaged, or followed by garbage', async () => {
    const wrong = Buffer.from(packed)
    wrong.writeUInt8(wrong.readUInt8(120_000) ^ 0xff, 120_000)
    const tail = Buffer.concat([packed, Buffer.from('<html>trailing</html>')])
    for (const bytes of [packed.subarray(0, 150_000), wrong, tail]) {
      await expect(collect(xzStream(inChunks(bytes)))).rejects.toMatchObject({ code: 'IMAGE' })
    }
  })

  it('reports a feature that it does not support', async () => {
    const filtered = pack('xz', ['--check=sha256', '-1'], BYTES)
    await expect(collect(xzStream(inChunks(filtered)))).rejects.toMatchObject({
      code: 'IMAGE',
      message: expect.stringMatching(/not supported/),
    })
  })

  it('passes on the error of a source that fails', async () => {
    const broken = async function* () {
      yield packed.subarray(0, 100_000)
      throw new Error('the source failed')
    }
    await expect(collect(xzStream(broken()))).rejects.toThrow('the source failed')
  })

  it('stops reading when the consumer stops', async () => {
    let isClosed = false
    const source = async function* () {
      try {
        yield* inChunks(packed)
      } finally {
        isClosed = true
      }
    }
    for await (const chunk of xzStream(source())) if (chunk.length > 0) break
    expect(isClosed).toBe(true)
  })
})

const WITHOUT_PROGRAM = KINDS.filter(([compression]) => compression !== 'bzip2')

describe('decompress where no program is installed', () => {
  const PROGRAM = fileURLToPath(new URL('../../fixtures/unpack.ts', import.meta.url))
  const environment = { PATH: '/nowhere', NODE_OPTIONS: process.env.NODE_OPTIONS }

  it.each(WITHOUT_PROGRAM)('still unpacks %s', async (compression, program, args) => {
    const [from, to] = [file(pack(program, args, BYTES)), join(folder, `alone-${compression}`)]
    await promisify(execFile)(process.execPath, [PROGRAM, from, to], { env: environment })
    expect(readFileSync(to).equals(BYTES)).toBe(true)
  })

  it.each(WITHOUT_PROGRAM)('refuses truncated %s, and leaves no file', async (compression, program, args) => {
    const packed = pack(program, args, BYTES)
    const [from, to] = [file(packed.subarray(0, packed.length - 40)), join(folder, `cut-${compression}`)]
    await expect(
      promisify(execFile)(process.execPath, [PROGRAM, from, to], { env: environment }),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('IMAGE') })
    expect(existsSync(to)).toBe(false)
  })

  it('says of bzip2 which program is missing', async () => {
    const [from, to] = [file(pack('bzip2', [], BYTES)), join(folder, 'alone-bzip2')]
    await expect(
      promisify(execFile)(process.execPath, [PROGRAM, from, to], { env: environment }),
    ).rejects.toMatchObject({ stderr: expect.stringMatching(/program bzip2 is missing[\s\S]*apt install bzip2/) })
  })
})

const WHERE_FULL = `decompress on a disk that is full${NO_MOUNTS === undefined ? '' : `, skipped: ${NO_MOUNTS}`}`

describe.skipIf(NO_MOUNTS !== undefined)(WHERE_FULL, () => {
  it.each(KINDS)('reports that for %s, and leaves no file', async (_, program, args) => {
    const fixture = fileURLToPath(new URL('../../fixtures/unpack.ts', import.meta.url))
    const disk = mkdtempSync(join(folder, 'disk-'))
    const unpacking = [process.execPath, fixture, file(pack(program, args, BYTES)), join(disk, 'out')]
    const command = ['sh', '-c', '"$@"; ls -A "$0"', disk, ...unpacking]
    const { stdout, stderr } = await promisify(execFile)(...withDisk(disk, 'size=128k', command))
    expect(stderr).toMatch(/The disk is full[\s\S]*DISK/)
    expect(stdout).toBe('')
  })
})

describe('isInstalled', () => {
  it('knows what is there and what is not', async () => {
    expect(await isInstalled('xz')).toBe(true)
    expect(await isInstalled('xz-that-is-not-there')).toBe(false)
  })
})
