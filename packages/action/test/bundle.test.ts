import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/runner.ts'

const DIST = join(ROOT, 'packages/action/dist')

/** Returns the files that are loaded with this one before any of its code runs. */
function loadedWith(file: string, files = new Set<string>()): Set<string> {
  if (files.has(file)) return files
  files.add(file)
  for (const [, name = ''] of read(file).matchAll(/^(?:import|export)\b[^;]*?["']\.\/([\w-]+\.js)["'];/gm))
    loadedWith(name, files)
  return files
}

function read(file: string): string {
  return readFileSync(join(DIST, file), 'utf8')
}

/** Returns those of these packages whose code is loaded with this file. */
function packagesIn(file: string, packages: readonly string[]): readonly string[] {
  const code = [...loadedWith(file)].map(read).join('\n')
  return packages.filter((name) => code.includes(`/node_modules/${name}/`))
}

/** More than half of the code of the bundle. */
const LARGE = ['@azure/storage-blob', 'undici', 'openpgp', 'execa', 'yaml']

describe('the bundle', () => {
  it('loads at the start of a run neither the cache client nor GitHub’s HTTP client nor OpenPGP', () => {
    expect(packagesIn('run.js', LARGE)).toEqual(['yaml'])
  })

  it('loads for an exchange with the cache what that needs, and not the engine', () => {
    expect(packagesIn('child.js', LARGE)).toEqual(['@azure/storage-blob', 'undici'])
  })

  it('never loads Node’s copy of undici with its module http', () => {
    const files = readdirSync(DIST).filter((name) => name.endsWith('.js'))
    expect(files.filter((name) => /^import\b[^;]*["'](?:node:)?http["'];/m.test(read(name)))).toEqual([])
  })

  it('starts with a file that loads none of these', () => {
    expect(packagesIn('index.js', LARGE)).toEqual([])
  })
})
