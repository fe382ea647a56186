// Computes what is known about images once, before the plan, because there may be thousands of machines.
import { ProvisionError } from '../errors.ts'
import { type ImageFacts, storageKey } from '../facts/facts.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import { builtFacts } from './build/built-facts.ts'
import { baseOf } from './names.ts'
import type { ImageContext, KnownImage } from './plan-volume.ts'
import { chooseConversion } from './route.ts'
import { placeOf, storageOf } from './storages.ts'

/** By image and by the storage of the machines' disks. Undefined if the image's digest is not available. */
export function knownImages(context: ImageContext): (name: string, disks: StorageRef) => KnownImage | undefined {
  const found = (name: string) => {
    const [image, facts] = [context.desired.images.get(name), factsIn(context, name)]
    return image && facts && { image, facts }
  }
  const ways = remember((name: string) => {
    const entry = found(name)
    return entry === undefined ? [] : waysOf(entry, context)
  })
  const learn = (name: string, disks: StorageRef): KnownImage | undefined => {
    const entry = found(name)
    return entry && describe(entry, { ways: ways(name), conversion: conversionOf(entry, disks, context) })
  }
  return remember(learn, (name, disks) => `${name} ${storageKey(disks)}`)
}

/** Returns the facts of an image, or undefined. Those of an image that is built are derived from its base image. */
export function factsIn(
  { facts, desired }: Pick<ImageContext, 'facts' | 'desired'>,
  name: string,
): ImageFacts | undefined {
  const image = desired.images.get(name)
  if (image?.kind === 'built') {
    const base = factsIn({ facts, desired }, image.from)
    return base && builtFacts(image, base, desired.project)
  }
  const found = facts.images.get(name)
  return found instanceof ProvisionError ? undefined : found
}

type Found = Pick<KnownImage, 'image' | 'facts'>

/** How an image reaches one machine: the recipe, and where the volume is. */
interface Way {
  readonly recipe: string
  readonly place: string
}

function waysOf(entry: Found, context: ImageContext): readonly Way[] {
  return context.targets(entry.image.name).map((at) => ({
    recipe: conversionOf(entry, at.disks, context).recipe,
    place: placeOf(storageOf(context.facts, at.images), at.images),
  }))
}

function conversionOf({ image, facts }: Found, at: StorageRef, context: ImageContext): KnownImage['conversion'] {
  return chooseConversion(image, facts, storageOf(context.facts, at))
}

function describe(
  { image, facts }: Found,
  { ways, conversion }: { readonly ways: readonly Way[] } & Pick<KnownImage, 'conversion'>,
): KnownImage {
  const isMixed = new Set(ways.map(({ recipe }) => recipe)).size > 1
  return {
    image,
    facts,
    conversion,
    // A template is identified by its disk, so the format that Proxmox converts to counts as well.
    base: baseOf(facts, conversion.importFormat ?? conversion.recipe),
    label: isMixed && conversion.recipe !== 'as-is' ? `${image.name}+${conversion.recipe}` : image.name,
    volumes: new Set(ways.map(({ recipe, place }) => `${recipe} ${place}`)).size,
  }
}

/** Caches the result of a function by its arguments. */
export function remember<Question extends readonly unknown[], Answer>(
  work: (...question: Question) => Answer,
  keyOf = (...[first]: Question): unknown => first,
): (...question: Question) => Answer {
  const answers = new Map<unknown, Answer>()
  return (...question) => {
    const key = keyOf(...question)
    if (!answers.has(key)) answers.set(key, work(...question))
    return answers.get(key) as Answer
  }
}
