// Which privileges the token has, from the facts.
import type { Facts } from '../facts/facts.ts'
import { permissionsOf } from '../ports/pve/permissions.ts'

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
