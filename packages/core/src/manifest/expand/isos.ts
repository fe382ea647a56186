// Marks images that CD drives use. They are uploaded as they are, and no disk is created from them.
import { withBases } from '../built-images.ts'
import { imageCds, imageDisks } from '../machine-disks.ts'
import type { Image, Machine } from '../manifest.ts'
import type { ManifestPath } from '../read/tree.ts'

/** Returns the images, with ISOs marked. An image that cannot be an ISO is reported as a problem. */
export function markIsos(
  images: ReadonlyMap<string, Image>,
  machines: readonly Machine[],
  addProblem: (path: ManifestPath, message: string) => void,
): ReadonlyMap<string, Image> {
  const isos = new Set(machines.flatMap((machine) => imageCds(machine).map(({ image }) => image)))
  if (isos.size === 0) return images
  const used = machines.flatMap((machine) => [machine.image, ...imageDisks(machine).map(({ image }) => image)])
  const disks = new Set(used.flatMap((name) => withBases(name, images)))
  return new Map(
    [...images].map(([name, image]) => {
      if (!isos.has(name)) return [name, image]
      const problem = disks.has(name)
        ? `is used for a CD drive and for a disk: an image can be used for only one of them`
        : reason(image)
      if (problem !== undefined) addProblem(['images', name], `\`images.${name}\` ${problem}.`)
      return [name, { ...image, isIso: true }]
    }),
  )
}

const PACKED = /\.(xz|gz|zst|bz2|zip|7z|tar|tgz)$/i

function reason(image: Image): string | undefined {
  if (image.kind !== 'address' && image.kind !== 'file') return 'is used for a CD drive, so it needs `url` or `file`'
  const { pathname } = image.kind === 'address' ? image.url : { pathname: image.path }
  if (image.member !== undefined || PACKED.test(pathname))
    return 'is used for a CD drive, but is compressed: Proxmox needs an uncompressed ISO'
  return undefined
}
