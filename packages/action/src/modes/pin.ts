// Mode `pin`: writes the current digests of the images to the lock file. It contacts the vendors, not Proxmox.
import { renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { formatLockFile, lockChanges, pinImages } from '@pve-provision/core/advanced'
import { say } from '../log.ts'
import type { Around, Ending, Work } from './work.ts'

/** @throws ProvisionError as `pinImages` */
export async function pin({ inputs, signal }: Work, { desired, world, lock, summary }: Around): Promise<Ending> {
  const now = await pinImages(desired, world, { signal, ...(lock && { before: lock }) })
  const changes = lockChanges(lock ?? { images: {} }, now)
  if (changes.length > 0 || lock === undefined) write(inputs.lockFile, formatLockFile(now))
  const statements = changes.length === 0 ? [`${basename(inputs.lockFile)} is up to date.`] : changes
  for (const statement of statements) say(statement)
  return { summary: { ...summary, statements }, moved: changes.length }
}

/** Writes to a temporary file and renames it, so that a killed run keeps the old file. */
function write(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, text)
  renameSync(aside, file)
}
