// Writes docs/api.md from the type declarations of core: parameters, results and errors of each exported name. Also
// writes an index of the names into docs/library.md. It reads the output of a build. `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { type ESTree, parseSync } from 'rolldown/utils'

const CORE = 'packages/core'
const PAGE = 'docs/api.md'
const GUIDE = 'docs/library.md'
const INDEX = /(?<=<!-- names -->\n).*?(?=<!-- \/names -->)/s
const HEAD = `# The library, name by name

<!-- Made by scripts/api-docs.ts from the comments in packages/core/src. -->

[As a library](library.md) shows how the names work together. Everything that is thrown on purpose is a \`ProvisionError\` with a
[code](errors.md).
`

interface Entry {
  readonly name: string
  readonly kind: Kind
  /** The declaration without bodies. */
  readonly text: string
  /** The text of its comment, without the tags. */
  readonly description: string
  /** One entry for each `@param`: a name, and what it is. */
  readonly params: readonly string[]
  /** The text of `@returns`. */
  readonly returns: string | undefined
  /** One entry for each `@throws`. */
  readonly throws: readonly string[]
}

type Kind = 'function' | 'class' | 'value' | 'type'

interface Module {
  readonly declarations: ReadonlyMap<string, Entry>
  /** Exported name → the file it comes from and its name there. */
  readonly reexports: ReadonlyMap<string, { readonly file: string; readonly name: string }>
}

const HEADINGS: Readonly<Record<Kind, string>> = {
  function: 'Functions',
  class: 'Classes',
  value: 'Values',
  type: 'Types',
}

const modules = new Map<string, Module>()
const doors = Object.entries(readJson(join(CORE, 'package.json')).exports as Record<string, { types: string }>)
const page = `${HEAD}${doors.map(([door, { types }]) => doorText(door, join(CORE, types))).join('')}`
const undocumented = doors.flatMap(([, { types }]) => entriesOf(join(CORE, types))).filter(isUndocumented)

write(PAGE, page)
write(GUIDE, readFileSync(GUIDE, 'utf8').replace(INDEX, indexText()))
for (const { name } of undocumented) fail(`${name} is exported from ${CORE} without a comment that says what it does`)

function write(path: string, text: string): void {
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text)
    fail(`${path} is not what the sources say: node scripts/api-docs.ts`)
}

/** All names of each entry point, as links to the page. */
function indexText(): string {
  const rows = doors.map(([door, { types }]) => {
    const names = entriesOf(join(CORE, types)).map(({ name }) => `[\`${name}\`](api.md#${name.toLowerCase()})`)
    return `\n**\`@pve-provision/core${door.slice(1)}\`**: ${names.join(' · ')}\n`
  })
  return `${rows.join('')}\n`
}

function fail(sentence: string): void {
  console.error(sentence)
  process.exitCode = 1
}

function isUndocumented({ description }: Entry): boolean {
  return description === ''
}

function doorText(door: string, file: string): string {
  const entries = entriesOf(file)
  const sections = Object.entries(HEADINGS).flatMap(([kind, heading]) => {
    const own = entries.filter((entry) => entry.kind === kind)
    return own.length === 0 ? [] : [`\n### ${heading}\n${own.map(entryText).join('')}`]
  })
  return `\n## \`@pve-provision/core${door.slice(1)}\`\n\n${introductionOf(file)}\n${sections.join('')}`
}

/** Returns the first line of the entry point's source. */
function introductionOf(file: string): string {
  const source = file.replace('/dist/', '/src/').replace(/\.d\.ts$/, '.ts')
  const [, sentence = ''] = /^\/\/ (.*)$/m.exec(readFileSync(source, 'utf8')) ?? []
  return sentence
}

function entryText({ name, text, description, params, returns, throws }: Entry): string {
  const said = description === '' ? '' : `\n${description}\n`
  const thrown = throws.length === 0 ? '' : `\nThrows:\n\n${throws.map((sentence) => `* ${sentence}\n`).join('')}`
  const taken = params.length === 0 ? '' : `\n${params.map((one) => `* ${one.replace(/^(\S+)/, '`$1`:')}\n`).join('')}`
  const given = returns === undefined ? '' : `\nReturns ${returns}.\n`
  return `\n#### \`${name}\`\n${said}\n\`\`\`ts\n${text}\n\`\`\`\n${taken}${given}${thrown}`
}

/** Returns everything that an entry point exports, by name. */
function entriesOf(file: string): readonly Entry[] {
  const { declarations, reexports } = moduleOf(file)
  const own = [...declarations.values()]
  const others = [...reexports].map(([name, from]) => ({ ...entryOf(from.file, from.name), name }))
  return [...own, ...others].toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** Follows re-exports to the declaration of the name. */
function entryOf(file: string, name: string): Entry {
  const { declarations, reexports } = moduleOf(file)
  const further = reexports.get(name)
  const entry = further === undefined ? declarations.get(name) : entryOf(further.file, further.name)
  if (entry === undefined) throw new Error(`${file} does not declare ${name}`)
  return entry
}

function moduleOf(file: string): Module {
  const known = modules.get(file)
  if (known !== undefined) return known
  const read = readModule(file)
  modules.set(file, read)
  return read
}

function readModule(file: string): Module {
  const source = readFileSync(file, 'utf8')
  const { program, comments } = parseSync(file, source)
  const declarations = new Map<string, Entry>()
  const reexports = new Map<string, { file: string; name: string }>()
  for (const node of program.body) {
    if (node.type !== 'ExportNamedDeclaration') continue
    if (node.declaration !== null) {
      const comment = comments.findLast(({ end }) => end <= node.start && source.slice(end, node.start).trim() === '')
      for (const entry of declared(node, source, comment?.value ?? '')) declarations.set(entry.name, entry)
    } else if (node.source !== null) {
      const from = normalize(join(dirname(file), node.source.value.replace(/\.[jt]s$/, '.d.ts')))
      for (const specifier of node.specifiers)
        reexports.set(nameOf(specifier.exported), { file: from, name: nameOf(specifier.local) })
    }
  }
  return { declarations, reexports }
}

function declared(node: ESTree.ExportNamedDeclaration, source: string, comment: string): readonly Entry[] {
  const text = source.slice(node.start, node.end).replace(/^export (?:declare )?/, '')
  const spoken = {
    text: text.replaceAll(/^( +)/gm, (indent) => ' '.repeat(indent.length / 2)),
    ...readComment(comment),
  }
  const { declaration } = node
  if (declaration === null) return []
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.map(({ id }) => ({ name: (id as { name: string }).name, kind: 'value', ...spoken }))
  const name = (declaration as { id: { name: string } }).id.name
  return [{ name, kind: kindOf(declaration.type), ...spoken }]
}

function kindOf(type: string): Kind {
  if (type === 'ClassDeclaration') return 'class'
  return type.includes('Function') ? 'function' : 'type'
}

function nameOf(name: ESTree.ModuleExportName): string {
  return name.type === 'Literal' ? name.value : name.name
}

/** Splits a comment into its sentences and the texts of its tags. */
function readComment(comment: string): Pick<Entry, 'description' | 'params' | 'returns' | 'throws'> {
  if (!comment.startsWith('*')) return { description: '', params: [], returns: undefined, throws: [] }
  const lines = comment.slice(1).split('\n')
  const bare = lines.map((line) => line.replace(/^\s*\* ?/, '').trim()).join('\n')
  const [description = '', ...tags] = bare.split(/^@/m)
  const textsOf = (name: string) =>
    tags.filter((tag) => tag.startsWith(`${name} `)).map((tag) => oneLine(tag.slice(name.length)))
  const [returns] = textsOf('returns')
  return { description: description.trim(), params: textsOf('param'), returns, throws: textsOf('throws') }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8'))
}
