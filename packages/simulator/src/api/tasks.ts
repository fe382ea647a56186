// Tasks: lists, status, log, stop. Only the node in its UPID knows a task.
import { badParameters, failure, notSimulated } from '../errors.ts'
import { withTotal } from '../http/answer.ts'
import type { Task } from '../tasks/tasks.ts'
import { parseUpid } from '../tasks/upid.ts'
import { type Call, type Endpoint, listOf } from './call.ts'

export const taskEndpoints: readonly Endpoint[] = [
  { path: '/cluster/tasks', method: 'GET', handle: clusterTasks },
  { path: '/nodes/{node}/tasks', method: 'GET', handle: nodeTasks },
  { path: '/nodes/{node}/tasks/{upid}/status', method: 'GET', handle: status },
  { path: '/nodes/{node}/tasks/{upid}/log', method: 'GET', handle: log },
  { path: '/nodes/{node}/tasks/{upid}', method: 'DELETE', handle: stop },
]

/** `root@pam!ci` is shown as user and token. */
function owner(task: Task): Record<string, string> {
  const [user = '', tokenid] = task.parts.user.split('!')
  return tokenid === undefined ? { user } : { user, tokenid }
}

/** A task belongs to its own token. Other tokens of the same user need Sys.Audit. */
function isOwn(call: Call, task: Task): boolean {
  const me = call.identity.name
  return task.parts.user === me || task.parts.user.split('!')[0] === me
}

function identityOf(task: Task): Record<string, unknown> {
  const { node, pid, pstart, startTime, type, id } = task.parts
  return { upid: task.upid, node, pid, pstart, starttime: startTime, type, id, ...owner(task) }
}

function row(task: Task): Record<string, unknown> {
  return {
    ...identityOf(task),
    ...(task.exitStatus !== undefined && { endtime: task.endTime ?? task.parts.startTime, status: task.exitStatus }),
  }
}

function without(fields: Record<string, unknown>, ...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
}

/** The list of running tasks is a separate file. It does not distinguish tokens from their user, and shows RUNNING. */
function activeRow(task: Task): Record<string, unknown> {
  return { ...without(row(task), 'tokenid'), user: task.parts.user, status: 'RUNNING', saved: '0' }
}

function clusterTasks(call: Call): readonly Record<string, unknown>[] {
  const visible = call.world.tasks
    .list()
    .filter((task) => isOwn(call, task) || call.may(`/nodes/${task.parts.node}`, 'Sys.Audit'))
  return visible.slice(0, 25).map((task) => ({
    ...without(row(task), 'pid', 'pstart'),
    ...(task.exitStatus !== undefined && { saved: '1' }),
  }))
}

function nodeTasks(call: Call): unknown {
  const mayAudit = call.may(`/nodes/${call.node}`, 'Sys.Audit')
  const source = call.optional('source') ?? 'archive'
  const tasks = call.world.tasks
    .list(call.node)
    .filter((task) => mayAudit || isOwn(call, task))
    .filter((task) => source === 'all' || (source === 'active') === (task.exitStatus === undefined))
    .filter((task) => matches(call, task))
  const start = Number(call.optional('start') ?? 0)
  const limit = Number(call.optional('limit') ?? 50)
  const page = tasks.slice(start, start + limit)
  const toRow =
    source === 'archive' ? row : (task: Task) => (task.exitStatus === undefined ? activeRow(task) : row(task))
  return withTotal(page.map(toRow), tasks.length)
}

function matches(call: Call, task: Task): boolean {
  const vmid = call.optional('vmid')
  const type = call.optional('typefilter')
  const user = call.optional('userfilter')
  const since = call.optional('since')
  const until = call.optional('until')
  if (vmid !== undefined && task.parts.id !== vmid) return false
  if (type !== undefined && task.parts.type !== type) return false
  if (user !== undefined && !task.parts.user.toLowerCase().includes(user.toLowerCase())) return false
  if (since !== undefined && task.parts.startTime < Number(since)) return false
  if (until !== undefined && task.parts.startTime > Number(until)) return false
  const wanted = call.optional('statusfilter')
  if (call.flag('errors')) return statusType(task) !== 'ok'
  return wanted === undefined || listOf(wanted.toLowerCase()).includes(statusType(task))
}

/** How a task ended, as a filter names it. A running task is `unknown` (`PVE::UPID::normalize_status_type`). */
function statusType({ exitStatus }: Task): string {
  if (exitStatus === undefined || exitStatus === 'unexpected status') return 'unknown'
  if (exitStatus === 'OK') return 'ok'
  return /^WARNINGS: \d+$/.test(exitStatus) ? 'warning' : 'error'
}

function requireTask(call: Call): Task {
  const upid = call.text('upid')
  const parts = parseUpid(upid)
  if (parts === undefined) throw badParameters({ upid: 'unable to parse worker upid' })
  const task = parts.node === call.node ? call.world.tasks.find(upid) : undefined
  if (task === undefined) throw badParameters({ upid: 'no such task' })
  return task
}

function status(call: Call): Record<string, unknown> {
  const task = requireTask(call)
  if (!isOwn(call, task)) call.needs(`/nodes/${call.node}`, 'Sys.Audit')
  const isRunning = task.exitStatus === undefined
  return {
    ...identityOf(task),
    status: isRunning ? 'running' : 'stopped',
    ...(!isRunning && { exitstatus: task.exitStatus }),
  }
}

function log(call: Call): unknown {
  const upid = call.text('upid')
  const parts = parseUpid(upid)
  if (parts === undefined) throw badParameters({ upid: 'unable to parse worker upid' })
  const task = parts.node === call.node ? call.world.tasks.find(upid) : undefined
  if (task === undefined) return noLog(call)
  if (!isOwn(call, task)) call.needs(`/nodes/${call.node}`, 'Sys.Audit')
  if (call.flag('download')) throw notSimulated('the log of a task as a file')
  const start = Number(call.optional('start') ?? 0)
  const limit = Number(call.optional('limit') ?? 50)
  const lines = task.lines.map((text, index) => ({ n: index + 1, t: text }))
  return withTotal(limit === 0 ? lines.slice(start) : lines.slice(start, start + limit), lines.length)
}

/** Returns a single line if there is no log. Since 9, it is in a list. */
function noLog({ world }: Call): unknown {
  const line = { n: 1, t: 'unable to open file - No such file or directory' }
  return withTotal(world.version === '8.4' ? line : [line], 1)
}

async function stop(call: Call): Promise<null> {
  const task = requireTask(call)
  if (!isOwn(call, task)) call.needs(`/nodes/${call.node}`, 'Sys.Modify')
  if (task.exitStatus === undefined) await call.world.tasks.stop(task)
  else if (call.world.tasks.find(task.upid) === undefined) throw failure('no such task')
  return null
}
