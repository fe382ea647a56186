// Shows a run in the log: the plan in a group, a line for each step at its start and end, and progress from time to
// time.
import type { Listener, Outcome, Plan, Progress, Step } from '@pve-provision/core'
import { stepCounts } from '@pve-provision/core/advanced'
import { bytesText, countText, createRolloutWatch, durationText } from '@pve-provision/core/text'
import { debug, group, say, warning } from './log.ts'

const PROGRESS_EVERY_MS = 5_000

export function showPlan(plan: Plan): void {
  const { changes, impossible } = stepCounts(plan)
  const lines = plan.steps.map(
    ({ id, action, why, problem }) =>
      `${action === 'keep' ? '=' : problem ? '✗' : '+'} ${id}: ${problem ? problem.message : why}`,
  )
  const cannot = impossible === 0 ? '' : `, ${impossible} that cannot be done`
  group(
    changes + impossible === 0 ? 'Plan: nothing to do' : `Plan: ${countText(changes, 'step')} to do${cannot}`,
    lines,
  )
  for (const note of plan.notes) say(`Note: ${note}`)
}

/** Creates a listener that writes to the log. `now` is used only to limit progress lines. */
export function showEvents(now: () => number): Listener {
  const lastMs = new Map<string, number>()
  const rollouts = createRolloutWatch()
  return (event) => {
    const batch = rollouts.follow(event, now())
    if (batch !== undefined) say(`▸ ${batch}`)
    if (event.type === 'started' && event.step.action === 'run') say(`▸ ${event.step.id}: ${event.step.why}`)
    if (event.type === 'settled') showOutcome(event.outcome)
    if (event.type === 'stage') debug(`${event.step.id}: ${event.stage}`)
    if (event.type === 'note')
      showNote(event.level, event.step === undefined ? event.message : `${event.step.id}: ${event.message}`)
    if (event.type === 'progress') {
      const atMs = now()
      if (atMs - (lastMs.get(event.step.id) ?? atMs - PROGRESS_EVERY_MS + 1000) < PROGRESS_EVERY_MS) return
      lastMs.set(event.step.id, atMs)
      say(`… ${progressText(event.step, event.progress)}`)
    }
  }
}

function showNote(level: 'debug' | 'info' | 'warning', text: string): void {
  if (level === 'debug') debug(text)
  else if (level === 'info') say(`  ${text}`)
  else warning(text)
}

function showOutcome({ step, status, ms, error, by, result }: Outcome): void {
  for (const sentence of result?.warnings ?? []) warning(sentence, step.id)
  if (status === 'kept') return
  if (status === 'done') say(`✓ ${step.id} in ${durationText(ms)}`)
  else if (status === 'blocked') say(`✗ ${step.id} is blocked: ${by} failed`)
  else say(`✗ ${step.id} ${status}${error ? `: ${error.message}` : ''}`)
}

function progressText({ id }: Step, { done, total, unit, what }: Progress): string {
  const amount = unit === 'percent' ? `${Math.round(done)} %` : bytesText(done)
  const whole = unit === 'bytes' && total !== undefined ? ` of ${bytesText(total)}` : ''
  return `${id}: ${what ? `${what} ` : ''}${amount}${whole}`
}
