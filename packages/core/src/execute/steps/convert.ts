// Store → store: unpacks a blob, and converts it if its format is not the wanted one.
import type { Archive } from '../../codecs/image/finding.ts'
import { lookAtImage } from '../../codecs/image/look-at-image.ts'
import type { Sniffed } from '../../codecs/image/sniff.ts'
import { ProvisionError } from '../../errors.ts'
import { madeKey } from '../../facts/images/blob-keys.ts'
import { recallMade } from '../../facts/images/made-facts.ts'
import type { ImageFormat } from '../../manifest/manifest.ts'
import type { StepOf } from '../../plan/step.ts'
import type { Blob, BlobKey } from '../../ports/world.ts'
import { IMPORTABLE, unpack } from '../image/unpack.ts'
import { isFresh, type StepContext, type StepRunner } from '../step-context.ts'

/**
 * Makes the result in the store. The step is kept if the result exists, or if the bytes need no change; then the result
 * is the vendor's own blob.
 */
export const convert: StepRunner<'convert'> = async (step, context) => {
  const { world, signal } = context
  const known = await world.store.find(step.to)
  // If this run downloaded the packed bytes, the result was made during the download, so the step is not kept.
  if (known !== undefined) return { blob: known, ...(!isFresh(step, step.from, context) && { kept: true }) }
  const source = await sourceOf(step, context)
  const { compression, archive } = await lookAtImage(source.path)
  const isPlain = compression === 'none' && archive === undefined
  if (isPlain) await verifyOnce(step, context)
  const plain = isPlain ? source : await unpacked({ step, source, compression, archive }, context)
  const { format } = await world.qemuImg.inspect(plain.path, { signal })
  if (targetFormat(format, step) === undefined) return { blob: plain, ...(plain === source && { kept: true }) }
  const converting = { step, from: plain.path, format }
  return { blob: await joinOrMake(step.to, (to) => convertFile({ ...converting, to }, context), context) }
}

/** Shares the result of work that started with the download. If that failed, makes it here. */
async function joinOrMake(
  key: BlobKey,
  make: (to: string) => Promise<void>,
  { world, signal }: StepContext,
): Promise<Blob> {
  let isOurs = false
  const makeHere = (to: string) => {
    isOurs = true
    return make(to)
  }
  return world.store.ensure(key, makeHere, signal).catch((error: unknown) => {
    if (isOurs || signal.aborted) throw error
    return world.store.ensure(key, makeHere, signal)
  })
}

/** Returns the format to convert to, or undefined if the bytes can stay as they are. */
function targetFormat(found: ImageFormat, { format: wanted }: StepOf<'convert'>): 'raw' | 'qcow2' | undefined {
  if (wanted === found) return undefined
  return wanted ?? (IMPORTABLE.includes(found) ? undefined : 'qcow2')
}

interface Packed {
  readonly step: StepOf<'convert'>
  readonly source: Blob
  readonly compression: Sniffed['compression']
  readonly archive: Archive | undefined
}

/**
 * Returns the image inside, which may be in progress since the download started. The digest of the packed bytes is
 * verified in the same pass, because the store may have been damaged since the download.
 */
async function unpacked({ step, source, compression, archive }: Packed, context: StepContext): Promise<Blob> {
  const { world, signal, progress, warn } = context
  const { from: digest, member } = step
  const key = madeKey({ digest, member }, 'as-is')
  if (!isFresh(step, step.from, context)) await dropUnlessRight(key, context)
  const onBytes = (done: number) =>
    progress({ done, total: source.bytes, unit: 'bytes', what: `decompressing ${archive ?? compression}` })
  const request = { from: source.path, archive, member, digest, signal, onBytes, warn }
  try {
    return await joinOrMake(key, (to) => unpack({ ...request, to }, world), context)
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

interface Converting {
  readonly step: StepOf<'convert'>
  readonly from: string
  /** The format of `from`, detected from its content. */
  readonly format: ImageFormat
  readonly to: string
}

/** The result of an earlier run may be damaged. It must not be converted into a disk that looks valid. */
async function dropUnlessRight(key: BlobKey, { world, signal }: StepContext): Promise<void> {
  const made = await recallMade(key, world)
  await world.store.verify(key, { signal, ...(made && { digest: made.digest }) })
}

async function convertFile(
  { step, from, format, to }: Converting,
  { world, signal, progress }: StepContext,
): Promise<void> {
  const toFormat = targetFormat(format, step) ?? 'qcow2'
  const onPercent = (done: number) =>
    progress({ done, total: 100, unit: 'percent', what: `qemu-img convert to ${toFormat}` })
  await world.qemuImg.convert({ from, fromFormat: format, to, toFormat, signal, onPercent })
}

async function sourceOf({ from, image }: StepOf<'convert'>, { world }: StepContext): Promise<Blob> {
  const source = await world.store.find(from)
  if (source !== undefined) return source
  throw new ProvisionError('DISK', `${image} is no longer in the store.`, {
    hint: 'Run again to download it again.',
  })
}

/** Verifies the bytes of an earlier run. Bytes that this run downloaded were verified on the way. */
async function verifyOnce(step: StepOf<'convert'>, context: StepContext): Promise<void> {
  const { world, signal } = context
  if (!isFresh(step, step.from, context) && !(await world.store.verify(step.from, { signal }))) throw rotten(step)
}

function rotten({ image, from }: StepOf<'convert'>): ProvisionError {
  return new ProvisionError(
    'CHECKSUM',
    `The copy of ${image} in the store no longer has the digest ${from} and was removed.`,
    {
      hint: 'Run again to download it again.',
    },
  )
}
