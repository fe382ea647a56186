// Turns issues of a schema into sentences for users.
import type * as z from 'zod/mini'
import { isNamed, type JsonSchema, keysOf, schemasAt } from './json-schema.ts'
import { meantKey } from './known-keys.ts'
import { positionOf } from './place.ts'
import type { ManifestProblem } from './read-yaml.ts'
import { type MapTree, placeOfKey, placeOfValue, type Tree, treeAt } from './tree.ts'

export interface Wording {
  readonly tree: MapTree
  /** The name of the document itself. */
  readonly whole: string
  /** Returns the JSON Schema of the document. It is called only if a key is unknown. */
  readonly schema: () => JsonSchema
}

type Issue = z.core.$ZodIssue

/** Turns the issues of a schema into sentences with positions. Issues about unknown values are left out. */
export function problemsOf(issues: readonly Issue[], wording: Wording): ManifestProblem[] {
  const known = issues.flatMap(withinUnion).filter(({ path }) => !isUnknown(treeAt(wording.tree, path)))
  return known.flatMap((issue) => problemOf(issue, wording))
}

/**
 * Returns the issues of a value that may have several shapes. If it clearly has one of them, returns that shape's
 * issues.
 */
export function innerIssues(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap(withinUnion)
}

function isUnknown(tree: Tree | undefined): boolean {
  return tree?.kind === 'scalar' && tree.isUnknown === true
}

function problemOf(issue: Issue, { tree, whole, schema }: Wording): readonly ManifestProblem[] {
  const { path } = issue
  const name = path.length === 0 ? whole : `\`${path.map(String).join('.')}\``
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      ...positionOf(placeOfKey(tree, [...path, key])),
      message: unknownKey(key, { name, path, schema: schema() }),
    }))
  if (issue.code === 'custom' && issue.params?.isName === true)
    return [{ ...positionOf(placeOfKey(tree, path)), message: wrongName(String(path.at(-1)), issue.message) }]
  const words = clauseOf(issue, treeAt(tree, path))
  return [{ ...positionOf(placeOfValue(tree, path)), message: ended(`${name} ${words}`) }]
}

interface Unknown {
  readonly name: string
  readonly path: readonly PropertyKey[]
  readonly schema: JsonSchema
}

/** Keys that do not exist because another key states the value. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  name: 'the name is the name of the entry',
  hostname: 'the name is the name of the entry',
  fqdn: 'it is the name of the entry, followed by `dns.domain`',
  args: 'Proxmox allows only root to set it',
  hookscript: 'Proxmox allows only root to set it',
  affinity: 'Proxmox allows only root to set it',
  scsihw: 'it is always virtio-scsi-single',
  packages: 'set it in a cloud-init document (`userData`)',
  runcmd: 'set it in a cloud-init document (`userData`)',
  timezone: 'set it in a cloud-init document (`userData`)',
  depends_on: 'use `startOrder`',
  dependsOn: 'use `startOrder`',
}

function unknownKey(key: string, { name, path, schema }: Unknown): string {
  if (key === '<<') return `${name} has a merge key in quotes: write \`<<: *name\` without them.`
  const elsewhere = path[0] === 'images' ? undefined : ELSEWHERE[key]
  if (elsewhere !== undefined) return `${name} has no key \`${key}\`: ${elsewhere}.`
  const meant = meantKey(schema, path, key)
  if (meant !== undefined) return `${name} has no key \`${key}\`: did you mean \`${meant}\`?`
  const parent = schemasAt(schema, path.slice(0, -1))
  const isAbove = path.length > 1 && !isNamed(parent) && keysOf(parent).includes(key)
  if (isAbove) return `${name} has no key \`${key}\`: it belongs one level up, beside \`${String(path.at(-1))}\`.`
  // A key that other files anchor to, such as `common: &common { … }`.
  if (path.length === 0) return `${name} has no key \`${key}\`. Your own entries must begin with \`x-\`.`
  return `${name} has no key \`${key}\`.`
}

function wrongName(name: string, reason: string): string {
  const proposal = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
  const meant = proposal === '' || proposal === name ? '.' : `: did you mean \`${proposal.slice(0, 63)}\`?`
  return `The name \`${name}\` ${reason}${meant}`
}

function ended(sentence: string): string {
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`
}

function withinUnion(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const inside = issue.errors.filter((branch) => branch.length > 0 && branch.every(isInside))
  // The intended variant is the one with the fewest errors.
  const fewest = Math.min(...inside.map((branch) => branch.length))
  const [only, other] = inside.filter(({ length }) => length === fewest)
  if (only === undefined || other !== undefined) return [issue]
  return only.flatMap((one) => withinUnion({ ...one, path: [...issue.path, ...one.path] }))
}

function isInside({ code, path }: Issue): boolean {
  return path.length > 0 || code === 'unrecognized_keys'
}

/** Returns the part of the sentence after the key. */
function clauseOf(issue: Issue, tree: Tree | undefined): string {
  if (tree === undefined) return 'is missing'
  const isEmpty = tree.kind === 'scalar' && tree.value === null
  const clause = wording(issue)
  if (isEmpty && clause.startsWith('must ')) return `has no value: it ${clause}`
  return `${clause}${oldBoolean(issue, tree)}${insteadOfMapping(issue, clause, tree)}${insteadOfList(issue, clause, tree)}${ofAnotherKind(issue, tree)}`
}

/** A single value for a list. */
function insteadOfList({ path }: Issue, clause: string, tree: Tree): string {
  if (clause !== 'must be a list' || tree.kind !== 'scalar') return ''
  const { value } = tree
  if (typeof value !== 'number' && (typeof value !== 'string' || value.length >= 60)) return ''
  if (path.at(-1) === 'sshKeys' && /^[~./]\S*$/.test(String(value))) return `, such as \`[{ file: ${value} }]\``
  const parts = String(value).split(/[,;]\s*|(?<=^[\w.:/-]+)\s+(?=[\w.:/-]+$)/)
  return `, such as \`[${parts.map((part) => (/^[\w./-]+$/.test(part) ? part : JSON.stringify(part))).join(', ')}]\``
}

/** A number for a text, or the other way round. */
function ofAnotherKind(issue: Issue, tree: Tree): string {
  if (issue.code !== 'invalid_type' || tree.kind !== 'scalar' || tree.asText !== undefined) return ''
  // A message with a suggestion is enough.
  if (issue.message.endsWith('?')) return ''
  const { value } = tree
  if (issue.path.at(-1) === 'cpu' && typeof value === 'number') return `: did you mean \`cores: ${value}\`?`
  if (issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return `. Without quotes, YAML reads this as ${typeof value === 'number' ? 'a number' : 'a boolean'}`
  const isNumber = issue.expected === 'number' || (issue.expected as string) === 'int'
  const isQuoted =
    typeof value === 'string' &&
    ((isNumber && /^-?\d+(\.\d+)?$/.test(value)) || (issue.expected === 'boolean' && /^(true|false)$/.test(value)))
  return isQuoted ? '. In quotes, YAML reads this as a string' : ''
}

/** Mappings that users often write as a single value. */
const SHAPES: Readonly<Record<string, string>> = {
  storage: '{ images: local, disks: local-lvm }',
  startOrder: '{ order: 1 }',
  dns: '{ servers: [10.0.0.53] }',
  rollout: '{ batch: 1 }',
}

/** The key that a single value in a list of mappings stands for. */
const ITEM_KEYS: Readonly<Record<string, string>> = { disks: 'size', network: 'bridge' }

function insteadOfMapping(issue: Issue, clause: string, tree: Tree | undefined): string {
  if (clause !== 'must be a mapping') return ''
  const shape = SHAPES[String(issue.path.at(-1))]
  const itemKey = ITEM_KEYS[String(issue.path.at(-2))]
  if (itemKey !== undefined && tree?.kind === 'scalar') return `: did you mean \`{ ${itemKey}: ${tree.value} }\`?`
  if (shape !== undefined && tree?.kind === 'scalar') return `, such as \`${shape}\``
  if (tree?.kind === 'list') return ': write the names as keys, as in `web: { … }`'
  const [, key, value] = (tree?.kind === 'scalar' && /^([\w.-]+)(?:\s*[:=]\s*|\s+)(\S+)/.exec(String(tree.value))) || []
  return value === undefined ? '' : `: is a colon followed by a space missing, as in \`${key}: ${value}\`?`
}

/** YAML 1.1 read `yes` and similar words as booleans. */
function oldBoolean({ message }: Issue, tree: Tree | undefined): string {
  const value = tree?.kind === 'scalar' ? tree.value : undefined
  if (typeof value !== 'string' || !/^(y|yes|n|no|on|off)$/i.test(value) || !message.includes('`true`')) return ''
  const meant = /^(y|yes|on)$/i.test(value) ? 'true' : 'false'
  return `: since YAML 1.2, \`${value}\` is a string; did you mean \`${meant}\`?`
}

const OWN_WORDS = /^(must |is missing|"from")/

function wording(issue: Issue): string {
  if (OWN_WORDS.test(issue.message)) return issue.message
  if (issue.code === 'invalid_type') return `must be ${NOUNS[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
    return `must ${bounded(issue.origin, bound)}`
  }
  return 'is not a valid value'
}

function bounded(origin: string, bound: string): string {
  if (origin === 'string') return `be ${bound} characters long`
  return origin === 'array' ? `have ${bound} entries` : `be ${bound}`
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}
