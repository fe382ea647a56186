// `pve-simulator record`: sends pve-provision's requests to a real server, and writes its answers without private data.
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { sentenceOf } from '../errors.ts'
import { type RecordOptions, readRecordOptions, recordUsage } from './arguments.ts'
import { ask, type Question } from './client.ts'
import type { Exchange, RecordedServer } from './exchange.ts'
import { type RequestFlow, readingFlows, writingFlows } from './requests.ts'
import { createScrubber, type Known } from './scrub.ts'
import { describeServer, type Survey, surveyServer } from './survey.ts'

/** Names that most servers have. They are not private, so they stay. */
const commonNames = new Set(['local', 'local-lvm', 'local-zfs', 'local-btrfs'])

/** Runs the program. @returns its exit code */
export async function runRecord(args: readonly string[]): Promise<number> {
  let options: RecordOptions | undefined
  try {
    options = readRecordOptions(args, process.env)
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n\n${recordUsage}`)
    return 64
  }
  if (options === undefined) {
    process.stdout.write(recordUsage)
    return 0
  }
  try {
    const lines = await recordServer(options)
    writeFileSync(options.out, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 })
    process.stdout.write(`${lines.length - 1} requests were recorded in ${options.out}.\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`)
    return 1
  }
}

/** Returns the server's description, then each exchange. @throws a sentence if nothing can be recorded */
export async function recordServer(options: RecordOptions): Promise<readonly (RecordedServer | Exchange)[]> {
  const survey = await surveyServer(options)
  const known = await knownOf(options, survey)
  const scrub = createScrubber(known)
  const exchanges: Exchange[] = []
  const recorder = createRecorder(options, survey, (exchange) => exchanges.push(exchange))
  for (const flow of readingFlows) await recorder.play(flow)
  if (options.writePool !== undefined) await recorder.write()
  const permissions = { path: '', headers: {}, body: null, response_headers: {}, reason: '', status: 200, seconds: 0 }
  const scrubbed = scrub({ method: 'GET', ...permissions, response: survey.permissions })
  const isRoot =
    options.target.tokenId.startsWith('root@pam!') && Object.hasOwn(survey.permissions['/'] ?? {}, 'Permissions.Modify')
  const described = describeServer(survey, known.names)
  const server = { ...described, isRoot, permissions: scrubbed.response as RecordedServer['permissions'] }
  return [server, ...exchanges.map(scrub)]
}

/** Returns what may stay in the recording, and its new names. */
async function knownOf({ target, writePool, firstVmid }: RecordOptions, survey: Survey): Promise<Known> {
  const [user = ''] = target.tokenId.split('!')
  const storages = survey.storages.map(({ storage }) => String(storage))
  const names = new Map<string, string>([
    ...survey.nodes.map((name, index): [string, string] => [name, index === 0 ? 'pve' : `pve${index + 1}`]),
    ...storages.map((name, index): [string, string] => [name, commonNames.has(name) ? name : `storage-${index + 1}`]),
    ...survey.storages.flatMap(({ storage, path }, index): [string, string][] =>
      typeof path !== 'string' || commonNames.has(String(storage)) ? [] : [[path, `/srv/storage-${index + 1}`]],
    ),
    [target.tokenId, user === 'root@pam' ? 'root@pam!ci' : 'recorder@pve!ci'],
    ...(user === 'root@pam' ? [] : [[user, 'recorder@pve'] as [string, string]]),
    ...(writePool === undefined ? [] : [[writePool, 'recorded'] as [string, string]]),
    [target.endpoint.hostname, 'pve.example.com'],
  ])
  const dns = await ask(target, { method: 'GET', path: `/nodes/${survey.node}/dns` })
  const domain = dns.status === 200 ? (dns.response as { data: { search?: string } }).data.search : undefined
  if (domain !== undefined && domain !== '') names.set(domain, 'example.com')
  return {
    names,
    secrets: [target.tokenSecret],
    storages: new Set(storages),
    pools: new Set(writePool === undefined ? [] : [writePool]),
    vmids: new Set([firstVmid, firstVmid + 1]),
  }
}

interface Recorder {
  play(flow: RequestFlow): Promise<void>
  /** Runs all flows that write, and always removes what they created. */
  write(): Promise<void>
}

function createRecorder(options: RecordOptions, survey: Survey, keep: (exchange: Exchange) => void): Recorder {
  const { target, writePool = '', firstVmid, bridge } = options
  const values: Readonly<Record<string, string>> = {
    node: survey.node,
    storage: survey.storage,
    pool: writePool,
    bridge,
    vmid: String(firstVmid),
    clone: String(firstVmid + 1),
    none: '999999',
  }
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name)
  const play = async ({ flow, requests }: RequestFlow): Promise<void> => {
    for (const request of requests) {
      if (request === 'SETTLED') {
        await untilSeen(target, firstVmid)
        continue
      }
      const exchange = await ask(target, questionOf(filled(request)))
      keep({ ...exchange, flow })
      const upid = upidOf(exchange)
      if (upid !== undefined) for (const later of await watchTask(target, upid)) keep({ ...later, flow })
    }
  }
  return {
    play,
    write: async () => {
      await requireNothing(options, values)
      try {
        for (const flow of writingFlows) await play(flow)
      } finally {
        await cleanUp(options, values)
      }
    },
  }
}

/** `ANONYMOUS` sends no token, `STRANGER` an unknown one. */
function questionOf(text: string): Question {
  const [, who, rest = ''] = /^(ANONYMOUS|STRANGER)? ?(.*)$/.exec(text) ?? []
  const [method = '', path = '', ...pairs] = rest.split(' ')
  const decoded = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
  })
  const form = new URLSearchParams(decoded).toString()
  const strange = 'PVEAPIToken=stranger@pve!none=00000000-0000-0000-0000-000000000000'
  const authorization = who === undefined ? {} : { authorization: who === 'ANONYMOUS' ? '' : strange }
  if (method === 'GET' || method === 'DELETE')
    return { method, path: form === '' ? path : `${path}?${form}`, ...authorization }
  return { method, path, body: form, ...authorization }
}

function upidOf({ response }: Exchange): string | undefined {
  const data = typeof response === 'object' && response !== null && 'data' in response ? response.data : undefined
  return typeof data === 'string' && data.startsWith('UPID:') ? data : undefined
}

/** Records how the task ended and its log. The status calls in between are not recorded. */
async function watchTask(target: RecordOptions['target'], upid: string): Promise<readonly Exchange[]> {
  const path = `/nodes/${upid.split(':')[1]}/tasks/${encodeURIComponent(upid)}`
  for (;;) {
    const status = await ask(target, { method: 'GET', path: `${path}/status` })
    if (JSON.stringify(status.response).includes('"stopped"') || status.status !== 200) {
      return [status, await ask(target, { method: 'GET', path: `${path}/log?limit=500` })]
    }
    await sleep(500)
  }
}

/** Waits half a minute at most, because the status daemon updates every ten seconds. */
async function untilSeen(target: RecordOptions['target'], vmid: number): Promise<void> {
  for (let second = 0; second < 30; second += 1) {
    const { response } = await ask(target, { method: 'GET', path: '/cluster/resources?type=vm' })
    const rows = (response as { data: readonly Record<string, unknown>[] }).data
    if (rows.some((row) => row.vmid === vmid && row.status === 'stopped' && row.maxcpu === 1 && row.template === 0))
      return
    await sleep(1_000)
  }
}

async function requireNothing(
  { target }: RecordOptions,
  { pool, vmid, clone }: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await ask(target, { method: 'GET', path: `/pools/${encodeURIComponent(pool ?? '')}` })
  if (answer.status === 200) throw new Error(`The pool ${pool} is there already; name one that is not`)
  for (const id of [vmid, clone]) {
    const free = await ask(target, { method: 'GET', path: `/cluster/nextid?vmid=${id}` })
    if (free.status !== 200) throw new Error(`The machine id ${id} is taken; name free ones with --vmids`)
  }
}

/** Removes what an interrupted flow left behind, only machines of the pool. */
async function cleanUp({ target }: RecordOptions, values: Readonly<Record<string, string>>): Promise<void> {
  const { node, pool = '', vmid, clone } = values
  const found = await ask(target, { method: 'GET', path: `/pools/${encodeURIComponent(pool)}` })
  const members = JSON.stringify(found.response)
  for (const id of [clone, vmid]) {
    if (!members.includes(`"vmid":${id}`)) continue
    const upid = upidOf(await ask(target, { method: 'DELETE', path: `/nodes/${node}/qemu/${id}?purge=1` }))
    if (upid !== undefined) await watchTask(target, upid)
  }
  if (found.status === 200) await ask(target, { method: 'DELETE', path: `/pools/${encodeURIComponent(pool)}` })
}
