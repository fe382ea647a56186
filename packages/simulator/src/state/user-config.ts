// Users, groups, tokens, roles, access control lists and pools, stored in Proxmox's own `user.cfg`.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './files.ts'
import { builtInRoles, type PveVersion } from './privileges.ts'

export interface User {
  enabled: boolean
  /** Seconds since 1970. 0: no limit. */
  expire: number
  firstname: string
  lastname: string
  email: string
  comment: string
  /** Keys of a second factor. */
  keys: string
  readonly groups: Set<string>
}

/** Creates a user with default values for everything that is not given. */
export function makeUser(known: Partial<User> = {}): User {
  const empty = { firstname: '', lastname: '', email: '', comment: '', keys: '' }
  return { enabled: true, expire: 0, ...empty, ...known, groups: new Set(known.groups) }
}

export interface Token {
  readonly user: string
  readonly name: string
  /** A token with privilege separation has at most what its own ACL entries grant. */
  separated: boolean
  expire: number
  comment: string
}

export interface AclEntry {
  readonly path: string
  readonly propagate: boolean
  readonly kind: 'user' | 'group' | 'token'
  readonly who: string
  readonly role: string
}

export interface Pool {
  comment: string
  readonly machines: Set<number>
  readonly storages: Set<string>
}

export interface UserConfig {
  readonly users: Map<string, User>
  readonly tokens: Map<string, Token>
  readonly groups: Map<string, string>
  readonly roles: Map<string, ReadonlySet<string>>
  readonly builtIn: ReadonlySet<string>
  /** Replaced as a whole with each change. */
  acl: readonly AclEntry[]
  readonly pools: Map<string, Pool>
  setSecret(tokenId: string, secret: string): void
  hasSecret(tokenId: string, secret: string): boolean
  forgetSecret(tokenId: string): void
  setPassword(user: string, password: string): void
  forgetPassword(user: string): void
  hasPassword(user: string, password: string): boolean
  save(): void
}

/** Returns the pool of a machine. */
export function poolOf({ pools }: UserConfig, vmid: number): string | undefined {
  for (const [name, { machines }] of pools) if (machines.has(vmid)) return name
  return undefined
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export function openUserConfig(directory: string, version: PveVersion): UserConfig {
  const builtIn = builtInRoles(version)
  const secrets = readPairs(join(directory, 'priv/token.cfg'))
  const passwords = readPairs(join(directory, 'priv/shadow.cfg'))
  const config: UserConfig = {
    users: new Map(),
    tokens: new Map(),
    groups: new Map(),
    roles: new Map(builtIn),
    builtIn: new Set(builtIn.keys()),
    acl: [],
    pools: new Map(),
    setSecret: (tokenId, secret) => secrets.set(tokenId, digestOf(secret)),
    hasSecret: (tokenId, secret) => secrets.get(tokenId) === digestOf(secret),
    forgetSecret: (tokenId) => void secrets.delete(tokenId),
    forgetPassword: (user) => void passwords.delete(user),
    setPassword: (user, password) => passwords.set(user, digestOf(`${user}\n${password}`)),
    hasPassword: (user, password) => passwords.get(user) === digestOf(`${user}\n${password}`),
    save: () => {
      writeWhole(join(directory, 'user.cfg'), formatUserConfig(config))
      writeWhole(join(directory, 'priv/token.cfg'), formatPairs(secrets))
      writeWhole(join(directory, 'priv/shadow.cfg'), formatPairs(passwords))
    },
  }
  const file = join(directory, 'user.cfg')
  if (existsSync(file)) for (const line of readFileSync(file, 'utf8').split('\n')) readLine(config, line)
  return config
}

function readPairs(file: string): Map<string, string> {
  if (!existsSync(file)) return new Map()
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
}

function formatPairs(pairs: ReadonlyMap<string, string>): string {
  return [...pairs].map(([key, value]) => `${key} ${value}\n`).join('')
}

const listOf = (text: string | undefined): string[] => (text ?? '').split(',').filter(Boolean)

function readLine(config: UserConfig, line: string): void {
  const [kind, ...fields] = line.split(':').map((field) => decodeURIComponent(field))
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = fields
  if (kind === 'user') {
    const [firstname = '', lastname = '', email = '', comment = '', keys = ''] = fields.slice(3)
    const user = { enabled: second === '1', expire: Number(third), firstname, lastname, email, comment, keys }
    config.users.set(first, makeUser(user))
  } else if (kind === 'token') {
    const [user = '', name = ''] = first.split('!')
    config.tokens.set(first, { user, name, expire: Number(second), separated: third === '1', comment: fourth })
  } else if (kind === 'group') {
    config.groups.set(first, third)
    for (const member of listOf(second)) config.users.get(member)?.groups.add(first)
  } else if (kind === 'role') {
    config.roles.set(first, new Set(listOf(second)))
  } else if (kind === 'pool') {
    config.pools.set(first, {
      comment: second,
      machines: new Set(listOf(third).map(Number)),
      storages: new Set(listOf(fourth)),
    })
  } else if (kind === 'acl') {
    readAcl(config, { propagate: first === '1', path: second, who: listOf(third), roles: listOf(fourth || fifth) })
  }
}

function readAcl(
  config: UserConfig,
  line: { propagate: boolean; path: string; who: readonly string[]; roles: readonly string[] },
): void {
  for (const who of line.who) {
    const kind = who.startsWith('@') ? 'group' : who.includes('!') ? 'token' : 'user'
    for (const role of line.roles) {
      const entry: AclEntry = { path: line.path, propagate: line.propagate, kind, who: who.replace(/^@/, ''), role }
      config.acl = [...config.acl, entry]
    }
  }
}

const escaped = (text: string): string => text.replace(/[%:\n\r]/g, (character) => encodeURIComponent(character))

function userLine([name, user]: [string, User]): string {
  const texts = [user.firstname, user.lastname, user.email, user.comment, user.keys].map(escaped)
  return `user:${name}:${user.enabled ? 1 : 0}:${user.expire}:${texts.join(':')}:`
}

function formatUserConfig(config: UserConfig): string {
  const membersOf = (group: string): string =>
    [...config.users]
      .filter(([, user]) => user.groups.has(group))
      .map(([name]) => name)
      .join(',')
  const lines = [
    ...[...config.users].map(userLine),
    ...[...config.tokens].map(
      ([id, token]) => `token:${id}:${token.expire}:${token.separated ? 1 : 0}:${escaped(token.comment)}:`,
    ),
    '',
    ...[...config.groups].map(([name, comment]) => `group:${name}:${membersOf(name)}:${escaped(comment)}:`),
    '',
    ...[...config.pools].map(
      ([name, pool]) =>
        `pool:${name}:${escaped(pool.comment)}:${[...pool.machines].join(',')}:${[...pool.storages].join(',')}:`,
    ),
    '',
    ...[...config.roles]
      .filter(([name]) => !config.builtIn.has(name))
      .map(([name, privileges]) => `role:${name}:${[...privileges].sort().join(',')}:`),
    '',
    ...config.acl.map(
      ({ propagate, path, kind, who, role }) =>
        `acl:${propagate ? 1 : 0}:${path}:${kind === 'group' ? '@' : ''}${who}:${role}:`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
