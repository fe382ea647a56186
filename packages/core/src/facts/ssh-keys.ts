// Public keys that a manifest names by address, such as https://github.com/NAME.keys: read before anything is compared.

import pMap from 'p-map'
import { ProvisionError } from '../errors.ts'
import type { CloudInit, Desired, Machine } from '../manifest/manifest.ts'
import { shownUrl } from '../ports/http/failure.ts'
import type { World } from '../ports/world.ts'

/**
 * The same desired state with every key as text; each address is asked once.
 * @throws ProvisionError `HTTP` when one cannot be read, or gives no key: a machine nobody can log in to helps nobody
 */
export async function withSshKeys(desired: Desired, world: World, signal?: AbortSignal): Promise<Desired> {
  const addresses = new Set(
    desired.machines.flatMap(({ cloudInit }) => cloudInit?.sshKeyUrls.map(({ href }) => href) ?? []),
  )
  if (addresses.size === 0) return desired
  const read = await pMap(addresses, async (href) => [href, await keysAt(new URL(href), world, signal)] as const, {
    concurrency: 4,
  })
  const keys = new Map(read)
  return { ...desired, machines: desired.machines.map((machine) => withKeys(machine, keys)) }
}

async function keysAt(url: URL, { http }: World, signal?: AbortSignal): Promise<readonly string[]> {
  const { bytes } = await http.getDocument(url, { limitBytes: 256 * 1024, ...(signal && { signal }) })
  const lines = new TextDecoder().decode(bytes).split('\n')
  const keys = lines.map((line) => line.trim()).filter((line) => /^(ssh-|ecdsa-|sk-)\S+ \S+/.test(line))
  if (keys.length > 0) return keys
  throw new ProvisionError('HTTP', `${shownUrl(url)} holds no SSH public key.`, {
    hint: 'It must give one key a line, as https://github.com/NAME.keys does.',
  })
}

function withKeys(machine: Machine, keys: ReadonlyMap<string, readonly string[]>): Machine {
  if (machine.cloudInit === undefined) return machine
  const fetched = machine.cloudInit.sshKeyUrls.flatMap(({ href }) => keys.get(href) ?? [])
  const cloudInit: CloudInit = {
    ...machine.cloudInit,
    sshKeys: [...new Set([...machine.cloudInit.sshKeys, ...fetched])],
  }
  return { ...machine, cloudInit }
}
