// Creates abort signals for parts of a run.

/**
 * Creates a new signal that aborts when the caller's signal does. A run has one signal and many downloads, and Node
 * warns of a leak if more than ten listeners are on one signal.
 */
export function ownSignal(signal: AbortSignal | undefined): AbortSignal {
  return AbortSignal.any(signal === undefined ? [] : [signal])
}
