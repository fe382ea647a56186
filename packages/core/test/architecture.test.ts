// Checks the direction of imports: manifest → facts → plan → execute → report, with ports below and entry points
// outside.
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SOURCE = resolve(import.meta.dirname, '../src')
const ROOT = resolve(import.meta.dirname, '../../..')
const MOST_FILES = 22
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

function targetOf({ file, to }: Import): string {
  return relative(SOURCE, resolve(dirname(join(SOURCE, file)), to))
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

  it('keeps node: modules out of plan, manifest and report', () => {
    const wrong = imports.filter(
      ({ room, to }) => ['plan', 'manifest', 'report'].includes(room) && to.startsWith('node:'),
    )
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
  })

  it('keeps codecs free of everything but ports and errors', () => {
    const wrong = imports
      .filter((entry) => entry.room === 'codecs' && entry.to.startsWith('.') && !entry.typeOnly)
      .filter((entry) => !['codecs', 'ports', 'errors.ts', 'foreign-text.ts'].includes(roomOf(entry)))
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
  })

  it('has no import cycles', () => {
    const values = Map.groupBy(
      imports.filter(({ to, typeOnly }) => to.startsWith('.') && !typeOnly),
      ({ file }) => file,
    )
    const next = (file: string) => (values.get(file) ?? []).map((entry) => targetOf(entry))
    const done = new Set<string>()
    const circleFrom = (file: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
      if (done.has(file)) return undefined
      const circle = next(file)
        .map((to) => circleFrom(to, [...path, file]))
        .find((found) => found !== undefined)
      done.add(file)
      return circle
    }
    expect(files.map((file) => circleFrom(file, [])).find((found) => found !== undefined)).toBeUndefined()
  })

  it('gives each folder of each package about twenty files at most', () => {
    const all = globSync('packages/*/src/**/*.ts', { cwd: ROOT })
    const rooms = Map.groupBy(all, (file) => dirname(file))
    const crowded = [...rooms].filter(([, { length }]) => length > MOST_FILES)
    expect(crowded.map(([room, { length }]) => `${room}: ${length} files`)).toEqual([])
  })

  it('has unique file names in the engine', () => {
    const names = Map.groupBy(files, (file) => basename(file))
    expect([...names.values()].filter(({ length }) => length > 1)).toEqual([])
  })

  it('calls Proxmox through the typed navigator, without casts of answers', () => {
    const casts = files
      .filter((file) => !['ports/pve/api.ts', 'ports/pve/api-types.ts'].includes(file))
      .filter((file) => /\brequest\s*<|\.request\([^)]*\)\)? as /.test(readFileSync(join(SOURCE, file), 'utf8')))
    expect(casts).toEqual([])
  })

  it('names proxmox-api in no public type: editors of users would load 0.68 MB', () => {
    const built = resolve(SOURCE, '../dist')
    const seen = new Set<string>()
    const foreign = new Set<string>()
    const visit = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const [, to = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
        if (to.startsWith('.')) visit(resolve(dirname(file), to.replace(/\.(js|ts)$/, '.d.ts')))
        else foreign.add(to)
      }
    }
    for (const door of ['index', 'advanced', 'text']) visit(join(built, `${door}.d.ts`))
    expect(seen.size).toBeGreaterThan(20)
    expect([...foreign]).not.toContain('proxmox-api')
  })

  it('imports neither the action toolkit nor the simulator', () => {
    const wrong = imports.filter(({ to }) => to.startsWith('@actions/') || to.startsWith('@pve-provision/'))
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([])
  })

  it('prints nothing, reads no environment, and reads the clock only in ports', () => {
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
