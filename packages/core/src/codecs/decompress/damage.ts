// Turns decoder errors into sentences. Only this file matches the error texts of decoders.
import { ProvisionError } from '../../errors.ts'
import type { Compression } from '../../manifest/manifest.ts'

/** Error texts and codes of Node's zlib, xz 5.4, bzip2 1.0.8 and xz-decompress that say more than "damaged". */
const CAUSES: readonly (readonly [text: RegExp, clause: string, hint?: string])[] = [
  [/Z_BUF_ERROR|Unexpected end of input|file ends unexpectedly|Compressed file ends|error code 8\b/, 'it is truncated'],
  [
    /frameParameter_windowTooLarge|Memory usage limit/i,
    'decompressing it needs more memory than the limit allows',
    'Decompress it by hand (`zstd -d --long=31`, `xz -d`), and use the result as `file:` instead of `url:`.',
  ],
  [/trailing garbage|File format not recognized/, 'there is garbage after its end'],
  [/Unsupported options|error code 6\b/, 'it uses options that are not supported'],
]

/** Creates an `IMAGE` error for a decoder's error. Returns a `ProvisionError` unchanged unless a program failed. */
export function damaged(compression: Compression, error: unknown, how?: string): unknown {
  if (error instanceof ProvisionError && (error.code !== 'CONVERT' || error.details.exitCode === undefined))
    return error
  const words =
    error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message} ${lastWords(error)}` : ''
  const [, known, hint] = CAUSES.find(([text]) => how === undefined && text.test(words)) ?? []
  const clause = how ?? known ?? 'it is damaged'
  return new ProvisionError('IMAGE', `The ${compression} image cannot be decompressed: ${clause}.`, {
    cause: error,
    hint:
      hint ??
      'If its digest was correct, the vendor published a damaged file: use another build, or report it to the vendor.',
  })
}

function lastWords(error: Error): string {
  return error instanceof ProvisionError ? String(error.details.lastWords) : ''
}
