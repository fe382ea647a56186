// Two files of one project do not remove each other's machines.
import { describe, expect, it } from 'vitest'
import type { GuestFacts } from '../../src/facts/facts.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import { adoptedMarker } from '../../src/plan/day-two/adoptable.ts'
import { makeDestroyPlan } from '../../src/plan/make-destroy-plan.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { factsOf, guestFacts } from '../support/given.ts'

const TEXT = `project: lab
images: { fast: { url: "https://vendor.example/fast.qcow2", checksum: "sha256:${'a'.repeat(64)}" } }
defaults: { image: fast, node: pve1, storage: { images: local, disks: disks } }
vms: { web: {} }
`

const read = (more: { readonly identity?: string; readonly isFromFolder?: boolean }) =>
  parseManifest({ text: TEXT, file: 'given.yaml', ...more }).desired

function machine(name: string, vmid: number, file?: string): GuestFacts {
  const guest = guestFacts(name, { vmid })
  return { ...guest, marker: { ...guest.marker, ...(file !== undefined && { file }) } }
}

const GUESTS = [
  machine('web', 1, 'site/a.yaml'),
  machine('old', 2, 'site/a.yaml'),
  machine('moved', 3, 'site/gone.yaml'),
  machine('theirs', 4, 'b.yaml'),
  machine('before', 5),
]

const removed = ({ steps }: Plan) => steps.flatMap((step) => (step.kind === 'destroy' ? [step.name] : []))
const facts = factsOf({ guests: [...GUESTS, guestFacts('tpl', { vmid: 9, template: true })] })

describe('a run with', () => {
  it.each([
    ['the one file', { identity: 'site/a.yaml' }, ['old', 'before']],
    ['the other file', { identity: 'b.yaml' }, ['theirs', 'before']],
    ['the folder of a file that is gone', { identity: 'site/a.yaml', isFromFolder: true }, ['old', 'moved', 'before']],
    ['standard input', {}, ['before']],
  ])('%s removes what these files declared, and what no file claims', (_what, identity, names) => {
    const desired = read(identity)
    const plan = makePlan(desired, facts, { prune: true })
    expect(removed(plan)).toEqual(names)
    expect(removed(makeDestroyPlan(desired, facts, { orphans: true }))).toEqual(names)
    expect(makePlan(desired, facts).orphans.map(({ name }) => name)).toEqual(names)
  })

  it('one file reports the machines of other files', () => {
    const { notes } = makePlan(read({ identity: 'site/a.yaml' }), facts, { prune: true })
    expect(notes).toContainEqual(
      'theirs is declared in b.yaml, which was not given; left alone. To remove it, give that file as well, or the name: pve-provision destroy --only theirs',
    )
  })

  it('one file destroys its own machines, and keeps templates that other files use', () => {
    const plan = makeDestroyPlan(read({ identity: 'site/a.yaml' }), facts)
    expect(removed(plan)).toEqual(['web', 'old', 'before'])
    expect(plan.notes.join()).toContain('theirs is declared in b.yaml')
    expect(removed(makeDestroyPlan(read({ identity: 'site/a.yaml' }), facts, { only: ['theirs'] }))).toEqual(['theirs'])
  })

  it('a file puts its name into markers', () => {
    const [web] = read({ identity: 'site/a.yaml' }).machines
    expect(web?.file).toBe('site/a.yaml')
    expect(web && adoptedMarker(web, 'lab').file).toBe('site/a.yaml')
    expect(read({}).machines[0]).not.toHaveProperty('file')
  })
})
