// Signals of the parts of a run.

/**
 * A signal of one's own that aborts with the caller's, if there is one. A run has one signal and many downloads: Node
 * warns of a leak when more than ten of them listen to the same.
 */
export function ownSignal(signal: AbortSignal | undefined): AbortSignal {
  return AbortSignal.any(signal === undefined ? [] : [signal])
}
