import { describe, expect, it } from 'vitest'
import type { GuestFacts, HaSettings } from '../../../src/facts/facts.ts'
import { compareHa } from '../../../src/plan/compare/compare-ha.ts'
import { desiredState, guestFacts } from '../../support/given.ts'

const AS_PROXMOX_MAKES_IT = { maxRestart: 1, maxRelocate: 1 }

function compare(ha: string, is?: Partial<HaSettings>, rest: Partial<GuestFacts> = {}) {
  const [machine] = desiredState(`vms: { web: { ${ha} } }`).machines
  if (machine === undefined) throw new Error('no machine')
  const facts = is && { ha: { state: 'started', settings: { ...AS_PROXMOX_MAKES_IT, ...is } } }
  return compareHa(machine, guestFacts('web', { ...facts, ...rest }))
}

describe('HA', () => {
  it('that is not declared is unchanged', () => {
    expect(compare('', { maxRestart: 5 })).toBeUndefined()
  })

  it('that is declared adds a machine, in state stopped while it does not run', () => {
    expect(compare('ha: { maxRestart: 2 }')).toEqual({
      action: 'add',
      set: { state: 'stopped', max_restart: 2 },
      changes: [{ key: 'ha', before: false, after: true }],
    })
    expect(compare('ha: true', undefined, { status: 'running' })).toMatchObject({ set: { state: 'started' } })
  })

  it('that is as declared is unchanged', () => {
    expect(compare('ha: true', { maxRestart: 7, group: 'near' })).toBeUndefined()
    expect(compare('ha: { maxRestart: 1, maxRelocate: 1 }', {})).toBeUndefined()
    const rule = { nodes: ['pve1', 'pve2:5'], strict: true }
    expect(compare('ha: { nodes: ["pve2:5", pve1], strict: true }', { rule })).toBeUndefined()
  })

  it('that differs is changed, with a description', () => {
    expect(compare('ha: { maxRestart: 2, maxRelocate: 0, group: far }', { group: 'near' })).toEqual({
      action: 'change',
      set: { group: 'far', max_restart: 2, max_relocate: 0 },
      changes: [
        { key: 'ha.group', before: 'near', after: 'far' },
        { key: 'ha.maxRestart', before: 1, after: 2 },
        { key: 'ha.maxRelocate', before: 1, after: 0 },
      ],
    })
    expect(compare('ha: { nodes: [pve1] }', {})).toEqual({
      action: 'change',
      set: {},
      rule: { nodes: ['pve1'], strict: false },
      changes: [{ key: 'ha.nodes', before: 'any', after: 'pve1' }],
    })
  })

  it('whose nodes are no longer declared loses our rule', () => {
    expect(compare('ha: true', { rule: { nodes: ['pve1'], strict: true } })).toMatchObject({
      rule: 'none',
      changes: [{ key: 'ha.nodes', before: 'pve1 only', after: 'any' }],
    })
  })

  it('that is declared off removes a machine from HA', () => {
    expect(compare('ha: false', {})).toMatchObject({ action: 'remove', changes: [{ key: 'ha', after: false }] })
    expect(compare('ha: false')).toBeUndefined()
  })

  it('whose settings are invisible to the token is assumed to be right', () => {
    expect(compare('ha: { maxRestart: 2 }', undefined, { ha: { state: 'started' } })).toBeUndefined()
  })
})
