// What machines that were made elsewhere come from, where it is unknown.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { UnknownImage } from '../../manifest/manifest.ts'
import type { ImageFacts } from '../facts.ts'

/** All that can be said of it; contacts nobody. */
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
