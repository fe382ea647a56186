// Takes over an existing VM: adds the marker and the tag, and changes nothing else.
import { ProvisionError } from '../../errors.ts'
import { readConfig } from '../../facts/cluster/observe-guests.ts'
import { adoptable, adoptedMarker, isAdopted } from '../../plan/day-two/adoptable.ts'
import type { OwnGuest } from '../guest/guest-config.ts'
import { writeMarker } from '../guest/write-marker.ts'
import { machineOf, type StepRunner } from '../step-context.ts'

export const adopt: StepRunner<'adopt'> = async ({ machine: name, vmid, node, fromOthers }, context) => {
  const { project } = context.desired
  const machine = machineOf(context, name)
  const read = async (): Promise<OwnGuest> => {
    const config = await readConfig({ vmid, node }, context.world.pve, context.signal)
    if (config === undefined) throw gone(name, vmid, node)
    const problem = adoptable({ machine, vmid, config, project, fromOthers, guests: context.facts.guests })
    if (problem !== undefined) throw problem
    return { vmid, node, config }
  }
  const written = await writeMarker(
    { read, change: (marker) => (isAdopted(machine, marker, project) ? marker : adoptedMarker(machine, project)) },
    context,
  )
  return { guest: { vmid, node }, kept: !written }
}

function gone(name: string, vmid: number, node: string): ProvisionError {
  return new ProvisionError('CONFLICT', `${vmid} on ${node}, which should become ${name}, no longer exists.`, {
    hint: 'Find out where it is, then plan again.',
    details: { machine: name, vmid, gone: true },
  })
}
