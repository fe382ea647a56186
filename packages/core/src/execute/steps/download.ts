// Vendor → store: downloads the bytes with the expected digest from the first address that has them.
import { ProvisionError } from '../../errors.ts'
import { forgetFile } from '../../facts/images/file-image.ts'
import type { StepOf, StepResult } from '../../plan/step.ts'
import type { GrowingFile } from '../../ports/files/growing-file.ts'
import { copyVerified } from '../image/copy-verified.ts'
import { withDigestAdvice } from '../image/digest-advice.ts'
import { workWhileDownloading } from '../image/work-while-downloading.ts'
import type { StepContext, StepRunner } from '../step-context.ts'

/** Kept if another run, or another image with the same digest, has stored them meanwhile. */
export const download: StepRunner<'download'> = (step, context) =>
  step.file === undefined
    ? withDigestAdvice(step.image, context, () => fetchIntoStore(step, context))
    : takeFile(step, step.file, context)

async function fetchIntoStore(step: StepOf<'download'>, context: StepContext): Promise<StepResult> {
  const { image, urls, digest, sizeBytes, isPacked, becomesRaw } = step
  const { world, signal, progress, note } = context
  const { http, store, meter } = world
  let isFetched = false
  const blob = await store.ensure(
    digest,
    async (to) => {
      isFetched = true
      const growing = isPacked || becomesRaw ? await workWhileDownloading(step, to, context) : undefined
      const { url, fetchedBytes, bytes } = await ended(
        growing,
        http.download({
          urls,
          digest,
          to,
          signal,
          ...(sizeBytes !== undefined && { expectedBytes: sizeBytes }),
          ...(growing && { follower: growing.follower }),
          onBytes: (done, total) =>
            progress({ done, unit: 'bytes', what: 'downloading', ...(total !== undefined && { total }) }),
        }),
      )
      if (url !== urls[0]) note('info', `${image} came from ${url.host}, because the first address failed.`)
      if (fetchedBytes < bytes)
        note('info', `${image}: ${bytes - fetchedBytes} bytes were already there from an interrupted download.`)
    },
    signal,
  )
  if (!isFetched) meter.add('bytesSaved', blob.bytes)
  return { blob, kept: !isFetched }
}

/**
 * Copies a local file into the store. The copy is hashed on the way, because the file may have changed since it was
 * measured.
 */
async function takeFile(
  { digest }: StepOf<'download'>,
  file: string,
  { world, signal, progress }: StepContext,
): Promise<StepResult> {
  let isCopied = false
  const blob = await world.store.ensure(
    digest,
    async (to) => {
      isCopied = true
      const onBytes = (done: number) => progress({ done, unit: 'bytes', what: 'reading' })
      try {
        await copyVerified({ from: file, to, digest, signal, onBytes })
      } catch (error) {
        if (error instanceof ProvisionError && error.code === 'CHECKSUM') await forgetFile(file, world)
        throw error
      }
    },
    signal,
  )
  return { blob, kept: !isCopied }
}

/** Tells the reader of the growing file that no more bytes will come. */
async function ended<Result>(
  growing: Pick<GrowingFile, 'end'> | undefined,
  download: Promise<Result>,
): Promise<Result> {
  try {
    const result = await download
    growing?.end()
    return result
  } catch (error) {
    growing?.end(error)
    throw error
  }
}
