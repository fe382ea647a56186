// Replication jobs (pve-manager `API2/ReplicationConfig.pm`, `API2/Replication.pm`). No data is copied.
import { badParameters, failure, forbidden, notSimulated } from '../../errors.ts'
import { driveKeys, isCdrom, parseDrive } from '../../state/drives.ts'
import type { Section } from '../../state/section-file.ts'
import { textOf } from '../../state/vm-config.ts'
import { type Call, type Endpoint, itemEndpoints } from '../call.ts'
import {
  changeFile,
  changeSettings,
  checkFileDigest,
  kindOf,
  type SectionKind,
  typedSettings,
  wantedSettings,
} from '../sections.ts'

const root = '/cluster/replication'
const one = `${root}/{id}`
const kind: SectionKind = kindOf('target', 'disable comment rate schedule remove_job source', 'target')

export const replicationEndpoints: readonly Endpoint[] = [
  ...itemEndpoints(root, one, { list, create, show, update, remove }),
  { path: '/nodes/{node}/replication/{id}/status', method: 'GET', handle: status },
]

const guestOf = (id: string): number => Number(id.split('-')[0])

function requireReplicate(call: Call): number {
  const guest = guestOf(call.text('id'))
  const privilege = call.world.version === '8.4' ? 'Datastore.Allocate' : 'VM.Replicate'
  const path = call.world.version === '8.4' ? '/storage' : `/vms/${guest}`
  if (!call.may(path, privilege)) throw forbidden(`${path}, ${privilege}`)
  return guest
}

const row = (call: Call, id: string, { type, settings }: Section): Record<string, unknown> => ({
  ...typedSettings(call, settings, ['POST', root]),
  id,
  type,
  guest: guestOf(id),
  jobnum: Number(id.split('-')[1]),
})

function list(call: Call): readonly Record<string, unknown>[] {
  return [...call.world.sectionFiles.replication.sections]
    .filter(([id]) => call.may(`/vms/${guestOf(id)}`, 'VM.Audit'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, section]) => row(call, id, section))
}

function show(call: Call): Record<string, unknown> {
  const id = call.text('id')
  const { replication } = call.world.sectionFiles
  const section = replication.sections.get(id)
  if (section === undefined) throw failure(`no such replication job '${id}'`)
  call.needs(`/vms/${guestOf(id)}`, 'VM.Audit')
  return { ...row(call, id, section), digest: replication.digest() }
}

/** A job runs on the node of its guest. There is no other node with the same disks here. */
function status(call: Call): never {
  const id = call.text('id')
  if (!call.world.sectionFiles.replication.sections.has(id)) throw failure(`no such replication job '${id}'`)
  throw notSimulated('the state of a replication job')
}

function create(call: Call): null {
  const [id, target] = [call.text('id'), call.text('target')]
  const guest = requireReplicate(call)
  const machine = call.world.machines.all().find(({ vmid }) => vmid === guest)
  if (machine === undefined) throw failure(`Guest '${guest}' does not exist.`)
  // A node that is not in a cluster has no members, not even itself.
  if (call.world.nodes.size < 2 || !call.world.nodes.has(target)) throw failure(`Target '${target}' does not exist.`)
  const source = call.optional('source')
  if (source !== undefined && source !== machine.node) {
    throw failure(`Source '${source}' does not match current node of guest '${guest}' (${machine.node})`)
  }
  if (target === machine.node) throw failure('Source and target must not be identical')
  for (const key of driveKeys) {
    const text = textOf(machine.config, key)
    if (text === undefined) continue
    const drive = parseDrive(text)
    if (isCdrom(drive) || drive.options.get('replicate') === '0') continue
    const storage = call.world.storage.storages.get(drive.file.split(':')[0] ?? '')
    if (storage?.type !== 'zfspool') throw failure(`missing replicate feature on volume '${drive.file}'`)
  }
  return changeFile(call, 'replication', ({ sections }) => {
    if (sections.has(id)) throw failure(`replication job '${id}' already exists`)
    const settings = wantedSettings(call, kind, { ids: ['id', 'type'], creates: true })
    const twin = [...sections].find(
      ([other, each]) => guestOf(other) === guest && each.settings.get('target') === target,
    )
    if (twin !== undefined) {
      throw failure(`replication job for guest '${guest}' to target '${target}' already exists`)
    }
    sections.set(id, { type: call.text('type'), settings: settings.set('source', machine.node) })
  })
}

function update(call: Call): null {
  requireReplicate(call)
  return changeFile(call, 'replication', (file) => {
    checkFileDigest(call, file)
    const section = file.sections.get(call.text('id'))
    if (section === undefined) throw failure(`no such job '${call.text('id')}'`)
    changeSettings(call, section, { kind, wanted: wantedSettings(call, kind, { ids: ['id'], creates: false }) })
  })
}

/** Without `force`, the job is only marked: the next run removes it. */
function remove(call: Call): null {
  requireReplicate(call)
  const id = call.text('id')
  return changeFile(call, 'replication', ({ sections }) => {
    if (call.flag('force')) {
      if (call.flag('keep')) throw badParameters({ keep: "conflicts with parameter 'force'" })
      sections.delete(id)
      return
    }
    const section = sections.get(id)
    if (section === undefined) throw failure(`no such job '${id}'`)
    section.settings.set('remove_job', call.flag('keep') ? 'local' : 'full')
  })
}
