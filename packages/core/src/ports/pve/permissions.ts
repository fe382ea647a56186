// What this token may do, from one answer of `/access/permissions`.
/** `(path, privilege) → boolean`, such as `('/storage/local', 'Datastore.AllocateTemplate')`. */
export type HasPrivilege = (path: string, privilege: string) => boolean

/** Path → privilege → 1 when it is handed down to the paths below, else 0. */
export type PermissionTree = Readonly<Record<string, Readonly<Record<string, number>>>>

// Proxmox always computes these (PVE::RPCEnvironment `get_effective_permissions`): absent means no privilege there.
const alwaysComputed = new Set(['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms'])

/**
 * Reads the tree as Proxmox does: a path that is listed says all about itself, whether it hands down or not; a path that
 * is not listed has what its nearest listed ancestor hands down. The listed values are those of Proxmox itself, with
 * pools, groups and the limits of a token already in them.
 *
 * What the answer cannot tell: a `NoAccess` set exactly on a deeper path, which Proxmox leaves out of it.
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
