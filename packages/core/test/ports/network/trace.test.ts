import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TRACE_CHANNEL, type TracedRequest } from '../../../src/ports/network/trace.ts'
import { httpFixture } from '../../support/http-fixture.ts'
import { clientOf } from '../pve/support/client.ts'
import { answer, startServer } from '../pve/support/servers.ts'

function listen(): TracedRequest[] {
  const seen: TracedRequest[] = []
  const hear = (message: unknown) => void seen.push(message as TracedRequest)
  subscribe(TRACE_CHANNEL, hear)
  onTestFinished(() => void unsubscribe(TRACE_CHANNEL, hear))
  return seen
}

describe('a trace', () => {
  it('has each request to Proxmox with method, path, status and time, and no content', async () => {
    const seen = listen()
    const server = await startServer((response) => answer(response, 'secret-answer'))
    const { pve } = clientOf(server)
    await pve.request('DELETE', '/nodes/pve1/qemu/100', { parameters: { purge: true, cipassword: 'secret-parameter' } })
    expect(seen).toEqual([
      {
        to: 'proxmox',
        method: 'DELETE',
        origin: server.url.origin,
        path: '/api2/json/nodes/pve1/qemu/100',
        attempt: 1,
        status: 200,
        ms: expect.any(Number),
      },
    ])
  })

  it('counts the attempts of a call that is repeated', async () => {
    const seen = listen()
    let asked = 0
    const server = await startServer((response) => {
      asked += 1
      if (asked === 1) response.writeHead(596).end()
      else answer(response, 1)
    })
    await clientOf(server).pve.request('GET', '/version')
    expect(seen.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 596],
      [2, 200],
    ])
  })

  it('has a request to a vendor without its query and credentials', async () => {
    const seen = listen()
    await using fixture = await httpFixture({})
    fixture.server.serve('/sums', { bytes: Buffer.from('hello') })
    const url = fixture.server.url('/sums?sig=hidden')
    url.username = 'ann'
    url.password = 'hidden'
    await fixture.http.getDocument(url).catch(() => undefined)
    expect(seen[0]).toMatchObject({ to: 'vendor', method: 'GET', path: '/sums', attempt: 1 })
    expect(JSON.stringify(seen)).not.toContain('hidden')
  })

  it('has the error code of a failed request', async () => {
    const seen = listen()
    await using fixture = await httpFixture({ timing: { retries: 0 } })
    await fixture.http.getDocument(new URL('http://127.0.0.1:1/x')).catch(() => undefined)
    expect(seen).toMatchObject([{ to: 'vendor', path: '/x', error: expect.any(String) }])
    expect(seen[0]).not.toHaveProperty('status')
  })
})
