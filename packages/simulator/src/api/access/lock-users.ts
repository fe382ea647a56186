// Changes users, groups, roles, lists and pools under one lock. Errors follow the call's own text.
import { failure, sentenceOf } from '../../errors.ts'
import type { UserConfig } from '../../state/user-config.ts'
import type { Call } from '../call.ts'

/** Changes `user.cfg` and saves it. An error of the change is appended to `context`, as `lock_user_config` does. */
export function lockUsers(call: Call, context: string, change: (config: UserConfig) => void): null {
  const { users, quorate } = call.world
  try {
    if (!quorate) throw failure("cfs-lock 'file-user_cfg' error: no quorum!")
    change(users)
  } catch (error) {
    throw failure(`${context}: ${sentenceOf(error)}`)
  }
  users.save()
  return null
}

/** Throws `no such user ('…')`. */
export function requireUser({ users }: UserConfig, userid: string): void {
  if (!users.has(userid)) throw failure(`no such user ('${userid}')`)
}
