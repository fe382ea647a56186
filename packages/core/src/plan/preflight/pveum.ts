// Creates the `pveum` commands that grant missing privileges.
import { hash16 } from '../names.ts'
import type { Need } from './privileges.ts'

export interface Grantee {
  /** `user@realm!token`, or `user@realm`. */
  readonly identity: string
  /** Returns what the identity already has on a path. */
  readonly held: (path: string) => readonly string[]
}

/**
 * Returns commands for a root shell on any node: a role for each set of privileges, and its grants. A token with
 * privilege separation has only what both it and its user have, so both get the grant. Trap: a grant on a path replaces
 * what it inherits, so a role contains the existing privileges on its path as well as the missing ones.
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

/** Returns the path on which to grant a missing privilege. */
export function grantPath({ paths, grantOn }: Need): string {
  return grantOn ?? paths[0]
}

function areaOf(path: string): string {
  return path.split('/')[1] || 'root'
}

/**
 * `ProvisionVms-1a2b3c4d`: named after its content, so that a role of another token is never extended. `PVE…` is
 * reserved for built-in roles.
 */
function roleName(area: string, privileges: string): string {
  return `Provision${area.charAt(0).toUpperCase()}${area.slice(1)}-${hash16(privileges).slice(0, 8)}`
}

function granteeOf(identity: string): string {
  const [user = identity, token] = identity.split('!')
  if (token === undefined) return `--users ${user}`
  return user === 'root@pam' ? `--tokens '${identity}'` : `--users ${user} --tokens '${identity}'`
}
