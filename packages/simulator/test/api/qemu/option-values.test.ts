// Drive strings, devices and options as a create and an update read them: the rules of PVE::JSONSchema and qemu-server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended, upload } from '../../support/client.ts'

let simulator: Simulator
let api: Client
/** A token with all privileges, which still is not root. */
let token: Client
let nextId = 500
const root = '/nodes/pve/qemu'

beforeAll(async () => {
  simulator = await createSimulator({ storages: [{ id: 'local' }, { id: 'data' }] })
  api = clientOf(simulator)
  const { data } = await api('POST', '/access/users/root@pam/token/ci', { privsep: 0 })
  const { value } = data as { value: string }
  token = clientOf(simulator, { id: 'root@pam!ci', secret: value })
  await ended(api, await upload(simulator, { content: 'iso', name: 'a.iso', bytes: Buffer.from('iso') }))
})
afterAll(() => simulator.close())

type Options = Record<string, string | number>

async function created(options: Options): Promise<Record<string, unknown>> {
  const vmid = nextId++
  const task = await ended(api, await api('POST', root, { vmid, ...options }))
  expect(task.exitStatus).toBe('OK')
  return { ...((await api('GET', `${root}/${vmid}/config`)).data as object), vmid }
}

const refusal = ({ reason, body }: { reason: string; body: Record<string, unknown> }): unknown => body.errors ?? reason

describe('a drive of a new machine', () => {
  test.each([
    ['ide2', 'file=local:cloudinit,', /^local:(\d+)\/vm-\1-cloudinit.qcow2,media=cdrom$/],
    ['scsi1', 'local:1,,discard=on', /^local:(\d+)\/vm-\1-disk-0.raw,discard=on,size=1G$/],
    ['scsi1', 'volume=data:1,iothread=yes,ssd=on', /^data:(\d+)\/vm-\1-disk-0.raw,iothread=1,size=1G,ssd=1$/],
    ['ide2', 'none', /^none,media=cdrom$/],
    ['cdrom', 'local:iso/a.iso', undefined],
    ['sata0', '/var/lib/vz/template/iso/a.iso,media=cdrom', undefined],
  ])('%s=%s', async (key, value, stored) => {
    if (stored !== undefined) expect((await created({ [key]: value }))[key]).toMatch(stored)
    else if (key === 'cdrom') expect((await created({ cdrom: value })).ide2).toBe('local:iso/a.iso,media=cdrom,size=3')
    else {
      const answer = await token('POST', root, { vmid: nextId++, [key]: value })
      expect(answer.reason).toBe(
        'Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.',
      )
    }
  })

  test.each([
    ['ide0', 'local:iso/a.iso', "explicit 'media=cdrom' is required for iso images"],
    ['scsi0', 'local:1,mbps_max=5', 'unable to parse drive options'],
    ['scsi0', 'local:1,mbps=5,mbps_rd=3', 'unable to parse drive options'],
    ['virtio0', 'local:iso/a.iso,media=cdrom', 'unable to parse drive options'],
    ['ide0', 'none,media=cdrom,snapshot=1', 'unable to parse drive options'],
    ['efidisk0', 'local:0,import-from=local:9/x.raw', "need to specify 'efitype' when using 'import-from'"],
  ])('%s=%s is refused', async (key, value, text) => {
    const answer = await api('POST', root, { vmid: nextId, [key]: value })
    expect(answer).toMatchObject({ status: 400, body: { errors: { [key]: text } } })
  })

  test('gets its number by its key as text, as a clone does', async () => {
    const config = await created({ scsi10: 'local:1', scsi2: 'local:1', virtio0: 'local:1', sata1: 'local:1' })
    const numberOf = (from: Record<string, unknown>) => (key: string) => /disk-(\d)/.exec(String(from[key]))?.[1]
    const keys = ['sata1', 'scsi10', 'scsi2', 'virtio0']
    expect(keys.map(numberOf(config))).toEqual(['0', '1', '2', '3'])
    const newid = nextId++
    await ended(api, await api('POST', `${root}/${String(config.vmid)}/clone`, { newid, full: 1 }))
    const clone = (await api('GET', `${root}/${newid}/config`)).data as Record<string, unknown>
    expect(keys.map(numberOf(clone))).toEqual(['0', '1', '2', '3'])
  })

  test('cannot be a second cloud-init drive', async () => {
    const answer = await api('POST', root, { vmid: nextId, ide0: 'local:cloudinit', ide2: 'local:cloudinit' })
    expect((await ended(api, answer)).exitStatus).toBe(
      `unable to create VM ${nextId} - ide0 - cloud-init drive is already attached at 'ide2'`,
    )
  })
})

describe('the boot order', () => {
  test('includes an added CD, but no cloud-init drive', async () => {
    const { vmid } = await created({ scsi0: 'local:1', net0: 'virtio,bridge=vmbr0' })
    const config = `${root}/${String(vmid)}/config`
    await api('PUT', config, { ide2: 'local:cloudinit', ide0: 'none,media=cdrom' })
    expect((await api('GET', config)).data).toMatchObject({ boot: 'order=scsi0;net0;ide0' })
  })
})

describe('the machine type of a Windows guest is written down', () => {
  test.each([
    ['9.2', { ostype: 'win11' }, 'pc-i440fx-11.0+pve2'],
    ['9.2', { ostype: 'win10', machine: 'q35,viommu=virtio' }, 'pc-q35-11.0+pve2,viommu=virtio'],
    ['9.2', { ostype: 'win10', machine: 'pc-q35-9.0' }, 'pc-q35-9.0'],
    ['9.2', { ostype: 'l26', machine: 'q35' }, 'q35'],
    ['9.2', { ostype: 'l26' }, undefined],
    ['8.4', { ostype: 'w2k8' }, 'pc-i440fx-9.2+pve1'],
  ] as const)('%s %o: %s', async (version, options, machine) => {
    const own = version === '9.2' ? simulator : await createSimulator({ version })
    const client = clientOf(own)
    const vmid = nextId++
    await ended(client, await client('POST', root, { vmid, ...options }))
    expect(((await client('GET', `${root}/${vmid}/config`)).data as { machine?: string }).machine).toBe(machine)
    if (own !== simulator) await own.close()
  })

  test('also when the OS type changes, unless the same call sets the machine type', async () => {
    const { vmid } = await created({ machine: 'q35' })
    const config = `${root}/${String(vmid)}/config`
    await api('PUT', config, { ostype: 'win11', machine: 'q35' })
    expect((await api('GET', config)).data).toMatchObject({ machine: 'q35' })
    await api('PUT', config, { ostype: 'win10' })
    expect((await api('GET', config)).data).toMatchObject({ machine: 'pc-q35-11.0+pve2' })
  })
})

describe('what a token may set', () => {
  test.each([
    ['arch', 'x86_64', "only root can set 'arch' config"],
    ['vmgenid', '1', "only root can set 'vmgenid' config"],
    ['spice_enhancements', 'foldersharing=1', "only root can set 'spice_enhancements' config"],
    ['args', '-S', "only root can set 'args' config"],
    ['hostpci0', '0000:01:00', "only root can set 'hostpci0' config for non-mapped devices"],
    ['hostpci0', 'pcie=1', "either 'host' or 'mapping' must be set."],
    ['usb0', 'host=1234:5678', "only root can set 'usb0' config for real devices"],
    ['serial1', '/dev/ttyS0', "only root can set 'serial1' config for real devices"],
    ['ide2', 'cdrom', 'Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.'],
    ['hostpci0', 'mapping=gpu,pcie=1', undefined],
    ['usb0', 'mapping=foo', undefined],
    ['usb0', 'spice', undefined],
    ['virtiofs0', 'share,cache=always', undefined],
    ['serial0', 'socket', undefined],
    ['rng0', '/dev/hwrng', undefined],
  ])('%s=%s', async (key, value, text) => {
    const answer = await token('POST', root, { vmid: nextId++, [key]: value })
    expect(text === undefined ? answer.status : refusal(answer)).toBe(text ?? 200)
    if (text === undefined) await ended(api, answer)
  })

  test('of an existing port has another message in an update', async () => {
    const { vmid } = await created({})
    const answer = await token('PUT', `${root}/${String(vmid)}/config`, { serial0: '/dev/ttyS0' })
    expect(answer.reason).toBe("only root can modify 'serial0' config for real devices")
  })
})

describe('values as they are in a configuration file', () => {
  test.each([
    [
      { cpulimit: '0.5', migrate_downtime: '0.5' },
      { cpulimit: '0.5', migrate_downtime: '0.5' },
    ],
    [
      { smp: 2, cores: 4 },
      { sockets: 2, cores: undefined, smp: undefined },
    ],
    [{ ciuser: ' me ' }, { ciuser: 'me' }],
    [
      { cores: 2, onboot: 1 },
      { cores: 2, onboot: 1 },
    ],
    [{ smbios1: 'serial=YWJj,base64=1' }, { smbios1: 'serial=YWJj,base64=1' }],
  ])('%o', async (given, stored) => {
    const config = await created(given)
    for (const [key, value] of Object.entries(stored)) expect(config[key]).toBe(value)
  })

  test.each([
    [{ ciuser: 'a\nb' }, "unable to parse value of 'ciuser' - property contains a line feed"],
    [{ searchdomain: 'a.b\rc' }, "unable to parse value of 'searchdomain' - property contains a line feed"],
    [{ cores: '+2' }, "unable to parse value of 'cores' - type check ('integer') failed - got '+2'"],
  ])('%o is refused, by a creation in its task', async (given, text) => {
    const task = await ended(api, await api('POST', root, { vmid: nextId, ...given }))
    expect(task.exitStatus).toBe(`unable to create VM ${nextId} - ${text}`)
    const { vmid } = await created({})
    expect((await api('PUT', `${root}/${String(vmid)}/config`, given)).reason).toBe(text)
  })
})

describe('an update', () => {
  test('keeps a description without the white space behind it', async () => {
    const { vmid } = await created({ description: '  a \nb\n\n' })
    expect((await api('GET', `${root}/${String(vmid)}/config`)).data).toMatchObject({ description: '  a \nb' })
  })

  test('leaves a drive alone that cannot become a CD-ROM', async () => {
    const { vmid, virtio0 } = await created({ virtio0: 'local:1' })
    expect((await api('PUT', `${root}/${String(vmid)}/config`, { virtio0: 'none' })).status).toBe(200)
    expect((await api('GET', `${root}/${String(vmid)}/config`)).data).toMatchObject({ virtio0 })
  })

  test('that unlinks drives is checked like any other', async () => {
    const { vmid } = await created({ scsi0: 'local:1', protection: 1 })
    const unlink = async (idlist: string) => refusal(await api('PUT', `${root}/${String(vmid)}/unlink`, { idlist }))
    expect(await unlink('nope')).toEqual({ delete: "unknown option 'nope'" })
    expect(await unlink('scsi0')).toBe("can't remove drive 'scsi0' - protection mode enabled")
  })
})

describe('a clone', () => {
  test('keeps the description, and a clone of a snapshot has its options and disks', async () => {
    const { vmid } = await created({ scsi0: 'local:1,format=qcow2', description: 'as it was', cores: 2 })
    await ended(api, await api('POST', `${root}/${String(vmid)}/snapshot`, { snapname: 'one' }))
    await api('PUT', `${root}/${String(vmid)}/config`, { cores: 3, description: 'as it is' })
    const [clone, ofSnapshot] = [nextId++, nextId++]
    await ended(api, await api('POST', `${root}/${String(vmid)}/clone`, { newid: clone }))
    await ended(api, await api('POST', `${root}/${String(vmid)}/clone`, { newid: ofSnapshot, snapname: 'one' }))
    expect((await api('GET', `${root}/${clone}/config`)).data).toMatchObject({ description: 'as it is', cores: 3 })
    const config = (await api('GET', `${root}/${ofSnapshot}/config`)).data
    expect(config).toMatchObject({ cores: 2, scsi0: expect.stringContaining(`local:${ofSnapshot}/`) })
    expect(config).not.toHaveProperty('parent')
  })
})

describe('an archive', () => {
  test.each([
    ['local:backup/x.vma', {}, 500, "volume 'local:backup/x.vma' does not exist"],
    ['local:iso/a.iso', {}, 500, "unable to use volume local:iso/a.iso - content type needs to be 'backup'"],
    ['local:backup/x.vma', { scsi0: 'local:1' }, 400, { scsi0: "option conflicts with option 'archive'" }],
    ['-', {}, 500, 'pipe requires cli environment'],
  ])('%s with %o creates nothing', async (archive, options, status, text) => {
    const vmid = nextId++
    const answer = await api('POST', root, { vmid, archive, ...options })
    expect([answer.status, refusal(answer)]).toEqual([status, text])
    expect((await api('GET', `${root}/${vmid}/config`)).status).toBe(500)
  })
})
