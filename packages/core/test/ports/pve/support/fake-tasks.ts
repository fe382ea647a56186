// A server that supports tasks, as far as waiting for them needs it.
import type { ServerResponse } from 'node:http'
import { answer, type Seen, startServer, type TestServer } from './servers.ts'

export interface FakeTask {
  /** How often it answers `running` before the task ends. */
  readonly looks?: number
  readonly exitStatus?: string
  readonly log?: readonly string[]
}

export const upidOf = (type: string, id = '100', node = 'pve1') =>
  `UPID:${node}:00007819:0001C656:6B052953:${type}:${id}:ci@pve!runner:`

/** Serves tasks by UPID. `before` may answer instead. */
export function startTaskServer(
  tasks: Readonly<Record<string, FakeTask>>,
  before: (response: ServerResponse, seen: Seen) => boolean = () => false,
): Promise<TestServer> {
  const looks = new Map<string, number>()
  return startServer((response, seen) => {
    if (before(response, seen)) return
    const [, node, upid = '', what] =
      /^\/api2\/json\/nodes\/([^/]+)\/tasks\/([^/]+)\/(status|log)/.exec(decodeURIComponent(seen.path)) ?? []
    const task = tasks[upid]
    if (!task || upid.split(':')[1] !== node)
      return answer(response, null, { status: 400, reason: 'Parameter verification failed.' })
    if (what === 'log') return answer(response, logLines(task, seen.path))
    const count = (looks.get(upid) ?? 0) + 1
    looks.set(upid, count)
    answer(
      response,
      count > (task.looks ?? 0) ? { status: 'stopped', exitstatus: task.exitStatus ?? 'OK' } : { status: 'running' },
    )
  })
}

function logLines({ log = [] }: FakeTask, path: string): readonly { readonly n: number; readonly t: string }[] {
  const query = new URL(path, 'https://x').searchParams
  const start = Number(query.get('start') ?? 0)
  const limit = Number(query.get('limit') ?? 50) || log.length
  return log.map((t, index) => ({ n: index + 1, t })).slice(start, start + limit)
}
