import { describe, expect, it } from 'vitest'
import { readMarker } from '../../../src/facts/cluster/marker.ts'
import type { GuestFacts } from '../../../src/facts/facts.ts'
import { compareMachine, type Verdict } from '../../../src/plan/compare/compare-machine.ts'
import { newExpiry } from '../../../src/plan/day-two/expiry.ts'
import { desiredState, machineAsDeclared } from '../../support/given.ts'

const CREATED_MS = Date.parse('2026-11-01T10:00:00Z')
const NOW_MS = Date.parse('2026-11-01T12:00:00Z')

/** Compares a machine that was created with one manifest with another. `expiry` is what its marker holds. */
function compared(before: string, after: string, expiry?: Pick<GuestFacts['marker'], 'expires'>): Verdict {
  const created = desiredState(`vms: { web: { ${before} } }`)
  const [was] = created.machines
  const [machine] = desiredState(`vms: { web: { ${after} } }`).machines
  if (was === undefined || machine === undefined) throw new Error('no machine')
  const guest = machineAsDeclared(created, 'web')
  const marker = { ...guest.marker, ...(expiry ?? newExpiry(was, CREATED_MS)) }
  return compareMachine(machine, { ...guest, marker }, { project: 'lab', nowMs: NOW_MS })
}

const markerOf = ({ set: { description } }: Verdict) => readMarker(description)

describe('the lifetime of a machine', () => {
  it('that is the same, in any unit, is no change', () => {
    expect(compared('expires: 4 h', 'expires: 240 min')).toMatchObject({ action: 'keep', changes: [], set: {} })
    expect(compared('', '')).toMatchObject({ action: 'keep', changes: [] })
  })

  it('that changes counts from the creation of the machine', () => {
    const verdict = compared('expires: 4 h', 'expires: 7 d')
    expect(verdict).toMatchObject({
      action: 'update',
      changes: [{ key: 'expires', before: '4 h', after: '1 w', when: 'now' }],
      why: 'expires 4 h → 1 w',
    })
    expect(markerOf(verdict)).toMatchObject({ expires: '2026-11-08T10:00:00Z', lifetime: 604_800 })
  })

  it('that is new counts from this run', () => {
    const verdict = compared('', 'expires: 90 s')
    expect(verdict.changes).toEqual([{ key: 'expires', after: '90 s', when: 'now' }])
    expect(markerOf(verdict)).toMatchObject({ expires: '2026-11-01T12:01:30Z', lifetime: 90 })
  })

  it('that is removed no longer lets the machine expire', () => {
    const verdict = compared('expires: 4 h', '')
    expect(verdict.changes).toEqual([{ key: 'expires', before: '4 h', when: 'now' }])
    const marker = markerOf(verdict)
    expect(marker).toMatchObject({ name: 'web' })
    expect([marker?.expires, marker?.lifetime]).toEqual([undefined, undefined])
  })

  it('stays when something else changes', () => {
    const verdict = compared('expires: 4 h, cores: 1', 'expires: 4 h, cores: 2')
    expect(verdict.changes.map(({ key }) => key)).toEqual(['cores'])
    expect(markerOf(verdict)).toMatchObject({ expires: '2026-11-01T14:00:00Z', lifetime: 14_400 })
  })
})

describe('a marker of an earlier version, without the lifetime', () => {
  const earlier = { expires: '2026-11-01T14:00:00Z' }

  it('is no change, because it is not known what was stated', () => {
    expect(compared('expires: 4 h', 'expires: 5 h', earlier)).toMatchObject({ action: 'keep', changes: [] })
  })

  it('loses its expiry when the manifest has none', () => {
    const verdict = compared('expires: 4 h', '', earlier)
    expect(verdict.changes).toEqual([{ key: 'expires', before: '2026-11-01T14:00:00Z', when: 'now' }])
    expect(markerOf(verdict)?.expires).toBeUndefined()
  })
})
