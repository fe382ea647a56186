// The step that makes the CD with a machine's cloud-init documents, where Proxmox does not write them.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { UNFINISHED } from '../compare/spec-hash.ts'
import { macsOf } from '../first-boot/macs.ts'
import { type SeedOptions, seedReasons, seedVolume } from '../first-boot/seed-documents.ts'
import { placeOf, storageLane, storageOf } from '../storages.ts'
import type { MachinePlanner } from './machine-planner.ts'

/** What a CD is written with. A machine that was not finished is made as if it were new, with MACs of ours. */
export function seedOptions(machine: Machine, { project }: Desired, guest?: GuestFacts): SeedOptions {
  const isNew = guest?.marker.spec === UNFINISHED && guest.marker.replaces === undefined
  const current = isNew ? undefined : guest?.config
  return { project, macs: macsOf(machine, { project, current }) }
}

/** The id of the step, where the machine needs a CD of ours. */
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
