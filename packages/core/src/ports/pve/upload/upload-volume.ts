// Uploads a file to a storage and waits for its import task.
import { ProvisionError } from '../../../errors.ts'
import { traceRequest } from '../../network/trace.ts'
import { type Asked, dataIn, refusalOf } from '../call/answer.ts'
import { type Failure, unanswered } from '../call/call-failure.ts'
import { type RetrySettings, retryCall } from '../call/retry-call.ts'
import type { Session } from '../call/session.ts'
import type { Transport } from '../call/transport.ts'
import { checkId, parseUpid, pathId } from '../ids.ts'
import type { UploadFile, UploadOptions } from '../pve.ts'
import type { WaitForTask } from '../tasks/task.ts'
import { makeMultipart, normalizeFileName } from './multipart.ts'
import { askForReason, type Sent, sendFile } from './upload-wire.ts'

export interface UploadSettings extends RetrySettings {
  readonly transport: Transport
  readonly session: Session
  readonly waitForTask: WaitForTask
  readonly userAgent: string
}

export type Upload = (file: UploadFile, options?: UploadOptions) => Promise<string>

/**
 * Retries only if Proxmox cannot have stored the file: the connection was refused, or it broke before the last byte of
 * the body. If the answer is lost after the complete body, the error is `PVE` with `lostReply`, and the caller lists
 * the storage.
 */
export function createUpload(settings: UploadSettings): Upload {
  return async (file, options = {}) => {
    checkId('storage', file.at.storage)
    const { signal, onRetry } = options
    const named = { ...file, fileName: normalizeFileName(file.fileName) }
    const call = { method: 'POST', path: uploadPath(file), signal, onRetry } as const
    const { upid } = await retryCall(settings, call, (attempt) =>
      attemptUpload(settings, { file: named, attempt }, options),
    )
    await settings.waitForTask(upid, signal ? { signal } : {})
    return `${file.at.storage}:${file.content}/${named.fileName}`
  }
}

/** Proxmox reports an authentication or permission error after 3 s. After a longer upload, that is not the reason. */
const refusedWithinMs = 4_000

async function attemptUpload(
  settings: UploadSettings,
  { file, attempt }: { readonly file: UploadFile; readonly attempt: number },
  options: UploadOptions,
): Promise<{ readonly upid: string } | Failure> {
  const { transport, session, clock, meter, userAgent } = settings
  const path = uploadPath(file)
  const asked = { method: 'POST', path, identity: session.identity } as const
  const multipart = makeMultipart(file)
  const endpoint = transport.current()
  const wire = {
    url: endpoint.url,
    agent: endpoint.changes,
    path: `/api2/json${path}`,
    headers: { 'user-agent': userAgent, ...(await session.headers('POST')) },
    multipart,
    signal: options.signal,
  }
  meter.add('apiRequests', 1)
  const onBytes = (sent: number, chunk: number) => {
    meter.add('bytesUploaded', chunk)
    options.onBytes?.(sent)
  }
  const startedMs = clock.now()
  const traced = traceRequest({ to: 'proxmox', method: 'POST', url: endpoint.url, path: wire.path, attempt })
  const sent = await sendFile(wire, { open: file.open, sizeBytes: file.sizeBytes, onBytes })
  if (sent.kind === 'lost') transport.leave(endpoint)
  const asks = sent.kind === 'lost' && sent.phase === 'body' && clock.now() - startedMs < refusedWithinMs
  const answer = asks ? ((await askForReason(wire)) ?? sent) : sent
  traced(answer.kind === 'lost' ? { error: answer.cause } : answer)
  if (answer.kind === 'lost') return lostUpload(answer, asked, endpoint.url.host)
  const told = dataIn(answer)
  return told ? { upid: parseUpid(told.data).upid } : refusalOf(answer, asked, session.secrets)
}

function uploadPath({ at }: UploadFile): string {
  return `/nodes/${pathId('node', at.node)}/storage/${pathId('storage', at.storage)}/upload`
}

type LostUpload = Extract<Sent, { readonly kind: 'lost' }>

function lostUpload({ phase, cause }: LostUpload, asked: Asked, host: string): Failure {
  const attempts = [`${host}: ${cause.message}`]
  if (phase !== 'body') return unanswered({ kind: 'lost', sent: phase === 'answer', cause, attempts }, asked)
  const error = new ProvisionError('UNREACHABLE', `The upload was interrupted (${attempts.join()}).`, {
    cause,
    details: { ...asked, endpoints: attempts },
  })
  // Proxmox starts its task only after the closing boundary. Before that, it is as if nothing had been sent.
  return { failure: 'refused', error }
}
