// Finds disks on another storage than the manifest names, and obstacles to their move.
import type { GuestFacts } from '../../facts/facts.ts'
import { BOOT_DISK, storedDisks, volumeStorage } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { volumeOfDrive } from '../compare/own-disks.ts'
import type { Config } from '../config/wanted-config.ts'

export interface DiskMove {
  /** Its bus position. */
  readonly key: string
  /** The key of the manifest that names its storage. */
  readonly place: string
  readonly from: string
  readonly to: string
  readonly volume: string
  /** True for a linked clone, which becomes a full copy. */
  readonly isLinked: boolean
}

/** Returns the disks that `--move` would move. */
export function diskMoves(machine: Machine, { config }: Pick<GuestFacts, 'config'>): readonly DiskMove[] {
  return storedDisks(machine, config).flatMap(({ key, place, storage }) => {
    const [from, volume] = [volumeStorage(config[key]), volumeOfDrive(config[key])]
    if (from === undefined || volume === undefined || from === storage) return []
    return [{ key, place, from, to: storage, volume, isLinked: readsTemplate(volume) }]
  })
}

/** Returns true for the volume of a linked clone, by its name. */
export function readsTemplate(volume: string): boolean {
  return /base-\d+-[^/]*\//.test(volume)
}

/** Proxmox refuses to move a TPM live, and a running VM would keep the removed volume of its cloud-init drive open. */
export function movesLive({ key }: Pick<DiskMove, 'key'>): boolean {
  return key !== 'tpmstate0' && key !== 'ide2'
}

/** Returns the config after these moves. Only the storages in it are reliable. */
export function movedConfig(config: Config, moves: readonly DiskMove[]): Config {
  const moved = moves.map(({ key, from, to }) => [key, `${to}:${String(config[key]).slice(from.length + 1)}`] as const)
  return { ...config, ...Object.fromEntries(moved) }
}

export type Obstacle = readonly [sentence: string, hint: string]

/** Returns a reason why Proxmox would refuse the move (qemu-server `move_vm_disk`) or why the VM would break later. */
export function moveObstacle(
  move: DiskMove,
  { name }: Pick<Machine, 'name'>,
  { vmid, node, snapshots = [], pending = [] }: GuestFacts,
): Obstacle | undefined {
  const disk = `${move.key === BOOT_DISK ? 'The disk' : `The disk ${move.key}`} of ${name} (${vmid})`
  const holding = snapshots.filter(({ volumes }) => volumes.includes(move.volume)).map((snapshot) => snapshot.name)
  if (holding.length > 0)
    return [
      `${disk} cannot move to ${move.to}: ${holding.length === 1 ? 'the snapshot' : 'the snapshots'} ${holding.join(', ')} would lose it.`,
      `Remove ${holding.length === 1 ? 'the snapshot' : 'the snapshots'} first, as root on ${node}: ${holding.map((snapshot) => `qm delsnapshot ${vmid} ${snapshot}`).join('; ')}`,
    ]
  // The pending value names the old volume. Proxmox would apply it at the next start.
  if (pending.some(({ key }) => key === move.key))
    return [
      `${disk} cannot move to ${move.to} while its changes wait for a restart.`,
      `Restart it first: pve-provision apply --restart --only ${name}`,
    ]
  return undefined
}
