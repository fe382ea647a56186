// Machines beyond the main job: clones of running ones, imports from paths, old QEMU, locks that only root may skip.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { createImage } from '../../src/storage/qemu-img.ts'
import { ask, type Client, clientOf, ended } from '../support/client.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({
    version: '8.4',
    storages: [{ id: 'local' }],
    guests: { agent: false },
    latency: { agentTimeoutMs: 1 },
  })
  api = clientOf(simulator)
})

afterAll(() => simulator.close())

const config = async (vmid: number) =>
  (await api('GET', `/nodes/pve/qemu/${vmid}/config`)).data as Record<string, unknown>

async function rootTicket(): Promise<Record<string, string>> {
  const form = new URLSearchParams({ username: 'root@pam', password: simulator.rootPassword }).toString()
  const answer = await ask(simulator, { method: 'POST', path: '/api2/json/access/ticket', body: form })
  const { ticket, CSRFPreventionToken } = answer.data as Record<string, string>
  return { Cookie: `PVEAuthCookie=${ticket}`, CSRFPreventionToken: CSRFPreventionToken ?? '' }
}

describe('a running machine', () => {
  beforeAll(async () => {
    const options = { vmid: 100, memory: 64, scsi0: 'local:0.01,format=qcow2', ide2: 'local:cloudinit', agent: 1 }
    await ended(api, await api('POST', '/nodes/pve/qemu', options))
    await ended(api, await api('POST', '/nodes/pve/qemu/100/status/start'))
  })

  test('is cloned by mirrors, frozen while they are detached; its cloud-init drive is created again', async () => {
    const clone = await ended(api, await api('POST', '/nodes/pve/qemu/100/clone', { newid: 101, full: 1 }))
    expect(clone.exitStatus).toBe('OK')
    expect(clone.log.filter((line) => !line.startsWith('Formatting'))).toEqual([
      'create full clone of drive ide2 (local:100/vm-100-cloudinit.qcow2)',
      'create full clone of drive scsi0 (local:100/vm-100-disk-0.qcow2)',
      'drive mirror is starting for drive-scsi0',
      expect.stringMatching(/^drive-scsi0: transferred 0\.0 B of .* \(0\.00%\) in 0s$/),
      expect.stringMatching(/^drive-scsi0: transferred (.*) of \1 \(100\.00%\) in \d+s, ready$/),
      "all 'mirror' jobs are ready",
      "QEMU Guest Agent is not running - VM 100 qmp command 'guest-ping' failed - got timeout",
      'suspend vm',
      'drive-scsi0: Cancelling block job',
      'drive-scsi0: Done.',
      'resume vm',
      'TASK OK',
    ])
  })

  test('has its disk grown by QEMU, which logs nothing', async () => {
    const grown = await ended(api, await api('PUT', '/nodes/pve/qemu/100/resize', { disk: 'scsi0', size: '+8M' }))
    expect(grown).toEqual({ exitStatus: 'OK', log: ['TASK OK'] })
  })
})

test('an image at a path becomes a raw disk, only for root with a ticket', async () => {
  const folder = join(simulator.dataDirectory, 'nodes/pve/opt')
  await mkdir(folder, { recursive: true })
  await createImage(join(folder, 'x.qcow2'), { format: 'qcow2', bytes: 8 * 1024 * 1024, preallocate: false })
  const form = { vmid: '110', scsi0: 'local:0,import-from=/opt/x.qcow2' }
  expect(await api('POST', '/nodes/pve/qemu', form)).toMatchObject({
    status: 500,
    reason: 'Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 581.',
  })
  const body = new URLSearchParams(form).toString()
  const answer = await ask(simulator, {
    method: 'POST',
    path: '/api2/json/nodes/pve/qemu',
    headers: await rootTicket(),
    body,
  })
  const creation = await ended(api, answer)
  expect(creation.log).not.toContainEqual(expect.stringContaining('create full clone'))
  expect(await config(110)).toMatchObject({ scsi0: 'local:110/vm-110-disk-0.raw,size=8M' })
})

test('a machine type newer than the installed QEMU does not start', async () => {
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 120, machine: 'pc-i440fx-99.1' }))
  const start = await ended(api, await api('POST', '/nodes/pve/qemu/120/status/start'))
  expect(start.exitStatus).toBe(
    "Installed QEMU version '9.2.0' is too old to run machine type 'pc-i440fx-99.1+pve0', please upgrade node 'pve'",
  )
  await api('PUT', '/nodes/pve/qemu/120/config', { machine: 'pc-i440fx-9.2' })
  expect((await ended(api, await api('POST', '/nodes/pve/qemu/120/status/start'))).exitStatus).toBe('OK')
})

test('a token may not skip a lock, whatever the call; root may', async () => {
  const refused = { status: 400, body: { errors: { skiplock: 'Only root may use this option.' } } }
  expect(await api('PUT', '/nodes/pve/qemu/120/config', { delete: 'lock', skiplock: 1 })).toMatchObject(refused)
  expect(await api('POST', '/nodes/pve/qemu/120/status/stop', { skiplock: 1 })).toMatchObject(refused)
  const headers = await rootTicket()
  const path = '/api2/json/nodes/pve/qemu/120/config'
  const root = (body: string) => ask(simulator, { method: 'PUT', path, headers, body })
  expect((await root('lock=backup')).status).toBe(200)
  expect((await root('memory=64')).reason).toBe('VM is locked (backup)')
  expect((await root('delete=lock&skiplock=1')).status).toBe(200)
})

test('an empty sshkeys changes nothing and is accepted; a call without parameters is an error', async () => {
  expect((await api('PUT', '/nodes/pve/qemu/120/config', { sshkeys: '' })).status).toBe(200)
  expect((await api('PUT', '/nodes/pve/qemu/120/config', {})).reason).toBe('no options specified')
})

test('characters that Perl cannot print are returned byte by byte, with a warning in the log', async () => {
  const cicustom = 'user=local:snippets/プ.yaml'
  const change = await ended(api, await api('POST', '/nodes/pve/qemu/120/config', { cicustom }))
  expect(change.log).toEqual([
    'Wide character in print at /usr/share/perl5/PVE/API2/Qemu.pm line 2160.',
    'update VM 120: -cicustom user=local:snippets/ã\u0083\u0097.yaml',
    'Wide character in print at /usr/share/perl5/PVE/Tools.pm line 311.',
    'TASK OK',
  ])
  expect((await config(120)).cicustom).toBe('user=local:snippets/ã\u0083\u0097.yaml')
})

describe('cloud-init', () => {
  beforeAll(async () => {
    const options = { vmid: 130, name: 'web', ciuser: 'ops', searchdomain: 'lan', ipconfig0: 'ip=dhcp' }
    await ended(api, await api('POST', '/nodes/pve/qemu', { ...options, ide2: 'local:cloudinit' }))
  })

  test('lists users, keys and name servers, but no addresses', async () => {
    const { data } = await api('GET', '/nodes/pve/qemu/130/cloudinit')
    expect(data).toEqual([
      { key: 'ciuser', value: 'ops' },
      { key: 'searchdomain', value: 'lan' },
    ])
  })

  test.each([
    [{ name: 'web' }, 'fqdn: web.lan\n'],
    [{ name: 'web.example.org' }, 'hostname: web\nmanage_etc_hosts: true\nfqdn: web.example.org\n'],
    [{ name: 'web', delete: 'searchdomain' }, 'fqdn: web\n'],
  ])('of %o shows %j', async (change, line) => {
    await api('PUT', '/nodes/pve/qemu/130/config', change)
    expect((await api('GET', '/nodes/pve/qemu/130/cloudinit/dump', { type: 'user' })).data).toContain(line)
  })

  test('reports a missing custom document only where there is a drive to write', async () => {
    await api('PUT', '/nodes/pve/qemu/130/config', { cicustom: 'user=local:snippets/none.yaml' })
    const withDrive = await ended(api, await api('POST', '/nodes/pve/qemu/130/status/start'))
    expect(withDrive.exitStatus).toBe("volume 'local:snippets/none.yaml' does not exist")
    await api('PUT', '/nodes/pve/qemu/130/config', { delete: 'ide2' })
    expect((await ended(api, await api('POST', '/nodes/pve/qemu/130/status/start'))).exitStatus).toBe('OK')
  })
})

test('files whose names begin with a dot are stored, but not listed', async () => {
  const folder = join(simulator.dataDirectory, 'nodes/pve/var/lib/vz/template/iso')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, '..dots.iso'), 'a')
  await writeFile(join(folder, '-dash.iso'), 'a')
  const { data } = await api('GET', '/nodes/pve/storage/local/content', { content: 'iso' })
  expect(data).toMatchObject([{ volid: 'local:iso/-dash.iso' }])
})

test('an image that is not an appliance has no metadata', async () => {
  const ofVolume = (volume: string) => api('GET', '/nodes/pve/storage/local/import-metadata', { volume })
  expect((await ofVolume('import/x.qcow2')).reason).toBe('invalid format')
  expect((await ofVolume('iso/-dash.iso')).reason).toBe("invalid content type 'iso'")
  expect((await ofVolume('local:import/x.qcow2')).reason).toBe(
    "unable to parse directory volume name 'local:import/x.qcow2'",
  )
})

describe('a clone reserves its id only in its task', () => {
  beforeAll(async () => {
    await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 140, memory: 64, scsi0: 'local:0.01' }))
    await ended(api, await api('POST', '/nodes/pve/qemu/140/template'))
  })

  test('of many at the same time one creates the machine, the others fail at once or in their tasks', async () => {
    const calls = Array.from({ length: 8 }, () => api('POST', '/nodes/pve/qemu/140/clone', { newid: 141 }))
    const answers = await Promise.all(calls)
    const told = answers.filter(({ status }) => status === 500).map(({ reason }) => reason)
    const tasks = await Promise.all(answers.filter(({ status }) => status === 200).map((answer) => ended(api, answer)))
    const failed = tasks.filter(({ exitStatus }) => exitStatus !== 'OK').map(({ exitStatus }) => exitStatus)
    expect(new Set([...told, ...failed])).toEqual(new Set(['unable to create VM 141: config file already exists']))
    expect(told.length + failed.length).toBe(7)
    expect(await config(141)).toMatchObject({ name: 'Copy-of-VM-140' })
  })

  test('a clone whose worker does not start leaves nothing behind', async () => {
    simulator.faults.add({ action: 'no-worker', method: 'POST', path: '/nodes/pve/qemu/140/clone', count: 1 })
    const answer = await api('POST', '/nodes/pve/qemu/140/clone', { newid: 142 })
    expect(answer.reason).toBe('got no worker upid - start worker failed')
    expect((await api('GET', '/nodes/pve/qemu/142/config')).status).toBe(500)
  })
})
