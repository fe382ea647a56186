import { describe, expect, it } from 'vitest'
import {
  failureClassOf,
  lockNameOf,
  missingPermissionOf,
  type PveProblem,
  problemOf,
} from '../../../../src/ports/pve/call/answer-texts.ts'

// Literal texts of Proxmox VE 8.4.21, and of the 9.x sources if 8.4 has none.
const texts: readonly (readonly [PveProblem, string])[] = [
  ['already-exists', "unable to create VM 100 - VM 100 already exists on node 'pve'"],
  ['already-exists', 'unable to create VM 201: config file already exists'],
  ['not-found', "Configuration file 'nodes/pve/qemu-server/999.conf' does not exist"],
  ['not-found', "unable to find configuration file for VM 999 on node 'pve'"],
  ['not-found', "storage 'nosuch' does not exist"],
  ['not-found', 'No such storage.'],
  ['not-found', 'no such task'],
  ['not-found', "no such cluster node 'nosuch'"],
  ['not-found', "hostname lookup 'nosuch' failed - failed to get address info for: nosuch: Name or service not known"],
  ['lock-timeout', "can't lock file '/var/lock/qemu-server/lock-310.conf' - got timeout"],
  ['lock-timeout', "unable to create VM 370 - can't lock file '/var/lock/qemu-server/lock-370.conf' - got timeout"],
  ['lock-timeout', "cfs-lock 'storage-shared' error: got lock request timeout"],
  ['lock-timeout', "error with cfs lock 'storage-shared': got lock request timeout"],
  ['no-worker', 'got no worker upid - start worker failed'],
  ['vm-locked', 'VM is locked (backup)'],
  ['vm-locked', 'VM is locked (create)'],
  ['digest-mismatch', 'checksum mismatch (file change by other user?)'],
  ['checksum-mismatch', "checksum mismatch: got '1cce49f2' != expect '0000'"],
  ['file-exists', "refusing to override existing file '/var/lib/vz/template/iso/dl.iso'"],
  ['no-quorum', 'cluster not ready - no quorum?'],
  ['no-quorum', "cfs-lock 'file-user_cfg' error: no quorum!"],
  ['in-use', "base volume 'local:200/base-200-disk-0.qcow2' is still in use by linked cloned"],
  ['no-space', "import failed: cp: error writing '/mnt/tight/import/x.qcow2': No space left on device"],
  ['no-space', 'qemu-img: error while writing at byte 9371648: No space left on device'],
  ['no-space', 'unable to create VM 104 - not enough free space (975 < 2097)'],
  ['not-managed', "cannot delete service 'vm:44010', not HA managed!"],
  ['vm-running', 'VM 100 is running - destroy failed'],
  ['vm-running', "you can't convert a VM to template if VM is running"],
  ['vm-running', 'VM 100 already running'],
  ['vm-stopped', 'VM 100 not running'],
  ['vm-stopped', 'VM 100 is not running'],
  ['agent-unavailable', 'QEMU guest agent is not running'],
  ['agent-unavailable', 'No QEMU guest agent configured'],
  [
    'vanished',
    "qemu-img: Could not open '/var/lib/fast/images/43773/vm-43773-cloudinit.qcow2': Could not open '/var/lib/fast/images/43773/vm-43773-cloudinit.qcow2': No such file or directory",
  ],
  [
    'file-exists',
    "import failed: cp: cannot create regular file '/var/lib/vz/template/iso/d-seed-634bf114b815bcba.iso': File exists",
  ],
  ['already-member', 'update pools failed: VM 42046 is already a pool member'],
  ['root-only', "only root can set 'args' config"],
  ['root-only', 'Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 581.'],
  ['root-only', 'Only root may use this option.'],
  ['other', 'shrinking disks is not supported'],
  ['other', 'VM quit/powerdown failed - got timeout'],
]

describe('a text of Proxmox', () => {
  it.each(texts)('means %s: %s', (problem, text) => {
    expect(problemOf(text)).toBe(problem)
  })
})

describe('an answer', () => {
  it.each([
    [595, 'Connection refused', 'refused'],
    [595, 'No route to host', 'refused'],
    [596, 'Connection timed out', 'gateway'],
    [596, 'Broken pipe', 'gateway'],
    [599, 'Too many redirections', 'gateway'],
    [502, 'Bad Gateway', 'gateway'],
    [503, 'Service Unavailable', 'gateway'],
    [500, "can't lock file '/var/lock/qemu-server/lock-310.conf' - got timeout", 'lock'],
    [500, 'got no worker upid - start worker failed', 'worker'],
    [500, 'VM is locked (backup)', 'refusal'],
    [500, 'Internal Server Error', 'refusal'],
    [501, "Method 'GET /nosuch' not implemented", 'refusal'],
    [401, 'Authentication failed!', 'refusal'],
  ] as const)('%i %s is a %s', (status, text, failure) => {
    expect(failureClassOf(status, text, { method: 'POST', path: '/nodes/pve/qemu' })).toBe(failure)
  })

  const unlisted = "Configuration file 'nodes/pve/qemu-server/42898.conf' does not exist"
  const unopened =
    "42654 qemu-img: Could not open '/var/lib/vz/images/42654/vm-42654-cloudinit.qcow2': Could not open '/var/lib/vz/images/42654/vm-42654-cloudinit.qcow2': No such file or directory"
  it.each([
    ['GET', '/nodes/pve/qemu', unlisted, 'vanished'],
    ['GET', '/nodes/pve/storage/local/content', unopened, 'vanished'],
    ['GET', '/nodes/pve/qemu/42898/config', unlisted, 'refusal'],
    ['POST', '/nodes/pve/qemu', unlisted, 'refusal'],
    ['GET', '/nodes/pve/storage/nosuch/content', "storage 'nosuch' does not exist", 'refusal'],
  ] as const)('to %s %s: %s is a %s', (method, path, text, failure) => {
    expect(failureClassOf(500, text, { method, path })).toBe(failure)
  })
})

describe('a missing permission', () => {
  it('is read from the text', () => {
    expect(missingPermissionOf('Permission check failed (/vms/600, VM.Monitor)')).toEqual({
      path: '/vms/600',
      privileges: ['VM.Monitor'],
    })
  })

  it('is not read where Proxmox does not name it', () => {
    expect(missingPermissionOf('Permission check failed')).toBeUndefined()
    expect(missingPermissionOf("Permission check failed (pool 'nopool' does not exist)")).toBeUndefined()
  })
})

describe('a lock of a machine', () => {
  it('is named', () => {
    expect(lockNameOf('VM is locked (create)')).toBe('create')
    expect(lockNameOf('VM is locked (snapshot-delete)')).toBe('snapshot-delete')
  })

  it('is not found in other texts', () => {
    expect(lockNameOf("can't lock file 'x' - got timeout")).toBeUndefined()
  })
})
