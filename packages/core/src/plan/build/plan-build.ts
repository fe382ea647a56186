// Plans an image that is built: the template of its base image, and a build step.
import { ProvisionError } from '../../errors.ts'
import { isTemplate } from '../../facts/cluster/template-state.ts'
import type { GuestFacts, ImageFacts } from '../../facts/facts.ts'
import { BOOT_DISK } from '../../manifest/machine-disks.ts'
import type { BuiltImage, Machine } from '../../manifest/manifest.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import { parseProperties } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import type { PlannedTemplate } from '../foreign-template.ts'
import { hash16, templateName } from '../names.ts'
import type { ImageContext, StorageRefs } from '../plan-volume.ts'
import { canLinkClones } from '../storage-kinds.ts'
import { placeOf, storageLane, storageOf } from '../storages.ts'
import { templatesThere } from '../templates-there.ts'
import { recipeHash, recipeText } from './recipe.ts'

export interface BuildContext extends ImageContext {
  readonly at: StorageRefs
  /** Plans the base image. */
  readonly planner: BasePlanner
}

/** The part of the image planner that a build needs. */
interface BasePlanner {
  planTemplate(image: string, at: StorageRefs): PlannedTemplate
  planKept(image: string, disks: StorageRef): string
  currentBase(image: string, disks: StorageRef): string | undefined
  factsOf(image: string): ImageFacts | undefined
}

/** Returns the base of its template, from the base of the image below and the recipe. Undefined if the first is unknown. */
export function builtBase(image: BuiltImage, from: string | undefined, project: string): string | undefined {
  return from === undefined || from === '' ? undefined : hash16(`built ${from} ${recipeHash(image, project)}`)
}

/** Adds the steps for its template, and returns the id of the last one. */
export function planBuild(image: BuiltImage, context: BuildContext): PlannedTemplate {
  const { add, at, facts, planner, desired } = context
  const { name, from, build } = image
  const base = builtBase(image, planner.currentBase(from, at.disks), desired.project)
  // The reason is a problem of the image below.
  if (base === undefined) return { id: planner.planTemplate(from, at).id, base: '' }
  const storage = storageOf(facts, at.disks)
  const place = placeOf(storage, at.disks)
  const like = likeOf(image, context)
  const step = {
    id: `build:${name}@${place}`,
    kind: 'build',
    image: name,
    from,
    at: at.disks,
    cdAt: at.images,
    name: templateName(name, base),
    base,
    does: recipeText(build),
    like: like?.name ?? '',
    linked: false,
    cloneLanes: [],
    lanes: [],
  } as const
  const made = templatesThere({ image: name, base, at: at.disks }, facts)
  const there = made.find(({ template }) => template)
  if (there !== undefined) {
    const why = `${there.vmid} on ${there.node} is built from this ${from} with this recipe`
    const known = { guest: { vmid: there.vmid, node: there.node }, volid: bootVolume(there.config) }
    return { base, id: add({ ...step, action: 'keep', why, needs: [planner.planKept(name, at.disks)], known }) }
  }
  const template = planner.planTemplate(from, at)
  const isBeside = template.storage === undefined || template.storage === at.disks.storage
  const problem = problemOf(image, like, context) ?? (made.length === 0 ? context.claimId(step.id, name) : undefined)
  const id = add({
    ...step,
    action: 'run',
    why: `${leftoverText(made) ?? `no template of this recipe on ${place}`}; built from ${from}: ${step.does}`,
    needs: [template.id],
    templateFrom: template.id,
    linked: isBeside && storage !== undefined && canLinkClones(storage.type),
    cloneLanes: [`template:${template.id}`, storageLane(storage, at.disks), `node:${at.disks.node}`],
    ...(problem && { problem }),
  })
  return { id, base }
}

/** Returns the volume id of a guest's boot disk. */
export function bootVolume(config: GuestFacts['config']): string {
  return parseProperties(config[BOOT_DISK], 'file').get('file') ?? ''
}

/** Returns the first machine that needs the image at this place. */
function likeOf({ name }: BuiltImage, { at, desired, targets }: BuildContext): Machine | undefined {
  const target = targets(name).find(({ disks }) => disks.node === at.disks.node && disks.storage === at.disks.storage)
  return desired.machines.find((machine) => machine.name === target?.machine)
}

/** Returns what an interrupted run left, and what is done with it. Undefined if nothing is left. */
function leftoverText([guest]: readonly GuestFacts[]): string | undefined {
  if (guest === undefined) return undefined
  const { vmid, node, config, marker, status } = guest
  if (marker.stage === 'failed') return `${vmid} on ${node} is left over from a failed build and is removed`
  const left = `${vmid} on ${node} is left over from an interrupted run`
  const isLost = marker.stage === 'booted' && status !== 'running' && !isTemplate(config)
  return isLost ? `${left}, was switched off, and is removed` : `${left} and is finished`
}

function problemOf(
  image: BuiltImage,
  like: Machine | undefined,
  { planner }: BuildContext,
): ProvisionError | undefined {
  const { name, from, build } = image
  const least = planner.factsOf(from)?.virtualSizeBytes
  if (build.diskBytes !== undefined && least !== undefined && build.diskBytes < least)
    return new ProvisionError(
      'CONFLICT',
      `The disk of the image ${name} would have ${sizeText(build.diskBytes)}, but ${from} needs ${sizeText(least)}.`,
      { hint: `Set \`images.${name}.build.disk\` to ${sizeText(least)} or more: Proxmox cannot shrink disks.` },
    )
  if (like?.osType.startsWith('win'))
    return new ProvisionError('CONFLICT', `The image ${name} cannot be built, because ${like.name} is Windows.`, {
      hint: 'A build needs cloud-init and a shell. Create a template by hand, and use it: `template: ID`.',
    })
  if (build.packages.length > 0 && like !== undefined && like.networks.length === 0)
    return new ProvisionError('CONFLICT', `The build of ${name} installs packages, but has no network.`, {
      hint: `It uses the network of ${like.name}, the first machine created from it: set \`network\` there.`,
    })
  return undefined
}
