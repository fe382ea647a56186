// Metric servers, backup jobs, replication, realms, SDN and notifications, as real servers answer.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

type Request = readonly [method: string, path: string, parameters: Parameters<typeof step>[1], expected: unknown]

const play = (client: Client, requests: readonly Request[]): Promise<void> =>
  expectSteps(
    client,
    requests.map(([method, path, parameters, expected]) => step(`${method} ${path}`, parameters, expected)),
  )

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({ latency: 'instant', nodes: ['pve', 'pve2'] })
  api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, scsi0: 'local:1' }))
})
afterAll(() => simulator.close())

test('a metric server has the settings of its type only', () =>
  play(api, [
    ['POST', '/cluster/metrics/server/m1', { type: 'graphite', server: '10.0.0.9', port: 2003, disable: 1 }, null],
    [
      'POST',
      '/cluster/metrics/server/m1',
      { type: 'graphite', server: 'x.example', port: 1 },
      "Metric server 'm1' already exists",
    ],
    [
      'POST',
      '/cluster/metrics/server/m2',
      { type: 'graphite', server: 'x.example', port: 1, bucket: 'b' },
      "unexpected property 'bucket'",
    ],
    [
      'PUT',
      '/cluster/metrics/server/m1',
      { server: '10.0.0.9', port: 2004, disable: 1, delete: 'disable' },
      "cannot set and delete property 'disable' at the same time!",
    ],
    [
      'PUT',
      '/cluster/metrics/server/m1',
      { server: 'y.example', port: 2004, delete: 'server' },
      "unable to delete required option 'server'",
    ],
    ['GET', '/cluster/metrics/server', {}, [{ id: 'm1', type: 'graphite', port: 2003, disable: 1 }]],
    ['DELETE', '/cluster/metrics/server/m1', {}, null],
    ['DELETE', '/cluster/metrics/server/m1', {}, expect.stringContaining('cannot lookup undefined type! at ')],
  ]))

test('a metric server must answer, unless it is disabled or is sent datagrams', async () => {
  const health = createServer((request, response) => {
    response.writeHead(request.url === '/a/health' ? 200 : 404).end()
  })
  await new Promise<void>((listening) => health.listen(0, '127.0.0.1', listening))
  const { port } = health.address() as AddressInfo
  const influx = { type: 'influxdb', server: '127.0.0.1', port, influxdbproto: 'http' }
  const carbon = { type: 'graphite', server: '127.0.0.1', port, proto: 'tcp' }
  await play(api, [
    ['POST', '/cluster/metrics/server/i1', influx, '404 Not Found'],
    ['GET', '/cluster/metrics/server/i1', {}, "status server entry 'i1' does not exist"],
    ['POST', '/cluster/metrics/server/i1', { ...influx, 'api-path-prefix': '/a/' }, null],
    ['POST', '/cluster/metrics/server/g1', carbon, null],
  ])
  await new Promise((closed) => health.close(closed))
  await play(api, [
    [
      'PUT',
      '/cluster/metrics/server/i1',
      { server: '127.0.0.1', port, mtu: 1400 },
      `500 Can't connect to 127.0.0.1:${port} (Connection refused)`,
    ],
    ['PUT', '/cluster/metrics/server/i1', { server: '127.0.0.1', port, disable: 1 }, null],
    [
      'POST',
      '/cluster/metrics/server/g2',
      carbon,
      `couldn't create carbon socket [127.0.0.1]:${port} - Connection refused`,
    ],
    ['POST', '/cluster/metrics/server/g2', { ...carbon, proto: 'udp' }, null],
    ...['i1', 'g1', 'g2'].map((id): Request => ['DELETE', `/cluster/metrics/server/${id}`, {}, null]),
  ])
})

test('a backup job names its guests in one way', () =>
  play(api, [
    [
      'POST',
      '/cluster/backup',
      { id: 'b1', schedule: '02:30', vmid: '100', 'prune-backups': 'keep-last=3', performance: 'max-workers=4' },
      null,
    ],
    ['POST', '/cluster/backup', { id: 'b1', schedule: '02:30', all: 1 }, "Job 'b1' already exists"],
    ['POST', '/cluster/backup', { schedule: 'nonsense', all: 1 }, { schedule: expect.stringContaining("'nonsense'") }],
    ['POST', '/cluster/backup', { all: 1 }, { schedule: "neither 'starttime' nor 'schedule' were set" }],
    ['POST', '/cluster/backup', { schedule: 'daily', all: 1, vmid: 100 }, '400 Parameter verification failed.'],
    ['GET', '/cluster/backup/b1', {}, { vmid: '100', enabled: 1, 'prune-backups': { 'keep-last': '3' } }],
    ['PUT', '/cluster/backup/b1', { all: 1 }, null],
    ['PUT', '/cluster/backup/b1', { delete: 'nosuch' }, '400 Parameter verification failed.'],
    ['DELETE', '/cluster/backup/b1', {}, null],
    ['DELETE', '/cluster/backup/b1', {}, '400 Parameter verification failed.'],
    ['GET', '/cluster/backup/b1', {}, { id: "No such job 'b1'" }],
  ]))

test('replication needs a guest, another node and volumes that can be replicated', () =>
  play(api, [
    [
      'POST',
      '/cluster/replication',
      { id: '100-0', type: 'local', target: 'pve' },
      'Source and target must not be identical',
    ],
    ['POST', '/cluster/replication', { id: '100-0', type: 'local', target: 'no' }, "Target 'no' does not exist."],
    ['POST', '/cluster/replication', { id: '999-0', type: 'local', target: 'pve2' }, "Guest '999' does not exist."],
    [
      'POST',
      '/cluster/replication',
      { id: '100-0', type: 'local', target: 'pve2' },
      expect.stringContaining('missing replicate feature on volume'),
    ],
    ['PUT', '/cluster/replication/100-0', { rate: 5 }, "no such job '100-0'"],
  ]))

test('realms are made and changed, and the two of every installation come back', () =>
  play(api, [
    [
      'POST',
      '/access/domains',
      { realm: 'ad1', type: 'ad', server1: 'a.example' },
      "add auth server failed: missing value for required option 'domain'",
    ],
    [
      'POST',
      '/access/domains',
      { realm: 'ld1', type: 'ldap', server1: 'l.example', base_dn: 'dc=x', user_attr: 'uid' },
      null,
    ],
    ['PUT', '/access/domains/ld1', { comment: 'book' }, null],
    ['PUT', '/access/domains/ld1', {}, 'update auth server failed: no options specified'],
    ['PUT', '/access/domains/no1', { comment: 'x' }, expect.stringContaining('cannot lookup undefined type! at ')],
    ['GET', '/access/domains/ld1', {}, { type: 'ldap', comment: 'book', user_attr: 'uid' }],
    [
      'PUT',
      '/access/domains/ld1',
      { delete: 'base_dn' },
      "update auth server failed: section 'ld1' - missing value for required option 'base_dn'",
    ],
    ['GET', '/access/domains/ld1', {}, { base_dn: 'dc=x' }],
    ['DELETE', '/access/domains/ld1', {}, null],
    ['DELETE', '/access/domains/ld1', {}, "delete auth server failed: authentication domain 'ld1' does not exist"],
    ['DELETE', '/access/domains/pam', {}, null],
    ['GET', '/access/domains/pam', {}, { type: 'pam' }],
  ]))

test('zones, VNets and subnets depend on one another', () =>
  play(api, [
    ['POST', '/cluster/sdn/zones', { zone: 'z1', type: 'simple', mtu: 1450 }, null],
    ['POST', '/cluster/sdn/zones', { zone: 'z2', type: 'vlan' }, "missing value for required option 'bridge'"],
    ['GET', '/cluster/sdn/zones/z1', { pending: 1 }, { state: 'new', pending: { mtu: 1450 } }],
    ['POST', '/cluster/sdn/vnets', { vnet: 'v1', zone: 'z1' }, null],
    [
      'POST',
      '/cluster/sdn/vnets',
      { vnet: 'v2', zone: 'none' },
      expect.stringContaining('cannot lookup undefined type!'),
    ],
    ['POST', '/cluster/sdn/vnets/v1/subnets', { subnet: '10.7.0.0/24', type: 'subnet', gateway: '10.7.0.1' }, null],
    [
      'POST',
      '/cluster/sdn/vnets/v1/subnets',
      { subnet: '10.8.0.0/24', type: 'subnet', gateway: '10.9.0.1' },
      'create sdn subnet object failed: 400 Parameter verification failed.',
    ],
    ['GET', '/cluster/sdn/vnets/v1/subnets', {}, [{ subnet: 'z1-10.7.0.0-24', cidr: '10.7.0.0/24', zone: 'z1' }]],
    ['DELETE', '/cluster/sdn/zones/z1', {}, expect.stringContaining('zone z1 is used by vnet v1 at ')],
    ['DELETE', '/cluster/sdn/vnets/v1', {}, 'delete sdn vnet object failed: 400 Parameter verification failed.'],
    ['DELETE', '/cluster/sdn/vnets/v1/subnets/z1-10.7.0.0-24', {}, null],
    ['DELETE', '/cluster/sdn/vnets/v1', {}, null],
    ['DELETE', '/cluster/sdn/zones/z1', {}, null],
  ]))

test('a notification target is kept while a matcher names it', () =>
  play(api, [
    ['POST', '/cluster/notifications/endpoints/gotify', { name: 'g1', server: 'https://g.example', token: 'x' }, null],
    [
      'POST',
      '/cluster/notifications/endpoints/gotify',
      { name: 'g1', server: 'https://g.example', token: 'x' },
      "Cannot create 'g1', an entity with the same name already exists",
    ],
    ['POST', '/cluster/notifications/matchers', { name: 'm1', target: 'none' }, "endpoint 'none' does not exist"],
    ['POST', '/cluster/notifications/matchers', { name: 'm1', target: 'g1' }, null],
    ['GET', '/cluster/notifications/matchers', {}, [{ name: 'default-matcher' }, { name: 'm1', target: ['g1'] }]],
    ['DELETE', '/cluster/notifications/endpoints/gotify/g1', {}, "cannot delete 'g1', referenced by: m1"],
    ['DELETE', '/cluster/notifications/matchers/m1', {}, null],
    ['DELETE', '/cluster/notifications/endpoints/gotify/g1', {}, null],
    ['GET', '/cluster/notifications/endpoints/gotify/g1', {}, "endpoint 'g1' not found"],
    [
      'POST',
      '/cluster/notifications/endpoints/smtp',
      { name: 's1', server: 'mx', mailto: 'a@b.example', 'from-address': 'a@b.example', port: 99_999 },
      'error: invalid value: integer `99999`, expected u16',
    ],
  ]))

test('all of it is read again from its files', async () => {
  await api('POST', '/cluster/notifications/matchers', { name: 'm2', comment: 'a: b', target: 'mail-to-root' })
  const again = await createSimulator({ dataDirectory: simulator.dataDirectory, nodes: ['pve', 'pve2'] })
  try {
    await play(clientOf(again), [
      ['GET', '/cluster/notifications/matchers/m2', {}, { comment: 'a: b', target: ['mail-to-root'] }],
    ])
  } finally {
    await again.close()
  }
})

test.each([
  ['8.4', "missing value for required option 'peers'"],
  ['9.2', 'create sdn zone object failed: 400 Parameter verification failed.'],
] as const)('a VXLAN zone of %s needs its peers', async (version, expected) => {
  const other = await createSimulator({ version })
  const zone = { zone: 'z1', type: 'vxlan' }
  await play(clientOf(other), [
    ['POST', '/cluster/sdn/zones', zone, expected],
    ['POST', '/cluster/sdn/zones', { ...zone, peers: '10.0.0.1,10.0.0.2' }, null],
    ['PUT', '/cluster/sdn/zones/z1', { delete: 'peers' }, expect.stringContaining('update sdn zone object failed')],
    ['GET', '/cluster/sdn/zones/z1', {}, { peers: '10.0.0.1,10.0.0.2' }],
  ])
  await other.close()
})
