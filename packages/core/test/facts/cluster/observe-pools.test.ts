// Pools are listed only if a machine belongs in one.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { observePools } from '../../../src/facts/cluster/observe-pools.ts'
import { desiredState, guestFacts } from '../../support/given.ts'
import { createLab, type Lab } from '../../support/machine-lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await createLab()
  await lab.call('POST', '/pools', { poolid: 'prod' })
})
afterAll(() => lab.close())

const POOLED = desiredState('vms: { web: { pool: prod } }')

it('pools are requested for a machine that is not yet in its pool', async () => {
  const { world } = lab.runner()
  expect(await observePools(POOLED, [], world)).toEqual(new Set(['prod']))
  expect(await observePools(POOLED, [guestFacts('web', { pool: 'other' })], world)).toEqual(new Set(['prod']))
})

it('pools are not requested where no machine needs one', async () => {
  const { world } = lab.runner()
  lab.simulator.requests.clear()
  expect(await observePools(POOLED, [guestFacts('web', { pool: 'prod' })], world)).toBeUndefined()
  expect(await observePools(desiredState('vms: { web: {} }'), [], world)).toBeUndefined()
  expect(lab.simulator.requests.total).toBe(0)
})
