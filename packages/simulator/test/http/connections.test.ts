// How the server answers: logins, refusals, connections, bodies. Clients will see all of this on a real server.
import { Agent, request } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { ask, authorization, type Client, clientOf } from '../support/client.ts'

let simulator: Simulator
let api: Client
let root: Record<string, string>

beforeAll(async () => {
  simulator = await createSimulator({ version: '8.4', latency: { refusalMs: 150 } })
  api = clientOf(simulator)
  root = authorization(simulator.tokenId, simulator.tokenSecret)
})
afterAll(() => simulator.close())

const get = (path: string, headers: Record<string, string>) =>
  ask(simulator, { method: 'GET', path: `/api2/json${path}`, headers })

describe('a refused login', () => {
  test.each([
    ['no credentials', {}, 'No ticket'],
    ['another scheme', { Authorization: 'Bearer x' }, 'No ticket'],
    ['the scheme in lower case', { Authorization: 'pveapitoken=root@pam!simulator=x' }, 'No ticket'],
    ['a colon behind the scheme', { Authorization: 'PVEAPIToken: root@pam!simulator=x' }, 'No ticket'],
    ['a wrong secret', { Authorization: 'PVEAPIToken=root@pam!simulator=wrong' }, 'Authentication failed!'],
    ['an unknown token', { Authorization: 'PVEAPIToken=root@pam!other=x' }, 'Authentication failed!'],
    ['a malformed token', { Authorization: 'PVEAPIToken=garbage' }, 'Authentication failed!'],
    ['a ticket that is none', { Cookie: 'PVEAuthCookie=garbage' }, 'Authentication failed!'],
  ])(
    'with %s has its reason in the status line only, is delayed, and closes the connection',
    async (_, headers, reason) => {
      const before = performance.now()
      const answer = await get('/version', headers)
      expect(answer).toMatchObject({ status: 401, reason, text: '' })
      expect(answer.headers.connection).toBe('close')
      expect(performance.now() - before).toBeGreaterThanOrEqual(149)
    },
  )

  test('a blank instead of the equals sign is accepted', async () => {
    const answer = await get('/version', { Authorization: `PVEAPIToken ${simulator.tokenId}=${simulator.tokenSecret}` })
    expect(answer.status).toBe(200)
  })
})

describe('a ticket', () => {
  const login = (form: string) =>
    ask(simulator, {
      method: 'POST',
      path: '/api2/json/access/ticket',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: form,
    })

  test('logs in, raw or percent-encoded, and can write only with its CSRF token', async () => {
    const { data } = await login(
      new URLSearchParams({ username: 'root@pam', password: simulator.rootPassword }).toString(),
    )
    const { ticket, CSRFPreventionToken: csrf } = data as Record<string, string>
    expect((await get('/version', { Cookie: `PVEAuthCookie=${ticket}` })).status).toBe(200)
    const Cookie = `PVEAuthCookie=${encodeURIComponent(ticket ?? '')}`
    expect((await get('/version', { Cookie })).status).toBe(200)
    const post = (headers: Record<string, string>) =>
      ask(simulator, {
        method: 'POST',
        path: '/api2/json/pools',
        headers: { Cookie, ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'poolid=tick',
      })
    expect(await post({})).toMatchObject({ status: 401, reason: 'Permission denied - invalid csrf token', text: '' })
    expect(await post({ CSRFPreventionToken: 'bad:bad' })).toMatchObject({
      status: 401,
      reason: 'Permission denied - invalid csrf token',
    })
    expect((await post({ CSRFPreventionToken: csrf ?? '' })).status).toBe(200)
  })

  test('is refused with the same JSON body for a wrong password, user or realm', async () => {
    for (const form of [
      'username=root%40pam&password=x',
      'username=nobody%40pve&password=x',
      'username=root&password=x',
    ]) {
      expect(await login(form)).toMatchObject({
        status: 401,
        reason: 'authentication failure',
        body: { data: null, message: 'authentication failure\n' },
      })
    }
  })

  test('without a password is a parameter error', async () => {
    expect(await login('username=x&realm=pve')).toMatchObject({
      status: 400,
      body: { errors: { password: 'property is missing and it is not optional' } },
    })
  })
})

describe('what is not there', () => {
  test.each([
    ['GET', '/nosuch', 501, "Method 'GET /nosuch' not implemented"],
    ['POST', '/version', 501, "Method 'POST /version' not implemented"],
    ['PATCH', '/nodes/pve/qemu', 501, "method 'PATCH' not available"],
    [
      'GET',
      '/nodes/nosuch/qemu',
      500,
      "hostname lookup 'nosuch' failed - failed to get address info for: nosuch: Name or service not known",
    ],
    ['GET', '/nodes/pve/qemu/999/config', 500, "Configuration file 'nodes/pve/qemu-server/999.conf' does not exist"],
    ['GET', '/nodes/pve/storage/nosuch/content', 500, "storage 'nosuch' does not exist"],
  ])('%s %s is %i in its own words', async (method, path, status, reason) => {
    expect(await ask(simulator, { method, path: `/api2/json${path}`, headers: root })).toMatchObject({ status, reason })
  })

  test('an unknown storage is a parameter error where its status is requested', async () => {
    expect(await api('GET', '/nodes/pve/storage/nosuch/status')).toMatchObject({
      status: 400,
      body: { errors: { storage: 'No such storage.' } },
    })
  })
})

describe('a body', () => {
  const post = (headers: Record<string, string>, body: string, method = 'POST') =>
    ask(simulator, { method, path: '/api2/json/nodes/pve/qemu', headers: { ...root, ...headers }, body })

  test('on DELETE is unexpected', async () => {
    expect(await post({}, 'x=1', 'DELETE')).toMatchObject({
      status: 501,
      reason: "Unexpected content for method 'DELETE'",
    })
  })

  test('of another type is not implemented', async () => {
    expect(await post({ 'Content-Type': 'text/plain' }, 'vmid=1')).toMatchObject({
      status: 506,
      reason: "upload 'Content-Type 'text/plain' not implemented",
    })
  })

  test('that the connection layer refuses is answered with the sentence alone', async () => {
    const answers = [await post({}, 'x=1', 'DELETE'), await post({ 'Content-Type': 'text/plain' }, 'vmid=1')]
    expect(answers.map(({ text }) => text)).toEqual([
      "Unexpected content for method 'DELETE'",
      "upload 'Content-Type 'text/plain' not implemented",
    ])
    expect(answers.map(({ headers }) => headers['content-type'])).toEqual([undefined, undefined])
  })

  test.each([
    ['', 'malformed JSON string, neither tag, array, object, number, string or atom', 0, '(end of string)'],
    ['{"vmid":', 'malformed JSON string, neither tag, array, object, number, string or atom', 8, '(end of string)'],
    ['{"cores":1,}', `'"' expected`, 11, '}'],
    ['[1', ', or ] expected while parsing array', 2, '(end of string)'],
    ['{"a":tru}', "'true' expected", 5, 'tru}'],
    ['{"a" 1}', "':' expected", 5, '1}'],
    ['"x', 'unexpected end of string while parsing JSON string', 2, '(end of string)'],
    ['{"a":1} x', 'garbage after JSON object', 8, 'x'],
  ])('of broken JSON (%s) says what is wrong, and where', async (body, sentence, offset, rest) => {
    const answer = await post({ 'Content-Type': 'application/json' }, body)
    const place = `at character offset ${offset} (before "${rest}") at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 917.`
    expect(answer).toMatchObject({ status: 500, text: `${sentence}, ${place}\n` })
  })

  test('of JSON must be an object', async () => {
    const json = { 'Content-Type': 'application/json' }
    expect((await post(json, '[1]')).reason).toContain('Not a HASH reference at ')
    expect((await post(json, '5')).reason).toContain(`Can't use string ("5") as a HASH ref`)
    expect((await post(json, '{"vmid":5}')).status).toBe(400)
  })

  test('over 512 KiB is too large', async () => {
    expect(await post({}, `description=${'x'.repeat(520 * 1024)}`)).toMatchObject({
      status: 501,
      reason: 'for data too large',
    })
  })

  test('in chunks is not supported', async () => {
    const answer = new Promise<number>((resolve, reject) => {
      const call = request(
        `${simulator.endpoint}/api2/json/nodes/pve/qemu`,
        {
          method: 'POST',
          ca: simulator.certificate,
          headers: { ...root, 'Transfer-Encoding': 'chunked' },
          agent: false,
        },
        (response) => resolve(response.statusCode ?? 0),
      )
      call.on('error', reject)
      call.end('vmid=1')
    })
    expect(await answer).toBe(501)
  })

  test('of JSON counts like a form, with real booleans', async () => {
    const created = await post(
      { 'Content-Type': 'application/json' },
      JSON.stringify({ vmid: 170, onboot: true, name: 'json' }),
    )
    expect(created.status).toBe(200)
    const bad = await post({ 'Content-Type': 'application/json' }, JSON.stringify({ vmid: 171, onboot: 'true' }))
    expect(bad.body).toMatchObject({ errors: { onboot: "type check ('boolean') failed - got 'true'" } })
  })

  test('with several errors is refused once, with all of them', async () => {
    const answer = await api('POST', '/nodes/pve/qemu', { vmid: 110, bogus: 1, memory: 'x', cores: 0 })
    expect(answer).toMatchObject({ status: 400, reason: 'Parameter verification failed.' })
    expect(answer.body.errors).toEqual({
      cores: 'value must have a minimum value of 1',
      bogus: 'property is not defined in schema and the schema does not allow additional properties',
      memory: "invalid format - format error\nmemory.current: type check ('integer') failed - got 'x'\n",
    })
  })
})

describe('a connection', () => {
  const onSocket = (
    agent: Agent,
    method: string,
    path: string,
  ): Promise<{ port: number; connection: string[]; status: number }> =>
    new Promise((resolve, reject) => {
      const call = request(
        `${simulator.endpoint}/api2/json${path}`,
        { method, ca: simulator.certificate, headers: root, agent },
        (response) => {
          const port = response.socket.localPort ?? 0
          const names = response.rawHeaders.map((name, index) =>
            name.toLowerCase() === 'connection' ? (response.rawHeaders[index + 1] ?? '') : '',
          )
          response.resume()
          response.on('end', () =>
            resolve({ port, connection: names.filter(Boolean), status: response.statusCode ?? 0 }),
          )
        },
      )
      call.on('error', reject)
      call.end()
    })

  test('is announced as both closing and staying, and stays, for an answer of a daemon', async () => {
    // Node's own client obeys `close`, so only a raw socket shows what the server does.
    const { connect } = await import('node:tls')
    const socket = connect({
      host: '127.0.0.1',
      port: Number(new URL(simulator.endpoint).port),
      ca: simulator.certificate,
    })
    const answers: string[] = []
    let text = ''
    const received = new Promise<void>((resolve, reject) => {
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (!text.endsWith('"}')) return
        answers.push(text)
        text = ''
        if (answers.length === 3) resolve()
        else ask3()
      })
      socket.on('close', () => reject(new Error('closed')))
    })
    const ask3 = (): void => {
      const line = 'POST /api2/json/nodes/pve/qemu/170/status/start HTTP/1.1\r\nHost: x\r\n'
      socket.write(`${line}Authorization: ${root.Authorization}\r\nContent-Length: 0\r\n\r\n`)
    }
    socket.on('secureConnect', ask3)
    await received
    expect(answers[2]).toMatch(/^HTTP\/1\.1 200 OK\r\nConnection: close\r\nConnection: Keep-Alive\r\n/)
    socket.destroy()
  })

  test('serves a hundred requests, and the last answer says that it closes', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const answers = []
    for (let number = 1; number <= 101; number += 1) answers.push(await onSocket(agent, 'GET', '/version'))
    expect(new Set(answers.slice(0, 100).map(({ port }) => port)).size).toBe(1)
    expect(answers[98]?.connection).toEqual(['Keep-Alive'])
    expect(answers[99]?.connection).toEqual(['close'])
    expect(answers[100]?.port).not.toBe(answers[0]?.port)
    agent.destroy()
  })

  test('is closed by every error', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await onSocket(agent, 'GET', '/nosuch')).connection).toEqual(['close'])
    agent.destroy()
  })
})

test('an answer over a kilobyte is gzipped for clients that accept it', async () => {
  const chunks: Buffer[] = []
  const encoding = await new Promise<string | undefined>((resolve, reject) => {
    const headers = { ...root, 'Accept-Encoding': 'gzip' }
    const call = request(
      `${simulator.endpoint}/api2/json/access/roles`,
      { ca: simulator.certificate, headers, agent: false },
      (response) => {
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve(response.headers['content-encoding']))
      },
    )
    call.on('error', reject)
    call.end()
  })
  expect(encoding).toBe('gzip')
  expect(gunzipSync(Buffer.concat(chunks)).toString()).toContain('PVEVMAdmin')
})

test('/api2/extjs always answers 200 and has the real status in the body', async () => {
  const answer = await ask(simulator, { method: 'GET', path: '/api2/extjs/nodes/pve/qemu/999/config', headers: root })
  expect(answer).toMatchObject({ status: 200, body: { success: 0, status: 500 } })
  const fine = await ask(simulator, { method: 'GET', path: '/api2/extjs/version', headers: root })
  expect(fine).toMatchObject({ status: 200, body: { success: 1 } })
})

describe('a head', () => {
  const send = (headers: Record<string, string>): Promise<string> =>
    ask(simulator, { method: 'GET', path: '/api2/json/version', headers: { ...root, ...headers } }).then(
      ({ status }) => String(status),
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    )

  test('of more than 8 KiB or 63 lines gets no answer', async () => {
    expect(await send({ 'X-Long': 'x'.repeat(9_000) })).toBe('ECONNRESET')
    expect(await send(Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`X-${index}`, 'x'])))).toBe(
      'ECONNRESET',
    )
    expect(await send({ 'X-Long': 'x'.repeat(4_000) })).toBe('200')
  })

  test('with `Expect: 100-continue` gets no 100 answer', async () => {
    const said: string[] = []
    const status = await new Promise((resolve, reject) => {
      const headers = { ...root, Expect: '100-continue', 'Content-Length': '8' }
      const options = { method: 'POST', ca: simulator.certificate, headers, agent: false }
      const call = request(`${simulator.endpoint}/api2/json/nodes/pve/qemu`, options, (response) =>
        resolve(response.statusCode),
      )
      call.on('continue', () => said.push('continue'))
      call.on('error', reject)
      call.flushHeaders()
      setTimeout(() => call.end('vmid=180'), 30)
    })
    expect(status).toBe(200)
    expect(said).toEqual([])
  })
})
