// Roles: named sets of privileges (pve-access-control `API2/Role.pm`).
import { badParameters, failure } from '../../errors.ts'
import { allPrivileges } from '../../state/privileges.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { lockUsers } from './lock-users.ts'

export const roleEndpoints: readonly Endpoint[] = [
  { path: '/access/roles', method: 'GET', handle: roles },
  { path: '/access/roles', method: 'POST', handle: createRole },
  { path: '/access/roles/{roleid}', method: 'GET', handle: role },
  { path: '/access/roles/{roleid}', method: 'PUT', handle: updateRole },
  { path: '/access/roles/{roleid}', method: 'DELETE', handle: deleteRole },
]

function roles({ world }: Call): readonly Record<string, unknown>[] {
  return [...world.users.roles].map(([roleid, privileges]) => ({
    roleid,
    privs: [...privileges].sort().join(','),
    special: world.users.builtIn.has(roleid) ? 1 : 0,
  }))
}

function requireRole(call: Call): ReadonlySet<string> {
  const privileges = call.world.users.roles.get(call.text('roleid'))
  if (privileges === undefined) throw failure(`role '${call.text('roleid')}' does not exist`)
  return privileges
}

function role(call: Call): Record<string, number> {
  return Object.fromEntries([...requireRole(call)].map((name) => [name, 1]))
}

function wantedPrivileges(call: Call): readonly string[] {
  const known = allPrivileges(call.world.version)
  const wanted = listOf(call.optional('privs'))
  const bad = wanted.find((name) => !known.has(name))
  if (bad !== undefined) throw failure(`invalid privilege '${bad}'`)
  return wanted
}

function createRole(call: Call): null {
  const roleid = call.text('roleid')
  if (/^PVE/i.test(roleid)) {
    throw badParameters({ roleid: "cannot use role ID starting with the (case-insensitive) 'PVE' namespace" })
  }
  return lockUsers(call, 'create role failed', (config) => {
    if (config.roles.has(roleid)) throw failure(`role '${roleid}' already exists`)
    config.roles.set(roleid, new Set(wantedPrivileges(call)))
  })
}

function refuseBuiltIn(call: Call, what: 'modified' | 'deleted'): void {
  const roleid = call.text('roleid')
  if (call.world.users.builtIn.has(roleid)) throw failure(`auto-generated role '${roleid}' cannot be ${what}`)
}

function updateRole(call: Call): null {
  refuseBuiltIn(call, 'modified')
  return lockUsers(call, 'update role failed', (config) => {
    const before = requireRole(call)
    config.roles.set(call.text('roleid'), new Set([...(call.flag('append') ? before : []), ...wantedPrivileges(call)]))
  })
}

/** ACL entries with a deleted role are dropped when the file is read again. */
function deleteRole(call: Call): null {
  refuseBuiltIn(call, 'deleted')
  return lockUsers(call, 'delete role failed', (config) => {
    requireRole(call)
    config.roles.delete(call.text('roleid'))
    config.acl = config.acl.filter((entry) => entry.role !== call.text('roleid'))
  })
}
