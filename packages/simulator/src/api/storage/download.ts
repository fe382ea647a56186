// download-url and query-url-metadata: the node downloads like `wget`, with wget's messages.
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { failure, sentenceOf } from '../../errors.ts'
import { requireStorage } from '../../guests/drives/drives.ts'
import { checkFileName, normalizeFileName } from '../../storage/file-name.ts'
import { realPath } from '../../storage/storage-config.ts'
import { verifyImport } from '../../storage/verify-import.ts'
import { contentFolder } from '../../storage/volume.ts'
import { headUrl, wget } from '../../storage/wget.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { Call, Endpoint } from '../call.ts'
import { hashFile } from './upload.ts'

export const downloadEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/query-url-metadata', method: 'GET', handle: queryMetadata },
  { path: '/nodes/{node}/storage/{storage}/download-url', method: 'POST', handle: download },
]

async function queryMetadata(call: Call): Promise<unknown> {
  const answer = await headUrl(call.text('url'), { verify: call.flag('verify-certificates', true) })
  if (answer.failure !== undefined) throw failure(`invalid server response: '${answer.failure}'`)
  return {
    ...(answer.filename !== undefined && { filename: answer.filename }),
    ...(answer.size !== undefined && { size: answer.size }),
    ...(answer.mimetype !== undefined && { mimetype: answer.mimetype }),
  }
}

interface Download {
  readonly url: string
  readonly content: string
  readonly name: string
  readonly target: string
  readonly shownTarget: string
}

async function download(call: Call): Promise<string> {
  const { world, node } = call
  const storage = requireStorage(call, call.text('storage'))
  const content = call.text('content')
  if (!storage.content.has(content)) {
    throw failure(`storage '${storage.id}' is not configured for content-type '${content}'`)
  }
  const name = normalizeFileName(call.text('filename'))
  checkFileName(content, name, world.version)
  const shownTarget = `${contentFolder(storage, content)}/${name}`
  const target = realPath(world.root, storage, { node, shown: shownTarget })
  const request: Download = { url: call.text('url'), content, name, target, shownTarget }
  return call.task('download', name, (task) => world.clock.during(() => fetchInto(call, task, request)))
}

async function fetchInto(call: Call, task: TaskContext, request: Download): Promise<void> {
  const { url, target, shownTarget, content } = request
  const compression = call.optional('compression')
  if (compression !== undefined) {
    if (content !== 'iso') throw failure(`decompression not supported for ${content}`)
    if (!['gz', 'lzo', 'zst', 'bz2'].includes(compression)) throw failure('no decompression method found')
  }
  task.log(`downloading ${url} to ${shownTarget}`)
  await pause(call.world, task, 0)
  if (existsSync(target)) return checkExisting(call, task, request)
  const temporary = `${target}.tmp_dwnl.${task.pid}`
  await mkdir(dirname(target), { recursive: true })
  try {
    await wget({
      url,
      file: temporary,
      shownFile: `${shownTarget}.tmp_dwnl.${task.pid}`,
      verify: call.flag('verify-certificates', true),
      task,
      now: call.world.clock.now,
    })
    await verifyChecksum(call, task, temporary)
    const unpacked = compression === undefined ? temporary : await unpack(task, { compression, temporary, request })
    await verify(task, { unpacked, request })
    await rename(unpacked, target)
    task.log(`download of '${url}' to '${shownTarget}' finished`)
  } finally {
    await rm(temporary, { force: true })
    await rm(`${target}.tmp_dcom.${task.pid}`, { force: true })
  }
}

/** If a file with equal bytes exists, there is nothing to do. A different file is left alone. */
async function checkExisting(call: Call, task: TaskContext, { target, shownTarget }: Download): Promise<void> {
  const expected = call.optional('checksum')
  const algorithm = call.optional('checksum-algorithm')
  if (expected === undefined || algorithm === undefined)
    throw failure(`refusing to override existing file '${shownTarget}'`)
  const found = await hashFile(target, algorithm)
  if (found !== expected.toLowerCase()) {
    task.log('calculating checksum of existing file...')
    throw failure(`checksum mismatch: got '${found}' != expect '${expected}', aborting`)
  }
  task.log('calculating checksum of existing file...OK, got correct file already, no need to download')
}

async function verifyChecksum(call: Call, task: TaskContext, file: string): Promise<void> {
  const expected = call.optional('checksum')
  const algorithm = call.optional('checksum-algorithm')
  if (expected === undefined || algorithm === undefined) return
  const found = await hashFile(file, algorithm)
  if (found !== expected.toLowerCase()) {
    task.log('calculating checksum...')
    throw failure(`checksum mismatch: got '${found}' != expect '${expected}'`)
  }
  task.log('calculating checksum...OK, checksum verified')
}

async function unpack(
  task: TaskContext,
  { compression, temporary, request }: { compression: string; temporary: string; request: Download },
): Promise<string> {
  const unpacked = `${request.target}.tmp_dcom.${task.pid}`
  const shown = `${request.shownTarget}.tmp_dwnl.${task.pid}`
  task.log(`decompressing ${shown} to ${request.shownTarget}.tmp_dcom.${task.pid}`)
  const decompressor = compression === 'zst' && !(await isGzip(temporary)) ? createZstdDecompress() : createGunzip()
  await pipeline(createReadStream(temporary), decompressor, createWriteStream(unpacked)).catch((error: unknown) => {
    if (compression !== 'gz') throw failure(`failed to decompress: ${sentenceOf(error)}`)
    task.log('')
    task.log(`gzip: ${shown}: not in gzip format`)
    throw failure(`command 'zcat ${shown}' failed: exit code 1`)
  })
  return unpacked
}

/** The zstd program also accepts gzip. */
async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return buffer.readUInt16BE() === 0x1f8b
  } finally {
    await handle.close()
  }
}

async function verify(
  task: TaskContext,
  { unpacked, request }: { unpacked: string; request: Download },
): Promise<void> {
  if (request.content !== 'import') return
  const shownPath = `${request.shownTarget}.tmp_dwnl.${task.pid}`
  await verifyImport({ realPath: unpacked, shownPath, name: request.name }, task.log).catch((error: unknown) => {
    throw failure(`failed to verify file: ${sentenceOf(error)}`)
  })
}
