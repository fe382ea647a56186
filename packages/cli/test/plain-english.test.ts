// Checks documents, texts of the program, comments and test names for the worst words on the list in STYLE.md.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const DOCUMENTS = globSync(
  [
    '*.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'packages/*/docs/*.md',
    'action.yml',
    '.changeset/*.md',
    '.github/**/*.{md,yml}',
    'examples/**/*.{md,yaml}',
  ],
  { cwd: ROOT },
).filter((page) => page !== 'STYLE.md')
const SOURCES = globSync('packages/{core,cli,action}/src/**/*.ts', { cwd: ROOT }).filter(
  (file) => !file.endsWith('api-types.ts'),
)
const CODE = globSync('packages/*/{src,test}/**/*.ts', { cwd: ROOT }).filter(
  (file) => !file.endsWith('plain-english.test.ts'),
)

const WORST =
  /\b(?:anew|mend(?:s|ed|ing)?|whoever|nobody (?:says|knows|reaches|tells)|brings? (?:them|the machines) about|not needed again|for good|going by|has moved on|in the way of|it needs your hand|not all went well|one's own|of our own|vouch(?:es|ed)?|out of our hands|further ado|may only look|none left behind|to be had)\b/i

/** Words that comments may still have, but not what people read. */
const WORST_FOR_USERS =
  /\b(?:(?:some|any|every)body|nobody(?!['@])|takes? (?:it |them |this )?over|stays? as (?:it|they) (?:is|are)|beforehand|of today|tells? (?:of|that|whether|how|which)|cut short|of (?:which|whom)|in the place of|cannot be had|goes on|all the same|as (?:it|they) (?:is|are|was|were) now|as it stands|is to (?:be|have)|are to (?:be|have|come)|(?<!there )(?:is|are) no (?:regular|valid|archive|disk|image|number|address|kind|node|template|text|SSH|backup)|none any more|makes? (?:it )?anew|, for (?:it|they) (?:is|are|has|have))\b/i

const WORST_IN_COMMENTS =
  /\b(?:anew|mend(?:s|ed|ing)?|whoever|nobody(?!['@])|(?:some|any|every)body|one's own|nought|for ever|told of|has it that|letter by letter|to be had|in the way of)\b/i

/** Images are compressed and archives extracted. Identifiers and names of files may have the word. */
const PACKED = /(?<![-/\w])(?:un)?pack(?:s|ed|ing)\b(?![-/])/i

/** A comment that begins with half a sentence: the reader has to guess its subject. */
const FRAGMENT = /(?:^|\s)# (?:Whether|What|Whose|None|Nobody|Nothing of)\b/

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
    expect(DOCUMENTS.flatMap((page) => found(page, () => true, WORST_FOR_USERS))).toEqual([])
    expect(DOCUMENTS.flatMap((page) => found(page, () => true, PACKED))).toEqual([])
  })

  it('is the language of comments in examples, which begin with a subject and a verb', () => {
    const examples = globSync('examples/**/*.yaml', { cwd: ROOT })
    expect(examples.flatMap((page) => found(page, () => true, FRAGMENT))).toEqual([])
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

  it.each(['it is fetched anew', 'what mends it', 'Nobody says which', 'remove for good', "a Node of one's own"])(
    'refuses “%s”',
    (text) => expect(WORST.test(text)).toBe(true),
  )

  it.each([
    ['it is no archive', true],
    ['there is no archive', false],
    ['the network, for it has no gateway', true],
    ['is cut short', true],
    ['is no longer in the manifest', false],
    ['somebody changed it', true],
    ['Take them over', true],
    ['takes a moment', false],
    ['it tells whether it runs', true],
    ['nobody@pve', false],
    ['wait for the agent', false],
  ])('for users: %j refused is %j', (text, isRefused) => expect(WORST_FOR_USERS.test(text)).toBe(isRefused))

  it.each([
    ['/** Nobody knows it. */', true],
    [' * A fault is told of once.', true],
    ['const width = 0 // whoever asks', true],
    ['// as somebody did', true],
    ["const text = 'nobody'", false],
    ['/** Returns undefined if no one waits, and tells the caller why. */', false],
    ['/** The amendment is recommended. */', false],
  ])('in comments: %j refused is %j', (line, isRefused) =>
    expect(isComment(line) && WORST_IN_COMMENTS.test(line)).toBe(isRefused),
  )

  it.each([
    ['# Whether it runs', true],
    ['  node: pve1 # Nobody else has it', true],
    ['# Compares machines', false],
  ])('at the start of a comment in an example: %j refused is %j', (line, isRefused) =>
    expect(FRAGMENT.test(line)).toBe(isRefused),
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
