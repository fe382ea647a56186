// A packed image is unpacked, and a packed qcow2 made raw, while it arrives, where there is room for that: what waits for
// it begins sooner.

import { HEAD_BYTES, sniff } from '../../codecs/image/sniff.ts'
import { madeKey } from '../../facts/images/blob-keys.ts'
import type { StepOf } from '../../plan/step.ts'
import { type GrowingFile, openGrowingFile } from '../../ports/files/growing-file.ts'
import type { StepContext } from '../step-context.ts'
import { convertGrowing } from './convert-while-downloading.ts'
import { unpack } from './unpack.ts'

/**
 * Begins to follow the file at `path`. The one that fills it says when it ends; the work may take longer, and the one that
 * asks the store for the result then shares it. A failure here is theirs to tell: they come to the same.
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
      // There was no room in time: the one that needs it makes it.
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

/** Again from the beginning as often as the download is: a mirror may have lied, a file may have changed. */
async function unpackFollowing(file: GrowingFile, { step, to, context }: Following): Promise<void> {
  const { world, signal, note } = context
  const { digest, member } = step
  // The step that it runs beside may be over by then.
  const warn = (sentence: string) => note('warning', `${step.image}: ${sentence}`)
  for (;;) {
    const before = file.beginnings()
    try {
      const chunks = file.chunks()
      return await unpack({ from: file.path, chunks, member, to, digest, signal, warn }, world)
    } catch (error) {
      if ((await file.settled(before)) !== 'begun again') throw error
    }
  }
}

/** A zip archive is read from its end, and what is not packed needs no unpacking. */
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
