// The other commands through the built CLI: what a person reads and what a script gets.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './support/cluster.ts'
import { startVendor, type Vendor, writeDocuments } from './support/vendor.ts'

let vendor: Vendor
let cluster: Cluster

beforeAll(async () => {
  vendor = await startVendor()
  cluster = await startCluster()
})
afterAll(async () => {
  await cluster?.close()
  await vendor?.close()
})

function manifest(vms = 'web: {}'): string {
  return `project: lab
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: { ${vms} }
`
}

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout)

describe('pin', () => {
  it('writes a lock file that validates, and leaves it alone when nothing moved', async () => {
    const first = await cluster.cli(['pin'], { manifest: manifest() })
    expect(first).toMatchObject({ exitCode: 0, stdout: '' })
    const text = readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')
    expect(text).toMatch(/digest: sha256:[0-9a-f]{64}/)
    expect((await cluster.cli(['pin'])).stderr).toContain('up to date')
    expect(readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')).toBe(text)
    expect((await cluster.cli(['validate'])).exitCode).toBe(0)
  })

  it('makes apply use exactly what is pinned, until --update-images moves it and says so', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'])
    const before = readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')
    await execa('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'qcow2',
      '-o',
      'cluster_size=128k',
      vendor.raw('fast'),
      join(vendor.folder, 'fast.qcow2'),
    ])
    await writeDocuments(vendor.folder, ['fast.qcow2', 'packed.img', 'slow.raw.xz'])
    expect(json(await cluster.cli(['plan', '--json']))).toMatchObject({ changes: 0, notes: [] })
    const moved = await cluster.cli(['apply', '--update-images', '--auto-approve', '--json'])
    expect(moved.exitCode).toBe(0)
    expect(moved.stderr).toMatch(/fast moves from sha256:[0-9a-f]+ to sha256:[0-9a-f]+/)
    expect(json(moved)).toMatchObject({ changed: false, notes: [expect.stringMatching(/web .*older/)] })
    expect(readFileSync(join(cluster.folder, 'pve-provision.lock'), 'utf8')).not.toBe(before)
  })

  it('refuses a damaged lock file with line and column', async () => {
    const lock = join(cluster.folder, 'pve-provision.lock')
    const good = readFileSync(lock, 'utf8')
    writeFileSync(lock, good.replace(/digest: .*/, 'digest: sha256:abc'))
    const { exitCode, stderr } = await cluster.cli(['plan'])
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(/pve-provision\.lock:\d+:\d+: `images.fast.digest`/)
    writeFileSync(lock, good)
  })
})

describe('images', () => {
  it('list tells volumes, templates with what uses them, and the store', async () => {
    const listing = json(await cluster.cli(['images', 'list', '--json']))
    expect(listing.volumes).toEqual([expect.objectContaining({ at: 'pve1/local', unused: true, usedBy: [] })])
    expect(listing.templates).toEqual([expect.objectContaining({ image: 'fast', usedBy: ['web'] })])
    expect((await cluster.cli(['images', 'list'])).stdout).toMatch(
      /volume +on +size[\s\S]*template +vmid[\s\S]*in the store here/,
    )
  })

  it('prune keeps a template that a machine is made from, and removes what nobody uses', async () => {
    expect(json(await cluster.cli(['images', 'prune', '--auto-approve', '--json'])).steps).toEqual([
      expect.objectContaining({ kind: 'remove-volume', status: 'done' }),
    ])
    await cluster.cli(['destroy', '--only', 'web', '--auto-approve', '--json'])
    const pruned = json(await cluster.cli(['images', 'prune', '--auto-approve', '--json']))
    expect(pruned.steps).toEqual([expect.objectContaining({ kind: 'destroy', status: 'done' })])
    expect(json(await cluster.cli(['images', 'list', '--json']))).toMatchObject({ volumes: [], templates: [] })
  })
})

describe('images prune --store-days', () => {
  const days = (...args: readonly string[]) =>
    cluster.cli(['images', 'prune', ...args, '--auto-approve'], { manifest: manifest() })

  it('refuses what is no number of days', async () => {
    for (const wrong of ['soon', '-1', '1.5']) {
      const { exitCode, stderr } = await days(`--store-days=${wrong}`)
      expect([exitCode, stderr]).toEqual([64, expect.stringContaining(wrong)])
    }
  })

  it('leaves alone what was used since', async () => {
    expect((await days('--store-days', '1')).stderr).not.toContain('Removed')
  })
})

describe('facts', () => {
  it('shows what is remembered, refreshes and forgets it', async () => {
    const environment = { PVE_PROVISION_CACHE: join(cluster.folder, 'facts-cache') }
    expect((await cluster.cli(['facts', 'show'], { environment })).stderr).toContain('Nothing is remembered')
    expect((await cluster.cli(['facts', 'refresh'], { environment })).stderr).toMatch(/Proxmox VE \d+\.\d+/)
    expect(json(await cluster.cli(['facts', 'show', '--json'], { environment }))).toMatchObject({ fresh: true })
    await cluster.cli(['facts', 'clear'], { environment })
    expect((await cluster.cli(['facts', 'show', '--json'], { environment })).stdout).toBe('null\n')
  })
})

describe('doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    const { exitCode, stdout, stderr } = await cluster.cli(['doctor', '--json'], { manifest: manifest() })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout).ok).toBe(true)
  })

  it('says what is wrong and what mends it: a storage without import content, a bridge that is not there', async () => {
    const text = manifest().replace('images: local', 'images: local-lvm').replace('vmbr0', 'vmbr7')
    const { exitCode, stderr } = await cluster.cli(['doctor'], { manifest: text })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/✗ storages .*local-lvm[\s\S]*→ /)
    expect(stderr).toMatch(/✗ bridges .*vmbr7[\s\S]*→ /)
    expect(stderr).toMatch(/✓ privileges /)
  })

  it('says what is wrong with the connection, with the exit code of that', async () => {
    const { exitCode, stderr } = await cluster.cli(['doctor'], {
      manifest: manifest(),
      environment: { PVE_FINGERPRINT: '' },
    })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/✗ certificate[\s\S]*PVE_FINGERPRINT=/)
  })

  it('looks at the cluster before there is a manifest, and says how to get one', async () => {
    const cwd = join(cluster.folder, 'no-manifest')
    mkdirSync(cwd, { recursive: true })
    const { exitCode, stderr } = await cluster.cli(['doctor'], { cwd })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/✓ version +Proxmox VE[\s\S]*✗ manifest[\s\S]*pve-provision init/)
  })

  it('says what is missing in the environment, and looks at this machine all the same', async () => {
    const { exitCode, stderr } = await cluster.cli(['doctor'], { environment: { PVE_ENDPOINT: '' } })
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(/✗ connection +PVE_ENDPOINT is not set[\s\S]*✓ cache/)
  })
})

describe('init', () => {
  const inFolder = (name: string) => {
    const cwd = join(cluster.folder, name)
    mkdirSync(cwd, { recursive: true })
    return cwd
  }

  it('writes a manifest from what the cluster says, which plans at once', async () => {
    const cwd = inFolder('init')
    expect((await cluster.cli(['init', '--yes'], { cwd })).exitCode).toBe(0)
    const text = readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')
    expect(text).toMatch(/nodes: \[pve1, pve2\]/)
    expect(text).toMatch(/bridge: vmbr0/)
    expect((await cluster.cli(['validate'], { cwd })).exitCode).toBe(0)
    const plan = json(await cluster.cli(['plan', '--json'], { cwd }))
    expect(plan.steps.map(({ kind }: { kind: string }) => kind)).toContain('create')
  })

  it('does not overwrite a manifest', async () => {
    const { exitCode, stderr } = await cluster.cli(['init', '--yes'], { cwd: inFolder('init') })
    expect(exitCode).toBe(64)
    expect(stderr).toContain('--force')
  })

  it('says that its answers are guesses where there is no cluster to ask', async () => {
    const cwd = inFolder('guess')
    await cluster.cli(['init', '--yes', '--image', 'ubuntu-24.04'], { cwd, environment: { PVE_ENDPOINT: '' } })
    expect(readFileSync(join(cwd, 'pve-provision.yaml'), 'utf8')).toMatch(/^# .*guesses/)
  })

  it('converts the role’s variables, and names what it could not carry over', async () => {
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

  it('reads values as Ansible does, and does not guess at what it cannot read', async () => {
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
    for (const words of ['web.balloon was left out: lots', 'web.cores was left out: only Ansible', 'env:NAME'])
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

  it('writes what needs a hand, and says where', async () => {
    const cwd = inFolder('ansible-hand')
    writeFileSync(
      join(cwd, 'vars.yml'),
      'proxmox_cloud_init_images: { debian: { url: "{{ url }}" } }\nvms: "{{ all }}"\n',
    )
    const { exitCode, stderr } = await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })
    expect(exitCode).toBe(64)
    expect(stderr).toMatch(
      /url holds a template[\s\S]*vms is no list[\s\S]*needs your hand:[\s\S]*pve-provision\.yaml:\d+:\d+/,
    )
    expect(existsSync(join(cwd, 'pve-provision.yaml'))).toBe(true)
  })

  it('says where variables are no YAML', async () => {
    const cwd = inFolder('ansible-broken')
    writeFileSync(join(cwd, 'vars.yml'), 'vms: [\n')
    const { exitCode, stderr } = await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })
    expect([exitCode, stderr]).toEqual([64, expect.stringMatching(/^vars\.yml:\d+:\d+: /)])
  })

  it('refuses a file that holds none of them', async () => {
    const cwd = inFolder('other')
    writeFileSync(join(cwd, 'vars.yml'), 'nothing: here\n')
    expect(await cluster.cli(['init', '--from-ansible', 'vars.yml'], { cwd })).toMatchObject({ exitCode: 64 })
    expect(existsSync(join(cwd, 'pve-provision.yaml'))).toBe(false)
  })
})

describe('help, schema, completion, version', () => {
  it.each(['init', 'validate', 'plan', 'apply', 'destroy', 'pin', 'doctor', 'schema', 'completion', 'images', 'facts'])(
    '%s has help with a description',
    async (command) => {
      const { exitCode, stdout } = await cluster.cli([command, '--help'])
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(new RegExp(`^Usage: pve-provision ${command}`))
    },
  )

  it('has examples in the help of the commands that change something', async () => {
    for (const command of ['init', 'plan', 'apply', 'destroy'])
      expect((await cluster.cli([command, '--help'])).stdout).toContain('Examples:')
  })

  it('prints the JSON Schema of the manifest', async () => {
    expect(json(await cluster.cli(['schema']))).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['project', 'vms']),
    })
  })

  it.each([
    ['bash', ['bash', '-n']],
    ['zsh', undefined],
    ['fish', undefined],
  ])('prints a completion script for %s that names every command', async (shell, checker) => {
    const { stdout } = await cluster.cli(['completion', shell])
    for (const command of ['apply', 'destroy', 'doctor', 'images']) expect(stdout).toContain(command)
    if (checker) await execa(checker[0] ?? '', checker.slice(1), { input: stdout })
  })

  it('prints its version alone', async () => {
    expect((await cluster.cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('a bug in us', () => {
  /** What happens inside when the schema is to be printed. */
  const fault = `const { stringify } = JSON
JSON.stringify = (value, ...rest) => {
  if (rest[1] === 2) throw new TypeError(\`odd \${process.env.PVE_TOKEN_SECRET} \${process.env.PVE_ENDPOINT} \${process.env.HOME}\`)
  return stringify(value, ...rest)
}`

  it('is told with a text to send, which names no secret, host or home', async () => {
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}` }
    const { exitCode, stderr } = await cluster.cli(['schema'], { environment })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /This is a bug[\s\S]*issues\/new[\s\S]*pve-provision \d[\s\S]*command: schema\n +TypeError: odd/,
    )
    const report = stderr.slice(stderr.indexOf('Please report'))
    expect(report).not.toContain(cluster.simulator.tokenSecret)
    expect(report).not.toContain(new URL(cluster.simulator.endpoint).host)
    expect(report).not.toContain(process.env.HOME)
  })
})

describe('an older Node', () => {
  it('is told in one sentence', async () => {
    const version = `Object.defineProperty(process.versions, 'node', { value: '20.19.0' })`
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(version)}` }
    expect(await cluster.cli(['plan'], { environment })).toMatchObject({
      exitCode: 64,
      stdout: '',
      stderr: 'pve-provision needs Node 22.15 or later; this is 20.19.0.\n',
    })
  })

  it('can load the door: it imports no name that an older Node lacks, and nothing else before the version is known', () => {
    const door = readFileSync(join(import.meta.dirname, '../dist/main.js'), 'utf8')
    const named = [...door.matchAll(/import\s*\{[^}]*\}\s*from\s*["']([^"']+)/g)].map(([, from]) => from)
    expect(named).toEqual(['./version.js'])
  })
})

describe('bad usage with --json', () => {
  it('is a document as well', async () => {
    const { exitCode, stdout } = await cluster.cli(['plan', '--json', '--nonsense'])
    expect(exitCode).toBe(64)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'MANIFEST' } })
  })
})

describe('a plan in words', () => {
  it('tells what is kept as well, and why, with --verbose', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest() })
    expect((await cluster.cli(['plan'])).stderr).not.toMatch(/^= /m)
    expect((await cluster.cli(['plan', '--verbose'])).stderr).toMatch(/^= create +web/m)
  })
})

describe('secrets', () => {
  it('are blotted out where a complaint quotes them', async () => {
    const text = manifest('web: { image: "${env:WRONG_IMAGE}" }')
    const { exitCode, stdout, stderr } = await cluster.cli(['validate', '--json'], {
      manifest: text,
      environment: { WRONG_IMAGE: 'hunter2hunter2' },
    })
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('There is no image `***`')])
    expect(stdout + stderr).not.toContain('hunter2')
  })

  it('reach neither words nor data, also where everything is told', async () => {
    const password = 'correct horse battery staple'
    const text = manifest('web: { cloudInit: { user: ops, password: "${env:OPS_PASSWORD}" } }')
    const environment = { OPS_PASSWORD: password }
    const runs = [
      await cluster.cli(['plan', '--verbose'], { manifest: text, environment }),
      await cluster.cli(['apply', '--auto-approve', '--verbose', '--json'], { environment }),
      await cluster.cli(['plan', '--json'], { environment }),
    ]
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    for (const { stdout, stderr } of runs) {
      expect(stdout + stderr).not.toContain(password)
      expect(stdout + stderr).not.toContain(cluster.simulator.tokenSecret)
    }
    expect(json(runs[2] ?? { stdout: '' }).changes).toBe(0)
  })
})
