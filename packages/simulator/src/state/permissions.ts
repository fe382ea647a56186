// What a user or token may do at a path: access control lists walked as Proxmox walks them.
import { forbidden } from '../errors.ts'
import type { UserConfig } from './user-config.ts'

/** Privilege → whether it also holds below the path. */
export type Privileges = ReadonlyMap<string, boolean>

export function normalizePath(path: string): string {
  const normal = path.replace(/\/+/g, '/').replace(/\/$/, '')
  return normal === '' ? '/' : normal.startsWith('/') ? normal : `/${normal}`
}

/** Roles at a path; an entry further down replaces what was inherited, a user's own entry beats his groups'. */
function rolesAt(config: UserConfig, who: string, path: string): ReadonlyMap<string, boolean> {
  const isToken = who.includes('!')
  const groups = isToken ? new Set<string>() : (config.users.get(who)?.groups ?? new Set<string>())
  let roles = new Map<string, boolean>()
  const paths = [...new Set(config.acl.map((entry) => entry.path))].sort()
  for (const at of paths.filter(
    (candidate) => candidate === '/' || candidate === path || path.startsWith(`${candidate}/`),
  )) {
    const applying = config.acl.filter((entry) => entry.path === at && (at === path || entry.propagate))
    const own = applying.filter((entry) => entry.kind === (isToken ? 'token' : 'user') && entry.who === who)
    const shared = applying.filter((entry) => entry.kind === 'group' && groups.has(entry.who))
    const chosen = own.length > 0 ? own : shared
    if (chosen.length > 0) roles = new Map(chosen.map((entry) => [entry.role, entry.propagate]))
  }
  return roles.has('NoAccess') ? new Map() : roles
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

function plainPrivileges(config: UserConfig, who: string, path: string): Privileges {
  if (who === 'root@pam') return everything(config)
  const found = new Map<string, boolean>()
  for (const [role, propagate] of rolesAt(config, who, path)) {
    for (const privilege of config.roles.get(role) ?? []) found.set(privilege, propagate)
  }
  for (const pool of poolsOf(config, path)) {
    for (const [privilege, propagate] of plainPrivileges(config, who, `/pool/${pool}`)) {
      if (propagate) found.set(privilege, true)
    }
  }
  return found
}

function poolsOf(config: UserConfig, path: string): readonly string[] {
  const machine = /^\/vms\/(\d+)$/.exec(path)?.[1]
  const storage = /^\/storage\/([^/]+)$/.exec(path)?.[1]
  if (machine === undefined && storage === undefined) return []
  return [...config.pools]
    .filter(([, pool]) =>
      machine === undefined ? pool.storages.has(storage ?? '') : pool.machines.has(Number(machine)),
    )
    .map(([name]) => name)
}

export function privilegesAt(config: UserConfig, who: string, path: string): Privileges {
  const at = normalizePath(path)
  const token = config.tokens.get(who)
  if (token === undefined) return plainPrivileges(config, who, at)
  const owner = plainPrivileges(config, token.user, at)
  if (!token.separated) return owner
  const own = plainPrivileges(config, who, at)
  return new Map([...own].filter(([privilege]) => owner.has(privilege)))
}

/** Throws the 403 that names the path and the first privilege that is missing. */
export function requireAll(
  config: UserConfig,
  who: string,
  need: { path: string; privileges: readonly string[] },
): void {
  const found = privilegesAt(config, who, need.path)
  for (const privilege of need.privileges) {
    if (!found.has(privilege)) throw forbidden(`${normalizePath(need.path)}, ${privilege}`)
  }
}

export function requireAny(
  config: UserConfig,
  who: string,
  need: { path: string; privileges: readonly string[] },
): void {
  const found = privilegesAt(config, who, need.path)
  if (!need.privileges.some((privilege) => found.has(privilege))) {
    throw forbidden(`${normalizePath(need.path)}, ${need.privileges.join('|')}`)
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
