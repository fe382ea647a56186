// Creates machines of all kinds through the API of a simulated Proxmox, writes a manifest for them, adopts them, and
// expects an empty plan.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../../../simulator/src/index.ts'
import { surveyMachines } from '../../../src/facts/cluster/survey-machines.ts'
import { parseManifest } from '../../../src/manifest/parse-manifest.ts'
import { type DescribedCluster, describeCluster } from '../../../src/plan/from-cluster/describe-cluster.ts'
import { isAsDeclared } from '../../../src/plan/plan.ts'
import { createWorld } from '../../../src/ports/create-world.ts'
import type { World } from '../../../src/ports/world.ts'
import { apply, prepare, prepareAdopt } from '../../../src/provision.ts'

const KEYS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC me@desk',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC # of a colleague',
]

type Config = Readonly<Record<string, string | number>>

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Site {
  readonly simulator: Simulator
  readonly world: World
  create(vmid: number, config: Config): Promise<void>
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, parameters?: Config): Promise<unknown>
}

async function site(version: '8.4' | '9.2'): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'written-'))
  const simulator = await createSimulator({
    nodes: ['pve1', 'pve2'],
    version,
    storages: [{ id: 'local' }, { id: 'local-lvm', type: 'lvmthin' }],
    bridges: ['vmbr0', 'vmbr1'],
  })
  const { endpoint, tokenId, tokenSecret, fingerprint } = simulator
  const world = createWorld({
    pve: { endpoints: [new URL(endpoint)], credentials: { tokenId, tokenSecret }, trust: { fingerprint } },
    cacheDirectory: folder,
  })
  cleanups.push(
    () => rm(folder, { recursive: true, force: true }),
    () => simulator.close(),
    () => world.pve.close(),
  )
  const call: Site['call'] = async (method, path, parameters = {}) => {
    const answer = await world.pve.request(method, path, { parameters })
    if (typeof answer === 'string' && answer.startsWith('UPID:')) await world.pve.waitForTask(answer)
    return answer
  }
  const create = async (vmid: number, config: Config) => {
    await call('POST', '/nodes/pve1/qemu', { vmid, ...config })
  }
  return { simulator, world, create, call }
}

const PLACES = { imagesStorage: 'local', disksStorage: 'local-lvm' }

async function written({ world }: Site, project = 'taken'): Promise<DescribedCluster> {
  return describeCluster(await surveyMachines(world), project, PLACES)
}

function manifestOf({ images, machines }: DescribedCluster, project = 'taken') {
  const vms = Object.fromEntries(Object.entries(machines).map(([name, { keys }]) => [name, keys]))
  return parseManifest({ text: JSON.stringify({ project, images, vms }), file: 'written.yaml' }).desired
}

/** Makes a plan after all machines are adopted. */
async function afterAdoption({ world }: Site, described: DescribedCluster) {
  const desired = manifestOf(described)
  const prepared = await prepareAdopt(desired, world, { adoptions: 'all' })
  expect(prepared.plan.machines.flatMap(({ changes, differences = [] }) => [...changes, ...differences])).toEqual([])
  const report = await apply(prepared)
  expect(report.outcomes.filter(({ status }) => status === 'failed').map(({ error }) => error?.message)).toEqual([])
  return (await prepare(desired, world)).plan
}

const drive = fc.record({
  storage: fc.constantFrom('local', 'local-lvm'),
  options: fc.subarray([
    'cache=writeback',
    'discard=on',
    'backup=0',
    'replicate=0',
    'mbps_rd=50',
    'iops_wr=200',
    'serial=a%20b',
    'aio=threads',
    'ro=1',
    'discard=ignore',
  ]),
})
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const card = fc.record({
  model: fc.constantFrom('virtio', 'virtio', 'e1000', 'e1000e', 'vmxnet3', 'pcnet'),
  options: fc.subarray([
    'tag=20',
    'firewall=1',
    'firewall=0',
    'rate=12.5',
    'queues=4',
    'link_down=1',
    'trunks=10;20-30',
  ]),
})
const address = fc.constantFrom(
  'ip=dhcp',
  'ip=dhcp,ip6=auto',
  'ip6=dhcp',
  'ip=10.9.0.X/24,gw=10.9.0.254',
  'ip=10.9.0.X/24,gw=10.8.0.1',
  'ip=10.9.0.X/24,gw=10.9.0.254,ip6=fd00::X/64,gw6=fe80::1',
)
const machine = fc.record({
  plain: fc.record(
    {
      cores: fc.integer({ min: 1, max: 4 }),
      sockets: fc.integer({ min: 1, max: 2 }),
      memory: fc.constantFrom(512, 1000, 2048),
      balloon: fc.constantFrom(0, 256),
      cpu: fc.constantFrom('host', 'x86-64-v2-AES', 'cputype=kvm64,flags=+aes', 'host,flags=+pcid;-ibpb'),
      cpulimit: fc.constantFrom(1, 1.5),
      cpuunits: fc.constantFrom(50, 2000),
      numa: fc.constantFrom(0, 1),
      machine: fc.constantFrom('q35', 'pc-i440fx-9.0', 'q35,viommu=intel'),
      ostype: fc.constantFrom('l26', 'other', 'win10', 'w2k8'),
      scsihw: fc.constantFrom('virtio-scsi-single', 'lsi', 'virtio-scsi-pci'),
      serial0: fc.constant('socket'),
      serial1: fc.constant('socket'),
      vga: fc.constantFrom('std', 'serial0', 'qxl', 'virtio,memory=64', 'std,clipboard=vnc', 'cirrus'),
      agent: fc.constantFrom('0', '1', 'enabled=1,fstrim_cloned_disks=1'),
      onboot: fc.constantFrom(0, 1),
      protection: fc.constantFrom(0, 1),
      startup: fc.constantFrom('order=2', '3', 'order=1,up=30,down=60'),
      rng0: fc.constantFrom('source=/dev/urandom', '/dev/urandom,max_bytes=2048,period=500'),
      watchdog: fc.constantFrom('i6300esb', 'model=ib700,action=poweroff'),
      smbios1: fc.constantFrom(
        'uuid=9a3b2c1d-0000-4000-8000-00000000000a',
        `base64=1,serial=${btoa('abc, def')},product=${btoa('Box')},uuid=9a3b2c1d-0000-4000-8000-00000000000b`,
        'manufacturer=Plain,uuid=9a3b2c1d-0000-4000-8000-00000000000c',
      ),
      tags: fc.constantFrom('web;prod', 'One', 'a;b;c'),
      description: fc.constantFrom(
        'Two\nlines, and "quotes"\n',
        '${env:HOME} and $${secret:X}: no parameters',
        '  # a heading\n\n- list',
      ),
      bios: fc.constantFrom('seabios', 'ovmf'),
      hotplug: fc.constantFrom('network,disk,usb', '0'),
      keyboard: fc.constant('de'),
      tablet: fc.constant(0),
      ciuser: fc.constantFrom('ops', 'on', '123', 'root'),
      cipassword: fc.constant('S3cret-of-somebody'),
      sshkeys: fc.constantFrom(encodeURIComponent(KEYS[0] ?? ''), encodeURIComponent(KEYS.join('\n'))),
      nameserver: fc.constantFrom('10.0.0.53', '10.0.0.53 fd00::53'),
      searchdomain: fc.constantFrom('lab.example', 'a.example b.example'),
      ciupgrade: fc.constantFrom(0, 1),
      citype: fc.constant('nocloud'),
      hostpci0: fc.constant('mapping=gpu'),
    },
    { requiredKeys: [] },
  ),
  boot: optional(drive),
  further: fc.array(fc.tuple(fc.constantFrom('scsi', 'virtio', 'sata'), drive), { maxLength: 3 }),
  gap: fc.boolean(),
  cards: fc.array(card, { maxLength: 3 }),
  addresses: fc.array(optional(address), { maxLength: 3 }),
  cd: fc.constantFrom(undefined, 'ide0=none,media=cdrom', 'ide2=none,media=cdrom', 'sata5=none,media=cdrom'),
  cloudInit: fc.constantFrom(undefined, 'ide2', 'ide0', 'scsi9'),
  efi: fc.boolean(),
  tpm: fc.boolean(),
  run: fc.boolean(),
  pooled: fc.boolean(),
  managed: fc.boolean(),
})

/** The Proxmox config of a machine. */
function configOf(
  vmid: number,
  {
    plain,
    boot,
    further,
    gap,
    cards,
    addresses,
    cd,
    cloudInit,
    efi,
    tpm,
  }: typeof machine extends fc.Arbitrary<infer One> ? One : never,
): Config {
  const volume = (
    { storage, options }: { readonly storage: string; readonly options: readonly string[] },
    bus: string,
  ) =>
    [`${storage}:1`, ...new Map(options.map((one) => [one.split('=')[0], one])).values()]
      .filter((part) => bus !== 'sata' || part !== 'ro=1')
      .join(',')
  const next = { scsi: gap ? 2 : 1, virtio: 0, sata: 0 }
  const drives = further.map(([bus, one]) => {
    const key = bus as keyof typeof next
    return [`${key}${next[key]++}`, volume(one, key)] as const
  })
  const isUefi = plain.bios === 'ovmf' && efi
  return Object.fromEntries(
    Object.entries({
      name: `m${vmid}`,
      ...plain,
      ...(boot && { scsi0: volume(boot, 'scsi') }),
      ...Object.fromEntries(drives),
      ...Object.fromEntries(cards.map(({ model, options }, index) => [`net${index}`, netOf(model, options)])),
      ...Object.fromEntries(
        addresses.flatMap((one, index) =>
          one === undefined ? [] : [[`ipconfig${index}`, one.replaceAll('X', String(vmid % 200))]],
        ),
      ),
      ...(cd && { [cd.slice(0, cd.indexOf('='))]: cd.slice(cd.indexOf('=') + 1) }),
      ...(cloudInit && { [cloudInit]: 'local-lvm:cloudinit' }),
      ...(isUefi && { efidisk0: 'local-lvm:1,efitype=4m,pre-enrolled-keys=1' }),
      ...(tpm && { tpmstate0: 'local-lvm:1,version=v2.0' }),
    }).filter(([, value]) => value !== undefined),
  ) as Config
}

function netOf(model: string, options: readonly string[]): string {
  const unique = [...new Map(options.map((one) => [one.split('=')[0], one])).values()]
  return [model, 'bridge=vmbr0', ...unique].join(',')
}

describe.each(['9.2', '8.4'] as const)('manually created machines of Proxmox VE %s', (version) => {
  it('are written so that a plan is empty after they are adopted', async () => {
    const there = await site(version)
    await there.call('POST', '/pools', { poolid: 'team' })
    await there
      .call('POST', '/cluster/mapping/pci', { id: 'gpu', map: 'node=pve1,path=0000:01:00.0,id=10de:1eb8' })
      .catch(() => undefined)
    const made: number[] = []
    const refused: string[] = []
    for (const [index, one] of fc.sample(machine, { numRuns: 16, seed: 20_261_129 }).entries()) {
      const vmid = 101 + index
      try {
        await there.create(vmid, { ...configOf(vmid, one), ...(one.pooled && { pool: 'team' }) })
        if (one.run) await there.call('POST', `/nodes/pve1/qemu/${vmid}/status/start`).catch(() => undefined)
        if (one.managed)
          await there.call('POST', '/cluster/ha/resources', {
            sid: `vm:${vmid}`,
            state: one.run ? 'started' : 'stopped',
            max_restart: 3,
          })
        made.push(vmid)
      } catch (refusal) {
        refused.push(String(refusal))
      }
    }
    expect(refused.slice(0, 5)).toEqual([])
    expect(made.length).toBeGreaterThanOrEqual(14)
    const described = await written(there)
    expect(Object.keys(described.machines)).toHaveLength(made.length)
    // Only options that Proxmox's own cloud-init drive cannot express are dropped.
    const dropped = Object.values(described.machines).flatMap(({ unsaid }) =>
      unsaid.filter((clause) => clause.startsWith('`')),
    )
    expect(dropped.filter((clause) => !/^`cloudInit\.(user|dns|ip6?|addresses)`/.test(clause))).toEqual([])
    expect(JSON.stringify(described)).not.toContain('S3cret-of-somebody')
    const plan = await afterAdoption(there, described)
    expect(plan.machines.filter(({ action }) => action !== 'keep')).toEqual([])
    expect(plan.problems).toEqual([])
    expect(isAsDeclared(plan)).toBe(true)
  })
})

/** A machine with every option. */
const RICH: Config = {
  name: 'rich',
  cores: 2,
  sockets: 2,
  cpu: 'host',
  cpulimit: 1.5,
  cpuunits: 200,
  memory: 2048,
  balloon: 0,
  machine: 'q35',
  bios: 'ovmf',
  efidisk0: 'local-lvm:1,efitype=4m,pre-enrolled-keys=1',
  tpmstate0: 'local-lvm:1,version=v2.0',
  ostype: 'l26',
  scsihw: 'virtio-scsi-single',
  scsi0: 'local-lvm:4,discard=on,ssd=1,iothread=1',
  scsi1: 'local:1,serial=data,backup=0,mbps_rd=50',
  virtio0: 'local-lvm:2',
  net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20,firewall=1',
  net1: 'e1000=BC:24:11:00:00:02,bridge=vmbr1,link_down=1',
  ide2: 'local-lvm:cloudinit',
  serial0: 'socket',
  vga: 'serial0',
  agent: '1',
  boot: 'order=scsi0;net0',
  onboot: 1,
  startup: 'order=2,up=30',
  protection: 1,
  rng0: 'source=/dev/urandom,max_bytes=2048,period=500',
  watchdog: 'i6300esb',
  smbios1: `uuid=9a3b2c1d-0000-4000-8000-00000000000a,base64=1,serial=${btoa('${env:A}')}`,
  tags: 'prod;web',
  description: 'Mine: ${env:HOME}',
  ciuser: 'ops',
  cipassword: 'S3cret-of-somebody',
  sshkeys: encodeURIComponent(KEYS[0] ?? ''),
  nameserver: '10.0.0.53',
  searchdomain: 'lab.example',
  ipconfig0: 'ip=10.0.0.5/24,gw=10.0.0.1',
  ipconfig1: 'ip=dhcp,ip6=auto',
}

const wordsOf = ({ machines }: DescribedCluster, name: string) => machines[name]?.unsaid.join('\n')

describe('a machine with every option', () => {
  it('is written completely, except for its password', async () => {
    const there = await site('9.2')
    await there.create(104, RICH)
    const described = await written(there)
    expect(wordsOf(described, 'rich')).toBe('its password, because secrets are never written to a manifest')
    expect(described.leftOut).toEqual([])
    expect(described.images).toEqual({ 'made-elsewhere': { unknown: true } })
    expect(described.machines.rich?.keys).toEqual({
      image: 'made-elsewhere',
      vmid: 104,
      node: 'pve1',
      storage: { images: 'local', disks: 'local-lvm' },
      cores: 2,
      sockets: 2,
      cpu: 'host',
      cpuLimit: 1.5,
      cpuUnits: 200,
      memory: '2 GiB',
      balloon: false,
      machine: 'q35',
      bios: 'ovmf',
      secureBoot: true,
      tpm: true,
      osType: 'l26',
      disk: { size: '4 GiB', discard: true, ssd: true, ioThread: true },
      disks: [
        { size: '1 GiB', serial: 'data', backup: false, limits: { readMBps: 50 }, storage: 'local' },
        { size: '2 GiB', bus: 'virtio' },
      ],
      network: [
        { bridge: 'vmbr0', vlan: 20, mac: 'BC:24:11:00:00:01', firewall: true },
        { bridge: 'vmbr1', model: 'e1000', mac: 'BC:24:11:00:00:02', linkDown: true },
      ],
      serial: true,
      agent: true,
      boot: ['scsi0', 'net0'],
      onBoot: true,
      startOrder: { order: 2, up: 30 },
      protection: true,
      rng: { source: '/dev/urandom', maxBytes: 2048, periodMs: 500 },
      watchdog: { model: 'i6300esb' },
      smbios: { serial: '$${env:A}' },
      tags: ['prod', 'web'],
      description: 'Mine: ${env:HOME}',
      cloudInit: {
        user: 'ops',
        sshKeys: [KEYS[0]],
        addresses: [
          { ip: '10.0.0.5/24', gateway: '10.0.0.1' },
          { ip: 'dhcp', ip6: 'auto' },
        ],
        dns: { servers: ['10.0.0.53'], domain: 'lab.example' },
      },
    })
    expect(isAsDeclared(await afterAdoption(there, described))).toBe(true)
  })

  it('is kept when none of its options can be expressed: each is reported, and the plan is empty', async () => {
    const there = await site('9.2')
    await there.create(104, {
      name: 'odd',
      virtio0: 'local-lvm:1',
      scsi3: 'local-lvm:1',
      net1: 'virtio,bridge=vmbr0',
      ide2: 'none,media=cdrom',
      bios: 'ovmf',
      ostype: 'w2k8',
      keyboard: 'de',
      ciuser: 'on',
    })
    const described = await written(there)
    for (const word of ['boot disk', 'scsi3', 'net1', 'ide2', 'UEFI', 'w2k8', 'keyboard', 'ciuser'])
      expect(wordsOf(described, 'odd')).toContain(word)
    expect(isAsDeclared(await afterAdoption(there, described))).toBe(true)
  })
})

describe('the image of a manually created machine', () => {
  it('is its template where the disk is a linked clone, and otherwise unknown', async () => {
    const there = await site('9.2')
    await there.create(900, { name: 'debian', scsi0: 'local:1,format=qcow2', ide2: 'local-lvm:cloudinit' })
    await there.call('POST', '/nodes/pve1/qemu/900/template')
    await there.call('POST', '/nodes/pve1/qemu/900/clone', { newid: 104, name: 'linked', full: 0 })
    await there.call('POST', '/nodes/pve1/qemu/900/clone', { newid: 105, name: 'copied', full: 1 })
    const described = await written(there)
    expect(described.images).toEqual({ 'debian-900': { template: 900 }, 'made-elsewhere': { unknown: true } })
    expect(described.machines.linked?.keys.image).toBe('debian-900')
    expect(described.leftOut).toEqual(['Templates are not machines: debian.'])
    const chosen = await surveyMachines(there.world, { patterns: ['linked'] })
    expect(describeCluster(chosen, 'taken', PLACES)).toMatchObject({
      images: { 'debian-900': { template: 900 } },
      leftOut: [],
    })
    expect(isAsDeclared(await afterAdoption(there, described))).toBe(true)
  })

  it('creates no new machine while it is unknown, and says what to do', async () => {
    const there = await site('9.2')
    const desired = parseManifest({
      text: JSON.stringify({
        project: 'taken',
        images: { 'made-elsewhere': { unknown: true } },
        vms: { web: { image: 'made-elsewhere', node: 'pve1', storage: { images: 'local', disks: 'local-lvm' } } },
      }),
      file: 'written.yaml',
    }).desired
    const { plan } = await prepare(desired, there.world)
    expect(plan.problems).toMatchObject([
      {
        message: 'No machine can be created from made-elsewhere: its source is declared as unknown.',
        hint: expect.stringContaining('pve-provision adopt NAME VMID'),
      },
    ])
  })
})

describe('what has no entry', () => {
  it('is reported with the reason: locks, other projects, duplicates, containers, invalid names', async () => {
    const there = await site('9.2')
    const marker =
      '<!-- pve-provision {"project":"other","name":"b","kind":"machine","image":"x","base":"","spec":""} -->'
    await there.create(101, { name: 'a' })
    await there.create(102, { name: 'b', description: marker })
    await there.create(103, { name: 'twin' })
    await there.create(104, { name: 'twin' })
    await there.create(105, {})
    await there.create(106, { name: 'busy' })
    const survey = await surveyMachines(there.world)
    const busy = { ...survey, containers: 2, seesAll: false }
    const machines = survey.machines.map((one) => (one.name === 'busy' ? { ...one, lock: 'backup' } : one))
    const described = describeCluster({ ...busy, machines }, 'taken', PLACES)
    expect(Object.keys(described.machines)).toEqual(['a'])
    expect(described.leftOut).toEqual([
      expect.stringMatching(/^b \(102 on pve1\) belongs to the project other: .* adopt b 102 --from-others$/),
      expect.stringContaining('twin (103 on pve1) shares its name with 104 on pve1'),
      expect.stringContaining('twin (104 on pve1) shares its name with 103 on pve1'),
      'The VM without a name (105 on pve1) needs a DNS name first: qm set 105 --name NAME',
      'busy (106 on pve1) is locked (backup): wait until that task has finished.',
      'Containers are not managed: there are 2.',
      'This token does not have VM.Audit on /vms, so it may not see all machines.',
    ])
  })

  it('includes the network of a second machine with the same MAC or IP address', async () => {
    const there = await site('9.2')
    const config = { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0', ipconfig0: 'ip=10.0.0.5/24,gw=10.0.0.1' }
    await there.create(101, { name: 'first', ...config })
    await there.create(102, { name: 'second', ...config })
    const described = await written(there)
    expect(described.machines.first?.keys.network).toBeDefined()
    expect(wordsOf(described, 'second')).toContain(
      'its network, because first also has the MAC address BC:24:11:00:00:01',
    )
    expect(isAsDeclared(await afterAdoption(there, described))).toBe(true)
  })

  it('includes machines that match no pattern; a pattern without matches is an error', async () => {
    const there = await site('9.2')
    await there.create(101, { name: 'web-1' })
    await there.create(102, { name: 'db-1' })
    const some = describeCluster(await surveyMachines(there.world, { patterns: ['web-*'] }), 'taken', PLACES)
    expect(Object.keys(some.machines)).toEqual(['web-1'])
    await expect(surveyMachines(there.world, { patterns: ['mail'] })).rejects.toMatchObject({ code: 'USAGE' })
  })
})
