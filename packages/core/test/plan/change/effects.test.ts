import { describe, expect, it } from 'vitest'
import { manifestShape } from '../../../src/manifest/schema/manifest-schema.ts'
import { EFFECTS, effectOf, takesEffect } from '../../../src/plan/change/effects.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** Returns the keys of a machine. Nested keys look like `network.bridge`. */
function keysOf(schema: Schema, prefix = ''): readonly string[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])]
  return [
    ...inner.flatMap((one) => keysOf(one, prefix)),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
      `${prefix}${key}`,
      ...keysOf(value, `${prefix}${key}.`),
    ]),
  ]
}

const { properties } = manifestShape() as Schema
const MACHINE_KEYS = keysOf(properties?.vms?.additionalProperties ?? {})

describe('every key of a machine', () => {
  it.each(MACHINE_KEYS)('%s has an effect', (key) => {
    expect(effectOf(key)).toBeDefined()
    expect(takesEffect(key)).toEqual(expect.any(String))
  })

  it('is a key of the manifest: no effect is left for a removed key', () => {
    const known = new Set([...MACHINE_KEYS, 'name', 'storage'])
    expect(Object.keys(EFFECTS).filter((key) => !known.has(key))).toEqual([])
  })
})

describe('takesEffect', () => {
  it.each([
    ['tags', 'at once'],
    ['memory', 'at its next restart'],
    ['network[0].bridge', 'at once'],
    ['network[1].mac', 'at its next restart'],
    ['disks[3].limits.readMBps', 'at once'],
    ['cloudInit.user', 'at its next boot; cloud-init runs as on a new machine'],
    ['image', 'with `--replace`'],
    ['name', 'at once; in the guest at its next boot'],
    ['network[12].mac', 'at its next restart'],
    ['count', ''],
    ['nonsense', undefined],
  ])('%s: %s', (key, words) => {
    expect(takesEffect(key)).toBe(words)
  })
})
