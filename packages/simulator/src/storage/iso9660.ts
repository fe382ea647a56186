// Reads the small files of an ISO 9660 image, which cloud-init would find on a CD. Supports Joliet and Rock Ridge
// names.
import { closeSync, openSync, readSync } from 'node:fs'

export interface IsoContent {
  /** Volume label, such as `cidata`. */
  readonly label: string
  /** By path without a leading slash: `user-data`, `openstack/latest/user_data`. */
  readonly files: ReadonlyMap<string, Buffer>
}

const sectorBytes = 2048
/** Documents for a guest are small. The image of an installer contains files of gigabytes. */
const largestFile = 1024 * 1024
const deepest = 4
const mostFiles = 200

interface Descriptor {
  readonly label: string
  readonly root: Buffer
  readonly isJoliet: boolean
}

/** Undefined if the file is not an ISO 9660 image. */
export function readIso(file: string): IsoContent | undefined {
  const descriptor = openSync(file, 'r')
  try {
    const read = (offset: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset))
    }
    const found = descriptorsOf(read)
    const chosen = found.find(({ isJoliet }) => isJoliet) ?? found[0]
    if (chosen === undefined) return undefined
    const files = new Map<string, Buffer>()
    walk({ read, isJoliet: chosen.isJoliet, files }, chosen.root, { path: '', depth: 0 })
    return { label: (found.find(({ isJoliet }) => !isJoliet) ?? chosen).label, files }
  } finally {
    closeSync(descriptor)
  }
}

type Read = (offset: number, length: number) => Buffer

function descriptorsOf(read: Read): readonly Descriptor[] {
  const found: Descriptor[] = []
  for (let sector = 16; sector < 32; sector += 1) {
    const bytes = read(sector * sectorBytes, sectorBytes)
    if (bytes.length < sectorBytes || bytes.toString('latin1', 1, 6) !== 'CD001' || bytes[0] === 255) break
    // An escape sequence contains the Joliet level (`%/@`, `%/C`, `%/E`).
    const isJoliet = bytes[0] === 2 && bytes.toString('latin1', 88, 90) === '%/'
    if (bytes[0] !== 1 && !isJoliet) continue
    const label = isJoliet ? wide(bytes.subarray(40, 72)) : bytes.toString('latin1', 40, 72)
    found.push({ label: label.replace(/[\0 ]+$/, ''), root: Buffer.from(bytes.subarray(156, 190)), isJoliet })
  }
  return found
}

/** UCS-2, big-endian. */
function wide(bytes: Buffer): string {
  return Buffer.from(bytes).swap16().toString('utf16le')
}

interface Walk {
  readonly read: Read
  readonly isJoliet: boolean
  readonly files: Map<string, Buffer>
}

function walk(iso: Walk, folder: Buffer, { path, depth }: { path: string; depth: number }): void {
  const length = folder.readUInt32LE(10)
  if (depth > deepest || length > largestFile) return
  const bytes = iso.read(folder.readUInt32LE(2) * sectorBytes, length)
  for (const record of recordsOf(bytes)) {
    const name = nameOf(record, iso.isJoliet)
    if (name === undefined || iso.files.size >= mostFiles) continue
    const isFolder = ((record[25] ?? 0) & 2) !== 0
    if (isFolder) walk(iso, record, { path: `${path}${name}/`, depth: depth + 1 })
    else if (record.readUInt32LE(10) <= largestFile) {
      iso.files.set(`${path}${name}`, iso.read(record.readUInt32LE(2) * sectorBytes, record.readUInt32LE(10)))
    }
  }
}

/** Records never cross a sector boundary. The rest of a sector is zeros. */
function recordsOf(bytes: Buffer): readonly Buffer[] {
  const records: Buffer[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const length = bytes[offset] ?? 0
    if (length === 0) offset = (Math.floor(offset / sectorBytes) + 1) * sectorBytes
    else {
      records.push(bytes.subarray(offset, offset + length))
      offset += length
    }
  }
  return records
}

/** Undefined for the directory itself and its parent. */
function nameOf(record: Buffer, isJoliet: boolean): string | undefined {
  const length = record[32] ?? 0
  const name = record.subarray(33, 33 + length)
  if (length === 1 && (name[0] === 0 || name[0] === 1)) return undefined
  if (isJoliet) return wide(name).replace(/;1$/, '')
  const rest = record.subarray(33 + length + (length % 2 === 0 ? 1 : 0))
  return (
    rockRidgeName(rest) ??
    name
      .toString('latin1')
      .replace(/\.?;1$/, '')
      .toLowerCase()
  )
}

function rockRidgeName(rest: Buffer): string | undefined {
  let name = ''
  for (let offset = 0; offset + 4 <= rest.length; offset += rest[offset + 2] || rest.length) {
    const length = rest[offset + 2] ?? 0
    if (rest.toString('latin1', offset, offset + 2) === 'NM') name += rest.toString('utf8', offset + 5, offset + length)
  }
  return name === '' ? undefined : name
}
