// All endpoints of `/access` except the login, which `http/login.ts` answers.
import type { Endpoint } from '../call.ts'
import { aclEndpoints } from './acl.ts'
import { groupEndpoints } from './groups.ts'
import { passwordEndpoints } from './password.ts'
import { permissionEndpoints } from './permissions.ts'
import { realmEndpoints } from './realms.ts'
import { roleEndpoints } from './roles.ts'
import { tokenEndpoints } from './tokens.ts'
import { userEndpoints } from './users.ts'

export const accessEndpoints: readonly Endpoint[] = [
  ...permissionEndpoints,
  ...userEndpoints,
  ...tokenEndpoints,
  ...groupEndpoints,
  ...roleEndpoints,
  ...aclEndpoints,
  ...realmEndpoints,
  ...passwordEndpoints,
]
