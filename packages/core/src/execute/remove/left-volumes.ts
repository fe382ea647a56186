// Volumes that Proxmox could not remove with their guest: its task ends well and says so in the log alone.
import { ProvisionError } from '../../errors.ts'
import { listVolumesOf } from '../../facts/cluster/list-storage.ts'
import type { GuestPlace } from '../guest/guest-config.ts'
import type { StepContext } from '../step-context.ts'

/** As `destroy_vm` of qemu-server says it; on 9 behind `WARN: `. */
const LEFT = /Could not remove disk '([^']+)', check manually/

/** Another removal that held the storage's lock may free it a moment later. */
const LOOKS = 3
const PAUSE_MS = 2_000

export interface Told {
  /** Volumes that were not removed. */
  readonly volids: readonly string[]
  /** Lines about anything else. */
  readonly others: readonly string[]
}

/** What the warnings of a removal are about. */
export function readWarnings(lines: readonly string[]): Told {
  const left = lines.flatMap((line) => LEFT.exec(line)?.[1] ?? [])
  return { volids: [...new Set(left)], others: lines.filter((line) => !LEFT.test(line)) }
}

/**
 * Those of the volumes that are still there. None is removed here: the id is free by now, and a new guest of somebody else
 * may give its disk the same name.
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

/** Said where somebody asked for the guest to be gone. */
export function leftError({ vmid, node }: GuestPlace, volids: readonly string[]): ProvisionError {
  const what = volids.length === 1 ? 'a volume of it stays' : `${volids.length} volumes of it stay`
  return new ProvisionError('TASK', `${vmid} on ${node} is removed, but ${what}: ${volids.join(', ')}.`, {
    hint: `As root on ${node}, once no guest uses ${volids.length === 1 ? 'it' : 'them'}:\n${volids.map((volid) => `pvesm free ${volid}`).join('\n')}`,
    details: { node },
  })
}
