// One line for a step that has settled.
import { durationText, type Outcome } from '@pve-provision/core'
import { wordsPaper } from './paper.ts'

const { paint } = wordsPaper

export function settledLine({ step, status, ms, error, by }: Outcome): string {
  if (status === 'done') return `${paint.green('✓')} ${step.id} ${paint.dim(durationText(ms))}`
  if (status === 'blocked') return `${paint.yellow('-')} ${step.id}: blocked by ${by}`
  if (status === 'cancelled') return `${paint.yellow('-')} ${step.id}: cancelled${error ? `: ${error.message}` : ''}`
  return `${paint.red('✗')} ${step.id}: ${error?.message}`
}
