// Chooses the node for a new machine: the named one, or among several the one with the most free memory.
import { guestsByMachine } from '../../facts/current-names.ts'
import type { Facts, GuestFacts, NodeFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'

const MIB = 1024 ** 2
// Free memory changes all the time. With steps of this size, two plans in the same minute agree.
const GRAIN_BYTES = 256 * MIB

/**
 * Chooses the node of each machine. An existing machine stays on its node. A new one goes where the most memory is
 * free, including what this plan and stopped machines will use.
 * @param earlier the nodes in an earlier plan; they are kept if the manifest allows them
 */
export function placeMachines(
  machines: readonly Machine[],
  facts: Facts,
  earlier: Readonly<Record<string, string>> = {},
): (machine: Machine) => string {
  const places = placesOf(machines, facts, earlier)
  return (machine) => places.get(machine.name) ?? machine.nodes[0]
}

function placesOf(
  machines: readonly Machine[],
  facts: Facts,
  earlier: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const homes = homesOf(machines, facts)
  const room = roomByNode(facts)
  const has = storagesByNode(facts)
  return new Map(
    machines.map((machine) => {
      const home = homes.get(machine.name)
      if (home !== undefined) return [machine.name, home]
      const chosen = earlier[machine.name]
      const node =
        chosen !== undefined && machine.nodes.includes(chosen) ? chosen : roomiest(fittingNodes(machine, has), room)
      room.set(node, (room.get(node) ?? 0) - machine.memory.memoryMiB * MIB)
      return [machine.name, node]
    }),
  )
}

/** Where machines of the manifest are, by name. */
export function homesOf(machines: readonly Machine[], { guests }: Facts): ReadonlyMap<string, string> {
  return new Map(Array.from(guestsByMachine(machines, guests), ([name, { node }]) => [name, node]))
}

/**
 * Machines that are on none of their nodes, each with the node first that it moves to: where the most memory is free.
 * @param earlier the nodes in an earlier plan; they are kept if the manifest allows them
 */
export function withTargets(
  machines: readonly Machine[],
  facts: Facts,
  earlier: Readonly<Record<string, string>> = {},
): readonly Machine[] {
  const guests = guestsByMachine(machines, facts.guests)
  const room = roomByNode(facts)
  const has = storagesByNode(facts)
  return machines.map((machine) => {
    const home = guests.get(machine.name)?.node
    if (home === undefined || machine.nodes.length === 1 || machine.nodes.includes(home)) return machine
    const chosen = earlier[machine.name]
    const target =
      chosen !== undefined && machine.nodes.includes(chosen)
        ? chosen
        : roomiest(allowedNodes(fittingNodes(machine, has), guests.get(machine.name)), room)
    room.set(target, (room.get(target) ?? 0) - machine.memory.memoryMiB * MIB)
    return { ...machine, nodes: [target, ...machine.nodes.filter((node) => node !== target)] }
  })
}

function storagesByNode({ cluster: { storages } }: Facts): ReadonlyMap<string, ReadonlySet<string>> {
  const usable = storages.filter(({ active }) => active)
  return new Map(
    [...Map.groupBy(usable, ({ node }) => node)].map(([node, rows]) => [
      node,
      new Set(rows.map(({ storage }) => storage)),
    ]),
  )
}

/** Nodes with the storages that the machine names: storages can be restricted to some. All of them where none fits. */
function fittingNodes({ nodes, storage }: Machine, has: ReadonlyMap<string, ReadonlySet<string>>): Machine['nodes'] {
  const wanted = [storage.images, storage.disks]
  const [first, ...others] = nodes.filter((node) => wanted.every((one) => has.get(node)?.has(one)))
  return first === undefined ? nodes : [first, ...others]
}

/** Nodes to which Proxmox would migrate the VM. All of them where it would to none. */
function allowedNodes(nodes: Machine['nodes'], guest: GuestFacts | undefined): Machine['nodes'] {
  const obstacles = guest?.migration?.obstacles ?? {}
  const [first, ...others] = nodes.filter((node) => (obstacles[node]?.blockedBy ?? []).length === 0)
  return first === undefined ? nodes : [first, ...others]
}

function isMachine({ marker }: GuestFacts): boolean {
  return marker.kind === 'machine'
}

function roomByNode({ cluster, guests }: Facts): Map<string, number> {
  const room = new Map(
    cluster.nodes.filter(isOnline).map(({ name, freeMemoryBytes }) => [name, coarse(freeMemoryBytes)]),
  )
  for (const guest of guests.filter((one) => isMachine(one) && one.status !== 'running')) {
    const memoryMiB = Number(guest.config.memory ?? 512)
    const left = room.get(guest.node)
    if (left !== undefined && Number.isFinite(memoryMiB)) room.set(guest.node, left - memoryMiB * MIB)
  }
  return room
}

function isOnline({ online }: NodeFacts): boolean {
  return online
}

function coarse(bytes: number): number {
  return Math.floor(bytes / GRAIN_BYTES) * GRAIN_BYTES
}

/**
 * The node that is named first wins a tie. An offline node is chosen only if all are offline; preflight then reports
 * it.
 */
function roomiest(nodes: Machine['nodes'], room: ReadonlyMap<string, number>): string {
  const left = (node: string) => room.get(node) ?? Number.NEGATIVE_INFINITY
  return nodes.reduce((best, node) => (left(node) > left(best) ? node : best))
}
