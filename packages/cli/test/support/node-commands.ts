// Simulates commands on a node (pvesm, pveum, pvesh, pvenode) and in a machine (ssh), for documents that are played.
// Each command becomes the API call that Proxmox's own command makes.
import type { Simulator } from '@pve-provision/simulator'
import { type Hands, handsAt } from './hands.ts'

export interface NodeCommands {
  /** Returns what the command prints. Throws an error if the real command would fail. */
  run(words: readonly string[]): Promise<string>
  close(): void
}

type Options = Readonly<Record<string, string>>

export function nodeCommands(simulator: Simulator, node = 'pve1'): NodeCommands {
  const { endpoint, fingerprint, tokenId, tokenSecret } = simulator
  const hands = handsAt({
    environment: {
      PVE_ENDPOINT: endpoint,
      PVE_TOKEN_ID: tokenId,
      PVE_TOKEN_SECRET: tokenSecret,
      PVE_FINGERPRINT: fingerprint,
      PVE_PROVISION_CACHE: '/nonexistent',
    },
  })
  return {
    async run([program = '', ...words]) {
      const { names, options } = read(words)
      if (program === 'ssh') return logIn(simulator, names)
      if (program === 'pvenode') return certificates(fingerprint)
      const line = [program, ...names].join(' ')
      for (const [beginning, act] of Object.entries(COMMANDS)) {
        if (line === beginning || line.startsWith(`${beginning} `)) {
          const rest = names.slice(beginning.split(' ').length - 1)
          return act(hands, { node, names: rest, options })
        }
      }
      throw new Error(`nothing here plays: ${line}`)
    },
    close: () => hands.close(),
  }
}

interface Given {
  readonly node: string
  readonly names: readonly string[]
  readonly options: Options
}

const COMMANDS: Readonly<Record<string, (hands: Hands, given: Given) => Promise<string>>> = {
  'pvesm status': async (hands, { node }) => {
    const rows = await hands.call<readonly { storage: string; type: string; active: number }[]>(
      'GET',
      `/nodes/${node}/storage`,
    )
    const lines = rows.map(({ storage, type, active }) => [storage, type, active ? 'active' : 'inactive'])
    return [['Name', 'Type', 'Status'], ...lines].map((row) => row.map((cell) => cell.padEnd(10)).join('')).join('\n')
  },
  'pvesm set': async (hands, { names: [storage], options }) => {
    await hands.call('PUT', `/storage/${storage}`, options)
    return ''
  },
  'pvesh create': async (hands, { names: [path = ''], options }) => {
    await hands.call('POST', path, options)
    return ''
  },
  'qm create': async (hands, { node, names: [vmid], options }) => {
    await hands.call('POST', `/nodes/${node}/qemu`, { vmid, ...options })
    return ''
  },
  'pveum role add': async (hands, { names: [roleid], options }) => {
    await hands.call('POST', '/access/roles', { roleid, ...options })
    return ''
  },
  'pveum user add': async (hands, { names: [userid] }) => {
    await hands.call('POST', '/access/users', { userid })
    return ''
  },
  'pveum user token add': async (hands, { names: [user, name], options }) => {
    const { value } = await hands.call<{ value: string }>('POST', `/access/users/${user}/token/${name}`, options)
    return keyTable({ 'full-tokenid': `${user}!${name}`, value })
  },
  'pveum user token remove': async (hands, { names: [user, name] }) => {
    await hands.call('DELETE', `/access/users/${user}/token/${name}`)
    return ''
  },
  'pveum acl modify': async (hands, { names: [path], options }) => {
    await hands.call('PUT', '/access/acl', { path, ...options })
    return ''
  },
}

/** Splits arguments into words without a dash, and options with their values. */
function read(words: readonly string[]): { readonly names: readonly string[]; readonly options: Options } {
  const names: string[] = []
  const options: Record<string, string> = {}
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (!word.startsWith('--')) names.push(word)
    else {
      options[word.slice(2)] = words[index + 1] ?? ''
      index += 1
    }
  }
  return { names, options }
}

function keyTable(rows: Readonly<Record<string, string>>): string {
  return Object.entries(rows)
    .map(([key, value]) => `${key.padEnd(13)} ${value}`)
    .join('\n')
}

/** Formats one table for each certificate, by file name: the CA's certificate and the node's own. */
function certificates(fingerprint: string): string {
  const authority = Array.from({ length: 32 }, () => '00').join(':')
  return [
    ['filename     pve-root-ca.pem', `fingerprint  ${authority}`],
    ['filename     pve-ssl.pem', `fingerprint  ${fingerprint}`],
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** `ssh USER@ADDRESS COMMAND`: for a running machine that got this address, this user and a key at its first boot. */
function logIn(simulator: Simulator, [target = '', ...command]: readonly string[]): string {
  const [user = '', address = ''] = target.split('@')
  const inside = simulator.world.machines
    .all()
    .map(({ vmid }) => simulator.guest(vmid))
    .find(({ isRunning, documents }) => isRunning && documents?.network?.includes(address))
  if (inside === undefined) throw new Error(`ssh: connect to host ${address} port 22: No route to host`)
  const { user: known, ssh_authorized_keys: keys } = inside.cloudConfig ?? {}
  const name = typeof known === 'string' ? known : (known as { readonly name?: string } | undefined)?.name
  if (name !== user || !Array.isArray(keys) || keys.length === 0)
    throw new Error(`${target}: Permission denied (publickey).`)
  if (command.join(' ') !== 'hostname') throw new Error(`nothing here plays: ${command.join(' ')}`)
  return inside.hostName ?? ''
}
