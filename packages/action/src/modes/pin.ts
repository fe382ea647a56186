// Mode `pin`: writes which bytes the images are today into the lock file. The vendors are asked, Proxmox is not.
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

/** Written aside and renamed, so that a killed run leaves the old one. */
function write(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, text)
  renameSync(aside, file)
}
