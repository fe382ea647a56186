// High availability: which machines the cluster keeps in which state.
import { failure } from '../errors.ts'
import type { HaResource } from '../world.ts'
import type { Call, Endpoint } from './call.ts'

export const haEndpoints: readonly Endpoint[] = [
  { path: '/cluster/ha/resources', method: 'GET', handle: ({ world }) => [...world.ha.values()].map(row) },
  { path: '/cluster/ha/resources', method: 'POST', handle: create },
  { path: '/cluster/ha/resources/{sid}', method: 'GET', handle: (call) => row(requireResource(call)) },
  { path: '/cluster/ha/resources/{sid}', method: 'PUT', handle: update },
  { path: '/cluster/ha/resources/{sid}', method: 'DELETE', handle: remove },
]

const fullId = (text: string): string => (/^\d+$/.test(text) ? `vm:${text}` : text)

function row(resource: HaResource): Record<string, unknown> {
  return {
    sid: resource.sid,
    type: resource.sid.split(':')[0],
    state: resource.state,
    ...Object.fromEntries(resource.settings),
  }
}

function requireResource(call: Call): HaResource {
  const sid = fullId(call.text('sid'))
  const resource = call.world.ha.get(sid)
  if (resource === undefined) throw failure(`no such resource '${sid}'`)
  return resource
}

function settingsOf(call: Call): [string, string | number][] {
  const numeric = new Set(['max_relocate', 'max_restart', 'failback'])
  return Object.entries(call.parameters)
    .filter(([key]) => ['group', 'comment', 'max_relocate', 'max_restart', 'failback'].includes(key))
    .map(([key, value]) => [key, numeric.has(key) ? Number(value) : value])
}

function create(call: Call): null {
  const sid = fullId(call.text('sid'))
  const vmid = Number(sid.split(':')[1])
  if (call.world.machines.find(vmid) === undefined) throw failure(`unable to find VM ${vmid}`)
  if (call.world.ha.has(sid)) throw failure(`resource ID '${sid}' already defined`)
  call.world.ha.set(sid, { sid, state: call.optional('state') ?? 'started', settings: new Map(settingsOf(call)) })
  call.world.saveHa()
  return null
}

function update(call: Call): null {
  const resource = requireResource(call)
  resource.state = call.optional('state') ?? resource.state
  for (const [key, value] of settingsOf(call)) resource.settings.set(key, value)
  for (const key of (call.optional('delete') ?? '').split(',')) resource.settings.delete(key)
  call.world.saveHa()
  return null
}

function remove(call: Call): null {
  call.world.ha.delete(requireResource(call).sid)
  call.world.saveHa()
  return null
}
