// Joins two stores: one that others may write to, and one of this run alone.
import type { BlobKey, Store } from '../world.ts'

/**
 * Keeps what a recipe makes in the private store, because its key does not contain its digest: anyone who can write to the
 * shared folder could choose the content. The key of a vendor's bytes is their digest, which is verified before use.
 */
export function splitStore(shared: Store, own: Store): Store {
  const of = (key: BlobKey) => (key.includes('+') ? own : shared)
  return {
    find: (key) => of(key).find(key),
    ensure: (key, write, signal) => of(key).ensure(key, write, signal),
    receive: (write, signal) => shared.receive(write, signal),
    // What others made in the shared folder is listed too, so that it is removed when it gets old.
    list: async () => (await Promise.all([shared.list(), own.list()])).flat(),
    remove: async (key) => void (await Promise.all([shared.remove(key), own.remove(key)])),
    verify: (key, options) => of(key).verify(key, options),
  }
}
