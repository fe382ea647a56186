// Reads the line dialects of checksum documents (GNU, BSD, size comments, bare digests) into entries; judges nothing.
import type { Digest } from '../../manifest/manifest.ts'

export type LineDialect = 'gnu' | 'bsd' | 'bare'

export interface ChecksumLine {
  /** The name as the document writes it; absent for a bare digest. */
  readonly name?: string
  readonly digest: Digest
  readonly dialect: LineDialect
}

export interface ChecksumLines {
  readonly entries: readonly ChecksumLine[]
  readonly sizes: readonly { readonly name: string; readonly sizeBytes: number }[]
  /** Names that only have digests too weak or unknown to us, with the algorithm. */
  readonly unusable: readonly { readonly name: string; readonly algorithm: string }[]
}

// Real lines have below 400 characters; this bounds what a hostile document can make the patterns do.
const LONGEST_LINE = 4096

const GNU = /^(\\?)([0-9a-f]{32,128})[ \t]+\*?(\S.*)$/i
const BSD = /^([A-Z][A-Z0-9-]*) ?\((.+)\) ?= ?([0-9a-f]{32,128})$/i
const BARE = /^([0-9a-f]{32,128})$/i
const SIZE = /^(?:# ?)?([^\s#][^:]*): (\d{1,15}) bytes$/
// Flatcar and Gentoo write one document with a section for each algorithm: `# SHA512 HASH`.
const SECTION = /^# ([A-Z0-9-]+) HASH$/i

const ALGORITHM_OF_LENGTH: Readonly<Record<number, string>> = {
  32: 'MD5',
  40: 'SHA1',
  56: 'SHA224',
  64: 'SHA256',
  96: 'SHA384',
  128: 'SHA512',
}

/** Every line of `text` that says something about a file. Lines that say nothing are passed over. */
export function readChecksumLines(text: string): ChecksumLines {
  const entries: ChecksumLine[] = []
  const sizes: { name: string; sizeBytes: number }[] = []
  const unusable: { name: string; algorithm: string }[] = []
  let section: string | undefined
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trim()
    if (line === '' || line.length > LONGEST_LINE) continue
    section = SECTION.exec(line)?.[1] ?? section
    const size = SIZE.exec(line)
    if (size?.[1] !== undefined) sizes.push({ name: size[1], sizeBytes: Number(size[2]) })
    const found = readLine(line, section)
    if (found === undefined) continue
    const { algorithm, hex, name, dialect } = found
    const digest = digestOf(algorithm, hex)
    if (digest !== undefined) entries.push({ digest, dialect, ...(name === undefined ? {} : { name }) })
    else if (name !== undefined) unusable.push({ name, algorithm })
  }
  return { entries, sizes, unusable }
}

interface RawLine {
  readonly algorithm: string
  readonly hex: string
  readonly name?: string
  readonly dialect: LineDialect
}

function readLine(line: string, section: string | undefined): RawLine | undefined {
  const bsd = BSD.exec(line)
  if (bsd?.[1] && bsd[2] && bsd[3]) return { algorithm: bsd[1], hex: bsd[3], name: bsd[2], dialect: 'bsd' }
  const bare = BARE.exec(line)
  if (bare?.[1]) return { algorithm: section ?? algorithmOf(bare[1]), hex: bare[1], dialect: 'bare' }
  const gnu = GNU.exec(line)
  if (!gnu?.[2] || !gnu[3]) return undefined
  // GNU marks a line whose name holds escapes by a leading backslash.
  const name =
    gnu[1] === '' ? gnu[3] : gnu[3].replace(/\\([\\nr])/g, (_, mark) => ({ n: '\n', r: '\r' })[mark as string] ?? '\\')
  return { algorithm: section ?? algorithmOf(gnu[2]), hex: gnu[2], name, dialect: 'gnu' }
}

function algorithmOf(hex: string): string {
  return ALGORITHM_OF_LENGTH[hex.length] ?? `${hex.length} digits`
}

/** A digest in our writing, or undefined where the algorithm is not one that both we and Proxmox should trust. */
export function digestOf(algorithm: string, hex: string): Digest | undefined {
  const name = algorithm
    .toLowerCase()
    .replace(/^sha2-/, 'sha')
    .replace(/^sha-/, 'sha')
  if (name === 'sha256' && hex.length === 64) return `sha256:${hex.toLowerCase()}`
  if (name === 'sha512' && hex.length === 128) return `sha512:${hex.toLowerCase()}`
  return undefined
}
