// Formats the findings of `doctor`.
import type { DoctorFinding } from '@pve-provision/core/advanced'
import { copyable } from '../text/copyable.ts'
import type { Terminal } from '../text/terminal.ts'
import { wrap } from '../text/wrap.ts'

export type Finding = DoctorFinding

/** Adds the manifest of this call to the commands in a finding. */
export function copyableFinding({ remedy, ...finding }: Finding): Finding {
  return { ...finding, ...(remedy && { remedy: remedy.map((line) => copyable(line)) }) }
}

export function findingsText(findings: readonly Finding[], terminal: Terminal): string {
  const wrong = findings.filter(({ ok }) => !ok).length
  const width = Math.max(...findings.map(({ name }) => name.length))
  const closing =
    wrong === 0 ? 'No problems found.' : `${wrong} of ${findings.length} ${wrong === 1 ? 'needs' : 'need'} attention.`
  return `${[...findings.flatMap((finding) => findingLines(finding, width, terminal)), '', closing].join('\n')}\n`
}

/** If the terminal leaves less width than this, the message is below the name. */
const NARROWEST_MESSAGE = 30

function findingLines(
  { name, ok, message, remedy = [] }: Finding,
  width: number,
  { columns, paint }: Terminal,
): string[] {
  const isBeside = columns - width - 4 >= NARROWEST_MESSAGE
  const indent = ' '.repeat(isBeside ? width + 4 : 4)
  const lines = message.split('\n').flatMap((line) => wrap(line, columns - indent.length))
  const [first = '', ...rest] = isBeside ? lines : ['', ...lines]
  // Commands are never wrapped, so that they can be copied.
  return [
    `${ok ? paint.green('✓') : paint.red('✗')} ${name.padEnd(width)}  ${first}`.trimEnd(),
    ...rest.map((line) => `${indent}${line}`),
    ...remedy.flatMap((text) => text.split('\n')).map((line, index) => `${index === 0 ? '    →' : '     '} ${line}`),
  ]
}
