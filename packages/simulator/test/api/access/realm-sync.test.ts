// Jobs that synchronize realms (pve-access-control `API2/Jobs/RealmSync.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

const job = '/cluster/jobs/realm-sync/nightly'

test('only realms of directories are synchronized', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const realm = { realm: 'corp', type: 'ldap', server1: 'ldap.example.org', base_dn: 'dc=x', user_attr: 'uid' }
  await expectSteps(api, [
    step('POST /access/domains', realm, null),
    step('POST /access/domains/pve/sync', {}, "Cannot sync realm type 'pve'! Only LDAP/AD realms can be synced."),
    step('POST /access/domains/none/sync', {}, { realm: 'Realm does not exist.' }),
    step('POST /access/domains/corp/sync', {}, 'the synchronization of a realm is not simulated'),
    step(`GET ${job}`, {}, { id: "No such job 'nightly'" }),
    step(`POST ${job}`, { realm: 'corp', schedule: 'daily' }, "missing value for required option 'scope'"),
    step(`POST ${job}`, { realm: 'corp', schedule: 'daily', scope: 'users' }, null),
    step(`POST ${job}`, { realm: 'corp', schedule: 'daily' }, "Job 'nightly' already exists"),
    step(`GET ${job}`, {}, { realm: 'corp', schedule: 'daily', scope: 'users', type: 'realm-sync' }),
    step(`PUT ${job}`, { schedule: 'daily', enabled: 0, comment: 'x', delete: 'enable-new' }, null),
    step(`PUT ${job}`, { delete: 'comment' }, { schedule: expect.stringContaining('missing') }),
    step('PUT /cluster/jobs/realm-sync/none', { schedule: 'daily' }, 'no such realm-sync job'),
  ])
  const { data } = await api('GET', '/cluster/jobs/realm-sync')
  await expectSteps(api, [step(`DELETE ${job}`, {}, null), step(`DELETE ${job}`, {}, expect.stringContaining('400'))])
  await simulator.close()
  expect(data).toMatchObject([{ id: 'nightly', enabled: 0 }])
})
