// Plans an image before machines are cloned: its digest, and a template on the storage of the machines.
import { ProvisionError } from '../errors.ts'
import { isTemplate } from '../facts/cluster/template-state.ts'
import { type GuestFacts, type ImageFacts, type StorageFacts, storageKey } from '../facts/facts.ts'
import { withBases } from '../manifest/built-images.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import { builtBase, planBuild } from './build/plan-build.ts'
import { foreignBase, foreignTemplate, type PlannedTemplate, planForeignTemplate } from './foreign-template.ts'
import { factsIn, knownImages, remember } from './known-images.ts'
import { shorten, templateName } from './names.ts'
import { planIso } from './plan-iso.ts'
import { type ImageContext, type KnownImage, planVolume, type StorageRefs, type VolumeContext } from './plan-volume.ts'
import { isFileBased } from './storage-kinds.ts'
import { placeOf, storageLane, storageOf } from './storages.ts'
import { templatesThere } from './templates-there.ts'

export interface ImagePlanner {
  /** Adds the steps for the template of an image. Returns the id of the last step, and the base of the template. */
  planTemplate(image: string, at: StorageRefs): PlannedTemplate
  /** Adds the steps for the volume of an image, for a disk that starts with it. */
  planVolume(image: string, at: StorageRefs): PlannedVolume
  /** Adds the steps for an image that is an ISO, for a CD drive. */
  planIso(image: string, at: StorageRef): PlannedVolume
  /** Adds the step of an image whose machine exists. It does not run, but the plan shows what exists. */
  planKept(image: string, disks: StorageRef): string
  /** Returns the base that a new machine would have. Undefined if the digest is not available. */
  currentBase(image: string, disks: StorageRef): string | undefined
  factsOf(image: string): ImageFacts | undefined
}

export interface PlannedVolume {
  /** The step whose result is the volume. */
  readonly id: string
  readonly importFormat?: 'raw' | 'qcow2'
}

export function createImagePlanner(context: ImageContext): ImagePlanner {
  const { images, project } = context.desired
  const factsOf = (name: string) => factsIn(context, name)
  const known = knownImages(context)
  // An image that is built depends on the image below, which has a digest.
  const withSource = sourceOf(context)
  const planKept = remember((name: string) => planResolve(withBases(name, images).at(-1) ?? name, context))
  const planner: ImagePlanner = {
    factsOf,
    currentBase(name, disks) {
      const image = images.get(name)
      if (image?.kind === 'built') return builtBase(image, planner.currentBase(image.from, disks), project)
      const foreign = foreignTemplate(factsOf(name), disks, context)
      if (foreign !== undefined) return foreignBase(foreign.vmid)
      return factsOf(name)?.unknown ? undefined : known(name, disks)?.base
    },
    planKept,
    planTemplate(name, asked) {
      const at = withSource(name, asked)
      const image = images.get(name)
      if (image?.kind === 'built') return planBuild(image, { ...context, at, planner })
      const resolve = planResolve(name, context)
      const facts = factsOf(name)
      if (facts?.unknown) return { id: unknownSource(name, resolve, context), base: '' }
      if (facts?.templates !== undefined) return planForeignTemplate(facts, { ...context, at, resolve })
      const entry = known(name, at.disks)
      if (entry === undefined) return { id: resolve, base: '' }
      return planTemplate(entry, { ...context, at, resolve })
    },
    planVolume(name, at) {
      if (images.get(name)?.kind === 'built') return { id: planner.planTemplate(name, at).id }
      const resolve = planResolve(name, context)
      if (factsOf(name)?.templates !== undefined) return { id: noVolume(name, resolve, context) }
      if (factsOf(name)?.unknown) return { id: unknownSource(name, resolve, context) }
      const entry = known(name, at.disks)
      if (entry === undefined) return { id: resolve }
      const { importFormat } = entry.conversion
      return { id: planVolume(entry, { ...context, at, resolve }), ...(importFormat && { importFormat }) }
    },
    planIso(name, at) {
      const resolve = planResolve(name, context)
      if (factsOf(name)?.unknown) return { id: unknownSource(name, resolve, context) }
      const [image, facts] = [context.desired.images.get(name), factsOf(name)]
      return {
        id: image === undefined || facts === undefined ? resolve : planIso({ image, facts, at, resolve }, context),
      }
    },
  }
  return planner
}

/**
 * Machines share a template even if they name different storages for images. Its volume goes to the first of these
 * storages that can hold it, so that an unusable one does not block the other machines.
 */
function sourceOf({ targets, facts }: ImageContext): (image: string, at: StorageRefs) => StorageRefs {
  const usable = remember((image: string) =>
    Map.groupBy(
      targets(image).filter(({ images }) => canImport(storageOf(facts, images))),
      ({ disks }) => storageKey(disks),
    ),
  )
  return (image, at) => {
    const [first] = usable(image).get(storageKey(at.disks)) ?? []
    return { images: first?.images ?? at.images, disks: at.disks }
  }
}

function canImport(storage: StorageFacts | undefined): boolean {
  return storage?.active === true && isFileBased(storage.type) && storage.content.has('import')
}

/** Proxmox imports only volumes. Templates can only be cloned as a whole. */
function noVolume(name: string, resolve: string, { add }: ImageContext): string {
  const problem = new ProvisionError('CONFLICT', `${name} is a template, but a disk needs a volume or a file.`, {
    hint: 'Use the image that the template was created from, or its volume: `volume: STORAGE:import/NAME`.',
  })
  const step = { id: `resolve:${name}@disk`, kind: 'resolve', image: name, needs: [resolve], lanes: [] } as const
  return add({ ...step, action: 'run', why: 'a template is not a volume', problem })
}

/** Existing machines are kept. A new machine has no image to be created from. */
function unknownSource(name: string, resolve: string, { add }: ImageContext): string {
  const problem = new ProvisionError(
    'CONFLICT',
    `No machine can be created from ${name}: its source is declared as unknown.`,
    {
      hint: `Set its source (\`url\`, \`file\`, \`template\` or \`volume\` of images.${name}), or adopt the existing VM: pve-provision adopt NAME VMID`,
    },
  )
  const step = { id: `resolve:${name}@new`, kind: 'resolve', image: name, needs: [resolve], lanes: [] } as const
  return add({ ...step, action: 'run', why: 'the image is unknown', problem })
}

function planResolve(name: string, { facts, add }: ImageContext): string {
  const found = facts.images.get(name)
  const id = `resolve:${name}`
  const common = { id, kind: 'resolve', image: name, needs: [], lanes: [] } as const
  if (found === undefined || found instanceof ProvisionError) {
    const problem = found ?? new ProvisionError('UNEXPECTED', `The image ${name} was not looked at.`)
    return add({ ...common, action: 'run', why: 'its digest is not available', problem })
  }
  if (found.unknown)
    return add({
      ...common,
      action: 'keep',
      why: 'unknown source: existing machines are kept, and no new one can be created',
    })
  const origin = {
    manifest: 'pinned in the manifest',
    lock: 'pinned in the lock file',
    document: "from the vendor's checksum document",
    'first use': 'measured at its first download, and pinned in the lock file',
    file: `measured here: ${found.file}`,
    none: '',
  }
  if (found.templates !== undefined) {
    const ids = found.templates.map(({ vmid, node }) => `${vmid} on ${node}`).join(', ')
    return add({ ...common, action: 'keep', why: `template ${ids} is cloned; its digest is not known` })
  }
  if (found.volume !== undefined) {
    const known = { volid: found.volume.volid }
    return add({ ...common, action: 'keep', why: `${known.volid} is used; its digest is not known`, known })
  }
  const signed = found.signature === 'verified' ? ', signature verified' : ''
  return add({ ...common, action: 'keep', why: `${shorten(found.digest)} ${origin[found.digestFrom]}${signed}` })
}

function planTemplate(entry: KnownImage, context: VolumeContext): { readonly id: string; readonly base: string } {
  const { facts, add, at } = context
  const { base } = entry
  const storage = storageOf(facts, at.disks)
  const place = placeOf(storage, at.disks)
  const common = {
    id: `template:${entry.image.name}@${place}`,
    kind: 'template',
    image: entry.image.name,
    at: at.disks,
    name: templateName(entry.image.name, base),
    base,
    ...(entry.conversion.importFormat && { importFormat: entry.conversion.importFormat }),
  } as const
  const made = templatesThere({ image: entry.image.name, base, at: at.disks }, facts)
  const there = made.find(({ template }) => template)
  if (there) {
    const why = `${there.vmid} on ${there.node} was created from this digest`
    const known = { guest: { vmid: there.vmid, node: there.node } }
    return { base, id: add({ ...common, action: 'keep', why, needs: [context.resolve], lanes: [], known }) }
  }
  const problem = made.length === 0 ? context.claimId(common.id, common.image) : undefined
  const volume = planVolume(entry, context)
  const why =
    leftoverText(made) ?? `no template of ${entry.facts.volume?.volid ?? shorten(entry.facts.digest)} on ${place}`
  const lanes = [storageLane(storage, at.disks), `node:${at.disks.node}`]
  const step = { ...common, action: 'run', why, needs: [volume], volumeFrom: volume, lanes } as const
  return { base, id: add({ ...step, ...(problem && { problem }) }) }
}

/** Describes what a run that ended early left of a template, and what happens to it. */
function leftoverText([guest]: readonly GuestFacts[]): string | undefined {
  if (guest === undefined) return undefined
  const { vmid, node, config } = guest
  const end = isTemplate(config)
    ? 'is only partly converted, which Proxmox cannot continue: it is removed and created again'
    : 'is not converted to a template yet, which is done now'
  return `${vmid} on ${node}, left over from an interrupted run, ${end}`
}
