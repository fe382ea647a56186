// A plan as a person reads it: what changes first, then what stays.
import { changesIn, type Plan, type Step } from '@pve-provision/core'
import { paint } from './paint.ts'

const VERB: Record<Step['kind'], string> = {
  resolve: 'find',
  download: 'download',
  convert: 'convert',
  pull: 'pull',
  upload: 'upload',
  stream: 'stream',
  template: 'make template',
  seed: 'write seed',
  create: 'create',
  update: 'update',
  start: 'start',
  wait: 'wait for',
  destroy: 'destroy',
  'remove-volume': 'remove',
}

export function planText(plan: Plan): string {
  const running = plan.steps.filter(({ action }) => action === 'run')
  const kept = plan.steps.length - running.length
  const lines = running.map(stepLine)
  if (running.length === 0) lines.push('Nothing to do: everything is as declared.')
  else lines.push('', `${changesIn(plan)} steps to run, ${kept} to keep.`)
  return `${[...lines, ...plan.notes.map((note) => `${paint.dim('note')} ${note}`)].join('\n')}\n`
}

function stepLine(step: Step): string {
  const sign = step.problem ? paint.red('✗') : step.kind === 'destroy' ? paint.red('-') : step.kind === 'update' ? paint.yellow('~') : paint.green('+')
  const subject = step.id.slice(step.id.indexOf(':') + 1)
  const reason = step.problem ? step.problem.message : step.why
  return `${sign} ${VERB[step.kind].padEnd(13)} ${subject.padEnd(28)} ${paint.dim(reason)}`
}
