// A machine's first boot as we write it, and the parts of cloud-init's interpretation that matter for a comparison.
import { encrypt, verify } from 'unixcrypt'
import type { Machine } from '../../src/manifest/manifest.ts'
import { macsOf } from '../../src/plan/first-boot/macs.ts'
import { type SeedDocuments, seedDocuments } from '../../src/plan/first-boot/seed-documents.ts'
import type { Account, Understood } from './cloud-init.ts'
import { desiredState } from './given.ts'

export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC'
export const OTHER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHr2nGgq3rwpB2qFCRp7DFl1rh5iWvCDJHtFTd3ISzZ8'
export const DNS = 'dns: { servers: [10.0.0.53], domain: lab.example }'

export interface Prepared {
  readonly machine: Machine
  readonly ours: SeedDocuments
}

/** Returns a machine with this many cards, and the documents that we would write for it. */
export function prepare(cloudInit: string, name = 'web', cards = 1): Prepared {
  const networks = Array.from({ length: cards }, (_, index) => `{ bridge: vmbr0, mac: "BC:24:11:00:00:0${index}" }`)
  const [machine] = desiredState(
    `vms: { "${name}": { network: [${networks.join(', ')}], cloudInit: { ${cloudInit} } } }`,
  ).machines
  if (machine === undefined) throw new Error('no machine')
  return { machine, ours: documentsOf(machine) }
}

export function documentsOf(machine: Machine): SeedDocuments {
  const options = { project: 'lab', macs: macsOf(machine, { project: 'lab' }) }
  return seedDocuments(machine, options, (text, salt) => encrypt(text, `$6$${salt}`))
}

/** Removes what always differs: the instance, and hashes, which are compared with the plain password. */
export function meaning(understood: Understood, plain?: string) {
  const { hostname, hosts, upgrade, accounts, network, rest, parts } = understood
  const known = Object.entries(accounts).map(([name, account]) => [name, plainAccount(account, plain)] as const)
  return { hostname, hosts, upgrade, accounts: Object.fromEntries(known), network, rest, parts }
}

function plainAccount({ password, ...account }: Account, plain: string | undefined) {
  const isIt = password?.hashed === true && plain !== undefined && verifies(plain, password.text)
  // A comment after a key is a comment, whether YAML removes it or not.
  const keys = account.keys.map((key) => key.split(' #', 1)[0])
  return { ...account, keys, password: isIt ? 'as declared' : (password?.text ?? null) }
}

function verifies(plain: string, hash: string): boolean {
  return /^\$[56]\$/.test(hash) && verify(plain, hash)
}
