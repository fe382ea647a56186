// Trust on first use: downloads an image without a known digest and computes its digest.
import { stat } from 'node:fs/promises'
import { ProvisionError } from '../../errors.ts'
import type { LockedImage } from '../../manifest/lock-file.ts'
import type { AddressImage, Digest } from '../../manifest/manifest.ts'
import { isOpenHttp } from '../../manifest/open-http.ts'
import type { Validators, World } from '../../ports/world.ts'
import type { ImageFacts } from '../facts.ts'
import { recordDigestFacts, sniffFile } from './digest-facts.ts'

export interface MeasuredImage {
  readonly facts: ImageFacts
  readonly measured: Validators
}

export interface MeasureOptions {
  readonly signal?: AbortSignal
  readonly onBytes?: (done: number, total?: number) => void
}

/**
 * Downloads the image from its own address, never from a mirror, and stores it under its digest.
 * @throws ProvisionError `CHECKSUM` for plain http, where anyone on the network can change the bytes; `HTTP`; `IMAGE`
 * if the file is not an image; `DISK` `CANCELLED`
 */
export async function measureImage(
  { name, url, isIso = false }: AddressImage,
  world: World,
  { signal, onBytes }: MeasureOptions = {},
): Promise<MeasuredImage> {
  if (isOpenHttp(url)) throw tooWeak(name)
  let measured: Validators = {}
  const blob = await world.store.receive(async (to) => {
    const {
      digest,
      bytes: _,
      ...validators
    } = await world.http.measure({
      url,
      to,
      ...(signal && { signal }),
      ...(onBytes && { onBytes }),
    })
    await insideOf(to, isIso)
    measured = validators
    return digest
  }, signal)
  const facts: ImageFacts = {
    name,
    digest: blob.key as Digest,
    digestFrom: 'first use',
    url,
    signature: 'not asked for',
    ...(await insideOf(blob.path, isIso)),
  }
  if (!isIso) await recordDigestFacts(facts, world)
  return { facts, measured }
}

/** An ISO is used as it is, so its content is not examined. */
async function insideOf(path: string, isIso: boolean): Promise<Partial<ImageFacts>> {
  return isIso ? { sizeBytes: (await stat(path)).size } : sniffFile(path)
}

/** Returns true if the server still sends the same validators. This saves a download but does not prove anything. */
export async function isAsMeasured(
  { url }: AddressImage,
  old: LockedImage,
  world: World,
  signal?: AbortSignal,
): Promise<boolean> {
  const { etag, lastModified } = old.measured ?? {}
  const now = await world.http.peek(url, { mayDowngrade: false, ...(signal && { signal }) })
  if (now.sizeBytes === undefined || now.sizeBytes !== old.sizeBytes) return false
  if (etag !== undefined && now.etag !== undefined) return etag === now.etag
  return lastModified !== undefined && lastModified === now.lastModified
}

function tooWeak(name: string): ProvisionError {
  return new ProvisionError(
    'CHECKSUM',
    `${name} has no \`checksum\` and is downloaded over plain http: anyone on the network could change it.`,
    {
      hint: 'Use an https address, a digest or a checksum document.',
    },
  )
}
