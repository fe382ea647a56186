// All privileges, and the built-in roles, by version.

export type PveVersion = '8.4' | '9.2'

const vmConfig = ['CDROM', 'CPU', 'Cloudinit', 'Disk', 'HWType', 'Memory', 'Network', 'Options'].map(
  (part) => `VM.Config.${part}`,
)
const agentFiles = ['FileRead', 'FileSystemMgmt', 'FileWrite'].map((part) => `VM.GuestAgent.${part}`)

interface PrivilegeGroup {
  readonly root: readonly string[]
  readonly admin: readonly string[]
  readonly user: readonly string[]
  readonly audit: readonly string[]
}

function groupsOf(version: PveVersion): Readonly<Record<string, PrivilegeGroup>> {
  const isNine = version !== '8.4'
  return {
    VM: {
      root: [],
      admin: [
        ...vmConfig.filter((name) => name !== 'VM.Config.CDROM' && name !== 'VM.Config.Cloudinit'),
        'VM.Allocate',
        'VM.Clone',
        'VM.Migrate',
        'VM.Snapshot',
        'VM.Snapshot.Rollback',
        ...(isNine ? ['VM.GuestAgent.Unrestricted', 'VM.Replicate'] : ['VM.Monitor']),
      ],
      user: [
        'VM.Config.CDROM',
        'VM.Config.Cloudinit',
        'VM.Console',
        'VM.Backup',
        'VM.PowerMgmt',
        ...(isNine ? agentFiles : []),
      ],
      audit: ['VM.Audit', ...(isNine ? ['VM.GuestAgent.Audit'] : [])],
    },
    Sys: {
      root: ['Sys.PowerMgmt', 'Sys.Modify', 'Sys.Incoming', 'Sys.AccessNetwork'],
      admin: ['Sys.Console', 'Sys.Syslog'],
      user: [],
      audit: ['Sys.Audit'],
    },
    Datastore: {
      root: [],
      admin: ['Datastore.Allocate', 'Datastore.AllocateTemplate'],
      user: ['Datastore.AllocateSpace'],
      audit: ['Datastore.Audit'],
    },
    SDN: { root: [], admin: ['SDN.Allocate', 'SDN.Audit'], user: ['SDN.Use'], audit: ['SDN.Audit'] },
    User: {
      root: ['Realm.Allocate'],
      admin: ['User.Modify', 'Group.Allocate', 'Realm.AllocateUser'],
      user: [],
      audit: [],
    },
    Pool: { root: [], admin: ['Pool.Allocate'], user: ['Pool.Audit'], audit: ['Pool.Audit'] },
    Mapping: { root: [], admin: ['Mapping.Modify'], user: ['Mapping.Use'], audit: ['Mapping.Audit'] },
  }
}

/** All privileges of this version. `Permissions.Modify` belongs to no group. */
export function allPrivileges(version: PveVersion): ReadonlySet<string> {
  const groups = Object.values(groupsOf(version))
  return new Set([
    ...groups.flatMap((group) => [...group.root, ...group.admin, ...group.user, ...group.audit]),
    'Permissions.Modify',
  ])
}

/**
 * The built-in roles (pve-access-control `create_roles`). Only Administrator has the privileges in a group's `root`
 * (Sys.Modify, Sys.AccessNetwork, …).
 */
export function builtInRoles(version: PveVersion): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = groupsOf(version)
  const roles = new Map<string, ReadonlySet<string>>([
    ['Administrator', allPrivileges(version)],
    ['NoAccess', new Set()],
    ['PVETemplateUser', new Set(['VM.Audit', 'VM.Clone'])],
  ])
  const admin = new Set<string>()
  const audit = new Set<string>()
  for (const [name, group] of Object.entries(groups)) {
    for (const privilege of [...group.admin, ...group.user, ...group.audit]) admin.add(privilege)
    for (const privilege of group.audit) audit.add(privilege)
    roles.set(`PVE${name}Admin`, new Set([...group.admin, ...group.user, ...group.audit]))
    if (group.user.length > 0) roles.set(`PVE${name}User`, new Set([...group.user, ...group.audit]))
  }
  // Only PVEMappingAdmin and Administrator have the Mapping privileges.
  admin.delete('Mapping.Modify')
  roles.set('PVEAdmin', admin)
  roles.set('PVEAuditor', audit)
  return roles
}
