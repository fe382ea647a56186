// Where users may come from, and the groups they are in.
import type { Call, Endpoint } from '../call.ts'

export const realmEndpoints: readonly Endpoint[] = [
  { path: '/access/domains', method: 'GET', handle: () => realms },
  { path: '/access/groups', method: 'GET', handle: groups },
]

const realms = [
  { realm: 'pam', type: 'pam', comment: 'Linux PAM standard authentication' },
  { realm: 'pve', type: 'pve', comment: 'Proxmox VE authentication server' },
]

function groups(call: Call): readonly Record<string, string>[] {
  const { users, groups: known } = call.world.users
  const isVisible = (group: string): boolean =>
    call.mayAny('/access', 'Sys.Audit') || call.mayAny(`/access/groups/${group}`, 'User.Modify', 'Group.Allocate')
  return [...known]
    .filter(([groupid]) => isVisible(groupid))
    .map(([groupid, comment]) => {
      const members = [...users].filter(([, user]) => user.groups.has(groupid)).map(([name]) => name)
      return { groupid, users: members.join(','), ...(comment !== '' && { comment }) }
    })
}
