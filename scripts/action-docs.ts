// Fills the tables of docs/action.md from action.yml. With --check, only checks that they are current.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

interface Definition {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

const ACTION = fileURLToPath(new URL('../action.yml', import.meta.url))
const DOCUMENT = fileURLToPath(new URL('../docs/action.md', import.meta.url))

/** Returns the document with the tables from `action.yml`. */
export function withTables(document: string, definition: Definition): string {
  return between(between(document, 'inputs', inputsTable(definition)), 'outputs', outputsTable(definition))
}

function inputsTable({ inputs }: Definition): string {
  const rows = Object.entries(inputs).map(([name, { description, default: otherwise }]) => {
    return `| \`${name}\` | ${otherwise === undefined ? '' : `\`${otherwise}\``} | ${cell(description)} |`
  })
  return ['| input | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

function outputsTable({ outputs }: Definition): string {
  const rows = Object.entries(outputs).map(([name, { description }]) => `| \`${name}\` | ${cell(description)} |`)
  return ['| output | meaning |', '| --- | --- |', ...rows].join('\n')
}

function cell(text: string): string {
  return text.trim().replaceAll('|', '\\|')
}

function between(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: from action.yml -->`, `<!-- end of ${name} -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/action.md lacks the marks ${begin} and ${end}`)
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const current = readFileSync(DOCUMENT, 'utf8')
  const fresh = withTables(current, parse(readFileSync(ACTION, 'utf8')) as Definition)
  if (!process.argv.includes('--check')) writeFileSync(DOCUMENT, fresh)
  else if (fresh !== current) {
    process.stderr.write(
      'The tables of docs/action.md are not what action.yml says: run `node scripts/action-docs.ts`.\n',
    )
    process.exitCode = 1
  }
}
