// Unpacks an image, or converts a compressed qcow2 to raw, while it arrives, if there is room for that. Later steps
// start sooner.

import { HEAD_BYTES, sniff } from '../../codecs/image/sniff.ts'
import { madeKey } from '../../facts/images/blob-keys.ts'
import type { StepOf } from '../../plan/step.ts'
import { type GrowingFile, openGrowingFile } from '../../ports/files/growing-file.ts'
import type { StepContext } from '../step-context.ts'
import { convertGrowing } from './convert-while-downloading.ts'
import { unpack } from './unpack.ts'

/**
 * Starts to follow the file at `path`. The download reports its end. The work may take longer; then the step that needs
 * the result waits for it in the store. A failure here is ignored, because that step then does the work itself.
 */
export async function workWhileDownloading(
  step: StepOf<'download'>,
  path: string,
  context: StepContext,
): Promise<Pick<GrowingFile, 'follower' | 'end'>> {
  const file = await openGrowingFile(path)
  let isOver = false
  context.beside('along', async () => {
    try {
      // If there was no room in time, the step that needs the result makes it.
      if (!isOver) await (step.becomesRaw ? convertGrowing : unpackGrowing)(file, step, context)
    } finally {
      await file.close()
    }
  })
  return {
    follower: file.follower,
    end(failure) {
      isOver = true
      file.end(failure)
    },
  }
}

async function unpackGrowing(file: GrowingFile, step: StepOf<'download'>, context: StepContext): Promise<void> {
  const { world, signal } = context
  if (!(await canBegin(file))) return
  await world.store.ensure(madeKey(step, 'as-is'), (to) => unpackFollowing(file, { step, to, context }), signal)
}

interface Following {
  readonly step: StepOf<'download'>
  readonly to: string
  readonly context: StepContext
}

/** Starts over whenever the download does: a mirror may serve wrong bytes, or the file may change. */
async function unpackFollowing(file: GrowingFile, { step, to, context }: Following): Promise<void> {
  const { world, signal, note } = context
  const { digest, member } = step
  // The download step may have ended by then, so this is a note, not a warning of the step.
  const warn = (sentence: string) => note('warning', `${step.image}: ${sentence}`)
  for (;;) {
    const before = file.beginnings()
    try {
      const chunks = file.chunks()
      return await unpack({ from: file.path, chunks, member, to, digest, signal, warn }, world)
    } catch (error) {
      if ((await file.settled(before)) !== 'started again') throw error
    }
  }
}

/**
 * Returns true if the work can start before the end. A zip archive is read from its end, and plain files need no
 * unpacking.
 */
async function canBegin(file: GrowingFile): Promise<boolean> {
  const head: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of file.chunks()) {
    head.push(chunk)
    bytes += chunk.length
    if (bytes >= HEAD_BYTES) break
  }
  const { compression, archive } = sniff(Buffer.concat(head))
  return compression !== 'none' || archive === 'tar'
}
