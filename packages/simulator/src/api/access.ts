// Logging in, and who may do what: tickets, permissions, users, tokens, roles, access control lists.
import { randomUUID } from 'node:crypto'
import { ApiError, badParameters, failure, forbidden } from '../errors.ts'
import { privilegesAt } from '../state/permissions.ts'
import { allPrivileges } from '../state/privileges.ts'
import type { Call, Endpoint } from './call.ts'

export const accessEndpoints: readonly Endpoint[] = [
  { path: '/access/permissions', method: 'GET', handle: permissions },
  { path: '/access/roles', method: 'GET', handle: roles },
  { path: '/access/roles', method: 'POST', handle: createRole },
  { path: '/access/roles/{roleid}', method: 'GET', handle: role },
  { path: '/access/roles/{roleid}', method: 'PUT', handle: updateRole },
  { path: '/access/roles/{roleid}', method: 'DELETE', handle: deleteRole },
  { path: '/access/acl', method: 'GET', handle: acl },
  { path: '/access/acl', method: 'PUT', handle: updateAcl },
  { path: '/access/users', method: 'GET', handle: users },
  { path: '/access/users', method: 'POST', handle: createUser },
  { path: '/access/users/{userid}', method: 'GET', handle: user },
  { path: '/access/users/{userid}', method: 'DELETE', handle: deleteUser },
  { path: '/access/users/{userid}/token', method: 'GET', handle: tokens },
  { path: '/access/users/{userid}/token/{tokenid}', method: 'GET', handle: token },
  { path: '/access/users/{userid}/token/{tokenid}', method: 'POST', handle: createToken },
  { path: '/access/users/{userid}/token/{tokenid}', method: 'DELETE', handle: deleteToken },
]

const listOf = (text: string | undefined): string[] => (text ?? '').split(/[;,\s]+/).filter(Boolean)

/** Paths that are always shown, beside those of the caller's own entries. */
const commonPaths = [
  '/',
  '/access',
  '/access/groups',
  '/access/realm',
  '/mapping',
  '/nodes',
  '/pool',
  '/sdn',
  '/sdn/zones',
  '/storage',
  '/vms',
]

function permissions(call: Call): Record<string, Record<string, number>> {
  const { users: config } = call.world
  const who = call.optional('userid') ?? call.identity.name
  const me = call.identity.name
  if (who !== me && who.split('!')[0] !== me && !call.may('/access', 'Sys.Audit')) throw forbidden('/access, Sys.Audit')
  const only = call.optional('path')
  const paths = only === undefined ? [...new Set([...commonPaths, ...config.acl.map((entry) => entry.path)])] : [only]
  const found: Record<string, Record<string, number>> = {}
  for (const path of paths.sort()) {
    const privileges = privilegesAt(config, who, path)
    if (privileges.size === 0 && only === undefined) continue
    found[path] = Object.fromEntries([...privileges].map(([name, propagate]) => [name, propagate ? 1 : 0]))
  }
  return found
}

/** What `/access/ticket` says a user could do, by kind of thing. */
export function capabilities(call: Pick<Call, 'world'>, userName: string): Record<string, Record<string, number>> {
  const kinds: readonly (readonly [string, string, RegExp])[] = [
    ['vms', '/vms', /^VM\.|^Permissions/],
    ['storage', '/storage', /^Datastore\.|^Permissions/],
    ['access', '/access', /^(?:User|Group)\.|^Permissions/],
    ['nodes', '/nodes', /^Sys\.|^Permissions/],
    ['sdn', '/sdn', /^SDN\.|^Permissions/],
    ['mapping', '/mapping', /^Mapping\.|^Permissions/],
    ['dc', '/', /^Sys\.(?:Audit|Modify)$|^SDN\./],
  ]
  return Object.fromEntries(
    kinds.map(([kind, path, pattern]) => {
      const privileges = [...privilegesAt(call.world.users, userName, path).keys()].filter((name) => pattern.test(name))
      return [kind, Object.fromEntries(privileges.map((name) => [name, 1]))]
    }),
  )
}

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

function users(call: Call): readonly Record<string, unknown>[] {
  const me = call.identity.name.split('!')[0]
  const mayAll = call.mayAny('/access/groups', 'User.Modify', 'Sys.Audit')
  return [...call.world.users.users]
    .filter(([name]) => mayAll || name === me)
    .map(([userid, { enabled, expire, comment }]) => ({
      userid,
      enable: enabled ? 1 : 0,
      expire,
      'realm-type': userid.split('@')[1],
      ...(comment !== '' && { comment }),
    }))
}

function requireUser(call: Call): string {
  const userid = call.text('userid')
  if (!call.world.users.users.has(userid)) throw failure(`no such user ('${userid}')`)
  return userid
}

function user(call: Call): Record<string, unknown> {
  const entry = call.world.users.users.get(requireUser(call))
  return {
    enable: entry?.enabled === true ? 1 : 0,
    expire: entry?.expire,
    groups: [...(entry?.groups ?? [])],
    tokens: null,
  }
}

function createUser(call: Call): null {
  const userid = call.text('userid')
  if (call.world.users.users.has(userid)) throw failure(`create user failed: user '${userid}' already exists`)
  const groups = new Set(listOf(call.optional('groups')))
  const expire = Number(call.optional('expire') ?? 0)
  call.world.users.users.set(userid, {
    enabled: call.flag('enable', true),
    expire,
    comment: call.optional('comment') ?? '',
    groups,
  })
  const password = call.optional('password')
  if (password !== undefined) call.world.users.setPassword(userid, password)
  call.world.users.save()
  return null
}

function deleteUser(call: Call): null {
  const userid = requireUser(call)
  const { users: config } = call.world
  config.users.delete(userid)
  for (const [id, entry] of config.tokens) if (entry.user === userid) config.tokens.delete(id)
  config.acl = config.acl.filter((entry) => entry.who !== userid && !entry.who.startsWith(`${userid}!`))
  config.save()
  return null
}

function tokens(call: Call): readonly Record<string, unknown>[] {
  const userid = requireUser(call)
  return [...call.world.users.tokens.values()]
    .filter((entry) => entry.user === userid)
    .map(({ name, separated, expire, comment }) => ({
      tokenid: name,
      privsep: separated ? 1 : 0,
      expire,
      ...(comment !== '' && { comment }),
    }))
}

function token(call: Call): Record<string, unknown> {
  const id = `${requireUser(call)}!${call.text('tokenid')}`
  const entry = call.world.users.tokens.get(id)
  if (entry === undefined) throw failure(`no such token '${call.text('tokenid')}' for user '${call.text('userid')}'`)
  return {
    privsep: entry.separated ? 1 : 0,
    expire: entry.expire,
    ...(entry.comment !== '' && { comment: entry.comment }),
  }
}

/** The secret is told once, here. */
function createToken(call: Call): Record<string, unknown> {
  const userid = requireUser(call)
  const name = call.text('tokenid')
  const id = `${userid}!${name}`
  if (call.world.users.tokens.has(id)) throw badParameters({ tokenid: `Token already exists.` })
  const separated = call.flag('privsep', true)
  const expire = Number(call.optional('expire') ?? 0)
  const value = randomUUID()
  call.world.users.tokens.set(id, { user: userid, name, separated, expire, comment: call.optional('comment') ?? '' })
  call.world.users.setSecret(id, value)
  call.world.users.save()
  return { 'full-tokenid': id, info: { privsep: separated ? 1 : 0, expire }, value }
}

function deleteToken(call: Call): null {
  const id = `${requireUser(call)}!${call.text('tokenid')}`
  if (!call.world.users.tokens.delete(id))
    throw new ApiError(500, `no such token '${call.text('tokenid')}' for user '${call.text('userid')}'`)
  call.world.users.acl = call.world.users.acl.filter((entry) => entry.who !== id)
  call.world.users.save()
  return null
}
