// Handles volumes that Proxmox could not remove together with their guest. The task still succeeds; only its log says
// so.
import { ProvisionError } from '../../errors.ts'
import { listVolumesOf } from '../../facts/cluster/list-storage.ts'
import type { GuestPlace } from '../guest/guest-config.ts'
import type { StepContext } from '../step-context.ts'

/** The message of `destroy_vm` in qemu-server. On 9 it begins with `WARN: `. */
const LEFT = /Could not remove disk '([^']+)', check manually/

/** Another removal that held the storage's lock may remove it a moment later. */
const LOOKS = 3
const PAUSE_MS = 2_000

export interface Told {
  /** Volumes that were not removed. */
  readonly volids: readonly string[]
  /** Lines about anything else. */
  readonly others: readonly string[]
}

/** Parses the warnings of a removal. */
export function readWarnings(lines: readonly string[]): Told {
  const left = lines.flatMap((line) => LEFT.exec(line)?.[1] ?? [])
  return { volids: [...new Set(left)], others: lines.filter((line) => !LEFT.test(line)) }
}

/**
 * Returns the volumes that still exist. It does not remove them: the vmid is free again, and a new guest of another
 * user may have a disk with the same name.
 */
export async function stillThere(
  volids: readonly string[],
  { vmid, node }: GuestPlace,
  { world: { clock, pve }, signal }: StepContext,
): Promise<readonly string[]> {
  let left = volids
  for (let look = 1; left.length > 0; look += 1) {
    const storages = [...new Set(left.map((volid) => volid.slice(0, volid.indexOf(':'))))]
    const lists = await Promise.all(storages.map((storage) => listVolumesOf(vmid, { node, storage }, pve)))
    const there = new Set(lists.flat())
    left = left.filter((volid) => there.has(volid))
    if (look === LOOKS) return left
    if (left.length > 0) await clock.sleep(PAUSE_MS, signal)
  }
  return left
}

/** Creates the error for volumes that remain after a requested removal. */
export function leftError({ vmid, node }: GuestPlace, volids: readonly string[]): ProvisionError {
  const what = volids.length === 1 ? 'one of its volumes is left' : `${volids.length} of its volumes are left`
  return new ProvisionError('TASK', `${vmid} on ${node} is removed, but ${what}: ${volids.join(', ')}.`, {
    hint: `As root on ${node}, once no guest uses ${volids.length === 1 ? 'it' : 'them'}:\n${volids.map((volid) => `pvesm free ${volid}`).join('\n')}`,
    details: { node },
  })
}
