// Joins the real ports into one world.
import { join } from 'node:path'
import { systemClock } from './clock.ts'
import { createExec } from './exec.ts'
import { createHttp } from './http/create-http.ts'
import { createQemuImg } from './image/qemu-img.ts'
import { createJournal } from './journal.ts'
import { createMeter } from './meter.ts'
import type { ProxySettings } from './network/proxy.ts'
import { createPve, type PveSettings } from './pve/create-pve.ts'
import { createStore } from './store/store.ts'
import type { World } from './world.ts'

export interface WorldSettings {
  readonly pve: Omit<PveSettings, 'clock' | 'meter' | 'proxy' | 'userAgent'>
  /** Images, documents and the journal live below it. */
  readonly cacheDirectory: string
  /** Where documents and the journal live instead: what is in it is believed, so only its owner may write there. */
  readonly factsDirectory?: string | undefined
  /** As the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY; nothing is read from the environment here. */
  readonly proxy?: ProxySettings | undefined
  /** Connections to vendors, from the manifest's limits. */
  readonly limits?: { readonly perHost: number; readonly connectionsPerImage: number } | undefined
  /** How we name ourselves to vendors and Proxmox, such as `pve-provision/1.2.3`. */
  readonly userAgent?: string | undefined
}

/** The real world. Nothing is contacted or written before it is asked for something. */
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
    store: createStore({ directory: cacheDirectory, clock }),
    journal: createJournal({ path: join(facts, 'journal', 'facts.jsonl'), clock }),
    pve: port,
    [Symbol.dispose]: () => port.close(),
  }
}
