// Moving: a disk to another storage, a machine to another node; and what a machine's storages can do.
import { badParameters, failure, sentenceOf } from '../../errors.ts'
import { copyImage } from '../../guests/drives/copy-image.ts'
import { type GuestDisk, guestDisks } from '../../guests/drives/disks.ts'
import { ownLimit, requireStorage } from '../../guests/drives/drives.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { checkUnlocked } from '../../guests/power.ts'
import { formatDrive, isCdrom, parseDrive, parseSize } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import { freeImage, hiddenFormat } from '../../storage/images.ts'
import { storageRules } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, requireQuorum } from '../call.ts'

const root = '/nodes/{node}/qemu/{vmid}'

export const qemuMoveEndpoints: readonly Endpoint[] = [
  { path: `${root}/move_disk`, method: 'POST', handle: moveDisk },
  { path: `${root}/migrate`, method: 'GET', handle: migrationConditions },
  { path: `${root}/migrate`, method: 'POST', handle: migrate },
  { path: `${root}/feature`, method: 'GET', handle: feature },
]

async function moveDisk(call: Call): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  const storage = call.optional('storage')
  if (storage === undefined) throw badParameters({ storage: 'need either storage or target-vmid' })
  call.needs(`/storage/${storage}`, 'Datastore.AllocateSpace')
  checkMove(call, world.machines.get(node, vmid))
  return call.task('qmmove', String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, async () => {
      const machine = world.machines.get(node, vmid)
      await move(call, task, { machine, old: checkMove(call, machine) })
    }),
  )
}

function checkMove(call: Call, machine: Machine): Volume {
  const key = call.text('disk')
  checkUnlocked(machine)
  const text = textOf(machine.config, key)
  if (text === undefined) throw failure(`disk '${key}' does not exist`)
  const drive = parseDrive(text)
  if (isCdrom(drive)) throw failure("you can't move a cdrom")
  const old = resolveVolume(call.world.storage.storages, drive.file, { root: call.world.root, node: call.node })
  const format = call.optional('format')
  const target = requireStorage(call, call.text('storage'))
  if (old.storage === target && (format === undefined || format === old.format)) {
    throw failure("you can't move to the same storage with same format")
  }
  if (!target.content.has('images'))
    throw badParameters({ storage: `storage '${target.id}' does not support vm images` })
  return old
}

async function move(call: Call, task: TaskContext, { machine, old }: { machine: Machine; old: Volume }): Promise<void> {
  const key = call.text('disk')
  const storage = requireStorage(call, call.text('storage'))
  const { formats, defaultFormat } = storageRules[storage.type]
  const wanted = call.optional('format') ?? old.format
  const format = formats.includes(wanted) ? wanted : defaultFormat
  task.log(`create full clone of drive ${key} (${old.volid})`)
  const target = { storage, format, vmid: machine.vmid }
  const copy = await copyImage(call.world, {
    node: call.node,
    task,
    source: old,
    target,
    limit: ownLimit(call, 'move'),
  }).catch((error: unknown) => {
    throw failure(`storage migration failed: ${sentenceOf(error)}`)
  })
  const drive = parseDrive(textOf(machine.config, key) ?? '')
  machine.config.values.set(key, formatDrive({ file: copy.volid, options: drive.options }))
  if (call.flag('delete')) await freeImage(old)
  else machine.config.values.set(freeUnusedKey(machine), old.volid)
  call.world.machines.save(machine)
}

function freeUnusedKey(machine: Machine): string {
  let number = 0
  while (machine.config.values.has(`unused${number}`)) number += 1
  return `unused${number}`
}

function otherNodes(call: Call): readonly string[] {
  return [...call.world.nodes.values()]
    .filter((node) => node.online && node.name !== call.node)
    .map((node) => node.name)
}

function migrationConditions(call: Call): Record<string, unknown> {
  const machine = call.world.machines.get(call.node, call.integer('vmid'))
  const local = guestDisks(call, machine, { cloudInit: true }).filter(({ volume }) => !volume.storage.shared)
  return {
    running: machine.power === undefined ? 0 : 1,
    allowed_nodes: local.length === 0 ? otherNodes(call) : [],
    not_allowed_nodes: {},
    local_disks: local.map(localDisk),
    local_resources: [],
    'mapped-resources': [],
    'mapped-resource-info': {},
  }
}

function localDisk({ key, drive, volume }: GuestDisk): Record<string, unknown> {
  return {
    volid: volume.volid,
    size: parseSize(drive.options.get('size') ?? '0') ?? 0,
    drivename: key,
    cdrom: isCdrom(drive) ? 1 : 0,
    shared: 0,
    replicate: 1,
    is_attached: 1,
    is_unused: 0,
    is_vmstate: 0,
    is_tpmstate: 0,
  }
}

async function migrate(call: Call): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  const target = call.text('target')
  requireQuorum(call)
  if (!world.nodes.has(target)) throw failure(`no such cluster node '${target}'`)
  if (target === node) throw badParameters({ target: 'target is local node.' })
  const machine = world.machines.get(node, vmid)
  if (machine.power !== undefined && !call.flag('online')) throw failure("can't migrate running VM without --online")
  return call.task('qmigrate', String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, async () => {
      checkUnlocked(machine)
      if (guestDisks(call, machine, { cloudInit: true }).some(({ volume }) => !volume.storage.shared)) {
        // Local disks travel over ssh between nodes, which nodes of one process do not have.
        throw failure('migration aborted')
      }
      await pause(world, task, world.latency.otherTaskMs)
      world.machines.move(machine, target)
      task.log(`migration finished successfully`)
    }),
  )
}

function feature(call: Call): Record<string, unknown> {
  const { world, node } = call
  const machine = world.machines.find(call.integer('vmid'))
  if (machine === undefined || machine.node !== node) {
    throw failure(`unable to find configuration file for VM ${call.integer('vmid')} on node '${node}'`)
  }
  const disks = guestDisks(call, machine)
  const can: Readonly<Record<string, (disk: GuestDisk) => boolean>> = {
    snapshot: ({ volume }) => hiddenFormat(volume) === 'qcow2',
    clone: ({ volume }) => volume.isBase && storageRules[volume.storage.type].linkedClone,
    copy: () => true,
  }
  const isShared = disks.every(({ volume }) => volume.storage.shared)
  return {
    hasFeature: disks.every(can[call.text('feature')] ?? (() => false)) ? 1 : 0,
    nodes: isShared ? [...world.nodes.keys()] : [node],
  }
}
