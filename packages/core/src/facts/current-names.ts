// Finds the machine of the manifest that a guest is. A machine with `renamedFrom` has its former name until it is renamed.
import type { Machine } from '../manifest/manifest.ts'
import { nameBeforeRetired } from './cluster/retired.ts'
import type { GuestFacts } from './facts.ts'

type Renamed = Pick<Machine, 'name' | 'renamedFrom'>

/**
 * Returns the machines by the names that their guests have now. A former name counts only while no guest has the new
 * name and no other entry has the former one: later, another guest may have that name.
 */
export function machinesByGuestName<One extends Renamed>(
  machines: readonly One[],
  guests: readonly Pick<GuestFacts, 'marker'>[],
): ReadonlyMap<string, One> {
  const named = new Map(machines.map((machine) => [machine.name, machine]))
  const renamed = machines.filter(({ renamedFrom }) => renamedFrom !== undefined && !named.has(renamedFrom))
  if (renamed.length === 0) return named
  const there = new Set(guests.flatMap(({ marker: { kind, name } }) => (kind === 'machine' ? plainName(name) : [])))
  for (const machine of renamed) {
    const { name, renamedFrom = name } = machine
    if (!there.has(name) && there.has(renamedFrom)) named.set(renamedFrom, machine)
  }
  return named
}

/** Returns the guests of machines of the manifest, by the name of the machine. */
export function guestsByMachine(
  machines: readonly Renamed[],
  guests: readonly GuestFacts[],
): ReadonlyMap<string, GuestFacts> {
  const named = machinesByGuestName(machines, guests)
  return new Map(
    guests.flatMap((guest) => {
      const machine = guest.marker.kind === 'machine' ? named.get(guest.marker.name) : undefined
      return machine === undefined ? [] : [[machine.name, guest] as const]
    }),
  )
}

function plainName(name: string): string {
  return nameBeforeRetired(name) ?? name
}
