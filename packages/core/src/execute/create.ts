// Template → machine: a clone with our marker in the very call, then brought in line with the manifest.
import { type Marker, writeDescription } from '../facts/marker.ts'
import type { Machine } from '../manifest/manifest.ts'
import { candidateVmids } from '../plan/candidates.ts'
import { UNFINISHED } from '../plan/spec-hash.ts'
import type { StepOf } from '../plan/step.ts'
import { bringInLine } from './bring-in-line.ts'
import { claimGuest } from './claim-guest.ts'
import { runTask } from './guest-config.ts'
import { guestOf, machineOf, type StepContext, type StepRunner } from './step-context.ts'

export const create: StepRunner<'create'> = async (step, context) => {
  const machine = machineOf(context, step.machine)
  const { project, vmids } = context.desired
  const marker: Marker = { project, name: machine.name, kind: 'machine', image: machine.image, base: step.base, spec: UNFINISHED }
  const claimed = await claimGuest(
    {
      identity: marker,
      candidates: machine.vmid === undefined ? candidateVmids(project, machine.name, vmids) : [machine.vmid],
      node: step.node,
      make: (vmid) => clone(vmid, { step, machine, marker, context }),
    },
    context,
  )
  const changed = await bringInLine(machine, claimed, context)
  return { guest: { vmid: claimed.vmid, node: claimed.node }, kept: !claimed.made && !changed }
}

interface Clone {
  readonly step: StepOf<'create'>
  readonly machine: Machine
  readonly marker: Marker
  readonly context: StepContext
}

async function clone(vmid: number, { step, machine, marker, context }: Clone): Promise<void> {
  const source = guestOf(context, step.templateFrom)
  await runTask(
    `/nodes/${source.node}/qemu/${source.vmid}/clone`,
    {
      newid: vmid,
      name: machine.name,
      description: writeDescription(marker, machine.description),
      // A linked clone takes neither `storage` nor `format`; on shared storages it may be made on another node.
      ...(source.node !== step.node && { target: step.node }),
      ...(machine.pool && { pool: machine.pool }),
      ...(step.linked ? {} : { full: true, storage: machine.storage.disks }),
    },
    context,
  )
}
