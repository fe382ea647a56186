// Converts images of a role (a mapping or a list with `name` and `url`) to images with checksums.
import { IMAGES, knownImage } from '../known-images.ts'
import { imageNameOf, isMapping, isUnreadable, type Mapping, textOf } from './values.ts'

export type Images = Record<string, Mapping>

/** Returns true if a value contains images: entries with an address. */
export function isImages(value: unknown): boolean {
  const entries = Array.isArray(value) ? value : isMapping(value) ? Object.values(value) : []
  return entries.length > 0 && entries.every((entry) => isMapping(entry) && textOf(entry.url ?? entry.image_url) !== '')
}

export function imagesFrom(key: string, given: unknown, notes: string[]): Images {
  const entries = Array.isArray(given)
    ? given.filter(isMapping).map((image, index) => [baseName(image) || `image-${index + 1}`, image] as const)
    : Object.entries(isMapping(given) ? given : {})
  return Object.fromEntries(
    entries.flatMap(([name, image]) => {
      if (isMapping(image)) return [[imageNameOf(name), imageOf(`images.${name}`, image, notes)] as const]
      notes.push(`${key}.${name} is not a mapping with a url: it was left out.`)
      return []
    }),
  )
}

/** `debian-12.qcow2` → `debian-12` */
function baseName(image: Mapping): string {
  return textOf(image.name ?? image.id).replace(/\.(qcow2|img|raw|iso)(\.\w+)?$/, '')
}

function imageOf(where: string, image: Mapping, notes: string[]): Mapping {
  const url = textOf(image.url ?? image.image_url)
  if (isUnreadable(url)) notes.push(`${where}.url contains an Ansible template: write the address instead.`)
  for (const key of Object.keys(image))
    if (!/^(name|id|url|image_url|checksum|sha256|sha512|checksum_algorithm)$/.test(key))
      notes.push(`${where}.${key} was left out: an image is identified by its address and its checksum.`)
  const given = digestOf(image)
  if (given !== undefined) return { url, checksum: given }
  const checksum = guessChecksum(url)
  notes.push(`${where}.checksum is a guess, because the variables have no checksum: make sure that ${checksum} exists.`)
  return { url, checksum }
}

function digestOf({ checksum, sha256, sha512, checksum_algorithm: algorithm }: Mapping): string | undefined {
  if (sha256 !== undefined) return `sha256:${textOf(sha256)}`
  if (sha512 !== undefined) return `sha512:${textOf(sha512)}`
  if (checksum === undefined) return undefined
  const text = textOf(checksum)
  return /^[0-9a-f]+$/i.test(text) && textOf(algorithm) !== ''
    ? `${textOf(algorithm)}:${text}`
    : text.replace(/^(sha256|sha512)[:=]?/, '$1:').replace(/^sha\d+:(?=https?:)/, '')
}

/** Guesses the address of the vendor's checksum document from the image's address. */
function guessChecksum(url: string): string {
  const beside = (name: string) => url.slice(0, url.lastIndexOf('/') + 1) + name
  if (url.includes('debian')) return beside('SHA512SUMS')
  if (/rocky|alma/i.test(url)) return beside('CHECKSUM')
  if (url.includes('centos')) return `${url}.SHA256SUM`
  if (/archlinux|pkgbuild/.test(url)) return `${url}.SHA256`
  if (url.includes('suse')) return `${url}.sha256`
  return beside('SHA256SUMS')
}

/** Returns the image that a machine names: one in the file, one that is known by name, or an existing template. */
export function imageFor(wanted: string, isTemplate: boolean, images: Images): string | undefined {
  const name = imageNameOf(wanted)
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const own = Object.keys(images).find((key) => plain(key) === plain(name))
  if (own !== undefined) return own
  const known = knownImage(name)
  if (known !== undefined && !isTemplate) images[known] = { ...IMAGES[known] }
  else if (isTemplate && name !== '') images[name] = { template: /^\d+$/.test(wanted) ? Number(wanted) : wanted }
  else return undefined
  return known !== undefined && !isTemplate ? known : name
}
