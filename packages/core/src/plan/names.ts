// Names that carry the digest, so that one listing tells what is there and a name never changes its meaning.
export { baseOf, hash16 } from '../facts/images/blob-keys.ts'

import { TEMPLATE_PREFIX } from '../facts/cluster/template-state.ts'
import { fileStem } from '../manifest/machine-disks.ts'

/** `debian-13-3f2a9c0d1e4b5a67`: what a volume of this image is called before size and suffix. */
export function volumeStem(image: string, base: string): string {
  return `${fileStem(image)}-${base}`
}

/** A pulled volume: Proxmox renames it into place, so the digest in its name is enough. */
export function pulledName(stem: string, format: string): string {
  return `${stem}.${format}`
}

/** A pushed volume: Proxmox copies straight to the final name, so it counts only with the size that its name says. */
export function pushedName(stem: string, bytes: number, format: string): string {
  return `${stem}-${bytes}.${format}`
}

/** A pushed qcow2 that stands for a raw disk: import is told to make raw of it. */
export function packedName(stem: string, bytes: number): string {
  return `${pushedName(stem, bytes, 'raw')}.qcow2`
}

/** Whether a volume is what `packedName` names. */
export function standsForRaw(volid: string): boolean {
  return volid.endsWith('.raw.qcow2')
}

/** Whether a listed volume is the whole image with this stem, by either name. */
export function isWholeVolume(stem: string, volume: { readonly name: string; readonly sizeBytes: number }): boolean {
  if (!volume.name.startsWith(stem)) return false
  const rest = /^(?:-(\d+))?(?:\.raw)?\.(?:qcow2|raw|vmdk|iso)$/.exec(volume.name.slice(stem.length))
  return rest !== null && (rest[1] === undefined || Number(rest[1]) === volume.sizeBytes)
}

/** `tpl-debian-13-3f2a9c0d`: the name of a template in Proxmox, a valid DNS name. */
export function templateName(image: string, base: string): string {
  const label = image.toLowerCase().replace(/[^a-z0-9.-]/g, '-')
  return `${TEMPLATE_PREFIX}${label}-${base.slice(0, 8)}`
}

/** `sha256:3f2a9c0d1e4b…` */
export function shorten(digest: string): string {
  return `${digest.slice(0, 7 + 12)}…`
}
