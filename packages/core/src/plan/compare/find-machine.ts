// A project's machines among the facts, and the CD that one has.

import { candidateRank } from '../../facts/cluster/candidates.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { parseProperties } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'

/** The machines of the project by name; of several with one name, the one first that comes first in the walk of candidates. */
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

/** The volume of the CD with a machine's own cloud-init documents, when its config has one. */
export function seedOf(config: Config, name: string): string | undefined {
  const volid = parseProperties(config.ide2, 'file').get('file')
  const file = volid?.split(':iso/', 2)[1]
  return file?.startsWith(`${name}-seed-`) && /-seed-[0-9a-f]{16}\.iso$/.test(file) ? volid : undefined
}
