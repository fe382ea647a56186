// The plan reports what will certainly fail: exit 1, with the position in the manifest and a hint. Nothing is changed.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { startCluster } from '../support/cluster.ts'
import { handsAt } from '../support/hands.ts'
import { startSurroundings } from '../support/surroundings.ts'

const { vendor, cluster, hands } = await startSurroundings({
  machines: [
    { vmid: 101, name: 'stranger', options: { tags: 'mine' } },
    { vmid: 102, name: 'db', description: 'by hand' },
  ],
})

function manifest(vms: string, { project = 'lab', vmids = '{ from: 20000, to: 29999 }' } = {}): string {
  return `project: ${project}
images:
  fast: { url: ${vendor.url}/fast.qcow2, checksum: ${vendor.url}/SHA256SUMS }
vmids: ${vmids}
defaults: { image: fast, node: pve1, storage: { images: local, disks: local }, network: { bridge: vmbr0 } }
vms:
  ${vms}
`
}

interface Shown {
  readonly exitCode: number | null
  readonly problems: readonly Readonly<Record<string, unknown>>[]
  readonly machines: readonly { readonly name: string; readonly action: string }[]
}

async function plan(
  text: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Shown> {
  const { exitCode, stdout } = await cluster.cli(['plan', '--json', ...args], { manifest: text, environment })
  const { problems, machines } = JSON.parse(stdout)
  return { exitCode, problems, machines }
}

describe('a problem of one machine', () => {
  const KINDS: readonly (readonly [what: string, name: string, entry: string, message: RegExp, hint: RegExp])[] = [
    [
      'its id is somebody else’s',
      'taken',
      '{ vmid: 101 }',
      /VM ID 101 of taken is already used by stranger on pve1/,
      /another `vmid`/,
    ],
    [
      'its name is somebody else’s',
      'db',
      '{}',
      /102 on pve1 already has the name db/,
      /adopt db 102[\s\S]*--allow-namesake/,
    ],
    ['no node knows its CPU', 'cpu', '{ cpu: nosuch }', /pve1 does not support the CPU type nosuch/, /capabilities/],
    [
      'its machine type would never start',
      'type',
      '{ machine: pc-q35-99.0 }',
      /support the machine type pc-q35-99\.0/,
      /machine: q35/,
    ],
    ['it is to boot from what it has not', 'boot', '{ boot: [scsi0, net5] }', /boot from net5/, /correct `boot`/],
    [
      'it is to have more memory than the node',
      'memory',
      '{ memory: 900 TiB }',
      /900 TiB of memory, but pve1 has/,
      /another node/,
    ],
    [
      'Proxmox does not let it set a CPU flag',
      'flag',
      '{ cpu: "host,flags=+nosuch" }',
      /cannot set the CPU flag nosuch/,
      /accepts aes/,
    ],
    ['it has more cores than its node', 'cores', '{ cores: 64 }', /64 cores, but pve1 has 32/, /fewer `cores`/],
    ['its node does not exist', 'node', '{ node: pve9 }', /no node pve9/, /pve1, pve2/],
    ['its bridge does not exist', 'bridge', '{ network: { bridge: vmbr7 } }', /no bridge vmbr7 on pve1/, /are vmbr0/],
    ['its pool does not exist', 'pool', '{ pool: nosuch }', /no pool nosuch/, /pvesh create \/pools/],
    [
      'a disk is to be on a storage that does not exist',
      'storage',
      '{ disks: [{ size: 1 GiB, storage: nosuch }] }',
      /no storage nosuch on pve1/,
      /are local, local-lvm/,
    ],
    ['HA names a group, which is gone since Proxmox VE 9', 'group', '{ ha: { group: x } }', /has a group/, /nodes/],
    ['HA names what is no node', 'ha', '{ ha: { nodes: [pve9] } }', /pve9, which is not a node/, /pve1, pve2/],
    ['it waits and is not started', 'wait', '{ wait: { port: 22 } }', /`wait` but not `start: true`/, /start: true/],
  ]
  let shown: Shown
  beforeAll(async () => {
    const entries = KINDS.map(([, name, entry]) => `${name}: ${entry}`)
    shown = await plan(manifest([...entries, 'other: {}'].join('\n  ')))
  })

  it.each(KINDS.map((kind, index) => [...kind, 7 + index] as const))('%s', (_, name, _entry, message, hint, line) => {
    expect(shown.problems.filter(({ step }) => step === `create:${name}`)).toEqual([
      expect.objectContaining({
        code: 'CONFLICT',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
        file: 'pve-provision.yaml',
        line,
        column: expect.any(Number),
      }),
    ])
    expect(shown.machines.find((machine) => machine.name === name)?.action).toBe('blocked')
  })

  it('fails the plan, which has the other machines anyway', () => {
    expect(shown.exitCode).toBe(1)
    expect(shown.problems).toHaveLength(KINDS.length)
    expect(shown.machines.filter(({ action }) => action !== 'blocked')).toEqual([
      expect.objectContaining({ name: 'other', action: 'create' }),
    ])
  })

  it('is absent: a free id, usual CPUs, as many cores as the node has, declared devices, a wait that is not meant', async () => {
    const entries = [
      'id: { vmid: 103 }',
      'cpu: { cpu: host }',
      'flags: { cpu: "EPYC,flags=+aes;-pcid" }',
      'cores: { cores: 16, sockets: 2 }',
      'chipset: { machine: q35 }',
      'boot: { boot: [scsi0, net0] }',
      'wait: { wait: { port: 22 }, start: false }',
    ]
    expect(await plan(manifest(entries.join('\n  ')))).toMatchObject({ exitCode: 0, problems: [] })
  })

  it.each([
    ['has trunks on a bridge that is not VLAN-aware', 'trunks: [10]', {}, /not VLAN-aware/, /Network → vmbr0, then/],
    [
      'has a larger MTU than its bridge',
      'mtu: 9000',
      { mtu: '1500' },
      /MTU of 9000, but vmbr0 on pve1 has 1500/,
      /1 stands/,
    ],
  ])('%s', async (_, words, settings, message, hint) => {
    const text = manifest(`web: { network: { bridge: vmbr0, ${words} } }\n  other: {}`)
    expect(await plan(text)).toMatchObject({ exitCode: 0, problems: [] })
    const { bridgeSettings } = cluster.simulator.world
    bridgeSettings.set('vmbr0', { bridge_vlan_aware: undefined, ...settings })
    const { exitCode, problems, machines } = await plan(text, ['--refresh'])
    expect([exitCode, problems, machines]).toMatchObject([
      1,
      [{ message: expect.stringMatching(message), hint: expect.stringMatching(hint), line: 7, step: 'create:web' }],
      [{ action: 'blocked' }, { action: 'create' }],
    ])
    bridgeSettings.clear()
    expect(await plan(text, ['--refresh'])).toMatchObject({ exitCode: 0 })
  })

  it('is found although the node cannot list its machine types', async () => {
    const path = '/nodes/*/capabilities/qemu/machines'
    const fault = cluster.simulator.faults.add({ action: 'fail', method: 'GET', path })
    const { problems } = await plan(manifest('web: { cpu: nosuch, machine: pc-q35-99.0 }'))
    expect(problems).toMatchObject([{ message: expect.stringContaining('CPU type nosuch') }])
    cluster.simulator.faults.remove(fault)
  })

  it('with its storage for images does not block another that shares its template', async () => {
    const entry = 'a: { storage: { images: nosuch, disks: local } }\n  b: {}'
    expect(await plan(manifest(entry, { project: 'shares' }))).toMatchObject({ exitCode: 0, problems: [] })
    const alone = await plan(manifest('a: { storage: { images: nosuch, disks: local } }', { project: 'shares' }))
    expect(alone).toMatchObject({ exitCode: 1, problems: [{ message: 'There is no storage nosuch on pve1.' }] })
  })

  it('does not prevent the other machines of an apply, and fails it', async () => {
    const text = manifest('web: { vmid: 101 }\n  other: {}', { project: 'partly' })
    const { exitCode, stdout } = await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: text })
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout).vms).toMatchObject([
      { name: 'web', status: 'failed' },
      { name: 'other', status: 'created' },
    ])
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })

  it('is skipped where the name may exist twice', async () => {
    expect(await plan(manifest('db: {}'), ['--allow-namesake'])).toMatchObject({ exitCode: 0, problems: [] })
  })
})

describe('a range', () => {
  it('without a free ID is reported for each further machine, and counts the template', async () => {
    const { exitCode, problems } = await plan(manifest('w: { count: 4 }', { vmids: '{ from: 101, to: 104 }' }))
    expect(exitCode).toBe(1)
    expect(problems.map(({ message }) => message)).toEqual([
      'No VM ID from 101 to 104 is free for w-2.',
      'No VM ID from 101 to 104 is free for w-3.',
      'No VM ID from 101 to 104 is free for w-4.',
    ])
  })

  it.each([
    ['of a machine plans no template either', 'w: {}', 'w', 'create:w', ['create']],
    [
      'of a machine with its own ID has no ID for its template',
      'w: { vmid: 900 }',
      'the template of fast',
      'template:fast@pve1/local',
      ['resolve', 'pull', 'template', 'create'],
    ],
  ])('that is full, %s', async (_, entry, what, step, kinds) => {
    const text = manifest(entry, { vmids: '{ from: 101, to: 102 }', project: 'full' })
    const { exitCode, stdout } = await cluster.cli(['plan', '--json'], { manifest: text })
    const { problems, machines, steps } = JSON.parse(stdout)
    expect([exitCode, problems, machines]).toMatchObject([
      1,
      [{ message: `No VM ID from 101 to 102 is free for ${what}.`, hint: 'Widen `vmids` in the manifest.', step }],
      [{ action: 'blocked' }],
    ])
    expect(steps.map(({ kind }: { kind: string }) => kind)).toEqual(kinds)
  })
})

describe('an address', () => {
  it('of a machine that the manifest no longer names suggests a rename', async () => {
    const address = 'cloudInit: { user: ops, ip: 10.0.0.5/24, gateway: 10.0.0.1 }'
    await cluster.cli(['apply', '--auto-approve', '--json'], {
      manifest: manifest(`web: { ${address} }`, { project: 'names' }),
    })
    const renamed = manifest(`www: { ${address} }`, { project: 'names' })
    const { exitCode, problems } = await plan(renamed)
    expect([exitCode, problems[0]]).toEqual([
      1,
      expect.objectContaining({
        message: expect.stringMatching(/^www would have the address 10\.0\.0\.5 of web \(\d+ on pve1\)/),
        hint: expect.stringContaining('renamedFrom: web'),
        line: 7,
      }),
    ])
    const applied = await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: renamed })
    expect(applied.exitCode).toBe(1)
    await expect(hands.vmidOf('www')).resolves.toBeNaN()
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })
})

describe('a machine that was changed manually', () => {
  const NAMES = { project: 'changed' }

  it('is not created twice when its notes were emptied', async () => {
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest('one: {}\n  two: {}', NAMES) })
    const vmid = await hands.vmidOf('one')
    const { description } = await hands.config(vmid)
    await hands.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { delete: 'description' })
    const { exitCode, problems } = await plan(manifest('one: {}\n  two: {}', NAMES))
    expect([exitCode, problems[0]?.message]).toEqual([
      1,
      expect.stringContaining(`${vmid} on pve1 already has the name one`),
    ])
    await hands.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { description })
  })

  it('is not confused with a clone that has its marker', async () => {
    const vmid = await hands.vmidOf('one')
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/clone`, { newid: 777, name: 'copy', full: 1 })
    expect(await plan(manifest('one: {}\n  two: {}', NAMES))).toMatchObject({ exitCode: 0, problems: [] })
    const { stdout } = await cluster.cli(['plan', '--destroy', '--json'])
    expect(JSON.parse(stdout).machines.map(({ name }: { name: string }) => name)).toEqual(['one', 'two'])
    await hands.call('DELETE', '/nodes/pve1/qemu/777')
  })

  it('that became a template cannot run, and is created again only on request', async () => {
    const vmid = await hands.vmidOf('two')
    await hands.call('POST', `/nodes/pve1/qemu/${vmid}/template`)
    const { exitCode, problems } = await plan(manifest('one: {}\n  two: { start: true }', NAMES))
    expect([exitCode, problems]).toEqual([
      1,
      [
        expect.objectContaining({
          message: expect.stringContaining('was converted to a template'),
          step: 'update:two',
          hint: expect.stringContaining('--replace two'),
        }),
      ],
    ])
  })

  it('that exists twice with one marker stays, until the user says which one to remove', async () => {
    const vmid = await hands.vmidOf('one')
    const { description } = await hands.config(vmid)
    const marker = String(description).replace(`"vmid":${vmid}`, '"vmid":778')
    await hands.call('POST', '/nodes/pve1/qemu', { vmid: 778, name: 'one', tags: 'pve-provision', description: marker })
    const { exitCode, problems } = await plan(manifest('one: {}', NAMES))
    expect([exitCode, problems[0]]).toEqual([
      1,
      expect.objectContaining({
        message: expect.stringContaining('2 VMs have the marker of one'),
        hint: expect.stringContaining('destroy --only one@778'),
      }),
    ])
    await cluster.cli(['apply', '--auto-approve', '--json'])
    expect((await hands.config(778)).name).toBe('one')
    expect((await cluster.cli(['destroy', '--only', 'one@778', '--auto-approve', '--json'])).exitCode).toBe(0)
    expect((await hands.config(vmid)).name).toBe('one')
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })
})

describe('an HA group of Proxmox VE 8', () => {
  it('that is not there is a problem of the machine, and none once it was created', async () => {
    const old = await startCluster({ version: '8.4' })
    const text = manifest('web: { ha: { group: near } }\n  other: {}', { project: 'grouped' })
    const planned = async () => JSON.parse((await old.cli(['plan', '--json'], { manifest: text })).stdout)
    expect((await planned()).problems).toMatchObject([
      { message: '`ha` of web names near, and there is no such HA group.', line: 7, step: 'create:web' },
    ])
    const user = handsAt(old)
    await user.call('POST', '/cluster/ha/groups', { group: 'near', nodes: 'pve1' })
    expect((await planned()).problems).toEqual([])
    user.close()
    await old.close()
  })
})

describe('a machine on a node that is no longer a member of the cluster', () => {
  it('is not created again, and is named by what its id shows', async () => {
    const lost = await startCluster({ nodes: ['pve1', 'pve2'] })
    const text = manifest('web: { node: pve2 }\n  other: { node: pve1 }', { project: 'stranded' })
    await lost.cli(['apply', '--auto-approve', '--json'], { manifest: text })
    lost.simulator.removeNode('pve2')
    const moved = text.replace('node: pve2', 'node: pve1')
    const { exitCode, stdout } = await lost.cli(['plan', '--json'], { manifest: moved })
    const { problems, machines } = JSON.parse(stdout)
    expect([exitCode, machines.map(({ action }: { action: string }) => action)]).toEqual([1, ['blocked', 'keep']])
    expect(problems).toMatchObject([
      {
        code: 'UNREACHABLE',
        message: expect.stringMatching(
          /^\d+, which may be web, is on pve2, which is no longer a member of the cluster\./,
        ),
        hint: expect.stringMatching(/mv \/etc\/pve\/nodes\/pve2\/qemu-server\/\d+\.conf[\s\S]*If it is lost: rm/),
        line: 7,
      },
    ])
    expect((await lost.cli(['apply', '--auto-approve', '--json'])).exitCode).toBe(1)
    const removal = await lost.cli(['plan', '--destroy', '--only', 'web'])
    expect(removal.stdout).toMatch(/^Nothing to remove, web does not exist\./)
    expect(removal.stdout.replace(/\s+/g, ' ')).toMatch(/on pve2: the node is no longer a member of the cluster/)
    await lost.close()
  })
})

describe('a token that does not see everything', () => {
  it('does not create a machine again that it can no longer see', async () => {
    const environment = await poolToken()
    const text = manifest('seen: { pool: team }', { project: 'sight' })
    expect((await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: text, environment })).exitCode).toBe(0)
    const vmid = await hands.vmidOf('seen')
    await hands.call('PUT', '/pools', { poolid: 'team', vms: String(vmid), delete: 1 })
    const { exitCode, problems } = await plan(text, [], environment)
    expect([exitCode, problems[0]]).toEqual([
      1,
      expect.objectContaining({
        message: expect.stringContaining(
          `VM ID ${vmid}, the first choice for seen, belongs to a guest that this token may not see`,
        ),
        hint: expect.stringContaining(`pvesh set /pools --poolid team --vms ${vmid}`),
      }),
    ])
    const fixed = await plan(manifest(`other: { pool: team, vmid: ${vmid} }`, { project: 'sight' }), [], environment)
    expect(fixed.problems[0]?.message).toContain('already used by a guest that this token may not see')
    await hands.call('PUT', '/pools', { poolid: 'team', vms: String(vmid) })
    expect(await plan(text, [], environment)).toMatchObject({ exitCode: 0, machines: [{ action: 'keep' }] })
  })
})

/** A token that can see the pool `team` and has the privileges for its machines. */
async function poolToken(): Promise<Readonly<Record<string, string>>> {
  const vm = ['Allocate', 'Audit', 'Clone', 'PowerMgmt', 'Config.Disk', 'Config.CPU', 'Config.Memory', 'Config.Network']
  const more = ['Config.HWType', 'Config.Options', 'Config.Cloudinit', 'Config.CDROM']
  await hands.call('POST', '/pools', { poolid: 'team' })
  await hands.call('POST', '/access/roles', {
    roleid: 'InPool',
    privs: [...[...vm, ...more].map((name) => `VM.${name}`), 'Pool.Audit'].join(','),
  })
  await hands.call('POST', '/access/roles', {
    roleid: 'Stores',
    privs: 'Datastore.AllocateSpace,Datastore.AllocateTemplate,Datastore.Audit,Sys.AccessNetwork,SDN.Use',
  })
  const { value } = await hands.call<{ value: string }>('POST', '/access/users/root@pam/token/team', { privsep: 1 })
  const tokens = 'root@pam!team'
  await hands.call('PUT', '/access/acl', { path: '/pool/team', roles: 'InPool', tokens })
  for (const path of ['/storage/local', '/nodes', '/sdn'])
    await hands.call('PUT', '/access/acl', { path, roles: 'Stores', tokens })
  return { PVE_TOKEN_ID: tokens, PVE_TOKEN_SECRET: value }
}

describe('the cluster', () => {
  it('that does not allow our tag is a problem of the whole plan', async () => {
    await hands.call('PUT', '/cluster/options', { 'user-tag-access': 'user-allow=none' })
    const environment = await auditor()
    const { exitCode, problems } = await plan(manifest('web: {}', { project: 'tags' }), ['--refresh'], environment)
    expect(exitCode).not.toBe(0)
    expect(problems).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/may not set the tag pve-provision/),
        hint: expect.stringContaining('--user-tag-access'),
      }),
    )
    await hands.call('PUT', '/cluster/options', { delete: 'user-tag-access' })
  })

  it('with our tag registered says where to look, to a token that does not see the options', async () => {
    const text = manifest('tagged: {}', { project: 'registered' })
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: text })
    await hands.call('PUT', '/cluster/options', { 'registered-tags': 'pve-provision' })
    const { value } = await hands.call<{ value: string }>('POST', '/access/users/root@pam/token/blind', { privsep: 1 })
    const tokens = 'root@pam!blind'
    for (const roles of ['PVEVMAdmin', 'PVEDatastoreAdmin', 'PVESDNUser', 'PVEPoolUser'])
      await hands.call('PUT', '/access/acl', { path: '/', roles, tokens })
    const more = manifest('another: {}', { project: 'newcomer' })
    const { problems } = await plan(more, ['--refresh'], { PVE_TOKEN_ID: tokens, PVE_TOKEN_SECRET: value })
    expect(problems).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/may not set the tag pve-provision/),
        hint: expect.stringMatching(
          /pvesh get \/cluster\/options\nIf the tag is registered, remove it from that list./,
        ),
      }),
    )
    await hands.call('PUT', '/cluster/options', { delete: 'registered-tags' })
    await cluster.cli(['destroy', '--auto-approve', '--json'], { manifest: text })
  })

  it('with a storage that is switched off says so for new machines and new disks, and how to switch it on', async () => {
    const HAVE = { project: 'have' }
    await cluster.cli(['apply', '--auto-approve', '--json'], { manifest: manifest('have: {}', HAVE) })
    await hands.call('PUT', '/storage/local-lvm', { disable: 1 })
    const { exitCode, problems } = await plan(manifest('web: { storage: { disks: local-lvm } }'))
    expect([exitCode, problems]).toEqual([
      1,
      [
        expect.objectContaining({
          message: 'Storage local-lvm is disabled on pve1.',
          hint: 'pvesm set local-lvm --disable 0',
          line: 7,
        }),
      ],
    ])
    const more = await plan(manifest('have: { disks: [{ size: 1 GiB, storage: local-lvm }] }', HAVE))
    expect(more.problems).toMatchObject([
      { message: 'Storage local-lvm is disabled on pve1.', step: 'update:have', line: 7 },
    ])
    await hands.call('PUT', '/storage/local', { disable: 1 })
    const doctor = await cluster.cli(['doctor', '--json'], { manifest: manifest('have: {}', HAVE) })
    expect(JSON.parse(doctor.stdout).findings).toContainEqual(
      expect.objectContaining({
        name: 'storages',
        message: expect.stringMatching(/^Storage local is disabled on pve1\./),
        remedy: ['pvesm set local --disable 0'],
      }),
    )
    await hands.call('PUT', '/storage/local', { disable: 0 })
    await hands.call('PUT', '/storage/local-lvm', { disable: 0 })
    const missing = await plan(manifest('have: { disks: [{ size: 1 GiB, storage: nosuch }] }', HAVE))
    expect(missing.problems).toMatchObject([
      { message: 'There is no storage nosuch on pve1.', step: 'update:have', line: 7 },
    ])
    await cluster.cli(['destroy', '--auto-approve', '--json'])
  })

  it('is checked by doctor in the same way, including the lock file', async () => {
    const doctor = await cluster.cli(['doctor', '--json'], { manifest: manifest('web: { vmid: 101 }') })
    expect(doctor.exitCode).toBe(1)
    expect(JSON.parse(doctor.stdout).findings).toContainEqual(
      expect.objectContaining({ ok: false, message: expect.stringMatching(/VM ID 101 .*pve-provision\.yaml:7:/) }),
    )
    const pinned = manifest('web: {}').replace(`, checksum: ${vendor.url}/SHA256SUMS`, '')
    expect((await cluster.cli(['pin'], { manifest: pinned })).exitCode).toBe(0)
    expect((await cluster.cli(['doctor', '--json'])).exitCode).toBe(0)
    rmSync(join(cluster.folder, 'pve-provision.lock'))
  })
})

describe('an image with other bytes than its checksum', () => {
  const WRONG = `sha256:${'0'.repeat(64)}`

  it('names both digests, and where the expected one is, which `pin` does not change', async () => {
    const text = manifest('web: {}', { project: 'bytes' }).replace(`${vendor.url}/SHA256SUMS`, WRONG)
    for (const route of ['pull', 'push']) {
      const { exitCode, stdout } = await cluster.cli(['apply', '--auto-approve', '--json'], {
        manifest: text.replace('url:', `route: ${route}, url:`),
      })
      const { error } = JSON.parse(stdout).steps.find(({ status }: { status: string }) => status === 'failed')
      expect([exitCode, error]).toEqual([
        1,
        expect.objectContaining({
          code: 'CHECKSUM',
          message: expect.stringMatching(new RegExp(` has the digest sha256:[0-9a-f]{64} instead of ${WRONG}`)),
          hint: expect.stringMatching(/is the `checksum` of fast in \S+:3:\d+\. [^`]*correct it there/),
        }),
      ])
      expect(error.hint).not.toContain('pve-provision pin')
    }
  })
})

/** A token that may do everything except change the cluster, and can see its options. */
async function auditor(): Promise<Readonly<Record<string, string>>> {
  const { value } = await hands.call<{ value: string }>('POST', '/access/users/root@pam/token/auditor', { privsep: 1 })
  const tokens = 'root@pam!auditor'
  await hands.call('PUT', '/access/acl', { path: '/', roles: 'PVEAdmin', tokens })
  await hands.call('PUT', '/access/acl', { path: '/', roles: 'PVEAuditor', tokens })
  return { PVE_TOKEN_ID: tokens, PVE_TOKEN_SECRET: value }
}
