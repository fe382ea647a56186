// Removes volumes that an apply detached, with their data. Other volumes and volumes in use stay.
import { readMarker, readText, writeDescription } from '../../facts/cluster/marker.ts'
import { readPending } from '../../facts/cluster/pending-config.ts'
import { unusedDisks, volumeOfDrive, withoutDetached } from '../../plan/compare/own-disks.ts'
import { isDriveKey } from '../../plan/config/disk-config.ts'
import { textOf } from '../../plan/config/property-string.ts'
import { configParameters } from '../../ports/pve/api.ts'
import { type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { machineIdentity } from '../guest/inspect-guest.ts'
import { runTask } from '../guest/run-task.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import type { StepContext, StepRunner } from '../step-context.ts'

export const removeDisks: StepRunner<'remove-disks'> = async ({ machine, vmid, node, volumes }, context) => {
  const identity = machineIdentity(machine, context)
  const read = () => readOwnGuest({ vmid, node }, identity, context)
  let removed = 0
  for (const volume of volumes) {
    context.signal.throwIfAborted()
    if (await removeDisk(volume, read, context)) removed += 1
  }
  return { guest: { vmid, node }, kept: removed === 0 }
}

/** @returns true if this run removed the volume */
async function removeDisk(volume: string, read: () => Promise<OwnGuest>, context: StepContext): Promise<boolean> {
  const attempt = async () => {
    const guest = await read()
    const marker = readMarker(guest.config.description, guest.vmid)
    const unused = marker && unusedDisks({ marker, config: guest.config }).find((disk) => disk.volume === volume)
    if (marker === undefined || unused?.was === undefined) {
      await sayKept(volume, guest, context)
      return false
    }
    const description = writeDescription(withoutDetached(marker, [volume]), readText(guest.config.description))
    await send(guest, { unused: unused.key, description }, context)
    return true
  }
  return retryOnConflict(attempt, context, { lostReplies: true })
}

/** Warns if the volume is attached, or if its detachment waits for a restart. Otherwise it is already gone. */
async function sayKept(volume: string, guest: OwnGuest, { world, warn }: StepContext): Promise<void> {
  const holds = (value: unknown) => volumeOfDrive(value) === volume
  const [attached] = Object.entries(guest.config).find(([key, value]) => isDriveKey(key) && holds(value)) ?? []
  if (attached !== undefined) return warn(`${volume} is attached as ${attached}; it stays.`)
  const { pending = [] } = (await readPending(guest, world.pve)) ?? {}
  if (pending.some(({ value }) => holds(value)))
    warn(`${volume} is detached at the next restart; an \`apply --prune\` after that removes it.`)
}

interface Removal {
  readonly unused: string
  readonly description: string
}

/** Removes the volume and its entry in the marker with one call. As a task, because wiping a volume may take long. */
async function send(
  { vmid, node, config }: OwnGuest,
  { unused, description }: Removal,
  context: StepContext,
): Promise<void> {
  const digest = textOf(config.digest)
  const parameters = { ...configParameters({ description }), delete: unused, ...(digest !== '' && { digest }) }
  await runTask(
    { guest: { vmid, node }, removes: true, start: (api) => api.nodes.$(node).qemu.$(vmid).config.$post(parameters) },
    context,
  )
}
