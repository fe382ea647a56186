// download-url and query-url-metadata with a real server that counts, stalls and fails.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'
import { tinyImage } from '../../support/images.ts'

let simulator: Simulator
let api: Client
let vendor: Server
let url: string
let image: Buffer
const asked: string[] = []
let release: () => void = () => undefined

beforeAll(async () => {
  image = await tinyImage()
  const files: Record<string, Buffer> = {
    '/a.qcow2': image,
    '/a.iso': Buffer.from('an iso'),
    '/a.iso.gz': gzipSync('an iso'),
  }
  vendor = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    asked.push(`${request.method} ${path}`)
    const file = files[path.replace('/slow', '')]
    if (path === '/moved') response.writeHead(302, { Location: '/a.qcow2' }).end()
    else if (file === undefined) response.writeHead(404).end()
    else if (path.startsWith('/slow')) {
      response.writeHead(200, { 'Content-Length': file.length })
      response.write(file.subarray(0, 3))
      release = () => response.end(file.subarray(3))
    } else
      response
        .writeHead(200, { 'Content-Length': file.length, 'Content-Type': 'application/octet-stream' })
        .end(request.method === 'HEAD' ? '' : file)
  })
  await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`
  simulator = await createSimulator({
    version: '8.4',
    storages: [{ id: 'local' }, { id: 'fast', content: ['images'] }],
  })
  api = clientOf(simulator)
})
afterAll(async () => {
  await simulator.close()
  vendor.closeAllConnections()
  vendor.close()
})

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
const download = (parameters: Record<string, string>) =>
  api('POST', '/nodes/pve/storage/local/download-url', { content: 'import', ...parameters })
const stored = (path: string) => join(simulator.dataDirectory, 'nodes/pve/var/lib/vz', path)
const checked = (bytes: Buffer | string) => ({ checksum: sha256(bytes), 'checksum-algorithm': 'sha256' })

describe('a file', () => {
  test('that is missing is downloaded, checked and only then gets its name', async () => {
    const started = await download({ url: `${url}/slow/a.qcow2`, filename: 'slow.qcow2', ...checked(image) })
    while (!asked.includes('GET /slow/a.qcow2')) await new Promise((wake) => setTimeout(wake, 5))
    await expect
      .poll(() => readdirSync(stored('import')))
      .toEqual([expect.stringMatching(/^slow\.qcow2\.tmp_dwnl\.\d+$/)])
    release()
    const done = await ended(api, started)
    expect(done.log).toContain('calculating checksum...OK, checksum verified')
    expect(readdirSync(stored('import'))).toEqual(['slow.qcow2'])
  })

  test('that is there with the same bytes is not downloaded again', async () => {
    await ended(api, await download({ url: `${url}/a.qcow2`, filename: 'a.qcow2', ...checked(image) }))
    const before = asked.length
    const done = await ended(
      api,
      await download({ url: 'http://127.0.0.1:1/a.qcow2', filename: 'a.qcow2', ...checked(image) }),
    )
    expect(done).toMatchObject({ exitStatus: 'OK' })
    expect(done.log).toContain(
      'calculating checksum of existing file...OK, got correct file already, no need to download',
    )
    expect(asked).toHaveLength(before)
  })

  test('that is there with other bytes is left alone', async () => {
    const done = await ended(api, await download({ url: `${url}/a.qcow2`, filename: 'a.qcow2', ...checked('other') }))
    expect(done.exitStatus).toBe(`checksum mismatch: got '${sha256(image)}' != expect '${sha256('other')}', aborting`)
  })

  test('that is there is never replaced', async () => {
    const done = await ended(api, await download({ url: `${url}/a.qcow2`, filename: 'a.qcow2' }))
    expect(done.exitStatus).toBe("refusing to override existing file '/var/lib/vz/import/a.qcow2'")
  })

  test('with another checksum than expected is deleted', async () => {
    const done = await ended(
      api,
      await download({ url: `${url}/a.qcow2`, filename: 'wrong.qcow2', ...checked('other') }),
    )
    expect(done.exitStatus).toBe(`checksum mismatch: got '${sha256(image)}' != expect '${sha256('other')}'`)
    expect(readdirSync(stored('import')).filter((name) => name.startsWith('wrong'))).toEqual([])
  })

  test('that two calls request at once is downloaded twice, and both succeed', async () => {
    const before = asked.length
    const both = await Promise.all(
      [0, 1].map(async () => ended(api, await download({ url: `${url}/a.qcow2`, filename: 'twice.qcow2' }))),
    )
    expect(both.map(({ exitStatus }) => exitStatus)).toEqual(['OK', 'OK'])
    expect(asked.length - before).toBe(2)
  })

  test('that is not an image is refused after the download', async () => {
    const done = await ended(api, await download({ url: `${url}/a.iso`, filename: 'no.qcow2' }))
    expect(done.exitStatus).toMatch(
      /^failed to verify file: qemu-img: Could not open '\/var\/lib\/vz\/import\/no\.qcow2\.tmp_dwnl\.\d+': Image is not in qcow2 format$/,
    )
    expect(existsSync(stored('import/no.qcow2'))).toBe(false)
  })

  test('is unpacked for iso, once: the next run compares the unpacked file with the packed one’s checksum', async () => {
    const packed = {
      content: 'iso',
      url: `${url}/a.iso.gz`,
      filename: 'a.iso',
      compression: 'gz',
      ...checked(gzipSync('an iso')),
    }
    expect((await ended(api, await download(packed))).exitStatus).toBe('OK')
    expect((await ended(api, await download(packed))).exitStatus).toMatch(/^checksum mismatch: .*, aborting$/)
    expect((await ended(api, await download({ ...packed, content: 'import', filename: 'b.qcow2' }))).exitStatus).toBe(
      'decompression not supported for import',
    )
  })

  test('that downloads slowly is aborted when its task is stopped', async () => {
    asked.splice(0)
    const started = await download({ url: `${url}/slow/a.qcow2`, filename: 'stopped.qcow2' })
    while (!asked.includes('GET /slow/a.qcow2')) await new Promise((wake) => setTimeout(wake, 5))
    await api('DELETE', `/nodes/pve/tasks/${encodeURIComponent(String(started.data))}`)
    expect((await ended(api, started)).exitStatus).toBe('download failed: received interrupt')
    expect(readdirSync(stored('import')).filter((name) => name.startsWith('stopped'))).toEqual([])
  })
})

describe('what fails', () => {
  test.each([
    ['/404', 'download failed: exit code 8'],
    ['http://127.0.0.1:1/x', 'download failed: Connecting to 127.0.0.1:1... failed: Connection refused.'],
  ])('at %s has the message of wget', async (path, exitStatus) => {
    const address = path.startsWith('http') ? path : `${url}${path}`
    expect((await ended(api, await download({ url: address, filename: 'f.qcow2' }))).exitStatus).toBe(exitStatus)
  })

  test('with an untrusted certificate fails unless verification is off', async () => {
    const address = `${simulator.endpoint}/x.iso`
    const strict = await ended(api, await download({ content: 'iso', url: address, filename: 'tls.iso' }))
    expect(strict.exitStatus).toBe(
      "download failed: ERROR: The certificate of '127.0.0.1' doesn't have a known issuer.",
    )
    const loose = await ended(
      api,
      await download({ content: 'iso', url: address, filename: 'tls.iso', 'verify-certificates': '0' }),
    )
    expect(loose.exitStatus).toBe('download failed: exit code 8')
  })

  test.each([
    [{ filename: 'x.img' }, { filename: 'invalid filename or wrong extension' }],
    [
      { filename: 'x.qcow2', content: 'snippets' },
      { content: "value 'snippets' does not have a value in the enumeration 'iso, vztmpl, import'" },
    ],
    [{ filename: 'x.qcow2', url: 'file:///etc/passwd' }, { url: 'value does not match the regex pattern' }],
    [
      { filename: 'x.qcow2', checksum: 'aa' },
      { 'checksum-algorithm': "missing property - 'checksum' requires this property" },
    ],
  ])('its check of %j is refused at once', async (parameters, errors) => {
    expect((await download({ url: `${url}/a.qcow2`, ...parameters })).body.errors).toEqual(errors)
  })

  test('because of the content type has another message than an upload', async () => {
    const answer = await api('POST', '/nodes/pve/storage/fast/download-url', {
      content: 'import',
      url: `${url}/a.qcow2`,
      filename: 'a.qcow2',
    })
    expect(answer.reason).toBe("storage 'fast' is not configured for content-type 'import'")
  })
})

describe('a URL', () => {
  test('is queried for its size, name and type with HEAD, behind redirects too', async () => {
    asked.splice(0)
    const { data } = await api('GET', '/nodes/pve/query-url-metadata', { url: `${url}/moved` })
    expect(data).toEqual({ filename: 'a.qcow2', size: image.length, mimetype: 'application/octet-stream' })
    expect(asked).toEqual(['HEAD /moved', 'HEAD /a.qcow2'])
  })

  test('that is missing or does not answer is reported with a sentence', async () => {
    expect((await api('GET', '/nodes/pve/query-url-metadata', { url: `${url}/404` })).reason).toBe(
      "invalid server response: '404 Not Found'",
    )
    expect((await api('GET', '/nodes/pve/query-url-metadata', { url: 'http://127.0.0.1:1/' })).reason).toBe(
      "invalid server response: '500 Can't connect to 127.0.0.1:1 (Connection refused)'",
    )
  })
})
