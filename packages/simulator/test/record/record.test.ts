// A recording of a server with names and secrets, and how a simulator replays it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { readRecordOptions } from '../../src/record/arguments.ts'
import { recordServer } from '../../src/record/record.ts'
import { replayRecording } from '../replay/own-recording.ts'
import { type Client, clientOf, ended } from '../support/client.ts'

let server: Simulator
let api: Client
let secret = ''
const folder = mkdtempSync(join(tmpdir(), 'record-'))

beforeAll(async () => {
  server = await createSimulator({
    version: '8.4',
    nodes: ['hydra', 'medusa'],
    storages: [{ id: 'local' }, { id: 'vault', path: '/srv/payroll' }],
    latency: { statusMs: 0 },
  })
  api = clientOf(server)
  await ended(api, await api('POST', '/nodes/hydra/qemu', { vmid: 100, name: 'payroll-db', scsi0: 'vault:1' }))
  await api('POST', '/pools', { poolid: 'salaries', comment: 'do not tell' })
  await api('POST', '/access/users', { userid: 'jane@pve', comment: 'Jane Doe' })
  await api('PUT', '/access/acl', { path: '/', roles: 'PVEAuditor', users: 'jane@pve' })
  const made = await api('POST', '/access/users/jane@pve/token/laptop', { privsep: 0 })
  secret = (made.data as { value: string }).value
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const options = (settings: Partial<Parameters<typeof recordServer>[0]> = {}) => ({
  target: {
    endpoint: new URL(server.endpoint),
    fingerprint: server.fingerprint,
    tokenId: server.tokenId,
    tokenSecret: server.tokenSecret,
  },
  out: join(folder, 'out.jsonl'),
  storage: 'vault',
  bridge: 'vmbr0',
  firstVmid: 990_000,
  ...settings,
})

async function replayed(lines: readonly unknown[]) {
  const file = join(folder, 'recording.jsonl')
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return { text: readFileSync(file, 'utf8'), played: await replayRecording(file) }
}

const private_ = ['hydra', 'medusa', 'vault', 'payroll', 'salaries', 'jane', 'laptop', 'Doe', 'do not tell', '10.99.']

test('with a pool of its own leaves nothing behind, contains no names, and can be replayed', async () => {
  const { text, played } = await replayed(await recordServer(options({ writePool: 'mine' })))
  for (const word of [...private_, 'mine', server.tokenSecret, server.fingerprint]) expect(text).not.toContain(word)
  expect(played.length).toBeGreaterThan(120)
  expect(played.filter(({ differences }) => differences.length > 0)).toEqual([])
  expect((await api('GET', '/pools')).data).toEqual([{ poolid: 'salaries', comment: 'do not tell' }])
  expect((await api('GET', '/cluster/resources', { type: 'vm' })).data).toHaveLength(1)
})

test('by a read-only token has the same privileges when it is replayed', async () => {
  const target = { ...options().target, tokenId: 'jane@pve!laptop', tokenSecret: secret }
  const before = server.requests.counts()
  const { text, played } = await replayed(await recordServer(options({ target })))
  const changes = Object.entries(server.requests.counts()).filter(
    ([call, count]) => !call.startsWith('GET ') && count !== before[call],
  )
  expect(changes).toEqual([])
  for (const word of [...private_, secret]) expect(text).not.toContain(word)
  expect(played.filter(({ differences }) => differences.length > 0)).toEqual([])
})

test.each([
  ['a certificate that is another one', { fingerprint: '00:11' }, {}, 'The server has another certificate'],
  ['a pool that is there already', {}, { writePool: 'salaries' }, 'The pool salaries is there already'],
  ['a machine id that is taken', {}, { writePool: 'mine', firstVmid: 100 }, 'The machine id 100 is taken'],
  ['a node that is not there', {}, { node: 'gorgon' }, 'The server has no node gorgon'],
  ['a storage that is not there', {}, { storage: 'none' }, 'Name a storage for disks with --storage'],
  ['a secret that is wrong', { tokenSecret: 'wrong' }, {}, '401'],
])('stops at %s', async (_, target, settings, text) => {
  const wanted = options(settings)
  await expect(recordServer({ ...wanted, target: { ...wanted.target, ...target } })).rejects.toThrow(text)
})

test.each([
  [['--out', 'x'], {}, '--endpoint and --out are needed'],
  [['--endpoint', 'https://a:1', '--out', 'x'], {}, 'PVE_TOKEN_ID and PVE_TOKEN_SECRET are not set'],
  [['--endpoint', 'http://a:1', '--out', 'x'], { PVE_TOKEN_ID: 'a', PVE_TOKEN_SECRET: 'b' }, 'https://'],
  [['--nonsense'], {}, '--nonsense'],
])('does not start with %j', (args, environment, text) => {
  expect(() => readRecordOptions(args, environment)).toThrow(text)
})
