import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { clientOf, rejection } from '../support/client.ts'
import { answer, answerEmpty, type Handler, type Seen, startServer } from '../support/servers.ts'

const credentials = { username: 'root@pam', password: 'pa ss:wörd' }

/** Issues tickets `PVE:1`, `PVE:2`, … and passes all other calls to the handler. */
function ticketServer(handler: Handler) {
  let given = 0
  return startServer((response, seen, incoming) => {
    if (!seen.path.endsWith('/access/ticket')) return handler(response, seen, incoming)
    given += 1
    answer(response, {
      ticket: `PVE:root@pam:${given}::s=/+`,
      CSRFPreventionToken: `csrf${given}`,
      username: 'root@pam',
    })
  })
}

const paths = (seen: readonly Seen[]) => seen.map(({ path }) => path.replace('/api2/json', ''))

describe('a ticket', () => {
  it('is fetched once for many calls at once, and reads need no CSRF token', async () => {
    const server = await ticketServer((response) => answer(response, 'here'))
    const { pve } = clientOf(server, { credentials })
    await Promise.all([
      pve.request('GET', '/version'),
      pve.request('GET', '/nodes'),
      pve.request('POST', '/nodes/pve1/qemu'),
    ])
    expect(paths(server.seen).filter((path) => path === '/access/ticket')).toHaveLength(1)
    expect(server.seen[0]?.body).toBe('username=root%40pam&password=pa+ss%3Aw%C3%B6rd')
    const post = server.seen.find(({ path, method }) => method === 'POST' && path.endsWith('/qemu'))
    expect(post?.headers).toMatchObject({
      cookie: 'PVEAuthCookie=PVE%3Aroot%40pam%3A1%3A%3As%3D%2F%2B',
      csrfpreventiontoken: 'csrf1',
    })
    const get = server.seen.find(({ path }) => path.endsWith('/version'))
    expect(get?.headers.csrfpreventiontoken).toBeUndefined()
    expect(pve.identity).toBe('root@pam')
  })

  it('is renewed after an hour, with itself as the password', async () => {
    const server = await ticketServer((response) => answer(response, 'here'))
    const { pve, clock } = clientOf(server, { credentials })
    await pve.request('GET', '/version')
    await clock.sleep(61 * 60 * 1000)
    await pve.request('GET', '/version')
    expect(paths(server.seen)).toEqual(['/access/ticket', '/version', '/access/ticket', '/version'])
    expect(new URLSearchParams(server.seen[2]?.body).get('password')).toBe('PVE:root@pam:1::s=/+')
  })

  it('after more than two hours is fetched with the password again', async () => {
    const server = await ticketServer((response) => answer(response, 'here'))
    const { pve, clock } = clientOf(server, { credentials })
    await pve.request('GET', '/version')
    await clock.sleep(3 * 60 * 60 * 1000)
    await pve.request('GET', '/version')
    expect(new URLSearchParams(server.seen[2]?.body).get('password')).toBe('pa ss:wörd')
  })

  it('that Proxmox refuses later is replaced once, also for a write, since a 401 was not carried out', async () => {
    let refused = false
    const server = await ticketServer((response) => {
      if (refused) return answer(response, 'UPID')
      refused = true
      answerEmpty(response, 401, 'permission denied - invalid PVE ticket')
    })
    const { pve } = clientOf(server, { credentials })
    expect(await pve.request('POST', '/nodes/pve1/qemu')).toBe('UPID')
    expect(paths(server.seen)).toEqual(['/access/ticket', '/nodes/pve1/qemu', '/access/ticket', '/nodes/pve1/qemu'])
  })

  it('that is refused again is an error', async () => {
    const server = await ticketServer((response) =>
      answerEmpty(response, 401, 'permission denied - invalid PVE ticket'),
    )
    expect(await rejection(clientOf(server, { credentials }).pve.request('GET', '/version'))).toMatchObject({
      code: 'AUTHENTICATION',
    })
    expect(server.seen).toHaveLength(4)
  })
})

describe('a login', () => {
  it('with a wrong password is an error that holds no password, and is not repeated', async () => {
    const server = await startServer((response) =>
      answer(response, null, { status: 401, reason: 'authentication failure' }),
    )
    const error = await rejection(clientOf(server, { credentials }).pve.request('GET', '/version'))
    expect(error).toMatchObject({ code: 'AUTHENTICATION', message: expect.stringContaining('root@pam') })
    expect(JSON.stringify(error) + String(error)).not.toContain('pa ss')
    expect(server.seen).toHaveLength(1)
  })

  it.each([
    ['a page that echoes it', (body: string) => `${new URLSearchParams(body).get('password')} <html>`],
    ['something else', (body: string) => JSON.stringify({ data: { ticket: { body } } })],
    ['null', () => 'null'],
  ])('that is answered with %s is an error that holds no password', async (_, bodyOf) => {
    const server = await startServer((response, { body }) => void response.end(bodyOf(body)))
    const error = await rejection(clientOf(server, { credentials }).pve.request('GET', '/version'))
    expect(error).toMatchObject({ code: 'AUTHENTICATION', message: expect.stringContaining('without a ticket') })
    expect(inspect(error, { depth: 9 })).not.toContain('pa ss')
  })

  it('with a second factor answers the challenge', async () => {
    const server = await startServer((response, { path, body }) => {
      if (!path.endsWith('/access/ticket')) return answer(response, 'here')
      const second = new URLSearchParams(body).has('tfa-challenge')
      answer(
        response,
        second ? { ticket: 'PVE:full', CSRFPreventionToken: 'c' } : { ticket: 'PVE:!tfa!half', NeedTFA: 1 },
      )
    })
    const { pve } = clientOf(server, { credentials: { ...credentials, otp: '123456' } })
    expect(await pve.request('GET', '/version')).toBe('here')
    expect(Object.fromEntries(new URLSearchParams(server.seen[1]?.body))).toEqual({
      username: 'root@pam',
      password: 'totp:123456',
      'tfa-challenge': 'PVE:!tfa!half',
    })
  })

  it('with a second factor that was not given says to use a token', async () => {
    const server = await startServer((response) => answer(response, { ticket: 'PVE:!tfa!half', NeedTFA: 1 }))
    expect(await rejection(clientOf(server, { credentials }).pve.request('GET', '/version'))).toMatchObject({
      code: 'AUTHENTICATION',
      hint: expect.stringContaining('API token'),
    })
  })
})

describe('a token', () => {
  it.each(['root@pam', 'root!x', 'root@pam!', 'a b@pam!x', 'root@pam!x=y'])(
    'with the id %s is refused at once',
    (tokenId) => {
      expect(() => clientOf([], { credentials: { tokenId, tokenSecret: 'x' } })).toThrow(
        expect.objectContaining({ code: 'AUTHENTICATION' }),
      )
    },
  )

  it('with a secret that would break a header is refused without showing it', () => {
    expect(() => clientOf([], { credentials: { tokenId: 'root@pam!x', tokenSecret: 'sec\r\nret' } })).toThrow(
      expect.objectContaining({ code: 'AUTHENTICATION', message: expect.not.stringContaining('sec\r\n') }),
    )
  })
})
