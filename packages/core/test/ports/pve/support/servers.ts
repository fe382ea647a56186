// Small servers with real TLS, which answer or fail as a test requires.
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { certificate, type TestCertificate } from './certificates.ts'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The number of the connection, from 1. */
  readonly connection: number
}

export interface TestServer {
  readonly url: URL
  readonly fingerprint: string
  readonly ca: string
  /** Requests whose bodies arrived completely. */
  readonly seen: Seen[]
  connections(): number
  /** Uses another certificate for new connections. */
  useCertificate(other: TestCertificate): void
  close(): Promise<void>
}

export type Handler = (response: ServerResponse, seen: Seen, incoming: IncomingMessage) => void

/** Starts a server that reads each request completely before it calls `handler`. It is closed after the test. */
export async function startServer(
  handler: Handler,
  options: { readonly name?: string; readonly port?: number } = {},
): Promise<TestServer> {
  const seen: Seen[] = []
  return startRawServer(
    (incoming, response, connection) => {
      void readBody(incoming).then(
        (body) => {
          const { method = '', url = '', headers } = incoming
          const request = { method, path: url, headers, body, connection }
          seen.push(request)
          handler(response, request, incoming)
        },
        () => undefined,
      )
    },
    { ...options, seen },
  )
}

export type RawHandler = (incoming: IncomingMessage, response: ServerResponse, connection: number) => void

/** Starts a server whose handler gets the request as soon as its head has arrived. */
export async function startRawServer(
  handler: RawHandler,
  {
    name = 'pve1',
    port = 0,
    seen = [],
  }: { readonly name?: string; readonly port?: number; readonly seen?: Seen[] } = {},
): Promise<TestServer> {
  const { key, cert, fingerprint } = await certificate(name)
  const sockets = new Map<Socket, number>()
  const server = https.createServer({ key, cert, keepAliveTimeout: 5_000 })
  server.on('secureConnection', (socket) => {
    sockets.set(socket, sockets.size + 1)
    socket.on('error', () => undefined)
  })
  server.on('request', (incoming, response) => handler(incoming, response, sockets.get(incoming.socket) ?? 0))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  return {
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
    fingerprint,
    ca: cert,
    seen,
    connections: () => sockets.size,
    useCertificate: (other) => server.setSecureContext(other),
    close,
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

/** Answers like pveproxy: JSON with the reason in the status line, and a closed connection from status 400 on. */
export function answer(
  response: ServerResponse,
  data: unknown,
  { status = 200, reason = 'OK', message = '' } = {},
): void {
  const headers = {
    'content-type': 'application/json;charset=UTF-8',
    ...(status >= 400 ? { connection: 'close' } : {}),
  }
  response.writeHead(status, reason, headers)
  response.end(JSON.stringify(status >= 400 ? { data: null, message: `${message || reason}\n` } : { data }))
}

/** An empty answer with a reason, as for 401, 595 and 596. */
export function answerEmpty(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, reason, { connection: 'close' })
  response.end()
}

/** Sends the bytes of a status line unchanged, which node:http would refuse. */
export function answerRaw(incoming: IncomingMessage, text: string): void {
  incoming.socket.end(Buffer.from(text, 'utf8'))
}
