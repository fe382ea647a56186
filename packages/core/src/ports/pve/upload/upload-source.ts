// Reads the file of an upload in constant memory and checks its length. It fails before a pause makes Proxmox
// disconnect.
import { once } from 'node:events'
import type { ClientRequest } from 'node:http'
import type { Readable } from 'node:stream'
import { ProvisionError } from '../../../errors.ts'

export interface FileSource {
  readonly open: () => Readable
  readonly sizeBytes: number
  readonly onBytes: (sent: number, chunk: number) => void
}

// pveproxy closes a connection silently if nothing arrives for 5 s.
const sourceStallMs = 4_000
const serverStallMs = 60_000

/**
 * Writes the file into the request, as fast as the other side accepts it. Ends early if `settled` aborts.
 * @throws ProvisionError `DISK` if the source stalls, fails or has another length than promised
 */
export async function pump(
  outgoing: ClientRequest,
  { open, sizeBytes, onBytes }: FileSource,
  settled: AbortSignal,
): Promise<void> {
  const source = open()
  const watch = watchStalls(source, outgoing)
  const stop = () => source.destroy()
  settled.addEventListener('abort', stop, { once: true })
  let sent = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      sent += chunk.length
      if (sent > sizeBytes) throw wrongLength(sizeBytes, 'more')
      watch.serverTurn()
      if (!outgoing.write(chunk)) await once(outgoing, 'drain', { signal: settled })
      watch.sourceTurn()
      onBytes(sent, chunk.length)
    }
    if (sent < sizeBytes && !settled.aborted) throw wrongLength(sizeBytes, String(sent))
  } catch (error) {
    throw error instanceof ProvisionError ? error : sourceFailed(error)
  } finally {
    watch.stop()
    settled.removeEventListener('abort', stop)
    source.destroy()
  }
}

interface StallWatch {
  serverTurn(): void
  sourceTurn(): void
  stop(): void
}

/** One timer watches both sides. The side whose turn it is must not exceed its limit. */
function watchStalls(source: Readable, outgoing: ClientRequest): StallWatch {
  let server = false
  let turnStartedMs = performance.now()
  const check = () => {
    const waitedMs = performance.now() - turnStartedMs
    if (!server && waitedMs >= sourceStallMs) source.destroy(stalled())
    if (server && waitedMs >= serverStallMs)
      outgoing.destroy(new Error(`Proxmox accepted no data for ${serverStallMs / 1000} s`))
  }
  const timer = setInterval(check, 250)
  const turn = (next: boolean) => () => {
    server = next
    turnStartedMs = performance.now()
  }
  return { serverTurn: turn(true), sourceTurn: turn(false), stop: () => clearInterval(timer) }
}

function stalled(): ProvisionError {
  return new ProvisionError(
    'DISK',
    `The file to upload delivered no data for ${sourceStallMs / 1000} s; Proxmox would cut the connection after 5 s.`,
    {
      hint: 'Is the cache on a slow or sleeping disk? Set PVE_PROVISION_CACHE to a local one.',
    },
  )
}

function wrongLength(sizeBytes: number, seen: string): ProvisionError {
  return new ProvisionError('DISK', `The file to upload has changed its size: ${seen} bytes instead of ${sizeBytes}.`, {
    hint: 'The file was changed during the upload. Run again.',
  })
}

function sourceFailed(cause: unknown): ProvisionError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new ProvisionError('DISK', `The file to upload cannot be read: ${message}`, { cause })
}
