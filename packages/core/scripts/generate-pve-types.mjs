// Writes `src/ports/pve/api-types.ts` from Proxmox's API schema: what the types of `proxmox-api` (made for 8.1) lack of
// 9.x, and answers as they really are (Proxmox answers 1 and 0, not true and false).
//
//   node packages/core/scripts/generate-pve-types.mjs schema-9.2.json [schema-8.4.json]
//
// The schema is the JSON that `pvesh`'s API viewer is made from, as `{ paths: { path: { METHOD: info } } }`. Names and
// types only are taken from it. Later files add the routes that the first one lacks.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const OUT = fileURLToPath(new URL('../src/ports/pve/api-types.ts', import.meta.url))

/** The families of routes that the engine uses. */
const FAMILIES = [
  '/access/permissions',
  '/access/ticket',
  '/cluster/ha',
  '/cluster/mapping',
  '/cluster/nextid',
  '/cluster/options',
  '/cluster/resources',
  '/cluster/status',
  '/nodes/{node}/capabilities',
  '/nodes/{node}/network',
  '/nodes/{node}/qemu',
  '/nodes/{node}/status',
  '/nodes/{node}/storage',
  '/nodes/{node}/tasks',
  '/pools',
  '/storage',
  '/version',
]
const LEFT_OUT =
  /firewall|snapshot|rrd|vncproxy|termproxy|spiceproxy|mtunnel|websocket|file-restore|monitor|sendkey|dbus/

/** Answers that the schema leaves open, or describes wrongly; each as real servers of 8.4 and 9.2 answered. */
const ANSWERS = {
  'GET /access/permissions': 'Readonly<Record<string, Readonly<Record<string, number>>>>',
  'GET /cluster/ha/groups/{group}':
    '{ readonly group?: string; readonly nodes?: string; readonly restricted?: Flag; readonly nofailback?: Flag }',
  'GET /cluster/ha/resources':
    "readonly { readonly sid: string; readonly state?: string; readonly group?: string; readonly max_restart?: number; readonly max_relocate?: number; readonly failback?: Flag; readonly 'auto-rebalance'?: Flag; readonly comment?: string }[]",
  'GET /cluster/ha/rules':
    'readonly { readonly rule: string; readonly type?: string; readonly nodes?: string; readonly resources?: string; readonly strict?: Flag; readonly disable?: Flag; readonly digest?: string }[]',
  'GET /cluster/ha/groups':
    'readonly { readonly group: string; readonly nodes?: string; readonly restricted?: Flag }[]',
  'GET /cluster/options': 'Readonly<Record<string, unknown>>',
  // A text in JSON, for it answers what `nextid` prints.
  'GET /cluster/nextid': 'string | number',
  'GET /nodes/{node}/network':
    'readonly { readonly iface: string; readonly type?: string; readonly active?: Flag; readonly bridge_vlan_aware?: Flag; readonly mtu?: number | string }[]',
  'GET /nodes/{node}/qemu/{vmid}/config': 'Readonly<Record<string, unknown>>',
  'GET /nodes/{node}/qemu/{vmid}/pending':
    'readonly { readonly key: string; readonly value?: string | number; readonly pending?: string | number; readonly delete?: number }[]',
  'GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces':
    "{ readonly result?: readonly { readonly name?: string; readonly 'hardware-address'?: string; readonly 'ip-addresses'?: readonly { readonly 'ip-address'?: string; readonly 'ip-address-type'?: string; readonly prefix?: number }[] }[] }",
  'GET /storage/{storage}':
    '{ readonly storage: string; readonly type: string; readonly path?: string; readonly content?: string; readonly nodes?: string; readonly shared?: Flag; readonly disable?: Flag }',
  'GET /nodes/{node}/storage/{storage}/content':
    'readonly { readonly volid: string; readonly size?: number; readonly ctime?: number; readonly format?: string; readonly content?: string; readonly vmid?: number | string; readonly parent?: string }[]',
  // Synchronous in one version of Proxmox, a task in another.
  'POST /nodes/{node}/qemu/{vmid}/config': 'string | null',
  'PUT /nodes/{node}/qemu/{vmid}/config': 'string | null',
  'PUT /nodes/{node}/qemu/{vmid}/resize': 'string | null',
  'DELETE /nodes/{node}/storage/{storage}/content/{volume}': 'string | null',
}

/** Routes that the published schema leaves out (`/cluster/mapping`), as PVE::API2::Cluster::Mapping has them. */
const MAPPING = 'readonly { readonly id: string; readonly map?: readonly string[]; readonly description?: string }[]'
const EXTRA = Object.fromEntries(['dir', 'pci', 'usb'].map((kind) => [`GET /cluster/mapping/${kind}`, MAPPING]))

const [first, ...others] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')))
if (first === undefined) throw new Error('Name a schema: node generate-pve-types.mjs schema-9.2.json [schema-8.4.json]')
const paths = { ...Object.assign({}, ...others.toReversed().map(({ paths }) => paths)), ...first.paths }

const isWanted = (path) =>
  !LEFT_OUT.test(path) && FAMILIES.some((family) => path === family || path.startsWith(`${family}/`))

/** The options of a machine, which creating and changing one share. */
const config = Object.fromEntries(
  Object.entries(paths['/nodes/{node}/qemu/{vmid}/config'].PUT.parameters.properties).filter(
    ([key, { optional }]) => optional && !['delete', 'revert', 'digest', 'force', 'skiplock'].includes(key),
  ),
)

const tree = {}
for (const path of Object.keys(paths).filter(isWanted).sort()) {
  const segments = path.split('/').filter(Boolean)
  const place = segments.reduce((node, segment) => {
    const key = segment.startsWith('{') ? '$' : segment
    node[key] ??= {}
    return node[key]
  }, tree)
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  for (const [method, info] of Object.entries(paths[path])) {
    place[`$${method.toLowerCase()}`] = signature(`${method} ${path}`, info, inPath)
  }
}

for (const [call, answer] of Object.entries(EXTRA)) {
  const [method, path] = call.split(' ')
  const place = path
    .split('/')
    .filter(Boolean)
    .reduce((node, segment) => {
      node[segment] ??= {}
      return node[segment]
    }, tree)
  place[`$${method.toLowerCase()}`] ??= `(): Promise<${answer}>`
}

function signature(name, info, inPath) {
  const properties = Object.entries(info.parameters?.properties ?? {}).filter(([key]) => !inPath.includes(key))
  const answer = `Promise<${ANSWERS[name] ?? answerType(info.returns)}>`
  if (properties.length === 0) return `(): ${answer}`
  const isOptional = properties.every(([, schema]) => schema.optional)
  const isConfig = properties.some(([key]) => key === 'cicustom')
  const own = isConfig ? properties.filter(([key, schema]) => !(key in config) || !schema.optional) : properties
  const fields = `{ ${own.map(parameter).join('; ')} }`
  return `(param${isOptional ? '?' : ''}: ${isConfig ? `QemuConfigParameters & ${fields}` : fields}): ${answer}`
}

function parameter([key, schema]) {
  const type = key === 'memory' ? 'string | number' : parameterType(schema)
  if (key.endsWith('[n]')) return `readonly [key: \`${key.slice(0, -3)}\${number}\`]: ${type} | undefined`
  return `readonly ${quoted(key)}${schema.optional ? '?' : ''}: ${type}${schema.optional ? ' | undefined' : ''}`
}

/** Booleans become 1 and 0 on the way; callers that already hold Proxmox's own value may pass that. */
function parameterType({ type, enum: values }) {
  if (values)
    return values.map((value) => (type === 'integer' ? value : JSON.stringify(value).replaceAll('"', "'"))).join(' | ')
  if (type === 'boolean') return 'boolean | 0 | 1'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'array') return 'readonly string[]'
  return 'string'
}

function answerType(schema) {
  if (schema === undefined || schema === null) return 'unknown'
  const { type, properties, items } = schema
  if (type === 'null') return 'null'
  if (type === 'string') return 'string'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'boolean') return 'Flag'
  if (type === 'array') return `readonly ${wrapped(answerType(items))}[]`
  if (type === 'object' && properties && Object.keys(properties).length > 0) {
    return `{ ${Object.entries(properties).map(answerField).join('; ')} }`
  }
  return type === 'object' ? 'Readonly<Record<string, unknown>>' : 'unknown'
}

function answerField([key, schema]) {
  return parameter([key, { ...schema, optional: schema.optional }]).replace(
    /: .*$/s,
    `: ${answerType(schema)}${key.endsWith('[n]') ? ' | undefined' : ''}`,
  )
}

function wrapped(type) {
  return /^[\w<>{]/.test(type) && !type.includes(' | ') ? type : `(${type})`
}

function quoted(key) {
  return /^[A-Za-z_]\w*$/.test(key) ? key : `'${key}'`
}

function printed(node, indent) {
  const pad = '  '.repeat(indent)
  return Object.entries(node)
    .map(([key, value]) => {
      if (typeof value === 'string') return `${pad}readonly ${quoted(key)}: ${value.replace('): ', ') => ')}\n`
      if (key === '$') return `${pad}readonly $: (id: string | number) => {\n${printed(value, indent + 1)}${pad}}\n`
      return `${pad}readonly ${quoted(key)}: {\n${printed(value, indent + 1)}${pad}}\n`
    })
    .join('')
}

const header = `// Types that \`proxmox-api\` lacks, generated from the API schema of Proxmox VE ${first.version} by
// \`scripts/generate-pve-types.mjs\`. Do not edit: add a family or an answer there.

/** Perl code of Proxmox answers 1 and 0, Rust code true and false. */
export type Flag = boolean | number

/** Options of a machine, as parameters of its creation and change. */
export interface QemuConfigParameters {
${Object.entries(config)
  .map((entry) => `  ${parameter(entry)}`)
  .join('\n')}
}

export interface ApiOf9 {
`
writeFileSync(OUT, `${header}${printed(tree, 1)}}\n`)
