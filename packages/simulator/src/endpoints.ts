// Where the cluster is reached: one endpoint for all, and if wished one for each node, as real nodes have.
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createApiServer, type ServerParts } from './http/server.ts'
import type { World } from './world.ts'

export interface Endpoints {
  /** By node; without an endpoint of its own a node is reached at the first one's. */
  readonly urls: ReadonlyMap<string, string>
  /** The one that connects from now on is shown this certificate; idle connections end, as at a restart of pveproxy. */
  show(certificate: { readonly key: string; readonly cert: string }): void
  close(): Promise<void>
}

interface Wanted {
  readonly host: string
  readonly port: number
  readonly perNode: boolean
}

/** Listens. The first node has the wanted port, the others have ports of the kernel's choice. */
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
    // A node that is gone answers nobody; a listener that is there can only hang up.
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

/** The same world, its changing parts included, with another node at home. */
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
