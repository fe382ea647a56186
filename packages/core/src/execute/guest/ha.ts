// A machine's entry in Proxmox's HA manager, and its rule about nodes.
import { haRuleName } from '../../facts/cluster/observe-ha.ts'
import type { HaChange, HaRule } from '../../plan/compare/compare-ha.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

/** Tells the HA manager; what is as it should be by now is left. The resource comes first: a rule needs it. */
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

/** Its rule goes with it: `purge` is on unless told otherwise. One that is not managed is fine. */
export async function leaveHa(vmid: number, context: StepContext): Promise<void> {
  try {
    await pveOf(context).cluster.ha.resources.$(`vm:${vmid}`).$delete()
  } catch (thrown) {
    if (!isProblem(thrown, 'not-managed')) throw thrown
  }
}
