// Turns decoder errors into sentences. Only this file matches the error texts of decoders.
import { ProvisionError } from '../../errors.ts'
import type { Compression } from '../../manifest/manifest.ts'

/** Error texts and codes of Node's zlib, xz 5.4, bzip2 1.0.8 and xz-decompress that say more than "damaged". */
const CAUSES: readonly (readonly [text: RegExp, clause: string, hint?: string])[] = [
  [/Z_BUF_ERROR|Unexpected end of input|file ends unexpectedly|Compressed file ends|error code 8\b/, 'it is cut short'],
  [
    /frameParameter_windowTooLarge|Memory usage limit/i,
    'unpacking it needs more memory than is allowed',
    'Unpack it once by hand (`zstd -d --long=31`, `xz -d`), and give the result as `file:` instead of `url:`.',
  ],
  [/trailing garbage|File format not recognized/, 'garbage follows its end'],
  [/Unsupported options|error code 6\b/, 'it uses options that this decoder does not know'],
]

/** Creates an `IMAGE` error for a decoder's error. Returns a `ProvisionError` unchanged unless a program failed. */
export function damaged(compression: Compression, error: unknown, how?: string): unknown {
  if (error instanceof ProvisionError && (error.code !== 'CONVERT' || error.details.exitCode === undefined))
    return error
  const words =
    error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message} ${lastWords(error)}` : ''
  const [, known, hint] = CAUSES.find(([text]) => how === undefined && text.test(words)) ?? []
  const clause = how ?? known ?? 'its bytes are damaged'
  return new ProvisionError('IMAGE', `The ${compression} image cannot be unpacked: ${clause}.`, {
    cause: error,
    hint: hint ?? 'If its digest was right, the vendor published it that way: take another build, or tell the vendor.',
  })
}

function lastWords(error: Error): string {
  return error instanceof ProvisionError ? String(error.details.lastWords) : ''
}
