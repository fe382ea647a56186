import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import type { ManifestProblem } from '../../src/manifest/read/read-yaml.ts'

const GOOD = `
project: homelab
images:
  debian-13:
    url: https://vendor.example/debian-13.qcow2
    checksum: https://vendor.example/SHA512SUMS
defaults:
  image: debian-13
  node: pve1
  storage: { images: local, disks: local-lvm }
  memory: 2 GiB
  network: { bridge: vmbr0 }
  cloudInit: { user: ops, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk], ip: dhcp }
vms:
  web: {}
  worker: { count: 3, cores: 4, disk: 20 GiB, start: true, cloudInit: { user: worker } }
`

function problemsOf(text: string, environment = {}): readonly string[] {
  try {
    parseManifest({ text, file: 'm.yaml' }, { environment })
  } catch (thrown) {
    if (!(thrown instanceof ProvisionError)) throw thrown
    expect(thrown.code).toBe('MANIFEST')
    const problems = thrown.details.problems as readonly ManifestProblem[]
    return problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
  return []
}

function machine(name: string, text = GOOD) {
  const found = parseManifest({ text, file: 'm.yaml' }).desired.machines.find((entry) => entry.name === name)
  if (!found) throw new Error(`no machine ${name}`)
  return found
}

describe('a good manifest', () => {
  it('gives one machine per entry, or as many as `count`', () => {
    const { desired } = parseManifest({ text: GOOD, file: 'm.yaml' })
    expect(desired.machines.map(({ name }) => name)).toEqual(['web', 'worker-1', 'worker-2', 'worker-3'])
  })

  it('lets an entry win over the defaults, and merges cloudInit key by key', () => {
    expect(machine('worker-2')).toMatchObject({
      cpu: { cores: 4 },
      memory: { memoryMiB: 2048 },
      disk: { sizeBytes: 20 * 1024 ** 3 },
      cloudInit: {
        user: 'worker',
        sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk'],
        addresses: [{ ip: 'dhcp' }],
      },
    })
    expect(machine('web').cloudInit?.user).toBe('ops')
  })

  it('records which keys were declared, so that only they are compared', () => {
    expect(machine('web').declared.has('cores')).toBe(false)
    expect(machine('worker-1').declared.has('cores')).toBe(true)
    expect(machine('web').declared.has('cloudInit.user')).toBe(true)
  })

  it('reads values from the environment and knows which of them are secret', () => {
    const text = GOOD.replace('user: ops', 'user: ops, password: "${env:OPS_PASSWORD}"')
    const { desired, secrets } = parseManifest({ text, file: 'm.yaml' }, { environment: { OPS_PASSWORD: 'hunter2' } })
    expect(desired.machines[0]?.cloudInit?.password).toBe('hunter2')
    expect(secrets).toContain('hunter2')
  })

  it('reads documents and keys from files beside it', () => {
    const text = GOOD.replace('user: ops', 'user: ops, userData: { file: user-data.yaml }').replace(
      'sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk]',
      'sshKeys: [{ file: keys.pub }]',
    )
    const files: Record<string, string> = {
      'user-data.yaml': '#cloud-config\n',
      'keys.pub': '# mine\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHr2nGgq3rwpB2qFCRp7DFl1rh5iWvCDJHtFTd3ISzZ8 me\n',
    }
    const { desired } = parseManifest({ text, file: 'm.yaml' }, { readFile: (path) => files[path] ?? '' })
    expect(desired.machines[0]?.cloudInit).toMatchObject({
      userData: '#cloud-config\n',
      sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHr2nGgq3rwpB2qFCRp7DFl1rh5iWvCDJHtFTd3ISzZ8 me'],
    })
  })
})

describe('a bad manifest is refused with line, column and a sentence', () => {
  it.each([
    ['that is no YAML', 'project: [', /^1:/],
    ['that is empty', '', /1:1 The file is empty. A manifest must be a mapping/],
    ['with an unknown key', GOOD.replace('project:', 'projekt: x\nproject:'), /2:1 The manifest has no key `projekt`/],
    [
      'with an unknown key deep inside',
      GOOD.replace('user: ops', 'usr: ops'),
      /13:16 `defaults.cloudInit` has no key `usr`/,
    ],
    ['without its project', GOOD.replace('project: homelab', ''), /`project` is missing/],
    [
      'with a number where a size should be',
      GOOD.replace('2 GiB', '2048'),
      /11:11 `defaults.memory` must be a size with a unit/,
    ],
    [
      'with a text where a number should be',
      GOOD.replace('cores: 4', 'cores: four'),
      /`vms.worker.cores` must be a (whole )?number/,
    ],
    [
      'with an unknown image',
      GOOD.replace('image: debian-13', 'image: debain-13'),
      /There is no image `debain-13`: known are `debian-13`/,
    ],
    [
      'with a count of zero',
      GOOD.replace('count: 3', 'count: 0'),
      /`vms.worker.count` must be a whole number from 1 to 1000/,
    ],
    ['with an invalid DNS name', GOOD.replace('web:', 'web_1:'), /15:3 The name `web_1` must be a valid DNS name/],
    [
      'with a tag that Proxmox refuses',
      GOOD.replace('web: {}', 'web: { tags: ["a:b"] }'),
      /`vms.web.tags.0` must be a tag Proxmox accepts/,
    ],
    ['with the same name twice', GOOD.replace('web: {}', 'worker-1: {}'), /Two machines are called `worker-1`/],
    [
      'with the same key twice',
      GOOD.replace('web: {}', 'web: {}\n  web: {}'),
      /16:3 The key `web` appears twice, first in line 15/,
    ],
    [
      'with the same vmid twice',
      GOOD.replace('web: {}', 'web: { vmid: 200 }\n  api: { vmid: 200 }'),
      /both have vmid 200/,
    ],
    [
      'with one vmid for several',
      GOOD.replace('count: 3', 'count: 3, vmid: 200'),
      /would give the same id to 3 machines/,
    ],
    [
      'with one address for several',
      GOOD.replace('user: worker', 'ip: 10.0.0.5/24'),
      /would give the same address to 3 machines/,
    ],
    [
      'with a checksum that is none',
      GOOD.replace('https://vendor.example/SHA512SUMS', 'sha256:abc'),
      /`images.debian-13.checksum` must have 64 hex digits after "sha256:"; it has 3/,
    ],
    [
      'with a range that runs backwards',
      `${GOOD}\nvmids: { from: 300, to: 200 }`,
      /`vmids` "from" must not be above "to"/,
    ],
    [
      'with an address that is none',
      GOOD.replace('ip: dhcp', 'ip: 10.0.0.300/24'),
      /^13:133 `defaults.cloudInit.ip` must be "dhcp" or an IPv4 address with its prefix, such as "10.0.0.5\/24"\.$/,
    ],
    ['with a prefix that is none', GOOD.replace('ip: dhcp', 'ip: 10.0.0.3/33'), /must be "dhcp" or an IPv4 address/],
    [
      'with an IPv6 address that is none',
      GOOD.replace('ip: dhcp', 'ip6: "fe80::zz/64"'),
      /^13:134 `defaults.cloudInit.ip6` must be "dhcp", "auto" or an IPv6 address with its prefix, such as "2001:db8::5\/64"\.$/,
    ],
    [
      'with an SSH key that is none',
      GOOD.replace(
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk',
        'nonsense',
      ),
      /^13:37 `defaults.cloudInit.sshKeys.0` must be an SSH public key such as "ssh-ed25519 AAAAC3Nz… me@desk", \{ file: PATH \} or \{ url: ADDRESS \}\.$/,
    ],
    [
      'with a word for HA that is none',
      GOOD.replace('web: {}', 'web: { ha: maybe }'),
      /^15:14 `vms.web.ha` must be true, false, or settings such as \{ maxRestart: 2 \}\.$/,
    ],
    [
      'with something wrong deep inside one of several shapes',
      GOOD.replace(
        'web: {}',
        'web: { ha: { maxRestart: often }, network: { bridge: vmbr0, vlan: seven }, disk: { size: 9 } }',
      ),
      /^15:28 `vms.web.ha.maxRestart` must be a whole number from 0 to 1000\.\n15:69 `vms.web.network.vlan` must be a whole number from 1 to 4094\.\n15:92 `vms.web.disk.size` must be a size with a unit: did you mean "9 GiB"\?$/,
    ],
    [
      'with an unknown key inside one of several shapes',
      GOOD.replace('web: {}', 'web: { network: { bridge: vmbr0, vlann: 7 } }'),
      /^15:36 `vms.web.network` has no key `vlann`: did you mean `vlan`\?$/,
    ],
    [
      'with more balloon than memory',
      GOOD.replace('web: {}', 'web: { balloon: 3 GiB }'),
      /^15:19 `vms.web.balloon` is 3 GiB, which is more than its memory of 2 GiB\.$/,
    ],
    [
      'with an environment variable that is not set, and nothing more about what it would have been',
      GOOD.replace(
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk',
        '"${env:NOBODY}"',
      ).replace('2 GiB', '"${env:NOTHING}"'),
      /^11:11 The environment variable NOTHING is not set: export NOTHING=…\n13:37 The environment variable NOBODY is not set: export NOBODY=…$/,
    ],
    [
      'with an environment variable that is not set',
      GOOD.replace('user: ops', 'user: "${env:NOBODY}"'),
      /variable NOBODY is not set/,
    ],
  ])('%s', (_situation, text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem)
  })

  it('with a key file that contains something else, without showing it', () => {
    const text = GOOD.replace(
      'sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk]',
      'sshKeys: [{ file: id_ed25519 }]',
    )
    const readFile = () => '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\n'
    const attempt = () => parseManifest({ text, file: 'm.yaml' }, { readFile })
    expect(attempt).toThrow('id_ed25519:1:1: This line begins a private key')
    expect(attempt).not.toThrow(/b3Blb/)
  })

  it.each([
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxQ== me',
    'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIBERERERERERERERERERERERERERERERERERERERERERAAAABHNzaDo=',
    'from="10.0.0.0/8",no-pty ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOi/zRm7orQjI1BokEQDWAGNXVjV0cjoYScUyQkMGuBBAsL0wDP1pmHbczyrITOa+2lmF5OC2QVfd4RqbJlJpRU= ci',
  ])('but not for the key %j', (key) => {
    expect(
      problemsOf(
        GOOD.replace(
          '[ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk]',
          JSON.stringify([key]),
        ),
      ),
    ).toEqual([])
  })

  it('with all problems at once, in the order of the file', () => {
    const text = GOOD.replace('2 GiB', '2')
      .replace('count: 3', 'count: 0')
      .replace('project: homelab', 'project: Home Lab')
    const lines = problemsOf(text).map((problem) => Number(problem.split(':')[0]))
    expect(lines.length).toBe(3)
    expect(lines).toEqual(lines.toSorted((one, other) => one - other))
  })
})

it('reports a wrong name and the errors below it at once', () => {
  const text = GOOD.replace('web: {}', 'web_1: { count: 0, nonsense: 1 }')
  expect(problemsOf(text).map((problem) => problem.split(' ').slice(1).join(' '))).toEqual([
    expect.stringContaining('The name `web_1` must be a valid DNS name'),
    '`vms.web_1.count` must be a whole number from 1 to 1000.',
    '`vms.web_1` has no key `nonsense`.',
  ])
})

it('proposes a similar key, and none where there is none', () => {
  const text = GOOD.replace('web: {}', 'web: { cuont: 2, disks: [{ size: 1 GiB, ioThraed: true }], colour: red }')
  expect(problemsOf(text).map((problem) => problem.split(' ').slice(1).join(' '))).toEqual(
    expect.arrayContaining([
      '`vms.web` has no key `cuont`: did you mean `count`?',
      '`vms.web.disks.0` has no key `ioThraed`: did you mean `ioThread`?',
      '`vms.web` has no key `colour`.',
    ]),
  )
})

describe('a manifest with errors in its structure and across entries', () => {
  const messages = (text: string) => problemsOf(text).map((problem) => problem.split(' ').slice(1).join(' '))

  it('reports all of them at once', () => {
    const text = GOOD.replace('web: {}', 'web: { image: nosuch }\n  other: { cores: 0 }')
    expect(messages(text)).toEqual([
      expect.stringContaining('There is no image `nosuch`'),
      '`vms.other.cores` must be a whole number from 1 to 8192.',
    ])
  })

  it('does not report consequences of an error', () => {
    expect(messages('project: lab\nimages: {}\ndefaults: { node: [] }\nvms: { web: { image: 7 } }\n')).toHaveLength(2)
    expect(messages(GOOD.replace('web: {}', 'web: { node: 7 }'))).toHaveLength(1)
  })
})
