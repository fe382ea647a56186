// Tests devices by resource mapping and ISO images, which must exist, from the plan to the machine.
import { describe, expect, it } from 'vitest'
import { startSurroundings } from '../support/surroundings.ts'

const { vendor, cluster, hands } = await startSurroundings({
  devices: [{ kind: 'pci', path: '0000:01:00.0', id: '10de:2204', node: 'pve1' }],
})

function manifest(words: string, node = 'pve1'): string {
  return `project: attached
images: { fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS } }
defaults: { image: fast, node: ${node}, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms:
  web: { ${words} }
`
}

async function plan(words: string, node?: string) {
  const { exitCode, stdout } = await cluster.cli(['plan', '--json'], { manifest: manifest(words, node) })
  const { problems, changes, machines, notes } = JSON.parse(stdout)
  return { exitCode, problems, changes, machines, notes }
}

async function apply(words: string) {
  const { exitCode, stdout } = await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest(words) })
  return { exitCode, ...JSON.parse(stdout) }
}

/** Created by an administrator. */
async function makeMappings(): Promise<void> {
  const gpu = 'node=pve1,path=0000:01:00.0,id=10de:2204,iommugroup=-1'
  await hands.call('POST', '/cluster/mapping/pci', { id: 'gpu', map: gpu })
  await hands.call('POST', '/cluster/mapping/dir', { id: 'media', map: 'node=pve1,path=/var/lib/vz' })
}

describe('devices', () => {
  it('that have no resource mapping are a problem of the plan, with the key and the way on', async () => {
    const { exitCode, problems } = await plan('devices: [{ pci: gpu }]')
    expect([exitCode, problems]).toEqual([
      1,
      [
        expect.objectContaining({
          code: 'CONFLICT',
          message: 'There is no resource mapping gpu, which web uses.',
          hint: 'Create it under Datacenter → Resource Mappings.',
          file: 'pve-provision.yaml',
          line: 5,
        }),
      ],
    ])
  })

  it('are attached, shown, kept, changed and taken off by their mappings', async () => {
    await makeMappings()
    expect((await plan('devices: [{ pci: gup }]')).problems).toMatchObject([
      {
        message: expect.stringContaining('no resource mapping gup'),
        hint: expect.stringContaining('use an existing one: gpu.'),
      },
    ])
    expect((await plan('devices: [{ pci: gpu }]', 'pve2')).problems).toMatchObject([
      {
        message: 'The resource mapping gpu, which web uses, has no device on pve2.',
        hint: expect.stringContaining('put web on pve1'),
      },
    ])
    const words = 'machine: q35, devices: [{ pci: gpu, pcie: true }, { virtiofs: media, cache: always }]'
    const { stdout } = await cluster.cli(['plan'], { manifest: manifest(words) })
    expect(stdout).toMatch(/\+ web {2}.*pci gpu, virtiofs media/)
    expect((await apply(words)).exitCode).toBe(0)
    const vmid = await hands.vmidOf('web')
    expect(await hands.config(vmid)).toMatchObject({ hostpci0: 'mapping=gpu,pcie=1', virtiofs0: 'media,cache=always' })
    expect(await plan(words)).toMatchObject({ exitCode: 0, changes: 0, problems: [] })

    const less = 'machine: q35, devices: [{ pci: gpu }]'
    expect((await plan(less)).machines).toMatchObject([
      {
        action: 'update',
        changes: expect.arrayContaining([expect.objectContaining({ key: expect.stringContaining('devices') })]),
      },
    ])
    expect((await apply(less)).exitCode).toBe(0)
    const config = await hands.config(vmid)
    expect([config.hostpci0, config.virtiofs0]).toEqual(['mapping=gpu', undefined])
    expect((await apply('machine: q35, devices: []')).exitCode).toBe(0)
    expect((await hands.config(vmid)).hostpci0).toBeUndefined()
  })
})

describe('an ISO image', () => {
  it.each(['is there', 'is to be made'])(
    'that is not on its storage is a problem of a machine that %s',
    async (what) => {
      if (what === 'is to be made') await cluster.cli(['destroy', '--auto-approve', '--json'])
      const { exitCode, problems } = await plan('cdrom: local:iso/tools.iso')
      expect([exitCode, problems]).toMatchObject([
        1,
        [{ message: 'There is no local:iso/tools.iso on pve1, which belongs in a CD drive of web.', line: 5 }],
      ])
    },
  )
})

describe('less memory than is kept', () => {
  it('is a problem of the plan: what is not declared has its usual size', async () => {
    const { exitCode, problems } = await plan('balloon: 2 GiB')
    expect([exitCode, problems]).toMatchObject([
      1,
      [{ message: 'web has a minimum of 2 GiB, but only 512 MiB of memory.' }],
    ])
  })
})

describe('a machine that the HA manager has given up on', () => {
  it('is not started, and the plan says how to get it back', async () => {
    const words = 'start: true, ha: true'
    expect((await apply(words)).exitCode).toBe(0)
    const vmid = await hands.vmidOf('web')
    const path = `/nodes/pve1/qemu/${vmid}`
    await hands.call('POST', `${path}/status/stop`)
    await stopped(vmid)
    // It cannot start with a missing device.
    await hands.call('PUT', `${path}/config`, { hostpci0: 'mapping=nowhere' })
    await hands.call('POST', `${path}/status/start`)
    const isLost = async () => {
      const rows = await hands.call<readonly { vmid?: number; hastate?: string }[]>('GET', '/cluster/resources')
      return rows.find((row) => row.vmid === vmid)?.hastate === 'error'
    }
    await expect.poll(isLost).toBe(true)
    const { exitCode, problems } = await plan(words)
    expect([exitCode, problems]).toMatchObject([
      1,
      [
        {
          message: `The HA manager has given up on web (${vmid} on pve1): it is in state \`error\` and will not start it.`,
          hint: expect.stringContaining(`ha-manager set vm:${vmid} --state disabled`),
          line: 5,
        },
      ],
    ])
    await hands.call('PUT', `/cluster/ha/resources/vm:${vmid}`, { state: 'disabled' })
    await hands.call('PUT', `${path}/config`, { delete: 'hostpci0' })
    await expect.poll(async () => !(await isLost())).toBe(true)
    expect(await plan(words)).toMatchObject({ exitCode: 0, problems: [] })
  })

  async function stopped(vmid: number): Promise<void> {
    const status = async () =>
      (await hands.call<{ status: string }>('GET', `/nodes/pve1/qemu/${vmid}/status/current`)).status
    await expect.poll(status).toBe('stopped')
  }
})

describe('a reboot from inside the guest', () => {
  it.each([
    ['Proxmox writes its drive', ''],
    ['it has a CD of ours', ', vendorData: "#cloud-config\\n{}\\n"'],
  ])('ends what waits for a boot, as the guest itself reports: %s', async (_, document) => {
    await cluster.cli(['destroy', '--auto-approve', '--json'])
    const words = (ip: string) =>
      `start: true, agent: true, cloudInit: { ip: ${ip}, dns: { servers: [10.0.0.53] }${document} }`
    expect((await apply(words('10.0.0.9/24'))).exitCode).toBe(0)
    const guest = cluster.simulator.guest(await hands.vmidOf('web'))
    await guest.finished()
    expect((await apply(words('10.0.0.10/24'))).exitCode).toBe(0)
    const waiting = [{ pending: [{ key: document === '' ? 'cloudInit.ip' : 'cloudInit', when: 'boot' }] }]
    expect((await plan(words('10.0.0.10/24'))).machines).toMatchObject(waiting)
    guest.reboot()
    await guest.finished()
    const { machines } = await plan(words('10.0.0.10/24'))
    expect(machines).toMatchObject([{ action: 'keep' }])
    expect(machines[0]).not.toHaveProperty('pending')
    // A silent agent reports nothing, so the boot is not known.
    guest.killAgent()
    expect((await plan(words('10.0.0.10/24'))).machines).toMatchObject(waiting)
  })
})
