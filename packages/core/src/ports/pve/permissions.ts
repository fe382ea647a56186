// Evaluates the token's permissions from one answer of `/access/permissions`.
/** Returns true if the token has the privilege on the path: `('/storage/local', 'Datastore.AllocateTemplate')`. */
export type HasPrivilege = (path: string, privilege: string) => boolean

/** Path → privilege → 1 if it propagates to the paths below, else 0. */
export type PermissionTree = Readonly<Record<string, Readonly<Record<string, number>>>>

// Proxmox always computes these (PVE::RPCEnvironment `get_effective_permissions`). If one is absent, it has no
// privileges.
const alwaysComputed = new Set(['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms'])

/**
 * Evaluates the tree as Proxmox does. A listed path contains all its own privileges, whether they propagate or not. A
 * path that is not listed has what its nearest listed ancestor propagates. The listed values come from Proxmox and
 * already include pools, groups and the limits of a token.
 *
 * Limit: Proxmox leaves a `NoAccess` on a deeper path out of its answer, so this cannot know about it.
 */
export function permissionsOf(tree: PermissionTree): HasPrivilege {
  return (path, privilege) => {
    const own = tree[path]
    if (own || alwaysComputed.has(path)) return own?.[privilege] !== undefined
    for (let ancestor = parentOf(path); ; ancestor = parentOf(ancestor)) {
      const privileges = tree[ancestor]
      if (privileges || alwaysComputed.has(ancestor)) return Boolean(privileges?.[privilege])
    }
  }
}

function parentOf(path: string): string {
  return path.replace(/\/[^/]*$/, '') || '/'
}
