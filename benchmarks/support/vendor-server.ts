// The vendor: nginx on loopback in separate processes, with and without a limit for each connection.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import * as net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { endProcess } from './end-process.ts'

export interface Vendor {
  /** Without a limit. */
  readonly fast: string
  /** `limitMiB` a second for each connection. */
  readonly limited: string
  /** The same limit, without range support. */
  readonly limitedWhole: string
  stop(): Promise<void>
}

/** @param limitMiB the limit of the slow servers, in MiB a second for each connection */
export async function startVendor(folder: string, limitMiB: number): Promise<Vendor> {
  const own = mkdtempSync(join(tmpdir(), 'pve-provision-vendor-'))
  const [fast, limited, limitedWhole] = (await freePorts(3)) as [number, number, number]
  const server = (port: number, more: string): string => `server { listen 127.0.0.1:${port}; root ${folder}; ${more} }`
  writeFileSync(
    join(own, 'nginx.conf'),
    `daemon off; user root; worker_processes 1; pid ${own}/pid; error_log ${own}/error.log;
     events { worker_connections 512; }
     http {
       access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000; default_type application/octet-stream;
       client_body_temp_path ${own}/body; proxy_temp_path ${own}/proxy; fastcgi_temp_path ${own}/fastcgi;
       uwsgi_temp_path ${own}/uwsgi; scgi_temp_path ${own}/scgi;
       ${server(fast, '')}
       ${server(limited, `limit_rate ${limitMiB}m;`)}
       ${server(limitedWhole, `limit_rate ${limitMiB}m; max_ranges 0;`)}
     }`,
  )
  const child = spawn(nginxPath(), ['-c', join(own, 'nginx.conf'), '-e', join(own, 'error.log')], { stdio: 'inherit' })
  for (let tries = 0; tries < 100 && !(await isListening(fast)); tries += 1) await delay(50)
  return {
    fast: `http://127.0.0.1:${fast}`,
    limited: `http://127.0.0.1:${limited}`,
    limitedWhole: `http://127.0.0.1:${limitedWhole}`,
    async stop() {
      await endProcess(child)
      rmSync(own, { recursive: true, force: true })
    },
  }
}

export function serverVersion(): string {
  return execFileSync('sh', ['-c', `${nginxPath()} -v 2>&1`])
    .toString()
    .trim()
}

function nginxPath(): string {
  return execFileSync('sh', ['-c', 'PATH="$PATH:/usr/sbin" command -v nginx']).toString().trim()
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

async function isListening(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
