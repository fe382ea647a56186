// Finds sensible answers on the cluster: online nodes, storages by content type, a bridge, the token's pool,
// and the user's own SSH key.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { World } from '@pve-provision/core'
import { type SurveyedStorage, surveyCluster } from '@pve-provision/core/advanced'

export interface Surroundings {
  readonly nodes: readonly string[]
  readonly imagesStorage: string
  readonly disksStorage: string
  readonly bridge: string
  /** A pool, if the token may create machines only in pools. */
  readonly pool?: string
  readonly sshKey?: string
  /** The possible answers. Absent without a cluster. */
  readonly choices?: Choices
  /** A note for the manifest. */
  readonly note?: string
}

/** Names. Empty if the token sees none. */
export interface Choices {
  readonly nodes: readonly string[]
  readonly imagesStorages: readonly string[]
  readonly disksStorages: readonly string[]
  readonly bridges: readonly string[]
  /** Empty if the token needs no pool. */
  readonly pools: readonly string[]
}

/** Types of thin storages with linked clones. Disks of machines are there, and images in a folder storage. */
const MADE_FOR_DISKS = ['lvmthin', 'zfspool', 'rbd']

/** @throws ProvisionError if the cluster is unreachable or refuses access */
export async function lookAround(world: World, guess: Surroundings): Promise<Surroundings> {
  const { nodes, storages, bridges, pools } = await surveyCluster(world)
  const [first = guess.nodes[0] ?? 'pve'] = nodes
  const images = bestStorage(storages, 'import', { nodes })
  const sshKey = ownKey()
  const [pool] = pools
  return {
    nodes: nodes.length > 0 ? nodes : guess.nodes,
    imagesStorage: images ?? guess.imagesStorage,
    disksStorage: bestStorage(storages, 'images', { nodes, types: MADE_FOR_DISKS }) ?? guess.disksStorage,
    bridge: bridges.get(first)?.[0] ?? guess.bridge,
    choices: {
      nodes,
      imagesStorages: storagesFor(storages, 'import'),
      disksStorages: storagesFor(storages, 'images'),
      bridges: [...new Set([...bridges.values()].flat())].sort(),
      pools,
    },
    ...(pool !== undefined && { pool }),
    ...(sshKey && { sshKey }),
    ...(images === undefined && { note: importNote(storages, guess.imagesStorage) }),
  }
}

function storagesFor(rows: readonly SurveyedStorage[], content: string): readonly string[] {
  return [...new Set(rows.filter((row) => row.content.includes(content)).map(({ storage }) => storage))].sort()
}

/** `pvesm set` replaces the list, so a command is shown only if the current list is known. */
function importNote(storages: readonly SurveyedStorage[], name: string): string {
  if (storages.length === 0)
    return 'The token sees no storage (it needs Datastore.Audit): the storages here are guesses.'
  const content = storages.find(({ storage }) => storage === name)?.content
  return content === undefined
    ? `No storage that the token sees has the content type "import", which a storage of type dir or nfs needs.`
    : `No storage has content type "import" yet: pvesm set ${name} --content ${content.join(',')},import`
}

/** Prefers storages with this content that all nodes have, then one of these types, then the most free space. */
function bestStorage(
  rows: readonly SurveyedStorage[],
  content: string,
  { nodes, types = [] }: { readonly nodes: readonly string[]; readonly types?: readonly string[] },
): string | undefined {
  const fitting = rows.filter((row) => row.content.includes(content))
  const isEverywhere = ({ storage }: SurveyedStorage) =>
    nodes.every((node) => fitting.some((row) => row.storage === storage && row.node === node))
  const rank = (row: SurveyedStorage) => [isEverywhere(row), types.includes(row.type)].map(Number)
  const order = (row: SurveyedStorage) => [...rank(row), row.freeBytes]
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
