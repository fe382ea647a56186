// What most CLI tests need: a vendor's image server and a simulated cluster, which are closed after the test file.
import type { SimulatorOptions } from '@pve-provision/simulator'
import { afterAll } from 'vitest'
import { type Cluster, startCluster } from './cluster.ts'
import { type Hands, handsAt } from './hands.ts'
import { startVendor, type Vendor } from './vendor.ts'

export interface Surroundings {
  readonly vendor: Vendor
  readonly cluster: Cluster
  /** Another user of the same cluster. */
  readonly hands: Hands
}

/** Starts all three. Await it at the top level of the test file. */
export async function startSurroundings(options?: SimulatorOptions): Promise<Surroundings> {
  const [vendor, cluster] = await Promise.all([startVendor(), startCluster(options)])
  const hands = handsAt(cluster)
  afterAll(async () => {
    hands.close()
    await Promise.all([cluster.close(), vendor.close()])
  })
  return { vendor, cluster, hands }
}
