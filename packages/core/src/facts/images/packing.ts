// Describes how an image is packed, as far as its first bytes and its name show it.
import type { ImageFacts } from '../facts.ts'

/** `a tar archive compressed with xz`, `compressed with zstd`, `none`. Undefined if nothing is known yet. */
export function packingOf({ compression, archive, member }: ImageFacts): string | undefined {
  if (compression === undefined) return undefined
  const packer = compression === 'none' ? '' : `compressed with ${compression}`
  if (archive === undefined) return packer === '' ? 'none' : packer
  const inside = member === undefined ? '' : `, and \`${member}\` is the image in it`
  return `a ${archive} archive${packer && ` ${packer}`}${inside}`
}
