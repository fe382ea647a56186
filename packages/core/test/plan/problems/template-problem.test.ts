import { expect, it } from 'vitest'
import { templateProblem } from '../../../src/plan/problems/template-problem.ts'
import { desiredState, guestFacts } from '../../support/given.ts'

const [web] = desiredState('vms: { web: {} }').machines

it('a machine that was converted to a template cannot run: it can be created again from its image', () => {
  const guest = guestFacts('web', { config: { template: 1, scsi0: 'disks:base-20001-disk-0' } })
  const problem = web && templateProblem(web, guest)
  expect(problem?.code).toBe('CONFLICT')
  expect(problem?.message).toBe('web (20001 on pve1) was converted to a template in Proxmox and cannot run.')
  expect(problem?.hint).toBe('To create the machine again from its image: pve-provision apply --replace web')
  expect(problem?.details).toEqual({ machine: 'web', key: 'name', vmid: 20001 })
})

it('an ordinary machine has no such problem', () => {
  expect(web && templateProblem(web, guestFacts('web', { config: { scsi0: 'disks:vm-20001-disk-0' } }))).toBeUndefined()
})
