import { describe, expect, it } from 'vitest'
import type { Facts, ListedGuest } from '../../../src/facts/facts.ts'
import {
  duplicateProblem,
  identityProblems,
  idsLeft,
  rangeProblem,
  reachProblem,
} from '../../../src/plan/problems/id-problems.ts'
import { desiredState, factsOf, guestFacts } from '../../support/given.ts'

function listed(vmid: number, name: string, rest: Partial<ListedGuest> = {}): ListedGuest {
  return { vmid, name, node: 'pve2', type: 'qemu', template: false, status: 'stopped', ...rest } as ListedGuest
}

function identityOf(tail: string, facts: Partial<Facts>, allowNamesake = false) {
  const desired = desiredState(tail)
  const [machine] = desired.machines
  if (machine === undefined) throw new Error('no machine')
  return identityProblems(machine, { desired, facts: factsOf(facts), allowNamesake })
}

describe('the fixed ID of a machine', () => {
  const fixed = 'vms: { web: { vmid: 500 } }'

  it('is free', () => {
    expect(identityOf(fixed, {})).toEqual([])
    expect(identityOf(fixed, { listed: new Map([[501, listed(501, 'other')]]) })).toEqual([])
  })

  it('is used by another guest: the problem names it and its node', () => {
    const [problem, ...others] = identityOf(fixed, { listed: new Map([[500, listed(500, 'mail')]]) })
    expect(others).toEqual([])
    expect(problem?.code).toBe('CONFLICT')
    expect(problem?.message).toBe('VM ID 500 of web is already used by mail on pve2.')
    expect(problem?.hint).toBe('Give web another `vmid`, or remove `vmid`.')
    expect(problem?.details).toEqual({ machine: 'web', key: 'vmid' })
  })

  it('is used by a guest without a name, or by one of the same name', () => {
    const nameless = identityOf(fixed, { listed: new Map([[500, listed(500, '')]]) })
    expect(nameless[0]?.message).toBe('VM ID 500 of web is already used by guest 500 on pve2.')
    const same = identityOf(fixed, { listed: new Map([[500, listed(500, 'web')]]) })
    expect(same[0]?.hint).toBe(
      'If that is web: pve-provision adopt web 500\nGive web another `vmid`, or remove `vmid`.',
    )
  })

  it('is used by a guest that the token may not see', () => {
    const [problem] = identityOf(fixed, { hiddenVmids: new Set([500]) })
    expect(problem?.message).toBe('VM ID 500 of web is already used by a guest that this token may not see.')
  })

  it.each(['create', 'clone', 'destroyed'])('is no problem yet while its guest has the lock %s', (lock) => {
    expect(identityOf(fixed, { listed: new Map([[500, listed(500, 'web', { lock })]]) })).toEqual([])
  })

  it('is a problem while its guest is backed up', () => {
    expect(identityOf(fixed, { listed: new Map([[500, listed(500, 'mail', { lock: 'backup' })]]) })).toHaveLength(1)
  })
})

describe('a guest of the same name without our marker', () => {
  const facts = { namesakes: [listed(700, 'web'), listed(701, 'mail')] }

  it('is a problem with both solutions', () => {
    const [problem, ...others] = identityOf('vms: { web: {} }', facts)
    expect(others).toEqual([])
    expect(problem?.message).toBe('700 on pve2 already has the name web, but no marker of project lab.')
    expect(problem?.hint).toBe(
      'If it is the same machine: pve-provision adopt web 700\nTo create another VM with that name: --allow-namesake',
    )
    expect(problem?.details).toEqual({ machine: 'web', key: 'name' })
  })

  it('is no problem where a second one is requested, or where the name differs', () => {
    expect(identityOf('vms: { web: {} }', facts, true)).toEqual([])
    expect(identityOf('vms: { www: {} }', facts)).toEqual([])
  })
})

describe('the first id that a machine would take', () => {
  const one = 'vmids: { from: 20000, to: 20000 }'

  it('belongs to a guest that the token may not see: probably the machine itself', () => {
    const [problem] = identityOf(`${one}\nvms: { web: {} }`, { hiddenVmids: new Set([20000]) })
    expect(problem?.message).toBe(
      'VM ID 20000, the first choice for web, belongs to a guest that this token may not see.',
    )
    expect(problem?.hint).toBe('If it is web, give this token VM.Audit on /vms/20000\nIf it is not: --allow-namesake')
  })

  it('belongs to such a guest, and the machine has a pool: shows the command that adds it to the pool again', () => {
    const [problem] = identityOf(`${one}\nvms: { web: { pool: lab } }`, { hiddenVmids: new Set([20000]) })
    expect(problem?.hint).toContain(
      'If it is web, put it back into its pool: pvesh set /pools --poolid lab --vms 20000',
    )
  })

  it('is free, or the run may continue: no problem', () => {
    expect(identityOf(`${one}\nvms: { web: {} }`, { hiddenVmids: new Set([19999]) })).toEqual([])
    expect(identityOf(`${one}\nvms: { web: {} }`, { hiddenVmids: new Set([20000]) }, true)).toEqual([])
  })
})

describe('a range of ids', () => {
  const desired = desiredState('vmids: { from: 20000, to: 20004 }\nvms: { web: {} }')

  it('counts IDs that no visible guest has, including both ends', () => {
    const taken = (...vmids: number[]) => factsOf({ listed: new Map(vmids.map((vmid) => [vmid, listed(vmid, 'x')])) })
    expect(idsLeft(desired, taken())).toBe(5)
    expect(idsLeft(desired, taken(20000, 20004, 19999, 20005))).toBe(3)
    expect(idsLeft(desired, taken(20000, 20001, 20002, 20003, 20004))).toBe(0)
  })

  it('without a free ID names the range and the machine', () => {
    const [machine] = desired.machines
    const problem = machine && rangeProblem(machine, desired)
    expect(problem?.message).toBe('No VM ID from 20000 to 20004 is free for web.')
    expect(problem?.hint).toBe('Widen `vmids` in the manifest.')
    expect(problem?.details).toEqual({ machine: 'web', key: 'vmids' })
  })
})

it('two guests with one marker are reported with their nodes, and a command for each', () => {
  const twins = [
    guestFacts('web', { vmid: 20001, status: 'running' }),
    guestFacts('web', { vmid: 20002, node: 'pve2' }),
  ]
  const problem = duplicateProblem('web', twins)
  expect(problem.message).toBe('2 VMs have the marker of web: 20001 on pve1 (running), 20002 on pve2 (stopped).')
  expect(problem.hint).toBe(
    'Remove those that are not in use: pve-provision destroy --only web@20001\nor: pve-provision destroy --only web@20002',
  )
})

describe('a node that does not answer', () => {
  const desired = desiredState('vms: { web: {} }')
  const [web] = desired.machines
  const reach = (facts: Partial<Facts>, node = 'pve1') =>
    web && reachProblem(web, { desired, facts: factsOf(facts), node })
  const offline = {
    cluster: { ...factsOf().cluster, nodes: [{ name: 'pve1', online: false, memoryBytes: 0, freeMemoryBytes: 0 }] },
  }

  it('has a guest with this name: it may or may not be the machine', () => {
    const problem = reach({ unreachable: [listed(20001, 'web', { node: 'pve3' })] })
    expect(problem?.code).toBe('UNREACHABLE')
    expect(problem?.message).toBe('Cannot check whether 20001 on pve3 is web: pve3 does not answer.')
    expect(problem?.hint).toBe('Run again when pve3 is back.')
    expect(problem?.details).toEqual({ machine: 'web', key: 'node', node: 'pve3' })
  })

  it('is the node of the new machine', () => {
    const problem = reach(offline)
    expect(problem?.message).toBe('web belongs on pve1, which is offline.')
    expect(problem?.hint).toBe('Run again when pve1 is back.')
  })

  it('has other guests only, or is another node: no problem', () => {
    expect(reach({ unreachable: [listed(20001, 'mail', { node: 'pve3' })] })).toBeUndefined()
    expect(reach(offline, 'pve2')).toBeUndefined()
    expect(reach({})).toBeUndefined()
  })

  it('left the cluster with the machine: shows the commands that restore its configuration, or remove it', () => {
    const problem = reach({ unreachable: [listed(20001, 'web', { node: 'pve3', isStranded: true })] })
    expect(problem?.message).toBe('20001, which may be web, is on pve3, which is no longer a member of the cluster.')
    expect(problem?.hint).toContain('mv /etc/pve/nodes/pve3/qemu-server/20001.conf /etc/pve/nodes/NODE/qemu-server/')
    expect(problem?.hint).toContain('rm /etc/pve/nodes/pve3/qemu-server/20001.conf')
  })

  it('left the cluster with a guest without a name: it is identified by the ID that the machine would have', () => {
    const narrow = desiredState('vmids: { from: 20000, to: 20000 }\nvms: { web: {} }')
    const [machine] = narrow.machines
    const stranded = listed(20000, '', { node: 'pve3', isStranded: true })
    const facts = factsOf({ unreachable: [stranded], listed: new Map([[20000, stranded]]) })
    const question = { desired: narrow, facts, node: 'pve1' }
    expect(machine && reachProblem(machine, question)?.message).toMatch(/^20000, which may be web, is on pve3/)
    const other = listed(20000, '', { node: 'pve3' })
    expect(machine && reachProblem(machine, { ...question, facts: factsOf({ unreachable: [other] }) })).toBeUndefined()
  })
})
