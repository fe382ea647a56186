// The parts of JSON Schema that are needed to follow a path through it.

export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

/** Returns the possible schemas of the value at a key, given those of its parent. */
export function schemasBelow(schemas: readonly JsonSchema[], key: PropertyKey): readonly JsonSchema[] {
  return schemas.flatMap(branches).flatMap((schema) => {
    const below = schema.properties?.[String(key)] ?? schema.items ?? schema.additionalProperties
    return typeof below === 'object' ? [below] : []
  })
}

/** Returns the possible schemas of the value at a path. */
export function schemasAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly JsonSchema[] {
  return path.reduce<readonly JsonSchema[]>(schemasBelow, [schema])
}

/** Returns the keys that a mapping with these schemas may have. */
export function keysOf(schemas: readonly JsonSchema[]): readonly string[] {
  return schemas.flatMap(branches).flatMap(({ properties }) => Object.keys(properties ?? {}))
}

/** Returns true if the keys are names that the user chooses: machines, images, profiles. */
export function isNamed(schemas: readonly JsonSchema[]): boolean {
  return schemas.flatMap(branches).some(({ additionalProperties }) => typeof additionalProperties === 'object')
}

function branches(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf?.flatMap(branches) ?? [schema]
}
