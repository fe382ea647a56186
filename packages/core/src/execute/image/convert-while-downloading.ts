// Converts a compressed qcow2 to raw while it arrives, if there is room for that, so that later steps start sooner.
import { convertQcow2, type Readable, readableIn } from '../../codecs/qcow2/convert-qcow2.ts'
import { shareProgress } from '../../codecs/qcow2/shared-progress.ts'
import { madeKey } from '../../facts/images/blob-keys.ts'
import type { StepOf } from '../../plan/step.ts'
import type { GrowingFile } from '../../ports/files/growing-file.ts'
import type { StepContext } from '../step-context.ts'

/** The header and the first tables of an image that `qemu-img convert -c` wrote. */
const BEGINNING_BYTES = 1024 * 1024
/** Two images may arrive at once, and the network is slower than a thread. More threads would only use memory. */
const THREADS = 1

/** Publishes the result only after the download's digest is verified, so that a wrong result is never visible. */
export async function convertGrowing(file: GrowingFile, step: StepOf<'download'>, context: StepContext): Promise<void> {
  const readable = await beginningOf(file)
  if (!readable?.isPacked) return
  const { world, signal } = context
  await world.store.ensure(madeKey(step, 'raw'), (to) => convertFollowing(file, { to, signal }), signal)
}

/** Starts over whenever the download does: a mirror may serve wrong bytes, or the file may change. */
async function convertFollowing(
  file: GrowingFile,
  { to, signal }: { readonly to: string; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const before = file.beginnings()
    try {
      const readable = await beginningOf(file)
      if (readable === undefined) throw new Error('The image has changed.')
      await convertArriving(file, { readable, before, to, signal })
    } catch (error) {
      if ((await file.settled(before)) !== 'started again') throw error
      continue
    }
    const how = await file.settled(before)
    if (how === 'whole') return
    if (how === 'failed') throw new Error('The download failed.')
  }
}

interface Arriving {
  readonly readable: Readable
  readonly before: number
  readonly to: string
  readonly signal: AbortSignal
}

async function convertArriving(file: GrowingFile, { readable, before, to, signal }: Arriving): Promise<void> {
  const progress = shareProgress()
  const tell = () => {
    if (file.beginnings() !== before || file.state() === 'failed') progress.stop()
    else progress.arrive(file.bytes(), file.state() === 'whole')
  }
  const leave = file.watch(tell)
  tell()
  try {
    await convertQcow2({ from: file.handle.fd, layout: readable.layout, to, progress, signal, threads: THREADS })
  } finally {
    leave()
  }
}

async function beginningOf(file: GrowingFile): Promise<Readable | undefined> {
  let bytes = 0
  for await (const chunk of file.chunks()) {
    bytes += chunk.length
    if (bytes >= BEGINNING_BYTES) break
  }
  return readableIn(file.handle)
}
