// Reads the header of a qcow2 file, so that listing a thousand disks does not start a thousand processes.
import { open } from 'node:fs/promises'

export interface Qcow2Header {
  readonly virtualSize: number
  /** As written in the file, usually relative to it. */
  readonly backingFile?: string
}

const magic = 0x514649fb

/** Undefined if the file is not qcow2. */
export async function readQcow2Header(file: string): Promise<Qcow2Header | undefined> {
  const handle = await open(file, 'r')
  try {
    const header = Buffer.alloc(72)
    const { bytesRead } = await handle.read(header, 0, header.length, 0)
    if (bytesRead < header.length || header.readUInt32BE(0) !== magic) return undefined
    const virtualSize = Number(header.readBigUInt64BE(24))
    const offset = Number(header.readBigUInt64BE(8))
    if (offset === 0) return { virtualSize }
    const name = Buffer.alloc(Math.min(header.readUInt32BE(16), 1023))
    await handle.read(name, 0, name.length, offset)
    return { virtualSize, backingFile: name.toString('utf8') }
  } finally {
    await handle.close()
  }
}
