// Renders hostile texts with GitHub's own Markdown.
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { code, codeBlock, folded, inline, plain, table } from '../../src/summary/markdown-text.ts'

const EXTENSIONS = ['table', 'strikethrough', 'autolink', 'tagfilter', 'tasklist'].flatMap((name) => ['-e', name])

function render(markdown: string): string {
  const { stdout, status, stderr } = spawnSync('cmark-gfm', ['--unsafe', ...EXTENSIONS], {
    input: markdown,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** Returns the tags in rendered HTML, without comments, which split words that GitHub would link. */
function tagsOf(html: string): readonly string[] {
  return [...html.replaceAll('<!-- -->', '').matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name = '']) =>
    name.toLowerCase(),
  )
}

/** Returns the visible text. */
function textOf(html: string): string {
  return html
    .replaceAll('<!-- -->', '')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, point) => String.fromCodePoint(Number(point)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim()
}

const HOSTILE = [
  '../a` https://e.example/`<h1>ALL GOOD: merge this</h1><img src=x>`/image.qcow2',
  'https://e/`<h1>x</h1>`',
  'www.evil.example and http://evil.example',
  'x_www.evil.example and GH_http://evil.example',
  '<script>alert(1)</script>',
  '[click](http://evil.example) ![x](http://evil.example/x.png)',
  '# heading',
  '1. list',
  '1) list',
  '- list',
  '+ list',
  '> quote',
  '=== x',
  '--- x',
  '| a | b |',
  'a\\|b',
  '&lt;b&gt; &#60;b&#62;',
  '**bold** _it_ ~~gone~~ `code`',
  '$x^2$ and $$y$$',
  'a@example.org',
  'a@.example and a.@.example',
  'a@-b.example, a@_b.example',
  '\\`<b>\\`',
  '<https://evil.example>',
  '<!-- hidden',
  '[x]: http://evil.example',
  '- [ ] task',
]

describe('foreign text in Markdown', () => {
  it.each(HOSTILE)('%s is a plain paragraph with its own text', (text) => {
    const html = render(`${plain(text)}\n`)
    expect(tagsOf(html)).toEqual(['p', 'p'])
    expect(textOf(html)).toBe(text)
  })

  it.each(HOSTILE)('%s in a sentence of ours is text or code, nothing else', (text) => {
    const html = render(`${inline(`The document says ${text}.`)}\n`)
    expect(tagsOf(html).filter((tag) => !['p', 'code'].includes(tag))).toEqual([])
  })

  it.each(HOSTILE)('%s in a cell stays in its cell', (text) => {
    const html = render(`${table({ head: ['A', 'B', 'C'], rows: [[code(text), plain(text), 'last']] }, 10)}\n`)
    expect(tagsOf(html).filter((tag) => tag === 'td')).toHaveLength(6)
    expect(html).toMatch(/<td>last<\/td>/)
    expect(tagsOf(html).filter((tag) => !['table', 'thead', 'tbody', 'tr', 'th', 'td', 'code'].includes(tag))).toEqual(
      [],
    )
  })

  it('of any kind creates no tag, alone, in a list and in a folded part', () => {
    // One call of the program for all texts, each in its own paragraph.
    const texts = fc.sample(
      fc.string({ unit: fc.constantFrom(...Array.from('`<>&|\\[](){}*_~#@!$:/.-+=1w "\'ahtps\n\t')) }),
      1500,
    )
    const parts = texts.flatMap((text) => [plain(text), `- ${inline(text)}`, folded(text, 'x'), codeBlock(text)])
    const html = render(`${parts.join('\n\n')}\n`)
    const allowed = new Set(['p', 'code', 'ul', 'li', 'details', 'summary', 'pre'])
    expect(tagsOf(html).filter((tag) => !allowed.has(tag))).toEqual([])
  })

  it('of 256 KiB takes no time', () => {
    const before = process.cpuUsage().user
    for (const part of ['`', '`a', '|', 'http://', '@a'])
      for (const make of [plain, inline, code, codeBlock]) make(part.repeat((256 * 1024) / part.length))
    expect(process.cpuUsage().user - before).toBeLessThan(4_000_000)
  })

  it('mentions no user and refers to no issue', () => {
    const html = render(`${plain('ask @octocat about #12 and GH-3')}\n`)
    expect(html).not.toMatch(/@octocat|#12|GH-3/)
  })
})
