// The local route: writes the image into the storage's folder on this computer, to a temporary name, and renames it.

import { access, constants, link, open, rename, rm } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { ProvisionError } from '../../errors.ts'
import { listStorage } from '../../facts/cluster/list-storage.ts'
import type { Digest } from '../../manifest/manifest.ts'
import { onDisk } from '../../ports/files/disk-error.ts'
import { hashFile } from '../../ports/files/hash-file.ts'
import { api } from '../../ports/pve/api.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import type { Blob } from '../../ports/world.ts'
import type { StepContext } from '../step-context.ts'
import { copyVerified } from './copy-verified.ts'

export interface LocalWrite {
  readonly at: StorageRef
  readonly blob: Blob
  readonly fileName: string
  /** Expected digest of the blob. Absent if it was verified before. */
  readonly digest?: Digest
}

/**
 * Writes the image.
 * @throws ProvisionError `DISK` if the storage's folder is not on this computer, or for disk errors; `CHECKSUM` if the
 * blob is damaged
 */
export async function writeIntoStorage(write: LocalWrite, context: StepContext): Promise<void> {
  const folder = await importFolder(write.at, context)
  // Proxmox does not list this name, because it has no known suffix.
  const aside = join(folder, `.${write.fileName}.pve-provision`)
  const path = join(folder, write.fileName)
  try {
    // This name may be a hard link to a blob that a killed run left. Never write into it.
    await rm(aside, { force: true })
    if (!(await linkVerified(write, aside, context))) {
      const { bytes: total, path: from } = write.blob
      const onBytes = (done: number) => context.progress({ done, total, unit: 'bytes', what: 'copying' })
      await copyVerified({ from, to: aside, digest: write.digest, signal: context.signal, onBytes })
      await syncFile(aside)
    }
    await onDisk(folder, () => rename(aside, path))
  } finally {
    await rm(aside, { force: true })
  }
  if (await isListed(write, context)) return
  // Every node has a folder with this path, and this one belongs to another node.
  await rm(path, { force: true })
  throw elsewhere(write.at.storage, `${write.at.node} does not see the file written to ${folder}`)
}

async function isListed({ at, fileName }: LocalWrite, { world }: StepContext): Promise<boolean> {
  return (await listStorage(at, world.pve)).some(({ name }) => name === fileName)
}

async function importFolder({ storage }: StorageRef, { world }: StepContext): Promise<string> {
  const { path } = await api(world.pve).storage.$(storage).$get()
  if (typeof path !== 'string' || !isAbsolute(path)) throw elsewhere(storage, 'it is not a file storage')
  const folder = join(path, 'import')
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw elsewhere(storage, `${folder} cannot be written from here`, cause)
  })
  return folder
}

function elsewhere(storage: string, how: string, cause?: unknown): ProvisionError {
  return new ProvisionError('DISK', `The folder of storage ${storage} is not on this computer: ${how}.`, {
    cause,
    hint: 'The route `local` works only on the node itself. Elsewhere, remove `route`.',
  })
}

/**
 * Creates a hard link if store and storage are on the same file system, so that nothing is copied or stored twice.
 * Neither Proxmox nor this program ever writes into the file.
 * @returns false if a copy is needed: another file system, or one without links
 */
async function linkVerified({ blob, digest }: LocalWrite, aside: string, { signal }: StepContext): Promise<boolean> {
  const isLinked = await link(blob.path, aside).then(
    () => true,
    () => false,
  )
  if (!isLinked || digest === undefined) return isLinked
  const algorithm = algorithmOf(digest)
  expectDigest(blob, digest, `${algorithm}:${await hashFile(aside, algorithm, signal)}`)
  return true
}

function algorithmOf(digest: Digest | undefined): 'sha256' | 'sha512' {
  return digest?.startsWith('sha512:') ? 'sha512' : 'sha256'
}

function expectDigest({ path }: Blob, wanted: Digest, found: string): void {
  if (found !== wanted) throw new ProvisionError('CHECKSUM', `Checksum mismatch: ${path} is not ${wanted}.`)
}

function syncFile(path: string): Promise<void> {
  return onDisk(path, async () => {
    const file = await open(path, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  })
}
