// Reads and writes the lock file. It is next to the manifest unless the user names another one.
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type LockFile, ProvisionError } from '@pve-provision/core'
import { formatLockFile, parseLockFile } from '@pve-provision/core/advanced'
import { readNamed, writeNamed } from './files.ts'
import type { CommonOptions } from './options.ts'

const NAME = 'pve-provision.lock'

export type LockPlace = Pick<CommonOptions, 'file' | 'lockFile'>

/**
 * Next to the first file of the manifest, inside a folder that the user names, or in the current folder for standard
 * input.
 */
export function lockPath({ file, lockFile }: LockPlace): string {
  const [first = '.'] = file
  return lockFile ?? join(isFolder(first) ? first : dirname(first), NAME)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/**
 * Reads the lock file. Returns undefined if it does not exist.
 * @throws ProvisionError `MANIFEST` `USAGE`
 */
export function readLock(place: LockPlace): LockFile | undefined {
  const file = lockPath(place)
  return existsSync(file) ? parseLockFile({ text: readNamed(file), file }) : undefined
}

/**
 * Like `readLock`, for commands that do not write it. With a misspelled name they would use other builds.
 * @throws ProvisionError `USAGE` if the user names a file that does not exist
 */
export function readExistingLock(place: LockPlace): LockFile | undefined {
  const { lockFile } = place
  if (lockFile !== undefined && !existsSync(lockFile)) {
    throw new ProvisionError('USAGE', `The lock file ${lockFile} does not exist.`, {
      hint: `Write it with: pve-provision pin --lock-file ${lockFile}`,
    })
  }
  return readLock(place)
}

/** @throws ProvisionError `DISK` */
export function writeLock(place: LockPlace, lock: LockFile): void {
  writeNamed(lockPath(place), formatLockFile(lock))
}
