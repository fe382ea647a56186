// `proxmox_cloud_init_images`, a mapping of distributions with `name` and `url` → images with checksums.
import { imageNameOf, isMapping, isUnreadable, type Mapping, textOf } from './role-values.ts'

interface RoleImage {
  readonly url: string
  readonly checksum: string
}

export function imagesFromRole(given: unknown, notes: string[]): Record<string, RoleImage> {
  if (given !== undefined && !isMapping(given)) notes.push('proxmox_cloud_init_images is no mapping: it was left out.')
  const entries = Object.entries(isMapping(given) ? given : {}).flatMap(([name, image]) => {
    if (isMapping(image)) return [[imageNameOf(name), imageOf(name, image, notes)] as const]
    notes.push(`images.${name} is no mapping with a url: it was left out.`)
    return []
  })
  return Object.fromEntries(entries)
}

function imageOf(name: string, image: Mapping, notes: string[]): RoleImage {
  const url = textOf(image.url)
  if (isUnreadable(url)) notes.push(`images.${name}.url holds a template of Ansible: write the address there.`)
  for (const key of Object.keys(image))
    if (!['name', 'url', 'checksum'].includes(key)) notes.push(`images.${name}.${key} was left out.`)
  if (image.checksum !== undefined)
    return { url, checksum: textOf(image.checksum).replace(/^(sha256|sha512)[:=]?/, '$1:') }
  const checksum = guessChecksum(url)
  notes.push(`images.${name}.checksum is a guess (the role checked nothing): look whether ${checksum} exists.`)
  return { url, checksum }
}

/** Where vendors keep their checksum documents, by what their addresses look like. */
function guessChecksum(url: string): string {
  const beside = (name: string) => url.slice(0, url.lastIndexOf('/') + 1) + name
  if (url.includes('debian')) return beside('SHA512SUMS')
  if (/rocky|alma/i.test(url)) return beside('CHECKSUM')
  if (url.includes('centos')) return `${url}.SHA256SUM`
  if (/archlinux|pkgbuild/.test(url)) return `${url}.SHA256`
  if (url.includes('suse')) return `${url}.sha256`
  return beside('SHA256SUMS')
}
