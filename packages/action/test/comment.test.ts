import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { wholeLines } from '../src/comment/whole-lines.ts'
import { type GitHub, startGitHub } from './support/github.ts'
import { callOf, manifest, type Surroundings, surroundings, writeManifest } from './support/given.ts'
import { type ActionRun, newJob, runAction } from './support/runner.ts'

let around: Surroundings
let github: GitHub
beforeAll(async () => {
  around = await surroundings({ nodes: ['pve1'] })
  github = await startGitHub()
})
beforeEach(() => {
  github.comments.length = 0
  github.requests()
})
afterAll(async () => {
  await github.close()
  await around.close()
})

const PULL_REQUEST = { pull_request: { number: 7 } }

function plan(text: string, { token = 'ghs_writer', event = PULL_REQUEST as unknown } = {}): Promise<ActionRun> {
  const job = newJob()
  writeManifest(job, text)
  const inputs = { mode: 'plan', cache: 'false', comment: 'true', 'github-token': token }
  return runAction(callOf(around, job, { inputs, env: { GITHUB_API_URL: github.url }, event }))
}

const bodies = () => github.comments.map(({ body }) => body)

describe('a comment on the pull request', () => {
  it('is created once, then updated, and comments of others are kept', async () => {
    const others = Array.from({ length: 150 }, (_, index) => ({ id: index + 1, body: 'fine with me' }))
    for (const other of others)
      github.comments.push({ ...other, user: { type: 'User' }, author_association: 'CONTRIBUTOR' })
    const text = manifest(around.vendor, { project: 'commented', count: 3 })
    const first = await plan(text)
    expect(first.exitCode).toBe(0)
    expect(bodies().at(-1)).toContain('| `web-1` `web-2` `web-3` | create |')
    await plan(text.replace('count: 3', 'count: 2'))
    expect(bodies()).toHaveLength(151)
    expect(bodies().at(-1)).not.toContain('web-3')
    expect(first.everything).not.toContain('ghs_writer')
  })

  it('does not change a comment of another user with a copied mark', async () => {
    const text = manifest(around.vendor, { project: 'copied' })
    await plan(text)
    const [own] = github.comments
    const copy = { id: 99, body: `${own?.body}`, user: { type: 'User' }, author_association: 'NONE' } as const
    github.comments.unshift({ ...copy })
    await plan(text.replace('count: 2', 'count: 1'))
    expect([github.comments[0]?.body === copy.body, github.comments.length]).toEqual([true, 2])
  })

  it('also shows an error, and a thousand machines with the same changes in one row', async () => {
    const wrong = await plan(manifest(around.vendor).replace('count: 2', 'count: two'))
    expect(wrong.exitCode).toBe(1)
    expect(bodies()[0]).toContain('❌')
    await plan(manifest(around.vendor, { count: 1000 }))
    expect(bodies()).toHaveLength(1)
    expect(bodies()[0]).toContain('`web-1…1000`')
  })

  it('that may not be written is a warning, and the run continues', async () => {
    const outcome = await plan(manifest(around.vendor), { token: 'ghs_reader' })
    expect(outcome.exitCode).toBe(0)
    const warnings = outcome.commands.filter(({ name }) => name === 'warning').map(({ text }) => text)
    expect(warnings.join()).toContain('pull-requests: write')
    expect(bodies()).toEqual([])
  })

  it('is skipped without a pull request, and refused without a token', async () => {
    expect((await plan(manifest(around.vendor), { event: {} })).log).toContain('not for a pull request')
    expect((await plan(manifest(around.vendor), { token: '' })).exitCode).toBe(1)
    expect(github.requests()).toEqual([])
  })
})

describe('wholeLines', () => {
  const long = [
    '# head',
    '<details><summary>x</summary>',
    '',
    '````text',
    '```',
    'a'.repeat(50),
    '````',
    '',
    '</details>',
  ]

  it('keeps a text that fits', () => {
    expect(wholeLines(long.join('\n'), 1000)).toBe(long.join('\n'))
  })

  it('ends at a line break and closes open blocks, whatever the limit', () => {
    const text = Array.from({ length: 30 }, () => long.join('\n')).join('\n')
    for (let limit = 120; limit < 700; limit += 7) {
      const cut = wholeLines(text, limit)
      expect(cut.length).toBeLessThanOrEqual(limit)
      expect(cut.match(/^<details>/gm)?.length ?? 0).toBe(cut.match(/^<\/details>/gm)?.length ?? 0)
      expect((cut.match(/^````/gm)?.length ?? 0) % 2).toBe(0)
      expect(cut).toContain('… truncated')
    }
  })
})
