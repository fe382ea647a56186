// Missing privileges as the `pveum` lines that grant them.
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
  const byPath = new Map(missing.map(({ paths: [path] }) => [path, new Set(held(path))]))
  for (const {
    paths: [path],
    privileges,
  } of missing)
    byPath.get(path)?.add(privileges[0])
  const roles = new Map<string, { readonly name: string; readonly privileges: string; readonly paths: string[] }>()
  for (const [path, set] of [...byPath].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const privileges = [...set].sort().join(',')
    const area = path.split('/')[1] || 'root'
    const key = `${area} ${privileges}`
    const role = roles.get(key) ?? { name: roleName(area, [...roles.keys()]), privileges, paths: [] }
    role.paths.push(path)
    roles.set(key, role)
  }
  return [...roles.values()].flatMap(({ name, privileges, paths }) => [
    // A run before may have asked for less under the same name.
    `pveum role add ${name} --privs '${privileges}' || pveum role modify ${name} --append 1 --privs '${privileges}'`,
    ...paths.map((path) => `pveum acl modify ${path} ${granteeOf(identity)} --roles ${name}`),
  ])
}

/** `ProvisionVms`, and `ProvisionStorage2` where storages lack different things; `PVE…` is reserved for built-in roles. */
function roleName(area: string, taken: readonly string[]): string {
  const count = taken.filter((key) => key.startsWith(`${area} `)).length
  return `Provision${area.charAt(0).toUpperCase()}${area.slice(1)}${count === 0 ? '' : count + 1}`
}

function granteeOf(identity: string): string {
  const [user = identity, token] = identity.split('!')
  if (token === undefined) return `--users ${user}`
  return user === 'root@pam' ? `--tokens '${identity}'` : `--users ${user} --tokens '${identity}'`
}
