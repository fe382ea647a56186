// Lists the addresses of an image.
import type { AddressImage, Image } from '../../manifest/manifest.ts'
import { decodePercent } from '../../ports/network/percent.ts'

/**
 * Returns the dated address first, then the address in the manifest, then its mirrors. All have the same digest.
 * Returns none for an image that does not come from a server.
 */
export function addressesOf(
  image: Pick<AddressImage, 'url' | 'mirrors'> | Exclude<Image, AddressImage>,
  { url }: { readonly url: URL },
): readonly URL[] {
  if (!('url' in image)) return []
  const addresses = [url, image.url, ...image.mirrors]
  return addresses.filter(({ href }, index) => addresses.findIndex((other) => other.href === href) === index)
}

/** Returns the last segment of an address, decoded. */
export function fileNameOf(url: URL): string {
  return decodePercent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1))
}
