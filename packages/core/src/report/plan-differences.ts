// Compares the plan that was approved with the plan that would be made now.
import { changeText } from '../plan/change/change-text.ts'
import type { PlannedMachine } from '../plan/plan.ts'

/** The parts of a plan that `planDifferences` compares. */
export interface LookedAt {
  readonly machines: readonly PlannedMachine[]
  /** The part of each machine in the digest. */
  readonly digests: Readonly<Record<string, string>>
}

/** Returns one sentence for each machine that differs. Returns none if only removals of other things differ. */
export function planDifferences(before: LookedAt, now: LookedAt): readonly string[] {
  const [was, is] = [before, now].map(({ machines }) => new Map(machines.map((machine) => [machine.name, machine])))
  const names = new Set([...before.machines, ...now.machines].map(({ name }) => name))
  return [...names].flatMap((name) => {
    const [then, today] = [was, is].map((machines) => fateOf(machines?.get(name)))
    if (then !== today) return [`${name}: ${then} when the plan was made, ${today} now`]
    if (before.digests[name] === now.digests[name]) return []
    const since = SINCE[is?.get(name)?.action ?? ''] ?? ''
    return [
      `${name}: ${then} then and now, but ${since}its settings in the manifest or the build of its image have changed`,
    ]
  })
}

const FATES: Readonly<Record<PlannedMachine['action'], string>> = {
  create: 'to be created',
  update: 'to be changed',
  replace: 'to be replaced',
  restart: 'to be restarted',
  move: 'to be moved',
  adopt: 'to be adopted',
  remove: 'to be removed',
  keep: 'not to be changed',
  blocked: 'not possible',
}

/** What else may have changed. */
const SINCE: Readonly<Record<string, string>> = {
  replace: 'it has been replaced since, or ',
  restart: 'other changes wait for the restart, or ',
}

function fateOf(machine: PlannedMachine | undefined): string {
  if (machine === undefined) return 'not in the plan'
  const { action, node, vmid, changes } = machine
  const what = changes.length === 0 ? '' : ` (${changes.map(changeText).join(', ')})`
  const where = action === 'create' || action === 'replace' ? ` on ${node}` : ''
  const which = action === 'remove' ? ` (${vmid} on ${node})` : ''
  return `${FATES[action]}${where}${which}${what}`
}
