import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheAccess, isFromFork } from '../../src/cache/cache-access.ts'
import type { Environment } from '../../src/inputs/inputs.ts'
import { temporaryFolder } from '../support/temporary.ts'

const repository = (name: string) => ({ repo: { full_name: name } })

function event(name: string, payload: unknown, text = JSON.stringify(payload)) {
  const path = join(temporaryFolder('event'), 'event.json')
  writeFileSync(path, text)
  return { GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path }
}

const pullRequest = (head: unknown) =>
  event('pull_request', { pull_request: { head, base: repository('org/machines') } })

describe('a run that strangers may have a hand in', () => {
  it.each([
    ['a pull request from a fork', pullRequest(repository('stranger/machines'))],
    ['a pull request whose repository is gone', pullRequest({ repo: null })],
    ['an event whose payload cannot be parsed', event('pull_request', undefined, '{')],
    ['an event whose payload is missing', { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: '/nonexistent' }],
    [
      'pull_request_target, even of the repository itself',
      event('pull_request_target', {
        pull_request: { head: repository('org/machines'), base: repository('org/machines') },
      }),
    ],
    ['workflow_run', event('workflow_run', {})],
    ['issue_comment', event('issue_comment', {})],
    ['an event that is not known', event('brand_new', {})],
    ['no event', {}],
  ])('is %s: the cache is only read', (_, environment) => {
    expect(isFromFork(environment)).toBe(true)
    const runner = { ACTIONS_RESULTS_URL: 'http://x', ACTIONS_RUNTIME_TOKEN: 't' }
    expect(cacheAccess('read-write', { ...environment, ...runner }).mode).toBe('read')
  })

  it.each<[string, Environment]>([
    ['a pull request of the repository', pullRequest(repository('org/machines'))],
    ...['push', 'schedule', 'workflow_dispatch', 'merge_group'].map((name): [string, Environment] => [
      name,
      { GITHUB_EVENT_NAME: name },
    ]),
  ])('is not %s', (_, environment) => {
    expect(isFromFork(environment)).toBe(false)
  })
})
