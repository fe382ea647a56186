// Finds the digest of one file in a vendor's checksum document, in any of the supported formats.
import { ProvisionError } from '../../errors.ts'
import type { Digest } from '../../manifest/manifest.ts'
import { readChecksumJson } from './checksum-json.ts'
import { type LineDialect, readChecksumLines } from './checksum-lines.ts'
import { clearsignedText, isClearsigned } from './clearsigned.ts'

export interface FindChecksumOptions {
  /** File name of the image: the last segment of its URL. It is compared as a whole, never as a part. */
  readonly fileName: string
  /** Name of the document. With it, `x.qcow2.sha256` may list `x.qcow2` under the name of its build. */
  readonly documentName?: string
}

/** What a document says about one file. */
export interface DocumentChecksum {
  /** The strongest digest that both this program and Proxmox support. */
  readonly digest: Digest
  /** Size of the file, if the document contains it. */
  readonly sizeBytes?: number
  /** Name of the build with the same bytes in the same folder, if `fileName` is an alias such as `…latest…`. */
  readonly datedName?: string
  /** Path of the build if it is in another folder: `trixie/20260914-2601/debian-13-….qcow2`. */
  readonly datedPath?: string
  /** Digest after decompression, if the document contains it. */
  readonly decompressedDigest?: Digest
  readonly dialect: LineDialect | 'json'
}

interface Entry {
  readonly name?: string
  readonly alias?: string
  readonly digest: Digest
  readonly sizeBytes?: number
  readonly decompressedDigest?: Digest
  readonly dialect: LineDialect | 'json'
}

interface Reading {
  readonly entries: readonly Entry[]
  readonly sizes: readonly { readonly name: string; readonly sizeBytes: number }[]
  readonly unusable: readonly { readonly name: string; readonly algorithm: string }[]
}

/** Larger documents are refused. CentOS with 190 builds has 60 KB, the index of simplestreams 2 MB. */
export const LARGEST_DOCUMENT_BYTES = 8 * 1024 * 1024

const BUILD = /\d{8}|Build\d/
const PIN_HINT = 'Check the address of the checksum document, or pin the digest: `checksum: sha256:…`.'

/**
 * Returns the digest of `fileName` in `document`. Supports GNU and BSD lines, bare digests, documents for a single
 * file, clearsigned documents (without verifying them), Debian's JSON, CoreOS-like streams and simplestreams.
 * @throws ProvisionError `CHECKSUM` if this is not a checksum document, does not list the file, or contradicts itself
 */
export function findChecksum(document: string | Uint8Array, options: FindChecksumOptions): DocumentChecksum {
  const reading = read(signedPart(asText(document)))
  const matching = matches(reading, options)
  const digest = strongest(matching, options.fileName)
  const entry = matching.find((candidate) => candidate.digest === digest)
  const sizeBytes = entry?.sizeBytes ?? sizeOf(reading, entry?.name ?? options.fileName)
  const datedName = datedNameOf(reading.entries, { digest, fileName: options.fileName })
  const datedPath = entry?.alias !== undefined && !sameFile(entry.name ?? '', options.fileName) ? entry.name : undefined
  return {
    digest,
    dialect: entry?.dialect ?? 'bare',
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(datedName === undefined ? {} : { datedName }),
    ...(datedPath === undefined ? {} : { datedPath }),
    ...(entry?.decompressedDigest === undefined ? {} : { decompressedDigest: entry.decompressedDigest }),
  }
}

function asText(document: string | Uint8Array): string {
  if (document.length > LARGEST_DOCUMENT_BYTES) {
    throw wrong(`The checksum document has ${Math.round(document.length / 1048576)} MiB, which is too large for one.`)
  }
  const text = typeof document === 'string' ? document : decode(document)
  if (text.includes('\0')) throw wrong('The checksum document is binary.')
  if (/^\s*<(?:!doctype|html|\?xml|head)\b/i.test(text)) {
    throw wrong('The checksum document is a web page: the server sent an error page or a listing instead.')
  }
  return text
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
  } catch (cause) {
    throw wrong('The checksum document is binary.', { cause })
  }
}

/** Windows PowerShell writes redirected output as UTF-16, with a byte order mark. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

function signedPart(text: string): string {
  if (!isClearsigned(text)) return text
  const signed = clearsignedText(text)
  if (signed === undefined) throw wrong('The checksum document is clearsigned but truncated.')
  return signed
}

function read(text: string): Reading {
  if (!/^\s*[{[]/.test(text)) return readChecksumLines(text)
  try {
    const entries = readChecksumJson(JSON.parse(text)).map((entry) => ({ ...entry, dialect: 'json' as const }))
    return { entries, sizes: [], unusable: [] }
  } catch (cause) {
    throw wrong('The checksum document looks like JSON but is not valid JSON.', { cause })
  }
}

function matches(reading: Reading, { fileName, documentName }: FindChecksumOptions): readonly Entry[] {
  const named = reading.entries.filter((entry) => entry.name !== undefined)
  const exact = named.filter(({ name, alias }) => name === fileName || name === `./${fileName}` || alias === fileName)
  if (exact.length > 0) return exact
  const below = named.filter(({ name, alias }) => endsWithFile(name, fileName) || endsWithFile(alias, fileName))
  if (below.length > 0) return below
  const bare = reading.entries.filter((entry) => entry.name === undefined)
  if (named.length === 0 && bare.length > 0) return bare
  // openSUSE's `x.qcow2.sha256` names the file of the build, not the alias next to it.
  const builds = isPerFile(documentName, fileName) ? named.filter(({ name }) => isSibling(name, fileName)) : []
  if (builds.length > 0) return builds
  throw notNamed(reading, fileName)
}

/** Accepts `dir/name` and `dir\name`. Rejects absolute paths and paths with `..`, because they may mean another file. */
function endsWithFile(name: string | undefined, fileName: string): boolean {
  if (name === undefined) return false
  const segments = name.replace(/^https?:\/\/[^/]+/, '').split(/[/\\]/)
  return (
    segments.at(-1) === fileName &&
    !segments.includes('..') &&
    (/^https?:/.test(name) || !/^(?:[/\\]|[a-z]:)/i.test(name))
  )
}

function isPerFile(documentName: string | undefined, fileName: string): boolean {
  return documentName?.startsWith(`${fileName}.`) === true || documentName?.startsWith(`${fileName}-`) === true
}

/** Returns true for another name in the same folder with the same file suffix. */
function isSibling(name: string | undefined, fileName: string): boolean {
  const last = name?.split('/').at(-1)
  return last !== undefined && endsWithFile(name, last) && last.split('.').at(-1) === fileName.split('.').at(-1)
}

function digests(entries: readonly Entry[]): ReadonlySet<Digest> {
  return new Set(entries.map((entry) => entry.digest))
}

function strongest(entries: readonly Entry[], fileName: string): Digest {
  for (const algorithm of ['sha512:', 'sha256:']) {
    const [first, second] = digests(entries.filter((entry) => entry.digest.startsWith(algorithm)))
    if (second !== undefined) {
      throw wrong(`The checksum document has several different digests for \`${fileName}\`.`, {
        details: { fileName, digests: [first, second] },
        hint: 'The vendor may be publishing a build right now: try again later, or use the dated file instead of its alias.',
      })
    }
    if (first !== undefined) return first
  }
  throw wrong(`The checksum document has no usable digest for \`${fileName}\`.`)
}

function sizeOf({ sizes }: Reading, fileName: string): number | undefined {
  const [first, second] = new Set(
    sizes.filter(({ name }) => sameFile(name, fileName.replace(/^\.\//, ''))).map(({ sizeBytes }) => sizeBytes),
  )
  if (second !== undefined) throw wrong(`The checksum document has several different sizes for \`${fileName}\`.`)
  return first
}

function sameFile(name: string, fileName: string): boolean {
  return name === fileName || endsWithFile(name, fileName)
}

/** Only if the document lists both alias and build. Then both are available in its folder. */
function datedNameOf(entries: readonly Entry[], { digest, fileName }: { digest: Digest; fileName: string }) {
  if (BUILD.test(fileName) || !entries.some(({ name }) => name !== undefined && sameFile(name, fileName)))
    return undefined
  return entries.find((entry) => entry.digest === digest && isBuildBeside(entry.name, fileName))?.name
}

function isBuildBeside(name: string | undefined, fileName: string): boolean {
  return name !== undefined && name !== fileName && !name.includes('/') && BUILD.test(name)
}

function notNamed(reading: Reading, fileName: string): ProvisionError {
  const climbing = reading.entries.find(({ name }) => name !== undefined && name.split(/[/\\]/).at(-1) === fileName)
  if (climbing) {
    return wrong(`The checksum document names \`${fileName}\` only outside its own folder: \`${climbing.name}\`.`)
  }
  const weak = reading.unusable.find(({ name }) => sameFile(name, fileName))
  if (weak)
    return wrong(`The checksum document has only ${weak.algorithm} for \`${fileName}\`; SHA-256 or SHA-512 is needed.`)
  if (reading.entries.length === 0) return wrong('The checksum document has no line with a SHA-256 or SHA-512 digest.')
  const names = [...new Set(reading.entries.map(({ name }) => name).filter((name) => name !== undefined))]
  return wrong(`The checksum document does not name \`${fileName}\`.`, {
    details: { fileName, names: names.slice(0, 20) },
    hint: `${similar(names, fileName)}${PIN_HINT}`,
  })
}

function similar(names: readonly string[], fileName: string): string {
  const stem = fileName.slice(0, Math.min(12, fileName.length))
  const close = names.filter((name) => name.includes(stem)).slice(0, 3)
  return close.length === 0 ? '' : `It names ${close.map((name) => `\`${name}\``).join(', ')}. `
}

function wrong(message: string, options: { cause?: unknown; hint?: string; details?: Record<string, unknown> } = {}) {
  return new ProvisionError('CHECKSUM', message, { hint: PIN_HINT, ...options })
}
