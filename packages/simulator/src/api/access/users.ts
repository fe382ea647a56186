// Users and their API tokens.
import { randomUUID } from 'node:crypto'
import { ApiError, badParameters, failure } from '../../errors.ts'
import type { Token } from '../../state/user-config.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const userEndpoints: readonly Endpoint[] = [
  { path: '/access/users', method: 'GET', handle: users },
  { path: '/access/users', method: 'POST', handle: createUser },
  { path: '/access/users/{userid}', method: 'GET', handle: user },
  { path: '/access/users/{userid}', method: 'PUT', handle: updateUser },
  { path: '/access/users/{userid}', method: 'DELETE', handle: deleteUser },
  { path: '/access/users/{userid}/token', method: 'GET', handle: tokens },
  { path: '/access/users/{userid}/token/{tokenid}', method: 'GET', handle: token },
  { path: '/access/users/{userid}/token/{tokenid}', method: 'POST', handle: createToken },
  { path: '/access/users/{userid}/token/{tokenid}', method: 'PUT', handle: updateToken },
  { path: '/access/users/{userid}/token/{tokenid}', method: 'DELETE', handle: deleteToken },
]

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

function updateUser(call: Call): null {
  const entry = call.world.users.users.get(requireUser(call))
  if (entry === undefined) return null
  entry.enabled = call.flag('enable', entry.enabled)
  entry.expire = Number(call.optional('expire') ?? entry.expire)
  entry.comment = call.optional('comment') ?? entry.comment
  if (call.optional('groups') !== undefined && !call.flag('append')) entry.groups.clear()
  for (const group of listOf(call.optional('groups'))) entry.groups.add(group)
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

function requireToken(call: Call): Token {
  const entry = call.world.users.tokens.get(`${requireUser(call)}!${call.text('tokenid')}`)
  if (entry === undefined) throw failure(`no such token '${call.text('tokenid')}' for user '${call.text('userid')}'`)
  return entry
}

function token(call: Call): Record<string, unknown> {
  const { separated, expire, comment } = requireToken(call)
  return { privsep: separated ? 1 : 0, expire, ...(comment !== '' && { comment }) }
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

function updateToken(call: Call): Record<string, unknown> {
  const entry = requireToken(call)
  entry.separated = call.flag('privsep', entry.separated)
  entry.expire = Number(call.optional('expire') ?? entry.expire)
  entry.comment = call.optional('comment') ?? entry.comment
  call.world.users.save()
  return token(call)
}

function deleteToken(call: Call): null {
  const id = `${requireUser(call)}!${call.text('tokenid')}`
  if (!call.world.users.tokens.delete(id))
    throw new ApiError(500, `no such token '${call.text('tokenid')}' for user '${call.text('userid')}'`)
  call.world.users.acl = call.world.users.acl.filter((entry) => entry.who !== id)
  call.world.users.save()
  return null
}
