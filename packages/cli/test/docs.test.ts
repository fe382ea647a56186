// Checks that links in the documents work, and that commands and options exist. (Manifests: recipes.test.ts.)
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type ErrorCode, ProvisionError } from '@pve-provision/core'
import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../src/exit-codes.ts'
import { runCli } from './support/run-cli.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/*.md', 'packages/*/README.md'], { cwd: ROOT })

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')

function blocks(page: string, language: RegExp): readonly string[] {
  // Blocks in lists are indented.
  return [...read(page).matchAll(/^( *)```(\w*)\n(.*?)^\1```/gms)].flatMap(([, indent = '', name = '', text = '']) =>
    language.test(name) ? [text.replaceAll(new RegExp(`^${indent}`, 'gm'), '')] : [],
  )
}

/** Returns the anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = read(page).replaceAll(/^( *)```.*?^\1```/gms, '')
  const used = new Map<string, number>()
  return new Set(
    [...text.matchAll(/^#{1,6} +(.*)$/gm)].map(([, heading = '']) => {
      const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
      const anchor = words.replaceAll(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-')
      const count = used.get(anchor) ?? 0
      used.set(anchor, count + 1)
      return count === 0 ? anchor : `${anchor}-${count}`
    }),
  )
}

describe('documents', () => {
  it('are there', () => expect(PAGES.length).toBeGreaterThan(15))

  it.each(PAGES)('%s has no broken links', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link.split('#')[0] ?? '')
    const local = links.filter((link) => link !== '' && !/^[a-z]+:/.test(link))
    expect(local.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([])
  })

  it.each(PAGES)('%s has no links to headings that do not exist', (page) => {
    const links = [...read(page).matchAll(/\]\(([^):\s]*)#([^)\s]+)\)/g)].map(([, file = '', heading = '']) => ({
      target: file === '' ? page : join(dirname(page), file),
      heading,
    }))
    const toPages = links.filter(({ target }) => target.endsWith('.md'))
    const anchors = new Map(
      [...new Set(toPages.map(({ target }) => target))].map((target) => [target, anchorsOf(target)]),
    )
    expect(toPages.filter(({ target, heading }) => !anchors.get(target)?.has(heading))).toEqual([])
  })

  it('name only source files that exist', () => {
    const named = PAGES.filter((page) => page !== 'CHANGELOG.md').flatMap((page) =>
      [...read(page).matchAll(/\bpackages\/[a-z]+\/(?:src|test)\/[\w./-]+\.(?:ts|mjs)\b/g)].map(([path]) => path),
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('give the same commands for the least-privilege token on each page', () => {
    const token = (page: string) => blocks(page, /^sh$/).filter((block) => block.includes('role add ProvisionVM'))
    const expected = token('docs/permissions.md')
    expect(expected).toHaveLength(1)
    expect([token('README.md'), token('docs/tutorial.md')]).toEqual([expected, expected])
  })

  // An interactive bash replaces `!ci` outside single quotes, even in double quotes, and refuses the whole line.
  it.each(PAGES)('%s has no commands with a ! that an interactive shell would replace', (page) => {
    const lines = blocks(page, /^(sh|bash)$/).flatMap((text) => text.split('\n'))
    const unquoted = (line: string) => line.replaceAll(/'[^']*'/g, '').replace(/(^|\s)#.*/, '')
    expect(lines.filter((line) => /!(?=[^\s=(])/.test(unquoted(line)))).toEqual([])
  })

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const used = PAGES.flatMap((page) => [...read(page).matchAll(/npm (?:run (?:--silent )?([\w:-]+)|(test)\b)/g)])
    const names = new Set(used.map(([, script, test]) => script ?? test ?? ''))
    expect(names).toContain('quickstart')
    expect([...names].filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it('give each error code the exit code that it has', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \|.*?\| (\d+) \|/gm)]
    expect(rows.length).toBeGreaterThan(10)
    for (const [, code = '', exit] of rows)
      expect([code, exitCodeOf(new ProvisionError(code as ErrorCode, 'x'))]).toEqual([code, Number(exit)])
  })

  it('have in the README the final output of the quickstart', () => {
    const [, block = ''] = /<!-- quickstart -->(.*?)<!-- \/quickstart -->/s.exec(read('README.md')) ?? []
    for (const words of ['first run', 'second run', 'kept', 'First run:', 'Second run:', '0 changes'])
      expect(block).toContain(words)
  })

  it('name only commands and options that exist', async () => {
    const used = PAGES.flatMap((page) => {
      const inline = [...read(page).matchAll(/`(?:npx )?pve-provision ([a-z]+)([^`\n]*)`/g)]
      const shell = blocks(page, /^(sh|console|bash)?$/).flatMap((text) => [
        ...text.matchAll(/^(?:\$ )?(?:npx )?pve-provision ([a-z]+)((?: [^#\n|>]+)?)/gm),
      ])
      return [...inline, ...shell].map(([, command = '', rest = '']) => ({ page, command, rest }))
    })
    expect(used.length).toBeGreaterThan(3)
    const helps = new Map<string, ReturnType<typeof runCli>>()
    for (const { page, command, rest } of used) {
      const [inner = ''] = /^ [a-z]+/.exec(rest) ?? []
      const nested = ['images', 'facts'].includes(command) ? [inner.trim()] : []
      const words = [command, ...nested]
      const help = helps.get(words.join(' ')) ?? runCli([...words, '--help'])
      helps.set(words.join(' '), help)
      const { exitCode, stdout } = await help
      expect([page, command, exitCode]).toEqual([page, command, 0])
      for (const [, option = ''] of rest.matchAll(/ (--[a-z-]+)/g))
        expect([page, stdout]).toEqual([page, expect.stringContaining(option)])
    }
  })
})
