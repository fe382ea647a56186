// The local route: the storage's folder is on this machine, so the image is put there, aside, and renamed.

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
  /** Of the blob's bytes, which are held against it; absent where that was done already. */
  readonly digest?: Digest
}

/**
 * @throws ProvisionError `DISK` when the storage's folder is not on this machine, or trouble of its disk; `CHECKSUM` when
 * the blob is not what it was
 */
export async function writeIntoStorage(write: LocalWrite, context: StepContext): Promise<void> {
  const folder = await importFolder(write.at, context)
  // A name that Proxmox does not list: it has none of its suffixes.
  const aside = join(folder, `.${write.fileName}.pve-provision`)
  const path = join(folder, write.fileName)
  try {
    // It may be another name of a blob in the store, left by a run that was killed: never to be written into.
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
  // Every node has a folder of this name: this one is another's.
  await rm(path, { force: true })
  throw elsewhere(write.at.storage, `${write.at.node} does not see what was written into ${folder}`)
}

async function isListed({ at, fileName }: LocalWrite, { world }: StepContext): Promise<boolean> {
  return (await listStorage(at, world.pve)).some(({ name }) => name === fileName)
}

async function importFolder({ storage }: StorageRef, { world }: StepContext): Promise<string> {
  const { path } = await api(world.pve).storage.$(storage).$get()
  if (typeof path !== 'string' || !isAbsolute(path)) throw elsewhere(storage, 'it is no storage of files')
  const folder = join(path, 'import')
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw elsewhere(storage, `${folder} cannot be written from here`, cause)
  })
  return folder
}

function elsewhere(storage: string, how: string, cause?: unknown): ProvisionError {
  return new ProvisionError('DISK', `The folder of storage ${storage} is not on this machine: ${how}.`, {
    cause,
    hint: 'The route `local` is for runs on the node itself; elsewhere leave the route out.',
  })
}

/**
 * Where store and storage share a file system, the volume is another name of the blob: nothing is copied, nothing lies
 * there twice. Neither Proxmox nor we ever write into it.
 * @returns false where it takes a copy: another file system, or one without links
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
