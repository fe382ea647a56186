// Creates images like a vendor's: compressed qcow2 of a sparse disk full of programs and libraries. They are created
// once.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export interface BenchmarkImage {
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

export interface ImageShape {
  readonly count: number
  /** Data on each disk before it is compressed. */
  readonly dataMiB: number
  readonly virtualMiB: number
}

const MIB = 1024 * 1024

/** Returns the images, from the cache folder if they exist there. */
export function makeImages(folder: string, { count, dataMiB, virtualMiB }: ImageShape): readonly BenchmarkImage[] {
  mkdirSync(folder, { recursive: true })
  const index = join(folder, 'index.json')
  if (existsSync(index)) {
    const known = JSON.parse(readFileSync(index, 'utf8')) as readonly BenchmarkImage[]
    if (known.length === count && known.every(({ path, bytes }) => existsSync(path) && statSync(path).size === bytes))
      return known
  }
  console.error(`Making ${count} images of ${dataMiB} MiB of data each, once …`)
  const files = programFiles()
  const images = Array.from({ length: count }, (_, at) =>
    makeImage(folder, { at, files, dataMiB: Math.round(dataMiB * (0.8 + 0.08 * at)), virtualMiB }),
  )
  writeFileSync(index, JSON.stringify(images))
  return images
}

interface Making {
  readonly at: number
  readonly files: readonly string[]
  readonly dataMiB: number
  readonly virtualMiB: number
}

function makeImage(folder: string, { at, files, dataMiB, virtualMiB }: Making): BenchmarkImage {
  const raw = join(folder, `image-${at + 1}.raw`)
  const name = `image-${at + 1}.qcow2`
  const path = join(folder, name)
  fillDisk(raw, { files, from: Math.floor((files.length * at) / 7), dataMiB, virtualMiB })
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', '-m', '16', '-W', raw, `${path}.part`])
  rmSync(raw)
  renameSync(`${path}.part`, path)
  console.error(`  ${name}: ${Math.round(statSync(path).size / MIB)} MiB`)
  return { name, path, bytes: statSync(path).size, sha256: hashOf(path) }
}

/** Writes programs one after another with holes between them, as a file system does. */
function fillDisk(
  raw: string,
  { files, from, dataMiB, virtualMiB }: Omit<Making, 'at'> & { readonly from: number },
): void {
  const disk = openSync(raw, 'w')
  const stretch = virtualMiB / dataMiB
  let written = 0
  for (let at = 0; written < dataMiB * MIB && at < files.length * 4; at += 1) {
    const bytes = readFileSync(files[(from + at) % files.length] ?? '')
    const position = MIB + Math.floor((written * stretch) / 65536) * 65536
    if (position + bytes.length > virtualMiB * MIB) break
    writeSync(disk, bytes, 0, bytes.length, position)
    written += bytes.length
  }
  // A disk begins with a boot sector, and the first partition comes 1 MiB later. A file at the start would be taken for
  // the type of the image.
  writeSync(disk, Buffer.from([0x55, 0xaa]), 0, 2, 510)
  closeSync(disk)
  execFileSync('truncate', ['-s', `${virtualMiB}M`, raw])
}

function programFiles(): readonly string[] {
  const found: string[] = []
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) look(path)
      else if (entry.isFile() && isUseful(path)) found.push(path)
    }
  }
  for (const folder of ['/usr/bin', '/usr/lib', '/usr/share']) look(folder)
  return found
}

function isUseful(path: string): boolean {
  const { size } = statSync(path)
  return size > 16 * 1024 && size < 64 * MIB
}

function hashOf(path: string): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(MIB)
  for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer))
    hash.update(buffer.subarray(0, count))
  closeSync(file)
  return hash.digest('hex')
}
