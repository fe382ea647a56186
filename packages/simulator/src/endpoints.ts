// The addresses of the cluster: one endpoint for all nodes, or on request one for each node, as real nodes have.
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createApiServer, type ServerParts } from './http/server.ts'
import type { World } from './world.ts'

export interface Endpoints {
  /** By node. Without its own endpoint, a node uses that of the first one. */
  readonly urls: ReadonlyMap<string, string>
  /** New connections get this certificate. Idle connections are closed, as when pveproxy restarts. */
  show(certificate: { readonly key: string; readonly cert: string }): void
  close(): Promise<void>
}

interface Wanted {
  readonly host: string
  readonly port: number
  readonly perNode: boolean
}

/** Opens the endpoints. The first node gets the wanted port, the others get free ports. */
export async function openEndpoints(
  parts: ServerParts,
  certificate: { readonly key: string; readonly cert: string },
  { host, port, perNode }: Wanted,
): Promise<Endpoints> {
  const { world } = parts
  const first = createApiServer(parts, certificate)
  const servers = [first]
  const urls = new Map<string, string>()
  const main = await listen(first, host, port)
  for (const node of world.nodes.keys()) {
    if (!perNode || node === world.home) {
      urls.set(node, main)
      continue
    }
    const server = createApiServer({ ...parts, world: asSeenBy(world, node) }, certificate)
    // The listener of an offline node still accepts connections, so it closes them at once.
    server.on('connection', (socket) => {
      if (world.nodes.get(node)?.online !== true) socket.destroy()
    })
    servers.push(server)
    urls.set(node, await listen(server, host, 0))
  }
  return {
    urls,
    show: (shown) => {
      for (const server of servers) {
        server.setSecureContext(shown)
        server.closeIdleConnections()
      }
    },
    close: async () => void (await Promise.all(servers.map(closeServer))),
  }
}

/** Returns the same world, including its changing parts, with another home node. */
function asSeenBy(world: World, node: string): World {
  return Object.create(world, { home: { value: node, enumerable: true } }) as World
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((started, refused) => {
    server.once('error', refused)
    server.listen(port, host, started)
  })
  const { port: actual } = server.address() as AddressInfo
  return `https://${host.includes(':') ? `[${host}]` : host}:${actual}`
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((closed) => server.close(() => closed()))
}
