// The first boot inside a machine: its documents, their effects, and the agent's answers.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../src/index.ts'
import { defaultBehaviour } from '../../../src/state/guest-behaviour.ts'
import { type Client, clientOf, ended, upload } from '../../support/client.ts'
import { isoImage } from '../../support/iso.ts'

let shared: Simulator
let simulator: Simulator
let api: Client

beforeAll(async () => {
  shared = await createSimulator({ storages: [{ id: 'local' }] })
})
afterAll(() => shared.close())

afterEach(async () => {
  if (simulator !== shared) return simulator.close()
  for (const { vmid, power: isOn } of [...simulator.world.machines.all()].reverse()) {
    if (isOn) await power('stop', vmid)
    await task('DELETE', `/${vmid}`)
  }
})

/** Returns the shared simulator, unless a test needs another version or clock. */
async function open({ guests, ...options }: SimulatorOptions = {}): Promise<void> {
  const isShared = Object.keys(options).length === 0
  simulator = isShared ? shared : await createSimulator({ storages: [{ id: 'local' }], ...options })
  Object.assign(simulator.world.guests, defaultBehaviour, guests)
  simulator.world.guestBehaviours.clear()
  api = clientOf(simulator)
}

const path = (vmid: number) => `/nodes/pve/qemu/${vmid}`
const task = async (method: 'POST' | 'DELETE', below: string, parameters = {}) =>
  (await ended(api, await api(method, `/nodes/pve/qemu${below}`, parameters))).exitStatus
const power = (what: string, vmid = 100) => task('POST', `/${vmid}/status/${what}`)
const status = async (vmid = 100) =>
  ((await api('GET', `${path(vmid)}/status/current`)).data as { status: string }).status

async function create(parameters: Record<string, string | number>): Promise<void> {
  const machine = { vmid: 100, name: 'web', agent: 1, scsi0: 'local:0.01,format=qcow2', boot: 'order=scsi0' }
  expect(await task('POST', '', { ...machine, net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0', ...parameters })).toBe(
    'OK',
  )
}

const proxmoxDrive = { ide2: 'local:cloudinit', ciuser: 'ada', ipconfig0: 'ip=10.0.0.5/24,gw=10.0.0.1' }

/** Starts a machine with a CD that contains these documents. */
async function boot(user: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  await disc('one.iso', { 'user-data': user, 'meta-data': 'instance-id: one\nlocal-hostname: inner\n', ...files })
  await create({ ide0: 'local:iso/one.iso,media=cdrom' })
  expect(await power('start')).toBe('OK')
}

async function disc(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const bytes = isoImage({ label: 'cidata', files, names: 'joliet' })
  const sent = await ended(api, await upload(simulator, { content: 'iso', name, bytes }))
  expect(sent.exitStatus).toBe('OK')
}

const inside = () => simulator.guest(100)
const config = (lines: string) => `#cloud-config\n${lines}\n`

async function begin(...command: readonly string[]): Promise<number> {
  const words = command.map((word): [string, string] => ['command', word])
  const query = new URLSearchParams(words).toString()
  return ((await api('POST', `${path(100)}/agent/exec?${query}`)).data as { pid: number }).pid
}

async function run(...command: readonly string[]): Promise<Record<string, unknown>> {
  const pid = await begin(...command)
  return (await api('GET', `${path(100)}/agent/exec-status`, { pid })).data as Record<string, unknown>
}

const file = async (name: string) => {
  const { data, reason } = await api('GET', `${path(100)}/agent/file-read`, { file: name })
  return (data as { content: string } | null)?.content ?? reason
}

const addresses = async () => {
  const { data } = await api('GET', `${path(100)}/agent/network-get-interfaces`)
  const cards = (data as { result: { name: string; 'ip-addresses'?: { 'ip-address': string }[] }[] }).result
  return cards.slice(1).map((card) => [card.name, card['ip-addresses']?.[0]?.['ip-address']])
}

describe('Proxmox’s own drive', () => {
  test('gives name, address and instance, and ends with the warning that cloud-init prints', async () => {
    await open()
    await create(proxmoxDrive)
    await power('start')
    expect(await addresses()).toEqual([['eth0', '10.0.0.5']])
    const meta = String((await api('GET', `${path(100)}/cloudinit/dump`, { type: 'meta' })).data)
    const instance = /instance-id: (\w+)/.exec(meta)?.[1]
    expect(await file('/var/lib/cloud/data/instance-id')).toBe(`${instance}\n`)
    expect(await run('cloud-init', 'status', '--format', 'json')).toMatchObject({ exited: 1, exitcode: 2 })
    const result = JSON.parse(await file('/run/cloud-init/result.json')) as { v1: unknown }
    expect(result.v1).toEqual({ datasource: 'DataSourceNoCloud [seed=/dev/sr0]', errors: [] })
    expect((await run('hostname'))['out-data']).toBe('web\n')
  })

  test('makes a new instance once something in it changes, at the next start and not before', async () => {
    await open()
    await create(proxmoxDrive)
    await power('start')
    const first = inside().cloudInit
    expect(first).toMatchObject({ status: 'done', exitCode: 2, isNewInstance: true })
    await power('reboot')
    expect(inside().cloudInit).toMatchObject({ instanceId: first?.instanceId, isNewInstance: false })
    await api('PUT', `${path(100)}/config`, { ipconfig0: 'ip=10.0.0.6/24' })
    await power('reset')
    expect(await addresses()).toEqual([['eth0', '10.0.0.5']])
    await power('reboot')
    expect(inside().cloudInit?.isNewInstance).toBe(true)
    expect(inside().cloudInit?.instanceId).not.toBe(first?.instanceId)
    expect(await addresses()).toEqual([['eth0', '10.0.0.6']])
  })

  test('configures the cards it names: another address of the card has none', async () => {
    await open()
    await create(proxmoxDrive)
    await power('start')
    await api('PUT', `${path(100)}/config`, { net0: 'virtio=BC:24:11:00:00:02,bridge=vmbr0' })
    expect(await addresses()).toEqual([['ens18', undefined]])
  })
})

test('a disk without documents uses DHCP, and has no instance', async () => {
  await open()
  await create({})
  await power('start')
  expect(await addresses()).toEqual([['eth0', expect.stringMatching(/^10\.99\./)]])
  expect(inside().documents).toBeUndefined()
  expect(await file('/var/lib/cloud/data/instance-id')).toContain('No such file')
})

describe('documents on a CD', () => {
  test('are read and applied: files, packages, commands in their order', async () => {
    await open()
    const lines = [
      'write_files: [{ path: /etc/motd, content: "grün\\n" }, { path: /b, encoding: b64, content: eA== }]',
      'packages: [curl, [git, 1.2]]',
      'bootcmd: [[echo, early]]',
      'runcmd: ["echo done > /root/done", [touch, "/a b"]]',
    ]
    await boot(config(lines.join('\n')), { 'network-config': 'version: 2\nethernets: {}\n' })
    expect(inside().documents).toMatchObject({ instanceId: 'one', network: 'version: 2\nethernets: {}\n' })
    expect(inside().packages).toEqual(['curl', 'git'])
    expect(inside().hostName).toBe('inner')
    expect(inside().files).toMatchObject({ '/root/done': 'done\n', '/a b': '', '/b': 'x' })
    expect(inside().cloudInit).toEqual({
      status: 'done',
      exitCode: 0,
      instanceId: 'one',
      isNewInstance: true,
      errors: [],
      commands: ['echo early', 'echo done > /root/done', "touch '/a b'"],
    })
    // The agent's bytes arrive as characters.
    expect(await file('/etc/motd')).toBe('grÃ¼n\n')
    expect(await addresses()).toEqual([['ens18', undefined]])
  })

  test('take precedence over Proxmox’s drive, and run again only for another instance', async () => {
    await open()
    await disc('two.iso', { 'meta-data': 'instance-id: two\n', 'user-data': config('runcmd: [two]') })
    await boot(config('runcmd: [one]'))
    expect(inside().cloudInit?.commands).toEqual(['one'])
    await power('reset')
    expect(inside().cloudInit).toMatchObject({ isNewInstance: false, commands: [] })
    await api('PUT', `${path(100)}/config`, { ide0: 'local:iso/two.iso,media=cdrom', ...proxmoxDrive })
    await power('reset')
    expect(inside().cloudInit).toMatchObject({ instanceId: 'two', isNewInstance: true, commands: ['two'] })
  })

  test.each([
    ['a command fails', 'runcmd: ["true", "false"]', {}, { status: 'error', exitCode: 1 }],
    ['a command fails and others come after it', 'runcmd: ["false", "true"]', {}, { status: 'done', exitCode: 0 }],
    ['a package is told to fail', 'packages: [curl, nonesuch]', { failing: ['nonesuch'] }, { exitCode: 1 }],
    ['a command is told to fail', 'runcmd: [make world]', { failing: ['make'] }, { exitCode: 1 }],
    ['their YAML is broken', 'packages: [', {}, { status: 'done', exitCode: 2 }],
    ['cloud-init is told to fail', '', { cloudInit: 'error' }, { status: 'error', exitCode: 1 }],
    ['cloud-init is told to warn', '', { cloudInit: 'degraded' }, { status: 'done', exitCode: 2 }],
    ['cloud-init never ends', '', { cloudInit: 'never' }, { status: 'running', exitCode: 0 }],
  ] as const)('%s', async (_, lines, guests, expected) => {
    await open({ guests })
    await boot(config(lines))
    expect(inside().cloudInit).toMatchObject(expected)
    const asked = await run('cloud-init', 'status')
    expect(asked).toMatchObject({ exitcode: expected.exitCode })
    const isOver = !(await file('/run/cloud-init/result.json')).includes('No such file')
    expect(isOver).toBe(inside().cloudInit?.status !== 'running')
  })

  test.each(['power_state: { mode: poweroff }', 'runcmd: [poweroff]', 'runcmd: [[shutdown, -h, now]]'])(
    '%s stops the machine',
    async (lines) => {
      await open()
      await boot(config(lines))
      await expect.poll(() => status()).toBe('stopped')
    },
  )

  test.each(['power_state: { mode: poweroff, condition: false }', 'runcmd: ["echo poweroff"]'])(
    '%s does not',
    async (lines) => {
      await open()
      await boot(config(lines))
      await inside().finished()
      expect(await status()).toBe('running')
    },
  )

  test.each(['power_state: { mode: reboot }', 'runcmd: [reboot]'])('%s boots it again, once', async (lines) => {
    await open()
    await boot(config(lines))
    await expect.poll(() => inside().cloudInit?.isNewInstance).toBe(false)
    expect(await status()).toBe('running')
  })
})

describe('cloud-init that takes its time', () => {
  test('is waited for by `cloud-init status --wait`, and by no other program', async () => {
    await open({ latency: { cloudInitMs: 60_000 }, virtualTime: true })
    await boot(config('packages: [curl]'))
    const pid = await begin('cloud-init', 'status', '--wait')
    const asked = async () => (await api('GET', `${path(100)}/agent/exec-status`, { pid })).data
    expect(await asked()).toEqual({ exited: 0 })
    expect((await run('cloud-init', 'status'))['out-data']).toBe('status: running\n')
    expect(inside().packages).toEqual([])
    await inside().finished()
    expect(await asked()).toMatchObject({ exited: 1, exitcode: 0, 'out-data': 'status: done\n' })
    expect(inside().packages).toEqual(['curl'])
  })

  test('of a machine that is stopped meanwhile has done nothing, and starts again', async () => {
    await open({ latency: { cloudInitMs: 60_000 }, virtualTime: true })
    await boot(config('packages: [curl]'))
    await power('stop')
    await power('start')
    expect(inside().packages).toEqual([])
    await inside().finished()
    expect(inside().cloudInit?.isNewInstance).toBe(true)
  })
})

describe('the agent', () => {
  const ping = async (vmid = 100) => (await api('POST', `${path(vmid)}/agent/ping`)).reason
  const silent = 'QEMU guest agent is not running'

  test('of an image without one answers once documents have installed it, and in clones of that disk', async () => {
    await open({ guests: { agent: false } })
    await boot(config('packages: [qemu-guest-agent]\nruncmd: ["cloud-init clean --logs", poweroff]'))
    await expect.poll(() => status()).toBe('stopped')
    await api('PUT', `${path(100)}/config`, { delete: 'ide0' })
    await ended(api, await api('POST', `${path(100)}/template`))
    await task('POST', '/100/clone', { newid: 101 })
    await task('POST', '/100/clone', { newid: 102, full: 1 })
    await create({ vmid: 103, net0: 'virtio,bridge=vmbr0' })
    for (const vmid of [101, 102, 103]) await power('start', vmid)
    expect(await Promise.all([101, 102, 103].map(ping))).toEqual(['OK', 'OK', silent])
    expect(simulator.guest(101).packages).toContain('qemu-guest-agent')
    expect(simulator.guest(101).cloudInit).toMatchObject({ isNewInstance: false })
  })

  test.each([
    ['there is none', { agent: 'never' }],
    ['the guest does not boot', { boots: false }],
  ] as const)('is silent where %s', async (_, guests) => {
    await open({ guests })
    await boot(config('packages: [qemu-guest-agent]'))
    expect(await ping()).toBe(silent)
  })

  test('that dies stays silent until the next boot', async () => {
    await open()
    await boot(config(''))
    inside().killAgent()
    expect(await ping()).toBe(silent)
    await power('reset')
    expect(await ping()).toBe('OK')
  })

  test('forgets a program whose result was read', async () => {
    await open()
    await boot(config(''))
    const pid = await begin('hostname')
    const asked = async () => api('GET', `${path(100)}/agent/exec-status`, { pid })
    expect((await asked()).data).toMatchObject({ exited: 1, 'out-data': 'inner\n' })
    expect((await asked()).reason).toBe("Agent error: Invalid parameter 'pid'")
  })

  test.each([
    [
      { command: 'sh', 'input-data': 'echo fed >&2; exit 3' },
      { exitcode: 3, 'err-data': 'fed\n' },
    ],
    // Proxmox treats this text as bytes in one call and as UTF-8 in the other.
    [
      { command: 'cat', 'input-data': 'grün' },
      { exitcode: 0, 'out-data': 'grün' },
    ],
  ])('passes input to a program: %j', async (parameters, expected) => {
    await open()
    await boot(config(''))
    const { data } = await api('POST', `${path(100)}/agent/exec`, parameters)
    const { pid } = data as { pid: number }
    expect((await api('GET', `${path(100)}/agent/exec-status`, { pid })).data).toMatchObject(expected)
  })

  test('reads a written file, whole and in parts', async () => {
    await open()
    await boot(config(''))
    const write = (name: string, content: string, more = {}) =>
      api('POST', `${path(100)}/agent/file-write`, { file: name, content, ...more })
    const read = async (more: Record<string, number>) =>
      (await api('GET', `${path(100)}/agent/file-read`, { file: '/tmp/b', ...more })).data
    await write('/tmp/a', 'grün')
    await write('/tmp/b', Buffer.from('grün').toString('base64'), { encode: 0 })
    expect([await file('/tmp/a'), await file('/tmp/b')]).toEqual(['grün', 'grÃ¼n'])
    expect(inside().files['/tmp/b']).toBe('grün')
    expect(await read({ decode: 0 })).toEqual({ content: 'Z3LDvG4=', 'bytes-read': 5 })
    expect(await read({ count: 3, offset: 1 })).toEqual({ content: 'rÃ¼', 'bytes-read': 3, truncated: 1 })
    expect(await read({ count: 6 })).toEqual({ content: 'grÃ¼n', 'bytes-read': 5 })
  })

  test.each([
    ['file-read', { file: '/none' }, "Agent error: failed to open file '/none' (mode: 'r'): No such file or directory"],
    ['file-read', { file: '/etc' }, 'Agent error: failed to read file: Is a directory'],
    [
      'file-write',
      { file: '/none/a', content: 'x' },
      "Agent error: failed to open file '/none/a' (mode: 'wb'): No such file or directory",
    ],
    [
      'file-write',
      { file: '/tmp/', content: 'x' },
      "Agent error: failed to open file '/tmp/' (mode: 'wb'): Is a directory",
    ],
    ['file-write', { file: '/a', content: '!!', encode: 0 }, 'Agent error: Base64 data contains invalid characters'],
    [
      'file-write',
      { file: '/a', content: '€' },
      'Wide character in subroutine entry at /usr/share/perl5/PVE/API2/Qemu/Agent.pm line 624.',
    ],
    [
      'exec',
      { command: 'cat', 'input-data': '€' },
      'Wide character in subroutine entry at /usr/share/perl5/PVE/QemuServer/Agent.pm line 135.',
    ],
  ] as const)('refuses %s %j', async (call, parameters, reason) => {
    await open()
    await boot(config(''))
    const method = call === 'file-read' ? 'GET' : 'POST'
    expect((await api(method, `${path(100)}/agent/${call}`, parameters)).reason).toBe(reason)
    expect(await ping()).toBe('OK')
  })

  test.each([
    ['9.2', 'qga'],
    ['8.4', 'qmp'],
  ] as const)('of %s hangs on a character that is not a byte, until the next boot', async (version, name) => {
    await open(version === '8.4' ? { version } : {})
    await boot(config(''))
    const { reason } = await api('POST', `${path(100)}/agent/exec`, { command: '€' })
    expect(reason).toBe(`VM 100 ${name} command 'guest-exec' failed - got timeout`)
    expect(await ping()).toBe(silent)
    await power('reset')
    expect(await ping()).toBe('OK')
  })
})

test('a guest that powers off by itself keeps pending values pending', async () => {
  await open()
  await boot(config(''))
  await api('PUT', `${path(100)}/config`, { cores: 2 })
  inside().powerOff()
  expect(await status()).toBe('stopped')
  const rows = (await api('GET', `${path(100)}/pending`)).data as { key: string; pending?: unknown }[]
  expect(rows.find(({ key }) => key === 'cores')?.pending).toBe(2)
})

test('the behaviour of one guest is set for it alone', async () => {
  await open()
  await boot(config(''))
  inside().behave({ agent: 'never' })
  await create({ vmid: 101, net0: 'virtio,bridge=vmbr0' })
  await power('start', 101)
  const asked = [100, 101].map(async (vmid) => (await api('POST', `${path(vmid)}/agent/ping`)).status)
  expect(await Promise.all(asked)).toEqual([500, 200])
})
