// Makes the cache folder, and refuses one that others could have prepared for us.
import { lstat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { ProvisionError } from '../../errors.ts'
import { systemCode } from '../disk-error.ts'
import { makeFolder } from '../make-folder.ts'

/** Backup programs leave out folders with this file: https://bford.info/cachedir/ */
const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of pve-provision and can be deleted at any time.
`

/** @throws ProvisionError `DISK` for a folder of another user; system errors as they are */
export async function prepareFolder(directory: string, folders: readonly string[]): Promise<void> {
  for (const folder of [directory, ...folders]) {
    await makeFolder(folder)
    await refuseForeign(folder)
  }
  await writeFile(join(directory, 'CACHEDIR.TAG'), TAG, { flag: 'wx' }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error
  })
}

async function refuseForeign(folder: string): Promise<void> {
  const status = await lstat(folder)
  const user = getuid?.()
  if (status.isDirectory() && (user === undefined || status.uid === user)) return
  throw new ProvisionError('DISK', `The cache folder is not ours: ${folder} belongs to user ${status.uid}.`, {
    hint: 'Whoever owns it could exchange images. Point PVE_PROVISION_CACHE to a folder of your own.',
    details: { path: folder, owner: status.uid },
  })
}
