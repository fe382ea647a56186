// Tests image builds in a plan: where images are built, what is kept, and what is impossible.
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../../src/errors.ts'
import type { Marker } from '../../../src/facts/cluster/marker.ts'
import type { Facts, GuestFacts } from '../../../src/facts/facts.ts'
import type { Desired } from '../../../src/manifest/manifest.ts'
import { makeDestroyPlan } from '../../../src/plan/make-destroy-plan.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { makePrunePlan } from '../../../src/plan/make-prune-plan.ts'
import type { Plan } from '../../../src/plan/plan.ts'
import type { StepOf } from '../../../src/plan/step.ts'
import { factsOf, guestFacts, imageFacts, layeredState, machineAsDeclared, storageFacts } from '../../support/given.ts'

const VMS = 'vms: { web: { image: ready, network: { bridge: vmbr0 } } }'
const recipe = (build: string) => layeredState(`images: { ready: { from: fast, build: ${build} } }\n${VMS}`)
const READY = recipe('{ packages: [nginx], run: ["true"] }')

const steps = (plan: Plan) => plan.steps.map(({ id, action }) => `${id} ${action}`)
const buildIn = (plan: Plan) => plan.steps.find((step): step is StepOf<'build'> => step.kind === 'build')
const baseOfBuild = (desired: Desired, facts = factsOf()) => buildIn(makePlan(desired, facts))?.base ?? ''

/** Returns the template of a finished build. */
function built(desired: Desired, rest: Partial<GuestFacts> = {}): GuestFacts {
  return guestFacts('tpl-ready', {
    template: true,
    image: 'ready',
    base: baseOfBuild(desired),
    vmid: 20100,
    config: { template: 1, scsi0: 'disks:20050/base-20050-disk-0.qcow2/20100/base-20100-disk-0.qcow2,size=2G' },
    ...rest,
  })
}

const problems = (desired: Desired, rest: Partial<Facts> = {}) =>
  makePlan(desired, factsOf(rest)).problems.map(({ message }) => message)

describe('an image that is built', () => {
  it('needs the template of the image that it is built on, and machines are made from it', () => {
    const plan = makePlan(READY, factsOf())
    expect(steps(plan)).toEqual([
      'resolve:fast keep',
      'pull:fast@pve1/local run',
      'template:fast@pve1/disks run',
      'build:ready@pve1/disks run',
      'create:web run',
    ])
    expect(buildIn(plan)).toMatchObject({
      from: 'fast',
      does: 'installs 1 package, runs 1 command',
      like: 'web',
      linked: true,
      at: { node: 'pve1', storage: 'disks' },
      cdAt: { node: 'pve1', storage: 'local' },
      needs: ['template:fast@pve1/disks'],
    })
    expect(plan.problems).toEqual([])
  })

  it('is kept where its template is there, whether that of the other is or not', () => {
    const plan = makePlan(READY, factsOf({ guests: [built(READY)] }))
    expect(steps(plan)).toEqual(['resolve:fast keep', 'build:ready@pve1/disks keep', 'create:web run'])
  })

  it('is built once for each node and storage, and once for all nodes on a shared storage', () => {
    const desired = layeredState(
      'images: { ready: { from: fast, build: {} } }\nvms: { web: { image: ready }, db: { image: ready, node: pve2 } }',
    )
    const builds = (facts: Facts) => makePlan(desired, facts).steps.filter(({ kind }) => kind === 'build')
    expect(builds(factsOf()).map(({ id }) => id)).toEqual(['build:ready@pve1/disks', 'build:ready@pve2/disks'])
    const storages = ['pve1', 'pve2'].flatMap((node) => [
      storageFacts(node, 'local'),
      storageFacts(node, 'disks', { type: 'nfs', shared: true }),
    ])
    const facts = factsOf()
    expect(builds({ ...facts, cluster: { ...facts.cluster, storages } }).map(({ id }) => id)).toEqual([
      'build:ready@disks',
    ])
  })

  it('is another one with another recipe, or on another build of the other image', () => {
    const bases = [
      baseOfBuild(READY),
      baseOfBuild(recipe('{ packages: [nginx], run: ["false"] }')),
      baseOfBuild(recipe('{ packages: [curl], run: ["true"] }')),
      baseOfBuild(recipe('{ packages: [nginx], run: ["true"], disk: 8 GiB }')),
      baseOfBuild(READY, factsOf({ images: new Map([['fast', imageFacts('fast', 'c')]]) })),
    ]
    expect(new Set(bases).size).toBe(bases.length)
    expect(baseOfBuild(recipe('{ run: ["true"], packages: [nginx], timeout: 1 h }'))).toBe(bases[0])
  })

  it('is another one with another secret, of which the digits tell nothing that could be tried at speed', () => {
    const build = '{ files: [{ path: /x, content: { text: "a ${secret:WORD}", fill: true } }] }'
    const withSecret = (WORD: string) =>
      layeredState(`images: { ready: { from: fast, build: ${build} } }\n${VMS}`, { environment: { WORD } })
    const plain = (word: string) => recipe(`{ files: [{ path: /x, content: "a ${word}" }] }`)
    expect(baseOfBuild(withSecret('one-word'))).not.toBe(baseOfBuild(withSecret('other-word')))
    expect(baseOfBuild(withSecret('one-word'))).toBe(baseOfBuild(withSecret('one-word')))
    expect(baseOfBuild(withSecret('one-word'))).not.toBe(baseOfBuild(plain('one-word')))
  })

  it('can be the beginning of a further disk', () => {
    const desired = layeredState(
      'images: { ready: { from: fast, build: {} } }\nvms: { web: { disks: [{ image: ready, size: 20 GiB }] } }',
    )
    const plan = makePlan(desired, factsOf())
    const create = plan.steps.find(({ kind }) => kind === 'create')
    expect(create).toMatchObject({ disksFrom: { scsi1: { volumeFrom: 'build:ready@pve1/disks' } } })
  })

  it('makes its machines outdated when the recipe changes', () => {
    const web = machineAsDeclared(READY, 'web', { base: baseOfBuild(READY) })
    expect(makePlan(READY, factsOf({ guests: [web] })).machines[0]?.outdated).toBeUndefined()
    const changed = recipe('{ run: ["false"] }')
    expect(makePlan(changed, factsOf({ guests: [web] })).machines[0]?.outdated).toEqual({
      from: baseOfBuild(READY),
      to: baseOfBuild(changed),
    })
  })

  it('says what becomes of what an earlier run left', () => {
    const why = (rest: Partial<GuestFacts>, stage?: Marker['stage']) => {
      const { marker, ...guest } = built(READY, { template: false, config: {}, ...rest })
      const left = {
        ...guest,
        marker: { ...marker, kind: 'template' as const, storage: 'disks', ...(stage && { stage }) },
      }
      return buildIn(makePlan(READY, factsOf({ guests: [left] })))?.why
    }
    expect(why({ status: 'running' }, 'booted')).toMatch(
      /^20100 on pve1 is left over from an interrupted run and is finished/,
    )
    expect(why({ status: 'stopped' }, 'sealed')).toMatch(/is finished/)
    expect(why({ status: 'stopped' }, 'booted')).toMatch(/run, was switched off, and is removed;/)
    expect(why({ status: 'stopped' }, 'prepared')).toMatch(/is finished/)
    expect(why({ status: 'running' }, 'failed')).toMatch(/left over from a failed build and is removed/)
  })
})

describe('a build that cannot be', () => {
  it.each([
    ['has a disk smaller than the other image', '{ disk: 1 GiB }', VMS, /would have 1 GiB, but fast needs 2 GiB/],
    [
      'installs packages without a network',
      '{ packages: [nginx] }',
      'vms: { web: { image: ready } }',
      /has no network/,
    ],
    ['is for Windows', '{}', 'vms: { web: { image: ready, osType: win11 } }', /because web is Windows/],
  ])('is said before anything is changed where it %s', (_, build, vms, message) => {
    const desired = layeredState(`images: { ready: { from: fast, build: ${build} } }\n${vms}`)
    const images = new Map([['fast', imageFacts('fast', 'a', { virtualSizeBytes: 2 * 1024 ** 3 })]])
    expect(problems(desired, { images })).toEqual([expect.stringMatching(message)])
  })

  it('is not blamed for the image at the bottom', () => {
    const images = new Map([['fast', new ProvisionError('HTTP', 'The vendor is away.')]])
    const plan = makePlan(READY, factsOf({ images }))
    expect(steps(plan)).toEqual(['resolve:fast run', 'create:web run'])
    expect(plan.problems.map(({ message }) => message)).toEqual(['The vendor is away.'])
  })

  it('names the privilege to hear how it went, by version', () => {
    const without = (major: number, left: string) => {
      const facts = factsOf()
      const { permissions } = facts.cluster
      const held = Object.fromEntries(
        Object.entries(permissions).map(([path, list]) => [
          path,
          Object.fromEntries(Object.entries(list).filter(([name]) => name !== left)),
        ]),
      )
      const version = { text: `${major}.4.1`, major, minor: 4 }
      const plan = makePlan(READY, { ...facts, cluster: { ...facts.cluster, version, permissions: held } })
      return plan.problems.map(({ message }) => message).join()
    }
    expect(without(9, 'VM.GuestAgent.FileRead')).toMatch(/VM\.GuestAgent\.FileRead or VM\.GuestAgent\.Unrestricted/)
    expect(without(8, 'VM.Monitor')).toMatch(/VM\.Monitor \(to read the result of the build of ready\)/)
    expect(without(9, 'VM.Monitor')).toBe('')
  })
})

describe('the removal of what is built', () => {
  const base = guestFacts('tpl-fast', {
    template: true,
    image: 'fast',
    base: 'f'.repeat(16),
    vmid: 20050,
    config: { template: 1, scsi0: 'disks:20050/base-20050-disk-0.qcow2,size=2G' },
  })

  it('goes before that of the template that it is linked to', () => {
    const { steps: planned } = makeDestroyPlan(READY, factsOf({ guests: [base, built(READY)] }))
    expect(planned.map(({ id }) => id)).toEqual(['destroy:tpl-ready@pve1', 'destroy:tpl-fast@pve1'])
    expect(planned[1]?.needs).toEqual(['destroy:tpl-ready@pve1'])
  })

  it('leaves an old template of the other image where something that stays is linked to it', () => {
    const ids = (guests: readonly GuestFacts[]) => makePrunePlan(READY, factsOf({ guests })).steps.map(({ id }) => id)
    expect(ids([base, built(READY)])).toEqual([])
    expect(ids([base, built(READY, { marker: { ...built(READY).marker, base: '9'.repeat(16) } })])).toEqual([
      'destroy:tpl-ready@pve1',
      'destroy:tpl-fast@pve1',
    ])
  })
})
