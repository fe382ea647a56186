// The parts of a step's requirements: a privilege, and the path of an existing guest, a new guest or a storage.
import type { Facts, GuestFacts } from '../../facts/facts.ts'

/** A privilege on a path. If there are several, any one is enough. */
export interface Need {
  readonly paths: readonly [string, ...string[]]
  /** The best path to grant it, if that is not the first path. */
  readonly grantOn?: string
  readonly privileges: readonly [string, ...string[]]
  /** The reason, as a clause. */
  readonly why: string
}

export const need = (path: string, privilege: string, why: string): Need => ({
  paths: [path],
  privileges: [privilege],
  why,
})

/** A guest also has the privileges of its pool. A grant on the pool outlives the guest and covers similar ones. */
export function guestPlace({ vmid, pool }: Pick<GuestFacts, 'vmid' | 'pool'>, { cluster }: Facts): Place {
  const own = `/vms/${vmid}`
  if (pool !== undefined) return { paths: [`/pool/${pool}`, own] }
  // One grant for all of them, unless a permission on the guest itself would hide it.
  return { paths: [own], ...(cluster.permissions[own] === undefined && { grantOn: '/vms' }) }
}

export type Place = Pick<Need, 'paths' | 'grantOn'>

/** An unknown id gets what `/vms` propagates, or what its pool grants. */
export function newGuestPlace(pool: string | undefined): Place {
  return { paths: pool === undefined ? ['/vms'] : [`/pool/${pool}`, '/vms'] }
}

export function storeNeeds(storage: string, why: string): readonly Need[] {
  const path = `/storage/${storage}`
  return [need(path, 'Datastore.AllocateTemplate', why), need(path, 'Datastore.Audit', 'see what is on the storage')]
}

/**
 * `/cluster/resources` lists a storage only with Datastore.Audit. Without it, its type and thus linked clones are
 * unknown.
 */
export function diskStorageNeeds(storage: string, why: string): readonly Need[] {
  const path = `/storage/${storage}`
  return [need(path, 'Datastore.AllocateSpace', why), need(path, 'Datastore.Audit', 'see what kind of storage it is')]
}

/** Proxmox VE 9 has one privilege for each kind of question to the guest agent. Proxmox VE 8 has VM.Monitor for all. */
export function agentPrivileges({ cluster }: Facts, one: string): Need['privileges'] {
  return cluster.version.major >= 9 ? [one, 'VM.GuestAgent.Unrestricted'] : ['VM.Monitor']
}
