import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ProvisionError } from '../../src/errors.ts'
import { type ParsedManifest, parseManifest } from '../../src/manifest/parse-manifest.ts'

const HEAD = `project: lab
images:
  fast: { url: "https://vendor.example/fast.qcow2", checksum: "sha256:${'a'.repeat(64)}" }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
`

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'bom.yml': Buffer.from('\ufeff#cloud-config\npackages: [nginx]\n'),
  'latin1.yml': Buffer.from('#cloud-config\nusers: [{ name: j, gecos: "Jörg" }]\n', 'latin1'),
  'utf16.yml': Buffer.from('\ufeff#cloud-config\n', 'utf16le'),
  'user-data.gz': gzipSync('#cloud-config\npackages: [nginx]\n'),
  'broken.yml': '#cloud-config\npackages: [nginx\nruncmd:\n\t- ls\n',
  'user-data.xz': Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0xff]),
  'user-data.zst': zstdCompressSync('#cloud-config\n'),
  'parts.txt': Buffer.from('MIME-Version: 1.0\nContent-Type: text/plain; charset=latin1\n\nJörg\n', 'latin1'),
  'keys.pub':
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops\nssh-rsa AAAA cut\n',
}

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC'

function read(vms: string): ParsedManifest {
  return parseManifest({ text: `${HEAD}${vms}`, file: 'm.yaml' }, { readFile: (path) => FILES[path] ?? '' })
}

function machine(cloudInit: string): string {
  return `vms: { web: { cloudInit: { ${cloudInit} } } }`
}

function documentOf(cloudInit: string) {
  return read(machine(cloudInit)).desired.machines[0]?.cloudInit?.userData
}

function problems(vms: string): readonly string[] {
  try {
    read(vms)
    return []
  } catch (thrown) {
    const details = (thrown as ProvisionError).details as { problems?: readonly { message: string }[] }
    return details.problems?.map(({ message }) => message) ?? [String(thrown)]
  }
}

function notes(vms: string): readonly string[] {
  return (read(vms).desired.notes ?? []).map(({ message }) => message)
}

describe('documents of users', () => {
  it('are read without a byte order mark, compressed ones byte by byte', () => {
    expect(documentOf('userData: { file: bom.yml }')).toBe('#cloud-config\npackages: [nginx]\n')
    expect(documentOf('userData: { file: user-data.gz }')).toEqual({
      base64: Buffer.from(FILES['user-data.gz'] ?? '').toString('base64'),
    })
    expect(documentOf('userData: { file: parts.txt }')).toEqual({
      base64: Buffer.from(FILES['parts.txt'] ?? '').toString('base64'),
    })
  })

  it.each([
    ['userData: { file: latin1.yml }', 'latin1.yml:2:29: This byte is not UTF-8; save the file as UTF-8.'],
    ['userData: { file: utf16.yml }', 'utf16.yml:1:1: The file is UTF-16; save it as UTF-8.'],
    [
      'networkConfig: { file: user-data.gz }',
      'user-data.gz:1:1: The file is compressed with gzip: use the uncompressed file.',
    ],
    [
      'userData: { file: user-data.xz }',
      'user-data.xz:1:1: The file is compressed with xz: use the uncompressed file.',
    ],
    [
      'vendorData: { file: user-data.zst }',
      'user-data.zst:1:1: The file is compressed with zstd: use the uncompressed file.',
    ],
    [
      'sshKeys: [{ file: user-data.gz }]',
      'user-data.gz:1:1: The file is compressed with gzip: use the uncompressed file.',
    ],
    ['userData: { file: broken.yml }', /^broken\.yml:\d:\d+: This is not valid YAML. /],
    [
      'vendorData: "#cloud-config\\n- a\\n"',
      'Line 1, column 1 of the document: A cloud-config must be a mapping; cloud-init ignores this one.',
    ],
    ['userData: "#cloud-config\\na: [\\n"', /^Line 2, column 4 of the document: This is not valid YAML. .*`?\]/],
    [
      'userData: "#cloud-config\\na: {{ v1.x }}\\n"',
      /^Line 2, column 5 .* Put `\{\{ … \}\}` in quotes\. To have it filled in/,
    ],
    [
      'userData: "#cloud-config\\na: 1\\n---\\nb: 2\\n"',
      /^Line 3, .* A second document begins here\. cloud-init reads only one: join them/,
    ],
    ['userData: "#cloud-config\\na: *b\\n"', /^Line 2, column 4 .* There is no anchor `&b` before this `\*b`\.$/],
    ['userData: "#cloud-config\\na: !b c\\n"', /^Line 2, column 4 .* cloud-init does not know the tag `!b`/],
    [
      'userData: "#cloud-config\\na:\\t1\\n"',
      /^Line 2, column 3 .* There is a tab here. cloud-init accepts only spaces.$/,
    ],
    [
      'userData: "#cloud-config\\na: 2026-02-30\\n"',
      /^Line 2, column 4 .* `2026-02-30` looks like a date but is not a valid one/,
    ],
    ['userData: "#cloud-config-archive\\na: 1\\n"', /^Line 1, .* A cloud-config archive must be a list/],
    ['userData: "#cloud-config-jsonp\\n[{\\n"', /^Line 1, .* needs a JSON patch/],
    ['networkConfig: "[]"', 'Line 1, column 1 of the document: A network-config must be a mapping.'],
    ['sshKeys: [{ file: empty.pub }]', 'The file empty.pub has no SSH public key.'],
    [
      'sshKeys: [{ file: keys.pub }]',
      'keys.pub:2:1: This line is truncated, or not base64. The file must contain only SSH public keys.',
    ],
  ])('of %s are refused with their place', (cloudInit, expected) => {
    const found = problems(machine(cloudInit))
    expect(found[0]).toMatch(expected)
  })

  it.each([
    [
      './ud.yaml',
      /^Line 1, column 1 of the document: The document begins with `\.\/ud\.yaml`.*To use a file, set \{ file: \.\/ud\.yaml \}\.$/,
    ],
    [
      'packages: [nginx]\\n',
      /^Line 1, column 1 of the document: The document begins with `packages: \[nginx\]`, and cloud-init ignores/,
    ],
    [
      '# cloud-config\\npackages: [nginx]\\n',
      /`# cloud-config`, so cloud-init ignores it: the first line must be `#cloud-config`\.$/,
    ],
    ['cloud-config\\n', /the first line must be/],
    [
      '##template: jinja\\n#cloud-config\\n',
      /`##template: jinja`, so cloud-init ignores it: the first line must be `## template: jinja`\.$/,
    ],
    [
      '## template: jinja\\npackages: [x]\\n',
      /^Line 2, column 1 of the document: Below its first line the template begins with `packages: \[x\]`/,
    ],
    ['## template: jinja\\n', /^Line 1, .* The template is empty below this line\.$/],
    [
      '## template: jinja\\n#cloud-config\\na: [{{ x }}\\n',
      /^Line 3, column 4 of the document: After the template is filled in: This is not valid YAML. The list/,
    ],
    ['## template: jinja\\n#cloud-config\\na: {{ x\\n', /^Line 3, column 4 .* This Jinja expression is not closed/],
    [
      '#cloud-config\\na: b\\u2028\\nc: d\\n',
      /^Line 2, column 5 of the document: Here is a U\+2028, which cloud-init reads/,
    ],
    ['#!/bin/sh\\r\\nls\\r\\n', /end with carriage returns/],
    ['', /is empty/],
    [
      '#cloud-config\\nruncmd: [a]\\nx: { y: 1 }\\nruncmd: [b]\\n',
      'Line 4, column 1 of the document: The key `runcmd` appears twice, first in line 2. cloud-init uses only the last one.',
    ],
  ])('that begin with %s are reported', (text, expected) => {
    const [note = ''] = notes(machine(`userData: "${text}"`))
    expect(note).toMatch(expected)
  })

  it.each([
    ['{ \\"ignition\\": { \\"version\\": \\"3.4.0\\" } }', 'an Ignition config'],
    ['version: v1alpha1\\nmachine: {}\\n', 'a Talos machine config'],
    ['#ps1_sysnative\\nls\\n', 'a PowerShell script'],
  ])('for another reader leave an account without effect: %s', (text, name) => {
    expect(notes(machine(`user: ops, sshKeys: [${KEY}], userData: "${text}"`))).toEqual([
      `\`vms.web.cloudInit.userData\` is ${name}, which cloud-init does not read. \`user\` and \`sshKeys\` of \`cloudInit\` have no effect unless the guest also runs cloud-init: write them to the document.`,
    ])
    expect(notes(machine(`ip: dhcp, userData: "${text}"`))).toEqual([])
  })

  it.each([
    '#cloud-config\\n',
    '#cloud-config\\n{}\\n',
    '  #Cloud-Config\\na: 1\\nb: 2\\n',
    '#!/bin/sh\\nls\\n',
    '#include\\nhttps://a.example/b\\n',
    '## template: jinja\\n#cloud-config\\na: {{ v1.x }}\\n',
    '## template: jinja\\n#cloud-config\\n{% if v1.x %}\\na: 1\\n{% elif v1.y %}\\na: [\\n{% else %}\\na: {\\n{% endif %}\\nb: {# } #} 2\\n',
    '## template: jinja\\n#!/bin/sh\\necho {{ v1.x }}\\n',
    '#cloud-config\\npackages: [a,\\nb]\\ntext: \\"goes\\non\\"\\n',
    '#cloud-config-jsonp\\n[{ \\"op\\": \\"add\\", \\"path\\": \\"/a\\", \\"value\\": 1 }]\\n',
    '#cloud-boothook\\nls\\n',
    '#cloud-config-archive\\n- { type: text/cloud-config, content: x }\\n',
    'Content-Type: multipart/mixed; boundary=x\\n\\n--x--\\n',
    '{ \\"ignition\\": { \\"version\\": \\"3.4.0\\" } }',
    'version: v1alpha1\\nmachine: {}\\n',
    '#ps1_sysnative\\nls\\n',
    'rem cmd\\n',
    '<powershell>ls</powershell>',
  ])('that begin with %s are fine', (text) => {
    expect(notes(machine(`userData: "${text}"`))).toEqual([])
  })

  it('reports a network document without a version', () => {
    expect(notes(machine('networkConfig: "ethernets: {}"'))[0]).toContain('has no `version`')
    expect(notes(machine('networkConfig: "version: 3"'))[0]).toMatch(/has version 1 or 2, not 3\.$/)
    expect(notes(machine('networkConfig: "network: { version: 2 }"'))).toEqual([])
    expect(notes(machine('networkConfig: "network: { config: disabled }"'))).toEqual([])
  })
})

describe('a file that cannot be read', () => {
  it('is reported, and nothing else', () => {
    const readFile = () => {
      throw Object.assign(new Error('no'), { code: 'ENOENT' })
    }
    const cloudInit = 'userData: { file: a }, networkConfig: { file: b }, sshKeys: [{ file: c }]'
    const reading = () => parseManifest({ text: `${HEAD}${machine(cloudInit)}`, file: 'm.yaml' }, { readFile })
    const missing = ['c', 'a', 'b'].map((name) =>
      expect.objectContaining({ message: `The file ${name} does not exist.` }),
    )
    expect(reading).toThrow(
      expect.objectContaining({ details: { problems: expect.arrayContaining(missing) as unknown } }),
    )
    expect(reading).toThrow(/^m\.yaml has 3 errors:(\n.*does not exist\.){3}$/)
  })
})

describe('notes', () => {
  it('are reported together with errors', () => {
    const vms =
      'vms: { a: { cloudInit: { userData: "x: 1" } }, b: { cloudInit: { userData: "#cloud-config\\na: [" } } }'
    expect(() => read(vms)).toThrow(
      /^m\.yaml has 1 error:\n.*This is not valid YAML.*\nNote: m\.yaml:5:\d+: .*cloud-init ignores/,
    )
  })
})

describe('a document that contradicts the manifest', () => {
  it.each([
    [
      'user: ops, userData: "## template: jinja\\n#cloud-config\\nuser: eve\\npassword: {{ v1.x }}\\n"',
      'creates the user eve',
    ],
    [
      'user: ops, userData: "#cloud-config\\nuser: eve\\n"',
      '`userData` creates the user eve, but `cloudInit.user` is ops: remove one of them.',
    ],
    ['user: ops, userData: "#cloud-config\\nuser: { name: eve }\\n"', 'creates the user eve'],
    [
      'password: x, vendorData: "#cloud-config\\npassword: y\\n"',
      '`vendorData` sets a password, and so does `cloudInit.password`: remove one of them.',
    ],
    [
      'user: ops, password: x, userData: "#cloud-config\\nchpasswd: { users: [{ name: ops, password: y, type: text }] }\\n"',
      'sets a password',
    ],
    ['user: ops, password: x, userData: "#cloud-config\\nchpasswd: { list: [\'ops:y\'] }\\n"', 'sets a password'],
    ['user: ops, password: x, userData: "#cloud-config\\nusers: [{ name: ops, passwd: y }]\\n"', 'sets a password'],
    ['user: root, userData: "#cloud-config\\ndisable_root: true\\n"', 'root, who then cannot log in'],
    [
      'upgrade: true, userData: "#cloud-config\\npackage_upgrade: false\\n"',
      'has `package_upgrade: false`, but `cloudInit.upgrade` is true.',
    ],
  ])('%s is a problem', (cloudInit, expected) => {
    expect(problems(machine(cloudInit))).toEqual([expect.stringContaining(expected)])
  })

  it('is a note where only the defaults have it: it may be meant for other machines', () => {
    const vms = machine('userData: "#cloud-config\\nuser: eve\\n"')
    const withDefaults = vms
      .replace('vms:', 'profiles: { p: { cloudInit: { user: ops } } }\nvms:')
      .replace('web: {', 'web: { profile: p,')
    expect(notes(withDefaults)).toEqual([expect.stringContaining('creates the user eve')])
  })

  it.each([
    'user: ops, userData: "#cloud-config\\nuser: ops\\n"',
    'user: ops, password: x, userData: "#cloud-config\\nusers: [{ name: eve, passwd: y }]\\n"',
    'user: ops, sshKeys: [], userData: "#cloud-config\\nssh_authorized_keys: [x]\\n"',
    'userData: "#cloud-config\\npassword: y\\n"',
  ])('%s is none', (cloudInit) => {
    expect(problems(machine(cloudInit))).toEqual([])
  })
})

describe('a partly declared first boot', () => {
  it.each([
    ['gateway: 10.0.0.1', '`vms.web.cloudInit.gateway` has no effect without `ip`.'],
    ['gateway6: "fe80::1", ip: dhcp', '`vms.web.cloudInit.gateway6` has no effect without `ip6`.'],
    [
      'ip: dhcp, gateway: 10.0.0.1',
      '`vms.web.cloudInit.gateway` has no effect together with `ip: dhcp`, which provides a gateway.',
    ],
    [
      'ip6: auto, gateway6: "fe80::1"',
      '`vms.web.cloudInit.gateway6` has no effect together with `ip6: auto`, which provides a gateway.',
    ],
    ['addresses: [{ gateway: 10.0.0.1 }]', '`vms.web.cloudInit.addresses.0.gateway` has no effect without `ip`.'],
    [
      'addresses: [{ ip: 10.0.0.5/24 }], gateway: 10.0.0.1',
      '`vms.web.cloudInit.gateway` has no effect together with `addresses`: write it there, with the address.',
    ],
    [
      'addresses: [{ ip: dhcp }, { ip: dhcp }]',
      '`vms.web.cloudInit.addresses.1` has no effect: the machine has one network card (`network`).',
    ],
    [
      'networkConfig: "version: 2", ip: dhcp',
      '`vms.web.cloudInit.ip` has no effect together with `networkConfig`: write it there.',
    ],
    [
      'networkConfig: "version: 2", dns: { domain: a.example }',
      '`vms.web.cloudInit.dns` has no effect together with `networkConfig`: write it there.',
    ],
    [
      'ip: 10.0.0.5/24, gateway: 10.0.1.1',
      '`vms.web.cloudInit.gateway` 10.0.1.1 is outside 10.0.0.5/24. If that is intended, set `onLink: true`.',
    ],
    ['password: "$6$saltsaltsalt$cutcutcutcutcutcut"', /begins like a hash but is not one/],
    [
      'password: "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub"',
      /is a hash of an unknown kind \(`argon2id`\)/,
    ],
    ['password: "secret\\n"', /has a line break, which cannot be typed/],
    [
      'ip: 10.0.0.5/24, gateway: 10.0.0.255',
      '`vms.web.cloudInit.gateway` is 10.0.0.255, which is the broadcast address of 10.0.0.5/24.',
    ],
    [
      'ip: 10.0.0.5/24, gateway: 10.0.0.0',
      '`vms.web.cloudInit.gateway` is 10.0.0.0, which is the network address of 10.0.0.5/24.',
    ],
    ['ip: 10.0.0.5/24, gateway: 127.0.0.1, onLink: true', /gateway` is 127\.0\.0\.1, which is a loopback address/],
    ['ip6: "fd00::5/64", gateway6: "ff02::2"', /gateway6` is ff02::2, which is a multicast address/],
    ['ip: dhcp, onLink: true', '`vms.web.cloudInit.onLink` has no effect without `gateway` or `gateway6`.'],
    ['sshKeys: [{ url: "http://keys.example/me" }]', /is plain http: anyone on the network could insert/],
  ])('%s is a problem', (cloudInit, expected) => {
    const found = problems(machine(cloudInit))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(expected)
  })

  it.each([
    'ip: 10.0.0.5/24, gateway: 10.0.1.1, onLink: true',
    'ip: 203.0.113.7/32, gateway: 198.51.100.1',
    'ip6: "2001:db8::8/64", gateway6: "fe80::1"',
    'dns: { servers: [10.0.0.53] }',
    'sshKeys: [{ url: "http://127.0.0.1:1/me" }, { url: "http://localhost/me" }, { url: "http://[::1]/me" }, { url: "https://a.example/b" }]',
    'sshKeys: [{ url: "http://keys.example/me", insecure: true }]',
    `password: "$y$j9T$abcdefghijklmnopqrstu.$${'a'.repeat(43)}"`,
    'password: "$ecret$"',
    'password: "$a$ecret$ with blanks, and more than twenty"',
    'password: "$3$$8846f7eaee8fb117ad06bdd830b7586c"',
    `password: "$md5,rounds=904$iPPKEBnEkp3JV8uX$${'a'.repeat(22)}"`,
  ])('%s is fine', (cloudInit) => {
    expect(problems(machine(cloudInit))).toEqual([])
  })

  it('applies a gateway of the defaults to machines with an address', () => {
    const text = machine('ip: dhcp').replace('vms:', 'profiles: { p: { cloudInit: { gateway: 10.0.0.1 } } }\nvms:')
    const { desired } = read(text.replace('web: {', 'web: { profile: p,'))
    expect(desired.machines[0]?.cloudInit?.addresses).toEqual([{ ip: 'dhcp' }])
  })

  it('refuses a hash for Windows, which uses its text as the password', () => {
    const hash = `$6$saltsalt$${'a'.repeat(86)}`
    expect(problems(`vms: { web: { osType: win11, cloudInit: { password: "${hash}" } } }`)[0]).toMatch(
      /is a hash, but Windows/,
    )
  })
})

describe('a document with parameters', () => {
  const DOCUMENT = '#cloud-config\\na: [${machine:name}, ${machine:index}]\\nb: ${machine:ip} ${HOME}'
  const asking = (words: string) =>
    `vms: { web: { count: 2, cloudInit: { ${words}, userData: { text: "${DOCUMENT}", fill: true } } } }`

  it('is filled in for each machine, and is unchanged without the marker line', () => {
    const vms = asking('ip: { from: 10.0.0.5/24 }')
    expect(read(vms).desired.machines.map(({ cloudInit }) => cloudInit?.userData)).toEqual([
      '#cloud-config\na: [web-1, 1]\nb: 10.0.0.5 ${HOME}',
      '#cloud-config\na: [web-2, 2]\nb: 10.0.0.6 ${HOME}',
    ])
    const text = '#ps1_sysnative\nWrite-Output "${env:HOME} ${machine:name}"'
    expect(documentOf(`userData: ${JSON.stringify(text)}`)).toBe(text)
  })

  it('is refused where the machine has no fixed address', () => {
    expect(problems(asking('ip: dhcp'))).toEqual([
      '`vms.web.cloudInit.userData` has `${machine:ip}`, but the machine has no fixed address: set `ip`.',
    ])
  })
})
