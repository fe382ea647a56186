// POST /access/ticket: the only call without authentication.
import { capabilities } from '../api/access/permissions.ts'
import { listOf } from '../api/call.ts'
import { ApiError, badParameters } from '../errors.ts'
import { checkParameters, type ParameterValue } from '../schema/index.ts'
import { hasAll } from '../state/permissions.ts'
import type { World } from '../world.ts'
import { isWelcome, type Tickets } from './authenticate.ts'
import type { RawParameters } from './read-request.ts'

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export function login(world: World, tickets: Tickets, parameters: RawParameters): Record<string, unknown> {
  const checked = checkParameters({
    method: 'POST',
    path: '/access/ticket',
    parameters: parameters as Record<string, ParameterValue>,
    version: world.version,
  })
  if (checked !== undefined && Object.keys(checked.errors).length > 0) throw badParameters(checked.errors)
  const user = `${textOf(parameters.username)}${parameters.realm ? `@${textOf(parameters.realm)}` : ''}`
  const password = textOf(parameters.password)
  const account = world.users.users.get(user)
  if (!isWelcome(account, world.clock.now() / 1000)) throw refusal()
  const isTicket = [user, 'root@pam'].includes(tickets.userOf(password) ?? '')
  if (!isTicket && !world.users.hasPassword(user, password)) throw refusal()
  if (parameters.path && parameters.privs) {
    const privileges = listOf(textOf(parameters.privs))
    if (!hasAll(world.users, user, textOf(parameters.path), ...privileges)) throw refusal()
    return { username: user, cap: capabilities({ world }, user), ...clusterName(world, user) }
  }
  const { ticket, csrf } = tickets.issue(user)
  return {
    username: user,
    ticket,
    CSRFPreventionToken: csrf,
    cap: capabilities({ world }, user),
    ...clusterName(world, user),
  }
}

/** The answer does not say what was wrong. */
const refusal = (): ApiError => new ApiError(401, 'authentication failure')

/** Only a cluster has a name, and only callers with Sys.Audit get it. */
function clusterName(world: World, user: string): { clustername?: string } {
  return world.nodes.size > 1 && hasAll(world.users, user, '/', 'Sys.Audit') ? { clustername: 'simulated' } : {}
}
