// Receives an upload into a spool file on the receiving node, before any other check.
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { ApiError } from '../errors.ts'
import type { World } from '../world.ts'
import { createUploadReader, uploadFailed } from './multipart.ts'

export function isUpload(method: string, path: string): boolean {
  return method === 'POST' && /^\/nodes\/[^/]+\/storage\/[^/]+\/upload$/.test(path)
}

/** There is no reader for an upload that is not multipart. Nothing happens until the connection times out. */
async function ignoreForm(world: World, request: IncomingMessage): Promise<never> {
  const { socket } = request
  await world.clock.sleep(world.latency.uploadIdleMs)
  socket.destroy()
  throw new ApiError(500, 'cut without an answer', { bodyless: true })
}

/** Returns the form's fields and the path of the file, as parameters of the call. */
export async function receiveUpload(world: World, request: IncomingMessage): Promise<Record<string, string>> {
  if (!String(request.headers['content-type']).startsWith('multipart/form-data')) return ignoreForm(world, request)
  const boundary = /boundary=([^;"\s]+)$/.exec(String(request.headers['content-type']))?.[1]
  if (boundary === undefined) {
    throw uploadFailed()
  }
  const shown = `/var/tmp/pveupload-${createHash('md5').update(randomBytes(16)).digest('hex')}`
  const real = join(world.root, 'nodes', world.home, shown)
  await mkdir(dirname(real), { recursive: true })
  const file = createWriteStream(real, { flags: 'wx' })
  const { socket } = request
  const cut = (): void => {
    socket.destroy()
  }
  socket.setTimeout(world.latency.uploadIdleMs, cut)
  try {
    const reader = createUploadReader(boundary, file)
    // A refused upload must still get its answer, so the connection stays open after the loop.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) await reader.push(chunk as Buffer)
    reader.end()
    return { ...reader.fields, tmpfilename: shown }
  } finally {
    socket.setTimeout(0)
    socket.off('timeout', cut)
    file.end()
    await finished(file).catch(() => undefined)
  }
}
