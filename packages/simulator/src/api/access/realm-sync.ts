// Synchronization of realms: its jobs are kept, and nothing is ever synchronized (pve-access-control
// `API2/Jobs/RealmSync.pm`, `API2/Domains.pm`).
import { badParameters, failure, notSimulated, sentenceOf } from '../../errors.ts'
import type { Section } from '../../state/section-file.ts'
import type { Call, Endpoint } from '../call.ts'
import { changeFile, changeSettings, kindOf, typedSettings, wantedSettings } from '../sections.ts'
import { isRealm, typeOfRealm } from './realms.ts'

const root = '/cluster/jobs/realm-sync'
const one = `${root}/{id}`

export const realmSyncEndpoints: readonly Endpoint[] = [
  { path: root, method: 'GET', handle: list },
  { path: one, method: 'GET', handle: show },
  { path: one, method: 'POST', handle: create },
  { path: one, method: 'PUT', handle: update },
  { path: one, method: 'DELETE', handle: remove },
  { path: '/access/domains/{realm}/sync', method: 'POST', handle: sync },
]

const kind = kindOf('schedule scope', 'realm remove-vanished enable-new comment enabled', 'realm')
const type = 'realm-sync'

const noJob = (id: string): Error => badParameters({ id: `No such job '${id}'` })

function row(call: Call, section: Section): Record<string, unknown> {
  return { ...typedSettings(call, section.settings, ['POST', `${root}/x`]), type }
}

function list(call: Call): readonly Record<string, unknown>[] {
  return [...call.world.sectionFiles.jobs.sections]
    .filter(([, section]) => section.type === type)
    .map(([id, section]) => ({ ...row(call, section), id }))
}

function show(call: Call): Record<string, unknown> {
  const section = call.world.sectionFiles.jobs.sections.get(call.text('id'))
  if (section?.type !== type) throw noJob(call.text('id'))
  return row(call, section)
}

function create(call: Call): null {
  const [id, realm] = [call.text('id'), call.optional('realm') ?? '']
  return changeJobs(call, (sections) => {
    if (sections.has(id)) throw failure(`Job '${id}' already exists`)
    const settings = wantedSettings(call, kind, { ids: ['id'], creates: true })
    if (!isRealm(call, realm)) throw badParameters({ realm: `No such realm '${realm}'` })
    if (!/^(?:ldap|ad)$/.test(typeOfRealm(call, realm))) {
      throw badParameters({ realm: 'Only LDAP/AD realms can be synced.' })
    }
    sections.set(id, { type, settings })
  })
}

function update(call: Call): null {
  const given = Object.keys(call.parameters).filter((key) => !['id', 'delete'].includes(key))
  if (given.length === 0) throw failure('no job options specified')
  return changeJobs(call, (sections) => {
    const wanted = wantedSettings(call, kind, { ids: ['id'], creates: false })
    const section = sections.get(call.text('id'))
    if (section?.type !== type) throw failure('no such realm-sync job')
    changeSettings(call, section, { kind, wanted })
  })
}

function remove(call: Call): null {
  return changeJobs(call, (sections) => {
    if (sections.get(call.text('id'))?.type !== type) throw noJob(call.text('id'))
    sections.delete(call.text('id'))
  })
}

/** Errors in the lock are 500, with everything that was said. */
function changeJobs(call: Call, work: (sections: Map<string, Section>) => void): null {
  try {
    return changeFile(call, 'jobs', ({ sections }) => work(sections))
  } catch (error) {
    throw failure(sentenceOf(error))
  }
}

function sync(call: Call): never {
  const realm = call.text('realm')
  if (!isRealm(call, realm)) throw badParameters({ realm: 'Realm does not exist.' })
  const kindOfRealm = typeOfRealm(call, realm)
  if (!/^(?:ldap|ad)$/.test(kindOfRealm)) {
    throw failure(`Cannot sync realm type '${kindOfRealm}'! Only LDAP/AD realms can be synced.`)
  }
  throw notSimulated('the synchronization of a realm')
}
