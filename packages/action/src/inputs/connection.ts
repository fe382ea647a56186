// Reads the connection to Proxmox (endpoints, token, certificate) from the inputs, or from environment variables.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CONTACTS_NOBODY, type Mode } from './mode.ts'
import { parseNames } from './parse.ts'
import type { Reader } from './reader.ts'

export interface Connection {
  /** Empty in a mode that does not use Proxmox. */
  readonly endpoints: readonly URL[]
  readonly tokenId: string
  readonly tokenSecret: string
  readonly trust: { readonly fingerprint?: string; readonly ca?: string }
}

interface Given {
  readonly mode: Mode
  /** Base folder for the path of a CA file. */
  readonly folder: string
  readonly faults: string[]
}

/** Reads the connection. In a mode that does not use Proxmox, it is empty. */
export function readConnection(read: Reader, { mode, folder, faults }: Given): Connection {
  if (CONTACTS_NOBODY.includes(mode)) return { endpoints: [], tokenId: '', tokenSecret: '', trust: {} }
  return { endpoints: readEndpoints(read, faults), ...readToken(read, faults), trust: readTrust(read, folder, faults) }
}

function readEndpoints(read: Reader, faults: string[]): readonly URL[] {
  const parts = parseNames(read.withFallback('endpoint', 'PVE_ENDPOINT'))
  if (parts.length === 0) faults.push('`endpoint` is missing: set the input or the variable PVE_ENDPOINT.')
  return parts.flatMap((part) => endpointOf(part, faults))
}

const GIVE = {
  inputs: (input: string) => `set the input \`${input}\` too; both must come from the same place.`,
  environment: (input: string, variable: string) => `set the input \`${input}\` or the variable ${variable}.`,
}

const NO_SECRETS =
  'GitHub passes no secrets to runs for pull requests from forks, and only Dependabot secrets to Dependabot: use `mode: validate` there, which needs none.'

/**
 * Reads both values from the inputs or both from the environment. A mix could form a token that the user did not mean.
 */
function readToken(read: Reader, faults: string[]): Pick<Connection, 'tokenId' | 'tokenSecret'> {
  const inputs = { tokenId: read.text('token-id'), tokenSecret: read.text('token-secret') }
  const isGiven = inputs.tokenId !== '' || inputs.tokenSecret !== ''
  const variables = { tokenId: read.variable('PVE_TOKEN_ID'), tokenSecret: read.variable('PVE_TOKEN_SECRET') }
  const give = GIVE[isGiven ? 'inputs' : 'environment']
  const token = isGiven ? inputs : variables
  if (token.tokenId === '') faults.push(`\`token-id\` is missing: ${give('token-id', 'PVE_TOKEN_ID')}`)
  if (token.tokenSecret === '')
    faults.push(`\`token-secret\` is missing: ${give('token-secret', 'PVE_TOKEN_SECRET')} ${NO_SECRETS}`)
  return token
}

function readTrust(read: Reader, folder: string, faults: string[]): Connection['trust'] {
  // If an input is set, the environment is ignored, because the two could contradict each other.
  const given = read.text('fingerprint') !== '' || read.text('ca') !== ''
  const fingerprint = given ? read.text('fingerprint') : read.variable('PVE_FINGERPRINT')
  const ca = given ? read.text('ca') : read.variable('PVE_CA')
  if (fingerprint !== '' && ca !== '')
    faults.push('`fingerprint` and `ca` cannot be used together: remove one of them.')
  return { ...(fingerprint !== '' && { fingerprint }), ...(ca !== '' && { ca: pemOf(ca, folder, faults) }) }
}

function endpointOf(text: string, faults: string[]): readonly URL[] {
  const url = URL.parse(text)
  // The message does not contain the text, which may include a password.
  if (url && (url.username !== '' || url.password !== ''))
    faults.push('`endpoint` must not contain a user or password.')
  else if (url?.protocol === 'https:') return [url]
  else faults.push(`\`endpoint\` must be like https://host:8006, not \`${text}\`.`)
  return []
}

function pemOf(text: string, folder: string, faults: string[]): string {
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  try {
    return readFileSync(resolve(folder, text), 'utf8')
  } catch {
    faults.push('`ca` is neither a PEM text nor the path of a file that can be read.')
    return ''
  }
}
