// The image server of the recording, with its redirects, refusals and slow answers.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const TYPES: Readonly<Record<string, string>> = {
  iso: 'application/x-iso9660-image',
  gz: 'application/gzip',
  qcow2: 'application/octet-stream',
}

/** Listens on a free loopback port. */
export async function startVendor(
  files: ReadonlyMap<string, Buffer>,
): Promise<{ readonly address: string; close(): void }> {
  const server = createServer((request, response) => void answer(files, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function answer(
  files: ReadonlyMap<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? ''
  const [, special, name = ''] = /^\/(?:(redir|cd|slow)\/)?(.*)$/.exec(path) ?? []
  if (special === 'redir') return void response.writeHead(302, { Location: `/${name}` }).end()
  if (/^\d{3}$/.test(name)) return void response.writeHead(Number(name)).end()
  const file = files.get(name)
  if (!file) return void response.writeHead(404, 'Not Found').end()
  response.writeHead(200, {
    'Content-Type': TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain',
    'Content-Length': file.length,
    ...(special === 'cd' && { 'Content-Disposition': 'attachment; filename="from-cd.iso"' }),
  })
  if (request.method === 'HEAD') response.end()
  else if (special === 'slow') await trickle(file, response)
  else response.end(file)
}

async function trickle(file: Buffer, response: ServerResponse): Promise<void> {
  const piece = 1024 * 1024
  for (let offset = 0; offset < file.length && !response.destroyed; offset += piece) {
    response.write(file.subarray(offset, offset + piece))
    await sleep(150)
  }
  response.end()
}
