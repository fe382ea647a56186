// The lock file: beside the manifest, unless another one is named.
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LockFile } from '@pve-provision/core'
import { formatLockFile, parseLockFile } from '@pve-provision/core/advanced'
import type { CommonOptions } from './options.ts'

const NAME = 'pve-provision.lock'

export type LockPlace = Pick<CommonOptions, 'file' | 'lockFile'>

/** Beside the first file of the manifest, in a folder that it names, or here for standard input. */
export function lockPath({ file, lockFile }: LockPlace): string {
  const [first = '.'] = file
  return lockFile ?? join(isFolder(first) ? first : dirname(first), NAME)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** The lock file of a manifest; nothing when there is none. @throws ProvisionError `MANIFEST` */
export function readLock(place: LockPlace): LockFile | undefined {
  const file = lockPath(place)
  return existsSync(file) ? parseLockFile({ text: readFileSync(file, 'utf8'), file }) : undefined
}

/** Written aside and renamed, so that a killed run leaves the old one. */
export function writeLock(place: LockPlace, lock: LockFile): void {
  const file = lockPath(place)
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, formatLockFile(lock))
  renameSync(aside, file)
}
