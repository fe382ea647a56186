// Compares the rules in the package with Proxmox's own API schemas, if they exist next to the repository.
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { valueFormats } from '../../src/schema/formats.ts'
import { findRoute, type PropertyRule, type PropertyRules, type ProxmoxVersion } from '../../src/schema/index.ts'
import { propertyFormats } from '../../src/schema/property-formats.ts'
import { recordingPath, recordingsAbsent } from '../recordings/recordings.ts'

type SchemaProperty = Readonly<Record<string, unknown>>
type Method = {
  readonly parameters: { readonly properties?: Readonly<Record<string, SchemaProperty>> } | null
  readonly protected?: 0 | 1
  readonly proxyto?: string
  readonly permissions?: {
    readonly check?: unknown
    readonly user?: string
    /** Where newer schemas store the check. */
    readonly expression?: { readonly check?: unknown }
  }
}
type Schema = { readonly paths: Readonly<Record<string, Readonly<Record<string, Method>>>> }

const VERSIONS = ['8.4', '9.2'] as const
const packageFolder = fileURLToPath(new URL('../../', import.meta.url))
const title = recordingsAbsent === undefined ? '' : ` (not run: ${recordingsAbsent})`

describe.skipIf(recordingsAbsent !== undefined)(`contract with the API schemas${title}`, () => {
  test('the committed rules are what the generator makes from the schemas', async () => {
    const output = join(await mkdtemp(join(tmpdir(), 'rules-')), 'rules.json')
    const schemas = VERSIONS.map((version) => recordingPath(`schema-${version}.json`))
    await execa(process.execPath, [join(packageFolder, 'scripts/generate-rules.mjs'), '--output', output, ...schemas])
    const made = spelledOut(await readFile(output, 'utf8'))
    const committed = spelledOut(await readFile(join(packageFolder, 'src/schema/rules.json'), 'utf8'))
    expect(made.size).toBeGreaterThan(300)
    for (const [method, rule] of made) expect(committed.get(method), method).toEqual(rule)
  })

  test.each(VERSIONS)('%s: every method is known, with its parameters, process and permissions', (version) => {
    for (const [path, template, name, method] of methodsOf(version)) {
      const rule = findRoute(name, path, version)?.rule
      expect(rule, `${name} ${path}`).toMatchObject({ template, method: name, protected: Boolean(method.protected) })
      expect(rule?.proxyTo).toBe(method.proxyto ?? undefined)
      expect(rule?.permissions.check).toEqual(method.permissions?.check ?? method.permissions?.expression?.check)
      expect(new Set(Object.keys(rule?.parameters ?? {}).map(withoutNumber))).toEqual(
        new Set(Object.keys(method.parameters?.properties ?? {}).map(withoutNumber)),
      )
    }
  })

  test.each(VERSIONS)('%s: every parameter keeps its bounds', (version) => {
    let compared = 0
    for (const [path, , name, method] of methodsOf(version)) {
      const parameters = findRoute(name, path, version)?.rule.parameters ?? {}
      for (const [key, property] of Object.entries(method.parameters?.properties ?? {})) {
        compared += compare(parameters[key.replace('[n]', '0')], property, `${name} ${path} ${key}`)
      }
    }
    expect(compared).toBeGreaterThan(1_500)
  })

  test.each(VERSIONS)('%s: every format the rules name can be checked', (version) => {
    const names = new Set<string>()
    for (const [path, , name] of methodsOf(version))
      collectFormats(findRoute(name, path, version)?.rule.parameters, names)
    const unknown = [...names].filter(
      (name) => !(name in propertyFormats) && !(name.replace(/-(list|opt)$/, '') in valueFormats),
    )
    expect(unknown).toEqual([])
    expect(names.size).toBeGreaterThan(40)
  })
})

function methodsOf(
  version: ProxmoxVersion,
): (readonly [path: string, template: string, name: string, method: Method])[] {
  const schema = JSON.parse(readFileSync(recordingPath(`schema-${version}.json`), 'utf8')) as Schema
  return Object.entries(schema.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(
      ([name, method]) => [template.replaceAll(/\{\w+\}/g, 'any'), template, name, method] as const,
    ),
  )
}

function compare(rule: PropertyRule | undefined, property: SchemaProperty, title: string): number {
  const { format, pattern } = property
  for (const key of ['type', 'maxLength', 'minLength', 'enum', 'requires', 'alias'] as const) {
    expect(rule?.[key], `${title}: ${key}`).toEqual(property[key] ?? undefined)
  }
  for (const key of ['minimum', 'maximum'] as const) {
    expect(rule?.[key], `${title}: ${key}`).toBe(property[key] === undefined ? undefined : Number(property[key]))
  }
  expect(rule?.optional === true, `${title}: optional`).toBe(Boolean(property.optional))
  expect(rule?.pattern === undefined, `${title}: pattern`).toBe(pattern === undefined)
  if (typeof format !== 'object' || format === null) return 1
  const keys = (typeof rule?.format === 'object' ? rule.format : {}) as PropertyRules
  const parts = Object.entries(format as Readonly<Record<string, SchemaProperty>>)
  return parts.reduce((sum, [key, part]) => sum + compare(keys[key.replace('[n]', '0')], part, `${title}.${key}`), 1)
}

function collectFormats(rules: PropertyRules | undefined, names: Set<string>): void {
  for (const { format } of Object.values(rules ?? {})) {
    if (typeof format === 'string') names.add(format)
    else if (format) collectFormats(format, names)
  }
}

function withoutNumber(key: string): string {
  return (
    /^(hostpci|ide|ipconfig|net|numa|parallel|sata|scsi|serial|unused|usb|virtio|virtiofs|link)(\d+|\[n\])$/.exec(
      key,
    )?.[1] ?? key
  )
}

type Stored = Readonly<Record<string, unknown>>

/** Expands the tables of a rules file: replaces numbers with what they refer to, by version and method. */
function spelledOut(text: string): Map<string, unknown> {
  const table = JSON.parse(text) as Record<'properties' | 'formats' | 'parameterSets' | 'methods', readonly Stored[]>
  const all = (numbers: unknown): unknown =>
    Object.fromEntries(Object.entries(numbers as Record<string, number>).map(([name, index]) => [name, one(index)]))
  const one = (index: number): unknown => {
    const { format, items, ...rest } = table.properties[index] ?? {}
    const shape = typeof format === 'number' ? all(table.formats[format]) : format
    return { ...rest, format: shape, items: typeof items === 'number' ? one(items) : items }
  }
  return new Map(
    // Variants come from a server's own schema, which is not next to the repository.
    table.methods.flatMap(({ versions, parameters, ...rule }) =>
      (versions as string[]).map((version): [string, unknown] => [
        `${version} ${String(rule.method)} ${String(rule.template)}`,
        { ...rule, variants: undefined, parameters: all(table.parameterSets[Number(parameters)]) },
      ]),
    ),
  )
}
