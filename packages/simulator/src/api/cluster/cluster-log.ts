// The log of the cluster: the tasks that started and ended (pve-cluster `logger.c`, pve-manager `API2/Cluster.pm`).
import type { Task } from '../../tasks/tasks.ts'
import type { Call, Endpoint } from '../call.ts'

export const clusterLogEndpoints: readonly Endpoint[] = [{ path: '/cluster/log', method: 'GET', handle: log }]

interface Event {
  readonly time: number
  readonly task: Task
  readonly msg: string
  readonly pri: number
}

const [information, problem] = [6, 3]

function eventsOf(task: Task): readonly Event[] {
  const { upid, parts, exitStatus, endTime } = task
  const start = { time: parts.startTime, task, msg: `starting task ${upid}`, pri: information }
  if (exitStatus === undefined) return [start]
  const isGood = exitStatus === 'OK'
  const end = {
    time: endTime ?? parts.startTime,
    task,
    msg: `end task ${upid} ${exitStatus}`,
    pri: isGood ? information : problem,
  }
  return [end, start]
}

/** Newest first. Who may not read the whole log sees what they did themselves. */
function log(call: Call): readonly Record<string, unknown>[] {
  const seesAll = call.may('/', 'Sys.Syslog')
  const most = Number(call.optional('max') ?? 50)
  const events = call.world.tasks
    .list()
    .filter(({ parts }) => seesAll || parts.user === call.identity.name)
    .flatMap(eventsOf)
    .sort((one, other) => other.time - one.time)
  return events.slice(0, most).map(({ time, task, msg, pri }, index) => {
    const { node, pid, user } = task.parts
    const uid = String(events.length - index)
    return { uid, time, msg, node, pid, pri, tag: 'pvedaemon', user, id: `${uid}:${node}` }
  })
}
