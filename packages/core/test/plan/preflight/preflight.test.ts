import { describe, expect, it } from 'vitest'
import type { Facts, StorageFacts } from '../../../src/facts/facts.ts'
import type { Desired } from '../../../src/manifest/manifest.ts'
import { compareMachine } from '../../../src/plan/compare/compare-machine.ts'
import { makeDestroyPlan } from '../../../src/plan/make-destroy-plan.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import type { PlannedSteps } from '../../../src/plan/plan.ts'
import { mayDownload } from '../../../src/plan/preflight/held-privileges.ts'
import { refuse } from '../../../src/plan/preflight/preflight.ts'
import { missingPrivileges, neededPrivileges } from '../../../src/plan/preflight/privileges.ts'
import { pveumLines } from '../../../src/plan/preflight/pveum.ts'
import { subjectOf } from '../../../src/plan/preflight/subject.ts'
import type { Problem } from '../../../src/plan/problems/problem.ts'
import { desiredState, factsOf, guestFacts, imageFacts, machineAsDeclared, storageFacts } from '../../support/given.ts'

function cluster(changes: Partial<Facts['cluster']>, rest: Partial<Facts> = {}): Facts {
  const facts = factsOf(rest)
  return { ...facts, cluster: { ...facts.cluster, identity: 'ops@pve!ci', ...changes } }
}

function storages(name: string, changes: Partial<StorageFacts>): Partial<Facts['cluster']> {
  return {
    storages: factsOf().cluster.storages.map((entry) => (entry.storage === name ? { ...entry, ...changes } : entry)),
  }
}

function findProblems(desired: Desired, facts: Facts): readonly Problem[] {
  return makePlan(desired, facts).problems
}

function neededBy(desired: Desired, facts: Facts, { steps }: PlannedSteps) {
  const verdicts = new Map(
    desired.machines.flatMap((machine) => {
      const guest = facts.guests.find(({ marker }) => marker.name === machine.name)
      return guest ? [[machine.name, compareMachine(machine, guest, { project: desired.project })] as const] : []
    }),
  )
  return neededPrivileges(subjectOf({ desired, facts, steps, verdicts }))
}

function problems(tail: string, facts: Facts): readonly string[] {
  return findProblems(desiredState(tail), facts).flatMap(({ message, hint }) => [message, ...hint.split('\n')])
}

const WEB = 'vms: { web: { network: { bridge: vmbr0 } } }'

describe('preflight', () => {
  it('has no problems where everything is right', () => {
    expect(problems(WEB, cluster({}))).toEqual([])
  })

  it('has no problems where nothing changes', () => {
    const desired = desiredState('vms: {}')
    expect(findProblems(desired, cluster({ version: { text: '7.4', major: 7, minor: 4 } }))).toEqual([])
  })

  it.each<[string, string, Facts, readonly (string | RegExp)[]]>([
    [
      'an old version',
      WEB,
      cluster({ version: { text: '8.2.4', major: 8, minor: 2 } }),
      [/^Proxmox VE 8.2.4 is too old/],
    ],
    [
      'an unknown node',
      'vms: { web: { node: pve9 } }',
      cluster({}),
      [/^There is no node pve9/, 'Nodes are pve1, pve2.'],
    ],
    [
      'an unknown node among several',
      'vms: { web: { nodes: [pve1, pve9] } }',
      cluster({}),
      ['There is no node pve9.', 'Nodes are pve1, pve2.'],
    ],
    [
      'a pool that does not exist',
      'vms: { web: { pool: nopool } }',
      cluster({}, { pools: new Set(['prod']) }),
      ['There is no pool nopool.', 'pvesh create /pools --poolid nopool'],
    ],
    [
      'an HA group where there are none any more',
      'vms: { web: { ha: { group: near } } }',
      cluster({}),
      [
        '`ha` of web has a group, but Proxmox VE 9.0.3 no longer supports HA groups.',
        'Use `nodes: [pve1, pve2]` instead.',
      ],
    ],
    [
      'an HA group that is not there',
      'vms: { web: { ha: { group: near } } }',
      cluster({ version: { text: '8.4.1', major: 8, minor: 4 } }, { haGroups: new Set(['far']) }),
      [
        '`ha` of web names near, and there is no such HA group.',
        'Create it under Datacenter → HA → Groups. HA groups are far.',
      ],
    ],
    [
      'HA nodes where there are no rules yet',
      'vms: { web: { ha: { nodes: [pve1] } } }',
      cluster({ version: { text: '8.4.1', major: 8, minor: 4 } }),
      ['`ha` of web has nodes, but Proxmox VE 8.4.1 does not support HA rules.', /^Use `group`/],
    ],
    [
      'an unknown node of HA, once for all machines of an entry',
      'vms: { web: { count: 2, ha: { nodes: ["pve9:2"] } } }',
      cluster({}),
      ['`ha` of web has pve9, which is not a node.', 'Nodes are pve1, pve2.'],
    ],
    [
      'an unknown storage',
      WEB,
      cluster({ storages: [storageFacts('pve1', 'local')] }),
      ['There is no storage disks on pve1.', 'Storages on pve1 are local.'],
    ],
    [
      'a storage that is not active',
      WEB,
      cluster(storages('disks', { active: false })),
      ['Storage pve1/disks is not active on pve1.'],
    ],
    [
      'a storage without the content type',
      WEB,
      cluster(storages('local', { content: new Set(['iso', 'vztmpl']) })),
      ['Storage local does not have the content type import.', 'pvesm set local --content import,iso,vztmpl'],
    ],
    [
      'images on blocks',
      WEB,
      cluster(storages('local', { type: 'lvmthin' })),
      [/^Storage pve1\/local is of type lvmthin, which cannot hold files/],
    ],
    [
      'disks on a storage for backups',
      WEB,
      cluster(storages('disks', { type: 'pbs' })),
      [/^Storage pve1\/disks is of type pbs, which cannot hold disks/],
    ],
    [
      'an unknown bridge',
      'vms: { web: { network: { bridge: vmbr7 } } }',
      cluster({}),
      ['There is no bridge vmbr7 on pve1.', 'Bridges on pve1 are vmbr0.'],
    ],
    [
      'too little room for the image',
      WEB,
      cluster(storages('local', { availableBytes: 1024 ** 2 }), {
        images: new Map([['fast', imageFacts('fast', 'a', { sizeBytes: 3 * 1024 ** 2 })]]),
      }),
      ['Storage pve1/local has 1 MiB left, but images of 3 MiB will be added.'],
    ],
  ])('complains of %s', (_, tail, facts, expected) => {
    const told = problems(tail, facts)
    for (const one of expected) expect(told).toContainEqual(typeof one === 'string' ? one : expect.stringMatching(one))
  })

  it('reports an unknown node and nothing else about it', () => {
    expect(problems('vms: { web: { node: pve9, network: { bridge: vmbr0 } } }', cluster({}))).toEqual([
      'There is no node pve9.',
      'Nodes are pve1, pve2.',
    ])
  })

  it('accepts an offline node among several', () => {
    const nodes = factsOf().cluster.nodes.map((node) => (node.name === 'pve2' ? { ...node, online: false } : node))
    expect(problems('vms: { web: { nodes: [pve1, pve2] } }', cluster({ nodes }))).toEqual([])
  })

  describe('of space on a storage that allocates a disk’s whole size at once', () => {
    const GIB = 1024 ** 3
    const room = (gib: number) =>
      cluster(storages('disks', { type: 'lvm', availableBytes: gib * GIB }), {
        images: new Map([['fast', imageFacts('fast', 'a', { virtualSizeBytes: 2 * GIB })]]),
      })
    const tail = 'vms: { web: { count: 2, disk: 10 GiB, disks: [{ size: 5 GiB }] } }'

    it('counts the template, full clones and further disks', () => {
      expect(problems(tail, room(31))).toEqual([
        'Storage pve1/disks has 31 GiB left, but disks of 32 GiB will be added.',
        expect.stringContaining('Free space on pve1/disks'),
      ])
      expect(problems(tail, room(32))).toEqual([])
    })

    it('counts what is added and grown later', () => {
      const desired = desiredState('vms: { web: { disk: 10 GiB, disks: [{ size: 5 GiB }] } }')
      const config = { scsi0: 'disks:vm-20001-disk-0,size=4G', scsi1: undefined }
      const facts = { ...room(10), guests: [machineAsDeclared(desired, 'web', { config })] }
      expect(findProblems(desired, facts).map(({ message }) => message)).toEqual([
        'Storage pve1/disks has 10 GiB left, but disks of 11 GiB will be added.',
      ])
    })

    it('has no problems where disks are thin', () => {
      expect(problems(tail, cluster(storages('disks', { type: 'lvmthin', availableBytes: GIB })))).toEqual([])
    })
  })

  describe('of space for disks that move', () => {
    const GIB = 1024 ** 3
    const desired = desiredState('vms: { web: { disk: 20 GiB } }')

    /** A machine whose disk is on another node, or on another storage of its node. */
    function movedTo(type: string, gib: number, there: { readonly node?: string; readonly storage?: string }) {
      const { node = 'pve1', storage = 'disks' } = there
      const guest = machineAsDeclared(desired, 'web', {
        node,
        config: { scsi0: `${storage}:vm-20001-disk-0,size=20G` },
      })
      const facts = cluster(storages('disks', { type, availableBytes: gib * GIB }), { guests: [guest] })
      const { problems: found, notes } = makePlan(desired, facts, { move: true })
      const said = (sentences: readonly string[]) => sentences.filter((sentence) => sentence.startsWith('Storage '))
      return { problems: said(found.map(({ message }) => message)), notes: said(notes) }
    }

    it.each([{ node: 'pve2' }, { storage: 'local' }])('from %j must fit where it is allocated at once', (there) => {
      expect(movedTo('lvm', 19, there)).toEqual({
        problems: ['Storage pve1/disks has 19 GiB left, but disks of 20 GiB will be added.'],
        notes: [],
      })
      expect(movedTo('lvm', 20, there)).toEqual({ problems: [], notes: [] })
    })

    it.each([{ node: 'pve2' }, { storage: 'local' }])(
      'from %j may be too large for a thin storage: a note',
      (there) => {
        const { problems: found, notes } = movedTo('lvmthin', 19, there)
        expect(found).toEqual([])
        expect(notes).toEqual([expect.stringMatching(/^Storage pve1\/disks has 19 GiB left\. .* have 20 GiB, and/)])
        expect(movedTo('lvmthin', 20, there).notes).toEqual([])
      },
    )
  })

  it('reports everything at once, and only once', () => {
    const facts = cluster({
      ...storages('local', { content: new Set(['iso']) }),
      version: { text: '8.1', major: 8, minor: 1 },
    })
    const { problems } = makePlan(desiredState('vms: { web: { count: 3 }, db: { node: pve9 } }'), facts)
    expect(problems.map(({ message, step }) => [message, step])).toEqual([
      [expect.stringContaining('too old'), undefined],
      ['There is no node pve9.', 'create:db'],
      ['Storage local does not have the content type import.', 'pull:fast@pve1/local'],
    ])
    expect(() => refuse(problems)).toThrow(
      expect.objectContaining({ code: 'CONFLICT', message: expect.stringMatching(/too old/) }),
    )
  })
})

describe('a problem of one machine', () => {
  const planOf = (vms: string, facts = cluster({})) => makePlan(desiredState(`vms: ${vms}`), facts)
  const stepsOf = ({ steps }: PlannedSteps) =>
    steps.filter(({ action }) => action === 'run').map(({ id, problem }) => (problem ? `✗ ${id}` : id))

  it.each<[string, string, Facts?]>([
    ['an unknown node', '{ node: pve9 }'],
    ['an unknown bridge', '{ network: { bridge: vmbr7 } }'],
    ['an unknown storage', '{ disks: [{ size: 1 GiB, storage: nosuch }] }'],
    ['an unknown pool', '{ pool: nosuch }', cluster({}, { pools: new Set(['prod']) })],
    ['HA on an unknown node', '{ ha: { nodes: [pve9] } }'],
  ])('does not prevent the others, and nothing is prepared for it alone: %s', (_, web, facts) => {
    const plan = planOf(`{ web: ${web}, db: {} }`, facts)
    expect(plan.machines.map(({ name, action }) => [name, action])).toEqual([
      ['web', 'blocked'],
      ['db', 'create'],
    ])
    expect(plan.problems.every(({ step }) => step === 'create:web')).toBe(true)
    expect(plan.problems.every(({ line }) => typeof line === 'number')).toBe(true)
    expect(stepsOf(plan)).toEqual(
      expect.arrayContaining(['✗ create:web', 'create:db', 'pull:fast@pve1/local', 'template:fast@pve1/disks']),
    )
    expect(stepsOf(planOf(`{ web: ${web} }`, facts))).toEqual(['✗ create:web'])
    expect(() => refuse(plan.problems)).not.toThrow()
  })

  it('without an id leaves out its template too, and keeps what others need', () => {
    const listed = new Map([100, 101, 102].map((vmid) => [vmid, { vmid, node: 'pve1', name: `vm${vmid}` }]))
    const full = makePlan(desiredState('vmids: { from: 100, to: 102 }\nvms: { web: {} }'), cluster({}, { listed }))
    expect(stepsOf(full)).toEqual(['✗ create:web'])
    const two = makePlan(
      desiredState('vmids: { from: 100, to: 104 }\nvms: { web: {}, db: {} }'),
      cluster({}, { listed }),
    )
    expect(stepsOf(two).slice(-3)).toEqual(['template:fast@pve1/disks', 'create:web', '✗ create:db'])
  })

  it('of an image fails the image, and each machine that needs it', () => {
    const plan = planOf('{ web: { count: 2 }, db: {} }', cluster(storages('local', { content: new Set(['iso']) })))
    expect(plan.machines.map(({ action }) => action)).toEqual(['blocked', 'blocked', 'blocked'])
    expect(plan.problems).toMatchObject([{ step: 'pull:fast@pve1/local' }])
  })

  it('that exists is only about what changes', () => {
    const desired = desiredState('vms: { web: { description: new, network: { bridge: vmbr7 } } }')
    const has = (config: Readonly<Record<string, unknown>>) =>
      makePlan(desired, cluster({}, { guests: [machineAsDeclared(desired, 'web', { config })] })).problems
    expect(has({ description: undefined })).toEqual([])
    expect(has({ net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' })).toMatchObject([
      { message: 'There is no bridge vmbr7 on pve1.', step: 'update:web' },
    ])
  })

  it.each(['nosuch', 'off'])('that exists, whose new disk is to be on a storage that is not there: %s', (storage) => {
    const desired = desiredState(`vms: { web: { disks: [{ size: 1 GiB, storage: ${storage} }] } }`)
    const guests = [machineAsDeclared(desired, 'web', { config: { scsi1: undefined } })]
    const facts = cluster({ disabledStorages: new Set(['pve1/off']) }, { guests })
    expect(makePlan(desired, facts).problems).toMatchObject([
      {
        message: storage === 'off' ? 'Storage off is disabled on pve1.' : 'There is no storage nosuch on pve1.',
        step: 'update:web',
        line: expect.any(Number),
      },
    ])
  })

  it('whose storage is missing on a node without any names no empty list', () => {
    const hints = planOf('{ web: {} }', cluster({ storages: [] })).problems.map(({ hint }) => hint)
    expect(hints).toContain('The token sees no other storage there. Look at `pvesm status` on pve1.')
  })

  it('that needs more space than a storage has leaves the others, and all together prevent each other', () => {
    const GIB = 1024 ** 3
    const facts = cluster(storages('disks', { type: 'lvm', availableBytes: 12 * GIB }))
    const big = planOf('{ web: { disk: 100 GiB }, db: { disk: 2 GiB } }', facts)
    expect(big.problems).toMatchObject([
      { message: expect.stringMatching(/has 12 GiB left, but disks of 100 GiB/), step: 'create:web' },
    ])
    expect(big.machines.map(({ action }) => action)).toEqual(['blocked', 'create'])
    const many = planOf('{ web: { disk: 7 GiB, count: 2 } }', facts).problems
    expect(many).toMatchObject([{ message: expect.stringMatching(/disks of 14 GiB/) }])
    expect(many[0]).not.toHaveProperty('step')
  })
})

/** Privileges as `path: A B; path: C`. */
function permissions(text: string, propagates = true): Partial<Facts['cluster']> {
  const entries = text.split('; ').map((entry) => entry.split(': ') as [string, string])
  return {
    permissions: Object.fromEntries(
      entries.map(([path, names]) => [
        path,
        Object.fromEntries(names.split(' ').map((name) => [name, Number(propagates)])),
      ]),
    ),
  }
}

function lacking(tail: string, facts: Facts): readonly string[] {
  const desired = desiredState(tail)
  const needs = neededBy(desired, facts, makePlan(desired, facts))
  return missingPrivileges(needs, facts)
    .map(({ paths, privileges }) => `${paths.join('|')} ${privileges.join('|')}`)
    .sort()
}

const IMAGES = '/storage/local: Datastore.AllocateTemplate Datastore.Audit; /nodes/pve1: Sys.AccessNetwork'
const DISKS = '/storage/disks: Datastore.AllocateSpace Datastore.Audit'
const CONFIG = 'VM.Config.Disk VM.Config.CPU VM.Config.Memory VM.Config.HWType VM.Config.Options'
const BASIC = `VM.Allocate VM.Audit VM.Clone ${CONFIG}`

describe('privileges', () => {
  it('suffice for a plain machine with exactly those of pve-docs, and not without any one of them', () => {
    const words = `${IMAGES}; ${DISKS}; /vms: ${BASIC}`
    expect(lacking('vms: { web: { cores: 2 } }', cluster(permissions(words)))).toEqual([])
    for (const name of BASIC.split(' ')) {
      const fewer = words.replace(` ${name}`, '')
      expect(lacking('vms: { web: { cores: 2 } }', cluster(permissions(fewer)))).toEqual([`/vms ${name}`])
    }
  })

  it('may come from the pool, on which they are then required', () => {
    const tail = 'vms: { web: { pool: ci, cores: 2 } }'
    expect(lacking(tail, cluster(permissions(`${IMAGES}; ${DISKS}; /pool/ci: ${BASIC} Pool.Audit`)))).toEqual([])
    expect(
      lacking(tail, cluster(permissions(`${IMAGES}; ${DISKS}; /pool/ci: ${BASIC.replace('VM.Clone ', '')}`))),
    ).toEqual(['/pool/ci Pool.Audit', '/pool/ci|/vms VM.Clone'])
  })

  it('to see pools are required before those to change them: an invisible pool may be the right one', () => {
    const desired = desiredState('vms: { web: { pool: ci } }')
    const guest = machineAsDeclared(desired, 'web')
    const asked = (held: string) => {
      const facts = cluster(permissions(held), { guests: [guest] })
      const needs = neededBy(desired, facts, makePlan(desired, facts))
      return missingPrivileges(needs, facts).map(({ paths, privileges }) => `${paths[0]} ${privileges[0]}`)
    }
    expect(asked('/vms: VM.Audit')).toEqual(['/pool/ci Pool.Audit'])
    expect(asked('/vms: VM.Audit; /pool/ci: Pool.Audit')).toEqual(['/pool/ci Pool.Allocate', '/vms/20001 VM.Allocate'])
  })

  it('to see the disk storage determine whether clones are linked', () => {
    const held = permissions(`${IMAGES}; ${DISKS.replace(' Datastore.Audit', '')}; /vms: ${BASIC}`)
    expect(lacking('vms: { web: {} }', cluster(held))).toEqual(['/storage/disks Datastore.Audit'])
  })

  it.each<[string, string, readonly string[]]>([
    ['a network', 'network: { bridge: vmbr0 }', ['/sdn/zones/localnetwork/vmbr0 SDN.Use', '/vms VM.Config.Network']],
    [
      'a VLAN',
      'network: { bridge: vmbr0, vlan: 7 }',
      ['/sdn/zones/localnetwork/vmbr0/7 SDN.Use', '/vms VM.Config.Network'],
    ],
    ['cloud-init', 'cloudInit: { user: ops }', ['/vms VM.Config.Cloudinit|VM.Config.Network']],
    ['a start order', 'startOrder: { order: 1 }', ['/ Sys.Modify']],
    ['a start', 'start: true', ['/vms VM.PowerMgmt']],
    ['HA', 'ha: true', ['/ Sys.Audit', '/ Sys.Console']],
    ['an extra disk elsewhere', 'disks: [{ size: 1 GiB, storage: more }]', ['/storage/more Datastore.AllocateSpace']],
    // The drive of the template is replaced, so both are checked.
    ['a CD of its own', 'cloudInit: { userData: x }', ['/vms VM.Config.CDROM', '/vms VM.Config.Cloudinit']],
  ])('for %s', (_, words, expected) => {
    expect(lacking(`vms: { web: { ${words} } }`, cluster(permissions(`${IMAGES}; ${DISKS}; /vms: ${BASIC}`)))).toEqual(
      expected,
    )
  })

  describe('on existing machines without a pool', () => {
    const desired = desiredState('vms: { web: { count: 3, cores: 4 } }')
    const guests = desired.machines.map(({ name }, index) =>
      machineAsDeclared(desired, name, { vmid: 20001 + index, config: { cores: 2 } }),
    )
    const linesFor = (held: string) => {
      const facts = cluster(permissions(held), { guests })
      return findProblems(desired, facts).flatMap(({ message: sentence, hint }) => [
        sentence,
        ...hint.split('\n').filter((line) => !line.startsWith('pveum role')),
      ])
    }

    it('are granted once for all of them, with a hint to use a pool', () => {
      expect(linesFor('/: Pool.Audit')).toEqual([
        expect.stringMatching(/^ops@pve!ci lacks privileges on \/vms VM.Audit, VM.Config.CPU, VM.Config.Options \(to /),
        'As root on any node:',
        expect.stringMatching(/^pveum acl modify \/vms --users ops@pve --tokens 'ops@pve!ci' --roles ProvisionVms-/),
        expect.stringMatching(/^# .*with a `pool` in the manifest/),
      ])
    })

    it('of machines in a pool are reported once, for the pool', () => {
      const pooled = desiredState('vms: { web: { count: 5, pool: lab, cores: 4 } }')
      const facts = cluster(permissions('/pool/lab: Pool.Audit VM.Audit'), {
        guests: pooled.machines.map(({ name }, index) =>
          machineAsDeclared(pooled, name, { vmid: 20001 + index, pool: 'lab', config: { cores: 2 } }),
        ),
        pools: new Set(['lab']),
      })
      const [problem] = findProblems(pooled, facts)
      expect(problem?.message).toMatch(/lacks privileges on \/pool\/lab VM\.Config\.[^;]*web-3, …\)\.$/)
    })

    it('are granted on the machine itself where its own entry hides those of /vms', () => {
      expect(linesFor('/: Pool.Audit; /vms/20002: VM.Audit').filter((line) => line.startsWith('pveum'))).toEqual([
        expect.stringContaining('acl modify /vms '),
        expect.stringContaining('acl modify /vms/20002 '),
      ])
    })
  })

  it('for the guest agent have other names in Proxmox VE 8 and 9', () => {
    const held = permissions(`${IMAGES}; ${DISKS}; /vms: ${BASIC} VM.PowerMgmt`)
    const tail = 'vms: { web: { start: true, wait: agent } }'
    expect(lacking(tail, cluster(held))).toEqual(['/vms VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted'])
    expect(lacking(tail, cluster({ ...held, version: { text: '8.4.1', major: 8, minor: 4 } }))).toEqual([
      '/vms VM.Monitor',
    ])
  })

  it('to grow a disk are required on the machine and on the storage of the disk', () => {
    const desired = desiredState('vms: { web: { disk: 40 GiB } }')
    const config = { scsi0: 'disks:20001/vm-20001-disk-0.qcow2,size=20G' }
    const guest = machineAsDeclared(desiredState('vms: { web: { disk: 20 GiB } }'), 'web', { config })
    const facts = cluster(permissions('/vms/20001: VM.Audit'), { guests: [guest] })
    const needs = neededBy(desired, facts, makePlan(desired, facts))
    expect(missingPrivileges(needs, facts).map(({ paths, privileges }) => `${paths[0]} ${privileges[0]}`)).toEqual([
      '/storage/disks Datastore.AllocateSpace',
      '/vms/20001 VM.Config.Disk',
    ])
  })

  it('to move a network card are required on both bridges', () => {
    const desired = desiredState('vms: { web: { network: { bridge: vmbr0 } } }')
    const config = {
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr1,tag=7',
      net1: 'virtio=BC:24:11:00:00:02,bridge=vmbr2',
    }
    const facts = cluster(permissions('/vms: VM.Audit VM.Config.Network VM.Config.Options'), {
      guests: [machineAsDeclared(desired, 'web', { config })],
    })
    const needs = missingPrivileges(neededBy(desired, facts, makePlan(desired, facts)), facts)
    expect(needs.map(({ paths: [path] }) => path.replace('/sdn/zones/localnetwork/', '')).sort()).toEqual([
      'vmbr0',
      'vmbr1/7',
      'vmbr2',
    ])
  })

  it.each([
    ['/nodes/pve1: Sys.AccessNetwork', true],
    ['/: Sys.Audit Sys.Modify', true],
    ['/: Sys.Modify', false],
    ['/nodes/pve1: Sys.Audit Sys.Modify', false],
  ])('to download at the node are those that Proxmox requires: %s', (held, isEnough) => {
    const facts = cluster(permissions(`${DISKS}; /vms: ${BASIC}; ${held}`))
    expect(mayDownload(facts, 'pve1')).toBe(isEnough)
  })

  it('to download at the node do not count on a parent path without propagation', () => {
    expect(mayDownload(cluster(permissions('/: Sys.AccessNetwork', false)), 'pve1')).toBe(false)
    expect(mayDownload(cluster(permissions('/: Sys.AccessNetwork; /nodes: Sys.AccessNetwork')), 'pve1')).toBe(true)
  })

  it('that are not propagated do not apply below', () => {
    const facts = cluster(permissions(`${IMAGES}; ${DISKS}; /vms: ${BASIC}; /: Sys.Modify`, false))
    expect(lacking('vms: { web: { network: { bridge: vmbr0 } } }', facts)).toContain(
      '/sdn/zones/localnetwork/vmbr0 SDN.Use',
    )
  })

  it('to remove are required on the machine itself', () => {
    const desired = desiredState('vms: {}')
    const facts = cluster(permissions('/vms/20001: VM.Audit'), { guests: [guestFacts('web')] })
    const needs = neededBy(desired, facts, makeDestroyPlan(desired, facts))
    expect(missingPrivileges(needs, facts).map(({ paths, privileges }) => `${paths[0]} ${privileges[0]}`)).toEqual([
      '/vms/20001 VM.Allocate',
    ])
  })

  it('to remove a running machine in a pool are required on the pool, including those to stop it', () => {
    const facts = cluster({}, { guests: [guestFacts('web', { pool: 'ci', status: 'running' })] })
    const desired = desiredState('vms: {}')
    const needs = neededBy(desired, facts, makeDestroyPlan(desired, facts))
    expect(needs.map(({ paths, privileges }) => `${paths.join('|')} ${privileges[0]}`)).toEqual([
      '/pool/ci|/vms/20001 VM.Allocate',
      '/pool/ci|/vms/20001 VM.Audit',
      '/pool/ci|/vms/20001 VM.PowerMgmt',
    ])
  })

  it('with alternatives are not reported where one of them is needed anyway', () => {
    const facts = cluster({ permissions: {} })
    expect(lacking('vms: { web: { network: { bridge: vmbr0 }, cloudInit: { user: ops } } }', facts)).toEqual(
      expect.not.arrayContaining([expect.stringContaining('VM.Config.Cloudinit'), expect.stringMatching(/Audit\|/)]),
    )
  })

  it('that are missing make a PERMISSION error with the lines that grant them', () => {
    const desired = desiredState(WEB)
    const facts = cluster(permissions(`${IMAGES}; /vms: VM.Audit VM.Allocate`))
    const attempt = () => refuse(makePlan(desired, facts).problems)
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'PERMISSION',
        message: expect.stringContaining('ops@pve!ci lacks privileges on /vms'),
      }),
    )
    expect(attempt).toThrow(
      expect.objectContaining({
        hint: expect.stringContaining(
          "pveum acl modify /storage/disks --users ops@pve --tokens 'ops@pve!ci' --roles ProvisionStorage",
        ),
      }),
    )
  })
})

describe('pveumLines', () => {
  const need = (path: string, privilege: string) => ({ paths: [path], privileges: [privilege], why: '' }) as const

  it('grant existing privileges of the path as well, as an entry there hides inherited ones', () => {
    const held = () => ['VM.Audit']
    expect(pveumLines([need('/vms/7', 'VM.Clone')], { identity: 'root@pam!ci', held })).toEqual([
      "pveum role add ProvisionVms-0c02878e --privs 'VM.Audit,VM.Clone' || pveum role modify ProvisionVms-0c02878e --privs 'VM.Audit,VM.Clone'",
      "pveum acl modify /vms/7 --tokens 'root@pam!ci' --roles ProvisionVms-0c02878e",
    ])
  })

  it('name a role after its privileges, so that the lines of one token never widen the role of another', () => {
    const namesFor = (...privileges: readonly string[]) => {
      const missing = privileges.map((privilege) => need('/vms', privilege))
      return pveumLines(missing, { identity: 'ops@pve', held: () => [] }).map((line) => line.split(' ').at(-1))
    }
    expect(namesFor('VM.Audit', 'VM.Clone')[1]).toBe(namesFor('VM.Clone', 'VM.Audit')[1])
    expect(namesFor('VM.Audit')[1]).not.toBe(namesFor('VM.Audit', 'VM.Clone')[1])
  })

  it('share a role between paths that need the same privileges', () => {
    const missing = [
      need('/storage/a', 'Datastore.Audit'),
      need('/storage/b', 'Datastore.Audit'),
      need('/storage/c', 'Datastore.AllocateSpace'),
      need('/', 'Sys.Modify'),
    ]
    const lines = pveumLines(missing, { identity: 'ops@pve', held: () => [] })
    expect(lines.map((line) => line.replace(/ --privs.*/, ''))).toEqual([
      'pveum role add ProvisionRoot-418e6caa',
      'pveum acl modify / --users ops@pve --roles ProvisionRoot-418e6caa',
      'pveum role add ProvisionStorage-8b7fd200',
      'pveum acl modify /storage/a --users ops@pve --roles ProvisionStorage-8b7fd200',
      'pveum acl modify /storage/b --users ops@pve --roles ProvisionStorage-8b7fd200',
      'pveum role add ProvisionStorage-1ae33714',
      'pveum acl modify /storage/c --users ops@pve --roles ProvisionStorage-1ae33714',
    ])
  })
})
