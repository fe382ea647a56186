// Who holds a vmid: nobody, this project's guest, somebody else's, or a guest that is still being made.
import { ProvisionError } from '../errors.ts'
import { readConfig } from '../facts/observe-guests.ts'
import { type Marker, readMarker } from '../facts/marker.ts'
import type { World } from '../ports/world.ts'

export type Look =
  | { readonly state: 'free' }
  | { readonly state: 'ours'; readonly node: string; readonly config: Readonly<Record<string, unknown>> }
  | { readonly state: 'foreign'; readonly node?: string }
  | { readonly state: 'in flight'; readonly node?: string; readonly lock: string }

/** What a guest must be called to be the one that is looked for. */
export type Identity = Pick<Marker, 'project' | 'name' | 'kind'>

/**
 * Looks where a vmid is and whose. The cluster's listing comes first: asking the wrong node says "does not exist".
 * A token that is confined to a pool cannot see a guest in flight at all (403), as it joins the pool at the end.
 */
export async function lookAtGuest(vmid: number, identity: Identity, world: World): Promise<Look> {
  const node = await nodeOf(vmid, world)
  if (node === undefined) return { state: 'free' }
  try {
    const config = await readConfig({ vmid, node }, world.pve)
    return config === undefined ? { state: 'free' } : judge(config, node, identity)
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code === 'PERMISSION') return { state: 'in flight', node, lock: 'unseen' }
    throw thrown
  }
}

function judge(config: Readonly<Record<string, unknown>>, node: string, identity: Identity): Look {
  const { lock, description } = config
  const marker = readMarker(description)
  const ours = marker !== undefined && isSame(marker, identity)
  if (typeof lock === 'string' && isBeingMade(lock) && (ours || marker === undefined)) return { state: 'in flight', node, lock }
  return ours ? { state: 'ours', node, config } : { state: 'foreign', node }
}

/** `lock: create` and nothing else while Proxmox imports; `lock: clone` while it copies disks (pve-facts 2.13). */
function isBeingMade(lock: string): boolean {
  return lock === 'create' || lock === 'clone'
}

export function isSame(marker: Marker, { project, name, kind }: Identity): boolean {
  return marker.project === project && marker.name === name && marker.kind === kind
}

interface VmRow {
  readonly vmid?: number
  readonly node?: string
}

async function nodeOf(vmid: number, { pve }: World): Promise<string | undefined> {
  const rows = await pve.request<readonly VmRow[]>('GET', '/cluster/resources', { parameters: { type: 'vm' } })
  return rows.find((row) => row.vmid === vmid)?.node
}
