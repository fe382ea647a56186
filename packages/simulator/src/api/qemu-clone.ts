// POST /nodes/{node}/qemu/{vmid}/clone: linked from a template, full from anything.
import { randomUUID } from 'node:crypto'
import { failure, forbidden, sentenceOf } from '../errors.ts'
import { copyImage } from '../guests/copy-image.ts'
import { ownLimit, requireStorage } from '../guests/drives.ts'
import { withGuestLock, withStorageLock } from '../guests/guest-locks.ts'
import { finishMirrors } from '../guests/mirror.ts'
import { checkBridge } from '../guests/option-privileges.ts'
import { checkUnlocked, isTemplate } from '../guests/power.ts'
import {
  type Drive,
  driveKeys,
  formatDrive,
  formatSize,
  isCdrom,
  isCloudInit,
  normalizeNetwork,
  parseDrive,
  withOptions,
} from '../state/drives.ts'
import type { Machine } from '../state/machines.ts'
import { newVmConfig, textOf, type VmConfig } from '../state/vm-config.ts'
import { allocateImage, freeImage, linkImage, suffix, volumeSize } from '../storage/images.ts'
import { type StorageConfig, storageRules } from '../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../storage/volume.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { type Call, type Endpoint, requireQuorum } from './call.ts'
import { pause } from './pause.ts'

export const qemuCloneEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu/{vmid}/clone', method: 'POST', handle: clone },
]

interface ClonedDrive {
  readonly key: string
  readonly drive: Drive
  readonly volume: Volume
  readonly linked: boolean
}

interface Clone {
  readonly source: Machine
  readonly vmid: number
  readonly config: VmConfig
  readonly drives: readonly ClonedDrive[]
}

async function clone(call: Call): Promise<string> {
  const { world } = call
  const sourceId = call.integer('vmid')
  const newid = call.integer('newid')
  checkMayClone(call, sourceId, newid)
  requireQuorum(call)
  const source = requireSource(call, sourceId)
  checkTarget(call, source)
  const plan = planClone(call, source, newid)
  const target = await reserve(call, newid)
  const pool = call.optional('pool')
  if (pool !== undefined) world.users.pools.get(pool)?.machines.add(newid)
  return call.task('qmclone', String(sourceId), (task) => run(call, task, { plan, target }))
}

function checkMayClone(call: Call, vmid: number, newid: number): void {
  const pool = call.optional('pool')
  call.needs(`/vms/${vmid}`, 'VM.Clone')
  if (pool !== undefined && !call.world.users.pools.has(pool)) throw forbidden(`pool '${pool}' does not exist`)
  const mayAllocate =
    call.may(`/vms/${newid}`, 'VM.Allocate') || (pool !== undefined && call.may(`/pool/${pool}`, 'VM.Allocate'))
  if (!mayAllocate) throw forbidden()
}

function requireSource(call: Call, vmid: number): Machine {
  const source = call.world.machines.find(vmid)
  if (source === undefined || source.node !== call.node) {
    throw failure(`unable to find configuration file for VM ${vmid} on node '${call.node}'`)
  }
  return source
}

function checkTarget(call: Call, source: Machine): void {
  const target = call.optional('target')
  if (target === undefined || target === call.node) return
  if (!call.world.nodes.has(target)) throw failure(`no such cluster node '${target}'`)
  for (const key of driveKeys) {
    const text = textOf(source.config, key)
    if (text === undefined || !parseDrive(text).file.includes(':')) continue
    const storage = requireStorage(call, parseDrive(text).file.split(':')[0] ?? '')
    if (!storage.shared) throw failure(`can't clone VM to node '${target}' (VM uses local storage)`)
  }
}

function isFull(call: Call, source: Machine): boolean {
  return call.flag('full', !isTemplate(source))
}

function planClone(call: Call, source: Machine, newid: number): Clone {
  checkUnlocked(source)
  const snapshot = call.optional('snapname')
  if (snapshot !== undefined && !source.config.snapshots.has(snapshot))
    throw failure(`snapshot '${snapshot}' does not exist`)
  const full = isFull(call, source)
  for (const parameter of ['storage', 'format']) {
    if (!full && call.optional(parameter) !== undefined)
      throw failure(`parameter '${parameter}' not allowed for linked clones`)
  }
  if (call.world.machines.find(newid) !== undefined)
    throw failure(`unable to create VM ${newid}: config file already exists`)
  const drives = driveKeys.flatMap((key) => planDrive(call, { source, key, full }))
  for (const [key, value] of source.config.values) if (/^net\d+$/.test(key)) checkBridge(call, String(value))
  return { source, vmid: newid, config: copiedConfig(call, source), drives }
}

function planDrive(
  call: Call,
  { source, key, full }: { source: Machine; key: string; full: boolean },
): readonly ClonedDrive[] {
  const text = textOf(source.config, key)
  if (text === undefined) return []
  const drive = parseDrive(text)
  if (!drive.file.includes(':') || (isCdrom(drive) && !isCloudInit(drive))) return []
  const volume = resolveVolume(call.world.storage.storages, drive.file, { root: call.world.root, node: call.node })
  const linked = !full && !isCloudInit(drive)
  if (linked && !(volume.isBase && storageRules[volume.storage.type].linkedClone)) {
    throw failure(`Linked clone feature is not supported for '${volume.volid}' (${key})`)
  }
  call.needs(`/storage/${targetStorage(call, volume, linked).id}`, 'Datastore.AllocateSpace')
  return [{ key, drive, volume, linked }]
}

function targetStorage(call: Call, volume: Volume, linked: boolean): StorageConfig {
  const wanted = call.optional('storage')
  return linked || wanted === undefined ? volume.storage : requireStorage(call, wanted)
}

function copiedConfig(call: Call, source: Machine): VmConfig {
  const config = newVmConfig()
  for (const [key, value] of source.config.values) {
    if (/^(?:template|lock|unused\d+|parent|snaptime|vmstate)$/.test(key)) continue
    config.values.set(key, /^net\d+$/.test(key) ? withNewMac(String(value)) : value)
  }
  const uuid = `uuid=${randomUUID()}`
  const smbios = textOf(config, 'smbios1')?.replace(/uuid=[^,]*/, uuid) ?? uuid
  config.values.set('smbios1', smbios)
  config.values.set('vmgenid', randomUUID())
  config.values.set('name', call.optional('name') ?? `Copy-of-VM-${textOf(source.config, 'name') ?? source.vmid}`)
  const description = call.optional('description')
  if (description !== undefined && description !== '') config.description = description.replace(/\n+$/, '')
  return config
}

function withNewMac(text: string): string {
  return normalizeNetwork(text.replace(/^([^=,]+)=[0-9A-Fa-f:]{17}/, '$1'))
}

async function reserve(call: Call, vmid: number): Promise<Machine> {
  const { world, node } = call
  return withGuestLock(world, { node, vmid, timeoutMs: world.latency.cloneLockMs }, () => {
    if (world.machines.find(vmid) !== undefined)
      throw failure(`unable to create VM ${vmid}: config file already exists`)
    const config = newVmConfig()
    config.values.set('lock', 'clone')
    config.description = ' qmclone temporary file'
    return world.machines.create(call.optional('target') ?? node, vmid, config)
  })
}

async function run(call: Call, task: TaskContext, { plan, target }: { plan: Clone; target: Machine }): Promise<void> {
  const { world, node } = call
  const made: Volume[] = []
  const lock = {
    node,
    vmid: plan.source.vmid,
    timeoutMs: world.latency.cloneLockMs,
    shared: plan.source.power === undefined,
    task,
  }
  const copyAll = async (): Promise<void> => {
    target.config = plan.config
    for (const { key } of plan.drives) target.config.values.delete(key)
    target.config.values.set('lock', 'clone')
    world.machines.save(target)
    await pause(world, task, world.latency.cloneMs)
    for (const drive of plan.drives) {
      await cloneDrive(call, task, { plan, drive, made })
      world.machines.save(target)
    }
    const mirrored = plan.drives.filter((drive) => isMirrored(plan, drive)).map(({ key }) => key)
    finishMirrors(world, task, { machine: plan.source, keys: mirrored })
    target.config.values.delete('lock')
    world.machines.save(target)
    world.users.save()
  }
  try {
    await withGuestLock(world, lock, () =>
      copyAll().catch((error: unknown) => {
        throw failure(`clone failed: ${sentenceOf(error)}`)
      }),
    )
  } catch (error) {
    for (const volume of made) await freeImage(volume)
    for (const pool of world.users.pools.values()) pool.machines.delete(target.vmid)
    world.machines.remove(target)
    throw error
  }
}

async function cloneDrive(
  call: Call,
  task: TaskContext,
  { plan, drive, made }: { plan: Clone; drive: ClonedDrive; made: Volume[] },
): Promise<void> {
  const { world, node } = call
  const { key, volume, linked } = drive
  task.log(`create ${linked ? 'linked' : 'full'} clone of drive ${key} (${volume.volid})`)
  const copy = linked
    ? await withStorageLock(world, { node, storage: volume.storage, task }, () =>
        linkImage(world.storage.storages, volume, {
          vmid: plan.vmid,
          place: { root: world.root, node },
          log: task.log,
        }),
      )
    : await fullCopy(call, task, { plan, drive })
  made.push(copy)
  const size = formatSize(await volumeSize(copy))
  const text = formatDrive(withOptions({ file: copy.volid, options: drive.drive.options }, { size, format: undefined }))
  plan.config.values.set(key, text)
}

async function fullCopy(
  call: Call,
  task: TaskContext,
  { plan, drive }: { plan: Clone; drive: ClonedDrive },
): Promise<Volume> {
  const storage = targetStorage(call, drive.volume, false)
  const rules = storageRules[storage.type]
  const wanted = call.optional('format') ?? drive.volume.format
  const format = rules.formats.includes(wanted) ? wanted : rules.defaultFormat
  const target = { storage, format, vmid: plan.vmid }
  if (isCloudInit(drive.drive)) return emptyCloudInit(call, task, target)
  const request = { node: call.node, task, source: drive.volume, target, limit: ownLimit(call, 'clone') }
  return copyImage(call.world, { ...request, ...(isMirrored(plan, drive) && { mirrorOf: drive.key }) })
}

/** Disks in use are copied by QEMU itself. */
function isMirrored(plan: Clone, { drive, linked }: ClonedDrive): boolean {
  return plan.source.power !== undefined && !linked && !isCloudInit(drive)
}

/** The start writes it anew, so nothing is copied. */
function emptyCloudInit(
  { world, node }: Call,
  task: TaskContext,
  { storage, format, vmid }: { storage: StorageConfig; format: string; vmid: number },
): Promise<Volume> {
  const name = `vm-${vmid}-cloudinit${suffix(storage, format)}`
  const image = { vmid, format, name, bytes: 4 * 1024 * 1024, log: task.log }
  return withStorageLock(world, { node, storage, task }, () =>
    allocateImage(world.storage.storages, storage, { image, place: { root: world.root, node } }),
  )
}
