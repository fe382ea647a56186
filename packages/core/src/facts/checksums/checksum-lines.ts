// Reads line-based checksum documents (GNU, BSD, size comments, bare digests) into entries, without judging them.
import type { Digest } from '../../manifest/manifest.ts'

export type LineDialect = 'gnu' | 'bsd' | 'bare'

export interface ChecksumLine {
  /** The name as the document writes it. Absent for a bare digest. */
  readonly name?: string
  readonly digest: Digest
  readonly dialect: LineDialect
}

export interface ChecksumLines {
  readonly entries: readonly ChecksumLine[]
  readonly sizes: readonly { readonly name: string; readonly sizeBytes: number }[]
  /** Names that have only digests with weak or unknown algorithms. */
  readonly unusable: readonly { readonly name: string; readonly algorithm: string }[]
}

// Real lines have fewer than 400 characters. The limit bounds the cost of the patterns on a hostile document.
const LONGEST_LINE = 4096

/** A digest may have a prefix with its algorithm: `sha256:…`, `SHA-256=…`. */
const PREFIX = '(?:(sha(?:2-|-)?\\d{3}(?:sum)?|md5(?:sum)?)[ \\t]?[:=-][ \\t]?)?'
const HEX = '([0-9a-f]{32,128})'
const GNU = new RegExp(`^(\\\\?)${PREFIX}${HEX}[ \\t]+\\*?(\\S.*)$`, 'i')
const BSD = new RegExp(`^([A-Z][A-Z0-9-]*) ?\\((.+)\\) ?= ?${HEX}$`, 'i')
const BARE = new RegExp(`^${PREFIX}${HEX}$`, 'i')
/** `name: sha256:…`, `name = …`, `name …`, as people and some tools write it. */
const NAME_FIRST = new RegExp(
  `^["']?([^\\s:="']+\\.[^\\s:="']+)["']?[ \\t]*[:=\\s][ \\t]*["']?${PREFIX}${HEX}["']?$`,
  'i',
)
/** PowerShell's Get-FileHash: algorithm, digest, path. */
const TABLE = new RegExp(`^(SHA\\d{3}|MD5)[ \\t]+${HEX}[ \\t]+(\\S.*)$`, 'i')
/** Separators of tables with `name,digest` or `digest;name`, and of Markdown rows. */
const CELLS = /[ \t]*[|,;][ \t]*/
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

/** Reads all lines of `text` that contain a digest or a size. Other lines are skipped. */
export function readChecksumLines(text: string): ChecksumLines {
  const entries: ChecksumLine[] = []
  const sizes: { name: string; sizeBytes: number }[] = []
  const unusable: { name: string; algorithm: string }[] = []
  let section: string | undefined
  for (const raw of withGroupsJoined(text).split(/\r\n|\r|\n/)) {
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

const CERTUTIL = /^(SHA\d{3}) hash of (?:file )?(.{1,1000}):\s*\n([0-9a-f ]{64,191})\s*$/gim

/** Joins split digests: `gpg --print-md` writes them in groups over several lines, CertUtil on a line of their own. */
function withGroupsJoined(text: string): string {
  return text
    .replace(
      /^([^\s:]{1,255}):((?:\s{1,80}[0-9a-f]{4,8}){8,32})\s*$/gim,
      (_, name, groups) => `${name}: ${groups.replace(/\s/g, '')}`,
    )
    .replace(CERTUTIL, (_, ...[algorithm, file, digits]) => `${algorithm} ${digits.replaceAll(' ', '')} ${file}`)
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
  const table = TABLE.exec(line)
  if (table?.[1] && table[2] && table[3])
    return { algorithm: table[1], hex: table[2], name: baseName(table[3]), dialect: 'gnu' }
  const [, barePrefix, bare] = BARE.exec(line) ?? []
  if (bare) return { algorithm: barePrefix ?? section ?? algorithmOf(bare), hex: bare, dialect: 'bare' }
  const [, mark, prefix, hex, rest] = GNU.exec(line) ?? []
  if (!hex || !rest) return readCells(line, section)
  // GNU marks a line whose name contains escapes with a leading backslash.
  const name =
    mark === '' ? rest : rest.replace(/\\([\\nr])/g, (_, one) => ({ n: '\n', r: '\r' })[one as string] ?? '\\')
  return { algorithm: prefix ?? section ?? algorithmOf(hex), hex, name, dialect: 'gnu' }
}

/** Reads a name before its digest, or both in table cells, in any order. */
function readCells(line: string, section: string | undefined): RawLine | undefined {
  const [, named, prefix, hex] = NAME_FIRST.exec(line) ?? []
  if (named && hex) return { algorithm: prefix ?? section ?? algorithmOf(hex), hex, name: named, dialect: 'gnu' }
  const cells = line.split(CELLS).map((cell) => cell.replace(/^[`"'*]+|[`"'*]+$/g, '').trim())
  const digest = cells.map((cell) => BARE.exec(cell)).find((found) => found !== null)
  const name = cells.find((cell) => /^[^\s/]+\.[^\s]+$/.test(cell) && !BARE.test(cell))
  if (cells.length < 2 || !digest?.[2] || name === undefined) return undefined
  return { algorithm: digest[1] ?? section ?? algorithmOf(digest[2]), hex: digest[2], name, dialect: 'gnu' }
}

/** Windows writes full paths. Only the last part can match a file elsewhere. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('\\') + 1)
}

function algorithmOf(hex: string): string {
  return ALGORITHM_OF_LENGTH[hex.length] ?? `${hex.length} digits`
}

/** Returns the digest in normal form, or undefined if the algorithm is unknown or too weak. */
export function digestOf(algorithm: string, hex: string): Digest | undefined {
  const name = algorithm
    .toLowerCase()
    .replace(/^sha(?:2-|-)/, 'sha')
    .replace(/sum$/, '')
  if (name === 'sha256' && hex.length === 64) return `sha256:${hex.toLowerCase()}`
  if (name === 'sha512' && hex.length === 128) return `sha512:${hex.toLowerCase()}`
  return undefined
}
