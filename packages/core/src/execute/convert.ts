// Store → store: unpacked, and converted when the format that the bytes have is not the one that is wanted.
import { open, rename, rm } from 'node:fs/promises'
import { ProvisionError } from '../errors.ts'
import { recordMade } from '../facts/made-facts.ts'
import type { Digest, ImageFormat } from '../manifest/manifest.ts'
import type { StepOf } from '../plan/step.ts'
import { decompress } from '../ports/decompress.ts'
import { onDisk } from '../ports/disk-error.ts'
import { HEAD_BYTES, type Sniffed, sniff } from '../ports/image/sniff.ts'
import type { Blob } from '../ports/world.ts'
import { isFresh, type StepContext, type StepRunner } from './step-context.ts'

/** What Proxmox imports; anything else is made into a qcow2, asked for or not. */
const IMPORTABLE: readonly ImageFormat[] = ['qcow2', 'raw', 'vmdk']

/**
 * The result is made beside and put in place by the store. Kept when it is there already, and when the bytes need
 * nothing: then the result is the vendor's own blob.
 */
export const convert: StepRunner<'convert'> = async (step, context) => {
  const { world, signal } = context
  const known = await world.store.find(step.to)
  if (known !== undefined) return { blob: known, kept: true }
  const source = await sourceOf(step, context)
  const { compression } = await sniffFile(source.path)
  if (compression === 'none') {
    await verifyOnce(step, context)
    const { format } = await world.qemuImg.inspect(source.path, { signal })
    if (targetFormat(format, step) === undefined) return { blob: source, kept: true }
  }
  const blob = await world.store.ensure(step.to, (to) => make({ step, source, compression, to }, context), signal)
  return { blob }
}

interface Making {
  readonly step: StepOf<'convert'>
  readonly source: Blob
  readonly compression: Sniffed['compression']
  readonly to: string
}

/** The format to convert to; nothing when the bytes can stay as they are. */
function targetFormat(found: ImageFormat, { format: wanted }: StepOf<'convert'>): 'raw' | 'qcow2' | undefined {
  if (wanted === found) return undefined
  return wanted ?? (IMPORTABLE.includes(found) ? undefined : 'qcow2')
}

async function make({ step, source, compression, to }: Making, context: StepContext): Promise<void> {
  if (compression === 'none') return convertFile({ step, from: source.path, to }, context)
  const unpacked = `${to}.unpacked`
  try {
    const digest = await unpack({ step, source, compression, to: unpacked }, context)
    // One image, not a chain of packers: what is packed again is refused by the look into it.
    const { format } = await context.world.qemuImg.inspect(unpacked, { signal: context.signal })
    if (targetFormat(format, step) !== undefined) return await convertFile({ step, from: unpacked, to }, context)
    await onDisk(to, () => rename(unpacked, to))
    await recordMade(step.to, { digest }, context.world)
  } finally {
    await rm(unpacked, { force: true })
  }
}

interface Unpacking extends Making {
  readonly compression: Exclude<Sniffed['compression'], 'none'>
}

/** Checks the packed bytes against their digest in the same pass: the store may have rotted since they were fetched. */
async function unpack(
  { step, source, compression, to }: Unpacking,
  { world, signal, progress }: StepContext,
): Promise<Digest> {
  const onBytes = (done: number, total: number) =>
    progress({ done, total, unit: 'bytes', what: `unpacking ${compression}` })
  try {
    return (await decompress({ from: source.path, compression, to, digest: step.from, signal, onBytes })).digest
  } catch (error) {
    if (
      error instanceof ProvisionError &&
      error.code === 'IMAGE' &&
      !(await world.store.verify(step.from, { signal }))
    ) {
      throw rotten(step)
    }
    if (error instanceof ProvisionError && error.code === 'CHECKSUM') await world.store.remove(step.from)
    throw error
  }
}

async function convertFile(
  { step, from, to }: { readonly step: StepOf<'convert'>; readonly from: string; readonly to: string },
  { world, signal, progress }: StepContext,
): Promise<void> {
  const { format } = await world.qemuImg.inspect(from, { signal })
  const toFormat = targetFormat(format, step) ?? 'qcow2'
  const onPercent = (done: number) =>
    progress({ done, total: 100, unit: 'percent', what: `qemu-img convert to ${toFormat}` })
  await world.qemuImg.convert({ from, fromFormat: format, to, toFormat, signal, onPercent })
}

async function sourceOf({ from, image }: StepOf<'convert'>, { world }: StepContext): Promise<Blob> {
  const source = await world.store.find(from)
  if (source !== undefined) return source
  throw new ProvisionError('DISK', `${image} has vanished from the store.`, { hint: 'Run again: it is fetched anew.' })
}

/** What an earlier run left is believed once it was hashed here; what this run downloaded was hashed on its way. */
async function verifyOnce(step: StepOf<'convert'>, context: StepContext): Promise<void> {
  const { world, signal } = context
  if (!isFresh(step, step.from, context) && !(await world.store.verify(step.from, { signal }))) throw rotten(step)
}

function rotten({ image, from }: StepOf<'convert'>): ProvisionError {
  return new ProvisionError('CHECKSUM', `The copy of ${image} in the store is no longer ${from}; it was dropped.`, {
    hint: 'Run again: it is fetched anew.',
  })
}

function sniffFile(path: string): Promise<Sniffed> {
  return onDisk(path, async () => {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      return sniff(buffer.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  })
}
