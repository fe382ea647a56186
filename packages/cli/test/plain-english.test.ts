// Words of STYLE.md's list that no reader should meet, in documents and in the texts of the program.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const DOCUMENTS = globSync(['README.md', 'docs/**/*.md', 'examples/*.md', 'packages/*/README.md', 'action.yml'], {
  cwd: ROOT,
})
const SOURCES = globSync('packages/{core,cli,action}/src/**/*.ts', { cwd: ROOT })

const WORST =
  /\b(?:anew|mend(?:s|ed|ing)?|whoever|nobody (?:says|knows|reaches|tells)|brings? (?:them|the machines) about|not needed again|for good|going by|has moved on|in the way of|it needs your hand|not all went well)\b/i

/** Lines with a text in quotes: what a user may read. Comments are for programmers. */
const isText = (line: string) => !/^\s*(?:\/\/|\/?\*)/.test(line) && /['"`].*\s.*['"`]/.test(line)

const found = (page: string, matters: (line: string) => boolean) =>
  readFileSync(join(ROOT, page), 'utf8')
    .split('\n')
    .flatMap((line, index) => (matters(line) && WORST.test(line) ? [`${page}:${index + 1}: ${line.trim()}`] : []))

describe('plain English', () => {
  it('is what the documents speak', () => {
    expect(DOCUMENTS.flatMap((page) => found(page, () => true))).toEqual([])
  })

  it('is what the program speaks', () => {
    expect(SOURCES.flatMap((page) => found(page, isText))).toEqual([])
  })

  it.each(['it is fetched anew', 'what mends it', 'Nobody says which', 'remove for good'])('would find “%s”', (text) =>
    expect(WORST.test(text)).toBe(true),
  )
})
