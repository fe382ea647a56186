// Where an image's bytes may be had.
import type { AddressImage, Image } from '../../manifest/manifest.ts'

/**
 * The dated address first, then the alias that the manifest names, then its mirrors: all promise the same digest. None of
 * what comes from no server.
 */
export function addressesOf(
  image: Pick<AddressImage, 'url' | 'mirrors'> | Exclude<Image, AddressImage>,
  { url }: { readonly url: URL },
): readonly URL[] {
  if (!('url' in image)) return []
  const addresses = [url, image.url, ...image.mirrors]
  return addresses.filter(({ href }, index) => addresses.findIndex((other) => other.href === href) === index)
}
