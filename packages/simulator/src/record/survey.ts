// The start of a recording: the server's nodes, storages and bridges, and the token's privileges.
import { type StorageType, storageRules } from '../storage/storage-config.ts'
import type { RecordOptions } from './arguments.ts'
import { ask } from './client.ts'
import type { RecordedServer } from './exchange.ts'

type Row = Readonly<Record<string, unknown>>

export interface Survey {
  readonly version: '8.4' | '9.2'
  readonly node: string
  readonly storage: string
  readonly nodes: readonly string[]
  readonly storages: readonly Row[]
  readonly bridges: readonly string[]
  readonly permissions: RecordedServer['permissions']
  readonly keyboard: string | undefined
}

/** @throws a sentence if the server refuses, or has nothing that can be recorded */
export async function surveyServer({ target, node: wanted, storage: asked, bridge }: RecordOptions): Promise<Survey> {
  const get = async (path: string): Promise<unknown> => {
    const { status, reason, response } = await ask(target, { method: 'GET', path })
    if (status !== 200) throw new Error(`The server answered GET ${path} with ${status} ${reason}`)
    return (response as { data: unknown }).data
  }
  const { release } = (await get('/version')) as { release: string }
  const nodes = ((await get('/nodes')) as Row[]).map(({ node }) => String(node)).sort()
  const node = wanted ?? nodes[0]
  if (node === undefined || !nodes.includes(node)) throw new Error(`The server has no node ${node ?? ''}`)
  const storages = ((await get('/storage')) as Row[]).filter(({ type }) => Object.hasOwn(storageRules, String(type)))
  const usable = (await get(`/nodes/${node}/storage?content=images&enabled=1`)) as Row[]
  const storage =
    asked ?? usable.map(({ storage: id }) => String(id)).find((id) => storages.some((row) => row.storage === id))
  if (storage === undefined || !storages.some((row) => row.storage === storage)) {
    throw new Error(`Name a storage for disks with --storage; ${node} has none that the simulator knows`)
  }
  const networks = (await get(`/nodes/${node}/network`)) as Row[]
  const bridges = networks.filter(({ type }) => type === 'bridge').map(({ iface }) => String(iface))
  const permissions = (await get('/access/permissions')) as RecordedServer['permissions']
  const { keyboard } = (await get('/cluster/options')) as { keyboard?: string }
  const version = Number.parseInt(release, 10) < 9 ? '8.4' : '9.2'
  return {
    version,
    node,
    storage,
    nodes,
    storages,
    bridges: bridges.length > 0 ? bridges : [bridge],
    permissions,
    keyboard,
  }
}

/** Returns the same for a simulator, with the names of the recording. */
export function describeServer(
  survey: Survey,
  names: ReadonlyMap<string, string>,
): Omit<RecordedServer, 'permissions' | 'isRoot'> {
  const named = (name: unknown): string => names.get(String(name)) ?? String(name)
  return {
    recording: 1,
    version: survey.version,
    nodes: survey.nodes.map(named),
    bridges: survey.bridges,
    keyboard: survey.keyboard,
    storages: survey.storages.map(({ storage, type, content, path, shared }) => ({
      id: named(storage),
      type: String(type) as StorageType,
      content: String(content).split(','),
      path: path === undefined ? undefined : named(path),
      shared: Number(shared ?? 0) === 1,
    })),
  }
}
