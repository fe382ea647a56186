// Observes vendors, store and Proxmox in parallel, with as few requests as the manifest needs.

import pMap from 'p-map'
import { ProvisionError } from '../errors.ts'
import { isSource, type SourceImage, sourcesOf } from '../manifest/built-images.ts'
import type { LockFile } from '../manifest/lock-file.ts'
import { imageCds, lackingImages } from '../manifest/machine-disks.ts'
import type { Desired, Image, Machine } from '../manifest/manifest.ts'
import { isNamedBy, select } from '../manifest/select.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import type { BlobKey, World } from '../ports/world.ts'
import { listIfThere } from './cluster/list-storage.ts'
import { observeAnswers } from './cluster/observe-answers.ts'
import { withBoots } from './cluster/observe-boots.ts'
import { disabledStorages, observeCapabilities } from './cluster/observe-capabilities.ts'
import { listedGuests, listResources, observeCluster, type ResourceRow, usedTags } from './cluster/observe-cluster.ts'
import { type ObservedGuests, observeGuests, withFreshStatus } from './cluster/observe-guests.ts'
import { observeHa, observeHaGroups, withHa } from './cluster/observe-ha.ts'
import { hiddenVmids } from './cluster/observe-ids.ts'
import { observePools } from './cluster/observe-pools.ts'
import { nameBeforeRetired } from './cluster/retired.ts'
import { guestsByMachine, machinesByGuestName } from './current-names.ts'
import { observeAttachments } from './devices/observe-attachments.ts'
import { type Facts, type GuestFacts, type ImageFacts, storageKey, type VolumeFacts } from './facts.ts'
import { findBlobs, verifyBlobs } from './images/observe-blobs.ts'
import { resolveImage, withRecalled } from './images/observe-images.ts'
import { resolveTemplate } from './images/template-image.ts'
import { unknownImage } from './images/unknown-image.ts'
import { resolveVolume } from './images/volume-image.ts'
import { type MoveQuestion, observeMoves } from './observe-moves.ts'

/** Options for `observe`. */
export interface ObserveOptions extends Pick<MoveQuestion, 'move' | 'prune'> {
  readonly signal?: AbortSignal | undefined
  /** Pinned images, which are used exactly as they are. */
  readonly lock?: LockFile | undefined
  /** List the images storages even if all machines exist. */
  readonly volumes?: boolean | undefined
  /** Maximum age of cached facts about the cluster. Default: 24 h; 0 reads them again. */
  readonly factsMaxAgeMs?: number | undefined
  /** Hash the stored blobs of the manifest's images again and remove damaged ones. */
  readonly verify?: boolean | undefined
  /** Machines to replace, by name or by entry of the manifest. Their images are observed too. */
  readonly replace?: readonly string[] | undefined
  /** Only these machines, selected the same way. */
  readonly only?: readonly string[] | undefined
}

const QUESTIONS_AT_ONCE = 8

/**
 * Observes the world. If an image's digest is not available, the error becomes part of the facts: it fails its own step
 * and blocks only its own machines. If the endpoint is unreachable or refuses access, the error is thrown.
 * @throws ProvisionError `TLS` `UNREACHABLE` `AUTHENTICATION` `PERMISSION` `PVE` `CANCELLED`
 */
export async function observe(desired: Desired, world: World, options: ObserveOptions = {}): Promise<Facts> {
  const used = new Set(desired.machines.flatMap((machine) => sourcesOf(machine, desired)))
  const images = [...desired.images.values()].filter(isSource).filter(({ name }) => used.has(name))
  const listing = listResources(world, options.signal)
  // Guests are read as soon as they are listed, while requests to vendors and for slow facts still run.
  const [{ cluster, rows }, { guests, unreachable, namesakes, pools, haGroups }, resolved] = await Promise.all([
    observeCluster(desired, world, { ...options, listing }),
    listing.then((rows) => guestsOf(desired, rows, { world, options })),
    pMap(images, (image) => resolveOrFail(image, desired, { world, options, listing }), {
      concurrency: QUESTIONS_AT_ONCE,
    }),
  ])
  const verified = options.verify ? await verifyBlobs(known(resolved), world, options.signal) : undefined
  const listed = listedGuests(rows)
  const asked = await obstacles(desired, { cluster, listed, guests }, { world, options })
  const facts = {
    ...asked,
    images: new Map(resolved),
    blobs: new Set<BlobKey>(),
    volumes: new Map(),
    guests,
    unreachable,
    namesakes,
    listed,
    usedTags: usedTags(rows),
    ...(pools && { pools }),
    ...(haGroups && { haGroups }),
    ...(verified && { verified }),
  }
  if (options.volumes) return { ...facts, volumes: await listVolumes(storageRefsOf(desired.machines, facts), world) }
  return lackingMachines(desired, guests, options).length === 0
    ? facts
    : observeBytes(desired, facts, { world, options })
}

/** Looks for what may block the machines of a run. A run without changes makes almost no requests. */
async function obstacles(
  desired: Desired,
  known: Pick<Facts, 'cluster' | 'listed' | 'guests'>,
  { world, options }: Look,
): Promise<Pick<Facts, 'cluster' | 'hiddenVmids' | 'answers' | 'attachments'>> {
  const { cluster, guests } = known
  const { signal, only } = options
  const chosen = select(desired.machines, only)
  const machines = guestsByMachine(desired.machines, guests)
  const lacking = chosen.filter(({ name }) => !machines.has(name))
  const [hidden, capabilities, disabled, answers, attachments] = await Promise.all([
    hiddenVmids(lacking, { desired, facts: known, signal }, world),
    observeCapabilities({ machines: chosen, guests: machines }, world, signal),
    disabledStorages({ machines: chosen, guests: machines, cluster }, world, signal),
    observeAnswers({ machines: chosen, guests: machines }, world, signal),
    observeAttachments({ machines: chosen, guests: machines }, world, signal),
  ])
  return {
    cluster: {
      ...cluster,
      ...(capabilities.size > 0 && { capabilities }),
      ...(disabled.size > 0 && { disabledStorages: disabled }),
    },
    ...(hidden.size > 0 && { hiddenVmids: hidden }),
    ...(answers.size > 0 && { answers }),
    ...(attachments.mappings.size + attachments.isos.size > 0 && { attachments }),
  }
}

async function guestsOf(
  desired: Desired,
  rows: readonly ResourceRow[],
  { world, options }: Look,
): Promise<ObservedGuests & Pick<Facts, 'pools' | 'haGroups'>> {
  const [observed, ha] = await Promise.all([observeGuests(desired, rows, world), observeHa(desired, world)])
  const machines = machinesByGuestName(desired.machines, observed.guests)
  const fresh = await withFreshStatus(
    observed.guests,
    ({ marker }) => machines.get(marker.name)?.start === true || marker.awaits !== undefined,
    world,
  )
  const { move, prune, replace, only, signal } = options
  const booted = await withBoots(fresh, world)
  const [pools, haGroups, guests] = await Promise.all([
    observePools(desired, fresh, world),
    observeHaGroups(desired, world),
    observeMoves({ machines: select(desired.machines, only), guests: booted, move, prune, replace, signal }, world),
  ])
  return { ...observed, guests: withHa(guests, ha), ...(pools && { pools }), ...(haGroups && { haGroups }) }
}

async function resolveOrFail(
  image: SourceImage,
  desired: Desired,
  how: SourceLook,
): Promise<[string, ImageFacts | ProvisionError]> {
  try {
    const resolved = await resolveSource(image, desired, how)
    return [image.name, image.member === undefined ? resolved : { ...resolved, member: image.member }]
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED') return [image.name, thrown]
    throw thrown
  }
}

async function resolveSource(
  image: SourceImage,
  desired: Desired,
  { world, options, listing }: SourceLook,
): Promise<ImageFacts> {
  switch (image.kind) {
    case 'address':
      return withRecalled(await resolveImage(image, world, options), world)
    case 'file': {
      const { resolveFile } = await import('./images/file-image.ts')
      return resolveFile(image, world, { ...options, isIso: image.isIso })
    }
    case 'volume': {
      const users = desired.machines.filter((machine) => sourcesOf(machine, desired).includes(image.name))
      return resolveVolume(image, world, [...new Set(users.flatMap(({ nodes }) => nodes))])
    }
    case 'template':
      return resolveTemplate(image, world, await listing)
    case 'unknown':
      return unknownImage(image)
  }
}

/** Returns the machines that do not exist, are replaced, or lack a disk or a CD. Only their images are observed. */
function lackingMachines(
  { machines }: Desired,
  guests: readonly GuestFacts[],
  { replace = [] }: ObserveOptions,
): readonly Machine[] {
  // A machine that is being replaced will be created again, so its images are observed too.
  const begun = new Set(guests.flatMap(({ marker }) => nameBeforeRetired(marker.name) ?? []))
  const present = guestsByMachine(
    machines,
    guests.filter(({ marker }) => !begun.has(marker.name)),
  )
  const isReplaced = isNamedBy(replace)
  return machines.filter((machine) => {
    const guest = present.get(machine.name)
    return guest === undefined || isReplaced(machine) || lackingImages(machine, guest.config).length > 0
  })
}

function known(images: readonly (readonly [string, ImageFacts | ProvisionError])[]): readonly ImageFacts[] {
  return images.flatMap(([, image]) => (image instanceof ProvisionError ? [] : [image]))
}

interface SourceLook extends Look {
  /** The listing of the whole cluster. */
  readonly listing: Promise<readonly ResourceRow[]>
}

interface Look {
  readonly world: World
  readonly options: ObserveOptions
}

async function observeBytes(desired: Desired, facts: Facts, { world, options }: Look): Promise<Facts> {
  const lacking = lackingMachines(desired, facts.guests, options)
  const names = new Set(lacking.flatMap((machine) => sourcesOf(machine, desired)))
  const wanted = [...facts.images].filter(([name]) => names.has(name))
  const withCds = lacking.filter((machine) => imageCds(machine).length > 0)
  const [volumes, isos, images, blobs] = await Promise.all([
    listVolumes(storageRefsOf(lacking, facts), world),
    listVolumes(storageRefsOf(withCds, facts), world, 'iso'),
    pMap(
      wanted,
      async ([name, facts]) => [name, await insideOf(facts, desired.images.get(name), { world, options })] as const,
      { concurrency: QUESTIONS_AT_ONCE },
    ),
    findBlobs(known(wanted), world),
  ])
  return {
    ...facts,
    volumes: withIsos(volumes, isos),
    blobs,
    images: new Map([...facts.images, ...images]),
  }
}

function withIsos(...lists: readonly Facts['volumes'][]): Facts['volumes'] {
  const rows = lists.flatMap((list) => [...list])
  return new Map([...Map.groupBy(rows, ([key]) => key)].map(([key, all]) => [key, all.flatMap(([, list]) => list)]))
}

/** Returns each images storage once. A shared one is listed through the first node that needs it. */
function storageRefsOf(machines: readonly Machine[], { cluster }: Facts): readonly StorageRef[] {
  const storageRefs = new Map<string, StorageRef>()
  for (const { nodes, storage } of machines) {
    for (const node of nodes) {
      const known = cluster.storages.find((entry) => entry.node === node && entry.storage === storage.images)
      const storageRef = { node, storage: storage.images }
      const key = known?.shared ? storage.images : storageKey(storageRef)
      if (known?.active && !storageRefs.has(key)) storageRefs.set(key, storageRef)
    }
  }
  return [...storageRefs.values()]
}

async function listVolumes(
  storageRefs: readonly StorageRef[],
  { pve }: World,
  content?: 'iso',
): Promise<ReadonlyMap<string, readonly VolumeFacts[]>> {
  const lists = await pMap(
    storageRefs,
    async (storageRef) => [storageKey(storageRef), await listIfThere(storageRef, pve, content)] as const,
    { concurrency: QUESTIONS_AT_ONCE },
  )
  return new Map(lists.flatMap(([key, volumes]) => (volumes === undefined ? [] : [[key, volumes] as const])))
}

async function insideOf(
  facts: ImageFacts | ProvisionError,
  image: Image | undefined,
  { world, options: { signal } }: Look,
): Promise<ImageFacts | ProvisionError> {
  if (facts instanceof ProvisionError || image?.kind !== 'address' || image.isIso) return facts
  try {
    const { lookInside } = await import('./images/look-inside.ts')
    return await lookInside(facts, image, { world, signal })
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED') return thrown
    throw thrown
  }
}
