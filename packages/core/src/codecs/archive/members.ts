// Decides which member of an archive is the disk image.
import { ProvisionError } from '../../errors.ts'
import { cleanText } from '../../foreign-text.ts'
import { examine } from '../image/sniff.ts'

export interface MemberLook {
  readonly name: string
  readonly sizeBytes: number
  /** The first bytes of the member. */
  readonly head: Uint8Array
}

/** Boot loaders ship small files that look like a disk; a smaller file is not taken for an image. */
const SMALLEST_DISK_BYTES = 1024 * 1024
/**
 * Names of compressed disk images. The first bytes of a compressed member show only the compression, so its name
 * decides.
 */
const PACKED_IMAGE = /\.(?:img|raw|qcow2|qcow|vmdk|vdi|vhdx?|disk|image)\.(?:xz|gz|zst|zstd|bz2)$/i
const MOST_NAMES = 10

/** Returns true if the member is the wanted one or, without a wanted name, if it holds a disk image. */
export function isWanted({ name, sizeBytes, head }: MemberLook, wanted: string | undefined): boolean {
  if (wanted !== undefined) return plain(name) === plain(wanted)
  const { compression, archive, format, refusal, doubt } = examine(head)
  if (climbs(name) || refusal !== undefined || doubt !== undefined || archive !== undefined) return false
  if (compression !== undefined) return PACKED_IMAGE.test(name)
  return format !== undefined && (format !== 'raw' || sizeBytes >= SMALLEST_DISK_BYTES)
}

function plain(name: string): string {
  return name.replace(/^(?:\.\/)+/, '')
}

/** Member names are never used as paths. A name that leaves the archive's folder is still not trusted. */
function climbs(name: string): boolean {
  return name.startsWith('/') || /^[a-zA-Z]:/.test(name) || name.split(/[/\\]/).includes('..')
}

interface Found {
  /** Names of the members that match: the wanted member, or members that hold a disk image. */
  readonly images: readonly string[]
  readonly others: readonly string[]
  readonly wanted: string | undefined
}

/**
 * Checks that exactly one member matches.
 * @throws ProvisionError `IMAGE` if no member or more than one matches
 */
export function expectOne({ images, others, wanted }: Found): void {
  if (images.length === 1) return
  if (images.length > 1) {
    throw unusable(`it is an archive with ${images.length} images: ${listed(images)}`, {
      found: images,
      hint: `Set \`member\` to one of them: \`member: ${shown(images[0] ?? '')}\`.`,
    })
  }
  const inIt = others.length === 0 ? 'it holds no file' : `it holds ${listed(others)}`
  throw wanted === undefined
    ? unusable(`it is an archive without a disk image: ${inIt}`, {
        found: others,
        hint: 'Check the address. If one of the files is an image, name it: `member: NAME`.',
      })
    : unusable(`its archive has no member \`${shown(wanted)}\`: ${inIt}`, {
        found: others,
        hint: 'Give the name exactly as in the archive, with its folders.',
      })
}

export function notAnArchive(member: string): ProvisionError {
  return unusable(`it is not an archive, but \`member: ${shown(member)}\` is set`, {
    found: [],
    hint: 'Remove `member`.',
  })
}

function unusable(clause: string, { found, hint }: { readonly found: readonly string[]; readonly hint: string }) {
  return new ProvisionError('IMAGE', `The image cannot be used: ${clause}.`, {
    hint,
    details: { names: found.slice(0, MOST_NAMES).map(shown) },
  })
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, MOST_NAMES).map((name) => `\`${shown(name)}\``)
  return first.join(', ') + (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '')
}

function shown(name: string): string {
  return cleanText(name, { most: 120 })
}
