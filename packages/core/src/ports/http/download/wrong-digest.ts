// Creates the error for bytes that are not those of the digest.
import { ProvisionError } from '../../../errors.ts'
import type { Digest } from '../../../manifest/manifest.ts'
import { shownUrl } from '../failure.ts'

export interface WrongDigest {
  readonly found: Digest
  readonly promised: Digest
  readonly bytes: number
  /** The `Content-Encoding` of the answer, if it had one. */
  readonly packed: string | undefined
}

export function wrongDigest(url: URL, { found, promised, bytes, packed }: WrongDigest): ProvisionError {
  return new ProvisionError('CHECKSUM', `${shownUrl(url)} has the digest ${found} instead of ${promised}.`, {
    // Without this cause, the caller knows what to do: it depends on where the digest is from.
    ...(packed !== undefined && {
      hint: `The server compressed it (Content-Encoding: ${packed}), although the request excluded that: use another mirror, or have it turned off for this file.`,
    }),
    details: { url: shownUrl(url), found, promised, bytes },
  })
}
