// One attempt to download a file, or the rest of it, from one address.
import type { ProvisionError } from '../../../errors.ts'
import { httpError } from '../failure.ts'
import { type Answer, follow } from '../follow.ts'
import { contentRange } from '../wire/response-head.ts'
import { checkOffer, checkSpace, mostBytes, refused } from './accept.ts'
import type { Job } from './request.ts'
import { fetchSegments } from './segments.ts'
import { agree, canResume, rangeHeaders, sourceOf } from './source.ts'

/** Downloads all missing bytes. @throws ProvisionError `HTTP`, `DISK`; the signal's reason when it aborts */
export async function transfer(job: Job, url: URL, attempt: number): Promise<void> {
  const { file, slots, signal, request } = job
  file.rewind()
  if (file.bytes() > 0 && file.bytes() === file.source()?.sizeBytes) return
  // Without a digest, it cannot be verified that two pieces belong together.
  if (request.digest === undefined) await file.restart()
  const release = await slots.take(url.host, signal)
  try {
    const answer = await ask(job, url, attempt)
    try {
      await begin(job, answer)
      await fetchSegments(job, { answer, from: file.bytes(), mostBytes: mostBytes(request), host: url.host })
    } finally {
      answer.connection.close()
    }
  } finally {
    release()
  }
}

/** Requests the rest of the file if that is possible, else the whole file. */
async function ask({ context, file, signal, request }: Job, url: URL, attempt: number): Promise<Answer> {
  const source = file.source()
  const whole = { url, mayDowngrade: request.digest !== undefined, signal, attempt }
  if (file.bytes() === 0 || !canResume(source)) return follow(context, whole)
  const answer = await follow(context, { ...whole, headers: rangeHeaders(source, url, { from: file.bytes() }) })
  const { status } = answer.head
  if ((status !== 206 && status !== 416) || (status === 206 && fitsOn(answer, file))) return answer
  // The answer is a part of another file, or no part at all. Request the whole file, without conditions.
  answer.connection.close()
  return follow(context, whole)
}

function fitsOn(answer: Answer, file: Job['file']): boolean {
  const source = file.source()
  return contentRange(answer.head)?.first === file.bytes() && source !== undefined && agree(source, sourceOf(answer))
}

function endless({ url }: Answer): ProvisionError {
  return httpError(url, 'does not send the length of the file, so a truncated file could not be detected.', {
    hint: 'Set the digest in the manifest (`checksum: sha256:…`), or download the image from another server.',
  })
}

/** Checks the head before any byte of the body is read, and prepares the file for the body. */
async function begin({ file, request, packed }: Job, answer: Answer): Promise<void> {
  const { head, url } = answer
  if (head.status !== 200 && head.status !== 206) throw refused(answer)
  packed.as = head.headers.get('content-encoding')
  const source = sourceOf(answer)
  checkOffer(request, answer, source.sizeBytes)
  if (request.digest === undefined && head.framing.kind === 'close') throw endless(answer)
  if (head.status === 200) await file.restart(source)
  else if (file.bytes() > 0) file.seam()
  else throw httpError(url, 'answers with part of the file instead of the whole.')
  if (source.sizeBytes !== undefined) await checkSpace(file.path, source.sizeBytes - file.bytes())
}
