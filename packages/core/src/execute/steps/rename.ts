// Gives a VM its new name in the manifest: in Proxmox and in its marker, with one call.
import { isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { writeMarker } from '../guest/write-marker.ts'
import type { StepRunner } from '../step-context.ts'

export const rename: StepRunner<'rename'> = async ({ machine, from, vmid, node }, context) => {
  const { project } = context.desired
  const named = (name: string) => readOwnGuest({ vmid, node }, { project, name, kind: 'machine' }, context)
  // A run that was interrupted after the call has already renamed it.
  const read = (): Promise<OwnGuest> =>
    named(from).catch((thrown: unknown) => {
      if (!isGone(thrown)) throw thrown
      return named(machine)
    })
  const { config } = await read()
  const written = await writeMarker(
    {
      read,
      change: (marker) => (marker === undefined || marker.name === machine ? marker : { ...marker, name: machine }),
      beside: config.name === machine ? {} : { name: machine },
    },
    context,
  )
  return { guest: { vmid, node }, kept: !written }
}
