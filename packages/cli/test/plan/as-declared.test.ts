// A plan says "as declared" only if it is true: remaining differences and pending changes are in every plan.
import { describe, expect, it } from 'vitest'
import { startSurroundings } from '../support/surroundings.ts'

const { vendor, cluster, hands } = await startSurroundings()

interface PlannedMachine {
  readonly name: string
  readonly action: string
  readonly changes: readonly Readonly<Record<string, unknown>>[]
  readonly pending?: readonly Readonly<Record<string, unknown>>[]
  readonly differences?: readonly Readonly<Record<string, unknown>>[]
}

interface Shown {
  readonly exitCode: number | null
  readonly changes: number
  readonly machine: PlannedMachine
  readonly machines: readonly PlannedMachine[]
  readonly orphans: readonly unknown[]
  readonly notes: readonly string[]
}

function manifest(vms: string): string {
  return `project: lab
images: { fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS } }
defaults: { image: fast, node: pve1, storage: { images: local, disks: local } }
vms:
  ${vms}
`
}

async function plan(vms: string, args: readonly string[] = []) {
  const text = manifest(vms)
  const { exitCode, stdout } = await cluster.cli(['plan', '--json', '--detailed-exitcode', ...args], { manifest: text })
  const document = JSON.parse(stdout)
  const machine = document.machines[0] as PlannedMachine
  return { ...document, exitCode, machine } as Readonly<Record<string, unknown>> & Shown
}

async function apply(vms: string, args: readonly string[] = []) {
  const { exitCode, stdout, stderr } = await cluster.cli(['apply', '--auto-approve', '--json', ...args], {
    manifest: manifest(vms),
  })
  expect([exitCode, stderr]).toEqual([0, expect.any(String)])
  return JSON.parse(stdout)
}

const idleText = async () => (await cluster.cli(['plan'])).stdout

describe('differences that an apply keeps', () => {
  const WHOLE =
    'a: { disks: [{ size: 1 GiB }], tags: [blue], protection: true, description: mine, onBoot: true, network: { bridge: vmbr0 } }\n  b: {}'

  it('are empty where everything is as declared', async () => {
    await apply(WHOLE)
    expect(await plan(WHOLE)).toMatchObject({ exitCode: 0, changes: 0, orphans: [], notes: [] })
    expect(await idleText()).toMatch(/^Nothing to do: everything is as declared \(2 machines\)\./)
  })

  it.each<[string, string, readonly (readonly [string, unknown])[]]>([
    ['another node', 'node: pve2, disks: [{ size: 1 GiB }]', [['node', 'pve1']]],
  ])('%s', async (_, words, differences) => {
    const vms = `a: { ${words}, tags: [blue], protection: true, description: mine, onBoot: true, network: { bridge: vmbr0 } }\n  b: {}`
    const { exitCode, changes, machine, notes } = await plan(vms)
    expect([exitCode, changes, machine.action]).toEqual([2, 0, 'keep'])
    expect(machine.differences?.map(({ key, is }) => [key, is])).toEqual(differences)
    expect(machine.differences?.every(({ hint }) => typeof hint === 'string')).toBe(true)
    expect(notes).toHaveLength(1)
    expect(await idleText()).not.toContain('everything is as declared (')
  })

  it('count a machine on an older build of its image: it is not as declared, although nothing is done', async () => {
    const config = `/nodes/pve1/qemu/${await hands.vmidOf('b')}/config`
    const { description } = await hands.config(await hands.vmidOf('b'))
    const older = String(description).replace(/"base":"\w+"/, '"base":"0000000000000000"')
    await hands.call('POST', config, { description: older })
    const { exitCode, changes, machines, notes } = await plan(WHOLE)
    expect([exitCode, changes, machines.map(({ action }) => action)]).toEqual([2, 0, ['keep', 'keep']])
    expect(notes).toEqual([
      expect.stringMatching(/^b runs an older build of the image\. To replace it: .* --replace b$/),
    ])
    expect(await idleText()).toMatch(/^Nothing to do, but 1 machine runs an older build of its image\.\n/)
    const { stderr } = await cluster.cli(['apply', '--auto-approve'])
    expect(stderr).toContain('Nothing to do, but 1 machine runs an older build of its image, in ')
    await hands.call('POST', config, { description })
    expect(await plan(WHOLE)).toMatchObject({ exitCode: 0, notes: [] })
  })

  it('include keys that the manifest no longer declares, with how to remove them', async () => {
    const { exitCode, machine } = await plan('a: { disks: [{ size: 1 GiB }], network: { bridge: vmbr0 } }\n  b: {}')
    expect(exitCode).toBe(2)
    expect(machine.differences?.map(({ key, is }) => [key, is])).toEqual([
      ['description', 'mine'],
      ['onBoot', true],
      ['protection', true],
      ['tags', ['blue']],
    ])
    // Values that users add in Proxmox, and that the manifest never stated, belong to them.
    const vmid = await hands.vmidOf('b')
    await hands.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { tags: 'pve-provision;theirs', onboot: 1 })
    expect((await plan(WHOLE)).machines[1]?.differences).toBeUndefined()
  })

  it('stay known when another change is applied, and disappear when they are declared', async () => {
    await apply(
      'a: { cores: 2, disks: [{ size: 1 GiB }], tags: [blue], protection: true, onBoot: true, network: { bridge: vmbr0 } }\n  b: {}',
    )
    const { machine } = await plan('a: { cores: 2, disks: [{ size: 1 GiB }], network: { bridge: vmbr0 } }\n  b: {}')
    expect(machine.differences?.map(({ key }) => key)).toEqual(['description', 'onBoot', 'protection', 'tags'])
    const said =
      "a: { cores: 2, disks: [{ size: 1 GiB }], tags: [], protection: false, onBoot: false, description: '', network: { bridge: vmbr0 } }\n  b: {}"
    await apply(said)
    expect(
      (
        await plan('a: { cores: 2, disks: [{ size: 1 GiB }], network: { bridge: vmbr0 } }\n  b: {}')
      ).machine.differences?.map(({ key }) => key),
    ).toBeUndefined()
  })

  it('are told apart from a copy that someone made of a machine, with its name and its addresses', async () => {
    await hands.call('POST', `/nodes/pve1/qemu/${await hands.vmidOf('b')}/clone`, { newid: 7100, name: 'b', full: 1 })
    const { exitCode, changes, notes } = await plan('b: {}', ['--only', 'b'])
    expect([exitCode, changes]).toEqual([0, 0])
    expect(notes).toEqual([
      '7100 on pve1 (b) has the name of a machine of this manifest, but no marker; left alone. If you made it as a copy, check the static addresses: they are copied as well.',
    ])
    await hands.call('DELETE', '/nodes/pve1/qemu/7100')
    expect((await plan('b: {}', ['--only', 'b'])).notes).toEqual([])
  })

  it('include machines that the manifest does not name: in the document, and in the last line', async () => {
    const { exitCode, orphans } = await plan('b: {}')
    expect([exitCode, orphans]).toEqual([2, [{ name: 'a', vmid: expect.any(Number), node: 'pve1' }]])
    const lines = (await idleText()).trim().split('\n')
    expect(lines.at(-1)).toMatch(
      /a \(\d+ on pve1\) belongs to project lab and is not in the manifest; left alone\. To remove it: pve-provision destroy --only a/,
    )
    const pruned = await plan('b: {}', ['--prune'])
    expect(pruned).toMatchObject({
      changes: 1,
      orphans: [],
      machines: [{ name: 'b' }, { name: 'a', action: 'remove' }],
    })
    await apply('b: {}', ['--prune'])
    expect(await plan('b: {}')).toMatchObject({ exitCode: 0, orphans: [] })
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })
})

describe('unfinished work', () => {
  it('another power state than the manifest declares, whatever its cause, is in the plan', async () => {
    const vms = 'h: { ha: true, start: true, network: { bridge: vmbr0 } }'
    await cluster.cli(['destroy', '--auto-approve', '--json'])
    await apply(vms)
    expect(await plan(vms)).toMatchObject({ exitCode: 0, changes: 0 })
    const vmid = await hands.vmidOf('h')
    // The HA manager acts later, so the machine still runs for a while.
    await hands.call('PUT', `/cluster/ha/resources/vm:${vmid}`, { state: 'stopped' })
    const { exitCode, machine } = await plan(vms)
    expect([exitCode, machine.action, machine.changes.map(({ key }) => key)]).toEqual([2, 'update', ['start']])
    await apply(vms)
    const { state } = await hands.call<{ state: string }>('GET', `/cluster/ha/resources/vm:${vmid}`)
    expect(state).toBe('started')
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })

  it('a template that an earlier run left is finished as a step with its reason', async () => {
    await apply('i: {}')
    const tasks = await hands.call<readonly { readonly vmid: number; readonly name: string }[]>(
      'GET',
      '/nodes/pve1/qemu',
    )
    const { vmid = 0, name } = tasks.find((guest) => guest.name?.startsWith('tpl-fast')) ?? {}
    const { description, tags } = await hands.config(vmid)
    await cluster.cli(['destroy', '--auto-approve', '--json'])
    // The state after a run that was killed between the import and the conversion.
    await hands.call('POST', '/nodes/pve1/qemu', { vmid, name, description, tags, scsi0: 'local:1,format=qcow2' })
    const { stdout } = await cluster.cli(['plan', '--json'], { manifest: manifest('i: {}') })
    const steps: readonly { readonly kind: string; readonly why: string }[] = JSON.parse(stdout).steps
    expect(steps.find(({ kind }) => kind === 'template')?.why).toBe(
      `${vmid} on pve1, left over from an interrupted run, is not converted to a template yet, which is done now`,
    )
    await apply('i: {}')
    expect((await hands.config(vmid)).template).toBe(1)
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })
})

describe('a machine that runs', () => {
  const RUNNING = (words: string) => `r: { start: true, network: { bridge: vmbr0 }, ${words} }`

  it('says when each change takes effect, and what it does', async () => {
    await apply(RUNNING('memory: 512 MiB, cloudInit: { user: ops, password: first-one, ip: 10.0.0.7/24 }'))
    const { machine } = await plan(
      RUNNING(
        'memory: 1 GiB, tags: [new], description: d, cloudInit: { user: ops, password: second-one, ip: 10.0.0.8/24 }',
      ),
    )
    expect(machine.action).toBe('update')
    expect(machine.changes).toEqual([
      { key: 'tags', before: [], after: ['new'], when: 'now' },
      { key: 'description', after: 'd', when: 'now' },
      { key: 'memory', before: '512 MiB', after: '1 GiB', when: 'restart' },
      { key: 'cloudInit.password', before: '(secret)', after: '(secret)', when: 'boot', impact: 'new-instance' },
      { key: 'cloudInit.ip', before: '10.0.0.7/24', after: '10.0.0.8/24', when: 'boot', impact: 'new-instance' },
    ])
    const text = (await cluster.cli(['plan'])).stdout
    expect(text).toMatch(/memory 512 MiB → 1 GiB, when it is restarted/)
    expect(text).toMatch(
      /at its next boot; cloud-init then runs as on a new machine[\s\S]*cloudInit\.ip 10\.0\.0\.7\/24 → 10\.0\.0\.8\/24/,
    )
    expect(text).not.toContain('second-one')
  })

  it('shows pending changes until it is restarted', async () => {
    const vms = RUNNING(
      'memory: 1 GiB, tags: [new], description: d, cloudInit: { user: ops, password: second-one, ip: 10.0.0.8/24 }',
    )
    const applied = await apply(vms)
    expect(applied.vms[0].pending.map(({ key }: { key: string }) => key)).toEqual([
      'memory',
      'cloudInit.ip',
      'cloudInit.password',
    ])
    expect(applied.notes).toEqual([
      expect.stringMatching(/^r has changes that wait for a restart \(memory 512 MiB → 1 GiB\)/),
      expect.stringMatching(/^r has changes that wait for a boot \(cloudInit\.ip, cloudInit\.password\)/),
    ])
    for (const _ of [1, 2]) {
      const waiting = await plan(vms)
      expect([waiting.exitCode, waiting.changes]).toEqual([2, 0])
      expect(waiting.machine.pending).toEqual([
        { key: 'memory', before: '512 MiB', after: '1 GiB', when: 'restart' },
        { key: 'cloudInit.ip', after: '10.0.0.8/24', when: 'boot', impact: 'new-instance' },
        { key: 'cloudInit.password', after: '(secret)', when: 'boot', impact: 'new-instance' },
      ])
    }
    const vmid = await hands.vmidOf('r')
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/status/reboot`)
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/status/start`).catch(() => undefined)
    expect(await plan(vms)).toMatchObject({ exitCode: 0, changes: 0, notes: [] })
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })

  it('still waits for a boot after a live migration, and no longer once it was restarted there', async () => {
    const vms = (node: string, ip: string) =>
      `lm: { start: true, node: ${node}, fullClone: true, network: { bridge: vmbr0 }, cloudInit: { user: ops, ip: ${ip}, dns: { servers: [10.0.0.53] } } }`
    await apply(vms('pve1', '10.0.0.71/24'))
    await apply(vms('pve1', '10.0.0.72/24'))
    const changed = vms('pve2', '10.0.0.72/24')
    await apply(changed, ['--move'])
    const vmid = await hands.vmidOf('lm', 'pve2')
    expect((await plan(changed)).machine.pending).toMatchObject([{ key: 'cloudInit.ip', when: 'boot' }])
    await hands.call('POST', `/nodes/pve2/qemu/${vmid}/status/stop`)
    await hands.call('POST', `/nodes/pve2/qemu/${vmid}/status/start`)
    expect(await plan(changed)).toMatchObject({ exitCode: 0, notes: [] })
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })

  it('keeps its network card while its MAC changes, and has the new one when it is restarted', async () => {
    const vms = (mac: string) => `n: { start: true, network: { bridge: vmbr0, mac: "${mac}" } }`
    await apply(vms('BC:24:11:00:00:01'))
    const changed = vms('BC:24:11:00:00:02')
    expect((await plan(changed)).machine.changes).toEqual([
      expect.objectContaining({ key: 'network[0].mac', after: 'BC:24:11:00:00:02', when: 'restart' }),
    ])
    await apply(changed)
    const vmid = await hands.vmidOf('n')
    const current = await hands.call<Record<string, string>>('GET', `/nodes/pve1/qemu/${vmid}/config`, { current: 1 })
    expect([current.net0, current.hotplug]).toEqual([expect.stringContaining('BC:24:11:00:00:01'), undefined])
    expect(String(current.description)).not.toContain('"hotplug"')
    expect((await plan(changed)).machine.pending).toMatchObject([{ key: 'network[0].mac', when: 'restart' }])
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/status/stop`)
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/status/start`)
    expect((await hands.config(vmid)).net0).toContain('BC:24:11:00:00:02')
    expect(await plan(changed)).toMatchObject({ exitCode: 0, notes: [] })
  })

  it('gets back what a killed run removed from it', async () => {
    const vms = 'n: { start: true, network: { bridge: vmbr0, mac: "BC:24:11:00:00:02" } }'
    const vmid = await hands.vmidOf('n')
    const { description } = await hands.config(vmid)
    const left = String(description).replace('"vmid":', '"hotplug":"","vmid":')
    await hands.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { hotplug: 'disk,usb', description: left })
    expect((await plan(vms)).machine.changes).toEqual([{ key: 'hotplug', before: 'disk,usb', when: 'now' }])
    await apply(vms)
    expect(await hands.config(vmid)).not.toHaveProperty('hotplug')
    expect(await plan(vms)).toMatchObject({ exitCode: 0, changes: 0 })
  })

  it('that does not release a network card has a pending change, and no failure', async () => {
    const vmid = await hands.vmidOf('n')
    cluster.simulator.world.guests.hotplug = false
    await apply('n: { start: true, network: [] }')
    cluster.simulator.world.guests.hotplug = true
    expect((await plan('n: { start: true, network: [] }')).machine.pending).toMatchObject([
      { key: 'network[0]', when: 'restart' },
    ])
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/status/stop`)
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/status/start`)
    expect(await hands.config(vmid)).not.toHaveProperty('net0')
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })
})

describe('a run with nothing to do', () => {
  it('still reports node, addresses, power state, tags and image of each machine', async () => {
    const vms =
      's: { tags: [prod], start: true, network: { bridge: vmbr0 }, cloudInit: { user: ops, ip: 10.0.0.9/24 } }'
    await apply(vms)
    const { changed, vms: machines } = await apply(vms)
    expect(changed).toBe(false)
    expect(machines).toEqual([
      {
        name: 's',
        vmid: expect.any(Number),
        node: 'pve1',
        status: 'kept',
        power: 'running',
        addresses: ['10.0.0.9'],
        tags: ['prod'],
        image: 'fast',
      },
    ])
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })

  it('reads undeclared addresses from the guest agent, where it is known to answer', async () => {
    const vms = 't: { start: true, wait: agent, network: { bridge: vmbr0 }, cloudInit: { user: ops, ip: dhcp } }'
    const first = await apply(vms)
    const again = await apply(vms)
    expect(again.vms[0].ips).toEqual(first.vms[0].ips)
    expect(again.vms[0].ips).not.toEqual([])
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })
})
