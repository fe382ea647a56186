// Downloads public keys that a manifest names by address, such as https://github.com/NAME.keys, before the comparison.
import pMap from 'p-map'
import { ProvisionError } from '../errors.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import { type PublicKeys, readPublicKeys } from '../manifest/public-key.ts'
import { decodeText } from '../manifest/read/decode-text.ts'
import type { World } from '../ports/world.ts'

/**
 * Returns the same desired state with all keys as text. Each address is requested once. Lines that are not keys are
 * left out and reported in the notes.
 * @throws ProvisionError `HTTP` if an address cannot be read or contains no key, because then no one could log in
 */
export async function withSshKeys(desired: Desired, world: World, signal?: AbortSignal): Promise<Desired> {
  const addresses = new Set(
    desired.machines.flatMap(({ cloudInit }) => cloudInit?.sshKeyUrls.map(({ href }) => href) ?? []),
  )
  if (addresses.size === 0) return desired
  const read = await pMap(addresses, async (href) => [href, await keysAt(new URL(href), world, signal)] as const, {
    concurrency: 4,
  })
  const found = new Map(read)
  return {
    ...desired,
    machines: desired.machines.map((machine) => withKeys(machine, found)),
    notes: [...(desired.notes ?? []), ...read.flatMap(([href, { dropped }]) => droppedNotes(href, dropped))],
  }
}

async function keysAt(url: URL, { http }: World, signal?: AbortSignal): Promise<PublicKeys> {
  const { bytes } = await http.getDocument(url, { limitBytes: 256 * 1024, ...(signal && { signal }) })
  const { text, problem } = decodeText(bytes)
  const found = readPublicKeys(text ?? '')
  if (found.keys.length > 0) return found
  const [first] = found.dropped
  const reason = problem?.message ?? (first === undefined ? 'It is empty.' : `Line ${first.line} ${first.reason}.`)
  throw new ProvisionError('HTTP', `${withoutSecrets(url.href)} has no SSH public key. ${reason}`, {
    hint: 'It must have one key per line, like https://github.com/NAME.keys.',
  })
}

function droppedNotes(href: string, dropped: PublicKeys['dropped']) {
  return dropped.map(({ line, reason }) => ({
    file: withoutSecrets(href),
    line,
    column: 1,
    message: `This line ${reason}; it is ignored.`,
  }))
}

function withoutSecrets(href: string): string {
  const url = new URL(href)
  return `${url.origin}${url.pathname}`
}

function withKeys(machine: Machine, found: ReadonlyMap<string, PublicKeys>): Machine {
  if (machine.cloudInit === undefined) return machine
  const fetched = machine.cloudInit.sshKeyUrls.flatMap(({ href }) => found.get(href)?.keys ?? [])
  return {
    ...machine,
    cloudInit: { ...machine.cloudInit, sshKeys: [...new Set([...machine.cloudInit.sshKeys, ...fetched])] },
  }
}
