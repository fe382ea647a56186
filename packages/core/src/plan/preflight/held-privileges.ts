// Evaluates the token's privileges from the facts. All code uses these functions.
import type { ClusterFacts, Facts } from '../../facts/facts.ts'
import { type HasPrivilege, permissionsOf } from '../../ports/pve/permissions.ts'

type Known = { readonly cluster: Pick<ClusterFacts, 'permissions'> }

/** Returns a function that says if the token has a privilege on a path, including inherited ones. */
export function privilegesIn({ cluster: { permissions } }: Known): HasPrivilege {
  return permissionsOf(permissions)
}

/** Returns a function that lists all privileges of the token on a path. */
export function heldPrivileges(facts: Facts): (path: string) => readonly string[] {
  const has = privilegesIn(facts)
  const names = [...new Set(Object.values(facts.cluster.permissions).flatMap((held) => Object.keys(held)))].sort()
  return (path) => names.filter((name) => has(path, name))
}

/** `download-url` requires Sys.AccessNetwork on the node, or Sys.Audit and Sys.Modify on / (pve-storage Status.pm). */
export function mayDownload(known: Known, node: string): boolean {
  const has = privilegesIn(known)
  return has(`/nodes/${node}`, 'Sys.AccessNetwork') || (has('/', 'Sys.Audit') && has('/', 'Sys.Modify'))
}
