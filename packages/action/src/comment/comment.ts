// Keeps one comment on the pull request up to date. An invisible mark in the comment identifies it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { toProvisionError } from '@pve-provision/core/advanced'
import { nameInWorkspace } from '../annotations.ts'
import type { Environment, Inputs } from '../inputs/inputs.ts'
import { say, warning } from '../log.ts'
import { type RunSummary, runMarkdown } from '../summary/markdown.ts'
import type { CommentPlace } from './github-comments.ts'
import { wholeLines } from './whole-lines.ts'

/** GitHub allows 65 536 characters in a comment. */
const LIMIT = 64_000

/** Writes the comment of this run, or updates the one of an earlier run. A failure is only a warning. */
export async function writeComment(summary: RunSummary, inputs: Inputs, environment: Environment): Promise<void> {
  const issue = pullRequestOf(environment)
  if (issue === undefined) return say('No comment is written: this run is not for a pull request.')
  const { GITHUB_API_URL: api = 'https://api.github.com', GITHUB_REPOSITORY: repository = '' } = environment
  try {
    await upsert({ api, repository, issue, token: inputs.githubToken }, markOf(inputs, environment), summary)
  } catch (thrown) {
    warning(
      `The comment on the pull request could not be written: ${toProvisionError(thrown).message} The job needs \`pull-requests: write\`; pull requests from forks never have it.`,
    )
  }
}

async function upsert(place: CommentPlace, mark: string, summary: RunSummary): Promise<void> {
  // Loaded on demand, because its HTTP client would take more than a quarter of the start of every run.
  const { createComments } = await import('./github-comments.ts')
  const comments = createComments(place)
  const body = `${mark}\n${wholeLines(runMarkdown({ ...summary, caches: [] }, LIMIT), LIMIT)}`
  const own = await comments.find(mark)
  if (own === undefined) await comments.create(body)
  else await comments.update(own, body)
  say(own === undefined ? 'The pull request has a comment.' : 'The comment on the pull request is up to date.')
}

/** One comment for each manifest, job and cluster, so that each job of a matrix has its own. */
function markOf({ manifestFile, endpoints }: Inputs, { GITHUB_WORKSPACE, GITHUB_JOB }: Environment): string {
  const manifest = nameInWorkspace(manifestFile, GITHUB_WORKSPACE ?? '.')
  const parts = [manifest, GITHUB_JOB ?? '', ...endpoints.map(({ origin }) => origin).toSorted()]
  return `<!-- pve-provision ${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)} -->`
}

interface PullRequestPayload {
  readonly pull_request?: { readonly number?: unknown }
}

/** Returns the number of the pull request, or undefined if the event does not belong to one. */
function pullRequestOf({ GITHUB_EVENT_PATH }: Environment): number | undefined {
  try {
    const payload = JSON.parse(readFileSync(GITHUB_EVENT_PATH ?? '', 'utf8')) as PullRequestPayload
    const number = payload.pull_request?.number
    return Number.isInteger(number) ? Number(number) : undefined
  } catch {
    return undefined
  }
}
