// Evaluates the permission expressions of Proxmox's API schema, as `['perm', '/vms/{vmid}', ['VM.Audit']]`.
import { ApiError, forbidden } from '../../errors.ts'
import { hasAll, hasAny } from '../../state/permissions.ts'
import type { Call } from '../call.ts'

type Expression = readonly unknown[]

const isExpression = (value: unknown): value is Expression => Array.isArray(value)

const fill = (template: string, parameters: Call['parameters']): string =>
  template.replace(/\{([\w-]+)\}/g, (_, name: string) => parameters[name] ?? '')

/** Throws the 403 of what a method's rule asks for and the caller has not. */
export function checkRule(call: Call, { user, check }: { readonly user?: string; readonly check?: Expression }): void {
  // Anybody who is logged in; what a check beside it asks for is then only said to readers.
  if (user === 'all' || user === 'world') return
  checkPermissions(call, check)
}

/** Precise for one check, bare for an alternative of several. */
function checkPermissions(call: Call, check: Expression | undefined): void {
  if (check === undefined || call.isRoot) return
  const [kind, ...rest] = check
  if (kind === 'and') {
    for (const part of rest.filter(isExpression)) checkPermissions(call, part)
  } else if (kind === 'or') {
    if (!rest.filter(isExpression).some((part) => holds(call, part))) throw forbidden()
  } else if (kind === 'perm') {
    checkPerm(call, rest)
  } else if (!holds(call, check)) {
    throw forbidden()
  }
}

function checkPerm(call: Call, [template, privileges, ...options]: Expression): void {
  const path = fill(String(template), call.parameters)
  const names = Array.isArray(privileges) ? privileges.map(String) : []
  if (isAny(options)) call.needsAny(path, ...names)
  else call.needs(path, ...names)
}

const isAny = (options: Expression): boolean => options.flat().includes('any')

function holds(call: Call, check: Expression): boolean {
  const [kind, first] = check
  if (kind === 'userid-param') return holdsForUser(call, String(first))
  if (kind === 'userid-group') return holdsForGroups(call, Array.isArray(first) ? first.map(String) : [])
  if (kind === 'perm-modify') return mayModify(call, fill(String(first), call.parameters))
  try {
    checkPermissions(call, check)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return false
    throw error
  }
}

function holdsForUser(call: Call, what: string): boolean {
  const userid = call.parameters.userid ?? ''
  const me = call.identity.name.split('!')[0] ?? ''
  if (what === 'self') return me === userid || me === 'root@pam'
  if (what === 'Realm.AllocateUser') {
    return hasAll(call.world.users, call.identity.name, `/access/realm/${userid.split('@')[1] ?? ''}`, what)
  }
  return false
}

function holdsForGroups(call: Call, privileges: readonly string[]): boolean {
  const groups = call.world.users.users.get(call.parameters.userid ?? '')?.groups ?? new Set()
  const paths = ['/access/groups', ...[...groups].map((group) => `/access/groups/${group}`)]
  return paths.some((path) => hasAny(call.world.users, call.identity.name, path, ...privileges))
}

/** The right to hand out rights at a path: `Permissions.Modify`, or the administration of just that kind of thing. */
function mayModify(call: Call, path: string): boolean {
  const special: readonly (readonly [RegExp, string])[] = [
    [/^\/storage\/[^/]+$/, 'Datastore.Allocate'],
    [/^\/vms\/\d+$/, 'VM.Allocate'],
    [/^\/pool\/[^/]+$/, 'Pool.Allocate'],
  ]
  const privilege = special.find(([pattern]) => pattern.test(path))?.[1]
  return call.mayAny(path, 'Permissions.Modify', ...(privilege === undefined ? [] : [privilege]))
}
