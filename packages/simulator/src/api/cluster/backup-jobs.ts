// Backup jobs (pve-manager `API2/Backup.pm`). They are kept, and never run.
import { badParameters, failure, forbidden, sentenceOf } from '../../errors.ts'
import { findRoute } from '../../schema/index.ts'
import { fieldsOf } from '../../state/fields.ts'
import type { Section, SectionFile } from '../../state/section-file.ts'
import { type Call, type Endpoint, itemEndpoints, listOf } from '../call.ts'
import { changeFile, typedSettings } from '../sections.ts'

const root = '/cluster/backup'
const one = `${root}/{id}`

export const backupJobEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(root, one, { list, create, show, update, remove }),
]

const noJob = (id: string): Error => badParameters({ id: `No such job '${id}'` })

/** Settings that are objects in answers, with the key of a part without a name. */
const propertyStrings = new Map([
  ['prune-backups', ''],
  ['fleecing', 'enabled'],
  ['performance', ''],
])

function row(call: Call, id: string, { type, settings }: Section): Record<string, unknown> {
  const parsed = [...propertyStrings].flatMap(([key, defaultKey]) => {
    const text = settings.get(key)
    return text === undefined ? [] : [[key, Object.fromEntries(fieldsOf(text, defaultKey))] as const]
  })
  return { ...typedSettings(call, settings, ['POST', root]), ...Object.fromEntries(parsed), id, type }
}

function list(call: Call): readonly Record<string, unknown>[] {
  return [...call.world.sectionFiles.jobs.sections]
    .filter(([, { type }]) => type === 'vzdump')
    .map(([id, section]) => row(call, id, section))
}

function show(call: Call): Record<string, unknown> {
  const id = call.text('id')
  const section = call.world.sectionFiles.jobs.sections.get(id)
  if (section === undefined) throw noJob(id)
  return row(call, id, section)
}

const rootOnly = ['tmpdir', 'dumpdir', 'script', 'job-id']

function checkRights(call: Call, creates: boolean): void {
  if (!call.isRoot) {
    const used = rootOnly.find((key) => call.parameters[key] !== undefined)
    if (used !== undefined) throw badParameters({ [used]: 'Only root may set this option.' })
    if (['bwlimit', 'ionice', 'performance'].some((key) => call.parameters[key] !== undefined)) {
      call.needs('/', 'Sys.Modify')
    }
    const storage = call.optional('storage') ?? (creates ? 'local' : undefined)
    if (storage !== undefined) call.needs(`/storage/${storage}`, 'Datastore.Allocate')
  }
  const pool = call.optional('pool')
  if (pool === undefined) return
  if (!call.world.users.pools.has(pool)) throw forbidden(`pool '${pool}' does not exist`)
  call.needs(`/pool/${pool}`, 'VM.Backup')
}

const allDays = 'mon,tue,wed,thu,fri,sat,sun'

/** Returns the settings of the call. The old `starttime` and `dow` become a `schedule`. */
function settingsOf(call: Call, creates: boolean): Map<string, string> {
  const { id: _, delete: __, starttime, dow, ...given } = call.parameters
  const settings = new Map(Object.entries(given))
  if (settings.has('schedule')) {
    if (starttime !== undefined) {
      throw badParameters({ starttime: "'starttime' and 'schedule' cannot both be set" })
    }
  } else if (starttime !== undefined) {
    const days = listOf(dow).join(',')
    settings.set('schedule', days === '' || days === allDays ? starttime : `${days} ${starttime}`)
  } else if (creates) throw badParameters({ schedule: "neither 'starttime' nor 'schedule' were set" })
  return settings
}

function verify(settings: Map<string, string>, isComplete: boolean): void {
  const has = (key: string): boolean => !['', '0', undefined].includes(settings.get(key))
  if (has('vmid')) {
    const rival = ['all', 'exclude', 'pool'].find(has)
    if (rival !== undefined) throw badParameters({ [rival]: "option conflicts with option 'vmid'" })
  }
  if (settings.has('exclude') && !has('pool')) settings.set('all', '1')
  if (isComplete && !['all', 'stop', 'pool', 'vmid'].some(has)) throw badParameters({ vmid: 'property is missing' })
}

/** Errors in the lock are 500, with everything that was said. */
function changeJobs(call: Call, work: (file: SectionFile) => void): null {
  try {
    return changeFile(call, 'jobs', work)
  } catch (error) {
    throw failure(sentenceOf(error))
  }
}

function create(call: Call): null {
  checkRights(call, true)
  const settings = settingsOf(call, true)
  const id = call.optional('id') ?? crypto.randomUUID()
  return changeJobs(call, ({ sections }) => {
    if (sections.has(id)) throw failure(`Job '${id}' already exists`)
    verify(settings, true)
    if (!settings.has('enabled')) settings.set('enabled', '1')
    sections.set(id, { type: 'vzdump', settings })
  })
}

function update(call: Call): null {
  checkRights(call, false)
  const wanted = settingsOf(call, false)
  const gone = listOf(call.optional('delete'))
  return changeJobs(call, ({ sections }) => {
    if (wanted.size === 0 && gone.length === 0) throw failure('no options specified')
    verify(wanted, false)
    const section = sections.get(call.text('id'))
    if (section?.type !== 'vzdump') throw failure('no such vzdump job')
    const next = new Map(section.settings)
    for (const key of gone) {
      if (!isDeletable(call, key)) throw badParameters({ delete: `unknown option '${key}'` })
      next.delete(key)
    }
    for (const [key, value] of wanted) next.set(key, value)
    chooseGuests(next, wanted)
    verify(next, true)
    section.settings.clear()
    for (const [key, value] of next) section.settings.set(key, value)
  })
}

function isDeletable({ world }: Call, key: string): boolean {
  const names = Object.keys(findRoute('POST', `/nodes/x/vzdump`, world.version)?.rule.parameters ?? {})
  return key === 'comment' || key === 'repeat-missed' || (names.includes(key) && key !== 'node')
}

/** Only one way to name guests stays: ids, all of them, or a pool. */
function chooseGuests(settings: Map<string, string>, wanted: ReadonlyMap<string, string>): void {
  if (settings.has('exclude') && !settings.has('pool')) settings.set('all', '1')
  const gone = wanted.has('vmid')
    ? ['all', 'exclude', 'pool']
    : wanted.get('all') === '1'
      ? ['vmid', 'pool']
      : settings.has('pool')
        ? ['vmid', 'all', 'exclude']
        : []
  for (const key of gone) settings.delete(key)
}

function remove(call: Call): null {
  return changeJobs(call, ({ sections }) => {
    if (!sections.delete(call.text('id'))) throw noJob(call.text('id'))
  })
}
