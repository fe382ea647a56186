// The control port: state as JSON, faults and switches, and no access from other sites.
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { type Client, clientOf, ended } from '../support/client.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({ nodes: ['pve1', 'pve2'], control: true, latency: { refusalMs: 0 } })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

const ask = (path: string, options: RequestInit = {}) => fetch(`${simulator.control}${path}`, options)
const send = (method: string, path: string, body: unknown) =>
  ask(path, { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } })

test('returns the whole state as JSON', async () => {
  await ended(api, await api('POST', '/nodes/pve2/qemu', { vmid: 100, name: 'seen', tags: 'a;b' }))
  const state = (await (await ask('/state.json')).json()) as Record<string, unknown>
  expect(state).toMatchObject({
    endpoint: simulator.endpoint,
    version: '9.2',
    quorate: true,
    nodes: [
      { name: 'pve1', machines: 0 },
      { name: 'pve2', state: 'online', machines: 1, running: 0 },
    ],
    machines: [{ vmid: 100, name: 'seen', node: 'pve2', status: 'stopped', tags: 'a;b' }],
    tasks: [{ type: 'qmcreate', id: '100', node: 'pve2', status: 'OK' }],
  })
  expect(JSON.stringify(state)).not.toContain(simulator.tokenSecret)
})

test('an added fault affects the next request, once', async () => {
  const rule = { action: 'fail', method: 'GET', path: '/version', count: 1, status: 503, reason: 'on command' }
  const { id } = (await (await send('POST', '/faults', rule)).json()) as { id: number }
  expect(await api('GET', '/version')).toMatchObject({ status: 503, reason: 'on command' })
  expect((await api('GET', '/version')).status).toBe(200)
  expect(await (await ask('/faults')).json()).toMatchObject([{ id, met: 1 }])
  expect((await ask(`/faults/${id}`, { method: 'DELETE' })).status).toBe(200)
  expect((await ask(`/faults/${id}`, { method: 'DELETE' })).status).toBe(404)
})

test.each([
  [
    { action: 'explode' },
    "'explode' is not a fault: fail, delay, drop-before, drop-after, truncate, no-worker, fail-task, warn-task, hang-task",
  ],
  [
    { action: 'fail', cuont: 1 },
    "a fault has no 'cuont': action, count, after, probability, status, delayMs, method, path, reason",
  ],
  [{ action: 'fail', count: '1' }, 'count is a number'],
])('an invalid fault is refused with a sentence: %j', async (rule, sentence) => {
  const answer = await send('POST', '/faults', rule)
  expect(answer.status).toBe(400)
  expect(await answer.json()).toEqual({ error: sentence })
})

test('a node that is switched off is unreachable for clients until it is switched on', async () => {
  await send('PUT', '/nodes/pve2', { state: 'offline' })
  expect(await api('GET', '/nodes/pve2/qemu')).toMatchObject({ status: 595, reason: 'No route to host', text: '' })
  await send('PUT', '/nodes/pve2', { state: 'refusing' })
  expect(await api('GET', '/nodes/pve2/qemu')).toMatchObject({ status: 595, reason: 'Connection refused' })
  await send('PUT', '/nodes/pve2', { state: 'online' })
  expect((await api('GET', '/nodes/pve2/qemu')).status).toBe(200)
})

test('without quorum every write fails, and every read works', async () => {
  await send('PUT', '/quorum', { quorate: false })
  expect(await api('POST', '/nodes/pve1/qemu', { vmid: 200 })).toMatchObject({
    status: 500,
    reason: 'cluster not ready - no quorum?',
  })
  const changed = await api('PUT', '/nodes/pve2/qemu/100/config', { name: 'other' })
  expect(changed.reason).toMatch(
    /^unable to open file '\/etc\/pve\/nodes\/pve2\/qemu-server\/100\.conf\.tmp\.\d+' - Permission denied$/,
  )
  expect((await api('GET', '/nodes/pve2/qemu/100/config')).data).toMatchObject({ name: 'seen' })
  expect((await api('GET', '/cluster/nextid')).data).toBe('101')
  await send('PUT', '/quorum', { quorate: true })
  expect((await api('PUT', '/nodes/pve2/qemu/100/config', { name: 'other' })).status).toBe(200)
})

test('the behaviour of one guest or of all guests can be set, and an action triggered', async () => {
  simulator.world.machines.find(100)?.config.values.set('agent', '1')
  await ended(api, await api('POST', '/nodes/pve2/qemu/100/status/start'))
  const ping = async () => (await api('POST', '/nodes/pve2/qemu/100/agent/ping')).status
  expect((await send('PUT', '/guests', { agent: false })).status).toBe(200)
  expect(await ping()).toBe(500)
  expect((await send('PUT', '/guests/100', { agent: true })).status).toBe(200)
  expect(await ping()).toBe(200)
  await send('PUT', '/guests/100', { action: 'kill-agent' })
  expect(await ping()).toBe(500)
  await send('PUT', '/guests/100', { action: 'reboot' })
  expect(await ping()).toBe(200)
  await send('PUT', '/guests/100', { action: 'poweroff' })
  expect((await api('GET', '/nodes/pve2/qemu/100/status/current')).data).toMatchObject({ status: 'stopped' })
})

test.each([
  ['/guests/999', {}, 404, 'there is no machine 999'],
  ['/guests/100', { action: 'dance' }, 400, 'action is poweroff, reboot or kill-agent'],
  ['/guests', { agent: 'perhaps' }, 400, 'agent is true, false or "never"'],
  ['/guests', { cloudInit: 'well' }, 400, 'cloudInit is one of documents, error, degraded, never, absent'],
  ['/guests', { boots: 1 }, 400, 'boots is true or false'],
  [
    '/guests',
    { agnet: true },
    400,
    "a guest has no 'agnet': agent, powerButton, hotplug, boots, cloudInit, agentRefuses, failing",
  ],
  ['/guests', { failing: [1] }, 400, 'failing is a list of texts'],
  ['/guests', { agentRefuses: 'exec' }, 400, 'agentRefuses is a list of texts'],
])('an unknown behaviour is refused with a sentence: %s %j', async (path, body, status, error) => {
  const answer = await send('PUT', path, body)
  expect([answer.status, await answer.json()]).toEqual([status, { error }])
})

test('refuses requests of web pages: another host name, or a body of another type', async () => {
  const status = await new Promise((resolve, reject) => {
    const call = request(`${simulator.control}/state.json`, { headers: { Host: 'evil.example' } }, (response) =>
      resolve(response.statusCode),
    )
    call.on('error', reject)
    call.end()
  })
  expect(status).toBe(403)
  expect(
    (await ask('/faults', { method: 'POST', body: '{"action":"fail"}', headers: { 'Content-Type': 'text/plain' } }))
      .status,
  ).toBe(400)
})
