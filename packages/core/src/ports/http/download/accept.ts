// Checks from the head of an answer whether it can be the requested file, before any byte of the body is read.
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProvisionError } from '../../../errors.ts'
import type { DownloadRequest } from '../../world.ts'
import { httpError, statusError } from '../failure.ts'
import type { Answer } from '../follow.ts'

const LIMIT_BYTES = 64 * 1024 ** 3

/** Returns the maximum size of this download, in bytes. */
export function mostBytes({
  expectedBytes,
  limitBytes = LIMIT_BYTES,
}: Pick<DownloadRequest, 'expectedBytes' | 'limitBytes'>): number {
  return Math.min(expectedBytes ?? limitBytes, limitBytes)
}

/** Refuses web pages and wrong sizes. @throws ProvisionError `HTTP` */
export function checkOffer(
  request: Pick<DownloadRequest, 'expectedBytes' | 'limitBytes'>,
  { head, url }: Answer,
  sizeBytes: number | undefined,
): void {
  const { expectedBytes } = request
  if (/^text\/html\b/i.test(head.headers.get('content-type') ?? '')) {
    throw httpError(url, 'answers with a web page instead of a file.', {
      hint: 'Open the address in a browser: the file may have moved, or a proxy may require a login.',
    })
  }
  if (sizeBytes === undefined) return
  if (expectedBytes !== undefined && sizeBytes !== expectedBytes) {
    throw httpError(url, `offers ${sizeBytes} bytes instead of ${expectedBytes}.`, {
      hint: 'The vendor may have published a new build, or this mirror may be out of date.',
    })
  }
  if (sizeBytes > mostBytes(request)) throw tooLarge(url, mostBytes(request))
}

export function tooLarge(url: URL, mostAllowed: number): ProvisionError {
  return httpError(url, `is larger than the limit of ${mostAllowed} bytes.`)
}

/** Checks the free disk space before the download, not an hour into it. @throws ProvisionError `DISK` */
export async function checkSpace(path: string, missingBytes: number): Promise<void> {
  const disk = await statfs(dirname(path)).catch(() => undefined)
  // Some network file systems report no blocks at all.
  if (disk === undefined || disk.blocks === 0 || disk.bavail * disk.bsize >= missingBytes) return
  const freeBytes = disk.bavail * disk.bsize
  throw new ProvisionError('DISK', `The disk has ${freeBytes} bytes free, but ${missingBytes} are needed: ${path}`, {
    hint: 'Free some space, or point PVE_PROVISION_CACHE to a larger disk.',
    details: { path, freeBytes, missingBytes },
  })
}

/** Creates the error for a status code that delivers no file. */
export function refused({ head, url }: Answer): ProvisionError {
  return statusError(url, head.status, head.headers.get('retry-after'))
}
