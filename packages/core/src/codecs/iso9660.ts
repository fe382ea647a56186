// A small ISO 9660 writer for NoCloud: a few files in the root directory, with Joliet and Rock Ridge names.

export interface IsoFile {
  readonly name: string
  readonly content: string | Uint8Array
}

const SECTOR = 2048
// Positions in sectors (ECMA-119): 16 sectors are reserved for the system, then come the volume descriptors.
const AT = {
  primary: 16,
  joliet: 17,
  end: 18,
  pathTables: 19,
  root: 23,
  rockRidge: 24,
  jolietRoot: 25,
  files: 26,
} as const

/**
 * Creates an image with these files. The same files give the same bytes: there are no dates and no random ids. A volume
 * label has at most 16 characters, because Joliet stores two bytes for each.
 */
export function writeIso(label: string, files: readonly IsoFile[]): Uint8Array {
  const placed = placeFiles(files)
  const sectors = placed.reduce<number>(
    (end, { sector, bytes }) => Math.max(end, sector + sectorsOf(bytes.length)),
    AT.files,
  )
  const image = Buffer.alloc(sectors * SECTOR)
  const put = (sector: number, bytes: Uint8Array) => image.set(bytes, sector * SECTOR)
  put(AT.primary, descriptor({ label, sectors, kind: 'primary' }))
  put(AT.joliet, descriptor({ label, sectors, kind: 'joliet' }))
  put(AT.end, Buffer.from([255, ...Buffer.from('CD001'), 1]))
  put(AT.pathTables, pathTable(AT.root, 'little'))
  put(AT.pathTables + 1, pathTable(AT.root, 'big'))
  put(AT.pathTables + 2, pathTable(AT.jolietRoot, 'little'))
  put(AT.pathTables + 3, pathTable(AT.jolietRoot, 'big'))
  put(AT.root, folder(placed, 'primary'))
  put(AT.rockRidge, EXTENSION_RECORD)
  put(AT.jolietRoot, folder(placed, 'joliet'))
  for (const { sector, bytes } of placed) put(sector, bytes)
  return image
}

interface PlacedFile {
  readonly name: string
  readonly bytes: Buffer
  readonly sector: number
}

function placeFiles(files: readonly IsoFile[]): readonly PlacedFile[] {
  let sector: number = AT.files
  return files
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, content }) => {
      const bytes = Buffer.from(content)
      const placed = { name, bytes, sector }
      sector += sectorsOf(bytes.length)
      return placed
    })
}

function sectorsOf(bytes: number): number {
  return Math.ceil(bytes / SECTOR)
}

type Kind = 'primary' | 'joliet'

/** A volume descriptor (ECMA-119 8.4 and 8.5). */
function descriptor({
  label,
  sectors,
  kind,
}: {
  readonly label: string
  readonly sectors: number
  readonly kind: Kind
}): Buffer {
  const primary = kind === 'primary'
  const bytes = Buffer.alloc(SECTOR)
  const text = (value: string, offset: number, length: number) =>
    bytes.set(primary ? padded(value, length) : wide(value, length), offset)
  bytes.set([primary ? 1 : 2, ...Buffer.from('CD001'), 1])
  text('LINUX', 8, 32)
  text(label, 40, 32)
  bytes.set(both32(sectors), 80)
  // Joliet level 3.
  if (!primary) bytes.set(Buffer.from('%/E'), 88)
  bytes.set(both16(1), 120)
  bytes.set(both16(1), 124)
  bytes.set(both16(SECTOR), 128)
  bytes.set(both32(PATH_TABLE_BYTES), 132)
  const tables = AT.pathTables + (primary ? 0 : 2)
  bytes.writeUInt32LE(tables, 140)
  bytes.writeUInt32BE(tables + 1, 148)
  bytes.set(
    record({ name: Buffer.from([0]), sector: primary ? AT.root : AT.jolietRoot, length: SECTOR, folder: true }),
    156,
  )
  for (const [offset, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    text('', offset, length)
  // The dates are not specified: each is sixteen zeros as text, followed by a zero byte.
  for (const offset of [813, 830, 847, 864]) bytes.set(Buffer.from(`${'0'.repeat(16)}\0`), offset)
  bytes[881] = 1
  return bytes
}

const PATH_TABLE_BYTES = 10

function pathTable(sector: number, order: 'little' | 'big'): Buffer {
  const bytes = Buffer.alloc(PATH_TABLE_BYTES)
  bytes[0] = 1
  if (order === 'little') bytes.writeUInt32LE(sector, 2)
  else bytes.writeUInt32BE(sector, 2)
  if (order === 'little') bytes.writeUInt16LE(1, 6)
  else bytes.writeUInt16BE(1, 6)
  return bytes
}

/** The root directory: an entry for itself, an entry for its parent (itself again), and the files. */
function folder(files: readonly PlacedFile[], kind: Kind): Buffer {
  const primary = kind === 'primary'
  const self = { sector: primary ? AT.root : AT.jolietRoot, length: SECTOR, folder: true }
  const used = (bytes: Buffer) => (primary ? { systemUse: bytes } : {})
  return Buffer.concat([
    record({
      ...self,
      name: Buffer.from([0]),
      ...used(Buffer.concat([SHARING_RECORD, posix(0o40555, 2), CONTINUATION])),
    }),
    record({ ...self, name: Buffer.from([1]), ...used(posix(0o40555, 2)) }),
    ...files.map(({ name, sector, bytes }) =>
      record({
        name: primary ? Buffer.from(plainName(name)) : wide(name, name.length * 2),
        sector,
        length: bytes.length,
        ...used(Buffer.concat([posix(0o100444, 1), alternateName(name)])),
      }),
    ),
  ])
}

interface FileRecord {
  readonly name: Buffer
  readonly sector: number
  readonly length: number
  readonly folder?: boolean
  readonly systemUse?: Buffer
}

/** A directory record (ECMA-119 9.1). */
function record({ name, sector, length, folder: isFolder = false, systemUse = Buffer.alloc(0) }: FileRecord): Buffer {
  const nameEnd = 33 + name.length + ((name.length + 1) % 2)
  const bytes = Buffer.alloc(nameEnd + systemUse.length + (systemUse.length % 2))
  bytes[0] = bytes.length
  bytes.set(both32(sector), 2)
  bytes.set(both32(length), 10)
  bytes.set(DATE, 18)
  bytes[25] = isFolder ? 2 : 0
  bytes.set(both16(1), 28)
  bytes[32] = name.length
  bytes.set(name, 33)
  bytes.set(systemUse, nameEnd)
  return bytes
}

/** 2000-01-01. A date is required, and the same files must give the same image. */
const DATE = Buffer.from([100, 1, 1, 0, 0, 0, 0])

/** `user-data` becomes `USER_DATA.;1`, for readers that support neither Joliet nor Rock Ridge. */
function plainName(name: string): string {
  return `${name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}.;1`
}

// System Use Sharing Protocol and Rock Ridge (IEEE P1281, P1282).
const SHARING_RECORD = Buffer.from([...Buffer.from('SP'), 7, 1, 0xbe, 0xef, 0])
const EXTENSION_RECORD = extensionRecord(
  'RRIP_1991A',
  'THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS',
)
const CONTINUATION = Buffer.concat([
  Buffer.from([...Buffer.from('CE'), 28, 1]),
  both32(AT.rockRidge),
  both32(0),
  both32(EXTENSION_RECORD.length),
])

function extensionRecord(id: string, description: string): Buffer {
  const source = 'IEEE P1282'
  const length = 8 + id.length + description.length + source.length
  return Buffer.concat([
    Buffer.from([...Buffer.from('ER'), length, 1, id.length, description.length, source.length, 1]),
    Buffer.from(id + description + source),
  ])
}

function posix(mode: number, links: number): Buffer {
  return Buffer.concat([Buffer.from([...Buffer.from('PX'), 36, 1]), both32(mode), both32(links), both32(0), both32(0)])
}

function alternateName(name: string): Buffer {
  return Buffer.from([...Buffer.from('NM'), 5 + name.length, 1, 0, ...Buffer.from(name)])
}

function padded(text: string, length: number): Buffer {
  return Buffer.from(text.padEnd(length, ' ').slice(0, length), 'latin1')
}

/** UCS-2, big-endian. */
function wide(text: string, length: number): Buffer {
  return Buffer.from(text.padEnd(length / 2, ' ').slice(0, length / 2), 'utf16le').swap16()
}

/** A number in both byte orders, little-endian first (ECMA-119 7.3.3). */
function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(value, 0)
  bytes.writeUInt32BE(value, 4)
  return bytes
}

function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(value, 0)
  bytes.writeUInt16BE(value, 2)
  return bytes
}
