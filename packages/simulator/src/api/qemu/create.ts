// POST /nodes/{node}/qemu: a new machine, its id reserved by the call itself.
import { randomUUID } from 'node:crypto'
import { failure, forbidden, sentenceOf } from '../../errors.ts'
import { checkDrive, makeDrive } from '../../guests/drives.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { enforceLater, isManaged, requestState } from '../../guests/high-availability.ts'
import { checkBridge, checkOption } from '../../guests/option-privileges.ts'
import { defaultBoot, guestOptions, normalizeOption } from '../../guests/options.ts'
import { startGuest } from '../../guests/power.ts'
import { qemuVersion } from '../../guests/qemu-version.ts'
import { driveKeys, isDriveKey } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { type ConfigValue, newVmConfig } from '../../state/vm-config.ts'
import { freeImage } from '../../storage/images.ts'
import type { Volume } from '../../storage/volume.ts'
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
  checkMayCreate(call, vmid, pool)
  requireQuorum(call)
  const options = guestOptions(call.parameters)
  for (const [key, value] of options) {
    checkOption(call, { vmid, key, value, creating: true, ...(pool !== undefined && { pool }) })
    if (/^net\d+$/.test(key)) checkBridge(call, value)
  }
  for (const key of driveKeys) {
    const value = options.get(key)
    if (value !== undefined) checkDrive(call, { key, value, vmid })
  }
  const values = plainValues(call, options)
  const machine = await reserve(call, vmid)
  if (pool !== undefined) world.users.pools.get(pool)?.machines.add(vmid)
  return call.task('qmcreate', String(vmid), (task) => fillMachine(call, task, { machine, options, values }))
}

function checkMayCreate(call: Call, vmid: number, pool: string | undefined): void {
  if (call.flag('ha-managed')) call.needs('/', 'Sys.Console')
  if (pool !== undefined) {
    if (!call.world.users.pools.has(pool)) throw forbidden(`pool '${pool}' does not exist`)
    call.needs(`/pool/${pool}`, 'VM.Allocate')
  } else if (!call.may(`/vms/${vmid}`, 'VM.Allocate')) throw forbidden()
  if (call.world.version !== '8.4' && call.flag('start') && !call.may(`/vms/${vmid}`, 'VM.PowerMgmt')) {
    if (pool === undefined || !call.may(`/pool/${pool}`, 'VM.PowerMgmt')) throw forbidden(`/vms/${vmid}, VM.PowerMgmt`)
  }
}

/** Everything but drives; throws what is wrong before anything is made. */
function plainValues(call: Call, options: ReadonlyMap<string, string>): Map<string, ConfigValue> {
  const values = new Map<string, ConfigValue>()
  for (const [key, value] of options) {
    if (isDriveKey(key) || key === 'description' || (key === 'sshkeys' && value === '')) continue
    values.set(key, normalizeOption(key, value, { tagsNormalized: call.world.version !== '8.4' }))
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
      settle(call, filling)
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
  for (const key of driveKeys) {
    const value = filling.options.get(key)
    if (value === undefined) continue
    const drive = await makeDrive(call, task, { key, value, vmid: filling.machine.vmid })
    if (drive.made !== undefined) made.push(drive.made)
    filling.values.set(key, drive.text)
  }
}

function settle({ world }: Call, { machine, options, values }: Filling): void {
  const { config } = machine
  config.values.clear()
  for (const [key, value] of values) config.values.set(key, value)
  const description = options.get('description')
  if (description !== undefined && description !== '') config.description = description.replace(/\n+$/, '')
  if (!values.has('boot')) config.values.set('boot', defaultBoot(values))
  if (!values.has('smbios1')) config.values.set('smbios1', `uuid=${randomUUID()}`)
  if (!values.has('vmgenid')) config.values.set('vmgenid', randomUUID())
  config.values.set('meta', `creation-qemu=${qemuVersion(world)},ctime=${Math.floor(world.clock.now() / 1000)}`)
  world.machines.save(machine)
  world.users.save()
}

/** Hands the machine to the cluster manager. */
function manage(call: Call, task: TaskContext, { vmid }: Machine): void {
  const { world } = call
  const sid = `vm:${vmid}`
  task.log('Add as HA resource')
  world.ha.resources.set(sid, { sid, state: call.flag('start') ? 'started' : 'stopped', settings: new Map() })
  world.ha.save()
  enforceLater(world, vmid)
}

/** A start that fails does not fail the creation: it is a task of its own. */
async function autostart(call: Call, task: TaskContext, machine: Machine): Promise<void> {
  task.log('Execute autostart')
  if (isManaged(call.world, machine.vmid)) await requestState(call, machine.vmid, 'started')
  else await call.task('qmstart', String(machine.vmid), (start) => startGuest(call, start, machine.vmid))
}
