// Replays the recording with the simulator, step by step, and compares each answer.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange } from '../recordings/recordings.ts'
import { NO_ANSWER } from './client.ts'
import { type Answer, compareAnswers, type Difference } from './compare.ts'
import type { Host } from './host.ts'
import type { Images } from './images.ts'
import { type Step, startedTask } from './steps.ts'
import type { Translation } from './translate.ts'
import { wholeUpload } from './upload-body.ts'

/** A replayed step, and the differences in its answer. */
export type Played = { readonly step: Step; readonly differences: readonly Difference[] }

/** Where a recording is replayed. */
export type Stage = {
  readonly host: Pick<Host, 'send' | 'secrets' | 'rootTicket' | 'ticketOf'>
  readonly images: Images
  readonly translation: Translation
  /** Does what was done outside the recording, before this step. */
  readonly prepare: (step: Step) => Promise<void>
  /** Steps that were last on their connection, which the server announced. Here, each has its own connection. */
  readonly lastOfConnection: ReadonlySet<number>
}

/** Time limit for a task to end like the recorded one. */
const TASK_MS = 90_000

/** Replays the steps in order. Requests of a `conc-` flow are sent at the same time, as in the recording. */
export async function replay(steps: readonly Step[], stage: Stage, onPlayed: (played: Played) => void): Promise<void> {
  const done = new Set<number>()
  for (const step of steps) {
    if (done.has(step.index)) continue
    await stage.prepare(step)
    const group = step.skipped === undefined ? groupOf(step, steps) : [step]
    for (const { index } of group) done.add(index)
    for (const played of await playGroup(group, stage)) onPlayed(played)
  }
}

function groupOf(step: Step, steps: readonly Step[]): readonly Step[] {
  if (!step.exchange.flow?.startsWith('conc-') || isPoll(step.exchange)) return [step]
  return steps.filter(
    ({ flow, exchange, skipped }) => flow === step.flow && !isPoll(exchange) && exchange.flow && skipped === undefined,
  )
}

const isPoll = ({ path }: Exchange) => /\/tasks\/UPID.*\/(status|log)/.test(path)

async function playGroup(group: readonly Step[], stage: Stage): Promise<readonly Played[]> {
  const [first] = group
  if (first?.skipped !== undefined) return [{ step: first, differences: [] }]
  const answers = await Promise.all(group.map(({ exchange }) => ask(exchange, stage)))
  const paired = group.length === 1 ? answers : pair(group, answers)
  return group.map((step, index) => {
    const actual = paired[index] ?? NO_ANSWER
    learn(step.exchange, actual, stage)
    const { exchange } = MANY_MAY_WIN.has(step.flow) ? (group.find((one) => isAlike(one, actual)) ?? step) : step
    return { step, differences: compareAnswers(routeOf(exchange), expected(step.index, exchange, stage), actual) }
  })
}

/** Flows whose equal requests may succeed several times, depending on timing. */
const MANY_MAY_WIN = new Set(['conc-delete-same'])

const isAlike = ({ exchange }: Step, { status }: Answer) => exchange.status === status

/** Among concurrent requests, any may win. So answers are paired with recorded ones by outcome. */
function pair(group: readonly Step[], answers: readonly Answer[]): readonly (Answer | undefined)[] {
  const left = group.map((step, index) => ({ request: step.exchange, answer: answers[index] }))
  return group.map(({ exchange }) => {
    const sameOutcome = ({ answer }: (typeof left)[number]) => answer?.status === exchange.status
    const sameRequest = ({ request }: (typeof left)[number]) =>
      request.path === exchange.path && request.body === exchange.body
    const found = left.find((one) => sameOutcome(one) && sameRequest(one)) ?? left.find(sameOutcome) ?? left[0]
    if (found) left.splice(left.indexOf(found), 1)
    return found?.answer
  })
}

async function ask(exchange: Exchange, stage: Stage): Promise<Answer> {
  const waits = isPoll(exchange) && isStopped(exchange.response)
  for (const until = Date.now() + TASK_MS; ; await sleep(40)) {
    const answer = await askOnce(exchange, stage)
    if (!waits || !isRunning(answer.body) || Date.now() > until) return answer
  }
}

async function askOnce(exchange: Exchange, { host, images, translation }: Stage): Promise<Answer> {
  const { method, path, headers, body } = exchange
  const type = headers['Content-Type'] ?? ''
  const bytes =
    body === null
      ? undefined
      : type.includes('multipart') && body.includes('Boundary')
        ? wholeUpload(body, images, (text) => translation.text(text))
        : Buffer.from(type.includes('json') ? translation.text(body) : translation.encoded(body))
  return host.send({
    method,
    path: translation.encoded(path),
    headers: await ownHeaders(exchange, host),
    ...(bytes && { body: bytes }),
  })
}

/** Replaces the secrets that were removed from the recording. */
async function ownHeaders({ path, headers, reason }: Exchange, host: Stage['host']): Promise<Record<string, string>> {
  const own: Record<string, string> = { Connection: 'keep-alive', ...headers }
  const { Authorization: authorization, Cookie: cookie } = headers
  const isRefused = reason === 'Authentication failed!'
  if (authorization) own.Authorization = withSecret(authorization, isRefused ? new Map() : host.secrets)
  if (cookie?.includes('<ticket>')) {
    const isAdmin = path.includes('/version') || path.includes('/pools')
    const { ticket, csrf } = isAdmin ? await host.ticketOf('admin@pve') : await host.rootTicket()
    own.Cookie = cookie.includes('%3A') ? `PVEAuthCookie=${encodeURIComponent(ticket)}` : `PVEAuthCookie=${ticket}`
    if (headers.CSRFPreventionToken === '<csrf>') own.CSRFPreventionToken = csrf
  }
  return own
}

function withSecret(authorization: string, secrets: ReadonlyMap<string, string>): string {
  const [, id = ''] = /PVEAPIToken[=: ]+([^=]+)=/i.exec(authorization) ?? []
  return authorization.replace('<secret>', secrets.get(id) ?? '00000000-0000-0000-0000-000000000000')
}

/** Remembers ids and digests of this run for later requests. */
function learn(exchange: Exchange, actual: Answer, { translation }: Stage): void {
  const [recordedTask, task] = [startedTask(exchange), startedTask({ response: actual.body })]
  if (recordedTask !== undefined && task !== undefined) translation.learn(recordedTask, task)
  const [recorded, own] = [dataOf(exchange.response), dataOf(actual.body)]
  if (typeof recorded.digest === 'string' && typeof own.digest === 'string')
    translation.learn(recorded.digest, own.digest)
  if (exchange.path.endsWith('/agent/exec') && typeof own.pid === 'number') {
    translation.learn(`pid=${recorded.pid as number}`, `pid=${own.pid}`)
  }
}

function expected(
  index: number,
  { status, reason, response, response_headers: headers }: Exchange,
  { translation, lastOfConnection }: Stage,
): Answer {
  if (status === 0) return NO_ANSWER
  return {
    status,
    reason: translation.text(reason),
    contentType: headers['Content-Type'],
    server: headers.Server,
    connection: lastOfConnection.has(index) ? 'Keep-Alive' : headers.Connection,
    body: translation.value(response),
  }
}

/** Returns the method and the path, with `{…}` for what varies. */
export function routeOf({ method, path }: Exchange): string {
  const [plain = ''] = decodeURIComponent(path).replace('/api2/json', '').split('?')
  const generic = plain
    .replace(/^\/nodes\/[^/]+/, '/nodes/{node}')
    .replace(/\/qemu\/\d+/, '/qemu/{vmid}')
    .replace(/\/tasks\/UPID[^/]*/, '/tasks/{upid}')
    .replace(/\/storage\/[^/]+/, '/storage/{storage}')
    .replace(/\/content\/.+/, '/content/{volume}')
  return `${method} ${generic}`
}

function dataOf(body: unknown): Readonly<Record<string, unknown>> {
  const data = typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined
  return typeof data === 'object' && data !== null ? { ...data } : {}
}

const isStopped = (body: unknown) => dataOf(body).status === 'stopped'
const isRunning = (body: unknown) => dataOf(body).status === 'running'
