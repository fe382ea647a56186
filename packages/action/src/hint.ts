// Returns the hint of an error with the inputs of the action that it is about.
import type { ProvisionError } from '@pve-provision/core'

/** The library names settings by the variables that the command line reads. */
const INPUTS = {
  PVE_ENDPOINT: 'endpoint',
  PVE_TOKEN_ID: 'token-id',
  PVE_TOKEN_SECRET: 'token-secret',
  PVE_FINGERPRINT: 'fingerprint',
  PVE_CA: 'ca',
}

/** Errors about the connection. Errors about inputs name the inputs themselves. */
const CODES: ReadonlySet<ProvisionError['code']> = new Set(['TLS', 'UNREACHABLE', 'AUTHENTICATION'])

/** Returns an empty text if there is no hint. */
export function hintOf({ code, message, hint = '' }: ProvisionError): string {
  const named = CODES.has(code) ? Object.entries(INPUTS).filter(([name]) => isNamed(name, `${message} ${hint}`)) : []
  if (named.length === 0) return hint
  const inputs = named.map(([name, input]) => `${name} is the input \`${input}\``).join(', ')
  return `${hint}${hint === '' || hint.endsWith('.') ? '' : '.'} (${inputs}.)`.trim()
}

function isNamed(name: string, text: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text)
}
