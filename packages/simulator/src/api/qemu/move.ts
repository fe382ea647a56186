// Moves a disk to another storage or machine, and a machine to another node. Lists what a machine's storages support.
import { badParameters, failure } from '../../errors.ts'
import { type GuestDisk, guestDisks } from '../../guests/drives/disks.ts'
import { isManaged, requestMigration } from '../../guests/high-availability.ts'
import { migrationConditions } from '../../guests/migrate/conditions.ts'
import { migrateInTask, readMigration } from '../../guests/migrate/migrate.ts'
import { moveToStorage } from '../../guests/move/move-to-storage.ts'
import { reassignDisk } from '../../guests/move/reassign-disk.ts'
import { hiddenFormat } from '../../storage/images.ts'
import { storageRules } from '../../storage/storage-config.ts'
import type { Call, Endpoint } from '../call.ts'

const root = '/nodes/{node}/qemu/{vmid}'

export const qemuMoveEndpoints: readonly Endpoint[] = [
  { path: `${root}/move_disk`, method: 'POST', handle: moveDisk },
  { path: `${root}/migrate`, method: 'GET', handle: migrationConditions },
  { path: `${root}/migrate`, method: 'POST', handle: migrate },
  { path: `${root}/feature`, method: 'GET', handle: feature },
]

async function moveDisk(call: Call): Promise<string> {
  const [storage, target] = [call.optional('storage'), call.optional('target-vmid')]
  const both = (message: string): Error => badParameters({ 'target-vmid': message, storage: message })
  if (storage !== undefined && target !== undefined) throw both("either set 'storage' or 'target-vmid', but not both")
  if (target !== undefined) return reassignDisk(call)
  if (storage !== undefined) return moveToStorage(call)
  throw both("both 'storage' and 'target-vmid' missing, either needs to be set")
}

/** For a machine under HA, this only records a request. The HA manager starts the task later. */
async function migrate(call: Call): Promise<string> {
  const migration = readMigration(call)
  const { vmid } = migration.machine
  return isManaged(call.world, vmid) ? requestMigration(call, vmid, migration.target) : migrateInTask(call, migration)
}

function feature(call: Call): Record<string, unknown> {
  const { world, node } = call
  const machine = world.machines.find(call.integer('vmid'))
  if (machine === undefined || machine.node !== node) {
    throw failure(`unable to find configuration file for VM ${call.integer('vmid')} on node '${node}'`)
  }
  const name = call.optional('snapname')
  if (name !== undefined && !machine.config.snapshots.has(name)) throw failure(`snapshot '${name}' does not exist`)
  const disks = guestDisks(call, machine.config)
  const isSnapshot = ({ volume }: GuestDisk): boolean => hiddenFormat(volume) === 'qcow2'
  const can: Readonly<Record<string, (disk: GuestDisk) => boolean>> = {
    snapshot: isSnapshot,
    clone: ({ volume: { isBase, storage } }) =>
      name === undefined ? isBase && storageRules[storage.type].linkedClone : storageRules[storage.type].linksSnapshots,
    copy: (disk) => name === undefined || isSnapshot(disk),
  }
  const isShared = disks.every(({ volume }) => volume.storage.shared)
  return {
    hasFeature: disks.every(can[call.text('feature')] ?? (() => false)) ? 1 : 0,
    nodes: isShared ? [...world.nodes.keys()] : [node],
  }
}
