// Where an image's bytes may be had.
import type { AddressImage } from '../../manifest/manifest.ts'

/** The dated address first, then the alias that the manifest names, then its mirrors: all promise the same digest. */
export function addressesOf(
  image: Pick<AddressImage, 'url' | 'mirrors'>,
  { url }: { readonly url: URL },
): readonly URL[] {
  const addresses = [url, image.url, ...image.mirrors]
  return addresses.filter(({ href }, index) => addresses.findIndex((other) => other.href === href) === index)
}
