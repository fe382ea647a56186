// Saved plans: applied as they are, or refused with the differences and without changes.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startSurroundings } from '../support/surroundings.ts'

const { vendor, cluster, hands } = await startSurroundings()

const SECRET = 'not-to-be-seen-9341'

function manifest(vms: string): string {
  return `project: lab
images: { fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS } }
defaults: { image: fast, nodes: [pve1, pve2], storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms: ${vms}
`
}

const save = (vms: string, args: readonly string[] = []) =>
  cluster.cli(['plan', '--out', 'saved.json', ...args], { manifest: manifest(vms) })
const applySaved = () => cluster.cli(['apply', 'saved.json'])
const digestOf = async (vms: string, args: readonly string[] = []) => {
  const { stdout } = await cluster.cli(['plan', '--json', ...args], { manifest: manifest(vms) })
  return JSON.parse(stdout).digest as string
}

describe('a saved plan', () => {
  it('is applied without confirmation, on the nodes that it chose', async () => {
    await save(`{ a: { cloudInit: { user: ops, password: ${SECRET} } }, b: {} }`)
    const file = join(cluster.folder, 'saved.json')
    const saved = JSON.parse(await readFile(file, 'utf8'))
    expect(JSON.stringify(saved)).not.toContain(SECRET)
    expect((await stat(file)).mode & 0o077).toBe(0)
    const { exitCode, stderr } = await applySaved()
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/a {2}created[\s\S]*b {2}created/)])
    for (const { name, node } of saved.plan.machines) expect(await hands.vmidOf(name, node)).toBeGreaterThan(100)
  })

  it.each<[string, (vmid: number) => Promise<unknown>, string, RegExp]>([
    [
      'somebody made the change meanwhile',
      (vmid) => hands.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { cores: 2 }),
      '{ a: { node: pve1, cores: 2 } }',
      /a: .*cores/,
    ],
    [
      'somebody changed something else that is declared',
      (vmid) => hands.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { cores: 3 }),
      '{ a: { node: pve1, cores: 2 } }',
      /a: to be changed \(cores 1 → 2\) when the plan was made, to be changed \(cores 3 → 2\) now/,
    ],
    [
      'the machine is gone',
      (vmid) => hands.call('DELETE', `/nodes/pve1/qemu/${vmid}`),
      '{ a: { node: pve1, cores: 2 } }',
      /a: /,
    ],
  ])('is refused where %s, and nothing is changed', async (_, meanwhile, vms, message) => {
    await cluster.cli(['destroy', '--auto-approve', '--json'], { manifest: manifest(vms) })
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest('{ a: { node: pve1, cores: 1 } }') })
    await save(vms)
    const vmid = await hands.vmidOf('a')
    await meanwhile(vmid)
    const before = await hands.call<readonly unknown[]>('GET', '/cluster/tasks')
    const { exitCode, stdout, stderr } = await applySaved()
    expect(exitCode).toBe(1)
    expect(stdout + stderr).toMatch(message)
    expect(stdout + stderr).toMatch(/nothing was changed[\s\S]*pve-provision plan --out saved\.json/)
    expect(await hands.call<readonly unknown[]>('GET', '/cluster/tasks')).toHaveLength(before.length)
  })

  it('is refused where the manifest has changed', async () => {
    await save('{ c: { node: pve1, cores: 2 } }')
    const { exitCode, stderr } = await cluster.cli(['apply', 'saved.json'], {
      manifest: manifest('{ c: { node: pve1, cores: 4 } }'),
    })
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(
        /- c: to be created on pve1 then and now, but its settings in the manifest or the build of its image have changed/,
      ),
    ])
    await expect(hands.vmidOf('c')).resolves.toBeNaN()
  })

  it('keeps its options: a removal stays a removal, a selection of machines stays the same', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest('{ d: {}, e: {}, f: {} }') })
    await save('{ d: {}, e: {}, f: {} }', ['--destroy', '--only', 'd'])
    expect((await applySaved()).exitCode).toBe(0)
    await save('{ d: {}, e: { cores: 2 }, f: { cores: 2 } }', ['--only', 'e'])
    expect((await applySaved()).stderr).toMatch(/e {2}updated/)
    const { stdout } = await cluster.cli(['plan', '--json'])
    expect(JSON.parse(stdout).machines.map(({ action }: { action: string }) => action)).toEqual([
      'create',
      'keep',
      'update',
    ])
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })

  it.each([
    ['there is none', 'nowhere.json', /does not exist[\s\S]*plan --out nowhere\.json/],
    ['it is something else', 'pve-provision.yaml', /is not a saved plan[\s\S]*plan --out plan\.json/],
  ])('says how to save one where %s', async (_, file, message) => {
    const { exitCode, stderr } = await cluster.cli(['apply', file])
    expect([exitCode, stderr]).toEqual([64, expect.stringMatching(message)])
  })

  it('does not overwrite another file', async () => {
    const { exitCode, stderr } = await cluster.cli(['plan', '--out', 'pve-provision.yaml'])
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining('is not a saved plan, so it is not overwritten')])
    expect(await readFile(join(cluster.folder, 'pve-provision.yaml'), 'utf8')).toContain('project: lab')
  })
})

describe('the digest of a plan', () => {
  it('is the same for any order and any cache', async () => {
    const first = await digestOf('{ a: { tags: [x] }, b: { cores: 2 } }')
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await digestOf('{ b: { cores: 2 }, a: { tags: [x] } }')).toBe(first)
    expect(await digestOf('{ a: { tags: [x] }, b: { cores: 2 } }', ['--refresh'])).toBe(first)
    // Bytes that already exist in Proxmox change the steps but not the changes.
    await cluster.cli(['apply', '--only', 'a', '--auto-approve', '--json'])
    await cluster.cli(['destroy', '--only', 'a', '--auto-approve', '--json'])
    expect(await digestOf('{ a: { tags: [x] }, b: { cores: 2 } }')).toBe(first)
  })

  it.each([
    ['a key', '{ a: { tags: [y] }, b: { cores: 2 } }'],
    ['a secret', `{ a: { tags: [x], cloudInit: { password: ${SECRET} } }, b: { cores: 2 } }`],
    ['a machine', '{ a: { tags: [x] } }'],
  ])('differs for another change: %s', async (_, vms) => {
    expect(await digestOf(vms)).not.toBe(await digestOf('{ a: { tags: [x] }, b: { cores: 2 } }'))
  })
})
