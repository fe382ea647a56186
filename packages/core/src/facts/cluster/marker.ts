// The mark of ownership in a guest's description: project, name, kind, base and spec hash.

export interface Marker {
  readonly project: string
  readonly name: string
  readonly kind: 'machine' | 'template'
  /** The image's name in the manifest. */
  readonly image: string
  /** 16 hex of the image's digest and recipe. */
  readonly base: string
  /** Hash of what the manifest declared when it was last brought in line; changes of masked values show here. */
  readonly spec: string
  /** Templates: the disk storage they live on. */
  readonly storage?: string
  /** The guest it was written for: Proxmox copies a description to clones, which are none of ours. */
  readonly vmid?: number
  /** Keys that the manifest stated when it was last brought in line, separated by commas. */
  readonly keys?: string
  /** `pve1/1234 cloudInit.user,cloudInit.ip`: what the guest has not read yet that runs on this node as this process. */
  readonly awaits?: string
  /** The file that declares it: see `manifest/file-sets.ts`. */
  readonly file?: string
  /** When it may be removed by `destroy --expired`: ISO 8601, UTC. */
  readonly expires?: string
  /** It makes room for its successor: how it was, see `plan/day-two/retired.ts`. */
  readonly retired?: string
  /** It takes the place of the machine with this id, and is not known to be healthy yet. */
  readonly replaces?: number
  /** `hotplug` as it was, while it is changed for a moment; empty: unset. */
  readonly hotplug?: string
}

/** Tag on every guest of ours, so that one listing finds them. */
export const OWNER_TAG = 'pve-provision'

const LINE = /^<!-- pve-provision (\{.*\}) -->$/m
const KEYS = [
  'project',
  'name',
  'kind',
  'image',
  'base',
  'spec',
  'storage',
  'vmid',
  'file',
  'keys',
  'awaits',
  'expires',
  'retired',
  'replaces',
  'hotplug',
] as const

/** A description with the user's own text first and the marker as its last line, invisible where Markdown is rendered. */
export function writeDescription(marker: Marker, text = ''): string {
  const line = `<!-- pve-provision ${JSON.stringify(marker, [...KEYS])} -->`
  return text.trim() === '' ? line : `${text.trim()}\n\n${line}`
}

/**
 * The marker in a description, or nothing when there is none, or none that is whole.
 * @param vmid the guest's own id: a marker that was written for another is a copy, and says nothing
 */
export function readMarker(description: unknown, vmid?: number): Marker | undefined {
  const marker = parseMarker(description)
  const isCopy = vmid !== undefined && marker?.vmid !== undefined && marker.vmid !== vmid
  return isCopy ? undefined : marker
}

function parseMarker(description: unknown): Marker | undefined {
  const found = typeof description === 'string' ? LINE.exec(description)?.[1] : undefined
  if (found === undefined) return undefined
  try {
    const value: unknown = JSON.parse(found)
    return isMarker(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The user's part of a description. */
export function readText(description: unknown): string {
  return typeof description === 'string' ? description.replace(LINE, '').trim() : ''
}

function isMarker(value: unknown): value is Marker {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Record<string, unknown>
  const texts = ['project', 'name', 'image', 'base', 'spec'].every((key) => typeof record[key] === 'string')
  return texts && (record.kind === 'machine' || record.kind === 'template')
}
