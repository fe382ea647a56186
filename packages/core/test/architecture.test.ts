// Holds the direction of imports: manifest → facts → plan → execute → report, ports below, doors outside.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../src')
const ORDER = ['manifest', 'facts', 'plan', 'execute', 'report']

interface Import {
  readonly file: string
  readonly room: string
  readonly to: string
  readonly typeOnly: boolean
}

const files = globSync('**/*.ts', { cwd: SOURCE })
const imports = files.flatMap(importsOf)

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCE, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gms)
  const dynamic = [...text.matchAll(/import\(['"]([^'"]+)['"]\)/g)].map(([, to = '']) => ({ to, typeOnly: false }))
  const fixed = [...statements].map(([, type, to = '']) => ({ to, typeOnly: type !== undefined }))
  const [room = ''] = file.split('/')
  return [...fixed, ...dynamic].map((entry) => ({ file, room, ...entry }))
}

function roomOf({ file, to }: Import): string {
  return relative(SOURCE, resolve(dirname(join(SOURCE, file)), to)).split('/')[0] ?? ''
}

describe('architecture', () => {
  it('sees the sources at all', () => {
    expect(files.length).toBeGreaterThan(30)
    expect(imports.length).toBeGreaterThan(100)
  })

  it('imports values from the left only', () => {
    const wrong = imports
      .filter((entry) => ORDER.includes(entry.room) && entry.to.startsWith('.') && !entry.typeOnly)
      .filter((entry) => ORDER.indexOf(roomOf(entry)) > ORDER.indexOf(entry.room))
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
  })

  it('keeps ports free of manifest, facts, plan, execute and report', () => {
    const wrong = imports
      .filter((entry) => entry.room === 'ports' && entry.to.startsWith('.') && !entry.typeOnly)
      .filter((entry) => ORDER.includes(roomOf(entry)))
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
  })

  it('lets plan know no node: module, manifest and report neither', () => {
    const wrong = imports.filter(
      ({ room, to }) => ['plan', 'manifest', 'report'].includes(room) && to.startsWith('node:'),
    )
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
  })

  it('knows no action toolkit and no simulator', () => {
    const wrong = imports.filter(({ to }) => to.startsWith('@actions/') || to.startsWith('@pve-provision/'))
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
  })

  it('prints nothing, reads no environment, and asks the time only in ports', () => {
    const found = files.flatMap((file) => {
      const text = readFileSync(join(SOURCE, file), 'utf8')
        .replace(/\/\/.*$/gm, '')
        .replace(/\/\*.*?\*\//gs, '')
      const forbidden = [
        /\bconsole\.\w/,
        /\bprocess\.(env|exit|stdout|stderr|argv)\b/,
        ...(file.startsWith('ports/') ? [] : [/\bDate\.now\(/, /\bnew Date\(\)/]),
      ]
      return forbidden.filter((pattern) => pattern.test(text)).map((pattern) => `${file}: ${pattern.source}`)
    })
    expect(found).toEqual([])
  })
})
