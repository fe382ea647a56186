// Reads JSON checksum documents: Debian's build manifests (base64), CoreOS-like streams, simplestreams.

import type { Digest } from '../../manifest/manifest.ts'
import { digestOf } from './checksum-lines.ts'

export interface JsonEntry {
  /** The name or path of the file, as the document writes it. */
  readonly name: string
  readonly digest: Digest
  readonly sizeBytes?: number
  /** Digest of the decompressed bytes, which CoreOS streams contain. */
  readonly decompressedDigest?: Digest
  /** The name without the build, under which Debian's `latest` folder lists the same file. */
  readonly alias?: string
}

interface Place {
  readonly key: string
  readonly depth: number
}

type Fields = Readonly<Record<string, unknown>>

const NAME_KEYS = [
  'location',
  'path',
  'ref',
  'browser_download_url',
  'url',
  'href',
  'filename',
  'fileName',
  'file',
  'name',
  'image',
] as const
const DIGEST_KEYS = /^(?:digest|checksum|hash|sha)$/i
const NESTED_KEYS = ['hashes', 'checksums', 'digests', 'hash', 'checksum', 'digest'] as const
// Deeper than any vendor's document. The limit keeps a hostile document from exhausting the stack.
const DEEPEST = 16

/** Returns all objects of the document that have both a name and a digest. */
export function readChecksumJson(document: unknown): readonly JsonEntry[] {
  const entries: JsonEntry[] = []
  const visit = (value: unknown, { key, depth }: Place): void => {
    if (depth > DEEPEST || typeof value !== 'object' || value === null) return
    if (!Array.isArray(value)) entries.push(...entriesOf(value as Fields, key))
    for (const [childKey, child] of Object.entries(value)) visit(child, { key: childKey, depth: depth + 1 })
  }
  visit(document, { key: '', depth: 0 })
  return entries
}

/** `key` is the key of the object in its parent. In some documents it is the file name. */
function entriesOf(fields: Fields, key: string): readonly JsonEntry[] {
  if (fields.kind === 'Upload') return debianEntries(fields)
  const decompressedDigest = hexDigest('sha256', fields['uncompressed-sha256'])
  const sizeBytes = fields.size
  const more = {
    ...(typeof sizeBytes === 'number' && Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? { sizeBytes } : {}),
    ...(decompressedDigest === undefined ? {} : { decompressedDigest }),
  }
  const own = digestsOf(fields)
  return [
    ...namesOf(fields, key).flatMap((name) => own.map((digest) => ({ name, digest, ...more }))),
    ...mapEntries(fields),
  ]
}

/**
 * Returns all values that may be the name. In GitHub's documents, the `url` of an asset ends in a number, so all
 * candidates are kept; only complete names match later.
 */
function namesOf(fields: Fields, key: string): readonly string[] {
  const names = NAME_KEYS.map((one) => fields[one]).filter((value) => typeof value === 'string' && value !== '')
  return [...new Set([...(names as readonly string[]), ...(names.length === 0 && looksLikeFile(key) ? [key] : [])])]
}

function looksLikeFile(key: string): boolean {
  return /^[^\s]{1,255}\.[a-z0-9]{2,8}$/i.test(key)
}

/**
 * Finds `sha256`, `sha256sum`, or a `digest` or `checksum` with the algorithm in it or beside it; also one level down.
 */
function digestsOf(fields: Fields): readonly Digest[] {
  const nested = NESTED_KEYS.map((key) => asFields(fields[key]))
  const algorithm =
    ['algorithm', 'checksum_type', 'hash_type', 'digest_algorithm'].map((key) => fields[key]).find(isText) ?? ''
  const found = [fields, ...nested].flatMap((from) =>
    Object.entries(from).map(
      ([key, value]) => hexDigest(key, value) ?? (DIGEST_KEYS.test(key) ? prefixed(value, algorithm) : undefined),
    ),
  )
  return [...new Set(found.filter((digest) => digest !== undefined))]
}

/** `"x.qcow2": "…"`: a name and its digest, without anything else. */
function mapEntries(fields: Fields): readonly JsonEntry[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const digest = looksLikeFile(name) ? prefixed(value, '') : undefined
    return digest === undefined ? [] : [{ name, digest }]
  })
}

/** Parses `sha256:…`, or bare hex digits, whose number decides the algorithm. */
function prefixed(value: unknown, algorithm: string): Digest | undefined {
  if (!isText(value)) return undefined
  const [, prefix, hex = ''] = /^(?:(sha-?\d{3})[:=-])?([0-9a-f]{64,128})$/i.exec(value.trim()) ?? []
  return digestOf(prefix ?? (algorithm || (hex.length === 64 ? 'sha256' : 'sha512')), hex)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** Debian: `data.ref` is the dated path; the digest is unpadded base64 in an annotation. */
function debianEntries(fields: Fields): readonly JsonEntry[] {
  const metadata = asFields(fields.metadata)
  const name = asFields(fields.data).ref
  const annotation = asFields(metadata.annotations)['cloud.debian.org/digest']
  if (typeof name !== 'string' || typeof annotation !== 'string') return []
  const [algorithm = '', encoded = ''] = annotation.split(':')
  const digest = digestOf(algorithm, base64ToHex(encoded))
  if (digest === undefined) return []
  const version = asFields(metadata.labels)['cloud.debian.org/version']
  const alias = typeof version === 'string' && version !== '' ? name.replace(`-${version}.`, '.') : name
  return [{ name, digest, ...(alias === name ? {} : { alias }) }]
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function hexDigest(algorithm: string, value: unknown): Digest | undefined {
  return typeof value === 'string' && /^[0-9a-f]+$/i.test(value) ? digestOf(algorithm, value) : undefined
}

function base64ToHex(encoded: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return ''
  return Array.from(atob(encoded), (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
