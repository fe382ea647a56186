// Migrates a machine to another node, running or stopped, with or without its disks (qemu-server `QemuMigrate.pm`).
import { type Call, requireQuorum } from '../../api/call.ts'
import { badParameters, failure, sentenceOf } from '../../errors.ts'
import { driveKeys, formatDrive, isUnusedKey, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { type ConfigValue, textOf, type VmSection } from '../../state/vm-config.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { freeVolume, volumeOf } from '../drives/free-volume.ts'
import { withGuestLock } from '../guest-locks.ts'
import { checkUnlocked } from '../power.ts'
import { localResources, missingOn } from './local-resources.ts'
import { type MigrationLog, migrationLog } from './migration-log.ts'
import { type LocalVolume, type Migration, scanVolumes } from './scan-volumes.ts'
import { checkTargets, parseStorageMap, requireStorageOn } from './storage-map.ts'
import { transferVolume } from './transfer-volume.ts'

/** Throws errors that are known before the task. */
export function readMigration(call: Call): Migration {
  const { world, node } = call
  const target = call.text('target')
  if (target === node) throw badParameters({ target: 'target is local node.' })
  requireQuorum(call)
  if (!world.nodes.has(target)) throw failure(`no such cluster node '${target}'`)
  for (const key of ['force', 'migration_type', 'migration_network']) {
    if (call.optional(key) !== undefined && call.optional(key) !== '0' && !call.isRoot) {
      throw badParameters({ [key]: 'Only root may use this option.' })
    }
  }
  const machine = world.machines.get(node, call.integer('vmid'))
  checkUnlocked(machine)
  const isOnline = machine.power !== undefined
  if (isOnline && !call.flag('online')) throw failure("can't migrate running VM without --online")
  const map = parseStorageMap(call.optional('targetstorage'))
  if (map !== undefined) checkTargets(call, map, { vmid: machine.vmid, target })
  if (map === undefined || map.isIdentity) checkAttached(call, machine, target)
  return { machine, target, isOnline, withLocalDisks: call.flag('with-local-disks'), map }
}

/** Each storage must be available on both nodes. */
function checkAttached(call: Call, { config }: Machine, target: string): void {
  for (const key of driveKeys) {
    const file = parseDrive(textOf(config, key) ?? '').file
    if (!/^[^/:]+:/.test(file)) continue
    const { storage, kind, volid } = volumeOf(call, file)
    for (const node of [call.node, target]) requireStorageOn(call.world, storage.id, node)
    if (!storage.content.has(kind)) {
      throw failure(`${volid}: content type '${kind}' is not available on storage '${storage.id}'`)
    }
  }
}

export function migrateInTask(call: Call, migration: Migration): Promise<string> {
  const { vmid } = migration.machine
  return call.task('qmigrate', String(vmid), async (task) => {
    const log = migrationLog(call.world, task)
    const startedAt = call.world.clock.now()
    const duration = (): string => asDuration(call.world.clock.now() - startedAt)
    try {
      await withGuestLock(call.world, { node: call.node, vmid, task }, () => migrate(call, task, { migration, log }))
    } catch (error) {
      log.error(`migration aborted (duration ${duration()}): ${sentenceOf(error)}`)
      throw failure('migration aborted')
    }
    log.info(`migration finished successfully (duration ${duration()})`)
  })
}

function asDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

interface Work {
  readonly migration: Migration
  readonly log: MigrationLog
}

async function migrate(call: Call, task: TaskContext, { migration, log }: Work): Promise<void> {
  const { machine, target, isOnline } = migration
  checkUnlocked(machine)
  if (isOnline !== (machine.power !== undefined)) throw failure("can't migrate running VM without --online")
  checkResources(call, migration, log)
  const address = call.world.nodes.get(target)?.address ?? ''
  log.info(`starting migration of VM ${machine.vmid} to node '${target}' (${address})`)
  setLock(call, machine, 'migrate')
  const copies = new Map<string, string>()
  try {
    const volumes = await scanVolumes(call, log, migration)
    await copyVolumes(call, task, { migration, log, volumes, copies })
    if (isOnline) await goLive(call, task, { migration, log })
    else await pause(call.world, task, call.world.latency.otherTaskMs)
    await settle(call, task, { migration, log, volumes, copies })
  } catch (error) {
    log.error(sentenceOf(error))
    log.info('aborting phase 1 - cleanup resources')
    await removeCopies(call, task, { copies, target })
    setLock(call, machine, undefined)
    throw error
  }
}

function setLock({ world }: Call, machine: Machine, lock: string | undefined): void {
  if (lock === undefined) machine.config.values.delete('lock')
  else machine.config.values.set('lock', lock)
  world.machines.save(machine)
}

function checkResources({ world }: Call, { machine, target, isOnline }: Migration, log: MigrationLog): void {
  const resources = localResources(world, machine.config, { isRunning: isOnline })
  const keys = new Set(resources.mapped.map(({ key }) => key))
  const blocking = resources.blocking.filter((key) => !keys.has(key))
  if (blocking.length > 0) throw failure(`can't migrate VM which uses local devices: ${blocking.join(', ')}`)
  if (resources.mapped.length === 0) return
  const missing = missingOn(world, resources, target)
  if (missing.length > 0) throw failure(`can't migrate to '${target}': missing mapped devices ${missing.join(', ')}`)
  const dead = resources.mapped.filter(({ isLive }) => !isLive).map(({ key, id }) => `${key}:${id}`)
  if (isOnline && dead.length > 0) {
    throw failure(`can't live migrate running VM which uses following mapped devices: ${dead.sort().join(', ')}`)
  }
  log.info('migrating VM which uses mapped local devices')
}

interface Travel extends Work {
  readonly volumes: readonly LocalVolume[]
  /** Old volume id → new one. */
  readonly copies: Map<string, string>
}

async function copyVolumes(call: Call, task: TaskContext, { migration, log, volumes, copies }: Travel): Promise<void> {
  const { world } = call
  if (volumes.length > 0) log.info('copying local disk images')
  for (const { volume, targetStorage, keepsName } of volumes) {
    const storage = requireStorageOn(world, targetStorage, migration.target)
    const request = { task, volume, node: migration.target, storage, keepsName }
    const copy = await transferVolume(world, request).catch((error: unknown) => {
      const why = sentenceOf(error)
      throw failure(`storage migration for '${volume.volid}' to storage '${targetStorage}' failed - ${why}`)
    })
    copies.set(volume.volid, copy.volid)
    log.info(`volume '${volume.volid}' is '${copy.volid}' on the target`)
  }
}

async function goLive(call: Call, task: TaskContext, { migration, log }: Work): Promise<void> {
  log.info(`starting VM ${migration.machine.vmid} on remote node '${migration.target}'`)
  log.info('start remote tunnel')
  log.info(`starting online/live migration on unix:/run/qemu-server/${migration.machine.vmid}.migrate`)
  await pause(call.world, task, call.world.latency.startMs)
  log.info('migration status: completed')
}

/** From here on, the machine belongs to the other node. */
async function settle(call: Call, task: TaskContext, { migration, log, volumes, copies }: Travel): Promise<void> {
  const { world, node } = call
  const { machine, target } = migration
  const { config } = machine
  for (const section of [config, { values: config.pending }, ...config.snapshots.values()]) rename(section, copies)
  config.values.delete('lock')
  world.machines.move(machine, target)
  world.machines.save(machine)
  for (const { volume } of volumes) {
    await freeVolume(world, { node, task }, volume).catch((error: unknown) =>
      log.error(`removing local copy of '${volume.volid}' failed - ${sentenceOf(error)}`),
    )
  }
}

function rename({ values }: VmSection, copies: ReadonlyMap<string, string>): void {
  for (const [key, value] of values)
    if (driveKeys.includes(key) || isUnusedKey(key)) values.set(key, renamed(value, copies))
}

function renamed(value: ConfigValue, copies: ReadonlyMap<string, string>): ConfigValue {
  const { file, options } = parseDrive(String(value))
  const copy = copies.get(file)
  return copy === undefined ? value : formatDrive({ file: copy, options })
}

async function removeCopies(
  { world, ...call }: Call,
  task: TaskContext,
  { copies, target }: { copies: ReadonlyMap<string, string>; target: string },
): Promise<void> {
  for (const volid of copies.values()) {
    const volume = volumeOf({ ...call, world, node: target }, volid)
    await freeVolume(world, { node: target, task }, volume).catch(() => undefined)
  }
}
