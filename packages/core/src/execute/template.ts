// Volume → template: a guest whose disk Proxmox imports, marked as ours in the very call, then made a template.
import { OWNER_TAG, type Marker, writeDescription } from '../facts/marker.ts'
import { candidateVmids } from '../plan/candidates.ts'
import type { StepOf } from '../plan/step.ts'
import { claimGuest } from './claim-guest.ts'
import { readOwnConfig, runTask } from './guest-config.ts'
import { type StepContext, type StepRunner, volumeOf } from './step-context.ts'

export const template: StepRunner<'template'> = async (step, context) => {
  const { project, vmids } = context.desired
  const marker: Marker = { project, name: step.id, kind: 'template', image: step.image, base: step.base, spec: '', storage: step.at.storage }
  const claimed = await claimGuest(
    {
      identity: marker,
      candidates: candidateVmids(project, `${step.id} ${step.base}`, vmids),
      node: step.at.node,
      make: (vmid) => importDisk(vmid, { step, marker, context }),
    },
    context,
  )
  const config = await readOwnConfig(claimed, marker, context)
  if (config['template'] !== 1) await runTask(`/nodes/${claimed.node}/qemu/${claimed.vmid}/template`, {}, context)
  return { guest: { vmid: claimed.vmid, node: claimed.node }, kept: !claimed.made && config['template'] === 1 }
}

interface Import {
  readonly step: StepOf<'template'>
  readonly marker: Marker
  readonly context: StepContext
}

async function importDisk(vmid: number, { step, marker, context }: Import): Promise<void> {
  const volume = volumeOf(context, step.volumeFrom ?? '')
  const format = step.importFormat ? `,format=${step.importFormat}` : ''
  await runTask(
    `/nodes/${step.at.node}/qemu`,
    {
      vmid,
      name: step.name,
      description: writeDescription(marker),
      tags: OWNER_TAG,
      memory: 512,
      cores: 1,
      ostype: 'l26',
      scsihw: 'virtio-scsi-single',
      scsi0: `${step.at.storage}:0,import-from=${volume}${format}`,
      ide2: `${step.at.storage}:cloudinit`,
      boot: 'order=scsi0',
      serial0: 'socket',
      vga: 'serial0',
      agent: 'enabled=1',
    },
    context,
  )
}
