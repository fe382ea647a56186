// Passwords: who may change which, and how realms handle them (pve-access-control `API2/AccessControl.pm`).
import { badParameters, failure, forbidden } from '../../errors.ts'
import type { Call, Endpoint } from '../call.ts'
import { requireUser } from './lock-users.ts'
import { isRealm } from './realms.ts'

export const passwordEndpoints: readonly Endpoint[] = [
  { path: '/access/password', method: 'PUT', handle: changePassword },
]

/** Throws the error of a missing realm, or of `usermod` for a user that the system does not know. */
export function storePassword(call: Call, userid: string, password: string): void {
  const at = userid.lastIndexOf('@')
  const [name, realm] = [userid.slice(0, at), userid.slice(at + 1)]
  if (!isRealm(call, realm)) throw failure(`auth domain '${realm}' does not exist`)
  if (realm === 'pam' && name !== 'root') throw failure(`change password failed: user '${name}' does not exist`)
  call.world.users.setPassword(userid, password)
}

function changePassword(call: Call): null {
  const { users } = call.world
  const userid = call.text('userid')
  const me = call.identity.name
  requireUser(users, userid)
  if (me !== 'root@pam') {
    if (userid === 'root@pam') throw forbidden()
    confirm(call)
    if (me !== userid && userid.endsWith('@pam')) throw forbidden()
  }
  storePassword(call, userid, call.text('password'))
  users.save()
  return null
}

/** All users except root must confirm their own password. */
function confirm(call: Call): void {
  const password = call.optional('confirmation-password')
  if (password === undefined) {
    throw badParameters({ 'confirmation-password': 'password is required to modify user' })
  }
  if (!call.world.users.hasPassword(call.identity.name, password)) throw failure('invalid credentials')
}
