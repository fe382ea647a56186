// The lock file beside the manifest.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { formatLockFile, type LockFile, parseLockFile } from '@pve-provision/core'

const NAME = 'pve-provision.lock'

export function lockPath(manifest: string): string {
  return join(dirname(manifest), NAME)
}

/** The lock file beside a manifest; nothing when there is none. @throws ProvisionError `MANIFEST` */
export function readLock(manifest: string): LockFile | undefined {
  const file = lockPath(manifest)
  return existsSync(file) ? parseLockFile({ text: readFileSync(file, 'utf8'), file }) : undefined
}

/** Written aside and renamed, so that a killed run leaves the old one. */
export function writeLock(manifest: string, lock: LockFile): void {
  const file = lockPath(manifest)
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, formatLockFile(lock))
  renameSync(aside, file)
}
