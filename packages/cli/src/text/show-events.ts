// Events as plain lines on standard error: one when a step starts, one when it has settled.
import type { ProvisionEvent } from '@pve-provision/core'
import { paint } from './paint.ts'
import { durationText } from './units.ts'

export interface ShowOptions {
  readonly quiet: boolean
  readonly verbose: boolean
}

export function showEvents({ quiet, verbose }: ShowOptions): { readonly onEvent: (event: ProvisionEvent) => void; readonly end: () => void } {
  const say = (line: string) => void process.stderr.write(`${line}\n`)
  return {
    end: () => {},
    onEvent(event) {
      if (event.type === 'note' && (verbose || event.level === 'warning')) say(`${event.level === 'warning' ? paint.yellow('warning') : event.level} ${event.message}`)
      if (quiet) return
      if (event.type === 'started') say(`${paint.dim('…')} ${event.step.id}`)
      if (event.type === 'settled' && event.outcome.status !== 'kept') say(settledLine(event.outcome))
    },
  }
}

function settledLine({ step, status, ms, error, by }: Extract<ProvisionEvent, { type: 'settled' }>['outcome']): string {
  if (status === 'done') return `${paint.green('✓')} ${step.id} ${paint.dim(durationText(ms))}`
  if (status === 'blocked') return `${paint.yellow('-')} ${step.id}: blocked by ${by}`
  if (status === 'cancelled') return `${paint.yellow('-')} ${step.id}: cancelled${error ? `: ${error.message}` : ''}`
  return `${paint.red('✗')} ${step.id}: ${error?.message}`
}
