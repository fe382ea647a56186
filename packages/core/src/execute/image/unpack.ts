// Unpacks an image and checks it before any other step uses it. It records both digests.
import { rename, rm } from 'node:fs/promises'
import { madeKey } from '../../facts/images/blob-keys.ts'
import { recordMade } from '../../facts/images/made-facts.ts'
import type { Digest, ImageFormat } from '../../manifest/manifest.ts'
import { onDisk } from '../../ports/files/disk-error.ts'
import { type DecompressRequest, decompress } from '../../ports/image/decompress.ts'
import type { World } from '../../ports/world.ts'

/** Formats that Proxmox imports. Other formats are always converted to qcow2. */
export const IMPORTABLE: readonly ImageFormat[] = ['qcow2', 'raw', 'vmdk']

export interface Unpacking extends Omit<DecompressRequest, 'digest'> {
  /** Digest of the packed bytes. */
  readonly digest: Digest
  /** Called with a sentence for each kind of bytes that were skipped. */
  readonly warn: (sentence: string) => void
}

/**
 * Creates the file `to`.
 * @throws ProvisionError as `decompress` does; `IMAGE` for a file that could make a host read other files
 */
export async function unpack(
  { to, warn, ...request }: Unpacking,
  world: Pick<World, 'journal' | 'qemuImg'>,
): Promise<void> {
  const aside = `${to}.unpacked`
  const signal = request.signal && { signal: request.signal }
  try {
    const { digest, warnings } = await decompress({ ...request, to: aside })
    const { format } = await world.qemuImg.inspect(aside, signal)
    for (const warning of warnings) warn(warning)
    if (!IMPORTABLE.includes(format)) {
      return await world.qemuImg.convert({ from: aside, fromFormat: format, to, toFormat: 'qcow2', ...signal })
    }
    await onDisk(to, () => rename(aside, to))
    await recordMade(madeKey(request, 'as-is'), { digest }, world)
  } finally {
    await rm(aside, { force: true })
  }
}
