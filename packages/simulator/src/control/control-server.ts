// The control port: a web page, the same data as JSON, and switches for faults, nodes and quorum. Plain HTTP.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { checkFaultRule } from '../faults/fault-rule.ts'
import { guestHandle } from '../guests/inside/guest-handle.ts'
import { actOnPower } from '../guests/power.ts'
import { readBehaviour } from '../state/guest-behaviour.ts'
import type { World } from '../world.ts'
import { type OverviewParts, overview } from './overview.ts'
import { page, policy } from './page.ts'

type Answer = { readonly status: number; readonly body: unknown }

type Handler = (parts: OverviewParts, request: { readonly name: string; readonly body: unknown }) => Answer

const done: Answer = { status: 200, body: { ok: true } }
const notThere = (what: string): Answer => ({ status: 404, body: { error: `there is no ${what}` } })

const routes: readonly (readonly [method: string, path: RegExp, handle: Handler])[] = [
  ['GET', /^\/state\.json$/, (parts) => ({ status: 200, body: overview(parts) })],
  [
    'GET',
    /^\/requests\.json$/,
    ({ log }) => ({ status: 200, body: { total: log.total, counts: log.counts(), recent: log.recent } }),
  ],
  ['DELETE', /^\/requests\.json$/, clearRequests],
  ['GET', /^\/faults$/, ({ faults }) => ({ status: 200, body: faults.list() })],
  ['POST', /^\/faults$/, addFault],
  ['DELETE', /^\/faults$/, clearFaults],
  [
    'DELETE',
    /^\/faults\/(\d+)$/,
    ({ faults }, { name }) => (faults.remove(Number(name)) ? done : notThere(`fault ${name}`)),
  ],
  ['PUT', /^\/nodes\/([^/]+)$/, changeNode],
  ['PUT', /^\/quorum$/, changeQuorum],
  ['PUT', /^\/guests$/, changeGuests],
  ['PUT', /^\/guests\/(\d+)$/, changeGuest],
]

export function createControlServer(parts: OverviewParts): Server {
  return createServer((request, response) => {
    answer(parts, request)
      .catch(
        (error: unknown): Answer => ({
          status: 400,
          body: { error: error instanceof Error ? error.message : String(error) },
        }),
      )
      .then((given) => send(response, given))
      .catch(() => response.destroy())
  })
}

async function answer(parts: OverviewParts, request: IncomingMessage): Promise<Answer> {
  // A foreign web page must not reach this port through a host name of its own, nor post to it.
  if (!isLocalName(request.headers.host))
    return { status: 403, body: { error: 'use an address or localhost as the host' } }
  const { method = 'GET' } = request
  const { pathname } = new URL(request.url ?? '/', 'http://control')
  if (method === 'GET' && pathname === '/') return { status: 200, body: page }
  for (const [verb, path, handle] of routes) {
    const match = path.exec(pathname)
    if (verb === method && match !== null) return handle(parts, { name: match[1] ?? '', body: await readJson(request) })
  }
  return notThere(`${method} ${pathname}`)
}

function isLocalName(host = ''): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return name === 'localhost' || isIP(name) !== 0
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  if (chunks.length === 0) return undefined
  if (request.headers['content-type'] !== 'application/json') throw new Error('the body must be application/json')
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const isPage = body === page
  response.writeHead(status, {
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(isPage && { 'Content-Security-Policy': policy }),
  })
  response.end(isPage ? page : `${JSON.stringify(body)}\n`)
}

function clearRequests({ log }: OverviewParts): Answer {
  log.clear()
  return done
}

function clearFaults({ faults }: OverviewParts): Answer {
  faults.clear()
  return done
}

function addFault({ faults }: OverviewParts, { body }: { body: unknown }): Answer {
  return { status: 201, body: { id: faults.add(checkFaultRule(body)) } }
}

function fields(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null) throw new Error('the body must be a JSON object')
  return body as Record<string, unknown>
}

function changeNode({ world }: OverviewParts, { name, body }: { name: string; body: unknown }): Answer {
  const node = world.nodes.get(name)
  if (node === undefined) return notThere(`node '${name}'`)
  const { state } = fields(body)
  if (state !== 'online' && state !== 'offline' && state !== 'refusing')
    throw new Error('state is online, offline or refusing')
  node.online = state === 'online'
  node.refusing = state === 'refusing'
  return done
}

function changeQuorum({ world }: OverviewParts, { body }: { body: unknown }): Answer {
  const { quorate } = fields(body)
  if (typeof quorate !== 'boolean') throw new Error('quorate is true or false')
  world.quorate = quorate
  return done
}

function changeGuests({ world }: { world: World }, { body }: { body: unknown }): Answer {
  Object.assign(world.guests, readBehaviour(fields(body)))
  return done
}

/**
 * Changes one machine's guest: its behavior, or an action of its user (`{ "action": "poweroff" }`, `reboot`,
 * `kill-agent`).
 */
function changeGuest({ world }: { world: World }, { name, body }: { name: string; body: unknown }): Answer {
  if (world.machines.find(Number(name)) === undefined) return notThere(`machine ${name}`)
  const guest = guestHandle(world, Number(name), actOnPower)
  const { action, ...behaviour } = fields(body)
  guest.behave(readBehaviour(behaviour))
  if (action === 'poweroff') guest.powerOff()
  else if (action === 'reboot') guest.reboot()
  else if (action === 'kill-agent') guest.killAgent()
  else if (action !== undefined) throw new Error('action is poweroff, reboot or kill-agent')
  return done
}
