// A machine's entry in Proxmox's HA manager, and its rule about nodes.
import { haRuleName } from '../../facts/cluster/observe-ha.ts'
import type { HaChange, HaRule } from '../../plan/compare/compare-ha.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { StepContext } from '../step-context.ts'
import type { GuestPlace } from './guest-config.ts'

/** Tells the HA manager; what is as it should be by now is left. The resource comes first: a rule needs it. */
export async function applyHa(change: HaChange, { vmid }: GuestPlace, context: StepContext): Promise<void> {
  if (change.action === 'remove') return leave(vmid, context)
  await tell(change, vmid, context)
  if (change.rule === 'none') await send('DELETE', `/cluster/ha/rules/${haRuleName(vmid)}`, {}, context)
  else if (change.rule !== undefined) await setRule(change.rule, vmid, context)
}

async function tell({ set }: HaChange, vmid: number, context: StepContext): Promise<void> {
  const sid = `vm:${vmid}`
  const resources = await list<{ readonly sid: string }>('resources', context)
  const { state, ...settings } = set
  if (!resources.some((row) => row.sid === sid))
    return send('POST', '/cluster/ha/resources', { sid, ...(state !== undefined && { state }), ...settings }, context)
  if (Object.keys(settings).length > 0) await send('PUT', `/cluster/ha/resources/${sid}`, settings, context)
}

async function setRule({ nodes, strict }: HaRule, vmid: number, context: StepContext): Promise<void> {
  const rule = haRuleName(vmid)
  const parameters = { type: 'node-affinity', nodes: nodes.join(','), strict }
  const isThere = (await list<{ readonly rule: string }>('rules', context)).some((row) => row.rule === rule)
  if (isThere) await send('PUT', `/cluster/ha/rules/${rule}`, parameters, context)
  else await send('POST', '/cluster/ha/rules', { rule, resources: `vm:${vmid}`, ...parameters }, context)
}

/** Its rule goes with it: `purge` is on unless told otherwise. */
async function leave(vmid: number, context: StepContext): Promise<void> {
  try {
    await send('DELETE', `/cluster/ha/resources/vm:${vmid}`, {}, context)
  } catch (thrown) {
    if (!isProblem(thrown, 'not-managed')) throw thrown
  }
}

function list<Row>(what: 'resources' | 'rules', { world, signal }: StepContext): Promise<readonly Row[]> {
  return world.pve.request<readonly Row[]>('GET', `/cluster/ha/${what}`, { signal })
}

async function send(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  parameters: Readonly<Record<string, unknown>>,
  { world, signal, onRetry }: StepContext,
): Promise<void> {
  await world.pve.request(method, path, { parameters, signal, onRetry })
}
