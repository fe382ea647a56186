// The digest of a file that lies on this disk.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { onDisk } from './disk-error.ts'

const PIECE_BYTES = 1024 * 1024

/**
 * @returns lower-case hex
 * @throws ProvisionError `DISK`; the signal's reason when it aborts
 */
export function hashFile(path: string, algorithm: 'sha256' | 'sha512', signal: AbortSignal): Promise<string> {
  return onDisk(path, async () => {
    const file = await open(path, 'r')
    try {
      const hash = createHash(algorithm)
      const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
      for (;;) {
        signal.throwIfAborted()
        const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES)
        if (bytesRead === 0) return hash.digest('hex')
        hash.update(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  })
}
