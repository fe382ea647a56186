// As much of a JSON Schema as is needed to walk down it with a path.

export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

/** The shapes that the value at a key may have, given those of its parent. */
export function schemasBelow(schemas: readonly JsonSchema[], key: PropertyKey): readonly JsonSchema[] {
  return schemas.flatMap(branches).flatMap((schema) => {
    const below = schema.properties?.[String(key)] ?? schema.items ?? schema.additionalProperties
    return typeof below === 'object' ? [below] : []
  })
}

/** The shapes that the value at a path may have. */
export function schemasAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly JsonSchema[] {
  return path.reduce<readonly JsonSchema[]>(schemasBelow, [schema])
}

/** The keys that a mapping of these shapes may have. */
export function keysOf(schemas: readonly JsonSchema[]): readonly string[] {
  return schemas.flatMap(branches).flatMap(({ properties }) => Object.keys(properties ?? {}))
}

/** Whether names of one's own stand there: machines, images, profiles. */
export function isNamed(schemas: readonly JsonSchema[]): boolean {
  return schemas.flatMap(branches).some(({ additionalProperties }) => typeof additionalProperties === 'object')
}

function branches(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf?.flatMap(branches) ?? [schema]
}
