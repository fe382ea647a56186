// Hosts file, name servers, time zone and backup defaults of a node (pve-manager `API2/Nodes.pm`).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({
    nodes: ['pve', 'pve2'],
    storages: [{ id: 'local' }, { id: 'thin', type: 'lvmthin' }],
  })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

test('the hosts file is replaced as a whole, after its lines are checked', async () => {
  const { digest } = (await api('GET', '/nodes/pve/hosts')).data as { digest: string }
  const data = '127.0.0.1 localhost\n# ä comment\n\n::1 ip6-localhost\n'
  await expectSteps(api, [
    step('POST /nodes/pve/hosts', { data: '300.1.1.1 a\n' }, { data: "Invalid IP '300.1.1.1'" }),
    step('POST /nodes/pve/hosts', { data: ' 10.0.0.1 a\n' }, { data: "Invalid IP ''" }),
    step('POST /nodes/pve/hosts', { data: '10.0.0.1 a_b\n' }, { data: "Invalid Hostname 'a_b'" }),
    step('POST /nodes/pve/hosts', { data, digest }, null),
    step('POST /nodes/pve/hosts', { data, digest }, expect.stringContaining('detected modified configuration')),
    step('GET /nodes/pve/hosts', {}, { data }),
    step('GET /nodes/pve2/hosts', {}, { data: expect.stringContaining('pve2.example.net') }),
  ])
})

test('all name servers are replaced at once, and machines get the first one', async () => {
  await expectSteps(api, [
    step('PUT /nodes/pve/dns', { dns1: '1.1.1.1' }, { search: 'property is missing and it is not optional' }),
    step('PUT /nodes/pve/dns', { search: 'lab', dns1: 'x' }, { dns1: expect.stringContaining('invalid format') }),
    step('PUT /nodes/pve/dns', { search: 'lab', dns1: '1.1.1.1', dns2: '1.1.1.1', dns3: '9.9.9.9' }, null),
    step('GET /nodes/pve/dns', {}, { search: 'lab', dns1: '1.1.1.1', dns2: '9.9.9.9' }),
    step('PUT /nodes/pve/dns', { search: 'lab' }, null),
  ])
  expect((await api('GET', '/nodes/pve/dns')).data).toEqual({ search: 'lab' })
  await expectSteps(api, [
    step('PUT /nodes/pve/dns', { search: 'lab', dns1: '9.9.9.9' }, null),
    step(
      'PUT /nodes/pve/config',
      { acmedomain0: 'domain=x' },
      { acmedomain0: expect.stringContaining('valid domain') },
    ),
    step('GET /nodes/pve/qemu/100/status', {}, "Configuration file 'nodes/pve/qemu-server/100.conf' does not exist"),
  ])
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, ide2: 'local:cloudinit' }))
  const { data } = await api('GET', '/nodes/pve/qemu/100/cloudinit/dump', { type: 'network' })
  expect(data).toContain("address:\n      - '9.9.9.9'\n      search:\n      - 'lab'\n")
})

test('the time zone must exist, and decides the local time', async () => {
  await expectSteps(api, [
    step('PUT /nodes/pve/time', { timezone: 'Mars/Crater' }, { timezone: 'No such timezone' }),
    step('PUT /nodes/pve/time', { timezone: 'Asia/Kolkata' }, null),
  ])
  const { timezone, time, localtime } = (await api('GET', '/nodes/pve/time')).data as Record<string, number>
  expect([timezone, Number(localtime) - Number(time)]).toEqual(['Asia/Kolkata', 5.5 * 60 * 60])
})

test('the defaults of backups need a storage for backups', async () => {
  await expectSteps(api, [
    step('GET /nodes/pve/vzdump/defaults', {}, { storage: 'local', dumpdir: '/var/lib/vz/dump', ionice: 7 }),
    step('GET /nodes/pve/vzdump/defaults', { storage: 'none' }, "storage 'none' does not exist"),
    step(
      'GET /nodes/pve/vzdump/defaults',
      { storage: 'thin' },
      "can't use storage 'thin' for backups - wrong content type",
    ),
  ])
})

test('the certificates are those of the authority and of the API server', async () => {
  const rows = async () => (await api('GET', '/nodes/pve/certificates/info')).data as Record<string, unknown>[]
  const [authority, server] = await rows()
  expect(authority).toMatchObject({ filename: 'pve-root-ca.pem', issuer: authority?.subject })
  expect(authority?.subject).toContain('O=PVE Cluster Manager CA')
  expect(server).toMatchObject({ filename: 'pve-ssl.pem', fingerprint: simulator.fingerprint })
  expect(await rows()).toEqual([authority, server])
})
