// Converts Proxmox's API schemas (path → method → parameters) to the compact rules with which src/schema/ checks
// requests.
//
// Usage: node scripts/generate-rules.mjs [--output FILE] SCHEMA.json… (default: src/schema/rules.json)
//
// A schema is { version, paths: { path: { METHOD: info } } }. If two files have the same version, the first one wins:
// published schemas first, then the whole API of a server (PVE::RESTHandler::api_dump('PVE::API2'), flattened).
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// How many of a numbered key exist, if its description does not say so, or is about old guests (constants of
// qemu-server).
const COUNTS = {
  acmedomain: 6,
  dev: 256,
  hostpci: 16,
  ipconfig: 32,
  link: 8,
  mp: 256,
  net: 32,
  numa: 8,
  unused: 256,
  usb: 14,
  virtiofs: 10,
}

// A dump begins below the root.
const ROOT = { '/': { GET: { parameters: { properties: {} }, permissions: { user: 'all' }, allowtoken: 1 } } }

const { values, positionals } = parseArgs({ allowPositionals: true, options: { output: { type: 'string' } } })
if (positionals.length === 0) throw new Error('usage: generate-rules.mjs [--output FILE] SCHEMA.json…')

const properties = table()
const formats = table()
const parameterSets = table()
const versions = {}
const methods = new Map()
const seen = new Set()
const variants = new Map()

for (const file of positionals) {
  const schema = JSON.parse(readFileSync(file, 'utf8'))
  const version = schema.version.split('.').slice(0, 2).join('.')
  versions[version] = schema.version
  for (const [template, byMethod] of sorted({ ...ROOT, ...schema.paths })) {
    for (const [method, details] of sorted(byMethod)) {
      const key = `${version} ${method} ${template}`
      if (!seen.has(key)) addMethod(version, method, template, details)
      seen.add(key)
      addVariants(key, details)
    }
  }
}

for (const { versions: named, ...rule } of Array.from(methods.values())) {
  const both = named.map((version) => [version, variants.get(`${version} ${rule.method} ${rule.template}`)])
  if (!both.some(([, found]) => found)) continue
  methods.delete(JSON.stringify(rule))
  for (const [version, found] of both) {
    methods.set(`${version} ${JSON.stringify(rule)}`, {
      versions: [version],
      ...rule,
      ...(found && { variants: found }),
    })
  }
}

const output = values.output ?? fileURLToPath(new URL('../src/schema/rules.json', import.meta.url))
writeFileSync(
  output,
  `{\n"versions": ${JSON.stringify(versions)},\n"properties": ${lines(properties.entries)},\n"formats": ${lines(formats.entries)},\n"parameterSets": ${lines(parameterSets.entries)},\n"methods": ${lines([...methods.values()])}\n}\n`,
)

function addMethod(version, method, template, details) {
  const rule = {
    method,
    template,
    parameters: parameterSets.intern(internAll(details.parameters?.properties)),
    ...(details.parameters?.additionalProperties ? { additional: true } : {}),
    ...(details.protected ? { protected: true } : {}),
    ...(details.proxyto ? { proxyTo: details.proxyto } : {}),
    ...(details.allowtoken ? {} : { ticketOnly: true }),
    permissions: permissionsOf(details.permissions),
  }
  const key = JSON.stringify(rule)
  const known = methods.get(key)
  if (known) known.versions.push(version)
  else methods.set(key, { versions: [version], ...rule })
}

// Since pve-common 9.2, parameters that depend on a type are separate variants next to the common ones.
function addVariants(key, { parameters }) {
  const parts = parameters?.allOf ?? []
  const choice = parts.find((part) => part.oneOf)
  if (!choice) return
  const common = Object.assign({}, ...parts.map((part) => part.properties))
  const setOf = (properties) => parameterSets.intern(internAll(properties))
  variants.set(key, {
    common: setOf(common),
    property: choice['type-property'],
    type: internProperty(choice['type-property-schema']),
    byType: Object.fromEntries(choice.oneOf.map((one) => [one['instance-type'], setOf(one.properties)])),
  })
}

function internAll(properties = {}) {
  return Object.fromEntries(
    sorted(properties).map(([name, property]) => [
      withCount(name, property),
      internProperty(spellOut(property, properties)),
    ]),
  )
}

// Newer schemas store the expression one level deeper.
function permissionsOf(permissions) {
  if (!permissions) return {}
  const { check = permissions.expression?.check, user = permissions.expression?.user } = permissions
  return { ...(user ? { user } : {}), ...(check ? { check } : {}) }
}

// `cdrom` names the format of `ide[n]` instead of containing it.
function spellOut(property, siblings) {
  return property.format === 'pve-qm-ide' ? { ...property, format: siblings['ide[n]'].format } : property
}

// `scsi[n]` → `scsi[31]`: the rules contain how many there are.
function withCount(name, property) {
  const base = /^(\w+)\[n\]$/.exec(name)?.[1]
  if (!base) return name
  const described = /\(n is 0 to (\d+)\)/.exec(property.description ?? '')
  const count = COUNTS[base] ?? (described ? Number(described[1]) + 1 : 0)
  if (!count) throw new Error(`how many '${name}' are there? Add it to COUNTS`)
  return `${base}[${count}]`
}

function internProperty(property) {
  const { type, format, enum: choices, pattern, items } = property
  const number = (name) => (property[name] === undefined ? {} : { [name]: Number(property[name]) })
  return properties.intern({
    ...(type ? { type } : {}),
    ...(property.optional ? { optional: true } : {}),
    ...(format ? { format: typeof format === 'string' ? format : internFormat(format) } : {}),
    ...(pattern === undefined ? {} : { pattern: toJavaScript(pattern) }),
    ...number('maxLength'),
    ...number('minLength'),
    ...number('maximum'),
    ...number('minimum'),
    ...(choices ? { enum: choices } : {}),
    ...(property.requires ? { requires: property.requires } : {}),
    ...(property.alias ? { alias: property.alias } : {}),
    ...(property.keyAlias ? { keyAlias: property.keyAlias } : {}),
    ...(property.default_key ? { defaultKey: true } : {}),
    ...(property['type-property'] ? { typeProperty: property['type-property'] } : {}),
    ...(property['instance-types'] ? { instanceTypes: property['instance-types'] } : {}),
    ...(items ? { items: internProperty(items) } : {}),
  })
}

function internFormat(format) {
  const fields = {}
  for (const [name, property] of sorted(format)) fields[name] = internProperty(property)
  return formats.intern(fields)
}

// JavaScript's regular expressions do not support Perl's embedded flags or its `{,n}`.
function toJavaScript(pattern) {
  const insensitive = /\(\?\^i:((?:\[[^\]]*\]|[^()])*)\)/g
  return pattern
    .replace(insensitive, (_, inner) => `(?:${inner.replaceAll('a-z', 'a-zA-Z')})`)
    .replaceAll('(?^:', '(?:')
    .replace(/\{,(\d+)\}/g, '{0,$1}')
}

function sorted(object) {
  return Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1))
}

function table() {
  const entries = []
  const indexes = new Map()
  const intern = (entry) => {
    const key = JSON.stringify(entry)
    const index = indexes.get(key) ?? entries.push(entry) - 1
    indexes.set(key, index)
    return index
  }
  return { entries, intern }
}

function lines(entries) {
  return `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`
}
