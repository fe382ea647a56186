// GitHub's comments API on loopback: lists by page, creates, updates, and refuses tokens without write access.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StoredComment {
  readonly id: number
  body: string
  readonly user: { readonly type: 'Bot' | 'User' }
  readonly author_association: string
}

export interface GitHub {
  readonly url: string
  readonly comments: StoredComment[]
  /** Requests since the last query: `POST /repos/…`. */
  requests(): readonly string[]
  close(): Promise<void>
}

/** Starts the server with one token that may write and one that may only read. */
export async function startGitHub(): Promise<GitHub> {
  const comments: StoredComment[] = []
  const requests: string[] = []
  const server = createServer((request, response) => {
    serve(request, response, { comments, requests }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    requests: () => requests.splice(0),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

interface Known {
  readonly comments: StoredComment[]
  readonly requests: string[]
}

async function serve(request: IncomingMessage, response: ServerResponse, { comments, requests }: Known) {
  let text = ''
  for await (const chunk of request) text += chunk
  const url = new URL(request.url ?? '/', 'http://localhost')
  requests.push(`${request.method} ${url.pathname}`)
  const answer = (status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const isRead = request.method === 'GET'
  if (!isRead && request.headers.authorization !== 'Bearer ghs_writer')
    return answer(403, { message: 'Resource not accessible by integration' })
  if (isRead) {
    const [size, page] = [Number(url.searchParams.get('per_page')), Number(url.searchParams.get('page'))]
    return answer(200, comments.slice(size * (page - 1), size * page))
  }
  const { body } = JSON.parse(text) as { body: string }
  // GitHub refuses a comment that is too long.
  if (body.length > 65_536) return answer(422, { message: 'Validation Failed' })
  const known = comments.find(({ id }) => url.pathname.endsWith(`/comments/${id}`))
  if (request.method === 'PATCH' && known === undefined) return answer(404, { message: 'Not Found' })
  if (known !== undefined) known.body = body
  else comments.push({ id: comments.length + 1, body, user: { type: 'Bot' }, author_association: 'NONE' })
  return answer(known ? 200 : 201, {})
}
