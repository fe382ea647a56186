// The way of an image to a template: which of resolve, download, convert, pull, upload and template must run.
import { ProvisionError } from '../errors.ts'
import { type Facts, type ImageFacts, type StorageFacts, shelfKey, type VolumeFacts } from '../facts/facts.ts'
import type { Desired, Image } from '../manifest/manifest.ts'
import type { Shelf } from '../ports/pve/pve.ts'
import type { BlobKey } from '../ports/world.ts'
import { baseOf, isWholeVolume, pulledName, templateName, volumeStem } from './names.ts'
import { type Conversion, chooseConversion, chooseRoute } from './route.ts'
import type { Step } from './step.ts'
import { placeOf, storageLane, storageOf } from './storages.ts'

export interface ImagePlanner {
  /** Adds what it takes to have the template of an image; the id of its last step, and the base it stands for. */
  planTemplate(image: string, at: Shelves): { readonly id: string; readonly base: string }
  /** Adds the steps of an image whose machine exists: nothing runs, but the plan says what is there. */
  planKept(image: string, disks: Shelf): void
  /** The base that a machine made today would have; absent while the digest cannot be had. */
  currentBase(image: string, disks: Shelf): string | undefined
  factsOf(image: string): ImageFacts | undefined
}

export interface Shelves {
  readonly images: Shelf
  readonly disks: Shelf
}

interface Context {
  readonly desired: Desired
  readonly facts: Facts
  readonly add: (step: Step) => string
  /** To how many images storages this plan may have to bring an image. */
  readonly targets: (image: string) => number
  readonly keepImages: boolean
}

interface Known {
  readonly image: Image
  readonly facts: ImageFacts
  readonly conversion: Conversion
}

export function createImagePlanner(context: Context): ImagePlanner {
  const factsOf = (name: string) => {
    const found = context.facts.images.get(name)
    return found instanceof ProvisionError ? undefined : found
  }
  const known = (name: string, disks: Shelf): Known | undefined => {
    const image = context.desired.images.get(name)
    const facts = factsOf(name)
    if (image === undefined || facts === undefined) return undefined
    return { image, facts, conversion: chooseConversion(image, facts, storageOf(context.facts, disks)) }
  }
  return {
    factsOf,
    currentBase(name, disks) {
      const entry = known(name, disks)
      return entry && templateBase(entry)
    },
    planKept(name) {
      planResolve(name, context)
    },
    planTemplate(name, at) {
      const resolve = planResolve(name, context)
      const entry = known(name, at.disks)
      if (entry === undefined) return { id: resolve, base: '' }
      return planTemplate(entry, { ...context, at, resolve })
    },
  }
}

/** A template stands for what its disk is in the end: the format asked of Proxmox counts as well. */
function templateBase({ facts, conversion }: Known): string {
  return baseOf(facts.digest, conversion.importFormat ?? conversion.recipe)
}

function planResolve(name: string, { facts, add }: Context): string {
  const found = facts.images.get(name)
  const id = `resolve:${name}`
  const common = { id, kind: 'resolve', image: name, needs: [], lanes: [] } as const
  if (found === undefined || found instanceof ProvisionError) {
    const problem = found ?? new ProvisionError('UNEXPECTED', `The image ${name} was not looked at.`)
    return add({ ...common, action: 'run', why: 'its digest cannot be had', problem })
  }
  const origin = {
    manifest: 'pinned in the manifest',
    lock: 'pinned in the lock file',
    document: "from the vendor's checksum document",
    'first use': 'measured when it was first seen, and pinned in the lock file',
  }
  const signed = found.signature === 'verified' ? ', signature verified' : ''
  return add({ ...common, action: 'keep', why: `${shorten(found.digest)} ${origin[found.digestFrom]}${signed}` })
}

interface TemplateContext extends Context {
  readonly at: Shelves
  readonly resolve: string
}

function planTemplate(entry: Known, context: TemplateContext): { readonly id: string; readonly base: string } {
  const { facts, add, at } = context
  const base = templateBase(entry)
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
  const there = facts.guests.find(
    ({ marker, template, node }) =>
      template &&
      marker.kind === 'template' &&
      marker.base === base &&
      marker.image === entry.image.name &&
      marker.storage === at.disks.storage &&
      (storage?.shared || node === at.disks.node),
  )
  if (there) {
    const why = `${there.vmid} on ${there.node} is made from this digest`
    const known = { guest: { vmid: there.vmid, node: there.node } }
    return { base, id: add({ ...common, action: 'keep', why, needs: [context.resolve], lanes: [], known }) }
  }
  const volume = planVolume(entry, context)
  const why = `no template of ${shorten(entry.facts.digest)} on ${place}`
  const lanes = [storageLane(storage, at.disks), `node:${at.disks.node}`]
  return { base, id: add({ ...common, action: 'run', why, needs: [volume], volumeFrom: volume, lanes }) }
}

function planVolume(entry: Known, context: TemplateContext): string {
  const { facts, add, at } = context
  const storage = storageOf(facts, at.images)
  const stem = volumeStem(entry.image.name, baseOf(entry.facts.digest, entry.conversion.recipe))
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
      urls: addressesOf(entry),
      digest,
      ...(sizeBytes !== undefined && { sizeBytes }),
    } as const
    if (whole) return add({ ...step, ...keptVolume(whole, place) })
    const why = `no whole volume ${stem} on ${place}; ${choice.why}`
    return add({ ...step, action: 'run', why, lanes: ['download', hostLane(url), storageLane(storage, at.images)] })
  }
  const step = {
    ...common,
    id: `upload:${entry.image.name}@${place}`,
    kind: 'upload',
    stem,
    route: choice.route,
  } as const
  if (whole) return add({ ...step, blob: entry.facts.digest, ...keptVolume(whole, place) })
  const mayPass = choice.route === 'push' && !context.keepImages
  const passedOn = mayPass ? planStream(entry, { ...context, stem, place, why: choice.why }) : undefined
  if (passedOn !== undefined) return passedOn
  const { id, blob } = planBlob(entry, context)
  const why = `no whole volume ${stem} on ${place}; ${choice.route}: ${choice.why}`
  return add({ ...step, blob, action: 'run', why, needs: [id], lanes: ['upload', storageLane(storage, at.images)] })
}

/** Straight from the vendor to Proxmox, no disk touched: what must not be changed, is not here yet, and goes to one place. */
function planStream(
  { image, facts: known, conversion }: Known,
  {
    facts,
    add,
    at,
    resolve,
    targets,
    stem,
    place,
    why,
  }: TemplateContext & { readonly stem: string; readonly place: string; readonly why: string },
): string | undefined {
  const { digest, url, compression, format, sizeBytes } = known
  const unchanged = conversion.recipe === 'as-is' && compression === 'none' && (format === 'qcow2' || format === 'raw')
  if (!unchanged || sizeBytes === undefined || facts.blobs.has(digest) || targets(image.name) > 1) return undefined
  return add({
    id: `stream:${image.name}@${place}`,
    kind: 'stream',
    image: image.name,
    at: at.images,
    stem,
    format,
    urls: addressesOf({ image, facts: known, conversion }),
    digest,
    sizeBytes,
    action: 'run',
    why: `no whole volume ${stem} on ${place}; passed on without a disk: ${why}`,
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
  { at, storage }: { readonly at: Shelf; readonly storage: StorageFacts | undefined },
): VolumeFacts | undefined {
  const listed = facts.volumes.get(shelfKey(at)) ?? (storage?.shared ? sharedListing(facts, at.storage) : undefined)
  return listed?.find((volume) => isWholeVolume(stem, volume))
}

function sharedListing(facts: Facts, storage: string): readonly VolumeFacts[] | undefined {
  return [...facts.volumes].find(([key]) => key.endsWith(`/${storage}`))?.[1]
}

/** The bytes on this machine: downloaded, and unpacked or converted where they must be. */
function planBlob(
  entry: Known,
  { facts, add, resolve }: TemplateContext,
): { readonly id: string; readonly blob: BlobKey } {
  const { image, conversion } = entry
  const { digest, url, compression, format, sizeBytes } = entry.facts
  const asIs = conversion.recipe === 'as-is' && compression === 'none'
  const to: BlobKey = asIs ? digest : `${digest}+${conversion.recipe}`
  const made = !asIs && facts.blobs.has(to)
  const here = facts.blobs.has(digest)
  const download = {
    id: `download:${image.name}`,
    kind: 'download',
    image: image.name,
    urls: addressesOf(entry),
    digest,
    ...(sizeBytes !== undefined && { sizeBytes }),
    needs: [resolve],
  } as const
  const id = made
    ? resolve
    : here
      ? add({ ...download, action: 'keep', why: `${shorten(digest)} is in the store`, lanes: [] })
      : add({
          ...download,
          action: 'run',
          why: `${shorten(digest)} is not in the store`,
          lanes: ['download', hostLane(url)],
        })
  if (asIs) return { id, blob: to }
  const convert = {
    id: `convert:${image.name}`,
    kind: 'convert',
    image: image.name,
    from: digest,
    to,
    ...(conversion.recipe !== 'as-is' && { format: conversion.recipe }),
    needs: [id],
  } as const
  const what = [
    compression && compression !== 'none' ? `it is packed with ${compression}` : '',
    conversionReason(conversion, format),
  ]
  const why = what.filter((part) => part !== '').join('; ') || 'its format is not known yet'
  if (made) return { blob: to, id: add({ ...convert, action: 'keep', why: 'the result is in the store', lanes: [] }) }
  return { blob: to, id: add({ ...convert, action: 'run', why, lanes: ['convert'] }) }
}

function conversionReason({ recipe, why }: Conversion, format: string | undefined): string {
  return recipe === 'as-is' ? '' : `${format ?? 'format not known yet'} to ${recipe}: ${why}`
}

/** The dated address first, then the alias that the manifest names, then its mirrors: all promise the same digest. */
function addressesOf({ image, facts }: Known): readonly URL[] {
  const addresses = [facts.url, image.url, ...image.mirrors]
  return addresses.filter(({ href }, index) => addresses.findIndex((other) => other.href === href) === index)
}

function hostLane(url: URL): string {
  return `host:${url.host}`
}

/** `sha256:3f2a9c0d1e4b…` */
export function shorten(digest: string): string {
  return `${digest.slice(0, 7 + 12)}…`
}
