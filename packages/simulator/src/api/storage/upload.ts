// POST /nodes/{node}/storage/{storage}/upload: checks the spool file, then copies it over an existing file.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { failure } from '../../errors.ts'
import { requireStorage } from '../../guests/drives/drives.ts'
import { checkFileName, normalizeFileName } from '../../storage/file-name.ts'
import { hasRoom } from '../../storage/space.ts'
import { realPath, type StorageConfig } from '../../storage/storage-config.ts'
import { verifyImport } from '../../storage/verify-import.ts'
import { contentFolder } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { Call, Endpoint } from '../call.ts'

export const uploadEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/storage/{storage}/upload', method: 'POST', handle: upload },
]

interface Upload {
  readonly spool: string
  readonly shownSpool: string
  readonly target: string
  readonly shownTarget: string
  readonly name: string
  readonly content: string
  /** The node of the target storage. */
  readonly node: string
  readonly storage: StorageConfig
}

async function upload(call: Call): Promise<string> {
  const { world } = call
  // The receiving node does the work, and copies over ssh if the storage belongs to another node.
  const node = call.text('node') === 'localhost' ? world.home : call.text('node')
  const storage = requireStorage(call, call.text('storage'))
  const content = call.text('content')
  if (!storage.content.has(content)) throw failure(`storage '${storage.id}' does not support '${content}' content`)
  const name = normalizeFileName(call.text('filename'))
  checkFileName(content, name, world.version)
  const shownTarget = `${contentFolder(storage, content)}/${name}`
  const shownSpool = call.text('tmpfilename')
  const request: Upload = {
    spool: `${world.root}/nodes/${world.home}${shownSpool}`,
    shownSpool,
    target: realPath(world.root, storage, { node, shown: shownTarget }),
    shownTarget,
    name,
    content,
    node,
    storage,
  }
  return call.task('imgcopy', '', (task) => copyIn(call, task, request))
}

async function copyIn(call: Call, task: TaskContext, request: Upload): Promise<void> {
  const { spool, shownSpool, target, shownTarget } = request
  try {
    task.log(`starting file import from: ${shownSpool}`)
    await pause(call.world, task, call.world.latency.otherTaskMs)
    await verifyChecksum(call, task, spool)
    const file = { realPath: spool, shownPath: shownSpool, name: request.name }
    if (request.content === 'import') await call.world.clock.during(() => verifyImport(file, task.log))
    task.log(`target node: ${request.node}`)
    task.log(`target file: ${shownTarget}`)
    task.log(`file size is: ${(await stat(spool)).size}`)
    task.log(`command: cp -- ${shownSpool} ${shownTarget}`)
    if (!hasRoom(call.world, request, (await stat(spool)).size)) {
      await rm(target, { force: true })
      throw failure(`import failed: cp: error writing '${shownTarget}': No space left on device`)
    }
    await copyOver(call, task, { from: spool, to: target })
    task.log('finished file import successfully')
  } finally {
    await rm(spool, { force: true })
  }
}

/**
 * Copies directly to the final name, like `cp`: a reader sees an incomplete file, and a failure destroys the old file
 * too.
 */
async function copyOver(call: Call, task: TaskContext, { from, to }: { from: string; to: string }): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  try {
    const startedAt = call.world.clock.now()
    await call.world.clock.during(() =>
      pipeline(createReadStream(from, { highWaterMark: 1024 * 1024 }), createWriteStream(to), {
        signal: task.signal,
      }),
    )
    const rate = call.world.latency.copyBytesPerSecond
    if (rate > 0)
      await pause(call.world, task, startedAt + ((await stat(to)).size / rate) * 1000 - call.world.clock.now())
  } catch (error) {
    if (existsSync(to)) await rm(to, { force: true })
    throw task.signal.aborted ? failure('received interrupt') : error
  }
}

async function verifyChecksum(call: Call, task: TaskContext, file: string): Promise<void> {
  const expected = call.optional('checksum')
  const algorithm = call.optional('checksum-algorithm')
  if (expected === undefined || algorithm === undefined) return
  const found = await call.world.clock.during(() => hashFile(file, algorithm))
  if (found !== expected.toLowerCase()) {
    task.log('calculating checksum...')
    throw failure(`checksum mismatch: got '${found}' != expect '${expected}'`)
  }
  task.log('calculating checksum...OK, checksum verified')
}

export async function hashFile(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}
