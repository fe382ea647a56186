// Sensible answers found on the cluster: online nodes, storages by what they can hold, a bridge, a key of the user's own.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { World } from '@pve-provision/core'

export interface Surroundings {
  readonly nodes: readonly string[]
  readonly imagesStorage: string
  readonly disksStorage: string
  readonly bridge: string
  readonly sshKey?: string
  /** Something to tell in the manifest. */
  readonly note?: string
}

/** Types of storages that are thin and clone by linking: machines' disks live there, and images in the folder beside. */
const MADE_FOR_DISKS = ['lvmthin', 'zfspool', 'rbd']

interface Row {
  readonly type: string
  readonly node?: string
  readonly status?: string
  readonly storage?: string
  readonly content?: string
  readonly plugintype?: string
  readonly maxdisk?: number
  readonly disk?: number
}

/** @throws ProvisionError when the cluster cannot be reached or refuses us */
export async function lookAround({ pve }: World, guess: Surroundings): Promise<Surroundings> {
  const rows = await pve.request<readonly Row[]>('GET', '/cluster/resources')
  const nodes = rows
    .filter(({ type, status }) => type === 'node' && status === 'online')
    .flatMap(({ node }) => node ?? [])
  const storages = rows.filter(({ type, status }) => type === 'storage' && status === 'available')
  const [first = guess.nodes[0] ?? 'pve'] = nodes
  const bridges = await pve.request<readonly { readonly iface: string }[]>('GET', `/nodes/${first}/network`, {
    parameters: { type: 'any_bridge' },
  })
  const images = bestStorage(storages, 'import', { nodes })
  const sshKey = ownKey()
  return {
    nodes: nodes.length > 0 ? nodes.sort((one, other) => one.localeCompare(other)) : guess.nodes,
    imagesStorage: images ?? guess.imagesStorage,
    disksStorage: bestStorage(storages, 'images', { nodes, types: MADE_FOR_DISKS }) ?? guess.disksStorage,
    bridge: bridges[0]?.iface ?? guess.bridge,
    ...(sshKey && { sshKey }),
    ...(images === undefined && { note: importNote(storages, guess.imagesStorage) }),
  }
}

/** `pvesm set` replaces the list, so a command is given only where what is there already is known. */
function importNote(storages: readonly Row[], name: string): string {
  if (storages.length === 0) return 'The token sees no storage (Datastore.Audit): the storages named here are guesses.'
  const content = storages.find(({ storage }) => storage === name)?.content
  return content === undefined
    ? `No storage that the token sees has content type "import" yet, which one of type dir or nfs must have.`
    : `No storage has content type "import" yet: pvesm set ${name} --content ${content},import`
}

/** Of those with this content: one that all nodes have before others, then one of these types, then the roomiest. */
function bestStorage(
  rows: readonly Row[],
  content: string,
  { nodes, types = [] }: { readonly nodes: readonly string[]; readonly types?: readonly string[] },
): string | undefined {
  const fitting = rows.filter((row) => row.content?.split(',').includes(content))
  const isEverywhere = ({ storage }: Row) =>
    nodes.every((node) => fitting.some((row) => row.storage === storage && row.node === node))
  const rank = (row: Row) => [isEverywhere(row), types.includes(row.plugintype ?? '')].map(Number)
  const free = ({ maxdisk = 0, disk = 0 }: Row) => maxdisk - disk
  const order = (row: Row) => [...rank(row), free(row)]
  return fitting.toSorted((one, other) => compareLists(order(other), order(one)))[0]?.storage
}

function compareLists(one: readonly number[], other: readonly number[]): number {
  return one.map((value, index) => value - (other[index] ?? 0)).find((difference) => difference !== 0) ?? 0
}

function ownKey(): string | undefined {
  const file = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub']
    .map((name) => join(homedir(), '.ssh', name))
    .find((path) => existsSync(path))
  return file && readFileSync(file, 'utf8').trim()
}
