// Processes a request in the order of Proxmox's own server: route, permission, node, parameters, method.

import { checkRule } from '../api/access/permission-check.ts'
import { type Call, type Identity, makeCall } from '../api/call.ts'
import { findEndpoint } from '../api/endpoints.ts'
import { ApiError, badParameters, failure, forbidden, notSimulated } from '../errors.ts'
import type { FaultRule } from '../faults/fault-rule.ts'
import { type CheckedRequest, checkParameters, findRoute, type ParameterValue, type Route } from '../schema/index.ts'
import type { NodeState, World } from '../world.ts'
import type { RawParameters } from './read-request.ts'

export interface Question {
  readonly method: string
  readonly path: string
  readonly parameters: RawParameters
  readonly identity: Identity
  /** The fault for the work itself. */
  readonly fault?: FaultRule
}

export interface Dispatched {
  readonly result: unknown
  /** The answer came from a daemon behind the one that received the request. */
  readonly relayed: boolean
}

export function requireRoute(world: World, method: string, path: string): Route {
  const route = findRoute(method, path, world.version)
  if (route === undefined) throw new ApiError(501, `Method '${method} ${path}' not implemented`, { newline: false })
  return route
}

export const tokenRefused = (path: string): ApiError =>
  forbidden(`URI '${path}' not available with API token, need proper ticket.\n`)

export async function dispatch(world: World, question: Question): Promise<Dispatched> {
  const { method, path, parameters, identity, fault } = question
  const { rule, captures } = requireRoute(world, method, path)
  const endpoint = findEndpoint(method, rule.template)
  const checked = checkedRequest(world, question)
  const name = rule.proxyTo === undefined ? world.home : (captures[rule.proxyTo] ?? world.home)
  const node = name === 'localhost' ? world.home : name
  const values = checked?.values ?? { ...textsOf(parameters), ...captures }
  const call = makeCall(world, { method, identity, node, values, ...(fault && { fault }) })
  if (identity.isToken && rule.ticketOnly) {
    throw tokenRefused(path)
  }
  checkRule(call, rule.permissions)
  const place = requireNode(world, node)
  if (!place.online) return unreachable(world, place)
  if (checked !== undefined) refuseFaults(checked, rule.protected || node !== world.home)
  if (endpoint === undefined) throw notSimulated(`${method} ${rule.template}`)
  refuseRootOptions(call, rule.template)
  await world.clock.sleep(world.latency.requestMs)
  const work = async (): Promise<unknown> => endpoint.handle(call)
  const isRelayed = rule.protected || node !== world.home
  const answer = rule.protected ? place.workers.run(work) : work()
  return { result: isRelayed ? await inTime(world, answer) : await answer, relayed: isRelayed }
}

function checkedRequest({ version }: World, { method, path, parameters }: Question): CheckedRequest | undefined {
  return checkParameters({ method, path, parameters: parameters as Record<string, ParameterValue>, version })
}

/** Returns parameters for permission checks, if the method's parameters are not checked. */
function textsOf(parameters: RawParameters): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The proxy waits 30 s for the daemon's answer. The daemon continues its work after that. */
async function inTime(world: World, answer: Promise<unknown>): Promise<unknown> {
  const answered = new AbortController()
  const isLate = Symbol('late')
  const late = world.clock.sleep(world.latency.proxyTimeoutMs, answered.signal).then(() => isLate)
  try {
    const first = await Promise.race([answer, late])
    if (first !== isLate) return first
  } finally {
    answered.abort()
  }
  answer.catch(() => undefined)
  throw new ApiError(596, 'Connection timed out', { bodyless: true })
}

function requireNode(world: World, name: string): NodeState {
  const node = world.nodes.get(name)
  if (node === undefined) {
    throw failure(
      `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
    )
  }
  return node
}

async function unreachable(world: World, node: NodeState): Promise<never> {
  if (node.refusing) throw new ApiError(595, 'Connection refused', { bodyless: true })
  await world.clock.sleep(world.latency.refusalMs)
  throw new ApiError(595, 'No route to host', { bodyless: true })
}

/** A parameter without a value cannot be passed on to another daemon. Otherwise it is as if it were not there. */
function refuseFaults(checked: CheckedRequest, isRelayed: boolean): void {
  if (Object.keys(checked.errors).length > 0) throw badParameters(checked.errors)
  if (checked.failure !== undefined && isRelayed) throw failure(checked.failure)
}

/** All methods with `skiplock` check it first. Power calls have more such options, in this order. */
const rootOptions: Readonly<Record<string, string>> = {
  start:
    'stateuri skiplock migratedfrom migration_type migration_network targetstorage force-cpu with-conntrack-state nets-host-mtu',
  stop: 'skiplock keepActive migratedfrom',
  shutdown: 'skiplock keepActive',
  resume: 'skiplock nocheck',
}

function refuseRootOptions(call: Call, template: string): void {
  if (call.isRoot) return
  const names = (rootOptions[/\/qemu\/\{vmid\}\/status\/(\w+)$/.exec(template)?.[1] ?? ''] ?? 'skiplock').split(' ')
  const used = names.find((name) => !['', '0', undefined].includes(call.parameters[name]))
  if (used !== undefined) throw badParameters({ [used]: 'Only root may use this option.' })
}

/** Any error other than an ApiError becomes Proxmox's 500 with its sentence. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return failure(error instanceof Error ? error.message : String(error))
}
