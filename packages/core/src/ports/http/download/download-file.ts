// Downloads a large file and verifies it as it arrives. It uses the first address that delivers the right bytes.
import { performance } from 'node:perf_hooks'
import { ProvisionError } from '../../../errors.ts'
import type { Digest } from '../../../manifest/manifest.ts'
import { ownSignal } from '../../network/own-signal.ts'
import type { Downloaded, DownloadRequest, Measured, MeasureRequest } from '../../world.ts'
import { retryRequest } from '../retry-request.ts'
import type { HttpContext } from '../settings.ts'
import { openPartialFile, type PartialFile } from './partial-file.ts'
import type { Job, Shared, Wanted } from './request.ts'
import type { Source } from './source.ts'
import { transfer } from './transfer.ts'
import { wrongDigest } from './wrong-digest.ts'

const PROGRESS_EVERY_MS = 100

/**
 * Downloads into `request.to`. Afterwards the file contains exactly the bytes of the digest.
 * @throws ProvisionError `HTTP`, `CHECKSUM`, `DISK`; the signal's reason when it aborts
 */
export async function download(shared: Shared, request: DownloadRequest): Promise<Downloaded> {
  const { bytes, fetchedBytes, url } = await bringTo(shared, request)
  return { bytes, fetchedBytes, url }
}

/**
 * Downloads a file without a known digest. It comes in one piece over one connection, the server must announce where it
 * ends, and an https address is never redirected to http. After an interruption the download starts over.
 * @throws ProvisionError as `download` does
 */
export async function measure(shared: Shared, { url, ...request }: MeasureRequest): Promise<Measured> {
  const { bytes, digest, source } = await bringTo(shared, { ...request, urls: [url] })
  const { etag, lastModified } = source ?? {}
  return { bytes, digest, ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
}

interface Brought extends Downloaded {
  readonly digest: Digest
  readonly source: Source | undefined
}

async function bringTo(shared: Shared, request: Wanted): Promise<Brought> {
  const { context } = shared
  const { to, digest } = request
  const signal = ownSignal(request.signal)
  signal.throwIfAborted()
  const file = await openPartialFile(to, digest, request.follower)
  const resumedBytes = file.bytes()
  const progress = countProgress(context, request, file)
  let how: 'keep' | 'done' = 'keep'
  try {
    const found = await fromAny(
      {
        ...shared,
        file,
        request,
        signal,
        sharing: { isPossible: true },
        packed: {},
        onBytes: (count, total) => progress.add(count, total),
      },
      request.urls,
    )
    how = 'done'
    context.meter.add('bytesSaved', Math.min(resumedBytes, Math.max(0, file.bytes() - progress.fetchedBytes())))
    return { bytes: file.bytes(), fetchedBytes: progress.fetchedBytes(), source: file.source(), ...found }
  } finally {
    await file.close(how)
  }
}

async function fromAny(job: Job, urls: readonly URL[]): Promise<{ readonly url: URL; readonly digest: Digest }> {
  const failures: ProvisionError[] = []
  for (const url of urls) {
    try {
      return { url, digest: await fromOne(job, url) }
    } catch (error) {
      job.signal.throwIfAborted()
      if (!(error instanceof ProvisionError) || (error.code !== 'HTTP' && error.code !== 'CHECKSUM')) throw error
      failures.push(error)
    }
  }
  throw summary(failures)
}

async function fromOne(job: Job, url: URL): Promise<Digest> {
  const { context, signal, file, request } = job
  job.sharing.isPossible = request.digest !== undefined
  for (let isSecond = false; ; isSecond = true) {
    await retryRequest(context, { signal, bytes: () => file.bytes() }, (attempt) => transfer(job, url, attempt))
    const found = await file.digest()
    if (request.digest === undefined || found === request.digest) return found
    const wasPieced = file.isPieced()
    const bytes = file.bytes()
    await file.restart()
    // Parts that do not fit together say nothing about the file itself. Download it once more, in one piece.
    job.sharing.isPossible = false
    if (!wasPieced || isSecond)
      throw wrongDigest(url, { found, promised: request.digest, bytes, packed: job.packed.as })
  }
}

/** Picks the most useful failure: a wrong digest before any other failure, then the failure of the first address. */
function summary(failures: readonly ProvisionError[]): ProvisionError {
  const first = failures.find(({ code }) => code === 'CHECKSUM') ?? failures[0]
  if (first === undefined) return new ProvisionError('UNEXPECTED', 'A download without an address.')
  if (failures.length === 1) return first
  const others = failures.filter((failure) => failure !== first)
  return new ProvisionError(first.code, first.message, {
    cause: first,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    details: { ...first.details, others: others.map(({ message }) => message) },
  })
}

/** Counts the bytes and reports them at most ten times a second. */
function countProgress(context: HttpContext, { onBytes }: Wanted, file: PartialFile) {
  let fetchedBytes = 0
  let toldAtMs = Number.NEGATIVE_INFINITY
  return {
    fetchedBytes: () => fetchedBytes,
    add(count: number, total: number | undefined) {
      fetchedBytes += count
      context.meter.add('bytesDownloaded', count)
      const nowMs = performance.now()
      if (onBytes === undefined || nowMs - toldAtMs < PROGRESS_EVERY_MS) return
      toldAtMs = nowMs
      onBytes(file.receivedBytes(), total)
    },
  }
}
