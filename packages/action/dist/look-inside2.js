import { a as refuseByName, i as examine, n as wrongLength, r as HEAD_BYTES, s as sniff } from "./look-at-image.js";
import { t as ProvisionError } from "./errors.js";
import { n as fileNameOf, t as addressesOf } from "./image-addresses.js";

// ../core/dist/facts/images/look-inside.js
/**
* Adds what the first bytes show, with one range request to the first address that answers, unless it is already known.
*/
async function lookInside(facts, image, { world, signal }) {
	if (facts.compression !== void 0) return withNamedArchive(facts);
	const errors = [];
	for (const url of addressesOf(image, facts)) try {
		const { head, sizeBytes } = await world.http.peek(url, {
			bytes: HEAD_BYTES,
			...signal && { signal }
		});
		const wrong = sizeBytes === void 0 ? void 0 : wrongLength(examine(head), sizeBytes);
		if (wrong !== void 0) throw wrong;
		return withNamedArchive({
			...facts,
			...sniff(head),
			...sizeBytes !== void 0 && { sizeBytes }
		});
	} catch (thrown) {
		if (!isOfOneServer(thrown)) throw thrown;
		errors.push(thrown);
	}
	throw errors[0];
}
/**
* While the bytes are compressed, only the file name shows that they contain an archive, or what is no image.
* @throws ProvisionError `IMAGE`
*/
function withNamedArchive(facts) {
	const { compression, archive, url } = facts;
	if (compression !== "none") refuseByName(fileNameOf(url));
	const isNamed = /\.(?:tar(?:\.\w+)?|tgz|txz|tzst|tbz2?|ova)$/i.test(fileNameOf(url));
	return compression !== "none" && archive === void 0 && isNamed ? {
		...facts,
		archive: "tar"
	} : facts;
}
/** Returns true if the failure concerns one server, so that another one may succeed. */
function isOfOneServer(thrown) {
	return thrown instanceof ProvisionError && (thrown.code === "HTTP" || thrown.code === "IMAGE");
}

export { lookInside as t };