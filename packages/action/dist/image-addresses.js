import { t as decodePercent } from "./percent.js";

// ../core/dist/facts/images/image-addresses.js
/**
* Returns the dated address first, then the address in the manifest, then its mirrors. All have the same digest.
* Returns none for an image that does not come from a server.
*/
function addressesOf(image, { url }) {
	if (!("url" in image)) return [];
	const addresses = [
		url,
		image.url,
		...image.mirrors
	];
	return addresses.filter(({ href }, index) => addresses.findIndex((other) => other.href === href) === index);
}
/** Returns the last segment of an address, decoded. */
function fileNameOf(url) {
	return decodePercent(url.pathname.slice(url.pathname.lastIndexOf("/") + 1));
}

export { fileNameOf as n, addressesOf as t };