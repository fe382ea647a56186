// Logins other than with a password: there are no tickets for consoles, and no provider of OpenID is asked
// (pve-access-control `API2/AccessControl.pm`, `API2/OpenId.pm`).
import { ApiError, failure, notSimulated } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'
import { isRealm, typeOfRealm } from './realms.ts'

export const foreignLoginEndpoints: readonly Endpoint[] = [
  { path: '/access/vncticket', method: 'POST', handle: refuse },
  { path: '/access/openid/auth-url', method: 'POST', handle: openId },
]

function refuse(): never {
  throw new ApiError(401, 'authentication failure')
}

function openId(call: Call): never {
  const realm = call.text('realm')
  if (!isRealm(call, realm)) throw failure(`authentication domain '${realm}' does not exist`)
  const type = typeOfRealm(call, realm)
  if (type !== 'openid') throw failure(`wrong realm type (${type} != openid)`)
  throw notSimulated('a login with OpenID')
}
