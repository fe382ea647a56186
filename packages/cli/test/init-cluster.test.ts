// Tests `init --from-cluster` with the built CLI: the manifest of existing machines, and the plan afterwards.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Cluster, startCluster } from './support/cluster.ts'
import { type Hands, handsAt } from './support/hands.ts'

let cluster: Cluster
let hands: Hands

beforeAll(async () => {
  cluster = await startCluster()
  hands = handsAt(cluster)
  const common = { cores: 1, memory: 1024, net0: 'virtio,bridge=vmbr0', agent: '1', scsi0: 'local:1' }
  await hands.call('POST', '/nodes/pve1/qemu', {
    ...common,
    vmid: 104,
    name: 'web',
    ide2: 'local:cloudinit',
    cipassword: 'S3cret-of-web',
  })
  await hands.call('POST', '/nodes/pve1/qemu', { vmid: 105, name: 'db', ...common, keyboard: 'de' })
  await hands.call('POST', '/nodes/pve1/qemu', { vmid: 900, name: 'base', ...common })
  await hands.call('POST', '/nodes/pve1/qemu/900/template')
})
afterAll(async () => {
  hands?.close()
  await cluster?.close()
})

describe('init --from-cluster', () => {
  it('writes the machines, shared options in `defaults`, and a comment for options without a key', async () => {
    const { exitCode, stderr } = await cluster.cli(['init', '--from-cluster', '--project', 'taken'])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(stderr).toContain('note Templates are not machines: base.')
    expect(stderr).toContain('with 2 machines. Next: pve-provision adopt --all')
    const text = await readFile(join(cluster.folder, 'pve-provision.yaml'), 'utf8')
    expect(text).not.toContain('S3cret')
    expect(text).toContain('# - its password, because secrets are never written to a manifest')
    expect(text).toMatch(/# - keyboard in Proxmox's config\n {2}db:/)
    expect(parse(text)).toMatchObject({
      project: 'taken',
      images: { 'made-elsewhere': { unknown: true } },
      defaults: { image: 'made-elsewhere', node: 'pve1', memory: '1 GiB', disk: '1 GiB' },
      vms: { web: { vmid: 104 }, db: { vmid: 105 } },
    })
  })

  it('leads to an empty plan after `adopt --all`', async () => {
    const adopted = await cluster.cli(['adopt', '--all', '--auto-approve', '--json'])
    expect(JSON.parse(adopted.stdout)).toMatchObject({ ok: true, changed: true })
    const plan = await cluster.cli(['plan', '--detailed-exitcode', '--json'])
    expect(plan.exitCode).toBe(0)
    expect(JSON.parse(plan.stdout)).toMatchObject({ changes: 0, problems: [] })
    const images = await cluster.cli(['images', 'list'])
    expect(images.exitCode).toBe(0)
  })

  it.each([
    [['--from-cluster'], 'pve-provision.yaml exists already'],
    [['--from-cluster', 'mail', '--force'], 'No machine in Proxmox is called mail.'],
    [['--from-cluster', '--project', 'No Name', '--force'], '--project must be lower-case letters'],
  ])('%j is refused', async (args, sentence) => {
    const { exitCode, stderr } = await cluster.cli(['init', ...args])
    expect(exitCode).toBe(64)
    expect(stderr).toContain(sentence)
  })
})
