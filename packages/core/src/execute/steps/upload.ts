// Store → storage: uploads the blob, or writes it into the storage's folder, with digest and size in its name.
import { createReadStream } from 'node:fs'
import { ProvisionError } from '../../errors.ts'
import { listStorage } from '../../facts/cluster/list-storage.ts'
import type { VolumeFacts } from '../../facts/facts.ts'
import { recallMade, recordMade } from '../../facts/images/made-facts.ts'
import type { Digest, ImageFormat } from '../../manifest/manifest.ts'
import { isWholeVolume, packedName, pushedName } from '../../plan/names.ts'
import type { StepOf } from '../../plan/step.ts'
import { isMissingProgram } from '../../ports/exec.ts'
import { hashFile } from '../../ports/files/hash-file.ts'
import { isLostReply, isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { Blob, BlobKey } from '../../ports/world.ts'
import { packedForSending } from '../image/packed-for-sending.ts'
import { waitForStorageTasks } from '../image/storage-tasks.ts'
import { writeIntoStorage } from '../image/write-into-storage.ts'
import { isFresh, type StepContext, type StepRunner } from '../step-context.ts'
import { splitDigest } from './pull.ts'

const READ_BYTES = 1024 * 1024

export const upload: StepRunner<'upload'> = async (step, context) => {
  // The facts may be outdated: a parallel run may have uploaded it. A pushed volume counts only if it has the right
  // size.
  const there = await wholeVolume(step, context)
  if (there !== undefined) return { volid: there.volid, kept: true }
  const blob = await blobOf(step, context)
  const sending = await sendingOf(step, blob, context)
  try {
    const volid = await (step.route === 'local' ? writeLocally(sending, context) : send(sending, context))
    await expectWhole({ volid, bytes: sending.blob.bytes, step }, context)
    return { volid }
  } catch (error) {
    throw await explained(error, sending.blob, context)
  }
}

async function sendingOf(step: StepOf<'upload'>, blob: Blob, context: StepContext): Promise<Sending> {
  if (step.content === 'iso') return { step, blob, fileName: pushedName(step.stem, blob.bytes, 'iso') }
  const { format, doubt } = await context.world.qemuImg.inspect(blob.path, { signal: context.signal })
  if (doubt !== undefined) context.warn(`${step.image}: ${doubt}.`)
  return smallest({ step, blob, fileName: pushedName(step.stem, blob.bytes, format) }, format, context)
}

/**
 * Compresses what goes over the network if that is worth it. A file that is written into a local folder is unchanged.
 */
async function smallest(sending: Sending, format: ImageFormat, context: StepContext): Promise<Sending> {
  const { step, blob } = sending
  if (step.route === 'local' || step.asIs || format !== 'raw') return sending
  const packed = await packedForSending(blob, context, () => verifyOnce(step, blob, context))
  if (packed === undefined) return sending
  context.note('info', `${step.image}: ${packed.why}.`)
  return { step, blob: packed.blob, fileName: packedName(step.stem, packed.blob.bytes) }
}

/** Proxmox gets the digest of the compressed file, so it cannot notice that the source was damaged. */
async function verifyOnce(step: StepOf<'upload'>, blob: Blob, context: StepContext): Promise<void> {
  const digest = isFresh(step, blob.key, context) ? undefined : await knownDigest(blob, context)
  if (digest === undefined || (await context.world.store.verify(blob.key, { digest, signal: context.signal }))) return
  throw damaged()
}

interface Sending {
  readonly step: StepOf<'upload'>
  readonly blob: Blob
  readonly fileName: string
}

async function send({ step, blob, fileName }: Sending, context: StepContext): Promise<string> {
  const { world, signal, progress, onRetry } = context
  try {
    return await world.pve.upload(
      {
        at: step.at,
        content: step.content ?? 'import',
        fileName,
        sizeBytes: blob.bytes,
        checksum: splitDigest(await digestOf(blob, context)),
        open: () => createReadStream(blob.path, { highWaterMark: READ_BYTES }),
      },
      {
        signal,
        onRetry,
        onBytes: (done) => progress({ done, total: blob.bytes, unit: 'bytes', what: 'uploading' }),
      },
    )
  } catch (error) {
    if (!isLostReply(error) && !isProblem(error, 'file-exists')) throw error
    // Everything was sent and the answer was lost, or a parallel run was faster. The volume may exist now or soon.
    await waitForStorageTasks(step.at, { type: 'imgcopy' }, context)
    const there = await wholeVolume(step, context)
    if (there === undefined) throw error
    return there.volid
  }
}

/** Bytes that this run downloaded or made are not verified again. */
async function writeLocally({ step, blob, fileName }: Sending, context: StepContext): Promise<string> {
  const digest = isFresh(step, blob.key, context) ? undefined : await knownDigest(blob, context)
  await writeIntoStorage({ at: step.at, blob, fileName, ...(digest && { digest }) }, context)
  return `${step.at.storage}:import/${fileName}`
}

async function wholeVolume(
  { at, stem, content }: StepOf<'upload'>,
  { world }: StepContext,
): Promise<VolumeFacts | undefined> {
  return (await listStorage(at, world.pve, content)).find((volume) => isWholeVolume(stem, volume))
}

/**
 * Proxmox copies directly to the final name, and an aborted copy leaves an incomplete file. Only the size shows that.
 */
async function expectWhole(
  { volid, bytes, step }: { readonly volid: string; readonly bytes: number; readonly step: StepOf<'upload'> },
  { world }: StepContext,
): Promise<void> {
  const listed = (await listStorage(step.at, world.pve, step.content)).find((volume) => volume.volid === volid)
  if (listed?.sizeBytes === bytes) return
  const found = listed === undefined ? 'is not listed' : `has ${listed.sizeBytes} bytes`
  throw new ProvisionError('TASK', `${volid} should have ${bytes} bytes and ${found} after it was written.`, {
    hint: 'Something else may have written or removed it, or the storage is full: run again.',
  })
}

/** Returns the blob of the needed step, which is the vendor's own if no conversion was needed; else the planned one. */
async function blobOf(step: StepOf<'upload'>, { world, result }: StepContext): Promise<Blob> {
  const left = step.needs.map((need) => result(need).blob).find((blob) => blob !== undefined)
  const blob = await world.store.find((left?.key as BlobKey | undefined) ?? step.blob)
  if (blob !== undefined) return blob
  throw new ProvisionError('DISK', `${step.image} is no longer in the store.`, {
    hint: 'Run again to download it again.',
  })
}

/** The vendor's bytes have their digest in the key. A blob that a recipe made is hashed once and then recorded. */
async function digestOf(blob: Blob, context: StepContext): Promise<Digest> {
  const known = await knownDigest(blob, context)
  if (known !== undefined) return known
  const { world, signal } = context
  const { key, path } = blob
  const digest: Digest = `sha256:${await hashFile(path, 'sha256', signal)}`
  await recordMade(key, { digest, ...(await toolOf(world)) }, world)
  return digest
}

/** Returns the tool that made it, or nothing if qemu-img is not installed, because then it was not used. */
async function toolOf({ qemuImg }: StepContext['world']): Promise<{ readonly tool?: string }> {
  try {
    return { tool: `qemu-img ${await qemuImg.version()}` }
  } catch (error) {
    if (isMissingProgram(error)) return {}
    throw error
  }
}

async function knownDigest({ key }: Blob, { world }: StepContext): Promise<Digest | undefined> {
  return key.includes('+') ? (await recallMade(key, world))?.digest : (key as Digest)
}

/** The receiver's check may reveal a damaged blob. It is removed from the store, and the error says so. */
async function explained(error: unknown, { key }: Blob, { world, signal }: StepContext): Promise<unknown> {
  const isMismatch =
    isProblem(error, 'checksum-mismatch') || (error instanceof ProvisionError && error.code === 'CHECKSUM')
  // The key of a blob that a recipe made does not verify it, so it is removed and made again.
  if (!isMismatch || (!key.includes('+') && (await world.store.verify(key, { signal })))) return error
  await world.store.remove(key)
  return damaged(error)
}

function damaged(cause?: unknown): ProvisionError {
  return new ProvisionError('CHECKSUM', 'The copy in the store has changed since it was created and was removed.', {
    cause,
    hint: 'Run again to download or create it again.',
  })
}
