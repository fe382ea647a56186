// Which guests and disks the backup jobs include (pve-manager `API2/Backup.pm`, `API2/Cluster/BackupInfo.pm`).
import { badParameters } from '../../errors.ts'
import { driveKeys, isCdrom, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import type { Section } from '../../state/section-file.ts'
import { textOf } from '../../state/vm-config.ts'
import type { World } from '../../world.ts'
import { type Call, type Endpoint, listOf } from '../call.ts'

export const backupInfoEndpoints: readonly Endpoint[] = [
  { path: '/cluster/backup/{id}/included_volumes', method: 'GET', handle: includedVolumes },
  { path: '/cluster/backup-info/not-backed-up', method: 'GET', handle: notBackedUp },
]

/** The ids of a job's guests. Ids that no guest has stay in the list. */
function guestsOf({ machines, users }: World, { settings }: Section): readonly number[] {
  const pool = settings.get('pool')
  if (pool) return [...(users.pools.get(pool)?.machines ?? [])].sort((one, other) => one - other)
  if (settings.get('vmid')) return listOf(settings.get('vmid')).map(Number)
  if (settings.get('all') !== '1') return []
  const excluded = new Set(listOf(settings.get('exclude')).map(Number))
  const node = settings.get('node')
  return machines
    .all()
    .filter((machine) => !excluded.has(machine.vmid) && (node === undefined || machine.node === node))
    .map(({ vmid }) => vmid)
}

function includedVolumes(call: Call): Record<string, unknown> {
  const section = call.world.sectionFiles.jobs.sections.get(call.text('id'))
  if (section?.type !== 'vzdump') throw badParameters({ id: `No such job '${call.text('id')}'` })
  const allowed = guestsOf(call.world, section).filter((vmid) => call.may(`/vms/${vmid}`, 'VM.Audit'))
  return { children: allowed.map((vmid) => branch(vmid, call.world.machines.find(vmid))) }
}

function branch(vmid: number, machine: Machine | undefined): Record<string, unknown> {
  if (machine === undefined) return { id: vmid, type: 'unknown', leaf: 1 }
  const children = volumesOf(machine)
  const name = textOf(machine.config, 'name') ?? null
  return { id: vmid, type: 'qemu', name, children, leaf: children.length === 0 ? 1 : 0 }
}

function volumesOf({ vmid, config }: Machine): readonly Record<string, unknown>[] {
  return driveKeys.flatMap((key) => {
    const text = textOf(config, key)
    const drive = text === undefined ? undefined : parseDrive(text)
    if (drive === undefined || isCdrom(drive)) return []
    const backup = drive.options.get('backup')
    const isUnusedEfi = key === 'efidisk0' && textOf(config, 'bios') !== 'ovmf'
    const [included, reason] = isUnusedEfi
      ? [0, 'efidisk but no OMVF BIOS']
      : [backup === undefined ? 1 : Number(backup), `backup=${backup === undefined ? 'yes' : 'no'}`]
    return [{ id: `${vmid}:${key}`, name: drive.file, included, reason, leaf: 1 }]
  })
}

function notBackedUp(call: Call): readonly Record<string, unknown>[] {
  const jobs = [...call.world.sectionFiles.jobs.sections.values()].filter(({ type }) => type === 'vzdump')
  const included = new Set(jobs.flatMap((job) => guestsOf(call.world, job)))
  return call.world.machines
    .all()
    .filter(({ vmid }) => !included.has(vmid) && call.may(`/vms/${vmid}`, 'VM.Audit'))
    .map(({ vmid, config }) => ({ vmid, type: 'qemu', name: config.values.get('name') }))
}
