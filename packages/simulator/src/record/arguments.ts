// The arguments of `pve-simulator record`.
import { parseArgs } from 'node:util'
import type { Target } from './client.ts'

export const recordUsage = `Usage: pve-simulator record --endpoint URL --out FILE [options]

Asks a real Proxmox VE server what pve-provision asks of one, and writes its answers for \`check:replay\`. Nothing is changed
unless --write-pool is given. Secrets, names, addresses and what belongs to others are not written.

  --endpoint URL       https://HOST:8006
  --out FILE           where the recording goes; it is replaced
  --fingerprint SHA256 of the server's certificate, where no known authority has signed it
  --node NAME          the node to ask (default: the first)
  --storage NAME       the storage to ask about, and where disks are made (default: the first that holds images)
  --bridge NAME        for cards of new machines (default vmbr0)
  --write-pool NAME    make, change, clone and remove two machines in a pool of this name, which must not exist yet
  --vmids FROM         the first of two free machine ids for that (default 990000)
  --help

The token comes from the environment: PVE_TOKEN_ID (user@realm!name) and PVE_TOKEN_SECRET.
`

export interface RecordOptions {
  readonly target: Target
  readonly out: string
  readonly node?: string | undefined
  readonly storage?: string | undefined
  readonly bridge: string
  readonly writePool?: string | undefined
  readonly firstVmid: number
}

const choices = {
  endpoint: { type: 'string' },
  out: { type: 'string' },
  fingerprint: { type: 'string' },
  node: { type: 'string' },
  storage: { type: 'string' },
  bridge: { type: 'string', default: 'vmbr0' },
  'write-pool': { type: 'string' },
  vmids: { type: 'string', default: '990000' },
  help: { type: 'boolean', default: false },
} as const

/**
 * @returns undefined if only the help was requested
 * @throws a sentence for a missing or invalid argument
 */
export function readRecordOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): RecordOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: choices, allowPositionals: false })
  if (values.help) return undefined
  const { PVE_TOKEN_ID: tokenId, PVE_TOKEN_SECRET: tokenSecret } = environment
  if (values.endpoint === undefined || values.out === undefined) throw new Error('--endpoint and --out are needed')
  if (!tokenId || !tokenSecret) throw new Error('PVE_TOKEN_ID and PVE_TOKEN_SECRET are not set')
  const endpoint = new URL(values.endpoint)
  if (endpoint.protocol !== 'https:') throw new Error('--endpoint must begin with https://')
  const firstVmid = Number(values.vmids)
  if (!Number.isInteger(firstVmid) || firstVmid < 100) throw new Error('--vmids must be a machine id from 100 up')
  return {
    target: { endpoint, fingerprint: values.fingerprint, tokenId, tokenSecret },
    out: values.out,
    node: values.node,
    storage: values.storage,
    bridge: values.bridge,
    writePool: values['write-pool'],
    firstVmid,
  }
}
