// Managed machines (pve-ha-manager `API2/HA/Resources.pm`).
import { failure } from '../../../errors.ts'
import { enforceLater, forgetResource, isManaged, moveLater } from '../../../guests/high-availability.ts'
import { type HaResource, makeResource } from '../../../state/ha-config.ts'
import type { World } from '../../../world.ts'
import { type Call, type Endpoint, itemEndpoints, listOf, requireQuorum } from '../../call.ts'
import { checkDeletions, checkDigest, lockHa, type SectionOptions, settingsOf, typed } from './sections.ts'
import { nodeOf, stateInManager } from './status.ts'

const root = '/cluster/ha/resources'

export const haResourceEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(root, `${root}/{sid}`, { list, create, show: describe, update, remove }),
  { path: `${root}/{sid}/migrate`, method: 'POST', handle: (call) => move(call, { online: true }) },
  { path: `${root}/{sid}/relocate`, method: 'POST', handle: (call) => move(call, { online: false }) },
]

const options: SectionOptions = {
  required: [],
  optional: ['state', 'group', 'comment', 'failback', 'auto-rebalance', 'max_restart', 'max_relocate'],
}

interface ServiceId {
  readonly sid: string
  readonly type: string
  readonly name: string
}

/** Accepts `vm:100`, or the id of an existing machine. */
export function serviceId({ world }: Call, text: string): ServiceId {
  if (/^\d+$/.test(text)) {
    if (world.machines.find(Number(text)) !== undefined) return { sid: `vm:${text}`, type: 'vm', name: text }
    const word = world.version === '8.4' ? 'do' : 'to'
    throw failure(`unable ${word} detect SID from VMID - VM/CT ${text} does not exist`)
  }
  const [, type = '', name = ''] = /^(\S+):(\S+)$/.exec(text) ?? []
  return { sid: text, type, name }
}

function row(call: Call, { sid, settings }: HaResource): Record<string, unknown> {
  const { group, ...others } = typed(settings)
  const hasGroups = call.world.version === '8.4' && group !== undefined
  return {
    sid,
    type: sid.split(':')[0],
    ...others,
    ...(hasGroups && { group }),
    ...(hasGroups &&
      !call.world.ha.groups.has(String(group)) && { errors: { group: `group '${group}' does not exist` } }),
    digest: call.world.ha.digest('resources'),
  }
}

function list(call: Call): readonly Record<string, unknown>[] {
  const type = call.optional('type')
  const all = [...call.world.ha.resources.values()]
  return all
    .filter(({ sid }) => type === undefined || sid.startsWith(`${type}:`))
    .map((resource) => row(call, resource))
}

function describe(call: Call): Record<string, unknown> {
  const { errors: _, ...shown } = row(call, requireResource(call))
  return shown
}

function requireResource(call: Call): HaResource {
  const { sid } = serviceId(call, call.text('sid'))
  const resource = call.world.ha.resources.get(sid)
  if (resource === undefined) throw failure(`no such resource '${sid}'`)
  return resource
}

function checkType(call: Call, type: string): void {
  if (call.optional('type') !== undefined && call.text('type') !== type) throw failure('types does not match')
}

/** Groups exist in version 8 only, and only an update checks them. */
function checkGroup(call: Call): void {
  const group = call.optional('group')
  if (group === undefined) return
  if (call.world.version !== '8.4') throw failure("invalid parameter 'group': ha groups have been migrated to rules")
  if (call.method === 'PUT' && !call.world.ha.groups.has(group)) throw failure(`HA group '${group}' does not exist`)
}

function checkExists({ world }: Call, { type, name, sid }: ServiceId): void {
  if (type !== 'vm' && type !== 'ct') throw failure(`unknown section type '${type}'`)
  if (!/^[1-9][0-9]+$/.test(name)) throw failure('invalid VMID')
  if (world.machines.find(Number(name)) === undefined) throw failure(`resource '${sid}' does not exist in cluster`)
  if (type === 'ct' && world.version !== '8.4') {
    throw failure(`resource '${sid}' - guest with ID ${name} is not a container`)
  }
}

function create(call: Call): null {
  const { world } = call
  requireQuorum(call)
  const service = serviceId(call, call.text('sid'))
  checkType(call, service.type)
  checkGroup(call)
  checkExists(call, service)
  const settings = settingsOf(call, options)
  lockHa(call, 'create resource failed', () => {
    if (world.ha.resources.has(service.sid)) throw failure(`resource ID '${service.sid}' already defined`)
    world.ha.resources.set(service.sid, makeResource(service.sid, settings, world.clock.now()))
  })
  enforceLater(world, Number(service.name))
  return null
}

function update(call: Call): null {
  const { sid, type, name } = serviceId(call, call.text('sid'))
  checkType(call, type)
  checkGroup(call)
  checkState(call, sid, call.optional('state'))
  lockHa(call, 'update resources config failed', () => {
    checkDigest(call, call.world.ha.digest('resources'))
    const resource = requireResource(call)
    const settings = settingsOf(call, options)
    const removed = checkDeletions(call, options)
    for (const [key, value] of settings) resource.settings.set(key, value)
    for (const key of removed) resource.settings.delete(key)
    call.world.ha.resources.set(sid, makeResource(sid, resource.settings, resource.since))
  })
  enforceLater(call.world, Number(name))
  return null
}

function remove(call: Call): null {
  const { sid } = serviceId(call, call.text('sid'))
  if (!call.world.ha.resources.has(sid)) throw failure(`cannot delete service '${sid}', not HA managed!`)
  return lockHa(call, 'delete resource failed', () => {
    if (call.flag('purge', true)) forgetResource(call.world, sid)
    else call.world.ha.resources.delete(sid)
  })
}

/** Only records a request, even for a node that does not exist. The HA manager drops such requests. */
function move(call: Call, { online }: { online: boolean }): Record<string, string> | null {
  const { world } = call
  const { sid, name } = serviceId(call, call.text('sid'))
  const node = call.text('node')
  if (!isManaged(world, Number(name))) throw failure(`resource '${sid}' is not HA managed`)
  checkState(call, sid)
  moveLater(world, { vmid: Number(name), node, online })
  return world.version === '8.4' ? null : { sid, 'requested-node': node, ...affected(world, sid, node) }
}

/** A machine that could not be started must first be set to `disabled`. */
function checkState({ world }: Call, sid: string, wanted?: string): void {
  if (!world.ha.failed.has(sid) || wanted === 'disabled') return
  throw failure(`service '${sid}' in error state, must be disabled and fixed first`)
}

/** Returns which other machines move too, and which prevent the move (`get_resource_motion_info`). */
function affected(world: World, sid: string, node: string): Record<string, unknown> {
  const others = (affinity: string): readonly HaResource[] =>
    [...relatives(world, sid, affinity)]
      .sort()
      .flatMap((one) => world.ha.resources.get(one) ?? [])
      .filter((resource) => stateInManager(world, resource) !== undefined)
  const together = others('positive').map((other) => other.sid)
  const blocking = others('negative').filter((other) => nodeOf(world, other) === node)
  const causes = blocking.map((other) => ({ sid: other.sid, cause: 'resource-affinity' }))
  return {
    ...(together.length > 0 && { 'comigrated-resources': together }),
    ...(causes.length > 0 && { 'blocking-resources': causes }),
  }
}

/** The other machines of enabled rules that keep machines together or apart. */
function relatives({ ha }: World, sid: string, affinity: string): ReadonlySet<string> {
  const lists = [...ha.rules.values()]
    .filter(({ settings }) => settings.get('affinity') === affinity && !settings.has('disable'))
    .map(({ settings }) => listOf(settings.get('resources')))
  return new Set(
    lists.filter((list) => list.includes(sid) && list.length > 1).flatMap((list) => list.filter((one) => one !== sid)),
  )
}
