// Finds out who has a vmid: no guest, a guest of this project, another guest, or one that is being created or removed.
import { ProvisionError } from '../../errors.ts'
import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import { readConfig } from '../../facts/cluster/observe-guests.ts'
import type { Config } from '../../plan/config/wanted-config.ts'
import type { GuestRow } from '../run-state.ts'
import type { StepContext } from '../step-context.ts'
import { listGuests } from './guest-listing.ts'

export type Look =
  /**
   * There is no guest that the token can see. A token that is limited to a pool does not see guests outside, or not yet
   * in it.
   */
  | { readonly state: 'unseen' }
  | { readonly state: 'ours'; readonly node: string; readonly config: Config }
  | { readonly state: 'foreign'; readonly node: string }
  | { readonly state: 'in flight'; readonly node: string; readonly lock: string; readonly ours: boolean }

/** What identifies the wanted guest. */
export type Identity = Pick<Marker, 'project' | 'name' | 'kind'>

/** Returns the identity of a machine of this project. */
export function machineIdentity(name: string, { desired: { project } }: Pick<StepContext, 'desired'>): Identity {
  return { project, name, kind: 'machine' }
}

/**
 * Finds out where a vmid is and who has it. The listing comes first, because the wrong node answers "does not exist".
 */
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

/** A guest that the token may not read is foreign. One that cannot be read now is foreign if it has another name. */
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
 * A guest has `lock: create` alone while Proxmox imports, `lock: clone` while it copies disks, and `lock: destroyed`
 * alone between the removal of its last disk and its own (qemu-server `destroy_vm`).
 */
function isUnderWay(lock: unknown): lock is 'create' | 'clone' | 'destroyed' {
  return lock === 'create' || lock === 'clone' || lock === 'destroyed'
}

export function isSame(marker: Marker, { project, name, kind }: Identity): boolean {
  return marker.project === project && marker.name === name && marker.kind === kind
}
