import { describe, expect, it } from 'vitest'
import { retiredName } from '../../../src/facts/cluster/retired.ts'
import type { GuestFacts } from '../../../src/facts/facts.ts'
import { addressBook, addressProblems } from '../../../src/plan/problems/address-problems.ts'
import { desiredState, factsOf, guestFacts } from '../../support/given.ts'

const WEB =
  'vms: { web: { network: { bridge: vmbr0 }, cloudInit: { ip: 10.0.0.5/24, ip6: "fd00::5/64", gateway: 10.0.0.1 } } }'

function problemsOf(tail: string, guests: readonly GuestFacts[]) {
  const desired = desiredState(tail)
  const book = addressBook(desired, factsOf({ guests }))
  return desired.machines.flatMap((machine) => addressProblems(machine, book))
}

/** A machine of the project that the manifest no longer names. */
function orphan(config: GuestFacts['config'], name = 'old') {
  return guestFacts(name, {
    vmid: 20007,
    node: 'pve2',
    config: { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0', ...config },
  })
}

describe('the address of a machine that the manifest no longer names', () => {
  it.each([
    ['as it is written in the manifest', { ipconfig0: 'ip=10.0.0.5/24,gw=10.0.0.1' }, '10.0.0.5'],
    ['with another prefix', { ipconfig0: 'ip=10.0.0.5/16' }, '10.0.0.5'],
    ['on its second card', { net1: 'virtio=BC:24:11:00:00:02,bridge=vmbr0', ipconfig1: 'ip=10.0.0.5/24' }, '10.0.0.5'],
    ['of IPv6', { ipconfig0: 'ip6=fd00::5/64' }, 'fd00::5'],
    ['of IPv6 in another spelling', { ipconfig0: 'ip6=FD00:0:0:0::5/64' }, 'fd00::5'],
  ])('%s is a problem that names both machines and offers a rename', (_situation, config, address) => {
    const [problem, ...others] = problemsOf(WEB, [orphan(config)])
    expect(others).toEqual([])
    expect(problem?.code).toBe('CONFLICT')
    expect(problem?.message).toBe(
      `web would have the address ${address} of old (20007 on pve2), which is no longer in the manifest.`,
    )
    expect(problem?.hint).toBe(
      'If you renamed old, set `renamedFrom: old` in web.\nIf you no longer need it: pve-provision destroy --only old',
    )
    expect(problem?.details).toEqual({ machine: 'web', key: 'cloudInit' })
  })

  it.each([
    ['is another one', orphan({ ipconfig0: 'ip=10.0.0.6/24' })],
    [
      'is behind another bridge',
      orphan({ net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr1', ipconfig0: 'ip=10.0.0.5/24' }),
    ],
    [
      'is in another VLAN',
      orphan({ net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=7', ipconfig0: 'ip=10.0.0.5/24' }),
    ],
    ['comes by DHCP', orphan({ ipconfig0: 'ip=dhcp,ip6=auto' })],
    ['is no address at all', orphan({ ipconfig0: 'ip=/24' })],
    [
      'is that of a template',
      { ...orphan({ ipconfig0: 'ip=10.0.0.5/24' }), marker: { ...orphan({}).marker, kind: 'template' as const } },
    ],
    [
      'is the machine itself',
      { ...orphan({ ipconfig0: 'ip=10.0.0.5/24' }), marker: { ...orphan({}).marker, name: 'web' } },
    ],
  ])('is none where it %s', (_situation, guest) => {
    expect(problemsOf(WEB, [guest])).toEqual([])
  })
})

describe('the address of a machine that is being replaced', () => {
  const addresses = { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0', ipconfig0: 'ip=10.0.0.5/24' }

  it('is no conflict with its own VM, only with others', () => {
    expect(problemsOf(WEB, [orphan(addresses, retiredName('web'))])).toEqual([])
    expect(problemsOf(WEB, [orphan(addresses, retiredName('mail'))])).toHaveLength(1)
  })
})

describe('an address of two machines in the plan', () => {
  it('is a problem of each of them', () => {
    const { machines, ...rest } = desiredState(WEB)
    const twins = machines.flatMap((machine) => [machine, { ...machine, name: 'www' }])
    const book = addressBook({ ...rest, machines: twins }, factsOf())
    const [first, second] = twins.map((machine) => addressProblems(machine, book).map(({ message }) => message))
    expect(first).toEqual([
      'web and www would both have the address 10.0.0.5.',
      'web and www would both have the address fd00::5.',
    ])
    expect(second?.[0]).toBe('www and web would both have the address 10.0.0.5.')
  })
})
