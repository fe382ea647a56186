// Volume → template: a guest whose disk Proxmox imports, marked as ours in the very call, then made a template.
import { type Marker, writeDescription } from '../facts/marker.ts'
import { candidateVmids } from '../plan/candidates.ts'
import type { StepOf } from '../plan/step.ts'
import { TEMPLATE_CONFIG, templatePool } from '../plan/template-config.ts'
import { type Claimed, claimGuest } from './claim-guest.ts'
import { readOwnGuest } from './guest-config.ts'
import { runTask } from './run-task.ts'
import { type StepContext, type StepRunner, volumeOf } from './step-context.ts'
import { settleTemplateTwins } from './twins.ts'

export const template: StepRunner<'template'> = async (step, context) => {
  const { project, vmids } = context.desired
  const marker: Marker = {
    project,
    name: step.id,
    kind: 'template',
    image: step.image,
    base: step.base,
    spec: '',
    storage: step.at.storage,
  }
  const walk = { name: `${step.id} ${step.base}`, range: vmids }
  const claimed = await claimGuest(
    {
      identity: marker,
      candidates: candidateVmids(project, walk.name, vmids),
      node: step.at.node,
      nodes: [step.at.node],
      make: (vmid) => importDisk(vmid, { step, marker, context }),
    },
    context,
  )
  const kept = await settleTemplateTwins(claimed, { identity: marker, walk, guestName: step.name }, context)
  const converted = await convertToTemplate(kept, marker, context)
  return { guest: { vmid: kept.vmid, node: kept.node }, kept: !kept.made && !converted }
}

/** The config tells the truth about `template`; the cluster's listing lags. */
async function convertToTemplate(claimed: Claimed, marker: Marker, context: StepContext): Promise<boolean> {
  const isTemplate = async () => (await readOwnGuest(claimed, marker, context)).config.template === 1
  if (await isTemplate()) return false
  const path = `/nodes/${claimed.node}/qemu/${claimed.vmid}/template`
  try {
    await runTask({ path, isDone: isTemplate }, context)
  } catch (thrown) {
    // A run at the same time may have been faster.
    if (!(await isTemplate())) throw thrown
  }
  return true
}

interface Import {
  readonly step: StepOf<'template'>
  readonly marker: Marker
  readonly context: StepContext
}

async function importDisk(vmid: number, { step, marker, context }: Import): Promise<void> {
  const volume = volumeOf(context, step.volumeFrom ?? '')
  const format = step.importFormat ? `,format=${step.importFormat}` : ''
  const pool = templatePool(step.image, context.desired)
  const parameters = {
    vmid,
    name: step.name,
    description: writeDescription(marker),
    ...TEMPLATE_CONFIG,
    ...(pool !== undefined && { pool }),
    scsi0: `${step.at.storage}:0,import-from=${volume}${format}`,
    ide2: `${step.at.storage}:cloudinit`,
  }
  await runTask({ path: `/nodes/${step.at.node}/qemu`, parameters, attempts: 1 }, context)
}
