// The lines of a plan about machines that are there.
import { describe, expect, it } from 'vitest'
import { groupMachines } from '../../src/text/plan/machine-groups.ts'

describe('a start', () => {
  const linesOf = (reason?: string) => {
    const changes = [{ key: 'start', before: false, after: true, when: 'now' as const, ...(reason && { reason }) }]
    const web = { name: 'web', vmid: 20001, node: 'pve1', action: 'update' as const, changes }
    return groupMachines([web], { machines: [] } as never)[0]?.lines
  }

  it('is said of a stopped machine', () => {
    expect(linesOf()).toEqual(['is started'])
  })

  it('has its reason where the machine still runs', () => {
    expect(linesOf('the HA manager was told to stop it')).toEqual([
      'is started again: the HA manager was told to stop it',
    ])
  })
})
