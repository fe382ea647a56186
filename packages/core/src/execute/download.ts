// Vendor → store: the bytes with the promised digest, from the first address that has them.
import type { StepRunner } from './step-context.ts'

/** Kept when another run, or another image with the same digest, brought them meanwhile. */
export const download: StepRunner<'download'> = async (
  { image, urls, digest, sizeBytes },
  { world, signal, progress, note },
) => {
  const { http, store, meter } = world
  let isFetched = false
  const blob = await store.ensure(
    digest,
    async (to) => {
      isFetched = true
      const { url, fetchedBytes, bytes } = await http.download({
        urls,
        digest,
        to,
        signal,
        ...(sizeBytes !== undefined && { expectedBytes: sizeBytes }),
        onBytes: (done, total) =>
          progress({ done, unit: 'bytes', what: 'downloading', ...(total !== undefined && { total }) }),
      })
      if (url !== urls[0]) note('info', `${image} came from ${url.host}, the first address did not give it.`)
      if (fetchedBytes < bytes)
        note('info', `${image}: ${bytes - fetchedBytes} bytes were there from an interrupted download.`)
    },
    signal,
  )
  if (!isFetched) meter.add('bytesSaved', blob.bytes)
  return { blob, kept: !isFetched }
}
