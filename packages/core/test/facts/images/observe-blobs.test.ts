// Verifies the store with real files: damaged blobs are removed, valid ones stay.
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { ImageFacts } from '../../../src/facts/facts.ts'
import { recordMade } from '../../../src/facts/images/made-facts.ts'
import { findBlobs, verifyBlobs } from '../../../src/facts/images/observe-blobs.ts'
import type { Digest } from '../../../src/manifest/manifest.ts'
import type { BlobKey } from '../../../src/ports/world.ts'
import { someBytes } from '../../support/file-server.ts'
import { digestOf, type ImageLab, imageLab } from '../../support/image-lab.ts'

const VENDOR = someBytes(50_000, 'vendor')
const MADE = someBytes(70_000, 'made')

function image(digest: Digest): ImageFacts {
  return {
    name: 'web',
    digest,
    digestFrom: 'manifest',
    url: new URL('https://v.example/x'),
    signature: 'not asked for',
  }
}

async function withMade(lab: ImageLab, digest: Digest): Promise<BlobKey> {
  const key: BlobKey = `${digest}+raw`
  await lab.world.store.ensure(key, (to) => writeFile(to, MADE))
  return key
}

/** Changes one bit and keeps the size. */
async function rot(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000)
  await chmod(path, 0o644)
  await writeFile(path, bytes)
}

describe('verifyBlobs', () => {
  it('reads the downloaded and the converted files, and keeps both when they are right', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(VENDOR)
    const made = await withMade(lab, key)
    await recordMade(made, { digest: digestOf(MADE) }, lab.world)
    expect(await verifyBlobs([image(key)], lab.world)).toEqual([
      { image: 'web', key, is: 'whole' },
      { image: 'web', key: made, is: 'whole' },
    ])
    expect([...(await findBlobs([image(key)], lab.world))]).toEqual([key, made])
  })

  it('drops a corrupt file, though its size is right', async () => {
    await using lab = await imageLab()
    const { key, path } = await lab.stored(VENDOR)
    const made = await withMade(lab, key)
    await recordMade(made, { digest: digestOf(MADE) }, lab.world)
    await rot(path)
    await rot((await lab.world.store.find(made))?.path ?? '')
    expect((await verifyBlobs([image(key)], lab.world)).map(({ is }) => is)).toEqual(['wrong', 'wrong'])
    expect((await findBlobs([image(key)], lab.world)).size).toBe(0)
  })

  it('drops a converted file without a recorded digest: it can be converted again', async () => {
    await using lab = await imageLab()
    const { key } = await lab.stored(VENDOR)
    await withMade(lab, key)
    expect((await verifyBlobs([image(key)], lab.world)).map(({ is }) => is)).toEqual(['whole', 'unknown'])
    expect([...(await findBlobs([image(key)], lab.world))]).toEqual([key])
  })

  it('ignores files that belong to no image of the manifest', async () => {
    await using lab = await imageLab()
    const { path, key } = await lab.stored(VENDOR)
    await rot(path)
    expect(await verifyBlobs([image(digestOf(MADE))], lab.world)).toEqual([])
    expect(await lab.world.store.find(key)).toBeDefined()
  })
})
