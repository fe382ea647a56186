// Users and their groups (pve-access-control `API2/User.pm`).
import { ApiError, failure } from '../../errors.ts'
import { hasAny } from '../../state/permissions.ts'
import { makeUser, type User, type UserConfig } from '../../state/user-config.ts'
import { type Call, type Endpoint, itemEndpoints, listOf } from '../call.ts'
import { lockUsers, requireUser } from './lock-users.ts'
import { storePassword } from './password.ts'
import { isRealm, typeOfRealm } from './realms.ts'
import { tokenRow, tokensOf } from './tokens.ts'

export const userEndpoints: readonly Endpoint[] = [
  ...itemEndpoints('/access/users', '/access/users/{userid}', {
    list: users,
    create: createUser,
    show: user,
    update: updateUser,
    remove: deleteUser,
  }),
  { path: '/access/users/{userid}/tfa', method: 'GET', handle: secondFactors },
  { path: '/access/users/{userid}/unlock-tfa', method: 'PUT', handle: () => 0 },
  { path: '/access/tfa/{userid}', method: 'GET', handle: () => [] },
  {
    path: '/access/tfa/{userid}/{id}',
    method: 'GET',
    handle: (call) => {
      throw new ApiError(404, `No such tfa entry '${call.text('id')}'`)
    },
  },
]

/** Returns the members of groups that the caller may administer or audit. */
export function usersInGroupsOf(call: Call, privileges: readonly string[]): ReadonlySet<string> {
  const { users: config } = call.world
  const may = (group: string): boolean =>
    hasAny(config, call.identity.name, `/access/groups/${group}`, ...privileges) && config.groups.has(group)
  return new Set([...config.users].filter(([, { groups }]) => [...groups].some(may)).map(([name]) => name))
}

/** Returns the fields of a user. The email address appears only if other fields follow it in `user.cfg`. */
function fields({ enabled, expire, firstname, lastname, email, comment, keys }: User): Record<string, unknown> {
  return {
    enable: enabled ? 1 : 0,
    expire,
    ...(firstname !== '' && { firstname }),
    ...(lastname !== '' && { lastname }),
    ...((email !== '' || comment !== '' || keys !== '') && { email }),
    ...(comment !== '' && { comment }),
    ...(keys !== '' && { keys }),
  }
}

function users(call: Call): readonly Record<string, unknown>[] {
  const { users: config } = call.world
  const privileges = ['User.Modify', 'Sys.Audit']
  const mayAll = call.mayAny('/access/groups', ...privileges)
  const visible = usersInGroupsOf(call, privileges)
  const wanted = call.optional('enabled')
  return [...config.users]
    .filter(([name]) => mayAll || name === call.identity.name || visible.has(name))
    .filter(([, { enabled }]) => wanted === undefined || enabled === (wanted === '1'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, entry]) => row(call, name, entry))
}

function row(call: Call, userid: string, entry: User): Record<string, unknown> {
  const { users: config } = call.world
  const realm = userid.slice(userid.lastIndexOf('@') + 1)
  const tokens = tokensOf(config, userid)
  return {
    ...fields(entry),
    ...(call.flag('full') && {
      groups: [...entry.groups].sort().join(','),
      tokens: tokens.length === 0 ? null : tokens.map((token) => ({ tokenid: token.name, ...tokenRow(token) })),
    }),
    ...(isRealm(call, realm) && { 'realm-type': typeOfRealm(call, realm) }),
    userid,
  }
}

function user(call: Call): Record<string, unknown> {
  const { users: config } = call.world
  const userid = call.text('userid')
  requireUser(config, userid)
  const entry = config.users.get(userid) ?? makeUser()
  const tokens = tokensOf(config, userid)
  return {
    ...fields(entry),
    groups: [...entry.groups].sort(),
    tokens: tokens.length === 0 ? null : Object.fromEntries(tokens.map((token) => [token.name, tokenRow(token)])),
  }
}

const texts = ['firstname', 'lastname', 'email', 'comment', 'keys'] as const

function addGroups(call: Call, config: UserConfig, entry: User): void {
  for (const group of listOf(call.optional('groups'))) {
    if (!config.groups.has(group)) throw failure(`no such group '${group}'`)
    entry.groups.add(group)
  }
}

function createUser(call: Call): null {
  const userid = call.text('userid')
  return lockUsers(call, 'create user failed', (config) => {
    if (config.users.has(userid)) throw failure(`user '${userid}' already exists`)
    const password = call.optional('password')
    if (password !== undefined) storePassword(call, userid, password)
    const known = Object.fromEntries(texts.map((name) => [name, call.optional(name) ?? '']))
    const entry = makeUser({
      ...known,
      enabled: call.flag('enable', true),
      expire: Number(call.optional('expire') ?? 0),
    })
    addGroups(call, config, entry)
    config.users.set(userid, entry)
  })
}

function updateUser(call: Call): null {
  const userid = call.text('userid')
  return lockUsers(call, 'update user failed', (config) => {
    requireUser(config, userid)
    const before = config.users.get(userid) ?? makeUser()
    const given = Object.fromEntries(texts.map((name) => [name, call.optional(name) ?? before[name]]))
    const keep = call.flag('append') || call.optional('groups') === undefined
    const after = makeUser({
      ...given,
      enabled: call.flag('enable', before.enabled),
      expire: Number(call.optional('expire') ?? before.expire),
      groups: keep ? before.groups : new Set(),
    })
    addGroups(call, config, after)
    config.users.set(userid, after)
  })
}

/** Succeeds also for a user that does not exist, because Proxmox first disables the user and thus creates it. */
function deleteUser(call: Call): null {
  const userid = call.text('userid')
  return lockUsers(call, 'delete user failed', (config) => {
    config.users.delete(userid)
    config.forgetPassword(userid)
    for (const [id, { user: owner }] of config.tokens) if (owner === userid) config.tokens.delete(id)
    config.acl = config.acl.filter(({ who }) => who !== userid && !who.startsWith(`${userid}!`))
  })
}

/** No simulated user has a second factor. */
function secondFactors(call: Call): Record<string, unknown> {
  const realm = call.text('userid').replace(/^.*@/, '')
  if (!isRealm(call, realm)) throw failure(`auth domain '${realm}' does not exist`)
  return call.flag('multiple') ? { user: [] } : {}
}
