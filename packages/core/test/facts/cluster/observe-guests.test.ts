// Whether machines run: the cluster's listing is up to ten seconds old, a node's own list is current.
import { describe, expect, it } from 'vitest'
import { observeGuests, withFreshStatus } from '../../../src/facts/cluster/observe-guests.ts'
import type { GuestFacts } from '../../../src/facts/facts.ts'
import type { Pve } from '../../../src/ports/pve/pve.ts'
import type { World } from '../../../src/ports/world.ts'
import { desiredState } from '../../support/given.ts'

function guest(vmid: number, node: string, status: GuestFacts['status']): GuestFacts {
  const name = `vm-${vmid}`
  const marker = { project: 'lab', name, kind: 'machine', image: 'fast', base: '', spec: '' } as const
  return { vmid, node, name, marker, template: false, status, config: {} }
}

/** A stub for a server whose nodes list these machines. */
function serverWith(lists: Readonly<Record<string, readonly { vmid: number; status: string }[]>>) {
  const asked: string[] = []
  const request = async (_: string, path: string) => {
    asked.push(path)
    return lists[path.split('/')[2] ?? '']
  }
  return { asked, pve: { request } as unknown as Pve }
}

describe('withFreshStatus', () => {
  it('uses the status of the node, which may be newer', async () => {
    const { asked, pve } = serverWith({
      pve1: [
        { vmid: 1, status: 'stopped' },
        { vmid: 2, status: 'running' },
      ],
    })
    const found = await withFreshStatus([guest(1, 'pve1', 'running'), guest(2, 'pve1', 'stopped')], () => true, { pve })
    expect(found.map(({ status }) => status)).toEqual(['stopped', 'running'])
    expect(asked).toEqual(['/nodes/pve1/qemu'])
  })

  it('asks no node where no machine should run', async () => {
    const { asked, pve } = serverWith({ pve2: [{ vmid: 2, status: 'running' }] })
    const guests = [guest(1, 'pve1', 'running'), guest(2, 'pve2', 'stopped')]
    const found = await withFreshStatus(guests, ({ vmid }) => vmid === 2, { pve })
    expect(found.map(({ status }) => status)).toEqual(['running', 'running'])
    expect(asked).toEqual(['/nodes/pve2/qemu'])
  })
})

describe('a VM that was created seconds ago', () => {
  const desired = desiredState('vms: { web: {} }')
  const node = { type: 'node', node: 'pve1', status: 'online' }

  /** A stub for a server where VM 710 is called so in its config. */
  async function seen(row: Readonly<Record<string, string>>, name: string) {
    const asked: string[] = []
    const request = async (_: string, path: string) => {
      asked.push(path)
      return [{ key: 'name', value: name }]
    }
    const world = { pve: { request } } as unknown as World
    const rows = [node, { type: 'qemu', vmid: 710, node: 'pve1', ...row }]
    const { namesakes } = await observeGuests(desired, rows, world)
    return { namesakes: namesakes.map(({ vmid }) => vmid), asked }
  }

  it.each([{}, { name: 'VM 710' }])('is listed as %j, and its config tells that it is a namesake', async (row) => {
    expect((await seen(row, 'web')).namesakes).toEqual([710])
    expect((await seen(row, 'other')).namesakes).toEqual([])
  })

  it('is not read where the listing has another name', async () => {
    expect(await seen({ name: 'VM 710 of Anna' }, 'web')).toEqual({ namesakes: [], asked: [] })
  })
})
