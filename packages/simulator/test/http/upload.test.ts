// Uploads: the required order of fields, the header that must not be split, and the copy that is not atomic.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { ask, authorization, type Client, clientOf, ended, upload } from '../support/client.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({
    version: '8.4',
    latency: { uploadIdleMs: 200 },
    storages: [{ id: 'local' }, { id: 'fast', content: ['images'] }],
  })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')
const stored = (name: string): string => join(simulator.dataDirectory, 'nodes/pve/var/lib/vz', name)

/** A form with its fields in the given order. */
const form = (
  fields: readonly (readonly [string, string])[],
  file?: { name: string; bytes: string; field?: string },
): string =>
  fields.map(([name, value]) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('') +
  (file === undefined
    ? ''
    : `--B\r\nContent-Disposition: form-data; name="${file.field ?? 'filename'}"; filename="${file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n${file.bytes}\r\n`) +
  '--B--\r\n'

const post = (body: string, { query = '', type = 'multipart/form-data; boundary=B' } = {}) =>
  ask(simulator, {
    method: 'POST',
    path: `/api2/json/nodes/pve/storage/local/upload${query}`,
    headers: { ...authorization(simulator.tokenId, simulator.tokenSecret), 'Content-Type': type },
    body,
  })

describe('fields', () => {
  const file = { name: 'a.iso', bytes: 'abc' }
  const checksum = ['checksum', sha256('abc')] as const
  const algorithm = ['checksum-algorithm', 'sha256'] as const

  test('in the order content, checksum-algorithm, checksum, file are read', async () => {
    const done = await ended(api, await post(form([['content', 'iso'], algorithm, checksum], file)))
    expect(done.exitStatus).toBe('OK')
    expect(done.log).toContain('calculating checksum...OK, checksum verified')
  })

  test.each([
    ['checksum before its algorithm', [['content', 'iso'], checksum, algorithm]],
    ['content last', [algorithm, checksum, ['content', 'iso']]],
    [
      'one that is unknown',
      [
        ['content', 'iso'],
        ['foo', 'bar'],
      ],
    ],
  ] as const)('with %s are a bare 400', async (_, fields) => {
    expect(await post(form(fields, file))).toMatchObject({ status: 400, reason: 'Bad Request', text: '' })
  })

  test('with the file under another name are refused with that name', async () => {
    const answer = await post(form([['content', 'iso']], { ...file, field: 'file' }))
    expect(answer).toMatchObject({ status: 500, text: `${answer.reason}\n` })
    expect(answer.reason).toContain("wrong field name 'file' for file upload, expected 'filename'")
  })

  test('may be in the query instead', async () => {
    const query = `?content=iso&checksum-algorithm=sha256&checksum=${sha256('abc')}`
    expect((await ended(api, await post(form([], file), { query }))).exitStatus).toBe('OK')
  })

  test('with a quoted boundary are not found', async () => {
    expect((await post(form([['content', 'iso']], file), { type: 'multipart/form-data; boundary="B"' })).status).toBe(
      500,
    )
  })
})

test('headers split between two reads end up in the file, and only a checksum detects it', async () => {
  const head =
    '--B\r\nContent-Disposition: form-data; name="content"\r\n\r\niso\r\n--B\r\nContent-Disposition: form-data; name="filename"; filename="split.iso"'
  const rest = '\r\nContent-Type: application/octet-stream\r\n\r\nabc\r\n--B--\r\n'
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(simulator.endpoint).port),
    ca: simulator.certificate,
  })
  await new Promise((connected) => socket.on('secureConnect', connected))
  const lines = [
    'POST /api2/json/nodes/pve/storage/local/upload HTTP/1.1',
    'Host: x',
    `Authorization: PVEAPIToken=${simulator.tokenId}=${simulator.tokenSecret}`,
    'Content-Type: multipart/form-data; boundary=B',
    `Content-Length: ${head.length + rest.length}`,
  ]
  const answered = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    socket.on('close', () => resolve(text))
  })
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await wait(30)
  socket.write(head)
  await wait(60)
  socket.write(rest)
  const upid = /"data":"(UPID[^"]+)"/.exec(await answered)?.[1]
  expect(
    (await ended(api, { status: 200, reason: '', headers: {}, rawHeaders: [], text: '', body: {}, data: upid }))
      .exitStatus,
  ).toBe('OK')
  expect(readFileSync(stored('template/iso/split.iso'), 'utf8')).toBe(
    '\r\nContent-Type: application/octet-stream\r\n\r\nabc',
  )
})

test('a stalled upload is cut without an answer', async () => {
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(simulator.endpoint).port),
    ca: simulator.certificate,
  })
  await new Promise((connected) => socket.on('secureConnect', connected))
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  const header = `POST /api2/json/nodes/pve/storage/local/upload HTTP/1.1\r\nHost: x\r\nAuthorization: PVEAPIToken=${simulator.tokenId}=${simulator.tokenSecret}\r\n`
  socket.write(`${header}Content-Type: multipart/form-data; boundary=B\r\nContent-Length: 100000\r\n\r\n--B\r\n`)
  await closed
  expect(text).toBe('')
})

describe('the file', () => {
  test('replaces another file of that name silently', async () => {
    await ended(api, await upload(simulator, { content: 'iso', name: 'same.iso', bytes: Buffer.from('old') }))
    await ended(api, await upload(simulator, { content: 'iso', name: 'same.iso', bytes: Buffer.from('new bytes') }))
    expect(readFileSync(stored('template/iso/same.iso'), 'utf8')).toBe('new bytes')
  })

  test('with a wrong checksum is not stored, and the older one stays', async () => {
    await ended(api, await upload(simulator, { content: 'iso', name: 'kept.iso', bytes: Buffer.from('old') }))
    const wrong = {
      content: 'iso',
      name: 'kept.iso',
      bytes: Buffer.from('new'),
      algorithm: 'sha256',
      checksum: sha256('other'),
    }
    const done = await ended(api, await upload(simulator, wrong))
    expect(done.exitStatus).toBe(`checksum mismatch: got '${sha256('new')}' != expect '${sha256('other')}'`)
    expect(readFileSync(stored('template/iso/kept.iso'), 'utf8')).toBe('old')
  })

  test.each([
    ['x y.iso', 'x_y.iso'],
    ['sub/dir/z.iso', 'z.iso'],
    ['(par)+~@.iso', '_par____.iso'],
    ['-dash.iso', '-dash.iso'],
  ])('called %s is stored as %s', async (name, expected) => {
    const done = await ended(api, await upload(simulator, { content: 'iso', name, bytes: Buffer.from('x') }))
    expect(done.log).toContain(`target file: /var/lib/vz/template/iso/${expected}`)
  })

  test.each([
    ['import', 'x.img', 'invalid filename or wrong extension'],
    ['import', 'X.QCOW2', 'invalid filename or wrong extension'],
    ['iso', 'x.qcow2', 'wrong file extension'],
    ['vztmpl', 'x.tgz', 'wrong file extension'],
  ])('of %s called %s is refused', async (content, name, fault) => {
    expect((await upload(simulator, { content, name, bytes: Buffer.from('x') })).body).toMatchObject({
      errors: { filename: fault },
    })
  })

  test('that is not of its suffix is refused by the task', async () => {
    const done = await ended(
      api,
      await upload(simulator, { content: 'import', name: 'fake.qcow2', bytes: Buffer.from('no image') }),
    )
    expect(done.exitStatus).toMatch(
      /^qemu-img: Could not open '\/var\/tmp\/pveupload-[0-9a-f]{32}': Image is not in qcow2 format$/,
    )
    expect(existsSync(stored('import/fake.qcow2'))).toBe(false)
  })

  test('that a storage does not accept is refused after it was received, and its spool file stays behind', async () => {
    const before = readdirSync(stored('../../../var/tmp')).length
    const answer = await upload(simulator, { storage: 'fast', content: 'iso', name: 'x.iso', bytes: Buffer.from('x') })
    expect(answer).toMatchObject({ status: 500, reason: "storage 'fast' does not support 'iso' content" })
    expect(readdirSync(stored('../../../var/tmp')).length).toBe(before + 1)
  })
})
