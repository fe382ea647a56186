// The HTTP port with short pauses between attempts, in its own folder.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/ports/clock.ts'
import { createHttp, type HttpSettings } from '../../src/ports/http/create-http.ts'
import { createMeter } from '../../src/ports/meter.ts'
import type { Http, Meter } from '../../src/ports/world.ts'
import { type FileServer, type FileServerOptions, startFileServer } from './file-server.ts'

export interface HttpFixture {
  readonly server: FileServer
  readonly http: Http
  readonly meter: Meter
  readonly folder: string
  /** Another port with the same folder, as the next run has it. */
  readonly again: (settings?: Partial<HttpSettings>) => Http
  readonly path: (name: string) => string
  [Symbol.asyncDispose](): Promise<void>
}

export async function httpFixture(
  settings: Partial<HttpSettings> = {},
  options: FileServerOptions = {},
): Promise<HttpFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'pve-provision-http-'))
  const server = await startFileServer(options)
  const meter = createMeter()
  const again = (more: Partial<HttpSettings> = {}): Http =>
    createHttp({
      directory: join(folder, 'documents'),
      clock: systemClock,
      meter,
      ...settings,
      ...more,
      timing: {
        connectMs: 2000,
        // A busy machine is no stalled server: only tests of stalls shorten these two.
        headMs: 20_000,
        stallMs: 20_000,
        stallBytes: 64,
        retries: 2,
        backoffMs: 5,
        backoffLimitMs: 20,
        ...settings.timing,
        ...more.timing,
      },
    })
  return {
    server,
    http: again(),
    meter,
    folder,
    again,
    path: (name) => join(folder, name),
    async [Symbol.asyncDispose]() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
