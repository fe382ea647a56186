// Which privileges the token has, from the facts.
import type { Facts } from '../../facts/facts.ts'
import { permissionsOf } from '../../ports/pve/permissions.ts'

/** Whether the token has a privilege on a path, with what is handed down from paths above. */
export function privilegesIn({ cluster: { permissions } }: Facts): (path: string, privilege: string) => boolean {
  const tree = [...permissions].map(([path, held]) => {
    return [
      path,
      Object.fromEntries([...held].map(([privilege, propagates]) => [privilege, propagates ? 1 : 0])),
    ] as const
  })
  return permissionsOf(Object.fromEntries(tree))
}

/** All that the token has on a path. */
export function heldPrivileges(facts: Facts): (path: string) => readonly string[] {
  const has = privilegesIn(facts)
  const names = [...new Set([...facts.cluster.permissions.values()].flatMap((held) => [...held.keys()]))].sort()
  return (path) => names.filter((name) => has(path, name))
}
