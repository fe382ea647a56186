import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import type { Facts } from '../../src/facts/facts.ts'
import type { Desired } from '../../src/manifest/manifest.ts'
import { makeDestroyPlan } from '../../src/plan/make-destroy-plan.ts'
import { makePlan, type PlanOptions } from '../../src/plan/make-plan.ts'
import { baseOf, pulledName, pushedName, volumeStem } from '../../src/plan/names.ts'
import { blockedSteps, changesIn, type PlannedSteps, stepCounts } from '../../src/plan/plan.ts'
import { desiredState, factsOf, guestFacts, imageFacts, machineAsDeclared, storageFacts } from '../support/given.ts'

const FAST = imageFacts('fast', 'a')
const FAST_BASE = baseOf(FAST, 'as-is')
const FAST_STEM = volumeStem('fast', FAST_BASE)

/** Formats a plan: `+` runs, `=` is kept, `!` cannot succeed. */
function planOf(tail: string, facts: Facts = factsOf(), options: PlanOptions = {}): string[] {
  return lines(makePlan(desiredState(tail), facts, options))
}

function lines(plan: PlannedSteps): string[] {
  return plan.steps.map(
    ({ id, action, needs, problem }) =>
      `${problem ? '!' : action === 'run' ? '+' : '='} ${id}${needs.length > 0 ? ` < ${needs.join(' ')}` : ''}`,
  )
}

function why(tail: string, id: string, facts: Facts = factsOf()): string | undefined {
  return makePlan(desiredState(tail), facts).steps.find((step) => step.id === id)?.why
}

function template(rest: object = {}) {
  return guestFacts('tpl-fast', { vmid: 20100, template: true, base: FAST_BASE, ...rest })
}

describe('makePlan on an empty cluster', () => {
  it('lets Proxmox pull an image that it can download and unpack by itself', () => {
    expect(planOf('vms: { web: {} }')).toEqual([
      '= resolve:fast',
      '+ pull:fast@pve1/local < resolve:fast',
      '+ template:fast@pve1/disks < pull:fast@pve1/local',
      '+ create:web < template:fast@pve1/disks',
    ])
  })

  it('copies a local file into the store, and pushes it', () => {
    const facts = factsOf({
      images: new Map([['own', imageFacts('own', 'c', { digestFrom: 'file', file: '/tmp/own.qcow2' })]]),
    })
    const tail = 'vms: { a: { image: own } }'
    const desired = desiredState(tail.replace('own', 'fast'))
    const [machine] = desired.machines
    const own = { name: 'own', kind: 'file', path: '/tmp/own.qcow2', convert: 'auto', route: 'auto' } as const
    const plan = makePlan(
      { ...desired, images: new Map([['own', own]]), machines: machine ? [{ ...machine, image: 'own' }] : [] },
      facts,
    )
    expect(lines(plan).map((line) => line.split(' < ')[0])).toEqual([
      '= resolve:own',
      '+ download:own',
      '+ upload:own@pve1/local',
      '+ template:own@pve1/disks',
      '+ create:a',
    ])
  })

  it('imports an existing volume, and names the nodes that lack it', () => {
    const desired = desiredState('vms: { a: {}, b: { node: pve2 } }')
    const volid = 'local:import/theirs.qcow2'
    const own = { name: 'fast', kind: 'volume', volume: volid, convert: 'auto', route: 'auto' } as const
    const known = imageFacts('fast', 'c', { digestFrom: 'none', volume: { volid, nodes: new Set(['pve1']) } })
    const plan = makePlan(
      { ...desired, images: new Map([['fast', own]]) },
      factsOf({ images: new Map([['fast', known]]) }),
    )
    expect(lines(plan).map((line) => line.split(' < ')[0])).toEqual([
      '= resolve:fast',
      '+ template:fast@pve1/disks',
      '+ create:a',
      '! resolve:fast@pve2',
      '+ template:fast@pve2/disks',
      '+ create:b',
    ])
    expect(plan.steps.find(({ id }) => id === 'resolve:fast')).toMatchObject({
      why: expect.stringMatching(/its digest is not known/),
      known: { volid },
    })
    expect(plan.steps.find(({ kind }) => kind === 'template')).toMatchObject({ volumeFrom: 'resolve:fast' })
  })

  it('clones an existing template, linked only on its storage, and names the node that has none', () => {
    const desired = desiredState('vms: { a: {}, b: { storage: { disks: other } }, c: { node: pve2 } }')
    const own = { name: 'fast', kind: 'template', template: { tag: 'golden' }, convert: 'auto', route: 'auto' } as const
    const templates = [{ vmid: 9000, node: 'pve1', name: 'golden', storage: 'disks' }]
    const images = new Map([['fast', imageFacts('fast', 'c', { digestFrom: 'none', templates })]])
    const facts = factsOf({ images })
    const storages = [...facts.cluster.storages, storageFacts('pve1', 'other')]
    const plan = makePlan(
      { ...desired, images: new Map([['fast', own]]) },
      { ...facts, cluster: { ...facts.cluster, storages } },
    )
    expect(lines(plan).map((line) => line.split(' < ')[0])).toEqual([
      '= resolve:fast',
      '= template:fast@9000',
      '+ create:a',
      '+ create:b',
      '! resolve:fast@pve2',
      '+ create:c',
    ])
    const linked = plan.steps.flatMap((step) => (step.kind === 'create' ? [step.linked] : []))
    expect(linked.slice(0, 2)).toEqual([true, false])
  })

  it.each([
    ['disks', true],
    ['other', false],
  ])('replaces a machine with a clone of an existing template; with disks on %s, linked: %s', (disks, linked) => {
    const desired = desiredState(`vms: { web: { storage: { disks: ${disks} } } }`)
    const own = { name: 'fast', kind: 'template', template: { tag: 'golden' }, convert: 'auto', route: 'auto' } as const
    const templates = [{ vmid: 9000, node: 'pve1', name: 'golden', storage: 'disks' }]
    const images = new Map([['fast', imageFacts('fast', 'c', { digestFrom: 'none', templates })]])
    const facts = factsOf({ images, guests: [guestFacts('web')] })
    const storages = [...facts.cluster.storages, storageFacts('pve1', 'other')]
    const { steps } = makePlan(
      { ...desired, images: new Map([['fast', own]]) },
      { ...facts, cluster: { ...facts.cluster, storages } },
      { replace: ['web'] },
    )
    expect(steps.find(({ kind }) => kind === 'replace')).toMatchObject({ linked })
  })

  it('downloads, unpacks and uploads what Proxmox cannot unpack', () => {
    expect(planOf('vms: { web: { image: slow } }')).toEqual([
      '= resolve:slow',
      '+ download:slow < resolve:slow',
      '+ convert:slow < download:slow',
      '+ upload:slow@pve1/local < convert:slow',
      '+ template:slow@pve1/disks < upload:slow@pve1/local',
      '+ create:web < template:slow@pve1/disks',
    ])
  })

  it('lets a packed image be unpacked while it arrives', () => {
    const { steps } = makePlan(desiredState('vms: { web: { image: slow } }'), factsOf())
    expect(steps.find(({ id }) => id === 'download:slow')).toMatchObject({ isPacked: true })
  })

  it('has one template for all machines on a node and storage, and one for each node', () => {
    const steps = planOf('vms: { web: { count: 3 }, db: { node: pve2 } }')
    expect(steps.filter((line) => line.includes('template:') && line.startsWith('+ template'))).toHaveLength(2)
    expect(steps.filter((line) => line.startsWith('+ create'))).toHaveLength(4)
  })

  it('has one volume and one template for all nodes where the storages are shared', () => {
    const facts = factsOf()
    const storages = ['pve1', 'pve2'].flatMap((node) =>
      ['local', 'disks'].map((name) => storageFacts(node, name, { type: 'nfs', shared: true })),
    )
    const steps = planOf('vms: { web: {}, db: { node: pve2 } }', { ...facts, cluster: { ...facts.cluster, storages } })
    expect(steps.filter((line) => /^\+ (pull|template)/.test(line))).toEqual([
      '+ pull:fast@local < resolve:fast',
      '+ template:fast@disks < pull:fast@local',
    ])
  })

  it('starts and waits only where the manifest says so', () => {
    expect(planOf('vms: { web: { start: true, wait: agent } }').slice(-2)).toEqual([
      '+ start:web < create:web',
      '+ wait:web < create:web start:web',
    ])
  })

  it('plans nothing for machines that --only excludes, by name or by entry', () => {
    expect(planOf('vms: { web: {}, db: { image: slow } }', factsOf(), { only: ['web'] }).join()).not.toContain('slow')
    expect(
      planOf('vms: { web: {}, db: { count: 2 } }', factsOf(), { only: ['db'] }).filter((line) =>
        line.includes('create'),
      ),
    ).toHaveLength(2)
  })

  it('refuses an unknown name in --only', () => {
    expect(() => planOf('vms: { web: {} }', factsOf(), { only: ['wbe'] })).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    )
  })
})

describe('makePlan gives reasons, and chooses a possible route for the bytes', () => {
  it('pushes where the token may not let Proxmox fetch', () => {
    const facts = factsOf()
    const permissions = { '/': { 'VM.Allocate': 1 } }
    const limited = { ...facts, cluster: { ...facts.cluster, permissions } }
    expect(why('vms: { web: {} }', 'upload:fast@pve1/local', limited)).toContain('no Sys.AccessNetwork on /nodes/pve1')
  })

  describe('streams an image without a local copy', () => {
    const pushed = (
      tail: string,
      image: Partial<typeof FAST>,
      blobs: readonly `sha256:${string}`[] = [],
      options: PlanOptions = {},
    ) => {
      const desired = desiredState(tail)
      const fast = desired.images.get('fast')
      if (!fast) throw new Error('no image')
      const images = new Map([['fast', { ...fast, route: 'push' as const }]])
      const facts = factsOf({
        images: new Map([['fast', { ...FAST, sizeBytes: 1000, ...image }]]),
        blobs: new Set(blobs),
      })
      return makePlan({ ...desired, images }, facts, options).steps.map(({ kind }) => kind)
    }

    it('where it needs no conversion and has one target', () => {
      expect(pushed('vms: { web: { count: 2 } }', {})).toEqual(['resolve', 'stream', 'template', 'create', 'create'])
    })

    it('but not where the store keeps it', () => {
      expect(pushed('vms: { web: {} }', {}, [], { keepImages: true })).not.toContain('stream')
    })

    it.each([
      ['it goes to two nodes', 'vms: { web: {}, db: { node: pve2 } }', {}, []],
      ['it is packed', 'vms: { web: {} }', { compression: 'gzip' }, []],
      ['it is already here', 'vms: { web: {} }', {}, [FAST.digest]],
    ] as const)('but not where %s', (_situation, tail, image, blobs) => {
      expect(pushed(tail, image, blobs as never)).not.toContain('stream')
    })
  })

  it('pushes where the format is not known yet', () => {
    const { compression: _unknown, format: _too, ...unseen } = FAST
    const facts = factsOf({ images: new Map([['fast', unseen]]) })
    expect(planOf('vms: { web: {} }', facts)).toContain('+ upload:fast@pve1/local < convert:fast')
  })

  it.each([
    ['a file storage: Proxmox fetches it, and is asked for raw when it imports', 'dir', {}, [], 'pull', 'raw'],
    ['a block storage: Proxmox fetches it, and writes raw by itself', 'lvmthin', {}, [], 'pull', undefined],
    ['a file storage, sent: Proxmox is asked for raw', 'dir', { route: 'push' }, [], 'stream', 'raw'],
    ['a file storage, unpacked here: Proxmox is asked for raw', 'dir', { packed: true }, [], 'upload', 'raw'],
    ['a folder here: this machine converts', 'dir', { route: 'local' }, ['raw'], 'upload', undefined],
    [
      'anything, where the manifest asks for it: this machine converts',
      'dir',
      { convert: 'runner' },
      ['raw'],
      'upload',
      undefined,
    ],
    [
      'anything, of what Proxmox cannot read: this machine converts',
      'dir',
      { format: 'vdi' },
      ['raw'],
      'upload',
      undefined,
    ],
  ] as const)('for a wanted raw on %s', (_situation, type, special, converts, brings, importFormat) => {
    const { format, packed, ...ways } = { format: 'qcow2', packed: false, ...special } as const
    const facts = factsOf({
      images: new Map([['fast', { ...FAST, sizeBytes: 1000, format, ...(packed && { compression: 'xz' as const }) }]]),
    })
    const storages = [storageFacts('pve1', 'local'), storageFacts('pve1', 'disks', { type })]
    const desired = desiredState('vms: { web: {} }')
    const image = desired.images.get('fast')
    if (!image) throw new Error('no image')
    const wanting = { ...desired, images: new Map([['fast', { ...image, format: 'raw' as const, ...ways }]]) }
    const { steps } = makePlan(wanting, { ...facts, cluster: { ...facts.cluster, storages } })
    const made = steps.flatMap((step) => (step.kind === 'convert' && step.format ? [step.format] : []))
    expect(made).toEqual(converts)
    expect(steps.some(({ kind }) => kind === brings)).toBe(true)
    const template = steps.find(({ kind }) => kind === 'template')
    expect(template).toEqual(
      importFormat ? expect.objectContaining({ importFormat }) : expect.not.objectContaining({ importFormat: 'raw' }),
    )
  })

  it('skips the download when the store has the result of the conversion', () => {
    const facts = factsOf({ blobs: new Set([`sha256:${'b'.repeat(64)}+as-is` as const]) })
    expect(planOf('vms: { web: { image: slow } }', facts).slice(0, 3)).toEqual([
      '= resolve:slow',
      '= convert:slow < resolve:slow',
      '+ upload:slow@pve1/local < convert:slow',
    ])
  })

  it('skips everything before an existing volume, pulled or fully pushed', () => {
    for (const [name, sizeBytes] of [
      [pulledName(FAST_STEM, 'qcow2'), 1],
      [pushedName(FAST_STEM, 77, 'raw'), 77],
    ] as const) {
      const facts = factsOf({
        volumes: new Map([['pve1/local', [{ volid: `local:import/${name}`, name, sizeBytes }]]]),
      })
      expect(planOf('vms: { web: {} }', facts).filter((line) => line.startsWith('+'))).toEqual([
        '+ template:fast@pve1/disks < pull:fast@pve1/local',
        '+ create:web < template:fast@pve1/disks',
      ])
    }
  })

  it('does not accept a partial upload as the image', () => {
    const name = pushedName(FAST_STEM, 77, 'qcow2')
    const facts = factsOf({
      volumes: new Map([['pve1/local', [{ volid: `local:import/${name}`, name, sizeBytes: 76 }]]]),
    })
    expect(planOf('vms: { web: {} }', facts)).toContain('+ pull:fast@pve1/local < resolve:fast')
  })

  it('skips everything before an existing template', () => {
    const facts = factsOf({ guests: [template()] })
    expect(planOf('vms: { web: {} }', facts)).toEqual([
      '= resolve:fast',
      '= template:fast@pve1/disks < resolve:fast',
      '+ create:web < template:fast@pve1/disks',
    ])
  })

  it('does not use the template of another node, storage or digest', () => {
    for (const other of [template({ node: 'pve2' }), template({ base: 'f'.repeat(16) })]) {
      expect(planOf('vms: { web: {} }', factsOf({ guests: [other] }))).toContain(
        '+ template:fast@pve1/disks < pull:fast@pve1/local',
      )
    }
  })
})

describe('makePlan for an image that only some storages need converted', () => {
  const mixed = `vms:
  thin: { storage: { disks: thin } }
  file: { storage: { disks: disks } }
`
  const state = (route: string): Desired => {
    const { images, ...rest } = desiredState(mixed)
    const fast = images.get('fast')
    if (!fast) throw new Error('no image')
    return { ...rest, images: new Map([['fast', { ...fast, format: 'raw', route: route as 'push' }]]) }
  }
  const facts = factsOf({ images: new Map([['fast', { ...FAST, sizeBytes: 1000 }]]) })
  const storages = [
    ...facts.cluster.storages,
    storageFacts('pve1', 'thin', { type: 'lvmthin', content: new Set(['images']) }),
  ]
  const withThin = { ...facts, cluster: { ...facts.cluster, storages } }

  it('uploads one volume for both: Proxmox converts it for each storage', () => {
    const found = makePlan(state('push'), withThin)
    expect(lines(found)).toEqual([
      '= resolve:fast',
      '+ stream:fast@pve1/local < resolve:fast',
      '+ template:fast@pve1/thin < stream:fast@pve1/local',
      '+ create:thin < template:fast@pve1/thin',
      '+ template:fast@pve1/disks < stream:fast@pve1/local',
      '+ create:file < template:fast@pve1/disks',
    ])
  })

  it('downloads it once and writes both volumes into a local folder', () => {
    expect(lines(makePlan(state('local'), withThin))).toEqual([
      '= resolve:fast',
      '+ download:fast < resolve:fast',
      '+ upload:fast@pve1/local < download:fast',
      '+ template:fast@pve1/thin < upload:fast@pve1/local',
      '+ create:thin < template:fast@pve1/thin',
      '+ convert:fast+raw < download:fast',
      '+ upload:fast+raw@pve1/local < convert:fast+raw',
      '+ template:fast@pve1/disks < upload:fast+raw@pve1/local',
      '+ create:file < template:fast@pve1/disks',
    ])
  })
})

describe('makePlan with machines that exist', () => {
  const web = (rest: object = {}) =>
    machineAsDeclared(desiredState('vms: { web: {} }'), 'web', { base: FAST_BASE, ...rest })

  it('does nothing for a machine that is as declared', () => {
    const plan = makePlan(desiredState('vms: { web: {} }'), factsOf({ guests: [web()] }))
    expect(changesIn(plan)).toBe(0)
    expect(plan.steps.every(({ why }) => why !== '')).toBe(true)
  })

  it('does not count a step that is known to fail, nor what needs it', () => {
    const facts = factsOf({ images: new Map([['fast', new ProvisionError('HTTP', 'gone')]]) })
    const plan = makePlan(desiredState('vms: { web: {} }'), facts)
    expect(plan.steps.some(({ problem }) => problem?.code === 'HTTP')).toBe(true)
    expect(stepCounts(plan)).toEqual({ changes: 0, impossible: plan.steps.length, kept: 0 })
  })

  it('starts a stopped machine that should run', () => {
    expect(planOf('vms: { web: { start: true } }', factsOf({ guests: [web()] }))).toContain('+ start:web < create:web')
    expect(planOf('vms: { web: { start: true } }', factsOf({ guests: [web({ status: 'running' })] }))).toContain(
      '= start:web < create:web',
    )
  })

  it('leaves a machine on an older base alone, and says so', () => {
    const plan = makePlan(desiredState('vms: { web: {} }'), factsOf({ guests: [web({ base: 'f'.repeat(16) })] }))
    expect(changesIn(plan)).toBe(0)
    expect(plan.notes.join()).toMatch(/web .*older/)
  })

  it('reports what verifying the store found', () => {
    const verified = [
      { image: 'fast', key: FAST.digest, is: 'wrong' },
      { image: 'fast', key: `${FAST.digest}+qcow2`, is: 'unknown' },
      { image: 'fast', key: `${FAST.digest}+raw`, is: 'whole' },
    ] as const
    expect(makePlan(desiredState('vms: { web: {} }'), factsOf({ guests: [web()], verified })).notes).toEqual([
      `A copy of fast in the store has changed and was removed (${FAST.digest.slice(0, 19)}…).`,
      `A copy of fast in the store cannot be checked and was removed (${FAST.digest.slice(0, 19)}…).`,
      'One file in the store checked: the digests match.',
    ])
  })

  it('refuses to replace an unknown machine', () => {
    expect(() => planOf('vms: { web: {} }', factsOf(), { replace: ['wbe'] })).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    )
  })

  it('replaces every machine of an entry that --replace names', () => {
    const state = desiredState('vms: { worker: { count: 2 } }')
    const guests = ['worker-1', 'worker-2'].map((name) => machineAsDeclared(state, name, { base: FAST_BASE }))
    const plan = makePlan(state, factsOf({ guests: [...guests, template()] }), { replace: ['worker'] })
    expect(lines(plan).filter((line) => line.startsWith('+ replace'))).toEqual([
      '+ replace:worker-1 < template:fast@pve1/disks',
      '+ replace:worker-2 < template:fast@pve1/disks',
    ])
  })

  it('replaces one only on request, in one step that restores it on failure', () => {
    const steps = planOf('vms: { web: {} }', factsOf({ guests: [web(), template()] }), { replace: ['web'] })
    expect(steps).toContain('+ replace:web < template:fast@pve1/disks')
    expect(steps.join()).not.toContain('destroy')
  })

  it('destroys nothing for a successor that is known to fail', () => {
    const gone = new ProvisionError('HTTP', 'The vendor is gone.')
    const withoutImage = factsOf({ guests: [web()], images: new Map([['fast', gone]]) })
    expect(planOf('vms: { web: {} }', withoutImage, { replace: ['web'] })).toContain('+ replace:web < resolve:fast')
    const large = imageFacts('fast', 'a', { virtualSizeBytes: 20 * 1024 ** 3 })
    const tooLarge = factsOf({ guests: [web(), template()], images: new Map([['fast', large]]) })
    expect(planOf('vms: { web: { disk: 10 GiB } }', tooLarge, { replace: ['web'] })).toContain(
      '! replace:web < template:fast@pve1/disks',
    )
  })

  it('destroys a machine with a fixed ID before it creates its successor', () => {
    const fixed = { ...web(), vmid: 500 }
    const steps = planOf('vms: { web: { vmid: 500 } }', factsOf({ guests: [fixed, template()] }), { replace: ['web'] })
    expect(steps).toContain('+ create:web < template:fast@pve1/disks destroy:web')
  })
})

describe('makePlan when something is impossible', () => {
  it('fails the image whose digest is unavailable, and only what needs it', () => {
    const problem = new ProvisionError('HTTP', 'The vendor is gone.')
    const facts = factsOf({
      images: new Map<string, never>([
        ['fast', problem as never],
        ['slow', imageFacts('slow', 'b') as never],
      ]),
    })
    const steps = planOf('vms: { web: {}, db: { image: slow } }', facts)
    expect(steps).toContain('! resolve:fast')
    expect(steps).toContain('+ create:web < resolve:fast')
    expect(steps).toContain('+ create:db < template:slow@pve1/disks')
  })

  it('fails a machine whose disk is smaller than its image', () => {
    const facts = factsOf({ images: new Map([['fast', { ...FAST, virtualSizeBytes: 3 * 1024 ** 3 }]]) })
    expect(planOf('vms: { web: { disk: 2 GiB } }', facts).at(-1)).toMatch(/^! create:web/)
    expect(planOf('vms: { web: { disk: 3 GiB } }', facts).at(-1)).toMatch(/^\+ create:web/)
  })
})

describe('makeDestroyPlan', () => {
  const guests = [
    guestFacts('web'),
    guestFacts('gone', { vmid: 20002 }),
    guestFacts('tpl', { vmid: 20003, template: true }),
  ]

  it('removes everything with the marker, also what the manifest no longer names, templates last', () => {
    const plan = makeDestroyPlan(desiredState('vms: { web: {} }'), factsOf({ guests }))
    expect(lines(plan)).toEqual(['+ destroy:web', '+ destroy:gone', '+ destroy:tpl@pve1 < destroy:web destroy:gone'])
  })

  it('with --only leaves everything else, and the templates', () => {
    expect(lines(makeDestroyPlan(desiredState('vms: { web: {} }'), factsOf({ guests }), { only: ['web'] }))).toEqual([
      '+ destroy:web',
    ])
  })

  it('of orphans removes what the manifest does not name, but no machines under a former name and no templates', () => {
    const desired = desiredState('vms: { web: {}, shop: { renamedFrom: store } }')
    const all = [...guests, guestFacts('store', { vmid: 20004 })]
    expect(lines(makeDestroyPlan(desired, factsOf({ guests: all }), { orphans: true }))).toEqual(['+ destroy:gone'])
    expect(lines(makeDestroyPlan(desired, factsOf({ guests: [guestFacts('web')] }), { orphans: true }))).toEqual([])
  })

  it('refuses an unknown name, and lists the known ones', () => {
    const asked = () => makeDestroyPlan(desiredState('vms: { web: {} }'), factsOf({ guests }), { only: ['wbe'] })
    expect(asked).toThrow(/No machine of lab, in Proxmox or in the manifest, is called wbe/)
    expect(asked).toThrow(expect.objectContaining({ code: 'USAGE', hint: 'Did you mean web?' }))
  })

  it('has nothing to do for a machine of the manifest that is already gone', () => {
    expect(makeDestroyPlan(desiredState('vms: { db: {} }'), factsOf({ guests }), { only: ['db'] }).steps).toEqual([])
  })

  it('has nothing to do where nothing belongs to the project', () => {
    expect(makeDestroyPlan(desiredState('vms: { web: {} }'), factsOf()).steps).toEqual([])
  })
})

describe('makePlan where a node does not answer', () => {
  const { cluster } = factsOf()
  const nodes = cluster.nodes.map((node) => ({ ...node, online: node.name !== 'pve1' }))
  const facts = factsOf({ cluster: { ...cluster, nodes } })

  it('fails the machines of that node alone, and plans nothing there', () => {
    expect(planOf('vms: { web: {}, db: { node: pve2 } }', facts).filter((line) => !line.startsWith('='))).toEqual([
      '! create:web',
      '+ pull:fast@pve2/local < resolve:fast',
      '+ template:fast@pve2/disks < pull:fast@pve2/local',
      '+ create:db < template:fast@pve2/disks',
    ])
  })

  it('never creates a machine that may exist on an unreachable node', () => {
    const unseen = { ...factsOf(), unreachable: [{ vmid: 20001, node: 'pve2', name: 'web' }] }
    const [step] = makePlan(desiredState('vms: { web: {} }'), unseen).steps.filter(({ kind }) => kind === 'create')
    expect(step?.problem).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('20001 on pve2') })
  })
})

describe('the notes of a plan', () => {
  const notesOf = (tail: string, facts: Facts = factsOf()) => makePlan(desiredState(tail), facts).notes.join('\n')

  it('say that a new machine cannot be reached or logged in to', () => {
    const notes = notesOf('vms: { web: { count: 2, cloudInit: { user: ops } } }')
    expect(notes).toMatch(/Without `network`, web-1, web-2 cannot be reached\./)
    expect(notes).toMatch(/Without `sshKeys` or `password`.*log in to web-1, web-2\./)
  })

  it.each([
    [
      'has a network and a key',
      '{ network: { bridge: vmbr0 }, cloudInit: { user: ops, sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC a@b"] } }',
    ],
    ['brings its own user-data', '{ network: { bridge: vmbr0 }, cloudInit: { userData: "#cloud-config" } }'],
    ['says nothing of cloud-init', '{ network: { bridge: vmbr0 } }'],
  ])('are empty where a machine %s', (_, web) => {
    expect(notesOf(`vms: { web: ${web} }`)).toBe('')
  })

  it('say where a machine with a fixed address gets its name servers from', () => {
    const words = (more: string) =>
      notesOf(`vms: { web: { network: { bridge: vmbr0 }, cloudInit: { password: x, ip: 10.0.0.5/24${more} } } }`)
    expect(words('')).toMatch(/web gets the name servers of the node; when they change there, cloud-init runs again/)
    expect(words(', vendorData: "#cloud-config"')).toMatch(/web will have no name server/)
    expect(words(', dns: { servers: [10.0.0.53] }')).toBe('')
    expect(words(', ip6: dhcp')).toBe('')
  })

  it('have the notes on the files of the manifest', () => {
    const tail = 'vms: { web: { network: { bridge: vmbr0 }, cloudInit: { userData: "packages: []" } } }'
    expect(notesOf(tail)).toMatch(/^test\.yaml:\d+:\d+: Line 1, column 1 of the document: The document begins with/)
  })

  it('say that an existing machine names an unknown node', () => {
    const notes = notesOf('vms: { web: { nodes: [pve1, pve3] } }', factsOf({ guests: [guestFacts('web')] }))
    expect(notes).toMatch(/There is no node pve3; nodes are pve1, pve2\./)
  })
})

describe('a machine on another storage than the manifest says', () => {
  it('is reported with the missing storage first, before a replacement', () => {
    const guests = [guestFacts('web', { config: { scsi0: 'disks:vm-1-disk-0,size=4G' } })]
    const tail = 'vms: { web: { storage: { images: local, disks: diskz } } }'
    const update = makePlan(desiredState(tail), factsOf({ guests })).steps.find(({ id }) => id === 'update:web')
    expect(update?.problem?.message).toMatch(/There is no storage diskz on pve1/)
    expect(update?.problem?.hint).toMatch(/Storages on pve1 are local, disks/)
  })
})

describe('blockedSteps', () => {
  it('names the first cause of each blocked step, but not the cause itself', () => {
    const gone: ProvisionError = new ProvisionError('HTTP', 'gone')
    const images = new Map([...factsOf().images, ['fast', gone] as const])
    const plan = makePlan(desiredState('vms: { web: { start: true } }'), factsOf({ images }))
    expect([...blockedSteps(plan)]).toEqual([
      ['create:web', 'resolve:fast'],
      ['start:web', 'resolve:fast'],
    ])
  })
})
