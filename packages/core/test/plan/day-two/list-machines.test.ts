import { describe, expect, it } from 'vitest'
import { expiryMs, isExpired } from '../../../src/plan/day-two/expiry.ts'
import { listMachines, selectListed } from '../../../src/plan/day-two/list-machines.ts'
import { desiredState, factsOf, guestFacts, machineAsDeclared } from '../../support/given.ts'

const desired = desiredState(`vms:
  web: { tags: [front], pool: lab, cloudInit: { user: ops, ip: 10.0.0.5/24 }, network: { bridge: vmbr0 } }
  worker: { count: 2 }
`)

describe('the choice of listed machines', () => {
  const facts = factsOf({
    guests: [
      machineAsDeclared(desired, 'worker-1', { vmid: 20003 }),
      machineAsDeclared(desired, 'worker-2', { vmid: 20002 }),
      guestFacts('old', { vmid: 20001 }),
      guestFacts('tpl-fast', { vmid: 20100, template: true }),
    ],
  })
  const chosen = (...patterns: readonly string[]) =>
    selectListed({ desired, facts }, patterns).map(({ marker }) => marker.name)

  it.each([
    [[], ['worker-1', 'worker-2', 'old']],
    [['worker'], ['worker-1', 'worker-2']],
    [['worker-2'], ['worker-2']],
    [
      ['w*-1', 'old'],
      ['worker-1', 'old'],
    ],
    // In the manifest, and not created yet.
    [['web'], []],
  ])('%j means %j', (patterns, names) => {
    expect(chosen(...patterns)).toEqual(names)
  })

  it.each(['nobody', 'tpl-*'])('refuses %s, which is not a machine', (pattern) => {
    expect(() => chosen(pattern)).toThrow(`No machine in the manifest or the project is called ${pattern}.`)
  })
})

describe('the list of machines', () => {
  it('describes a machine with values of the manifest and of Proxmox', () => {
    const web = machineAsDeclared(desired, 'web', { vmid: 20005, node: 'pve2', status: 'running', pool: 'lab' })
    const outdated = new Map([['web', { from: 'a'.repeat(16), to: 'b'.repeat(16) }]])
    const ips = new Map([[20005, ['10.0.0.5', 'fd00::5']]])
    expect(listMachines({ desired, facts: factsOf({ guests: [web] }), outdated, ips })).toEqual([
      {
        name: 'web',
        vmid: 20005,
        node: 'pve2',
        entry: 'web',
        power: 'running',
        addresses: ['10.0.0.5'],
        ips: ['10.0.0.5', 'fd00::5'],
        tags: ['front'],
        image: 'fast',
        user: 'ops',
        pool: 'lab',
        outdated: { from: 'a'.repeat(16), to: 'b'.repeat(16) },
      },
    ])
  })

  it('lists machines in the order of the manifest, then undeclared ones; without templates', () => {
    const orphan = guestFacts('old', { vmid: 20001, image: 'slow', config: { tags: 'pve-provision;x' } })
    const guests = [
      guestFacts('older', { vmid: 20000 }),
      orphan,
      guestFacts('tpl-fast', { vmid: 20100, template: true }),
      machineAsDeclared(desired, 'worker-2', { vmid: 20002 }),
      machineAsDeclared(desired, 'worker-1', { vmid: 20003 }),
      machineAsDeclared(desired, 'web', { vmid: 20004 }),
    ]
    const list = listMachines({ desired, facts: factsOf({ guests }) })
    expect(list.map(({ name, entry }) => [name, entry])).toEqual([
      ['web', 'web'],
      ['worker-1', 'worker'],
      ['worker-2', 'worker'],
      ['older', undefined],
      ['old', undefined],
    ])
    expect(list.at(-1)).toEqual({
      name: 'old',
      vmid: 20001,
      node: 'pve1',
      power: 'stopped',
      addresses: [],
      tags: ['x'],
      image: 'slow',
    })
  })

  it('reports when a machine expires', () => {
    const guest = guestFacts('job', {})
    const expires = '2026-11-29T12:00:00.000Z'
    const guests = [{ ...guest, marker: { ...guest.marker, expires } }]
    expect(listMachines({ desired, facts: factsOf({ guests }) })[0]?.expires).toBe(expires)
  })
})

describe('the time of a machine', () => {
  const until = (expires?: string) => {
    const { marker } = guestFacts('job')
    return { marker: { ...marker, ...(expires !== undefined && { expires }) } }
  }
  const atMs = Date.UTC(2026, 10, 29, 12)

  it('ends exactly at that moment, not before', () => {
    expect(expiryMs(until('2026-11-29T12:00:00Z'))).toBe(atMs)
    expect(isExpired(until('2026-11-29T12:00:00Z'), atMs - 1)).toBe(false)
    expect(isExpired(until('2026-11-29T12:00:00Z'), atMs)).toBe(true)
    expect(isExpired(until('2026-11-29T12:00:00Z'), atMs + 1)).toBe(true)
  })

  it.each([
    ['absent', undefined],
    ['no time', 'soon'],
    ['empty', ''],
  ])('never ends where it is %s', (_, expires) => {
    expect(expiryMs(until(expires))).toBeUndefined()
    expect(isExpired(until(expires), Number.MAX_SAFE_INTEGER)).toBe(false)
  })
})
