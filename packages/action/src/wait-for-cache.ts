// A world that may be asked at once: what the cache can answer waits until it is restored, Proxmox does not.
import type { World } from '@pve-provision/core'

/** The same world; its journal and documents wait for `restored`, which must not reject. */
export function waitForCache(world: World, restored: Promise<unknown>): World {
  const { journal, http } = world
  return {
    ...world,
    journal: {
      recall: async (key) => {
        await restored
        return journal.recall(key)
      },
      record: async (key, value) => {
        await restored
        await journal.record(key, value)
      },
    },
    http: {
      ...http,
      getDocument: async (url, options) => {
        await restored
        return http.getDocument(url, options)
      },
    },
  }
}
