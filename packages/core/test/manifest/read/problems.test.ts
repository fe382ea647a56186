// Common mistakes in manifests, and the messages about them.
import { describe, expect, it } from 'vitest'
import type { ProvisionError } from '../../../src/errors.ts'
import { type ParseOptions, parseManifest } from '../../../src/manifest/parse-manifest.ts'
import type { ManifestProblem } from '../../../src/manifest/read/read-yaml.ts'

const HEAD = `project: lab
images:
  img: { url: "https://v.example/a.qcow2", checksum: "https://v.example/SUMS" }
defaults: { image: img, node: pve1, storage: { images: local, disks: local-lvm } }
`

function problemsOf(text: string | Uint8Array, options: ParseOptions = {}): readonly string[] {
  try {
    parseManifest({ text, file: 'm.yaml' }, options)
    return []
  } catch (thrown) {
    const { problems = [] } = (thrown as ProvisionError).details as { problems?: readonly ManifestProblem[] }
    return problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
}

describe('indentation', () => {
  it.each([
    [
      'of keys beside the one they belong under',
      'vms:\n  web:\n  image: img\n',
      ['7:3 `image` is beside `web` but belongs below it: indent it by two more spaces.'],
    ],
    [
      'of many of them, which are all meant and checked there',
      'vms:\n  web:\n  image: img\n  cores: x\n  memory: 2 GiB\n  cloudInit:\n    user: ops\n  db: {}\n',
      [
        '7:3 `image`, `cores`, `memory` and 1 more are beside `web` but belong below it: indent them by two more spaces.',
        '8:10 `vms.web.cores` must be a whole number from 1 to 8192.',
      ],
    ],
    [
      'of keys beside the mapping they are of',
      'vms:\n  web:\n    cloudInit:\n    user: ops\n    cores: 2\n',
      ['8:5 `user` is beside `cloudInit` but belongs below it: indent it by two more spaces.'],
    ],
    [
      'of keys one level too deep',
      'vms:\n  web:\n    cloudInit:\n      user: ops\n      cores: 2\n',
      ['9:7 `vms.web.cloudInit` has no key `cores`: it belongs one level up, beside `cloudInit`.'],
    ],
    [
      'between two others',
      'vms:\n  web:\n    image: img\n   cores: 2\n',
      [
        '8:4 `cores` is indented by 3 spaces, which matches no line above it: indent it by 4 to put it beside `image`, or by 2 to put it beside `web`.',
      ],
    ],
    [
      'deeper than a key with a value',
      'vms:\n  web:\n    image: img\n      cores: 2\n',
      ['8:7 `cores` is indented more than `image`, which already has a value: indent both equally.'],
    ],
    ['with a tab', 'vms:\n  web:\n\tcores: 2\n', ['7:1 This line is indented with a tab. YAML allows only spaces.']],
  ])('%s', (_what, vms, problems) => {
    expect(problemsOf(`${HEAD}${vms}`)).toEqual(problems)
  })

  it('does not take a machine for a key because of its name', () => {
    expect(problemsOf(`${HEAD}vms:\n  web:\n  network: { cores: 2 }\n  agent: {}\n  image:\n`)).toEqual([])
  })
})

describe('YAML', () => {
  it.each([
    [
      'a parameter without quotes between brackets',
      'vms: { web: { cores: ${env:CORES} } }\n',
      '5:22 Between brackets a parameter needs quotes: `"${env:CORES}"`.',
    ],
    [
      'a merge of values that are no mappings, told once',
      'vms:\n  web: { <<: [1, 2] }\n',
      '6:14 A merge key (`<<`) needs a mapping, or a list of mappings: `<<: *name`.',
    ],
    [
      'the same key twice',
      'vms:\n  web: {}\n  db: {}\n  web: {}\n',
      '8:3 The key `web` appears twice, first in line 6.',
    ],
    [
      'a second document',
      'vms: {}\n---\nvms: {}\n',
      '6:1 A second document begins here (`---`). Put it in its own file and use both: `-f ONE -f OTHER`.',
    ],
    [
      'a colon in a value',
      'vms:\n  a:\n    pool: see: x\n',
      '7:11 The value of `pool` contains a colon, so it needs quotes: `pool: "see: x"`.',
    ],
    [
      'a colon in a value between braces',
      "vms:\n  a: { cores: 2, description: it's: fine }\n",
      '6:31 The value of `description` contains a colon, so it needs quotes: `description: "it\'s: fine"`.',
    ],
    [
      'a colon in a value of a list',
      'vms:\n  a:\n    tags:\n      - see this: that: x\n',
      '8:19 This value contains a colon, so it needs quotes: `- "see this: that: x"`.',
    ],
    [
      'a key without its colon',
      'limits: {}\nvms\n  a: {}\n',
      '6:1 `vms` has no colon: a key needs one, as in `key: value`.',
    ],
    [
      'a list on the line of its key',
      'vms:\n  a:\n    tags: - x\n',
      '7:11 Begin the list on the line below `tags`, or write it in brackets: `tags: [x]`.',
    ],
    [
      'no colon',
      'vms:\n  a:\n    cores 2\n',
      '7:5 `vms.a` must be a mapping: is a colon followed by a space missing, as in `cores: 2`?',
    ],
    [
      'no blank behind the colon',
      'vms:\n  a:\n    cores:2\n',
      '7:5 `vms.a` must be a mapping: is a colon followed by a space missing, as in `cores: 2`?',
    ],
    [
      'no blank behind the colon of one of several',
      'vms:\n  a:\n    start: true\n    cores:2\n',
      '8:5 A colon followed by a space is missing: `cores: 2`.',
    ],
    [
      'an open mapping',
      'vms:\n  a: { cores: 2\n  b: {}\n',
      '6:6 The mapping that begins here is not closed: `}` is missing.',
    ],
    ['an open list', 'vms:\n  a: { tags: [a, b }\n', '6:14 The list that begins here is not closed: `]` is missing.'],
    ['an open quote', 'vms:\n  a: { pool: "abc }\n', '6:14 The quote that begins here is not closed.'],
    ['an @ at the beginning', 'vms:\n  a:\n    pool: @home\n', '7:11 A value that begins with `@` needs quotes.'],
    [
      'a backslash in quotes',
      'vms:\n  a:\n    pool: "a\\q"\n',
      '7:13 In double quotes, a backslash begins an escape: write it twice, or use single quotes.',
    ],
    ['an anchor that is none', 'vms:\n  a: *nope\n', '6:6 There is no anchor `&nope` before this `*nope`.'],
    ['an anchor within itself', 'vms: &v\n  a: *v\n', '6:6 There is no anchor `&v` before this `*v`.'],
    ['a tag of another program', 'vms:\n  a: { pool: !vault x }\n', '6:21 The tag `!vault` is not supported here.'],
    [
      'a merge key of no mapping',
      'x: &x 1\nvms:\n  a: { <<: *x }\n',
      expect.stringContaining('A merge key (`<<`) needs a mapping'),
    ],
    [
      'a list for names',
      'vms:\n  - name: a\n',
      '6:3 `vms` must be a mapping: write the names as keys, as in `web: { … }`.',
    ],
  ])('with %s', (_what, vms, problem) => {
    expect(problemsOf(`${HEAD}${vms}`)).toEqual([problem])
  })

  it.each([
    ['Latin-1', Buffer.from('project: B\xfcro\n', 'latin1'), '1:11 This byte is not UTF-8; save the file as UTF-8.'],
    [
      'Latin-1 further down',
      Buffer.from(`${HEAD}# ${'ä'.repeat(5)}\n`, 'latin1'),
      '5:3 This byte is not UTF-8; save the file as UTF-8.',
    ],
    ['UTF-16', Buffer.from('\ufeffproject: lab\n', 'utf16le'), '1:1 The file is UTF-16; save it as UTF-8.'],
    ['zeros', Buffer.from('project: lab\n\0\n'), '2:1 There is a zero byte here; this is not a text file.'],
  ])('that is %s', (_what, bytes, problem) => {
    expect(problemsOf(bytes)).toEqual([problem])
  })

  it('may begin with a byte order mark and end its lines as Windows does', () => {
    expect(problemsOf(Buffer.from(`\ufeff${HEAD}vms: {}\n`.replaceAll('\n', '\r\n')))).toEqual([])
  })
})

describe('a bomb', () => {
  it.each([
    [
      'of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[index]}`).join(',')}]`)
        .join('\n')}\nvms: *i\n`,
      /The aliases .* more than 500,000 values/,
    ],
    [
      'of merge keys',
      `a: &a {${Array.from({ length: 999 }, (_, index) => `k${index}: 1`).join(', ')}}\nb: [${Array.from({ length: 999 }, () => '{ <<: *a }').join(', ')}]\n`,
      /more than 500,000 values/,
    ],
    ['of brackets', '['.repeat(50_000), /nested too deeply/],
    ['of levels', `${HEAD}vms: ${'['.repeat(100)}${']'.repeat(100)}`, /nested too deeply/],
  ])('%s is refused, and quickly', (_what, text, problem) => {
    const before = process.cpuUsage().user
    expect(problemsOf(text).join('\n')).toMatch(problem)
    expect(process.cpuUsage().user - before).toBeLessThan(5_000_000)
  })
})

describe('keys and values', () => {
  const vm = (words: string) => `${HEAD}vms: { web: { ${words} } }\n`
  it.each([
    ['tags: "a, b"', '`vms.web.tags` must be a list, such as `[a, b]`.'],
    ['network: { bridge: vmbr0, trunks: "10;20" }', 'must be a list, such as `[10, 20]`.'],
    ['network: { bridge: vmbr0, trunks: 10 }', 'must be a list, such as `[10]`.'],
    ['cloudInit: { dns: { servers: "10.0.0.1 fd00::1" } }', 'must be a list, such as `[10.0.0.1, "fd00::1"]`.'],
    ['cloudInit: { dns: { domain: [a.example] } }', ': use `domains` for a list.'],
    ['node: "${nev:NODE}"', '`${nev:NODE}` is not a parameter: write `${env:NODE}`'],
    ['cpus: 2', 'has no key `cpus`: did you mean `cores`?'],
    ['ram: 2 GiB', 'has no key `ram`: did you mean `memory`?'],
    ['cloud_init: {}', 'has no key `cloud_init`: did you mean `cloudInit`?'],
    ['onboot: true', 'has no key `onboot`: did you mean `onBoot`?'],
    ['hostname: x', 'has no key `hostname`: the name is the name of the entry.'],
    ['replicas: 3', 'has no key `replicas`: did you mean `count`?'],
    ['cloudInit: { nameserver: 9.9.9.9 }', 'has no key `nameserver`: did you mean `dns`?'],
    ['network: { bridge: vmbr0, tag: 5 }', 'has no key `tag`: did you mean `vlan`?'],
    ['hostpci0: gpu', 'has no key `hostpci0`: did you mean `devices`?'],
    ['zzzzzz: 1', 'has no key `zzzzzz`.'],
    ['memory: 2048', 'must be a size with a unit: did you mean "2048 MiB"?'],
    ['memory: "2048"', 'must be a size with a unit: did you mean "2048 MiB"?'],
    ['disk: 20', 'must be a size with a unit: did you mean "20 GiB"?'],
    ['disk: { size: 20 }', 'must be a size with a unit: did you mean "20 GiB"?'],
    ['memory: 2 PiB', 'must be a size with a unit, such as "2 GiB" or "512 MiB".'],
    ['start: yes', 'must be `true` or `false`: since YAML 1.2, `yes` is a string; did you mean `true`?'],
    ['start: off', 'must be `true` or `false`: since YAML 1.2, `off` is a string; did you mean `false`?'],
    ['cores: ', 'has no value: it must be a whole number from 1 to 8192.'],
    ['disks: [2 GiB]', 'must be a mapping: did you mean `{ size: 2 GiB }`?'],
    ['network: [vmbr0]', 'must be a mapping: did you mean `{ bridge: vmbr0 }`?'],
    ['rollout: 2', 'must be a mapping, such as `{ batch: 1 }`.'],
    ['cpu: 2', ': did you mean `cores: 2`?'],
    ['cloudInit: { sshKeys: ~/.ssh/id.pub }', 'must be a list, such as `[{ file: ~/.ssh/id.pub }]`.'],
    ['cloudInit: { sshKeys: [~/.ssh/id.pub] }', 'must be an SSH public key: did you mean { file: "~/.ssh/id.pub" }?'],
    [
      'cloudInit: { sshKeys: ["https://a.example/k"] }',
      'must be an SSH public key: did you mean { url: "https://a.example/k" }?',
    ],
    [
      'cloudInit: { userData: { packages: [x] } }',
      'must be a string, { file: PATH } or { text: TEXT, fill: true }: put `|` after the key to make the lines below it a string.',
    ],
  ])('%s', (words, sentence) => {
    expect(problemsOf(vm(words)).join('\n')).toContain(sentence)
  })

  const image = (words: string) => `project: lab\nimages: { img: { ${words} } }\nvms: {}\n`
  it.each([
    [
      `url: "https://a.example/x", checksum: "sha256:${'a'.repeat(63)}"`,
      'must have 64 hex digits after "sha256:"; it has 63.',
    ],
    [
      `url: "https://a.example/x", checksum: "sha512:${'a'.repeat(129)}"`,
      'must have 128 hex digits after "sha512:"; it has 129.',
    ],
    [
      `url: "https://a.example/x", checksum: "${'a'.repeat(64)}"`,
      'must name its algorithm: did you mean "sha256:aaaaaa…"?',
    ],
    [`url: "https://a.example/x", checksum: "md5:${'a'.repeat(32)}"`, 'must be SHA-256 or SHA-512, not MD5.'],
    [
      `url: "https://a.example/x", checksum: "sha256:${'z'.repeat(64)}"`,
      'must be a digest of hex digits: 0 to 9 and a to f.',
    ],
    ['url: ./a.qcow2', 'must be an http or https address: for a file on your computer, write `file: ./a.qcow2`.'],
    [
      'url: "file:///srv/a.img"',
      'must be an http or https address: for a file on your computer, write `file: /srv/a.img`.',
    ],
    ['url: "ftp://a.example/x"', 'must be an http or https address.'],
    ['uri: "https://a.example/x"', 'has no key `uri`: did you mean `url`?'],
  ])('%s', (words, sentence) => {
    expect(problemsOf(image(words)).join('\n')).toContain(sentence)
  })

  it.each([
    ['k8s_worker_1', 'k8s-worker-1'],
    ['My Server', 'my-server'],
    ['Über', 'uber'],
    ['-x-', 'x'],
  ])('the name %s gets a suggestion', (name, proposal) => {
    expect(problemsOf(`${HEAD}vms: { "${name}": {} }\n`)[0]).toContain(`did you mean \`${proposal}\`?`)
  })
})

it('reports the file, the count and the first fifty of many', () => {
  const vms = Array.from({ length: 60 }, (_, index) => `  m${index}: { coers: 1 }\n`).join('')
  const parse = (text: string) => parseManifest({ text, file: 'm.yaml' })
  expect(() => parse('project: 1\nimages: {}\nvms: {}\n')).toThrow(/^m\.yaml has 1 error:\nm\.yaml:1:10: /)
  expect(() => parse(`${HEAD}vms:\n${vms}`)).toThrow(/^m\.yaml has 60 errors:\n(m\.yaml:.*\n){50}… and 10 more\.$/)
})

describe('many lines', () => {
  const kinds: readonly (readonly [string, (index: number) => string])[] = [
    ['that are good', (index) => `  m${index}:\n    cores: 2\n    cloudInit:\n      ip: dhcp\n`],
    ['with mistyped keys', (index) => `  m${index}:\n    coers: 2\n    memory: 2048\n    cloudInit: {}\n`],
    [
      'with parameters',
      (index) => `  m${index}:\n    cores: "\${env:N}"\n    tags: ["\${env:N}"]\n    cloudInit: {}\n`,
    ],
    ['with duplicates', () => '  m:\n    cores: 2\n    cores: 3\n    cloudInit: {}\n'],
    ['with images that are none', (index) => `  m${index}:\n    image: no${index}\n    cores: 3\n    cloudInit: {}\n`],
    [
      'with merge keys',
      (index) =>
        index === 0
          ? '  m0: &m\n    cores: 2\n    start: true\n    cloudInit: {}\n'
          : `  m${index}:\n    <<: *m\n    cores: 3\n    cloudInit: {}\n`,
    ],
  ]

  /** Milliseconds of CPU time, the better of two runs. */
  function cost(text: string): number {
    const once = () => {
      const before = process.cpuUsage().user
      problemsOf(text, { environment: { N: '2' } })
      return (process.cpuUsage().user - before) / 1000
    }
    return Math.min(once(), once())
  }

  it.each(kinds)('%s take linear time', (_what, machine) => {
    const manifest = (machines: number) =>
      `${HEAD}vms:\n${Array.from({ length: machines }, (_, index) => machine(index)).join('')}`
    cost(manifest(100))
    const [small, large] = [cost(manifest(250)), cost(manifest(2000))]
    // Eight times as many lines. Quadratic time would be sixty-four times as long.
    expect(large).toBeLessThan(Math.max(small, 20) * 24)
  })
})

describe('names', () => {
  it('are read as written, also where YAML has a number', () => {
    const { desired } = parseManifest({ text: `${HEAD}vms: { 0123: {}, 1.0: {}, 1e3: {}, 0x10: {} }`, file: 'm.yaml' })
    expect(desired.machines.map(({ name }) => name)).toEqual(['0123', '1.0', '1e3', '0x10'])
  })
})

describe('a value of another kind', () => {
  it.each([
    ['tags: [1]', /must be a tag Proxmox accepts: .* first. Without quotes, YAML reads this as a number\.$/],
    [
      'cloudInit: { password: 1234 }',
      /must be a string that is not empty. Without quotes, YAML reads this as a number\.$/,
    ],
    ['cloudInit: { user: true }', /must be a user name: .* Without quotes, YAML reads this as a boolean\.$/],
    ['cores: "2"', /must be a whole number from 1 to 8192. In quotes, YAML reads this as a string\.$/],
    ['start: "true"', /must be `true` or `false`. In quotes, YAML reads this as a string\.$/],
    ['storage: local-lvm', /must be a mapping, such as `\{ images: local, disks: local-lvm \}`\.$/],
    ['osType: linux', /must be one of .*: did you mean `l26`\?$/],
    ['bios: UEFI', /must be one of `seabios`, `ovmf`: did you mean `ovmf`\?$/],
    ['network: { bridge: vmbr0, mac: bc-24-11-00-00-01 }', /did you mean `BC:24:11:00:00:01`\?$/],
    ['devices: [{ pci: "0000:01:00.0" }]', /a token cannot use the address of a device, so create a mapping for it/],
    [
      'devices: [{ virtiofs: media, cache: x }]',
      /devices\.0\.cache` must be one of `auto`, `always`, `metadata`, `never`\.$/,
    ],
    ['devices: [{ pci: gpu, usb: key }]', /must be \{ pci: MAPPING \}, \{ usb: MAPPING \} or/],
    ['cloudInit: { ip: 10.0.0.5/255.255.255.0 }', /did you mean "10\.0\.0\.5\/24"\?$/],
    ['cloudInit: { ip: DHCP }', /did you mean "dhcp"\?$/],
    ['cloudInit: { ip: "2001:db8::5/64" }', /use `ip6` for this one\.$/],
    ['cloudInit: { ip6: 10.0.0.5/24 }', /use `ip` for this one\.$/],
    ['tags: web', /must be a list, such as `\[web\]`\.$/],
  ])('%s', (words, expected) => {
    const problems = problemsOf(`${HEAD}vms: { web: { ${words} } }`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  it('in a list hides no other problem', () => {
    const vms = 'vms: { a: { tags: [1] }, b: { cloudInit: { gateway: 10.0.0.1 } } }'
    expect(problemsOf(`${HEAD}${vms}`)).toEqual([
      expect.stringContaining('`vms.a.tags.0` must be a tag'),
      expect.stringContaining('`vms.b.cloudInit.gateway` has no effect without `ip`.'),
    ])
  })
})

describe('a key of other tools, or of another place', () => {
  it.each([
    ['ssh_keys', 'did you mean `cloudInit.sshKeys`?'],
    ['sshkeys', 'did you mean `cloudInit.sshKeys`?'],
    ['ip', 'did you mean `cloudInit.ip`?'],
    ['bridge', 'did you mean `network.bridge`?'],
    ['vlan', 'did you mean `network.vlan`?'],
    ['cpuType', 'did you mean `cpu`?'],
    ['gpu', 'did you mean `devices`?'],
    ['dns', 'did you mean `cloudInit.dns`?'],
    ['name', 'the name is the name of the entry.'],
    ['args', 'Proxmox allows only root to set it.'],
    ['packages', 'set it in a cloud-init document (`userData`).'],
    ['corse', 'did you mean `cores`?'],
  ])('%s', (key, meant) => {
    expect(problemsOf(`${HEAD}vms: { web: { ${key}: x } }`)).toEqual([
      `5:15 \`vms.web\` has no key \`${key}\`: ${meant}`,
    ])
  })

  it('without a similar one gets no suggestion', () => {
    expect(problemsOf(`${HEAD}vms: { web: { zzz: x } }`)).toEqual(['5:15 `vms.web` has no key `zzz`.'])
  })
})
