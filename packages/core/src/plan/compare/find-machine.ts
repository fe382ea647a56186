// A machine's guest among the facts; of two with the same name, the one that every run keeps.
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { candidateRank } from '../candidates.ts'
import { parseProperties } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'

export interface FoundMachine {
  readonly guest?: GuestFacts
  /** Made by a run at the same time that ended before it looked for duplicates. */
  readonly duplicates: readonly GuestFacts[]
}

/** The guest with the lowest rank in the walk of candidates, and the others with the same name. */
export function findMachine(name: string, { project, vmids }: Desired, { guests }: Facts): FoundMachine {
  const found = guests.filter(({ marker }) => marker.kind === 'machine' && marker.name === name)
  const rank = ({ vmid }: GuestFacts) => candidateRank(vmid, { project, name, range: vmids })
  const [guest, ...duplicates] =
    found.length < 2 ? found : found.toSorted((one, other) => rank(one) - rank(other) || one.vmid - other.vmid)
  return { ...(guest && { guest }), duplicates }
}

/** The volume of the CD with a machine's own cloud-init documents, when its config has one. */
export function seedOf(config: Config, name: string): string | undefined {
  const volid = parseProperties(config.ide2, 'file').get('file')
  const file = volid?.split(':iso/', 2)[1]
  return file?.startsWith(`${name}-seed-`) && /-seed-[0-9a-f]{16}\.iso$/.test(file) ? volid : undefined
}
