// Waits for tasks of Proxmox on the node that the UPID names. If a task fails, its error contains the end of the log.
import { ProvisionError } from '../../../errors.ts'
import { cleanText } from '../../../foreign-text.ts'
import type { Clock } from '../../world.ts'
import { problemOf } from '../call/answer-texts.ts'
import type { Request } from '../call/engine.ts'
import { describeTask, parseUpid, taskPath, type Upid } from '../ids.ts'
import type { TaskEnd, TaskOptions } from '../pve.ts'
import { reasonOf, taskOutcome, tryReadTaskLog, warningLinesOf } from './task-log.ts'
import { watchTaskLog } from './task-watch.ts'

export interface TaskSettings {
  readonly request: Request
  readonly clock: Clock
}

export type WaitForTask = (upid: string, options?: TaskOptions) => Promise<TaskEnd>

const firstDelayMs = 80
const shortestPauseMs = 100
const lastDelayMs = 2_000
/** Limit of the first pause, because a single task may be short. */
const longestFirstDelayMs = 1_000
const waitersAtFullPace = 8
/** How long a node may be unreachable before this stops waiting for its task. */
const patienceMs = 180_000

/**
 * Minimum duration of task types, as seen on servers. The first status call comes then. Other types may end at once.
 */
const usualMs: Readonly<Record<string, number>> = {
  download: 300,
  qmclone: 250,
  qmcreate: 250,
  qmdestroy: 250,
  qmmigrate: 1_000,
  qmshutdown: 1_000,
  qmstart: 500,
  qmstop: 500,
  qmtemplate: 200,
}

/** The time of the first status call for each task type and node, learned from tasks that ended. */
interface Expectations {
  firstDelayMs(upid: Upid): number
  /** Call this when a task has ended: with its age, and the number of status calls that found it running. */
  ended(upid: Upid, ageMs: number, looks: number): void
}

function createExpectations(): Expectations {
  const learned = new Map<string, number>()
  const keyOf = ({ node, type }: Upid) => `${node} ${type}`
  const expected = (upid: Upid) => learned.get(keyOf(upid)) ?? usualMs[upid.type] ?? firstDelayMs
  return {
    firstDelayMs(upid) {
      // Tasks that waited for each other's locks teach too long a duration for the last ones, which run alone.
      const mostMs = Math.min(2 * (usualMs[upid.type] ?? longestFirstDelayMs), longestFirstDelayMs)
      return Math.min(Math.max(expected(upid), firstDelayMs), mostMs)
    },
    ended(upid, ageMs, looks) {
      // A task that had ended at the first call may have ended long before.
      const seen = looks === 0 ? ageMs * 0.7 : ageMs * 0.9
      learned.set(keyOf(upid), (expected(upid) + seen) / 2)
    },
  }
}

/**
 * Returns the pause before the next status call: a sixth of the task's age, so a wait is at most a sixth too long.
 * It is longer if many tasks of one node are waited for, because its three daemons answer one call at a time each.
 */
export function pollDelayMs(ageMs: number, waiters: number): number {
  const delayMs = Math.min(Math.max(ageMs / 6, shortestPauseMs), lastDelayMs)
  return Math.round(delayMs * Math.max(1, waiters / waitersAtFullPace))
}

/**
 * Waits with one status call for each task, not with one list for each node. Proxmox updates its task list only when
 * the next task starts or when `pvestatd` runs, every ten seconds (PVE::RESTEnvironment `active_workers`). The status
 * call checks the process itself.
 */
export function createWaitForTask({ request, clock }: TaskSettings): WaitForTask {
  const waiters = new Map<string, number>()
  const expectations = createExpectations()
  const count = (node: string, by: number) => waiters.set(node, (waiters.get(node) ?? 0) + by)
  return async (text, options = {}) => {
    const upid = parseUpid(text)
    count(upid.node, 1)
    try {
      const exitStatus = await waitForEnd({
        request,
        clock,
        upid,
        options,
        expectations,
        waiters: () => waiters.get(upid.node) ?? 1,
      })
      return await endOf({ request, clock }, upid, exitStatus, options.signal)
    } catch (error) {
      throw options.signal?.aborted ? goesOn(upid, error) : whileWaiting(upid, error)
    } finally {
      count(upid.node, -1)
    }
  }
}

interface Wait extends TaskSettings {
  readonly upid: Upid
  readonly options: TaskOptions
  readonly waiters: () => number
  readonly expectations: Expectations
}

async function waitForEnd(wait: Wait): Promise<string> {
  const { clock, options, waiters, upid, expectations } = wait
  const startedMs = clock.now()
  const look = patiently(wait)
  const watchLog = watchTaskLog(wait)
  for (let looks = 0; ; looks += 1) {
    const ageMs = clock.now() - startedMs
    await clock.sleep(looks === 0 ? expectations.firstDelayMs(upid) : pollDelayMs(ageMs, waiters()), options.signal)
    const status = await look()
    if (status?.status === 'stopped') expectations.ended(upid, clock.now() - startedMs, looks)
    if (status?.status === 'stopped') return cleanText(status.exitstatus ?? 'unexpected status')
    if (status) await watchLog()
    else options.signal?.throwIfAborted()
  }
}

interface TaskStatus {
  readonly status?: 'running' | 'stopped'
  readonly exitstatus?: string
}

/**
 * Returns a function that reads the status. It returns undefined while the node is unreachable, up to the time limit.
 */
function patiently({ request, clock, upid, options }: Wait): () => Promise<TaskStatus | undefined> {
  let reachedMs = clock.now()
  return async () => {
    try {
      const status = await request('GET', `${taskPath(upid)}/status`, signalOf(options.signal))
      reachedMs = clock.now()
      return status as TaskStatus
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      const awayMs = clock.now() - reachedMs
      if (error.code === 'UNREACHABLE' && awayMs < patienceMs) return undefined
      throw error.code === 'UNREACHABLE' ? outOfReach(upid, awayMs, error) : error
    }
  }
}

async function endOf(
  { request }: TaskSettings,
  upid: Upid,
  exitStatus: string,
  signal?: AbortSignal,
): Promise<TaskEnd> {
  const outcome = taskOutcome(exitStatus)
  const end = { upid: upid.upid, node: upid.node }
  // Proxmox VE 8 reports a disk that it could not remove only in the log, and the task still ends with OK.
  if (outcome.kind === 'ok' && upid.type !== 'qmdestroy') return { ...end, warnings: 0, warningLines: [] }
  const log = (await tryReadTaskLog(request, taskPath(upid), { start: 0, limit: 0, signal })) ?? []
  const warningLines = warningLinesOf(log)
  if (outcome.kind === 'warnings') return { ...end, warnings: outcome.count, warningLines }
  if (outcome.kind === 'ok') return { ...end, warnings: warningLines.length, warningLines }
  // If a child process is still writing, Proxmox does not see the last line and reports `unexpected status`.
  if (exitStatus === 'unexpected status' && log.includes('TASK OK')) return { ...end, warnings: 0, warningLines: [] }
  throw taskError(upid, exitStatus, log)
}

function taskError(upid: Upid, exitStatus: string, log: readonly string[]): ProvisionError {
  // If qemu-img failed because the storage is full, only the log says so.
  const problem = [exitStatus, ...log.slice(-3)].map(problemOf).includes('no-space')
    ? 'no-space'
    : problemOf(exitStatus)
  const why = problem === 'no-space' ? 'no space is left on the storage: ' : ''
  const message = `${describeTask(upid)} failed: ${why}${reasonOf(exitStatus, log)}`
  const details = {
    upid: upid.upid,
    node: upid.node,
    type: upid.type,
    id: upid.id,
    exitStatus,
    problem,
    log: log.slice(-20),
  }
  const room =
    problem === 'no-space' ? 'Free space there: `pve-provision images prune` removes unused images and templates. ' : ''
  const hint = `${room}Full log: web interface → node ${upid.node} → Task History, or \`pvenode task log '${upid.upid}'\`.`
  if (problem === 'lock-timeout')
    return new ProvisionError('PVE_BUSY', message, { details: { ...details, failure: 'lock' }, hint })
  return new ProvisionError('TASK', message, { details, hint })
}

function goesOn(upid: Upid, cause: unknown): ProvisionError {
  return new ProvisionError(
    'CANCELLED',
    `Interrupted while waiting: ${describeTask(upid)} continues in Proxmox (${upid.upid}).`,
    {
      cause,
      hint: `Let it finish, or stop it: pvesh delete '/nodes/${upid.node}/tasks/${upid.upid}'. The next run finds it.`,
      details: { upid: upid.upid, node: upid.node, type: upid.type, id: upid.id },
    },
  )
}

/**
 * Adds context to an error that is not the task's own, such as a revoked token or a changed certificate. The task may
 * go on.
 */
function whileWaiting(upid: Upid, error: unknown): unknown {
  if (!(error instanceof ProvisionError) || error.details.upid !== undefined) return error
  return new ProvisionError(error.code, `${error.message} (while waiting for ${describeTask(upid)})`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...error.details, upid: upid.upid, node: upid.node },
  })
}

function outOfReach(upid: Upid, awayMs: number, cause: ProvisionError): ProvisionError {
  const message = `Node ${upid.node} has been unreachable for ${Math.round(awayMs / 1000)} s; the result of ${describeTask(upid)} is not known.`
  return new ProvisionError('UNREACHABLE', message, {
    cause,
    hint: 'Run again when the node is back: the next run checks the task first.',
    details: { upid: upid.upid, node: upid.node, type: upid.type, id: upid.id },
  })
}

function signalOf(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {}
}
