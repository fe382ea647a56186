// Finds where a key of a machine is stated: in its own entry, in a profile, or in the defaults.
import type { Position } from '../manifest.ts'
import type { ManifestPath } from '../read/tree.ts'

/** A mapping that a machine takes keys from, with its path. */
export interface KeyLayer {
  readonly path: ManifestPath
  readonly keys: Readonly<Record<string, unknown>>
}

/**
 * Returns the position of a key such as `memory` or `network[0].bridge`, in the layer whose value wins. It searches
 * only when called. Returns undefined for a key that no layer states.
 */
export function keyPlace(
  layers: readonly KeyLayer[],
  place: (path: ManifestPath) => Position,
): (key: string) => Position | undefined {
  return (key) => {
    const path = key.split(/[.[\]]+/).filter((part) => part !== '')
    const [top = ''] = path
    const layer = layers.findLast(({ keys }) => keys[top] !== undefined)
    return layer && place([...layer.path, ...path.map((part) => (/^\d+$/.test(part) ? Number(part) : part))])
  }
}
