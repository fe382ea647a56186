// Defaults, profiles and an entry's own words as one document.
import type { DefaultsDocument, MachineDocument, ProfileDocument } from '../schema/manifest-schema.ts'

export type Layer = DefaultsDocument | ProfileDocument | MachineDocument

/** Later layers win; mappings merge key by key, lists and single values are replaced whole. */
export function mergeLayers(layers: readonly Layer[]): MachineDocument {
  return layers.reduce<MachineDocument>((below, above) => mergeTwo(below, above), {})
}

const MAPPINGS = ['storage', 'cloudInit', 'startOrder', 'smbios'] as const

function mergeTwo(below: MachineDocument, above: Layer): MachineDocument {
  const both: MachineDocument = { ...below, ...above }
  // Of the two ways to say where, the nearer one excludes the other.
  if (above.node !== undefined) delete both.nodes
  else if (above.nodes !== undefined) delete both.node
  const merged = MAPPINGS.filter((key) => below[key] !== undefined && above[key] !== undefined)
  return { ...both, ...Object.fromEntries(merged.map((key) => [key, { ...below[key], ...above[key] }])) }
}

/** The names in `profile`, in their order. */
export function profileNames(profile: DefaultsDocument['profile']): readonly string[] {
  if (profile === undefined) return []
  return typeof profile === 'string' ? [profile] : profile
}
