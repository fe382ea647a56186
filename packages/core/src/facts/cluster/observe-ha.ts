// Reads the HA settings of this project's VMs, only if the manifest mentions HA.

import { ProvisionError } from '../../errors.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { api, type PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { World } from '../../ports/world.ts'
import type { GuestFacts, HaFacts, HaSettings } from '../facts.ts'

/** Returns the name of the node-affinity rule of one VM. Proxmox removes it together with the VM. */
export function haRuleName(vmid: number): string {
  return `pve-provision-${vmid}`
}

type ResourceRow = Awaited<ReturnType<PveApi['cluster']['ha']['resources']['$get']>>[number]
type RuleRow = Awaited<ReturnType<PveApi['cluster']['ha']['rules']['$get']>>[number]

/** Returns the settings by `vm:100`, or undefined if no machine declares HA or the token lacks Sys.Audit on `/`. */
export async function observeHa(
  { machines }: Desired,
  world: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, HaFacts> | undefined> {
  return machines.some(({ declared }) => declared.has('ha')) ? readHa(world, signal) : undefined
}

/** Returns the settings by `vm:100`. Undefined if the token lacks Sys.Audit on `/`. */
export async function readHa(
  { pve }: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, HaFacts> | undefined> {
  try {
    const [resources, rules] = await Promise.all([
      api(pve, { signal }).cluster.ha.resources.$get(),
      listRules(pve, signal),
    ])
    return new Map(
      resources.map((row) => [row.sid, { state: row.state ?? 'started', settings: settingsOf(row, rules) }]),
    )
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code === 'PERMISSION') return undefined
    throw thrown
  }
}

/**
 * Returns the names of the HA groups, which Proxmox VE 8 has. Undefined if no machine names one, or if the token may not
 * see them.
 */
export async function observeHaGroups(
  { machines }: Desired,
  { pve }: Pick<World, 'pve'>,
): Promise<ReadonlySet<string> | undefined> {
  if (machines.every(({ ha }) => ha?.group === undefined)) return undefined
  try {
    return new Set((await api(pve).cluster.ha.groups.$get()).map(({ group }) => group))
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED') return undefined
    throw thrown
  }
}

/** Adds the HA settings to the guests. */
export function withHa(
  guests: readonly GuestFacts[],
  known: ReadonlyMap<string, HaFacts> | undefined,
): readonly GuestFacts[] {
  if (known === undefined) return guests
  return guests.map((guest) => {
    const { ha: listed, ...rest } = guest
    const ha = known.get(`vm:${guest.vmid}`)
    if (ha !== undefined)
      return { ...guest, ha: { ...ha, ...(listed?.current !== undefined && { current: listed.current }) } }
    return listed === undefined ? guest : rest
  })
}

/** Rules exist since Proxmox VE 9. */
async function listRules(pve: World['pve'], signal?: AbortSignal): Promise<readonly RuleRow[]> {
  try {
    return await api(pve, { signal }).cluster.ha.rules.$get({ type: 'node-affinity' })
  } catch (thrown) {
    if (isProblem(thrown, 'not-implemented')) return []
    throw thrown
  }
}

/** Proxmox omits values that have their default of 1. */
function settingsOf(
  { sid, group, max_restart = 1, max_relocate = 1 }: ResourceRow,
  rules: readonly RuleRow[],
): HaSettings {
  const rule = rules.find((row) => row.rule === haRuleName(Number(sid.slice(3))))
  return {
    ...(group !== undefined && { group }),
    maxRestart: Number(max_restart),
    maxRelocate: Number(max_relocate),
    ...(rule && { rule: { nodes: (rule.nodes ?? '').split(',').sort(), strict: Number(rule.strict ?? 0) === 1 } }),
  }
}
