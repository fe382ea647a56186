// Tests refused requests about machines, with the messages of a real server.
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

const create = async (api: Client, parameters: Record<string, string | number>): Promise<string> =>
  (await ended(api, await api('POST', '/nodes/pve/qemu', { memory: 64, ...parameters }))).exitStatus

test('two cloud-init drives in one call: none is created', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const refused = await create(api, { vmid: 100, ide2: 'local:cloudinit', ide3: 'local:cloudinit' })
  const made = await create(api, { vmid: 100, ide2: 'local:cloudinit', ide3: 'none,media=cdrom' })
  await simulator.close()
  expect(refused).toBe("unable to create VM 100 - ide2 - cloud-init drive is already attached at 'ide3'")
  expect(made).toBe('OK')
})

test('a clipboard over VNC needs a display', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const refused = await create(api, { vmid: 100, vga: 'none,clipboard=vnc' })
  const made = await create(api, { vmid: 100, vga: 'std,clipboard=vnc' })
  const changed = await api('PUT', '/nodes/pve/qemu/100/config', { vga: 'serial0,clipboard=vnc' })
  await simulator.close()
  expect(refused).toBe('unable to create VM 100 - vga type none is not compatible with VNC clipboard')
  expect(made).toBe('OK')
  expect(changed.reason).toBe('vga type serial0 is not compatible with VNC clipboard')
})

test.each([
  [{ numa: 0, memory: 2048 }, 'NUMA needs to be enabled for memory hotplug'],
  [{ numa: 1, memory: 512 }, 'minimum memory must be 1024MB'],
  [
    { numa: 1, memory: 2048, numa0: 'cpus=0,memory=2048' },
    'cannot enable memory hotplugging with custom NUMA topology',
  ],
  [{ numa: 1, memory: 2048 }, 'OK'],
] as const)('memory that can be plugged in, with %o: %s', async (options, expected) => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await create(api, { vmid: 100, hotplug: 'memory', ...options })
  const started = await ended(api, await api('POST', '/nodes/pve/qemu/100/status/start'))
  await simulator.close()
  expect(started.exitStatus).toBe(expected)
})

test('options that only root may use, method by method', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await create(api, { vmid: 100 })
  const only = 'Only root may use this option.'
  const status = '/nodes/pve/qemu/100/status'
  await expectSteps(api, [
    step(`POST ${status}/stop`, { keepActive: 1 }, { keepActive: only }),
    step(`POST ${status}/shutdown`, { keepActive: 1 }, { keepActive: only }),
    step(`POST ${status}/resume`, { nocheck: 1 }, { nocheck: only }),
    step(`POST ${status}/reset`, { skiplock: 1 }, { skiplock: only }),
    step(`POST ${status}/resume`, { nocheck: 0 }, 'VM 100 not running'),
  ])
  await simulator.close()
})

test('a key that QEMU does not know', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await create(api, { vmid: 100, start: 1 })
  const press = (key: string) => api('PUT', '/nodes/pve/qemu/100/sendkey', { key })
  const [known, unknown] = [await press('ctrl-alt-delete'), await press('ctrl-zzz')]
  await simulator.close()
  expect(known.status).toBe(200)
  expect([unknown.status, unknown.text]).toEqual([400, ''])
})

test('the removal of a machine logs a disk image that does not exist', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await create(api, { vmid: 100, scsi0: 'local:1' })
  await ended(api, await api('DELETE', '/nodes/pve/storage/local/content/local:100/vm-100-disk-0.raw'))
  const { log } = await ended(api, await api('DELETE', '/nodes/pve/qemu/100'))
  await simulator.close()
  expect(log).toEqual(["disk image '/var/lib/vz/images/100/vm-100-disk-0.raw' does not exist", 'TASK OK'])
})

test('an import says which drive of which machine it copies', async () => {
  const simulator = await createSimulator({ nodes: ['pve', 'other'] })
  const api = clientOf(simulator)
  await create(api, { vmid: 100, scsi0: 'local:1' })
  const source = 'local:0,import-from=local:100/vm-100-disk-0.raw'
  const made = await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 101, virtio0: source }))
  await simulator.close()
  expect(made.log).toContain('create full clone of drive scsi0 (local:100/vm-100-disk-0.raw)')
})

test('a login with a token is refused, whether it is right or wrong', async () => {
  const simulator = await createSimulator()
  const right = await clientOf(simulator)('POST', '/access/ticket', { username: 'root@pam', password: 'x' })
  const wrong = await clientOf(simulator, { id: simulator.tokenId, secret: 'no' })('POST', '/access/ticket', {
    username: 'root@pam',
    password: simulator.rootPassword,
  })
  await simulator.close()
  expect(right.reason).toBe(
    "Permission check failed (URI '/access/ticket' not available with API token, need proper ticket.",
  )
  expect([wrong.status, wrong.reason]).toEqual([401, 'Authentication failed!'])
})

test.each(['8.4', '9.2'] as const)(
  '%s: a change in the background is refused at once for a changed configuration',
  async (version) => {
    const simulator = await createSimulator({ version })
    const api = clientOf(simulator)
    await create(api, { vmid: 100 })
    const stale = await api('POST', '/nodes/pve/qemu/100/config', { cores: 2, digest: '0'.repeat(40) })
    const { digest } = (await api('GET', '/nodes/pve/qemu/100/config')).data as { digest: string }
    const changed = await ended(api, await api('POST', '/nodes/pve/qemu/100/config', { cores: 2, digest }))
    await simulator.close()
    expect([stale.status, stale.reason]).toEqual([500, 'checksum mismatch (file change by other user?)'])
    expect(changed.exitStatus).toBe('OK')
  },
)

test('a TPM state is copied to a linked clone, and from a running machine not at all', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await create(api, { vmid: 100, scsi0: 'local:1,format=qcow2', tpmstate0: 'local:1,version=v2.0', start: 1 })
  const running = await api('POST', '/nodes/pve/qemu/100/clone', { newid: 101, full: 1 })
  await ended(api, await api('POST', '/nodes/pve/qemu/100/status/stop'))
  await ended(api, await api('POST', '/nodes/pve/qemu/100/template'))
  const clone = await ended(api, await api('POST', '/nodes/pve/qemu/100/clone', { newid: 101 }))
  const { data } = await api('GET', '/nodes/pve/qemu/101/config')
  await simulator.close()
  expect(running.reason).toBe('cannot clone TPM state while VM is running')
  expect(clone.exitStatus).toBe('OK')
  expect(data).toMatchObject({
    scsi0: 'local:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2,size=1G',
    tpmstate0: 'local:101/vm-101-disk-1.raw,size=4M,version=v2.0',
  })
})

test('files of disks may have any name with a known ending', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const content = '/nodes/pve/storage/local/content'
  await api('POST', content, { vmid: 100, filename: 'other.raw', size: '1M' })
  const listed = (await api('GET', content, { vmid: 100 })).data
  const unknown = await api('DELETE', `${content}/local:100/nothing`)
  await simulator.close()
  expect(listed).toMatchObject([{ volid: 'local:100/other.raw', vmid: 100 }])
  expect([unknown.status, unknown.reason]).toEqual([500, "unable to parse volume filename 'nothing'"])
})
