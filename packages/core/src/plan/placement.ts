// Which node each machine is made on: where it is already, the one it names, or the roomiest of those it may use.
import type { Facts } from '../facts/facts.ts'
import type { Machine } from '../manifest/manifest.ts'

/**
 * A node for each machine, by name. A machine that exists keeps its node, wherever it was moved; a new one goes to the
 * online node with the most memory left after what this plan already puts there, by name where they are equal.
 */
export function placeMachines(machines: readonly Machine[], facts: Facts): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  const room = new Map(facts.cluster.nodes.map(({ name, freeMemoryBytes }) => [name, freeMemoryBytes]))
  const put = (machine: Machine, node: string): void => {
    places.set(machine.name, node)
    room.set(node, (room.get(node) ?? 0) - machine.memory.memoryMiB * 1024 ** 2)
  }
  const existing = new Map(facts.guests.filter(({ marker }) => marker.kind === 'machine').map(({ marker, node }) => [marker.name, node]))
  const free = machines.filter((machine) => !placeExisting(machine, existing, places))
  for (const machine of free.filter(({ nodes }) => nodes.length === 1)) put(machine, machine.nodes[0])
  for (const machine of free.filter(({ nodes }) => nodes.length > 1)) put(machine, roomiest(machine.nodes, { facts, room }))
  return places
}

function placeExisting({ name }: Machine, existing: ReadonlyMap<string, string>, places: Map<string, string>): boolean {
  const node = existing.get(name)
  // Its memory is in use already, so it takes no further room.
  if (node !== undefined) places.set(name, node)
  return node !== undefined
}

function roomiest(
  nodes: readonly [string, ...string[]],
  { facts, room }: { readonly facts: Facts; readonly room: ReadonlyMap<string, number> },
): string {
  const online = nodes.filter((node) => facts.cluster.nodes.some(({ name, online }) => name === node && online))
  const [best] = online.toSorted((one, other) => (room.get(other) ?? 0) - (room.get(one) ?? 0) || one.localeCompare(other))
  return best ?? nodes[0]
}
