import { describe, expect, it } from 'vitest'
import { OWNER_TAG, writeDescription } from '../../../src/facts/cluster/marker.ts'
import type { GuestFacts } from '../../../src/facts/facts.ts'
import { adoptedMarker, takenOver } from '../../../src/plan/day-two/adoptable.ts'
import { type Adoption, makeAdoptPlan } from '../../../src/plan/day-two/make-adopt-plan.ts'
import { desiredState, factsOf, guestFacts, machineAsDeclared } from '../../support/given.ts'

const desired = desiredState('vms: { web: { memory: 2 GiB, cores: 2 } }')
const [web] = desired.machines

function adoption(config: GuestFacts['config'], rest: Partial<Adoption> = {}): Adoption {
  if (web === undefined) throw new Error('no machine')
  return { machine: web, vmid: 700, node: 'pve2', config: { name: 'web', ...config }, status: 'running', ...rest }
}

function planOf(one: Adoption, options = {}, guests: readonly GuestFacts[] = []) {
  return makeAdoptPlan({ desired, facts: factsOf({ guests }), adoptions: [one] }, options)
}

/** A description with a marker. */
function markedBy(project: string, name: string): GuestFacts['config'] {
  const { marker } = guestFacts(name)
  return { description: writeDescription({ ...marker, project, vmid: 700 }) }
}

describe('a machine made by hand', () => {
  const declared = machineAsDeclared(desired, 'web').config

  it('that is as declared is adopted, and nothing else would change', () => {
    const { description: _ours, tags: _too, ...config } = declared
    const { steps, machines, problems } = planOf(adoption(config, { node: 'pve1' }))
    expect(problems).toEqual([])
    expect(machines).toEqual([{ name: 'web', vmid: 700, node: 'pve1', action: 'adopt', changes: [] }])
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({
      id: 'adopt:web',
      kind: 'adopt',
      vmid: 700,
      node: 'pve1',
      action: 'run',
      why: '700 on pve1 becomes web of lab; only its notes and tags change',
      needs: [],
      lanes: ['node:pve1'],
    })
  })

  it('that differs is adopted unchanged, and the plan says what would change afterwards', () => {
    const { machines } = planOf(adoption({ ...declared, memory: '1024' }))
    expect(machines[0]?.action).toBe('adopt')
    expect(machines[0]?.differences?.map(({ key, is }) => [key, is])).toEqual([['node', 'pve2']])
    expect(machines[0]?.changes.find(({ key }) => key === 'memory')).toMatchObject({ key: 'memory' })
  })

  it.each([
    ['is a template', { template: 1 }, '700 is a template; only VMs can be adopted.'],
    ['is a template, as older servers write it', { template: '1' }, '700 is a template; only VMs can be adopted.'],
    ['is locked', { lock: 'backup' }, '700 is locked (backup).'],
    ['is of another project', markedBy('shop', 'www'), '700 belongs to the project shop, as www.'],
    ['is another machine of this project', markedBy('lab', 'mail'), '700 already belongs to this project, as mail.'],
  ])('that %s is refused: nothing runs', (_situation, config, message) => {
    const { steps, machines, problems } = planOf(adoption(config))
    expect(problems.map((problem) => problem.message)).toEqual([message])
    expect(machines[0]?.action).toBe('blocked')
    expect(steps[0]?.problem?.message).toBe(message)
    expect(steps[0]?.problem?.hint).toMatch(/./)
  })

  it('of another project is adopted on request, a template of it is not', () => {
    expect(planOf(adoption(markedBy('shop', 'www')), { fromOthers: true }).problems).toEqual([])
    expect(planOf(adoption({ ...markedBy('shop', 'www'), template: 1 }), { fromOthers: true }).problems).toHaveLength(1)
  })

  it('that already is this machine is kept, with everything that its marker knows', () => {
    const { steps, machines, problems } = planOf(adoption(markedBy('lab', 'web')), {}, [
      guestFacts('web', { vmid: 700, node: 'pve2' }),
    ])
    expect([steps[0]?.action, machines, problems]).toEqual([
      'keep',
      [{ name: 'web', vmid: 700, node: 'pve2', action: 'keep', changes: [] }],
      [],
    ])
  })

  it('is refused where the machine exists as another VM', () => {
    const { machines, problems } = planOf(adoption({}), {}, [guestFacts('web', { vmid: 20001 })])
    expect(machines[0]?.action).toBe('blocked')
    expect(problems).toMatchObject([
      {
        message: 'web is 20001 on pve1 already, so 700 cannot become it as well.',
        hint: expect.stringContaining('destroy --only web@20001'),
      },
    ])
    expect(planOf(adoption({}), {}, [guestFacts('mail', { vmid: 20001 })]).problems).toEqual([])
  })

  it('that cannot become as declared in place is refused: each later plan would have that problem', () => {
    const [big] = desiredState('vms: { web: { disk: 1 GiB } }').machines
    const one = adoption({ scsi0: 'disks:700/vm-700-disk-0.raw,size=3G' }, big && { machine: big })
    expect(planOf(one).problems).toMatchObject([
      {
        message: 'The disk of web (700) has 3 GiB; Proxmox cannot shrink it to 1 GiB.',
        hint: 'Declare web as it is, then adopt it: pve-provision adopt web 700',
      },
    ])
  })

  it('without a cloud-init drive gets no settings without effect, and the plan says so', () => {
    const [guest] = desiredState('vms: { web: { cloudInit: { user: ops } } }').machines
    const planned = (config: GuestFacts['config']) => planOf(adoption(config, guest && { machine: guest })).machines[0]
    expect(planned({})).toMatchObject({ changes: [], differences: [{ key: 'node' }, { key: 'cloudInit' }] })
    expect(planned({ ide0: 'disks:700/vm-700-cloudinit.qcow2,media=cdrom' })).toMatchObject({
      changes: [{ key: 'cloudInit.user' }],
      differences: [{ key: 'node' }],
    })
  })

  it('that boots from another drive has no `disk` to change, and the plan says so', () => {
    const [guest] = desiredState('vms: { web: { disk: 4 GiB } }').machines
    const planned = (config: GuestFacts['config']) => planOf(adoption(config, guest && { machine: guest })).machines[0]
    expect(planned({ sata0: 'disks:700/vm-700-disk-0.raw,size=3G', boot: 'order=sata0' })).toMatchObject({
      changes: [],
      differences: [{ key: 'node' }, { key: 'disk', is: 'sata0', declared: 'scsi0' }],
    })
    expect(planned({ scsi0: 'disks:700/vm-700-disk-0.raw,size=4G' })).toMatchObject({ differences: [{ key: 'node' }] })
  })
})

describe('the config of an adopted machine', () => {
  const marker = web && adoptedMarker(web, 'lab')

  it('keeps its notes and tags, and has ours in addition', () => {
    const config = takenOver({ description: 'Ask Ann first.', tags: 'front;prod' }, marker as never)
    expect(config.tags).toBe(`front;prod;${OWNER_TAG}`)
    expect(config.description).toContain('Ask Ann first.')
  })

  it('names its image, but no build, which is unknown', () => {
    expect(marker).toEqual({
      project: 'lab',
      name: 'web',
      kind: 'machine',
      image: 'fast',
      base: '',
      spec: '',
    })
  })
})
