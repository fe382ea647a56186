import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { maskSecrets } from '../../../../src/mask.ts'
import { api } from '../../../../src/ports/pve/api.ts'
import type { Retry } from '../../../../src/ports/pve/pve.ts'
import { clientOf, rejection, tokenSecret } from '../support/client.ts'
import { answer, answerEmpty, answerRaw, startServer } from '../support/servers.ts'

describe('a call', () => {
  it('resolves with the data of the answer and sends a user agent', async () => {
    const server = await startServer((response) => answer(response, { version: '9.2.1' }))
    const { pve, meter } = clientOf(server)
    expect(await pve.request('GET', '/version')).toEqual({ version: '9.2.1' })
    expect(server.seen[0]?.headers.authorization).toBe(`PVEAPIToken=ci@pve!runner=${tokenSecret}`)
    expect(server.seen[0]?.headers['accept-encoding']).toBeUndefined()
    expect(meter.read().apiRequests).toBe(1)
  })

  it('sends a change as a form: booleans as 1 and 0, numbered keys beyond the types, nothing for undefined', async () => {
    const server = await startServer((response) => answer(response, 'UPID:x'))
    const { pve } = clientOf(server)
    const parameters = {
      vmid: 100,
      onboot: true,
      kvm: false,
      net4: 'virtio,bridge=vmbr0',
      scsi12: 'a b',
      name: undefined,
      command: ['a', 'b'],
    }
    await pve.request('POST', '/nodes/pve1/qemu', { parameters })
    expect(server.seen[0]?.body).toBe(
      'vmid=100&onboot=1&kvm=0&net4=virtio%2Cbridge%3Dvmbr0&scsi12=a+b&command=a&command=b',
    )
    expect(server.seen[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(parameters).toHaveProperty('name')
  })

  it('sends the parameters of a DELETE in the query, and no body', async () => {
    const server = await startServer((response) => answer(response, null))
    const { pve } = clientOf(server)
    await pve.request('DELETE', '/nodes/pve1/qemu/100', { parameters: { purge: true } })
    expect(server.seen[0]).toMatchObject({ path: '/api2/json/nodes/pve1/qemu/100?purge=1', body: '' })
    expect(server.seen[0]?.headers['content-length']).toBeUndefined()
  })

  it('goes through the typed navigator too', async () => {
    const server = await startServer((response) => answer(response, []))
    const { pve } = clientOf(server)
    await api(pve).nodes.$('pve1').qemu.$(100).config.$put({ cores: 4 })
    await api(pve).nodes.$('pve1').storage.$('local').content.$('local:import/a.qcow2').$get()
    expect(server.seen.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'PUT /api2/json/nodes/pve1/qemu/100/config cores=4',
      'GET /api2/json/nodes/pve1/storage/local/content/local%3Aimport%2Fa.qcow2 ',
    ])
  })

  it('is never sent with an ID that leaves or cuts the path', async () => {
    const server = await startServer((response) => answer(response, []))
    const { pve } = clientOf(server)
    expect(await rejection(api(pve).nodes.$('..').qemu.$get())).toMatchObject({ code: 'MANIFEST' })
    expect(await rejection(api(pve).nodes.$('pve1#').qemu.$get())).toMatchObject({ code: 'MANIFEST' })
    expect(await rejection(api(pve).nodes.$('a/../../access').qemu.$get())).toMatchObject({ code: 'MANIFEST' })
    expect(server.seen).toEqual([])
  })
})

describe('connections', () => {
  it('are reused by reads, and not by writes', async () => {
    const server = await startServer((response) => answer(response, null))
    const { pve } = clientOf(server)
    await pve.request('GET', '/version')
    await pve.request('GET', '/version')
    await pve.request('PUT', '/nodes/pve1/qemu/100/config')
    await pve.request('PUT', '/nodes/pve1/qemu/100/config')
    await pve.request('GET', '/version')
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 1, 2, 3, 1])
  })

  it('are reused where pveproxy relays a `close` before its own `Keep-Alive`', async () => {
    const server = await startServer((_response, _seen, incoming) =>
      incoming.socket.write(
        'HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: Keep-Alive\r\nContent-Length: 11\r\n\r\n{"data":42}',
      ),
    )
    const { pve } = clientOf(server)
    for (let i = 0; i < 3; i += 1) expect(await pve.request('GET', '/nodes/pve1/qemu')).toBe(42)
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 1, 1])
  })

  it('are not reused where it closes', async () => {
    const server = await startServer((response) => {
      response.setHeader('connection', 'close')
      answer(response, 42)
    })
    const { pve } = clientOf(server)
    for (let i = 0; i < 3; i += 1) expect(await pve.request('GET', '/nodes/pve1/qemu')).toBe(42)
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 2, 3])
  })

  it('are opened again when the server closed an idle one', async () => {
    const server = await startServer((response, _, incoming) => {
      answer(response, null)
      incoming.socket.end()
    })
    const { pve } = clientOf(server)
    for (let i = 0; i < 5; i += 1) expect(await pve.request('GET', '/version')).toBe(null)
    expect(server.connections()).toBeGreaterThan(1)
  })
})

describe('an error of Proxmox', () => {
  it('carries the message, the problem about each parameter, and no secret', async () => {
    const server = await startServer((response) => {
      response.writeHead(400, 'Parameter verification failed.', { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          data: null,
          message: 'Parameter verification failed.\n',
          errors: { cores: 'value must have a minimum value of 1', cipassword: "bad value 'hunter22'\n" },
        }),
      )
    })
    const { pve } = clientOf(server)
    const parameters = { cores: 0, cipassword: 'hunter22' }
    const error = await rejection(pve.request('POST', '/nodes/pve1/qemu', { parameters }))
    expect(error).toMatchObject({
      code: 'PVE',
      message: expect.stringContaining('cores: value must have a minimum value of 1'),
      details: { status: 400, problem: 'parameters', errors: { cores: 'value must have a minimum value of 1' } },
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter22')
    expect(server.seen).toHaveLength(1)
  })

  it('is read from the status line of servers that send no message (before 8.4)', async () => {
    const server = await startServer((response) => {
      response.writeHead(500, "VM 100 already exists on node 'pve1'", { 'content-type': 'application/json' })
      response.end('{"data":null}')
    })
    const error = await rejection(clientOf(server).pve.request('POST', '/nodes/pve1/qemu'))
    expect(error).toMatchObject({
      code: 'PVE',
      details: { problem: 'already-exists', text: "VM 100 already exists on node 'pve1'" },
    })
  })

  it('is read from a status line in UTF-8', async () => {
    const server = await startServer((_response, _seen, incoming) =>
      answerRaw(incoming, 'HTTP/1.1 500 Gerät „x“ fehlt\r\nConnection: close\r\n\r\n'),
    )
    expect(await rejection(clientOf(server).pve.request('PUT', '/nodes/pve1/qemu/1'))).toMatchObject({
      details: { text: 'Gerät „x“ fehlt' },
    })
  })

  it('may be a status line of 20 KiB, which is cut', async () => {
    const reason = 'x'.repeat(20_000)
    const server = await startServer((_response, _seen, incoming) =>
      answerRaw(incoming, `HTTP/1.1 500 ${reason}\r\nConnection: close\r\n\r\n`),
    )
    expect(await rejection(clientOf(server).pve.request('PUT', '/nodes/pve1/qemu/1'))).toMatchObject({
      details: { text: `${'x'.repeat(16 * 1024)}…` },
    })
  })

  it('401: does not repeat, and says that Proxmox itself delays the answer', async () => {
    const server = await startServer((response) => answerEmpty(response, 401, 'Authentication failed!'))
    const error = await rejection(clientOf(server).pve.request('GET', '/version'))
    expect(error).toMatchObject({
      code: 'AUTHENTICATION',
      hint: expect.stringContaining('does not report which of these is wrong'),
    })
    expect(String(error)).toContain('ci@pve!runner')
    expect(String(error)).not.toContain(tokenSecret)
    expect(server.seen).toHaveLength(1)
  })

  it('403: names the path and the privilege', async () => {
    const reason = 'Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)'
    const server = await startServer((response) => answer(response, null, { status: 403, reason }))
    expect(await rejection(clientOf(server).pve.request('GET', '/nodes/pve1/storage/local/content'))).toMatchObject({
      code: 'PERMISSION',
      hint: expect.stringContaining('Datastore.Audit or Datastore.AllocateSpace on /storage/local'),
      details: { missing: { path: '/storage/local', privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'] } },
    })
  })

  it('a page that is not the API is reported', async () => {
    const server = await startServer((response) => response.end('<html>hello</html>'))
    expect(await rejection(clientOf(server).pve.request('GET', '/version'))).toMatchObject({
      code: 'PVE',
      hint: expect.stringContaining('PVE_ENDPOINT'),
    })
  })
})

describe('what is not an answer of the API', () => {
  it('a redirection is not followed', async () => {
    const server = await startServer((response) => {
      response.writeHead(301, 'Moved Permanently', { location: 'https://elsewhere.example/' })
      response.end()
    })
    expect(await rejection(clientOf(server).pve.request('GET', '/version'))).toMatchObject({
      code: 'PVE',
      hint: expect.stringContaining('PVE_ENDPOINT'),
      details: { status: 301 },
    })
  })

  it('a port that does not speak TLS is unreachable', async () => {
    const plain = createTcpServer((socket) => void socket.end('SSH-2.0-x\r\n'))
    plain.listen(0, '127.0.0.1')
    await once(plain, 'listening')
    onTestFinished(() => void plain.close())
    const { port } = plain.address() as AddressInfo
    const { pve } = clientOf([], { endpoints: [new URL(`https://127.0.0.1:${port}`)] })
    expect(await rejection(pve.request('GET', '/version'))).toMatchObject({ code: 'UNREACHABLE' })
  })

  it('a silent port does not keep the process alive after the client is closed', async () => {
    const silent = createTcpServer(() => undefined)
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    const { pve } = clientOf([], { endpoints: [new URL(`https://127.0.0.1:${port}`)] })
    const error = rejection(pve.request('PUT', '/nodes/pve1/qemu/100/config'))
    await once(silent, 'connection')
    pve.close()
    expect(await error).toMatchObject({ code: 'UNREACHABLE' })
  })
})

describe('repeating', () => {
  it('a read whose answer was lost is repeated', async () => {
    const server = await startServer((response, { connection }, incoming) =>
      connection < 3 ? void incoming.socket.destroy() : answer(response, 'here'),
    )
    const { pve, meter, clock } = clientOf(server)
    expect(await pve.request('GET', '/version')).toBe('here')
    expect(meter.read()).toMatchObject({ apiRequests: 3, retries: 2 })
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(125)
    expect(clock.sleeps[0]).toBeLessThanOrEqual(250)
  })

  it('a write whose answer was lost is not repeated: the caller must check', async () => {
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      const server = await startServer((_response, _seen, incoming) => void incoming.socket.destroy())
      const error = await rejection(clientOf(server).pve.request(method, '/nodes/pve1/qemu/100/config'))
      expect(error).toMatchObject({ code: 'PVE', details: { lostReply: true } })
      expect(server.seen).toHaveLength(1)
    }
  })

  it('a write with status 596 is in doubt as well', async () => {
    const server = await startServer((response) => answerEmpty(response, 596, 'Connection timed out'))
    const error = await rejection(clientOf(server).pve.request('PUT', '/nodes/pve1/qemu/100/config'))
    expect(error).toMatchObject({ code: 'PVE', details: { lostReply: true, status: 596 } })
    expect(server.seen).toHaveLength(1)
  })

  it('a write that timed out is in doubt', async () => {
    const server = await startServer(() => undefined)
    const error = await rejection(clientOf(server).pve.request('POST', '/nodes/pve1/qemu', { timeoutMs: 60 }))
    expect(error).toMatchObject({
      code: 'PVE',
      message: expect.stringContaining('no answer within 0.06 s'),
      details: { lostReply: true },
    })
  })

  it('a lock that Proxmox did not get is waited for, and reported to the lanes', async () => {
    const reason = "can't lock file '/var/lock/qemu-server/lock-310.conf' - got timeout"
    let left = 2
    const server = await startServer((response) =>
      left-- > 0 ? answer(response, null, { status: 500, reason }) : answer(response, 'UPID'),
    )
    const retries: Retry[] = []
    const { pve } = clientOf(server)
    expect(await pve.request('POST', '/nodes/pve1/qemu/310/config', { onRetry: (retry) => retries.push(retry) })).toBe(
      'UPID',
    )
    expect(retries.map(({ reason: why, attempt }) => [why, attempt])).toEqual([
      ['lock', 1],
      ['lock', 2],
    ])
  })

  it('a lock that stays held ends as PVE_BUSY', async () => {
    const reason = "can't lock file '/var/lock/qemu-server/lock-310.conf' - got timeout"
    const server = await startServer((response) => answer(response, null, { status: 500, reason }))
    expect(await rejection(clientOf(server).pve.request('POST', '/nodes/pve1/qemu/310/config'))).toMatchObject({
      code: 'PVE_BUSY',
      details: { failure: 'lock', attempts: 7, problem: 'lock-timeout' },
    })
  })

  it('a call whose worker did not start is repeated, except a create, which left its VM ID taken', async () => {
    const reason = 'got no worker upid - start worker failed'
    let calls = 0
    const server = await startServer((response) => {
      calls += 1
      if (calls % 2 === 1) return answer(response, null, { status: 500, reason })
      answer(response, 'UPID')
    })
    const { pve } = clientOf(server)
    expect(await pve.request('DELETE', '/nodes/pve1/qemu/352')).toBe('UPID')
    expect(await rejection(pve.request('POST', '/nodes/pve1/qemu'))).toMatchObject({
      code: 'PVE_BUSY',
      details: { failure: 'worker', leftover: true },
    })
  })

  it('any other error is final', async () => {
    const server = await startServer((response) => answer(response, null, { status: 500, reason: 'storage is broken' }))
    expect(await rejection(clientOf(server).pve.request('GET', '/nodes'))).toMatchObject({ code: 'PVE' })
    expect(server.seen).toHaveLength(1)
  })

  it('a node that pveproxy cannot reach is tried again and then named', async () => {
    const server = await startServer((response) => answerEmpty(response, 595, 'No route to host'))
    expect(await rejection(clientOf(server).pve.request('POST', '/nodes/pve2/qemu'))).toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('node pve2'),
      details: { node: 'pve2', status: 595 },
    })
    expect(server.seen).toHaveLength(5)
  })
})

describe('several endpoints', () => {
  it('the next one takes over when one refuses connections, also for a write', async () => {
    const dead = await startServer(() => undefined)
    const alive = await startServer((response) => answer(response, 'here'), { name: 'pve2' })
    const { pve, clock } = clientOf([dead, alive])
    await dead.close()
    expect(await pve.request('POST', '/nodes/pve1/qemu')).toBe('here')
    expect(pve.endpoint).toBe(alive.url.origin)
    expect(clock.sleeps).toEqual([])
  })

  it('all of them down: each is named, after some retries', async () => {
    const first = await startServer(() => undefined)
    const second = await startServer(() => undefined)
    const { pve, meter } = clientOf([first, second])
    await first.close()
    await second.close()
    const error = await rejection(pve.request('GET', '/version'))
    expect(error).toMatchObject({ code: 'UNREACHABLE' })
    expect(String(error)).toContain(first.url.host)
    expect(String(error)).toContain(second.url.host)
    expect(meter.read().apiRequests).toBe(10)
  })

  it('a read that is lost at one is repeated at the next', async () => {
    const ill = await startServer((_response, _seen, incoming) => void incoming.socket.destroy())
    const well = await startServer((response) => answer(response, 'here'), { name: 'pve2' })
    expect(await clientOf([ill, well]).pve.request('GET', '/version')).toBe('here')
    expect(ill.seen).toHaveLength(1)
  })
})

describe('an abort', () => {
  it('ends a call at once and says whether Proxmox may have received it', async () => {
    const abort = new AbortController()
    const server = await startServer(() => abort.abort())
    const error = await rejection(clientOf(server).pve.request('POST', '/nodes/pve1/qemu', { signal: abort.signal }))
    expect(error).toMatchObject({ code: 'CANCELLED', details: { sent: true, lostReply: true } })
  })

  it('before a call prevents it', async () => {
    const server = await startServer(() => undefined)
    const error = await rejection(
      clientOf(server).pve.request('POST', '/nodes/pve1/qemu', { signal: AbortSignal.abort() }),
    )
    expect(error).toMatchObject({ code: 'CANCELLED', details: { sent: false } })
    expect(server.seen).toEqual([])
  })

  it('between two attempts ends the wait', async () => {
    const abort = new AbortController()
    const server = await startServer((response) => answerEmpty(response, 595, 'Connection refused'))
    const { pve } = clientOf(server)
    const error = await rejection(pve.request('GET', '/nodes', { signal: abort.signal, onRetry: () => abort.abort() }))
    expect(error).toMatchObject({ code: 'CANCELLED' })
    expect(server.seen).toHaveLength(1)
  })
})

describe('hostile answers', () => {
  it('that echo the request are shown without the token', async () => {
    const server = await startServer((response, request) => {
      response.writeHead(200).end(`<html>${JSON.stringify(request.headers)}`)
    })
    const error = await rejection(clientOf(server).pve.request('GET', '/version'))
    expect(error).toMatchObject({ code: 'PVE', message: expect.stringContaining('does not come from a Proxmox API') })
    expect(JSON.stringify(error)).not.toContain(tokenSecret)
  })

  it.each<[string, number, (echo: string) => string]>([
    ['as a message', 400, (message) => JSON.stringify({ data: null, message })],
    ['as a parameter and its error', 500, (echo) => JSON.stringify({ data: null, errors: { [echo]: echo } })],
    [
      'between invisible characters',
      403,
      (echo) => JSON.stringify({ data: null, message: echo.replaceAll('', '\u200b') }),
    ],
    ['in a page, between control characters', 200, (echo) => `<p>${echo.replaceAll('', '\u0001')}`],
    ['twice percent-encoded', 401, (echo) => encodeURIComponent(encodeURIComponent(echo))],
    ['in hexadecimal', 404, (echo) => `<p>${Buffer.from(echo).toString('hex')}`],
  ])('that echo the token or a password %s are shown without it', async (_, status, bodyOf) => {
    const password = 'hunter "22"'
    const server = await startServer((response, request) => {
      response.writeHead(status).end(bodyOf(`${request.headers.authorization} ${password}`))
    })
    const { pve } = clientOf(server)
    const error = await rejection(
      pve.request('PUT', '/nodes/pve1/qemu/100/config', { parameters: { cipassword: password } }),
    )
    const shown = inspect(error, { depth: 9 })
    for (const secret of [tokenSecret, password]) expect(maskSecrets(shown, [secret])).toBe(shown)
  })

  it('instead of the ID of a task are not quoted', async () => {
    const server = await startServer((response, request) => {
      response.end(JSON.stringify({ data: { ticket: request.headers.authorization } }))
    })
    const file = { at: { node: 'pve1', storage: 'local' }, content: 'import', fileName: 'a.raw', sizeBytes: 0 } as const
    const bytes = { checksum: { algorithm: 'sha256', hex: '' }, open: () => Readable.from([]) } as const
    const error = await rejection(clientOf(server).pve.upload({ ...file, ...bytes }))
    expect(error).toMatchObject({ code: 'PVE', message: 'Proxmox did not answer with the ID of a task.' })
    expect(inspect(error, { depth: 9 })).not.toContain(tokenSecret)
  })

  it.each([401, 404])('that are a web page with %i come from no Proxmox', async (status) => {
    const server = await startServer((response) => void response.writeHead(status).end('<!DOCTYPE html><p>nginx'))
    expect(await rejection(clientOf(server).pve.request('GET', '/version'))).toMatchObject({
      message: 'The answer to GET /version does not come from a Proxmox API.',
      hint: 'Check that PVE_ENDPOINT is a Proxmox VE node with its port (8006).',
    })
  })

  it.each(["can't lock file '", 'http://', 'http://x?', 'a\u001b[', 'Permission check failed (/'])(
    'of 256 KiB of %j take no time',
    async (part) => {
      const message = part.repeat((256 * 1024) / part.length)
      const server = await startServer((response) => {
        response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ data: null, message }))
      })
      const before = process.cpuUsage().user
      const error = await rejection(clientOf(server).pve.request('PUT', '/version'))
      expect((error as Error).message.length).toBeLessThan(20_000)
      expect(process.cpuUsage().user - before).toBeLessThan(2_000_000)
    },
  )

  it('with line breaks and escape sequences are shown in one line without them', async () => {
    const server = await startServer((response) => {
      const message = 'boom\r::stop-commands::x\u001b[2J'
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ data: null, message }))
    })
    const error = (await rejection(clientOf(server).pve.request('PUT', '/version'))) as Error
    expect(error.message).toContain('boom ::stop-commands::x')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches control characters on purpose
    expect(error.message).not.toMatch(/[\u0000-\u001f]/)
  })
})
