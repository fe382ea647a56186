// Sends one request on its own connection, after checking the server's certificate.
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import type { Exchange } from './exchange.ts'

/** The server to record, and the token to use. */
export interface Target {
  readonly endpoint: URL
  /** SHA-256 of its certificate, in Proxmox's format. Without it, the system's CAs decide. */
  readonly fingerprint?: string | undefined
  readonly tokenId: string
  readonly tokenSecret: string
}

export interface Question {
  readonly method: string
  /** Without `/api2/json`, with its query. */
  readonly path: string
  /** A form. */
  readonly body?: string | undefined
  /** Replaces the token's header. Empty: no header. */
  readonly authorization?: string | undefined
}

const plain = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase()

/** Opens a connection. @throws if the certificate has another fingerprint */
async function connected({ endpoint, fingerprint }: Target): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  const host = endpoint.hostname.replace(/^\[|\]$/g, '')
  const socket = connect({
    host,
    port: Number(endpoint.port || 443),
    rejectUnauthorized: fingerprint === undefined,
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
  })
  socket.once('error', reject)
  socket.once('secureConnect', () => {
    const shown = socket.getPeerCertificate().fingerprint256
    if (fingerprint === undefined || plain(shown) === plain(fingerprint)) {
      resolve(socket)
      return
    }
    socket.destroy()
    reject(new Error(`The server has another certificate: its fingerprint is ${shown}`))
  })
  return promise
}

/** Returns the exchange unchanged, including secrets. */
export async function ask(target: Target, question: Question): Promise<Exchange> {
  const { method, path, body } = question
  const authorization = question.authorization ?? `PVEAPIToken=${target.tokenId}=${target.tokenSecret}`
  const headers = {
    ...(authorization !== '' && { Authorization: authorization }),
    ...(body !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
  }
  const startedAt = performance.now()
  const socket = await connected(target)
  const { promise, resolve, reject } = Promise.withResolvers<Exchange>()
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const outgoing = request(
    {
      host: target.endpoint.hostname,
      method,
      path: `/api2/json${path}`,
      headers: { ...headers, ...length, Connection: 'keep-alive' },
      createConnection: () => socket,
    },
    (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.once('error', reject)
      incoming.once('end', () => {
        socket.destroy()
        resolve({
          method,
          path: `/api2/json${path}`,
          headers,
          body: body ?? null,
          status: incoming.statusCode ?? 0,
          reason: Buffer.from(incoming.statusMessage ?? '', 'latin1').toString('utf8'),
          response_headers: headersOf(incoming.rawHeaders),
          response: parsed(Buffer.concat(chunks).toString('utf8')),
          seconds: Math.round(performance.now() - startedAt) / 1000,
        })
      })
    },
  )
  outgoing.once('error', reject)
  outgoing.end(body)
  return promise
}

/** Keeps headers that depend on Proxmox, not on the date. For a repeated header, the last value wins. */
function headersOf(raw: readonly string[]): Record<string, string> {
  const kept = ['Server', 'Content-Length', 'Content-Type']
  const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []))
  return Object.fromEntries(
    kept.flatMap((name) => {
      const found = pairs.findLast(([other]) => other.toLowerCase() === name.toLowerCase())
      return found === undefined ? [] : [[name, found[1]]]
    }),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
