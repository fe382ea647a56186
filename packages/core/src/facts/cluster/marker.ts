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
}

/** Tag on every guest of ours, so that one listing finds them. */
export const OWNER_TAG = 'pve-provision'

const LINE = /^<!-- pve-provision (\{.*\}) -->$/m
const KEYS = ['project', 'name', 'kind', 'image', 'base', 'spec', 'storage'] as const

/** A description with the user's own text first and the marker as its last line, invisible where Markdown is rendered. */
export function writeDescription(marker: Marker, text = ''): string {
  const line = `<!-- pve-provision ${JSON.stringify(marker, [...KEYS])} -->`
  return text.trim() === '' ? line : `${text.trim()}\n\n${line}`
}

/** The marker in a description, or nothing when there is none, or none that is whole. */
export function readMarker(description: unknown): Marker | undefined {
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
