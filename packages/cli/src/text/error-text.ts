// An error as a person reads it: the sentence, then what to do.
import type { ProvisionError } from '@pve-provision/core'
import { bugReport } from './bug-report.ts'

export function errorText({ code, message, hint, cause }: ProvisionError): string {
  if (code === 'UNEXPECTED') return `This is a bug in pve-provision: ${message}\n${bugReport(cause)}`
  return `${[code === 'MANIFEST' ? message : `${message} [${code}]`, ...hintLines(hint)].join('\n')}\n`
}

/** Several lines of a hint are mostly commands: each on a line of its own, to be copied. */
export function hintLines(hint: string | undefined): string[] {
  return hint === undefined ? [] : hint.split('\n').map((line, index) => `${index === 0 ? '  →' : '   '} ${line}`)
}
