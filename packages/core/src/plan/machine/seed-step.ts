// Creates the step for the ISO with a machine's cloud-init documents, if Proxmox does not write them.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { UNFINISHED } from '../compare/spec-hash.ts'
import { macsOf } from '../first-boot/macs.ts'
import { type SeedOptions, seedReasons, seedVolume } from '../first-boot/seed-documents.ts'
import { placeOf, storageLane, storageOf } from '../storages.ts'
import type { MachinePlanner } from './machine-planner.ts'

/** Returns the input of the ISO. An unfinished machine is treated as new, with generated MACs. */
export function seedOptions(machine: Machine, { project }: Desired, guest?: GuestFacts): SeedOptions {
  const isNew = guest?.marker.spec === UNFINISHED && guest.marker.replaces === undefined
  const current = isNew ? undefined : guest?.config
  return { project, macs: macsOf(machine, { project, current }) }
}

/** Returns the id of the step, if the machine needs this program's ISO. */
export function planSeed(
  machine: Machine,
  { add, facts, node, desired }: MachinePlanner,
  guest?: GuestFacts,
): readonly string[] {
  const options = seedOptions(machine, desired, guest)
  const volume = seedVolume(machine, options)
  if (volume === undefined) return []
  const at = { node, storage: machine.storage.images }
  const storage = storageOf(facts, at)
  return [
    add({
      id: `seed:${machine.name}`,
      kind: 'seed',
      machine: machine.name,
      at,
      volume,
      macs: options.macs,
      action: 'run',
      why: `${seedReasons(machine).join(', ')}: ${volume} on ${placeOf(storage, at)}`,
      needs: [],
      lanes: ['upload', storageLane(storage, at)],
    }),
  ]
}
