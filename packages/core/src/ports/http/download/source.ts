// What a half-fetched file is a copy of, and how to ask for the rest of exactly that.
import type { Answer } from '../follow.ts'
import { contentRange, type ResponseHead } from '../wire/response-head.ts'

export interface Source {
  /** Scheme, host and port of the server that answered: its ETags mean nothing elsewhere. */
  readonly origin: string
  /** Strong ones only: a weak ETag promises a like meaning, not equal bytes. */
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

/** The size of the whole file, as a 200 or a 206 tells it. */
function totalSize(head: ResponseHead): number | undefined {
  if (head.status === 206) return contentRange(head)?.total
  return head.framing.kind === 'length' ? head.framing.bytes : undefined
}

/** Both are the same bytes, by strong ETag of one server, or else by size and modification time. */
export function agree(one: Source, other: Source): boolean {
  if (one.sizeBytes === undefined || one.sizeBytes !== other.sizeBytes) return false
  if (one.origin === other.origin && one.etag !== undefined && other.etag !== undefined) return one.etag === other.etag
  return one.lastModified !== undefined && one.lastModified === other.lastModified
}

/** Without one of these nobody can tell whether the rest belongs to the beginning. */
export function canResume(source: Source | undefined): source is Source {
  return source?.sizeBytes !== undefined && (source.etag !== undefined || source.lastModified !== undefined)
}

/** Headers that ask `url` for a part, if the whole is still the same; else the server sends the whole. */
export function rangeHeaders(
  source: Source,
  url: URL,
  { from, end }: { readonly from: number; readonly end?: number },
): Readonly<Record<string, string>> {
  const { etag, lastModified } = source
  // Mirrors keep modification times, but each makes ETags of its own.
  const validator = url.origin === source.origin ? (etag ?? lastModified) : (lastModified ?? etag)
  return {
    Range: `bytes=${from}-${end === undefined ? '' : end - 1}`,
    ...(validator === undefined ? {} : { 'If-Range': validator }),
  }
}
