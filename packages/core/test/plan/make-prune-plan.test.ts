import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { makePrunePlan } from '../../src/plan/make-prune-plan.ts'
import { baseOf, pulledName, pushedName, volumeStem } from '../../src/plan/names.ts'
import { desiredState, factsOf, guestFacts, imageFacts, machineAsDeclared } from '../support/given.ts'

const desired = desiredState('vms: { web: {} }')
const NOW = baseOf(imageFacts('fast', 'a'), 'as-is')
const OLD = baseOf(imageFacts('fast', 'f'), 'as-is')

const template = (base: string, rest: object = {}) =>
  guestFacts(`tpl-${base}`, { vmid: base === OLD ? 20101 : 20100, template: true, base, ...rest })
const volume = (name: string, sizeBytes = 10) => ({ volid: `local:import/${name}`, name, sizeBytes })
const ids = (facts: Parameters<typeof makePrunePlan>[1]) => makePrunePlan(desired, facts).steps.map(({ id }) => id)

describe('makePrunePlan', () => {
  it('removes the template of an old build of an image, and keeps the current one', () => {
    const { steps } = makePrunePlan(desired, factsOf({ guests: [template(OLD), template(NOW)] }))
    expect(steps).toMatchObject([
      { id: `destroy:tpl-${OLD}@pve1`, why: 'no machine uses it, and fast has a newer build' },
    ])
  })

  it('keeps an old template while a machine of the project uses it', () => {
    const web = machineAsDeclared(desired, 'web', { base: OLD })
    expect(ids(factsOf({ guests: [template(OLD), web] }))).toEqual([])
  })

  it('removes the template of an image that the manifest no longer names', () => {
    const { steps } = makePrunePlan(desired, factsOf({ guests: [template(NOW, { image: 'gone' })] }))
    expect(steps).toMatchObject([
      { id: `destroy:tpl-${NOW}@pve1`, why: 'no machine uses it, and the manifest has no gone' },
    ])
  })

  it('removes volumes with our names and another digest, pulled or pushed, and nothing else', () => {
    const volumes = [
      volume(pulledName(volumeStem('fast', NOW), 'qcow2')),
      volume(pulledName(volumeStem('fast', OLD), 'qcow2')),
      volume(pushedName(volumeStem('fast', OLD), 10, 'raw')),
      volume(pulledName(volumeStem('other', OLD), 'qcow2')),
      volume('fast.qcow2'),
      volume('fast-by-hand.qcow2'),
    ]
    const facts = factsOf({ volumes: new Map([['pve1/local', volumes]]) })
    expect(ids(facts)).toEqual([
      `remove-volume:pve1/local/fast-${OLD}.qcow2`,
      `remove-volume:pve1/local/fast-${OLD}-10.raw`,
    ])
  })

  it('keeps everything of an image whose digest is unavailable, and says so', () => {
    const images = new Map<string, never>([['fast', new ProvisionError('HTTP', 'gone') as never]])
    const facts = factsOf({
      images,
      guests: [template(OLD)],
      volumes: new Map([['pve1/local', [volume(`fast-${OLD}.qcow2`)]]]),
    })
    const plan = makePrunePlan(desired, facts)
    expect(plan.steps).toEqual([])
    expect(plan.notes.join()).toMatch(/fast is left alone/)
  })
})

describe('makePlan', () => {
  it('reports machines of the project that the manifest no longer names, and keeps them', () => {
    const plan = makePlan(desired, factsOf({ guests: [guestFacts('worker-3', { vmid: 20333 })] }))
    expect(plan.notes.join()).toMatch(/worker-3 \(20333 on pve1\).*destroy --only worker-3/)
    expect(plan.steps.some(({ id }) => id.includes('worker-3'))).toBe(false)
  })
})
