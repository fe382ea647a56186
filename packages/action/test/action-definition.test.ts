import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ROOT, readAction } from './support/runner.ts'

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url))
const action = readAction()

function sources(): string {
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return names.map((name) => readFileSync(join(SOURCES, name), 'utf8')).join('\n')
}

describe('action.yml', () => {
  it('runs on node24 from the bundle, which exists', () => {
    const program = 'packages/action/dist/index.js'
    expect(action.runs).toEqual({ using: 'node24', main: program, post: program })
    expect(existsSync(join(ROOT, action.runs.main))).toBe(true)
  })

  it('describes every input and output in a sentence', () => {
    const described = [...Object.entries(action.inputs), ...Object.entries(action.outputs)]
    for (const [name, { description }] of described) expect(description.trim(), name).toMatch(/^[A-Z0-9`].*[.`\])]$/s)
    // The runner does not allow an expression here and would refuse the whole action.
    for (const [name, { description }] of described) expect(description, name).not.toContain('$' + '{{')
  })

  it('names inputs and outputs in kebab case', () => {
    for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  it('knows exactly the inputs that the code reads', () => {
    const patterns = [
      /read\.(?:text|flag|choice|oneOf|parsed)(?:<\w+>)?\('([\w-]+)'/g,
      /(?:text|withFallback)\('([\w-]+)'/g,
      /inputOf\(environment, '([\w-]+)'/g,
    ]
    const read = new Set(patterns.flatMap((pattern) => Array.from(sources().matchAll(pattern), ([, name]) => name)))
    expect([...read].toSorted()).toEqual(Object.keys(action.inputs).toSorted())
  })

  it('is described input by input in docs/action.md, with its own words', () => {
    const document = readFileSync(join(ROOT, 'docs', 'action.md'), 'utf8')
    for (const [name, { description, default: otherwise }] of Object.entries(action.inputs)) {
      const words = description.trim().replaceAll('|', '\\|')
      expect(document).toContain(`| \`${name}\` | ${otherwise === undefined ? '' : `\`${otherwise}\``} | ${words} |`)
    }
    for (const [name, { description }] of Object.entries(action.outputs)) {
      expect(document).toContain(`| \`${name}\` | ${description.trim().replaceAll('|', '\\|')} |`)
    }
  })
})
