// Grows disks, also of running VMs.
import type { GuestFacts } from '../../facts/facts.ts'
import { sizeOfDisk } from '../../plan/config/disk-config.ts'
import { formatProperties, formatSize, parseProperties, withProperties } from '../../plan/config/property-string.ts'
import type { DiskKey, PveApi } from '../../ports/pve/api.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import { changeConfig } from './change-config.ts'
import { readOwnGuest } from './guest-config.ts'
import type { Identity } from './inspect-guest.ts'
import { runTask } from './run-task.ts'

export interface Growth {
  readonly guest: GuestFacts
  /** Wanted size in bytes, by disk key. */
  readonly grow: Readonly<Record<string, number>>
  readonly identity: Identity
}

export async function growDisks({ guest, grow, identity }: Growth, context: StepContext): Promise<void> {
  for (const [disk, bytes] of Object.entries(grow)) await growDisk(guest, { disk, bytes }, context)
  if (guest.status !== 'stopped') await fixPendingSizes({ guest, grow, identity }, context)
}

const MIB = 1024 ** 2
const GIB = 1024 ** 3

async function growDisk(
  guest: GuestFacts,
  { disk, bytes }: { readonly disk: string; readonly bytes: number },
  context: StepContext,
): Promise<void> {
  const { vmid, node } = guest
  const isDone = async () => {
    const config = await pveOf(context).nodes.$(node).qemu.$(vmid).config.$get()
    return (sizeOfDisk(config, disk) ?? 0) >= bytes
  }
  // The size is absolute, so that a repeated call does not grow the disk twice.
  const size = bytes % GIB === 0 ? `${bytes / GIB}G` : `${Math.ceil(bytes / MIB)}M`
  const start = (api: PveApi) =>
    api.nodes
      .$(node)
      .qemu.$(vmid)
      .resize.$put({ disk: disk as DiskKey, size })
  await runTask({ guest, start, isDone }, context)
}

/**
 * Pending drive options contain the old size and would write it into the config at the next start. Then every run would
 * try to grow the disk again (seen on 8.4 and 9.2). This updates the pending size.
 */
async function fixPendingSizes({ guest, grow, identity }: Growth, context: StepContext): Promise<void> {
  if (Object.keys(grow).length === 0) return
  const { config } = await readOwnGuest(guest, identity, context)
  const set = Object.fromEntries(
    Object.entries(grow)
      .filter(([disk, bytes]) => (sizeOfDisk(config, disk) ?? bytes) < bytes)
      .map(([disk, bytes]) => [disk, withSize(config[disk], bytes)]),
  )
  await changeConfig({ ...guest, config }, { set, remove: [] }, context)
}

function withSize(drive: unknown, bytes: number): string {
  return formatProperties(withProperties(parseProperties(drive, 'file'), { size: formatSize(bytes) }), 'file')
}
