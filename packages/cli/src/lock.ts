// Reads and writes the lock file. It is next to the manifest unless the user names another one.
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LockFile } from '@pve-provision/core'
import { formatLockFile, parseLockFile } from '@pve-provision/core/advanced'
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

/** Reads the lock file. Returns undefined if it does not exist. @throws ProvisionError `MANIFEST` */
export function readLock(place: LockPlace): LockFile | undefined {
  const file = lockPath(place)
  return existsSync(file) ? parseLockFile({ text: readFileSync(file, 'utf8'), file }) : undefined
}

/** Writes to a temporary file and renames it, so that a killed run keeps the old file. */
export function writeLock(place: LockPlace, lock: LockFile): void {
  const file = lockPath(place)
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, formatLockFile(lock))
  renameSync(aside, file)
}
