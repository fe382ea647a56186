import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMessage, generateKey, sign } from 'openpgp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resolveImage } from '../../src/facts/observe-images.ts'
import { pinImages } from '../../src/facts/pin.ts'
import type { Desired, Image } from '../../src/manifest/manifest.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { createHttp } from '../../src/ports/http.ts'
import { createJournal } from '../../src/ports/journal.ts'
import { createMeter } from '../../src/ports/meter.ts'
import type { World } from '../../src/ports/world.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

let server: Server
let folder: string
let world: World
let desired: Desired
let sums: string
let signature: string

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/SHA256SUMS') return void response.end(sums)
    if (request.url === '/SHA256SUMS.sig') return void response.end(signature)
    if (request.url === '/gone.qcow2') return void response.writeHead(404).end()
    const head = Buffer.alloc(512)
    head.write('QFI\u00fb', 'latin1')
    head.writeUInt32BE(3, 4)
    head.writeUInt32BE(16, 20)
    head.writeBigUInt64BE(5n * 1024n ** 3n, 24)
    head.writeUInt32BE(104, 100)
    response
      .writeHead(206, { 'content-range': `bytes 0-${head.length - 1}/4096`, 'content-length': head.length })
      .end(head)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pin-'))
  const [clock, meter] = [systemClock, createMeter()]
  const journal = createJournal({ path: join(folder, 'journal'), clock })
  world = { clock, meter, journal, http: createHttp({ directory: folder, clock, meter }) } as unknown as World
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const text = `project: lab
images: { debian: { url: "${url}/debian-latest.qcow2", checksum: "${url}/SHA256SUMS" } }
vms: {}`
  desired = parseManifest({ text, file: 'm.yaml' }).desired
  sums = `${A}  debian-latest.qcow2\n${A}  debian-20261101.qcow2\n`
  return () => rmSync(folder, { recursive: true, force: true })
})
afterAll(() => void server.close())

function image(): Image {
  const found = desired.images.get('debian')
  if (!found) throw new Error('no image')
  return found
}

describe('pinImages', () => {
  it('pins the digest, the dated address beside the alias, size, format and virtual size', async () => {
    const { images } = await pinImages(desired, world)
    expect(images.debian).toMatchObject({
      url: image().url.href,
      resolvedUrl: expect.stringMatching(/\/debian-20261101\.qcow2$/),
      digest: `sha256:${A}`,
      sizeBytes: 4096,
      format: 'qcow2',
      virtualSizeBytes: 5 * 1024 ** 3,
      signature: 'not asked for',
    })
  })

  it('keeps the entry of what has not moved, time and all, and renews what has', async () => {
    const before = await pinImages(desired, world)
    expect(await pinImages(desired, world, { before })).toEqual(before)
    sums = `${B}  debian-latest.qcow2\n`
    const after = await pinImages(desired, world, { before })
    expect(after.images.debian?.digest).toBe(`sha256:${B}`)
  })

  it('fails where the document does not name the image', async () => {
    sums = `${A}  other.qcow2\n`
    await expect(pinImages(desired, world)).rejects.toMatchObject({ code: 'CHECKSUM' })
  })
})

describe('resolveImage with a lock file', () => {
  it('uses exactly what is pinned, and asks nobody', async () => {
    const lock = await pinImages(desired, world)
    sums = `${B}  debian-latest.qcow2\n`
    const facts = await resolveImage(image(), { http: undefined } as unknown as World, { lock })
    expect(facts).toMatchObject({
      digest: `sha256:${A}`,
      digestFrom: 'lock',
      url: new URL('debian-20261101.qcow2', image().url),
    })
  })

  it('refuses a lock that pins another address, or another digest than the manifest', async () => {
    const lock = await pinImages(desired, world)
    const moved = { ...image(), url: new URL('other.qcow2', image().url) }
    const pinned = { ...image(), checksum: `sha256:${B}` as const }
    for (const other of [moved, pinned]) {
      await expect(resolveImage(other, world, { lock })).rejects.toMatchObject({
        code: 'MANIFEST',
        hint: expect.stringContaining('pin'),
      })
    }
  })
})

describe('resolveImage with a signature asked for', () => {
  const signedBy = async (signer: string) => {
    const key = await generateKey({ userIDs: [{ name: signer }], format: 'object' })
    const message = await createMessage({ binary: new TextEncoder().encode(sums) })
    signature = await sign({ message, signingKeys: key.privateKey, detached: true })
    return key.publicKey.armor()
  }
  const asking = (key: string): Image => ({
    ...image(),
    signature: { url: new URL('SHA256SUMS.sig', image().url), keys: [key] },
  })

  it('says that it was verified', async () => {
    const key = await signedBy('vendor')
    await expect(resolveImage(asking(key), world)).resolves.toMatchObject({
      digest: `sha256:${A}`,
      signature: 'verified',
    })
  })

  it('fails before any byte of the image is asked for when it is by somebody else, or missing', async () => {
    const key = await signedBy('vendor')
    await signedBy('stranger')
    await expect(resolveImage(asking(key), world)).rejects.toMatchObject({ code: 'SIGNATURE' })
    const { url: _none, ...clearsigned } = asking(key).signature ?? { keys: [] }
    await expect(resolveImage({ ...image(), signature: clearsigned }, world)).rejects.toMatchObject({
      code: 'SIGNATURE',
    })
  })
})
