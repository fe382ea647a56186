// Follows images that are built on other images, in both directions.
import { imagesOf } from './machine-disks.ts'
import type { BuiltImage, Desired, Image, Machine } from './manifest.ts'

type Images = Desired['images']

/** Returns the image and its base images, down to the one with a source of its own. */
export function withBases(name: string, images: Images): readonly string[] {
  const names = [name]
  for (let image = images.get(name); image?.kind === 'built'; image = images.get(image.from)) {
    // The manifest refuses a loop, but this must end even if there is one.
    if (names.includes(image.from)) break
    names.push(image.from)
  }
  return names
}

/** An image with a source of its own. */
export type SourceImage = Exclude<Image, BuiltImage>

export function isSource(image: Image): image is SourceImage {
  return image.kind !== 'built'
}

/** Returns the images of a machine and their base images. */
export function sourcesOf(machine: Machine, { images }: Pick<Desired, 'images'>): readonly string[] {
  return imagesOf(machine).flatMap((name) => withBases(name, images))
}

/** Returns the image and all images that are built on it. */
export function withBuilds(name: string, images: Images): readonly string[] {
  const others = [...images.keys()].filter((other) => other !== name && withBases(other, images).includes(name))
  return [name, ...others]
}
