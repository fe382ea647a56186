import { beforeEach, describe, expect, test } from 'vitest'
import { runShell, type ShellContext } from '../../../src/guests/inside/shell.ts'
import type { GuestDisk } from '../../../src/state/boot.ts'

let disk: GuestDisk
let cut: string[]
let context: ShellContext
let left: string[]

const SCRIPTS = { '/script': 'echo from a file; exit 5', '/lines': 'one\ntwo\nthree\n' }

beforeEach(() => {
  disk = {
    hostName: 'web',
    packages: [],
    files: { '/a': 'text\n', '/var/log/x/1': '', '/var/log/x/2': '', ...SCRIPTS },
  }
  cut = []
  left = []
  context = {
    disk,
    failing: ['broken'],
    cloudInitStatus: () => ({ out: 'status: done\n', err: '', code: 2 }),
    power: (action) => cut.push(action),
    hasAgent: false,
    restartAgent: () => undefined,
    background: (script) => left.push(script),
  }
})

test.each([
  ['cat /a', { out: 'text\n', code: 0 }],
  ['/bin/cat /none', { err: 'cat: /none: No such file or directory\n', code: 1 }],
  ['cat /a && echo "a; b"', { out: 'text\na; b\n' }],
  ['false && echo no', { out: '', code: 1 }],
  ['false || echo yes', { out: 'yes\n', code: 0 }],
  ['false; echo $?', { out: '1\n', code: 0 }],
  ['sh /script', { out: 'from a file\n', code: 5 }],
  ['sh /none', { code: 2 }],
  ['cat /none > /b 2>&1; cat /b', { out: 'cat: /none: No such file or directory\n' }],
  ['tail -n 2 /lines', { out: 'two\nthree\n' }],
  ['tail -n 2 /none', { code: 1 }],
  ["grep -q '^t' /lines", { out: '', code: 0 }],
  ['grep -q four /lines', { code: 1 }],
  ["grep -Ev '^o|^tw' /lines", { out: 'three\n', code: 0 }],
  ['grep -q four /none', { code: 2 }],
  ['[ ! -s /var/log/x/1 ]', { code: 0 }],
  ['command -v qemu-ga', { code: 1 }],
  ['apt-get install qemu-guest-agent; command -v qemu-ga', { code: 0 }],
  ['rm -f /var/log/x/*; test -e /var/log/x/1', { code: 1 }],
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

test('what is left to itself does not hold up what comes after it', () => {
  expect(runShell(context, 'setsid sh /script > /dev/null 2>&1 &\necho next')).toMatchObject({ out: 'next\n', code: 0 })
  expect(left).toEqual(['sh /script > /dev/null 2>&1'])
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
    expect(Object.keys(disk.files)).toEqual(['/a', ...Object.keys(SCRIPTS)])
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
