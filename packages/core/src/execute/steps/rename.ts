// Gives a VM its new name in the manifest: in Proxmox and in its marker, with one call. A running guest with cloud-init
// learns it at its next boot, which the marker remembers.
import type { Marker } from '../../facts/cluster/marker.ts'
import type { Change } from '../../plan/change/change.ts'
import { awaitedKeys, awaitsOf } from '../../plan/compare/pending.ts'
import { firstBootChange } from '../../plan/first-boot/first-boot-change.ts'
import { processOf } from '../guest/follow-process.ts'
import { isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { machineIdentity } from '../guest/inspect-guest.ts'
import { writeMarker } from '../guest/write-marker.ts'
import type { StepRunner } from '../step-context.ts'

export const rename: StepRunner<'rename'> = async ({ machine, from, vmid, node }, context) => {
  const named = (name: string) => readOwnGuest({ vmid, node }, machineIdentity(name, context), context)
  // A run that was interrupted after the call has already renamed it.
  const read = (): Promise<OwnGuest> =>
    named(from).catch((thrown: unknown) => {
      if (!isGone(thrown)) throw thrown
      return named(machine)
    })
  const guest = await read()
  const { config } = guest
  const told = config.name === machine ? undefined : firstBootChange({ set: { name: machine }, remove: [] }, config)
  const process = told && { node: guest.node, ...(await processOf(guest, context)) }
  const awaitsWith = (marker: Marker) => process && awaitsOf(process, [...awaitedKeys({ marker, ...process }), 'name'])
  const written = await writeMarker(
    {
      read,
      change(marker) {
        if (marker === undefined || marker.name === machine) return marker
        const awaits = awaitsWith(marker)
        return { ...marker, name: machine, ...(awaits !== undefined && { awaits }) }
      },
      beside: config.name === machine ? {} : { name: machine },
    },
    context,
  )
  const pending: readonly Change[] =
    told !== undefined && process?.status === 'running'
      ? [{ key: 'name', after: machine, when: told.when, ...(told.impact && { impact: told.impact }) }]
      : []
  return { guest: { vmid, node }, kept: !written, ...(pending.length > 0 && { pending }) }
}
