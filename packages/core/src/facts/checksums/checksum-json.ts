// Reads the JSON dialects of checksum documents: Debian's build manifests (base64), CoreOS-like streams, simplestreams.

import type { Digest } from '../../manifest/manifest.ts'
import { digestOf } from './checksum-lines.ts'

export interface JsonEntry {
  /** The file's name or path, as the document writes it. */
  readonly name: string
  readonly digest: Digest
  readonly sizeBytes?: number
  /** Digest of the bytes after decompression, which CoreOS streams tell. */
  readonly decompressedDigest?: Digest
  /** The name without its build, under which Debian's `latest` folder lists the same file. */
  readonly alias?: string
}

type Fields = Readonly<Record<string, unknown>>

const NAME_KEYS = ['location', 'path', 'ref', 'url', 'href', 'filename', 'file', 'name', 'image'] as const
// Deeper than any vendor's document; a hostile one must not exhaust the stack.
const DEEPEST = 16

/** Every object of the document that has both a name and a digest. */
export function readChecksumJson(document: unknown): readonly JsonEntry[] {
  const entries: JsonEntry[] = []
  const visit = (value: unknown, depth: number): void => {
    if (depth > DEEPEST || typeof value !== 'object' || value === null) return
    if (!Array.isArray(value)) entries.push(...entriesOf(value as Fields))
    for (const child of Object.values(value)) visit(child, depth + 1)
  }
  visit(document, 0)
  return entries
}

function entriesOf(fields: Fields): readonly JsonEntry[] {
  if (fields.kind === 'Upload') return debianEntries(fields)
  const name = NAME_KEYS.map((key) => fields[key]).find((value) => typeof value === 'string' && value !== '')
  if (typeof name !== 'string') return []
  const decompressedDigest = hexDigest('sha256', fields['uncompressed-sha256'])
  const sizeBytes = fields.size
  return (['sha256', 'sha512'] as const).flatMap((algorithm) => {
    const digest = hexDigest(algorithm, fields[algorithm])
    if (digest === undefined) return []
    return {
      name,
      digest,
      ...(typeof sizeBytes === 'number' && Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? { sizeBytes } : {}),
      ...(decompressedDigest === undefined ? {} : { decompressedDigest }),
    }
  })
}

/** Debian: `data.ref` is the dated path, the digest is base64 without padding in an annotation. */
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
