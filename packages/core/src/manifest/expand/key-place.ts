// Where a key of a machine stands: in its own entry, in a profile, or in the defaults.
import type { Position } from '../manifest.ts'
import type { ManifestPath } from '../read/tree.ts'

/** A mapping that a machine takes keys from, with its path. */
export interface KeyLayer {
  readonly path: ManifestPath
  readonly keys: Readonly<Record<string, unknown>>
}

/**
 * The position of a key such as `memory` or `network[0].bridge`, in the layer that has the last word about it; looked for
 * only when it is asked for. Nothing for a key that no layer states.
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
