// An error as a person reads it: the sentence, then what to do.
import type { ProvisionError } from '@pve-provision/core'

export function errorText({ code, message, hint, cause }: ProvisionError): string {
  const lines = [code === 'MANIFEST' ? message : `${message} [${code}]`]
  if (hint) lines.push(`  → ${hint}`)
  if (code === 'UNEXPECTED' && cause instanceof Error && cause.stack) lines.push(cause.stack)
  return `${lines.join('\n')}\n`
}
