// Downloads one file over several connections, each one part at a time, as long as that helps.
import { performance } from 'node:perf_hooks'
import type { ProvisionError } from '../../../errors.ts'
import { httpError, isTransient } from '../failure.ts'
import type { Answer } from '../follow.ts'
import type { BodySink } from '../wire/body.ts'
import type { Connection } from '../wire/connection.ts'
import { type BufferPool, createBufferPool, type FileSink } from '../wire/file-sink.ts'
import { tooLarge } from './accept.ts'
import { askForPart } from './ask-part.ts'
import { createParts, type Part, type Parts } from './parts.ts'
import type { Job } from './request.ts'
import { canResume, type Source, sourceOf } from './source.ts'

export interface SegmentTask {
  /** An answer whose body is the file from `from` on. */
  readonly answer: Answer
  readonly from: number
  readonly mostBytes: number
  /** The host that was requested. Its connection limits apply, even after a redirect. */
  readonly host: string
}

interface Segments extends SegmentTask {
  readonly job: Job
  readonly source: Source
  readonly parts: Parts
  readonly signal: AbortSignal
  /** The number of active connections. */
  readonly size: () => number
  readonly mayGrow: () => void
  readonly failures: readonly unknown[]
}

/** After this many failed connections, no further ones are opened to this server. */
const FAILURES_BEFORE_MODESTY = 3
const GROW_EVERY_MS = 50

/**
 * Downloads the file from `from` to its end. @throws ProvisionError `HTTP`, `DISK`; the signal's reason when it aborts
 */
export async function fetchSegments(job: Job, task: SegmentTask): Promise<void> {
  const stop = new AbortController()
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  const segments: Segments = {
    ...task,
    job,
    source: sourceOf(task.answer),
    parts: createParts(job.context.limits.partBytes),
    signal: AbortSignal.any([job.signal, stop.signal]),
    failures,
    size: () => running.size,
    mayGrow: throttle(() => {
      const help = findHelp(segments)
      if (help !== undefined) start(help())
    }),
  }
  function start(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        failures.push(error)
        if (!isTransient(error)) stop.abort(error)
      })
      .finally(() => running.delete(settled))
    running.add(settled)
  }
  stop.signal.addEventListener('abort', () => task.answer.connection.close())
  start(lead(segments))
  while (running.size > 0) await Promise.all(running)
  job.signal.throwIfAborted()
  if (segments.parts.isComplete()) return
  throw (
    failures.find((error) => !isTransient(error)) ??
    failures[0] ??
    httpError(task.answer.url, 'no longer accepts range requests.', { transient: true })
  )
}

/** The first connection. Its part is the rest of the file, until other connections take some of it. */
async function lead(segments: Segments): Promise<void> {
  const { answer, from, mostBytes, source } = segments
  // If the size is not announced, read one byte more than allowed to detect a file that is too large.
  const end = source.sizeBytes ?? mostBytes + 1
  const pool = createBufferPool()
  const sink = await fill(segments, { connection: answer.connection, part: { from, end }, pool })
  if (source.sizeBytes === undefined) {
    if (sink.position() > mostBytes) throw tooLarge(answer.url, mostBytes)
    sink.limitTo(sink.position())
  }
  segments.parts.leave(sink)
  if (source.sizeBytes !== undefined && sink.position() < sink.end()) throw tooShort(answer.url)
  await helpOn(segments, { connection: answer.connection, part: segments.parts.take(), pool })
}

/** Returns a function that opens another connection, if the pacer wants one, a slot is free and a part is left. */
function findHelp(segments: Segments): (() => Promise<void>) | undefined {
  const { job, host, parts, source, size, failures } = segments
  if (!job.sharing.isPossible || !canResume(source) || failures.length >= FAILURES_BEFORE_MODESTY) return undefined
  if (size() >= job.pacerOf(host).width()) return undefined
  const release = job.slots.tryTake(host)
  const part = release === undefined ? undefined : parts.take()
  if (part === undefined) release?.()
  return part === undefined ? undefined : () => helpOn(segments, { part }).finally(release)
}

interface Beginning {
  readonly connection?: Connection
  readonly part?: Part | undefined
  readonly pool?: BufferPool
}

/** Downloads part after part while there are parts and this connection is still wanted. */
async function helpOn(segments: Segments, beginning: Beginning): Promise<void> {
  const { parts, job, size, host } = segments
  const isWelcome = (): boolean => size() === 1 || (size() <= job.pacerOf(host).width() && !job.slots.isWanted(host))
  const { pool = createBufferPool() } = beginning
  let { connection } = beginning
  try {
    for (let { part } = beginning; part !== undefined; part = isWelcome() ? parts.take() : undefined) {
      connection = await askFor(segments, part, connection)
      if (connection === undefined) return
      job.file.seam()
      const sink = await fill(segments, { connection, part, pool })
      parts.leave(sink)
      if (sink.position() < sink.end()) throw tooShort(segments.answer.url)
    }
  } finally {
    connection?.close()
  }
}

/** Returns a connection for the part. If the server does not serve it, returns undefined and releases the part. */
async function askFor(segments: Segments, part: Part, idle: Connection | undefined): Promise<Connection | undefined> {
  const { source, answer, signal, job, parts } = segments
  let connection: Connection | undefined
  try {
    connection = await askForPart({ context: job.context, answer, source, part, idle, signal })
  } finally {
    if (connection === undefined) parts.putBack(part)
  }
  if (connection === undefined) {
    job.sharing.isPossible = false
    // The file may have changed. Mark it as pieced, so that a wrong digest leads to a new download in one piece.
    job.file.seam()
  }
  return connection
}

interface Filling {
  readonly connection: Connection
  readonly part: Part
  /** The buffers of this connection. They are reused from part to part, because the system reclaims memory late. */
  readonly pool: BufferPool
}

/** Reads one body into the file. The caller must release the part with `parts.leave`. */
async function fill(segments: Segments, { connection, part, pool }: Filling): Promise<FileSink> {
  const { job, parts, host } = segments
  const pacer = job.pacerOf(host)
  const sink = job.file.sink({ ...part, pool })
  parts.enter(sink)
  pacer.opened(performance.now())
  try {
    await connection.read(counted(segments, sink))
  } catch (error) {
    parts.leave(sink)
    throw error
  } finally {
    pacer.closed(performance.now())
    await sink.finish()
  }
  return sink
}

function counted({ job, host, source, mayGrow }: Segments, sink: FileSink): BodySink {
  const pacer = job.pacerOf(host)
  return {
    target: () => sink.target(),
    ready: () => sink.ready(),
    commit(count) {
      const answer = sink.commit(count)
      pacer.count(count, performance.now())
      job.onBytes(count, source.sizeBytes)
      mayGrow()
      return answer
    },
  }
}

function throttle(action: () => void): () => void {
  let atMs = performance.now()
  return () => {
    if (performance.now() - atMs < GROW_EVERY_MS) return
    atMs = performance.now()
    action()
  }
}

function tooShort(url: URL): ProvisionError {
  return httpError(url, 'sent less than it announced.', { transient: true })
}
