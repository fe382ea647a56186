// POST /nodes/{node}/qemu/{vmid}/clone: a linked clone from a template, a full clone from any machine.
import { failure, forbidden, sentenceOf } from '../../errors.ts'
import { type CloneWork, cloneDrive, isMirrored } from '../../guests/drives/clone-drives.ts'
import { ownLimit } from '../../guests/drives/drives.ts'
import { finishMirrors } from '../../guests/drives/mirror.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { type ClonePlan, loadAndCheck } from '../../guests/plan-clone.ts'
import type { Machine } from '../../state/machines.ts'
import { newVmConfig, type VmConfig } from '../../state/vm-config.ts'
import { freeImage } from '../../storage/images.ts'
import type { Volume } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { Call, Endpoint } from '../call.ts'

export const qemuCloneEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu/{vmid}/clone', method: 'POST', handle: clone },
]

/**
 * Checks once before the task and again in it, under the locks. The call reserves nothing, so two close calls for the
 * same id both get a task.
 */
async function clone(call: Call): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  const newid = call.integer('newid')
  checkMayClone(call, vmid, newid)
  const { source } = loadAndCheck(call)
  return call.task('qmclone', String(vmid), (task) => {
    const timeoutMs = world.latency.cloneLockMs
    const shared = source.power === undefined
    return withGuestLock(world, { node, vmid, timeoutMs, shared, task }, () =>
      withGuestLock(world, { node, vmid: newid, timeoutMs, task }, () => run(call, task, loadAndCheck(call))),
    )
  })
}

function checkMayClone(call: Call, vmid: number, newid: number): void {
  const pool = call.optional('pool')
  call.needs(`/vms/${vmid}`, 'VM.Clone')
  if (pool !== undefined && !call.world.users.pools.has(pool)) throw forbidden(`pool '${pool}' does not exist`)
  const mayAllocate =
    call.may(`/vms/${newid}`, 'VM.Allocate') || (pool !== undefined && call.may(`/pool/${pool}`, 'VM.Allocate'))
  if (!mayAllocate) throw forbidden()
}

async function run(call: Call, task: TaskContext, plan: ClonePlan): Promise<void> {
  const { world, node } = call
  const target = world.machines.create(node, plan.vmid, temporaryConfig())
  const made: Volume[] = []
  try {
    await cloneAll({ call, task, plan, target, made })
  } catch (error) {
    for (const volume of made) await freeImage(volume)
    world.machines.remove(target)
    throw failure(`clone failed: ${sentenceOf(error)}`)
  }
}

function temporaryConfig(): VmConfig {
  const config = newVmConfig()
  config.values.set('lock', 'clone')
  config.description = ' qmclone temporary file'
  return config
}

interface Cloning {
  readonly call: Call
  readonly task: TaskContext
  readonly plan: ClonePlan
  readonly target: Machine
  /** The volumes created so far, to remove them after a failure. */
  readonly made: Volume[]
}

async function cloneAll({ call, task, plan, target, made }: Cloning): Promise<void> {
  const { world, node } = call
  const work: CloneWork = {
    world,
    node,
    task,
    source: plan.source,
    snapshot: plan.snapshot,
    vmid: plan.vmid,
    limit: ownLimit(call, 'clone'),
  }
  if (world.version !== '8.4') task.log(`creating a clone of VM ${plan.source.vmid} with ID ${plan.vmid}`)
  await pause(world, task, world.latency.cloneMs)
  target.config = plan.config
  world.firewalls.copy(plan.source.vmid, plan.vmid)
  target.config.values.set('lock', 'clone')
  for (const { key } of plan.drives) target.config.values.delete(key)
  if (plan.drives.length > 0) world.machines.save(target)
  for (const drive of plan.drives) {
    const { volume, text } = await cloneDrive(work, drive)
    made.push(volume)
    target.config.values.set(drive.key, text)
    world.machines.save(target)
  }
  const mirrored = plan.drives.filter((drive) => isMirrored(work, drive)).map(({ key }) => key)
  finishMirrors(world, task, { machine: plan.source, keys: mirrored })
  target.config.values.delete('lock')
  world.machines.save(target)
  moveToTarget(call, target)
}

function moveToTarget(call: Call, machine: Machine): void {
  const { world, node } = call
  const target = call.optional('target')
  if (target !== undefined && target !== node) world.machines.move(machine, target)
  const pool = call.optional('pool')
  if (pool === undefined) return
  world.users.pools.get(pool)?.machines.add(machine.vmid)
  world.users.save()
}
