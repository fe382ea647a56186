// The HTTPS server: connections, logins, uploads, faults, and a log of all requests.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { checkRule } from '../api/access/permission-check.ts'
import type { Identity } from '../api/call.ts'
import { makeCall } from '../api/call.ts'
import { ApiError } from '../errors.ts'
import type { FaultRule } from '../faults/fault-rule.ts'
import type { Faults } from '../faults/faults.ts'
import type { SimulatorOptions } from '../options.ts'
import type { World } from '../world.ts'
import { type AnswerStyle, sendError, sendResult } from './answer.ts'
import { authenticate, isTokenCall, type Tickets } from './authenticate.ts'
import { brokenAfter, brokenBefore } from './broken.ts'
import { asApiError, type Dispatched, dispatch, requireRoute, tokenRefused } from './dispatch.ts'
import { login } from './login.ts'
import { checkBody, type RequestTarget, readBody, readTarget, unread } from './read-request.ts'
import { isUpload, receiveUpload } from './receive-upload.ts'
import type { LoggedRequest, RequestLog } from './request-log.ts'

export interface ServerParts {
  readonly world: World
  readonly tickets: Tickets
  readonly faults: Faults
  readonly log: RequestLog
  readonly onRequest?: SimulatorOptions['onRequest']
}

/** A head with more lines or bytes gets no answer. */
const headerLines = 63
const headerBytes = 8 * 1024

/** Requests per connection. The last answer announces that the connection closes. */
const requestsPerConnection = 100

export function createApiServer(parts: ServerParts, identity: { key: string; cert: string }): Server {
  const served = new WeakMap<object, number>()
  const server = createServer({ ...identity, maxHeaderSize: headerBytes }, (request, response) => {
    if (request.rawHeaders.length / 2 >= headerLines) {
      request.socket.destroy()
      return
    }
    const count = (served.get(request.socket) ?? 0) + 1
    served.set(request.socket, count)
    answer(parts, { request, response, isLast: count >= requestsPerConnection }).catch(() => request.socket.destroy())
  })
  server.keepAliveTimeout = 5_000
  server.requestTimeout = 0
  server.on('clientError', (_, socket) => socket.destroy())
  // Proxmox never sends `100 Continue`. A client that waits for it times out and then sends the body.
  server.on('checkContinue', (request, response) => server.emit('request', request, response))
  return server
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly isLast: boolean
}

async function answer(parts: ServerParts, { request, response, isLast }: Exchange): Promise<void> {
  const { world, log } = parts
  const startedAt = performance.now()
  const target = readTarget(request.url ?? '/')
  const entry: LoggedRequest = {
    time: world.clock.now(),
    ...described(parts, request, target),
    status: 200,
    reason: 'OK',
    elapsedMs: 0,
  }
  const style: AnswerStyle = { extjs: target?.format === 'extjs', relayed: false, close: isLast }
  response.on('close', () => request.resume())
  try {
    requireKnownMethod(entry.method)
    if (target === undefined) throw new ApiError(500, `no such file '${request.url}'`, { plain: true })
    if (target.format !== 'json' && target.format !== 'extjs') {
      throw unread(501, `no formatter for uri ${target.path}, ${target.format}`)
    }
    parts.onRequest?.({ method: entry.method, path: target.path })
    await log.arrive({ method: entry.method, path: target.path })
    const fault = parts.faults.take(entry.method, target.path)
    if (await brokenBefore(world, { fault, request, entry })) return
    const done = await work(parts, { request, target, entry, fault })
    if (brokenAfter({ fault, request, response, entry, result: done.result })) return
    const isUploaded = target.path.endsWith('/upload')
    sendResult(request, response, {
      result: done.result,
      style: { ...style, relayed: done.relayed, close: isLast || isUploaded },
    })
  } catch (error) {
    const apiError = asApiError(error)
    Object.assign(entry, { status: apiError.status, reason: apiError.message })
    await holdBack(world, apiError)
    sendError(request, response, { error: apiError, style })
  } finally {
    entry.elapsedMs = Math.round(performance.now() - startedAt)
    log.add(entry)
  }
}

function described(
  { world }: ServerParts,
  request: IncomingMessage,
  target: RequestTarget | undefined,
): { method: string; path: string; template: string; user: string } {
  const method = request.method ?? 'GET'
  const path = target?.path ?? request.url ?? '/'
  let template = path
  try {
    template = requireRoute(world, method, path).rule.template
  } catch {
    // Unknown paths are logged as they are.
  }
  return { method, path, template, user: '' }
}

/** A login needs no authentication, but a request with a token is authenticated and then refused. */
function refuseTokenLogin(request: IncomingMessage, { world, tickets }: ServerParts): void {
  if (request.method !== 'POST' || !isTokenCall(request)) return
  authenticate(request, { users: world.users, tickets, nowSeconds: world.clock.now() / 1000 })
  throw tokenRefused('/access/ticket')
}

async function work(
  parts: ServerParts,
  {
    request,
    target,
    entry,
    fault,
  }: { request: IncomingMessage; target: RequestTarget; entry: LoggedRequest; fault: FaultRule | undefined },
): Promise<Dispatched> {
  const { world, tickets } = parts
  const { method } = entry
  const length = checkBody(request)
  if (target.path === '/access/ticket') {
    refuseTokenLogin(request, parts)
    if (method === 'POST')
      return {
        result: login(world, tickets, {
          ...(await readBody(request, { length, version: world.version })),
          ...target.query,
        }),
        relayed: true,
      }
    return { result: null, relayed: false }
  }
  if (target.path === '/access/domains' && method === 'GET') {
    // For the login dialog.
    return dispatch(world, { method, path: target.path, parameters: target.query, identity: nobody })
  }
  const identity = authenticate(request, { users: world.users, tickets, nowSeconds: world.clock.now() / 1000 })
  Object.assign(entry, { user: identity.name })
  const body = isUpload(method, target.path)
    ? await receive(world, { request, target, identity, method })
    : await readBody(request, { length, version: world.version })
  const parameters = { ...body, ...target.query }
  return dispatch(world, { method, path: target.path, parameters, identity, ...(fault && { fault }) })
}

const nobody: Identity = { name: '', isToken: false }

function requireKnownMethod(method: string): void {
  if (['GET', 'POST', 'PUT', 'DELETE'].includes(method)) return
  throw new ApiError(501, `method '${method}' not available`, { bodyless: true })
}

/** A caller who may not upload gets the refusal before the file is read: delayed, and without a body. */
async function receive(
  world: World,
  {
    request,
    target,
    identity,
    method,
  }: { request: IncomingMessage; target: RequestTarget; identity: Identity; method: string },
): Promise<Record<string, string>> {
  const { rule, captures } = requireRoute(world, method, target.path)
  const call = makeCall(world, { method, identity, node: world.home, values: captures })
  try {
    checkRule(call, rule.permissions)
  } catch (error) {
    throw error instanceof ApiError ? new ApiError(error.status, error.message, { bodyless: true }) : error
  }
  return receiveUpload(world, request)
}

async function holdBack(world: World, error: ApiError): Promise<void> {
  const isRefusal = error.status === 401 || (error.status === 403 && error.details.bodyless === true)
  if (isRefusal) await world.clock.sleep(world.latency.refusalMs)
}
