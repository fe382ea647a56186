// Volume → template: creates a guest whose disk Proxmox imports, with the marker in the same call, and converts it to a
// template.

import { candidateVmids } from '../../facts/cluster/candidates.ts'
import { type Marker, OWNER_TAG, writeDescription } from '../../facts/cluster/marker.ts'
import { TEMPLATE_CONFIG, templatePool } from '../../plan/config/template-config.ts'
import { standsForRaw } from '../../plan/names.ts'
import type { StepOf } from '../../plan/step.ts'
import { type Claimed, claimGuest } from '../guest/claim-guest.ts'
import { convertToTemplate, isHalfTemplate } from '../guest/convert-to-template.ts'
import { resolveDuplicateTemplates } from '../guest/duplicates.ts'
import { isGone } from '../guest/guest-config.ts'
import { runTask } from '../guest/run-task.ts'
import { removeGuest } from '../remove/remove-guest.ts'
import { type StepContext, type StepRunner, volumeOf } from '../step-context.ts'

export const template: StepRunner<'template'> = async (step, context) => {
  const { project } = context.desired
  // The base is part of the name: templates of another build of the image are different ones.
  const name = `${step.id} ${step.base}`
  const { image, base, at } = step
  const marker: Marker = { project, name, kind: 'template', image, base, spec: '', storage: at.storage }
  for (let attempt = 1; ; attempt += 1) {
    const claimed = await claimTemplate(step, marker, context)
    try {
      const converted = await convertToTemplate(claimed, marker, context)
      return { guest: { vmid: claimed.vmid, node: claimed.node }, kept: !claimed.made && !converted }
    } catch (thrown) {
      if (attempt >= 3) throw thrown
      if (isHalfTemplate(thrown)) await removeGuest(claimed, marker, context)
      else if (!isGone(thrown)) throw thrown
    }
  }
}

async function claimTemplate(step: StepOf<'template'>, marker: Marker, context: StepContext): Promise<Claimed> {
  const { project, vmids } = context.desired
  const { node } = step.at
  const claimed = await claimGuest(
    {
      identity: marker,
      candidates: candidateVmids(project, marker.name, vmids),
      node,
      nodes: [node],
      make: (vmid) => importDisk(vmid, { step, marker, context }),
    },
    context,
  )
  const walk = { name: marker.name, range: vmids }
  return resolveDuplicateTemplates(claimed, { identity: marker, walk, guestName: step.name }, context)
}

interface Import {
  readonly step: StepOf<'template'>
  readonly marker: Marker
  readonly context: StepContext
}

async function importDisk(vmid: number, { step, marker, context }: Import): Promise<void> {
  const volume = volumeOf(context, step.volumeFrom ?? '')
  const wanted = step.importFormat ?? (standsForRaw(volume) ? 'raw' : undefined)
  const format = wanted === undefined ? '' : `,format=${wanted}`
  const pool = templatePool(step.image, context.desired)
  const parameters = {
    vmid,
    name: step.name,
    description: writeDescription({ ...marker, vmid }),
    ...TEMPLATE_CONFIG,
    // Since Proxmox VE 9.2, a create checks tags on /vms/{id} before the guest joins its pool. So in a pool, the tags
    // follow later.
    ...(pool === undefined ? { tags: OWNER_TAG } : { pool }),
    scsi0: `${step.at.storage}:0,import-from=${volume}${format}`,
    ide2: `${step.at.storage}:cloudinit`,
  }
  await runTask({ start: (api) => api.nodes.$(step.at.node).qemu.$post(parameters), attempts: 1 }, context)
}
