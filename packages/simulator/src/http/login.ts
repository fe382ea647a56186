// POST /access/ticket: the one call for which nobody is logged in yet.
import { capabilities } from '../api/access/permissions.ts'
import { ApiError, badParameters } from '../errors.ts'
import { checkParameters, type ParameterValue } from '../schema/index.ts'
import type { World } from '../world.ts'
import type { Tickets } from './authenticate.ts'
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
  const username = textOf(parameters.username)
  const realm = parameters.realm
  const user = typeof realm === 'string' && !username.includes('@') ? `${username}@${realm}` : username
  const password = textOf(parameters.password)
  const isKnown = world.users.users.get(user)?.enabled === true
  const isRenewal = password.startsWith('PVE:') && tickets.userOf(password) === user
  if (!isKnown || !(isRenewal || world.users.hasPassword(user, password)))
    throw new ApiError(401, 'authentication failure')
  const { ticket, csrf } = tickets.issue(user)
  return {
    username: user,
    ticket,
    CSRFPreventionToken: csrf,
    cap: capabilities({ world }, user),
    clustername: 'simulated',
  }
}
