// Which key was probably meant: the nearest of those that the schema knows in that place.
import { closestMatch } from 'leven'
import type { ManifestPath } from './read-yaml.ts'

/** As much of a JSON Schema as is needed to walk down it. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

/** `cuont` → `count`; nothing where no known key is near. `schema` is that of the whole document. */
export function nearestKey(schema: object, path: ManifestPath, key: string): string | undefined {
  const known = path.reduce<readonly JsonSchema[]>(step, [schema]).flatMap(branches)
  const keys = known.flatMap(({ properties }) => Object.keys(properties ?? {}))
  return closestMatch(key, keys, { maxDistance: Math.ceil(key.length / 3) })
}

function step(schemas: readonly JsonSchema[], key: string | number): readonly JsonSchema[] {
  return schemas.flatMap(branches).flatMap((schema) => {
    const below = schema.properties?.[key] ?? schema.items ?? schema.additionalProperties
    return typeof below === 'object' ? [below] : []
  })
}

function branches(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf?.flatMap(branches) ?? [schema]
}
