// Plans the removal of unused volumes. Every plan reports them, and only `--prune` removes them, with their data.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import { diskKeys } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { removedDisks, unusedDisks, volumeOfDrive } from '../compare/own-disks.ts'
import type { KeptDisk, PlannedMachine } from '../plan.ts'
import { isProtected, mayUnprotect, protectedError } from '../preflight/protection.ts'
import { type MachinePlanner, problemOf } from './machine-planner.ts'

export interface UnusedRemoval {
  readonly changes: readonly Change[]
  readonly problems: readonly ProvisionError[]
}

interface Keeping {
  readonly machine: Machine
  readonly guest: GuestFacts
}

/**
 * Adds the step that removes the volumes that applies have detached, including those of this plan. Other unused volumes
 * stay.
 * @param updated the step that detaches disks
 */
export function planUnusedRemoval(
  { machine, guest }: Keeping,
  planner: MachinePlanner,
  updated: string,
): UnusedRemoval {
  const old = planner.prune ? unusedDisks(guest).filter(({ was }) => was !== undefined) : []
  const volumes = [
    ...old.map(({ volume }) => volume),
    ...(planner.prune ? removedDisks(machine, guest) : []).flatMap((key) => volumeOfDrive(guest.config[key]) ?? []),
  ]
  if (volumes.length === 0) return { changes: [], problems: [] }
  const problems = obstacles({ machine, guest }, volumes, planner)
  const id = planner.add({
    id: `remove-disks:${machine.name}`,
    kind: 'remove-disks',
    machine: machine.name,
    vmid: guest.vmid,
    node: guest.node,
    volumes,
    action: 'run',
    why: `the manifest no longer has ${volumes.join(', ')}; the data on ${volumes.length === 1 ? 'it' : 'them'} is lost`,
    needs: [updated],
    lanes: [`node:${guest.node}`],
    ...problemOf(problems),
  })
  planner.report(id, problems)
  return { changes: old.map(unusedChange), problems }
}

function unusedChange({ key, volume }: KeptDisk): Change {
  return { key: `disks[${key}]`, before: volume, when: 'now', impact: 'data-loss' }
}

/** A disk that is detached and removed in one run is lost. */
export function withLoss(changes: readonly Change[], { prune }: Pick<MachinePlanner, 'prune'>): readonly Change[] {
  if (!prune) return changes
  return changes.map((change) => (change.impact === 'detached' ? { ...change, impact: 'data-loss' } : change))
}

/** Returns the unused volumes that stay, and whether a new disk takes their former position. */
export function unusedOf(
  { machine, guest }: Keeping,
  { prune }: Pick<MachinePlanner, 'prune'>,
): Pick<PlannedMachine, 'unused'> {
  const unused = unusedDisks(guest).filter(({ was }) => !prune || was === undefined)
  if (unused.length === 0) return {}
  const fresh = diskKeys(machine, guest.config).filter((key) => guest.config[key] === undefined)
  return {
    unused: unused.map((disk) => ({
      ...disk,
      ...(disk.was !== undefined && fresh.includes(disk.was) && { isReplaced: true }),
    })),
  }
}

/** Returns the reasons why Proxmox would refuse the removal (qemu-server `try_deallocate_drive`). */
function obstacles(
  { machine, guest }: Keeping,
  volumes: readonly string[],
  { desired }: MachinePlanner,
): readonly ProvisionError[] {
  const { vmid, node, lock, snapshots = [] } = guest
  const refuse = (message: string, hint: string) =>
    new ProvisionError('CONFLICT', message, { hint, details: { machine: machine.name, vmid, key: 'disks' } })
  if (isProtected(guest) && !mayUnprotect(machine.name, desired)) return [protectedError(guest)]
  if (lock !== undefined)
    return [
      refuse(
        `${machine.name} (${vmid}) is locked (${lock}), so Proxmox cannot remove its disks.`,
        `Wait until the lock is gone, or look at the tasks of ${node}.`,
      ),
    ]
  const holding = snapshots.filter((one) => one.volumes.some((volume) => volumes.includes(volume)))
  if (holding.length === 0) return []
  const names = holding.map(({ name }) => name)
  return [
    refuse(
      `Disks of ${machine.name} (${vmid}) cannot be removed: ${names.length === 1 ? 'the snapshot' : 'the snapshots'} ${names.join(', ')} would lose them.`,
      `Remove ${names.length === 1 ? 'the snapshot' : 'the snapshots'} first, as root on ${node}: ${names.map((name) => `qm delsnapshot ${vmid} ${name}`).join('; ')}`,
    ),
  ]
}
