// GET …/migrate: the possible target nodes, and what blocks a migration. Linked clones and blocking images are not
// included.
import { type Call, requireQuorum } from '../../api/call.ts'
import { checkUnlocked } from '../power.ts'
import { type GuestVolume, guestVolumes } from './guest-volumes.ts'
import { localResources, missingOn } from './local-resources.ts'

export function migrationConditions(call: Call): Record<string, unknown> {
  const { world, node } = call
  requireQuorum(call)
  const machine = world.machines.get(node, call.integer('vmid'))
  checkUnlocked(machine)
  const isRunning = machine.power !== undefined
  const resources = localResources(world, machine.config, { isRunning })
  const volumes = guestVolumes(machine.config)
  const others = [...world.nodes.keys()].filter((name) => name !== node)
  const refusals = others.map((name): [string, Record<string, unknown>] => {
    const storages = unavailable(call, volumes, name)
    const devices = missingOn(world, resources, name)
    return [
      name,
      {
        ...(storages.length > 0 && { unavailable_storages: storages }),
        ...(devices.length > 0 && { 'unavailable-resources': devices }),
      },
    ]
  })
  const isRefused = ([, why]: [string, Record<string, unknown>]): boolean => Object.keys(why).length > 0
  const info = resources.mapped.map(({ key, id, isLive }) => [
    key,
    { name: id, ...(isLive && { 'live-migration': 1 }) },
  ])
  return {
    running: isRunning ? 1 : 0,
    allowed_nodes: refusals.filter((refusal) => !isRefused(refusal)).map(([name]) => name),
    not_allowed_nodes: Object.fromEntries(refusals),
    local_disks: volumes.filter((volume) => isLocal(call, volume)).map((volume) => diskRow(call, volume)),
    local_resources: resources.blocking,
    'mapped-resources': resources.mapped.map(({ key }) => key).sort(),
    'mapped-resource-info': Object.fromEntries(info),
    ...(world.version !== '8.4' && { 'has-dbus-vmstate': 1 }),
  }
}

function storageOf({ world }: Call, { volid }: GuestVolume) {
  return world.storage.storages.get(volid.split(':')[0] ?? '')
}

function isLocal(call: Call, volume: GuestVolume): boolean {
  if (volume.shared || (volume.cdrom && volume.volid === 'none')) return false
  return storageOf(call, volume)?.shared !== true
}

/** Returns the storages of attached volumes that are not available on the node. */
function unavailable(call: Call, volumes: readonly GuestVolume[], node: string): readonly string[] {
  const attached = volumes.filter((volume) => volume.isAttached).map((volume) => storageOf(call, volume))
  const missing = attached.filter((storage) => storage?.disabled === true || storage?.nodes?.has(node) === false)
  return [...new Set(missing.flatMap((storage) => storage?.id ?? []))].sort()
}

function diskRow({ world }: Call, volume: GuestVolume): Record<string, unknown> {
  const flag = (is: boolean): number => (is ? 1 : 0)
  return {
    volid: volume.volid,
    cdrom: flag(volume.cdrom),
    ...(world.version !== '8.4' && { is_cloudinit: flag(volume.isCloudInit) }),
    replicate: flag(volume.replicate),
    shared: flag(volume.shared),
    is_unused: flag(volume.isUnused),
    is_attached: flag(volume.isAttached),
    is_vmstate: flag(volume.isVmState),
    is_tpmstate: flag(volume.isTpmState),
    ...(volume.snapshots.size > 0 && {
      referenced_in_snapshot: Object.fromEntries([...volume.snapshots].map((name) => [name, 1])),
    }),
    ...(volume.isPending && { referenced_in_pending: 1 }),
    ...(volume.size !== undefined && { size: volume.size }),
    ...(volume.key !== undefined && { drivename: volume.key }),
  }
}
