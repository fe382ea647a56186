// Collects what the stages of a build need: the step, the recipe, the machine and the marker.
import { ProvisionError } from '../../errors.ts'
import { type Marker, readMarker } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { BuiltImage, Machine } from '../../manifest/manifest.ts'
import { buildCd } from '../../plan/build/build-cd.ts'
import { buildMachine } from '../../plan/build/build-machine.ts'
import type { StepOf } from '../../plan/step.ts'
import type { OwnGuest } from '../guest/guest-config.ts'
import { cdVolume } from '../image/send-cd.ts'
import { machineOf, type StepContext } from '../step-context.ts'

export interface BuildOrder {
  readonly step: StepOf<'build'>
  readonly image: BuiltImage
  /** The machine in which the image is built. */
  readonly machine: Machine
  readonly marker: Marker
  /** The ISO with the recipe. */
  readonly cd: { readonly fileName: string; readonly volid: string }
}

export function orderOf(step: StepOf<'build'>, context: StepContext): BuildOrder {
  const { project, images } = context.desired
  const image = images.get(step.image)
  if (image?.kind !== 'built')
    throw new ProvisionError('UNEXPECTED', `The plan builds ${step.image}, which has no recipe.`)
  const { base, at } = step
  // The base is part of the name, because another recipe gives another template.
  const name = `${step.id} ${base}`
  const fileName = buildCd(step, project)
  return {
    step,
    image,
    machine: buildMachine(machineOf(context, step.like), step, image.build),
    marker: { project, name, kind: 'template', image: step.image, base, spec: '', storage: at.storage },
    cd: { fileName, volid: cdVolume(step.cdAt, fileName) },
  }
}

/** Returns the stage of the build in a guest's marker. */
export function stageOf({ config, vmid }: OwnGuest): Marker['stage'] {
  return readMarker(config.description, vmid)?.stage
}

/** Returns the guest as facts, for functions that need them. A build changes it only while it is stopped. */
export function asFacts({ vmid, node, config }: OwnGuest, { marker, step }: BuildOrder): GuestFacts {
  return { vmid, node, config, marker, name: step.name, template: false, status: 'stopped' }
}
