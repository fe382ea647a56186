// POST /nodes/{node}/qemu: creates a machine. The call itself reserves the id.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { badParameters, failure, forbidden, notSimulated, sentenceOf } from '../../errors.ts'
import { checkStorageAccess, readDrives, resolveCdromAlias } from '../../guests/drives/drive-checks.ts'
import { makeDrive } from '../../guests/drives/drives.ts'
import { checkVolumeAccess, hasStorage } from '../../guests/drives/volume-access.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { enforceLater, isManaged, requestState } from '../../guests/high-availability.ts'
import { pinnedMachine } from '../../guests/options/machine-type.ts'
import { checkBridge, checkDevice, checkOption, needOnGuest } from '../../guests/options/option-privileges.ts'
import { defaultBoot, guestOptions, normalizeOption } from '../../guests/options/options.ts'
import { windowsVersion } from '../../guests/options/os-type.ts'
import { checkKeys } from '../../guests/options/ssh-keys.ts'
import { storedValue } from '../../guests/options/stored-value.ts'
import { checkTags, storedTags } from '../../guests/options/tags.ts'
import { checkClipboard } from '../../guests/options/vga.ts'
import { startGuest } from '../../guests/power.ts'
import { qemuVersion } from '../../guests/qemu-version.ts'
import { driveKeysAsText, isDriveKey } from '../../state/drives.ts'
import { makeResource } from '../../state/ha-config.ts'
import type { Machine } from '../../state/machines.ts'
import { type ConfigValue, newVmConfig } from '../../state/vm-config.ts'
import { freeImage } from '../../storage/images.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, requireQuorum } from '../call.ts'

export const qemuCreateEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu', method: 'POST', handle: createMachine },
]

async function createMachine(call: Call): Promise<string> {
  const { world } = call
  const vmid = call.integer('vmid')
  const pool = call.optional('pool')
  const options = guestOptions(call.parameters)
  const keys = options.get('sshkeys')
  if (keys !== undefined) checkKeys(keys)
  requireQuorum(call)
  checkMayCreate(call, vmid, pool)
  if (call.optional('archive') !== undefined) return restore(call, options)
  checkOptions(call, options)
  const values = plainValues(call, options)
  const machine = await reserve(call, vmid)
  if (pool !== undefined) world.users.pools.get(pool)?.machines.add(vmid)
  return call.task('qmcreate', String(vmid), (task) => fillMachine(call, task, { machine, options, values }))
}

/** Looks for a backup as Proxmox does. The restore itself is not simulated. */
function restore(call: Call, options: ReadonlyMap<string, string>): never {
  const archive = call.text('archive')
  const drive = driveKeysAsText.find((key) => options.has(key))
  if (drive !== undefined) throw badParameters({ [drive]: "option conflicts with option 'archive'" })
  if (archive === '-') throw failure('pipe requires cli environment')
  checkVolumeAccess(call, call.integer('vmid'), { volid: archive, kind: 'backup' })
  if (!hasStorage(archive)) throw failure(`can't find file '${archive}'`)
  const place = { root: call.world.root, node: call.node }
  const { volid, realPath } = resolveVolume(call.world.storage.storages, archive, place)
  if (!existsSync(realPath)) throw failure(`volume '${volid}' does not exist`)
  throw notSimulated('restoring a backup')
}

/** Checks in Proxmox's order: storages, options, devices and bridges, then the options of the drives. */
function checkOptions(call: Call, options: Map<string, string>): void {
  const vmid = call.integer('vmid')
  const pool = call.optional('pool')
  resolveCdromAlias(options)
  checkStorageAccess(call, { vmid, options, defaultStorage: call.optional('storage') })
  const keys = [...options.keys()].sort()
  for (const key of keys) checkOption(call, { vmid, pool, key })
  for (const key of keys) checkDevice(call, { vmid, pool, key, value: options.get(key) ?? '', verb: 'set' })
  for (const [key, value] of options) if (/^net\d+$/.test(key)) checkBridge(call, value)
  readDrives(call, options)
}

function checkMayCreate(call: Call, vmid: number, pool: string | undefined): void {
  if (pool !== undefined && !call.world.users.pools.has(pool)) throw forbidden(`pool '${pool}' does not exist`)
  const storage = call.optional('storage')
  if (storage !== undefined) call.needs(`/storage/${storage}`, 'Datastore.AllocateSpace')
  if (call.flag('ha-managed')) call.needs('/', 'Sys.Console')
  if (call.world.version !== '8.4' && call.flag('start')) needOnGuest(call, { vmid, pool }, 'VM.PowerMgmt')
  if (call.may(`/vms/${vmid}`, 'VM.Allocate')) return
  if (pool === undefined || !call.may(`/pool/${pool}`, 'VM.Allocate')) throw forbidden()
}

/** Returns all values except drives. */
function plainValues({ world }: Call, options: ReadonlyMap<string, string>): Map<string, ConfigValue> {
  const values = new Map<string, ConfigValue>()
  for (const [key, value] of options) {
    if (isDriveKey(key) || key === 'description' || (key === 'sshkeys' && value === '')) continue
    values.set(key, normalizeOption(world, key, value))
  }
  return values
}

async function reserve(call: Call, vmid: number): Promise<Machine> {
  const { world, node } = call
  const create = (): Machine => {
    const taken = world.machines.find(vmid)
    if (taken !== undefined) throw failure(`VM ${vmid} already exists on node '${taken.node}'`)
    const config = newVmConfig()
    config.values.set('lock', 'create')
    return world.machines.create(node, vmid, config)
  }
  return withGuestLock(world, { node, vmid, timeoutMs: world.latency.createLockMs }, create).catch((error: unknown) => {
    throw failure(`unable to create VM ${vmid} - ${sentenceOf(error)}`)
  })
}

interface Filling {
  readonly machine: Machine
  readonly options: ReadonlyMap<string, string>
  readonly values: Map<string, ConfigValue>
}

async function fillMachine(call: Call, task: TaskContext, filling: Filling): Promise<void> {
  const { world, node } = call
  const { machine } = filling
  const made: Volume[] = []
  try {
    await withGuestLock(world, { node, vmid: machine.vmid, task, timeoutMs: world.latency.createLockMs }, async () => {
      await pause(world, task, world.latency.createMs)
      await makeDrives(call, task, { filling, made })
      checkClipboard(filling.options.get('vga'))
      settle(call, task, filling)
    })
  } catch (error) {
    for (const volume of made) await freeImage(volume)
    for (const pool of world.users.pools.values()) pool.machines.delete(machine.vmid)
    world.machines.remove(machine)
    throw failure(`unable to create VM ${machine.vmid} - ${sentenceOf(error)}`)
  }
  if (call.flag('ha-managed')) manage(call, task, machine)
  if (call.flag('start')) await autostart(call, task, machine)
}

async function makeDrives(
  call: Call,
  task: TaskContext,
  { filling, made }: { filling: Filling; made: Volume[] },
): Promise<void> {
  // A second cloud-init drive is detected also among the requested drives, not only the created ones.
  const others = [filling.options, filling.values]
  const isTemplate = filling.options.get('template') === '1'
  for (const key of driveKeysAsText) {
    const value = filling.options.get(key)
    if (value === undefined) continue
    const drive = await makeDrive(call, task, { key, value, vmid: filling.machine.vmid, others, isTemplate })
    if (drive.made !== undefined) made.push(drive.made)
    filling.values.set(key, drive.text)
  }
}

function settle(call: Call, task: TaskContext, { machine, options, values }: Filling): void {
  const { world } = call
  const { config } = machine
  const stored = [...values].map(([key, value]) => [key, storedValue(key, String(value), world.version)] as const)
  // Since 9, a create checks tags like an update. 8.4 stored them unchecked.
  const tags = options.get('tags')
  if (tags !== undefined && world.version !== '8.4') checkTags(call, { vmid: machine.vmid, after: tags })
  config.values.clear()
  for (const [key, value] of stored) config.values.set(key, value)
  if (tags !== undefined && world.version !== '8.4') config.values.set('tags', storedTags(world, tags) || ' ')
  const description = options.get('description')
  if (description !== undefined && description !== '') config.description = description.replace(/\s+$/, '')
  if (!values.has('boot')) config.values.set('boot', defaultBoot(values))
  const type = pinnedMachine({ machine: options.get('machine'), ostype: options.get('ostype') }, world.version)
  if (type !== undefined) config.values.set('machine', type)
  if (type !== undefined && type !== options.get('machine') && windowsVersion(options.get('ostype')) > 0) {
    task.log(`pinning machine type to '${type.split(',')[0]}' for Windows guest OS`)
  }
  if (!values.has('smbios1')) config.values.set('smbios1', `uuid=${randomUUID()}`)
  if (!values.has('vmgenid')) config.values.set('vmgenid', randomUUID())
  config.values.set('meta', `creation-qemu=${qemuVersion(world)},ctime=${Math.floor(world.clock.now() / 1000)}`)
  world.machines.save(machine)
  world.users.save()
}

/** Adds the machine to the HA manager. */
function manage(call: Call, task: TaskContext, { vmid }: Machine): void {
  const { world } = call
  const sid = `vm:${vmid}`
  task.log('Add as HA resource')
  const settings = new Map([['state', call.flag('start') ? 'started' : 'stopped']])
  world.ha.resources.set(sid, makeResource(sid, settings, world.clock.now()))
  world.ha.save()
  enforceLater(world, vmid)
}

/** A failed start does not fail the creation, because it is a separate task. */
async function autostart(call: Call, task: TaskContext, machine: Machine): Promise<void> {
  task.log('Execute autostart')
  if (isManaged(call.world, machine.vmid)) await requestState(call, machine.vmid, 'started')
  else await call.task('qmstart', String(machine.vmid), (start) => startGuest(call, start, machine.vmid))
}
