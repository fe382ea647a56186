// Finds a project's machines in the facts, and the cloud-init ISO of a machine.

import { candidateRank } from '../../facts/cluster/candidates.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { parseProperties } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'

/** Returns the machines of the project by name. If several have one name, the one with the lowest rank comes first. */
export function machinesByName(
  { project, vmids }: Desired,
  { guests }: Facts,
): ReadonlyMap<string, readonly GuestFacts[]> {
  const byName = Map.groupBy(
    guests.filter(({ marker }) => marker.kind === 'machine'),
    ({ marker }) => marker.name,
  )
  for (const [name, found] of byName) {
    const rank = ({ vmid }: GuestFacts) => candidateRank(vmid, { project, name, range: vmids })
    if (found.length > 1) found.sort((one, other) => rank(one) - rank(other) || one.vmid - other.vmid)
  }
  return byName
}

/** Returns the volume of the ISO with a machine's cloud-init documents, if its config has one. */
export function seedOf(config: Config, name: string): string | undefined {
  const volid = parseProperties(config.ide2, 'file').get('file')
  const file = volid?.split(':iso/', 2)[1]
  return file?.startsWith(`${name}-seed-`) && /-seed-[0-9a-f]{16}\.iso$/.test(file) ? volid : undefined
}
