// What the HA manager is told of this project's machines: asked only where the manifest has a word about HA.

import { ProvisionError } from '../../errors.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { api, type PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { World } from '../../ports/world.ts'
import type { GuestFacts, HaFacts, HaSettings } from '../facts.ts'

/** The rule with the nodes of one machine; Proxmox removes it along with the machine. */
export function haRuleName(vmid: number): string {
  return `pve-provision-${vmid}`
}

type ResourceRow = Awaited<ReturnType<PveApi['cluster']['ha']['resources']['$get']>>[number]
type RuleRow = Awaited<ReturnType<PveApi['cluster']['ha']['rules']['$get']>>[number]

/** Settings by `vm:100`; nothing when no machine declares HA, or the token may not look (Sys.Audit on `/`). */
export async function observeHa(
  { machines }: Desired,
  world: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, HaFacts> | undefined> {
  return machines.some(({ declared }) => declared.has('ha')) ? readHa(world, signal) : undefined
}

/** Settings by `vm:100`; nothing when the token may not look (Sys.Audit on `/`). */
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

/** The guests with what was learnt. */
export function withHa(
  guests: readonly GuestFacts[],
  known: ReadonlyMap<string, HaFacts> | undefined,
): readonly GuestFacts[] {
  if (known === undefined) return guests
  return guests.map((guest) => {
    const { ha: listed, ...rest } = guest
    const ha = known.get(`vm:${guest.vmid}`)
    if (ha !== undefined) return { ...guest, ha }
    return listed === undefined ? guest : rest
  })
}

/** Rules came with Proxmox VE 9. */
async function listRules(pve: World['pve'], signal?: AbortSignal): Promise<readonly RuleRow[]> {
  try {
    return await api(pve, { signal }).cluster.ha.rules.$get({ type: 'node-affinity' })
  } catch (thrown) {
    if (isProblem(thrown, 'not-implemented')) return []
    throw thrown
  }
}

/** Proxmox leaves out what is at its default of 1. */
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
