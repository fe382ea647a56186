// Pools: machines and storages with a common access control list. Since 8.1 they can be nested, three levels deep
// (pve-manager `API2/Pool.pm`).
import { failure } from '../../errors.ts'
import type { Pool, UserConfig } from '../../state/user-config.ts'
import { poolOf } from '../../state/user-config.ts'
import { isOnNode } from '../../storage/storage-config.ts'
import { lockUsers } from '../access/lock-users.ts'
import { needModify } from '../access/permission-check.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { guestStatistics, storageStatistics } from './cluster-resources.ts'

export const poolEndpoints: readonly Endpoint[] = [
  { path: '/pools', method: 'GET', handle: list },
  { path: '/pools', method: 'POST', handle: create },
  { path: '/pools', method: 'PUT', handle: update },
  { path: '/pools', method: 'DELETE', handle: remove },
  { path: '/pools/{poolid}', method: 'GET', handle: describe },
  { path: '/pools/{poolid}', method: 'PUT', handle: update },
  { path: '/pools/{poolid}', method: 'DELETE', handle: remove },
]

function requirePool({ pools }: UserConfig, poolid: string): Pool {
  const pool = pools.get(poolid)
  if (pool === undefined) throw failure(`pool '${poolid}' does not exist`)
  return pool
}

const commentOf = ({ comment }: Pool): { comment?: string } => (comment === '' ? {} : { comment })

/** Lists all pools, or only the named one, without a permission check for that. */
function list(call: Call): readonly Record<string, unknown>[] {
  if (call.optional('poolid')) return [describe(call)]
  return [...call.world.users.pools]
    .filter(([poolid]) => call.may(`/pool/${poolid}`, 'Pool.Audit'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([poolid, pool]) => ({ poolid, ...commentOf(pool) }))
}

function describe(call: Call): Record<string, unknown> {
  const poolid = call.text('poolid')
  const pool = requirePool(call.world.users, poolid)
  const type = call.optional('type')
  const members = [
    ...(type === undefined || type === 'qemu' ? machinesOf(call, pool) : []),
    ...(type === undefined || type === 'storage' ? storagesOf(call, pool) : []),
  ]
  return { members, ...commentOf(pool), poolid }
}

const asText = (one: unknown, other: unknown): number => (String(one) < String(other) ? -1 : 1)

function machinesOf(call: Call, pool: Pool): readonly Record<string, unknown>[] {
  return [...pool.machines].sort(asText).flatMap((vmid) => {
    const machine = call.world.machines.find(vmid)
    return machine === undefined ? [] : [guestStatistics(call, machine)]
  })
}

/** Returns the storages that exist on the node that answers. */
function storagesOf(call: Call, pool: Pool): readonly Record<string, unknown>[] {
  return [...pool.storages].sort(asText).flatMap((id) => {
    const storage = call.world.storage.storages.get(id)
    if (storage === undefined) return []
    const node = isOnNode(storage, call.world.home) ? call.world.home : [...(storage.nodes ?? [])].sort()[0]
    return [storageStatistics(call, storage, node ?? call.world.home)]
  })
}

function create(call: Call): null {
  const poolid = call.text('poolid')
  return lockUsers(call, 'create pool failed', ({ pools }) => {
    if (pools.has(poolid)) throw failure(`pool '${poolid}' already exists`)
    const [, parent] = /^(.*)\/[^/]+$/.exec(poolid) ?? []
    if (parent !== undefined && !pools.has(parent)) {
      throw failure(`parent '${parent}' of pool '${poolid}' does not exist`)
    }
    const name = poolid.slice(poolid.lastIndexOf('/') + 1)
    // In 8.4, a name may begin with any character.
    if (call.world.version !== '8.4' && !/^[A-Za-z]/.test(name)) throw failure('pool name must start with a letter')
    pools.set(poolid, { comment: call.optional('comment') ?? '', machines: new Set(), storages: new Set() })
  })
}

/** All or nothing: after an error, nothing is changed. */
function update(call: Call): null {
  const poolid = call.text('poolid')
  return lockUsers(call, 'update pools failed', (config) => {
    const before = requirePool(config, poolid)
    const changed: Changed = new Map([[poolid, { ...before, machines: new Set(before.machines) }]])
    const pool = changed.get(poolid) ?? before
    const storages = new Set(before.storages)
    pool.comment = call.optional('comment') ?? pool.comment
    for (const vmid of listOf(call.optional('vms'))) changeMachine(call, { changed, poolid, vmid: Number(vmid) })
    for (const storage of listOf(call.optional('storage'))) changeStorage(call, storages, storage)
    for (const [name, { comment, machines }] of changed) {
      const own = name === poolid ? storages : (config.pools.get(name)?.storages ?? new Set<string>())
      config.pools.set(name, { comment, machines, storages: own })
    }
  })
}

/** The changed pools. */
type Changed = Map<string, Pool>

function changeMachine(
  call: Call,
  { changed, poolid, vmid }: { readonly changed: Changed; readonly poolid: string; readonly vmid: number },
): void {
  needModify(call, `/vms/${vmid}`)
  const machines = changed.get(poolid)?.machines ?? new Set()
  if (call.flag('delete')) {
    if (!machines.delete(vmid)) throw failure(`VM ${vmid} is not a pool member`)
    return
  }
  if (machines.has(vmid)) throw failure(`VM ${vmid} is already a pool member`)
  const other = poolOf(call.world.users, vmid)
  if (other !== undefined && other !== poolid) takeOut(call, changed, { pool: other, vmid })
  machines.add(vmid)
}

function takeOut(call: Call, changed: Changed, { pool, vmid }: { readonly pool: string; readonly vmid: number }): void {
  if (!call.flag('allow-move')) {
    throw failure(`VM ${vmid} belongs already to pool '${pool}' and 'allow-move' is not set`)
  }
  call.needs(`/pool/${pool}`, 'Pool.Allocate')
  const before = changed.get(pool) ?? requirePool(call.world.users, pool)
  const machines = new Set(before.machines)
  machines.delete(vmid)
  changed.set(pool, { ...before, machines })
}

function changeStorage(call: Call, storages: Set<string>, storage: string): void {
  needModify(call, `/storage/${storage}`)
  if (call.flag('delete')) {
    if (!storages.delete(storage)) throw failure(`Storage '${storage}' is not a pool member`)
  } else if (storages.has(storage)) throw failure(`Storage '${storage}' is already a pool member`)
  else storages.add(storage)
}

/** Members that no longer exist are ignored. */
function remove(call: Call): null {
  const poolid = call.text('poolid')
  return lockUsers(call, 'delete pool failed', (config) => {
    const pool = requirePool(config, poolid)
    const inside = contents(call, poolid, pool)
    if (inside !== undefined) throw failure(`pool '${poolid}' is not empty (contains ${inside})`)
    config.pools.delete(poolid)
    config.acl = config.acl.filter(({ path }) => path !== `/pool/${poolid}` && !path.startsWith(`/pool/${poolid}/`))
  })
}

function contents({ world }: Call, poolid: string, pool: Pool): string | undefined {
  const isChild = (name: string): boolean =>
    name.startsWith(`${poolid}/`) && !name.slice(poolid.length + 1).includes('/')
  const child = [...world.users.pools.keys()].filter(isChild).sort()[0]
  if (child !== undefined) return `pool '${child}'`
  const vmid = [...pool.machines].sort(asText).find((one) => world.machines.find(one) !== undefined)
  if (vmid !== undefined) return `VM ${vmid}`
  const storage = [...pool.storages].sort().find((one) => world.storage.storages.has(one))
  return storage === undefined ? undefined : `storage '${storage}'`
}
