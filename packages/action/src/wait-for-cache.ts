// Wraps a world so that it can be used at once: functions that need the cache wait for it, calls to Proxmox do not.
import type { World } from '@pve-provision/core'

/** Returns the same world, in which journal and documents wait for `restored`. `restored` must not reject. */
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
