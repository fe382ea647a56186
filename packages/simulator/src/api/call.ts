// A call as a handler sees it, and the table entry that describes a handler.
import { badParameters, failure } from '../errors.ts'
import type { FaultRule } from '../faults/fault-rule.ts'
import { hasAll, hasAny, requireAll, requireAny } from '../state/permissions.ts'
import type { Fate, TaskContext } from '../tasks/tasks.ts'
import type { World } from '../world.ts'

export interface Identity {
  /** `root@pam`, or `root@pam!ci` for a token. */
  readonly name: string
  readonly isToken: boolean
}

export interface Call {
  readonly world: World
  readonly method: string
  readonly identity: Identity
  /** The node that does the work. */
  readonly node: string
  readonly parameters: Readonly<Record<string, string>>
  text(name: string): string
  optional(name: string): string | undefined
  /** A parameter that may be repeated, such as `command`. */
  list(name: string): readonly string[]
  flag(name: string, otherwise?: boolean): boolean
  integer(name: string): number
  may(path: string, ...privileges: readonly string[]): boolean
  mayAny(path: string, ...privileges: readonly string[]): boolean
  needs(path: string, ...privileges: readonly string[]): void
  needsAny(path: string, ...privileges: readonly string[]): void
  /** True for root as a user, not for its tokens. Some options are reserved for it. */
  readonly isRoot: boolean
  /** Starts a task on this node for this user and returns its UPID. */
  task(type: string, id: string, work: (context: TaskContext) => Promise<void>): Promise<string>
}

/** The request rules define who may call it, with which parameters, and which daemon answers. */
export interface Endpoint {
  readonly path: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  handle(call: Call): unknown
}

type Handle = Endpoint['handle']

/** The five routes of a list whose items have a path of their own. */
export function itemEndpoints(
  list: string,
  item: string,
  handles: Readonly<Record<'list' | 'create' | 'show' | 'update' | 'remove', Handle>>,
): Endpoint[] {
  return [
    { path: list, method: 'GET', handle: handles.list },
    { path: list, method: 'POST', handle: handles.create },
    { path: item, method: 'GET', handle: handles.show },
    { path: item, method: 'PUT', handle: handles.update },
    { path: item, method: 'DELETE', handle: handles.remove },
  ]
}

/** Throws Proxmox's error if the cluster has no quorum. */
export function requireQuorum({ world }: Call): void {
  if (!world.quorate) throw failure('cluster not ready - no quorum?')
}

/** Splits a parameter that is a list, with any separator. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '').split(/[;,\s]+/).filter(Boolean)
}

export function makeCall(
  world: World,
  request: {
    /** The fault for the tasks of this call. */
    fault?: FaultRule
    method: string
    identity: Identity
    node: string
    values: Readonly<Record<string, string | readonly string[]>>
  },
): Call {
  const { identity, node, values } = request
  const parameters = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : value.join(' ')]),
  )
  const who = identity.name
  return {
    world,
    method: request.method,
    identity,
    node,
    parameters,
    list: (name) => {
      const value = values[name]
      return value === undefined ? [] : typeof value === 'string' ? [value] : value
    },
    isRoot: who === 'root@pam',
    text: (name) => {
      const value = parameters[name]
      if (value === undefined) throw badParameters({ [name]: 'property is missing and it is not optional' })
      return value
    },
    optional: (name) => parameters[name],
    flag: (name, otherwise = false) => (parameters[name] === undefined ? otherwise : parameters[name] === '1'),
    integer: (name) => {
      const value = parameters[name]
      if (value === undefined) throw badParameters({ [name]: 'property is missing and it is not optional' })
      if (!/^[+-]?\d+$/.test(value)) throw badParameters({ [name]: `type check ('integer') failed - got '${value}'` })
      return Number(value)
    },
    may: (path, ...privileges) => hasAll(world.users, who, path, ...privileges),
    mayAny: (path, ...privileges) => hasAny(world.users, who, path, ...privileges),
    needs: (path, ...privileges) => requireAll(world.users, who, { path, privileges }),
    needsAny: (path, ...privileges) => requireAny(world.users, who, { path, privileges }),
    task: async (type, id, work) => {
      await world.clock.sleep(world.latency.forkMs)
      const { fault } = request
      if (fault?.action === 'no-worker') throw failure(fault.reason ?? 'got no worker upid - start worker failed')
      const fate = fateOf(fault)
      return world.tasks.start({ node, type, id, user: who, ...(fate && { fate }) }, work).upid
    },
  }
}

/**
 * For calls that wait for their task: resolves with null if it has ended successfully, else with its UPID.
 * @param seconds maximum time to wait
 * @param context text before the task's exit status, if that is an error
 */
export async function endedWithin(
  { world }: Call,
  upid: string,
  { seconds, context = '' }: { seconds: string | undefined; context?: string },
): Promise<string | null> {
  const task = world.tasks.find(upid)
  if (task === undefined || seconds === undefined || seconds === '0') return upid
  await Promise.race([task.done, world.clock.sleep(Number(seconds) * 1000)])
  if (task.exitStatus === undefined) return upid
  if (/^(?:OK|WARNINGS: \d+)$/.test(task.exitStatus)) return null
  throw failure(`${context}${task.exitStatus}`)
}

function fateOf(fault: FaultRule | undefined): Fate | undefined {
  if (fault?.action === 'fail-task') return { kind: 'dies', of: fault.reason ?? 'interrupted by signal' }
  if (fault?.action === 'warn-task') return { kind: 'warns', of: fault.reason ?? 'something is not quite right' }
  return fault?.action === 'hang-task' ? { kind: 'hangs' } : undefined
}
