// Three small images in three formats, and the bytes that must result from each.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface KillImage {
  readonly name: string
  readonly file: string
  readonly sha256: string
  /** The disk before it was compressed. */
  readonly raw: string
  /** Lines of the manifest that make this image difficult. */
  readonly wishes: string
}

const MIB = 1024 * 1024

export function makeKillImages(folder: string): readonly KillImage[] {
  mkdirSync(folder, { recursive: true })
  const shapes = [
    {
      name: 'plain',
      file: 'plain.qcow2',
      pack: ['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2'],
      wishes: 'route: push',
    },
    {
      name: 'converted',
      file: 'converted.img',
      pack: ['qemu-img', 'convert', '-c', '-f', 'raw', '-O', 'qcow2'],
      wishes: 'route: push, format: raw, convert: runner',
    },
    { name: 'packed', file: 'packed.raw.xz', pack: ['sh', '-c', 'xz -1 -c "$0" > "$1"'], wishes: 'route: push' },
  ]
  return shapes.map(({ name, file, pack, wishes }) => {
    const raw = join(folder, `${name}.source`)
    const path = join(folder, file)
    writeFileSync(
      raw,
      Buffer.concat([
        randomBytes(12 * MIB),
        Buffer.alloc(8 * MIB),
        Buffer.from('text '.repeat(800_000)),
        Buffer.alloc(MIB),
      ]),
    )
    execFileSync('truncate', ['-s', '64M', raw])
    execFileSync(pack[0] ?? '', [...pack.slice(1), raw, path])
    return { name, file, raw, wishes, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }
  })
}
