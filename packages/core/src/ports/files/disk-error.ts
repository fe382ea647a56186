// Turns file system errors of this computer into sentences. Only this file knows the system's codes for them.
import { ProvisionError } from '../../errors.ts'

const SENTENCES: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['The disk is full', 'Free some space, or point PVE_PROVISION_CACHE to a larger disk.'],
  EDQUOT: ['The disk quota is used up', 'Free some space, or point PVE_PROVISION_CACHE to another disk.'],
  EFBIG: ['The file system does not support files of this size', 'Point PVE_PROVISION_CACHE to another disk.'],
  EROFS: ['The file system is read-only', 'Point PVE_PROVISION_CACHE to a folder that can be written.'],
  EACCES: ['Permission is denied', 'Point PVE_PROVISION_CACHE to a folder that you own.'],
  EPERM: ['Permission is denied', 'Point PVE_PROVISION_CACHE to a folder that you own.'],
  ENOTDIR: ['A part of the path is not a folder', 'Remove it, or set PVE_PROVISION_CACHE.'],
  EIO: ['The disk reports an error', 'Check the disk.'],
}

/** Creates a `DISK` error from a file system error about `path`. Other errors are returned unchanged. */
export function diskError(error: unknown, path: string): unknown {
  const code = systemCode(error)
  if (code === undefined || error instanceof ProvisionError) return error
  const [sentence, hint] = SENTENCES[code] ?? [`The disk does not support an operation (${code})`, undefined]
  return new ProvisionError('DISK', `${sentence}: ${path}`, {
    cause: error,
    details: { path, systemCode: code },
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Runs `action` and turns its file system errors about `path` into `DISK` errors. */
export async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw diskError(error, path)
  }
}

/** Returns the system code of a file system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
