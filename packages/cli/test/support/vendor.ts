// A vendor on loopback: small real images with a file system, checksum documents, and injectable faults.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'

export interface Vendor {
  readonly url: string
  readonly folder: string
  /** Bytes of image bodies that were sent so far. */
  readonly sentBytes: () => number
  /** Requests so far, as `GET /name`. */
  readonly requests: readonly string[]
  /** Answers one path with a handler instead of the file. */
  answer(name: string, handler: (request: IncomingMessage, response: ServerResponse) => void): void
  /** Returns the path of the raw disk inside an image. */
  raw(name: string): string
  close(): Promise<void>
}

const PATHS = { env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } }

/**
 * Serves `fast.qcow2`, `packed.img` (a compressed qcow2) and `slow.raw.xz` with SHA256SUMS, SHA512SUMS and CHECKSUM.
 */
export async function startVendor(): Promise<Vendor> {
  const folder = await mkdtemp(join(tmpdir(), 'vendor-'))
  await Promise.all(['fast', 'packed', 'slow'].map((name) => makeRaw(folder, name)))
  await execa('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', join(folder, 'fast.raw'), join(folder, 'fast.qcow2')])
  await execa('qemu-img', [
    'convert',
    '-c',
    '-f',
    'raw',
    '-O',
    'qcow2',
    join(folder, 'packed.raw'),
    join(folder, 'packed.img'),
  ])
  await execa('xz', ['-0', '--keep', '--stdout', join(folder, 'slow.raw')], {
    encoding: 'buffer',
    stdout: { file: join(folder, 'slow.raw.xz') },
  })
  await writeDocuments(folder, ['fast.qcow2', 'packed.img', 'slow.raw.xz'])
  return serve(folder)
}

async function makeRaw(folder: string, name: string): Promise<void> {
  const tree = join(folder, `${name}.tree`)
  await mkdir(join(tree, 'etc'), { recursive: true })
  await writeFile(join(tree, 'etc', 'os-release'), `NAME=${name}\n`)
  await writeFile(join(tree, 'data.bin'), randomBytes(2 * 1024 ** 2))
  const raw = join(folder, `${name}.raw`)
  await execa('mkfs.ext4', ['-q', '-d', tree, '-E', `offset=${1024 ** 2}`, raw, '15M'], PATHS)
  await rm(tree, { recursive: true })
  await partition(raw, 16 * 1024 ** 2)
}

/**
 * Adds a table with one Linux partition, from 1 MiB to the end. Without it, this would be a file system, not a disk.
 */
async function partition(raw: string, sizeBytes: number): Promise<void> {
  const table = Buffer.alloc(512)
  table[446 + 4] = 0x83
  table.writeUInt32LE(2048, 446 + 8)
  table.writeUInt32LE(sizeBytes / 512 - 2048, 446 + 12)
  table.writeUInt16LE(0xaa55, 510)
  await using file = await open(raw, 'r+')
  await file.write(table, 0, table.length, 0)
}

/** Writes checksum documents of these files, in three formats. */
export async function writeDocuments(folder: string, files: readonly string[]): Promise<void> {
  const sums = async (algorithm: string) =>
    Promise.all(
      files.map(async (file) => ({
        file,
        hex: createHash(algorithm)
          .update(await readFile(join(folder, file)))
          .digest('hex'),
      })),
    )
  const [sha256, sha512] = [await sums('sha256'), await sums('sha512')]
  await writeFile(join(folder, 'SHA256SUMS'), sha256.map(({ file, hex }) => `${hex} *${file}\n`).join(''))
  await writeFile(join(folder, 'SHA512SUMS'), sha512.map(({ file, hex }) => `${hex}  ${file}\n`).join(''))
  await writeFile(join(folder, 'CHECKSUM'), sha256.map(({ file, hex }) => `SHA256 (${file}) = ${hex}\n`).join(''))
}

async function serve(folder: string): Promise<Vendor> {
  const handlers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>()
  const requests: string[] = []
  let sentBytes = 0
  const server = createServer((request, response) => {
    const name = basename(new URL(request.url ?? '/', 'http://x').pathname)
    requests.push(`${request.method} /${name}`)
    const handler = handlers.get(name)
    if (handler) return handler(request, response)
    sendFile(join(folder, name), request, response, (bytes) => {
      if (/\.(qcow2|img|xz)$/.test(name)) sentBytes += bytes
    }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    folder,
    requests,
    sentBytes: () => sentBytes,
    answer: (name, handler) => void handlers.set(name, handler),
    raw: (name) => join(folder, `${name}.raw`),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function sendFile(
  path: string,
  { headers }: IncomingMessage,
  response: ServerResponse,
  count: (bytes: number) => void,
): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return void response.writeHead(404, { 'content-type': 'text/html' }).end('<html>not here</html>')
  const etag = `"${found.size}-${found.mtimeMs}"`
  const common = { etag, 'last-modified': found.mtime.toUTCString(), 'accept-ranges': 'bytes' }
  if (headers['if-none-match'] === etag) return void response.writeHead(304, common).end()
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  const start = Number(first ?? 0)
  const end = last ? Math.min(Number(last), found.size - 1) : found.size - 1
  const range = first === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${found.size}` }
  response.writeHead(first === undefined ? 200 : 206, { ...common, ...range, 'content-length': end - start + 1 })
  const stream = createReadStream(path, { start, end })
  stream.on('data', (chunk) => count(chunk.length))
  stream.pipe(response)
}
