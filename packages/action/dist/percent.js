// ../core/dist/ports/network/percent.js
/** Decodes the percent escapes in the text as far as possible. */
function decodePercent(text) {
	return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
		try {
			return decodeURIComponent(escapes);
		} catch {
			return escapes;
		}
	});
}

export { decodePercent as t };