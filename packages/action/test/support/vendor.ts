// A vendor of images on loopback: a small qcow2, the same as VMDK, and their checksum document, with validators. It
// records requests.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

export interface Vendor {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly digest: string
  /** Requests since the last query: `GET /image.qcow2 200`. */
  requests(): readonly string[]
  close(): Promise<void>
}

export async function startVendor(): Promise<Vendor> {
  const { qcow2, vmdk } = makeImages()
  const files = new Map<string, Buffer>([
    ['/image.qcow2', qcow2],
    ['/image.vmdk', vmdk],
    ['/SHA256SUMS', Buffer.from(`${sha256(qcow2)}  image.qcow2\n${sha256(vmdk)}  image.vmdk\n`)],
  ])
  const requests: string[] = []
  const server = createServer((request, response) => {
    const content = files.get(request.url ?? '')
    const etag = `"${createHash('sha256')
      .update(content ?? '')
      .digest('hex')
      .slice(0, 16)}"`
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const end = Math.min(last ? Number(last) : Number.POSITIVE_INFINITY, (content?.length ?? 1) - 1)
    const status = content === undefined ? 404 : request.headers['if-none-match'] === etag ? 304 : first ? 206 : 200
    requests.push(`${request.method} ${request.url} ${status}`)
    const body = content === undefined || status === 304 ? undefined : content.subarray(Number(first ?? 0), end + 1)
    response.writeHead(status, {
      etag,
      'accept-ranges': 'bytes',
      ...(body && { 'content-length': body.length }),
      ...(status === 206 && { 'content-range': `bytes ${first}-${end}/${content?.length}` }),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    digest: `sha256:${sha256(qcow2)}`,
    requests: () => requests.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function makeImages(): { readonly qcow2: Buffer; readonly vmdk: Buffer } {
  const path = join(temporaryFolder('vendor'), 'image')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '4M'])
  // Without a block of data, the image is all holes, and conversions and transfers would do nothing.
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 7 1M 256k', path])
  const stream = ['-O', 'vmdk', '-o', 'subformat=streamOptimized']
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', ...stream, path, `${path}.vmdk`])
  return { qcow2: readFileSync(path), vmdk: readFileSync(`${path}.vmdk`) }
}
