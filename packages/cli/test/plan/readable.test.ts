// Plans for people: totals first, equal machines on one line, hints that can be copied as they are.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startCluster } from '../support/cluster.ts'
import { startSurroundings } from '../support/surroundings.ts'
import { runInTerminal } from '../support/terminal.ts'

const { vendor, cluster } = await startSurroundings()

function manifest(vms: string, project = 'lab'): string {
  return `project: ${project}
images: { fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS } }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms:
  ${vms}
`
}

async function run(args: readonly string[], text?: string) {
  const result = await cluster.cli(args, text === undefined ? {} : { manifest: text })
  return { ...result, lines: result.stdout.trimEnd().split('\n') }
}
const apply = (vms: string) => run(['apply', '--auto-approve', '--json'], manifest(vms))

describe('a plan of new machines', () => {
  const THREE =
    'web: { cores: 2, memory: 2 GiB, disk: { size: 20 GiB }, start: true, cloudInit: { user: ops, ip: 10.0.0.5/24, gateway: 10.0.0.1, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVudGlyZWx5LW1hZGUtdXAtZm9yLXRoaXMtdGVzdC1v] } }\n  worker: { count: 3 }'

  it('shows the properties of each, equal ones in one line, and totals first', async () => {
    const { stdout, lines } = await run(['plan'], manifest(THREE))
    expect(lines[0]).toBe('lab: 4 machines to create.')
    expect(stdout).toMatch(
      /\+ web +fast, 2 cores, 2 GiB memory, 20 GiB disk, vmbr0, starts,\s+10\.0\.0\.5\/24, on pve1/,
    )
    expect(stdout).toMatch(/\+ worker-1…3 +fast, 1 core, 512 MiB memory, vmbr0, no cloud-init, not\s+started, on pve1/)
    expect(stdout).toMatch(/^Images\n\+ fast +2\.\d MiB downloaded by Proxmox to pve1\/local, template on pve1\/local/m)
    expect(stdout).not.toContain('create:web')
  })

  it('has every step with its reason on request', async () => {
    const { stdout } = await run(['plan', '--verbose'], manifest(THREE))
    expect(stdout).toMatch(/\+ create:web +does not exist/)
    expect(stdout).toMatch(/\+ template:fast@pve1\/local +no template of sha256:/)
  })

  it.each([80, 140])('of 200 machines fits on a screen of %i columns', async (columns) => {
    const kinds = Array.from({ length: 20 }, (_, kind) => `k${kind}: { count: 10, cores: ${kind + 1} }`).join('\n  ')
    await run(['validate'], manifest(kinds))
    const { folder, environment } = cluster
    const { lines } = await runInTerminal(['plan'], { cwd: folder, environment, columns, type: () => undefined })
    expect(lines[0]).toBe('lab: 200 machines to create.')
    expect(lines.length).toBeLessThanOrEqual(45)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns)
  })
})

describe('problems', () => {
  it('of one key are shown once, with all names, and the machines that they block', async () => {
    const text = manifest('db: { count: 4, memory: 900 TiB }\n  web: { count: 2, image: gone }').replace(
      '}\ndefaults',
      `, gone: { url: ${vendor.url}/gone.qcow2, checksum: ${vendor.url}/SHA256SUMS } }\ndefaults`,
    )
    const { exitCode, stdout, lines } = await run(['plan'], text)
    expect([exitCode, lines[0]]).toEqual([1, 'lab: 6 machines with problems.'])
    const said = stdout.replace(/\s+/g, ' ')
    expect(said).toMatch(
      /✗ db-1 would have 900 TiB of memory, but pve1 has [\d.]+ GiB\. \(pve-provision\.yaml:5:\d+\) Also: db-2…4\. → Give it less/,
    )
    expect(said).toMatch(/gone\.qcow2.* It blocks web-1, web-2\./)
  })
})

describe('a plan of existing machines', () => {
  it('shows changes as before and after with units, and the effect of replacing, pruning and removing', async () => {
    await apply('web: {}\n  old: {}\n  worker: { count: 4 }')
    const changed = manifest('web: { memory: 1 GiB, cores: 2 }\n  worker: { count: 4, onBoot: true }')
    const { lines, stdout } = await run(['plan'], changed)
    expect(lines[0]).toBe('lab: 5 machines to change.')
    expect(stdout).toMatch(/~ web \(\d+ on pve1\)[\s\S]*cores 1 → 2[\s\S]*memory 512 MiB → 1 GiB/)
    expect(stdout).toMatch(/~ worker-1…4 +onBoot no → yes/)
    const replaced = (await run(['plan', '--replace', 'worker-?'])).stdout
    expect(replaced).toMatch(/4 to replace[\s\S]*± worker-1…4 +fast[\s\S]*their boot disks are lost/)
    expect((await run(['plan', '--prune'])).stdout).toMatch(/1 to remove[\s\S]*^Remove\n- old \(\d+ on pve1\)/m)
    const removed = await run(['plan', '--destroy'])
    expect(removed.lines[0]).toBe('lab: 6 machines to remove.')
    expect(removed.stdout).toMatch(/\n\nTemplates\n- fast \(\d+ on pve1\)\n/)
  })

  it('shows each kind of message once, with all names', async () => {
    await apply('web: { tags: [a] }\n  worker: { count: 4, tags: [a] }')
    const { lines } = await run(['plan'], manifest('web: {}\n  worker: { count: 4 }'))
    const notes = lines.join(' ').split('note ').slice(1)
    expect(notes.map((note) => note.replace(/\s+/g, ' ').slice(0, 60))).toEqual([
      expect.stringMatching(/^web, worker-1…4: tags differs from the manifest/),
      expect.stringMatching(/^old \(\d+ on pve1\) belongs to project lab/),
    ])
  })

  it('has hints with the file name of the user', async () => {
    const { stdout } = await cluster.cli(['plan', '--file', join(cluster.folder, 'pve-provision.yaml')])
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      `pve-provision destroy --file ${cluster.folder}/pve-provision.yaml --only old`,
    )
    await run(['destroy', '--auto-approve', '--json'])
  })
})

describe('the time of a plan', () => {
  it('is estimated from past runs on the same server only', async () => {
    const text = manifest('timed: {}')
    expect((await run(['plan'], text)).stdout).toMatch(/\d steps? to run; about \d+ s, judging by past runs\./)
    const other = await startCluster()
    const { PVE_PROVISION_CACHE: _, ...elsewhere } = other.environment
    const { stdout: there } = await cluster.cli(['plan'], { environment: elsewhere })
    expect(there).toMatch(/\d steps? to run/)
    expect(there).not.toContain('past runs')
    await other.close()
  })
})

describe('a restart', () => {
  it('shows the changes that it applies, and afterwards none is pending', async () => {
    const user = (ip: string) => `cloudInit: { user: ops, ip: ${ip}/24, dns: { servers: [10.0.0.53] } }`
    await apply(`again: { start: true, memory: 512 MiB, ${user('10.0.0.90')} }`)
    await apply(`again: { start: true, memory: 768 MiB, ${user('10.0.0.91')} }`)
    const text = manifest(`again: { start: true, memory: 768 MiB, cores: 2, ${user('10.0.0.91')} }`)
    const { stdout } = await run(['plan', '--restart'], text)
    expect(stdout).toMatch(
      /Restart\n~ again \(\d+ on pve1\)\s+when it is restarted:\n +cores 1 → 2\n +memory 512 → 768 MiB\n +cloudInit\.ip changed, at its next boot/,
    )
    const applied = await cluster.cli(['apply', '--restart', '--auto-approve'])
    expect(applied.stderr).toMatch(/\nDone: 1 machine updated, in /)
    expect(applied.stderr).not.toMatch(/wait/)
    expect((await run(['plan'])).stdout).toMatch(/^Nothing to do: everything is as declared/)
    await run(['destroy', '--auto-approve', '--json'])
  })
})

describe('--only', () => {
  const MANY = 'web: {}\n  worker: { count: 3 }\n  db: {}'

  it.each([
    ['a pattern', 'work*', ['worker-1', 'worker-2', 'worker-3']],
    ['a pattern of one letter', 'worker-?', ['worker-1', 'worker-2', 'worker-3']],
    ['an entry', 'worker', ['worker-1', 'worker-2', 'worker-3']],
    ['a name', 'worker-2', ['worker-2']],
    ['several', 'web,db', ['web', 'db']],
  ])('accepts %s', async (_, pattern, names) => {
    const args = pattern.split(',').flatMap((one) => ['--only', one])
    const { stdout } = await run(['plan', '--json', ...args], manifest(MANY))
    expect(JSON.parse(stdout).machines.map(({ name }: { name: string }) => name)).toEqual(names)
  })

  it.each([
    ['webb', /Did you mean web\?/],
    ['worker-4', /Did you mean worker-[123]\?/],
    ['nothing*', /nothing\*/],
  ])('suggests the nearest name for %s, and not a list of all', async (wrong, message) => {
    const { exitCode, stderr } = await run(['plan', '--only', wrong], manifest(MANY))
    expect([exitCode, stderr]).toEqual([64, expect.stringMatching(message)])
    expect(stderr).not.toMatch(/web.*worker-1.*worker-2.*db/)
  })
})
