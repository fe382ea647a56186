// Facts of an image that is declared as unknown: the origin of adopted machines.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { UnknownImage } from '../../manifest/manifest.ts'
import type { ImageFacts } from '../facts.ts'

/** Makes no request. */
export function unknownImage({ name }: UnknownImage): ImageFacts {
  return {
    name,
    digest: `sha256:${bytesToHex(sha256(utf8ToBytes(`unknown ${name}`)))}`,
    digestFrom: 'none',
    url: new URL('unknown:'),
    unknown: true,
    signature: 'not asked for',
    compression: 'none',
  }
}
