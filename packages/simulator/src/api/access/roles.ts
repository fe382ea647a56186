// Roles and access control lists.
import { badParameters, failure } from '../../errors.ts'
import { allPrivileges } from '../../state/privileges.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const roleEndpoints: readonly Endpoint[] = [
  { path: '/access/roles', method: 'GET', handle: roles },
  { path: '/access/roles', method: 'POST', handle: createRole },
  { path: '/access/roles/{roleid}', method: 'GET', handle: role },
  { path: '/access/roles/{roleid}', method: 'PUT', handle: updateRole },
  { path: '/access/roles/{roleid}', method: 'DELETE', handle: deleteRole },
  { path: '/access/acl', method: 'GET', handle: acl },
  { path: '/access/acl', method: 'PUT', handle: updateAcl },
]

function roles({ world }: Call): readonly Record<string, unknown>[] {
  return [...world.users.roles].map(([roleid, privileges]) => ({
    roleid,
    privs: [...privileges].sort().join(','),
    special: world.users.builtIn.has(roleid) ? 1 : 0,
  }))
}

function role(call: Call): Record<string, number> {
  const privileges = call.world.users.roles.get(call.text('roleid'))
  if (privileges === undefined) throw failure(`role '${call.text('roleid')}' does not exist`)
  return Object.fromEntries([...privileges].map((name) => [name, 1]))
}

function checkedPrivileges(call: Call): Set<string> {
  const known = allPrivileges(call.world.version)
  const wanted = listOf(call.optional('privs'))
  const bad = wanted.find((name) => !known.has(name))
  if (bad !== undefined) throw failure(`invalid privilege '${bad}'`)
  return new Set(wanted)
}

function createRole(call: Call): null {
  const roleid = call.text('roleid')
  if (call.world.users.roles.has(roleid)) throw failure(`create role failed: role '${roleid}' already exists`)
  call.world.users.roles.set(roleid, checkedPrivileges(call))
  call.world.users.save()
  return null
}

function updateRole(call: Call): null {
  const roleid = call.text('roleid')
  const before = call.world.users.roles.get(roleid)
  if (before === undefined) throw failure(`update role failed: role '${roleid}' does not exist`)
  if (call.world.users.builtIn.has(roleid))
    throw failure(`update role failed: auto-generated role '${roleid}' cannot be modified`)
  call.world.users.roles.set(roleid, new Set([...(call.flag('append') ? before : []), ...checkedPrivileges(call)]))
  call.world.users.save()
  return null
}

function deleteRole(call: Call): null {
  const roleid = call.text('roleid')
  if (!call.world.users.roles.has(roleid)) throw failure(`delete role failed: role '${roleid}' does not exist`)
  if (call.world.users.builtIn.has(roleid))
    throw failure(`delete role failed: auto-generated role '${roleid}' cannot be deleted`)
  call.world.users.roles.delete(roleid)
  call.world.users.save()
  return null
}

function acl(call: Call): readonly Record<string, unknown>[] {
  const visible = call.world.users.acl.filter(
    ({ path }) => call.mayAny('/access', 'Sys.Audit', 'Permissions.Modify') || call.mayAny(path, 'Permissions.Modify'),
  )
  return visible.map(({ path, kind, who, role: roleid, propagate }) => ({
    path,
    type: kind,
    ugid: who,
    roleid,
    propagate: propagate ? 1 : 0,
  }))
}

function updateAcl(call: Call): null {
  const { users: config } = call.world
  const path = call.text('path')
  const propagate = call.flag('propagate', true)
  const subjects = [
    ...listOf(call.optional('users')).map((who) => ({ kind: 'user' as const, who })),
    ...listOf(call.optional('groups')).map((who) => ({ kind: 'group' as const, who })),
    ...listOf(call.optional('tokens')).map((who) => ({ kind: 'token' as const, who })),
  ]
  if (subjects.length === 0)
    throw badParameters({
      groups: "property is missing and it is not optional: 'users', 'tokens' or 'groups' is required.",
    })
  for (const roleid of listOf(call.text('roles'))) {
    if (!config.roles.has(roleid)) throw failure(`ACL update failed: role '${roleid}' does not exist`)
    for (const { kind, who } of subjects) {
      config.acl = config.acl.filter(
        (entry) => !(entry.path === path && entry.kind === kind && entry.who === who && entry.role === roleid),
      )
      if (!call.flag('delete')) config.acl.push({ path, propagate, kind, who, role: roleid })
    }
  }
  config.save()
  return null
}
