// Follows the log of a running task: its percentage, and how long it has logged nothing.
import { ProvisionError } from '../../../errors.ts'
import type { Clock } from '../../world.ts'
import type { Request } from '../call/engine.ts'
import { describeTask, taskPath, type Upid } from '../ids.ts'
import type { TaskOptions } from '../pve.ts'
import { percentOf, tryReadTaskLog } from './task-log.ts'

const percentEveryMs = 1_500
const silenceEveryMs = 60_000
/** A task may copy for a long time without logging. After `told` it is reported once; after `last` the wait ends. */
const silenceMs = { told: 10 * 60_000, last: 60 * 60_000 }

export interface Watched {
  readonly request: Request
  readonly clock: Clock
  readonly upid: Upid
  readonly options: TaskOptions
}

/**
 * Returns a function that reads new log lines from time to time: often with `onPercent`, else once a minute.
 * @throws ProvisionError `TASK` (problem `still-running`) if the task has logged nothing for an hour
 */
export function watchTaskLog({ request, clock, upid, options }: Watched): () => Promise<void> {
  const { onPercent, onSilence, signal } = options
  const everyMs = onPercent ? percentEveryMs : silenceEveryMs
  let readMs = clock.now()
  let newsMs = readMs
  let linesRead = 0
  let isTold = false
  return async () => {
    if (clock.now() - readMs < everyMs) return
    readMs = clock.now()
    const lines = await tryReadTaskLog(request, taskPath(upid), { start: linesRead, limit: 1_000, signal })
    // If the log cannot be read, the task does not count as silent.
    if (lines === undefined || lines.length > 0) newsMs = clock.now()
    linesRead += lines?.length ?? 0
    const percent = percentOf(lines ?? [])
    if (percent !== undefined) onPercent?.(percent)
    const silentMs = clock.now() - newsMs
    if (silentMs >= silenceMs.last) throw stillRunning(upid, silentMs)
    if (silentMs >= silenceMs.told && !isTold) onSilence?.(sentenceAbout(upid, silentMs))
    isTold = silentMs >= silenceMs.told
  }
}

function sentenceAbout(upid: Upid, silentMs: number): string {
  return `${describeTask(upid)} is running but has logged nothing for ${Math.round(silentMs / 60_000)} min (${upid.upid}).`
}

function stillRunning(upid: Upid, silentMs: number): ProvisionError {
  const { node, type, id } = upid
  return new ProvisionError('TASK', `${sentenceAbout(upid, silentMs)} The run no longer waits for it.`, {
    hint: `Find out why it hangs on ${node}, or stop it there: pvesh delete '/nodes/${node}/tasks/${upid.upid}'. The next run waits for it or continues from there.`,
    details: { upid: upid.upid, node, type, id, problem: 'still-running' },
  })
}
