// Starting tasks of Proxmox: one that ended for what passes is started again, one whose reply was lost is looked for first.

import { ProvisionError } from '../../errors.ts'
import { api, type PveApi } from '../../ports/pve/api.ts'
import { isLostReply, isProblem } from '../../ports/pve/call/pve-problem.ts'
import { describeTask, parseUpid } from '../../ports/pve/ids.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

export interface TaskCall {
  /** The call that starts it; answers its UPID, or nothing where this version of Proxmox does it at once. */
  readonly start: (api: PveApi) => Promise<string | null>
  /** The guest it is for: after a lost reply its running tasks are waited for. */
  readonly guest?: GuestPlace | undefined
  /** It removes something: what goes away meanwhile is no reason to fail. */
  readonly removes?: boolean | undefined
  /** After a lost reply: whether the effect is there. Without it, a lost reply is thrown. */
  readonly isDone?: (() => Promise<boolean>) | undefined
  /** Gets the warnings of its log, in place of the report. */
  readonly onWarnings?: ((lines: readonly string[]) => void) | undefined
  /** How often a task that ended for what passes, such as a lock time-out, is started, in all. */
  readonly attempts?: number | undefined
}

const LOCK_ATTEMPTS = 6
const LOST_ATTEMPTS = 3
const PAUSE_MS = 1_000

/**
 * Starts a task and waits for its end; the warnings of its log go to the report.
 * @throws ProvisionError as the Proxmox port; `TASK` when it ends with an error
 */
export async function runTask(call: TaskCall, context: StepContext): Promise<void> {
  for (let attempt = 1, lost = 0; ; attempt += 1) {
    try {
      return await startAndWait(call, context)
    } catch (thrown) {
      if (isLostReply(thrown) && call.isDone !== undefined && lost < LOST_ATTEMPTS) {
        lost += 1
        if (await tookPlace(call, call.isDone, { thrown: thrown as ProvisionError, context })) return
        continue
      }
      const reason = passingReason(thrown, call)
      if (reason === undefined || attempt >= (call.attempts ?? LOCK_ATTEMPTS)) throw thrown
      context.onRetry({ reason, attempt, message: (thrown as ProvisionError).message })
      await context.world.clock.sleep(PAUSE_MS * attempt, context.signal)
    }
  }
}

/**
 * What is over when the task is started again. The removal of a template looks through all volumes for linked clones,
 * before it touches any, and fails over one that somebody removes meanwhile (seen on 8.4; 9.2 warns).
 */
function passingReason(thrown: unknown, { removes = false }: TaskCall): 'lock' | 'vanished' | undefined {
  if (isProblem(thrown, 'lock-timeout')) return 'lock'
  return removes && isProblem(thrown, 'vanished') ? 'vanished' : undefined
}

async function startAndWait({ start, onWarnings }: TaskCall, context: StepContext): Promise<void> {
  const { world, signal, onRetry, progress, note, warn } = context
  signal.throwIfAborted()
  // The call itself is not interrupted: it takes effect anyway, and only its answer tells which task then goes on.
  // Some calls are tasks in one version of Proxmox and synchronous in another.
  const upid = await start(
    api(world.pve, {
      onRetry(retry) {
        signal.throwIfAborted()
        onRetry(retry)
      },
    }),
  )
  if (!upid) return
  const onPercent = (done: number) => progress({ done, total: 100, unit: 'percent', what: upid })
  const onSilence = (sentence: string) => note('warning', sentence)
  const { warningLines } = await world.pve.waitForTask(upid, { signal, onPercent, onSilence })
  if (onWarnings !== undefined) onWarnings(warningLines)
  else for (const line of warningLines) warn(`${describeTask(parseUpid(upid))}: ${line}`)
}

async function tookPlace(
  { guest }: TaskCall,
  isDone: () => Promise<boolean>,
  { thrown, context }: { readonly thrown: ProvisionError; readonly context: StepContext },
): Promise<boolean> {
  const { world, signal, note } = context
  note('debug', `${thrown.message} Looking whether it took place.`)
  await world.clock.sleep(PAUSE_MS, signal)
  if (guest !== undefined) await waitForOwnTasks(guest, context)
  return isDone()
}

/** The call may have started its task: those that run for the same guest are waited for, whatever their end. */
async function waitForOwnTasks({ node, vmid }: GuestPlace, context: StepContext): Promise<void> {
  const { world, signal } = context
  const running = await listOwnRunningTasks(world.pve, { nodes: [node], identity: world.pve.identity, signal })
  for (const { upid } of running.filter(({ id }) => id === String(vmid))) await waitOut(upid, context)
}

/**
 * Waits for the end of a task, whatever it is: the caller looks afterwards.
 * @throws ProvisionError `TASK` (problem `still-running`) when there is no end to it
 */
export async function waitOut(upid: string, { world, signal, note }: StepContext): Promise<void> {
  try {
    await world.pve.waitForTask(upid, { signal, onSilence: (sentence) => note('warning', sentence) })
  } catch (thrown) {
    if (!hasEnded(thrown)) throw thrown
  }
}

/** Whether the wait for a task ended because the task did, badly. */
export function hasEnded(thrown: unknown): boolean {
  if (!(thrown instanceof ProvisionError) || isProblem(thrown, 'still-running')) return false
  return thrown.code === 'TASK' || thrown.code === 'PVE_BUSY'
}
