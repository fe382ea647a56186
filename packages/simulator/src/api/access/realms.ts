// Realms (pve-access-control `API2/Domains.pm`). Only the two that every installation has.
import { createHash } from 'node:crypto'
import { failure } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'

export const realmEndpoints: readonly Endpoint[] = [
  { path: '/access/domains', method: 'GET', handle: realms },
  { path: '/access/domains/{realm}', method: 'GET', handle: realm },
]

const builtIn = new Map([
  ['pam', { type: 'pam', comment: 'Linux PAM standard authentication' }],
  ['pve', { type: 'pve', comment: 'Proxmox VE authentication server' }],
])

export const isRealm = (_: Call, name: string): boolean => builtIn.has(name)

export const typeOfRealm = (_: Call, name: string): string => builtIn.get(name)?.type ?? ''

function realms(): readonly Record<string, string>[] {
  return [...builtIn].map(([name, { type, comment }]) => ({ realm: name, type, comment }))
}

/** Without custom realms, there is no file, so this is the digest of an empty text. */
const digest = createHash('sha1').update('').digest('hex')

function realm(call: Call): Record<string, string> {
  const name = call.text('realm')
  const known = builtIn.get(name)
  if (known === undefined) throw failure(`domain '${name}' does not exist`)
  return { ...known, ...(name === 'pam' && { plugin: 'PVE::Auth::PAM' }), digest }
}
