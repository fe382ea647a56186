import { describe, expect, it } from 'vitest'
import { formatLockFile, type LockFile, lockChanges, parseLockFile } from '../../src/manifest/lock-file.ts'

const PINNED = {
  url: 'https://vendor.example/latest/debian-13.qcow2',
  resolvedUrl: 'https://vendor.example/latest/debian-13-20261101.qcow2',
  digest: `sha256:${'a'.repeat(64)}`,
  sizeBytes: 1234,
  format: 'qcow2',
  virtualSizeBytes: 2 * 1024 ** 3,
  signature: 'verified',
  pinnedAt: '2026-11-24T09:00:00.000Z',
} as const
const LOCK: LockFile = { images: { zebra: PINNED, ant: { ...PINNED, digest: `sha256:${'b'.repeat(64)}` } } }

function parse(text: string): LockFile {
  return parseLockFile({ text, file: 'pve-provision.lock' })
}

describe('a lock file', () => {
  it('is the same after writing and reading', () => {
    expect(parse(formatLockFile(LOCK))).toEqual(LOCK)
  })

  it('sorts its images by name', () => {
    const turned: LockFile = { images: { ant: LOCK.images.ant ?? PINNED, zebra: PINNED } }
    expect(formatLockFile(turned)).toBe(formatLockFile(LOCK))
  })

  it.each([
    ['that is no YAML', 'images: [', /pve-provision\.lock:1:\d+: /],
    ['of another layout', formatLockFile(LOCK).replace('version: 1', 'version: 2'), /:2:10: `version` must be 1/],
    ['with a digest that is none', formatLockFile(LOCK).replace(/b{64}/, 'b'), /`images.ant.digest` must be a digest/],
    ['with an unknown key', formatLockFile(LOCK).replace('sizeBytes', 'size'), /`images.ant` has no key `size`/],
    ['that is empty', '', /must be a mapping with `version` and `images`/],
  ])('%s is refused with line and column', (_situation, text, words) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'MANIFEST', message: expect.stringMatching(words) }),
    )
  })

  it('reports only the images that changed', () => {
    const moved: LockFile = { images: { ...LOCK.images, zebra: { ...PINNED, digest: `sha512:${'c'.repeat(128)}` } } }
    expect(lockChanges(LOCK, LOCK)).toEqual([])
    expect(lockChanges(LOCK, moved)).toEqual([
      expect.stringMatching(/^zebra has a newer build: sha256:a+… → sha512:c+… \(/),
    ])
    expect(lockChanges({ images: {} }, LOCK)).toHaveLength(2)
    expect(lockChanges(LOCK, { images: {} })).toContainEqual(expect.stringMatching(/^zebra is no longer pinned/))
  })
})
