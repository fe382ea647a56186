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

interface Row {
  readonly type: string
  readonly node?: string
  readonly status?: string
  readonly storage?: string
  readonly content?: string
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
  const images = roomiest(storages, 'import', nodes)
  const sshKey = ownKey()
  return {
    nodes: nodes.length > 0 ? nodes.sort((one, other) => one.localeCompare(other)) : guess.nodes,
    imagesStorage: images ?? guess.imagesStorage,
    disksStorage: roomiest(storages, 'images', nodes) ?? guess.disksStorage,
    bridge: bridges[0]?.iface ?? guess.bridge,
    ...(sshKey && { sshKey }),
    ...(images === undefined && {
      note: `No storage has content type "import" yet: pvesm set ${guess.imagesStorage} --content ${withImport(storages, guess.imagesStorage)}`,
    }),
  }
}

/** `pvesm set` replaces the list, so it must hold what is there already. */
function withImport(storages: readonly Row[], name: string): string {
  const { content = 'iso,vztmpl,backup' } = storages.find(({ storage }) => storage === name) ?? {}
  return [...content.split(','), 'import'].join(',')
}

/** The storage with most room among those that all nodes have; among all, where there is none such. */
function roomiest(storages: readonly Row[], content: string, nodes: readonly string[]): string | undefined {
  const fitting = storages.filter((row) => row.content?.split(',').includes(content))
  const everywhere = fitting.filter(({ storage }) =>
    nodes.every((node) => fitting.some((row) => row.storage === storage && row.node === node)),
  )
  const free = ({ maxdisk = 0, disk = 0 }: Row) => maxdisk - disk
  const candidates = everywhere.length > 0 ? everywhere : fitting
  return candidates.toSorted((one, other) => free(other) - free(one))[0]?.storage
}

function ownKey(): string | undefined {
  const file = ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub']
    .map((name) => join(homedir(), '.ssh', name))
    .find((path) => existsSync(path))
  return file && readFileSync(file, 'utf8').trim()
}
