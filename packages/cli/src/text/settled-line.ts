// Formats the line of a finished step. Steps that never started get no line; the report mentions them.
import type { Outcome } from '@pve-provision/core'
import { durationText } from '@pve-provision/core/text'
import { stderrTerminal } from './terminal.ts'
import { wrap } from './wrap.ts'

const { paint } = stderrTerminal

export function settledLine({ step, status, ms, error }: Outcome, wasStarted: boolean): string | undefined {
  if (status === 'done') return `${paint.green('✓')} ${step.id} ${paint.dim(durationText(ms))}`
  if (!wasStarted) return undefined
  if (status === 'cancelled') return `${paint.yellow('-')} ${step.id}: cancelled`
  if (status !== 'failed') return undefined
  const [sentence = ''] = error?.message.split('\n') ?? []
  const [first = '', ...rest] = wrap(`${step.id}: ${sentence}`, stderrTerminal.columns - 2)
  return [`${paint.red('✗')} ${first}`, ...rest.map((line) => `  ${line}`)].join('\n')
}
