// Creates the cache folder, and refuses one that another user may have prepared.
import { lstat, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { ProvisionError } from '../../errors.ts'
import { diskError, systemCode } from '../files/disk-error.ts'
import { makeFolder } from '../files/make-folder.ts'

/** Backup programs skip folders with this file: https://bford.info/cachedir/ */
const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of pve-provision and can be deleted at any time.
`

/**
 * Creates the folders. @throws ProvisionError `DISK` for a folder of another user; system errors pass through unchanged
 */
export async function makeFolders(directory: string, below: readonly string[]): Promise<void> {
  for (const folder of [directory, ...below]) {
    await makeFolder(folder)
    await refuseForeign([folder])
  }
  await writeFile(join(directory, 'CACHEDIR.TAG'), TAG, { flag: 'wx' }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error
  })
}

/** Checks the folders that exist. The first may be a symbolic link. @throws ProvisionError `DISK` */
export async function refuseForeign([directory = '', ...below]: readonly string[]): Promise<void> {
  const user = getuid?.()
  for (const [folder, look] of [[directory, stat] as const, ...below.map((path) => [path, lstat] as const)]) {
    const status = await look(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw diskError(error, folder)
    })
    if (status === undefined) return
    if (!status.isDirectory()) throw inTheWay(folder)
    if (user !== undefined && status.uid !== user) throw foreign(folder, status.uid)
  }
}

function inTheWay(path: string): ProvisionError {
  return new ProvisionError('DISK', `This is not a folder: ${path}`, {
    hint: 'Remove it, or set PVE_PROVISION_CACHE.',
    details: { path },
  })
}

function foreign(folder: string, owner: number): ProvisionError {
  return new ProvisionError('DISK', `The cache folder ${folder} belongs to another user (${owner}).`, {
    hint: 'That user could replace images. Point PVE_PROVISION_CACHE to a folder that you own.',
    details: { path: folder, owner },
  })
}
