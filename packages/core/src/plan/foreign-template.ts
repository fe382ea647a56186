// Plans clones of a template that the project does not own, on its node or through shared storage.
import { ProvisionError } from '../errors.ts'
import type { ForeignTemplate, ImageFacts } from '../facts/facts.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import { hash16 } from './names.ts'
import type { ImageContext, VolumeContext } from './plan-volume.ts'
import { storageOf } from './storages.ts'

export interface PlannedTemplate {
  readonly id: string
  readonly base: string
  /**
   * Storage of a foreign template's disk. Absent for the project's own templates, whose disk is on the storage of the
   * machine.
   */
  readonly storage?: string
}

/** Finds the template on the node itself, or on a shared storage, from which it can be cloned to another node. */
export function foreignTemplate(
  image: ImageFacts | undefined,
  { node }: StorageRef,
  { facts }: ImageContext,
): ForeignTemplate | undefined {
  const templates = image?.templates ?? []
  return (
    templates.find((template) => template.node === node) ??
    templates.find((template) => storageOf(facts, template)?.shared === true)
  )
}

/** Returns the base of a template whose content is unknown. */
export function foreignBase(vmid: number): string {
  return hash16(`template ${vmid}`)
}

export function planForeignTemplate(image: ImageFacts, context: VolumeContext): PlannedTemplate {
  const { add, at, resolve } = context
  const { name } = image
  const found = foreignTemplate(image, at.disks, context)
  if (found === undefined) {
    const { node } = at.disks
    const problem = new ProvisionError(
      'CONFLICT',
      `The template of ${name} is not on ${node}, and its storage is not shared.`,
      {
        hint: `It is on ${image.templates?.map((one) => one.node).join(', ')}: put the machine there.`,
        details: { node },
      },
    )
    const step = { id: `resolve:${name}@${node}`, kind: 'resolve', image: name, needs: [resolve], lanes: [] } as const
    return { base: '', id: add({ ...step, action: 'run', why: 'the template is on another node', problem }) }
  }
  const { vmid, node, storage } = found
  const base = foreignBase(vmid)
  const id = add({
    id: `template:${name}@${vmid}`,
    kind: 'template',
    image: name,
    at: { node, storage },
    name: found.name,
    base,
    action: 'keep',
    why: `${vmid} on ${node} exists; it is cloned and never changed`,
    needs: [resolve],
    lanes: [],
    known: { guest: { vmid, node } },
  })
  return { id, base, storage }
}
