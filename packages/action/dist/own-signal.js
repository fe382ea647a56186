// ../core/dist/ports/network/own-signal.js
/**
* Creates a new signal that aborts when the caller's signal does. A run has one signal and many downloads, and Node
* warns of a leak if more than ten listeners are on one signal.
*/
function ownSignal(signal) {
	return AbortSignal.any(signal === void 0 ? [] : [signal]);
}

export { ownSignal as t };