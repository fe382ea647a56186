import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../src/facts/facts.ts'
import { placeMachines, withTargets } from '../../../src/plan/machine/placement.ts'
import { desiredState, factsOf, guestFacts } from '../../support/given.ts'

const GIB = 1024 ** 3

function withNodes(free: Readonly<Record<string, number | 'offline'>>, rest: Partial<Facts> = {}): Facts {
  const facts = factsOf(rest)
  const nodes = Object.entries(free).map(([name, bytes]) => ({
    name,
    online: bytes !== 'offline',
    memoryBytes: 64 * GIB,
    freeMemoryBytes: bytes === 'offline' ? 0 : bytes * GIB,
  }))
  return { ...facts, cluster: { ...facts.cluster, nodes } }
}

function places(tail: string, facts: Facts): string {
  const { machines } = desiredState(tail)
  const nodeOf = placeMachines(machines, facts)
  return machines.map((machine) => `${machine.name}@${nodeOf(machine)}`).join(' ')
}

describe('placeMachines', () => {
  it('puts a machine on the node that it names, however full', () => {
    expect(places('vms: { web: { node: pve2 } }', withNodes({ pve1: 60, pve2: 1 }))).toBe('web@pve2')
  })

  it('spreads by free memory, counting what the plan itself takes', () => {
    const tail = 'vms: { w: { nodes: [pve1, pve2], count: 4, memory: 4 GiB } }'
    expect(places(tail, withNodes({ pve1: 16, pve2: 12 }))).toBe('w-1@pve1 w-2@pve1 w-3@pve2 w-4@pve1')
  })

  it('breaks ties in favour of the first named node, the same in every run', () => {
    const tail = 'vms: { w: { nodes: [pve2, pve1], count: 2, memory: 1 GiB } }'
    expect(places(tail, withNodes({ pve1: 8, pve2: 8 }))).toBe('w-1@pve2 w-2@pve1')
  })

  it('ignores small changes of free memory', () => {
    const tail = 'vms: { w: { nodes: [pve1, pve2], memory: 1 GiB } }'
    expect(places(tail, withNodes({ pve1: 8, pve2: 8.1 }))).toBe('w@pve1')
  })

  it('keeps a machine where it is, though it was moved to a node that is not in its list', () => {
    const guests = [guestFacts('w', { node: 'pve3' })]
    expect(places('vms: { w: { nodes: [pve1, pve2] } }', withNodes({ pve1: 8, pve2: 8 }, { guests }))).toBe('w@pve3')
  })

  it('counts stopped machines: they will need their memory', () => {
    const guests = [guestFacts('other', { node: 'pve1', config: { memory: '8192' } })]
    expect(places('vms: { w: { nodes: [pve1, pve2] } }', withNodes({ pve1: 10, pve2: 4 }, { guests }))).toBe('w@pve2')
  })

  it('avoids a node that is offline, unless all are', () => {
    const tail = 'vms: { w: { nodes: [pve1, pve2] } }'
    expect(places(tail, withNodes({ pve1: 'offline', pve2: 1 }))).toBe('w@pve2')
    expect(places(tail, withNodes({ pve1: 'offline', pve2: 'offline' }))).toBe('w@pve1')
  })

  it('avoids a node that lacks a storage of the machine, unless all do', () => {
    const tail = 'vms: { w: { nodes: [pve1, pve2] } }'
    const known = withNodes({ pve1: 16, pve2: 8 })
    const only = (node: string) => ({
      ...known,
      cluster: { ...known.cluster, storages: known.cluster.storages.filter((storage) => storage.node === node) },
    })
    expect(places(tail, only('pve2'))).toBe('w@pve2')
    expect(places(tail, only('pve9'))).toBe('w@pve1')
  })
})

describe('withTargets', () => {
  const moves = (tail: string, facts: Facts, earlier = {}) =>
    withTargets(desiredState(tail).machines, facts, earlier)
      .map(({ name, nodes }) => `${name}→${nodes[0]}`)
      .join(' ')
  const tail = 'vms: { w: { nodes: [pve1, pve2], count: 3, memory: 4 GiB } }'
  const away = ['w-1', 'w-2', 'w-3'].map((name, index) =>
    guestFacts(name, { vmid: 300 + index, node: 'pve3', status: 'running' }),
  )

  it('spreads machines that are on none of their nodes, as it does new ones', () => {
    expect(moves(tail, withNodes({ pve1: 16, pve2: 15, pve3: 1 }, { guests: away }))).toBe('w-1→pve1 w-2→pve2 w-3→pve1')
  })

  it('keeps the choice of an earlier plan, if the manifest allows it', () => {
    const facts = withNodes({ pve1: 16, pve2: 15, pve3: 1 }, { guests: away })
    expect(moves(tail, facts, { 'w-1': 'pve2', 'w-3': 'pve9' })).toBe('w-1→pve2 w-2→pve1 w-3→pve1')
  })

  it('does not choose a node that Proxmox keeps them from, unless it is all of them', () => {
    const against = (...nodes: readonly string[]) => {
      const obstacles = Object.fromEntries(nodes.map((node) => [node, { missingStorages: [], blockedBy: ['vm:7'] }]))
      const guests = away.map((guest) => ({ ...guest, migration: { localVolumes: [], localResources: [], obstacles } }))
      return moves(tail, withNodes({ pve1: 16, pve2: 15, pve3: 1 }, { guests }))
    }
    expect(against('pve1')).toBe('w-1→pve2 w-2→pve2 w-3→pve2')
    expect(against('pve2')).toBe('w-1→pve1 w-2→pve1 w-3→pve1')
    expect(against('pve1', 'pve2')).toBe('w-1→pve1 w-2→pve2 w-3→pve1')
  })

  it('leaves the others as they are', () => {
    const guests = [guestFacts('w-1', { node: 'pve2' })]
    expect(moves(tail, withNodes({ pve1: 1, pve2: 16 }, { guests }))).toBe('w-1→pve1 w-2→pve1 w-3→pve1')
  })
})
