// Plans to move the disks of a machine to the storages that the manifest names.
import { ProvisionError } from '../../errors.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { sizeOfDisk } from '../config/disk-config.ts'
import { sizeText } from '../config/size-text.ts'
import { type MachinePlanner, problemOf } from '../machine/machine-planner.ts'
import type { Gate } from '../step.ts'
import { diskFormat } from '../storage-kinds.ts'
import { storageLane, storageOf } from '../storages.ts'
import { type DiskMove, moveObstacle } from './disk-moves.ts'

export interface DiskMoving {
  readonly moves: readonly DiskMove[]
  /** Steps that must finish first. */
  readonly needs: readonly string[]
  readonly gate?: Gate | undefined
}

/** Adds the step and returns its id. */
export function planDiskMoves(
  machine: Machine,
  guest: GuestFacts,
  { moves, needs, gate, planner }: DiskMoving & { readonly planner: Pick<MachinePlanner, 'add' | 'report' | 'facts'> },
): string {
  const { add, report, facts } = planner
  const { vmid, node, status } = guest
  const problems = moveProblems(machine, guest, moves)
  const live = status === 'running'
  const places = [...new Set(moves.flatMap(({ from, to }) => [from, to]))].map((storage) => ({ node, storage }))
  const id = add({
    id: `move-disks:${machine.name}`,
    kind: 'move-disks',
    machine: machine.name,
    vmid,
    node,
    disks: moves.map(({ key, from, to }) => ({ key, from, to })),
    live,
    action: 'run',
    why: `${moves.map((move) => moveText(move, guest, facts)).join('; ')}; ${live ? 'while it is running' : 'it is stopped'}`,
    needs,
    lanes: [...new Set(places.map((at) => storageLane(storageOf(facts, at), at)))],
    ...(gate && { gate }),
    ...problemOf(problems),
  })
  report(id, problems)
  return id
}

/** Returns the changes that the user approves. */
export function moveChanges(moves: readonly DiskMove[]): readonly Change[] {
  return moves.map(({ place, from, to, isLinked }) => ({
    key: place,
    before: from,
    after: to,
    when: 'now',
    ...(isLinked && { impact: 'full-copy' }),
  }))
}

/** `scsi0 from local to fast, as a full copy of 2 GiB, as raw` */
function moveText({ key, from, to, volume, isLinked }: DiskMove, { config, node }: GuestFacts, facts: Facts): string {
  const bytes = sizeOfDisk(config, key)
  const format = diskFormat(volume, storageOf(facts, { node, storage: to })?.type)
  return [
    `${key} from ${from} to ${to}`,
    ...(isLinked ? [`as a full copy${bytes === undefined ? '' : ` of ${sizeText(bytes)}`}`] : []),
    ...(format === undefined ? [] : [`as ${format}`]),
  ].join(', ')
}

function moveProblems(machine: Machine, guest: GuestFacts, moves: readonly DiskMove[]): readonly ProvisionError[] {
  const { vmid, node, lock } = guest
  const refuse = (message: string, hint: string, key: string) =>
    new ProvisionError('CONFLICT', message, { hint, details: { machine: machine.name, vmid, key } })
  if (lock !== undefined)
    return [
      refuse(
        `${machine.name} (${vmid}) is locked (${lock}), so Proxmox cannot move its disks.`,
        `Wait until the lock is gone, or look at the tasks of ${node}.`,
        'storage.disks',
      ),
    ]
  return moves.flatMap((move) => {
    const [sentence, hint] = moveObstacle(move, machine, guest) ?? []
    return sentence === undefined || hint === undefined ? [] : [refuse(sentence, hint, move.place)]
  })
}
