// Plans the removal of unused templates and volumes: those of older builds of images. Pure.

import { ProvisionError } from '../errors.ts'
import type { UnusedCd, UnusedCds } from '../facts/devices/observe-cds.ts'
import type { Facts, GuestFacts, VolumeFacts } from '../facts/facts.ts'
import { withBuilds } from '../manifest/built-images.ts'
import { storagesFor } from '../manifest/machine-disks.ts'
import type { Desired } from '../manifest/manifest.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import { builtBase } from './build/plan-build.ts'
import { completePlan } from './complete-plan.ts'
import { sizeText } from './config/size-text.ts'
import { templateSteps } from './destroy-step.ts'
import { seedVolume } from './first-boot/seed-documents.ts'
import { foreignBase } from './foreign-template.ts'
import { removableTemplates } from './linked-templates.ts'
import { seedOptions } from './machine/seed-step.ts'
import { nameList } from './name-list.ts'
import { baseOf, volumeStem } from './names.ts'
import type { Plan } from './plan.ts'
import { privilegesIn } from './preflight/held-privileges.ts'
import { chooseConversion } from './route.ts'
import type { Step } from './step.ts'
import { storageLane, storageOf } from './storages.ts'

/**
 * Plans the removal of this project's templates that no machine was created from and that no new machine would use, and
 * of image volumes with another digest than today's. If an image's digest is not available today, nothing of it is
 * removed.
 */
export function makePrunePlan(desired: Desired, facts: Facts, unused: UnusedCds = { cds: [] }): Plan {
  const current = currentBases(desired, facts)
  const inUse = new Set(facts.guests.filter(({ marker }) => marker.kind === 'machine').map(({ marker }) => marker.base))
  const templates = removableTemplates(
    facts.guests.filter((guest) => isUnused(guest, { current, inUse })),
    facts.guests,
  )
  const volumes = [...facts.volumes].flatMap(([storageRef, list]) =>
    removals(storageRef, list, { desired, facts, current }),
  )
  const cds = cdRemovals(unused, { desired, facts, current })
  const draft = {
    steps: [...templateSteps(templates, (template) => whyUnused(template, current)), ...volumes, ...cds.steps],
    notes: [
      ...[...current].flatMap(([image, bases]) =>
        bases === undefined ? [`${image} is left alone: its digest is not available.`] : [],
      ),
      ...(volumes.length > 0 ? [SHARED] : []),
      ...cds.notes,
    ],
    machines: [],
    orphans: [],
  }
  return completePlan(draft, { desired, facts })
}

function whyUnused({ marker: { image, stage } }: GuestFacts, current: Bases): string {
  if (stage === 'failed') return `a build of ${image} failed in it`
  return `no machine uses it, and ${current.has(image) ? `${image} has a newer build` : `the manifest has no ${image}`}`
}

/** A volume's name contains image and digest but no project, so projects can share it. */
const SHARED =
  'Image volumes belong to no project: another project that uses an older build of an image with this name has to download it again.'

/** The bases of an image that machines and templates use today. Undefined if its digest is not available. */
type Bases = ReadonlyMap<string, ReadonlySet<string> | undefined>

function currentBases(desired: Desired, facts: Facts): Bases {
  return new Map([...desired.images.keys()].map((name) => [name, basesOf(name, desired, facts)]))
}

function basesOf(name: string, desired: Desired, facts: Facts): ReadonlySet<string> | undefined {
  const [image, known] = [desired.images.get(name), facts.images.get(name)]
  if (image?.kind === 'built') {
    const from = basesOf(image.from, desired, facts)
    return from && new Set([...from].flatMap((base) => builtBase(image, base, desired.project) ?? []))
  }
  if (image === undefined || known === undefined || known instanceof ProvisionError) return undefined
  if (known.templates !== undefined) return new Set(known.templates.map(({ vmid }) => foreignBase(vmid)))
  const builds = withBuilds(name, desired.images)
  const disks = desired.machines.flatMap((machine) => builds.flatMap((one) => storagesFor(machine, one)))
  const kinds = facts.cluster.storages.filter(({ storage }) => disks.includes(storage))
  const conversions = [undefined, ...kinds].map((storage) => chooseConversion(image, known, storage))
  return new Set(
    conversions.flatMap(({ recipe, importFormat }) => [
      baseOf(known, recipe),
      ...(importFormat ? [baseOf(known, importFormat)] : []),
    ]),
  )
}

function isUnused(
  { marker }: GuestFacts,
  { current, inUse }: { readonly current: Bases; readonly inUse: ReadonlySet<string> },
): boolean {
  if (marker.kind !== 'template') return false
  if (marker.stage === 'failed') return true
  if (inUse.has(marker.base)) return false
  // The template of an image that the manifest no longer names is unused.
  if (!current.has(marker.image)) return true
  const bases = current.get(marker.image)
  return bases !== undefined && !bases.has(marker.base)
}

interface Context {
  readonly desired: Desired
  readonly facts: Facts
  readonly current: Bases
}

function removals(storageRef: string, volumes: readonly VolumeFacts[], { desired, facts, current }: Context): Step[] {
  const at = storageRefOf(storageRef)
  // A volume that the manifest names as an image belongs to a user, whatever its name is.
  const foreign = new Set(Array.from(desired.images.values(), (image) => image.kind === 'volume' && image.volume))
  return volumes.flatMap((volume): Step[] => {
    if (foreign.has(volume.volid)) return []
    const image = [...desired.images.keys()].find((name) => isOldVolume(volume.name, name, current.get(name)))
    if (image === undefined) return []
    return [
      {
        id: `remove-volume:${storageRef}/${volume.name}`,
        kind: 'remove-volume',
        at,
        volid: volume.volid,
        action: 'run',
        why: `${image} has a newer build; this one takes ${sizeText(volume.sizeBytes)}`,
        needs: [],
        lanes: [storageLane(storageOf(facts, at), at)],
      },
    ]
  })
}

/** CDs that no guest uses. One that a machine is about to get stays. */
function cdRemovals(
  { cds, doubt }: UnusedCds,
  { desired, facts, current }: Context,
): { readonly steps: readonly Step[]; readonly notes: readonly string[] } {
  const guests = new Map(facts.guests.map((guest) => [guest.marker.name, guest]))
  const next = new Set(
    desired.machines.map((machine) => seedVolume(machine, seedOptions(machine, desired, guests.get(machine.name)))),
  )
  const isNext = ({ volid, image }: UnusedCd) => {
    const name = volid.slice(volid.lastIndexOf('/') + 1)
    const bases = image === undefined ? undefined : (current.get(image) ?? 'unknown')
    return next.has(name) || bases === 'unknown' || [...(bases ?? [])].some((base) => name.includes(`-${base}`))
  }
  const left = cds.filter((cd) => !isNext(cd))
  const may = privilegesIn(facts)
  const removable = left.filter(({ storage }) => may(`/storage/${storage}`, 'Datastore.Allocate'))
  const stay = left.filter((cd) => !removable.includes(cd))
  return {
    steps: removable.map(({ node, storage, volid, machine, image }) => {
      const at = { node, storage }
      return {
        id: `remove-volume:${node}/${storage}/${volid.slice(volid.lastIndexOf('/') + 1)}`,
        kind: 'remove-volume',
        at,
        volid,
        action: 'run',
        why: `no guest uses this CD of ${machine ?? image}`,
        needs: [],
        lanes: [storageLane(storageOf(facts, at), at)],
      }
    }),
    notes: [
      ...(doubt === undefined ? [] : [`CDs are left alone: ${doubt}.`]),
      ...(stay.length === 0
        ? []
        : [
            `No guest uses ${nameList(stay.map(({ volid }) => volid))}. Removing them needs Datastore.Allocate; or as root on the node: pvesm free VOLUME`,
          ]),
    ],
  }
}

const OUR_NAME = /^(.*)-([0-9a-f]{16})(?:-\d+)?(?:\.raw)?\.(?:qcow2|raw|vmdk)$/

function isOldVolume(name: string, image: string, bases: ReadonlySet<string> | undefined): boolean {
  const [, stem, base] = OUR_NAME.exec(name) ?? []
  if (stem === undefined || base === undefined || bases === undefined) return false
  return volumeStem(image, base) === `${stem}-${base}` && !bases.has(base)
}

function storageRefOf(key: string): StorageRef {
  const [node = '', storage = ''] = key.split('/')
  return { node, storage }
}
