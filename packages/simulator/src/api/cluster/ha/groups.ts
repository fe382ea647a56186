// Groups of nodes, up to version 8. Rules have replaced them since (pve-ha-manager `API2/HA/Groups.pm`).
import { failure } from '../../../errors.ts'
import type { Section } from '../../../state/section-file.ts'
import { type Call, type Endpoint, itemEndpoints, listOf, requireQuorum } from '../../call.ts'
import { checkDeletions, checkDigest, lockHa, type SectionOptions, settingsOf, typed } from './sections.ts'

const root = '/cluster/ha/groups'

export const haGroupEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(root, `${root}/{group}`, { list, create, show: describe, update, remove }),
]

const options: SectionOptions = { required: ['nodes'], optional: ['comment', 'nofailback', 'restricted'] }

/** Nodes are stored sorted by name, with their priorities (`encode_value`). */
function groupSettings(call: Call): Map<string, string> {
  const settings = settingsOf(call, options)
  const nodes = settings.get('nodes')
  if (nodes !== undefined) settings.set('nodes', listOf(nodes).sort().join(','))
  return settings
}

function groupsOf(call: Call, verb: string): Map<string, Section> {
  if (call.world.version === '8.4') return call.world.ha.groups
  throw failure(`cannot ${verb}: ha groups have been migrated to rules`)
}

function row(call: Call, group: string, { settings }: Section): Record<string, unknown> {
  return { group, type: 'group', ...typed(settings), digest: call.world.ha.digest('groups') }
}

function list(call: Call): readonly Record<string, unknown>[] {
  return [...groupsOf(call, 'index groups')].map(([name, section]) => row(call, name, section))
}

function requireGroup(call: Call, groups: ReadonlyMap<string, Section>): Section {
  const section = groups.get(call.text('group'))
  if (section === undefined) throw failure(`no such ha group '${call.text('group')}'`)
  return section
}

function describe(call: Call): Record<string, unknown> {
  return row(call, call.text('group'), requireGroup(call, groupsOf(call, 'read group')))
}

function create(call: Call): null {
  const groups = groupsOf(call, 'create group')
  const name = call.text('group')
  requireQuorum(call)
  const settings = groupSettings(call)
  return lockHa(call, 'create ha group failed', () => {
    if (groups.has(name)) throw failure(`ha group ID '${name}' already defined`)
    groups.set(name, { type: 'group', settings })
  })
}

function update(call: Call): null {
  const groups = groupsOf(call, 'update group')
  return lockHa(call, 'update ha group failed', () => {
    checkDigest(call, call.world.ha.digest('groups'))
    const { settings } = requireGroup(call, groups)
    const wanted = groupSettings(call)
    const removed = checkDeletions(call, options)
    for (const [key, value] of wanted) settings.set(key, value)
    for (const key of removed) settings.delete(key)
  })
}

function remove(call: Call): null {
  const groups = groupsOf(call, 'delete group')
  const name = call.text('group')
  return lockHa(call, 'delete ha group failed', () => {
    const user = [...call.world.ha.resources.values()].find(({ settings }) => settings.get('group') === name)
    if (user !== undefined) throw failure(`ha group is used by service '${user.sid}'`)
    groups.delete(name)
  })
}
