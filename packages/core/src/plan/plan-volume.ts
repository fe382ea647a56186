// Plans how an image's bytes become a volume: pulled by Proxmox, streamed, or downloaded, converted and uploaded.

import { ProvisionError } from '../errors.ts'
import { type Facts, type ImageFacts, type StorageFacts, storageKey, type VolumeFacts } from '../facts/facts.ts'
import { madeKey } from '../facts/images/blob-keys.ts'
import { addressesOf } from '../facts/images/image-addresses.ts'
import { packingOf } from '../facts/images/packing.ts'
import type { Desired, Image } from '../manifest/manifest.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import type { BlobKey } from '../ports/world.ts'
import { baseOf, isWholeVolume, pulledName, shorten, volumeStem } from './names.ts'
import { type Conversion, chooseRoute } from './route.ts'
import type { Step } from './step.ts'
import { placeOf, storageLane, storageOf } from './storages.ts'

export interface StorageRefs {
  readonly images: StorageRef
  readonly disks: StorageRef
}

/** The place where a machine needs an image. */
export interface Target extends StorageRefs {
  readonly machine: string
}

export interface ImageContext {
  readonly desired: Desired
  readonly facts: Facts
  readonly add: (step: Step) => string
  /** Takes one id of the range for the template of this step. Returns the problem if there is none. */
  readonly claimId: (step: string, image: string) => ProvisionError | undefined
  /** Returns where this plan may need an image, one entry for each machine. */
  readonly targets: (image: string) => readonly Target[]
  readonly keepImages: boolean
}

export interface KnownImage {
  readonly image: Image
  readonly facts: ImageFacts
  readonly conversion: Conversion
  /** The build that a template of this image stands for. */
  readonly base: string
  /** The image's name in step ids. It includes the recipe if the plan makes several volumes of the image. */
  readonly label: string
  /** How many different volumes of this image the plan may make. */
  readonly volumes: number
}

export interface VolumeContext extends ImageContext {
  readonly at: StorageRefs
  /** The step that knows the digest. */
  readonly resolve: string
}

/** Adds the steps for the volume. Returns the id of the last step. */
export function planVolume(entry: KnownImage, context: VolumeContext): string {
  const { facts, add, at } = context
  if (entry.facts.volume !== undefined) return planForeignVolume(entry, entry.facts.volume, context)
  const storage = storageOf(facts, at.images)
  const stem = volumeStem(entry.image.name, baseOf(entry.facts, entry.conversion.recipe))
  const whole = wholeVolume(stem, facts, { at: at.images, storage })
  const choice = chooseRoute(entry.image, { ...entry, cluster: facts.cluster, at: at.images })
  const place = placeOf(storage, at.images)
  const common = { image: entry.image.name, at: at.images, needs: [context.resolve] }
  if (choice.route === 'pull') {
    const { digest, url, sizeBytes, format = 'qcow2' } = entry.facts
    const step = {
      ...common,
      id: `pull:${entry.image.name}@${place}`,
      kind: 'pull',
      volume: pulledName(stem, format),
      urls: addressesOf(entry.image, entry.facts),
      digest,
      ...(sizeBytes !== undefined && { sizeBytes }),
    } as const
    if (whole) return add({ ...step, ...keptVolume(whole, place) })
    const why = `${stem} is not on ${place} yet; ${choice.why}`
    return add({ ...step, action: 'run', why, lanes: ['download', hostLane(url), storageLane(storage, at.images)] })
  }
  const step = {
    ...common,
    id: `upload:${entry.label}@${place}`,
    kind: 'upload',
    stem,
    route: choice.route,
    ...(entry.image.convert === 'runner' && { asIs: true }),
  } as const
  if (whole) return add({ ...step, blob: entry.facts.digest, ...keptVolume(whole, place) })
  const mayPass = choice.route === 'push' && !context.keepImages
  const passedOn = mayPass ? planStream(entry, { ...context, stem, place, why: choice.why }) : undefined
  if (passedOn !== undefined) return passedOn
  const { id, blob } = planBlob(entry, context)
  const why = `${stem} is not on ${place} yet; ${choice.route}: ${choice.why}`
  return add({ ...step, blob, action: 'run', why, needs: [id], lanes: ['upload', storageLane(storage, at.images)] })
}

/** A foreign volume is read where it is. It is not available on other nodes. */
function planForeignVolume(
  { image }: KnownImage,
  { volid, nodes }: NonNullable<ImageFacts['volume']>,
  { add, at, resolve }: VolumeContext,
): string {
  const { node } = at.disks
  if (nodes.has(node)) return resolve
  const problem = new ProvisionError('CONFLICT', `The volume of ${image.name} is not on ${node}: ${volid}.`, {
    hint: `It is on ${[...nodes].join(', ')}: put the machine there, or copy the volume.`,
    details: { node },
  })
  return add({
    id: `resolve:${image.name}@${node}`,
    kind: 'resolve',
    image: image.name,
    needs: [resolve],
    lanes: [],
    action: 'run',
    why: 'the volume is on another node',
    problem,
  })
}

/**
 * Streams from the vendor to Proxmox without the disk: for an image that needs no conversion, is not stored here, and
 * goes to one place.
 */
function planStream(
  entry: KnownImage,
  {
    facts,
    add,
    at,
    resolve,
    stem,
    place,
    why,
  }: VolumeContext & { readonly stem: string; readonly place: string; readonly why: string },
): string | undefined {
  const { image, conversion, volumes } = entry
  const { digest, url, format, sizeBytes } = entry.facts
  const isPlain = packingOf(entry.facts) === 'none'
  if (entry.facts.file !== undefined) return undefined
  const unchanged = conversion.recipe === 'as-is' && isPlain && (format === 'qcow2' || format === 'raw')
  if (!unchanged || sizeBytes === undefined || facts.blobs.has(digest) || volumes > 1) return undefined
  return add({
    id: `stream:${image.name}@${place}`,
    kind: 'stream',
    image: image.name,
    at: at.images,
    stem,
    format,
    urls: addressesOf(entry.image, entry.facts),
    digest,
    sizeBytes,
    action: 'run',
    why: `${stem} is not on ${place} yet; streamed without a temporary file: ${why}`,
    needs: [resolve],
    lanes: ['download', hostLane(url), 'upload', storageLane(storageOf(facts, at.images), at.images)],
  })
}

function keptVolume(volume: VolumeFacts, place: string) {
  return { action: 'keep', why: `${volume.name} is on ${place}`, lanes: [], known: { volid: volume.volid } } as const
}

function wholeVolume(
  stem: string,
  facts: Facts,
  { at, storage }: { readonly at: StorageRef; readonly storage: StorageFacts | undefined },
): VolumeFacts | undefined {
  const listed = facts.volumes.get(storageKey(at)) ?? (storage?.shared ? sharedListing(facts, at.storage) : undefined)
  return listed?.find((volume) => isWholeVolume(stem, volume))
}

function sharedListing(facts: Facts, storage: string): readonly VolumeFacts[] | undefined {
  return [...facts.volumes].find(([key]) => key.endsWith(`/${storage}`))?.[1]
}

/** Plans the bytes on this computer: downloaded, and unpacked or converted if needed. */
function planBlob(
  entry: KnownImage,
  { facts, add, resolve }: VolumeContext,
): { readonly id: string; readonly blob: BlobKey } {
  const { image, conversion } = entry
  const { digest, url, file, member, format, sizeBytes } = entry.facts
  const packing = packingOf(entry.facts)
  const asIs = conversion.recipe === 'as-is' && packing === 'none'
  const to = asIs ? digest : madeKey(entry.facts, conversion.recipe)
  const made = !asIs && facts.blobs.has(to)
  const here = facts.blobs.has(digest)
  const download = {
    id: `download:${image.name}`,
    kind: 'download',
    image: image.name,
    urls: addressesOf(entry.image, entry.facts),
    digest,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(file !== undefined && { file }),
    ...(packing !== undefined && packing !== 'none' && { isPacked: true }),
    ...(packing === 'none' && format === 'qcow2' && conversion.recipe === 'raw' && { becomesRaw: true }),
    ...(member !== undefined && { member }),
    needs: [resolve],
  } as const
  const id = made
    ? resolve
    : here
      ? add({ ...download, action: 'keep', why: `${shorten(digest)} is in the store`, lanes: [] })
      : add({
          ...download,
          action: 'run',
          why: `${shorten(digest)} is not in the store${file === undefined ? '' : `; read from ${file}`}`,
          lanes: file === undefined ? ['download', hostLane(url)] : ['download'],
        })
  if (asIs) return { id, blob: to }
  const convert = {
    id: `convert:${entry.label}`,
    kind: 'convert',
    image: image.name,
    from: digest,
    ...(member !== undefined && { member }),
    to,
    ...(conversion.recipe !== 'as-is' && { format: conversion.recipe }),
    needs: [id],
  } as const
  const why = reasonToConvert(entry)
  if (made) return { blob: to, id: add({ ...convert, action: 'keep', why: 'the result is in the store', lanes: [] }) }
  return { blob: to, id: add({ ...convert, action: 'run', why, lanes: ['convert'] }) }
}

function reasonToConvert({ facts, conversion }: KnownImage): string {
  const packing = packingOf(facts)
  const what = [
    packing === undefined || packing === 'none' ? '' : `it is ${packing}`,
    conversionReason(conversion, facts.format),
  ]
  return what.filter((part) => part !== '').join('; ') || 'its format is not known yet'
}

function conversionReason({ recipe, why }: Conversion, format: string | undefined): string {
  return recipe === 'as-is' ? '' : `${format ?? 'format not known yet'} to ${recipe}: ${why}`
}

function hostLane(url: URL): string {
  return `host:${url.host}`
}
