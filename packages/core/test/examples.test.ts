import { globSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { parseManifest } from '../src/manifest/parse-manifest.ts'
import { manifestShape } from '../src/manifest/schema/manifest-schema.ts'
import { makePlan } from '../src/plan/make-plan.ts'
import { changesIn } from '../src/plan/plan.ts'
import { factsOf, imageFacts, storageFacts } from './support/given.ts'

const FOLDER = resolve(import.meta.dirname, '../../../examples')
const files = globSync('*.yaml', { cwd: FOLDER })

function parse(file: string) {
  const text = readFileSync(resolve(FOLDER, file), 'utf8')
  return parseManifest({ text, file: basename(file) }, { environment: { OPS_PASSWORD: 'secret' } })
}

describe('examples', () => {
  it('are there', () => expect(files.length).toBeGreaterThan(3))

  it.each(files)('%s parses, and plans on an empty cluster', (file) => {
    const { desired } = parse(file)
    const images = new Map([...desired.images.keys()].map((name, index) => [name, imageFacts(name, String(index))]))
    const facts = factsOf({ images })
    const storages = ['pve1', 'pve2'].flatMap((node) => [
      storageFacts(node, 'local'),
      storageFacts(node, 'local-lvm', { type: 'lvmthin' }),
    ])
    const plan = makePlan(desired, { ...facts, cluster: { ...facts.cluster, storages } })
    expect(plan.steps.filter(({ kind }) => kind === 'create')).toHaveLength(desired.machines.length)
    expect(plan.steps.filter(({ problem }) => problem)).toEqual([])
    expect(changesIn(plan)).toBeGreaterThan(0)
  })

  it('everything.yaml names every key once', () => {
    const document: unknown = parseYaml(readFileSync(resolve(FOLDER, 'everything.yaml'), 'utf8'))
    const used = new Set(pathsIn(document, manifestShape()).map(sameKey))
    const missing = [...new Set(pathsOf(manifestShape()).map(sameKey))].filter((path) => !used.has(path))
    // Defaults and profiles share their keys with machines.
    expect(missing.filter((path) => !/^(defaults|profiles\.\*)\./.test(path) && !OTHER_FORM.test(path))).toEqual([])
  })
})

/** Other forms of a key that is used, or keys that cannot be combined with one that is. */
const OTHER_FORM =
  /\.(mac|ip6)\.from$|\.(sshKeys\.\*|userData|networkConfig|vendorData)\.(file|url|fill|text|insecure)$|\.build\..*\.?(userData|content)\.(file|fill|text)$|^images\.\*\.unknown$|\.ha\.group$|\.signature\b/

/**
 * Treats these as the same keys: a card alone or in a list, both kinds of disks, an address with or without its list.
 */
function sameKey(path: string): string {
  return path
    .replace(/\.network\.(?!\*)/, '.network.*.')
    .replace(/\.cdrom\.(?!\*)/, '.cdrom.*.')
    .replace('.disks.*', '.disk')
    .replace('.addresses.*.', '.')
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** Returns all keys of a schema: `vms.*.network.*.vlan`. Alternative shapes are merged. */
function pathsOf(schema: Schema, path = ''): readonly string[] {
  const below = (key: string, inner: Schema | boolean | undefined) => {
    const at = path === '' ? key : `${path}.${key}`
    return typeof inner === 'object' ? [at, ...pathsOf(inner, at)] : []
  }
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => below(key, inner)),
    ...below('*', schema.additionalProperties).filter((at) => at !== '*' && !at.endsWith('.*')),
    ...below('*', schema.items).filter((at) => !at.endsWith('.*')),
    ...(schema.anyOf ?? []).flatMap((inner) => pathsOf(inner, path)),
  ].map((at) => at.replaceAll('.*.*', '.*'))
}

function shapesOf(schema: Schema): readonly Schema[] {
  return [schema, ...(schema.anyOf ?? []).flatMap(shapesOf)]
}

/** Returns the keys of a value in the same format. */
function pathsIn(value: unknown, schema: Schema, path = ''): readonly string[] {
  const shapes = shapesOf(schema)
  if (Array.isArray(value))
    return value.flatMap((entry) => shapes.flatMap(({ items }) => (items ? pathsIn(entry, items, `${path}.*`) : [])))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) =>
    shapes.flatMap((shape) => {
      const known = shape.properties?.[key]
      const inner = known ?? (typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined)
      const at = [...(path === '' ? [] : [path]), known ? key : '*'].join('.')
      return inner === undefined ? [] : [at, ...pathsIn(entry, inner, at)]
    }),
  )
}
