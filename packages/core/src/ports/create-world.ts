// Creates the real ports and joins them into one `World`.
import { join } from 'node:path'
import { systemClock } from './clock.ts'
import { createExec } from './exec.ts'
import { createHttp } from './http/create-http.ts'
import { createQemuImg } from './image/qemu-img.ts'
import { createJournal } from './journal.ts'
import { createMeter } from './meter.ts'
import type { ProxySettings } from './network/proxy.ts'
import { createPve, type PveSettings } from './pve/create-pve.ts'
import { splitStore } from './store/split-store.ts'
import { createStore } from './store/store.ts'
import type { Clock, Store, World } from './world.ts'

/** Settings for `createWorld`. */
export interface WorldSettings {
  readonly pve: Omit<PveSettings, 'clock' | 'meter' | 'proxy' | 'userAgent'>
  /** Folder for images, documents and the journal. */
  readonly cacheDirectory: string
  /**
   * Another folder for documents, the journal and converted images. Their content is trusted, so only its owner may write
   * there. With it, the cache folder may be shared: it has only images whose digest is verified before use.
   */
  readonly factsDirectory?: string | undefined
  /** The values of HTTP_PROXY, HTTPS_PROXY and NO_PROXY. This function does not read the environment. */
  readonly proxy?: ProxySettings | undefined
  /** Limits for connections to vendors, from the manifest. */
  readonly limits?: { readonly perHost: number; readonly connectionsPerImage: number } | undefined
  /** The User-Agent header for requests to vendors and Proxmox, such as `pve-provision/1.2.3`. */
  readonly userAgent?: string | undefined
}

/** A connection for work that does not contact Proxmox, such as `pinImages`. */
export const NO_PROXMOX: WorldSettings['pve'] = {
  endpoints: [new URL('https://localhost:8006')],
  credentials: { tokenId: 'nobody@pve!none', tokenSecret: 'none' },
}

/**
 * Creates the real world. It connects and writes nothing until one of its functions is called.
 * @throws ProvisionError `USAGE` `TLS` for an endpoint, a token or a fingerprint that cannot be right
 */
export function createWorld({ pve, cacheDirectory, factsDirectory, proxy, limits, userAgent }: WorldSettings): World {
  const facts = factsDirectory ?? cacheDirectory
  const clock = systemClock
  const meter = createMeter()
  const exec = createExec()
  const port = createPve({ ...pve, clock, meter, proxy, userAgent })
  return {
    clock,
    meter,
    http: createHttp({
      directory: join(facts, 'documents'),
      clock,
      meter,
      proxy,
      limits,
      userAgent,
    }),
    qemuImg: createQemuImg({ exec }),
    store: openStore({ cacheDirectory, factsDirectory }, clock),
    journal: createJournal({ path: join(facts, 'journal', 'facts.jsonl'), clock }),
    pve: port,
    [Symbol.dispose]: () => port.close(),
  }
}

function openStore(
  { cacheDirectory, factsDirectory }: Pick<WorldSettings, 'cacheDirectory' | 'factsDirectory'>,
  clock: Clock,
): Store {
  const store = createStore({ directory: cacheDirectory, clock })
  return factsDirectory === undefined ? store : splitStore(store, createStore({ directory: factsDirectory, clock }))
}
