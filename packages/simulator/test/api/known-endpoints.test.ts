// Compares the endpoints with the rules, because an endpoint without a rule could never be reached.
import { expect, test } from 'vitest'
import { endpoints } from '../../src/api/endpoints.ts'
import { createSimulator } from '../../src/index.ts'
import { methodRules } from '../../src/schema/index.ts'
import { clientOf } from '../support/client.ts'

const known = new Set(
  [...methodRules('8.4'), ...methodRules('9.2')].map(({ method, template }) => `${method} ${template}`),
)

test('every endpoint exists in Proxmox', () => {
  const unknown = endpoints.map(({ method, path }) => `${method} ${path}`).filter((name) => !known.has(name))
  expect(unknown).toEqual([])
})

test('no endpoint is implemented twice', () => {
  const names = endpoints.map(({ method, path }) => `${method} ${path}`)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

test('realms and groups can be listed', async () => {
  const simulator = await createSimulator()
  simulator.world.users.groups.set('ops', 'who is called at night')
  const api = clientOf(simulator)
  await api('POST', '/access/users', { userid: 'ada@pve', groups: 'ops' })
  expect((await api('GET', '/access/domains')).data).toMatchObject([{ realm: 'pam' }, { realm: 'pve' }])
  expect((await api('GET', '/access/groups')).data).toEqual([
    { groupid: 'ops', users: 'ada@pve', comment: 'who is called at night' },
  ])
  await simulator.close()
})
