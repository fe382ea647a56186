// An image that is a local file. It is hashed once, and again if it seems to have changed.
import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Look, lookAtImage } from '../../codecs/image/look-at-image.ts'
import { refuseByName } from '../../codecs/image/sniff.ts'
import { ProvisionError } from '../../errors.ts'
import type { LockedImage, LockFile } from '../../manifest/lock-file.ts'
import type { Digest, FileImage } from '../../manifest/manifest.ts'
import { diskError } from '../../ports/files/disk-error.ts'
import { hashFile } from '../../ports/files/hash-file.ts'
import { ownSignal } from '../../ports/network/own-signal.ts'
import type { World } from '../../ports/world.ts'
import type { ImageFacts } from '../facts.ts'

export interface FileOptions {
  readonly lock?: LockFile | undefined
  readonly signal?: AbortSignal | undefined
  /** True for an ISO: its content is not examined, because it is not a disk image. */
  readonly isIso?: boolean | undefined
}

/**
 * Examines the file and compares it with the digest in the manifest or the lock file.
 * @throws ProvisionError `IMAGE` if it is not an image; `CHECKSUM` if the digest differs; `DISK`
 */
export async function resolveFile(image: FileImage, world: World, options: FileOptions = {}): Promise<ImageFacts> {
  const { name, path } = image
  const locked = options.lock?.images[name]
  const promised = image.checksum ?? locked?.digest
  const digest = await measureFile(path, { world, algorithm: algorithmOf(promised), signal: options.signal })
  if (promised !== undefined && promised !== digest) throw changed(image, { promised, found: digest })
  return {
    name,
    digest,
    digestFrom: image.checksum !== undefined ? 'manifest' : locked !== undefined ? 'lock' : 'file',
    url: pathToFileURL(path),
    file: path,
    signature: 'not asked for',
    ...(options.isIso ? { sizeBytes: (await stat(path)).size } : await lookInFile(path)),
  }
}

async function lookInFile(path: string): Promise<Look> {
  const look = await lookAtImage(path)
  if (look.compression !== 'none') refuseByName(basename(path))
  return look
}

/** The lock file contains only the file's name, because the folder differs between computers. */
export function lockedFileUrl({ path }: Pick<FileImage, 'path'>): string {
  return `file:${encodeURIComponent(basename(path))}`
}

export async function pinFile(
  image: FileImage,
  world: World,
  {
    before: old,
    signal,
  }: { readonly before?: LockedImage | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<LockedImage> {
  const { digest, sizeBytes, format, virtualSizeBytes, signature } = await resolveFile(image, world, {
    signal,
    isIso: image.isIso,
  })
  const url = lockedFileUrl(image)
  if (old?.digest === digest && old.url === url) return old
  return {
    url,
    resolvedUrl: url,
    digest,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(format !== undefined && { format }),
    ...(virtualSizeBytes !== undefined && { virtualSizeBytes }),
    signature,
    pinnedAt: new Date(world.clock.now()).toISOString(),
  }
}

interface Measuring {
  readonly world: Pick<World, 'journal'>
  readonly algorithm: 'sha256' | 'sha512'
  readonly signal: AbortSignal | undefined
}

/** Hashes the file again only if its size, time or inode changed. The step that copies the file hashes it once more. */
async function measureFile(path: string, { world, algorithm, signal }: Measuring): Promise<Digest> {
  const identity = await identityOf(path)
  const key = keyOf(path)
  const known = (await world.journal.recall(key))?.value
  if (isMeasured(known) && known.identity === identity && known.digest.startsWith(`${algorithm}:`)) return known.digest
  const digest: Digest = `${algorithm}:${await hashFile(path, algorithm, ownSignal(signal))}`
  await world.journal.record(key, { identity, digest })
  return digest
}

/** Call this if a copy has other bytes than those that were hashed. */
export async function forgetFile(path: string, { journal }: Pick<World, 'journal'>): Promise<void> {
  await journal.record(keyOf(path), {})
}

function keyOf(path: string): string {
  return `file:${path}`
}

async function identityOf(path: string): Promise<string> {
  let file: FileHandle | undefined
  try {
    // Non-blocking, because opening a pipe would wait for a writer.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const status = await file.stat({ bigint: true })
    if (!status.isFile()) throw notThere(path, 'is not a regular file')
    return [status.size, status.mtimeNs, status.ino].join(' ')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw notThere(path, 'does not exist')
    throw diskError(error, path)
  } finally {
    await file?.close()
  }
}

interface Measured {
  readonly identity: string
  readonly digest: Digest
}

function isMeasured(value: unknown): value is Measured {
  if (typeof value !== 'object' || value === null || !('digest' in value) || !('identity' in value)) return false
  return /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(String(value.digest))
}

function algorithmOf(digest: Digest | undefined): 'sha256' | 'sha512' {
  return digest?.startsWith('sha512:') ? 'sha512' : 'sha256'
}

function notThere(path: string, how: string): ProvisionError {
  return new ProvisionError('IMAGE', `The image ${path} ${how}.`, {
    hint: 'Paths in a manifest are relative to the manifest.',
    details: { path },
  })
}

function changed(
  { name, path, checksum }: FileImage,
  { promised, found }: { readonly promised: Digest; readonly found: Digest },
): ProvisionError {
  const whose = checksum === undefined ? 'the lock file' : 'the manifest'
  return new ProvisionError(
    'CHECKSUM',
    `The file of ${name} does not match the digest in ${whose}: ${path} has changed.`,
    {
      hint:
        checksum === undefined
          ? 'To use the new file, run `pve-provision pin`, or apply with --update-images.'
          : `Correct \`images.${name}.checksum\`, or restore the file.`,
      details: { promised, found },
    },
  )
}
