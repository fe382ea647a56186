// Reads and writes comments with GitHub's REST API (`/repos/{owner}/{repo}/issues`).
import { HttpClient } from '@actions/http-client'
import { BearerCredentialHandler } from '@actions/http-client/lib/auth'
import { VERSION } from '../version.ts'

export interface CommentPlace {
  /** `https://api.github.com` */
  readonly api: string
  /** `owner/name` */
  readonly repository: string
  readonly issue: number
  readonly token: string
}

interface Comment {
  readonly id: number
  readonly body?: string
  readonly user?: { readonly type?: string } | null
  readonly author_association?: string
}

const PER_PAGE = 100
/** If a pull request has more pages of comments than this, a second comment is created. */
const PAGES = 30

export function createComments({ api, repository, issue, token }: CommentPlace) {
  const client = new HttpClient(`pve-provision-action/${VERSION}`, [new BearerCredentialHandler(token)], {
    socketTimeout: 10_000,
    allowRetries: true,
    maxRetries: 2,
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  })
  const root = `${api}/repos/${repository}/issues`
  return {
    /** Returns the id of the comment that begins with this mark. */
    async find(mark: string): Promise<number | undefined> {
      for (let page = 1; page <= PAGES; page++) {
        const query = `per_page=${PER_PAGE}&page=${page}`
        const { result } = await client.getJson<readonly Comment[]>(`${root}/${issue}/comments?${query}`)
        const found = result?.find((comment) => comment.body?.startsWith(mark) && isTrusted(comment))
        if (found !== undefined || (result?.length ?? 0) < PER_PAGE) return found?.id
      }
      return undefined
    },
    async create(body: string): Promise<void> {
      await client.postJson(`${root}/${issue}/comments`, { body })
    },
    async update(id: number, body: string): Promise<void> {
      await client.patchJson(`${root}/comments/${id}`, { body })
    },
  }
}

/** Another user may copy the mark into a comment. Such a comment must not be updated. */
function isTrusted({ user, author_association: association = '' }: Comment): boolean {
  return user?.type === 'Bot' || ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(association)
}
