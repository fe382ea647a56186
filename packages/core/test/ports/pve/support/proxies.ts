// A proxy that records its targets.
import http from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface TestProxy {
  readonly url: string
  readonly connects: { readonly to: string; readonly authorization: string | undefined }[]
}

export async function startProxy({ refuse }: { readonly refuse?: number } = {}): Promise<TestProxy> {
  const connects: { to: string; authorization: string | undefined }[] = []
  const sockets = new Set<Socket>()
  const server = http.createServer((_, response) => response.writeHead(400).end())
  server.on('connect', (request, client: Socket) => {
    connects.push({ to: request.url ?? '', authorization: request.headers['proxy-authorization'] })
    sockets.add(client)
    client.on('error', () => undefined)
    if (refuse) return client.end(`HTTP/1.1 ${refuse} No\r\n\r\n`)
    const { hostname, port } = new URL(`http://${request.url}`)
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connects }
}
