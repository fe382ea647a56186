// Finds an image's digest in the manifest, the lock file or the vendor's document, and examines its first bytes.

import { wrongLength } from '../../codecs/image/look-at-image.ts'
import { examine, HEAD_BYTES, refuseByName, sniff } from '../../codecs/image/sniff.ts'
import { ProvisionError } from '../../errors.ts'
import type { LockedImage, LockFile } from '../../manifest/lock-file.ts'
import type { AddressImage, Signature } from '../../manifest/manifest.ts'
import { withoutSecrets, withSecretsOf } from '../../manifest/secret-address.ts'
import { shownUrl } from '../../ports/http/failure.ts'
import { decodePercent } from '../../ports/network/percent.ts'
import type { HttpDocument, World } from '../../ports/world.ts'
import { type DocumentChecksum, findChecksum } from '../checksums/checksum-document.ts'
import { verifySignature } from '../checksums/signature.ts'
import type { ImageFacts } from '../facts.ts'
import { recallDigestFacts } from './digest-facts.ts'
import { addressesOf } from './image-addresses.ts'

export interface ResolveOptions {
  readonly lock?: LockFile | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Returns the digest of an image and its address: from the lock file, else from the manifest, else from the vendor's
 * checksum document. Without any of them, the image is refused.
 * @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP`; `MANIFEST` if the lock file pins another address
 */
export async function resolveImage(
  image: AddressImage,
  world: World,
  { lock, signal }: ResolveOptions = {},
): Promise<ImageFacts> {
  const locked = lock?.images[image.name]
  if (locked !== undefined) return fromLock(image, locked)
  if (typeof image.checksum === 'string') {
    return {
      name: image.name,
      digest: image.checksum,
      digestFrom: 'manifest',
      url: image.url,
      signature: 'not asked for',
    }
  }
  if (image.checksum === undefined) throw unknownDigest(image)
  return fromDocument(image, image.checksum, { world, ...(signal && { signal }) })
}

function fromLock(image: AddressImage, locked: LockedImage): ImageFacts {
  const pinned = typeof image.checksum === 'string' ? image.checksum : locked.digest
  if (locked.url !== withoutSecrets(image.url, image.secrets) || pinned !== locked.digest) {
    throw new ProvisionError('MANIFEST', `The lock file pins ${image.name} to another digest than the manifest.`, {
      hint: 'Run `pve-provision pin`, or apply with --update-images.',
      details: { locked: locked.digest, url: locked.url },
    })
  }
  const { digest, resolvedUrl, sizeBytes, signature, measured } = locked
  return {
    name: image.name,
    digest,
    digestFrom: measured ? 'first use' : 'lock',
    url: withSecretsOf(resolvedUrl, image.url, image.secrets),
    signature,
    ...(sizeBytes !== undefined && { sizeBytes }),
  }
}

function unknownDigest({ name, url }: AddressImage): ProvisionError {
  return new ProvisionError('CHECKSUM', `The image ${name} has no \`checksum\`, so its content cannot be verified.`, {
    hint: "Set the vendor's checksum document or a digest. If there is none, `pve-provision pin` downloads the image once and writes its digest to the lock file.",
    details: { url: shownUrl(url) },
  })
}

async function fromDocument(
  image: AddressImage,
  address: URL,
  { world, signal }: { readonly world: World; readonly signal?: AbortSignal },
): Promise<ImageFacts> {
  const document = await world.http.getDocument(address, signal && { signal })
  const signed = image.signature
    ? await signedPart(document, image.signature, { world, ...(signal && { signal }) })
    : document.bytes
  const found = findImage(signed, image, fileNameOf(address))
  return {
    name: image.name,
    digest: found.digest,
    digestFrom: 'document',
    url: datedUrl(image.url, found),
    signature: image.signature ? 'verified' : 'not asked for',
    ...(found.sizeBytes !== undefined && { sizeBytes: found.sizeBytes }),
  }
}

/** Tries the possible names of the image until the document lists one. The error names the first one. */
function findImage(document: Uint8Array, image: AddressImage, documentName: string): DocumentChecksum {
  const [first = '', ...others] = image.fileName === undefined ? namesIn(image.url) : [image.fileName]
  try {
    return findChecksum(document, { fileName: first, documentName })
  } catch (error) {
    for (const fileName of others) {
      const found = attempt(() => findChecksum(document, { fileName }))
      if (found !== undefined) return found
    }
    throw image.fileName === undefined ? withNameHint(error) : error
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

function withNameHint(error: unknown): unknown {
  if (!(error instanceof ProvisionError) || error.details.names === undefined) return error
  return new ProvisionError('CHECKSUM', error.message, {
    cause: error,
    hint: `Set the name that the image has in the document: \`fileName: NAME\`. ${error.hint ?? ''}`.trimEnd(),
    details: error.details,
  })
}

/**
 * Returns the part of a checksum document that a pinned key signed. A detached signature is downloaded from its own
 * address.
 */
async function signedPart(
  document: HttpDocument,
  { url, keys }: Signature,
  { world, signal }: { readonly world: World; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const detached = url && (await world.http.getDocument(url, signal && { signal }))
  return verifySignature({
    bytes: document.bytes,
    keys,
    name: shownUrl(document.url),
    ...(detached && { signature: detached.bytes }),
  })
}

/** Returns the address of the build, which stays the same when the vendor moves the alias. */
function datedUrl(url: URL, { datedName, datedPath }: Pick<DocumentChecksum, 'datedName' | 'datedPath'>): URL {
  if (datedName !== undefined) return new URL(encodeURIComponent(datedName), url)
  // Debian: `…/cloud/trixie/latest/x.qcow2` is `trixie/20260914-2601/x-20260914-2601.qcow2`. The first folder is
  // common.
  const [first] = datedPath?.split('/') ?? []
  const at = url.pathname.indexOf(`/${first}/`)
  return datedPath === undefined || at === -1
    ? url
    : new URL(`${url.pathname.slice(0, at)}/${encodeURI(datedPath)}`, url)
}

/**
 * Returns possible file names for an address: `…/NAME`, `…/get.php?file=NAME`, `…/NAME/download`. The most likely one
 * is first.
 */
function namesIn(url: URL): readonly string[] {
  const last = fileNameOf(url)
  const isFile = /\.(?!php$|aspx?$|cgi$|jsp$)[a-z0-9]{2,8}$/i.test(last)
  if (isFile) return [last]
  const values = Array.from(url.searchParams.values(), (value) => value.slice(value.lastIndexOf('/') + 1))
  const segments = url.pathname.split('/').slice(1, -1).map(decodePercent).toReversed()
  return [last, ...[...values, ...segments].filter((name) => /\.[a-z0-9]{2,8}$/i.test(name))]
}

/** Returns the last segment of an address, decoded. */
export function fileNameOf(url: URL): string {
  return decodePercent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1))
}

/** Adds the recorded facts about the digest. Makes no requests. */
export async function withRecalled(image: ImageFacts, world: World): Promise<ImageFacts> {
  const known = await recallDigestFacts(image.digest, world)
  if (known !== undefined) world.meter.add('cacheHits', 1)
  return known === undefined ? image : { ...known, ...image }
}

/**
 * Adds what the first bytes show, with one range request to the first address that answers, unless it is already known.
 */
export async function lookInside(
  facts: ImageFacts,
  image: Pick<AddressImage, 'url' | 'mirrors'>,
  { world, signal }: { readonly world: World; readonly signal?: AbortSignal | undefined },
): Promise<ImageFacts> {
  if (facts.compression !== undefined) return withNamedArchive(facts)
  const errors: unknown[] = []
  for (const url of addressesOf(image, facts)) {
    try {
      const { head, sizeBytes } = await world.http.peek(url, { bytes: HEAD_BYTES, ...(signal && { signal }) })
      const wrong = sizeBytes === undefined ? undefined : wrongLength(examine(head), sizeBytes)
      if (wrong !== undefined) throw wrong
      return withNamedArchive({ ...facts, ...sniff(head), ...(sizeBytes !== undefined && { sizeBytes }) })
    } catch (thrown) {
      if (!isOfOneServer(thrown)) throw thrown
      errors.push(thrown)
    }
  }
  throw errors[0]
}

/**
 * While the bytes are compressed, only the file name shows that they contain an archive, or what is no image.
 * @throws ProvisionError `IMAGE`
 */
function withNamedArchive(facts: ImageFacts): ImageFacts {
  const { compression, archive, url } = facts
  if (compression !== 'none') refuseByName(fileNameOf(url))
  const isNamed = /\.(?:tar(?:\.\w+)?|tgz|txz|tzst|tbz2?|ova)$/i.test(fileNameOf(url))
  return compression !== 'none' && archive === undefined && isNamed ? { ...facts, archive: 'tar' } : facts
}

/** Returns true if the failure concerns one server, so that another one may succeed. */
function isOfOneServer(thrown: unknown): boolean {
  return thrown instanceof ProvisionError && (thrown.code === 'HTTP' || thrown.code === 'IMAGE')
}
