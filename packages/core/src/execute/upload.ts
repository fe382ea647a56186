// Store → storage: sent as Proxmox's server needs it, under a name that says digest and size.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ProvisionError } from '../errors.ts'
import { listShelf } from '../facts/observe.ts'
import type { Digest } from '../manifest/manifest.ts'
import { isWholeVolume, pushedName } from '../plan/names.ts'
import type { Blob } from '../ports/world.ts'
import { splitDigest } from './pull.ts'
import type { StepContext, StepRunner } from './step-context.ts'

export const upload: StepRunner<'upload'> = async (step, context) => {
  const { world } = context
  // Facts age: a sibling run may have sent it meanwhile, and a pushed name counts only with its size.
  const there = (await listShelf(step.at, world.pve)).find((volume) => isWholeVolume(step.stem, volume))
  if (there) return { volid: there.volid, kept: true }
  const blob = await world.store.find(step.blob)
  if (blob === undefined) throw new ProvisionError('DISK', `${step.image} has vanished from the store.`, { hint: 'Run again: it is fetched anew.' })
  return { volid: await send(blob, { at: step.at, stem: step.stem }, context) }
}

interface Target {
  readonly at: { readonly node: string; readonly storage: string }
  readonly stem: string
}

async function send(blob: Blob, { at, stem }: Target, { world, signal, progress }: StepContext): Promise<string> {
  const { format } = await world.qemuImg.inspect(blob.path, { signal })
  return world.pve.upload(
    {
      at,
      content: 'import',
      fileName: pushedName(stem, blob.bytes, format),
      sizeBytes: blob.bytes,
      checksum: await checksumOf(blob, signal),
      open: () => createReadStream(blob.path, { highWaterMark: 1024 ** 2 }),
    },
    { signal, onBytes: (sent) => progress({ done: sent, total: blob.bytes, unit: 'bytes', what: 'uploading' }) },
  )
}

/** Bytes as the vendor shipped them have their digest in the key; what a recipe made is hashed before it is sent. */
async function checksumOf({ key, path }: Blob, signal: AbortSignal) {
  if (!key.includes('+')) return splitDigest(key as Digest)
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), hash, { signal })
  return { algorithm: 'sha256', hex: hash.digest('hex') } as const
}
