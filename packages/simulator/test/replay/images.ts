// Recreates the files of the recording: the same sizes and types, with other bytes.
import { createHash, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { execa } from 'execa'

export type Images = {
  /** By their name at the vendor's and in uploads. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Checksums and sizes in the recording, and their values here. */
  readonly substitutes: ReadonlyMap<string, string>
}

const MIB = 1024 * 1024

/** Checksums of the recording's files, by file and algorithm. */
const RECORDED = {
  'a.iso': { sha256: '1cce49f20dc48286eda8260ce1e9a9d30fa122bbb6c51578c3c6da60f7f8cd53' },
  'a.iso.gz': { sha256: 'ed82d389ef6cf0ef9cb50a2b66625d14366a555020935dda0854da9106b4bf38' },
  'x.qcow2': { sha256: '1b7af784841125887e688254229e282829e17245d0e47fe7280da9b68a30d9e1' },
  'y.qcow2': { sha256: '537e3367f968b97b8c133804a61ac92f383715e5395db534c638c2f3c2cb162f' },
  'guest.qcow2': { sha256: '0c2d2f4284980a1a9a216d705feff9ee6afeb72614353da6d2e67e8f1bfd088c' },
  payload: { sha256: '61529ea5bd3e28983a1b778e3f3102cd4097b6dea2493625ed7f715f51e53168' },
} as const

/** Creates all files in `folder`. Full checksums are taken from `recording`. */
export async function makeImages(folder: string, recording: string): Promise<Images> {
  const iso = noise(300_000)
  const files = new Map<string, Buffer>([
    ['a.iso', iso],
    ['a.iso.gz', gzipSync(iso)],
    ['x.raw', Buffer.alloc(8 * MIB)],
    ['payload', noise(20 * MIB)],
    ['ccu.iso', Buffer.alloc(20_000_000, 'B')],
    ['x.qcow2', await emptyQcow2(folder)],
    ['y.qcow2', await qcow2(folder, { name: 'y.qcow2', size: '512M', dataMiB: 164 })],
    ['guest.qcow2', await qcow2(folder, { name: 'guest.qcow2', size: '64M', dataMiB: 15 })],
  ])
  const zipped = ['x.qcow2', 'x.raw'].map((name) => [`${name}.gz`, gzipSync(files.get(name) ?? '')] as const)
  const all = new Map([...files, ...zipped, ['race.qcow2', files.get('y.qcow2') ?? iso] as const])
  return { files: all, substitutes: substitutesFor(all, recording) }
}

async function emptyQcow2(folder: string): Promise<Buffer> {
  const path = join(folder, 'x.qcow2')
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', path, '64M'])
  return readFileSync(path)
}

async function qcow2(
  folder: string,
  { name, size, dataMiB }: { readonly name: string; readonly size: string; readonly dataMiB: number },
): Promise<Buffer> {
  const path = join(folder, name)
  await writeFile(`${path}.raw`, noise(dataMiB * MIB))
  await execa('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', `${path}.raw`, path])
  await execa('qemu-img', ['resize', '-q', path, size])
  await rm(`${path}.raw`)
  return readFileSync(path)
}

function noise(length: number): Buffer {
  return randomFillSync(Buffer.alloc(length))
}

function substitutesFor(files: ReadonlyMap<string, Buffer>, recording: string): ReadonlyMap<string, string> {
  const substitutes = new Map<string, string>()
  const digest = (name: string, algorithm: string) =>
    createHash(algorithm)
      .update(files.get(name) ?? '')
      .digest('hex')
  for (const [name, { sha256 }] of Object.entries(RECORDED)) {
    substitutes.set(sha256, digest(name, 'sha256'))
    substitutes.set(sha256.toUpperCase(), digest(name, 'sha256').toUpperCase())
  }
  const sha512 = /b225b9db[0-9a-f]{120}/.exec(recording)?.[0]
  if (sha512 !== undefined) substitutes.set(sha512, digest('a.iso', 'sha512'))
  substitutes.set('172294144', String(files.get('y.qcow2')?.length))
  substitutes.set('16499200', String(files.get('guest.qcow2')?.length))
  substitutes.set('407', String(files.get('x.qcow2.gz')?.length))
  substitutes.set('300074', String(files.get('a.iso.gz')?.length))
  return substitutes
}
