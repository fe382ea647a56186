import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMessage, generateKey, sign } from 'openpgp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ProvisionError } from '../../../src/errors.ts'
import { resolveImage } from '../../../src/facts/images/observe-images.ts'
import { pinImages } from '../../../src/facts/images/pin.ts'
import { formatLockFile, lockChanges, parseLockFile } from '../../../src/manifest/lock-file.ts'
import type { AddressImage, Desired, Digest } from '../../../src/manifest/manifest.ts'
import { parseManifest } from '../../../src/manifest/parse-manifest.ts'
import { systemClock } from '../../../src/ports/clock.ts'
import { createHttp } from '../../../src/ports/http/create-http.ts'
import { createJournal } from '../../../src/ports/journal.ts'
import { createMeter } from '../../../src/ports/meter.ts'
import { createStore } from '../../../src/ports/store/store.ts'
import type { World } from '../../../src/ports/world.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

let server: Server
let folder: string
let world: World
let desired: Desired
let sums: string | Buffer
let signature: string
let bare: { bytes: Buffer; etag: string; lastModified: string; downloads: number }

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/SHA256SUMS') return void response.end(sums)
    if (request.url === '/SHA256SUMS.sig') return void response.end(signature)
    if (request.url === '/gone.qcow2') return void response.writeHead(404).end()
    if (request.url === '/page.qcow2') return void response.end('<!DOCTYPE html><title>Moved</title>')
    if (request.url === '/bare.qcow2') return serveBare(request.headers, response)
    const head = qcow2Head()
    response
      .writeHead(206, { 'content-range': `bytes 0-${head.length - 1}/4096`, 'content-length': head.length })
      .end(head)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
function qcow2Head(): Buffer {
  const head = Buffer.alloc(512)
  head.write('QFI\u00fb', 'latin1')
  head.writeUInt32BE(3, 4)
  head.writeUInt32BE(16, 20)
  head.writeBigUInt64BE(5n * 1024n ** 3n, 24)
  head.writeUInt32BE(104, 100)
  return head
}

/** An image without a checksum document. Complete downloads are counted. */
function serveBare({ range }: IncomingHttpHeaders, response: ServerResponse): void {
  const headers = { etag: bare.etag, 'last-modified': bare.lastModified, 'content-length': bare.bytes.length }
  if (range === undefined) bare.downloads += 1
  else Object.assign(headers, { 'content-range': `bytes 0-${bare.bytes.length - 1}/${bare.bytes.length}` })
  response.writeHead(range === undefined ? 200 : 206, headers).end(bare.bytes)
}

beforeEach(() => {
  bare = { bytes: qcow2Head(), etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT', downloads: 0 }
  folder = mkdtempSync(join(tmpdir(), 'pin-'))
  const [clock, meter] = [systemClock, createMeter()]
  const journal = createJournal({ path: join(folder, 'journal'), clock })
  const store = createStore({ directory: join(folder, 'cache'), clock })
  world = { clock, meter, journal, store, http: createHttp({ directory: folder, clock, meter }) } as unknown as World
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const text = `project: lab
images: { debian: { url: "${url}/debian-latest.qcow2", checksum: "${url}/SHA256SUMS" } }
vms: {}`
  desired = parseManifest({ text, file: 'm.yaml' }).desired
  sums = `${A}  debian-latest.qcow2\n${A}  debian-20261101.qcow2\n`
  return () => rmSync(folder, { recursive: true, force: true })
})
afterAll(() => void server.close())

function image(): AddressImage {
  const found = desired.images.get('debian')
  if (found?.kind !== 'address') throw new Error('no image')
  return found
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

describe('pinImages', () => {
  it('pins the digest, the dated URL beside the alias, size, format and virtual size', async () => {
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

  it('keeps the entry of an unchanged image, including its time, and renews a changed one', async () => {
    const before = await pinImages(desired, world)
    expect(await pinImages(desired, world, { before })).toEqual(before)
    sums = `${B}  debian-latest.qcow2\n`
    const after = await pinImages(desired, world, { before })
    expect(after.images.debian?.digest).toBe(`sha256:${B}`)
  })

  it.each<[string, string | Buffer, string]>([
    ['larger than any', Buffer.alloc(100 * 1024 * 1024, `${A}  debian-latest.qcow2\n`), 'HTTP'],
    ['of bytes that are no text', Buffer.from([0xff, 0xfe, 0, 1, 2, 0x80]), 'CHECKSUM'],
    ['that names the image outside its folder only', `${A}  ../../debian-latest.qcow2\n`, 'CHECKSUM'],
    ['that is an error page', '<!DOCTYPE html><title>Sorry</title>', 'CHECKSUM'],
    ['that contradicts itself', `${A}  debian-latest.qcow2\n${B}  debian-latest.qcow2\n`, 'CHECKSUM'],
    ['that is empty', '', 'CHECKSUM'],
  ])('refuses a document %s, as it comes over the wire', async (_what, document, code) => {
    sums = document
    const error = await pinImages(desired, world).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^.{20,300}$/) })
    expect(error).toHaveProperty('hint', expect.stringMatching(/.{20}/))
  })

  it('names each image that fails, in the order of the manifest, with each hint', async () => {
    const at = (name: string) => new URL(name, image().url).href
    const text = `project: lab
images:
  gone: { url: "${at('gone.qcow2')}" }
  good: { url: "${at('bare.qcow2')}" }
  page: { url: "${at('page.qcow2')}" }
  good-too: { url: "${image().url.href}", checksum: "${at('SHA256SUMS')}" }
vms: {}`
    const several = parseManifest({ text, file: 'm.yaml' }).desired
    const error = await pinImages(several, world).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'HTTP',
      message: expect.stringMatching(/^gone: [^\n]*404[^\n]*\npage: [^\n]+$/),
    })
    expect((error as ProvisionError).hint?.split('\n')).toHaveLength(2)
  })

  it('ends at once where the run is cancelled', async () => {
    const reason = new ProvisionError('CANCELLED', 'Cancelled.')
    await expect(pinImages(desired, world, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('fails where the document does not name the image', async () => {
    sums = `${A}  other.qcow2\n`
    await expect(pinImages(desired, world)).rejects.toMatchObject({ code: 'CHECKSUM' })
  })
})

describe('an image without a checksum', () => {
  const withUrl = (url: string): Desired =>
    parseManifest({ text: `project: lab\nimages: { bare: { url: "${url}" } }\nvms: {}`, file: 'm.yaml' }).desired
  const beside = (name: string) => withUrl(new URL(name, image().url).href)
  const bareImage = (): AddressImage => {
    const bare = beside('bare.qcow2').images.get('bare')
    return bare?.kind === 'address' ? bare : image()
  }

  it('is not used without a digest in the manifest or a lock file', async () => {
    const lock = await pinImages(desired, world)
    await expect(resolveImage(bareImage(), world, { lock })).rejects.toMatchObject({
      code: 'CHECKSUM',
      hint: expect.stringContaining('pve-provision pin'),
    })
    expect(bare.downloads).toBe(0)
  })

  it('that is an ISO is measured by pin, whatever its content', async () => {
    bare.bytes = Buffer.from('no disk at all')
    const desired = beside('bare.qcow2')
    const [tools] = desired.images.values()
    const images = new Map(tools && [['bare', { ...tools, isIso: true }]])
    const lock = await pinImages({ ...desired, images }, world)
    expect(lock.images.bare).toMatchObject({ digest: digestOf(bare.bytes), sizeBytes: bare.bytes.length })
    expect(lock.images.bare).not.toHaveProperty('format')
  })

  it('is measured by pin, kept in the store, and then used unchanged', async () => {
    const lock = await pinImages(beside('bare.qcow2'), world)
    const digest = digestOf(bare.bytes)
    expect(lock.images.bare).toMatchObject({
      digest,
      resolvedUrl: bareImage().url.href,
      sizeBytes: 512,
      format: 'qcow2',
      measured: { etag: '"one"', lastModified: bare.lastModified },
    })
    expect(await world.store.find(digest)).toBeDefined()
    bare.bytes = Buffer.concat([bare.bytes, bare.bytes])
    expect(await resolveImage(bareImage(), world, { lock })).toMatchObject({ digest, digestFrom: 'first use' })
    expect(parseLockFile({ text: formatLockFile(lock), file: 'l.lock' })).toEqual(lock)
  })

  it('is downloaded again only when its metadata on the server changes', async () => {
    const before = await pinImages(beside('bare.qcow2'), world)
    expect(await pinImages(beside('bare.qcow2'), world, { before })).toEqual(before)
    expect(bare.downloads).toBe(1)
    bare = { ...bare, bytes: Buffer.concat([bare.bytes, bare.bytes]), etag: '"two"' }
    const after = await pinImages(beside('bare.qcow2'), world, { before })
    expect(after.images.bare).toMatchObject({ digest: digestOf(bare.bytes), measured: { etag: '"two"' } })
    expect(lockChanges(before, after)).toEqual([
      expect.stringMatching(/^bare has a newer build: .*not confirmed by the vendor/),
    ])
  })

  it('keeps its entry where only the description changed', async () => {
    const before = await pinImages(beside('bare.qcow2'), world)
    bare.etag = '"touched"'
    const after = await pinImages(beside('bare.qcow2'), world, { before })
    expect(after.images.bare).toEqual({
      ...before.images.bare,
      measured: { etag: '"touched"', lastModified: bare.lastModified },
    })
    expect(lockChanges(before, after)).toEqual([])
  })

  it('uses the checksum document once the manifest names one', async () => {
    const before = await pinImages(beside('bare.qcow2'), world)
    sums = `${digestOf(bare.bytes).slice(7)}  bare.qcow2\n`
    const checked = { ...bareImage(), checksum: new URL('SHA256SUMS', image().url) }
    const after = await pinImages({ ...desired, images: new Map([['bare', checked]]) }, world, { before })
    expect(after.images.bare?.digest).toBe(digestOf(bare.bytes))
    expect(after.images.bare).not.toHaveProperty('measured')
  })

  it('is refused over plain http, before any request', async () => {
    await expect(pinImages(withUrl('http://images.example.org/x.qcow2'), world)).rejects.toMatchObject({
      code: 'CHECKSUM',
      message: expect.stringContaining('plain http'),
    })
  })

  it('is refused when the download is not an image or fails, and leaves nothing behind', async () => {
    await expect(pinImages(beside('page.qcow2'), world)).rejects.toMatchObject({ code: 'IMAGE' })
    await expect(pinImages(beside('gone.qcow2'), world)).rejects.toMatchObject({ code: 'HTTP' })
    expect(await world.store.list()).toEqual([])
    expect(readdirSync(join(folder, 'cache/v1/temporary'))).toEqual([])
  })
})

describe('resolveImage with a lock file', () => {
  it('uses exactly what is pinned, without requests', async () => {
    const lock = await pinImages(desired, world)
    sums = `${B}  debian-latest.qcow2\n`
    const facts = await resolveImage(image(), { http: undefined } as unknown as World, { lock })
    expect(facts).toMatchObject({
      digest: `sha256:${A}`,
      digestFrom: 'lock',
      url: new URL('debian-20261101.qcow2', image().url),
    })
  })

  it('refuses a lock file with another URL or digest than the manifest', async () => {
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

describe('resolveImage with a required signature', () => {
  const signedBy = async (signer: string) => {
    const key = await generateKey({ userIDs: [{ name: signer }], format: 'object' })
    const message = await createMessage({ binary: Buffer.from(sums) })
    signature = await sign({ message, signingKeys: key.privateKey, detached: true })
    return key.publicKey.armor()
  }
  const asking = (key: string): AddressImage => ({
    ...image(),
    signature: { url: new URL('SHA256SUMS.sig', image().url), keys: [key] },
  })

  it('reports that it was verified', async () => {
    const key = await signedBy('vendor')
    await expect(resolveImage(asking(key), world)).resolves.toMatchObject({
      digest: `sha256:${A}`,
      signature: 'verified',
    })
  })

  it('fails before the image is requested when it is by another key, or missing', async () => {
    const key = await signedBy('vendor')
    await signedBy('stranger')
    await expect(resolveImage(asking(key), world)).rejects.toMatchObject({ code: 'SIGNATURE' })
    const { url: _none, ...clearsigned } = asking(key).signature ?? { keys: [] }
    await expect(resolveImage({ ...image(), signature: clearsigned }, world)).rejects.toMatchObject({
      code: 'SIGNATURE',
    })
  })
})
