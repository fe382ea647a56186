// Small ISO 9660 images with long names in Joliet or Rock Ridge, or without them.
const sector = 2048

export interface IsoOptions {
  readonly label: string
  readonly files: Readonly<Record<string, string>>
  readonly names: 'joliet' | 'rock-ridge' | 'plain'
}

interface Folder {
  readonly folders: Map<string, Folder>
  readonly files: Map<string, Buffer>
}

const emptyFolder = (): Folder => ({ folders: new Map(), files: new Map() })

export function isoImage({ label, files, names }: IsoOptions): Buffer {
  const root = emptyFolder()
  for (const [path, text] of Object.entries(files)) {
    const parts = path.split('/')
    let folder = root
    for (const part of parts.slice(0, -1)) {
      const below = folder.folders.get(part) ?? emptyFolder()
      folder.folders.set(part, below)
      folder = below
    }
    folder.files.set(parts.at(-1) ?? '', Buffer.from(text))
  }
  const blocks: Buffer[] = Array.from({ length: 19 }, () => Buffer.alloc(sector))
  const rootRecord = record({ ...place(blocks, root, names), name: Buffer.from([0]), isFolder: true, names })
  blocks[16] = descriptor(1, Buffer.from(label.padEnd(32)), rootRecord)
  if (names === 'joliet') {
    blocks[17] = descriptor(2, wide(label.padEnd(16)), rootRecord)
    // The plain tree has short names, which must not be read.
    const shortened = { ...place(blocks, emptyFolder(), 'plain'), name: Buffer.from([0]), isFolder: true }
    blocks[16] = descriptor(1, Buffer.from(label.padEnd(32)), record({ ...shortened, names: 'plain' }))
  }
  blocks[18]?.set(Buffer.from('\xffCD001', 'latin1'))
  return Buffer.concat(blocks)
}

interface Extent {
  readonly block: number
  readonly bytes: number
}

function append(blocks: Buffer[], content: Buffer): Extent {
  const block = blocks.length
  for (let offset = 0; offset < Math.max(content.length, 1); offset += sector) {
    const bytes = Buffer.alloc(sector)
    content.copy(bytes, 0, offset, offset + sector)
    blocks.push(bytes)
  }
  return { block, bytes: content.length }
}

function place(blocks: Buffer[], folder: Folder, names: IsoOptions['names']): Extent {
  const self = { block: 0, bytes: 0, isFolder: true, names }
  const records = [record({ ...self, name: Buffer.from([0]) }), record({ ...self, name: Buffer.from([1]) })]
  for (const [name, below] of folder.folders) {
    records.push(named(place(blocks, below, names), { name, isFolder: true, names }))
  }
  for (const [name, content] of folder.files) {
    records.push(named(append(blocks, content), { name, isFolder: false, names }))
  }
  // No record crosses a sector boundary.
  const pages: Buffer[] = [Buffer.alloc(0)]
  for (const one of records) {
    const page = pages.at(-1) ?? Buffer.alloc(0)
    if (page.length + one.length > sector) pages.push(one)
    else pages[pages.length - 1] = Buffer.concat([page, one])
  }
  return append(blocks, Buffer.concat(pages.map((page) => Buffer.concat([page, Buffer.alloc(sector - page.length)]))))
}

function named(
  extent: Extent,
  { name, isFolder, names }: { name: string; isFolder: boolean; names: IsoOptions['names'] },
): Buffer {
  if (names === 'joliet') return record({ ...extent, name: wide(isFolder ? name : `${name};1`), isFolder, names })
  const short = names === 'plain' ? name.toUpperCase() : `F${extent.block}`
  const encoded = Buffer.from(isFolder ? short : `${short}.;1`)
  return record({ ...extent, name: encoded, isFolder, names, longName: name })
}

interface RecordFields extends Extent {
  readonly name: Buffer
  readonly isFolder: boolean
  readonly names: IsoOptions['names']
  readonly longName?: string
}

function record({ block, bytes, name, isFolder, names, longName }: RecordFields): Buffer {
  const extra = names === 'rock-ridge' && longName !== undefined ? alternateName(longName) : Buffer.alloc(0)
  const even = 33 + name.length + ((33 + name.length) % 2)
  const made = Buffer.alloc(even + extra.length + (extra.length % 2))
  made[0] = made.length
  made.writeUInt32LE(block, 2)
  made.writeUInt32LE(bytes, 10)
  made[25] = isFolder ? 2 : 0
  made[32] = name.length
  name.copy(made, 33)
  extra.copy(made, even)
  return made
}

/** Rock Ridge: another entry before the name, which is split in two. */
function alternateName(name: string): Buffer {
  const entry = (kind: string, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from(kind), Buffer.from([4 + content.length, 1]), content])
  const part = (text: string, flags: number): Buffer => entry('NM', Buffer.from([flags, ...Buffer.from(text)]))
  return Buffer.concat([entry('PX', Buffer.alloc(32)), part(name.slice(0, 3), 1), part(name.slice(3), 0)])
}

function descriptor(kind: number, label: Buffer, root: Buffer): Buffer {
  const made = Buffer.alloc(sector)
  made.set(Buffer.from(`${String.fromCharCode(kind)}CD001\x01`, 'latin1'))
  label.copy(made, 40)
  if (kind === 2) made.write('%/E', 88)
  root.copy(made, 156)
  return made
}

function wide(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}
