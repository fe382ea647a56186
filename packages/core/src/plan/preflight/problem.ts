// What a check before the first change has to say.
/** Something that is in the way of a plan. */
export interface Problem {
  readonly code: 'CONFLICT' | 'PERMISSION'
  readonly sentence: string
  /** What mends it: words, or lines for a root shell. */
  readonly remedy: readonly string[]
}

/** A problem about the cluster or the manifest, as a list to add to others. */
export function conflict(sentence: string, ...remedy: readonly string[]): readonly Problem[] {
  return [{ code: 'CONFLICT', sentence, remedy }]
}
