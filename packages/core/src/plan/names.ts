// Names that contain the digest, so that a listing shows what exists and a name never changes its meaning.
export { baseOf, hash16 } from '../facts/images/blob-keys.ts'

import { TEMPLATE_PREFIX } from '../facts/cluster/template-state.ts'
import { fileStem } from '../manifest/machine-disks.ts'

/** `debian-13-3f2a9c0d1e4b5a67`: the name of this image's volume before size and suffix. */
export function volumeStem(image: string, base: string): string {
  return `${fileStem(image)}-${base}`
}

/** The name of a pulled volume. Proxmox renames it when it is complete, so the digest in the name is enough. */
export function pulledName(stem: string, format: string): string {
  return `${stem}.${format}`
}

/**
 * The name of a pushed volume. Proxmox copies directly to the final name, so it counts only if its size matches the
 * name.
 */
export function pushedName(stem: string, bytes: number, format: string): string {
  return `${stem}-${bytes}.${format}`
}

/** The name of a pushed qcow2 that stands for a raw disk. The import converts it to raw. */
export function packedName(stem: string, bytes: number): string {
  return `${pushedName(stem, bytes, 'raw')}.qcow2`
}

/** Returns true if `packedName` created the name of this volume. */
export function standsForRaw(volid: string): boolean {
  return volid.endsWith('.raw.qcow2')
}

/** Returns true if a listed volume is the complete image with this stem, by any of these names. */
export function isWholeVolume(stem: string, volume: { readonly name: string; readonly sizeBytes: number }): boolean {
  if (!volume.name.startsWith(stem)) return false
  const rest = /^(?:-(\d+))?(?:\.raw)?\.(?:qcow2|raw|vmdk|iso)$/.exec(volume.name.slice(stem.length))
  return rest !== null && (rest[1] === undefined || Number(rest[1]) === volume.sizeBytes)
}

/** `tpl-debian-13-3f2a9c0d`: the name of a template in Proxmox, which is a valid DNS name. */
export function templateName(image: string, base: string): string {
  const label = image.toLowerCase().replace(/[^a-z0-9.-]/g, '-')
  return `${TEMPLATE_PREFIX}${label}-${base.slice(0, 8)}`
}

/** `sha256:3f2a9c0d1e4b…` */
export function shorten(digest: string): string {
  return `${digest.slice(0, 7 + 12)}…`
}
