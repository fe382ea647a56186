// Evaluates the permission expressions of Proxmox's API schema, such as `['perm', '/vms/{vmid}', ['VM.Audit']]`
// (PVE::RPCEnvironment `exec_api2_perm_check`).
import { failure, forbidden } from '../../errors.ts'
import { valueFormats } from '../../schema/formats.ts'
import { normalizePath } from '../../state/permissions.ts'
import { type Call, listOf } from '../call.ts'
import { usersInGroupsOf } from './users.ts'

type Expression = readonly unknown[]

const isExpression = (value: unknown): value is Expression => Array.isArray(value)

const fill = (template: string, parameters: Call['parameters']): string =>
  template.replace(/\{([\w-]+)\}/g, (_, name: string) => parameters[name] ?? '')

interface Permissions {
  readonly user?: string
  readonly check?: Expression
}

/** Throws a 403 if the caller lacks what the method's rule requires. */
export function checkRule(call: Call, permissions: Permissions): void {
  const { user, check } = permissions
  if (call.isRoot || user === 'all' || user === 'world') return
  if (user === undefined && check === undefined) throw forbidden('user != root@pam')
  if (check === undefined) throw forbidden()
  holds(call, check, false)
}

/** Throws if the expression does not hold, unless it is `quiet`. Some parts throw even then, as in Proxmox. */
function holds(call: Call, check: Expression, quiet: boolean): boolean {
  const [kind, first, ...rest] = check
  if (kind === 'and') {
    for (const part of [first, ...rest].filter(isExpression)) holds(call, part, false)
    return true
  }
  if (kind === 'or') return [first, ...rest].filter(isExpression).some((part) => holds(call, part, true)) || no(quiet)
  const options = optionsOf(kind === 'perm' ? rest.slice(1) : rest)
  if (kind === 'perm') return hasPrivileges(call, { path: String(first), privileges: rest[0], options }, quiet)
  if (kind === 'userid-group') return isInGroups(call, { privileges: first, options }, quiet)
  if (kind === 'userid-param') return isUser(call, String(first), quiet)
  if (kind === 'perm-modify') return maySetAcl(call, fill(String(first), call.parameters), quiet)
  throw failure('unknown permission test')
}

function no(quiet: boolean, what?: string): false {
  if (quiet) return false
  throw forbidden(what)
}

/** Parses Perl's list of names and values. */
function optionsOf(list: readonly unknown[]): Readonly<Record<string, unknown>> {
  const flat = list.flat()
  return Object.fromEntries(
    flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]] as const] : [])),
  )
}

const namesOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

interface Wanted {
  readonly privileges: unknown
  readonly options: Readonly<Record<string, unknown>>
}

function hasPrivileges(call: Call, { path, privileges, options }: Wanted & { readonly path: string }, quiet: boolean) {
  const needed = options.require_param
  if (typeof needed === 'string' && call.parameters[needed] === undefined) return no(quiet)
  const at = normalizePath(fill(path, call.parameters))
  const names = namesOf(privileges)
  // Only root has privileges on an invalid path, and the error does not contain the path.
  if (at === undefined) return no(quiet, `, ${options.any ? names.join('|') : names[0]}`)
  if (quiet) return options.any ? call.mayAny(at, ...names) : call.may(at, ...names)
  if (options.any) call.needsAny(at, ...names)
  else call.needs(at, ...names)
  return true
}

/** Returns true if a user exists. Throws if not, unless it is `quiet`. */
function exists(call: Call, userid: string, quiet: boolean): boolean {
  if (!quiet) checkUserName(call, userid)
  if (call.world.users.users.has(userid)) return true
  if (quiet) return false
  throw failure(`no such user ('${userid}')`)
}

/** Checks the privilege on a user through one of his groups. For a new user, all his groups are required. */
function isInGroups(call: Call, { privileges, options }: Wanted, quiet: boolean): boolean {
  const names = namesOf(privileges)
  const userid = call.parameters.userid ?? ''
  const isNew = options.groups_param === 'create'
  if (!isNew && !exists(call, userid, quiet)) return false
  if (call.mayAny('/access/groups', ...names)) return true
  if (options.groups_param) checkGroups(call, names)
  return isNew || usersInGroupsOf(call, names).has(userid) || no(quiet)
}

function checkGroups(call: Call, names: readonly string[]): void {
  const groups = listOf(call.parameters.groups)
  if (groups.length === 0) throw forbidden(`/access/groups, ${names.join('|')}`)
  for (const group of groups) {
    const isAllowed = call.world.users.groups.has(group) && call.mayAny(`/access/groups/${group}`, ...names)
    if (!isAllowed) throw forbidden(`/access/groups/${group}, ${names.join('|')}`)
  }
}

/** Runs before the parameter check: an invalid name is refused here with a sentence, not with a 400. */
function checkUserName(call: Call, userid: string): void {
  const refusal = valueFormats['pve-userid']?.(userid, call.world.version)
  if (refusal !== undefined) throw failure(refusal.trimEnd())
}

function isUser(call: Call, what: string, quiet: boolean): boolean {
  const userid = call.parameters.userid ?? ''
  checkUserName(call, userid)
  if (what === 'self') return exists(call, userid, quiet) && (call.identity.name === userid || no(quiet))
  const realm = `/access/realm/${userid.slice(userid.lastIndexOf('@') + 1)}`
  if (!quiet) call.needs(realm, 'Realm.AllocateUser')
  return call.may(realm, 'Realm.AllocateUser')
}

/**
 * Returns the privileges that allow granting at a path: `Permissions.Modify`, or the one that administers this kind of
 * object.
 */
function modifyPrivileges(path: string): readonly string[] {
  const special = [
    [/^\/storage\/.+$/, 'Datastore.Allocate'],
    [/^\/vms\/.+$/, 'VM.Allocate'],
    [/^\/pool\/.+$/, 'Pool.Allocate'],
  ] as const
  return ['Permissions.Modify', ...special.flatMap(([pattern, name]) => (pattern.test(path) ? [name] : []))]
}

export const mayModify = (call: Call, path: string): boolean => call.mayAny(path, ...modifyPrivileges(path))

/** Throws the 403. */
export function needModify(call: Call, path: string): void {
  call.needsAny(path, ...modifyPrivileges(path))
}

/** An invalid path is left to the method itself, which refuses it. */
function maySetAcl(call: Call, text: string, quiet: boolean): boolean {
  const path = normalizePath(text)
  if (path === undefined) return false
  if (!quiet) needModify(call, path)
  return mayModify(call, path)
}
