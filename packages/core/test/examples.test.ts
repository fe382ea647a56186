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
  const readExample = (path: string) => readFileSync(resolve(FOLDER, path))
  return parseManifest(
    { text, file: basename(file) },
    { environment: { OPS_PASSWORD: 'secret' }, readFile: readExample },
  )
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
    const bridges = new Map(['pve1', 'pve2'].map((node) => [node, new Set(['vmbr0', 'vmbr1'])]))
    const plan = makePlan(desired, { ...facts, cluster: { ...facts.cluster, storages, bridges } })
    expect(plan.steps.filter(({ kind }) => kind === 'create')).toHaveLength(desired.machines.length)
    expect(plan.steps.filter(({ problem }) => problem)).toEqual([])
    expect(changesIn(plan)).toBeGreaterThan(0)
  })

  it('everything.yaml has every key, in every form', () => {
    const document: unknown = parseYaml(readFileSync(resolve(FOLDER, 'everything.yaml'), 'utf8'), { merge: true })
    const used = new Set(pathsIn(document, manifestShape()).map(sameKey))
    const all = [...new Set(pathsOf(manifestShape()).map(sameKey))]
    expect(all.length).toBeGreaterThan(150)
    expect(all.filter((path) => !used.has(path))).toEqual([])
    expect(Object.keys(document as object).some((key) => key.startsWith('x-'))).toBe(true)
  })
})

/**
 * Treats these as the same keys: those of machines, defaults and profiles; a card alone or in a list; both kinds of disks;
 * an address with or without its list; both places of a `wait`.
 */
function sameKey(path: string): string {
  return path
    .replace(/^(?:defaults|profiles\.\*)\./, 'vms.*.')
    .replace('.rollout.wait.', '.wait.')
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
