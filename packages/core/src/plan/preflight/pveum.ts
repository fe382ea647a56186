// Missing privileges as the `pveum` lines that grant them.
import { hash16 } from '../names.ts'
import type { Need } from './privileges.ts'

export interface Grantee {
  /** `user@realm!token`, or `user@realm`. */
  readonly identity: string
  /** What it has on a path already. */
  readonly held: (path: string) => readonly string[]
}

/**
 * Lines for a root shell on any node: a role for each set of privileges, and its grants. A token with privilege
 * separation has what both it and its user have, so both get the grant. Trap: a grant on a path takes the place of what
 * is handed down from above, so a role holds what is held on its path already as well as what is missing.
 */
export function pveumLines(missing: readonly Need[], { identity, held }: Grantee): readonly string[] {
  const byPath = new Map(missing.map((need) => [grantPath(need), new Set(held(grantPath(need)))]))
  for (const need of missing) byPath.get(grantPath(need))?.add(need.privileges[0])
  const paths = [...byPath.keys()].sort()
  const byRole = Map.groupBy(paths, (path) => `${areaOf(path)} ${[...(byPath.get(path) ?? [])].sort().join(',')}`)
  return [...byRole].flatMap(([role, granted]) => {
    const [area = '', privileges = ''] = role.split(' ')
    const name = roleName(area, privileges)
    return [
      `pveum role add ${name} --privs '${privileges}' || pveum role modify ${name} --privs '${privileges}'`,
      ...granted.map((path) => `pveum acl modify ${path} ${granteeOf(identity)} --roles ${name}`),
    ]
  })
}

/** Where a missing privilege is to be granted. */
export function grantPath({ paths, grantOn }: Need): string {
  return grantOn ?? paths[0]
}

function areaOf(path: string): string {
  return path.split('/')[1] || 'root'
}

/**
 * `ProvisionVms-1a2b3c4d`: named by what it holds, so that a role which another token has as well never comes to hold
 * more. `PVE…` is reserved for built-in roles.
 */
function roleName(area: string, privileges: string): string {
  return `Provision${area.charAt(0).toUpperCase()}${area.slice(1)}-${hash16(privileges).slice(0, 8)}`
}

function granteeOf(identity: string): string {
  const [user = identity, token] = identity.split('!')
  if (token === undefined) return `--users ${user}`
  return user === 'root@pam' ? `--tokens '${identity}'` : `--users ${user} --tokens '${identity}'`
}
