// An error as a person reads it: the sentence, then what to do.
import type { ProvisionError } from '@pve-provision/core'
import { bugReport } from './bug-report.ts'
import { stderrTerminal } from './terminal.ts'
import { hanging } from './wrap.ts'

export function errorText({ code, message, hint, cause }: ProvisionError): string {
  if (code === 'UNEXPECTED') return `This is a bug in pve-provision: ${message}\n${bugReport(cause)}`
  const sentence = code === 'MANIFEST' || code === 'USAGE' ? message : `${message} [${code}]`
  const { columns } = stderrTerminal
  return `${[...sentence.split('\n').flatMap((line) => hanging(line, columns)), ...hintLines(hint, columns)].join('\n')}\n`
}

/** Several lines are mostly commands, each on a line of its own and whole, to be copied; one line is a sentence. */
export function hintLines(hint: string | undefined, columns: number): string[] {
  if (hint === undefined) return []
  const lines = hint.split('\n')
  if (lines.length === 1) return hanging(`  → ${hint}`, columns, 4)
  return lines.map((line, index) => `${index === 0 ? '  →' : '   '} ${line}`)
}
