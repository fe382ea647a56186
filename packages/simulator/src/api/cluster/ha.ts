// High availability: which machines the cluster keeps in which state, and where they may run.
import { failure } from '../../errors.ts'
import { enforceLater, forgetResource } from '../../guests/high-availability.ts'
import type { HaResource, HaSection } from '../../state/ha-config.ts'
import { type Call, type Endpoint, listOf, requireQuorum } from '../call.ts'

export const haEndpoints: readonly Endpoint[] = [
  { path: '/cluster/ha/resources', method: 'GET', handle: ({ world }) => [...world.ha.resources.values()].map(row) },
  { path: '/cluster/ha/resources', method: 'POST', handle: create },
  { path: '/cluster/ha/resources/{sid}', method: 'GET', handle: (call) => row(requireResource(call)) },
  { path: '/cluster/ha/resources/{sid}', method: 'PUT', handle: update },
  { path: '/cluster/ha/resources/{sid}', method: 'DELETE', handle: remove },
  { path: '/cluster/ha/status/current', method: 'GET', handle: status },
  ...sections('groups', 'group'),
  ...sections('rules', 'rule'),
]

const numeric = new Set(['max_relocate', 'max_restart', 'failback', 'nofailback', 'restricted', 'strict', 'disable'])

const typed = (settings: ReadonlyMap<string, string>): Record<string, string | number> =>
  Object.fromEntries([...settings].map(([key, value]) => [key, numeric.has(key) ? Number(value) : value]))

const fullId = (text: string): string => (/^\d+$/.test(text) ? `vm:${text}` : text)

function row({ sid, state, settings }: HaResource): Record<string, unknown> {
  return { sid, type: sid.split(':')[0], state, ...typed(settings) }
}

function requireResource(call: Call, context = ''): HaResource {
  const sid = fullId(call.text('sid'))
  const resource = call.world.ha.resources.get(sid)
  if (resource === undefined) throw failure(`${context}no such resource '${sid}'`)
  return resource
}

function settingsOf(call: Call): [string, string][] {
  const known = ['group', 'comment', 'max_relocate', 'max_restart', 'failback']
  if (call.optional('group') !== undefined) {
    if (call.world.version !== '8.4') throw failure("invalid parameter 'group': ha groups have been migrated to rules")
    // Only a change is checked (pve-ha-manager `API2/HA/Resources.pm`).
    if (call.method === 'PUT' && !call.world.ha.groups.has(call.text('group')))
      throw failure(`HA group '${call.text('group')}' does not exist`)
  }
  return Object.entries(call.parameters).filter(([key]) => known.includes(key))
}

function create(call: Call): null {
  const { world } = call
  requireQuorum(call)
  const sid = fullId(call.text('sid'))
  const vmid = Number(sid.split(':')[1])
  if (world.machines.find(vmid) === undefined) throw failure(`resource 'vm:${vmid}' does not exist in cluster`)
  const settings = new Map(settingsOf(call))
  if (world.ha.resources.has(sid)) throw failure(`create resource failed: resource ID '${sid}' already defined`)
  world.ha.resources.set(sid, { sid, state: call.optional('state') ?? 'started', settings })
  world.ha.save()
  enforceLater(world, vmid)
  return null
}

function update(call: Call): null {
  const resource = requireResource(call, 'update resources config failed: ')
  for (const [key, value] of settingsOf(call)) resource.settings.set(key, value)
  for (const key of listOf(call.optional('delete'))) resource.settings.delete(key)
  resource.state = call.optional('state') ?? resource.state
  call.world.ha.save()
  enforceLater(call.world, Number(resource.sid.split(':')[1]))
  return null
}

function remove(call: Call): null {
  const sid = fullId(call.text('sid'))
  if (!call.world.ha.resources.has(sid)) throw failure(`cannot delete service '${sid}', not HA managed!`)
  if (call.flag('purge', true)) forgetResource(call.world, sid)
  else call.world.ha.resources.delete(sid)
  call.world.ha.save()
  return null
}

function status({ world }: Call): readonly Record<string, unknown>[] {
  const quorum = {
    id: 'quorum',
    type: 'quorum',
    node: world.home,
    status: world.quorate ? 'OK' : 'No quorum!',
    quorate: world.quorate ? 1 : 0,
  }
  const services = [...world.ha.resources.values()].map(({ sid, state }) => {
    const node = world.machines.find(Number(sid.split(':')[1]))?.node ?? world.home
    return {
      id: `service:${sid}`,
      type: 'service',
      sid,
      node,
      state,
      request_state: state,
      crm_state: state,
      status: `${sid} (${node}, ${state})`,
    }
  })
  return [quorum, ...services]
}

/** What a rule names must be there, and no machine may be in two rules about nodes. */
function checkRule(call: Call, section: HaSection): void {
  const { ha, nodes } = call.world
  const verb = call.method === 'POST' ? 'create ha rule failed' : 'update HA rules failed'
  const resources = listOf(call.optional('resources')).map(fullId)
  const unmanaged = resources.filter((sid) => !ha.resources.has(sid))
  if (unmanaged.length > 0) throw failure(`${verb}: cannot use unmanaged resource(s) ${unmanaged.join(', ')}.`)
  const unknown = listOf(call.optional('nodes')).filter((node) => !nodes.has(node.replace(/:.*/, '')))
  if (unknown.length > 0) throw failure(`${verb}: cannot use non-existent node(s) ${unknown.join(', ')}.`)
  const others = [...ha.rules.values()].filter((rule) => rule !== section && rule.type === 'node-affinity')
  const taken = resources.find((sid) => others.some((rule) => listOf(rule.settings.get('resources')).includes(sid)))
  if (taken !== undefined && call.text('type') === 'node-affinity')
    throw failure(
      `${verb}: 400 Rule '${call.text('rule')}' is invalid.\nresources: resource '${taken}' is already used in another node affinity rule`,
    )
}

/** Groups to version 8, rules since 9: both are sections of settings that nothing here acts on. */
function sections(kind: 'groups' | 'rules', parameter: 'group' | 'rule'): readonly Endpoint[] {
  const root = `/cluster/ha/${kind}`
  const checked = (call: Call, verb: string): Map<string, HaSection> => {
    if (kind === 'groups' && call.world.version !== '8.4') {
      throw failure(`cannot ${verb}: ha groups have been migrated to rules`)
    }
    return call.world.ha[kind]
  }
  const show = (name: string, { type, settings }: HaSection): Record<string, unknown> => ({
    [parameter]: name,
    type,
    ...typed(settings),
  })
  const verified = (call: Call, section: HaSection): void => {
    if (kind === 'rules') checkRule(call, section)
  }
  const missing = (call: Call): Error => failure(`no such ha ${parameter} '${call.text(parameter)}'`)
  const change = (call: Call, section: HaSection): null => {
    verified(call, section)
    for (const [key, value] of Object.entries(call.parameters)) {
      if (![parameter, 'type', 'delete', 'digest'].includes(key)) section.settings.set(key, value)
    }
    for (const key of listOf(call.optional('delete'))) section.settings.delete(key)
    call.world.ha.save()
    return null
  }
  return [
    {
      path: root,
      method: 'GET',
      handle: (call) => [...checked(call, 'index groups')].map(([name, section]) => show(name, section)),
    },
    {
      path: root,
      method: 'POST',
      handle: (call) => {
        const known = checked(call, 'create group')
        const name = call.text(parameter)
        if (known.has(name))
          throw failure(
            kind === 'groups' ? `ha group ID '${name}' already defined` : `HA rule '${name}' already defined`,
          )
        const section: HaSection = { type: call.optional('type') ?? parameter, settings: new Map() }
        change(call, section)
        known.set(name, section)
        call.world.ha.save()
        return null
      },
    },
    {
      path: `${root}/{${parameter}}`,
      method: 'GET',
      handle: (call) => {
        const section = checked(call, 'read group').get(call.text(parameter))
        if (section === undefined) throw missing(call)
        return show(call.text(parameter), section)
      },
    },
    {
      path: `${root}/{${parameter}}`,
      method: 'PUT',
      handle: (call) => {
        const name = call.text(parameter)
        const section = checked(call, 'update group').get(name)
        if (section === undefined)
          throw kind === 'rules' ? failure(`update HA rules failed: HA rule '${name}' does not exist`) : missing(call)
        return change(call, section)
      },
    },
    {
      path: `${root}/{${parameter}}`,
      method: 'DELETE',
      handle: (call) => {
        // A rule that is not there is no fault.
        if (!checked(call, 'delete group').delete(call.text(parameter)) && kind === 'groups') throw missing(call)
        call.world.ha.save()
        return null
      },
    },
  ]
}
