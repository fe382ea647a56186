// API tokens of users (pve-access-control `API2/User.pm`).
import { randomUUID } from 'node:crypto'
import { badParameters, failure } from '../../errors.ts'
import type { Token, UserConfig } from '../../state/user-config.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { lockUsers, requireUser } from './lock-users.ts'

const root = '/access/users/{userid}/token'

export const tokenEndpoints: readonly Endpoint[] = [
  { path: root, method: 'GET', handle: tokens },
  { path: `${root}/{tokenid}`, method: 'GET', handle: (call) => tokenRow(requireToken(call)) },
  { path: `${root}/{tokenid}`, method: 'POST', handle: createToken },
  { path: `${root}/{tokenid}`, method: 'PUT', handle: updateToken },
  { path: `${root}/{tokenid}`, method: 'DELETE', handle: deleteToken },
]

/** Sorted by name. */
export function tokensOf(config: UserConfig, userid: string): readonly Token[] {
  return [...config.tokens.values()]
    .filter(({ user }) => user === userid)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

export function tokenRow({ separated, expire, comment }: Token): Record<string, unknown> {
  return { privsep: separated ? 1 : 0, expire, ...(comment !== '' && { comment }) }
}

function tokens(call: Call): readonly Record<string, unknown>[] {
  requireUser(call.world.users, call.text('userid'))
  return tokensOf(call.world.users, call.text('userid')).map((token) => ({ tokenid: token.name, ...tokenRow(token) }))
}

const idOf = (call: Call): string => `${call.text('userid')}!${call.text('tokenid')}`

/** Throws if the user or the token does not exist. */
export function requireToken(call: Call, id = idOf(call)): Token {
  const { users: config } = call.world
  const [userid = '', name = ''] = id.split('!')
  requireUser(config, userid)
  const token = config.tokens.get(id)
  if (token === undefined) throw failure(`no such token '${name}' for user '${userid}'`)
  return token
}

/** Returns the secret, which is never shown again. The other parameters are returned as the text that was sent. */
function createToken(call: Call): Record<string, unknown> {
  const userid = call.text('userid')
  const id = idOf(call)
  requireUser(call.world.users, userid)
  if (call.world.users.tokens.has(id)) throw badParameters({ tokenid: 'Token already exists.' })
  const value = randomUUID()
  lockUsers(call, 'generating token failed', (config) => {
    config.tokens.set(id, {
      user: userid,
      name: call.text('tokenid'),
      separated: call.flag('privsep', true),
      expire: Number(call.optional('expire') ?? 0),
      comment: call.optional('comment') ?? '',
    })
    config.setSecret(id, value)
  })
  const { privsep, expire, comment } = call.parameters
  const info = { privsep: privsep ?? 1, ...(expire !== undefined && { expire }), ...(comment && { comment }) }
  return { info, value, 'full-tokenid': id }
}

function updateToken(call: Call): Record<string, unknown> {
  const id = idOf(call)
  const token = requireToken(call)
  const { privsep, expire, comment } = call.parameters
  const value = call.flag('regenerate') ? randomUUID() : undefined
  lockUsers(call, 'updating token info failed', (config) => {
    token.separated = call.flag('privsep', token.separated)
    token.expire = Number(expire ?? token.expire)
    // Since 9, an empty comment counts as none. 8.4 did not check.
    if (comment !== undefined && (comment !== '' || call.world.version !== '8.4')) token.comment = comment
    for (const key of listOf(call.optional('delete'))) {
      if (key !== 'comment') throw badParameters({ delete: `unknown option '${key}'` })
      token.comment = ''
    }
    if (value !== undefined) config.setSecret(id, value)
  })
  const sent = { ...(privsep !== undefined && { privsep }), ...(expire !== undefined && { expire }) }
  return { ...tokenRow(token), ...sent, ...(value !== undefined && { value, 'full-tokenid': id }) }
}

function deleteToken(call: Call): null {
  const id = idOf(call)
  requireToken(call)
  return lockUsers(call, 'deleting token failed', (config) => {
    config.tokens.delete(id)
    config.forgetSecret(id)
    config.acl = config.acl.filter(({ who }) => who !== id)
  })
}
