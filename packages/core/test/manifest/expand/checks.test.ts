import { describe, expect, it } from 'vitest'
import type { ProvisionError } from '../../../src/errors.ts'
import { parseManifest } from '../../../src/manifest/parse-manifest.ts'

const HEAD = `project: lab
images: { fast: { url: "https://vendor.example/fast.qcow2", checksum: "sha256:${'a'.repeat(64)}" } }
defaults: { image: fast, node: pve1, storage: { images: local, disks: disks }, network: { bridge: vmbr0 } }
`

const read = (vms: string) => parseManifest({ text: `${HEAD}vms: { ${vms} }`, file: 'm.yaml' }).desired.machines

const problemsOf = (vms: string) => problemsIn(`${HEAD}vms: { ${vms} }`)

function problemsIn(text: string): readonly string[] {
  try {
    parseManifest({ text, file: 'm.yaml' })
    return []
  } catch (thrown) {
    const { problems = [] } = (thrown as ProvisionError).details as { problems?: readonly { message: string }[] }
    return problems.map(({ message }) => message)
  }
}

describe('an entry with a count', () => {
  it.each([
    ['addresses', 'cloudInit: { ip: { from: 10.0.0.254/23 } }', ['10.0.0.254/23', '10.0.0.255/23', '10.0.1.0/23']],
    ['listed addresses', 'cloudInit: { ip: [10.0.0.9/24, dhcp, 10.0.0.3/24] }', undefined],
    [
      'addresses by name',
      'cloudInit: { ip: [10.0.0.9/24, 10.0.0.3/24, 10.0.0.5/24] }',
      ['10.0.0.9/24', '10.0.0.3/24', '10.0.0.5/24'],
    ],
    ['an address for all', 'cloudInit: { ip: dhcp }', ['dhcp', 'dhcp', 'dhcp']],
  ])('counts %s up', (_what, words, addresses) => {
    if (addresses === undefined) return expect(problemsOf(`web: { count: 3, ${words} }`)).toHaveLength(1)
    const machines = read(`web: { count: 3, ${words} }`)
    return expect(machines.map(({ cloudInit }) => cloudInit?.addresses[0]?.ip)).toEqual(addresses)
  })

  it('counts IPv6, IDs and MAC addresses up, across bytes', () => {
    const machines = read(
      'web: { count: 3, vmid: { from: 201 }, network: { bridge: vmbr0, mac: { from: "bc:24:11:00:00:fe" } }, cloudInit: { ip6: { from: "2001:db8::fffe/64" } } }',
    )
    expect(
      machines.map(({ vmid, networks, cloudInit }) => [vmid, networks[0]?.mac, cloudInit?.addresses[0]?.ip6]),
    ).toEqual([
      [201, 'BC:24:11:00:00:FE', '2001:db8::fffe/64'],
      [202, 'BC:24:11:00:00:FF', '2001:db8::ffff/64'],
      [203, 'BC:24:11:00:01:00', '2001:db8::1:0/64'],
    ])
  })

  it('numbers its machines, and their former names', () => {
    const machines = read('node: { count: 2, renamedFrom: worker, expires: 2 d, rollout: { batch: 2, wait: agent } }')
    expect(machines.map(({ name, index, renamedFrom }) => [name, index, renamedFrom])).toEqual([
      ['node-1', 1, 'worker-1'],
      ['node-2', 2, 'worker-2'],
    ])
    expect(machines[0]).toMatchObject({
      expiresSeconds: 172_800,
      rollout: { batch: 2, maxFailures: 0, wait: { for: 'agent', seconds: 180 } },
    })
  })
})

describe('profiles', () => {
  const vms = (words: string) =>
    parseManifest({
      text: `${HEAD}profiles: { small: { cores: 2, memory: 1 GiB, cloudInit: { user: ops } }, big: { memory: 8 GiB } }\nvms: { web: { ${words} } }`,
      file: 'm.yaml',
    }).desired.machines[0]

  it('rank between the defaults and the entry, later ones above earlier ones', () => {
    expect(vms('profile: [small, big], cores: 3, cloudInit: { ip: dhcp }')).toMatchObject({
      cpu: { cores: 3 },
      memory: { memoryMiB: 8192 },
      cloudInit: { user: 'ops', addresses: [{ ip: 'dhcp' }] },
    })
    expect(vms('profile: small')?.declared.has('cores')).toBe(true)
  })
})

describe('an impossible value is a problem', () => {
  it.each([
    ['cloudInit: { ip: 10.0.0.0/24 }', '`vms.web.cloudInit.ip` is 10.0.0.0/24, which is the network address.'],
    [
      'cloudInit: { ip: 10.0.0.255/24 }',
      '`vms.web.cloudInit.ip` is 10.0.0.255/24, which is the broadcast address of its network.',
    ],
    [
      'cloudInit: { ip: 10.0.0.1/24, gateway: 10.0.0.1 }',
      '`vms.web.cloudInit.ip` gives the machine 10.0.0.1, which is the address of its gateway.',
    ],
    [
      'cloudInit: { ip6: "2001:db8::1/64", gateway6: "2001:DB8:0::1" }',
      '`vms.web.cloudInit.ip6` gives the machine 2001:db8::1, which is the address of its gateway.',
    ],
    [
      'count: 3, cloudInit: { ip: { from: 10.0.0.252/24 }, gateway: 10.0.0.253 }',
      '`vms.web.cloudInit.ip` gives the machine 10.0.0.253, which is the address of its gateway.',
    ],
    [
      'count: 4, cloudInit: { ip: { from: 10.0.0.253/24 } }',
      '`vms.web.cloudInit.ip` is 10.0.0.255/24, which is the broadcast address of its network.',
    ],
    [
      'count: 3, cloudInit: { ip: { from: 10.0.0.1/31 } }',
      '`vms.web.cloudInit.ip` counts up to 10.0.0.3/31, which is outside 10.0.0.0/31.',
    ],
    ['count: 2, cloudInit: { ip: [10.0.0.5/24, 10.0.0.5/16] }', '`vms.web.cloudInit.ip` lists 10.0.0.5/16 twice.'],
    [
      'count: 2, network: { bridge: vmbr0, mac: ["BC:24:11:00:00:0a", "bc:24:11:00:00:0A"] }',
      '`vms.web.network.mac` lists bc:24:11:00:00:0A twice.',
    ],
    ['count: 2, vmid: { from: 999999999 }', '`vms.web.vmid` counts up to 1000000000, which is more than 999999999.'],
    [
      'count: 2, network: { bridge: vmbr0, mac: { from: "BC:24:11:FF:FF:FF" } }',
      "`vms.web.network.mac` counts up to BC:24:12:00:00:00, which begins with another vendor's digits.",
    ],
    ['cloudInit: { ip: 127.0.0.5/8 }', '`vms.web.cloudInit.ip` is 127.0.0.5/8, which is a loopback address.'],
    ['cloudInit: { ip: 224.0.0.5/24 }', '`vms.web.cloudInit.ip` is 224.0.0.5/24, which is a multicast address.'],
    ['cloudInit: { ip6: "::1/128" }', '`vms.web.cloudInit.ip6` is ::1/128, which is a loopback address.'],
    [
      'cloudInit: { ip6: "::ffff:10.0.0.5/120" }',
      '`vms.web.cloudInit.ip6` is ::ffff:10.0.0.5/120, which is a mapped IPv4 address: write it under `ip`.',
    ],
    ['cloudInit: { ip: 10.0.0.5/0 }', '`vms.web.cloudInit.ip` is 10.0.0.5/0: the prefix 0 covers every address.'],
    ['count: 2, cloudInit: { ip: [10.0.0.5/24, 10.0.0.5/24] }', '`vms.web.cloudInit.ip` lists 10.0.0.5/24 twice.'],
    [
      'disks: [{ size: 1 GiB, bus: virtio, ssd: true }]',
      '`vms.web.disks.0.ssd` is not available for a disk on virtio.',
    ],
    [
      'disks: [{ size: 1 GiB, bus: sata, ioThread: true }]',
      '`vms.web.disks.0.ioThread` is not available for a disk on sata.',
    ],
    [
      `disks: [${'{ size: 1 GiB, bus: sata }, '.repeat(6)}]`,
      '`vms.web.disks.5` is one too many: sata supports 5 more disks.',
    ],
    [
      `devices: [${Array.from({ length: 11 }, (_, index) => `{ virtiofs: media${index} }`).join(', ')}]`,
      '`vms.web.devices.10` is one too many: Proxmox supports 10 of `virtiofs`.',
    ],
    [
      'devices: [{ virtiofs: media }, { virtiofs: media }]',
      '`vms.web.devices.1.virtiofs` is media again: a directory can be shared with a guest only once.',
    ],
    ['secureBoot: true', '`vms.web.secureBoot` has no effect without `bios: ovmf`.'],
    ['serial: false, vga: serial0', '`vms.web.vga` is the serial console, but `serial: false` removes it.'],
    ['vga: { type: std, memory: 1 GiB }', '`vms.web.vga.memory` must be from 4 MiB to 512 MiB.'],
    [
      'start: true, wait: agent, agent: false',
      '`vms.web.wait` waits for the guest agent, but `agent: false` turns it off.',
    ],
    ['wait: { agent: true, required: true }', '`vms.web.wait.required` has no effect without `start: true`.'],
    [
      'start: false, wait: { port: 22, required: true }',
      '`vms.web.wait.required` has no effect without `start: true`.',
    ],
    ['renamedFrom: web', '`vms.web.renamedFrom` is its current name: remove it.'],
    ['node: pve1, nodes: [pve2]', '`vms.web` has both `node` and `nodes`: remove one of them.'],
    [
      'network: { bridge: vmbr0, model: e1000, queues: 4 }',
      '`vms.web.network.queues` can be set for the model virtio only.',
    ],
    ['machine: pc, devices: [{ pci: gpu, pcie: true }]', '`vms.web.devices.0.pcie` needs `machine: q35`.'],
    [
      'network: { bridge: vmbr0, model: e1000, mtu: 9000 }',
      '`vms.web.network.mtu` can be set for the model virtio only.',
    ],
    [
      'network: [{ bridge: vmbr0, trunks: ["20-10"] }]',
      '`vms.web.network.0.trunks.0` must be in ascending order, up to 4094.',
    ],
  ])('%s', (words, problem) => {
    expect(problemsOf(`web: { ${words} }`)).toEqual([problem])
  })

  it.each(['10.0.0.0/31', '10.0.0.1/31', '10.0.0.0/32', '10.0.1.0/23', '10.0.0.255/23'])(
    '%s is a valid address',
    (ip) => expect(problemsOf(`web: { cloudInit: { ip: ${ip} } }`)).toEqual([]),
  )
})

describe('a value that two machines share is a problem', () => {
  it.each([
    [
      'web: { cloudInit: { ip: 10.0.0.5/24 } }, db: { cloudInit: { ip: 10.0.0.5/16 } }',
      'db and web would both have the address 10.0.0.5.',
    ],
    [
      'web: { cloudInit: { ip6: "2001:db8::5/64" } }, db: { cloudInit: { ip6: "2001:DB8:0::5/64" } }',
      'db and web would both have the address 2001:db8::5.',
    ],
    [
      'web: { count: 3, cloudInit: { ip: { from: 10.0.0.5/24 } } }, db: { cloudInit: { ip: 10.0.0.6/24 } }',
      'db and web-2 would both have the address 10.0.0.6.',
    ],
    ['web: { vmid: { from: 200 }, count: 3 }, db: { vmid: 202 }', '`vms.db` and `vms.web` both have vmid 202.'],
    [
      'web: { network: { bridge: vmbr0, mac: "BC:24:11:00:00:01" } }, db: { network: { bridge: vmbr1, mac: "bc:24:11:00:00:01" } }',
      'db and web would both have the MAC address BC:24:11:00:00:01.',
    ],
    [
      'web: { network: [{ bridge: vmbr0, mac: "BC:24:11:00:00:01" }, { bridge: vmbr1, mac: "BC:24:11:00:00:01" }] }',
      'web would have the MAC address BC:24:11:00:00:01 twice.',
    ],
  ])('%s', (vms, problem) => {
    expect(problemsOf(vms)).toEqual([problem])
  })

  it('but not one address on two bridges or VLANs', () => {
    const vms = [
      'a: { cloudInit: { ip: 10.0.0.5/24 } }',
      'b: { network: { bridge: vmbr1 }, cloudInit: { ip: 10.0.0.5/24 } }',
      'c: { network: { bridge: vmbr0, vlan: 5 }, cloudInit: { ip: 10.0.0.5/24 } }',
    ]
    expect(problemsOf(vms.join(', '))).toEqual([])
  })
})

describe('images', () => {
  const images = (words: string) => {
    const text = `project: lab\nimages: { base: { url: "https://v.example/a.qcow2" }, own: { ${words} } }\nvms: {}\n`
    try {
      return parseManifest(
        { text, file: 'm.yaml' },
        { resolveFile: (path, from) => `/beside/${from}/${path}` },
      ).desired.images.get('own')
    } catch (thrown) {
      const { problems = [] } = (thrown as ProvisionError).details as { problems?: readonly { message: string }[] }
      return problems.map(({ message }) => message)
    }
  }

  it.each([
    ['file: ./a.qcow2', { kind: 'file', path: '/beside/m.yaml/./a.qcow2' }],
    ['template: 9000', { kind: 'template', template: { vmid: 9000 } }],
    ['template: golden', { kind: 'template', template: { name: 'golden' } }],
    ['template: { tag: golden }', { kind: 'template', template: { tag: 'golden' } }],
    ['volume: "local:import/a.qcow2"', { kind: 'volume', volume: 'local:import/a.qcow2' }],
    [
      'from: base, build: { packages: [nginx], run: [ls], files: [{ path: /a, content: b, mode: "600" }], disk: 8 GiB, timeout: 15 min }',
      {
        kind: 'built',
        from: 'base',
        build: {
          packages: ['nginx'],
          run: ['ls'],
          files: [{ path: '/a', content: 'b', mode: '0600' }],
          diskBytes: 8 * 1024 ** 3,
          timeoutSeconds: 900,
        },
      },
    ],
    [
      'url: "https://v.example/x.tar.xz", member: disk.raw, fileName: x',
      { kind: 'address', member: 'disk.raw', fileName: 'x' },
    ],
    ['url: "https://v.example/x", checksum: "http://127.0.0.1/SUMS"', { kind: 'address' }],
    ['url: "https://v.example/x", checksum: "http://v.example/SUMS", insecure: true', { kind: 'address' }],
  ])('come from %s', (words, image) => {
    expect(images(words)).toMatchObject(image)
  })

  it.each([
    ['format: raw', '`images.own` has no `url`, `file`, `template`, `volume` or `from`.'],
    ['file: a, template: 900', '`images.own` has both `file` and `template`: remove one of them.'],
    [
      'template: 900, checksum: "https://v.example/SUMS"',
      '`images.own.checksum` needs `url` or `file`, but this image has `template`.',
    ],
    [
      'file: a, checksum: "https://v.example/SUMS"',
      '`images.own.checksum` must be a digest ("sha256:…" or "sha512:…"), because the image is a file.',
    ],
    [
      'url: "https://v.example/x", checksum: "http://v.example/SUMS"',
      '`images.own.checksum` is plain http: anyone on the network could replace the image. Use https, a `signature` or a digest, or set `insecure: true` beside it.',
    ],
    ['file: a, insecure: true', '`images.own.insecure` needs `url`, but this image has `file`.'],
    ['from: base', '`images.own` has `from` without `build`: add `build`, or use the other image directly.'],
    ['from: bsae, build: {}', 'There is no image `bsae`: known are `base`, `own`.'],
    ['from: own, build: {}', '`images.own` refers to itself.'],
    [
      'from: base, build: { networkConfig: "ethernets: {}" }',
      '`images.own.build.networkConfig`, line 1, column 1: The network-config has no `version`: cloud-init ignores it.',
    ],
    [
      'from: base, build: { networkConfig: "- version: 2" }',
      '`images.own.build.networkConfig`, line 1, column 1: A network-config must be a mapping.',
    ],
  ])('are refused as %s', (words, problem) => {
    expect(images(words)).toEqual([problem])
  })

  it.each([
    ['image: nope', 'There is no image `nope`: known are `gold`, `fast`.'],
    [
      'image: gold',
      '`vms.web.disks.0.image` names `gold`, which is a template: a machine can be cloned from it, but a disk cannot.',
    ],
    ['bus: sata', '`vms.web.disks.0` has no `size`.'],
    ['size: 1 GiB }], cdrom: [{ image: nope', 'There is no image `nope`: known are `gold`, `fast`.'],
    ['size: 1 GiB }], cdrom: [{ image: gold', '`images.gold` is used for a CD drive, so it needs `url` or `file`.'],
    [
      'size: 1 GiB }], cdrom: [{ image: fast',
      '`images.fast` is used for a CD drive and for a disk: an image can be used for only one of them.',
    ],
  ])('for a further disk or a CD are refused as %s', (words, problem) => {
    const text = `${HEAD.replace('images: {', 'images: { gold: { template: 900 },')}vms: { web: { disks: [{ ${words} }] } }`
    expect(problemsIn(text)).toEqual([problem])
  })
})

describe('values that Proxmox refuses in any case', () => {
  it.each([
    ['less memory than Proxmox accepts', 'memory: 15 MiB', /memory` is 15 MiB, but Proxmox requires at least 16 MiB/],
    ['no memory', 'memory: 0 GiB', /memory` must be a size/],
    ['an empty disk', 'disks: [{ size: 0.0 GiB }]', /disks\.0\.size` must be a size/],
    ['no lifetime', 'expires: 0 h', /expires` must be a duration/],
    ['notes with a marker', 'description: "hello <!-- pve-provision {} -->"', /must not contain the marker/],
  ])('are errors: %s', (_, words, message) => {
    expect(problemsOf(`web: { ${words} }`)).toEqual([expect.stringMatching(message)])
  })

  it('are errors: a name that is too long with its number, and not without it', () => {
    const name = 'a'.repeat(61)
    expect(problemsOf(`${name}: { count: 9 }, ${name}b: {}`)).toEqual([])
    expect(problemsOf(`${name}: { count: 10 }`)).toEqual([
      `\`vms.${name}.count\` counts up to ${name}-10, which is too long for a name: at most 63 characters between two dots.`,
    ])
  })

  it.each(['memory: 16 MiB', 'disks: [{ size: 0.5 GiB }]', 'expires: 10 s', 'description: "<!-- a comment -->"'])(
    'are none of these: %s',
    (words) => expect(problemsOf(`web: { ${words} }`)).toEqual([]),
  )
})
