// The journal with real files: incomplete, foreign, hostile and shared ones.
import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createJournal } from '../../src/ports/journal.ts'
import type { Clock, Journal } from '../../src/ports/world.ts'

const clock: Clock = { now: () => 1_000_000, sleep: () => Promise.resolve() }

async function journalFixture() {
  const folder = await mkdtemp(join(tmpdir(), 'pve-provision-journal-'))
  const path = join(folder, 'journal', 'facts.jsonl')
  const open = (): Journal => createJournal({ path, clock })
  return { folder, path, open, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

function line(entry: unknown): string {
  const json = JSON.stringify(entry)
  return `\n${createHash('sha256').update(json).digest('hex').slice(0, 32)} ${json}\n`
}

describe('journal', () => {
  it('keeps records across processes, the last one wins, and reading creates no file', async () => {
    await using fixture = await journalFixture()
    expect(await fixture.open().recall('a')).toBeUndefined()
    await expect(stat(fixture.path)).rejects.toThrow('ENOENT')
    const first = fixture.open()
    await first.record('a', 1)
    await first.record('a', { two: 2 })
    await first.record('b', null)
    expect(await first.recall('a')).toEqual({ value: { two: 2 }, atMs: 1_000_000 })
    expect(await fixture.open().recall('a')).toEqual({ value: { two: 2 }, atMs: 1_000_000 })
    expect(await fixture.open().recall('b')).toEqual({ value: null, atMs: 1_000_000 })
  })

  it('loses nothing when several write at once', async () => {
    await using fixture = await journalFixture()
    const journals = [fixture.open(), fixture.open(), fixture.open()]
    await Promise.all(
      journals.flatMap((journal, at) => Array.from({ length: 50 }, (_, n) => journal.record(`${at}-${n}`, n))),
    )
    const again = fixture.open()
    for (let at = 0; at < 3; at += 1)
      for (let n = 0; n < 50; n += 1) expect((await again.recall(`${at}-${n}`))?.value).toBe(n)
  })

  it('ignores torn, changed and foreign lines and keeps the good ones around them', async () => {
    await using fixture = await journalFixture()
    await fixture.open().record('good', 1)
    await appendFile(fixture.path, line({ key: 'changed', value: 1, atMs: 1 }).replace('"value":1', '"value":2'))
    await appendFile(fixture.path, `\nhello\n${'x'.repeat(40)}\n`)
    await appendFile(fixture.path, line({ key: 'future', value: 1, atMs: 99_999_999 }))
    await appendFile(
      fixture.path,
      line({ key: 5, value: 1, atMs: 1 }) + line(null) + line([1]) + line({ key: '__proto__', value: 'x', atMs: 1 }),
    )
    await appendFile(fixture.path, line({ key: 'torn', value: 1, atMs: 1 }).slice(0, 50))
    await fixture.open().record('after', 2)
    const journal = fixture.open()
    expect((await journal.recall('good'))?.value).toBe(1)
    expect((await journal.recall('after'))?.value).toBe(2)
    for (const key of ['changed', 'future', 'torn']) expect(await journal.recall(key)).toBeUndefined()
    expect((await journal.recall('__proto__'))?.value).toBe('x')
    expect(Object.prototype).not.toHaveProperty('value')
  })

  it('replaces a file of another version, a file that is too large, and a link', async () => {
    for (const hostile of [
      'pve-provision journal 99\nnew things',
      `pve-provision journal 1\n${'y'.repeat(17 * 1024 * 1024)}`,
    ]) {
      await using fixture = await journalFixture()
      await fixture.open().record('a', 1)
      await writeFile(fixture.path, hostile)
      expect(await fixture.open().recall('a')).toBeUndefined()
      await fixture.open().record('a', 2)
      expect((await fixture.open().recall('a'))?.value).toBe(2)
    }
    await using fixture = await journalFixture()
    await fixture.open().record('a', 1)
    const target = join(fixture.folder, 'precious')
    await writeFile(target, 'pve-provision journal 1\n')
    await rm(fixture.path)
    await symlink(target, fixture.path)
    await fixture.open().record('a', 3)
    expect(await readFile(target, 'utf8')).toBe('pve-provision journal 1\n')
    expect((await fixture.open().recall('a'))?.value).toBe(3)
  })

  it('stays small: a long history of few facts is compacted', async () => {
    await using fixture = await journalFixture()
    const lines = Array.from({ length: 3000 }, (_, n) => line({ key: 'same', value: n, atMs: 1 })).join('')
    await fixture.open().record('other', 1)
    await appendFile(fixture.path, lines)
    await fixture.open().record('last', 1)
    expect((await stat(fixture.path)).size).toBeLessThan(1000)
    expect((await fixture.open().recall('same'))?.value).toBe(2999)
    expect((await fixture.open().recall('other'))?.value).toBe(1)
  })

  it('loses records, and does not fail, where it cannot write', async () => {
    await using fixture = await journalFixture()
    await writeFile(join(fixture.folder, 'file'), '')
    for (const path of [join(fixture.folder, 'file/facts.jsonl'), '/proc/nowhere/below/facts.jsonl']) {
      const journal = createJournal({ path, clock })
      await journal.record('a', 1)
      expect((await journal.recall('a'))?.value).toBe(1)
    }
  })
})
