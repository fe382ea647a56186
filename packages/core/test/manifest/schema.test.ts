// The editor's schema and the program accept the same manifests, with the same messages.
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ProvisionError } from '../../src/errors.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import { manifestSchema } from '../../src/manifest/schema/manifest-schema.ts'
import { manifestJsonSchema } from '../../src/manifest/schema/published-schema.ts'

const HEAD = `project: lab
images: { fast: { url: "https://vendor.example/fast.qcow2", checksum: "sha256:${'a'.repeat(64)}" } }
defaults: { image: fast, node: pve1, storage: { images: local, disks: disks } }
`
const ENVIRONMENT = {
  TEXT: 'pve1',
  NUMBER: '4',
  FLAG: 'true',
  SIZE: '2 GiB',
  ADDRESS: '10.0.0.5/24',
  SECRET: 'hunter22',
}

const validate = new Ajv2020({ strict: false, allErrors: true, verbose: true }).compile(manifestJsonSchema())

/** Returns the editor's messages at the places that its schema refuses. */
function editorSays(text: string): readonly string[] {
  if (validate(parse(text, { merge: true }))) return []
  return (validate.errors ?? []).flatMap(({ parentSchema }: ErrorObject) => {
    const { errorMessage } = (parentSchema ?? {}) as { readonly errorMessage?: string }
    return errorMessage ?? '(its own words)'
  })
}

function programSays(text: string): readonly string[] {
  try {
    parseManifest({ text, file: 'm.yaml' }, { environment: ENVIRONMENT })
    return []
  } catch (thrown) {
    const { problems = [] } = (thrown as ProvisionError).details as { problems?: readonly { message: string }[] }
    return problems.map(({ message }) => message)
  }
}

const vm = (words: string) => `${HEAD}vms: { web: { ${words} } }\n`

describe('the program and the schema both accept', () => {
  it.each([
    ['an empty machine', `${HEAD}vms:\n  web:\n`],
    ['an empty manifest of machines', `${HEAD}vms:\n`],
    ['empty mappings', `${HEAD}limits:\nprofiles:\nvms: { web: { cloudInit: , storage: , startOrder: } }\n`],
    ['entries for anchors', `x-small: &small { cores: 1 }\n${HEAD}vms: { web: { <<: *small } }\n`],
    [
      'variables',
      `vars: { a: 1, b: [x, y], c: true }\n${HEAD}vms: { web: { cores: "\${var:a}", nodes: "\${var:b}", start: "\${var:c}" } }\n`,
    ],
    ['a number from the environment', vm('cores: "${env:NUMBER}", cpuLimit: "${env:NUMBER}"')],
    ['a switch from the environment', vm('start: "${env:FLAG}", balloon: false')],
    ['a word from the environment', vm('bios: "ov${env:TEXT}"').replace('ov${env:TEXT}', 'ovmf')],
    ['a size from the environment', vm('memory: "${env:SIZE}", disk: "${env:SIZE}", disks: [{ size: "${env:SIZE}" }]')],
    ['an address from the environment', vm('cloudInit: { ip: "${env:ADDRESS}", gateway: 10.0.0.1 }')],
    [
      'a part of a text from the environment',
      vm('node: "${env:TEXT}", tags: ["${env:TEXT}-x"], pool: "p/${env:TEXT}"'),
    ],
    ['a secret', vm('cloudInit: { password: "${secret:SECRET}" }')],
    [
      'a secret in an address',
      `${HEAD.replace('https://vendor.example', 'https://ops:${secret:SECRET}@vendor.example')}vms: {}\n`,
    ],
    [
      'sizes as people write them',
      vm('memory: 512MiB, balloon: 256m, disk: 20gb, disks: [{ size: 1.5 TiB }, { size: 20G }]'),
    ],
    [
      'each of several forms',
      vm('network: { bridge: vmbr0 }, ha: true, wait: agent, rng: true, vga: std, cdrom: local:iso/a.iso'),
    ],
    ['a switch that can only be on', vm('start: true, wait: { agent: "${env:FLAG}", seconds: 60 }')],
    ['users as Linux has them', vm('cloudInit: { user: jane.doe@corp }')],
    [
      'counted values',
      vm(
        'count: 2, vmid: { from: 200 }, network: [{ bridge: vmbr0, mac: { from: "BC:24:11:00:00:01" } }], cloudInit: { ip: [10.0.0.5/24, 10.0.0.6/24] }',
      ),
    ],
  ])('%s', (_what, text) => {
    expect(programSays(text)).toEqual([])
    expect(editorSays(text)).toEqual([])
  })

  const folder = resolve(import.meta.dirname, '../../../../examples')
  it.each(globSync('*.yaml', { cwd: folder }))('the example %s', (file) => {
    expect(editorSays(readFileSync(resolve(folder, file), 'utf8'))).toEqual([])
  })
})

describe('the program and the schema refuse with the same message', () => {
  it.each([
    ['project: Lab', 'must be lower-case letters, digits and hyphens, at most 40'],
    ['memory: 2 GG', 'must be a size with a unit, such as "2 GiB" or "512 MiB"'],
    ['cores: 0', 'must be a whole number from 1 to 8192'],
    ['cores: four', 'must be a whole number from 1 to 8192'],
    ['cores: 1.5', 'must be a whole number from 1 to 8192'],
    ['cpuLimit: 129', 'must be a number from 0 to 128'],
    ['start: 1', 'must be `true` or `false`'],
    ['bios: uefi', 'must be one of `seabios`, `ovmf`'],
    ['node: "a b"', 'must be the name of a node: letters, digits and hyphens'],
    [
      'tags: ["a:b"]',
      'must be a tag Proxmox accepts: letters, digits, "_", "-", "+", "."; "_", a letter or a digit first',
    ],
    ['pool: "a b"', 'must be the name of a pool'],
    ['machine: q36', 'must be a machine type such as "q35" or "q35,viommu=intel"'],
    ['cloudInit: { user: "bad name" }', 'must be a user name'],
    ['cloudInit: { user: "1000" }', 'must be a user name'],
    ['cloudInit: { gateway: 10.0.0.256 }', 'must be an IPv4 address'],
    ['cloudInit: { ip: 10.0.0.5 }', 'must be "dhcp" or an IPv4 address with its prefix, such as "10.0.0.5/24"'],
    ['storage: { images: "local lvm" }', 'must be the name of a storage, such as "local-lvm"'],
    ['expires: 4', 'must be a duration with a unit, such as "90 s", "15 min", "4 h" or "7 d"'],
    ['network: { bridge: "vm br" }', 'must be the name of a bridge, such as "vmbr0"'],
    ['network: { bridge: vmbr0, vlan: 4095 }', 'must be a whole number from 1 to 4094'],
  ])('%s', (words, sentence) => {
    const text = words.startsWith('project') ? `${HEAD.replace('project: lab', words)}vms: {}\n` : vm(words)
    expect(programSays(text).join('\n')).toContain(sentence)
    expect(editorSays(text).join('\n')).toContain(sentence)
  })

  it.each([
    ['a key that is none', vm('coers: 2')],
    ['a name that is none', `${HEAD}vms: { web_1: {} }\n`],
    ['a missing part', 'project: lab\n'],
    ['a list for names', `${HEAD}vms: [web]\n`],
    ['a mapping where none belongs', vm('cores: { a: 1 }')],
    ['an empty value', vm('cores: ')],
    ['a number that is a parameter only in part', vm('vmid: "20${env:NUMBER}"')],
    ['a parameter of no kind', vm('cores: "${nev:X}"')],
  ])('%s, each with its own message', (_what, text) => {
    expect(programSays(text)).not.toEqual([])
    expect(editorSays(text)).not.toEqual([])
  })
})

type Path = readonly (string | number)[]

/** Returns the paths of all values in a document. */
function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const keys = below.flatMap(([key, inner]) => pathsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]))
  return path.length === 0 ? keys : [path, ...keys]
}

type Tree = Record<string | number, unknown>

function replaced(document: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(document)
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as Tree, copy as Tree)
  parent[path.at(-1) ?? ''] = value
  return copy
}

function withoutOwn(document: object): object {
  return Object.fromEntries(Object.entries(document).filter(([key]) => !key.startsWith('x-')))
}

const file = resolve(import.meta.dirname, '../../../../examples/everything.yaml')
const EVERYTHING = parse(readFileSync(file, 'utf8'), { merge: true }) as Readonly<Record<'images' | 'vms', Tree>>
const HOLLOW = { project: 'lab', images: {}, vms: {} }

/** The parts of the example that has every key, each as a manifest of its own. */
const PARTS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  // The program drops entries with `x-` before the schema.
  ['the manifest', { ...withoutOwn(EVERYTHING), images: {}, vms: {} }],
  ...(['images', 'vms'] as const).flatMap((section) =>
    Object.entries(EVERYTHING[section]).map(
      ([name, entry]) => [`${section}.${name}`, { ...HOLLOW, [section]: { [name]: entry } }] as const,
    ),
  ),
]

const VALUES = [true, 0, 1.5, -1, '', 'x', '2 GiB', 'https://a.example/b', [], ['x'], {}, { x: 1 }]

describe('the program and the schema agree about any value of any key', () => {
  it.each(PARTS)('of %s', (_name, manifest) => {
    const judged = pathsIn(manifest).flatMap((path) =>
      VALUES.map((value) => {
        const changed = replaced(manifest, path, value)
        const [program, editor] = [manifestSchema.safeParse(changed).success, validate(changed)]
        return { is: `${path.join('.')}: ${JSON.stringify(value)}`, program, editor }
      }),
    )
    expect(judged.filter(({ program, editor }) => program !== editor)).toEqual([])
  })
})
