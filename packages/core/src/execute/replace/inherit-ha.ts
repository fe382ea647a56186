// Gives a VM the place of another in the HA manager: its entry, and its name in the rules.
import { ProvisionError } from '../../errors.ts'
import { haRuleName } from '../../facts/cluster/observe-ha.ts'
import type { Flag, PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

interface Heirs {
  readonly from: number
  readonly to: number
}

/**
 * Adds a VM to the HA manager, in state stopped, with the settings of the other one. It does nothing if the other one has
 * no entry, or if both have one.
 */
export async function inheritResource({ from, to }: Heirs, context: StepContext): Promise<void> {
  const { resources } = pveOf(context).cluster.ha
  const rows = await resources.$get()
  const row = rows.find(({ sid }) => sid === sidOf(from))
  if (row === undefined || rows.some(({ sid }) => sid === sidOf(to))) return
  const { group, max_restart, max_relocate, comment } = row
  await resources.$post({
    sid: sidOf(to),
    state: 'stopped',
    group,
    max_restart,
    max_relocate,
    comment,
    // Proxmox VE 8 does not know them.
    failback: flagOf(row.failback),
    'auto-rebalance': flagOf(row['auto-rebalance']),
  })
}

function flagOf(value: Flag | undefined): boolean | undefined {
  return value === undefined ? undefined : Number(value) === 1
}

/**
 * Puts a VM in the place of the other one in all HA rules. Both must be in the HA manager. When the other one is removed,
 * Proxmox takes it out of the rules without a word.
 */
export async function inheritRules(heirs: Heirs, context: StepContext): Promise<void> {
  for (const { rule } of await rulesOf(heirs.from, context)) {
    try {
      await (rule === haRuleName(heirs.from) ? renameRule(heirs, context) : changeRule(rule, heirs, context))
    } catch (thrown) {
      // The rule may contradict other rules, which were changed after it.
      if (!isProblem(thrown, 'parameters') || !(thrown instanceof ProvisionError)) throw thrown
      context.warn(`The HA rule ${rule} does not name VM ${heirs.to}, which replaces ${heirs.from}: ${thrown.message}`)
    }
  }
}

type RuleRow = Awaited<ReturnType<PveApi['cluster']['ha']['rules']['$get']>>[number]

/** Rules exist since Proxmox VE 9. */
async function rulesOf(vmid: number, context: StepContext): Promise<readonly RuleRow[]> {
  try {
    return await pveOf(context).cluster.ha.rules.$get({ resource: sidOf(vmid) })
  } catch (thrown) {
    if (isProblem(thrown, 'not-implemented')) return []
    throw thrown
  }
}

/**
 * The project's own rule is named after its VM. The old one is removed first, because a VM may be in one node-affinity
 * rule only.
 */
async function renameRule({ from, to }: Heirs, context: StepContext): Promise<void> {
  const { rules } = pveOf(context).cluster.ha
  const all = await rules.$get({ type: 'node-affinity' })
  const row = all.find(({ rule }) => rule === haRuleName(from))
  // The manifest's own settings of a new VM are there already.
  if (row === undefined || all.some(({ rule }) => rule === haRuleName(to))) return
  const { nodes, strict } = row
  await rules.$(row.rule).$delete()
  await rules.$post({
    rule: haRuleName(to),
    type: 'node-affinity',
    resources: sidOf(to),
    nodes,
    strict: Number(strict ?? 0) === 1,
  })
}

/** Several machines of one rule may be replaced at the same time, so each change names the version that it read. */
async function changeRule(rule: string, { from, to }: Heirs, context: StepContext): Promise<void> {
  await retryOnConflict(async () => {
    const row = (await rulesOf(from, context)).find((one) => one.rule === rule)
    if (row?.type === undefined) return
    const resources = (row.resources ?? '').split(',').map((sid) => (sid === sidOf(from) ? sidOf(to) : sid))
    const type = row.type as 'node-affinity' | 'resource-affinity'
    await pveOf(context)
      .cluster.ha.rules.$(rule)
      .$put({ type, resources: [...new Set(resources)].join(','), digest: row.digest })
  }, context)
}

function sidOf(vmid: number): string {
  return `vm:${vmid}`
}
