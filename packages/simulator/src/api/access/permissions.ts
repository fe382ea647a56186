// The effective permissions of a user or token, as the API returns them.
import { effectivePaths, type Privileges, privilegesAt } from '../../state/permissions.ts'
import type { Call, Endpoint } from '../call.ts'

export const permissionEndpoints: readonly Endpoint[] = [
  { path: '/access', method: 'GET', handle: () => folders },
  { path: '/access/ticket', method: 'GET', handle: () => null },
  { path: '/access/permissions', method: 'GET', handle: permissions },
]

const folders = 'users groups roles acl domains openid tfa ticket password'.split(' ').map((subdir) => ({ subdir }))

function permissions(call: Call): Record<string, Record<string, number>> {
  const { users: config } = call.world
  const me = call.identity.name
  const who = call.optional('userid') ?? me
  if (who !== me && who.split('!')[0] !== me) call.needs('/access', 'Sys.Audit')
  const only = call.optional('path')
  if (only) return { [only]: shown(privilegesAt(config, who, only)) }
  const found = effectivePaths(config).map((path) => [path, privilegesAt(config, who, path)] as const)
  return Object.fromEntries(found.filter(([, held]) => held.size > 0).map(([path, held]) => [path, shown(held)]))
}

const shown = (held: Privileges): Record<string, number> =>
  Object.fromEntries([...held].map(([privilege, propagates]) => [privilege, propagates ? 1 : 0]))

const byKind: Readonly<Record<string, RegExp>> = {
  vms: /^(?:VM\.|Permissions\.Modify)/,
  access: /^(?:(?:User|Group)\.|Permissions\.Modify)/,
  storage: /^(?:Datastore\.|Permissions\.Modify)/,
  nodes: /^(?:Sys\.|Permissions\.Modify)/,
  sdn: /^(?:SDN\.|Permissions\.Modify)/,
  dc: /^(?:Sys\.Audit|Sys\.Modify|SDN\.)/,
  mapping: /^(?:Mapping\.|Permissions.Modify)/,
}

/** Returns the capabilities in the answer of `/access/ticket`, by kind of object (`compute_api_permission`). */
export function capabilities({ world }: Pick<Call, 'world'>, userName: string): Record<string, Record<string, number>> {
  const result = Object.fromEntries(Object.keys(byKind).map((kind): [string, Record<string, number>] => [kind, {}]))
  const add = (kind: string, privilege: string): void => void Object.assign(result[kind] ?? {}, { [privilege]: 1 })
  for (const path of ['/', '/nodes', '/access/groups', '/vms', '/storage', '/sdn', '/mapping', ...aclPaths(world)]) {
    const kind = /^\/(\w+)/.exec(path)?.[1] ?? 'dc'
    for (const privilege of privilegesAt(world.users, userName, path).keys()) {
      if (kind === 'pool') for (const each of kindsOfPool(privilege)) add(each, privilege)
      else if (byKind[kind]?.test(privilege)) add(kind, privilege)
    }
  }
  return result
}

const aclPaths = ({ users }: Call['world']): readonly string[] => users.acl.map(({ path }) => path)

/** A privilege on a pool also applies to its members. */
function kindsOfPool(privilege: string): readonly string[] {
  if (privilege === 'Permissions.Modify') return ['storage', 'vms']
  if (privilege.startsWith('VM.')) return ['vms']
  return privilege.startsWith('Datastore.') ? ['storage'] : []
}
