// Changes of a running machine: what applies now, what waits for the next start, and what its guest does not release.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

let simulator: Simulator
let api: Client
const path = '/nodes/pve/qemu/100'
const mac = 'BC:24:11:00:00:01'

interface Row {
  readonly key: string
  readonly value?: unknown
  readonly pending?: unknown
  readonly delete?: number
}

const put = (parameters: Record<string, string | number>) => api('PUT', `${path}/config`, parameters)
const done = async (method: 'POST' | 'DELETE', below: string, parameters = {}) =>
  (await ended(api, await api(method, `${path}${below}`, parameters))).exitStatus
const now = async () => (await api('GET', `${path}/config`, { current: 1 })).data as Record<string, unknown>

const status = async () => (await api('GET', `${path}/status/current`)).data as Record<string, unknown>

/** Returns the rows with a change. */
async function waiting(): Promise<readonly Row[]> {
  const rows = (await api('GET', `${path}/pending`)).data as Row[]
  return rows.filter((row) => 'pending' in row || 'delete' in row)
}

beforeAll(async () => {
  simulator = await createSimulator({ storages: [{ id: 'local' }] })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

/** A running machine with two disks, a card, an empty CD drive and a cloud-init drive. */
beforeEach(async () => {
  simulator.world.guests.hotplug = true
  if (simulator.world.machines.find(100) !== undefined) {
    await done('POST', '/status/stop')
    await done('DELETE', '')
  }
  const disk = 'local:0.01,format=qcow2'
  await ended(
    api,
    await api('POST', '/nodes/pve/qemu', {
      vmid: 100,
      name: 'one',
      memory: 512,
      ostype: 'l26',
      scsihw: 'virtio-scsi-single',
      scsi0: disk,
      scsi1: disk,
      ide0: 'none,media=cdrom',
      ide2: 'local:cloudinit',
      net0: `virtio=${mac},bridge=vmbr0`,
      boot: 'order=scsi0;net0',
      ciuser: 'ada',
    }),
  )
  await done('POST', '/status/start')
})

describe('takes over at once', () => {
  test.each([
    { description: 'x' },
    { tags: 'a;b' },
    { onboot: 1, startup: 'order=1' },
    { ciuser: 'eve', ipconfig0: 'ip=dhcp', nameserver: '1.1.1.1' },
    { cpuunits: 200 },
    { cpulimit: 1 },
    { hotplug: 'disk,usb' },
    { tablet: 0 },
    { usb0: 'spice' },
    { net0: `virtio=${mac},bridge=vmbr0,tag=5,rate=10,link_down=1,firewall=1` },
    { net0: 'virtio=BC:24:11:00:00:02,bridge=vmbr0' },
    { net0: `e1000=${mac},bridge=vmbr0` },
    { net1: 'virtio,bridge=vmbr0' },
    { scsi2: 'local:0.01' },
    { virtio0: 'local:0.01' },
    { ide0: 'none,media=cdrom' },
    { delete: 'net0' },
    { delete: 'ciuser' },
  ])('%j', async (parameters) => {
    expect((await put(parameters)).status).toBe(200)
    expect((await waiting()).filter(({ key }) => key !== 'boot')).toEqual([])
  })
})

describe('keeps pending', () => {
  test.each([
    [{ memory: 600 }, [{ key: 'memory', value: '512', pending: '600' }]],
    [{ cores: 2 }, [{ key: 'cores', pending: 2 }]],
    [{ vcpus: 1 }, [{ key: 'vcpus', pending: 1 }]],
    [{ balloon: 0 }, [{ key: 'balloon', pending: 0 }]],
    [{ boot: 'order=net0' }, [{ key: 'boot', value: 'order=scsi0;net0', pending: 'order=net0' }]],
    [{ agent: 'enabled=1' }, [{ key: 'agent', pending: 'enabled=1' }]],
    [{ machine: 'q35' }, [{ key: 'machine', pending: 'q35' }]],
    [{ hotplug: 'disk,cpu' }, [{ key: 'hotplug', pending: 'disk,cpu' }]],
    [{ delete: 'scsihw' }, [{ key: 'scsihw', value: 'virtio-scsi-single', delete: 1 }]],
    [{ delete: 'ide2', force: 1 }, [{ key: 'ide2', value: 'local:100/vm-100-cloudinit.qcow2,media=cdrom', delete: 2 }]],
    [{ ide1: 'none,media=cdrom' }, [{ key: 'boot' }, { key: 'ide1', pending: 'none,media=cdrom' }]],
  ])('%j', async (parameters, rows) => {
    expect((await put(parameters)).status).toBe(200)
    expect([...(await waiting())].sort((one, other) => (one.key < other.key ? -1 : 1))).toMatchObject(rows)
  })

  test('a disk option of its device, but not its throttling', async () => {
    const { scsi1 } = await now()
    await put({ scsi1: `${String(scsi1)},mbps_rd=10,backup=0` })
    expect(await waiting()).toEqual([])
    await put({ scsi1: `${String(scsi1)},discard=on` })
    expect(await waiting()).toMatchObject([{ key: 'scsi1' }])
  })

  test('another card where `hotplug` excludes it: a MAC address changes at the next start', async () => {
    await put({ hotplug: 'disk,usb' })
    await put({ net0: 'virtio=BC:24:11:00:00:02,bridge=vmbr0' })
    await put({ delete: 'hotplug' })
    expect(await waiting()).toMatchObject([{ key: 'net0', pending: 'virtio=BC:24:11:00:00:02,bridge=vmbr0' }])
  })

  test('memory and processors change at once where `hotplug` includes them, in whole modules', async () => {
    await put({ hotplug: 'memory,cpu', numa: 1, cores: 4, memory: 1024, vcpus: 1 })
    await done('POST', '/status/stop')
    await done('POST', '/status/start')
    await put({ memory: 1200, vcpus: 3 })
    expect(await now()).toMatchObject({ memory: '1536', vcpus: 3 })
    expect((await put({ vcpus: 5 })).body.errors).toEqual({
      vcpus: "hotplug problem - you can't add more vcpus than maxcpus\n",
    })
  })
})

describe('a disk', () => {
  test('that is detached is unused, and out of the boot order at the next start', async () => {
    await put({ delete: 'scsi1' })
    expect(await now()).toMatchObject({ unused0: 'local:100/vm-100-disk-1.qcow2' })
    expect(await waiting()).toEqual([])
  })

  test('that is replaced is unused until it is attached again', async () => {
    const { scsi1 } = await now()
    await put({ scsi1: 'local:0.01' })
    expect(await now()).toMatchObject({ unused0: 'local:100/vm-100-disk-1.qcow2' })
    await put({ scsi2: String(scsi1) })
    expect(await now()).not.toHaveProperty('unused0')
  })

  test('that the machine boots from stays, and its deletion is pending until the next start', async () => {
    const { status, body } = await put({ delete: 'scsi0' })
    expect({ status, errors: body.errors }).toEqual({
      status: 400,
      errors: { scsi0: "hotplug problem - can't unplug bootdisk 'scsi0'\n" },
    })
    expect(await waiting()).toMatchObject([
      { key: 'boot', pending: 'order=net0' },
      { key: 'scsi0', delete: 1 },
    ])
  })

  test('of a protected machine is not detached', async () => {
    await put({ protection: 1 })
    expect((await put({ delete: 'scsi1' })).reason).toBe("can't remove drive 'scsi1' - protection mode enabled")
    await put({ protection: 0 })
  })
})

describe('a guest that does not release its devices', () => {
  beforeEach(() => {
    simulator.world.guests.hotplug = false
  })
  const net0 = 'virtio=BC:24:11:00:00:02,bridge=vmbr0'

  test('makes the call fail after everything else is done, with the card pending', async () => {
    const { status, body } = await put({ net0, memory: 600, description: 'part' })
    const hint = "hotplug problem - error on hot-unplugging device 'net0' - still busy in guest?\n"
    expect({ status, errors: body.errors }).toEqual({ status: 400, errors: { net0: hint } })
    expect(await now()).toMatchObject({ description: 'part', memory: '512' })
    expect((await waiting()).map(({ key }) => key).sort()).toEqual(['memory', 'net0'])
  })

  test('makes a task fail in the same way', async () => {
    expect(await done('POST', '/config', { delete: 'scsi1' })).toBe(
      "400 Parameter verification failed. scsi1: hotplug problem - error on hot-unplugging device 'virtioscsi1' - still busy in guest? ",
    )
    // The disk itself was released before, and its controller is not asked again.
    expect(await done('POST', '/config', { delete: 'scsi1' })).toBe('OK')
  })

  test('still accepts a new tag and a new disk', async () => {
    expect((await put({ net0: `virtio=${mac},bridge=vmbr0,tag=7`, scsi3: 'local:0.01' })).status).toBe(200)
    expect(await waiting()).toEqual([])
  })
})

describe('what is pending', () => {
  test('disappears when it is reverted, and when the old value is set again', async () => {
    await put({ memory: 600, cores: 2 })
    await put({ revert: 'memory,cores' })
    expect(await waiting()).toEqual([])
    await put({ memory: 600 })
    await put({ memory: 512 })
    expect(await waiting()).toEqual([])
  })

  test.each(['stop', 'shutdown', 'reboot'])('is applied after %s', async (action) => {
    await put({ memory: 600, delete: 'scsihw' })
    expect(await done('POST', `/status/${action}`)).toBe('OK')
    if (action === 'reboot') await expect.poll(async () => (await status()).status).toBe('running')
    expect(await waiting()).toEqual([])
    expect(await now()).toMatchObject({ memory: '600' })
    expect(await now()).not.toHaveProperty('scsihw')
  })

  test('is still pending after a reset', async () => {
    await put({ memory: 600 })
    expect(await done('POST', '/status/reset')).toBe('OK')
    expect(await waiting()).toHaveLength(1)
  })
})

describe('is refused', () => {
  test.each([
    [{ boot: 'order=scsi9' }, 500, "invalid bootorder: device 'scsi9' does not exist'"],
    [{ boot: 'order=scsi0;net0', delete: 'net0' }, 500, "invalid bootorder: device 'net0' does not exist'"],
    [{ ide0: 'local:0.01' }, 400, 'Parameter verification failed.'],
    [{ revert: 'nosuch' }, 400, 'Parameter verification failed.'],
    [{ revert: 'memory', memory: 1 }, 400, 'Parameter verification failed.'],
    [{ revert: 'memory', delete: 'memory' }, 400, 'Parameter verification failed.'],
  ])('%j', async (parameters, status, reason) => {
    expect(await put(parameters)).toMatchObject({ status, reason })
  })
})

describe('the cloud-init drive', () => {
  const dump = async (type: string) => String((await api('GET', `${path}/cloudinit/dump`, { type })).data)
  const changed = async () =>
    ((await api('GET', `${path}/cloudinit`)).data as Row[]).filter((row) => 'pending' in row || 'delete' in row)

  test('keeps the values that it was created from until it is written again', async () => {
    await put({ ciuser: 'eve', searchdomain: 'a.example', ipconfig0: 'ip=dhcp' })
    expect(await changed()).toEqual([
      { key: 'ipconfig0', pending: 'ip=dhcp' },
      { key: 'searchdomain', pending: 'a.example' },
      { key: 'ciuser', value: 'ada', pending: 'eve' },
    ])
    await put({ delete: 'ciuser' })
    expect(await changed()).toContainEqual({ key: 'ciuser', delete: 1 })
    await api('PUT', `${path}/cloudinit`)
    expect(await changed()).toEqual([])
  })

  test('does not show a reverted change, and never a password', async () => {
    await put({ ciuser: 'eve' })
    await put({ ciuser: 'ada', cipassword: 'secret' })
    expect(await changed()).toEqual([])
    expect(await dump('user')).toMatch(/^password: \$5\$[./\w]{8}\$[./\w]{43}$/m)
  })

  test('is written at once where `hotplug` includes it', async () => {
    await put({ hotplug: 'network,disk,usb,cloudinit' })
    await put({ ciuser: 'eve' })
    expect(await changed()).toEqual([])
  })

  test('that is ejected loses its volume at once', async () => {
    await put({ ide2: 'none,media=cdrom' })
    expect((await api('GET', '/nodes/pve/storage/local/content/local:100%2Fvm-100-cloudinit.qcow2')).status).toBe(500)
    expect((await waiting()).map(({ key }) => key)).toEqual(['boot'])
  })

  test('is the only one, also while its deletion is pending', async () => {
    await put({ delete: 'ide2' })
    expect((await put({ ide1: 'local:cloudinit' })).reason).toBe(
      "ide1 - cloud-init drive is already attached at 'ide2'",
    )
  })

  test('makes a new instance for every change that cloud-init can see, and for no other', async () => {
    const first = await dump('meta')
    expect(first).toMatch(/^instance-id: [0-9a-f]{40}\n$/)
    await put({ tags: 'x', description: 'y', onboot: 1 })
    expect(await dump('meta')).toBe(first)
    await put({ name: 'two' })
    expect(await dump('meta')).not.toBe(first)
    await put({ name: 'one' })
    expect(await dump('meta')).toBe(first)
  })

  test('contains exactly the documents of Proxmox', async () => {
    await put({
      name: '1001',
      ciuser: 'root',
      nameserver: '1.1.1.1 2606:4700::1111',
      searchdomain: 'a.example b.example',
      ipconfig0: 'ip=10.0.0.5/32,gw=10.0.0.1,ip6=2001:db8::5/64,gw6=fe80::1',
      net1: 'virtio=BC:24:11:9B:2E:1E,bridge=vmbr0',
      ipconfig1: 'ip=dhcp,ip6=auto',
      net2: 'virtio,bridge=vmbr0',
    })
    expect(await dump('user')).toBe(`#cloud-config
hostname: 1001
manage_etc_hosts: true
fqdn: 1001.a.example b.example
user: root
disable_root: False
chpasswd:
  expire: False
package_upgrade: true
`)
    expect(await dump('network')).toBe(`version: 1
config:
    - type: physical
      name: eth0
      mac_address: 'bc:24:11:00:00:01'
      subnets:
      - type: static
        address: '10.0.0.5'
        netmask: '255.255.255.255'
        gateway: '10.0.0.1'
      - type: static6
        address: '2001:db8::5/64'
        gateway: 'fe80::1'
    - type: physical
      name: eth1
      mac_address: 'bc:24:11:9b:2e:1e'
      subnets:
      - type: dhcp4
      - type: ipv6_slaac
    - type: nameserver
      address:
      - '1.1.1.1'
      - '2606:4700::1111'
      search:
      - 'a.example'
      - 'b.example'
`)
  })

  test('needs the custom documents that it names, after the change is stored', async () => {
    expect(await put({ cicustom: 'user=local:snippets/none.yaml' })).toMatchObject({ status: 200 })
    expect((await api('PUT', `${path}/cloudinit`)).reason).toBe("volume 'local:snippets/none.yaml' does not exist")
    await done('POST', '/status/stop')
    expect(await done('POST', '/status/start')).toBe("volume 'local:snippets/none.yaml' does not exist")
    await put({ delete: 'cicustom' })
  })
})
