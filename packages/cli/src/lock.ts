// Reads and writes the lock file. It is next to the manifest unless the user names another one.
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LockFile } from '@pve-provision/core'
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

/** Reads the lock file. Returns undefined if it does not exist. @throws ProvisionError `MANIFEST` `USAGE` */
export function readLock(place: LockPlace): LockFile | undefined {
  const file = lockPath(place)
  return existsSync(file) ? parseLockFile({ text: readNamed(file), file }) : undefined
}

/** @throws ProvisionError `DISK` */
export function writeLock(place: LockPlace, lock: LockFile): void {
  writeNamed(lockPath(place), formatLockFile(lock))
}
