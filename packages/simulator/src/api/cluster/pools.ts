// Pools: machines and storages that share their access control list.
import { failure } from '../../errors.ts'
import { guestName } from '../../guests/status.ts'
import type { Pool } from '../../state/user-config.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const poolEndpoints: readonly Endpoint[] = [
  { path: '/pools', method: 'GET', handle: list },
  { path: '/pools', method: 'POST', handle: create },
  { path: '/pools', method: 'PUT', handle: update },
  { path: '/pools', method: 'DELETE', handle: remove },
  { path: '/pools/{poolid}', method: 'GET', handle: show },
  { path: '/pools/{poolid}', method: 'PUT', handle: update },
  { path: '/pools/{poolid}', method: 'DELETE', handle: remove },
]

function requirePool(call: Call): Pool {
  const pool = call.world.users.pools.get(call.text('poolid'))
  if (pool === undefined) throw failure(`pool '${call.text('poolid')}' does not exist`)
  return pool
}

function list(call: Call): readonly Record<string, unknown>[] {
  const only = call.optional('poolid')
  return [...call.world.users.pools]
    .filter(
      ([poolid]) =>
        (only === undefined || poolid === only) && call.mayAny(`/pool/${poolid}`, 'Pool.Audit', 'Pool.Allocate'),
    )
    .map(([poolid, pool]) => ({
      poolid,
      ...(pool.comment !== '' && { comment: pool.comment }),
      ...(only !== undefined && { members: members(call, pool) }),
    }))
}

function members(call: Call, pool: Pool): readonly Record<string, unknown>[] {
  const machines = [...pool.machines].flatMap((vmid) => {
    const machine = call.world.machines.find(vmid)
    if (machine === undefined) return []
    const status = machine.power === undefined ? 'stopped' : 'running'
    return [{ id: `qemu/${vmid}`, type: 'qemu', vmid, node: machine.node, name: guestName(machine), status }]
  })
  return [
    ...machines,
    ...[...pool.storages].map((storage) => ({
      id: `storage/${call.node}/${storage}`,
      type: 'storage',
      storage,
      node: call.node,
    })),
  ]
}

function show(call: Call): Record<string, unknown> {
  const pool = requirePool(call)
  return { ...(pool.comment !== '' && { comment: pool.comment }), members: members(call, pool) }
}

function create(call: Call): null {
  const poolid = call.text('poolid')
  if (call.world.users.pools.has(poolid)) throw failure(`create pool failed: pool '${poolid}' already exists`)
  call.world.users.pools.set(poolid, {
    comment: call.optional('comment') ?? '',
    machines: new Set(),
    storages: new Set(),
  })
  call.world.users.save()
  return null
}

function update(call: Call): null {
  const pool = requirePool(call)
  pool.comment = call.optional('comment') ?? pool.comment
  for (const vmid of listOf(call.optional('vms')).map(Number)) changeMachine(call, pool, vmid)
  for (const storage of listOf(call.optional('storage'))) {
    if (call.flag('delete')) pool.storages.delete(storage)
    else pool.storages.add(storage)
  }
  call.world.users.save()
  return null
}

function changeMachine(call: Call, pool: Pool, vmid: number): void {
  call.needsAny(`/vms/${vmid}`, 'Permissions.Modify', 'VM.Allocate')
  if (call.flag('delete')) {
    if (!pool.machines.delete(vmid)) throw failure(`update pools failed: VM ${vmid} is not a pool member`)
    return
  }
  if (call.world.machines.find(vmid) === undefined) throw failure(`update pools failed: VM ${vmid} does not exist`)
  if (pool.machines.has(vmid)) throw failure(`update pools failed: VM ${vmid} is already a pool member`)
  for (const [name, other] of call.world.users.pools) {
    if (other === pool || !other.machines.has(vmid)) continue
    if (!call.flag('allow-move'))
      throw failure(`update pools failed: VM ${vmid} belongs already to pool '${name}' and 'allow-move' is not set`)
    call.needs(`/pool/${name}`, 'Pool.Allocate')
    other.machines.delete(vmid)
  }
  pool.machines.add(vmid)
}

function remove(call: Call): null {
  const pool = requirePool(call)
  const poolid = call.text('poolid')
  if (pool.machines.size > 0)
    throw failure(`delete pool failed: pool '${poolid}' is not empty (contains VM ${[...pool.machines][0]})`)
  if (pool.storages.size > 0)
    throw failure(`delete pool failed: pool '${poolid}' is not empty (contains storage '${[...pool.storages][0]}')`)
  call.world.users.pools.delete(poolid)
  call.world.users.save()
  return null
}
