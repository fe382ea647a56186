// Who holds a vmid: nobody, this project's guest, somebody else's, or a guest that is being made or removed.
import { ProvisionError } from '../../errors.ts'
import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import { readConfig } from '../../facts/cluster/observe-guests.ts'
import type { Config } from '../../plan/config/wanted-config.ts'
import type { GuestRow } from '../run-state.ts'
import type { StepContext } from '../step-context.ts'
import { listGuests } from './guest-listing.ts'

export type Look =
  /** No guest that we may see; a token confined to a pool sees none that is not in it, or not yet. */
  | { readonly state: 'unseen' }
  | { readonly state: 'ours'; readonly node: string; readonly config: Config }
  | { readonly state: 'foreign'; readonly node: string }
  | { readonly state: 'in flight'; readonly node: string; readonly lock: string; readonly ours: boolean }

/** What a guest must be called to be the one that is looked for. */
export type Identity = Pick<Marker, 'project' | 'name' | 'kind'>

/** Looks where a vmid is and whose. The listing comes first: asking the wrong node says "does not exist". */
export async function inspectGuest(vmid: number, identity: Identity, context: StepContext): Promise<Look> {
  const row = (await listGuests(context)).find((entry) => entry.vmid === vmid)
  if (row?.node === undefined) return { state: 'unseen' }
  if (row.type === 'lxc') return { state: 'foreign', node: row.node }
  try {
    const config = await readConfig({ vmid, node: row.node }, context.world.pve, context.signal)
    return config === undefined ? { state: 'unseen' } : judge(config, { vmid, node: row.node }, identity)
  } catch (thrown) {
    if (thrown instanceof ProvisionError && isSurelyForeign(thrown, row, identity))
      return { state: 'foreign', node: row.node }
    throw thrown
  }
}

/** What may not be read is not ours; what cannot be read now is not ours if it is called otherwise. */
function isSurelyForeign({ code }: ProvisionError, { name }: GuestRow, identity: Identity): boolean {
  return code === 'PERMISSION' || (code === 'UNREACHABLE' && name !== undefined && name !== identity.name)
}

function judge(
  config: Config,
  { vmid, node }: { readonly vmid: number; readonly node: string },
  identity: Identity,
): Look {
  const { lock, description } = config
  const marker = readMarker(description, vmid)
  const ours = marker !== undefined && isSame(marker, identity)
  if (isUnderWay(lock) && (ours || marker === undefined)) return { state: 'in flight', node, lock, ours }
  return ours ? { state: 'ours', node, config } : { state: 'foreign', node }
}

/**
 * `lock: create` and nothing else while Proxmox imports; `lock: clone` while it copies disks; `lock: destroyed` and
 * nothing else between the last disk and the end of a removal (qemu-server `destroy_vm`).
 */
function isUnderWay(lock: unknown): lock is 'create' | 'clone' | 'destroyed' {
  return lock === 'create' || lock === 'clone' || lock === 'destroyed'
}

export function isSame(marker: Marker, { project, name, kind }: Identity): boolean {
  return marker.project === project && marker.name === name && marker.kind === kind
}
