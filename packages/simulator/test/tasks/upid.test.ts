// UPIDs are parsed as Proxmox writes them, including empty parts.
import { expect, test } from 'vitest'
import { formatUpid, parseUpid } from '../../src/tasks/upid.ts'

test('the UPID of an upload has no id', () => {
  const upid = 'UPID:pve:00007819:0001C656:6B052953:imgcopy::root@pam!ci:'
  expect(parseUpid(upid)).toEqual({
    node: 'pve',
    pid: 0x7819,
    pstart: 0x1c656,
    startTime: 0x6b052953,
    type: 'imgcopy',
    id: '',
    user: 'root@pam!ci',
  })
})

test('is the same after formatting and parsing', () => {
  const parts = { node: 'pve2', pid: 7, pstart: 9, startTime: 1795500000, type: 'qmcreate', id: '100', user: 'a@pve' }
  expect(parseUpid(formatUpid(parts))).toEqual(parts)
})

test.each(['UPID:bad', '', 'UPID:pve:1:2:3:x:y:z:', 'UPID:pve:00007819:0001C656:6B052953:imgcopy:root@pam:'])(
  '%j is none',
  (text) => {
    expect(parseUpid(text)).toBeUndefined()
  },
)
