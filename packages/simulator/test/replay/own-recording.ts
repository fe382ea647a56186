// Replays a recording of `pve-simulator record` with a simulator that is configured like the recorded server.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSimulator } from '../../src/index.ts'
import type { Exchange, RecordedServer } from '../../src/record/exchange.ts'
import type { StorageOptions } from '../../src/storage/storage-config.ts'
import { send } from './client.ts'
import { type Played, replay } from './replay.ts'
import { createTranslation } from './translate.ts'

const refuse = (): Promise<never> => Promise.reject(new Error('no ticket was recorded'))

/** Returns each request of the file, with the differences in the simulator's answer. */
export async function replayRecording(file: string): Promise<readonly Played[]> {
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  const server = JSON.parse(first) as RecordedServer
  if (server.recording !== 1) throw new Error(`${file} was not written by \`pve-simulator record\``)
  const exchanges = rest.map((line) => JSON.parse(line) as Exchange)
  const folder = mkdtempSync(join(tmpdir(), 'recording-'))
  const secrets = furnish(folder, server)
  const simulator = await createSimulator({
    dataDirectory: folder,
    version: server.version,
    nodes: server.nodes,
    bridges: server.bridges,
    storages: server.storages.map(toStorage),
    latency: { statusMs: 0 },
    guests: { agent: false },
  })
  const played: Played[] = []
  const stage = {
    host: {
      secrets,
      rootTicket: refuse,
      ticketOf: refuse,
      send: (raw: Omit<Parameters<typeof send>[2], 'body'> & { readonly body?: Buffer }) =>
        send(simulator.endpoint, simulator.certificate, { body: undefined, ...raw }).then((answer) => ({
          ...answer,
          // Each request had its own connection, so its end means nothing.
          connection: undefined,
        })),
    },
    images: { files: new Map(), substitutes: new Map() },
    translation: createTranslation([]),
    prepare: () => Promise.resolve(),
    lastOfConnection: new Set<number>(),
  }
  const steps = exchanges.map((exchange, index) => ({
    index,
    flow: exchange.flow ?? 'recording',
    area: 'project' as const,
    exchange,
  }))
  try {
    await replay(steps, stage, (one) => played.push(one))
  } finally {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return played
}

function toStorage({ id, type, content, path, shared }: RecordedServer['storages'][number]): StorageOptions {
  return { id, type: type as NonNullable<StorageOptions['type']>, content, shared, ...(path !== undefined && { path }) }
}

/** The recorder's token, with its privileges. */
function furnish(folder: string, { permissions, isRoot, keyboard }: RecordedServer): ReadonlyMap<string, string> {
  const secrets = new Map(['root@pam!ci', 'recorder@pve!ci'].map((id) => [id, randomUUID()]))
  const paths = isRoot ? [] : Object.entries(permissions).filter(([, privileges]) => Object.keys(privileges).length > 0)
  const lines = [
    'user:root@pam:1:0::::',
    'user:recorder@pve:1:0::::',
    ...[...secrets.keys()].map((id) => `token:${id}:0:0::`),
    ...paths.map(([, privileges], index) => `role:recorded-${index}:${Object.keys(privileges).join(',')}:`),
    ...paths.map(([path, privileges], index) => {
      const propagates = Object.values(privileges).some((one) => one === 1)
      return `acl:${propagates ? 1 : 0}:${path}:recorder@pve:recorded-${index}:`
    }),
  ]
  mkdirSync(join(folder, 'etc/pve/priv'), { recursive: true })
  writeFileSync(join(folder, 'etc/pve/user.cfg'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'etc/pve/datacenter.cfg'), keyboard === undefined ? '\n' : `keyboard: ${keyboard}\n`)
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const tokens = [...secrets].map(([id, secret]) => `${id} ${sha256(secret)}\n`)
  writeFileSync(join(folder, 'etc/pve/priv/token.cfg'), tokens.join(''))
  return secrets
}
