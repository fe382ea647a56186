// Reads and writes files that the user names. Errors say what is wrong with the file.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { ProvisionError } from '@pve-provision/core'

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a folder',
}

const UNWRITABLE: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  // Renaming to `.` or to a mount point.
  EBUSY: 'it is a folder',
  ENOTEMPTY: 'it is a folder',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}

/** Returns why a file cannot be read: `does not exist`. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'cannot be read'
  return 'code' in cause ? (UNREADABLE[String(cause.code)] ?? 'cannot be read') : cause.message
}

/** Reads a text. @throws ProvisionError `USAGE` */
export function readNamed(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ProvisionError('USAGE', `${file} ${reasonOf(cause)}.`, { cause })
  }
}

/**
 * Writes to a temporary file and renames it, so that a killed run keeps the old file.
 * @throws ProvisionError `DISK`
 */
export function writeNamed(file: string, text: string, mode?: number): void {
  const aside = `${file}.${process.pid}`
  try {
    writeFileSync(aside, text, mode === undefined ? {} : { mode })
    renameSync(aside, file)
  } catch (cause) {
    rmSync(aside, { force: true })
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new ProvisionError('DISK', `${file} cannot be written: ${UNWRITABLE[code] ?? code}.`, {
      cause,
      details: { path: file },
      hint: 'Choose a file in an existing folder that you may write to.',
    })
  }
}
