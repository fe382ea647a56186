import { describe, expect, it } from 'vitest'
import type { ImageFacts } from '../../../src/facts/facts.ts'
import { lookInside } from '../../../src/facts/images/look-inside.ts'
import { resolveImage } from '../../../src/facts/images/observe-images.ts'
import type { AddressImage } from '../../../src/manifest/manifest.ts'
import type { World } from '../../../src/ports/world.ts'
import { httpFixture } from '../../support/http-fixture.ts'

const SHA512 = Buffer.alloc(64, 7)

/** A vendor with one document. */
function vendorOf(text: string): World {
  const getDocument = async (url: URL) => ({ bytes: new TextEncoder().encode(text), url, from: 'network' as const })
  return { http: { getDocument } } as unknown as World
}

async function addressOf(url: string, document: string): Promise<string> {
  const image = { name: 'x', url: new URL(url), checksum: new URL('SUMS', url) } as AddressImage
  return (await resolveImage(image, vendorOf(document))).url.href
}

describe('resolveImage: the dated address', () => {
  const debian = JSON.stringify({
    items: [
      {
        kind: 'Upload',
        data: { ref: 'trixie/20260914-2601/debian-13-generic-amd64-20260914-2601.qcow2' },
        metadata: {
          annotations: { 'cloud.debian.org/digest': `sha512:${SHA512.toString('base64').replace(/=+$/, '')}` },
          labels: { 'cloud.debian.org/version': '20260914-2601' },
        },
      },
    ],
  })

  it("is the build's own folder for Debian's `latest`", async () => {
    expect(
      await addressOf('https://cloud.example/images/cloud/trixie/latest/debian-13-generic-amd64.qcow2', debian),
    ).toBe('https://cloud.example/images/cloud/trixie/20260914-2601/debian-13-generic-amd64-20260914-2601.qcow2')
  })

  it('is unchanged where it is already dated, or where the folders do not match', async () => {
    const dated = 'https://cloud.example/images/cloud/trixie/20260914-2601/debian-13-generic-amd64-20260914-2601.qcow2'
    expect(await addressOf(dated, debian)).toBe(dated)
    const mirrored = 'https://mirror.example/debian-13-generic-amd64.qcow2'
    expect(await addressOf(mirrored, debian)).toBe(mirrored)
  })

  it('is the name beside the alias where one document lists both', async () => {
    const digest = 'a'.repeat(64)
    const sums = `${digest}  Alma-9-latest.qcow2\n${digest}  Alma-9-20260601.qcow2\n`
    expect(await addressOf('https://repo.example/cloud/Alma-9-latest.qcow2', sums)).toBe(
      'https://repo.example/cloud/Alma-9-20260601.qcow2',
    )
  })
})

describe('resolveImage: the name in the document', () => {
  const digest = 'a'.repeat(64)
  const sums = `${digest}  disk.qcow2\n${'b'.repeat(64)}  other.qcow2\n`
  const resolve = async (url: string, more: Partial<AddressImage> = {}) => {
    const image = { name: 'x', url: new URL(url), checksum: new URL('https://v.example/SUMS'), ...more } as AddressImage
    return (await resolveImage(image, vendorOf(sums))).digest
  }

  it.each([
    'https://v.example/images/disk.qcow2',
    'https://v.example/get.php?file=disk.qcow2&mirror=1',
    'https://v.example/get?path=%2Fimages%2Fdisk.qcow2',
    'https://v.example/projects/disk.qcow2/download',
  ])('is found in %s', async (url) => {
    expect(await resolve(url)).toBe(`sha256:${digest}`)
  })

  it('is `fileName` where the manifest has one', async () => {
    expect(await resolve('https://v.example/share/x', { fileName: 'disk.qcow2' })).toBe(`sha256:${digest}`)
    await expect(resolve('https://v.example/disk.qcow2', { fileName: 'no.qcow2' })).rejects.toThrow(/does not name `no/)
  })

  it('is never another part of a URL that has a file name', async () => {
    await expect(resolve('https://v.example/disk.qcow2/web.img')).rejects.toThrow(/does not name `web\.img`/)
  })

  it('can be declared where the URL does not contain it', async () => {
    await expect(resolve('https://v.example/v1.2/download')).rejects.toMatchObject({
      message: expect.stringMatching(/does not name `download`/),
      hint: expect.stringMatching(/fileName: NAME/),
    })
  })
})

describe('lookInside', () => {
  const facts = (url: URL): ImageFacts => ({
    name: 'x',
    digest: `sha256:${'a'.repeat(64)}`,
    digestFrom: 'manifest',
    url,
    signature: 'not asked for',
  })
  const xz = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), Buffer.alloc(1000)])

  it('uses a mirror where the dated URL is gone and the alias sends an error page', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/alias', { bytes: Buffer.from('<!DOCTYPE html><title>Sorry</title>') })
    server.serve('/mirror', { bytes: xz })
    const image = { url: server.url('/alias'), mirrors: [server.url('/mirror')] }
    const seen = await lookInside(facts(server.url('/dated')), image, { world: { http } as World })
    expect(seen).toMatchObject({ compression: 'xz', sizeBytes: xz.length, url: server.url('/dated') })
  })

  it('reports the error of the first URL where all fail', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    const image = { url: server.url('/alias'), mirrors: [server.url('/mirror')] }
    const looking = lookInside(facts(server.url('/dated')), image, { world: { http } as World })
    await expect(looking).rejects.toMatchObject({ code: 'HTTP', message: expect.stringContaining('/dated') })
    expect(server.requests.map((request) => request.split(' ')[0])).toEqual(['/dated', '/alias', '/mirror'])
  })
})
