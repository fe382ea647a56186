// Hashing of files in threads.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hashFile } from '../../../src/ports/files/hash-file.ts'
import { someBytes } from '../../support/file-server.ts'

const { signal } = new AbortController()

async function fileOf(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pve-provision-hash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'file'), bytes)
  return join(folder, 'file')
}

describe('hashFile', () => {
  it.each(['sha256', 'sha512'] as const)(
    'agrees with %s over many reads, over one, and over none',
    async (algorithm) => {
      for (const bytes of [someBytes(1_500_000), someBytes(10), new Uint8Array()]) {
        const expected = createHash(algorithm).update(bytes).digest('hex')
        expect(await hashFile(await fileOf(bytes), algorithm, signal)).toBe(expected)
      }
    },
  )

  it('hashes more files than there are processors, one of which is missing', async () => {
    const files = Array.from({ length: 9 }, (_, at) => someBytes(100_000 + at))
    const paths = await Promise.all(files.map(fileOf))
    const found = await Promise.allSettled(
      [...paths.slice(0, 4), '/nowhere/file', ...paths.slice(4)].map((path) => hashFile(path, 'sha256', signal)),
    )
    const right = found.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))
    const expected = files.map((bytes) => createHash('sha256').update(bytes).digest('hex'))
    expect(right).toEqual([...expected.slice(0, 4), 'failed', ...expected.slice(4)])
  })

  it('reports an error of the disk', async () => {
    await expect(hashFile('/nowhere/file', 'sha256', signal)).rejects.toMatchObject({
      code: 'DISK',
      details: { systemCode: 'ENOENT' },
    })
  })

  it('stops when it is aborted', async () => {
    const controller = new AbortController()
    const hashing = hashFile('/dev/zero', 'sha256', controller.signal)
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(hashing).rejects.toThrow('enough')
  })
})
