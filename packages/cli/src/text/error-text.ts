// Formats an error for people: the sentence, then what to do.
import type { ProvisionError } from '@pve-provision/core'
import { bugReport } from './bug-report.ts'
import { hintLines } from './copyable.ts'
import { stderrTerminal } from './terminal.ts'
import { hanging } from './wrap.ts'

export function errorText({ code, message, hint, cause }: ProvisionError): string {
  if (code === 'UNEXPECTED') return `This is a bug in pve-provision: ${message}\n${bugReport(cause)}`
  const sentence = code === 'MANIFEST' || code === 'USAGE' ? message : `${message} [${code}]`
  const { columns } = stderrTerminal
  return `${[...sentence.split('\n').flatMap((line) => hanging(line, columns)), ...hintLines(hint, columns)].join('\n')}\n`
}
