// The plans in docs/how-it-works.md are what the CLI prints in a terminal with 80 columns.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startSurroundings } from '../support/surroundings.ts'
import { runInTerminal } from '../support/terminal.ts'

const { vendor, cluster } = await startSurroundings({ bridges: ['vmbr0', 'vmbr1'] })

const PAGE = fileURLToPath(new URL('../../../../docs/how-it-works.md', import.meta.url))

/** Returns the block below `<!-- plan: NAME -->`. */
async function printed(name: string): Promise<readonly string[]> {
  const [, text = ''] = (await readFile(PAGE, 'utf8')).split(`<!-- plan: ${name} -->\n\n\`\`\`text\n`)
  return text.slice(0, text.indexOf('\n```')).split('\n')
}

/** Returns the lines of a plan on a screen. The size of the image is the one of the page. */
async function shown(manifest: string): Promise<readonly string[]> {
  await writeFile(join(cluster.folder, 'pve-provision.yaml'), manifest)
  const { folder, environment } = cluster
  const { lines } = await runInTerminal(['plan'], { cwd: folder, environment, columns: 80, type: () => undefined })
  return lines
    .join('\n')
    .trimEnd()
    .replaceAll(/\d\.\d MiB/g, '417 MiB')
    .split('\n')
}

const manifest = (project: string, vms: string) => `project: ${project}
images: { debian-13: { url: "${vendor.url}/fast.qcow2", checksum: "${vendor.url}/SHA256SUMS" } }
defaults: { image: debian-13, node: pve1, storage: { images: local, disks: local-lvm }, network: { bridge: vmbr0 } }
vms:
${vms}`

const BEFORE = `  full:
    cores: 4
    sockets: 1
    cpu: x86-64-v2-AES
    cpuLimit: 2.5
    cpuUnits: 200
    numa: false
    memory: 4 GiB
    balloon: 1 GiB
    disk: { size: 32 GiB, cache: none, discard: true, ssd: true, ioThread: true, backup: true, replicate: true, aio: io_uring }
    disks:
      - { size: 100 GiB, storage: local-lvm, serial: data-1, discard: true, backup: false }
      - { size: 10 GiB, bus: virtio, limits: { readMBps: 200, writeMBps: 100, readIops: 4000, writeIops: 2000 } }
    network:
      - { bridge: vmbr0, model: virtio, vlan: 20, mac: "BC:24:11:00:00:01", firewall: true, rate: 100, mtu: 1500 }
      - { bridge: vmbr1, trunks: [10, 20, "100-199"], queues: 4, linkDown: true }
    machine: q35
    osType: l26
    serial: true
    rng: { source: /dev/urandom, maxBytes: 1024, periodMs: 1000 }
    watchdog: { model: i6300esb, action: reset }
    smbios: { serial: S-0042, manufacturer: Example, product: Appliance, version: "1", sku: A-1, family: Lab }
    agent: false
    boot: [scsi0, net0]
    onBoot: true
    startOrder: { order: 2, up: 30, down: 60 }
    ha: { maxRestart: 1, maxRelocate: 1 }
    tags: [database, production]
    description: The one machine with everything.
    protection: true
    start: true
    cloudInit:
      user: ops
      password: first-one-111
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk"]
      addresses:
        - { ip: 10.0.20.5/24, gateway: 10.0.20.1, ip6: auto }
        - { ip: 10.0.30.5/24 }
      dns: { servers: [10.0.20.1], domain: example.org }
      upgrade: true
  worker: { count: 3, start: true }
`

const AFTER = `  full:
    cores: 8
    sockets: 2
    cpu: host
    cpuLimit: 4
    cpuUnits: 400
    numa: true
    memory: 8 GiB
    balloon: 2 GiB
    disk: { size: 48 GiB, cache: writeback, discard: false, ssd: false, ioThread: false, backup: false, replicate: false, aio: threads }
    disks:
      - { size: 120 GiB, storage: local-lvm, serial: data-2, discard: false, backup: true }
      - { size: 10 GiB, bus: virtio, limits: { readMBps: 300, writeMBps: 150, readIops: 5000, writeIops: 2500 } }
      - { size: 5 GiB }
    network:
      - { bridge: vmbr1, model: e1000, vlan: 30, mac: "BC:24:11:00:00:02", firewall: false, rate: 200 }
      - { bridge: vmbr0, trunks: [10], queues: 2, linkDown: false }
      - { bridge: vmbr0 }
    machine: pc
    osType: win11
    serial: false
    bios: ovmf
    tpm: true
    rng: { source: /dev/urandom, maxBytes: 2048, periodMs: 500 }
    watchdog: { model: i6300esb, action: poweroff }
    smbios: { serial: S-0043, manufacturer: Other, product: Appliance, version: "2", sku: A-2, family: Home }
    vga: { type: virtio, memory: 32 MiB }
    agent: true
    boot: [scsi0]
    onBoot: false
    startOrder: { order: 3, up: 60, down: 90 }
    ha: { maxRestart: 3, maxRelocate: 2 }
    tags: [database, staging]
    description: Another text.
    protection: false
    start: true
    cloudInit:
      user: admin
      password: second-one-222
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcD me@desk"]
      addresses:
        - { ip: 10.0.20.6/24, gateway: 10.0.20.254, ip6: dhcp }
        - { ip: 10.0.30.6/24 }
      dns: { servers: [10.0.20.2], domain: example.net }
      upgrade: false
  worker: { count: 3, start: true, memory: 1 GiB }
`

const FLEET = `  web: { count: 40, cores: 2, memory: 2 GiB, start: true, cloudInit: { user: ops, ip: { from: 10.0.20.11/24 }, dns: { servers: [10.0.20.1] }, sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk"] } }
  api: { count: 60, nodes: [pve1, pve2], cores: 4, memory: 4 GiB, disk: 20 GiB, start: true }
  worker: { count: 90, nodes: [pve1, pve2], memory: 1 GiB, tags: [batch] }
  db: { count: 9, cores: 8, memory: 16 GiB, disks: [{ size: 100 GiB }], start: true }
  odd: { network: { bridge: vmbr7 } }
`

describe('docs/how-it-works.md shows the plan of', () => {
  it('200 machines', async () => {
    expect(await shown(manifest('fleet', FLEET))).toEqual(await printed('200 machines'))
  })

  it('a change of each key of a running machine', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest('homelab', BEFORE) })
    expect(await shown(manifest('homelab', AFTER))).toEqual(await printed('each key'))
  })
})
