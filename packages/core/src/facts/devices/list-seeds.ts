// Lists cloud-init ISOs on the images storages, and the VMs that use them.
import pMap from 'p-map'
import { ProvisionError } from '../../errors.ts'
import { api } from '../../ports/pve/api.ts'
import type { Pve, StorageRef } from '../../ports/pve/pve.ts'
import type { Facts } from '../facts.ts'

/** A CD with cloud-init documents on a storage. */
export interface SeedVolume extends StorageRef {
  readonly volid: string
  readonly sizeBytes: number
  /** The VM of this project that uses it. Absent if none does. */
  readonly usedBy?: string
}

/**
 * Returns the CDs with cloud-init documents on the listed storages, of any project. They are found by the name pattern
 * of this program.
 */
export async function listSeeds(facts: Facts, pve: Pve): Promise<readonly SeedVolume[]> {
  const places = [...facts.volumes.keys()].map((key) => {
    const [node = '', storage = ''] = key.split('/')
    return { node, storage }
  })
  const found = await pMap(places, (place) => seedsAt(place, facts, pve), { concurrency: 4 })
  return found.flat()
}

async function seedsAt(place: StorageRef, { guests }: Facts, pve: Pve): Promise<readonly SeedVolume[]> {
  const rows = await isoRows(place, pve)
  return rows
    .filter(({ volid }) => /:iso\/.+-seed-[0-9a-f]{16}\.iso$/.test(volid))
    .map(({ volid, size = 0 }) => {
      const user = guests.find(({ config: { ide2 } }) => typeof ide2 === 'string' && ide2.startsWith(`${volid},`))
      return { ...place, volid, sizeBytes: size, ...(user && { usedBy: user.marker.name }) }
    })
}

async function isoRows({ node, storage }: StorageRef, pve: Pve) {
  try {
    return await api(pve).nodes.$(node).storage.$(storage).content.$get({ content: 'iso' })
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED') return []
    throw thrown
  }
}
