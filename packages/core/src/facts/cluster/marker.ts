// The ownership marker in a guest's description: project, name, kind, base and spec hash.

export interface Marker {
  readonly project: string
  readonly name: string
  readonly kind: 'machine' | 'template'
  /** Name of the image in the manifest. */
  readonly image: string
  /** 16 hex digits of a hash of the image's digest and recipe. */
  readonly base: string
  /** Hash of what the manifest stated at the last create or update. It reveals changes of values that Proxmox masks. */
  readonly spec: string
  /** For templates: the storage of their disk. */
  readonly storage?: string
  /**
   * The guest that this marker was written for. Proxmox copies descriptions to clones, which do not belong to the
   * project.
   */
  readonly vmid?: number
  /** Keys that the manifest stated at the last create or update, separated by commas. */
  readonly keys?: string
  /** Bus positions of the additional disks that the manifest declared then, separated by commas. */
  readonly disks?: string
  /** `scsi1=local:100/vm-100-disk-1.qcow2`: detached disks, each with its volume, separated by spaces. */
  readonly detached?: string
  /**
   * `pve1/1234 cloudInit.user,cloudInit.ip`: changes that the guest has not read yet while it runs on this node as this
   * process.
   */
  readonly awaits?: string
  /** The file that declares the machine. See `manifest/file-sets.ts`. */
  readonly file?: string
  /** When `destroy --expired` may remove it: ISO 8601, UTC. */
  readonly expires?: string
  /** The seconds from its creation to `expires`, as the manifest stated them last. */
  readonly lifetime?: number
  /** Set on a VM that is being replaced: its former state, see `plan/day-two/retired.ts`. */
  readonly retired?: string
  /** The id of the VM that it replaces, until it is known to be healthy. */
  readonly replaces?: number
  /**
   * How far the build of a template is. Absent until its VM is configured. A VM that was `booted` and is stopped cannot
   * be used: it is not known how much of the recipe it ran.
   */
  readonly stage?: 'prepared' | 'booted' | 'sealed' | 'failed'
  /** The original `hotplug` value while it is changed temporarily. Empty means that it was not set. */
  readonly hotplug?: string
}

/** The tag on every guest that this program created, so that one listing finds them. */
export const OWNER_TAG = 'pve-provision'

const LINES = /^<!-- pve-provision (\{.*\}) -->$/gm
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
  'disks',
  'detached',
  'awaits',
  'expires',
  'lifetime',
  'retired',
  'replaces',
  'stage',
  'hotplug',
] as const

/**
 * Formats a description: the user's text first, then the marker as its last line. Rendered Markdown does not show it.
 */
export function writeDescription(marker: Marker, text = ''): string {
  const line = `<!-- pve-provision ${JSON.stringify(marker, [...KEYS])} -->`
  return text.trim() === '' ? line : `${text.trim()}\n\n${line}`
}

/**
 * Reads the last marker of a description. Returns undefined if there is none or it is malformed.
 * @param vmid the guest's own id. A marker that was written for another guest is a copy and is ignored: Proxmox copies
 *   notes to clones, and so do people.
 */
export function readMarker(description: unknown, vmid?: number): Marker | undefined {
  const isCopy = (marker: Marker) => vmid !== undefined && marker.vmid !== undefined && marker.vmid !== vmid
  return markersIn(description).findLast((marker) => !isCopy(marker))
}

function markersIn(description: unknown): readonly Marker[] {
  if (typeof description !== 'string') return []
  return [...description.matchAll(LINES)].flatMap(([, found = '']) => {
    try {
      const value: unknown = JSON.parse(found)
      return isMarker(value) ? [value] : []
    } catch {
      return []
    }
  })
}

/** Returns the user's part of a description. */
export function readText(description: unknown): string {
  return typeof description === 'string' ? description.replaceAll(LINES, '').trim() : ''
}

function isMarker(value: unknown): value is Marker {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Record<string, unknown>
  const texts = ['project', 'name', 'image', 'base', 'spec'].every((key) => typeof record[key] === 'string')
  return texts && (record.kind === 'machine' || record.kind === 'template')
}
