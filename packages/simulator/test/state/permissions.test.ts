// Access control lists: inheritance, overrides, and the privileges of a token.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { hasAll, privilegesAt, requireAll, requireAny } from '../../src/state/permissions.ts'
import { makeUser, openUserConfig, type UserConfig } from '../../src/state/user-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'user-config-'))
let config: UserConfig
afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  config = openUserConfig(join(folder, 'none'), '8.4')
  config.users.set('a@pve', makeUser({ groups: new Set(['staff']) }))
  config.roles.set('look', new Set(['VM.Audit']))
  config.roles.set('run', new Set(['VM.Audit', 'VM.PowerMgmt']))
})

const grant = (
  path: string,
  role: string,
  { who = 'a@pve', kind = 'user' as 'user' | 'group' | 'token', propagate = true } = {},
) => {
  config.acl = [...config.acl, { path, role, who, kind, propagate }]
}
const names = (path: string, who = 'a@pve') => [...privilegesAt(config, who, path).keys()].sort()

test('an entry applies below its path, unless propagation is off', () => {
  grant('/vms', 'look')
  grant('/storage', 'look', { propagate: false })
  expect(names('/vms/100')).toEqual(['VM.Audit'])
  expect(names('/storage')).toEqual(['VM.Audit'])
  expect(names('/storage/local')).toEqual([])
  expect(names('/')).toEqual([])
})

test('an entry on a deeper path replaces inherited ones', () => {
  grant('/', 'run')
  grant('/vms/100', 'look')
  grant('/vms/200', 'NoAccess')
  expect(names('/vms/99')).toEqual(['VM.Audit', 'VM.PowerMgmt'])
  expect(names('/vms/100')).toEqual(['VM.Audit'])
  expect(names('/vms/200')).toEqual([])
})

test('a path is not below another one that is only a prefix of its text', () => {
  grant('/vms/10', 'look')
  expect(names('/vms/100')).toEqual([])
})

test('a group’s entry applies where the user has no entry', () => {
  grant('/vms', 'run', { kind: 'group', who: 'staff' })
  expect(names('/vms/1')).toEqual(['VM.Audit', 'VM.PowerMgmt'])
  grant('/vms', 'look')
  expect(names('/vms/1')).toEqual(['VM.Audit'])
})

test('members of a pool have the permissions of the pool', () => {
  config.pools.set('p', { comment: '', machines: new Set([100]), storages: new Set() })
  grant('/pool/p', 'run')
  expect(names('/vms/100')).toEqual(['VM.Audit', 'VM.PowerMgmt'])
  expect(names('/vms/101')).toEqual([])
})

test('a token with separate privileges has those that both it and its user have', () => {
  config.tokens.set('a@pve!t', { user: 'a@pve', name: 't', separated: true, expire: 0, comment: '' })
  grant('/vms', 'look')
  grant('/vms', 'run', { kind: 'token', who: 'a@pve!t' })
  expect(names('/vms/1', 'a@pve!t')).toEqual(['VM.Audit'])
  config.tokens.set('a@pve!same', { user: 'a@pve', name: 'same', separated: false, expire: 0, comment: '' })
  expect(names('/vms/1', 'a@pve!same')).toEqual(['VM.Audit'])
})

test('missing privileges are named: the first one of "all", or every one of "any"', () => {
  grant('/vms', 'look')
  const need = { path: '/vms/1', privileges: ['VM.Audit', 'VM.Clone', 'VM.Allocate'] }
  expect(() => requireAll(config, 'a@pve', need)).toThrow('Permission check failed (/vms/1, VM.Clone)')
  expect(() => requireAny(config, 'a@pve', { ...need, privileges: ['VM.Clone', 'VM.Allocate'] })).toThrow(
    'Permission check failed (/vms/1, VM.Clone|VM.Allocate)',
  )
  requireAny(config, 'a@pve', need)
})

test('root has every privilege, and no other user has any by default', () => {
  expect(hasAll(config, 'root@pam', '/anything', 'Sys.Modify', 'VM.Allocate')).toBe(true)
  expect(hasAll(config, 'b@pve', '/', 'Sys.Audit')).toBe(false)
})

test('users, tokens, roles, entries and pools are the same after saving and loading', () => {
  const directory = join(folder, 'kept')
  const written = openUserConfig(directory, '8.4')
  written.users.set('a@pve', makeUser({ comment: 'with: colon', groups: new Set(['staff']) }))
  written.groups.set('staff', 'people')
  written.tokens.set('a@pve!t', { user: 'a@pve', name: 't', separated: true, expire: 5, comment: '' })
  written.roles.set('mine', new Set(['VM.Audit', 'VM.Clone']))
  written.acl = [{ path: '/vms', role: 'mine', who: 'staff', kind: 'group', propagate: false }]
  written.pools.set('p', { comment: 'c', machines: new Set([1, 2]), storages: new Set(['local']) })
  written.setSecret('a@pve!t', 'secret')
  written.setPassword('a@pve', 'password')
  written.save()
  const read = openUserConfig(directory, '8.4')
  for (const key of ['users', 'groups', 'tokens', 'roles', 'acl', 'pools'] as const)
    expect(read[key]).toEqual(written[key])
  expect([read.hasSecret('a@pve!t', 'secret'), read.hasSecret('a@pve!t', 'other')]).toEqual([true, false])
  expect([read.hasPassword('a@pve', 'password'), read.hasPassword('a@pve', 'x')]).toEqual([true, false])
})
