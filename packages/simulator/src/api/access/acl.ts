// Access control lists (pve-access-control `API2/ACL.pm`).
import { badParameters, failure } from '../../errors.ts'
import { normalizePath, privilegesAt } from '../../state/permissions.ts'
import type { PveVersion } from '../../state/privileges.ts'
import type { AclEntry, UserConfig } from '../../state/user-config.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'
import { lockUsers } from './lock-users.ts'
import { mayModify } from './permission-check.ts'
import { requireToken } from './tokens.ts'

export const aclEndpoints: readonly Endpoint[] = [
  { path: '/access/acl', method: 'GET', handle: acl },
  { path: '/access/acl', method: 'PUT', handle: updateAcl },
]

const kinds = ['user', 'group', 'token'] as const

/** Sorts as Proxmox walks its tree: a path before the paths below it, and at each path users, groups, tokens. */
function inTreeOrder(one: AclEntry, other: AclEntry): number {
  const [left, right] = [one, other].map(({ path }) => path.replaceAll('/', '\0'))
  if (left !== right) return (left ?? '') < (right ?? '') ? -1 : 1
  return kinds.indexOf(one.kind) - kinds.indexOf(other.kind)
}

function acl(call: Call): readonly Record<string, unknown>[] {
  const audit = call.may('/access', 'Sys.Audit')
  return [...call.world.users.acl]
    .sort(inTreeOrder)
    .filter(({ path }) => audit || mayModify(call, path))
    .map(({ path, kind, who, role: roleid, propagate }) => ({
      path,
      type: kind,
      ugid: who,
      roleid,
      propagate: propagate ? 1 : 0,
    }))
}

const name = '[A-Za-z0-9.\\-_]+'
const since9 = '|/sdn/fabrics(/[A-Za-z0-9]+)?|/sdn/prefix-lists(/[A-Za-z0-9]+)?|/sdn/route-maps(/[A-Za-z0-9]+)?'
const isPath = (version: PveVersion): RegExp =>
  new RegExp(
    `^(/|/access|/access/(groups|realm)(/${name})?|/nodes(/${name})?|/pool(/${name}){0,3}` +
      `|/sdn|/sdn/controllers(/[A-Za-z0-9_-]+)?|/sdn/(dns|ipams)(/[A-Za-z0-9]+)?${version === '8.4' ? '' : since9}` +
      `|/sdn/zones(/${name}(/${name}(/[1-9][0-9]{0,3})?)?)?|/storage(/${name})?|/vms(/[1-9][0-9]{2,})?` +
      `|/mapping(/${name}){0,2})$`,
  )

function updateAcl(call: Call): null {
  const subjects = kinds.flatMap((kind) => listOf(call.optional(`${kind}s`)).map((who) => ({ kind, who })))
  const given = call.text('path')
  if (!kinds.some((kind) => call.optional(`${kind}s`))) {
    const text = "either 'users', 'groups' or 'tokens' is required."
    throw badParameters({ users: text, groups: text, tokens: text })
  }
  const path = normalizePath(given)
  if (path === undefined || (!call.flag('delete') && !isPath(call.world.version).test(path))) {
    throw badParameters({ path: `invalid ACL path '${given}'` })
  }
  return lockUsers(call, 'ACL update failed', (config) => {
    let { acl: entries } = config
    for (const role of listOf(call.text('roles'))) {
      if (!config.roles.has(role)) throw failure(`role '${role}' does not exist`)
      checkMayGive(call, config, { role, path })
      for (const { kind, who } of ofGroupsFirst(subjects)) {
        requireSubject(call, config, { kind, who })
        entries = changed(call, entries, { path, kind, who, role, propagate: call.flag('propagate', true) })
      }
    }
    config.acl = entries
  })
}

type Subject = Pick<AclEntry, 'kind' | 'who'>

const ofGroupsFirst = (subjects: readonly Subject[]): readonly Subject[] =>
  (['group', 'user', 'token'] as const).flatMap((kind) => subjects.filter((subject) => subject.kind === kind))

function requireSubject(call: Call, config: UserConfig, { kind, who }: Subject): void {
  if (kind === 'group' && !config.groups.has(who)) throw failure(`group '${who}' does not exist`)
  if (kind === 'user' && !config.users.has(who)) throw failure(`user '${who}' does not exist`)
  if (kind === 'token') requireToken(call, who)
}

/**
 * Returns the entries with this one added or removed. Entries for root are never stored, because root may do
 * everything.
 */
function changed(call: Call, entries: readonly AclEntry[], entry: AclEntry): readonly AclEntry[] {
  const { path, kind, who, role } = entry
  const others = entries.filter((one) => one.path !== path || one.kind !== kind || one.who !== who || one.role !== role)
  return call.flag('delete') || who === 'root@pam' ? others : [...others, entry]
}

/** A user who may only administer one kind of object cannot grant more than his own privileges. */
function checkMayGive(call: Call, config: UserConfig, { role, path }: { role: string; path: string }): void {
  const held = privilegesAt(config, call.identity.name, path)
  if (held.has('Permissions.Modify')) return
  const isRemoval = call.flag('delete')
  const verb = isRemoval ? 'remove' : 'add'
  const refuse = (why: string): Error => badParameters({ role: `Cannot ${verb} role '${role}'${why}` })
  for (const privilege of config.roles.get(role) ?? []) {
    const propagates = held.get(privilege)
    if (propagates === undefined) throw refuse(" - requires 'Permissions.Modify' or superset of privileges.")
    if (call.flag('propagate', true) && !propagates && !isRemoval) {
      throw refuse(" with propagation - requires 'Permissions.Modify' or propagated superset of privileges.")
    }
  }
  if (role === 'NoAccess') throw refuse(" - requires 'Permissions.Modify'")
}
