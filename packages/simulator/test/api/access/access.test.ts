// Users, groups, tokens, roles and access control lists, request by request (pve-access-control).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type PveVersion, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

const simulators = new Map<PveVersion, { simulator: Simulator; api: Client }>()

beforeAll(async () => {
  for (const version of ['9.2', '8.4'] as const) {
    const simulator = await createSimulator({ version })
    simulators.set(version, { simulator, api: clientOf(simulator) })
  }
})
afterAll(async () => {
  for (const { simulator } of simulators.values()) await simulator.close()
})

type Parameters = Record<string, string | number>
type Step = readonly [method: string, path: string, parameters: Parameters, expected: unknown]

const clientFor = (version: PveVersion): Client => {
  const api = simulators.get(version)?.api
  if (api === undefined) throw new Error(`no simulator of ${version}`)
  return api
}

/** Makes the requests in order. An expected object may contain less than the answer; a list or a text must be equal. */
async function play(api: Client, steps: readonly Step[]): Promise<void> {
  for (const [method, path, parameters, expected] of steps) {
    const { status, reason, data, body } = await api(method, path, parameters)
    const got = status === 200 ? data : (body.errors ?? reason)
    const label = `${method} ${path} ${JSON.stringify(parameters)}`
    if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
      expect(got, label).toMatchObject(expected)
    } else expect(got, label).toEqual(expected)
  }
}

/** A user with a token that has its own privileges: a role on a path. */
async function tokenWith(version: PveVersion, { path, privileges }: { path: string; privileges: string }) {
  const { simulator, api } = simulators.get(version) ?? { simulator: undefined, api: undefined }
  if (simulator === undefined || api === undefined) throw new Error(version)
  const name = `u${Math.random().toString(36).slice(2, 8)}`
  await api('POST', '/access/users', { userid: `${name}@pve` })
  await api('POST', '/access/roles', { roleid: name, privs: privileges })
  await api('PUT', '/access/acl', { path, users: `${name}@pve`, roles: name })
  const { data } = await api('POST', `/access/users/${name}@pve/token/tt`, { privsep: 0 })
  const { value } = data as { value: string }
  return { userid: `${name}@pve`, client: clientOf(simulator, { id: `${name}@pve!tt`, secret: value }) }
}

describe('users and groups', () => {
  test('store their properties and return them', () =>
    play(clientFor('9.2'), [
      ['POST', '/access/groups', { groupid: 'ops', comment: 'on call' }, null],
      ['POST', '/access/groups', { groupid: 'ops' }, "create group failed: group 'ops' already exists"],
      ['GET', '/access/groups/nope', {}, "group 'nope' does not exist"],
      ['POST', '/access/users', { userid: 'ada@pve', groups: 'nope' }, "create user failed: no such group 'nope'"],
      ['GET', '/access/users/ada@pve', {}, "no such user ('ada@pve')"],
      [
        'POST',
        '/access/users',
        {
          userid: 'ada@pve',
          firstname: 'Ada',
          lastname: 'L',
          email: 'a@b.c',
          comment: 'c:d',
          keys: 'x',
          groups: 'ops',
        },
        null,
      ],
      ['POST', '/access/users', { userid: 'ada@pve' }, "create user failed: user 'ada@pve' already exists"],
      [
        'GET',
        '/access/users/ada@pve',
        {},
        { firstname: 'Ada', lastname: 'L', email: 'a@b.c', comment: 'c:d', keys: 'x', groups: ['ops'], tokens: null },
      ],
      ['PUT', '/access/users/ada@pve', { email: '', comment: 'only', append: 1, groups: '' }, null],
      ['GET', '/access/users/ada@pve', {}, { comment: 'only', email: '', groups: ['ops'] }],
      ['POST', '/access/users/ada@pve/token/tt', { expire: 0, privsep: 0 }, { info: { expire: '0', privsep: '0' } }],
      ['POST', '/access/users/ada@pve/token/tt', {}, { tokenid: 'Token already exists.' }],
      ['GET', '/access/users/ada@pve', {}, { tokens: { tt: { expire: 0, privsep: 0 } } }],
      [
        'PUT',
        '/access/users/ada@pve/token/tt',
        { comment: 'x', regenerate: 1 },
        { comment: 'x', 'full-tokenid': 'ada@pve!tt' },
      ],
      [
        'PUT',
        '/access/users/ada@pve/token/tt',
        { delete: 'expire' },
        'updating token info failed: 400 Parameter verification failed.',
      ],
      ['DELETE', '/access/users/ada@pve/token/no', {}, "no such token 'no' for user 'ada@pve'"],
      ['GET', '/access/groups/ops', {}, { members: ['ada@pve'], comment: 'on call' }],
      ['DELETE', '/access/groups/ops', {}, null],
      ['GET', '/access/users/ada@pve', {}, { groups: [] }],
      ['GET', '/access/users/ada@pve/tfa', { multiple: 1 }, { user: [] }],
      ['GET', '/access/users/eve@nope/tfa', {}, 'Permission check failed'],
      [
        'POST',
        '/access/users',
        { userid: 'ada@pam', password: 'long enough' },
        "create user failed: change password failed: user 'ada' does not exist",
      ],
      [
        'POST',
        '/access/users',
        { userid: 'ada@no', password: 'long enough' },
        "create user failed: auth domain 'no' does not exist",
      ],
      ['DELETE', '/access/users/ada@pve', {}, null],
      ['DELETE', '/access/users/ada@pve', {}, "no such user ('ada@pve')"],
      ['GET', '/access/domains/pam', {}, { type: 'pam', plugin: 'PVE::Auth::PAM' }],
      ['GET', '/access/domains/nope', {}, "domain 'nope' does not exist"],
      ['PUT', '/access/domains/pam', { delete: 'comment' }, null],
      ['GET', '/access/domains/pam', {}, { comment: 'Linux PAM standard authentication' }],
      ['GET', '/access/tfa/root@pam/x', {}, "No such tfa entry 'x'"],
    ]))

  test('are listed with tokens and groups on request', async () => {
    const api = clientFor('8.4')
    await api('POST', '/access/users', { userid: 'bob@pve', enable: 0 })
    const { data } = await api('GET', '/access/users', { full: 1 })
    expect(data).toEqual([
      { userid: 'bob@pve', enable: 0, expire: 0, groups: '', tokens: null, 'realm-type': 'pve' },
      {
        userid: 'root@pam',
        enable: 1,
        expire: 0,
        groups: '',
        'realm-type': 'pam',
        tokens: [{ tokenid: 'simulator', privsep: 0, expire: 0 }],
      },
    ])
    expect((await api('GET', '/access/users', { enabled: 1 })).data).toMatchObject([{ userid: 'root@pam' }])
  })
})

test('built-in roles cannot be deleted or replaced', () =>
  play(clientFor('9.2'), [
    ['POST', '/access/roles', { roleid: 'pveMine' }, { roleid: expect.stringContaining("'PVE' namespace") }],
    ['DELETE', '/access/roles/Administrator', {}, "auto-generated role 'Administrator' cannot be deleted"],
    ['PUT', '/access/roles/PVEAdmin', { privs: '' }, "auto-generated role 'PVEAdmin' cannot be modified"],
    ['POST', '/access/roles', { roleid: 'mine', privs: 'VM.Audit' }, null],
    ['POST', '/access/roles', { roleid: 'mine' }, "create role failed: role 'mine' already exists"],
    ['PUT', '/access/roles/mine', { privs: 'VM.Clone', append: 1 }, null],
    ['GET', '/access/roles/mine', {}, { 'VM.Audit': 1, 'VM.Clone': 1 }],
    ['PUT', '/access/roles/nope', { privs: 'VM.Clone' }, "update role failed: role 'nope' does not exist"],
    ['DELETE', '/access/roles/nope', {}, "delete role failed: role 'nope' does not exist"],
    ['GET', '/access/roles/nope', {}, "role 'nope' does not exist"],
  ]))

test('an access control list names existing users and roles, at a valid path', () => {
  const needed = "either 'users', 'groups' or 'tokens' is required."
  return play(clientFor('9.2'), [
    ['PUT', '/access/acl', { path: '/', roles: 'PVEAdmin' }, { users: needed, groups: needed, tokens: needed }],
    [
      'PUT',
      '/access/acl',
      { path: '/bogus', roles: 'PVEAdmin', users: 'root@pam' },
      { path: "invalid ACL path '/bogus'" },
    ],
    [
      'PUT',
      '/access/acl',
      { path: '/vms/5', roles: 'PVEAdmin', users: 'root@pam' },
      { path: "invalid ACL path '/vms/5'" },
    ],
    [
      'PUT',
      '/access/acl',
      { path: '/', roles: 'nope', users: 'root@pam' },
      "ACL update failed: role 'nope' does not exist",
    ],
    [
      'PUT',
      '/access/acl',
      { path: '/', roles: 'PVEAdmin', users: 'no@pve' },
      "ACL update failed: user 'no@pve' does not exist",
    ],
    [
      'PUT',
      '/access/acl',
      { path: '/', roles: 'PVEAdmin', groups: 'no' },
      "ACL update failed: group 'no' does not exist",
    ],
    [
      'PUT',
      '/access/acl',
      { path: '/', roles: 'PVEAdmin', tokens: 'root@pam!no' },
      "ACL update failed: no such token 'no' for user 'root@pam'",
    ],
    ['POST', '/access/users', { userid: 'carl@pve' }, null],
    ['PUT', '/access/acl', { path: 'vms//100/', roles: 'PVEVMUser', users: 'carl@pve', propagate: 0 }, null],
    ['PUT', '/access/acl', { path: '/pool/a/b', roles: 'PVEPoolUser', users: 'carl@pve,root@pam' }, null],
    [
      'PUT',
      '/access/acl',
      { path: '/', roles: 'PVEPoolUser', users: 'carl@pve,none@pve' },
      "ACL update failed: user 'none@pve' does not exist",
    ],
    [
      'GET',
      '/access/acl',
      {},
      [
        { path: '/pool/a/b', type: 'user', ugid: 'carl@pve', roleid: 'PVEPoolUser', propagate: 1 },
        { path: '/vms/100', type: 'user', ugid: 'carl@pve', roleid: 'PVEVMUser', propagate: 0 },
      ],
    ],
    ['DELETE', '/access/users/carl@pve', {}, null],
    ['GET', '/access/acl', {}, []],
  ])
})

describe('a limited token', () => {
  test('cannot grant more than it has', async () => {
    const { client, userid } = await tokenWith('9.2', { path: '/vms/100', privileges: 'VM.Allocate,VM.Audit' })
    await play(client, [
      [
        'PUT',
        '/access/acl',
        { path: '/', roles: 'PVEAdmin', users: userid },
        'Permission check failed (/, Permissions.Modify)',
      ],
      [
        'PUT',
        '/access/acl',
        { path: '/vms/100', roles: 'PVEVMUser', users: userid },
        'ACL update failed: 400 Parameter verification failed.',
      ],
      [
        'PUT',
        '/access/acl',
        { path: '/vms/200', roles: 'PVEVMUser', users: userid },
        'Permission check failed (/vms/200, Permissions.Modify|VM.Allocate)',
      ],
      ['GET', '/access/permissions', {}, { '/vms/100': { 'VM.Allocate': 1, 'VM.Audit': 1 } }],
      ['GET', '/access/permissions', { userid: 'root@pam' }, 'Permission check failed (/access, Sys.Audit)'],
      ['GET', '/access/users', {}, []],
      ['POST', '/access/users', { userid: 'x@pve' }, 'Permission check failed (/access/realm/pve, Realm.AllocateUser)'],
      ['GET', `/access/users/${userid}`, {}, 'Permission check failed'],
      ['POST', '/access/groups', { groupid: 'x' }, 'Permission check failed (/access/groups, Group.Allocate)'],
      [
        'PUT',
        '/access/password',
        { userid, password: 'long enough' },
        expect.stringContaining("URI '/access/password' not available with API token"),
      ],
      ['POST', '/pools', { poolid: 'x' }, 'Permission check failed (/pool/x, Pool.Allocate)'],
      ['GET', '/pools', {}, []],
      ['POST', '/cluster/ha/resources', { sid: 'vm:100' }, 'Permission check failed (/, Sys.Console)'],
    ])
  })

  test('sees the members of its pool in its permissions, and no paths without entries', async () => {
    const api = clientFor('8.4')
    await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 300 }))
    await api('POST', '/pools', { poolid: 'mine' })
    await api('PUT', '/pools', { poolid: 'mine', vms: 300, storage: 'local' })
    const { client } = await tokenWith('8.4', { path: '/pool/mine', privileges: 'VM.Audit,Datastore.Audit' })
    expect((await client('GET', '/access/permissions')).data).toEqual({
      '/pool/mine': { 'VM.Audit': 1, 'Datastore.Audit': 1 },
      '/vms/300': { 'VM.Audit': 0, 'Datastore.Audit': 0 },
      '/storage/local': { 'VM.Audit': 0, 'Datastore.Audit': 0 },
    })
  })
})
