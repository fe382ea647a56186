// Manages the entry of a VM in Proxmox's HA manager, and its node-affinity rule.
import { haRuleName } from '../../facts/cluster/observe-ha.ts'
import type { HaChange, HaRule } from '../../plan/compare/compare-ha.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

/** The HA manager carries out a request some seconds later, or drops it without a word. */
export const MANAGER_PATIENCE_MS = 120_000

/**
 * Applies an HA change. What is already as wanted is left alone. The resource is created first, because the rule needs
 * it.
 */
export async function applyHa(change: HaChange, { vmid }: GuestPlace, context: StepContext): Promise<void> {
  if (change.action === 'remove') return leaveHa(vmid, context)
  await setResource(change, vmid, context)
  if (change.rule === 'none') await pveOf(context).cluster.ha.rules.$(haRuleName(vmid)).$delete()
  else if (change.rule !== undefined) await setRule(change.rule, vmid, context)
}

async function setResource({ set }: HaChange, vmid: number, context: StepContext): Promise<void> {
  const sid = `vm:${vmid}`
  const { resources } = pveOf(context).cluster.ha
  const isThere = (await resources.$get()).some((row) => row.sid === sid)
  const { state, ...settings } = set
  if (!isThere) await resources.$post({ sid, state, ...settings })
  else if (Object.keys(settings).length > 0) await resources.$(sid).$put(settings)
}

async function setRule({ nodes, strict }: HaRule, vmid: number, context: StepContext): Promise<void> {
  const rule = haRuleName(vmid)
  const { rules } = pveOf(context).cluster.ha
  const wanted = { type: 'node-affinity', nodes: nodes.join(','), strict } as const
  const isThere = (await rules.$get()).some((row) => row.rule === rule)
  if (isThere) await rules.$(rule).$put(wanted)
  else await rules.$post({ rule, resources: `vm:${vmid}`, ...wanted })
}

/**
 * Removes the HA resource. Its rule is removed too, because `purge` is on by default. A VM without HA is not an error.
 */
export async function leaveHa(vmid: number, context: StepContext): Promise<void> {
  try {
    await pveOf(context).cluster.ha.resources.$(`vm:${vmid}`).$delete()
  } catch (thrown) {
    if (!isProblem(thrown, 'not-managed')) throw thrown
  }
}
