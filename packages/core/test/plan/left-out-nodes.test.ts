// A node that a run leaves out: nothing new goes there, what could move is shown, and what is bound to it is said.
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/facts/facts.ts'
import { makePlan, type PlanOptions } from '../../src/plan/make-plan.ts'
import { desiredState, factsOf, guestFacts } from '../support/given.ts'

const GIB = 1024 ** 3
const THREE = ['pve1', 'pve2', 'pve3']
const tail = (vms: string) => `vms: ${vms}`

function facts(rest: Partial<Facts> = {}, inMaintenance?: string): Facts {
  const base = factsOf(rest)
  const nodes = THREE.map((name, index) => ({
    name,
    online: true,
    memoryBytes: 64 * GIB,
    freeMemoryBytes: (32 - index) * GIB,
    ...(name === inMaintenance && { inMaintenance: true }),
  }))
  const storages = THREE.flatMap((node) =>
    ['local', 'disks'].map((storage) => ({ ...(base.cluster.storages[0] as never as object), node, storage }) as never),
  )
  const bridges = new Map(THREE.map((node) => [node, new Set(['vmbr0'])]))
  return { ...base, cluster: { ...base.cluster, nodes, storages, bridges } }
}

function planOf(vms: string, known: Facts, options: PlanOptions = {}) {
  return makePlan(desiredState(tail(vms)), known, options)
}

const nodesIn = (plan: ReturnType<typeof planOf>) =>
  Object.fromEntries(plan.machines.map(({ name, node }) => [name, node]))

describe('a node that is left out', () => {
  const spread = '{ w: { nodes: [pve1, pve2, pve3], count: 3, memory: 1 GiB } }'

  it('gets no new machine', () => {
    expect(Object.values(nodesIn(planOf(spread, facts())))).toContain('pve1')
    const plan = planOf(spread, facts(), { withoutNodes: ['pve1'] })
    expect(Object.values(nodesIn(plan))).toEqual(['pve2', 'pve2', 'pve3'])
    expect(plan.notes).toContain('No machine of this project is on pve1.')
  })

  it('is one that Proxmox has in maintenance as well, and the plan says so', () => {
    const plan = planOf(spread, facts({}, 'pve1'))
    expect(Object.values(nodesIn(plan))).not.toContain('pve1')
    expect(plan.notes).toContain('pve1 is in maintenance mode: nothing new is created there.')
  })

  it('blocks a new machine that may be on no other', () => {
    const plan = planOf('{ db: { node: pve1 } }', facts(), { withoutNodes: ['pve1'] })
    expect(plan.problems).toMatchObject([{ message: 'db belongs on pve1, but this run creates nothing there.' }])
    expect(planOf('{ db: { node: pve2 } }', facts(), { withoutNodes: ['pve1'] }).problems).toEqual([])
  })

  it('shows what could leave it with the command, and says what is bound to it', () => {
    const guests = [guestFacts('web', { node: 'pve1' }), guestFacts('db', { node: 'pve1' })]
    const vms = '{ web: { nodes: [pve1, pve3] }, db: { node: pve1 } }'
    const plan = planOf(vms, facts({ guests }), { withoutNodes: ['pve1'] })
    expect(plan.steps.filter(({ kind }) => kind === 'move')).toEqual([])
    // The manifest allows pve1, so nothing differs from it.
    expect(plan.machines.map(({ differences }) => differences)).toEqual([undefined, undefined])
    expect(plan.notes).toContain('web can leave pve1: pve-provision apply --move --without-node pve1')
    expect(plan.notes).toContain('db stays on pve1: the manifest allows no other node.')
  })

  it('is left with --move, for the node with the most memory free', () => {
    const guests = [guestFacts('web', { node: 'pve1' })]
    const vms = '{ web: { nodes: [pve1, pve3, pve2] } }'
    const plan = planOf(vms, facts({ guests }), { withoutNodes: ['pve1'], move: true })
    expect(plan.steps.filter(({ kind }) => kind === 'move')).toMatchObject([{ node: 'pve1', to: 'pve2' }])
    expect(plan.notes.join()).not.toContain('can leave')
    expect(planOf(vms, facts({ guests }), { move: true }).steps.filter(({ kind }) => kind === 'move')).toEqual([])
  })

  it('is named by a pattern; one that names none is an error, and so is leaving none', () => {
    const plan = planOf(spread, facts(), { withoutNodes: ['*1'] })
    expect(Object.values(nodesIn(plan))).not.toContain('pve1')
    expect(() => planOf(spread, facts(), { withoutNodes: ['pve9'] })).toThrow('There is no node pve9.')
    expect(() => planOf(spread, facts(), { withoutNodes: ['pve*'] })).toThrow('No node would be left to use.')
  })

  it('does not keep a machine from being replaced where it is', () => {
    const guests = [guestFacts('web', { node: 'pve2' })]
    const plan = planOf('{ web: { nodes: [pve1, pve2] } }', facts({ guests }), {
      withoutNodes: ['pve1'],
      replace: ['web'],
    })
    expect(plan.machines).toMatchObject([{ name: 'web', node: 'pve2', action: 'replace' }])
  })
})
