// Receives an upload into its spool file on the node that was asked, before anything else is looked at.
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { ApiError } from '../errors.ts'
import type { World } from '../world.ts'
import { createUploadReader } from './multipart.ts'

/** Without data for this long the connection is cut, without an answer. */
const idleMs = 5_000

export function isUpload(method: string, path: string, contentType: string): boolean {
  return (
    method === 'POST' &&
    /^\/nodes\/[^/]+\/storage\/[^/]+\/upload$/.test(path) &&
    contentType.startsWith('multipart/form-data')
  )
}

/** The form's fields and where the file is, as parameters of the call. */
export async function receiveUpload(world: World, request: IncomingMessage): Promise<Record<string, string>> {
  const boundary = /boundary=([^;"\s]+)$/.exec(String(request.headers['content-type']))?.[1]
  if (boundary === undefined) {
    throw new ApiError(500, 'upload failed at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 1317.', {
      bodyless: true,
    })
  }
  const shown = `/var/tmp/pveupload-${createHash('md5').update(randomBytes(16)).digest('hex')}`
  const real = join(world.root, 'nodes', world.home, shown)
  await mkdir(dirname(real), { recursive: true })
  const file = createWriteStream(real, { flags: 'wx' })
  request.socket.setTimeout(idleMs, () => request.socket.destroy())
  try {
    const reader = createUploadReader(boundary, file)
    for await (const chunk of request) await reader.push(chunk as Buffer)
    reader.end()
    return { ...reader.fields, tmpfilename: shown }
  } finally {
    request.socket.setTimeout(0)
    file.end()
    await finished(file).catch(() => undefined)
  }
}
