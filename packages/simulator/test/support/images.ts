// Small real images, created with qemu-img.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** A qcow2 of one mebibyte that contains `content`, then zeros. */
export async function tinyImage(content = 'content'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-image-'))
  try {
    const raw = Buffer.alloc(1024 * 1024)
    raw.write(content)
    await writeFile(join(folder, 'raw'), raw)
    await execa('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', join(folder, 'raw'), join(folder, 'qcow2')])
    return await readFile(join(folder, 'qcow2'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Returns the content of a disk, whatever its format. */
export async function bytesOf(file: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'bytes-of-'))
  try {
    await execa('qemu-img', ['convert', '-O', 'raw', file, join(folder, 'raw')])
    return await readFile(join(folder, 'raw'))
  } finally {
    await rm(folder, { recursive: true })
  }
}
