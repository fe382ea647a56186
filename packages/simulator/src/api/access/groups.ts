// Groups of users (pve-access-control `API2/Group.pm`).
import { failure } from '../../errors.ts'
import type { UserConfig } from '../../state/user-config.ts'
import { type Call, type Endpoint, itemEndpoints } from '../call.ts'
import { lockUsers } from './lock-users.ts'

export const groupEndpoints: readonly Endpoint[] = [
  ...itemEndpoints('/access/groups', '/access/groups/{groupid}', {
    list: groups,
    create: createGroup,
    show: group,
    update: updateGroup,
    remove: deleteGroup,
  }),
]

const membersOf = ({ users }: UserConfig, name: string): readonly string[] =>
  [...users]
    .filter(([, user]) => user.groups.has(name))
    .map(([userid]) => userid)
    .sort()

function groups(call: Call): readonly Record<string, string>[] {
  const { users: config } = call.world
  return [...config.groups]
    .filter(([name]) => call.mayAny(`/access/groups/${name}`, 'User.Modify', 'Sys.Audit', 'Group.Allocate'))
    .map(([groupid, comment]) => ({
      groupid,
      users: membersOf(config, groupid).join(','),
      ...(comment !== '' && { comment }),
    }))
}

function requireGroup(call: Call): string {
  const comment = call.world.users.groups.get(call.text('groupid'))
  if (comment === undefined) throw failure(`group '${call.text('groupid')}' does not exist`)
  return comment
}

function group(call: Call): Record<string, unknown> {
  const comment = requireGroup(call)
  return { members: membersOf(call.world.users, call.text('groupid')), ...(comment !== '' && { comment }) }
}

function createGroup(call: Call): null {
  const name = call.text('groupid')
  return lockUsers(call, 'create group failed', ({ groups: known }) => {
    if (known.has(name)) throw failure(`group '${name}' already exists`)
    known.set(name, call.optional('comment') ?? '')
  })
}

function updateGroup(call: Call): null {
  return lockUsers(call, 'update group failed', ({ groups: known }) => {
    const before = requireGroup(call)
    known.set(call.text('groupid'), call.optional('comment') ?? before)
  })
}

function deleteGroup(call: Call): null {
  const name = call.text('groupid')
  return lockUsers(call, 'delete group failed', (config) => {
    requireGroup(call)
    config.groups.delete(name)
    for (const user of config.users.values()) user.groups.delete(name)
    config.acl = config.acl.filter(({ kind, who }) => kind !== 'group' || who !== name)
  })
}
