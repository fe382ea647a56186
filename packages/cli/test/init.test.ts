// `init` through the built CLI: from the cluster, from flags, and from the role's variables.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { IMAGES } from '../src/init/known-images.ts'
import { manifestText } from '../src/init/manifest-text.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { handsAt } from './support/hands.ts'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster?.close())

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout)

describe('init', () => {
  const inFolder = (name: string) => {
    const cwd = join(cluster.folder, name)
    mkdirSync(cwd, { recursive: true })
    return cwd
  }

  it('lists sixteen nodes on lines of at most 80 columns', () => {
    const nodes = Array.from({ length: 16 }, (_, index) => `proxmox${String(index + 1).padStart(2, '0')}`)
    const places = { imagesStorage: 'local', disksStorage: 'local-lvm', bridge: 'vmbr0' }
    const text = manifestText({ project: 'lab', image: 'debian-13', nodes, user: 'ops', ...places })
    expect(parse(text).defaults.nodes).toEqual(nodes)
    expect(text.split('\n').filter((line) => line.includes('proxmox') && line.length > 80)).toEqual([])
  })

  it('writes a manifest from the cluster, which can be planned at once', async () => {
    const cwd = inFolder('init')
    expect((await cluster.cli(['init', '--yes'], { cwd })).exitCode).toBe(0)
    const text = readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')
    expect(text).toMatch(/nodes: \[pve1, pve2\]/)
    expect(text).toMatch(/bridge: vmbr0/)
    expect(text).toContain('storage: { images: local, disks: local-lvm }')
    expect((await cluster.cli(['validate'], { cwd })).exitCode).toBe(0)
    const plan = json(await cluster.cli(['plan', '--json'], { cwd }))
    expect(plan.steps.map(({ kind }: { kind: string }) => kind)).toContain('create')
  })

  it('reports its defaults, and that a login needs a key', async () => {
    const cwd = inFolder('untold')
    const environment = { HOME: cwd }
    const { stderr } = await cluster.cli(['init', '--project', 'lab', '--bridge', 'vmbr0'], { cwd, environment })
    expect(stderr).toContain('Used without asking: --image debian-13, --node pve1,pve2, --images-storage local,')
    expect(stderr).toMatch(/warning There is neither an SSH key nor a password/)
    expect(stderr).not.toMatch(/--project|--bridge/)
  })

  it('accepts a key, or a file that contains one, and nothing else', async () => {
    const cwd = inFolder('key')
    writeFileSync(
      join(cwd, 'key.pub'),
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk\n',
    )
    const wrong = await cluster.cli(['init', '--ssh-key', 'no-such.pub'], { cwd })
    expect(wrong).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('--ssh-key must be a public key') })
    expect(existsSync(join(cwd, 'pve-provision.yaml'))).toBe(false)
    const { exitCode, stderr } = await cluster.cli(['init', '--ssh-key', 'key.pub'], { cwd })
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('warning')])
    expect(readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')).toContain('sshKeys: ["ssh-ed25519 AAAAC3')
  })

  it('takes an address of keys, which each apply asks', async () => {
    const cwd = inFolder('address')
    const { exitCode, stderr } = await cluster.cli(['init', '--ssh-key', 'https://github.com/you.keys'], { cwd })
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('warning')])
    expect(readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')).toContain(
      'sshKeys: [{ url: "https://github.com/you.keys" }]',
    )
  })

  it.each([
    ['--node', 'pve9', '--node must be one of pve1, pve2.'],
    ['--bridge', 'vmbr7', '--bridge must be vmbr0.'],
    ['--images-storage', 'local-lvm', '--images-storage must be local.'],
    ['--disks-storage', 'nas', '--disks-storage must be one of local, local-lvm.'],
    ['--image', 'debian', '--image must be one of debian-13, '],
    ['--ssh-key', 'http://github.com/you.keys', '--ssh-key must be a public key, a file that has one, or an https'],
  ])('refuses %s %s, and lists what there is', async (flag, value, sentence) => {
    const cwd = inFolder('refused')
    const { exitCode, stderr } = await cluster.cli(['init', '--yes', flag, value], { cwd })
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(sentence)])
    expect(existsSync(join(cwd, 'pve-provision.yaml'))).toBe(false)
  })

  it('knows the images of examples/vendors.yaml', () => {
    const vendors = parse(readFileSync(resolve(import.meta.dirname, '../../../examples/vendors.yaml'), 'utf8'))
    expect(IMAGES).toEqual(vendors.images)
  })

  it('lets editors check the manifest', async () => {
    const cwd = inFolder('editor')
    await cluster.cli(['init', '--yes'], { cwd })
    const [first] = readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8').split('\n')
    expect(first).toBe('# yaml-language-server: $schema=./pve-provision.schema.json')
    expect(JSON.parse(readFileSync(join(cwd, 'pve-provision.schema.json'), 'utf8')).properties).toHaveProperty('vms')
  })

  it('uses the pool that the token is limited to', async () => {
    const hands = handsAt(cluster)
    await hands.call('POST', '/pools', { poolid: 'lab' })
    await hands.call('POST', '/access/users', { userid: 'few@pve' })
    await hands.call('PUT', '/access/acl', { path: '/pool/lab', users: 'few@pve', roles: 'PVEVMAdmin' })
    await hands.call('PUT', '/access/acl', { path: '/storage', users: 'few@pve', roles: 'PVEDatastoreAdmin' })
    const { value } = await hands.call<{ value: string }>('POST', '/access/users/few@pve/token/ci', { privsep: 0 })
    hands.close()
    const token = { PVE_TOKEN_ID: 'few@pve!ci', PVE_TOKEN_SECRET: value }
    const cwd = inFolder('pool')
    const { exitCode, stderr } = await cluster.cli(['init', '--yes'], { cwd, environment: token })
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('--pool lab')])
    expect(parse(readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')).defaults.pool).toBe('lab')
    const refused = await cluster.cli(['init', '--yes', '--force', '--pool', 'prod'], { cwd, environment: token })
    expect(refused).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('--pool must be lab.') })
  })

  it('names no pool if the token may create machines everywhere', async () => {
    const cwd = inFolder('no-pool')
    const { stderr } = await cluster.cli(['init', '--yes'], { cwd })
    expect(stderr).not.toContain('--pool')
    expect(readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')).not.toContain('pool:')
  })

  it('puts disks on a larger folder where the thin storage is not on every node', async () => {
    const other = await startCluster({
      storages: [{ id: 'local' }, { id: 'fast', type: 'lvmthin', nodes: ['pve1'] }],
    })
    const cwd = join(other.folder, 'init')
    mkdirSync(cwd)
    await other.cli(['init'], { cwd })
    expect(readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')).toContain('disks: local }')
    await other.close()
  })

  it('does not overwrite a manifest', async () => {
    const { exitCode, stderr } = await cluster.cli(['init', '--yes'], { cwd: inFolder('init') })
    expect(exitCode).toBe(64)
    expect(stderr).toContain('--force')
  })

  it('says that its values are guesses without a cluster', async () => {
    const cwd = inFolder('guess')
    await cluster.cli(['init', '--yes', '--image', 'ubuntu-24.04'], { cwd, environment: { PVE_ENDPOINT: '' } })
    expect(readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')).toMatch(/^# .*guesses/m)
  })

  it('converts the variables of the role, and names what it could not carry over', async () => {
    const cwd = inFolder('ansible')
    writeFileSync(
      join(cwd, 'vars.yml'),
      `proxmox_cloud_init_images:
  debian: { name: debian-12.qcow2, url: https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2 }
proxmox_dirs: { isos: /var/lib/vz/template/iso }
vms:
  - { name: web_1, image: debian, vmid: 201, cores: 2, memory: 2048, disk_size: 20, bridge: vmbr1, ciuser: ops, ip: 10.0.0.5/24, gateway: 10.0.0.1, machine_color: red }
  - { name: db, distribution: debian, memory: 4096, state: started, tags: "a;b" }
extra: 1
`,
    )
    const { exitCode, stderr } = await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })
    expect(exitCode).toBe(0)
    for (const words of ['web-1.machine_color', 'extra was left out', 'proxmox_dirs.isos', 'checksum is a guess'])
      expect(stderr).toContain(words)
    const validated = json(await cluster.cli(['validate', '--json'], { cwd }))
    expect(validated).toMatchObject({ images: ['debian'], machines: ['web-1', 'db'] })
  })

  it('parses values as Ansible does, and does not guess what it cannot parse', async () => {
    const cwd = inFolder('ansible-values')
    writeFileSync(
      join(cwd, 'vars.yml'),
      `proxmox_cloud_init_images:
  debian 12: { url: "https://cloud.debian.org/x.qcow2", checksum: "sha256=${'a'.repeat(64)}" }
vms:
  web: { image: debian 12, onboot: yes, agent: no, memory: "2048", disk: 20G, balloon: lots, cores: "{{ cores }}", cipassword: x }
`,
    )
    const { exitCode, stderr } = await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })
    expect(exitCode).toBe(0)
    for (const words of ['web.balloon was left out: lots', 'web.cores was left out: only Ansible', 'secret:NAME'])
      expect(stderr).toContain(words)
    const text = readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')
    for (const words of [
      'onBoot: true',
      'agent: false',
      'memory: 2048 MiB',
      'disk: 20 GiB',
      'nodes:',
      'image: debian-12',
    ])
      expect(text).toContain(words)
    expect(text).not.toMatch(/balloon|cores|assword/)
  })

  it('marks what must be completed by hand, with its position', async () => {
    const cwd = inFolder('ansible-hand')
    writeFileSync(
      join(cwd, 'vars.yml'),
      'proxmox_cloud_init_images: { debian: { url: "{{ url }}" } }\nvms: "{{ all }}"\n',
    )
    const { exitCode, stderr } = await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(
      /url contains an Ansible template[\s\S]*vms is not a list[\s\S]*Edit it by hand:[\s\S]*pve-provision\.yaml:\d+:\d+/,
    )
    expect(existsSync(join(cwd, 'pve-provision.yaml'))).toBe(true)
  })

  it('reports where variables are invalid YAML', async () => {
    const cwd = inFolder('ansible-broken')
    writeFileSync(join(cwd, 'vars.yml'), 'vms: [\n')
    const { exitCode, stderr } = await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })
    expect([exitCode, stderr]).toEqual([64, expect.stringMatching(/^vars\.yml:\d+:\d+: /)])
  })

  it('refuses a file that contains none of them', async () => {
    const cwd = inFolder('other')
    writeFileSync(join(cwd, 'vars.yml'), 'nothing: here\n')
    expect(await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })).toMatchObject({ exitCode: 64 })
    expect(existsSync(join(cwd, 'pve-provision.yaml'))).toBe(false)
  })
})
