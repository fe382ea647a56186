// Identifies the remote file of a partial download, and requests the rest of exactly that file.
import type { Answer } from '../follow.ts'
import { contentRange, type ResponseHead } from '../wire/response-head.ts'

export interface Source {
  /** Scheme, host and port of the server that answered. Its ETags are valid only there. */
  readonly origin: string
  /** Strong ETags only: a weak one promises equal meaning, not equal bytes. */
  readonly etag?: string
  readonly lastModified?: string
  readonly sizeBytes?: number
}

export function sourceOf({ head, url }: Answer): Source {
  const etag = head.headers.get('etag')
  const lastModified = head.headers.get('last-modified')
  const sizeBytes = totalSize(head)
  return {
    origin: url.origin,
    ...(etag !== undefined && /^"[^"]*"$/.test(etag) ? { etag } : {}),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  }
}

/** The size of the whole file, from a 200 or 206 answer. */
function totalSize(head: ResponseHead): number | undefined {
  if (head.status === 206) return contentRange(head)?.total
  return head.framing.kind === 'length' ? head.framing.bytes : undefined
}

/**
 * Returns true if both are the same bytes: by a strong ETag of the same server, or else by size and modification time.
 */
export function agree(one: Source, other: Source): boolean {
  if (one.sizeBytes === undefined || one.sizeBytes !== other.sizeBytes) return false
  if (one.origin === other.origin && one.etag !== undefined && other.etag !== undefined) return one.etag === other.etag
  return one.lastModified !== undefined && one.lastModified === other.lastModified
}

/** Returns true if a download can be continued. Without a size and a validator, it is unknown whether the rest fits. */
export function canResume(source: Source | undefined): source is Source {
  return source?.sizeBytes !== undefined && (source.etag !== undefined || source.lastModified !== undefined)
}

/** Returns headers that request a part of the file. If the file has changed, the server sends all of it instead. */
export function rangeHeaders(
  source: Source,
  url: URL,
  { from, end }: { readonly from: number; readonly end?: number },
): Readonly<Record<string, string>> {
  const { etag, lastModified } = source
  // Mirrors keep modification times, but each server creates its own ETags.
  const validator = url.origin === source.origin ? (etag ?? lastModified) : (lastModified ?? etag)
  return {
    Range: `bytes=${from}-${end === undefined ? '' : end - 1}`,
    ...(validator === undefined ? {} : { 'If-Range': validator }),
  }
}
