// Copies a file sparsely and verifies its digest on the way.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createSparseFile } from '../../codecs/decompress/sparse-file.ts'
import { ProvisionError } from '../../errors.ts'
import type { Digest } from '../../manifest/manifest.ts'
import { diskError } from '../../ports/files/disk-error.ts'

export interface VerifiedCopy {
  readonly from: string
  readonly to: string
  /** Absent if the bytes were verified before. */
  readonly digest?: Digest | undefined
  readonly signal: AbortSignal
  readonly onBytes: (done: number) => void
}

const READ_BYTES = 1024 * 1024

/** Copies the file. @throws ProvisionError `CHECKSUM` if the digest differs; `DISK`; the signal's reason */
export async function copyVerified({ from, to, digest, signal, onBytes }: VerifiedCopy): Promise<void> {
  const algorithm = digest?.startsWith('sha512:') ? 'sha512' : 'sha256'
  const hash = createHash(algorithm)
  const file = await createSparseFile(to)
  let done = 0
  try {
    for await (const chunk of chunksOf(from, signal)) {
      if (digest !== undefined) hash.update(chunk)
      await file.write(chunk)
      done += chunk.length
      onBytes(done)
    }
    await file.finish()
  } finally {
    await file.close()
  }
  const found = `${algorithm}:${hash.digest('hex')}`
  if (digest === undefined || found === digest) return
  throw new ProvisionError('CHECKSUM', `Checksum mismatch: ${from} is not ${digest}.`, {
    hint: 'It changed while it was read, or after it was hashed: run again.',
    details: { found, expected: digest },
  })
}

async function* chunksOf(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: READ_BYTES, signal }) as AsyncIterable<Buffer>
  } catch (error) {
    throw diskError(error, path)
  }
}
