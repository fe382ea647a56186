import { beforeEach, describe, expect, test } from 'vitest'
import { runShell, type ShellContext } from '../../../src/guests/inside/shell.ts'
import type { GuestDisk } from '../../../src/state/boot.ts'

let disk: GuestDisk
let cut: string[]
let context: ShellContext

beforeEach(() => {
  disk = { hostName: 'web', packages: [], files: { '/a': 'text\n', '/var/log/x/1': '', '/var/log/x/2': '' } }
  cut = []
  context = {
    disk,
    failing: ['broken'],
    cloudInitStatus: () => ({ out: 'status: done\n', err: '', code: 2 }),
    power: (action) => cut.push(action),
  }
})

test.each([
  ['cat /a', { out: 'text\n', code: 0 }],
  ['/bin/cat /none', { err: 'cat: /none: No such file or directory\n', code: 1 }],
  ['cat /a && echo "a; b"', { out: 'text\na; b\n' }],
  ['false && echo no', { out: '', code: 1 }],
  ['false || echo yes', { out: 'yes\n', code: 0 }],
  ['false; echo $?', { code: 0 }],
  ['# a comment\nhostname', { out: 'web\n' }],
  ['exit 3; echo no', { out: '', code: 3 }],
  ['echo no >&2', { out: '', err: 'no\n' }],
  ['test -e /a', { code: 0 }],
  ['[ ! -e /a ]', { code: 1 }],
  ['[ -f /none ]', { code: 1 }],
  ['sh -c "echo inner; exit 4"', { out: 'inner\n', code: 4 }],
  ['cloud-init status', { out: 'status: done\n', code: 2 }],
  ['command -v cloud-init', { out: '/usr/bin/cloud-init\n', code: 0 }],
  ['which podman', { out: '', code: 1 }],
  ['systemctl enable --now docker', { code: 0 }],
  ['a-program-of-no-account --with arguments', { out: '', code: 0 }],
  ['make broken', { code: 1 }],
  ['apt-get install -y broken-thing', { code: 1 }],
])('%s', (script, expected) => {
  expect(runShell(context, script)).toMatchObject(expected)
})

describe('leaves behind', () => {
  test.each([
    ['echo one > /b; echo two >> /b', { '/b': 'one\ntwo\n' }],
    ['touch /b /a', { '/a': 'text\n', '/b': '' }],
    ['truncate -s 0 /a', { '/a': '' }],
    ['cat /a > "/with space"', { '/with space': 'text\n' }],
  ])('%s', (script, files) => {
    runShell(context, script)
    expect(disk.files).toMatchObject(files)
  })

  test('packages, and not what was removed', () => {
    runShell(context, 'apt-get update && apt-get install -y qemu-guest-agent curl; rm -rf /var/log/x/*')
    expect(disk.packages).toEqual(['qemu-guest-agent', 'curl'])
    expect(Object.keys(disk.files)).toEqual(['/a'])
  })

  test.each([
    ['poweroff', 'poweroff'],
    ['shutdown -h now', 'poweroff'],
    ['shutdown -r now', 'reboot'],
    ['systemctl reboot', 'reboot'],
  ])('after %s, no power', (script, action) => {
    runShell(context, script)
    expect(cut).toEqual([action])
  })
})
