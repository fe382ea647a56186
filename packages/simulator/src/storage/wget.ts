// Downloads like wget for Proxmox: redirects, certificates, and a log with wget's texts.
import { createWriteStream } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { failure } from '../errors.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { createDots } from './wget-dots.ts'

const maximumRedirects = 20

interface Ask {
  readonly method: 'GET' | 'HEAD'
  readonly verify: boolean
  readonly signal?: AbortSignal
}

function ask(url: URL, { method, verify, signal }: Ask): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { 'User-Agent': 'Wget/1.21.3', Accept: '*/*' }, ...(signal && { signal }) }
    const call =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized: verify })
        : httpRequest(url, options)
    call.on('response', resolve)
    call.on('error', reject)
    call.end()
  })
}

const isRedirect = (answer: IncomingMessage): boolean =>
  [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) && answer.headers.location !== undefined

export interface UrlMetadata {
  readonly failure?: string
  readonly filename?: string
  readonly size?: number
  readonly mimetype?: string
}

export async function headUrl(address: string, { verify }: { verify: boolean }): Promise<UrlMetadata> {
  let url = new URL(address)
  for (let hops = 0; hops <= maximumRedirects; hops += 1) {
    const answer = await ask(url, { method: 'HEAD', verify }).catch((error: NodeJS.ErrnoException) => reasonOf(error))
    if (typeof answer === 'string') return { failure: `500 Can't connect to ${hostAndPort(url)} (${answer})` }
    answer.resume()
    if (isRedirect(answer)) {
      url = new URL(answer.headers.location ?? '', url)
      continue
    }
    if (answer.statusCode !== 200) return { failure: `${answer.statusCode} ${answer.statusMessage ?? ''}`.trim() }
    return metadataOf(answer, url)
  }
  return { failure: '500 too many redirects' }
}

function metadataOf(answer: IncomingMessage, url: URL): UrlMetadata {
  const disposition = /filename="?([^";]+)"?/.exec(answer.headers['content-disposition'] ?? '')?.[1]
  const last = decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1))
  const length = answer.headers['content-length']
  const type = answer.headers['content-type']?.split(';')[0]
  return {
    ...((disposition ?? last) !== '' && { filename: disposition ?? last }),
    ...(length !== undefined && { size: Number(length) }),
    ...(type !== undefined && { mimetype: type }),
  }
}

const hostAndPort = (url: URL): string => `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`

/** The three connection failures that users of Proxmox see. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'Connection refused'
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'Name or service not known'
  if (/CERT|SIGNED|VERIFY|ALTNAME|ISSUER/.test(error.code ?? '')) return 'certificate verify failed'
  return error.message
}

export interface WgetRequest {
  readonly url: string
  readonly file: string
  readonly shownFile: string
  readonly verify: boolean
  readonly task: TaskContext
  readonly now: () => number
}

const stamp = (now: () => number): string => {
  const date = new Date(now())
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** Throws `download failed: …` with wget's text. */
export async function wget(request: WgetRequest): Promise<void> {
  const { task, now, verify } = request
  let url = new URL(request.url)
  for (let hops = 0; hops <= maximumRedirects; hops += 1) {
    task.log(`--${stamp(now)}--  ${url.href}`)
    const answer = await connect(url, { method: 'GET', verify, signal: task.signal }, { task, hops })
    if (isRedirect(answer)) {
      answer.resume()
      task.log(`HTTP request sent, awaiting response... ${answer.statusCode} ${answer.statusMessage ?? ''}`)
      task.log(`Location: ${answer.headers.location} [following]`)
      url = new URL(answer.headers.location ?? '', url)
      continue
    }
    return save(answer, request)
  }
  throw failure('download failed: exit code 8')
}

async function connect(
  url: URL,
  options: Ask,
  { task, hops }: { task: TaskContext; hops: number },
): Promise<IncomingMessage> {
  try {
    const answer = await ask(url, options)
    task.log(
      hops === 0
        ? `Connecting to ${hostAndPort(url)}... connected.`
        : `Reusing existing connection to ${hostAndPort(url)}.`,
    )
    if (url.protocol === 'https:' && !options.verify) {
      task.log(`WARNING: The certificate of '${url.hostname}' is not trusted.`)
      task.log(`WARNING: The certificate of '${url.hostname}' doesn't have a known issuer.`)
    }
    return answer
  } catch (error) {
    throw failure(`download failed: ${wgetReason(error as NodeJS.ErrnoException, url, task)}`)
  }
}

function wgetReason(error: NodeJS.ErrnoException, url: URL, task: TaskContext): string {
  if (task.signal.aborted) return 'received interrupt'
  const reason = reasonOf(error)
  if (reason === 'Name or service not known') {
    task.log(`Resolving ${url.hostname} (${url.hostname})... failed: ${reason}.`)
    return `wget: unable to resolve host address '${url.hostname}'`
  }
  if (reason === 'certificate verify failed') {
    task.log(`Connecting to ${hostAndPort(url)}... connected.`)
    task.log(`ERROR: The certificate of '${url.hostname}' is not trusted.`)
    return `ERROR: The certificate of '${url.hostname}' doesn't have a known issuer.`
  }
  return `Connecting to ${hostAndPort(url)}... failed: ${reason}.`
}

async function save(answer: IncomingMessage, { file, shownFile, task, now }: WgetRequest): Promise<void> {
  const status = answer.statusCode ?? 0
  const reason = answer.statusMessage ?? ''
  task.log(`HTTP request sent, awaiting response... ${status} ${reason}`)
  if (status !== 200) {
    answer.resume()
    task.log(`${stamp(now)} ERROR ${status}: ${reason}.`)
    throw failure('download failed: exit code 8')
  }
  const length = answer.headers['content-length']
  const type = answer.headers['content-type']
  task.log(
    `Length: ${length === undefined ? 'unspecified' : lengthOf(Number(length))}${type === undefined ? '' : ` [${type}]`}`,
  )
  task.log(`Saving to: '${shownFile}'`)
  const startedAt = performance.now()
  const dots = createDots(length === undefined ? undefined : Number(length), (line) => task.log(line))
  let bytes = 0
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    dots.add(chunk.length)
  })
  await pipeline(answer, createWriteStream(file), { signal: task.signal }).catch(() => {
    throw failure(`download failed: ${task.signal.aborted ? 'received interrupt' : 'exit code 4'}`)
  })
  dots.end()
  const speed = bytes / Math.max((performance.now() - startedAt) / 1000, 0.001) / 1024 / 1024
  task.log(
    `${stamp(now)} (${speed.toFixed(0)} MB/s) - '${shownFile}' saved [${bytes}${length === undefined ? '' : `/${length}`}]`,
  )
}

const lengthOf = (bytes: number): string => (bytes < 1024 ? String(bytes) : `${bytes} (${shortSize(bytes)})`)

/** `293K`, `8.0M`, as wget shortens sizes. */
function shortSize(bytes: number): string {
  let value = bytes / 1024
  for (const unit of ['K', 'M', 'G']) {
    if (value < 1024) return `${value < 10 ? value.toFixed(1) : Math.round(value)}${unit}`
    value /= 1024
  }
  return `${value.toFixed(1)}T`
}
