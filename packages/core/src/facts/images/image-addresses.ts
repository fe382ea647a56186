// Lists the addresses of an image.
import type { AddressImage, Image } from '../../manifest/manifest.ts'

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
