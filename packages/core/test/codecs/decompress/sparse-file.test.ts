import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSparseFile } from '../../../src/codecs/decompress/sparse-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparse-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function write(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await createSparseFile(path)
  for (const chunk of chunks) await file.write(chunk)
  await file.finish()
  await file.close()
}

describe('createSparseFile', () => {
  it('contains the written bytes, whatever the layout of zeros and chunks', async () => {
    const run = fc.record({ byte: fc.constantFrom(0, 0, 0, 7), length: fc.integer({ min: 0, max: 12_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(run, { maxLength: 12 }), async (runs) => {
        const path = join(folder, 'any')
        const chunks = runs.map(({ byte, length }) => Buffer.alloc(length, byte))
        await write(path, chunks)
        expect(readFileSync(path).equals(Buffer.concat(chunks))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('uses no space for zeros, also when chunks do not start at a block', async () => {
    const path = join(folder, 'holes')
    const zeros = Array.from({ length: 40 }, () => Buffer.alloc(100_003))
    await write(path, [Buffer.alloc(10, 1), ...zeros, Buffer.alloc(10, 1)])
    expect(statSync(path).size).toBe(4_000_140)
    expect(statSync(path).blocks * 512).toBeLessThan(64 * 1024)
  })

  it('discards the old content of a file', async () => {
    const path = join(folder, 'before')
    writeFileSync(path, Buffer.alloc(50_000, 0xff))
    await write(path, [Buffer.alloc(20_000)])
    expect(readFileSync(path).equals(Buffer.alloc(20_000))).toBe(true)
  })

  // Only Linux has a device that is always full.
  it.runIf(existsSync('/dev/full'))('reports a full disk', async () => {
    const file = await createSparseFile('/dev/full')
    await expect(file.write(Buffer.alloc(4096, 1))).rejects.toMatchObject({
      code: 'DISK',
      details: { systemCode: 'ENOSPC' },
    })
    await file.close()
  })

  it('reports a missing folder', async () => {
    await expect(createSparseFile(join(folder, 'no', 'such'))).rejects.toMatchObject({ code: 'DISK' })
  })
})
