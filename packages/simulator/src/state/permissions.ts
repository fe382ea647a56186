// The privileges of a user or token on a path. It evaluates access control lists like Proxmox (PVE::RPCEnvironment).
import { forbidden } from '../errors.ts'
import type { AclEntry, UserConfig } from './user-config.ts'

/** Privilege → whether it propagates to paths below. */
export type Privileges = ReadonlyMap<string, boolean>
type Roles = ReadonlyMap<string, boolean>

/** Undefined for a path that is invalid in Proxmox. */
export function normalizePath(path: string): string | undefined {
  if (path === '' || path === '0') return undefined
  const normal = path.replace(/\/+/g, '/').replace(/\/$/, '')
  const rooted = normal === '' ? '/' : normal.startsWith('/') ? normal : `/${normal}`
  return /^[A-Za-z0-9.\-_/]+$/.test(rooted) ? rooted : undefined
}

const indexes = new WeakMap<readonly AclEntry[], ReadonlyMap<string, readonly AclEntry[]>>()

/** Entries by path. Lists are replaced, never changed, so each is grouped only once. */
function entriesAt({ acl }: UserConfig, path: string): readonly AclEntry[] {
  const index = indexes.get(acl) ?? Map.groupBy(acl, (entry) => entry.path)
  indexes.set(acl, index)
  return index.get(path) ?? []
}

/** `/`, `/vms`, `/vms/100`. */
function pathsTo(path: string): readonly string[] {
  const words = path.split('/').filter(Boolean)
  return ['/', ...words.map((_, index) => `/${words.slice(0, index + 1).join('/')}`)]
}

/**
 * Returns the roles on a path. A deeper entry replaces inherited ones, and a user's own entry wins over those of
 * groups.
 */
function rolesAt(config: UserConfig, who: string, path: string): Roles {
  let roles: Roles = new Map()
  const paths = pathsTo(path)
  for (const at of paths) {
    const applying = entriesAt(config, at).filter((entry) => entry.propagate || at === paths.at(-1))
    const own = applying.filter((entry) => entry.kind !== 'group' && entry.who === who)
    const groups = own.length > 0 ? new Set<string>() : (config.users.get(who)?.groups ?? new Set<string>())
    const chosen =
      own.length > 0 ? own : applying.filter(({ kind, who: group }) => kind === 'group' && groups.has(group))
    if (chosen.length > 0) roles = new Map(chosen.map((entry) => [entry.role, entry.propagate]))
  }
  const nothing = roles.get('NoAccess')
  return nothing === undefined ? roles : new Map([['NoAccess', nothing]])
}

/** Adds the roles that pools give to their members: never propagated, and never with NoAccess. */
function withPools(config: UserConfig, who: string, { path, roles }: { path: string; roles: Roles }): Roles {
  const inherited = poolsOf(config, path).flatMap((pool) => [...rolesAt(config, who, `/pool/${pool}`).keys()])
  if (inherited.length === 0 || roles.has('NoAccess')) return roles
  if (inherited.includes('NoAccess')) return new Map([['NoAccess', false]])
  return new Map([...inherited.map((role): [string, boolean] => [role, false]), ...roles])
}

function poolsOf(config: UserConfig, path: string): readonly string[] {
  const [, kind, id = ''] = /^\/(vms|storage)\/([^/]+)$/.exec(path) ?? []
  if (kind === undefined) return []
  const isIn =
    kind === 'vms' ? (pool: string) => hasMachine(config, pool, id) : (pool: string) => hasStorage(config, pool, id)
  return [...config.pools.keys()].filter(isIn)
}

const hasMachine = (config: UserConfig, pool: string, vmid: string): boolean =>
  config.pools.get(pool)?.machines.has(Number(vmid)) === true
const hasStorage = (config: UserConfig, pool: string, storage: string): boolean =>
  config.pools.get(pool)?.storages.has(storage) === true

function privilegesOf(config: UserConfig, who: string, path: string): Privileges {
  const found = new Map<string, boolean>()
  for (const [role, propagate] of withPools(config, who, { path, roles: rolesAt(config, who, path) })) {
    for (const privilege of config.roles.get(role) ?? []) found.set(privilege, found.get(privilege) || propagate)
  }
  return found
}

const whole = new WeakMap<ReadonlySet<string>, Privileges>()
const nothing: ReadonlySet<string> = new Set()

function everything(config: UserConfig): Privileges {
  const administrator = config.roles.get('Administrator') ?? nothing
  const known = whole.get(administrator)
  if (known !== undefined) return known
  const all = new Map([...administrator].map((privilege) => [privilege, true]))
  whole.set(administrator, all)
  return all
}

/** A token without privilege separation has the privileges of its owner. One with it has those that both have. */
export function privilegesAt(config: UserConfig, who: string, path: string): Privileges {
  if (who === 'root@pam') return everything(config)
  const at = normalizePath(path) ?? path
  if (!who.includes('!')) return privilegesOf(config, who, at)
  const token = config.tokens.get(who)
  if (token === undefined) return new Map()
  const owner = privilegesAt(config, token.user, at)
  if (!token.separated) return owner
  const own = privilegesOf(config, who, at)
  return new Map(
    [...own].flatMap(([name, held]) => (owner.has(name) ? [[name, held && owner.get(name) === true]] : [])),
  )
}

interface Need {
  readonly path: string
  readonly privileges: readonly string[]
}

/** Throws the 403 with the path and the first missing privilege. */
export function requireAll(config: UserConfig, who: string, need: Need): void {
  const found = privilegesAt(config, who, need.path)
  for (const privilege of need.privileges) {
    if (!found.has(privilege)) throw forbidden(`${normalizePath(need.path) ?? need.path}, ${privilege}`)
  }
}

export function requireAny(config: UserConfig, who: string, need: Need): void {
  const found = privilegesAt(config, who, need.path)
  if (!need.privileges.some((privilege) => found.has(privilege))) {
    throw forbidden(`${normalizePath(need.path) ?? need.path}, ${need.privileges.join('|')}`)
  }
}

export function hasAny(config: UserConfig, who: string, path: string, ...privileges: readonly string[]): boolean {
  const found = privilegesAt(config, who, path)
  return privileges.some((privilege) => found.has(privilege))
}

export function hasAll(config: UserConfig, who: string, path: string, ...privileges: readonly string[]): boolean {
  const found = privilegesAt(config, who, path)
  return privileges.every((privilege) => found.has(privilege))
}

/**
 * Returns all paths to evaluate: the fixed ones, those with entries, and members of pools
 * (`get_effective_permissions`).
 */
export function effectivePaths(config: UserConfig): readonly string[] {
  const trunk = '/ /access /access/groups /nodes /pool /sdn /storage /vms'.split(' ')
  const named = config.acl.flatMap(({ path }) => pathsTo(path))
  const members = [...config.pools.values()].flatMap(({ machines, storages }) => [
    ...[...machines].map((vmid) => `/vms/${vmid}`),
    ...[...storages].map((storage) => `/storage/${storage}`),
  ])
  return [...new Set([...trunk, ...named, ...members])].sort()
}
