// Plans a machine that cannot be planned: one step that does not run, with the reason.
import type { ProvisionError } from '../../errors.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { PlannedMachine } from '../plan.ts'
import { type MachinePlanner, problemOf } from './machine-planner.ts'
import { planStart } from './start-steps.ts'

/** Plans nothing for this machine. Others continue. */
export function planImpossible(
  machine: Machine,
  planner: MachinePlanner,
  problems: readonly ProvisionError[],
): PlannedMachine {
  const { add, node } = planner
  const create = add({
    id: `create:${machine.name}`,
    kind: 'create',
    machine: machine.name,
    node,
    action: 'run',
    why: problems[0]?.message ?? '',
    needs: [],
    templateFrom: '',
    linked: false,
    base: '',
    lanes: [],
    ...problemOf(problems),
  })
  planner.report(create, problems)
  if (machine.start) planStart(machine, planner, { createFrom: create })
  return { name: machine.name, node, action: 'blocked', changes: [] }
}
