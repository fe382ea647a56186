// Checks documents, texts of the program, comments and test names for the worst words on the list in STYLE.md.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const DOCUMENTS = globSync(['README.md', 'docs/**/*.md', 'examples/*.md', 'packages/*/README.md', 'action.yml'], {
  cwd: ROOT,
})
const SOURCES = globSync('packages/{core,cli,action}/src/**/*.ts', { cwd: ROOT }).filter(
  (file) => !file.endsWith('api-types.ts'),
)
const CODE = globSync('packages/*/{src,test}/**/*.ts', { cwd: ROOT }).filter(
  (file) => !file.endsWith('plain-english.test.ts'),
)

const WORST =
  /\b(?:anew|mend(?:s|ed|ing)?|whoever|nobody (?:says|knows|reaches|tells)|brings? (?:them|the machines) about|not needed again|for good|going by|has moved on|in the way of|it needs your hand|not all went well)\b/i

/** Words that decisions (docs/adr) and comments may still have, but not what users read. */
const WORST_FOR_USERS =
  /\b(?:(?:some|any|every)body|cut short|of (?:which|whom)|in the place of|cannot be had|goes on|all the same|as (?:it|they) (?:is|are|was|were) now|as it stands|is to (?:be|have)|are to (?:be|have|come)|(?<!there )(?:is|are) no (?:regular|valid|archive|disk|image|number|address|kind|node|template|text|SSH|backup)|none any more|makes? (?:it )?anew|, for (?:it|they) (?:is|are|has|have))\b/i

const WORST_IN_COMMENTS =
  /\b(?:anew|mend(?:s|ed|ing)?|whoever|nobody (?:says|knows|reaches|tells)|nought|for ever|told of|has it that|letter by letter|to be had|in the way of)\b/i

const isComment = (line: string) => /^\s*(?:\/\/|\/?\*)|\s\/\/\s/.test(line)

/** A line with a quoted text, which a user may read. */
const isText = (line: string) => !/^\s*(?:\/\/|\/?\*)/.test(line) && /['"`].*\s.*['"`]/.test(line)

/** A line with the name of a test. */
const isName = (line: string) => /^\s*(?:(?:describe|it|test)\b.*\(|\]\)\()['"`].*\s/.test(line)

const found = (page: string, matters: (line: string) => boolean, words = WORST) =>
  readFileSync(join(ROOT, page), 'utf8')
    .split('\n')
    .flatMap((line, index) => (matters(line) && words.test(line) ? [`${page}:${index + 1}: ${line.trim()}`] : []))

describe('plain English', () => {
  it('is the language of documents', () => {
    expect(DOCUMENTS.flatMap((page) => found(page, () => true))).toEqual([])
    const forUsers = DOCUMENTS.filter((page) => !page.startsWith('docs/adr/') && page !== 'docs/api.md')
    expect(forUsers.flatMap((page) => found(page, () => true, WORST_FOR_USERS))).toEqual([])
  })

  it('is the language of the program', () => {
    expect(SOURCES.flatMap((page) => found(page, isText))).toEqual([])
    expect(SOURCES.flatMap((page) => found(page, isText, WORST_FOR_USERS))).toEqual([])
  })

  it('is the language of comments', () => {
    expect(CODE.flatMap((file) => found(file, isComment, WORST_IN_COMMENTS))).toEqual([])
  })

  it('is the language of test names', () => {
    expect(CODE.flatMap((file) => found(file, isName, WORST_IN_COMMENTS))).toEqual([])
  })

  it.each(['it is fetched anew', 'what mends it', 'Nobody says which', 'remove for good'])('refuses “%s”', (text) =>
    expect(WORST.test(text)).toBe(true),
  )

  it.each([
    ['it is no archive', true],
    ['there is no archive', false],
    ['the network, for it has no gateway', true],
    ['is cut short', true],
    ['is no longer in the manifest', false],
    ['somebody changed it', true],
    ['wait for the agent', false],
  ])('for users: %j refused is %j', (text, isRefused) => expect(WORST_FOR_USERS.test(text)).toBe(isRefused))

  it.each([
    ['/** Nobody knows it. */', true],
    [' * A fault is told of once.', true],
    ['const width = 0 // whoever asks', true],
    ["const text = 'nobody'", false],
    ['/** Returns undefined if no one waits, and tells the caller why. */', false],
    ['/** The amendment is recommended. */', false],
  ])('in comments: %j refused is %j', (line, isRefused) =>
    expect(isComment(line) && WORST_IN_COMMENTS.test(line)).toBe(isRefused),
  )

  it.each([
    ["  it('is made anew', () => {", true],
    ["  ])('is told of: %s', (text) => {", true],
    ["  it('is created again', () => {", false],
    ["  expect(it('anew'))", false],
  ])('in names of tests: %j refused is %j', (line, isRefused) =>
    expect(isName(line) && WORST_IN_COMMENTS.test(line)).toBe(isRefused),
  )
})
