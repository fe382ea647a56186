// The lines of a plan about machines that are there.
import { describe, expect, it } from 'vitest'
import { groupMachines } from '../../src/text/plan/machine-groups.ts'

describe('a start', () => {
  const linesOf = (before: string | boolean) => {
    const changes = [{ key: 'start', before, after: true, when: 'now' as const }]
    const web = { name: 'web', vmid: 20001, node: 'pve1', action: 'update' as const, changes }
    return groupMachines([web], { machines: [] } as never)[0]?.lines
  }

  it('is said of a stopped machine', () => {
    expect(linesOf(false)).toEqual(['is started'])
  })

  it('has its reason where the machine still runs', () => {
    expect(linesOf('stopped by HA')).toEqual(['is started again: the HA manager was told to stop it'])
  })
})
