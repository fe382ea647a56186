// Sends a file to a storage and waits for its import task.
import { ProvisionError } from '../../errors.ts'
import type { Clock, Meter } from '../world.ts'
import { dataOf, refusalOf } from './answer.ts'
import { pause, unanswered } from './engine.ts'
import type { Answer } from './exchange.ts'
import { checkId, parseUpid, pathId } from './ids.ts'
import { makeMultipart, normalizeFileName } from './multipart.ts'
import type { UploadFile, UploadOptions } from './pve.ts'
import { type FailureClass, retryDelayMs, retryReason, retryRule } from './retry-table.ts'
import type { Session } from './session.ts'
import type { WaitForTask } from './task.ts'
import type { Transport } from './transport.ts'
import { askForReason, type Sent, sendFile } from './upload-wire.ts'

export interface UploadSettings {
  readonly transport: Transport
  readonly session: Session
  readonly clock: Clock
  readonly meter: Meter
  readonly waitForTask: WaitForTask
  readonly userAgent: string
  readonly random?: () => number
}

export type Upload = (file: UploadFile, options?: UploadOptions) => Promise<string>

interface Failure {
  readonly failure: FailureClass
  readonly error: ProvisionError
}

/**
 * Repeats only what Proxmox cannot have carried out: a connection that was refused, or that broke before the last byte
 * of the body. An answer lost after the whole body is `PVE` with `lostReply`: the caller lists the storage.
 */
export function createUpload(settings: UploadSettings): Upload {
  const { clock, meter, random = Math.random, waitForTask } = settings
  return async (file, options = {}) => {
    checkId('storage', file.at.storage)
    const fileName = normalizeFileName(file.fileName)
    for (let attempt = 1; ; attempt += 1) {
      const result = await attemptUpload(settings, { ...file, fileName }, options)
      if ('upid' in result) {
        await waitForTask(result.upid, options.signal ? { signal: options.signal } : {})
        return `${file.at.storage}:${file.content}/${fileName}`
      }
      const delayMs = retryDelayMs(retryRule('change', result.failure), attempt, random())
      if (delayMs === undefined || retryReason(result.failure) === undefined) throw result.error
      meter.add('retries', 1)
      await pause(clock, delayMs, { method: 'POST', path: uploadPath(file), signal: options.signal })
    }
  }
}

async function attemptUpload(
  settings: UploadSettings,
  file: UploadFile,
  options: UploadOptions,
): Promise<{ readonly upid: string } | Failure> {
  const { transport, session, meter, userAgent } = settings
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
  const sent = await sendFile(wire, { open: file.open, sizeBytes: file.sizeBytes, onBytes })
  if (sent.kind === 'lost') transport.leave(endpoint)
  const answer = sent.kind === 'lost' && sent.phase === 'body' ? ((await askForReason(wire)) ?? sent) : sent
  if (answer.kind === 'lost') return lostUpload(answer, asked, endpoint.url.host)
  return isGood(answer) ? { upid: parseUpid(dataOf(answer, asked)).upid } : refusalOf(answer, asked)
}

function uploadPath({ at }: UploadFile): string {
  return `/nodes/${pathId('node', at.node)}/storage/${pathId('storage', at.storage)}/upload`
}

function isGood({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

type Lost = Extract<Sent, { readonly kind: 'lost' }>
type Asked = Parameters<typeof refusalOf>[1]

function lostUpload({ phase, cause }: Lost, asked: Asked, host: string): Failure {
  const what = `${host}: ${cause.message}`
  if (phase === 'connect') return unanswered({ kind: 'lost', sent: false, cause, attempts: [what] }, asked)
  const details = { ...asked, phase }
  if (phase === 'body') {
    const error = new ProvisionError('UNREACHABLE', `The upload broke off before its end (${what}).`, {
      cause,
      details,
    })
    // Proxmox starts its task only after the closing boundary: nothing happened.
    return { failure: 'refused', error }
  }
  const message = `The answer to the upload was lost (${what}). Whether the file arrived is not known.`
  const error = new ProvisionError('PVE', message, {
    cause,
    hint: 'List the storage before sending it again.',
    details: { ...details, lostReply: true },
  })
  return { failure: 'network', error }
}
