// Nodes that a run leaves out: named by `--without-node`, or in maintenance. Nothing new is placed there.
import { ProvisionError } from '../../errors.ts'
import { guestsByMachine } from '../../facts/current-names.ts'
import type { Facts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { isNamedBy } from '../../manifest/select.ts'
import { nameList } from '../name-list.ts'

export interface LeftOut {
  /** Named for this run: machines there are to go elsewhere, where they may. */
  readonly named: ReadonlySet<string>
  /** Proxmox's HA manager has them in maintenance: nothing new goes there. */
  readonly inMaintenance: ReadonlySet<string>
}

/** @throws ProvisionError `USAGE` for a pattern that names no node, or when no node would be left */
export function leftOutNodes({ cluster: { nodes } }: Facts, patterns: readonly string[] = []): LeftOut {
  const all = nodes.map(({ name }) => ({ name, entry: name }))
  for (const pattern of patterns)
    if (!all.some(isNamedBy([pattern])))
      throw new ProvisionError('USAGE', `There is no node ${pattern}.`, {
        hint: `Nodes are ${all.map(({ name }) => name).join(', ')}.`,
      })
  const named = new Set(all.filter(isNamedBy(patterns)).map(({ name }) => name))
  if (named.size > 0 && named.size === all.length)
    throw new ProvisionError('USAGE', 'No node would be left to use.', { hint: 'Give fewer nodes to --without-node.' })
  return { named, inMaintenance: new Set(nodes.flatMap(({ name, inMaintenance }) => (inMaintenance ? [name] : []))) }
}

/** The machine without these nodes. One that may be on no other keeps its nodes, and knows which are left out. */
export function withoutNodes(machine: Machine, home: string | undefined, { named, inMaintenance }: LeftOut): Machine {
  // Where a machine is already, maintenance is a matter between the HA manager and its administrator.
  const isOut = (node: string) => named.has(node) || (home === undefined && inMaintenance.has(node))
  const leftOut = machine.nodes.filter(isOut)
  if (leftOut.length === 0) return machine
  const [first, ...others] = machine.nodes.filter((node) => !isOut(node))
  return { ...machine, leftOutNodes: leftOut, ...(first !== undefined && { nodes: [first, ...others] as const }) }
}

/** New machines that have nowhere to go. */
export function noNodeLeft({ name, entry, nodes, leftOutNodes: out = [] }: Machine): ProvisionError | undefined {
  if (!nodes.every((node) => out.includes(node))) return undefined
  return new ProvisionError(
    'CONFLICT',
    `${name} belongs on ${nodes.join(' or ')}, but this run creates nothing there.`,
    {
      hint: `Set another node in ${entry} (\`nodes\`), or wait until the maintenance of ${nodes.join(' and ')} has finished.`,
      details: { machine: name, key: 'node' },
    },
  )
}

interface Found {
  readonly machines: readonly Machine[]
  readonly facts: Facts
  readonly leftOut: LeftOut
  /** The machines that may leave move in this run. */
  readonly move?: boolean | undefined
}

/** Which machines are still on these nodes: those that could move, and those that are bound to their node. */
export function leftOutNotes({
  machines,
  facts,
  leftOut: { named, inMaintenance },
  move = false,
}: Found): readonly string[] {
  const homes = guestsByMachine(machines, facts.guests)
  const silent = [...inMaintenance].filter((node) => !named.has(node))
  return [
    ...[...named].flatMap((node) =>
      notesOn(
        node,
        machines.filter(({ name }) => homes.get(name)?.node === node),
        move,
      ),
    ),
    ...silent.map((node) => `${node} is in maintenance mode: nothing new is created there.`),
  ]
}

function notesOn(node: string, there: readonly Machine[], move: boolean): readonly string[] {
  const names = (some: readonly Machine[]) => nameList(some.map(({ name }) => name))
  const bound = there.filter((machine) => noNodeLeft(machine) !== undefined)
  const mobile = there.filter((machine) => !bound.includes(machine))
  return [
    ...(there.length === 0 ? [`No machine of this project is on ${node}.`] : []),
    ...(mobile.length === 0 || move
      ? []
      : [`${names(mobile)} can leave ${node}: pve-provision apply --move --without-node ${node}`]),
    ...(bound.length === 0
      ? []
      : [`${names(bound)} ${bound.length === 1 ? 'stays' : 'stay'} on ${node}: the manifest allows no other node.`]),
  ]
}
