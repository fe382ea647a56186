// Creates the port to the program qemu-img. A run that examines and converts no image does not load its code.
import type { Exec, QemuImg } from '../world.ts'

export function createQemuImg({ exec }: { readonly exec: Exec }): QemuImg {
  const load = () => import('./run-qemu-img.ts')
  return {
    inspect: async (path, { signal } = {}) => (await load()).inspect(path, exec, signal),
    convert: async (request) => (await load()).convert(request, exec),
    version: async () => (await load()).version(exec),
  }
}
