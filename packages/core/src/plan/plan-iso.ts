// Plans how an ISO reaches a storage of the machine's node. It is stored as it is.
import { type Facts, type ImageFacts, storageKey } from '../facts/facts.ts'
import { addressesOf } from '../facts/images/image-addresses.ts'
import type { Image } from '../manifest/manifest.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import { baseOf, isWholeVolume, pulledName, shorten, volumeStem } from './names.ts'
import type { ImageContext } from './plan-volume.ts'
import { chooseIsoRoute } from './route.ts'
import type { Step } from './step.ts'
import { placeOf, storageLane, storageOf } from './storages.ts'

export interface Iso {
  readonly image: Image
  readonly facts: ImageFacts
  readonly at: StorageRef
  /** The step that knows the digest. */
  readonly resolve: string
}

/** Adds the steps for the ISO. Returns the id of the last step. */
export function planIso(iso: Iso, context: ImageContext): string {
  const { image, at, resolve } = iso
  const storage = storageOf(context.facts, at)
  const place = placeOf(storage, at)
  const stem = volumeStem(image.name, baseOf(iso.facts, 'as-is'))
  const whole = isoThere(stem, at, context.facts)
  const choice = chooseIsoRoute(image, { facts: iso.facts, cluster: context.facts.cluster, at })
  const common = { image: image.name, at, content: 'iso', needs: [resolve] } as const
  const step: Step = {
    ...common,
    ...(choice.route === 'pull' ? pulled(iso, stem) : { kind: 'upload', stem, route: 'push', blob: iso.facts.digest }),
    id: `${choice.route === 'pull' ? 'pull' : 'upload'}:${image.name}@${place}`,
    action: 'run',
    why: `ISO ${stem} is not on ${place} yet; ${choice.why}`,
    lanes: [choice.route === 'pull' ? 'download' : 'upload', storageLane(storage, at)],
  }
  if (whole !== undefined) {
    const known = { volid: whole.volid }
    return context.add({ ...step, action: 'keep', why: `${whole.name} is on ${place}`, lanes: [], known })
  }
  return context.add(choice.route === 'pull' ? step : { ...step, needs: [planDownload(iso, context)] })
}

function pulled({ image, facts }: Iso, stem: string) {
  const { digest, sizeBytes } = facts
  const size = sizeBytes === undefined ? {} : { sizeBytes }
  return { kind: 'pull', volume: pulledName(stem, 'iso'), urls: addressesOf(image, facts), digest, ...size } as const
}

function planDownload({ image, facts, resolve }: Iso, context: ImageContext): string {
  const { digest, file, url, sizeBytes } = facts
  const isHere = context.facts.blobs.has(digest)
  return context.add({
    id: `download:${image.name}`,
    kind: 'download',
    image: image.name,
    urls: addressesOf(image, facts),
    digest,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(file !== undefined && { file }),
    needs: [resolve],
    action: isHere ? 'keep' : 'run',
    why: `${shorten(digest)} is ${isHere ? '' : 'not '}in the store${file === undefined || isHere ? '' : `; read from ${file}`}`,
    lanes: isHere ? [] : file === undefined ? ['download', `host:${url.host}`] : ['download'],
  })
}

function isoThere(stem: string, at: StorageRef, facts: Facts) {
  const { volumes } = facts
  const isShared = storageOf(facts, at)?.shared === true
  const lists = isShared
    ? [...volumes].filter(([key]) => key.endsWith(`/${at.storage}`))
    : [[at, volumes.get(storageKey(at))] as const]
  return lists
    .flatMap(([, list]) => list ?? [])
    .find((volume) => volume.name.endsWith('.iso') && isWholeVolume(stem, volume))
}
