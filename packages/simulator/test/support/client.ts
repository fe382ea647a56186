// A simple client for tests: real TLS, the sentence of the status line, and tasks that are followed to their end.
import { request } from 'node:https'
import type { Simulator } from '../../src/index.ts'

export interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders: readonly string[]
  readonly text: string
  readonly body: Record<string, unknown>
  readonly data: unknown
}

export type Client = (
  method: string,
  path: string,
  parameters?: Readonly<Record<string, string | number>>,
) => Promise<Answer>

interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export function ask(simulator: Simulator, { method, path, headers = {}, body }: RawRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${simulator.endpoint}${path}`,
      { method, ca: simulator.certificate, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const parsed = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>
          const { statusCode = 0, statusMessage = '', rawHeaders } = response
          resolve({
            status: statusCode,
            reason: statusMessage,
            headers: response.headers,
            rawHeaders,
            text,
            body: parsed,
            data: parsed.data,
          })
        })
      },
    )
    call.on('error', reject)
    if (body !== undefined) call.setHeader('Content-Length', Buffer.byteLength(body))
    call.end(body)
  })
}

export const authorization = (id: string, secret: string): Record<string, string> => ({
  Authorization: `PVEAPIToken=${id}=${secret}`,
})

export function clientOf(
  simulator: Simulator,
  token: { id: string; secret: string } = { id: simulator.tokenId, secret: simulator.tokenSecret },
): Client {
  return (method, path, parameters) => {
    const form = new URLSearchParams(
      Object.entries(parameters ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    ).toString()
    const inQuery = method === 'GET' || method === 'DELETE'
    return ask(simulator, {
      method,
      path: `/api2/json${path}${inQuery && form !== '' ? `?${form}` : ''}`,
      headers: {
        ...authorization(token.id, token.secret),
        ...(!inQuery && form !== '' && { 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      ...(!inQuery && form !== '' && { body: form }),
    })
  }
}

export interface EndedTask {
  readonly exitStatus: string
  readonly log: readonly string[]
}

/** Follows the task in an answer. */
export async function ended(client: Client, answer: Answer): Promise<EndedTask> {
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.reason} ${answer.text}`)
  const upid = String(answer.data)
  const path = `/nodes/${upid.split(':')[1]}/tasks/${encodeURIComponent(upid)}`
  for (;;) {
    const { data } = await client('GET', `${path}/status`)
    const status = data as { status: string; exitstatus?: string }
    if (status.status === 'stopped') {
      const lines = (await client('GET', `${path}/log`, { limit: 0 })).data as { t: string }[]
      return { exitStatus: status.exitstatus ?? '', log: lines.map((line) => line.t) }
    }
    await new Promise((wake) => setTimeout(wake, 10))
  }
}

/** One file as a multipart form, in the order that Proxmox requires. */
export function multipart(file: {
  content: string
  name: string
  bytes: Buffer
  checksum?: string
  algorithm?: string
}): {
  readonly type: string
  readonly body: Buffer
} {
  const boundary = 'aBoundaryOfOurOwn'
  const field = (name: string, value: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const head =
    field('content', file.content) +
    (file.algorithm === undefined ? '' : field('checksum-algorithm', file.algorithm)) +
    (file.checksum === undefined ? '' : field('checksum', file.checksum)) +
    `--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n`
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  }
}

export async function upload(
  simulator: Simulator,
  file: Parameters<typeof multipart>[0] & { node?: string; storage?: string },
): Promise<Answer> {
  const { type, body } = multipart(file)
  return ask(simulator, {
    method: 'POST',
    path: `/api2/json/nodes/${file.node ?? 'pve'}/storage/${file.storage ?? 'local'}/upload`,
    headers: { ...authorization(simulator.tokenId, simulator.tokenSecret), 'Content-Type': type },
    body,
  })
}
