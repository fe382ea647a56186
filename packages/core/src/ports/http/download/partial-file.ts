// A file that a download fills in any order. A later download can continue it.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import type { Digest } from '../../../manifest/manifest.ts'
import { onDisk } from '../../files/disk-error.ts'
import type { Follower } from '../../world.ts'
import { type BufferPool, createFileSink, type FileSink } from '../wire/file-sink.ts'
import { createOrderedDigest } from './ordered-digest.ts'
import { dropPartialState, readPartialState, writePartialState } from './partial-state.ts'
import type { Source } from './source.ts'
import { createSpans } from './spans.ts'

export interface PartialFile {
  readonly path: string
  /** How many bytes are there without a gap, from the start. */
  bytes(): number
  /** How many bytes have arrived: with gaps, and including those that are still being written to disk. */
  receivedBytes(): number
  /** The source of those bytes. Undefined if there are none. */
  source(): Source | undefined
  /**
   * True if the bytes came in more than one answer, so that a wrong digest may be caused by parts that do not fit
   * together.
   */
  isPieced(): boolean
  /** Discards everything and starts a copy of `source`. */
  restart(source?: Source): Promise<void>
  /** Discards everything after the first gap. */
  rewind(): void
  /** Notes that further bytes will come from another answer. */
  seam(): void
  sink(part: { readonly from: number; readonly end: number; readonly pool: BufferPool }): FileSink
  /** Truncates the file after the contiguous bytes and returns their digest. */
  digest(): Promise<Digest>
  /**
   * Closes the file. `keep` saves the state, so that a later download can continue. `done` means that it is complete.
   */
  close(how: 'keep' | 'done'): Promise<void>
}

const SAVE_EVERY_MS = 500

/**
 * Opens what an earlier download of `digest` left at `path`, or an empty file. Without a digest, the file starts empty.
 * @throws ProvisionError `DISK`
 */
export async function openPartialFile(
  path: string,
  digest: Digest | undefined,
  follower?: Follower,
): Promise<PartialFile> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
  const file = await onDisk(path, () => open(path, O_RDWR | O_CREAT | (O_NOFOLLOW ?? 0), 0o600))
  const left = digest === undefined ? undefined : await readPartialState(path, digest, file)
  return createPartialFile({ file, path, wanted: digest, bytes: left?.bytes ?? 0, source: left?.source, follower })
}

interface Opened {
  readonly file: FileHandle
  readonly path: string
  readonly wanted: Digest | undefined
  readonly bytes: number
  readonly source: Source | undefined
  readonly follower: Follower | undefined
}

function createPartialFile({ file, path, wanted, bytes, source: firstSource, follower }: Opened): PartialFile {
  const algorithm = wanted?.startsWith('sha512:') ? 'sha512' : 'sha256'
  let source = firstSource
  let spans = createSpans(bytes)
  let ordered = createOrderedDigest(file, path, algorithm)
  let isPieced = bytes > 0
  let receivedBytes = bytes
  let saving: Promise<void> | undefined
  let savedAtMs = performance.now()
  ordered.written(0, bytes)
  if (bytes > 0) follower?.grew(bytes)

  function save(): Promise<void> {
    savedAtMs = performance.now()
    saving ??= (
      source === undefined || wanted === undefined
        ? Promise.resolve()
        : writePartialState(path, wanted, { bytes: spans.prefix(), source })
    ).finally(() => {
      saving = undefined
    })
    return saving
  }

  async function cut(length: number): Promise<void> {
    await onDisk(path, () => file.truncate(length))
  }

  return {
    path,
    bytes: () => spans.prefix(),
    receivedBytes: () => receivedBytes,
    source: () => source,
    isPieced: () => isPieced,
    async restart(next) {
      follower?.beganAnew()
      await ordered.stop()
      await saving
      await dropPartialState(path)
      await cut(0)
      source = next
      spans = createSpans()
      ordered = createOrderedDigest(file, path, algorithm)
      isPieced = false
      receivedBytes = 0
    },
    rewind() {
      spans = createSpans(spans.prefix())
      receivedBytes = spans.prefix()
    },
    seam() {
      isPieced = true
    },
    sink: ({ from, end, pool }) =>
      createFileSink({
        file,
        path,
        pool,
        from,
        end,
        onBytes(bytes, at) {
          receivedBytes += bytes.length
          ordered.offer(bytes, at)
        },
        onWritten(start, stop) {
          spans.add(start, stop)
          ordered.written(start, spans.prefix())
          follower?.grew(spans.prefix())
          if (performance.now() - savedAtMs > SAVE_EVERY_MS) void save()
        },
      }),
    async digest() {
      const hex = await ordered.finish(spans.prefix())
      await cut(spans.prefix())
      return `${algorithm}:${hex}`
    },
    async close(how) {
      await ordered.stop()
      await saving
      if (how === 'keep' && spans.prefix() > 0) await save()
      else await dropPartialState(path)
      await file.close()
    },
  }
}
