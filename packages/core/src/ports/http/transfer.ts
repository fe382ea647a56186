// One attempt to bring a file, or the rest of it, from one address.
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProvisionError } from '../../errors.ts'
import type { DownloadRequest } from '../world.ts'
import type { BodySink } from './connection.ts'
import { httpError, statusError } from './failure.ts'
import { type BufferPool, createBufferPool } from './file-sink.ts'
import { type Answer, follow } from './follow.ts'
import type { HostSlots } from './host-slots.ts'
import type { PartialFile } from './partial-file.ts'
import { contentRange } from './response-head.ts'
import type { HttpContext } from './settings.ts'
import { agree, canResume, rangeHeaders, sourceOf } from './source.ts'

export interface Job {
  readonly context: HttpContext
  readonly slots: HostSlots
  readonly file: PartialFile
  readonly request: DownloadRequest
  readonly signal: AbortSignal
  readonly onBytes: (count: number, total: number | undefined) => void
}

const LIMIT_BYTES = 64 * 1024 ** 3

/** Brings all bytes that are missing. @throws ProvisionError `HTTP`, `DISK`; the signal's reason when it aborts */
export async function transfer(job: Job, url: URL, progressed: () => void): Promise<void> {
  const { file, slots, signal } = job
  file.rewind()
  if (file.bytes() > 0 && file.bytes() === file.source()?.sizeBytes) return
  const release = await slots.take(url.host, signal)
  try {
    const answer = await ask(job, url)
    try {
      const { sizeBytes } = await begin(job, answer)
      await receive(job, answer, { sizeBytes, progressed })
    } finally {
      answer.connection.close()
    }
  } finally {
    release()
  }
}

/** Asks for the rest where that can work, else for the whole. */
async function ask({ context, file, signal }: Job, url: URL): Promise<Answer> {
  const source = file.source()
  const isRest = file.bytes() > 0 && canResume(source)
  const headers = isRest ? rangeHeaders(source, file.bytes()) : {}
  const answer = await follow(context, { url, headers, mayDowngrade: true, signal })
  if (!isRest || fitsOn(answer, file)) return answer
  if (answer.head.status === 200) return answer
  answer.connection.close()
  // A rest of something else, or none (416): once more, without conditions.
  if (answer.head.status === 206 || answer.head.status === 416) {
    return follow(context, { url, mayDowngrade: true, signal })
  }
  throw refused(answer)
}

function fitsOn(answer: Answer, file: PartialFile): boolean {
  const source = file.source()
  const isNext = answer.head.status === 206 && contentRange(answer.head)?.first === file.bytes()
  return isNext && source !== undefined && agree(source, sourceOf(answer))
}

/** Looks at the head before a byte of the body is taken, and sets the file up for what comes. */
async function begin(job: Job, answer: Answer): Promise<{ sizeBytes: number | undefined }> {
  const { file } = job
  const { head } = answer
  if (head.status !== 200 && head.status !== 206) throw refused(answer)
  const source = sourceOf(answer)
  check(job, answer, source.sizeBytes)
  if (head.status === 206 && file.bytes() > 0) file.seam()
  else if (head.status === 206) throw httpError(answer.url, 'answers with a part although the whole was asked for.')
  else await file.restart(source)
  await checkSpace(job, source.sizeBytes)
  return { sizeBytes: source.sizeBytes }
}

function check({ request }: Job, { head, url }: Answer, sizeBytes: number | undefined): void {
  const { expectedBytes, limitBytes = LIMIT_BYTES } = request
  if (/^text\/html\b/i.test(head.headers.get('content-type') ?? '')) {
    throw httpError(url, 'answers with a web page instead of a file.', {
      hint: 'Open the address in a browser: the file may have moved, or a proxy may want a login.',
    })
  }
  if (sizeBytes === undefined) return
  if (expectedBytes !== undefined && sizeBytes !== expectedBytes) {
    throw httpError(url, `offers ${sizeBytes} bytes where ${expectedBytes} were expected.`, {
      hint: 'The vendor may have published a new build, or this mirror may lag behind.',
    })
  }
  if (sizeBytes > limitBytes) throw tooLarge(url, limitBytes)
}

function tooLarge(url: URL, limitBytes: number): ProvisionError {
  return httpError(url, `is larger than the ${limitBytes} bytes an image may have.`)
}

/** Says at once what would otherwise be said after an hour. */
async function checkSpace({ file }: Job, sizeBytes: number | undefined): Promise<void> {
  if (sizeBytes === undefined) return
  const disk = await statfs(dirname(file.path)).catch(() => undefined)
  const missing = sizeBytes - file.bytes()
  // Some network file systems report no blocks at all.
  if (disk === undefined || disk.blocks === 0 || disk.bavail * disk.bsize >= missing) return
  const free = disk.bavail * disk.bsize
  throw new ProvisionError('DISK', `The disk has ${free} bytes free where ${missing} are needed: ${file.path}`, {
    hint: 'Free some space, or point PVE_PROVISION_CACHE to a larger disk.',
    details: { path: file.path, freeBytes: free, neededBytes: missing },
  })
}

interface Receiving {
  readonly sizeBytes: number | undefined
  readonly progressed: () => void
}

async function receive(job: Job, answer: Answer, { sizeBytes, progressed }: Receiving): Promise<void> {
  const { file, request } = job
  const { expectedBytes, limitBytes = LIMIT_BYTES } = request
  // Without an announced size, one byte more than allowed shows that there is too much.
  const most = Math.min(expectedBytes ?? limitBytes, limitBytes)
  const limit = sizeBytes ?? most + 1
  const pool: BufferPool = createBufferPool()
  const sink = file.sink({ from: file.bytes(), end: limit, pool })
  const counted: BodySink = {
    target: sink.target,
    ready: sink.ready,
    commit(count) {
      progressed()
      job.onBytes(count, sizeBytes)
      return sink.commit(count)
    },
  }
  try {
    await answer.connection.read(counted)
  } finally {
    await sink.finish()
  }
  if (sizeBytes === undefined && sink.position() > most) throw tooLarge(answer.url, most)
  if (sizeBytes !== undefined && sink.position() < sizeBytes) {
    throw httpError(answer.url, 'sent less than it announced.', { transient: true })
  }
}

function refused({ head, url }: Answer): ProvisionError {
  return statusError(url, head.status, head.headers.get('retry-after'))
}
