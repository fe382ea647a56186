import { describe, expect, it } from 'vitest'
import { checkId, checkPath, type IdKind, parseUpid, pathId } from '../../../src/ports/pve/ids.ts'

describe('an id', () => {
  it.each([
    ['node', 'pve1'],
    ['node', 'a'],
    ['storage', 'local-lvm'],
    ['vmid', 100],
    ['vmid', '999999999'],
    ['volume', 'local:import/debian-13-0123456789abcdef.qcow2'],
    ['volume', 'local:200/base-200-disk-0.qcow2/210/vm-210-disk-0.qcow2'],
    ['pool', 'lab/web'],
    ['upid', 'UPID:pve:00007819:0001C656:6B052953:imgcopy::root@pam!ci:'],
  ] as const)('%s %s is one', (kind, value) => {
    expect(checkId(kind, value)).toBe(String(value))
  })

  const bad: readonly (readonly [IdKind, string | number])[] = [
    ['node', ''],
    ['node', '..'],
    ['node', 'pve1/../../access'],
    ['node', 'pve1#'],
    ['node', 'pve1?x=1'],
    ['node', 'pve 1'],
    ['node', '-pve'],
    ['storage', '..'],
    ['storage', '1local'],
    ['storage', 'local/'],
    ['vmid', 99],
    ['vmid', 1_000_000_000],
    ['vmid', Number.NaN],
    ['vmid', '100/config'],
    ['volume', 'local'],
    ['volume', 'local:../../etc/passwd'],
    ['volume', 'local:import/a#b'],
    ['volume', 'local:import/a b'],
    ['pool', 'lab/../..'],
    ['pool', 'a/b/c/d'],
    ['upid', 'UPID:pve:bad'],
    ['upid', 'UPID:pve:00007819:0001C656:6B052953:imgcopy:../..:root@pam:'],
  ]
  it.each(bad)('%s %j is none', (kind, value) => {
    expect(() => checkId(kind, value)).toThrow(expect.objectContaining({ code: 'MANIFEST' }))
  })

  it('is percent-encoded for a path', () => {
    expect(pathId('volume', 'local:import/a.qcow2')).toBe('local%3Aimport%2Fa.qcow2')
  })
})

describe('a path', () => {
  it.each([
    '/version',
    '/nodes/pve1/tasks/UPID%3Apve1%3A0/status',
    '/nodes/pve1/storage/local/content/local:import%2Fa.qcow2',
  ])('such as %s may leave', (path) => {
    expect(checkPath(path)).toBe(path)
  })

  it.each([
    '',
    'version',
    '/nodes/../access',
    '/nodes/%2e%2e/access',
    '/nodes/a%2F..%2F..',
    '/nodes//qemu',
    '/nodes/a#',
    '/nodes/a?b',
    '/a b',
  ])('such as %j may not', (path) => {
    expect(() => checkPath(path)).toThrow(expect.objectContaining({ code: 'UNEXPECTED' }))
  })
})

describe('a UPID', () => {
  it('contains node, time, kind, id and user', () => {
    expect(parseUpid('UPID:pve2:00007819:0001C656:6B052953:qmcreate:100:ci@pve!runner:')).toMatchObject({
      node: 'pve2',
      startedAtMs: 0x6b052953 * 1000,
      type: 'qmcreate',
      id: '100',
      user: 'ci@pve!runner',
    })
  })

  it('may have an empty id, and a nine-digit start', () => {
    expect(parseUpid('UPID:pve:00007819:10001C656:6B052953:imgcopy::root@pam!ci:')).toMatchObject({
      type: 'imgcopy',
      id: '',
    })
  })

  it.each([null, undefined, 7, '', 'OK', 'UPID:pve'])('is not %j', (value) => {
    expect(() => parseUpid(value)).toThrow(expect.objectContaining({ code: 'PVE' }))
  })
})
