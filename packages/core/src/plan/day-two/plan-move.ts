// Plans to migrate a machine to the node, and its disks to the storages, that the manifest names. Finds obstacles first.
import { ProvisionError } from '../../errors.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { isCd } from '../config/device-config.ts'
import { isDriveKey } from '../config/disk-config.ts'
import { parseProperties, storageOfVolume } from '../config/property-string.ts'
import { type MachinePlanner, problemOf } from '../machine/machine-planner.ts'
import type { Gate } from '../step.ts'
import { storageOf } from '../storages.ts'
import { type DiskMove, diskMoves, movedConfig, movesLive, readsTemplate } from './disk-moves.ts'
import { moveChanges, planDiskMoves } from './plan-disk-moves.ts'

/** A machine after its move. */
export interface Moved {
  readonly guest: GuestFacts
  /** The last step of the move. */
  readonly after: string
  readonly changes: readonly Change[]
  /** Drives whose volume changes. */
  readonly drives: readonly string[]
}

/**
 * Adds the steps that move a machine and its disks, or returns undefined if nothing has to move. Disks whose new storage
 * exists on the current node move first: a linked clone is then a full copy and can leave the node.
 */
export function planMoves(machine: Machine, guest: GuestFacts, planner: MachinePlanner): Moved | undefined {
  const isElsewhere = !machine.nodes.includes(guest.node)
  const all = diskMoves(machine, guest).filter((move) => guest.status !== 'running' || movesLive(move))
  if (!isElsewhere && all.length === 0) return undefined
  const { name } = machine
  const isHere = ({ to }: DiskMove) => !isElsewhere || isThere(to, guest.node, planner.facts)
  const [first, later] = [all.filter(isHere), all.filter((move) => !isHere(move))]
  const last = later.length > 0 || !isElsewhere ? `move-disks:${name}` : `move:${name}`
  // All steps together are one turn of the rollout.
  const gate = planner.rollouts.gate(machine, last)
  const begun = { guest, after: planner.after ?? [] }
  const there = first.length === 0 ? begun : inTurn(first, begun, { machine, planner, gate })
  if (!isElsewhere) return moved(there, { before: guest, moves: all })
  const move = planMove(machine, there.guest, { ...planner, needs: there.after, ...(first.length === 0 && { gate }) })
  const arrived = { guest: { ...there.guest, node: machine.nodes[0] }, after: [move] }
  const done = later.length === 0 ? arrived : inTurn(later, arrived, { machine, planner })
  return moved(done, { before: guest, moves: all })
}

interface Stage {
  readonly guest: GuestFacts
  readonly after: readonly string[]
}

interface Turn {
  readonly machine: Machine
  readonly planner: MachinePlanner
  readonly gate?: Gate
}

function inTurn(moves: readonly DiskMove[], { guest, after }: Stage, { machine, planner, gate }: Turn): Stage {
  const step = planDiskMoves(machine, guest, { moves, needs: after, gate, planner })
  return { guest: { ...guest, config: movedConfig(guest.config, moves) }, after: [step] }
}

function moved(
  { guest, after: [after = ''] }: Stage,
  { before, moves }: { readonly before: GuestFacts; readonly moves: readonly DiskMove[] },
): Moved {
  const node: Change = { key: 'node', before: before.node, after: guest.node, when: 'now' }
  const isElsewhere = before.node !== guest.node
  return {
    guest,
    after,
    changes: [...(isElsewhere ? [node] : []), ...moveChanges(moves)],
    // Local disks may get other names on the new node.
    drives: isElsewhere ? Object.keys(guest.config).filter(isDriveKey) : moves.map(({ key }) => key),
  }
}

function isThere(storage: string, node: string, facts: Facts): boolean {
  return storageOf(facts, { node, storage }) !== undefined
}

interface Moving extends Pick<MachinePlanner, 'add' | 'facts' | 'report'> {
  readonly needs: readonly string[]
  readonly gate?: Gate
}

/** Adds the step and returns its id. */
function planMove(machine: Machine, guest: GuestFacts, { add, facts, report, needs, gate }: Moving): string {
  const [to] = machine.nodes
  const problems = obstacles(machine, guest, facts)
  const live = guest.status === 'running'
  const added = add({
    id: `move:${machine.name}`,
    kind: 'move',
    machine: machine.name,
    vmid: guest.vmid,
    node: guest.node,
    to,
    live,
    action: 'run',
    why: `${guest.vmid} is on ${guest.node}, but the manifest has ${to}; ${live ? 'it moves while it is running' : 'it is stopped'}`,
    needs,
    lanes: [`node:${guest.node}`, `node:${to}`],
    ...(gate && { gate }),
    ...problemOf(problems),
  })
  report(added, problems)
  return added
}

function obstacles(machine: Machine, guest: GuestFacts, facts: Facts): readonly ProvisionError[] {
  const { name, nodes } = machine
  const obstacle = lockObstacle(guest) ?? volumeObstacle(machine, guest, facts) ?? ownObstacle(machine, guest, facts)
  if (obstacle === undefined) return []
  const [reason, hint] = obstacle
  return [
    new ProvisionError('CONFLICT', `${name} (${guest.vmid}) cannot move to ${nodes[0]}: ${reason}.`, {
      hint,
      details: { machine: name, vmid: guest.vmid, key: 'node' },
    }),
  ]
}

type Obstacle = readonly [reason: string, hint: string]

function lockObstacle({ lock, node }: GuestFacts): Obstacle | undefined {
  if (lock === undefined) return undefined
  return [`it is locked (${lock})`, `Wait until the lock is gone, or look at the tasks of ${node}.`]
}

/** Finds obstacles that Proxmox would only find during the task (`QemuMigrate.pm`, `scan_local_volumes`). */
function volumeObstacle({ name, nodes: [to] }: Machine, guest: GuestFacts, facts: Facts): Obstacle | undefined {
  const { node, config } = guest
  for (const [key, value] of Object.entries(config)) {
    if (!isDriveKey(key) && !/^(ide|efidisk|tpmstate)\d+$/.test(key)) continue
    const volume = parseProperties(value, 'file').get('file') ?? ''
    const storage = storageOfVolume(volume)
    if (storage === undefined || !isLocal(volume, guest, facts)) continue
    if (isCd(value) && !/cloudinit/.test(volume))
      return [
        `its CD ${volume} is on the local storage ${storage}`,
        `Put the CD on a shared storage, or create ${name} again on ${to}: pve-provision apply --replace ${name}`,
      ]
    if (readsTemplate(volume))
      return [
        `its disk ${key} is a linked clone on the local storage ${storage}`,
        `Set a storage that ${node} also has in \`storage.disks\`, and move both: pve-provision apply --move --only ${name}\nOr set \`fullClone: true\` and replace it: pve-provision apply --replace ${name}`,
      ]
    const holding = (guest.snapshots ?? []).find(({ volumes }) => volumes.includes(volume))
    if (holding !== undefined && (guest.status === 'running' || !volume.endsWith('.qcow2')))
      return [
        `its snapshot ${holding.name} uses the disk ${key} on the local storage ${storage}`,
        `Remove the snapshot first, as root on ${node}: qm delsnapshot ${guest.vmid} ${holding.name}`,
      ]
  }
  return undefined
}

/** Without Proxmox's own answer, a storage that the token cannot see counts as shared: then only Proxmox can refuse. */
function isLocal(volume: string, { node, migration }: GuestFacts, facts: Facts): boolean {
  const storage = storageOfVolume(volume) ?? ''
  // A volume that an earlier step moves is not in Proxmox's answer.
  const isKnown = migration?.localVolumes.includes(volume)
  return isKnown || storageOf(facts, { node, storage })?.shared === false
}

/** Returns what Proxmox itself reports (`GET …/migrate`), without storages that all disks leave before. */
function ownObstacle({ nodes: [to] }: Machine, guest: GuestFacts, facts: Facts): Obstacle | undefined {
  const { node, config, migration } = guest
  if (migration === undefined) return undefined
  const { missingStorages = [], blockedBy = [] } = migration.obstacles[to] ?? {}
  const used = new Set(
    Object.values(config).map((value) => storageOfVolume(parseProperties(value, 'file').get('file'))),
  )
  const missing = missingStorages.filter((storage) => used.has(storage))
  if (missing.length > 0)
    return [
      `${to} has no storage ${missing.join(', ')}`,
      `Set a storage in \`storage.disks\` that ${node} and ${to} both have${sharedHint(facts, [node, to])}.`,
    ]
  if (migration.localResources.length > 0)
    return [
      `it uses ${migration.localResources.join(', ')} of ${node}`,
      'Remove the device from the manifest first, or use a resource mapping that covers both nodes.',
    ]
  if (blockedBy.length > 0)
    return [`${blockedBy.join(', ')} prevents it`, 'Check the resource mappings and the HA affinity rules in Proxmox.']
  return undefined
}

function sharedHint({ cluster: { storages } }: Facts, [one, other]: readonly [string, string]): string {
  const on = (node: string) =>
    storages.filter((entry) => entry.node === node && entry.content.has('images')).map(({ storage }) => storage)
  const both = on(one).filter((storage) => on(other).includes(storage))
  return both.length === 0 ? '' : `, such as ${both.slice(0, 3).join(', ')}`
}
