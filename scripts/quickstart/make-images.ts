// Creates three disk images in the formats that vendors use, with a real file system and files.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'

const MEBIBYTE = 1024 ** 2
/** Each served file must have at least 100 MiB, so this much of the content cannot be compressed. */
const PAYLOAD_MIB = 104
const TELL_EVERY_MS = 3_000

export interface QuickstartImage {
  readonly name: string
  readonly file: string
  readonly bytes: number
  /** The raw disk inside, for comparison. */
  readonly raw: string
}

const SHAPES = [
  { name: 'server', file: 'server-cloudimg-amd64.img', what: 'a compressed qcow2 called .img, as Ubuntu ships it' },
  { name: 'cloud', file: 'cloud-generic-amd64.qcow2', what: 'a qcow2, as Debian ships it' },
  { name: 'appliance', file: 'appliance-amd64.raw.xz', what: 'a raw disk packed with xz, as FreeBSD ships it' },
] as const

/** Creates missing images in `folder`, and the vendors' checksum documents next to them. */
export async function makeImages(folder: string, say: (line: string) => void): Promise<readonly QuickstartImage[]> {
  await mkdir(folder, { recursive: true })
  const ticker = setInterval(() => tell(folder, say), TELL_EVERY_MS)
  try {
    const images = await Promise.all(SHAPES.map((shape) => makeImage(folder, shape, say)))
    await writeDocuments(folder, images)
    return images
  } finally {
    clearInterval(ticker)
  }
}

/** Reports progress, because compressing takes seconds here but a minute on a small board. */
function tell(folder: string, say: (line: string) => void): void {
  const parts = SHAPES.flatMap(({ file }) => {
    const found = statSync(join(folder, `${file}.part`), { throwIfNoEntry: false })
    return found ? [`${file} ${Math.round(found.size / MEBIBYTE)}`] : []
  })
  if (parts.length > 0) say(`… ${parts.join(', ')} of about ${PAYLOAD_MIB} MiB`)
}

async function makeImage(folder: string, { name, file, what }: (typeof SHAPES)[number], say: (line: string) => void) {
  const [path, raw] = [join(folder, file), join(folder, `${name}.raw`)]
  if (!existsSync(path) || !existsSync(raw)) {
    say(`making ${file}: ${what}`)
    await makeFilesystem(folder, name, raw)
    await rm(path, { force: true })
    await pack(raw, `${path}.part`, file)
    await rename(`${path}.part`, path)
  }
  return { name, file, raw, bytes: (await stat(path)).size }
}

/** Creates a disk of 177 MiB: one partition with an ext4 file system, a small system tree and a large data file. */
async function makeFilesystem(folder: string, name: string, raw: string): Promise<void> {
  const tree = join(folder, `${name}.tree`)
  await mkdir(join(tree, 'etc'), { recursive: true })
  await mkdir(join(tree, 'srv'), { recursive: true })
  await writeFile(join(tree, 'etc', 'os-release'), `NAME="${name}"\nVERSION_ID=1\nID=${name}\n`)
  await writeFile(join(tree, 'etc', 'hostname'), `${name}\n`)
  await writeFile(join(tree, 'srv', 'data.bin'), randomBytes(PAYLOAD_MIB * MEBIBYTE))
  await writeFile(join(tree, 'srv', 'log.txt'), `a line that is like all the others of ${name}\n`.repeat(200_000))
  await rm(raw, { force: true })
  await execa('mkfs.ext4', ['-q', '-L', name, '-d', tree, '-E', `offset=${MEBIBYTE}`, raw, '176M'], {
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
  await rm(tree, { recursive: true })
  await writePartitionTable(raw, 176 * MEBIBYTE)
}

/** Adds one Linux partition from 1 MiB on. Without a partition table, this would be a file system, not a disk. */
async function writePartitionTable(raw: string, sizeBytes: number): Promise<void> {
  const table = Buffer.alloc(512)
  table[446 + 4] = 0x83
  table.writeUInt32LE(MEBIBYTE / 512, 446 + 8)
  table.writeUInt32LE(sizeBytes / 512, 446 + 12)
  table.writeUInt16LE(0xaa55, 510)
  await using file = await open(raw, 'r+')
  await file.write(table, 0, table.length, 0)
}

async function pack(raw: string, path: string, file: string): Promise<void> {
  if (file.endsWith('.xz')) await execa('sh', ['-c', `xz --threads=2 -0 --stdout "$1" > "$2"`, 'sh', raw, path])
  else
    await execa('qemu-img', [
      'convert',
      ...(file.endsWith('.img') ? ['-c'] : []),
      '-W',
      '-f',
      'raw',
      '-O',
      'qcow2',
      raw,
      path,
    ])
}

/** Writes each vendor's format: GNU binary lines, GNU text lines, BSD lines with sizes. */
async function writeDocuments(folder: string, images: readonly QuickstartImage[]): Promise<void> {
  const sums = async (algorithm: string) =>
    Promise.all(
      images.map(async ({ file, bytes }) => ({ file, bytes, hex: await digestOf(join(folder, file), algorithm) })),
    )
  const [sha256, sha512] = [await sums('sha256'), await sums('sha512')]
  await writeFile(join(folder, 'SHA256SUMS'), sha256.map(({ file, hex }) => `${hex} *${file}\n`).join(''))
  await writeFile(join(folder, 'SHA512SUMS'), sha512.map(({ file, hex }) => `${hex}  ${file}\n`).join(''))
  const bsd = sha256.map(({ file, hex, bytes }) => `# ${file}: ${bytes} bytes\nSHA256 (${file}) = ${hex}\n`)
  await writeFile(join(folder, 'CHECKSUM'), bsd.join(''))
}

async function digestOf(path: string, algorithm: string): Promise<string> {
  const [{ size, mtimeMs }, memo] = [await stat(path), join(dirname(path), `.${basename(path)}.${algorithm}`)]
  const stamp = `${size} ${mtimeMs}`
  const [known, hex] = existsSync(memo) ? (await readFile(memo, 'utf8')).split('\n') : []
  if (known === stamp && hex) return hex
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path, { highWaterMark: MEBIBYTE })) hash.update(chunk as Buffer)
  const digest = hash.digest('hex')
  await writeFile(memo, `${stamp}\n${digest}`)
  return digest
}
