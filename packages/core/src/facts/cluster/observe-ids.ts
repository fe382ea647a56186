// Finds vmids that new VMs would take but that belong to guests which the token cannot see.
import pMap from 'p-map'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { api } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { type PermissionTree, permissionsOf } from '../../ports/pve/permissions.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import type { World } from '../../ports/world.ts'
import type { Facts } from '../facts.ts'
import { candidateVmids } from './candidates.ts'

/** Returns the id that a new VM takes first: its own, or the first candidate that no visible guest has. */
export function firstChoice(
  { name, vmid }: Pick<Machine, 'name' | 'vmid'>,
  { project, vmids }: Pick<Desired, 'project' | 'vmids'>,
  isTaken: (vmid: number) => boolean,
): number | undefined {
  if (vmid !== undefined) return vmid
  for (const candidate of candidateVmids(project, name, vmids)) if (!isTaken(candidate)) return candidate
  return undefined
}

/**
 * Returns which first choices of these machines belong to guests that the token cannot see. `nextid` reports whether an
 * id is taken, regardless of privileges. If the token can see every guest, no request is made.
 */
export async function hiddenVmids(
  machines: readonly Machine[],
  {
    desired,
    facts: { cluster, listed },
    signal,
  }: {
    readonly desired: Desired
    readonly facts: Pick<Facts, 'cluster' | 'listed'>
    readonly signal?: AbortSignal | undefined
  },
  world: World,
): Promise<ReadonlySet<number>> {
  if (machines.length === 0 || seesAll(cluster.permissions)) return new Set()
  const choices = machines.flatMap((machine) => firstChoice(machine, desired, (vmid) => listed.has(vmid)) ?? [])
  const asked = [...new Set(choices)].filter((vmid) => !listed.has(vmid))
  const taken = await pMap(asked, async (vmid) => ((await isFree(vmid, world, signal)) ? [] : [vmid]), {
    concurrency: 8,
  })
  const found = taken.flat()
  return found.length === 0
    ? new Set()
    : withoutOwn(found, { nodes: cluster.nodes.map(({ name }) => name), signal }, world)
}

/** Returns true if the token can see all guests. A permission on a single guest or pool may hide it again. */
function seesAll(permissions: PermissionTree): boolean {
  const has = permissionsOf(permissions)
  const deeper = Object.keys(permissions).filter((path) => /^\/(vms|pool)\//.test(path))
  return permissions['/vms']?.['VM.Audit'] === 1 && deeper.every((path) => has(path, 'VM.Audit'))
}

async function isFree(vmid: number, { pve }: World, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await api(pve, { signal }).cluster.nextid.$get({ vmid })
    return true
  } catch (thrown) {
    if (isProblem(thrown, 'already-exists') || isProblem(thrown, 'parameters')) return false
    throw thrown
  }
}

/**
 * Excludes guests that are only new. A guest that another run created since the listing appears in a new listing. A
 * clone joins its pool only at its end, so while such a task of this token runs, nothing is certain and nothing is
 * reported.
 */
async function withoutOwn(
  vmids: readonly number[],
  { nodes, signal }: { readonly nodes: readonly string[]; readonly signal: AbortSignal | undefined },
  { pve }: World,
): Promise<ReadonlySet<number>> {
  const running = await listOwnRunningTasks(pve, { nodes, identity: pve.identity, ...(signal && { signal }) })
  if (running.some(({ type }) => /^qm(clone|create)$/.test(type))) return new Set()
  const rows = await api(pve, { signal }).cluster.resources.$get({ type: 'vm' })
  const seen = new Set(rows.map(({ vmid }) => Number(vmid)))
  return new Set(vmids.filter((vmid) => !seen.has(vmid)))
}
