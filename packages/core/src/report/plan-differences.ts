// What has changed between a plan that was looked at and the one that would be made now.
import { changeText } from '../plan/change/change-text.ts'
import type { PlannedMachine } from '../plan/plan.ts'
import type { PlanDocument } from './json.ts'

/** One sentence a machine; never none for two plans with different digests. */
export function planDifferences(before: PlanDocument, now: PlanDocument): readonly string[] {
  const names = new Set([...before.machines, ...now.machines].map(({ name }) => name))
  const found = [...names].flatMap((name) => {
    const [was, is] = [before, now].map(({ machines }) => machines.find((machine) => machine.name === name))
    return machineDifference(name, was, is)
  })
  if (found.length > 0) return found
  return ['What the manifest declares of a machine, or the build of an image that one is made from, is another.']
}

function machineDifference(
  name: string,
  was: PlannedMachine | undefined,
  is: PlannedMachine | undefined,
): readonly string[] {
  const [before, after] = [was, is].map((machine) => (machine === undefined ? 'not in the plan' : fateOf(machine)))
  return before === after ? [] : [`${name}: ${before} when the plan was made, ${after} now`]
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

function fateOf({ action, node, vmid, changes }: PlannedMachine): string {
  const what = changes.length === 0 ? '' : ` (${changes.map(changeText).join(', ')})`
  const where = action === 'create' || action === 'replace' ? ` on ${node}` : ''
  const which = action === 'remove' ? ` (${vmid} on ${node})` : ''
  return `${FATES[action]}${where}${which}${what}`
}
