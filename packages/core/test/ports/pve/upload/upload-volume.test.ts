import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import tls from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { UploadFile } from '../../../../src/ports/pve/pve.ts'
import { certificate } from '../support/certificates.ts'
import { clientOf, rejection } from '../support/client.ts'
import { startTaskServer, upidOf } from '../support/fake-tasks.ts'
import { answer, answerEmpty, type RawHandler, startRawServer, startServer } from '../support/servers.ts'

const upid = upidOf('imgcopy', '')

function fileOf(content: Buffer | string, more: Partial<UploadFile> = {}): UploadFile & { opened(): number } {
  const bytes = Buffer.from(content)
  let opened = 0
  return {
    at: { node: 'pve1', storage: 'local' },
    content: 'import',
    fileName: 'debian-13-0123456789abcdef-300.qcow2',
    sizeBytes: bytes.length,
    checksum: { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') },
    open: () => {
      opened += 1
      return Readable.from([bytes.subarray(0, 3), bytes.subarray(3)].filter(({ length }) => length > 0))
    },
    opened: () => opened,
    ...more,
  }
}

/** Answers status calls. `handler` gets the uploads as soon as their heads have arrived. */
function uploadServer(handler: RawHandler) {
  return startRawServer((incoming, response, connection) => {
    if (incoming.url?.endsWith('/status')) return answer(response, { status: 'stopped', exitstatus: 'OK' })
    handler(incoming, response, connection)
  })
}

describe('an upload', () => {
  it('sends the fields in the order Proxmox reads, with exact length, and resolves with the volume', async () => {
    const server = await startTaskServer({ [upid]: { looks: 1 } }, (response, { method }) => {
      if (method === 'POST') answer(response, upid)
      return method === 'POST'
    })
    const { pve, meter } = clientOf(server)
    const file = fileOf('QFI\u00fb the bytes\r\n')
    const sent: number[] = []
    expect(await pve.upload(file, { onBytes: (bytes) => sent.push(bytes) })).toBe(
      'local:import/debian-13-0123456789abcdef-300.qcow2',
    )
    const [{ headers, body, path } = { headers: {}, body: '', path: '' }] = server.seen
    const [, boundary] = /^multipart\/form-data; boundary=([\w-]+)$/.exec(headers['content-type'] ?? '') ?? []
    expect(path).toBe('/api2/json/nodes/pve1/storage/local/upload')
    expect(Buffer.from(body, 'latin1').toString()).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="content"\r\n\r\nimport\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="checksum-algorithm"\r\n\r\nsha256\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="checksum"\r\n\r\n${file.checksum.hex}\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${file.fileName}"\r\n` +
        'Content-Type: application/octet-stream\r\n\r\n' +
        `QFI\u00fb the bytes\r\n\r\n--${boundary}--\r\n`,
    )
    expect(headers['content-length']).toBe(String(body.length))
    expect(headers['transfer-encoding']).toBeUndefined()
    expect(sent.at(-1)).toBe(file.sizeBytes)
    expect(meter.read()).toMatchObject({ bytesUploaded: file.sizeBytes, apiRequests: 3 })
  })

  it('has all headers of the file part in one TLS record: Proxmox would write a split one into the file', async () => {
    const { key, cert, fingerprint } = await certificate('pve1')
    const records: string[] = []
    const server = tls.createServer({ key, cert }, (socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (data) => {
        records.push(data.toString('latin1'))
        if (data.includes('--\r\n')) socket.end('HTTP/1.1 500 enough\r\nConnection: close\r\n\r\n')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { pve } = clientOf([], { endpoints: [new URL(`https://127.0.0.1:${port}`)], trust: { fingerprint } })
    await rejection(pve.upload(fileOf('x'.repeat(100_000))))
    const withPart = records.filter((record) => record.includes('name="content"') || record.includes('name="filename"'))
    expect(withPart).toHaveLength(1)
    expect(withPart[0]).toMatch(
      /name="content"[\s\S]*name="filename"; filename="[^"]+"\r\nContent-Type: application\/octet-stream\r\n\r\n/,
    )
  })

  it('names the file as Proxmox would store it', async () => {
    const server = await startTaskServer({ [upid]: {} }, (response, { method }) => {
      if (method === 'POST') answer(response, upid)
      return method === 'POST'
    })
    const file = fileOf('x', { fileName: 'sub/dir\\a "b"\r\n+ü.iso', content: 'iso' })
    expect(await clientOf(server).pve.upload(file)).toBe('local:iso/a__b_____.iso')
    expect(server.seen[0]?.body).toContain('filename="a__b_____.iso"')
  })

  it('of an empty file is sent too', async () => {
    const server = await startTaskServer({ [upid]: {} }, (response, { method }) => {
      if (method === 'POST') answer(response, upid)
      return method === 'POST'
    })
    expect(await clientOf(server).pve.upload(fileOf(''))).toMatch(/^local:import/)
  })

  it('of many megabytes is read only a little ahead of what is sent', async () => {
    const chunk = Buffer.alloc(1 << 20, 7)
    const chunks = 160
    const server = await uploadServer((incoming, response) => {
      incoming.resume().on('end', () => answer(response, upid))
    })
    let [readBytes, sentBytes, aheadBytes] = [0, 0, 0]
    const file = fileOf('', {
      sizeBytes: chunks * chunk.length,
      open: () =>
        Readable.from(
          (function* () {
            for (let i = 0; i < chunks; i += 1) {
              readBytes += chunk.length
              aheadBytes = Math.max(aheadBytes, readBytes - sentBytes)
              yield Buffer.from(chunk)
            }
          })(),
          { highWaterMark: 1 },
        ),
    })
    await clientOf(server).pve.upload(file, {
      onBytes: (bytes) => {
        sentBytes = bytes
      },
    })
    expect(sentBytes).toBe(chunks * chunk.length)
    expect(aheadBytes).toBeLessThan(16 * chunk.length)
  })
})

describe('an upload that Proxmox refuses', () => {
  it('before the body is read ends at once with its reason', async () => {
    const reason = 'Permission check failed (/storage/local, Datastore.AllocateTemplate)'
    const server = await uploadServer((_incoming, response) => answerEmpty(response, 403, reason))
    let produced = 0
    const endless = () =>
      Readable.from(
        (function* () {
          for (;;) {
            produced += 1
            yield Buffer.alloc(65_536)
          }
        })(),
      )
    const file = fileOf('', { sizeBytes: 2 ** 40, open: endless })
    expect(await rejection(clientOf(server).pve.upload(file))).toMatchObject({
      code: 'PERMISSION',
      details: { missing: { path: '/storage/local', privileges: ['Datastore.AllocateTemplate'] } },
    })
    expect(produced).toBeLessThan(10_000)
  })

  it('by cutting the connection is repeated once without a body, for its reason', async () => {
    const lengths: number[] = []
    const server = await uploadServer((incoming, response, connection) => {
      if (connection === 1) return void setTimeout(() => incoming.socket.destroy(), 20)
      answerEmpty(response, 401, 'Authentication failed!')
      lengths.push(Number(incoming.headers['content-length']))
    })
    const file = fileOf('', {
      sizeBytes: 2 ** 30,
      open: () =>
        Readable.from(
          (function* () {
            for (;;) yield Buffer.alloc(65_536)
          })(),
        ),
    })
    expect(await rejection(clientOf(server).pve.upload(file))).toMatchObject({ code: 'AUTHENTICATION' })
    expect(lengths).toHaveLength(1)
    expect(server.connections()).toBe(2)
  })

  it('with a name that it does not accept names the parameter', async () => {
    const server = await startServer((response) => {
      response.writeHead(400, 'Parameter verification failed.', { connection: 'close' })
      response.end(JSON.stringify({ data: null, errors: { filename: 'invalid filename or wrong extension' } }))
    })
    expect(await rejection(clientOf(server).pve.upload(fileOf('x', { fileName: 'a.img' })))).toMatchObject({
      code: 'PVE',
      details: { problem: 'parameters', errors: { filename: 'invalid filename or wrong extension' } },
    })
    expect(server.seen).toHaveLength(1)
  })

  it('in its task, by checksum, says so', async () => {
    const exitStatus = "checksum mismatch: got 'aa' != expect 'bb'"
    const server = await startTaskServer({ [upid]: { exitStatus } }, (response, { method }) => {
      if (method === 'POST') answer(response, upid)
      return method === 'POST'
    })
    expect(await rejection(clientOf(server).pve.upload(fileOf('x')))).toMatchObject({
      code: 'TASK',
      details: { problem: 'checksum-mismatch' },
    })
  })
})

describe('an upload whose connection breaks', () => {
  it('before the last byte is sent again from the start: it cannot have had an effect', async () => {
    let uploads = 0
    const server = await uploadServer((incoming, response) => {
      uploads += 1
      // The second request asks for the reason and has no body.
      if (uploads === 2) return void incoming.socket.destroy()
      if (uploads === 1) return void incoming.once('data', () => incoming.socket.destroy())
      incoming.resume().on('end', () => answer(response, upid))
    })
    // More than the buffers between two sockets can hold, so that the end cannot have been sent when the connection
    // breaks.
    const file = fileOf(Buffer.alloc(64 << 20))
    expect(await clientOf(server).pve.upload(file)).toMatch(/^local:import/)
    expect(file.opened()).toBe(2)
  })

  it('after the last byte is not repeated: the caller must check', async () => {
    const server = await uploadServer((incoming) => void incoming.resume().on('end', () => incoming.socket.destroy()))
    const file = fileOf('some bytes')
    expect(await rejection(clientOf(server).pve.upload(file))).toMatchObject({
      code: 'PVE',
      details: { lostReply: true },
    })
    expect(file.opened()).toBe(1)
  })

  it('between two daemons of Proxmox, after the last byte, is in doubt too', async () => {
    const server = await startServer((response) => answerEmpty(response, 596, 'Connection timed out'))
    const error = await rejection(clientOf(server).pve.upload(fileOf('some bytes')))
    expect(error).toMatchObject({ code: 'PVE', details: { lostReply: true, status: 596 } })
    expect(server.seen).toHaveLength(1)
  })

  it('because a worker did not start is sent again', async () => {
    let uploads = 0
    const server = await uploadServer((incoming, response) => {
      uploads += 1
      const reason = 'got no worker upid - start worker failed'
      incoming
        .resume()
        .on('end', () => (uploads === 1 ? answer(response, null, { status: 500, reason }) : answer(response, upid)))
    })
    const file = fileOf('some bytes')
    expect(await clientOf(server).pve.upload(file)).toMatch(/^local:import/)
    expect(file.opened()).toBe(2)
  })

  it('because nothing listens opens no file', async () => {
    const server = await uploadServer(() => undefined)
    await server.close()
    const file = fileOf('some bytes')
    expect(await rejection(clientOf(server).pve.upload(file))).toMatchObject({ code: 'UNREACHABLE' })
    expect(file.opened()).toBe(0)
  })
})

describe('a source', () => {
  const sink: RawHandler = (incoming) => void incoming.resume()

  it('that stalls ends the upload before Proxmox does', async () => {
    const server = await uploadServer(sink)
    const file = fileOf('', { sizeBytes: 100, open: () => new Readable({ read() {} }) })
    expect(await rejection(clientOf(server).pve.upload(file))).toMatchObject({
      code: 'DISK',
      message: expect.stringContaining('no data for 4 s'),
    })
  })

  it.each([
    ['shorter', 11],
    ['longer', 9],
  ])('that is %s than promised ends the upload', async (_, sizeBytes) => {
    const server = await uploadServer(sink)
    const file = fileOf('some bytes', { sizeBytes })
    expect(await rejection(clientOf(server).pve.upload(file))).toMatchObject({
      code: 'DISK',
      message: expect.stringContaining('has changed its size'),
    })
    expect(file.opened()).toBe(1)
  })

  it('that cannot be read ends the upload with its own error', async () => {
    const server = await uploadServer(sink)
    const cause = new Error('EIO: i/o error, read')
    const open = () =>
      new Readable({
        read() {
          this.destroy(cause)
        },
      })
    expect(await rejection(clientOf(server).pve.upload(fileOf('x', { open })))).toMatchObject({ code: 'DISK', cause })
  })
})

describe('an abort of an upload', () => {
  it('while bytes are sent closes the source', async () => {
    const server = await uploadServer((incoming) => void incoming.resume())
    const abort = new AbortController()
    const source = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536)
      })(),
    )
    const file = fileOf('', { sizeBytes: 2 ** 40, open: () => source })
    const error = await rejection(
      clientOf(server).pve.upload(file, { signal: abort.signal, onBytes: (sent) => sent > 1e6 && abort.abort() }),
    )
    expect(error).toMatchObject({ code: 'CANCELLED', details: { lostReply: false } })
    expect(source.destroyed).toBe(true)
  })

  it('before its start sends nothing', async () => {
    const server = await uploadServer(() => undefined)
    const file = fileOf('x')
    expect(await rejection(clientOf(server).pve.upload(file, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'CANCELLED',
    })
    expect(file.opened()).toBe(0)
  })
})
