// Finds the digest of an image in the checksum document of its vendor.
import { ProvisionError } from '../../errors.ts'
import type { AddressImage, Signature } from '../../manifest/manifest.ts'
import { shownUrl } from '../../ports/http/failure.ts'
import { decodePercent } from '../../ports/network/percent.ts'
import type { HttpDocument, World } from '../../ports/world.ts'
import { type DocumentChecksum, findChecksum } from '../checksums/checksum-document.ts'
import { verifySignature } from '../checksums/signature.ts'
import type { ImageFacts } from '../facts.ts'
import { fileNameOf } from './image-addresses.ts'

/**
 * Returns the digest of an image and the address of its build.
 * @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP`
 */
export async function fromDocument(
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
