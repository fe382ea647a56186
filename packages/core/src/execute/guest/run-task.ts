// Starts tasks of Proxmox. A task that failed for a transient reason is started again. After a lost reply, it looks for
// the task first.

import { ProvisionError } from '../../errors.ts'
import { api, type PveApi } from '../../ports/pve/api.ts'
import { isLostReply, isProblem } from '../../ports/pve/call/pve-problem.ts'
import { describeTask, parseUpid } from '../../ports/pve/ids.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

export interface TaskCall {
  /** Starts the task. Returns its UPID, or null if this version of Proxmox does the work synchronously. */
  readonly start: (api: PveApi) => Promise<string | null>
  /** The guest of the task. After a lost reply, its running tasks are waited for. */
  readonly guest?: GuestPlace | undefined
  /** True if the task removes something. Then objects that vanish meanwhile are not a failure. */
  readonly removes?: boolean | undefined
  /** Checks after a lost reply if the effect happened. Without it, a lost reply is thrown. */
  readonly isDone?: (() => Promise<boolean>) | undefined
  /** Receives the warnings in the task's log, instead of the report. */
  readonly onWarnings?: ((lines: readonly string[]) => void) | undefined
  /** How often the task is started in total if it fails for a transient reason, such as a lock timeout. */
  readonly attempts?: number | undefined
}

const LOCK_ATTEMPTS = 6
const LOST_ATTEMPTS = 3
const PAUSE_MS = 1_000

/**
 * Starts a task and waits for its end. The warnings in its log are added to the report.
 * @throws ProvisionError as the Proxmox port; `TASK` if it ends with an error
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
 * Returns the reason if a second start can succeed. Before it removes a template, Proxmox searches all volumes for
 * linked clones, and fails if another user removes one of them meanwhile (seen on 8.4; 9.2 only warns).
 */
function passingReason(thrown: unknown, { removes = false }: TaskCall): 'lock' | 'vanished' | undefined {
  if (isProblem(thrown, 'lock-timeout')) return 'lock'
  return removes && isProblem(thrown, 'vanished') ? 'vanished' : undefined
}

async function startAndWait({ start, onWarnings }: TaskCall, context: StepContext): Promise<void> {
  const { world, signal, onRetry, progress, note, warn } = context
  signal.throwIfAborted()
  // The call itself is not aborted: it takes effect anyway, and only its answer names the task. Some calls are tasks in
  // one version of Proxmox and synchronous in another.
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
  note('debug', `${thrown.message} Checking whether it was done.`)
  await world.clock.sleep(PAUSE_MS, signal)
  if (guest !== undefined) await waitForOwnTasks(guest, context)
  return isDone()
}

/** The call may have started its task. Waits for all running tasks of this guest, whatever their result. */
async function waitForOwnTasks({ node, vmid }: GuestPlace, context: StepContext): Promise<void> {
  const { world, signal } = context
  const running = await listOwnRunningTasks(world.pve, { nodes: [node], identity: world.pve.identity, signal })
  for (const { upid } of running.filter(({ id }) => id === String(vmid))) await waitOut(upid, context)
}

/**
 * Waits for the end of a task, whatever its result. The caller checks the effect.
 * @throws ProvisionError `TASK` (problem `still-running`) if it does not end
 */
export async function waitOut(upid: string, { world, signal, note }: StepContext): Promise<void> {
  try {
    await world.pve.waitForTask(upid, { signal, onSilence: (sentence) => note('warning', sentence) })
  } catch (thrown) {
    if (!hasEnded(thrown)) throw thrown
  }
}

/** Returns true if the wait failed because the task itself failed. */
export function hasEnded(thrown: unknown): boolean {
  if (!(thrown instanceof ProvisionError) || isProblem(thrown, 'still-running')) return false
  return thrown.code === 'TASK' || thrown.code === 'PVE_BUSY'
}
