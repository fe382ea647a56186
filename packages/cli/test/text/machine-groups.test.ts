// The lines of a plan about machines that are there.
import { parseManifest } from '@pve-provision/core'
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

describe('a replacement', () => {
  const text =
    'project: lab\ndefaults: { node: pve1, storage: { images: local, disks: local } }\nimages: { a: { template: 9000 } }\nvms: { web: { image: a, start: false } }'
  const [machine] = parseManifest({ text, file: 'm.yaml' }).desired.machines
  const lineOf = (more: object) => {
    const web = { name: 'web', node: 'pve1', action: 'replace' as const, changes: [], ...more }
    return groupMachines([web], { machines: [machine] } as never)[0]?.lines[0]
  }

  it('starts where the old VM runs, whatever the manifest says of new ones', () => {
    expect(lineOf({ startsAgain: true })).toContain(', starts, on pve1')
    expect(lineOf({})).toContain(', not started, on pve1')
  })
})
