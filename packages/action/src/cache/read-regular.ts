// Reads files that may have been put there by another job.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * Returns the content of a file, or undefined for anything else, such as a link, a pipe or a device, which another job on
 * the same computer may have created.
 */
export async function readRegular(path: string, limitBytes: number): Promise<Buffer | undefined> {
  // Without O_NONBLOCK, a pipe waits for a writer.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(path, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0)).catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const status = await file.stat()
    return status.isFile() && status.size <= limitBytes ? await file.readFile() : undefined
  } finally {
    await file.close()
  }
}
