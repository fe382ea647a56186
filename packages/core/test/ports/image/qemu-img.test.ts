import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProvisionError } from '../../../src/errors.ts'
import type { ImageFormat } from '../../../src/manifest/manifest.ts'
import { createExec } from '../../../src/ports/exec.ts'
import { createQemuImg } from '../../../src/ports/image/qemu-img.ts'
import type { Exec } from '../../../src/ports/world.ts'

const MIB = 1024 * 1024
const exec = createExec()
const qemuImg = createQemuImg({ exec })

let folder: string
const at = (name: string) => join(folder, name)
const run = (...args: readonly string[]) => execFileSync('qemu-img', args, { cwd: folder })

/** A disk of 24 MiB with 6 MiB of data at its ends. */
const DISK = Buffer.concat([randomBytes(4 * MIB), Buffer.alloc(18 * MIB), randomBytes(2 * MIB)])
DISK.writeUInt16LE(0xaa55, 510)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qemu-img-'))
  writeFileSync(at('disk.raw'), DISK)
  for (const format of ['qcow2', 'vmdk', 'vdi', 'vhdx', 'vpc'])
    run('convert', '-f', 'raw', '-O', format, 'disk.raw', `disk.${format}`)
  run('convert', '-f', 'raw', '-O', 'qcow2', '-c', 'disk.raw', 'packed.qcow2')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function failure(promise: Promise<unknown>): Promise<ProvisionError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProvisionError)) throw new Error(`expected a ProvisionError, got ${String(error)}`)
  return error
}

describe('inspect', () => {
  it.each(['raw', 'qcow2', 'vmdk', 'vdi', 'vhdx'] as const)('returns format and virtual size of %s', async (format) => {
    expect(await qemuImg.inspect(at(`disk.${format}`))).toEqual({ format, virtualSizeBytes: DISK.length })
  })

  it('returns those of a dynamic and a fixed VHD, whatever the suffix', async () => {
    run('convert', '-f', 'raw', '-O', 'vpc', '-o', 'subformat=fixed,force_size=on', 'disk.raw', 'fixed.img')
    expect((await qemuImg.inspect(at('disk.vpc'))).format).toBe('vpc')
    expect(await qemuImg.inspect(at('fixed.img'))).toEqual({ format: 'vpc', virtualSizeBytes: DISK.length })
  })

  it.each(['qcow2', 'vmdk', 'vdi', 'vhdx', 'vpc'])('refuses %s that is cut in half', async (format) => {
    const name = `cut.${format}`
    writeFileSync(at(name), readFileSync(at(`disk.${format}`)))
    truncateSync(at(name), statSync(at(name)).size >> 1)
    expect(await failure(qemuImg.inspect(at(name)))).toMatchObject({
      code: 'IMAGE',
      message: expect.stringMatching(/truncated/),
    })
  })

  it('refuses a compressed qcow2 that lacks its last clusters, which convert would not notice', async () => {
    writeFileSync(at('tail.qcow2'), readFileSync(at('packed.qcow2')))
    truncateSync(at('tail.qcow2'), statSync(at('packed.qcow2')).size - 140_000)
    run('convert', '-f', 'qcow2', '-O', 'raw', 'tail.qcow2', 'wrong.raw')
    expect(readFileSync(at('wrong.raw')).equals(DISK), 'qemu-img itself is content').toBe(false)
    expect((await failure(qemuImg.inspect(at('tail.qcow2')))).code).toBe('IMAGE')
  })

  it('accepts leaked clusters', async () => {
    writeFileSync(at('leak.qcow2'), readFileSync(at('disk.qcow2')))
    // A second reference to an unused cluster: the refcount of the last cluster in the file.
    run('resize', '-q', '-f', 'qcow2', 'leak.qcow2', '32M')
    expect((await qemuImg.inspect(at('leak.qcow2'))).virtualSizeBytes).toBe(32 * MIB)
  })

  it('refuses an empty file, a packed file and a missing file', async () => {
    writeFileSync(at('empty'), '')
    writeFileSync(at('disk.gz'), execFileSync('gzip', ['-1c'], { input: DISK, maxBuffer: 1 << 28 }))
    expect((await failure(qemuImg.inspect(at('empty')))).message).toMatch(/empty/)
    expect((await failure(qemuImg.inspect(at('disk.gz')))).message).toMatch(/compressed with gzip/)
    expect((await failure(qemuImg.inspect(at('nowhere')))).code).toBe('DISK')
  })

  it('never starts qemu-img on an image that refers to other files', async () => {
    run('create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', 'backed.qcow2', '8M')
    run('create', '-q', '-f', 'qcow2', '-o', 'data_file=data.raw', 'data.qcow2', '8M')
    run('create', '-q', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', 'flat.vmdk', '8M')
    const started: string[] = []
    const spy: Exec = (file, args, options) => {
      started.push(file)
      return exec(file, args, options)
    }
    for (const name of ['backed.qcow2', 'data.qcow2', 'flat.vmdk']) {
      expect((await failure(createQemuImg({ exec: spy }).inspect(at(name)))).code).toBe('IMAGE')
    }
    expect(started).toEqual([])
  })

  it('refuses a disk that claims to be absurdly large', async () => {
    run('create', '-q', '-f', 'qcow2', '-o', 'cluster_size=2M', 'huge.qcow2', '1P')
    expect((await failure(qemuImg.inspect(at('huge.qcow2')))).message).toMatch(/claims/)
  })

  it('reads qcow2 and raw where qemu-img is not installed, and says what is missing for other formats', async () => {
    const without = createQemuImg({ exec: (_, args, options) => exec('qemu-img-is-not-here', args, options) })
    expect(await without.inspect(at('disk.qcow2'))).toEqual({ format: 'qcow2', virtualSizeBytes: DISK.length })
    expect(await without.inspect(at('disk.raw'))).toEqual({ format: 'raw', virtualSizeBytes: DISK.length })
    expect(await failure(without.inspect(at('disk.vmdk')))).toMatchObject({
      code: 'CONVERT',
      hint: expect.stringMatching(/Install/),
    })
  })

  it('stops when it is cancelled', async () => {
    expect((await failure(qemuImg.inspect(at('disk.qcow2'), { signal: AbortSignal.abort() }))).code).toBe('CANCELLED')
  })
})

describe('convert', () => {
  const convert = (from: string, fromFormat: ImageFormat, toFormat: 'raw' | 'qcow2', more = {}) =>
    qemuImg.convert({ from: at(from), fromFormat, to: at('result'), toFormat, ...more })

  it.each([
    ['disk.qcow2', 'qcow2'],
    ['packed.qcow2', 'qcow2'],
    ['disk.vmdk', 'vmdk'],
    ['disk.vdi', 'vdi'],
    ['disk.vhdx', 'vhdx'],
    ['fixed.img', 'vpc'],
  ] as const)('makes the same disk from %s, sparse', async (from, format) => {
    await convert(from, format, 'raw')
    expect(readFileSync(at('result')).equals(DISK)).toBe(true)
    expect(statSync(at('result')).blocks * 512).toBeLessThan(7 * MIB)
  })

  it('makes a qcow2 from raw, and reports its progress', async () => {
    const percents: number[] = []
    await convert('disk.raw', 'raw', 'qcow2', { onPercent: (percent: number) => percents.push(percent) })
    expect(await qemuImg.inspect(at('result'))).toEqual({ format: 'qcow2', virtualSizeBytes: DISK.length })
    expect(percents.at(-1)).toBe(100)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
  })

  it('rounds a raw image up to whole sectors', async () => {
    writeFileSync(at('odd.raw'), DISK.subarray(0, MIB + 100))
    await convert('odd.raw', 'raw', 'qcow2')
    expect((await qemuImg.inspect(at('result'))).virtualSizeBytes).toBe(MIB + 512)
  })

  it('overwrites the file of a killed run', async () => {
    writeFileSync(at('result'), Buffer.alloc(40 * MIB, 0xee))
    await convert('disk.qcow2', 'qcow2', 'raw')
    expect(readFileSync(at('result')).equals(DISK)).toBe(true)
  })

  it('does not trust a recorded format that the bytes contradict', async () => {
    expect(await failure(convert('disk.qcow2', 'raw', 'qcow2'))).toMatchObject({ code: 'IMAGE' })
    expect(await failure(convert('disk.raw', 'qcow2', 'raw'))).toMatchObject({ code: 'IMAGE' })
  })

  it('refuses an image that refers to other files, although it was not inspected before', async () => {
    expect((await failure(convert('backed.qcow2', 'qcow2', 'raw'))).message).toMatch(/backing file/)
    expect(existsSync(at('result-never'))).toBe(false)
  })

  it('leaves nothing when it fails', async () => {
    const error = await failure(
      qemuImg.convert({
        from: at('disk.vmdk'),
        fromFormat: 'vmdk',
        to: join(folder, 'no', 'such', 'folder'),
        toFormat: 'raw',
      }),
    )
    expect(error.code).toBe('CONVERT')
    expect(error.message).toMatch(/No such file/)
  })

  it('detects a full disk from the message of qemu-img', async () => {
    const full = createQemuImg({
      exec: (file, args, options) =>
        args[0] === 'convert'
          ? exec(
              'sh',
              ['-c', 'echo "qemu-img: error while writing at byte 2097152: No space left on device" >&2; exit 1'],
              options,
            )
          : exec(file, args, options),
    })
    const error = await failure(
      full.convert({ from: at('disk.vmdk'), fromFormat: 'vmdk', to: at('result'), toFormat: 'raw' }),
    )
    expect(error).toMatchObject({ code: 'DISK', details: { systemCode: 'ENOSPC' } })
    expect(existsSync(at('result'))).toBe(false)
  })

  it('makes raw from qcow2 where qemu-img is not installed', async () => {
    const without = createQemuImg({ exec: (_, args, options) => exec('qemu-img-is-not-here', args, options) })
    await without.convert({ from: at('packed.qcow2'), fromFormat: 'qcow2', to: at('result'), toFormat: 'raw' })
    expect(readFileSync(at('result')).equals(DISK)).toBe(true)
  })

  it('stops when it is cancelled, and leaves nothing', async () => {
    const controller = new AbortController()
    writeFileSync(at('big.raw'), Buffer.concat([DISK, randomBytes(100 * MIB)]))
    const running = convert('big.raw', 'raw', 'qcow2', {
      signal: controller.signal,
      onPercent: () => controller.abort(),
    })
    expect((await failure(running)).code).toBe('CANCELLED')
    expect(existsSync(at('result'))).toBe(false)
  })
})

describe('version', () => {
  it('is the number alone', async () => {
    expect(await qemuImg.version()).toMatch(/^\d+\.\d+(\.\d+)?$/)
  })
})
