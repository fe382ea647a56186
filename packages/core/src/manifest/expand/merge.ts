// Merges defaults, profiles and an entry into one document.
import type { DefaultsDocument, MachineDocument, ProfileDocument } from '../schema/manifest-schema.ts'

export type Layer = DefaultsDocument | ProfileDocument | MachineDocument

/** Later layers win. Mappings merge key by key; lists and single values are replaced as a whole. */
export function mergeLayers(layers: readonly Layer[]): MachineDocument {
  return layers.reduce<MachineDocument>((below, above) => mergeTwo(below, above), {})
}

const MAPPINGS = ['storage', 'cloudInit', 'startOrder', 'smbios'] as const

function mergeTwo(below: MachineDocument, above: Layer): MachineDocument {
  const both: MachineDocument = { ...below, ...above }
  // `node` and `nodes` exclude each other: a later layer's key removes the other one.
  if (above.node !== undefined) delete both.nodes
  else if (above.nodes !== undefined) delete both.node
  const merged = MAPPINGS.filter((key) => below[key] !== undefined && above[key] !== undefined)
  return { ...both, ...Object.fromEntries(merged.map((key) => [key, { ...below[key], ...above[key] }])) }
}

/** Returns the names in `profile`, in order. */
export function profileNames(profile: DefaultsDocument['profile']): readonly string[] {
  if (profile === undefined) return []
  return typeof profile === 'string' ? [profile] : profile
}
