// What a user or token may do, as the API tells it.
import { forbidden } from '../../errors.ts'
import { privilegesAt } from '../../state/permissions.ts'
import type { Call, Endpoint } from '../call.ts'

export const permissionEndpoints: readonly Endpoint[] = [
  { path: '/access/permissions', method: 'GET', handle: permissions },
]

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
